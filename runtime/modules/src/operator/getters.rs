//! `itemgetter`, `attrgetter`, `methodcaller`, `_compare_digest`.

use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MethodDef, TypeDef, slots};
use taipan_runtime::types::protocol::{
    check_count, class_argument, no_keywords, split_keywords, this,
};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// `itemgetter` and `attrgetter`: what to get of an object. Attributes are
/// split at dots: each is a string, or a tuple of strings.
#[repr(C)]
pub struct Getter {
    pub header: Header,
    wanted: GcField<Tuple>,
    /// As given, for `repr` and pickling.
    given: GcField<Tuple>,
}

heap_object!(Getter, "getter", Kind::Other, |this, marker| {
    marker.gc_field(&this.wanted);
    marker.gc_field(&this.given);
});

impl Getter {
    fn wanted(&self) -> Gc<Tuple> {
        // SAFETY: set when the object is made.
        unsafe { self.wanted.get().unwrap_unchecked() }
    }
    fn given(&self) -> Gc<Tuple> {
        // SAFETY: as for `wanted`.
        unsafe { self.given.get().unwrap_unchecked() }
    }
}

/// The one argument of a call, after the getter itself.
#[inline]
fn operand(vm: &Vm, name: &str, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    if let ([_, v], None) = (args, names) {
        return Ok(*v);
    }
    no_keywords(vm, name, names)?;
    check_count(vm, name, args.len() - 1, 1, 1)?;
    Ok(args[1])
}

fn alloc(
    vm: &Vm,
    class: Value,
    def: &'static TypeDef,
    wanted: Gc<Tuple>,
    given: Gc<Tuple>,
) -> Result {
    let class = class_argument(vm, &[class], vm.class_of_def(def)?)?;
    let object = Getter {
        header: Header::empty(),
        wanted: GcField::new(wanted),
        given: GcField::new(given),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn item_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "itemgetter", names)?;
    check_count(vm, "itemgetter", args.len() - 1, 1, usize::MAX).map_err(|_| {
        vm.clear_raised();
        vm.type_error("itemgetter expected 1 argument, got 0")
    })?;
    let wanted = vm.new_tuple(&args[1..])?;
    alloc(vm, args[0], &ITEMGETTER, wanted, wanted)
}

fn item_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let object = operand(vm, "itemgetter", args, names)?;
    let wanted = this::<Getter>(args[0]).wanted();
    if let [key] = *wanted.as_slice() {
        return vm.get_item(object, key);
    }
    let mut items = vm.rooted();
    for key in wanted.as_slice() {
        let item = vm.get_item(object, *key)?;
        items.push(item);
    }
    Ok(vm.new_tuple(&items)?.value())
}

fn getter_repr(vm: &Vm, args: &[Value]) -> Result {
    let name = crate::common::full_name(vm, vm.class_of(args[0]))?;
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str(&format!("{name}(...)")).value());
    };
    let given = this::<Getter>(args[0]).given();
    let text = vm.repr_items(&format!("{name}("), ")", &mut |i| {
        given.as_slice().get(i).copied()
    })?;
    vm.finish_text(text)
}

fn getter_reduce(vm: &Vm, args: &[Value]) -> Result {
    vm.pair(
        vm.class_of(args[0]).value(),
        this::<Getter>(args[0]).given().value(),
    )
}

/// `itemgetter`.
pub static ITEMGETTER: TypeDef = TypeDef {
    module: "operator",
    doc: "Return a callable object that fetches the given item(s) from its operand.\n\
          After f = itemgetter(2), the call f(r) returns r[2].\n\
          After g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])",
    methods: &[
        slots::new(item_new),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            item_call,
        ),
        slots::repr(getter_repr),
        slots::reduce(getter_reduce),
    ],
    ..TypeDef::new("itemgetter", <Getter as Object>::LAYOUT)
};

fn attr_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "attrgetter", names)?;
    if args.len() < 2 {
        return Err(vm.type_error("attrgetter expected 1 argument, got 0"));
    }
    let mut wanted = vm.rooted();
    for name in &args[1..] {
        let Some(text) = name.cast::<Str>() else {
            return Err(vm.type_error("attribute name must be a string"));
        };
        let dots: Vec<usize> = text
            .code_points()
            .enumerate()
            .filter(|c| c.1 == u32::from(b'.'))
            .map(|c| c.0)
            .collect();
        let mut parts = vm.rooted();
        let mut start = 0;
        for end in dots.iter().copied().chain([text.len()]) {
            let part = vm.substring(text, start, end)?;
            parts.push(vm.intern_str(vm.exact_str(part)?).value());
            start = end + 1;
        }
        let part = match *parts {
            [one] => one,
            _ => vm.new_tuple(&parts)?.value(),
        };
        wanted.push(part);
    }
    alloc(
        vm,
        args[0],
        &ATTRGETTER,
        vm.new_tuple(&wanted)?,
        vm.new_tuple(&args[1..])?,
    )
}

/// The attribute of a name, or along a tuple of names.
fn dotted(vm: &Vm, object: Value, name: Value) -> Result {
    if let Some(name) = name.cast::<Str>() {
        return vm.get_attr(object, name);
    }
    this::<Tuple>(name)
        .as_slice()
        .iter()
        .try_fold(object, |object, part| vm.get_attr(object, this(*part)))
}

fn attr_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let object = operand(vm, "attrgetter", args, names)?;
    let wanted = this::<Getter>(args[0]).wanted();
    if let [name] = *wanted.as_slice() {
        return dotted(vm, object, name);
    }
    let mut found = vm.rooted();
    for name in wanted.as_slice() {
        let v = dotted(vm, object, *name)?;
        found.push(v);
    }
    Ok(vm.new_tuple(&found)?.value())
}

/// `attrgetter`.
pub static ATTRGETTER: TypeDef = TypeDef {
    module: "operator",
    doc: "Return a callable object that fetches the given attribute(s) from its operand.\n\
          After f = attrgetter('name'), the call f(r) returns r.name.\n\
          After g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).\n\
          After h = attrgetter('name.first', 'name.last'), the call h(r) returns\n\
          (r.name.first, r.name.last).",
    methods: &[
        slots::new(attr_new),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            attr_call,
        ),
        slots::repr(getter_repr),
        slots::reduce(getter_reduce),
    ],
    ..TypeDef::new("attrgetter", <Getter as Object>::LAYOUT)
};

/// `methodcaller`.
#[repr(C)]
pub struct MethodCaller {
    pub header: Header,
    name: Field,
    /// Positional arguments, then values of keywords.
    args: GcField<Tuple>,
    keywords: GcField<Tuple>,
}

heap_object!(MethodCaller, "methodcaller", Kind::Other, |this, marker| {
    marker.field(&this.name);
    marker.gc_field(&this.args);
    marker.gc_field(&this.keywords);
});

fn caller_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    if args.len() - names.map_or(0, |n| n.len()) < 2 {
        return Err(vm.type_error("methodcaller needs at least one argument, the method name"));
    }
    let Some(name) = args[1].cast::<Str>() else {
        return Err(vm.type_error("method name must be a string"));
    };
    let class = class_argument(vm, args, vm.class_of_def(&METHODCALLER)?)?;
    let object = MethodCaller {
        header: Header::empty(),
        name: Field::new(vm.intern_str(vm.exact_str(name)?)),
        args: GcField::new(vm.new_tuple(&args[2..])?),
        keywords: GcField::opt(names.filter(|n| !n.is_empty())),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn caller_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let object = operand(vm, "methodcaller", args, names)?;
    let caller = this::<MethodCaller>(args[0]);
    let (name, Some(arguments)) = (this::<Str>(caller.name.or_none()), caller.args.get()) else {
        return Ok(Value::NONE);
    };
    match caller.keywords.get() {
        None => vm.call_method_named(object, name, arguments.as_slice()),
        names => vm.call_with(vm.get_attr(object, name)?, arguments.as_slice(), names),
    }
}

/// The arguments without the name: positional ones, and pairs of keyword and value.
fn caller_parts(caller: &MethodCaller) -> (Vec<Value>, Vec<(Gc<Str>, Value)>) {
    let Some(arguments) = caller.args.get() else {
        return Default::default();
    };
    let (positional, pairs) = split_keywords(arguments.as_slice(), caller.keywords.get());
    (positional.to_vec(), pairs.collect())
}

fn caller_repr(vm: &Vm, args: &[Value]) -> Result {
    let name = crate::common::full_name(vm, vm.class_of(args[0]))?;
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str(&format!("{name}(...)")).value());
    };
    let caller = this::<MethodCaller>(args[0]);
    let (positional, keywords) = caller_parts(&caller);
    let mut text = TextBuf::new();
    text.push_str(&format!("{name}("));
    vm.push_repr(&mut text, caller.name.or_none())?;
    for v in positional {
        text.push_ascii(", ");
        vm.push_repr(&mut text, v)?;
    }
    for (key, v) in keywords {
        text.push_ascii(", ");
        text.push_text(key.data());
        text.push_ascii("=");
        vm.push_repr(&mut text, v)?;
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

fn caller_reduce(vm: &Vm, args: &[Value]) -> Result {
    let caller = this::<MethodCaller>(args[0]);
    let (positional, keywords) = caller_parts(&caller);
    let class = caller.class().value();
    if keywords.is_empty() {
        let mut all = vm.rooted_slice(&[caller.name.or_none()]);
        all.extend_from_slice(&positional);
        return vm.pair(class, vm.new_tuple(&all)?.value());
    }
    let partial = vm.import_attr("functools", "partial")?;
    let dict = vm.new_dict();
    for (key, v) in keywords {
        dict.set(vm, key.value(), v)?;
    }
    let constructor = vm.call_dict(partial, &[class, caller.name.or_none()], Some(dict))?;
    vm.pair(constructor, vm.new_tuple(&positional)?.value())
}

/// `methodcaller`.
pub static METHODCALLER: TypeDef = TypeDef {
    module: "operator",
    doc: "Return a callable object that calls the given method on its operand.\n\
          After f = methodcaller('name'), the call f(r) returns r.name().\n\
          After g = methodcaller('name', 'date', foo=1), the call g(r) returns\n\
          r.name('date', foo=1).",
    methods: &[
        slots::new(caller_new),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            caller_call,
        ),
        slots::repr(caller_repr),
        slots::reduce(caller_reduce),
    ],
    ..TypeDef::new("methodcaller", <MethodCaller as Object>::LAYOUT)
};

/// Compares without stopping at the first difference.
fn constant_time(a: &[u8], b: &[u8]) -> bool {
    let mut difference = u8::from(a.len() != b.len());
    // With different lengths the second is compared with itself, so that time tells only about it.
    let left = if a.len() == b.len() { a } else { b };
    for (x, y) in left.iter().zip(b) {
        difference |= std::hint::black_box(x ^ y);
    }
    difference == 0
}

/// `_compare_digest(a, b)`.
pub fn compare_digest(vm: &Vm, args: &[Value]) -> Result {
    if let (Some(a), Some(b)) = (args[0].cast::<Str>(), args[1].cast::<Str>()) {
        let (Some(a), Some(b)) = (a.as_ascii(), b.as_ascii()) else {
            return Err(
                vm.type_error("comparing strings with non-ASCII characters is not supported")
            );
        };
        return Ok(Value::bool(constant_time(a.as_bytes(), b.as_bytes())));
    }
    let name = |v: Value| vm.class_of(v).qualified_name();
    if !vm.supports_buffer(args[0]) || !vm.supports_buffer(args[1]) {
        return Err(vm.type_error(format!(
            "unsupported operand types(s) or combination of types: '{}' and '{}'",
            name(args[0]),
            name(args[1])
        )));
    }
    let (a, b) = (vm.bytes_like(args[0])?, vm.bytes_like(args[1])?);
    Ok(Value::bool(constant_time(
        &a.contiguous_bytes(),
        &b.contiguous_bytes(),
    )))
}

//! What the methods of several built-in types share: receivers, constructors'
//! arguments, the protocol of native iterators, pickling.

use crate::heap::{Gc, Kind, Object};
use crate::object::{Class, MethodDef, NativeFunction, Special, slots};
use crate::types::dict::Dict;
use crate::types::exception::classes as exc;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use taipan_text::TextBuf;

/// The receiver of a native method as its layout.
#[inline(always)]
pub fn this<T: Object>(v: Value) -> Gc<T> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

/// The class argument of a raw `__new__`, which must derive from `base`.
///
/// # Errors
/// TypeError if it is no class, or no subclass of `base`.
pub fn class_argument(vm: &Vm, args: &[Value], base: Gc<Class>) -> Result<Gc<Class>> {
    if let Some(class) = args.first().and_then(|first| first.cast::<Class>())
        && (class == base || class.is_subclass_of(base))
    {
        return Ok(class);
    }
    Err(wrong_class(vm, args.first().copied(), base))
}

#[cold]
fn wrong_class(vm: &Vm, first: Option<Value>, base: Gc<Class>) -> crate::vm::Raised {
    let name = base.qualified_name();
    let Some(first) = first else {
        return vm.type_error(format!("{name}.__new__(): not enough arguments"));
    };
    match first.cast::<Class>() {
        Some(class) => {
            let given = class.qualified_name();
            vm.type_error(format!(
                "{name}.__new__({given}): {given} is not a subtype of {name}"
            ))
        }
        None => {
            let given = vm.class_of(first).qualified_name();
            vm.type_error(format!(
                "{name}.__new__(X): X is not a type object ({given})"
            ))
        }
    }
}

/// Refuses keyword arguments.
pub fn no_keywords(vm: &Vm, function: &str, names: Option<Gc<Tuple>>) -> Result<()> {
    match names {
        Some(names) if !names.is_empty() => {
            Err(vm.type_error(format!("{function}() takes no keyword arguments")))
        }
        _ => Ok(()),
    }
}

/// As [`no_keywords`] for a constructor: subclasses with an `__init__` of their own may take some.
pub fn no_keywords_unless_subclass(
    vm: &Vm,
    class: Gc<Class>,
    base: Gc<Class>,
    names: Option<Gc<Tuple>>,
) -> Result<()> {
    use crate::object::Special::Init;
    if names.is_none() || class != base && class.special(Init) != base.special(Init) {
        return Ok(());
    }
    no_keywords(vm, &base.qualified_name(), names)
}

/// As [`no_keywords`] for an `__init__`: subclasses with a `__new__` of their own may take some.
pub fn no_keywords_in_init(
    vm: &Vm,
    class: Gc<Class>,
    base: Gc<Class>,
    names: Option<Gc<Tuple>>,
) -> Result<()> {
    use crate::object::Special::New;
    if names.is_none() || class != base && class.special(New) != base.special(New) {
        return Ok(());
    }
    no_keywords(vm, &base.qualified_name(), names)
}

/// Checks the number of positional arguments (the receiver not counted).
pub fn check_count(vm: &Vm, function: &str, given: usize, least: usize, most: usize) -> Result<()> {
    if (least..=most).contains(&given) {
        return Ok(());
    }
    let (bound, how) = match (least == most, given < least) {
        (true, _) => (least, ""),
        (false, true) => (least, "at least "),
        (false, false) => (most, "at most "),
    };
    let plural = if bound == 1 { "" } else { "s" };
    Err(vm.type_error(format!(
        "{function} expected {how}{bound} argument{plural}, got {given}"
    )))
}

/// Positional arguments, and pairs of keyword and value, of a raw call.
pub fn split_keywords(
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> (&[Value], impl Iterator<Item = (Gc<Str>, Value)>) {
    let count = names.map_or(0, |n| n.len());
    let (positional, values) = args.split_at(args.len() - count);
    let pairs = (0..count).filter_map(move |i| Some((names?.get(i).cast::<Str>()?, values[i])));
    (positional, pairs)
}

/// The one keyword argument `name` that a raw function takes.
///
/// # Errors
/// TypeError for any other keyword.
pub fn only_keyword(
    vm: &Vm,
    function: &str,
    name: &str,
    keywords: impl Iterator<Item = (Gc<Str>, Value)>,
) -> Result<Option<Value>> {
    let mut found = None;
    for (key, value) in keywords {
        if !key.is_text(name) {
            return Err(unexpected_keyword(vm, function, &key.to_text(), &[name]));
        }
        found = Some(value);
    }
    Ok(found)
}

/// Complains of a keyword that a raw function does not have.
#[cold]
pub fn unexpected_keyword(vm: &Vm, function: &str, key: &str, named: &[&str]) -> Raised {
    let named: Vec<String> = named.iter().map(|n| (*n).to_owned()).collect();
    let hint = taipan_text::suggest::closest(key, &named)
        .map_or_else(String::new, |name| format!(". Did you mean '{name}'?"));
    vm.type_error(format!(
        "{function}() got an unexpected keyword argument '{key}'{hint}"
    ))
}

/// Complains of more keywords than a raw function has, before their names are looked at.
#[cold]
pub fn too_many_keywords(vm: &Vm, function: &str, most: usize, given: usize) -> Raised {
    let s = if most == 1 { "" } else { "s" };
    vm.type_error(format!(
        "{function}() takes at most {most} keyword argument{s} ({given} given)"
    ))
}

/// The next item of a native iterator, `None` at the end.
pub type NativeNext = fn(&Vm, Value) -> Result<Option<Value>>;

/// What an iterator of pairs came to.
pub enum NextPair {
    Pair(Value, Value),
    End,
    /// The items of this iterator are no pairs; it was not advanced.
    Other,
}

/// The next item of a native iterator of pairs, not packed in a tuple.
pub type NativeNextPair = fn(&Vm, Value) -> Result<NextPair>;

/// `__next__` of every native iterator: calls the `next` of its type's definition.
fn native_next(vm: &Vm, args: &[Value]) -> Result {
    let class = vm.class_of(args[0]);
    let next = class
        .mro()
        .iter()
        .find_map(|c| c.cast::<Class>()?.def.get()?.next);
    match next {
        Some(next) => vm.or_stop(next(vm, args[0])?),
        None => Err(vm.type_error(format!(
            "'{}' object is not an iterator",
            class.qualified_name()
        ))),
    }
}

/// The table entry of `__next__` for a type whose definition has `next`.
pub const NEXT: MethodDef = slots::next(native_next);

/// `reversed` and `iter` as pickles name them: those of the running code.
pub fn builtin(vm: &Vm, name: &str) -> Result {
    let key = vm.intern(name);
    let found = match vm.current_frame() {
        Some(frame) => vm.find_builtin(frame.function, key)?,
        None => vm.builtins_dict().get(vm, key.value())?,
    };
    found.ok_or_else(|| vm.attribute_error(name))
}

/// `(iter, (remaining,))`: how iterators pickle that do so as a list of what is left.
pub fn reduce_as_list(vm: &Vm, items: &[Value]) -> Result {
    let iter = builtin(vm, "iter")?;
    let list = vm.new_list(items)?.value();
    let args = vm.new_tuple(&[list])?.value();
    vm.pair(iter, args)
}

/// `object.__getstate__()`: what an instance of a subclass has to pickle beside its native part.
pub fn object_state(vm: &Vm, v: Value) -> Result {
    vm.call_method_named(v, vm.names.__getstate__.get(), &[])
}

impl Vm {
    /// `callable(arg)`, for loops that call the same thing with one argument again
    /// and again: what is most often called so is called directly.
    #[inline]
    pub fn call_one(&self, callable: Value, arg: Value) -> Result {
        if let Some(native) = callable.cast::<NativeFunction>()
            && !native.is_descriptor()
        {
            self.check_native_stack()?;
            match native.receiver.get().filter(|_| native.passes_receiver()) {
                Some(receiver) => return native.call_bound(self, &[receiver, arg], None),
                None => return native.call_bound(self, &[arg], None),
            }
        } else if callable == self.types.str.get().value() {
            return Ok(self.str(arg)?.value());
        } else if callable == self.types.int.get().value()
            && let Some(header) = arg.header()
            && header.shape_id() == self.shapes.str.get().id()
            && let Some(text) = arg.cast::<Str>()
        {
            return self.int_from_text(text.data(), 10, arg);
        } else if callable == self.types.list.get().value()
            && let Some(header) = arg.header()
            && header.shape_id() == self.shapes.tuple.get().id()
            && let Some(tuple) = arg.cast::<Tuple>()
        {
            return Ok(self.new_list(tuple.as_slice())?.value());
        } else if let Some(class) = callable.cast::<Class>()
            && let Some(new) = self.whole_native_constructor(class)
        {
            self.check_native_stack()?;
            return new.call_bound(self, &[callable, arg], None);
        } else if let Some(header) = callable.header()
            && header.shape().layout.kind == Kind::Other
            && let Some(f) = header.shape().class().special(Special::Call)
            && let Some(native) = f.cast::<NativeFunction>()
            && native.is_descriptor()
        {
            // An instance of a native type: `itemgetter`, `partial`, ...
            self.check_native_stack()?;
            return native.call_bound(self, &[callable, arg], None);
        }
        self.call(callable, &[arg])
    }

    /// `callable(*args)`, as [`Vm::call_one`] for several arguments.
    #[inline]
    pub fn call_plainly(&self, callable: Value, args: &[Value]) -> Result {
        match callable.cast::<NativeFunction>() {
            Some(native) if !native.is_descriptor() && !native.passes_receiver() => {
                self.check_native_stack()?;
                native.call_bound(self, args, None)
            }
            _ => self.call(callable, args),
        }
    }

    /// A `Py_ssize_t` argument of a function.
    ///
    /// # Errors
    /// OverflowError beyond 64 bits.
    pub fn to_ssize_arg(&self, v: Value) -> Result<i64> {
        crate::types::support::size_arg(self, v)
    }

    /// `hash(key)` for a dictionary.
    #[inline]
    pub fn hash_key(&self, key: Value) -> Result<u64> {
        match self.hash(key) {
            Ok(h) => Ok(h),
            Err(raised) => Err(self.unhashable(raised, key, "dict key")),
        }
    }

    /// `hash(item)` for a set.
    #[inline]
    pub fn hash_element(&self, item: Value) -> Result<u64> {
        match self.hash(item) {
            Ok(h) => Ok(h),
            Err(raised) => Err(self.unhashable(raised, item, "set element")),
        }
    }

    /// Says for what the value had to be hashable.
    #[cold]
    fn unhashable(&self, raised: Raised, v: Value, purpose: &str) -> Raised {
        let is_type_error = |e: Value| self.class_of(e) == self.exception_class(&exc::TYPE_ERROR);
        if !self.pending().is_some_and(is_type_error) {
            return raised;
        }
        let error = self.take_raised();
        match self.str_text(error) {
            Ok(text) => self.type_error(format!(
                "cannot use '{}' as a {purpose} ({text})",
                self.class_of(v).qualified_name()
            )),
            Err(raised) => raised,
        }
    }

    /// Appends `repr(v)` to a text.
    pub fn push_repr(&self, out: &mut TextBuf, v: Value) -> Result<()> {
        out.push_text(self.repr(v)?.data());
        Ok(())
    }

    /// `open` item, item, … `close`: the representation of a sequence whose items
    /// `item` gives by index until there are no more.
    pub fn repr_items(
        &self,
        open: &str,
        close: &str,
        item: &mut dyn FnMut(usize) -> Option<Value>,
    ) -> Result<TextBuf> {
        let mut out = TextBuf::new();
        out.push_ascii(open);
        let mut i = 0;
        while let Some(v) = item(i) {
            if i > 0 {
                out.push_ascii(", ");
            }
            self.push_repr(&mut out, v)?;
            i += 1;
        }
        out.push_ascii(close);
        Ok(out)
    }

    /// Adds a note (PEP 678) to the pending exception.
    #[cold]
    pub fn note_raised(&self, raised: Raised, note: &str) -> Raised {
        let Some(e) = self.pending() else {
            return raised;
        };
        self.clear_raised();
        let note = self.new_str(note).value();
        match self.call_method(e, "add_note", &[note]) {
            Ok(_) => self.raise_again(e),
            Err(raised) => raised,
        }
    }

    /// The integers that sizes in memory are given as.
    pub fn new_size(&self, bytes: usize) -> Value {
        self.new_int(bytes as i64)
    }
}

/// Whether the value is exactly a `dict`.
pub fn exact_dict(vm: &Vm, v: Value) -> Option<Gc<Dict>> {
    let dict = v.cast::<Dict>()?;
    (dict.class() == vm.types.dict.get()).then_some(dict)
}

/// An exact integer as a C `Py_ssize_t`, if it fits.
pub fn to_ssize(v: Value) -> Option<i64> {
    use crate::types::int::IntRef;
    match v.as_int_ref()? {
        IntRef::Small(i) => Some(i),
        IntRef::Big(b) => b.to_i64(),
    }
}

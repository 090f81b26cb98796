//! `types.GenericAlias`: `list[int]` and its like (PEP 585).

use crate::heap::{Field, Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, GetSetDef, MemberDef, MethodDef, TypeDef};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;
use std::mem::offset_of;

/// A parametrised generic type.
#[repr(C)]
pub struct GenericAlias {
    pub header: Header,
    pub origin: Field,
    pub args: GcField<Tuple>,
    /// Computed on demand.
    parameters: Field,
    /// `*tuple[int, ...]`.
    starred: Cell<bool>,
}

heap_object!(GenericAlias, "GenericAlias", Kind::Other, |this, marker| {
    marker.field(&this.origin);
    marker.gc_field(&this.args);
    marker.field(&this.parameters);
});

/// The table entry of `__class_getitem__` for generic built-in types.
pub static CLASS_GETITEM: MethodDef = MethodDef::new(
    "__class_getitem__",
    "(type, item, /)",
    "See PEP 585",
    class_getitem,
)
.class();

fn class_getitem(vm: &Vm, args: &[Value]) -> Result {
    new_alias(vm, args[0], args[1])
}

/// `origin[item]`.
pub fn new_alias(vm: &Vm, origin: Value, item: Value) -> Result {
    make(
        vm,
        vm.types.generic_alias.get().root_shape.get(),
        origin,
        item,
        false,
    )
}

fn make(
    vm: &Vm,
    shape: &'static crate::object::Shape,
    origin: Value,
    item: Value,
    starred: bool,
) -> Result {
    let args = match item.cast::<Tuple>() {
        Some(t) => t,
        None => vm.new_tuple(&[item])?,
    };
    let object = GenericAlias {
        header: Header::empty(),
        origin: Field::new(origin),
        args: GcField::new(args),
        parameters: Field::empty(),
        starred: Cell::new(starred),
    };
    Ok(vm.heap.alloc(shape, object).value())
}

fn this(v: Value) -> Gc<GenericAlias> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn args_of(a: Gc<GenericAlias>) -> &'static [Value] {
    // SAFETY: the tuple lives as long as the alias, which callers hold on their stack.
    a.args.get().map_or(&[], |t| unsafe {
        std::mem::transmute::<&[Value], &'static [Value]>(t.as_slice())
    })
}

fn alias_new(vm: &Vm, args: &[Value]) -> Result {
    make(
        vm,
        super::type_::class(args[0]).root_shape.get(),
        args[1],
        args[2],
        false,
    )
}

/// How a type shows inside an alias or union.
pub fn type_repr(vm: &Vm, v: Value) -> Result<String> {
    if v == Value::ELLIPSIS {
        return Ok("...".to_owned());
    }
    if let Some(list) = v.cast::<crate::types::list::List>() {
        let parts = list
            .as_slice()
            .iter()
            .map(|v| type_repr(vm, *v))
            .collect::<Result<Vec<_>>>()?;
        return Ok(format!("[{}]", parts.join(", ")));
    }
    if v.cast::<GenericAlias>().is_some() {
        return vm.repr_text(v);
    }
    if let Some(class) = v.cast::<crate::object::Class>() {
        return super::object::full_name(vm, class);
    }
    let names = (vm.names.__origin__.get(), vm.names.__args__.get());
    if vm.find_attr(v, names.0)?.is_some() && vm.find_attr(v, names.1)?.is_some() {
        return vm.repr_text(v);
    }
    if let (Some(q), Some(m)) = (
        vm.find_attr(v, vm.names.__qualname__.get())?,
        vm.find_attr(v, vm.names.__module__.get())?,
    ) && !m.is_none()
    {
        let (q, m) = (vm.str_text(q)?, vm.str_text(m)?);
        return Ok(if m == "builtins" {
            q
        } else {
            format!("{m}.{q}")
        });
    }
    vm.repr_text(v)
}

fn alias_repr(vm: &Vm, args: &[Value]) -> Result {
    let a = this(args[0]);
    let origin = type_repr(vm, a.origin.or_none())?;
    let parts = args_of(a)
        .iter()
        .map(|v| type_repr(vm, *v))
        .collect::<Result<Vec<_>>>()?;
    let inner = if parts.is_empty() {
        "()".to_owned()
    } else {
        parts.join(", ")
    };
    let star = if a.starred.get() { "*" } else { "" };
    Ok(vm.new_str(&format!("{star}{origin}[{inner}]")).value())
}

/// The type variables in a sequence of arguments.
pub fn collect_parameters(vm: &Vm, args: &[Value]) -> Result<Vec<Value>> {
    if vm.check_native_stack().is_err() {
        vm.clear_raised();
        return Err(
            vm.recursion_error("maximum recursion depth exceeded in __parameter__ calculation")
        );
    }
    let mut found: Vec<Value> = Vec::new();
    let mut add = |v: Value| {
        if !found.contains(&v) {
            found.push(v);
        }
    };
    for &v in args {
        if v.cast::<crate::object::Class>().is_some() {
            continue;
        }
        if vm
            .class_of(v)
            .lookup(vm, vm.names.__typing_subst__.get())
            .is_some()
        {
            add(v);
        } else if let Some(inner) = v.cast::<crate::types::list::List>() {
            collect_parameters(vm, inner.as_slice())?
                .into_iter()
                .for_each(&mut add);
        } else if let Some(p) = vm.find_attr(v, vm.names.__parameters__.get())?
            && let Some(t) = p.cast::<Tuple>()
        {
            t.as_slice().iter().for_each(|v| add(*v));
        }
    }
    Ok(found)
}

fn parameters(vm: &Vm, v: Value) -> Result {
    let a = this(v);
    if let Some(p) = a.parameters.get() {
        return Ok(p);
    }
    let found = collect_parameters(vm, args_of(a))?;
    let t = vm.new_tuple(&found)?.value();
    a.parameters.set(&a.header, t);
    Ok(t)
}

/// Replaces type variables: what `alias[item]` means.
pub fn substitute(
    vm: &Vm,
    alias: Value,
    args: &[Value],
    params: Value,
    item: Value,
) -> Result<Vec<Value>> {
    let Some(params) = params.cast::<Tuple>().filter(|p| !p.is_empty()) else {
        return Err(vm.type_error(format!("{} is not a generic class", vm.repr(alias)?)));
    };
    let mut item = unpack_items(vm, item)?;
    for p in params.as_slice() {
        if let Some(prepare) = vm.find_attr(*p, vm.names.__typing_prepare_subst__.get())?
            && !prepare.is_none()
        {
            let as_tuple = match item.cast::<Tuple>() {
                Some(t) => t.value(),
                None => vm.new_tuple(&[item])?.value(),
            };
            item = vm.call(prepare, &[alias, as_tuple])?;
        }
    }
    let items = match item.cast::<Tuple>() {
        Some(t) => t.as_slice().to_vec(),
        None => vec![item],
    };
    if items.len() != params.len() {
        return Err(vm.type_error(format!(
            "Too {} arguments for {}; actual {}, expected {}",
            if items.len() > params.len() {
                "many"
            } else {
                "few"
            },
            vm.repr(alias)?,
            items.len(),
            params.len()
        )));
    }
    let mut out = vm.rooted();
    for &arg in args {
        if arg.cast::<crate::object::Class>().is_some() {
            out.push(arg);
            continue;
        }
        let unpacked = vm.find_attr(arg, vm.intern("__typing_is_unpacked_typevartuple__"))?;
        let unpack = match unpacked {
            Some(v) => vm.truth(v)?,
            None => false,
        };
        let new = match vm.find_attr(arg, vm.names.__typing_subst__.get())? {
            Some(subst) if !subst.is_none() => {
                let at = params
                    .as_slice()
                    .iter()
                    .position(|p| *p == arg)
                    .unwrap_or(0);
                vm.call(subst, &[items[at]])?
            }
            _ => substitute_nested(vm, arg, params, &items)?,
        };
        match new.cast::<Tuple>() {
            Some(t) if unpack => out.extend_from_slice(t.as_slice()),
            _ => out.push(new),
        }
    }
    Ok(out.to_vec())
}

/// Arguments with the items of unpacked tuples of known length in their places.
fn unpack_items(vm: &Vm, item: Value) -> Result {
    let items = match item.cast::<Tuple>() {
        Some(t) => t.as_slice().to_vec(),
        None => vec![item],
    };
    let name = vm.intern("__typing_unpacked_tuple_args__");
    let mut out = vm.rooted();
    for &v in &items {
        let parts = match v.cast::<crate::object::Class>() {
            Some(_) => None,
            None => vm.find_attr(v, name)?.and_then(|p| p.cast::<Tuple>()),
        };
        match parts {
            Some(t) if t.as_slice().last() != Some(&Value::ELLIPSIS) => {
                out.extend_from_slice(t.as_slice());
            }
            _ => out.push(v),
        }
    }
    Ok(vm.new_tuple(&out)?.value())
}

fn substitute_nested(vm: &Vm, arg: Value, params: Gc<Tuple>, items: &[Value]) -> Result {
    let Some(sub) = vm.find_attr(arg, vm.names.__parameters__.get())? else {
        return Ok(arg);
    };
    let Some(sub) = sub.cast::<Tuple>().filter(|t| !t.is_empty()) else {
        return Ok(arg);
    };
    let mut chosen = vm.rooted();
    for p in sub.as_slice() {
        match params.as_slice().iter().position(|q| q == p) {
            Some(at) => match items[at].cast::<Tuple>() {
                Some(t) if vm.class_of(*p).name_string() == "TypeVarTuple" => {
                    chosen.extend_from_slice(t.as_slice())
                }
                _ => chosen.push(items[at]),
            },
            None => chosen.push(*p),
        }
    }
    let key = vm.new_tuple(&chosen)?.value();
    vm.get_item(arg, key)
}

fn alias_getitem(vm: &Vm, args: &[Value]) -> Result {
    let a = this(args[0]);
    let params = parameters(vm, args[0])?;
    let new = substitute(vm, args[0], args_of(a), params, args[1])?;
    let new = vm.new_tuple(&new)?.value();
    make(
        vm,
        vm.types.generic_alias.get().root_shape.get(),
        a.origin.or_none(),
        new,
        a.starred.get(),
    )
}

fn alias_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let result = vm.call_with(this(args[0]).origin.or_none(), &args[1..], names)?;
    let set = vm.set_attr(result, vm.intern("__orig_class__"), Some(args[0]));
    if set.is_err()
        && (vm.raised_is_def(&super::exception::classes::ATTRIBUTE_ERROR)
            || vm.raised_is_def(&super::exception::classes::TYPE_ERROR))
    {
        vm.clear_raised();
        return Ok(result);
    }
    set?;
    Ok(result)
}

/// Attributes that are the alias's own and not its origin's.
const OWN: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__copy__",
    "__deepcopy__",
];

fn alias_getattribute(vm: &Vm, args: &[Value]) -> Result {
    let name = super::object::attribute_name(vm, args[1])?;
    let text = name.to_text();
    if !OWN.contains(&text.as_str()) {
        return vm.get_attr(this(args[0]).origin.or_none(), name);
    }
    vm.generic_get_attr(args[0], name)
}

fn alias_eq(vm: &Vm, args: &[Value]) -> Result {
    let (a, Some(b)) = (this(args[0]), args[1].cast::<GenericAlias>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a.starred.get() != b.starred.get()
        || !vm.equal_identity(a.origin.or_none(), b.origin.or_none())?
    {
        return Ok(Value::FALSE);
    }
    let tuple = |g: Gc<GenericAlias>| g.args.get().map_or(Value::NONE, |t| t.value());
    Ok(Value::bool(vm.equal(tuple(a), tuple(b))?))
}

fn alias_hash(vm: &Vm, args: &[Value]) -> Result {
    let a = this(args[0]);
    let h =
        vm.hash(a.origin.or_none())? ^ vm.hash(a.args.get().map_or(Value::NONE, |t| t.value()))?;
    Ok(vm.new_int(if h == u64::MAX { -2 } else { h as i64 }))
}

fn alias_mro_entries(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_tuple(&[this(args[0]).origin.or_none()])?.value())
}

fn alias_instancecheck(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic"))
}

fn alias_subclasscheck(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic"))
}

fn alias_reduce(vm: &Vm, args: &[Value]) -> Result {
    let a = this(args[0]);
    let arguments = vm
        .new_tuple(&[
            a.origin.or_none(),
            a.args.get().map_or(Value::NONE, |t| t.value()),
        ])?
        .value();
    if a.starred.get() {
        let next = vm.import_attr("builtins", "next")?;
        let plain = make(
            vm,
            vm.types.generic_alias.get().root_shape.get(),
            a.origin.or_none(),
            a.args.get().map_or(Value::NONE, |t| t.value()),
            false,
        )?;
        let iterator = vm.iter(plain)?;
        let arguments = vm.new_tuple(&[iterator])?.value();
        return vm.pair(next, arguments);
    }
    vm.pair(vm.types.generic_alias.get().value(), arguments)
}

fn alias_iter(vm: &Vm, args: &[Value]) -> Result {
    let a = this(args[0]);
    let starred = make(
        vm,
        a.header.shape(),
        a.origin.or_none(),
        a.args.get().map_or(Value::NONE, |t| t.value()),
        true,
    )?;
    Ok(vm.new_tuple_iter(vm.new_tuple(&[starred])?).value())
}

fn alias_dir(vm: &Vm, args: &[Value]) -> Result {
    let names = vm.call_method(this(args[0]).origin.or_none(), "__dir__", &[]);
    let names = match names {
        Ok(n) => n,
        Err(_) => {
            vm.clear_raised();
            let dir = vm.import_attr("builtins", "dir")?;
            vm.call(dir, &[this(args[0]).origin.or_none()])?
        }
    };
    let list = vm.collect(names)?;
    let list = vm.new_list(&list)?;
    for name in OWN {
        let v = vm.intern(name).value();
        if !vm.contains(list.value(), v)? {
            list.push(vm, v)?;
        }
    }
    Ok(list.value())
}

fn unpacked(_: &Vm, v: Value) -> Result {
    Ok(Value::bool(this(v).starred.get()))
}

fn unpacked_tuple_args(vm: &Vm, v: Value) -> Result {
    let a = this(v);
    if a.starred.get() && a.origin.get() == Some(vm.types.tuple.get().value()) {
        return Ok(a.args.get().map_or(Value::NONE, |t| t.value()));
    }
    Ok(Value::NONE)
}

fn alias_or(vm: &Vm, args: &[Value]) -> Result {
    super::union::make(vm, args[0], args[1])
}

fn alias_ror(vm: &Vm, args: &[Value]) -> Result {
    super::union::make(vm, args[1], args[0])
}

/// `types.GenericAlias`.
pub static GENERIC_ALIAS: TypeDef = TypeDef {
    module: "types",
    doc: "Represent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).",
    subclassable: true,
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, origin, args, /)",
            "Create and return a new object.",
            alias_new,
        )
        .static_(),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", alias_repr),
        MethodDef::new(
            "__getitem__",
            "(self, key, /)",
            "Return self[key].",
            alias_getitem,
        ),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            alias_call,
        ),
        MethodDef::new(
            "__getattribute__",
            "(self, name, /)",
            "Return getattr(self, name).",
            alias_getattribute,
        ),
        MethodDef::new(
            "__eq__",
            "(self, value, /)",
            "Return self==value.",
            alias_eq,
        ),
        MethodDef::new("__hash__", "(self, /)", "Return hash(self).", alias_hash),
        MethodDef::new("__mro_entries__", "(self, bases, /)", "", alias_mro_entries),
        MethodDef::new(
            "__instancecheck__",
            "(self, instance, /)",
            "",
            alias_instancecheck,
        ),
        MethodDef::new(
            "__subclasscheck__",
            "(self, cls, /)",
            "",
            alias_subclasscheck,
        ),
        MethodDef::new("__reduce__", "(self, /)", "", alias_reduce),
        MethodDef::new("__iter__", "(self, /)", "Implement iter(self).", alias_iter),
        MethodDef::new("__dir__", "(self, /)", "", alias_dir),
        MethodDef::new("__or__", "(self, value, /)", "Return self|value.", alias_or),
        MethodDef::new(
            "__ror__",
            "(self, value, /)",
            "Return value|self.",
            alias_ror,
        ),
    ],
    getset: &[
        GetSetDef {
            name: "__parameters__",
            doc: "Type variables in the GenericAlias.",
            get: parameters,
            set: None,
        },
        GetSetDef {
            name: "__unpacked__",
            doc: "",
            get: unpacked,
            set: None,
        },
        GetSetDef {
            name: "__typing_unpacked_tuple_args__",
            doc: "",
            get: unpacked_tuple_args,
            set: None,
        },
    ],
    members: &[
        MemberDef {
            name: "__origin__",
            doc: "",
            offset: offset_of!(GenericAlias, origin),
            readonly: true,
            none_if_empty: true,
        },
        MemberDef {
            name: "__args__",
            doc: "",
            offset: offset_of!(GenericAlias, args),
            readonly: true,
            none_if_empty: true,
        },
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("GenericAlias", <GenericAlias as Object>::LAYOUT)
};

//! `typing.Union`: `int | str` (PEP 604; one type with `typing`'s in 3.14).

use super::alias::{GenericAlias, collect_parameters, substitute, type_repr};
use crate::heap::{Field, Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{Class, ClassFlags, GetSetDef, MemberDef, MethodDef, TypeDef};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::mem::offset_of;

/// A union of types.
#[repr(C)]
pub struct Union {
    pub header: Header,
    args: GcField<Tuple>,
    parameters: Field,
}

heap_object!(Union, "typing.Union", Kind::Other, |this, marker| {
    marker.gc_field(&this.args);
    marker.field(&this.parameters);
});

/// The members of a union.
pub fn members(v: Value) -> Option<Gc<Tuple>> {
    v.cast::<Union>()?.args.get()
}

fn unionable(vm: &Vm, v: Value) -> bool {
    v.is_none()
        || v.cast::<Class>().is_some()
        || v.cast::<GenericAlias>().is_some()
        || v.cast::<Union>().is_some()
        || vm.class_of(v).name_string() == "TypeAliasType"
}

/// `a | b` of types; NotImplemented if either is no type.
pub fn make(vm: &Vm, a: Value, b: Value) -> Result {
    if !unionable(vm, a) || !unionable(vm, b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    from_members(vm, &[a, b])
}

/// `typing.Union[members]`: flattened, without duplicates; a single member is itself.
pub fn from_members(vm: &Vm, items: &[Value]) -> Result {
    let mut flat = vm.rooted();
    for &v in items {
        let parts = match members(v) {
            Some(t) => t.as_slice().to_vec(),
            None => vec![if v.is_none() {
                vm.types.none.get().value()
            } else {
                v
            }],
        };
        'parts: for p in parts {
            for q in flat.iter() {
                let same_kind =
                    q.cast::<GenericAlias>().is_some() == p.cast::<GenericAlias>().is_some();
                if q.is(p) || (same_kind && vm.equal(*q, p)?) {
                    continue 'parts;
                }
            }
            flat.push(p);
        }
    }
    if let [one] = &flat[..] {
        return Ok(*one);
    }
    let args = vm.new_tuple(&flat)?;
    let object = Union {
        header: Header::empty(),
        args: GcField::new(args),
        parameters: Field::empty(),
    };
    Ok(vm
        .heap
        .alloc(vm.types.union_type.get().root_shape.get(), object)
        .value())
}

fn this(v: Value) -> Gc<Union> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn items(v: Value) -> Vec<Value> {
    this(v)
        .args
        .get()
        .map(|t| t.as_slice().to_vec())
        .unwrap_or_default()
}

fn union_repr(vm: &Vm, args: &[Value]) -> Result {
    let none = vm.types.none.get().value();
    let parts = items(args[0])
        .iter()
        .map(|v| {
            if *v == none {
                Ok("None".to_owned())
            } else {
                type_repr(vm, *v)
            }
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(vm.new_str(&parts.join(" | ")).value())
}

fn union_eq(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Union>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (a, b) = (items(args[0]), items(args[1]));
    if a.len() != b.len() {
        return Ok(Value::FALSE);
    }
    for v in &a {
        let mut found = false;
        for w in &b {
            found = found || vm.equal_identity(*v, *w)?;
        }
        if !found {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn union_hash(vm: &Vm, args: &[Value]) -> Result {
    let set = vm.new_frozenset(&items(args[0]))?;
    Ok(vm.new_int(vm.hash(set)? as i64))
}

fn union_or(vm: &Vm, args: &[Value]) -> Result {
    from_checked(vm, &[args[0], args[1]])
}

fn union_ror(vm: &Vm, args: &[Value]) -> Result {
    from_checked(vm, &[args[1], args[0]])
}

fn check_plain(vm: &Vm, v: Value, name: &str) -> Result<()> {
    if items(v).iter().any(|m| m.cast::<GenericAlias>().is_some()) {
        return Err(vm.type_error(format!(
            "{name}() argument 2 cannot be a parameterized generic"
        )));
    }
    Ok(())
}

fn union_instancecheck(vm: &Vm, args: &[Value]) -> Result {
    check_plain(vm, args[0], "isinstance")?;
    for m in items(args[0]) {
        if vm.is_instance(args[1], m)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn union_subclasscheck(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Class>().is_none() {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    }
    check_plain(vm, args[0], "issubclass")?;
    for m in items(args[0]) {
        if vm.is_subclass(args[1], m)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn parameters(vm: &Vm, v: Value) -> Result {
    let u = this(v);
    if let Some(p) = u.parameters.get() {
        return Ok(p);
    }
    let found = collect_parameters(vm, &items(v))?;
    let t = vm.new_tuple(&found)?.value();
    u.parameters.set(&u.header, t);
    Ok(t)
}

fn union_getitem(vm: &Vm, args: &[Value]) -> Result {
    let params = parameters(vm, args[0])?;
    let new = substitute(vm, args[0], &items(args[0]), params, args[1])?;
    from_members(vm, &new)
}

fn union_class_getitem(vm: &Vm, args: &[Value]) -> Result {
    let list = match args[1].cast::<Tuple>() {
        Some(t) => t.as_slice().to_vec(),
        None => vec![args[1]],
    };
    if list.is_empty() {
        return Err(vm.type_error("Cannot take a Union of no types."));
    }
    from_checked(vm, &list)
}

/// As [`from_members`], of what `typing` takes for types: strings are references to them.
fn from_checked(vm: &Vm, list: &[Value]) -> Result {
    let mut checked = vm.rooted();
    for &v in list {
        checked.push(if unionable(vm, v) {
            v
        } else {
            let check = vm.import_attr("typing", "_type_check")?;
            let message = vm.new_str("Union[arg, ...]: each arg must be a type.");
            vm.call(check, &[v, message.value()])?
        });
    }
    from_members(vm, &checked)
}

/// Without this, iterating would subscript a union.
fn not_iterable(vm: &Vm, class: Gc<Class>) -> Result<()> {
    class
        .namespace()
        .set_str(vm, vm.names.__iter__.get(), Value::NONE);
    Ok(())
}

fn union_mro_entries(vm: &Vm, args: &[Value]) -> Result {
    Err(vm.type_error(format!("Cannot subclass {}", vm.repr(args[0])?)))
}

fn union_origin(vm: &Vm, _: Value) -> Result {
    Ok(vm.types.union_type.get().value())
}

fn union_name(vm: &Vm, _: Value) -> Result {
    Ok(vm.intern("Union").value())
}

fn union_reduce(vm: &Vm, args: &[Value]) -> Result {
    let or = vm.import_attr("operator", "or_")?;
    let reduce = vm.import_attr("functools", "reduce")?;
    let arguments = vm
        .new_tuple(&[or, vm.new_tuple(&items(args[0]))?.value()])?
        .value();
    vm.pair(reduce, arguments)
}

/// `typing.Union`, also `types.UnionType`.
pub static UNION: TypeDef = TypeDef {
    module: "typing",
    doc: "Represent a union type\n\nE.g. for int | str",
    methods: &[
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", union_repr),
        MethodDef::new(
            "__eq__",
            "(self, value, /)",
            "Return self==value.",
            union_eq,
        ),
        MethodDef::new("__hash__", "(self, /)", "Return hash(self).", union_hash),
        MethodDef::new("__or__", "(self, value, /)", "Return self|value.", union_or),
        MethodDef::new(
            "__ror__",
            "(self, value, /)",
            "Return value|self.",
            union_ror,
        ),
        MethodDef::new(
            "__instancecheck__",
            "(self, instance, /)",
            "",
            union_instancecheck,
        ),
        MethodDef::new(
            "__subclasscheck__",
            "(self, cls, /)",
            "",
            union_subclasscheck,
        ),
        MethodDef::new(
            "__getitem__",
            "(self, key, /)",
            "Return self[key].",
            union_getitem,
        ),
        MethodDef::new(
            "__class_getitem__",
            "(type, item, /)",
            "",
            union_class_getitem,
        )
        .class(),
        MethodDef::new("__mro_entries__", "(self, bases, /)", "", union_mro_entries),
        MethodDef::new("__reduce__", "(self, /)", "", union_reduce),
    ],
    getset: &[
        GetSetDef {
            name: "__parameters__",
            doc: "Type variables in the types.UnionType.",
            get: parameters,
            set: None,
        },
        GetSetDef {
            name: "__origin__",
            doc: "Always returns the type",
            get: union_origin,
            set: None,
        },
        GetSetDef {
            name: "__name__",
            doc: "",
            get: union_name,
            set: None,
        },
        GetSetDef {
            name: "__qualname__",
            doc: "",
            get: union_name,
            set: None,
        },
    ],
    members: &[MemberDef {
        name: "__args__",
        doc: "",
        offset: offset_of!(Union, args),
        readonly: true,
        none_if_empty: true,
    }],
    flags: ClassFlags::WEAKREFS | ClassFlags::NO_INSTANTIATION,
    finish: Some(not_iterable),
    ..TypeDef::new("Union", <Union as Object>::LAYOUT)
};

//! `frame.f_locals` of a function: a write-through view (PEP 667).

use super::FrameObject;
use super::methods::{read_slot, slot_of, snapshot, write_slot};
use crate::heap::{Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, MethodDef, TypeDef};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// The view.
#[repr(C)]
pub struct FrameLocalsProxy {
    pub header: Header,
    frame: GcField<FrameObject>,
}

heap_object!(
    FrameLocalsProxy,
    "FrameLocalsProxy",
    Kind::Other,
    |this, marker| {
        marker.gc_field(&this.frame);
    }
);

/// A view of this frame's variables.
pub fn new_proxy(vm: &Vm, frame: Gc<FrameObject>) -> Result {
    let class = vm.class_of_def(&PROXY)?;
    let object = FrameLocalsProxy {
        header: Header::empty(),
        frame: GcField::new(frame),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// The view of a frame that the program names, of its function's variables.
fn new(vm: &Vm, args: &[Value]) -> Result {
    let positional = vm.tuple_of(args[1])?;
    if positional.len() != 1 {
        return Err(vm.type_error(format!(
            "FrameLocalsProxy expected 1 argument, got {}",
            positional.len()
        )));
    }
    let Some(frame) = positional.get(0).cast::<FrameObject>() else {
        let name = vm.type_name(positional.get(0));
        return Err(vm.type_error(format!("expect frame, not {name}")));
    };
    if args[2]
        .cast::<Dict>()
        .is_some_and(|named| !named.is_empty())
    {
        return Err(vm.type_error("FrameLocalsProxy takes no keyword arguments"));
    }
    new_proxy(vm, frame)
}

fn frame(v: Value) -> Gc<FrameObject> {
    // SAFETY: method descriptors check their receiver's class; the field is set at creation.
    unsafe {
        v.cast_unchecked::<FrameLocalsProxy>()
            .frame
            .get()
            .unwrap_unchecked()
    }
}

fn extra(vm: &Vm, f: Gc<FrameObject>) -> Gc<Dict> {
    match f.extra_locals.get().and_then(|e| e.cast::<Dict>()) {
        Some(d) => d,
        None => {
            let d = vm.new_dict();
            f.extra_locals.set(&f.header, d.value());
            d
        }
    }
}

fn lookup(vm: &Vm, f: Gc<FrameObject>, key: Value) -> Result<Option<Value>> {
    if let Some(name) = key.cast::<Str>()
        && let Some(slot) = slot_of(f, name)
    {
        return Ok(read_slot(f, slot));
    }
    match f.extra_locals.get().and_then(|e| e.cast::<Dict>()) {
        Some(d) => d.get(vm, key),
        None => {
            vm.hash(key)?;
            Ok(None)
        }
    }
}

fn getitem(vm: &Vm, args: &[Value]) -> Result {
    match lookup(vm, frame(args[0]), args[1])? {
        Some(v) => Ok(v),
        None => Err(vm.key_error(args[1])),
    }
}

fn setitem(vm: &Vm, args: &[Value]) -> Result {
    let f = frame(args[0]);
    match args[1].cast::<Str>().and_then(|n| slot_of(f, n)) {
        Some(slot) => write_slot(f, slot, args[2]),
        None => extra(vm, f).set(vm, args[1], args[2])?,
    }
    Ok(Value::NONE)
}

fn delitem(vm: &Vm, args: &[Value]) -> Result {
    let f = frame(args[0]);
    if args[1].cast::<Str>().and_then(|n| slot_of(f, n)).is_some() {
        return Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"));
    }
    match extra(vm, f).remove(vm, args[1])? {
        Some(_) => Ok(Value::NONE),
        None => Err(vm.key_error(args[1])),
    }
}

fn contains(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(lookup(vm, frame(args[0]), args[1])?.is_some()))
}

fn len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(snapshot(vm, frame(args[0]))?.len() as i64))
}

fn iter(vm: &Vm, args: &[Value]) -> Result {
    vm.iter(snapshot(vm, frame(args[0]))?.value())
}

fn reversed(vm: &Vm, args: &[Value]) -> Result {
    let dict = snapshot(vm, frame(args[0]))?.value();
    vm.call_method(dict, "__reversed__", &[])
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str("{...}").value());
    };
    Ok(vm.repr(snapshot(vm, frame(args[0]))?.value())?.value())
}

fn eq(vm: &Vm, args: &[Value]) -> Result {
    let a = frame(args[0]);
    if let Some(other) = args[1].cast::<FrameLocalsProxy>() {
        return Ok(Value::bool(other.frame.get() == Some(a)));
    }
    match args[1].cast::<Dict>() {
        Some(d) => Ok(Value::bool(vm.equal(snapshot(vm, a)?.value(), d.value())?)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn get(vm: &Vm, args: &[Value]) -> Result {
    Ok(lookup(vm, frame(args[0]), args[1])?.unwrap_or(args[2].given().unwrap_or(Value::NONE)))
}

fn via_dict(vm: &Vm, v: Value, name: &str) -> Result {
    let dict = snapshot(vm, frame(v))?.value();
    let view = vm.call_method(dict, name, &[])?;
    let items = vm.collect(view)?;
    Ok(vm.new_list(&items)?.value())
}

fn keys(vm: &Vm, args: &[Value]) -> Result {
    via_dict(vm, args[0], "keys")
}

fn values(vm: &Vm, args: &[Value]) -> Result {
    via_dict(vm, args[0], "values")
}

fn items(vm: &Vm, args: &[Value]) -> Result {
    via_dict(vm, args[0], "items")
}

fn copy(vm: &Vm, args: &[Value]) -> Result {
    Ok(snapshot(vm, frame(args[0]))?.value())
}

fn update(vm: &Vm, args: &[Value]) -> Result {
    let dict = vm.new_dict().value();
    vm.call_method(dict, "update", &args[1..])?;
    if let Some(d) = dict.cast::<Dict>() {
        for (k, v) in d.items() {
            setitem(vm, &[args[0], k, v])?;
        }
    }
    Ok(Value::NONE)
}

fn setdefault(vm: &Vm, args: &[Value]) -> Result {
    if let Some(v) = lookup(vm, frame(args[0]), args[1])? {
        return Ok(v);
    }
    let default = args[2].given().unwrap_or(Value::NONE);
    setitem(vm, &[args[0], args[1], default])?;
    Ok(default)
}

fn pop(vm: &Vm, args: &[Value]) -> Result {
    let f = frame(args[0]);
    if args[1].cast::<Str>().and_then(|n| slot_of(f, n)).is_some() {
        return Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"));
    }
    match (extra(vm, f).remove(vm, args[1])?, args[2].given()) {
        (Some(v), _) | (None, Some(v)) => Ok(v),
        (None, None) => Err(vm.key_error(args[1])),
    }
}

fn or(vm: &Vm, args: &[Value]) -> Result {
    let dict = snapshot(vm, frame(args[0]))?.value();
    vm.binary(crate::ops::arith::BinaryOp::Or, dict, args[1])
}

fn ior(vm: &Vm, args: &[Value]) -> Result {
    update(vm, args)?;
    Ok(args[0])
}

/// `type(frame.f_locals)`.
pub static PROXY: TypeDef = TypeDef {
    methods: &[
        MethodDef::new(
            "__getitem__",
            "(self, key, /)",
            "Return self[key].",
            getitem,
        ),
        MethodDef::new(
            "__setitem__",
            "(self, key, value, /)",
            "Set self[key] to value.",
            setitem,
        ),
        MethodDef::new(
            "__delitem__",
            "(self, key, /)",
            "Delete self[key].",
            delitem,
        ),
        MethodDef::new(
            "__contains__",
            "(self, key, /)",
            "Return bool(key in self).",
            contains,
        ),
        MethodDef::new("__len__", "(self, /)", "Return len(self).", len),
        MethodDef::new("__new__", "(type, /, *args, **kwargs)", "", new).static_(),
        MethodDef::new("__iter__", "(self, /)", "Implement iter(self).", iter),
        MethodDef::new("__reversed__", "(self, /)", "", reversed),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
        MethodDef::new("__eq__", "(self, value, /)", "Return self==value.", eq),
        MethodDef::new("__or__", "(self, value, /)", "Return self|value.", or),
        MethodDef::new("__ior__", "(self, value, /)", "Return self|=value.", ior),
        MethodDef::new("get", "(self, key, default=None, /)", "", get),
        MethodDef::new("keys", "(self, /)", "", keys),
        MethodDef::new("values", "(self, /)", "", values),
        MethodDef::new("items", "(self, /)", "", items),
        MethodDef::new("copy", "(self, /)", "", copy),
        MethodDef::new("update", "(self, other, /)", "", update),
        MethodDef::new("setdefault", "(self, key, default=None, /)", "", setdefault),
        MethodDef::new("pop", "(self, key, default=<error>, /)", "", pop),
    ],
    flags: ClassFlags::MAPPING,
    ..TypeDef::new("FrameLocalsProxy", <FrameLocalsProxy as Object>::LAYOUT)
};

//! Bound methods of Python functions and other callables.

use crate::heap::{Field, Gc, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, GetSetDef, MethodDef, TypeDef};
use crate::value::Value;
use crate::vm::{Result, Vm};

/// A callable with its first argument (`types.MethodType`).
#[repr(C)]
pub struct BoundMethod {
    pub header: Header,
    pub function: Field,
    pub receiver: Field,
}

heap_object!(BoundMethod, "method", Kind::BoundMethod, |this, marker| {
    marker.field(&this.function);
    marker.field(&this.receiver);
});

impl Vm {
    /// `function` with `receiver` as its first argument.
    #[inline]
    pub fn new_bound_method(&self, function: Value, receiver: Value) -> Gc<BoundMethod> {
        self.heap.alloc(
            self.shapes.bound_method.get(),
            BoundMethod {
                header: Header::empty(),
                function: Field::new(function),
                receiver: Field::new(receiver),
            },
        )
    }
}

fn this(v: Value) -> Gc<BoundMethod> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn method_new(vm: &Vm, args: &[Value]) -> Result {
    if !vm.is_callable(args[1]) {
        return Err(vm.type_error("first argument must be callable"));
    }
    if args[2].is_none() {
        return Err(vm.type_error("instance must not be None"));
    }
    Ok(vm.new_bound_method(args[1], args[2]).value())
}

fn method_call(vm: &Vm, args: &[Value], names: Option<Gc<crate::types::tuple::Tuple>>) -> Result {
    vm.call_with(args[0], &args[1..], names)
}

fn method_repr(vm: &Vm, args: &[Value]) -> Result {
    let m = this(args[0]);
    let function = m.function.or_none();
    let name = match vm.find_attr(function, vm.names.__qualname__.get())? {
        Some(n) => Some(n),
        None => vm.find_attr(function, vm.names.__name__.get())?,
    };
    let name = name
        .and_then(|n| n.cast::<crate::types::str::Str>())
        .map_or("?".to_owned(), |s| s.to_text());
    let receiver = vm.repr(m.receiver.or_none())?;
    Ok(vm
        .new_str(&format!("<bound method {name} of {receiver}>"))
        .value())
}

fn method_eq(vm: &Vm, args: &[Value]) -> Result {
    let (a, Some(b)) = (this(args[0]), args[1].cast::<BoundMethod>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !a.receiver.or_none().is(b.receiver.or_none()) {
        return Ok(Value::FALSE);
    }
    Ok(Value::bool(vm.equal_identity(
        a.function.or_none(),
        b.function.or_none(),
    )?))
}

fn method_hash(vm: &Vm, args: &[Value]) -> Result {
    let m = this(args[0]);
    let h = crate::ops::hash::address(m.receiver.or_none()) ^ vm.hash(m.function.or_none())?;
    Ok(vm.new_int(if h == u64::MAX { -2 } else { h as i64 }))
}

fn method_getattribute(vm: &Vm, args: &[Value]) -> Result {
    let name = crate::types::object::attribute_name(vm, args[1])?;
    if vm.types.bound_method.get().lookup(vm, name).is_some() {
        return vm.generic_get_attr(args[0], name);
    }
    vm.get_attr(this(args[0]).function.or_none(), name)
}

fn method_reduce(vm: &Vm, args: &[Value]) -> Result {
    let m = this(args[0]);
    let name = vm.get_attr(m.function.or_none(), vm.names.__name__.get())?;
    let getattr = vm.import_attr("builtins", "getattr")?;
    let arguments = vm.new_tuple(&[m.receiver.or_none(), name])?.value();
    vm.pair(getattr, arguments)
}

fn get_function(_: &Vm, v: Value) -> Result {
    Ok(this(v).function.or_none())
}

fn get_receiver(_: &Vm, v: Value) -> Result {
    Ok(this(v).receiver.or_none())
}

fn get_doc(vm: &Vm, v: Value) -> Result {
    vm.get_attr(this(v).function.or_none(), vm.names.__doc__.get())
}

/// `types.MethodType`.
pub static METHOD: TypeDef = TypeDef {
    doc: "Create a bound instance method object.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, function, instance, /)",
            "Create and return a new object.",
            method_new,
        )
        .static_(),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            method_call,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", method_repr),
        MethodDef::new(
            "__eq__",
            "(self, value, /)",
            "Return self==value.",
            method_eq,
        ),
        MethodDef::new("__hash__", "(self, /)", "Return hash(self).", method_hash),
        MethodDef::new(
            "__getattribute__",
            "(self, name, /)",
            "Return getattr(self, name).",
            method_getattribute,
        ),
        MethodDef::new("__reduce__", "(self, /)", "", method_reduce),
        // A bound method is not bound again.
        crate::object::slots::get(|_, args| Ok(args[0])),
    ],
    getset: &[
        GetSetDef {
            name: "__func__",
            doc: "the function (or other callable) implementing a method",
            get: get_function,
            set: None,
        },
        GetSetDef {
            name: "__self__",
            doc: "the instance to which a method is bound",
            get: get_receiver,
            set: None,
        },
        GetSetDef {
            name: "__doc__",
            doc: "",
            get: get_doc,
            set: None,
        },
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("method", <BoundMethod as Object>::LAYOUT)
};

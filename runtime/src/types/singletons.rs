//! The types of `None`, `Ellipsis` and `NotImplemented`.

use crate::heap::Object;
use crate::object::{MethodDef, TypeDef};
use crate::types::object::Instance;
use crate::value::Value;
use crate::vm::{Result, Vm};

fn no_arguments(vm: &Vm, args: &[Value], name: &str, value: Value) -> Result {
    if args.len() > 1 {
        return Err(vm.type_error(format!("{name} takes no arguments")));
    }
    Ok(value)
}

fn none_new(
    vm: &Vm,
    args: &[Value],
    _: Option<crate::heap::Gc<crate::types::tuple::Tuple>>,
) -> Result {
    no_arguments(vm, args, "NoneType", Value::NONE)
}

fn none_repr(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.intern("None").value())
}

fn none_bool(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::FALSE)
}

fn none_hash(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::small_int(0xFCA8_6420))
}

fn none_eq(_: &Vm, args: &[Value]) -> Result {
    Ok(if args[0] == args[1] {
        Value::TRUE
    } else {
        Value::NOT_IMPLEMENTED
    })
}

/// `NoneType`.
pub static NONE_TYPE: TypeDef = TypeDef {
    doc: "The type of the None singleton.",
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /)",
            "Create and return a new object.",
            none_new,
        )
        .static_(),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", none_repr),
        MethodDef::new(
            "__bool__",
            "(self, /)",
            "True if self else False",
            none_bool,
        ),
        MethodDef::new("__hash__", "(self, /)", "Return hash(self).", none_hash),
        MethodDef::new("__eq__", "(self, value, /)", "Return self==value.", none_eq),
    ],
    ..TypeDef::new("NoneType", <Instance as Object>::LAYOUT)
};

fn ellipsis_new(
    vm: &Vm,
    args: &[Value],
    _: Option<crate::heap::Gc<crate::types::tuple::Tuple>>,
) -> Result {
    no_arguments(vm, args, "EllipsisType", Value::ELLIPSIS)
}

fn ellipsis_repr(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.intern("Ellipsis").value())
}

/// `types.EllipsisType`.
pub static ELLIPSIS_TYPE: TypeDef = TypeDef {
    doc: "The type of the Ellipsis singleton.",
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /)",
            "Create and return a new object.",
            ellipsis_new,
        )
        .static_(),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", ellipsis_repr),
        MethodDef::new("__reduce__", "(self, /)", "", ellipsis_repr),
    ],
    ..TypeDef::new("ellipsis", <Instance as Object>::LAYOUT)
};

fn not_implemented_new(
    vm: &Vm,
    args: &[Value],
    _: Option<crate::heap::Gc<crate::types::tuple::Tuple>>,
) -> Result {
    no_arguments(vm, args, "NotImplementedType", Value::NOT_IMPLEMENTED)
}

fn not_implemented_repr(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.intern("NotImplemented").value())
}

fn not_implemented_bool(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.type_error("NotImplemented should not be used in a boolean context"))
}

/// `types.NotImplementedType`.
pub static NOT_IMPLEMENTED_TYPE: TypeDef = TypeDef {
    doc: "The type of the NotImplemented singleton.",
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /)",
            "Create and return a new object.",
            not_implemented_new,
        )
        .static_(),
        MethodDef::new(
            "__repr__",
            "(self, /)",
            "Return repr(self).",
            not_implemented_repr,
        ),
        MethodDef::new(
            "__bool__",
            "(self, /)",
            "True if self else False",
            not_implemented_bool,
        ),
        MethodDef::new("__reduce__", "(self, /)", "", not_implemented_repr),
    ],
    ..TypeDef::new("NotImplementedType", <Instance as Object>::LAYOUT)
};

//! `bool`: two immediate values, a subclass of `int` that nothing derives from.

use crate::heap::Object;
use crate::object::{MethodDef, TypeDef};
use crate::ops::arith::BinaryOp;
use crate::types::int::methods::arithmetic;
use crate::types::int::{INT, IntSub};
use crate::types::support::new_shape;
use crate::value::Value;
use crate::vm::{Result, Vm};

fn new(vm: &Vm, args: &[Value]) -> Result {
    new_shape(vm, args[0], vm.types.bool.get())?;
    match args[1].given() {
        None => Ok(Value::FALSE),
        Some(v) => Ok(Value::bool(vm.truth(v)?)),
    }
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm
        .intern(if args[0] == Value::TRUE {
            "True"
        } else {
            "False"
        })
        .value())
}

fn invert(vm: &Vm, args: &[Value]) -> Result {
    vm.warn_deprecated(
        "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise \
         inversion of the underlying int object and is usually not what you expect from negating a bool. Use the \
         'not' operator for boolean negation or ~int(x) if you really want the bitwise inversion of the underlying \
         int.",
    )?;
    Ok(Value::small_int(if args[0] == Value::TRUE {
        -2
    } else {
        -1
    }))
}

/// A bitwise operator: a bool if both sides are, an integer otherwise.
fn bitwise(vm: &Vm, op: BinaryOp, a: Value, b: Value) -> Result {
    if !(a.is_bool() && b.is_bool()) {
        return arithmetic(vm, op, a, b);
    }
    let (a, b) = (a == Value::TRUE, b == Value::TRUE);
    Ok(Value::bool(match op {
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        _ => a ^ b,
    }))
}

/// The class `bool`.
pub static BOOL: TypeDef = TypeDef {
    doc: "Returns True when the argument is true, False otherwise.\nTrue and False are its only instances; it is derived from int, and no class is\nderived from it.",
    base: Some(&INT),
    methods: &[
        MethodDef::new(
            "__new__",
            "(cls, object=False, /)",
            "Create and return a new object.  See help(type) for accurate signature.",
            new,
        )
        .reads(0xFE, 0)
        .static_(),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
        MethodDef::new("__invert__", "(self, /)", "~self", invert),
        MethodDef::new(
            "__and__",
            "(self, value, /)",
            "Return self&value.",
            |vm, a| bitwise(vm, BinaryOp::And, a[0], a[1]),
        ),
        MethodDef::new(
            "__rand__",
            "(self, value, /)",
            "Return value&self.",
            |vm, a| bitwise(vm, BinaryOp::And, a[1], a[0]),
        ),
        MethodDef::new(
            "__xor__",
            "(self, value, /)",
            "Return self^value.",
            |vm, a| bitwise(vm, BinaryOp::Xor, a[0], a[1]),
        ),
        MethodDef::new(
            "__rxor__",
            "(self, value, /)",
            "Return value^self.",
            |vm, a| bitwise(vm, BinaryOp::Xor, a[1], a[0]),
        ),
        MethodDef::new(
            "__or__",
            "(self, value, /)",
            "Return self|value.",
            |vm, a| bitwise(vm, BinaryOp::Or, a[0], a[1]),
        ),
        MethodDef::new(
            "__ror__",
            "(self, value, /)",
            "Return value|self.",
            |vm, a| bitwise(vm, BinaryOp::Or, a[1], a[0]),
        ),
    ],
    ..TypeDef::new("bool", IntSub::LAYOUT)
};

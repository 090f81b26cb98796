//! The Python type `float`: its table and methods.

use super::{FloatSub, float_of};
use crate::heap::{Gc, Object};
use crate::object::{GetSetDef, MethodDef, TypeDef};
use crate::ops::arith::{BinaryOp, float_divmod};
use crate::ops::compare::{CompareOp, floats, holds};
use crate::types::int::construct::{real_operand, round_float};
use crate::types::str::Str;
use crate::types::support::{new_shape, str_arg};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table, with_str_data};
use taipan_text::int::BigInt;
use taipan_text::{TextBuf, float, format_spec};

/// The receiver's number.
fn this(v: Value) -> f64 {
    float_of(v).unwrap_or(0.0)
}

/// `float(x=0, /)`. A subclass with its own `__init__` may take keywords too, which are ignored here.
fn new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let base = vm.types.float.get();
    let Some(&cls) = args.first() else {
        return Err(vm.type_error("float.__new__(): not enough arguments"));
    };
    let shape = new_shape(vm, cls, base)?;
    let keywords = names.map_or(0, |n| n.len());
    if keywords > 0 {
        let class = cls.cast::<crate::object::Class>().unwrap_or(base);
        let init = crate::object::Special::Init;
        if class == base || class.special(init) == base.special(init) {
            return Err(vm.type_error("float() takes no keyword arguments"));
        }
    }
    let value = match args[1..args.len() - keywords] {
        [] => 0.0,
        [x] => vm.float_from_object(x)?,
        ref more => {
            return Err(vm.type_error(format!(
                "float expected at most 1 argument, got {}",
                more.len()
            )));
        }
    };
    Ok(match shape {
        None => Value::float(value),
        Some(shape) => vm.float_with_shape(value, shape),
    })
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm
        .new_str_ascii(float::repr(this(args[0])).as_bytes())
        .value())
}

fn hash(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(vm.hash_float(args[0], this(args[0])) as i64))
}

fn compare(_: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    let a = this(a);
    if let Some(b) = float_of(b) {
        return Ok(Value::bool(floats(op, a, b)));
    }
    match b.as_int_ref() {
        Some(b) => Ok(Value::bool(match b.compare_float(a) {
            Some(order) => holds(op, order.reverse()),
            None => op == CompareOp::Ne,
        })),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn arithmetic(vm: &Vm, op: BinaryOp, a: Value, b: Value) -> Result {
    match (real_operand(vm, a), real_operand(vm, b)) {
        (Some(a), Some(b)) => vm
            .float_binary(op, a?, b?)
            .unwrap_or(Ok(Value::NOT_IMPLEMENTED)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

macro_rules! binary {
    ($name:literal $reflected:literal $sign:literal $op:ident) => {
        [
            MethodDef::new(
                $name,
                "(self, value, /)",
                concat!("Return self", $sign, "value."),
                |vm, args| arithmetic(vm, BinaryOp::$op, args[0], args[1]),
            ),
            MethodDef::new(
                $reflected,
                "(self, value, /)",
                concat!("Return value", $sign, "self."),
                |vm, args| arithmetic(vm, BinaryOp::$op, args[1], args[0]),
            ),
        ]
    };
}

fn divmod(vm: &Vm, a: Value, b: Value) -> Result {
    let (Some(a), Some(b)) = (real_operand(vm, a), real_operand(vm, b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (a, b) = (a?, b?);
    if b == 0.0 {
        return Err(vm.zero_division_error("division by zero"));
    }
    let (quotient, rest) = float_divmod(a, b);
    vm.pair(Value::float(quotient), Value::float(rest))
}

fn pow(vm: &Vm, a: Value, b: Value, modulus: Value) -> Result {
    if modulus.given_not_none().is_some() {
        return Err(
            vm.type_error("pow() 3rd argument not allowed unless all arguments are integers")
        );
    }
    arithmetic(vm, BinaryOp::Power, a, b)
}

fn to_exact(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::float(this(args[0])))
}

fn trunc(vm: &Vm, args: &[Value]) -> Result {
    vm.int_from_float(this(args[0]))
}

fn round(vm: &Vm, args: &[Value]) -> Result {
    let x = this(args[0]);
    let Some(digits) = args[1].given_not_none() else {
        return round_float(vm, x);
    };
    let digits = vm.to_index_clamped(digits)?;
    if !x.is_finite() {
        return Ok(Value::float(x));
    }
    match float::round(x, digits) {
        Some(rounded) => Ok(Value::float(rounded)),
        None => Err(vm.overflow_error("rounded value too large to represent")),
    }
}

fn as_integer_ratio(vm: &Vm, args: &[Value]) -> Result {
    let x = this(args[0]);
    if x.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
    }
    let (mantissa, exponent) = float::odd_parts(x);
    let (numerator, denominator) = if exponent >= 0 {
        (BigInt::from(mantissa) << exponent, BigInt::from(1))
    } else {
        (BigInt::from(mantissa), BigInt::from(1) << -exponent)
    };
    vm.pair(vm.new_bigint(numerator), vm.new_bigint(denominator))
}

/// `cls(value)` for an alternative constructor.
fn instance(vm: &Vm, cls: Value, value: f64) -> Result {
    let value = Value::float(value);
    if cls == vm.types.float.get().value() {
        Ok(value)
    } else {
        vm.call(cls, &[value])
    }
}

fn from_number(vm: &Vm, args: &[Value]) -> Result {
    instance(vm, args[0], vm.to_float(args[1])?)
}

fn fromhex(vm: &Vm, args: &[Value]) -> Result {
    let Some(text) = args[1].cast::<Str>() else {
        return Err(vm.type_error("bad argument type for built-in operation"));
    };
    match float::from_hex(text.as_ascii().unwrap_or("?").as_bytes()) {
        Ok(f) => instance(vm, args[0], f),
        Err(error @ float::HexError::TooLarge) => Err(vm.overflow_error(error.message())),
        Err(error) => Err(vm.value_error(error.message())),
    }
}

fn hex(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm
        .new_str_ascii(float::to_hex(this(args[0])).as_bytes())
        .value())
}

fn is_integer(_: &Vm, args: &[Value]) -> Result {
    let x = this(args[0]);
    Ok(Value::bool(x.is_finite() && x.floor() == x))
}

fn getnewargs(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_tuple(&[Value::float(this(args[0]))])?.value())
}

fn getformat(vm: &Vm, args: &[Value]) -> Result {
    let kind = str_arg(vm, args[1], "__getformat__() argument")?;
    match kind.as_ascii() {
        Some("double" | "float") => {
            let order = if cfg!(target_endian = "little") {
                "little"
            } else {
                "big"
            };
            Ok(vm.new_str(&format!("IEEE, {order}-endian")).value())
        }
        _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
    }
}

fn format(vm: &Vm, args: &[Value]) -> Result {
    let spec = vm.format_spec_arg(args[1])?;
    if spec.is_empty() {
        return Ok(vm.str(args[0])?.value());
    }
    let mut out = TextBuf::new();
    with_str_data!(spec, d => format_spec::format_float(this(args[0]), d, &vm.type_name(args[0]), &mut out))
        .map_err(|e| vm.format_error(e))?;
    vm.finish_text(out)
}

const ARITHMETIC: [[MethodDef; 2]; 6] = [
    binary!("__add__" "__radd__" "+" Add),
    binary!("__sub__" "__rsub__" "-" Subtract),
    binary!("__mul__" "__rmul__" "*" Multiply),
    binary!("__mod__" "__rmod__" "%" Remainder),
    binary!("__floordiv__" "__rfloordiv__" "//" FloorDivide),
    binary!("__truediv__" "__rtruediv__" "/" TrueDivide),
];

const METHODS: [MethodDef; 26] = [
    MethodDef::raw("__new__", "(cls, x=0, /)", "Create and return a new object.  See help(type) for accurate signature.", new).reads(0xFE, 0).static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", hash),
    MethodDef::new("__divmod__", "(self, value, /)", "Return divmod(self, value).", |vm, a| divmod(vm, a[0], a[1])),
    MethodDef::new("__rdivmod__", "(self, value, /)", "Return divmod(value, self).", |vm, a| divmod(vm, a[1], a[0])),
    MethodDef::new("__pow__", "(self, value, mod=None, /)", "Return pow(self, value, mod).", |vm, a| pow(vm, a[0], a[1], a[2])),
    MethodDef::new("__rpow__", "(self, value, mod=None, /)", "Return pow(value, self, mod).", |vm, a| pow(vm, a[1], a[0], a[2])),
    MethodDef::new("__neg__", "(self, /)", "-self", |_, a| Ok(Value::float(-this(a[0])))),
    MethodDef::new("__pos__", "(self, /)", "+self", to_exact),
    MethodDef::new("__abs__", "(self, /)", "abs(self)", |_, a| Ok(Value::float(this(a[0]).abs()))),
    MethodDef::new("__bool__", "(self, /)", "True if self else False", |_, a| Ok(Value::bool(this(a[0]) != 0.0))),
    MethodDef::new("__int__", "(self, /)", "int(self)", trunc),
    MethodDef::new("__float__", "(self, /)", "float(self)", to_exact),
    MethodDef::new("from_number", "(type, number, /)", "Convert a real number to a float.", from_number).class(),
    MethodDef::new("conjugate", "(self, /)", "Return self, the complex conjugate of any float.", to_exact),
    MethodDef::new("__trunc__", "(self, /)", "Return the integer nearest to self between 0 and self.", trunc),
    MethodDef::new("__floor__", "(self, /)", "Return the floor as an integer.", |vm, a| vm.int_from_float(this(a[0]).floor())),
    MethodDef::new("__ceil__", "(self, /)", "Return the ceiling as an integer.", |vm, a| vm.int_from_float(this(a[0]).ceil())),
    MethodDef::new("__round__", "(self, ndigits=None, /)", "Return the integer nearest to self, half to even; with ndigits, a float\nrounded to that many digits after the point.", round),
    MethodDef::new("as_integer_ratio", "(self, /)", "Return a pair of integers whose ratio is exactly self, the second positive.\n\nOverflowError for infinities, ValueError for NaNs.\n\n>>> (10.0).as_integer_ratio()\n(10, 1)\n>>> (-.25).as_integer_ratio()\n(-1, 4)", as_integer_ratio).reads(0xFF, 0),
    MethodDef::new("fromhex", "(type, string, /)", "Create a float from a hexadecimal string.\n\n>>> float.fromhex('0x1.ffffp10')\n2047.984375", fromhex).class(),
    MethodDef::new("hex", "(self, /)", "Return a hexadecimal representation.\n\n>>> (-0.1).hex()\n'-0x1.999999999999ap-4'", hex).reads(0xFF, 0),
    MethodDef::new("is_integer", "(self, /)", "Return True if the float is a whole number.", is_integer).reads(0xFF, 0),
    MethodDef::new("__getnewargs__", "(self, /)", "", getnewargs),
    MethodDef::new("__getformat__", "(type, typestr, /)", "Tell how floats are stored, for Python's own tests.\n\n  typestr\n    'double' or 'float'.", getformat).class(),
    MethodDef::new("__format__", "(self, format_spec, /)", "Formats the float according to format_spec.", format),
];

/// The class `float`.
pub static FLOAT: TypeDef = TypeDef {
    doc: "Convert a string or number to a floating-point number, if possible.",
    subclassable: true,
    methods: method_table![
        ARITHMETIC[0],
        ARITHMETIC[1],
        ARITHMETIC[2],
        ARITHMETIC[3],
        ARITHMETIC[4],
        ARITHMETIC[5],
        comparison_methods!(compare),
        METHODS,
    ],
    getset: &[
        GetSetDef {
            name: "real",
            doc: "the real part of a complex number",
            get: |_, v| Ok(Value::float(this(v))),
            set: None,
        },
        GetSetDef {
            name: "imag",
            doc: "the imaginary part of a complex number",
            get: |_, _| Ok(Value::float(0.0)),
            set: None,
        },
    ],
    ..TypeDef::new("float", FloatSub::LAYOUT)
};

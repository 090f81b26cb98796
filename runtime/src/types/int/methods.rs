//! The Python type `int`: its table and methods.

use super::construct::{from_bytes, new, order_args};
use super::{IntRef, IntSub};
use crate::heap::Object;
use crate::object::{GetSetDef, MethodDef, TypeDef};
use crate::ops::arith::BinaryOp;
use crate::ops::compare::{CompareOp, holds};
use crate::types::str::with_text_int;
use crate::types::support::size_arg;
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table, with_str_data};
use taipan_text::int::{self, Endian};
use taipan_text::{TextBuf, format_spec};

/// The receiver's value.
fn this(v: Value) -> IntRef {
    v.as_int_ref().unwrap_or(IntRef::Small(0))
}

/// The receiver as an exact integer.
fn exact(v: Value) -> Value {
    v.exact_int().unwrap_or(v)
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.int_repr(args[0])?.value())
}

fn hash(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(vm.hash(exact(args[0]))? as i64))
}

fn compare(_: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    match b.as_int_ref() {
        Some(b) => Ok(Value::bool(holds(op, this(a).compare(b)))),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// `a op b` for two integers, `NotImplemented` for anything else.
pub(crate) fn arithmetic(vm: &Vm, op: BinaryOp, a: Value, b: Value) -> Result {
    match (a.as_int_ref(), b.as_int_ref()) {
        (Some(x), Some(y)) => vm.int_binary(op, x, y, a, b),
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
    let (Some(x), Some(y)) = (a.as_int_ref(), b.as_int_ref()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if let (IntRef::Small(x), IntRef::Small(y)) = (x, y) {
        if y == 0 {
            return Err(vm.zero_division_error("division by zero"));
        }
        use crate::ops::arith::{floor_div, floor_mod};
        return vm.pair(vm.new_int(floor_div(x, y)), vm.new_int(floor_mod(x, y)));
    }
    let (quotient, rest) = vm.int_divmod(x, y)?;
    vm.pair(quotient, rest)
}

/// `pow(a, b, modulus)`.
fn pow(vm: &Vm, a: Value, b: Value, modulus: Value) -> Result {
    let Some(modulus) = modulus.given_not_none() else {
        return arithmetic(vm, BinaryOp::Power, a, b);
    };
    let (Some(x), Some(y), Some(m)) = (a.as_int_ref(), b.as_int_ref(), modulus.as_int_ref()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if let (IntRef::Small(x), IntRef::Small(y @ 0..), IntRef::Small(m @ 1..)) = (x, y, m) {
        return Ok(vm.new_int(small_mod_pow(x, y as u64, m)));
    }
    vm.int_mod_pow(x, y, m)
}

fn small_mod_pow(x: i64, mut e: u64, m: i64) -> i64 {
    let m = m as u128;
    let mut base = x.rem_euclid(m as i64) as u128;
    let mut result = 1 % m;
    while e > 0 {
        if e & 1 == 1 {
            result = result * base % m;
        }
        base = base * base % m;
        e >>= 1;
    }
    result as i64
}

fn negative(vm: &Vm, args: &[Value]) -> Result {
    vm.negative(exact(args[0]))
}

fn to_exact(_: &Vm, args: &[Value]) -> Result {
    Ok(exact(args[0]))
}

fn absolute(vm: &Vm, args: &[Value]) -> Result {
    let v = exact(args[0]);
    if this(v).is_negative() {
        vm.negative(v)
    } else {
        Ok(v)
    }
}

fn truth(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(!matches!(this(args[0]), IntRef::Small(0))))
}

fn invert(vm: &Vm, args: &[Value]) -> Result {
    match this(args[0]) {
        IntRef::Small(i) => Ok(vm.new_int(!i)),
        IntRef::Big(b) => vm.int_inverted(b),
    }
}

fn float(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::float(vm.int_to_float(this(args[0]))?))
}

fn bit_length(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(match this(args[0]) {
        IntRef::Small(i) => 64 - i64::from(i.unsigned_abs().leading_zeros()),
        IntRef::Big(b) => b.bit_length() as i64,
    }))
}

fn bit_count(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(match this(args[0]) {
        IntRef::Small(i) => i.unsigned_abs().count_ones().into(),
        IntRef::Big(b) => b.limbs().iter().map(|l| i64::from(l.count_ones())).sum(),
    }))
}

fn to_bytes(vm: &Vm, args: &[Value]) -> Result {
    let length = match args[1].given() {
        None => 1,
        Some(v) => size_arg(vm, v)?,
    };
    let (endian, signed) = order_args(vm, args[2], args[3], "to_bytes")?;
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.value_error("length argument must be non-negative"));
    };
    if let IntRef::Small(i) = this(args[0])
        && (1..=8).contains(&length)
        && (i >= 0 || signed)
    {
        let bits = length as u32 * 8 - u32::from(signed);
        let fits = if signed {
            i >> bits.min(63) == 0 || i >> bits.min(63) == -1
        } else {
            bits == 64 || i >> bits == 0
        };
        if fits {
            let mut word = i.to_le_bytes();
            if endian == Endian::Big {
                word[..length].reverse();
            }
            return Ok(vm.new_bytes(&word[..length])?.value());
        }
    }
    if length > isize::MAX as usize / 2 {
        return Err(vm.memory_error());
    }
    let (value, mut room) = (this(args[0]), 0);
    match int::limbs_to_bytes(value.parts(&mut room), length, endian, signed) {
        Ok(bytes) => Ok(vm.new_bytes(&bytes)?.value()),
        Err(error) => Err(vm.overflow_error(error.message())),
    }
}

fn as_integer_ratio(vm: &Vm, args: &[Value]) -> Result {
    vm.pair(exact(args[0]), Value::small_int(1))
}

fn round(vm: &Vm, args: &[Value]) -> Result {
    let Some(digits) = args[1].given_not_none() else {
        return Ok(exact(args[0]));
    };
    let digits = vm.index(digits)?;
    if !this(digits).is_negative() {
        return Ok(exact(args[0]));
    }
    let places = match this(digits) {
        IntRef::Small(i) => u32::try_from(-i).unwrap_or(u32::MAX),
        IntRef::Big(_) => u32::MAX,
    };
    Ok(vm.new_bigint(int::rounded_to_power(&this(args[0]).to_big(), places)))
}

fn getnewargs(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_tuple(&[exact(args[0])])?.value())
}

fn format(vm: &Vm, args: &[Value]) -> Result {
    let spec = vm.format_spec_arg(args[1])?;
    if spec.is_empty() {
        return Ok(vm.str(args[0])?.value());
    }
    let decimal =
        char::from_u32(spec.char_at(spec.len() - 1)).is_none_or(|c| !"boxXceEfFgG%".contains(c));
    if decimal {
        vm.check_int_digits(args[0])?;
    }
    let name = vm.type_name(args[0]);
    let mut out = TextBuf::new();
    with_text_int(
        args[0],
        |i| with_str_data!(spec, d => format_spec::format_int(i, d, &name, &mut out)),
    )
    .map_err(|e| vm.format_error(e))?;
    vm.finish_text(out)
}

fn sizeof(vm: &Vm, args: &[Value]) -> Result {
    // CPython's: three words and a 30-bit digit in each four bytes.
    let bits = match this(args[0]) {
        IntRef::Small(i) => 64 - u64::from(i.unsigned_abs().leading_zeros()),
        IntRef::Big(b) => b.bit_length(),
    };
    Ok(vm.new_int(24 + 4 * bits.div_ceil(30).max(1) as i64))
}

fn is_integer(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::TRUE)
}

fn get_exact(_: &Vm, v: Value) -> Result {
    Ok(exact(v))
}

const ARITHMETIC: [[MethodDef; 2]; 10] = [
    binary!("__add__" "__radd__" "+" Add),
    binary!("__sub__" "__rsub__" "-" Subtract),
    binary!("__mul__" "__rmul__" "*" Multiply),
    binary!("__mod__" "__rmod__" "%" Remainder),
    binary!("__lshift__" "__rlshift__" "<<" LShift),
    binary!("__rshift__" "__rrshift__" ">>" RShift),
    binary!("__and__" "__rand__" "&" And),
    binary!("__xor__" "__rxor__" "^" Xor),
    binary!("__or__" "__ror__" "|" Or),
    binary!("__floordiv__" "__rfloordiv__" "//" FloorDivide),
];

const METHODS: [MethodDef; 31] = [
    MethodDef::new("__new__", "(cls, x=0, /, base=10)", "Create and return a new object.  See help(type) for accurate signature.", new).reads(0xFE, 0).static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", hash),
    MethodDef::new("__truediv__", "(self, value, /)", "Return self/value.", |vm, a| arithmetic(vm, BinaryOp::TrueDivide, a[0], a[1])),
    MethodDef::new("__rtruediv__", "(self, value, /)", "Return value/self.", |vm, a| arithmetic(vm, BinaryOp::TrueDivide, a[1], a[0])),
    MethodDef::new("__divmod__", "(self, value, /)", "Return divmod(self, value).", |vm, a| divmod(vm, a[0], a[1])),
    MethodDef::new("__rdivmod__", "(self, value, /)", "Return divmod(value, self).", |vm, a| divmod(vm, a[1], a[0])),
    MethodDef::new("__pow__", "(self, value, mod=None, /)", "Return pow(self, value, mod).", |vm, a| pow(vm, a[0], a[1], a[2])),
    MethodDef::new("__rpow__", "(self, value, mod=None, /)", "Return pow(value, self, mod).", |vm, a| pow(vm, a[1], a[0], a[2])),
    MethodDef::new("__neg__", "(self, /)", "-self", negative),
    MethodDef::new("__pos__", "(self, /)", "+self", to_exact),
    MethodDef::new("__abs__", "(self, /)", "abs(self)", absolute),
    MethodDef::new("__bool__", "(self, /)", "True if self else False", truth),
    MethodDef::new("__invert__", "(self, /)", "~self", invert),
    MethodDef::new("__int__", "(self, /)", "int(self)", to_exact),
    MethodDef::new("__float__", "(self, /)", "float(self)", float),
    MethodDef::new("__index__", "(self, /)", "Return self converted to an integer, if self is suitable for use as an index into a list.", to_exact),
    MethodDef::new("conjugate", "(self, /)", "Return self, the complex conjugate of any int.", to_exact).reads(0xFF, 0),
    MethodDef::new("bit_length", "(self, /)", "Number of bits that represent self in binary.\n\n>>> bin(37)\n'0b100101'\n>>> (37).bit_length()\n6", bit_length).reads(0xFF, 0),
    MethodDef::new("bit_count", "(self, /)", "Number of ones in the binary representation of the absolute value of self.\n\n>>> bin(13)\n'0b1101'\n>>> (13).bit_count()\n3", bit_count).reads(0xFF, 0),
    MethodDef::new("to_bytes", "(self, /, length=1, byteorder='big', *, signed=False)", "Return an array of bytes that represents the integer.\n\n  length\n    How many bytes; OverflowError if that is too few.\n  byteorder\n    'big' for the most significant byte first, 'little' for the reverse.\n  signed\n    Whether two's complement is used; negative integers need it.", to_bytes).reads(0xFF, 0),
    MethodDef::new("from_bytes", "(type, /, bytes, byteorder='big', *, signed=False)", "Return the integer that an array of bytes represents.\n\n  bytes\n    A bytes-like object or an iterable that makes bytes.\n  byteorder\n    'big' for the most significant byte first, 'little' for the reverse.\n  signed\n    Whether the bytes are two's complement.", from_bytes).class(),
    MethodDef::new("as_integer_ratio", "(self, /)", "Return a pair of integers whose ratio is self: self and 1.\n\n>>> (10).as_integer_ratio()\n(10, 1)", as_integer_ratio).reads(0xFF, 0),
    MethodDef::new("__trunc__", "(self, /)", "Truncating an integer gives itself.", to_exact),
    MethodDef::new("__floor__", "(self, /)", "The floor of an integer is itself.", to_exact),
    MethodDef::new("__ceil__", "(self, /)", "The ceiling of an integer is itself.", to_exact),
    MethodDef::new("__round__", "(self, ndigits=None, /)", "Rounding an integer gives itself, or a multiple of a power of ten for negative ndigits.", round),
    MethodDef::new("__getnewargs__", "(self, /)", "", getnewargs),
    MethodDef::new("__format__", "(self, format_spec, /)", "Convert to a string according to format_spec.", format),
    MethodDef::new("__sizeof__", "(self, /)", "Return the size in memory, in bytes.", sizeof),
    MethodDef::new("is_integer", "(self, /)", "Return True, as float.is_integer() does for whole numbers.", is_integer).reads(0xFF, 0),
];

/// The class `int`.
pub static INT: TypeDef = TypeDef {
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nAn integer from a number or from text, 0 without arguments. A number is converted\nby its __int__(), floats towards zero.\n\nText, a str or bytes, is a literal in the given base, with a sign in front and\nspaces around if need be. The base is 10, or 2 to 36, or 0 to go by the literal's\nprefix.\n>>> int('0b100', base=0)\n4",
    subclassable: true,
    methods: method_table![
        ARITHMETIC[0],
        ARITHMETIC[1],
        ARITHMETIC[2],
        ARITHMETIC[3],
        ARITHMETIC[4],
        ARITHMETIC[5],
        ARITHMETIC[6],
        ARITHMETIC[7],
        ARITHMETIC[8],
        ARITHMETIC[9],
        comparison_methods!(compare),
        METHODS,
    ],
    getset: &[
        GetSetDef {
            name: "real",
            doc: "the real part of a complex number",
            get: get_exact,
            set: None,
        },
        GetSetDef {
            name: "imag",
            doc: "the imaginary part of a complex number",
            get: |_, _| Ok(Value::small_int(0)),
            set: None,
        },
        GetSetDef {
            name: "numerator",
            doc: "the numerator of a rational number in lowest terms",
            get: get_exact,
            set: None,
        },
        GetSetDef {
            name: "denominator",
            doc: "the denominator of a rational number in lowest terms",
            get: |_, _| Ok(Value::small_int(1)),
            set: None,
        },
    ],
    ..TypeDef::new("int", IntSub::LAYOUT)
};

#[cfg(test)]
mod tests {
    use super::small_mod_pow;

    #[test]
    fn modular_powers_of_small_integers() {
        assert_eq!(small_mod_pow(2, 10, 1000), 24);
        assert_eq!(small_mod_pow(-3, 3, 7), 1);
        assert_eq!(small_mod_pow(5, 0, 1), 0);
        assert_eq!(small_mod_pow(3, 200, 1_000_000_007), 136_318_165);
    }
}

//! `complex`: a pair of floats.
//!
//! Arithmetic follows C99's Annex G, infinities recovered where a product or
//! quotient came out as two NaNs, and keeps real operands real (a real number has
//! no imaginary part, not one of zero).

use crate::heap::{Gc, Header, Kind, Object};
use crate::heap_object;
use crate::object::{GetSetDef, MethodDef, Shape, Special, TypeDef};
use crate::ops::compare::CompareOp;
use crate::types::float::float_of;
use crate::types::int::construct::real_operand;
use crate::types::str::Str;
use crate::types::support::{new_shape, receiver};
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table, with_str_data};
use taipan_bytecode::opcode::BinaryOp;
use taipan_text::float::{self, ComplexError};
use taipan_text::{TextBuf, format_spec, hash};

/// A complex number.
#[repr(C)]
pub struct Complex {
    pub header: Header,
    pub re: f64,
    pub im: f64,
}

heap_object!(Complex, "complex", Kind::Complex, |this, marker| {});

type C = (f64, f64);

/// A factor's infinite parts as ±1 and its other parts as ±0.
fn boxed((re, im): C) -> C {
    let unit = |x: f64| if x.is_infinite() { 1f64 } else { 0.0 }.copysign(x);
    (unit(re), unit(im))
}

/// NaN parts as ±0.
fn without_nan((re, im): C) -> C {
    let zero = |x: f64| if x.is_nan() { 0f64.copysign(x) } else { x };
    (zero(re), zero(im))
}

fn has_infinity((re, im): C) -> bool {
    re.is_infinite() || im.is_infinite()
}

fn is_finite((re, im): C) -> bool {
    re.is_finite() && im.is_finite()
}

/// `z * w`.
pub fn product(z: C, w: C) -> C {
    let (ac, bd, ad, bc) = (z.0 * w.0, z.1 * w.1, z.0 * w.1, z.1 * w.0);
    let result = (ac - bd, ad + bc);
    if !(result.0.is_nan() && result.1.is_nan()) {
        return result;
    }
    let (mut z, mut w) = (z, w);
    let mut again = false;
    if has_infinity(z) {
        z = boxed(z);
        w = without_nan(w);
        again = true;
    }
    if has_infinity(w) {
        w = boxed(w);
        z = without_nan(z);
        again = true;
    }
    if !again && [ac, bd, ad, bc].iter().any(|x| x.is_infinite()) {
        z = without_nan(z);
        w = without_nan(w);
        again = true;
    }
    if again {
        let inf = f64::INFINITY;
        return (inf * (z.0 * w.0 - z.1 * w.1), inf * (z.0 * w.1 + z.1 * w.0));
    }
    result
}

/// `a / b`; `None` when `b` is zero.
pub fn quotient(a: C, b: C) -> Option<C> {
    let result = if b.0.abs() >= b.1.abs() {
        if b.0 == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        (
            (a.0 + a.1 * ratio) / denominator,
            (a.1 - a.0 * ratio) / denominator,
        )
    } else if b.1.abs() >= b.0.abs() {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        (
            (a.0 * ratio + a.1) / denominator,
            (a.1 * ratio - a.0) / denominator,
        )
    } else {
        (f64::NAN, f64::NAN)
    };
    if result.0.is_nan() && result.1.is_nan() {
        if has_infinity(a) && is_finite(b) {
            let (x, y) = boxed(a);
            return Some((
                f64::INFINITY * (x * b.0 + y * b.1),
                f64::INFINITY * (y * b.0 - x * b.1),
            ));
        }
        if has_infinity(b) && is_finite(a) {
            let (x, y) = boxed(b);
            return Some((0.0 * (a.0 * x + a.1 * y), 0.0 * (a.1 * x - a.0 * y)));
        }
    }
    Some(result)
}

/// `a / b` of a real `a`; `None` when `b` is zero.
pub fn real_quotient(a: f64, b: C) -> Option<C> {
    let result = if b.0.abs() >= b.1.abs() {
        if b.0 == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        (a / denominator, (-a * ratio) / denominator)
    } else if b.1.abs() >= b.0.abs() {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        ((a * ratio) / denominator, (-a) / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if result.0.is_nan() && result.1.is_nan() && a.is_finite() && has_infinity(b) {
        let (x, y) = boxed(b);
        return Some((0.0 * (a * x), 0.0 * (-a * y)));
    }
    Some(result)
}

/// `x ** n` by squaring, from one on: that decides the signs of zeros.
fn integer_power(x: C, n: u32) -> C {
    let (mut power, mut result) = (x, (1.0, 0.0));
    let mut rest = n;
    while rest > 0 {
        if rest & 1 != 0 {
            result = product(result, power);
        }
        power = product(power, power);
        rest >>= 1;
    }
    result
}

impl Vm {
    /// A complex number.
    pub fn new_complex(&self, re: f64, im: f64) -> Value {
        self.complex_with_shape((re, im), self.shapes.complex.get())
    }

    fn complex_with_shape(&self, (re, im): C, shape: &'static Shape) -> Value {
        self.heap
            .alloc(
                shape,
                Complex {
                    header: Header::empty(),
                    re,
                    im,
                },
            )
            .value()
    }

    fn complex(&self, (re, im): C) -> Result {
        Ok(self.new_complex(re, im))
    }

    /// `a ** b`. ZeroDivisionError for zero to a negative or complex power,
    /// OverflowError when the result is too large.
    pub fn complex_pow(&self, a: C, b: C) -> Result {
        const ZERO: &str = "zero to a negative or complex power";
        let result = if b.1 == 0.0 && b.0 == b.0.floor() && b.0.abs() <= 100.0 {
            let n = b.0 as i32;
            let power = integer_power(a, n.unsigned_abs());
            if n > 0 {
                power
            } else {
                match quotient((1.0, 0.0), power) {
                    Some(result) => result,
                    None => return Err(self.zero_division_error(ZERO)),
                }
            }
        } else if a == (0.0, 0.0) {
            if b.1 != 0.0 || b.0 < 0.0 {
                return Err(self.zero_division_error(ZERO));
            }
            (0.0, 0.0)
        } else {
            let size = a.0.hypot(a.1);
            let angle = a.1.atan2(a.0);
            let mut length = size.powf(b.0);
            let mut phase = angle * b.0;
            if b.1 != 0.0 {
                length *= (-angle * b.1).exp();
                phase += b.1 * size.ln();
            }
            if phase.is_infinite() {
                // The sine has no value there, which counts as the other error.
                return Err(self.zero_division_error(ZERO));
            }
            (length * phase.cos(), length * phase.sin())
        };
        if has_infinity(result) {
            return Err(self.overflow_error("complex exponentiation"));
        }
        self.complex(result)
    }

    /// What `__complex__` gives, if the object's class has it.
    pub fn by_dunder_complex(&self, v: Value) -> Result<Option<C>> {
        let Some(result) = self.call_if_defined(v, Special::Complex, &[])? else {
            return Ok(None);
        };
        let got = || self.type_name(result);
        let Some(c) = result.cast::<Complex>() else {
            return Err(
                self.type_error(format!("__complex__ returned non-complex (type {})", got()))
            );
        };
        if c.class() != self.types.complex.get() {
            self.warn_deprecated(&format!(
                "__complex__ returned non-complex (type {}).  The ability to return an instance of a strict subclass \
                 of complex is deprecated, and may be removed in a future version of Python.",
                got()
            ))?;
        }
        Ok(Some((c.re, c.im)))
    }

    /// A complex argument of a native function: `complex`, `__complex__`, or a real number.
    pub fn to_complex(&self, v: Value) -> Result<C> {
        if let Some(c) = v.cast::<Complex>() {
            return Ok((c.re, c.im));
        }
        if let Some(c) = self.by_dunder_complex(v)? {
            return Ok(c);
        }
        Ok((self.to_float(v)?, 0.0))
    }
}

fn this(v: Value) -> C {
    let c = receiver::<Complex>(v);
    (c.re, c.im)
}

/// Whether `float()` could convert the object.
fn is_real(vm: &Vm, v: Value) -> bool {
    let has = |s| {
        vm.class_of(v)
            .special(s)
            .is_some_and(|f: Value| !f.is_none())
    };
    float_of(v).is_some() || v.as_int_ref().is_some() || has(Special::Float) || has(Special::Index)
}

fn new(vm: &Vm, args: &[Value], names: Option<Gc<crate::types::tuple::Tuple>>) -> Result {
    let base = vm.types.complex.get();
    let Some(&cls) = args.first() else {
        return Err(vm.type_error("complex.__new__(): not enough arguments"));
    };
    let shape = new_shape(vm, cls, base)?.unwrap_or(vm.shapes.complex.get());
    let keywords = names.map_or(0, |n| n.len());
    let positional = args.len() - 1 - keywords;
    if args.len() > 3 {
        return Err(vm.type_error(format!(
            "complex() takes at most 2 arguments ({} given)",
            args.len() - 1
        )));
    }
    let (mut real, mut imag) = (None, None);
    for (i, &v) in args[1..].iter().enumerate() {
        let name = match (names, i.checked_sub(positional)) {
            (Some(names), Some(k)) => names
                .get(k)
                .cast::<Str>()
                .map(|s| s.to_text())
                .unwrap_or_default(),
            _ => ["real", "imag"][i].to_owned(),
        };
        let slot = match name.as_str() {
            "real" => &mut real,
            "imag" => &mut imag,
            _ => {
                return Err(vm.type_error(format!(
                    "complex() got an unexpected keyword argument '{name}'"
                )));
            }
        };
        if slot.is_some() {
            return Err(vm.type_error(format!(
                "argument for complex() given by name ('{name}') and position (1)"
            )));
        }
        *slot = Some(v);
    }
    let value = match (real, imag) {
        (Some(x), None) if positional == 1 => {
            if let Some(c) = x.cast::<Complex>()
                && c.class() == base
                && cls == base.value()
            {
                return Ok(x);
            }
            from_one(vm, x)?
        }
        _ => from_parts(vm, real, imag)?,
    };
    Ok(vm.complex_with_shape(value, shape))
}

fn from_one(vm: &Vm, x: Value) -> Result<C> {
    if let Some(s) = x.cast::<Str>() {
        return from_text(vm, s, x);
    }
    if let Some(c) = vm.by_dunder_complex(x)? {
        return Ok(c);
    }
    if let Some(c) = x.cast::<Complex>() {
        return Ok((c.re, c.im));
    }
    if !is_real(vm, x) {
        let got = vm.full_type_name(x);
        return Err(vm.type_error(format!(
            "complex() argument must be a string or a number, not {got}"
        )));
    }
    Ok((vm.to_float(x)?, 0.0))
}

fn from_text(vm: &Vm, s: Gc<Str>, source: Value) -> Result<C> {
    match with_str_data!(s, d => float::parse_complex(d)) {
        Ok(c) => Ok(c),
        Err(ComplexError::Malformed) => Err(vm.value_error("complex() arg is a malformed string")),
        Err(ComplexError::Underscore) => Err(vm.value_error(format!(
            "could not convert string to complex: {}",
            vm.repr_text(source)?
        ))),
    }
}

fn from_parts(vm: &Vm, real: Option<Value>, imag: Option<Value>) -> Result<C> {
    let not_real = |v: Value, name: &str| {
        format!(
            "complex() argument '{name}' must be a real number, not {}",
            vm.full_type_name(v)
        )
    };
    let (mut re, mut re_im) = (0.0, None);
    if let Some(x) = real {
        let as_complex = match x
            .cast::<Complex>()
            .filter(|c| c.class() == vm.types.complex.get())
        {
            Some(c) => Some((c.re, c.im)),
            None => match vm.by_dunder_complex(x)? {
                None => x.cast::<Complex>().map(|c| (c.re, c.im)),
                some => some,
            },
        };
        match as_complex {
            Some((a, b)) => {
                vm.warn_deprecated(&not_real(x, "real"))?;
                (re, re_im) = (a, Some(b));
            }
            None if is_real(vm, x) => re = vm.to_float(x)?,
            None => return Err(vm.type_error(not_real(x, "real"))),
        }
    }
    let Some(y) = imag else {
        return Ok((re, re_im.unwrap_or(0.0)));
    };
    let (im, im_im) = if let Some(c) = y.cast::<Complex>() {
        vm.warn_deprecated(&not_real(y, "imag"))?;
        (c.re, Some(c.im))
    } else if is_real(vm, y) {
        (vm.to_float(y)?, None)
    } else {
        return Err(vm.type_error(not_real(y, "imag")));
    };
    // real + imag*j, without adding zeros that could change a sign.
    Ok((im_im.map_or(re, |x| re - x), re_im.map_or(im, |x| im + x)))
}

fn from_number(vm: &Vm, args: &[Value]) -> Result {
    let base = vm.types.complex.get();
    if args[0] == base.value() && vm.class_of(args[1]) == base {
        return Ok(args[1]);
    }
    let value = vm.to_complex(args[1])?;
    let exact = vm.complex(value)?;
    if args[0] == base.value() {
        Ok(exact)
    } else {
        vm.call(args[0], &[exact])
    }
}

/// An operand of complex arithmetic.
enum Operand {
    Real(f64),
    Complex(C),
}

fn operand(vm: &Vm, v: Value) -> Result<Option<Operand>> {
    if let Some(c) = v.cast::<Complex>() {
        return Ok(Some(Operand::Complex((c.re, c.im))));
    }
    real_operand(vm, v)
        .map(|f| f.map(Operand::Real))
        .transpose()
}

fn arithmetic(vm: &Vm, op: char, a: Value, b: Value) -> Result {
    let (Some(a), Some(b)) = (operand(vm, a)?, operand(vm, b)?) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    compute(vm, op, a, b)
}

#[inline(always)]
fn compute(vm: &Vm, op: char, a: Operand, b: Operand) -> Result {
    use Operand::{Complex, Real};
    let result = match (op, a, b) {
        ('+', Complex(a), Complex(b)) => (a.0 + b.0, a.1 + b.1),
        ('+', Complex(a), Real(b)) | ('+', Real(b), Complex(a)) => (a.0 + b, a.1),
        ('-', Complex(a), Complex(b)) => (a.0 - b.0, a.1 - b.1),
        ('-', Complex(a), Real(b)) => (a.0 - b, a.1),
        ('-', Real(a), Complex(b)) => (a - b.0, -b.1),
        ('*', Complex(a), Complex(b)) => product(a, b),
        ('*', Complex(a), Real(b)) | ('*', Real(b), Complex(a)) => (a.0 * b, a.1 * b),
        ('/', a, b) => {
            let result = match (a, b) {
                (Complex(a), Complex(b)) => quotient(a, b),
                (Complex(_), Real(0.0)) => None,
                (Complex(a), Real(b)) => Some((a.0 / b, a.1 / b)),
                (Real(a), Complex(b)) => real_quotient(a, b),
                (Real(_), Real(_)) => return Ok(Value::NOT_IMPLEMENTED),
            };
            result.ok_or_else(|| vm.zero_division_error("division by zero"))?
        }
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    vm.complex(result)
}

/// `a op b` (not in place), if one is exactly a complex number and the other that, a float or
/// a small integer, and the operator one of the four usual ones: what needs no protocol.
#[inline]
pub fn exact_binary(vm: &Vm, op: BinaryOp, a: Value, b: Value) -> Option<Result> {
    let shape = vm.shapes.complex.get().id();
    let is_complex = |v: Value| v.header().is_some_and(|h| h.shape_id() == shape);
    if !(is_complex(a) || is_complex(b)) {
        return None;
    }
    let operand = |v: Value| {
        if is_complex(v) {
            Some(Operand::Complex(this(v)))
        } else {
            let real = v.as_float().or_else(|| v.as_int().map(|i| i as f64));
            real.map(Operand::Real)
        }
    };
    let (a, b) = (operand(a)?, operand(b)?);
    match op {
        BinaryOp::Add => Some(compute(vm, '+', a, b)),
        BinaryOp::Subtract => Some(compute(vm, '-', a, b)),
        BinaryOp::Multiply => Some(compute(vm, '*', a, b)),
        BinaryOp::TrueDivide => Some(compute(vm, '/', a, b)),
        _ => None,
    }
}

fn pow(vm: &Vm, a: Value, b: Value, modulus: Value) -> Result {
    let pair = |o: Operand| match o {
        Operand::Real(f) => (f, 0.0),
        Operand::Complex(c) => c,
    };
    let (Some(a), Some(b)) = (operand(vm, a)?, operand(vm, b)?) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if modulus.given_not_none().is_some() {
        return Err(vm.value_error("complex modulo"));
    }
    vm.complex_pow(pair(a), pair(b))
}

fn compare(_: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    let (re, im) = this(a);
    let equal = if let Some(c) = b.cast::<Complex>() {
        re == c.re && im == c.im
    } else if let Some(f) = float_of(b) {
        re == f && im == 0.0
    } else if let Some(i) = b.as_int_ref() {
        im == 0.0 && i.compare_float(re).is_some_and(|o| o.is_eq())
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match op {
        CompareOp::Eq => Ok(Value::bool(equal)),
        CompareOp::Ne => Ok(Value::bool(!equal)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let (re, im) = this(args[0]);
    Ok(vm
        .new_str_ascii(float::complex_repr(re, im).as_bytes())
        .value())
}

fn hash_of(vm: &Vm, args: &[Value]) -> Result {
    let (re, im) = this(args[0]);
    let part = |f: f64| vm.hash_float(args[0], f) as i64;
    Ok(vm.new_int(hash::hash_complex(part(re), part(im))))
}

fn absolute(vm: &Vm, args: &[Value]) -> Result {
    let (re, im) = this(args[0]);
    let size = re.hypot(im);
    if size.is_infinite() && re.is_finite() && im.is_finite() {
        return Err(vm.overflow_error("absolute value too large"));
    }
    Ok(Value::float(size))
}

fn exact(vm: &Vm, args: &[Value]) -> Result {
    if vm.class_of(args[0]) == vm.types.complex.get() {
        Ok(args[0])
    } else {
        vm.complex(this(args[0]))
    }
}

fn format(vm: &Vm, args: &[Value]) -> Result {
    let spec = vm.format_spec_arg(args[1])?;
    if spec.is_empty() {
        return Ok(vm.str(args[0])?.value());
    }
    let (re, im) = this(args[0]);
    let mut out = TextBuf::new();
    with_str_data!(spec, d => format_spec::format_complex(re, im, d, &vm.type_name(args[0]), &mut out))
        .map_err(|e| vm.format_error(e))?;
    vm.finish_text(out)
}

fn getnewargs(vm: &Vm, args: &[Value]) -> Result {
    let (re, im) = this(args[0]);
    vm.pair(Value::float(re), Value::float(im))
}

const METHODS: [MethodDef; 23] = [
    MethodDef::raw(
        "__new__",
        "(cls, real=0, imag=0)",
        "Create and return a new object.  See help(type) for accurate signature.",
        new,
    )
    .static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", hash_of),
    MethodDef::new(
        "__add__",
        "(self, value, /)",
        "Return self+value.",
        |vm, a| arithmetic(vm, '+', a[0], a[1]),
    ),
    MethodDef::new(
        "__radd__",
        "(self, value, /)",
        "Return value+self.",
        |vm, a| arithmetic(vm, '+', a[1], a[0]),
    ),
    MethodDef::new(
        "__sub__",
        "(self, value, /)",
        "Return self-value.",
        |vm, a| arithmetic(vm, '-', a[0], a[1]),
    ),
    MethodDef::new(
        "__rsub__",
        "(self, value, /)",
        "Return value-self.",
        |vm, a| arithmetic(vm, '-', a[1], a[0]),
    ),
    MethodDef::new(
        "__mul__",
        "(self, value, /)",
        "Return self*value.",
        |vm, a| arithmetic(vm, '*', a[0], a[1]),
    ),
    MethodDef::new(
        "__rmul__",
        "(self, value, /)",
        "Return value*self.",
        |vm, a| arithmetic(vm, '*', a[1], a[0]),
    ),
    MethodDef::new(
        "__truediv__",
        "(self, value, /)",
        "Return self/value.",
        |vm, a| arithmetic(vm, '/', a[0], a[1]),
    ),
    MethodDef::new(
        "__rtruediv__",
        "(self, value, /)",
        "Return value/self.",
        |vm, a| arithmetic(vm, '/', a[1], a[0]),
    ),
    MethodDef::new(
        "__pow__",
        "(self, value, mod=None, /)",
        "Return pow(self, value, mod).",
        |vm, a| pow(vm, a[0], a[1], a[2]),
    ),
    MethodDef::new(
        "__rpow__",
        "(self, value, mod=None, /)",
        "Return pow(value, self, mod).",
        |vm, a| pow(vm, a[1], a[0], a[2]),
    ),
    MethodDef::new("__neg__", "(self, /)", "-self", |vm, a| {
        let (re, im) = this(a[0]);
        vm.complex((-re, -im))
    }),
    MethodDef::new("__pos__", "(self, /)", "+self", exact),
    MethodDef::new("__abs__", "(self, /)", "abs(self)", absolute),
    MethodDef::new(
        "__bool__",
        "(self, /)",
        "True if self else False",
        |_, a| Ok(Value::bool(this(a[0]) != (0.0, 0.0))),
    ),
    MethodDef::new(
        "from_number",
        "(type, number, /)",
        "Convert a number to a complex floating-point number.",
        from_number,
    )
    .class(),
    MethodDef::new(
        "conjugate",
        "(self, /)",
        "Return the complex conjugate: (3-4j).conjugate() == 3+4j.",
        |vm, a| {
            let (re, im) = this(a[0]);
            vm.complex((re, -im))
        },
    ),
    MethodDef::new(
        "__complex__",
        "(self, /)",
        "Convert this value to exact type complex.",
        exact,
    ),
    MethodDef::new("__getnewargs__", "(self, /)", "", getnewargs),
    MethodDef::new(
        "__format__",
        "(self, format_spec, /)",
        "Convert to a string according to format_spec.",
        format,
    ),
    MethodDef::new(
        "__sizeof__",
        "(self, /)",
        "Size of object in memory, in bytes.",
        |_, _| Ok(Value::small_int(32)),
    ),
];

/// The class `complex`.
pub static COMPLEX: TypeDef = TypeDef {
    doc: "Create a complex number from a string or numbers.\n\nA string is parsed; a single number is converted. Two arguments are the real and\nthe imaginary part, either zero if left out.",
    subclassable: true,
    methods: method_table![METHODS, comparison_methods!(compare)],
    getset: &[
        GetSetDef {
            name: "real",
            doc: "the real part of a complex number",
            get: |_, v| Ok(Value::float(this(v).0)),
            set: None,
        },
        GetSetDef {
            name: "imag",
            doc: "the imaginary part of a complex number",
            get: |_, v| Ok(Value::float(this(v).1)),
            set: None,
        },
    ],
    ..TypeDef::new("complex", Complex::LAYOUT)
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinities_are_recovered() {
        let inf = f64::INFINITY;
        let r = product((inf, f64::NAN), (1.0, 0.0));
        assert!(r.0.is_infinite());
        assert_eq!(quotient((1.0, 1.0), (inf, 0.0)), Some((0.0, 0.0)));
        assert_eq!(quotient((1.0, 1.0), (0.0, 0.0)), None);
        assert_eq!(integer_power((0.0, 1.0), 3), (0.0, -1.0));
    }
}

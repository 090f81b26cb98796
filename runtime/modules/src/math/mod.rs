//! `math`.

mod integers;
pub mod libm;
mod sums;

use libm::Failure;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{FloatCode, MethodDef, ModuleDef};
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::protocol::{check_count, no_keywords, to_ssize};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_text::int;

#[cold]
fn domain_error(vm: &Vm) -> Raised {
    vm.value_error("math domain error")
}

#[cold]
fn range_error(vm: &Vm) -> Raised {
    vm.overflow_error("math range error")
}

/// ValueError that says what was expected and what was given.
#[cold]
fn expected(vm: &Vm, what: &str, x: f64) -> Raised {
    vm.value_error(format!(
        "expected {what}, got {}",
        taipan_text::float::repr(x)
    ))
}

/// A function of one float. An infinite result of a finite argument is an
/// overflow if `what` cannot be its reason.
#[inline]
fn one(vm: &Vm, v: Value, f: fn(f64) -> f64, overflows: bool, what: &str) -> Result {
    let x = vm.to_float(v)?;
    let r = f(x);
    if (r.is_nan() && !x.is_nan()) || (r.is_infinite() && x.is_finite() && !overflows) {
        return Err(expected(vm, what, x));
    }
    if r.is_infinite() && x.is_finite() {
        return Err(range_error(vm));
    }
    Ok(Value::float(r))
}

macro_rules! unary {
    ($name:literal, $f:expr, $overflows:literal, $what:literal, $doc:literal) => {
        MethodDef::new($name, "(x, /)", $doc, |vm, args| {
            one(vm, args[0], $f, $overflows, $what)
        })
        .on_floats(FloatCode::One($f))
    };
}

fn two(vm: &Vm, args: &[Value], f: fn(f64, f64) -> f64) -> Result {
    let (x, y) = (vm.to_float(args[0])?, vm.to_float(args[1])?);
    let r = f(x, y);
    if r.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(domain_error(vm));
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(range_error(vm));
    }
    Ok(Value::float(r))
}

/// C's `fmod`, except that a finite number modulo an infinity is itself.
fn fmod(vm: &Vm, args: &[Value]) -> Result {
    let (x, y) = (vm.to_float(args[0])?, vm.to_float(args[1])?);
    if y.is_infinite() && x.is_finite() {
        return Ok(Value::float(x));
    }
    let r = libm::fmod(x, y);
    if r.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(domain_error(vm));
    }
    Ok(Value::float(r))
}

fn pow(vm: &Vm, args: &[Value]) -> Result {
    let (x, y) = (vm.to_float(args[0])?, vm.to_float(args[1])?);
    let r = libm::pow(x, y);
    if x.is_finite() && y.is_finite() {
        if r.is_nan() || (r.is_infinite() && x == 0.0) {
            return Err(domain_error(vm));
        }
        if r.is_infinite() {
            return Err(range_error(vm));
        }
    }
    Ok(Value::float(r))
}

/// A logarithm, of integers of any size too.
fn logarithm(vm: &Vm, v: Value, f: fn(f64) -> f64) -> Result<f64> {
    if let Some(i) = v.as_int_ref() {
        if i.is_negative() || matches!(i, IntRef::Small(0)) {
            return Err(vm.value_error("expected a positive input"));
        }
        let big = match i {
            IntRef::Small(i) => return Ok(f(i as f64)),
            IntRef::Big(b) => b,
        };
        return Ok(match int::limbs_to_f64(false, big.limbs()) {
            Some(x) => f(x),
            None => {
                let exponent = big.bit_length();
                // The top 64 bits decide; what is below them can only matter as "more than nothing".
                let shifted = int::shr(&big.big(), exponent - 64);
                let top = u64::try_from(&shifted).unwrap_or(u64::MAX) | 1;
                f(libm::ldexp(top as f64, -64)) + f(2.0) * exponent as f64
            }
        });
    }
    let x = vm.to_float(v)?;
    if x <= 0.0 {
        return Err(expected(vm, "a positive input", x));
    }
    Ok(f(x))
}

fn log(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "math.log", names)?;
    check_count(vm, "log", args.len(), 1, 2)?;
    let numerator = logarithm(vm, args[0], libm::log)?;
    let Some(&base) = args.get(1) else {
        return Ok(Value::float(numerator));
    };
    let denominator = logarithm(vm, base, libm::log)?;
    vm.binary(
        BinaryOp::TrueDivide,
        Value::float(numerator),
        Value::float(denominator),
    )
}

/// `floor`, `ceil` and `trunc`: of floats here, of others by their special method.
fn rounded(vm: &Vm, v: Value, method: &str, f: fn(f64) -> f64) -> Result {
    let to_int = |x: f64| -> Result {
        if x.is_nan() {
            return Err(vm.value_error("cannot convert float NaN to integer"));
        }
        match int::from_f64(f(x)) {
            Some(i) => Ok(vm.new_bigint(i)),
            None => Err(vm.overflow_error("cannot convert float infinity to integer")),
        }
    };
    if let Some(x) = v.as_float() {
        let r = f(x);
        return if r.abs() < 1e14 {
            Ok(vm.new_int(r as i64))
        } else {
            to_int(x)
        };
    }
    let class = vm.class_of(v);
    if let Some(special) = vm.special_by_name(method).and_then(|s| class.special(s)) {
        if special.is_none() {
            return Err(vm.type_error("'NoneType' object is not callable"));
        }
        return vm.call_special(special, v, &[]);
    }
    if method == "__trunc__" {
        return Err(vm.type_error(format!(
            "type {} doesn't define __trunc__ method",
            class.qualified_name()
        )));
    }
    to_int(vm.to_float(v)?)
}

fn frexp(vm: &Vm, args: &[Value]) -> Result {
    let (mantissa, exponent) = libm::frexp(vm.to_float(args[0])?);
    vm.pair(Value::float(mantissa), vm.new_int(exponent.into()))
}

fn ldexp(vm: &Vm, args: &[Value]) -> Result {
    let x = vm.to_float(args[0])?;
    let Some(exponent) = args[1].exact_int() else {
        return Err(vm.type_error("Expected an int as second argument to ldexp."));
    };
    if x == 0.0 || !x.is_finite() {
        return Ok(Value::float(x));
    }
    let exponent = match to_ssize(exponent) {
        Some(e) => e.clamp(-100_000, 100_000) as i32,
        None if exponent.as_int_ref().is_some_and(|e| e.is_negative()) => -100_000,
        None => 100_000,
    };
    let r = libm::ldexp(x, exponent);
    if r.is_infinite() {
        Err(range_error(vm))
    } else {
        Ok(Value::float(r))
    }
}

fn modf(vm: &Vm, args: &[Value]) -> Result {
    let x = vm.to_float(args[0])?;
    let (fraction, whole) = if x.is_infinite() {
        (0f64.copysign(x), x)
    } else {
        ((x - x.trunc()).copysign(x), x.trunc())
    };
    let fraction = if x.is_nan() { x } else { fraction };
    vm.pair(Value::float(fraction), Value::float(whole))
}

/// The optional keyword arguments `rel_tol` and `abs_tol`.
pub fn tolerances(vm: &Vm, relative: Value, absolute: Value) -> Result<(f64, f64)> {
    let number = |v: Value, default: f64| v.given().map_or(Ok(default), |v| vm.to_float(v));
    let (relative, absolute) = (number(relative, 1e-9)?, number(absolute, 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    Ok((relative, absolute))
}

fn isclose(vm: &Vm, args: &[Value]) -> Result {
    let (a, b) = (vm.to_float(args[0])?, vm.to_float(args[1])?);
    let (relative, absolute) = tolerances(vm, args[2], args[3])?;
    if a == b {
        return Ok(Value::TRUE);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(Value::FALSE);
    }
    let difference = (b - a).abs();
    Ok(Value::bool(
        difference <= (relative * b).abs()
            || difference <= (relative * a).abs()
            || difference <= absolute,
    ))
}

fn nextafter(vm: &Vm, args: &[Value]) -> Result {
    let (x, y) = (vm.to_float(args[0])?, vm.to_float(args[1])?);
    let steps = match args[2].given_not_none() {
        None => return Ok(Value::float(libm::nextafter(x, y))),
        Some(v) => vm.index(v)?,
    };
    if steps.as_int_ref().is_some_and(|s| s.is_negative()) {
        return Err(vm.value_error("steps must be a non-negative integer"));
    }
    // More steps than there are floats lead to `y`.
    let steps = to_ssize(steps).map_or(u64::MAX, |s| s as u64);
    if steps == 0 || x.is_nan() {
        return Ok(Value::float(x));
    }
    if y.is_nan() || x == y {
        return Ok(Value::float(y));
    }
    // Floats in order as integers, both zeros at zero.
    let rank = |f: f64| {
        let magnitude = (f.to_bits() & !(1 << 63)) as i128;
        if f.is_sign_negative() {
            -magnitude
        } else {
            magnitude
        }
    };
    let (from, to) = (rank(x), rank(y));
    let distance = (to - from).unsigned_abs();
    if u128::from(steps) >= distance {
        return Ok(Value::float(y));
    }
    let at = if to > from {
        from + i128::from(steps)
    } else {
        from - i128::from(steps)
    };
    let r = f64::from_bits(at.unsigned_abs() as u64);
    // Zero takes the sign of the side that it was reached from.
    let negative = at < 0 || (at == 0 && from < 0);
    Ok(Value::float(if negative { -r } else { r }))
}

fn ulp(vm: &Vm, args: &[Value]) -> Result {
    let x = vm.to_float(args[0])?.abs();
    if !x.is_finite() {
        return Ok(Value::float(x));
    }
    let above = libm::nextafter(x, f64::INFINITY);
    Ok(Value::float(if above.is_infinite() {
        x - libm::nextafter(x, f64::NEG_INFINITY)
    } else {
        above - x
    }))
}

fn fma(vm: &Vm, args: &[Value]) -> Result {
    let (x, y, z) = (
        vm.to_float(args[0])?,
        vm.to_float(args[1])?,
        vm.to_float(args[2])?,
    );
    let r = x.mul_add(y, z);
    if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(vm.value_error("invalid operation in fma"));
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(vm.overflow_error("overflow in fma"));
    }
    Ok(Value::float(r))
}

fn gamma_like(vm: &Vm, v: Value, f: fn(f64) -> std::result::Result<f64, Failure>) -> Result {
    let x = vm.to_float(v)?;
    match f(x) {
        Ok(r) => Ok(Value::float(r)),
        Err(Failure::Domain) => Err(expected(vm, "a noninteger or positive integer", x)),
        Err(Failure::Range) => Err(range_error(vm)),
    }
}

const FINITE: &str = "a finite input";

/// The module.
pub static MATH: ModuleDef = ModuleDef {
    name: "math",
    doc: "This module provides access to the mathematical functions\ndefined by the C standard.",
    functions: &[
        unary!(
            "acos",
            libm::acos,
            false,
            "a number in range from -1 up to 1",
            "Return the arc cosine (measured in radians) of x.\n\nThe result is between 0 and pi."
        ).reads(0xFF, 0),
        unary!(
            "acosh",
            libm::acosh,
            false,
            "argument value not less than 1",
            "Return the inverse hyperbolic cosine of x."
        ).reads(0xFF, 0),
        unary!(
            "asin",
            libm::asin,
            false,
            "a number in range from -1 up to 1",
            "Return the arc sine (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2."
        ).reads(0xFF, 0),
        unary!(
            "asinh",
            libm::asinh,
            false,
            "a number",
            "Return the inverse hyperbolic sine of x."
        ).reads(0xFF, 0),
        unary!(
            "atan",
            libm::atan,
            false,
            "a number",
            "Return the arc tangent (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2."
        ).reads(0xFF, 0),
        unary!(
            "atanh",
            libm::atanh,
            false,
            "a number between -1 and 1",
            "Return the inverse hyperbolic tangent of x."
        ).reads(0xFF, 0),
        unary!(
            "cbrt",
            libm::cbrt,
            false,
            "a number",
            "Return the cube root of x."
        ).reads(0xFF, 0),
        MethodDef::new(
            "cos",
            "(x, /)",
            "Return the cosine of x (measured in radians).",
            |vm, args| one(vm, args[0], libm::cos, false, FINITE),
        ).on_floats(FloatCode::One(libm::cos)).reads(0xFF, 0),
        unary!(
            "cosh",
            libm::cosh,
            true,
            "a number",
            "Return the hyperbolic cosine of x."
        ).reads(0xFF, 0),
        unary!("erf", libm::erf, false, "a number", "Error function at x.").reads(0xFF, 0),
        unary!(
            "erfc",
            libm::erfc,
            false,
            "a number",
            "Complementary error function at x."
        ).reads(0xFF, 0),
        unary!(
            "exp",
            libm::exp,
            true,
            "a number",
            "Return e raised to the power of x."
        ).reads(0xFF, 0),
        unary!(
            "exp2",
            libm::exp2,
            true,
            "a number",
            "Return 2 raised to the power of x."
        ).reads(0xFF, 0),
        unary!(
            "expm1",
            libm::expm1,
            true,
            "a number",
            "Return exp(x)-1.\n\nThis function avoids the loss of precision involved in the direct evaluation of exp(x)-1 for small x."
        ).reads(0xFF, 0),
        unary!(
            "fabs",
            f64::abs,
            false,
            "a number",
            "Return the absolute value of the float x."
        ).reads(0xFF, 0),
        unary!(
            "log1p",
            libm::log1p,
            false,
            "argument value > -1",
            "Return the natural logarithm of 1+x (base e).\n\nThe result is computed in a way which is accurate for x near zero."
        ).reads(0xFF, 0),
        MethodDef::new(
            "sin",
            "(x, /)",
            "Return the sine of x (measured in radians).",
            |vm, args| one(vm, args[0], libm::sin, false, FINITE),
        ).on_floats(FloatCode::One(libm::sin)).reads(0xFF, 0),
        unary!(
            "sinh",
            libm::sinh,
            true,
            "a number",
            "Return the hyperbolic sine of x."
        ).reads(0xFF, 0),
        unary!(
            "sqrt",
            f64::sqrt,
            false,
            "a nonnegative input",
            "Return the square root of x."
        ).reads(0xFF, 0),
        MethodDef::new(
            "tan",
            "(x, /)",
            "Return the tangent of x (measured in radians).",
            |vm, args| one(vm, args[0], libm::tan, false, FINITE),
        ).on_floats(FloatCode::One(libm::tan)).reads(0xFF, 0),
        unary!(
            "tanh",
            libm::tanh,
            false,
            "a number",
            "Return the hyperbolic tangent of x."
        ).reads(0xFF, 0),
        MethodDef::new(
            "atan2",
            "(y, x, /)",
            "Return the arc tangent (measured in radians) of y/x.\n\nUnlike atan(y/x), the signs of both x and y are considered.",
            |vm, args| two(vm, args, libm::atan2),
        ).on_floats(FloatCode::Two(libm::atan2)).reads(0xFF, 0),
        MethodDef::new(
            "copysign",
            "(x, y, /)",
            "Return a float with the magnitude (absolute value) of x but the sign of y.\n\n\
             On platforms that support signed zeros, copysign(1.0, -0.0)\nreturns -1.0.\n",
            |vm, args| two(vm, args, f64::copysign),
        ).on_floats(FloatCode::Two(f64::copysign)).reads(0xFF, 0),
        MethodDef::new(
            "remainder",
            "(x, y, /)",
            "Difference between x and the closest integer multiple of y.\n\n\
             Return x - n*y where n*y is the closest integer multiple of y.\n\
             In the case where x is exactly halfway between two multiples of\n\
             y, the nearest even value of n is used. The result is always exact.",
            |vm, args| two(vm, args, libm::remainder),
        ).on_floats(FloatCode::Two(libm::remainder)).reads(0xFF, 0),
        MethodDef::new(
            "fmod",
            "(x, y, /)",
            "Return fmod(x, y), according to platform C.\n\nx % y may differ.",
            fmod,
        ).reads(0xFF, 0),
        MethodDef::new(
            "pow",
            "(x, y, /)",
            "Return x**y (x to the power of y).",
            pow,
        ).on_floats(FloatCode::Two(libm::pow)).reads(0xFF, 0),
        MethodDef::raw(
            "log",
            "",
            "log(x, [base=math.e])\nReturn the logarithm of x to the given base.\n\n\
             If the base is not specified, returns the natural logarithm (base e) of x.",
            log,
        ).on_floats(FloatCode::One(libm::log)).reads(0xFF, 0),
        MethodDef::new(
            "log2",
            "(x, /)",
            "Return the base 2 logarithm of x.",
            |vm, args| Ok(Value::float(logarithm(vm, args[0], libm::log2)?)),
        ).on_floats(FloatCode::One(libm::log2)).reads(0xFF, 0),
        MethodDef::new(
            "log10",
            "(x, /)",
            "Return the base 10 logarithm of x.",
            |vm, args| Ok(Value::float(logarithm(vm, args[0], libm::log10)?)),
        ).on_floats(FloatCode::One(libm::log10)).reads(0xFF, 0),
        MethodDef::new(
            "ceil",
            "(x, /)",
            "Return the ceiling of x as an Integral.\n\nThis is the smallest integer >= x.",
            |vm, args| rounded(vm, args[0], "__ceil__", f64::ceil),
        ).reads(0xFF, 0),
        MethodDef::new(
            "floor",
            "(x, /)",
            "Return the floor of x as an Integral.\n\nThis is the largest integer <= x.",
            |vm, args| rounded(vm, args[0], "__floor__", f64::floor),
        ).reads(0xFF, 0),
        MethodDef::new(
            "trunc",
            "(x, /)",
            "Truncates the Real x to the nearest Integral toward 0.\n\nUses the __trunc__ magic method.",
            |vm, args| rounded(vm, args[0], "__trunc__", f64::trunc),
        ).reads(0xFF, 0),
        MethodDef::new(
            "degrees",
            "(x, /)",
            "Convert angle x from radians to degrees.",
            |vm, args| {
                Ok(Value::float(
                    vm.to_float(args[0])? * (180.0 / std::f64::consts::PI),
                ))
            },
        ).reads(0xFF, 0),
        MethodDef::new(
            "radians",
            "(x, /)",
            "Convert angle x from degrees to radians.",
            |vm, args| {
                Ok(Value::float(
                    vm.to_float(args[0])? * (std::f64::consts::PI / 180.0),
                ))
            },
        ).reads(0xFF, 0),
        MethodDef::new(
            "isfinite",
            "(x, /)",
            "Return True if x is neither an infinity nor a NaN, and False otherwise.",
            |vm, args| Ok(Value::bool(vm.to_float(args[0])?.is_finite())),
        ).reads(0xFF, 0),
        MethodDef::new(
            "isinf",
            "(x, /)",
            "Return True if x is a positive or negative infinity, and False otherwise.",
            |vm, args| Ok(Value::bool(vm.to_float(args[0])?.is_infinite())),
        ).reads(0xFF, 0),
        MethodDef::new(
            "isnan",
            "(x, /)",
            "Return True if x is a NaN (not a number), and False otherwise.",
            |vm, args| Ok(Value::bool(vm.to_float(args[0])?.is_nan())),
        ).reads(0xFF, 0),
        MethodDef::new(
            "frexp",
            "(x, /)",
            "Return the mantissa and exponent of x, as pair (m, e).\n\n\
             If x is a finite nonzero number, then m is a float with\n\
             0.5 <= abs(m) < 1.0 and an integer e is such that\nx == m * 2**e exactly.  Else, return (x, 0).",
            frexp,
        ).reads(0xFF, 0),
        MethodDef::new(
            "ldexp",
            "(x, i, /)",
            "Return x * (2**i).\n\nThis is essentially the inverse of frexp().",
            ldexp,
        ).reads(0xFF, 0),
        MethodDef::new(
            "modf",
            "(x, /)",
            "Return the fractional and integer parts of x.\n\nBoth results carry the sign of x and are floats.",
            modf,
        ).reads(0xFF, 0),
        MethodDef::new(
            "isclose",
            "(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
            "Determine whether two floating-point numbers are close in value.\n\n  \
             rel_tol\n    maximum difference for being considered \"close\", relative to the\n    \
             magnitude of the input values\n  \
             abs_tol\n    maximum difference for being considered \"close\", regardless of the\n    \
             magnitude of the input values\n\n\
             Return True if a is close in value to b, and False otherwise.\n\n\
             For the values to be considered close, the difference between them\n\
             must be smaller than at least one of the tolerances.\n\n\
             -inf, inf and NaN behave similarly to the IEEE 754 Standard.  That\n\
             is, NaN is not close to anything, even itself.  inf and -inf are\nonly close to themselves.",
            isclose,
        ).reads(0xFF, 0),
        MethodDef::new(
            "nextafter",
            "(x, y, /, *, steps=None)",
            "Return the floating-point value the given number of steps after x towards y.\n\n\
             If steps is not specified or is None, it defaults to 1.\n\n\
             Raises a TypeError, if x or y is not a double, or if steps is not\n\
             an integer.  Raises ValueError if steps is negative.",
            nextafter,
        ).reads(0xFF, 0),
        MethodDef::new(
            "ulp",
            "(x, /)",
            "Return the value of the least significant bit of the float x.",
            ulp,
        ).reads(0xFF, 0),
        MethodDef::new(
            "fma",
            "(x, y, z, /)",
            "Fused multiply-add operation.\n\nCompute (x * y) + z with a single round.",
            fma,
        ).reads(0xFF, 0),
        MethodDef::new("gamma", "(x, /)", "Gamma function at x.", |vm, args| {
            gamma_like(vm, args[0], libm::gamma)
        }).reads(0xFF, 0),
        MethodDef::new(
            "lgamma",
            "(x, /)",
            "Natural logarithm of absolute value of Gamma function at x.",
            |vm, args| gamma_like(vm, args[0], libm::lgamma),
        ).reads(0xFF, 0),
        MethodDef::new(
            "fsum",
            "(seq, /)",
            "Return an accurate floating-point sum of values in the iterable seq.\n\n\
             Assumes IEEE-754 floating-point arithmetic.",
            sums::fsum,
        ),
        MethodDef::new(
            "sumprod",
            "(p, q, /)",
            "Return the sum of products of values from two iterables p and q.\n\n\
             Roughly equivalent to:\n\n    sum(map(operator.mul, p, q, strict=True))\n\n\
             For float and mixed int/float inputs, the intermediate products\n\
             and sums are computed with extended precision.",
            sums::sumprod,
        ),
        MethodDef::raw(
            "hypot",
            "(*coordinates)",
            "Multidimensional Euclidean distance from the origin to a point.\n\n\
             Roughly equivalent to:\n    sqrt(sum(x**2 for x in coordinates))\n\n\
             For a two dimensional point (x, y), gives the hypotenuse\n\
             using the Pythagorean theorem:  sqrt(x*x + y*y).\n\n\
             For example, the hypotenuse of a 3/4/5 right triangle is:\n\n    >>> hypot(3.0, 4.0)\n    5.0",
            sums::hypot,
        ).reads(0xFF, 0),
        MethodDef::new(
            "dist",
            "(p, q, /)",
            "Return the Euclidean distance between two points p and q.\n\n\
             The points should be specified as sequences (or iterables) of\n\
             coordinates.  Both inputs must have the same dimension.\n\n\
             Roughly equivalent to:\n    sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))",
            sums::dist,
        ),
        MethodDef::raw(
            "gcd",
            "(*integers)",
            "Greatest Common Divisor.",
            integers::gcd,
        ).reads(0xFF, 0),
        MethodDef::raw(
            "lcm",
            "(*integers)",
            "Least Common Multiple.",
            integers::lcm,
        ).reads(0xFF, 0),
        MethodDef::new("factorial", "(n, /)", "Find n!.", integers::factorial).reads(0xFF, 0),
        MethodDef::new(
            "isqrt",
            "(n, /)",
            "Return the integer part of the square root of the input.",
            integers::isqrt,
        ).reads(0xFF, 0),
        MethodDef::new(
            "perm",
            "(n, k=None, /)",
            "Number of ways to choose k items from n items without repetition and with order.\n\n\
             Evaluates to n! / (n - k)! when k <= n and evaluates\nto zero when k > n.\n\n\
             If k is not specified or is None, then k defaults to n\nand the function returns n!.\n\n\
             Raises TypeError if either of the arguments are not integers.\n\
             Raises ValueError if either of the arguments are negative.",
            integers::perm,
        ).reads(0xFF, 0),
        MethodDef::new(
            "comb",
            "(n, k, /)",
            "Number of ways to choose k items from n items without repetition and without order.\n\n\
             Evaluates to n! / (k! * (n - k)!) when k <= n and evaluates\nto zero when k > n.\n\n\
             Also called the binomial coefficient because it is equivalent\n\
             to the coefficient of k-th term in polynomial expansion of the\nexpression (1 + x)**n.\n\n\
             Raises TypeError if either of the arguments are not integers.\n\
             Raises ValueError if either of the arguments are negative.",
            integers::comb,
        ).reads(0xFF, 0),
        MethodDef::new(
            "prod",
            "(iterable, /, *, start=1)",
            "Calculate the product of all the elements in the input iterable.\n\n\
             The default start value for the product is 1.\n\n\
             When the iterable is empty, return the start value.  This function is\n\
             intended specifically for use with numeric values and may reject\nnon-numeric types.",
            integers::prod,
        ),
    ],
    types: &[],
    exec: Some(|vm, module| {
        use std::f64::consts::{E, PI, TAU};
        for (name, x) in [
            ("pi", PI),
            ("e", E),
            ("tau", TAU),
            ("inf", f64::INFINITY),
            ("nan", f64::NAN),
        ] {
            module.set(vm, name, x);
        }
        Ok(())
    }),
};

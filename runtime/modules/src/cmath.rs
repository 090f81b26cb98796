//! `cmath`. Finite arguments are computed by the formulas that CPython uses
//! (after Kahan's "Branch Cuts for Complex Elementary Functions"), so that the
//! digits agree; infinities and NaN by the C library, which follows the same
//! annex of the C standard as CPython's tables do.

use crate::math::libm;
use std::f64::consts::{FRAC_PI_2, LN_2, LN_10};
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::complex::quotient;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A complex number; for C, two doubles in registers.
#[derive(Clone, Copy)]
#[repr(C)]
struct C(f64, f64);

/// Why there is no result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    Domain,
    Range,
}

type Outcome = std::result::Result<C, Failure>;

macro_rules! c_complex {
    ($($name:ident)*) => {
        mod c {
            use super::C;
            unsafe extern "C" { $(pub safe fn $name(z: C) -> C;)* }
        }
    };
}

c_complex! { cacos cacosh casinh catanh ccosh cexp clog csinh csqrt ctanh }

const LARGE: f64 = f64::MAX / 4.0;

fn sqrt_large() -> f64 {
    LARGE.sqrt()
}

fn log_large() -> f64 {
    libm::log(LARGE)
}

impl C {
    fn is_finite(self) -> bool {
        self.0.is_finite() && self.1.is_finite()
    }
    fn negated(self) -> C {
        C(-self.0, -self.1)
    }
    /// `-i * z`, by which the circular functions come from the hyperbolic ones.
    fn turned_back(self) -> C {
        C(self.1, -self.0)
    }
    /// `i * z`.
    fn turned(self) -> C {
        C(-self.1, self.0)
    }
}

/// The range error of results that became infinite.
fn ranged(z: C) -> Outcome {
    if z.0.is_infinite() || z.1.is_infinite() {
        Err(Failure::Range)
    } else {
        Ok(z)
    }
}

fn sqrt(z: C) -> C {
    if !z.is_finite() {
        return c::csqrt(z);
    }
    if z.0 == 0.0 && z.1 == 0.0 {
        return C(0.0, z.1);
    }
    let (ax, ay) = (z.0.abs(), z.1.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        let ax = libm::ldexp(ax, 53);
        libm::ldexp((ax + libm::hypot(ax, libm::ldexp(ay, 53))).sqrt(), -27)
    } else {
        let ax = ax / 8.0;
        2.0 * (ax + libm::hypot(ax, ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    if z.0 >= 0.0 {
        C(s, d.copysign(z.1))
    } else {
        C(d, s.copysign(z.1))
    }
}

/// `log |z|` of a number so large that its magnitude may overflow.
fn log_of_large(z: C) -> f64 {
    libm::log(libm::hypot(z.0 / 2.0, z.1 / 2.0)) + LN_2 * 2.0
}

fn is_large(z: C) -> bool {
    z.0.abs() > LARGE || z.1.abs() > LARGE
}

fn acos(z: C) -> Outcome {
    if !z.is_finite() {
        // Where the standard leaves a sign open, it is positive.
        return Ok(if z.0.is_infinite() && z.1.is_nan() {
            C(f64::NAN, f64::INFINITY)
        } else {
            c::cacos(z)
        });
    }
    if is_large(z) {
        let log = log_of_large(z);
        let im = if z.0 < 0.0 {
            -log.copysign(z.1)
        } else {
            log.copysign(-z.1)
        };
        return Ok(C(libm::atan2(z.1.abs(), z.0), im));
    }
    let (s1, s2) = (sqrt(C(1.0 - z.0, -z.1)), sqrt(C(1.0 + z.0, z.1)));
    Ok(C(
        2.0 * libm::atan2(s1.0, s2.0),
        libm::asinh(s2.0 * s1.1 - s2.1 * s1.0),
    ))
}

fn acosh(z: C) -> Outcome {
    if !z.is_finite() {
        return Ok(c::cacosh(z));
    }
    if is_large(z) {
        return Ok(C(log_of_large(z), libm::atan2(z.1, z.0)));
    }
    let (s1, s2) = (sqrt(C(z.0 - 1.0, z.1)), sqrt(C(z.0 + 1.0, z.1)));
    Ok(C(
        libm::asinh(s1.0 * s2.0 + s1.1 * s2.1),
        2.0 * libm::atan2(s1.1, s2.0),
    ))
}

fn asinh(z: C) -> Outcome {
    if !z.is_finite() {
        return Ok(if z.0.is_nan() && z.1.is_infinite() {
            C(f64::INFINITY, f64::NAN)
        } else {
            c::casinh(z)
        });
    }
    if is_large(z) {
        let log = log_of_large(z);
        let re = if z.1 >= 0.0 {
            log.copysign(z.0)
        } else {
            -log.copysign(-z.0)
        };
        return Ok(C(re, libm::atan2(z.1, z.0.abs())));
    }
    let (s1, s2) = (sqrt(C(1.0 + z.1, -z.0)), sqrt(C(1.0 - z.1, z.0)));
    Ok(C(
        libm::asinh(s1.0 * s2.1 - s2.0 * s1.1),
        libm::atan2(z.1, s1.0 * s2.0 - s1.1 * s2.1),
    ))
}

fn atanh(z: C) -> Outcome {
    if !z.is_finite() {
        return Ok(if z.0.is_nan() && z.1.is_infinite() {
            C(0.0, FRAC_PI_2.copysign(z.1))
        } else {
            c::catanh(z)
        });
    }
    if z.0.is_sign_negative() {
        return atanh(z.negated()).map(C::negated);
    }
    let ay = z.1.abs();
    if z.0 > sqrt_large() || ay > sqrt_large() {
        let h = libm::hypot(z.0 / 2.0, z.1 / 2.0);
        return Ok(C(z.0 / 4.0 / h / h, -FRAC_PI_2.copysign(-z.1)));
    }
    if z.0 == 1.0 && ay < f64::MIN_POSITIVE.sqrt() {
        if ay == 0.0 {
            return Err(Failure::Domain);
        }
        let re = -libm::log(ay.sqrt() / libm::hypot(ay, 2.0).sqrt());
        return Ok(C(re, (libm::atan2(2.0, -ay) / 2.0).copysign(z.1)));
    }
    let below = 1.0 - z.0;
    Ok(C(
        libm::log1p(4.0 * z.0 / (below * below + ay * ay)) / 4.0,
        -libm::atan2(-2.0 * z.1, below * (1.0 + z.0) - ay * ay) / 2.0,
    ))
}

fn cosh(z: C) -> Outcome {
    let (x, y) = (z.0, z.1);
    if !z.is_finite() {
        if y.is_infinite() && !x.is_nan() {
            return Err(Failure::Domain);
        }
        return Ok(c::ccosh(z));
    }
    if x.abs() > log_large() {
        let less = x - 1f64.copysign(x);
        let e = std::f64::consts::E;
        return ranged(C(
            libm::cos(y) * libm::cosh(less) * e,
            libm::sin(y) * libm::sinh(less) * e,
        ));
    }
    ranged(C(
        libm::cos(y) * libm::cosh(x),
        libm::sin(y) * libm::sinh(x),
    ))
}

fn sinh(z: C) -> Outcome {
    let (x, y) = (z.0, z.1);
    if !z.is_finite() {
        if y.is_infinite() && !x.is_nan() {
            return Err(Failure::Domain);
        }
        return Ok(if x == 0.0 && y.is_nan() {
            C(0.0, f64::NAN)
        } else {
            c::csinh(z)
        });
    }
    if x.abs() > log_large() {
        let less = x - 1f64.copysign(x);
        let e = std::f64::consts::E;
        return ranged(C(
            libm::cos(y) * libm::sinh(less) * e,
            libm::sin(y) * libm::cosh(less) * e,
        ));
    }
    ranged(C(
        libm::cos(y) * libm::sinh(x),
        libm::sin(y) * libm::cosh(x),
    ))
}

fn tanh(z: C) -> Outcome {
    let (x, y) = (z.0, z.1);
    if !z.is_finite() {
        if y.is_infinite() && x.is_finite() {
            return Err(Failure::Domain);
        }
        return Ok(c::ctanh(z));
    }
    if x.abs() > log_large() {
        return Ok(C(
            1f64.copysign(x),
            4.0 * libm::sin(y) * libm::cos(y) * libm::exp(-2.0 * x.abs()),
        ));
    }
    let (tx, ty, cx) = (libm::tanh(x), libm::tan(y), 1.0 / libm::cosh(x));
    let txty = tx * ty;
    let denominator = 1.0 + txty * txty;
    Ok(C(
        tx * (1.0 + ty * ty) / denominator,
        ((ty / denominator) * cx) * cx,
    ))
}

fn exp(z: C) -> Outcome {
    let (x, y) = (z.0, z.1);
    if !z.is_finite() {
        if y.is_infinite() && (x.is_finite() || x == f64::INFINITY) {
            return Err(Failure::Domain);
        }
        return Ok(c::cexp(z));
    }
    if x > log_large() {
        let l = libm::exp(x - 1.0);
        let e = std::f64::consts::E;
        return ranged(C(l * libm::cos(y) * e, l * libm::sin(y) * e));
    }
    let l = libm::exp(x);
    let (sin, cos) = libm::sincos(y);
    ranged(C(l * cos, l * sin))
}

fn log(z: C) -> Outcome {
    if !z.is_finite() {
        return Ok(c::clog(z));
    }
    let (ax, ay) = (z.0.abs(), z.1.abs());
    let re = if ax > LARGE || ay > LARGE {
        libm::log(libm::hypot(ax / 2.0, ay / 2.0)) + LN_2
    } else if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        if ax == 0.0 && ay == 0.0 {
            return Err(Failure::Domain);
        }
        libm::log(libm::hypot(libm::ldexp(ax, 53), libm::ldexp(ay, 53))) - 53.0 * LN_2
    } else {
        let h = libm::hypot(ax, ay);
        if (0.71..=1.73).contains(&h) {
            let (more, less) = if ax > ay { (ax, ay) } else { (ay, ax) };
            libm::log1p((more - 1.0) * (more + 1.0) + less * less) / 2.0
        } else {
            libm::log(h)
        }
    };
    Ok(C(re, libm::atan2(z.1, z.0)))
}

fn result(vm: &Vm, outcome: Outcome) -> Result {
    match outcome {
        Ok(C(re, im)) => Ok(vm.new_complex(re, im)),
        Err(Failure::Domain) => Err(vm.value_error("math domain error")),
        Err(Failure::Range) => Err(vm.overflow_error("math range error")),
    }
}

fn argument(vm: &Vm, v: Value) -> Result<C> {
    let (re, im) = vm.to_complex(v)?;
    Ok(C(re, im))
}

macro_rules! function {
    ($name:literal, $f:expr, $doc:literal) => {
        MethodDef::new($name, "(z, /)", $doc, |vm, args| {
            let f: fn(C) -> Outcome = $f;
            result(vm, f(argument(vm, args[0])?))
        })
        .reads(0xFF, 0)
        .on_complex(|re, im| {
            let f: fn(C) -> Outcome = $f;
            parts(f(C(re, im)))
        })
    };
}

/// For compiled code, which leaves what is no number to the function.
fn parts(outcome: Outcome) -> (f64, f64) {
    outcome.map_or((f64::NAN, f64::NAN), |z| (z.0, z.1))
}

macro_rules! test {
    ($name:literal, $f:expr, $doc:literal) => {
        MethodDef::new($name, "(z, /)", $doc, |vm, args| {
            let f: fn(C) -> bool = $f;
            Ok(Value::bool(f(argument(vm, args[0])?)))
        })
        .reads(0xFF, 0)
    };
}

fn log_function(vm: &Vm, args: &[Value]) -> Result {
    let z = argument(vm, args[0])?;
    let outcome = match args[1].given() {
        None => log(z),
        Some(base) => {
            // With a base, the logarithm of zero is no error.
            let a = log(z).unwrap_or(C(f64::NEG_INFINITY, libm::atan2(z.1, z.0)));
            log(argument(vm, base)?).and_then(|b| match quotient((a.0, a.1), (b.0, b.1)) {
                Some(q) => Ok(C(q.0, q.1)),
                None => Err(Failure::Domain),
            })
        }
    };
    result(vm, outcome)
}

fn phase(vm: &Vm, args: &[Value]) -> Result {
    let z = argument(vm, args[0])?;
    Ok(Value::float(libm::atan2(z.1, z.0)))
}

fn polar(vm: &Vm, args: &[Value]) -> Result {
    let z = argument(vm, args[0])?;
    let r = libm::hypot(z.0, z.1);
    if r.is_infinite() && z.is_finite() {
        return Err(vm.overflow_error("math range error"));
    }
    vm.pair(Value::float(r), Value::float(libm::atan2(z.1, z.0)))
}

fn rect(vm: &Vm, args: &[Value]) -> Result {
    let (r, phi) = (vm.to_float(args[0])?, vm.to_float(args[1])?);
    let outcome = if phi.is_infinite() && r != 0.0 && !r.is_nan() {
        Err(Failure::Domain)
    } else if r == 0.0 && !phi.is_finite() {
        Ok(C(0.0, 0.0))
    } else if r.is_infinite() && phi.is_nan() {
        Ok(C(f64::INFINITY, f64::NAN))
    } else if phi == 0.0 {
        // The product of an infinity or NaN with zero would lose the sign of zero.
        let im = if r.is_finite() {
            r * phi
        } else {
            phi.copysign(if r.is_nan() { phi } else { r * phi.signum() })
        };
        Ok(C(r, im))
    } else if r.is_infinite() {
        let (x, y) = (
            f64::INFINITY.copysign(libm::cos(phi)),
            f64::INFINITY.copysign(libm::sin(phi)),
        );
        Ok(if r > 0.0 { C(x, y) } else { C(-x, -y) })
    } else {
        let (sin, cos) = libm::sincos(phi);
        Ok(C(r * cos, r * sin))
    };
    result(vm, outcome)
}

fn isclose(vm: &Vm, args: &[Value]) -> Result {
    let (a, b) = (argument(vm, args[0])?, argument(vm, args[1])?);
    let (relative, absolute) = crate::math::tolerances(vm, args[2], args[3])?;
    if a.0 == b.0 && a.1 == b.1 {
        return Ok(Value::TRUE);
    }
    let infinite = |z: C| z.0.is_infinite() || z.1.is_infinite();
    if infinite(a) || infinite(b) {
        return Ok(Value::FALSE);
    }
    let difference = libm::hypot(a.0 - b.0, a.1 - b.1);
    Ok(Value::bool(
        difference <= relative * libm::hypot(b.0, b.1)
            || difference <= relative * libm::hypot(a.0, a.1)
            || difference <= absolute,
    ))
}

/// The module.
pub static CMATH: ModuleDef = ModuleDef {
    name: "cmath",
    doc: "This module provides access to mathematical functions for complex\nnumbers.",
    functions: &[
        function!("acos", acos, "Return the arc cosine of z."),
        function!("acosh", acosh, "Return the inverse hyperbolic cosine of z."),
        function!(
            "asin",
            |z| asinh(z.turned()).map(C::turned_back),
            "Return the arc sine of z."
        ),
        function!("asinh", asinh, "Return the inverse hyperbolic sine of z."),
        function!(
            "atan",
            |z| atanh(z.turned()).map(C::turned_back),
            "Return the arc tangent of z."
        ),
        function!(
            "atanh",
            atanh,
            "Return the inverse hyperbolic tangent of z."
        ),
        function!("cos", |z| cosh(z.turned()), "Return the cosine of z."),
        function!("cosh", cosh, "Return the hyperbolic cosine of z."),
        function!("exp", exp, "Return the exponential value e**z."),
        function!(
            "log10",
            |z| log(z).map(|r| C(r.0 / LN_10, r.1 / LN_10)),
            "Return the base-10 logarithm of z."
        ),
        function!(
            "sin",
            |z| sinh(z.turned()).map(C::turned_back),
            "Return the sine of z."
        ),
        function!("sinh", sinh, "Return the hyperbolic sine of z."),
        function!("sqrt", |z| Ok(sqrt(z)), "Return the square root of z."),
        function!(
            "tan",
            |z| tanh(z.turned()).map(C::turned_back),
            "Return the tangent of z."
        ),
        function!("tanh", tanh, "Return the hyperbolic tangent of z."),
        test!(
            "isfinite",
            C::is_finite,
            "Return True if both the real and imaginary parts of z are finite, else False."
        ),
        test!(
            "isinf",
            |z| z.0.is_infinite() || z.1.is_infinite(),
            "Checks if the real or imaginary part of z is infinite."
        ),
        test!(
            "isnan",
            |z| z.0.is_nan() || z.1.is_nan(),
            "Checks if the real or imaginary part of z not a number (NaN)."
        ),
        MethodDef::new(
            "log",
            "(z, base=<unrepresentable>, /)",
            "log(z[, base]) -> the logarithm of z to the given base.\n\n\
             If the base is not specified, returns the natural logarithm (base e)\nof z.",
            log_function,
        )
        .reads(0xFF, 0)
        .on_complex(|re, im| parts(log(C(re, im)))),
        MethodDef::new(
            "phase",
            "(z, /)",
            "Return argument, also known as the phase angle, of a complex.",
            phase,
        )
        .reads(0xFF, 0),
        MethodDef::new(
            "polar",
            "(z, /)",
            "Convert a complex from rectangular coordinates to polar coordinates.\n\n\
             r is the distance from 0 and phi the phase angle.",
            polar,
        )
        .reads(0xFF, 0),
        MethodDef::new(
            "rect",
            "(r, phi, /)",
            "Convert from polar coordinates to rectangular coordinates.",
            rect,
        )
        .reads(0xFF, 0),
        MethodDef::new(
            "isclose",
            "(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
            "Determine whether two complex numbers are close in value.",
            isclose,
        )
        .reads(0xFF, 0),
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
        module.set(vm, "infj", vm.new_complex(0.0, f64::INFINITY));
        module.set(vm, "nanj", vm.new_complex(0.0, f64::NAN));
        Ok(())
    }),
};

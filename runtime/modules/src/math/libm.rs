//! The platform's mathematical functions, so that results are those of every
//! other program on it, and the gamma functions after Lanczos.

macro_rules! c_functions {
    ($($name:ident($($arg:ident),*);)*) => {
        mod c {
            unsafe extern "C" { $(pub safe fn $name($($arg: f64),*) -> f64;)* }
        }
        $(
            #[doc = concat!("C's `", stringify!($name), "`.")]
            pub fn $name($($arg: f64),*) -> f64 { c::$name($($arg),*) }
        )*
    };
}

c_functions! {
    acos(x); acosh(x); asin(x); asinh(x); atan(x); atan2(y, x); atanh(x); cbrt(x); cos(x); cosh(x);
    erf(x); erfc(x); exp(x); exp2(x); expm1(x); fmod(x, y); hypot(x, y); log(x); log10(x); log1p(x); log2(x);
    nextafter(x, y); pow(x, y); remainder(x, y); sin(x); sinh(x); tan(x); tanh(x);
}

/// `sin(x)` and `cos(x)`.
#[cfg(not(target_os = "linux"))]
pub fn sincos(x: f64) -> (f64, f64) {
    (sin(x), cos(x))
}

/// `sin(x)` and `cos(x)`, whose argument is reduced once for both.
#[cfg(target_os = "linux")]
pub fn sincos(x: f64) -> (f64, f64) {
    unsafe extern "C" {
        fn sincos(x: f64, sin: *mut f64, cos: *mut f64);
    }
    let (mut sin, mut cos) = (0.0, 0.0);
    // SAFETY: it writes to the places given.
    unsafe { sincos(x, &raw mut sin, &raw mut cos) };
    (sin, cos)
}

/// `x * 2**exponent`.
pub fn ldexp(x: f64, exponent: i32) -> f64 {
    unsafe extern "C" {
        safe fn ldexp(x: f64, exponent: i32) -> f64;
    }
    ldexp(x, exponent)
}

/// Mantissa (of magnitude from 0.5 below 1) and exponent.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    // Subnormal numbers are made normal first.
    let (scaled, offset) = if x.abs() < f64::MIN_POSITIVE {
        (x * 2f64.powi(64), -64)
    } else {
        (x, 0)
    };
    let bits = scaled.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i32 - 1022;
    (
        f64::from_bits(bits & !(0x7FF << 52) | 1022 << 52),
        exponent + offset,
    )
}

const LANCZOS_G: f64 = 6.024_680_040_776_73_f64;
const LANCZOS_G_MINUS_HALF: f64 = 5.524_680_040_776_73;
const LOG_PI: f64 = 1.144_729_885_849_400_2;

/// Numerators of the rational approximation for g as above and 13 terms.
#[expect(clippy::excessive_precision, reason = "the published digits")]
const LANCZOS_NUMERATOR: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];

const LANCZOS_DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

fn lanczos_sum(x: f64) -> f64 {
    let pairs = LANCZOS_NUMERATOR.iter().zip(&LANCZOS_DENOMINATOR);
    // From the end that keeps the terms' sizes in bounds.
    let (num, den) = if x < 5.0 {
        pairs
            .rev()
            .fold((0.0, 0.0), |(n, d), (a, b)| (n * x + a, d * x + b))
    } else {
        pairs.fold((0.0, 0.0), |(n, d), (a, b)| (n / x + a, d / x + b))
    };
    num / den
}

/// `sin(pi * x)` without loss for large `x`.
fn sin_pi(x: f64) -> f64 {
    use std::f64::consts::PI;
    let y = x.abs() % 2.0;
    let r = match (2.0 * y).round() as i32 {
        0 => sin(PI * y),
        1 => cos(PI * (y - 0.5)),
        2 => sin(PI * (1.0 - y)),
        3 => -cos(PI * (y - 1.5)),
        _ => sin(PI * (y - 2.0)),
    };
    1f64.copysign(x) * r
}

/// Why a function has no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    Domain,
    Range,
}

/// The gamma function.
pub fn gamma(x: f64) -> Result<f64, Failure> {
    if !x.is_finite() {
        return if x.is_nan() || x > 0.0 {
            Ok(x)
        } else {
            Err(Failure::Domain)
        };
    }
    if x == 0.0 {
        return Err(Failure::Domain);
    }
    if x == x.floor() {
        if x < 0.0 {
            return Err(Failure::Domain);
        }
        if x <= 23.0 {
            return Ok((1..x as u64).fold(1.0, |product, i| product * i as f64));
        }
    }
    let size = x.abs();
    let finite = |r: f64| {
        if r.is_infinite() {
            Err(Failure::Range)
        } else {
            Ok(r)
        }
    };
    if size < 1e-20 {
        return finite(1.0 / x);
    }
    if size > 200.0 {
        return if x < 0.0 {
            Ok(0.0 / sin_pi(x))
        } else {
            Err(Failure::Range)
        };
    }
    let y = size + LANCZOS_G_MINUS_HALF;
    // The rounding error of `y`, to correct the power below.
    let z = if size > LANCZOS_G_MINUS_HALF {
        let q = y - size;
        q - LANCZOS_G_MINUS_HALF
    } else {
        let q = y - LANCZOS_G_MINUS_HALF;
        q - size
    };
    let z = z * LANCZOS_G / y;
    let mut r;
    if x < 0.0 {
        r = -std::f64::consts::PI / sin_pi(size) / size * exp(y) / lanczos_sum(size);
        r -= z * r;
        if size < 140.0 {
            r /= pow(y, size - 0.5);
        } else {
            let root = pow(y, size / 2.0 - 0.25);
            r /= root;
            r /= root;
        }
    } else {
        r = lanczos_sum(size) / exp(y);
        r += z * r;
        if size < 140.0 {
            r *= pow(y, size - 0.5);
        } else {
            let root = pow(y, size / 2.0 - 0.25);
            r *= root;
            r *= root;
        }
    }
    finite(r)
}

/// The logarithm of the gamma function's magnitude.
pub fn lgamma(x: f64) -> Result<f64, Failure> {
    if !x.is_finite() {
        return Ok(if x.is_nan() { x } else { f64::INFINITY });
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 {
            Err(Failure::Domain)
        } else {
            Ok(0.0)
        };
    }
    let size = x.abs();
    if size < 1e-20 {
        return Ok(-log(size));
    }
    let mut r = log(lanczos_sum(size)) - LANCZOS_G;
    r += (size - 0.5) * (log(size + LANCZOS_G - 0.5) - 1.0);
    if x < 0.0 {
        r = LOG_PI - log(sin_pi(size).abs()) - log(size) - r;
    }
    if r.is_infinite() {
        Err(Failure::Range)
    } else {
        Ok(r)
    }
}

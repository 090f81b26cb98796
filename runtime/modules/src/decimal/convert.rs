//! Numbers from Python's and to them.

use super::context::{Context, Rounding, status};
use super::limbs::{self, Limbs};
use super::number::{Number, TOO_LONG};
use super::text;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::Vm;
use taipan_text::int::{BigInt, BigUint, Sign};
use taipan_text::unicode;

/// An integer.
pub fn from_int(n: IntRef) -> Number {
    match n {
        IntRef::Small(n) => Number::from_i64(n),
        IntRef::Big(big) => match big.to_i128() {
            Some(n) => Number::new(n < 0, limbs::from_u128(n.unsigned_abs()), 0),
            None => {
                let big = big.big();
                let negative = big.sign() == Sign::Minus;
                Number::new(negative, limbs::from_big(big.magnitude()), 0)
            }
        },
    }
}

/// A float, exactly. NaNs lose their sign.
pub fn from_float(f: f64) -> Number {
    if f.is_nan() {
        return Number::nan();
    }
    let negative = f.is_sign_negative();
    if f.is_infinite() {
        return Number::infinity(negative);
    }
    let bits = f.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, power) = match bits >> 52 & 0x7ff {
        0 => (fraction, -1074),
        power => (fraction | 1 << 52, power as i64 - 1075),
    };
    if mantissa == 0 {
        return Number::zero(negative, 0);
    }
    let zeros = mantissa.trailing_zeros();
    let (mantissa, power) = (mantissa >> zeros, power + i64::from(zeros));
    let scaled = |by: Limbs| limbs::multiply(&by, &[mantissa]);
    if power >= 0 {
        Number::new(negative, scaled(limbs::power(&[2], power as u64)), 0)
    } else {
        // m / 2**k = m 5**k / 10**k.
        Number::new(
            negative,
            scaled(limbs::power(&[5], power.unsigned_abs())),
            power,
        )
    }
}

/// A float, rounded to nearest.
pub fn to_float(n: &Number) -> f64 {
    const EXACT: u64 = 1 << 53;
    if n.is_finite()
        && (-22..=22).contains(&n.exponent)
        && let Some(coefficient) = limbs::to_u64(&n.coefficient)
        && coefficient <= EXACT
    {
        // Both are exact, so that the one operation rounds right.
        let power = 10f64.powi(n.exponent.unsigned_abs() as i32);
        let value = if n.exponent < 0 {
            coefficient as f64 / power
        } else {
            coefficient as f64 * power
        };
        return if n.negative { -value } else { value };
    }
    text::to_scientific(n, true).parse().unwrap_or(f64::NAN)
}

/// An integer as Python's.
pub fn int_value(vm: &Vm, negative: bool, coefficient: &[u64]) -> Value {
    if let Some(n) = limbs::to_wide(coefficient) {
        let n = n as i128;
        return vm.new_i128(if negative { -n } else { n });
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    vm.new_bigint(BigInt::from_biguint(sign, limbs::to_big(coefficient)))
}

/// Numerator and denominator of a finite number in lowest terms; nothing if memory cannot hold
/// them.
pub fn ratio(n: &Number) -> Option<(BigUint, BigUint)> {
    let mut numerator = limbs::to_big(&n.coefficient);
    let one = BigUint::from(1u32);
    let places = n.exponent.unsigned_abs();
    if n.coefficient.is_empty() {
        return Some((numerator, one));
    }
    if places > TOO_LONG {
        return None;
    }
    if n.exponent >= 0 {
        return Some((
            limbs::to_big(&limbs::shift_left(&n.coefficient, places)),
            one,
        ));
    }
    let twos = numerator.trailing_zeros().unwrap_or(0).min(places);
    numerator >>= twos;
    let five = BigUint::from(5u32);
    let mut fives = 0;
    while fives < places {
        // By as large powers as divide, doubling and then halving them.
        let mut step = 1u64;
        let mut power = five.clone();
        let mut found = false;
        while fives + step <= places {
            let quotient = &numerator / &power;
            if &quotient * &power != numerator {
                break;
            }
            numerator = quotient;
            fives += step;
            found = true;
            step *= 2;
            power = &power * &power;
        }
        if !found {
            break;
        }
    }
    let denominator = five.pow((places - fives) as u32) << (places - twos);
    Some((numerator, denominator))
}

/// A number as an integer, rounded; nothing if memory cannot hold it.
pub fn whole(n: &Number, rounding: Rounding) -> Option<Limbs> {
    n.rescaled(0, rounding).map(|(n, _)| n.coefficient)
}

/// What Python's numeric hash is taken modulo.
const MODULUS: u64 = (1 << 61) - 1;
/// The inverse of ten.
const INVERSE: u64 = 2_075_258_708_292_324_556;

/// `hash()` of a finite number: that of the equal integer or fraction.
pub fn hash(n: &Number) -> i64 {
    let times = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(MODULUS)) as u64;
    let mut power = if n.exponent < 0 { INVERSE } else { 10 };
    let mut left = n.exponent.unsigned_abs();
    let mut hash = limbs::modulo(&n.coefficient, MODULUS);
    while left > 0 {
        if left & 1 != 0 {
            hash = times(hash, power);
        }
        power = times(power, power);
        left >>= 1;
    }
    match (hash as i64, n.negative) {
        (1, true) => -2,
        (hash, true) => -hash,
        (hash, false) => hash,
    }
}

/// A string's characters as numbers are written: digits of all scripts and all spaces in ASCII,
/// nothing if there are others. `lenient` drops spaces around and underscores.
pub fn numeric_text(s: &Str, lenient: bool) -> Option<text::Ascii> {
    let mut out = text::Ascii::new();
    if let Some(text) = s.as_ascii() {
        out.extend_from_slice(text.as_bytes());
    } else {
        for c in s.code_points() {
            match (u8::try_from(c), unicode::decimal(c)) {
                (Ok(c), _) if c.is_ascii() => out.push(c),
                (_, Some(digit)) => out.push(b'0' + digit),
                _ if unicode::is_space(c) => out.push(b' '),
                _ => return None,
            }
        }
    }
    if lenient {
        let is_space = |c: &u8| matches!(c, b' ' | 9..=13 | 28..=31);
        let end = out.iter().rposition(|c| !is_space(c)).map_or(0, |i| i + 1);
        out.truncate(end);
        let start = out.iter().position(|c| !is_space(c)).unwrap_or(0);
        if start > 0 {
            out.drain(..start);
        }
        if out.contains(&b'_') {
            out.retain(|c| *c != b'_');
        }
    }
    Some(out)
}

/// The number that a string means, exactly.
pub fn from_str_exactly(s: &Str, happened: &mut u32) -> Number {
    // The usual text is read where it lies.
    if let Some(text) = s.as_ascii()
        && let Some(n) = text::parse(text.as_bytes())
    {
        return super::object::exactly(n, happened);
    }
    match numeric_text(s, true).and_then(|text| text::parse(&text)) {
        Some(n) => super::object::exactly(n, happened),
        None => Number::invalid(status::CONVERSION_SYNTAX, happened),
    }
}

/// The number that a text means, fitted into a context.
pub fn from_text(text: Option<&[u8]>, ctx: &Context, happened: &mut u32) -> Number {
    match text.and_then(text::parse) {
        Some(n)
            if n.is_nan()
                && !n.coefficient.is_empty()
                && n.digits() > ctx.prec - i64::from(ctx.clamp) =>
        {
            Number::invalid(status::CONVERSION_SYNTAX, happened)
        }
        Some(n) => n.finish(ctx, happened),
        None => Number::invalid(status::CONVERSION_SYNTAX, happened),
    }
}

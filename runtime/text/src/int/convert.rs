//! Integers to and from floats and bytes, with correct rounding and exact comparison.

use super::{BigInt, Sign};
use crate::float;
use num_integer::Integer;
use num_traits::{Signed, Zero};
use std::cmp::Ordering;

/// The top bits of a magnitude: `(m, sticky, e)` with `m * 2**e` plus something if `sticky`.
fn top_bits(x: &BigInt) -> (u64, bool, i64) {
    let mut limbs = x.iter_u64_digits().rev();
    let Some(high) = limbs.next() else {
        return (0, false, 0);
    };
    let count = limbs.len() as i64;
    let Some(low) = limbs.next() else {
        return (high, false, 0);
    };
    let zeros = high.leading_zeros();
    let pair = (u128::from(high) << 64 | u128::from(low)) << zeros;
    let rest = pair as u64 != 0 || limbs.any(|limb| limb != 0);
    ((pair >> 64) as u64, rest, count * 64 - i64::from(zeros))
}

/// The nearest float, half to even; `None` when too large ("int too large to convert to float").
pub fn to_f64(x: &BigInt) -> Option<f64> {
    let (mantissa, sticky, exponent) = top_bits(x);
    let value = float::compose(mantissa, sticky, exponent)?;
    Some(if x.is_negative() { -value } else { value })
}

/// `int(float)`: truncates; `None` for infinities and NaN.
pub fn from_f64(x: f64) -> Option<BigInt> {
    if !x.is_finite() {
        return None;
    }
    let (mantissa, exponent) = float::odd_parts(x.trunc());
    Some(BigInt::from(mantissa) << exponent)
}

/// Compares exactly; `None` when `y` is NaN.
pub fn cmp_f64(x: &BigInt, y: f64) -> Option<Ordering> {
    let Some(whole) = from_f64(y) else {
        return 0.0.partial_cmp(&y);
    };
    Some(
        x.cmp(&whole)
            .then_with(|| 0.0.partial_cmp(&y.fract()).expect("not NaN")),
    )
}

/// `a / b` rounded once, half to even.
///
/// `None` stands for OverflowError ("integer division result too large for a float"); `b` must
/// not be zero.
pub fn true_div(a: &BigInt, b: &BigInt) -> Option<f64> {
    assert!(!b.is_zero(), "the caller raises ZeroDivisionError");
    let negative = a.is_negative() != b.is_negative();
    let (a, b) = (a.magnitude(), b.magnitude());
    // Scale for a quotient of 63 or 64 bits, enough to round with the remainder as sticky bit.
    let shift = 64 - (a.bits() as i64 - b.bits() as i64);
    let (quotient, rest) = if shift >= 64 + 1200 {
        return Some(if negative { -0.0 } else { 0.0 });
    } else if shift >= 0 {
        (a << shift as u64).div_rem(b)
    } else {
        a.div_rem(&(b << -shift as u64))
    };
    // A quotient of 65 bits loses its lowest to the sticky flag.
    let (quotient, lost, shift) = match u64::try_from(&quotient) {
        Ok(q) => (q, false, shift),
        Err(_) => {
            let odd = quotient.bit(0);
            (
                u64::try_from(quotient >> 1u8).expect("64 bits"),
                odd,
                shift - 1,
            )
        }
    };
    let value = float::compose(quotient, lost || !rest.is_zero(), -shift)?;
    Some(if negative { -value } else { value })
}

/// Order of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// Lowest byte first.
    Little,
    /// Highest byte first.
    Big,
}

/// Why [`to_bytes`] failed; both are OverflowErrors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesError {
    /// The value needs more bytes.
    TooBig,
    /// Negative, but not signed.
    Negative,
}

impl BytesError {
    /// The message CPython raises with.
    pub fn message(self) -> &'static str {
        match self {
            BytesError::TooBig => "int too big to convert",
            BytesError::Negative => "can't convert negative int to unsigned",
        }
    }
}

/// `int.to_bytes`.
pub fn to_bytes(
    x: &BigInt,
    len: usize,
    endian: Endian,
    signed: bool,
) -> Result<Vec<u8>, BytesError> {
    if x.is_negative() && !signed {
        return Err(BytesError::Negative);
    }
    let mut bytes = match x.sign() {
        Sign::NoSign => Vec::new(),
        _ if signed => x.to_signed_bytes_le(),
        _ => x.magnitude().to_bytes_le(),
    };
    if bytes.len() > len && !(len == 0 && x.sign() == Sign::NoSign) {
        return Err(BytesError::TooBig);
    }
    bytes.resize(len, if x.is_negative() { 0xFF } else { 0 });
    if endian == Endian::Big {
        bytes.reverse();
    }
    Ok(bytes)
}

/// `int.from_bytes`.
pub fn from_bytes(bytes: &[u8], endian: Endian, signed: bool) -> BigInt {
    match (endian, signed) {
        (Endian::Little, false) => BigInt::from_bytes_le(Sign::Plus, bytes),
        (Endian::Big, false) => BigInt::from_bytes_be(Sign::Plus, bytes),
        (Endian::Little, true) => BigInt::from_signed_bytes_le(bytes),
        (Endian::Big, true) => BigInt::from_signed_bytes_be(bytes),
    }
}

/// `round(x, -places)`: to a multiple of `10**places`, half to even.
pub fn rounded_to_power(x: &BigInt, places: u32) -> BigInt {
    if u64::from(places) > x.bits() {
        return BigInt::zero(); // 10**places is then more than twice the magnitude.
    }
    let unit = BigInt::from(10).pow(places);
    let (quotient, rest) = x.div_mod_floor(&unit);
    let up = match (&rest * 2u8).cmp(&unit) {
        Ordering::Less => false,
        Ordering::Equal => quotient.is_odd(),
        Ordering::Greater => true,
    };
    (quotient + i32::from(up)) * unit
}

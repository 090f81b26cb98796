//! Integers to and from floats and bytes, with correct rounding and exact comparison.

use super::{BigInt, Sign, limbs};
use crate::float;
use num_integer::Integer;
use num_traits::{Signed, Zero};
use std::cmp::Ordering;

/// The top bits of a magnitude: `(m, sticky, e)` with `m * 2**e` plus something if `sticky`.
fn top_bits(limbs: impl DoubleEndedIterator<Item = u64> + ExactSizeIterator) -> (u64, bool, i64) {
    let mut limbs = limbs.rev();
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
    nearest(x.is_negative(), x.iter_u64_digits())
}

/// The same of sign and magnitude.
pub fn limbs_to_f64(negative: bool, limbs: &[u64]) -> Option<f64> {
    nearest(negative, limbs.iter().copied())
}

fn nearest(
    negative: bool,
    limbs: impl DoubleEndedIterator<Item = u64> + ExactSizeIterator,
) -> Option<f64> {
    let (mantissa, sticky, exponent) = top_bits(limbs);
    let value = float::compose(mantissa, sticky, exponent)?;
    Some(if negative { -value } else { value })
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

/// Why [`limbs_to_bytes`] failed; both are OverflowErrors.
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
pub fn limbs_to_bytes(
    (negative, x): (bool, &[u64]),
    len: usize,
    endian: Endian,
    signed: bool,
) -> Result<Vec<u8>, BytesError> {
    if negative && !signed {
        return Err(BytesError::Negative);
    }
    // A power of two needs a bit less below zero than above.
    let power = || {
        let low = x.iter().rev().skip(1).all(|limb| *limb == 0);
        low && x.last().is_some_and(|top| top.is_power_of_two())
    };
    let mut bits = limbs::bit_length(x);
    if signed && bits != 0 {
        bits += u64::from(!(negative && power()));
    }
    if bits.div_ceil(8) > len as u64 {
        return Err(BytesError::TooBig);
    }
    let mut bytes = vec![if negative { 0xFF } else { 0 }; len];
    let mut carry = negative;
    for (chunk, limb) in bytes.chunks_mut(8).zip(x) {
        let word = if negative {
            let (word, over) = (!limb).overflowing_add(carry.into());
            carry = over;
            word
        } else {
            *limb
        };
        chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
    }
    if endian == Endian::Big {
        bytes.reverse();
    }
    Ok(bytes)
}

/// `int.from_bytes` into limbs, of which there is one for each eight bytes begun: the sign, and
/// how many are left without leading zeros.
pub fn limbs_from_bytes(
    bytes: &[u8],
    endian: Endian,
    signed: bool,
    out: &mut [u64],
) -> (bool, usize) {
    let top = match endian {
        Endian::Little => bytes.last(),
        Endian::Big => bytes.first(),
    };
    let negative = signed && top.is_some_and(|top| top >> 7 == 1);
    let fill = if negative { 0xFF } else { 0 };
    let mut carry = negative;
    let mut put = |out: &mut u64, word: u64| {
        *out = word;
        if negative {
            (*out, carry) = (!word).overflowing_add(carry.into());
        }
    };
    match endian {
        Endian::Little => {
            for (out, chunk) in out.iter_mut().zip(bytes.chunks(8)) {
                let mut word = [fill; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                put(out, u64::from_le_bytes(word));
            }
        }
        Endian::Big => {
            for (out, chunk) in out.iter_mut().zip(bytes.rchunks(8)) {
                let mut word = [fill; 8];
                word[8 - chunk.len()..].copy_from_slice(chunk);
                put(out, u64::from_be_bytes(word));
            }
        }
    }
    let len = limbs::trimmed_len(&out[..bytes.len().div_ceil(8)]);
    (negative, len)
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

//! Unbounded integers: Python's `int` operations over the `num-bigint` type.
//!
//! What is common and short is computed on slices of limbs ([`limbs`]), which is how the runtime
//! holds integers. The library does the rest: its operators on references give sums, products,
//! arithmetic right shifts and two's complement `&`, `|`, `^` as Python defines them, and this
//! module adds what Python asks beyond that. `num-bigint` was chosen for its licence: the one
//! faster library (malachite, LGPL) pulls ahead only above some 20 000 digits.

mod convert;
pub mod limbs;
mod parse;

pub use convert::{
    BytesError, Endian, cmp_f64, from_bytes, from_f64, limbs_from_bytes, limbs_to_bytes,
    limbs_to_f64, rounded_to_power, to_f64, true_div,
};
pub use num_bigint::{BigInt, BigUint, Sign};
pub use parse::{ParseError, Parsed, parse, parse_ascii};

use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// The value as an `i64`, when it fits.
#[inline]
pub fn to_i64(x: &BigInt) -> Option<i64> {
    i64::try_from(x).ok()
}

/// Up to here one division of all limbs for each group of digits is quickest.
const SHORT_TEXT: usize = 64;

/// Text in base 2 to 36, lower case and without prefix; sub-quadratic for large values.
pub fn limbs_to_text(negative: bool, x: &[u64], base: u32) -> String {
    if base.is_power_of_two() {
        return limbs::binary_text(negative, x, base.trailing_zeros());
    }
    if base == 10 && x.len() <= SHORT_TEXT {
        return limbs::decimal_text(negative, x);
    }
    limbs::to_signed(negative, x).to_str_radix(base)
}

/// From a 128-bit value.
pub fn from_i128(i: i128) -> BigInt {
    let n = i.unsigned_abs();
    from_limbs(i < 0, [n as u64, (n >> 64) as u64])
}

fn from_limbs<const N: usize>(negative: bool, limbs: [u64; N]) -> BigInt {
    let mut digits = [0; 8];
    for (pair, limb) in digits.chunks_exact_mut(2).zip(limbs) {
        pair.copy_from_slice(&[limb as u32, (limb >> 32) as u32]);
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    BigInt::from_slice(sign, &digits[..2 * N])
}

/// `a // b`; `None` when `b` is zero.
pub fn floor_div(a: &BigInt, b: &BigInt) -> Option<BigInt> {
    (!b.is_zero()).then(|| a.div_floor(b))
}

/// `a % b`, with the sign of `b`; `None` when `b` is zero.
pub fn floor_mod(a: &BigInt, b: &BigInt) -> Option<BigInt> {
    (!b.is_zero()).then(|| a.mod_floor(b))
}

/// `divmod(a, b)`; `None` when `b` is zero.
pub fn divmod(a: &BigInt, b: &BigInt) -> Option<(BigInt, BigInt)> {
    (!b.is_zero()).then(|| a.div_mod_floor(b))
}

/// Size in bits from which results count as too large for memory.
const MAX_BITS: u64 = 1 << 36;

/// `x ** e`; `None` when the result could not be stored (MemoryError).
pub fn pow(x: &BigInt, e: u64) -> Option<BigInt> {
    match (to_i64(x), e % 2) {
        (_, _) if e == 0 => return Some(BigInt::one()),
        (Some(0 | 1), _) | (Some(-1), 1) => return Some(x.clone()),
        (Some(-1), _) => return Some(BigInt::one()),
        _ => {}
    }
    let fits = x.bits().checked_mul(e).is_some_and(|bits| bits <= MAX_BITS);
    u32::try_from(e).ok().filter(|_| fits).map(|e| x.pow(e))
}

/// Why [`mod_pow`] has no result; both are ValueErrors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModPowError {
    /// The modulus is zero.
    ZeroModulus,
    /// The exponent is negative and the base shares a factor with the modulus.
    NotInvertible,
}

impl ModPowError {
    /// The message CPython raises with.
    pub fn message(self) -> &'static str {
        match self {
            ModPowError::ZeroModulus => "pow() 3rd argument cannot be 0",
            ModPowError::NotInvertible => "base is not invertible for the given modulus",
        }
    }
}

/// `pow(x, e, m)`, with the sign of `m`.
pub fn mod_pow(x: &BigInt, e: &BigInt, m: &BigInt) -> Result<BigInt, ModPowError> {
    if m.is_zero() {
        return Err(ModPowError::ZeroModulus);
    }
    let size = m.abs();
    let r = if e.is_negative() {
        let inverse = x.mod_floor(&size).modinv(&size);
        // Everything is invertible modulo 1, also zero.
        let inverse = if size.is_one() {
            Some(BigInt::zero())
        } else {
            inverse
        };
        inverse
            .ok_or(ModPowError::NotInvertible)?
            .modpow(&-e, &size)
    } else {
        x.modpow(e, &size)
    };
    Ok(r.mod_floor(m))
}

/// `x << n`; `None` when the result could not be stored (MemoryError).
pub fn shl(x: &BigInt, n: u64) -> Option<BigInt> {
    if x.is_zero() {
        return Some(BigInt::zero());
    }
    (n < MAX_BITS).then(|| x << n)
}

/// `x >> n`, rounding towards minus infinity.
pub fn shr(x: &BigInt, n: u64) -> BigInt {
    x >> n
}

/// `x.bit_length()`.
#[inline]
pub fn bit_length(x: &BigInt) -> u64 {
    x.bits()
}

/// `math.isqrt`; `None` for negative numbers.
pub fn isqrt(x: &BigInt) -> Option<BigInt> {
    (!x.is_negative()).then(|| x.sqrt())
}

/// Greatest common divisor, never negative.
pub fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    let limbs = |x: &BigInt| x.iter_u64_digits().collect::<Vec<u64>>();
    limbs::to_signed(false, &limbs::gcd(&limbs(a), &limbs(b)))
}

/// Greatest common divisor of machine words.
pub fn gcd_u64(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let shift = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    while b != 0 {
        b >>= b.trailing_zeros();
        (a, b) = (a.min(b), a.abs_diff(b));
    }
    a << shift
}

/// Least common multiple, never negative; zero when either is.
pub fn lcm(a: &BigInt, b: &BigInt) -> BigInt {
    if a.is_zero() || b.is_zero() {
        return BigInt::zero();
    }
    (a / gcd(a, b) * b).abs()
}

/// Product of `low..=high`, by halves so that factors stay of like size.
pub fn range_product(low: u64, high: u64) -> BigInt {
    if low > high {
        return BigInt::one();
    }
    if high - low < 16 {
        let mut product = BigInt::one();
        let mut word = 1u64;
        for factor in low..=high {
            word = word.checked_mul(factor).unwrap_or_else(|| {
                product *= word;
                factor
            });
        }
        return product * word;
    }
    let middle = low + (high - low) / 2;
    range_product(low, middle) * range_product(middle + 1, high)
}

/// `math.factorial`.
pub fn factorial(n: u64) -> BigInt {
    range_product(2, n)
}

#[cfg(test)]
mod tests;

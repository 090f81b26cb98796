//! Unbounded integers: Python's `int` operations over the `num-bigint` type.
//!
//! The library does the arithmetic: its operators on references give sums, products, arithmetic
//! right shifts and two's complement `&`, `|`, `^` as Python defines them. This module adds what
//! Python asks beyond that. `num-bigint` was chosen for its licence: the one faster library
//! (malachite, LGPL) pulls ahead only above some 20 000 digits.

mod convert;
mod parse;

pub use convert::{
    BytesError, Endian, cmp_f64, from_bytes, from_f64, rounded_to_power, to_bytes, to_f64, true_div,
};
pub use num_bigint::{BigInt, BigUint, Sign};
pub use parse::{ParseError, Parsed, parse, parse_ascii};

use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// The sign and the little-endian 64-bit limbs of the magnitude.
pub fn limbs(
    x: &BigInt,
) -> (
    Sign,
    impl DoubleEndedIterator<Item = u64> + ExactSizeIterator + '_,
) {
    (x.sign(), x.iter_u64_digits())
}

/// The value as an `i64`, when it fits.
#[inline]
pub fn to_i64(x: &BigInt) -> Option<i64> {
    i64::try_from(x).ok()
}

/// Text in base 2 to 36, lower case and without prefix; sub-quadratic for large values.
pub fn to_text(x: &BigInt, base: u32) -> String {
    if base == 10 && x.bits() <= SHORT_BITS {
        return short_decimal(x);
    }
    x.to_str_radix(base)
}

/// Up to here one division of all limbs for each group of digits is quickest.
const SHORT_BITS: u64 = 4096;
/// The digits of a group, and the power of ten that takes them off.
const GROUP: (usize, u64) = (19, 10_000_000_000_000_000_000);

/// Decimal text, by dividing the limbs by the power of ten that just fits one.
fn short_decimal(x: &BigInt) -> String {
    let mut limbs: Vec<u64> = x.iter_u64_digits().collect();
    let mut groups = Vec::with_capacity(limbs.len() + 2);
    while !limbs.is_empty() {
        let mut rest = 0;
        for limb in limbs.iter_mut().rev() {
            let part = u128::from(rest) << 64 | u128::from(*limb);
            // The quotient fits: `rest` is below the divisor.
            *limb = (part / u128::from(GROUP.1)) as u64;
            rest = (part % u128::from(GROUP.1)) as u64;
        }
        groups.push(rest);
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
    }
    let mut digits = vec![b'0'; groups.len().max(1) * GROUP.0];
    for (text, mut group) in digits.rchunks_exact_mut(GROUP.0).zip(groups) {
        // Two at a time: half as many divisions that wait for each other.
        for pair in text.rchunks_mut(2) {
            let two = (group % 100) as u8;
            group /= 100;
            if let [tens, ones] = pair {
                (*tens, *ones) = (b'0' + two / 10, b'0' + two % 10);
            } else {
                pair[0] = b'0' + two;
            }
        }
    }
    let first = digits.iter().position(|d| *d != b'0');
    let first = first.unwrap_or(digits.len() - 1);
    let sign = if x.is_negative() { "-" } else { "" };
    let digits = std::str::from_utf8(&digits[first..]).expect("decimal digits");
    [sign, digits].concat()
}

/// From a 128-bit value.
pub fn from_i128(i: i128) -> BigInt {
    let n = i.unsigned_abs();
    from_limbs(i < 0, [n as u64, (n >> 64) as u64])
}

/// `x * y`, exactly.
pub fn wide_product(x: i128, y: i128) -> BigInt {
    let halves = |n: u128| [n as u64, (n >> 64) as u64];
    let (a, b) = (halves(x.unsigned_abs()), halves(y.unsigned_abs()));
    let mut out = [0; 4];
    for (i, &a) in a.iter().enumerate() {
        let mut carry = 0;
        for (j, &b) in b.iter().enumerate() {
            let sum = u128::from(a) * u128::from(b) + u128::from(out[i + j]) + carry;
            out[i + j] = sum as u64;
            carry = sum >> 64;
        }
        out[i + 2] = carry as u64;
    }
    from_limbs((x < 0) != (y < 0), out)
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

/// `~x`.
pub fn invert(x: &BigInt) -> BigInt {
    -x - 1
}

/// `x.bit_length()`.
#[inline]
pub fn bit_length(x: &BigInt) -> u64 {
    x.bits()
}

/// `x.bit_count()`: ones in the magnitude.
pub fn bit_count(x: &BigInt) -> u64 {
    x.iter_u64_digits().map(|d| u64::from(d.count_ones())).sum()
}

/// `math.isqrt`; `None` for negative numbers.
pub fn isqrt(x: &BigInt) -> Option<BigInt> {
    (!x.is_negative()).then(|| x.sqrt())
}

/// Greatest common divisor, never negative.
///
/// Lehmer's method: leading words decide many division steps at once, and the long numbers are
/// touched only once per some thirty bits.
pub fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    let (mut a, mut b) = (a.abs(), b.abs());
    if a < b {
        std::mem::swap(&mut a, &mut b);
    }
    loop {
        if let Ok(small) = u64::try_from(&b) {
            if small == 0 {
                return a;
            }
            let rest = u64::try_from(a % small).expect("less than its 64-bit divisor");
            return gcd_u64(small, rest).into();
        }
        let shift = a.bits() - 62;
        let x = i64::try_from(&a >> shift).expect("62 bits");
        let y = i64::try_from(&b >> shift).expect("at most 62 bits");
        match lehmer_steps(x, y) {
            None => {
                a = &a % &b;
                std::mem::swap(&mut a, &mut b);
            }
            Some([p, q, r, s]) => {
                let next = &a * p + &b * q;
                b = &a * r + &b * s;
                a = next;
                if a < b {
                    std::mem::swap(&mut a, &mut b);
                }
            }
        }
    }
}

/// The division steps that the 62 leading bits determine, as a matrix; `None` when there are none.
fn lehmer_steps(mut x: i64, mut y: i64) -> Option<[i64; 4]> {
    let [mut a, mut b, mut c, mut d] = [1i64, 0, 0, 1];
    loop {
        if y + c == 0 || y + d == 0 {
            break;
        }
        let q = (x + a) / (y + c);
        if q != (x + b) / (y + d) || q >= 1 << 31 {
            break;
        }
        let (next_c, next_d) = (a - q * c, b - q * d);
        if next_c.abs() >= 1 << 31 || next_d.abs() >= 1 << 31 {
            break;
        }
        (a, c) = (c, next_c);
        (b, d) = (d, next_d);
        (x, y) = (y, x - q * y);
    }
    (b != 0).then_some([a, b, c, d])
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

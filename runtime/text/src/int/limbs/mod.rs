//! Magnitudes as slices of 64-bit limbs, lowest first, and arithmetic that writes its results
//! into slices which the caller provides, so that nothing here allocates for operands of common
//! size.
//!
//! A magnitude is *trimmed* when its highest limb is not zero; zero is the empty slice. Operands
//! are trimmed unless a function says otherwise. Functions that fill `out` overwrite whatever it
//! held, and return how many limbs of it the trimmed result takes. The methods are those of
//! Knuth, *The Art of Computer Programming*, volume 2, 4.3.1; beyond the sizes where they are
//! quickest the library `num-bigint` takes over.

mod bits;
mod div;
mod gcd;
mod mul;
mod power;
mod radix;

pub use bits::{BitOp, bit_op, bit_op_len, shl, shl_len, shr, shr_len};
pub use div::{Reciprocal, div_floor, div_rem, div_rem_word};
pub use gcd::gcd;
pub use mul::{mul, mul_word, square};
pub use power::{pow, pow_len, pow_mod};
pub use radix::{binary_text, decimal_text};

use super::{BigInt, BigUint, Sign};
use std::cmp::Ordering;

/// Bits of a limb.
pub const BITS: u64 = u64::BITS as u64;

/// How many limbs are left without leading zeros.
#[inline]
pub fn trimmed_len(x: &[u64]) -> usize {
    let mut len = x.len();
    while len > 0 && x[len - 1] == 0 {
        len -= 1;
    }
    len
}

/// Without leading zeros.
#[inline]
pub fn trimmed(x: &[u64]) -> &[u64] {
    &x[..trimmed_len(x)]
}

/// Numeric order.
#[inline]
pub fn compare(a: &[u64], b: &[u64]) -> Ordering {
    a.len()
        .cmp(&b.len())
        .then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// Bits without leading zeros.
#[inline]
pub fn bit_length(x: &[u64]) -> u64 {
    x.last().map_or(0, |top| {
        x.len() as u64 * BITS - u64::from(top.leading_zeros())
    })
}

/// `a + b`; `out` holds one limb more than the longer one.
#[inline]
pub fn add(a: &[u64], b: &[u64], out: &mut [u64]) -> usize {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let (low, high) = a.split_at(b.len());
    let out = &mut out[..=a.len()];
    let mut carry = false;
    for ((o, x), y) in out.iter_mut().zip(low).zip(b) {
        (*o, carry) = x.carrying_add(*y, carry);
    }
    for (o, x) in out[b.len()..].iter_mut().zip(high) {
        (*o, carry) = x.overflowing_add(carry.into());
    }
    out[a.len()] = carry.into();
    a.len() + usize::from(carry)
}

/// `a - b`, where `a` is not the smaller one; `out` is as long as `a`.
#[inline]
pub fn sub(a: &[u64], b: &[u64], out: &mut [u64]) -> usize {
    let (low, high) = a.split_at(b.len());
    let out = &mut out[..a.len()];
    let mut borrow = false;
    for ((o, x), y) in out.iter_mut().zip(low).zip(b) {
        (*o, borrow) = x.borrowing_sub(*y, borrow);
    }
    for (o, x) in out[b.len()..].iter_mut().zip(high) {
        (*o, borrow) = x.overflowing_sub(borrow.into());
    }
    debug_assert!(!borrow, "the subtrahend is greater");
    trimmed_len(out)
}

/// The sum of two signed numbers: whether it is negative, and its length in `out`, which holds
/// one limb more than the longer one.
#[inline]
pub fn add_signed(
    (a_negative, a): (bool, &[u64]),
    (b_negative, b): (bool, &[u64]),
    out: &mut [u64],
) -> (bool, usize) {
    if a_negative == b_negative {
        return (a_negative, add(a, b, out));
    }
    match compare(a, b) {
        Ordering::Equal => (false, 0),
        Ordering::Greater => (a_negative, sub(a, b, out)),
        Ordering::Less => (b_negative, sub(b, a, out)),
    }
}

/// Adds one; where everything overflows, a limb is pushed at `len`. The new length.
#[inline]
fn increment(x: &mut [u64], len: usize) -> usize {
    for limb in &mut x[..len] {
        *limb = limb.wrapping_add(1);
        if *limb != 0 {
            return len;
        }
    }
    x[len] = 1;
    len + 1
}

/// `f` with working memory of `len` limbs, which hold anything: on the stack unless it is long.
#[inline]
pub fn with_scratch<R>(len: usize, f: impl FnOnce(&mut [u64]) -> R) -> R {
    if len <= 8 {
        f(&mut [0; 8][..len])
    } else if len <= 72 {
        f(&mut [0; 72][..len])
    } else {
        f(&mut vec![0; len])
    }
}

/// The limbs, leading zeros allowed, as the library's type.
pub fn to_unsigned(x: &[u64]) -> BigUint {
    BigUint::new(
        x.iter()
            .flat_map(|l| [*l as u32, (l >> 32) as u32])
            .collect(),
    )
}

/// The signed number as the library's type.
pub fn to_signed(negative: bool, x: &[u64]) -> BigInt {
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    BigInt::from_biguint(sign, to_unsigned(x))
}

/// Writes a number of the library's; `out` has room for its limbs.
pub fn from_unsigned(x: &BigUint, out: &mut [u64]) -> usize {
    let limbs = x.iter_u64_digits();
    let len = limbs.len();
    for (o, limb) in out[..len].iter_mut().zip(limbs) {
        *o = limb;
    }
    len
}

#[cfg(test)]
mod tests;

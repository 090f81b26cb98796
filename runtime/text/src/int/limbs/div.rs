//! Quotients and remainders.
//!
//! A division by a machine's double word is slow, and each limb of a quotient would wait for one.
//! Divisors are therefore inverted once and multiplied with: Möller and Granlund, *Improved
//! division by invariant integers* (IEEE Transactions on Computers 60, 2011), algorithms 2 to 6.

use super::{compare, from_unsigned, increment, to_unsigned, trimmed_len, with_scratch};
use num_integer::Integer;
use std::cmp::Ordering;

/// From this length of divisor and quotient on the library's recursive method is quicker.
const LONG: usize = 350;

/// A divisor of one limb with its highest bit set, and its reciprocal.
#[derive(Clone, Copy)]
pub struct Reciprocal {
    divisor: u64,
    /// `(2**128 - 1) // divisor - 2**64`.
    inverse: u64,
}

impl Reciprocal {
    /// Of a divisor with its highest bit set.
    #[inline]
    pub const fn new(divisor: u64) -> Reciprocal {
        debug_assert!(divisor >> 63 == 1);
        let rest = ((!divisor) as u128) << 64 | u64::MAX as u128;
        Reciprocal {
            divisor,
            inverse: (rest / divisor as u128) as u64,
        }
    }

    /// Quotient and remainder of a double word whose high part is below the divisor.
    #[inline]
    pub fn div_rem(self, high: u64, low: u64) -> (u64, u64) {
        let (q0, q1) = self.inverse.carrying_mul_add(high, low, 0);
        let mut quotient = q1.wrapping_add(high).wrapping_add(1);
        let mut rest = low.wrapping_sub(quotient.wrapping_mul(self.divisor));
        if rest > q0 {
            quotient = quotient.wrapping_sub(1);
            rest = rest.wrapping_add(self.divisor);
        }
        if rest >= self.divisor {
            quotient = quotient.wrapping_add(1);
            rest -= self.divisor;
        }
        (quotient, rest)
    }
}

/// The two highest limbs of a divisor, and their reciprocal.
struct Top {
    divisor: u128,
    /// `(2**192 - 1) // divisor - 2**64`.
    inverse: u64,
}

const fn low(x: u128) -> u64 {
    x as u64
}

const fn high(x: u128) -> u64 {
    (x >> 64) as u64
}

impl Top {
    fn new(d1: u64, d0: u64) -> Top {
        let mut inverse = Reciprocal::new(d1).inverse;
        let (mut p, over) = d1.wrapping_mul(inverse).overflowing_add(d0);
        if over {
            inverse = inverse.wrapping_sub(1);
            if p >= d1 {
                inverse = inverse.wrapping_sub(1);
                p -= d1;
            }
            p = p.wrapping_sub(d1);
        }
        let divisor = u128::from(d1) << 64 | u128::from(d0);
        let product = u128::from(inverse) * u128::from(d0);
        let (p, over) = p.overflowing_add(high(product));
        if over {
            inverse = inverse.wrapping_sub(1);
            if u128::from(p) << 64 | u128::from(low(product)) >= divisor {
                inverse = inverse.wrapping_sub(1);
            }
        }
        Top { divisor, inverse }
    }

    /// The quotient of three limbs, the two higher of which are below the divisor.
    #[inline]
    fn div(&self, u2: u64, u1: u64, u0: u64) -> u64 {
        let (d1, d0) = (high(self.divisor), low(self.divisor));
        let (q0, q1) = self.inverse.carrying_mul_add(u2, u1, 0);
        let q1 = q1.wrapping_add(u2);
        let r1 = u1.wrapping_sub(q1.wrapping_mul(d1));
        let mut rest = (u128::from(r1) << 64 | u128::from(u0))
            .wrapping_sub(u128::from(d0) * u128::from(q1))
            .wrapping_sub(self.divisor);
        let mut quotient = q1.wrapping_add(1);
        if high(rest) >= q0 {
            quotient = quotient.wrapping_sub(1);
            rest = rest.wrapping_add(self.divisor);
        }
        if rest >= self.divisor {
            quotient = quotient.wrapping_add(1);
        }
        quotient
    }
}

/// `a // word`, as long as `a` at most, and `a % word`. The word is not zero.
pub fn div_rem_word(a: &[u64], word: u64, quotient: &mut [u64]) -> (usize, u64) {
    let shift = word.leading_zeros();
    let by = Reciprocal::new(word << shift);
    let quotient = &mut quotient[..a.len()];
    // Each limb with the bits that the shift brings in from the one below.
    let spill = |x: u64| if shift == 0 { 0 } else { x >> (64 - shift) };
    let mut rest = a.last().map_or(0, |top| spill(*top));
    for i in (0..a.len()).rev() {
        let below = if i == 0 { 0 } else { spill(a[i - 1]) };
        (quotient[i], rest) = by.div_rem(rest, a[i] << shift | below);
    }
    (trimmed_len(quotient), rest >> shift)
}

/// `a // b` and `a % b`; the lengths of both.
///
/// `quotient` has a limb more than `a` has beyond `b`, or is as long as `a` if that is shorter;
/// `rest` has a limb more than the longer of them, since the work is done there. The divisor is not zero.
pub fn div_rem(a: &[u64], b: &[u64], quotient: &mut [u64], rest: &mut [u64]) -> (usize, usize) {
    if compare(a, b) == Ordering::Less {
        rest[..a.len()].copy_from_slice(a);
        return (0, a.len());
    }
    if let [word] = b {
        let (len, left) = div_rem_word(a, *word, quotient);
        rest[0] = left;
        return (len, usize::from(left != 0));
    }
    if b.len() >= LONG && a.len() - b.len() >= LONG {
        let (whole, left) = to_unsigned(a).div_rem(&to_unsigned(b));
        return (from_unsigned(&whole, quotient), from_unsigned(&left, rest));
    }
    with_scratch(b.len(), |divisor| {
        long_division(a, b, divisor, quotient, rest)
    })
}

/// Knuth's algorithm D with quotient limbs from the three highest limbs at once.
fn long_division(
    a: &[u64],
    b: &[u64],
    divisor: &mut [u64],
    quotient: &mut [u64],
    rest: &mut [u64],
) -> (usize, usize) {
    let n = b.len();
    let shift = b[n - 1].leading_zeros();
    shift_up(b, shift, divisor);
    rest[a.len()] = shift_up(a, shift, rest);
    let (d1, d0) = (divisor[n - 1], divisor[n - 2]);
    let top = Top::new(d1, d0);
    let places = a.len() - n + 1;
    for j in (0..places).rev() {
        let part = &mut rest[j..=j + n];
        let (u2, u1, u0) = (part[n], part[n - 1], part[n - 2]);
        let mut q = if u2 == d1 && u1 == d0 {
            u64::MAX
        } else {
            top.div(u2, u1, u0)
        };
        if sub_product(part, divisor, q) {
            q = q.wrapping_sub(1);
            add_back(part, divisor);
        }
        quotient[j] = q;
    }
    shift_down(&mut rest[..n], shift);
    (trimmed_len(&quotient[..places]), trimmed_len(&rest[..n]))
}

/// Subtracts `b * word` from `x`, which is a limb longer; whether that was too much.
#[inline]
fn sub_product(x: &mut [u64], b: &[u64], word: u64) -> bool {
    let mut carry = 0u64;
    for (x, b) in x.iter_mut().zip(b) {
        let (product, over) = b.carrying_mul(word, carry);
        let (left, borrow) = x.overflowing_sub(product);
        *x = left;
        // Cannot overflow: the high part has all its bits set only where the low one is zero,
        // and zero borrows nothing.
        carry = over + u64::from(borrow);
    }
    let (left, borrow) = x[b.len()].overflowing_sub(carry);
    x[b.len()] = left;
    borrow
}

/// Undoes one subtraction of the divisor too many.
#[cold]
fn add_back(x: &mut [u64], b: &[u64]) {
    let mut carry = false;
    for (x, b) in x.iter_mut().zip(b) {
        (*x, carry) = x.carrying_add(*b, carry);
    }
    x[b.len()] = x[b.len()].wrapping_add(carry.into());
}

/// `x << shift` below a limb's size into as many limbs; the bits beyond those.
#[inline]
fn shift_up(x: &[u64], shift: u32, out: &mut [u64]) -> u64 {
    if shift == 0 {
        out[..x.len()].copy_from_slice(x);
        return 0;
    }
    let mut below = 0;
    for (o, limb) in out.iter_mut().zip(x) {
        *o = limb << shift | below;
        below = limb >> (64 - shift);
    }
    below
}

#[inline]
fn shift_down(x: &mut [u64], shift: u32) {
    if shift == 0 {
        return;
    }
    let mut above = 0;
    for limb in x.iter_mut().rev() {
        (*limb, above) = (*limb >> shift | above, *limb << (64 - shift));
    }
}

/// As [`div_rem`] of signed numbers, rounded down: whether the quotient is negative and its
/// length, then those of the remainder, which has the divisor's sign. The quotient needs one limb
/// more than there.
pub fn div_floor(
    (a_negative, a): (bool, &[u64]),
    (b_negative, b): (bool, &[u64]),
    quotient: &mut [u64],
    rest: &mut [u64],
) -> ((bool, usize), (bool, usize)) {
    let (mut whole, mut left) = div_rem(a, b, quotient, rest);
    if a_negative != b_negative && left != 0 {
        whole = increment(quotient, whole);
        // `b - rest`, in place.
        let mut borrow = false;
        rest[left..b.len()].fill(0);
        for (r, b) in rest.iter_mut().zip(b) {
            (*r, borrow) = b.borrowing_sub(*r, borrow);
        }
        left = trimmed_len(&rest[..b.len()]);
    }
    (
        (a_negative != b_negative && whole != 0, whole),
        (b_negative && left != 0, left),
    )
}

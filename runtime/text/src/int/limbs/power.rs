//! Powers, plain and modulo.

use super::{
    bit_length, compare, div_rem, from_unsigned, mul, mul_word, square, to_unsigned, trimmed_len,
    with_scratch,
};
use crate::int::BigUint;
use std::cmp::Ordering;

/// From this length of the result on the library multiplies.
const LONG: usize = 64;

/// How many limbs [`pow`] needs at most; `None` when that overflows.
pub fn pow_len(x: &[u64], e: u64) -> Option<usize> {
    let bits = bit_length(x).checked_mul(e)?;
    usize::try_from(bits / 64 + 2).ok()
}

/// `x ** e` of a magnitude above one and an exponent above zero; the exponents that do not fit
/// 32 bits have results that do not fit anywhere.
pub fn pow(x: &[u64], e: u32, out: &mut [u64]) -> usize {
    if out.len() > LONG {
        return from_unsigned(&to_unsigned(x).pow(e), out);
    }
    // The highest bits of the exponent, as long as the power fits a limb.
    let mut left = 32 - e.leading_zeros();
    let mut word = 1u64;
    if let [base] = x {
        while left > 0 {
            let bit = e >> (left - 1) & 1 == 1;
            let next = word.checked_mul(word);
            let next = next.and_then(|n| if bit { n.checked_mul(*base) } else { Some(n) });
            let Some(next) = next else { break };
            word = next;
            left -= 1;
        }
    }
    // Two buffers that take turns; the last result is to lie in `out`.
    with_scratch(out.len(), |other| {
        let (mut now, mut next) = (out, other);
        let mut swapped = false;
        now[0] = word;
        let mut len = 1;
        for bit in (0..left).rev() {
            len = square(&now[..len], next);
            (now, next, swapped) = (next, now, !swapped);
            if e >> bit & 1 == 1 {
                len = match x {
                    [base] => mul_word(&now[..len], *base, next),
                    _ => mul(&now[..len], x, next),
                };
                (now, next, swapped) = (next, now, !swapped);
            }
        }
        if swapped {
            next[..len].copy_from_slice(&now[..len]);
        }
        len
    })
}

/// Bits of an exponent up to which dividing after each multiplication is quickest.
const SHORT_EXPONENT: u64 = 24;

/// `x ** e % m` for an exponent that may be zero and a modulus that is not.
pub fn pow_mod(x: &[u64], e: &[u64], m: &[u64]) -> BigUint {
    if m == [1] {
        return BigUint::ZERO;
    }
    let mut reduced = vec![0; x.len() + 1];
    let mut quotient = vec![0; x.len() + 1];
    let (_, len) = div_rem(x, m, &mut quotient, &mut reduced);
    reduced.truncate(len);
    if len == 0 {
        return BigUint::from(u8::from(e.is_empty()));
    }
    if m[0] & 1 == 1 && bit_length(e) > SHORT_EXPONENT {
        return Montgomery::new(m).pow(&reduced, e);
    }
    by_division(&reduced, e, m)
}

/// The bits of an exponent, the highest first.
fn bits(e: &[u64]) -> impl Iterator<Item = bool> + '_ {
    (0..bit_length(e))
        .rev()
        .map(|i| e[(i / 64) as usize] >> (i % 64) & 1 == 1)
}

/// Square and multiply, with a remainder after each.
fn by_division(x: &[u64], e: &[u64], m: &[u64]) -> BigUint {
    let n = m.len();
    let mut product = vec![0; 2 * n];
    let mut quotient = vec![0; 2 * n + 1];
    let mut now = vec![0; 2 * n + 1];
    now[0] = 1;
    let mut len = 1;
    let mut started = false;
    for bit in bits(e) {
        if started {
            let wide = square(&now[..len], &mut product);
            (_, len) = div_rem(&product[..wide], m, &mut quotient, &mut now);
        }
        if bit {
            let wide = mul(&now[..len], x, &mut product);
            (_, len) = div_rem(&product[..wide], m, &mut quotient, &mut now);
            started = true;
        }
    }
    to_unsigned(&now[..len])
}

/// Arithmetic modulo an odd number on residues scaled by `2**(64 * n)`: P. L. Montgomery, *Modular
/// multiplication without trial division* (Mathematics of Computation 44, 1985). Numbers here
/// have `n` limbs, as the modulus does.
struct Montgomery<'a> {
    modulus: &'a [u64],
    /// `-1 / modulus`, modulo `2**64`.
    inverse: u64,
}

impl Montgomery<'_> {
    fn new(modulus: &[u64]) -> Montgomery<'_> {
        // Newton's method: each step doubles the bits that are right.
        let low = modulus[0];
        let mut inverse = low;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(low.wrapping_mul(inverse)));
        }
        Montgomery {
            modulus,
            inverse: inverse.wrapping_neg(),
        }
    }

    /// `a * b / 2**(64 * n)` into `out`, which is two limbs longer than the numbers.
    fn mul(&self, a: &[u64], b: &[u64], out: &mut [u64]) {
        let n = self.modulus.len();
        out[..n + 2].fill(0);
        for word in &b[..n] {
            let mut carry = 0;
            for (o, x) in out.iter_mut().zip(&a[..n]) {
                (*o, carry) = x.carrying_mul_add(*word, *o, carry);
            }
            let (high, over) = out[n].overflowing_add(carry);
            // A multiple of the modulus that clears the lowest limb.
            let factor = out[0].wrapping_mul(self.inverse);
            let (_, mut carry) = self.modulus[0].carrying_mul_add(factor, out[0], 0);
            for i in 1..n {
                (out[i - 1], carry) = self.modulus[i].carrying_mul_add(factor, out[i], carry);
            }
            let (sum, more) = high.overflowing_add(carry);
            out[n - 1] = sum;
            out[n] = u64::from(over) + u64::from(more);
        }
        let len = trimmed_len(&out[..=n]);
        if compare(&out[..len], self.modulus) != Ordering::Less {
            let mut borrow = false;
            for (o, m) in out.iter_mut().zip(self.modulus) {
                (*o, borrow) = o.borrowing_sub(*m, borrow);
            }
            out[n] = 0;
        }
    }

    /// `x ** e % modulus`, four bits of the exponent at a time.
    fn pow(&self, x: &[u64], e: &[u64]) -> BigUint {
        let n = self.modulus.len();
        // Rooms of `n + 2` limbs: sixteen powers of `x`, then two that take turns.
        let room = n + 2;
        let mut powers = vec![0; 16 * room];
        let (mut now, mut next) = (vec![0; room], vec![0; room]);
        // 2**(64 * n) and `x` times that are the scaled one and the scaled base.
        let mut scaled = vec![0; 2 * n];
        let mut quotient = vec![0; 2 * n + 1];
        let mut rest = vec![0; 2 * n + 1];
        scaled[n..][..x.len()].copy_from_slice(x);
        let (_, len) = div_rem(
            &scaled[..n + x.len()],
            self.modulus,
            &mut quotient,
            &mut rest,
        );
        powers[room..][..len].copy_from_slice(&rest[..len]);
        scaled[n..].fill(0);
        scaled[n] = 1;
        let (_, len) = div_rem(&scaled[..=n], self.modulus, &mut quotient, &mut rest);
        powers[..len].copy_from_slice(&rest[..len]);
        for i in 2..16 {
            let (done, more) = powers.split_at_mut(i * room);
            self.mul(&done[(i - 1) * room..], &done[room..], more);
        }
        now.copy_from_slice(&powers[..room]);
        let groups = bit_length(e).div_ceil(4);
        for group in (0..groups).rev() {
            if group + 1 != groups {
                for _ in 0..4 {
                    self.mul(&now, &now, &mut next);
                    std::mem::swap(&mut now, &mut next);
                }
            }
            let at = (e[(group / 16) as usize] >> (group % 16 * 4) & 15) as usize;
            if at != 0 {
                self.mul(&now, &powers[at * room..], &mut next);
                std::mem::swap(&mut now, &mut next);
            }
        }
        // Multiplied by one that is not scaled.
        powers[..n].fill(0);
        powers[0] = 1;
        self.mul(&now, &powers, &mut next);
        to_unsigned(&next[..n])
    }
}

//! Products.

use super::{from_unsigned, to_unsigned, trimmed_len};

/// From this length of the shorter factor on the library's Karatsuba method is quicker.
const LONG: usize = 40;

/// Adds `a * word` to the limbs of `out` that lie over `a`; what is carried beyond them.
#[inline]
fn add_product(out: &mut [u64], a: &[u64], word: u64) -> u64 {
    let mut carry = 0;
    for (o, x) in out.iter_mut().zip(a) {
        (*o, carry) = x.carrying_mul_add(word, *o, carry);
    }
    carry
}

/// `a * word`; `out` holds one limb more than `a`. The word is not zero.
#[inline]
pub fn mul_word(a: &[u64], word: u64, out: &mut [u64]) -> usize {
    let mut carry = 0;
    for (o, x) in out.iter_mut().zip(a) {
        (*o, carry) = x.carrying_mul(word, carry);
    }
    out[a.len()] = carry;
    a.len() + usize::from(carry != 0)
}

/// `a * b`; `out` holds as many limbs as both together.
pub fn mul(a: &[u64], b: &[u64], out: &mut [u64]) -> usize {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let Some((first, rest)) = b.split_first() else {
        return 0;
    };
    if b.len() >= LONG {
        return from_unsigned(&(to_unsigned(a) * to_unsigned(b)), out);
    }
    mul_word(a, *first, out);
    for (i, word) in rest.iter().enumerate() {
        let over = &mut out[i + 1..][..=a.len()];
        let (high, low) = over.split_last_mut().expect("a limb more");
        *high = add_product(low, a, *word);
    }
    trimmed_len(&out[..a.len() + b.len()])
}

/// `a * a`; `out` is twice as long as `a`.
pub fn square(a: &[u64], out: &mut [u64]) -> usize {
    // Few limbs: the products saved do not pay for the passes over the result.
    if a.len() < 6 || a.len() >= LONG {
        return mul(a, a, out);
    }
    let out = &mut out[..2 * a.len()];
    // Products of different limbs, each pair once.
    out[0] = 0;
    out[a.len()] = mul_row(&a[1..], a[0], &mut out[1..]);
    for i in 1..a.len() {
        let (low, high) = out[2 * i + 1..].split_at_mut(a.len() - i - 1);
        high[0] = add_product(low, &a[i + 1..], a[i]);
    }
    // Twice those, and the squares.
    let (mut top, mut carry) = (0, 0u64);
    for (pair, limb) in out.chunks_exact_mut(2).zip(a) {
        let doubled = [pair[0] << 1 | top, pair[1] << 1 | pair[0] >> 63];
        top = pair[1] >> 63;
        let (low, high) = limb.carrying_mul_add(*limb, doubled[0], carry);
        pair[0] = low;
        let (sum, over) = doubled[1].overflowing_add(high);
        (pair[1], carry) = (sum, over.into());
    }
    trimmed_len(out)
}

/// As [`mul_word`], except that the highest limb is returned.
#[inline]
fn mul_row(a: &[u64], word: u64, out: &mut [u64]) -> u64 {
    let mut carry = 0;
    for (o, x) in out.iter_mut().zip(a) {
        (*o, carry) = x.carrying_mul(word, carry);
    }
    carry
}

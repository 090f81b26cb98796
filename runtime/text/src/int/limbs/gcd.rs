//! The greatest common divisor by Lehmer's method: leading words decide many division steps at
//! once, and the long numbers are touched only once per some thirty bits.

use super::{BITS, bit_length, compare, div_rem, div_rem_word, trimmed_len};
use crate::int::gcd_u64;
use std::cmp::Ordering;

/// How many leading bits decide.
const LEADING: u64 = 62;

/// The greatest common divisor, trimmed.
pub fn gcd(a: &[u64], b: &[u64]) -> Vec<u64> {
    let (a, b) = match compare(a, b) {
        Ordering::Less => (b, a),
        _ => (a, b),
    };
    if let [word] = b {
        return by_word(a, *word);
    }
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    let mut quotient = Vec::new();
    loop {
        match *b {
            [] => return a,
            [word] => return by_word(&a, word),
            _ => {}
        }
        let shift = bit_length(&a) - LEADING;
        match steps(leading(&a, shift), leading(&b, shift)) {
            None => {
                quotient.resize(a.len() + 1, 0);
                let mut rest = vec![0; a.len() + 1];
                let (_, len) = div_rem(&a, &b, &mut quotient, &mut rest);
                rest.truncate(len);
                a = std::mem::replace(&mut b, rest);
            }
            Some(matrix) => {
                b.resize(a.len(), 0);
                apply(matrix, &mut a, &mut b);
                a.truncate(trimmed_len(&a));
                b.truncate(trimmed_len(&b));
                if compare(&a, &b) == Ordering::Less {
                    std::mem::swap(&mut a, &mut b);
                }
            }
        }
    }
}

fn by_word(a: &[u64], word: u64) -> Vec<u64> {
    let rest = match *a {
        [low] => low,
        _ => div_rem_word(a, word, &mut vec![0; a.len()]).1,
    };
    vec![gcd_u64(word, rest)]
}

/// The bits from `shift` on, which are no more than a word holds.
fn leading(x: &[u64], shift: u64) -> i64 {
    let (at, by) = ((shift / BITS) as usize, shift % BITS);
    let limb = |i: usize| u128::from(x.get(i).copied().unwrap_or(0));
    ((limb(at + 1) << 64 | limb(at)) >> by) as i64
}

/// The division steps that the leading bits determine, as a matrix; `None` when there are none.
fn steps(mut x: i64, mut y: i64) -> Option<[i64; 4]> {
    let [mut a, mut b, mut c, mut d] = [1i64, 0, 0, 1];
    loop {
        if y + c == 0 || y + d == 0 {
            break;
        }
        let q = (x + a) / (y + c);
        if q >= 1 << 31 {
            break;
        }
        // Whether `(x + b) / (y + d)` is the same.
        let rest = q.checked_mul(y + d).map_or(-1, |product| x + b - product);
        if rest < 0 || rest >= y + d {
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

/// Multiplies the matrix with the pair of numbers, which are of one length; the products are not
/// negative and no longer.
fn apply([p, q, r, s]: [i64; 4], a: &mut [u64], b: &mut [u64]) {
    let (mut first, mut second) = (0i128, 0i128);
    for (x, y) in a.iter_mut().zip(b) {
        let (u, v) = (i128::from(*x), i128::from(*y));
        first += u * i128::from(p) + v * i128::from(q);
        second += u * i128::from(r) + v * i128::from(s);
        (*x, *y) = (first as u64, second as u64);
        first >>= 64;
        second >>= 64;
    }
    debug_assert_eq!((first, second), (0, 0));
}

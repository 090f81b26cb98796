//! Text.

use super::{BITS, Reciprocal, bit_length, trimmed_len};

/// The digits of a group, and the power of ten that takes them off.
const GROUP: (usize, u64) = (19, 10_000_000_000_000_000_000);

/// Decimal text, by dividing the limbs by the power of ten that just fits one: the quickest way
/// up to some thousand digits.
pub fn decimal_text(negative: bool, x: &[u64]) -> String {
    const BY: Reciprocal = Reciprocal::new(GROUP.1);
    let mut limbs = x.to_vec();
    let mut groups = Vec::with_capacity(limbs.len() + 2);
    while !limbs.is_empty() {
        let mut rest = 0;
        for limb in limbs.iter_mut().rev() {
            (*limb, rest) = BY.div_rem(rest, *limb);
        }
        groups.push(rest);
        limbs.truncate(trimmed_len(&limbs));
    }
    let mut digits = vec![b'0'; groups.len().max(1) * GROUP.0 + 1];
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
    finish(negative, digits)
}

/// Text in base `2**bits`, of 1 to 5 bits a digit, lower case and without prefix.
pub fn binary_text(negative: bool, x: &[u64], bits: u32) -> String {
    let length = bit_length(x).div_ceil(bits.into()).max(1) as usize;
    let mut digits = vec![b'0'; length + 1];
    match bits {
        1 => whole_digits::<1>(x, &mut digits[1..]),
        2 => whole_digits::<2>(x, &mut digits[1..]),
        4 => whole_digits::<4>(x, &mut digits[1..]),
        _ => digits_across(x, bits, &mut digits[1..]),
    }
    finish(negative, digits)
}

fn digit(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

/// Digits that never lie across two limbs.
fn whole_digits<const SIZE: usize>(x: &[u64], digits: &mut [u8]) {
    for (limb, digits) in x.iter().zip(digits.rchunks_mut(64 / SIZE)) {
        for (i, d) in digits.iter_mut().rev().enumerate() {
            *d = digit((limb >> (i * SIZE)) as u8 & ((1 << SIZE) - 1));
        }
    }
}

fn digits_across(x: &[u64], bits: u32, digits: &mut [u8]) {
    let mask = (1 << bits) - 1;
    let (mut word, mut have) = (0u64, 0);
    let mut limbs = x.iter();
    for d in digits.iter_mut().rev() {
        if have >= bits {
            *d = digit((word & mask) as u8);
            word >>= bits;
            have -= bits;
        } else {
            let next = limbs.next().copied().unwrap_or(0);
            *d = digit(((next << have | word) & mask) as u8);
            word = next >> (bits - have);
            have += BITS as u32 - bits;
        }
    }
}

/// Digits behind a place for the sign, without their leading zeros but for the last.
fn finish(negative: bool, mut digits: Vec<u8>) -> String {
    let first = digits.iter().position(|d| *d != b'0');
    let mut first = first.unwrap_or(digits.len() - 1);
    if negative {
        first -= 1;
        digits[first] = b'-';
    }
    digits.drain(..first);
    String::from_utf8(digits).expect("digits")
}

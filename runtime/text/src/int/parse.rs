//! Reading integers from text, as `int()` and the tokenizer's literals want it.

use super::BigInt;
use crate::buf::CodeUnit;
use crate::float::TrimSpace;
use crate::unicode::case::to_decimal_ascii;
use num_bigint::{BigUint, Sign};

/// Why a text is not an integer; both are ValueErrors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// "invalid literal for int() with base %d: %R".
    Malformed,
    /// More decimal digits than `sys.set_int_max_str_digits` allows; carries how many there are.
    TooManyDigits(usize),
}

/// An integer read from text; small ones are not worth an allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Fits 64 bits.
    Small(i64),
    /// Does not.
    Big(BigInt),
}

/// `int(str, base)`: as [`parse_ascii`] with Unicode digits and spaces understood.
pub fn parse<U: CodeUnit>(s: &[U], base: u32, max_digits: usize) -> Result<Parsed, ParseError> {
    let s = to_decimal_ascii(s).ok_or(ParseError::Malformed)?;
    parse_ascii(&s, base, max_digits)
}

/// Reads an integer in `base` (2 to 36, or 0 to go by a prefix as literals do).
///
/// Spaces around, a sign, the base's own prefix and single underscores between digits are
/// allowed. `max_digits` limits bases that are not powers of two; 0 means no limit.
pub fn parse_ascii(s: &[u8], base: u32, max_digits: usize) -> Result<Parsed, ParseError> {
    debug_assert!(base == 0 || (2..=36).contains(&base));
    let s = s.trim_ascii_with_vt();
    let (negative, s) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, s),
    };
    let prefix = match s {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let (base, s, only_zero) = match base {
        _ if prefix != 0 && (base == 0 || base == prefix) => {
            let s = &s[2..];
            (prefix, s.strip_prefix(b"_").unwrap_or(s), false)
        }
        // A literal with a leading zero would be an old octal one, unless it is zero.
        0 => (10, s, s.first() == Some(&b'0')),
        _ => (base, s, false),
    };
    // Most integers are short and plain.
    if base == 10 && (1..=18).contains(&s.len()) && !only_zero && s.iter().all(u8::is_ascii_digit) {
        let value = s.iter().fold(0, |n, &b| n * 10 + i64::from(b - b'0'));
        return Ok(Parsed::Small(if negative { -value } else { value }));
    }
    let mut digits = Vec::with_capacity(s.len());
    let mut after_digit = false;
    if base <= 10 && s.iter().all(|b| (b'0'..b'0' + base as u8).contains(b)) {
        digits.extend(s.iter().map(|b| b - b'0'));
        after_digit = !s.is_empty();
    } else {
        for &b in s {
            if b == b'_' && after_digit {
                after_digit = false;
                continue;
            }
            let digit = (b as char).to_digit(base).ok_or(ParseError::Malformed)?;
            digits.push(digit as u8);
            after_digit = true;
        }
    }
    if !after_digit || (only_zero && digits.iter().any(|&d| d != 0)) {
        return Err(ParseError::Malformed);
    }
    if max_digits != 0 && digits.len() > max_digits && !base.is_power_of_two() {
        return Err(ParseError::TooManyDigits(digits.len()));
    }
    Ok(from_digits(negative, &digits, base))
}

/// Up to here one multiplication of all limbs for each group of digits is quickest.
const SHORT_DIGITS: usize = 1000;

/// The number that digits of a base up to ten spell.
fn short_magnitude(digits: &[u8], base: u32) -> BigUint {
    let base = u64::from(base);
    let value = |group: &[u8]| group.iter().fold(0, |n, &d| n * base + u64::from(d));
    // Groups of eighteen stay below 2**63; the first has what is left over.
    let (head, groups) = digits.split_at(digits.len() % 18);
    let scale = base.pow(18);
    let mut limbs = vec![value(head)];
    for group in groups.chunks_exact(18) {
        let mut carry = value(group);
        for limb in &mut limbs {
            let wide = u128::from(*limb) * u128::from(scale) + u128::from(carry);
            *limb = wide as u64;
            carry = (wide >> 64) as u64;
        }
        if carry != 0 {
            limbs.push(carry);
        }
    }
    BigUint::new(
        limbs
            .iter()
            .flat_map(|l| [*l as u32, (l >> 32) as u32])
            .collect(),
    )
}

fn from_digits(negative: bool, digits: &[u8], base: u32) -> Parsed {
    // Twelve digits of base 36 and eighteen decimal ones stay below 2**63.
    if digits.len() <= 12 || (base <= 10 && digits.len() <= 18) {
        let value = digits
            .iter()
            .fold(0, |n, &d| n * i64::from(base) + i64::from(d));
        return Parsed::Small(if negative { -value } else { value });
    }
    let magnitude = if base <= 10 && digits.len() <= SHORT_DIGITS {
        short_magnitude(digits, base)
    } else {
        BigUint::from_radix_be(digits, base).expect("digits below the base")
    };
    let value = BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, magnitude);
    match i64::try_from(&value) {
        Ok(small) => Parsed::Small(small),
        Err(_) => Parsed::Big(value),
    }
}

//! Integer literals of any size, and constants as big integers.

use num_bigint::{BigInt, Sign};
use num_traits::{Num, ToPrimitive};
use taipan_bytecode::Const;

/// The constant for an integer.
pub fn bigint_const(value: &BigInt) -> Const {
    match value.to_i64() {
        Some(small) => Const::Int(small),
        None => {
            let (sign, magnitude) = value.to_bytes_le();
            Const::BigInt {
                negative: sign == Sign::Minus,
                magnitude,
            }
        }
    }
}

/// The integer that a constant holds; booleans count as integers.
pub fn const_to_bigint(value: &Const) -> Option<BigInt> {
    Some(match value {
        Const::Int(i) => BigInt::from(*i),
        Const::True => BigInt::from(1),
        Const::False => BigInt::from(0),
        Const::BigInt {
            negative,
            magnitude,
        } => BigInt::from_bytes_le(if *negative { Sign::Minus } else { Sign::Plus }, magnitude),
        _ => return None,
    })
}

/// Decimal digits that a literal may have (`sys.int_info.default_max_str_digits`).
const MAX_DIGITS: usize = 4300;

/// Reads an integer literal as written; the error is the number of digits of a
/// decimal literal that is too long.
pub fn parse_int(text: &str) -> Result<Const, usize> {
    let clean: String = text.chars().filter(|&c| c != '_').collect();
    let (radix, digits) = match clean.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &clean[2..]),
        [b'0', b'o' | b'O', ..] => (8, &clean[2..]),
        [b'0', b'b' | b'B', ..] => (2, &clean[2..]),
        _ => (10, &clean[..]),
    };
    if radix == 10 && digits.len() > MAX_DIGITS {
        return Err(digits.len());
    }
    if let Ok(small) = i64::from_str_radix(digits, radix) {
        return Ok(Const::Int(small));
    }
    Ok(BigInt::from_str_radix(digits, radix).map_or(Const::Int(0), |v| bigint_const(&v)))
}

//! `float.hex` and `float.fromhex`.

use super::parse::TrimSpace;

/// Why [`from_hex`] refused a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// ValueError.
    Malformed,
    /// OverflowError.
    TooLarge,
}

impl HexError {
    /// The message CPython raises with.
    pub fn message(self) -> &'static str {
        match self {
            HexError::Malformed => "invalid hexadecimal floating-point string",
            HexError::TooLarge => "hexadecimal value too large to represent as a float",
        }
    }
}

/// `float.hex`.
pub fn to_hex(value: f64) -> String {
    if !value.is_finite() {
        return super::repr(value);
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let (lead, exponent) = match (bits >> 52 & 0x7FF) as i32 {
        0 => (0, -1022),
        biased => (1, biased - 1023),
    };
    format!("{sign}0x{lead}.{fraction:013x}p{exponent:+}")
}

/// `float.fromhex` on ASCII text; other text is malformed.
pub fn from_hex(s: &[u8]) -> Result<f64, HexError> {
    let s = s.trim_ascii_with_vt();
    let (negative, s) = match s {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, s),
    };
    let named = match s.to_ascii_lowercase().as_slice() {
        b"inf" | b"infinity" => Some(f64::INFINITY),
        b"nan" => Some(f64::NAN),
        _ => None,
    };
    let value = match named {
        Some(v) => v,
        None => magnitude(s)?,
    };
    Ok(if negative { -value } else { value })
}

fn magnitude(s: &[u8]) -> Result<f64, HexError> {
    let s = match s {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        _ => s,
    };
    // The leading bits go to `mantissa`; any set bit beyond them only matters for rounding.
    let (mut mantissa, mut sticky, mut exponent) = (0u64, false, 0i64);
    let (mut digits, mut seen_point, mut at) = (0, false, 0);
    while let Some(&b) = s.get(at) {
        if b == b'.' && !seen_point {
            seen_point = true;
        } else if let Some(d) = (b as char).to_digit(16) {
            digits += 1;
            if mantissa >> 59 == 0 {
                mantissa = mantissa << 4 | u64::from(d);
                exponent -= if seen_point { 4 } else { 0 };
            } else {
                sticky |= d != 0;
                exponent += if seen_point { 0 } else { 4 };
            }
        } else {
            break;
        }
        at += 1;
    }
    if digits == 0 {
        return Err(HexError::Malformed);
    }
    if let Some(b'p' | b'P') = s.get(at) {
        at += 1;
        let negative = s.get(at) == Some(&b'-');
        at += usize::from(matches!(s.get(at), Some(b'+' | b'-')));
        let count = s[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return Err(HexError::Malformed);
        }
        let e = s[at..at + count].iter().fold(0i64, |e, &b| {
            // Far beyond any exponent that matters, growth stops.
            (e * 10 + i64::from(b - b'0')).min(1 << 58)
        });
        exponent += if negative { -e } else { e };
        at += count;
    }
    let value = super::compose(mantissa, sticky, exponent).ok_or(HexError::TooLarge)?;
    // As in CPython, overflow is noticed before junk at the end.
    if at == s.len() {
        Ok(value)
    } else {
        Err(HexError::Malformed)
    }
}

//! Text to numbers and back.

use super::limbs::{self, Limbs};
use super::number::{Kind, Number};
use smallvec::SmallVec;

/// Text in ASCII.
pub type Ascii = SmallVec<[u8; 64]>;

/// Exponents are not read beyond this, which is far outside all contexts.
const FAR: i64 = 3_000_000_000_000_000_000;

/// A number of decimal digits alone.
fn digits_value(text: &[u8]) -> u64 {
    text.iter()
        .fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))
}

/// Digits before and after a point as one number.
fn joined(whole: &[u8], fraction: &[u8]) -> Limbs {
    let count = whole.len() + fraction.len();
    if count <= limbs::DIGITS as usize {
        let high = digits_value(whole) * limbs::POWERS[fraction.len()];
        return limbs::from_wide((high + digits_value(fraction)).into());
    }
    if fraction.is_empty() {
        return limbs::from_digits(whole);
    }
    limbs::from_digits(&[whole, fraction].concat())
}

/// A numeric string of the specification; nothing for other text.
pub fn parse(text: &[u8]) -> Option<Number> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let count = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_digit()).count();
    let (whole, rest) = text.split_at(count(text));
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => rest.split_at(count(rest)),
        _ => (&rest[..0], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return special(text, negative);
    }
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => {
            let (negative, digits) = match rest {
                [b'-', digits @ ..] => (true, digits),
                [b'+', digits @ ..] => (false, digits),
                digits => (false, digits),
            };
            if digits.is_empty() || count(digits) != digits.len() {
                return None;
            }
            let size = digits.iter().fold(0, |n: i64, digit| {
                (n.saturating_mul(10))
                    .saturating_add(i64::from(digit - b'0'))
                    .min(FAR)
            });
            if negative { -size } else { size }
        }
        _ => return None,
    };
    Some(Number::new(
        negative,
        joined(whole, fraction),
        exponent - fraction.len() as i64,
    ))
}

#[cold]
fn special(text: &[u8], negative: bool) -> Option<Number> {
    let lower = text.to_ascii_lowercase();
    if matches!(&lower[..], b"inf" | b"infinity") {
        return Some(Number::infinity(negative));
    }
    let (kind, rest) = match &lower[..] {
        [b's', rest @ ..] => (Kind::Signaling, rest),
        rest => (Kind::Quiet, rest),
    };
    let payload = rest.strip_prefix(b"nan")?;
    payload.iter().all(u8::is_ascii_digit).then(|| Number {
        kind,
        ..Number::new(negative, limbs::from_digits(payload), 0)
    })
}

fn write_exponent(out: &mut Ascii, mark: u8, exponent: i64) {
    out.push(mark);
    out.push(if exponent < 0 { b'-' } else { b'+' });
    let digits = limbs::from_wide(exponent.unsigned_abs().into());
    limbs::write_digits(&digits, out);
}

fn write_special(n: &Number, out: &mut Ascii) {
    match n.kind {
        Kind::Infinite => return out.extend_from_slice(b"Infinity"),
        Kind::Signaling => out.extend_from_slice(b"sNaN"),
        _ => out.extend_from_slice(b"NaN"),
    }
    if !n.coefficient.is_empty() {
        limbs::write_digits(&n.coefficient, out);
    }
}

/// The digits with a point after `place` of them.
fn write_pointed(out: &mut Ascii, digits: &[u8], place: i64) {
    let count = digits.len() as i64;
    if place <= 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + place.unsigned_abs() as usize, b'0');
        out.extend_from_slice(digits);
    } else if place >= count {
        out.extend_from_slice(digits);
        out.resize(out.len() + (place - count) as usize, b'0');
    } else {
        let (whole, fraction) = digits.split_at(place as usize);
        out.extend_from_slice(whole);
        out.push(b'.');
        out.extend_from_slice(fraction);
    }
}

/// Appends the number's text: scientific, or with exponents that are multiples of three.
pub fn write(n: &Number, engineering: bool, capitals: bool, out: &mut Ascii) {
    if n.negative {
        out.push(b'-');
    }
    if !n.is_finite() {
        return write_special(n, out);
    }
    let mut digits = Ascii::new();
    limbs::write_digits(&n.coefficient, &mut digits);
    let left = n.exponent + digits.len() as i64;
    let place = if n.exponent <= 0 && left > -6 {
        left
    } else if !engineering {
        1
    } else if n.coefficient.is_empty() {
        (left + 1).rem_euclid(3) - 1
    } else {
        (left - 1).rem_euclid(3) + 1
    };
    write_pointed(out, &digits, place);
    if left != place {
        write_exponent(out, if capitals { b'E' } else { b'e' }, left - place);
    }
}

/// `str(n)`.
pub fn to_scientific(n: &Number, capitals: bool) -> String {
    let mut out = Ascii::new();
    write(n, false, capitals, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back() {
        for s in [
            "0",
            "-0",
            "1",
            "-12.50",
            "0.000001",
            "1E-7",
            "1E+2",
            "123456789012345678901234567890",
            "0.00",
            "0E-8",
            "0E+3",
            "1.23E+400",
            "Infinity",
            "-Infinity",
            "NaN",
            "sNaN12",
            "-NaN7",
        ] {
            let n = parse(s.as_bytes()).expect("a number");
            assert_eq!(to_scientific(&n, true), s);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for s in [
            "", "+", ".", "1.2.3", "e5", "1e", "1e+", "in", "nan1x", "snanx", "--1", "1 ",
        ] {
            assert!(parse(s.as_bytes()).is_none(), "{s}");
        }
    }

    #[test]
    fn engineering_exponents_are_multiples_of_three() {
        let text = |s: &str| {
            let mut out = Ascii::new();
            write(
                &parse(s.as_bytes()).expect("a number"),
                true,
                true,
                &mut out,
            );
            String::from_utf8_lossy(&out).into_owned()
        };
        let got = ["1E+4", "1.23E-8", "0E+5", "0E-7", "12E+7"].map(text);
        assert_eq!(got, ["10E+3", "12.3E-9", "0.0E+6", "0.0E-6", "120E+6"]);
    }
}

//! Text forms of floats: `repr`, the `%`/`format` conversions, parsing, hex form and rounding.
//!
//! Shortest digits come from `zmij`; digits at a given precision from the standard library, whose
//! exact mode rounds correctly at any length. What CPython adds is the layout of those digits,
//! which [`layout`] reproduces for every conversion.

mod complex;
mod fixed;
mod hex;
mod parse;
mod round;
mod significant;

pub use complex::{ComplexError, complex_repr, parse_complex};
pub use fixed::{FIXED_ROOM, write_fixed};
pub use hex::{HexError, from_hex, to_hex};
pub(crate) use parse::TrimSpace;
pub use parse::{parse, parse_ascii};
pub use round::round;

/// Longest run of decimals a double can need; more precision only adds zeros.
const MAX_DECIMALS: usize = 1100;

/// How to lay out a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `e`: one digit, the point, `precision` decimals and an exponent.
    Exp,
    /// `f`: `precision` decimals.
    Fixed,
    /// `g`: `precision` significant digits, with an exponent for large or small values.
    General,
    /// `r`: the shortest digits that read back as the same value; `precision` is not used.
    Repr,
}

/// Details of the layout.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// Write `+` before values that are not negative.
    pub plus: bool,
    /// Write `.0` after a whole number that has no exponent.
    pub dot_zero: bool,
    /// Always write the point, and keep the trailing zeros of `g`.
    pub alternate: bool,
    /// Write a result that rounds to negative zero without its sign.
    pub no_negative_zero: bool,
    /// Use capitals: `E`, `INF`, `NAN`.
    pub upper: bool,
}

/// Significant decimal digits and the position of the point relative to their start.
struct Digits {
    digits: Vec<u8>,
    point: i32,
}

impl Digits {
    /// Reads digits back from a plain or scientific decimal text.
    fn read(text: &str) -> Digits {
        let mut digits = Vec::with_capacity(text.len());
        let (mut point, mut seen_point, mut exponent) = (0, false, 0);
        for (i, b) in text.bytes().enumerate() {
            match b {
                b'0'..=b'9' => {
                    if digits.is_empty() && b == b'0' {
                        point -= i32::from(seen_point);
                    } else {
                        digits.push(b);
                        point += i32::from(!seen_point);
                    }
                }
                b'.' => seen_point = true,
                b'e' => {
                    exponent = text[i + 1..].parse().expect("a formatted exponent");
                    break;
                }
                _ => {}
            }
        }
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Digits {
                digits: vec![b'0'],
                point: 1,
            };
        }
        Digits {
            digits,
            point: point + exponent,
        }
    }

    /// The first `count` digits of a value that is not negative.
    fn leading(x: f64, count: usize) -> Digits {
        if x > 0.0
            && let Some((value, first)) = significant::significant(x, count)
        {
            let mut digits = Vec::with_capacity(count);
            let mut rest = value;
            while rest > 0 {
                if !digits.is_empty() || rest % 10 != 0 {
                    digits.push(b'0' + (rest % 10) as u8);
                }
                rest /= 10;
            }
            digits.reverse();
            return Digits {
                digits,
                point: first + 1,
            };
        }
        Digits::read(&format!("{x:.*e}", count - 1))
    }

    fn is_zero(&self) -> bool {
        self.digits == [b'0']
    }
}

/// Formats `value`; `precision` is the number of decimals or digits the kind asks for.
pub fn format(value: f64, kind: Kind, precision: usize, flags: Flags) -> String {
    let mut out = String::new();
    let mut negative = value.is_sign_negative() && !value.is_nan();
    if !value.is_finite() {
        let name = match (value.is_nan(), flags.upper) {
            (true, false) => "nan",
            (true, true) => "NAN",
            (false, false) => "inf",
            (false, true) => "INF",
        };
        push_sign(&mut out, negative, flags);
        out.push_str(name);
        return out;
    }
    let x = value.abs();
    let precision = if kind == Kind::General {
        precision.max(1)
    } else {
        precision
    };
    if kind == Kind::Fixed && !flags.alternate && !flags.dot_zero {
        push_sign(&mut out, negative, flags);
        let signed = out.len();
        if let Some(zero) = fixed::push_fixed(&mut out, x, precision) {
            if zero && negative && flags.no_negative_zero {
                out.replace_range(..signed, if flags.plus { "+" } else { "" });
            }
            return out;
        }
        out.clear();
    }
    let capped = precision.min(MAX_DECIMALS);
    let digits = match kind {
        Kind::Repr => Digits::read(zmij::Buffer::new().format_finite(x)),
        Kind::Exp => Digits::leading(x, capped + 1),
        Kind::General => Digits::leading(x, capped),
        Kind::Fixed => Digits::read(&format!("{x:.capped$}")),
    };
    if flags.no_negative_zero && digits.is_zero() {
        negative = false;
    }
    push_sign(&mut out, negative, flags);
    layout(&mut out, &digits, kind, precision, flags);
    out
}

fn push_sign(out: &mut String, negative: bool, flags: Flags) {
    if negative {
        out.push('-');
    } else if flags.plus {
        out.push('+');
    }
}

/// Writes digits the way `kind` wants them.
fn layout(out: &mut String, d: &Digits, kind: Kind, precision: usize, flags: Flags) {
    let precision = i64::try_from(precision).unwrap_or(i64::MAX / 4);
    let mut point = i64::from(d.point);
    let len = d.digits.len() as i64;
    let (exponential, wanted) = match kind {
        Kind::Exp => (true, precision + 1),
        Kind::Fixed => (false, point + precision),
        Kind::General => {
            let limit = precision - i64::from(flags.dot_zero);
            (
                point <= -4 || point > limit,
                if flags.alternate { precision } else { len },
            )
        }
        Kind::Repr => (point <= -4 || point > 16, len),
    };
    let exponent = point - 1;
    if exponential {
        point = 1;
    }
    // The digits to write run from `start` to `end`, with zeros outside the ones there are.
    let start = if point <= 0 { point - 1 } else { 0 };
    let dot_zero = i64::from(!exponential && flags.dot_zero);
    let end = wanted.max(len).max(point + dot_zero);
    let digit = |i: i64| {
        if (0..len).contains(&i) {
            d.digits[i as usize] as char
        } else {
            '0'
        }
    };
    out.reserve((end - start + 8) as usize);
    out.extend((start..point.max(start)).map(digit));
    if end > point || flags.alternate {
        out.push('.');
        out.extend((point..end).map(digit));
    }
    if exponential {
        let e = if flags.upper { 'E' } else { 'e' };
        let sign = if exponent < 0 { '-' } else { '+' };
        out.push(e);
        out.push(sign);
        let size = exponent.unsigned_abs();
        let tens = [size / 100, size / 10 % 10, size % 10];
        // Two digits at least; a double's exponent has no more than three.
        let skipped = usize::from(size < 100);
        out.extend(tens[skipped..].iter().map(|d| char::from(b'0' + *d as u8)));
    }
}

/// `repr` of a float.
pub fn repr(value: f64) -> String {
    format(
        value,
        Kind::Repr,
        0,
        Flags {
            dot_zero: true,
            ..Flags::default()
        },
    )
}

/// Splits a finite value into an odd (or zero) mantissa and a power of two: `m * 2**e`.
///
/// With `e` negative, `m` over `2**-e` is `as_integer_ratio` in lowest terms.
pub fn odd_parts(value: f64) -> (i64, i32) {
    let bits = value.to_bits();
    let biased = (bits >> 52 & 0x7FF) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (m, e) = if biased == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, biased - 1075)
    };
    if m == 0 {
        return (0, 0);
    }
    let zeros = m.trailing_zeros();
    let m = (m >> zeros) as i64;
    (
        if value.is_sign_negative() { -m } else { m },
        e + zeros as i32,
    )
}

/// Rounds `mantissa * 2**exponent` half to even; `sticky` tells of lower bits cut off before.
///
/// With `sticky` the mantissa must have at least 55 significant bits, or the rounding could not
/// be exact. Gives `None` when the result is too large for a float.
pub fn compose(mantissa: u64, sticky: bool, exponent: i64) -> Option<f64> {
    if mantissa == 0 {
        return Some(0.0);
    }
    let width = 64 - i64::from(mantissa.leading_zeros());
    let top = exponent.saturating_add(width); // The value is in [2**(top-1), 2**top).
    if top > 1024 {
        return None;
    }
    if top < -1075 {
        return Some(0.0);
    }
    let lowest = (top - 53).max(-1074);
    let drop = lowest - exponent;
    let kept = if drop <= 0 {
        mantissa << -drop
    } else {
        let (kept, rest) = match drop {
            65.. => return Some(0.0),
            64 => (0, mantissa),
            _ => (mantissa >> drop, mantissa & ((1u64 << drop) - 1)),
        };
        let half = 1u64 << (drop - 1);
        let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
        kept + u64::from(up)
    };
    // Adding the mantissa to the biased exponent carries into it where rounding overflowed.
    let biased = if kept >> 52 == 0 { 0 } else { lowest + 1074 };
    let value = f64::from_bits(((biased as u64) << 52) + kept);
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests;

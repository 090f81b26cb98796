//! Text forms of complex numbers.

use super::parse::{TrimSpace, number, strip_underscores};
use super::{Flags, Kind, format};
use crate::buf::CodeUnit;
use crate::unicode::case::to_decimal_ascii;

/// `repr` of a complex number.
pub fn complex_repr(re: f64, im: f64) -> String {
    let plain = Flags::default();
    if re == 0.0 && re.is_sign_positive() {
        return format(im, Kind::Repr, 0, plain) + "j";
    }
    let re = format(re, Kind::Repr, 0, plain);
    let im = format(
        im,
        Kind::Repr,
        0,
        Flags {
            plus: true,
            ..plain
        },
    );
    format!("({re}{im}j)")
}

/// Why [`parse_complex`] refused a text; CPython words the two differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplexError {
    /// "complex() arg is a malformed string".
    Malformed,
    /// A misplaced underscore: "could not convert string to complex: %R".
    Underscore,
}

/// `complex(str)`: the real and imaginary parts.
pub fn parse_complex<U: CodeUnit>(s: &[U]) -> Result<(f64, f64), ComplexError> {
    let s = to_decimal_ascii(s).ok_or(ComplexError::Malformed)?;
    let mut s = s.trim_ascii_with_vt();
    if let [b'(', inner @ .., b')'] = s {
        s = inner.trim_ascii_with_vt();
    }
    let plain;
    if s.contains(&b'_') {
        plain = strip_underscores(s).ok_or(ComplexError::Underscore)?;
        s = &plain;
    }
    parts(s).ok_or(ComplexError::Malformed)
}

fn parts(s: &[u8]) -> Option<(f64, f64)> {
    let Some((b'j' | b'J', body)) = s.split_last() else {
        return Some((number(s)?, 0.0));
    };
    // The imaginary part starts at the last sign that is neither first nor in an exponent.
    let sign = |i: &usize| matches!(body[*i], b'+' | b'-');
    let cut = (1..body.len()).rev().filter(sign).find(|&i| {
        !(matches!(body[i - 1], b'e' | b'E') && i >= 2 && matches!(body[i - 2], b'0'..=b'9' | b'.'))
    });
    let (re, im) = body.split_at(cut.unwrap_or(0));
    let im = match im {
        b"" | b"+" => 1.0,
        b"-" => -1.0,
        _ => number(im)?,
    };
    Some((if cut.is_some() { number(re)? } else { 0.0 }, im))
}

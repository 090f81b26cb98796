//! Reading floats from text, as `float()` and the tokenizer's literals want it.

use crate::buf::CodeUnit;
use crate::unicode::case::to_decimal_ascii;

/// `float(str)`: spaces around are ignored, Unicode digits understood; `None` when malformed.
pub fn parse<U: CodeUnit>(s: &[U]) -> Option<f64> {
    parse_ascii(&to_decimal_ascii(s)?)
}

/// As [`parse`] for ASCII, as `float(bytes)` and literals need.
pub fn parse_ascii(s: &[u8]) -> Option<f64> {
    let s = s.trim_ascii_with_vt();
    if s.contains(&b'_') {
        return number(&strip_underscores(s)?);
    }
    number(s)
}

/// Removes underscores, each of which must have digits on both sides.
pub(super) fn strip_underscores(s: &[u8]) -> Option<Vec<u8>> {
    let digit = |i: usize| s.get(i).is_some_and(u8::is_ascii_digit);
    let mut out = Vec::with_capacity(s.len());
    for (i, &b) in s.iter().enumerate() {
        if b != b'_' {
            out.push(b);
        } else if i == 0 || !digit(i - 1) || !digit(i + 1) {
            return None;
        }
    }
    Some(out)
}

/// The number `s` is, without spaces or underscores.
pub(super) fn number(s: &[u8]) -> Option<f64> {
    // The standard parser rounds correctly and accepts just what CPython does: optional sign,
    // decimal digits with point and exponent, and inf, infinity, nan in any letter case.
    std::str::from_utf8(s).ok()?.parse().ok()
}

/// Trimming as C's `isspace` has it, which counts the vertical tab.
pub(crate) trait TrimSpace {
    /// Without the white space at both ends.
    fn trim_ascii_with_vt(&self) -> &[u8];
}

impl TrimSpace for [u8] {
    fn trim_ascii_with_vt(&self) -> &[u8] {
        let space = |b: &u8| matches!(b, b' ' | 0x09..=0x0D);
        let start = self.iter().position(|b| !space(b)).unwrap_or(self.len());
        let end = self
            .iter()
            .rposition(|b| !space(b))
            .map_or(start, |i| i + 1);
        &self[start..end]
    }
}

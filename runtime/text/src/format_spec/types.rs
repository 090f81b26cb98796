//! The `__format__` methods of int, float, complex and str.

use super::number::Parts;
use super::{Align, FormatError, Spec};
use crate::buf::{CodeUnit, TextBuf, TextRef};
use crate::float::{self, Flags, Kind};
use crate::int::{self, limbs};
use crate::with_units;

/// An integer in either of the runtime's forms.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    /// Fits a machine word.
    Small(i64),
    /// Any size: whether it is negative, and the limbs of its magnitude.
    Big(bool, &'a [u64]),
}

impl IntRef<'_> {
    /// Whether below zero.
    pub fn is_negative(self) -> bool {
        match self {
            IntRef::Small(n) => n < 0,
            IntRef::Big(negative, _) => negative,
        }
    }

    /// The digits of the magnitude in base 2, 8, 10 or 16.
    pub fn digits(self, base: u32) -> String {
        match self {
            IntRef::Small(n) => {
                let n = n.unsigned_abs();
                match base {
                    2 => format!("{n:b}"),
                    8 => format!("{n:o}"),
                    16 => format!("{n:x}"),
                    _ => n.to_string(),
                }
            }
            IntRef::Big(_, limbs) => int::limbs_to_text(false, limbs, base),
        }
    }

    fn to_i64(self) -> Option<i64> {
        match self {
            IntRef::Small(n) => Some(n),
            IntRef::Big(negative, limbs) => int::to_i64(&limbs::to_signed(negative, limbs)),
        }
    }

    fn to_f64(self) -> Option<f64> {
        match self {
            IntRef::Small(n) => Some(n as f64),
            IntRef::Big(negative, limbs) => int::limbs_to_f64(negative, limbs),
        }
    }
}

/// `int.__format__`; `type_name` is what errors call the type.
///
/// Overflow errors: a `c` out of range, or a float kind for an integer no float can hold.
pub fn format_int<U: CodeUnit>(
    value: IntRef<'_>,
    units: &[U],
    type_name: &str,
    out: &mut TextBuf,
) -> Result<(), FormatError> {
    if units.is_empty() {
        if value.is_negative() {
            out.push('-' as u32);
        }
        out.push_ascii(&value.digits(10));
        return Ok(());
    }
    let mut spec = Spec::parse(units, type_name, Some('d'), Align::Right)?;
    spec.check_size()?;
    let (base, prefix) = match spec.kind_char() {
        Some('b') => (2, "0b"),
        Some('o') => (8, "0o"),
        Some('x') => (16, "0x"),
        Some('X') => (16, "0X"),
        Some('d' | 'n' | 'c') => (10, ""),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            let Some(x) = value.to_f64() else {
                return Err(FormatError::Overflow(
                    "int too large to convert to float".into(),
                ));
            };
            return float_with(x, &spec, out);
        }
        _ => return spec.unknown_kind(type_name),
    };
    if spec.precision.is_some() {
        return FormatError::value("Precision not allowed in integer format specifier");
    }
    if spec.no_negative_zero {
        return FormatError::value(
            "Negative zero coercion (z) not allowed in integer format specifier",
        );
    }
    if spec.kind_char() == Some('c') {
        return character(value, &spec, out);
    }
    let mut digits = value.digits(base);
    if prefix == "0X" {
        digits.make_ascii_uppercase();
    }
    spec.fraction_grouping = None;
    let parts = Parts {
        negative: value.is_negative(),
        prefix: if spec.alternate { prefix } else { "" },
        whole: &digits,
        fraction: None,
        rest: "",
        group: if base == 10 { 3 } else { 4 },
    };
    parts.write(&spec, out);
    Ok(())
}

/// The kind `c`: the integer as a character.
fn character(value: IntRef<'_>, spec: &Spec, out: &mut TextBuf) -> Result<(), FormatError> {
    if spec.sign.is_some() {
        return FormatError::value("Sign not allowed with integer format specifier 'c'");
    }
    if spec.alternate {
        return FormatError::value(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        );
    }
    let Some(n) = value.to_i64() else {
        return Err(FormatError::Overflow(
            "Python int too large to convert to C long".into(),
        ));
    };
    let Some(cp) = u32::try_from(n).ok().filter(|&cp| cp <= 0x10FFFF) else {
        return Err(FormatError::Overflow(
            "%c arg not in range(0x110000)".into(),
        ));
    };
    pad_text(TextRef::Ucs4(&[cp]), spec, out);
    Ok(())
}

/// `float.__format__`; `type_name` is what errors call the type.
pub fn format_float<U: CodeUnit>(
    value: f64,
    units: &[U],
    type_name: &str,
    out: &mut TextBuf,
) -> Result<(), FormatError> {
    if units.is_empty() {
        out.push_ascii(&float::repr(value));
        return Ok(());
    }
    let spec = Spec::parse(units, type_name, None, Align::Right)?;
    spec.check_size()?;
    match spec.kind_char() {
        None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => float_with(value, &spec, out),
        _ => spec.unknown_kind(type_name),
    }
}

/// The digits of a float by the kind and precision of `spec`.
fn float_text(value: f64, spec: &Spec, dot_zero: bool) -> Result<String, FormatError> {
    let precision = spec.precision;
    if precision.is_some_and(|p| p > i32::MAX as usize) {
        return FormatError::value("precision too big");
    }
    let flags = Flags {
        plus: false,
        dot_zero,
        alternate: spec.alternate,
        no_negative_zero: spec.no_negative_zero,
        upper: matches!(spec.kind_char(), Some('E' | 'F' | 'G')),
    };
    let kind = match spec.kind_char() {
        Some('e' | 'E') => Kind::Exp,
        Some('f' | 'F' | '%') => Kind::Fixed,
        None if precision.is_none() => Kind::Repr,
        _ => Kind::General,
    };
    Ok(float::format(value, kind, precision.unwrap_or(6), flags))
}

fn float_with(value: f64, spec: &Spec, out: &mut TextBuf) -> Result<(), FormatError> {
    let text = if spec.kind_char() == Some('%') {
        float_text(value * 100.0, spec, false)? + "%"
    } else {
        float_text(value, spec, spec.kind.is_none())?
    };
    Parts::of_float(&text).write(spec, out);
    Ok(())
}

/// `complex.__format__`; `type_name` is what errors call the type.
pub fn format_complex<U: CodeUnit>(
    re: f64,
    im: f64,
    units: &[U],
    type_name: &str,
    out: &mut TextBuf,
) -> Result<(), FormatError> {
    if units.is_empty() {
        out.push_ascii(&float::complex_repr(re, im));
        return Ok(());
    }
    let spec = Spec::parse(units, type_name, None, Align::Right)?;
    spec.check_size()?;
    if !matches!(
        spec.kind_char(),
        None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n')
    ) {
        return spec.unknown_kind(type_name);
    }
    if spec.fill == '0' as u32 {
        return FormatError::value("Zero padding is not allowed in complex format specifier");
    }
    if spec.align == Align::AfterSign {
        return FormatError::value("'=' alignment flag is not allowed in complex format specifier");
    }
    // Without a kind the result reads like `repr`.
    let bare = spec.kind.is_none();
    let only_imaginary = bare && re == 0.0 && re.is_sign_positive();
    let mut inner = Spec {
        width: None,
        align: Align::Left,
        ..spec
    };
    let mut text = TextBuf::new();
    if bare && !only_imaginary {
        text.push('(' as u32);
    }
    if !only_imaginary {
        Parts::of_float(&float_text(re, &spec, false)?).write(&inner, &mut text);
        inner.sign = Some('+');
    }
    Parts::of_float(&float_text(im, &spec, false)?).write(&inner, &mut text);
    text.push_ascii(if bare && !only_imaginary { "j)" } else { "j" });
    pad_text(text.finish().as_ref(), &spec, out);
    Ok(())
}

/// `str.__format__`; `type_name` is what errors call the type.
pub fn format_str<U: CodeUnit>(
    value: TextRef<'_>,
    units: &[U],
    type_name: &str,
    out: &mut TextBuf,
) -> Result<(), FormatError> {
    if units.is_empty() {
        out.push_text(value);
        return Ok(());
    }
    let spec = Spec::parse(units, type_name, Some('s'), Align::Left)?;
    spec.check_size()?;
    if spec.kind_char() != Some('s') {
        return spec.unknown_kind(type_name);
    }
    let refused = if spec.sign == Some(' ') {
        "Space not allowed in string format specifier"
    } else if spec.sign.is_some() {
        "Sign not allowed in string format specifier"
    } else if spec.no_negative_zero {
        "Negative zero coercion (z) not allowed in string format specifier"
    } else if spec.alternate {
        "Alternate form (#) not allowed in string format specifier"
    } else if spec.align == Align::AfterSign {
        "'=' alignment not allowed in string format specifier"
    } else {
        with_units!(value, s => {
            let len = spec.precision.unwrap_or(s.len()).min(s.len());
            pad_text(CodeUnit::text(&s[..len]), &spec, out);
        });
        return Ok(());
    };
    FormatError::value(refused)
}

fn pad_text(text: TextRef<'_>, spec: &Spec, out: &mut TextBuf) {
    let (before, after) = spec.padding(text.len());
    out.push_repeat(spec.fill, before);
    out.push_text(text);
    out.push_repeat(spec.fill, after);
}

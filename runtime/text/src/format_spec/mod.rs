//! The format mini-language: what follows the colon in f-strings and `str.format` (PEP 3101, with
//! `z` from PEP 682 and grouping of decimals).
//!
//! [`Spec::parse`] reads a specification; `format_int`, `format_float`, `format_complex` and
//! `format_str` are the `__format__` methods of those types, including all their errors.

mod number;
mod types;

pub use types::{IntRef, format_complex, format_float, format_int, format_str};

use crate::buf::CodeUnit;
use crate::unicode;

/// Why formatting failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// ValueError with this message.
    Value(String),
    /// OverflowError with this message.
    Overflow(String),
    /// MemoryError: the width asks for more than can be held.
    Memory,
}

impl FormatError {
    fn value<T>(message: impl Into<String>) -> Result<T, FormatError> {
        Err(FormatError::Value(message.into()))
    }
}

/// Where padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `<`: text first.
    Left,
    /// `>`: padding first.
    Right,
    /// `^`: both sides, the odd one after.
    Center,
    /// `=`: between sign and digits.
    AfterSign,
}

impl Align {
    fn from_cp(cp: u32) -> Option<Align> {
        Some(match char::from_u32(cp)? {
            '<' => Align::Left,
            '>' => Align::Right,
            '^' => Align::Center,
            '=' => Align::AfterSign,
            _ => return None,
        })
    }
}

/// A digit group separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `,`
    Comma,
    /// `_`
    Underscore,
}

impl Separator {
    /// The character itself.
    pub fn as_char(self) -> char {
        match self {
            Separator::Comma => ',',
            Separator::Underscore => '_',
        }
    }
}

/// A parsed specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Padding character.
    pub fill: u32,
    /// Where padding goes.
    pub align: Align,
    /// `+`, `-` or a space, when given.
    pub sign: Option<char>,
    /// `z`: write negative zero without its sign.
    pub no_negative_zero: bool,
    /// `#`
    pub alternate: bool,
    /// Least width of the result.
    pub width: Option<usize>,
    /// Separator of groups before the point.
    pub grouping: Option<Separator>,
    /// Separator of groups after the point.
    pub fraction_grouping: Option<Separator>,
    /// Digits asked for after the point.
    pub precision: Option<usize>,
    /// The presentation type, or the type's own default; `None` where that is none.
    pub kind: Option<u32>,
}

/// Reads from a specification, character by character.
struct Reader<'a, U> {
    units: &'a [U],
    at: usize,
}

impl<U: CodeUnit> Reader<'_, U> {
    fn peek(&self, ahead: usize) -> Option<u32> {
        self.units.get(self.at + ahead).map(|&u| u.into())
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.peek(0) == Some(c as u32);
        self.at += usize::from(found);
        found
    }

    /// A number in any script's digits.
    fn number(&mut self) -> Result<Option<usize>, FormatError> {
        let mut value: Option<usize> = None;
        while let Some(digit) = self.peek(0).and_then(unicode::decimal) {
            let next = value
                .unwrap_or(0)
                .checked_mul(10)
                .and_then(|n| n.checked_add(digit.into()));
            match next.filter(|&n| n <= isize::MAX as usize) {
                None => return FormatError::value("Too many decimal digits in format string"),
                some => value = some,
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn separator(&mut self) -> Result<Option<Separator>, FormatError> {
        let comma = self.take(',');
        let underscore = self.take('_');
        if underscore && (comma || self.peek(0) == Some(',' as u32)) {
            return FormatError::value("Cannot specify both ',' and '_'.");
        }
        Ok(match (comma, underscore) {
            (true, _) => Some(Separator::Comma),
            (_, true) => Some(Separator::Underscore),
            _ => None,
        })
    }
}

impl Spec {
    /// Parses `units`, which `type_name` is to be formatted with.
    ///
    /// `kind` and `align` are what the type uses when the specification is silent.
    pub fn parse<U: CodeUnit>(
        units: &[U],
        type_name: &str,
        kind: Option<char>,
        align: Align,
    ) -> Result<Spec, FormatError> {
        let mut spec = Spec {
            fill: ' ' as u32,
            align,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: None,
            grouping: None,
            fraction_grouping: None,
            precision: None,
            kind: kind.map(u32::from),
        };
        let mut r = Reader { units, at: 0 };
        let mut fill_given = false;
        let mut align_given = false;
        if let Some(a) = r.peek(1).and_then(Align::from_cp) {
            (spec.fill, spec.align) = (units[0].into(), a);
            (fill_given, align_given) = (true, true);
            r.at = 2;
        } else if let Some(a) = r.peek(0).and_then(Align::from_cp) {
            (spec.align, align_given) = (a, true);
            r.at = 1;
        }
        spec.sign = ['+', '-', ' '].into_iter().find(|&c| r.take(c));
        spec.no_negative_zero = r.take('z');
        spec.alternate = r.take('#');
        if !fill_given && r.take('0') {
            spec.fill = '0' as u32;
            if !align_given && align == Align::Right {
                spec.align = Align::AfterSign;
            }
        }
        spec.width = r.number()?;
        spec.grouping = r.separator()?;
        if r.take('.') {
            spec.precision = r.number()?;
            spec.fraction_grouping = r.separator()?;
            if spec.precision.is_none() && spec.fraction_grouping.is_none() {
                return FormatError::value("Format specifier missing precision");
            }
        }
        match units.len() - r.at {
            0 => {}
            1 => spec.kind = r.peek(0),
            _ => {
                let text: String = units
                    .iter()
                    .map(|&u| char::from_u32(u.into()).unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect();
                return FormatError::value(format!(
                    "Invalid format specifier '{text}' for object of type '{type_name}'"
                ));
            }
        }
        spec.check_grouping()?;
        Ok(spec)
    }

    fn check_grouping(&self) -> Result<(), FormatError> {
        let refused = match (self.grouping, self.kind_char()) {
            (None, _) | (_, None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F')) => None,
            (Some(Separator::Underscore), Some('b' | 'o' | 'x' | 'X')) => None,
            (grouping, _) => grouping,
        };
        let refused = refused.or(self
            .fraction_grouping
            .filter(|_| self.kind_char() == Some('n')));
        match refused {
            None => Ok(()),
            Some(separator) => FormatError::value(format!(
                "Cannot specify '{}' with '{}'.",
                separator.as_char(),
                show(self.kind.expect("no kind allows grouping"))
            )),
        }
    }

    /// The kind as a character; surrogates, which no type knows, become U+FFFD.
    fn kind_char(&self) -> Option<char> {
        self.kind
            .map(|cp| char::from_u32(cp).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The error for a kind that the type does not know.
    fn unknown_kind<T>(&self, type_name: &str) -> Result<T, FormatError> {
        FormatError::value(format!(
            "Unknown format code '{}' for object of type '{type_name}'",
            show(self.kind.unwrap_or(0))
        ))
    }

    /// How much padding goes before and after `len` characters.
    fn padding(&self, len: usize) -> (usize, usize) {
        let total = self.width.unwrap_or(0).saturating_sub(len);
        match self.align {
            Align::Left => (0, total),
            Align::Center => (total / 2, total - total / 2),
            Align::Right | Align::AfterSign => (total, 0),
        }
    }

    /// Refuses sizes no memory can hold before anything is allocated.
    fn check_size(&self) -> Result<(), FormatError> {
        const LIMIT: usize = 1 << 40;
        if self.width.is_some_and(|w| w > LIMIT) {
            Err(FormatError::Memory)
        } else {
            Ok(())
        }
    }
}

/// A kind as error messages show it.
fn show(cp: u32) -> String {
    match char::from_u32(cp) {
        Some(c) if cp > 32 && cp < 128 => c.to_string(),
        _ => format!("\\x{cp:x}"),
    }
}

#[cfg(test)]
mod tests;

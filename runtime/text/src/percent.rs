//! printf-style templates: the `%` operator of `str` and `bytes`.
//!
//! [`Template`] splits a template into literal text and fields without touching any argument, as
//! only the caller can look those up; [`Layout`] then formats one argument. Results for numbers
//! are ASCII, so both string types share them.

use crate::buf::{CodeUnit, TextBuf, TextRef};
use crate::float::{self, Flags, Kind};
use crate::format_spec::IntRef;
use crate::with_units;

/// Which operator is at work; the wording of one error depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// `str % args`
    Str,
    /// `bytes % args`
    Bytes,
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a, U> {
    /// Text to copy; `%%` gives one percent sign.
    Literal(&'a [U]),
    /// A conversion.
    Field(Field<'a, U>),
}

/// A width or precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Not given.
    None,
    /// Written out.
    Value(usize),
    /// `*`: the next argument.
    Star,
}

/// The flag characters of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldFlags {
    /// `-`
    pub left: bool,
    /// `+`
    pub plus: bool,
    /// Space.
    pub blank: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
}

/// A conversion as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a, U> {
    /// The mapping key in parentheses.
    pub key: Option<&'a [U]>,
    /// Flags.
    pub flags: FieldFlags,
    /// Least width.
    pub width: Amount,
    /// Precision.
    pub precision: Amount,
    /// The conversion character, which may be one that does not exist.
    pub conversion: u32,
    /// Where the conversion character is.
    pub index: usize,
}

/// A malformed field: a ValueError, unless fetching what came before it fails first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentError<'a, U> {
    /// The message.
    pub message: &'static str,
    /// A key was begun, so that arguments that are no mapping are a TypeError instead.
    pub needs_mapping: bool,
    /// The complete key, to look up first.
    pub key: Option<&'a [U]>,
    /// How many `*` arguments to fetch first.
    pub stars: usize,
}

/// Iterates over the pieces of a template; ends after an error.
#[derive(Clone, Debug)]
pub struct Template<'a, U> {
    units: &'a [U],
    at: usize,
    flavour: Flavour,
}

impl<'a, U: CodeUnit> Template<'a, U> {
    /// Starts at the beginning of `units`.
    pub fn new(units: &'a [U], flavour: Flavour) -> Self {
        Template {
            units,
            at: 0,
            flavour,
        }
    }

    fn peek(&self) -> Option<u32> {
        self.units.get(self.at).map(|&u| u.into())
    }

    fn peek_is(&self, c: char) -> bool {
        self.peek() == Some(c as u32)
    }

    /// Most fields are a letter and nothing else.
    fn bare_field(&mut self) -> Option<Field<'a, U>> {
        let letter = self.peek().and_then(|c| u8::try_from(c).ok())?;
        if !letter.is_ascii_alphabetic() || matches!(letter, b'h' | b'l' | b'L') {
            return None;
        }
        let index = self.at;
        self.at += 1;
        Some(Field {
            key: None,
            flags: FieldFlags::default(),
            width: Amount::None,
            precision: Amount::None,
            conversion: letter.into(),
            index,
        })
    }

    fn field(&mut self) -> Result<Field<'a, U>, PercentError<'a, U>> {
        if let Some(field) = self.bare_field() {
            return Ok(field);
        }
        let mut error = PercentError {
            message: "",
            needs_mapping: false,
            key: None,
            stars: 0,
        };
        let fail = |message, error: PercentError<'a, U>| Err(PercentError { message, ..error });
        if self.peek_is('(') {
            self.at += 1;
            error.needs_mapping = true;
            let start = self.at;
            let mut depth = 1;
            while depth > 0 {
                match self.peek().map(char::from_u32) {
                    None => return fail("incomplete format key", error),
                    Some(Some('(')) => depth += 1,
                    Some(Some(')')) => depth -= 1,
                    _ => {}
                }
                self.at += 1;
            }
            error.key = Some(&self.units[start..self.at - 1]);
        }
        let mut flags = FieldFlags::default();
        while let Some(c) = self.peek().and_then(char::from_u32) {
            match c {
                '-' => flags.left = true,
                '+' => flags.plus = true,
                ' ' => flags.blank = true,
                '#' => flags.alternate = true,
                '0' => flags.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        let Some(width) = self.amount(isize::MAX as usize, &mut error.stars) else {
            return fail("width too big", error);
        };
        let mut precision = Amount::None;
        if self.peek_is('.') {
            self.at += 1;
            precision = match self.amount(i32::MAX as usize, &mut error.stars) {
                Some(Amount::None) => Amount::Value(0),
                Some(amount) => amount,
                None if self.flavour == Flavour::Str => return fail("precision too big", error),
                None => return fail("prec too big", error),
            };
        }
        if ['h', 'l', 'L'].into_iter().any(|c| self.peek_is(c)) {
            self.at += 1;
        }
        let Some(conversion) = self.peek() else {
            return fail("incomplete format", error);
        };
        let index = self.at;
        self.at += 1;
        Ok(Field {
            key: error.key,
            flags,
            width,
            precision,
            conversion,
            index,
        })
    }

    /// A star or digits; `None` when above `limit`.
    fn amount(&mut self, limit: usize, stars: &mut usize) -> Option<Amount> {
        if self.peek_is('*') {
            self.at += 1;
            *stars += 1;
            return Some(Amount::Star);
        }
        let mut amount = Amount::None;
        while let Some(digit) = self
            .peek()
            .map(|cp| cp.wrapping_sub(0x30))
            .filter(|&d| d < 10)
        {
            let so_far = if let Amount::Value(n) = amount { n } else { 0 };
            let value = so_far.checked_mul(10)?.checked_add(digit as usize)?;
            if value > limit {
                return None;
            }
            amount = Amount::Value(value);
            self.at += 1;
        }
        Some(amount)
    }
}

impl<'a, U: CodeUnit> Iterator for Template<'a, U> {
    type Item = Result<Piece<'a, U>, PercentError<'a, U>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.units[self.at..];
        let percent = '%' as u32;
        let literal = rest
            .iter()
            .position(|&u| u.into() == percent)
            .unwrap_or(rest.len());
        if literal > 0 {
            self.at += literal;
            return Some(Ok(Piece::Literal(&rest[..literal])));
        }
        if rest.is_empty() {
            return None;
        }
        self.at += 1;
        if self.peek_is('%') {
            self.at += 1;
            return Some(Ok(Piece::Literal(&rest[1..2])));
        }
        let field = self.field();
        if field.is_err() {
            self.at = self.units.len();
        }
        Some(field.map(Piece::Field))
    }
}

/// Message of the ValueError for a conversion that does not exist.
pub fn unsupported<U>(field: &Field<'_, U>) -> String {
    let shown = match field.conversion {
        cp @ 31..=126 => char::from_u32(cp).unwrap_or('?'),
        _ => '?',
    };
    format!(
        "unsupported format character '{shown}' (0x{:x}) at index {}",
        field.conversion, field.index
    )
}

/// A field whose amounts are known.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    flags: FieldFlags,
    width: usize,
    precision: Option<usize>,
    conversion: u8,
}

impl Layout {
    /// Completes a field with the arguments of its stars.
    ///
    /// A negative width aligns left, a negative precision is zero. `None` stands for MemoryError.
    pub fn new<U>(field: &Field<'_, U>, star_width: i64, star_precision: i64) -> Option<Layout> {
        let mut flags = field.flags;
        let width = match field.width {
            Amount::None => 0,
            Amount::Value(n) => n,
            Amount::Star => {
                flags.left |= star_width < 0;
                star_width.unsigned_abs() as usize
            }
        };
        let precision = match field.precision {
            Amount::None => None,
            Amount::Value(n) => Some(n),
            Amount::Star => Some(star_precision.max(0) as usize),
        };
        if width.max(precision.unwrap_or(0)) > 1 << 40 {
            return None;
        }
        Some(Layout {
            flags,
            width,
            precision,
            conversion: field.conversion as u8,
        })
    }

    /// Formats for `d`, `i`, `u`, `o`, `x` and `X`.
    pub fn int(&self, value: IntRef<'_>) -> String {
        let mut out = TextBuf::new();
        self.int_into(value, &mut out);
        out.finish().to_string_lossy()
    }

    /// As [`Layout::int`], appended.
    pub fn int_into(&self, value: IntRef<'_>, out: &mut TextBuf) {
        if let IntRef::Small(n) = value
            && self.precision.is_none()
            && matches!(self.conversion, b'd' | b'i' | b'u')
        {
            let mut digits = [0; 20];
            let mut at = digits.len();
            let mut rest = n.unsigned_abs();
            loop {
                at -= 1;
                digits[at] = b'0' + (rest % 10) as u8;
                rest /= 10;
                if rest == 0 {
                    break;
                }
            }
            if self.width == 0 && self.flags == FieldFlags::default() {
                if n < 0 {
                    at -= 1;
                    digits[at] = b'-';
                }
                return out.push_latin1(&digits[at..]);
            }
            return self.number_into(n < 0, "", &digits[at..], out);
        }
        let (base, prefix) = match self.conversion {
            b'o' => (8, "0o"),
            b'x' => (16, "0x"),
            b'X' => (16, "0X"),
            _ => (10, ""),
        };
        let mut digits = value.digits(base);
        if self.conversion == b'X' {
            digits.make_ascii_uppercase();
        }
        let missing = self.precision.unwrap_or(0).saturating_sub(digits.len());
        if missing > 0 {
            digits.insert_str(0, &"0".repeat(missing));
        }
        let prefix = if self.flags.alternate { prefix } else { "" };
        self.number_into(value.is_negative(), prefix, digits.as_bytes(), out);
    }

    /// Formats for `e`, `f`, `g` and their capitals.
    pub fn float(&self, value: f64) -> String {
        let mut out = TextBuf::new();
        self.float_into(value, &mut out);
        out.finish().to_string_lossy()
    }

    /// As [`Layout::float`], appended.
    pub fn float_into(&self, value: f64, out: &mut TextBuf) {
        let kind = match self.conversion.to_ascii_lowercase() {
            b'e' => Kind::Exp,
            b'f' => Kind::Fixed,
            _ => Kind::General,
        };
        let flags = Flags {
            alternate: self.flags.alternate,
            upper: self.conversion.is_ascii_uppercase(),
            ..Flags::default()
        };
        let text = float::format(value, kind, self.precision.unwrap_or(6), flags);
        match text.strip_prefix('-') {
            Some(magnitude) => self.number_into(true, "", magnitude.as_bytes(), out),
            None => self.number_into(false, "", text.as_bytes(), out),
        }
    }

    fn number_into(&self, negative: bool, prefix: &str, digits: &[u8], out: &mut TextBuf) {
        let sign = match self.flags {
            _ if negative => "-",
            FieldFlags { plus: true, .. } => "+",
            FieldFlags { blank: true, .. } => " ",
            _ => "",
        };
        let missing = self
            .width
            .saturating_sub(sign.len() + prefix.len() + digits.len());
        let (spaces, zeros, after) = match self.flags {
            FieldFlags { left: true, .. } => (0, 0, missing),
            FieldFlags { zero: true, .. } => (0, missing, 0),
            _ => (missing, 0, 0),
        };
        out.push_repeat(' ' as u32, spaces);
        out.push_ascii(sign);
        out.push_ascii(prefix);
        out.push_repeat('0' as u32, zeros);
        out.push_latin1(digits);
        out.push_repeat(' ' as u32, after);
    }

    /// Whether text of `len` characters is neither cut nor padded.
    pub fn keeps_text(&self, len: usize) -> bool {
        self.width <= len && self.precision.is_none_or(|p| p >= len)
    }

    /// Pads text for `s`, `r`, `a`, `b` (cut to the precision) and `c` (not cut).
    pub fn text(&self, text: TextRef<'_>, out: &mut TextBuf) {
        let keep = match self.precision {
            Some(p) if self.conversion != b'c' => p.min(text.len()),
            _ => text.len(),
        };
        let missing = self.width.saturating_sub(keep);
        if !self.flags.left {
            out.push_repeat(' ' as u32, missing);
        }
        with_units!(text, s => out.push_units(&s[..keep]));
        if self.flags.left {
            out.push_repeat(' ' as u32, missing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(template: &str) -> Field<'_, u8> {
        match Template::new(template.as_bytes(), Flavour::Str).next() {
            Some(Ok(Piece::Field(f))) => f,
            other => panic!("{other:?}"),
        }
    }

    fn int(template: &str, n: i64) -> String {
        Layout::new(&one(template), 0, 0)
            .unwrap()
            .int(IntRef::Small(n))
    }

    fn float(template: &str, x: f64) -> String {
        Layout::new(&one(template), 0, 0).unwrap().float(x)
    }

    #[test]
    fn pieces() {
        let all: Result<Vec<_>, _> = Template::new(b"a%%b%(k(x))-5.*lsz", Flavour::Str).collect();
        let all = all.unwrap();
        assert_eq!(all[..3], [b"a", b"%", b"b"].map(|s| Piece::Literal(&s[..])));
        let Piece::Field(f) = all[3] else { panic!() };
        assert_eq!(f.key, Some(&b"k(x)"[..]));
        assert!(f.flags.left);
        assert_eq!((f.width, f.precision), (Amount::Value(5), Amount::Star));
        assert_eq!((f.conversion, f.index), (u32::from(b's'), 16));
        assert_eq!(all[4], Piece::Literal(&b"z"[..]));
        assert_eq!(
            unsupported(&one("%hhd")),
            "unsupported format character 'h' (0x68) at index 2"
        );
        assert_eq!(
            unsupported(&one("%5%")),
            "unsupported format character '%' (0x25) at index 2"
        );
        assert_eq!(one("%.d").precision, Amount::Value(0));
    }

    #[test]
    fn errors() {
        for (template, message, mapping, stars) in [
            ("%", "incomplete format", false, 0),
            ("%l", "incomplete format", false, 0),
            ("%*", "incomplete format", false, 1),
            ("%(a", "incomplete format key", true, 0),
            ("%(a).*", "incomplete format", true, 1),
            ("%99999999999999999999d", "width too big", false, 0),
            ("%.9999999999d", "precision too big", false, 0),
        ] {
            let e = Template::new(template.as_bytes(), Flavour::Str)
                .next()
                .unwrap()
                .unwrap_err();
            assert_eq!(
                (e.message, e.needs_mapping, e.stars),
                (message, mapping, stars)
            );
        }
        let mut bytes = Template::new(b"%.9999999999d", Flavour::Bytes);
        assert_eq!(bytes.next().unwrap().unwrap_err().message, "prec too big");
        assert_eq!(bytes.next(), None);
    }

    #[test]
    fn numbers() {
        for (template, n, want) in [
            ("%#o", 8, "0o10"),
            ("%#010x", -255, "-0x00000ff"),
            ("%+.5d", 3, "+00003"),
            ("%010.5d", -3, "-000000003"),
            ("%-#10X", 255, "0XFF      "),
            ("% d", 4, " 4"),
            ("%+ d", 4, "+4"),
            ("%-05i", 4, "4    "),
            ("%5u", -4, "   -4"),
        ] {
            assert_eq!(int(template, n), want);
        }
        for (template, x, want) in [
            ("%.0f", 2.5, "2"),
            ("%#.0f", 2.5, "2."),
            ("%010f", f64::NAN, "0000000nan"),
            ("%+08.2E", 12345.0, "+1.23E+04"),
            ("%g", 1e-5, "1e-05"),
            ("%012.3f", -1.5, "-0000001.500"),
        ] {
            assert_eq!(float(template, x), want);
        }
    }

    #[test]
    fn text() {
        let run = |template, width| {
            let mut out = TextBuf::new();
            let layout = Layout::new(&one(template), width, 0).unwrap();
            layout.text(TextRef::Latin1(b"abc"), &mut out);
            out.finish().to_string_lossy()
        };
        assert_eq!(run("%05.2s", 0), "   ab");
        assert_eq!(run("%*s", -5), "abc  ");
        assert_eq!(run("%5.1c", 0), "  abc");
    }
}

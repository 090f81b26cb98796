//! Templates of `str.format`: literal text and `{name!conversion:spec}` fields (PEP 3101).
//!
//! Nothing is looked up here; the parts are borrowed from the template. Errors are the messages
//! of ValueErrors.

use crate::buf::CodeUnit;
use crate::unicode;

/// Literal text, then possibly a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a, U> {
    /// Text to copy; doubled braces come as single ones.
    pub literal: &'a [U],
    /// The field after it.
    pub field: Option<Field<'a, U>>,
}

/// A replacement field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a, U> {
    /// What to format, for [`split_name`].
    pub name: &'a [U],
    /// The character after `!`.
    pub conversion: Option<u32>,
    /// The specification after the colon.
    pub spec: &'a [U],
    /// Whether the specification holds fields itself and must be expanded first.
    pub nested: bool,
}

/// Iterates over the parts of a template; ends after an error.
#[derive(Clone, Debug)]
pub struct Parser<'a, U> {
    units: &'a [U],
    at: usize,
}

impl<'a, U: CodeUnit> Parser<'a, U> {
    /// Starts at the beginning of `units`.
    pub fn new(units: &'a [U]) -> Self {
        Parser { units, at: 0 }
    }

    fn next_char(&mut self) -> Option<char> {
        let &unit = self.units.get(self.at)?;
        self.at += 1;
        Some(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn part(&mut self) -> Result<Part<'a, U>, &'static str> {
        let start = self.at;
        let brace = loop {
            match self.next_char() {
                Some(c @ ('{' | '}')) => break c,
                Some(_) => {}
                None => {
                    return Ok(Part {
                        literal: &self.units[start..],
                        field: None,
                    });
                }
            }
        };
        let end = self.at;
        let next = self.units.get(end).map(|&u| u.into());
        if next == Some(brace as u32) {
            self.at += 1;
            return Ok(Part {
                literal: &self.units[start..end],
                field: None,
            });
        }
        if brace == '}' {
            return Err("Single '}' encountered in format string");
        }
        if next.is_none() {
            return Err("Single '{' encountered in format string");
        }
        let field = Some(self.field()?);
        Ok(Part {
            literal: &self.units[start..end - 1],
            field,
        })
    }

    fn field(&mut self) -> Result<Field<'a, U>, &'static str> {
        let start = self.at;
        let stop = loop {
            match self.next_char() {
                Some('{') => return Err("unexpected '{' in field name"),
                Some('[') => {
                    let rest = &self.units[self.at..];
                    let close = rest.iter().position(|&u| u.into() == ']' as u32);
                    self.at += close.unwrap_or(rest.len());
                }
                Some(c @ ('}' | ':' | '!')) => break c,
                Some(_) => {}
                None => return Err("expected '}' before end of string"),
            }
        };
        let name = &self.units[start..self.at - 1];
        let mut field = Field {
            name,
            conversion: None,
            spec: &[],
            nested: false,
        };
        if stop == '}' {
            return Ok(field);
        }
        if stop == '!' {
            let Some(&conversion) = self.units.get(self.at) else {
                return Err("end of string while looking for conversion specifier");
            };
            self.at += 1;
            field.conversion = Some(conversion.into());
            match self.next_char() {
                Some('}') => return Ok(field),
                Some(':') => {}
                Some(_) => return Err("expected ':' after conversion specifier"),
                None => return Err("unmatched '{' in format spec"),
            }
        }
        let start = self.at;
        let mut depth = 1;
        while let Some(c) = self.next_char() {
            match c {
                '{' => {
                    field.nested = true;
                    depth += 1;
                }
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                field.spec = &self.units[start..self.at - 1];
                return Ok(field);
            }
        }
        Err("unmatched '{' in format spec")
    }
}

impl<'a, U: CodeUnit> Iterator for Parser<'a, U> {
    type Item = Result<Part<'a, U>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.units.len() {
            return None;
        }
        let part = self.part();
        if part.is_err() {
            self.at = self.units.len();
        }
        Some(part)
    }
}

/// What a field name starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a, U> {
    /// Nothing: the next positional argument.
    Auto,
    /// A positional argument.
    Index(usize),
    /// A keyword argument.
    Name(&'a [U]),
}

/// One step of a field name after its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'a, U> {
    /// `.name`
    Attribute(&'a [U]),
    /// `[number]`
    Index(usize),
    /// `[text]`
    Key(&'a [U]),
}

/// Splits a field name into its start and the accesses that follow.
pub fn split_name<U: CodeUnit>(
    name: &[U],
) -> Result<(First<'_, U>, Accesses<'_, U>), &'static str> {
    let end = name_end(name);
    let first = match &name[..end] {
        [] => First::Auto,
        first => number(first)?.map_or(First::Name(first), First::Index),
    };
    Ok((first, Accesses { rest: &name[end..] }))
}

fn name_end<U: CodeUnit>(s: &[U]) -> usize {
    s.iter()
        .position(|&u| matches!(u.into(), 0x2E | 0x5B))
        .unwrap_or(s.len())
}

/// The number `s` is made of, in any script's digits; `None` when it is something else.
fn number<U: CodeUnit>(s: &[U]) -> Result<Option<usize>, &'static str> {
    let mut value: usize = 0;
    for &u in s {
        let Some(digit) = unicode::decimal(u.into()) else {
            return Ok(None);
        };
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(digit.into()))
            .filter(|&v| v <= isize::MAX as usize)
            .ok_or("Too many decimal digits in format string")?;
    }
    Ok((!s.is_empty()).then_some(value))
}

/// Iterates over the accesses of a field name; ends after an error.
#[derive(Clone, Debug)]
pub struct Accesses<'a, U> {
    rest: &'a [U],
}

impl<'a, U: CodeUnit> Accesses<'a, U> {
    fn step(&mut self) -> Result<Access<'a, U>, &'static str> {
        let (&open, rest) = self.rest.split_first().expect("checked by next");
        const EMPTY: &str = "Empty attribute in format string";
        match char::from_u32(open.into()) {
            Some('.') => {
                let (name, rest) = rest.split_at(name_end(rest));
                self.rest = rest;
                if name.is_empty() {
                    Err(EMPTY)
                } else {
                    Ok(Access::Attribute(name))
                }
            }
            Some('[') => {
                let close = rest.iter().position(|&u| u.into() == ']' as u32);
                let close = close.ok_or("Missing ']' in format string")?;
                let key = &rest[..close];
                self.rest = &rest[close + 1..];
                match number(key)? {
                    Some(index) => Ok(Access::Index(index)),
                    None if key.is_empty() => Err(EMPTY),
                    None => Ok(Access::Key(key)),
                }
            }
            _ => Err("Only '.' or '[' may follow ']' in format field specifier"),
        }
    }
}

impl<'a, U: CodeUnit> Iterator for Accesses<'a, U> {
    type Item = Result<Access<'a, U>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.rest = &[];
        }
        Some(step)
    }
}

/// Numbers the fields that name no argument; one per `format` call, nested fields included.
#[derive(Clone, Copy, Debug, Default)]
pub struct AutoNumber {
    automatic: Option<bool>,
    next: usize,
}

impl AutoNumber {
    /// Replaces [`First::Auto`] by the next index; refuses to mix both ways of numbering.
    pub fn resolve<'a, U>(&mut self, first: First<'a, U>) -> Result<First<'a, U>, &'static str> {
        let automatic = match first {
            First::Name(_) => return Ok(first),
            First::Auto => true,
            First::Index(_) => false,
        };
        match (*self.automatic.get_or_insert(automatic), automatic) {
            (false, true) => {
                Err("cannot switch from manual field specification to automatic field numbering")
            }
            (true, false) => {
                Err("cannot switch from automatic field numbering to manual field specification")
            }
            (true, true) => {
                self.next += 1;
                Ok(First::Index(self.next - 1))
            }
            (false, false) => Ok(first),
        }
    }
}

/// Message of the ValueError for a conversion other than `r`, `s` and `a`.
pub fn unknown_conversion(cp: u32) -> String {
    match char::from_u32(cp) {
        Some(c) if cp > 32 && cp < 127 => format!("Unknown conversion specifier {c}"),
        _ => format!("Unknown conversion specifier \\x{cp:x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(template: &str) -> String {
        let s = |u: &[u8]| String::from_utf8_lossy(u).into_owned();
        let parts = Parser::new(template.as_bytes()).map(|part| match part {
            Err(e) => e.to_owned(),
            Ok(Part {
                literal,
                field: None,
            }) => s(literal),
            Ok(Part {
                literal,
                field: Some(f),
            }) => {
                let conversion = f
                    .conversion
                    .and_then(char::from_u32)
                    .map_or("-".into(), String::from);
                format!(
                    "{}<{}|{conversion}|{}|{}>",
                    s(literal),
                    s(f.name),
                    s(f.spec),
                    f.nested
                )
            }
        });
        parts.collect::<Vec<_>>().join(";")
    }

    #[test]
    fn templates() {
        for (template, want) in [
            ("", ""),
            ("a{{b}}c", "a{;b};c"),
            ("x{0.a[b:}]!r:>{w}}y", "x<0.a[b:}]|r|>{w}|true>;y"),
            ("{}{a}", "<|-||false>;<a|-||false>"),
            ("{!r}", "<|r||false>"),
            ("{:}", "<|-||false>"),
            ("a{", "Single '{' encountered in format string"),
            ("a}", "Single '}' encountered in format string"),
            ("}b", "Single '}' encountered in format string"),
            ("{a", "expected '}' before end of string"),
            ("{a[", "expected '}' before end of string"),
            ("{a{b}}", "unexpected '{' in field name"),
            (
                "{a!",
                "end of string while looking for conversion specifier",
            ),
            ("{a!r", "unmatched '{' in format spec"),
            ("{a!rx}", "expected ':' after conversion specifier"),
            ("{a:{b}", "unmatched '{' in format spec"),
            ("{!}", "unmatched '{' in format spec"),
            ("{0!}", "unmatched '{' in format spec"),
        ] {
            assert_eq!(show(template), want, "{template:?}");
        }
    }

    #[test]
    fn names() {
        let split = |name: &'static str| {
            let (first, rest) = split_name(name.as_bytes())?;
            Ok::<_, &str>((first, rest.collect::<Result<Vec<_>, _>>()?))
        };
        assert_eq!(
            split("0.a[1][b c].d"),
            Ok((
                First::Index(0),
                vec![
                    Access::Attribute(b"a"),
                    Access::Index(1),
                    Access::Key(b"b c"),
                    Access::Attribute(b"d")
                ]
            ))
        );
        assert_eq!(split("").map(|r| r.0), Ok(First::Auto));
        assert_eq!(split("1a").map(|r| r.0), Ok(First::Name(&b"1a"[..])));
        assert_eq!(split("a."), Err("Empty attribute in format string"));
        assert_eq!(split("a[]"), Err("Empty attribute in format string"));
        assert_eq!(split("a[1"), Err("Missing ']' in format string"));
        assert_eq!(
            split("a[1]b"),
            Err("Only '.' or '[' may follow ']' in format field specifier")
        );
        assert_eq!(
            split("99999999999999999999"),
            Err("Too many decimal digits in format string")
        );
    }

    #[test]
    fn numbering() {
        let mut auto = AutoNumber::default();
        assert_eq!(auto.resolve(First::<u8>::Auto), Ok(First::Index(0)));
        assert_eq!(
            auto.resolve(First::Name(&[1u8])),
            Ok(First::Name(&[1u8][..]))
        );
        assert_eq!(auto.resolve(First::<u8>::Auto), Ok(First::Index(1)));
        assert!(auto.resolve(First::<u8>::Index(3)).is_err());
        let mut manual = AutoNumber::default();
        assert_eq!(manual.resolve(First::<u8>::Index(3)), Ok(First::Index(3)));
        assert!(manual.resolve(First::<u8>::Auto).is_err());
        assert_eq!(unknown_conversion(0x78), "Unknown conversion specifier x");
        assert_eq!(
            unknown_conversion(0xE9),
            "Unknown conversion specifier \\xe9"
        );
    }
}

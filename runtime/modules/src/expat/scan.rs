//! Tokens of markup: where each one ends and where it goes wrong. Nothing here remembers anything;
//! a token cut off by the end of the text is scanned again when there is more.

use super::chars::{allowed, in_name, is_space, starts_name};
use std::ops::Range;

/// Why there is no token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The text is at its end.
    End,
    /// The text ends within a token.
    Partial,
    /// The character at this place can't stand there.
    Invalid(usize),
}

/// A token, and where it ends.
pub type Scanned<T> = Result<(T, usize), Stop>;

/// What element content consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Token {
    Data,
    Newline,
    /// A carriage return at the end, which a line feed may follow.
    TrailingReturn,
    /// Brackets at the end, which might close a CDATA section.
    TrailingBrackets,
    StartTag {
        name_end: usize,
        empty: bool,
    },
    EndTag {
        name_end: usize,
    },
    EntityReference,
    /// With the character's number, unless no document may have it.
    CharReference(Option<char>),
    Pi {
        name_end: usize,
    },
    XmlDeclaration,
    Comment,
    CdataOpen,
    CdataClose,
}

/// One attribute of a start tag: where its name and its value without the quotes are.
#[derive(Clone)]
pub struct Attribute {
    pub name: Range<usize>,
    pub value: Range<usize>,
}

/// A text with the rule for colons in names.
#[derive(Clone, Copy)]
pub struct Scanner<'a> {
    pub text: &'a str,
    pub namespaces: bool,
    /// Whether this is an entity's text, in which carriage returns no longer end lines.
    pub internal: bool,
}

impl<'a> Scanner<'a> {
    /// The byte at `at`.
    pub fn byte(&self, at: usize) -> Result<u8, Stop> {
        self.text.as_bytes().get(at).copied().ok_or(Stop::Partial)
    }

    /// The character at `at`.
    pub fn character(&self, at: usize) -> Result<char, Stop> {
        let b = self.byte(at)?;
        if b.is_ascii() {
            return Ok(b.into());
        }
        self.text[at..].chars().next().ok_or(Stop::Partial)
    }

    /// The place behind the character at `at`, if documents may have it.
    pub fn skip(&self, at: usize) -> Result<usize, Stop> {
        let c = self.character(at)?;
        if allowed(c) {
            Ok(at + c.len_utf8())
        } else {
            Err(Stop::Invalid(at))
        }
    }

    /// Passes white space.
    pub fn spaces(&self, mut at: usize) -> Result<usize, Stop> {
        while is_space(self.byte(at)?) {
            at += 1;
        }
        Ok(at)
    }

    /// The end of a name that starts at `at`, with a prefix if names have those.
    pub fn name(&self, at: usize) -> Result<usize, Stop> {
        let mut end = self.first(at)?;
        let mut prefixed = false;
        loop {
            let c = self.character(end)?;
            if in_name(c, self.namespaces) {
                end += c.len_utf8();
            } else if c == ':' {
                if prefixed {
                    return Err(Stop::Invalid(end));
                }
                prefixed = true;
                end = self.first(end + 1)?;
            } else {
                return Ok(end);
            }
        }
    }

    /// The end of a name with any colons.
    fn loose_name(&self, at: usize) -> Result<usize, Stop> {
        let mut end = self.first(at)?;
        loop {
            let c = self.character(end)?;
            if !in_name(c, false) {
                return Ok(end);
            }
            end += c.len_utf8();
        }
    }

    /// The end of a name without a prefix.
    fn plain_name(&self, at: usize) -> Result<usize, Stop> {
        let mut end = self.first(at)?;
        loop {
            let c = self.character(end)?;
            if !in_name(c, self.namespaces) {
                return Ok(end);
            }
            end += c.len_utf8();
        }
    }

    fn first(&self, at: usize) -> Result<usize, Stop> {
        let c = self.character(at)?;
        if starts_name(c, self.namespaces) {
            Ok(at + c.len_utf8())
        } else {
            Err(Stop::Invalid(at))
        }
    }

    /// The token of element content at `at`; attributes of a start tag are put into `attributes`.
    pub fn content(&self, at: usize, attributes: &mut Vec<Attribute>) -> Scanned<Token> {
        let bytes = self.text.as_bytes();
        let Some(first) = bytes.get(at) else {
            return Err(Stop::End);
        };
        match first {
            b'<' => self.markup(at, attributes),
            b'&' => self.reference(at),
            b'\r' if !self.internal => Ok(match bytes.get(at + 1) {
                None => (Token::TrailingReturn, at + 1),
                Some(b'\n') => (Token::Newline, at + 2),
                Some(_) => (Token::Newline, at + 1),
            }),
            b'\n' => Ok((Token::Newline, at + 1)),
            b']' => match &bytes[at + 1..] {
                [] => Ok((Token::TrailingBrackets, at + 1)),
                [b']'] => Ok((Token::TrailingBrackets, at + 2)),
                [b']', b'>', ..] => Err(Stop::Invalid(at + 2)),
                _ => self.data(at, at + 1),
            },
            _ => self.data(at, at),
        }
    }

    /// Characters that stand for themselves, those from `at` to `from` known to.
    fn data(&self, at: usize, from: usize) -> Scanned<Token> {
        let bytes = self.text.as_bytes();
        let mut end = from;
        loop {
            let plain = bytes[end..]
                .iter()
                .position(|b| matches!(b, 0..=0x1F | b'<' | b'&' | b']' | 0xEF));
            let Some(plain) = plain else {
                return Ok((Token::Data, bytes.len()));
            };
            end += plain;
            match bytes[end] {
                b'\t' => end += 1,
                b'\r' if self.internal => end += 1,
                b']' => match &bytes[end + 1..] {
                    [] | [b']'] => return Ok((Token::Data, end)),
                    [b']', b'>', ..] => return Err(Stop::Invalid(end + 2)),
                    _ => end += 1,
                },
                0xEF => match self.skip(end) {
                    Ok(next) => end = next,
                    Err(stop) if end == at => return Err(stop),
                    Err(_) => return Ok((Token::Data, end)),
                },
                b'<' | b'&' | b'\r' | b'\n' => return Ok((Token::Data, end)),
                _ if end == at => return Err(Stop::Invalid(end)),
                _ => return Ok((Token::Data, end)),
            }
        }
    }

    fn markup(&self, at: usize, attributes: &mut Vec<Attribute>) -> Scanned<Token> {
        match self.byte(at + 1)? {
            b'!' => match self.byte(at + 2)? {
                b'-' => Ok((Token::Comment, self.comment(at + 3)?)),
                b'[' => {
                    self.byte(at + 8)?;
                    for (i, wanted) in b"CDATA[".iter().enumerate() {
                        if self.byte(at + 3 + i)? != *wanted {
                            return Err(Stop::Invalid(at + 3 + i));
                        }
                    }
                    Ok((Token::CdataOpen, at + 9))
                }
                _ => Err(Stop::Invalid(at + 2)),
            },
            b'?' => self.pi(at + 2),
            b'/' => {
                let name_end = self.loose_name(at + 2)?;
                let close = self.spaces(name_end)?;
                if self.byte(close)? != b'>' {
                    return Err(Stop::Invalid(close));
                }
                Ok((Token::EndTag { name_end }, close + 1))
            }
            _ => self.start_tag(at + 1, attributes),
        }
    }

    fn start_tag(&self, at: usize, attributes: &mut Vec<Attribute>) -> Scanned<Token> {
        attributes.clear();
        let name_end = self.name(at)?;
        let mut spaced = name_end;
        loop {
            let next = self.spaces(spaced)?;
            match self.byte(next)? {
                b'>' => {
                    let empty = false;
                    return Ok((Token::StartTag { name_end, empty }, next + 1));
                }
                b'/' => {
                    if self.byte(next + 1)? != b'>' {
                        return Err(Stop::Invalid(next + 1));
                    }
                    let empty = true;
                    return Ok((Token::StartTag { name_end, empty }, next + 2));
                }
                // Attributes need white space before them.
                _ if next == spaced => return Err(Stop::Invalid(next)),
                _ => {}
            }
            let end = self.name(next)?;
            let equals = self.spaces(end)?;
            if self.byte(equals)? != b'=' {
                return Err(Stop::Invalid(equals));
            }
            let open = self.spaces(equals + 1)?;
            let close = self.attribute_value(open)?;
            attributes.push(Attribute {
                name: next..end,
                value: open + 1..close,
            });
            spaced = close + 1;
        }
    }

    /// The place of the quote that closes the value whose opening one is at `at`.
    fn attribute_value(&self, at: usize) -> Result<usize, Stop> {
        let quote = self.byte(at)?;
        if quote != b'"' && quote != b'\'' {
            return Err(Stop::Invalid(at));
        }
        let mut end = at + 1;
        loop {
            match self.byte(end)? {
                b if b == quote => return Ok(end),
                b'&' => end = self.reference(end)?.1,
                b'<' => return Err(Stop::Invalid(end)),
                b if b >= b' ' && b.is_ascii() => end += 1,
                _ => end = self.skip(end)?,
            }
        }
    }

    /// A reference; `at` is the ampersand's place.
    pub fn reference(&self, at: usize) -> Scanned<Token> {
        if self.byte(at + 1)? != b'#' {
            let end = self.name(at + 1)?;
            return match self.byte(end)? {
                b';' => Ok((Token::EntityReference, end + 1)),
                _ => Err(Stop::Invalid(end)),
            };
        }
        let (mut at, radix) = match self.byte(at + 2)? {
            b'x' => (at + 3, 16),
            _ => (at + 2, 10),
        };
        let mut number = 0u32;
        let mut digits = 0;
        loop {
            let b = self.byte(at)?;
            match char::from(b).to_digit(radix) {
                Some(digit) => number = (number.saturating_mul(radix)).saturating_add(digit),
                None if b == b';' && digits > 0 => {
                    let c = char::from_u32(number).filter(|c| allowed(*c));
                    return Ok((Token::CharReference(c), at + 1));
                }
                None => return Err(Stop::Invalid(at)),
            }
            at += 1;
            digits += 1;
        }
    }

    /// The end of a comment; `at` is the place of its second hyphen.
    pub fn comment(&self, at: usize) -> Result<usize, Stop> {
        if self.byte(at)? != b'-' {
            return Err(Stop::Invalid(at));
        }
        let mut at = at + 1;
        loop {
            if self.byte(at)? == b'-' {
                at += 1;
                if self.byte(at)? == b'-' {
                    return match self.byte(at + 1)? {
                        b'>' => Ok(at + 2),
                        _ => Err(Stop::Invalid(at + 1)),
                    };
                }
            } else {
                at = self.skip(at)?;
            }
        }
    }

    /// A processing instruction; `at` is the place of its target.
    pub fn pi(&self, at: usize) -> Scanned<Token> {
        let name_end = self.plain_name(at)?;
        let next = self.byte(name_end)?;
        if next != b'?' && !is_space(next) {
            return Err(Stop::Invalid(name_end));
        }
        let token = match &self.text[at..name_end] {
            "xml" => Token::XmlDeclaration,
            target if target.eq_ignore_ascii_case("xml") => return Err(Stop::Invalid(name_end)),
            _ => Token::Pi { name_end },
        };
        if next == b'?' {
            return match self.byte(name_end + 1)? {
                b'>' => Ok((token, name_end + 2)),
                _ => Err(Stop::Invalid(name_end + 1)),
            };
        }
        let mut end = name_end;
        loop {
            if self.byte(end)? == b'?' {
                end += 1;
                if self.byte(end)? == b'>' {
                    return Ok((token, end + 1));
                }
            } else {
                end = self.skip(end)?;
            }
        }
    }

    /// The token of a CDATA section at `at`.
    pub fn cdata(&self, at: usize) -> Scanned<Token> {
        let bytes = self.text.as_bytes();
        let Some(first) = bytes.get(at) else {
            return Err(Stop::End);
        };
        let mut end = at;
        match first {
            b']' => match &bytes[at + 1..] {
                [] | [b']'] => return Err(Stop::Partial),
                [b']', b'>', ..] => return Ok((Token::CdataClose, at + 3)),
                _ => end += 1,
            },
            b'\r' if !self.internal => {
                return match bytes.get(at + 1) {
                    None => Err(Stop::Partial),
                    Some(b'\n') => Ok((Token::Newline, at + 2)),
                    Some(_) => Ok((Token::Newline, at + 1)),
                };
            }
            b'\n' => return Ok((Token::Newline, at + 1)),
            _ => {}
        }
        while let Some(b) = bytes.get(end) {
            match b {
                b']' | b'\n' => break,
                b'\r' if !self.internal => break,
                b if *b >= b' ' && b.is_ascii() => end += 1,
                _ => match self.skip(end) {
                    Ok(next) => end = next,
                    Err(stop) if end == at => return Err(stop),
                    Err(_) => break,
                },
            }
        }
        Ok((Token::Data, end))
    }
}

/// What the markup of a document type consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece {
    Space,
    Pi {
        name_end: usize,
    },
    XmlDeclaration,
    Comment,
    /// `<!NAME`.
    DeclarationOpen,
    DeclarationClose,
    Name,
    PrefixedName,
    NameToken,
    PoundName,
    Or,
    Percent,
    Comma,
    OpenParenthesis,
    CloseParenthesis(Quantifier),
    /// A name with a quantifier behind it.
    Counted(Quantifier),
    OpenBracket,
    CloseBracket,
    Literal,
    ParameterReference,
    /// The start of the root element: nothing of it belongs to the piece.
    InstanceStart,
    SectionOpen,
    SectionClose,
    /// The end of an entity's text.
    None,
}

/// How often something may stand in an element.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Quantifier {
    #[default]
    Once,
    Optional,
    Repeated,
    Plus,
}

impl Quantifier {
    fn of(b: u8) -> Option<Quantifier> {
        Some(match b {
            b'?' => Quantifier::Optional,
            b'*' => Quantifier::Repeated,
            b'+' => Quantifier::Plus,
            _ => return None,
        })
    }
}

impl Scanner<'_> {
    /// The piece of a prolog at `at`. The flag says whether more text could lengthen it.
    pub fn prolog(&self, at: usize) -> Result<(Piece, usize, bool), Stop> {
        let bytes = self.text.as_bytes();
        let Some(first) = bytes.get(at) else {
            return Err(Stop::End);
        };
        let after = bytes.get(at + 1).copied();
        let single = |piece| Ok((piece, at + 1, false));
        match first {
            b'"' | b'\'' => self.literal(at),
            b'<' => match self.byte(at + 1)? {
                b'!' => self
                    .declaration(at + 2)
                    .map(|(piece, end)| (piece, end, false)),
                b'?' => {
                    let (token, end) = self.pi(at + 2)?;
                    let piece = match token {
                        Token::Pi { name_end } => Piece::Pi { name_end },
                        _ => Piece::XmlDeclaration,
                    };
                    Ok((piece, end, false))
                }
                _ => {
                    let c = self.character(at + 1)?;
                    // What is not ASCII is left for the tag to judge.
                    if !c.is_ascii() || starts_name(c, self.namespaces) {
                        Ok((Piece::InstanceStart, at, false))
                    } else {
                        Err(Stop::Invalid(at + 1))
                    }
                }
            },
            b if is_space(*b) => {
                let rest = bytes[at..].iter().position(|b| !is_space(*b));
                let mut end = rest.map_or(bytes.len(), |n| at + n);
                // A carriage return at the end is left for the line feed that may follow.
                if rest.is_none() && bytes[end - 1] == b'\r' {
                    if end - 1 == at {
                        return Ok((Piece::Space, end, true));
                    }
                    end -= 1;
                }
                Ok((Piece::Space, end, false))
            }
            b'%' => match after {
                None => Ok((Piece::Percent, at + 1, true)),
                Some(b) if is_space(b) || b == b'%' => single(Piece::Percent),
                Some(_) => {
                    let end = self.name(at + 1)?;
                    match self.byte(end)? {
                        b';' => Ok((Piece::ParameterReference, end + 1, false)),
                        _ => Err(Stop::Invalid(end)),
                    }
                }
            },
            b',' => single(Piece::Comma),
            b'[' => single(Piece::OpenBracket),
            b']' => match &bytes[at + 1..] {
                [] => Ok((Piece::CloseBracket, at + 1, true)),
                [b']'] => Err(Stop::Partial),
                [b']', b'>', ..] => Ok((Piece::SectionClose, at + 3, false)),
                _ => single(Piece::CloseBracket),
            },
            b'(' => single(Piece::OpenParenthesis),
            b')' => match after {
                None => Ok((Piece::CloseParenthesis(Quantifier::Once), at + 1, true)),
                Some(b) => match Quantifier::of(b) {
                    Some(q) => Ok((Piece::CloseParenthesis(q), at + 2, false)),
                    None if is_space(b) || b",|)>%".contains(&b) => {
                        single(Piece::CloseParenthesis(Quantifier::Once))
                    }
                    None => Err(Stop::Invalid(at + 1)),
                },
            },
            b'|' => single(Piece::Or),
            b'>' => single(Piece::DeclarationClose),
            b'#' => {
                let end = self.loose_name(at + 1)?;
                match self.byte(end)? {
                    b if is_space(b) || b")>%|".contains(&b) => Ok((Piece::PoundName, end, false)),
                    _ => Err(Stop::Invalid(end)),
                }
            }
            _ => self.prolog_name(at),
        }
    }

    fn prolog_name(&self, at: usize) -> Result<(Piece, usize, bool), Stop> {
        let c = self.character(at)?;
        let mut piece = if starts_name(c, self.namespaces) {
            Piece::Name
        } else if in_name(c, false) {
            Piece::NameToken
        } else {
            return Err(Stop::Invalid(at));
        };
        let mut end = at + c.len_utf8();
        loop {
            let Ok(c) = self.character(end) else {
                return Ok((piece, end, true));
            };
            if in_name(c, self.namespaces) {
                end += c.len_utf8();
            } else if c == ':' {
                end += 1;
                piece = match piece {
                    Piece::Name => {
                        let next = self.character(end)?;
                        if starts_name(next, true) {
                            Piece::PrefixedName
                        } else {
                            Piece::NameToken
                        }
                    }
                    _ => Piece::NameToken,
                };
            } else {
                let b = u8::try_from(c).unwrap_or(0);
                if is_space(b) || (b != 0 && b">),|[%".contains(&b)) {
                    return Ok((piece, end, false));
                }
                return match Quantifier::of(b) {
                    Some(q) if piece != Piece::NameToken => Ok((Piece::Counted(q), end + 1, false)),
                    _ => Err(Stop::Invalid(end)),
                };
            }
        }
    }

    fn literal(&self, at: usize) -> Result<(Piece, usize, bool), Stop> {
        let quote = self.byte(at)?;
        let mut end = at + 1;
        loop {
            let b = self.byte(end)?;
            if b == quote {
                break;
            }
            end = self.skip(end)?;
        }
        match self.byte(end + 1) {
            Err(_) => Ok((Piece::Literal, end + 1, true)),
            Ok(b) if is_space(b) || b">%[".contains(&b) => Ok((Piece::Literal, end + 1, false)),
            Ok(_) => Err(Stop::Invalid(end + 1)),
        }
    }

    /// What `<!` opens; `at` is the place behind it.
    fn declaration(&self, at: usize) -> Scanned<Piece> {
        let in_word = |b: u8| b.is_ascii() && starts_name(b.into(), self.namespaces);
        match self.byte(at)? {
            b'-' => Ok((Piece::Comment, self.comment(at + 1)?)),
            b'[' => Ok((Piece::SectionOpen, at + 1)),
            b if in_word(b) => {
                let mut end = at + 1;
                loop {
                    let b = self.byte(end)?;
                    if is_space(b) {
                        return Ok((Piece::DeclarationOpen, end));
                    }
                    if b == b'%' {
                        let next = self.byte(end + 1)?;
                        if is_space(next) || next == b'%' {
                            return Err(Stop::Invalid(end));
                        }
                        return Ok((Piece::DeclarationOpen, end));
                    }
                    if !in_word(b) {
                        return Err(Stop::Invalid(end));
                    }
                    end += 1;
                }
            }
            _ => Err(Stop::Invalid(at)),
        }
    }

    /// The end of a section that is ignored, whose text starts at `at`.
    pub fn ignored(&self, at: usize) -> Result<usize, Stop> {
        let mut depth = 0;
        let mut end = at;
        loop {
            match self.byte(end)? {
                b'<' if self.byte(end + 1)? == b'!' => {
                    if self.byte(end + 2)? == b'[' {
                        depth += 1;
                        end += 3;
                    } else {
                        end += 2;
                    }
                }
                b']' if self.byte(end + 1)? == b']' => {
                    if self.byte(end + 2)? != b'>' {
                        end += 1;
                    } else if depth == 0 {
                        return Ok(end + 3);
                    } else {
                        depth -= 1;
                        end += 3;
                    }
                }
                _ => end = self.skip(end)?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str) -> Scanned<Token> {
        let (namespaces, internal) = (true, false);
        let scanner = Scanner {
            text,
            namespaces,
            internal,
        };
        scanner.content(0, &mut Vec::new())
    }

    #[test]
    fn data_ends_before_markup_lines_and_brackets_that_may_close() {
        assert_eq!(content("ab<c>"), Ok((Token::Data, 2)));
        assert_eq!(content("ab\n"), Ok((Token::Data, 2)));
        assert_eq!(content("a]b"), Ok((Token::Data, 3)));
        assert_eq!(content("a]]"), Ok((Token::Data, 1)));
        assert_eq!(content("a]]>"), Err(Stop::Invalid(3)));
        assert_eq!(content("]"), Ok((Token::TrailingBrackets, 1)));
    }

    #[test]
    fn tags_cut_off_are_partial_and_wrong_ones_are_invalid_where_they_go_wrong() {
        assert_eq!(content("<a b='1"), Err(Stop::Partial));
        assert_eq!(content("<a b='1'c"), Err(Stop::Invalid(8)));
        assert_eq!(content("<a:b:c/>"), Err(Stop::Invalid(4)));
        assert_eq!(content("<a b='<'/>"), Err(Stop::Invalid(6)));
        let (name_end, empty) = (2, true);
        assert_eq!(
            content("<a />"),
            Ok((Token::StartTag { name_end, empty }, 5))
        );
    }

    #[test]
    fn references_to_characters_that_no_document_has_are_marked() {
        assert_eq!(content("&#65;"), Ok((Token::CharReference(Some('A')), 5)));
        assert_eq!(content("&#xD800;"), Ok((Token::CharReference(None), 8)));
        assert_eq!(content("&#;"), Err(Stop::Invalid(2)));
    }

    #[test]
    fn ignored_sections_nest() {
        let scanner = Scanner {
            text: "a<![b]]>c]]>d",
            namespaces: false,
            internal: false,
        };
        assert_eq!(scanner.ignored(0), Ok(12));
    }
}

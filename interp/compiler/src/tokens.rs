//! Tokens for the `tokenize` module: those of the compiler's tokenizer together
//! with the comments and insignificant newlines that the grammar never sees.
//!
//! The tokenizer leaves those out; what lies between two of its tokens says
//! where they are, so they are put in afterwards.

use crate::errors::ErrorKind;
use crate::errors::tokenizer::{self, Kind, TokenError};

/// Numbers of the `token` module.
pub mod number {
    pub const ENDMARKER: u8 = 0;
    pub const NAME: u8 = 1;
    pub const NUMBER: u8 = 2;
    pub const STRING: u8 = 3;
    pub const NEWLINE: u8 = 4;
    pub const INDENT: u8 = 5;
    pub const DEDENT: u8 = 6;
    pub const OP: u8 = 55;
    pub const FSTRING_START: u8 = 59;
    pub const FSTRING_MIDDLE: u8 = 60;
    pub const FSTRING_END: u8 = 61;
    pub const TSTRING_START: u8 = 62;
    pub const TSTRING_MIDDLE: u8 = 63;
    pub const TSTRING_END: u8 = 64;
    pub const COMMENT: u8 = 65;
    pub const NL: u8 = 66;
}

/// Operators in the order of their numbers, which start at 7.
const OPERATORS: [&str; 48] = [
    "(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%", "{",
    "}", "==", "!=", "<=", ">=", "~", "^", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=",
    "|=", "^=", "<<=", ">>=", "**=", "//", "//=", "@", "@=", "->", "...", ":=", "!",
];

/// The number of an operator by its text, `OP` for what is none.
pub fn operator(text: &str) -> u8 {
    let text = if text == "<>" { "!=" } else { text };
    OPERATORS
        .iter()
        .position(|o| *o == text)
        .map_or(number::OP, |i| i as u8 + 7)
}

/// A token: its number and its range in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub number: u8,
    pub start: usize,
    pub end: usize,
}

/// Why there are no more tokens.
#[derive(Clone, Debug)]
pub struct Failure {
    pub kind: ErrorKind,
    pub message: String,
    /// Right behind the offending place, in bytes.
    pub at: usize,
    /// The error has a place to end at as well.
    pub end: Option<usize>,
    /// The source ended too early: the error has no place at all.
    pub eof: bool,
}

/// The tokens of a source whose last line ends with a newline, up to the end or
/// the first error.
pub fn tokenize(source: &str) -> (Vec<Token>, Option<Failure>) {
    let found = tokenizer::tokenize_loosely(source);
    let mut out = Vec::with_capacity(found.tokens.len() * 5 / 4);
    let mut at = 0;
    // Whether the strings that are open are raw ones.
    let mut raw = Vec::new();
    for t in &found.tokens {
        between(source, at, t.start, &mut out);
        let number = match t.kind {
            Kind::Name => number::NAME,
            Kind::Number => number::NUMBER,
            Kind::String => number::STRING,
            Kind::Op => number::OP,
            Kind::Newline => number::NEWLINE,
            Kind::Indent => number::INDENT,
            Kind::Dedent => number::DEDENT,
            Kind::End => number::ENDMARKER,
            Kind::FStart => number::FSTRING_START,
            Kind::FMiddle => number::FSTRING_MIDDLE,
            Kind::FEnd => number::FSTRING_END,
            Kind::TStart => number::TSTRING_START,
            Kind::TMiddle => number::TSTRING_MIDDLE,
            Kind::TEnd => number::TSTRING_END,
        };
        match t.kind {
            Kind::FStart | Kind::TStart => {
                raw.push(source[t.start..t.end].contains(['r', 'R']));
            }
            Kind::FEnd | Kind::TEnd => drop(raw.pop()),
            _ => {}
        }
        if matches!(t.kind, Kind::FMiddle | Kind::TMiddle) {
            let raw = raw.last().is_some_and(|r| *r);
            middle(source, number, raw, (t.start, t.end), &mut out);
        } else {
            out.push(Token {
                number,
                start: t.start,
                end: t.end,
            });
        }
        at = t.end;
    }
    let failure = found.error.map(|e| failure(source, e));
    if let Some(f) = &failure {
        let stop = if f.eof {
            source.len()
        } else if f.kind == ErrorKind::Syntax {
            f.at.saturating_sub(1)
        } else {
            let line_end = source[..f.at].trim_end_matches('\n').len();
            source[..line_end].rfind('\n').map_or(0, |i| i + 1)
        };
        // Blocks that the offending line would have ended.
        while f.kind == ErrorKind::Indentation
            && out
                .last()
                .is_some_and(|t| t.number == number::DEDENT && t.start >= stop)
        {
            out.pop();
            at = at.min(stop);
        }
        between(source, at, stop, &mut out);
    }
    (out, failure)
}

fn failure(source: &str, e: TokenError) -> Failure {
    let message = if e.eof {
        "unexpected EOF in multi-line statement".to_owned()
    } else {
        e.message
    };
    let at = e.at.min(source.len());
    let end = match e.end {
        Some(end) => Some(end),
        None => e.raised.then_some(at),
    };
    Failure {
        kind: e.kind,
        message,
        at,
        end,
        eof: e.eof,
    }
}

/// Comments and newlines of the text between two tokens.
fn between(source: &str, from: usize, to: usize, out: &mut Vec<Token>) {
    let bytes = source.as_bytes();
    let mut at = from;
    while at < to {
        match bytes[at] {
            b'#' => {
                let length = bytes[at..].iter().position(|&b| b == b'\n');
                let end = length.map_or(bytes.len(), |n| at + n);
                out.push(Token {
                    number: number::COMMENT,
                    start: at,
                    end,
                });
                at = end;
            }
            // A continued line.
            b'\\' => at += 2,
            b'\n' => {
                out.push(Token {
                    number: number::NL,
                    start: at,
                    end: at + 1,
                });
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Text of a string: a token ends with each named character and each doubled
/// brace, of which the second is left out.
fn middle(source: &str, number: u8, raw: bool, range: (usize, usize), out: &mut Vec<Token>) {
    let (mut start, end) = range;
    let bytes = source.as_bytes();
    let empty = start == end;
    let mut push = |start: usize, end: usize| out.push(Token { number, start, end });
    let mut at = start;
    while at < end {
        let rest = &bytes[at..end];
        if !raw && rest.starts_with(b"\\N{") {
            at += rest
                .iter()
                .position(|&b| b == b'}')
                .map_or(rest.len(), |i| i + 1);
            push(start, at);
            start = at;
        } else if rest[0] == b'\\' && rest.get(1).is_some_and(|b| !matches!(b, b'{' | b'}')) {
            at += 2;
        } else if rest.starts_with(b"{{") || rest.starts_with(b"}}") {
            push(start, at + 1);
            at += 2;
            start = at;
        } else {
            at += 1;
        }
    }
    if start < end || empty {
        push(start, end);
    }
}

#[cfg(test)]
mod tests {
    use super::{number, operator, tokenize};

    #[test]
    fn comments_and_blank_lines_are_tokens() {
        let (tokens, failure) = tokenize("(1, # c\n)\n\n");
        assert!(failure.is_none());
        let numbers: Vec<u8> = tokens.iter().map(|t| t.number).collect();
        use number::*;
        assert_eq!(
            numbers,
            [OP, NUMBER, OP, COMMENT, NL, OP, NEWLINE, NL, ENDMARKER]
        );
    }

    #[test]
    fn operators_have_their_numbers() {
        assert_eq!(operator("("), 7);
        assert_eq!(operator("!"), 54);
        assert_eq!(operator("$"), number::OP);
    }
}

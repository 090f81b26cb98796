//! Tokens as CPython's tokenizer cuts them, with its complaints.
//!
//! Only sources that do not parse come here: which token an error is reported
//! at, and which error wins, depends on this tokenizer's exact behaviour.

mod number;

use super::ErrorKind;

/// Sorts of tokens that the grammar tells apart; operators and keywords go by
/// their text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Name,
    Number,
    String,
    Op,
    Newline,
    Indent,
    Dedent,
    End,
    FStart,
    FMiddle,
    FEnd,
    TStart,
    TMiddle,
    TEnd,
}

/// A token; offsets in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// Depth of parentheses behind the token.
    pub level: usize,
    /// The end was reached while reading it.
    pub at_end: bool,
}

/// What stopped the tokenizer.
#[derive(Clone, Debug)]
pub struct TokenError {
    pub kind: ErrorKind,
    pub message: String,
    /// Byte offset of the place, and of its end if it has one.
    pub at: usize,
    pub end: Option<usize>,
    /// Raised on the spot, so that it beats an error of the parser before it.
    pub raised: bool,
    /// Within a replacement field, where errors of the parser go first.
    pub in_field: bool,
    /// The end of input, within parentheses if any are open.
    pub eof: bool,
}

/// An open parenthesis.
#[derive(Clone, Copy, Debug)]
pub struct Paren {
    pub open: u8,
    pub at: usize,
}

/// A string whose expressions are being tokenized.
struct Mode {
    start: usize,
    quote: u8,
    size: usize,
    raw: bool,
    template: bool,
    /// Replacement fields that are open, outermost first.
    fields: Vec<Field>,
}

/// An open replacement field of a string.
struct Field {
    /// Parentheses open within it, its own brace included.
    level: usize,
    /// Past the colon.
    in_spec: bool,
}

/// All tokens up to the end or the first error.
pub struct Tokens {
    pub tokens: Vec<Token>,
    pub error: Option<TokenError>,
    /// Parentheses open where tokenizing stopped.
    pub open: Vec<Paren>,
}

const MAX_LEVEL: usize = 200;
const MAX_INDENT: usize = 100;
const MAX_FSTRINGS: usize = 150;

struct Tokenizer<'s> {
    source: &'s str,
    bytes: &'s [u8],
    at: usize,
    line_start: usize,
    at_line_start: bool,
    indents: Vec<(usize, usize)>,
    parens: Vec<Paren>,
    modes: Vec<Mode>,
    tokens: Vec<Token>,
    ending: Ending,
    /// Lets pass what only the grammar's tokens must not have.
    loose: bool,
}

type Step<T> = Result<T, TokenError>;

/// How the end of the source is to be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// A module: its last line is complete.
    Module,
    /// An expression.
    Expression,
    /// An interactive statement; whether its end closes open blocks.
    Interactive { dedent: bool },
}

/// Tokenizes a source.
pub fn tokenize(source: &str, ending: Ending) -> Tokens {
    run(source, ending, false)
}

/// Tokenizes a module for the `tokenize` module, which takes parentheses as
/// they come and any punctuation as operators.
pub fn tokenize_loosely(source: &str) -> Tokens {
    run(source, Ending::Module, true)
}

fn run(source: &str, ending: Ending, loose: bool) -> Tokens {
    let mut t = Tokenizer {
        source,
        bytes: source.as_bytes(),
        at: 0,
        line_start: 0,
        at_line_start: true,
        indents: vec![(0, 0)],
        parens: Vec::new(),
        modes: Vec::new(),
        tokens: Vec::new(),
        ending,
        loose,
    };
    let error = loop {
        match t.next() {
            Ok(true) => {}
            Ok(false) => break None,
            Err(e) => break Some(e),
        }
    };
    Tokens {
        tokens: t.tokens,
        error,
        open: t.parens,
    }
}

fn is_name_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b >= 0x80
}

fn is_name_char(b: u8) -> bool {
    is_name_start(b) || b.is_ascii_digit()
}

impl Tokenizer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn ended(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let at_end = self.ended() && (kind != Kind::Newline || start == end)
            || matches!(kind, Kind::End | Kind::Dedent);
        self.tokens.push(Token {
            kind,
            start,
            end,
            level: self.parens.len(),
            at_end,
        });
    }

    fn in_field(&self) -> bool {
        self.modes.iter().any(|m| !m.fields.is_empty())
    }

    /// An error right behind the character just read.
    fn fail<T>(&self, message: impl Into<String>, at: usize) -> Step<T> {
        Err(TokenError {
            kind: ErrorKind::Syntax,
            message: message.into(),
            at,
            end: None,
            raised: true,
            in_field: self.in_field(),
            eof: false,
        })
    }

    fn fail_range<T>(&self, message: impl Into<String>, at: usize, end: usize) -> Step<T> {
        Err(TokenError {
            kind: ErrorKind::Syntax,
            message: message.into(),
            at,
            end: Some(end),
            raised: true,
            in_field: self.in_field(),
            eof: false,
        })
    }

    fn stop<T>(&self, kind: ErrorKind, message: &str, at: usize, eof: bool) -> Step<T> {
        Err(TokenError {
            kind,
            message: message.into(),
            at,
            end: None,
            raised: false,
            in_field: false,
            eof,
        })
    }

    fn next(&mut self) -> Step<bool> {
        if let Some(mode) = self.modes.last()
            && mode.fields.last().is_none_or(|f| f.in_spec)
        {
            return self.string_middle();
        }
        if self.at_line_start {
            self.at_line_start = false;
            self.line_start = self.at;
            if self.parens.is_empty() && self.modes.is_empty() {
                self.indentation()?;
            }
        }
        loop {
            match self.peek(0) {
                b' ' | b'\t' | 0x0c => self.at += 1,
                b'#' => {
                    while !self.ended() && self.peek(0) != b'\n' {
                        self.at += 1;
                    }
                }
                b'\\' => self.continuation()?,
                _ => break,
            }
        }
        if self.ended() {
            return self.finish();
        }
        let start = self.at;
        let c = self.peek(0);
        if c == b'\n' {
            self.at += 1;
            self.at_line_start = true;
            let blank = matches!(
                self.tokens.last().map(|t| t.kind),
                None | Some(Kind::Newline | Kind::Indent | Kind::Dedent)
            ) && self.line_is_blank(start);
            if blank || !self.parens.is_empty() || !self.modes.is_empty() {
                return Ok(true);
            }
            self.push(Kind::Newline, start, self.at);
            return Ok(true);
        }
        if is_name_start(c) {
            return self.name(start);
        }
        if c.is_ascii_digit() || c == b'.' && self.peek(1).is_ascii_digit() {
            self.number()?;
            self.push(Kind::Number, start, self.at);
            return Ok(true);
        }
        if c == b'\'' || c == b'"' {
            self.plain_string(start)?;
            return Ok(true);
        }
        self.operator(start)
    }

    fn line_is_blank(&self, end: usize) -> bool {
        let line = &self.bytes[self.line_start..end];
        let text = line.split(|&b| b == b'#').next().unwrap_or(&[]);
        text.iter().all(|b| matches!(b, b' ' | b'\t' | 0x0c))
    }

    fn continuation(&mut self) -> Step<()> {
        self.at += 1;
        if self.ended() {
            return self.stop(
                ErrorKind::Syntax,
                "unexpected character after line continuation character",
                self.at,
                false,
            );
        }
        if self.peek(0) != b'\n' {
            return self.stop(
                ErrorKind::Syntax,
                "unexpected character after line continuation character",
                self.at + 1,
                false,
            );
        }
        self.at += 1;
        if self.ended() {
            return self.stop(
                ErrorKind::Syntax,
                "unexpected EOF while parsing",
                self.at,
                true,
            );
        }
        self.line_start = self.at;
        Ok(())
    }

    /// The end: a last newline, what is left to dedent, and the end marker.
    fn finish(&mut self) -> Step<bool> {
        let end = self.bytes.len();
        if !self.modes.is_empty() || !self.parens.is_empty() {
            return self.stop(ErrorKind::Syntax, "unexpected EOF while parsing", end, true);
        }
        let line_done = matches!(
            self.tokens.last().map(|t| t.kind),
            None | Some(Kind::Newline | Kind::Dedent | Kind::Indent)
        );
        match self.ending {
            Ending::Module => {
                if !line_done {
                    self.push(Kind::Newline, end, end);
                }
                self.dedent_all();
            }
            Ending::Expression => self.dedent_all(),
            Ending::Interactive { dedent } => {
                if line_done {
                    self.dedent_all();
                }
                // The end of input counts as a newline, before blocks end and after.
                if !self.tokens.is_empty() {
                    self.push(Kind::Newline, end, end);
                    if dedent && self.indents.len() > 1 {
                        self.dedent_all();
                        self.push(Kind::Newline, end, end);
                    }
                }
            }
        }
        self.push(Kind::End, end, end);
        Ok(false)
    }

    fn dedent_all(&mut self) {
        let end = self.bytes.len();
        for _ in 1..self.indents.len() {
            self.push(Kind::Dedent, end, end);
        }
        self.indents.truncate(1);
    }

    fn indentation(&mut self) -> Step<()> {
        let (mut col, mut alt) = (0, 0);
        let mut continued = None;
        loop {
            match self.peek(0) {
                b' ' => {
                    col += 1;
                    alt += 1;
                }
                b'\t' => {
                    col = (col / 8 + 1) * 8;
                    alt += 1;
                }
                0x0c => (col, alt) = (0, 0),
                b'\\' => {
                    // Of a continued line only the first part's indentation counts.
                    continued = continued.or((col > 0).then_some(col));
                    self.continuation()?;
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        if self.ended() || matches!(self.peek(0), b'\n' | b'#') {
            return Ok(());
        }
        if let Some(first) = continued {
            (col, alt) = (first, first);
        }
        let tab_error = |t: &Self| {
            t.stop(
                ErrorKind::Tab,
                "inconsistent use of tabs and spaces in indentation",
                t.at,
                false,
            )
        };
        let (top, alt_top) = self.indents[self.indents.len() - 1];
        if col == top {
            if alt != alt_top {
                return tab_error(self);
            }
        } else if col > top {
            if self.indents.len() >= MAX_INDENT {
                return self.stop(
                    ErrorKind::Indentation,
                    "too many levels of indentation",
                    self.at,
                    false,
                );
            }
            if alt <= alt_top {
                return tab_error(self);
            }
            self.indents.push((col, alt));
            self.push(Kind::Indent, self.line_start, self.at);
        } else {
            while self.indents.len() > 1 && col < self.indents[self.indents.len() - 1].0 {
                self.indents.pop();
                self.push(Kind::Dedent, self.at, self.at);
            }
            let (top, alt_top) = self.indents[self.indents.len() - 1];
            if col != top {
                return self.stop(
                    ErrorKind::Indentation,
                    "unindent does not match any outer indentation level",
                    self.line_end(),
                    false,
                );
            }
            if alt != alt_top {
                return tab_error(self);
            }
        }
        Ok(())
    }

    fn line_end(&self) -> usize {
        self.bytes[self.at..]
            .iter()
            .position(|&b| b == b'\n')
            .map_or(self.bytes.len(), |i| self.at + i + 1)
    }

    fn name(&mut self, start: usize) -> Step<bool> {
        while !self.ended() && is_name_char(self.peek(0)) {
            self.at += 1;
        }
        let text = &self.source[start..self.at];
        if matches!(self.peek(0), b'\'' | b'"') && text.len() <= 5 {
            let lower = text.to_ascii_lowercase();
            let has = |c: char| lower.contains(c);
            let unique = lower
                .chars()
                .collect::<std::collections::BTreeSet<_>>()
                .len()
                == lower.len();
            let known = lower.chars().all(|c| "bfrut".contains(c));
            if known && unique {
                for (a, b) in [
                    ('u', 'b'),
                    ('u', 'r'),
                    ('u', 'f'),
                    ('u', 't'),
                    ('b', 'f'),
                    ('b', 't'),
                    ('f', 't'),
                ] {
                    if has(a) && has(b) {
                        return self.fail_range(
                            format!("'{a}' and '{b}' prefixes are incompatible"),
                            start + 1,
                            self.at + 1,
                        );
                    }
                }
                if has('f') || has('t') {
                    return self.string_start(start, has('r'), has('t'));
                }
                self.plain_string(start)?;
                return Ok(true);
            }
        }
        if !text.is_ascii() && !self.loose {
            self.verify_name(start)?;
        }
        self.push(Kind::Name, start, self.at);
        Ok(true)
    }

    fn verify_name(&self, start: usize) -> Step<()> {
        use unicode_normalization::UnicodeNormalization;
        let text = &self.source[start..self.at];
        for (i, c) in text.char_indices() {
            let nfkc: String = c.nfkc().collect();
            let ok = if i == 0 {
                crate::is_xid_start(&nfkc)
            } else {
                crate::is_xid_continue(&nfkc)
            };
            if !ok && c != '_' {
                let end = start + i + c.len_utf8();
                return self.invalid_character(c, end);
            }
        }
        Ok(())
    }

    fn invalid_character<T>(&self, c: char, end: usize) -> Step<T> {
        let code = c as u32;
        if crate::unparse::is_printable(c) {
            self.fail(format!("invalid character '{c}' (U+{code:04X})"), end)
        } else {
            self.fail(format!("invalid non-printable character U+{code:04X}"), end)
        }
    }

    fn line_of(&self, at: usize) -> usize {
        self.bytes[..at].iter().filter(|&&b| b == b'\n').count() + 1
    }

    fn quotes(&mut self) -> (u8, usize) {
        let quote = self.peek(0);
        let size = if self.peek(1) == quote && self.peek(2) == quote {
            3
        } else {
            1
        };
        (quote, size)
    }

    fn plain_string(&mut self, start: usize) -> Step<()> {
        let (quote, size) = self.quotes();
        if size == 1 && self.peek(1) == quote {
            self.at += 2;
            self.push(Kind::String, start, self.at);
            return Ok(());
        }
        self.at += size;
        let mut ends = 0;
        let mut escaped_quote = false;
        while ends < size {
            if self.ended() || size == 1 && self.peek(0) == b'\n' {
                if let Some(mode) = self.modes.last()
                    && (mode.quote, mode.size) == (quote, size)
                {
                    // The quotes were meant to end the string around.
                    let letter = if mode.template { 't' } else { 'f' };
                    return self.fail(format!("{letter}-string: expecting '}}'"), start + 1);
                }
                let line = self.line_of(self.at.min(self.bytes.len()));
                if size == 3 {
                    let line = if self.bytes.last() == Some(&b'\n') {
                        line - 1
                    } else {
                        line
                    };
                    let message = format!(
                        "unterminated triple-quoted string literal (detected at line {line})"
                    );
                    return self.fail(message, start + 1);
                }
                let hint = if escaped_quote {
                    "; perhaps you escaped the end quote?"
                } else {
                    ""
                };
                let line = self.line_of(start);
                return self.fail(
                    format!("unterminated string literal (detected at line {line}){hint}"),
                    start + 1,
                );
            }
            let c = self.peek(0);
            self.at += 1;
            if c == quote {
                ends += 1;
                continue;
            }
            ends = 0;
            if c == b'\n' {
                self.line_start = self.at;
            }
            if c == b'\\' {
                escaped_quote |= self.peek(0) == quote;
                if self.peek(0) == b'\n' {
                    self.line_start = self.at + 1;
                }
                if !self.ended() {
                    self.at += 1;
                }
            }
        }
        self.push(Kind::String, start, self.at);
        Ok(())
    }

    fn string_start(&mut self, start: usize, raw: bool, template: bool) -> Step<bool> {
        let (quote, size) = self.quotes();
        if self.modes.len() + 1 >= MAX_FSTRINGS {
            return self.fail("too many nested f-strings or t-strings", self.at + 1);
        }
        self.at += size;
        self.push(
            if template { Kind::TStart } else { Kind::FStart },
            start,
            self.at,
        );
        self.modes.push(Mode {
            start,
            quote,
            size,
            raw,
            template,
            fields: Vec::new(),
        });
        Ok(true)
    }

    fn string_middle(&mut self) -> Step<bool> {
        let Some(mode) = self.modes.last_mut() else {
            return Ok(true);
        };
        let (quote, size, raw, template, in_spec, mode_start) = (
            mode.quote,
            mode.size,
            mode.raw,
            mode.template,
            !mode.fields.is_empty(),
            mode.start,
        );
        let (middle, end_kind, letter) = if template {
            (Kind::TMiddle, Kind::TEnd, 't')
        } else {
            (Kind::FMiddle, Kind::FEnd, 'f')
        };
        let start = self.at;
        let closing = |t: &Self| (0..size).all(|i| t.peek(i) == quote) && !t.ended();
        if closing(self) && !in_spec {
            self.at += size;
            self.modes.pop();
            self.push(end_kind, start, self.at);
            return Ok(true);
        }
        let mut in_name = false;
        loop {
            if self.ended() || size == 1 && self.peek(0) == b'\n' {
                if in_spec && !self.ended() {
                    // A format specification ends with its line.
                    let message = format!(
                        "{letter}-string: newlines are not allowed in format specifiers for single quoted {letter}-strings"
                    );
                    return self.fail(message, self.at + 1);
                }
                let line = self.line_of(self.at.min(self.bytes.len()));
                if size == 3 {
                    let line = if self.bytes.last() == Some(&b'\n') {
                        line - 1
                    } else {
                        line
                    };
                    let message = format!(
                        "unterminated triple-quoted {letter}-string literal (detected at line {line})"
                    );
                    return self.fail(message, mode_start + 1);
                }
                return self.fail(
                    format!("unterminated {letter}-string literal (detected at line {line})"),
                    mode_start + 1,
                );
            }
            let c = self.peek(0);
            if closing(self) {
                break;
            }
            match c {
                b'{' => {
                    if in_name {
                        self.at += 1;
                        continue;
                    }
                    if self.peek(1) == b'{' && !in_spec {
                        self.at += 2;
                        continue;
                    }
                    break;
                }
                b'}' => {
                    if in_name {
                        in_name = false;
                        self.at += 1;
                        continue;
                    }
                    if in_spec {
                        break;
                    }
                    if self.peek(1) == b'}' {
                        self.at += 2;
                        continue;
                    }
                    // A brace alone is an operator, which the parser will refuse.
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    if self.ended() {
                        continue;
                    }
                    let next = self.peek(0);
                    if next == b'{' || next == b'}' {
                        // The backslash stands for itself.
                        continue;
                    }
                    if !raw && next == b'N' && self.peek(1) == b'{' {
                        in_name = true;
                        self.at += 2;
                        continue;
                    }
                    let len = self.source[self.at..]
                        .chars()
                        .next()
                        .map_or(1, char::len_utf8);
                    if next == b'\n' {
                        self.line_start = self.at + 1;
                    }
                    self.at += len;
                }
                b'\n' => {
                    self.at += 1;
                    self.line_start = self.at;
                }
                _ => self.at += 1,
            }
        }
        // An empty format specification has a token as well, which the grammar does not need.
        if self.at > start || self.loose && in_spec && self.peek(0) == b'}' {
            self.push(middle, start, self.at);
        }
        match self.peek(0) {
            b'{' => {
                let brace = self.at;
                self.open(b'{')?;
                self.at += 1;
                let level = self.parens.len();
                if let Some(mode) = self.modes.last_mut() {
                    mode.fields.push(Field {
                        level,
                        in_spec: false,
                    });
                }
                self.push(Kind::Op, brace, self.at);
            }
            b'}' if in_spec => {
                let brace = self.at;
                self.at += 1;
                self.parens.pop();
                if let Some(mode) = self.modes.last_mut() {
                    mode.fields.pop();
                }
                self.push(Kind::Op, brace, self.at);
            }
            b'}' => {
                let message = format!("{letter}-string: single '}}' is not allowed");
                return self.fail(message, self.at + 1);
            }
            _ => {
                // The closing quotes, seen from within a format specification.
                if in_spec {
                    self.at += size;
                    self.modes.pop();
                    self.push(end_kind, self.at - size, self.at);
                }
            }
        }
        Ok(true)
    }

    fn open(&mut self, open: u8) -> Step<()> {
        if self.parens.len() >= MAX_LEVEL {
            return self.fail("too many nested parentheses", self.at + 1);
        }
        self.parens.push(Paren { open, at: self.at });
        Ok(())
    }

    fn close(&mut self, close: u8, start: usize) -> Step<()> {
        let field = self
            .modes
            .last()
            .map(|m| (m.fields.last().map(|f| f.level), m.template));
        let letter = |template: bool| if template { 't' } else { 'f' };
        let Some(open) = self.parens.pop() else {
            if self.loose {
                return Ok(());
            }
            return self.fail(format!("unmatched '{}'", close as char), start + 1);
        };
        let matches = matches!(
            (open.open, close),
            (b'(', b')') | (b'[', b']') | (b'{', b'}')
        );
        if !matches && !self.loose {
            // A brace of the string itself cannot be closed by anything else.
            if let Some((Some(level), template)) = field
                && self.parens.len() + 1 == level
            {
                return self.fail(
                    format!("{}-string: unmatched '{}'", letter(template), close as char),
                    start + 1,
                );
            }
            let (o, c) = (open.open as char, close as char);
            let (open_line, line) = (self.line_of(open.at), self.line_of(start));
            let message = if open_line != line {
                format!(
                    "closing parenthesis '{c}' does not match opening parenthesis '{o}' on line {open_line}"
                )
            } else {
                format!("closing parenthesis '{c}' does not match opening parenthesis '{o}'")
            };
            return self.fail(message, start + 1);
        }
        Ok(())
    }

    fn operator(&mut self, start: usize) -> Step<bool> {
        let c = self.peek(0);
        // Where an expression of a string ends.
        if let Some(mode) = self.modes.last_mut()
            && let Some(field) = mode.fields.last_mut()
            && self.parens.len() == field.level
        {
            let ends = match c {
                b':' => {
                    // From here on text, until the brace closes.
                    field.in_spec = true;
                    true
                }
                b'!' => self.bytes.get(start + 1) != Some(&b'='),
                b'}' => {
                    mode.fields.pop();
                    self.parens.pop();
                    true
                }
                _ => false,
            };
            if ends {
                self.at += 1;
                self.push(Kind::Op, start, self.at);
                return Ok(true);
            }
        }
        match c {
            b'(' | b'[' | b'{' => {
                self.open(c)?;
                self.at += 1;
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                self.close(c, start)?;
            }
            _ => {
                const THREE: [&str; 5] = ["**=", "//=", ">>=", "<<=", "..."];
                const TWO: [&str; 21] = [
                    "!=", "%=", "&=", "**", "*=", "+=", "-=", "->", "//", "/=", ":=", "<<", "<=",
                    "<>", "==", ">=", ">>", "@=", "^=", "|=", "..",
                ];
                let rest = &self.source[start..];
                let len = if THREE.iter().any(|t| rest.starts_with(t)) {
                    3
                } else if TWO[..20].iter().any(|t| rest.starts_with(t)) {
                    2
                } else {
                    1
                };
                if !c.is_ascii_graphic() {
                    let ch = rest.chars().next().unwrap_or(' ');
                    return self.invalid_character(ch, start + ch.len_utf8());
                }
                self.at += len;
            }
        }
        self.push(Kind::Op, start, self.at);
        Ok(true)
    }
}

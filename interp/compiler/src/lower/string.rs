//! String literals: escapes, implicit concatenation, f-strings and t-strings.
//!
//! Text is WTF-8, so that `"\ud800"` can be held.

use super::Lowerer;
use super::expression::constant;
use crate::ast::*;
use crate::errors::{CompileError, ErrorKind, Res, Warning, WarningCategory, WarningOrigin};
use ruff_python_ast as ruff;
use ruff_python_ast::InterpolatedStringElement as Element;
use ruff_text_size::{Ranged, TextRange};
use taipan_bytecode::Const;

/// Appends a code point, surrogates included, as (generalised) UTF-8.
pub fn push_wtf8(out: &mut Vec<u8>, code: u32) {
    if let Some(c) = char::from_u32(code) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        out.extend_from_slice(&[
            0xE0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3F) as u8,
            0x80 | (code & 0x3F) as u8,
        ]);
    }
}

/// Text and source range of one piece of an interpolated string.
struct Piece {
    text: Vec<u8>,
    pos: Pos,
}

/// Collects the values of an f-string or t-string, joining adjacent text.
#[derive(Default)]
struct Values {
    out: Vec<Expr>,
    text: Option<Piece>,
}

impl Values {
    fn push_text(&mut self, text: &[u8], pos: Pos) {
        match &mut self.text {
            Some(p) => {
                p.text.extend_from_slice(text);
                (p.pos.end_line, p.pos.end_col) = (pos.end_line, pos.end_col);
            }
            None => {
                self.text = Some(Piece {
                    text: text.to_vec(),
                    pos,
                })
            }
        }
    }
    fn flush(&mut self) {
        if let Some(p) = self.text.take()
            && !p.text.is_empty()
        {
            self.out.push(Expr {
                kind: constant(Const::Str(p.text.into())),
                pos: p.pos,
            });
        }
    }
    fn push(&mut self, e: Expr) {
        self.flush();
        self.out.push(e);
    }
    fn finish(mut self) -> Vec<Expr> {
        self.flush();
        self.out
    }
}

/// What decoding a literal's text needs to know for its errors and warnings.
struct Literal {
    /// Where the text starts in the source.
    base: usize,
    bytes: bool,
    /// The whole literal.
    whole: TextRange,
    /// Start of the token that CPython counts from to the place of an escape, and with how many
    /// quotes it begins: the string, or what ends an f-string.
    token: usize,
    quotes: usize,
}

impl Literal {
    /// Of a plain literal.
    fn new(source: &str, text: TextRange, bytes: bool, whole: TextRange) -> Literal {
        Literal {
            base: text.start().to_usize(),
            bytes,
            whole,
            token: whole.start().to_usize(),
            quotes: leading_quotes(source[whole].chars()),
        }
    }
}

/// How many quotes of the first one's kind a token begins with.
fn leading_quotes(chars: impl Iterator<Item = char>) -> usize {
    let mut quotes = chars.take_while(|c| matches!(c, '"' | '\''));
    let Some(first) = quotes.next() else { return 0 };
    1 + quotes.filter(|c| *c == first).count()
}

/// The length in which CPython's decoder sees text: what is not ASCII as ten-byte `\UXXXXXXXX` escapes.
fn spread(text: &str) -> usize {
    text.chars()
        .map(|c| if c.is_ascii() { 1 } else { 10 })
        .sum()
}

impl Lowerer<'_> {
    pub(super) fn string_literals(&mut self, parts: &[ruff::StringLiteral]) -> Res<Vec<u8>> {
        let mut out = Vec::new();
        for part in parts {
            self.string_literal(part, &mut out)?;
        }
        Ok(out)
    }

    fn string_literal(&mut self, part: &ruff::StringLiteral, out: &mut Vec<u8>) -> Res<()> {
        let range = part.content_range();
        let text = self.text(range);
        if part.flags.prefix().is_raw() || !text.contains('\\') {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let literal = Literal::new(self.source, range, false, part.range());
        self.decode(text, &literal, out)
    }

    pub(super) fn bytes_literals(&mut self, parts: &[ruff::BytesLiteral]) -> Res<Vec<u8>> {
        let mut out = Vec::new();
        for part in parts {
            let range = part.content_range();
            let text = self.text(range);
            if part.flags.prefix().is_raw() || !text.contains('\\') {
                out.extend_from_slice(text.as_bytes());
            } else {
                let literal = Literal::new(self.source, range, true, part.range());
                self.decode(text, &literal, &mut out)?;
            }
        }
        Ok(out)
    }

    /// Warns of the escape `what`, less its backslash, behind `before` in the literal.
    fn warn_escape(&mut self, what: &str, before: &str, literal: &Literal, octal: bool) {
        let kind = if octal {
            "octal escape sequence"
        } else {
            "escape sequence"
        };
        let message = format!(
            "\"\\{what}\" is an invalid {kind}. Such sequences will not work in the future. \
             Did you mean \"\\\\{what}\"? A raw string is also an option."
        );
        let (token_line, token_col) = self.lines.locate(literal.token as u32);
        let last = before.rsplit('\n').next().unwrap_or_default();
        let line = token_line + before.matches('\n').count() as i32;
        let mut col = spread(last) as i32;
        if line == token_line {
            col += token_col + literal.quotes as i32;
        }
        let (last_line, _) = self.lines.locate(literal.whole.end().into());
        self.warnings.push(Warning {
            category: WarningCategory::Syntax,
            message,
            pos: Pos {
                line,
                col,
                end_line: line,
                end_col: col + 2,
            },
            origin: if line < last_line {
                WarningOrigin::EarlierLine
            } else {
                WarningOrigin::Parser
            },
        });
    }

    /// Decodes escapes of a literal's text.
    fn decode(&mut self, text: &str, literal: &Literal, out: &mut Vec<u8>) -> Res<()> {
        let &Literal {
            base, bytes, whole, ..
        } = literal;
        let raw = text.as_bytes();
        let mut at = 0;
        let mut warned = false;
        let fail = |this: &Self, message: String| -> Res<()> {
            Err(CompileError::new(
                ErrorKind::Syntax,
                message,
                this.pos(whole),
            ))
        };
        let codec = |what: &str, from: usize, to: usize| {
            // Positions count from the start of this literal's own bytes.
            format!(
                "(unicode error) 'unicodeescape' codec can't decode bytes in position {from}-{to}: {what}"
            )
        };
        let spread = |upto: usize| spread(&text[..upto]);
        while at < raw.len() {
            let Some(skip) = raw[at..].iter().position(|&b| b == b'\\') else {
                out.extend_from_slice(&raw[at..]);
                break;
            };
            out.extend_from_slice(&raw[at..at + skip]);
            at += skip;
            let start = at;
            let Some(&c) = raw.get(at + 1) else {
                // The backslash before a brace of an f-string.
                out.push(b'\\');
                let brace = self.source[base + text.len()..]
                    .chars()
                    .next()
                    .filter(|c| matches!(c, '{' | '}'));
                if let Some(brace) = brace
                    && !warned
                {
                    let brace = brace.to_string();
                    self.warn_escape(&brace, &text[..start], literal, false);
                }
                break;
            };
            at += 2;
            match c {
                b'\n' => {}
                b'\\' | b'\'' | b'"' => out.push(c),
                b'a' => out.push(7),
                b'b' => out.push(8),
                b'f' => out.push(12),
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'v' => out.push(11),
                b'0'..=b'7' => {
                    let mut value = u32::from(c - b'0');
                    let mut digits = 1;
                    while digits < 3 && at < raw.len() && (b'0'..=b'7').contains(&raw[at]) {
                        value = value * 8 + u32::from(raw[at] - b'0');
                        at += 1;
                        digits += 1;
                    }
                    if value > 0o377 && !warned {
                        warned = true;
                        self.warn_escape(&text[start + 1..at], &text[..start], literal, true);
                    }
                    if bytes {
                        out.push(value as u8);
                    } else {
                        push_wtf8(out, value);
                    }
                }
                b'x' | b'u' | b'U' if c == b'x' || !bytes => {
                    let want = match c {
                        b'x' => 2,
                        b'u' => 4,
                        _ => 8,
                    };
                    let got = raw[at..]
                        .iter()
                        .take(want)
                        .take_while(|b| b.is_ascii_hexdigit())
                        .count();
                    if got < want {
                        if bytes {
                            return fail(
                                self,
                                format!("(value error) invalid \\x escape at position {start}"),
                            );
                        }
                        let what = match c {
                            b'x' => "truncated \\xXX escape",
                            b'u' => "truncated \\uXXXX escape",
                            _ => "truncated \\UXXXXXXXX escape",
                        };
                        let from = spread(start);
                        return fail(self, codec(what, from, from + 1 + got));
                    }
                    let value = u32::from_str_radix(&text[at..at + want], 16).unwrap_or(u32::MAX);
                    at += want;
                    if bytes {
                        out.push(value as u8);
                    } else if value > 0x10_FFFF {
                        let from = spread(start);
                        return fail(self, codec("illegal Unicode character", from, from + 9));
                    } else {
                        push_wtf8(out, value);
                    }
                }
                b'N' if !bytes => {
                    let from = spread(start);
                    if raw.get(at) != Some(&b'{') {
                        return fail(
                            self,
                            codec("malformed \\N character escape", from, from + 1),
                        );
                    }
                    let Some(len) = raw[at..].iter().position(|&b| b == b'}') else {
                        let end = spread(text.len()) - 1;
                        return fail(self, codec("malformed \\N character escape", from, end));
                    };
                    if len == 1 {
                        return fail(
                            self,
                            codec("malformed \\N character escape", from, from + 2),
                        );
                    }
                    let name = &text[at + 1..at + len];
                    let Some(found) = crate::unicode_name(name) else {
                        let end = from + 3 + spread(at + len) - spread(at + 1);
                        return fail(self, codec("unknown Unicode character name", from, end));
                    };
                    out.extend_from_slice(found.encode_utf8(&mut [0; 4]).as_bytes());
                    at += len + 1;
                }
                _ => {
                    let ch = text[start + 1..].chars().next().map_or(1, char::len_utf8);
                    at = start + 1 + ch;
                    if !warned {
                        warned = true;
                        self.warn_escape(&text[start + 1..at], &text[..start], literal, false);
                    }
                    out.extend_from_slice(&raw[start..at]);
                }
            }
        }
        Ok(())
    }

    /// Only looks for errors in the escapes of a literal's text.
    pub fn check_escapes(&mut self, text: TextRange, bytes: bool, whole: TextRange) -> Res<()> {
        let literal = Literal::new(self.source, text, bytes, whole);
        self.decode(self.text(text), &literal, &mut Vec::new())
    }

    pub(super) fn fstring(&mut self, f: &ruff::ExprFString) -> Res<Expr> {
        let mut values = Values::default();
        for part in f.value.as_slice() {
            match part {
                ruff::FStringPart::Literal(s) => {
                    let mut text = Vec::new();
                    self.string_literal(s, &mut text)?;
                    values.push_text(&text, self.pos(s.range()));
                }
                ruff::FStringPart::FString(s) => {
                    self.elements(
                        &s.elements,
                        s.flags.prefix().is_raw(),
                        false,
                        s.range(),
                        &mut values,
                    )?;
                }
            }
        }
        Ok(Expr {
            kind: ExprKind::JoinedStr(values.finish()),
            pos: self.pos(f.range),
        })
    }

    pub(super) fn tstring(&mut self, t: &ruff::ExprTString) -> Res<Expr> {
        let mut values = Values::default();
        for s in t.value.as_slice() {
            self.elements(
                &s.elements,
                s.flags.prefix().is_raw(),
                true,
                s.range(),
                &mut values,
            )?;
        }
        Ok(Expr {
            kind: ExprKind::TemplateStr(values.finish()),
            pos: self.pos(t.range),
        })
    }

    fn elements(
        &mut self,
        elements: &[Element],
        raw: bool,
        template: bool,
        whole: TextRange,
        values: &mut Values,
    ) -> Res<()> {
        for element in elements {
            match element {
                Element::Literal(lit) => {
                    let source = self.text(lit.range);
                    let mut text = Vec::new();
                    if raw || !source.contains('\\') {
                        text.extend_from_slice(lit.value.as_bytes());
                    } else {
                        let plain = unbrace(source);
                        let base = lit.range.start().to_usize();
                        // Parts of the string itself are decoded once it has ended.
                        let (token, quotes) = if self.spec_depth == 0 {
                            let end = self.text(whole);
                            let quotes = leading_quotes(end.chars().rev());
                            let quotes = if quotes < 3 { 1 } else { 3 };
                            (whole.end().to_usize() - quotes, quotes)
                        } else {
                            (base, leading_quotes(source.chars()))
                        };
                        let literal = Literal {
                            base,
                            bytes: false,
                            whole,
                            token,
                            quotes,
                        };
                        self.decode(&plain, &literal, &mut text)?;
                    }
                    values.push_text(&text, self.pos(lit.range));
                }
                Element::Interpolation(i) => self.interpolation(i, raw, template, whole, values)?,
            }
        }
        Ok(())
    }

    fn interpolation(
        &mut self,
        i: &ruff::InterpolatedElement,
        raw: bool,
        template: bool,
        whole: TextRange,
        values: &mut Values,
    ) -> Res<()> {
        let pos = self.pos(i.range);
        let start = i.range.start().to_usize();
        // CPython nests format specifications twice at most.
        if self.spec_depth > 2 {
            let letter = if template { 't' } else { 'f' };
            let at = Pos {
                line: pos.line,
                col: pos.col - 1,
                end_line: pos.line,
                end_col: pos.col - 1,
            };
            return self.error(
                format!("{letter}-string: expressions nested too deeply"),
                at,
            );
        }
        let mut conversion = i32::from(i.conversion as i8);
        let mut format_spec = None;
        if let Some(spec) = &i.format_spec {
            let mut inner = Values::default();
            self.spec_depth += 1;
            self.elements(&spec.elements, raw, false, whole, &mut inner)?;
            self.spec_depth -= 1;
            let colon = spec.range.start().to_usize();
            let colon = if self.source.as_bytes()[colon] == b':' {
                colon
            } else {
                colon - 1
            };
            format_spec = Some(Box::new(Expr {
                kind: ExprKind::JoinedStr(inner.finish()),
                pos: self.offset_pos(colon, i.range.end().to_usize() - 1),
            }));
        }
        // The text of the expression reaches to what follows it: `=`, `!`, `:` or `}`.
        let value = self.boxed(&i.expression)?;
        if let Some(debug) = &i.debug_text {
            let text = debug.as_str();
            values.push_text(
                without_comments(text).as_bytes(),
                self.offset_pos(start + 1, start + 1 + text.len()),
            );
            if conversion < 0 && format_spec.is_none() {
                conversion = i32::from(b'r');
            }
        }
        let kind = if template {
            let end = match &i.debug_text {
                Some(debug) => {
                    let trailing = debug.trailing();
                    let equals = trailing.find('=').unwrap_or(0);
                    start + 1 + debug.as_str().len() - trailing.len() + equals
                }
                None => self.expression_end(i),
            };
            let text = Const::str(&without_comments(&self.source[start + 1..end]));
            ExprKind::Interpolation {
                value,
                text,
                conversion,
                format_spec,
            }
        } else {
            ExprKind::FormattedValue {
                value,
                conversion,
                format_spec,
            }
        };
        values.push(Expr { kind, pos });
        Ok(())
    }

    /// Offset of the `!`, `:` or `}` that ends an interpolation's expression.
    fn expression_end(&self, i: &ruff::InterpolatedElement) -> usize {
        let bytes = self.source.as_bytes();
        let mut at = i.expression.range().end().to_usize();
        let limit = i.range.end().to_usize() - 1;
        while at < limit && !matches!(bytes[at], b'!' | b':' | b'}') {
            if bytes[at] == b'#' {
                while at < limit && bytes[at] != b'\n' {
                    at += 1;
                }
            } else {
                at += 1;
            }
        }
        at
    }
}

/// The text that `=` shows: the expression as written, less comments.
fn without_comments(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('#') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '#' if quote.is_none() => {
                if chars.by_ref().any(|c| c == '\n') {
                    out.push('\n');
                }
                continue;
            }
            '\'' | '"' if quote.is_none() => quote = Some(c),
            '\\' if quote.is_some() => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            _ if quote == Some(c) => quote = None,
            _ => {}
        }
        out.push(c);
    }
    out.into()
}

/// Text of an f-string's literal part with doubled braces made single, except in
/// `\N{...}` escapes, which have single ones.
fn unbrace(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '\\' => {
                let Some(&next) = chars.peek() else { continue };
                if next == 'N' {
                    out.push(next);
                    chars.next();
                    if chars.peek() == Some(&'{') {
                        for c in chars.by_ref() {
                            out.push(c);
                            if c == '}' {
                                break;
                            }
                        }
                    }
                } else if next != '{' && next != '}' {
                    out.push(next);
                    chars.next();
                }
            }
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
            }
            _ => {}
        }
    }
    out
}

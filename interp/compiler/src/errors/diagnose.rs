//! Why a source does not parse, in CPython's words.
//!
//! The parser proper only says that it does not. The source is then tokenized
//! and parsed again the way CPython does it ([`super::tokenizer`],
//! [`super::peg`]), as the choice among several errors depends on that way.

use super::peg::{Found, Parser, Rule, Stop, read_grammar};
use super::tokenizer::{Ending, Kind, Token, TokenError, Tokens, tokenize};
use super::{CompileError, ErrorKind, Warning};
use crate::ast::Pos;
use crate::errors::Res;
use crate::{Mode, Options};
use ruff_python_parser::{ParseError, UnsupportedSyntaxError};
use ruff_text_size::TextRange;
use std::sync::OnceLock;

fn rules() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| read_grammar(super::grammar::GRAMMAR))
}

/// A place as `SyntaxError` gives it: lines and columns from 1.
#[derive(Clone, Copy)]
struct Place {
    line: i32,
    offset: i32,
    end_line: i32,
    end_offset: i32,
}

struct Diagnosis<'s> {
    source: &'s str,
    tokens: &'s Tokens,
}

impl Diagnosis<'_> {
    /// Line and the number of characters of it before an offset.
    fn locate(&self, at: usize) -> (i32, i32) {
        let at = at.min(self.source.len());
        let start = self.source[..at].rfind('\n').map_or(0, |i| i + 1);
        let line = self.source[..start].matches('\n').count() as i32 + 1;
        (line, self.source[start..at].chars().count() as i32)
    }

    fn error(&self, kind: ErrorKind, message: &str, place: Place) -> Box<CompileError> {
        let mut e = CompileError::new(kind, message, Pos::at(place.line, 0));
        (e.line, e.column) = (place.line, place.offset);
        (e.end_line, e.end_column) = (place.end_line, place.end_offset);
        let line = self
            .source
            .split_inclusive('\n')
            .nth((place.line - 1).max(0) as usize);
        e.text = Some(line.unwrap_or("").to_owned());
        e
    }

    fn range(&self, start: usize, end: Option<usize>) -> Place {
        let (line, col) = self.locate(start);
        match end {
            Some(end) => {
                let (end_line, end_col) = self.locate(end);
                Place {
                    line,
                    offset: col + 1,
                    end_line,
                    end_offset: end_col + 1,
                }
            }
            None => Place {
                line,
                offset: col + 1,
                end_line: line,
                end_offset: 0,
            },
        }
    }

    /// Tokens without text are placed where the tokenizer stood.
    fn token_place(&self, t: &Token) -> Place {
        match t.kind {
            Kind::Indent | Kind::Dedent if t.end < self.source.len() => {
                let (line, col) = self.locate(t.end);
                Place {
                    line,
                    offset: col,
                    end_line: line,
                    end_offset: -1,
                }
            }
            Kind::Newline if t.start < t.end => {
                let (line, col) = self.locate(t.start);
                Place {
                    line,
                    offset: col + 1,
                    end_line: line,
                    end_offset: col + 2,
                }
            }
            Kind::Dedent | Kind::End | Kind::Indent | Kind::Newline => {
                if self.source.is_empty() {
                    return Place {
                        line: 0,
                        offset: 0,
                        end_line: 0,
                        end_offset: -1,
                    };
                }
                let trimmed = self.source.strip_suffix('\n').unwrap_or(self.source);
                let (line, col) = self.locate(trimmed.len());
                let newline = i32::from(trimmed.len() < self.source.len());
                Place {
                    line,
                    offset: col + newline,
                    end_line: line,
                    end_offset: -1,
                }
            }
            _ => self.range(t.start, Some(t.end)),
        }
    }

    fn found(&self, f: &Found) -> Box<CompileError> {
        if f.kind == ErrorKind::Memory {
            return CompileError::new(f.kind, f.message.clone(), Pos::NONE);
        }
        let place = match f.at_token.and_then(|i| self.tokens.tokens.get(i)) {
            Some(t) => self.token_place(t),
            None => self.range(f.start, f.end),
        };
        self.error(f.kind, &f.message, place)
    }

    fn never_closed(&self) -> Option<Box<CompileError>> {
        let open = self.tokens.open.last()?;
        let (line, col) = self.locate(open.at);
        let place = Place {
            line,
            offset: col + 1,
            end_line: line,
            end_offset: 0,
        };
        let message = format!("'{}' was never closed", open.open as char);
        let error = self.error(ErrorKind::Syntax, &message, place);
        // Of a line that the tokenizer is past, the text goes without its end.
        let is_past = line < self.source.lines().count() as i32;
        Some(if is_past { without_end(error) } else { error })
    }

    fn token_error(&self, e: &TokenError) -> Box<CompileError> {
        if e.eof {
            return self.never_closed().unwrap_or_else(|| {
                let (line, col) = self.locate(self.source.trim_end_matches('\n').len());
                let place = Place {
                    line,
                    offset: col + 1,
                    end_line: line,
                    end_offset: -1,
                };
                self.error(ErrorKind::Syntax, "unexpected EOF while parsing", place)
            });
        }
        let (line, col) = match self.source.as_bytes().get(e.at.wrapping_sub(1)) {
            // Behind a newline still counts as its line.
            Some(b'\n') if e.raised => {
                let (line, col) = self.locate(e.at - 1);
                (line, col + 1)
            }
            _ => self.locate(e.at),
        };
        let place = match (e.kind, e.raised, e.end) {
            (_, true, Some(end)) => {
                let (end_line, end_col) = self.locate(end);
                Place {
                    line,
                    offset: col,
                    end_line,
                    end_offset: end_col,
                }
            }
            (_, true, None) => Place {
                line,
                offset: col,
                end_line: line,
                end_offset: col,
            },
            (ErrorKind::Indentation, ..) if e.message.starts_with("unindent") => {
                // Reported at the end of the offending line.
                let at = if self.source[..e.at].ends_with('\n') {
                    e.at - 1
                } else {
                    e.at
                };
                let (line, col) = self.locate(at);
                Place {
                    line,
                    offset: col + 1,
                    end_line: line,
                    end_offset: -1,
                }
            }
            (ErrorKind::Syntax, ..) => Place {
                line,
                offset: col,
                end_line: line,
                end_offset: 0,
            },
            _ => Place {
                line,
                offset: 1,
                end_line: line,
                end_offset: 0,
            },
        };
        let error = self.error(e.kind, &e.message, place);
        if e.raised { without_end(error) } else { error }
    }

    /// Interactive input holds one statement, or several on one line; nothing but
    /// blanks and comments may follow.
    fn more_than_one(&self, fill: usize) -> Option<Box<CompileError>> {
        let last = fill
            .checked_sub(1)
            .and_then(|i| self.tokens.tokens.get(i))?;
        let blank = |line: &str| line.trim_start().is_empty() || line.trim_start().starts_with('#');
        if self.source[last.end..].lines().all(blank) {
            return None;
        }
        let message = "multiple statements found while compiling a single statement";
        Some(self.error(ErrorKind::Syntax, message, self.token_place(last)))
    }

    /// Errors of the tokenizer further on in the source go first.
    fn prefer_token_error(
        &self,
        error: Box<CompileError>,
        last: Option<&Token>,
    ) -> Box<CompileError> {
        match &self.tokens.error {
            Some(e) if e.raised && !e.in_field => self.token_error(e),
            Some(e) if e.eof => {
                let Some(open) = self.tokens.open.last() else {
                    return error;
                };
                let line = last.map_or(1, |t| self.locate(t.start).0);
                if line > self.locate(open.at).0 {
                    self.never_closed().unwrap_or(error)
                } else {
                    error
                }
            }
            _ => error,
        }
    }
}

/// The error, its text without the end of the line.
fn without_end(mut e: Box<CompileError>) -> Box<CompileError> {
    if let Some(text) = &mut e.text
        && text.ends_with('\n')
    {
        text.pop();
    }
    e
}

fn ending(options: &Options) -> Ending {
    match options.mode {
        Mode::Eval => Ending::Expression,
        Mode::Single => Ending::Interactive {
            dedent: !options.dont_imply_dedent,
        },
        _ => Ending::Module,
    }
}

/// Parses as CPython does; the result is the error, if there is one.
pub fn diagnose(source: &str, options: &Options) -> Option<Box<CompileError>> {
    let mut last = None;
    let mut error = parse_again(source, options, &mut last)?;
    error.last_statement = Some(last.unwrap_or((0, 0)));
    Some(error)
}

/// As [`diagnose`]; `last` becomes the place of the last compound statement.
fn parse_again(
    source: &str,
    options: &Options,
    last_statement: &mut Option<(i32, i32)>,
) -> Option<Box<CompileError>> {
    let owned;
    let text = if options.mode == Mode::Exec && !source.is_empty() && !source.ends_with('\n') {
        owned = format!("{source}\n");
        &owned
    } else {
        source
    };
    let tokens = tokenize(text, ending(options));
    let d = Diagnosis {
        source: text,
        tokens: &tokens,
    };
    let mut parser = Parser::new(text, &tokens.tokens, tokens.error.as_ref(), rules());
    let start = match options.mode {
        Mode::Eval => "eval",
        Mode::Single => "interactive",
        _ => "file",
    };
    let first = parser.rule_named(start);
    let place = |p: &Parser<'_>| p.last_statement.map(|at| d.locate(at));
    *last_statement = place(&parser);
    if matches!(first, Ok(Some(_))) {
        return (options.mode == Mode::Single)
            .then(|| d.more_than_one(parser.fill))
            .flatten();
    }
    let reached = parser.fill;
    let last = reached.checked_sub(1).and_then(|i| tokens.tokens.get(i));
    let incomplete = |d: &Diagnosis<'_>| {
        let end = text.len();
        let marker = Token {
            kind: Kind::End,
            start: end,
            end,
            level: 0,
            at_end: true,
        };
        let at = if matches!(first, Err(Stop::Token)) {
            &marker
        } else {
            last.unwrap_or(&marker)
        };
        d.error(ErrorKind::Incomplete, "incomplete input", d.token_place(at))
    };
    if options.allow_incomplete {
        let at_end = match &first {
            Err(Stop::Token) => tokens
                .error
                .as_ref()
                .is_some_and(|e| e.eof || e.message.contains("triple-quoted")),
            _ => last.is_none_or(|t| t.at_end),
        };
        if at_end {
            return Some(incomplete(&d));
        }
    }
    if matches!(first, Err(Stop::Token)) {
        return tokens.error.as_ref().map(|e| d.token_error(e));
    }
    if let Err(Stop::Error(f)) = first {
        return Some(d.found(&f));
    }
    parser.restart();
    let second = parser.rule_named(start);
    *last_statement = place(&parser);
    match second {
        Err(Stop::Token) => return tokens.error.as_ref().map(|e| d.token_error(e)),
        Err(Stop::Error(f)) => {
            let error = d.found(&f);
            if error.kind != ErrorKind::Syntax {
                return Some(error);
            }
            let last = parser
                .fill
                .checked_sub(1)
                .and_then(|i| tokens.tokens.get(i));
            return Some(d.prefer_token_error(error, last));
        }
        Ok(_) => {}
    }
    let Some(last) = last else {
        return Some(d.error(
            ErrorKind::Syntax,
            "invalid syntax",
            Place {
                line: 0,
                offset: 0,
                end_line: 0,
                end_offset: 0,
            },
        ));
    };
    if last.kind == Kind::Indent {
        return Some(d.error(
            ErrorKind::Indentation,
            "unexpected indent",
            d.token_place(last),
        ));
    }
    if last.kind == Kind::Dedent {
        return Some(d.error(
            ErrorKind::Indentation,
            "unexpected unindent",
            d.token_place(last),
        ));
    }
    let mut place = d.token_place(last);
    if matches!(last.kind, Kind::End | Kind::Dedent)
        || last.kind == Kind::Newline && last.start == last.end
    {
        (place.offset, place.end_offset) = (0, 0);
    }
    let error = d.error(ErrorKind::Syntax, "invalid syntax", place);
    Some(d.prefer_token_error(error, Some(last)))
}

/// The error for a source that the parser rejects.
pub fn explain(source: &str, error: &ParseError, options: &Options) -> Box<CompileError> {
    diagnose(source, options)
        .or_else(|| bad_escape(source, error.location))
        .unwrap_or_else(|| {
            CompileError::new(
                ErrorKind::Syntax,
                error.error.to_string(),
                pos_of(source, error.location),
            )
        })
}

/// The error for syntax of a later version.
pub fn unsupported(
    source: &str,
    error: &UnsupportedSyntaxError,
    options: &Options,
) -> Box<CompileError> {
    diagnose(source, options).unwrap_or_else(|| {
        CompileError::new(
            ErrorKind::Syntax,
            error.to_string(),
            pos_of(source, error.range),
        )
    })
}

/// The error of an escape sequence in the literal at a place.
fn bad_escape(source: &str, location: TextRange) -> Option<Box<CompileError>> {
    let tokens = tokenize(source, Ending::Module);
    let at = usize::from(location.start());
    let i = tokens.tokens.iter().position(|t| {
        t.start <= at
            && at <= t.end
            && matches!(t.kind, Kind::String | Kind::FMiddle | Kind::TMiddle)
    })?;
    let t = tokens.tokens[i];
    let lines = crate::lower::LineIndex::new(source);
    let (from, to) = match t.kind {
        Kind::String => {
            let text = &source[t.start..t.end];
            let quote = text.find(['"', '\''])?;
            let size = if text[quote..].starts_with("\"\"\"") || text[quote..].starts_with("'''") {
                3
            } else {
                1
            };
            (t.start + quote + size, t.end - size)
        }
        _ => (t.start, t.end),
    };
    let bytes = source[t.start..from].contains(['b', 'B']);
    let place = if t.kind == Kind::String {
        t
    } else {
        *tokens.tokens.get(i + 1)?
    };
    let range = |from: usize, to: usize| TextRange::new((from as u32).into(), (to as u32).into());
    crate::lower::Lowerer::new(source, &lines)
        .check_escapes(range(from, to), bytes, range(place.start, place.end))
        .err()
}

fn pos_of(source: &str, range: TextRange) -> Pos {
    let lines = crate::lower::LineIndex::new(source);
    let (line, col) = lines.locate(range.start().into());
    let (end_line, end_col) = lines.locate(range.end().into());
    Pos {
        line,
        col,
        end_line,
        end_col,
    }
}

/// Rejects sources nested deeper than CPython's tokenizer follows.
pub fn check_nesting(source: &str, options: &Options) -> Res<()> {
    // A cheap count of what could nest; strings and comments only make it larger.
    let (mut depth, mut deepest) = (0u32, 0u32);
    let mut indent = 0;
    let mut deepest_indent = 0;
    let mut at_start = true;
    for b in source.bytes() {
        match b {
            b'\n' => (at_start, indent) = (true, 0),
            b' ' | b'\t' if at_start => indent += 1,
            _ => {
                if at_start {
                    deepest_indent = deepest_indent.max(indent);
                    at_start = false;
                }
                match b {
                    b'(' | b'[' | b'{' => {
                        depth += 1;
                        deepest = deepest.max(depth);
                    }
                    b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
        }
    }
    if deepest < 140 && deepest_indent < 99 {
        return Ok(());
    }
    match tokenize(source, ending(options)).error {
        Some(e) if e.message.starts_with("too many") => match diagnose(source, options) {
            Some(error) => Err(error),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Warnings about escapes in the literals before the place of an error.
pub fn escape_warnings(source: &str, options: &Options, error: &CompileError) -> Vec<Warning> {
    if !source.contains('\\') {
        return Vec::new();
    }
    let tokens = tokenize(source, ending(options));
    let lines = crate::lower::LineIndex::new(source);
    let mut lowerer = crate::lower::Lowerer::new(source, &lines);
    for t in &tokens.tokens {
        let (line, col) = lines.locate(t.start as u32);
        if (line, col + 1) >= (error.line, error.column) {
            break;
        }
        let text = &source[t.start..t.end];
        let Some(quote) = text.find(['"', '\'']).filter(|_| t.kind == Kind::String) else {
            continue;
        };
        let size = match &text[quote..] {
            t if t.starts_with("\"\"\"") || t.starts_with("'''") => 3,
            _ => 1,
        };
        let prefix = &text[..quote];
        if prefix.contains(['r', 'R']) || !text.contains('\\') {
            continue;
        }
        let range =
            |from: usize, to: usize| TextRange::new((from as u32).into(), (to as u32).into());
        let (from, to) = (t.start + quote + size, t.end - size);
        let bytes = prefix.contains(['b', 'B']);
        if lowerer
            .check_escapes(range(from, to), bytes, range(t.start, t.end))
            .is_err()
        {
            break;
        }
    }
    lowerer.warnings
}

//! Errors and warnings in CPython's words and places.

mod actions;
pub mod diagnose;
mod grammar;
mod peg;
pub(crate) mod tokenizer;

use crate::ast::Pos;

/// Which exception the error becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    Syntax,
    Indentation,
    Tab,
    /// `_IncompleteInputError`: more input could complete the source.
    Incomplete,
    Value,
    Memory,
    Recursion,
    Overflow,
}

/// A failed compilation, as the attributes of `SyntaxError` report it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompileError {
    pub kind: ErrorKind,
    pub message: String,
    /// Place in bytes, columns from 0; [`CompileError::columns`] converts.
    pub pos: Pos,
    /// `lineno`; 0 if unknown.
    pub line: i32,
    /// `offset`: from 1, in characters.
    pub column: i32,
    /// `end_lineno`.
    pub end_line: i32,
    /// `end_offset`.
    pub end_column: i32,
    /// `text`: the source line, with its newline if it has one.
    pub text: Option<String>,
    /// Of an error that the parser found: line and column of the last compound
    /// statement before it, zeros without one (`_metadata`).
    pub last_statement: Option<(i32, i32)>,
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?}: {} (line {}, column {})",
            self.kind, self.message, self.line, self.column
        )
    }
}

impl std::error::Error for CompileError {}

/// The compiler's result type; errors are boxed because they are large and rare.
pub type Res<T> = Result<T, Box<CompileError>>;

impl CompileError {
    /// An error at a place of the tree.
    pub fn new(kind: ErrorKind, message: impl Into<String>, pos: Pos) -> Box<CompileError> {
        Box::new(CompileError {
            kind,
            message: message.into(),
            pos,
            line: pos.line,
            column: pos.col + 1,
            end_line: pos.end_line,
            end_column: pos.end_col + 1,
            text: None,
            last_statement: None,
        })
    }
    /// A `SyntaxError`.
    pub fn syntax(message: impl Into<String>, pos: Pos) -> Box<CompileError> {
        CompileError::new(ErrorKind::Syntax, message, pos)
    }
    /// The tree is nested too deeply.
    pub fn recursion() -> Box<CompileError> {
        CompileError::new(
            ErrorKind::Recursion,
            "maximum recursion depth exceeded during compilation",
            Pos::NONE,
        )
    }
    /// Fills in the line's text and turns byte columns into character columns.
    pub fn with_source(mut self: Box<Self>, source: &str) -> Box<Self> {
        if self.pos.line < 1 || self.text.is_some() {
            return self;
        }
        let line_text = |n: i32| {
            source
                .split_inclusive('\n')
                .nth(n as usize - 1)
                .unwrap_or("")
        };
        let column = |text: &str, col: i32| {
            if col < 0 {
                return col + 1;
            }
            let col = col as usize;
            let mut count = text.char_indices().take_while(|&(i, _)| i < col).count();
            if col > text.len() {
                count += col - text.len();
            }
            count as i32 + 1
        };
        let first = line_text(self.pos.line);
        self.column = column(first, self.pos.col);
        self.end_column = if self.pos.end_line == self.pos.line {
            column(first, self.pos.end_col)
        } else {
            column(line_text(self.pos.end_line), self.pos.end_col)
        };
        self.text = Some(first.to_owned());
        self
    }
}

/// Class of a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WarningCategory {
    /// `SyntaxWarning`.
    Syntax,
    /// `DeprecationWarning`.
    Deprecation,
}

/// A warning that the caller is to issue, unless a filter makes it an error: then
/// it is a `SyntaxError` with the same text at [`Warning::pos`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    pub category: WarningCategory,
    pub message: String,
    pub pos: Pos,
    /// Who warns, which decides what the error made of it says.
    pub origin: WarningOrigin,
}

/// The part of the compiler that warns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WarningOrigin {
    /// The tokenizer: an error is at the start of the literal.
    Tokenizer,
    /// The parser: an error shows the line.
    Parser,
    /// The parser, of a line that the tokenizer is past: an error shows it without its end.
    EarlierLine,
    /// What comes after: an error has no line.
    Compiler,
}

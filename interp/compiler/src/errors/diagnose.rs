//! Why a source does not parse, in CPython's words.

use super::{CompileError, ErrorKind};
use crate::Options;
use crate::ast::{Pos, Stmt};
use crate::errors::Res;
use crate::lower::LineIndex;
use ruff_python_parser::{ParseError, UnsupportedSyntaxError};
use ruff_text_size::TextRange;

fn pos_of(source: &str, skipped: usize, range: TextRange) -> Pos {
    let lines = LineIndex::new(source);
    let (line, col) = lines.locate(u32::from(range.start()) + skipped as u32);
    let (end_line, end_col) = lines.locate(u32::from(range.end()) + skipped as u32);
    Pos {
        line,
        col,
        end_line,
        end_col,
    }
}

/// The error for a source that the parser rejects.
pub fn explain(
    source: &str,
    skipped: usize,
    error: &ParseError,
    options: &Options,
) -> Box<CompileError> {
    let _ = options;
    CompileError::new(
        ErrorKind::Syntax,
        error.error.to_string(),
        pos_of(source, skipped, error.location),
    )
}

/// The error for syntax of a later version.
pub fn unsupported(
    source: &str,
    skipped: usize,
    error: &UnsupportedSyntaxError,
) -> Box<CompileError> {
    CompileError::new(
        ErrorKind::Syntax,
        error.to_string(),
        pos_of(source, skipped, error.range),
    )
}

/// Rejects sources nested deeper than the parser should follow.
pub fn check_nesting(source: &str, options: &Options) -> Res<()> {
    let _ = (source, options);
    Ok(())
}

/// Interactive input holds one statement.
pub fn multiple_statements(source: &str, body: &[Stmt]) -> Option<Box<CompileError>> {
    let _ = (source, body);
    None
}

//! `from __future__ import barry_as_FLUFL` (PEP 401): `<>` compares, and `!=` is an error.
//!
//! The parser knows only `!=`. Both have two bytes, so that the source is rewritten before it is
//! parsed and every position stays.

use crate::ast::Pos;
use crate::errors::{CompileError, Res};
use crate::lower::LineIndex;
use crate::tokens::{self, number};
use crate::{CodeFlags, Options};

const FEATURE: &str = "barry_as_FLUFL";

/// The source as the parser takes it, if that differs.
pub fn translate(source: &str, options: &Options) -> Res<Option<String>> {
    let mut on = options.future & CodeFlags::FUTURE_BARRY != 0;
    if !on && !source.contains(FEATURE) {
        return Ok(None);
    }
    let source = format!("{source}\n");
    let (found, _) = tokens::tokenize(&source);
    let mut out = source.clone();
    // How much of `from __future__ import` stands before.
    let mut matched = 0;
    for t in found {
        let text = &source[t.start..t.end];
        match (on, text) {
            (true, "!=") if t.number == number::OP => {
                let (line, col) = LineIndex::new(&source).locate(t.start as u32);
                let pos = Pos {
                    line,
                    col,
                    end_line: line,
                    end_col: col + 2,
                };
                let message = "with Barry as BDFL, use '<>' instead of '!='";
                return Err(CompileError::syntax(message, pos));
            }
            (true, "<>") if t.number == number::OP => out.replace_range(t.start..t.end, "!="),
            (false, FEATURE) if matched == 3 => on = true,
            (false, "from") => matched = 1,
            (false, "__future__") if matched == 1 => matched = 2,
            (false, "import") if matched == 2 => matched = 3,
            (false, ";") => matched = 0,
            (false, _) if t.number == number::NEWLINE || matched < 3 => matched = 0,
            _ => {}
        }
    }
    out.pop();
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(source: &str) -> Option<String> {
        translate(source, &Options::default()).expect("no error")
    }

    #[test]
    fn operators_change_behind_the_import_only() {
        let import = "from __future__ import (annotations, barry_as_FLUFL)\n";
        let text = format!("1 != 2\n{import}1 <> 2; '<>'");
        let expected = format!("1 != 2\n{import}1 != 2; '<>'");
        assert_eq!(translated(&text), Some(expected));
        assert_eq!(translated("1 <> 2"), None);
        let other = "from .__future__ import barry_as_FLUFL; 1 != 2";
        assert_eq!(translated(other).as_deref(), Some(other));
    }

    #[test]
    fn the_usual_operator_is_an_error_then() {
        let e = translate(
            "from __future__ import barry_as_FLUFL\n1 != 2",
            &Options::default(),
        );
        assert_eq!(e.expect_err("an error").pos.col, 2);
    }
}

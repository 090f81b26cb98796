//! Type comments (PEP 484), which the grammar takes for tokens if it is asked to: `# type: int`
//! behind an assignment, a parameter or the head of a block. `# type: ignore` may stand anywhere.
//!
//! The parser never sees comments. Which belong where follows from the tokens around them: one
//! is found by the place of what it comes behind, or by the start of the line that it ends. Those
//! that nobody has asked for in the end are errors.

use crate::ast::Pos;
use crate::errors::{CompileError, ErrorKind, Res};
use crate::lower::LineIndex;
use crate::tokens::{Token, number, tokenize};
use rustc_hash::FxHashMap;
use std::cell::Cell;

/// A line from 1 and a column from 0, in bytes.
type Place = (i32, i32);

struct Comment {
    text: String,
    pos: Pos,
    used: Cell<bool>,
}

/// The type comments of a source.
#[derive(Default)]
pub struct TypeComments {
    comments: Vec<Comment>,
    /// By the end of what they come behind.
    behind: FxHashMap<Place, usize>,
    /// Behind the colon of a line, by the line's start.
    headers: FxHashMap<Place, usize>,
    /// On the line below such a one.
    below: FxHashMap<Place, usize>,
    /// Lines and tags of `# type: ignore`.
    pub ignores: Vec<(i32, String)>,
}

/// What a comment says of a type, from which byte on.
fn type_comment(text: &str) -> Option<usize> {
    let blanks = |s: &str| s.len() - s.trim_start_matches([' ', '\t']).len();
    let mut at = 1 + blanks(&text[1..]);
    at += text[at..].strip_prefix("type:").map(|_| "type:".len())?;
    Some(at + blanks(&text[at..]))
}

/// The tag of a comment to ignore types.
fn ignored(what: &str) -> Option<&str> {
    let tag = what.strip_prefix("ignore")?;
    let is_word = tag.starts_with(|c: char| !c.is_ascii() || c.is_ascii_alphanumeric());
    (!is_word).then_some(tag)
}

impl TypeComments {
    /// Those of a source that parses.
    pub fn find(source: &str) -> TypeComments {
        let mut found = TypeComments::default();
        let lines = LineIndex::new(source);
        let place = |at: usize| lines.locate(at as u32);
        let (tokens, _) = tokenize(source);
        // What the grammar sees before the comment.
        let mut before: Vec<Token> = Vec::new();
        let mut line_start = 0;
        let mut depth = 0;
        for (i, t) in tokens.iter().enumerate() {
            match t.number {
                number::COMMENT => {}
                number::NL => continue,
                _ => {
                    match &source[t.start..t.end] {
                        "(" | "[" | "{" => depth += 1,
                        ")" | "]" | "}" => depth -= 1,
                        _ => {}
                    }
                    let starts = before.last().is_none_or(|t| is_break(t.number));
                    if starts && !is_break(t.number) {
                        line_start = t.start;
                    }
                    before.push(*t);
                    continue;
                }
            }
            let text = &source[t.start..t.end];
            let Some(from) = type_comment(text) else {
                continue;
            };
            let (line, col) = place(t.start);
            if let Some(tag) = ignored(&text[from..]) {
                let alone = source[t.start - col as usize..t.start].trim().is_empty();
                let end = if alone { "\n" } else { "" };
                found.ignores.push((line, format!("{tag}{end}")));
                continue;
            }
            let index = found.comments.len();
            found.comments.push(Comment {
                text: text[from..].to_owned(),
                pos: Pos {
                    line,
                    col: col + from as i32,
                    end_line: line,
                    end_col: col + text.len() as i32,
                },
                used: Cell::new(false),
            });
            let is =
                |t: Option<&Token>, text: &str| t.is_some_and(|t| &source[t.start..t.end] == text);
            let nth_last = |n: usize| before.len().checked_sub(n).map(|i| &before[i]);
            if depth == 0 && is(nth_last(1), ":") {
                found.headers.insert(place(line_start), index);
            } else if nth_last(1).is_some_and(|t| t.number == number::NEWLINE) {
                if is(nth_last(2), ":") {
                    found.below.insert(place(line_start), index);
                }
            } else if depth == 0 {
                let end = before.last().map_or(0, |t| t.end);
                found.behind.insert(place(end), index);
            } else {
                let follows = tokens[i + 1..]
                    .iter()
                    .find(|t| !matches!(t.number, number::NL | number::COMMENT));
                let mut last = before.len();
                if is(nth_last(1), ",") {
                    last -= 1;
                } else if !is(follows, ")") {
                    continue;
                }
                // An expression in parentheses ends before those.
                while let Some(t) = last.checked_sub(1).map(|i| &before[i]) {
                    found.behind.insert(place(t.end), index);
                    if !is(Some(t), ")") {
                        break;
                    }
                    last -= 1;
                }
            }
        }
        found
    }

    fn used(&self, index: Option<&usize>) -> Option<&str> {
        let comment = &self.comments[*index?];
        comment.used.set(true);
        Some(&comment.text)
    }

    /// The one behind an assignment or a parameter that ends there.
    pub fn behind(&self, end: Place) -> Option<&str> {
        self.used(self.behind.get(&end))
    }

    /// The one behind the head of a block that starts there.
    pub fn header(&self, start: Place) -> Option<&str> {
        self.used(self.headers.get(&start))
    }

    /// As [`TypeComments::header`], of a function: it may stand on a line of its own.
    pub fn function(&self, start: Place) -> Option<&str> {
        self.header(start)
            .or_else(|| self.used(self.below.get(&start)))
    }

    /// # Errors
    /// A comment belongs to nothing that may have one.
    pub fn finish(&self) -> Res<()> {
        match self.comments.iter().find(|c| !c.used.get()) {
            Some(c) => Err(CompileError::new(
                ErrorKind::Syntax,
                "invalid syntax",
                c.pos,
            )),
            None => Ok(()),
        }
    }
}

/// Whether a token parts lines.
fn is_break(number: u8) -> bool {
    matches!(number, number::NEWLINE | number::INDENT | number::DEDENT)
}

#[cfg(test)]
mod tests {
    use super::TypeComments;

    #[test]
    fn comments_are_found_by_what_they_come_behind() {
        let source = "x = 1 # type: int\nfor a in b: #type:str\n  pass # type: ignore[x]\n";
        let found = TypeComments::find(source);
        assert_eq!(found.behind((1, 5)), Some("int"));
        assert_eq!(found.header((2, 0)), Some("str"));
        assert_eq!(found.ignores, [(3, "[x]".to_owned())]);
        assert!(found.finish().is_ok());
    }

    #[test]
    fn parameters_and_functions_have_theirs() {
        let source = "def f(a, # type: A\n  b=(1), # type: B\n  c # type: C\n):\n  # type: (...) -> D\n  pass\n";
        let found = TypeComments::find(source);
        assert_eq!(found.behind((1, 7)), Some("A"));
        assert_eq!(found.behind((2, 6)), Some("B"));
        assert_eq!(found.behind((3, 3)), Some("C"));
        assert_eq!(found.function((1, 0)), Some("(...) -> D"));
        assert!(found.finish().is_ok());
    }

    #[test]
    fn others_are_errors() {
        let found = TypeComments::find("pass # type: int\n");
        assert!(found.finish().is_err());
    }
}

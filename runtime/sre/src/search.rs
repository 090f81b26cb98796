//! Searching: finding the places where an attempt is worth while.

use crate::exec::{Interrupted, Matcher};
use crate::program::Start;
use crate::unit::Unit;

impl<U: Unit> Matcher<'_, U> {
    /// Looks for the first match at or after `from`.
    pub fn search(&mut self, from: usize, must_advance: bool) -> Result<bool, Interrupted> {
        let program = self.program;
        let text = self.text;
        // No attempt can succeed behind this position.
        let Some(last) = text.len().checked_sub(program.min_width) else {
            return Ok(false);
        };
        let mut at = from;
        while at <= last {
            let found = match &program.start {
                Start::Anywhere => Some(0),
                Start::Anchored => {
                    return if at == 0 {
                        self.attempt(0, must_advance)
                    } else {
                        Ok(false)
                    };
                }
                Start::Prefix {
                    text: prefix,
                    finder,
                    whole,
                } => {
                    let found = U::find_str(&text[at..], prefix, finder.as_deref());
                    if let (Some(found), true) = (found, whole) {
                        self.scratch.reset();
                        self.scratch.start = at + found;
                        self.scratch.end = at + found + prefix.len();
                        return Ok(true);
                    }
                    found
                }
                Start::Chars { first, few } if few.is_empty() => {
                    text[at..].iter().position(|&unit| first.has(unit))
                }
                Start::Chars { few, .. } => U::find_any(&text[at..], few),
            };
            let Some(found) = found else {
                return Ok(false);
            };
            self.step(1 + found / 64)?;
            at += found;
            if at > last {
                break;
            }
            if self.attempt(at, must_advance && at == from)? {
                return Ok(true);
            }
            at += 1;
        }
        Ok(false)
    }
}

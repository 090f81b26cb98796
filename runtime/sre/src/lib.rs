//! The matching engine behind Python's `_sre`: it runs the code arrays that
//! `re._compiler` of CPython 3.14 makes, over text of any code unit width.
//!
//! The engine knows nothing of a Python heap. A code array is checked and
//! translated once ([`Program::compile`]) to a form that is quick to run: sets
//! of characters become tables, runs of literals become strings, and what a
//! sequence can begin with is worked out beforehand so that most choices are
//! settled by looking at one character. Matching ([`Program::run`]) keeps its
//! own stack of choices in a [`Scratch`] that is reused from match to match, so
//! neither long subjects nor deep patterns use native stack, and an attempt
//! allocates nothing once the stack has grown.
//!
//! Results are CPython's: spans, `lastindex`, what a failed branch leaves in
//! its groups, and the rules for empty matches in a row.
//!
//! ```
//! use taipan_sre::{CharTables, Mode, Program, Scratch};
//! // re._compiler._code of r"a(b*)"
//! let code = [
//!     14, 8, 1, 1, 4294967295, 1, 1, 97, 0, 16, 97, 17, 0, 24, 6, 0, 4294967295, 16, 98, 1, 17, 1, 1,
//! ];
//! let program = Program::compile(&code, 1, CharTables::ascii()).unwrap();
//! let mut scratch = Scratch::new();
//! let found = program.run(&mut scratch, b"xabb", 0, 4, Mode::Search, false, &mut || true);
//! assert_eq!(found, Ok(true));
//! assert_eq!(scratch.span(), (1, 4));
//! assert_eq!(scratch.group(1), Some((2, 4)));
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod analysis;
mod chars;
mod exec;
mod opcodes;
mod program;
mod search;
mod set;
mod translate;
mod unit;

pub use chars::CharTables;
pub use exec::{Cursor, Interrupted, Mode, Scratch};
pub use opcodes::{CODE_SIZE, MAGIC, MAX_GROUPS, MAX_REPEAT};
pub use program::Program;
pub use translate::InvalidCode;
pub use unit::Unit;

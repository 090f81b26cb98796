//! Text and numbers without a Python heap: Unicode data, codecs, integers, floats and formatting.
//!
//! The runtime's builtin types are thin wrappers over this crate. Python strings are sequences
//! of code points that may include lone surrogates, so text goes in as slices of [`CodeUnit`]
//! (Latin-1, UCS-2 or UCS-4, as the runtime stores it) and comes out through [`TextBuf`].

pub mod buf;
pub mod codecs;
pub mod escape;
pub mod field;
pub mod float;
pub mod format_spec;
pub mod hash;
pub mod int;
pub mod percent;
pub mod suggest;
pub mod unicode;

pub use buf::{CodeUnit, Text, TextBuf, TextRef};

//! The text encodings built into the interpreter.
//!
//! Error handlers are Python callables, so no codec calls one. A decoder or encoder appends what
//! it can and stops at the first problem with a [`CodecError`]; the caller runs the handler,
//! appends the replacement and calls again with the position the handler chose. Decoders given
//! `last == false` leave an incomplete sequence at the end alone and say how much they consumed,
//! which is all that incremental decoding needs.

mod escapes;
mod single;
mod utf16;
mod utf32;
mod utf7;
mod utf8;

pub use escapes::{
    BytesEscapeError, InvalidEscape, decode_raw_unicode_escape, decode_unicode_escape,
    encode_raw_unicode_escape, encode_unicode_escape, unescape_bytes,
};
pub use single::{
    CharMap, decode_ascii, decode_charmap, decode_latin1, encode_ascii, encode_charmap,
    encode_latin1,
};
pub use utf7::{Utf7Decoder, encode_utf7};
pub use utf8::{decode_utf8, encode_utf8};
pub use utf16::{decode_utf16, encode_utf16, utf16_mark};
pub use utf32::{decode_utf32, encode_utf32, utf32_mark};

pub use crate::int::Endian;

/// Where and why coding stopped: the arguments of a UnicodeDecodeError or UnicodeEncodeError.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecError {
    /// First offending position in the input.
    pub start: usize,
    /// Position after the last offending one.
    pub end: usize,
    /// What is wrong.
    pub reason: &'static str,
}

impl CodecError {
    fn new<T>(start: usize, end: usize, reason: &'static str) -> Result<T, CodecError> {
        Err(CodecError { start, end, reason })
    }
}

/// How far a decoder came: the position after the input it used up.
pub type Decoded = Result<usize, CodecError>;

const SURROGATES: &str = "surrogates not allowed";

fn is_surrogate(cp: u32) -> bool {
    (0xD800..0xE000).contains(&cp)
}

#[cfg(test)]
mod tests;

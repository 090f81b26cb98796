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
    if let Some(found) = tangut(name) {
        return Some(found);
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

/// An ideograph of Tangut, which has its number for a name; `name` does not know them in this version.
fn tangut(name: &str) -> Option<u32> {
    const PREFIX: &str = "TANGUT IDEOGRAPH-";
    let (prefix, digits) = name.split_at_checked(PREFIX.len())?;
    if !prefix.eq_ignore_ascii_case(PREFIX) || digits.len() != 5 || digits.starts_with('+') {
        return None;
    }
    let found = u32::from_str_radix(digits, 16).ok()?;
    matches!(found, 0x17000..=0x187F7 | 0x18D00..=0x18D08).then_some(found)
}

fn alias(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    let i = NAMES.binary_search_by(|row| row.0.cmp(&upper)).ok()?;
    Some(NAMES[i].1)
}

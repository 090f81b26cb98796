//! `repr` and `ascii` of strings and bytes.

use crate::buf::{CodeUnit, TextBuf, TextRef};
use crate::unicode;

/// The quote `repr` picks: double ones only around text with single quotes and no double ones.
fn quote_for(has_single: bool, has_double: bool) -> u8 {
    if has_single && !has_double {
        b'"'
    } else {
        b'\''
    }
}

/// The letter after the backslash, for characters that have such an escape.
fn short_escape(cp: u32, quote: u8) -> Option<u8> {
    match cp {
        0x5C => Some(b'\\'),
        0x09 => Some(b't'),
        0x0A => Some(b'n'),
        0x0D => Some(b'r'),
        _ if cp == u32::from(quote) => Some(quote),
        _ => None,
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn hex_digits(cp: u32, count: u32) -> impl Iterator<Item = u8> {
    (0..count)
        .rev()
        .map(move |i| HEX[(cp >> (4 * i) & 15) as usize])
}

/// Writes `\xhh`, `\uhhhh` or `\Uhhhhhhhh`.
pub(crate) fn numeric_escape(cp: u32, out: &mut TextBuf) {
    let (letter, count) = match cp {
        0..=0xFF => (b'x', 2),
        0x100..=0xFFFF => (b'u', 4),
        _ => (b'U', 8),
    };
    out.push('\\' as u32);
    out.push(letter.into());
    out.extend(hex_digits(cp, count).map(u32::from));
}

fn write<U: CodeUnit>(s: &[U], out: &mut TextBuf, plain: impl Fn(u32) -> bool) {
    let has = |c: u8| s.iter().any(|&u| u.into() == u32::from(c));
    let quote = quote_for(has(b'\''), has(b'"'));
    out.reserve(s.len() + 2);
    out.push(quote.into());
    let mut done = 0;
    for (i, &u) in s.iter().enumerate() {
        let cp: u32 = u.into();
        let short = short_escape(cp, quote);
        if short.is_none() && plain(cp) {
            continue;
        }
        out.push_units(&s[done..i]);
        done = i + 1;
        match short {
            Some(letter) => {
                out.push('\\' as u32);
                out.push(letter.into());
            }
            None => numeric_escape(cp, out),
        }
    }
    out.push_units(&s[done..]);
    out.push(quote.into());
}

/// `repr(str)`.
pub fn repr_str<U: CodeUnit>(s: &[U], out: &mut TextBuf) {
    write(s, out, |cp| match cp {
        0x20..0x7F => true,
        0..0x80 => false,
        _ => unicode::is_printable(cp),
    });
}

/// `ascii(str)`.
pub fn ascii_str<U: CodeUnit>(s: &[U], out: &mut TextBuf) {
    write(s, out, |cp| (0x20..0x7F).contains(&cp));
}

/// `ascii(x)` from the `repr` of anything: escapes what is not ASCII and nothing else.
pub fn ascii_of_repr(repr: TextRef<'_>, out: &mut TextBuf) {
    for i in 0..repr.len() {
        match repr.at(i) {
            cp @ 0..0x80 => out.push(cp),
            cp => numeric_escape(cp, out),
        }
    }
}

/// `repr(bytes)`, prefix included.
pub fn repr_bytes(s: &[u8]) -> String {
    let mut out = String::with_capacity(s.len() + 3);
    out.push('b');
    quote_bytes(s, &mut out);
    out
}

/// The quoted part of `repr(bytes)`, which `bytearray` shows too.
pub fn quote_bytes(s: &[u8], out: &mut String) {
    let quote = quote_for(s.contains(&b'\''), s.contains(&b'"'));
    out.push(quote as char);
    for &b in s {
        match short_escape(b.into(), quote) {
            Some(letter) => out.extend(['\\', letter as char]),
            None if (0x20..0x7F).contains(&b) => out.push(b as char),
            None => {
                out.push_str("\\x");
                out.extend(hex_digits(b.into(), 2).map(char::from));
            }
        }
    }
    out.push(quote as char);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(s: &[u32], f: fn(&[u32], &mut TextBuf)) -> String {
        let mut out = TextBuf::new();
        f(s, &mut out);
        out.finish().to_string_lossy()
    }

    #[test]
    fn strings() {
        let s: Vec<u32> = "a'\\\t\r\n\0\x7f\u{85}é\u{a0}\u{3000}日\u{1F600}\u{E0001}"
            .chars()
            .map(u32::from)
            .chain([0xD800])
            .collect();
        assert_eq!(
            run(&s, repr_str),
            "\"a'\\\\\\t\\r\\n\\x00\\x7f\\x85é\\xa0\\u3000日\u{1F600}\\U000e0001\\ud800\""
        );
        assert_eq!(
            run(&s, ascii_str),
            "\"a'\\\\\\t\\r\\n\\x00\\x7f\\x85\\xe9\\xa0\\u3000\\u65e5\\U0001f600\\U000e0001\\ud800\""
        );
        assert_eq!(run(&[0x27, 0x22], repr_str), r#"'\'"'"#);
        assert_eq!(run(&[0x22], repr_str), "'\"'");
        assert_eq!(run(&[], repr_str), "''");
        let mut out = TextBuf::new();
        ascii_of_repr(TextRef::Ucs2(&[0x5B, 0x27, 0xE9, 0x65E5]), &mut out);
        assert_eq!(out.finish().to_string_lossy(), "['\\xe9\\u65e5");
    }

    #[test]
    fn bytes() {
        assert_eq!(repr_bytes(b"a'\"\\\n\xff\x00"), r#"b'a\'"\\\n\xff\x00'"#);
        assert_eq!(repr_bytes(b"it's"), "b\"it's\"");
        assert_eq!(repr_bytes(b""), "b''");
    }
}

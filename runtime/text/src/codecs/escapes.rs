//! Backslash escapes: the `unicode-escape` family and the escapes of bytes literals.

use super::{CodecError, Decoded};
use crate::buf::{CodeUnit, TextBuf};
use crate::unicode::names;

/// An escape that means nothing; literals warn about the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidEscape {
    /// A backslash before this character, kept as it stands; with the character's position.
    Unknown(u8, usize),
    /// An octal escape above `\377`; with the position of its first digit.
    Octal(u32, usize),
}

/// The character a one-letter escape stands for.
fn simple(b: u8) -> Option<u8> {
    Some(match b {
        b'\\' | b'\'' | b'"' => b,
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0B,
        b'f' => 0x0C,
        b'r' => b'\r',
        _ => return None,
    })
}

/// Reads up to three octal digits from `at`; gives the value and how many there were.
fn octal(input: &[u8], at: usize) -> (u32, usize) {
    let digits = input[at..]
        .iter()
        .take(3)
        .take_while(|b| matches!(b, b'0'..=b'7'));
    digits.fold((0, 0), |(value, n), b| {
        (value << 3 | u32::from(b - b'0'), n + 1)
    })
}

/// Reads `count` hexadecimal digits from `at`; `Err` holds where they stop.
fn hexadecimal(input: &[u8], at: usize, count: usize) -> Result<u32, usize> {
    let mut value = 0;
    for i in at..at + count {
        let digit = input
            .get(i)
            .and_then(|&b| (b as char).to_digit(16))
            .ok_or(i)?;
        value = value << 4 | digit;
    }
    Ok(value)
}

/// The length and error text of a hexadecimal escape.
fn hex_kind(b: u8) -> Option<(usize, &'static str)> {
    Some(match b {
        b'x' => (2, "truncated \\xXX escape"),
        b'u' => (4, "truncated \\uXXXX escape"),
        b'U' => (8, "truncated \\UXXXXXXXX escape"),
        _ => return None,
    })
}

/// What one escape came to.
enum Escape {
    /// Decoded; continue at this position.
    Next(usize),
    /// The input ended inside it, at this position.
    Incomplete(usize, &'static str),
    /// Malformed up to this position.
    Bad(usize, &'static str),
}

fn hex_escape(
    input: &[u8],
    at: usize,
    kind: (usize, &'static str),
    range: &'static str,
    out: &mut TextBuf,
) -> Escape {
    match hexadecimal(input, at, kind.0) {
        Ok(cp @ 0..=0x10FFFF) => {
            out.push(cp);
            Escape::Next(at + kind.0)
        }
        Ok(_) => Escape::Bad(at + kind.0, range),
        Err(end) if end >= input.len() => Escape::Incomplete(end, kind.1),
        Err(end) => Escape::Bad(end, kind.1),
    }
}

fn name_escape(input: &[u8], at: usize, out: &mut TextBuf) -> Escape {
    const MALFORMED: &str = "malformed \\N character escape";
    match input.get(at) {
        None => return Escape::Incomplete(at, MALFORMED),
        Some(b'{') => {}
        Some(_) => return Escape::Bad(at, MALFORMED),
    }
    let start = at + 1;
    let Some(len) = input[start..].iter().position(|&b| b == b'}') else {
        return Escape::Incomplete(input.len(), MALFORMED);
    };
    let end = start + len;
    if len == 0 {
        return Escape::Bad(end, MALFORMED);
    }
    match std::str::from_utf8(&input[start..end])
        .ok()
        .and_then(names::lookup)
    {
        Some(cp) => {
            out.push(cp);
            Escape::Next(end + 1)
        }
        None => Escape::Bad(end + 1, "unknown Unicode character name"),
    }
}

/// Decodes the escape whose backslash is at `pos`.
fn unicode_escape(
    input: &[u8],
    pos: usize,
    invalid: &mut Option<InvalidEscape>,
    out: &mut TextBuf,
) -> Escape {
    let at = pos + 2;
    let Some(&letter) = input.get(pos + 1) else {
        return Escape::Incomplete(pos + 1, "\\ at end of string");
    };
    if let Some(b) = simple(letter) {
        out.push(b.into());
        return Escape::Next(at);
    }
    if let Some(kind) = hex_kind(letter) {
        return hex_escape(input, at, kind, "illegal Unicode character", out);
    }
    match letter {
        b'\n' => {}
        b'0'..=b'7' => {
            let (value, digits) = octal(input, pos + 1);
            if value > 0o377 {
                invalid.get_or_insert(InvalidEscape::Octal(value, pos + 1));
            }
            out.push(value);
            return Escape::Next(pos + 1 + digits);
        }
        b'N' => return name_escape(input, at, out),
        _ => {
            invalid.get_or_insert(InvalidEscape::Unknown(letter, pos + 1));
            out.push_latin1(&[b'\\', letter]);
        }
    }
    Escape::Next(at)
}

fn decode_escapes(
    input: &[u8],
    mut pos: usize,
    last: bool,
    out: &mut TextBuf,
    mut escape: impl FnMut(usize, &mut TextBuf) -> Escape,
) -> Decoded {
    while pos < input.len() {
        let rest = &input[pos..];
        let plain = rest.iter().position(|&b| b == b'\\').unwrap_or(rest.len());
        out.push_latin1(&rest[..plain]);
        pos += plain;
        if pos == input.len() {
            break;
        }
        match escape(pos, out) {
            Escape::Next(next) => pos = next,
            Escape::Incomplete(..) if !last => return Ok(pos),
            Escape::Incomplete(end, reason) | Escape::Bad(end, reason) => {
                return CodecError::new(pos, end, reason);
            }
        }
    }
    Ok(pos)
}

/// Decodes `input[pos..]` as `unicode-escape`; the first escape without meaning is noted.
pub fn decode_unicode_escape(
    input: &[u8],
    pos: usize,
    last: bool,
    invalid: &mut Option<InvalidEscape>,
    out: &mut TextBuf,
) -> Decoded {
    decode_escapes(input, pos, last, out, |at, out| {
        unicode_escape(input, at, invalid, out)
    })
}

/// Decodes `input[pos..]` as `raw-unicode-escape`.
pub fn decode_raw_unicode_escape(
    input: &[u8],
    pos: usize,
    last: bool,
    out: &mut TextBuf,
) -> Decoded {
    decode_escapes(input, pos, last, out, |at, out| match input.get(at + 1) {
        None if last => {
            out.push('\\' as u32);
            Escape::Next(at + 1)
        }
        None => Escape::Incomplete(at + 1, ""),
        Some(&letter @ (b'u' | b'U')) => {
            let kind = hex_kind(letter).expect("u and U are hexadecimal");
            hex_escape(input, at + 2, kind, "\\Uxxxxxxxx out of range", out)
        }
        Some(&letter) => {
            out.push_latin1(&[b'\\', letter]);
            Escape::Next(at + 2)
        }
    })
}

/// Appends `\xhh`, `\uhhhh` or `\Uhhhhhhhh`.
fn push_escape(cp: u32, out: &mut Vec<u8>) {
    let text = match cp {
        0..=0xFF => format!("\\x{cp:02x}"),
        0x100..=0xFFFF => format!("\\u{cp:04x}"),
        _ => format!("\\U{cp:08x}"),
    };
    out.extend_from_slice(text.as_bytes());
}

/// Encodes a whole string as `unicode-escape`.
pub fn encode_unicode_escape<U: CodeUnit>(s: &[U]) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    for &u in s {
        match u.into() {
            0x5C => out.extend(b"\\\\"),
            0x09 => out.extend(b"\\t"),
            0x0A => out.extend(b"\\n"),
            0x0D => out.extend(b"\\r"),
            cp @ 0x20..0x7F => out.push(cp as u8),
            cp => push_escape(cp, &mut out),
        }
    }
    out
}

/// Encodes a whole string as `raw-unicode-escape`.
pub fn encode_raw_unicode_escape<U: CodeUnit>(s: &[U]) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    for &u in s {
        match u.into() {
            cp @ 0..=0xFF => out.push(cp as u8),
            cp => push_escape(cp, &mut out),
        }
    }
    out
}

/// A malformed escape in bytes; both are ValueErrors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesEscapeError {
    /// "invalid \x escape at position %d", where the backslash is.
    Hex(usize),
    /// "Trailing \ in string".
    Trailing,
}

/// How [`unescape_bytes`] treats a malformed `\x`: gives the replacement, or `None` to fail.
pub type BytesFallback = Option<&'static [u8]>;

/// Decodes the escapes of bytes literals (`codecs.escape_decode`).
///
/// `fallback` stands in for a malformed `\x` and its digits: `b"?"` for the handler `replace`, `b""` for
/// `ignore`.
pub fn unescape_bytes(
    input: &[u8],
    fallback: BytesFallback,
    invalid: &mut Option<InvalidEscape>,
) -> Result<Vec<u8>, BytesEscapeError> {
    let mut out = Vec::with_capacity(input.len());
    let mut pos = 0;
    while let Some(&b) = input.get(pos) {
        if b != b'\\' {
            out.push(b);
            pos += 1;
            continue;
        }
        let Some(&letter) = input.get(pos + 1) else {
            return Err(BytesEscapeError::Trailing);
        };
        if let Some(b) = simple(letter) {
            out.push(b);
            pos += 2;
            continue;
        }
        match letter {
            b'\n' => pos += 2,
            b'0'..=b'7' => {
                let (value, digits) = octal(input, pos + 1);
                if value > 0o377 {
                    invalid.get_or_insert(InvalidEscape::Octal(value, pos + 1));
                }
                out.push(value as u8);
                pos += 1 + digits;
            }
            b'x' => match (hexadecimal(input, pos + 2, 2), fallback) {
                (Ok(value), _) => {
                    out.push(value as u8);
                    pos += 4;
                }
                (Err(_), None) => return Err(BytesEscapeError::Hex(pos)),
                (Err(end), Some(replacement)) => {
                    out.extend_from_slice(replacement);
                    pos = end;
                }
            },
            _ => {
                invalid.get_or_insert(InvalidEscape::Unknown(letter, pos + 1));
                out.extend([b'\\', letter]);
                pos += 2;
            }
        }
    }
    Ok(out)
}

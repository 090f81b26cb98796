//! Encodings of one byte per character: Latin-1, ASCII and those given by a table.

use super::{CodecError, Decoded};
use crate::buf::{CodeUnit, TextBuf, TextRef};
use std::collections::HashMap;

const UNDEFINED: &str = "character maps to <undefined>";

/// Decodes Latin-1, which cannot fail.
pub fn decode_latin1(input: &[u8], out: &mut TextBuf) {
    out.push_latin1(input);
}

/// Decodes `input[pos..]` as ASCII.
pub fn decode_ascii(input: &[u8], pos: usize, out: &mut TextBuf) -> Decoded {
    let rest = &input[pos..];
    let valid = if rest.is_ascii() {
        rest.len()
    } else {
        rest.iter()
            .position(|b| !b.is_ascii())
            .unwrap_or(rest.len())
    };
    out.push_latin1(&rest[..valid]);
    if valid < rest.len() {
        let at = pos + valid;
        return CodecError::new(at, at + 1, "ordinal not in range(128)");
    }
    Ok(input.len())
}

/// Encodes `s[pos..]` through `byte`; an error spans all characters in a row that have none.
fn encode<U: CodeUnit>(
    s: &[U],
    pos: usize,
    reason: &'static str,
    out: &mut Vec<u8>,
    byte: impl Fn(u32) -> Option<u8>,
) -> Result<(), CodecError> {
    out.reserve(s.len() - pos);
    for (i, &u) in s.iter().enumerate().skip(pos) {
        let Some(b) = byte(u.into()) else {
            let run = s[i..]
                .iter()
                .take_while(|&&u| byte(u.into()).is_none())
                .count();
            return CodecError::new(i, i + run, reason);
        };
        out.push(b);
    }
    Ok(())
}

/// Encodes `s[pos..]` as Latin-1.
pub fn encode_latin1<U: CodeUnit>(
    s: &[U],
    pos: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    if let TextRef::Latin1(bytes) = U::text(s) {
        out.extend_from_slice(&bytes[pos..]);
        return Ok(());
    }
    encode(s, pos, "ordinal not in range(256)", out, |cp| {
        u8::try_from(cp).ok()
    })
}

/// Encodes `s[pos..]` as ASCII.
pub fn encode_ascii<U: CodeUnit>(s: &[U], pos: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    if let TextRef::Latin1(bytes) = U::text(&s[pos..])
        && bytes.is_ascii()
    {
        out.extend_from_slice(bytes);
        return Ok(());
    }
    encode(s, pos, "ordinal not in range(128)", out, |cp| {
        (cp < 0x80).then_some(cp as u8)
    })
}

/// Decodes `input[pos..]` by a table of up to 256 characters, where U+FFFE means none.
pub fn decode_charmap(input: &[u8], pos: usize, table: TextRef<'_>, out: &mut TextBuf) -> Decoded {
    for (i, &b) in input.iter().enumerate().skip(pos) {
        let index = usize::from(b);
        match (index < table.len()).then(|| table.at(index)) {
            None | Some(0xFFFE) => return CodecError::new(i, i + 1, UNDEFINED),
            Some(cp) => out.push(cp),
        }
    }
    Ok(input.len())
}

/// The inverse of a decoding table (`codecs.charmap_build`).
#[derive(Clone, Debug, Default)]
pub struct CharMap {
    latin: Vec<Option<u8>>,
    others: HashMap<u32, u8>,
}

impl CharMap {
    /// Inverts a table of up to 256 characters; of equal characters the last one counts.
    pub fn new(table: TextRef<'_>) -> CharMap {
        let mut map = CharMap {
            latin: vec![None; 256],
            others: HashMap::new(),
        };
        for i in 0..table.len().min(256) {
            match table.at(i) {
                0xFFFE => {}
                cp @ 0..256 => map.latin[cp as usize] = Some(i as u8),
                cp => {
                    map.others.insert(cp, i as u8);
                }
            }
        }
        map
    }

    /// The byte for a character.
    pub fn get(&self, cp: u32) -> Option<u8> {
        match self.latin.get(cp as usize) {
            Some(&byte) => byte,
            None => self.others.get(&cp).copied(),
        }
    }
}

/// Encodes `s[pos..]` by an inverted table.
pub fn encode_charmap<U: CodeUnit>(
    s: &[U],
    pos: usize,
    map: &CharMap,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    encode(s, pos, UNDEFINED, out, |cp| map.get(cp))
}

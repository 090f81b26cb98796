//! UTF-16 in either byte order; the caller handles byte order marks with [`utf16_mark`].

use super::{CodecError, Decoded, Endian, SURROGATES, is_surrogate};
use crate::buf::{CodeUnit, TextBuf};

/// The byte order that a mark at the start of `input` tells; the mark is two bytes long.
pub fn utf16_mark(input: &[u8]) -> Option<Endian> {
    match input {
        [0xFF, 0xFE, ..] => Some(Endian::Little),
        [0xFE, 0xFF, ..] => Some(Endian::Big),
        _ => None,
    }
}

/// Decodes `input[pos..]`.
pub fn decode_utf16(
    input: &[u8],
    mut pos: usize,
    last: bool,
    order: Endian,
    out: &mut TextBuf,
) -> Decoded {
    let unit = |at: usize| {
        let pair = [*input.get(at)?, *input.get(at + 1)?];
        Some(u32::from(match order {
            Endian::Little => u16::from_le_bytes(pair),
            Endian::Big => u16::from_be_bytes(pair),
        }))
    };
    out.reserve((input.len() - pos) / 2);
    while let Some(high) = unit(pos) {
        match high {
            0xD800..0xDC00 => match unit(pos + 2) {
                Some(low @ 0xDC00..0xE000) => {
                    out.push(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                    pos += 2;
                }
                Some(_) => return CodecError::new(pos, pos + 2, "illegal UTF-16 surrogate"),
                None if !last => return Ok(pos),
                None => return CodecError::new(pos, input.len(), "unexpected end of data"),
            },
            0xDC00..0xE000 => return CodecError::new(pos, pos + 2, "illegal encoding"),
            cp => out.push(cp),
        }
        pos += 2;
    }
    if pos < input.len() && last {
        return CodecError::new(pos, input.len(), "truncated data");
    }
    Ok(pos)
}

/// Encodes `s[pos..]`, without a byte order mark.
pub fn encode_utf16<U: CodeUnit>(
    s: &[U],
    pos: usize,
    order: Endian,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    out.reserve(s.len().saturating_sub(pos) * 2);
    let mut unit = |u: u16| {
        out.extend_from_slice(&match order {
            Endian::Little => u.to_le_bytes(),
            Endian::Big => u.to_be_bytes(),
        });
    };
    for (i, &u) in s.iter().enumerate().skip(pos) {
        let cp: u32 = u.into();
        if is_surrogate(cp) {
            return CodecError::new(i, i + 1, SURROGATES);
        }
        match cp.checked_sub(0x10000) {
            None => unit(cp as u16),
            Some(offset) => {
                unit(0xD800 | (offset >> 10) as u16);
                unit(0xDC00 | (offset & 0x3FF) as u16);
            }
        }
    }
    Ok(())
}

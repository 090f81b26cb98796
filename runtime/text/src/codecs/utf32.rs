//! UTF-32 in either byte order; the caller handles byte order marks with [`utf32_mark`].

use super::{CodecError, Decoded, Endian, SURROGATES, is_surrogate};
use crate::buf::{CodeUnit, TextBuf};

/// The byte order that a mark at the start of `input` tells; the mark is four bytes long.
pub fn utf32_mark(input: &[u8]) -> Option<Endian> {
    match input {
        [0xFF, 0xFE, 0, 0, ..] => Some(Endian::Little),
        [0, 0, 0xFE, 0xFF, ..] => Some(Endian::Big),
        _ => None,
    }
}

/// Decodes `input[pos..]`.
pub fn decode_utf32(
    input: &[u8],
    mut pos: usize,
    last: bool,
    order: Endian,
    out: &mut TextBuf,
) -> Decoded {
    while let Some(&quad) = input[pos..].first_chunk::<4>() {
        let cp = match order {
            Endian::Little => u32::from_le_bytes(quad),
            Endian::Big => u32::from_be_bytes(quad),
        };
        if is_surrogate(cp) {
            return CodecError::new(
                pos,
                pos + 4,
                "code point in surrogate code point range(0xd800, 0xe000)",
            );
        }
        if cp > 0x10FFFF {
            return CodecError::new(pos, pos + 4, "code point not in range(0x110000)");
        }
        out.push(cp);
        pos += 4;
    }
    if pos < input.len() && last {
        return CodecError::new(pos, input.len(), "truncated data");
    }
    Ok(pos)
}

/// Encodes `s[pos..]`, without a byte order mark.
pub fn encode_utf32<U: CodeUnit>(
    s: &[U],
    pos: usize,
    order: Endian,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    for (i, &u) in s.iter().enumerate().skip(pos) {
        let cp: u32 = u.into();
        if is_surrogate(cp) {
            return CodecError::new(i, i + 1, SURROGATES);
        }
        out.extend(match order {
            Endian::Little => cp.to_le_bytes(),
            Endian::Big => cp.to_be_bytes(),
        });
    }
    Ok(())
}

//! UTF-8. The standard library's validator finds errors just as CPython delimits them.

use super::{CodecError, Decoded, SURROGATES, is_surrogate};
use crate::buf::{CodeUnit, TextBuf, TextRef};

/// Decodes `input[pos..]`.
pub fn decode_utf8(input: &[u8], pos: usize, last: bool, out: &mut TextBuf) -> Decoded {
    let rest = &input[pos..];
    let error = match std::str::from_utf8(rest) {
        Ok(s) => {
            out.push_str(s);
            return Ok(input.len());
        }
        Err(e) => e,
    };
    let (valid, tail) = rest.split_at(error.valid_up_to());
    out.push_str(std::str::from_utf8(valid).expect("validated above"));
    let start = pos + valid.len();
    let Some(len) = error.error_len() else {
        if !last {
            return Ok(start);
        }
        return CodecError::new(start, input.len(), "unexpected end of data");
    };
    // The start of a surrogate may be completed for the sake of `surrogatepass`.
    if !last && matches!(tail, [0xED, 0xA0..=0xBF]) {
        return Ok(start);
    }
    let reason = match tail[0] {
        0xC2..=0xF4 => "invalid continuation byte",
        _ => "invalid start byte",
    };
    CodecError::new(start, start + len, reason)
}

/// Encodes `s[pos..]`.
pub fn encode_utf8<U: CodeUnit>(s: &[U], pos: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let rest = &s[pos..];
    if let TextRef::Latin1(bytes) = U::text(rest)
        && bytes.is_ascii()
    {
        out.extend_from_slice(bytes);
        return Ok(());
    }
    out.reserve(rest.len() + rest.len() / 2);
    // Pieces are encoded into an array, where a byte costs no check of the vector's capacity.
    const PIECE: usize = 64;
    let mut piece = [0u8; 4 * PIECE];
    for (n, units) in rest.chunks(PIECE).enumerate() {
        let mut len = 0;
        let mut put = |bytes: &[u8]| {
            piece[len..len + bytes.len()].copy_from_slice(bytes);
            len += bytes.len();
        };
        for (i, &u) in units.iter().enumerate() {
            let cp: u32 = u.into();
            let low = 0x80 | (cp & 0x3F) as u8;
            let middle = 0x80 | (cp >> 6 & 0x3F) as u8;
            match cp {
                0..0x80 => put(&[cp as u8]),
                0x80..0x800 => put(&[0xC0 | (cp >> 6) as u8, low]),
                0xD800..0xE000 => {
                    out.extend_from_slice(&piece[..len]);
                    let at = n * PIECE + i;
                    let run = rest[at..]
                        .iter()
                        .take_while(|&&u| is_surrogate(u.into()))
                        .count();
                    return CodecError::new(pos + at, pos + at + run, SURROGATES);
                }
                0x800..0x10000 => put(&[0xE0 | (cp >> 12) as u8, middle, low]),
                _ => put(&[
                    0xF0 | (cp >> 18) as u8,
                    0x80 | (cp >> 12 & 0x3F) as u8,
                    middle,
                    low,
                ]),
            }
        }
        out.extend_from_slice(&piece[..len]);
    }
    Ok(())
}

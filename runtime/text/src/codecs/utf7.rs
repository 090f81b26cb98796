//! UTF-7 (RFC 2152): ASCII with shifted runs of UTF-16 in base 64.

use super::{CodecError, Decoded};
use crate::buf::{CodeUnit, TextBuf};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn from_base64(b: u8) -> Option<u32> {
    Some(
        match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        }
        .into(),
    )
}

/// Decoder of one input; keeps its place inside a shifted run when an error interrupts it.
#[derive(Clone, Debug, Default)]
pub struct Utf7Decoder {
    shifted: bool,
    bits: u32,
    buffer: u32,
    high: Option<u32>,
    start: usize,
    output_start: usize,
}

impl Utf7Decoder {
    /// A decoder at the start of an input.
    pub fn new() -> Utf7Decoder {
        Utf7Decoder::default()
    }

    /// Decodes `input[pos..]`.
    ///
    /// With `last == false` an unfinished run is left to be decoded again from its start, and
    /// what it gave so far is taken back from `out`.
    pub fn decode(
        &mut self,
        input: &[u8],
        mut pos: usize,
        last: bool,
        out: &mut TextBuf,
    ) -> Decoded {
        while let Some(&b) = input.get(pos) {
            if self.shifted {
                if let Some(value) = from_base64(b) {
                    pos += 1;
                    self.take(value, out);
                    continue;
                }
                self.shifted = false;
                let high = self.high.take();
                let wrong = if self.bits >= 6 {
                    Some("partial character in shift sequence")
                } else if self.bits > 0 && self.buffer != 0 {
                    Some("non-zero padding bits in shift sequence")
                } else {
                    None
                };
                if let Some(reason) = wrong {
                    return CodecError::new(self.start, pos + 1, reason);
                }
                if let Some(high) = high
                    && b < 0x80
                {
                    out.push(high);
                }
                pos += usize::from(b == b'-');
            } else if b == b'+' {
                self.start = pos;
                pos += 1;
                match input.get(pos) {
                    Some(b'-') => {
                        pos += 1;
                        out.push('+' as u32);
                    }
                    Some(&next) if from_base64(next).is_none() => {
                        return CodecError::new(self.start, pos + 1, "ill-formed sequence");
                    }
                    _ => {
                        *self = Utf7Decoder {
                            shifted: true,
                            start: self.start,
                            output_start: out.len(),
                            ..Utf7Decoder::default()
                        };
                    }
                }
            } else if b < 0x80 {
                out.push(b.into());
                pos += 1;
            } else {
                self.start = pos;
                return CodecError::new(pos, pos + 1, "unexpected special character");
            }
        }
        if !self.shifted {
            return Ok(pos);
        }
        if !last {
            out.truncate(self.output_start);
            return Ok(self.start);
        }
        self.shifted = false;
        if self.high.is_some() || self.bits >= 6 || (self.bits > 0 && self.buffer != 0) {
            return CodecError::new(self.start, input.len(), "unterminated shift sequence");
        }
        Ok(pos)
    }

    /// Takes six more bits of a run.
    fn take(&mut self, value: u32, out: &mut TextBuf) {
        self.buffer = self.buffer << 6 | value;
        self.bits += 6;
        if self.bits < 16 {
            return;
        }
        self.bits -= 16;
        let unit = self.buffer >> self.bits;
        self.buffer &= (1 << self.bits) - 1;
        if let Some(high) = self.high.take() {
            if (0xDC00..0xE000).contains(&unit) {
                return out.push(0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
            }
            out.push(high);
        }
        if (0xD800..0xDC00).contains(&unit) {
            self.high = Some(unit);
        } else {
            out.push(unit);
        }
    }
}

/// Whether a character stands for itself in the output.
fn is_direct(cp: u32) -> bool {
    matches!(cp, 0x09 | 0x0A | 0x0D | 0x20..0x7E) && !matches!(cp, 0x2B | 0x5C)
}

/// Encodes a whole string; surrogates pass as they are.
pub fn encode_utf7<U: CodeUnit>(s: &[U]) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len() + s.len() / 2);
    let (mut shifted, mut bits, mut buffer) = (false, 0u32, 0u32);
    let digit = |value: u32| ALPHABET[(value & 63) as usize];
    for &u in s {
        let cp: u32 = u.into();
        if is_direct(cp) {
            if shifted {
                if bits > 0 {
                    out.push(digit(buffer << (6 - bits)));
                    (bits, buffer) = (0, 0);
                }
                shifted = false;
                if cp == '-' as u32 || from_base64(cp as u8).is_some() {
                    out.push(b'-');
                }
            }
            out.push(cp as u8);
            continue;
        }
        if !shifted {
            out.push(b'+');
            if cp == '+' as u32 {
                out.push(b'-');
                continue;
            }
            shifted = true;
        }
        let mut unit = |value: u32| {
            buffer = buffer << 16 | value;
            bits += 16;
            while bits >= 6 {
                bits -= 6;
                out.push(digit(buffer >> bits));
            }
            buffer &= (1 << bits) - 1;
        };
        match cp.checked_sub(0x10000) {
            None => unit(cp),
            Some(offset) => {
                unit(0xD800 + (offset >> 10));
                unit(0xDC00 + (offset & 0x3FF));
            }
        }
    }
    if bits > 0 {
        out.push(digit(buffer << (6 - bits)));
    }
    if shifted {
        out.push(b'-');
    }
    out
}

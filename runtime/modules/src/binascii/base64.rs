//! Base64 (RFC 4648).

use super::{ascii, bytes, data, error, flag};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each character; 64 for those outside the alphabet.
const VALUES: [u8; 256] = {
    let mut table = [64; 256];
    let mut i = 0;
    while i < 64 {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// `a2b_base64(data, strict_mode=False)`.
pub fn decode(vm: &Vm, args: &[Value]) -> Result {
    let text = ascii(vm, args[0])?;
    let strict = flag(vm, args[1], false)?;
    if strict && text.first() == Some(&b'=') {
        return Err(error(vm, "Leading padding not allowed"));
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut left, mut place, mut pads, mut padding_started) = (0u8, 0, 0, false);
    for &c in &*text {
        if c == b'=' {
            padding_started = true;
            pads += usize::from(place >= 2);
            if strict && (place == 0 || place + pads > 4) {
                return Err(error(vm, "Excess padding not allowed"));
            }
            continue;
        }
        let value = VALUES[usize::from(c)];
        if value >= 64 {
            if strict {
                return Err(error(vm, "Only base64 data is allowed"));
            }
            continue;
        }
        if strict && padding_started {
            let complete = place + pads >= 4;
            return Err(error(
                vm,
                if complete {
                    "Excess data after padding"
                } else {
                    "Discontinuous padding not allowed"
                },
            ));
        }
        pads = 0;
        match place {
            0 => left = value,
            1 => {
                out.push(left << 2 | value >> 4);
                left = value & 0x0F;
            }
            2 => {
                out.push(left << 4 | value >> 2);
                left = value & 0x03;
            }
            _ => out.push(left << 6 | value),
        }
        place = (place + 1) % 4;
    }
    match place {
        0 => bytes(vm, &out),
        _ if place + pads >= 4 => bytes(vm, &out),
        1 => {
            let count = out.len() / 3 * 4 + 1;
            Err(error(
                vm,
                &format!(
                    "Invalid base64-encoded string: number of data characters ({count}) cannot be 1 more than a \
                 multiple of 4"
                ),
            ))
        }
        _ => Err(error(vm, "Incorrect padding")),
    }
}

/// `b2a_base64(data, newline=True)`.
pub fn encode(vm: &Vm, args: &[Value]) -> Result {
    let data = data(vm, args[0])?;
    let mut out = Vec::with_capacity(data.len().div_ceil(3) * 4 + 1);
    let whole = data.chunks_exact(3);
    let last = whole.remainder();
    for chunk in whole {
        let word = u32::from_be_bytes([0, chunk[0], chunk[1], chunk[2]]);
        out.extend_from_slice(&[18, 12, 6, 0].map(|n| ALPHABET[(word >> n & 0x3F) as usize]));
    }
    if !last.is_empty() {
        let at = |i: usize| u32::from(last.get(i).copied().unwrap_or(0));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let six = word >> (18 - 6 * i) & 0x3F;
            out.push(if i <= last.len() {
                ALPHABET[six as usize]
            } else {
                b'='
            });
        }
    }
    if flag(vm, args[1], true)? {
        out.push(b'\n');
    }
    bytes(vm, &out)
}

//! Quoted-printable (RFC 2045) and its form in headers (RFC 2047).

use super::{ascii, bytes, data, flag};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

const LINE: usize = 76;

/// `a2b_qp(data, header=False)`.
pub fn decode(vm: &Vm, args: &[Value]) -> Result {
    let text = ascii(vm, args[0])?;
    let header = flag(vm, args[1], false)?;
    let digit = |i: usize| {
        text.get(i)
            .and_then(|c| (*c as char).to_digit(16))
            .map(|d| d as u8)
    };
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        match text[i] {
            b'=' => {
                i += 1;
                match text.get(i) {
                    None => break,
                    // A soft line break; whatever is left of the line goes with it.
                    Some(b'\n' | b'\r') => {
                        while i < text.len() && text[i] != b'\n' {
                            i += 1;
                        }
                        i += 1;
                    }
                    Some(b'=') => {
                        out.push(b'=');
                        i += 1;
                    }
                    Some(_) => match (digit(i), digit(i + 1)) {
                        (Some(high), Some(low)) => {
                            out.push(high << 4 | low);
                            i += 2;
                        }
                        _ => out.push(b'='),
                    },
                }
            }
            b'_' if header => {
                out.push(b' ');
                i += 1;
            }
            c => {
                out.push(c);
                i += 1;
            }
        }
    }
    bytes(vm, &out)
}

/// `b2a_qp(data, quotetabs=False, istext=True, header=False)`.
pub fn encode(vm: &Vm, args: &[Value]) -> Result {
    let data = data(vm, args[0])?;
    let (quote_tabs, is_text, header) = (
        flag(vm, args[1], false)?,
        flag(vm, args[2], true)?,
        flag(vm, args[3], false)?,
    );
    // Line ends are written as the first one is.
    let first = data.iter().position(|c| *c == b'\n');
    let crlf = first.is_some_and(|i| i > 0 && data[i - 1] == b'\r');
    let mut out: Vec<u8> = Vec::with_capacity(data.len() + data.len() / 8);
    let mut length = 0;
    let mut i = 0;
    while i < data.len() {
        let c = data[i];
        let next = data.get(i + 1).copied();
        let line_end_next = next.is_none_or(|n| n == b'\n' || n == b'\r');
        let quoted = c > 126
            || c == b'='
            || (header && c == b'_')
            || (c == b'.' && length == 0 && (next.is_none() || line_end_next || next == Some(0)))
            || (!is_text && (c == b'\r' || c == b'\n'))
            || ((c == b'\t' || c == b' ') && next.is_none())
            || (c < 33
                && !matches!(c, b'\r' | b'\n')
                && (quote_tabs || !matches!(c, b'\t' | b' ')));
        let quoted = quoted
            || (is_text && (c == b'\t' || c == b' ') && matches!(next, Some(b'\n')))
            || (is_text
                && (c == b'\t' || c == b' ')
                && next == Some(b'\r')
                && data.get(i + 2) == Some(&b'\n'));
        if quoted && !(header && c == b' ') {
            if length + 3 >= LINE {
                soft_break(&mut out, crlf);
                length = 0;
            }
            out.extend_from_slice(format!("={c:02X}").as_bytes());
            length += 3;
            i += 1;
            continue;
        }
        if is_text && (c == b'\n' || (c == b'\r' && next == Some(b'\n'))) {
            length = 0;
            if crlf {
                out.push(b'\r');
            }
            out.push(b'\n');
            i += if c == b'\r' { 2 } else { 1 };
            continue;
        }
        if next.is_some() && next != Some(b'\n') && length + 1 >= LINE {
            soft_break(&mut out, crlf);
            length = 0;
        }
        length += 1;
        out.push(if header && c == b' ' { b'_' } else { c });
        i += 1;
    }
    bytes(vm, &out)
}

fn soft_break(out: &mut Vec<u8>, crlf: bool) {
    out.extend_from_slice(if crlf { b"=\r\n" } else { b"=\n" });
}

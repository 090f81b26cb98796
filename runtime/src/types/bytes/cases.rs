//! Methods of bytes that treat them as ASCII text: case, tests, padding, tabs.

use super::{data_of, fill_like, like, part};
use crate::types::str::{Transform, ascii_case, left_of_center};
use crate::types::support::{c_int_arg, size_arg};
use crate::value::Value;
use crate::vm::{Result, Vm};

macro_rules! transforms {
    ($($name:ident $variant:ident;)*) => {
        $(pub(super) fn $name(vm: &Vm, args: &[Value]) -> Result {
            let data = data_of(args[0]);
            fill_like(vm, args[0], data.len(), |out| ascii_case(Transform::$variant, data, out))
        })*
    };
}

transforms! {
    upper Upper;
    lower Lower;
    swapcase Swap;
    capitalize Capitalize;
    title Title;
}

/// C's `isspace`.
pub(super) fn is_space(b: u8) -> bool {
    matches!(b, b' ' | 9..=13)
}

macro_rules! tests {
    ($($name:ident $test:expr;)*) => {
        $(pub(super) fn $name(_: &Vm, args: &[Value]) -> Result {
            let test: fn(&[u8]) -> bool = $test;
            Ok(Value::bool(test(data_of(args[0]))))
        })*
    };
}

fn all(d: &[u8], test: fn(&u8) -> bool) -> bool {
    !d.is_empty() && d.iter().all(test)
}

tests! {
    isascii |d| d.is_ascii();
    isalnum |d| all(d, u8::is_ascii_alphanumeric);
    isalpha |d| all(d, u8::is_ascii_alphabetic);
    isdigit |d| all(d, u8::is_ascii_digit);
    isspace |d| all(d, |b| is_space(*b));
    islower |d| !d.iter().any(u8::is_ascii_uppercase) && d.iter().any(u8::is_ascii_lowercase);
    isupper |d| !d.iter().any(u8::is_ascii_lowercase) && d.iter().any(u8::is_ascii_uppercase);
    istitle is_title;
}

fn is_title(d: &[u8]) -> bool {
    let (mut cased, mut in_word) = (false, false);
    for b in d {
        if b.is_ascii_uppercase() && in_word || b.is_ascii_lowercase() && !in_word {
            return false;
        }
        in_word = b.is_ascii_alphabetic();
        cased |= in_word;
    }
    cased
}

fn pad(vm: &Vm, receiver: Value, left: usize, right: usize, fill: u8) -> Result {
    let data = data_of(receiver);
    if left + right == 0 {
        return part(vm, receiver, 0, data.len());
    }
    fill_like(vm, receiver, left + data.len() + right, |out| {
        out[..left].fill(fill);
        out[left..left + data.len()].copy_from_slice(data);
        out[left + data.len()..].fill(fill);
    })
}

/// The arguments `width` and `fillchar`: how much is missing, and with what to fill.
fn pad_args(vm: &Vm, args: &[Value], name: &str) -> Result<(usize, u8)> {
    let width = size_arg(vm, args[1])?.max(0) as usize;
    let fill = match args[2].given() {
        None => b' ',
        Some(v) if super::is_bytes_or_bytearray(v) => match *data_of(v) {
            [b] => b,
            ref other => {
                let (got, len) = (vm.type_name(v), other.len());
                return Err(vm.type_error(format!(
                    "{name}(): argument 2 must be a byte string of length 1, not a {got} object of length {len}"
                )));
            }
        },
        Some(v) => {
            let got = crate::types::support::arg_name(vm, v);
            return Err(vm.type_error(format!(
                "{name}() argument 2 must be a byte string of length 1, not {got}"
            )));
        }
    };
    Ok((width.saturating_sub(data_of(args[0]).len()), fill))
}

pub(super) fn ljust(vm: &Vm, args: &[Value]) -> Result {
    let (missing, fill) = pad_args(vm, args, "ljust")?;
    pad(vm, args[0], 0, missing, fill)
}

pub(super) fn rjust(vm: &Vm, args: &[Value]) -> Result {
    let (missing, fill) = pad_args(vm, args, "rjust")?;
    pad(vm, args[0], missing, 0, fill)
}

pub(super) fn center(vm: &Vm, args: &[Value]) -> Result {
    let (missing, fill) = pad_args(vm, args, "center")?;
    let left = left_of_center(missing, data_of(args[0]).len());
    pad(vm, args[0], left, missing - left, fill)
}

pub(super) fn zfill(vm: &Vm, args: &[Value]) -> Result {
    let width = size_arg(vm, args[1])?.max(0) as usize;
    let data = data_of(args[0]);
    let missing = width.saturating_sub(data.len());
    match data {
        [sign @ (b'+' | b'-'), rest @ ..] if missing > 0 => fill_like(vm, args[0], width, |out| {
            out.fill(b'0');
            out[0] = *sign;
            out[missing + 1..].copy_from_slice(rest);
        }),
        _ => pad(vm, args[0], missing, 0, b'0'),
    }
}

pub(super) fn expandtabs(vm: &Vm, args: &[Value]) -> Result {
    let size = match args[1].given() {
        None => 8,
        Some(v) => c_int_arg(vm, v)?,
    };
    let mut out: Vec<u8> = Vec::new();
    let mut column: i64 = 0;
    for &b in data_of(args[0]) {
        if b == b'\t' {
            if size > 0 {
                let spaces = size - column % size;
                if (out.len() as i64)
                    .checked_add(spaces)
                    .is_none_or(|n| n > isize::MAX as i64)
                {
                    return Err(vm.overflow_error("result too long"));
                }
                if out.try_reserve(spaces as usize).is_err() {
                    return Err(vm.memory_error());
                }
                out.resize(out.len() + spaces as usize, b' ');
                column += spaces;
            }
        } else {
            out.push(b);
            column = if matches!(b, b'\n' | b'\r') {
                0
            } else {
                column + 1
            };
        }
    }
    like(vm, args[0], &out)
}

//! The `%` operator of `bytes` and `bytearray` (PEP 461).

use super::{ByteArray, data_of, is_bytes_or_bytearray};
use crate::types::float::float_of;
use crate::types::int::IntRef;
use crate::types::str::{PercentArgs, percent_int, with_text_int};
use crate::value::Value;
use crate::vm::{Result, Vm};
use taipan_text::percent::{self, Amount, Flavour, Layout, Piece, Template};
use taipan_text::{Text, TextBuf, TextRef};

/// `template % args`.
pub(super) fn percent(vm: &Vm, template: Value, args: Value) -> Result {
    // Arguments run Python code, which could change a bytearray.
    let _held = super::parts::hold(template);
    let units = data_of(template).to_vec();
    let mut out = Vec::with_capacity(units.len() + 32);
    let mut args = PercentArgs::new(vm, args, |v| {
        is_bytes_or_bytearray(v) || v.cast::<crate::types::str::Str>().is_some()
    });
    for piece in Template::new(&units[..], Flavour::Bytes) {
        let field = match piece {
            Ok(Piece::Literal(text)) => {
                out.extend_from_slice(text);
                continue;
            }
            Ok(Piece::Field(field)) => field,
            Err(error) => {
                if let Some(key) = error.key {
                    args.select(vm.new_bytes(key)?.value())?;
                } else if error.needs_mapping {
                    args.mapping()?;
                }
                for _ in 0..error.stars {
                    args.star(i64::MAX, "")?;
                }
                return Err(vm.value_error(error.message));
            }
        };
        if let Some(key) = field.key {
            args.select(vm.new_bytes(key)?.value())?;
        }
        let mut stars = (0, 0);
        if field.width == Amount::Star {
            stars.0 = args.star(i64::MAX, "Python int too large to convert to C ssize_t")?;
        }
        if field.precision == Amount::Star {
            stars.1 = args.star(i32::MAX.into(), "Python int too large to convert to C int")?;
        }
        let layout = Layout::new(&field, stars.0, stars.1).ok_or_else(|| vm.memory_error())?;
        let value = args.take()?;
        match char::from_u32(field.conversion).unwrap_or('\u{FFFD}') {
            's' | 'b' => {
                let bytes = shown_bytes(vm, value)?;
                push_text(&layout, &bytes, &mut out);
            }
            'r' | 'a' => push_text(&layout, vm.ascii(value)?.raw_bytes(), &mut out),
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => {
                let i = percent_int(vm, value, field.conversion)?;
                if !matches!(field.conversion as u8, b'o' | b'x' | b'X') {
                    vm.check_int_digits(i)?;
                }
                out.extend_from_slice(with_text_int(i, |i| layout.int(i)).as_bytes());
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                out.extend_from_slice(layout.float(float_arg(vm, value)?).as_bytes());
            }
            'c' => push_text(&layout, &[byte_arg(vm, value)?], &mut out),
            _ => return Err(vm.value_error(percent::unsupported(&field))),
        }
    }
    args.finish("bytes")?;
    if template.cast::<ByteArray>().is_some() {
        return Ok(vm.new_bytearray(out).value());
    }
    Ok(vm.new_bytes(&out)?.value())
}

fn push_text(layout: &Layout, text: &[u8], out: &mut Vec<u8>) {
    let mut buf = TextBuf::new();
    layout.text(TextRef::Latin1(text), &mut buf);
    if let Text::Latin1 { bytes, .. } = buf.finish() {
        out.extend_from_slice(&bytes);
    }
}

/// What `%b` shows: the object's own bytes, or what `__bytes__` gives.
fn shown_bytes(vm: &Vm, value: Value) -> Result<Vec<u8>> {
    if is_bytes_or_bytearray(value) {
        return Ok(data_of(value).to_vec());
    }
    if let Some(b) = vm.by_dunder_bytes(value)? {
        return Ok(b.as_slice().to_vec());
    }
    if vm.supports_buffer(value) {
        return Ok(vm.get_buffer(value, false)?.contiguous_bytes().into_owned());
    }
    let got = vm.type_name(value);
    Err(vm.type_error(format!(
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{got}'"
    )))
}

fn float_arg(vm: &Vm, value: Value) -> Result<f64> {
    if let Some(f) = float_of(value) {
        return Ok(f);
    }
    let result = vm.to_float(value);
    match vm.catch(result, &crate::types::exception::classes::TYPE_ERROR)? {
        Some(f) => Ok(f),
        None => Err(vm.type_error(format!(
            "float argument required, not {}",
            vm.type_name(value)
        ))),
    }
}

/// The byte that `%c` shows.
fn byte_arg(vm: &Vm, value: Value) -> Result<u8> {
    const WANTED: &str = "%c requires an integer in range(256) or a single byte, not";
    if is_bytes_or_bytearray(value) {
        return match *data_of(value) {
            [b] => Ok(b),
            ref other => {
                let (got, len) = (vm.full_type_name(value), other.len());
                Err(vm.type_error(format!("{WANTED} a {got} object of length {len}")))
            }
        };
    }
    let has_index = vm
        .class_of(value)
        .special(crate::object::Special::Index)
        .is_some();
    if value.as_int_ref().is_none() && !has_index {
        return Err(vm.type_error(format!("{WANTED} {}", vm.full_type_name(value))));
    }
    match vm.index(value)?.as_int_ref() {
        Some(IntRef::Small(i @ 0..=255)) => Ok(i as u8),
        _ => Err(vm.overflow_error("%c arg not in range(256)")),
    }
}

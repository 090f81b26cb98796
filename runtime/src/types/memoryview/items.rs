//! Items of a memoryview: between their bytes and Python values.

use crate::heap::Gc;
use crate::types::bytes::Bytes;
use crate::types::exception::classes as exc;
use crate::value::{Value, stored};
use crate::vm::{Result, Vm};

/// Bytes of a native single-character format; `None` for any other.
pub fn native_size(format: &str) -> Option<usize> {
    Some(match format.strip_prefix('@').unwrap_or(format) {
        "c" | "b" | "B" | "?" => 1,
        "h" | "H" | "e" => 2,
        "i" | "I" | "f" => 4,
        "l" | "L" | "q" | "Q" | "n" | "N" | "d" | "P" => 8,
        _ => return None,
    })
}

/// A half-precision float's value.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let fraction = f64::from(bits & 0x3FF);
    sign * match bits >> 10 & 0x1F {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        e => (1.0 + fraction / 1024.0) * 2f64.powi(i32::from(e) - 15),
    }
}

/// The nearest half-precision float, half to even; `None` if it is too large.
pub fn half_from_f64(f: f64) -> Option<u16> {
    let sign = if f.is_sign_negative() { 0x8000 } else { 0 };
    if f.is_nan() {
        return Some(sign | 0x7E00);
    }
    if f.is_infinite() {
        return Some(sign | 0x7C00);
    }
    let size = f.abs();
    // The unit in the last place: fixed below 2**-14, a thousandth of the leading power above.
    let exponent = ((size.to_bits() >> 52) as i32 - 1023).max(-14);
    let units = (size * 2f64.powi(10 - exponent)).round_ties_even();
    if size == 0.0 {
        return Some(sign);
    }
    // Rounding up to 2048 units carries into the exponent by itself.
    let bits = units as i64 + (i64::from(exponent + 14) << 10);
    (bits < 0x7C00).then_some(sign | bits as u16)
}

/// # Safety
/// `item` points to `N` readable bytes.
unsafe fn read<const N: usize>(item: *const u8) -> [u8; N] {
    // SAFETY: by contract.
    unsafe { item.cast::<[u8; N]>().read_unaligned() }
}

/// The value of the item at an address.
///
/// # Safety
/// `item` points to an item of this format within lent memory.
pub unsafe fn unpack(vm: &Vm, item: *const u8, format: &str) -> Result {
    // SAFETY: by contract.
    unsafe {
        Ok(match format.strip_prefix('@').unwrap_or(format) {
            "B" => Value::small_int((*item).into()),
            "b" => Value::small_int((*item as i8).into()),
            "c" => vm.new_bytes(&[*item])?.value(),
            "?" => Value::bool(*item != 0),
            "h" => Value::small_int(i16::from_ne_bytes(read(item)).into()),
            "H" => Value::small_int(u16::from_ne_bytes(read(item)).into()),
            "i" => Value::small_int(i32::from_ne_bytes(read(item)).into()),
            "I" => Value::small_int(u32::from_ne_bytes(read(item)).into()),
            "l" | "q" | "n" => vm.new_int(i64::from_ne_bytes(read(item))),
            "L" | "Q" | "N" | "P" => vm.new_uint(u64::from_ne_bytes(read(item))),
            "e" => Value::float(half_to_f64(u16::from_ne_bytes(read(item)))),
            "f" => Value::float(f32::from_ne_bytes(read(item)).into()),
            "d" => Value::float(f64::from_ne_bytes(read(item))),
            _ => {
                return Err(
                    vm.not_implemented_error(format!("memoryview: format {format} not supported"))
                );
            }
        })
    }
}

/// An integer's value as 64 bits, within the range of a format.
fn pack_int(vm: &Vm, v: Value, format: &str, low: i128, high: i128) -> Result<u64> {
    let i = vm.index(v);
    let Some(i) = vm.catch(i, &exc::TYPE_ERROR)? else {
        return Err(wrong_type(vm, format));
    };
    let wide = i.as_int_ref().and_then(|i| i.to_i128());
    match wide.filter(|i| (low..=high).contains(i)) {
        Some(i) => Ok(i as u64),
        None => Err(wrong_value(vm, format)),
    }
}

#[cold]
fn wrong_type(vm: &Vm, format: &str) -> crate::vm::Raised {
    vm.type_error(format!("memoryview: invalid type for format '{format}'"))
}

#[cold]
fn wrong_value(vm: &Vm, format: &str) -> crate::vm::Raised {
    vm.value_error(format!("memoryview: invalid value for format '{format}'"))
}

/// The bytes of a value in a format.
pub fn pack(vm: &Vm, v: Value, format: &str) -> Result<smallvec::SmallVec<[u8; 8]>> {
    let code = format.strip_prefix('@').unwrap_or(format);
    let float = |v: Value| -> Result<f64> {
        let f = vm.to_float(v);
        match vm.catch(f, &exc::TYPE_ERROR)? {
            Some(f) => Ok(f),
            None => Err(wrong_type(vm, format)),
        }
    };
    let int = |low: i128, high: i128| pack_int(vm, v, format, low, high);
    Ok(match code {
        "B" => smallvec::smallvec![int(0, 255)? as u8],
        "b" => smallvec::smallvec![int(-128, 127)? as u8],
        "c" => match v.cast::<Bytes>() {
            Some(b) if b.len() == 1 => smallvec::smallvec![b.as_slice()[0]],
            Some(_) => return Err(wrong_value(vm, format)),
            None => return Err(wrong_type(vm, format)),
        },
        "?" => smallvec::smallvec![vm.truth(v)?.into()],
        "h" => (int(i16::MIN.into(), i16::MAX.into())? as u16).to_ne_bytes()[..].into(),
        "H" => (int(0, u16::MAX.into())? as u16).to_ne_bytes()[..].into(),
        "i" => (int(i32::MIN.into(), i32::MAX.into())? as u32).to_ne_bytes()[..].into(),
        "I" => (int(0, u32::MAX.into())? as u32).to_ne_bytes()[..].into(),
        "l" | "q" | "n" => int(i64::MIN.into(), i64::MAX.into())?.to_ne_bytes()[..].into(),
        "L" | "Q" | "N" => int(0, u64::MAX.into())?.to_ne_bytes()[..].into(),
        "P" => int(i64::MIN.into(), u64::MAX.into())?.to_ne_bytes()[..].into(),
        "e" => match half_from_f64(float(v)?) {
            Some(bits) => bits.to_ne_bytes()[..].into(),
            None => return Err(wrong_value(vm, format)),
        },
        "f" => (stored(float(v)?) as f32).to_ne_bytes()[..].into(),
        "d" => stored(float(v)?).to_ne_bytes()[..].into(),
        _ => {
            return Err(
                vm.not_implemented_error(format!("memoryview: format {format} not supported"))
            );
        }
    })
}

/// What the module `struct` reads from an item whose format is not a native single character.
pub fn unpack_by_struct(vm: &Vm, bytes: &[u8], format: &str) -> Result {
    let unpack = vm.import_attr("struct", "unpack")?;
    let bytes: Gc<Bytes> = vm.new_bytes(bytes)?;
    vm.call(unpack, &[vm.new_str(format).value(), bytes.value()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_floats_round_trip() {
        for bits in (0..=0x7C00).chain(0x8000..=0xFC00) {
            assert_eq!(half_from_f64(half_to_f64(bits)), Some(bits), "{bits:#x}");
        }
        assert_eq!(half_from_f64(65504.0), Some(0x7BFF));
        assert_eq!(half_from_f64(65519.9), Some(0x7BFF));
        assert_eq!(half_from_f64(65520.0), None);
        assert_eq!(half_from_f64(1e-10), Some(0));
        assert_eq!(half_from_f64(2f64.powi(-25) * 1.01), Some(1));
    }
}

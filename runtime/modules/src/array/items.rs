//! Items of arrays: type codes, and values from and to bytes.

use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// Every type code, as `array.typecodes` has them.
pub const TYPE_CODES: &str = "bBuwhHiIlLqQfd";

/// Bytes of the largest item.
pub const LARGEST: usize = 8;

/// The type of an array's items: one of the letters in [`TYPE_CODES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code(u8);

impl Code {
    /// The type of that letter, if there is one.
    pub fn of(letter: u32) -> Option<Code> {
        let letter = u8::try_from(letter).ok()?;
        TYPE_CODES
            .as_bytes()
            .contains(&letter)
            .then_some(Code(letter))
    }

    /// Its letter.
    pub fn letter(self) -> char {
        self.0 as char
    }

    /// Bytes an item.
    #[inline]
    pub const fn size(self) -> usize {
        match self.0 {
            b'b' | b'B' => 1,
            b'h' | b'H' => 2,
            b'i' | b'I' | b'u' | b'w' | b'f' => 4,
            _ => 8,
        }
    }

    /// Whether the items are characters.
    pub const fn is_text(self) -> bool {
        matches!(self.0, b'u' | b'w')
    }

    /// Whether the items are floats.
    pub const fn is_float(self) -> bool {
        matches!(self.0, b'f' | b'd')
    }

    /// Whether the items are integers that may be negative.
    pub const fn is_signed(self) -> bool {
        matches!(self.0, b'b' | b'h' | b'i' | b'l' | b'q')
    }

    /// The letter that `memoryview` knows the items by.
    pub const fn buffer_format(self) -> &'static str {
        match self.0 {
            b'b' => "b",
            b'B' => "B",
            b'h' => "h",
            b'H' => "H",
            b'i' => "i",
            b'I' => "I",
            b'l' => "l",
            b'L' => "L",
            b'q' => "q",
            b'Q' => "Q",
            b'f' => "f",
            b'd' => "d",
            _ => "w",
        }
    }
}

/// The first bytes of an item's place.
#[inline(always)]
fn head<const N: usize>(item: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&item[..N]);
    out
}

/// The value of an item, which `item` begins with.
///
/// # Errors
/// ValueError for a number that is no character's.
#[inline]
pub fn unpack(vm: &Vm, code: Code, item: &[u8]) -> Result {
    Ok(match code.0 {
        b'b' => Value::small_int((item[0] as i8).into()),
        b'B' => Value::small_int(item[0].into()),
        b'h' => Value::small_int(i16::from_ne_bytes(head(item)).into()),
        b'H' => Value::small_int(u16::from_ne_bytes(head(item)).into()),
        b'i' => Value::small_int(i32::from_ne_bytes(head(item)).into()),
        b'I' => Value::small_int(u32::from_ne_bytes(head(item)).into()),
        b'l' | b'q' => vm.new_int(i64::from_ne_bytes(head(item))),
        b'L' | b'Q' => vm.new_uint(u64::from_ne_bytes(head(item))),
        b'f' => Value::float(f32::from_ne_bytes(head(item)).into()),
        b'd' => Value::float(f64::from_ne_bytes(head(item))),
        _ => vm.str_of_char(character(vm, item)?)?.value(),
    })
}

/// The code point of an item of an array of characters.
///
/// # Errors
/// ValueError if there is no such one.
pub fn character(vm: &Vm, item: &[u8]) -> Result<u32> {
    let c = u32::from_ne_bytes(head(item));
    if c > 0x10_FFFF {
        return Err(vm.value_error(format!(
            "character U+{c:x} is not in range [U+0000; U+10ffff]"
        )));
    }
    Ok(c)
}

/// The bytes of a value as an item, in the first [`Code::size`] of the result.
///
/// # Errors
/// It is of another type, or out of range.
#[inline]
pub fn pack(vm: &Vm, code: Code, v: Value) -> Result<[u8; LARGEST]> {
    let mut out = [0; LARGEST];
    match code.0 {
        b'd' => out = vm.to_float(v)?.to_ne_bytes(),
        b'f' => out[..4].copy_from_slice(&(vm.to_float(v)? as f32).to_ne_bytes()),
        b'u' | b'w' => out[..4].copy_from_slice(&character_of(vm, v)?.to_ne_bytes()),
        _ => {
            let i = integer(vm, code, v)?;
            // The low bytes are the same for signed and unsigned numbers.
            let bytes = i.to_le_bytes();
            let size = code.size();
            for (to, from) in out[..size].iter_mut().zip(bytes) {
                *to = from;
            }
            if cfg!(target_endian = "big") {
                out[..size].reverse();
            }
        }
    }
    Ok(out)
}

fn character_of(vm: &Vm, v: Value) -> Result<u32> {
    let Some(s) = v.cast::<Str>() else {
        return Err(vm.type_error(format!(
            "array item must be a unicode character, not {}",
            vm.type_name(v)
        )));
    };
    match s.code_points().next() {
        Some(c) if s.len() == 1 => Ok(c),
        _ => Err(vm.type_error(format!(
            "array item must be a unicode character, not a string of length {}",
            s.len()
        ))),
    }
}

/// The integer that `v` stands for, within the range of the type.
#[inline]
fn integer(vm: &Vm, code: Code, v: Value) -> Result<i64> {
    let (low, high): (i64, i64) = match code.0 {
        b'b' => (-0x80, 0x7F),
        b'B' => (0, 0xFF),
        b'h' => (-0x8000, 0x7FFF),
        b'H' => (0, 0xFFFF),
        b'i' => (i32::MIN.into(), i32::MAX.into()),
        b'I' => (0, u32::MAX.into()),
        b'l' | b'q' => (i64::MIN, i64::MAX),
        _ => (0, i64::MAX),
    };
    if let Some(i) = v.as_int()
        && (low..=high).contains(&i)
    {
        return Ok(i);
    }
    other_integer(vm, code, v, low, high)
}

/// As [`integer`], of what is no small integer or out of range.
#[cold]
fn other_integer(vm: &Vm, code: Code, v: Value, low: i64, high: i64) -> Result<i64> {
    let index = vm.index(v)?;
    let (wide, negative) = match index.as_int_ref() {
        Some(IntRef::Small(i)) => (Some(i128::from(i)), i < 0),
        Some(IntRef::Big(b)) => (b.to_i128(), b.is_negative()),
        None => return Err(vm.type_error("an integer is required")),
    };
    let fits = |low: i128, high: i128| wide.is_some_and(|i| (low..=high).contains(&i));
    if fits(low.into(), high.into()) {
        return Ok(wide.unwrap_or_default() as i64);
    }
    if code.size() == 8 && !code.is_signed() && fits(0, u64::MAX.into()) {
        return Ok(wide.unwrap_or_default() as u64 as i64);
    }
    // CPython converts to the next C type that it has a function for, and then looks at the range.
    let side = if negative {
        "less than minimum"
    } else {
        "greater than maximum"
    };
    let beyond = |name: &str| Err(out_of_range(vm, name, side));
    let in_long = fits(i64::MIN.into(), i64::MAX.into());
    let too_large =
        |c: &str| Err(vm.overflow_error(format!("Python int too large to convert to C {c}")));
    match code.0 {
        b'q' => Err(vm.overflow_error("int too big to convert")),
        b'Q' if negative => Err(vm.overflow_error("can't convert negative int to unsigned")),
        b'Q' => Err(vm.overflow_error("int too big to convert")),
        b'I' | b'L' if negative => {
            Err(vm.overflow_error("can't convert negative value to unsigned int"))
        }
        b'I' if fits(0, u64::MAX.into()) => beyond("unsigned int"),
        b'I' | b'L' => too_large("unsigned long"),
        _ if !in_long => too_large("long"),
        b'b' if fits(i16::MIN.into(), i16::MAX.into()) => beyond("signed char"),
        b'b' | b'h' => beyond("signed short integer"),
        b'B' => beyond("unsigned byte integer"),
        b'H' if fits(i32::MIN.into(), i32::MAX.into()) => beyond("unsigned short"),
        _ => beyond("signed integer"),
    }
}

#[cold]
fn out_of_range(vm: &Vm, name: &str, side: &str) -> Raised {
    vm.overflow_error(format!("{name} is {side}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_size_that_an_item_fits() {
        for letter in TYPE_CODES.chars() {
            let code = Code::of(letter.into()).expect("a type code");
            assert!(code.size() <= LARGEST);
            assert_eq!(code.letter(), letter);
            assert!(!(code.is_float() && code.is_text()));
        }
        assert_eq!(Code::of('x'.into()), None);
        assert_eq!(Code::of(0x162), None);
    }
}

//! How arrays are pickled: as bytes with a number for their format, which other machines
//! may have to convert.

use super::methods::ARRAY;
use taipan_runtime::object::Class;
use taipan_runtime::types::array::{ArrayObject, Code};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::protocol::{object_state, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// What the bytes of an item mean. The numbers are those of CPython's pickles.
#[derive(Clone, Copy)]
struct Format {
    size: usize,
    is_big: bool,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Unsigned,
    Signed,
    Float,
    Utf16,
    Utf32,
}

/// The largest number of a format.
const LAST: i64 = 21;

/// The number of the format that a type has on this machine.
fn number_of(code: Code) -> i64 {
    use Code::*;
    let little = match code {
        U8 => return 0,
        I8 => return 1,
        U16 => 2,
        I16 => 4,
        U32 => 6,
        I32 => 8,
        ULong | ULongLong => 10,
        Long | LongLong => 12,
        F32 => 14,
        F64 => 16,
        Wide | Char => 20,
    };
    little + i64::from(cfg!(target_endian = "big"))
}

fn format_of(number: i64) -> Format {
    let (size, kind) = match number {
        0 => (1, Kind::Unsigned),
        1 => (1, Kind::Signed),
        2 | 3 => (2, Kind::Unsigned),
        4 | 5 => (2, Kind::Signed),
        6 | 7 => (4, Kind::Unsigned),
        8 | 9 => (4, Kind::Signed),
        10 | 11 => (8, Kind::Unsigned),
        12 | 13 => (8, Kind::Signed),
        14 | 15 => (4, Kind::Float),
        16 | 17 => (8, Kind::Float),
        18 | 19 => (2, Kind::Utf16),
        _ => (4, Kind::Utf32),
    };
    Format {
        size,
        is_big: number > 1 && number % 2 == 1,
        kind,
    }
}

/// The value of an item of another machine.
fn value(vm: &Vm, item: &[u8], format: Format) -> Result {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(item) {
        *to = *from;
    }
    if format.is_big {
        word[..format.size].reverse();
    }
    let word = u64::from_le_bytes(word);
    let unused = 64 - 8 * format.size as u32;
    Ok(match format.kind {
        Kind::Unsigned => vm.new_uint(word),
        Kind::Signed => vm.new_int(((word << unused) as i64) >> unused),
        Kind::Float if format.size == 4 => Value::float(f32::from_bits(word as u32).into()),
        Kind::Float => Value::float(f64::from_bits(word)),
        Kind::Utf16 | Kind::Utf32 => vm.str_of_char((word as u32).min(0x10_FFFF))?.value(),
    })
}

/// `_array_reconstructor`.
pub fn reconstruct(vm: &Vm, args: &[Value]) -> Result {
    let base = vm.class_of_def(&ARRAY)?;
    let Some(class) = args[0].cast::<Class>() else {
        return Err(vm.type_error(format!(
            "first argument must be a type object, not {}",
            vm.class_of(args[0]).qualified_name()
        )));
    };
    if !class.is_subclass_of(base) && class != base {
        return Err(vm.type_error(format!(
            "{} is not a subtype of array.array",
            class.name_string()
        )));
    }
    let letter = args[1].cast::<Str>().filter(|s| s.len() == 1);
    let Some(letter) = letter else {
        return Err(vm.type_error(format!(
            "_array_reconstructor() argument 2 must be a unicode character, not {}",
            vm.class_of(args[1]).qualified_name()
        )));
    };
    let Some(code) = Code::from_letter(letter.char_at(0)) else {
        return Err(vm.value_error("second argument must be a valid type code"));
    };
    let number = vm.to_ssize_arg(args[2])?;
    if !(0..=LAST).contains(&number) {
        return Err(vm.value_error("third argument must be a valid machine format code."));
    }
    let Some(bytes) = args[3].cast::<Bytes>() else {
        return Err(vm.type_error(format!(
            "fourth argument should be bytes, not {}",
            vm.class_of(args[3]).qualified_name()
        )));
    };
    let format = format_of(number);
    let is_native = number == number_of(code);
    if bytes.len() % format.size != 0 {
        let what = if is_native { "bytes" } else { "string" };
        let message = format!("{what} length not a multiple of item size");
        return Err(vm.value_error(message));
    }
    let shape = class.root_shape.get();
    if is_native {
        let array = ArrayObject::new(code, bytes.as_slice().to_vec());
        return Ok(vm.heap.alloc(shape, array).value());
    }
    // Integers keep their size and sign.
    let signed = match format.kind {
        Kind::Unsigned => Some(false),
        Kind::Signed => Some(true),
        _ => None,
    };
    let alike = |code: &Code| code.size() == format.size && code.signedness() == signed;
    let code = match signed {
        Some(_) => Code::ALL.into_iter().rfind(alike).unwrap_or(code),
        None => code,
    };
    let array = vm.heap.alloc(shape, ArrayObject::new(code, Vec::new()));
    if format.kind == Kind::Utf16 {
        let units = bytes.as_slice().chunks_exact(2).map(|unit| {
            let unit = [unit[0], unit[1]];
            if format.is_big {
                u16::from_be_bytes(unit)
            } else {
                u16::from_le_bytes(unit)
            }
        });
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            array.push(vm, code.item(vm, vm.str_of_char(c as u32)?.value())?)?;
        }
        return Ok(array.value());
    }
    for item in bytes.as_slice().chunks_exact(format.size) {
        let v = value(vm, item, format)?;
        array.push(vm, code.item(vm, v)?)?;
    }
    Ok(array.value())
}

/// `array.__reduce_ex__`.
pub fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let protocol = vm.to_ssize_arg(args[1])?;
    let state = object_state(vm, args[0])?;
    let letter = vm
        .new_str(array.code().letter().encode_utf8(&mut [0; 4]))
        .value();
    let class = array.class().value();
    let (function, arguments) = if protocol < 3 {
        let items = super::methods::to_list(vm, &[args[0]])?;
        (class, vm.new_tuple(&[letter, items])?)
    } else {
        let reconstruct = vm.import_attr("array", "_array_reconstructor")?;
        let bytes = vm.new_bytes(array.as_bytes())?.value();
        let number = Value::small_int(number_of(array.code()));
        let arguments = vm.new_tuple(&[class, letter, number, bytes])?;
        (reconstruct, arguments)
    };
    Ok(vm.new_tuple(&[function, arguments.value(), state])?.value())
}

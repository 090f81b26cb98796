//! Arrays as pickles hold them: the items' bytes with a number that tells the machine's
//! format of them, so that any machine can read them.

use super::items::{self, Code};
use super::{Array, alloc, methods};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::Class;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// How the items of a machine format are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Bytes, signed, big-endian.
    Int(usize, bool, bool),
    /// Bytes, big-endian.
    Float(usize, bool),
    /// Bytes of a unit, big-endian.
    Text(usize, bool),
}

/// The formats by number.
const FORMATS: [Format; 22] = [
    Format::Int(1, false, false),
    Format::Int(1, true, false),
    Format::Int(2, false, false),
    Format::Int(2, false, true),
    Format::Int(2, true, false),
    Format::Int(2, true, true),
    Format::Int(4, false, false),
    Format::Int(4, false, true),
    Format::Int(4, true, false),
    Format::Int(4, true, true),
    Format::Int(8, false, false),
    Format::Int(8, false, true),
    Format::Int(8, true, false),
    Format::Int(8, true, true),
    Format::Float(4, false),
    Format::Float(4, true),
    Format::Float(8, false),
    Format::Float(8, true),
    Format::Text(2, false),
    Format::Text(2, true),
    Format::Text(4, false),
    Format::Text(4, true),
];

impl Format {
    fn size(self) -> usize {
        match self {
            Format::Int(n, ..) | Format::Float(n, _) | Format::Text(n, _) => n,
        }
    }

    /// How this machine holds items of a type.
    fn native(code: Code) -> Format {
        let big = cfg!(target_endian = "big");
        if code.is_text() {
            Format::Text(4, big)
        } else if code.is_float() {
            Format::Float(code.size(), big)
        } else {
            // Single bytes have no order.
            Format::Int(code.size(), code.is_signed(), big && code.size() > 1)
        }
    }

    fn number(self) -> i64 {
        FORMATS.iter().position(|f| *f == self).unwrap_or(0) as i64
    }
}

/// `array.__reduce_ex__`.
pub fn reduce_ex(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<Array>(args[0]);
    if args[1].as_int_ref().is_none() {
        return Err(vm.type_error("__reduce_ex__ argument should be an integer"));
    }
    let protocol = vm.to_i64(args[1])?;
    let class = array.class().value();
    let code = array.code();
    let letter = vm.str_of_char(code.letter().into())?.value();
    let state = vm.intern("__dict__");
    let state = vm.find_attr(args[0], state)?.unwrap_or(Value::NONE);
    if protocol < 3 {
        let list = methods::tolist(vm, &args[..1])?;
        let arguments = vm.pair(letter, list)?;
        return Ok(vm.new_tuple(&[class, arguments, state])?.value());
    }
    let function = vm.import_attr("array", "_array_reconstructor")?;
    let bytes = vm.new_bytes(array.bytes())?.value();
    let number = vm.new_int(Format::native(code).number());
    let arguments = vm.new_tuple(&[class, letter, number, bytes])?.value();
    Ok(vm.new_tuple(&[function, arguments, state])?.value())
}

/// `array._array_reconstructor`.
pub fn reconstruct(vm: &Vm, args: &[Value]) -> Result {
    let base = vm.class_of_def(&methods::ARRAY)?;
    let (class, letter) = (args[0].cast::<Class>(), args[1].cast::<Str>());
    let Some(letter) = letter else {
        return Err(vm.type_error(format!(
            "_array_reconstructor() argument 2 must be a unicode character, not {}",
            vm.type_name(args[1])
        )));
    };
    if letter.len() != 1 {
        return Err(vm.type_error(format!(
            "_array_reconstructor() argument 2 must be a unicode character, not a string of length {}",
            letter.len()
        )));
    }
    let number = vm.to_i64(args[2])?;
    let Some(class) = class else {
        return Err(vm.type_error(format!(
            "first argument must be a type object, not {}",
            vm.type_name(args[0])
        )));
    };
    if !class.is_subclass_of(base) {
        return Err(vm.type_error(format!(
            "{} is not a subtype of array.array",
            class.name_string()
        )));
    }
    let Some(code) = letter.code_points().next().and_then(Code::of) else {
        return Err(vm.value_error("second argument must be a valid type code"));
    };
    let format = usize::try_from(number).ok().and_then(|n| FORMATS.get(n));
    let Some(&format) = format else {
        return Err(vm.value_error("third argument must be a valid machine format code."));
    };
    let Some(bytes) = args[3].cast::<Bytes>() else {
        return Err(vm.type_error(format!(
            "fourth argument should be bytes, not {}",
            vm.type_name(args[3])
        )));
    };
    // Half of a surrogate pair is no item of its own.
    if bytes.len() % format.size() != 0 {
        return Err(vm.value_error("string length not a multiple of item size"));
    }
    if format == Format::native(code) {
        return Ok(alloc(vm, class, code, bytes.as_slice().to_vec()).value());
    }
    Ok(decode(vm, class, code, format, bytes)?.value())
}

/// An array of the bytes of another machine's items.
fn decode(
    vm: &Vm,
    class: Gc<Class>,
    code: Code,
    format: Format,
    bytes: Gc<Bytes>,
) -> Result<Gc<Array>> {
    // The array that other machines call by this type code may be of another type here.
    let same = |c: &Code| Format::native(*c) == native_order(format);
    let code = match format {
        Format::Text(..) | Format::Float(..) => code,
        _ if same(&code) => code,
        _ => items::TYPE_CODES
            .chars()
            .filter_map(|c| Code::of(c.into()))
            .find(same)
            .unwrap_or(code),
    };
    let array = alloc(vm, class, code, Vec::new());
    if let Format::Text(unit, big) = format {
        let name = match (unit, big) {
            (2, false) => "utf-16-le",
            (2, true) => "utf-16-be",
            (_, false) => "utf-32-le",
            (_, true) => "utf-32-be",
        };
        let text = vm.call_method(bytes.value(), "decode", &[vm.new_str(name).value()])?;
        vm.for_each(text, &mut |c| array.push(vm, c))?;
        return Ok(array);
    }
    if matches!(format, Format::Float(..)) {
        let size = format.size();
        for item in bytes.as_slice().chunks_exact(size) {
            let mut item = item.to_vec();
            if format != native_order(format) {
                item.reverse();
            }
            let of = if size == 4 { 'f' } else { 'd' };
            let value = match Code::of(of.into()) {
                Some(of) => items::unpack(vm, of, &item)?,
                None => Value::NONE,
            };
            array.push(vm, value)?;
        }
        return Ok(array);
    }
    let swapped = format != native_order(format);
    let mut data = bytes.as_slice().to_vec();
    if swapped {
        data.chunks_exact_mut(format.size())
            .for_each(<[u8]>::reverse);
    }
    array.extend(vm, &data)?;
    Ok(array)
}

/// The format with this machine's order of bytes.
fn native_order(format: Format) -> Format {
    let native = cfg!(target_endian = "big");
    match format {
        Format::Int(n, signed, _) => Format::Int(n, signed, native && n > 1),
        Format::Float(n, _) => Format::Float(n, native),
        Format::Text(n, _) => Format::Text(n, native),
    }
}

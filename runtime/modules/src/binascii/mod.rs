//! `binascii`: bytes as text, and back.

mod base64;
mod quoted;

use taipan_runtime::heap::Object;
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::ops::buffer::ByteSlice;
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

static ERROR: TypeDef = TypeDef {
    module: "binascii",
    subclassable: true,
    base: Some(&exc::VALUE_ERROR),
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("Error", <Exception as Object>::LAYOUT)
};

static INCOMPLETE: TypeDef = TypeDef {
    module: "binascii",
    subclassable: true,
    base: Some(&exc::EXCEPTION),
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("Incomplete", <Exception as Object>::LAYOUT)
};

#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    vm.raise_str(vm.exception_class(&ERROR), message)
}

/// The bytes of an argument that may be ASCII text too.
fn ascii(vm: &Vm, v: Value) -> Result<ByteSlice<'_>> {
    if let Some(s) = v.cast::<Str>() {
        return match s.as_ascii() {
            Some(text) => Ok(ByteSlice::Gathered(text.as_bytes().to_vec())),
            None => Err(vm.value_error("string argument should contain only ASCII characters")),
        };
    }
    if !vm.supports_buffer(v) {
        let name = vm.class_of(v).qualified_name();
        return Err(vm.type_error(format!(
            "argument should be bytes, buffer or ASCII string, not '{name}'"
        )));
    }
    vm.all_bytes(v)
}

fn data(vm: &Vm, v: Value) -> Result<ByteSlice<'_>> {
    vm.all_bytes(v)
}

fn flag(vm: &Vm, v: Value, default: bool) -> Result<bool> {
    v.given().map_or(Ok(default), |v| vm.truth(v))
}

fn bytes(vm: &Vm, data: &[u8]) -> Result {
    Ok(vm.new_bytes(data)?.value())
}

fn a2b_hex(vm: &Vm, args: &[Value]) -> Result {
    let text = ascii(vm, args[0])?;
    if text.len() % 2 == 1 {
        return Err(error(vm, "Odd-length string"));
    }
    let mut decoded = Vec::with_capacity(text.len() / 2);
    // One look at the end instead of one at each digit.
    let mut all = 0;
    for pair in text.chunks_exact(2) {
        let (high, low) = (HEX_DIGITS[pair[0] as usize], HEX_DIGITS[pair[1] as usize]);
        all |= high | low;
        decoded.push(high << 4 | low);
    }
    if all & NO_DIGIT != 0 {
        return Err(error(vm, "Non-hexadecimal digit found"));
    }
    bytes(vm, &decoded)
}

/// In [`HEX_DIGITS`], what is no digit.
const NO_DIGIT: u8 = 0x80;

/// The values of hexadecimal digits.
static HEX_DIGITS: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value] as usize] = value as u8;
        values[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    values
};

fn b2a_hex(vm: &Vm, args: &[Value]) -> Result {
    let text = taipan_runtime::types::bytes::hex(vm, &data(vm, args[0])?, args[1], args[2])?;
    match text.cast::<Str>() {
        Some(s) => bytes(vm, s.raw_bytes()),
        None => Ok(text),
    }
}

/// The low 32 bits of an integer of any size.
pub fn low_word(vm: &Vm, v: Value) -> Result<u32> {
    use taipan_runtime::types::int::IntRef;
    Ok(match vm.index(v)?.as_int_ref() {
        Some(IntRef::Small(i)) => i as u32,
        Some(IntRef::Big(b)) => {
            let (negative, limbs) = b.parts();
            let low = limbs.first().map_or(0, |low| *low as u32);
            if negative { low.wrapping_neg() } else { low }
        }
        None => 0,
    })
}

fn crc32_function(vm: &Vm, args: &[Value]) -> Result {
    let start = args[1].given().map_or(Ok(0), |v| low_word(vm, v))?;
    Ok(vm.new_int(crate::zlib::crc32_of(start, &data(vm, args[0])?).into()))
}

fn crc_hqx(vm: &Vm, args: &[Value]) -> Result {
    let mut crc = low_word(vm, args[1])? & 0xFFFF;
    for &b in &*data(vm, args[0])? {
        crc ^= u32::from(b) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 != 0 {
                crc << 1 ^ 0x1021
            } else {
                crc << 1
            } & 0xFFFF;
        }
    }
    Ok(vm.new_int(crc.into()))
}

fn a2b_uu(vm: &Vm, args: &[Value]) -> Result {
    let text = ascii(vm, args[0])?;
    let Some((&first, rest)) = text.split_first() else {
        return Err(error(vm, "Missing length byte"));
    };
    let length = usize::from(first.wrapping_sub(b' ') & 0x3F);
    let mut out = Vec::with_capacity(length);
    let mut chars = rest.iter().copied();
    let (mut word, mut bits) = (0u32, 0);
    while out.len() < length {
        // A line that is cut short counts as filled up with zeros.
        let six = match chars.next() {
            None | Some(b'\n' | b'\r') => {
                chars = [].iter().copied();
                0
            }
            Some(c) if !(b' '..=b' ' + 64).contains(&c) => return Err(error(vm, "Illegal char")),
            Some(c) => u32::from(c - b' ') & 0x3F,
        };
        word = word << 6 | six;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    for c in chars {
        // Padding may follow, as blanks or backquotes.
        if !matches!(c, b' ' | b'`' | b'\n' | b'\r') {
            return Err(error(vm, "Trailing garbage"));
        }
    }
    bytes(vm, &out)
}

fn b2a_uu(vm: &Vm, args: &[Value]) -> Result {
    let data = data(vm, args[0])?;
    if data.len() > 45 {
        return Err(error(vm, "At most 45 bytes at once"));
    }
    let zero = if flag(vm, args[1], false)? {
        b'`'
    } else {
        b' '
    };
    let letter = |six: u8| if six == 0 { zero } else { six + b' ' };
    let mut out = vec![letter(data.len() as u8)];
    for chunk in data.chunks(3) {
        let at = |i: usize| chunk.get(i).copied().unwrap_or(0);
        let (a, b, c) = (at(0), at(1), at(2));
        out.extend(
            [
                a >> 2,
                a << 4 & 0x3F | b >> 4,
                b << 2 & 0x3F | c >> 6,
                c & 0x3F,
            ]
            .map(letter),
        );
    }
    out.push(b'\n');
    bytes(vm, &out)
}

/// The module.
pub static BINASCII: ModuleDef = ModuleDef {
    name: "binascii",
    doc: "Conversion between binary data and ASCII",
    functions: &[
        MethodDef::new(
            "a2b_uu",
            "(data, /)",
            "Decode a line of uuencoded data.",
            a2b_uu,
        ),
        MethodDef::new(
            "b2a_uu",
            "(data, /, *, backtick=False)",
            "Uuencode line of data.",
            b2a_uu,
        ),
        MethodDef::new(
            "a2b_base64",
            "(data, /, *, strict_mode=False)",
            "Decode a line of base64 data.\n\n  strict_mode\n    \
             When set to True, bytes that are not part of the base64 standard are not allowed.\n    \
             The same applies to excess data after padding (= / ==).",
            base64::decode,
        ),
        MethodDef::new(
            "b2a_base64",
            "(data, /, *, newline=True)",
            "Base64-code line of data.",
            base64::encode,
        ),
        MethodDef::new(
            "a2b_hex",
            "(hexstr, /)",
            "Binary data of hexadecimal representation.\n\n\
             hexstr must contain an even number of hex digits (upper or lower case).\n\
             This function is also available as \"unhexlify()\".",
            a2b_hex,
        ),
        MethodDef::new(
            "unhexlify",
            "(hexstr, /)",
            "Binary data of hexadecimal representation.\n\n\
             hexstr must contain an even number of hex digits (upper or lower case).",
            a2b_hex,
        ),
        MethodDef::new(
            "b2a_hex",
            "(data, sep=<unrepresentable>, bytes_per_sep=1)",
            "Hexadecimal representation of binary data.",
            b2a_hex,
        ),
        MethodDef::new(
            "hexlify",
            "(data, sep=<unrepresentable>, bytes_per_sep=1)",
            "Hexadecimal representation of binary data.",
            b2a_hex,
        ),
        MethodDef::new(
            "a2b_qp",
            "(data, header=False)",
            "Decode a string of qp-encoded data.",
            quoted::decode,
        ),
        MethodDef::new(
            "b2a_qp",
            "(data, quotetabs=False, istext=True, header=False)",
            "Encode a string using quoted-printable encoding.\n\n\
             On encoding, when istext is set, newlines are not encoded, and white\n\
             space at end of lines is.  When istext is not set, \\r and \\n (CR/LF)\n\
             are both encoded.  When quotetabs is set, space and tabs are encoded.",
            quoted::encode,
        ),
        MethodDef::new(
            "crc32",
            "(data, crc=0, /)",
            "Compute CRC-32 incrementally.",
            crc32_function,
        ),
        MethodDef::new(
            "crc_hqx",
            "(data, crc, /)",
            "Compute CRC-CCITT incrementally.",
            crc_hqx,
        ),
    ],
    types: &[&ERROR, &INCOMPLETE],
    exec: None,
};

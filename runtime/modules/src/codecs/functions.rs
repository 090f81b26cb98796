//! The built-in codecs as functions: each returns a pair of result and how much it used.

use taipan_runtime::heap::Gc;
use taipan_runtime::object::MethodDef;
use taipan_runtime::ops::codec::{DecodeSource, TextCodec};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::codecs::{self, BytesEscapeError, Endian, InvalidEscape};
use taipan_text::{TextBuf, with_units};

/// The error handler's name, argument 2 of `function`.
pub fn errors_of(vm: &Vm, function: &str, v: Value) -> Result<String> {
    let Some(v) = v.given_not_none() else {
        return Ok("strict".to_owned());
    };
    match v.cast::<Str>() {
        Some(s) => Ok(s.to_text()),
        None => Err(vm.type_error(format!(
            "{function}() argument 2 must be str or None, not {}",
            arg_name(vm, v)
        ))),
    }
}

/// A result with how much it came from.
pub fn used(vm: &Vm, v: impl Into<Value>, n: usize) -> Result {
    vm.pair(v.into(), vm.new_int(n as i64))
}

/// The text to encode, argument 1 of `function`.
pub fn text(vm: &Vm, function: &str, v: Value) -> Result<Gc<Str>> {
    v.cast::<Str>().ok_or_else(|| {
        vm.type_error(format!(
            "{function}() argument 1 must be str, not {}",
            arg_name(vm, v)
        ))
    })
}

/// The bytes to decode.
pub fn bytes(vm: &Vm, v: Value) -> Result<Vec<u8>> {
    Ok(vm.bytes_like(v)?.contiguous_bytes().into_owned())
}

/// As [`bytes`], where text stands for its UTF-8.
fn bytes_or_text(vm: &Vm, v: Value) -> Result<Vec<u8>> {
    match v.cast::<Str>() {
        Some(s) => Ok(vm.encode_str(s, "utf-8", "strict")?.as_slice().to_vec()),
        None => bytes(vm, v),
    }
}

fn encode(vm: &Vm, name: &str, args: &[Value], codec: TextCodec) -> Result {
    let s = text(vm, name, args[0])?;
    let out = vm.encode_native(codec, s, &errors_of(vm, name, args[1])?)?;
    used(vm, out, s.len())
}

fn decode(vm: &Vm, name: &str, args: &[Value], codec: TextCodec) -> Result {
    let data = bytes(vm, args[0])?;
    let last = match args.get(2) {
        Some(v) => v.given().map_or(Ok(false), |v| vm.truth(v))?,
        None => true,
    };
    let decoded = vm.decode_native(codec, &data, &errors_of(vm, name, args[1])?, last)?;
    used(vm, decoded.text, decoded.consumed)
}

fn endian(vm: &Vm, v: Value) -> Result<Option<Endian>> {
    Ok(match v.given().map_or(Ok(0), |v| vm.to_i64(v))? {
        0 => None,
        n if n < 0 => Some(Endian::Little),
        _ => Some(Endian::Big),
    })
}

fn decode_ex(
    vm: &Vm,
    name: &str,
    args: &[Value],
    codec: fn(Option<Endian>) -> TextCodec,
) -> Result {
    let data = bytes(vm, args[0])?;
    let order = endian(vm, args[2])?;
    let last = args[3].given().map_or(Ok(false), |v| vm.truth(v))?;
    let decoded = vm.decode_native(codec(order), &data, &errors_of(vm, name, args[1])?, last)?;
    let order = match decoded.order.or(order) {
        None => 0,
        Some(Endian::Little) => -1,
        Some(Endian::Big) => 1,
    };
    let parts = [
        decoded.text.value(),
        vm.new_int(decoded.consumed as i64),
        vm.new_int(order),
    ];
    Ok(vm.new_tuple(&parts)?.value())
}

fn utf_7_decode(vm: &Vm, args: &[Value]) -> Result {
    let data = bytes(vm, args[0])?;
    let last = args[2].given().map_or(Ok(false), |v| vm.truth(v))?;
    let mut decoder = codecs::Utf7Decoder::new();
    let mut out = TextBuf::new();
    let source = DecodeSource {
        name: "utf7",
        codec: None,
        start: 0,
    };
    let n = vm.decode_with(
        &source,
        &data,
        &errors_of(vm, "utf_7_decode", args[1])?,
        &mut out,
        |data, pos, out| decoder.decode(data, pos, last, out),
    )?;
    used(vm, vm.str_from_text(out.finish())?, n)
}

fn utf_7_encode(vm: &Vm, args: &[Value]) -> Result {
    let s = text(vm, "utf_7_encode", args[0])?;
    errors_of(vm, "utf_7_encode", args[1])?;
    let out = with_units!(s.data(), u => codecs::encode_utf7(u));
    used(vm, vm.new_bytes(&out)?, s.len())
}

/// Warns of an escape without meaning.
fn warn_escape(vm: &Vm, invalid: Option<InvalidEscape>) -> Result<()> {
    let message = match invalid {
        None => return Ok(()),
        Some(InvalidEscape::Unknown(c, _)) => format!(
            "\"\\{}\" is an invalid escape sequence. Such sequences will not work in the future. ",
            char::from(c)
        ),
        Some(InvalidEscape::Octal(n, _)) => format!(
            "\"\\{n:o}\" is an invalid octal escape sequence. Such sequences will not work in the future. "
        ),
    };
    vm.warn(&exc::DEPRECATION_WARNING, &message, 1)
}

fn unicode_escape_decode(vm: &Vm, args: &[Value]) -> Result {
    let data = bytes_or_text(vm, args[0])?;
    let last = args[2].given().map_or(Ok(true), |v| vm.truth(v))?;
    let mut out = TextBuf::new();
    let mut invalid = None;
    let source = DecodeSource {
        name: "unicodeescape",
        codec: None,
        start: 0,
    };
    let n = vm.decode_with(
        &source,
        &data,
        &errors_of(vm, "unicode_escape_decode", args[1])?,
        &mut out,
        |data, pos, out| codecs::decode_unicode_escape(data, pos, last, &mut invalid, out),
    )?;
    warn_escape(vm, invalid)?;
    used(vm, vm.str_from_text(out.finish())?, n)
}

fn raw_unicode_escape_decode(vm: &Vm, args: &[Value]) -> Result {
    let data = bytes_or_text(vm, args[0])?;
    let last = args[2].given().map_or(Ok(true), |v| vm.truth(v))?;
    let mut out = TextBuf::new();
    let source = DecodeSource {
        name: "rawunicodeescape",
        codec: None,
        start: 0,
    };
    let n = vm.decode_with(
        &source,
        &data,
        &errors_of(vm, "raw_unicode_escape_decode", args[1])?,
        &mut out,
        |data, pos, out| codecs::decode_raw_unicode_escape(data, pos, last, out),
    )?;
    used(vm, vm.str_from_text(out.finish())?, n)
}

fn escape_decode(vm: &Vm, args: &[Value]) -> Result {
    let data = bytes_or_text(vm, args[0])?;
    let errors = errors_of(vm, "escape_decode", args[1])?;
    let fallback: Option<&'static [u8]> = match errors.as_str() {
        "replace" => Some(b"?"),
        "ignore" => Some(b""),
        _ => None,
    };
    let mut invalid = None;
    match codecs::unescape_bytes(&data, fallback, &mut invalid) {
        Ok(out) => {
            warn_escape(vm, invalid)?;
            used(vm, vm.new_bytes(&out)?, data.len())
        }
        Err(BytesEscapeError::Hex(at)) if errors == "strict" => {
            Err(vm.value_error(format!("invalid \\x escape at position {at}")))
        }
        Err(BytesEscapeError::Hex(_)) => Err(vm.value_error(format!(
            "decoding error; unknown error handling code: {errors}"
        ))),
        Err(BytesEscapeError::Trailing) => Err(vm.value_error("Trailing \\ in string")),
    }
}

fn escape_encode(vm: &Vm, args: &[Value]) -> Result {
    let Some(b) = args[0].cast::<taipan_runtime::types::bytes::Bytes>() else {
        let got = vm.type_name(args[0]);
        return Err(vm.type_error(format!(
            "escape_encode() argument 1 must be bytes, not {got}"
        )));
    };
    let mut out = Vec::with_capacity(b.len());
    for &c in b.as_slice() {
        match c {
            b'\'' | b'\\' => out.extend_from_slice(&[b'\\', c]),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b' '..0x7F => out.push(c),
            _ => out.extend_from_slice(format!("\\x{c:02x}").as_bytes()),
        }
    }
    used(vm, vm.new_bytes(&out)?, b.len())
}

fn readbuffer_encode(vm: &Vm, args: &[Value]) -> Result {
    let data = bytes_or_text(vm, args[0])?;
    used(vm, vm.new_bytes(&data)?, data.len())
}

fn unicode_escape_encode(vm: &Vm, args: &[Value]) -> Result {
    let s = text(vm, "unicode_escape_encode", args[0])?;
    errors_of(vm, "unicode_escape_encode", args[1])?;
    let out = with_units!(s.data(), u => codecs::encode_unicode_escape(u));
    used(vm, vm.new_bytes(&out)?, s.len())
}

fn raw_unicode_escape_encode(vm: &Vm, args: &[Value]) -> Result {
    let s = text(vm, "raw_unicode_escape_encode", args[0])?;
    errors_of(vm, "raw_unicode_escape_encode", args[1])?;
    let out = with_units!(s.data(), u => codecs::encode_raw_unicode_escape(u));
    used(vm, vm.new_bytes(&out)?, s.len())
}

const ENCODE: &str = "(str, errors=None, /)";
const DECODE: &str = "(data, errors=None, final=False, /)";
const DECODE_WHOLE: &str = "(data, errors=None, /)";

macro_rules! coders {
    ($($encode:literal $decode:literal $signature:expr, $codec:expr;)*) => {
        &[
            $(
                MethodDef::new($encode, ENCODE, "", |vm, args| encode(vm, $encode, args, $codec)),
                MethodDef::new($decode, $signature, "", |vm, args| decode(vm, $decode, args, $codec)),
            )*
            MethodDef::new("utf_16_encode", "(str, errors=None, byteorder=0, /)", "", |vm, args| {
                encode(vm, "utf_16_encode", args, TextCodec::Utf16(endian(vm, args[2])?))
            }),
            MethodDef::new("utf_32_encode", "(str, errors=None, byteorder=0, /)", "", |vm, args| {
                encode(vm, "utf_32_encode", args, TextCodec::Utf32(endian(vm, args[2])?))
            }),
            MethodDef::new("utf_16_decode", DECODE, "", |vm, args| decode(vm, "utf_16_decode", args, TextCodec::Utf16(None))),
            MethodDef::new("utf_32_decode", DECODE, "", |vm, args| decode(vm, "utf_32_decode", args, TextCodec::Utf32(None))),
            MethodDef::new("utf_16_ex_decode", "(data, errors=None, byteorder=0, final=False, /)", "", |vm, args| {
                decode_ex(vm, "utf_16_ex_decode", args, TextCodec::Utf16)
            }),
            MethodDef::new("utf_32_ex_decode", "(data, errors=None, byteorder=0, final=False, /)", "", |vm, args| {
                decode_ex(vm, "utf_32_ex_decode", args, TextCodec::Utf32)
            }),
            MethodDef::new("utf_7_encode", ENCODE, "", utf_7_encode),
            MethodDef::new("utf_7_decode", DECODE, "", utf_7_decode),
            MethodDef::new("unicode_escape_encode", ENCODE, "", unicode_escape_encode),
            MethodDef::new("unicode_escape_decode", "(data, errors=None, final=True, /)", "", unicode_escape_decode),
            MethodDef::new("raw_unicode_escape_encode", ENCODE, "", raw_unicode_escape_encode),
            MethodDef::new("raw_unicode_escape_decode", "(data, errors=None, final=True, /)", "", raw_unicode_escape_decode),
            MethodDef::new("escape_encode", "(data, errors=None, /)", "", escape_encode),
            MethodDef::new("escape_decode", "(data, errors=None, /)", "", escape_decode),
            MethodDef::new("readbuffer_encode", "(data, errors=None, /)", "", readbuffer_encode),
        ]
    };
}

/// The functions of this file.
pub static FUNCTIONS: &[MethodDef] = coders! {
    "utf_8_encode" "utf_8_decode" DECODE, TextCodec::Utf8;
    "latin_1_encode" "latin_1_decode" DECODE_WHOLE, TextCodec::Latin1;
    "ascii_encode" "ascii_decode" DECODE_WHOLE, TextCodec::Ascii;
    "utf_16_le_encode" "utf_16_le_decode" DECODE, TextCodec::Utf16(Some(Endian::Little));
    "utf_16_be_encode" "utf_16_be_decode" DECODE, TextCodec::Utf16(Some(Endian::Big));
    "utf_32_le_encode" "utf_32_le_decode" DECODE, TextCodec::Utf32(Some(Endian::Little));
    "utf_32_be_encode" "utf_32_be_decode" DECODE, TextCodec::Utf32(Some(Endian::Big));
};

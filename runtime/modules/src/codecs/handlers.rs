//! The standard error handlers (PEP 293) as functions of an exception.

use std::fmt::Write;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::MethodDef;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::Exception;
use taipan_runtime::types::exception::classes::{self as exc, get_field};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// What an exception says about the place that it is about.
enum Place {
    Encode(Vec<u32>, String),
    /// The offending bytes and all from there on.
    Decode(Vec<u8>, Vec<u8>, String),
    Translate(Vec<u32>),
}

struct Error {
    place: Place,
    start: usize,
    end: usize,
}

fn unknown(vm: &Vm, v: Value) -> Raised {
    let got = vm.type_name(v);
    vm.type_error(format!("don't know how to handle {got} in error callback"))
}

fn examine(vm: &Vm, v: Value) -> Result<Error> {
    let Some(e) = v.cast::<Exception>() else {
        return Err(unknown(vm, v));
    };
    let class = vm.class_of(v);
    let is = |def| class.is_subclass_of(vm.exception_class(def));
    let kind = if is(&exc::UNICODE_ENCODE_ERROR) {
        0
    } else if is(&exc::UNICODE_DECODE_ERROR) {
        1
    } else if is(&exc::UNICODE_TRANSLATE_ERROR) {
        2
    } else {
        return Err(unknown(vm, v));
    };
    let object = get_field(vm, e, "object");
    let number = |name: &str| -> Result<i64> { vm.to_i64(get_field(vm, e, name)) };
    let (start, end) = (number("start")?, number("end")?);
    let range = |len: usize| {
        let start = start.clamp(0, len as i64) as usize;
        let end = end.clamp(0, len as i64) as usize;
        (start, end.max(start))
    };
    let encoding = || vm.str_text(get_field(vm, e, "encoding"));
    let attribute = || vm.type_error("object attribute not set");
    if kind == 1 {
        let data: Gc<Bytes> = object.cast().ok_or_else(attribute)?;
        let (start, end) = range(data.len());
        let all = data.as_slice();
        let place = Place::Decode(all[start..end].to_vec(), all[start..].to_vec(), encoding()?);
        return Ok(Error { place, start, end });
    }
    let text: Gc<Str> = object.cast().ok_or_else(attribute)?;
    let (start, end) = range(text.len());
    let bad = (start..end).map(|i| text.char_at(i)).collect();
    let place = if kind == 0 {
        Place::Encode(bad, encoding()?)
    } else {
        Place::Translate(bad)
    };
    Ok(Error { place, start, end })
}

fn answer(vm: &Vm, v: impl Into<Value>, next: usize) -> Result {
    vm.pair(v.into(), vm.new_int(next as i64))
}

fn strict(vm: &Vm, args: &[Value]) -> Result {
    if args[0].cast::<Exception>().is_some() {
        return Err(vm.raise(args[0]));
    }
    Err(vm.type_error("codec must pass exception instance"))
}

fn ignore(vm: &Vm, args: &[Value]) -> Result {
    let e = examine(vm, args[0])?;
    answer(vm, vm.names.empty.get(), e.end)
}

fn replace(vm: &Vm, args: &[Value]) -> Result {
    let e = examine(vm, args[0])?;
    let text = match &e.place {
        Place::Encode(bad, _) => "?".repeat(bad.len()),
        Place::Decode(..) => "\u{fffd}".to_owned(),
        Place::Translate(bad) => "\u{fffd}".repeat(bad.len()),
    };
    answer(vm, vm.new_str(&text), e.end)
}

fn xmlcharrefreplace(vm: &Vm, args: &[Value]) -> Result {
    let e = examine(vm, args[0])?;
    let Place::Encode(bad, _) = &e.place else {
        return Err(unknown(vm, args[0]));
    };
    let text: String = bad.iter().map(|c| format!("&#{c};")).collect();
    answer(vm, vm.new_str(&text), e.end)
}

fn backslashed(c: u32, out: &mut String) {
    let _ = match c {
        0..=0xFF => write!(out, "\\x{c:02x}"),
        0x100..=0xFFFF => write!(out, "\\u{c:04x}"),
        _ => write!(out, "\\U{c:08x}"),
    };
}

fn backslashreplace(vm: &Vm, args: &[Value]) -> Result {
    let e = examine(vm, args[0])?;
    let mut text = String::new();
    match &e.place {
        Place::Encode(bad, _) | Place::Translate(bad) => {
            bad.iter().for_each(|c| backslashed(*c, &mut text))
        }
        Place::Decode(bad, ..) => bad.iter().for_each(|b| backslashed((*b).into(), &mut text)),
    }
    answer(vm, vm.new_str(&text), e.end)
}

fn namereplace(vm: &Vm, args: &[Value]) -> Result {
    let e = examine(vm, args[0])?;
    let Place::Encode(bad, _) = &e.place else {
        return Err(unknown(vm, args[0]));
    };
    let mut text = String::new();
    for &c in bad {
        match taipan_text::unicode::names::name(c) {
            Some(name) => {
                let _ = write!(text, "\\N{{{name}}}");
            }
            None => backslashed(c, &mut text),
        }
    }
    answer(vm, vm.new_str(&text), e.end)
}

fn surrogateescape(vm: &Vm, args: &[Value]) -> Result {
    let e = examine(vm, args[0])?;
    match &e.place {
        Place::Encode(bad, _) => {
            if !bad.iter().all(|c| (0xDC80..=0xDCFF).contains(c)) {
                return Err(vm.raise(args[0]));
            }
            let bytes: Vec<u8> = bad.iter().map(|c| (c - 0xDC00) as u8).collect();
            answer(vm, vm.new_bytes(&bytes)?, e.end)
        }
        Place::Decode(_, rest, _) => {
            let n = (e.end - e.start).min(4);
            let high: Vec<u32> = rest[..n]
                .iter()
                .take_while(|b| **b >= 0x80)
                .map(|b| 0xDC00 + u32::from(*b))
                .collect();
            if high.is_empty() {
                return Err(vm.raise(args[0]));
            }
            let next = e.start + high.len();
            answer(vm, vm.str_from_code_points(high)?, next)
        }
        Place::Translate(_) => Err(unknown(vm, args[0])),
    }
}

/// Bytes a code unit, and whether they are big-endian.
fn wide(encoding: &str) -> Option<(usize, bool)> {
    let plain: String = encoding
        .to_ascii_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    let native = cfg!(target_endian = "big");
    Some(match plain.as_str() {
        "utf8" | "cp65001" => (1, false),
        "utf16" => (2, native),
        "utf16le" => (2, false),
        "utf16be" => (2, true),
        "utf32" => (4, native),
        "utf32le" => (4, false),
        "utf32be" => (4, true),
        _ => return None,
    })
}

fn surrogatepass(vm: &Vm, args: &[Value]) -> Result {
    let e = examine(vm, args[0])?;
    let surrogate = |c: &u32| (0xD800..0xE000).contains(c);
    match &e.place {
        Place::Encode(bad, encoding) => {
            let Some((unit, big)) = wide(encoding).filter(|_| bad.iter().all(surrogate)) else {
                return Err(vm.raise(args[0]));
            };
            let mut out = Vec::new();
            for &c in bad {
                match (unit, big) {
                    (1, _) => out.extend_from_slice(&[
                        0xE0 | (c >> 12) as u8,
                        0x80 | (c >> 6 & 0x3F) as u8,
                        0x80 | (c & 0x3F) as u8,
                    ]),
                    (2, false) => out.extend_from_slice(&(c as u16).to_le_bytes()),
                    (2, true) => out.extend_from_slice(&(c as u16).to_be_bytes()),
                    (_, false) => out.extend_from_slice(&c.to_le_bytes()),
                    (_, true) => out.extend_from_slice(&c.to_be_bytes()),
                }
            }
            answer(vm, vm.new_bytes(&out)?, e.end)
        }
        Place::Decode(_, rest, encoding) => {
            let found = wide(encoding).and_then(|(unit, big)| match (unit, big, &rest[..]) {
                (1, _, [a @ 0xE0..=0xEF, b @ 0x80..=0xBF, c @ 0x80..=0xBF, ..]) => Some((
                    u32::from(a & 15) << 12 | u32::from(b & 63) << 6 | u32::from(c & 63),
                    3,
                )),
                (2, false, [a, b, ..]) => Some((u32::from(u16::from_le_bytes([*a, *b])), 2)),
                (2, true, [a, b, ..]) => Some((u32::from(u16::from_be_bytes([*a, *b])), 2)),
                (4, false, [a, b, c, d, ..]) => Some((u32::from_le_bytes([*a, *b, *c, *d]), 4)),
                (4, true, [a, b, c, d, ..]) => Some((u32::from_be_bytes([*a, *b, *c, *d]), 4)),
                _ => None,
            });
            match found.filter(|(c, _)| surrogate(c)) {
                Some((c, n)) => answer(vm, vm.str_of_char(c)?, e.start + n),
                None => Err(vm.raise(args[0])),
            }
        }
        Place::Translate(_) => Err(unknown(vm, args[0])),
    }
}

macro_rules! handlers {
    ($($name:literal $python:literal $code:ident $doc:literal;)*) => {
        &[$(($name, MethodDef::new($python, "(exception, /)", $doc, $code))),*]
    };
}

/// The handlers by name.
pub static HANDLERS: &[(&str, MethodDef)] = handlers! {
    "strict" "strict_errors" strict "Implements the 'strict' error handling, which raises a UnicodeError on coding errors.";
    "ignore" "ignore_errors" ignore "Implements the 'ignore' error handling, which ignores malformed data and continues.";
    "replace" "replace_errors" replace "Implements the 'replace' error handling, which replaces malformed data with a replacement marker.";
    "xmlcharrefreplace" "xmlcharrefreplace_errors" xmlcharrefreplace "Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with the appropriate XML character reference.";
    "backslashreplace" "backslashreplace_errors" backslashreplace "Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape sequence.";
    "namereplace" "namereplace_errors" namereplace "Implements the 'namereplace' error handling, which replaces an unencodable character with a \\N{...} escape sequence.";
    "surrogatepass" "surrogatepass" surrogatepass "";
    "surrogateescape" "surrogateescape" surrogateescape "";
};

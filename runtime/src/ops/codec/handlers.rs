//! Error handlers of codecs (PEP 293): the standard ones natively, any other by
//! the registry of the module `codecs`.

use super::{DecodeSource, EncodeTarget, TextCodec};
use crate::heap::Gc;
use crate::types::bytes::Bytes;
use crate::types::exception::classes as exc;
use crate::types::str::{Str, StrData};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use std::fmt::Write;
use taipan_text::codecs::{CodecError, Endian};
use taipan_text::{TextBuf, unicode};

/// A standard error handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standard {
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
    NameReplace,
    SurrogateEscape,
    SurrogatePass,
}

impl Standard {
    /// By name.
    pub fn by_name(name: &str) -> Option<Standard> {
        Some(match name {
            "strict" => Standard::Strict,
            "ignore" => Standard::Ignore,
            "replace" => Standard::Replace,
            "backslashreplace" => Standard::BackslashReplace,
            "xmlcharrefreplace" => Standard::XmlCharRefReplace,
            "namereplace" => Standard::NameReplace,
            "surrogateescape" => Standard::SurrogateEscape,
            "surrogatepass" => Standard::SurrogatePass,
            _ => return None,
        })
    }
}

/// A handler as it is found: the registry is asked when the first error occurs.
struct Handler<'a> {
    name: &'a str,
    standard: Option<Standard>,
    callable: Option<Value>,
    /// Made once and changed from error to error.
    exception: Option<Value>,
}

impl<'a> Handler<'a> {
    fn new(name: &'a str) -> Handler<'a> {
        Handler {
            name,
            standard: Standard::by_name(name),
            callable: None,
            exception: None,
        }
    }

    /// Calls a handler of the registry: its replacement, and where to go on.
    fn call(
        &mut self,
        vm: &Vm,
        exception: Value,
        kind: &str,
        len: impl Fn(&Vm) -> Result<usize>,
    ) -> Result<(Value, usize)> {
        let callable = match self.callable {
            Some(f) => f,
            None => {
                let lookup = vm.import_attr("_codecs", "lookup_error")?;
                let f = vm.call(lookup, &[vm.new_str(self.name).value()])?;
                self.callable = Some(f);
                f
            }
        };
        let wants = if kind == "encoding" {
            "(str/bytes, int)"
        } else {
            "(str, int)"
        };
        let wrong = || vm.type_error(format!("{kind} error handler must return {wants} tuple"));
        let result = vm.call(callable, &[exception])?;
        let Some(tuple) = result.cast::<Tuple>().filter(|t| t.len() == 2) else {
            return Err(wrong());
        };
        let replacement = tuple.get(0);
        let fits = replacement.cast::<Str>().is_some()
            || kind == "encoding" && replacement.cast::<Bytes>().is_some();
        if !fits {
            return Err(wrong());
        }
        let position = crate::types::support::size_arg(vm, tuple.get(1))?;
        let len = len(vm)? as i64;
        let next = if position < 0 {
            position + len
        } else {
            position
        };
        if !(0..=len).contains(&next) {
            return Err(vm.index_error(format!("position {next} from error handler out of bounds")));
        }
        Ok((replacement, next as usize))
    }
}

/// The handler of an encoder.
pub struct EncodeErrors<'a>(Handler<'a>);

/// `\xhh`, `\uhhhh` or `\Uhhhhhhhh`.
fn backslashed(c: u32, out: &mut String) {
    let _ = match c {
        0..=0xFF => write!(out, "\\x{c:02x}"),
        0x100..=0xFFFF => write!(out, "\\u{c:04x}"),
        _ => write!(out, "\\U{c:08x}"),
    };
}

impl<'a> EncodeErrors<'a> {
    /// By the handler's name.
    pub fn new(name: &'a str) -> EncodeErrors<'a> {
        EncodeErrors(Handler::new(name))
    }

    fn exception(
        &mut self,
        vm: &Vm,
        target: &EncodeTarget,
        s: Gc<Str>,
        error: CodecError,
    ) -> Result {
        let numbers = (vm.new_int(error.start as i64), vm.new_int(error.end as i64));
        let reason = vm.new_str(error.reason).value();
        if let Some(e) = self.0.exception {
            for (name, v) in [("start", numbers.0), ("end", numbers.1), ("reason", reason)] {
                vm.set_attr(e, vm.intern(name), Some(v))?;
            }
            return Ok(e);
        }
        let class = vm.exception_class(&exc::UNICODE_ENCODE_ERROR).value();
        let e = vm.call(
            class,
            &[
                vm.new_str(target.name).value(),
                s.value(),
                numbers.0,
                numbers.1,
                reason,
            ],
        )?;
        self.0.exception = Some(e);
        Ok(e)
    }

    #[cold]
    fn raise(&mut self, vm: &Vm, target: &EncodeTarget, s: Gc<Str>, error: CodecError) -> Raised {
        match self.exception(vm, target, s, error) {
            Ok(e) => vm.raise(e),
            Err(raised) => raised,
        }
    }

    /// Appends what stands for the characters of an error; returns where to go on.
    pub fn handle(
        &mut self,
        vm: &Vm,
        target: &EncodeTarget,
        s: Gc<Str>,
        error: CodecError,
        out: &mut Vec<u8>,
        step: &impl Fn(StrData<'_>, usize, &mut Vec<u8>) -> std::result::Result<(), CodecError>,
    ) -> Result<usize> {
        let bad = (error.start..error.end).map(|i| s.char_at(i));
        let mut text = String::new();
        match self.0.standard {
            Some(Standard::Strict) => return Err(self.raise(vm, target, s, error)),
            Some(Standard::Ignore) => return Ok(error.end),
            Some(Standard::Replace) => text.extend(bad.map(|_| '?')),
            Some(Standard::BackslashReplace) => bad.for_each(|c| backslashed(c, &mut text)),
            Some(Standard::XmlCharRefReplace) => bad.for_each(|c| {
                let _ = write!(text, "&#{c};");
            }),
            Some(Standard::NameReplace) => bad.for_each(|c| match unicode::names::name(c) {
                Some(name) => {
                    let _ = write!(text, "\\N{{{name}}}");
                }
                None => backslashed(c, &mut text),
            }),
            Some(Standard::SurrogateEscape) => {
                let escaped = bad.clone().take_while(|c| (0xDC80..=0xDCFF).contains(c));
                let count = escaped.clone().count();
                let whole = count == error.end - error.start;
                if target.unit != 1 || count == 0 {
                    return Err(self.raise(vm, target, s, error));
                }
                out.extend(escaped.map(|c| (c - 0xDC00) as u8));
                if !whole {
                    let rest = CodecError {
                        start: error.start + count,
                        ..error
                    };
                    return Err(self.raise(vm, target, s, rest));
                }
                return Ok(error.end);
            }
            Some(Standard::SurrogatePass) => {
                let Some(codec) = target
                    .codec
                    .filter(|c| !matches!(c, TextCodec::Latin1 | TextCodec::Ascii))
                else {
                    return Err(self.raise(vm, target, s, error));
                };
                if !bad.clone().all(|c| (0xD800..0xE000).contains(&c)) {
                    return Err(self.raise(vm, target, s, error));
                }
                bad.for_each(|c| pass_surrogate(codec, c, out));
                return Ok(error.end);
            }
            None => return self.handle_by_registry(vm, target, s, error, out, step),
        }
        if step(StrData::Latin1(text.as_bytes()), 0, out).is_err() {
            return Err(self.raise(vm, target, s, error));
        }
        Ok(error.end)
    }

    fn handle_by_registry(
        &mut self,
        vm: &Vm,
        target: &EncodeTarget,
        s: Gc<Str>,
        error: CodecError,
        out: &mut Vec<u8>,
        step: &impl Fn(StrData<'_>, usize, &mut Vec<u8>) -> std::result::Result<(), CodecError>,
    ) -> Result<usize> {
        let exception = self.exception(vm, target, s, error)?;
        let (replacement, next) = self.0.call(vm, exception, "encoding", |_| Ok(s.len()))?;
        if let Some(bytes) = replacement.cast::<Bytes>() {
            if bytes.len() % target.unit != 0 {
                return Err(self.raise(vm, target, s, error));
            }
            out.extend_from_slice(bytes.as_slice());
        } else if let Some(text) = replacement.cast::<Str>() {
            let before = out.len();
            if step(text.data(), 0, out).is_err() {
                out.truncate(before);
                return Err(self.raise(vm, target, s, error));
            }
        }
        Ok(next)
    }
}

/// A lone surrogate in an encoding that could hold it.
fn pass_surrogate(codec: TextCodec, c: u32, out: &mut Vec<u8>) {
    let big =
        |order: Option<Endian>| order.map_or(cfg!(target_endian = "big"), |o| o == Endian::Big);
    match codec {
        TextCodec::Utf16(order) if big(order) => out.extend_from_slice(&(c as u16).to_be_bytes()),
        TextCodec::Utf16(_) => out.extend_from_slice(&(c as u16).to_le_bytes()),
        TextCodec::Utf32(order) if big(order) => out.extend_from_slice(&c.to_be_bytes()),
        TextCodec::Utf32(_) => out.extend_from_slice(&c.to_le_bytes()),
        _ => out.extend_from_slice(&[
            0xE0 | (c >> 12) as u8,
            0x80 | (c >> 6 & 0x3F) as u8,
            0x80 | (c & 0x3F) as u8,
        ]),
    }
}

/// The surrogate at the start of `data` in an encoding that could hold it, and its length.
fn passed_surrogate(codec: TextCodec, data: &[u8]) -> Option<(u32, usize)> {
    let (c, len) = match (codec, data) {
        (TextCodec::Utf8, [a @ 0xE0..=0xEF, b @ 0x80..=0xBF, c @ 0x80..=0xBF, ..]) => (
            (u32::from(*a) & 15) << 12 | (u32::from(*b) & 63) << 6 | (u32::from(*c) & 63),
            3,
        ),
        (TextCodec::Utf16(Some(Endian::Big)), [a, b, ..]) => {
            (u16::from_be_bytes([*a, *b]).into(), 2)
        }
        (TextCodec::Utf16(_), [a, b, ..]) => (u16::from_le_bytes([*a, *b]).into(), 2),
        (TextCodec::Utf32(Some(Endian::Big)), [a, b, c, d, ..]) => {
            (u32::from_be_bytes([*a, *b, *c, *d]), 4)
        }
        (TextCodec::Utf32(_), [a, b, c, d, ..]) => (u32::from_le_bytes([*a, *b, *c, *d]), 4),
        _ => return None,
    };
    (0xD800..0xE000).contains(&c).then_some((c, len))
}

/// The handler of a decoder.
pub struct DecodeErrors<'a>(Handler<'a>);

impl<'a> DecodeErrors<'a> {
    /// By the handler's name.
    pub fn new(name: &'a str) -> DecodeErrors<'a> {
        DecodeErrors(Handler::new(name))
    }

    fn exception(
        &mut self,
        vm: &Vm,
        source: &DecodeSource,
        data: &[u8],
        error: CodecError,
    ) -> Result {
        let numbers = (vm.new_int(error.start as i64), vm.new_int(error.end as i64));
        let reason = vm.new_str(error.reason).value();
        if let Some(e) = self.0.exception {
            for (name, v) in [("start", numbers.0), ("end", numbers.1), ("reason", reason)] {
                vm.set_attr(e, vm.intern(name), Some(v))?;
            }
            return Ok(e);
        }
        let class = vm.exception_class(&exc::UNICODE_DECODE_ERROR).value();
        let data = vm.new_bytes(data)?.value();
        let e = vm.call(
            class,
            &[
                vm.new_str(source.name).value(),
                data,
                numbers.0,
                numbers.1,
                reason,
            ],
        )?;
        self.0.exception = Some(e);
        Ok(e)
    }

    #[cold]
    fn raise(&mut self, vm: &Vm, source: &DecodeSource, data: &[u8], error: CodecError) -> Raised {
        match self.exception(vm, source, data, error) {
            Ok(e) => vm.raise(e),
            Err(raised) => raised,
        }
    }

    /// Appends what stands for the bytes of an error; returns where to go on, and the
    /// input if the handler replaced it.
    pub fn handle(
        &mut self,
        vm: &Vm,
        source: &DecodeSource,
        data: &[u8],
        error: CodecError,
        out: &mut TextBuf,
    ) -> Result<(usize, Option<Vec<u8>>)> {
        let bad = &data[error.start..error.end];
        match self.0.standard {
            Some(Standard::Strict) => return Err(self.raise(vm, source, data, error)),
            Some(Standard::Ignore) => {}
            Some(Standard::Replace) => out.push(0xFFFD),
            Some(Standard::BackslashReplace) => {
                let mut text = String::new();
                bad.iter().for_each(|b| backslashed((*b).into(), &mut text));
                out.push_ascii(&text);
            }
            Some(Standard::XmlCharRefReplace | Standard::NameReplace) => {
                return Err(
                    vm.type_error("don't know how to handle UnicodeDecodeError in error callback")
                );
            }
            Some(Standard::SurrogateEscape) => {
                // At most four bytes at a time; ASCII is not escaped.
                let count = bad.iter().take(4).take_while(|b| **b >= 128).count();
                if count == 0 {
                    return Err(self.raise(vm, source, data, error));
                }
                out.extend(bad[..count].iter().map(|b| 0xDC00 + u32::from(*b)));
                return Ok((error.start + count, None));
            }
            Some(Standard::SurrogatePass) => {
                let passed = source
                    .codec
                    .and_then(|c| passed_surrogate(c, &data[error.start..]));
                let Some((c, len)) = passed else {
                    return Err(self.raise(vm, source, data, error));
                };
                out.push(c);
                return Ok((error.start + len, None));
            }
            None => {
                let exception = self.exception(vm, source, data, error)?;
                let object = |vm: &Vm| -> Result<Gc<Bytes>> {
                    match vm.get_attr_str(exception, "object")?.cast::<Bytes>() {
                        Some(b) => Ok(b),
                        None => Err(vm.type_error("exception attribute object must be bytes")),
                    }
                };
                let (replacement, next) = self
                    .0
                    .call(vm, exception, "decoding", |vm| Ok(object(vm)?.len()))?;
                if let Some(text) = replacement.cast::<Str>() {
                    out.push_text(text.data());
                }
                let input = object(vm)?;
                let changed = input.as_slice() != data;
                return Ok((next, changed.then(|| input.as_slice().to_vec())));
            }
        }
        Ok((error.end, None))
    }
}

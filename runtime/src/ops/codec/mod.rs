//! Encoding and decoding text: what `str.encode`, `bytes.decode` and the native
//! codec modules share.
//!
//! The codecs of the text crate stop at the first problem; here an error handler
//! (PEP 293) says what to put in its place and where to go on. The standard
//! handlers are native ([`handlers`]); any other is looked up in the registry of
//! the module `codecs`, and so is a codec that is not native.

pub mod handlers;

use crate::heap::Gc;
use crate::types::bytes::{ByteArray, Bytes};
use crate::types::str::{Str, StrData};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use handlers::{DecodeErrors, EncodeErrors};
use taipan_text::codecs::{self, CodecError, Endian};
use taipan_text::{TextBuf, with_units};

/// A codec known natively. The two wide ones without a byte order write a mark,
/// and read one if it is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextCodec {
    Utf8,
    Latin1,
    Ascii,
    Utf16(Option<Endian>),
    Utf32(Option<Endian>),
}

impl TextCodec {
    /// By the name of an encoding in any of its spellings; `None` for another codec.
    pub fn by_name(name: &str) -> Option<TextCodec> {
        match name {
            "utf-8" => return Some(TextCodec::Utf8),
            "ascii" => return Some(TextCodec::Ascii),
            "latin-1" => return Some(TextCodec::Latin1),
            "utf-16" => return Some(TextCodec::Utf16(None)),
            _ if name.len() > 16 => return None,
            _ => {}
        }
        let plain: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        Some(match plain.as_str() {
            "utf_8" | "utf8" => TextCodec::Utf8,
            "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" => TextCodec::Latin1,
            "ascii" | "us_ascii" => TextCodec::Ascii,
            "utf_16" | "utf16" => TextCodec::Utf16(None),
            "utf_16_le" | "utf_16le" => TextCodec::Utf16(Some(Endian::Little)),
            "utf_16_be" | "utf_16be" => TextCodec::Utf16(Some(Endian::Big)),
            "utf_32" | "utf32" => TextCodec::Utf32(None),
            "utf_32_le" | "utf_32le" => TextCodec::Utf32(Some(Endian::Little)),
            "utf_32_be" | "utf_32be" => TextCodec::Utf32(Some(Endian::Big)),
            _ => return None,
        })
    }

    /// The name in error messages.
    pub fn name(self) -> &'static str {
        match self {
            TextCodec::Utf8 => "utf-8",
            TextCodec::Latin1 => "latin-1",
            TextCodec::Ascii => "ascii",
            TextCodec::Utf16(None) => "utf-16",
            TextCodec::Utf16(Some(Endian::Little)) => "utf-16-le",
            TextCodec::Utf16(Some(Endian::Big)) => "utf-16-be",
            TextCodec::Utf32(None) => "utf-32",
            TextCodec::Utf32(Some(Endian::Little)) => "utf-32-le",
            TextCodec::Utf32(Some(Endian::Big)) => "utf-32-be",
        }
    }

    /// Bytes that every encoded piece is a multiple of.
    fn unit(self) -> usize {
        match self {
            TextCodec::Utf16(_) => 2,
            TextCodec::Utf32(_) => 4,
            _ => 1,
        }
    }

    fn encode(
        self,
        text: StrData<'_>,
        pos: usize,
        out: &mut Vec<u8>,
    ) -> std::result::Result<(), CodecError> {
        let native = |order: Option<Endian>| order.unwrap_or(NATIVE);
        with_units!(text, s => match self {
            TextCodec::Utf8 => codecs::encode_utf8(s, pos, out),
            TextCodec::Latin1 => codecs::encode_latin1(s, pos, out),
            TextCodec::Ascii => codecs::encode_ascii(s, pos, out),
            TextCodec::Utf16(order) => codecs::encode_utf16(s, pos, native(order), out),
            TextCodec::Utf32(order) => codecs::encode_utf32(s, pos, native(order), out),
        })
    }

    fn decode(self, data: &[u8], pos: usize, last: bool, out: &mut TextBuf) -> codecs::Decoded {
        match self {
            TextCodec::Utf8 => codecs::decode_utf8(data, pos, last, out),
            TextCodec::Latin1 => {
                codecs::decode_latin1(&data[pos..], out);
                Ok(data.len())
            }
            TextCodec::Ascii => codecs::decode_ascii(data, pos, out),
            TextCodec::Utf16(order) => {
                codecs::decode_utf16(data, pos, last, order.unwrap_or(NATIVE), out)
            }
            TextCodec::Utf32(order) => {
                codecs::decode_utf32(data, pos, last, order.unwrap_or(NATIVE), out)
            }
        }
    }
}

const NATIVE: Endian = if cfg!(target_endian = "little") {
    Endian::Little
} else {
    Endian::Big
};

/// Bytes decoded: the text, how many bytes it came from, and the byte order in use.
pub struct DecodedText {
    pub text: Gc<Str>,
    pub consumed: usize,
    /// As found in a byte order mark or given by the codec.
    pub order: Option<Endian>,
}

impl Vm {
    /// `s.encode(encoding, errors)`.
    pub fn encode_str(&self, s: Gc<Str>, encoding: &str, errors: &str) -> Result<Gc<Bytes>> {
        match TextCodec::by_name(encoding) {
            Some(codec) => self.encode_native(codec, s, errors),
            None => self.encode_by_registry(s, encoding, errors),
        }
    }

    /// Encodes by a native codec.
    pub fn encode_native(&self, codec: TextCodec, s: Gc<Str>, errors: &str) -> Result<Gc<Bytes>> {
        if let StrData::Latin1(d) = s.data()
            && (s.is_ascii() || codec == TextCodec::Latin1)
            && codec.unit() == 1
        {
            return self.new_bytes(d);
        }
        let mut out = Vec::with_capacity((s.len() + 1) * codec.unit());
        match codec {
            TextCodec::Utf16(None) => out.extend_from_slice(&0xFEFFu16.to_ne_bytes()),
            TextCodec::Utf32(None) => out.extend_from_slice(&0xFEFFu32.to_ne_bytes()),
            _ => {}
        }
        let target = EncodeTarget {
            name: codec.name(),
            unit: codec.unit(),
            codec: Some(codec),
        };
        self.encode_with(&target, s, errors, &mut out, |text, pos, out| {
            codec.encode(text, pos, out)
        })?;
        self.new_bytes(&out)
    }

    /// Encodes by `step`, which appends what it can from a position on, and runs the
    /// error handler where it stops.
    pub fn encode_with(
        &self,
        target: &EncodeTarget,
        s: Gc<Str>,
        errors: &str,
        out: &mut Vec<u8>,
        step: impl Fn(StrData<'_>, usize, &mut Vec<u8>) -> std::result::Result<(), CodecError>,
    ) -> Result<()> {
        let mut handler = EncodeErrors::new(errors);
        let mut pos = 0;
        while let Err(error) = step(s.data(), pos, out) {
            pos = handler.handle(self, target, s, error, out, &step)?;
        }
        Ok(())
    }

    /// `data.decode(encoding, errors)`.
    pub fn decode_bytes(&self, data: &[u8], encoding: &str, errors: &str) -> Result<Gc<Str>> {
        if data.is_empty() {
            return Ok(self.names.empty.get());
        }
        match TextCodec::by_name(encoding) {
            Some(codec) => Ok(self.decode_native(codec, data, errors, true)?.text),
            None => self.decode_by_registry(data, encoding, errors),
        }
    }

    /// Decodes by a native codec. Unless `last`, an incomplete sequence at the end is left alone.
    pub fn decode_native(
        &self,
        codec: TextCodec,
        data: &[u8],
        errors: &str,
        last: bool,
    ) -> Result<DecodedText> {
        if data.is_ascii()
            && matches!(
                codec,
                TextCodec::Utf8 | TextCodec::Ascii | TextCodec::Latin1
            )
        {
            let text = self.try_new_str_latin1(data, true)?;
            return Ok(DecodedText {
                text,
                consumed: data.len(),
                order: None,
            });
        }
        if codec == TextCodec::Latin1 {
            let text = self.try_new_str_latin1(data, false)?;
            return Ok(DecodedText {
                text,
                consumed: data.len(),
                order: None,
            });
        }
        let (mark, start) = match codec {
            TextCodec::Utf16(None) => (codecs::utf16_mark(data), 2),
            TextCodec::Utf32(None) => (codecs::utf32_mark(data), 4),
            _ => (None, 0),
        };
        let start = if mark.is_some() { start } else { 0 };
        // Errors name the byte order in use.
        let (codec, order) = match codec {
            TextCodec::Utf16(order) => (
                TextCodec::Utf16(order.or(mark).or(Some(NATIVE))),
                order.or(mark),
            ),
            TextCodec::Utf32(order) => (
                TextCodec::Utf32(order.or(mark).or(Some(NATIVE))),
                order.or(mark),
            ),
            other => (other, None),
        };
        let source = DecodeSource {
            name: codec.name(),
            codec: Some(codec),
            start,
        };
        let mut out = TextBuf::with_capacity(data.len() / codec.unit());
        let consumed = self.decode_with(&source, data, errors, &mut out, |data, pos, out| {
            codec.decode(data, pos, last, out)
        })?;
        Ok(DecodedText {
            text: self.str_from_text(out.finish())?,
            consumed,
            order,
        })
    }

    /// Decodes by `step`, which appends what it can from a position on, and runs the
    /// error handler where it stops. Returns how many bytes were used.
    pub fn decode_with(
        &self,
        source: &DecodeSource,
        data: &[u8],
        errors: &str,
        out: &mut TextBuf,
        mut step: impl FnMut(&[u8], usize, &mut TextBuf) -> codecs::Decoded,
    ) -> Result<usize> {
        let mut handler = DecodeErrors::new(errors);
        let mut pos = source.start;
        // A handler may replace the input.
        let mut replaced: Option<Vec<u8>> = None;
        loop {
            let data = replaced.as_deref().unwrap_or(data);
            match step(data, pos, out) {
                Ok(consumed) => return Ok(consumed),
                Err(error) => {
                    let (next, new_data) = handler.handle(self, source, data, error, out)?;
                    pos = next;
                    if new_data.is_some() {
                        replaced = new_data;
                    }
                }
            }
        }
    }

    /// The registry's entry for a text encoding; LookupError if it is none.
    fn text_codec(&self, encoding: &str, command: &str) -> Result {
        let lookup = self.import_attr("_codecs", "lookup")?;
        let info = self.call(lookup, &[self.new_str(encoding).value()])?;
        if info
            .cast::<Tuple>()
            .is_some_and(|t| t.class() != self.types.tuple.get())
        {
            let flag = self.find_attr(info, self.intern("_is_text_encoding"))?;
            if let Some(flag) = flag
                && !self.truth(flag)?
            {
                return Err(self.lookup_error(format!(
                    "'{encoding}' is not a text encoding; use {command} to handle arbitrary codecs"
                )));
            }
        }
        Ok(info)
    }

    /// Calls one of a registry entry's functions, which return (result, length).
    fn run_codec(
        &self,
        info: Value,
        encodes: bool,
        encoding: &str,
        input: Value,
        errors: &str,
    ) -> Result {
        let (index, noun, verb) = match encodes {
            true => (0, "encoding", "encoder"),
            false => (1, "decoding", "decoder"),
        };
        let function = self.get_item(info, self.new_int(index))?;
        let result = self
            .call(function, &[input, self.new_str(errors).value()])
            .map_err(|raised| {
                self.note_raised(raised, &format!("{noun} with '{encoding}' codec failed"))
            })?;
        match result.cast::<Tuple>() {
            Some(t) if t.len() == 2 => Ok(t.get(0)),
            _ => Err(self.type_error(format!("{verb} must return a tuple (object, integer)"))),
        }
    }

    fn encode_by_registry(&self, s: Gc<Str>, encoding: &str, errors: &str) -> Result<Gc<Bytes>> {
        let info = self.text_codec(encoding, "codecs.encode()")?;
        let result = self.run_codec(info, true, encoding, s.value(), errors)?;
        if let Some(bytes) = result.cast::<Bytes>() {
            return Ok(bytes);
        }
        if let Some(array) = result.cast::<ByteArray>() {
            self.warn(
                &crate::types::exception::classes::RUNTIME_WARNING,
                &format!(
                    "encoder {encoding} returned bytearray instead of bytes; use codecs.encode() to encode to \
                     arbitrary types"
                ),
                1,
            )?;
            return self.new_bytes(array.as_slice());
        }
        let got = self.type_name(result);
        Err(self.type_error(format!(
            "'{encoding}' encoder returned '{got}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
        )))
    }

    fn decode_by_registry(&self, data: &[u8], encoding: &str, errors: &str) -> Result<Gc<Str>> {
        let info = self.text_codec(encoding, "codecs.decode()")?;
        let input = self.new_bytes(data)?.value();
        let result = self.run_codec(info, false, encoding, input, errors)?;
        match result.cast::<Str>() {
            Some(s) => Ok(s),
            None => {
                let got = self.type_name(result);
                Err(self.type_error(format!(
                    "'{encoding}' decoder returned '{got}' instead of 'str'; use codecs.decode() to decode to \
                     arbitrary types"
                )))
            }
        }
    }
}

/// What an encoder is, for error handlers.
pub struct EncodeTarget {
    /// The name in exceptions.
    pub name: &'static str,
    /// Replacement bytes must be a multiple of this many.
    pub unit: usize,
    /// The native codec, which `surrogatepass` needs to know.
    pub codec: Option<TextCodec>,
}

/// What a decoder is, for error handlers.
pub struct DecodeSource {
    /// The name in exceptions.
    pub name: &'static str,
    /// The native codec, which `surrogatepass` needs to know.
    pub codec: Option<TextCodec>,
    /// Where decoding starts: after a byte order mark.
    pub start: usize,
}

//! `TextIOWrapper`: text over a binary stream. The encodings that matter (UTF-8,
//! ASCII, Latin-1) are coded here directly; for any other the incremental
//! encoder and decoder of the module `codecs` are called.

mod methods;
mod read;
mod seek;
mod write;

pub use methods::TEXT_IO_WRAPPER;

use super::buffered::{BUFFERED_RANDOM, BUFFERED_READER, BUFFERED_WRITER, Buffered};
use super::newline::{Newlines, split_state};
use super::open::{locale_encoding, warn_default};
use std::cell::{Cell, RefCell};
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind};
use taipan_runtime::heap_object;
use taipan_runtime::ops::codec::TextCodec;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A text stream.
#[repr(C)]
pub struct TextIo {
    pub header: Header,
    buffer: Field,
    /// The buffer is exactly one of the buffered classes, which is used without method calls.
    plain: Cell<bool>,
    encoding: Field,
    errors: Field,
    errors_text: RefCell<String>,
    /// The codec, if it is one of those coded here.
    native: Cell<Option<TextCodec>>,
    /// Of the module `codecs`, for other encodings.
    encoder: Field,
    decoder: Field,
    encodes: Cell<bool>,
    decodes: Cell<bool>,
    /// Bytes of an incomplete character at the end of the last chunk.
    leftover: RefCell<Vec<u8>>,
    newlines: Newlines,
    universal: Cell<bool>,
    /// The argument `newline`, if not None.
    newline: GcField<Str>,
    line_buffering: Cell<bool>,
    write_through: Cell<bool>,
    seekable: Cell<bool>,
    telling: Cell<bool>,
    has_read1: Cell<bool>,
    ready: Cell<bool>,
    detached: Cell<bool>,
    finalizing: Cell<bool>,
    /// Encoded, not yet written to the buffer.
    pending: RefCell<Vec<u8>>,
    /// Text read ahead, of which `used` code points were given out.
    decoded: GcField<Str>,
    used: Cell<usize>,
    /// The decoder's flags before the last chunk, and what went into it since.
    snapshot: RefCell<Option<(i64, Vec<u8>)>>,
    /// Bytes for each character of the last chunk.
    ratio: Cell<f64>,
    chunk: Cell<usize>,
}

heap_object!(
    TextIo,
    "TextIOWrapper",
    Kind::Other,
    |this, marker| {
        marker.field(&this.buffer);
        marker.field(&this.encoding);
        marker.field(&this.errors);
        marker.field(&this.encoder);
        marker.field(&this.decoder);
        marker.gc_field(&this.newline);
        marker.gc_field(&this.decoded);
    },
    drop
);

impl TextIo {
    /// The buffer below, if text waits to be written to it.
    pub(super) fn unwritten_buffer(&self) -> Option<Value> {
        let waits = self.pending.try_borrow().is_ok_and(|p| !p.is_empty());
        self.buffer.get().filter(|_| waits)
    }

    fn empty() -> TextIo {
        TextIo {
            header: Header::empty(),
            buffer: Field::empty(),
            plain: Cell::new(false),
            encoding: Field::empty(),
            errors: Field::empty(),
            errors_text: RefCell::default(),
            native: Cell::new(None),
            encoder: Field::empty(),
            decoder: Field::empty(),
            encodes: Cell::new(false),
            decodes: Cell::new(false),
            leftover: RefCell::default(),
            newlines: Newlines::default(),
            universal: Cell::new(false),
            newline: GcField::empty(),
            line_buffering: Cell::new(false),
            write_through: Cell::new(false),
            seekable: Cell::new(false),
            telling: Cell::new(false),
            has_read1: Cell::new(false),
            ready: Cell::new(false),
            detached: Cell::new(false),
            finalizing: Cell::new(false),
            pending: RefCell::default(),
            decoded: GcField::empty(),
            used: Cell::new(0),
            snapshot: RefCell::default(),
            ratio: Cell::new(0.0),
            chunk: Cell::new(8192),
        }
    }

    /// The binary stream; ValueError if there is none.
    fn buffer(&self, vm: &Vm) -> Result {
        if !self.ready.get() {
            return Err(vm.value_error(if self.detached.get() {
                "underlying buffer has been detached"
            } else {
                "I/O operation on uninitialized object"
            }));
        }
        Ok(self.buffer.or_none())
    }

    fn stream(&self) -> Option<Gc<Buffered>> {
        if self.plain.get() {
            self.buffer.get()?.cast()
        } else {
            None
        }
    }

    fn check_open(&self, vm: &Vm) -> Result<()> {
        let buffer = self.buffer(vm)?;
        let closed = match self.stream() {
            Some(stream) => stream.is_closed(vm)?,
            None => super::is_closed(vm, buffer)?,
        };
        if closed {
            return Err(vm.value_error("I/O operation on closed file."));
        }
        Ok(())
    }

    fn drop_decoded(&self) {
        self.decoded.clear();
        self.used.set(0);
    }

    /// Decodes a chunk.
    fn decode(&self, vm: &Vm, input: &[u8], last: bool) -> Result<Gc<Str>> {
        let text = match self.native.get() {
            Some(codec) => {
                let errors = self.errors_text.borrow().clone();
                let mut whole = self.leftover.take();
                let data = if whole.is_empty() {
                    input
                } else {
                    whole.extend_from_slice(input);
                    &whole
                };
                let decoded = vm.decode_native(codec, data, &errors, last)?;
                *self.leftover.borrow_mut() = data[decoded.consumed..].to_vec();
                decoded.text
            }
            None => {
                let bytes = vm.new_bytes(input)?.value();
                let text = vm.call_method(
                    self.decoder.or_none(),
                    "decode",
                    &[bytes, Value::bool(last)],
                )?;
                match text.cast::<Str>() {
                    Some(text) => text,
                    None => {
                        let got = vm.type_name(text);
                        return Err(vm.type_error(format!(
                            "decoder should return a string result, not '{got}'"
                        )));
                    }
                }
            }
        };
        if self.universal.get() {
            self.newlines.feed(vm, text, last)
        } else {
            Ok(text)
        }
    }

    /// The decoder's state: undecoded bytes, and flags.
    fn decoder_state(&self, vm: &Vm) -> Result<(Vec<u8>, i64)> {
        let (bytes, flags) = match self.native.get() {
            Some(_) => (self.leftover.borrow().clone(), 0),
            None => {
                let state = vm.call_method(self.decoder.or_none(), "getstate", &[])?;
                let (bytes, flags) = split_state(vm, state)?;
                let bytes = vm.bytes_like(bytes)?.contiguous_bytes().into_owned();
                (bytes, vm.to_i64(flags)?)
            }
        };
        Ok(if self.universal.get() {
            (
                bytes,
                flags << 1 | i64::from(self.newlines.pending_cr.get()),
            )
        } else {
            (bytes, flags)
        })
    }

    fn set_decoder_state(&self, vm: &Vm, bytes: &[u8], flags: i64) -> Result<()> {
        let mut flags = flags;
        if self.universal.get() {
            self.newlines.pending_cr.set(flags & 1 != 0);
            flags >>= 1;
        }
        match self.native.get() {
            Some(_) => *self.leftover.borrow_mut() = bytes.to_vec(),
            None => {
                let state = vm.pair(vm.new_bytes(bytes)?.value(), vm.new_int(flags))?;
                vm.call_method(self.decoder.or_none(), "setstate", &[state])?;
            }
        }
        Ok(())
    }

    fn reset_decoder(&self, vm: &Vm) -> Result<()> {
        self.newlines.reset();
        match self.native.get() {
            Some(_) => self.leftover.borrow_mut().clear(),
            None if self.decodes.get() => {
                vm.call_method(self.decoder.or_none(), "reset", &[])?;
            }
            None => {}
        }
        Ok(())
    }

    /// Starts the encoder at the beginning of the stream, or elsewhere.
    fn reset_encoder(&self, vm: &Vm, at_start: bool) -> Result<()> {
        if self.native.get().is_some() || !self.encodes.get() {
            return Ok(());
        }
        if at_start {
            vm.call_method(self.encoder.or_none(), "reset", &[])?;
        } else {
            vm.call_method(self.encoder.or_none(), "setstate", &[vm.new_int(0)])?;
        }
        Ok(())
    }

    /// What to write for `\n`, if not that.
    fn write_newline(&self) -> Option<&'static str> {
        match self.newline.get() {
            Some(n) if n.is_text("\r") => Some("\r"),
            Some(n) if n.is_text("\r\n") => Some("\r\n"),
            _ => None,
        }
    }
}

/// Finds the codec of an encoding and makes what codes by it.
fn set_codec(vm: &Vm, this: Gc<TextIo>, encoding: Gc<Str>, errors: Gc<Str>) -> Result<()> {
    let name = encoding.to_text();
    if name.contains('\0') {
        return Err(vm.value_error("embedded null character"));
    }
    let native = TextCodec::by_name(&name)
        .filter(|c| matches!(c, TextCodec::Utf8 | TextCodec::Ascii | TextCodec::Latin1));
    this.native.set(native);
    this.encoding.set(&this.header, encoding.value());
    this.errors.set(&this.header, errors.value());
    *this.errors_text.borrow_mut() = errors.to_text();
    let buffer = this.buffer.or_none();
    let asks = |question: &str| -> Result<bool> {
        let answer = vm.call_method(buffer, question, &[])?;
        vm.truth(answer)
    };
    let info = if native.is_some() {
        None
    } else {
        let info = vm.call(vm.import_attr("_codecs", "lookup")?, &[encoding.value()])?;
        if let Some(flag) = vm.find_attr(info, vm.intern("_is_text_encoding"))?
            && !vm.truth(flag)?
        {
            return Err(vm.lookup_error(format!(
                "'{name}' is not a text encoding; use codecs.open() to handle arbitrary codecs"
            )));
        }
        Some(info)
    };
    this.decodes.set(asks("readable")?);
    this.leftover.borrow_mut().clear();
    this.newlines.reset();
    if let Some(info) = info
        && this.decodes.get()
    {
        let decoder = vm.call_method(info, "incrementaldecoder", &[errors.value()])?;
        this.decoder.set(&this.header, decoder);
    }
    this.encodes.set(asks("writable")?);
    if let Some(info) = info
        && this.encodes.get()
    {
        let encoder = vm.call_method(info, "incrementalencoder", &[errors.value()])?;
        this.encoder.set(&this.header, encoder);
    }
    Ok(())
}

fn text_option(vm: &Vm, v: Value, name: &str) -> Result<Option<Gc<Str>>> {
    match v.given_not_none() {
        None => Ok(None),
        Some(v) => match v.cast::<Str>() {
            Some(s) => Ok(Some(s)),
            None => {
                let got = vm.type_name(v);
                Err(vm.type_error(format!(
                    "TextIOWrapper() argument '{name}' must be str or None, not {got}"
                )))
            }
        },
    }
}

/// Sets how line ends are treated.
fn set_newline(vm: &Vm, this: Gc<TextIo>, newline: Option<Gc<Str>>) -> Result<()> {
    if let Some(n) = newline
        && !["", "\n", "\r", "\r\n"].iter().any(|t| n.is_text(t))
    {
        let shown = vm.repr_text(n.value())?;
        return Err(vm.value_error(format!("illegal newline value: {shown}")));
    }
    match newline {
        Some(n) => this.newline.set(&this.header, n),
        None => this.newline.clear(),
    }
    this.universal.set(newline.is_none_or(|n| n.is_empty()));
    this.newlines.translate.set(newline.is_none());
    Ok(())
}

fn init(vm: &Vm, args: &[Value]) -> Result {
    let this = taipan_runtime::types::protocol::this::<TextIo>(args[0]);
    this.ready.set(false);
    this.detached.set(false);
    let buffer = args[1];
    let encoding = text_option(vm, args[2], "encoding")?;
    let errors = match args[3].given_not_none() {
        None => vm.intern("strict"),
        Some(v) => match v.cast::<Str>() {
            Some(s) => s,
            None => {
                let got = vm.type_name(v);
                return Err(vm.type_error(format!(
                    "TextIOWrapper() argument 'errors' must be str or None, not {got}"
                )));
            }
        },
    };
    let newline = text_option(vm, args[4], "newline")?;
    let flag = |v: Value| v.given().map_or(Ok(false), |v| vm.truth(v));
    set_newline(vm, this, newline)?;
    let encoding = match encoding {
        None => {
            warn_default(vm, 1)?;
            vm.new_str(&locale_encoding(vm))
        }
        Some(e) if e.is_text("locale") => vm.new_str(&locale_encoding(vm)),
        Some(e) => e,
    };
    this.line_buffering.set(flag(args[5])?);
    this.write_through.set(flag(args[6])?);
    this.buffer.set(&this.header, buffer);
    let class = vm.class_of(buffer);
    let mut plain = false;
    for def in [&BUFFERED_READER, &BUFFERED_WRITER, &BUFFERED_RANDOM] {
        plain |= class == vm.class_of_def(def)?;
    }
    this.plain.set(plain);
    this.pending.borrow_mut().clear();
    this.drop_decoded();
    *this.snapshot.borrow_mut() = None;
    this.ratio.set(0.0);
    this.chunk.set(8192);
    set_codec(vm, this, encoding, errors)?;
    let seekable = vm.call_method(buffer, "seekable", &[])?;
    let seekable = vm.truth(seekable)?;
    this.seekable.set(seekable);
    this.telling.set(seekable);
    this.has_read1
        .set(vm.find_attr(buffer, vm.intern("read1"))?.is_some());
    if seekable && this.encodes.get() && this.native.get().is_none() {
        let at = vm.call_method(buffer, "tell", &[])?;
        if vm.truth(at)? {
            this.reset_encoder(vm, false)?;
        }
    }
    this.ready.set(true);
    if this.encodes.get() {
        super::unclosed::register(vm, args[0])?;
    }
    Ok(Value::NONE)
}

/// Whether the pending exception says that an attribute or operation is not there.
fn is_value_error(vm: &Vm) -> bool {
    vm.raised_is_def(&exc::VALUE_ERROR)
}

//! Universal newlines: the translation of `\r` and `\r\n`, kept correct across
//! the borders of chunks, and `IncrementalNewlineDecoder`, which is that as an object.

use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::{Str, StrData};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::{TextBuf, with_units};

const CR: u8 = 1;
const LF: u8 = 2;
const CRLF: u8 = 4;

/// What universal newlines must remember between chunks.
#[derive(Default)]
pub struct Newlines {
    /// Whether line ends become `\n`.
    pub translate: Cell<bool>,
    /// A `\r` held back, as a `\n` may follow.
    pub pending_cr: Cell<bool>,
    seen: Cell<u8>,
}

impl Newlines {
    /// Forgets everything.
    pub fn reset(&self) {
        self.pending_cr.set(false);
        self.seen.set(0);
    }

    /// Notes line ends in `text` and translates them if asked to.
    pub fn feed(&self, vm: &Vm, text: Gc<Str>, last: bool) -> Result<Gc<Str>> {
        let mut text = text;
        if self.pending_cr.get() && (last || !text.is_empty()) {
            text = vm.str_concat(vm.str_of_byte(b'\r'), text)?;
            self.pending_cr.set(false);
        }
        if !last && !text.is_empty() && text.char_at(text.len() - 1) == 13 {
            text = vm.substring(text, 0, text.len() - 1)?;
            self.pending_cr.set(true);
        }
        let has = |c: u8| match text.data() {
            StrData::Latin1(d) => memchr::memchr(c, d).is_some(),
            StrData::Ucs2(d) => d.contains(&u16::from(c)),
            StrData::Ucs4(d) => d.contains(&u32::from(c)),
        };
        if !has(b'\r') {
            if self.seen.get() & LF == 0 && has(b'\n') {
                self.seen.set(self.seen.get() | LF);
            }
            return Ok(text);
        }
        let mut out = TextBuf::with_capacity(text.len());
        let mut seen = self.seen.get();
        let translate = self.translate.get();
        with_units!(text.data(), s => {
            let mut i = 0;
            while i < s.len() {
                let c = text.data().at(i);
                i += 1;
                if c == 13 {
                    if i < s.len() && text.data().at(i) == 10 {
                        i += 1;
                        seen |= CRLF;
                    } else {
                        seen |= CR;
                    }
                    out.push(10);
                } else {
                    if c == 10 {
                        seen |= LF;
                    }
                    out.push(c);
                }
            }
        });
        self.seen.set(seen);
        if translate {
            vm.str_from_text(out.finish())
        } else {
            Ok(text)
        }
    }

    /// The attribute `newlines`.
    pub fn seen(&self, vm: &Vm) -> Result {
        let s = |t: &str| vm.new_str(t).value();
        let all = [(CR, "\r"), (LF, "\n"), (CRLF, "\r\n")];
        let seen: Vec<Value> = all
            .iter()
            .filter(|(bit, _)| self.seen.get() & bit != 0)
            .map(|(_, t)| s(t))
            .collect();
        Ok(match seen.len() {
            0 => Value::NONE,
            1 => seen[0],
            _ => vm.new_tuple(&seen)?.value(),
        })
    }
}

/// See the module's description.
#[repr(C)]
pub struct NewlineDecoder {
    pub header: Header,
    decoder: Field,
    errors: Field,
    newlines: Newlines,
}

heap_object!(
    NewlineDecoder,
    "IncrementalNewlineDecoder",
    Kind::Other,
    |this, marker| {
        marker.field(&this.decoder);
        marker.field(&this.errors);
    }
);

fn decoder(vm: &Vm, args: &[Value]) -> Result<(Gc<NewlineDecoder>, Value)> {
    let this = this::<NewlineDecoder>(args[0]);
    match this.decoder.get() {
        Some(d) => Ok((this, d)),
        None => Err(vm.value_error("IncrementalNewlineDecoder.__init__() not called")),
    }
}

fn init(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<NewlineDecoder>(args[0]);
    this.decoder.set(&this.header, args[1]);
    this.newlines.translate.set(vm.truth(args[2])?);
    this.newlines.reset();
    let errors = args[3]
        .given()
        .unwrap_or_else(|| vm.new_str("strict").value());
    this.errors.set(&this.header, errors);
    Ok(Value::NONE)
}

fn decode(vm: &Vm, args: &[Value]) -> Result {
    let (this, inner) = decoder(vm, args)?;
    let last = args[2].given().map_or(Ok(false), |v| vm.truth(v))?;
    let text = if inner.is_none() {
        args[1]
    } else {
        vm.call_method(inner, "decode", &[args[1], Value::bool(last)])?
    };
    let Some(text) = text.cast::<Str>() else {
        let got = vm.type_name(text);
        return Err(vm.type_error(format!(
            "decoder should return a string result, not '{got}'"
        )));
    };
    Ok(this.newlines.feed(vm, text, last)?.value())
}

/// The parts of a decoder's state.
pub fn split_state(vm: &Vm, state: Value) -> Result<(Value, Value)> {
    match state.cast::<Tuple>() {
        Some(t) if t.len() == 2 => Ok((t.get(0), t.get(1))),
        Some(_) => Err(vm.type_error("illegal decoder state")),
        None => Err(vm.type_error("state argument must be a tuple")),
    }
}

fn getstate(vm: &Vm, args: &[Value]) -> Result {
    let (this, inner) = decoder(vm, args)?;
    let (buffer, flag) = if inner.is_none() {
        (vm.new_bytes(&[])?.value(), 0)
    } else {
        let state = vm.call_method(inner, "getstate", &[])?;
        let (buffer, flag) = match state.cast::<Tuple>() {
            Some(t) if t.len() == 2 && t.get(0).cast::<Bytes>().is_some() => (t.get(0), t.get(1)),
            _ => return Err(vm.type_error("illegal decoder state")),
        };
        (buffer, vm.to_i64(flag)?)
    };
    let flag = flag << 1 | i64::from(this.newlines.pending_cr.get());
    vm.pair(buffer, vm.new_int(flag))
}

fn setstate(vm: &Vm, args: &[Value]) -> Result {
    let (this, inner) = decoder(vm, args)?;
    let (buffer, flag) = split_state(vm, args[1])?;
    let flag = vm.to_i64(flag)?;
    this.newlines.pending_cr.set(flag & 1 != 0);
    if !inner.is_none() {
        let state = vm.pair(buffer, vm.new_int(flag >> 1))?;
        vm.call_method(inner, "setstate", &[state])?;
    }
    Ok(Value::NONE)
}

fn reset(vm: &Vm, args: &[Value]) -> Result {
    let (this, inner) = decoder(vm, args)?;
    this.newlines.reset();
    if !inner.is_none() {
        vm.call_method(inner, "reset", &[])?;
    }
    Ok(Value::NONE)
}

/// `IncrementalNewlineDecoder`.
pub static NEWLINE_DECODER: TypeDef = TypeDef {
    module: "_io",
    doc: "Codec used when reading a file in universal newlines mode.\n\nIt wraps another incremental decoder, translating \\r\\n and \\r into \\n.\nIt also records the types of newlines encountered.  When used with\ntranslate=False, it ensures that the newline sequence is returned in\none piece. When used with decoder=None, it expects unicode strings as\ndecode input and translates newlines without first invoking an external\ndecoder.",
    subclassable: true,
    methods: &[
        slots::new(|vm, args, _| {
            let class = class_argument(vm, args, vm.class_of_def(&NEWLINE_DECODER)?)?;
            let object = NewlineDecoder {
                header: Header::empty(),
                decoder: Field::empty(),
                errors: Field::empty(),
                newlines: Newlines::default(),
            };
            Ok(vm.heap.alloc(class.root_shape.get(), object).value())
        }),
        MethodDef::new(
            "__init__",
            "(self, /, decoder, translate, errors='strict')",
            "",
            init,
        ),
        MethodDef::new("decode", "(self, /, input, final=False)", "", decode),
        MethodDef::new("getstate", "(self, /)", "", getstate),
        MethodDef::new("setstate", "(self, state, /)", "", setstate),
        MethodDef::new("reset", "(self, /)", "", reset),
    ],
    getset: &[GetSetDef {
        name: "newlines",
        doc: "",
        get: |vm, v| this::<NewlineDecoder>(v).newlines.seen(vm),
        set: None,
    }],
    ..TypeDef::new(
        "IncrementalNewlineDecoder",
        <NewlineDecoder as Object>::LAYOUT,
    )
};

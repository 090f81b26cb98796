//! Making bytes from other things: `bytes(...)`, `bytearray(...)`, `fromhex`, and
//! the arguments that stand for bytes.

use super::{ByteArray, Bytes, data_of};
use crate::heap::Gc;
use crate::object::Special;
use crate::ops::buffer::ByteSlice;
use crate::types::exception::classes as exc;
use crate::types::int::IntRef;
use crate::types::list::List;
use crate::types::str::{Str, codec_arg};
use crate::types::support::{new_shape, receiver, repeat_arg};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::ops::Deref;

/// One byte from an integer; ValueError with `message` out of range.
fn byte(vm: &Vm, v: Value, message: &str) -> Result<u8> {
    let i = match v.as_int() {
        Some(i) => i,
        None => match vm.index(v)?.as_int_ref() {
            Some(IntRef::Small(i)) => i,
            _ => -1,
        },
    };
    u8::try_from(i).map_err(|_| vm.value_error(message))
}

/// A byte argument of a method.
pub(super) fn byte_arg(vm: &Vm, v: Value) -> Result<u8> {
    byte(vm, v, "byte must be in range(0, 256)")
}

/// What to look for: a byte, or bytes.
pub(super) enum Needle<'vm> {
    Byte([u8; 1]),
    Bytes(ByteSlice<'vm>),
}

impl<'vm> Needle<'vm> {
    /// From an integer or a bytes-like object.
    pub(super) fn new(vm: &'vm Vm, v: Value) -> Result<Needle<'vm>> {
        if vm.supports_buffer(v) {
            return Ok(Needle::Bytes(vm.byte_slice(v)?));
        }
        if v.as_int_ref().is_none() && vm.class_of(v).special(Special::Index).is_none() {
            let got = vm.type_name(v);
            return Err(vm.type_error(format!(
                "argument should be integer or bytes-like object, not '{got}'"
            )));
        }
        Ok(Needle::Byte([byte_arg(vm, v)?]))
    }
}

impl Deref for Needle<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Needle::Byte(b) => b,
            Needle::Bytes(view) => view,
        }
    }
}

impl Vm {
    /// The bytes of a list, tuple or iterable of integers; `kind` words errors.
    pub(super) fn bytes_from_iterable(&self, v: Value, kind: Kind) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        if let Some(list) = v
            .cast::<List>()
            .filter(|l| l.class() == self.types.list.get())
        {
            out.reserve(list.len());
            let mut i = 0;
            while let Some(item) = list.get(i) {
                out.push(byte(self, item, kind.out_of_range())?);
                i += 1;
            }
            return Ok(out);
        }
        if let Some(tuple) = v
            .cast::<Tuple>()
            .filter(|t| t.class() == self.types.tuple.get())
        {
            for &item in tuple.as_slice() {
                out.push(byte(self, item, kind.out_of_range())?);
            }
            return Ok(out);
        }
        let iterable = {
            let class = self.class_of(v);
            class.special(Special::Iter).is_some_and(|f| !f.is_none())
                || class.special(Special::GetItem).is_some()
        };
        let iterator = if !iterable || v.cast::<Str>().is_some() {
            None
        } else {
            let iterator = self.iter(v);
            self.catch(iterator, &exc::TYPE_ERROR)?
        };
        let Some(iterator) = iterator else {
            let got = self.type_name(v);
            return Err(
                self.type_error(format!("cannot convert '{got}' object to {}", kind.name()))
            );
        };
        let hint = self.length_hint(v, 0)?;
        if out.try_reserve(hint).is_err() {
            return Err(self.memory_error());
        }
        while let Some(item) = self.next(iterator)? {
            out.push(byte(self, item, kind.out_of_range())?);
        }
        Ok(out)
    }

    /// As C code converts an object to bytes: `__bytes__`, lent memory, or an
    /// iterable of integers.
    pub fn bytes_from_object(&self, v: Value) -> Result<Gc<Bytes>> {
        if let Some(b) = v
            .cast::<Bytes>()
            .filter(|b| b.class() == self.types.bytes.get())
        {
            return Ok(b);
        }
        if let Some(b) = self.by_dunder_bytes(v)? {
            return Ok(b);
        }
        self.bytes_from_data(v)
    }

    /// What `__bytes__` gives, if the object's class has it.
    pub fn by_dunder_bytes(&self, v: Value) -> Result<Option<Gc<Bytes>>> {
        let Some(result) = self.call_if_defined(v, Special::Bytes, &[])? else {
            return Ok(None);
        };
        match result.cast::<Bytes>() {
            Some(b) => Ok(Some(b)),
            None => {
                let got = self.type_name(result);
                Err(self.type_error(format!("__bytes__ returned non-bytes (type {got})")))
            }
        }
    }

    fn bytes_from_data(&self, v: Value) -> Result<Gc<Bytes>> {
        if self.supports_buffer(v) {
            let view = self.get_buffer(v, false)?;
            return self.new_bytes(&view.contiguous_bytes());
        }
        let data = self.bytes_from_iterable(v, Kind::Bytes)?;
        self.new_bytes(&data)
    }
}

/// Which of the two types is being made: their errors differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bytes,
    ByteArray,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Bytes => "bytes",
            Kind::ByteArray => "bytearray",
        }
    }

    fn out_of_range(self) -> &'static str {
        match self {
            Kind::Bytes => "bytes must be in range(0, 256)",
            Kind::ByteArray => "byte must be in range(0, 256)",
        }
    }
}

/// What a constructor's arguments ask for, unless an object's own bytes.
enum Source {
    Bytes(Gc<Bytes>),
    Zeros(usize),
    Object(Value),
}

fn source(vm: &Vm, args: &[Value], kind: Kind) -> Result<Source> {
    let encoding = codec_arg(vm, args[2], kind.name(), "encoding")?;
    let errors = codec_arg(vm, args[3], kind.name(), "errors")?;
    let Some(v) = args[1].given() else {
        return match (encoding, errors) {
            (Some(_), _) => Err(vm.type_error("encoding without a string argument")),
            (_, Some(_)) => Err(vm.type_error("errors without a string argument")),
            _ => Ok(Source::Zeros(0)),
        };
    };
    let text = v.cast::<Str>();
    match (text, &encoding, &errors) {
        (Some(s), Some(encoding), _) => {
            let bytes = vm.encode_str(s, encoding, errors.as_deref().unwrap_or("strict"))?;
            return Ok(Source::Bytes(bytes));
        }
        (Some(_), None, Some(_)) => {
            return Err(vm.type_error("string argument without an encoding"));
        }
        (Some(_), None, None) if kind == Kind::ByteArray => {
            return Err(vm.type_error("string argument without an encoding"));
        }
        (None, Some(_), _) => return Err(vm.type_error("encoding without a string argument")),
        (None, None, Some(_)) => return Err(vm.type_error("errors without a string argument")),
        _ => {}
    }
    if kind == Kind::Bytes {
        if let Some(b) = v
            .cast::<Bytes>()
            .filter(|b| b.class() == vm.types.bytes.get())
        {
            return Ok(Source::Bytes(b));
        }
        if let Some(b) = vm.by_dunder_bytes(v)? {
            return Ok(Source::Bytes(b));
        }
        if text.is_some() {
            return Err(vm.type_error("string argument without an encoding"));
        }
    }
    if v.as_int_ref().is_some()
        || vm
            .class_of(v)
            .special(Special::Index)
            .is_some_and(|f| !f.is_none())
    {
        let negative = |i: Value| i.as_int_ref().is_some_and(IntRef::is_negative);
        let index = vm.index(v);
        if let Some(i) = vm.catch(index, &exc::TYPE_ERROR)? {
            let count = repeat_arg(vm, i)?;
            if negative(i) {
                return Err(vm.value_error("negative count"));
            }
            return Ok(Source::Zeros(count));
        }
    }
    Ok(Source::Object(v))
}

/// `bytes.__new__`.
pub(super) fn new_bytes(vm: &Vm, args: &[Value]) -> Result {
    let shape = new_shape(vm, args[0], vm.types.bytes.get())?;
    let bytes = match source(vm, args, Kind::Bytes)? {
        Source::Bytes(b) => b,
        Source::Zeros(n) => vm.build_bytes(n, |_| {})?,
        Source::Object(v) => vm.bytes_from_data(v)?,
    };
    Ok(match shape {
        Some(shape) => vm.bytes_with_shape(bytes.as_slice(), shape)?.value(),
        None => bytes.value(),
    })
}

/// `bytearray.__new__`: always empty.
pub(super) fn new_bytearray(vm: &Vm, args: &[Value]) -> Result {
    let base = vm.types.bytearray.get();
    let shape = new_shape(vm, args[0], base)?.unwrap_or(vm.shapes.bytearray.get());
    Ok(vm.bytearray_with_shape(Vec::new(), shape).value())
}

/// `bytearray.__init__`.
pub(super) fn init_bytearray(vm: &Vm, args: &[Value]) -> Result {
    let this = receiver::<ByteArray>(args[0]);
    if !this.is_empty() {
        this.resize_with(vm, Vec::clear)?;
    }
    let data = match source(vm, args, Kind::ByteArray)? {
        Source::Bytes(b) => b.as_slice().to_vec(),
        Source::Zeros(n) => {
            let mut data = Vec::new();
            if data.try_reserve_exact(n).is_err() {
                return Err(vm.memory_error());
            }
            data.resize(n, 0);
            data
        }
        Source::Object(v) if vm.supports_buffer(v) => {
            vm.get_buffer(v, false)?.contiguous_bytes().into_owned()
        }
        Source::Object(v) => {
            // What runs meanwhile sees an array with room, as if it were being filled.
            this.resize_with(vm, |store| store.reserve(8))?;
            vm.bytes_from_iterable(v, Kind::ByteArray)?
        }
    };
    this.resize_with(vm, |store| *store = data)?;
    Ok(Value::NONE)
}

/// `fromhex` of either type.
pub(super) fn fromhex(vm: &Vm, args: &[Value]) -> Result {
    let data = if let Some(s) = args[1].cast::<Str>() {
        // Anything beyond ASCII is no digit, whatever it is cut to.
        let text: Vec<u8> = s
            .code_points()
            .map(|c| u8::try_from(c).unwrap_or(0xFF))
            .collect();
        parse_hex(vm, &text)?
    } else if vm.supports_buffer(args[1]) {
        let view = vm.get_buffer(args[1], false)?;
        parse_hex(vm, &view.contiguous_bytes())?
    } else {
        let got = vm.full_type_name(args[1]);
        return Err(vm.type_error(format!(
            "fromhex() argument must be str or bytes-like, not {got}"
        )));
    };
    let (bytes, array) = (vm.types.bytes.get(), vm.types.bytearray.get());
    if args[0] == bytes.value() {
        return Ok(vm.new_bytes(&data)?.value());
    }
    if args[0] == array.value() {
        return Ok(vm.new_bytearray(data).value());
    }
    let of_array = args[0]
        .cast::<crate::object::Class>()
        .is_some_and(|c| c.is_subclass_of(array));
    let plain = if of_array {
        vm.new_bytearray(data).value()
    } else {
        vm.new_bytes(&data)?.value()
    };
    vm.call(args[0], &[plain])
}

fn parse_hex(vm: &Vm, text: &[u8]) -> Result<Vec<u8>> {
    let digit = |at: usize| text.get(at).and_then(|b| (*b as char).to_digit(16));
    let bad = |at: usize| {
        vm.value_error(format!(
            "non-hexadecimal number found in fromhex() arg at position {at}"
        ))
    };
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while at < text.len() {
        if matches!(text[at], b' ' | 9..=13) {
            at += 1;
            continue;
        }
        let high = digit(at).ok_or_else(|| bad(at))?;
        if at + 1 >= text.len() {
            return Err(
                vm.value_error("fromhex() arg must contain an even number of hexadecimal digits")
            );
        }
        let low = digit(at + 1).ok_or_else(|| bad(at + 1))?;
        out.push((high << 4 | low) as u8);
        at += 2;
    }
    Ok(out)
}

/// `hex([sep[, bytes_per_sep]])` of any bytes.
pub fn hex(vm: &Vm, data: &[u8], sep: Value, group: Value) -> Result {
    let group = match group.given() {
        None => 1,
        Some(v) => crate::types::support::c_int_arg(vm, v)?,
    };
    let separator = match sep.given() {
        None => None,
        Some(v) => {
            if vm.length(v)? != 1 {
                return Err(vm.value_error("sep must be length 1."));
            }
            let c = if let Some(s) = v.cast::<Str>() {
                s.char_at(0)
            } else if super::is_bytes_or_bytearray(v) {
                data_of(v)[0].into()
            } else {
                return Err(vm.type_error("sep must be str or bytes."));
            };
            if c >= 128 {
                return Err(vm.value_error("sep must be ASCII."));
            }
            Some(c as u8)
        }
    };
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let (Some(separator), 1..) = (separator, group.unsigned_abs() as usize) else {
        return Ok(vm
            .build_str(data.len() * 2, true, |out: &mut [u8]| {
                for (pair, b) in out.chunks_exact_mut(2).zip(data) {
                    pair.copy_from_slice(&[HEX[(b >> 4) as usize], HEX[(b & 15) as usize]]);
                }
            })?
            .value());
    };
    let size = group.unsigned_abs() as usize;
    // Groups are counted from the right, or from the left if negative.
    let lead = if group > 0 { data.len() % size } else { 0 };
    let mut out = Vec::with_capacity(data.len() * 3);
    for (i, b) in data.iter().enumerate() {
        if i > 0 && i % size == lead % size {
            out.push(separator);
        }
        out.extend([HEX[(b >> 4) as usize], HEX[(b & 15) as usize]]);
    }
    Ok(vm.new_str_ascii(&out).value())
}

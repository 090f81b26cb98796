//! Objects to bytes.

use super::{ALLOW_SLICES, BINARY_FLOATS, CODE, FLAG_REF, MAX_DEPTH, REFERENCES, SHORT_FORMS};
use rustc_hash::FxHashMap;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::complex::Complex;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::List;
use taipan_runtime::types::slice::Slice;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::{Value, stored};
use taipan_runtime::vm::{Result, Vm};

/// The marshalled form of an object.
///
/// # Errors
/// ValueError for an object that has none, and what getting at a buffer raises.
pub fn dump(vm: &Vm, v: Value, version: i32, allow_code: bool) -> Result<Vec<u8>> {
    let mut writer = Writer {
        vm,
        out: Vec::new(),
        version,
        allow_code,
        seen: FxHashMap::default(),
        slices: Vec::new(),
    };
    writer.value(v, 0)?;
    Ok(writer.out)
}

struct Writer<'a> {
    vm: &'a Vm,
    out: Vec<u8>,
    version: i32,
    allow_code: bool,
    /// Objects that were written, each with its place in the reader's table. The object that is
    /// written holds them all.
    seen: FxHashMap<Value, u32>,
    /// Slices that are being written.
    slices: Vec<Value>,
}

impl Writer<'_> {
    fn size(&mut self, n: usize) -> Result<()> {
        match i32::try_from(n) {
            Ok(n) => self.out.extend_from_slice(&n.to_le_bytes()),
            Err(_) => return Err(self.vm.value_error("unmarshallable object")),
        }
        Ok(())
    }

    /// A type byte, its length in four bytes, and these bytes.
    fn bytes(&mut self, kind: u8, bytes: &[u8]) -> Result<()> {
        self.out.push(kind);
        self.size(bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn sequence(&mut self, kind: u8, items: &[Value], depth: usize) -> Result<()> {
        self.out.push(kind);
        self.size(items.len())?;
        let items = self.vm.rooted_slice(items);
        items.iter().try_for_each(|v| self.value(*v, depth + 1))
    }

    /// The type byte of an object that stands for itself, or a reference to where it was written.
    fn value(&mut self, v: Value, depth: usize) -> Result<()> {
        let vm = self.vm;
        if depth >= MAX_DEPTH {
            return Err(vm.value_error("object too deeply nested to marshal"));
        }
        let single = match v {
            Value::NONE => b'N',
            Value::TRUE => b'T',
            Value::FALSE => b'F',
            Value::ELLIPSIS => b'.',
            _ if v.is(vm.exception_class(&exc::STOP_ITERATION).value()) => b'S',
            _ => 0,
        };
        if single != 0 {
            self.out.push(single);
            return Ok(());
        }
        if self.version < REFERENCES {
            return self.object(v, depth);
        }
        if let Some(place) = self.seen.get(&v) {
            if self.slices.contains(&v) {
                // A slice is made when its parts are there.
                return Err(vm.value_error("unmarshallable object"));
            }
            self.out.push(b'r');
            self.out.extend_from_slice(&place.to_le_bytes());
            return Ok(());
        }
        let place = self.seen.len() as u32;
        self.seen.insert(v, place);
        let at = self.out.len();
        self.object(v, depth)?;
        self.out[at] |= FLAG_REF;
        Ok(())
    }

    fn object(&mut self, v: Value, depth: usize) -> Result<()> {
        let vm = self.vm;
        let class = vm.class_of(v);
        let types = &vm.types;
        if class == types.int.get() {
            self.int(v)?;
        } else if class == types.float.get() {
            let f = vm.to_float(v)?;
            self.floats(b'f', b'g', &[f])?;
        } else if let Some(c) = v
            .cast::<Complex>()
            .filter(|c| c.class() == types.complex.get())
        {
            self.floats(b'x', b'y', &[c.re, c.im])?;
        } else if let Some(s) = v.cast::<Str>().filter(|s| s.class() == types.str.get()) {
            let interned = self.version >= REFERENCES && s.is_interned();
            match s.as_ascii().filter(|_| self.version >= SHORT_FORMS) {
                Some(text) if text.len() < 256 => {
                    self.out.push(if interned { b'Z' } else { b'z' });
                    self.out.push(text.len() as u8);
                    self.out.extend_from_slice(text.as_bytes());
                }
                Some(text) => self.bytes(if interned { b'A' } else { b'a' }, text.as_bytes())?,
                None => self.bytes(if interned { b't' } else { b'u' }, &s.to_wtf8())?,
            }
        } else if class == types.tuple.get() {
            let items = vm.tuple_of(v)?;
            if items.len() < 256 && self.version >= SHORT_FORMS {
                self.out.push(b')');
                self.out.push(items.len() as u8);
                for item in items.as_slice() {
                    self.value(*item, depth + 1)?;
                }
            } else {
                self.sequence(b'(', items.as_slice(), depth)?;
            }
        } else if let Some(list) = v.cast::<List>().filter(|l| l.class() == types.list.get()) {
            self.sequence(b'[', list.as_slice(), depth)?;
        } else if let Some(dict) = v.cast::<Dict>().filter(|d| d.class() == types.dict.get()) {
            self.out.push(b'{');
            let mut at = 0;
            while let Some((next, key, value)) = dict.next_entry(at) {
                at = next;
                self.value(key, depth + 1)?;
                self.value(value, depth + 1)?;
            }
            self.out.push(b'0');
        } else if class == types.set.get() {
            self.set(b'<', v, depth)?;
        } else if class == types.frozenset.get() {
            self.set(b'>', v, depth)?;
        } else if let Some(code) = v.cast::<CodeObject>() {
            if !self.allow_code {
                return Err(vm.value_error("marshalling code objects is disallowed"));
            }
            let bytes = vm.code_to_bytes(code)?;
            self.bytes(CODE, &bytes)?;
        } else if let Some(slice) = v.cast::<Slice>().filter(|_| self.version >= ALLOW_SLICES) {
            self.out.push(b':');
            self.slices.push(v);
            for part in [&slice.start, &slice.stop, &slice.step] {
                self.value(part.or_none(), depth + 1)?;
            }
            self.slices.pop();
        } else if vm.supports_buffer(v) {
            let view = vm.get_buffer(v, false)?;
            let bytes = view.contiguous_bytes();
            self.bytes(b's', &bytes)?;
        } else {
            return Err(vm.value_error("unmarshallable object"));
        }
        Ok(())
    }

    /// The items of a set, in the order of their marshalled forms: equal sets give equal bytes.
    fn set(&mut self, kind: u8, v: Value, depth: usize) -> Result<()> {
        let items = self.vm.collect(v)?;
        let mut order = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            order.push((dump(self.vm, *item, self.version, self.allow_code)?, at));
        }
        order.sort();
        self.out.push(kind);
        self.size(items.len())?;
        order
            .iter()
            .try_for_each(|(_, at)| self.value(items[*at], depth + 1))
    }

    /// Floats as text under one type byte, or their eight bytes each under the other.
    fn floats(&mut self, text: u8, binary: u8, floats: &[f64]) -> Result<()> {
        if self.version >= BINARY_FLOATS {
            self.out.push(binary);
            for f in floats {
                self.out.extend_from_slice(&stored(*f).to_le_bytes());
            }
            return Ok(());
        }
        self.out.push(text);
        let format = self.vm.intern(".17g").value();
        for f in floats {
            let shown = self
                .vm
                .call_method(Value::float(*f), "__format__", &[format])?;
            let shown = self.vm.str(shown)?.to_wtf8();
            self.out.push(shown.len() as u8);
            self.out.extend_from_slice(&shown);
        }
        Ok(())
    }

    fn int(&mut self, v: Value) -> Result<()> {
        let big = match v.as_int_ref() {
            Some(IntRef::Small(i)) => match i32::try_from(i) {
                Ok(i) => {
                    self.out.push(b'i');
                    self.out.extend_from_slice(&i.to_le_bytes());
                    return Ok(());
                }
                Err(_) => IntRef::Small(i).to_big(),
            },
            Some(big) => big.to_big(),
            None => return Err(self.vm.value_error("unmarshallable object")),
        };
        // Digits of 15 bits, least significant first; the sign is that of their number.
        let negative = IntRef::is_negative(v.as_int_ref().unwrap_or(IntRef::Small(0)));
        let bytes = big.magnitude().to_bytes_le();
        let bits = |at: usize| bytes.get(at / 8).is_some_and(|b| b >> (at % 8) & 1 != 0);
        let mut digits: Vec<u16> = (0..bytes.len() * 8)
            .step_by(15)
            .map(|at| (0..15).fold(0, |d, i| d | u16::from(bits(at + i)) << i))
            .collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        self.out.push(b'l');
        let n = digits.len() as i32;
        self.out
            .extend_from_slice(&(if negative { -n } else { n }).to_le_bytes());
        digits
            .iter()
            .for_each(|d| self.out.extend_from_slice(&d.to_le_bytes()));
        Ok(())
    }
}

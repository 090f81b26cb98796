//! The module `marshal`: CPython's format for everything but code objects, which
//! are stored in the form of our bytecode under a type byte of their own.

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::List;
use taipan_runtime::value::{Value, stored};
use taipan_runtime::vm::{Raised, Result, Vm};

const VERSION: i64 = 5;
const MAX_DEPTH: usize = 2000;
/// Added to a type byte: the object is entered in the table of references.
const FLAG_REF: u8 = 0x80;
const CODE: u8 = b'C';

struct Writer<'a> {
    vm: &'a Vm,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn size(&mut self, n: usize) -> Result<()> {
        match i32::try_from(n) {
            Ok(n) => self.out.extend_from_slice(&n.to_le_bytes()),
            Err(_) => return Err(self.vm.value_error("unmarshallable object")),
        }
        Ok(())
    }

    fn sequence(&mut self, kind: u8, items: &[Value], depth: usize) -> Result<()> {
        self.out.push(kind);
        self.size(items.len())?;
        let items = self.vm.rooted_slice(items);
        items.iter().try_for_each(|v| self.value(*v, depth + 1))
    }

    fn value(&mut self, v: Value, depth: usize) -> Result<()> {
        let vm = self.vm;
        if depth > MAX_DEPTH {
            return Err(vm.value_error("object too deeply nested to marshal"));
        }
        let class = vm.class_of(v);
        let types = &vm.types;
        if v.is_none() {
            self.out.push(b'N');
        } else if v == Value::TRUE {
            self.out.push(b'T');
        } else if v == Value::FALSE {
            self.out.push(b'F');
        } else if v == Value::ELLIPSIS {
            self.out.push(b'.');
        } else if v.is(vm
            .exception_class(&taipan_runtime::types::exception::classes::STOP_ITERATION)
            .value())
        {
            self.out.push(b'S');
        } else if class == types.int.get() {
            self.int(v)?;
        } else if class == types.float.get() {
            self.out.push(b'g');
            let f = stored(vm.to_float(v)?);
            self.out.extend_from_slice(&f.to_le_bytes());
        } else if let Some(c) = v.cast::<taipan_runtime::types::complex::Complex>() {
            self.out.push(b'y');
            self.out.extend_from_slice(&stored(c.re).to_le_bytes());
            self.out.extend_from_slice(&stored(c.im).to_le_bytes());
        } else if class == types.str.get() {
            let s = vm.str(v)?;
            match s.as_ascii() {
                Some(text) if text.len() < 256 => {
                    self.out.push(b'z');
                    self.out.push(text.len() as u8);
                    self.out.extend_from_slice(text.as_bytes());
                }
                Some(text) => {
                    self.out.push(b'a');
                    self.size(text.len())?;
                    self.out.extend_from_slice(text.as_bytes());
                }
                None => {
                    let bytes = s.to_wtf8();
                    self.out.push(b'u');
                    self.size(bytes.len())?;
                    self.out.extend_from_slice(&bytes);
                }
            }
        } else if class == types.tuple.get() {
            let items = vm.tuple_of(v)?;
            if items.len() < 256 {
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
        } else if class == types.set.get() || class == types.frozenset.get() {
            let items = vm.collect(v)?;
            self.sequence(
                if class == types.set.get() { b'<' } else { b'>' },
                &items,
                depth,
            )?;
        } else if let Some(code) = v.cast::<CodeObject>() {
            let bytes = vm.code_to_bytes(code)?;
            self.out.push(CODE);
            self.size(bytes.len())?;
            self.out.extend_from_slice(&bytes);
        } else if let Some(slice) = v.cast::<taipan_runtime::types::slice::Slice>() {
            self.out.push(b':');
            for name in ["start", "stop", "step"] {
                let part = vm.get_attr_str(slice.value(), name)?;
                self.value(part, depth + 1)?;
            }
        } else if vm.supports_buffer(v) {
            let view = vm.get_buffer(v, false)?;
            let bytes = view.contiguous_bytes();
            self.out.push(b's');
            self.size(bytes.len())?;
            self.out.extend_from_slice(&bytes);
        } else {
            return Err(vm.value_error("unmarshallable object"));
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

struct Reader<'a> {
    vm: &'a Vm,
    data: &'a [u8],
    at: usize,
    refs: taipan_runtime::vm::RootedVec<'a>,
}

impl<'a> Reader<'a> {
    fn short(&self) -> Raised {
        self.vm.eof_error("marshal data too short")
    }

    fn bad(&self, why: &str) -> Raised {
        self.vm.value_error(format!("bad marshal data ({why})"))
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(n).filter(|e| *e <= self.data.len());
        let Some(end) = end else {
            return Err(if self.at == self.data.len() && n == 1 {
                self.vm.eof_error("EOF read where object expected")
            } else {
                self.short()
            });
        };
        let part = &self.data[self.at..end];
        self.at = end;
        Ok(part)
    }

    fn int(&mut self) -> Result<i32> {
        let b = self.take(4).map_err(|_| {
            self.vm.clear_raised();
            self.short()
        })?;
        Ok(i32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn size(&mut self, what: &str) -> Result<usize> {
        let n = self.int()?;
        usize::try_from(n).map_err(|_| self.bad(&format!("{what} size out of range")))
    }

    fn float(&mut self) -> Result<f64> {
        let b: Result<[u8; 8]> = self.take(8)?.try_into().map_err(|_| self.short());
        Ok(f64::from_le_bytes(b?))
    }

    fn items(&mut self, n: usize, depth: usize) -> Result<taipan_runtime::vm::RootedVec<'a>> {
        let mut items = self.vm.rooted();
        for _ in 0..n {
            match self.value(depth + 1)? {
                Some(v) => items.push(v),
                None => return Err(self.vm.type_error("NULL object in marshal data for tuple")),
            }
        }
        Ok(items)
    }

    /// The next object; `None` for the end mark of a dictionary.
    fn value(&mut self, depth: usize) -> Result<Option<Value>> {
        let vm = self.vm;
        if depth > MAX_DEPTH {
            return Err(vm.value_error("recursion limit exceeded"));
        }
        let byte = self.take(1)?[0];
        let shared = byte & FLAG_REF != 0;
        let kind = byte & !FLAG_REF;
        let slot = self.refs.len();
        if shared {
            self.refs.push(Value::NONE);
        }
        let v = match kind {
            b'0' => return Ok(None),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => vm
                .exception_class(&taipan_runtime::types::exception::classes::STOP_ITERATION)
                .value(),
            b'i' => vm.new_int(self.int()?.into()),
            b'I' => {
                let b: Result<[u8; 8]> = self.take(8)?.try_into().map_err(|_| self.short());
                vm.new_int(i64::from_le_bytes(b?))
            }
            b'l' => self.long()?,
            b'g' => Value::float(self.float()?),
            b'y' => {
                let (re, im) = (self.float()?, self.float()?);
                vm.call(
                    vm.types.complex.get().value(),
                    &[Value::float(re), Value::float(im)],
                )?
            }
            b's' => {
                let n = self.size("bytes object")?;
                vm.new_bytes(self.take(n)?)?.value()
            }
            b'z' => {
                let n = self.take(1)?[0];
                vm.try_new_str_latin1(self.take(n.into())?, true)?.value()
            }
            b'a' | b'A' => {
                let n = self.size("string")?;
                vm.try_new_str_latin1(self.take(n)?, true)?.value()
            }
            b'u' | b't' => {
                let n = self.size("string")?;
                vm.str_from_wtf8(self.take(n)?)?.value()
            }
            b')' => {
                let n = self.take(1)?[0];
                let items = self.items(n.into(), depth)?;
                vm.new_tuple(&items)?.value()
            }
            b'(' => {
                let n = self.size("tuple")?;
                let items = self.items(n, depth)?;
                vm.new_tuple(&items)?.value()
            }
            b'[' => {
                let n = self.size("list")?;
                let list = vm.new_list(&[])?;
                if shared {
                    self.refs.set(slot, list.value());
                }
                for _ in 0..n {
                    match self.value(depth + 1)? {
                        Some(v) => list.push(vm, v)?,
                        None => return Err(vm.type_error("NULL object in marshal data for list")),
                    }
                }
                list.value()
            }
            b'{' => {
                let dict = vm.new_dict();
                if shared {
                    self.refs.set(slot, dict.value());
                }
                while let Some(key) = self.value(depth + 1)? {
                    match self.value(depth + 1)? {
                        Some(v) => dict.set(vm, key, v)?,
                        None => break,
                    }
                }
                dict.value()
            }
            b'<' | b'>' => {
                let n = self.size("set")?;
                let items = self.items(n, depth)?;
                let list = vm.new_list(&items)?.value();
                let class = if kind == b'<' {
                    &vm.types.set
                } else {
                    &vm.types.frozenset
                };
                vm.call(class.get().value(), &[list])?
            }
            b':' => {
                let parts = self.items(3, depth)?;
                vm.call(vm.types.slice.get().value(), &parts)?
            }
            b'r' => {
                let n = self.size("reference")?;
                match self.refs.get(n) {
                    Some(v) => *v,
                    None => return Err(self.bad("invalid reference")),
                }
            }
            CODE => {
                let n = self.size("code")?;
                vm.code_from_bytes(self.take(n)?)?.value()
            }
            _ => return Err(self.bad("unknown type code")),
        };
        if shared {
            self.refs.set(slot, v);
        }
        Ok(Some(v))
    }

    fn long(&mut self) -> Result {
        let n = self.int()?;
        let mut bits: Vec<u8> = Vec::new();
        for i in 0..n.unsigned_abs() as usize {
            let b = self.take(2)?;
            let digit = u16::from_le_bytes([b[0], b[1]]);
            if digit >= 1 << 15 {
                return Err(self.bad("digit out of range in long"));
            }
            for k in 0..15 {
                let at = i * 15 + k;
                if bits.len() <= at / 8 {
                    bits.push(0);
                }
                bits[at / 8] |= ((digit >> k & 1) as u8) << (at % 8);
            }
        }
        let big = taipan_text::int::from_bytes(&bits, taipan_text::int::Endian::Little, false);
        Ok(self.vm.new_bigint(if n < 0 { -big } else { big }))
    }
}

fn loads(vm: &Vm, data: &[u8]) -> Result<(Value, usize)> {
    let mut reader = Reader {
        vm,
        data,
        at: 0,
        refs: vm.rooted(),
    };
    match reader.value(0)? {
        Some(v) => Ok((v, reader.at)),
        None => Err(vm.type_error("NULL object in marshal data for object")),
    }
}

fn dump_bytes(vm: &Vm, v: Value, version: Value) -> Result<Vec<u8>> {
    let version = version.given().unwrap_or(vm.new_int(VERSION));
    vm.audit("marshal.dumps", &[v, version])?;
    let mut writer = Writer {
        vm,
        out: Vec::new(),
    };
    writer.value(v, 0)?;
    Ok(writer.out)
}

fn load(vm: &Vm, args: &[Value]) -> Result {
    vm.audit("marshal.load", &[])?;
    let at = vm.call_method(args[0], "tell", &[]);
    let at = if at.is_err() {
        vm.clear_raised();
        None
    } else {
        at.ok()
    };
    let data = vm.call_method(args[0], "read", &[])?;
    let bytes = vm.bytes_like(data)?.contiguous_bytes().into_owned();
    let (v, used) = loads(vm, &bytes)?;
    if let Some(at) = at {
        let at = vm.to_i64(at)? + used as i64;
        vm.call_method(args[0], "seek", &[vm.new_int(at)])?;
    }
    Ok(v)
}

/// The module.
pub static MARSHAL: ModuleDef = ModuleDef {
    name: "marshal",
    doc: "This module contains functions that can read and write Python values in\na binary format. The format is specific to Python, but independent of\nmachine architecture issues.",
    functions: &[
        MethodDef::new(
            "dump",
            "(value, file, version=5, /, *, allow_code=True)",
            "Write the value on the open file.",
            |vm, args| {
                let bytes = dump_bytes(vm, args[0], args[2])?;
                vm.call_method(args[1], "write", &[vm.new_bytes(&bytes)?.value()])
            },
        ),
        MethodDef::new(
            "load",
            "(file, /, *, allow_code=True)",
            "Read one value from the open file and return it.",
            load,
        ),
        MethodDef::new(
            "dumps",
            "(value, version=5, /, *, allow_code=True)",
            "Return the bytes object that would be written to a file by dump(value, file).",
            |vm, args| Ok(vm.new_bytes(&dump_bytes(vm, args[0], args[1])?)?.value()),
        ),
        MethodDef::new(
            "loads",
            "(bytes, /, *, allow_code=True)",
            "Convert the bytes-like object to a value.",
            |vm, args| {
                let data = vm.bytes_like(args[0])?.contiguous_bytes().into_owned();
                if vm.is_audited() {
                    vm.audit("marshal.loads", &[vm.new_bytes(&data)?.value()])?;
                }
                Ok(loads(vm, &data)?.0)
            },
        ),
    ],
    types: &[],
    exec: Some(|vm, module| {
        module.set(vm, "version", vm.new_int(VERSION));
        Ok(())
    }),
};

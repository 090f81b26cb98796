//! Bytes to objects.

use super::{CODE, FLAG_REF, MAX_DEPTH};
use std::borrow::Cow;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, RootedVec, Vm};

/// The length of the longest tuples that may hold themselves, so that a few bytes cannot ask for all memory.
const LOOPS: usize = 1 << 24;

/// Where the bytes come from.
enum Source<'a> {
    /// What of the bytes is not read yet.
    Bytes(&'a [u8]),
    /// A file, of which no more is read than belongs to the object.
    File(Value),
}

struct Reader<'a> {
    vm: &'a Vm,
    source: Source<'a>,
    allow_code: bool,
    /// Objects that may be referred to; None while one is being made.
    refs: RootedVec<'a>,
}

/// The object that bytes begin with.
///
/// # Errors
/// EOFError, ValueError or TypeError for bytes that are no marshalled object.
pub fn load_bytes(vm: &Vm, data: &[u8], allow_code: bool) -> Result {
    load(vm, Source::Bytes(data), allow_code)
}

/// The next object of a file, by its `readinto`.
///
/// # Errors
/// As for [`load_bytes`], and what the file raises.
pub fn load_file(vm: &Vm, file: Value, allow_code: bool) -> Result {
    let nothing = vm.call_method(file, "read", &[Value::small_int(0)])?;
    if nothing.cast::<Bytes>().is_none() {
        return Err(vm.type_error(format!(
            "file.read() returned not bytes but {}",
            vm.type_name(nothing)
        )));
    }
    load(vm, Source::File(file), allow_code)
}

fn load(vm: &Vm, source: Source, allow_code: bool) -> Result {
    let mut reader = Reader {
        vm,
        source,
        allow_code,
        refs: vm.rooted(),
    };
    match reader.value(0)? {
        Some(v) => Ok(v),
        None => Err(reader.null("object")),
    }
}

impl<'a> Reader<'a> {
    fn bad(&self, why: &str) -> Raised {
        self.vm.value_error(format!("bad marshal data ({why})"))
    }

    fn null(&self, inside: &str) -> Raised {
        self.vm
            .type_error(format!("NULL object in marshal data for {inside}"))
    }

    /// The next `n` bytes.
    fn take(&mut self, n: usize) -> Result<Cow<'a, [u8]>> {
        let vm = self.vm;
        let file = match &mut self.source {
            Source::File(file) => *file,
            Source::Bytes(rest) => {
                let Some((part, after)) = rest.split_at_checked(n) else {
                    return Err(vm.eof_error("marshal data too short"));
                };
                *rest = after;
                return Ok(Cow::Borrowed(part));
            }
        };
        if n == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        let mut room = Vec::new();
        if room.try_reserve_exact(n).is_err() {
            return Err(vm.memory_error());
        }
        room.resize(n, 0);
        let buffer = vm.new_bytearray(room);
        let read = vm.call_method(file, "readinto", &[buffer.value()])?;
        let read = vm.to_i64(vm.index(read)?)?;
        match read.cmp(&(n as i64)) {
            std::cmp::Ordering::Less => Err(vm.eof_error("EOF read where not expected")),
            std::cmp::Ordering::Equal => Ok(Cow::Owned(buffer.as_slice().to_vec())),
            std::cmp::Ordering::Greater => Err(vm.value_error(format!(
                "read() returned too much data: {n} bytes requested, {read} returned"
            ))),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(&self.take(N)?);
        Ok(out)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    fn int(&mut self) -> Result<i32> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    fn size(&mut self, what: &str) -> Result<usize> {
        let n = self.int()?;
        usize::try_from(n).map_err(|_| self.bad(&format!("{what} size out of range")))
    }

    fn float(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    /// A float that was written as text.
    fn text_float(&mut self) -> Result<f64> {
        let n = self.byte()?;
        let text = self.take(n.into())?;
        // The constructor would let spaces and underscores pass.
        let plain = text.iter().all(|b| !b.is_ascii_whitespace() && *b != b'_');
        let found = taipan_text::float::parse_ascii(&text).filter(|_| plain);
        found.ok_or_else(|| {
            let text = String::from_utf8_lossy(&text);
            self.vm
                .value_error(format!("could not convert string to float: '{text}'"))
        })
    }

    fn text(&mut self, n: usize, interned: bool) -> Result {
        let vm = self.vm;
        let bytes = self.take(n)?;
        let text = if std::str::from_utf8(&bytes).is_ok() {
            vm.str_from_wtf8(&bytes)?.value()
        } else {
            let modes = [
                vm.intern("utf-8").value(),
                vm.intern("surrogatepass").value(),
            ];
            vm.call_method(vm.new_bytes(&bytes)?.value(), "decode", &modes)?
        };
        Ok(intern_if(vm, text, interned))
    }

    fn ascii(&mut self, n: usize, interned: bool) -> Result {
        let vm = self.vm;
        let bytes = self.take(n)?;
        let text = vm.try_new_str_latin1(&bytes, bytes.is_ascii())?.value();
        Ok(intern_if(vm, text, interned))
    }

    fn item(&mut self, inside: &str, depth: usize) -> Result {
        match self.value(depth + 1)? {
            Some(v) => Ok(v),
            None => Err(self.null(inside)),
        }
    }

    fn items(&mut self, n: usize, inside: &str, depth: usize) -> Result<RootedVec<'a>> {
        let mut items = self.vm.rooted();
        for _ in 0..n {
            items.push(self.item(inside, depth)?);
        }
        Ok(items)
    }

    /// The next object; `None` for the end mark of a dictionary.
    fn value(&mut self, depth: usize) -> Result<Option<Value>> {
        let vm = self.vm;
        if depth >= MAX_DEPTH {
            return Err(vm.value_error("recursion limit exceeded"));
        }
        let byte = self.byte().map_err(|raised| {
            if !vm.raised_is_def(&exc::EOF_ERROR) {
                return raised;
            }
            vm.clear_raised();
            vm.eof_error("EOF read where object expected")
        })?;
        let kind = byte & !FLAG_REF;
        // Objects of which there is one have no place in the table.
        let shared = byte & FLAG_REF != 0 && !b"0NTF.Sr".contains(&kind);
        let place = shared.then(|| {
            self.refs.push(Value::NONE);
            self.refs.len() - 1
        });
        // What may hold itself can be referred to before it is full.
        let enter = |reader: &mut Self, v: Value| {
            if let Some(place) = place {
                reader.refs.set(place, v);
            }
        };
        let v = match kind {
            b'0' => return Ok(None),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => vm.exception_class(&exc::STOP_ITERATION).value(),
            b'i' => vm.new_int(self.int()?.into()),
            b'I' => vm.new_int(i64::from_le_bytes(self.array()?)),
            b'l' => self.long()?,
            b'f' => Value::float(self.text_float()?),
            b'g' => Value::float(self.float()?),
            b'x' => {
                let (re, im) = (self.text_float()?, self.text_float()?);
                vm.new_complex(re, im)
            }
            b'y' => {
                let (re, im) = (self.float()?, self.float()?);
                vm.new_complex(re, im)
            }
            b's' => {
                let n = self.size("bytes object")?;
                vm.new_bytes(&self.take(n)?)?.value()
            }
            b'z' | b'Z' => {
                let n = self.byte()?;
                self.ascii(n.into(), kind == b'Z')?
            }
            b'a' | b'A' => {
                let n = self.size("string")?;
                self.ascii(n, kind == b'A')?
            }
            b'u' | b't' => {
                let n = self.size("string")?;
                self.text(n, kind == b't')?
            }
            b')' | b'(' => {
                let n = match kind {
                    b')' => self.byte()?.into(),
                    _ => self.size("tuple")?,
                };
                if place.is_none() || n == 0 || n > LOOPS {
                    let items = self.items(n, "tuple", depth)?;
                    vm.new_tuple(&items)?.value()
                } else {
                    // One of the items may hold the tuple. There are no more of them than bytes.
                    if let Source::Bytes(rest) = &self.source
                        && rest.len() < n
                    {
                        self.items(n, "tuple", depth)?;
                    }
                    let tuple = vm.incomplete_tuple(n)?;
                    enter(self, tuple.value());
                    let items = self.items(n, "tuple", depth)?;
                    tuple.complete(&items);
                    tuple.value()
                }
            }
            b'[' => {
                let n = self.size("list")?;
                let list = vm.new_list(&[])?;
                enter(self, list.value());
                for _ in 0..n {
                    list.push(vm, self.item("list", depth)?)?;
                }
                list.value()
            }
            b'{' => {
                let dict = vm.new_dict();
                enter(self, dict.value());
                while let Some(key) = self.value(depth + 1)? {
                    match self.value(depth + 1)? {
                        Some(v) => dict.set(vm, key, v)?,
                        None => break,
                    }
                }
                dict.value()
            }
            b'<' => {
                let n = self.size("set")?;
                let set = vm.new_set(&[])?;
                enter(self, set.value());
                for _ in 0..n {
                    set.add(vm, self.item("set", depth)?)?;
                }
                set.value()
            }
            b'>' => {
                let n = self.size("set")?;
                let items = self.items(n, "set", depth)?;
                vm.new_frozenset(&items)?
            }
            b':' => {
                let parts = self.items(3, "slice", depth)?;
                vm.new_slice(parts[0], parts[1], parts[2]).value()
            }
            b'r' => {
                let n = self.int()?;
                let known = usize::try_from(n).ok().and_then(|n| self.refs.get(n));
                match known {
                    Some(v) if !v.is_none() => *v,
                    _ => return Err(self.bad("invalid reference")),
                }
            }
            CODE => {
                if !self.allow_code {
                    return Err(vm.value_error("unmarshalling code objects is disallowed"));
                }
                let n = self.size("code")?;
                vm.code_from_bytes(&self.take(n)?)?.value()
            }
            _ => return Err(self.bad("unknown type code")),
        };
        enter(self, v);
        Ok(Some(v))
    }

    fn long(&mut self) -> Result {
        let n = self.int()?;
        let mut bits: Vec<u8> = Vec::new();
        let mut last = 1;
        for i in 0..n.unsigned_abs() as usize {
            let digit = u16::from_le_bytes(self.array()?);
            if digit >= 1 << 15 {
                return Err(self.bad("digit out of range in long"));
            }
            last = digit;
            for k in 0..15 {
                let at = i * 15 + k;
                if bits.len() <= at / 8 {
                    bits.push(0);
                }
                bits[at / 8] |= ((digit >> k & 1) as u8) << (at % 8);
            }
        }
        if last == 0 {
            return Err(self.bad("unnormalized long data"));
        }
        let big = taipan_text::int::from_bytes(&bits, taipan_text::int::Endian::Little, false);
        Ok(self.vm.new_bigint(if n < 0 { -big } else { big }))
    }
}

fn intern_if(vm: &Vm, text: Value, interned: bool) -> Value {
    match text.cast::<Str>() {
        Some(s) if interned => vm.intern_str(s).value(),
        _ => text,
    }
}

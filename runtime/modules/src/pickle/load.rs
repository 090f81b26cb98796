//! The stack machine that makes objects from a pickle.

use super::input::Input;
use super::opcodes::*;
use super::unpickler::Unpickler;
use super::{overridden, reduce, unpickling_error};
use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::object::{Class, Special};
use taipan_runtime::ops::codec::TextCodec;
use taipan_runtime::types::descriptor::GetSet;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::memoryview::MemoryView;
use taipan_runtime::types::protocol::exact_dict;
use taipan_runtime::types::set::Set;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, RootedVec, Vm};

/// One run of an unpickler. Lives on the stack, where the collector sees its values.
pub struct Loader<'a> {
    vm: &'a Vm,
    unpickler: Gc<Unpickler>,
    input: Input<'a>,
    stack: RootedVec<'a>,
    /// How high the stack was at each mark.
    marks: Vec<usize>,
    persistent_load: Option<Value>,
    find_class: Option<Value>,
}

/// The object that a module has under a name: `Unpickler.find_class`.
///
/// # Errors
/// What the import raises; AttributeError if the module has no such object.
pub fn find_class(vm: &Vm, unpickler: Gc<Unpickler>, module: Value, name: Value) -> Result {
    let (Some(mut module), Some(mut name)) = (module.cast::<Str>(), name.cast::<Str>()) else {
        return Err(vm.type_error("find_class() arguments must be strings"));
    };
    vm.audit("pickle.find_class", &[module.value(), name.value()])?;
    let protocol = unpickler.protocol.get();
    if protocol < 3 && unpickler.fix_imports.get() {
        let tables = ["NAME_MAPPING", "IMPORT_MAPPING"];
        (module, name) = reduce::map_names(vm, tables, module, name)?;
    }
    let modules = || vm.modules.get().and_then(|m| m.get_str(module));
    let loaded = match modules().filter(|m| !m.is_none()) {
        Some(loaded) => loaded,
        None => {
            let import = taipan_runtime::types::protocol::builtin(vm, "__import__")?;
            vm.call(import, &[module.value()])?;
            modules().ok_or_else(|| vm.key_error(module.value()))?
        }
    };
    if protocol < 4 || !name.code_points().any(|c| c == u32::from('.')) {
        return vm.get_attr(loaded, vm.intern_str(vm.exact_str(name)?));
    }
    let text = name.to_text();
    let mut found = loaded;
    for part in text.split('.') {
        let next = vm.get_attr(found, vm.intern(part));
        found = match next {
            Err(_) if vm.raised_is_def(&exc::ATTRIBUTE_ERROR) => {
                let cause = vm.take_raised();
                let (name, module) = (vm.repr_text(name.value())?, vm.repr_text(module.value())?);
                let message = format!("Can't resolve path {name} on module {module}");
                return Err(super::chained(vm, cause, vm.attribute_error(message)));
            }
            next => next?,
        };
    }
    Ok(found)
}

impl<'a> Loader<'a> {
    /// A run of this unpickler, with its hooks as they are now.
    ///
    /// # Errors
    /// What looking up the hooks raises.
    pub fn new(vm: &'a Vm, unpickler: Gc<Unpickler>, input: Input<'a>) -> Result<Loader<'a>> {
        let base = vm.class_of_def(&super::unpickler::UNPICKLER)?;
        unpickler.protocol.set(0);
        Ok(Loader {
            vm,
            unpickler,
            input,
            stack: vm.rooted(),
            marks: Vec::new(),
            persistent_load: overridden(vm, unpickler.value(), "persistent_load", base)?,
            find_class: overridden(vm, unpickler.value(), "find_class", base)?,
        })
    }

    /// Reads one object; returns it with what is left of the input.
    pub fn run(mut self) -> (Result, Input<'a>) {
        let result = self.steps();
        (result, self.input)
    }

    fn steps(&mut self) -> Result {
        loop {
            let op = match self.input.next_byte() {
                Ok(op) => op,
                Err(raised) => {
                    if self
                        .vm
                        .raised_is(self.vm.exception_class(&super::UNPICKLING_ERROR))
                    {
                        self.vm.clear_raised();
                        return Err(self.vm.eof_error("Ran out of input"));
                    }
                    return Err(raised);
                }
            };
            if op == STOP {
                return self.pop();
            }
            self.step(op)?;
        }
    }

    // The stack.

    #[cold]
    fn underflow(&self) -> Raised {
        let message = match self.marks.is_empty() {
            true => "unpickling stack underflow",
            false => "unexpected MARK found",
        };
        unpickling_error(self.vm, message)
    }

    /// Below here nothing may be popped.
    #[inline]
    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    #[inline]
    fn pop(&mut self) -> Result {
        if self.stack.len() <= self.fence() {
            return Err(self.underflow());
        }
        self.stack.pop().ok_or_else(|| self.underflow())
    }

    #[inline]
    fn top(&self) -> Result {
        match self.stack.last() {
            Some(v) if self.stack.len() > self.fence() => Ok(*v),
            _ => Err(self.underflow()),
        }
    }

    /// Takes the last mark away: where the items behind it begin.
    #[inline]
    fn mark(&mut self) -> Result<usize> {
        self.marks
            .pop()
            .ok_or_else(|| unpickling_error(self.vm, "could not find MARK"))
    }

    /// Replaces the items from `start` on by `v`.
    #[inline]
    fn fold(&mut self, start: usize, v: Value) {
        self.stack.truncate(start);
        self.stack.push(v);
    }

    // Arguments.

    fn small_len(&mut self) -> Result<usize> {
        Ok(self.input.next_byte()?.into())
    }

    fn len4(&mut self) -> Result<usize> {
        Ok(u32::from_le_bytes(self.input.array()?) as usize)
    }

    fn len8(&mut self, what: &str) -> Result<usize> {
        let n = u64::from_le_bytes(self.input.array()?);
        if n > i64::MAX as u64 {
            return Err(self.vm.overflow_error(format!(
                "{what} exceeds system's maximum size of {} bytes",
                i64::MAX
            )));
        }
        Ok(n as usize)
    }

    fn signed_len(&mut self, what: &str) -> Result<usize> {
        let n = i32::from_le_bytes(self.input.array()?);
        usize::try_from(n).map_err(|_| {
            unpickling_error(self.vm, format!("{what} pickle has negative byte count"))
        })
    }

    /// A line without its end.
    fn any_line(&mut self) -> Result<&[u8]> {
        let (start, end) = self.input.line()?;
        Ok(&self.input.data[start..end - 1])
    }

    /// A line without its end, which is not empty.
    fn line(&mut self) -> Result<&[u8]> {
        let (start, end) = self.input.line()?;
        if end - start < 2 {
            return Err(unpickling_error(self.vm, "pickle data was truncated"));
        }
        Ok(&self.input.data[start..end - 1])
    }

    fn line_text(&mut self) -> Result<Gc<Str>> {
        let vm = self.vm;
        vm.decode_bytes(self.line()?, "utf-8", "strict")
    }

    /// An integer written in decimal. Messages show the line's end unless an `L` was before it.
    fn line_int(&self, text: &[u8], marked: bool) -> Result {
        let vm = self.vm;
        let plain = std::str::from_utf8(text).ok();
        if let Some(i) = plain.and_then(|t| t.parse::<i64>().ok()) {
            return Ok(vm.new_int(i));
        }
        let mut text = text.to_vec();
        if !marked {
            text.push(b'\n');
        }
        let text = vm.try_new_str_latin1(&text, text.is_ascii())?.value();
        vm.call(vm.types.int.get().value(), &[text])
    }

    fn line_float(&mut self) -> Result {
        let vm = self.vm;
        let text = self.line()?;
        let strict = text.iter().all(|c| c.is_ascii_graphic() && *c != b'_');
        if strict && let Some(f) = taipan_text::float::parse_ascii(text) {
            return Ok(Value::float(f));
        }
        // What a number begins is told from what does not look like one.
        let begins = !text[0].is_ascii_whitespace()
            && (1..text.len()).any(|n| taipan_text::float::parse_ascii(&text[..n]).is_some());
        if begins {
            return Err(vm.value_error("could not convert string to float"));
        }
        let text = String::from_utf8_lossy(text);
        Err(vm.value_error(format!("could not convert string to float: '{text}\n'")))
    }

    /// The index of a GET or PUT in a line.
    fn line_index(&mut self) -> Result<i64> {
        let text = self.line()?.to_vec();
        let index = self.line_int(&text, false)?;
        self.vm.to_i64(index)
    }

    fn utf8(&mut self, n: usize) -> Result {
        let vm = self.vm;
        let data = self.input.bytes(n)?;
        if data.is_ascii() {
            return Ok(match *data {
                [] => vm.names.empty.get(),
                [c] => vm.str_of_byte(c),
                _ => vm.try_new_str_latin1(data, true)?,
            }
            .value());
        }
        let text = vm.decode_native(TextCodec::Utf8, data, "surrogatepass", true)?;
        Ok(text.text.value())
    }

    /// An 8-bit string of Python 2.
    fn old_string(&self, data: &[u8]) -> Result {
        let vm = self.vm;
        let text = |v: Option<Value>, default: &str| {
            v.and_then(|v| v.cast::<Str>())
                .map_or(default.to_owned(), |s| s.to_text())
        };
        let encoding = text(self.unpickler.encoding.get(), "ASCII");
        if encoding == "bytes" {
            return Ok(vm.new_bytes(data)?.value());
        }
        let errors = text(self.unpickler.errors.get(), "strict");
        Ok(vm.decode_bytes(data, &encoding, &errors)?.value())
    }

    fn signed_bytes(&mut self, n: usize) -> Result {
        let vm = self.vm;
        let data = self.input.bytes(n)?;
        if n <= 8 {
            let fill = data
                .last()
                .map_or(0, |b| if b & 0x80 == 0 { 0 } else { 0xFF });
            let mut bytes = [fill; 8];
            bytes[..n].copy_from_slice(data);
            return Ok(vm.new_int(i64::from_le_bytes(bytes)));
        }
        vm.int_from_bytes(data, taipan_text::int::Endian::Little, true)
    }

    // The instructions.

    fn step(&mut self, op: u8) -> Result<()> {
        let vm = self.vm;
        let v = match op {
            NONE => Value::NONE,
            NEWTRUE => Value::TRUE,
            NEWFALSE => Value::FALSE,
            BININT1 => vm.new_int(self.input.next_byte()?.into()),
            BININT2 => vm.new_int(u16::from_le_bytes(self.input.array()?).into()),
            BININT => vm.new_int(i32::from_le_bytes(self.input.array()?).into()),
            BINFLOAT => Value::float(f64::from_be_bytes(self.input.array()?)),
            LONG1 => {
                let n = self.small_len()?;
                self.signed_bytes(n)?
            }
            LONG4 => {
                let n = self.signed_len("LONG")?;
                self.signed_bytes(n)?
            }
            SHORT_BINUNICODE => {
                let n = self.small_len()?;
                self.utf8(n)?
            }
            BINUNICODE => {
                let n = self.len4()?;
                self.utf8(n)?
            }
            BINUNICODE8 => {
                let n = self.len8("BINUNICODE")?;
                self.utf8(n)?
            }
            SHORT_BINBYTES => {
                let n = self.small_len()?;
                vm.new_bytes(self.input.bytes(n)?)?.value()
            }
            BINBYTES => {
                let n = self.len4()?;
                vm.new_bytes(self.input.bytes(n)?)?.value()
            }
            BINBYTES8 => {
                let n = self.len8("BINBYTES")?;
                vm.new_bytes(self.input.bytes(n)?)?.value()
            }
            BYTEARRAY8 => {
                let n = self.len8("BYTEARRAY8")?;
                vm.new_bytearray(self.input.bytes(n)?.to_vec()).value()
            }
            EMPTY_TUPLE => vm.new_tuple(&[])?.value(),
            EMPTY_LIST => vm.new_list(&[])?.value(),
            EMPTY_DICT => vm.new_dict().value(),
            EMPTY_SET => vm.new_set(&[])?.value(),
            BINGET => {
                let index = self.small_len()?;
                self.memo(index)?
            }
            LONG_BINGET => {
                let index = self.len4()?;
                self.memo(index)?
            }
            MEMOIZE => {
                let v = self.top()?;
                let index = self.unpickler.memo_len();
                return self.unpickler.memo_put(vm, index, v);
            }
            BINPUT => {
                let index = self.small_len()?;
                let v = self.top()?;
                return self.unpickler.memo_put(vm, index, v);
            }
            LONG_BINPUT => {
                let index = self.len4()?;
                let v = self.top()?;
                return self.unpickler.memo_put(vm, index, v);
            }
            MARK => {
                self.marks.push(self.stack.len());
                return Ok(());
            }
            TUPLE1 => return self.short_tuple(1),
            TUPLE2 => return self.short_tuple(2),
            TUPLE3 => return self.short_tuple(3),
            TUPLE => {
                let start = self.mark()?;
                let tuple = vm.new_tuple(&self.stack[start..])?;
                self.fold(start, tuple.value());
                return Ok(());
            }
            LIST => {
                let start = self.mark()?;
                let list = vm.new_list(&self.stack[start..])?;
                self.fold(start, list.value());
                return Ok(());
            }
            FROZENSET => {
                let start = self.mark()?;
                let set = vm.new_frozenset(&self.stack[start..])?;
                self.fold(start, set);
                return Ok(());
            }
            DICT => return self.dict(),
            APPEND => {
                if self.stack.len() < self.fence() + 2 {
                    return Err(self.underflow());
                }
                return self.append(self.stack.len() - 1);
            }
            APPENDS => {
                let start = self.mark()?;
                return self.append(start);
            }
            SETITEM => {
                if self.stack.len() < self.fence() + 3 {
                    return Err(self.underflow());
                }
                return self.set_items(self.stack.len() - 2);
            }
            SETITEMS => {
                let start = self.mark()?;
                return self.set_items(start);
            }
            ADDITEMS => {
                let start = self.mark()?;
                return self.add_items(start);
            }
            REDUCE => {
                let args = self.pop()?;
                let f = self.pop()?;
                let Some(args) = args.cast::<Tuple>() else {
                    return Err(vm.type_error("argument list must be a tuple"));
                };
                vm.call(f, args.as_slice())?
            }
            BUILD => return self.build(),
            NEWOBJ => self.new_object(false)?,
            NEWOBJ_EX => self.new_object(true)?,
            STACK_GLOBAL => {
                let name = self.pop()?;
                let module = self.pop()?;
                let str = vm.types.str.get();
                if vm.class_of(name) != str || vm.class_of(module) != str {
                    return Err(unpickling_error(vm, "STACK_GLOBAL requires str"));
                }
                self.find(module, name)?
            }
            PROTO => {
                let protocol = self.input.next_byte()?;
                if i64::from(protocol) > HIGHEST {
                    return Err(vm.value_error(format!("unsupported pickle protocol: {protocol}")));
                }
                self.unpickler.protocol.set(protocol);
                return Ok(());
            }
            FRAME => {
                let n = u64::from_le_bytes(self.input.array()?);
                if n > i64::MAX as u64 {
                    return Err(vm.overflow_error(format!(
                        "FRAME length exceeds system's maximum of {} bytes",
                        i64::MAX
                    )));
                }
                return self.input.enter_frame(n as usize);
            }
            _ => return self.rare_step(op),
        };
        self.stack.push(v);
        Ok(())
    }

    /// Instructions of old protocols, and those that are seldom met.
    #[inline(never)]
    fn rare_step(&mut self, op: u8) -> Result<()> {
        let vm = self.vm;
        let v = match op {
            INT => self.int_line()?,
            LONG => {
                let mut text = self.line()?.to_vec();
                let marked = text.pop_if(|c| *c == b'L').is_some();
                self.line_int(&text, marked)?
            }
            FLOAT => self.line_float()?,
            STRING => {
                let line = self.any_line()?;
                let quoted = match *line {
                    [a @ (b'"' | b'\''), .., b] => a == b,
                    _ => false,
                };
                if !quoted {
                    return Err(unpickling_error(
                        vm,
                        "the STRING opcode argument must be quoted",
                    ));
                }
                let body = vm.new_bytes(&line[1..line.len() - 1])?;
                let unescape = vm.import_attr("_codecs", "escape_decode")?;
                let pair = vm.call(unescape, &[body.value()])?;
                let data = vm.get_item(pair, vm.new_int(0))?;
                let view = vm.bytes_like(data)?;
                self.old_string(&view.contiguous_bytes())?
            }
            BINSTRING => {
                let n = self.signed_len("BINSTRING")?;
                let at = self.input.take(n)?;
                self.old_string(&self.input.data[at..at + n])?
            }
            SHORT_BINSTRING => {
                let n = self.small_len()?;
                let at = self.input.take(n)?;
                self.old_string(&self.input.data[at..at + n])?
            }
            UNICODE => vm
                .decode_bytes(self.any_line()?, "raw-unicode-escape", "strict")?
                .value(),
            NEXT_BUFFER => self.next_buffer()?,
            READONLY_BUFFER => {
                let v = self.top()?;
                let view: Gc<MemoryView> = vm.memoryview_of(v)?;
                if vm.get_buffer(view.value(), false)?.readonly {
                    return Ok(());
                }
                self.pop()?;
                vm.call_method(view.value(), "toreadonly", &[])?
            }
            PERSID => {
                let line = self.any_line()?;
                if !line.is_ascii() {
                    return Err(unpickling_error(
                        vm,
                        "persistent IDs in protocol 0 must be ASCII strings",
                    ));
                }
                let id = vm.try_new_str_latin1(line, true)?.value();
                self.persistent(id)?
            }
            BINPERSID => {
                let id = self.pop()?;
                self.persistent(id)?
            }
            GET => {
                let index = self.line_index()?;
                match usize::try_from(index) {
                    Ok(index) => self.memo(index)?,
                    Err(_) => return Err(self.no_memo(index)),
                }
            }
            PUT => {
                let index = self.line_index()?;
                let v = self.top()?;
                let Ok(index) = usize::try_from(index) else {
                    return Err(vm.value_error("negative PUT argument"));
                };
                return self.unpickler.memo_put(vm, index, v);
            }
            POP => {
                if !self.marks.is_empty() && self.stack.len() == self.fence() {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
                return Ok(());
            }
            POP_MARK => {
                let start = self.mark()?;
                self.stack.truncate(start);
                return Ok(());
            }
            DUP => self.top()?,
            INST => {
                let start = self.mark()?;
                let module = self.line_text()?;
                let name = self.line_text()?;
                let class = self.find(module.value(), name.value())?;
                let object = instantiate(vm, class, &self.stack[start..])?;
                self.fold(start, object);
                return Ok(());
            }
            OBJ => {
                let start = self.mark()?;
                let Some(&class) = self.stack.get(start) else {
                    return Err(self.underflow());
                };
                let object = instantiate(vm, class, &self.stack[start + 1..])?;
                self.fold(start, object);
                return Ok(());
            }
            GLOBAL => {
                let module = self.line_text()?;
                let name = self.line_text()?;
                self.find(module.value(), name.value())?
            }
            EXT1 => {
                let code = self.input.next_byte()?;
                self.extension(code.into())?
            }
            EXT2 => {
                let code = u16::from_le_bytes(self.input.array()?);
                self.extension(code.into())?
            }
            EXT4 => {
                let code = i32::from_le_bytes(self.input.array()?);
                self.extension(code.into())?
            }
            _ => {
                let key = match op {
                    b'\'' | b'\\' => format!("\\x{op:02x}"),
                    0x20..=0x7E => char::from(op).to_string(),
                    _ => format!("\\x{op:02x}"),
                };
                return Err(unpickling_error(vm, format!("invalid load key, '{key}'.")));
            }
        };
        self.stack.push(v);
        Ok(())
    }

    fn int_line(&mut self) -> Result {
        let vm = self.vm;
        let text = self.line()?.to_vec();
        match &text[..] {
            b"00" => return Ok(Value::FALSE),
            b"01" => return Ok(Value::TRUE),
            _ => {}
        }
        let int = self.line_int(&text, false);
        match vm.catch(int, &exc::VALUE_ERROR)? {
            Some(v) => Ok(v),
            None => Err(vm.value_error("could not convert string to int")),
        }
    }

    #[cold]
    fn no_memo(&self, index: i64) -> Raised {
        unpickling_error(self.vm, format!("Memo value not found at index {index}"))
    }

    #[inline]
    fn memo(&self, index: usize) -> Result {
        match self.unpickler.memo_get(self.vm, index)? {
            Some(v) => Ok(v),
            None => Err(self.no_memo(index as i64)),
        }
    }

    fn find(&self, module: Value, name: Value) -> Result {
        match self.find_class {
            Some(f) => self.vm.call(f, &[module, name]),
            None => find_class(self.vm, self.unpickler, module, name),
        }
    }

    fn persistent(&self, id: Value) -> Result {
        match self.persistent_load {
            Some(f) => self.vm.call(f, &[id]),
            None => self
                .vm
                .call_method(self.unpickler.value(), "persistent_load", &[id]),
        }
    }

    fn next_buffer(&self) -> Result {
        let vm = self.vm;
        let Some(buffers) = self.unpickler.buffers.get() else {
            return Err(unpickling_error(
                vm,
                "pickle stream refers to out-of-band data but no *buffers* argument was given",
            ));
        };
        vm.next(buffers)?
            .ok_or_else(|| unpickling_error(vm, "not enough out-of-band buffers"))
    }

    fn extension(&self, code: i64) -> Result {
        let vm = self.vm;
        let table = |name| vm.import_attr("copyreg", name);
        let key = vm.new_int(code);
        let cache = table("_extension_cache")?;
        if let Some(cache) = cache.cast::<Dict>()
            && let Some(found) = cache.get(vm, key)?
        {
            return Ok(found);
        }
        let names = match table("_inverted_registry")?.cast::<Dict>() {
            Some(registry) => registry.get(vm, key)?,
            None => None,
        };
        let Some(names) = names else {
            if code <= 0 {
                return Err(unpickling_error(vm, "EXT specifies code <= 0"));
            }
            return Err(vm.value_error(format!("unregistered extension code {code}")));
        };
        let pair = names
            .cast::<Tuple>()
            .filter(|t| t.len() == 2 && t.as_slice().iter().all(|v| v.cast::<Str>().is_some()));
        let Some(pair) = pair else {
            return Err(vm.value_error(format!(
                "_inverted_registry[{code}] isn't a 2-tuple of strings"
            )));
        };
        let found = self.find(pair.get(0), pair.get(1))?;
        vm.set_item(cache, key, found)?;
        Ok(found)
    }

    fn short_tuple(&mut self, n: usize) -> Result<()> {
        let len = self.stack.len();
        if len < self.fence() + n {
            return Err(self.underflow());
        }
        let tuple = self.vm.new_tuple(&self.stack[len - n..])?;
        self.fold(len - n, tuple.value());
        Ok(())
    }

    fn dict(&mut self) -> Result<()> {
        let vm = self.vm;
        let start = self.mark()?;
        let dict = vm.new_dict();
        if !(self.stack.len() - start).is_multiple_of(2) {
            return Err(unpickling_error(vm, "odd number of items for DICT"));
        }
        for i in (start..self.stack.len()).step_by(2) {
            dict.set(vm, self.stack[i], self.stack[i + 1])?;
        }
        self.fold(start, dict.value());
        Ok(())
    }

    /// The container below the items from `start` on.
    #[inline]
    fn below(&self, start: usize) -> Result {
        if start <= self.fence() || start > self.stack.len() {
            return Err(self.underflow());
        }
        Ok(self.stack[start - 1])
    }

    fn append(&mut self, start: usize) -> Result<()> {
        let vm = self.vm;
        let v = self.below(start)?;
        if start == self.stack.len() {
            return Ok(());
        }
        if let Some(list) = v.cast::<List>()
            && list.class() == vm.types.list.get()
        {
            list.extend(vm, &self.stack[start..])?;
        } else if let Some(extend) = vm.find_attr(v, vm.names.extend.get())? {
            let items = vm.new_list(&self.stack[start..])?;
            vm.call(extend, &[items.value()])?;
        } else {
            let append = vm.get_attr(v, vm.names.append.get())?;
            for i in start..self.stack.len() {
                vm.call(append, &[self.stack[i]])?;
            }
        }
        self.stack.truncate(start);
        Ok(())
    }

    fn set_items(&mut self, start: usize) -> Result<()> {
        let vm = self.vm;
        let v = self.below(start)?;
        let end = self.stack.len();
        if !(end - start).is_multiple_of(2) {
            return Err(unpickling_error(vm, "odd number of items for SETITEMS"));
        }
        let exact = exact_dict(vm, v);
        if let Some(dict) = exact.filter(|d| d.is_empty() && end - start > 16) {
            dict.reserve(vm, (end - start) / 2)?;
        }
        for i in (start..end).step_by(2) {
            let (key, value) = (self.stack[i], self.stack[i + 1]);
            match exact {
                Some(dict) => dict.set(vm, key, value)?,
                None => vm.set_item(v, key, value)?,
            }
        }
        self.stack.truncate(start);
        Ok(())
    }

    fn add_items(&mut self, start: usize) -> Result<()> {
        let vm = self.vm;
        let v = self.below(start)?;
        if start == self.stack.len() {
            return Ok(());
        }
        match v.cast::<Set>() {
            Some(set) if vm.class_of(v).is_subclass_of(vm.types.set.get()) => {
                for i in start..self.stack.len() {
                    set.add(vm, self.stack[i])?;
                }
            }
            _ => {
                let add = vm.get_attr(v, vm.intern("add"))?;
                for i in start..self.stack.len() {
                    vm.call(add, &[self.stack[i]])?;
                }
            }
        }
        self.stack.truncate(start);
        Ok(())
    }

    /// `class.__new__(class, *args, **keywords)`.
    fn new_object(&mut self, with_keywords: bool) -> Result {
        let vm = self.vm;
        let what = if with_keywords { "NEWOBJ_EX" } else { "NEWOBJ" };
        let keywords = match with_keywords {
            true => Some(self.pop()?),
            false => None,
        };
        let args = self.pop()?;
        let class = self.pop()?;
        let Some(cls) = class.cast::<Class>() else {
            let name = vm.type_name(class);
            return Err(unpickling_error(
                vm,
                format!("{what} class argument must be a type, not {name}"),
            ));
        };
        if cls.special(Special::New).is_none() {
            let name = cls.qualified_name();
            return Err(unpickling_error(
                vm,
                format!("{what} class argument '{name}' doesn't have __new__"),
            ));
        }
        let Some(args) = args.cast::<Tuple>() else {
            let name = vm.type_name(args);
            return Err(unpickling_error(
                vm,
                format!("{what} args argument must be a tuple, not {name}"),
            ));
        };
        let keywords = match keywords {
            None => None,
            Some(k) => match k.cast::<Dict>() {
                Some(dict) => Some(dict),
                None => {
                    let name = vm.type_name(k);
                    return Err(unpickling_error(
                        vm,
                        format!("{what} kwargs argument must be a dict, not {name}"),
                    ));
                }
            },
        };
        make(vm, cls, args.as_slice(), keywords)
    }

    fn build(&mut self) -> Result<()> {
        let vm = self.vm;
        if self.stack.len() < self.fence() + 2 {
            return Err(self.underflow());
        }
        let state = self.pop()?;
        let object = self.top()?;
        if let Some(f) = vm.find_attr(object, vm.names.__setstate__.get())? {
            vm.call(f, &[state])?;
            return Ok(());
        }
        let (state, slots) = match state.cast::<Tuple>() {
            Some(pair) if pair.len() == 2 => (pair.get(0), pair.get(1)),
            _ => (state, Value::NONE),
        };
        if !state.is_none() {
            let Some(state) = state.cast::<Dict>() else {
                return Err(unpickling_error(vm, "state is not a dictionary"));
            };
            self.set_state(object, state)?;
        }
        if !slots.is_none() {
            let Some(slots) = slots.cast::<Dict>() else {
                return Err(unpickling_error(vm, "slot state is not a dictionary"));
            };
            let mut at = 0;
            while let Some((next, key, value)) = slots.next_entry(at) {
                at = next;
                let Some(name) = key.cast::<Str>() else {
                    let name = vm.type_name(key);
                    return Err(
                        vm.type_error(format!("attribute name must be string, not '{name}'"))
                    );
                };
                let name = vm.intern_str(vm.exact_str(name)?);
                vm.set_attr(object, name, Some(value))?;
            }
        }
        Ok(())
    }

    /// Puts attributes into an object's `__dict__`, or where they would be if nobody asked
    /// for that: an object made by unpickling is as quick as another.
    fn set_state(&self, object: Value, state: Gc<Dict>) -> Result<()> {
        let vm = self.vm;
        let class = vm.class_of(object);
        let plain = object.header().filter(|h| {
            let dict = class.lookup(vm, vm.names.__dict__.get());
            h.shape().layout.kind == Kind::Instance
                && h.shape().has_attributes()
                && dict.is_some_and(|d| d.cast::<GetSet>().is_some())
        });
        let str = vm.types.str.get();
        let mut at = 0;
        let mut dict = None;
        while let Some((next, key, value)) = state.next_entry(at) {
            at = next;
            let name = key.cast::<Str>().filter(|s| s.class() == str);
            if let (Some(header), Some(name)) = (plain, name) {
                vm.set_own_attribute(header, name, value)?;
                continue;
            }
            let target = match dict {
                Some(target) => target,
                None => *dict.insert(vm.get_attr(object, vm.names.__dict__.get())?),
            };
            let key = name.map_or(key, |name| vm.intern_str(name).value());
            vm.set_item(target, key, value)?;
        }
        if plain.is_none() && dict.is_none() {
            vm.get_attr(object, vm.names.__dict__.get())?;
        }
        Ok(())
    }
}

/// Calls a class's `__new__`.
fn make(vm: &Vm, class: Gc<Class>, args: &[Value], keywords: Option<Gc<Dict>>) -> Result {
    let new = vm.get_attr(class.value(), vm.names.__new__.get())?;
    let mut all: smallvec::SmallVec<[Value; 8]> = smallvec::SmallVec::new();
    all.push(class.value());
    all.extend_from_slice(args);
    vm.call_dict(new, &all, keywords)
}

/// An instance as protocol 0 makes it: without `__init__` if there are no arguments for it.
fn instantiate(vm: &Vm, class: Value, args: &[Value]) -> Result {
    if let Some(cls) = class.cast::<Class>()
        && args.is_empty()
        && vm.find_attr(class, vm.intern("__getinitargs__"))?.is_none()
    {
        return make(vm, cls, &[], None);
    }
    let args = args.to_vec();
    let args = vm.rooted_from(args);
    vm.call(class, &args)
}

//! One run of a pickler: frames, the memo, and the built-in types.
//!
//! The choice of opcodes, of batches and of what is memoised is part of what users see (two
//! runtimes' pickles are compared by their bytes), so it follows CPython's pickler in each case.

use super::opcodes::*;
use super::pickler::Pickler;
use super::{buffer, overridden, pickling_error};
use crate::common::full_name_with_main;
use rustc_hash::FxHashSet;
use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::object::Class;
use taipan_runtime::types::bytes::{ByteArray, Bytes};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::float::float_of;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::List;
use taipan_runtime::types::set::Set;
use taipan_runtime::types::str::{Str, StrData};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::{Value, stored};
use taipan_runtime::vm::{Raised, Result, Vm};

const FRAME_TARGET: usize = 64 * 1024;
const FRAME_MIN: usize = 4;
const FRAME_HEADER: usize = 9;
/// Items written between a mark and the opcode that takes them.
pub const BATCH: usize = 1000;
/// Nesting from which on a pickler without memo looks for cycles.
const FAST_NESTING: usize = 50;

/// One run of a pickler. Lives on the stack, where the collector sees its values.
pub struct Saver<'a> {
    pub vm: &'a Vm,
    pub pickler: Gc<Pickler>,
    out: Vec<u8>,
    framing: bool,
    /// Where in `out` the open frame begins.
    frame: Option<usize>,
    /// The file's `write`, if there is a file.
    write: Option<Value>,
    pub protocol: i64,
    /// Whether opcodes with binary arguments may be used (protocol 1).
    pub bin: bool,
    persistent_id: Option<Value>,
    pub reducer_override: Option<Value>,
    pub dispatch_table: Option<Value>,
    /// Containers open in fast mode, and how many there are.
    fast_open: FxHashSet<u64>,
    fast_depth: usize,
}

impl<'a> Saver<'a> {
    /// A run of this pickler, with its hooks as they are now.
    ///
    /// # Errors
    /// What looking up the hooks raises.
    pub fn new(vm: &'a Vm, pickler: Gc<Pickler>) -> Result<Saver<'a>> {
        let object = pickler.value();
        let base = vm.class_of_def(&super::pickler::PICKLER)?;
        let hooked = pickler.write.get().is_some_and(|w| !w.is_none());
        let find = |name| {
            if hooked {
                overridden(vm, object, name, base)
            } else {
                Ok(None)
            }
        };
        Ok(Saver {
            vm,
            pickler,
            out: Vec::with_capacity(256),
            framing: false,
            frame: None,
            write: pickler.write.get().filter(|w| !w.is_none()),
            protocol: pickler.protocol.get(),
            bin: pickler.bin.get() != 0,
            persistent_id: find("persistent_id")?,
            reducer_override: find("reducer_override")?,
            dispatch_table: match hooked {
                true => vm.find_attr(object, vm.intern("dispatch_table"))?,
                false => None,
            },
            fast_open: FxHashSet::default(),
            fast_depth: 0,
        })
    }

    /// Writes the pickle of `v`; returns what did not go to a file.
    ///
    /// # Errors
    /// PicklingError, or what the object's methods or the file raise.
    pub fn run(mut self, v: Value) -> Result<Vec<u8>> {
        if self.protocol >= 2 {
            self.put(&[PROTO, self.protocol as u8]);
            self.framing = self.protocol >= 4;
        }
        self.save(v)?;
        self.op(STOP);
        self.close_frame();
        self.flush()?;
        Ok(self.out)
    }

    // Output.

    /// Opens a frame if there is to be one.
    #[inline]
    fn open_frame(&mut self) {
        if self.framing && self.frame.is_none() {
            self.frame = Some(self.out.len());
            self.out.extend_from_slice(&[0; FRAME_HEADER]);
        }
    }

    #[inline]
    pub fn op(&mut self, opcode: u8) {
        self.open_frame();
        self.out.push(opcode);
    }

    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.open_frame();
        self.out.extend_from_slice(bytes);
    }

    fn close_frame(&mut self) {
        let Some(start) = self.frame.take() else {
            return;
        };
        let body = start + FRAME_HEADER;
        let len = self.out.len() - body;
        if len >= FRAME_MIN {
            self.out[start] = FRAME;
            self.out[start + 1..body].copy_from_slice(&(len as u64).to_le_bytes());
        } else {
            self.out.drain(start..body);
        }
    }

    fn flush(&mut self) -> Result<()> {
        if let Some(write) = self.write
            && !self.out.is_empty()
        {
            let bytes = self.vm.new_bytes(&self.out)?;
            self.out.clear();
            self.vm.call(write, &[bytes.value()])?;
        }
        Ok(())
    }

    /// Between two objects: a frame that is long enough ends.
    #[inline]
    fn boundary(&mut self) -> Result<()> {
        match self.frame {
            Some(start) if self.out.len() - start - FRAME_HEADER >= FRAME_TARGET => {
                self.close_frame();
                self.flush()
            }
            _ => Ok(()),
        }
    }

    /// Writes data with its opcode and size; long data outside of frames. `object` is given
    /// to the file as it is then.
    fn data(&mut self, header: &[u8], data: &[u8], object: Option<Value>) -> Result<()> {
        if data.len() < FRAME_TARGET {
            self.put(header);
            self.out.extend_from_slice(data);
            return Ok(());
        }
        self.close_frame();
        self.out.extend_from_slice(header);
        match self.write {
            Some(write) => {
                self.flush()?;
                let object = match object {
                    Some(v) => v,
                    None => self.vm.new_bytes(data)?.value(),
                };
                self.vm.call(write, &[object])?;
            }
            None => self.out.extend_from_slice(data),
        }
        Ok(())
    }

    /// An opcode for lengths of one byte, four or eight, with the length.
    fn sized(&mut self, ops: [Option<u8>; 3], data: &[u8], object: Option<Value>) -> Result<()> {
        let n = data.len();
        let mut header = [0; 9];
        let len = match ops {
            [Some(op), _, _] if n <= 0xFF => {
                header[..2].copy_from_slice(&[op, n as u8]);
                2
            }
            [_, Some(op), _] if n <= 0xFFFF_FFFF => {
                header[0] = op;
                header[1..5].copy_from_slice(&(n as u32).to_le_bytes());
                5
            }
            [_, _, Some(op)] => {
                header[0] = op;
                header[1..].copy_from_slice(&(n as u64).to_le_bytes());
                9
            }
            _ => {
                return Err(self.vm.overflow_error(
                    "serializing an object larger than 4 GiB requires pickle protocol 4 or higher",
                ));
            }
        };
        self.data(&header[..len], data, object)
    }

    // The memo.

    /// Enters an object into the memo, and says so in the pickle.
    pub fn memoize(&mut self, v: Value) -> Result<()> {
        if self.pickler.fast.get() != 0 {
            return Ok(());
        }
        let index = self.pickler.memoize(self.vm, v)?;
        if self.protocol >= 4 {
            self.op(MEMOIZE);
        } else {
            self.indexed(PUT, BINPUT, LONG_BINPUT, index);
        }
        Ok(())
    }

    fn indexed(&mut self, text: u8, short: u8, long: u8, index: u32) {
        if !self.bin {
            self.op(text);
            self.put(format!("{index}\n").as_bytes());
        } else if let Ok(byte) = u8::try_from(index) {
            self.put(&[short, byte]);
        } else {
            self.op(long);
            self.put(&index.to_le_bytes());
        }
    }

    pub fn get(&mut self, index: u32) {
        self.indexed(GET, BINGET, LONG_BINGET, index);
    }

    // Notes and fast mode.

    /// The name of a value's class in messages.
    #[cold]
    pub fn type_name(&self, v: Value) -> String {
        let class = self.vm.class_of(v);
        full_name_with_main(self.vm, class).unwrap_or_else(|_| {
            self.vm.clear_raised();
            class.qualified_name()
        })
    }

    /// Adds "when serializing C what" to the pending exception.
    #[cold]
    pub fn note(&self, raised: Raised, v: Value, what: &str) -> Raised {
        let Some(pending) = self.vm.pending() else {
            return raised;
        };
        self.vm.clear_raised();
        let note = format!("when serializing {} {what}", self.type_name(v));
        let raised = self.vm.raise_again(pending);
        self.vm.note_raised(raised, &note)
    }

    /// Runs `f` for a container. Without a memo a cycle would have no end, so that fast mode
    /// looks for one once things are nested deeply.
    fn nested(&mut self, v: Value, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.pickler.fast.get() == 0 {
            return f(self);
        }
        self.fast_depth += 1;
        let marked = self.fast_depth >= FAST_NESTING;
        if marked && !self.fast_open.insert(v.bits()) {
            return Err(self.vm.value_error(format!(
                "fast mode: can't pickle cyclic objects including object type {} at {:#x}",
                self.vm.type_name(v),
                self.vm.id(v)
            )));
        }
        f(self)?;
        if marked {
            self.fast_open.remove(&v.bits());
        }
        self.fast_depth -= 1;
        Ok(())
    }

    // Objects.

    /// Writes an object.
    ///
    /// # Errors
    /// As [`Saver::run`]; RecursionError if it is nested too deeply.
    pub fn save(&mut self, v: Value) -> Result<()> {
        self.boundary()?;
        if let Some(f) = self.persistent_id {
            let id = self.vm.call(f, &[v])?;
            if !id.is_none() {
                return self.save_persistent(id);
            }
        }
        self.save_object(v)
    }

    #[inline]
    fn save_object(&mut self, v: Value) -> Result<()> {
        if let Some(i) = v.as_int() {
            self.small_int(i);
            return Ok(());
        }
        match v {
            Value::NONE => {
                self.op(NONE);
                return Ok(());
            }
            Value::TRUE | Value::FALSE => {
                let yes = v == Value::TRUE;
                match (self.protocol >= 2, yes) {
                    (true, true) => self.op(NEWTRUE),
                    (true, false) => self.op(NEWFALSE),
                    (false, true) => self.put(b"I01\n"),
                    (false, false) => self.put(b"I00\n"),
                }
                return Ok(());
            }
            _ => {}
        }
        if let Some(f) = v.as_float() {
            self.float(f);
            return Ok(());
        }
        if let Some(index) = self.pickler.memo_index(v) {
            self.get(index);
            return Ok(());
        }
        self.save_new(v)
    }

    fn save_new(&mut self, v: Value) -> Result<()> {
        let vm = self.vm;
        let class = vm.class_of(v);
        if class == vm.types.str.get()
            && let Some(s) = v.cast::<Str>()
        {
            return self.str(s);
        }
        if !vm.thread().native_room() {
            return Err(
                vm.recursion_error("maximum recursion depth exceeded while pickling an object")
            );
        }
        self.save_compound(v, class)
    }

    fn save_compound(&mut self, v: Value, class: Gc<Class>) -> Result<()> {
        let vm = self.vm;
        let types = &vm.types;
        match class.layout.kind {
            Kind::Dict if class == types.dict.get() => {
                if let Some(dict) = v.cast::<Dict>() {
                    return self.nested(v, |s| s.dict(dict));
                }
            }
            Kind::List if class == types.list.get() => {
                if let Some(list) = v.cast::<List>() {
                    return self.nested(v, |s| s.list(list));
                }
            }
            Kind::Tuple if class == types.tuple.get() => {
                if let Some(tuple) = v.cast::<Tuple>() {
                    return self.tuple(tuple);
                }
            }
            Kind::Bytes if class == types.bytes.get() => {
                if let Some(bytes) = v.cast::<Bytes>() {
                    return self.bytes(bytes);
                }
            }
            Kind::ByteArray if class == types.bytearray.get() => {
                if let Some(array) = v.cast::<ByteArray>() {
                    return self.bytearray(array);
                }
            }
            Kind::Set => {
                if let Some(set) = v.cast::<Set>() {
                    if class == types.set.get() {
                        return self.set(set);
                    }
                    if class == types.frozenset.get() {
                        return self.frozenset(set);
                    }
                }
            }
            _ => {}
        }
        if class == types.int.get() {
            return self.big_int(v);
        }
        if class == types.float.get()
            && let Some(f) = float_of(v)
        {
            self.float(f);
            return Ok(());
        }
        if let Some(b) = v.cast::<buffer::PickleBuffer>() {
            return self.pickle_buffer(v, b);
        }
        self.save_by_reduction(v, class)
    }

    fn save_persistent(&mut self, id: Value) -> Result<()> {
        if self.bin {
            self.save_object(id)?;
            self.op(BINPERSID);
            return Ok(());
        }
        let text = self.vm.str(id)?;
        let Some(text) = text.as_ascii() else {
            return Err(pickling_error(
                self.vm,
                "persistent IDs in protocol 0 must be ASCII strings",
            ));
        };
        self.op(PERSID);
        self.put(text.as_bytes());
        self.op(b'\n');
        Ok(())
    }

    fn small_int(&mut self, i: i64) {
        if !self.bin {
            let line = match i32::try_from(i) {
                Ok(i) => format!("I{i}\n"),
                Err(_) if self.protocol >= 2 => return self.long_bytes(i),
                Err(_) => format!("L{i}L\n"),
            };
            return self.put(line.as_bytes());
        }
        if let Ok(byte) = u8::try_from(i) {
            self.put(&[BININT1, byte]);
        } else if let Ok(n) = u16::try_from(i) {
            let [a, b] = n.to_le_bytes();
            self.put(&[BININT2, a, b]);
        } else if let Ok(n) = i32::try_from(i) {
            let [a, b, c, d] = n.to_le_bytes();
            self.put(&[BININT, a, b, c, d]);
        } else if self.protocol >= 2 {
            self.long_bytes(i);
        } else {
            self.put(format!("L{i}L\n").as_bytes());
        }
    }

    /// An integer of up to eight bytes, without those that only repeat the sign.
    fn long_bytes(&mut self, i: i64) {
        let bytes = i.to_le_bytes();
        let mut n = bytes.len();
        while n > 1 {
            let sign = if bytes[n - 2] & 0x80 == 0 { 0 } else { 0xFF };
            if bytes[n - 1] != sign {
                break;
            }
            n -= 1;
        }
        self.put(&[LONG1, n as u8]);
        self.put(&bytes[..n]);
    }

    fn big_int(&mut self, v: Value) -> Result<()> {
        let Some(IntRef::Big(big)) = v.as_int_ref() else {
            return Ok(());
        };
        if let Some(i) = big.to_i64() {
            self.small_int(i);
            return Ok(());
        }
        if self.protocol < 2 {
            let text = self.vm.repr_text(v)?;
            self.put(format!("L{text}L\n").as_bytes());
            return Ok(());
        }
        let bytes = big.big().to_signed_bytes_le();
        if let Ok(n) = u8::try_from(bytes.len()) {
            self.put(&[LONG1, n]);
        } else if let Ok(n) = i32::try_from(bytes.len()) {
            self.op(LONG4);
            self.put(&n.to_le_bytes());
        } else {
            return Err(self.vm.overflow_error("int too large to pickle"));
        }
        self.put(&bytes);
        Ok(())
    }

    fn float(&mut self, f: f64) {
        if self.bin {
            let mut bytes = [BINFLOAT; 9];
            bytes[1..].copy_from_slice(&stored(f).to_be_bytes());
            self.put(&bytes);
        } else {
            let text = taipan_text::float::repr(f);
            self.put(format!("F{text}\n").as_bytes());
        }
    }

    fn str(&mut self, s: Gc<Str>) -> Result<()> {
        if !self.bin {
            let mut line = vec![UNICODE];
            for c in s.code_points() {
                match c {
                    0 | 0x0A | 0x0D | 0x1A | 0x5C | 0x100..=0xFFFF => {
                        line.extend_from_slice(format!("\\u{c:04x}").as_bytes());
                    }
                    0x1_0000.. => line.extend_from_slice(format!("\\U{c:08x}").as_bytes()),
                    _ => line.push(c as u8),
                }
            }
            line.push(b'\n');
            self.put(&line);
            return self.memoize(s.value());
        }
        let short = (self.protocol >= 4).then_some(SHORT_BINUNICODE);
        let long = (self.protocol >= 4).then_some(BINUNICODE8);
        let ops = [short, Some(BINUNICODE), long];
        match s.data() {
            StrData::Latin1(text) if s.is_ascii() => self.sized(ops, text, None)?,
            _ => self.sized(ops, &s.to_wtf8(), None)?,
        }
        self.memoize(s.value())
    }

    fn bytes(&mut self, bytes: Gc<Bytes>) -> Result<()> {
        let vm = self.vm;
        if self.protocol >= 3 {
            return self.bytes_data(bytes.as_slice(), bytes.value());
        }
        // Before protocol 3 there is no opcode for bytes.
        let (f, args) = if bytes.is_empty() {
            (vm.types.bytes.get().value(), vm.new_tuple(&[])?)
        } else {
            let ascii = bytes.as_slice().is_ascii();
            let text = vm.try_new_str_latin1(bytes.as_slice(), ascii)?;
            let f = vm.import_attr("_codecs", "encode")?;
            let latin1 = vm.intern("latin1").value();
            (f, vm.new_tuple(&[text.value(), latin1])?)
        };
        self.save_reduction(bytes.value(), &[f, args.value()])
    }

    /// Bytes, memoised under `object`.
    fn bytes_data(&mut self, data: &[u8], object: Value) -> Result<()> {
        let long = (self.protocol >= 4).then_some(BINBYTES8);
        let whole = self.vm.is_kind(object, Kind::Bytes).then_some(object);
        self.sized([Some(SHORT_BINBYTES), Some(BINBYTES), long], data, whole)?;
        self.memoize(object)
    }

    fn bytearray(&mut self, array: Gc<ByteArray>) -> Result<()> {
        let vm = self.vm;
        if self.protocol >= 5 {
            // A file may run code that changes the array.
            let copy = array.as_slice().to_vec();
            return self.bytearray_data(&copy, array.value());
        }
        let args = if array.is_empty() {
            vm.new_tuple(&[])?
        } else {
            vm.new_tuple(&[vm.new_bytes(array.as_slice())?.value()])?
        };
        self.save_reduction(
            array.value(),
            &[vm.types.bytearray.get().value(), args.value()],
        )
    }

    fn bytearray_data(&mut self, data: &[u8], object: Value) -> Result<()> {
        self.sized([None, None, Some(BYTEARRAY8)], data, None)?;
        self.memoize(object)
    }

    fn pickle_buffer(&mut self, v: Value, b: Gc<buffer::PickleBuffer>) -> Result<()> {
        let vm = self.vm;
        if self.protocol < 5 {
            return Err(pickling_error(
                vm,
                "PickleBuffer can only be pickled with protocol >= 5",
            ));
        }
        let view = vm.get_buffer(buffer::held(vm, b)?.value(), false)?;
        if !view.is_c_contiguous() && !view.is_f_contiguous() {
            return Err(pickling_error(
                vm,
                "PickleBuffer can not be pickled when pointing to a non-contiguous buffer",
            ));
        }
        let in_band = match self.pickler.buffer_callback.get() {
            Some(f) => {
                let kept = vm.call(f, &[v])?;
                vm.truth(kept)?
            }
            None => true,
        };
        if in_band {
            // A contiguous buffer's memory in its own order.
            let data = view.gather(!view.is_c_contiguous());
            return match view.readonly {
                true => self.bytes_data(&data, v),
                false => self.bytearray_data(&data, v),
            };
        }
        self.op(NEXT_BUFFER);
        if view.readonly {
            self.op(READONLY_BUFFER);
        }
        Ok(())
    }

    fn tuple(&mut self, tuple: Gc<Tuple>) -> Result<()> {
        let v = tuple.value();
        let n = tuple.len();
        if n == 0 {
            match self.bin {
                true => self.op(EMPTY_TUPLE),
                false => self.put(&[MARK, TUPLE]),
            }
            return Ok(());
        }
        let short = n <= 3 && self.protocol >= 2;
        if !short {
            self.op(MARK);
        }
        for i in 0..n {
            self.save(tuple.get(i))
                .map_err(|raised| self.note(raised, v, &format!("item {i}")))?;
        }
        // An item may lead back to the tuple, which then is written already.
        if let Some(index) = self.pickler.memo_index(v) {
            if short {
                self.put(&[POP; 3][..n]);
            } else if self.bin {
                self.op(POP_MARK);
            } else {
                for _ in 0..=n {
                    self.op(POP);
                }
            }
            self.get(index);
            return Ok(());
        }
        self.op(match (short, n) {
            (false, _) => TUPLE,
            (_, 1) => TUPLE1,
            (_, 2) => TUPLE2,
            _ => TUPLE3,
        });
        self.memoize(v)
    }

    fn list(&mut self, list: Gc<List>) -> Result<()> {
        let vm = self.vm;
        let v = list.value();
        match self.bin {
            true => self.op(EMPTY_LIST),
            false => self.put(&[MARK, LIST]),
        }
        self.memoize(v)?;
        if list.is_empty() {
            return Ok(());
        }
        if self.protocol == 0 {
            let items = vm.iter(v)?;
            return self.batch_list(items, v);
        }
        let item = |s: &mut Self, i: usize| match list.get(i) {
            Some(item) => s
                .save(item)
                .map_err(|raised| s.note(raised, v, &format!("item {i}"))),
            None => Ok(()),
        };
        if list.len() == 1 {
            item(self, 0)?;
            self.op(APPEND);
            return Ok(());
        }
        let mut at = 0;
        while at < list.len() {
            self.op(MARK);
            let end = at + BATCH;
            while at < list.len() && at < end {
                item(self, at)?;
                at += 1;
            }
            self.op(APPENDS);
        }
        Ok(())
    }

    fn dict(&mut self, dict: Gc<Dict>) -> Result<()> {
        let vm = self.vm;
        let v = dict.value();
        match self.bin {
            true => self.op(EMPTY_DICT),
            false => self.put(&[MARK, DICT]),
        }
        self.memoize(v)?;
        let len = dict.len();
        if len == 0 {
            return Ok(());
        }
        if self.protocol == 0 {
            let items = vm.call_method_named(v, vm.names.items.get(), &[])?;
            let items = vm.iter(items)?;
            return self.batch_dict(items, v);
        }
        let mut at = 0;
        if len == 1 {
            if let Some((_, key, value)) = dict.next_entry(0) {
                self.entry(v, key, value)?;
                self.op(SETITEM);
            }
            return Ok(());
        }
        loop {
            let mut n = 0;
            self.op(MARK);
            while n < BATCH
                && let Some((next, key, value)) = dict.next_entry(at)
            {
                at = next;
                self.entry(v, key, value)?;
                n += 1;
            }
            self.op(SETITEMS);
            if dict.len() != len {
                return Err(vm.runtime_error("dictionary changed size during iteration"));
            }
            if n < BATCH {
                return Ok(());
            }
        }
    }

    /// A key and its value, of container `v`.
    #[inline]
    pub fn entry(&mut self, v: Value, key: Value, value: Value) -> Result<()> {
        self.save(key)?;
        self.save(value).map_err(|raised| {
            let Some(pending) = self.vm.pending() else {
                return raised;
            };
            self.vm.clear_raised();
            match self.vm.repr_text(key) {
                Ok(key) => {
                    let raised = self.vm.raise_again(pending);
                    self.note(raised, v, &format!("item {key}"))
                }
                Err(_) => self.vm.raise_again(pending),
            }
        })
    }

    fn set(&mut self, set: Gc<Set>) -> Result<()> {
        let vm = self.vm;
        let v = set.value();
        if self.protocol < 4 {
            return self.set_by_list(v, vm.types.set.get());
        }
        self.op(EMPTY_SET);
        self.memoize(v)?;
        let len = set.len();
        if len == 0 {
            return Ok(());
        }
        let mut at = 0;
        loop {
            let mut n = 0;
            self.op(MARK);
            while n < BATCH
                && let Some((next, item)) = set.next_entry(at)
            {
                at = next;
                self.save(item)
                    .map_err(|raised| self.note(raised, v, "element"))?;
                n += 1;
            }
            self.op(ADDITEMS);
            if set.len() != len {
                return Err(vm.runtime_error("set changed size during iteration"));
            }
            if n < BATCH {
                return Ok(());
            }
        }
    }

    fn set_by_list(&mut self, v: Value, class: Gc<Class>) -> Result<()> {
        let vm = self.vm;
        let items = vm.collect(v)?;
        let list = vm.new_list(&items)?.value();
        let args = vm.new_tuple(&[list])?.value();
        self.save_reduction(v, &[class.value(), args])
    }

    fn frozenset(&mut self, set: Gc<Set>) -> Result<()> {
        let v = set.value();
        if self.protocol < 4 {
            return self.set_by_list(v, self.vm.types.frozenset.get());
        }
        self.op(MARK);
        let mut at = 0;
        while let Some((next, item)) = set.next_entry(at) {
            at = next;
            self.save(item)
                .map_err(|raised| self.note(raised, v, "element"))?;
        }
        // As for tuples.
        if let Some(index) = self.pickler.memo_index(v) {
            self.op(POP_MARK);
            self.get(index);
            return Ok(());
        }
        self.op(FROZENSET);
        self.memoize(v)
    }
}

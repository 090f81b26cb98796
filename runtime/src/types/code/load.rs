//! Code objects from serialised bytes that live as long as the program: the
//! embedded library.
//!
//! Values are made straight from the bytes: there is no tree between them, each
//! name is interned once for a module however often it is mentioned, and tables
//! that only tracebacks read stay where they are.

use super::{CodeObject, looks_like_name};
use crate::heap::{Gc, GcField, Header};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Raised, Result, RootedVec, Vm};
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use taipan_bytecode::LocalKind;
use taipan_bytecode::serial::{self, RawConst, Reader};

/// What stops loading: damaged bytes, or an exception.
enum Failure {
    Damaged,
    Raised(Raised),
}

impl From<serial::Error> for Failure {
    fn from(_: serial::Error) -> Self {
        Failure::Damaged
    }
}

impl From<Raised> for Failure {
    fn from(raised: Raised) -> Self {
        Failure::Raised(raised)
    }
}

type Loaded<T> = std::result::Result<T, Failure>;

struct Loader<'vm> {
    vm: &'vm Vm,
    filename: Gc<Str>,
    /// The table of strings as interned ones, each made when first named.
    names: Vec<Option<Gc<Str>>>,
    /// Constants read of the code objects and tuples that are under way.
    values: RootedVec<'vm>,
}

impl Vm {
    /// Loads serialised code that is part of the program. `filename` is given the
    /// name that was compiled in, and returns the one to use.
    ///
    /// # Errors
    /// `None` for bytes that are not serialised code, or the exception.
    pub fn load_static_code(
        &self,
        bytes: &'static [u8],
        filename: impl FnOnce(&str) -> String,
    ) -> std::result::Result<Gc<CodeObject>, Option<Raised>> {
        self.load_static(bytes, filename).map_err(|e| match e {
            Failure::Damaged => None,
            Failure::Raised(raised) => Some(raised),
        })
    }

    fn load_static(
        &self,
        bytes: &'static [u8],
        filename: impl FnOnce(&str) -> String,
    ) -> Loaded<Gc<CodeObject>> {
        let mut reader = Reader::new(bytes)?;
        let mut loader = Loader {
            vm: self,
            filename: self.intern(""),
            names: vec![None; reader.string_count()],
            values: self.rooted(),
        };
        let code = reader.code()?;
        loader.filename = self.new_str(&filename(reader.text(code.filename)?));
        loader.finish(&mut reader, code)
    }
}

impl Loader<'_> {
    fn name(&mut self, reader: &Reader<'_>, index: usize) -> Loaded<Gc<Str>> {
        match self.names[index] {
            Some(name) => Ok(name),
            None => {
                let name = self.vm.intern(reader.text(index)?);
                self.names[index] = Some(name);
                Ok(name)
            }
        }
    }

    /// Reads the code's constants and makes the object.
    fn finish(
        &mut self,
        reader: &mut Reader<'static>,
        raw: serial::RawCode<'static>,
    ) -> Loaded<Gc<CodeObject>> {
        let vm = self.vm;
        let base = self.values.len();
        self.constants(reader, raw.consts)?;
        let consts = vm.new_tuple(&self.values[base..])?;
        self.values.truncate(base);
        // Interned strings need no root.
        let mut names = Vec::with_capacity(raw.names.len().max(raw.locals_plus.len()));
        for at in raw.names {
            names.push(self.name(reader, at)?.value());
        }
        let name_tuple = vm.new_tuple(&names)?;
        names.clear();
        for (at, _) in &raw.locals_plus {
            names.push(self.name(reader, *at)?.value());
        }
        let kinds: Box<[LocalKind]> = raw.locals_plus.iter().map(|(_, kind)| *kind).collect();
        let object = CodeObject {
            header: Header::empty(),
            name: self.name(reader, raw.name)?,
            qualname: self.name(reader, raw.qualname)?,
            filename: Cell::new(self.filename),
            flags: raw.flags,
            arg_count: raw.arg_count,
            posonly_arg_count: raw.posonly_arg_count,
            kwonly_arg_count: raw.kwonly_arg_count,
            first_line: raw.first_line,
            stack_size: raw.stack_size,
            total_args: super::total_args(raw.flags, raw.arg_count + raw.kwonly_arg_count),
            locals_plus: kinds.len() as u32,
            first_free: super::first_free(&kinds),
            simple_args: super::has_simple_args(raw.flags, raw.kwonly_arg_count),
            local_names: vm.new_tuple(&names)?,
            local_kinds: kinds,
            names: name_tuple,
            consts,
            instrs: raw.instrs.into_iter().map(Cell::new).collect(),
            line_table: Cow::Borrowed(raw.line_table),
            exception_table: Cow::Borrowed(raw.exception_table),
            handlers: OnceCell::new(),
            runs_on_close: OnceCell::new(),
            hash_plan: OnceCell::new(),
            consumers: GcField::empty(),
            hotness: Cell::new(0),
            functions: Cell::new(0),
            unfollowed: Cell::new(0),
        };
        Ok(vm.heap.alloc(vm.shapes.code.get(), object))
    }

    fn constants(&mut self, reader: &mut Reader<'static>, count: usize) -> Loaded<()> {
        for _ in 0..count {
            let value = self.constant(reader)?;
            self.values.push(value);
        }
        Ok(())
    }

    /// As many constants made into one value by `make`.
    fn compound(
        &mut self,
        reader: &mut Reader<'static>,
        count: usize,
        make: impl FnOnce(&Vm, &[Value]) -> Result,
    ) -> Loaded<Value> {
        let base = self.values.len();
        reader.nested(|r| self.constants(r, count))?;
        let value = make(self.vm, &self.values[base..])?;
        self.values.truncate(base);
        Ok(value)
    }

    fn constant(&mut self, reader: &mut Reader<'static>) -> Loaded<Value> {
        let vm = self.vm;
        Ok(match reader.constant()? {
            RawConst::None => Value::NONE,
            RawConst::True => Value::TRUE,
            RawConst::False => Value::FALSE,
            RawConst::Ellipsis => Value::ELLIPSIS,
            RawConst::Int(i) => vm.new_int(i),
            RawConst::BigInt {
                negative,
                magnitude,
            } => super::big_constant(vm, negative, magnitude),
            RawConst::Float(f) => Value::float(f),
            RawConst::Complex { real, imag } => vm.new_complex(real, imag),
            RawConst::Str(s) => match std::str::from_utf8(s) {
                Ok(text) if looks_like_name(text) => vm.intern(text).value(),
                _ => vm.str_from_wtf8(s)?.value(),
            },
            RawConst::Bytes(b) => vm.new_bytes(b)?.value(),
            RawConst::Tuple(n) => {
                self.compound(reader, n, |vm, items| Ok(vm.new_tuple(items)?.value()))?
            }
            RawConst::FrozenSet(n) => {
                self.compound(reader, n, |vm, items| vm.new_frozenset(items))?
            }
            RawConst::Slice => self.compound(reader, 3, |vm, parts| {
                Ok(vm.new_slice(parts[0], parts[1], parts[2]).value())
            })?,
            RawConst::Code => {
                let code = reader.nested(|r| {
                    let raw = r.code()?;
                    self.finish(r, raw)
                })?;
                code.value()
            }
        })
    }
}

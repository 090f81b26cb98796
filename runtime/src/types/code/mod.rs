//! Code objects on the heap: constants as values, names interned, instructions
//! with their inline caches.

mod export;
mod load;
mod methods;
pub use methods::CODE;

use crate::heap::{Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::ops::key::HashPlan;
use crate::types::list::Array;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use taipan_bytecode::{Code, CodeFlags, Const, LocalKind};

/// A range of instructions covered by a handler.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    pub depth: u32,
    pub push_lasti: bool,
}

/// A Python code object.
#[repr(C)]
pub struct CodeObject {
    pub header: Header,
    pub name: Gc<Str>,
    pub qualname: Gc<Str>,
    pub filename: Cell<Gc<Str>>,
    pub flags: u32,
    pub arg_count: u32,
    pub posonly_arg_count: u32,
    pub kwonly_arg_count: u32,
    pub first_line: u32,
    pub stack_size: u32,
    /// Slots that arguments fill, `*args` and `**kwargs` included.
    pub total_args: u32,
    pub locals_plus: u32,
    /// Index of the first free variable among the slots.
    pub first_free: u32,
    /// Whether a positional call with exactly `arg_count` values needs no binding.
    pub simple_args: bool,
    pub local_names: Gc<Tuple>,
    pub local_kinds: Box<[LocalKind]>,
    pub names: Gc<Tuple>,
    pub consts: Gc<Tuple>,
    instrs: Box<[Cell<u32>]>,
    pub line_table: Cow<'static, [u8]>,
    pub exception_table: Cow<'static, [u8]>,
    handlers: OnceCell<Box<[Handler]>>,
    runs_on_close: OnceCell<bool>,
    /// Of a `__hash__`: what it hashes, if that is known.
    pub(crate) hash_plan: OnceCell<Option<Box<HashPlan>>>,
    /// Of a generator's code: the functions that take its items, by [`crate::object::Consumer`].
    pub consumers: GcField<Array>,
    /// Counts entries and loop iterations.
    pub hotness: Cell<u32>,
    /// How many functions were made of it, up to 255.
    pub functions: Cell<u8>,
    /// Of a generator's code: how often a trace that resumed one came to nothing for a loop that
    /// has code of its own, or should have.
    pub unfollowed: Cell<u8>,
}

heap_object!(
    CodeObject,
    "code",
    Kind::Code,
    |this, marker| {
        marker.object(this.name);
        marker.object(this.qualname);
        marker.object(this.filename.get());
        marker.object(this.local_names);
        marker.object(this.names);
        marker.object(this.consts);
        marker.gc_field(&this.consumers);
    },
    drop
);

impl CodeObject {
    /// The instructions, which specialisation rewrites.
    #[inline(always)]
    pub fn instrs(&self) -> &[Cell<u32>] {
        &self.instrs
    }

    /// The instructions as compiled: specialisation undone, caches zero.
    pub fn generic_instrs(&self) -> Vec<u32> {
        use taipan_bytecode::{Instr, Op};
        let mut units = Vec::with_capacity(self.instrs.len());
        let mut i = 0;
        while i < self.instrs.len() {
            let instr = Instr(self.instrs[i].get());
            let op = Op::from_u8(instr.op_byte()).unwrap_or(Op::NOP);
            units.push(Instr::new(op.generic(), instr.arg()).0);
            units.resize(units.len() + op.caches(), 0);
            i += 1 + op.caches();
        }
        units.truncate(self.instrs.len());
        units
    }

    /// Address of the first unit.
    #[inline(always)]
    pub fn start(&self) -> *const Cell<u32> {
        self.instrs.as_ptr()
    }

    /// The handlers, in order of nesting: of several that cover an instruction
    /// exactly one is listed for it.
    pub fn handlers(&self) -> &[Handler] {
        self.handlers
            .get_or_init(|| decode_handlers(&self.exception_table))
    }

    /// Whether closing a suspended generator of this code could run any of it:
    /// only then does dropping one matter. The handler around the whole body, which
    /// turns StopIteration into RuntimeError, and those of `yield from` and `await`,
    /// which pass the exception on, do not count.
    pub fn runs_on_close(&self) -> bool {
        use taipan_bytecode::{Instr, Op};
        *self.runs_on_close.get_or_init(|| {
            self.handlers().iter().any(|h| {
                let unit = Instr(self.instrs[h.target as usize].get());
                let op = unit.op_byte();
                !(op == Op::CALL_INTRINSIC_1 as u8 && unit.arg() == 3
                    || op == Op::CLEANUP_THROW as u8)
            })
        })
    }

    /// The handler for the instruction at `index`.
    pub fn handler_at(&self, index: u32) -> Option<Handler> {
        let handlers = self.handlers();
        let at = handlers.partition_point(|h| h.start <= index);
        handlers[..at].last().filter(|h| index < h.end).copied()
    }

    /// A name by its index.
    #[inline(always)]
    pub fn name_at(&self, index: usize) -> Gc<Str> {
        // SAFETY: names are strings, and the compiler's indices are in range.
        unsafe { self.names.as_slice().get_unchecked(index).cast_unchecked() }
    }

    /// A local variable's name.
    pub fn local_name(&self, index: usize) -> Gc<Str> {
        // SAFETY: the names are strings.
        unsafe { self.local_names.get(index).cast_unchecked() }
    }

    /// `co_flags` has all of these bits.
    #[inline(always)]
    pub fn has(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// The docstring, or None.
    pub fn docstring(&self) -> Value {
        if self.has(CodeFlags::HAS_DOCSTRING) && !self.consts.is_empty() {
            self.consts.get(0)
        } else {
            Value::NONE
        }
    }

    /// The line of the instruction at `index`, if it has one.
    pub fn line_of(&self, index: u32) -> Option<u32> {
        self.position_of(index).and_then(|p| p.line)
    }

    /// The source position of the instruction at `index` (PEP 657).
    pub fn position_of(&self, index: u32) -> Option<Position> {
        Positions::new(&self.line_table, self.first_line)
            .find(|(start, len, _)| index < start + len)
            .map(|(.., p)| p)
    }

    /// Source positions by ranges of instructions.
    pub fn positions(&self) -> Positions<'_> {
        Positions::new(&self.line_table, self.first_line)
    }
}

/// A source position; lines count from 1, columns from 0 in UTF-8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Position {
    pub line: Option<u32>,
    pub end_line: Option<u32>,
    pub column: Option<u32>,
    pub end_column: Option<u32>,
}

/// Decodes a location table (CPython's `Objects/locations.md`):
/// (first unit, number of units, position).
pub struct Positions<'a> {
    table: &'a [u8],
    at: usize,
    line: i64,
    unit: u32,
}

impl<'a> Positions<'a> {
    fn new(table: &'a [u8], first_line: u32) -> Self {
        Positions {
            table,
            at: 0,
            line: first_line.into(),
            unit: 0,
        }
    }

    fn byte(&mut self) -> u32 {
        let b = self.table.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        b.into()
    }

    fn varint(&mut self) -> u32 {
        let (mut value, mut shift) = (0u32, 0);
        loop {
            let b = self.byte();
            value |= (b & 63).checked_shl(shift).unwrap_or(0);
            shift += 6;
            if b & 64 == 0 || shift > 30 {
                return value;
            }
        }
    }

    fn signed(&mut self) -> i64 {
        let v = self.varint();
        let magnitude = i64::from(v >> 1);
        if v & 1 != 0 { -magnitude } else { magnitude }
    }
}

impl Iterator for Positions<'_> {
    type Item = (u32, u32, Position);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.table.len() {
            return None;
        }
        let first = self.byte();
        let length = (first & 7) + 1;
        let kind = first >> 3 & 15;
        let mut p = Position::default();
        match kind {
            15 => {}
            14 => {
                self.line += self.signed();
                p.line = Some(self.line as u32);
                p.end_line = Some(self.line as u32 + self.varint());
                p.column = self.varint().checked_sub(1);
                p.end_column = self.varint().checked_sub(1);
            }
            13 => {
                self.line += self.signed();
                p.line = Some(self.line as u32);
                p.end_line = p.line;
            }
            10..=12 => {
                self.line += i64::from(kind - 10);
                p.line = Some(self.line as u32);
                p.end_line = p.line;
                p.column = Some(self.byte());
                p.end_column = Some(self.byte());
            }
            _ => {
                let second = self.byte();
                let column = kind << 3 | second >> 4;
                p.line = Some(self.line as u32);
                p.end_line = p.line;
                p.column = Some(column);
                p.end_column = Some(column + (second & 15));
            }
        }
        let start = self.unit;
        self.unit += length;
        Some((start, length, p))
    }
}

fn decode_handlers(table: &[u8]) -> Box<[Handler]> {
    let mut at = 0;
    let mut varint = || {
        let mut value = 0u32;
        loop {
            let b = *table.get(at)?;
            at += 1;
            value = value << 6 | u32::from(b & 63);
            if b & 64 == 0 {
                return Some(value);
            }
        }
    };
    let mut handlers = Vec::new();
    while let Some(start) = varint() {
        let (Some(length), Some(target), Some(depth)) = (varint(), varint(), varint()) else {
            break;
        };
        handlers.push(Handler {
            start,
            end: start + length,
            target,
            depth: depth >> 1,
            push_lasti: depth & 1 != 0,
        });
    }
    handlers.into()
}

/// Slots that arguments fill; `named` parameters apart from `*args` and `**kwargs`.
fn total_args(flags: u32, named: u32) -> u32 {
    named
        + u32::from(flags & CodeFlags::VARARGS != 0)
        + u32::from(flags & CodeFlags::VARKEYWORDS != 0)
}

fn first_free(kinds: &[LocalKind]) -> u32 {
    let at = kinds.iter().position(|k| k.is_free());
    at.unwrap_or(kinds.len()) as u32
}

fn has_simple_args(flags: u32, kwonly: u32) -> bool {
    flags & (CodeFlags::VARARGS | CodeFlags::VARKEYWORDS) == 0 && kwonly == 0
}

/// Whether a string constant is interned, as CPython does for what looks like a name.
fn looks_like_name(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn big_constant(vm: &Vm, negative: bool, magnitude: &[u8]) -> Value {
    let value = taipan_text::int::from_bytes(magnitude, taipan_text::int::Endian::Little, false);
    vm.new_bigint(if negative { -value } else { value })
}

impl Vm {
    /// Loads compiled code onto the heap.
    pub fn new_code(&self, code: &Code) -> Result<Gc<CodeObject>> {
        let filename = self.str_from_wtf8(code.filename.as_bytes())?;
        self.load_code(code, filename)
    }

    fn load_code(&self, code: &Code, filename: Gc<Str>) -> Result<Gc<CodeObject>> {
        let mut consts = self.rooted();
        for c in &code.consts {
            consts.push(self.load_const(c, filename)?);
        }
        let names: Vec<Value> = code.names.iter().map(|n| self.intern(n).value()).collect();
        let local_names: Vec<Value> = code
            .locals_plus
            .iter()
            .map(|(n, _)| self.intern(n).value())
            .collect();
        let kinds: Box<[LocalKind]> = code.locals_plus.iter().map(|(_, k)| *k).collect();
        let flags = code.flags;
        let code = CodeObject {
            header: Header::empty(),
            name: self.intern(&code.name),
            qualname: self.intern(&code.qualname),
            filename: Cell::new(filename),
            flags,
            arg_count: code.arg_count,
            posonly_arg_count: code.posonly_arg_count,
            kwonly_arg_count: code.kwonly_arg_count,
            first_line: code.first_line,
            stack_size: code.stack_size,
            total_args: total_args(flags, code.arg_count + code.kwonly_arg_count),
            locals_plus: kinds.len() as u32,
            first_free: first_free(&kinds),
            simple_args: has_simple_args(flags, code.kwonly_arg_count),
            local_names: self.new_tuple(&local_names)?,
            local_kinds: kinds,
            names: self.new_tuple(&names)?,
            consts: self.new_tuple(&consts)?,
            instrs: code.instrs.iter().map(|i| Cell::new(*i)).collect(),
            line_table: code.line_table.clone().into(),
            exception_table: code.exception_table.clone().into(),
            handlers: OnceCell::new(),
            runs_on_close: OnceCell::new(),
            hash_plan: OnceCell::new(),
            consumers: GcField::empty(),
            hotness: Cell::new(0),
            functions: Cell::new(0),
            unfollowed: Cell::new(0),
        };
        Ok(self.heap.alloc(self.shapes.code.get(), code))
    }

    /// The same code again, as compiled, with further `flags`.
    pub fn copy_code(&self, code: Gc<CodeObject>, flags: u32) -> Gc<CodeObject> {
        self.copy_code_with(code, flags, code.consts)
    }

    /// As [`Vm::copy_code`], with other constants.
    pub fn copy_code_with(
        &self,
        code: Gc<CodeObject>,
        flags: u32,
        consts: Gc<Tuple>,
    ) -> Gc<CodeObject> {
        let copy = CodeObject {
            header: Header::empty(),
            name: code.name,
            qualname: code.qualname,
            filename: code.filename.clone(),
            flags: code.flags | flags,
            local_names: code.local_names,
            local_kinds: code.local_kinds.clone(),
            names: code.names,
            consts,
            instrs: code.generic_instrs().into_iter().map(Cell::new).collect(),
            line_table: code.line_table.clone(),
            exception_table: code.exception_table.clone(),
            handlers: OnceCell::new(),
            runs_on_close: OnceCell::new(),
            hash_plan: OnceCell::new(),
            consumers: GcField::empty(),
            hotness: Cell::new(0),
            functions: Cell::new(0),
            unfollowed: Cell::new(0),
            ..*code
        };
        self.heap.alloc(self.shapes.code.get(), copy)
    }

    /// A constant as a value.
    pub fn load_const(&self, constant: &Const, filename: Gc<Str>) -> Result {
        Ok(match constant {
            Const::None => Value::NONE,
            Const::True => Value::TRUE,
            Const::False => Value::FALSE,
            Const::Ellipsis => Value::ELLIPSIS,
            Const::Int(i) => self.new_int(*i),
            Const::BigInt {
                negative,
                magnitude,
            } => big_constant(self, *negative, magnitude),
            Const::Float(f) => Value::float(*f),
            Const::Complex { real, imag } => self.new_complex(*real, *imag),
            Const::Str(s) => {
                let s = self.str_from_wtf8(s)?;
                // Strings that look like names are interned, as in CPython.
                match s.as_ascii() {
                    Some(t) if looks_like_name(t) => self.intern_str(s).value(),
                    _ => s.value(),
                }
            }
            Const::Bytes(b) => self.new_bytes(b)?.value(),
            Const::Tuple(items) => {
                let mut values = self.rooted();
                for item in items {
                    values.push(self.load_const(item, filename)?);
                }
                self.new_tuple(&values)?.value()
            }
            Const::FrozenSet(items) => {
                let mut values = self.rooted();
                for item in items {
                    values.push(self.load_const(item, filename)?);
                }
                self.new_frozenset(&values)?
            }
            Const::Slice(parts) => {
                let start = self.load_const(&parts[0], filename)?;
                let stop = self.load_const(&parts[1], filename)?;
                let step = self.load_const(&parts[2], filename)?;
                self.new_slice(start, stop, step).value()
            }
            Const::Code(code) => self.load_code(code, filename)?.value(),
        })
    }
}

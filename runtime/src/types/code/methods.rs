//! The Python side of code objects.

use super::{CodeObject, Position};
use crate::heap::{Gc, GcField, Header, Object};
use crate::object::{ClassFlags, GetSetDef, MethodDef, TypeDef};
use crate::types::bytes::Bytes;
use crate::types::iterators;
use crate::types::str::Str;
use crate::types::support::c_int_arg;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::{Cell, OnceCell};
use taipan_bytecode::{Instr, LocalKind, Op};

fn this(v: Value) -> Gc<CodeObject> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn names_where(vm: &Vm, code: Gc<CodeObject>, test: impl Fn(LocalKind) -> bool) -> Result {
    let names: Vec<Value> = code
        .local_kinds
        .iter()
        .enumerate()
        .filter(|(_, k)| test(**k))
        .map(|(i, _)| code.local_names.get(i))
        .collect();
    Ok(vm.new_tuple(&names)?.value())
}

fn varnames(vm: &Vm, v: Value) -> Result {
    names_where(vm, this(v), |k| k.is_local())
}

fn cellvars(vm: &Vm, v: Value) -> Result {
    names_where(vm, this(v), |k| k.is_cell())
}

fn freevars(vm: &Vm, v: Value) -> Result {
    names_where(vm, this(v), |k| k.is_free())
}

fn nlocals(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(this(v).local_kinds.iter().filter(|k| k.is_local()).count() as i64))
}

fn name(_: &Vm, v: Value) -> Result {
    Ok(this(v).name.value())
}
fn qualname(_: &Vm, v: Value) -> Result {
    Ok(this(v).qualname.value())
}
fn filename(_: &Vm, v: Value) -> Result {
    Ok(this(v).filename.get().value())
}
fn names(_: &Vm, v: Value) -> Result {
    Ok(this(v).names.value())
}
fn consts(_: &Vm, v: Value) -> Result {
    Ok(this(v).consts.value())
}
fn argcount(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(this(v).arg_count.into()))
}
fn posonly(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(this(v).posonly_arg_count.into()))
}
fn kwonly(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(this(v).kwonly_arg_count.into()))
}
fn flags(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(this(v).flags.into()))
}
fn firstlineno(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(this(v).first_line.into()))
}
fn stacksize(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_int(this(v).stack_size.into()))
}
fn linetable(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_bytes(&this(v).line_table)?.value())
}
fn exceptiontable(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_bytes(&this(v).exception_table)?.value())
}

/// `co_lnotab`: increments of offset and line, the line's signed, as before Python 3.10.
fn lnotab(vm: &Vm, v: Value) -> Result {
    vm.warn_deprecated("co_lnotab is deprecated, use co_lines instead.")?;
    let code = this(v);
    let mut bytes = Vec::new();
    let (mut at, mut line) = (0, i64::from(code.first_line));
    for (start, _, p) in code.positions() {
        let Some(new) = p.line.map(i64::from) else {
            continue;
        };
        if new == line {
            continue;
        }
        let mut forward = (start - at) * 2;
        while forward > 255 {
            bytes.extend([255, 0]);
            forward -= 255;
        }
        let mut by = new - line;
        while !(-128..128).contains(&by) {
            let step = by.clamp(-128, 127);
            bytes.extend([forward as u8, step as i8 as u8]);
            (forward, by) = (0, by - step);
        }
        bytes.extend([forward as u8, by as i8 as u8]);
        (at, line) = (start, new);
    }
    Ok(vm.new_bytes(&bytes)?.value())
}

/// The instructions as bytes, specialisation undone, caches zero.
fn co_code(vm: &Vm, v: Value) -> Result {
    let bytes: Vec<u8> = this(v)
        .generic_instrs()
        .iter()
        .flat_map(|u| u.to_le_bytes())
        .collect();
    Ok(vm.new_bytes(&bytes)?.value())
}

fn adaptive(vm: &Vm, v: Value) -> Result {
    let bytes: Vec<u8> = this(v)
        .instrs()
        .iter()
        .flat_map(|u| u.get().to_le_bytes())
        .collect();
    Ok(vm.new_bytes(&bytes)?.value())
}

fn optional(vm: &Vm, n: Option<u32>) -> Value {
    n.map_or(Value::NONE, |n| vm.new_int(n.into()))
}

fn co_positions(vm: &Vm, args: &[Value]) -> Result {
    let list = vm.new_list(&[])?;
    let hidden = vm.settings.borrow().no_debug_ranges;
    for (_, length, mut p) in this(args[0]).positions() {
        if hidden {
            p = Position {
                line: p.line,
                end_line: p.line,
                ..Position::default()
            };
        }
        let Position {
            line,
            end_line,
            column,
            end_column,
        } = p;
        let parts = [
            optional(vm, line),
            optional(vm, end_line),
            optional(vm, column),
            optional(vm, end_column),
        ];
        let entry = vm.new_tuple(&parts)?.value();
        for _ in 0..length {
            list.push(vm, entry)?;
        }
    }
    Ok(vm
        .new_list_iter_of(&iterators::POSITIONS_ITERATOR, list)?
        .value())
}

fn co_lines(vm: &Vm, args: &[Value]) -> Result {
    let list = vm.new_list(&[])?;
    let mut run: Option<(u32, u32, Option<u32>)> = None;
    for (start, length, p) in this(args[0]).positions() {
        match &mut run {
            Some((_, end, line)) if *line == p.line => *end = start + length,
            _ => {
                if let Some((start, end, line)) = run {
                    push_lines(vm, list, start, end, line)?;
                }
                run = Some((start, start + length, p.line));
            }
        }
    }
    if let Some((start, end, line)) = run {
        push_lines(vm, list, start, end, line)?;
    }
    Ok(vm
        .new_list_iter_of(&iterators::LINE_ITERATOR, list)?
        .value())
}

fn push_lines(
    vm: &Vm,
    list: Gc<crate::types::list::List>,
    start: u32,
    end: u32,
    line: Option<u32>,
) -> Result<()> {
    let parts = [
        vm.new_int(i64::from(start) * 2),
        vm.new_int(i64::from(end) * 2),
        optional(vm, line),
    ];
    let entry = vm.new_tuple(&parts)?.value();
    list.push(vm, entry)
}

fn co_branches(vm: &Vm, args: &[Value]) -> Result {
    let units = this(args[0]).generic_instrs();
    let list = vm.new_list(&[])?;
    let op = |at: usize| {
        let unit = units.get(at).copied().unwrap_or_default();
        Op::from_u8(Instr(unit).op_byte()).unwrap_or(Op::NOP)
    };
    let mut at = 0;
    while at < units.len() {
        let next = at + 1 + op(at).caches();
        let arg = Instr(units[at]).arg() as usize;
        let branch = match op(at) {
            Op::POP_JUMP_IF_TRUE
            | Op::POP_JUMP_IF_FALSE
            | Op::POP_JUMP_IF_NONE
            | Op::POP_JUMP_IF_NOT_NONE => {
                let left = next + usize::from(op(next) == Op::NOT_TAKEN);
                Some((at, left, next + arg))
            }
            // The loop ends behind END_FOR and POP_ITER.
            Op::FOR_ITER => Some((at, next, next + arg + 2)),
            // Refers to the END_SEND behind which the loop's body is.
            Op::END_ASYNC_FOR => {
                let from = next.saturating_sub(arg);
                Some((from, from + 2, next))
            }
            _ => None,
        };
        if let Some((from, left, right)) = branch {
            let parts = [from, left, right].map(|i| vm.new_int(i as i64 * 2));
            let entry = vm.new_tuple(&parts)?.value();
            list.push(vm, entry)?;
        }
        at = next;
    }
    Ok(vm.new_list_iter(list).value())
}

fn varname_from_oparg(_: &Vm, args: &[Value]) -> Result {
    let index = args[1].as_int().unwrap_or(0) as usize;
    Ok(this(args[0])
        .local_names
        .as_slice()
        .get(index)
        .copied()
        .unwrap_or(Value::NONE))
}

fn code_repr(vm: &Vm, args: &[Value]) -> Result {
    let c = this(args[0]);
    Ok(vm
        .new_str(&format!(
            "<code object {} at {:#x}, file \"{}\", line {}>",
            c.name,
            args[0].bits(),
            c.filename.get(),
            c.first_line
        ))
        .value())
}

fn code_eq(vm: &Vm, args: &[Value]) -> Result {
    let (a, Some(b)) = (this(args[0]), args[1].cast::<CodeObject>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same = a.name.equals(&b.name)
        && a.arg_count == b.arg_count
        && a.posonly_arg_count == b.posonly_arg_count
        && a.kwonly_arg_count == b.kwonly_arg_count
        && a.flags == b.flags
        && a.first_line == b.first_line
        && a.generic_instrs() == b.generic_instrs()
        && a.line_table == b.line_table
        && a.exception_table == b.exception_table
        && a.local_kinds == b.local_kinds;
    if !same {
        return Ok(Value::FALSE);
    }
    for (x, y) in [(a.names, b.names), (a.local_names, b.local_names)] {
        if !vm.equal(x.value(), y.value())? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::bool(same_constants(
        vm,
        a.consts.value(),
        b.consts.value(),
    )?))
}

/// Equality of constants that tells 0, 0.0, -0.0 and False apart.
fn same_constants(vm: &Vm, a: Value, b: Value) -> Result<bool> {
    if a.is(b) {
        return Ok(true);
    }
    if vm.class_of(a) != vm.class_of(b) || a.is_float() {
        return Ok(false);
    }
    match (a.cast::<Tuple>(), b.cast::<Tuple>()) {
        (Some(x), Some(y)) => {
            if x.len() != y.len() {
                return Ok(false);
            }
            for (x, y) in x.as_slice().iter().zip(y.as_slice()) {
                if !same_constants(vm, *x, *y)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => vm.equal(a, b),
    }
}

fn code_hash(vm: &Vm, args: &[Value]) -> Result {
    let c = this(args[0]);
    let mut h = vm.hash(c.name.value())?;
    for v in [c.names.value(), c.local_names.value()] {
        h = h.rotate_left(7) ^ vm.hash(v)?;
    }
    h ^= u64::from(c.first_line) << 20 ^ c.instrs().len() as u64;
    Ok(vm.new_int((h >> 3) as i64))
}

fn code_replace(vm: &Vm, args: &[Value]) -> Result {
    let c = this(args[0]);
    let given = |i: usize| args[i].given();
    let count = |i: usize, now: u32| -> Result<u32> {
        let Some(v) = given(i) else { return Ok(now) };
        let n = c_int_arg(vm, v)?;
        u32::try_from(n)
            .map_err(|_| vm.value_error(format!("{} must be a positive integer", FIELDS[i - 1])))
    };
    let wrong = |i: usize, expected: &str, v: Value| {
        let name = if v.is_none() {
            "None".to_owned()
        } else {
            vm.class_of(v).qualified_name()
        };
        let field = FIELDS[i - 1];
        vm.type_error(format!(
            "replace() argument '{field}' must be {expected}, not {name}"
        ))
    };
    let text = |i: usize, now: Gc<Str>| -> Result<Gc<Str>> {
        let Some(v) = given(i) else { return Ok(now) };
        v.cast().ok_or_else(|| wrong(i, "str", v))
    };
    let tuple = |i: usize, now: Gc<Tuple>| -> Result<Gc<Tuple>> {
        let Some(v) = given(i) else { return Ok(now) };
        v.cast().ok_or_else(|| wrong(i, "tuple", v))
    };
    let names = |i: usize, now: Gc<Tuple>| -> Result<Gc<Tuple>> {
        let found = tuple(i, now)?;
        match found.as_slice().iter().all(|n| n.cast::<Str>().is_some()) {
            true => Ok(found),
            false => Err(vm.system_error("non-string found in code slot")),
        }
    };
    let bytes = |i: usize, now: &[u8]| -> Result<Box<[u8]>> {
        let Some(v) = given(i) else {
            return Ok(now.into());
        };
        let Some(b) = v.cast::<Bytes>() else {
            return Err(wrong(i, "bytes", v));
        };
        Ok(b.as_slice().into())
    };
    let units = c.generic_instrs();
    if let Some(v) = given(7) {
        let b = v.cast::<Bytes>().ok_or_else(|| wrong(7, "bytes", v))?;
        if b.as_slice().len() % size_of::<u32>() != 0 {
            return Err(vm.value_error("code: co_code is malformed"));
        }
        let same = b
            .as_slice()
            .chunks_exact(size_of::<u32>())
            .map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
            .eq(units.iter().copied());
        if !same {
            return Err(
                vm.value_error("code.replace: co_code of other instructions is not supported")
            );
        }
    }
    let instrs: Box<[Cell<u32>]> = units.into_iter().map(Cell::new).collect();
    let interned: Vec<Value> = names(9, c.names)?
        .as_slice()
        .iter()
        .filter_map(|n| n.cast::<Str>())
        .map(|n| vm.intern_str(n).value())
        .collect();
    // Variable names can be replaced one for one only.
    let mut local_names = c.local_names.as_slice().to_vec();
    for (index, wanted) in [
        (10, LocalKind::LOCAL),
        (11, LocalKind::FREE),
        (12, LocalKind::CELL),
    ] {
        if given(index).is_none() {
            continue;
        }
        let new = tuple(index, c.names)?;
        let at: Vec<usize> = c
            .local_kinds
            .iter()
            .enumerate()
            .filter(|(_, k)| k.0 & wanted != 0)
            .map(|(i, _)| i)
            .collect();
        if new.len() != at.len() {
            return Err(vm.value_error(if wanted != LocalKind::LOCAL {
                "code.replace: another number of cells is not supported"
            } else if new.len() < c.total_args as usize {
                "code: co_varnames is too small"
            } else {
                "code: co_nlocals != len(co_varnames)"
            }));
        }
        names(index, c.names)?;
        for (slot, name) in at.into_iter().zip(new.as_slice()) {
            local_names[slot] = *name;
        }
    }
    let locals = c.local_kinds.iter().filter(|k| k.is_local()).count() as u32;
    if count(4, locals)? != locals {
        return Err(vm.value_error("code: co_nlocals != len(co_varnames)"));
    }
    let object = CodeObject {
        header: Header::empty(),
        arg_count: count(1, c.arg_count)?,
        posonly_arg_count: count(2, c.posonly_arg_count)?,
        kwonly_arg_count: count(3, c.kwonly_arg_count)?,
        stack_size: count(5, c.stack_size)?.max(c.stack_size),
        flags: count(6, c.flags)?,
        first_line: count(8, c.first_line)?,
        names: vm.new_tuple(&interned)?,
        consts: tuple(13, c.consts)?,
        filename: Cell::new(text(14, c.filename.get())?),
        name: text(15, c.name)?,
        qualname: text(16, c.qualname)?,
        line_table: bytes(17, &c.line_table)?.into_vec().into(),
        exception_table: bytes(18, &c.exception_table)?.into_vec().into(),
        total_args: c.total_args,
        locals_plus: c.locals_plus,
        first_free: c.first_free,
        simple_args: c.simple_args,
        local_names: vm.new_tuple(&local_names)?,
        local_kinds: c.local_kinds.clone(),
        instrs,
        handlers: OnceCell::new(),
        runs_on_close: OnceCell::new(),
        hash_plan: OnceCell::new(),
        consumers: GcField::empty(),
        hotness: Cell::new(0),
        functions: Cell::new(0),
        unfollowed: Cell::new(0),
    };
    Ok(vm.heap.alloc(vm.shapes.code.get(), object).value())
}

const fn ro(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

/// The keywords of `replace`, in the order of its arguments.
const FIELDS: [&str; 18] = [
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_firstlineno",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_consts",
    "co_filename",
    "co_name",
    "co_qualname",
    "co_linetable",
    "co_exceptiontable",
];

const REPLACE: &str = "(self, /, *, co_argcount=<same>, co_posonlyargcount=<same>, co_kwonlyargcount=<same>, co_nlocals=<same>, co_stacksize=<same>, co_flags=<same>, co_code=<same>, co_firstlineno=<same>, co_names=<same>, co_varnames=<same>, co_freevars=<same>, co_cellvars=<same>, co_consts=<same>, co_filename=<same>, co_name=<same>, co_qualname=<same>, co_linetable=<same>, co_exceptiontable=<same>)";

/// `types.CodeType`.
pub static CODE: TypeDef = TypeDef {
    doc: "Create a code object.  Not for mere mortals.",
    methods: &[
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", code_repr),
        MethodDef::new("__eq__", "(self, value, /)", "Return self==value.", code_eq),
        MethodDef::new("__hash__", "(self, /)", "Return hash(self).", code_hash),
        MethodDef::new("co_positions", "(self, /)", "", co_positions),
        MethodDef::new("co_lines", "(self, /)", "", co_lines),
        MethodDef::new("co_branches", "(self, /)", "", co_branches),
        MethodDef::new(
            "_varname_from_oparg",
            "(self, /, oparg)",
            "",
            varname_from_oparg,
        ),
        MethodDef::new(
            "replace",
            REPLACE,
            "Return a copy of the code object with new values for the specified fields.",
            code_replace,
        ),
        MethodDef::new(
            "__replace__",
            REPLACE,
            "The same as replace().",
            code_replace,
        ),
    ],
    getset: &[
        ro("co_name", name),
        ro("co_qualname", qualname),
        ro("co_filename", filename),
        ro("co_names", names),
        ro("co_consts", consts),
        ro("co_argcount", argcount),
        ro("co_posonlyargcount", posonly),
        ro("co_kwonlyargcount", kwonly),
        ro("co_flags", flags),
        ro("co_firstlineno", firstlineno),
        ro("co_stacksize", stacksize),
        ro("co_nlocals", nlocals),
        ro("co_varnames", varnames),
        ro("co_cellvars", cellvars),
        ro("co_freevars", freevars),
        ro("co_code", co_code),
        ro("_co_code_adaptive", adaptive),
        ro("co_lnotab", lnotab),
        ro("co_linetable", linetable),
        ro("co_exceptiontable", exceptiontable),
    ],
    flags: ClassFlags::WEAKREFS | ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("code", <CodeObject as Object>::LAYOUT)
};

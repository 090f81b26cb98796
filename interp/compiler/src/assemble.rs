//! The last step: slots for variables, the code's prefix, units, the location
//! table and the exception table.

use crate::ast::{Name, Pos};
use crate::codegen::Settings;
use crate::codegen::unit::{Opc, Unit, UnitKind};
use crate::errors::Res;
use crate::flowgraph::{self, Cfg, CfgIns, Facts, NO_BLOCK};
use crate::symtable::{BlockKind, SymbolTable};
use taipan_bytecode::{Code, CodeFlags, Instr, LocalKind, Op};

/// Turns a finished unit into a code object; `depth` is the number of units around it.
pub fn assemble(
    mut unit: Unit<'_>,
    table: &SymbolTable,
    settings: &Settings,
    depth: usize,
) -> Res<Code> {
    let block = &table.blocks[unit.block];
    let function = block.is_function_like();
    let mut flags = settings.future;
    if function {
        flags |= CodeFlags::NEWLOCALS | CodeFlags::OPTIMIZED;
        if block.nested {
            flags |= CodeFlags::NESTED;
        }
        flags |= match (block.is_generator, block.is_coroutine) {
            (true, false) => CodeFlags::GENERATOR,
            (false, true) => CodeFlags::COROUTINE,
            (true, true) => CodeFlags::ASYNC_GENERATOR,
            (false, false) => 0,
        };
        if block.has_varargs {
            flags |= CodeFlags::VARARGS;
        }
        if block.has_varkeywords {
            flags |= CodeFlags::VARKEYWORDS;
        }
        if block.is_method {
            flags |= CodeFlags::METHOD;
        }
        if unit.has_docstring {
            flags |= CodeFlags::HAS_DOCSTRING;
        }
    } else if block.is_coroutine
        && settings.top_level_await
        && unit.kind == UnitKind::Module
        && depth == 0
    {
        flags |= CodeFlags::COROUTINE;
    }
    let param_count = (unit.arg_count + unit.kwonly_count) as usize
        + usize::from(flags & CodeFlags::VARARGS != 0)
        + usize::from(flags & CodeFlags::VARKEYWORDS != 0);
    let facts = Facts {
        first_line: unit.first_line,
        local_count: unit.varnames.len(),
        param_count,
    };
    let seq = std::mem::take(&mut unit.seq);
    let annotations = unit.annotations.take();
    let mut g = flowgraph::optimize(seq, annotations, &mut unit.consts, &facts)?;
    g.convert_conditional_jumps();
    let stack_size = g.stack_depth()?;
    let slots = cell_slots(&unit);
    insert_prefix(&mut g, &unit, flags, &slots);
    fix_derefs(&mut g, &slots);
    g.convert_pseudo_ops();
    g.normalize_jumps();

    let locals_plus = locals_plus(&unit, block.kind == BlockKind::Annotation, &slots);
    let (instrs, linear) = emit(&g);
    Ok(Code {
        name: unit.name.to_string(),
        qualname: unit.qualname,
        filename: settings.filename.clone(),
        first_line: unit.first_line.max(0) as u32,
        flags,
        arg_count: unit.arg_count,
        posonly_arg_count: unit.posonly_count,
        kwonly_arg_count: unit.kwonly_count,
        stack_size: stack_size.max(1),
        consts: unit.consts.values,
        names: unit.names.iter().map(|n| n.to_string()).collect(),
        locals_plus,
        line_table: line_table(unit.first_line, &linear),
        exception_table: exception_table(&g, &linear),
        instrs,
    })
}

/// The slot of each cell and free variable: a cell that is also a local shares
/// the local's slot.
fn cell_slots(unit: &Unit<'_>) -> Vec<u32> {
    let locals = unit.varnames.len() as u32;
    let mut next = locals;
    let mut slots = Vec::new();
    for name in &unit.cellvars {
        match unit.varnames.get_index_of(name) {
            Some(at) => slots.push(at as u32),
            None => {
                slots.push(next);
                next += 1;
            }
        }
    }
    for _ in &unit.freevars {
        slots.push(next);
        next += 1;
    }
    slots
}

fn locals_plus(unit: &Unit<'_>, annotation: bool, slots: &[u32]) -> Vec<(String, LocalKind)> {
    let mut out: Vec<(String, LocalKind)> = Vec::new();
    for name in &unit.varnames {
        let mut kind = LocalKind::LOCAL;
        if unit.cellvars.contains(name) {
            kind |= LocalKind::CELL;
        }
        if unit.fast_hidden.contains_key(name) {
            kind |= LocalKind::HIDDEN;
        }
        // The parameter of `__annotate__` goes by its public name.
        let shown = if annotation && &**name == ".format" {
            "format"
        } else {
            name
        };
        out.push((shown.to_owned(), LocalKind(kind)));
    }
    let mut push = |name: &Name, slot: u32, kind: u8| {
        if slot as usize == out.len() {
            out.push((name.to_string(), LocalKind(kind)));
        }
    };
    for (name, &slot) in unit.cellvars.iter().zip(slots) {
        push(name, slot, LocalKind::CELL);
    }
    for (name, &slot) in unit.freevars.iter().zip(&slots[unit.cellvars.len()..]) {
        push(name, slot, LocalKind::FREE);
    }
    out
}

fn is_deref(op: Opc) -> bool {
    matches!(
        op,
        Opc::LoadClosure
            | Opc::Real(
                Op::MAKE_CELL
                    | Op::LOAD_DEREF
                    | Op::STORE_DEREF
                    | Op::DELETE_DEREF
                    | Op::LOAD_FROM_DICT_OR_DEREF
            )
    )
}

fn fix_derefs(g: &mut Cfg, slots: &[u32]) {
    for b in &mut g.blocks {
        for ins in b.instrs.iter_mut().filter(|i| is_deref(i.op)) {
            ins.arg = slots.get(ins.arg as usize).copied().unwrap_or(ins.arg);
        }
    }
}

/// Puts cells, the closure and the generator in place before the body runs.
fn insert_prefix(g: &mut Cfg, unit: &Unit<'_>, flags: u32, slots: &[u32]) {
    let mut prefix = Vec::new();
    if !unit.freevars.is_empty() {
        prefix.push(CfgIns::new(
            Op::COPY_FREE_VARS,
            unit.freevars.len() as u32,
            Pos::NONE,
        ));
    }
    let mut cells: Vec<(u32, u32)> = (0..unit.cellvars.len())
        .map(|i| (slots[i], i as u32))
        .collect();
    cells.sort_unstable();
    prefix.extend(
        cells
            .into_iter()
            .map(|(_, i)| CfgIns::new(Op::MAKE_CELL, i, Pos::NONE)),
    );
    if flags & (CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR) != 0 {
        let pos = Pos::line_only(unit.first_line);
        prefix.push(CfgIns::new(Op::RETURN_GENERATOR, 0, pos));
        prefix.push(CfgIns::new(Op::POP_TOP, 0, pos));
    }
    g.blocks[0].instrs.splice(0..0, prefix);
}

/// One emitted instruction: its offset and size in units.
pub struct Placed {
    ins: CfgIns,
    offset: u32,
    size: u32,
}

fn emit(g: &Cfg) -> (Vec<u32>, Vec<Placed>) {
    let mut starts = vec![0u32; g.blocks.len()];
    let mut linear = Vec::new();
    let mut offset = 0;
    let order = g.order();
    for &b in &order {
        starts[b as usize] = offset;
        for &ins in &g.block(b).instrs {
            let Opc::Real(op) = ins.op else { continue };
            let size = 1 + op.caches() as u32;
            linear.push(Placed { ins, offset, size });
            offset += size;
        }
    }
    let mut units = Vec::with_capacity(offset as usize);
    for p in &linear {
        let Opc::Real(op) = p.ins.op else { continue };
        let mut arg = p.ins.arg;
        if p.ins.target != NO_BLOCK {
            let end = p.offset + p.size;
            arg = starts[p.ins.target as usize].abs_diff(end);
        }
        units.push(Instr::new(op, arg).0);
        units.extend(std::iter::repeat_n(0, op.caches()));
    }
    (units, linear)
}

fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 64 {
        out.push(0x40 | (value & 0x3F) as u8);
        value >>= 6;
    }
    out.push(value as u8);
}

fn signed_varint(out: &mut Vec<u8>, value: i32) {
    let encoded = if value < 0 {
        value.unsigned_abs() << 1 | 1
    } else {
        (value as u32) << 1
    };
    varint(out, encoded);
}

/// The location table: see CPython's Objects/locations.md.
fn line_table(first_line: i32, linear: &[Placed]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut line = first_line;
    let mut at = 0;
    while at < linear.len() {
        let pos = linear[at].ins.pos;
        let mut size = 0;
        while at < linear.len() && linear[at].ins.pos == pos {
            size += linear[at].size;
            at += 1;
        }
        while size > 0 {
            let chunk = size.min(8);
            location_entry(&mut out, &mut line, pos, chunk);
            size -= chunk;
        }
    }
    out
}

fn location_entry(out: &mut Vec<u8>, line: &mut i32, pos: Pos, size: u32) {
    let head = |kind: u8| 0x80 | kind << 3 | (size - 1) as u8;
    if pos.line < 0 {
        out.push(head(15));
        return;
    }
    let delta = pos.line - *line;
    *line = pos.line;
    if pos.col < 0 || pos.end_col < 0 {
        if pos.end_line == pos.line || pos.end_line < 0 {
            out.push(head(13));
            signed_varint(out, delta);
            return;
        }
    } else if pos.end_line == pos.line {
        let width = pos.end_col - pos.col;
        if delta == 0 && pos.col < 80 && (0..16).contains(&width) {
            out.push(head((pos.col >> 3) as u8));
            out.push(((pos.col & 7) << 4 | width) as u8);
            return;
        }
        if (0..3).contains(&delta) && pos.col < 128 && pos.end_col < 128 {
            out.push(head(10 + delta as u8));
            out.push(pos.col as u8);
            out.push(pos.end_col as u8);
            return;
        }
    }
    out.push(head(14));
    signed_varint(out, delta);
    varint(out, (pos.end_line - pos.line).max(0) as u32);
    varint(out, (pos.col + 1).max(0) as u32);
    varint(out, (pos.end_col + 1).max(0) as u32);
}

fn exception_table(g: &Cfg, linear: &[Placed]) -> Vec<u8> {
    let mut starts = vec![0u32; g.blocks.len()];
    let mut offset = 0;
    for b in g.order() {
        starts[b as usize] = offset;
        offset += g
            .block(b)
            .instrs
            .iter()
            .map(|i| {
                if let Opc::Real(op) = i.op {
                    1 + op.caches() as u32
                } else {
                    0
                }
            })
            .sum::<u32>();
    }
    let mut out = Vec::new();
    let mut at = 0;
    while at < linear.len() {
        let handler = linear[at].ins.except;
        let start = linear[at].offset;
        let mut end = start;
        while at < linear.len() && linear[at].ins.except == handler {
            end = linear[at].offset + linear[at].size;
            at += 1;
        }
        if handler == NO_BLOCK {
            continue;
        }
        let block = g.block(handler);
        let depth = block.start_depth - 1 - i32::from(block.preserve_lasti);
        let item = |out: &mut Vec<u8>, value: u32, first: bool| {
            let mut shift = 30;
            while shift > 0 && value >> shift == 0 {
                shift -= 6;
            }
            let mut mark = if first { 0x80 } else { 0 };
            loop {
                let more = if shift > 0 { 0x40 } else { 0 };
                out.push(mark | more | (value >> shift & 0x3F) as u8);
                mark = 0;
                if shift == 0 {
                    break;
                }
                shift -= 6;
            }
        };
        item(&mut out, start, true);
        item(&mut out, end - start, false);
        item(&mut out, starts[handler as usize], false);
        item(
            &mut out,
            (depth.max(0) as u32) << 1 | u32::from(block.preserve_lasti),
            false,
        );
    }
    out
}

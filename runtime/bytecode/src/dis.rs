//! Code as text, and its tables decoded: for tests and debugging.

use crate::{Code, Const, Instr, Op};
use std::fmt::Write;

/// Place of one unit in the source: line and column ranges, columns from 0 in
/// bytes; absent columns are `None`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    pub line: u32,
    pub end_line: u32,
    pub columns: Option<(u32, u32)>,
}

/// The place of every unit of the code, caches included.
pub fn positions(code: &Code) -> Vec<Option<Position>> {
    let mut out = Vec::with_capacity(code.instrs.len());
    let mut bytes = code.line_table.iter().copied().peekable();
    let mut line = i64::from(code.first_line);
    while let Some(head) = bytes.next() {
        let size = usize::from(head & 7) + 1;
        let kind = head >> 3 & 15;
        let mut varint = || {
            let mut value = 0u32;
            let mut shift = 0;
            for b in bytes.by_ref() {
                value |= u32::from(b & 0x3F).checked_shl(shift).unwrap_or(0);
                shift += 6;
                if b & 0x40 == 0 {
                    break;
                }
            }
            value
        };
        let signed = |v: u32| {
            if v & 1 != 0 {
                -i64::from(v >> 1)
            } else {
                i64::from(v >> 1)
            }
        };
        let position = match kind {
            15 => None,
            14 => {
                line += signed(varint());
                let end = line + i64::from(varint());
                let (col, end_col) = (varint(), varint());
                let columns = (col > 0 && end_col > 0).then(|| (col - 1, end_col - 1));
                Some(Position {
                    line: line as u32,
                    end_line: end as u32,
                    columns,
                })
            }
            13 => {
                line += signed(varint());
                Some(Position {
                    line: line as u32,
                    end_line: line as u32,
                    columns: None,
                })
            }
            10..=12 => {
                line += i64::from(kind - 10);
                let columns = Some((
                    u32::from(bytes.next().unwrap_or(0)),
                    u32::from(bytes.next().unwrap_or(0)),
                ));
                Some(Position {
                    line: line as u32,
                    end_line: line as u32,
                    columns,
                })
            }
            _ => {
                let byte = u32::from(bytes.next().unwrap_or(0));
                let col = u32::from(kind) << 3 | byte >> 4;
                Some(Position {
                    line: line as u32,
                    end_line: line as u32,
                    columns: Some((col, col + (byte & 15))),
                })
            }
        };
        out.extend(std::iter::repeat_n(position, size));
    }
    out
}

/// A protected range of the exception table, in units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    pub start: usize,
    pub end: usize,
    pub target: usize,
    /// Depth to which the stack is cut before the handler runs.
    pub depth: usize,
    /// Whether the place of the exception is pushed below it.
    pub lasti: bool,
}

/// Decodes an exception table; stops at the first incomplete entry.
pub fn handlers(table: &[u8]) -> Vec<Handler> {
    let mut bytes = table.iter().copied();
    let mut item = || -> Option<usize> {
        let mut byte = bytes.next()?;
        let mut value = usize::from(byte & 0x3F);
        while byte & 0x40 != 0 {
            byte = bytes.next()?;
            value = value << 6 | usize::from(byte & 0x3F);
        }
        Some(value)
    };
    let mut out = Vec::new();
    while let Some(start) = item() {
        let (Some(len), Some(target), Some(depth)) = (item(), item(), item()) else {
            break;
        };
        out.push(Handler {
            start,
            end: start.saturating_add(len),
            target,
            depth: depth >> 1,
            lasti: depth & 1 != 0,
        });
    }
    out
}

/// A short form of a constant.
pub fn show_const(c: &Const) -> String {
    match c {
        Const::Code(code) => format!("<code {}>", code.qualname),
        Const::Str(s) => format!("{:?}", String::from_utf8_lossy(s)),
        Const::Bytes(b) => format!("b\"{}\"", b.escape_ascii()),
        Const::Int(i) => i.to_string(),
        Const::Float(f) => format!("{f:?}"),
        Const::Tuple(t) => format!(
            "({})",
            t.iter().map(show_const).collect::<Vec<_>>().join(", ")
        ),
        Const::FrozenSet(t) => format!(
            "frozenset({})",
            t.iter().map(show_const).collect::<Vec<_>>().join(", ")
        ),
        other => format!("{other:?}"),
    }
}

/// Where a jump leads.
pub fn jump_target(op: Op, arg: u32, at: usize) -> Option<usize> {
    let next = at + 1 + op.caches();
    match op {
        Op::JUMP_BACKWARD | Op::JUMP_BACKWARD_NO_INTERRUPT | Op::END_ASYNC_FOR => {
            next.checked_sub(arg as usize)
        }
        Op::JUMP_FORWARD
        | Op::POP_JUMP_IF_TRUE
        | Op::POP_JUMP_IF_FALSE
        | Op::POP_JUMP_IF_NONE
        | Op::POP_JUMP_IF_NOT_NONE
        | Op::FOR_ITER
        | Op::SEND => Some(next + arg as usize),
        _ => None,
    }
}

fn show_argument(code: &Code, op: Op, arg: u32, at: usize) -> String {
    let name = |i: u32| {
        code.names
            .get(i as usize)
            .map_or("?", String::as_str)
            .to_owned()
    };
    let local = |i: u32| {
        code.locals_plus
            .get(i as usize)
            .map_or("?", |l| l.0.as_str())
            .to_owned()
    };
    match op {
        Op::LOAD_CONST => code.consts.get(arg as usize).map_or("?".into(), show_const),
        Op::LOAD_NAME
        | Op::STORE_NAME
        | Op::DELETE_NAME
        | Op::STORE_GLOBAL
        | Op::DELETE_GLOBAL
        | Op::STORE_ATTR
        | Op::DELETE_ATTR
        | Op::IMPORT_NAME
        | Op::IMPORT_FROM
        | Op::LOAD_FROM_DICT_OR_GLOBALS => name(arg),
        Op::LOAD_GLOBAL | Op::LOAD_ATTR => name(arg >> 1),
        Op::LOAD_SUPER_ATTR => name(arg >> 2),
        Op::LOAD_FAST
        | Op::LOAD_FAST_CHECK
        | Op::LOAD_FAST_AND_CLEAR
        | Op::STORE_FAST
        | Op::DELETE_FAST
        | Op::MAKE_CELL
        | Op::LOAD_DEREF
        | Op::STORE_DEREF
        | Op::DELETE_DEREF
        | Op::LOAD_FROM_DICT_OR_DEREF => local(arg),
        Op::LOAD_FAST_LOAD_FAST | Op::STORE_FAST_LOAD_FAST | Op::STORE_FAST_STORE_FAST => {
            format!("{}, {}", local(arg >> 12), local(arg & 0xFFF))
        }
        _ => jump_target(op, arg, at).map_or(String::new(), |t| format!("to {t}")),
    }
}

/// One line per instruction (line number, offset, name, argument), then the
/// exception table, then the nested code objects.
pub fn disassemble(code: &Code) -> String {
    let mut out = String::new();
    disassemble_into(code, &mut out);
    out
}

fn disassemble_into(code: &Code, out: &mut String) {
    let _ = writeln!(
        out,
        "Disassembly of {} (line {})",
        code.qualname, code.first_line
    );
    let places = positions(code);
    let mut at = 0;
    while let Some(&unit) = code.instrs.get(at) {
        let ins = Instr(unit);
        let Some(op) = Op::from_u8(ins.op_byte()) else {
            break;
        };
        let line = places
            .get(at)
            .copied()
            .flatten()
            .map_or("--".into(), |p| p.line.to_string());
        let shown = show_argument(code, op, ins.arg(), at);
        let _ = writeln!(
            out,
            "{line:>5} {at:>6} {:<28} {:>6} {shown}",
            op.name(),
            ins.arg()
        );
        at += 1 + op.caches();
    }
    for h in handlers(&code.exception_table) {
        let lasti = if h.lasti { " lasti" } else { "" };
        let _ = writeln!(
            out,
            "  {}..{} -> {} [{}]{lasti}",
            h.start, h.end, h.target, h.depth
        );
    }
    for c in &code.consts {
        if let Const::Code(inner) = c {
            out.push('\n');
            disassemble_into(inner, out);
        }
    }
}

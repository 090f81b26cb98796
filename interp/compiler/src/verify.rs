//! A check of finished code: every path keeps the stack within its bounds and
//! agrees with others on its depth. Used by tests and in debug builds.

use taipan_bytecode::{Code, Const, Instr, Op, dis, stack_effect};

/// Checks a code object and those nested in it.
///
/// # Errors
/// A description of the first fault.
pub fn verify(code: &Code) -> Result<(), String> {
    verify_one(code).map_err(|e| format!("{} (line {}): {e}", code.qualname, code.first_line))?;
    for c in &code.consts {
        if let Const::Code(inner) = c {
            verify(inner)?;
        }
    }
    Ok(())
}

fn verify_one(code: &Code) -> Result<(), String> {
    let n = code.instrs.len();
    let mut depths: Vec<Option<i32>> = vec![None; n];
    let mut todo = vec![(0usize, 0i32)];
    let table = dis::handlers(&code.exception_table);
    let limit = code.stack_size as i32;
    let mut handled = vec![false; table.len()];
    while let Some((at, depth)) = todo.pop() {
        if at >= n {
            return Err(format!("falls off the end at {at}"));
        }
        match depths[at] {
            Some(d) if d == depth => continue,
            Some(d) => return Err(format!("depth {depth} and {d} at {at}")),
            None => depths[at] = Some(depth),
        }
        let ins = Instr(code.instrs[at]);
        let op = Op::from_u8(ins.op_byte()).ok_or_else(|| format!("bad opcode at {at}"))?;
        check_operand(code, op, ins.arg()).map_err(|e| format!("{e} at {at}"))?;
        for (h, done) in table.iter().zip(&mut handled) {
            if h.start <= at && at < h.end && !*done {
                *done = true;
                todo.push((h.target, h.depth as i32 + 1 + i32::from(h.lasti)));
            }
            if h.start <= at && at < h.end && depth < h.depth as i32 {
                return Err(format!(
                    "depth {depth} at {at} below that of its handler, {}",
                    h.depth
                ));
            }
        }
        let after = depth + stack_effect(op, ins.arg());
        if after < 0 || after > limit {
            return Err(format!(
                "depth {after} of {limit} after {} at {at}",
                op.name()
            ));
        }
        let next = at + 1 + op.caches();
        let arg = ins.arg() as usize;
        match op {
            Op::RETURN_VALUE | Op::RAISE_VARARGS | Op::RERAISE => continue,
            Op::JUMP_FORWARD => todo.push((next + arg, after)),
            Op::JUMP_BACKWARD | Op::JUMP_BACKWARD_NO_INTERRUPT => {
                todo.push((next.checked_sub(arg).ok_or("jump before the start")?, after));
            }
            Op::POP_JUMP_IF_TRUE
            | Op::POP_JUMP_IF_FALSE
            | Op::POP_JUMP_IF_NONE
            | Op::POP_JUMP_IF_NOT_NONE
            | Op::FOR_ITER
            | Op::SEND => {
                todo.push((next + arg, after));
                todo.push((next, after));
            }
            _ => todo.push((next, after)),
        }
    }
    Ok(())
}

fn check_operand(code: &Code, op: Op, arg: u32) -> Result<(), String> {
    let arg = arg as usize;
    let (len, index) = match op {
        Op::LOAD_CONST => (code.consts.len(), arg),
        Op::LOAD_NAME
        | Op::STORE_NAME
        | Op::DELETE_NAME
        | Op::STORE_GLOBAL
        | Op::DELETE_GLOBAL
        | Op::STORE_ATTR
        | Op::DELETE_ATTR
        | Op::IMPORT_NAME
        | Op::IMPORT_FROM
        | Op::LOAD_FROM_DICT_OR_GLOBALS => (code.names.len(), arg),
        Op::LOAD_GLOBAL | Op::LOAD_ATTR => (code.names.len(), arg >> 1),
        Op::LOAD_SUPER_ATTR => (code.names.len(), arg >> 2),
        Op::LOAD_FAST
        | Op::LOAD_FAST_CHECK
        | Op::LOAD_FAST_AND_CLEAR
        | Op::STORE_FAST
        | Op::DELETE_FAST
        | Op::MAKE_CELL
        | Op::LOAD_DEREF
        | Op::STORE_DEREF
        | Op::DELETE_DEREF
        | Op::LOAD_FROM_DICT_OR_DEREF => (code.locals_plus.len(), arg),
        Op::LOAD_FAST_LOAD_FAST | Op::STORE_FAST_LOAD_FAST | Op::STORE_FAST_STORE_FAST => {
            (code.locals_plus.len(), (arg >> 12).max(arg & 0xFFF))
        }
        _ => return Ok(()),
    };
    if index >= len {
        Err(format!(
            "operand {index} of {} out of range {len}",
            op.name()
        ))
    } else {
        Ok(())
    }
}

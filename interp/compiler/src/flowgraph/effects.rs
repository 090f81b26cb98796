//! How instructions change the depth of the stack, and how deep it gets.

use super::cfg::*;
use crate::ast::Pos;
use crate::codegen::unit::Opc;
use crate::errors::{CompileError, ErrorKind, Res};
use taipan_bytecode::{Op, stack_effect};

fn effect(ins: &CfgIns, jump: bool) -> i32 {
    match ins.op {
        Opc::Real(op) => stack_effect(op, ins.arg),
        // A handler gets the exception, and the place it came from if asked for.
        Opc::SetupFinally if jump => 1,
        Opc::SetupCleanup if jump => 2,
        // Here the result of `__enter__` is not pushed yet.
        Opc::SetupWith if jump => 1,
        Opc::LoadClosure => 1,
        Opc::StoreFastMaybeNull => -1,
        _ => 0,
    }
}

impl Cfg {
    /// The deepest the stack gets; also fills in the depth at every block.
    pub fn stack_depth(&mut self) -> Res<u32> {
        for b in &mut self.blocks {
            b.start_depth = i32::MIN;
        }
        let mut max = 0;
        let mut todo = vec![0u32];
        self.blocks[0].start_depth = 0;
        let fail = |what: &str| {
            Err(CompileError::new(
                ErrorKind::Value,
                what.to_owned(),
                Pos::NONE,
            ))
        };
        while let Some(b) = todo.pop() {
            let mut depth = self.block(b).start_depth;
            let mut next = self.block(b).next;
            for i in 0..self.block(b).instrs.len() {
                let ins = self.block(b).instrs[i];
                let after = depth + effect(&ins, false);
                if after < 0 {
                    return fail("stack underflow in generated code");
                }
                max = max.max(after);
                if ins.target != NO_BLOCK && !ins.is(Op::END_ASYNC_FOR) {
                    let at_target = depth + effect(&ins, true);
                    max = max.max(at_target);
                    if self.push_depth(ins.target, at_target, &mut todo).is_err() {
                        return fail("inconsistent stack depth in generated code");
                    }
                }
                depth = after;
                if ins.is_unconditional_jump() || ins.is_scope_exit() {
                    next = NO_BLOCK;
                    break;
                }
            }
            if next != NO_BLOCK && self.push_depth(next, depth, &mut todo).is_err() {
                return fail("inconsistent stack depth in generated code");
            }
        }
        Ok(max as u32)
    }

    fn push_depth(&mut self, b: u32, depth: i32, todo: &mut Vec<u32>) -> Result<(), ()> {
        let block = self.block_mut(b);
        if block.start_depth == i32::MIN {
            block.start_depth = depth;
            todo.push(b);
        } else if block.start_depth != depth {
            return Err(());
        }
        Ok(())
    }
}

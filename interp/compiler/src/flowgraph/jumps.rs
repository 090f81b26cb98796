//! From the optimised graph to plain instructions.

use super::cfg::*;
use crate::codegen::unit::Opc;
use taipan_bytecode::Op;

impl Cfg {
    /// Spells out jumps that keep what they test.
    pub fn convert_conditional_jumps(&mut self) {
        for b in self.order() {
            let Some(&last) = self.block(b).last() else {
                continue;
            };
            let op = match last.op {
                Opc::JumpIfFalse => Op::POP_JUMP_IF_FALSE,
                Opc::JumpIfTrue => Op::POP_JUMP_IF_TRUE,
                _ => continue,
            };
            let instrs = &mut self.block_mut(b).instrs;
            let at = instrs.len() - 1;
            let extra = |op: Op, arg| CfgIns {
                op: op.into(),
                arg,
                pos: last.pos,
                target: NO_BLOCK,
                except: last.except,
            };
            instrs[at].op = op.into();
            instrs.splice(at..at, [extra(Op::COPY, 1), extra(Op::TO_BOOL, 0)]);
        }
    }

    /// Replaces what only existed while compiling.
    pub fn convert_pseudo_ops(&mut self) {
        for b in self.order() {
            for ins in &mut self.block_mut(b).instrs {
                match ins.op {
                    op if op.is_setup() => ins.set_nop(),
                    Opc::LoadClosure => ins.op = Op::LOAD_FAST.into(),
                    Opc::StoreFastMaybeNull => ins.op = Op::STORE_FAST.into(),
                    _ => {}
                }
            }
        }
        self.remove_redundant_nops();
    }

    /// Gives jumps their direction. Conditional jumps only go forward; one back is
    /// turned round and followed by an unconditional jump.
    pub fn normalize_jumps(&mut self) {
        let order = self.order();
        let mut place = vec![usize::MAX; self.blocks.len()];
        for (i, &b) in order.iter().enumerate() {
            place[b as usize] = i;
        }
        for (i, &b) in order.iter().enumerate() {
            let Some(&last) = self.block(b).last() else {
                continue;
            };
            if !last.is_jump() {
                continue;
            }
            let forward = place[last.target as usize] > i;
            match last.op {
                Opc::Jump | Opc::JumpNoInterrupt => {
                    let op = match (forward, last.op) {
                        (true, _) => Op::JUMP_FORWARD,
                        (false, Opc::Jump) => Op::JUMP_BACKWARD,
                        _ => Op::JUMP_BACKWARD_NO_INTERRUPT,
                    };
                    if let Some(last) = self.block_mut(b).instrs.last_mut() {
                        last.op = op.into();
                    }
                }
                Opc::Real(op) => {
                    let reversed = match op {
                        Op::POP_JUMP_IF_TRUE => Op::POP_JUMP_IF_FALSE,
                        Op::POP_JUMP_IF_FALSE => Op::POP_JUMP_IF_TRUE,
                        Op::POP_JUMP_IF_NONE => Op::POP_JUMP_IF_NOT_NONE,
                        Op::POP_JUMP_IF_NOT_NONE => Op::POP_JUMP_IF_NONE,
                        _ => continue,
                    };
                    let mut not_taken = CfgIns::new(Op::NOT_TAKEN, 0, last.pos);
                    not_taken.except = last.except;
                    if forward {
                        self.block_mut(b).instrs.push(not_taken);
                        continue;
                    }
                    let back = self.new_block();
                    let next = self.block(b).next;
                    let mut jump = CfgIns::new(Op::JUMP_BACKWARD, 0, last.pos);
                    jump.target = last.target;
                    jump.except = last.except;
                    let depth = self.block(last.target).start_depth;
                    let block = self.block_mut(back);
                    block.instrs.extend([not_taken, jump]);
                    block.start_depth = depth;
                    block.next = next;
                    let instrs = &mut self.block_mut(b).instrs;
                    let end = instrs.len() - 1;
                    instrs[end].op = reversed.into();
                    instrs[end].target = next;
                    self.block_mut(b).next = back;
                }
                _ => {}
            }
        }
    }
}

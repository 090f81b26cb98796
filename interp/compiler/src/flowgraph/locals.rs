//! Passes over local variables: which loads may find nothing, and pairs of
//! accesses that one instruction can do.

use super::cfg::*;
use crate::codegen::unit::Opc;
use taipan_bytecode::Op;

/// Slots tracked across blocks; more are tracked within each block only.
const TRACKED: usize = 64;

impl Cfg {
    /// Turns loads of variables that may be unbound into checked ones.
    pub fn check_uninitialized(&mut self, local_count: usize, param_count: usize) {
        if local_count == 0 {
            return;
        }
        let mut count = local_count;
        if count > TRACKED {
            self.scan_many_locals(local_count);
            count = TRACKED;
        }
        let mut unsafe_at = vec![0u64; self.blocks.len()];
        let mut queued = vec![false; self.blocks.len()];
        let mut start = 0u64;
        for i in param_count..count {
            start |= 1 << i;
        }
        let mut todo = Vec::new();
        fn reach(
            b: u32,
            mask: u64,
            unsafe_at: &mut [u64],
            queued: &mut [bool],
            todo: &mut Vec<u32>,
        ) {
            let at = b as usize;
            let both = unsafe_at[at] | mask;
            if both != unsafe_at[at] {
                unsafe_at[at] = both;
                if !queued[at] {
                    queued[at] = true;
                    todo.push(b);
                }
            }
        }
        reach(0, start, &mut unsafe_at, &mut queued, &mut todo);
        for b in self.order() {
            if !queued[b as usize] {
                queued[b as usize] = true;
                todo.push(b);
            }
        }
        while let Some(b) = todo.pop() {
            queued[b as usize] = false;
            let mut mask = unsafe_at[b as usize];
            for i in 0..self.block(b).instrs.len() {
                let ins = self.block(b).instrs[i];
                if ins.except != NO_BLOCK {
                    reach(ins.except, mask, &mut unsafe_at, &mut queued, &mut todo);
                }
                if ins.arg as usize >= TRACKED {
                    continue;
                }
                let bit = 1u64 << ins.arg;
                match ins.op {
                    Opc::Real(Op::DELETE_FAST | Op::LOAD_FAST_AND_CLEAR)
                    | Opc::StoreFastMaybeNull => mask |= bit,
                    Opc::Real(Op::STORE_FAST | Op::LOAD_FAST_CHECK) => mask &= !bit,
                    Opc::Real(Op::LOAD_FAST) => {
                        if mask & bit != 0 {
                            self.block_mut(b).instrs[i].op = Opc::Real(Op::LOAD_FAST_CHECK);
                        }
                        mask &= !bit;
                    }
                    _ => {}
                }
            }
            let block = self.block(b);
            if block.next != NO_BLOCK && block.falls_through() {
                reach(block.next, mask, &mut unsafe_at, &mut queued, &mut todo);
            }
            if let Some(last) = block.last().filter(|l| l.is_jump()) {
                reach(last.target, mask, &mut unsafe_at, &mut queued, &mut todo);
            }
        }
    }

    /// The part of a huge function's variables that is not tracked across blocks.
    fn scan_many_locals(&mut self, local_count: usize) {
        let mut defined_in = vec![0usize; local_count - TRACKED];
        for (number, b) in self.order().into_iter().enumerate() {
            let number = number + 1;
            for ins in &mut self.block_mut(b).instrs {
                let Some(at) = (ins.arg as usize).checked_sub(TRACKED) else {
                    continue;
                };
                match ins.op {
                    Opc::Real(Op::DELETE_FAST | Op::LOAD_FAST_AND_CLEAR)
                    | Opc::StoreFastMaybeNull => {
                        defined_in[at] = 0;
                    }
                    Opc::Real(Op::STORE_FAST) => defined_in[at] = number,
                    Opc::Real(Op::LOAD_FAST) => {
                        if defined_in[at] != number {
                            ins.op = Opc::Real(Op::LOAD_FAST_CHECK);
                        }
                        defined_in[at] = number;
                    }
                    _ => {}
                }
            }
        }
    }

    /// Fuses accesses to two locals.
    pub fn insert_superinstructions(&mut self) {
        for b in self.order() {
            let instrs = &mut self.block_mut(b).instrs;
            for i in 1..instrs.len() {
                let (first, second) = (instrs[i - 1], instrs[i]);
                let fused = match (first.op, second.op) {
                    (Opc::Real(Op::LOAD_FAST), Opc::Real(Op::LOAD_FAST)) => Op::LOAD_FAST_LOAD_FAST,
                    (Opc::Real(Op::STORE_FAST), Opc::Real(Op::LOAD_FAST)) => {
                        Op::STORE_FAST_LOAD_FAST
                    }
                    (Opc::Real(Op::STORE_FAST), Opc::Real(Op::STORE_FAST)) => {
                        Op::STORE_FAST_STORE_FAST
                    }
                    _ => continue,
                };
                let (l1, l2) = (first.pos.line, second.pos.line);
                let other_line = l1 >= 0 && l2 >= 0 && l1 != l2;
                if other_line || first.arg >= 1 << 12 || second.arg >= 1 << 12 {
                    continue;
                }
                instrs[i - 1].set(fused, first.arg << 12 | second.arg);
                instrs[i].set_nop();
            }
        }
        self.remove_redundant_nops();
    }
}

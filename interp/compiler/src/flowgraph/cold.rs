//! Exception handlers move behind the code that runs without exceptions.

use super::cfg::*;
use crate::ast::Pos;
use crate::codegen::unit::Opc;

impl Cfg {
    fn mark_warm(&mut self) {
        let mut todo = vec![0u32];
        self.blocks[0].warm = true;
        while let Some(b) = todo.pop() {
            let block = self.block(b);
            let mut targets = Vec::new();
            if block.next != NO_BLOCK && block.falls_through() {
                targets.push(block.next);
            }
            targets.extend(
                block
                    .instrs
                    .iter()
                    .filter(|i| i.is_jump())
                    .map(|i| i.target),
            );
            for t in targets {
                if !self.block(t).warm {
                    self.block_mut(t).warm = true;
                    todo.push(t);
                }
            }
        }
    }

    fn mark_cold(&mut self) {
        self.mark_warm();
        let mut todo: Vec<u32> = self
            .order()
            .into_iter()
            .filter(|&b| self.block(b).is_handler && !self.block(b).warm)
            .collect();
        while let Some(b) = todo.pop() {
            if self.block(b).cold {
                continue;
            }
            self.block_mut(b).cold = true;
            let block = self.block(b);
            let mut targets = Vec::new();
            if block.next != NO_BLOCK && block.falls_through() {
                targets.push(block.next);
            }
            targets.extend(
                block
                    .instrs
                    .iter()
                    .filter(|i| i.is_jump())
                    .map(|i| i.target),
            );
            todo.extend(
                targets
                    .into_iter()
                    .filter(|&t| !self.block(t).warm && !self.block(t).cold),
            );
        }
    }

    pub fn push_cold_blocks_to_end(&mut self) {
        if self.block(0).next == NO_BLOCK {
            return;
        }
        self.mark_cold();
        // A cold block that falls into a warm one needs a jump once it has moved.
        for b in self.order() {
            let next = self.block(b).next;
            if self.block(b).cold
                && self.block(b).falls_through()
                && next != NO_BLOCK
                && self.block(next).warm
            {
                let jump = self.new_block();
                let mut ins = CfgIns::new(Opc::JumpNoInterrupt, 0, Pos::NONE);
                ins.target = next;
                let block = self.block_mut(jump);
                block.instrs.push(ins);
                block.cold = true;
                block.predecessors = 1;
                block.next = next;
                self.block_mut(b).next = jump;
                self.block_mut(next).has_label = true;
            }
        }
        let order = self.order();
        let (cold, warm): (Vec<u32>, Vec<u32>) =
            order.into_iter().partition(|&b| self.block(b).cold);
        if cold.is_empty() {
            return;
        }
        let mut prev = 0;
        for b in warm.into_iter().skip(1).chain(cold) {
            self.block_mut(prev).next = b;
            prev = b;
        }
        self.block_mut(prev).next = NO_BLOCK;
        self.remove_redundant_nops_and_jumps();
    }
}

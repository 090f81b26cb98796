//! Line numbers: instructions without one take it from what runs before them,
//! and instructions that only carry a line disappear where it is not missed.

use super::cfg::*;
use crate::ast::Pos;
use crate::codegen::unit::Opc;
use taipan_bytecode::Op;

impl Cfg {
    pub fn resolve_line_numbers(&mut self, first_line: i32) {
        self.duplicate_exits_without_line();
        self.propagate_lines();
        self.guarantee_exit_lines(first_line);
    }

    fn needs_own_line(&self, b: u32) -> bool {
        let block = self.block(b);
        let interrupts = || {
            block.instrs.iter().any(|i| {
                matches!(
                    i.op,
                    Opc::Jump
                        | Opc::Real(
                            Op::JUMP_BACKWARD
                                | Op::RESUME
                                | Op::CALL
                                | Op::CALL_KW
                                | Op::CALL_FUNCTION_EX
                        )
                )
            })
        };
        (block.exits_scope() || interrupts()) && block.has_no_line()
    }

    /// An exit shared by several jumps gets a copy, with its line, for each.
    fn duplicate_exits_without_line(&mut self) {
        for b in self.order() {
            let Some(&last) = self.block(b).last() else {
                continue;
            };
            if !last.is_jump() {
                continue;
            }
            let target = self.nonempty(last.target);
            if target == NO_BLOCK
                || !self.needs_own_line(target)
                || self.block(target).predecessors <= 1
            {
                continue;
            }
            let copy = self.new_block();
            let mut block = self.block(target).clone();
            block.predecessors = 1;
            block.has_label = true;
            block.instrs[0].pos = last.pos;
            *self.block_mut(copy) = block;
            self.block_mut(target).next = copy;
            self.block_mut(target).predecessors -= 1;
            if let Some(last) = self.block_mut(b).instrs.last_mut() {
                last.target = copy;
            }
        }
        // What is left is reached by falling into it.
        for b in self.order() {
            let next = self.block(b).next;
            if next == NO_BLOCK || !self.block(b).falls_through() {
                continue;
            }
            if let Some(&last) = self.block(b).last()
                && !self.block(next).instrs.is_empty()
                && self.needs_own_line(next)
            {
                self.block_mut(next).instrs[0].pos = last.pos;
            }
        }
    }

    fn propagate_lines(&mut self) {
        for b in self.order() {
            let Some(&last) = self.block(b).last() else {
                continue;
            };
            // An instruction may ask for the location of its successor.
            let mut next_pos = Pos::NONE;
            for ins in self.block_mut(b).instrs.iter_mut().rev() {
                if ins.pos == Pos::NEXT {
                    ins.pos = next_pos;
                }
                next_pos = ins.pos;
            }
            let mut prev = Pos::NONE;
            for ins in &mut self.block_mut(b).instrs {
                if ins.pos.line < 0 {
                    ins.pos = prev;
                } else {
                    prev = ins.pos;
                }
            }
            let next = self.block(b).next;
            if next != NO_BLOCK && self.block(b).falls_through() {
                self.inherit_line(next, prev);
            }
            if last.is_jump() {
                self.inherit_line(last.target, prev);
            }
        }
    }

    fn inherit_line(&mut self, b: u32, pos: Pos) {
        let block = self.block_mut(b);
        if block.predecessors == 1
            && let Some(first) = block.instrs.first_mut()
            && first.pos.line == -1
        {
            first.pos = pos;
        }
    }

    fn guarantee_exit_lines(&mut self, first_line: i32) {
        let mut line = first_line;
        for b in self.order() {
            let Some(last) = self.block_mut(b).instrs.last_mut() else {
                continue;
            };
            if last.pos.line >= 0 {
                line = last.pos.line;
            } else if last.is(Op::RETURN_VALUE) {
                let line_pos = Pos::line_only(line);
                for ins in &mut self.block_mut(b).instrs {
                    ins.pos = line_pos;
                }
            }
        }
    }

    fn remove_redundant_nops_in(&mut self, b: u32) -> bool {
        let mut prev_line = -1;
        let mut instrs = std::mem::take(&mut self.block_mut(b).instrs);
        let before = instrs.len();
        let mut dest = 0;
        for src in 0..instrs.len() {
            let ins = instrs[src];
            let line = ins.pos.line;
            if ins.is_nop() {
                if line < 0 || prev_line == line {
                    continue;
                }
                if let Some(next) = instrs.get_mut(src + 1) {
                    if next.pos.line == line {
                        continue;
                    }
                    if next.pos.line < 0 {
                        next.pos = ins.pos;
                        continue;
                    }
                } else {
                    let next = self.nonempty(self.block(b).next);
                    if next != NO_BLOCK {
                        let first = self
                            .block(next)
                            .instrs
                            .iter()
                            .find(|i| !(i.is_nop() && i.pos.line < 0));
                        if first.is_some_and(|i| i.pos.line == line) {
                            continue;
                        }
                    }
                }
            }
            instrs[dest] = ins;
            dest += 1;
            prev_line = line;
        }
        instrs.truncate(dest);
        self.block_mut(b).instrs = instrs;
        dest != before
    }

    pub fn remove_redundant_nops(&mut self) -> bool {
        let mut changed = false;
        for b in self.order() {
            changed |= self.remove_redundant_nops_in(b);
        }
        changed
    }

    fn remove_redundant_jumps(&mut self) -> bool {
        let mut changed = false;
        for b in self.order() {
            let Some(&last) = self.block(b).last() else {
                continue;
            };
            if !matches!(last.op, Opc::Jump | Opc::JumpNoInterrupt) {
                continue;
            }
            let target = self.nonempty(last.target);
            if target == self.nonempty(self.block(b).next) {
                if let Some(last) = self.block_mut(b).instrs.last_mut() {
                    last.set_nop();
                }
                changed = true;
            }
        }
        changed
    }

    pub fn remove_redundant_nops_and_jumps(&mut self) {
        loop {
            let nops = self.remove_redundant_nops();
            let jumps = self.remove_redundant_jumps();
            if !nops && !jumps {
                return;
            }
        }
    }

    /// Drops pairs that push a value and pop it again.
    pub fn remove_redundant_nops_and_pairs(&mut self) {
        loop {
            let mut done = true;
            let mut prev: Option<(u32, usize)> = None;
            for b in self.order() {
                self.remove_redundant_nops_in(b);
                if self.block(b).has_label {
                    prev = None;
                }
                for i in 0..self.block(b).instrs.len() {
                    let ins = self.block(b).instrs[i];
                    if ins.is(Op::POP_TOP)
                        && let Some((pb, pi)) = prev
                    {
                        let p = self.block(pb).instrs[pi];
                        let pushes = p.is(Op::LOAD_CONST)
                            || p.is(Op::LOAD_SMALL_INT)
                            || p.is(Op::COPY) && p.arg == 1;
                        if pushes {
                            self.block_mut(pb).instrs[pi].set_nop();
                            self.block_mut(b).instrs[i].set_nop();
                            done = false;
                        }
                    }
                    prev = Some((b, i));
                }
                if self.block(b).last().is_some_and(CfgIns::is_jump)
                    || !self.block(b).falls_through()
                {
                    prev = None;
                }
            }
            if done {
                return;
            }
        }
    }
}

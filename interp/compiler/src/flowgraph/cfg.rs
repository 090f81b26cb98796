//! Basic blocks and how they are made.

use crate::ast::Pos;
use crate::codegen::unit::{Opc, Sequence};
use taipan_bytecode::Op;

/// No block.
pub const NO_BLOCK: u32 = u32::MAX;

/// An instruction of a block.
#[derive(Clone, Copy, Debug)]
pub struct CfgIns {
    pub op: Opc,
    pub arg: u32,
    pub pos: Pos,
    /// Block jumped to.
    pub target: u32,
    /// Block that handles exceptions raised here.
    pub except: u32,
}

impl CfgIns {
    pub fn new(op: impl Into<Opc>, arg: u32, pos: Pos) -> CfgIns {
        CfgIns {
            op: op.into(),
            arg,
            pos,
            target: NO_BLOCK,
            except: NO_BLOCK,
        }
    }
    pub fn is(&self, op: Op) -> bool {
        self.op == Opc::Real(op)
    }
    pub fn set_nop(&mut self) {
        self.op = Opc::Real(Op::NOP);
        self.arg = 0;
        self.target = NO_BLOCK;
    }
    pub fn set(&mut self, op: impl Into<Opc>, arg: u32) {
        self.op = op.into();
        self.arg = arg;
    }
    pub fn is_nop(&self) -> bool {
        self.is(Op::NOP)
    }
    pub fn is_unconditional_jump(&self) -> bool {
        matches!(
            self.op,
            Opc::Jump
                | Opc::JumpNoInterrupt
                | Opc::Real(Op::JUMP_FORWARD | Op::JUMP_BACKWARD | Op::JUMP_BACKWARD_NO_INTERRUPT)
        )
    }
    pub fn is_scope_exit(&self) -> bool {
        matches!(
            self.op,
            Opc::Real(Op::RETURN_VALUE | Op::RAISE_VARARGS | Op::RERAISE)
        )
    }
    pub fn is_jump(&self) -> bool {
        // END_ASYNC_FOR only refers to where its loop gets an item.
        self.op.has_target() && !self.op.is_setup() && !self.is(Op::END_ASYNC_FOR)
    }
}

/// A straight run of instructions.
#[derive(Clone, Debug)]
pub struct BasicBlock {
    pub instrs: Vec<CfgIns>,
    /// The block that follows in the code.
    pub next: u32,
    pub predecessors: u32,
    /// Something jumps here.
    pub has_label: bool,
    pub is_handler: bool,
    pub preserve_lasti: bool,
    pub start_depth: i32,
    pub cold: bool,
    pub warm: bool,
}

impl BasicBlock {
    fn new() -> BasicBlock {
        BasicBlock {
            instrs: Vec::new(),
            next: NO_BLOCK,
            predecessors: 0,
            has_label: false,
            is_handler: false,
            preserve_lasti: false,
            start_depth: i32::MIN,
            cold: false,
            warm: false,
        }
    }
    pub fn last(&self) -> Option<&CfgIns> {
        self.instrs.last()
    }
    /// Whether control may pass on to the next block.
    pub fn falls_through(&self) -> bool {
        self.last()
            .is_none_or(|i| !i.is_scope_exit() && !i.is_unconditional_jump())
    }
    pub fn exits_scope(&self) -> bool {
        self.last().is_some_and(CfgIns::is_scope_exit)
    }
    pub fn has_no_line(&self) -> bool {
        self.instrs.iter().all(|i| i.pos.line < 0)
    }
}

/// The graph; block 0 is the entry.
#[derive(Clone, Debug)]
pub struct Cfg {
    pub blocks: Vec<BasicBlock>,
}

impl Cfg {
    pub fn new_block(&mut self) -> u32 {
        self.blocks.push(BasicBlock::new());
        self.blocks.len() as u32 - 1
    }

    pub fn block(&self, b: u32) -> &BasicBlock {
        &self.blocks[b as usize]
    }

    pub fn block_mut(&mut self, b: u32) -> &mut BasicBlock {
        &mut self.blocks[b as usize]
    }

    /// The blocks as they follow each other in the code.
    pub fn order(&self) -> Vec<u32> {
        let mut out = Vec::with_capacity(self.blocks.len());
        let mut b = 0;
        while b != NO_BLOCK {
            out.push(b);
            b = self.block(b).next;
        }
        out
    }

    /// The block itself, or the first after it that holds instructions.
    pub fn nonempty(&self, mut b: u32) -> u32 {
        while b != NO_BLOCK && self.block(b).instrs.is_empty() {
            b = self.block(b).next;
        }
        b
    }

    /// Splits a sequence into blocks at labels and behind jumps.
    pub fn build(seq: Sequence, annotations: Option<Sequence>) -> Cfg {
        let mut g = Cfg { blocks: Vec::new() };
        let mut cur = g.new_block();
        let mut label_block = vec![NO_BLOCK; seq.labels.len()];
        // Labels that something refers to, by the instruction they stand before.
        let mut used = vec![false; seq.labels.len()];
        for ins in seq.instrs.iter().filter(|i| i.op.has_target()) {
            used[ins.arg as usize] = true;
        }
        let labels = seq
            .labels
            .iter()
            .enumerate()
            .filter(|&(l, &i)| used[l] && i != u32::MAX);
        let mut by_index: Vec<(u32, u32)> = labels.map(|(l, &i)| (i, l as u32)).collect();
        by_index.sort_unstable();
        let mut labels = by_index.into_iter().peekable();
        let mut terminated = false;
        let start = |g: &mut Cfg, cur: &mut u32| {
            let b = g.new_block();
            g.block_mut(*cur).next = b;
            *cur = b;
        };
        let count = seq.instrs.len() as u32;
        for (i, ins) in seq.instrs.into_iter().enumerate() {
            let labelled = labels.peek().is_some_and(|l| l.0 == i as u32);
            if labelled || terminated {
                start(&mut g, &mut cur);
            }
            while let Some((_, l)) = labels.next_if(|l| l.0 == i as u32) {
                label_block[l as usize] = cur;
                g.block_mut(cur).has_label = true;
            }
            if ins.op == Opc::AnnotationsPlaceholder {
                if let Some(a) = &annotations {
                    g.block_mut(cur)
                        .instrs
                        .extend(a.instrs.iter().map(|i| CfgIns::new(i.op, i.arg, i.pos)));
                }
                terminated = false;
                continue;
            }
            let new = CfgIns::new(ins.op, ins.arg, ins.pos);
            terminated = new.is_jump() || new.is_scope_exit();
            g.block_mut(cur).instrs.push(new);
        }
        if labels.peek().is_some_and(|l| l.0 >= count) {
            start(&mut g, &mut cur);
            for (_, l) in labels {
                label_block[l as usize] = cur;
            }
            g.block_mut(cur).has_label = true;
        }
        for b in &mut g.blocks {
            for i in &mut b.instrs {
                if i.op.has_target() {
                    i.target = label_block[i.arg as usize];
                    i.arg = 0;
                }
            }
        }
        g
    }

    pub fn mark_except_handlers(&mut self) {
        for b in 0..self.blocks.len() {
            for i in 0..self.blocks[b].instrs.len() {
                let ins = self.blocks[b].instrs[i];
                if ins.op.is_setup() {
                    self.block_mut(ins.target).is_handler = true;
                }
            }
        }
    }

    /// Gives every instruction its handler, and drops the ends of regions.
    pub fn label_exception_targets(&mut self) {
        let mut stacks: Vec<Option<Vec<u32>>> = vec![None; self.blocks.len()];
        let mut visited = vec![false; self.blocks.len()];
        let mut todo = vec![0u32];
        visited[0] = true;
        stacks[0] = Some(Vec::new());
        while let Some(b) = todo.pop() {
            let mut stack = stacks[b as usize].take().unwrap_or_default();
            let mut handler = stack.last().copied().unwrap_or(NO_BLOCK);
            let mut yield_depth: Option<usize> = None;
            let len = self.block(b).instrs.len();
            for i in 0..len {
                let mut ins = self.block(b).instrs[i];
                ins.except = handler;
                let mut visit = |target: u32,
                                 stack: &Vec<u32>,
                                 visited: &mut Vec<bool>,
                                 todo: &mut Vec<u32>| {
                    if !visited[target as usize] {
                        visited[target as usize] = true;
                        stacks[target as usize] = Some(stack.clone());
                        todo.push(target);
                    }
                };
                if ins.op.is_setup() {
                    visit(ins.target, &stack, &mut visited, &mut todo);
                    if matches!(ins.op, Opc::SetupCleanup | Opc::SetupWith) {
                        self.block_mut(ins.target).preserve_lasti = true;
                    }
                    handler = ins.target;
                    stack.push(handler);
                } else if ins.op == Opc::PopBlock {
                    stack.pop();
                    handler = stack.last().copied().unwrap_or(NO_BLOCK);
                    ins.set_nop();
                } else if ins.is_jump() {
                    visit(ins.target, &stack, &mut visited, &mut todo);
                } else if ins.is(Op::YIELD_VALUE) {
                    yield_depth = Some(stack.len());
                } else if ins.is(Op::RESUME) {
                    // Tells where a suspended generator has only its own handler.
                    if ins.arg != 0 && yield_depth == Some(1) {
                        ins.arg |= 4;
                    }
                    yield_depth = None;
                }
                self.block_mut(b).instrs[i] = ins;
            }
            let next = self.block(b).next;
            if next != NO_BLOCK && self.block(b).falls_through() && !visited[next as usize] {
                visited[next as usize] = true;
                stacks[next as usize] = Some(stack);
                todo.push(next);
            }
        }
    }

    /// Empties blocks that nothing reaches, and counts predecessors of the others.
    pub fn remove_unreachable(&mut self) {
        for b in &mut self.blocks {
            b.predecessors = 0;
        }
        let mut visited = vec![false; self.blocks.len()];
        let mut todo = vec![0u32];
        visited[0] = true;
        self.blocks[0].predecessors = 1;
        while let Some(b) = todo.pop() {
            let next = self.block(b).next;
            let mut targets: Vec<u32> = self
                .block(b)
                .instrs
                .iter()
                .filter(|i| i.is_jump() || i.op.is_setup())
                .map(|i| i.target)
                .collect();
            if next != NO_BLOCK && self.block(b).falls_through() {
                targets.push(next);
            }
            for t in targets {
                self.block_mut(t).predecessors += 1;
                if !visited[t as usize] {
                    visited[t as usize] = true;
                    todo.push(t);
                }
            }
        }
        for (b, seen) in self.blocks.iter_mut().zip(visited) {
            if !seen {
                b.instrs.clear();
                b.is_handler = false;
            }
        }
    }

    /// Copies short exits, and what has no line, over the jumps to them.
    pub fn inline_small_blocks(&mut self) {
        const MAX_COPY: usize = 4;
        loop {
            let mut changed = false;
            for b in self.order() {
                let Some(&last) = self.block(b).last() else {
                    continue;
                };
                if !last.is_unconditional_jump() {
                    continue;
                }
                let target = self.block(last.target);
                let small_exit = target.exits_scope() && target.instrs.len() <= MAX_COPY;
                let no_line = target.has_no_line() && !target.falls_through();
                if !small_exit && !no_line || last.target == b {
                    continue;
                }
                let copied = target.instrs.clone();
                self.block_mut(last.target).predecessors =
                    self.block(last.target).predecessors.saturating_sub(1);
                let instrs = &mut self.block_mut(b).instrs;
                if let Some(jump) = instrs.last_mut() {
                    jump.set_nop();
                }
                instrs.extend(copied);
                // A loop must stay interruptible.
                if no_line
                    && last.op == Opc::Jump
                    && let Some(end) = instrs.last_mut()
                    && end.is_unconditional_jump()
                {
                    end.op = Opc::Jump;
                }
                changed = true;
            }
            if !changed {
                return;
            }
        }
    }
}

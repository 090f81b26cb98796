//! Optimisation within blocks: constants, tests and jumps to jumps.

use super::cfg::*;
use super::folding::{self, Unary};
use crate::codegen::unit::{ConstTable, Opc};
use taipan_bytecode::{Const, Intrinsic1, Op};

/// Integers that are pushed without a constant.
const SMALL_INT_LIMIT: i64 = 256;

/// Fewest constants that make a list or set literal worth a constant.
const MIN_CONST_SEQUENCE: usize = 3;

fn constant(ins: &CfgIns, consts: &ConstTable) -> Option<Const> {
    match ins.op {
        Opc::Real(Op::LOAD_CONST) => consts.values.get(ins.arg as usize).cloned(),
        Opc::Real(Op::LOAD_SMALL_INT) => Some(Const::Int(i64::from(ins.arg))),
        _ => None,
    }
}

fn is_constant(ins: &CfgIns) -> bool {
    ins.is(Op::LOAD_CONST) || ins.is(Op::LOAD_SMALL_INT)
}

fn load_constant(ins: &mut CfgIns, value: Const, consts: &mut ConstTable) {
    match value {
        Const::Int(i) if (0..SMALL_INT_LIMIT).contains(&i) => ins.set(Op::LOAD_SMALL_INT, i as u32),
        value => {
            let index = consts.add(value);
            ins.set(Op::LOAD_CONST, index);
        }
    }
}

/// The indices of the `count` loads of constants right before `start`.
fn constants_before(instrs: &[CfgIns], start: usize, count: usize) -> Option<Vec<usize>> {
    let mut found = Vec::with_capacity(count);
    let mut i = start;
    while found.len() < count {
        i = i.checked_sub(1)?;
        if instrs[i].is_nop() {
            continue;
        }
        if !is_constant(&instrs[i]) {
            return None;
        }
        found.push(i);
    }
    found.reverse();
    Some(found)
}

/// Removes instructions whose effect moved; they leave no trace, not even a line.
fn drop_all(instrs: &mut [CfgIns], which: &[usize]) {
    for &i in which {
        instrs[i].set_nop();
        instrs[i].pos = crate::ast::Pos::NONE;
    }
}

impl Cfg {
    /// Decides tests of constants.
    pub fn optimize_load_const(&mut self, consts: &mut ConstTable) {
        for b in self.order() {
            let instrs = &mut self.block_mut(b).instrs;
            let mut loaded: Option<Const> = None;
            for i in 0..instrs.len() {
                let ins = instrs[i];
                if ins.is(Op::LOAD_CONST) {
                    loaded = consts.values.get(ins.arg as usize).cloned();
                    if let Some(Const::Int(v)) = loaded
                        && (0..SMALL_INT_LIMIT).contains(&v)
                    {
                        instrs[i].set(Op::LOAD_SMALL_INT, v as u32);
                    }
                } else if ins.is(Op::LOAD_SMALL_INT) {
                    loaded = Some(Const::Int(i64::from(ins.arg)));
                } else if !(ins.is(Op::COPY) && ins.arg == 1) {
                    loaded = None;
                }
                let Some(value) = &loaded else { continue };
                let Some(&next) = instrs.get(i + 1) else {
                    continue;
                };
                match next.op {
                    Opc::Real(Op::POP_JUMP_IF_FALSE | Op::POP_JUMP_IF_TRUE)
                    | Opc::JumpIfFalse
                    | Opc::JumpIfTrue => {
                        let on_true =
                            matches!(next.op, Opc::Real(Op::POP_JUMP_IF_TRUE) | Opc::JumpIfTrue);
                        let keeps = matches!(next.op, Opc::JumpIfFalse | Opc::JumpIfTrue);
                        if !keeps {
                            instrs[i].set_nop();
                        }
                        if folding::truth(value) == on_true {
                            instrs[i + 1].op = Opc::Jump;
                        } else {
                            instrs[i + 1].set_nop();
                        }
                    }
                    Opc::Real(Op::IS_OP) if matches!(value, Const::None) => {
                        let mut at = i + 2;
                        if instrs.get(at).is_some_and(|n| n.is(Op::TO_BOOL)) {
                            at += 1;
                        }
                        let Some(jump) = instrs.get(at) else { continue };
                        let inverted = match jump.op {
                            Opc::Real(Op::POP_JUMP_IF_TRUE) => next.arg != 0,
                            Opc::Real(Op::POP_JUMP_IF_FALSE) => next.arg == 0,
                            _ => continue,
                        };
                        instrs[i..at].iter_mut().for_each(CfgIns::set_nop);
                        instrs[at].op = Opc::Real(if inverted {
                            Op::POP_JUMP_IF_NOT_NONE
                        } else {
                            Op::POP_JUMP_IF_NONE
                        });
                    }
                    Opc::Real(Op::TO_BOOL) => {
                        let value = if folding::truth(value) {
                            Const::True
                        } else {
                            Const::False
                        };
                        let index = consts.add(value);
                        instrs[i].set_nop();
                        instrs[i + 1].set(Op::LOAD_CONST, index);
                    }
                    _ => {}
                }
            }
        }
    }

    /// The first instruction of the block, if it is a jump of the given kind.
    fn first_jump(&self, b: u32, op: Opc) -> Option<CfgIns> {
        self.block(b).instrs.first().copied().filter(|i| i.op == op)
    }

    /// Retargets a jump at the end of a block past the jump it leads to.
    fn thread(&mut self, b: u32, i: usize, through: CfgIns, op: Opc) -> bool {
        let ins = self.block(b).instrs[i];
        if ins.target == through.target {
            return false;
        }
        let mut new = CfgIns::new(op, 0, through.pos);
        new.target = through.target;
        new.except = ins.except;
        let instrs = &mut self.block_mut(b).instrs;
        instrs[i].set_nop();
        instrs.push(new);
        self.block_mut(through.target).has_label = true;
        true
    }

    pub fn optimize_block(&mut self, b: u32, consts: &mut ConstTable) {
        let mut i = 0;
        // Threading may go round a cycle of jumps; each block is passed once at most.
        let mut fuel = self.blocks.len() + 8;
        while i < self.block(b).instrs.len() {
            let ins = self.block(b).instrs[i];
            if ins.is_jump() {
                if fuel > 0 && self.optimize_jump(b, i) {
                    fuel -= 1;
                    // The block now ends in another jump: look at it in turn.
                    if !self.block(b).instrs[i].is_nop() {
                        continue;
                    }
                }
            } else {
                optimize_instruction(&mut self.block_mut(b).instrs, i, consts);
            }
            i += 1;
        }
        self.optimize_swaps(b);
    }

    /// Whether the jump changed.
    fn optimize_jump(&mut self, b: u32, i: usize) -> bool {
        let ins = self.block(b).instrs[i];
        let target = ins.target;
        match ins.op {
            Opc::Real(
                Op::POP_JUMP_IF_NONE
                | Op::POP_JUMP_IF_NOT_NONE
                | Op::POP_JUMP_IF_FALSE
                | Op::POP_JUMP_IF_TRUE,
            ) => self
                .first_jump(target, Opc::Jump)
                .is_some_and(|t| self.thread(b, i, t, ins.op)),
            Opc::JumpIfFalse | Opc::JumpIfTrue => {
                let opposite = if ins.op == Opc::JumpIfFalse {
                    Opc::JumpIfTrue
                } else {
                    Opc::JumpIfFalse
                };
                if let Some(t) = self
                    .first_jump(target, Opc::Jump)
                    .or_else(|| self.first_jump(target, ins.op))
                {
                    return self.thread(b, i, t, ins.op);
                }
                if self.first_jump(target, opposite).is_some() {
                    let next = self.block(target).next;
                    if next != NO_BLOCK {
                        self.block_mut(b).instrs[i].target = next;
                        self.block_mut(next).has_label = true;
                        return true;
                    }
                }
                false
            }
            Opc::Jump | Opc::JumpNoInterrupt => {
                if let Some(t) = self.first_jump(target, Opc::Jump) {
                    return self.thread(b, i, t, Opc::Jump);
                }
                if let Some(t) = self.first_jump(target, Opc::JumpNoInterrupt) {
                    return self.thread(b, i, t, ins.op);
                }
                false
            }
            _ => false,
        }
    }

    /// Drops constants that nothing loads any more, but for the first, which may
    /// be a docstring.
    pub fn remove_unused_consts(&mut self, consts: &mut ConstTable) {
        let mut used = vec![false; consts.values.len()];
        let Some(first) = used.first_mut() else {
            return;
        };
        *first = true;
        let order = self.order();
        for &b in &order {
            for ins in self.block(b).instrs.iter().filter(|i| i.is(Op::LOAD_CONST)) {
                used[ins.arg as usize] = true;
            }
        }
        if used.iter().all(|&u| u) {
            return;
        }
        let mut map = Vec::with_capacity(used.len());
        let mut next = 0;
        for &u in &used {
            map.push(next);
            next += u32::from(u);
        }
        let mut keep = used.iter();
        consts
            .values
            .retain(|_| keep.next().copied().unwrap_or(true));
        for &b in &order {
            for ins in &mut self.block_mut(b).instrs {
                if ins.is(Op::LOAD_CONST) {
                    ins.arg = map[ins.arg as usize];
                }
            }
        }
    }
}

fn optimize_instruction(instrs: &mut [CfgIns], i: usize, consts: &mut ConstTable) {
    let Opc::Real(op) = instrs[i].op else { return };
    let arg = instrs[i].arg;
    let next = instrs.get(i + 1).copied();
    let next_is = |op| next.is_some_and(|n| n.is(op));
    match op {
        Op::LOAD_GLOBAL if next_is(Op::PUSH_NULL) && arg & 1 == 0 => {
            instrs[i].arg |= 1;
            instrs[i + 1].set_nop();
        }
        Op::BUILD_TUPLE => {
            if next_is(Op::UNPACK_SEQUENCE) && next.is_some_and(|n| n.arg == arg) {
                match arg {
                    1 => {
                        instrs[i].set_nop();
                        instrs[i + 1].set_nop();
                        return;
                    }
                    2 | 3 => {
                        instrs[i].set_nop();
                        instrs[i + 1].set(Op::SWAP, arg);
                        return;
                    }
                    _ => {}
                }
            }
            fold_tuple(instrs, i, consts);
        }
        Op::BUILD_LIST | Op::BUILD_SET => fold_list_or_set(instrs, i, consts),
        Op::COMPARE_OP if next_is(Op::TO_BOOL) => {
            instrs[i].set_nop();
            instrs[i + 1].set(Op::COMPARE_OP, arg | 16);
        }
        Op::CONTAINS_OP | Op::IS_OP => {
            if next_is(Op::TO_BOOL) {
                instrs[i].set_nop();
                instrs[i + 1].set(op, arg);
            } else if next_is(Op::UNARY_NOT) {
                instrs[i].set_nop();
                instrs[i + 1].set(op, arg ^ 1);
            }
        }
        Op::TO_BOOL if next_is(Op::TO_BOOL) => instrs[i].set_nop(),
        Op::UNARY_NOT => {
            if next_is(Op::TO_BOOL) {
                instrs[i].set_nop();
                instrs[i + 1].set(Op::UNARY_NOT, 0);
            } else if next_is(Op::UNARY_NOT) {
                instrs[i].set_nop();
                instrs[i + 1].set_nop();
            } else {
                fold_unary(instrs, i, Unary::Not, consts);
            }
        }
        Op::UNARY_INVERT => fold_unary(instrs, i, Unary::Invert, consts),
        Op::UNARY_NEGATIVE => fold_unary(instrs, i, Unary::Negative, consts),
        Op::CALL_INTRINSIC_1 if arg == Intrinsic1::ListToTuple as u32 => {
            fold_list_to_tuple(instrs, i, consts);
            if !instrs[i].is(Op::LOAD_CONST) && next_is(Op::GET_ITER) {
                instrs[i].set_nop();
            }
        }
        Op::CALL_INTRINSIC_1 if arg == Intrinsic1::UnaryPositive as u32 => {
            fold_unary(instrs, i, Unary::Positive, consts);
        }
        Op::BINARY_OP => {
            let Some(operands) = constants_before(instrs, i, 2) else {
                return;
            };
            let (Some(a), Some(b)) = (
                constant(&instrs[operands[0]], consts),
                constant(&instrs[operands[1]], consts),
            ) else {
                return;
            };
            if let Some(value) = folding::binary(arg, &a, &b) {
                drop_all(instrs, &operands);
                load_constant(&mut instrs[i], value, consts);
            }
        }
        Op::STORE_FAST
            if next.is_some_and(|n| {
                n.is(Op::STORE_FAST) && n.arg == arg && n.pos.line == instrs[i].pos.line
            }) =>
        {
            instrs[i].set(Op::POP_TOP, 0);
        }
        Op::SWAP if arg == 1 => instrs[i].set_nop(),
        _ => {}
    }
}

fn fold_unary(instrs: &mut [CfgIns], i: usize, op: Unary, consts: &mut ConstTable) {
    let Some(operand) = constants_before(instrs, i, 1) else {
        return;
    };
    let Some(value) = constant(&instrs[operand[0]], consts) else {
        return;
    };
    if let Some(value) = folding::unary(op, &value) {
        drop_all(instrs, &operand);
        load_constant(&mut instrs[i], value, consts);
    }
}

fn fold_tuple(instrs: &mut [CfgIns], i: usize, consts: &mut ConstTable) {
    let Some(parts) = constants_before(instrs, i, instrs[i].arg as usize) else {
        return;
    };
    let values: Option<Vec<Const>> = parts
        .iter()
        .map(|&p| constant(&instrs[p], consts))
        .collect();
    let Some(values) = values else { return };
    drop_all(instrs, &parts);
    let index = consts.add(Const::Tuple(values));
    instrs[i].set(Op::LOAD_CONST, index);
}

fn fold_list_or_set(instrs: &mut [CfgIns], i: usize, consts: &mut ConstTable) {
    let is_list = instrs[i].is(Op::BUILD_LIST);
    let next = instrs.get(i + 1);
    let consumed = next.is_some_and(|n| n.is(Op::GET_ITER) || n.is(Op::CONTAINS_OP));
    let count = instrs[i].arg as usize;
    let values: Option<(Vec<usize>, Vec<Const>)> = (consumed || count >= MIN_CONST_SEQUENCE)
        .then(|| {
            let parts = constants_before(instrs, i, count)?;
            let values = parts
                .iter()
                .map(|&p| constant(&instrs[p], consts))
                .collect::<Option<Vec<_>>>()?;
            Some((parts, values))
        })
        .flatten();
    let Some((parts, values)) = values else {
        // What is only iterated over or searched need not be a list.
        if consumed && is_list {
            instrs[i].op = Opc::Real(Op::BUILD_TUPLE);
        }
        return;
    };
    let value = if is_list {
        Const::Tuple(values)
    } else {
        Const::FrozenSet(folding::unique(values))
    };
    if consumed {
        drop_all(instrs, &parts);
        let index = consts.add(value);
        instrs[i].set(Op::LOAD_CONST, index);
        return;
    }
    let index = consts.add(value);
    // BUILD_LIST 0; LOAD_CONST; LIST_EXTEND in the places of the last three.
    let pos = instrs[i].pos;
    drop_all(instrs, &parts);
    let (build, extend) = if is_list {
        (Op::BUILD_LIST, Op::LIST_EXTEND)
    } else {
        (Op::BUILD_SET, Op::SET_UPDATE)
    };
    let (a, b) = (parts[parts.len() - 2], parts[parts.len() - 1]);
    instrs[a].set(build, 0);
    instrs[a].pos = pos;
    instrs[b].set(Op::LOAD_CONST, index);
    instrs[b].pos = pos;
    instrs[i].set(extend, 1);
}

/// `BUILD_LIST 0`, constants appended one by one, and the conversion to a tuple.
fn fold_list_to_tuple(instrs: &mut [CfgIns], i: usize, consts: &mut ConstTable) {
    let mut values = Vec::new();
    let mut dropped = Vec::new();
    let mut expect_append = true;
    for at in (0..i).rev() {
        let ins = instrs[at];
        if ins.is_nop() {
            continue;
        }
        if expect_append && ins.is(Op::BUILD_LIST) && ins.arg == 0 {
            dropped.push(at);
            values.reverse();
            drop_all(instrs, &dropped);
            let index = consts.add(Const::Tuple(values));
            instrs[i].set(Op::LOAD_CONST, index);
            return;
        }
        if expect_append {
            if !(ins.is(Op::LIST_APPEND) && ins.arg == 1) {
                return;
            }
        } else {
            let Some(value) = constant(&ins, consts) else {
                return;
            };
            values.push(value);
        }
        dropped.push(at);
        expect_append = !expect_append;
    }
}

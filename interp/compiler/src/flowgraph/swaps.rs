//! Sequences of `SWAP`: shortened, or done at compile time.

use super::cfg::*;
use crate::codegen::unit::Opc;
use taipan_bytecode::Op;

fn swappable(ins: &CfgIns) -> bool {
    matches!(
        ins.op,
        Opc::Real(Op::STORE_FAST | Op::POP_TOP) | Opc::StoreFastMaybeNull
    )
}

fn stores_to(ins: &CfgIns) -> Option<u32> {
    matches!(ins.op, Opc::Real(Op::STORE_FAST) | Opc::StoreFastMaybeNull).then_some(ins.arg)
}

/// Rewrites a run of swaps that starts at `ix` with as few as its permutation
/// needs; the result is the index of the run's last instruction.
fn shorten(instrs: &mut [CfgIns], ix: usize) -> usize {
    let mut depth = instrs[ix].arg as usize;
    let mut len = 1;
    let mut more = false;
    while let Some(ins) = instrs.get(ix + len) {
        if ins.is(Op::SWAP) {
            depth = depth.max(ins.arg as usize);
            more = true;
        } else if !ins.is_nop() {
            break;
        }
        len += 1;
    }
    if !more {
        return ix;
    }
    let run = &mut instrs[ix..ix + len];
    let mut stack: Vec<Option<usize>> = (0..depth).map(Some).collect();
    for ins in run.iter().filter(|i| i.is(Op::SWAP)) {
        stack.swap(0, ins.arg as usize - 1);
    }
    // Each cycle of the permutation goes through the top, so it is undone by
    // swapping its members with the top in turn; written from the end.
    let mut current = len;
    for i in 0..depth {
        if stack[i].is_none_or(|v| v == i) {
            continue;
        }
        let mut j = i;
        loop {
            if j != 0 {
                current -= 1;
                run[current].set(Op::SWAP, j as u32 + 1);
            }
            let Some(next) = stack[j].take() else { break };
            j = next;
        }
    }
    run[..current].iter_mut().for_each(CfgIns::set_nop);
    ix + len - 1
}

fn next_swappable(instrs: &[CfgIns], mut i: usize, line: i32) -> Option<usize> {
    loop {
        i += 1;
        let ins = instrs.get(i)?;
        if line >= 0 && ins.pos.line != line {
            return None;
        }
        if ins.is_nop() {
            continue;
        }
        return swappable(ins).then_some(i);
    }
}

/// Exchanges stores and pops that follow swaps instead of swapping at run time.
fn apply(instrs: &mut [CfgIns], ix: usize) {
    for i in (0..=ix).rev() {
        if !instrs[i].is(Op::SWAP) {
            if instrs[i].is_nop() || swappable(&instrs[i]) {
                continue;
            }
            return;
        }
        let Some(j) = next_swappable(instrs, i, -1) else {
            return;
        };
        let line = instrs[j].pos.line;
        let mut k = j;
        for _ in 1..instrs[i].arg {
            match next_swappable(instrs, k, line) {
                Some(next) => k = next,
                None => return,
            }
        }
        let (store_j, store_k) = (stores_to(&instrs[j]), stores_to(&instrs[k]));
        if store_j.is_some() || store_k.is_some() {
            if store_j == store_k {
                return;
            }
            let clash = instrs[j + 1..k]
                .iter()
                .filter_map(stores_to)
                .any(|s| Some(s) == store_j || Some(s) == store_k);
            if clash {
                return;
            }
        }
        instrs[i].set_nop();
        instrs.swap(j, k);
    }
}

impl Cfg {
    pub(super) fn optimize_swaps(&mut self, b: u32) {
        let instrs = &mut self.block_mut(b).instrs;
        let mut i = 0;
        while i < instrs.len() {
            if instrs[i].is(Op::SWAP) {
                i = shorten(instrs, i);
                apply(instrs, i);
            }
            i += 1;
        }
    }
}

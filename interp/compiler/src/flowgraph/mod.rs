//! The control flow graph of one code object: built from the generator's
//! instructions, optimised as CPython 3.14 optimises, and put back in line.

mod basic;
mod cfg;
mod cold;
mod effects;
pub mod folding;
mod jumps;
mod lines;
mod locals;
mod swaps;

pub use cfg::{Cfg, CfgIns, NO_BLOCK};

use crate::codegen::unit::{ConstTable, Sequence};
use crate::errors::Res;

/// Facts about the unit that the passes need.
pub struct Facts {
    pub first_line: i32,
    pub local_count: usize,
    pub param_count: usize,
}

/// Builds and optimises the graph of a unit.
pub fn optimize(
    seq: Sequence,
    annotations: Option<Sequence>,
    consts: &mut ConstTable,
    facts: &Facts,
) -> Res<Cfg> {
    let mut g = Cfg::build(seq, annotations);
    g.mark_except_handlers();
    g.label_exception_targets();
    g.inline_small_blocks();
    g.remove_unreachable();
    g.resolve_line_numbers(facts.first_line);
    g.optimize_load_const(consts);
    for b in g.order() {
        g.optimize_block(b, consts);
    }
    g.remove_redundant_nops_and_pairs();
    g.remove_unreachable();
    g.remove_redundant_nops_and_jumps();
    g.remove_unused_consts(consts);
    g.check_uninitialized(facts.local_count, facts.param_count);
    g.insert_superinstructions();
    g.push_cold_blocks_to_end();
    g.resolve_line_numbers(facts.first_line);
    Ok(g)
}

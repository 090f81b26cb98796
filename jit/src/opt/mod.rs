//! Optimisation, mostly while recording: an instruction handed to the
//! [`emit::Emitter`] is folded, replaced by an equal one that is there already, or
//! answered from what is known of memory, before it is added. Peeling hands the
//! whole loop through the same emitter once more.

pub mod carry;
pub mod dce;
pub mod emit;
pub mod fold;
pub mod inherit;
pub mod memory;
pub mod peel;
pub mod range;

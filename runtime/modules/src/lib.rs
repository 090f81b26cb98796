//! Native modules of the standard library that the core does not need itself,
//! in a crate of their own so that each builds quickly.

pub mod bisect;
pub mod collections;
mod common;
pub mod functools;
pub mod heapq;
pub mod io;
pub mod itertools;
pub mod math;
pub mod operator;

use taipan_runtime::object::ModuleDef;

/// Every native module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &bisect::BISECT,
    &collections::COLLECTIONS,
    &functools::FUNCTOOLS,
    &heapq::HEAPQ,
    &io::IO,
    &itertools::ITERTOOLS,
    &math::MATH,
    &operator::OPERATOR,
];

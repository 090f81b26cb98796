//! Native modules of the standard library that the core does not need itself,
//! in a crate of their own so that each builds quickly.

pub mod collections;
mod common;
pub mod functools;
pub mod itertools;

use taipan_runtime::object::ModuleDef;

/// Every native module of this crate.
pub static MODULES: &[&ModuleDef] = &[&collections::COLLECTIONS, &functools::FUNCTOOLS, &itertools::ITERTOOLS];

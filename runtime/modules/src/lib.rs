//! Native modules of the standard library that the core does not need itself,
//! in a crate of their own so that each builds quickly.

pub mod itertools;

use taipan_runtime::object::ModuleDef;

/// Every native module of this crate.
pub static MODULES: &[&ModuleDef] = &[&itertools::ITERTOOLS];

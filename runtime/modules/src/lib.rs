//! Native modules of the standard library that the core does not need itself,
//! in a crate of their own so that each builds quickly.

pub mod abc;
pub mod atexit;
pub mod bisect;
pub mod codecs;
pub mod collections;
mod common;
pub mod functools;
pub mod heapq;
pub mod io;
pub mod itertools;
pub mod locale;
pub mod marshal;
pub mod math;
pub mod operator;
pub mod signal;
pub mod stat;

use taipan_runtime::object::ModuleDef;

/// Every native module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &abc::ABC,
    &atexit::ATEXIT,
    &bisect::BISECT,
    &codecs::CODECS,
    &collections::COLLECTIONS,
    &functools::FUNCTOOLS,
    &heapq::HEAPQ,
    &io::IO,
    &itertools::ITERTOOLS,
    &locale::LOCALE,
    &marshal::MARSHAL,
    &math::MATH,
    &operator::OPERATOR,
    &signal::SIGNAL,
    &stat::STAT,
];

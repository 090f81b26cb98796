//! Native modules of the standard library that the core does not need itself,
//! in a crate of their own so that each builds quickly.

pub mod binascii;
pub mod bisect;
pub mod cmath;
pub mod collections;
mod common;
pub mod csv;
pub mod errno;
pub mod functools;
pub mod heapq;
pub mod itertools;
pub mod json;
pub mod math;
pub mod operator;
pub mod posix;
pub mod random;
pub mod sre;
pub mod statistics;
pub mod string;
pub mod structs;
pub mod time;

use taipan_runtime::object::ModuleDef;

/// Every native module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &binascii::BINASCII,
    &bisect::BISECT,
    &posix::POSIX,
    &cmath::CMATH,
    &collections::COLLECTIONS,
    &csv::CSV,
    &errno::ERRNO,
    &functools::FUNCTOOLS,
    &heapq::HEAPQ,
    &itertools::ITERTOOLS,
    &json::JSON,
    &math::MATH,
    &operator::OPERATOR,
    &random::RANDOM,
    &sre::SRE,
    &statistics::STATISTICS,
    &string::STRING,
    &structs::STRUCTS,
    &time::TIME,
];

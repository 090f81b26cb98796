//! Native modules of the standard library that the core does not need itself,
//! in a crate of their own so that each builds quickly.

pub mod abc;
pub mod atexit;
pub mod bisect;
pub mod codecs;
pub mod collections;
mod common;
pub mod errno;
pub mod functools;
pub mod heapq;
pub mod io;
pub mod itertools;
pub mod json;
pub mod locale;
pub mod marshal;
pub mod math;
pub mod operator;
pub mod posix;
pub mod random;
pub mod select;
pub mod signal;
pub mod sre;
pub mod stat;
pub mod string;
pub mod structs;
pub mod time;
pub mod unicodedata;

use taipan_runtime::object::ModuleDef;

/// Every native module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &abc::ABC,
    &atexit::ATEXIT,
    &bisect::BISECT,
    &posix::POSIX,
    &codecs::CODECS,
    &collections::COLLECTIONS,
    &errno::ERRNO,
    &functools::FUNCTOOLS,
    &heapq::HEAPQ,
    &io::IO,
    &itertools::ITERTOOLS,
    &json::JSON,
    &locale::LOCALE,
    &marshal::MARSHAL,
    &math::MATH,
    &operator::OPERATOR,
    &random::RANDOM,
    &select::SELECT,
    &select::RESOURCE,
    &sre::SRE,
    &string::STRING,
    &structs::STRUCTS,
    &time::TIME,
    &unicodedata::UNICODEDATA,
    &signal::SIGNAL,
    &stat::STAT,
];

//! Native modules of the standard library that the core does not need itself,
//! in a crate of their own so that each builds quickly.

pub mod abc;
pub mod accounts;
pub mod array;
pub mod asyncio;
pub mod atexit;
pub mod binascii;
pub mod bisect;
pub mod cmath;
pub mod codecs;
pub mod collections;
mod common;
pub mod compress;
pub mod contextvars;
pub mod csv;
pub mod datetime;
pub mod decimal;
mod epoll;
pub mod errno;
pub mod expat;
pub mod faulthandler;
pub mod fcntl;
pub mod functools;
pub mod hashes;
pub mod heapq;
pub mod io;
pub mod itertools;
pub mod json;
pub mod locale;
pub mod marshal;
pub mod math;
pub mod mmap;
pub mod namespace;
pub mod operator;
pub mod pickle;
pub mod posix;
pub mod random;
pub mod select;
pub mod sequences;
pub mod signal;
mod sigwait;
pub mod socket;
pub mod sre;
pub mod stat;
pub mod statistics;
pub mod string;
pub mod structs;
pub mod suggestions;
pub mod syslog;
pub mod termios;
pub mod testcapi;
pub mod time;
pub mod tracemalloc;
pub mod types;
pub mod unicodedata;
mod wait;
pub mod zlib;

use taipan_runtime::object::ModuleDef;

/// Every native module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &abc::ABC,
    &accounts::GRP,
    &accounts::PWD,
    &sequences::MODULE,
    &array::ARRAY_MODULE,
    &asyncio::ASYNCIO,
    &atexit::ATEXIT,
    &binascii::BINASCII,
    &bisect::BISECT,
    &cmath::CMATH,
    &codecs::CODECS,
    &compress::BZ2,
    &compress::LZMA,
    &compress::ZSTD,
    &posix::POSIX,
    &posix::POSIXSUBPROCESS,
    &collections::COLLECTIONS,
    &contextvars::CONTEXTVARS,
    &csv::CSV,
    &datetime::DATETIME,
    &decimal::DECIMAL,
    &errno::ERRNO,
    &expat::EXPAT,
    &faulthandler::FAULTHANDLER,
    &fcntl::FCNTL,
    &functools::FUNCTOOLS,
    &hashes::MD5,
    &hashes::SHA1,
    &hashes::SHA2,
    &hashes::SHA3,
    &hashes::BLAKE2,
    &hashes::HASHLIB,
    &heapq::HEAPQ,
    &io::IO,
    &itertools::ITERTOOLS,
    &json::JSON,
    &locale::LOCALE,
    &marshal::MARSHAL,
    &math::MATH,
    &mmap::MMAP,
    &operator::OPERATOR,
    &pickle::PICKLE,
    &random::RANDOM,
    &select::SELECT,
    &select::RESOURCE,
    &sre::SRE,
    &statistics::STATISTICS,
    &string::STRING,
    &structs::STRUCTS,
    &suggestions::SUGGESTIONS,
    &syslog::SYSLOG,
    &termios::TERMIOS,
    &testcapi::TESTCAPI,
    &testcapi::TESTINTERNALCAPI,
    &testcapi::TESTLIMITEDCAPI,
    &testcapi::TESTMULTIPHASE,
    &time::TIME,
    &tracemalloc::TRACEMALLOC,
    &types::TYPES,
    &unicodedata::UNICODEDATA,
    &signal::SIGNAL,
    &socket::SOCKET,
    &stat::STAT,
    &zlib::ZLIB,
];

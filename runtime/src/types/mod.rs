//! The built-in types, one a file or folder. Each holds the native layout, what
//! Rust code does with it, and the tables that define the Python type.

pub mod alias;
pub mod boolean;
pub mod bytes;
pub mod cell;
pub mod code;
pub mod complex;
pub mod descriptor;
pub mod dict;
pub mod exception;
pub mod float;
pub mod frame;
pub mod function;
pub mod generator;
pub mod int;
pub mod iterators;
pub mod lazy;
pub mod list;
pub mod memoryview;
pub mod method;
pub mod module;
pub mod object;
pub mod protocol;
pub mod range;
pub mod search;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod str;
pub mod super_;
pub mod support;
pub mod tuple;
pub mod type_;
pub mod type_new;
pub mod union;
pub mod weakref;

//! What a Python object is: values, heap, types, native modules, code objects
//! and frames. The interpreter and the JIT stand on this crate; it calls Python
//! code only through [`vm::Interpreter`].

pub mod heap;
pub mod modules;
pub mod object;
pub mod ops;
pub mod signals;
pub mod types;
pub mod value;
pub mod vm;

pub use heap::{Field, Gc, GcField, Header, Kind, Object};
pub use value::Value;
pub use vm::{Raised, Result, Vm};

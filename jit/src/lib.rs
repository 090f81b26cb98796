//! The tracing JIT: recording hot loops, the traces' representation and its
//! optimisation, native code, and the way back to the interpreter.
//!
//! The interpreter calls [`driver::Jit`]: [`driver::Jit::hot_loop`] when a backward
//! jump was taken often, [`driver::Jit::record`] before each instruction while
//! recording, and [`driver::Jit::enter`] at a loop that owns compiled code.

pub mod backend;
pub mod driver;
pub mod exit;
pub mod ir;
pub mod opt;
pub mod record;

/// Whether there is a backend for this machine.
pub fn is_available() -> bool {
    backend::lower::target(false).is_some()
}

pub use driver::{Enter, Hooks, Jit, Params, Resume, Returned};
pub use record::{Action, Outcome};

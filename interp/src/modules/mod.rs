//! Native modules that belong to the interpreter itself.

pub mod builtins;
pub mod gc;
pub mod imp;
pub mod sys;
pub mod thread;
mod weakproxy;
pub mod weakref;

use taipan_runtime::object::ModuleDef;

/// All of them.
pub static MODULES: &[&ModuleDef] = &[
    &builtins::BUILTINS,
    &sys::SYS,
    &gc::GC,
    &imp::IMP,
    &thread::THREAD,
    &weakref::WEAKREF,
    &weakref::WARNINGS,
];

//! Native modules that belong to the interpreter itself.

pub mod ast;
pub mod builtins;
pub mod gc;
pub mod imp;
pub mod import_;
pub mod jit;
pub mod latch;
pub mod monitoring;
pub mod sorting;
pub mod steps;
pub mod sum;
pub mod symtable;
pub mod sys;
pub mod thread;
pub mod thread_handle;
pub mod tokenize;
mod weakproxy;
pub mod weakref;

use taipan_runtime::object::ModuleDef;

/// All of them.
pub static MODULES: &[&ModuleDef] = &[
    &builtins::BUILTINS,
    &symtable::SYMBOLS,
    &sys::SYS,
    &gc::GC,
    &imp::IMP,
    &jit::JIT,
    &thread::THREAD,
    &tokenize::TOKENIZE,
    &weakref::WEAKREF,
    &weakref::WARNINGS,
];

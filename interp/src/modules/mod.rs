//! Native modules that belong to the interpreter itself.

pub mod builtins;
pub mod imp;
pub mod sys;

use taipan_runtime::object::ModuleDef;

/// All of them.
pub static MODULES: &[&ModuleDef] = &[&builtins::BUILTINS, &sys::SYS, &imp::IMP];

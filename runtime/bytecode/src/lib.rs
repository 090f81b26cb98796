//! Taipan's bytecode as plain data: what the compiler produces, what `.pyc`
//! files and the frozen standard library hold, and what the virtual machine
//! loads onto its heap.
//!
//! Nothing here needs a Python heap, so the compiler can run inside a build
//! script, and compiler and machine agree through one definition.

pub mod code;
pub mod dis;
mod effects;
pub mod opcode;
pub mod serial;

pub use code::{Code, CodeFlags, Const, LocalKind};
pub use effects::stack_effect;
pub use opcode::{
    BinaryOp, CommonConstant, CompareOp, FunctionAttribute, Instr, Intrinsic1, Intrinsic2, Op,
    SpecialMethod,
};

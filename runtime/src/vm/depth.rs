//! How deep calls may nest.
//!
//! Python's functions call each other without native stack, as deep as
//! `sys.setrecursionlimit` allows. Calls that no call in the source makes (operators,
//! subscripts, attributes, `__call__`, `__init__`) take none here either, but in CPython they
//! do, and a few thousand of them end in RecursionError whatever the limit. Programs that raise
//! the limit and run away in `__eq__` expect that end soon, and not after millions of levels.

use super::Vm;
use crate::types::frame::Frame;
use taipan_bytecode::CodeFlags;
use taipan_bytecode::opcode::Op;

/// Implicit calls that may be under way at once: twice what CPython's native stack holds.
const IMPLICIT: u32 = 16_000;
/// Levels after which implicit calls are counted again, at least.
const STEP: u32 = 4_000;

impl Vm {
    /// `sys.setrecursionlimit`.
    pub fn set_recursion_limit(&self, limit: u32) {
        self.recursion_setting.set(limit);
        self.recursion_limit.set(limit.min(IMPLICIT));
    }

    /// Whether a call is too deep, asked of a thread whose depth reached `recursion_limit`, which
    /// is raised if not.
    #[cold]
    #[inline(never)]
    pub fn too_deep(&self) -> bool {
        let depth = self.thread().depth.get();
        let setting = self.recursion_setting.get();
        if depth < self.recursion_limit.get() {
            return false;
        }
        let left = setting.saturating_sub(self.call_depth());
        let implicit = self.implicit_calls();
        if left == 0 || implicit >= IMPLICIT {
            self.recursion_limit.set(setting.min(IMPLICIT));
            return true;
        }
        let more = (IMPLICIT - implicit).max(STEP).min(left);
        self.recursion_limit.set(depth.saturating_add(more));
        false
    }

    /// How deep the calls of the running thread are nested: as its `depth`, which counts hidden
    /// activations too, without them.
    pub fn call_depth(&self) -> u32 {
        let thread = self.thread();
        let mut depth = thread.depth.get();
        let mut at = thread.frame.get();
        // SAFETY: the chain of activations of the running thread is intact.
        while let Some(frame) = unsafe { at.as_ref() } {
            depth -= u32::from(frame.code.has(CodeFlags::HIDDEN));
            at = frame.previous.get();
        }
        depth
    }

    /// How many of the running thread's activations no call in the source made.
    fn implicit_calls(&self) -> u32 {
        let call = self.intern("__call__");
        let mut count = 0;
        let mut at = self.thread().frame.get();
        // SAFETY: the chain of activations of the running thread is intact, and each stands at
        // an instruction of its code.
        unsafe {
            while let Some(frame) = at.as_ref() {
                let Some(caller) = frame.previous.get().as_ref() else {
                    break;
                };
                let op = Op::from_u8((*caller.ip.get()).get() as u8).unwrap_or(Op::NOP);
                let implicit = match op.generic() {
                    Op::CALL | Op::CALL_KW | Op::CALL_FUNCTION_EX => {
                        frame.flags.get() & Frame::INIT != 0 || frame.code.name == call
                    }
                    Op::BINARY_OP
                    | Op::COMPARE_OP
                    | Op::CONTAINS_OP
                    | Op::STORE_SUBSCR
                    | Op::UNARY_NEGATIVE
                    | Op::UNARY_INVERT
                    | Op::WITH_EXCEPT_START
                    | Op::LOAD_ATTR => true,
                    _ => false,
                };
                count += u32::from(implicit);
                at = frame.previous.get();
            }
        }
        count
    }
}

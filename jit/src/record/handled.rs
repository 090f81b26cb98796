//! Exceptions that nobody but the trace knows of, and which exception is being handled.
//!
//! What happens to an exception that the trace has made is told in calls that wait while it is
//! in parts ([`crate::ir::objects`]): one for each frame that it passes, one where such a
//! frame ends. Its context is known, since the recording follows which exception is being handled.
//!
//! ```text
//! v20 = New.Val {ValueError}
//! v21 = Call.Val {GET_HANDLED} ; GuardIs v21, None
//! Call {UNWIND_BY} v20 [s4]        the frame that raises it, as it stands there
//! Call {UNWIND_BY} v20 [s5]        its caller, which has the handler
//! Call {SET_HANDLED} v20           PUSH_EXC_INFO
//! Call {SET_HANDLED} v21           POP_EXCEPT
//! ```

use super::make::EXCEPTION_CONTEXT;
use super::{Recorded, Recorder};
use crate::backend::{helpers, leaves};
use crate::ir::{Class, Mem, Op, Ref, Ty};
use taipan_bytecode::CodeFlags;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::vm::Breaker;
use taipan_runtime::{Value, Vm};

impl Recorder {
    fn in_generator(&self) -> bool {
        let code = self.frame().code;
        code.has(CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR)
    }

    /// Whether a generator ran in the trace, which keeps the exception being handled of its
    /// caller from its beginning to its end: memory has to be past or before.
    fn is_among_generators(&self) -> bool {
        self.resumed || self.frames.iter().any(|f| f.is_generator)
    }

    pub(crate) fn push_exc_info(&mut self) -> Recorded {
        if self.in_generator() {
            self.handled = None;
            return self.step(Bytecode::PUSH_EXC_INFO, 1);
        }
        let e = self.peek(1)?;
        let previous = self.set_handled(e)?;
        self.poke(1, previous);
        self.push(e);
        self.advance(1);
        Ok(())
    }

    pub(crate) fn pop_except(&mut self) -> Recorded {
        if self.in_generator() {
            self.handled = None;
            return self.step(Bytecode::POP_EXCEPT, 1);
        }
        let previous = self.peek(1)?;
        self.set_handled(previous)?;
        self.pop_one();
        self.advance(1);
        Ok(())
    }

    /// Changes the exception being handled; which it was before.
    fn set_handled(&mut self, e: Ref) -> Recorded<Ref> {
        let e = self.e.boxed(e);
        if self.is_among_generators() {
            self.handled = None;
            let snap = self.snap();
            return Ok(self.e.call(&leaves::SET_HANDLED_AMONG, &[e], snap)?);
        }
        let previous = self.get_handled()?;
        self.call_plain(&leaves::SET_HANDLED, &[e])?;
        self.handled = Some(e);
        Ok(previous)
    }

    /// The exception being handled, or None.
    fn get_handled(&mut self) -> Recorded<Ref> {
        if let Some(r) = self.handled {
            return Ok(self.e.resolve(r));
        }
        let r = self.call_plain(&leaves::GET_HANDLED, &[])?;
        self.handled = Some(r);
        Ok(r)
    }

    /// Whether the trace has made the exception and done nothing with it but fill it.
    pub(super) fn is_raised_first(&self, e: Ref) -> bool {
        let e = self.e.resolve(e);
        let tree = &self.e.tree;
        let code = &tree.segments[self.e.segment].code;
        let Some(at) = code.iter().rposition(|r| *r == e) else {
            return false;
        };
        tree.op(e) == Op::New
            && !self.is_among_generators()
            && code[at + 1..].iter().all(|r| {
                let ins = tree.get(*r);
                match ins.op {
                    Op::Store => ins.b != e,
                    Op::StoreIdx => ins.c != e,
                    Op::Load => true,
                    op if op.is_guard() => true,
                    _ => !tree.operands(ins).contains(&e),
                }
            })
    }

    /// The innermost frame raises an exception of which [`Recorder::is_raised_first`] holds.
    pub(super) fn raise_new(&mut self, vm: &Vm, e: Ref) -> Recorded {
        // Whoever traces is to hear of it.
        let breaker = self.e.tree.ptr(vm.breaker_word().as_ptr() as usize);
        let word = self.e.load(Ty::Int, breaker, Mem::new(Class::Raw, 4, 0))?;
        let bit = self.e.tree.int(i64::from(Breaker::TRACE));
        let traced = self.e.op2(Op::And, Ty::Int, word, bit)?;
        self.guard1(Op::GuardNull, Ty::None, traced)?;
        let handled = self.get_handled()?;
        let is_fresh = self.e.tree.op(handled) == Op::New;
        match vm.handled_exception() {
            None => {
                self.guard_is(handled, Value::NONE)?;
            }
            Some(_) => {
                if !is_fresh {
                    let none = self.constant(Value::NONE);
                    let is_none = self.e.op2(Op::Same, Ty::Bool, handled, none)?;
                    self.guard1(Op::GuardFalse, Ty::None, is_none)?;
                }
                self.e.store(e, EXCEPTION_CONTEXT, handled)?;
            }
        }
        self.unwind_by(e)
    }

    /// The innermost frame is in the way of a known exception.
    pub(super) fn unwind_by(&mut self, e: Ref) -> Recorded {
        let snap = self.fresh_snap();
        self.e.call(&helpers::UNWIND_BY, &[e], snap)?;
        let id = self.frame().id;
        if !self.raised.contains(&(e, id)) {
            self.raised.push((e, id));
        }
        Ok(())
    }

    /// The innermost frame returns: who looks at it through an exception that came through it sees
    /// its end.
    pub(super) fn leave_frame(&mut self) -> Recorded {
        let id = self.frame().id;
        for i in 0..self.raised.len() {
            if self.raised[i].1 == id {
                let snap = self.snap();
                self.e.call(&helpers::LEAVE, &[self.raised[i].0], snap)?;
            }
        }
        Ok(())
    }
}

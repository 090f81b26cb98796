//! Exceptions that are made late: what waited for it is done then, and the interpreter is told
//! which exception is being handled where it may look ([`crate::ir::objects`]).

use super::leaves;
use super::lower::{Lower, trusted};
use crate::ir::objects::{Object, in_snapshot};
use crate::ir::{Op, Ref, SnapId};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use std::mem::offset_of;
use taipan_runtime::vm::Thread;

impl Lower<'_> {
    /// Makes the calls that waited for objects made just now, in the order of the trace: a frame
    /// that several of them saw is then the same for all.
    pub(super) fn make_up_for(&mut self, made: &[Object]) -> Result<(), String> {
        let mut notes: Vec<Ref> = made.iter().flat_map(|o| o.notes.iter().copied()).collect();
        notes.sort_unstable();
        // What is being handled now is of no concern to frames as they were then.
        let handled = self.state.objects.handled.take();
        for note in notes {
            self.call(note)?;
        }
        self.state.objects.handled = handled;
        Ok(())
    }

    /// Makes all that is to be told before the frames become what the snapshot says: the
    /// exceptions for which calls wait, if it refers to them, and the one being handled.
    pub(super) fn settle(&mut self, snap: SnapId) -> Result<(), String> {
        let mut told: Vec<Ref> = in_snapshot(self.tree, snap).collect();
        told.extend(self.state.objects.handled);
        self.make_waiting(&told)?;
        self.tell_handled()
    }

    /// Makes the exceptions among these, and those that they refer to, for which calls wait.
    pub(super) fn make_waiting(&mut self, among: &[Ref]) -> Result<(), String> {
        let objects = &self.state.objects;
        let mut waiting = objects.reachable(self.tree, among.iter().copied());
        waiting.retain(|r| objects.get(*r).is_some_and(|o| !o.notes.is_empty()));
        if waiting.is_empty() {
            return Ok(());
        }
        self.make_all(&waiting)
    }

    /// Whether [`Lower::settle`] has something to do.
    pub(super) fn is_unsettled(&self, snap: SnapId) -> bool {
        let objects = &self.state.objects;
        objects.handled.is_some()
            || objects
                .reachable(self.tree, in_snapshot(self.tree, snap))
                .iter()
                .any(|r| objects.get(*r).is_some_and(|o| !o.notes.is_empty()))
    }

    /// Tells the interpreter which exception is being handled.
    pub(super) fn tell_handled(&mut self) -> Result<(), String> {
        let Some(r) = self.state.objects.handled.take() else {
            return Ok(());
        };
        self.objects_changed();
        if self.state.handled == Some(r) {
            return Ok(());
        }
        let mut v = self.boxed_ref(r)?;
        if self.tree.op(r) != Op::New {
            let none =
                self.b
                    .ins()
                    .icmp_imm_s(IntCC::Equal, v, taipan_runtime::Value::NONE.bits() as i64);
            let zero = self.iconst(0);
            v = self.b.ins().select(none, zero, v);
        }
        let offset = offset_of!(Thread, handled) as i32;
        self.b.ins().store(trusted(), v, self.thread, offset);
        self.state.handled = Some(r);
        Ok(())
    }

    /// [`leaves::GET_HANDLED`].
    pub(super) fn get_handled(&mut self, r: Ref) -> Result<(), String> {
        let v = match self.state.objects.handled {
            Some(handled) => self.boxed_ref(handled)?,
            None => {
                let offset = offset_of!(Thread, handled) as i32;
                let v = self
                    .b
                    .ins()
                    .load(types::I64, trusted(), self.thread, offset);
                let none = self.iconst(taipan_runtime::Value::NONE.bits() as i64);
                self.state.handled = Some(r);
                self.b.ins().select(v, v, none)
            }
        };
        self.values[r.index()] = Some(v);
        Ok(())
    }

    /// The result of a call, which is made now if it was left for later.
    pub(super) fn called(&mut self, r: Ref) -> Result<Value, String> {
        if let Some(e) = self.state.objects.awaited(self.tree, r) {
            self.make(e)?;
        } else if self.state.late.remove(&r) {
            self.objects_changed();
            self.call(r)?;
        }
        self.values[r.index()].ok_or_else(|| format!("{r:?} has no value"))
    }

    /// Whether the helper is [`leaves::GET_HANDLED`].
    pub(super) fn gets_handled(helper: &'static crate::ir::Helper) -> bool {
        std::ptr::eq(helper, &leaves::GET_HANDLED)
    }
}

//! `for` loops over native iterators that say in Python how they come to their next item
//! (`taipan_runtime::object::TypeDef::step`): that function is inlined, as the interpreter gives it an activation while
//! a recording lasts. What is behind the iterator is followed by the `for` statements in it, whatever it is.
//!
//! ```text
//! v1 = Load.Val {Iter64+16} v0        for x in islice(xs, n): the iterator of xs
//! v2 = Load.Int {Iter64+40} v0        items passed
//! v3 = ICmp.Bool Lt v2, ... ; GuardTrue v3
//! v9 = LoadIdx.Val ...                its next item
//! Store {Iter64+40} v0, ...
//! ```
//!
//! A step that has not come to an item leaves the loop's frame at the same `FOR_ITER`: at the loop's header,
//! mostly.

use super::items::UNITS;
use super::{Recorded, Recorder, Stop};
use crate::ir::{Class as Alias, Cond, Mem, Op, Ref, Ty};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{FieldAccess, Holds, NativeFunction, accessor};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::{Value, Vm};

impl Recorder {
    /// Whether the innermost activation is a step that the interpreter has yet to begin.
    pub(crate) fn awaits_step(&self) -> bool {
        let innermost = self.frames.last();
        innermost.is_some_and(|f| f.frame.is_null() && f.flags & Frame::STEPPED != 0)
    }

    /// `FOR_ITER` of an iterator that has a step; false if the trace cannot follow.
    pub(super) fn inline_step(&mut self, vm: &Vm, it: Ref, v: Value) -> Recorded<bool> {
        let (Some(f), Some(h)) = (vm.step_of(v), v.header()) else {
            return Ok(false);
        };
        if !self.is_inlinable(vm, f) {
            return Ok(false);
        }
        self.guard_shape(it, h)?;
        let it = self.e.boxed(it);
        let function = self.constant(f.value());
        self.inline(vm, f, function, &[it], 0, UNITS as u32, Frame::STEPPED)?;
        Ok(true)
    }

    /// `RETURN_VALUE` of a step.
    pub(super) fn return_step(&mut self, vm: &Vm, r: Ref, actual: Option<Value>) -> Recorded {
        let outcome = actual.ok_or(Stop::Exit)?;
        let is_mark = matches!(outcome, Value::MISSING | Value::AGAIN);
        let r = self.e.resolve(r);
        if is_mark && self.e.tree.as_bits(r) != Some(outcome.bits()) {
            return Err(Stop::Exit);
        }
        let passed = match outcome {
            Value::AGAIN => self.count_again()?,
            _ => None,
        };
        self.leave_frame()?;
        self.frames.pop();
        self.frame_mut().state = None;
        match outcome {
            Value::MISSING => self.frame_mut().ip = self.end_of_loop(),
            Value::AGAIN => {
                if let Some(header) = passed {
                    return Err(self.enter_loop(vm, header));
                }
            }
            _ => {
                self.push(r);
                self.advance(UNITS);
            }
        }
        Ok(())
    }

    /// A call of a function that reads or writes a field of a native object.
    pub(super) fn field_access(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let (Some((field, code)), Some(owner)) = (accessor(f.def), actuals[0]) else {
            return Ok(None);
        };
        let Some(h) = owner.header() else {
            return Ok(None);
        };
        if !std::ptr::eq(h.shape().layout, field.layout)
            || args.len() != 1 + usize::from(field.writes)
        {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        self.guard_shape(args[0], h)?;
        let object = self.e.boxed(args[0]);
        if field.writes {
            return self.write_field(object, field, args[1], actuals[1]);
        }
        let mem = place_of(field);
        match field.holds {
            Holds::Int => Ok(Some(self.e.load(Ty::Int, object, mem)?)),
            Holds::Flag => {
                let byte = self.e.load(Ty::Int, object, mem)?;
                let zero = self.e.tree.int(0);
                self.icmp(Cond::Ne, byte, zero).map(Some)
            }
            Holds::Value => {
                let Ok(now) = code(vm, &[owner]) else {
                    return Err(Stop::Exit);
                };
                let r = self.e.load(Ty::Val, object, mem)?;
                if now.is_missing() {
                    self.guard1(Op::GuardNull, Ty::None, r)?;
                    return Ok(Some(self.constant(now)));
                }
                self.guard1(Op::GuardNonNull, Ty::None, r).map(Some)
            }
        }
    }

    fn write_field(
        &mut self,
        object: Ref,
        field: FieldAccess,
        value: Ref,
        actual: Option<Value>,
    ) -> Recorded<Option<Ref>> {
        let value = match field.holds {
            Holds::Value if actual.is_some_and(Value::is_missing) => self.null(),
            Holds::Value => self.e.boxed(value),
            Holds::Int => match self.int(value, actual)? {
                Some(value) => value,
                None => return Ok(None),
            },
            Holds::Flag => match actual {
                Some(v) if v.is_bool() => {
                    self.guard_is(value, v)?;
                    self.e.tree.int((v == Value::TRUE).into())
                }
                _ => return Ok(None),
            },
        };
        self.e.store(object, place_of(field), value)?;
        Ok(Some(self.constant(Value::NONE)))
    }
}

fn place_of(field: FieldAccess) -> Mem {
    let size = if field.holds == Holds::Flag { 1 } else { 8 };
    Mem::new(Alias::Iter, size, field.offset)
}

//! Lists made of others' items, and slices. A slice object is made by the trace where it is made at all: subscripts take its
//! parts.
//!
//! ```text
//! a[i::-1]                               v5 = Call.Val {LIST_SLICE} v1, v4, None, -1
//! ```

use super::make::fixed;
use super::stack::{Num, exact_shape};
use super::{Recorded, Recorder, Stop};
use crate::backend::{helpers, slices};
use crate::ir::{Class, Mem, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::opcode::{BinaryOp, Op as Bytecode};
use taipan_runtime::types::slice::Slice;
use taipan_runtime::{Value, Vm};

/// The parts of a slice object.
const PARTS: [Mem; 3] = [
    Mem::new(Class::Const, 8, offset_of!(Slice, start)),
    Mem::new(Class::Const, 8, offset_of!(Slice, stop)),
    Mem::new(Class::Const, 8, offset_of!(Slice, step)),
];

/// Start, stop and step: what the trace has, and what they are now.
pub(super) type SliceParts = [(Ref, Value); 3];

impl Recorder {
    /// `BUILD_SLICE`.
    pub(crate) fn build_slice(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let mut fields = Vec::with_capacity(PARTS.len());
        for (i, mem) in PARTS.into_iter().enumerate() {
            let part = if i < arg {
                self.peek(arg - i)?
            } else {
                self.constant(Value::NONE)
            };
            fields.push((mem, self.e.boxed(part)));
        }
        let shape = vm.shapes.slice.get();
        let r = self.e.new_object(Ty::Val, fixed(shape), &fields)?;
        self.result(arg, r, 1)
    }

    /// The parts of a key that is a slice of immediate integers.
    pub(super) fn parts_of_slice(
        &mut self,
        vm: &Vm,
        key: Ref,
        actual: Value,
    ) -> Recorded<Option<SliceParts>> {
        let Some(h) = exact_shape(vm, Some(actual), vm.shapes.slice.get().id()) else {
            return Ok(None);
        };
        let Some(slice) = actual.cast::<Slice>() else {
            return Ok(None);
        };
        let now = [&slice.start, &slice.stop, &slice.step].map(|part| part.or_none());
        if !slices::are_bounds(now) {
            return Ok(None);
        }
        self.guard_shape(key, h)?;
        let mut parts = [(Ref::NONE, Value::NONE); 3];
        for (part, (mem, now)) in parts.iter_mut().zip(PARTS.into_iter().zip(now)) {
            *part = (self.e.load(Ty::Val, key, mem)?, now);
        }
        Ok(Some(parts))
    }

    /// A slice of a built-in sequence; none if it is of another kind.
    pub(super) fn slice_of(
        &mut self,
        vm: &Vm,
        sequence: Ref,
        actual: Value,
        parts: SliceParts,
    ) -> Recorded<Option<Ref>> {
        let shapes = &vm.shapes;
        let Some(h) = actual.header() else {
            return Ok(None);
        };
        let others = [&shapes.tuple, &shapes.str, &shapes.bytes];
        let helper = if h.shape_id() == shapes.list.get().id() {
            &slices::LIST_SLICE
        } else if others.iter().any(|s| s.get().id() == h.shape_id()) {
            &slices::SLICE_OF
        } else {
            return Ok(None);
        };
        if !slices::are_bounds(parts.map(|(_, now)| now)) {
            return Ok(None);
        }
        self.guard_shape(sequence, h)?;
        let [start, stop, step] = parts.map(|(r, _)| r);
        let r = self.call_plain(helper, &[sequence, start, stop, step])?;
        self.e.memory.set_shape(r, h.shape_id());
        Ok(Some(r))
    }

    /// Assigns the plain value at `depth` of the stack to a slice of a list; false if it is
    /// something else.
    pub(super) fn assign_slice(
        &mut self,
        vm: &Vm,
        list: Ref,
        actual: Value,
        parts: SliceParts,
        depth: usize,
    ) -> Recorded<bool> {
        let (Some(h), Some(items)) = (
            exact_shape(vm, Some(actual), vm.shapes.list.get().id()),
            self.actual(depth),
        ) else {
            return Ok(false);
        };
        if !vm.is_plain(items) || !slices::are_bounds(parts.map(|(_, now)| now)) {
            return Ok(false);
        }
        self.guard_shape(list, h)?;
        let items = self.peek(depth)?;
        let [start, stop, step] = parts.map(|(r, _)| r);
        self.call_plain(&slices::STORE_SLICE, &[list, start, stop, step, items])?;
        Ok(true)
    }

    /// `list + list` and `list * n`; none if the operands are others.
    pub(super) fn list_binary(
        &mut self,
        vm: &Vm,
        op: BinaryOp,
        (a, b): (Ref, Ref),
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<Option<Ref>> {
        let list_shape = vm.shapes.list.get().id();
        let Some(h) = exact_shape(vm, x, list_shape) else {
            return Ok(None);
        };
        let r = match op {
            BinaryOp::Add if exact_shape(vm, y, list_shape).is_some() => {
                self.guard_shape(a, h)?;
                self.guard_shape(b, h)?;
                self.call_plain(&slices::LIST_CONCAT, &[a, b])?
            }
            BinaryOp::Multiply if y.is_some_and(Value::is_int) => {
                self.guard_shape(a, h)?;
                let Some(Num::Int(count)) = self.num(b, y)? else {
                    return Err(Stop::Abort("no number"));
                };
                self.call_plain(&slices::LIST_REPEAT, &[a, count])?
            }
            _ => return Ok(None),
        };
        self.e.memory.set_shape(r, list_shape);
        Ok(Some(r))
    }

    /// Bounds on the stack, the second of them at the top.
    fn bounds(&mut self) -> Recorded<Option<SliceParts>> {
        let (Some(start), Some(stop)) = (self.actual(2), self.actual(1)) else {
            return Ok(None);
        };
        let none = (self.constant(Value::NONE), Value::NONE);
        Ok(Some([(self.peek(2)?, start), (self.peek(1)?, stop), none]))
    }

    /// `BINARY_SLICE`.
    pub(crate) fn slice(&mut self, vm: &Vm) -> Recorded {
        let container = self.peek(3)?;
        if let (Some(actual), Some(parts)) = (self.actual(3), self.bounds()?)
            && let Some(r) = self.slice_of(vm, container, actual, parts)?
        {
            return self.result(3, r, 1);
        }
        let (start, stop) = (self.peek(2)?, self.peek(1)?);
        let r = self.call_any(&helpers::SLICE, &[container, start, stop])?;
        self.result(3, r, 1)
    }

    /// `STORE_SLICE`.
    pub(crate) fn store_slice(&mut self, vm: &Vm) -> Recorded {
        let container = self.peek(3)?;
        if let (Some(actual), Some(parts)) = (self.actual(3), self.bounds()?)
            && self.assign_slice(vm, container, actual, parts, 4)?
        {
            self.pop_n(4);
            self.advance(1);
            return Ok(());
        }
        self.step(Bytecode::STORE_SLICE, 4)
    }
}

//! `for` loops: iterators of built-in sequences are seen through.

use super::containers::{LIST_ITEM, LIST_ITEMS, LIST_LEN, TUPLE_ITEM, TUPLE_LEN};
use super::{Pending, Recorded, Recorder, Stop};
use crate::backend::{helpers, leaves};
use crate::ir::{Class, Cond, Ins, Mem, NO_SNAP, Op, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::iterators::{ListIter, RangeIter, TupleIter};
use taipan_runtime::types::list::List;
use taipan_runtime::types::range::Range;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Kind, Value, Vm};

pub(crate) const CURRENT: Mem = Mem::new(Class::Iter, 8, offset_of!(RangeIter, current));
pub(crate) const REMAINING: Mem = Mem::new(Class::Iter, 8, offset_of!(RangeIter, remaining));
pub(crate) const STEP: Mem = Mem::new(Class::Const, 8, offset_of!(RangeIter, step));
pub(crate) const ITER_LIST: Mem = Mem::new(Class::Iter, 8, offset_of!(ListIter, list));
pub(crate) const ITER_INDEX: Mem = Mem::new(Class::Iter, 8, offset_of!(ListIter, index));
pub(crate) const ITER_TUPLE: Mem = Mem::new(Class::Iter, 8, offset_of!(TupleIter, tuple));
pub(crate) const TUPLE_INDEX: Mem = Mem::new(Class::Iter, 8, offset_of!(TupleIter, index));

impl Recorder {
    pub(crate) fn get_iter(&mut self, vm: &Vm) -> Recorded {
        let r = self.peek(1)?;
        let Some(v) = self.actual(1) else {
            return Err(Stop::Exit);
        };
        let shapes = &vm.shapes;
        if let Some(h) = v.header() {
            let id = h.shape_id();
            if let Some(range) = v.cast::<Range>()
                && range.as_small().is_some()
            {
                self.guard_shape(r, h)?;
                let mut parts = [Ref::NONE; 3];
                for (i, offset) in [
                    offset_of!(Range, start),
                    offset_of!(Range, step),
                    offset_of!(Range, length),
                    offset_of!(Range, stop),
                ]
                .into_iter()
                .enumerate()
                {
                    let part = self.e.load(Ty::Val, r, Mem::new(Class::Const, 8, offset))?;
                    let part = self.guard1(Op::GuardInt, Ty::Int, part)?;
                    if i < 3 {
                        parts[i] = part;
                    }
                }
                let it = self.new_range_iter(vm, parts)?;
                return self.result(1, it, 1);
            }
            if id == shapes.list.get().id() || id == shapes.tuple.get().id() {
                self.guard_shape(r, h)?;
                let it = match (v.cast::<List>(), v.cast::<Tuple>()) {
                    (Some(list), _) => {
                        let shape = vm.new_list_iter(list).header().shape();
                        self.new_list_iter(shape, r)?
                    }
                    (_, Some(tuple)) => {
                        let shape = vm.new_tuple_iter(tuple).header().shape();
                        self.new_tuple_iter(shape, r)?
                    }
                    _ => return Err(Stop::Exit),
                };
                return self.result(1, it, 1);
            }
            // An iterator is its own.
            if matches!(
                h.shape().layout.kind,
                Kind::Generator | Kind::RangeIter | Kind::ListIter | Kind::TupleIter
            ) && !h.shape().has_attributes()
                && (h.shape().layout.kind != Kind::Generator || id == shapes.generator.get().id())
            {
                self.guard_shape(r, h)?;
                self.advance(1);
                return Ok(());
            }
        }
        if vm.is_plain_iterator(v)
            && let Some(h) = v.header()
        {
            self.guard_shape(r, h)?;
            self.advance(1);
            return Ok(());
        }
        if vm.is_plain(v) {
            let it = self.call_plain(&leaves::ITER_PLAIN, &[r])?;
            return self.result(1, it, 1);
        }
        let it = self.call_any(&helpers::GET_ITER, &[r])?;
        self.result(1, it, 1)
    }

    /// The outcome of the `next` of an iterator of pairs. The pair is made of its values
    /// again: who unpacks it reads those.
    pub(super) fn settle_pair(
        &mut self,
        vm: &Vm,
        ip: usize,
        first: Ref,
        item: usize,
        end: usize,
    ) -> Recorded {
        let end_mark = self.e.tree.val(Value::MISSING.bits());
        if ip != end {
            self.frame_mut().ip = end;
            let snap = self.fresh_snap();
            let same = self.e.op2(Op::Same, Ty::Bool, first, end_mark)?;
            self.e
                .emit(Ins::new(Op::GuardFalse, Ty::None).a(same).snap(snap))?;
        }
        self.frame_mut().ip = item;
        let second = self.e.call(&leaves::SECOND, &[], NO_SNAP)?;
        let pair = self.pair(vm, first, second)?;
        self.push(pair);
        if ip == end {
            let snap = self.fresh_snap();
            self.pop_one();
            self.frame_mut().ip = end;
            self.e.emit(
                Ins::new(Op::GuardIs, Ty::None)
                    .a(first)
                    .b(end_mark)
                    .snap(snap),
            )?;
        }
        self.snapshot = NO_SNAP;
        Ok(())
    }

    pub(crate) fn for_iter(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let it = self.peek(1)?;
        let Some(v) = self.actual(1) else {
            return Err(Stop::Exit);
        };
        let here = self.frame().ip;
        let (item, end) = (here + 2, here + 3 + arg);
        let Some(h) = v.header() else {
            return Err(Stop::Exit);
        };
        match h.shape().layout.kind {
            Kind::RangeIter => {
                self.guard_shape(it, h)?;
                // SAFETY: the kind says which layout.
                let iterator = unsafe { v.cast_unchecked::<RangeIter>() };
                let remaining = self.e.load(Ty::Int, it, REMAINING)?;
                let zero = self.e.tree.int(0);
                let some = self.icmp(Cond::Gt, remaining, zero)?;
                let has = iterator.remaining.get() > 0;
                self.guard_truth(some, has)?;
                if !has {
                    self.frame_mut().ip = end;
                    return Ok(());
                }
                let current = self.e.load(Ty::Int, it, CURRENT)?;
                let step = self.e.load(Ty::Int, it, STEP)?;
                let one = self.e.tree.int(1);
                let less = self.e.op2(Op::Sub, Ty::Int, remaining, one)?;
                let next = self.e.op2(Op::Add, Ty::Int, current, step)?;
                self.e.store(it, REMAINING, less)?;
                self.e.store(it, CURRENT, next)?;
                self.push(current);
                self.frame_mut().ip = item;
                Ok(())
            }
            Kind::ListIter => {
                self.guard_shape(it, h)?;
                // SAFETY: the kind says which layout.
                let iterator = unsafe { v.cast_unchecked::<ListIter>() };
                let Some(actual) = iterator.list.get() else {
                    let list = self.e.load(Ty::Val, it, ITER_LIST)?;
                    self.guard1(Op::GuardNull, Ty::None, list)?;
                    self.frame_mut().ip = end;
                    return Ok(());
                };
                let list = self.e.load(Ty::Val, it, ITER_LIST)?;
                self.guard1(Op::GuardNonNull, Ty::None, list)?;
                let index = self.e.load(Ty::Int, it, ITER_INDEX)?;
                let len = self.e.load(Ty::Int, list, LIST_LEN)?;
                let ok = self.icmp(Cond::Below, index, len)?;
                let has = iterator.index.get() < actual.len();
                self.guard_truth(ok, has)?;
                if !has {
                    let null = self.null();
                    self.e.store(it, ITER_LIST, null)?;
                    self.frame_mut().ip = end;
                    return Ok(());
                }
                let items = self.e.load(Ty::Ptr, list, LIST_ITEMS)?;
                let r = self.e.load_idx(Ty::Val, items, index, LIST_ITEM)?;
                let one = self.e.tree.int(1);
                let next = self.e.op2(Op::Add, Ty::Int, index, one)?;
                self.e.store(it, ITER_INDEX, next)?;
                self.push(r);
                self.frame_mut().ip = item;
                Ok(())
            }
            Kind::TupleIter => {
                self.guard_shape(it, h)?;
                // SAFETY: the kind says which layout.
                let iterator = unsafe { v.cast_unchecked::<TupleIter>() };
                let tuple = self.e.load(Ty::Val, it, ITER_TUPLE)?;
                let Some(actual) = iterator.tuple.get() else {
                    self.guard1(Op::GuardNull, Ty::None, tuple)?;
                    self.frame_mut().ip = end;
                    return Ok(());
                };
                self.guard1(Op::GuardNonNull, Ty::None, tuple)?;
                let index = self.e.load(Ty::Int, it, TUPLE_INDEX)?;
                let len = self.e.load(Ty::Int, tuple, TUPLE_LEN)?;
                let ok = self.icmp(Cond::Below, index, len)?;
                let has = iterator.index.get() < actual.len();
                self.guard_truth(ok, has)?;
                if !has {
                    let null = self.null();
                    self.e.store(it, ITER_TUPLE, null)?;
                    self.frame_mut().ip = end;
                    return Ok(());
                }
                let r = self.e.load_idx(Ty::Val, tuple, index, TUPLE_ITEM)?;
                let one = self.e.tree.int(1);
                let next = self.e.op2(Op::Add, Ty::Int, index, one)?;
                self.e.store(it, TUPLE_INDEX, next)?;
                self.push(r);
                self.frame_mut().ip = item;
                Ok(())
            }
            Kind::Generator if h.shape_id() == vm.shapes.generator.get().id() => {
                let none = self.constant(Value::NONE);
                if self.resume(it, v, none, Frame::FOR_LOOP)? {
                    return Ok(());
                }
                let result = self.call_any(&helpers::ITER_NEXT, &[it])?;
                self.pending = Pending::Next {
                    result,
                    item,
                    end,
                    shape: None,
                };
                Ok(())
            }
            kind if vm.is_plain_iterator(v) => {
                self.guard_shape(it, h)?;
                let next = Bytecode::UNPACK_SEQUENCE as u32 | 2 << 8;
                if self.frame().code.instrs()[item].get() == next
                    && leaves::pair_of(vm, v).is_some()
                {
                    let first = self.call_plain(&leaves::NEXT_PAIR, &[it])?;
                    self.pending = Pending::NextPair { first, item, end };
                    return Ok(());
                }
                let result = self.call_plain(&leaves::NEXT_PLAIN, &[it])?;
                let shape = (kind == Kind::StrIter).then(|| vm.shapes.str.get().id());
                self.pending = Pending::Next {
                    result,
                    item,
                    end,
                    shape,
                };
                Ok(())
            }
            _ => {
                let result = self.call_any(&helpers::ITER_NEXT, &[it])?;
                self.pending = Pending::Next {
                    result,
                    item,
                    end,
                    shape: None,
                };
                Ok(())
            }
        }
    }
}

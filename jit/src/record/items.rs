//! `for` loops over `map` and `filter`: the Python function that makes an item, or tells which
//! one is one, is inlined, as the interpreter gives it an activation
//! (`taipan_runtime::ops::items`).
//!
//! ```text
//! v1 = Load.Val {Parallel+8} v0       for y in map(f, xs)
//! GuardIs v1, f
//! v2 = Load.Val {Tuple+24} ...        the iterator of xs: its next item is a
//! v9 = ...                            f's code for a, its result being y
//! ```
//!
//! An argument of `filter` lies above the caller's stack while the function runs. If it is no
//! item, the frame stands at the same `FOR_ITER` again: at the loop's header, mostly.
//!
//! Iterators over each other are followed stage by stage: what one's function returns is the
//! argument of the next one's.
//!
//! Where the iterator's next item comes from a call, whether there is one is known only after it
//! ([`Pending::Call`]).

use super::iterate::Store;
use super::{MAX_UNROLL, Pending, Recorded, Recorder, Stop};
use crate::backend::leaves;
use crate::ir::{Class as Alias, Ins, Mem, NO_SNAP, Op, Ref, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::ops::items::{Above, Calling, ItemCall, level_of};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::iterators::{ListIter, TupleIter};
use taipan_runtime::types::lazy::{Filter, Parallel};
use taipan_runtime::types::method::BoundMethod;
use taipan_runtime::{Kind, Value, Vm};

pub(super) const MAP_FUNCTION: Mem = Mem::new(Alias::Const, 8, Parallel::FUNCTION_OFFSET);
const FILTER_FUNCTION: Mem = Mem::new(Alias::Const, 8, Filter::FUNCTION_OFFSET);
const FILTERED: Mem = Mem::new(Alias::Const, 8, Filter::ITERATOR_OFFSET);

/// `FOR_ITER` and its cache.
pub(super) const UNITS: usize = 1 + Bytecode::FOR_ITER.caches();

/// A function that is about to be called for an item, its guards emitted.
pub(crate) struct ItemFunction {
    f: Gc<Function>,
    function: Ref,
    receiver: Option<Ref>,
    flags: u32,
}

/// Where an item goes to: the function above, or the loop.
pub(super) struct Up {
    item: Ref,
    callee: Option<ItemFunction>,
    stores: Vec<Store>,
}

/// What the iterators behind a `map` or `filter` come to.
pub(super) struct Taken {
    /// None at the end.
    pub items: Option<Vec<Ref>>,
    pub stores: Vec<Store>,
}

impl Recorder {
    /// `FOR_ITER` of a `map` or `filter`; false if the trace cannot follow.
    pub(super) fn item_of_call(&mut self, vm: &Vm, it: Ref, v: Value) -> Recorded<bool> {
        let Some(calling) = vm.innermost_call(v) else {
            return Ok(false);
        };
        let (call, f, receiver) = (calling.call, calling.function, calling.receiver);
        let iterators: Vec<Value> = match call {
            ItemCall::Map(map) => map
                .iterators()
                .map_or_else(Vec::new, |t| t.as_slice().to_vec()),
            ItemCall::Filter(filter) => filter.parts().1.into_iter().collect(),
        };
        let count = iterators.len() + usize::from(receiver.is_some());
        let can_inline = self.can_inline(vm, f, count)?;
        let is_filter = matches!(call, ItemCall::Filter(_));
        let is_last = calling.level == 0 && !is_filter;
        if !can_inline && (!is_last || self.compiled_callee(vm, f.code()).is_none()) {
            return Ok(false);
        }
        let Some((it, _)) = self.stage(vm, it, v, calling.level)? else {
            return Ok(false);
        };
        let taken = match (call, &*iterators) {
            (ItemCall::Map(_), [_, _, ..]) => self.next_of_each(vm, it, &iterators)?,
            (_, &[one]) => {
                let inner = self.iterated(it, is_filter)?;
                self.next_of(vm, inner, one)?.map(|next| Taken {
                    items: next.item.map(|item| vec![item]),
                    stores: next.stores,
                })
            }
            _ => None,
        };
        let callee = self.item_function(it, &calling)?;
        let Some(taken) = taken else {
            let &[one] = &*iterators else {
                return Ok(false);
            };
            if can_inline && vm.is_kind(one, Kind::Generator) {
                let inner = self.iterated(it, is_filter)?;
                let none = self.constant(Value::NONE);
                return self.resume(inner, one, none, calling.flags_below());
            }
            let is_simple = f.code().simple_args && f.code().arg_count as usize == count;
            if !can_inline || !is_simple || !vm.is_plain_iterator(one) {
                return Ok(false);
            }
            let inner = self.iterated(it, is_filter)?;
            self.item_of_plain(vm, inner, one, callee)?;
            return Ok(true);
        };
        let Some(items) = taken.items else {
            self.store_all(taken.stores)?;
            self.frame_mut().ip = self.end_of_loop();
            return Ok(true);
        };
        let args = callee.arguments(&items);
        if can_inline {
            let (f, function, flags) = (callee.f, callee.function, callee.flags);
            self.inline(vm, f, function, &args, 0, UNITS as u32, flags)?;
            self.keep_above(flags, items[0]);
            self.store_all(taken.stores)?;
            return Ok(true);
        }
        let mut actuals: Vec<Option<Value>> = receiver.into_iter().map(Some).collect();
        actuals.extend(iterators.iter().map(|v| coming(*v)));
        let Some(call) = self.prepare_call(vm, f, callee.function, &args, &actuals)? else {
            return Ok(false);
        };
        self.store_all(taken.stores)?;
        let r = self.emit_call(call)?;
        self.push(r);
        self.advance(UNITS);
        Ok(true)
    }

    /// A stage of the loop's iterator, the ones before being guarded, and it too.
    fn stage(&mut self, vm: &Vm, it: Ref, v: Value, level: u32) -> Recorded<Option<(Ref, Value)>> {
        let (mut it, mut v) = (it, v);
        for i in 0..=level {
            let Some(h) = v.header() else {
                return Ok(None);
            };
            self.guard_shape(it, h)?;
            it = self.e.boxed(it);
            if i == level {
                break;
            }
            let Some(below) = vm.stage(v, 1) else {
                return Ok(None);
            };
            it = match vm.item_call(v) {
                Some((call, ..)) => self.iterated(it, matches!(call, ItemCall::Filter(_)))?,
                None => self.e.load(Ty::Val, it, super::iterate::ENUMERATED)?,
            };
            v = below;
        }
        Ok(Some((it, v)))
    }

    fn store_all(&mut self, stores: Vec<Store>) -> Recorded {
        for (object, mem, value) in stores {
            self.e.store(object, mem, value)?;
        }
        Ok(())
    }

    /// What a `map` of one iterable, or a `filter`, takes its items from.
    fn iterated(&mut self, it: Ref, is_filter: bool) -> Recorded<Ref> {
        if is_filter {
            return Ok(self.e.load(Ty::Val, it, FILTERED)?);
        }
        let tuple = self.zipped(it)?;
        Ok(self.items_of_tuple(tuple, 1)?[0])
    }

    /// The items of the iterators behind a `map`.
    pub(super) fn next_of_each(
        &mut self,
        vm: &Vm,
        it: Ref,
        actuals: &[Value],
    ) -> Recorded<Option<Taken>> {
        let Some(refs) = self.distinct_iterators(it, actuals)? else {
            return Ok(None);
        };
        let mut taken = Taken {
            items: None,
            stores: Vec::new(),
        };
        let mut items = Vec::with_capacity(refs.len());
        for (r, actual) in refs.into_iter().zip(actuals) {
            let Some(next) = self.next_of_sequence(vm, r, *actual)? else {
                return Ok(None);
            };
            taken.stores.extend(next.stores);
            match next.item {
                Some(item) => items.push(item),
                None => return Ok(Some(taken)),
            }
        }
        taken.items = Some(items);
        Ok(Some(taken))
    }

    /// Guards that the iterator calls this function.
    pub(super) fn item_function(&mut self, it: Ref, calling: &Calling) -> Recorded<ItemFunction> {
        let (call, f) = (calling.call, calling.function);
        let field = match call {
            ItemCall::Map(_) => MAP_FUNCTION,
            ItemCall::Filter(_) => FILTER_FUNCTION,
        };
        let it = self.e.boxed(it);
        let callable = self.e.load(Ty::Val, it, field)?;
        let (function, receiver) = self.python_callee(callable, call.callable(), f)?;
        Ok(ItemFunction {
            f,
            function,
            receiver,
            flags: calling.flags(),
        })
    }

    /// Guards that a callable is this function, or a method of it, whose receiver is the second part.
    pub(super) fn python_callee(
        &mut self,
        callable: Ref,
        actual: Value,
        f: Gc<Function>,
    ) -> Recorded<(Ref, Option<Ref>)> {
        if actual.cast::<BoundMethod>().is_none() {
            return Ok((self.callee(callable, f)?, None));
        }
        if let Some(h) = actual.header() {
            self.guard_shape(callable, h)?;
        }
        let [function, receiver] = self.method_parts(callable)?;
        Ok((self.callee(function, f)?, Some(receiver)))
    }

    /// The next item comes from a call that runs no Python code.
    fn item_of_plain(&mut self, vm: &Vm, it: Ref, v: Value, callee: ItemFunction) -> Recorded {
        if let Some(h) = v.header() {
            self.guard_shape(it, h)?;
        }
        // No guard of this can fail once the item is taken.
        self.guard_activation(vm, callee.f, callee.function)?;
        let result = self.call_plain(&leaves::NEXT_PLAIN, &[it])?;
        self.pending = Pending::Call { result, callee };
        Ok(())
    }

    /// The outcome of that: `called` if the function's activation is the innermost one.
    pub(super) fn settle_call(
        &mut self,
        vm: &Vm,
        result: Ref,
        callee: &ItemFunction,
        called: bool,
    ) -> Recorded {
        let (here, end) = (self.frame().ip, self.end_of_loop());
        let end_mark = self.e.tree.val(Value::MISSING.bits());
        if called {
            self.frame_mut().ip = end;
            let snap = self.fresh_snap();
            self.frame_mut().ip = here;
            let same = self.e.op2(Op::Same, Ty::Bool, result, end_mark)?;
            self.e
                .emit(Ins::new(Op::GuardFalse, Ty::None).a(same).snap(snap))?;
            self.begin_item(vm, result, callee)?;
        } else {
            // Had there been an item, the function would run.
            self.begin_item(vm, result, callee)?;
            let snap = self.fresh_snap();
            self.frames.pop();
            self.drop_above(callee.flags);
            self.frame_mut().ip = end;
            self.e.emit(
                Ins::new(Op::GuardIs, Ty::None)
                    .a(result)
                    .b(end_mark)
                    .snap(snap),
            )?;
        }
        self.snapshot = NO_SNAP;
        Ok(())
    }

    fn begin_item(&mut self, vm: &Vm, item: Ref, callee: &ItemFunction) -> Recorded {
        let args = callee.arguments(&[item]);
        let (f, function, flags) = (callee.f, callee.function, callee.flags);
        self.begin(vm, f, function, &args, UNITS as u32, flags)?;
        self.keep_above(flags, item);
        Ok(())
    }

    /// Where the frame goes on when the loop of its `FOR_ITER` has ended.
    pub(super) fn end_of_loop(&self) -> usize {
        let f = self.frame();
        f.ip + UNITS + 1 + (f.code.instrs()[f.ip].get() >> 8) as usize
    }

    /// The argument of a `filter` waits above the caller's stack.
    fn keep_above(&mut self, flags: u32, item: Ref) {
        if flags & Frame::PICKED == 0 {
            return;
        }
        let item = self.e.boxed(item);
        let depth = self.frames.len() - 2;
        let caller = &self.frames[depth];
        let top = caller.code.locals_plus as usize + caller.sp;
        self.set_slot(depth, top, item);
    }

    fn drop_above(&mut self, flags: u32) {
        let f = self.frame_mut();
        let top = f.code.locals_plus as usize + f.sp;
        f.slots[top..top + Frame::above(flags)].fill(Ref::NONE);
        f.state = None;
    }

    /// `RETURN_VALUE` of a function that tells whether its argument is the next item.
    pub(super) fn return_pick(&mut self, vm: &Vm, r: Ref, actual: Option<Value>) -> Recorded {
        let v = actual.ok_or(Stop::Exit)?;
        if !vm.is_simple(v) && !vm.is_plain(v) {
            return Err(Stop::Exit);
        }
        let Ok(is_item) = vm.truth(v) else {
            return Err(Stop::Exit);
        };
        let passed = if is_item { None } else { self.count_again()? };
        let truth = self.truth_of(vm, r, actual)?;
        self.guard_truth(truth, is_item)?;
        if is_item {
            let caller = self.frames.len() - 2;
            let f = &self.frames[caller];
            let top = f.code.locals_plus as usize + f.sp;
            let item = self.load_slot(caller, top)?;
            return self.go_up(vm, item);
        }
        self.leave_frame()?;
        self.frames.pop();
        self.drop_above(Frame::PICKED);
        match passed {
            Some(header) => Err(self.enter_loop(vm, header)),
            None => Ok(()),
        }
    }

    /// The frame below the innermost one is to stand at its `FOR_ITER` once more, without an item: that is an
    /// inner loop, unless it is the header. Where that is, if the trace is to enter that loop's code.
    pub(super) fn count_again(&mut self) -> Recorded<Option<usize>> {
        let depth = self.frames.len() - 1;
        let caller = &self.frames[depth - 1];
        let (id, here) = (caller.id, caller.ip);
        if depth == 1 && here == self.header {
            return Ok(None);
        }
        let count = self.passed.entry((id, here)).or_insert(0);
        *count += 1;
        if *count <= MAX_UNROLL {
            return Ok(None);
        }
        if self.in_function() && depth == 1 {
            return Ok(Some(here));
        }
        Err(if self.is_loop() {
            Stop::Abort("inner loop")
        } else {
            Stop::Exit
        })
    }

    /// `RETURN_VALUE` of a stage's function: its result is an item for what is above.
    pub(super) fn go_up(&mut self, vm: &Vm, item: Ref) -> Recorded {
        let flags = self.frame().flags;
        let up = self.way_up(vm, flags, item)?;
        self.leave_frame()?;
        self.frames.pop();
        self.drop_above(flags);
        self.arrive(vm, up)
    }

    /// Where an item of the innermost activation, which has these flags, goes to. All guards are
    /// emitted, which fail back to the instruction that ends or suspends that activation.
    pub(super) fn way_up(&mut self, vm: &Vm, flags: u32, item: Ref) -> Recorded<Up> {
        self.snap();
        let caller = self.frames.len() - 2;
        let shadow = &self.frames[caller];
        let top = shadow.code.locals_plus as usize + shadow.sp;
        let frame = shadow.frame;
        let it = self.load_slot(caller, top - 1)?;
        // SAFETY: the caller's activation, which stands at its loop.
        let Some(v) = (unsafe { *(*frame).sp.get().sub(1) }) else {
            return Err(Stop::Exit);
        };
        let mut up = Up {
            item,
            callee: None,
            stores: Vec::new(),
        };
        let mut level = level_of(flags);
        loop {
            match vm.above(v, level) {
                None => return Err(Stop::Exit),
                Some(Above::Loop) => return Ok(up),
                Some(Above::Enumerate(_)) => {
                    let Some((at, actual)) = self.stage(vm, it, v, level - 1)? else {
                        return Err(Stop::Exit);
                    };
                    let Some((index, store)) = self.counted(at, actual)? else {
                        return Err(Stop::Exit);
                    };
                    up.stores.push(store);
                    up.item = self.pair(vm, index, up.item)?;
                }
                Some(Above::Call(calling)) => {
                    let count = 1 + usize::from(calling.receiver.is_some());
                    if !self.can_inline(vm, calling.function, count)? {
                        return Err(Stop::Exit);
                    }
                    let Some((at, _)) = self.stage(vm, it, v, level - 1)? else {
                        return Err(Stop::Exit);
                    };
                    let callee = self.item_function(at, &calling)?;
                    self.guard_activation(vm, callee.f, callee.function)?;
                    up.callee = Some(callee);
                    return Ok(up);
                }
            }
            level -= 1;
        }
    }

    /// Goes on there, the loop's frame being the innermost one.
    pub(super) fn arrive(&mut self, vm: &Vm, up: Up) -> Recorded {
        self.store_all(up.stores)?;
        match up.callee {
            Some(callee) => self.begin_item(vm, up.item, &callee),
            None => {
                self.push(up.item);
                self.advance(UNITS);
                Ok(())
            }
        }
    }
}

/// The item that an iterator over a list or tuple comes to next; what others make is known by its
/// type in the trace.
pub(super) fn coming(it: Value) -> Option<Value> {
    if let Some(it) = it.cast::<ListIter>() {
        return it.list.get()?.as_slice().get(it.index.get()).copied();
    }
    let it = it.cast::<TupleIter>()?;
    it.tuple.get()?.as_slice().get(it.index.get()).copied()
}

impl ItemFunction {
    fn arguments(&self, items: &[Ref]) -> Vec<Ref> {
        let mut args: Vec<Ref> = self.receiver.into_iter().collect();
        args.extend(items);
        args
    }
}

//! `for` loops: iterators of built-in sequences are seen through.

use super::bytes::{BYTEARRAY_DATA, BYTEARRAY_LEN, BYTES_ITEM, BYTES_LEN, RAW_BYTE, row_of};
use super::containers::{LIST_ITEM, LIST_ITEMS, LIST_LEN, TUPLE_ITEM, TUPLE_LEN};
use super::names::DICT_TABLE;
use super::{Pending, Recorded, Recorder, Stop};
use crate::backend::{helpers, leaves};
use crate::ir::{Class, Cond, Ins, Mem, NO_SNAP, Op, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::bytes::ByteArray;
use taipan_runtime::types::bytes::iterator::BytesIter;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::dict::views::{DictIter, Upcoming, ViewKind};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::iterators::{ListIter, RangeIter, TupleIter};
use taipan_runtime::types::lazy::{Enumerate, Parallel};
use taipan_runtime::types::list::List;
use taipan_runtime::types::list::methods::ListReverseIter;
use taipan_runtime::types::range::Range;
use taipan_runtime::types::str::{Str, StrIter};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Header, Kind, Value, Vm};

pub(crate) const CURRENT: Mem = Mem::new(Class::Iter, 8, offset_of!(RangeIter, current));
pub(crate) const REMAINING: Mem = Mem::new(Class::Iter, 8, offset_of!(RangeIter, remaining));
/// Never changes; of this class for its range.
pub(crate) const STEP: Mem = Mem::new(Class::Iter, 8, offset_of!(RangeIter, step));
pub(crate) const ITER_LIST: Mem = Mem::new(Class::Iter, 8, offset_of!(ListIter, list));
pub(crate) const ITER_INDEX: Mem = Mem::new(Class::Iter, 8, offset_of!(ListIter, index));
pub(crate) const ITER_TUPLE: Mem = Mem::new(Class::Iter, 8, offset_of!(TupleIter, tuple));
pub(crate) const TUPLE_INDEX: Mem = Mem::new(Class::Iter, 8, offset_of!(TupleIter, index));

const ITER_DICT: Mem = Mem::new(Class::Iter, 8, DictIter::DICT_OFFSET);
const DICT_AT: Mem = Mem::new(Class::Iter, 8, DictIter::AT_OFFSET);
const DICT_SIZE: Mem = Mem::new(Class::Iter, 8, DictIter::SIZE_OFFSET);
const DICT_LEFT: Mem = Mem::new(Class::Iter, 8, DictIter::LEFT_OFFSET);
const DICT_LEN: Mem = Mem::new(Class::Dict, 8, Dict::LEN_OFFSET);
const DICT_ENTRIES: Mem = Mem::new(Class::Dict, 4, Dict::ENTRIES_OFFSET);
const DICT_KEY: Mem = Mem::new(Class::Dict, 8, Dict::KEY_OFFSET);
const DICT_VALUE: Mem = Mem::new(Class::DictValue, 8, Dict::VALUE_OFFSET);
const REVERSED_LIST: Mem = Mem::new(Class::Iter, 8, offset_of!(ListReverseIter, list));
const REVERSED_INDEX: Mem = Mem::new(Class::Iter, 8, offset_of!(ListReverseIter, index));
pub(super) const ENUMERATED: Mem = Mem::new(Class::Const, 8, Enumerate::ITERATOR_OFFSET);
const ENUMERATE_INDEX: Mem = Mem::new(Class::Iter, 8, Enumerate::INDEX_OFFSET);
const ZIPPED: Mem = Mem::new(Class::Iter, 8, Parallel::ITERATORS_OFFSET);
const ZIP_STRICT: Mem = Mem::new(Class::Iter, 1, Parallel::STRICT_OFFSET);

/// Iterators that a `zip` is followed into.
const MAX_ZIPPED: usize = 4;

/// A store that is still to be made: object, field, value.
pub(super) type Store = (Ref, Mem, Ref);

/// What taking an iterator's next item comes to. All guards are emitted; the stores are
/// still to be made, so that a guard of another iterator may fail before.
pub(super) struct Next {
    /// None at the end.
    pub item: Option<Ref>,
    pub stores: Vec<Store>,
}

/// What an iterator that holds a sequence and an index iterates over, and where it holds them.
struct Over {
    items: Items,
    sequence: Mem,
    index: Mem,
    length: Mem,
}

#[derive(Clone, Copy)]
enum Items {
    List,
    Tuple,
    Str,
    Bytes,
    ByteArray,
}

const OVER_LIST: Over = Over {
    items: Items::List,
    sequence: ITER_LIST,
    index: ITER_INDEX,
    length: LIST_LEN,
};
const OVER_TUPLE: Over = Over {
    items: Items::Tuple,
    sequence: ITER_TUPLE,
    index: TUPLE_INDEX,
    length: TUPLE_LEN,
};
const OVER_STR: Over = Over {
    items: Items::Str,
    sequence: Mem::new(Class::Iter, 8, offset_of!(StrIter, text)),
    index: Mem::new(Class::Iter, 8, offset_of!(StrIter, index)),
    length: Mem::new(Class::Const, 8, Str::LEN_OFFSET),
};
const OVER_BYTES: Over = Over {
    items: Items::Bytes,
    sequence: Mem::new(Class::Iter, 8, offset_of!(BytesIter, source)),
    index: Mem::new(Class::Iter, 8, offset_of!(BytesIter, index)),
    length: BYTES_LEN,
};
const OVER_BYTEARRAY: Over = Over {
    items: Items::ByteArray,
    length: BYTEARRAY_LEN,
    ..OVER_BYTES
};

impl Recorder {
    /// The next item of an iterator over built-in sequences, if the trace can see through it.
    pub(super) fn next_of(&mut self, vm: &Vm, it: Ref, v: Value) -> Recorded<Option<Next>> {
        let Some(h) = v.header() else {
            return Ok(None);
        };
        let class = h.shape().class();
        if class == vm.types.enumerate.get() {
            return self.next_of_enumerate(vm, it, v);
        }
        if class == vm.types.zip.get() {
            return self.next_of_zip(vm, it, v);
        }
        self.next_of_sequence(vm, it, v)
    }

    /// The same of iterators of ranges, lists and tuples.
    pub(super) fn next_of_sequence(
        &mut self,
        vm: &Vm,
        it: Ref,
        v: Value,
    ) -> Recorded<Option<Next>> {
        let Some(h) = v.header() else {
            return Ok(None);
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
                    return Ok(Some(Next {
                        item: None,
                        stores: Vec::new(),
                    }));
                }
                let current = self.e.load(Ty::Int, it, CURRENT)?;
                let step = self.e.load(Ty::Int, it, STEP)?;
                let one = self.e.tree.int(1);
                let less = self.e.op2(Op::Sub, Ty::Int, remaining, one)?;
                let next = self.e.op2(Op::Add, Ty::Int, current, step)?;
                Ok(Some(Next {
                    item: Some(current),
                    stores: vec![(it, REMAINING, less), (it, CURRENT, next)],
                }))
            }
            Kind::ListIter => {
                // SAFETY: the kind says which layout.
                let iterator = unsafe { v.cast_unchecked::<ListIter>() };
                let length = iterator.list.get().map(|list| list.len());
                let has = length.map(|n| iterator.index.get() < n);
                self.guard_shape(it, h)?;
                self.next_indexed(vm, it, has, &OVER_LIST)
            }
            Kind::TupleIter => {
                // SAFETY: the kind says which layout.
                let iterator = unsafe { v.cast_unchecked::<TupleIter>() };
                let length = iterator.tuple.get().map(|tuple| tuple.len());
                let has = length.map(|n| iterator.index.get() < n);
                self.guard_shape(it, h)?;
                self.next_indexed(vm, it, has, &OVER_TUPLE)
            }
            Kind::StrIter => {
                // SAFETY: the kind says which layout.
                let iterator = unsafe { v.cast_unchecked::<StrIter>() };
                let length = iterator.text.get().map(|text| text.len());
                let has = length.map(|n| iterator.index.get() < n);
                self.guard_shape(it, h)?;
                self.next_indexed(vm, it, has, &OVER_STR)
            }
            Kind::DictIter => {
                // SAFETY: the kind says which layout.
                let iterator = unsafe { v.cast_unchecked::<DictIter>() };
                self.next_of_dict(vm, it, h, iterator)
            }
            _ => {
                if let Some(reversed) = v.cast::<ListReverseIter>() {
                    return self.next_reversed(it, h, reversed);
                }
                let Some(iterator) = v.cast::<BytesIter>() else {
                    return Ok(None);
                };
                let source = iterator.source.get();
                if h.shape().has_attributes() || source.is_some_and(|v| row_of(v).is_none()) {
                    return Ok(None);
                }
                let has = source
                    .and_then(row_of)
                    .map(|row| iterator.index.get() < row.count);
                // Its class says what it iterates over.
                self.guard_shape(it, h)?;
                let over = match source.is_some_and(|v| v.cast::<ByteArray>().is_some()) {
                    true => &OVER_BYTEARRAY,
                    false => &OVER_BYTES,
                };
                self.next_indexed(vm, it, has, over)
            }
        }
    }

    /// Of an iterator that holds a sequence and an index: `has` says whether there is another
    /// item now, and is none if the sequence is gone already.
    fn next_indexed(
        &mut self,
        vm: &Vm,
        it: Ref,
        has: Option<bool>,
        over: &Over,
    ) -> Recorded<Option<Next>> {
        let (sequence, place) = (over.sequence, over.index);
        let items = self.e.load(Ty::Val, it, sequence)?;
        let Some(has) = has else {
            self.guard1(Op::GuardNull, Ty::None, items)?;
            return Ok(Some(Next {
                item: None,
                stores: Vec::new(),
            }));
        };
        self.guard1(Op::GuardNonNull, Ty::None, items)?;
        let index = self.e.load(Ty::Int, it, place)?;
        let len = self.e.load(Ty::Int, items, over.length)?;
        let ok = self.icmp(Cond::Below, index, len)?;
        self.guard_truth(ok, has)?;
        if !has {
            let null = self.null();
            return Ok(Some(Next {
                item: None,
                stores: vec![(it, sequence, null)],
            }));
        }
        let item = match over.items {
            Items::List => {
                let words = self.e.load(Ty::Ptr, items, LIST_ITEMS)?;
                self.e.load_idx(Ty::Val, words, index, LIST_ITEM)?
            }
            Items::Tuple => self.e.load_idx(Ty::Val, items, index, TUPLE_ITEM)?,
            Items::Bytes => self.e.load_idx(Ty::Int, items, index, BYTES_ITEM)?,
            Items::ByteArray => {
                let data = self.e.load(Ty::Ptr, items, BYTEARRAY_DATA)?;
                self.e.load_idx(Ty::Int, data, index, RAW_BYTE)?
            }
            Items::Str => {
                let c = self.call_plain(&helpers::STR_AT, &[items, index])?;
                self.e.memory.set_shape(c, vm.shapes.str.get().id());
                c
            }
        };
        let one = self.e.tree.int(1);
        let next = self.e.op2(Op::Add, Ty::Int, index, one)?;
        Ok(Some(Next {
            item: Some(item),
            stores: vec![(it, place, next)],
        }))
    }

    /// Of a list from its end, as long as there is an item.
    fn next_reversed(
        &mut self,
        it: Ref,
        h: &'static Header,
        now: Gc<ListReverseIter>,
    ) -> Recorded<Option<Next>> {
        let Some(actual) = now.list.get() else {
            return Ok(None);
        };
        let has = usize::try_from(now.index.get()).is_ok_and(|i| i < actual.len());
        self.guard_shape(it, h)?;
        let list = self.e.load(Ty::Val, it, REVERSED_LIST)?;
        self.guard1(Op::GuardNonNull, Ty::None, list)?;
        let index = self.e.load(Ty::Int, it, REVERSED_INDEX)?;
        let len = self.e.load(Ty::Int, list, LIST_LEN)?;
        let ok = self.icmp(Cond::Below, index, len)?;
        self.guard_truth(ok, has)?;
        if !has {
            let (null, end) = (self.null(), self.e.tree.int(-1));
            return Ok(Some(Next {
                item: None,
                stores: vec![(it, REVERSED_INDEX, end), (it, REVERSED_LIST, null)],
            }));
        }
        let items = self.e.load(Ty::Ptr, list, LIST_ITEMS)?;
        let item = self.e.load_idx(Ty::Val, items, index, LIST_ITEM)?;
        let one = self.e.tree.int(1);
        let before = self.e.op2(Op::Sub, Ty::Int, index, one)?;
        Ok(Some(Next {
            item: Some(item),
            stores: vec![(it, REVERSED_INDEX, before)],
        }))
    }

    /// Of a dictionary's entries, as long as none between them was deleted.
    fn next_of_dict(
        &mut self,
        vm: &Vm,
        it: Ref,
        h: &'static Header,
        now: Gc<DictIter>,
    ) -> Recorded<Option<Next>> {
        let upcoming = now.upcoming();
        if upcoming == Upcoming::Other {
            return Ok(None);
        }
        // The shape says what is shown, and in which direction.
        self.guard_shape(it, h)?;
        let dict = self.e.load(Ty::Val, it, ITER_DICT)?;
        self.guard1(Op::GuardNonNull, Ty::None, dict)?;
        let size = self.e.load(Ty::Int, it, DICT_SIZE)?;
        let len = self.e.load(Ty::Int, dict, DICT_LEN)?;
        let same = self.icmp(Cond::Eq, len, size)?;
        self.guard_true(same)?;
        let table = self.e.load(Ty::Ptr, dict, DICT_TABLE)?;
        // A dictionary that had items may have none and no table.
        self.guard1(Op::GuardNonNull, Ty::None, table)?;
        let at = self.e.load(Ty::Int, it, DICT_AT)?;
        let entries = self.e.load(Ty::Int, table, DICT_ENTRIES)?;
        let ok = self.icmp(Cond::Below, at, entries)?;
        self.guard_truth(ok, upcoming == Upcoming::Entry)?;
        if upcoming == Upcoming::End {
            let null = self.null();
            return Ok(Some(Next {
                item: None,
                stores: vec![(it, ITER_DICT, null)],
            }));
        }
        let left = self.e.load(Ty::Int, it, DICT_LEFT)?;
        let zero = self.e.tree.int(0);
        let some = self.icmp(Cond::Gt, left, zero)?;
        self.guard_true(some)?;
        let words = self.e.tree.int(Dict::ENTRY_SIZE as i64 / 8);
        let place = self.e.op2(Op::Mul, Ty::Int, at, words)?;
        let key = self.e.load_idx(Ty::Val, table, place, DICT_KEY)?;
        self.guard1(Op::GuardNonNull, Ty::None, key)?;
        let value = self.e.load_idx(Ty::Val, table, place, DICT_VALUE)?;
        self.guard1(Op::GuardNonNull, Ty::None, value)?;
        let item = match now.kind() {
            ViewKind::Keys => key,
            ViewKind::Values => value,
            ViewKind::Items => self.pair(vm, key, value)?,
        };
        let one = self.e.tree.int(1);
        let next = self.e.op2(Op::Add, Ty::Int, at, one)?;
        let fewer = self.e.op2(Op::Sub, Ty::Int, left, one)?;
        Ok(Some(Next {
            item: Some(item),
            stores: vec![(it, DICT_AT, next), (it, DICT_LEFT, fewer)],
        }))
    }

    fn next_of_enumerate(&mut self, vm: &Vm, it: Ref, v: Value) -> Recorded<Option<Next>> {
        let (Some(h), Some(enumerate)) = (v.header(), v.cast::<Enumerate>()) else {
            return Ok(None);
        };
        let (Some(inner), Some(actual)) = enumerate.parts() else {
            return Ok(None);
        };
        if !actual.is_int() {
            return Ok(None);
        }
        self.guard_shape(it, h)?;
        let inner_ref = self.e.load(Ty::Val, it, ENUMERATED)?;
        let Some(mut next) = self.next_of(vm, inner_ref, inner)? else {
            return Ok(None);
        };
        let Some(item) = next.item else {
            return Ok(Some(next));
        };
        let Some((index, store)) = self.counted(it, v)? else {
            return Ok(None);
        };
        next.stores.push(store);
        next.item = Some(self.pair(vm, index, item)?);
        Ok(Some(next))
    }

    /// The iterators of a `zip` or `map` that does not care for their lengths.
    pub(super) fn zipped(&mut self, it: Ref) -> Recorded<Ref> {
        let strict = self.e.load(Ty::Int, it, ZIP_STRICT)?;
        let zero = self.e.tree.int(0);
        let lenient = self.icmp(Cond::Eq, strict, zero)?;
        self.guard_true(lenient)?;
        let tuple = self.e.load(Ty::Val, it, ZIPPED)?;
        self.guard1(Op::GuardNonNull, Ty::None, tuple)?;
        Ok(tuple)
    }

    /// Those iterators, each a different one, if the trace sees through all of them.
    pub(super) fn distinct_iterators(
        &mut self,
        it: Ref,
        iterators: &[Value],
    ) -> Recorded<Option<Vec<Ref>>> {
        let shape_of = |v: &Value| v.header().map(Header::shape_id);
        let is_seen_through = |v: &Value| {
            v.header().is_some_and(|h| {
                matches!(
                    h.shape().layout.kind,
                    Kind::RangeIter | Kind::ListIter | Kind::TupleIter
                )
            })
        };
        if iterators.is_empty()
            || iterators.len() > MAX_ZIPPED
            || !iterators.iter().all(is_seen_through)
        {
            return Ok(None);
        }
        let tuple = self.zipped(it)?;
        let parts = self.items_of_tuple(tuple, iterators.len())?;
        let mut refs = Vec::with_capacity(iterators.len());
        for (r, actual) in parts.into_iter().zip(iterators) {
            // One that is there twice is advanced twice.
            for (other, before) in refs.iter().zip(iterators) {
                if shape_of(before) == shape_of(actual) {
                    if before == actual {
                        return Ok(None);
                    }
                    let same = self.e.op2(Op::Same, Ty::Bool, *other, r)?;
                    self.guard1(Op::GuardFalse, Ty::None, same)?;
                }
            }
            refs.push(r);
        }
        Ok(Some(refs))
    }

    /// The index that an `enumerate` gives to an item, and the store that counts it; none if it is
    /// no small integer.
    pub(super) fn counted(&mut self, it: Ref, v: Value) -> Recorded<Option<(Ref, Store)>> {
        let actual = v.cast::<Enumerate>().and_then(|e| e.parts().1);
        if !actual.is_some_and(Value::is_int) {
            return Ok(None);
        }
        let index = self.e.load(Ty::Val, it, ENUMERATE_INDEX)?;
        let index = self.guard1(Op::GuardInt, Ty::Int, index)?;
        let one = self.e.tree.int(1);
        let snap = self.snap();
        let more = self
            .e
            .emit(Ins::new(Op::AddOv, Ty::Int).a(index).b(one).snap(snap))?;
        let more = self.e.boxed(more);
        Ok(Some((index, (it, ENUMERATE_INDEX, more))))
    }

    fn next_of_zip(&mut self, vm: &Vm, it: Ref, v: Value) -> Recorded<Option<Next>> {
        let (Some(h), Some(zip)) = (v.header(), v.cast::<Parallel>()) else {
            return Ok(None);
        };
        let Some(iterators) = zip.iterators().filter(|_| !zip.is_strict()) else {
            return Ok(None);
        };
        let iterators = iterators.as_slice();
        self.guard_shape(it, h)?;
        let Some(refs) = self.distinct_iterators(it, iterators)? else {
            return Ok(None);
        };
        let mut all = Next {
            item: None,
            stores: Vec::new(),
        };
        let mut items = Vec::with_capacity(refs.len());
        for (r, actual) in refs.into_iter().zip(iterators) {
            let Some(next) = self.next_of_sequence(vm, r, *actual)? else {
                return Ok(None);
            };
            all.stores.extend(next.stores);
            match next.item {
                Some(item) => items.push(item),
                None => return Ok(Some(all)),
            }
        }
        all.item = Some(self.new_tuple(vm, &items)?);
        Ok(Some(all))
    }

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
        if (vm.is_plain_iterator(v) || vm.innermost_call(v).is_some() || vm.step_of(v).is_some())
            && let Some(h) = v.header()
        {
            self.guard_shape(r, h)?;
            self.advance(1);
            return Ok(());
        }
        if self.inline_iterator(vm, r, v)? {
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
        let next = match self.next_of(vm, it, v)? {
            Some(next) => Some(next),
            None => self.next_of_native(vm, it, v)?,
        };
        if let Some(next) = next {
            for (object, mem, value) in next.stores {
                self.e.store(object, mem, value)?;
            }
            match next.item {
                Some(r) => {
                    self.push(r);
                    self.frame_mut().ip = item;
                }
                None => self.frame_mut().ip = end,
            }
            return Ok(());
        }
        if is_over_step(vm, v) && self.inline_step(vm, it, v)? || self.item_of_call(vm, it, v)? {
            return Ok(());
        }
        match h.shape().layout.kind {
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
            _ if self.inline_step(vm, it, v)? => Ok(()),
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

/// Whether an iterator is a `map` or `filter` over one that has a step, so that it is followed by its own: an
/// item of what is behind it is not known before.
fn is_over_step(vm: &Vm, v: Value) -> bool {
    vm.item_call(v).is_some_and(|(call, ..)| {
        let source = call.only_iterator();
        source.is_some_and(|source| vm.item_call(source).is_none() && vm.step_of(source).is_some())
    })
}

//! The iterators of built-in sequences.

use crate::heap::{Field, Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{MethodDef, TypeDef};
use crate::types::exception::classes as exc;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// Iterates over a list as it is at each step.
#[repr(C)]
pub struct ListIter {
    pub header: Header,
    /// Empty once the end was reached.
    pub list: GcField<List>,
    pub index: Cell<usize>,
}

heap_object!(ListIter, "list_iterator", Kind::ListIter, |this, marker| {
    marker.gc_field(&this.list);
});

impl ListIter {
    #[inline(always)]
    pub fn next(&self) -> Option<Value> {
        let index = self.index.get();
        match self.list.get()?.get(index) {
            Some(v) => {
                self.index.set(index + 1);
                Some(v)
            }
            None => {
                self.list.clear();
                None
            }
        }
    }
}

/// Iterates over a tuple.
#[repr(C)]
pub struct TupleIter {
    pub header: Header,
    pub tuple: GcField<Tuple>,
    pub index: Cell<usize>,
}

heap_object!(
    TupleIter,
    "tuple_iterator",
    Kind::TupleIter,
    |this, marker| {
        marker.gc_field(&this.tuple);
    }
);

impl TupleIter {
    #[inline(always)]
    pub fn next(&self) -> Option<Value> {
        let index = self.index.get();
        match self.tuple.get()?.as_slice().get(index) {
            Some(v) => {
                self.index.set(index + 1);
                Some(*v)
            }
            None => {
                self.tuple.clear();
                None
            }
        }
    }
}

/// Iterates over a range of immediate integers.
#[repr(C)]
pub struct RangeIter {
    pub header: Header,
    pub current: Cell<i64>,
    pub step: i64,
    pub remaining: Cell<i64>,
}

heap_object!(
    RangeIter,
    "range_iterator",
    Kind::RangeIter,
    |this, marker| {}
);

impl RangeIter {
    #[inline(always)]
    pub fn next(&self) -> Option<Value> {
        let remaining = self.remaining.get();
        if remaining <= 0 {
            return None;
        }
        let current = self.current.get();
        self.remaining.set(remaining - 1);
        self.current.set(current.wrapping_add(self.step));
        Some(Value::small_int(current))
    }
}

/// Iterates by `__getitem__` with 0, 1, … until IndexError or StopIteration.
#[repr(C)]
pub struct SequenceIter {
    pub header: Header,
    pub sequence: Field,
    pub index: Cell<i64>,
}

heap_object!(SequenceIter, "iterator", Kind::Other, |this, marker| {
    marker.field(&this.sequence);
});

impl SequenceIter {
    /// An iterator over `sequence`.
    pub fn make(vm: &Vm, sequence: Value) -> Value {
        let class = vm.exception_class(&SEQUENCE_ITER);
        let object = SequenceIter {
            header: Header::empty(),
            sequence: Field::new(sequence),
            index: Cell::new(0),
        };
        vm.heap.alloc(class.root_shape.get(), object).value()
    }
}

impl Vm {
    /// An iterator over a list.
    #[inline]
    pub fn new_list_iter(&self, list: Gc<List>) -> Gc<ListIter> {
        let object = ListIter {
            header: Header::empty(),
            list: GcField::new(list),
            index: Cell::new(0),
        };
        self.heap
            .alloc(self.exception_class(&LIST_ITER).root_shape.get(), object)
    }

    /// As [`Vm::new_list_iter`], an iterator of another type with the same layout.
    pub fn new_list_iter_of(&self, def: &'static TypeDef, list: Gc<List>) -> Result<Gc<ListIter>> {
        let object = ListIter {
            header: Header::empty(),
            list: GcField::new(list),
            index: Cell::new(0),
        };
        Ok(self
            .heap
            .alloc(self.class_of_def(def)?.root_shape.get(), object))
    }

    /// An iterator over a tuple.
    #[inline]
    pub fn new_tuple_iter(&self, tuple: Gc<Tuple>) -> Gc<TupleIter> {
        let object = TupleIter {
            header: Header::empty(),
            tuple: GcField::new(tuple),
            index: Cell::new(0),
        };
        self.heap
            .alloc(self.exception_class(&TUPLE_ITER).root_shape.get(), object)
    }

    /// An iterator over `remaining` immediate integers.
    #[inline]
    pub fn new_range_iter(&self, start: i64, step: i64, remaining: i64) -> Gc<RangeIter> {
        let object = RangeIter {
            header: Header::empty(),
            current: Cell::new(start),
            step,
            remaining: Cell::new(remaining),
        };
        self.heap
            .alloc(self.exception_class(&RANGE_ITER).root_shape.get(), object)
    }
}

/// `__iter__` of every iterator.
pub fn iter_self(_: &Vm, args: &[Value]) -> Result {
    Ok(args[0])
}

/// The table entry of [`iter_self`].
pub const ITER_SELF: MethodDef =
    MethodDef::new("__iter__", "(self, /)", "Implement iter(self).", iter_self);

fn cast<T: Object>(v: Value) -> Gc<T> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn list_iter_next(vm: &Vm, args: &[Value]) -> Result {
    vm.or_stop(cast::<ListIter>(args[0]).next())
}

fn list_iter_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<ListIter>(args[0]);
    let left = it
        .list
        .get()
        .map_or(0, |l| l.len().saturating_sub(it.index.get()));
    Ok(vm.new_int(left as i64))
}

/// What `__reduce__` of an iterator over a sequence returns:
/// `(iter, (source,), index)`. Looking up `iter` may run code that exhausts the
/// iterator, so that its fields are read after that.
pub fn reduce_iter(
    vm: &Vm,
    fields: impl FnOnce() -> (Option<Value>, usize),
    empty: Value,
) -> Result {
    let iter = crate::types::protocol::builtin(vm, "iter")?;
    let (source, index) = fields();
    match source {
        Some(v) => {
            let args = vm.new_tuple(&[v])?.value();
            Ok(vm
                .new_tuple(&[iter, args, vm.new_int(index as i64)])?
                .value())
        }
        None => vm.pair(iter, vm.new_tuple(&[empty])?.value()),
    }
}

fn list_iter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<ListIter>(args[0]);
    reduce_iter(
        vm,
        || (it.list.get().map(|l| l.value()), it.index.get()),
        vm.new_list(&[])?.value(),
    )
}

fn list_iter_setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<ListIter>(args[0]);
    let index = vm.to_index_clamped(args[1])?.max(0) as usize;
    it.index
        .set(it.list.get().map_or(0, |l| index.min(l.len())));
    Ok(Value::NONE)
}

fn tuple_iter_next(vm: &Vm, args: &[Value]) -> Result {
    vm.or_stop(cast::<TupleIter>(args[0]).next())
}

fn tuple_iter_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<TupleIter>(args[0]);
    let left = it
        .tuple
        .get()
        .map_or(0, |t| t.len().saturating_sub(it.index.get()));
    Ok(vm.new_int(left as i64))
}

fn tuple_iter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<TupleIter>(args[0]);
    reduce_iter(
        vm,
        || (it.tuple.get().map(|t| t.value()), it.index.get()),
        vm.new_tuple(&[])?.value(),
    )
}

fn tuple_iter_setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<TupleIter>(args[0]);
    let index = vm.to_index_clamped(args[1])?.max(0) as usize;
    it.index
        .set(it.tuple.get().map_or(0, |t| index.min(t.len())));
    Ok(Value::NONE)
}

fn range_iter_next(vm: &Vm, args: &[Value]) -> Result {
    vm.or_stop(cast::<RangeIter>(args[0]).next())
}

fn range_iter_hint(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(cast::<RangeIter>(args[0]).remaining.get().max(0)))
}

fn range_iter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<RangeIter>(args[0]);
    let (start, left) = (it.current.get(), it.remaining.get().max(0));
    reduce_range(
        vm,
        vm.new_small_range(start, start + left * it.step, it.step),
    )
}

/// What `__reduce__` of an iterator over a range returns, `rest` being what is left.
pub fn reduce_range(vm: &Vm, rest: Gc<crate::types::range::Range>) -> Result {
    let iter = crate::types::protocol::builtin(vm, "iter")?;
    let args = vm.new_tuple(&[rest.value()])?.value();
    Ok(vm.new_tuple(&[iter, args, Value::NONE])?.value())
}

fn range_iter_setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<RangeIter>(args[0]);
    let index = vm
        .to_index_clamped(args[1])?
        .clamp(0, it.remaining.get().max(0));
    it.current.set(it.current.get() + index * it.step);
    it.remaining.set(it.remaining.get() - index);
    Ok(Value::NONE)
}

fn sequence_iter_next(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<SequenceIter>(args[0]);
    let Some(sequence) = it.sequence.get() else {
        return vm.or_stop(None);
    };
    if it.index.get() == i64::MAX {
        return Err(vm.overflow_error("iter index too large"));
    }
    let item = vm.get_item(sequence, vm.new_int(it.index.get()));
    match item {
        Ok(v) => {
            it.index.set(it.index.get() + 1);
            Ok(v)
        }
        Err(_) if vm.raised_is_def(&exc::INDEX_ERROR) || vm.raised_is_def(&exc::STOP_ITERATION) => {
            vm.clear_raised();
            it.sequence.clear();
            vm.or_stop(None)
        }
        Err(raised) => Err(raised),
    }
}

fn sequence_iter_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<SequenceIter>(args[0]);
    match it.sequence.get() {
        Some(s)
            if vm
                .class_of(s)
                .special(crate::object::Special::Len)
                .is_some() =>
        {
            let left = vm.length(s)? as i64 - it.index.get();
            Ok(vm.new_int(left.max(0)))
        }
        Some(_) => Ok(Value::NOT_IMPLEMENTED),
        None => Ok(Value::small_int(0)),
    }
}

fn sequence_iter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<SequenceIter>(args[0]);
    reduce_iter(
        vm,
        || (it.sequence.get(), it.index.get() as usize),
        vm.new_tuple(&[])?.value(),
    )
}

fn sequence_iter_setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = cast::<SequenceIter>(args[0]);
    if it.sequence.get().is_some() {
        it.index.set(vm.to_index_clamped(args[1])?.max(0));
    }
    Ok(Value::NONE)
}

macro_rules! iterator_type {
    ($(#[$doc:meta])* $static:ident $ty:ty, $name:literal, $next:ident, $hint:ident, $reduce:ident, $setstate:ident) => {
        $(#[$doc])*
        pub static $static: TypeDef = TypeDef {
            methods: &[
                ITER_SELF,
                MethodDef::new("__next__", "(self, /)", "Implement next(self).", $next),
                MethodDef::new("__length_hint__", "(self, /)", "Private method returning an estimate of len(list(it)).", $hint),
                MethodDef::new("__reduce__", "(self, /)", "Return state information for pickling.", $reduce),
                MethodDef::new("__setstate__", "(self, state, /)", "Set state information for unpickling.", $setstate),
            ],
            flags: crate::object::ClassFlags::NO_INSTANTIATION,
            ..TypeDef::new($name, <$ty as Object>::LAYOUT)
        };
    };
}

iterator_type! {
    /// `type(iter([]))`.
    LIST_ITER ListIter, "list_iterator", list_iter_next, list_iter_hint, list_iter_reduce, list_iter_setstate
}
/// Of an iterator over what was gathered in a list that nobody else sees.
const GATHERED: &[MethodDef] = &[
    ITER_SELF,
    MethodDef::new(
        "__next__",
        "(self, /)",
        "Implement next(self).",
        list_iter_next,
    ),
];

const fn gathered(name: &'static str) -> TypeDef {
    TypeDef {
        methods: GATHERED,
        flags: crate::object::ClassFlags::NO_INSTANTIATION,
        ..TypeDef::new(name, <ListIter as Object>::LAYOUT)
    }
}

/// What `co_lines()` of a code object gives.
pub static LINE_ITERATOR: TypeDef = gathered("line_iterator");
/// What `co_positions()` of a code object gives.
pub static POSITIONS_ITERATOR: TypeDef = gathered("positions_iterator");

iterator_type! {
    /// `type(iter(()))`.
    TUPLE_ITER TupleIter, "tuple_iterator", tuple_iter_next, tuple_iter_hint, tuple_iter_reduce, tuple_iter_setstate
}
iterator_type! {
    /// `type(iter(range(0)))`.
    RANGE_ITER RangeIter, "range_iterator", range_iter_next, range_iter_hint, range_iter_reduce, range_iter_setstate
}
iterator_type! {
    /// What `iter()` gives for a sequence without `__iter__`.
    SEQUENCE_ITER SequenceIter, "iterator", sequence_iter_next, sequence_iter_hint, sequence_iter_reduce, sequence_iter_setstate
}

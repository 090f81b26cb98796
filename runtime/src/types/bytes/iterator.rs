//! `bytes_iterator` and `bytearray_iterator`.

use super::data_of;
use crate::heap::{Field, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, MethodDef, TypeDef};
use crate::types::iterators::{ITER_SELF, reduce_iter};
use crate::types::protocol::NEXT;
use crate::types::support::receiver;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// Iterates over bytes as they are at each step.
#[repr(C)]
pub struct BytesIter {
    pub header: Header,
    /// Empty once the end was reached.
    pub source: Field,
    pub index: Cell<usize>,
}

heap_object!(BytesIter, "bytes_iterator", Kind::Other, |this, marker| {
    marker.field(&this.source);
});

pub(super) fn iter(vm: &Vm, args: &[Value]) -> Result {
    let def = if args[0].cast::<super::Bytes>().is_some() {
        &BYTES_ITER
    } else {
        &BYTEARRAY_ITER
    };
    let object = BytesIter {
        header: Header::empty(),
        source: Field::new(args[0]),
        index: Cell::new(0),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(def)?.root_shape.get(), object)
        .value())
}

fn next(_: &Vm, v: Value) -> Result<Option<Value>> {
    let it = receiver::<BytesIter>(v);
    let index = it.index.get();
    let byte = it.source.get().and_then(|s| data_of(s).get(index).copied());
    match byte {
        Some(_) => it.index.set(index + 1),
        None => it.source.clear(),
    }
    Ok(byte.map(|b| Value::small_int(b.into())))
}

fn length_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<BytesIter>(args[0]);
    let left = it
        .source
        .get()
        .map_or(0, |s| data_of(s).len().saturating_sub(it.index.get()));
    Ok(vm.new_int(left as i64))
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<BytesIter>(args[0]);
    let empty = vm.new_tuple(&[])?.value();
    reduce_iter(vm, || (it.source.get(), it.index.get()), empty)
}

fn setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<BytesIter>(args[0]);
    if args[1].as_int_ref().is_none() {
        return Err(vm.type_error("an integer is required"));
    }
    let index = vm.to_index_clamped(args[1])?.max(0) as usize;
    if let Some(source) = it.source.get() {
        it.index.set(index.min(data_of(source).len()));
    }
    Ok(Value::NONE)
}

const METHODS: [MethodDef; 5] = [
    ITER_SELF,
    NEXT,
    MethodDef::new(
        "__length_hint__",
        "(self, /)",
        "Private method returning an estimate of len(list(it)).",
        length_hint,
    ),
    MethodDef::new(
        "__reduce__",
        "(self, /)",
        "Return state information for pickling.",
        reduce,
    ),
    MethodDef::new(
        "__setstate__",
        "(self, object, /)",
        "Set state information for unpickling.",
        setstate,
    ),
];

/// `type(iter(b""))`.
pub static BYTES_ITER: TypeDef = TypeDef {
    methods: &METHODS,
    next: Some(next),
    plain_next: Some(|_, _| true),
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("bytes_iterator", BytesIter::LAYOUT)
};

/// `type(iter(bytearray()))`.
pub static BYTEARRAY_ITER: TypeDef = TypeDef {
    methods: &METHODS,
    next: Some(next),
    plain_next: Some(|_, _| true),
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("bytearray_iterator", BytesIter::LAYOUT)
};

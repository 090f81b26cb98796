//! `tee`: the copies of an iterator share a chain of blocks of items, of which
//! each keeps those alive that it has not passed.

use super::simple::{iterator, new, place};
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, TypeDef};
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::list::Array;
use taipan_runtime::types::protocol::{NEXT, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// Items in a block.
const BLOCK: usize = 56;

/// A block of items taken from the source.
#[repr(C)]
pub struct TeeData {
    pub header: Header,
    iterator: Field,
    items: GcField<Array>,
    count: Cell<usize>,
    next: GcField<TeeData>,
    /// Set while the source is asked for an item.
    running: Cell<bool>,
}

heap_object!(TeeData, "_tee_dataobject", Kind::Other, |this, marker| {
    marker.field(&this.iterator);
    marker.gc_field(&this.items);
    marker.gc_field(&this.next);
});

/// One of the copies.
#[repr(C)]
pub struct Tee {
    pub header: Header,
    data: GcField<TeeData>,
    index: Cell<usize>,
}

heap_object!(Tee, "_tee", Kind::Other, |this, marker| {
    marker.gc_field(&this.data);
});

fn new_data(vm: &Vm, iterator: Value) -> Result<Gc<TeeData>> {
    let object = TeeData {
        header: Header::empty(),
        iterator: Field::new(iterator),
        items: GcField::new(vm.new_array(BLOCK)?),
        count: Cell::new(0),
        next: GcField::empty(),
        running: Cell::new(false),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&TEE_DATA)?.root_shape.get(), object))
}

fn new_tee(vm: &Vm, data: Gc<TeeData>, index: usize) -> Result {
    let object = Tee {
        header: Header::empty(),
        data: GcField::new(data),
        index: Cell::new(index),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&TEE)?.root_shape.get(), object)
        .value())
}

/// The first copy of an iterator; a copy of another `tee` object goes on from there.
fn from_iterable(vm: &Vm, iterable: Value) -> Result {
    let iterator = vm.iter(iterable)?;
    match iterator.cast::<Tee>() {
        Some(tee) => copy(vm, tee),
        None => new_tee(vm, new_data(vm, iterator)?, 0),
    }
}

fn copy(vm: &Vm, tee: Gc<Tee>) -> Result {
    match tee.data.get() {
        Some(data) => new_tee(vm, data, tee.index.get()),
        None => Err(vm.runtime_error("the iterator has no source")),
    }
}

fn tee_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Tee>(v);
    let Some(mut data) = it.data.get() else {
        return Ok(None);
    };
    if it.index.get() >= BLOCK {
        let next = match data.next.get() {
            Some(next) => next,
            None => {
                let next = new_data(vm, data.iterator.or_none())?;
                data.next.set(&data.header, next);
                next
            }
        };
        it.data.set(&it.header, next);
        it.index.set(0);
        data = next;
    }
    let index = it.index.get();
    let Some(items) = data.items.get() else {
        return Ok(None);
    };
    if index < data.count.get() {
        it.index.set(index + 1);
        return Ok(items.slot(index).get());
    }
    if data.running.replace(true) {
        return Err(vm.runtime_error("cannot re-enter the tee iterator"));
    }
    let item = vm.next(data.iterator.or_none());
    data.running.set(false);
    let Some(item) = item? else { return Ok(None) };
    items.set(index, item);
    data.count.set(index + 1);
    it.index.set(index + 1);
    Ok(Some(item))
}

fn tee_new(vm: &Vm, args: &[Value]) -> Result {
    from_iterable(vm, args[1])
}

fn tee_copy(vm: &Vm, args: &[Value]) -> Result {
    copy(vm, this(args[0]))
}

/// The type of the copies.
pub static TEE: TypeDef = TypeDef {
    doc: "Iterator wrapped to make it copyable.",
    flags: ClassFlags::WEAKREFS,
    subclassable: false,
    methods: &[
        new("(type, iterable, /)", tee_new),
        ITER_SELF,
        NEXT,
        MethodDef::new(
            "__copy__",
            "(self, /)",
            "Returns an independent iterator.",
            tee_copy,
        ),
    ],
    next: Some(tee_next),
    ..iterator("_tee", <Tee as Object>::LAYOUT)
};

fn data_new(vm: &Vm, args: &[Value]) -> Result {
    let object = TeeData {
        header: Header::empty(),
        iterator: Field::new(args[1]),
        items: GcField::new(vm.new_array(BLOCK)?),
        count: Cell::new(0),
        next: GcField::empty(),
        running: Cell::new(false),
    };
    place(vm, args, &TEE_DATA, object)
}

/// The type of the blocks that copies share.
pub static TEE_DATA: TypeDef = TypeDef {
    doc: "Data container common to multiple tee objects.",
    subclassable: false,
    methods: &[new("(type, iterable, values, next, /)", data_new)],
    ..iterator("_tee_dataobject", <TeeData as Object>::LAYOUT)
};

/// `tee(iterable, n=2)`.
pub fn tee(vm: &Vm, args: &[Value]) -> Result {
    let n = match args[1].given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => 2,
    };
    if n < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    if n == 0 {
        return Ok(vm.new_tuple(&[])?.value());
    }
    let iterator = vm.iter(args[0])?;
    let copy_name = vm.names.__copy__.get();
    let mut copies = vm.rooted();
    let mut source = iterator;
    if vm.find_attr(iterator, copy_name)?.is_none() || iterator.cast::<Tee>().is_some() {
        source = from_iterable(vm, iterator)?;
    }
    copies.push(source);
    for _ in 1..n {
        let another = vm.call_method_named(source, copy_name, &[])?;
        copies.push(another);
    }
    Ok(vm.new_tuple(&copies)?.value())
}

//! `array`: sequences of numbers or characters of one C type.

mod methods;
mod pickling;

use self::methods::ARRAY;
use std::cell::Cell;
use taipan_runtime::heap::{Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, TypeDef, slots};
use taipan_runtime::types::array::{ArrayObject, Code};
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::protocol::{NEXT, builtin, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// An iterator over an array.
#[repr(C)]
struct ArrayIter {
    header: Header,
    array: GcField<ArrayObject>,
    index: Cell<usize>,
}

heap_object!(ArrayIter, "array iterator", Kind::Other, |this, marker| {
    marker.gc_field(&this.array);
});

fn new_iter(vm: &Vm, args: &[Value]) -> Result {
    let object = ArrayIter {
        header: Header::empty(),
        array: GcField::new(this(args[0])),
        index: Cell::new(0),
    };
    let shape = vm.class_of_def(&ARRAY_ITERATOR)?.root_shape.get();
    Ok(vm.heap.alloc(shape, object).value())
}

fn iter_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<ArrayIter>(v);
    let Some(array) = it.array.get() else {
        return Ok(None);
    };
    let index = it.index.get();
    match array.get(index) {
        Some(item) => {
            it.index.set(index + 1);
            array.code().value(vm, item).map(Some)
        }
        None => {
            it.array.clear();
            Ok(None)
        }
    }
}

fn iter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<ArrayIter>(args[0]);
    let iter = builtin(vm, "iter")?;
    let reduced = match it.array.get() {
        Some(array) => {
            let source = vm.new_tuple(&[array.value()])?.value();
            vm.new_tuple(&[iter, source, vm.new_int(it.index.get() as i64)])?
        }
        None => {
            let empty = vm.new_tuple(&[])?.value();
            let source = vm.new_tuple(&[empty])?.value();
            vm.new_tuple(&[iter, source])?
        }
    };
    Ok(reduced.value())
}

fn iter_setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<ArrayIter>(args[0]);
    let index = vm.to_ssize_arg(args[1])?.max(0) as usize;
    if let Some(array) = it.array.get() {
        it.index.set(index.min(array.len()));
    }
    Ok(Value::NONE)
}

/// `array.arrayiterator`.
static ARRAY_ITERATOR: TypeDef = TypeDef {
    module: "array",
    methods: &[
        ITER_SELF,
        NEXT,
        slots::reduce(iter_reduce),
        slots::setstate(iter_setstate),
    ],
    next: Some(iter_next),
    // An array may hold words that are no character; the exception for these is made natively.
    plain_next: Some(|_, _| true),
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("arrayiterator", <ArrayIter as Object>::LAYOUT)
};

/// The array of an argument that has to be one.
fn array_of(v: Value) -> Option<Gc<ArrayObject>> {
    v.cast()
}

/// The module.
pub static ARRAY_MODULE: ModuleDef = ModuleDef {
    name: "array",
    doc: "This module defines an object type which can efficiently represent\n\
          an array of basic values: characters, integers, floating-point\n\
          numbers.  Arrays are sequence types and behave very much like lists,\n\
          except that the type of objects stored in them is constrained.",
    functions: &[MethodDef::new(
        "_array_reconstructor",
        "(arraytype, typecode, mformat_code, items, /)",
        "Internal. Used for pickling support.",
        pickling::reconstruct,
    )],
    types: &[&ARRAY, &ARRAY_ITERATOR],
    exec: Some(|vm, module| {
        let codes: String = Code::ALL.into_iter().map(Code::letter).collect();
        module.set(vm, "typecodes", vm.new_str(&codes).value());
        let array = vm.class_of_def(&ARRAY)?.value();
        module.set(vm, "ArrayType", array);
        let sequence = vm.import_attr("_collections_abc", "MutableSequence")?;
        vm.call_method_named(sequence, vm.intern("register"), &[array])?;
        Ok(())
    }),
};

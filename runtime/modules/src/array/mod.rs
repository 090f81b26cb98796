//! `array`: sequences of numbers, or characters, of one C type.
//!
//! An item is read and written as bytes at its place, whatever their alignment. Converting
//! a value may run Python code that changes the array: it is converted first, and the place
//! is looked up afterwards.

mod items;
mod methods;
mod pickling;

use items::{Code, TYPE_CODES};
use std::cell::{Cell, UnsafeCell};
use taipan_runtime::heap::{Gc, GcField, Generation, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, MethodDef, ModuleDef, TypeDef, slots};
use taipan_runtime::ops::buffer::{Exports, RawBuffer};
use taipan_runtime::types::iterators::{ITER_SELF, reduce_iter};
use taipan_runtime::types::protocol::{NEXT, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// `array.array`.
#[repr(C)]
pub struct Array {
    pub header: Header,
    store: UnsafeCell<Vec<u8>>,
    code: Cell<Code>,
    exports: Exports,
}

heap_object!(Array, "array", Kind::Other, |this, marker| {}, drop);

impl Array {
    /// The bytes of all items. Nothing that may change or resize the array may run while
    /// the slice is held.
    #[inline]
    fn bytes(&self) -> &[u8] {
        // SAFETY: one thread runs, and by contract nothing changes the store meanwhile.
        unsafe { &*self.store.get() }
    }

    /// As [`Array::bytes`], to change them in place.
    #[inline]
    #[expect(
        clippy::mut_from_ref,
        reason = "interior mutability, see the contract of bytes"
    )]
    fn bytes_mut(&self) -> &mut [u8] {
        // SAFETY: as for `bytes`.
        unsafe { &mut *self.store.get() }
    }

    #[inline]
    fn code(&self) -> Code {
        self.code.get()
    }

    /// Number of items.
    #[inline]
    fn len(&self) -> usize {
        self.bytes().len() / self.code().size()
    }

    /// The value of an item, `None` beyond the end.
    #[inline]
    fn get(&self, vm: &Vm, index: usize) -> Result<Option<Value>> {
        let code = self.code();
        match self.bytes().get(index * code.size()..) {
            Some(item) if !item.is_empty() => items::unpack(vm, code, item).map(Some),
            _ => Ok(None),
        }
    }

    /// Runs `f` on the store, which may resize it.
    ///
    /// # Errors
    /// BufferError while the memory is lent.
    fn resize_with<R>(&self, vm: &Vm, f: impl FnOnce(&mut Vec<u8>) -> R) -> Result<R> {
        if self.exports.count() > 0 {
            // Views that nobody holds any more do not count.
            vm.heap.collect(Generation::All);
            if self.exports.count() > 0 {
                return Err(vm.buffer_error("cannot resize an array that is exporting buffers"));
            }
        }
        // SAFETY: nothing else refers into the store: it is not lent, and slices are not held.
        let store = unsafe { &mut *self.store.get() };
        let before = store.capacity();
        let result = f(store);
        vm.heap
            .account_external(store.capacity().saturating_sub(before));
        Ok(result)
    }

    /// Appends bytes that are whole items.
    ///
    /// # Errors
    /// BufferError while the memory is lent, MemoryError if there is no room.
    fn extend(&self, vm: &Vm, more: &[u8]) -> Result<()> {
        let grown = self.resize_with(vm, |store| {
            let room = store.try_reserve(more.len()).is_ok();
            if room {
                store.extend_from_slice(more);
            }
            room
        })?;
        if grown {
            Ok(())
        } else {
            Err(vm.memory_error())
        }
    }

    /// Appends a value.
    ///
    /// # Errors
    /// As for [`Array::extend`], and what is no such item.
    fn push(&self, vm: &Vm, v: Value) -> Result<()> {
        let item = items::pack(vm, self.code(), v)?;
        self.extend(vm, &item[..self.code().size()])
    }
}

/// A new array of a class that holds these bytes.
fn alloc(vm: &Vm, class: Gc<Class>, code: Code, bytes: Vec<u8>) -> Gc<Array> {
    vm.heap.account_external(bytes.capacity());
    let object = Array {
        header: Header::empty(),
        store: UnsafeCell::new(bytes),
        code: Cell::new(code),
        exports: Exports::default(),
    };
    vm.heap.alloc(class.root_shape.get(), object)
}

/// A new `array.array` that holds these bytes.
fn new_array(vm: &Vm, code: Code, bytes: Vec<u8>) -> Result {
    Ok(alloc(vm, vm.class_of_def(&methods::ARRAY)?, code, bytes).value())
}

fn lend(vm: &Vm, v: Value, _: bool) -> Result<RawBuffer> {
    let Some(array) = v.cast::<Array>() else {
        return Err(vm.not_bytes_like(v));
    };
    let code = array.code();
    Ok(RawBuffer::items(
        v,
        array.bytes_mut().as_mut_ptr(),
        array.len(),
        (code.size(), code.buffer_format()),
        array.exports.lend(),
    ))
}

/// Iterates over the items as they are at each step.
#[repr(C)]
pub struct ArrayIter {
    pub header: Header,
    /// Empty once the end was reached.
    array: GcField<Array>,
    index: Cell<usize>,
}

heap_object!(ArrayIter, "arrayiterator", Kind::Other, |this, marker| {
    marker.gc_field(&this.array);
});

fn array_iter(vm: &Vm, args: &[Value]) -> Result {
    let object = ArrayIter {
        header: Header::empty(),
        array: GcField::new(this(args[0])),
        index: Cell::new(0),
    };
    let class = vm.class_of_def(&ARRAY_ITERATOR)?;
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<ArrayIter>(v);
    let Some(array) = it.array.get() else {
        return Ok(None);
    };
    let index = it.index.get();
    let item = array.get(vm, index)?;
    match item {
        Some(_) => it.index.set(index + 1),
        None => it.array.clear(),
    }
    Ok(item)
}

/// `type(iter(array("i")))`.
static ARRAY_ITERATOR: TypeDef = TypeDef {
    module: "array",
    methods: &[
        ITER_SELF,
        NEXT,
        slots::reduce(|vm, args| {
            let it = this::<ArrayIter>(args[0]);
            let empty = vm.new_tuple(&[])?.value();
            reduce_iter(
                vm,
                || (it.array.get().map(|a| a.value()), it.index.get()),
                empty,
            )
        }),
        slots::setstate(|vm, args| {
            let it = this::<ArrayIter>(args[0]);
            let index = vm.to_ssize_arg(args[1])?.max(0) as usize;
            if let Some(array) = it.array.get() {
                it.index.set(index.min(array.len()));
            }
            Ok(Value::NONE)
        }),
    ],
    next: Some(next),
    plain_next: Some(|_, _| true),
    flags: taipan_runtime::object::ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("arrayiterator", <ArrayIter as Object>::LAYOUT)
};

/// The module `array`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "array",
    doc: "This module defines an object type which can efficiently represent\n\
          an array of basic values: characters, integers, floating-point\n\
          numbers.  Arrays are sequence types and behave very much like lists,\n\
          except that the type of objects stored in them is constrained.\n",
    functions: &[MethodDef::new(
        "_array_reconstructor",
        "(arraytype, typecode, mformat_code, items, /)",
        "Internal. Used for pickling support.",
        pickling::reconstruct,
    )],
    types: &[&methods::ARRAY],
    exec: Some(|vm, module| {
        let class = vm.class_of_def(&methods::ARRAY)?.value();
        module.set(vm, "ArrayType", class);
        module.set(vm, "typecodes", vm.new_str(TYPE_CODES));
        let sequence = vm.import_attr("_collections_abc", "MutableSequence")?;
        vm.call_method(sequence, "register", &[class])?;
        Ok(())
    }),
};

//! `bytes` and `bytearray`.
//!
//! Both share most methods: those take the receiver's bytes, whichever it is, and
//! make their result of the receiver's kind. Arguments, whose conversion may run
//! Python code, are always converted before the receiver's bytes are looked at.

mod bytearray;
mod cases;
mod construct;
mod format;
pub mod iterator;
mod methods;
mod parts;

pub use bytearray::BYTEARRAY;
pub use construct::hex;
pub use iterator::{BYTEARRAY_ITER, BYTES_ITER};
pub use methods::{BUFFER, BYTES, RELEASE_BUFFER};

use crate::heap::{Gc, Header, Kind};
use crate::heap_object;
use crate::object::Shape;
use crate::ops::buffer::{Exports, RawBuffer};
use crate::types::str::repeat_into;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::{Cell, UnsafeCell};

/// A Python bytes object, its bytes behind it.
#[repr(C)]
pub struct Bytes {
    pub header: Header,
    /// Zero while unknown.
    hash: Cell<u64>,
    len: usize,
}

heap_object!(Bytes, "bytes", Kind::Bytes, |this, marker| {}, variable);

impl Bytes {
    /// Byte offsets, for compiled code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Bytes, len);
    pub const DATA_OFFSET: usize = size_of::<Bytes>();

    #[inline(always)]
    fn data(&self) -> *const u8 {
        // SAFETY: one past the fixed part, where the bytes start.
        unsafe { (self as *const Bytes).add(1).cast() }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes.
    #[inline(always)]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `len` bytes follow the object.
        unsafe { std::slice::from_raw_parts(self.data(), self.len) }
    }

    /// The hash, computed once.
    pub fn hash(&self, vm: &Vm) -> u64 {
        if self.hash.get() == 0 {
            self.hash.set(vm.hash_bytes(self.as_slice()));
        }
        self.hash.get()
    }
}

/// A Python bytearray. Bytes taken from the front are left in place until they
/// outnumber the rest, so that a queue of bytes costs no more than its traffic.
#[repr(C)]
pub struct ByteArray {
    pub header: Header,
    store: UnsafeCell<Vec<u8>>,
    /// Bytes at the front of `store` that are no longer part of it.
    start: Cell<usize>,
    /// The rest of it: where it begins, and how long it is.
    data: Cell<*mut u8>,
    len: Cell<usize>,
    pub exports: Exports,
}

heap_object!(
    ByteArray,
    "bytearray",
    Kind::ByteArray,
    |this, marker| {},
    drop
);

impl ByteArray {
    /// Byte offsets, for compiled code.
    pub const DATA_OFFSET: usize = std::mem::offset_of!(ByteArray, data);
    pub const LEN_OFFSET: usize = std::mem::offset_of!(ByteArray, len);

    fn new(data: Vec<u8>) -> ByteArray {
        let array = ByteArray {
            header: Header::empty(),
            store: UnsafeCell::new(data),
            start: Cell::new(0),
            data: Cell::new(std::ptr::null_mut()),
            len: Cell::new(0),
            exports: Exports::default(),
        };
        array.changed();
        array
    }

    /// Notes where the bytes are, after the store or the start was changed.
    fn changed(&self) {
        // SAFETY: nothing else refers into the store; the start is within it.
        unsafe {
            let (store, start) = (&mut *self.store.get(), self.start.get());
            self.data.set(store.as_mut_ptr().add(start));
            self.len.set(store.len() - start);
        }
    }

    /// The bytes as they are now. Nothing that may change or resize the array may
    /// run while the slice is held.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: one thread runs, and by contract nothing changes the store meanwhile.
        unsafe { std::slice::from_raw_parts(self.data.get(), self.len.get()) }
    }

    /// As [`ByteArray::as_slice`], to change bytes in place.
    #[inline]
    #[expect(
        clippy::mut_from_ref,
        reason = "interior mutability, see the contract of as_slice"
    )]
    pub fn as_mut_slice(&self) -> &mut [u8] {
        // SAFETY: as for `as_slice`.
        unsafe { std::slice::from_raw_parts_mut(self.data.get(), self.len.get()) }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory held, a terminator included as CPython has it.
    pub fn allocated(&self) -> usize {
        // SAFETY: as for `as_slice`.
        match unsafe { &*self.store.get() }.capacity() {
            0 => 0,
            n => n + 1,
        }
    }

    /// Runs `f` on the store, which may resize it; the front is cleared first.
    /// BufferError while the memory is lent.
    pub fn resize_with<R>(&self, vm: &Vm, f: impl FnOnce(&mut Vec<u8>) -> R) -> Result<R> {
        vm.check_resizable(&self.exports)?;
        // SAFETY: nothing else refers into the store: it is not lent, and slices are not held.
        let store = unsafe { &mut *self.store.get() };
        let start = self.start.replace(0);
        if start > 0 {
            store.drain(..start);
        }
        let before = store.capacity();
        let result = f(store);
        self.changed();
        vm.heap
            .external_changed(&self.header, before, store.capacity());
        Ok(result)
    }

    /// Appends bytes; MemoryError if there is no room.
    pub fn extend(&self, vm: &Vm, more: &[u8]) -> Result<()> {
        if more.is_empty() {
            return Ok(());
        }
        vm.check_resizable(&self.exports)?;
        // SAFETY: as in `resize_with`; `more` is no slice of the store, for that would be lent.
        let store = unsafe { &mut *self.store.get() };
        let before = store.capacity();
        if store.try_reserve(more.len()).is_err() {
            return Err(vm.memory_error());
        }
        store.extend_from_slice(more);
        self.changed();
        vm.heap
            .external_changed(&self.header, before, store.capacity());
        Ok(())
    }

    /// Removes bytes from the front.
    fn drop_front(&self, vm: &Vm, count: usize) -> Result<()> {
        vm.check_resizable(&self.exports)?;
        let start = self.start.get() + count;
        // SAFETY: as in `resize_with`.
        let store = unsafe { &mut *self.store.get() };
        if start > store.len() / 2 {
            store.drain(..start);
            self.start.set(0);
            if store.capacity() > 4096 && store.len() < store.capacity() / 4 {
                store.shrink_to(store.len() * 2);
            }
        } else {
            self.start.set(start);
        }
        self.changed();
        Ok(())
    }
}

impl Gc<ByteArray> {
    /// Lends the memory.
    pub fn lend(self) -> RawBuffer {
        let data = self.as_mut_slice();
        RawBuffer::bytes(
            self.value(),
            data.as_mut_ptr(),
            data.len(),
            false,
            self.exports.lend(),
        )
    }
}

/// Whether the value is a `bytes` or `bytearray`, or derived from one.
pub fn is_bytes_or_bytearray(v: Value) -> bool {
    matches!(
        v.header().map(|h| h.shape().layout.kind),
        Some(Kind::Bytes | Kind::ByteArray)
    )
}

/// The bytes of a `bytes` or `bytearray` receiver; see [`ByteArray::as_slice`].
#[inline]
fn data_of<'a>(v: Value) -> &'a [u8] {
    // SAFETY: the receiver is on the caller's stack, which keeps it alive; `bytes` never
    // change, and the methods hold a bytearray's bytes only while nothing can change them.
    unsafe {
        match v.cast::<Bytes>() {
            Some(b) => std::slice::from_raw_parts(b.data(), b.len()),
            None => {
                let a = v.cast_unchecked::<ByteArray>();
                let s = a.as_slice();
                std::slice::from_raw_parts(s.as_ptr(), s.len())
            }
        }
    }
}

/// A new object with these bytes, of the receiver's kind.
fn like(vm: &Vm, receiver: Value, data: &[u8]) -> Result {
    if receiver.cast::<ByteArray>().is_some() {
        Ok(vm.new_bytearray(data.to_vec()).value())
    } else {
        Ok(vm.new_bytes(data)?.value())
    }
}

/// A new object of the receiver's kind whose `len` bytes `fill` writes.
fn build_like(vm: &Vm, receiver: Value, len: usize, fill: impl FnOnce(&mut [u8])) -> Result {
    if receiver.cast::<ByteArray>().is_some() {
        let mut data = Vec::new();
        if data.try_reserve_exact(len).is_err() {
            return Err(vm.memory_error());
        }
        data.resize(len, 0);
        fill(&mut data);
        Ok(vm.new_bytearray(data).value())
    } else {
        Ok(vm.build_bytes(len, fill)?.value())
    }
}

/// As [`build_like`] for a `fill` that writes every byte; until then they may be anything.
fn fill_like(vm: &Vm, receiver: Value, len: usize, fill: impl FnOnce(&mut [u8])) -> Result {
    if len == 0 || receiver.cast::<ByteArray>().is_some() {
        return build_like(vm, receiver, len, fill);
    }
    Ok(vm.alloc_bytes(len, vm.shapes.bytes.get(), fill)?.value())
}

/// The part of the receiver from `start` to `end`: itself if that is all of an
/// exact `bytes`, a new object otherwise.
fn part(vm: &Vm, receiver: Value, start: usize, end: usize) -> Result {
    let data = data_of(receiver);
    if start == 0 && end == data.len() && vm.class_of(receiver) == vm.types.bytes.get() {
        return Ok(receiver);
    }
    like(vm, receiver, &data[start..end])
}

impl Vm {
    /// A bytes object with a copy of these bytes.
    pub fn new_bytes(&self, data: &[u8]) -> Result<Gc<Bytes>> {
        if data.is_empty() {
            return self.empty_bytes();
        }
        let object = Bytes {
            header: Header::empty(),
            hash: Cell::new(0),
            len: data.len(),
        };
        // SAFETY: that many bytes follow the object, and are filled at once.
        unsafe {
            let bytes = self
                .heap
                .alloc_unfilled(self.shapes.bytes.get(), object, data.len())
                .ok_or_else(|| self.memory_error())?;
            let to = bytes.data() as *mut u8;
            std::ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
            Ok(bytes)
        }
    }

    /// A bytes object of `len` bytes, zero until `fill` writes them.
    pub fn build_bytes(&self, len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Gc<Bytes>> {
        if len == 0 {
            return self.empty_bytes();
        }
        self.alloc_bytes(len, self.shapes.bytes.get(), |out| {
            out.fill(0);
            fill(out);
        })
    }

    /// `fill` writes every byte.
    fn alloc_bytes(
        &self,
        len: usize,
        shape: &'static Shape,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<Gc<Bytes>> {
        let object = Bytes {
            header: Header::empty(),
            hash: Cell::new(0),
            len,
        };
        let bytes = (len < isize::MAX as usize)
            // SAFETY: bytes hold no references, so that no collection minds what they are.
            .then(|| unsafe { self.heap.alloc_unfilled(shape, object, len) })
            .flatten()
            .ok_or_else(|| self.memory_error())?;
        // SAFETY: `len` bytes follow the new object, which nobody else has yet.
        fill(unsafe { std::slice::from_raw_parts_mut(bytes.data() as *mut u8, len) });
        Ok(bytes)
    }

    fn empty_bytes(&self) -> Result<Gc<Bytes>> {
        if let Some(b) = self.names.empty_bytes.get().and_then(|v| v.cast::<Bytes>()) {
            return Ok(b);
        }
        let b = self.alloc_bytes(0, self.shapes.bytes.get(), |_| {})?;
        self.names.empty_bytes.set(Some(b.value()));
        Ok(b)
    }

    /// A bytes object of a subclass.
    pub fn bytes_with_shape(&self, data: &[u8], shape: &'static Shape) -> Result<Gc<Bytes>> {
        self.alloc_bytes(data.len(), shape, |out| out.copy_from_slice(data))
    }

    /// A bytearray that holds `data`.
    pub fn new_bytearray(&self, data: Vec<u8>) -> Gc<ByteArray> {
        self.bytearray_with_shape(data, self.shapes.bytearray.get())
    }

    /// A bytearray of a subclass.
    pub fn bytearray_with_shape(&self, data: Vec<u8>, shape: &'static Shape) -> Gc<ByteArray> {
        let owned = data.capacity();
        let made = self.heap.alloc(shape, ByteArray::new(data));
        self.heap.external_changed(made.header(), 0, owned);
        made
    }

    /// `receiver * count`.
    fn bytes_repeat(&self, receiver: Value, count: usize) -> Result {
        let len = data_of(receiver).len();
        if count == 1 {
            return part(self, receiver, 0, len);
        }
        if len == 0 || count == 0 {
            return like(self, receiver, &[]);
        }
        let is_array = receiver.cast::<ByteArray>().is_some();
        let total = len.checked_mul(count).filter(|n| *n <= isize::MAX as usize);
        match total {
            Some(total) => build_like(self, receiver, total, |out| {
                repeat_into(data_of(receiver), out)
            }),
            None if is_array => Err(self.memory_error()),
            None => Err(self.overflow_error("repeated bytes are too long")),
        }
    }
}

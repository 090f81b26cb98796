//! The buffer protocol: memory that an object lends (`bytes`, `bytearray`,
//! `memoryview`, `array.array`, objects with `__buffer__`, PEP 688).
//!
//! [`RawBuffer`] describes lent memory and holds a [`Export`], whose drop gives it
//! back; it may live in a heap object, which must trace `owner`. [`BufferView`] is
//! the same for native code that uses memory for a while, on the stack.
//!
//! A native type lends memory by [`TypeDef::buffer`](crate::object::TypeDef::buffer)
//! and counts its loans with [`Exports`]. Where CPython's counting of references ends a
//! forgotten view at once, here the collector does; so an object that may not be
//! resized asks for a collection before it gives up (see [`Vm::check_resizable`]).

use crate::heap::{Gc, Generation, Kind};
use crate::object::{Class, NativeFunction, Special};
use crate::types::bytes::{ByteArray, Bytes};
use crate::types::memoryview::MemoryView;
use crate::value::Value;
use crate::vm::{Result, Vm};
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::ops::Deref;
use std::rc::Rc;

/// How a native type lends an instance's memory; the flag asks for a writable loan.
pub type BufferFn = fn(&Vm, Value, bool) -> Result<RawBuffer>;

/// Flags of `__buffer__` (`inspect.BufferFlags`).
pub mod flags {
    pub const WRITABLE: i64 = 1;
    pub const FORMAT: i64 = 4;
    pub const ND: i64 = 8;
    pub const STRIDES: i64 = 0x10 | ND;
    pub const C_CONTIGUOUS: i64 = 0x20 | STRIDES;
    pub const F_CONTIGUOUS: i64 = 0x40 | STRIDES;
    pub const ANY_CONTIGUOUS: i64 = 0x80 | STRIDES;
    pub const FULL_RO: i64 = 0x100 | STRIDES | FORMAT;
    pub const READ: i64 = 0x100;
    pub const WRITE: i64 = 0x200;
}

/// Counts the loans of one object.
#[derive(Default)]
pub struct Exports(OnceCell<Rc<Cell<usize>>>);

impl Exports {
    /// Loans not given back.
    #[inline]
    pub fn count(&self) -> usize {
        self.0.get().map_or(0, |n| n.get())
    }

    /// One more.
    pub fn lend(&self) -> Export {
        let count = self.0.get_or_init(Rc::default).clone();
        count.set(count.get() + 1);
        Export(Some(count))
    }
}

/// One loan; its drop gives it back.
#[derive(Default)]
pub struct Export(Option<Rc<Cell<usize>>>);

impl Drop for Export {
    fn drop(&mut self) {
        if let Some(count) = &self.0 {
            count.set(count.get() - 1);
        }
    }
}

/// Memory lent by `owner`.
pub struct RawBuffer {
    /// The object whose memory it is (`memoryview.obj`).
    pub owner: Value,
    /// The item at index 0 in every dimension.
    pub data: *mut u8,
    pub readonly: bool,
    /// Bytes an item.
    pub itemsize: usize,
    /// As in the module `struct`.
    pub format: Cow<'static, str>,
    /// Items in each dimension; none for a single item.
    pub shape: SmallVec<[usize; 2]>,
    /// Bytes from item to item in each dimension.
    pub strides: SmallVec<[isize; 2]>,
    /// Held for its drop.
    pub export: Export,
}

impl RawBuffer {
    /// Plain bytes.
    pub fn bytes(
        owner: Value,
        data: *mut u8,
        len: usize,
        readonly: bool,
        export: Export,
    ) -> RawBuffer {
        RawBuffer {
            owner,
            data,
            readonly,
            itemsize: 1,
            format: Cow::Borrowed("B"),
            shape: smallvec![len],
            strides: smallvec![1],
            export,
        }
    }

    /// One dimension of items.
    pub fn items(
        owner: Value,
        data: *mut u8,
        count: usize,
        (itemsize, format): (usize, impl Into<Cow<'static, str>>),
        export: Export,
    ) -> RawBuffer {
        RawBuffer {
            owner,
            data,
            readonly: false,
            itemsize,
            format: format.into(),
            shape: smallvec![count],
            strides: smallvec![itemsize as isize],
            export,
        }
    }

    /// Number of items.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Number of bytes (`nbytes`).
    pub fn len(&self) -> usize {
        self.count() * self.itemsize
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the items lie next to each other, last index fastest.
    pub fn is_c_contiguous(&self) -> bool {
        self.contiguous(self.shape.len().wrapping_sub(1), |i| i.wrapping_sub(1))
    }

    /// Whether the items lie next to each other, first index fastest.
    pub fn is_f_contiguous(&self) -> bool {
        self.contiguous(0, |i| i + 1)
    }

    fn contiguous(&self, first: usize, next: impl Fn(usize) -> usize) -> bool {
        if self.is_empty() {
            return true;
        }
        let (mut dim, mut expected) = (first, self.itemsize as isize);
        for _ in 0..self.shape.len() {
            if self.shape[dim] > 1 && self.strides[dim] != expected {
                return false;
            }
            expected *= self.shape[dim] as isize;
            dim = next(dim);
        }
        true
    }

    /// The memory, if C-contiguous. Nothing may run that writes to it meanwhile
    /// (an object lent out is not resized, but other code may store into it).
    pub fn as_slice(&self) -> Option<&[u8]> {
        if self.is_empty() {
            return Some(&[]);
        }
        // SAFETY: the lender keeps that much memory while it is lent.
        self.is_c_contiguous()
            .then(|| unsafe { std::slice::from_raw_parts(self.data, self.len()) })
    }

    /// All bytes in C order, copied if they are not contiguous.
    pub fn contiguous_bytes(&self) -> Cow<'_, [u8]> {
        match self.as_slice() {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(self.gather(false)),
        }
    }

    /// A copy of all bytes, in Fortran order if `fortran`.
    pub fn gather(&self, fortran: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        self.each_item(fortran, |item| {
            // SAFETY: each item lies within the lent memory.
            out.extend_from_slice(unsafe { std::slice::from_raw_parts(item, self.itemsize) });
        });
        out
    }

    /// Calls `f` with the address of each item in C order, or Fortran order.
    pub fn each_item(&self, fortran: bool, mut f: impl FnMut(*mut u8)) {
        let dims = self.shape.len();
        if self.shape.contains(&0) {
            return;
        }
        let order: SmallVec<[usize; 4]> = if fortran {
            (0..dims).collect()
        } else {
            (0..dims).rev().collect()
        };
        let mut index: SmallVec<[usize; 4]> = smallvec![0; dims];
        let mut item = self.data;
        loop {
            f(item);
            let mut moved = false;
            for &d in &order {
                index[d] += 1;
                item = item.wrapping_offset(self.strides[d]);
                if index[d] < self.shape[d] {
                    moved = true;
                    break;
                }
                item = item.wrapping_offset(-self.strides[d] * self.shape[d] as isize);
                index[d] = 0;
            }
            if !moved {
                return;
            }
        }
    }

    /// The same memory without holding the loan.
    pub fn unguarded(&self) -> RawBuffer {
        RawBuffer {
            owner: self.owner,
            data: self.data,
            readonly: self.readonly,
            itemsize: self.itemsize,
            format: self.format.clone(),
            shape: self.shape.clone(),
            strides: self.strides.clone(),
            export: Export::default(),
        }
    }
}

/// Lent memory in the hands of native code, given back when dropped. Belongs on
/// the stack, where the collector sees its owner.
pub struct BufferView<'vm> {
    raw: RawBuffer,
    vm: &'vm Vm,
    /// What a Python-level `__buffer__` gave: the object and its memoryview.
    lender: Option<(Value, Gc<MemoryView>)>,
}

impl Deref for BufferView<'_> {
    type Target = RawBuffer;
    fn deref(&self) -> &RawBuffer {
        &self.raw
    }
}

impl BufferView<'_> {
    /// The memory of a writable, contiguous loan.
    ///
    /// # Safety
    /// Nothing else may use the memory while the slice lives.
    #[expect(
        clippy::mut_from_ref,
        reason = "the memory is the lender's, not the view's"
    )]
    pub unsafe fn as_mut_slice(&self) -> &mut [u8] {
        debug_assert!(!self.readonly && self.is_c_contiguous());
        if self.is_empty() {
            return &mut [];
        }
        // SAFETY: the lender keeps that much memory, and by contract nobody else uses it.
        unsafe { std::slice::from_raw_parts_mut(self.data, self.len()) }
    }

    /// Takes the description out, for a heap object to hold, with the lender to release.
    pub fn into_parts(mut self) -> (RawBuffer, Option<(Value, Gc<MemoryView>)>) {
        let lender = self.lender.take();
        let empty = RawBuffer::bytes(
            Value::NONE,
            std::ptr::null_mut(),
            0,
            true,
            Export::default(),
        );
        (std::mem::replace(&mut self.raw, empty), lender)
    }
}

impl Drop for BufferView<'_> {
    fn drop(&mut self) {
        if let Some((owner, view)) = self.lender.take() {
            // The lender's view can be released only when it is not lent itself.
            drop(std::mem::take(&mut self.raw.export));
            self.vm.release_lender(owner, view);
        }
    }
}

/// Contiguous bytes in the hands of native code, to be read. As [`BufferView`], which
/// it spares the types that most bytes are of.
pub enum ByteSlice<'vm> {
    Bytes(Gc<Bytes>),
    /// With the loan that keeps it from being resized.
    Array(Gc<ByteArray>, Export),
    Other(Box<BufferView<'vm>>),
    /// Bytes that were not next to each other.
    Gathered(Vec<u8>),
}

impl Deref for ByteSlice<'_> {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            ByteSlice::Bytes(b) => b.as_slice(),
            ByteSlice::Array(a, _) => a.as_slice(),
            ByteSlice::Other(view) => view.as_slice().unwrap_or_default(),
            ByteSlice::Gathered(bytes) => bytes,
        }
    }
}

impl Vm {
    /// The native type whose [`TypeDef::buffer`](crate::object::TypeDef::buffer) serves instances of a class.
    fn native_buffer(&self, class: Gc<Class>) -> Option<BufferFn> {
        let mut at = Some(class);
        while let Some(c) = at {
            if let Some(f) = c.def.get().and_then(|d| d.buffer) {
                return Some(f);
            }
            at = c.base.get();
        }
        None
    }

    /// Whether an object lends memory.
    pub fn supports_buffer(&self, v: Value) -> bool {
        let class = self.class_of(v);
        if class == self.types.bytes.get() {
            return true;
        }
        class.special(Special::Buffer).is_some_and(|f| !f.is_none())
            || self.native_buffer(class).is_some()
    }

    /// TypeError for an object that lends no memory.
    #[cold]
    pub fn not_bytes_like(&self, v: Value) -> crate::vm::Raised {
        self.type_error(format!(
            "a bytes-like object is required, not '{}'",
            self.type_name(v)
        ))
    }

    /// An object's memory. TypeError if it lends none, BufferError if it does not
    /// lend as asked.
    #[inline]
    pub fn get_buffer(&self, v: Value, writable: bool) -> Result<BufferView<'_>> {
        self.get_buffer_flags(
            v,
            flags::FULL_RO | if writable { flags::WRITABLE } else { 0 },
        )
    }

    /// As [`Vm::get_buffer`]; the flags are passed to a Python-level `__buffer__`.
    pub fn get_buffer_flags(&self, v: Value, asked: i64) -> Result<BufferView<'_>> {
        let Some(header) = v.header() else {
            return Err(self.not_bytes_like(v));
        };
        let shape = header.shape_id();
        let exact =
            shape == self.shapes.bytes.get().id() || shape == self.shapes.bytearray.get().id();
        if !exact
            && let Some(f) = header
                .shape()
                .class()
                .special(Special::Buffer)
                .filter(|f| !f.is_none())
            && f.cast::<NativeFunction>().is_none()
        {
            return self.python_buffer(v, f, asked);
        }
        let raw = self.native_lend(v, asked & flags::WRITABLE != 0)?;
        Ok(BufferView {
            raw,
            vm: self,
            lender: None,
        })
    }

    /// As [`Vm::get_buffer`], whatever `__buffer__` a subclass defines.
    pub fn native_lend(&self, v: Value, writable: bool) -> Result<RawBuffer> {
        let Some(header) = v.header() else {
            return Err(self.not_bytes_like(v));
        };
        match header.shape().layout.kind {
            Kind::Bytes => {
                if writable {
                    return Err(self.buffer_error("Object is not writable."));
                }
                let bytes = crate::types::support::receiver::<Bytes>(v);
                let data = bytes.as_slice();
                Ok(RawBuffer::bytes(
                    v,
                    data.as_ptr() as *mut u8,
                    data.len(),
                    true,
                    Export::default(),
                ))
            }
            Kind::ByteArray => Ok(crate::types::support::receiver::<ByteArray>(v).lend()),
            Kind::MemoryView => {
                crate::types::support::receiver::<MemoryView>(v).lend(self, writable)
            }
            _ => match self.native_buffer(header.shape().class()) {
                Some(lend) => lend(self, v, writable),
                None => Err(self.not_bytes_like(v)),
            },
        }
    }

    /// As [`Vm::get_buffer`], of contiguous memory; BufferError for any other.
    pub fn get_contiguous_buffer(&self, v: Value, writable: bool) -> Result<BufferView<'_>> {
        let view = self.get_buffer(v, writable)?;
        if !view.is_c_contiguous() {
            return Err(self.buffer_error("memoryview: underlying buffer is not C-contiguous"));
        }
        Ok(view)
    }

    /// As [`Vm::get_contiguous_buffer`], to read plain bytes.
    #[inline]
    pub fn byte_slice(&self, v: Value) -> Result<ByteSlice<'_>> {
        if let Some(bytes) = self.exact_bytes(v) {
            return Ok(bytes);
        }
        let view = self.get_contiguous_buffer(v, false)?;
        Ok(ByteSlice::Other(Box::new(view)))
    }

    /// As [`Vm::byte_slice`], copied if the memory is not contiguous.
    #[inline]
    pub fn all_bytes(&self, v: Value) -> Result<ByteSlice<'_>> {
        if let Some(bytes) = self.exact_bytes(v) {
            return Ok(bytes);
        }
        let view = self.get_buffer(v, false)?;
        Ok(if view.is_c_contiguous() {
            ByteSlice::Other(Box::new(view))
        } else {
            ByteSlice::Gathered(view.gather(false))
        })
    }

    #[inline]
    fn exact_bytes(&self, v: Value) -> Option<ByteSlice<'_>> {
        if let Some(header) = v.header() {
            let shape = header.shape_id();
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if shape == self.shapes.bytes.get().id() {
                    return Some(ByteSlice::Bytes(v.cast_unchecked()));
                } else if shape == self.shapes.bytearray.get().id() {
                    let array = v.cast_unchecked::<ByteArray>();
                    return Some(ByteSlice::Array(array, array.exports.lend()));
                }
            }
        }
        None
    }

    /// Runs `f` on what [`Vm::all_bytes`] gives.
    #[inline]
    pub fn with_bytes<R>(&self, v: Value, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
        if let Some(bytes) = v.cast::<Bytes>()
            && bytes.class() == self.types.bytes.get()
        {
            return Ok(f(bytes.as_slice()));
        }
        let view = self.get_buffer(v, false)?;
        Ok(f(&view.contiguous_bytes()))
    }

    fn python_buffer(&self, v: Value, f: Value, asked: i64) -> Result<BufferView<'_>> {
        let result = self.call_special(f, v, &[self.new_int(asked)])?;
        let Some(view) = result.cast::<MemoryView>() else {
            return Err(self.type_error("__buffer__ returned non-memoryview object"));
        };
        let raw = view.lend(self, asked & flags::WRITABLE != 0)?;
        Ok(BufferView {
            raw,
            vm: self,
            lender: Some((v, view)),
        })
    }

    /// Ends a loan by a Python-level `__buffer__`: calls `__release_buffer__`, whose
    /// exceptions have nowhere to go.
    pub fn release_lender(&self, owner: Value, view: Gc<MemoryView>) {
        // An exception on its way up must survive the calls.
        let pending = self.pending();
        self.clear_raised();
        if let Some(f) = self
            .class_of(owner)
            .special(Special::ReleaseBuffer)
            .filter(|f| !f.is_none())
            && f.cast::<NativeFunction>().is_none()
            && self.call_special(f, owner, &[view.value()]).is_err()
        {
            *self.async_error.borrow_mut() = Some(self.take_raised());
        }
        if let Some(error) = pending {
            self.raise_again(error);
        }
    }

    /// BufferError if memory of an object about to be resized is lent out. Views
    /// that nobody holds any more are collected first.
    pub fn check_resizable(&self, exports: &Exports) -> Result<()> {
        if exports.count() == 0 {
            return Ok(());
        }
        self.heap.collect(Generation::All);
        if exports.count() == 0 {
            return Ok(());
        }
        Err(self.buffer_error("Existing exports of data: object cannot be re-sized"))
    }

    /// The bytes of an argument that must be bytes-like, for as long as it is lent.
    pub fn bytes_like(&self, v: Value) -> Result<BufferView<'_>> {
        self.get_buffer(v, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_either_order() {
        let mut data: Vec<u8> = (0..6).collect();
        let raw = RawBuffer {
            owner: Value::NONE,
            data: data.as_mut_ptr(),
            readonly: true,
            itemsize: 1,
            format: Cow::Borrowed("B"),
            shape: smallvec![2, 3],
            strides: smallvec![3, 1],
            export: Export::default(),
        };
        assert!(raw.is_c_contiguous() && !raw.is_f_contiguous());
        assert_eq!(raw.gather(false), [0, 1, 2, 3, 4, 5]);
        assert_eq!(raw.gather(true), [0, 3, 1, 4, 2, 5]);
        let exports = Exports::default();
        let loan = exports.lend();
        assert_eq!(exports.count(), 1);
        drop(loan);
        assert_eq!(exports.count(), 0);
    }
}

//! `memoryview`: an object's memory as a sequence of items.
//!
//! All views made from one loan share a [`Managed`] buffer, which gives the loan
//! back when the last of them is released, or when the collector finds it unused.

mod compare;
mod items;
mod methods;

pub use methods::{MEMORY_ITER, MEMORYVIEW, dunder_buffer, dunder_release_buffer};

use crate::heap::{Field, Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::object::Shape;
use crate::ops::buffer::{BufferView, Export, Exports, RawBuffer};
use crate::value::Value;
use crate::vm::{Result, Vm};
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;
use std::cell::Cell;

/// A loan that views share.
#[repr(C)]
pub struct Managed {
    pub header: Header,
    owner: Field,
    export: Cell<Export>,
    /// A Python-level lender to tell, and the memoryview that it gave.
    lender: Field,
    lender_view: GcField<MemoryView>,
    /// Views that are not released.
    views: Cell<usize>,
}

heap_object!(
    Managed,
    "managedbuffer",
    Kind::Internal,
    |this, marker| {
        marker.field(&this.owner);
        marker.field(&this.lender);
        marker.gc_field(&this.lender_view);
    },
    drop
);

/// A memoryview.
#[repr(C)]
pub struct MemoryView {
    pub header: Header,
    managed: GcField<Managed>,
    /// What is seen; `owner` is `obj`.
    pub(super) view: RawBuffer,
    /// Loans of this view, which forbid its release.
    exports: Exports,
    released: Cell<bool>,
    /// Of a view of plain bytes in a row: their number and where they are, and the latter again if they
    /// may be written. Zero of others, and once it is released.
    count: Cell<usize>,
    bytes: Cell<*mut u8>,
    writable: Cell<*mut u8>,
    /// Zero while unknown.
    pub(super) hash: Cell<u64>,
}

heap_object!(
    MemoryView,
    "memoryview",
    Kind::MemoryView,
    |this, marker| {
        marker.gc_field(&this.managed);
        marker.value(this.view.owner);
    },
    drop
);

impl MemoryView {
    /// Byte offsets, for compiled code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(MemoryView, count);
    pub const DATA_OFFSET: usize = std::mem::offset_of!(MemoryView, bytes);
    pub const WRITABLE_OFFSET: usize = std::mem::offset_of!(MemoryView, writable);

    /// How many plain bytes are seen in a row, and whether they may be written; none if it is not
    /// such a view.
    pub fn plain_bytes(&self) -> Option<(usize, bool)> {
        let is_plain = !self.bytes.get().is_null();
        is_plain.then(|| (self.count.get(), !self.writable.get().is_null()))
    }

    /// Whether `release()` was called.
    pub fn is_released(&self) -> bool {
        self.released.get()
    }

    /// ValueError once released.
    pub(super) fn check(&self, vm: &Vm) -> Result<()> {
        if self.released.get() {
            return Err(vm.value_error("operation forbidden on released memoryview object"));
        }
        Ok(())
    }

    /// The memory seen; ValueError once released.
    pub(super) fn seen(&self, vm: &Vm) -> Result<&RawBuffer> {
        self.check(vm)?;
        Ok(&self.view)
    }
}

impl Gc<MemoryView> {
    /// Lends the view's memory on.
    pub fn lend(self, vm: &Vm, writable: bool) -> Result<RawBuffer> {
        self.check(vm)?;
        if writable && self.view.readonly {
            return Err(vm.buffer_error("memoryview: underlying buffer is not writable"));
        }
        let mut raw = self.view.unguarded();
        raw.owner = self.value();
        raw.export = self.exports.lend();
        Ok(raw)
    }

    /// `release()`: BufferError while the view is lent itself.
    pub fn release(self, vm: &Vm) -> Result<()> {
        if self.released.get() {
            return Ok(());
        }
        let count = self.exports.count();
        if count > 0 {
            let s = if count == 1 { "" } else { "s" };
            return Err(vm.buffer_error(format!("memoryview has {count} exported buffer{s}")));
        }
        self.released.set(true);
        self.count.set(0);
        self.bytes.set(std::ptr::null_mut());
        self.writable.set(std::ptr::null_mut());
        let Some(managed) = self.managed.get() else {
            return Ok(());
        };
        managed.views.set(managed.views.get() - 1);
        if managed.views.get() == 0 {
            drop(managed.export.take());
            if let (Some(owner), Some(view)) = (managed.lender.get(), managed.lender_view.get()) {
                managed.lender.clear();
                vm.release_lender(owner, view);
            }
        }
        Ok(())
    }

    /// Runs `f`, which may release the view, without ending the loan.
    pub(super) fn while_held<R>(self, f: impl FnOnce() -> R) -> R {
        let managed = self.managed.get();
        if let Some(m) = managed {
            m.views.set(m.views.get() + 1);
        }
        let result = f();
        if let Some(m) = managed {
            m.views.set(m.views.get() - 1);
        }
        result
    }

    /// A view of the same loan that sees `view`.
    pub(super) fn derive(self, vm: &Vm, view: RawBuffer) -> Gc<MemoryView> {
        let managed = self.managed.get();
        vm.alloc_view(managed, view, vm.types.memoryview.get().root_shape.get())
    }
}

impl Vm {
    fn alloc_view(
        &self,
        managed: Option<Gc<Managed>>,
        view: RawBuffer,
        shape: &'static Shape,
    ) -> Gc<MemoryView> {
        if let Some(managed) = managed {
            managed.views.set(managed.views.get() + 1);
        }
        let (mut count, mut bytes) = (0, std::ptr::null_mut());
        if let ("B", &[items], &[1]) = (&*view.format, &*view.shape, &*view.strides) {
            (count, bytes) = (items, view.data);
        }
        let writable = if view.readonly {
            std::ptr::null_mut()
        } else {
            bytes
        };
        self.heap.alloc(
            shape,
            MemoryView {
                header: Header::empty(),
                managed: GcField::opt(managed),
                view,
                exports: Exports::default(),
                released: Cell::new(false),
                count: Cell::new(count),
                bytes: Cell::new(bytes),
                writable: Cell::new(writable),
                hash: Cell::new(0),
            },
        )
    }

    /// A view of lent memory, which holds the loan.
    pub fn new_memoryview(
        &self,
        mut raw: RawBuffer,
        lender: Option<(Value, Gc<MemoryView>)>,
    ) -> Result<Gc<MemoryView>> {
        let export = std::mem::take(&mut raw.export);
        let (lender, lender_view) = lender.unzip();
        let shape = self.class_of_def(&methods::MANAGED)?.root_shape.get();
        let managed = self.heap.alloc(
            shape,
            Managed {
                header: Header::empty(),
                owner: Field::new(raw.owner),
                export: Cell::new(export),
                lender: Field::opt(lender),
                lender_view: GcField::opt(lender_view),
                views: Cell::new(0),
            },
        );
        Ok(self.alloc_view(
            Some(managed),
            raw,
            self.types.memoryview.get().root_shape.get(),
        ))
    }

    /// `memoryview(v)`.
    pub fn memoryview_of(&self, v: Value) -> Result<Gc<MemoryView>> {
        if let Some(view) = v.cast::<MemoryView>() {
            return Ok(view.derive(self, view.seen(self)?.unguarded()));
        }
        if !self.supports_buffer(v) {
            let got = self.type_name(v);
            return Err(self.type_error(format!(
                "memoryview: a bytes-like object is required, not '{got}'"
            )));
        }
        self.memoryview_from(self.get_buffer(v, false)?)
    }

    /// A memoryview that takes over a loan.
    pub fn memoryview_from(&self, view: BufferView<'_>) -> Result<Gc<MemoryView>> {
        let (raw, lender) = view.into_parts();
        self.new_memoryview(raw, lender)
    }
}

/// Strides of contiguous items, last index fastest.
pub(super) fn c_strides(shape: &[usize], itemsize: usize) -> SmallVec<[isize; 2]> {
    let mut strides: SmallVec<[isize; 2]> = smallvec![0; shape.len()];
    let mut size = itemsize as isize;
    for (stride, n) in strides.iter_mut().zip(shape).rev() {
        *stride = size;
        size *= *n as isize;
    }
    strides
}

/// A description of memory like `of` with other items.
pub(super) fn reshaped(
    of: &RawBuffer,
    format: Cow<'static, str>,
    itemsize: usize,
    shape: SmallVec<[usize; 2]>,
) -> RawBuffer {
    let strides = c_strides(&shape, itemsize);
    RawBuffer {
        format,
        itemsize,
        shape,
        strides,
        ..of.unguarded()
    }
}

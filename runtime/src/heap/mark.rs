//! Marking: from roots, through objects, to everything reachable.

use super::space::{Block, BlockUse, LARGE_OFFSET};
use super::{Field, Gc, GcField, Header, Heap, Object};
use crate::value::Value;

/// The state of one marking; trace functions report references to it.
pub struct Marker<'h> {
    pub(super) heap: &'h Heap,
    pub(super) stack: Vec<*const Header>,
    pub(super) epoch: u8,
    /// Instead of marking, the references found are collected here.
    pub(super) collect_into: Option<Vec<Value>>,
    pub(super) marked_bytes: usize,
    /// Bytes of old objects and of roots that every minor collection looks at again.
    pub(super) revisited: usize,
    major: bool,
}

impl<'h> Marker<'h> {
    pub(super) fn new(heap: &'h Heap, epoch: u8, major: bool) -> Marker<'h> {
        Marker {
            heap,
            stack: Vec::with_capacity(1024),
            epoch,
            collect_into: None,
            marked_bytes: 0,
            revisited: 0,
            major,
        }
    }

    /// Whether the collection covers old objects, too. If not, they count as marked,
    /// and roots that were there in the collection before need not be reported again.
    pub fn is_major(&self) -> bool {
        self.major
    }

    /// A field of the object being traced.
    #[inline]
    pub fn field(&mut self, field: &Field) {
        if let Some(v) = field.get() {
            self.value(v);
        }
    }

    /// A typed field of the object being traced.
    #[inline]
    pub fn gc_field<T: Object>(&mut self, field: &GcField<T>) {
        if let Some(object) = field.get() {
            self.object(object);
        }
    }

    /// A typed reference.
    #[inline]
    pub fn object<T: Object>(&mut self, object: Gc<T>) {
        self.value(object.value());
    }

    /// A value, or nothing.
    #[inline]
    pub fn opt(&mut self, v: Option<Value>) {
        if let Some(v) = v {
            self.value(v);
        }
    }

    /// A value.
    #[inline]
    pub fn value(&mut self, v: Value) {
        if let Some(header) = v.header() {
            self.header(header);
        }
    }

    /// Values that are roots, and are looked at in every collection.
    pub fn root_values(&mut self, values: &[Value]) {
        self.revisited += size_of_val(values);
        for &v in values {
            self.value(v);
        }
    }

    /// A run of values, some perhaps empty.
    pub fn values(&mut self, values: &[Option<Value>]) {
        for &v in values {
            self.opt(v);
        }
    }

    #[inline]
    fn header(&mut self, header: &'static Header) {
        if let Some(found) = &mut self.collect_into {
            found.push(header.value());
            return;
        }
        let gc = header.gc.get();
        if gc & Header::EPOCH_MASK == self.epoch {
            return;
        }
        header
            .gc
            .set(gc & Header::FINALIZED | self.epoch | Header::BARRIER);
        let address = header as *const Header as usize;
        let granules = header.granules.get() as usize;
        if granules != 0 {
            let size = granules * super::GRANULE;
            self.marked_bytes += size;
            Block::of(header).mark(address, size);
        } else {
            self.marked_bytes += header.size();
        }
        self.stack.push(header);
    }

    /// Whether the object is marked already.
    pub fn is_marked(&self, v: Value) -> bool {
        v.header()
            .is_none_or(|h| h.gc.get() & Header::EPOCH_MASK == self.epoch)
    }

    /// A word that may be a value or an address inside an object.
    #[inline]
    pub fn conservative(&mut self, word: usize) {
        let Some(used) = self.heap.space.use_of(word) else {
            return;
        };
        let found = match used {
            BlockUse::Free => None,
            BlockUse::Small => {
                let block = Block::of(word as *const Header);
                if block.unnoted.get() {
                    self.heap.note_young_objects(block);
                }
                block
                    .object_covering(word & (super::space::BLOCK - 1))
                    .filter(|&start| {
                        // SAFETY: `starts` has bits only where objects start.
                        word < start + unsafe { &*(start as *const Header) }.size()
                    })
            }
            BlockUse::LargeHead => Some((word & !(super::space::BLOCK - 1)) + LARGE_OFFSET),
            BlockUse::LargeTail(head) => {
                Some(self.heap.space.block(head as usize).address() + LARGE_OFFSET)
            }
        };
        if let Some(start) = found {
            // SAFETY: an object starts here.
            self.header(unsafe { &*(start as *const Header) });
        }
    }

    /// Every word from `low` to `high`, both multiples of eight.
    ///
    /// # Safety
    /// The range is readable.
    pub unsafe fn conservative_range(&mut self, low: usize, high: usize) {
        self.revisited += high.saturating_sub(low);
        let mut at = low & !7;
        while at + 8 <= high {
            // SAFETY: by contract.
            self.conservative(unsafe { (at as *const usize).read_volatile() });
            at += 8;
        }
    }

    pub(super) fn drain(&mut self) {
        while let Some(object) = self.stack.pop() {
            self.trace(object);
        }
    }

    /// Reports all references of one object.
    pub(super) fn trace(&mut self, object: *const Header) {
        // SAFETY: only objects are pushed.
        let header = unsafe { &*object };
        let shape = header.shape();
        self.object(shape.class());
        // SAFETY: the layout is the object's.
        unsafe { (shape.layout.trace)(object, self) };
        // SAFETY: as above.
        unsafe { crate::object::trace_attributes(object, self) };
    }
}

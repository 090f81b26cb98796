//! Marking: from roots, through objects, to everything reachable.
//!
//! What marking waits for is memory: the header of each object found is somewhere else. So
//! references are kept on a stack unread, and what is popped first passes through a short
//! queue while the processor fetches it (Cher, Hosking and Vitek, "Software Prefetching for
//! Mark-Sweep Garbage Collection", ASPLOS 2004).

use super::space::{Block, BlockUse, LARGE_OFFSET};
use super::{Field, Gc, GcField, Header, Heap, Object};
use crate::value::Value;

/// The state of one marking; trace functions report references to it.
pub struct Marker<'h> {
    pub(super) heap: &'h Heap,
    /// What was found and not looked at: marked objects may be among them.
    stack: Vec<*const Header>,
    pub(super) epoch: u8,
    /// Instead of marking, the references found are collected here.
    pub(super) collect_into: Option<Vec<Value>>,
    pub(super) marked_bytes: usize,
    /// Bytes of old objects and of roots that every minor collection looks at again.
    pub(super) revisited: usize,
    major: bool,
}

/// Objects between being popped and being looked at.
const AHEAD: usize = 8;
/// Items of an array between being fetched and being looked at.
const ITEMS_AHEAD: usize = 8;

/// Has the processor fetch the line of an address, which need not be one of memory.
#[inline(always)]
pub(super) fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: prefetching reads nothing that the program could notice.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
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
    #[inline]
    pub fn values(&mut self, values: &[Option<Value>]) {
        self.items(values.len(), |i| values[i]);
    }

    /// Many values, some perhaps empty. They are looked at here, so that long lists of
    /// the same few objects do not fill the stack.
    #[inline]
    pub fn items(&mut self, count: usize, item: impl Fn(usize) -> Option<Value>) {
        for i in 0..count {
            if let Some(later) = (i + ITEMS_AHEAD < count)
                .then(|| item(i + ITEMS_AHEAD))
                .flatten()
                && later.is_object()
            {
                prefetch(later.bits() as *const Header);
            }
            if let Some(header) = item(i).and_then(Value::header)
                && (self.collect_into.is_some() || !self.has_mark(header))
            {
                self.header(header);
            }
        }
    }

    #[inline]
    fn has_mark(&self, header: &Header) -> bool {
        header.gc.get() & Header::EPOCH_MASK == self.epoch
    }

    #[inline]
    fn header(&mut self, header: &'static Header) {
        if let Some(found) = &mut self.collect_into {
            found.push(header.value());
            return;
        }
        self.stack.push(header);
    }

    /// Marks an object, unless it is marked already, and reports its references.
    #[inline]
    fn visit(&mut self, header: &'static Header) {
        if self.has_mark(header) {
            return;
        }
        let gc = header.gc.get();
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
        self.trace(header);
    }

    /// Whether the object is marked already.
    pub fn is_marked(&self, v: Value) -> bool {
        v.header().is_none_or(|h| self.has_mark(h))
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
                if block.runs.get() != 0 {
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

    /// Marks all that was found and all that this leads to.
    pub(super) fn drain(&mut self) {
        let mut queue = [std::ptr::null::<Header>(); AHEAD];
        let (mut at, mut queued) = (0, 0);
        loop {
            let next = self.stack.pop().unwrap_or(std::ptr::null());
            if next.is_null() {
                if queued == 0 {
                    return;
                }
            } else {
                prefetch(next);
                Block::of(next).prefetch(next);
                queued += 1;
            }
            let header = std::mem::replace(&mut queue[at], next);
            at = (at + 1) % AHEAD;
            if !header.is_null() {
                queued -= 1;
                // SAFETY: only objects are pushed.
                self.visit(unsafe { &*header });
            }
        }
    }

    /// Reports all references of one object.
    pub(super) fn trace(&mut self, header: &'static Header) {
        let object: *const Header = header;
        let shape = header.shape();
        let class = shape.class().value();
        // Most are there already, and classes are what the cache has.
        if self.collect_into.is_some() || !self.is_marked(class) {
            self.value(class);
        }
        // SAFETY: the layout is the object's.
        unsafe { (shape.layout.trace)(object, self) };
        // SAFETY: as above.
        unsafe { crate::object::trace_attributes(object, self) };
    }
}

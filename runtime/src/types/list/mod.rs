//! `list`: a growable sequence; its items lie in an [`Array`] of the heap.

pub mod methods;
pub mod sort;

pub use methods::LIST;

use crate::heap::{Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::object::Special;
use crate::types::slice::Indices;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// A fixed number of words on the heap, each a value or nothing.
#[repr(C)]
pub struct Array {
    pub header: Header,
    capacity: usize,
}

heap_object!(
    Array,
    "array",
    Kind::Internal,
    |this, marker| {
        marker.items(this.capacity, |i| this.slot(i).get());
    },
    variable
);

impl Array {
    /// Byte offsets, for compiled code.
    pub const CAPACITY_OFFSET: usize = std::mem::offset_of!(Array, capacity);
    pub const WORDS_OFFSET: usize = size_of::<Array>();

    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The word at `index`. A store through it must run the array's barrier.
    #[inline(always)]
    pub fn slot(&self, index: usize) -> &Cell<Option<Value>> {
        debug_assert!(index < self.capacity);
        // SAFETY: `capacity` words follow the object; callers stay in range.
        unsafe {
            &*(self as *const Array)
                .add(1)
                .cast::<Cell<Option<Value>>>()
                .add(index)
        }
    }

    /// Stores at `index`.
    #[inline(always)]
    pub fn set(&self, index: usize, value: Value) {
        self.header.barrier();
        self.slot(index).set(Some(value));
    }
}

impl Vm {
    /// An array that begins with these values; the rest is empty.
    fn array_of(&self, values: &[Value], capacity: usize) -> Result<Gc<Array>> {
        debug_assert!(values.len() <= capacity);
        // SAFETY: all words are written.
        unsafe {
            self.array_filled(capacity, |to| {
                if values.len() <= 8 {
                    // Written one by one: for so few a call of `memcpy` costs more.
                    for (i, v) in values.iter().enumerate() {
                        to.add(i).write_volatile(*v);
                    }
                } else {
                    std::ptr::copy_nonoverlapping(values.as_ptr(), to, values.len());
                }
                for i in values.len()..capacity {
                    to.add(i).cast::<Option<Value>>().write(None);
                }
            })
        }
    }

    /// An array of `capacity` words, which `fill` writes.
    ///
    /// # Safety
    /// It writes all of them, and allocates nothing.
    unsafe fn array_filled(
        &self,
        capacity: usize,
        fill: impl FnOnce(*mut Value),
    ) -> Result<Gc<Array>> {
        let object = Array {
            header: Header::empty(),
            capacity,
        };
        self.check_memory()?;
        let bytes = capacity
            .checked_mul(8)
            .filter(|bytes| *bytes < isize::MAX as usize)
            .ok_or_else(|| self.memory_error())?;
        // SAFETY: `capacity` words follow the object, and all are filled at once.
        unsafe {
            let array = self
                .heap
                .alloc_unfilled(self.shapes.array.get(), object, bytes)
                .ok_or_else(|| self.memory_error())?;
            fill(array.slot_ptr() as *mut Value);
            // A large one is born old.
            array.header.barrier();
            Ok(array)
        }
    }

    /// An array of empty words.
    pub fn new_array(&self, capacity: usize) -> Result<Gc<Array>> {
        let object = Array {
            header: Header::empty(),
            capacity,
        };
        self.check_memory()?;
        capacity
            .checked_mul(8)
            .filter(|bytes| *bytes < isize::MAX as usize)
            .and_then(|bytes| {
                self.heap
                    .alloc_variable(self.shapes.array.get(), object, bytes)
            })
            .ok_or_else(|| self.memory_error())
    }
}

/// A Python list.
#[repr(C)]
pub struct List {
    pub header: Header,
    items: GcField<Array>,
    len: Cell<usize>,
    /// Set while `sort` has the items.
    pub sorting: Cell<bool>,
}

heap_object!(List, "list", Kind::List, |this, marker| {
    marker.gc_field(&this.items);
});

impl List {
    /// Byte offsets, for compiled code.
    pub const ITEMS_OFFSET: usize = std::mem::offset_of!(List, items);
    pub const LEN_OFFSET: usize = std::mem::offset_of!(List, len);

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// How often `list * count` has the items, if that is a length of lists.
    pub fn can_repeat(&self, count: i64) -> Option<usize> {
        let count = count.max(0) as usize;
        let total = self.len().checked_mul(count)?;
        (total < isize::MAX as usize / 8).then_some(count)
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    /// The item at `index`, if in range.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        if index < self.len.get() {
            self.items.get()?.slot(index).get()
        } else {
            None
        }
    }

    /// Replaces the item at `index`, which is in range.
    #[inline(always)]
    pub fn set(&self, index: usize, value: Value) {
        debug_assert!(index < self.len());
        if let Some(items) = self.items.get() {
            items.set(index, value);
        }
    }

    /// The items as they are now. Python code run while this is held may change
    /// the list: take a copy ([`List::to_vec`] in a rooted vector) or index instead.
    pub fn as_slice(&self) -> &[Value] {
        match self.items.get() {
            // SAFETY: the first `len` words are values.
            Some(items) => unsafe { std::slice::from_raw_parts(items.slot_ptr(), self.len()) },
            None => &[],
        }
    }

    /// Appends an item.
    #[inline]
    pub fn push(&self, vm: &Vm, value: Value) -> Result<()> {
        let len = self.len.get();
        match self.items.get() {
            Some(items) if len < items.capacity() => items.set(len, value),
            _ => {
                self.reserve(vm, len + 1)?;
                if let Some(items) = self.items.get() {
                    items.set(len, value);
                }
            }
        }
        self.len.set(len + 1);
        Ok(())
    }

    /// Makes room for `need` items in all.
    pub fn reserve(&self, vm: &Vm, need: usize) -> Result<()> {
        if self.capacity() >= need {
            return Ok(());
        }
        let capacity = if self.is_empty() {
            need
        } else {
            // Blocks cannot grow in place, so that growth must be paid for by few copies.
            need + (need >> 1) + 6
        };
        // Small arrays fill whole granules.
        let capacity = if capacity < 1 << 40 {
            (capacity + 1) & !1
        } else {
            capacity
        };
        let new = vm.array_of(self.as_slice(), capacity)?;
        self.items.set(&self.header, new);
        Ok(())
    }

    /// Appends all of `values`.
    pub fn extend(&self, vm: &Vm, values: &[Value]) -> Result<()> {
        if values.is_empty() {
            return Ok(());
        }
        let len = self.len();
        self.reserve(vm, len + values.len())?;
        if let Some(items) = self.items.get() {
            items.header.barrier();
            debug_assert!(len + values.len() <= items.capacity());
            // SAFETY: there is room for so many; `copy` allows for the list's own items.
            unsafe {
                let to = (items.slot_ptr() as *mut Value).add(len);
                std::ptr::copy(values.as_ptr(), to, values.len());
            }
        }
        self.len.set(len + values.len());
        Ok(())
    }

    /// The capacity with which an array fills whole granules.
    fn whole_granules(capacity: usize) -> usize {
        (capacity + 1) & !1
    }

    /// Stores as many items as there are indices, at those.
    pub fn set_picked(&self, at: Indices, values: &[Value]) {
        if let Some(items) = self.items.get() {
            items.header.barrier();
            for (i, v) in at.iter().zip(values) {
                debug_assert!(i < self.len());
                items.slot(i).set(Some(*v));
            }
        }
    }

    /// Removes and returns the last item.
    pub fn pop(&self) -> Option<Value> {
        let len = self.len().checked_sub(1)?;
        let slot = self.items.get()?;
        let value = slot.slot(len).take();
        self.len.set(len);
        value
    }

    /// Inserts before `index`, which is at most the length.
    pub fn insert(&self, vm: &Vm, index: usize, value: Value) -> Result<()> {
        self.splice(vm, index, index, &[value])
    }

    /// Removes and returns the item at `index`, which is in range.
    pub fn remove(&self, vm: &Vm, index: usize) -> Result {
        match self.get(index) {
            Some(v) => self.splice(vm, index, index + 1, &[]).map(|()| v),
            None => Err(vm.index_error("pop index out of range")),
        }
    }

    /// Replaces the items from `start` up to `end` by `values`, which are not a part of
    /// this list.
    pub fn splice(&self, vm: &Vm, start: usize, end: usize, values: &[Value]) -> Result<()> {
        let len = self.len();
        let new_len = len - (end - start) + values.len();
        self.reserve(vm, new_len)?;
        let Some(items) = self.items.get() else {
            return Ok(());
        };
        items.header.barrier();
        // SAFETY: both ranges lie within the array's words; `copy` allows overlap.
        unsafe {
            let p = items.slot_ptr() as *mut Option<Value>;
            if values.len() != end - start {
                std::ptr::copy(p.add(end), p.add(start + values.len()), len - end);
            }
        }
        // SAFETY: the words from `start` on, for which there is room; no values of the list's own.
        unsafe {
            let to = (items.slot_ptr() as *mut Value).add(start);
            std::ptr::copy_nonoverlapping(values.as_ptr(), to, values.len());
        }
        for i in new_len..len {
            items.slot(i).set(None);
        }
        self.len.set(new_len);
        Ok(())
    }

    /// Shortens the list to `len` items.
    pub fn truncate(&self, len: usize) {
        if let Some(items) = self.items.get() {
            for i in len..self.len() {
                items.slot(i).set(None);
            }
        }
        self.len.set(len.min(self.len()));
    }

    /// Empties the list and releases its storage.
    pub fn clear(&self) {
        self.items.clear();
        self.len.set(0);
    }

    /// Takes over the items of `values`, replacing all there was.
    pub fn replace_all(&self, vm: &Vm, values: &[Value]) -> Result<()> {
        self.clear();
        self.extend(vm, values)
    }

    /// Reverses in place.
    pub fn reverse(&self) {
        if let Some(items) = self.items.get() {
            let len = self.len();
            for i in 0..len / 2 {
                items.slot(i).swap(items.slot(len - 1 - i));
            }
        }
    }

    /// Words of storage, for `sys.getsizeof`.
    pub fn capacity(&self) -> usize {
        self.items.get().map_or(0, |a| a.capacity())
    }

    /// The storage, which the machine's fast paths index.
    #[inline(always)]
    pub fn storage(&self) -> Option<Gc<Array>> {
        self.items.get()
    }
}

impl Vm {
    /// A new list of the items at these indices, which are in range.
    pub fn list_slice(&self, list: Gc<List>, at: Indices) -> Result<Gc<List>> {
        if at.step == 1 {
            let start = at.start as usize;
            return self.new_list(&list.as_slice()[start..start + at.count]);
        }
        if at.count == 0 {
            return self.new_list(&[]);
        }
        let capacity = List::whole_granules(at.count);
        // SAFETY: as many words as there are indices, all of them in the list, and one more
        // perhaps.
        let items = unsafe {
            self.array_filled(capacity, |to| {
                let source = list.as_slice();
                for (n, i) in at.iter().enumerate() {
                    to.add(n).write(source[i]);
                }
                if capacity > at.count {
                    to.add(at.count).cast::<Option<Value>>().write(None);
                }
            })?
        };
        Ok(self.list_of_array(GcField::new(items), at.count, self.shapes.list.get()))
    }

    /// Assigns to a slice with these bounds and step, none of them applied to a length yet.
    pub fn list_assign_slice(
        &self,
        list: Gc<List>,
        (start, stop, step): (Option<i64>, Option<i64>, i64),
        value: Value,
    ) -> Result<()> {
        let store = |values: &[Value]| {
            let at = Indices::adjust(start, stop, step, list.len());
            if step == 1 {
                let start = at.start as usize;
                return list.splice(self, start, start + at.count, values);
            }
            if values.len() != at.count {
                return Err(self.value_error(format!(
                    "attempt to assign sequence of size {} to extended slice of size {}",
                    values.len(),
                    at.count
                )));
            }
            list.set_picked(at, values);
            Ok(())
        };
        if let Some(header) = value.header()
            && header.shape_id() == self.shapes.list.get().id()
            && value != list.value()
        {
            // No code runs meanwhile, so that the items are read where they lie.
            // SAFETY: the shape is that of exact lists.
            return store(unsafe { value.cast_unchecked::<List>() }.as_slice());
        }
        let class = self.class_of(value);
        if class.special(Special::Iter).is_none() && class.special(Special::GetItem).is_none() {
            return Err(self.type_error("must assign iterable to extended slice"));
        }
        store(&self.collect(value)?)
    }
}

impl Array {
    fn slot_ptr(&self) -> *const Value {
        // SAFETY: one past the fixed part, where the words start.
        unsafe { (self as *const Array).add(1).cast() }
    }
}

impl Vm {
    /// A list of these items.
    pub fn new_list(&self, items: &[Value]) -> Result<Gc<List>> {
        self.list_with_shape(items, self.shapes.list.get())
    }

    /// A list of a subclass.
    pub fn list_with_shape(
        &self,
        items: &[Value],
        shape: &'static crate::object::Shape,
    ) -> Result<Gc<List>> {
        self.list_with_room(items, items.len(), shape)
    }

    /// A list of these items, with room for `capacity` in all.
    pub fn list_with_room(
        &self,
        items: &[Value],
        capacity: usize,
        shape: &'static crate::object::Shape,
    ) -> Result<Gc<List>> {
        let storage = if capacity == 0 {
            GcField::empty()
        } else {
            GcField::new(self.array_of(items, List::whole_granules(capacity))?)
        };
        Ok(self.list_of_array(storage, items.len(), shape))
    }

    fn list_of_array(
        &self,
        items: GcField<Array>,
        len: usize,
        shape: &'static crate::object::Shape,
    ) -> Gc<List> {
        let object = List {
            header: Header::empty(),
            items,
            len: Cell::new(len),
            sorting: Cell::new(false),
        };
        self.heap.alloc(shape, object)
    }

    /// The items of two lists in a new one.
    pub fn list_concat(&self, a: Gc<List>, b: Gc<List>) -> Result<Gc<List>> {
        let shape = self.shapes.list.get();
        let new = self.list_with_room(a.as_slice(), a.len() + b.len(), shape)?;
        new.extend(self, b.as_slice())?;
        Ok(new)
    }

    /// A list of `count` times these items.
    pub fn list_repeated(&self, items: &[Value], count: usize) -> Result<Gc<List>> {
        let shape = self.shapes.list.get();
        if items.is_empty() || count == 0 {
            return self.list_with_shape(&[], shape);
        }
        let total = items.len() * count;
        let list = self.list_with_room(items, total, shape)?;
        if let Some(storage) = list.items.get() {
            storage.header.barrier();
            // SAFETY: there is room for `total` values, and what was written is copied.
            unsafe {
                let to = storage.slot_ptr() as *mut Value;
                if let [item] = *items {
                    std::slice::from_raw_parts_mut(to, total).fill(item);
                } else {
                    let mut done = items.len();
                    while done < total {
                        let more = done.min(total - done);
                        std::ptr::copy_nonoverlapping(to, to.add(done), more);
                        done += more;
                    }
                }
            }
        }
        list.len.set(total);
        Ok(list)
    }
}

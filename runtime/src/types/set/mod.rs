//! `set` and `frozenset`.
//!
//! The table is CPython's: open addressing with short linear runs, so that
//! iteration visits items in the same order.

pub mod methods;
pub mod operations;

pub use methods::{FROZENSET, SET};

use crate::heap::{Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use std::cell::Cell;

/// Hash and key of each slot.
#[repr(C)]
struct SetTable {
    header: Header,
    mask: usize,
}

#[repr(C)]
struct Slot {
    hash: Cell<u64>,
    key: Cell<Option<Value>>,
}

heap_object!(
    SetTable,
    "set table",
    Kind::Internal,
    |this, marker| {
        marker.items(this.mask + 1, |i| this.slot(i).key.get());
    },
    variable
);

impl SetTable {
    #[inline(always)]
    fn slot(&self, index: usize) -> &Slot {
        debug_assert!(index <= self.mask);
        // SAFETY: `mask + 1` slots follow the object.
        unsafe { &*(self as *const SetTable).add(1).cast::<Slot>().add(index) }
    }
}

/// The layout of the tables, for the shape that they share.
pub fn table_layout() -> &'static crate::heap::Layout {
    <SetTable as crate::heap::Object>::LAYOUT
}

/// A deleted slot: no key, and this hash.
const DUMMY: u64 = u64::MAX;
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;
const MIN_SLOTS: usize = 8;

/// A `set` or `frozenset`, by its class.
#[repr(C)]
pub struct Set {
    pub header: Header,
    table: GcField<SetTable>,
    /// Slots with a key or marked deleted.
    fill: Cell<usize>,
    used: Cell<usize>,
    /// A frozenset's hash, once computed.
    pub hash: Cell<Option<u64>>,
    /// Where `pop` looks first.
    finger: Cell<usize>,
}

heap_object!(Set, "set", Kind::Set, |this, marker| {
    marker.gc_field(&this.table);
});

impl Set {
    /// Offset of the number of keys.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Set, used);

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.used.get()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.used.get() == 0
    }

    /// The first item at or after slot `at`: (slot behind it, item).
    #[inline]
    pub fn next_entry(&self, mut at: usize) -> Option<(usize, Value)> {
        let table = self.table.get()?;
        while at <= table.mask {
            let slot = table.slot(at);
            at += 1;
            if let Some(key) = slot.key.get() {
                return Some((at, key));
            }
        }
        None
    }

    /// The stored hash of the item before slot `next`, as `next_entry` gave it.
    pub fn hash_before(&self, next: usize) -> u64 {
        self.table.get().map_or(0, |t| t.slot(next - 1).hash.get())
    }

    /// The items as they are now.
    pub fn items(&self) -> impl Iterator<Item = Value> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let (next, v) = self.next_entry(at)?;
            at = next;
            Some(v)
        })
    }

    /// The slot with this hash and a key that is the `same`, or else the one for a new key: the
    /// free slot that ends the search, or the last deleted one before it.
    #[inline(always)]
    fn find_by<E>(
        &self,
        table: Gc<SetTable>,
        hash: u64,
        same: impl Fn(Value) -> std::result::Result<bool, E>,
    ) -> std::result::Result<Find, E> {
        let mask = table.mask;
        let mut perturb = hash;
        let mut at = hash as usize & mask;
        let mut deleted = None;
        loop {
            let run = if at + LINEAR_PROBES <= mask {
                LINEAR_PROBES
            } else {
                0
            };
            let mut i = at;
            loop {
                let slot = table.slot(i);
                let slot_hash = slot.hash.get();
                match slot.key.get() {
                    None if slot_hash != DUMMY => {
                        return Ok(match deleted {
                            Some(i) => Find::Deleted(i),
                            None => Find::Free(i),
                        });
                    }
                    None => deleted = Some(i),
                    Some(k) if slot_hash == hash => {
                        let equal = same(k)?;
                        if self.table.get() != Some(table) || slot.key.get() != Some(k) {
                            return Ok(Find::Changed);
                        }
                        if equal {
                            return Ok(Find::Found(i));
                        }
                    }
                    Some(_) => {}
                }
                if i == at + run {
                    break;
                }
                i += 1;
            }
            perturb >>= PERTURB_SHIFT;
            at = (at
                .wrapping_mul(5)
                .wrapping_add(1)
                .wrapping_add(perturb as usize))
                & mask;
        }
    }

    /// Whether `key` is an item.
    #[inline]
    pub fn contains(&self, vm: &Vm, key: Value) -> Result<bool> {
        let hash = vm.hash_element(key)?;
        self.contains_hashed(vm, key, hash)
    }

    /// As [`Set::contains`], the hash being known.
    pub fn contains_hashed(&self, vm: &Vm, key: Value, hash: u64) -> Result<bool> {
        self.contains_same(hash, |k| vm.equal_identity(k, key))
    }

    /// Whether an item with this hash is the `same`.
    fn contains_same<E>(
        &self,
        hash: u64,
        same: impl Fn(Value) -> std::result::Result<bool, E>,
    ) -> std::result::Result<bool, E> {
        loop {
            let Some(table) = self.table.get() else {
                return Ok(false);
            };
            match self.find_by(table, hash, &same)? {
                Find::Found(_) => return Ok(true),
                Find::Free(_) | Find::Deleted(_) => return Ok(false),
                Find::Changed => {}
            }
        }
    }

    fn contains_by(&self, hash: u64, same: impl Fn(Value) -> Option<bool>) -> Option<bool> {
        let Some(table) = self.table.get() else {
            return Some(false);
        };
        match self.find_by(table, hash, |k| same(k).ok_or(())) {
            Ok(Find::Found(_)) => Some(true),
            Ok(Find::Free(_) | Find::Deleted(_)) => Some(false),
            Ok(Find::Changed) | Err(()) => None,
        }
    }

    /// Whether the tuple of these flat items ([`Vm::flat_hash`]) is an item; none if they are
    /// not flat, or if Python code might have to compare.
    pub fn contains_flat(&self, vm: &Vm, items: &[Value]) -> Option<bool> {
        self.contains_by(vm.flat_hash(items)?, |k| vm.equals_flat(k, items))
    }

    /// As [`Set::contains`]; none if Python code might have to hash or to compare.
    #[inline]
    pub fn contains_key(&self, vm: &Vm, key: Value) -> Option<bool> {
        // Most searches end where they begin.
        if let (Some(hash), Some(table)) = (vm.hash_at_hand(key), self.table.get()) {
            let slot = table.slot(hash as usize & table.mask);
            match slot.key.get() {
                Some(k) if k == key => return Some(true),
                None if slot.hash.get() != DUMMY => return Some(false),
                _ => {}
            }
        }
        self.contains_key_anywhere(vm, key)
    }

    #[inline(never)]
    fn contains_key_anywhere(&self, vm: &Vm, key: Value) -> Option<bool> {
        self.contains_by(vm.key_hash(key)?, |k| vm.equals_key(k, key))
    }

    /// As [`Set::add`]; none, nothing done, if Python code might have to hash or to compare.
    pub fn add_key(&self, vm: &Vm, key: Value) -> Option<Result<bool>> {
        let hash = vm.key_hash(key)?;
        let table = match self.table.get() {
            Some(t) => t,
            None => match self.resize(vm, 0) {
                Ok(t) => t,
                Err(raised) => return Some(Err(raised)),
            },
        };
        match self.find_by(table, hash, |k| vm.equals_key(k, key).ok_or(())) {
            Ok(Find::Found(_)) => Some(Ok(false)),
            Ok(Find::Free(i)) => Some(self.fill_slot(vm, table, i, key, hash).map(|()| true)),
            Ok(Find::Deleted(i)) => {
                self.reuse_slot(table, i, key, hash);
                Some(Ok(true))
            }
            Ok(Find::Changed) | Err(()) => None,
        }
    }

    /// Adds an item; `true` if it was not there.
    #[inline]
    pub fn add(&self, vm: &Vm, key: Value) -> Result<bool> {
        let hash = vm.hash_element(key)?;
        self.add_hashed(vm, key, hash)
    }

    /// As [`Set::add`], the hash being known.
    pub fn add_hashed(&self, vm: &Vm, key: Value, hash: u64) -> Result<bool> {
        self.add_unless_same(vm, key, hash, |k| vm.equal_identity(k, key))
    }

    /// Adds a key unless one with this hash is the `same`; whether it did.
    fn add_unless_same<E: From<Raised>>(
        &self,
        vm: &Vm,
        key: Value,
        hash: u64,
        same: impl Fn(Value) -> std::result::Result<bool, E>,
    ) -> std::result::Result<bool, E> {
        loop {
            let table = match self.table.get() {
                Some(t) => t,
                None => self.resize(vm, 0)?,
            };
            match self.find_by(table, hash, &same)? {
                Find::Found(_) => return Ok(false),
                Find::Changed => {}
                Find::Free(i) => {
                    self.fill_slot(vm, table, i, key, hash)?;
                    return Ok(true);
                }
                Find::Deleted(i) => {
                    self.reuse_slot(table, i, key, hash);
                    return Ok(true);
                }
            }
        }
    }

    /// Puts a new item into a free slot.
    #[inline]
    fn fill_slot(
        &self,
        vm: &Vm,
        table: Gc<SetTable>,
        index: usize,
        key: Value,
        hash: u64,
    ) -> Result<()> {
        table.header.barrier();
        let slot = table.slot(index);
        slot.hash.set(hash);
        slot.key.set(Some(key));
        self.fill.set(self.fill.get() + 1);
        self.used.set(self.used.get() + 1);
        if self.fill.get() * 5 >= table.mask * 3 {
            let used = self.used.get();
            self.resize(vm, if used > 50_000 { used * 2 } else { used * 4 })?;
        }
        Ok(())
    }

    /// Puts a new item into a slot whose item was deleted.
    fn reuse_slot(&self, table: Gc<SetTable>, index: usize, key: Value, hash: u64) {
        table.header.barrier();
        let slot = table.slot(index);
        slot.hash.set(hash);
        slot.key.set(Some(key));
        self.used.set(self.used.get() + 1);
    }

    /// Removes an item; `true` if it was there.
    pub fn remove(&self, vm: &Vm, key: Value) -> Result<bool> {
        let hash = vm.hash_element(key)?;
        self.remove_hashed(vm, key, hash)
    }

    /// As [`Set::remove`], the hash being known.
    pub fn remove_hashed(&self, vm: &Vm, key: Value, hash: u64) -> Result<bool> {
        self.remove_same(hash, |k| vm.equal_identity(k, key))
    }

    /// Removes the item with this hash that is the `same`; whether there was one.
    fn remove_same<E>(
        &self,
        hash: u64,
        same: impl Fn(Value) -> std::result::Result<bool, E>,
    ) -> std::result::Result<bool, E> {
        loop {
            let Some(table) = self.table.get() else {
                return Ok(false);
            };
            match self.find_by(table, hash, &same)? {
                Find::Free(_) | Find::Deleted(_) => return Ok(false),
                Find::Changed => {}
                Find::Found(i) => {
                    self.delete_slot(table, i);
                    return Ok(true);
                }
            }
        }
    }

    fn delete_slot(&self, table: Gc<SetTable>, index: usize) {
        table.slot(index).key.set(None);
        table.slot(index).hash.set(DUMMY);
        self.used.set(self.used.get() - 1);
    }

    /// Removes and returns some item.
    pub fn pop(&self) -> Option<Value> {
        let table = self.table.get()?;
        if self.used.get() == 0 {
            return None;
        }
        let mut at = self.finger.get() & table.mask;
        loop {
            if let Some(key) = table.slot(at).key.get() {
                self.delete_slot(table, at);
                self.finger.set(at + 1);
                return Some(key);
            }
            at = (at + 1) & table.mask;
        }
    }

    /// Removes everything.
    pub fn clear(&self) {
        self.table.clear();
        self.fill.set(0);
        self.used.set(0);
        self.finger.set(0);
    }

    /// Gives the set a table with more than `want` slots.
    fn resize(&self, vm: &Vm, want: usize) -> Result<Gc<SetTable>> {
        let mut slots = MIN_SLOTS;
        while slots <= want {
            slots <<= 1;
        }
        let object = SetTable {
            header: Header::empty(),
            mask: slots - 1,
        };
        let new = vm
            .heap
            .alloc_variable(vm.shapes.set_table.get(), object, slots * size_of::<Slot>())
            .ok_or_else(|| vm.memory_error())?;
        if let Some(old) = self.table.get() {
            for i in 0..=old.mask {
                let slot = old.slot(i);
                if let Some(key) = slot.key.get() {
                    insert_clean(new, key, slot.hash.get());
                }
            }
        }
        self.fill.set(self.used.get());
        self.table.set(&self.header, new);
        Ok(new)
    }

    /// Exchanges contents with `other`.
    pub fn swap(&self, other: &Set) {
        let (a, b) = (self.table.get(), other.table.get());
        self.table.clear();
        other.table.clear();
        if let Some(b) = b {
            self.table.set(&self.header, b);
        }
        if let Some(a) = a {
            other.table.set(&other.header, a);
        }
        self.fill.swap(&other.fill);
        self.used.swap(&other.used);
        self.finger.set(0);
        other.finger.set(0);
    }

    /// Bytes of the table, for `sys.getsizeof`.
    pub fn table_size(&self) -> usize {
        self.table.get().map_or(0, |t| t.header.size())
    }
}

enum Find {
    Found(usize),
    Free(usize),
    /// A deleted slot, to be used before the free one that ends the search.
    Deleted(usize),
    /// Comparing ran code that changed the set.
    Changed,
}

fn insert_clean(table: Gc<SetTable>, key: Value, hash: u64) {
    let mask = table.mask;
    let mut perturb = hash;
    let mut at = hash as usize & mask;
    loop {
        let run = if at + LINEAR_PROBES <= mask {
            LINEAR_PROBES
        } else {
            0
        };
        for i in at..=at + run {
            let slot = table.slot(i);
            if slot.key.get().is_none() {
                slot.hash.set(hash);
                slot.key.set(Some(key));
                return;
            }
        }
        perturb >>= PERTURB_SHIFT;
        at = (at
            .wrapping_mul(5)
            .wrapping_add(1)
            .wrapping_add(perturb as usize))
            & mask;
    }
}

impl Vm {
    /// An empty set or frozenset of this shape.
    pub fn set_with_shape(&self, shape: &'static crate::object::Shape) -> Gc<Set> {
        self.heap.alloc(
            shape,
            Set {
                header: Header::empty(),
                table: GcField::empty(),
                fill: Cell::new(0),
                used: Cell::new(0),
                hash: Cell::new(None),
                finger: Cell::new(0),
            },
        )
    }

    /// A set of these items.
    pub fn new_set(&self, items: &[Value]) -> Result<Gc<Set>> {
        let set = self.set_with_shape(self.shapes.set.get());
        for &item in items {
            set.add(self, item)?;
        }
        Ok(set)
    }

    /// A frozenset of these items.
    pub fn new_frozenset(&self, items: &[Value]) -> Result {
        let set = self.set_with_shape(self.shapes.frozenset.get());
        for &item in items {
            set.add(self, item)?;
        }
        Ok(set.value())
    }
}

/// What to look for after looking for `v` failed because it is not hashable: a
/// set is looked up as its frozen equal.
pub(super) fn needle(vm: &Vm, v: Value, raised: crate::vm::Raised) -> Result {
    match v.cast::<Set>() {
        Some(set) if vm.raised_is_def(&crate::types::exception::classes::TYPE_ERROR) => {
            vm.clear_raised();
            let frozen = vm.set_with_shape(vm.shapes.frozenset.get());
            frozen.merge(vm, &set)?;
            Ok(frozen.value())
        }
        _ => Err(raised),
    }
}

/// `needle in set`.
pub fn contains_item(vm: &Vm, set: Gc<Set>, v: Value) -> Result<bool> {
    match set.contains(vm, v) {
        Ok(found) => Ok(found),
        Err(raised) => {
            let key = needle(vm, v, raised)?;
            set.contains(vm, key)
        }
    }
}

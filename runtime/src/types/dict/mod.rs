//! `dict`: an insertion-ordered hash table with cached hashes.
//!
//! Entries lie in order of insertion in one array; a separate index of one, two
//! or four bytes a slot leads from hash to entry. Both are one heap object, the
//! [`Table`], which a resize replaces. Probing and growth follow CPython's.

pub mod methods;
mod order;
pub mod proxy;
pub mod views;

pub use methods::DICT;
pub use proxy::MAPPING_PROXY;

use crate::heap::{Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;
use std::convert::Infallible;

/// One entry; a deleted one has no key.
#[repr(C)]
struct Entry {
    hash: Cell<u64>,
    key: Cell<Option<Value>>,
    value: Cell<Option<Value>>,
}

/// Entries and index of a dictionary; aligned as the entries behind it.
#[repr(C, align(8))]
struct Table {
    header: Header,
    /// Entries in use, deleted ones included.
    filled: Cell<u32>,
    /// Insertions left before a resize: entries popped from the end do not give
    /// theirs back, since their index slots stay marked.
    usable: Cell<u32>,
    /// Entries before this one are all deleted.
    head: Cell<u32>,
    capacity: u32,
    /// Binary logarithm of the number of index slots.
    log_slots: u8,
    /// Binary logarithm of the bytes of an index slot.
    log_width: u8,
}

heap_object!(
    Table,
    "dict table",
    Kind::Internal,
    |this, marker| {
        marker.items(this.filled.get() as usize * 2, |i| {
            let entry = this.entry(i / 2);
            if i % 2 == 0 {
                entry.key.get()
            } else {
                entry.value.get()
            }
        });
    },
    variable
);

/// The layout of the tables, for the shape that they share.
pub fn table_layout() -> &'static crate::heap::Layout {
    <Table as crate::heap::Object>::LAYOUT
}

const EMPTY: usize = usize::MAX;
const DELETED: usize = usize::MAX - 1;
const MIN_LOG_SLOTS: u8 = 3;

impl Table {
    #[inline(always)]
    fn entry(&self, index: usize) -> &Entry {
        debug_assert!(index < self.capacity as usize);
        // SAFETY: `capacity` entries follow the object.
        unsafe { &*(self as *const Table).add(1).cast::<Entry>().add(index) }
    }

    #[inline(always)]
    fn slots(&self) -> *const u8 {
        // SAFETY: the index follows the entries.
        unsafe {
            (self as *const Table)
                .add(1)
                .cast::<Entry>()
                .add(self.capacity as usize)
                .cast()
        }
    }

    #[inline(always)]
    fn slot(&self, i: usize) -> usize {
        // SAFETY: `i` is masked to the number of slots by the callers.
        unsafe {
            let p = self.slots();
            match self.log_width {
                0 => (*p.add(i) as i8) as isize as usize,
                1 => (*p.cast::<i16>().add(i)) as isize as usize,
                _ => (*p.cast::<i32>().add(i)) as isize as usize,
            }
        }
    }

    #[inline(always)]
    fn set_slot(&self, i: usize, index: usize) {
        // SAFETY: as in `slot`.
        unsafe {
            let p = self.slots() as *mut u8;
            match self.log_width {
                0 => *p.add(i) = index as u8,
                1 => *p.cast::<u16>().add(i) = index as u16,
                _ => *p.cast::<u32>().add(i) = index as u32,
            }
        }
    }

    #[inline(always)]
    fn mask(&self) -> usize {
        (1 << self.log_slots) - 1
    }

    /// The slot that holds entry `index`, whose hash is `hash`.
    fn slot_of(&self, hash: u64, index: usize) -> usize {
        let mut probe = Probe::new(hash, self.mask());
        loop {
            if self.slot(probe.at) == index {
                return probe.at;
            }
            probe.next();
        }
    }

    /// Enters entry `index` in the first free slot of its probe sequence.
    fn link(&self, hash: u64, index: usize) {
        let mut probe = Probe::new(hash, self.mask());
        while self.slot(probe.at) < DELETED {
            probe.next();
        }
        self.set_slot(probe.at, index);
    }
}

impl Gc<Table> {
    /// A copy, bit for bit.
    fn duplicate(self, vm: &Vm) -> Result<Gc<Table>> {
        let object = Table {
            header: Header::empty(),
            filled: Cell::new(0),
            usable: Cell::new(self.usable.get()),
            head: Cell::new(self.head.get()),
            capacity: self.capacity,
            log_slots: self.log_slots,
            log_width: self.log_width,
        };
        let bytes = self.capacity as usize * size_of::<Entry>()
            + (1usize << self.log_slots << self.log_width);
        let new = vm
            .heap
            .alloc_variable(vm.shapes.dict_table.get(), object, bytes)
            .ok_or_else(|| vm.memory_error())?;
        // SAFETY: both objects are followed by that many bytes.
        unsafe {
            let from = self.as_ptr().add(1).cast::<u8>();
            std::ptr::copy_nonoverlapping(from, new.as_ptr().add(1).cast::<u8>(), bytes);
        }
        new.header.barrier();
        new.filled.set(self.filled.get());
        Ok(new)
    }
}

/// The sequence of slots tried for a hash.
struct Probe {
    at: usize,
    perturb: u64,
    mask: usize,
}

impl Probe {
    #[inline(always)]
    fn new(hash: u64, mask: usize) -> Probe {
        Probe {
            at: hash as usize & mask,
            perturb: hash,
            mask,
        }
    }
    #[inline(always)]
    fn next(&mut self) {
        self.perturb >>= 5;
        self.at = (self
            .at
            .wrapping_mul(5)
            .wrapping_add(self.perturb as usize)
            .wrapping_add(1))
            & self.mask;
    }
}

/// What is in the slot that the search for an integer or string begins with.
enum FirstSlot {
    /// The entry of that very key, and its value.
    Found(usize, Value),
    /// Nothing, so that the key, whose hash is this, is not there.
    Free(u64),
    /// Something else, or the hash is not at hand.
    Other,
}

/// Set in the header's flags of dictionaries that names are looked up in by their version.
const NAMESPACE: u8 = 1;

/// So many entries at the end are looked through for one that a name had before it was removed.
const FORMER_NAMES: usize = 4;

/// A Python dictionary.
#[repr(C)]
pub struct Dict {
    pub header: Header,
    table: GcField<Table>,
    used: Cell<usize>,
    /// Nonzero while inline caches depend on the set of keys; see [`Dict::keys_version`].
    version: Cell<u32>,
}

heap_object!(Dict, "dict", Kind::Dict, |this, marker| {
    marker.gc_field(&this.table);
});

impl Dict {
    /// Byte offsets, for compiled code: of the table, the number of items and the
    /// version in the dictionary, and of the number of entries (32 bits), and key and value of
    /// entry 0, in the table.
    pub const TABLE_OFFSET: usize = std::mem::offset_of!(Dict, table);
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Dict, used);
    pub const VERSION_OFFSET: usize = std::mem::offset_of!(Dict, version);
    pub const ENTRIES_OFFSET: usize = std::mem::offset_of!(Table, filled);
    pub const KEY_OFFSET: usize = size_of::<Table>() + std::mem::offset_of!(Entry, key);
    pub const VALUE_OFFSET: usize = size_of::<Table>() + std::mem::offset_of!(Entry, value);
    /// Bytes of an entry.
    pub const ENTRY_SIZE: usize = size_of::<Entry>();

    /// Number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.used.get()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.used.get() == 0
    }

    /// A number that stands for the present set of keys and where they are: as
    /// long as it stays the same, entry indices are valid.
    pub fn keys_version(&self, vm: &Vm) -> u32 {
        if self.version.get() == 0 {
            self.version.set(vm.next_keys_version());
        }
        self.version.get()
    }

    /// As [`Dict::keys_version`], for who wants to know where a name is and not what else is there:
    /// it stays the same when other names are added, as modules do in the course of a program, and
    /// when names are removed, as `except E as e` does: then [`Dict::value_at`] finds nothing.
    pub fn version_with_name(&self, vm: &Vm) -> u32 {
        self.header.flags.set(self.header.flags.get() | NAMESPACE);
        self.keys_version(vm)
    }

    /// The same, for who relies on `name` not being there.
    pub fn version_without(&self, vm: &Vm, name: Gc<Str>) -> u32 {
        name.seek();
        self.version_with_name(vm)
    }

    /// Whether the version may stay the same when `key` is added.
    #[cold]
    fn outlives(&self, key: Value) -> bool {
        self.is_name(key) && key.cast::<Str>().is_some_and(|name| !name.is_sought())
    }

    /// Whether `key` is looked up by a version that says where it is. Of other strings than
    /// interned ones there may be one of the same text that is sought.
    #[inline]
    fn is_name(&self, key: Value) -> bool {
        self.header.flags.get() & NAMESPACE != 0
            && key.cast::<Str>().is_some_and(|name| name.is_interned())
    }

    /// The entry where `key` was, if nothing is behind it.
    #[cold]
    fn former_place(&self, table: Gc<Table>, key: Value) -> Option<usize> {
        let filled = table.filled.get() as usize;
        let dead = (0..filled)
            .rev()
            .take_while(|&i| table.entry(i).value.get().is_none());
        dead.take(FORMER_NAMES)
            .find(|&i| table.entry(i).key.get() == Some(key))
    }

    /// The number of [`Dict::keys_version`] if it was asked for since the last change, else 0.
    #[inline(always)]
    pub fn current_version(&self) -> u32 {
        self.version.get()
    }

    /// End of the range of entry indices.
    pub fn entries_end(&self) -> usize {
        self.table.get().map_or(0, |t| t.filled.get() as usize)
    }

    /// The value of the entry at `index`, valid under the version it was found with.
    #[inline(always)]
    pub fn value_at(&self, index: usize) -> Option<Value> {
        self.table.get()?.entry(index).value.get()
    }

    /// Replaces the value of the entry at `index`, valid as for [`Dict::value_at`].
    #[inline(always)]
    pub fn set_value_at(&self, index: usize, value: Value) {
        if let Some(table) = self.table.get() {
            table.header.barrier();
            table.entry(index).value.set(Some(value));
        }
    }

    /// The value of the entry at `index`, if its key is `key` itself.
    #[inline(always)]
    pub fn value_if_key(&self, index: usize, key: Value) -> Option<Value> {
        let table = self.table.get()?;
        if index < table.filled.get() as usize && table.entry(index).key.get() == Some(key) {
            table.entry(index).value.get()
        } else {
            None
        }
    }

    /// The first live entry at or after `at`: (index behind it, key, value).
    #[inline]
    pub fn next_entry(&self, mut at: usize) -> Option<(usize, Value, Value)> {
        let table = self.table.get()?;
        let head = table.head.get() as usize;
        let from_head = at <= head;
        if from_head {
            at = head;
        }
        while at < table.filled.get() as usize {
            let entry = table.entry(at);
            at += 1;
            if let (Some(k), Some(v)) = (entry.key.get(), entry.value.get()) {
                // Taking items from the front again and again must not pass the same holes each time.
                if from_head && at - 1 > head {
                    table.head.set(at as u32 - 1);
                }
                return Some((at, k, v));
            }
        }
        None
    }

    /// The last live entry before `at`: (its index, key, value).
    pub fn previous_entry(&self, mut at: usize) -> Option<(usize, Value, Value)> {
        let table = self.table.get()?;
        at = at.min(table.filled.get() as usize);
        while at > 0 {
            at -= 1;
            let entry = table.entry(at);
            if let (Some(k), Some(v)) = (entry.key.get(), entry.value.get()) {
                return Some((at, k, v));
            }
        }
        None
    }

    /// Keys and values in order. The values stay alive on the caller's side only
    /// if rooted: for loops that run Python code use [`Dict::next_entry`].
    pub fn items(&self) -> DictItems<'_> {
        DictItems { dict: self, at: 0 }
    }

    /// The entry index of `key`, or else of a key with this hash that is the `same`.
    #[inline(always)]
    fn find_by<E>(
        &self,
        hash: u64,
        key: Option<Value>,
        same: impl Fn(Value) -> std::result::Result<bool, E>,
    ) -> std::result::Result<Option<usize>, E> {
        'restart: loop {
            let Some(table) = self.table.get() else {
                return Ok(None);
            };
            let mut probe = Probe::new(hash, table.mask());
            loop {
                let index = table.slot(probe.at);
                if index == EMPTY {
                    return Ok(None);
                }
                if index != DELETED {
                    let entry = table.entry(index);
                    if let Some(k) = entry.key.get() {
                        if Some(k) == key {
                            return Ok(Some(index));
                        }
                        if entry.hash.get() == hash {
                            let equal = same(k)?;
                            // Python code may have changed the dictionary.
                            if self.table.get() != Some(table) || entry.key.get() != Some(k) {
                                continue 'restart;
                            }
                            if equal {
                                return Ok(Some(index));
                            }
                        }
                    }
                }
                probe.next();
            }
        }
    }

    /// The entry index of a string key, comparing with string keys only.
    #[inline]
    pub fn find_str_hashed(&self, key: Gc<Str>, hash: u64) -> Option<usize> {
        let same = |k: Value| Ok::<_, Infallible>(k.cast::<Str>().is_some_and(|s| s.equals(&key)));
        match self.find_by(hash, Some(key.value()), same) {
            Ok(found) => found,
        }
    }

    #[inline]
    fn find(&self, vm: &Vm, key: Value, hash: u64) -> Result<Option<usize>> {
        match vm.exact_str_ref(key) {
            Some(s) => self.find_exact_str(vm, s, hash),
            None => self.find_general(vm, key, hash),
        }
    }

    fn find_general(&self, vm: &Vm, key: Value, hash: u64) -> Result<Option<usize>> {
        self.find_by(hash, Some(key), |k| vm.equal_identity(k, key))
    }

    /// As `find` for an exact string: only keys that are no strings run Python code.
    fn find_exact_str(&self, vm: &Vm, key: Gc<Str>, hash: u64) -> Result<Option<usize>> {
        self.find_by(hash, Some(key.value()), |k| match vm.exact_str_ref(k) {
            Some(s) => Ok(s.equals(&key)),
            None => vm.equal_identity(k, key.value()),
        })
    }

    /// The value of `key`; an error if hashing or comparing raises.
    #[inline]
    pub fn get(&self, vm: &Vm, key: Value) -> Result<Option<Value>> {
        let hash = vm.hash_key(key)?;
        self.get_hashed(vm, key, hash)
    }

    /// As [`Dict::get`], the hash being known.
    #[inline]
    pub fn get_hashed(&self, vm: &Vm, key: Value, hash: u64) -> Result<Option<Value>> {
        Ok(self.find(vm, key, hash)?.and_then(|i| self.value_at(i)))
    }

    /// As `find`; none if Python code might have to compare.
    fn find_key(&self, vm: &Vm, key: Value, hash: u64) -> Option<Option<usize>> {
        self.find_by(hash, Some(key), |k| vm.equals_key(k, key).ok_or(()))
            .ok()
    }

    /// The value of the tuple of these flat items ([`Vm::flat_hash`]); none if they are not
    /// flat, or if Python code might have to compare.
    pub fn get_flat(&self, vm: &Vm, items: &[Value]) -> Option<Option<Value>> {
        let found = self.find_by(vm.flat_hash(items)?, None, |k| {
            vm.equals_flat(k, items).ok_or(())
        });
        Some(found.ok()?.and_then(|i| self.value_at(i)))
    }

    /// As [`Dict::get`]; none if Python code might have to hash or to compare.
    #[inline]
    pub fn get_key(&self, vm: &Vm, key: Value) -> Option<Option<Value>> {
        match self.first_slot(vm, key) {
            FirstSlot::Found(_, value) => Some(Some(value)),
            FirstSlot::Free(_) => Some(None),
            FirstSlot::Other => self.get_key_anywhere(vm, key),
        }
    }

    /// What the search for a key begins with: most end there.
    #[inline(always)]
    fn first_slot(&self, vm: &Vm, key: Value) -> FirstSlot {
        let (Some(hash), Some(table)) = (vm.hash_at_hand(key), self.table.get()) else {
            return FirstSlot::Other;
        };
        let index = table.slot(hash as usize & table.mask());
        if index >= DELETED {
            return match index {
                EMPTY => FirstSlot::Free(hash),
                _ => FirstSlot::Other,
            };
        }
        let entry = table.entry(index);
        match entry.value.get() {
            Some(value) if entry.key.get() == Some(key) => FirstSlot::Found(index, value),
            _ => FirstSlot::Other,
        }
    }

    #[inline(never)]
    fn get_key_anywhere(&self, vm: &Vm, key: Value) -> Option<Option<Value>> {
        let found = self.find_key(vm, key, vm.key_hash(key)?)?;
        Some(found.and_then(|i| self.value_at(i)))
    }

    /// Removes a key, and whether it was there; none, nothing done, if Python code might have to
    /// hash or to compare.
    pub fn remove_key(&self, vm: &Vm, key: Value) -> Option<bool> {
        let found = self.find_key(vm, key, vm.key_hash(key)?)?;
        Some(found.and_then(|i| self.remove_at(i)).is_some())
    }

    /// As [`Dict::set`]; none, nothing done, if Python code might have to hash or to compare.
    #[inline]
    pub fn set_key(&self, vm: &Vm, key: Value, value: Value) -> Option<Result<()>> {
        match self.first_slot(vm, key) {
            FirstSlot::Found(index, _) => {
                self.set_value_at(index, value);
                Some(Ok(()))
            }
            FirstSlot::Free(hash) => Some(self.insert_new(vm, key, hash, value)),
            FirstSlot::Other => self.set_key_anywhere(vm, key, value),
        }
    }

    #[inline(never)]
    fn set_key_anywhere(&self, vm: &Vm, key: Value, value: Value) -> Option<Result<()>> {
        let hash = vm.key_hash(key)?;
        match self.find_key(vm, key, hash)? {
            Some(index) => {
                self.set_value_at(index, value);
                Some(Ok(()))
            }
            None => Some(self.insert_new(vm, key, hash, value)),
        }
    }

    /// The index of the entry whose key is this very string.
    pub fn place_of(&self, key: Gc<Str>) -> Option<usize> {
        let index = self.find_str_hashed(key, key.hash_known()?)?;
        let found = self.table.get()?.entry(index).key.get();
        (found == Some(key.value())).then_some(index)
    }

    /// The entry index of `key`.
    pub fn index_of(&self, vm: &Vm, key: Value) -> Result<Option<usize>> {
        let hash = vm.hash_key(key)?;
        self.find(vm, key, hash)
    }

    /// Sets the value of `key`.
    #[inline]
    pub fn set(&self, vm: &Vm, key: Value, value: Value) -> Result<()> {
        let hash = vm.hash_key(key)?;
        self.set_hashed(vm, key, hash, value)
    }

    /// As [`Dict::set`], the hash being known.
    #[inline]
    pub fn set_hashed(&self, vm: &Vm, key: Value, hash: u64, value: Value) -> Result<()> {
        match self.find(vm, key, hash)? {
            Some(index) => {
                self.set_value_at(index, value);
                Ok(())
            }
            None => self.insert_new(vm, key, hash, value),
        }
    }

    /// The value of `key`, inserting `value` if there is none: (value, was inserted).
    pub fn set_default(&self, vm: &Vm, key: Value, value: Value) -> Result<(Value, bool)> {
        let hash = vm.hash_key(key)?;
        if let Some(found) = self.get_hashed(vm, key, hash)? {
            return Ok((found, false));
        }
        self.insert_new(vm, key, hash, value)?;
        Ok((value, true))
    }

    fn insert_new(&self, vm: &Vm, key: Value, hash: u64, value: Value) -> Result<()> {
        if self.version.get() != 0
            && let Some(table) = self.table.get()
            && let Some(index) = self.former_place(table, key)
        {
            table.header.barrier();
            table.entry(index).value.set(Some(value));
            table.head.set(table.head.get().min(index as u32));
            table.link(hash, index);
            self.used.set(self.used.get() + 1);
            if !self.outlives(key) {
                self.version.set(0);
            }
            return Ok(());
        }
        let table = match self.table.get() {
            Some(t) if t.usable.get() > 0 => t,
            _ => self.resize(vm, (self.used.get() + 1).max(self.used.get() * 2))?,
        };
        let index = table.filled.get() as usize;
        table.header.barrier();
        let entry = table.entry(index);
        entry.hash.set(hash);
        entry.key.set(Some(key));
        entry.value.set(Some(value));
        table.filled.set(index as u32 + 1);
        table.usable.set(table.usable.get() - 1);
        table.link(hash, index);
        self.used.set(self.used.get() + 1);
        if self.version.get() != 0 && !self.outlives(key) {
            self.version.set(0);
        }
        Ok(())
    }

    /// Gives the dictionary a table for `want` entries without holes.
    fn resize(&self, vm: &Vm, want: usize) -> Result<Gc<Table>> {
        let mut log_slots = MIN_LOG_SLOTS;
        while ((1usize << log_slots) << 1) / 3 < want {
            log_slots += 1;
        }
        let slots = 1usize << log_slots;
        let capacity = (slots << 1) / 3;
        if capacity >= 1 << 31 {
            return Err(vm.memory_error());
        }
        vm.check_memory()?;
        let log_width = match log_slots {
            0..=7 => 0,
            8..=15 => 1,
            _ => 2,
        };
        let object = Table {
            header: Header::empty(),
            filled: Cell::new(0),
            usable: Cell::new(capacity as u32),
            head: Cell::new(0),
            capacity: capacity as u32,
            log_slots,
            log_width,
        };
        let bytes = capacity * size_of::<Entry>() + (slots << log_width);
        let new = vm
            .heap
            .alloc_variable(vm.shapes.dict_table.get(), object, bytes)
            .ok_or_else(|| vm.memory_error())?;
        // SAFETY: the index lies within the object.
        unsafe { std::ptr::write_bytes(new.slots() as *mut u8, 0xFF, slots << log_width) };
        if let Some(old) = self.table.get() {
            let mut filled = 0;
            for i in 0..old.filled.get() as usize {
                let from = old.entry(i);
                if from.value.get().is_some() {
                    let to = new.entry(filled);
                    to.hash.set(from.hash.get());
                    to.key.set(from.key.get());
                    to.value.set(from.value.get());
                    new.link(from.hash.get(), filled);
                    filled += 1;
                }
            }
            new.filled.set(filled as u32);
            new.usable.set((capacity - filled) as u32);
            if filled != old.filled.get() as usize {
                // Entries have moved.
                self.version.set(0);
            }
        }
        self.table.set(&self.header, new);
        Ok(new)
    }

    /// Makes room for `count` items in all.
    pub fn reserve(&self, vm: &Vm, count: usize) -> Result<()> {
        if self
            .table
            .get()
            .is_none_or(|t| (t.capacity as usize) < count)
            && count > 0
        {
            self.resize(vm, count)?;
        }
        Ok(())
    }

    fn remove_at(&self, index: usize) -> Option<(Value, Value)> {
        let table = self.table.get()?;
        let entry = table.entry(index);
        let slot = table.slot_of(entry.hash.get(), index);
        table.set_slot(slot, DELETED);
        self.used.set(self.used.get() - 1);
        let key = entry.key.get()?;
        if self.version.get() == 0 || !self.is_name(key) {
            self.version.set(0);
            entry.key.take();
        }
        Some((key, entry.value.take()?))
    }

    /// Removes `key`; its value if it was there.
    pub fn remove(&self, vm: &Vm, key: Value) -> Result<Option<Value>> {
        let hash = vm.hash_key(key)?;
        Ok(self
            .find(vm, key, hash)?
            .and_then(|i| self.remove_at(i))
            .map(|(_, v)| v))
    }

    /// As [`Dict::remove`], the hash being known.
    pub fn remove_hashed(&self, vm: &Vm, key: Value, hash: u64) -> Result<Option<Value>> {
        let found = self.find(vm, key, hash)?;
        Ok(found.and_then(|i| self.remove_at(i)).map(|(_, v)| v))
    }

    /// Removes and returns the last item.
    pub fn pop_last(&self) -> Option<(Value, Value)> {
        let table = self.table.get()?;
        let (index, ..) = self.previous_entry(usize::MAX)?;
        let item = self.remove_at(index);
        // The entry will be another key's.
        self.version.set(0);
        table.filled.set(index as u32);
        table.head.set(table.head.get().min(index as u32));
        item
    }

    /// Removes everything.
    pub fn clear(&self) {
        self.table.clear();
        self.used.set(0);
        self.version.set(0);
    }

    /// The value of a string key, comparing with string keys only.
    #[inline]
    pub fn get_str(&self, name: Gc<Str>) -> Option<Value> {
        // A string's hash does not need the machine once it is known; names have theirs.
        let hash = name.hash_known()?;
        self.value_at(self.find_str_hashed(name, hash)?)
    }

    /// Sets the value of a string key.
    pub fn set_str(&self, vm: &Vm, name: Gc<Str>, value: Value) {
        let hash = name.hash(vm);
        match self.find_str_hashed(name, hash) {
            Some(index) => self.set_value_at(index, value),
            None => {
                if self.insert_new(vm, name.value(), hash, value).is_err() {
                    // Namespaces are small; the error stays pending for the next safepoint.
                    vm.note_memory_error();
                }
            }
        }
    }

    /// Removes a string key; its value if it was there.
    pub fn remove_str(&self, name: Gc<Str>) -> Option<Value> {
        let index = self.find_str_hashed(name, name.hash_known()?)?;
        self.remove_at(index).map(|(_, v)| v)
    }

    /// A copy with the same table layout, for an exact dict.
    pub fn copy(&self, vm: &Vm) -> Result<Gc<Dict>> {
        let new = vm.new_dict();
        if let Some(table) = self.table.get()
            && table.filled.get() as usize == self.len()
            && table.filled.get() >= table.capacity / 2
        {
            let copy = table.duplicate(vm)?;
            new.table.set(&new.header, copy);
            new.used.set(self.len());
            return Ok(new);
        }
        new.reserve(vm, self.len())?;
        new.merge_new(vm, self)?;
        Ok(new)
    }

    fn merge_new(&self, vm: &Vm, from: &Dict) -> Result<()> {
        let Some(table) = from.table.get() else {
            return Ok(());
        };
        for i in 0..table.filled.get() as usize {
            let e = table.entry(i);
            if let (Some(k), Some(v)) = (e.key.get(), e.value.get()) {
                self.insert_new(vm, k, e.hash.get(), v)?;
            }
        }
        Ok(())
    }

    /// Sets every item of `from`, whose hashes are taken as they are.
    pub fn update_from(&self, vm: &Vm, from: &Dict) -> Result<()> {
        if self.is_empty() && !std::ptr::eq(self, from) {
            self.reserve(vm, from.len())?;
            return self.merge_new(vm, from);
        }
        let mut at = 0;
        let size = from.len();
        while let Some((next, key, value)) = from.next_entry(at) {
            let hash = match from.table.get() {
                Some(t) => t.entry(next - 1).hash.get(),
                None => vm.hash_key(key)?,
            };
            at = next;
            self.set_hashed(vm, key, hash, value)?;
            if from.len() != size && !std::ptr::eq(self, from) {
                return Err(vm.runtime_error("dict mutated during update"));
            }
        }
        Ok(())
    }

    /// The stored hash of the entry at `index`.
    pub fn hash_at(&self, index: usize) -> u64 {
        self.table.get().map_or(0, |t| t.entry(index).hash.get())
    }

    /// Bytes of the table, for `sys.getsizeof`.
    pub fn table_size(&self) -> usize {
        self.table.get().map_or(0, |t| t.header.size())
    }
}

/// Iterates over a dictionary that does not change meanwhile.
pub struct DictItems<'a> {
    dict: &'a Dict,
    at: usize,
}

impl Iterator for DictItems<'_> {
    type Item = (Value, Value);
    fn next(&mut self) -> Option<(Value, Value)> {
        let (next, k, v) = self.dict.next_entry(self.at)?;
        self.at = next;
        Some((k, v))
    }
}

impl Vm {
    /// An empty dictionary.
    #[inline]
    pub fn new_dict(&self) -> Gc<Dict> {
        self.dict_with_shape(self.shapes.dict.get())
    }

    /// An empty dictionary of a subclass.
    pub fn dict_with_shape(&self, shape: &'static crate::object::Shape) -> Gc<Dict> {
        self.heap.alloc(
            shape,
            Dict {
                header: Header::empty(),
                table: GcField::empty(),
                used: Cell::new(0),
                version: Cell::new(0),
            },
        )
    }
}

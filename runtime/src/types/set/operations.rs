//! Operations on whole sets. Which operand is gone through, and when the table
//! of the result is sized beforehand, is as in CPython, since the order of
//! iteration of the result depends on it.

use super::{MIN_SLOTS, Set, insert_clean};
use crate::heap::Gc;
use crate::types::protocol::exact_dict;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// The set that the value is: `set`, `frozenset` or a subclass.
#[inline]
pub fn any_set(v: Value) -> Option<Gc<Set>> {
    v.cast::<Set>()
}

impl Set {
    fn mask(&self) -> usize {
        self.table.get().map_or(MIN_SLOTS - 1, |t| t.mask)
    }

    /// Adds every item of `other`.
    pub fn merge(&self, vm: &Vm, other: &Set) -> Result<()> {
        if std::ptr::eq(self, other) || other.is_empty() {
            return Ok(());
        }
        if (self.fill.get() + other.len()) * 5 >= self.mask() * 3 {
            self.resize(vm, (self.len() + other.len()) * 2)?;
        } else if self.table.get().is_none() {
            self.resize(vm, 0)?;
        }
        let (Some(to), Some(from)) = (self.table.get(), other.table.get()) else {
            return Ok(());
        };
        if self.fill.get() == 0 {
            to.header.barrier();
            if to.mask == from.mask && other.fill.get() == other.len() {
                for i in 0..=from.mask {
                    to.slot(i).hash.set(from.slot(i).hash.get());
                    to.slot(i).key.set(from.slot(i).key.get());
                }
            } else {
                for i in 0..=from.mask {
                    if let Some(key) = from.slot(i).key.get() {
                        insert_clean(to, key, from.slot(i).hash.get());
                    }
                }
            }
            self.fill.set(other.len());
            self.used.set(other.len());
            return Ok(());
        }
        let mut at = 0;
        while let Some((next, key)) = other.next_entry(at) {
            self.add_hashed(vm, key, other.hash_before(next))?;
            at = next;
        }
        Ok(())
    }

    /// Removes marks of deleted items when there are many.
    fn sweep(&self, vm: &Vm) -> Result<()> {
        if self.fill.get() - self.used.get() > self.mask() / 4 {
            let used = self.used.get();
            self.resize(vm, if used > 50_000 { used * 2 } else { used * 4 })?;
        }
        Ok(())
    }
}

/// An exact set or frozenset, whichever `like` derives from, without items.
fn empty_like(vm: &Vm, like: &Set) -> Gc<Set> {
    let frozen = like
        .header
        .shape()
        .class()
        .is_subclass_of(vm.types.frozenset.get());
    vm.set_with_shape(if frozen {
        vm.shapes.frozenset.get()
    } else {
        vm.shapes.set.get()
    })
}

/// A copy as an exact set or frozenset.
pub fn copy(vm: &Vm, set: Gc<Set>) -> Result<Gc<Set>> {
    let new = empty_like(vm, &set);
    new.merge(vm, &set)?;
    Ok(new)
}

/// `set.update(source)` with one source.
pub fn update(vm: &Vm, set: Gc<Set>, source: Value) -> Result<()> {
    if let Some(other) = any_set(source) {
        return set.merge(vm, &other);
    }
    if let Some(dict) = exact_dict(vm, source) {
        if (set.fill.get() + dict.len()) * 5 >= set.mask() * 3 {
            set.resize(vm, (set.len() + dict.len()) * 2)?;
        }
        let mut at = 0;
        while let Some((next, key, _)) = dict.next_entry(at) {
            set.add_hashed(vm, key, dict.hash_at(next - 1))?;
            at = next;
        }
        return Ok(());
    }
    vm.for_each(source, &mut |item| set.add(vm, item).map(|_| ()))
}

/// `set & other` as a new exact set or frozenset.
pub fn intersection(vm: &Vm, set: Gc<Set>, other: Value) -> Result {
    if set.value() == other {
        return Ok(copy(vm, set)?.value());
    }
    let result = empty_like(vm, &set);
    if let Some(other) = any_set(other) {
        let (large, small) = if other.len() > set.len() {
            (other, set)
        } else {
            (set, other)
        };
        let mut at = 0;
        while let Some((next, key)) = small.next_entry(at) {
            let hash = small.hash_before(next);
            if large.contains_hashed(vm, key, hash)? {
                result.add_hashed(vm, key, hash)?;
            }
            at = next;
        }
    } else {
        vm.for_each(other, &mut |item| {
            let hash = vm.hash_element(item)?;
            if set.contains_hashed(vm, item, hash)? {
                result.add_hashed(vm, item, hash)?;
            }
            Ok(())
        })?;
    }
    Ok(result.value())
}

/// Removes the items of `other` from `set`.
pub fn difference_update(vm: &Vm, set: Gc<Set>, other: Value) -> Result<()> {
    if set.value() == other {
        set.clear();
        return Ok(());
    }
    if let Some(mut other) = any_set(other) {
        if other.len() >> 3 > set.len() {
            let Some(common) = any_set(intersection(vm, set, other.value())?) else {
                return Ok(());
            };
            other = common;
        }
        let mut at = 0;
        while let Some((next, key)) = other.next_entry(at) {
            set.remove_hashed(vm, key, other.hash_before(next))?;
            at = next;
        }
    } else {
        vm.for_each(other, &mut |item| set.remove(vm, item).map(|_| ()))?;
    }
    set.sweep(vm)
}

/// `set - other` as a new exact set or frozenset.
pub fn difference(vm: &Vm, set: Gc<Set>, other: Value) -> Result {
    let dict = exact_dict(vm, other);
    let other_set = any_set(other);
    let size = match (other_set, dict) {
        (Some(s), _) => s.len(),
        (None, Some(d)) => d.len(),
        (None, None) => 0,
    };
    if (other_set.is_none() && dict.is_none()) || set.len() >> 2 > size {
        let result = copy(vm, set)?;
        difference_update(vm, result, other)?;
        return Ok(result.value());
    }
    let result = empty_like(vm, &set);
    let mut at = 0;
    while let Some((next, key)) = set.next_entry(at) {
        let hash = set.hash_before(next);
        let found = match (other_set, dict) {
            (Some(s), _) => s.contains_hashed(vm, key, hash)?,
            (None, Some(d)) => d.get_hashed(vm, key, hash)?.is_some(),
            (None, None) => false,
        };
        if !found {
            result.add_hashed(vm, key, hash)?;
        }
        at = next;
    }
    Ok(result.value())
}

/// Keeps in `set` what is in only one of both.
pub fn symmetric_difference_update(vm: &Vm, set: Gc<Set>, other: Value) -> Result<()> {
    if set.value() == other {
        set.clear();
        return Ok(());
    }
    if let Some(dict) = exact_dict(vm, other) {
        let mut at = 0;
        while let Some((next, key, _)) = dict.next_entry(at) {
            let hash = dict.hash_at(next - 1);
            if !set.remove_hashed(vm, key, hash)? {
                set.add_hashed(vm, key, hash)?;
            }
            at = next;
        }
        return Ok(());
    }
    let other = match any_set(other) {
        Some(other) => other,
        None => {
            let items = empty_like(vm, &set);
            update(vm, items, other)?;
            items
        }
    };
    let mut at = 0;
    while let Some((next, key)) = other.next_entry(at) {
        let hash = other.hash_before(next);
        if !set.remove_hashed(vm, key, hash)? {
            set.add_hashed(vm, key, hash)?;
        }
        at = next;
    }
    Ok(())
}

/// `set ^ other` as a new exact set or frozenset.
pub fn symmetric_difference(vm: &Vm, set: Gc<Set>, other: Value) -> Result {
    let result = empty_like(vm, &set);
    update(vm, result, other)?;
    symmetric_difference_update(vm, result, set.value())?;
    Ok(result.value())
}

/// Whether every item of `set` is in `other`.
pub fn is_subset(vm: &Vm, set: Gc<Set>, other: Value) -> Result<bool> {
    if let Some(other) = any_set(other) {
        if set.len() > other.len() {
            return Ok(false);
        }
        let mut at = 0;
        while let Some((next, key)) = set.next_entry(at) {
            if !other.contains_hashed(vm, key, set.hash_before(next))? {
                return Ok(false);
            }
            at = next;
        }
        return Ok(true);
    }
    let Some(common) = any_set(intersection(vm, set, other)?) else {
        return Ok(false);
    };
    Ok(common.len() == set.len())
}

/// Whether every item of `other` is in `set`.
pub fn is_superset(vm: &Vm, set: Gc<Set>, other: Value) -> Result<bool> {
    if let Some(other) = any_set(other) {
        return is_subset(vm, other, set.value());
    }
    let iterator = vm.iter(other)?;
    while let Some(item) = vm.next(iterator)? {
        if !set.contains(vm, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether nothing is in both.
pub fn is_disjoint(vm: &Vm, set: Gc<Set>, other: Value) -> Result<bool> {
    if set.value() == other {
        return Ok(set.is_empty());
    }
    if let Some(other) = any_set(other) {
        let (large, small) = if other.len() > set.len() {
            (other, set)
        } else {
            (set, other)
        };
        let mut at = 0;
        while let Some((next, key)) = small.next_entry(at) {
            if large.contains_hashed(vm, key, small.hash_before(next))? {
                return Ok(false);
            }
            at = next;
        }
        return Ok(true);
    }
    let iterator = vm.iter(other)?;
    while let Some(item) = vm.next(iterator)? {
        if set.contains(vm, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

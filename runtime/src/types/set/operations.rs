//! Operations on whole sets. Which operand is gone through, and when the table
//! of the result is sized beforehand, is as in CPython, since the order of
//! iteration of the result depends on it.

use super::{MIN_SLOTS, Set, insert_clean};
use crate::heap::Gc;
use crate::types::protocol::exact_dict;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use taipan_bytecode::opcode::BinaryOp;

/// Tells whether two values with the same hash are equal.
trait Same<E>: Fn(Value, Value) -> std::result::Result<bool, E> + Copy {}

impl<E, F: Fn(Value, Value) -> std::result::Result<bool, E> + Copy> Same<E> for F {}

/// As Python does.
fn by_equality(vm: &Vm) -> impl Same<Raised> {
    move |k, key| vm.equal_identity(k, key)
}

/// Why an operation on keys came to nothing.
pub enum Failed {
    Raised(Raised),
    /// Python code might have to compare.
    Unknown,
}

impl From<Raised> for Failed {
    fn from(raised: Raised) -> Failed {
        Failed::Raised(raised)
    }
}

/// `set op other` as a new exact set or frozenset, for the operators `&`, `|`, `-` and `^`, without
/// Python code; both sets stay as they are.
///
/// # Errors
/// No memory, or keys that Python code might have to compare.
pub fn combine_keys(
    vm: &Vm,
    op: BinaryOp,
    set: Gc<Set>,
    other: Gc<Set>,
) -> std::result::Result<Gc<Set>, Failed> {
    let same = |k, key| vm.equals_key(k, key).ok_or(Failed::Unknown);
    match op {
        BinaryOp::And => intersection_by(vm, set, other, same),
        BinaryOp::Subtract => difference_by(vm, set, other, same),
        BinaryOp::Or => union_by(vm, set, other, same),
        BinaryOp::Xor => {
            let result = empty_like(vm, &set);
            result.merge_by(vm, &other, same)?;
            symmetric_update_by(vm, result, set, same)?;
            Ok(result)
        }
        _ => Err(Failed::Unknown),
    }
}

/// Adds every item of `other` to a set, without Python code. False, nothing done, if the set has
/// items already.
pub fn fill(vm: &Vm, set: Gc<Set>, other: Gc<Set>) -> Result<bool> {
    if set.fill.get() > 0 {
        return Ok(false);
    }
    set.merge(vm, &other).map(|()| true)
}

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
        self.merge_by(vm, other, by_equality(vm))
    }

    fn merge_by<E: From<Raised>>(
        &self,
        vm: &Vm,
        other: &Set,
        same: impl Same<E>,
    ) -> std::result::Result<(), E> {
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
            self.add_unless_same(vm, key, other.hash_before(next), |k| same(k, key))?;
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

/// `set | other` as a new exact set or frozenset.
pub fn union(vm: &Vm, set: Gc<Set>, other: Gc<Set>) -> Result<Gc<Set>> {
    union_by(vm, set, other, by_equality(vm))
}

fn union_by<E: From<Raised>>(
    vm: &Vm,
    set: Gc<Set>,
    other: Gc<Set>,
    same: impl Same<E>,
) -> std::result::Result<Gc<Set>, E> {
    let result = copy(vm, set)?;
    if set != other {
        result.merge_by(vm, &other, same)?;
    }
    Ok(result)
}

/// `set & other` as a new exact set or frozenset.
pub fn intersection(vm: &Vm, set: Gc<Set>, other: Value) -> Result {
    if let Some(other) = any_set(other) {
        return Ok(intersection_by(vm, set, other, by_equality(vm))?.value());
    }
    let result = empty_like(vm, &set);
    vm.for_each(other, &mut |item| {
        let hash = vm.hash_element(item)?;
        if set.contains_hashed(vm, item, hash)? {
            result.add_hashed(vm, item, hash)?;
        }
        Ok(())
    })?;
    Ok(result.value())
}

fn intersection_by<E: From<Raised>>(
    vm: &Vm,
    set: Gc<Set>,
    other: Gc<Set>,
    same: impl Same<E>,
) -> std::result::Result<Gc<Set>, E> {
    if set == other {
        return Ok(copy(vm, set)?);
    }
    let result = empty_like(vm, &set);
    let (large, small) = if other.len() > set.len() {
        (other, set)
    } else {
        (set, other)
    };
    let mut at = 0;
    while let Some((next, key)) = small.next_entry(at) {
        let hash = small.hash_before(next);
        if large.contains_same(hash, |k| same(k, key))? {
            result.add_unless_same(vm, key, hash, |k| same(k, key))?;
        }
        at = next;
    }
    Ok(result)
}

/// Removes the items of `other` from `set`.
pub fn difference_update(vm: &Vm, set: Gc<Set>, other: Value) -> Result<()> {
    match any_set(other) {
        Some(other) => difference_update_by(vm, set, other, by_equality(vm)),
        None => {
            vm.for_each(other, &mut |item| set.remove(vm, item).map(|_| ()))?;
            set.sweep(vm)
        }
    }
}

fn difference_update_by<E: From<Raised>>(
    vm: &Vm,
    set: Gc<Set>,
    mut other: Gc<Set>,
    same: impl Same<E>,
) -> std::result::Result<(), E> {
    if set == other {
        set.clear();
        return Ok(());
    }
    if other.len() >> 3 > set.len() {
        other = intersection_by(vm, set, other, same)?;
    }
    let mut at = 0;
    while let Some((next, key)) = other.next_entry(at) {
        set.remove_same(other.hash_before(next), |k| same(k, key))?;
        at = next;
    }
    Ok(set.sweep(vm)?)
}

/// `set - other` as a new exact set or frozenset.
pub fn difference(vm: &Vm, set: Gc<Set>, other: Value) -> Result {
    if let Some(other) = any_set(other) {
        return Ok(difference_by(vm, set, other, by_equality(vm))?.value());
    }
    let Some(dict) = exact_dict(vm, other).filter(|d| set.len() >> 2 <= d.len()) else {
        let result = copy(vm, set)?;
        difference_update(vm, result, other)?;
        return Ok(result.value());
    };
    let result = empty_like(vm, &set);
    let mut at = 0;
    while let Some((next, key)) = set.next_entry(at) {
        let hash = set.hash_before(next);
        if dict.get_hashed(vm, key, hash)?.is_none() {
            result.add_hashed(vm, key, hash)?;
        }
        at = next;
    }
    Ok(result.value())
}

fn difference_by<E: From<Raised>>(
    vm: &Vm,
    set: Gc<Set>,
    other: Gc<Set>,
    same: impl Same<E>,
) -> std::result::Result<Gc<Set>, E> {
    if set.len() >> 2 > other.len() {
        let result = copy(vm, set)?;
        difference_update_by(vm, result, other, same)?;
        return Ok(result);
    }
    let result = empty_like(vm, &set);
    let mut at = 0;
    while let Some((next, key)) = set.next_entry(at) {
        let hash = set.hash_before(next);
        if !other.contains_same(hash, |k| same(k, key))? {
            result.add_unless_same(vm, key, hash, |k| same(k, key))?;
        }
        at = next;
    }
    Ok(result)
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
    symmetric_update_by(vm, set, other, by_equality(vm))
}

fn symmetric_update_by<E: From<Raised>>(
    vm: &Vm,
    set: Gc<Set>,
    other: Gc<Set>,
    same: impl Same<E>,
) -> std::result::Result<(), E> {
    let mut at = 0;
    while let Some((next, key)) = other.next_entry(at) {
        let hash = other.hash_before(next);
        if !set.remove_same(hash, |k| same(k, key))? {
            set.add_unless_same(vm, key, hash, |k| same(k, key))?;
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

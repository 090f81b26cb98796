//! Helpers that look things up in dictionaries and sets, and put them there.
//!
//! A lookup by a tuple that the trace makes takes the tuple's items instead: the tuple need
//! not exist. All fail, nothing done, where Python code might have to hash or to compare.

use super::helpers::{helpers, mask};
use crate::ir::{Class, Effect, Helper, Ty};
use taipan_bytecode::opcode::BinaryOp;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::set::Set;
use taipan_runtime::types::set::operations::{self, Failed};
use taipan_runtime::{Value, Vm};

const V: Ty = Ty::Val;
const I: Ty = Ty::Int;

/// Hashes of instances may be those of their attributes.
const READS_DICT: Effect = Effect::Read(mask(&[Class::Dict, Class::DictValue, Class::Attr]));
const READS_DICT_BY_ITEMS: Effect = Effect::Read(mask(&[Class::Dict, Class::DictValue]));
const WRITES_DICT: Effect = Effect::Write(mask(&[Class::Dict, Class::DictValue]));
const READS_SET: Effect = Effect::Read(mask(&[Class::Set, Class::Attr]));
const READS_SET_BY_ITEMS: Effect = Effect::Read(mask(&[Class::Set]));

helpers! {
    /// Dictionary, key: the value, `Value::MISSING` if there is none.
    DICT_FIND(V, V) -> V, READS_DICT, true = dict_find;
    /// The same by a tuple's items.
    DICT_FIND_2(V, V, V) -> V, READS_DICT_BY_ITEMS, true = dict_find_2;
    DICT_FIND_3(V, V, V, V) -> V, READS_DICT_BY_ITEMS, true = dict_find_3;
    /// As `DICT_FIND`, and the number of the entry that is likely to be the key's.
    DICT_FIND_AT(V, V, I) -> V, READS_DICT, true = dict_find_at;
    /// Dictionary, key, value.
    DICT_SET(V, V, V) -> I, WRITES_DICT, true = dict_set;
    /// The same, and the number of the entry that is likely to be the key's.
    DICT_SET_AT(V, V, V, I) -> I, WRITES_DICT, true = dict_set_at;
    /// Dictionary, key; fails if it is not there.
    DICT_DELETE(V, V) -> I, WRITES_DICT, true = dict_delete;
    /// Set or frozenset, item. 1: not there, 2: there.
    SET_HAS(V, V) -> I, READS_SET, true = set_has;
    SET_HAS_2(V, V, V) -> I, READS_SET_BY_ITEMS, true = set_has_2;
    SET_HAS_3(V, V, V, V) -> I, READS_SET_BY_ITEMS, true = set_has_3;
    SET_ADD_KEY(V, V) -> I, Effect::Write(mask(&[Class::Set])), true = set_add_key;
    /// A set without items, set or frozenset whose items it gets.
    SET_FILL(V, V) -> I, Effect::Write(mask(&[Class::Set])), true = set_fill;
    /// Operator (`&`, `|`, `-`, `^`), set or frozenset, another: a new one.
    SET_COMBINE(I, V, V) -> V, Effect::Alloc, true = set_combine;
}

/// By the number of items, beginning with two.
pub static FINDS: [&Helper; 2] = [&DICT_FIND_2, &DICT_FIND_3];
pub static HAS: [&Helper; 2] = [&SET_HAS_2, &SET_HAS_3];

fn find_items(vm: &Vm, dict: Value, items: &[Value]) -> u64 {
    // SAFETY: guarded by the trace.
    let dict: Gc<Dict> = unsafe { dict.cast_unchecked() };
    match dict.get_flat(vm, items) {
        Some(found) => found.unwrap_or(Value::MISSING).bits(),
        None => 0,
    }
}

fn has_items(vm: &Vm, set: Value, items: &[Value]) -> u64 {
    // SAFETY: guarded by the trace.
    let set: Gc<Set> = unsafe { set.cast_unchecked() };
    set.contains_flat(vm, items)
        .map_or(0, |found| 1 + u64::from(found))
}

extern "C" fn dict_find(vm: &Vm, dict: Value, key: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let dict: Gc<Dict> = unsafe { dict.cast_unchecked() };
    match dict.get_key(vm, key) {
        Some(found) => found.unwrap_or(Value::MISSING).bits(),
        None => 0,
    }
}

extern "C" fn dict_find_at(vm: &Vm, dict: Value, key: Value, _: i64) -> u64 {
    dict_find(vm, dict, key)
}

extern "C" fn dict_set_at(vm: &Vm, dict: Value, key: Value, v: Value, _: i64) -> u64 {
    dict_set(vm, dict, key, v)
}

extern "C" fn dict_find_2(vm: &Vm, dict: Value, a: Value, b: Value) -> u64 {
    find_items(vm, dict, &[a, b])
}

extern "C" fn dict_find_3(vm: &Vm, dict: Value, a: Value, b: Value, c: Value) -> u64 {
    find_items(vm, dict, &[a, b, c])
}

/// 1 where it was done.
fn done<T>(vm: &Vm, result: Option<taipan_runtime::Result<T>>) -> u64 {
    match result {
        Some(Ok(_)) => 1,
        Some(Err(_)) => {
            vm.clear_raised();
            0
        }
        None => 0,
    }
}

extern "C" fn dict_set(vm: &Vm, dict: Value, key: Value, v: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let dict: Gc<Dict> = unsafe { dict.cast_unchecked() };
    done(vm, dict.set_key(vm, key, v))
}

extern "C" fn dict_delete(vm: &Vm, dict: Value, key: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let dict: Gc<Dict> = unsafe { dict.cast_unchecked() };
    dict.remove_key(vm, key).map_or(0, u64::from)
}

extern "C" fn set_has(vm: &Vm, set: Value, key: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let set: Gc<Set> = unsafe { set.cast_unchecked() };
    set.contains_key(vm, key)
        .map_or(0, |found| 1 + u64::from(found))
}

extern "C" fn set_has_2(vm: &Vm, set: Value, a: Value, b: Value) -> u64 {
    has_items(vm, set, &[a, b])
}

extern "C" fn set_has_3(vm: &Vm, set: Value, a: Value, b: Value, c: Value) -> u64 {
    has_items(vm, set, &[a, b, c])
}

extern "C" fn set_fill(vm: &Vm, set: Value, items: Value) -> u64 {
    // SAFETY: the set of a display; the other is guarded by the trace.
    let (set, items): (Gc<Set>, Gc<Set>) =
        unsafe { (set.cast_unchecked(), items.cast_unchecked()) };
    match operations::fill(vm, set, items) {
        Ok(filled) => u64::from(filled),
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

extern "C" fn set_combine(vm: &Vm, op: i64, a: Value, b: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let (a, b): (Gc<Set>, Gc<Set>) = unsafe { (a.cast_unchecked(), b.cast_unchecked()) };
    // SAFETY: the recorder passes an operator's number.
    let op: BinaryOp = unsafe { std::mem::transmute(op as u8) };
    match operations::combine_keys(vm, op, a, b) {
        Ok(new) => new.value().bits(),
        Err(Failed::Raised(_)) => {
            vm.clear_raised();
            0
        }
        Err(Failed::Unknown) => 0,
    }
}

extern "C" fn set_add_key(vm: &Vm, set: Value, v: Value) -> u64 {
    // SAFETY: guarded by the trace, or the set of a comprehension or display.
    let set: Gc<Set> = unsafe { set.cast_unchecked() };
    done(vm, set.add_key(vm, v))
}

//! Helpers that look for values in lists, and make sets of what containers hold. They fail, nothing
//! done, where Python code might have to compare or to hash.

use super::helpers::{helpers, mask};
use super::leaves::done;
use crate::ir::{Class, Effect, Helper, Ty};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Value, Vm};

const V: Ty = Ty::Val;
const READS_LIST: Effect = Effect::Read(mask(&[Class::List, Class::Item]));

helpers! {
    /// Exact list, value: how often it is there.
    LIST_COUNT(V, V) -> V, READS_LIST, true = list_count;
    /// Exact list, value: the first index of it; fails if there is none.
    LIST_INDEX(V, V) -> V, READS_LIST, true = list_index;
    /// The set of what an exact list or tuple holds.
    SET_OF(V) -> V, Effect::Alloc, true = set_of;
}

/// Whether an item equals a simple value; none if that is not natively known.
fn equals(vm: &Vm, item: Value, value: Value) -> Option<bool> {
    if item.is(value) {
        return Some(true);
    }
    if item.is_int() && value.is_int() {
        return Some(false);
    }
    if !vm.is_simple(item) {
        return None;
    }
    let equal = vm.equal(item, value);
    if equal.is_err() {
        vm.clear_raised();
    }
    equal.ok()
}

/// What [`equals`] says of each item, in order.
fn comparisons(vm: &Vm, list: Value, value: Value) -> impl Iterator<Item = Option<bool>> {
    // SAFETY: guarded by the trace.
    let list: Gc<List> = unsafe { list.cast_unchecked() };
    (0..list.len()).map(move |i| equals(vm, list.as_slice()[i], value))
}

extern "C" fn list_count(vm: &Vm, list: Value, value: Value) -> u64 {
    let mut count = 0;
    if !vm.is_simple(value) {
        return 0;
    }
    for equal in comparisons(vm, list, value) {
        match equal {
            Some(equal) => count += i64::from(equal),
            None => return 0,
        }
    }
    vm.new_int(count).bits()
}

extern "C" fn list_index(vm: &Vm, list: Value, value: Value) -> u64 {
    if !vm.is_simple(value) {
        return 0;
    }
    for (i, equal) in comparisons(vm, list, value).enumerate() {
        match equal {
            Some(false) => {}
            Some(true) => return vm.new_int(i as i64).bits(),
            None => return 0,
        }
    }
    0
}

/// Whether the helper for the method `name` of a list succeeds.
pub fn is_known(vm: &Vm, list: Option<Value>, value: Value, name: &str) -> bool {
    let search = match name {
        "count" => list_count,
        _ => list_index,
    };
    list.is_some_and(|list| search(vm, list, value) != 0)
}

/// The items of an exact list or tuple.
fn items_of(vm: &Vm, v: Value) -> Option<&[Value]> {
    let id = v.header()?.shape_id();
    if id == vm.shapes.list.get().id() {
        // SAFETY: the shape of exact lists. Hashing keys changes no list.
        Some(unsafe { (*v.cast_unchecked::<List>().as_ptr()).as_slice() })
    } else if id == vm.shapes.tuple.get().id() {
        // SAFETY: the shape of exact tuples.
        Some(unsafe { (*v.cast_unchecked::<Tuple>().as_ptr()).as_slice() })
    } else {
        None
    }
}

/// Whether [`SET_OF`] succeeds.
pub fn is_set_of_keys(vm: &Vm, v: Value) -> bool {
    items_of(vm, v).is_some_and(|items| items.iter().all(|item| vm.is_key(*item)))
}

extern "C" fn set_of(vm: &Vm, v: Value) -> u64 {
    if !is_set_of_keys(vm, v) {
        return 0;
    }
    let made = vm.new_set(items_of(vm, v).unwrap_or_default());
    done(vm, made.map(|s| s.value()))
}

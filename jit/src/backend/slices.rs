//! Helpers that make lists of others' items, and that read and assign slices of built-in sequences. They take the bounds and the
//! step, so that no slice object need be made for them, and fail, nothing done, where one of
//! these is neither None nor an immediate integer.

use super::helpers::helpers;
use super::leaves::{LIST, done, truth};
use crate::ir::{Effect, Helper, Ty};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::slice::Indices;
use taipan_runtime::{Value, Vm};

const V: Ty = Ty::Val;

helpers! {
    /// Exact list, how often.
    LIST_REPEAT(V, Ty::Int) -> V, Effect::Alloc, true = list_repeat;
    /// Exact lists.
    LIST_CONCAT(V, V) -> V, Effect::Alloc, true = list_concat;
    /// Exact list, start, stop, step.
    LIST_SLICE(V, V, V, V) -> V, Effect::Alloc, true = list_slice;
    /// The same of an exact tuple, str or bytes.
    SLICE_OF(V, V, V, V) -> V, Effect::Alloc, true = slice_of;
    /// Exact list, start, stop, step, a plain value with the items.
    STORE_SLICE(V, V, V, V, V) -> Ty::Int, LIST, true = store_slice;
}

/// A bound that is None or an immediate integer.
fn bound(v: Value) -> Option<Option<i64>> {
    if v.is_none() {
        Some(None)
    } else {
        v.as_int().map(Some)
    }
}

/// Whether the helpers take these bounds and this step.
pub fn are_bounds(parts: [Value; 3]) -> bool {
    slice(parts).is_some()
}

fn slice([start, stop, step]: [Value; 3]) -> Option<(Option<i64>, Option<i64>, i64)> {
    let step = bound(step)?.unwrap_or(1);
    (step != 0).then_some((bound(start)?, bound(stop)?, step))
}

extern "C" fn list_repeat(vm: &Vm, list: Value, count: i64) -> u64 {
    // SAFETY: guarded by the trace.
    let list: Gc<List> = unsafe { list.cast_unchecked() };
    match list.can_repeat(count) {
        Some(count) => done(
            vm,
            vm.list_repeated(list.as_slice(), count).map(|l| l.value()),
        ),
        None => 0,
    }
}

extern "C" fn list_concat(vm: &Vm, a: Value, b: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let (a, b): (Gc<List>, Gc<List>) = unsafe { (a.cast_unchecked(), b.cast_unchecked()) };
    done(vm, vm.list_concat(a, b).map(|l| l.value()))
}

extern "C" fn list_slice(vm: &Vm, list: Value, start: Value, stop: Value, step: Value) -> u64 {
    let Some((start, stop, step)) = slice([start, stop, step]) else {
        return 0;
    };
    // SAFETY: guarded by the trace.
    let list: Gc<List> = unsafe { list.cast_unchecked() };
    let at = Indices::adjust(start, stop, step, list.len());
    done(vm, vm.list_slice(list, at).map(|new| new.value()))
}

extern "C" fn slice_of(vm: &Vm, sequence: Value, start: Value, stop: Value, step: Value) -> u64 {
    if !are_bounds([start, stop, step]) {
        return 0;
    }
    if step.is_none()
        && let Some(jit) = crate::driver::Jit::of(vm)
    {
        return done(vm, (jit.hooks.slice)(vm, sequence, start, stop));
    }
    let slice = vm.new_slice(start, stop, step);
    done(vm, vm.get_item(sequence, slice.value()))
}

extern "C" fn store_slice(
    vm: &Vm,
    list: Value,
    start: Value,
    stop: Value,
    step: Value,
    items: Value,
) -> u64 {
    let Some(slice) = slice([start, stop, step]).filter(|_| vm.is_plain(items)) else {
        return 0;
    };
    // SAFETY: guarded by the trace.
    let list: Gc<List> = unsafe { list.cast_unchecked() };
    truth(vm, vm.list_assign_slice(list, slice, items).map(|()| true))
}

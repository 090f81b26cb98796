//! Safepoints: what running code does when the breaker is set.

use taipan_modules::asyncio::Future;
use taipan_runtime::heap::Finalization;
use taipan_runtime::object::Special;
use taipan_runtime::types::generator::Generator;
use taipan_runtime::vm::Breaker;
use taipan_runtime::{Result, Vm};

/// Handles what is pending; an error if that raises.
#[cold]
pub fn poll(vm: &Vm) -> Result<()> {
    let flags = vm.breaker.get();
    if flags & Breaker::FINALIZE != 0 {
        run_finalizers(vm);
    }
    if flags & Breaker::MEMORY != 0 {
        vm.breaker.clear(Breaker::MEMORY);
        return Err(vm.memory_error());
    }
    if flags & Breaker::ASYNC_ERROR != 0 {
        vm.breaker.clear(Breaker::ASYNC_ERROR);
        if let Some(e) = vm.thread().async_error.take() {
            return Err(match e.cast::<taipan_runtime::object::Class>() {
                Some(class) => vm.raise_new(class, &[]),
                None => vm.raise(e),
            });
        }
    }
    if flags & Breaker::SIGNAL != 0 {
        crate::signals::handle_pending(vm)?;
    }
    if flags & Breaker::BETTER_CODE != 0 {
        vm.breaker.clear(Breaker::BETTER_CODE);
        if let Some(jit) = taipan_jit::Jit::of(vm) {
            jit.take_better_code(vm);
        }
    }
    if flags & Breaker::DROP_LOCK != 0 {
        vm.yield_lock();
    }
    Ok(())
}

/// Runs queued finalisers and weak reference callbacks; what they raise is reported.
pub fn run_finalizers(vm: &Vm) {
    vm.breaker.clear(Breaker::FINALIZE);
    if vm.thread().finalizing.replace(true) {
        return;
    }
    let handled = vm.thread().handled.take();
    while let Some(next) = vm.heap.next_finalization() {
        let pending = vm.pending();
        vm.clear_raised();
        match next {
            Finalization::Finalize(v) => {
                if let Some(f) = vm.class_of(v).special(Special::Del)
                    && vm.call_special(f, v, &[]).is_err()
                {
                    vm.report_unraisable("Exception ignored while calling deallocator", f);
                }
            }
            Finalization::Callback {
                callback,
                reference,
            } => {
                if !callback.is_none() && vm.call(callback, &[reference]).is_err() {
                    vm.report_unraisable(
                        "Exception ignored while calling weakref callback",
                        callback,
                    );
                }
            }
        }
        if let Some(e) = pending {
            vm.raise_again(e);
        }
    }
    vm.thread().handled.set(handled);
    vm.thread().finalizing.set(false);
}

/// At exit: runs the finalisers of all objects that have one in Python, oldest first;
/// whether there were any. Their globals are all still there.
pub fn finalize_all(vm: &Vm) -> bool {
    run_finalizers(vm);
    let mut some = false;
    // A finaliser may make further such objects, though not for ever.
    for _ in 0..4 {
        let all = vm.rooted_from(vm.heap.take_finalizable());
        let mut ran = false;
        for &v in all.iter() {
            let class = vm.class_of(v);
            // Native ones release what the system takes back, and files are flushed already.
            // Tasks and futures tell of exceptions that nobody asked for.
            let tells = v.cast::<Generator>().is_some() || v.cast::<Future>().is_some();
            if class.def.get().is_some() && !tells {
                continue;
            }
            ran = true;
            if let Some(f) = class.special(Special::Del)
                && vm.call_special(f, v, &[]).is_err()
            {
                vm.report_unraisable("Exception ignored while calling deallocator", f);
            }
        }
        some |= ran;
        if !ran {
            break;
        }
    }
    some
}

//! The interpreter's lock.

use taipan_runtime::Vm;
use taipan_runtime::vm::Breaker;

/// Lets a waiting thread have the lock.
pub fn yield_to_others(vm: &Vm) {
    vm.breaker.clear(Breaker::DROP_LOCK);
}

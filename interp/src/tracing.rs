//! `sys.settrace` and `sys.setprofile`.

use taipan_runtime::types::frame::Frame;
use taipan_runtime::{Result, Value, Vm};

/// A Python activation returns.
pub fn on_return(_vm: &Vm, _frame: &Frame, _value: Value) -> Result<()> {
    Ok(())
}

/// An activation ends by an exception.
pub fn on_unwind(_vm: &Vm, _frame: &Frame) {}

/// An exception reached an activation.
pub fn on_exception(_vm: &Vm, _frame: &Frame) {}

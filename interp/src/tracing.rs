//! `sys.settrace` and `sys.setprofile`, and what `sys.monitoring` shares with them.
//!
//! While a thread has either, or a tool monitors, its activations run in the instruction loop's traced
//! form, where [`Observer::before`] is asked before each instruction. It tells from
//! the instruction which event is due: `call` at `RESUME`, `line` where the line
//! changes or a jump goes back, `return` at `RETURN_VALUE` and `YIELD_VALUE`, and the
//! profiler's `c_call` before a call of a native function. Exceptions are reported by
//! the unwinder. The plain loop changes over at function entries, backward jumps and
//! returns, where it looks at the breaker anyway.

use crate::monitoring::Monitor;
use taipan_bytecode::CodeFlags;
use taipan_bytecode::opcode::Op;
use taipan_runtime::object::NativeFunction;
use taipan_runtime::types::frame::{Frame, FrameObject};
use taipan_runtime::types::method::BoundMethod;
use taipan_runtime::vm::{Breaker, Event};
use taipan_runtime::{Gc, Result, Value, Vm};

/// Whether the running thread's activations are to be observed now.
#[inline]
pub fn active(vm: &Vm) -> bool {
    vm.breaker.get() & Breaker::TRACE != 0 && !vm.thread().tracing.get()
}

/// What one run of the instruction loop needs to remember.
pub struct Observer {
    /// The native function that the profiler was told of, and who called it.
    calling: Option<(*const Frame, Value)>,
    monitor: Monitor,
}

impl Observer {
    pub fn new() -> Observer {
        Observer {
            calling: None,
            monitor: Monitor::new(),
        }
    }

    /// Reports what is due before the instruction that `frame` stands at.
    ///
    /// # Errors
    /// What the tracing function raises; tracing is off then.
    pub fn before(&mut self, vm: &Vm, frame: &Frame) -> Result<()> {
        if frame.code.has(CodeFlags::HIDDEN) {
            return Ok(());
        }
        self.monitor.before(vm, frame)?;
        let profiling = vm.thread().profile_function.get();
        if let Some((caller, callable)) = self.calling.take()
            && std::ptr::eq(caller, frame)
            && profiling.is_some()
        {
            profile(vm, frame, "c_return", callable)?;
        }
        // SAFETY: the frame stands at an instruction of its code.
        let word = unsafe { (*frame.ip.get()).get() };
        let op = Op::from_u8(word as u8).unwrap_or(Op::NOP).generic();
        match op {
            Op::RESUME => return called(vm, frame, word >> 8 & 3 == 0),
            Op::RETURN_VALUE | Op::YIELD_VALUE => {
                line(vm, frame)?;
                let value = top(frame, 1).unwrap_or(Value::NONE);
                return returned(vm, frame, value);
            }
            _ => line(vm, frame)?,
        }
        if profiling.is_some() {
            let argument = (word >> 8) as usize;
            let below = match op {
                Op::CALL => argument + 2,
                Op::CALL_KW => argument + 3,
                Op::CALL_FUNCTION_EX => 4,
                _ => return Ok(()),
            };
            if let Some(callable) = native(vm, frame, below)? {
                profile(vm, frame, "c_call", callable)?;
                self.calling = Some((frame, callable));
            }
        }
        Ok(())
    }

    /// The instruction of `frame` raised, `again` if the exception was raised before.
    pub fn raised(&mut self, vm: &Vm, frame: &Frame, again: bool) {
        if !frame.code.has(CodeFlags::HIDDEN) {
            self.monitor.raised(vm, frame, again);
        }
        if let Some((caller, callable)) = self.calling.take() {
            // SAFETY: the caller's activation is where the exception was raised.
            let frame = unsafe { &*caller };
            aside(vm, || profile(vm, frame, "c_exception", callable));
        }
    }
}

/// `call`: an activation starts or, unless `first`, a generator's goes on.
fn called(vm: &Vm, frame: &Frame, first: bool) -> Result<()> {
    let thread = vm.thread();
    if let Some(f) = thread.trace_function.get() {
        let object = vm.frame_object(frame);
        // A generator goes on within its line.
        let index = frame.instruction();
        let line = frame.code.line_of(index).filter(|_| !first);
        object.last_line.set(line.map(|l| (l, index)));
        let local = call(vm, f, object, "call", Value::NONE)?;
        if local.is_none() {
            object.trace.clear();
        } else {
            object.trace.set(&object.header, local);
        }
    }
    profile(vm, frame, "call", Value::NONE)
}

/// The value `depth` below the top of the frame's stack.
fn top(frame: &Frame, depth: usize) -> Option<Value> {
    // SAFETY: the instruction's operands lie there.
    unsafe { *frame.sp.get().sub(depth) }
}

/// The native function or method about to be called, as a bound one.
fn native(vm: &Vm, frame: &Frame, below: usize) -> Result<Option<Value>> {
    let Some(callable) = top(frame, below) else {
        return Ok(None);
    };
    if let Some(f) = callable.cast::<NativeFunction>() {
        return Ok(Some(match top(frame, below - 1) {
            Some(receiver) if f.is_descriptor() => {
                vm.bind_descriptor(callable, receiver, vm.class_of(receiver))?
            }
            _ => callable,
        }));
    }
    let function = callable
        .cast::<BoundMethod>()
        .map(|m| m.function.or_none())
        .filter(|f| f.cast::<NativeFunction>().is_some());
    Ok(function)
}

/// `line` and `opcode`.
fn line(vm: &Vm, frame: &Frame) -> Result<()> {
    let Some(object) = frame.object.get() else {
        return Ok(());
    };
    if object.trace.get().is_none() {
        return Ok(());
    }
    let index = frame.instruction();
    let here = frame.code.line_of(index);
    let last = object.last_line.replace(here.map(|l| (l, index)));
    if let Some(here) = here
        && object.trace_lines.get()
    {
        let due = match last {
            None => true,
            Some((line, at)) => {
                let back = index <= at;
                let starts = index == 0 || frame.code.line_of(index - 1) != Some(here);
                line != here || back && starts
            }
        };
        if due {
            local(vm, object, "line", Value::NONE)?;
        }
    }
    if object.trace_opcodes.get() {
        local(vm, object, "opcode", Value::NONE)?;
    }
    Ok(())
}

/// `return`: of an activation that ends, or of a generator that yields.
fn returned(vm: &Vm, frame: &Frame, value: Value) -> Result<()> {
    if vm.thread().trace_function.get().is_some()
        && let Some(object) = frame.object.get()
        && object.trace.get().is_some()
    {
        local(vm, object, "return", value)?;
    }
    profile(vm, frame, "return", value)
}

/// An activation ends by the pending exception.
pub fn on_unwind(vm: &Vm, frame: &Frame) {
    if active(vm) && !frame.code.has(CodeFlags::HIDDEN) {
        crate::monitoring::exception(vm, frame, Event::PyUnwind);
        aside(vm, || returned(vm, frame, Value::NONE));
    }
}

/// The pending exception reached an activation.
pub fn on_exception(vm: &Vm, frame: &Frame) {
    if !active(vm) {
        return;
    }
    crate::monitoring::exception(vm, frame, Event::Raise);
    if vm.thread().trace_function.get().is_none() {
        return;
    }
    let (Some(object), Some(e)) = (frame.object.get(), vm.pending()) else {
        return;
    };
    if object.trace.get().is_none() {
        return;
    }
    aside(vm, || {
        let traceback = e
            .cast::<taipan_runtime::types::exception::Exception>()
            .map_or(Value::NONE, |x| x.traceback.or_none());
        let info = vm.new_tuple(&[vm.class_of(e).value(), e, traceback])?;
        local(vm, object, "exception", info.value())
    });
}

/// Runs `report` with the pending exception put aside; what it raises replaces that.
fn aside(vm: &Vm, report: impl FnOnce() -> Result<()>) {
    let pending = vm.pending();
    vm.clear_raised();
    if report().is_ok()
        && let Some(e) = pending
    {
        vm.raise_again(e);
    }
}

/// Calls the frame's own tracing function, which may name another for what follows.
fn local(vm: &Vm, object: Gc<FrameObject>, event: &str, argument: Value) -> Result<()> {
    let Some(f) = object.trace.get() else {
        return Ok(());
    };
    if vm.thread().trace_function.get().is_none() {
        return Ok(());
    }
    match call(vm, f, object, event, argument) {
        Ok(next) => {
            if !next.is_none() && object.trace.get().is_some() {
                object.trace.set(&object.header, next);
            }
            Ok(())
        }
        Err(raised) => {
            object.trace.clear();
            Err(raised)
        }
    }
}

fn profile(vm: &Vm, frame: &Frame, event: &str, argument: Value) -> Result<()> {
    let Some(f) = vm.thread().profile_function.get() else {
        return Ok(());
    };
    call(vm, f, vm.frame_object(frame), event, argument).map(|_| ())
}

/// Calls a tracing function, itself unobserved. One that raises is removed.
fn call(vm: &Vm, f: Value, object: Gc<FrameObject>, event: &str, argument: Value) -> Result {
    let thread = vm.thread();
    if thread.tracing.replace(true) {
        return Ok(Value::NONE);
    }
    let name = vm.intern(event).value();
    let result = vm.call(f, &[object.value(), name, argument]);
    let thread = vm.thread();
    thread.tracing.set(false);
    if result.is_err() {
        if event.starts_with("c_") || thread.profile_function.get() == Some(f) {
            thread.profile_function.set(None);
        } else {
            thread.trace_function.set(None);
        }
        vm.update_tracing();
    }
    result
}

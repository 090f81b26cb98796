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
use taipan_runtime::object::{NativeFunction, Special};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::frame::{Frame, FrameObject};
use taipan_runtime::types::function::Function;
use taipan_runtime::types::generator::Generator;
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
    /// The activation and instruction that were asked about last.
    last: (*const Frame, u32),
}

impl Observer {
    pub fn new() -> Observer {
        Observer {
            calling: None,
            monitor: Monitor::new(),
            last: (std::ptr::null(), 0),
        }
    }

    /// Reports what is due before the instruction that `frame` stands at. Returns whether the
    /// frame is to go on with another instruction, of which nothing is reported.
    ///
    /// # Errors
    /// What the tracing function raises; tracing is off then.
    pub fn before(&mut self, vm: &Vm, frame: &Frame) -> Result<bool> {
        if frame.code.has(CodeFlags::HIDDEN) {
            return Ok(false);
        }
        // An instruction that has just specialised itself is asked about again.
        let here: (*const Frame, u32) = (frame, frame.instruction());
        if std::mem::replace(&mut self.last, here) == here {
            return Ok(false);
        }
        let told = self.tell(vm, frame);
        let jumped = vm.thread().jumped.take();
        if jumped {
            self.last.1 = frame.instruction();
        }
        told.map(|()| jumped)
    }

    fn tell(&mut self, vm: &Vm, frame: &Frame) -> Result<()> {
        self.monitor.before(vm, frame)?;
        if vm.thread().jumped.get() {
            return Ok(());
        }
        let profiling = vm.thread().profile_function.get();
        if let Some((caller, callable)) = self.calling.take()
            && std::ptr::eq(caller, frame)
            && profiling.is_some()
        {
            profile(vm, frame, Event::CReturn, callable)?;
        }
        // SAFETY: the frame stands at an instruction of its code.
        let word = unsafe { (*frame.ip.get()).get() };
        let op = Op::from_u8(word as u8).unwrap_or(Op::NOP).generic();
        match op {
            Op::RESUME => return called(vm, frame, word >> 8 & 3 == 0),
            Op::RETURN_VALUE | Op::YIELD_VALUE => {
                line(vm, frame)?;
                if vm.thread().jumped.get() {
                    return Ok(());
                }
                let value = top(frame, 1).unwrap_or(Value::NONE);
                let event = if op == Op::YIELD_VALUE {
                    Event::PyYield
                } else {
                    Event::PyReturn
                };
                return returned(vm, frame, event, value);
            }
            Op::END_SEND => {
                line(vm, frame)?;
                if let (Some(from), Some(value)) = (top(frame, 2), top(frame, 1))
                    && !vm.thread().jumped.get()
                    && from.cast::<Generator>().is_some()
                    && vm.class_of(from) != vm.types.async_generator.get()
                {
                    iteration_ended(vm, frame, Event::StopIteration, value, true)?;
                }
            }
            _ => line(vm, frame)?,
        }
        if vm.thread().jumped.get() {
            return Ok(());
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
                profile(vm, frame, Event::Call, callable)?;
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
            aside(vm, || profile(vm, frame, Event::CRaise, callable));
        }
    }
}

/// `call`: an activation starts or, unless `first`, a generator's goes on.
fn called(vm: &Vm, frame: &Frame, first: bool) -> Result<()> {
    let thread = vm.thread();
    let event = if first {
        Event::PyStart
    } else {
        Event::PyResume
    };
    if let Some(f) = thread.trace_function.get() {
        let object = vm.frame_object(frame);
        // A generator goes on within its line.
        let index = frame.instruction();
        let line = frame.code.line_of(index).filter(|_| !first);
        object.last_line.set(line.map(|l| (l, index)));
        let local = call(vm, f, object, event, Value::NONE)?;
        if local.is_none() {
            object.trace.clear();
        } else {
            object.trace.set(&object.header, local);
        }
    }
    if vm.thread().jumped.get() {
        return Ok(());
    }
    profile(vm, frame, event, Value::NONE)
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
        let starts = || starts_line(frame, index, here);
        let due = match last {
            None => starts() || starts_body(frame, index),
            Some((line, at)) => {
                let looped = || op_at(frame, at) == Op::JUMP_BACKWARD;
                line != here || index <= at && (looped() || starts())
            }
        };
        if due {
            local(vm, object, Event::Line, Value::NONE)?;
            if vm.thread().jumped.get() {
                return Ok(());
            }
        }
    }
    if object.trace_opcodes.get() {
        local(vm, object, Event::Instruction, Value::NONE)?;
    }
    Ok(())
}

/// The instruction at an index of the frame's code, as it was compiled.
pub fn op_at(frame: &Frame, index: u32) -> Op {
    let word = frame.code.instrs()[index as usize].get();
    Op::from_u8(word as u8).unwrap_or(Op::NOP).generic()
}

/// Whether the instruction at `index` is the first of `line`.
pub fn starts_line(frame: &Frame, index: u32, line: u32) -> bool {
    index == 0 || frame.code.line_of(index - 1) != Some(line)
}

/// Whether the instruction at `index` is the first of a body.
fn starts_body(frame: &Frame, index: u32) -> bool {
    let at = index.checked_sub(1 + Op::RESUME.caches() as u32);
    at.is_some_and(|at| op_at(frame, at) == Op::RESUME)
}

/// A loop or `await` of `frame` came to the end of what it iterates over, without a StopIteration
/// that was raised here: reports one of `value`, to tracing functions only if `traced`.
///
/// # Errors
/// What a callback or the tracing function raises.
pub fn iteration_ended(
    vm: &Vm,
    frame: &Frame,
    event: Event,
    value: Value,
    traced: bool,
) -> Result<()> {
    if !active(vm) || frame.code.has(CodeFlags::HIDDEN) {
        return Ok(());
    }
    let args: &[Value] = if value.is_none() { &[] } else { &[value] };
    let class = vm.exception_class(&exc::STOP_ITERATION);
    let e = vm.call(class.value(), args)?;
    crate::monitoring::told_of(vm, frame, event, e)?;
    if traced
        && vm.thread().trace_function.get().is_some()
        && let Some(object) = frame.object.get()
        && object.trace.get().is_some()
    {
        let info = vm.new_tuple(&[class.value(), e, Value::NONE])?;
        local(vm, object, Event::Raise, info.value())?;
    }
    Ok(())
}

/// As [`iteration_ended`], of an iterator that is no generator: reported if its `__next__` is a
/// Python function, which raised StopIteration, or if there is a value.
///
/// # Errors
/// As `iteration_ended`.
pub fn iterator_ended(vm: &Vm, frame: &Frame, iterator: Value, value: Value) -> Result<()> {
    let next = vm.class_of(iterator).special(Special::Next);
    if iterator.cast::<Generator>().is_some()
        || value.is_none() && next.is_none_or(|f| f.cast::<Function>().is_none())
    {
        return Ok(());
    }
    iteration_ended(vm, frame, Event::Raise, value, true)
}

/// `return`: of an activation that ends, or of a generator that yields.
fn returned(vm: &Vm, frame: &Frame, event: Event, value: Value) -> Result<()> {
    if vm.thread().trace_function.get().is_some()
        && let Some(object) = frame.object.get()
        && object.trace.get().is_some()
    {
        local(vm, object, event, value)?;
    }
    if vm.thread().jumped.get() {
        return Ok(());
    }
    profile(vm, frame, event, value)
}

/// An activation ends by the pending exception.
pub fn on_unwind(vm: &Vm, frame: &Frame) {
    if active(vm) && !frame.code.has(CodeFlags::HIDDEN) {
        crate::monitoring::exception(vm, frame, Event::PyUnwind);
        aside(vm, || returned(vm, frame, Event::PyUnwind, Value::NONE));
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
        local(vm, object, Event::Raise, info.value())
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
fn local(vm: &Vm, object: Gc<FrameObject>, event: Event, argument: Value) -> Result<()> {
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

fn profile(vm: &Vm, frame: &Frame, event: Event, argument: Value) -> Result<()> {
    let Some(f) = vm.thread().profile_function.get() else {
        return Ok(());
    };
    call(vm, f, vm.frame_object(frame), event, argument).map(|_| ())
}

/// What a tracing function is told.
fn name(event: Event) -> &'static str {
    match event {
        Event::Line => "line",
        Event::Instruction => "opcode",
        Event::PyReturn | Event::PyYield | Event::PyUnwind => "return",
        Event::Raise => "exception",
        Event::Call => "c_call",
        Event::CReturn => "c_return",
        Event::CRaise => "c_exception",
        _ => "call",
    }
}

/// Calls a tracing function, itself unobserved. One that raises is removed.
fn call(vm: &Vm, f: Value, object: Gc<FrameObject>, event: Event, argument: Value) -> Result {
    let thread = vm.thread();
    if thread.tracing.replace(true) {
        return Ok(Value::NONE);
    }
    let name = vm.intern(name(event)).value();
    let outer = thread.event.replace(Some((event, object.frame.get())));
    let result = vm.call(f, &[object.value(), name, argument]);
    let thread = vm.thread();
    thread.event.set(outer);
    thread.tracing.set(false);
    if result.is_err() {
        let native = matches!(event, Event::Call | Event::CReturn | Event::CRaise);
        if native || thread.profile_function.get() == Some(f) {
            thread.profile_function.set(None);
        } else {
            thread.trace_function.set(None);
        }
        vm.update_tracing();
    }
    result
}

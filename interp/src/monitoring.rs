//! `sys.monitoring` (PEP 669): telling tools what happens.
//!
//! While a tool wants any event, code runs in the instruction loop's traced form, as for
//! `sys.settrace` (`tracing.rs`); nothing is added to the plain loop and compiled code. An
//! event that depends on what an instruction does (a branch, the result of a native call) is
//! told before the next instruction of the same activation.

use crate::tracing::{op_at, starts_line};
use taipan_bytecode::opcode::Op;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::method::BoundMethod;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::{Event, TOOLS};
use taipan_runtime::{Result, Value, Vm};

/// The values `sys.monitoring.DISABLE` and `MISSING`.
pub fn constant(vm: &Vm, name: &str) -> Result {
    let module = vm
        .sys_dict
        .get()
        .and_then(|d| d.get_str(vm.intern("monitoring")));
    vm.get_attr_str(module.unwrap_or(Value::NONE), name)
}

/// What an instruction under way will be told of once it is known.
enum Pending {
    /// Where a branch goes if it is not taken.
    Branch(u32),
    /// A native callable, and its first argument.
    Call(Value, Value),
}

/// What one run of the instruction loop needs to remember.
pub struct Monitor {
    pending: Vec<(*const Frame, u32, Pending)>,
}

impl Monitor {
    pub const fn new() -> Monitor {
        Monitor {
            pending: Vec::new(),
        }
    }

    /// Tells what is due before the instruction that `frame` stands at.
    ///
    /// # Errors
    /// What a callback raises.
    #[inline]
    pub fn before(&mut self, vm: &Vm, frame: &Frame) -> Result<()> {
        if vm.monitoring.wants(u32::MAX) || !self.pending.is_empty() {
            self.tell(vm, frame)
        } else {
            Ok(())
        }
    }

    fn tell(&mut self, vm: &Vm, frame: &Frame) -> Result<()> {
        let index = frame.instruction();
        if let Some((_, at, pending)) = self.pending.pop_if(|(f, ..)| std::ptr::eq(*f, frame)) {
            match pending {
                Pending::Branch(left) => {
                    let event = if index == left {
                        Event::BranchLeft
                    } else {
                        Event::BranchRight
                    };
                    let passed = match op_at(frame, index) {
                        Op::NOT_TAKEN => true,
                        Op::POP_ITER => op_at(frame, at) == Op::FOR_ITER,
                        _ => false,
                    };
                    let target = offset(vm, index + u32::from(passed));
                    fire(vm, frame, event, at, &[target])?;
                }
                Pending::Call(callable, argument) => {
                    fire(vm, frame, Event::CReturn, at, &[callable, argument])?;
                }
            }
        }
        if vm.thread().jumped.get() {
            return Ok(());
        }
        // SAFETY: the frame stands at an instruction of its code.
        let word = unsafe { (*frame.ip.get()).get() };
        let op = Op::from_u8(word as u8).unwrap_or(Op::NOP).generic();
        let argument = (word >> 8) as usize;
        match op {
            Op::RESUME => {
                let first = argument & 3 == 0;
                // A generator goes on within its line.
                let line = frame.code.line_of(index).filter(|_| !first);
                let object = vm.frame_object(frame);
                object.monitored_line.set(line.map(|l| (l, index)));
                let event = if first {
                    Event::PyStart
                } else {
                    Event::PyResume
                };
                return fire(vm, frame, event, index, &[]);
            }
            // What comes before the first line.
            Op::MAKE_CELL | Op::COPY_FREE_VARS | Op::RETURN_GENERATOR => return Ok(()),
            Op::POP_TOP if follows_generator(frame, index) => return Ok(()),
            _ => {}
        }
        line(vm, frame, index)?;
        if vm.thread().jumped.get() {
            return Ok(());
        }
        fire(vm, frame, Event::Instruction, index, &[])?;
        let next = index + 1 + op.caches() as u32;
        match op {
            Op::RETURN_VALUE => {
                let value = top(frame, 1).unwrap_or(Value::NONE);
                fire(vm, frame, Event::PyReturn, index, &[value])
            }
            Op::YIELD_VALUE => {
                let value = top(frame, 1).unwrap_or(Value::NONE);
                fire(vm, frame, Event::PyYield, index, &[value])
            }
            Op::JUMP_FORWARD => {
                let target = offset(vm, next + argument as u32);
                fire(vm, frame, Event::Jump, index, &[target])
            }
            Op::JUMP_BACKWARD => {
                let target = offset(vm, next.saturating_sub(argument as u32));
                fire(vm, frame, Event::Jump, index, &[target])
            }
            Op::POP_JUMP_IF_TRUE
            | Op::POP_JUMP_IF_FALSE
            | Op::POP_JUMP_IF_NONE
            | Op::POP_JUMP_IF_NOT_NONE
            | Op::FOR_ITER => {
                if vm
                    .monitoring
                    .wants(Event::BranchLeft.bit() | Event::BranchRight.bit())
                {
                    self.pending.push((frame, index, Pending::Branch(next)));
                }
                Ok(())
            }
            // The branches of an asynchronous loop: the item it got, or the end.
            Op::NOT_TAKEN if index > 0 && op_at(frame, index - 1) == Op::END_SEND => {
                let target = offset(vm, next);
                fire(vm, frame, Event::BranchLeft, index - 1, &[target])
            }
            Op::END_ASYNC_FOR if ends_async_for(vm, frame) => {
                let from = next.saturating_sub(argument as u32);
                fire(vm, frame, Event::BranchRight, from, &[offset(vm, next)])
            }
            Op::CALL | Op::CALL_KW | Op::CALL_FUNCTION_EX => {
                self.call(vm, frame, index, op, argument)
            }
            _ => Ok(()),
        }
    }

    fn call(&mut self, vm: &Vm, frame: &Frame, index: u32, op: Op, count: usize) -> Result<()> {
        if !vm.monitoring.wants(Event::Call.bit()) {
            return Ok(());
        }
        let below = match op {
            Op::CALL => count + 2,
            Op::CALL_KW => count + 3,
            _ => 4,
        };
        let Some(mut callable) = top(frame, below) else {
            return Ok(());
        };
        let mut first = match op {
            Op::CALL_FUNCTION_EX => top(frame, below - 2)
                .and_then(|t| t.cast::<Tuple>())
                .and_then(|t| t.as_slice().first().copied()),
            _ => top(frame, below - 1)
                .or_else(|| (count > 0).then(|| top(frame, below - 2)).flatten()),
        };
        if let Some(method) = callable.cast::<BoundMethod>() {
            callable = method.function.or_none();
            first = method.receiver.get();
        }
        let argument = match first {
            Some(v) => v,
            None => constant(vm, "MISSING")?,
        };
        fire(vm, frame, Event::Call, index, &[callable, argument])?;
        if callable.cast::<Function>().is_none() {
            self.pending
                .push((frame, index, Pending::Call(callable, argument)));
        }
        Ok(())
    }

    /// The instruction of `frame` raised, `again` if the exception was raised before.
    pub fn raised(&mut self, vm: &Vm, frame: &Frame, again: bool) {
        if !vm.monitoring.wants(u32::MAX) && self.pending.is_empty() {
            return;
        }
        let pending = self.pending.pop_if(|(f, ..)| std::ptr::eq(*f, frame));
        if let Some((_, at, Pending::Call(callable, argument))) = pending {
            aside(vm, |_| {
                fire(vm, frame, Event::CRaise, at, &[callable, argument])
            });
        }
        if again {
            exception(vm, frame, Event::Reraise);
        }
    }
}

/// Whether the exception on top of the stack is the StopAsyncIteration that ends a loop.
fn ends_async_for(vm: &Vm, frame: &Frame) -> bool {
    let class = vm.exception_class(&exc::STOP_ASYNC_ITERATION);
    top(frame, 1).is_some_and(|e| vm.class_of(e).is_subclass_of(class))
}

/// Whether the instruction drops the generator that the one before made.
fn follows_generator(frame: &Frame, index: u32) -> bool {
    // SAFETY: the instruction before is of the same code.
    index > 0 && unsafe { (*frame.ip.get().sub(1)).get() } as u8 == Op::RETURN_GENERATOR as u8
}

/// The value `depth` below the top of the frame's stack.
fn top(frame: &Frame, depth: usize) -> Option<Value> {
    // SAFETY: the instruction's operands lie there.
    unsafe { *frame.sp.get().sub(depth) }
}

fn offset(vm: &Vm, index: u32) -> Value {
    vm.new_int(i64::from(index) * 2)
}

/// Whether the instruction at `index` is the first after the beginning of a call.
fn starts_function(frame: &Frame, index: u32) -> bool {
    index
        .checked_sub(1 + Op::RESUME.caches() as u32)
        .is_some_and(|at| {
            let argument = frame.code.instrs()[at as usize].get() >> 8;
            op_at(frame, at) == Op::RESUME && argument & 3 == 0
        })
}

/// `LINE`, where an instruction begins a line.
fn line(vm: &Vm, frame: &Frame, index: u32) -> Result<()> {
    if !vm.monitoring.wants(Event::Line.bit()) {
        return Ok(());
    }
    let Some(here) = frame.code.line_of(index) else {
        return Ok(());
    };
    let last = vm
        .frame_object(frame)
        .monitored_line
        .replace(Some((here, index)));
    // Where the instruction is the first of its line, and where a jump came from another one; in the
    // line of the function's beginning only where that is reported.
    if starts_line(frame, index, here)
        || last.is_some_and(|(line, _)| line != here)
        || last.is_none()
            && vm.monitoring.wants(Event::PyStart.bit())
            && starts_function(frame, index)
    {
        return fire(vm, frame, Event::Line, index, &[vm.new_int(here.into())]);
    }
    Ok(())
}

/// An event of the pending exception.
pub fn exception(vm: &Vm, frame: &Frame, event: Event) {
    if !vm.monitoring.wants(event.bit()) || vm.thread().tracing.get() {
        return;
    }
    aside(vm, |e| fire(vm, frame, event, frame.instruction(), &[e]));
}

/// An event about the exception `e`, which is not pending.
///
/// # Errors
/// What a callback raises.
pub fn told_of(vm: &Vm, frame: &Frame, event: Event, e: Value) -> Result<()> {
    fire(vm, frame, event, frame.instruction(), &[e])
}

/// Runs `report` with the pending exception put aside; what it raises replaces that.
fn aside(vm: &Vm, report: impl FnOnce(Value) -> Result<()>) {
    let Some(e) = vm.pending() else { return };
    vm.clear_raised();
    if report(e).is_ok() {
        vm.raise_again(e);
    }
}

/// Calls the tools that want the event: with the code, what `arguments` says and, of most
/// events, the instruction's offset.
fn fire(vm: &Vm, frame: &Frame, event: Event, index: u32, arguments: &[Value]) -> Result<()> {
    let wanted = match event {
        Event::CReturn | Event::CRaise => Event::Call.bit(),
        other => other.bit(),
    };
    if !vm.monitoring.wants(wanted) || vm.thread().tracing.get() {
        return Ok(());
    }
    let code = frame.code;
    for tool in 0..TOOLS {
        if let Some(callback) = vm.monitoring.callback(tool, event, code, index) {
            call_tool(vm, (tool, callback), event, (frame, index), arguments)?;
        }
    }
    Ok(())
}

fn call_tool(
    vm: &Vm,
    (tool, callback): (usize, Value),
    event: Event,
    (frame, index): (&Frame, u32),
    arguments: &[Value],
) -> Result<()> {
    let code = frame.code;
    let mut all = vm.rooted_slice(&[code.value()]);
    if event != Event::Line {
        all.push(offset(vm, index));
    }
    arguments.iter().for_each(|v| all.push(*v));
    let thread = vm.thread();
    thread.tracing.set(true);
    let outer = thread.event.replace(Some((event, frame)));
    let result = vm.call(callback, &all);
    let thread = vm.thread();
    thread.event.set(outer);
    thread.tracing.set(false);
    if result? != constant(vm, "DISABLE")? {
        return Ok(());
    }
    if !event.is_local() {
        vm.monitoring.set_callback(tool, event as usize, None);
        return Err(vm.value_error(format!(
            "Cannot disable {} events. Callback removed.",
            Event::NAMES[event as usize]
        )));
    }
    vm.monitoring.disable(tool, event, code, index);
    Ok(())
}

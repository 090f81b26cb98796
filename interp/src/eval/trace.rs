//! The interpreter's side of the JIT: recording mode, single steps for compiled
//! code, entering and leaving it.

use super::dispatch::{self, Start};
use super::implicit;
use crate::tracing::Observer;
use std::cell::Cell;
use taipan_bytecode::opcode::Op;
use taipan_jit::backend::helpers::{STEP_JUMPED, STEP_NEXT, STEP_OTHER, STEP_RAISED};
use taipan_jit::{Action, Enter, Hooks, Jit, Resume, Returned};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::{Result, Value, Vm};

/// What the JIT needs of the interpreter.
pub const HOOKS: Hooks = Hooks {
    step,
    slice: super::containers::slice,
    call_ex: super::calls::call_spread,
    raise: |vm, e, cause| {
        super::unwind::raise(vm, Some(e), cause);
    },
    traceback: |vm| {
        // SAFETY: compiled code completed the innermost frame.
        super::unwind::add_traceback(vm, unsafe { &*vm.thread().frame.get() });
    },
    traceback_of: |vm, e| {
        // SAFETY: as above.
        super::unwind::add_entry(vm, unsafe { &*vm.thread().frame.get() }, e);
    },
    matches: super::unwind::matches,
    resume,
};

/// How recording or compiled code was left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It was not entered.
    Nothing,
    /// The frames stand where execution goes on.
    Stopped,
    /// An exception is pending, raised by the innermost frame's current instruction.
    Raise,
    /// As `Raise`, the traceback to be left as it is.
    Reraise(Option<i64>),
    /// The innermost frame is to return this.
    Return(Value),
}

/// What the instruction loop is to do next.
pub enum Traced {
    Continue,
    Stop,
    /// Go on in the innermost frame, which has changed.
    Moved,
    /// Go on with the instruction that the frame stands at now.
    Jumped,
    Raised,
}

enum Mode {
    Off,
    Record,
    /// One instruction, which was begun or not.
    Step(bool),
    /// For `sys.settrace` and `sys.setprofile`.
    Observe(Box<Observer>),
}

/// Who is asked before each instruction.
pub struct Tracer {
    mode: Mode,
    pub left: Left,
    /// The activation is to go on in the loop's other form.
    pub switched: bool,
}

impl Tracer {
    /// For `sys.settrace` and `sys.setprofile`.
    pub fn observing() -> Tracer {
        Tracer {
            mode: Mode::Observe(Box::new(Observer::new())),
            left: Left::Stopped,
            switched: false,
        }
    }

    /// An instruction raised: whether the loop itself is to look for a handler.
    pub fn raised(&mut self, vm: &Vm, frame: *mut Frame, reraised: Option<Option<i64>>) -> bool {
        match &mut self.mode {
            Mode::Observe(observer) => {
                // SAFETY: the innermost activation.
                observer.raised(vm, unsafe { &*frame }, reraised.is_some());
                true
            }
            Mode::Record => {
                // SAFETY: the innermost activation.
                let ends_loop = super::unwind::ends_loop(vm, unsafe { &*frame });
                !ends_loop
                    && !crate::tracing::active(vm)
                    && Jit::of(vm).is_some_and(|jit| jit.record_raise(vm, frame, reraised))
            }
            _ => false,
        }
    }

    /// Whether the recorder follows the step of the iterator that the loop is about to advance.
    pub fn follows_step(&self, vm: &Vm) -> bool {
        matches!(self.mode, Mode::Record) && Jit::of(vm).is_some_and(Jit::follows_step)
    }

    /// Of an execution that is not traced.
    pub const fn off() -> Tracer {
        Tracer {
            mode: Mode::Off,
            left: Left::Stopped,
            switched: false,
        }
    }

    /// Before the instruction that the innermost frame stands at.
    pub fn before(&mut self, vm: &Vm, frame: *mut Frame) -> Traced {
        match &mut self.mode {
            Mode::Step(begun) if !*begun => {
                *begun = true;
                Traced::Continue
            }
            Mode::Record => {
                let Some(jit) = Jit::of(vm) else {
                    return Traced::Stop;
                };
                if crate::tracing::active(vm) {
                    // What is recorded would pass over what a tracer is to see.
                    self.switched = true;
                    return Traced::Stop;
                }
                // SAFETY: the instruction loop's frame is the innermost one.
                match unsafe { jit.record(vm, frame) } {
                    Action::Continue => Traced::Continue,
                    Action::Stop => Traced::Stop,
                    Action::CallThrough => match call_through(vm, frame) {
                        Ok(()) => Traced::Moved,
                        Err(_) => Traced::Raised,
                    },
                }
            }
            Mode::Observe(observer) => {
                if !crate::tracing::active(vm) {
                    self.switched = true;
                    return Traced::Stop;
                }
                // SAFETY: the innermost activation.
                match observer.before(vm, unsafe { &*frame }) {
                    Ok(false) => Traced::Continue,
                    Ok(true) => Traced::Jumped,
                    Err(_) => Traced::Raised,
                }
            }
            Mode::Off | Mode::Step(_) => Traced::Stop,
        }
    }
}

/// Runs an activation that was just pushed to its end, or a generator's to its next
/// yield, and gives the result to its caller; those that the caller's loop needs after it, too.
fn call_through(vm: &Vm, mut frame: *mut Frame) -> Result<()> {
    // SAFETY: the innermost activation; its caller outlives it.
    unsafe {
        let caller = &*(*frame).previous.get();
        let at = caller.ip.get();
        let arg = ((*at).get() >> 8) as usize;
        let push = |v| {
            let sp = caller.sp.get();
            *sp = Some(v);
            caller.sp.set(sp.add(1));
        };
        loop {
            let flags = (*frame).flags.get();
            let skip = (*frame).return_info.get() as usize;
            let generator = (*frame).generator;
            if generator.is_some() {
                // As a suspended one: at the instruction before.
                (*frame).ip.set((*frame).ip.get().sub(1));
            }
            (*frame).flags.set(flags | Frame::ENTRY);
            let v = dispatch::run(vm, frame)?;
            let has_ended = generator.is_some_and(|g| g.is_finished());
            if flags & (Frame::PICKED | Frame::STAGE | Frame::STEPPED) != 0 && !has_ended {
                match implicit::advance(vm, caller, flags, v, false)? {
                    implicit::Advance::Item(v) => {
                        push(v);
                        caller.ip.set(at.add(1 + Op::FOR_ITER.caches()));
                        return Ok(());
                    }
                    implicit::Advance::Call(new) => frame = new,
                    implicit::Advance::End => {
                        caller.ip.set(at.add(3 + arg));
                        return Ok(());
                    }
                    implicit::Advance::Again if flags & Frame::STEPPED != 0 => {
                        // The caller does the same instruction again.
                        return Ok(());
                    }
                    // In parts it was not asked for.
                    implicit::Advance::Again | implicit::Advance::Pair(..) => {
                        let iterator = (*caller.sp.get().sub(1)).unwrap_or(Value::NONE);
                        match implicit::item(vm, caller, iterator)? {
                            implicit::Next::Call(new) | implicit::Next::Resume(new) => frame = new,
                            implicit::Next::End | implicit::Next::Other => {
                                caller.ip.set(at.add(3 + arg));
                                return Ok(());
                            }
                        }
                    }
                }
                continue;
            }
            let Some(generator) = generator else {
                if flags & Frame::IMPLICIT == 0 {
                    push(v);
                } else if let Some(v) = implicit::finish(vm, caller, flags, v)? {
                    push(v);
                }
                caller.ip.set(at.add(skip));
                return Ok(());
            };
            if flags & Frame::NEXT != 0 {
                if generator.is_finished() {
                    return Err(vm.stop_iteration(v));
                }
                push(v);
                caller.ip.set(at.add(1 + Op::CALL.caches()));
            } else if !generator.is_finished() {
                push(v);
                caller.ip.set(at.add(2));
            } else if flags & Frame::FOR_LOOP != 0 {
                caller.ip.set(at.add(3 + arg));
            } else {
                debug_assert!(flags == Frame::SEND_LOOP);
                push(v);
                caller.ip.set(at.add(2 + arg));
            }
            return Ok(());
        }
    }
}

/// Executes one instruction for compiled code.
fn step(vm: &Vm) -> u64 {
    let thread = vm.thread();
    let frame = thread.frame.get();
    // SAFETY: compiled code completed the innermost frame.
    unsafe {
        let at = (*frame).ip.get();
        let op =
            taipan_bytecode::Op::from_u8((*at).get() as u8).unwrap_or(taipan_bytecode::Op::NOP);
        let next = at.add(1 + op.caches());
        let mut tracer = Tracer {
            mode: Mode::Step(false),
            left: Left::Stopped,
            switched: false,
        };
        dispatch::run_traced(vm, &mut tracer);
        if tracer.left != Left::Stopped {
            return STEP_RAISED;
        }
        let innermost = thread.frame.get();
        if innermost != frame {
            if (*innermost).previous.get() != frame {
                return STEP_OTHER;
            }
            if vm.check_native_stack().is_err() || call_through(vm, innermost).is_err() {
                return STEP_RAISED;
            }
        }
        if (*frame).ip.get() == next {
            STEP_NEXT
        } else {
            STEP_JUMPED
        }
    }
}

/// A loop became hot at the backward jump `site`; the frame stands at its header.
#[cold]
#[inline(never)]
pub fn hot_loop(vm: &Vm, frame: *mut Frame, site: *const Cell<u32>) -> Left {
    let Some(jit) = Jit::of(vm) else {
        return Left::Nothing;
    };
    // SAFETY: the instruction loop's frame is the innermost one, and `site` in its code.
    let entered = unsafe {
        let site = site.offset_from((*frame).code.start()) as usize;
        jit.hot_loop(vm, frame, site)
    };
    go_on(vm, jit, entered)
}

/// Enters compiled code.
#[inline(never)]
pub fn enter(vm: &Vm, frame: *mut Frame, index: u32) -> Left {
    let Some(jit) = Jit::of(vm) else {
        return Left::Nothing;
    };
    if !vm.thread().native_room_for_code() {
        return Left::Nothing;
    }
    // SAFETY: the instruction loop's frame is the innermost one.
    let entered = unsafe { jit.enter(vm, frame, index as usize) };
    go_on(vm, jit, entered)
}

/// A function became hot; its activation stands at `RESUME`, which is `site`.
#[cold]
#[inline(never)]
pub fn hot_function(vm: &Vm, frame: *mut Frame, site: *const Cell<u32>) -> Left {
    let Some(jit) = Jit::of(vm) else {
        return Left::Nothing;
    };
    // SAFETY: as in `hot_loop`.
    let entered = unsafe {
        let site = site.offset_from((*frame).code.start()) as usize;
        jit.hot_function(vm, frame, site)
    };
    go_on(vm, jit, entered)
}

/// Runs a compiled function in place of the innermost activation.
#[inline(never)]
pub fn enter_function(vm: &Vm, frame: *mut Frame, index: u32) -> Returned {
    let Some(jit) = Jit::of(vm) else {
        return Returned::Nothing;
    };
    if !vm.thread().native_room_for_code() {
        return Returned::Nothing;
    }
    // SAFETY: the instruction loop's frame is the innermost one.
    unsafe { jit.enter_function(vm, frame, index as usize) }
}

/// Runs an activation that native code has just pushed, if its function is compiled, without
/// entering the instruction loop for that.
#[inline]
pub fn enter_at_once(vm: &Vm, frame: *mut Frame) -> Option<Result> {
    // SAFETY: just pushed, it stands at its first instruction.
    let (word, index) = unsafe {
        let start = (*frame).ip.get();
        ((*start).get(), start.add(1))
    };
    if word as u8 != taipan_bytecode::Op::ENTER_FUNCTION as u8 || vm.breaker.get() != 0 {
        return None;
    }
    // SAFETY: the instruction has a cache.
    match enter_function(vm, frame, unsafe { (*index).get() }) {
        Returned::Nothing => None,
        Returned::Value(v) => Some(Ok(v)),
        Returned::Raised => Some(Err(vm.raised_marker())),
    }
}

fn go_on(vm: &Vm, jit: &Jit, entered: Enter) -> Left {
    match entered {
        Enter::Nothing => Left::Nothing,
        Enter::Reload => Left::Stopped,
        Enter::Raise => Left::Raise,
        Enter::Return(v) => Left::Return(v),
        Enter::Record => record(vm, jit),
    }
}

/// Goes on in recording mode until that ends.
fn record(vm: &Vm, jit: &Jit) -> Left {
    let mut tracer = Tracer {
        mode: Mode::Record,
        left: Left::Stopped,
        switched: false,
    };
    // SAFETY: the innermost frame is complete.
    unsafe { dispatch::run_traced(vm, &mut tracer) };
    jit.finish(vm, tracer.left != Left::Stopped || tracer.switched);
    tracer.left
}

/// Finishes an activation that compiled code began.
fn resume(vm: &Vm, how: Resume) -> Result {
    let start = match how {
        Resume::Run => Start::Run,
        Resume::Raise => Start::Raise,
        Resume::Record => match Jit::of(vm).map_or(Left::Stopped, |jit| record(vm, jit)) {
            Left::Nothing | Left::Stopped | Left::Return(_) => Start::Run,
            Left::Raise => Start::Raise,
            Left::Reraise(origin) => Start::Reraise(origin),
        },
    };
    // SAFETY: compiled code, or the recording, left the frames complete.
    unsafe { dispatch::resume(vm, start) }
}

//! Pushing and popping activations.

use super::binding;
use std::cell::Cell;
use taipan_bytecode::{CodeFlags, Op};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::exception::Exception;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::generator::{Generator, GeneratorState};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

/// Takes room for an activation on the value stack; its slots are not yet set.
#[inline(always)]
pub fn allocate(vm: &Vm, function: Gc<Function>, locals: Option<Value>) -> Result<*mut Frame> {
    let thread = vm.thread();
    let code = function.code();
    let words = Frame::WORDS + (code.locals_plus + code.stack_size) as usize;
    let depth = thread.depth.get();
    if depth >= vm.recursion_limit.get() && vm.too_deep() || !thread.has_room(words) {
        return Err(overflow(vm));
    }
    thread.depth.set(depth + 1);
    let frame = thread.top.get() as *mut Frame;
    // SAFETY: the value stack has room for `words`.
    unsafe {
        thread.top.set((frame as *mut Option<Value>).add(words));
        frame.write(Frame {
            code,
            function,
            locals,
            previous: Cell::new(thread.frame.get()),
            ip: Cell::new(code.start()),
            sp: Cell::new(
                (frame as *mut Option<Value>).add(Frame::WORDS + code.locals_plus as usize),
            ),
            object: Cell::new(None),
            generator: None,
            flags: Cell::new(0),
            return_info: Cell::new(0),
        });
    }
    Ok(frame)
}

/// Makes an allocated activation, its slots set, the innermost one.
#[inline(always)]
pub fn activate(vm: &Vm, frame: *mut Frame) {
    vm.thread().frame.set(frame);
}

#[cold]
fn overflow(vm: &Vm) -> taipan_runtime::Raised {
    vm.recursion_error("maximum recursion depth exceeded")
}

/// Gives back an allocated activation that never ran.
pub fn abandon(vm: &Vm, frame: *mut Frame) {
    let thread = vm.thread();
    thread.top.set(frame as *mut Option<Value>);
    thread.depth.set(thread.depth.get() - 1);
}

/// Pushes the activation of a call with positional arguments followed by the
/// values of the keywords in `names`.
#[inline]
pub fn push_call(
    vm: &Vm,
    function: Gc<Function>,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Result<*mut Frame> {
    let frame = allocate(vm, function, None)?;
    let code = function.code();
    // SAFETY: the slots lie within the room taken.
    unsafe {
        let slots = (*frame).slots();
        if code.simple_args && names.is_none() && args.len() == code.arg_count as usize {
            // Few words: written one by one, a call of `memcpy` would cost more.
            for (i, arg) in args.iter().enumerate() {
                slots.add(i).write_volatile(Some(*arg));
            }
            for i in args.len()..code.locals_plus as usize {
                slots.add(i).write_volatile(None);
            }
        } else {
            for i in 0..code.locals_plus as usize {
                *slots.add(i) = None;
            }
            // Binding may allocate, and the slots must be scanned meanwhile.
            let thread = vm.thread();
            let previous = thread.frame.get();
            thread.frame.set(frame);
            let bound = binding::bind(vm, function, slots, args, names);
            thread.frame.set(previous);
            if let Err(raised) = bound {
                abandon(vm, frame);
                return Err(raised);
            }
        }
    }
    activate(vm, frame);
    Ok(frame)
}

/// Pushes an activation without arguments: module code, class bodies, `exec`.
pub fn push_code(vm: &Vm, function: Gc<Function>, locals: Option<Value>) -> Result<*mut Frame> {
    let locals = if function.code().has(CodeFlags::OPTIMIZED) {
        None
    } else {
        locals
    };
    let frame = allocate(vm, function, locals)?;
    // SAFETY: the slots lie within the room taken.
    unsafe {
        for i in 0..function.code().locals_plus as usize {
            *(*frame).slots().add(i) = None;
        }
    }
    activate(vm, frame);
    Ok(frame)
}

/// Ends the innermost activation, which is not a generator's.
#[inline(always)]
pub fn pop(vm: &Vm, frame: *mut Frame) {
    let thread = vm.thread();
    // SAFETY: the innermost activation.
    unsafe {
        if (*frame).object.get().is_some() {
            // Its stack is done with, and may hold what is gone by now.
            (*frame).sp.set((*frame).stack_base());
            vm.detach_frame_object(&*frame);
        }
        thread.frame.set((*frame).previous.get());
    }
    thread.top.set(frame as *mut Option<Value>);
    thread.depth.set(thread.depth.get() - 1);
}

/// `RETURN_GENERATOR`: moves the running activation into a new generator, which
/// is returned; the activation on the stack is to be popped.
pub fn make_generator(
    vm: &Vm,
    frame: *mut Frame,
    resume_at: *const Cell<u32>,
) -> Result<Gc<Generator>> {
    // SAFETY: the innermost activation, and memory of its size behind the new object.
    unsafe {
        let old = &*frame;
        let origin = coroutine_origin(vm, old)?;
        let generator = vm.new_generator(old.function, old.locals, origin, resume_at)?;
        let new = &generator.frame;
        let count = old.code.locals_plus as usize;
        std::ptr::copy_nonoverlapping(old.slots(), new.slots(), count);
        Ok(generator)
    }
}

fn coroutine_origin(vm: &Vm, frame: &Frame) -> Result<Option<Value>> {
    let depth = vm.thread().coroutine_origin_depth.get();
    if depth == 0 || !frame.code.has(CodeFlags::COROUTINE) {
        return Ok(None);
    }
    let mut entries = vm.rooted();
    let mut at = frame.caller();
    while let Some(f) = at {
        if entries.len() == depth as usize {
            break;
        }
        let line = f.line().map_or(Value::NONE, |l| vm.new_int(l.into()));
        let parts = [f.code.filename.get().value(), line, f.code.name.value()];
        entries.push(vm.new_tuple(&parts)?.value());
        at = f.caller();
    }
    Ok(Some(vm.new_tuple(&entries)?.value()))
}

/// The generator that a value is, if it can be resumed with another one.
pub fn resumable(vm: &Vm, v: Value, sent: Value) -> Option<Gc<Generator>> {
    if v.header()?.shape_id() != vm.shapes.generator.get().id() {
        return None;
    }
    let generator = v.cast::<Generator>()?;
    generator.takes(sent).then_some(generator)
}

/// Makes a generator's frame the innermost activation, the value sent pushed.
#[inline]
pub fn enter_generator(
    vm: &Vm,
    generator: Gc<Generator>,
    value: Option<Value>,
) -> Result<*mut Frame> {
    let thread = vm.thread();
    let depth = thread.depth.get();
    if depth >= vm.recursion_limit.get() && vm.too_deep() {
        if value.is_none() {
            vm.clear_raised();
        }
        return Err(overflow(vm));
    }
    thread.depth.set(depth + 1);
    // SAFETY: the frame inside the generator, which is alive.
    unsafe {
        let frame = &raw mut (*generator.as_ptr()).frame;
        if let Some(v) = value {
            let sp = (*frame).sp.get();
            *sp = Some(v);
            (*frame).sp.set(sp.add(1));
        }
        vm.begin_generator(generator, thread.frame.get());
        if let Some(own) = generator.handled.get() {
            thread.handled.set(Some(own));
            // What is thrown in happened while the generator handled its own exception.
            if value.is_none()
                && let Some(e) = vm.pending().filter(|e| *e != own)
                && let Some(e) = e.cast::<Exception>()
            {
                vm.set_context(e, own);
            }
        }
        thread.frame.set(frame);
        Ok(frame)
    }
}

/// Length of `SEND` in units of code.
const SEND_UNITS: usize = 1 + Op::SEND.caches();

/// From a generator that was entered and stands in a `yield from` or `await` on to the generator
/// that it waits for, and so on, as the instructions between would lead there one by one. The
/// thread's innermost frame is that of the last one.
///
/// # Errors
/// The recursion is too deep.
///
/// # Safety
/// `frame` is the innermost activation, a generator's, with the value sent on its stack.
pub unsafe fn descend(vm: &Vm, mut frame: *mut Frame) -> Result<()> {
    // SAFETY: the frames are alive; a suspended one stands before its last instruction.
    unsafe {
        while vm.breaker.get() == 0 {
            let at = (*frame).ip.get();
            let next = (*at.add(1)).get();
            if next as u8 != Op::RESUME as u8 || next >> 8 & 3 < 2 {
                break;
            }
            let send = at.sub(SEND_UNITS);
            let sp = (*frame).sp.get();
            let (Some(receiver), Some(v)) = (*sp.sub(2), *sp.sub(1)) else {
                break;
            };
            let shape = receiver.header().map_or(0, |h| h.shape_id());
            if !matches!(
                Op::from_u8((*send).get() as u8),
                Some(Op::SEND | Op::SEND_GEN)
            ) || shape != vm.shapes.generator.get().id()
                && shape != vm.shapes.coroutine.get().id()
            {
                break;
            }
            let generator = receiver.cast_unchecked::<Generator>();
            if generator.state.get() != GeneratorState::Suspended {
                break;
            }
            (*frame).ip.set(send);
            (*frame).sp.set(sp.sub(1));
            frame = enter_generator(vm, generator, Some(v))?;
            (*frame).flags.set(Frame::SEND_LOOP);
        }
    }
    Ok(())
}

/// Undoes [`descend`]: what was yielded to the `SEND` that `frame` stands at is yielded on, as far
/// as generators wait for each other. Gives the frame that gets it in the end, and the flags of
/// the last activation that was left.
///
/// # Safety
/// `frame` is the innermost activation and stands at a `SEND`.
pub unsafe fn pass_on(vm: &Vm, mut frame: *mut Frame) -> (*mut Frame, u32) {
    // SAFETY: the frames are alive.
    unsafe {
        let mut flags = Frame::SEND_LOOP;
        while flags == Frame::SEND_LOOP
            && vm.breaker.get() == 0
            && let Some(generator) = (*frame).generator
        {
            let at = (*frame).ip.get().add(SEND_UNITS);
            if (*at).get() as u8 != Op::YIELD_VALUE as u8 {
                break;
            }
            (*frame).ip.set(at);
            flags = (*frame).flags.get();
            frame = (*frame).previous.get();
            leave_generator(vm, generator, GeneratorState::Suspended);
        }
        (frame, flags)
    }
}

/// Leaves a generator's frame: suspended or finished.
#[inline]
pub fn leave_generator(vm: &Vm, generator: Gc<Generator>, state: GeneratorState) {
    let thread = vm.thread();
    let frame = &generator.frame;
    thread.frame.set(frame.previous.get());
    thread.depth.set(thread.depth.get() - 1);
    if state == GeneratorState::Finished {
        if frame.object.get().is_some() {
            vm.detach_frame_object(frame);
        }
        generator.handled.clear();
        // Nothing is left to close.
        generator.header.flags.set(taipan_runtime::Header::QUIET);
    }
    generator.state.set(state);
    vm.end_generator(generator);
}

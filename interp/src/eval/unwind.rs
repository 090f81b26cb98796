//! Raising, tracebacks, handlers.

use std::cell::Cell;
use taipan_bytecode::{CodeFlags, Op};
use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::object::Class;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::exception::{Exception, group};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

/// Adds the frame to the pending exception's traceback.
pub fn add_traceback(vm: &Vm, frame: &Frame) {
    if frame.code.has(CodeFlags::HIDDEN) {
        return;
    }
    let Some(e) = vm.pending().and_then(|e| e.cast::<Exception>()) else {
        return;
    };
    add_entry(vm, frame, e);
    if vm.breaker.get() & taipan_runtime::vm::Breaker::TRACE != 0 {
        crate::tracing::on_exception(vm, frame);
    }
}

/// Adds the frame to an exception's traceback.
pub fn add_entry(vm: &Vm, frame: &Frame, e: Gc<Exception>) {
    if frame.code.has(CodeFlags::HIDDEN) || frame.code.has(CodeFlags::UNTRACED) {
        return;
    }
    // Making the entry allocates but cannot raise.
    let object = vm.frame_object(frame);
    let next = e.traceback.get();
    let entry = vm.new_traceback(next, object, frame.instruction() as i32 * 2, -1);
    e.traceback.set(&e.header, entry.value());
}

/// The handler for the frame's current instruction, its stack prepared: the
/// exception is pushed and no longer pending. One that is raised again came from `origin`.
///
/// # Safety
/// `frame` is the innermost activation.
pub unsafe fn find_handler(
    vm: &Vm,
    frame: &Frame,
    origin: Option<i64>,
) -> Option<(*const Cell<u32>, *mut Option<Value>)> {
    let at = frame.instruction();
    let handler = frame.code.handler_at(at)?;
    // SAFETY: the compiler's depths are within the frame's stack.
    unsafe {
        let mut sp = frame.stack_base().add(handler.depth as usize);
        if handler.push_lasti {
            *sp = Some(Value::small_int(origin.unwrap_or(at.into())));
            sp = sp.add(1);
        }
        *sp = Some(vm.take_raised());
        sp = sp.add(1);
        Some((frame.code.start().add(handler.target as usize), sp))
    }
}

/// Whether the pending exception is the end of a `for` loop that the frame stands at: a StopIteration
/// that came out of a function called for the next item.
#[inline(never)]
pub fn ends_loop(vm: &Vm, frame: &Frame) -> bool {
    // SAFETY: the frame's current instruction.
    let op = Op::from_u8(unsafe { (*frame.ip.get()).get() } as u8).map(Op::generic);
    op == Some(Op::FOR_ITER) && vm.raised_is_def(&exc::STOP_ITERATION)
}

/// Ends that loop: where the frame goes on, and its stack's top there.
///
/// # Safety
/// [`ends_loop`] said so.
pub unsafe fn end_loop(vm: &Vm, frame: &Frame) -> (*const Cell<u32>, *mut Option<Value>) {
    vm.clear_raised();
    let at = frame.ip.get();
    // SAFETY: the jump's target lies in the same code.
    let target = unsafe { at.add(2 + Op::FOR_ITER.caches() + ((*at).get() >> 8) as usize) };
    (target, frame.sp.get())
}

/// Before the frame is left by an exception: notes in an AttributeError, if its caller read an
/// attribute by it, which one that was, as reading one natively does.
#[inline(never)]
pub fn complete_attribute_error(vm: &Vm, frame: &Frame) {
    // SAFETY: calling activations outlive those they called.
    let Some(caller) = (unsafe { frame.previous.get().as_ref() }) else {
        return;
    };
    // SAFETY: the caller's current instruction.
    let word = unsafe { (*caller.ip.get()).get() };
    if Op::from_u8(word as u8).map(Op::generic) != Some(Op::LOAD_ATTR)
        || !vm.raised_is_def(&exc::ATTRIBUTE_ERROR)
    {
        return;
    }
    let arg = (word >> 8) as usize;
    let name = caller.code.name_at(arg >> 1);
    if let Some(place) = vm.attribute_owner(frame, name, arg & 1 != 0)
        && let Some(owner) = frame.slot(place)
    {
        vm.complete_attribute_error(owner, name);
    }
}

/// `raise e from cause`: makes the exception pending. Returns whether it is a
/// bare `raise`, which leaves the traceback as it is.
pub fn raise(vm: &Vm, e: Option<Value>, cause: Option<Value>) -> bool {
    let Some(e) = e else {
        match vm.handled_exception() {
            Some(e) => {
                vm.raise_again(e);
                return true;
            }
            None => {
                vm.runtime_error("No active exception to reraise");
                return false;
            }
        }
    };
    let _ = raise_new(vm, e, cause);
    false
}

fn instance(vm: &Vm, e: Value, message: &str) -> Result {
    if let Some(class) = e
        .cast::<Class>()
        .filter(|c| c.layout.kind == Kind::Exception)
    {
        let made = vm.call(e, &[])?;
        if !vm.is_kind(made, Kind::Exception) {
            return Err(vm.type_error(format!(
                "calling {} should have returned an instance of BaseException, not {}",
                vm.repr(class.value())?,
                vm.class_of(made).qualified_name()
            )));
        }
        return Ok(made);
    }
    if vm.is_kind(e, Kind::Exception) {
        return Ok(e);
    }
    Err(vm.type_error(message))
}

fn raise_new(vm: &Vm, e: Value, cause: Option<Value>) -> Result<()> {
    let e = instance(vm, e, "exceptions must derive from BaseException")?;
    if let (Some(cause), Some(x)) = (cause, e.cast::<Exception>()) {
        if cause.is_none() {
            x.cause.clear();
        } else {
            let cause = instance(vm, cause, "exception causes must derive from BaseException")?;
            x.cause.set(&x.header, cause);
        }
        x.suppress_context.set(true);
    }
    Err(vm.raise(e))
}

const NOT_EXCEPTION: &str =
    "catching classes that do not inherit from BaseException is not allowed";

fn check_type(vm: &Vm, v: Value) -> Result<()> {
    match v.cast::<Class>() {
        Some(c) if c.layout.kind == Kind::Exception => Ok(()),
        _ => Err(vm.type_error(NOT_EXCEPTION)),
    }
}

/// `except types:`.
pub fn matches(vm: &Vm, e: Value, types: Value) -> Result<bool> {
    let class = vm.class_of(e);
    if let Some(t) = types.cast::<Tuple>() {
        for v in t.as_slice() {
            check_type(vm, *v)?;
        }
        return Ok(t
            .as_slice()
            .iter()
            .any(|v| v.cast::<Class>().is_some_and(|c| class.is_subclass_of(c))));
    }
    check_type(vm, types)?;
    Ok(types
        .cast::<Class>()
        .is_some_and(|c| class.is_subclass_of(c)))
}

/// `except* types:`: the rest and the part that matches, None where empty.
pub fn matches_group(vm: &Vm, e: Value, types: Value) -> Result<(Value, Value)> {
    let list = match types.cast::<Tuple>() {
        Some(t) => t.as_slice().to_vec(),
        None => vec![types],
    };
    let base = vm.exception_class(&exc::BASE_EXCEPTION_GROUP);
    for v in list {
        check_type(vm, v)?;
        if v.cast::<Class>().is_some_and(|c| c.is_subclass_of(base)) {
            return Err(vm.type_error(
                "catching ExceptionGroup with except* is not allowed. Use except instead.",
            ));
        }
    }
    if e.is_none() {
        return Ok((Value::NONE, Value::NONE));
    }
    let (matched, rest) = group::match_star(vm, e, types)?;
    Ok((rest, matched))
}

/// What `__exit__` is called with by `WITH_EXCEPT_START`: its receiver, if there is one, type,
/// exception and traceback.
pub fn exit_arguments(vm: &Vm, receiver: Option<Value>, e: Value) -> ([Value; 4], usize) {
    let tb = e
        .cast::<Exception>()
        .map_or(Value::NONE, |x| x.traceback.or_none());
    let class = vm.class_of(e).value();
    match receiver {
        Some(receiver) => ([receiver, class, e, tb], 4),
        None => ([class, e, tb, Value::NONE], 3),
    }
}

/// `WITH_EXCEPT_START`: `__exit__(type, exception, traceback)`.
pub fn call_exit(vm: &Vm, exit: Value, receiver: Option<Value>, e: Value) -> Result {
    let (args, count) = exit_arguments(vm, receiver, e);
    vm.call(exit, &args[..count])
}

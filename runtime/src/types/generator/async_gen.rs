//! Asynchronous generators (PEP 525): what `asend`, `athrow`, `aclose` and
//! `__anext__` return is awaitable and drives the generator.

use super::methods::{resume_throw, thrown_exception};
use super::{Generator, GeneratorState};
use crate::heap::{Field, Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, MethodDef, TypeDef};
use crate::types::exception::classes as exc;
use crate::types::iterators::ITER_SELF;
use crate::value::Value;
use crate::vm::{Result, Step, Vm};
use std::cell::Cell;

/// An awaitable of the generator is being driven.
pub const RUNNING: u8 = 1;
const HOOKS_CALLED: u8 = 2;
const CLOSED: u8 = 4;

/// A value that an asynchronous generator yielded, as opposed to what an inner
/// `await` yields (the machine wraps it).
#[repr(C)]
pub struct WrappedValue {
    pub header: Header,
    pub value: Field,
}

heap_object!(
    WrappedValue,
    "async_generator_wrapped_value",
    Kind::Other,
    |this, marker| {
        marker.field(&this.value);
    }
);

impl Vm {
    /// Wraps a value for `yield` in an asynchronous generator.
    pub fn wrap_async_value(&self, value: Value) -> Result {
        let class = self.class_of_def(&WRAPPED_VALUE)?;
        let object = WrappedValue {
            header: Header::empty(),
            value: Field::new(value),
        };
        Ok(self.heap.alloc(class.root_shape.get(), object).value())
    }
}

/// `async_generator_wrapped_value`.
pub static WRAPPED_VALUE: TypeDef = TypeDef {
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new(
        "async_generator_wrapped_value",
        <WrappedValue as Object>::LAYOUT,
    )
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Init,
    Iterating,
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Send,
    Throw,
    Close,
}

/// The awaitable of one operation.
#[repr(C)]
pub struct AsyncStep {
    pub header: Header,
    generator: GcField<Generator>,
    /// The value to send, or the exception to throw.
    payload: Field,
    state: Cell<State>,
    operation: Operation,
}

heap_object!(
    AsyncStep,
    "async_generator_asend",
    Kind::Other,
    |this, marker| {
        marker.gc_field(&this.generator);
        marker.field(&this.payload);
    }
);

fn generator(v: Value) -> Gc<Generator> {
    super::methods::this(v)
}

/// Calls the hooks of `sys.set_asyncgen_hooks` at first use.
fn init_hooks(vm: &Vm, g: Gc<Generator>) -> Result<()> {
    if g.async_flags.get() & HOOKS_CALLED != 0 {
        return Ok(());
    }
    g.async_flags.set(g.async_flags.get() | HOOKS_CALLED);
    if let Some(f) = vm.thread().asyncgen_finalizer.get() {
        g.finalizer.set(&g.header, f);
    }
    if let Some(f) = vm.thread().asyncgen_firstiter.get() {
        vm.call(f, &[g.value()])?;
    }
    Ok(())
}

fn make(vm: &Vm, g: Value, payload: Value, operation: Operation) -> Result {
    let g = generator(g);
    init_hooks(vm, g)?;
    let class = vm.class_of_def(if operation == Operation::Send {
        &ASEND
    } else {
        &ATHROW
    })?;
    let object = AsyncStep {
        header: Header::empty(),
        generator: GcField::new(g),
        payload: Field::new(payload),
        state: Cell::new(State::Init),
        operation,
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

pub(super) fn anext(vm: &Vm, args: &[Value]) -> Result {
    make(vm, args[0], Value::NONE, Operation::Send)
}

pub(super) fn asend(vm: &Vm, args: &[Value]) -> Result {
    make(vm, args[0], args[1], Operation::Send)
}

pub(super) fn athrow(vm: &Vm, args: &[Value]) -> Result {
    if args[2..].iter().any(|a| !a.is_missing()) {
        vm.warn_deprecated(
            "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.",
        )?;
    }
    let payload = vm.new_tuple(&args[1..])?.value();
    make(vm, args[0], payload, Operation::Throw)
}

pub(super) fn aclose(vm: &Vm, args: &[Value]) -> Result {
    make(vm, args[0], Value::NONE, Operation::Close)
}

fn step(v: Value) -> (Gc<AsyncStep>, Gc<Generator>) {
    // SAFETY: method descriptors check their receiver's class; the field is set at creation.
    unsafe {
        let s = v.cast_unchecked::<AsyncStep>();
        (s, s.generator.get().unwrap_unchecked())
    }
}

fn set_running(g: Gc<Generator>, on: bool) {
    let flags = g.async_flags.get();
    g.async_flags.set(if on {
        flags | RUNNING
    } else {
        flags & !RUNNING
    });
}

/// What came out of the generator, as the awaiting side sees it.
fn unwrap(vm: &Vm, s: Gc<AsyncStep>, g: Gc<Generator>, result: Result<Step>) -> Result<Step> {
    match result {
        Ok(Step::Yield(v)) => match v.cast::<WrappedValue>() {
            Some(w) => {
                s.state.set(State::Closed);
                set_running(g, false);
                if s.operation == Operation::Close {
                    return Err(vm.runtime_error("async generator ignored GeneratorExit"));
                }
                Ok(Step::Return(w.value.or_none()))
            }
            None => Ok(Step::Yield(v)),
        },
        Ok(Step::Return(_)) => {
            s.state.set(State::Closed);
            g.async_flags.set(g.async_flags.get() | CLOSED);
            set_running(g, false);
            if s.operation == Operation::Close {
                return Ok(Step::Return(Value::NONE));
            }
            Err(vm.raise_with(vm.exception_class(&exc::STOP_ASYNC_ITERATION), &[]))
        }
        Err(raised) => {
            s.state.set(State::Closed);
            set_running(g, false);
            let exit = vm.raised_is_def(&exc::GENERATOR_EXIT);
            let stop = vm.raised_is_def(&exc::STOP_ASYNC_ITERATION);
            if exit || stop {
                g.async_flags.set(g.async_flags.get() | CLOSED);
            }
            if s.operation == Operation::Close && (exit || stop) {
                vm.clear_raised();
                return Ok(Step::Return(Value::NONE));
            }
            Err(raised)
        }
    }
}

/// What a method that drives the generator comes to: a result is carried by StopIteration.
fn as_iteration(vm: &Vm, v: Value, result: Result<Step>) -> Result {
    let (s, g) = step(v);
    match result? {
        Step::Yield(v) => Ok(v),
        Step::Return(_) if s.operation == Operation::Close || g.is_finished() => {
            Err(vm.stop_iteration(Value::NONE))
        }
        Step::Return(v) => Err(stop_with(vm, v)),
    }
}

/// StopIteration with exactly this value, tuples and exceptions included.
fn stop_with(vm: &Vm, value: Value) -> crate::vm::Raised {
    let class = vm.exception_class(&exc::STOP_ITERATION);
    match vm.new_exception(class, &[value]) {
        Ok(e) => {
            exc::set_field(vm, e, "value", value);
            vm.raise(e.value())
        }
        Err(raised) => raised,
    }
}

fn name_of(operation: Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::Send => (
            "__anext__()/asend()",
            "anext(): asynchronous generator is already running",
        ),
        Operation::Throw => (
            "aclose()/athrow()",
            "athrow(): asynchronous generator is already running",
        ),
        Operation::Close => (
            "aclose()/athrow()",
            "aclose(): asynchronous generator is already running",
        ),
    }
}

fn step_send(vm: &Vm, args: &[Value]) -> Result {
    as_iteration(vm, args[0], drive(vm, args[0], args[1]))
}

/// Sends a value, for `await` without an exception that carries the result.
fn drive(vm: &Vm, v: Value, mut value: Value) -> Result<Step> {
    let (s, g) = step(v);
    let (name, busy) = name_of(s.operation);
    match s.state.get() {
        State::Closed => {
            return Err(vm.runtime_error(format!("cannot reuse already awaited {name}")));
        }
        State::Init => {
            if g.async_flags.get() & RUNNING != 0 {
                s.state.set(State::Closed);
                return Err(vm.runtime_error(busy));
            }
            if s.operation != Operation::Send {
                if g.is_finished() {
                    s.state.set(State::Closed);
                    return Ok(Step::Return(Value::NONE));
                }
                if g.async_flags.get() & CLOSED != 0 {
                    s.state.set(State::Closed);
                    return Err(vm.raise_with(vm.exception_class(&exc::STOP_ASYNC_ITERATION), &[]));
                }
                if !value.is_none() {
                    return Err(
                        vm.runtime_error("can't send non-None value to a just-started coroutine")
                    );
                }
            } else if value.is_none() {
                value = s.payload.or_none();
            }
            s.state.set(State::Iterating);
            set_running(g, true);
            match s.operation {
                Operation::Send => {}
                Operation::Throw => {
                    let parts = s.payload.or_none().cast::<crate::types::tuple::Tuple>();
                    let e = match parts {
                        Some(t) => thrown_exception(vm, t.as_slice())?,
                        None => return Ok(Step::Yield(Value::NONE)),
                    };
                    let result = resume_throw(vm, g, e);
                    return unwrap(vm, s, g, result);
                }
                Operation::Close => {
                    g.async_flags.set(g.async_flags.get() | CLOSED);
                    if g.state.get() == GeneratorState::Created {
                        g.state.set(GeneratorState::Finished);
                        return unwrap(vm, s, g, Ok(Step::Return(Value::NONE)));
                    }
                    let e = vm
                        .new_exception(vm.exception_class(&exc::GENERATOR_EXIT), &[])?
                        .value();
                    let result = resume_throw(vm, g, e);
                    return unwrap(vm, s, g, result);
                }
            }
        }
        State::Iterating => {}
    }
    let result = super::methods::send(vm, g, value);
    unwrap(vm, s, g, result)
}

fn step_next(vm: &Vm, args: &[Value]) -> Result {
    step_send(vm, &[args[0], Value::NONE])
}

fn step_throw(vm: &Vm, args: &[Value]) -> Result {
    let (s, g) = step(args[0]);
    let (name, busy) = name_of(s.operation);
    if s.state.get() == State::Closed {
        return Err(vm.runtime_error(format!("cannot reuse already awaited {name}")));
    }
    if s.state.get() == State::Init {
        if g.async_flags.get() & RUNNING != 0 {
            s.state.set(State::Closed);
            return Err(vm.runtime_error(busy));
        }
        s.state.set(State::Iterating);
        set_running(g, true);
    }
    let e = thrown_exception(vm, &args[1..])?;
    let result = resume_throw(vm, g, e);
    as_iteration(vm, args[0], unwrap(vm, s, g, result))
}

fn step_close(vm: &Vm, args: &[Value]) -> Result {
    let (s, _) = step(args[0]);
    if s.state.get() == State::Closed {
        return Ok(Value::NONE);
    }
    let class = vm.exception_class(&exc::GENERATOR_EXIT).value();
    match step_throw(vm, &[args[0], class]) {
        Ok(_) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
        Err(_)
            if vm.raised_is_def(&exc::STOP_ITERATION)
                || vm.raised_is_def(&exc::STOP_ASYNC_ITERATION)
                || vm.raised_is_def(&exc::GENERATOR_EXIT) =>
        {
            vm.clear_raised();
            Ok(Value::NONE)
        }
        Err(raised) => Err(raised),
    }
}

const METHODS: &[MethodDef] = &[
    ITER_SELF,
    MethodDef::new(
        "__await__",
        "(self, /)",
        "Return an iterator to be used in await expression.",
        crate::types::iterators::iter_self,
    ),
    MethodDef::new("__next__", "(self, /)", "Implement next(self).", step_next),
    MethodDef::new("send", "(self, value, /)", "", step_send),
    MethodDef::new(
        "throw",
        "(self, type, value=<none>, traceback=<none>, /)",
        "",
        step_throw,
    ),
    MethodDef::new("close", "(self, /)", "", step_close),
];

/// What `asend()` and `__anext__()` return.
pub static ASEND: TypeDef = TypeDef {
    methods: METHODS,
    flags: ClassFlags::NO_INSTANTIATION,
    send: Some(|vm, v| drive(vm, v, Value::NONE)),
    ..TypeDef::new("async_generator_asend", <AsyncStep as Object>::LAYOUT)
};

/// What `athrow()` and `aclose()` return.
pub static ATHROW: TypeDef = TypeDef {
    methods: METHODS,
    flags: ClassFlags::NO_INSTANTIATION,
    send: Some(|vm, v| drive(vm, v, Value::NONE)),
    ..TypeDef::new("async_generator_athrow", <AsyncStep as Object>::LAYOUT)
};

//! The Python side of generators and coroutines.

use super::{Generator, GeneratorState};
use crate::heap::{Field, Gc, Header, Kind, Object};
use crate::heap_object;
use crate::object::{Class, ClassFlags, GetSetDef, MemberDef, MethodDef, ShapeFlags, TypeDef};
use crate::types::exception::classes as exc;
use crate::types::exception::{Exception, Traceback};
use crate::types::iterators::ITER_SELF;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Step, Vm};
use std::mem::offset_of;

pub(super) fn this(v: Value) -> Gc<Generator> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

/// The result of resuming as `__next__` and `send` give it.
fn deliver(vm: &Vm, step: Result<Step>) -> Result {
    match step? {
        Step::Yield(v) => Ok(v),
        Step::Return(v) => Err(vm.stop_iteration(v)),
    }
}

/// Resumes with a value.
pub fn send(vm: &Vm, g: Gc<Generator>, value: Value) -> Result<Step> {
    if g.state.get() == GeneratorState::Created && !value.is_none() {
        let kind = kind_name(vm, g);
        return Err(vm.type_error(format!(
            "can't send non-None value to a just-started {kind}"
        )));
    }
    if g.is_finished() && g.class() == vm.types.coroutine.get() {
        return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
    }
    vm.interpreter().resume(vm, g, Some(value))
}

fn kind_name(vm: &Vm, g: Gc<Generator>) -> &'static str {
    let class = g.class();
    if class == vm.types.coroutine.get() {
        "coroutine"
    } else if class == vm.types.async_generator.get() {
        "async generator"
    } else {
        "generator"
    }
}

fn generator_next(vm: &Vm, args: &[Value]) -> Result {
    deliver(
        vm,
        vm.interpreter()
            .resume(vm, this(args[0]), Some(Value::NONE)),
    )
}

fn generator_send(vm: &Vm, args: &[Value]) -> Result {
    let step = send(vm, this(args[0]), args[1]);
    deliver(vm, step)
}

/// The exception of `throw(type, value, traceback)`.
pub fn thrown_exception(vm: &Vm, args: &[Value]) -> Result {
    let (kind, value, tb) = (args[0], args.get(1).copied(), args.get(2).copied());
    let value = value.and_then(|v| v.given_not_none());
    let tb = tb.and_then(|t| t.given_not_none());
    if tb.is_some_and(|t| t.cast::<Traceback>().is_none()) {
        return Err(vm.type_error("throw() third argument must be a traceback object"));
    }
    let e = match kind.cast::<Class>() {
        Some(class) if class.layout.kind == Kind::Exception => match value {
            Some(v) if vm.class_of(v).is_subclass_of(class) => v,
            Some(v) => match v.cast::<Tuple>() {
                Some(t) => vm.call(kind, t.as_slice())?,
                None => vm.call(kind, &[v])?,
            },
            None => vm.call(kind, &[])?,
        },
        _ if vm.is_kind(kind, Kind::Exception) => {
            if value.is_some() {
                return Err(vm.type_error("instance exception may not have a separate value"));
            }
            kind
        }
        _ => {
            return Err(vm.type_error(format!(
                "exceptions must be classes or instances deriving from BaseException, not {}",
                vm.class_of(kind).qualified_name()
            )));
        }
    };
    if let (Some(tb), Some(e)) = (tb, e.cast::<Exception>()) {
        e.traceback.set(&e.header, tb);
    }
    Ok(e)
}

/// Raises `e` inside a generator, or in what it delegates to.
pub fn resume_throw(vm: &Vm, g: Gc<Generator>, e: Value) -> Result<Step> {
    vm.check_native_stack()?;
    if let Some(inner) = g.delegate() {
        let is_exit = vm
            .class_of(e)
            .is_subclass_of(vm.exception_class(&exc::GENERATOR_EXIT));
        if is_exit {
            let closed = within(vm, g, || close_iterator(vm, inner));
            if closed.is_err() {
                return vm.interpreter().resume(vm, g, None);
            }
        } else if let Some(result) = throw_into(vm, g, inner, e)? {
            return match result {
                Ok(v) => Ok(Step::Yield(v)),
                Err(_) => vm.interpreter().resume(vm, g, None),
            };
        }
    }
    vm.raise_again(e);
    if g.is_finished() && g.class() == vm.types.coroutine.get() {
        vm.clear_raised();
        return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
    }
    vm.interpreter().resume(vm, g, None)
}

/// Runs `f`, which works on what `g` delegates to, as `g` itself would: running,
/// and with its frame among the callers.
fn within<R>(vm: &Vm, g: Gc<Generator>, f: impl FnOnce() -> R) -> R {
    let thread = vm.thread();
    let caller = thread.frame.get();
    let depth = thread.depth.get();
    g.state.set(GeneratorState::Running);
    g.frame.previous.set(caller);
    // SAFETY: the frame inside the generator, which the caller keeps alive.
    thread.frame.set(unsafe { &raw mut (*g.as_ptr()).frame });
    thread.depth.set(depth + 1);
    let result = f();
    thread.depth.set(depth);
    thread.frame.set(caller);
    g.frame.previous.set(std::ptr::null_mut());
    g.state.set(GeneratorState::Suspended);
    result
}

/// Throws into the inner iterator: `None` if it has no `throw`; an inner error
/// is pending in the machine and is to be raised in the outer generator.
fn throw_into(vm: &Vm, g: Gc<Generator>, inner: Value, e: Value) -> Result<Option<Result<Value>>> {
    let inner_generator = inner
        .cast::<Generator>()
        .filter(|_| vm.class_of(inner).def.get().is_some());
    if let Some(i) = inner_generator {
        let step = within(vm, g, || resume_throw(vm, i, e));
        return Ok(Some(match step {
            Ok(Step::Yield(v)) => Ok(v),
            Ok(Step::Return(v)) => Err(vm.stop_iteration(v)),
            Err(raised) => Err(raised),
        }));
    }
    let Some(throw) = vm.find_attr(inner, vm.names.throw.get())? else {
        return Ok(None);
    };
    Ok(Some(within(vm, g, || vm.call(throw, &[e]))))
}

fn close_iterator(vm: &Vm, inner: Value) -> Result<()> {
    if let Some(i) = inner
        .cast::<Generator>()
        .filter(|_| vm.class_of(inner).def.get().is_some())
    {
        return close(vm, i).map(|_| ());
    }
    match vm.find_attr(inner, vm.names.close.get()) {
        Ok(Some(f)) => vm.call(f, &[]).map(|_| ()),
        Ok(None) => Ok(()),
        Err(_) => {
            vm.report_unraisable("Exception ignored while closing generator", inner);
            Ok(())
        }
    }
}

/// `close()`: the value that it returned, if it returned one.
pub fn close(vm: &Vm, g: Gc<Generator>) -> Result {
    match g.state.get() {
        GeneratorState::Created => {
            g.state.set(GeneratorState::Finished);
            return Ok(Value::NONE);
        }
        GeneratorState::Finished => return Ok(Value::NONE),
        GeneratorState::Running | GeneratorState::Suspended => {}
    }
    let e = vm
        .new_exception(vm.exception_class(&exc::GENERATOR_EXIT), &[])?
        .value();
    match resume_throw(vm, g, e) {
        Ok(Step::Yield(_)) => {
            Err(vm.runtime_error(format!("{} ignored GeneratorExit", kind_name(vm, g))))
        }
        Ok(Step::Return(v)) => Ok(v),
        Err(_)
            if vm.raised_is_def(&exc::GENERATOR_EXIT) || vm.raised_is_def(&exc::STOP_ITERATION) =>
        {
            vm.clear_raised();
            Ok(Value::NONE)
        }
        Err(raised) => Err(raised),
    }
}

fn warn_throw(vm: &Vm, args: &[Value]) -> Result<()> {
    if args[2..].iter().any(|a| !a.is_missing()) {
        vm.warn_deprecated(
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
        )?;
    }
    Ok(())
}

fn generator_throw(vm: &Vm, args: &[Value]) -> Result {
    warn_throw(vm, args)?;
    let e = thrown_exception(vm, &args[1..])?;
    let step = resume_throw(vm, this(args[0]), e);
    deliver(vm, step)
}

fn generator_close(vm: &Vm, args: &[Value]) -> Result {
    close(vm, this(args[0]))
}

/// What happens to a suspended generator that nobody will resume.
pub(super) fn generator_del(vm: &Vm, args: &[Value]) -> Result {
    let g = this(args[0]);
    if g.class() == vm.types.coroutine.get() && g.state.get() == GeneratorState::Created {
        warn_unawaited(vm, args[0]);
        return Ok(Value::NONE);
    }
    if g.class() == vm.types.async_generator.get()
        && g.state.get() != GeneratorState::Finished
        && let Some(f) = g.finalizer.get().filter(|f| !f.is_none())
    {
        if vm.call(f, &[args[0]]).is_err() {
            vm.report_unraisable("Exception ignored while finalizing generator", args[0]);
        }
        return Ok(Value::NONE);
    }
    if g.state.get() == GeneratorState::Suspended && close(vm, g).is_err() {
        vm.report_unraisable("Exception ignored while closing generator", args[0]);
    }
    Ok(Value::NONE)
}

/// Warns of a coroutine that never ran, by the function of `warnings` if that works.
fn warn_unawaited(vm: &Vm, coroutine: Value) {
    const WHAT: &str = "Exception ignored while finalizing coroutine";
    let mut warned = false;
    if let Ok(warn) = vm.import_attr("warnings", "_warn_unawaited_coroutine") {
        warned = vm.call(warn, &[coroutine]).is_ok() || vm.raised_is_def(&exc::RUNTIME_WARNING);
        if vm.pending().is_some() {
            vm.report_unraisable(WHAT, coroutine);
        }
    } else {
        vm.clear_raised();
    }
    if warned {
        return;
    }
    let plain = || -> Result {
        let name = vm.str_text(this(coroutine).qualname.or_none())?;
        let text = vm.new_str(&format!("coroutine '{name}' was never awaited"));
        let category = vm.exception_class(&exc::RUNTIME_WARNING).value();
        let warn = vm.import_attr("_warnings", "warn")?;
        vm.call_keywords(warn, &[text.value(), category], &[("source", coroutine)])
    };
    if plain().is_err() {
        vm.report_unraisable(WHAT, coroutine);
    }
}

fn generator_repr(vm: &Vm, args: &[Value]) -> Result {
    let g = this(args[0]);
    let kind = match kind_name(vm, g) {
        "async generator" => "async_generator",
        other => other,
    };
    let name = vm.str(g.qualname.or_none())?;
    Ok(vm
        .new_str(&format!("<{kind} object {name} at {:#x}>", args[0].bits()))
        .value())
}

fn get_name(_: &Vm, v: Value) -> Result {
    Ok(this(v).name.or_none())
}

fn set_name(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    match value.filter(|s| s.cast::<Str>().is_some()) {
        Some(s) => {
            this(v).name.set(&this(v).header, s);
            Ok(())
        }
        None => Err(vm.type_error("__name__ must be set to a string object")),
    }
}

fn get_qualname(_: &Vm, v: Value) -> Result {
    Ok(this(v).qualname.or_none())
}

fn set_qualname(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    match value.filter(|s| s.cast::<Str>().is_some()) {
        Some(s) => {
            this(v).qualname.set(&this(v).header, s);
            Ok(())
        }
        None => Err(vm.type_error("__qualname__ must be set to a string object")),
    }
}

fn get_frame(vm: &Vm, v: Value) -> Result {
    let g = this(v);
    if g.is_finished() {
        return Ok(Value::NONE);
    }
    Ok(vm.frame_object(&g.frame).value())
}

fn get_running(_: &Vm, v: Value) -> Result {
    Ok(Value::bool(this(v).state.get() == GeneratorState::Running))
}

fn get_suspended(_: &Vm, v: Value) -> Result {
    Ok(Value::bool(
        this(v).state.get() == GeneratorState::Suspended,
    ))
}

fn get_code(_: &Vm, v: Value) -> Result {
    Ok(this(v).frame.code.value())
}

fn get_delegate(_: &Vm, v: Value) -> Result {
    Ok(this(v).delegate().unwrap_or(Value::NONE))
}

const fn ro(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

const NAME: GetSetDef = GetSetDef {
    name: "__name__",
    doc: "",
    get: get_name,
    set: Some(set_name),
};
const QUALNAME: GetSetDef = GetSetDef {
    name: "__qualname__",
    doc: "",
    get: get_qualname,
    set: Some(set_qualname),
};

/// `types.GeneratorType`.
pub static GENERATOR: TypeDef = TypeDef {
    generic: true,
    methods: &[
        ITER_SELF,
        MethodDef::new(
            "__next__",
            "(self, /)",
            "Implement next(self).",
            generator_next,
        )
        .resumes(1),
        MethodDef::new(
            "send",
            "(self, value, /)",
            "Resume the generator with a value.",
            generator_send,
        )
        .resumes(2),
        MethodDef::new(
            "throw",
            "(self, type, value=<none>, traceback=<none>, /)",
            "Raise an exception in the generator.",
            generator_throw,
        ),
        MethodDef::new(
            "close",
            "(self, /)",
            "Raise GeneratorExit inside the generator.",
            generator_close,
        ),
        MethodDef::new("__del__", "(self, /)", "", generator_del),
        MethodDef::new(
            "__repr__",
            "(self, /)",
            "Return repr(self).",
            generator_repr,
        ),
    ],
    getset: &[
        NAME,
        QUALNAME,
        ro("gi_frame", get_frame),
        ro("gi_running", get_running),
        ro("gi_suspended", get_suspended),
        ro("gi_code", get_code),
        ro("gi_yieldfrom", get_delegate),
    ],
    flags: ClassFlags::WEAKREFS | ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("generator", <Generator as Object>::LAYOUT)
};

/// What `coroutine.__await__()` gives.
#[repr(C)]
pub struct CoroutineWrapper {
    pub header: Header,
    coroutine: Field,
}

heap_object!(
    CoroutineWrapper,
    "coroutine_wrapper",
    Kind::Other,
    |this, marker| {
        marker.field(&this.coroutine);
    }
);

fn coroutine_await(vm: &Vm, args: &[Value]) -> Result {
    let class = vm.class_of_def(&COROUTINE_WRAPPER)?;
    let object = CoroutineWrapper {
        header: Header::empty(),
        coroutine: Field::new(args[0]),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn wrapped(v: Value) -> Gc<Generator> {
    // SAFETY: method descriptors check their receiver's class; the field is a coroutine.
    unsafe {
        v.cast_unchecked::<CoroutineWrapper>()
            .coroutine
            .or_none()
            .cast_unchecked()
    }
}

fn wrapper_next(vm: &Vm, args: &[Value]) -> Result {
    let step = send(vm, wrapped(args[0]), Value::NONE);
    deliver(vm, step)
}

fn wrapper_send(vm: &Vm, args: &[Value]) -> Result {
    let step = send(vm, wrapped(args[0]), args[1]);
    deliver(vm, step)
}

fn wrapper_throw(vm: &Vm, args: &[Value]) -> Result {
    warn_throw(vm, args)?;
    let e = thrown_exception(vm, &args[1..])?;
    let step = resume_throw(vm, wrapped(args[0]), e);
    deliver(vm, step)
}

fn wrapper_close(vm: &Vm, args: &[Value]) -> Result {
    close(vm, wrapped(args[0]))
}

/// `type(coroutine.__await__())`.
pub static COROUTINE_WRAPPER: TypeDef = TypeDef {
    methods: &[
        ITER_SELF,
        MethodDef::new(
            "__next__",
            "(self, /)",
            "Implement next(self).",
            wrapper_next,
        ),
        MethodDef::new("send", "(self, value, /)", "", wrapper_send),
        MethodDef::new(
            "throw",
            "(self, type, value=<none>, traceback=<none>, /)",
            "",
            wrapper_throw,
        ),
        MethodDef::new("close", "(self, /)", "", wrapper_close),
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("coroutine_wrapper", <CoroutineWrapper as Object>::LAYOUT)
};

/// `types.CoroutineType`.
pub static COROUTINE: TypeDef = TypeDef {
    generic: true,
    methods: &[
        MethodDef::new(
            "send",
            "(self, value, /)",
            "send(arg) -> send 'arg' into coroutine,\nreturn next iterated value or raise StopIteration.",
            generator_send,
        ),
        MethodDef::new(
            "throw",
            "(self, type, value=<none>, traceback=<none>, /)",
            "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise exception in coroutine, return next iterated value or raise\nStopIteration.\nthe (type, val, tb) signature is deprecated, \nand may be removed in a future version of Python.",
            generator_throw,
        ),
        MethodDef::new(
            "close",
            "(self, /)",
            "close() -> raise GeneratorExit inside coroutine.",
            generator_close,
        ),
        MethodDef::new(
            "__await__",
            "(self, /)",
            "Return an iterator to be used in await expression.",
            coroutine_await,
        ),
        MethodDef::new("__del__", "(self, /)", "", generator_del),
        MethodDef::new(
            "__repr__",
            "(self, /)",
            "Return repr(self).",
            generator_repr,
        ),
    ],
    getset: &[
        NAME,
        QUALNAME,
        ro("cr_frame", get_frame),
        ro("cr_running", get_running),
        ro("cr_suspended", get_suspended),
        ro("cr_code", get_code),
        ro("cr_await", get_delegate),
    ],
    members: &[MemberDef {
        name: "cr_origin",
        doc: "",
        offset: offset_of!(Generator, origin),
        readonly: true,
        none_if_empty: true,
    }],
    flags: ClassFlags::WEAKREFS | ClassFlags::NO_INSTANTIATION,
    shape_flags: ShapeFlags::FINALIZER,
    ..TypeDef::new("coroutine", <Generator as Object>::LAYOUT)
};

fn ag_running(_: &Vm, v: Value) -> Result {
    Ok(Value::bool(
        this(v).async_flags.get() & super::async_gen::RUNNING != 0,
    ))
}

/// `types.AsyncGeneratorType`.
pub static ASYNC_GENERATOR: TypeDef = TypeDef {
    generic: true,
    methods: &[
        MethodDef::new(
            "__aiter__",
            "(self, /)",
            "Return an awaitable, that resolves in asynchronous iterator.",
            crate::types::iterators::iter_self,
        ),
        MethodDef::new(
            "__anext__",
            "(self, /)",
            "Return a value or raise StopAsyncIteration.",
            super::async_gen::anext,
        ),
        MethodDef::new("asend", "(self, value, /)", "", super::async_gen::asend),
        MethodDef::new(
            "athrow",
            "(self, type, value=<none>, traceback=<none>, /)",
            "",
            super::async_gen::athrow,
        ),
        MethodDef::new("aclose", "(self, /)", "", super::async_gen::aclose),
        MethodDef::new("__del__", "(self, /)", "", generator_del),
        MethodDef::new(
            "__repr__",
            "(self, /)",
            "Return repr(self).",
            generator_repr,
        ),
    ],
    getset: &[
        NAME,
        QUALNAME,
        ro("ag_frame", get_frame),
        ro("ag_running", ag_running),
        ro("ag_suspended", get_suspended),
        ro("ag_code", get_code),
        ro("ag_await", get_delegate),
    ],
    flags: ClassFlags::WEAKREFS | ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("async_generator", <Generator as Object>::LAYOUT)
};

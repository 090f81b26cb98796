//! `Future`, of which `Task` is one with a coroutine, and the iterator that `await`
//! resumes.

use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::exception::Exception;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::set::Set;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Step, Vm};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Pending,
    Cancelled,
    Finished,
}

/// A future or a task.
#[repr(C)]
pub struct Future {
    pub header: Header,
    pub event_loop: Field,
    /// The first callback and its context; further ones are pairs in `callbacks`.
    callback: Field,
    callback_context: Field,
    callbacks: GcField<List>,
    result: Field,
    exception: Field,
    traceback: Field,
    source_traceback: Field,
    pub cancel_message: Field,
    /// What a coroutine that was cancelled raised.
    pub cancelled_exception: Field,
    /// A task that waits for this, or a set of several.
    awaited_by: Field,
    pub state: Cell<State>,
    /// `await` gave the future to the task: it is to wait.
    pub blocking: Cell<bool>,
    /// An exception that nobody has asked for yet.
    log_traceback: Cell<bool>,
    /// What follows is used by tasks only.
    pub is_task: Cell<bool>,
    pub must_cancel: Cell<bool>,
    pub log_destroy_pending: Cell<bool>,
    pub cancels: Cell<i64>,
    /// A string, or the number of a name not made yet.
    pub name: Field,
    pub context: Field,
    pub coroutine: Field,
    pub waiter: Field,
}

heap_object!(Future, "Future", Kind::Future, |this, marker| {
    for field in [
        &this.event_loop,
        &this.callback,
        &this.callback_context,
        &this.result,
        &this.exception,
        &this.traceback,
        &this.source_traceback,
        &this.cancel_message,
        &this.cancelled_exception,
        &this.awaited_by,
        &this.name,
        &this.context,
        &this.coroutine,
        &this.waiter,
    ] {
        marker.field(field);
    }
    marker.gc_field(&this.callbacks);
});

impl Future {
    pub fn is_pending(&self) -> bool {
        self.state.get() == State::Pending
    }

    /// Says in the header whether there would be nothing to report if the object died.
    pub fn note_quiet(&self) {
        let loud = self.log_traceback.get()
            || self.is_task.get() && self.is_pending() && self.log_destroy_pending.get();
        self.header.flags.set(if loud { 0 } else { Header::QUIET });
    }

    fn set_log_traceback(&self, on: bool) {
        if self.log_traceback.replace(on) != on {
            self.note_quiet();
        }
    }
}

/// The class of an exception of `asyncio`.
fn error_class(vm: &Vm, name: &str) -> Result<Gc<Class>> {
    let class = vm.import_attr("asyncio.exceptions", name)?;
    class
        .cast::<Class>()
        .ok_or_else(|| vm.type_error("an exception class was expected"))
}

pub fn invalid_state(vm: &Vm, message: &str) -> Raised {
    match error_class(vm, "InvalidStateError") {
        Ok(class) => vm.raise_str(class, message),
        Err(raised) => raised,
    }
}

/// `asyncio.CancelledError`.
pub fn cancelled_class(vm: &Vm) -> Result<Gc<Class>> {
    error_class(vm, "CancelledError")
}

/// The future's loop; RuntimeError before `__init__`.
pub fn loop_of(vm: &Vm, future: Gc<Future>) -> Result {
    match future.event_loop.get() {
        Some(event_loop) => Ok(event_loop),
        None => Err(vm.runtime_error("Future object is not initialized.")),
    }
}

/// `loop.call_soon(callback, *args, context=context)`.
pub fn call_soon(
    vm: &Vm,
    event_loop: Value,
    (callback, arg): (Value, Option<Value>),
    context: Value,
) -> Result<()> {
    let names = vm.new_tuple(&[vm.names.context.get().value()])?;
    let (method, receiver) = vm.get_method(event_loop, vm.names.call_soon.get())?;
    let mut all: smallvec::SmallVec<[Value; 4]> = receiver.into_iter().collect();
    all.push(callback);
    all.extend(arg);
    all.push(context);
    vm.call_with(method, &all, Some(names))?;
    Ok(())
}

fn schedule_callbacks(vm: &Vm, future: Gc<Future>) -> Result<()> {
    let event_loop = loop_of(vm, future)?;
    let first = (future.callback.get(), future.callback_context.get());
    future.callback.clear();
    future.callback_context.clear();
    let rest = future.callbacks.get();
    future.callbacks.clear();
    if let (Some(callback), Some(context)) = first {
        call_soon(vm, event_loop, (callback, Some(future.value())), context)?;
    }
    let mut i = 0;
    while let Some(pair) = rest.and_then(|list| list.get(i)) {
        if let Some([callback, context]) = pair.cast::<Tuple>().as_ref().map(|t| t.as_slice()) {
            call_soon(vm, event_loop, (*callback, Some(future.value())), *context)?;
        }
        i += 1;
    }
    Ok(())
}

/// Adds a callback, or schedules it if the future is done.
pub fn add_callback(vm: &Vm, future: Gc<Future>, callback: Value, context: Value) -> Result<()> {
    let event_loop = loop_of(vm, future)?;
    if !future.is_pending() {
        return call_soon(vm, event_loop, (callback, Some(future.value())), context);
    }
    if future.callback.get().is_none() && future.callbacks.get().is_none() {
        future.callback.set(&future.header, callback);
        future.callback_context.set(&future.header, context);
        return Ok(());
    }
    let list = match future.callbacks.get() {
        Some(list) => list,
        None => {
            let list = vm.new_list(&[])?;
            future.callbacks.set(&future.header, list);
            list
        }
    };
    list.push(vm, vm.pair(callback, context)?)
}

/// Takes out the callbacks equal to one; how many.
fn remove_callback(vm: &Vm, future: Gc<Future>, callback: Value) -> Result<usize> {
    let mut removed = 0;
    if let Some(first) = future.callback.get()
        && vm.equal_identity(first, callback)?
    {
        future.callback.clear();
        future.callback_context.clear();
        removed += 1;
    }
    let Some(list) = future.callbacks.get() else {
        return Ok(removed);
    };
    let kept = vm.new_list(&[])?;
    let mut i = 0;
    while let Some(pair) = list.get(i) {
        let same = match pair.cast::<Tuple>() {
            Some(t) => vm.equal_identity(t.get(0), callback)?,
            None => false,
        };
        if same {
            removed += 1;
        } else {
            kept.push(vm, pair)?;
        }
        i += 1;
    }
    if kept.is_empty() {
        future.callbacks.clear();
    } else {
        future.callbacks.set(&future.header, kept);
    }
    Ok(removed)
}

pub fn finish(vm: &Vm, future: Gc<Future>, result: Value) -> Result<()> {
    loop_of(vm, future)?;
    if !future.is_pending() {
        return Err(invalid_state(vm, "invalid state"));
    }
    future.result.set(&future.header, result);
    settle(vm, future, State::Finished)
}

/// Leaves the pending state.
fn settle(vm: &Vm, future: Gc<Future>, state: State) -> Result<()> {
    future.state.set(state);
    future.note_quiet();
    schedule_callbacks(vm, future)
}

pub fn fail(vm: &Vm, future: Gc<Future>, mut exception: Value) -> Result<()> {
    loop_of(vm, future)?;
    if !future.is_pending() {
        return Err(invalid_state(vm, "invalid state"));
    }
    if exception
        .cast::<Class>()
        .is_some_and(|c| c.layout.kind == Kind::Exception)
    {
        exception = vm.call(exception, &[])?;
    }
    let class = vm.class_of(exception);
    if class.layout.kind != Kind::Exception {
        return Err(vm.type_error("invalid exception object"));
    }
    if class.is_subclass_of(vm.exception_class(&exc::STOP_ITERATION)) {
        vm.runtime_error(
            "StopIteration interacts badly with generators and cannot be raised into a Future",
        );
        let new = vm.take_raised();
        if let Some(e) = new.cast::<Exception>() {
            e.cause.set(&e.header, exception);
            e.context.set(&e.header, exception);
        }
        exception = new;
    }
    future.exception.set(&future.header, exception);
    if let Some(traceback) = exception
        .cast::<Exception>()
        .and_then(|e| e.traceback.get())
    {
        future.traceback.set(&future.header, traceback);
    }
    settle(vm, future, State::Finished)?;
    future.set_log_traceback(true);
    Ok(())
}

pub fn cancel(vm: &Vm, future: Gc<Future>, message: Value) -> Result<bool> {
    future.set_log_traceback(false);
    if !future.is_pending() {
        return Ok(false);
    }
    future.cancel_message.set(&future.header, message);
    settle(vm, future, State::Cancelled)?;
    Ok(true)
}

/// The exception of a cancelled future, made anew unless its coroutine's is at hand.
pub fn cancelled_error(vm: &Vm, future: Gc<Future>) -> Result {
    if let Some(e) = future.cancelled_exception.get() {
        future.cancelled_exception.clear();
        return Ok(e);
    }
    let class = cancelled_class(vm)?.value();
    match future.cancel_message.get().filter(|m| !m.is_none()) {
        Some(message) => vm.call(class, &[message]),
        None => vm.call(class, &[]),
    }
}

/// The result; what it raises is the first of the alternatives, not raised yet.
pub fn outcome(vm: &Vm, future: Gc<Future>) -> Result<std::result::Result<Value, Value>> {
    match future.state.get() {
        State::Cancelled => Ok(Err(cancelled_error(vm, future)?)),
        State::Pending => Err(invalid_state(vm, "Result is not set.")),
        State::Finished => {
            future.set_log_traceback(false);
            let Some(exception) = future.exception.get() else {
                return Ok(Ok(future.result.or_none()));
            };
            if let Some(e) = exception.cast::<Exception>() {
                match future.traceback.get() {
                    Some(traceback) => e.traceback.set(&e.header, traceback),
                    None => e.traceback.clear(),
                }
            }
            Ok(Err(exception))
        }
    }
}

/// `result()`.
pub fn result(vm: &Vm, future: Gc<Future>) -> Result {
    match outcome(vm, future)? {
        Ok(v) => Ok(v),
        Err(e) => Err(vm.raise(e)),
    }
}

pub fn add_awaited_by(vm: &Vm, future: Value, waiter: Value) -> Result<()> {
    let (Some(future), Some(_)) = (future.cast::<Future>(), waiter.cast::<Future>()) else {
        return Ok(());
    };
    match future.awaited_by.get() {
        None => future.awaited_by.set(&future.header, waiter),
        Some(v) if v == waiter => {}
        Some(v) => match v.cast::<Set>() {
            Some(set) => {
                set.add(vm, waiter)?;
            }
            None => {
                let set = vm.new_set(&[v, waiter])?.value();
                future.awaited_by.set(&future.header, set);
            }
        },
    }
    Ok(())
}

pub fn discard_awaited_by(vm: &Vm, future: Value, waiter: Value) -> Result<()> {
    if let Some(future) = future.cast::<Future>()
        && let Some(v) = future.awaited_by.get()
    {
        if v == waiter {
            future.awaited_by.clear();
        } else if let Some(set) = v.cast::<Set>() {
            set.remove(vm, waiter)?;
        }
    }
    Ok(())
}

/// A future of a class, not initialised yet.
pub fn alloc(vm: &Vm, class: Gc<Class>, is_task: bool) -> Gc<Future> {
    let future = Future {
        header: Header::with_flags(Header::QUIET),
        event_loop: Field::empty(),
        callback: Field::empty(),
        callback_context: Field::empty(),
        callbacks: GcField::empty(),
        result: Field::empty(),
        exception: Field::empty(),
        traceback: Field::empty(),
        source_traceback: Field::empty(),
        cancel_message: Field::empty(),
        cancelled_exception: Field::empty(),
        awaited_by: Field::empty(),
        state: Cell::new(State::Pending),
        blocking: Cell::new(false),
        log_traceback: Cell::new(false),
        is_task: Cell::new(is_task),
        must_cancel: Cell::new(false),
        log_destroy_pending: Cell::new(true),
        cancels: Cell::new(0),
        name: Field::empty(),
        context: Field::empty(),
        coroutine: Field::empty(),
        waiter: Field::empty(),
    };
    vm.heap.alloc(class.root_shape.get(), future)
}

/// What `__init__` of both types does.
pub fn initialize(vm: &Vm, future: Gc<Future>, event_loop: Value) -> Result<()> {
    let event_loop = match event_loop.given_not_none() {
        Some(event_loop) => event_loop,
        None => super::event_loop(vm)?,
    };
    for field in [
        &future.callback,
        &future.callback_context,
        &future.result,
        &future.exception,
        &future.traceback,
        &future.source_traceback,
        &future.cancel_message,
        &future.cancelled_exception,
        &future.awaited_by,
    ] {
        field.clear();
    }
    future.callbacks.clear();
    future.state.set(State::Pending);
    future.blocking.set(false);
    future.log_traceback.set(false);
    future.event_loop.set(&future.header, event_loop);
    future.note_quiet();
    let debug = vm.call_method_named(event_loop, vm.names.get_debug.get(), &[])?;
    if vm.truth(debug)? {
        let extract = vm.import_attr("asyncio.format_helpers", "extract_stack")?;
        let stack = vm.call(extract, &[])?;
        future.source_traceback.set(&future.header, stack);
    }
    Ok(())
}

fn future_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&FUTURE)?)?;
    Ok(alloc(vm, class, false).value())
}

fn future_init(vm: &Vm, args: &[Value]) -> Result {
    initialize(vm, this(args[0]), args[1])?;
    Ok(Value::NONE)
}

fn future_result(vm: &Vm, args: &[Value]) -> Result {
    result(vm, this(args[0]))
}

fn future_exception(vm: &Vm, args: &[Value]) -> Result {
    let future = this::<Future>(args[0]);
    match future.state.get() {
        State::Cancelled => {
            let e = cancelled_error(vm, future)?;
            Err(vm.raise(e))
        }
        State::Pending => Err(invalid_state(vm, "Exception is not set.")),
        State::Finished => {
            future.set_log_traceback(false);
            Ok(future.exception.or_none())
        }
    }
}

fn future_add_done_callback(vm: &Vm, args: &[Value]) -> Result {
    let context = match args[2].given_not_none() {
        Some(context) => context,
        None => crate::contextvars::copy_current(vm)?.value(),
    };
    add_callback(vm, this(args[0]), args[1], context)?;
    Ok(Value::NONE)
}

fn future_remove_done_callback(vm: &Vm, args: &[Value]) -> Result {
    let removed = remove_callback(vm, this(args[0]), args[1])?;
    Ok(vm.new_int(removed as i64))
}

fn future_cancel(vm: &Vm, args: &[Value]) -> Result {
    let future = this::<Future>(args[0]);
    loop_of(vm, future)?;
    let message = args[1].given().unwrap_or(Value::NONE);
    Ok(Value::bool(cancel(vm, future, message)?))
}

fn future_repr(vm: &Vm, args: &[Value]) -> Result {
    let repr = vm.import_attr("asyncio.base_futures", "_future_repr")?;
    vm.call(repr, &[args[0]])
}

/// Reports an exception that nobody asked for, or a task that will never end.
fn future_del(vm: &Vm, args: &[Value]) -> Result {
    let future = this::<Future>(args[0]);
    let Some(event_loop) = future.event_loop.get() else {
        return Ok(Value::NONE);
    };
    let dict = vm.new_dict();
    let put = |key: &str, value| dict.set_str(vm, vm.intern(key), value);
    if future.is_task.get() && future.is_pending() && future.log_destroy_pending.get() {
        put("task", args[0]);
        let message = "Task was destroyed but it is pending!";
        put("message", vm.new_str(message).value());
    } else if future.log_traceback.replace(false) {
        let name = vm.class_of(args[0]).name_string();
        let message = format!("{name} exception was never retrieved");
        put("message", vm.new_str(&message).value());
        put("exception", future.exception.or_none());
        put("future", args[0]);
    } else {
        return Ok(Value::NONE);
    }
    if let Some(stack) = future.source_traceback.get() {
        dict.set_str(vm, vm.intern("source_traceback"), stack);
    }
    vm.call_method(event_loop, "call_exception_handler", &[dict.value()])?;
    Ok(Value::NONE)
}

fn await_future(vm: &Vm, args: &[Value]) -> Result {
    let future = this::<Future>(args[0]);
    loop_of(vm, future)?;
    let iterator = FutureIter {
        header: Header::empty(),
        future: GcField::new(future),
    };
    let class = vm.class_of_def(&FUTURE_ITER)?;
    Ok(vm.heap.alloc(class.root_shape.get(), iterator).value())
}

fn callbacks(vm: &Vm, v: Value) -> Result {
    let future = this::<Future>(v);
    let mut all = vm.rooted();
    if let Some(callback) = future.callback.get() {
        all.push(vm.pair(callback, future.callback_context.or_none())?);
    }
    if let Some(list) = future.callbacks.get() {
        all.extend_from_slice(list.as_slice());
    }
    if all.is_empty() {
        return Ok(Value::NONE);
    }
    Ok(vm.new_list(&all)?.value())
}

fn awaited_by(vm: &Vm, v: Value) -> Result {
    match this::<Future>(v).awaited_by.get() {
        None => Ok(Value::NONE),
        Some(v) => match v.cast::<Set>() {
            Some(set) => {
                let all: Vec<Value> = set.items().collect();
                vm.new_frozenset(&vm.rooted_from(all))
            }
            None => vm.new_frozenset(&[v]),
        },
    }
}

fn set_log_traceback(vm: &Vm, v: Value, on: Option<Value>) -> Result<()> {
    match on {
        None => Err(vm.attribute_error("cannot delete attribute")),
        Some(on) if vm.truth(on)? => Err(vm.value_error("_log_traceback can only be set to False")),
        Some(_) => {
            this::<Future>(v).set_log_traceback(false);
            Ok(())
        }
    }
}

fn set_blocking(vm: &Vm, v: Value, on: Option<Value>) -> Result<()> {
    let Some(on) = on else {
        return Err(vm.attribute_error("cannot delete attribute"));
    };
    this::<Future>(v).blocking.set(vm.truth(on)?);
    Ok(())
}

fn set_cancel_message(vm: &Vm, v: Value, message: Option<Value>) -> Result<()> {
    let Some(message) = message else {
        return Err(vm.attribute_error("cannot delete attribute"));
    };
    let future = this::<Future>(v);
    future.cancel_message.set(&future.header, message);
    Ok(())
}

/// A field that is None while empty.
macro_rules! field {
    ($name:literal, $field:ident) => {
        GetSetDef {
            name: $name,
            doc: "",
            get: |_, v| Ok(this::<Future>(v).$field.or_none()),
            set: None,
        }
    };
}

/// Attributes of both types.
const ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef {
        name: "_state",
        doc: "",
        get: |vm, v| {
            let text = match this::<Future>(v).state.get() {
                State::Pending => "PENDING",
                State::Cancelled => "CANCELLED",
                State::Finished => "FINISHED",
            };
            Ok(vm.intern(text).value())
        },
        set: None,
    },
    GetSetDef {
        name: "_asyncio_future_blocking",
        doc: "",
        get: |_, v| Ok(Value::bool(this::<Future>(v).blocking.get())),
        set: Some(set_blocking),
    },
    field!("_loop", event_loop),
    GetSetDef {
        name: "_callbacks",
        doc: "",
        get: callbacks,
        set: None,
    },
    field!("_result", result),
    field!("_exception", exception),
    GetSetDef {
        name: "_log_traceback",
        doc: "",
        get: |_, v| Ok(Value::bool(this::<Future>(v).log_traceback.get())),
        set: Some(set_log_traceback),
    },
    field!("_source_traceback", source_traceback),
    GetSetDef {
        name: "_cancel_message",
        doc: "",
        get: |_, v| Ok(this::<Future>(v).cancel_message.or_none()),
        set: Some(set_cancel_message),
    },
    GetSetDef {
        name: "_asyncio_awaited_by",
        doc: "",
        get: awaited_by,
        set: None,
    },
];

/// `Future`.
pub static FUTURE: TypeDef = TypeDef {
    module: "_asyncio",
    doc: "This class is *almost* compatible with concurrent.futures.Future.\n\n\
          Differences:\n\n\
          - result() and exception() do not take a timeout argument and raise an exception\n  \
          when the future isn't done yet.\n\
          - Callbacks registered with add_done_callback() are always called via the event\n  \
          loop's call_soon_threadsafe().\n\
          - This class is not compatible with the wait() and as_completed() methods in the\n  \
          concurrent.futures package.",
    subclassable: true,
    has_dict: true,
    generic: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        slots::new(future_new),
        MethodDef::new(
            "__init__",
            "(self, /, *, loop=None)",
            "Initialize self.  See help(type(self)) for accurate signature.",
            future_init,
        ),
        slots::repr(future_repr),
        slots::iter(await_future),
        MethodDef::new(
            "__await__",
            "(self, /)",
            "Return an iterator to be used in await expression.",
            await_future,
        ),
        MethodDef::new("__del__", "(self, /)", "", future_del),
        MethodDef::new(
            "result",
            "(self, /)",
            "Return the result this future represents.",
            future_result,
        ),
        MethodDef::new(
            "exception",
            "(self, /)",
            "Return the exception that was set on this future.",
            future_exception,
        ),
        MethodDef::new(
            "set_result",
            "(self, result, /)",
            "Mark the future done and set its result.",
            |vm, args| {
                finish(vm, this(args[0]), args[1])?;
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "set_exception",
            "(self, exception, /)",
            "Mark the future done and set an exception.",
            |vm, args| {
                fail(vm, this(args[0]), args[1])?;
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "add_done_callback",
            "(self, fn, /, *, context=<unrepresentable>)",
            "Add a callback to be run when the future becomes done.",
            future_add_done_callback,
        ),
        MethodDef::new(
            "remove_done_callback",
            "(self, fn, /)",
            "Remove all instances of a callback from the \"call when done\" list.\n\n\
             Returns the number of callbacks removed.",
            future_remove_done_callback,
        ),
        MethodDef::new(
            "cancel",
            "(self, /, msg=None)",
            "Cancel the future and schedule callbacks.",
            future_cancel,
        ),
        MethodDef::new(
            "cancelled",
            "(self, /)",
            "Return True if the future was cancelled.",
            |_, args| {
                let state = this::<Future>(args[0]).state.get();
                Ok(Value::bool(state == State::Cancelled))
            },
        ),
        MethodDef::new(
            "done",
            "(self, /)",
            "Return True if the future is done.",
            |_, args| Ok(Value::bool(!this::<Future>(args[0]).is_pending())),
        ),
        MethodDef::new(
            "get_loop",
            "(self, /)",
            "Return the event loop the Future is bound to.",
            |vm, args| loop_of(vm, this(args[0])),
        ),
        MethodDef::new(
            "_make_cancelled_error",
            "(self, /)",
            "Create the CancelledError to raise if the Future is cancelled.",
            |vm, args| cancelled_error(vm, this(args[0])),
        ),
    ],
    getset: ATTRIBUTES,
    ..TypeDef::new("Future", <Future as Object>::LAYOUT)
};

/// What `await` resumes: gives the future once, then its result.
#[repr(C)]
struct FutureIter {
    header: Header,
    /// Gone once the result was delivered.
    future: GcField<Future>,
}

heap_object!(FutureIter, "FutureIter", Kind::Other, |this, marker| {
    marker.gc_field(&this.future);
});

fn resume(vm: &Vm, v: Value) -> Result<Step> {
    let iterator = this::<FutureIter>(v);
    let Some(future) = iterator.future.get() else {
        return Err(vm.stop_iteration(Value::NONE));
    };
    if future.is_pending() {
        if future.blocking.replace(true) {
            return Err(vm.runtime_error("await wasn't used with future"));
        }
        return Ok(Step::Yield(future.value()));
    }
    iterator.future.clear();
    result(vm, future).map(Step::Return)
}

/// As `__next__` and `send` give it.
fn deliver(vm: &Vm, step: Step) -> Result {
    match step {
        Step::Yield(v) => Ok(v),
        Step::Return(v) => Err(vm.stop_iteration(v)),
    }
}

fn iter_next(vm: &Vm, args: &[Value]) -> Result {
    let step = resume(vm, args[0])?;
    deliver(vm, step)
}

fn iter_throw(vm: &Vm, args: &[Value]) -> Result {
    this::<FutureIter>(args[0]).future.clear();
    let e = taipan_runtime::types::generator::thrown_exception(vm, &args[1..])?;
    Err(vm.raise(e))
}

/// `FutureIter`.
static FUTURE_ITER: TypeDef = TypeDef {
    module: "_asyncio",
    send: Some(resume),
    methods: &[
        slots::iter(|_, args| Ok(args[0])),
        slots::next(iter_next),
        MethodDef::new("send", "(self, value, /)", "", iter_next),
        MethodDef::new(
            "throw",
            "(self, type, value=None, traceback=None, /)",
            "",
            iter_throw,
        ),
        MethodDef::new("close", "(self, /)", "", |_, args| {
            this::<FutureIter>(args[0]).future.clear();
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("FutureIter", <FutureIter as Object>::LAYOUT)
};

//! `Task`: a future with a coroutine, which the event loop advances step by step.

use super::future::{self, Future, add_callback, call_soon, loop_of};
use super::{enter_task, leave_task, swap_task};
use std::sync::atomic::{AtomicI64, Ordering};
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::generator::{self, Generator};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Step, Vm};

/// What a call of a [`TaskMethod`] does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// The next step.
    Step,
    /// The first step, of a task that was entered already.
    Begin,
    /// The next step, what the task waited for being done.
    Wake,
}

/// What the event loop calls to advance a task.
#[repr(C)]
struct TaskMethod {
    header: Header,
    task: GcField<Future>,
    /// To be thrown into the coroutine.
    exception: Field,
    does: Does,
}

heap_object!(
    TaskMethod,
    "TaskStepMethWrapper",
    Kind::Other,
    |this, marker| {
        marker.gc_field(&this.task);
        marker.field(&this.exception);
    }
);

fn method(vm: &Vm, task: Gc<Future>, exception: Option<Value>, does: Does) -> Result {
    let object = TaskMethod {
        header: Header::empty(),
        task: GcField::new(task),
        exception: Field::opt(exception),
        does,
    };
    let def = if does == Does::Wake {
        &TASK_WAKEUP
    } else {
        &TASK_STEP
    };
    let class = vm.class_of_def(def)?;
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn method_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let this = this::<TaskMethod>(args[0]);
    if names.is_some_and(|n| !n.is_empty())
        || args.len() != 1 + usize::from(this.does == Does::Wake)
    {
        return Err(vm.type_error("function takes no keyword or positional arguments"));
    }
    let Some(task) = this.task.get() else {
        return Ok(Value::NONE);
    };
    match this.does {
        Does::Step => step(vm, task, this.exception.get()),
        Does::Begin => advance(vm, task, None).map(|()| Value::NONE),
        Does::Wake => wake(vm, task, args[1]),
    }
}

const METHOD_CALL: MethodDef = MethodDef::raw(
    "__call__",
    "(self, /, *args, **kwargs)",
    "Call self as a function.",
    method_call,
);
const METHOD_SELF: GetSetDef = GetSetDef {
    name: "__self__",
    doc: "",
    get: |_, v| {
        Ok(this::<TaskMethod>(v)
            .task
            .get()
            .map_or(Value::NONE, |t| t.value()))
    },
    set: None,
};

static TASK_STEP: TypeDef = TypeDef {
    module: "_asyncio",
    methods: &[METHOD_CALL],
    getset: &[METHOD_SELF],
    ..TypeDef::new("TaskStepMethWrapper", <TaskMethod as Object>::LAYOUT)
};

static TASK_WAKEUP: TypeDef = TypeDef {
    methods: &[METHOD_CALL],
    getset: &[
        METHOD_SELF,
        GetSetDef {
            name: "__qualname__",
            doc: "",
            get: |vm, _| Ok(vm.new_str("Task.task_wakeup").value()),
            set: None,
        },
        GetSetDef {
            name: "__name__",
            doc: "",
            get: |vm, _| Ok(vm.new_str("task_wakeup").value()),
            set: None,
        },
    ],
    ..TypeDef::new("builtin_method", <TaskMethod as Object>::LAYOUT)
};

/// Has the loop make the next step.
fn schedule(vm: &Vm, task: Gc<Future>, exception: Option<Value>) -> Result<()> {
    let callback = method(vm, task, exception, Does::Step)?;
    let event_loop = loop_of(vm, task)?;
    call_soon(vm, event_loop, (callback, None), task.context.or_none())
}

/// Has the loop throw a RuntimeError into the coroutine.
fn schedule_error(vm: &Vm, task: Gc<Future>, message: String) -> Result<()> {
    vm.runtime_error(message);
    let error = vm.take_raised();
    schedule(vm, task, Some(error))
}

fn step(vm: &Vm, task: Gc<Future>, mut exception: Option<Value>) -> Result {
    if !task.is_pending() {
        let (text, e) = (
            vm.repr_text(task.value())?,
            vm.repr_text(exception.unwrap_or(Value::NONE))?,
        );
        return Err(future::invalid_state(
            vm,
            &format!("__step(): already done: {text} {e}"),
        ));
    }
    if task.must_cancel.get() {
        let cancelled = future::cancelled_class(vm)?;
        if !exception.is_some_and(|e| vm.class_of(e).is_subclass_of(cancelled)) {
            exception = Some(future::cancelled_error(vm, task)?);
        }
        task.must_cancel.set(false);
    }
    task.waiter.clear();
    let event_loop = loop_of(vm, task)?;
    enter_task(vm, event_loop, task.value())?;
    let result = advance(vm, task, exception);
    if result.is_err() {
        let raised = vm.take_raised();
        leave_task(vm, event_loop, task.value())?;
        return Err(vm.raise_again(raised));
    }
    leave_task(vm, event_loop, task.value())?;
    Ok(Value::NONE)
}

/// Resumes the coroutine.
fn resume(vm: &Vm, coroutine: Value, exception: Option<Value>) -> Result<Step> {
    let native = coroutine.cast::<Generator>().filter(|_| {
        let class = vm.class_of(coroutine);
        class == vm.types.coroutine.get() || class == vm.types.generator.get()
    });
    if let Some(g) = native {
        return match exception {
            None => generator::send(vm, g, Value::NONE),
            Some(e) => generator::resume_throw(vm, g, e),
        };
    }
    let result = match exception {
        None => vm.call_method(coroutine, "send", &[Value::NONE]),
        Some(e) => vm.call_method(coroutine, "throw", &[e]),
    };
    match result {
        Ok(v) => Ok(Step::Yield(v)),
        Err(_) if vm.raised_is_def(&exc::STOP_ITERATION) => {
            let e = vm.take_raised();
            Ok(Step::Return(vm.get_attr_str(e, "value")?))
        }
        Err(raised) => Err(raised),
    }
}

/// One step of the coroutine, and what follows from how it ended.
fn advance(vm: &Vm, task: Gc<Future>, exception: Option<Value>) -> Result<()> {
    let Some(coroutine) = task.coroutine.get() else {
        return Err(vm.runtime_error("uninitialized Task object"));
    };
    match resume(vm, coroutine, exception) {
        Ok(Step::Return(value)) => {
            if task.must_cancel.replace(false) {
                future::cancel(vm, task, task.cancel_message.or_none())?;
                return Ok(());
            }
            future::finish(vm, task, value)
        }
        Ok(Step::Yield(result)) => wait_for(vm, task, result),
        Err(_) => {
            let cancelled = match vm.pending() {
                Some(e)
                    if !vm
                        .class_of(e)
                        .is_subclass_of(vm.exception_class(&exc::EXCEPTION)) =>
                {
                    let e = vm.take_raised();
                    let cancelled = vm.class_of(e).is_subclass_of(future::cancelled_class(vm)?);
                    vm.raise_again(e);
                    cancelled
                }
                _ => false,
            };
            let fatal =
                vm.raised_is_def(&exc::KEYBOARD_INTERRUPT) || vm.raised_is_def(&exc::SYSTEM_EXIT);
            let e = vm.take_raised();
            if cancelled {
                task.cancelled_exception.set(&task.header, e);
                future::cancel(vm, task, Value::NONE)?;
                return Ok(());
            }
            future::fail(vm, task, e)?;
            if fatal {
                return Err(vm.raise_again(e));
            }
            Ok(())
        }
    }
}

/// Deals with what a coroutine yielded.
fn wait_for(vm: &Vm, task: Gc<Future>, result: Value) -> Result<()> {
    let own_loop = loop_of(vm, task)?;
    if result.is_none() {
        // A bare yield gives way for one iteration of the loop.
        return schedule(vm, task, None);
    }
    let native = result.cast::<Future>();
    let blocking = match native {
        Some(f) => Some(f.blocking.get()),
        None => match vm.find_attr(result, vm.intern("_asyncio_future_blocking"))? {
            Some(v) if !v.is_none() => Some(vm.truth(v)?),
            _ => None,
        },
    };
    let texts =
        || -> Result<(String, String)> { Ok((vm.repr_text(task.value())?, vm.repr_text(result)?)) };
    let Some(blocking) = blocking else {
        let (text, what) = texts()?;
        let message = if vm.class_of(result) == vm.types.generator.get() {
            format!("yield was used instead of yield from for generator in task {text} with {what}")
        } else {
            format!("Task got bad yield: {what}")
        };
        return schedule_error(vm, task, message);
    };
    let its_loop = match native {
        Some(f) => loop_of(vm, f)?,
        None => {
            let get_loop = vm.import_attr("asyncio.futures", "_get_loop")?;
            vm.call(get_loop, &[result])?
        }
    };
    if its_loop != own_loop {
        let (text, what) = texts()?;
        let message = format!("Task {text} got Future {what} attached to a different loop");
        return schedule_error(vm, task, message);
    }
    if !blocking {
        let (text, what) = texts()?;
        let message = format!("yield was used instead of yield from in task {text} with {what}");
        return schedule_error(vm, task, message);
    }
    if result == task.value() {
        let (text, _) = texts()?;
        return schedule_error(vm, task, format!("Task cannot await on itself: {text}"));
    }
    let wakeup = method(vm, task, None, Does::Wake)?;
    let context = task.context.or_none();
    match native {
        Some(f) => {
            future::add_awaited_by(vm, result, task.value())?;
            f.blocking.set(false);
            if vm.class_of(result).def.get().is_some() {
                add_callback(vm, f, wakeup, context)?;
            } else {
                let add = vm.get_attr_str(result, "add_done_callback")?;
                vm.call_keywords(add, &[wakeup], &[("context", context)])?;
            }
        }
        None => {
            let name = vm.intern("_asyncio_future_blocking");
            vm.set_attr(result, name, Some(Value::FALSE))?;
            let add = vm.get_attr_str(result, "add_done_callback")?;
            vm.call_keywords(add, &[wakeup], &[("context", context)])?;
        }
    }
    task.waiter.set(&task.header, result);
    if task.must_cancel.get() && cancel_waiter(vm, result, task.cancel_message.or_none())? {
        task.must_cancel.set(false);
    }
    Ok(())
}

/// `waiter.cancel(msg=message)`.
fn cancel_waiter(vm: &Vm, waiter: Value, message: Value) -> Result<bool> {
    let cancel = vm.get_attr_str(waiter, "cancel")?;
    let done = vm.call_keywords(cancel, &[], &[("msg", message)])?;
    vm.truth(done)
}

/// What the task waited for is done.
fn wake(vm: &Vm, task: Gc<Future>, done: Value) -> Result {
    future::discard_awaited_by(vm, done, task.value())?;
    let outcome = match done.cast::<Future>() {
        Some(f) if vm.class_of(done).def.get().is_some() => future::outcome(vm, f)?.err(),
        _ => match vm.call_method(done, "result", &[]) {
            Ok(_) => None,
            Err(_) => Some(vm.take_raised()),
        },
    };
    step(vm, task, outcome)
}

fn task_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&TASK)?)?;
    Ok(future::alloc(vm, class, true).value())
}

/// Numbers of tasks without a name, over all interpreters.
static NAMES: AtomicI64 = AtomicI64::new(1);

fn is_coroutine(vm: &Vm, v: Value) -> Result<bool> {
    if vm.class_of(v) == vm.types.coroutine.get() {
        return Ok(true);
    }
    let test = vm.import_attr("asyncio.coroutines", "iscoroutine")?;
    let result = vm.call(test, &[v])?;
    vm.truth(result)
}

fn task_init(vm: &Vm, args: &[Value]) -> Result {
    let [_, coroutine, event_loop, name, context, eager] = *args else {
        return Ok(Value::NONE);
    };
    let task = this::<Future>(args[0]);
    task.log_destroy_pending.set(false);
    future::initialize(vm, task, event_loop)?;
    if !is_coroutine(vm, coroutine)? {
        let text = vm.repr_text(coroutine)?;
        return Err(vm.type_error(format!("a coroutine was expected, got {text}")));
    }
    task.log_destroy_pending.set(true);
    task.must_cancel.set(false);
    task.cancels.set(0);
    task.waiter.clear();
    task.coroutine.set(&task.header, coroutine);
    let context = match context.given_not_none() {
        Some(context) => context,
        None => crate::contextvars::copy_current(vm)?.value(),
    };
    task.context.set(&task.header, context);
    let name = match name.given_not_none() {
        None => Value::small_int(NAMES.fetch_add(1, Ordering::Relaxed)),
        Some(name) => vm.str(name)?.value(),
    };
    task.name.set(&task.header, name);
    task.note_quiet();
    note_unfinished(vm, task);
    if let Some(eager) = eager.given()
        && vm.truth(eager)?
    {
        let event_loop = loop_of(vm, task)?;
        let running = vm.call_method(event_loop, "is_running", &[])?;
        if vm.truth(running)? {
            start_eagerly(vm, task, event_loop)?;
            return Ok(Value::NONE);
        }
    }
    schedule(vm, task, None)?;
    Ok(Value::NONE)
}

/// Enters a task among those that `all_tasks()` looks at; drops finished ones now and then.
fn note_unfinished(vm: &Vm, task: Gc<Future>) {
    let mut all = vm.unfinished.borrow_mut();
    if all.len() >= 64 && all.len().is_power_of_two() {
        all.retain(|t| t.cast::<Future>().is_some_and(|f| f.is_pending()));
    }
    all.push(task.value());
}

/// The first step, before the call that made the task returns.
fn start_eagerly(vm: &Vm, task: Gc<Future>, event_loop: Value) -> Result<()> {
    let previous = swap_task(vm, event_loop, task.value())?;
    let first = method(vm, task, None, Does::Begin)?;
    let context = task.context.or_none();
    let result = vm
        .get_attr_str(context, "run")
        .and_then(|run| vm.call(run, &[first]));
    let raised = result.is_err().then(|| vm.take_raised());
    swap_task(vm, event_loop, previous)?;
    if !task.is_pending() {
        task.coroutine.clear();
    }
    match raised {
        Some(e) => Err(vm.raise_again(e)),
        None => Ok(()),
    }
}

fn task_cancel(vm: &Vm, args: &[Value]) -> Result {
    let task = this::<Future>(args[0]);
    let message = args[1].given().unwrap_or(Value::NONE);
    if !task.is_pending() {
        // Whoever cancels knows of the exception.
        future::cancel(vm, task, message)?;
        return Ok(Value::FALSE);
    }
    task.cancels.set(task.cancels.get() + 1);
    if let Some(waiter) = task.waiter.get()
        && cancel_waiter(vm, waiter, message)?
    {
        // The waiter stays: it may be a task that ignores this, to be cancelled again.
        return Ok(Value::TRUE);
    }
    task.must_cancel.set(true);
    task.cancel_message.set(&task.header, message);
    Ok(Value::TRUE)
}

fn task_uncancel(vm: &Vm, args: &[Value]) -> Result {
    let task = this::<Future>(args[0]);
    if task.cancels.get() > 0 {
        task.cancels.set(task.cancels.get() - 1);
        if task.cancels.get() == 0 {
            task.must_cancel.set(false);
        }
    }
    Ok(vm.new_int(task.cancels.get()))
}

fn task_get_name(vm: &Vm, args: &[Value]) -> Result {
    let task = this::<Future>(args[0]);
    let name = task.name.or_none();
    if name.cast::<Str>().is_some() {
        return Ok(name);
    }
    let number = name.as_int().unwrap_or(0);
    let name = vm.new_str(&format!("Task-{number}")).value();
    task.name.set(&task.header, name);
    Ok(name)
}

fn task_set_name(vm: &Vm, args: &[Value]) -> Result {
    let task = this::<Future>(args[0]);
    let name = vm.str(args[1])?.value();
    task.name.set(&task.header, name);
    Ok(Value::NONE)
}

/// Calls a function of `asyncio.base_tasks`, which is Python's.
fn in_python(vm: &Vm, name: &str, args: &[Value]) -> Result {
    let function = vm.import_attr("asyncio.base_tasks", name)?;
    let args: Vec<Value> = args
        .iter()
        .map(|a| a.given().unwrap_or(Value::NONE))
        .collect();
    vm.call(function, &args)
}

fn set_log_destroy_pending(vm: &Vm, v: Value, on: Option<Value>) -> Result<()> {
    let Some(on) = on else {
        return Err(vm.attribute_error("cannot delete attribute"));
    };
    let task = this::<Future>(v);
    task.log_destroy_pending.set(vm.truth(on)?);
    task.note_quiet();
    Ok(())
}

/// `Task`.
pub static TASK: TypeDef = TypeDef {
    module: "_asyncio",
    doc: "A coroutine wrapped in a Future.",
    base: Some(&future::FUTURE),
    subclassable: true,
    has_dict: true,
    generic: true,
    methods: &[
        slots::new(task_new),
        MethodDef::new(
            "__init__",
            "(self, coro, *, loop=None, name=None, context=None, eager_start=False)",
            "Initialize self.  See help(type(self)) for accurate signature.",
            task_init,
        ),
        slots::repr(|vm, args| in_python(vm, "_task_repr", args)),
        MethodDef::new(
            "cancel",
            "(self, /, msg=None)",
            "Request that this task cancel itself.",
            task_cancel,
        ),
        MethodDef::new(
            "cancelling",
            "(self, /)",
            "Return the count of the task's cancellation requests.\n\n\
             This count is incremented when .cancel() is called\n\
             and may be decremented using .uncancel().",
            |vm, args| Ok(vm.new_int(this::<Future>(args[0]).cancels.get())),
        ),
        MethodDef::new(
            "uncancel",
            "(self, /)",
            "Decrement the task's count of cancellation requests.",
            task_uncancel,
        ),
        MethodDef::new("get_coro", "(self, /)", "", |_, args| {
            Ok(this::<Future>(args[0]).coroutine.or_none())
        }),
        MethodDef::new("get_context", "(self, /)", "", |_, args| {
            Ok(this::<Future>(args[0]).context.or_none())
        }),
        MethodDef::new("get_name", "(self, /)", "", task_get_name),
        MethodDef::new("set_name", "(self, value, /)", "", task_set_name),
        MethodDef::new("set_result", "(self, result, /)", "", |vm, _| {
            Err(vm.runtime_error("Task does not support set_result operation"))
        }),
        MethodDef::new("set_exception", "(self, exception, /)", "", |vm, _| {
            Err(vm.runtime_error("Task does not support set_exception operation"))
        }),
        MethodDef::new(
            "get_stack",
            "(self, /, *, limit=None)",
            "Return the list of stack frames for this task's coroutine.",
            |vm, args| in_python(vm, "_task_get_stack", args),
        ),
        MethodDef::new(
            "print_stack",
            "(self, /, *, limit=None, file=None)",
            "Print the stack or traceback for this task's coroutine.",
            |vm, args| in_python(vm, "_task_print_stack", args),
        ),
    ],
    getset: &[
        GetSetDef {
            name: "_log_destroy_pending",
            doc: "",
            get: |_, v| Ok(Value::bool(this::<Future>(v).log_destroy_pending.get())),
            set: Some(set_log_destroy_pending),
        },
        GetSetDef {
            name: "_must_cancel",
            doc: "",
            get: |_, v| Ok(Value::bool(this::<Future>(v).must_cancel.get())),
            set: None,
        },
        GetSetDef {
            name: "_coro",
            doc: "",
            get: |_, v| Ok(this::<Future>(v).coroutine.or_none()),
            set: None,
        },
        GetSetDef {
            name: "_fut_waiter",
            doc: "",
            get: |_, v| Ok(this::<Future>(v).waiter.or_none()),
            set: None,
        },
    ],
    ..TypeDef::new("Task", <Future as Object>::LAYOUT)
};

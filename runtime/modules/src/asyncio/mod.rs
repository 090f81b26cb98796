//! `_asyncio`: futures, tasks, and which of them runs where.
//!
//! The event loop itself is Python's; what runs once for each step of each task is
//! here. The running loop and task belong to the thread. Tasks that are not done are
//! in a list of the machine's that does not keep them alive.

mod future;
mod task;

pub use future::Future;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::set::Set;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// The loop that the calling thread runs.
fn running_loop(vm: &Vm) -> Option<Value> {
    vm.thread().running_loop.get()
}

fn no_running_loop(vm: &Vm) -> Raised {
    vm.runtime_error("no running event loop")
}

/// The running loop, else the one of the policy.
fn event_loop(vm: &Vm) -> Result {
    if let Some(running) = running_loop(vm) {
        return Ok(running);
    }
    let policy = vm.import_attr("asyncio.events", "_get_event_loop_policy")?;
    let policy = vm.call(policy, &[])?;
    vm.call_method(policy, "get_event_loop", &[])
}

fn set_running_loop(vm: &Vm, args: &[Value]) -> Result {
    let new = Some(args[0]).filter(|v| !v.is_none());
    vm.thread().running_loop.set(new);
    Ok(Value::NONE)
}

fn get_running_loop(vm: &Vm, _: &[Value]) -> Result {
    running_loop(vm).ok_or_else(|| no_running_loop(vm))
}

/// RuntimeError unless the thread runs this loop.
fn check_running(vm: &Vm, running: Value) -> Result<()> {
    if running_loop(vm) == Some(running) {
        return Ok(());
    }
    let text = vm.repr_text(running)?;
    Err(vm.runtime_error(format!("loop {text} is not the running loop")))
}

/// Makes a task the running one.
fn enter_task(vm: &Vm, running: Value, task: Value) -> Result<()> {
    check_running(vm, running)?;
    let current = &vm.thread().running_task;
    if let Some(other) = current.get() {
        let (task, other) = (vm.repr_text(task)?, vm.repr_text(other)?);
        return Err(vm.runtime_error(format!(
            "Cannot enter into task {task} while another task {other} is being executed."
        )));
    }
    current.set(Some(task));
    Ok(())
}

/// Undoes [`enter_task`].
fn leave_task(vm: &Vm, running: Value, task: Value) -> Result<()> {
    check_running(vm, running)?;
    let current = &vm.thread().running_task;
    if current.get() != Some(task) {
        let task = vm.repr_text(task)?;
        let other = vm.repr_text(current.get().unwrap_or(Value::NONE))?;
        return Err(vm.runtime_error(format!(
            "Invalid attempt to leave task {task} while task {other} is entered."
        )));
    }
    current.set(None);
    Ok(())
}

/// Makes a task, or none, the running one; returns the one before.
fn swap_task(vm: &Vm, running: Value, task: Value) -> Result {
    check_running(vm, running)?;
    let new = Some(task).filter(|t| !t.is_none());
    Ok(vm.thread().running_task.replace(new).unwrap_or(Value::NONE))
}

fn current_task(vm: &Vm, args: &[Value]) -> Result {
    let wanted = match args[0].given_not_none() {
        Some(wanted) => wanted,
        None => get_running_loop(vm, &[])?,
    };
    for thread in vm.threads.borrow().iter() {
        if thread.running_loop.get() == Some(wanted) {
            return Ok(thread.running_task.get().unwrap_or(Value::NONE));
        }
    }
    Ok(Value::NONE)
}

/// The set of this module's that holds tasks of other implementations.
fn others(vm: &Vm, name: &str) -> Result {
    vm.import_attr("_asyncio", name)
}

fn all_tasks(vm: &Vm, args: &[Value]) -> Result {
    let wanted = match args[0].given_not_none() {
        Some(wanted) => wanted,
        None => get_running_loop(vm, &[])?,
    };
    let set = vm.new_set(&[])?;
    let known = vm.rooted_from(vm.unfinished.borrow().clone());
    for &task in known.iter() {
        if let Some(future) = task.cast::<Future>()
            && future.is_pending()
            && future.event_loop.get() == Some(wanted)
        {
            set.add(vm, task)?;
        }
    }
    for name in ["_scheduled_tasks", "_eager_tasks"] {
        let found = vm.collect(others(vm, name)?)?;
        for &task in found.iter() {
            let get_loop = vm.import_attr("asyncio.futures", "_get_loop")?;
            let done = vm.call_method(task, "done", &[])?;
            if vm.call(get_loop, &[task])? == wanted && !vm.truth(done)? {
                set.add(vm, task)?;
            }
        }
    }
    Ok(set.value())
}

/// Enters a task of another implementation in a set, or takes it out; our own are
/// known anyway.
fn note_task(vm: &Vm, task: Value, set: &str, method: &str) -> Result {
    if task.cast::<Future>().is_some_and(|f| f.is_task.get()) {
        return Ok(Value::NONE);
    }
    vm.call_method(others(vm, set)?, method, &[task])
}

fn exec(vm: &Vm, module: Gc<Module>) -> Result<()> {
    let weak_set = vm.import_attr("weakref", "WeakSet")?;
    let scheduled = vm.call(weak_set, &[])?;
    let dict = module.dict();
    dict.set_str(vm, vm.intern("_scheduled_tasks"), scheduled);
    let eager: Gc<Set> = vm.new_set(&[])?;
    dict.set_str(vm, vm.intern("_eager_tasks"), eager.value());
    Ok(())
}

/// `_asyncio`.
pub static ASYNCIO: ModuleDef = ModuleDef {
    name: "_asyncio",
    doc: "Accelerator module for asyncio",
    functions: &[
        MethodDef::new(
            "_get_running_loop",
            "()",
            "Return the running event loop or None.\n\n\
             This is a low-level function intended to be used by event loops.\n\
             This function is thread-specific.",
            |vm, _| Ok(running_loop(vm).unwrap_or(Value::NONE)),
        ),
        MethodDef::new(
            "_set_running_loop",
            "(loop, /)",
            "Set the running event loop.\n\n\
             This is a low-level function intended to be used by event loops.\n\
             This function is thread-specific.",
            set_running_loop,
        ),
        MethodDef::new(
            "get_running_loop",
            "()",
            "Return the running event loop.  Raise a RuntimeError if there is none.\n\n\
             This function is thread-specific.",
            get_running_loop,
        ),
        MethodDef::new(
            "get_event_loop",
            "()",
            "Return an asyncio event loop.\n\n\
             When called from a coroutine or a callback (e.g. scheduled with\n\
             call_soon or similar API), this function will always return the\n\
             running event loop.",
            |vm, _| event_loop(vm),
        ),
        MethodDef::new(
            "current_task",
            "(loop=None)",
            "Return a currently executed task.",
            current_task,
        ),
        MethodDef::new(
            "all_tasks",
            "(loop=None)",
            "Return a set of all tasks for the loop.",
            all_tasks,
        ),
        MethodDef::new(
            "_enter_task",
            "(loop, task)",
            "Enter into task execution or resume suspended task.",
            |vm, args| {
                enter_task(vm, args[0], args[1])?;
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "_leave_task",
            "(loop, task)",
            "Leave task execution or suspend a task.",
            |vm, args| {
                leave_task(vm, args[0], args[1])?;
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "_swap_current_task",
            "(loop, task)",
            "Temporarily swap in the supplied task and return the original one (or None).",
            |vm, args| swap_task(vm, args[0], args[1]),
        ),
        MethodDef::new(
            "_register_task",
            "(task)",
            "Register a new task in asyncio as executed by loop.",
            |vm, args| note_task(vm, args[0], "_scheduled_tasks", "add"),
        ),
        MethodDef::new(
            "_unregister_task",
            "(task)",
            "Unregister a task.",
            |vm, args| note_task(vm, args[0], "_scheduled_tasks", "discard"),
        ),
        MethodDef::new(
            "_register_eager_task",
            "(task)",
            "Register a new task in asyncio as executed by loop.",
            |vm, args| note_task(vm, args[0], "_eager_tasks", "add"),
        ),
        MethodDef::new(
            "_unregister_eager_task",
            "(task)",
            "Unregister a task.",
            |vm, args| note_task(vm, args[0], "_eager_tasks", "discard"),
        ),
        MethodDef::new(
            "future_add_to_awaited_by",
            "(fut, waiter, /)",
            "Record that `fut` is awaited on by `waiter`.",
            |vm, args| {
                future::add_awaited_by(vm, args[0], args[1])?;
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "future_discard_from_awaited_by",
            "(fut, waiter, /)",
            "",
            |vm, args| {
                future::discard_awaited_by(vm, args[0], args[1])?;
                Ok(Value::NONE)
            },
        ),
    ],
    types: &[&future::FUTURE, &task::TASK],
    exec: Some(exec),
};

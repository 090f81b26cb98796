//! The module `_thread`: threads and locks.

use super::latch::{Latch, Wait, wait_of};
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_::class_of_receiver;
use taipan_runtime::{Result, Value, Vm};

/// `_thread.lock`.
#[repr(C)]
pub struct Lock {
    pub header: Header,
    latch: Box<Latch>,
}

heap_object!(Lock, "lock", Kind::Other, |this, marker| {}, drop);

fn lock(v: Value) -> Gc<Lock> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn new_lock(vm: &Vm) -> Result {
    let class = vm.class_of_def(&LOCK)?;
    Ok(vm
        .heap
        .alloc(
            class.root_shape.get(),
            Lock {
                header: Header::empty(),
                latch: Box::default(),
            },
        )
        .value())
}

fn lock_new(vm: &Vm, _: &[Value]) -> Result {
    new_lock(vm)
}

fn lock_acquire(vm: &Vm, args: &[Value]) -> Result {
    let wait = wait_of(vm, args[1], args[2])?;
    Ok(Value::bool(lock(args[0]).latch.lock(vm, wait)?))
}

fn lock_release(vm: &Vm, args: &[Value]) -> Result {
    if lock(args[0]).latch.unlock() {
        Ok(Value::NONE)
    } else {
        Err(vm.runtime_error("release unlocked lock"))
    }
}

fn lock_enter(vm: &Vm, args: &[Value]) -> Result {
    lock(args[0]).latch.lock(vm, Wait::Forever)?;
    Ok(Value::TRUE)
}

fn lock_exit(vm: &Vm, args: &[Value]) -> Result {
    lock_release(vm, &args[..1])
}

fn lock_locked(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(lock(args[0]).latch.is_locked()))
}

fn lock_repr(vm: &Vm, args: &[Value]) -> Result {
    let state = if lock(args[0]).latch.is_locked() {
        "locked"
    } else {
        "unlocked"
    };
    Ok(vm
        .new_str(&format!(
            "<{state} _thread.lock object at {:#x}>",
            args[0].bits()
        ))
        .value())
}

fn lock_reinit(_: &Vm, args: &[Value]) -> Result {
    lock(args[0]).latch.unlock();
    Ok(Value::NONE)
}

const EXIT: &str = "(self, exc_type=None, exc_value=None, exc_tb=None, /)";

/// `_thread.lock`.
pub static LOCK: TypeDef = TypeDef {
    module: "_thread",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /)",
            "Create and return a new object.",
            lock_new,
        )
        .static_(),
        MethodDef::new(
            "acquire",
            "(self, /, blocking=True, timeout=-1)",
            "Lock the lock.",
            lock_acquire,
        ),
        MethodDef::new(
            "acquire_lock",
            "(self, /, blocking=True, timeout=-1)",
            "An obsolete synonym of acquire().",
            lock_acquire,
        ),
        MethodDef::new("release", "(self, /)", "Release the lock.", lock_release),
        MethodDef::new(
            "release_lock",
            "(self, /)",
            "An obsolete synonym of release().",
            lock_release,
        ),
        MethodDef::new(
            "locked",
            "(self, /)",
            "Return whether the lock is in the locked state.",
            lock_locked,
        ),
        MethodDef::new(
            "locked_lock",
            "(self, /)",
            "An obsolete synonym of locked().",
            lock_locked,
        ),
        MethodDef::new("__enter__", "(self, /)", "Lock the lock.", lock_enter),
        MethodDef::new("__exit__", EXIT, "Release the lock.", lock_exit),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", lock_repr),
        MethodDef::new("_at_fork_reinit", "(self, /)", "", lock_reinit),
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("lock", <Lock as Object>::LAYOUT)
};

/// `_thread.RLock`.
#[repr(C)]
pub struct RLock {
    pub header: Header,
    latch: Box<Latch>,
    owner: Cell<u64>,
    count: Cell<u64>,
}

heap_object!(RLock, "RLock", Kind::Other, |this, marker| {}, drop);

fn rlock(v: Value) -> Gc<RLock> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn rlock_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let object = RLock {
        header: Header::empty(),
        latch: Box::default(),
        owner: Cell::new(0),
        count: Cell::new(0),
    };
    Ok(vm
        .heap
        .alloc(class_of_receiver(args[0]).root_shape.get(), object)
        .value())
}

fn rlock_lock(vm: &Vm, l: Gc<RLock>, wait: Wait) -> Result<bool> {
    let me = vm.thread().ident;
    if l.owner.get() == me {
        l.count.set(l.count.get() + 1);
        return Ok(true);
    }
    if !l.latch.lock(vm, wait)? {
        return Ok(false);
    }
    l.owner.set(me);
    l.count.set(1);
    Ok(true)
}

fn rlock_acquire(vm: &Vm, args: &[Value]) -> Result {
    let wait = wait_of(vm, args[1], args[2])?;
    Ok(Value::bool(rlock_lock(vm, rlock(args[0]), wait)?))
}

fn rlock_enter(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(rlock_lock(vm, rlock(args[0]), Wait::Forever)?))
}

fn rlock_release(vm: &Vm, args: &[Value]) -> Result {
    let l = rlock(args[0]);
    if l.owner.get() != vm.thread().ident || l.count.get() == 0 {
        return Err(vm.runtime_error("cannot release un-acquired lock"));
    }
    l.count.set(l.count.get() - 1);
    if l.count.get() == 0 {
        l.owner.set(0);
        l.latch.unlock();
    }
    Ok(Value::NONE)
}

fn rlock_exit(vm: &Vm, args: &[Value]) -> Result {
    rlock_release(vm, &args[..1])
}

fn rlock_locked(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(rlock(args[0]).count.get() > 0))
}

fn rlock_is_owned(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(rlock(args[0]).owner.get() == vm.thread().ident))
}

fn rlock_recursion_count(vm: &Vm, args: &[Value]) -> Result {
    let l = rlock(args[0]);
    let mine = l.owner.get() == vm.thread().ident;
    Ok(vm.new_int(if mine { l.count.get() as i64 } else { 0 }))
}

fn rlock_release_save(vm: &Vm, args: &[Value]) -> Result {
    let l = rlock(args[0]);
    if l.count.get() == 0 {
        return Err(vm.runtime_error("cannot release un-acquired lock"));
    }
    let state = [vm.new_uint(l.count.get()), vm.new_uint(l.owner.get())];
    l.count.set(0);
    l.owner.set(0);
    l.latch.unlock();
    Ok(vm.new_tuple(&state)?.value())
}

fn rlock_acquire_restore(vm: &Vm, args: &[Value]) -> Result {
    let Some(state) = args[1].cast::<Tuple>().filter(|t| t.len() == 2) else {
        return Err(vm.type_error("a state of _release_save() is required"));
    };
    let (count, owner) = (vm.to_i64(state.get(0))?, vm.to_i64(state.get(1))?);
    let l = rlock(args[0]);
    l.latch.lock(vm, Wait::Forever)?;
    l.count.set(count as u64);
    l.owner.set(owner as u64);
    Ok(Value::NONE)
}

fn rlock_repr(vm: &Vm, args: &[Value]) -> Result {
    let l = rlock(args[0]);
    let state = if l.count.get() > 0 {
        "locked"
    } else {
        "unlocked"
    };
    let name = taipan_runtime::types::object::full_name(vm, l.class())?;
    Ok(vm
        .new_str(&format!(
            "<{state} {name} object owner={} count={} at {:#x}>",
            l.owner.get(),
            l.count.get(),
            args[0].bits()
        ))
        .value())
}

fn rlock_reinit(_: &Vm, args: &[Value]) -> Result {
    let l = rlock(args[0]);
    l.count.set(0);
    l.owner.set(0);
    l.latch.unlock();
    Ok(Value::NONE)
}

/// `_thread.RLock`.
pub static RLOCK: TypeDef = TypeDef {
    module: "_thread",
    subclassable: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            rlock_new,
        )
        .static_(),
        MethodDef::new(
            "acquire",
            "(self, /, blocking=True, timeout=-1)",
            "Lock the lock.",
            rlock_acquire,
        ),
        MethodDef::new("release", "(self, /)", "Release the lock.", rlock_release),
        MethodDef::new(
            "locked",
            "(self, /)",
            "Return a boolean indicating whether this object is locked right now.",
            rlock_locked,
        ),
        MethodDef::new("__enter__", "(self, /)", "Lock the lock.", rlock_enter),
        MethodDef::new("__exit__", EXIT, "Release the lock.", rlock_exit),
        MethodDef::new(
            "_is_owned",
            "(self, /)",
            "For internal use by `threading.Condition`.",
            rlock_is_owned,
        ),
        MethodDef::new(
            "_recursion_count",
            "(self, /)",
            "For internal use by reentrancy checks.",
            rlock_recursion_count,
        ),
        MethodDef::new(
            "_release_save",
            "(self, /)",
            "For internal use by `threading.Condition`.",
            rlock_release_save,
        ),
        MethodDef::new(
            "_acquire_restore",
            "(self, state, /)",
            "For internal use by `threading.Condition`.",
            rlock_acquire_restore,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", rlock_repr),
        MethodDef::new("_at_fork_reinit", "(self, /)", "", rlock_reinit),
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("RLock", <RLock as Object>::LAYOUT)
};

fn get_ident(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_uint(vm.thread().ident))
}

fn get_native_id(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: a plain query.
    Ok(vm.new_int(unsafe { libc::syscall(libc::SYS_gettid) }))
}

fn main_thread_ident(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_uint(vm.threads.borrow().first().map_or(0, |t| t.ident)))
}

fn count(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int(vm.threads.borrow().len() as i64 - 1))
}

fn stack_size(vm: &Vm, args: &[Value]) -> Result {
    let old = vm.thread_stack_size.get();
    if let Some(n) = args[0].given() {
        let n = vm.to_i64(n)?;
        if n != 0 && n < 32768 {
            return Err(vm.value_error(format!("size not valid: {n} bytes")));
        }
        vm.thread_stack_size.set(n as usize);
    }
    Ok(vm.new_int(old as i64))
}

fn exit_thread(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.raise_with(vm.exception_class(&exc::SYSTEM_EXIT), &[]))
}

fn interrupt_main(vm: &Vm, args: &[Value]) -> Result {
    let signal = args[0].given().map_or(Ok(i64::from(libc::SIGINT)), |s| {
        taipan_runtime::types::support::c_int_arg(vm, s)
    })?;
    taipan_modules::signal::interrupt_main(vm, signal)?;
    Ok(Value::NONE)
}

fn daemon_threads_allowed(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::TRUE)
}

fn allocate_lock(vm: &Vm, _: &[Value]) -> Result {
    new_lock(vm)
}

fn nothing(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::NONE)
}

fn excepthook(vm: &Vm, args: &[Value]) -> Result {
    let get = |name: &str| vm.get_attr_str(args[0], name);
    let (class, e, thread) = (get("exc_type")?, get("exc_value")?, get("thread")?);
    if class == vm.exception_class(&exc::SYSTEM_EXIT).value() {
        return Ok(Value::NONE);
    }
    let name = if thread.is_none() {
        vm.thread().ident.to_string()
    } else {
        vm.str_text(vm.get_attr(thread, vm.names.name.get())?)?
    };
    let stderr = vm
        .sys_dict
        .get()
        .and_then(|d| d.get_str(vm.names.stderr.get()))
        .filter(|s| !s.is_none());
    if let Some(stderr) = stderr {
        let head = vm
            .new_str(&format!("Exception in thread {name}:\n"))
            .value();
        vm.call_method(stderr, "write", &[head])?;
        crate::report::print_exception(vm, e);
        vm.call_method(stderr, "flush", &[])?;
    }
    Ok(Value::NONE)
}

/// `_thread._local`: attributes for each thread.
#[repr(C)]
pub struct Local {
    pub header: Header,
    /// From thread to its dictionary.
    dicts: Field,
    args: Field,
    keywords: Field,
}

heap_object!(Local, "_local", Kind::Other, |this, marker| {
    marker.field(&this.dicts);
    marker.field(&this.args);
    marker.field(&this.keywords);
});

fn local(v: Value) -> Gc<Local> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn local_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_of_receiver(args[0]);
    if args.len() > 1
        && class.special(taipan_runtime::object::Special::Init) == vm.defaults.init.get()
    {
        return Err(vm.type_error("Initialization arguments are not supported"));
    }
    let positional = args.len() - names.map_or(0, |n| n.len());
    let keywords = vm.new_dict();
    if let Some(names) = names {
        for (k, v) in names.as_slice().iter().zip(&args[positional..]) {
            keywords.set(vm, *k, *v)?;
        }
    }
    let object = Local {
        header: Header::empty(),
        dicts: Field::new(vm.new_dict()),
        args: Field::new(vm.new_tuple(&args[1..positional])?),
        keywords: Field::new(keywords),
    };
    let l = vm.heap.alloc(class.root_shape.get(), object);
    // The creating thread's `__init__` is called by the class.
    local_dict_raw(vm, l)?;
    Ok(l.value())
}

fn local_dict_raw(vm: &Vm, l: Gc<Local>) -> Result<(Gc<Dict>, bool)> {
    // SAFETY: set to a dict when made.
    let dicts = unsafe { l.dicts.or_none().cast_unchecked::<Dict>() };
    let key = vm.new_uint(vm.thread().ident);
    if let Some(d) = dicts.get(vm, key)?.and_then(|d| d.cast::<Dict>()) {
        return Ok((d, false));
    }
    let d = vm.new_dict();
    dicts.set(vm, key, d.value())?;
    Ok((d, true))
}

/// The running thread's dictionary; its first use calls `__init__`.
fn local_dict(vm: &Vm, v: Value) -> Result<Gc<Dict>> {
    let l = local(v);
    let (dict, new) = local_dict_raw(vm, l)?;
    if new
        && let Some(init) = l.class().special(taipan_runtime::object::Special::Init)
        && Some(init) != vm.defaults.init.get()
    {
        let args: Vec<Value> = l
            .args
            .or_none()
            .cast::<Tuple>()
            .map(|t| t.as_slice().to_vec())
            .unwrap_or_default();
        let bound = vm.bind_descriptor(init, v, l.class())?;
        vm.call_dict(bound, &args, l.keywords.or_none().cast::<Dict>())?;
    }
    Ok(dict)
}

fn local_getattribute(vm: &Vm, args: &[Value]) -> Result {
    let name = taipan_runtime::types::object::attribute_name(vm, args[1])?;
    let dict = local_dict(vm, args[0])?;
    if name == vm.names.__dict__.get() {
        return Ok(dict.value());
    }
    let class = vm.class_of(args[0]);
    let on_class = class.lookup(vm, name);
    if let Some(d) = on_class
        && vm.is_data_descriptor(d)
    {
        return vm.bind_descriptor(d, args[0], class);
    }
    match (dict.get(vm, name.value())?, on_class) {
        (Some(v), _) => Ok(v),
        (None, Some(d)) => vm.bind_descriptor(d, args[0], class),
        (None, None) => Err(vm.no_attribute(args[0], name.value())),
    }
}

fn local_set(vm: &Vm, this: Value, name: Value, value: Option<Value>) -> Result {
    let name = taipan_runtime::types::object::attribute_name(vm, name)?;
    if name == vm.names.__dict__.get() {
        return Err(vm.attribute_error(format!(
            "'{}' object attribute '__dict__' is read-only",
            vm.class_of(this).qualified_name()
        )));
    }
    let dict = local_dict(vm, this)?;
    if let Some(d) = vm.class_of(this).lookup(vm, name)
        && vm.is_data_descriptor(d)
    {
        vm.set_descriptor(d, this, value)?;
        return Ok(Value::NONE);
    }
    match value {
        Some(v) => dict.set(vm, name.value(), v)?,
        None => {
            if dict.remove(vm, name.value())?.is_none() {
                return Err(vm.no_attribute(this, name.value()));
            }
        }
    }
    Ok(Value::NONE)
}

fn local_setattr(vm: &Vm, args: &[Value]) -> Result {
    local_set(vm, args[0], args[1], Some(args[2]))
}

fn local_delattr(vm: &Vm, args: &[Value]) -> Result {
    local_set(vm, args[0], args[1], None)
}

/// `_thread._local`.
pub static LOCAL: TypeDef = TypeDef {
    module: "_thread",
    doc: "Thread-local data",
    subclassable: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            local_new,
        )
        .static_(),
        MethodDef::new(
            "__getattribute__",
            "(self, name, /)",
            "Return getattr(self, name).",
            local_getattribute,
        ),
        MethodDef::new(
            "__setattr__",
            "(self, name, value, /)",
            "Implement setattr(self, name, value).",
            local_setattr,
        ),
        MethodDef::new(
            "__delattr__",
            "(self, name, /)",
            "Implement delattr(self, name).",
            local_delattr,
        ),
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("_local", <Local as Object>::LAYOUT)
};

/// The module `_thread`.
pub static THREAD: ModuleDef = ModuleDef {
    name: "_thread",
    doc: "This module provides primitive operations to write multi-threaded programs.\nThe 'threading' module provides a more convenient interface.",
    functions: &[
        MethodDef::new(
            "start_new_thread",
            "(function, args, kwargs={}, /)",
            "Start a new thread and return its identifier.",
            super::thread_handle::start_new_thread,
        ),
        MethodDef::new(
            "start_new",
            "(function, args, kwargs={}, /)",
            "An obsolete synonym of start_new_thread().",
            super::thread_handle::start_new_thread,
        ),
        MethodDef::new(
            "start_joinable_thread",
            "(function, handle=None, daemon=True)",
            "",
            super::thread_handle::start_joinable_thread,
        ),
        MethodDef::new(
            "allocate_lock",
            "()",
            "Create a new lock object.",
            allocate_lock,
        ),
        MethodDef::new(
            "allocate",
            "()",
            "An obsolete synonym of allocate_lock().",
            allocate_lock,
        ),
        MethodDef::new(
            "get_ident",
            "()",
            "Return a non-zero integer that uniquely identifies the current thread.",
            get_ident,
        ),
        MethodDef::new(
            "get_native_id",
            "()",
            "Return a non-negative integer identifying the thread as reported by the OS.",
            get_native_id,
        ),
        MethodDef::new(
            "_get_main_thread_ident",
            "()",
            "Internal only. Return a non-zero integer that uniquely identifies the main thread.",
            main_thread_ident,
        ),
        MethodDef::new(
            "_make_thread_handle",
            "(ident, /)",
            "Internal only. Make a thread handle for threads not spawned by the threading module.",
            super::thread_handle::make_handle,
        ),
        MethodDef::new(
            "_count",
            "()",
            "Return the number of currently running Python threads, excluding the main thread.",
            count,
        ),
        MethodDef::new(
            "stack_size",
            "(size=<same>, /)",
            "Return the thread stack size used when creating new threads.",
            stack_size,
        ),
        MethodDef::new("exit", "()", "Raise SystemExit.", exit_thread),
        MethodDef::new(
            "exit_thread",
            "()",
            "An obsolete synonym of exit().",
            exit_thread,
        ),
        MethodDef::new(
            "interrupt_main",
            "(signum=signal.SIGINT, /)",
            "Simulate the arrival of the given signal in the main thread.",
            interrupt_main,
        ),
        MethodDef::new(
            "_is_main_interpreter",
            "()",
            "Return True if the current interpreter is the main Python interpreter.",
            daemon_threads_allowed,
        ),
        MethodDef::new(
            "daemon_threads_allowed",
            "()",
            "Return True if daemon threads are allowed in the current interpreter.",
            daemon_threads_allowed,
        ),
        MethodDef::new(
            "_excepthook",
            "(args, /)",
            "Handle uncaught Thread.run() exception.",
            excepthook,
        ),
        MethodDef::new(
            "_shutdown",
            "()",
            "Wait for all non-daemon threads to stop.",
            super::thread_handle::shutdown,
        ),
        MethodDef::new(
            "set_name",
            "(name)",
            "Set the name of the current thread.",
            nothing,
        ),
    ],
    types: &[&LOCK, &RLOCK, &super::thread_handle::THREAD_HANDLE, &LOCAL],
    exec: Some(fill),
};

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, "error", vm.exception_class(&exc::RUNTIME_ERROR));
    module.set(vm, "TIMEOUT_MAX", Value::float(9_223_372_036.0));
    module.set(vm, "LockType", vm.class_of_def(&LOCK)?);
    let args = vm.import_attr("_taipan_structs", "ExceptHookArgs")?;
    module.set(vm, "_ExceptHookArgs", args);
    let awaited = vm.new_list(&[])?;
    module.set(vm, super::thread_handle::AWAITED, awaited);
    Ok(())
}

//! Starting threads, waiting for them, and what `_thread` knows of each.

use super::latch::{Latch, Wait};
use std::cell::Cell;
use std::time::{Duration, Instant};
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

/// `_thread._ThreadHandle`: a joinable thread.
#[repr(C)]
pub struct ThreadHandle {
    pub header: Header,
    done: std::sync::Arc<Latch>,
    ident: std::sync::Arc<std::sync::atomic::AtomicU64>,
    started: Cell<bool>,
    /// The process in which it was last known to run.
    process: Cell<u32>,
}

heap_object!(
    ThreadHandle,
    "_ThreadHandle",
    Kind::Other,
    |this, marker| {},
    drop
);

fn handle(v: Value) -> Gc<ThreadHandle> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

impl ThreadHandle {
    /// Whether the thread still runs. In the child of a fork none does but the one that forked.
    fn is_running(&self, vm: &Vm) -> bool {
        let process = std::process::id();
        if self.process.replace(process) != process {
            let ident = self.ident.load(std::sync::atomic::Ordering::Relaxed);
            if vm.threads.borrow().iter().all(|t| t.ident != ident) {
                self.done.unlock();
            }
        }
        self.done.is_locked()
    }
}

/// A handle of no thread yet.
///
/// # Errors
/// Those of making its class.
fn new_handle(vm: &Vm) -> Result<Gc<ThreadHandle>> {
    let class = vm.class_of_def(&THREAD_HANDLE)?;
    let object = ThreadHandle {
        header: Header::empty(),
        done: Default::default(),
        ident: Default::default(),
        started: Cell::new(false),
        process: Cell::new(std::process::id()),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object))
}

fn handle_new(vm: &Vm, _: &[Value]) -> Result {
    Ok(new_handle(vm)?.value())
}

fn handle_join(vm: &Vm, args: &[Value]) -> Result {
    let h = handle(args[0]);
    if !h.started.get() {
        return Err(vm.runtime_error("thread not started"));
    }
    if !h.is_running(vm) {
        return Ok(Value::NONE);
    }
    if h.ident.load(std::sync::atomic::Ordering::Relaxed) == vm.thread().ident {
        return Err(vm.runtime_error("Cannot join current thread"));
    }
    if vm.finalizing.get() {
        // It cannot go on any more, and waiting would not end.
        return Err(vm.raise_str(
            vm.exception_class(&exc::PYTHON_FINALIZATION_ERROR),
            "cannot join thread at interpreter shutdown",
        ));
    }
    let wait = match args[1].given_not_none() {
        None => Wait::Forever,
        Some(t) => {
            let s = vm.to_float(t)?;
            if s < 0.0 {
                Wait::Forever
            } else {
                Wait::Until(Instant::now() + Duration::from_secs_f64(s.min(9e9)))
            }
        }
    };
    if h.done.lock(vm, wait)? {
        h.done.unlock();
    }
    Ok(Value::NONE)
}

fn handle_is_done(vm: &Vm, args: &[Value]) -> Result {
    let h = handle(args[0]);
    Ok(Value::bool(h.started.get() && !h.is_running(vm)))
}

fn handle_set_done(_: &Vm, args: &[Value]) -> Result {
    let h = handle(args[0]);
    h.started.set(true);
    h.done.unlock();
    Ok(Value::NONE)
}

fn handle_ident(vm: &Vm, v: Value) -> Result {
    let h = handle(v);
    if !h.started.get() {
        return Ok(Value::NONE);
    }
    Ok(vm.new_uint(h.ident.load(std::sync::atomic::Ordering::Relaxed)))
}

/// `_thread._ThreadHandle`.
pub static THREAD_HANDLE: TypeDef = TypeDef {
    module: "_thread",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /)",
            "Create and return a new object.",
            handle_new,
        )
        .static_(),
        MethodDef::new("join", "(self, timeout=None, /)", "", handle_join),
        MethodDef::new("is_done", "(self, /)", "", handle_is_done),
        MethodDef::new("_set_done", "(self, /)", "", handle_set_done),
    ],
    getset: &[GetSetDef {
        name: "ident",
        doc: "",
        get: handle_ident,
        set: None,
    }],
    ..TypeDef::new("_ThreadHandle", <ThreadHandle as Object>::LAYOUT)
};

/// A pointer that another thread may take.
struct Sendable(*const Vm);
// SAFETY: the interpreter lives until the process ends, and its lock orders all use.
unsafe impl Send for Sendable {}

impl Sendable {
    fn vm(&self) -> &Vm {
        // SAFETY: as above.
        unsafe { &*self.0 }
    }
}

/// Starts a thread that calls `job()`; `done` is unlocked when it ends.
fn spawn(vm: &Vm, job: Value, args: Value, keywords: Value, h: Gc<ThreadHandle>) -> Result<u64> {
    if vm.finalizing.get() {
        return Err(vm.raise_str(
            vm.exception_class(&exc::PYTHON_FINALIZATION_ERROR),
            "can't create new thread at interpreter shutdown",
        ));
    }
    let roots = vm.new_tuple(&[job, args, keywords])?.value();
    vm.keep(roots);
    let bits = roots.bits();
    let shared = Sendable(vm);
    let (done, ident) = (h.done.clone(), h.ident.clone());
    done.set();
    h.started.set(true);
    h.process.set(std::process::id());
    let (sender, receiver) = std::sync::mpsc::channel();
    let size = vm.thread_stack_size.get().max(16 << 20);
    let spawned = std::thread::Builder::new().stack_size(size).spawn(move || {
        let shared = shared;
        let vm = shared.vm();
        // SAFETY: a plain query.
        let me = unsafe { libc::pthread_self() } as u64;
        ident.store(me, std::sync::atomic::Ordering::Relaxed);
        let _ = sender.send(me);
        vm.lock.acquire(&vm.breaker);
        if vm.attach_thread(me) {
            let thread: *const taipan_runtime::vm::Thread = vm.thread();
            // SAFETY: kept alive by the interpreter until the next line.
            let roots = unsafe { Value::from_bits(bits).cast_unchecked::<Tuple>() };
            vm.permanent.borrow_mut().retain(|v| *v != roots.value());
            run_thread(vm, roots);
            vm.detach_thread(thread);
        }
        vm.lock.release();
        done.unlock();
    });
    match spawned {
        Ok(_) => {
            let started = vm.allow_threads(|| receiver.recv().unwrap_or(0));
            Ok(started)
        }
        Err(_) => {
            h.done.unlock();
            Err(vm.runtime_error("can't start new thread"))
        }
    }
}

fn run_thread(vm: &Vm, roots: Gc<Tuple>) {
    let args: Vec<Value> = roots
        .get(1)
        .cast::<Tuple>()
        .map(|t| t.as_slice().to_vec())
        .unwrap_or_default();
    let result = vm.call_dict(roots.get(0), &args, roots.get(2).cast::<Dict>());
    if result.is_err() {
        if vm.raised_is_def(&exc::SYSTEM_EXIT) {
            vm.clear_raised();
        } else {
            vm.report_unraisable("Exception ignored in thread started by", roots.get(0));
        }
    }
    crate::safepoint::poll(vm).unwrap_or_else(|_| vm.clear_raised());
}

/// `start_new_thread(function, args, kwargs)`: its identity.
///
/// # Errors
/// TypeError for arguments of other types, RuntimeError if the system has no thread to give.
pub fn start_new_thread(vm: &Vm, args: &[Value]) -> Result {
    if !vm.is_callable(args[0]) {
        return Err(vm.type_error("first arg must be callable"));
    }
    if args[1].cast::<Tuple>().is_none() {
        return Err(vm.type_error("2nd arg must be a tuple"));
    }
    let keywords = args[2].given().unwrap_or(Value::NONE);
    if !keywords.is_none() && keywords.cast::<Dict>().is_none() {
        return Err(vm.type_error("optional 3rd arg must be a dictionary"));
    }
    vm.audit("_thread.start_new_thread", &[args[0], args[1], keywords])?;
    let h = new_handle(vm)?;
    Ok(vm.new_uint(spawn(vm, args[0], args[1], keywords, h)?))
}

/// `start_joinable_thread(function, handle, daemon)`: the handle.
///
/// # Errors
/// As for [`start_new_thread`].
pub fn start_joinable_thread(vm: &Vm, args: &[Value]) -> Result {
    let h = match args[1].given_not_none() {
        Some(h) => match h.cast::<ThreadHandle>() {
            Some(h) => h,
            None => return Err(vm.type_error("'handle' must be a _ThreadHandle")),
        },
        None => new_handle(vm)?,
    };
    if h.started.get() {
        return Err(vm.runtime_error("thread already started"));
    }
    let daemon = args[2].given().map_or(Ok(true), |d| vm.truth(d))?;
    let asked = args[1].given().unwrap_or(Value::NONE);
    vm.audit(
        "_thread.start_joinable_thread",
        &[args[0], Value::small_int(daemon.into()), asked],
    )?;
    let empty = vm.new_tuple(&[])?.value();
    spawn(vm, args[0], empty, Value::NONE, h)?;
    if !daemon {
        let list = awaited(vm)?;
        let running = vm.rooted_slice(list.as_slice());
        list.clear();
        for other in running.iter().filter(|v| handle(**v).done.is_locked()) {
            list.push(vm, *other)?;
        }
        list.push(vm, h.value())?;
    }
    Ok(h.value())
}

/// A handle of a running thread by its identity.
///
/// # Errors
/// TypeError unless the identity is an integer.
pub fn make_handle(vm: &Vm, args: &[Value]) -> Result {
    let h = new_handle(vm)?;
    let ident = vm.to_i64(args[0])? as u64;
    h.ident.store(ident, std::sync::atomic::Ordering::Relaxed);
    h.started.set(true);
    h.done.set();
    Ok(h.value())
}

/// The name in the module `_thread` of the list of handles to wait for at exit.
pub const AWAITED: &str = "_awaited_at_exit";

/// The handles of threads that the program's end waits for.
fn awaited(vm: &Vm) -> Result<Gc<List>> {
    vm.import_attr("_thread", AWAITED)?
        .cast()
        .ok_or_else(|| vm.runtime_error("the list of threads is gone"))
}

/// `_shutdown()`: waits for all threads that are not daemons.
///
/// # Errors
/// What a signal handler raises meanwhile.
pub fn shutdown(vm: &Vm, _: &[Value]) -> Result {
    while let Some(next) = awaited(vm)?.pop() {
        let h = handle(next);
        let own = h.ident.load(std::sync::atomic::Ordering::Relaxed) == vm.thread().ident;
        if !own && h.done.lock(vm, Wait::Forever)? {
            h.done.unlock();
        }
    }
    Ok(Value::NONE)
}

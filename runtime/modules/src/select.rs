//! The modules `select` and `resource`.

use crate::common::unsigned_arg;
use crate::posix::{descriptor, structure};
use crate::{time, wait};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::{Result, Value, Vm};

/// A descriptor, or an object with `fileno()`.
pub(crate) fn file(vm: &Vm, v: Value) -> Result<i32> {
    if v.as_int_ref().is_some() {
        crate::posix::warn_of_bool(vm, v)?;
        return not_negative(vm, descriptor(vm, v)?);
    }
    match vm.find_attr(v, vm.intern("fileno"))? {
        Some(f) => {
            let fd = vm.call(f, &[])?;
            if fd.as_int_ref().is_none() {
                return Err(vm.type_error("fileno() returned a non-integer"));
            }
            not_negative(vm, descriptor(vm, fd)?)
        }
        None => Err(vm.type_error("argument must be an int, or have a fileno() method.")),
    }
}

fn not_negative(vm: &Vm, fd: i32) -> Result<i32> {
    if fd < 0 {
        return Err(vm.value_error(format!(
            "file descriptor cannot be a negative integer ({fd})"
        )));
    }
    Ok(fd)
}

fn select(vm: &Vm, args: &[Value]) -> Result {
    let limit = match args[3].given_not_none() {
        None => None,
        Some(v) => {
            let nanoseconds = time::limit(vm, v, time::NANOSECONDS, "a float")?;
            let Ok(nanoseconds) = u64::try_from(nanoseconds) else {
                return Err(vm.value_error("timeout must be non-negative"));
            };
            Some(Duration::from_nanos(nanoseconds))
        }
    };
    let wanted = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    let ready = [
        libc::POLLIN | libc::POLLHUP | libc::POLLERR,
        libc::POLLOUT | libc::POLLERR,
        libc::POLLPRI,
    ];
    let mut fds = Vec::new();
    let mut owners = vm.rooted();
    let mut lists = Vec::new();
    for (i, events) in wanted.iter().enumerate() {
        let items = match args[i].cast::<List>() {
            Some(list) => list,
            None => {
                let items = vm.collect(args[i])?;
                vm.new_list(&items)?
            }
        };
        // A `fileno` may change the list.
        let mut at = 0;
        while let Some(v) = items.get(at) {
            at += 1;
            let fd = file(vm, v)?;
            if fd < 0 {
                return Err(vm.value_error(format!(
                    "file descriptor cannot be a negative integer ({fd})"
                )));
            }
            fds.push(libc::pollfd {
                fd,
                events: *events,
                revents: 0,
            });
            owners.push(v);
            lists.push(i);
        }
    }
    wait::poll(vm, &mut fds, end_of(limit))?;
    if fds.iter().any(|f| f.revents & libc::POLLNVAL != 0) {
        return Err(vm.os_error(libc::EBADF, None));
    }
    let results = [vm.new_list(&[])?, vm.new_list(&[])?, vm.new_list(&[])?];
    for (at, f) in fds.iter().enumerate() {
        if f.revents & ready[lists[at]] != 0 {
            results[lists[at]].push(vm, owners[at])?;
        }
    }
    Ok(vm.new_tuple(&results.map(|l| l.value()))?.value())
}

/// `select.poll()`.
#[repr(C)]
pub struct Poll {
    pub header: Header,
    fds: RefCell<Vec<(i32, i16)>>,
    /// Whether a thread waits in `poll`.
    polls: Cell<bool>,
}

heap_object!(Poll, "poll", Kind::Other, |this, marker| {}, drop);

fn poll(vm: &Vm, _: &[Value]) -> Result {
    let class = vm.class_of_def(&POLL)?;
    Ok(vm
        .heap
        .alloc(
            class.root_shape.get(),
            Poll {
                header: Header::empty(),
                fds: RefCell::default(),
                polls: Cell::default(),
            },
        )
        .value())
}

fn this(v: Value) -> Gc<Poll> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn poll_register(vm: &Vm, args: &[Value]) -> Result {
    let fd = file(vm, args[1])?;
    let events = match args[2].given() {
        Some(v) => unsigned_arg(vm, v, u16::MAX.into(), "unsigned short")? as i16,
        None => libc::POLLIN | libc::POLLPRI | libc::POLLOUT,
    };
    let p = this(args[0]);
    let mut fds = p.fds.borrow_mut();
    match fds.iter_mut().find(|f| f.0 == fd) {
        Some(f) => f.1 = events,
        None => fds.push((fd, events)),
    }
    Ok(Value::NONE)
}

fn poll_modify(vm: &Vm, args: &[Value]) -> Result {
    let fd = file(vm, args[1])?;
    if !this(args[0]).fds.borrow().iter().any(|f| f.0 == fd) {
        return Err(vm.os_error(libc::ENOENT, None));
    }
    poll_register(vm, args)
}

fn poll_unregister(vm: &Vm, args: &[Value]) -> Result {
    let fd = file(vm, args[1])?;
    let p = this(args[0]);
    let before = p.fds.borrow().len();
    p.fds.borrow_mut().retain(|f| f.0 != fd);
    if p.fds.borrow().len() == before {
        Err(vm.key_error(vm.new_int(fd.into())))
    } else {
        Ok(Value::NONE)
    }
}

/// When a wait that begins now is over.
fn end_of(limit: Option<Duration>) -> Option<Instant> {
    limit.and_then(|limit| Instant::now().checked_add(limit))
}

fn poll_poll(vm: &Vm, args: &[Value]) -> Result {
    let limit = time::poll_limit(vm, args[1], time::NANOSECONDS / 1000)?;
    if this(args[0]).polls.get() {
        return Err(vm.runtime_error("concurrent poll() invocation"));
    }
    let mut fds: Vec<libc::pollfd> = this(args[0])
        .fds
        .borrow()
        .iter()
        .map(|(fd, events)| libc::pollfd {
            fd: *fd,
            events: *events,
            revents: 0,
        })
        .collect();
    this(args[0]).polls.set(true);
    let waited = wait::poll(vm, &mut fds, end_of(limit));
    this(args[0]).polls.set(false);
    waited?;
    let list = vm.new_list(&[])?;
    for f in fds.iter().filter(|f| f.revents != 0) {
        let entry = vm.pair(vm.new_int(f.fd.into()), vm.new_int(f.revents.into()))?;
        list.push(vm, entry)?;
    }
    Ok(list.value())
}

/// The type of `select.poll()`.
pub static POLL: TypeDef = TypeDef {
    module: "select",
    methods: &[
        MethodDef::new(
            "register",
            "(self, fd, eventmask=7, /)",
            "Register a file descriptor with the polling object.",
            poll_register,
        ),
        MethodDef::new(
            "modify",
            "(self, fd, eventmask, /)",
            "Modify an already registered file descriptor.",
            poll_modify,
        ),
        MethodDef::new(
            "unregister",
            "(self, fd, /)",
            "Remove a file descriptor being tracked by the polling object.",
            poll_unregister,
        ),
        MethodDef::new(
            "poll",
            "(self, timeout=None, /)",
            "Polls the set of registered file descriptors.",
            poll_poll,
        ),
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("poll", <Poll as Object>::LAYOUT)
};

/// The module `select`.
pub static SELECT: ModuleDef = ModuleDef {
    name: "select",
    doc: "This module supports asynchronous I/O on multiple file descriptors.",
    functions: &[
        MethodDef::new(
            "select",
            "(rlist, wlist, xlist, timeout=None, /)",
            "Wait until one or more file descriptors are ready for some kind of I/O.",
            select,
        ),
        MethodDef::new("poll", "()", "Returns a polling object.", poll),
    ],
    types: &[&crate::epoll::EPOLL],
    exec: Some(fill_select),
};

fn fill_select(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, "error", vm.exception_class(&exc::OS_ERROR));
    for (name, v) in [
        ("POLLIN", libc::POLLIN),
        ("POLLPRI", libc::POLLPRI),
        ("POLLOUT", libc::POLLOUT),
        ("POLLERR", libc::POLLERR),
        ("POLLHUP", libc::POLLHUP),
        ("POLLNVAL", libc::POLLNVAL),
        ("POLLRDNORM", libc::POLLRDNORM),
        ("POLLWRNORM", libc::POLLWRNORM),
    ] {
        module.set(vm, name, vm.new_int(v.into()));
    }
    for (name, v) in crate::epoll::CONSTANTS {
        module.set(vm, name, vm.new_int(*v));
    }
    module.set(vm, "PIPE_BUF", vm.new_int(4096));
    Ok(())
}

/// How many kinds of limits Linux has.
const RESOURCES: i64 = 16;

/// The number that Python has for a limit: -1 for none.
fn limit_value(vm: &Vm, limit: libc::rlim_t) -> Value {
    if limit == libc::RLIM_INFINITY {
        return vm.new_int(-1);
    }
    vm.new_bigint(limit.into())
}

/// The limit that a number stands for.
fn limit_of(vm: &Vm, v: Value) -> Result<libc::rlim_t> {
    let index = vm.index(v)?;
    let found = match index.as_int_ref() {
        Some(IntRef::Small(-1)) => Some(libc::RLIM_INFINITY),
        Some(i) if i.is_negative() => {
            return Err(vm.value_error("Cannot convert negative int"));
        }
        Some(i) => libc::rlim_t::try_from(i.to_big()).ok(),
        None => None,
    };
    found.ok_or_else(|| vm.overflow_error("Python int too large to convert to C rlim_t"))
}

fn getrlimit(vm: &Vm, args: &[Value]) -> Result {
    let which = c_int_arg(vm, args[0])?;
    // SAFETY: an all-zero structure is valid, and the call fills it.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if which < 0 || libc::getrlimit(which as libc::__rlimit_resource_t, &mut limit) < 0 {
            return Err(vm.value_error("invalid resource specified"));
        }
        vm.pair(
            limit_value(vm, limit.rlim_cur),
            limit_value(vm, limit.rlim_max),
        )
    }
}

fn setrlimit(vm: &Vm, args: &[Value]) -> Result {
    let which = c_int_arg(vm, args[0])?;
    let pair = vm.collect(args[1])?;
    let [soft, hard] = pair[..] else {
        return Err(vm.value_error("expected a tuple of 2 integers"));
    };
    let limit = libc::rlimit {
        rlim_cur: limit_of(vm, soft)?,
        rlim_max: limit_of(vm, hard)?,
    };
    // SAFETY: a plain system call.
    let failed =
        which < 0 || unsafe { libc::setrlimit(which as libc::__rlimit_resource_t, &limit) } < 0;
    if failed {
        let errno = std::io::Error::last_os_error().raw_os_error();
        return Err(vm.value_error(match errno {
            Some(libc::EPERM) if which >= 0 => "not allowed to raise maximum limit",
            _ if (0..RESOURCES).contains(&which) => "current limit exceeds maximum limit",
            _ => "invalid resource specified",
        }));
    }
    Ok(Value::NONE)
}

fn getrusage(vm: &Vm, args: &[Value]) -> Result {
    let who = descriptor(vm, args[0])?;
    // SAFETY: an all-zero structure is valid, and the call fills it.
    unsafe {
        let mut u: libc::rusage = std::mem::zeroed();
        if libc::getrusage(who, &mut u) < 0 {
            return Err(vm.value_error("invalid who parameter"));
        }
        usage(vm, &u)
    }
}

/// What a process used, as Python has it.
pub(crate) fn usage(vm: &Vm, u: &libc::rusage) -> Result {
    let time = |t: libc::timeval| Value::float(t.tv_sec as f64 + t.tv_usec as f64 * 1e-6);
    let n = |i: libc::c_long| vm.new_int(i);
    structure(
        vm,
        "struct_rusage",
        &[
            time(u.ru_utime),
            time(u.ru_stime),
            n(u.ru_maxrss),
            n(u.ru_ixrss),
            n(u.ru_idrss),
            n(u.ru_isrss),
            n(u.ru_minflt),
            n(u.ru_majflt),
            n(u.ru_nswap),
            n(u.ru_inblock),
            n(u.ru_oublock),
            n(u.ru_msgsnd),
            n(u.ru_msgrcv),
            n(u.ru_nsignals),
            n(u.ru_nvcsw),
            n(u.ru_nivcsw),
        ],
    )
}

fn getpagesize(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: a plain query.
    Ok(vm.new_int(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }))
}

/// The module `resource`.
pub static RESOURCE: ModuleDef = ModuleDef {
    name: "resource",
    doc: "Limits and use of system resources.",
    functions: &[
        MethodDef::new("getrlimit", "(resource, /)", "", getrlimit),
        MethodDef::new("setrlimit", "(resource, limits, /)", "", setrlimit),
        MethodDef::new("getrusage", "(who, /)", "", getrusage),
        MethodDef::new("getpagesize", "()", "", getpagesize),
    ],
    types: &[],
    exec: Some(fill_resource),
};

fn fill_resource(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, "error", vm.exception_class(&exc::OS_ERROR));
    module.set(
        vm,
        "struct_rusage",
        vm.import_attr("_taipan_structs", "struct_rusage")?,
    );
    for (name, v) in [
        ("RLIMIT_CPU", libc::RLIMIT_CPU),
        ("RLIMIT_FSIZE", libc::RLIMIT_FSIZE),
        ("RLIMIT_DATA", libc::RLIMIT_DATA),
        ("RLIMIT_STACK", libc::RLIMIT_STACK),
        ("RLIMIT_CORE", libc::RLIMIT_CORE),
        ("RLIMIT_NOFILE", libc::RLIMIT_NOFILE),
        ("RLIMIT_AS", libc::RLIMIT_AS),
        ("RLIMIT_RSS", libc::RLIMIT_RSS),
        ("RLIMIT_NPROC", libc::RLIMIT_NPROC),
        ("RLIMIT_MEMLOCK", libc::RLIMIT_MEMLOCK),
        ("RLIMIT_MSGQUEUE", libc::RLIMIT_MSGQUEUE),
        ("RLIMIT_NICE", libc::RLIMIT_NICE),
        ("RLIMIT_OFILE", libc::RLIMIT_NOFILE),
        ("RLIMIT_RTPRIO", libc::RLIMIT_RTPRIO),
        ("RLIMIT_RTTIME", libc::RLIMIT_RTTIME),
        ("RLIMIT_SIGPENDING", libc::RLIMIT_SIGPENDING),
    ] {
        module.set(vm, name, vm.new_int(v.into()));
    }
    for (name, v) in [
        ("RUSAGE_SELF", 0),
        ("RUSAGE_CHILDREN", -1),
        ("RUSAGE_THREAD", 1),
        ("RLIM_INFINITY", -1),
    ] {
        module.set(vm, name, vm.new_int(v));
    }
    Ok(())
}

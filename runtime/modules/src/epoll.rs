//! `select.epoll`: waiting for many descriptors at once.

use crate::posix::descriptor;
use crate::select::file;
use crate::time::{NANOSECONDS, poll_limit};
use crate::wait::wait;
use std::cell::Cell;
use std::time::{Duration, Instant};
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// An epoll object; -1 once it is closed.
#[repr(C)]
pub struct Epoll {
    pub header: Header,
    fd: Cell<i32>,
}

heap_object!(Epoll, "epoll", Kind::Other, |this, marker| {}, drop);

impl Drop for Epoll {
    fn drop(&mut self) {
        if self.fd.get() >= 0 {
            // SAFETY: the descriptor is this object's own.
            unsafe { libc::close(self.fd.get()) };
        }
    }
}

#[cold]
fn closed(vm: &Vm) -> Raised {
    vm.value_error("I/O operation on closed epoll object")
}

fn open(vm: &Vm, v: Value) -> Result<i32> {
    match this::<Epoll>(v).fd.get() {
        -1 => Err(closed(vm)),
        fd => Ok(fd),
    }
}

fn make(vm: &Vm, class: Gc<taipan_runtime::object::Class>, fd: i32) -> Result {
    let object = Epoll {
        header: Header::empty(),
        fd: Cell::new(fd),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

const PARAMETERS: crate::common::Parameters<2> = crate::common::Parameters {
    function: "epoll",
    names: ["sizehint", "flags"],
    required: 0,
    positional: 2,
    convert: None,
};

fn new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&EPOLL)?)?;
    let given = PARAMETERS.bind(vm, &args[1..], names)?;
    let hint = given[0].given().map_or(Ok(-1), |v| descriptor(vm, v))?;
    let flags = given[1].given().map_or(Ok(0), |v| descriptor(vm, v))?;
    if hint < -1 || hint == 0 {
        return Err(vm.value_error("sizehint must be positive or -1"));
    }
    if flags != 0 && flags != libc::EPOLL_CLOEXEC {
        return Err(vm.os_error_text("invalid flags"));
    }
    // SAFETY: a plain system call.
    let fd = unsafe { libc::epoll_create1(flags | libc::EPOLL_CLOEXEC) };
    if fd < 0 {
        return Err(vm.last_os_error(None));
    }
    make(vm, class, fd)
}

fn fromfd(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&EPOLL)?)?;
    make(vm, class, descriptor(vm, args[1])?)
}

fn close(vm: &Vm, args: &[Value]) -> Result {
    let fd = this::<Epoll>(args[0]).fd.replace(-1);
    // SAFETY: the descriptor was this object's own.
    if fd >= 0 && unsafe { libc::close(fd) } < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

fn control(vm: &Vm, args: &[Value], operation: i32, mask: Option<Value>) -> Result {
    let epoll = open(vm, args[0])?;
    let fd = file(vm, args[1])?;
    let events = match mask {
        None => 0,
        Some(v) => {
            let mask = vm.to_i64(vm.index(v)?)?;
            u32::try_from(mask).map_err(|_| {
                if mask < 0 {
                    vm.value_error("Cannot convert negative int")
                } else {
                    vm.overflow_error("Python int too large for C unsigned int")
                }
            })?
        }
    };
    let mut event = libc::epoll_event {
        events,
        u64: fd as u64,
    };
    // SAFETY: the event is valid for the call.
    let result = unsafe { libc::epoll_ctl(epoll, operation, fd, &mut event) };
    crate::posix::done(vm, result, None)
}

/// What is waited for unless the program says something else.
const USUAL: i32 = libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT;

fn register(vm: &Vm, args: &[Value]) -> Result {
    let mask = args[2].given().unwrap_or_else(|| vm.new_int(USUAL.into()));
    control(vm, args, libc::EPOLL_CTL_ADD, Some(mask))
}

/// How many events are taken at once unless the program says something else.
const EVENTS: i32 = libc::FD_SETSIZE as i32 - 1;

fn poll(vm: &Vm, args: &[Value]) -> Result {
    let epoll = open(vm, args[0])?;
    let limit = poll_limit(vm, args[1], NANOSECONDS)?;
    let most = match args[2].given() {
        None => EVENTS,
        Some(v) => match descriptor(vm, v)? {
            -1 => EVENTS,
            n if n > 0 => n,
            n => {
                return Err(vm.value_error(format!("maxevents must be greater than 0, got {n}")));
            }
        },
    };
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; most.min(EVENTS) as usize];
    let count = wait(vm, end, |left, let_in| {
        let up = |left: Duration| left.as_nanos().div_ceil(1_000_000);
        let limit = left.map_or(-1, |left| i32::try_from(up(left)).unwrap_or(i32::MAX));
        let room = events.len() as i32;
        // SAFETY: there is room for so many events, and the set is valid where it is not null.
        unsafe { libc::epoll_pwait(epoll, events.as_mut_ptr(), room, limit, let_in) }
    })? as usize;
    let list = vm.new_list(&[])?;
    for event in &events[..count] {
        let (fd, mask) = (event.u64 as i32, event.events);
        let pair = vm.pair(vm.new_int(fd.into()), vm.new_int(mask.into()))?;
        list.push(vm, pair)?;
    }
    Ok(list.value())
}

/// The type.
pub static EPOLL: TypeDef = TypeDef {
    module: "select",
    doc: "Returns an epolling object.",
    methods: &[
        slots::new(new),
        MethodDef::new(
            "fromfd",
            "(type, fd, /)",
            "Create an epoll object from a given control fd.",
            fromfd,
        )
        .class(),
        MethodDef::new(
            "close",
            "(self, /)",
            "Close the epoll control file descriptor.",
            close,
        ),
        MethodDef::new(
            "fileno",
            "(self, /)",
            "Return the epoll control file descriptor.",
            |vm, args| Ok(vm.new_int(open(vm, args[0])?.into())),
        ),
        MethodDef::new(
            "register",
            "(self, fd, eventmask=<unrepresentable>)",
            "Registers a new fd or raises an OSError if the fd is already registered.",
            register,
        ),
        MethodDef::new(
            "modify",
            "(self, fd, eventmask)",
            "Modify event mask for a registered file descriptor.",
            |vm, args| control(vm, args, libc::EPOLL_CTL_MOD, Some(args[2])),
        ),
        MethodDef::new(
            "unregister",
            "(self, fd)",
            "Remove a registered file descriptor from the epoll object.",
            |vm, args| control(vm, args, libc::EPOLL_CTL_DEL, None),
        ),
        MethodDef::new(
            "poll",
            "(self, timeout=None, maxevents=-1)",
            "Wait for events on the epoll file descriptor.",
            poll,
        ),
        MethodDef::new("__enter__", "(self, /)", "", |vm, args| {
            open(vm, args[0])?;
            Ok(args[0])
        }),
        MethodDef::new(
            "__exit__",
            "(self, exc_type=None, exc_value=None, exc_tb=None, /)",
            "",
            close,
        ),
    ],
    getset: &[GetSetDef {
        name: "closed",
        doc: "True if the epoll handler is closed",
        get: |_, v| Ok((this::<Epoll>(v).fd.get() < 0).into()),
        set: None,
    }],
    ..TypeDef::new("epoll", <Epoll as Object>::LAYOUT)
};

/// The numbers of events.
pub const CONSTANTS: &[(&str, i64)] = &[
    ("EPOLLERR", libc::EPOLLERR as i64),
    ("EPOLLET", 1 << 31),
    ("EPOLLEXCLUSIVE", libc::EPOLLEXCLUSIVE as i64),
    ("EPOLLHUP", libc::EPOLLHUP as i64),
    ("EPOLLIN", libc::EPOLLIN as i64),
    ("EPOLLMSG", libc::EPOLLMSG as i64),
    ("EPOLLONESHOT", libc::EPOLLONESHOT as i64),
    ("EPOLLOUT", libc::EPOLLOUT as i64),
    ("EPOLLPRI", libc::EPOLLPRI as i64),
    ("EPOLLRDBAND", libc::EPOLLRDBAND as i64),
    ("EPOLLRDHUP", libc::EPOLLRDHUP as i64),
    ("EPOLLRDNORM", libc::EPOLLRDNORM as i64),
    ("EPOLLWAKEUP", libc::EPOLLWAKEUP as i64),
    ("EPOLLWRBAND", libc::EPOLLWRBAND as i64),
    ("EPOLLWRNORM", libc::EPOLLWRNORM as i64),
    ("EPOLL_CLOEXEC", libc::EPOLL_CLOEXEC as i64),
    ("POLLMSG", 0x400),
    ("POLLRDBAND", libc::POLLRDBAND as i64),
    ("POLLRDHUP", libc::POLLRDHUP as i64),
    ("POLLWRBAND", libc::POLLWRBAND as i64),
];

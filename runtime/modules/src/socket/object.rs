//! The socket type: making, connecting and closing sockets, and waiting for them.
//!
//! A socket with a timeout is a non-blocking one for the system: an operation first waits until the
//! socket is ready or the time is over, then tries, and waits again if somebody else was faster.
//! Signals interrupt the wait, run their handlers and leave less time (PEP 475).

use super::address::{Address, from_value, to_value};
use super::options;
use super::transfer;
use crate::wait;
use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::{class_argument, split_keywords, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// A socket.
#[repr(C)]
pub struct Socket {
    pub header: Header,
    /// -1 once closed.
    fd: Cell<i32>,
    pub family: Cell<i32>,
    kind: Cell<i32>,
    protocol: Cell<i32>,
    /// How long operations wait; forever without one.
    timeout: Cell<Option<Duration>>,
}

heap_object!(Socket, "socket", Kind::Other, |this, marker| {});

pub fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

#[cold]
pub fn timed_out(vm: &Vm) -> Raised {
    vm.raise_str(vm.exception_class(&exc::TIMEOUT_ERROR), "timed out")
}

/// Runs handlers of signals that came just before a system call that would not notice them.
fn notice_signals(vm: &Vm) -> Result<()> {
    if vm.pending_signals.load(Ordering::Relaxed) == 0 {
        return Ok(());
    }
    vm.interpreter().check_signals(vm)
}

/// Waits until a descriptor is ready; whether it became so in time.
fn wait(vm: &Vm, fd: i32, events: i16, deadline: Option<Instant>) -> Result<bool> {
    let revents = 0;
    let mut entry = [libc::pollfd {
        fd,
        events,
        revents,
    }];
    Ok(wait::poll(vm, &mut entry, deadline)? > 0)
}

/// When the time of an operation that starts now is over.
pub fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|t| Instant::now().checked_add(t))
}

impl Socket {
    pub fn fd(&self) -> i32 {
        self.fd.get()
    }

    pub fn timeout(&self) -> Option<Duration> {
        self.timeout.get()
    }

    /// Whether operations wait for some time only.
    fn waits(&self) -> bool {
        self.timeout.get().is_some_and(|t| !t.is_zero())
    }

    /// Calls a function of the system, without the lock, until it succeeds, fails or the time is over.
    ///
    /// # Errors
    /// OSError, and what signal handlers raise.
    pub fn call(&self, vm: &Vm, events: i16, call: impl FnMut(i32) -> isize) -> Result<usize> {
        self.call_until(vm, events, deadline(self.timeout.get()), call)
    }

    /// As [`Socket::call`], with a time that began earlier.
    pub fn call_until(
        &self,
        vm: &Vm,
        events: i16,
        deadline: Option<Instant>,
        mut call: impl FnMut(i32) -> isize,
    ) -> Result<usize> {
        loop {
            let fd = self.fd.get();
            if self.waits() && fd >= 0 && !wait(vm, fd, events, deadline)? {
                return Err(timed_out(vm));
            }
            loop {
                notice_signals(vm)?;
                let n = vm.allow_threads(|| call(fd));
                if n >= 0 {
                    return Ok(n as usize);
                }
                match errno() {
                    libc::EINTR => vm.interpreter().check_signals(vm)?,
                    libc::EAGAIN if self.waits() => break,
                    e => return Err(vm.os_error(e, None)),
                }
            }
        }
    }

    fn set_blocking(&self, vm: &Vm, blocking: bool) -> Result<()> {
        let mut flag = libc::c_int::from(!blocking);
        // SAFETY: the call reads one number.
        if unsafe { libc::ioctl(self.fd.get(), libc::FIONBIO, &mut flag) } < 0 {
            return Err(vm.last_os_error(None));
        }
        Ok(())
    }

    fn set_timeout(&self, vm: &Vm, timeout: Option<Duration>) -> Result<()> {
        self.timeout.set(timeout);
        self.set_blocking(vm, timeout.is_none())
    }
}

/// A timeout argument: None waits forever.
fn timeout_argument(vm: &Vm, v: Value) -> Result<Option<Duration>> {
    if v.is_none() {
        return Ok(None);
    }
    let nanoseconds = crate::time::nanoseconds_up(vm, v)?;
    match u64::try_from(nanoseconds) {
        Ok(n) => Ok(Some(Duration::from_nanos(n))),
        Err(_) => Err(vm.value_error("Timeout value out of range")),
    }
}

fn timeout_value(timeout: Option<Duration>) -> Value {
    timeout.map_or(Value::NONE, |t| Value::float(t.as_secs_f64()))
}

/// Where the module keeps the timeout of new sockets.
const DEFAULT_TIMEOUT: &str = "_default_timeout";

fn default_timeout(vm: &Vm) -> Result<Option<Duration>> {
    let class = vm.class_of_def(&SOCKET)?;
    match class.namespace().get_str(vm.intern(DEFAULT_TIMEOUT)) {
        Some(v) => timeout_argument(vm, v),
        None => Ok(None),
    }
}

pub fn getdefaulttimeout(vm: &Vm, _: &[Value]) -> Result {
    Ok(timeout_value(default_timeout(vm)?))
}

pub fn setdefaulttimeout(vm: &Vm, args: &[Value]) -> Result {
    let timeout = timeout_value(timeout_argument(vm, args[0])?);
    let class = vm.class_of_def(&SOCKET)?;
    class
        .namespace()
        .set_str(vm, vm.intern(DEFAULT_TIMEOUT), timeout);
    Ok(Value::NONE)
}

fn socket_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&SOCKET)?)?;
    let object = Socket {
        header: Header::empty(),
        fd: Cell::new(-1),
        family: Cell::new(0),
        kind: Cell::new(0),
        protocol: Cell::new(0),
        timeout: Cell::new(None),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// An option that is one number, of a descriptor.
fn int_option(vm: &Vm, fd: i32, option: i32) -> Result<i32> {
    let mut value: libc::c_int = 0;
    let mut len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the place has the length that is said.
    let result = unsafe {
        libc::getsockopt(
            fd,
            libc::SOL_SOCKET,
            option,
            (&raw mut value).cast(),
            &mut len,
        )
    };
    if result < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(value)
}

pub fn int_argument(vm: &Vm, v: Value) -> Result<i32> {
    let i = vm.to_i64(v)?;
    i32::try_from(i).map_err(|_| {
        vm.overflow_error(if i > 0 {
            "signed integer is greater than maximum"
        } else {
            "signed integer is less than minimum"
        })
    })
}

fn socket_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    const NAMES: [&str; 4] = ["family", "type", "proto", "fileno"];
    let (positional, keywords) = split_keywords(&args[1..], names);
    if args.len() > 5 {
        return Err(vm.type_error(format!(
            "socket() takes at most 4 arguments ({} given)",
            args.len() - 1
        )));
    }
    let mut given = [Value::MISSING; 4];
    given[..positional.len()].copy_from_slice(positional);
    for (name, v) in keywords {
        match NAMES.iter().position(|n| name.is_text(n)) {
            Some(at) if given[at].is_missing() => given[at] = v,
            Some(at) => {
                return Err(vm.type_error(format!(
                    "argument for socket() given by name ('{}') and position ({})",
                    NAMES[at],
                    at + 1
                )));
            }
            None => {
                return Err(vm.type_error(format!(
                    "socket() got an unexpected keyword argument '{}'",
                    name.to_text()
                )));
            }
        }
    }
    let number = |v: Value| v.given().map_or(Ok(-1), |v| int_argument(vm, v));
    let (mut family, mut kind, mut protocol) =
        (number(given[0])?, number(given[1])?, number(given[2])?);
    let fd = match given[3].given_not_none() {
        Some(v) => {
            if v.is_float() {
                return Err(vm.type_error("integer argument expected, got float"));
            }
            let fd = int_argument(vm, v)?;
            if fd < 0 {
                return Err(vm.value_error("negative file descriptor"));
            }
            let mut address = Address::empty();
            // SAFETY: the address has room for as much as is said.
            let result = unsafe { libc::getsockname(fd, address.pointer_mut(), &mut address.len) };
            if result < 0 {
                // A family that was given may be of sockets without a name.
                if family == -1 || errno() == libc::EBADF || errno() == libc::ENOTSOCK {
                    return Err(vm.last_os_error(None));
                }
            } else if family == -1 {
                family = address.storage.ss_family.into();
            }
            if kind == -1 {
                kind = int_option(vm, fd, libc::SO_TYPE)?;
            }
            if protocol == -1 {
                protocol = int_option(vm, fd, libc::SO_PROTOCOL)?;
            }
            fd
        }
        None => {
            let or = |n: i32, default: i32| if n == -1 { default } else { n };
            family = or(family, libc::AF_INET);
            kind = or(kind, libc::SOCK_STREAM);
            protocol = or(protocol, 0);
            // SAFETY: a plain system call.
            let fd = vm.allow_threads(|| unsafe {
                libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol)
            });
            if fd < 0 {
                return Err(vm.last_os_error(None));
            }
            fd
        }
    };
    set_up(vm, &this::<Socket>(args[0]), fd, (family, kind, protocol))?;
    Ok(Value::NONE)
}

/// Gives a new socket its descriptor.
fn set_up(
    vm: &Vm,
    socket: &Socket,
    fd: i32,
    (family, kind, protocol): (i32, i32, i32),
) -> Result<()> {
    socket.fd.set(fd);
    socket.family.set(family);
    socket
        .kind
        .set(kind & !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK));
    socket.protocol.set(protocol);
    if kind & libc::SOCK_NONBLOCK != 0 {
        socket.timeout.set(Some(Duration::ZERO));
        return Ok(());
    }
    let timeout = default_timeout(vm)?;
    socket.timeout.set(timeout);
    if timeout.is_some() {
        socket.set_blocking(vm, false)?;
    }
    Ok(())
}

pub fn socketpair(vm: &Vm, args: &[Value]) -> Result {
    let number = |v: Value, default: i32| v.given().map_or(Ok(default), |v| int_argument(vm, v));
    let family = number(args[0], libc::AF_UNIX)?;
    let kind = number(args[1], libc::SOCK_STREAM)?;
    let protocol = number(args[2], 0)?;
    let mut pair = [0; 2];
    // SAFETY: the array has room for two descriptors.
    let result = vm.allow_threads(|| unsafe {
        libc::socketpair(
            family,
            kind | libc::SOCK_CLOEXEC,
            protocol,
            pair.as_mut_ptr(),
        )
    });
    if result < 0 {
        return Err(vm.last_os_error(None));
    }
    let class = vm.class_of_def(&SOCKET)?.value();
    let make = |fd| -> Result {
        let v = socket_new(vm, &[class], None)?;
        set_up(vm, &this::<Socket>(v), fd, (family, kind, protocol))?;
        Ok(v)
    };
    vm.pair(make(pair[0])?, make(pair[1])?)
}

fn socket_repr(vm: &Vm, args: &[Value]) -> Result {
    let s = this::<Socket>(args[0]);
    let text = format!(
        "<socket object, fd={}, family={}, type={}, proto={}>",
        s.fd.get(),
        s.family.get(),
        s.kind.get(),
        s.protocol.get()
    );
    Ok(vm.new_str(&text).value())
}

fn socket_del(vm: &Vm, args: &[Value]) -> Result {
    let s = this::<Socket>(args[0]);
    if s.fd.get() < 0 {
        return Ok(Value::NONE);
    }
    let text = vm.repr_text(args[0])?;
    let warned = vm.warn_unclosed(&format!("unclosed {text}"), args[0]);
    let fd = s.fd.replace(-1);
    // SAFETY: the descriptor is this object's.
    vm.allow_threads(|| unsafe { libc::close(fd) });
    warned.map(|()| Value::NONE)
}

fn accept(vm: &Vm, args: &[Value]) -> Result {
    let s = this::<Socket>(args[0]);
    let mut address = Address::empty();
    let room = address.len;
    let fd = s.call(vm, libc::POLLIN, |fd| {
        address.len = room;
        // SAFETY: the address has room for as much as is said.
        unsafe {
            libc::accept4(
                fd,
                address.pointer_mut(),
                &mut address.len,
                libc::SOCK_CLOEXEC,
            ) as isize
        }
    })?;
    match to_value(vm, &address) {
        Ok(address) => vm.pair(vm.new_int(fd as i64), address),
        Err(raised) => {
            // SAFETY: nobody else has the descriptor.
            unsafe { libc::close(fd as i32) };
            Err(raised)
        }
    }
}

fn bind(vm: &Vm, args: &[Value]) -> Result {
    let s = this::<Socket>(args[0]);
    let address = from_value(vm, "bind", s.family.get(), args[1])?;
    vm.audit("socket.bind", &[args[0], args[1]])?;
    // SAFETY: the address has the length that is said.
    let result =
        vm.allow_threads(|| unsafe { libc::bind(s.fd.get(), address.pointer(), address.len) });
    if result < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

fn close(vm: &Vm, args: &[Value]) -> Result {
    let fd = this::<Socket>(args[0]).fd.replace(-1);
    if fd >= 0 {
        // SAFETY: the descriptor was this object's.
        let result = vm.allow_threads(|| unsafe { libc::close(fd) });
        // The peer's reset is of no interest any more.
        if result < 0 && errno() != libc::ECONNRESET {
            return Err(vm.last_os_error(None));
        }
    }
    Ok(Value::NONE)
}

/// Connects; the system's error number, or zero.
fn connect_to(vm: &Vm, s: &Socket, address: &Address) -> Result<i32> {
    let deadline = deadline(s.timeout.get());
    let fd = s.fd.get();
    // SAFETY: the address has the length that is said.
    let result = vm.allow_threads(|| unsafe { libc::connect(fd, address.pointer(), address.len) });
    if result >= 0 {
        return Ok(0);
    }
    let error = errno();
    let waits = match error {
        // The system goes on connecting.
        libc::EINTR => {
            vm.interpreter().check_signals(vm)?;
            s.timeout.get().is_none_or(|t| !t.is_zero())
        }
        libc::EINPROGRESS => s.waits(),
        _ => false,
    };
    if !waits {
        return Ok(error);
    }
    if !wait(vm, fd, libc::POLLOUT, deadline)? {
        return Err(timed_out(vm));
    }
    match int_option(vm, fd, libc::SO_ERROR)? {
        libc::EISCONN => Ok(0),
        error => Ok(error),
    }
}

fn connect(vm: &Vm, args: &[Value]) -> Result {
    let s = this::<Socket>(args[0]);
    let address = from_value(vm, "connect", s.family.get(), args[1])?;
    vm.audit("socket.connect", &[args[0], args[1]])?;
    match connect_to(vm, &s, &address)? {
        0 => Ok(Value::NONE),
        error => Err(vm.os_error(error, None)),
    }
}

fn connect_ex(vm: &Vm, args: &[Value]) -> Result {
    let s = this::<Socket>(args[0]);
    let address = from_value(vm, "connect_ex", s.family.get(), args[1])?;
    vm.audit("socket.connect", &[args[0], args[1]])?;
    let error = match connect_to(vm, &s, &address) {
        Ok(error) => error,
        Err(_) if vm.raised_is(vm.exception_class(&exc::TIMEOUT_ERROR)) => {
            vm.clear_raised();
            libc::EWOULDBLOCK
        }
        Err(raised) => return Err(raised),
    };
    Ok(vm.new_int(error.into()))
}

/// The name that one of two calls gives.
fn name_of(
    vm: &Vm,
    v: Value,
    call: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
) -> Result {
    let fd = this::<Socket>(v).fd.get();
    let mut address = Address::empty();
    // SAFETY: the address has room for as much as is said.
    let result = vm.allow_threads(|| unsafe { call(fd, address.pointer_mut(), &mut address.len) });
    if result < 0 {
        return Err(vm.last_os_error(None));
    }
    to_value(vm, &address)
}

fn listen(vm: &Vm, args: &[Value]) -> Result {
    let backlog = match args[1].given() {
        Some(v) => int_argument(vm, v)?.max(0),
        None => libc::SOMAXCONN.min(128),
    };
    let fd = this::<Socket>(args[0]).fd.get();
    // SAFETY: a plain system call.
    if vm.allow_threads(|| unsafe { libc::listen(fd, backlog) }) < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

fn shutdown(vm: &Vm, args: &[Value]) -> Result {
    let how = int_argument(vm, args[1])?;
    let fd = this::<Socket>(args[0]).fd.get();
    // SAFETY: a plain system call.
    if vm.allow_threads(|| unsafe { libc::shutdown(fd, how) }) < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

fn setblocking(vm: &Vm, args: &[Value]) -> Result {
    let blocking = vm.truth(args[1])?;
    this::<Socket>(args[0]).set_timeout(vm, (!blocking).then_some(Duration::ZERO))?;
    Ok(Value::NONE)
}

fn settimeout(vm: &Vm, args: &[Value]) -> Result {
    this::<Socket>(args[0]).set_timeout(vm, timeout_argument(vm, args[1])?)?;
    Ok(Value::NONE)
}

const fn number(name: &'static str, doc: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc,
        get,
        set: None,
    }
}

/// `socket`.
pub static SOCKET: TypeDef = TypeDef {
    module: "_socket",
    doc: "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\n\
          socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object\n\n\
          One endpoint of a network connection. With a fileno, what is not given is found out.\n\
          The socket is not inherited by child processes.",
    subclassable: true,
    methods: &[
        slots::new(socket_new),
        slots::repr(socket_repr),
        slots::init(socket_init),
        MethodDef::new(
            "__del__",
            "(self, /)",
            "Called when the instance is about to be destroyed.",
            socket_del,
        ),
        MethodDef::new(
            "_accept",
            "(self, /)",
            "_accept() -> (integer, address info)\n\nWait for a connection: its descriptor, and where it is from.",
            accept,
        ),
        MethodDef::new(
            "bind",
            "(self, object, /)",
            "bind(address)\n\nBind the socket to a local address.",
            bind,
        ),
        MethodDef::new(
            "close",
            "(self, /)",
            "close()\n\nClose the socket.  It cannot be used after this call.",
            close,
        ),
        MethodDef::new(
            "connect",
            "(self, object, /)",
            "connect(address)\n\nConnect the socket to a remote address.",
            connect,
        ),
        MethodDef::new(
            "connect_ex",
            "(self, object, /)",
            "connect_ex(address) -> errno\n\nAs connect(address), returning the error's number.",
            connect_ex,
        ),
        MethodDef::new(
            "detach",
            "(self, /)",
            "detach()\n\nGive the file descriptor away: the object cannot be used any more.",
            |vm, args| Ok(vm.new_int(this::<Socket>(args[0]).fd.replace(-1).into())),
        ),
        MethodDef::new(
            "fileno",
            "(self, /)",
            "fileno() -> integer\n\nReturn the integer file descriptor of the socket.",
            |vm, args| Ok(vm.new_int(this::<Socket>(args[0]).fd.get().into())),
        ),
        MethodDef::new(
            "getpeername",
            "(self, /)",
            "getpeername() -> address info\n\nReturn the address of the remote endpoint.",
            |vm, args| name_of(vm, args[0], libc::getpeername),
        ),
        MethodDef::new(
            "getsockname",
            "(self, /)",
            "getsockname() -> address info\n\nReturn the address of the local endpoint.",
            |vm, args| name_of(vm, args[0], libc::getsockname),
        ),
        MethodDef::new(
            "getsockopt",
            "(self, level, option[, buffersize], /)",
            "getsockopt(level, option[, buffersize]) -> value\n\n\
             Get a socket option: an integer, or bytes of a size.",
            options::getsockopt,
        ),
        MethodDef::new(
            "setsockopt",
            "(self, level, option, value[, optlen], /)",
            "setsockopt(level, option, value: int)\nsetsockopt(level, option, value: buffer)\n\
             setsockopt(level, option, None, optlen: int)\n\nSet a socket option.",
            options::setsockopt,
        ),
        MethodDef::new(
            "listen",
            "(self[, backlog], /)",
            "listen([backlog])\n\nEnable a server to accept connections.",
            listen,
        ),
        MethodDef::new(
            "recv",
            "(self, buffersize[, flags], /)",
            "recv(buffersize[, flags]) -> data\n\nReceive up to so many bytes; none at the end.",
            transfer::recv,
        ),
        MethodDef::new(
            "recv_into",
            "(self, buffer, nbytes=0, flags=0)",
            "recv_into(buffer, [nbytes[, flags]]) -> nbytes_read\n\nReceive into a buffer.",
            transfer::recv_into,
        ),
        MethodDef::new(
            "recvfrom",
            "(self, buffersize[, flags], /)",
            "recvfrom(buffersize[, flags]) -> (data, address info)",
            transfer::recvfrom,
        ),
        MethodDef::new(
            "recvfrom_into",
            "(self, buffer, nbytes=0, flags=0)",
            "recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)",
            transfer::recvfrom_into,
        ),
        MethodDef::new(
            "send",
            "(self, data[, flags], /)",
            "send(data[, flags]) -> count\n\nSend some of the data; how much of it was sent.",
            transfer::send,
        ),
        MethodDef::new(
            "sendall",
            "(self, data[, flags], /)",
            "sendall(data[, flags])\n\nSend all of the data.",
            transfer::sendall,
        ),
        MethodDef::raw(
            "sendto",
            "",
            "sendto(data[, flags], address) -> count\n\nAs send(), to an address.",
            transfer::sendto,
        ),
        MethodDef::new(
            "recvmsg",
            "(self, bufsize[, ancbufsize[, flags]], /)",
            "recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)",
            transfer::recvmsg,
        ),
        MethodDef::new(
            "recvmsg_into",
            "(self, buffers[, ancbufsize[, flags]], /)",
            "recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)",
            transfer::recvmsg_into,
        ),
        MethodDef::new(
            "sendmsg",
            "(self, buffers[, ancdata[, flags[, address]]], /)",
            "sendmsg(buffers[, ancdata[, flags[, address]]]) -> count",
            transfer::sendmsg,
        ),
        MethodDef::new(
            "setblocking",
            "(self, object, /)",
            "setblocking(flag)\n\nSet the socket to blocking (flag is true) or non-blocking (false).",
            setblocking,
        ),
        MethodDef::new(
            "getblocking",
            "(self, /)",
            "getblocking()\n\nWhether the socket is in blocking mode.",
            |_, args| {
                let timeout = this::<Socket>(args[0]).timeout.get();
                Ok(Value::bool(timeout.is_none_or(|t| !t.is_zero())))
            },
        ),
        MethodDef::new(
            "settimeout",
            "(self, object, /)",
            "settimeout(timeout)\n\nSet how long operations wait, in seconds; None waits forever.",
            settimeout,
        ),
        MethodDef::new(
            "gettimeout",
            "(self, /)",
            "gettimeout() -> timeout\n\nReturn how long operations wait, in seconds.",
            |_, args| Ok(timeout_value(this::<Socket>(args[0]).timeout.get())),
        ),
        MethodDef::new(
            "shutdown",
            "(self, object, /)",
            "shutdown(flag)\n\nShut down reading (SHUT_RD), writing (SHUT_WR), or both (SHUT_RDWR).",
            shutdown,
        ),
    ],
    getset: &[
        number("family", "the socket family", |vm, v| {
            Ok(vm.new_int(this::<Socket>(v).family.get().into()))
        }),
        number("type", "the socket type", |vm, v| {
            Ok(vm.new_int(this::<Socket>(v).kind.get().into()))
        }),
        number("proto", "the socket protocol", |vm, v| {
            Ok(vm.new_int(this::<Socket>(v).protocol.get().into()))
        }),
        number("timeout", "the socket timeout", |_, v| {
            Ok(timeout_value(this::<Socket>(v).timeout.get()))
        }),
    ],
    ..TypeDef::new("socket", <Socket as Object>::LAYOUT)
};

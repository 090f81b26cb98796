//! The module `_signal`. A handler in the operating system's sense only notes
//! the signal and sets the breaker; the main thread calls the Python function at
//! its next safepoint. The functions are kept in the module's namespace.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Breaker, Result, Vm};

const HANDLERS: &str = "_handlers";
const COUNT: i32 = 65;

/// What the handler may touch: the machine's words, and where to write a byte.
static PENDING: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());
static BREAKER: AtomicPtr<AtomicU32> = AtomicPtr::new(std::ptr::null_mut());
static WAKEUP: AtomicI32 = AtomicI32::new(-1);
/// Whether it is worth a warning that the descriptor takes no more.
static WARN_ON_FULL_BUFFER: AtomicBool = AtomicBool::new(true);
/// Why the last byte could not be written; zero when that has been said.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);
/// Whether the program has ended, and with it the Python functions.
static FORGOTTEN: AtomicBool = AtomicBool::new(false);

extern "C" fn note(signal: libc::c_int) {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    if crate::wait::pass_to_waiting(signal) {
        // SAFETY: the place of this thread.
        unsafe { *libc::__errno_location() = errno };
        return;
    }
    // SAFETY: the pointers are null or those of the machine, which lives as long as the process.
    unsafe {
        if let (Some(pending), Some(breaker)) = (
            PENDING.load(Ordering::Relaxed).as_ref(),
            BREAKER.load(Ordering::Relaxed).as_ref(),
        ) {
            pending.fetch_or(1 << (signal - 1), Ordering::SeqCst);
            breaker.fetch_or(Breaker::SIGNAL, Ordering::SeqCst);
        }
        let fd = WAKEUP.load(Ordering::Relaxed);
        if fd >= 0 {
            let byte = signal as u8;
            if libc::write(fd, (&raw const byte).cast(), 1) < 0 {
                let error = *libc::__errno_location();
                if error != libc::EAGAIN || WARN_ON_FULL_BUFFER.load(Ordering::Relaxed) {
                    WAKEUP_ERROR.store(error, Ordering::SeqCst);
                }
            }
        }
        *libc::__errno_location() = errno;
    }
}

fn handlers(vm: &Vm) -> Result<Gc<Dict>> {
    let dict = vm.import_attr("_signal", HANDLERS)?;
    dict.cast()
        .ok_or_else(|| vm.runtime_error("the signal handlers are gone"))
}

/// The Python function for a signal, or the number of what else is done, or None.
fn handler_of(vm: &Vm, signal: i64) -> Result {
    if FORGOTTEN.load(Ordering::SeqCst) {
        return Ok(Value::NONE);
    }
    let handler = handlers(vm)?.get(vm, vm.new_int(signal))?;
    Ok(handler.unwrap_or(Value::NONE))
}

/// What the system does at a signal.
fn disposition(signal: libc::c_int) -> libc::sighandler_t {
    // SAFETY: a zeroed action is valid, and the call asks only.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action);
        action.sa_sigaction
    }
}

/// Calls the Python functions of signals that arrived; the caller is the main thread.
///
/// # Errors
/// What a function raises; the signals not handled yet stay pending.
pub fn run_pending(vm: &Vm) -> Result<()> {
    loop {
        let bits = vm.pending_signals.load(Ordering::SeqCst);
        if bits == 0 {
            return Ok(());
        }
        let signal = bits.trailing_zeros() as i64 + 1;
        vm.pending_signals
            .fetch_and(!(1 << (signal - 1)), Ordering::SeqCst);
        let handler = handler_of(vm, signal)?;
        if handler.is_none() || handler.is_int() {
            // It came while the handler was being taken away.
            let text = format!("Signal {signal} ignored due to race condition");
            let text = vm.new_str(&text).value();
            vm.raise_with(vm.exception_class(&exc::OS_ERROR), &[text]);
            vm.report_unraisable_in(None);
            continue;
        }
        let frame = vm.call(vm.import_attr("sys", "_getframe")?, &[]);
        let frame = frame.unwrap_or_else(|_| {
            vm.clear_raised();
            Value::NONE
        });
        report_wakeup_error(vm);
        if let Err(raised) = vm.call(handler, &[vm.new_int(signal), frame]) {
            if vm.pending_signals.load(Ordering::SeqCst) != 0 {
                vm.breaker.set(Breaker::SIGNAL);
            }
            return Err(raised);
        }
    }
}

/// Says that the byte for a signal could not be written, if that is so.
fn report_wakeup_error(vm: &Vm) {
    let error = WAKEUP_ERROR.swap(0, Ordering::SeqCst);
    if error != 0 {
        vm.os_error(error, None);
        vm.report_unraisable_text(
            "Exception ignored while trying to write to the signal wakeup fd",
        );
    }
}

fn number(vm: &Vm, v: Value) -> Result<i32> {
    let n = c_int_arg(vm, v)?;
    if n < 1 || n >= i64::from(COUNT) {
        return Err(vm.value_error("signal number out of range"));
    }
    Ok(n as i32)
}

/// Whether the calling thread is the one that handles signals.
pub fn is_main(vm: &Vm) -> bool {
    vm.threads
        .borrow()
        .first()
        .is_none_or(|t| t.ident == vm.thread().ident)
}

/// Has an interrupt noted from the start, unless the program was started to ignore it: Python's
/// handler, which raises KeyboardInterrupt, is found when one arrives. A file that grows beyond the
/// limit is an error and not the end, as is a closed pipe, whose signal Rust's library has ignored.
///
/// # Errors
/// The system refuses.
pub fn set_up(vm: &Vm) -> Result<()> {
    install(vm, libc::SIGXFSZ, libc::SIG_IGN)?;
    if disposition(libc::SIGINT) == libc::SIG_DFL {
        install(vm, libc::SIGINT, note as *const () as libc::sighandler_t)?;
    }
    Ok(())
}

/// Tells the system how to treat a signal.
fn install(vm: &Vm, signal: i32, how: libc::sighandler_t) -> Result<()> {
    PENDING.store(
        (&raw const vm.pending_signals).cast_mut(),
        Ordering::Relaxed,
    );
    BREAKER.store(
        std::ptr::from_ref(vm.breaker_word()).cast_mut(),
        Ordering::Relaxed,
    );
    // SAFETY: a zeroed action is valid; the handler is async-signal-safe.
    let result = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = how;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(signal, &action, std::ptr::null_mut())
    };
    if result < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(())
    }
}

fn signal(vm: &Vm, args: &[Value]) -> Result {
    let n = c_int_arg(vm, args[0])?;
    if !is_main(vm) {
        return Err(vm.value_error("signal only works in main thread of the main interpreter"));
    }
    if n < 1 || n >= i64::from(COUNT) {
        return Err(vm.value_error("signal number out of range"));
    }
    let handler = args[1];
    let default = |wanted: i64| handler.as_int_ref().is_some() && vm.to_i64(handler) == Ok(wanted);
    let how = if default(0) {
        libc::SIG_DFL
    } else if default(1) {
        libc::SIG_IGN
    } else if vm.is_callable(handler) {
        note as *const () as libc::sighandler_t
    } else {
        return Err(vm.type_error(
            "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",
        ));
    };
    vm.interpreter().check_signals(vm)?;
    install(vm, n as i32, how)?;
    let table = handlers(vm)?;
    let old = table.get(vm, vm.new_int(n))?.unwrap_or(Value::NONE);
    table.set(vm, vm.new_int(n), handler)?;
    Ok(old)
}

/// Has a signal as if it had arrived, where a Python function handles it.
///
/// # Errors
/// What that function raises, or ValueError for a number that is no signal's.
pub fn interrupt_main(vm: &Vm, signal: i64) -> Result<()> {
    if !(1..i64::from(COUNT)).contains(&signal) {
        return Err(vm.value_error("signal number out of range"));
    }
    if handler_of(vm, signal)?.is_int() {
        return Ok(());
    }
    vm.pending_signals
        .fetch_or(1 << (signal - 1), Ordering::SeqCst);
    vm.breaker.set(Breaker::SIGNAL);
    vm.interpreter().check_signals(vm)
}

/// Takes all handlers away, as is done before the last objects of the program end.
pub fn forget_handlers() {
    FORGOTTEN.store(true, Ordering::SeqCst);
    for signal in 1..COUNT {
        if disposition(signal) == note as *const () as libc::sighandler_t {
            // SAFETY: gives the signal its default action.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
}

fn getsignal(vm: &Vm, args: &[Value]) -> Result {
    let n = number(vm, args[0])?;
    Ok(handlers(vm)?
        .get(vm, vm.new_int(n.into()))?
        .unwrap_or(Value::NONE))
}

fn default_int_handler(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.raise_with(vm.exception_class(&exc::KEYBOARD_INTERRUPT), &[]))
}

fn raise_signal(vm: &Vm, args: &[Value]) -> Result {
    let n = c_int_arg(vm, args[0])? as i32;
    // SAFETY: a plain system call.
    if vm.allow_threads(|| unsafe { libc::raise(n) }) != 0 {
        return Err(vm.last_os_error(None));
    }
    vm.interpreter().check_signals(vm)?;
    Ok(Value::NONE)
}

fn set_wakeup_fd(vm: &Vm, args: &[Value]) -> Result {
    let fd = c_int_arg(vm, args[0])? as i32;
    if !is_main(vm) {
        return Err(
            vm.value_error("set_wakeup_fd only works in main thread of the main interpreter")
        );
    }
    if fd != -1 {
        // SAFETY: a plain system call.
        let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
        if flags < 0 {
            return Err(vm.last_os_error(None));
        }
        if flags & libc::O_NONBLOCK == 0 {
            return Err(vm.value_error(format!("the fd {fd} must be in non-blocking mode")));
        }
    }
    let warn = args[1].given().map_or(Ok(true), |v| vm.truth(v))?;
    WARN_ON_FULL_BUFFER.store(warn, Ordering::Relaxed);
    Ok(vm.new_int(WAKEUP.swap(fd, Ordering::SeqCst).into()))
}

fn siginterrupt(vm: &Vm, args: &[Value]) -> Result {
    let n = number(vm, args[0])?;
    let flag = vm.to_i64(args[1])? as i32;
    // SAFETY: changes how system calls go on after the signal, no handler.
    if unsafe { siginterrupt_of_c(n, flag) } < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

unsafe extern "C" {
    #[link_name = "siginterrupt"]
    fn siginterrupt_of_c(signal: libc::c_int, flag: libc::c_int) -> libc::c_int;
}

#[cfg(target_os = "linux")]
fn pidfd_send_signal(vm: &Vm, args: &[Value]) -> Result {
    let pidfd = vm.to_i64(args[0])? as i32;
    let n = vm.to_i64(args[1])? as i32;
    if args[2].given().is_some_and(|v| !v.is_none()) {
        return Err(vm.type_error("siginfo must be None"));
    }
    let flags = args[3].given().map_or(Ok(0), |v| vm.to_i64(v))? as u32;
    let none = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: a system call that reads nothing of ours.
    if unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd, n, none, flags) } < 0 {
        return Err(vm.last_os_error(None));
    }
    vm.interpreter().check_signals(vm)?;
    Ok(Value::NONE)
}

fn strsignal(vm: &Vm, args: &[Value]) -> Result {
    let n = number(vm, args[0])?;
    // SAFETY: `strsignal` gives null or a C string.
    let text = unsafe {
        let p = libc::strsignal(n);
        if p.is_null() {
            return Ok(Value::NONE);
        }
        std::ffi::CStr::from_ptr(p).to_string_lossy().into_owned()
    };
    Ok(if text.starts_with("Unknown signal") {
        Value::NONE
    } else {
        vm.new_str(&text).value()
    })
}

fn valid_signals(vm: &Vm, _: &[Value]) -> Result {
    // 32 and 33 belong to the C library.
    let all: Vec<Value> = (1..COUNT)
        .filter(|n| !matches!(n, 32 | 33))
        .map(|n| vm.new_int(n.into()))
        .collect();
    let list = vm.new_list(&all)?.value();
    vm.call(vm.types.set.get().value(), &[list])
}

fn seconds(t: libc::timeval) -> f64 {
    t.tv_sec as f64 + t.tv_usec as f64 / 1e6
}

fn timeval(vm: &Vm, v: Option<Value>) -> Result<libc::timeval> {
    let s = v.map_or(Ok(0.0), |v| vm.to_float(v))?;
    let micros = (s * 1e6).round() as i64;
    Ok(libc::timeval {
        tv_sec: micros.div_euclid(1_000_000),
        tv_usec: micros.rem_euclid(1_000_000),
    })
}

fn setitimer(vm: &Vm, args: &[Value]) -> Result {
    let which = vm.to_i64(args[0])? as i32;
    let new = libc::itimerval {
        it_interval: timeval(vm, args[2].given())?,
        it_value: timeval(vm, Some(args[1]))?,
    };
    // SAFETY: zeros are valid, and the call fills them in.
    let mut old: libc::itimerval = unsafe { std::mem::zeroed() };
    // SAFETY: both are valid for the call.
    if unsafe { libc::setitimer(which as _, &new, &mut old) } < 0 {
        return Err(itimer_error(vm));
    }
    vm.pair(
        Value::float(seconds(old.it_value)),
        Value::float(seconds(old.it_interval)),
    )
}

fn itimer_error(vm: &Vm) -> taipan_runtime::vm::Raised {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    match vm.import_attr("_signal", "ItimerError") {
        Ok(class) => {
            let text = vm
                .new_str(&std::io::Error::from_raw_os_error(errno).to_string())
                .value();
            match vm.call(class, &[vm.new_int(errno.into()), text]) {
                Ok(e) => vm.raise(e),
                Err(raised) => raised,
            }
        }
        Err(raised) => raised,
    }
}

fn getitimer(vm: &Vm, args: &[Value]) -> Result {
    let which = vm.to_i64(args[0])? as i32;
    // SAFETY: zeros are valid, and the call fills them in.
    let mut now: libc::itimerval = unsafe { std::mem::zeroed() };
    // SAFETY: valid for the call.
    if unsafe { libc::getitimer(which as _, &mut now) } < 0 {
        return Err(itimer_error(vm));
    }
    vm.pair(
        Value::float(seconds(now.it_value)),
        Value::float(seconds(now.it_interval)),
    )
}

fn pthread_sigmask(vm: &Vm, args: &[Value]) -> Result {
    let how = c_int_arg(vm, args[0])? as i32;
    let new = signal_set(vm, args[1])?;
    // SAFETY: a zeroed set is valid.
    let mut old: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: both sets are valid.
    let failed = unsafe { libc::pthread_sigmask(how, &new, &mut old) };
    if failed != 0 {
        return Err(vm.os_error(failed, None));
    }
    vm.interpreter().check_signals(vm)?;
    signals_in(vm, &old)
}

/// The system's set of the signals that an iterable names.
pub(crate) fn signal_set(vm: &Vm, signals: Value) -> Result<libc::sigset_t> {
    // SAFETY: a zeroed set is valid, and empty.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    vm.for_each(signals, &mut |v| {
        // One that is too large for a word is shown as -1.
        let n = vm.index(v)?.as_int().unwrap_or(-1);
        if n < 1 || n >= i64::from(COUNT) {
            let last = COUNT - 1;
            return Err(vm.value_error(format!("signal number {n} out of range [1; {last}]")));
        }
        // SAFETY: the number is in range.
        unsafe { libc::sigaddset(&mut set, n as i32) };
        Ok(())
    })?;
    Ok(set)
}

/// The signals in a set of the system's, as a set of numbers.
pub(crate) fn signals_in(vm: &Vm, set: &libc::sigset_t) -> Result {
    // SAFETY: the set is valid.
    let members = (1..COUNT).filter(|n| unsafe { libc::sigismember(set, *n) } == 1);
    let members: Vec<Value> = members.map(|n| vm.new_int(n.into())).collect();
    let list = vm.new_list(&members)?.value();
    vm.call(vm.types.set.get().value(), &[list])
}

macro_rules! constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGFPE SIGKILL SIGBUS SIGSEGV SIGSYS SIGPIPE SIGALRM SIGTERM
    SIGUSR1 SIGUSR2 SIGCHLD SIGPWR SIGIO SIGURG SIGWINCH SIGPOLL SIGSTOP SIGTSTP SIGCONT SIGTTIN SIGTTOU SIGVTALRM
    SIGPROF SIGXCPU SIGXFSZ SIGSTKFLT SIG_BLOCK SIG_UNBLOCK SIG_SETMASK ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF
};

fn exec(vm: &Vm, module: Gc<Module>) -> Result<()> {
    for def in crate::sigwait::FUNCTIONS {
        let name = vm.intern("_signal").value();
        module.set(
            vm,
            def.name,
            vm.new_native(def, Some(module.value()), Some(name)),
        );
    }
    for (name, v) in CONSTANTS {
        module.set(vm, name, vm.new_int(*v));
    }
    for (name, v) in [
        ("SIG_DFL", 0),
        ("SIG_IGN", 1),
        ("SIGCLD", libc::SIGCHLD),
        ("SIGIOT", libc::SIGABRT),
        ("SIGRTMIN", 34),
        ("SIGRTMAX", 64),
        ("NSIG", COUNT),
    ] {
        module.set(vm, name, vm.new_int(v.into()));
    }
    let bases = vm
        .new_tuple(&[vm.exception_class(&exc::OS_ERROR).value()])?
        .value();
    let namespace = vm.new_dict();
    namespace.set_str(vm, vm.intern("__module__"), vm.new_str("signal").value());
    let class = vm.call(
        vm.types.type_.get().value(),
        &[vm.new_str("ItimerError").value(), bases, namespace.value()],
    )?;
    module.set(vm, "ItimerError", class);
    let table = vm.new_dict();
    for n in 1..COUNT {
        let how = disposition(n);
        let v = match how {
            _ if how == note as *const () as libc::sighandler_t => vm.new_int(0),
            libc::SIG_DFL => vm.new_int(0),
            libc::SIG_IGN => vm.new_int(1),
            _ => Value::NONE,
        };
        table.set(vm, vm.new_int(n.into()), v)?;
    }
    module.set(vm, HANDLERS, table);
    // An interrupt raises KeyboardInterrupt unless the program was started to ignore it.
    let key = vm.new_int(libc::SIGINT.into());
    if table.get(vm, key)? == Some(vm.new_int(0)) {
        let handler = module.dict().get_str(vm.intern("default_int_handler"));
        table.set(vm, key, handler.unwrap_or(Value::NONE))?;
        install(vm, libc::SIGINT, note as *const () as libc::sighandler_t)?;
    }
    Ok(())
}

/// The module.
pub static SIGNAL: ModuleDef = ModuleDef {
    name: "_signal",
    doc: "This module provides mechanisms to use signal handlers in Python.",
    functions: &[
        MethodDef::new(
            "signal",
            "(signalnum, handler, /)",
            "Set the action for the given signal.",
            signal,
        ),
        MethodDef::new(
            "getsignal",
            "(signalnum, /)",
            "Return the current action for the given signal.",
            getsignal,
        ),
        MethodDef::new(
            "raise_signal",
            "(signalnum, /)",
            "Send a signal to the executing process.",
            raise_signal,
        ),
        MethodDef::new(
            "default_int_handler",
            "(signalnum, frame, /)",
            "The default handler for SIGINT installed by Python.\n\nIt raises KeyboardInterrupt.",
            default_int_handler,
        ),
        MethodDef::new(
            "set_wakeup_fd",
            "(fd, /, *, warn_on_full_buffer=True)",
            "Sets the fd to be written to (with the signal number) when a signal comes in.",
            set_wakeup_fd,
        ),
        MethodDef::new(
            "strsignal",
            "(signalnum, /)",
            "Return the system description of the given signal.",
            strsignal,
        ),
        MethodDef::new(
            "valid_signals",
            "()",
            "Return a set of valid signal numbers on this platform.",
            valid_signals,
        ),
        MethodDef::new(
            "siginterrupt",
            "(signalnum, flag, /)",
            "Change system call restart behaviour.",
            siginterrupt,
        ),
        #[cfg(target_os = "linux")]
        MethodDef::new(
            "pidfd_send_signal",
            "(pidfd, signalnum, siginfo=None, flags=0, /)",
            "Send a signal to a process referred to by a pid file descriptor.",
            pidfd_send_signal,
        ),
        MethodDef::new(
            "alarm",
            "(seconds, /)",
            "Arrange for SIGALRM to arrive after the given number of seconds.",
            |vm, args| {
                let n = vm.to_i64(args[0])?;
                // SAFETY: a plain system call.
                Ok(vm.new_int(unsafe { libc::alarm(n as u32) }.into()))
            },
        ),
        MethodDef::new("pause", "()", "Wait until a signal arrives.", |vm, _| {
            crate::wait::pause(vm)?;
            Ok(Value::NONE)
        }),
        MethodDef::new(
            "setitimer",
            "(which, seconds, interval=0.0, /)",
            "Sets given itimer (one of ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF).",
            setitimer,
        ),
        MethodDef::new(
            "getitimer",
            "(which, /)",
            "Returns current value of given itimer.",
            getitimer,
        ),
        MethodDef::new(
            "pthread_sigmask",
            "(how, mask, /)",
            "Fetch and/or change the signal mask of the calling thread.",
            pthread_sigmask,
        ),
        MethodDef::new(
            "pthread_kill",
            "(thread_id, signalnum, /)",
            "Send a signal to a thread.",
            |vm, args| {
                let (thread, n) = (vm.to_i64(args[0])?, c_int_arg(vm, args[1])? as i32);
                // SAFETY: the identifier is a thread's, as the caller says.
                let failed = unsafe { libc::pthread_kill(thread as libc::pthread_t, n) };
                if failed != 0 {
                    return Err(vm.os_error(failed, None));
                }
                vm.interpreter().check_signals(vm)?;
                Ok(Value::NONE)
            },
        ),
    ],
    types: &[&crate::sigwait::STRUCT_SIGINFO],
    exec: Some(exec),
};

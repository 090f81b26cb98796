//! `faulthandler`: where the program is, written without Python's help, when it crashes, hangs or
//! is asked by a signal.
//!
//! What is written at a crash is read from a machine in an unknown state, by a handler that may
//! neither allocate nor wait: only records of activations and the code objects they name are
//! touched. The other ways hold the interpreter's lock.

mod asked;

use crate::select::file;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Thread, Vm};

/// The signals of crashes, and what each is called.
const CRASHES: [(libc::c_int, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

/// How many activations of a thread are written.
const DEPTH: usize = 100;

/// What the handler of crashes needs: signals are the process's, not a machine's.
static MACHINE: AtomicPtr<Vm> = AtomicPtr::new(std::ptr::null_mut());
static CRASH_FILE: AtomicI32 = AtomicI32::new(-1);
static ALL_THREADS: AtomicBool = AtomicBool::new(true);
static ENABLED: AtomicBool = AtomicBool::new(false);

/// Text for a descriptor, gathered without allocating.
struct Out {
    fd: i32,
    buffer: [u8; 512],
    len: usize,
}

impl Out {
    fn new(fd: i32) -> Out {
        Out {
            fd,
            buffer: [0; 512],
            len: 0,
        }
    }

    fn flush(&mut self) {
        // SAFETY: so many bytes were gathered; nobody could be told of a failure.
        unsafe { libc::write(self.fd, self.buffer.as_ptr().cast(), self.len) };
        self.len = 0;
    }

    fn text(&mut self, text: &str) {
        for b in text.bytes() {
            if self.len == self.buffer.len() {
                self.flush();
            }
            self.buffer[self.len] = b;
            self.len += 1;
        }
    }

    /// At least so many digits.
    fn number(&mut self, mut n: u64, radix: u64, digits: usize) {
        let mut made = [b'0'; 20];
        let mut at = made.len();
        while n > 0 || made.len() - at < digits {
            at -= 1;
            made[at] = b"0123456789abcdef"[(n % radix) as usize];
            n /= radix;
        }
        self.text(std::str::from_utf8(&made[at..]).unwrap_or(""));
    }

    /// A string; what is not ASCII by its number.
    fn string(&mut self, s: &Str) {
        for c in s.code_points().take(500) {
            match u8::try_from(c) {
                Ok(b @ 0x20..=0x7E) => {
                    self.text(std::str::from_utf8(&[b]).unwrap_or(""));
                }
                _ => {
                    let (mark, digits) = match c {
                        0..=0xFF => ("\\x", 2),
                        0x100..=0xFFFF => ("\\u", 4),
                        _ => ("\\U", 8),
                    };
                    self.text(mark);
                    self.number(c.into(), 16, digits);
                }
            }
        }
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.flush();
    }
}

fn write_frames(out: &mut Out, thread: &Thread) {
    // SAFETY: a thread's innermost activation lives while it runs or waits for the lock.
    let mut frame = unsafe { thread.frame.get().as_ref() }.and_then(Frame::visible);
    if frame.is_none() {
        out.text("  <no Python frame>\n");
    }
    let mut depth = 0;
    while let Some(f) = frame {
        if depth == DEPTH {
            out.text("  ...\n");
            break;
        }
        out.text("  File \"");
        out.string(&f.code.filename.get());
        out.text("\", line ");
        match f.line() {
            Some(line) => out.number(line.into(), 10, 1),
            None => out.text("???"),
        }
        out.text(" in ");
        out.string(&f.code.name);
        out.text("\n");
        frame = f.caller();
        depth += 1;
    }
}

/// The name that the system has for a thread.
fn write_name(out: &mut Out, ident: u64) {
    let mut name = [0u8; 16];
    // SAFETY: identifiers are the system's, of threads that have not ended; the name fits.
    let r = unsafe {
        libc::pthread_getname_np(
            ident as libc::pthread_t,
            name.as_mut_ptr().cast(),
            name.len(),
        )
    };
    let length = name.iter().position(|b| *b == 0).unwrap_or(0);
    if r == 0
        && length > 0
        && let Ok(name) = std::str::from_utf8(&name[..length])
    {
        out.text(" [");
        out.text(name);
        out.text("]");
    }
}

/// Writes where the threads are; only the current one unless `all`.
fn write_threads(out: &mut Out, vm: &Vm, all: bool, current: Option<u64>) {
    let Ok(threads) = vm.threads.try_borrow() else {
        return;
    };
    if !all {
        out.text("Stack (most recent call first):\n");
        if let Some(thread) = threads.iter().find(|t| Some(t.ident) == current) {
            write_frames(out, thread);
        }
        return;
    }
    // The newest first, as there.
    for (i, thread) in threads.iter().rev().enumerate() {
        if i > 0 {
            out.text("\n");
        }
        let is_current = Some(thread.ident) == current;
        out.text(if is_current {
            "Current thread 0x"
        } else {
            "Thread 0x"
        });
        out.number(thread.ident, 16, 16);
        write_name(out, thread.ident);
        out.text(" (most recent call first):\n");
        write_frames(out, thread);
    }
}

extern "C" fn crashed(signal: libc::c_int) {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    {
        let mut out = Out::new(CRASH_FILE.load(Ordering::Relaxed));
        out.text("Fatal Python error: ");
        let known = CRASHES.iter().find(|(number, _)| *number == signal);
        out.text(known.map_or("unknown signal", |(_, name)| name));
        out.text("\n\n");
        // SAFETY: the machine lives as long as the process; see the module for what is read.
        if let Some(vm) = unsafe { MACHINE.load(Ordering::Relaxed).as_ref() } {
            // SAFETY: a plain query.
            let me = unsafe { libc::pthread_self() };
            write_threads(&mut out, vm, ALL_THREADS.load(Ordering::Relaxed), Some(me));
        }
    }
    // SAFETY: the signal comes again, to the system, once this handler returns or at once.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        *libc::__errno_location() = errno;
        libc::raise(signal);
    }
}

/// The descriptor to write to: of `sys.stderr` if none is given.
fn output(vm: &Vm, v: Value) -> Result<i32> {
    let v = match v.given_not_none() {
        Some(v) => v,
        None => {
            let stderr = vm.import_attr("sys", "stderr")?;
            if stderr.is_none() {
                return Err(vm.runtime_error("sys.stderr is None"));
            }
            stderr
        }
    };
    if v.as_int_ref().is_some() {
        let fd = vm.to_i64(v)?;
        return i32::try_from(fd)
            .ok()
            .filter(|fd| *fd >= 0)
            .ok_or_else(|| vm.value_error("file is not a valid file descriptor"));
    }
    let fileno = vm.get_attr_str(v, "fileno")?;
    let fd = file(vm, vm.call(fileno, &[])?)?;
    // What Python wrote comes first.
    if vm.call_method(v, "flush", &[]).is_err() {
        vm.clear_raised();
    }
    Ok(fd)
}

fn flag(vm: &Vm, v: Value, default: bool) -> Result<bool> {
    v.given().map_or(Ok(default), |v| vm.truth(v))
}

fn enable(vm: &Vm, args: &[Value]) -> Result {
    let (fd, all) = (output(vm, args[0])?, flag(vm, args[1], true)?);
    MACHINE.store(std::ptr::from_ref(vm).cast_mut(), Ordering::Relaxed);
    CRASH_FILE.store(fd, Ordering::Relaxed);
    ALL_THREADS.store(all, Ordering::Relaxed);
    ENABLED.store(true, Ordering::Relaxed);
    for (signal, _) in CRASHES {
        // SAFETY: the handler does only what handlers may.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = crashed as *const () as libc::sighandler_t;
            action.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
    Ok(Value::NONE)
}

fn disable(_: &Vm, _: &[Value]) -> Result {
    let was = ENABLED.swap(false, Ordering::Relaxed);
    if was {
        for (signal, _) in CRASHES {
            // SAFETY: back to what the system does.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
    Ok(was.into())
}

fn dump_traceback(vm: &Vm, args: &[Value]) -> Result {
    let (fd, all) = (output(vm, args[0])?, flag(vm, args[1], true)?);
    let current = Some(vm.thread().ident);
    write_threads(&mut Out::new(fd), vm, all, current);
    Ok(Value::NONE)
}

/// A dump that waits for its time, and whether it was called off.
type Waiting = Arc<(Mutex<bool>, Condvar)>;

/// The one that waits; there is at most one a process.
static WAITING: Mutex<Option<Waiting>> = Mutex::new(None);

fn call_off() {
    let waiting = WAITING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(waiting) = waiting {
        *waiting.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        waiting.1.notify_all();
    }
}

/// `Timeout (H:MM:SS)!`, with microseconds if there are some.
fn heading(timeout: Duration) -> String {
    let seconds = timeout.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let mut text = format!("Timeout ({hours}:{minutes:02}:{:02}", seconds % 60);
    if timeout.subsec_micros() > 0 {
        text.push_str(&format!(".{:06}", timeout.subsec_micros()));
    }
    text.push_str(")!\n");
    text
}

fn dump_traceback_later(vm: &Vm, args: &[Value]) -> Result {
    if args[0].as_float().is_none() && args[0].as_int_ref().is_none() {
        let name = vm.type_name(args[0]);
        return Err(vm.type_error(format!(
            "'{name}' object cannot be interpreted as an integer or float"
        )));
    }
    let seconds = vm.to_float(args[0])?;
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if seconds >= 9.2e9 {
        return Err(vm.overflow_error("timestamp out of range for C PyTime_t"));
    }
    if seconds <= 0.0 {
        return Err(vm.value_error("timeout must be greater than 0"));
    }
    let timeout = Duration::from_micros((seconds * 1e6).ceil() as u64);
    let repeat = flag(vm, args[1], false)?;
    let fd = output(vm, args[2])?;
    let exit = flag(vm, args[3], false)?;
    call_off();
    let waiting = Waiting::default();
    *WAITING.lock().unwrap_or_else(PoisonError::into_inner) = Some(waiting.clone());
    let machine = std::ptr::from_ref(vm) as usize;
    let wait = move || {
        loop {
            let called_off = waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (called_off, _) = waiting
                .1
                .wait_timeout_while(called_off, timeout, |called_off| !*called_off)
                .unwrap_or_else(PoisonError::into_inner);
            if *called_off {
                return;
            }
            drop(called_off);
            // SAFETY: the machine lives as long as the process; what is shared of it between
            // threads is used here alone until the lock is held.
            let vm = unsafe { &*(machine as *const Vm) };
            vm.lock.acquire(&vm.breaker);
            {
                let mut out = Out::new(fd);
                out.text(&heading(timeout));
                write_threads(&mut out, vm, true, None);
            }
            vm.lock.release();
            if exit {
                // SAFETY: ends the process.
                unsafe { libc::_exit(1) };
            }
            if !repeat {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .spawn(wait)
        .map_err(|_| vm.runtime_error("unable to start watchdog thread"))?;
    Ok(Value::NONE)
}

fn cancel_dump_traceback_later(_: &Vm, _: &[Value]) -> Result {
    call_off();
    Ok(Value::NONE)
}

fn raise(signal: libc::c_int) -> Result {
    // SAFETY: what the program asked for.
    unsafe { libc::raise(signal) };
    Ok(Value::NONE)
}

/// The module.
pub static FAULTHANDLER: ModuleDef = ModuleDef {
    name: "faulthandler",
    doc: "faulthandler module.",
    functions: &[
        MethodDef::new(
            "enable",
            "(file=sys.stderr, all_threads=True)",
            "Enable the fault handler.",
            enable,
        ),
        MethodDef::new("disable", "()", "Disable the fault handler.", disable),
        MethodDef::new(
            "is_enabled",
            "()",
            "Check if the handler is enabled.",
            |_, _| Ok(ENABLED.load(Ordering::Relaxed).into()),
        ),
        MethodDef::new(
            "dump_traceback",
            "(file=sys.stderr, all_threads=True)",
            "Dump the traceback of the current thread, or of all threads if all_threads is True, into file.",
            dump_traceback,
        ),
        MethodDef::new(
            "dump_traceback_later",
            "(timeout, repeat=False, file=sys.stderr, exit=False)",
            "Dump the traceback of all threads in timeout seconds,\nor each timeout seconds if repeat is True. If exit is True, call _exit(1) which is not safe.",
            dump_traceback_later,
        ),
        MethodDef::new(
            "cancel_dump_traceback_later",
            "()",
            "Cancel the previous call to dump_traceback_later().",
            cancel_dump_traceback_later,
        ),
        MethodDef::new(
            "register",
            "(signum, file=sys.stderr, all_threads=True, chain=False)",
            "Write where the program is whenever the signal arrives, for the current thread or all.",
            asked::register,
        ),
        MethodDef::new(
            "unregister",
            "(signum, /)",
            "Undo register() for the signal; whether there was something to undo.",
            asked::unregister,
        ),
        MethodDef::new("_sigabrt", "()", "Raise a SIGABRT signal.", |_, _| {
            raise(libc::SIGABRT)
        }),
        MethodDef::new("_sigfpe", "()", "Raise a SIGFPE signal.", |_, _| {
            raise(libc::SIGFPE)
        }),
        MethodDef::new(
            "_sigsegv",
            "(release_gil=False, /)",
            "Raise a SIGSEGV signal.",
            |_, _| raise(libc::SIGSEGV),
        ),
    ],
    types: &[],
    exec: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_show_what_there_is_of_a_second() {
        assert_eq!(heading(Duration::from_secs(3725)), "Timeout (1:02:05)!\n");
        let timeout = Duration::from_millis(1500);
        assert_eq!(heading(timeout), "Timeout (0:00:01.500000)!\n");
    }
}

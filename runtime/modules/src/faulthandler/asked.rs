//! Tracebacks when a signal asks for them: `register` and `unregister`.

use super::{CRASHES, MACHINE, Out, flag, output, write_threads};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// One more than the greatest number of a signal.
const SIGNALS: usize = 65;

/// What the handler of one signal needs.
struct Asked {
    registered: AtomicBool,
    fd: AtomicI32,
    all: AtomicBool,
    chain: AtomicBool,
    /// How the signal was handled before.
    previous: Previous,
}

struct Previous(UnsafeCell<MaybeUninit<libc::sigaction>>);

// SAFETY: written under the interpreter's lock while the handler is not installed, and only read
// while it is.
unsafe impl Sync for Previous {}

static ASKED: [Asked; SIGNALS] = [const {
    Asked {
        registered: AtomicBool::new(false),
        fd: AtomicI32::new(-1),
        all: AtomicBool::new(true),
        chain: AtomicBool::new(false),
        previous: Previous(UnsafeCell::new(MaybeUninit::uninit())),
    }
}; SIGNALS];

extern "C" fn asked(signal: libc::c_int) {
    let Some(state) = ASKED.get(signal as usize) else {
        return;
    };
    if !state.registered.load(Ordering::Acquire) {
        return;
    }
    let errno = last_errno();
    // SAFETY: the machine lives as long as the process; see the module for what is read.
    if let Some(vm) = unsafe { MACHINE.load(Ordering::Relaxed).as_ref() } {
        let mut out = Out::new(state.fd.load(Ordering::Relaxed));
        // SAFETY: a plain query.
        let me = unsafe { libc::pthread_self() };
        write_threads(&mut out, vm, state.all.load(Ordering::Relaxed), Some(me));
    }
    if state.chain.load(Ordering::Relaxed) {
        // SAFETY: written when the handler was installed; it takes over for one signal.
        unsafe {
            let previous = (*state.previous.0.get()).as_ptr();
            libc::sigaction(signal, previous, std::ptr::null_mut());
            *libc::__errno_location() = errno;
            libc::raise(signal);
        }
        let errno = last_errno();
        install(signal, true);
        // SAFETY: the thread's own variable.
        unsafe { *libc::__errno_location() = errno };
    } else {
        // SAFETY: the thread's own variable.
        unsafe { *libc::__errno_location() = errno };
    }
}

/// Makes the handler that of the signal; how it was handled before, unless that fails.
fn install(signal: libc::c_int, chain: bool) -> Option<libc::sigaction> {
    let mut previous = MaybeUninit::uninit();
    // SAFETY: the handler does only what handlers may; calls that it interrupts go on.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = asked as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        if chain {
            // The previous handler is run by a signal within this one.
            action.sa_flags |= libc::SA_NODEFER;
        }
        (libc::sigaction(signal, &action, previous.as_mut_ptr()) == 0)
            .then(|| previous.assume_init())
    }
}

/// The number of a signal that may be registered.
fn number(vm: &Vm, v: Value) -> Result<usize> {
    let signal = c_int_arg(vm, v)?;
    if CRASHES.iter().any(|(crash, _)| i64::from(*crash) == signal) {
        return Err(vm.runtime_error(format!(
            "signal {signal} cannot be registered, use enable() instead"
        )));
    }
    usize::try_from(signal)
        .ok()
        .filter(|n| (1..SIGNALS).contains(n))
        .ok_or_else(|| vm.value_error("signal number out of range"))
}

pub fn register(vm: &Vm, args: &[Value]) -> Result {
    let signal = number(vm, args[0])?;
    let fd = output(vm, args[1])?;
    let (all, chain) = (flag(vm, args[2], true)?, flag(vm, args[3], false)?);
    let state = &ASKED[signal];
    MACHINE.store(std::ptr::from_ref(vm).cast_mut(), Ordering::Relaxed);
    state.fd.store(fd, Ordering::Relaxed);
    state.all.store(all, Ordering::Relaxed);
    state.chain.store(chain, Ordering::Relaxed);
    if !state.registered.load(Ordering::Relaxed) {
        let Some(previous) = install(signal as i32, chain) else {
            return Err(vm.os_error(last_errno(), None));
        };
        // SAFETY: the handler does not read it before it knows that it is registered.
        unsafe { (*state.previous.0.get()).write(previous) };
        state.registered.store(true, Ordering::Release);
    } else {
        install(signal as i32, chain);
    }
    Ok(Value::NONE)
}

pub fn unregister(vm: &Vm, args: &[Value]) -> Result {
    let signal = number(vm, args[0])?;
    let state = &ASKED[signal];
    let was = state.registered.swap(false, Ordering::AcqRel);
    if was {
        // SAFETY: written when the handler was installed.
        unsafe {
            let previous = (*state.previous.0.get()).as_ptr();
            libc::sigaction(signal as i32, previous, std::ptr::null_mut());
        }
    }
    Ok(was.into())
}

fn last_errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

//! Waits that a signal ends however early it comes.
//!
//! A signal that arrives between the last look at what is pending and the system call would leave
//! the call waiting. So the main thread holds signals back from before that look, and the call lets
//! them in together with beginning to wait, as `ppoll` does (POSIX, `pselect`). Other threads do not
//! run handlers; one that the system chooses for a signal meanwhile passes it on.

use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use taipan_runtime::signals;
use taipan_runtime::vm::{Result, Vm};

/// The signals that the main thread lets in while it waits: bit `n - 1` for signal `n`; none while
/// it does not wait here.
static LET_IN: AtomicU64 = AtomicU64::new(0);

/// Signals held back in the calling thread until this is dropped.
struct Held {
    before: libc::sigset_t,
}

impl Held {
    fn new() -> Held {
        let before = signals::hold_back();
        let let_in = (1..=64)
            // SAFETY: asks a valid set.
            .filter(|signal| unsafe { libc::sigismember(&before, *signal) } == 0)
            .fold(0, |bits, signal| bits | 1 << (signal - 1));
        LET_IN.store(let_in, Ordering::SeqCst);
        Held { before }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        LET_IN.store(0, Ordering::SeqCst);
        // SAFETY: a set that the system gave.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, std::ptr::null_mut()) };
    }
}

/// In the handler of a signal, in any thread: gives it to the main thread if that one holds it back
/// for its wait only; whether it does.
pub fn pass_to_waiting(signal: libc::c_int) -> bool {
    // SAFETY: system calls that a handler may make.
    unsafe {
        let main = libc::getpid();
        if libc::gettid() == main || LET_IN.load(Ordering::SeqCst) & 1 << (signal - 1) == 0 {
            return false;
        }
        libc::syscall(libc::SYS_tgkill, main, main, signal) == 0
    }
}

/// Lets other threads run while a system call waits, unless a signal is pending; its result, and the
/// error it leaves. The call gets the signals to hold back while it waits, null for no change.
fn wait_once(
    vm: &Vm,
    call: impl FnOnce(*const libc::sigset_t) -> libc::c_int,
) -> std::result::Result<libc::c_int, Error> {
    let held = crate::signal::is_main(vm).then(Held::new);
    let let_in = match &held {
        Some(_) if vm.pending_signals.load(Ordering::SeqCst) != 0 => {
            return Err(Error::from_raw_os_error(libc::EINTR));
        }
        Some(held) => std::ptr::from_ref(&held.before),
        None => std::ptr::null(),
    };
    result_of(vm.allow_threads(|| call(let_in)))
}

fn result_of(result: libc::c_int) -> std::result::Result<libc::c_int, Error> {
    if result < 0 {
        return Err(Error::last_os_error());
    }
    Ok(result)
}

/// Makes a system call that waits, and makes it again after signals whose handlers return, with the
/// time that is left (PEP 475). The call gets that time, none for ever, and the signals to hold back
/// while it waits, null for no change.
///
/// # Errors
/// What the handler of a signal raises, or OSError if the call fails otherwise.
pub fn wait(
    vm: &Vm,
    deadline: Option<Instant>,
    mut call: impl FnMut(Option<Duration>, *const libc::sigset_t) -> libc::c_int,
) -> Result<libc::c_int> {
    loop {
        let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
        let result = match left {
            // It does not wait, so nobody has to.
            Some(Duration::ZERO) if !vm.lock.is_wanted() => result_of(call(left, std::ptr::null())),
            _ => wait_once(vm, |let_in| call(left, let_in)),
        };
        match result {
            Ok(result) => return Ok(result),
            Err(e) if e.kind() == ErrorKind::Interrupted => handle_signals(vm)?,
            Err(e) => return Err(vm.os_error(e.raw_os_error().unwrap_or(0), None)),
        }
    }
}

/// Runs the handlers of signals that arrived, if this is the thread that does.
fn handle_signals(vm: &Vm) -> Result<()> {
    if crate::signal::is_main(vm) {
        crate::signal::run_pending(vm)?;
    }
    Ok(())
}

/// Waits for a signal of any kind, and runs its handler.
///
/// # Errors
/// What the handler raises.
pub fn pause(vm: &Vm) -> Result<()> {
    let result = wait_once(vm, |let_in| {
        // SAFETY: no entries, no limit, and the set is valid where it is not null.
        unsafe { libc::ppoll(std::ptr::null_mut(), 0, std::ptr::null(), let_in) }
    });
    debug_assert!(result.is_err(), "there is nothing else to end it");
    handle_signals(vm)
}

/// Waits until a descriptor is ready, or the time is over; how many are ready.
///
/// # Errors
/// As for [`wait`].
pub fn poll(vm: &Vm, fds: &mut [libc::pollfd], deadline: Option<Instant>) -> Result<usize> {
    let ready = wait(vm, deadline, |left, let_in| {
        let limit = left.map(|left| libc::timespec {
            tv_sec: left.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            tv_nsec: left.subsec_nanos().into(),
        });
        let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the entries are valid; the limit and the set too, where they are not null.
        unsafe { libc::ppoll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, limit, let_in) }
    })?;
    Ok(ready as usize)
}

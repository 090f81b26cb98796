//! Waiting for signals: the part of `_signal` that handles them without a handler.

use crate::signal::{signal_set, signals_in};
use std::time::{Duration, Instant};
use taipan_runtime::object::MethodDef;
use taipan_runtime::struct_sequence;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

struct_sequence! {
    /// `signal.struct_siginfo`.
    pub static STRUCT_SIGINFO = "signal"."struct_siginfo", "What sigwaitinfo() and sigtimedwait() return.";
    visible:
        si_signo "signal number",
        si_code "signal code",
        si_errno "errno associated with this signal",
        si_pid "sending process ID",
        si_uid "real user ID of sending process",
        si_status "exit value or signal",
        si_band "band event for SIGPOLL";
    hidden: ;
}

fn sigpending(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: a zeroed set is valid, and the call fills it in.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: valid for the call.
    if unsafe { libc::sigpending(&mut set) } < 0 {
        return Err(vm.last_os_error(None));
    }
    signals_in(vm, &set)
}

fn sigwait(vm: &Vm, args: &[Value]) -> Result {
    let set = signal_set(vm, args[0])?;
    let mut signal = 0;
    // SAFETY: both are valid for the call.
    let failed = vm.allow_threads(|| unsafe { libc::sigwait(&set, &mut signal) });
    if failed != 0 {
        return Err(vm.os_error(failed, None));
    }
    Ok(vm.new_int(signal.into()))
}

/// Waits for a signal of the set, at most until `deadline`; `None` if none came. A signal
/// outside of the set is handled, and the wait goes on.
fn wait(vm: &Vm, set: &libc::sigset_t, deadline: Option<Instant>) -> Result {
    loop {
        let left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
        let limit = left.map(|d: Duration| libc::timespec {
            tv_sec: d.as_secs() as i64,
            tv_nsec: d.subsec_nanos().into(),
        });
        let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: a zeroed structure is valid, and the call fills it in.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: all are valid for the call, the limit if it is not null.
        let signal = vm.allow_threads(|| unsafe { libc::sigtimedwait(set, &mut info, limit) });
        if signal >= 0 {
            // SAFETY: the call filled the structure in; what its signal does not have is zero.
            let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
            let n = |i: i64| vm.new_int(i);
            let parts = [
                n(info.si_signo.into()),
                n(info.si_code.into()),
                n(info.si_errno.into()),
                n(pid.into()),
                n(uid.into()),
                n(status.into()),
                n(0),
            ];
            return vm.new_struct_sequence(vm.class_of_def(&STRUCT_SIGINFO)?, &parts, &[]);
        }
        match std::io::Error::last_os_error().raw_os_error() {
            Some(libc::EINTR) => vm.interpreter().check_signals(vm)?,
            Some(libc::EAGAIN) if deadline.is_some() => return Ok(Value::NONE),
            _ => return Err(vm.last_os_error(None)),
        }
    }
}

fn sigwaitinfo(vm: &Vm, args: &[Value]) -> Result {
    wait(vm, &signal_set(vm, args[0])?, None)
}

fn sigtimedwait(vm: &Vm, args: &[Value]) -> Result {
    let set = signal_set(vm, args[0])?;
    let timeout = args[1];
    if !timeout.is_float() && timeout.as_int_ref().is_none() {
        return Err(vm.type_error(format!(
            "'{}' object cannot be interpreted as an integer or float",
            vm.class_of(timeout).qualified_name()
        )));
    }
    let seconds = vm.to_float(timeout)?;
    if seconds < 0.0 {
        return Err(vm.value_error("timeout must be non-negative"));
    }
    let span = Duration::try_from_secs_f64(seconds)
        .map_err(|_| vm.overflow_error("timestamp out of range for platform time_t"))?;
    match Instant::now().checked_add(span) {
        Some(deadline) => wait(vm, &set, Some(deadline)),
        None => wait(vm, &set, None),
    }
}

/// The functions of this file.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("sigpending", "()", "Examine pending signals.", sigpending),
    MethodDef::new(
        "sigwait",
        "(sigset, /)",
        "Wait for a signal of the set, and return its number.",
        sigwait,
    ),
    MethodDef::new(
        "sigwaitinfo",
        "(sigset, /)",
        "Wait for a signal of the set, and return what is known of it.",
        sigwaitinfo,
    ),
    MethodDef::new(
        "sigtimedwait",
        "(sigset, timeout, /)",
        "As sigwaitinfo(), for at most so many seconds.",
        sigtimedwait,
    ),
];

//! Which threads the system gives its signals to.

/// Holds back all signals from the calling thread but those that report faults; what was held
/// back before.
pub fn hold_back() -> libc::sigset_t {
    let faults = [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGFPE,
        libc::SIGILL,
        libc::SIGABRT,
    ];
    // SAFETY: plain calls on sets of this function; zeroed ones are valid.
    unsafe {
        let (mut signals, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigfillset(&mut signals);
        for fault in faults {
            libc::sigdelset(&mut signals, fault);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &signals, &mut before);
        before
    }
}

//! Standard streams that whoever started the program left closed.
//!
//! Rust's start-up code opens `/dev/null` in their place before `main`. Python wants them
//! closed, `sys.stdin` and its like being None then; so a function that the system calls
//! before that code notes which are.

use std::sync::atomic::{AtomicU8, Ordering};

/// One bit for each of the three descriptors that was closed.
static CLOSED: AtomicU8 = AtomicU8::new(0);

extern "C" fn note_closed() {
    for fd in 0..3 {
        // SAFETY: asks for a flag, which changes nothing.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            CLOSED.fetch_or(1 << fd, Ordering::Relaxed);
        }
    }
}

// SAFETY: the section holds pointers to functions of this type; this one relies on nothing
// that Rust's start-up code would have to set up.
#[used]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".init_array"))]
static NOTE_CLOSED: extern "C" fn() = note_closed;

/// Closes again what was closed when the program started.
pub fn close_unopened() {
    let closed = CLOSED.load(Ordering::Relaxed);
    for fd in (0..3).filter(|fd| closed & 1 << fd != 0) {
        // SAFETY: nothing has used the descriptor yet; later uses get an error.
        unsafe { libc::close(fd) };
    }
}

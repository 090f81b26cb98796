//! Constants of `posix`, and which of its functions take which kinds of argument.

macro_rules! constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64),)*] };
}

pub(super) const CONSTANTS: &[(&str, i64)] = constants! {
    F_OK R_OK W_OK X_OK O_RDONLY O_WRONLY O_RDWR O_APPEND O_CREAT O_EXCL O_TRUNC O_NONBLOCK O_CLOEXEC O_NOCTTY
    O_SYNC O_DSYNC O_DIRECTORY O_NOFOLLOW O_ACCMODE O_TMPFILE O_PATH O_NDELAY
    WNOHANG WUNTRACED WCONTINUED WEXITED WSTOPPED WNOWAIT P_ALL P_PID P_PGID

    SEEK_DATA SEEK_HOLE GRND_NONBLOCK GRND_RANDOM SCHED_OTHER SCHED_FIFO SCHED_RR
    RTLD_LAZY RTLD_NOW RTLD_GLOBAL RTLD_LOCAL PRIO_PROCESS PRIO_PGRP PRIO_USER
    F_LOCK F_TLOCK F_ULOCK F_TEST
};

pub(super) const HAVE: &[&str] = &[
    "HAVE_LSTAT",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_FCHDIR",
    "HAVE_FDOPENDIR",
];

//! The module `_posixsubprocess`: a child process made by `fork` and `exec`.
//!
//! All that the child needs is laid out before the fork. Between `fork` and `exec` it makes system calls
//! and nothing else, since a lock that another thread held stays locked there for ever; only where the
//! program gives a `preexec_fn` does the child run Python.

use super::descriptor;
use super::process::{fork, pointers};
use super::spawn::encoded;
use crate::accounts::id_argument;
use std::ffi::{CString, c_char};
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

/// The highest number of groups that Linux lets a process be in.
const MAX_GROUPS: usize = 65536;

/// What is said of an error that comes before `exec`: the library then names no executable.
const BEFORE_EXEC: &str = "noexec";

/// The pipes of the parent and the child, -1 for none.
struct Pipes {
    p2cread: i32,
    p2cwrite: i32,
    c2pread: i32,
    c2pwrite: i32,
    errread: i32,
    errwrite: i32,
    errpipe_read: i32,
    errpipe_write: i32,
}

/// What the child does before it becomes the program.
struct Plan {
    pipes: Pipes,
    /// Whether all descriptors from 3 on are closed but those to keep.
    close_fds: bool,
    /// In ascending order.
    kept: Vec<i32>,
    directory: Option<CString>,
    umask: i32,
    restore_signals: bool,
    setsid: bool,
    process_group: i32,
    groups: Option<Vec<libc::gid_t>>,
    gid: Option<libc::gid_t>,
    uid: Option<libc::uid_t>,
    preexec: Option<Value>,
}

/// Why the child could not become the program: the error's number, none for an exception of
/// `preexec_fn`, and what else the library is told.
struct Failure(Option<i32>, &'static str);

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// The result of a system call.
fn done(result: libc::c_int) -> std::result::Result<libc::c_int, Failure> {
    if result < 0 {
        Err(Failure(Some(errno()), BEFORE_EXEC))
    } else {
        Ok(result)
    }
}

fn close(fd: i32) -> std::result::Result<(), Failure> {
    if fd >= 0 {
        // SAFETY: a descriptor of this process that the child has no use for.
        done(unsafe { libc::close(fd) })?;
    }
    Ok(())
}

fn set_inheritable(fd: i32) -> std::result::Result<(), Failure> {
    // SAFETY: plain system calls.
    unsafe {
        let flags = done(libc::fcntl(fd, libc::F_GETFD))?;
        done(libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC))?;
    }
    Ok(())
}

/// Makes `from` the standard stream `to`.
fn connect(from: i32, to: i32) -> std::result::Result<(), Failure> {
    if from == to {
        return set_inheritable(from);
    }
    if from >= 0 {
        // SAFETY: a plain system call.
        done(unsafe { libc::dup2(from, to) })?;
    }
    Ok(())
}

/// Closes the descriptors from `first` to `last`, such as are open.
fn close_range(first: i32, last: i32) {
    if first > last {
        return;
    }
    let (from, to) = (first as libc::c_uint, last as libc::c_uint);
    // SAFETY: descriptors that the program is not to have.
    unsafe {
        if libc::syscall(libc::SYS_close_range, from, to, 0) == 0 {
            return;
        }
        // An older kernel.
        let limit = i32::try_from(libc::sysconf(libc::_SC_OPEN_MAX)).unwrap_or(i32::MAX);
        for fd in first..=last.min(limit) {
            libc::close(fd);
        }
    }
}

impl Plan {
    /// In the child: everything before `exec`.
    fn prepare(&self, vm: &Vm) -> std::result::Result<(), Failure> {
        let p = &self.pipes;
        for fd in &self.kept {
            // That one must not outlive `exec`: its end tells the parent of success.
            if *fd != p.errpipe_write {
                set_inheritable(*fd)?;
            }
        }
        for fd in [p.p2cwrite, p.c2pread, p.errread, p.errpipe_read] {
            close(fd)?;
        }
        // Where an end has the number of a stream that is set before it is used, it moves.
        let (mut out, mut err) = (p.c2pwrite, p.errwrite);
        // SAFETY: plain system calls.
        unsafe {
            if out == 0 {
                out = done(libc::fcntl(out, libc::F_DUPFD_CLOEXEC, 3))?;
            }
            if err == 0 || err == 1 {
                err = done(libc::fcntl(err, libc::F_DUPFD_CLOEXEC, 3))?;
            }
        }
        connect(p.p2cread, 0)?;
        connect(out, 1)?;
        connect(err, 2)?;
        // SAFETY: system calls with arguments that live as long as this.
        unsafe {
            if let Some(directory) = &self.directory
                && libc::chdir(directory.as_ptr()) < 0
            {
                return Err(Failure(Some(errno()), "noexec:chdir"));
            }
            if self.umask >= 0 {
                libc::umask(self.umask as libc::mode_t);
            }
            if self.restore_signals {
                libc::signal(libc::SIGPIPE, libc::SIG_DFL);
                libc::signal(libc::SIGXFSZ, libc::SIG_DFL);
            }
            if self.setsid {
                done(libc::setsid())?;
            }
            if self.process_group >= 0 {
                done(libc::setpgid(0, self.process_group))?;
            }
            if let Some(groups) = &self.groups {
                done(libc::setgroups(groups.len(), groups.as_ptr()))?;
            }
            if let Some(gid) = self.gid {
                done(libc::setregid(gid, gid))?;
            }
            if let Some(uid) = self.uid {
                done(libc::setreuid(uid, uid))?;
            }
        }
        if let Some(f) = self.preexec
            && vm.call(f, &[]).is_err()
        {
            return Err(Failure(None, "Exception occurred in preexec_fn."));
        }
        if self.close_fds {
            let mut next = 3;
            for fd in self.kept.iter().filter(|fd| **fd >= 3) {
                close_range(next, fd - 1);
                next = fd + 1;
            }
            close_range(next, i32::MAX);
        }
        Ok(())
    }
}

/// In the child: becomes the first of the programs that there is.
fn become_program(
    programs: &[CString],
    argv: &[*const c_char],
    env: Option<&[*const c_char]>,
) -> Failure {
    let (mut last, mut telling) = (0, 0);
    for program in programs {
        // SAFETY: both vectors end in null pointers, and their strings are alive.
        unsafe {
            match env {
                Some(env) => libc::execve(program.as_ptr(), argv.as_ptr(), env.as_ptr()),
                None => libc::execv(program.as_ptr(), argv.as_ptr()),
            };
        }
        last = errno();
        if last != libc::ENOENT && last != libc::ENOTDIR && telling == 0 {
            telling = last;
        }
    }
    Failure(Some(if telling != 0 { telling } else { last }), "")
}

/// In the child: writes a failure to the pipe, in the library's form.
fn report(pipe: i32, Failure(errno, what): &Failure) {
    // SAFETY: writes bytes that are alive; nobody is left to hear of an error.
    let write = |bytes: &[u8]| unsafe { libc::write(pipe, bytes.as_ptr().cast(), bytes.len()) };
    match errno {
        Some(errno) => {
            write(b"OSError:");
            let mut digits = [0; 8];
            let mut at = digits.len();
            let mut rest = *errno as u32;
            while rest != 0 {
                at -= 1;
                digits[at] = b"0123456789abcdef"[(rest % 16) as usize];
                rest /= 16;
            }
            write(&digits[at..]);
            write(b":");
        }
        None => {
            write(b"SubprocessError:0:");
        }
    }
    write(what.as_bytes());
}

/// The descriptors to keep: non-negative and in ascending order.
fn kept(vm: &Vm, v: Value) -> Result<Vec<i32>> {
    let Some(fds) = v.cast::<Tuple>() else {
        return Err(vm.type_error(format!(
            "fork_exec() argument 4 must be tuple, not {}",
            vm.type_name(v)
        )));
    };
    let fd = |v: &Value| v.as_int().and_then(|i| i32::try_from(i).ok());
    let fds: Option<Vec<i32>> = fds.as_slice().iter().map(fd).collect();
    let ascending = |fds: &Vec<i32>| {
        fds.iter().all(|fd| *fd >= 0) && fds.windows(2).all(|pair| pair[0] < pair[1])
    };
    fds.filter(ascending)
        .ok_or_else(|| vm.value_error("bad value(s) in fds_to_keep"))
}

/// The strings of a sequence of bytes objects.
fn byte_strings(vm: &Vm, v: Value) -> Result<Vec<CString>> {
    vm.length(v)?;
    let items = vm.collect(v)?;
    let text = |item: &Value| match item.cast::<Bytes>() {
        Some(b) => CString::new(b.as_slice()).map_err(|_| vm.value_error("embedded null byte")),
        None => Err(vm.type_error(format!("expected bytes, {} found", vm.type_name(*item)))),
    };
    items.iter().map(text).collect()
}

fn groups(vm: &Vm, v: Value) -> Result<Option<Vec<libc::gid_t>>> {
    if v.is_none() {
        return Ok(None);
    }
    let Some(list) = v.cast::<List>() else {
        return Err(vm.type_error("setgroups argument must be a list"));
    };
    let items = vm.rooted_slice(list.as_slice());
    if items.len() > MAX_GROUPS {
        return Err(vm.value_error("too many extra_groups"));
    }
    let group = |item: &Value| match item.as_int_ref() {
        Some(_) => id_argument(vm, *item, "gid").map_err(|raised| {
            if vm.raised_is_def(&exc::OVERFLOW_ERROR) {
                vm.clear_raised();
                vm.value_error("invalid group id")
            } else {
                raised
            }
        }),
        None => Err(vm.type_error("extra_groups must be integers")),
    };
    items.iter().map(group).collect::<Result<_>>().map(Some)
}

fn id(vm: &Vm, v: Value, which: &str) -> Result<Option<u32>> {
    if v.is_none() {
        return Ok(None);
    }
    id_argument(vm, v, which).map(Some)
}

fn fork_exec(vm: &Vm, args: &[Value]) -> Result {
    let number = |at: usize| descriptor(vm, args[at]);
    let given = |at: usize| args[at].given_not_none();
    let close_fds = vm.truth(args[2])?;
    let kept = kept(vm, args[3])?;
    let pipes = Pipes {
        p2cread: number(6)?,
        p2cwrite: number(7)?,
        c2pread: number(8)?,
        c2pwrite: number(9)?,
        errread: number(10)?,
        errwrite: number(11)?,
        errpipe_read: number(12)?,
        errpipe_write: number(13)?,
    };
    let (restore_signals, setsid) = (vm.truth(args[14])?, vm.truth(args[15])?);
    let (process_group, umask) = (number(16)?, number(20)?);
    if close_fds && pipes.errpipe_write < 3 {
        return Err(vm.value_error("errpipe_write must be >= 3"));
    }
    let programs = byte_strings(vm, args[1])?;
    let argv = match given(0) {
        Some(v) => {
            let items = vm.collect(v);
            let items = items.map_err(|_| {
                vm.clear_raised();
                vm.type_error("argv must be a tuple")
            })?;
            items
                .iter()
                .map(|item| encoded(vm, *item))
                .collect::<Result<_>>()?
        }
        None => Vec::new(),
    };
    let env = given(5).map(|v| byte_strings(vm, v)).transpose()?;
    let plan = Plan {
        pipes,
        close_fds,
        kept,
        directory: given(4).map(|v| encoded(vm, v)).transpose()?,
        umask,
        restore_signals,
        setsid,
        process_group,
        groups: groups(vm, args[18])?,
        gid: id(vm, args[17], "gid")?,
        uid: id(vm, args[19], "uid")?,
        preexec: given(21),
    };
    let argv = pointers(&argv);
    let env = env.as_deref().map(pointers);
    let pid = match plan.preexec {
        Some(_) if vm.finalizing.get() => {
            return Err(vm.raise_new(
                vm.exception_class(&exc::PYTHON_FINALIZATION_ERROR),
                &[
                    vm.new_str("preexec_fn not supported at interpreter shutdown")
                        .value(),
                ],
            ));
        }
        Some(_) => descriptor(vm, fork(vm, &[])?)?,
        None => {
            crate::io::close_dropped(vm)?;
            // SAFETY: the child makes system calls only.
            match unsafe { libc::fork() } {
                pid if pid < 0 => return Err(vm.last_os_error(None)),
                pid => pid,
            }
        }
    };
    if pid == 0 {
        let failure = match plan.prepare(vm) {
            Ok(()) => become_program(&programs, &argv, env.as_deref()),
            Err(failure) => failure,
        };
        report(plan.pipes.errpipe_write, &failure);
        // SAFETY: ends the child.
        unsafe { libc::_exit(255) };
    }
    Ok(vm.new_int(pid.into()))
}

/// The module.
pub static POSIXSUBPROCESS: ModuleDef = ModuleDef {
    name: "_posixsubprocess",
    doc: "A POSIX helper for the subprocess module.",
    functions: &[MethodDef::new(
        "fork_exec",
        "(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, \
         errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, \
         uid, child_umask, preexec_fn, /)",
        "Start a child process; what fails before it is the program is written to `errpipe_write`.",
        fork_exec,
    )],
    types: &[],
    exec: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_written_in_hexadecimal() {
        let mut ends = [0; 2];
        // SAFETY: makes a pipe, whose ends are closed below.
        assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
        for failure in [
            Failure(Some(0x2f), "noexec"),
            Failure(Some(0x100), ""),
            Failure(None, "text"),
        ] {
            report(ends[1], &failure);
        }
        let mut room = [0_u8; 100];
        // SAFETY: reads into room that is alive, and closes both ends.
        let n = unsafe {
            let n = libc::read(ends[0], room.as_mut_ptr().cast(), room.len());
            libc::close(ends[0]);
            libc::close(ends[1]);
            n
        };
        assert_eq!(
            room.get(..n.max(0) as usize),
            Some(&b"OSError:2f:noexecOSError:100:SubprocessError:0:text"[..])
        );
    }
}

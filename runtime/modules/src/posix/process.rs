//! Processes and the machine.

use super::{Path, c_strings, descriptor, done, os_value, path, structure};
use crate::io::retry;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

macro_rules! queries {
    ($($name:ident)*) => {
        $(pub fn $name(vm: &Vm, _: &[Value]) -> Result {
            // SAFETY: a plain query.
            Ok(vm.new_int(i64::from(unsafe { libc::$name() })))
        })*
    };
}

queries! { getpid getppid getuid geteuid getgid getegid getpgrp }

pub fn getpgid(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: a plain query.
    let r = unsafe { libc::getpgid(descriptor(vm, args[0])?) };
    if r < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(vm.new_int(r.into()))
    }
}

pub fn setsid(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: a plain system call.
    done(vm, unsafe { libc::setsid() }, None)
}

pub fn kill(vm: &Vm, args: &[Value]) -> Result {
    let pid = descriptor(vm, args[0])?;
    let signal = descriptor(vm, args[1])?;
    vm.audit("os.kill", &[args[0], args[1]])?;
    // SAFETY: a plain system call.
    done(vm, unsafe { libc::kill(pid, signal) }, None)?;
    // It may be for this process.
    vm.interpreter().check_signals(vm)?;
    Ok(Value::NONE)
}

pub fn killpg(vm: &Vm, args: &[Value]) -> Result {
    let (group, signal) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
    vm.audit("os.killpg", &[args[0], args[1]])?;
    // SAFETY: a plain system call.
    done(vm, unsafe { libc::killpg(group, signal) }, None)?;
    vm.interpreter().check_signals(vm)?;
    Ok(Value::NONE)
}

pub fn fork(vm: &Vm, _: &[Value]) -> Result {
    vm.audit("os.fork", &[])?;
    if vm.finalizing.get() {
        return Err(vm.raise_new(
            vm.exception_class(&exc::PYTHON_FINALIZATION_ERROR),
            &[vm.new_str("can't fork at interpreter shutdown").value()],
        ));
    }
    crate::io::close_dropped(vm)?;
    let hooks = vm.collect(vm.import_attr("_taipan_structs", "fork_hooks")?)?;
    let run = |which: usize, reverse: bool| {
        let mut order: Vec<usize> = (0..hooks.len()).collect();
        if reverse {
            order.reverse();
        }
        for i in order {
            let f = hooks[i]
                .cast::<Tuple>()
                .map_or(Value::NONE, |t| t.get(which));
            if !f.is_none() && vm.call(f, &[]).is_err() {
                vm.report_unraisable_in(Some(f));
            }
        }
    };
    run(0, true);
    let threads = vm.threads.borrow().len();
    // SAFETY: this thread holds the lock, so the interpreter's data is consistent in the child.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let me: *const _ = vm.thread();
        vm.threads.borrow_mut().retain(|t| std::ptr::eq(&**t, me));
        run(1, false);
        return Ok(Value::small_int(0));
    }
    let failed = (pid < 0).then(|| vm.last_os_error(None));
    let error = vm.pending();
    vm.clear_raised();
    run(2, false);
    if let Some(raised) = failed {
        return Err(error.map_or(raised, |e| vm.raise_again(e)));
    }
    if threads > 1 {
        let text = format!(
            "This process (pid={}) is multi-threaded, use of fork() may lead to deadlocks in the child.",
            std::process::id()
        );
        let category = vm.exception_class(&exc::DEPRECATION_WARNING).value();
        let warn = vm.import_attr("_warnings", "warn")?;
        vm.call(warn, &[vm.new_str(&text).value(), category])?;
    }
    Ok(vm.new_int(pid.into()))
}

pub fn waitpid(vm: &Vm, args: &[Value]) -> Result {
    let (pid, options) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
    let mut status = 0;
    // SAFETY: the status is the call's to fill.
    let r = retry(vm, || unsafe {
        libc::waitpid(pid, &mut status, options) as isize
    })?;
    if r < 0 {
        return Err(vm.last_os_error(None));
    }
    vm.pair(vm.new_int(r as i64), vm.new_int(status.into()))
}

pub fn wait(vm: &Vm, _: &[Value]) -> Result {
    waitpid(vm, &[Value::small_int(-1), Value::small_int(0)])
}

pub(super) fn pointers(strings: &[std::ffi::CString]) -> Vec<*const libc::c_char> {
    strings
        .iter()
        .map(|s| s.as_ptr())
        .chain([std::ptr::null()])
        .collect()
}

pub fn execv(vm: &Vm, args: &[Value]) -> Result {
    let (p, argv) = (path(vm, args[0])?, c_strings(vm, args[1])?);
    if argv.is_empty() {
        return Err(vm.value_error("execv() arg 2 must not be empty"));
    }
    if argv[0].is_empty() {
        return Err(vm.value_error("execv() arg 2 first element cannot be empty"));
    }
    vm.audit("os.exec", &[p.value, args[1], Value::NONE])?;
    crate::io::close_dropped(vm)?;
    // SAFETY: the vectors end in null pointers.
    unsafe { libc::execv(p.text.as_ptr(), pointers(&argv).as_ptr()) };
    // Of the two only `execve` says which file it was.
    Err(vm.last_os_error(None))
}

/// `NAME=VALUE` strings of an environment mapping.
pub(super) fn environment(vm: &Vm, v: Value) -> Result<Vec<std::ffi::CString>> {
    let mut out = Vec::new();
    let dict = match v.cast::<Dict>() {
        Some(d) => d,
        None => {
            let d = vm.new_dict().value();
            vm.call_method(d, "update", &[v])?;
            match d.cast() {
                Some(d) => d,
                None => return Ok(out),
            }
        }
    };
    for (k, v) in dict.items() {
        let mut text = path(vm, k)?.text.into_bytes();
        if text.is_empty() || text.contains(&b'=') {
            return Err(vm.value_error("illegal environment variable name"));
        }
        text.push(b'=');
        text.extend_from_slice(path(vm, v)?.text.as_bytes());
        out.push(std::ffi::CString::new(text).map_err(|_| vm.value_error("embedded null byte"))?);
    }
    Ok(out)
}

pub fn execve(vm: &Vm, args: &[Value]) -> Result {
    let (p, argv, env) = (
        path(vm, args[0])?,
        c_strings(vm, args[1])?,
        environment(vm, args[2])?,
    );
    if argv.is_empty() {
        return Err(vm.value_error("execve: argv must not be empty"));
    }
    if argv[0].is_empty() {
        return Err(vm.value_error("execve: argv first element cannot be empty"));
    }
    vm.audit("os.exec", &[p.value, args[1], args[2]])?;
    crate::io::close_dropped(vm)?;
    // SAFETY: the vectors end in null pointers.
    unsafe {
        libc::execve(
            p.text.as_ptr(),
            pointers(&argv).as_ptr(),
            pointers(&env).as_ptr(),
        )
    };
    Err(vm.last_os_error(Some(p.value)))
}

pub fn exit(vm: &Vm, args: &[Value]) -> Result {
    let status = descriptor(vm, args[0])?;
    // SAFETY: ends the process.
    unsafe { libc::_exit(status) }
}

pub fn abort(_: &Vm, _: &[Value]) -> Result {
    std::process::abort()
}

/// Tells the audit hooks of an event about texts, which they see as bytes.
fn audit_texts(vm: &Vm, event: &str, texts: &[&Path]) -> Result<()> {
    if !vm.is_audited() {
        return Ok(());
    }
    let mut about = vm.rooted();
    for p in texts {
        about.push(vm.new_bytes(p.text.as_bytes())?.value());
    }
    vm.audit(event, &about)
}

pub fn system(vm: &Vm, args: &[Value]) -> Result {
    crate::io::close_dropped(vm)?;
    let p = path(vm, args[0])?;
    audit_texts(vm, "os.system", &[&p])?;
    // SAFETY: the command is a valid C string.
    let status = vm.allow_threads(|| unsafe { libc::system(p.text.as_ptr()) });
    // Signals do not interrupt it.
    vm.interpreter().check_signals(vm)?;
    Ok(vm.new_int(status.into()))
}

pub fn putenv(vm: &Vm, args: &[Value]) -> Result {
    let (k, v) = (path(vm, args[0])?, path(vm, args[1])?);
    if k.text.as_bytes().contains(&b'=') {
        return Err(vm.value_error("illegal environment variable name"));
    }
    audit_texts(vm, "os.putenv", &[&k, &v])?;
    // SAFETY: valid C strings; the lock orders changes of the environment.
    done(
        vm,
        unsafe { libc::setenv(k.text.as_ptr(), v.text.as_ptr(), 1) },
        None,
    )
}

pub fn unsetenv(vm: &Vm, args: &[Value]) -> Result {
    let k = path(vm, args[0])?;
    audit_texts(vm, "os.unsetenv", &[&k])?;
    // SAFETY: as in `putenv`.
    done(vm, unsafe { libc::unsetenv(k.text.as_ptr()) }, None)
}

fn random(vm: &Vm, size: i64, flags: u32) -> Result {
    if size < 0 {
        return Err(vm.value_error("negative argument not allowed"));
    }
    let mut bytes = vec![0u8; size as usize];
    let mut at = 0;
    while at < bytes.len() {
        // SAFETY: the buffer has that many bytes left.
        let n =
            unsafe { libc::getrandom(bytes[at..].as_mut_ptr().cast(), bytes.len() - at, flags) };
        if n < 0 {
            return Err(vm.last_os_error(None));
        }
        at += n as usize;
    }
    Ok(vm.new_bytes(&bytes)?.value())
}

pub fn urandom(vm: &Vm, args: &[Value]) -> Result {
    random(vm, vm.to_ssize_arg(args[0])?, 0)
}

pub fn getrandom(vm: &Vm, args: &[Value]) -> Result {
    let flags = args[1].given().map_or(Ok(0), |f| vm.to_i64(f))?;
    random(vm, vm.to_ssize_arg(args[0])?, flags as u32)
}

pub fn cpu_count(vm: &Vm, _: &[Value]) -> Result {
    if let Some(n) = vm.settings.borrow().cpu_count {
        return Ok(vm.new_int(n.into()));
    }
    // SAFETY: a plain query.
    let n = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    if n < 1 {
        Ok(Value::NONE)
    } else {
        Ok(vm.new_int(n))
    }
}

pub fn sched_getaffinity(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: an all-zero set is valid, and the call fills it.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(
            descriptor(vm, args[0])?,
            size_of::<libc::cpu_set_t>(),
            &mut set,
        ) < 0
        {
            return Err(vm.last_os_error(None));
        }
        let cpus: Vec<Value> = (0..1024usize)
            .filter(|i| libc::CPU_ISSET(*i, &set))
            .map(|i| vm.new_int(i as i64))
            .collect();
        Ok(vm.new_set(&cpus)?.value())
    }
}

pub fn sched_yield(vm: &Vm, _: &[Value]) -> Result {
    vm.allow_threads(std::thread::yield_now);
    Ok(Value::NONE)
}

pub fn uname(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: an all-zero structure is valid, and the call fills it.
    unsafe {
        let mut u: libc::utsname = std::mem::zeroed();
        if libc::uname(&mut u) < 0 {
            return Err(vm.last_os_error(None));
        }
        let text = |f: &[libc::c_char]| vm.new_str(&super::files::text_of(f.as_ptr())).value();
        structure(
            vm,
            "uname_result",
            &[
                text(&u.sysname),
                text(&u.nodename),
                text(&u.release),
                text(&u.version),
                text(&u.machine),
            ],
        )
    }
}

pub fn times(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: an all-zero structure is valid, and the call fills it.
    unsafe {
        let mut t: libc::tms = std::mem::zeroed();
        let elapsed = libc::times(&mut t);
        let per_second = libc::sysconf(libc::_SC_CLK_TCK) as f64;
        let parts: Vec<Value> = [
            t.tms_utime,
            t.tms_stime,
            t.tms_cutime,
            t.tms_cstime,
            elapsed,
        ]
        .iter()
        .map(|n| Value::float(*n as f64 / per_second))
        .collect();
        structure(vm, "times_result", &parts)
    }
}

pub fn getloadavg(vm: &Vm, _: &[Value]) -> Result {
    let mut loads = [0f64; 3];
    // SAFETY: the array has room for three.
    if unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) } != 3 {
        return Err(vm.os_error_text("Load averages are unobtainable"));
    }
    Ok(vm.new_tuple(&loads.map(Value::float))?.value())
}

pub fn getlogin(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: returns null or a valid string.
    unsafe {
        let p = libc::getlogin();
        if p.is_null() {
            return Err(vm.last_os_error(None));
        }
        os_value(vm, std::ffi::CStr::from_ptr(p).to_bytes(), false)
    }
}

pub const SYSCONF_NAMES: &[(&str, i32)] = &[
    ("SC_ARG_MAX", libc::_SC_ARG_MAX),
    ("SC_CHILD_MAX", libc::_SC_CHILD_MAX),
    ("SC_CLK_TCK", libc::_SC_CLK_TCK),
    ("SC_IOV_MAX", libc::_SC_IOV_MAX),
    ("SC_NPROCESSORS_CONF", libc::_SC_NPROCESSORS_CONF),
    ("SC_NPROCESSORS_ONLN", libc::_SC_NPROCESSORS_ONLN),
    ("SC_OPEN_MAX", libc::_SC_OPEN_MAX),
    ("SC_PAGE_SIZE", libc::_SC_PAGESIZE),
    ("SC_PAGESIZE", libc::_SC_PAGESIZE),
    ("SC_PHYS_PAGES", libc::_SC_PHYS_PAGES),
    ("SC_AVPHYS_PAGES", libc::_SC_AVPHYS_PAGES),
    ("SC_SEM_NSEMS_MAX", libc::_SC_SEM_NSEMS_MAX),
];

pub fn sysconf(vm: &Vm, args: &[Value]) -> Result {
    let name = super::system::configuration(vm, args[0], SYSCONF_NAMES)?;
    // SAFETY: a plain query.
    Ok(vm.new_int(unsafe { libc::sysconf(name) }))
}

fn status(vm: &Vm, args: &[Value]) -> Result<i32> {
    descriptor(vm, args[0])
}

pub fn wifexited(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(libc::WIFEXITED(status(vm, args)?)))
}
pub fn wexitstatus(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(libc::WEXITSTATUS(status(vm, args)?).into()))
}
pub fn wifsignaled(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(libc::WIFSIGNALED(status(vm, args)?)))
}
pub fn wtermsig(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(libc::WTERMSIG(status(vm, args)?).into()))
}
pub fn wifstopped(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(libc::WIFSTOPPED(status(vm, args)?)))
}
pub fn wstopsig(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(libc::WSTOPSIG(status(vm, args)?).into()))
}
pub fn wcoredump(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(libc::WCOREDUMP(status(vm, args)?)))
}

pub fn waitstatus_to_exitcode(vm: &Vm, args: &[Value]) -> Result {
    let s = status(vm, args)?;
    if libc::WIFEXITED(s) {
        return Ok(vm.new_int(libc::WEXITSTATUS(s).into()));
    }
    if libc::WIFSIGNALED(s) {
        return Ok(vm.new_int(-i64::from(libc::WTERMSIG(s))));
    }
    Err(vm.value_error(format!("invalid wait status: {s}")))
}

/// Notes functions to call before a fork, after it in the child and in the parent.
pub fn register_at_fork(vm: &Vm, args: &[Value]) -> Result {
    if args.iter().all(|a| a.is_missing()) {
        return Err(vm.type_error("At least one argument is required."));
    }
    for a in args.iter().filter_map(|a| a.given()) {
        if !vm.is_callable(a) {
            return Err(vm.type_error(format!(
                "'{}' object is not callable",
                vm.class_of(a).qualified_name()
            )));
        }
    }
    let hooks = vm.import_attr("_taipan_structs", "fork_hooks")?;
    let parts: Vec<Value> = args
        .iter()
        .map(|a| a.given().unwrap_or(Value::NONE))
        .collect();
    let entry = vm.new_tuple(&parts)?.value();
    vm.call_method(hooks, "append", &[entry])?;
    Ok(Value::NONE)
}

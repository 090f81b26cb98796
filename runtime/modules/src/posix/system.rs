//! Scheduling, users and groups, limits and file systems: what `posix` hands to the system as it is.

use super::{Target, descriptor, done, os_value, path, path_of, structure, target, target_event};
use std::ffi::CString;
use taipan_runtime::object::MethodDef;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::{Result, Value, Vm};

const fn f(
    name: &'static str,
    signature: &'static str,
    code: fn(&Vm, &[Value]) -> Result,
) -> MethodDef {
    MethodDef::new(name, signature, "", code)
}

/// The functions.
pub static FUNCTIONS: &[MethodDef] = &[
    f("sched_get_priority_max", "(policy)", |vm, args| {
        let policy = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        number(vm, unsafe { libc::sched_get_priority_max(policy) })
    }),
    f("sched_get_priority_min", "(policy)", |vm, args| {
        let policy = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        number(vm, unsafe { libc::sched_get_priority_min(policy) })
    }),
    f("sched_getscheduler", "(pid, /)", |vm, args| {
        let pid = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        number(vm, unsafe { libc::sched_getscheduler(pid) })
    }),
    f(
        "sched_setscheduler",
        "(pid, policy, param, /)",
        sched_setscheduler,
    ),
    f("sched_getparam", "(pid, /)", sched_getparam),
    f("sched_setparam", "(pid, param, /)", sched_setparam),
    f("sched_rr_get_interval", "(pid, /)", sched_rr_get_interval),
    f("sched_setaffinity", "(pid, mask, /)", sched_setaffinity),
    f("getpriority", "(which, who)", getpriority),
    f("setpriority", "(which, who, priority)", setpriority),
    f("nice", "(increment, /)", nice),
    f("getgroups", "()", getgroups),
    f("getgrouplist", "(user, group, /)", getgrouplist),
    f("getresuid", "()", |vm, _| three(vm, libc::getresuid)),
    f("getresgid", "()", |vm, _| three(vm, libc::getresgid)),
    f("setuid", "(uid, /)", |vm, args| {
        let id = user(vm, args[0])?;
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setuid(id) }, None)
    }),
    f("setgid", "(gid, /)", |vm, args| {
        let id = user(vm, args[0])?;
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setgid(id) }, None)
    }),
    f("seteuid", "(euid, /)", |vm, args| {
        let id = user(vm, args[0])?;
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::seteuid(id) }, None)
    }),
    f("setegid", "(egid, /)", |vm, args| {
        let id = user(vm, args[0])?;
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setegid(id) }, None)
    }),
    f("setreuid", "(ruid, euid, /)", |vm, args| {
        let (real, effective) = (user(vm, args[0])?, user(vm, args[1])?);
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setreuid(real, effective) }, None)
    }),
    f("setregid", "(rgid, egid, /)", |vm, args| {
        let (real, effective) = (user(vm, args[0])?, user(vm, args[1])?);
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setregid(real, effective) }, None)
    }),
    f("getsid", "(pid, /)", |vm, args| {
        let pid = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        number(vm, unsafe { libc::getsid(pid) })
    }),
    f("setpgid", "(pid, pgrp, /)", |vm, args| {
        let (pid, group) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setpgid(pid, group) }, None)
    }),
    f("setpgrp", "()", |vm, _| {
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setpgid(0, 0) }, None)
    }),
    f("tcgetpgrp", "(fd, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        number(vm, unsafe { libc::tcgetpgrp(fd) })
    }),
    f("tcsetpgrp", "(fd, pgid, /)", |vm, args| {
        let (fd, group) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::tcsetpgrp(fd, group) }, None)
    }),
    f("ttyname", "(fd, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        let mut name = [0u8; 256];
        // SAFETY: the buffer has the size that is given.
        let error = unsafe { libc::ttyname_r(fd, name.as_mut_ptr().cast(), name.len()) };
        if error != 0 {
            return Err(vm.os_error(error, None));
        }
        let end = name.iter().position(|c| *c == 0).unwrap_or(0);
        os_value(vm, &name[..end], false)
    }),
    f("ctermid", "()", |vm, _| os_value(vm, b"/dev/tty", false)),
    f("sync", "()", |vm, _| {
        // SAFETY: a plain system call.
        vm.allow_threads(|| unsafe { libc::sync() });
        Ok(Value::NONE)
    }),
    f("fdatasync", "(fd)", |vm, args| {
        let fd = crate::select::file(vm, args[0])?;
        // SAFETY: a plain system call.
        let r = crate::io::retry(vm, || unsafe { libc::fdatasync(fd) as isize })?;
        done(vm, r as i32, None)
    }),
    f("fchdir", "(fd)", |vm, args| {
        let fd = crate::select::file(vm, args[0])?;
        vm.audit("os.chdir", &[vm.new_int(fd.into())])?;
        // SAFETY: a plain system call.
        let r = vm.allow_threads(|| unsafe { libc::fchdir(fd) });
        done(vm, r, None)
    }),
    f("fchmod", "(fd, mode)", |vm, args| {
        let (fd, mode) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
        vm.audit("os.chmod", &[args[0], args[1], Value::small_int(-1)])?;
        // SAFETY: a plain system call.
        let r = vm.allow_threads(|| unsafe { libc::fchmod(fd, mode as libc::mode_t) });
        done(vm, r, None)
    }),
    f("fchown", "(fd, uid, gid)", |vm, args| {
        let (fd, uid, gid) = (
            descriptor(vm, args[0])?,
            user(vm, args[1])?,
            user(vm, args[2])?,
        );
        // SAFETY: a plain system call.
        let r = vm.allow_threads(|| unsafe { libc::fchown(fd, uid, gid) });
        done(vm, r, None)
    }),
    f("lchown", "(path, uid, gid)", |vm, args| {
        let p = path(vm, args[0])?;
        let (uid, gid) = (user(vm, args[1])?, user(vm, args[2])?);
        let about = [p.value, args[1], args[2], Value::small_int(-1)];
        vm.audit("os.chown", &about)?;
        // SAFETY: the path is a valid C string.
        let r = vm.allow_threads(|| unsafe { libc::lchown(p.text.as_ptr(), uid, gid) });
        done(vm, r, Some(p.value))
    }),
    f(
        "chown",
        "(path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
        chown,
    ),
    f("chroot", "(path)", |vm, args| {
        let p = path(vm, args[0])?;
        // SAFETY: the path is a valid C string.
        let r = vm.allow_threads(|| unsafe { libc::chroot(p.text.as_ptr()) });
        done(vm, r, Some(p.value))
    }),
    f("mknod", "(path, mode=384, device=0, *, dir_fd=None)", mknod),
    f("major", "(device, /)", |vm, args| {
        Ok(part_of_device(vm, libc::major(device(vm, args[0])?)))
    }),
    f("minor", "(device, /)", |vm, args| {
        Ok(part_of_device(vm, libc::minor(device(vm, args[0])?)))
    }),
    f("makedev", "(major, minor, /)", |vm, args| {
        let (major, minor) = (user(vm, args[0])?, user(vm, args[1])?);
        Ok(vm.new_int(libc::makedev(major, minor) as i64))
    }),
    f("statvfs", "(path)", statvfs),
    f("fstatvfs", "(fd, /)", statvfs),
    f("pathconf", "(path, name)", pathconf),
    f("fpathconf", "(fd, name, /)", pathconf),
    f("confstr", "(name, /)", confstr),
    f("device_encoding", "(fd)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        if unsafe { libc::isatty(fd) } == 0 {
            return Ok(Value::NONE);
        }
        Ok(vm.new_str("UTF-8").value())
    }),
    f("posix_openpt", "(oflag, /)", |vm, args| {
        let flags = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        number(vm, unsafe { libc::posix_openpt(flags) })
    }),
    f("grantpt", "(fd, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::grantpt(fd) }, None)
    }),
    f("unlockpt", "(fd, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::unlockpt(fd) }, None)
    }),
    f("ptsname", "(fd, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        let mut name = [0u8; 256];
        // SAFETY: the buffer has the size that is given.
        let error = unsafe { libc::ptsname_r(fd, name.as_mut_ptr().cast(), name.len()) };
        if error != 0 {
            return Err(vm.os_error(error, None));
        }
        let end = name.iter().position(|c| *c == 0).unwrap_or(0);
        os_value(vm, &name[..end], false)
    }),
    f("openpty", "()", openpty),
];

/// A non-negative result, or the error of the last system call.
pub(super) fn number(vm: &Vm, result: i32) -> Result {
    if result < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(vm.new_int(result.into()))
    }
}

/// The number of a user or group, of which -1 stands for none.
fn user(vm: &Vm, v: Value) -> Result<u32> {
    let n = vm.to_i64(v)?;
    if n == -1 {
        return Ok(u32::MAX);
    }
    match u32::try_from(n) {
        Ok(id) => Ok(id),
        Err(_) if n < 0 => Err(vm.overflow_error("uid is less than minimum")),
        Err(_) => Err(vm.overflow_error("uid is greater than maximum")),
    }
}

/// The major or minor number of a device, -1 where there is none.
fn part_of_device(vm: &Vm, part: libc::c_uint) -> Value {
    vm.new_int(if part == libc::c_uint::MAX {
        -1
    } else {
        part.into()
    })
}

fn device(vm: &Vm, v: Value) -> Result<u64> {
    let n = vm.to_i64(v)?;
    if n < -1 {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    Ok(n as u64)
}

fn parameter(vm: &Vm, v: Value) -> Result<libc::sched_param> {
    let class = vm.import_attr("_taipan_structs", "sched_param")?;
    if vm.class_of(v).value() != class {
        return Err(vm.type_error("must have a sched_param object"));
    }
    let priority = vm.get_attr_str(v, "sched_priority")?;
    Ok(libc::sched_param {
        sched_priority: descriptor(vm, priority)?,
    })
}

fn sched_setscheduler(vm: &Vm, args: &[Value]) -> Result {
    let (pid, policy) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
    let param = parameter(vm, args[2])?;
    // SAFETY: the parameter lives through the call.
    done(
        vm,
        unsafe { libc::sched_setscheduler(pid, policy, &param) },
        None,
    )
}

fn sched_setparam(vm: &Vm, args: &[Value]) -> Result {
    let pid = descriptor(vm, args[0])?;
    let param = parameter(vm, args[1])?;
    // SAFETY: the parameter lives through the call.
    done(vm, unsafe { libc::sched_setparam(pid, &param) }, None)
}

fn sched_getparam(vm: &Vm, args: &[Value]) -> Result {
    let pid = descriptor(vm, args[0])?;
    let mut param = libc::sched_param { sched_priority: 0 };
    // SAFETY: the call fills the parameter.
    if unsafe { libc::sched_getparam(pid, &mut param) } < 0 {
        return Err(vm.last_os_error(None));
    }
    let class = vm.import_attr("_taipan_structs", "sched_param")?;
    vm.call(class, &[vm.new_int(param.sched_priority.into())])
}

fn sched_rr_get_interval(vm: &Vm, args: &[Value]) -> Result {
    let pid = descriptor(vm, args[0])?;
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call fills the time.
    if unsafe { libc::sched_rr_get_interval(pid, &mut time) } < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::float(
        time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64,
    ))
}

fn sched_setaffinity(vm: &Vm, args: &[Value]) -> Result {
    let pid = descriptor(vm, args[0])?;
    // SAFETY: an all-zero set is valid.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for v in vm.collect(args[1])?.iter() {
        let cpu = vm.to_i64(*v)?;
        if cpu < 0 {
            return Err(vm.value_error("negative CPU number"));
        }
        if cpu >= libc::CPU_SETSIZE.into() {
            return Err(vm.os_error(libc::EINVAL, None));
        }
        // SAFETY: within the set.
        unsafe { libc::CPU_SET(cpu as usize, &mut set) };
    }
    // SAFETY: the set has that size.
    let r = unsafe { libc::sched_setaffinity(pid, size_of::<libc::cpu_set_t>(), &set) };
    done(vm, r, None)
}

/// Runs a system call of which -1 is a result like others, and tells whether it failed.
fn unless_failed(vm: &Vm, call: impl FnOnce() -> i32) -> Result {
    // SAFETY: the thread's own error number.
    unsafe { *libc::__errno_location() = 0 };
    let r = call();
    // SAFETY: as above.
    if r == -1 && unsafe { *libc::__errno_location() } != 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_int(r.into()))
}

fn getpriority(vm: &Vm, args: &[Value]) -> Result {
    let (which, who) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
    // SAFETY: a plain system call.
    unless_failed(vm, || unsafe {
        libc::getpriority(which as _, who as libc::id_t)
    })
}

fn setpriority(vm: &Vm, args: &[Value]) -> Result {
    let (which, who) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
    let priority = descriptor(vm, args[2])?;
    // SAFETY: a plain system call.
    let r = unsafe { libc::setpriority(which as _, who as libc::id_t, priority) };
    done(vm, r, None)
}

fn nice(vm: &Vm, args: &[Value]) -> Result {
    let increment = descriptor(vm, args[0])?;
    // SAFETY: a plain system call.
    unless_failed(vm, || unsafe { libc::nice(increment) })
}

fn ids(vm: &Vm, ids: &[libc::gid_t]) -> Result {
    let list = vm.new_list(&[])?;
    for id in ids {
        list.push(vm, vm.new_int((*id).into()))?;
    }
    Ok(list.value())
}

fn getgroups(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: with no room the call only counts.
    let count = unsafe { libc::getgroups(0, std::ptr::null_mut()) };
    let mut groups = vec![0; count.max(0) as usize];
    // SAFETY: there is room for as many.
    let count = unsafe { libc::getgroups(groups.len() as i32, groups.as_mut_ptr()) };
    match usize::try_from(count) {
        Ok(count) => ids(vm, &groups[..count]),
        Err(_) => Err(vm.last_os_error(None)),
    }
}

fn getgrouplist(vm: &Vm, args: &[Value]) -> Result {
    let Some(name) = args[0].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "getgrouplist() argument 1 must be str, not {}",
            arg_name(vm, args[0])
        )));
    };
    let Ok(name) = CString::new(name.to_text()) else {
        return Err(vm.value_error("embedded null character"));
    };
    let group = user(vm, args[1])?;
    let mut groups = vec![0; 64];
    loop {
        let mut count = groups.len() as i32;
        // SAFETY: there is room for as many as `count` says, which the call sets.
        let r =
            unsafe { libc::getgrouplist(name.as_ptr(), group, groups.as_mut_ptr(), &mut count) };
        if r >= 0 {
            groups.truncate(count.max(0) as usize);
            return ids(vm, &groups);
        }
        if groups.len() > 1 << 16 {
            return Err(vm.last_os_error(None));
        }
        groups.resize(2 * groups.len(), 0);
    }
}

fn three(vm: &Vm, query: unsafe extern "C" fn(*mut u32, *mut u32, *mut u32) -> i32) -> Result {
    let (mut a, mut b, mut c) = (0, 0, 0);
    // SAFETY: the call fills the three.
    if unsafe { query(&mut a, &mut b, &mut c) } < 0 {
        return Err(vm.last_os_error(None));
    }
    let parts = [a, b, c].map(|id| vm.new_int(id.into()));
    Ok(vm.new_tuple(&parts)?.value())
}

fn chown(vm: &Vm, args: &[Value]) -> Result {
    let to = target(vm, args[0])?;
    let (uid, gid) = (user(vm, args[1])?, user(vm, args[2])?);
    let folder = match args[3].given_not_none() {
        Some(fd) => descriptor(vm, fd)?,
        None => libc::AT_FDCWD,
    };
    let follow = args[4].given().map_or(Ok(true), |f| vm.truth(f))?;
    let about = [
        target_event(vm, &to),
        args[1],
        args[2],
        super::at::folder_event(vm, folder),
    ];
    vm.audit("os.chown", &about)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    match to {
        Target::Descriptor(fd) => {
            // SAFETY: a plain system call.
            let r = vm.allow_threads(|| unsafe { libc::fchown(fd, uid, gid) });
            done(vm, r, None)
        }
        Target::Path(p) => {
            // SAFETY: the path is a valid C string.
            let r = vm.allow_threads(|| unsafe {
                libc::fchownat(folder, p.text.as_ptr(), uid, gid, flags)
            });
            done(vm, r, Some(p.value))
        }
    }
}

fn mknod(vm: &Vm, args: &[Value]) -> Result {
    let p = path_of(vm, "mknod: path", args[0])?;
    let mode = args[1].given().map_or(Ok(0o600), |m| descriptor(vm, m))?;
    let device = args[2].given().map_or(Ok(0), |d| device(vm, d))?;
    let folder = match args[3].given_not_none() {
        Some(fd) => descriptor(vm, fd)?,
        None => libc::AT_FDCWD,
    };
    // SAFETY: the path is a valid C string.
    let r = vm.allow_threads(|| unsafe {
        libc::mknodat(folder, p.text.as_ptr(), mode as libc::mode_t, device)
    });
    done(vm, r, Some(p.value))
}

fn statvfs(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: an all-zero structure is valid, and the call fills it.
    let mut s: libc::statvfs = unsafe { std::mem::zeroed() };
    let (result, filename) = match target(vm, args[0])? {
        Target::Descriptor(fd) => {
            // SAFETY: as above.
            let r = vm.allow_threads(|| unsafe { libc::fstatvfs(fd, &mut s) });
            (r, None)
        }
        Target::Path(p) => {
            // SAFETY: as above, and the path is a valid C string.
            let r = vm.allow_threads(|| unsafe { libc::statvfs(p.text.as_ptr(), &mut s) });
            (r, Some(p.value))
        }
    };
    if result < 0 {
        return Err(vm.last_os_error(filename));
    }
    let parts = [
        s.f_bsize,
        s.f_frsize,
        s.f_blocks,
        s.f_bfree,
        s.f_bavail,
        s.f_files,
        s.f_ffree,
        s.f_favail,
        s.f_flag,
        s.f_namemax,
        s.f_fsid,
    ];
    structure(vm, "statvfs_result", &parts.map(|n| vm.new_uint(n)))
}

/// Names of `os.pathconf`.
pub const PATHCONF_NAMES: &[(&str, i32)] = &[
    ("PC_LINK_MAX", libc::_PC_LINK_MAX),
    ("PC_MAX_CANON", libc::_PC_MAX_CANON),
    ("PC_MAX_INPUT", libc::_PC_MAX_INPUT),
    ("PC_NAME_MAX", libc::_PC_NAME_MAX),
    ("PC_PATH_MAX", libc::_PC_PATH_MAX),
    ("PC_PIPE_BUF", libc::_PC_PIPE_BUF),
    ("PC_CHOWN_RESTRICTED", libc::_PC_CHOWN_RESTRICTED),
    ("PC_NO_TRUNC", libc::_PC_NO_TRUNC),
    ("PC_VDISABLE", libc::_PC_VDISABLE),
    ("PC_SYNC_IO", libc::_PC_SYNC_IO),
    ("PC_ASYNC_IO", libc::_PC_ASYNC_IO),
    ("PC_PRIO_IO", libc::_PC_PRIO_IO),
    ("PC_SOCK_MAXBUF", libc::_PC_SOCK_MAXBUF),
    ("PC_FILESIZEBITS", libc::_PC_FILESIZEBITS),
    ("PC_REC_INCR_XFER_SIZE", libc::_PC_REC_INCR_XFER_SIZE),
    ("PC_REC_MAX_XFER_SIZE", libc::_PC_REC_MAX_XFER_SIZE),
    ("PC_REC_MIN_XFER_SIZE", libc::_PC_REC_MIN_XFER_SIZE),
    ("PC_REC_XFER_ALIGN", libc::_PC_REC_XFER_ALIGN),
    ("PC_ALLOC_SIZE_MIN", libc::_PC_ALLOC_SIZE_MIN),
    ("PC_SYMLINK_MAX", libc::_PC_SYMLINK_MAX),
];

/// Names of `os.confstr`.
pub const CONFSTR_NAMES: &[(&str, i32)] = &[
    ("CS_PATH", 0),
    ("CS_GNU_LIBC_VERSION", 2),
    ("CS_GNU_LIBPTHREAD_VERSION", 3),
];

/// The number of a configuration value, which may be given by name.
pub(super) fn configuration(vm: &Vm, v: Value, names: &[(&str, i32)]) -> Result<i32> {
    if v.as_int_ref().is_some() {
        return descriptor(vm, v);
    }
    let Some(name) = v.cast::<Str>() else {
        return Err(vm.type_error("configuration names must be strings or integers"));
    };
    match names.iter().find(|(n, _)| name.is_text(n)) {
        Some((_, number)) => Ok(*number),
        None => Err(vm.value_error("unrecognized configuration name")),
    }
}

fn pathconf(vm: &Vm, args: &[Value]) -> Result {
    let of = target(vm, args[0])?;
    let name = configuration(vm, args[1], PATHCONF_NAMES)?;
    // SAFETY: the thread's own error number; the path is a valid C string.
    let (limit, error, filename) = unsafe {
        *libc::__errno_location() = 0;
        let (limit, filename) = match of {
            Target::Descriptor(fd) => (libc::fpathconf(fd, name), None),
            Target::Path(p) => (libc::pathconf(p.text.as_ptr(), name), Some(p.value)),
        };
        (limit, *libc::__errno_location(), filename)
    };
    if limit == -1 && error != 0 {
        return Err(vm.os_error(error, filename));
    }
    Ok(vm.new_int(limit))
}

fn confstr(vm: &Vm, args: &[Value]) -> Result {
    let name = configuration(vm, args[0], CONFSTR_NAMES)?;
    let mut text = vec![0u8; 256];
    loop {
        // SAFETY: the buffer has the size that is given.
        let length = unsafe { libc::confstr(name, text.as_mut_ptr().cast(), text.len()) };
        if length == 0 {
            // SAFETY: the thread's own error number.
            if unsafe { *libc::__errno_location() } == libc::EINVAL {
                return Err(vm.last_os_error(None));
            }
            return Ok(Value::NONE);
        }
        if length <= text.len() {
            return os_value(vm, &text[..length - 1], false);
        }
        text.resize(length, 0);
    }
}

pub(super) fn openpty(vm: &Vm, _: &[Value]) -> Result {
    let (mut master, mut slave) = (0, 0);
    // SAFETY: the call fills the two; the rest may be null.
    let r = unsafe {
        libc::openpty(
            &mut master,
            &mut slave,
            std::ptr::null_mut(),
            std::ptr::null(),
            std::ptr::null(),
        )
    };
    if r < 0 {
        return Err(vm.last_os_error(None));
    }
    for fd in [master, slave] {
        // SAFETY: descriptors of this process.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
    vm.pair(vm.new_int(master.into()), vm.new_int(slave.into()))
}

//! Functions on names, which may be looked up in an open folder (`dir_fd`) instead of the
//! current one, and links followed or not.

use super::files::stat_result;
use super::{
    Path, Target, descriptor, done, os_value, path, path_of, target, target_event, warn_of_bool,
};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Raised, Result, Value, Vm};

/// The folder of a `dir_fd` argument.
pub(super) fn folder(vm: &Vm, v: Value) -> Result<i32> {
    match v.given_not_none() {
        None => Ok(libc::AT_FDCWD),
        Some(v) if v.as_int_ref().is_none() && vm.index(v).is_err() => {
            vm.clear_raised();
            let name = vm.type_name(v);
            Err(vm.type_error(format!("argument should be integer or None, not {name}")))
        }
        Some(v) => {
            warn_of_bool(vm, v)?;
            descriptor(vm, v)
        }
    }
}

/// A switch that is on unless it is given.
fn on(vm: &Vm, v: Value) -> Result<bool> {
    v.given().map_or(Ok(true), |v| vm.truth(v))
}

/// Refuses what makes no sense for a descriptor in place of a name.
fn check_descriptor(vm: &Vm, function: &str, folder: i32, follow: bool) -> Result<()> {
    if folder != libc::AT_FDCWD {
        return Err(vm.value_error(format!(
            "{function}: can't specify dir_fd without matching path"
        )));
    }
    if !follow {
        return Err(vm.value_error(format!(
            "{function}: cannot use fd and follow_symlinks together"
        )));
    }
    Ok(())
}

pub(super) fn stat_of(vm: &Vm, function: &str, v: Value, folder: i32, follow: bool) -> Result {
    let of = target(vm, v)?;
    // SAFETY: an all-zero `stat` is valid, and the calls fill it.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    let (result, name) = match &of {
        Target::Descriptor(fd) => {
            check_descriptor(vm, function, folder, follow)?;
            // SAFETY: a plain system call.
            let r = vm.allow_threads(|| unsafe { libc::fstat(*fd, &mut s) });
            (r, None)
        }
        Target::Path(p) => {
            let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
            let ask = |s: &mut libc::stat| {
                // SAFETY: the path is a valid C string.
                vm.allow_threads(|| unsafe { libc::fstatat(folder, p.text.as_ptr(), s, flags) })
            };
            let mut r = ask(&mut s);
            if r == 0 && crate::io::flush_file(vm, &s) {
                r = ask(&mut s);
            }
            (r, Some(p.value))
        }
    };
    if result != 0 {
        return Err(vm.last_os_error(name));
    }
    stat_result(vm, &s)
}

pub fn stat(vm: &Vm, args: &[Value]) -> Result {
    let (folder, follow) = (folder(vm, args[1])?, on(vm, args[2])?);
    stat_of(vm, "stat", args[0], folder, follow)
}

pub fn lstat(vm: &Vm, args: &[Value]) -> Result {
    let p = path(vm, args[0])?;
    stat_of(vm, "lstat", p.value, folder(vm, args[1])?, false)
}

pub fn fstat(vm: &Vm, args: &[Value]) -> Result {
    descriptor(vm, args[0])?;
    stat_of(vm, "fstat", args[0], libc::AT_FDCWD, true)
}

pub fn access(vm: &Vm, args: &[Value]) -> Result {
    let (p, mode) = (
        path_of(vm, "access: path", args[0])?,
        descriptor(vm, args[1])?,
    );
    let folder = folder(vm, args[2])?;
    let mut flags = 0;
    if args[3].given().map_or(Ok(false), |v| vm.truth(v))? {
        flags |= libc::AT_EACCESS;
    }
    if !on(vm, args[4])? {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    // SAFETY: the path is a valid C string.
    let r = vm.allow_threads(|| unsafe { libc::faccessat(folder, p.text.as_ptr(), mode, flags) });
    Ok(Value::bool(r == 0))
}

/// Calls a function of the system's with a folder and a name in it.
fn call(
    vm: &Vm,
    function: &str,
    name: Value,
    dir: Value,
    f: impl FnOnce(i32, &Path) -> i32,
) -> Result {
    let p = path_of(vm, &format!("{function}: path"), name)?;
    let folder = folder(vm, dir)?;
    let result = vm.allow_threads(|| f(folder, &p));
    done(vm, result, Some(p.value))
}

/// A `dir_fd` as audit hooks see it: -1 for the current folder.
pub(super) fn folder_event(vm: &Vm, folder: i32) -> Value {
    vm.new_int(if folder == libc::AT_FDCWD { -1 } else { folder }.into())
}

/// Tells the audit hooks of an event about a name in a folder (a `dir_fd` argument), or of
/// `more` about it.
fn audit(vm: &Vm, event: &str, name: Value, more: &[Value], dir_fd: Value) -> Result<()> {
    if !vm.is_audited() {
        return Ok(());
    }
    let mut about = vm.rooted();
    about.push(target_event(vm, &target(vm, name)?));
    more.iter().for_each(|v| about.push(*v));
    about.push(folder_event(vm, folder(vm, dir_fd)?));
    vm.audit(event, &about)
}

fn mode_of(vm: &Vm, v: Value, default: i64) -> Result<libc::mode_t> {
    Ok(v.given().map_or(Ok(default), |m| vm.to_i64(m))? as libc::mode_t)
}

pub fn mkdir(vm: &Vm, args: &[Value]) -> Result {
    let mode = mode_of(vm, args[1], 0o777)?;
    audit(vm, "os.mkdir", args[0], &[vm.new_int(mode.into())], args[2])?;
    // SAFETY: the path is a valid C string.
    call(vm, "mkdir", args[0], args[2], |folder, p| unsafe {
        libc::mkdirat(folder, p.text.as_ptr(), mode)
    })
}

pub fn mkfifo(vm: &Vm, args: &[Value]) -> Result {
    let mode = mode_of(vm, args[1], 0o666)?;
    // SAFETY: the path is a valid C string.
    call(vm, "mkfifo", args[0], args[2], |folder, p| unsafe {
        libc::mkfifoat(folder, p.text.as_ptr(), mode)
    })
}

pub fn rmdir(vm: &Vm, args: &[Value]) -> Result {
    audit(vm, "os.rmdir", args[0], &[], args[1])?;
    // SAFETY: the path is a valid C string.
    call(vm, "rmdir", args[0], args[1], |folder, p| unsafe {
        libc::unlinkat(folder, p.text.as_ptr(), libc::AT_REMOVEDIR)
    })
}

pub fn unlink(vm: &Vm, args: &[Value]) -> Result {
    unlink_as(vm, "unlink", args)
}

pub fn remove(vm: &Vm, args: &[Value]) -> Result {
    unlink_as(vm, "remove", args)
}

fn unlink_as(vm: &Vm, function: &str, args: &[Value]) -> Result {
    audit(vm, "os.remove", args[0], &[], args[1])?;
    // SAFETY: the path is a valid C string.
    call(vm, function, args[0], args[1], |folder, p| unsafe {
        libc::unlinkat(folder, p.text.as_ptr(), 0)
    })
}

#[cold]
fn two_paths_error(vm: &Vm, a: &Path, b: &Path) -> Raised {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    let text = vm.new_str(&taipan_runtime::vm::errno_text(errno)).value();
    let class = vm.exception_class(&exc::OS_ERROR);
    let parts = [
        vm.new_int(errno.into()),
        text,
        a.value,
        Value::NONE,
        b.value,
    ];
    vm.raise_new(class, &parts)
}

pub fn rename(vm: &Vm, args: &[Value]) -> Result {
    let (a, b) = (
        path_of(vm, "rename: src", args[0])?,
        path_of(vm, "rename: dst", args[1])?,
    );
    let (from, to) = (folder(vm, args[2])?, folder(vm, args[3])?);
    let folders = (folder_event(vm, from), folder_event(vm, to));
    vm.audit("os.rename", &[a.value, b.value, folders.0, folders.1])?;
    // SAFETY: the paths are valid C strings.
    let r =
        vm.allow_threads(|| unsafe { libc::renameat(from, a.text.as_ptr(), to, b.text.as_ptr()) });
    if r < 0 {
        return Err(two_paths_error(vm, &a, &b));
    }
    Ok(Value::NONE)
}

pub fn link(vm: &Vm, args: &[Value]) -> Result {
    let (a, b) = (
        path_of(vm, "link: src", args[0])?,
        path_of(vm, "link: dst", args[1])?,
    );
    let (from, to) = (folder(vm, args[2])?, folder(vm, args[3])?);
    let flags = if on(vm, args[4])? {
        libc::AT_SYMLINK_FOLLOW
    } else {
        0
    };
    let folders = (folder_event(vm, from), folder_event(vm, to));
    vm.audit("os.link", &[a.value, b.value, folders.0, folders.1])?;
    // SAFETY: the paths are valid C strings.
    let r = vm.allow_threads(|| unsafe {
        libc::linkat(from, a.text.as_ptr(), to, b.text.as_ptr(), flags)
    });
    if r < 0 {
        return Err(two_paths_error(vm, &a, &b));
    }
    Ok(Value::NONE)
}

pub fn symlink(vm: &Vm, args: &[Value]) -> Result {
    let (a, b) = (
        path_of(vm, "symlink: src", args[0])?,
        path_of(vm, "symlink: dst", args[1])?,
    );
    let folder = folder(vm, args[3])?;
    vm.audit("os.symlink", &[a.value, b.value, folder_event(vm, folder)])?;
    // SAFETY: the paths are valid C strings.
    let r =
        vm.allow_threads(|| unsafe { libc::symlinkat(a.text.as_ptr(), folder, b.text.as_ptr()) });
    if r < 0 {
        return Err(two_paths_error(vm, &a, &b));
    }
    Ok(Value::NONE)
}

/// Longer than any link's text can be.
const LINK_ROOM: usize = libc::PATH_MAX as usize + 1;

pub fn readlink(vm: &Vm, args: &[Value]) -> Result {
    let (p, folder) = (path(vm, args[0])?, folder(vm, args[1])?);
    let mut room = vec![0u8; LINK_ROOM];
    // SAFETY: the path is a valid C string, and the room as large as is said.
    let n = vm.allow_threads(|| unsafe {
        libc::readlinkat(
            folder,
            p.text.as_ptr(),
            room.as_mut_ptr().cast(),
            room.len(),
        )
    });
    match usize::try_from(n) {
        Ok(n) => os_value(vm, &room[..n], p.is_bytes),
        Err(_) => Err(vm.last_os_error(Some(p.value))),
    }
}

pub fn chmod(vm: &Vm, args: &[Value]) -> Result {
    let mode = vm.to_i64(args[1])? as libc::mode_t;
    audit(vm, "os.chmod", args[0], &[args[1]], args[2])?;
    let (folder, follow) = (folder(vm, args[2])?, on(vm, args[3])?);
    match target(vm, args[0])? {
        Target::Descriptor(fd) => {
            check_descriptor(vm, "chmod", folder, follow)?;
            // SAFETY: a plain system call.
            let r = vm.allow_threads(|| unsafe { libc::fchmod(fd, mode) });
            done(vm, r, None)
        }
        Target::Path(p) => {
            let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
            // SAFETY: the path is a valid C string.
            let r = vm
                .allow_threads(|| unsafe { libc::fchmodat(folder, p.text.as_ptr(), mode, flags) });
            let errno = std::io::Error::last_os_error().raw_os_error();
            if r < 0 && !follow && errno == Some(libc::EOPNOTSUPP) {
                return Err(
                    vm.not_implemented_error("chmod: follow_symlinks unavailable on this platform")
                );
            }
            done(vm, r, Some(p.value))
        }
    }
}

/// The times that `utime` is to set.
fn times_of(vm: &Vm, times: Value, ns: Value) -> Result<[libc::timespec; 2]> {
    let spec = |seconds: i64, nanos: i64| libc::timespec {
        tv_sec: seconds,
        tv_nsec: nanos,
    };
    let mut made = [spec(0, libc::UTIME_NOW); 2];
    let pair = |v: Value, message: &str| -> Result<Gc<Tuple>> {
        v.cast::<Tuple>()
            .filter(|t| t.len() == 2)
            .ok_or_else(|| vm.type_error(message))
    };
    if times.given_not_none().is_some() && ns.given().is_some() {
        return Err(vm.value_error("utime: you may specify either 'times' or 'ns' but not both"));
    }
    if let Some(times) = times.given_not_none() {
        let message = "utime: 'times' must be either a tuple of two ints or None";
        let times = pair(times, message)?;
        for (i, time) in made.iter_mut().enumerate() {
            let v = times.get(i);
            *time = if v.as_int_ref().is_some() {
                spec(vm.to_i64(v)?, 0)
            } else {
                let seconds = vm.to_float(v)?;
                let whole = seconds.floor();
                spec(whole as i64, ((seconds - whole) * 1e9) as i64)
            };
        }
    } else if let Some(ns) = ns.given() {
        let ns = pair(ns, "utime: 'ns' must be a tuple of two ints")?;
        for (i, time) in made.iter_mut().enumerate() {
            let n = vm.to_i64(ns.get(i))?;
            *time = spec(n.div_euclid(1_000_000_000), n.rem_euclid(1_000_000_000));
        }
    }
    Ok(made)
}

pub fn utime(vm: &Vm, args: &[Value]) -> Result {
    let times = times_of(vm, args[1], args[2])?;
    let given = [args[1], args[2]].map(|v| v.given().unwrap_or(Value::NONE));
    audit(vm, "os.utime", args[0], &given, args[3])?;
    let (folder, follow) = (folder(vm, args[3])?, on(vm, args[4])?);
    match target(vm, args[0])? {
        Target::Descriptor(fd) => {
            check_descriptor(vm, "utime", folder, follow)?;
            // SAFETY: the two times are valid for the call.
            let r = vm.allow_threads(|| unsafe { libc::futimens(fd, times.as_ptr()) });
            done(vm, r, None)
        }
        Target::Path(p) => {
            let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
            // SAFETY: likewise, and the path is a valid C string.
            let r = vm.allow_threads(|| unsafe {
                libc::utimensat(folder, p.text.as_ptr(), times.as_ptr(), flags)
            });
            done(vm, r, Some(p.value))
        }
    }
}

//! The module `posix`, which `os` builds on.

mod at;
mod constants;
mod files;
mod process;
mod spawn;
mod subprocess;
mod system;
mod timer;
mod transfer;

use std::ffi::{CStr, CString};
pub use subprocess::POSIXSUBPROCESS;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

/// A path argument: the system's bytes, and whether results are to be bytes.
pub(crate) struct Path {
    pub text: CString,
    pub is_bytes: bool,
    /// As the caller gave it, for errors.
    pub value: Value,
}

/// As [`path`], where a complaint begins with the function and its parameter, as in
/// `mkdir: path`.
pub(crate) fn path_of(vm: &Vm, what: &str, v: Value) -> Result<Path> {
    if v.cast::<Str>().is_none()
        && v.cast::<Bytes>().is_none()
        && vm
            .find_attr(vm.class_of(v).value(), vm.names.__fspath__.get())?
            .is_none()
    {
        return Err(vm.type_error(format!(
            "{what} should be string, bytes or os.PathLike, not {}",
            vm.class_of(v).qualified_name()
        )));
    }
    path(vm, v)
}

/// The `str` or `bytes` of a path, which may be an object with `__fspath__`.
fn plain_path(vm: &Vm, v: Value) -> Result {
    if v.cast::<Str>().is_some() || v.cast::<Bytes>().is_some() {
        return Ok(v);
    }
    let Some(f) = vm.find_attr(vm.class_of(v).value(), vm.names.__fspath__.get())? else {
        return Err(vm.type_error(format!(
            "path should be string, bytes or os.PathLike, not {}",
            vm.class_of(v).qualified_name()
        )));
    };
    let r = vm.call(f, &[v])?;
    if r.cast::<Str>().is_none() && r.cast::<Bytes>().is_none() {
        return Err(vm.type_error(format!(
            "expected {}.__fspath__() to return str or bytes, not {}",
            vm.class_of(v).qualified_name(),
            vm.class_of(r).qualified_name()
        )));
    }
    Ok(r)
}

/// Reads a path: `str`, `bytes`, or an object with `__fspath__`.
pub(crate) fn path(vm: &Vm, v: Value) -> Result<Path> {
    let plain = plain_path(vm, v)?;
    let is_bytes = plain.cast::<Bytes>().is_some();
    let bytes = path_bytes(vm, plain)?;
    match CString::new(bytes) {
        Ok(text) => Ok(Path {
            text,
            is_bytes,
            value: plain,
        }),
        Err(_) => Err(vm.value_error("embedded null byte")),
    }
}

/// The system's bytes of a `str` (`os.fsencode`) or `bytes`.
pub(crate) fn path_bytes(vm: &Vm, v: Value) -> Result<Vec<u8>> {
    if let Some(bytes) = v.cast::<Bytes>() {
        return Ok(bytes.as_slice().to_vec());
    }
    let Some(text) = v.cast::<Str>() else {
        return Ok(Vec::new());
    };
    match text.to_os_bytes() {
        Some(bytes) => Ok(bytes),
        None => {
            // The codec says what cannot be encoded.
            let encode = vm.call_method(v, "encode", &[vm.new_str("utf-8").value()]);
            Err(match encode {
                Err(raised) => raised,
                Ok(_) => vm.value_error("bad path"),
            })
        }
    }
}

/// A file descriptor argument.
pub(crate) fn descriptor(vm: &Vm, v: Value) -> Result<i32> {
    match i32::try_from(vm.to_i64(v)?) {
        Ok(fd) => Ok(fd),
        Err(_) => Err(vm.overflow_error("Python int too large to convert to C int")),
    }
}

/// Warns of truth values as descriptors.
pub(crate) fn warn_of_bool(vm: &Vm, v: Value) -> Result<()> {
    if v != Value::TRUE && v != Value::FALSE {
        return Ok(());
    }
    let category = &taipan_runtime::types::exception::classes::RUNTIME_WARNING;
    vm.warn(category, "bool is used as a file descriptor", 1)
}

/// A path or descriptor argument.
pub(crate) enum Target {
    Path(Path),
    Descriptor(i32),
}

/// A path or descriptor as audit hooks see it.
fn target_event(vm: &Vm, target: &Target) -> Value {
    match target {
        Target::Path(p) => p.value,
        Target::Descriptor(fd) => vm.new_int((*fd).into()),
    }
}

pub(crate) fn target(vm: &Vm, v: Value) -> Result<Target> {
    if v.as_int_ref().is_some() {
        warn_of_bool(vm, v)?;
        Ok(Target::Descriptor(descriptor(vm, v)?))
    } else if v.cast::<Str>().is_none()
        && v.cast::<Bytes>().is_none()
        && vm
            .find_attr(vm.class_of(v).value(), vm.names.__fspath__.get())?
            .is_none()
    {
        Err(vm.type_error(format!(
            "path should be string, bytes, os.PathLike or integer, not {}",
            vm.class_of(v).qualified_name()
        )))
    } else {
        Ok(Target::Path(path(vm, v)?))
    }
}

/// The system's bytes as `str`, or as `bytes` if the argument was.
pub(crate) fn os_value(vm: &Vm, bytes: &[u8], is_bytes: bool) -> Result {
    if is_bytes {
        Ok(vm.new_bytes(bytes)?.value())
    } else {
        Ok(vm.str_from_os(bytes)?.value())
    }
}

/// None, or the error of the last system call.
pub(crate) fn done(vm: &Vm, result: i32, filename: Option<Value>) -> Result {
    if result < 0 {
        Err(vm.last_os_error(filename))
    } else {
        Ok(Value::NONE)
    }
}

/// A structure of `_taipan_structs`.
pub(crate) fn structure(vm: &Vm, name: &str, parts: &[Value]) -> Result {
    let class = vm.import_attr("_taipan_structs", name)?;
    let parts = vm.new_tuple(parts)?.value();
    vm.call(class, &[parts])
}

fn fspath(vm: &Vm, args: &[Value]) -> Result {
    let v = args[0];
    if v.cast::<Str>().is_some() || v.cast::<Bytes>().is_some() {
        return Ok(v);
    }
    match vm.find_attr(vm.class_of(v).value(), vm.names.__fspath__.get())? {
        Some(f) if !f.is_none() => {
            let r = vm.call(f, &[v])?;
            if r.cast::<Str>().is_some() || r.cast::<Bytes>().is_some() {
                return Ok(r);
            }
            Err(vm.type_error(format!(
                "expected {}.__fspath__() to return str or bytes, not {}",
                vm.class_of(v).qualified_name(),
                vm.class_of(r).qualified_name()
            )))
        }
        _ => Err(vm.type_error(format!(
            "expected str, bytes or os.PathLike object, not {}",
            vm.class_of(v).qualified_name()
        ))),
    }
}

fn strerror(vm: &Vm, args: &[Value]) -> Result {
    let code = descriptor(vm, args[0])?;
    // SAFETY: `strerror` returns a valid string, and the lock is held.
    let text = unsafe { CStr::from_ptr(libc::strerror(code)) };
    Ok(vm.new_str(&text.to_string_lossy()).value())
}

/// A path that is looked at and not given to the system, with its characters as WTF-8: any character
/// may be in it.
struct PathText {
    text: Vec<u8>,
    is_bytes: bool,
}

impl PathText {
    fn new(vm: &Vm, v: Value) -> Result<PathText> {
        let plain = plain_path(vm, v)?;
        if let Some(bytes) = plain.cast::<Bytes>() {
            let text = bytes.as_slice().to_vec();
            let is_bytes = true;
            return Ok(PathText { text, is_bytes });
        }
        let text = vm.str(plain)?.to_wtf8().to_vec();
        let is_bytes = false;
        Ok(PathText { text, is_bytes })
    }

    /// A part of the path, or one made of its parts, as Python's object.
    fn value(&self, vm: &Vm, part: &[u8]) -> Result {
        Ok(if self.is_bytes {
            vm.new_bytes(part)?.value()
        } else {
            vm.str_from_wtf8(part)?.value()
        })
    }
}

fn path_splitroot_ex(vm: &Vm, args: &[Value]) -> Result {
    let p = PathText::new(vm, args[0])?;
    let text = p.text.as_slice();
    let slashes = text.iter().take_while(|c| **c == b'/').count();
    let root = match slashes {
        0 => 0,
        2 => 2,
        _ => 1,
    };
    let part = |b: &[u8]| p.value(vm, b);
    Ok(vm
        .new_tuple(&[part(b"")?, part(&text[..root])?, part(&text[root..])?])?
        .value())
}

fn path_normpath(vm: &Vm, args: &[Value]) -> Result {
    let p = PathText::new(vm, args[0])?;
    let text = p.text.as_slice();
    if text.is_empty() {
        return p.value(vm, b".");
    }
    let slashes = text.iter().take_while(|c| **c == b'/').count();
    let root: &[u8] = match slashes {
        0 => b"",
        2 => b"//",
        _ => b"/",
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for c in text.split(|c| *c == b'/') {
        match c {
            b"" | b"." => {}
            b".." if root.is_empty() && parts.last().is_none_or(|l| *l == b"..") => parts.push(c),
            b".." => {
                parts.pop();
            }
            c => parts.push(c),
        }
    }
    let mut out = root.to_vec();
    out.extend_from_slice(&parts.join(&b'/'));
    if out.is_empty() {
        out.push(b'.');
    }
    p.value(vm, &out)
}

/// The module `posix`.
pub static POSIX: ModuleDef = ModuleDef {
    name: "posix",
    doc: "This module provides access to operating system functionality that is\nstandardized by the C Standard and the POSIX standard (a thinly\ndisguised Unix interface).",
    functions: FUNCTIONS,
    types: &[&files::DIR_ENTRY, &files::SCANDIR_ITERATOR],
    exec: Some(fill),
};

const fn f(
    name: &'static str,
    signature: &'static str,
    code: fn(&Vm, &[Value]) -> Result,
) -> MethodDef {
    MethodDef::new(name, signature, "", code)
}

static FUNCTIONS: &[MethodDef] = &[
    f("fspath", "(path)", fspath),
    f("strerror", "(code, /)", strerror),
    f("_path_splitroot_ex", "(path, /)", path_splitroot_ex),
    f("_path_normpath", "(path)", path_normpath),
    f(
        "stat",
        "(path, *, dir_fd=None, follow_symlinks=True)",
        at::stat,
    ),
    f("lstat", "(path, *, dir_fd=None)", at::lstat),
    f("fstat", "(fd)", at::fstat),
    f(
        "access",
        "(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)",
        at::access,
    ),
    f("listdir", "(path=None)", files::listdir),
    f("scandir", "(path=None)", files::scandir),
    f("getcwd", "()", files::getcwd),
    f("getcwdb", "()", files::getcwdb),
    f("chdir", "(path)", files::chdir),
    f(
        "open",
        "(path, flags, mode=511, *, dir_fd=None)",
        files::open,
    ),
    f("close", "(fd)", files::close),
    f("closerange", "(fd_low, fd_high, /)", files::closerange),
    f("read", "(fd, length, /)", files::read),
    f("write", "(fd, data, /)", files::write),
    // There is no C interface to install one with.
    f("_is_inputhook_installed", "()", |_, _| Ok(Value::FALSE)),
    f("pread", "(fd, length, offset, /)", files::pread),
    f("pwrite", "(fd, buffer, offset, /)", files::pwrite),
    f("lseek", "(fd, position, whence, /)", files::lseek),
    f("isatty", "(fd, /)", files::isatty),
    f("ftruncate", "(fd, length, /)", files::ftruncate),
    f("truncate", "(path, length)", files::truncate),
    f("fsync", "(fd)", files::fsync),
    f("dup", "(fd, /)", files::dup),
    f("dup2", "(fd, fd2, inheritable=True)", files::dup2),
    f("pipe", "()", files::pipe),
    f("pipe2", "(flags, /)", files::pipe2),
    f("get_inheritable", "(fd, /)", files::get_inheritable),
    f(
        "set_inheritable",
        "(fd, inheritable, /)",
        files::set_inheritable,
    ),
    f("get_blocking", "(fd, /)", files::get_blocking),
    f("set_blocking", "(fd, blocking, /)", files::set_blocking),
    f("mkdir", "(path, mode=511, *, dir_fd=None)", at::mkdir),
    f("rmdir", "(path, *, dir_fd=None)", at::rmdir),
    f("unlink", "(path, *, dir_fd=None)", at::unlink),
    f("remove", "(path, *, dir_fd=None)", at::remove),
    f(
        "rename",
        "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        at::rename,
    ),
    f(
        "replace",
        "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        at::rename,
    ),
    f(
        "link",
        "(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)",
        at::link,
    ),
    f(
        "symlink",
        "(src, dst, target_is_directory=False, *, dir_fd=None)",
        at::symlink,
    ),
    f("readlink", "(path, *, dir_fd=None)", at::readlink),
    f(
        "chmod",
        "(path, mode, *, dir_fd=None, follow_symlinks=True)",
        at::chmod,
    ),
    f("umask", "(mask, /)", files::umask),
    f(
        "utime",
        "(path, times=None, *, ns=<unset>, dir_fd=None, follow_symlinks=True)",
        at::utime,
    ),
    f("get_terminal_size", "(fd=1, /)", files::get_terminal_size),
    f("mkfifo", "(path, mode=438, *, dir_fd=None)", at::mkfifo),
    f("getpid", "()", process::getpid),
    f("getppid", "()", process::getppid),
    f("getuid", "()", process::getuid),
    f("geteuid", "()", process::geteuid),
    f("getgid", "()", process::getgid),
    f("getegid", "()", process::getegid),
    f("getpgid", "(pid)", process::getpgid),
    f("getpgrp", "()", process::getpgrp),
    f("setsid", "()", process::setsid),
    f("kill", "(pid, signal, /)", process::kill),
    f("killpg", "(pgid, signal, /)", process::killpg),
    f("fork", "()", process::fork),
    f("waitpid", "(pid, options, /)", process::waitpid),
    f("wait", "()", process::wait),
    f("execv", "(path, argv, /)", process::execv),
    f("execve", "(path, argv, env)", process::execve),
    f("_exit", "(status)", process::exit),
    f("abort", "()", process::abort),
    f("system", "(command)", process::system),
    f("putenv", "(name, value, /)", process::putenv),
    f("unsetenv", "(name, /)", process::unsetenv),
    f("urandom", "(size, /)", process::urandom),
    f("getrandom", "(size, flags=0)", process::getrandom),
    f("cpu_count", "()", process::cpu_count),
    f("sched_getaffinity", "(pid, /)", process::sched_getaffinity),
    f("sched_yield", "()", process::sched_yield),
    f("uname", "()", process::uname),
    f("times", "()", process::times),
    f("getloadavg", "()", process::getloadavg),
    f("getlogin", "()", process::getlogin),
    f("sysconf", "(name, /)", process::sysconf),
    f("WIFEXITED", "(status)", process::wifexited),
    f("WEXITSTATUS", "(status)", process::wexitstatus),
    f("WIFSIGNALED", "(status)", process::wifsignaled),
    f("WTERMSIG", "(status)", process::wtermsig),
    f("WIFSTOPPED", "(status)", process::wifstopped),
    f("WSTOPSIG", "(status)", process::wstopsig),
    f("WCOREDUMP", "(status, /)", process::wcoredump),
    f(
        "waitstatus_to_exitcode",
        "(status)",
        process::waitstatus_to_exitcode,
    ),
    f(
        "register_at_fork",
        "(*, before=None, after_in_child=None, after_in_parent=None)",
        process::register_at_fork,
    ),
];

/// The process's environment as a dict of bytes.
fn environ(vm: &Vm) -> Result {
    use std::os::unix::ffi::OsStrExt;
    let environ = vm.new_dict();
    for (k, v) in std::env::vars_os() {
        let key = vm.new_bytes(k.as_bytes())?.value();
        environ.set(vm, key, vm.new_bytes(v.as_bytes())?.value())?;
    }
    Ok(environ.value())
}

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, "environ", environ(vm)?);
    for (name, v) in constants::CONSTANTS {
        module.set(vm, name, vm.new_int(*v));
    }
    module.set(
        vm,
        "error",
        vm.exception_class(&taipan_runtime::types::exception::classes::OS_ERROR),
    );
    let mut have = vm.rooted();
    for name in constants::HAVE {
        have.push(vm.new_str(name).value());
    }
    module.set(vm, "_have_functions", vm.new_list(&have)?);
    let sysconf = vm.new_dict();
    for (name, v) in process::SYSCONF_NAMES {
        sysconf.set_str(vm, vm.intern(name), vm.new_int((*v).into()));
    }
    module.set(vm, "sysconf_names", sysconf);
    for (name, known) in [
        ("pathconf_names", system::PATHCONF_NAMES),
        ("confstr_names", system::CONFSTR_NAMES),
    ] {
        let names = vm.new_dict();
        for (name, v) in known {
            names.set_str(vm, vm.intern(name), vm.new_int((*v).into()));
        }
        module.set(vm, name, names);
    }
    for (name, v) in constants::EXPLICIT.iter().chain(&spawn::ACTIONS) {
        module.set(vm, name, vm.new_int(*v));
    }
    let name = vm.intern("posix").value();
    let more = [
        system::FUNCTIONS,
        transfer::FUNCTIONS,
        spawn::FUNCTIONS,
        timer::FUNCTIONS,
    ];
    for def in more.into_iter().flatten() {
        let function = vm.new_native(def, Some(module.value()), Some(name));
        module.set(vm, def.name, function);
    }
    for name in [
        "stat_result",
        "terminal_size",
        "times_result",
        "uname_result",
        "statvfs_result",
        "sched_param",
        "waitid_result",
    ] {
        if let Ok(class) = vm.import_attr("_taipan_structs", name) {
            module.set(vm, name, class);
        } else {
            vm.clear_raised();
        }
    }
    Ok(())
}

/// Strings of an argument vector.
pub(crate) fn c_strings(vm: &Vm, v: Value) -> Result<Vec<CString>> {
    let items = match v.cast::<Tuple>() {
        Some(t) => vm.rooted_slice(t.as_slice()),
        None => vm.collect(v)?,
    };
    items.iter().map(|i| Ok(path(vm, *i)?.text)).collect()
}

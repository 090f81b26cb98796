//! `fcntl`: control of descriptors, and locks of files.

use crate::io::retry;
use crate::select::file;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::{arg_name, c_int_arg};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// What the system may write of an argument that is bytes.
const MOST: usize = 1024;

/// A copy of bytes with room behind them, since the system may write more than was given.
fn copied(vm: &Vm, function: &str, data: &[u8]) -> Result<[u8; MOST + 1]> {
    if data.len() > MOST {
        return Err(vm.value_error(format!("{function} argument 3 is too long")));
    }
    let mut copy = [0; MOST + 1];
    copy[..data.len()].copy_from_slice(data);
    Ok(copy)
}

/// The bytes of an argument that is no number.
fn bytes_argument(vm: &Vm, function: &str, v: Value) -> Result<Vec<u8>> {
    if let Some(text) = v.cast::<Str>() {
        return Ok(text.to_text().into_bytes());
    }
    match vm.byte_slice(v) {
        Ok(data) => Ok(data.to_vec()),
        Err(_) => {
            vm.clear_raised();
            Err(vm.type_error(format!(
                "{function}() argument 3 must be an integer, a bytes-like object, or a string, not {}",
                arg_name(vm, v)
            )))
        }
    }
}

/// A number of which the system sees the low bits.
fn low_bits(vm: &Vm, v: Value) -> Result<i64> {
    match v.given() {
        None => Ok(0),
        Some(v) => vm.to_i64(v),
    }
}

fn fcntl(vm: &Vm, args: &[Value]) -> Result {
    let (fd, command) = (file(vm, args[0])?, c_int_arg(vm, args[1])? as i32);
    if args[2].given().is_none_or(|v| v.as_int_ref().is_some()) {
        let argument = low_bits(vm, args[2])? as libc::c_int;
        // SAFETY: commands that take an address fail with one that is none.
        let result = retry(vm, || unsafe {
            libc::fcntl(fd, command, argument) as isize
        })?;
        if result < 0 {
            return Err(vm.last_os_error(None));
        }
        return Ok(vm.new_int(result as i64));
    }
    let data = bytes_argument(vm, "fcntl", args[2])?;
    let mut copy = copied(vm, "fcntl", &data)?;
    // SAFETY: there is room for every structure that a command uses.
    let result = retry(vm, || unsafe {
        libc::fcntl(fd, command, copy.as_mut_ptr()) as isize
    })?;
    if result < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_bytes(&copy[..data.len()])?.value())
}

fn ioctl(vm: &Vm, args: &[Value]) -> Result {
    let fd = file(vm, args[0])?;
    let request = vm.to_i64(args[1])? as libc::c_ulong;
    if args[2].given().is_none_or(|v| v.as_int_ref().is_some()) {
        let argument = low_bits(vm, args[2])? as libc::c_int;
        // SAFETY: requests that take an address fail with one that is none.
        let result = vm.allow_threads(|| unsafe { libc::ioctl(fd, request, argument) });
        if result < 0 {
            return Err(vm.last_os_error(None));
        }
        return Ok(vm.new_int(result.into()));
    }
    let mutate = match args[3].given() {
        Some(v) => vm.truth(v)?,
        None => true,
    };
    if args[2].cast::<Str>().is_none() {
        if let Ok(buffer) = vm.get_contiguous_buffer(args[2], true) {
            // SAFETY: the memory is lent for writing until the end of this block.
            let given = unsafe { std::slice::from_raw_parts_mut(buffer.data, buffer.len()) };
            let mut copy = [0; MOST + 1];
            let small = given.len() <= MOST;
            let place = if small {
                copy[..given.len()].copy_from_slice(given);
                copy.as_mut_ptr()
            } else if mutate {
                given.as_mut_ptr()
            } else {
                return Err(vm.value_error("ioctl argument 3 is too long"));
            };
            // SAFETY: there is room for as much as the caller gave, and more for small ones.
            let result = vm.allow_threads(|| unsafe { libc::ioctl(fd, request, place) });
            if mutate && small {
                given.copy_from_slice(&copy[..given.len()]);
            }
            if result < 0 {
                return Err(vm.last_os_error(None));
            }
            if mutate {
                return Ok(vm.new_int(result.into()));
            }
            return Ok(vm.new_bytes(&copy[..given.len()])?.value());
        }
        vm.clear_raised();
    }
    let data = bytes_argument(vm, "ioctl", args[2])?;
    let mut copy = copied(vm, "ioctl", &data)?;
    // SAFETY: there is room for every structure that a request uses.
    let result = vm.allow_threads(|| unsafe { libc::ioctl(fd, request, copy.as_mut_ptr()) });
    if result < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_bytes(&copy[..data.len()])?.value())
}

fn flock(vm: &Vm, args: &[Value]) -> Result {
    let (fd, operation) = (file(vm, args[0])?, c_int_arg(vm, args[1])? as i32);
    // SAFETY: a plain system call.
    if retry(vm, || unsafe { libc::flock(fd, operation) as isize })? < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

fn lockf(vm: &Vm, args: &[Value]) -> Result {
    let (fd, operation) = (file(vm, args[0])?, c_int_arg(vm, args[1])? as i32);
    // SAFETY: all zeros is a valid lock.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = if operation == libc::LOCK_UN {
        libc::F_UNLCK
    } else if operation & libc::LOCK_SH != 0 {
        libc::F_RDLCK
    } else if operation & libc::LOCK_EX != 0 {
        libc::F_WRLCK
    } else {
        return Err(vm.value_error("unrecognized lockf argument"));
    } as libc::c_short;
    lock.l_len = low_bits(vm, args[2])?;
    lock.l_start = low_bits(vm, args[3])?;
    lock.l_whence = low_bits(vm, args[4])? as libc::c_short;
    let command = if operation & libc::LOCK_NB != 0 {
        libc::F_SETLK
    } else {
        libc::F_SETLKW
    };
    // SAFETY: the command reads the lock.
    if retry(vm, || unsafe { libc::fcntl(fd, command, &lock) as isize })? < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

/// Says which name a constant has.
macro_rules! constants {
    ($($name:ident)*) => {
        &[$((stringify!($name), libc::$name as i64),)*]
    };
}

const KNOWN: &[(&str, i64)] = constants! {
    FD_CLOEXEC FICLONE FICLONERANGE F_ADD_SEALS F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_GETFL
    F_GETLEASE F_GETLK F_GETOWN F_GETPIPE_SZ F_GET_SEALS F_NOTIFY F_OFD_GETLK F_OFD_SETLK
    F_OFD_SETLKW F_RDLCK F_SEAL_FUTURE_WRITE F_SEAL_GROW F_SEAL_SEAL F_SEAL_SHRINK
    F_SEAL_WRITE F_SETFD F_SETFL F_SETLEASE F_SETLK F_SETLKW F_SETOWN F_SETPIPE_SZ F_UNLCK
    F_WRLCK LOCK_EX LOCK_NB LOCK_SH LOCK_UN
};

/// What the crate `libc` does not have.
const OTHERS: &[(&str, i64)] = &[
    ("DN_ACCESS", 1),
    ("DN_ATTRIB", 32),
    ("DN_CREATE", 4),
    ("DN_DELETE", 8),
    ("DN_MODIFY", 2),
    ("DN_MULTISHOT", 2_147_483_648),
    ("DN_RENAME", 16),
    ("FASYNC", 8_192),
    ("F_DUPFD_QUERY", 1_027),
    ("F_EXLCK", 4),
    ("F_GETLK64", 5),
    ("F_GETOWN_EX", 16),
    ("F_GETSIG", 11),
    ("F_OWNER_PGRP", 2),
    ("F_OWNER_PID", 1),
    ("F_OWNER_TID", 0),
    ("F_SETLK64", 6),
    ("F_SETLKW64", 7),
    ("F_SETOWN_EX", 15),
    ("F_SETSIG", 10),
    ("F_SHLCK", 8),
    ("LOCK_MAND", 32),
    ("LOCK_READ", 64),
    ("LOCK_RW", 192),
    ("LOCK_WRITE", 128),
];

/// The module.
pub static FCNTL: ModuleDef = ModuleDef {
    name: "fcntl",
    doc: "This module performs file control and I/O control on file descriptors.",
    functions: &[
        MethodDef::new(
            "fcntl",
            "(fd, cmd, arg=0, /)",
            "Perform the operation `cmd` on file descriptor fd.",
            fcntl,
        ),
        MethodDef::new(
            "ioctl",
            "(fd, request, arg=0, mutate_flag=True, /)",
            "Perform the operation request on file descriptor fd.",
            ioctl,
        ),
        MethodDef::new(
            "flock",
            "(fd, operation, /)",
            "Perform the lock operation on file descriptor fd.",
            flock,
        ),
        MethodDef::new(
            "lockf",
            "(fd, cmd, len=0, start=0, whence=0, /)",
            "A wrapper around the fcntl() locking calls.",
            lockf,
        ),
    ],
    types: &[],
    exec: Some(|vm: &Vm, module: Gc<Module>| {
        for (name, value) in KNOWN.iter().chain(OTHERS) {
            module.set(vm, name, vm.new_int(*value));
        }
        Ok(())
    }),
};

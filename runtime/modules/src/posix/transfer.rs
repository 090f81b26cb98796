//! Reading and writing in pieces, and between descriptors: `posix`.

use super::{Target, descriptor, done, os_value, path, target};
use crate::io::retry;
use std::ffi::CString;
use taipan_runtime::object::MethodDef;
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
    f("readinto", "(fd, buffer, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        fill(vm, &[args[1]], |data| {
            // SAFETY: the data has that many bytes.
            unsafe { libc::read(fd, data.as_mut_ptr().cast(), data.len()) }
        })
    }),
    f("readv", "(fd, buffers, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        let buffers = vm.collect(args[1])?;
        fill(vm, &buffers, |data| {
            // SAFETY: the data has that many bytes.
            unsafe { libc::read(fd, data.as_mut_ptr().cast(), data.len()) }
        })
    }),
    f("preadv", "(fd, buffers, offset, flags=0, /)", |vm, args| {
        let (fd, at) = (descriptor(vm, args[0])?, vm.to_i64(args[2])?);
        let flags = args[3].given().map_or(Ok(0), |v| descriptor(vm, v))?;
        let buffers = vm.collect(args[1])?;
        fill(vm, &buffers, |data| {
            let part = libc::iovec {
                iov_base: data.as_mut_ptr().cast(),
                iov_len: data.len(),
            };
            // SAFETY: the data has that many bytes.
            unsafe { libc::preadv2(fd, &part, 1, at, flags) }
        })
    }),
    f("writev", "(fd, buffers, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        let data = joined(vm, args[1])?;
        // SAFETY: the data has that many bytes.
        count(vm, || unsafe {
            libc::write(fd, data.as_ptr().cast(), data.len())
        })
    }),
    f(
        "pwritev",
        "(fd, buffers, offset, flags=0, /)",
        |vm, args| {
            let (fd, at) = (descriptor(vm, args[0])?, vm.to_i64(args[2])?);
            let flags = args[3].given().map_or(Ok(0), |v| descriptor(vm, v))?;
            let mut data = joined(vm, args[1])?;
            let part = libc::iovec {
                iov_base: data.as_mut_ptr().cast(),
                iov_len: data.len(),
            };
            // SAFETY: the data has that many bytes.
            count(vm, || unsafe { libc::pwritev2(fd, &part, 1, at, flags) })
        },
    ),
    f("sendfile", "(out_fd, in_fd, offset, count)", |vm, args| {
        let (to, from) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
        let mut offset = args[2].given_not_none().map_or(Ok(0), |v| vm.to_i64(v))?;
        let at = match args[2].given_not_none() {
            Some(_) => &raw mut offset,
            None => std::ptr::null_mut(),
        };
        let size = size(vm, args[3])?;
        // SAFETY: the offset lives through the call.
        count(vm, || unsafe { libc::sendfile(to, from, at, size) })
    }),
    f(
        "copy_file_range",
        "(src, dst, count, offset_src=None, offset_dst=None)",
        |vm, args| {
            let (from, to) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
            let size = size(vm, args[2])?;
            let mut offsets = [0; 2];
            let mut places = [std::ptr::null_mut(); 2];
            for i in 0..2 {
                if let Some(v) = args[3 + i].given_not_none() {
                    offsets[i] = vm.to_i64(v)?;
                    places[i] = &raw mut offsets[i];
                }
            }
            // SAFETY: the offsets live through the call.
            count(vm, || unsafe {
                libc::copy_file_range(from, places[0], to, places[1], size, 0)
            })
        },
    ),
    f("lockf", "(fd, command, length, /)", |vm, args| {
        let (fd, command) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
        let length = vm.to_i64(args[2])?;
        // SAFETY: a plain system call.
        let r = vm.allow_threads(|| unsafe { libc::lockf(fd, command, length) });
        done(vm, r, None)
    }),
    f("posix_fallocate", "(fd, offset, length, /)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        let (at, length) = (vm.to_i64(args[1])?, vm.to_i64(args[2])?);
        // SAFETY: a plain system call.
        numbered(
            vm,
            vm.allow_threads(|| unsafe { libc::posix_fallocate(fd, at, length) }),
        )
    }),
    f(
        "posix_fadvise",
        "(fd, offset, length, advice, /)",
        |vm, args| {
            let (fd, advice) = (descriptor(vm, args[0])?, descriptor(vm, args[3])?);
            let (at, length) = (vm.to_i64(args[1])?, vm.to_i64(args[2])?);
            // SAFETY: a plain system call.
            numbered(
                vm,
                vm.allow_threads(|| unsafe { libc::posix_fadvise(fd, at, length, advice) }),
            )
        },
    ),
    f("memfd_create", "(name, flags=<unset>)", |vm, args| {
        let name = path(vm, args[0])?;
        let cloexec = libc::MFD_CLOEXEC as i32;
        let flags = args[1].given().map_or(Ok(cloexec), |v| descriptor(vm, v))?;
        // SAFETY: the name is a valid C string.
        super::system::number(vm, unsafe {
            libc::memfd_create(name.text.as_ptr(), flags as u32)
        })
    }),
    f("eventfd", "(initval, flags=<unset>)", |vm, args| {
        let start = descriptor(vm, args[0])?;
        let flags = args[1]
            .given()
            .map_or(Ok(libc::EFD_CLOEXEC), |v| descriptor(vm, v))?;
        // SAFETY: a plain system call.
        super::system::number(vm, unsafe { libc::eventfd(start as u32, flags) })
    }),
    f("eventfd_read", "(fd)", |vm, args| {
        let fd = descriptor(vm, args[0])?;
        let mut value = 0u64;
        // SAFETY: eight bytes.
        let got = vm.allow_threads(|| unsafe { libc::read(fd, (&raw mut value).cast(), 8) });
        if got < 0 {
            return Err(vm.last_os_error(None));
        }
        Ok(vm.new_uint(value))
    }),
    f("eventfd_write", "(fd, value)", |vm, args| {
        let (fd, value) = (descriptor(vm, args[0])?, unsigned(vm, args[1])?);
        // SAFETY: eight bytes.
        let put = vm.allow_threads(|| unsafe { libc::write(fd, (&raw const value).cast(), 8) });
        done(vm, put as i32, None)
    }),
    f("pidfd_open", "(pid, flags=0)", |vm, args| {
        let pid = descriptor(vm, args[0])?;
        let flags = args[1].given().map_or(Ok(0), |v| descriptor(vm, v))?;
        // SAFETY: a plain system call.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) };
        super::system::number(vm, fd as i32)
    }),
    f(
        "getxattr",
        "(path, attribute, *, follow_symlinks=True)",
        getxattr,
    ),
    f(
        "setxattr",
        "(path, attribute, value, flags=0, *, follow_symlinks=True)",
        setxattr,
    ),
    f(
        "removexattr",
        "(path, attribute, *, follow_symlinks=True)",
        |vm, args| {
            let (file, follow) = file(vm, args[0], args[2])?;
            let name = path(vm, args[1])?.text;
            let remove = if follow {
                libc::removexattr
            } else {
                libc::lremovexattr
            };
            // SAFETY: valid C strings.
            let r = vm.allow_threads(|| unsafe { remove(file.as_ptr(), name.as_ptr()) });
            done(vm, r, Some(args[0]))
        },
    ),
    f(
        "listxattr",
        "(path=None, *, follow_symlinks=True)",
        listxattr,
    ),
];

fn size(vm: &Vm, v: Value) -> Result<usize> {
    match usize::try_from(vm.to_i64(v)?) {
        Ok(n) => Ok(n),
        Err(_) => Err(vm.value_error("negative value for 'count' not allowed")),
    }
}

/// The result of a call that gives an error's number.
fn numbered(vm: &Vm, error: i32) -> Result {
    if error == 0 {
        Ok(Value::NONE)
    } else {
        Err(vm.os_error(error, None))
    }
}

/// How many bytes a call moved.
fn count(vm: &Vm, call: impl Fn() -> isize) -> Result {
    let moved = retry(vm, call)?;
    if moved < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_int(moved as i64))
}

/// What the buffers of an iterable hold, one after the other.
fn joined(vm: &Vm, buffers: Value) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    for v in vm.collect(buffers)?.iter() {
        let buffer = vm.get_buffer(*v, false)?;
        data.extend_from_slice(&buffer.contiguous_bytes());
    }
    Ok(data)
}

/// Reads with `call`, as much as there is room for in all, into the buffers.
fn fill(vm: &Vm, buffers: &[Value], call: impl Fn(&mut [u8]) -> isize) -> Result {
    let mut size = 0;
    for v in buffers {
        size += vm.get_contiguous_buffer(*v, true)?.len();
    }
    let mut data = vec![0u8; size];
    let got = {
        let data = std::cell::RefCell::new(&mut data);
        retry(vm, || call(&mut data.borrow_mut()))?
    };
    if got < 0 {
        return Err(vm.last_os_error(None));
    }
    let mut rest = &data[..got as usize];
    for v in buffers {
        let view = vm.get_contiguous_buffer(*v, true)?;
        let (part, more) = rest.split_at(rest.len().min(view.len()));
        // SAFETY: lent to us, and nothing else runs.
        let to = unsafe { view.as_mut_slice() };
        to[..part.len()].copy_from_slice(part);
        rest = more;
    }
    Ok(vm.new_int(got as i64))
}

/// The name of a file, and whether it is to be followed if it is a link. A descriptor's is its
/// place in `/proc`.
fn file(vm: &Vm, v: Value, follow: Value) -> Result<(CString, bool)> {
    let follow = follow.given().map_or(Ok(true), |f| vm.truth(f))?;
    match target(vm, v)? {
        Target::Descriptor(fd) => {
            let name = CString::new(format!("/proc/self/fd/{fd}")).unwrap_or_default();
            Ok((name, true))
        }
        Target::Path(p) => Ok((p.text, follow)),
    }
}

/// A number of 64 bits without a sign.
fn unsigned(vm: &Vm, v: Value) -> Result<u64> {
    let n = vm.index(v)?;
    match vm.to_i64(n) {
        Ok(small) => u64::try_from(small)
            .map_err(|_| vm.overflow_error("can't convert negative int to unsigned")),
        Err(raised) => {
            let text = vm.repr_text(n)?;
            let Ok(large) = text.parse() else {
                return Err(raised);
            };
            vm.clear_raised();
            Ok(large)
        }
    }
}

fn getxattr(vm: &Vm, args: &[Value]) -> Result {
    let (file, follow) = file(vm, args[0], args[2])?;
    let name = path(vm, args[1])?.text;
    let get = if follow {
        libc::getxattr
    } else {
        libc::lgetxattr
    };
    let mut value = vec![0u8; 1 << 16];
    // SAFETY: valid C strings, and the buffer has the size that is given.
    let got = vm.allow_threads(|| unsafe {
        get(
            file.as_ptr(),
            name.as_ptr(),
            value.as_mut_ptr().cast(),
            value.len(),
        )
    });
    match usize::try_from(got) {
        Ok(n) => Ok(vm.new_bytes(&value[..n])?.value()),
        Err(_) => Err(vm.last_os_error(Some(args[0]))),
    }
}

fn setxattr(vm: &Vm, args: &[Value]) -> Result {
    let (file, follow) = file(vm, args[0], args[4])?;
    let name = path(vm, args[1])?.text;
    let set = if follow {
        libc::setxattr
    } else {
        libc::lsetxattr
    };
    let value = vm
        .get_buffer(args[2], false)?
        .contiguous_bytes()
        .into_owned();
    let flags = args[3].given().map_or(Ok(0), |v| descriptor(vm, v))?;
    // SAFETY: valid C strings, and the value has that many bytes.
    let r = vm.allow_threads(|| unsafe {
        set(
            file.as_ptr(),
            name.as_ptr(),
            value.as_ptr().cast(),
            value.len(),
            flags,
        )
    });
    done(vm, r, Some(args[0]))
}

fn listxattr(vm: &Vm, args: &[Value]) -> Result {
    let given = args[0].given_not_none();
    let (file, follow) = match given {
        Some(v) => file(vm, v, args[1])?,
        None => (CString::from(c"."), true),
    };
    let all = if follow {
        libc::listxattr
    } else {
        libc::llistxattr
    };
    let mut names = vec![0u8; 1 << 16];
    // SAFETY: a valid C string, and the buffer has the size that is given.
    let got =
        vm.allow_threads(|| unsafe { all(file.as_ptr(), names.as_mut_ptr().cast(), names.len()) });
    let Ok(length) = usize::try_from(got) else {
        return Err(vm.last_os_error(given));
    };
    let list = vm.new_list(&[])?;
    for name in names[..length].split(|c| *c == 0).filter(|n| !n.is_empty()) {
        list.push(vm, os_value(vm, name, false)?)?;
    }
    Ok(list.value())
}

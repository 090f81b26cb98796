//! Files and folders.

use super::{Target, descriptor, done, os_value, path, path_of, structure, target, target_event};
use crate::io::retry;
use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::os::unix::ffi::OsStrExt;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, ClassFlags, GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::{Result, Value, Vm};

pub(super) fn stat_result(vm: &Vm, s: &libc::stat) -> Result {
    let n = |i: i64| vm.new_int(i);
    let time = |seconds: i64, nanos: i64| Value::float(seconds as f64 + nanos as f64 * 1e-9);
    let ns = |seconds: i64, nanos: i64| {
        let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        match i64::try_from(total) {
            Ok(t) => vm.new_int(t),
            Err(_) => vm.new_int(0),
        }
    };
    let items = [
        n(s.st_mode.into()),
        vm.new_uint(s.st_ino),
        vm.new_uint(s.st_dev),
        n(s.st_nlink as i64),
        n(s.st_uid.into()),
        n(s.st_gid.into()),
        n(s.st_size),
        n(s.st_atime),
        n(s.st_mtime),
        n(s.st_ctime),
    ];
    let more = [
        time(s.st_atime, s.st_atime_nsec),
        time(s.st_mtime, s.st_mtime_nsec),
        time(s.st_ctime, s.st_ctime_nsec),
        ns(s.st_atime, s.st_atime_nsec),
        ns(s.st_mtime, s.st_mtime_nsec),
        ns(s.st_ctime, s.st_ctime_nsec),
        n(s.st_blksize),
        n(s.st_blocks),
        vm.new_uint(s.st_rdev),
    ];
    let class = vm.import_attr("_taipan_structs", "stat_result")?;
    let Some(class) = class.cast::<Class>() else {
        return Err(vm.type_error("stat_result is no class"));
    };
    let more = vm.new_tuple(&more)?;
    let result = vm.tuple_with_shape(&items, class.root_shape.get())?.value();
    vm.generic_set_attr(result, vm.intern("_more"), Some(more.value()))?;
    Ok(result)
}

fn folder(vm: &Vm, v: Value) -> Result<(std::path::PathBuf, bool, Value)> {
    let v = v.given_not_none();
    match v {
        None => Ok((".".into(), false, Value::NONE)),
        Some(v) if v.as_int_ref().is_some() => Ok((
            format!("/proc/self/fd/{}", descriptor(vm, v)?).into(),
            false,
            v,
        )),
        Some(v) => {
            let p = path(vm, v)?;
            Ok((
                std::ffi::OsStr::from_bytes(p.text.as_bytes()).into(),
                p.is_bytes,
                p.value,
            ))
        }
    }
}

pub fn listdir(vm: &Vm, args: &[Value]) -> Result {
    let (dir, is_bytes, value) = folder(vm, args[0])?;
    vm.audit("os.listdir", &[value])?;
    let names = vm.allow_threads(|| -> std::io::Result<Vec<_>> {
        std::fs::read_dir(&dir)?
            .map(|e| Ok(e?.file_name()))
            .collect()
    });
    match names {
        Ok(names) => {
            let list = vm.new_list(&[])?;
            for n in names {
                list.push(vm, os_value(vm, n.as_bytes(), is_bytes)?)?;
            }
            Ok(list.value())
        }
        Err(e) => Err(vm.io_error(&e, Some(value).filter(|v| !v.is_none()))),
    }
}

/// `os.DirEntry`.
#[repr(C)]
pub struct DirEntry {
    pub header: Header,
    name: Field,
    path: Field,
    kind: Option<std::fs::FileType>,
    inode: u64,
    /// The open folder that `path` is a name in, or the current one.
    folder: i32,
}

heap_object!(DirEntry, "DirEntry", Kind::Other, |this, marker| {
    marker.field(&this.name);
    marker.field(&this.path);
});

fn entry(v: Value) -> Gc<DirEntry> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn kind_test(vm: &Vm, args: &[Value], test: fn(&std::fs::FileType) -> bool, mode: u32) -> Result {
    let e = entry(args[0]);
    let follow = args[1].given().map_or(Ok(true), |f| vm.truth(f))?;
    if let Some(kind) = e.kind
        && !(kind.is_symlink() && follow)
    {
        return Ok(Value::bool(test(&kind)));
    }
    let s = super::at::stat_of(vm, "stat", e.path.or_none(), e.folder, follow);
    match vm.catch(
        s,
        &taipan_runtime::types::exception::classes::FILE_NOT_FOUND_ERROR,
    )? {
        Some(s) => {
            let m = vm.to_i64(vm.get_item(s, Value::small_int(0))?)? as u32;
            Ok(Value::bool(m & libc::S_IFMT == mode))
        }
        None => Ok(Value::FALSE),
    }
}

fn entry_is_dir(vm: &Vm, args: &[Value]) -> Result {
    kind_test(vm, args, std::fs::FileType::is_dir, libc::S_IFDIR)
}

fn entry_is_file(vm: &Vm, args: &[Value]) -> Result {
    kind_test(vm, args, std::fs::FileType::is_file, libc::S_IFREG)
}

fn entry_is_symlink(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(
        entry(args[0]).kind.is_some_and(|k| k.is_symlink()),
    ))
}

fn entry_is_junction(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::FALSE)
}

fn entry_stat(vm: &Vm, args: &[Value]) -> Result {
    let follow = args[1].given().map_or(Ok(true), |f| vm.truth(f))?;
    super::at::stat_of(
        vm,
        "stat",
        entry(args[0]).path.or_none(),
        entry(args[0]).folder,
        follow,
    )
}

fn entry_inode(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_uint(entry(args[0]).inode))
}

fn entry_fspath(_: &Vm, args: &[Value]) -> Result {
    Ok(entry(args[0]).path.or_none())
}

fn entry_repr(vm: &Vm, args: &[Value]) -> Result {
    let name = vm.repr(entry(args[0]).name.or_none())?;
    Ok(vm.new_str(&format!("<DirEntry {name}>")).value())
}

fn entry_name(_: &Vm, v: Value) -> Result {
    Ok(entry(v).name.or_none())
}

fn entry_path(_: &Vm, v: Value) -> Result {
    Ok(entry(v).path.or_none())
}

/// `os.DirEntry`.
pub static DIR_ENTRY: TypeDef = TypeDef {
    module: "posix",
    generic: true,
    methods: &[
        MethodDef::new(
            "is_dir",
            "(self, /, *, follow_symlinks=True)",
            "",
            entry_is_dir,
        ),
        MethodDef::new(
            "is_file",
            "(self, /, *, follow_symlinks=True)",
            "",
            entry_is_file,
        ),
        MethodDef::new("is_symlink", "(self, /)", "", entry_is_symlink),
        MethodDef::new("is_junction", "(self, /)", "", entry_is_junction),
        MethodDef::new("stat", "(self, /, *, follow_symlinks=True)", "", entry_stat),
        MethodDef::new("inode", "(self, /)", "", entry_inode),
        MethodDef::new("__fspath__", "(self, /)", "", entry_fspath),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", entry_repr),
    ],
    getset: &[
        GetSetDef {
            name: "name",
            doc: "",
            get: entry_name,
            set: None,
        },
        GetSetDef {
            name: "path",
            doc: "",
            get: entry_path,
            set: None,
        },
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("DirEntry", <DirEntry as Object>::LAYOUT)
};

/// What `os.scandir` returns.
#[repr(C)]
pub struct ScandirIterator {
    pub header: Header,
    entries: RefCell<Option<std::fs::ReadDir>>,
    directory: std::path::PathBuf,
    /// The descriptor it was asked of, or the current folder.
    folder: i32,
    is_bytes: Cell<bool>,
}

heap_object!(
    ScandirIterator,
    "ScandirIterator",
    Kind::Other,
    |this, marker| {},
    drop
);

pub fn scandir(vm: &Vm, args: &[Value]) -> Result {
    let (dir, is_bytes, value) = folder(vm, args[0])?;
    vm.audit("os.scandir", &[value])?;
    match vm.allow_threads(|| std::fs::read_dir(&dir)) {
        Ok(entries) => {
            let class = vm.class_of_def(&SCANDIR_ITERATOR)?;
            let object = ScandirIterator {
                header: Header::empty(),
                entries: RefCell::new(Some(entries)),
                directory: dir,
                folder: match value.as_int_ref() {
                    Some(_) => descriptor(vm, value)?,
                    None => libc::AT_FDCWD,
                },
                is_bytes: Cell::new(is_bytes),
            };
            Ok(vm.heap.alloc(class.root_shape.get(), object).value())
        }
        Err(e) => Err(vm.io_error(&e, Some(value).filter(|v| !v.is_none()))),
    }
}

fn scandir_iterator(v: Value) -> Gc<ScandirIterator> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn scandir_next(vm: &Vm, args: &[Value]) -> Result {
    use std::os::unix::fs::DirEntryExt;
    let it = scandir_iterator(args[0]);
    let next = it.entries.borrow_mut().as_mut().and_then(|e| e.next());
    match next {
        None => {
            it.entries.replace(None);
            vm.or_stop(None)
        }
        Some(Err(e)) => Err(vm.io_error(&e, None)),
        Some(Ok(found)) => {
            let is_bytes = it.is_bytes.get();
            let full = if it.folder != libc::AT_FDCWD {
                found.file_name().into()
            } else if it.directory.as_os_str() == "." {
                std::path::Path::new(".").join(found.file_name())
            } else {
                it.directory.join(found.file_name())
            };
            let object = DirEntry {
                header: Header::empty(),
                name: Field::new(os_value(vm, found.file_name().as_bytes(), is_bytes)?),
                path: Field::new(os_value(vm, full.as_os_str().as_bytes(), is_bytes)?),
                kind: found.file_type().ok(),
                inode: found.ino(),
                folder: it.folder,
            };
            let class = vm.class_of_def(&DIR_ENTRY)?;
            Ok(vm.heap.alloc(class.root_shape.get(), object).value())
        }
    }
}

fn scandir_close(_: &Vm, args: &[Value]) -> Result {
    scandir_iterator(args[0]).entries.replace(None);
    Ok(Value::NONE)
}

fn scandir_enter(_: &Vm, args: &[Value]) -> Result {
    Ok(args[0])
}

/// The type of what `os.scandir` returns.
pub static SCANDIR_ITERATOR: TypeDef = TypeDef {
    module: "posix",
    methods: &[
        ITER_SELF,
        MethodDef::new(
            "__next__",
            "(self, /)",
            "Implement next(self).",
            scandir_next,
        ),
        MethodDef::new("close", "(self, /)", "", scandir_close),
        MethodDef::new("__enter__", "(self, /)", "", scandir_enter),
        MethodDef::new(
            "__exit__",
            "(self, exc_type=None, exc_value=None, traceback=None, /)",
            "",
            scandir_close,
        ),
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("ScandirIterator", <ScandirIterator as Object>::LAYOUT)
};

fn current(vm: &Vm, is_bytes: bool) -> Result {
    match std::env::current_dir() {
        Ok(p) => os_value(vm, p.as_os_str().as_bytes(), is_bytes),
        Err(e) => Err(vm.io_error(&e, None)),
    }
}

pub fn getcwd(vm: &Vm, _: &[Value]) -> Result {
    current(vm, false)
}

pub fn getcwdb(vm: &Vm, _: &[Value]) -> Result {
    current(vm, true)
}

pub fn chdir(vm: &Vm, args: &[Value]) -> Result {
    let to = target(vm, args[0])?;
    vm.audit("os.chdir", &[target_event(vm, &to)])?;
    match to {
        // SAFETY: plain system calls.
        Target::Descriptor(fd) => done(vm, unsafe { libc::fchdir(fd) }, None),
        // SAFETY: the path is a valid C string.
        Target::Path(p) => done(vm, unsafe { libc::chdir(p.text.as_ptr()) }, Some(p.value)),
    }
}

pub fn open(vm: &Vm, args: &[Value]) -> Result {
    let (p, flags) = (
        path_of(vm, "open: path", args[0])?,
        descriptor(vm, args[1])?,
    );
    let mode = args[2].given().map_or(Ok(0o777), |m| vm.to_i64(m))? as libc::mode_t;
    let dir = match args[3].given_not_none() {
        Some(d) => descriptor(vm, d)?,
        None => libc::AT_FDCWD,
    };
    let about = vm.new_int((flags | libc::O_CLOEXEC).into());
    vm.audit("open", &[p.value, Value::NONE, about])?;
    // SAFETY: the path is a valid C string.
    let fd = retry(vm, || unsafe {
        libc::openat(
            dir,
            p.text.as_ptr(),
            flags | libc::O_CLOEXEC,
            libc::c_uint::from(mode),
        ) as isize
    })?;
    if fd < 0 {
        Err(vm.last_os_error(Some(p.value)))
    } else {
        Ok(vm.new_int(fd as i64))
    }
}

pub fn close(vm: &Vm, args: &[Value]) -> Result {
    let fd = descriptor(vm, args[0])?;
    // SAFETY: a plain system call.
    done(vm, vm.allow_threads(|| unsafe { libc::close(fd) }), None)
}

pub fn closerange(vm: &Vm, args: &[Value]) -> Result {
    for fd in descriptor(vm, args[0])?..descriptor(vm, args[1])? {
        // SAFETY: a plain system call; errors do not matter.
        unsafe { libc::close(fd) };
    }
    Ok(Value::NONE)
}

pub fn read(vm: &Vm, args: &[Value]) -> Result {
    let (fd, n) = (descriptor(vm, args[0])?, vm.to_index(args[1])?);
    if n < 0 {
        return Err(vm.os_error(libc::EINVAL, None));
    }
    let mut buffer = vec![0u8; (n as usize).min(1 << 30)];
    // SAFETY: the buffer has that many bytes.
    let got = retry(vm, || unsafe {
        libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len())
    })?;
    if got < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_bytes(&buffer[..got as usize])?.value())
}

pub fn write(vm: &Vm, args: &[Value]) -> Result {
    let fd = descriptor(vm, args[0])?;
    let buffer = vm.get_buffer(args[1], false)?;
    let data = buffer.contiguous_bytes().into_owned();
    // SAFETY: the data has that many bytes.
    let put = retry(vm, || unsafe {
        libc::write(fd, data.as_ptr().cast(), data.len())
    })?;
    if put < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(vm.new_int(put as i64))
    }
}

/// As [`read`], from a place that is given and leaving the file's own.
pub fn pread(vm: &Vm, args: &[Value]) -> Result {
    let (fd, n) = (descriptor(vm, args[0])?, vm.to_index(args[1])?);
    let at = vm.to_i64(args[2])?;
    if n < 0 {
        return Err(vm.os_error(libc::EINVAL, None));
    }
    let mut buffer = vec![0u8; (n as usize).min(1 << 30)];
    // SAFETY: the buffer has that many bytes.
    let got = retry(vm, || unsafe {
        libc::pread(fd, buffer.as_mut_ptr().cast(), buffer.len(), at)
    })?;
    if got < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_bytes(&buffer[..got as usize])?.value())
}

/// As [`write`], to a place that is given and leaving the file's own.
pub fn pwrite(vm: &Vm, args: &[Value]) -> Result {
    let fd = descriptor(vm, args[0])?;
    let buffer = vm.get_buffer(args[1], false)?;
    let data = buffer.contiguous_bytes().into_owned();
    let at = vm.to_i64(args[2])?;
    // SAFETY: the data has that many bytes.
    let put = retry(vm, || unsafe {
        libc::pwrite(fd, data.as_ptr().cast(), data.len(), at)
    })?;
    if put < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_int(put as i64))
}

pub fn lseek(vm: &Vm, args: &[Value]) -> Result {
    let (fd, at, whence) = (
        descriptor(vm, args[0])?,
        vm.to_i64(args[1])?,
        descriptor(vm, args[2])?,
    );
    // SAFETY: a plain system call.
    let r = unsafe { libc::lseek(fd, at, whence) };
    if r < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(vm.new_int(r))
    }
}

pub fn isatty(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: a plain system call.
    Ok(Value::bool(
        unsafe { libc::isatty(descriptor(vm, args[0])?) } == 1,
    ))
}

pub fn ftruncate(vm: &Vm, args: &[Value]) -> Result {
    super::warn_of_bool(vm, args[0])?;
    vm.audit("os.truncate", &[args[0], args[1]])?;
    // SAFETY: a plain system call.
    done(
        vm,
        unsafe { libc::ftruncate(descriptor(vm, args[0])?, vm.to_i64(args[1])?) },
        None,
    )
}

pub fn truncate(vm: &Vm, args: &[Value]) -> Result {
    let n = vm.to_i64(args[1])?;
    let to = target(vm, args[0])?;
    vm.audit("os.truncate", &[target_event(vm, &to), args[1]])?;
    match to {
        // SAFETY: a plain system call.
        Target::Descriptor(fd) => done(vm, unsafe { libc::ftruncate(fd, n) }, None),
        // SAFETY: the path is a valid C string.
        Target::Path(p) => done(
            vm,
            unsafe { libc::truncate(p.text.as_ptr(), n) },
            Some(p.value),
        ),
    }
}

pub fn fsync(vm: &Vm, args: &[Value]) -> Result {
    let fd = crate::select::file(vm, args[0])?;
    // SAFETY: a plain system call.
    let r = retry(vm, || unsafe { libc::fsync(fd) as isize })?;
    done(vm, r as i32, None)
}

pub fn dup(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: a plain system call.
    let fd = unsafe { libc::fcntl(descriptor(vm, args[0])?, libc::F_DUPFD_CLOEXEC, 0) };
    if fd < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(vm.new_int(fd.into()))
    }
}

pub fn dup2(vm: &Vm, args: &[Value]) -> Result {
    let inheritable = args[2].given().map_or(Ok(true), |i| vm.truth(i))?;
    let flags = if inheritable { 0 } else { libc::O_CLOEXEC };
    let (a, b) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
    // SAFETY: plain system calls.
    let fd = unsafe {
        if a == b {
            libc::dup2(a, b)
        } else {
            libc::dup3(a, b, flags)
        }
    };
    if fd < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(vm.new_int(fd.into()))
    }
}

fn make_pipe(vm: &Vm, flags: i32) -> Result {
    let mut fds = [0i32; 2];
    // SAFETY: the array has room for both.
    if unsafe { libc::pipe2(fds.as_mut_ptr(), flags) } < 0 {
        return Err(vm.last_os_error(None));
    }
    vm.pair(vm.new_int(fds[0].into()), vm.new_int(fds[1].into()))
}

pub fn pipe(vm: &Vm, _: &[Value]) -> Result {
    make_pipe(vm, libc::O_CLOEXEC)
}

pub fn pipe2(vm: &Vm, args: &[Value]) -> Result {
    make_pipe(vm, descriptor(vm, args[0])?)
}

pub fn get_inheritable(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: a plain system call.
    let flags = unsafe { libc::fcntl(descriptor(vm, args[0])?, libc::F_GETFD) };
    if flags < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(Value::bool(flags & libc::FD_CLOEXEC == 0))
    }
}

pub fn set_inheritable(vm: &Vm, args: &[Value]) -> Result {
    let flags = if vm.truth(args[1])? {
        0
    } else {
        libc::FD_CLOEXEC
    };
    // SAFETY: a plain system call.
    done(
        vm,
        unsafe { libc::fcntl(descriptor(vm, args[0])?, libc::F_SETFD, flags) },
        None,
    )
}

pub fn get_blocking(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: a plain system call.
    let flags = unsafe { libc::fcntl(descriptor(vm, args[0])?, libc::F_GETFL) };
    if flags < 0 {
        Err(vm.last_os_error(None))
    } else {
        Ok(Value::bool(flags & libc::O_NONBLOCK == 0))
    }
}

pub fn set_blocking(vm: &Vm, args: &[Value]) -> Result {
    let fd = descriptor(vm, args[0])?;
    // SAFETY: plain system calls.
    unsafe {
        let flags = libc::fcntl(fd, libc::F_GETFL);
        if flags < 0 {
            return Err(vm.last_os_error(None));
        }
        let flags = if vm.truth(args[1])? {
            flags & !libc::O_NONBLOCK
        } else {
            flags | libc::O_NONBLOCK
        };
        done(vm, libc::fcntl(fd, libc::F_SETFL, flags), None)
    }
}

pub fn umask(vm: &Vm, args: &[Value]) -> Result {
    // SAFETY: a plain system call.
    Ok(vm.new_int(unsafe { libc::umask(vm.to_i64(args[0])? as libc::mode_t) }.into()))
}

pub fn get_terminal_size(vm: &Vm, args: &[Value]) -> Result {
    let fd = args[0].given().map_or(Ok(1), |f| descriptor(vm, f))?;
    // SAFETY: an all-zero `winsize` is valid, and the call fills it.
    unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        if libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) < 0 {
            return Err(vm.last_os_error(None));
        }
        structure(
            vm,
            "terminal_size",
            &[
                vm.new_int(size.ws_col.into()),
                vm.new_int(size.ws_row.into()),
            ],
        )
    }
}

/// A C string of the system's.
pub fn text_of(p: *const libc::c_char) -> String {
    // SAFETY: the system returns valid strings.
    unsafe { CStr::from_ptr(p) }.to_string_lossy().into_owned()
}

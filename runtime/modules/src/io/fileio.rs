//! `FileIO`: a file descriptor as a raw stream.

use super::base::RAW_IO_BASE;
use super::{size_argument, unsupported, writable_argument};
use std::cell::Cell;
use std::ffi::CString;
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A raw stream over a file descriptor.
#[repr(C)]
pub struct FileIo {
    pub header: Header,
    /// -1 once closed.
    fd: Cell<i32>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    created: Cell<bool>,
    appending: Cell<bool>,
    close_fd: Cell<bool>,
    seekable: Cell<Option<bool>>,
    finalizing: Cell<bool>,
    /// `st_blksize`.
    block: Cell<i64>,
    /// Size when opened, for the first guess of `readall`.
    size: Cell<i64>,
}

heap_object!(FileIo, "FileIO", Kind::Other, |this, marker| {});

/// Repeats a system call that was interrupted, running signal handlers in between.
pub fn retry(vm: &Vm, mut call: impl FnMut() -> isize) -> Result<isize> {
    loop {
        let n = vm.allow_threads(&mut call);
        if n >= 0 {
            return Ok(n);
        }
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return Ok(n);
        }
        vm.interpreter().check_signals(vm)?;
    }
}

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

impl FileIo {
    /// The file's descriptor; -1 once it is closed.
    pub(super) fn descriptor(&self) -> i32 {
        self.fd.get()
    }

    /// The descriptor; ValueError once closed.
    pub fn fd(&self, vm: &Vm) -> Result<i32> {
        match self.fd.get() {
            fd if fd >= 0 => Ok(fd),
            _ => Err(vm.value_error("I/O operation on closed file")),
        }
    }

    /// Whether the descriptor is gone.
    pub fn is_closed(&self) -> bool {
        self.fd.get() < 0
    }

    /// `st_blksize` of the file when it was opened.
    pub fn block_size(&self) -> i64 {
        self.block.get()
    }

    /// One `read` into memory that nothing else uses meanwhile: `None` if it would block.
    pub fn read_slice(&self, vm: &Vm, into: &mut [u8]) -> Result<Option<usize>> {
        let fd = self.fd(vm)?;
        if !self.readable.get() {
            return Err(unsupported(vm, "File not open for reading"));
        }
        // SAFETY: the slice is ours for the time of the call.
        unsafe { read_raw(vm, fd, into.as_mut_ptr(), into.len()) }
    }

    /// As [`FileIo::read_slice`], of at most `len` bytes that replace what `into` holds.
    pub fn read_into(&self, vm: &Vm, into: &mut Vec<u8>, len: usize) -> Result<Option<usize>> {
        let fd = self.fd(vm)?;
        if !self.readable.get() {
            return Err(unsupported(vm, "File not open for reading"));
        }
        into.clear();
        into.reserve_exact(len);
        // SAFETY: there is room for `len` bytes, and as many as were read become the content.
        unsafe {
            let got = read_raw(vm, fd, into.as_mut_ptr(), len)?;
            into.set_len(got.unwrap_or(0));
            Ok(got)
        }
    }

    /// One `write`: how much was written, `None` if it would block.
    pub fn write_slice(&self, vm: &Vm, from: &[u8]) -> Result<Option<usize>> {
        let fd = self.fd(vm)?;
        if !self.writable.get() {
            return Err(unsupported(vm, "File not open for writing"));
        }
        let (data, len) = (from.as_ptr(), from.len());
        // SAFETY: the slice outlives the call.
        let n = retry(vm, || unsafe { libc::write(fd, data.cast(), len) })?;
        if n >= 0 {
            return Ok(Some(n as usize));
        }
        match errno() {
            libc::EAGAIN => Ok(None),
            e => Err(vm.os_error(e, None)),
        }
    }

    /// `lseek`.
    pub fn seek_to(&self, vm: &Vm, offset: i64, whence: i32) -> Result<i64> {
        let fd = self.fd(vm)?;
        // SAFETY: a plain system call.
        let at = vm.allow_threads(|| unsafe { libc::lseek(fd, offset, whence) });
        if at < 0 {
            return Err(vm.last_os_error(None));
        }
        if self.seekable.get().is_none() {
            self.seekable.set(Some(true));
        }
        Ok(at)
    }

    fn mode(&self) -> &'static str {
        match (
            self.created.get(),
            self.appending.get(),
            self.readable.get(),
            self.writable.get(),
        ) {
            (true, _, true, _) => "xb+",
            (true, _, false, _) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, false, _) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, false) => "rb",
            _ => "wb",
        }
    }
}

fn new(vm: &Vm, args: &[Value], _: Option<Gc<taipan_runtime::types::tuple::Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&FILE_IO)?)?;
    let object = FileIo {
        header: Header::empty(),
        fd: Cell::new(-1),
        readable: Cell::new(false),
        writable: Cell::new(false),
        created: Cell::new(false),
        appending: Cell::new(false),
        close_fd: Cell::new(true),
        seekable: Cell::new(None),
        finalizing: Cell::new(false),
        block: Cell::new(0),
        size: Cell::new(-1),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// Reads the mode into the stream's fields; the flags for `open`.
fn parse_mode(vm: &Vm, file: &FileIo, mode: &str) -> Result<i32> {
    const ONE: &str = "Must have exactly one of create/read/write/append mode and at most one plus";
    let (mut kinds, mut plus, mut flags) = (0, false, 0);
    for c in mode.chars() {
        match c {
            'x' | 'r' | 'w' | 'a' => {
                kinds += 1;
                if kinds > 1 {
                    return Err(vm.value_error(ONE));
                }
                match c {
                    'x' => {
                        file.created.set(true);
                        flags |= libc::O_EXCL | libc::O_CREAT;
                    }
                    'w' => flags |= libc::O_CREAT | libc::O_TRUNC,
                    'a' => {
                        file.appending.set(true);
                        flags |= libc::O_APPEND | libc::O_CREAT;
                    }
                    _ => {}
                }
                if c == 'r' {
                    file.readable.set(true);
                } else {
                    file.writable.set(true);
                }
            }
            'b' => {}
            '+' => {
                if plus {
                    return Err(vm.value_error(ONE));
                }
                plus = true;
                file.readable.set(true);
                file.writable.set(true);
            }
            _ => return Err(vm.value_error(format!("invalid mode: {mode}"))),
        }
    }
    if kinds == 0 {
        return Err(vm.value_error(ONE));
    }
    flags |= match (file.readable.get(), file.writable.get()) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    Ok(flags | libc::O_CLOEXEC)
}

/// The bytes of a path: `str`, bytes, or what `__fspath__` gives.
///
/// # Errors
/// TypeError for other things, ValueError for an embedded null.
pub fn path_bytes(vm: &Vm, path: Value) -> Result<CString> {
    let mut plain = path;
    if plain.cast::<Str>().is_none() && plain.cast::<Bytes>().is_none() {
        let Some(f) = vm.class_of(path).lookup(vm, vm.intern("__fspath__")) else {
            let got = vm.type_name(path);
            return Err(vm.type_error(format!(
                "expected str, bytes or os.PathLike object, not {got}"
            )));
        };
        plain = vm.call_special(f, path, &[])?;
    }
    let bytes = if let Some(s) = plain.cast::<Str>() {
        vm.encode_str(s, "utf-8", "surrogateescape")?
            .as_slice()
            .to_vec()
    } else if let Some(b) = plain.cast::<Bytes>() {
        b.as_slice().to_vec()
    } else {
        let (class, got) = (vm.type_name(path), vm.type_name(plain));
        return Err(vm.type_error(format!(
            "expected {class}.__fspath__() to return str or bytes, not {got}"
        )));
    };
    CString::new(bytes).map_err(|_| vm.value_error("embedded null byte"))
}

fn init(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    if file.fd.get() >= 0 {
        if file.close_fd.get() {
            close_descriptor(vm, &file)?;
        } else {
            file.fd.set(-1);
        }
    }
    let name = args[1];
    if name.is_float() {
        return Err(vm.type_error("integer argument expected, got float"));
    }
    let mut given = -1;
    if name.is_bool() {
        vm.warn(
            &exc::RUNTIME_WARNING,
            "bool is used as a file descriptor",
            1,
        )?;
    }
    if name.as_int_ref().is_some() {
        given = taipan_runtime::types::support::c_int_arg(vm, name)? as i32;
        if given < 0 {
            return Err(vm.value_error("negative file descriptor"));
        }
    }
    let path = if given < 0 {
        Some(path_bytes(vm, name)?)
    } else {
        None
    };
    let mode = match args[2].given() {
        None => "r".to_owned(),
        Some(m) => match m.cast::<Str>() {
            Some(s) => s.to_text(),
            None => {
                let got = vm.type_name(m);
                return Err(
                    vm.type_error(format!("FileIO() argument 'mode' must be str, not {got}"))
                );
            }
        },
    };
    let close_fd = args[3].given().map_or(Ok(true), |v| vm.truth(v))?;
    let opener = args[4].given_not_none();
    file.created.set(false);
    file.writable.set(false);
    file.readable.set(false);
    file.appending.set(false);
    file.seekable.set(None);
    let flags = parse_mode(vm, &file, &mode)?;
    if vm.is_audited() {
        let about = [name, vm.new_str(&mode).value(), vm.new_int(flags.into())];
        vm.audit("open", &about)?;
    }
    file.close_fd.set(close_fd);
    let mut own = false;
    if given >= 0 {
        file.fd.set(given);
        own = true;
    } else {
        if !close_fd {
            return Err(vm.value_error("Cannot use closefd=False with file name"));
        }
        let fd = match (opener, path) {
            (Some(opener), _) => {
                let fd = vm.call(opener, &[name, vm.new_int(flags.into())])?;
                if fd.as_int_ref().is_none() {
                    return Err(vm.type_error("expected integer from opener"));
                }
                let fd = vm.to_i64(fd)?;
                if fd < 0 {
                    return Err(vm.value_error(format!("opener returned {fd}")));
                }
                // SAFETY: a plain system call.
                unsafe { libc::fcntl(fd as i32, libc::F_SETFD, libc::FD_CLOEXEC) };
                fd as i32
            }
            (None, Some(path)) => {
                super::unclosed::flush_path(vm, &path);
                // SAFETY: the path is a C string.
                let fd = retry(vm, || unsafe { libc::open(path.as_ptr(), flags, 0o666) }
                    as isize)?;
                if fd < 0 {
                    return Err(vm.last_os_error(Some(name)));
                }
                fd as i32
            }
            (None, None) => -1,
        };
        file.fd.set(fd);
    }
    let opened = examine(vm, &file, name);
    if opened.is_err() {
        if !own {
            let e = vm.take_raised();
            if close_descriptor(vm, &file).is_err() {
                vm.clear_raised();
            }
            vm.raise_again(e);
        }
        file.fd.set(-1);
    }
    opened?;
    Ok(Value::NONE)
}

/// Refuses directories, notes sizes, sets `name`, goes to the end when appending.
fn examine(vm: &Vm, file: &Gc<FileIo>, name: Value) -> Result<()> {
    let fd = file.fd.get();
    // SAFETY: zeros are a valid `stat`, which the call fills in.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    if vm.allow_threads(|| unsafe { libc::fstat(fd, &mut stat) }) < 0 {
        if errno() == libc::EBADF {
            return Err(vm.os_error(libc::EBADF, Some(name)));
        }
    } else {
        if stat.st_mode & libc::S_IFMT == libc::S_IFDIR {
            return Err(vm.os_error(libc::EISDIR, Some(name)));
        }
        file.block.set(stat.st_blksize);
        file.size.set(stat.st_size);
    }
    vm.set_attr(file.value(), vm.intern("name"), Some(name))?;
    if file.appending.get() {
        // SAFETY: a plain system call.
        if unsafe { libc::lseek(fd, 0, libc::SEEK_END) } < 0 && errno() != libc::ESPIPE {
            return Err(vm.last_os_error(None));
        }
    }
    Ok(())
}

fn close_descriptor(vm: &Vm, file: &FileIo) -> Result<()> {
    let fd = file.fd.replace(-1);
    if fd < 0 {
        return Ok(());
    }
    // SAFETY: the descriptor is the stream's own.
    if vm.allow_threads(|| unsafe { libc::close(fd) }) < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(())
}

fn close(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    // The base class notes that it is closed and flushes, as subclasses may want.
    let base = vm.class_of_def(&RAW_IO_BASE)?;
    let flushed = match base.lookup(vm, vm.intern("close")) {
        Some(f) => vm.call(f, &[args[0]]),
        None => Ok(Value::NONE),
    };
    if !file.close_fd.get() {
        file.fd.set(-1);
        return flushed;
    }
    let pending = flushed.is_err().then(|| vm.take_raised());
    if file.finalizing.get() && dealloc_warn(vm, &[args[0], args[0]]).is_err() {
        vm.clear_raised();
    }
    let closed = close_descriptor(vm, &file);
    match pending {
        Some(e) => {
            if closed.is_err() {
                vm.clear_raised();
            }
            Err(vm.raise_again(e))
        }
        None => closed.map(|()| Value::NONE),
    }
}

fn finalize(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    file.finalizing.set(true);
    let result = super::base::finalize(vm, args);
    file.finalizing.set(false);
    result
}

fn dealloc_warn(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    if file.fd.get() >= 0 && file.close_fd.get() {
        let text = vm.repr_text(args[1])?;
        vm.warn_unclosed(&format!("unclosed file {text}"), args[1])?;
    }
    Ok(Value::NONE)
}

fn read(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    file.fd(vm)?;
    if !file.readable.get() {
        return Err(unsupported(vm, "File not open for reading"));
    }
    let size = size_argument(vm, args[1])?;
    if size < 0 {
        return readall(vm, args);
    }
    let mut data = vec![0; size.min(i64::from(i32::MAX)) as usize];
    match file.read_slice(vm, &mut data)? {
        Some(n) => Ok(vm.new_bytes(&data[..n])?.value()),
        None => Ok(Value::NONE),
    }
}

/// One `read`: `None` if it would block.
///
/// # Safety
/// There is room for `len` bytes at `data`, and nothing else uses it meanwhile.
unsafe fn read_raw(vm: &Vm, fd: i32, data: *mut u8, len: usize) -> Result<Option<usize>> {
    // SAFETY: by contract.
    let n = retry(vm, || unsafe { libc::read(fd, data.cast(), len) })?;
    if n >= 0 {
        return Ok(Some(n as usize));
    }
    match errno() {
        libc::EAGAIN => Ok(None),
        e => Err(vm.os_error(e, None)),
    }
}

/// Everything up to the end; `None` if nothing was there and reading would block.
pub fn read_all(vm: &Vm, file: &FileIo, all: &mut Vec<u8>) -> Result<Option<()>> {
    let fd = file.fd(vm)?;
    // SAFETY: a plain system call.
    let at = unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) };
    let guess = match file.size.get() - at {
        left if at >= 0 && left > 0 && left < 1 << 40 => left as usize + 1,
        _ => 8192,
    };
    let start = all.len();
    let mut chunk = guess;
    loop {
        let at = all.len();
        all.resize(at + chunk, 0);
        let got = file.read_slice(vm, &mut all[at..]);
        all.truncate(at + got.ok().flatten().unwrap_or(0));
        match got? {
            None if all.len() == start => return Ok(None),
            None | Some(0) => return Ok(Some(())),
            Some(n) if n < chunk => chunk -= n,
            Some(_) => chunk = (all.len() - start).clamp(8192, 1 << 26),
        }
    }
}

fn readall(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    file.fd(vm)?;
    let mut all = Vec::new();
    match read_all(vm, &file, &mut all)? {
        Some(()) => Ok(vm.new_bytes(&all)?.value()),
        None => Ok(Value::NONE),
    }
}

fn readinto(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    file.fd(vm)?;
    if !file.readable.get() {
        return Err(unsupported(vm, "File not open for reading"));
    }
    let view = writable_argument(vm, args[1], "readinto() argument 1")?;
    // SAFETY: lent to us; Python code that changes it meanwhile is the caller's race, as in CPython.
    let n = file.read_slice(vm, unsafe { view.as_mut_slice() })?;
    Ok(n.map_or(Value::NONE, |n| vm.new_int(n as i64)))
}

fn write(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    file.fd(vm)?;
    if !file.writable.get() {
        return Err(unsupported(vm, "File not open for writing"));
    }
    let view = super::bytes_argument(vm, args[1])?;
    let n = file.write_slice(vm, &view)?;
    Ok(n.map_or(Value::NONE, |n| vm.new_int(n as i64)))
}

fn seek(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    file.fd(vm)?;
    let whence = args[2].given().map_or(Ok(0), |v| vm.to_i64(v))?;
    if args[1].is_float() {
        return Err(vm.type_error("'float' object cannot be interpreted as an integer"));
    }
    let at = file.seek_to(vm, vm.to_i64(args[1])?, whence as i32)?;
    Ok(vm.new_int(at))
}

fn tell(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<FileIo>(args[0]).seek_to(vm, 0, libc::SEEK_CUR)?))
}

fn truncate(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    let fd = file.fd(vm)?;
    if !file.writable.get() {
        return Err(unsupported(vm, "File not open for writing"));
    }
    let size = match args[1].given_not_none() {
        Some(v) => vm.to_i64(v)?,
        None => file.seek_to(vm, 0, libc::SEEK_CUR)?,
    };
    // SAFETY: a plain system call.
    let failed = retry(vm, || unsafe { libc::ftruncate(fd, size) } as isize)? < 0;
    if failed {
        return Err(vm.last_os_error(None));
    }
    file.size.set(-1);
    Ok(vm.new_int(size))
}

fn seekable(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    let fd = file.fd(vm)?;
    if file.seekable.get().is_none() {
        // SAFETY: a plain system call.
        file.seekable
            .set(Some(unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) } >= 0));
    }
    Ok(Value::bool(file.seekable.get() == Some(true)))
}

fn isatty(vm: &Vm, args: &[Value]) -> Result {
    let fd = this::<FileIo>(args[0]).fd(vm)?;
    // SAFETY: a plain system call.
    Ok(Value::bool(
        vm.allow_threads(|| unsafe { libc::isatty(fd) }) == 1,
    ))
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let file = this::<FileIo>(args[0]);
    let class = vm.class_of(args[0]);
    let module = vm.str_text(vm.get_attr(class.value(), vm.names.__module__.get())?)?;
    let shown = format!("{module}.{}", class.name_string());
    let fd = file.fd.get();
    if fd < 0 {
        return Ok(vm.new_str(&format!("<{shown} [closed]>")).value());
    }
    let close_fd = if file.close_fd.get() { "True" } else { "False" };
    let Some(name) = vm.find_attr(args[0], vm.intern("name"))? else {
        let text = format!(
            "<{shown} fd={fd} mode='{}' closefd={close_fd}>",
            file.mode()
        );
        return Ok(vm.new_str(&text).value());
    };
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Err(vm.runtime_error(format!("reentrant call inside {shown}.__repr__")));
    };
    let mut text = taipan_text::TextBuf::new();
    text.push_str(&format!("<{shown} name="));
    vm.push_repr(&mut text, name)?;
    text.push_str(&format!(" mode='{}' closefd={close_fd}>", file.mode()));
    vm.text_value(text)
}

fn getstate(vm: &Vm, args: &[Value]) -> Result {
    let name = vm.class_of(args[0]).name_string();
    Err(vm.type_error(format!("cannot pickle '{name}' instances")))
}

/// `FileIO`.
pub static FILE_IO: TypeDef = TypeDef {
    module: "_io",
    doc: "Open a file.\n\nThe mode can be 'r' (default), 'w', 'x' or 'a' for reading,\nwriting, exclusive creation or appending.",
    base: Some(&RAW_IO_BASE),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        slots::new(new),
        MethodDef::new(
            "__init__",
            "(self, /, file, mode='r', closefd=True, opener=None)",
            "",
            init,
        ),
        MethodDef::new(
            "read",
            "(self, size=-1, /)",
            "Read at most size bytes, returned as bytes.",
            read,
        ),
        MethodDef::new(
            "readall",
            "(self, /)",
            "Read all data from the file, returned as bytes.",
            readall,
        ),
        MethodDef::new(
            "readinto",
            "(self, buffer, /)",
            "Same as RawIOBase.readinto().",
            readinto,
        ),
        MethodDef::new(
            "write",
            "(self, b, /)",
            "Write buffer b to file, return number of bytes written.",
            write,
        ),
        MethodDef::new(
            "seek",
            "(self, pos, whence=0, /)",
            "Move to new file position and return the file position.",
            seek,
        ),
        MethodDef::new("tell", "(self, /)", "Current file position.", tell),
        MethodDef::new(
            "truncate",
            "(self, size=None, /)",
            "Truncate the file to at most size bytes and return the truncated size.",
            truncate,
        ),
        MethodDef::new("close", "(self, /)", "Close the file.", close),
        MethodDef::new(
            "seekable",
            "(self, /)",
            "True if file supports random-access.",
            seekable,
        ),
        MethodDef::new(
            "readable",
            "(self, /)",
            "True if file was opened in a read mode.",
            |vm, args| {
                let file = this::<FileIo>(args[0]);
                file.fd(vm)?;
                Ok(Value::bool(file.readable.get()))
            },
        ),
        MethodDef::new(
            "writable",
            "(self, /)",
            "True if file was opened in a write mode.",
            |vm, args| {
                let file = this::<FileIo>(args[0]);
                file.fd(vm)?;
                Ok(Value::bool(file.writable.get()))
            },
        ),
        MethodDef::new(
            "fileno",
            "(self, /)",
            "Return the underlying file descriptor (an integer).",
            |vm, args| Ok(vm.new_int(this::<FileIo>(args[0]).fd(vm)?.into())),
        ),
        MethodDef::new(
            "isatty",
            "(self, /)",
            "True if the file is connected to a TTY device.",
            isatty,
        ),
        MethodDef::new(
            "_isatty_open_only",
            "(self, /)",
            "Cheaper isatty() for a stream just opened.",
            isatty,
        ),
        MethodDef::new("_dealloc_warn", "(self, source, /)", "", dealloc_warn),
        MethodDef::new("__getstate__", "(self, /)", "", getstate),
        MethodDef::new("__del__", "(self, /)", "", finalize),
        slots::repr(repr),
    ],
    getset: &[
        GetSetDef {
            name: "closed",
            doc: "True if the file is closed",
            get: |_, v| Ok(Value::bool(this::<FileIo>(v).fd.get() < 0)),
            set: None,
        },
        GetSetDef {
            name: "closefd",
            doc: "True if the file descriptor will be closed by close().",
            get: |_, v| Ok(Value::bool(this::<FileIo>(v).close_fd.get())),
            set: None,
        },
        GetSetDef {
            name: "mode",
            doc: "String giving the file mode",
            get: |vm, v| Ok(vm.new_str(this::<FileIo>(v).mode()).value()),
            set: None,
        },
        GetSetDef {
            name: "_blksize",
            doc: "Stat st_blksize if available",
            get: |vm, v| {
                let n = this::<FileIo>(v).block.get();
                Ok(vm.new_int(if n > 1 {
                    n
                } else {
                    super::DEFAULT_BUFFER_SIZE as i64
                }))
            },
            set: None,
        },
    ],
    ..TypeDef::new("FileIO", <FileIo as Object>::LAYOUT)
};

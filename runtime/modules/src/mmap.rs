//! `mmap`: files and memory as sequences of bytes that can be changed in place.

use crate::common::Parameters;
use std::cell::Cell;
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, ModuleDef, TypeDef, slots};
use taipan_runtime::ops::buffer::{Exports, RawBuffer};
use taipan_runtime::ops::subscript::normalize;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::slice::{Indices, Slice};
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// What a program may do with a map.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Default,
    Read,
    Write,
    Copy,
}

impl Access {
    fn name(self) -> &'static str {
        match self {
            Access::Default => "ACCESS_DEFAULT",
            Access::Read => "ACCESS_READ",
            Access::Write => "ACCESS_WRITE",
            Access::Copy => "ACCESS_COPY",
        }
    }
}

/// A map. While it is not closed, `data` is the start of `len` mapped bytes that nobody else
/// unmaps; that is what the unsafe code below rests on. Loans keep it from being closed and
/// from moving.
#[repr(C)]
pub struct Map {
    pub header: Header,
    data: Cell<*mut u8>,
    len: Cell<usize>,
    position: Cell<usize>,
    offset: i64,
    /// A descriptor of its own for the file, or -1.
    fd: Cell<i32>,
    access: Access,
    flags: i32,
    tracks: bool,
    exports: Exports,
}

heap_object!(Map, "mmap", Kind::Other, |this, marker| {}, drop);

impl Drop for Map {
    fn drop(&mut self) {
        self.unmap();
    }
}

impl Map {
    fn unmap(&self) {
        let data = self.data.replace(std::ptr::null_mut());
        if !data.is_null() {
            // SAFETY: the bytes were mapped by this object, which forgot them.
            unsafe { libc::munmap(data.cast(), self.len.get()) };
        }
        let fd = self.fd.replace(-1);
        if fd >= 0 {
            // SAFETY: the descriptor was this object's own.
            unsafe { libc::close(fd) };
        }
    }

    fn is_closed(&self) -> bool {
        self.data.get().is_null()
    }

    /// The bytes. They may change under whoever has them (another process may map them too),
    /// so nobody keeps them for longer than it takes to copy.
    fn bytes(&self) -> &[u8] {
        // SAFETY: see the type.
        unsafe { std::slice::from_raw_parts(self.data.get(), self.len.get()) }
    }

    /// Overwrites bytes from `at` on; there must be as many.
    fn put(&self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= self.len.get());
        // SAFETY: see the type, and the line above; source and target may overlap.
        unsafe { std::ptr::copy(bytes.as_ptr(), self.data.get().add(at), bytes.len()) };
    }
}

/// An open map.
fn open(vm: &Vm, v: Value) -> Result<Gc<Map>> {
    let map = this::<Map>(v);
    if map.is_closed() {
        return Err(vm.value_error("mmap closed or invalid"));
    }
    Ok(map)
}

/// An open map that may be changed.
fn writable(vm: &Vm, v: Value) -> Result<Gc<Map>> {
    let map = open(vm, v)?;
    if map.access == Access::Read {
        return Err(vm.type_error("mmap can't modify a readonly memory map."));
    }
    Ok(map)
}

const PARAMETERS: Parameters<7> = Parameters {
    function: "",
    names: [
        "fileno", "length", "flags", "prot", "access", "offset", "trackfd",
    ],
    required: 2,
    positional: 6,
    convert: None,
};

fn new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let base = vm.class_of_def(&MMAP_TYPE)?;
    let class = class_argument(vm, args, base)?;
    let given = PARAMETERS.bind(vm, &args[1..], names)?;
    let number = |v: Value, default: i32| match v.given() {
        Some(v) => Ok(c_int_arg(vm, v)? as i32),
        None => Ok(default),
    };
    let fd = number(given[0], -1)?;
    let length = vm.to_ssize_arg(given[1])?;
    let mut flags = number(given[2], libc::MAP_SHARED)?;
    let mut protection = number(given[3], libc::PROT_READ | libc::PROT_WRITE)?;
    let access = number(given[4], 0)?;
    let offset = given[5].given().map_or(Ok(0), |v| vm.to_i64(v))?;
    let tracks = given[6].given().map_or(Ok(true), |v| vm.truth(v))?;
    let about = [fd.into(), length, access.into(), offset];
    vm.audit("mmap.__new__", &about.map(|n| vm.new_int(n)))?;
    if length < 0 {
        return Err(vm.overflow_error("memory mapped length must be positive"));
    }
    if offset < 0 {
        return Err(vm.overflow_error("memory mapped offset must be positive"));
    }
    if access != 0 && (given[2].given().is_some() || given[3].given().is_some()) {
        return Err(vm.value_error("mmap can't specify both access and flags, prot."));
    }
    let access = match access {
        0 if protection & libc::PROT_READ != 0 && protection & libc::PROT_WRITE == 0 => {
            Access::Read
        }
        0 => Access::Default,
        1 => {
            (flags, protection) = (libc::MAP_SHARED, libc::PROT_READ);
            Access::Read
        }
        2 => {
            (flags, protection) = (libc::MAP_SHARED, libc::PROT_READ | libc::PROT_WRITE);
            Access::Write
        }
        3 => {
            (flags, protection) = (libc::MAP_PRIVATE, libc::PROT_READ | libc::PROT_WRITE);
            Access::Copy
        }
        _ => return Err(vm.value_error("mmap invalid access parameter.")),
    };
    let mut length = length as usize;
    if fd != -1 {
        // SAFETY: all zeros is valid, and the call fills it.
        let mut status: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: likewise.
        if unsafe { libc::fstat(fd, &mut status) } < 0 {
            return Err(vm.last_os_error(None));
        }
        if status.st_mode & libc::S_IFMT == libc::S_IFREG {
            let rest = status.st_size - offset;
            if length == 0 {
                if status.st_size == 0 {
                    return Err(vm.value_error("cannot mmap an empty file"));
                }
                if rest <= 0 {
                    return Err(vm.value_error("mmap offset is greater than file size"));
                }
                length = rest as usize;
            } else if offset > status.st_size || (length as i64) > rest {
                return Err(vm.value_error("mmap length is greater than file size"));
            }
        }
    } else {
        flags |= libc::MAP_ANONYMOUS;
    }
    let own = if fd != -1 && tracks {
        // SAFETY: a plain system call.
        let own = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) };
        if own < 0 {
            return Err(vm.last_os_error(None));
        }
        own
    } else {
        -1
    };
    let null = std::ptr::null_mut();
    // SAFETY: the system chooses a place that nothing else has.
    let data =
        vm.allow_threads(|| unsafe { libc::mmap(null, length, protection, flags, fd, offset) });
    if data == libc::MAP_FAILED {
        let raised = vm.last_os_error(None);
        if own >= 0 {
            // SAFETY: the descriptor was made above.
            unsafe { libc::close(own) };
        }
        return Err(raised);
    }
    let map = Map {
        header: Header::empty(),
        data: Cell::new(data.cast()),
        len: Cell::new(length),
        position: Cell::new(0),
        offset,
        fd: Cell::new(own),
        access,
        flags,
        tracks,
        exports: Exports::default(),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), map).value())
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let map = this::<Map>(args[0]);
    let class = vm.class_of(args[0]);
    let name = crate::common::full_name(vm, class)?;
    let text = if map.is_closed() {
        format!("<{name} closed=True>")
    } else {
        format!(
            "<{name} closed=False, access={}, length={}, pos={}, offset={}>",
            map.access.name(),
            map.len.get(),
            map.position.get(),
            map.offset
        )
    };
    Ok(vm.new_str(&text).value())
}

fn copied(vm: &Vm, bytes: &[u8]) -> Result {
    Ok(vm.new_bytes(bytes)?.value())
}

fn getitem(vm: &Vm, args: &[Value]) -> Result {
    let map = open(vm, args[0])?;
    if let Some(slice) = args[1].cast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        let map = open(vm, args[0])?;
        let at = Indices::adjust(start, stop, step, map.len.get());
        let bytes = map.bytes();
        if at.step == 1 {
            let start = at.start as usize;
            return copied(vm, &bytes[start..start + at.count]);
        }
        let picked: Vec<u8> = at.iter().map(|i| bytes[i]).collect();
        return copied(vm, &picked);
    }
    match place(vm, map, args[1], "mmap indices must be integers")? {
        Some(at) => Ok(vm.new_int(open(vm, args[0])?.bytes()[at].into())),
        None => Err(vm.index_error("mmap index out of range")),
    }
}

/// The place an index means, if there is one.
fn place(vm: &Vm, map: Gc<Map>, index: Value, message: &str) -> Result<Option<usize>> {
    let is_index = index.as_int_ref().is_some()
        || vm
            .class_of(index)
            .special(taipan_runtime::object::Special::Index)
            .is_some();
    if !is_index {
        return Err(vm.type_error(message));
    }
    let index = vm.to_i64(vm.index(index)?)?;
    if map.is_closed() {
        return Err(vm.value_error("mmap closed or invalid"));
    }
    Ok(normalize(index, map.len.get()))
}

fn setitem(vm: &Vm, args: &[Value]) -> Result {
    let map = writable(vm, args[0])?;
    if let Some(slice) = args[1].cast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        let bytes = vm.bytes_like(args[2])?.contiguous_bytes().into_owned();
        let map = writable(vm, args[0])?;
        let at = Indices::adjust(start, stop, step, map.len.get());
        if bytes.len() != at.count {
            return Err(vm.index_error("mmap slice assignment is wrong size"));
        }
        for (i, b) in at.iter().zip(&bytes) {
            map.put(i, &[*b]);
        }
        return Ok(Value::NONE);
    }
    let Some(at) = place(vm, map, args[1], "mmap indices must be integer")? else {
        return Err(vm.index_error("mmap index out of range"));
    };
    let Ok(number) = vm.index(args[2]) else {
        let type_error = &exc::TYPE_ERROR;
        if vm.raised_is_def(type_error) {
            vm.clear_raised();
            return Err(vm.type_error("mmap item value must be an int"));
        }
        return Err(vm.raised_marker());
    };
    let Some(Ok(byte)) = number.as_int().map(u8::try_from) else {
        return Err(vm.value_error("mmap item value must be in range(0, 256)"));
    };
    // The number's class may have done anything to the map.
    let map = writable(vm, args[0])?;
    if at >= map.len.get() {
        return Err(vm.index_error("mmap index out of range"));
    }
    map.put(at, &[byte]);
    Ok(Value::NONE)
}

fn delitem(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.type_error("mmap doesn't support item deletion"))
}

fn len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(open(vm, args[0])?.len.get() as i64))
}

fn close(vm: &Vm, args: &[Value]) -> Result {
    let map = this::<Map>(args[0]);
    if map.exports.count() > 0 && vm.check_resizable(&map.exports).is_err() {
        vm.clear_raised();
        return Err(vm.buffer_error("cannot close exported pointers exist"));
    }
    map.unmap();
    Ok(Value::NONE)
}

/// What is left to read from the position on.
fn rest(map: &Map) -> &[u8] {
    let bytes = map.bytes();
    &bytes[map.position.get().min(bytes.len())..]
}

fn read(vm: &Vm, args: &[Value]) -> Result {
    let wanted = args[1]
        .given_not_none()
        .map_or(Ok(-1), |v| vm.to_ssize_arg(v))?;
    let map = open(vm, args[0])?;
    let rest = rest(&map);
    let count = usize::try_from(wanted)
        .unwrap_or(rest.len())
        .min(rest.len());
    let bytes = copied(vm, &rest[..count])?;
    map.position.set(map.position.get() + count);
    Ok(bytes)
}

fn readline(vm: &Vm, args: &[Value]) -> Result {
    let map = open(vm, args[0])?;
    let rest = rest(&map);
    let count = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
    let line = copied(vm, &rest[..count])?;
    map.position.set(map.position.get() + count);
    Ok(line)
}

fn read_byte(vm: &Vm, args: &[Value]) -> Result {
    let map = open(vm, args[0])?;
    match rest(&map).first() {
        Some(b) => {
            map.position.set(map.position.get() + 1);
            Ok(vm.new_int((*b).into()))
        }
        None => Err(vm.value_error("read byte out of range")),
    }
}

fn write(vm: &Vm, args: &[Value]) -> Result {
    open(vm, args[0])?;
    let bytes = vm.bytes_like(args[1])?.contiguous_bytes().into_owned();
    let map = writable(vm, args[0])?;
    if rest(&map).len() < bytes.len() {
        return Err(vm.value_error("data out of range"));
    }
    map.put(map.position.get(), &bytes);
    map.position.set(map.position.get() + bytes.len());
    Ok(vm.new_int(bytes.len() as i64))
}

fn write_byte(vm: &Vm, args: &[Value]) -> Result {
    let number = vm.to_i64(vm.index(args[1])?)?;
    let byte = u8::try_from(number).map_err(|_| {
        vm.overflow_error(if number < 0 {
            "unsigned byte integer is less than minimum"
        } else {
            "unsigned byte integer is greater than maximum"
        })
    })?;
    let map = writable(vm, args[0])?;
    if rest(&map).is_empty() {
        return Err(vm.value_error("write byte out of range"));
    }
    map.put(map.position.get(), &[byte]);
    map.position.set(map.position.get() + 1);
    Ok(Value::NONE)
}

fn seek(vm: &Vm, args: &[Value]) -> Result {
    let distance = vm.to_ssize_arg(args[1])?;
    let whence = args[2].given().map_or(Ok(0), |v| c_int_arg(vm, v))?;
    let map = open(vm, args[0])?;
    let from = match whence {
        0 => 0,
        1 => map.position.get() as i64,
        2 => map.len.get() as i64,
        _ => return Err(vm.value_error("unknown seek type")),
    };
    match from.checked_add(distance).map(usize::try_from) {
        Some(Ok(to)) if to <= map.len.get() => {
            map.position.set(to);
            Ok(vm.new_int(to as i64))
        }
        _ => Err(vm.value_error("seek out of range")),
    }
}

fn tell(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(open(vm, args[0])?.position.get() as i64))
}

fn find(vm: &Vm, args: &[Value], last: bool) -> Result {
    let map = open(vm, args[0])?;
    let needle = vm.bytes_like(args[1])?.contiguous_bytes().into_owned();
    let from = if last { 0 } else { map.position.get() as i64 };
    let bound = |v: Value, default: i64| match v.given_not_none() {
        Some(v) => vm.to_ssize_arg(v),
        None => Ok(default),
    };
    let from = if last {
        map.position.get() as i64
    } else {
        from
    };
    let (start, end) = (bound(args[2], from)?, bound(args[3], map.len.get() as i64)?);
    let map = open(vm, args[0])?;
    let len = map.len.get() as i64;
    let clamp = |n: i64| if n < 0 { (n + len).max(0) } else { n.min(len) } as usize;
    let (start, end) = (clamp(start), clamp(end));
    if start > end {
        return Ok(vm.new_int(-1));
    }
    let within = &map.bytes()[start..end];
    let found = if last {
        memchr::memmem::rfind(within, &needle)
    } else {
        memchr::memmem::find(within, &needle)
    };
    Ok(vm.new_int(found.map_or(-1, |at| (start + at) as i64)))
}

fn flush(vm: &Vm, args: &[Value]) -> Result {
    let map = open(vm, args[0])?;
    let offset = args[1].given().map_or(Ok(0), |v| vm.to_ssize_arg(v))?;
    let len = map.len.get() as i64;
    let size = match args[2].given_not_none() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => len - offset,
    };
    let map = open(vm, args[0])?;
    if size < 0 || offset < 0 || len - offset < size {
        return Err(vm.value_error("flush values out of range"));
    }
    if matches!(map.access, Access::Read | Access::Copy) {
        return Ok(Value::NONE);
    }
    // SAFETY: the bytes are within the map.
    let result = unsafe {
        let start = map.data.get().add(offset as usize);
        libc::msync(start.cast(), size as usize, libc::MS_SYNC)
    };
    crate::posix::done(vm, result, None)
}

fn move_(vm: &Vm, args: &[Value]) -> Result {
    let number = |v: Value| vm.to_ssize_arg(v);
    let (to, from, count) = (number(args[1])?, number(args[2])?, number(args[3])?);
    let map = writable(vm, args[0])?;
    let len = map.len.get() as i64;
    if to < 0 || from < 0 || count < 0 || len - to < count || len - from < count {
        return Err(vm.value_error("source, destination, or count out of range"));
    }
    let from = from as usize;
    map.put(to as usize, &map.bytes()[from..from + count as usize]);
    Ok(Value::NONE)
}

fn madvise(vm: &Vm, args: &[Value]) -> Result {
    let option = c_int_arg(vm, args[1])? as i32;
    let map = open(vm, args[0])?;
    let len = map.len.get() as i64;
    let start = args[2].given().map_or(Ok(0), |v| vm.to_ssize_arg(v))?;
    let length = args[3]
        .given_not_none()
        .map_or(Ok(len), |v| vm.to_ssize_arg(v))?;
    let map = open(vm, map.value())?;
    if start < 0 || start >= len {
        return Err(vm.value_error("madvise start out of bounds"));
    }
    if length < 0 {
        return Err(vm.value_error("madvise length invalid"));
    }
    if start.checked_add(length).is_none() {
        return Err(vm.overflow_error("madvise length too large"));
    }
    let length = length.min(len - start);
    // SAFETY: the bytes are within the map.
    let result = unsafe {
        let start = map.data.get().add(start as usize);
        libc::madvise(start.cast(), length as usize, option)
    };
    crate::posix::done(vm, result, None)
}

fn resize(vm: &Vm, args: &[Value]) -> Result {
    let size = vm.to_ssize_arg(args[1])?;
    let map = open(vm, args[0])?;
    if map.exports.count() > 0 && vm.check_resizable(&map.exports).is_err() {
        vm.clear_raised();
        return Err(vm.buffer_error("mmap can't resize with extant buffers exported."));
    }
    if matches!(map.access, Access::Read | Access::Copy) {
        return Err(vm.type_error("mmap can't resize a readonly or copy-on-write memory map."));
    }
    if !map.tracks {
        return Err(vm.value_error("mmap can't resize with trackfd=False."));
    }
    if size < 0 || map.offset.checked_add(size).is_none() {
        return Err(vm.value_error("new size out of range"));
    }
    let fd = map.fd.get();
    // SAFETY: a plain system call.
    if fd != -1 && unsafe { libc::ftruncate(fd, map.offset + size) } < 0 {
        return Err(vm.last_os_error(None));
    }
    // The system would give a shared map without a file no pages behind its first end.
    if fd == -1 && map.flags & libc::MAP_SHARED != 0 && size as usize > map.len.get() {
        return Err(vm.value_error("mmap: can't expand a shared anonymous mapping on Linux"));
    }
    // SAFETY: nobody has borrowed the bytes, which may move.
    let moved = unsafe {
        let old = map.data.get().cast();
        libc::mremap(old, map.len.get(), size as usize, libc::MREMAP_MAYMOVE)
    };
    if moved == libc::MAP_FAILED {
        return Err(vm.last_os_error(None));
    }
    map.data.set(moved.cast());
    map.len.set(size as usize);
    Ok(Value::NONE)
}

fn size(vm: &Vm, args: &[Value]) -> Result {
    let map = open(vm, args[0])?;
    // SAFETY: all zeros is valid, and the call fills it.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: likewise.
    if unsafe { libc::fstat(map.fd.get(), &mut status) } < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_int(status.st_size))
}

fn lend(vm: &Vm, v: Value, writable: bool) -> Result<RawBuffer> {
    let map = open(vm, v)?;
    let readonly = map.access == Access::Read;
    if writable && readonly {
        return Err(vm.buffer_error("Object is not writable."));
    }
    let export = map.exports.lend();
    Ok(RawBuffer::bytes(
        v,
        map.data.get(),
        map.len.get(),
        readonly,
        export,
    ))
}

static MMAP_TYPE: TypeDef = TypeDef {
    module: "mmap",
    doc: "mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])\n\n\
          Maps length bytes from the file specified by the file descriptor fileno,\n\
          and returns a mmap object.",
    subclassable: true,
    flags: ClassFlags::WEAKREFS,
    buffer: Some(lend),
    methods: &[
        slots::new(new),
        slots::repr(repr),
        slots::len(len),
        slots::getitem(getitem),
        slots::setitem(setitem),
        slots::delitem(delitem),
        MethodDef::new("close", "(self, /)", "", close),
        MethodDef::new(
            "find",
            "(self, view, start=None, end=None, /)",
            "",
            |vm, args| find(vm, args, false),
        ),
        MethodDef::new(
            "rfind",
            "(self, view, start=None, end=None, /)",
            "",
            |vm, args| find(vm, args, true),
        ),
        MethodDef::new("flush", "(self, offset=0, size=None, /)", "", flush),
        MethodDef::new(
            "madvise",
            "(self, option, start=0, length=None, /)",
            "",
            madvise,
        ),
        MethodDef::new("move", "(self, dest, src, count, /)", "", move_),
        MethodDef::new("read", "(self, n=None, /)", "", read),
        MethodDef::new("read_byte", "(self, /)", "", read_byte),
        MethodDef::new("readline", "(self, /)", "", readline),
        MethodDef::new("resize", "(self, newsize, /)", "", resize),
        MethodDef::new("seek", "(self, pos, whence=0, /)", "", seek),
        MethodDef::new("seekable", "(self, /)", "", |_, _| Ok(Value::TRUE)),
        MethodDef::new("size", "(self, /)", "", size),
        MethodDef::new("tell", "(self, /)", "", tell),
        MethodDef::new("write", "(self, bytes, /)", "", write),
        MethodDef::new("write_byte", "(self, byte, /)", "", write_byte),
        MethodDef::new("__enter__", "(self, /)", "", |vm, args| {
            Ok(open(vm, args[0])?.value())
        }),
        MethodDef::new(
            "__exit__",
            "(self, exc_type, exc_value, traceback, /)",
            "",
            close,
        ),
    ],
    getset: &[GetSetDef {
        name: "closed",
        doc: "",
        get: |_, v| Ok(this::<Map>(v).is_closed().into()),
        set: None,
    }],
    ..TypeDef::new("mmap", <Map as Object>::LAYOUT)
};

/// Says which name a constant has.
macro_rules! constants {
    ($($name:ident)*) => {
        &[$((stringify!($name), libc::$name as i64),)*]
    };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    MADV_DODUMP MADV_DOFORK MADV_DONTDUMP MADV_DONTFORK MADV_DONTNEED MADV_FREE MADV_HUGEPAGE
    MADV_HWPOISON MADV_MERGEABLE MADV_NOHUGEPAGE MADV_NORMAL MADV_RANDOM MADV_REMOVE
    MADV_SEQUENTIAL MADV_UNMERGEABLE MADV_WILLNEED MAP_32BIT MAP_ANON MAP_ANONYMOUS
    MAP_DENYWRITE MAP_EXECUTABLE MAP_NORESERVE MAP_POPULATE MAP_PRIVATE MAP_SHARED MAP_STACK
    PROT_EXEC PROT_READ PROT_WRITE
};

/// The module.
pub static MMAP: ModuleDef = ModuleDef {
    name: "mmap",
    doc: "",
    functions: &[],
    types: &[&MMAP_TYPE],
    exec: Some(|vm: &Vm, module: Gc<Module>| {
        module.set(vm, "error", vm.exception_class(&exc::OS_ERROR));
        for (name, value) in CONSTANTS {
            module.set(vm, name, vm.new_int(*value));
        }
        for (at, access) in [Access::Default, Access::Read, Access::Write, Access::Copy]
            .into_iter()
            .enumerate()
        {
            module.set(vm, access.name(), vm.new_int(at as i64));
        }
        // SAFETY: a plain query.
        let page = vm.new_int(unsafe { libc::sysconf(libc::_SC_PAGESIZE) });
        module.set(vm, "PAGESIZE", page);
        module.set(vm, "ALLOCATIONGRANULARITY", page);
        Ok(())
    }),
};

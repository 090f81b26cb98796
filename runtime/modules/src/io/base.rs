//! The abstract bases of all streams. They hold no native state, so that Python
//! classes can derive from them and from several of them; what they need to
//! remember (that the stream is closed) is an instance attribute.

use super::{is_closed, size_argument, unsupported, writable_argument};
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::bytes::{ByteArray, Bytes};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::object::Instance;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

const CLOSED_MARK: &str = "__IOBase_closed";

/// ValueError if the stream is closed.
pub fn check_closed(vm: &Vm, stream: Value) -> Result<()> {
    if is_closed(vm, stream)? {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(())
}

fn has_mark(vm: &Vm, stream: Value) -> Result<bool> {
    Ok(vm.find_attr(stream, vm.intern(CLOSED_MARK))?.is_some())
}

fn base_closed(vm: &Vm, stream: Value) -> Result {
    Ok(Value::bool(has_mark(vm, stream)?))
}

fn base_flush(vm: &Vm, args: &[Value]) -> Result {
    if has_mark(vm, args[0])? {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(Value::NONE)
}

fn base_close(vm: &Vm, args: &[Value]) -> Result {
    if has_mark(vm, args[0])? {
        return Ok(Value::NONE);
    }
    let flushed = vm.call_method(args[0], "flush", &[]);
    let pending = flushed.is_err().then(|| vm.take_raised());
    vm.set_attr(args[0], vm.intern(CLOSED_MARK), Some(Value::TRUE))?;
    match pending {
        Some(e) => Err(vm.raise_again(e)),
        None => Ok(Value::NONE),
    }
}

/// `__del__` of every stream: closes it if nobody did.
pub fn finalize(vm: &Vm, args: &[Value]) -> Result {
    match is_closed(vm, args[0]) {
        Ok(true) => return Ok(Value::NONE),
        Ok(false) => {}
        // An instance that was never set up has nothing to close.
        Err(_) => {
            vm.clear_raised();
            return Ok(Value::NONE);
        }
    }
    vm.call_method(args[0], "close", &[])
}

fn check(vm: &Vm, stream: Value, question: &str, complaint: &str) -> Result {
    let answer = vm.call_method(stream, question, &[])?;
    if answer != Value::TRUE {
        return Err(unsupported(vm, complaint));
    }
    Ok(answer)
}

/// UnsupportedOperation unless the stream says that it can seek.
pub fn check_seekable(vm: &Vm, stream: Value) -> Result {
    check(vm, stream, "seekable", "File or stream is not seekable.")
}

/// UnsupportedOperation unless the stream says that it can be read.
pub fn check_readable(vm: &Vm, stream: Value) -> Result {
    check(vm, stream, "readable", "File or stream is not readable.")
}

/// UnsupportedOperation unless the stream says that it can be written.
pub fn check_writable(vm: &Vm, stream: Value) -> Result {
    check(vm, stream, "writable", "File or stream is not writable.")
}

fn base_tell(vm: &Vm, args: &[Value]) -> Result {
    vm.call_method(args[0], "seek", &[vm.new_int(0), vm.new_int(1)])
}

fn base_enter(vm: &Vm, args: &[Value]) -> Result {
    check_closed(vm, args[0])?;
    Ok(args[0])
}

fn base_isatty(vm: &Vm, args: &[Value]) -> Result {
    check_closed(vm, args[0])?;
    Ok(Value::FALSE)
}

fn base_next(vm: &Vm, args: &[Value]) -> Result {
    let line = vm.call_method_named(args[0], vm.intern("readline"), &[])?;
    if vm.length(line)? == 0 {
        return Err(vm.stop_iteration(Value::NONE));
    }
    Ok(line)
}

fn base_readline(vm: &Vm, args: &[Value]) -> Result {
    let limit = size_argument(vm, args[1])?;
    let peek = vm.find_attr(args[0], vm.intern("peek"))?;
    let mut line: Vec<u8> = Vec::new();
    while limit < 0 || (line.len() as i64) < limit {
        let mut want = 1;
        if let Some(peek) = peek {
            let ahead = vm.call(peek, &[vm.new_int(1)])?;
            let Some(ahead) = ahead.cast::<Bytes>() else {
                let got = vm.type_name(ahead);
                return Err(vm.os_error_text(format!(
                    "peek() should have returned a bytes object, not '{got}'"
                )));
            };
            if !ahead.is_empty() {
                let most = if limit < 0 {
                    ahead.len()
                } else {
                    ahead.len().min((limit - line.len() as i64) as usize)
                };
                want = memchr::memchr(b'\n', &ahead.as_slice()[..most]).map_or(most, |i| i + 1);
            }
        }
        let part = vm.call_method(args[0], "read", &[vm.new_int(want as i64)])?;
        let Some(part) = part.cast::<Bytes>() else {
            let got = vm.type_name(part);
            return Err(vm.os_error_text(format!(
                "read() should have returned a bytes object, not '{got}'"
            )));
        };
        if part.is_empty() {
            break;
        }
        line.extend_from_slice(part.as_slice());
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(vm.new_bytes(&line)?.value())
}

fn base_readlines(vm: &Vm, args: &[Value]) -> Result {
    let hint = size_argument(vm, args[1])?;
    let list = vm.new_list(&[])?;
    let iterator = vm.iter(args[0])?;
    let mut total = 0;
    while let Some(line) = vm.next(iterator)? {
        list.push(vm, line)?;
        if hint > 0 {
            total += vm.length(line)? as i64;
            if total >= hint {
                break;
            }
        }
    }
    Ok(list.value())
}

fn base_writelines(vm: &Vm, args: &[Value]) -> Result {
    check_closed(vm, args[0])?;
    let write = vm.intern("write");
    vm.for_each(args[1], &mut |line| {
        vm.call_method_named(args[0], write, &[line])?;
        Ok(())
    })?;
    Ok(Value::NONE)
}

macro_rules! refuse {
    ($name:literal, $signature:literal, $doc:literal) => {
        MethodDef::new($name, $signature, $doc, |vm, _| Err(unsupported(vm, $name)))
    };
}

/// `_IOBase`.
pub static IO_BASE: TypeDef = TypeDef {
    module: "_io",
    doc: "The abstract base class for all I/O classes.\n\nThis class provides dummy implementations for many methods that\nderived classes can override selectively; the default implementations\nrepresent a file that cannot be read, written or seeked.",
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        refuse!(
            "seek",
            "(self, offset, whence=0, /)",
            "Change the stream position to the given byte offset."
        ),
        MethodDef::new(
            "tell",
            "(self, /)",
            "Return current stream position.",
            base_tell,
        ),
        refuse!(
            "truncate",
            "(self, size=None, /)",
            "Truncate file to size bytes."
        ),
        MethodDef::new(
            "flush",
            "(self, /)",
            "Flush write buffers, if applicable.",
            base_flush,
        ),
        MethodDef::new(
            "close",
            "(self, /)",
            "Flush and close the IO object.",
            base_close,
        ),
        MethodDef::new(
            "seekable",
            "(self, /)",
            "Return whether object supports random access.",
            |_, _| Ok(Value::FALSE),
        ),
        MethodDef::new(
            "readable",
            "(self, /)",
            "Return whether object was opened for reading.",
            |_, _| Ok(Value::FALSE),
        ),
        MethodDef::new(
            "writable",
            "(self, /)",
            "Return whether object was opened for writing.",
            |_, _| Ok(Value::FALSE),
        ),
        MethodDef::new("_checkClosed", "(self, /)", "", |vm, args| {
            check_closed(vm, args[0])?;
            Ok(Value::NONE)
        }),
        MethodDef::new("_checkSeekable", "(self, /)", "", |vm, args| {
            check_seekable(vm, args[0])
        }),
        MethodDef::new("_checkReadable", "(self, /)", "", |vm, args| {
            check_readable(vm, args[0])
        }),
        MethodDef::new("_checkWritable", "(self, /)", "", |vm, args| {
            check_writable(vm, args[0])
        }),
        refuse!(
            "fileno",
            "(self, /)",
            "Return underlying file descriptor if one exists."
        ),
        MethodDef::new(
            "isatty",
            "(self, /)",
            "Return whether this is an 'interactive' stream.",
            base_isatty,
        ),
        MethodDef::new("__enter__", "(self, /)", "", base_enter),
        MethodDef::new("__exit__", "(self, /, *args)", "", |vm, args| {
            vm.call_method(args[0], "close", &[])
        }),
        MethodDef::new(
            "readline",
            "(self, size=-1, /)",
            "Read and return a line from the stream.",
            base_readline,
        ),
        MethodDef::new(
            "readlines",
            "(self, hint=-1, /)",
            "Return a list of lines from the stream.",
            base_readlines,
        ),
        MethodDef::new(
            "writelines",
            "(self, lines, /)",
            "Write a list of lines to stream.",
            base_writelines,
        ),
        slots::iter(base_enter),
        slots::next(base_next),
        MethodDef::new("__del__", "(self, /)", "", finalize),
    ],
    getset: &[GetSetDef {
        name: "closed",
        doc: "",
        get: base_closed,
        set: None,
    }],
    ..TypeDef::new("_IOBase", <Instance as Object>::LAYOUT)
};

fn raw_read(vm: &Vm, args: &[Value]) -> Result {
    let size = size_argument(vm, args[1])?;
    if size < 0 {
        return vm.call_method(args[0], "readall", &[]);
    }
    let buffer = vm.new_bytearray(vec![0; size as usize]);
    let count = vm.call_method(args[0], "readinto", &[buffer.value()])?;
    if count.is_none() {
        return Ok(count);
    }
    let count = vm.to_i64(count)?;
    if count < 0 || count > buffer.len() as i64 {
        return Err(vm.value_error(format!(
            "readinto returned {count} outside buffer size {}",
            buffer.len()
        )));
    }
    Ok(vm.new_bytes(&buffer.as_slice()[..count as usize])?.value())
}

fn raw_readall(vm: &Vm, args: &[Value]) -> Result {
    let mut all: Vec<u8> = Vec::new();
    let mut any = false;
    loop {
        let part = vm.call_method(
            args[0],
            "read",
            &[vm.new_int(super::DEFAULT_BUFFER_SIZE as i64)],
        )?;
        if part.is_none() {
            if !any {
                return Ok(part);
            }
            break;
        }
        let Some(bytes) = part.cast::<Bytes>() else {
            return Err(vm.type_error("read() should return bytes"));
        };
        if bytes.is_empty() {
            break;
        }
        any = true;
        all.extend_from_slice(bytes.as_slice());
    }
    Ok(vm.new_bytes(&all)?.value())
}

/// `_RawIOBase`.
pub static RAW_IO_BASE: TypeDef = TypeDef {
    module: "_io",
    doc: "Base class for raw binary I/O.",
    base: Some(&IO_BASE),
    subclassable: true,
    has_dict: true,
    methods: &[
        MethodDef::new("read", "(self, size=-1, /)", "", raw_read),
        MethodDef::new(
            "readall",
            "(self, /)",
            "Read until EOF, using multiple read() call.",
            raw_readall,
        ),
        refuse!("readinto", "(self, buffer, /)", ""),
        refuse!("write", "(self, b, /)", ""),
    ],
    ..TypeDef::new("_RawIOBase", <Instance as Object>::LAYOUT)
};

/// `readinto` by a reading method.
fn read_into_by(vm: &Vm, args: &[Value], method: &str) -> Result {
    let name = if method == "read1" {
        "readinto1() argument"
    } else {
        "readinto() argument"
    };
    let view = writable_argument(vm, args[1], name)?;
    let data = vm.call_method(args[0], method, &[vm.new_int(view.len() as i64)])?;
    let Some(data) = data.cast::<Bytes>() else {
        return Err(vm.type_error("read() should return bytes"));
    };
    if data.len() > view.len() {
        return Err(vm.value_error(format!(
            "read() returned too much data: {} bytes requested, {} returned",
            view.len(),
            data.len()
        )));
    }
    // SAFETY: nothing else runs while the bytes are copied.
    let memory = unsafe { view.as_mut_slice() };
    memory[..data.len()].copy_from_slice(data.as_slice());
    Ok(vm.new_int(data.len() as i64))
}

/// `_BufferedIOBase`.
pub static BUFFERED_IO_BASE: TypeDef = TypeDef {
    module: "_io",
    doc: "Base class for buffered IO objects.\n\nThe main difference with RawIOBase is that the read() method\nsupports omitting the size argument, and does not have a default\nimplementation that defers to readinto().",
    base: Some(&IO_BASE),
    subclassable: true,
    has_dict: true,
    methods: &[
        refuse!(
            "detach",
            "(self, /)",
            "Disconnect this buffer from its underlying raw stream and return it."
        ),
        refuse!(
            "read",
            "(self, size=-1, /)",
            "Read and return up to n bytes."
        ),
        refuse!(
            "read1",
            "(self, size=-1, /)",
            "Read and return up to size bytes."
        ),
        refuse!("write", "(self, b, /)", "Write buffer b to the IO stream."),
        MethodDef::new("readinto", "(self, buffer, /)", "", |vm, args| {
            read_into_by(vm, args, "read")
        }),
        MethodDef::new("readinto1", "(self, buffer, /)", "", |vm, args| {
            read_into_by(vm, args, "read1")
        }),
    ],
    ..TypeDef::new("_BufferedIOBase", <Instance as Object>::LAYOUT)
};

/// `_TextIOBase`.
pub static TEXT_IO_BASE: TypeDef = TypeDef {
    module: "_io",
    doc: "Base class for text I/O.\n\nThis class provides a character and line based interface to stream\nI/O. There is no readinto method because Python's character strings\nare immutable.",
    base: Some(&IO_BASE),
    subclassable: true,
    has_dict: true,
    methods: &[
        refuse!(
            "detach",
            "(self, /)",
            "Separate the underlying buffer from the TextIOBase and return it."
        ),
        refuse!(
            "read",
            "(self, size=-1, /)",
            "Read at most size characters from stream."
        ),
        refuse!(
            "readline",
            "(self, size=-1, /)",
            "Read until newline or EOF."
        ),
        refuse!("write", "(self, s, /)", "Write string s to stream."),
    ],
    getset: &[
        GetSetDef {
            name: "encoding",
            doc: "Encoding of the text stream.",
            get: |_, _| Ok(Value::NONE),
            set: None,
        },
        GetSetDef {
            name: "newlines",
            doc: "Line endings translated so far.",
            get: |_, _| Ok(Value::NONE),
            set: None,
        },
        GetSetDef {
            name: "errors",
            doc: "The error setting of the decoder or encoder.",
            get: |_, _| Ok(Value::NONE),
            set: None,
        },
    ],
    ..TypeDef::new("_TextIOBase", <Instance as Object>::LAYOUT)
};

/// Whether an exception is the BlockingIOError that a raw stream raised.
pub fn is_blocking(vm: &Vm) -> bool {
    vm.raised_is_def(&exc::BLOCKING_IO_ERROR)
}

/// A memoryview of a fresh bytearray, for a Python-level `readinto`.
pub fn scratch(vm: &Vm, len: usize) -> Result<(Gc<ByteArray>, Value)> {
    let array = vm.new_bytearray(vec![0; len]);
    let view = vm.memoryview_of(array.value())?.value();
    Ok((array, view))
}

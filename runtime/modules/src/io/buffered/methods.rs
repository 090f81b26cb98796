//! The methods and tables of the three buffered classes.

use super::read::{self, peek, read1, readinto, readinto1, readline};
use super::write::write;
use super::{Buffered, setup};
use crate::io::base::{BUFFERED_IO_BASE, check_readable, check_seekable, check_writable};
use crate::io::unclosed::register;
use crate::io::unsupported;
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::protocol::{NEXT, class_argument, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

fn stream(args: &[Value]) -> Gc<Buffered> {
    this::<Buffered>(args[0])
}

fn new(vm: &Vm, args: &[Value], base: &'static TypeDef) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(base)?)?;
    Ok(vm
        .heap
        .alloc(class.root_shape.get(), Buffered::empty())
        .value())
}

fn init_reader(vm: &Vm, args: &[Value]) -> Result {
    stream(args).ready.set(false);
    check_readable(vm, args[1])?;
    setup(vm, stream(args), args[1], args[2])?;
    stream(args).readable.set(true);
    Ok(Value::NONE)
}

fn init_writer(vm: &Vm, args: &[Value]) -> Result {
    stream(args).ready.set(false);
    check_writable(vm, args[1])?;
    setup(vm, stream(args), args[1], args[2])?;
    stream(args).writable.set(true);
    register(vm, args[0])?;
    Ok(Value::NONE)
}

fn init_random(vm: &Vm, args: &[Value]) -> Result {
    stream(args).ready.set(false);
    check_seekable(vm, args[1])?;
    check_readable(vm, args[1])?;
    check_writable(vm, args[1])?;
    setup(vm, stream(args), args[1], args[2])?;
    stream(args).readable.set(true);
    stream(args).writable.set(true);
    register(vm, args[0])?;
    Ok(Value::NONE)
}

fn tell(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    let _using = this.enter(vm)?;
    let at = this.raw_tell(vm)? - this.ahead() as i64 + this.write.borrow().len() as i64;
    Ok(vm.new_int(at))
}

fn seek(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    let whence = args[2].given().map_or(Ok(0), |v| vm.to_i64(v))?;
    if !(0..=4).contains(&whence) {
        return Err(vm.value_error(format!("whence value {whence} unsupported")));
    }
    this.check_open(vm, "seek of")?;
    check_seekable(vm, this.raw(vm)?)?;
    let offset = vm.to_i64(args[1])?;
    let _using = this.enter(vm)?;
    if whence != 2
        && this.readable.get()
        && this.write.borrow().is_empty()
        && this.ahead() > 0
        && whence < 2
    {
        // Within what was read ahead there is no need to move.
        let at = this.raw_tell(vm)? - this.ahead() as i64;
        let by = if whence == 0 { offset - at } else { offset };
        let pos = this.read_pos.get() as i64;
        if by >= -pos && by <= this.ahead() as i64 {
            this.read_pos.set((pos + by) as usize);
            return Ok(vm.new_int(at + by));
        }
    }
    if this.writable.get() {
        this.flush_locked(vm)?;
    }
    let offset = if whence == 1 {
        offset - this.ahead() as i64
    } else {
        offset
    };
    let at = this.raw_seek(vm, offset, whence)?;
    this.drop_read();
    Ok(vm.new_int(at))
}

fn truncate(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    this.check_open(vm, "truncate of")?;
    if !this.writable.get() {
        return Err(unsupported(vm, "truncate"));
    }
    let _using = this.enter(vm)?;
    this.flush_locked(vm)?;
    let size = match args[1].given_not_none() {
        Some(v) => v,
        None => vm.new_int(this.raw_tell(vm)? - this.ahead() as i64),
    };
    this.rewind(vm)?;
    vm.call_method(this.raw(vm)?, "truncate", &[size])
}

fn flush(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    if !this.writable.get() {
        // A reader passes it on.
        return vm.call_method(this.raw(vm)?, "flush", &[]);
    }
    this.flush(vm)?;
    Ok(Value::NONE)
}

fn close(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    let raw = this.raw(vm)?;
    if this.raw_closed(vm)? {
        return Ok(Value::NONE);
    }
    if this.finalizing.get() && vm.call_method(raw, "_dealloc_warn", &[args[0]]).is_err() {
        vm.clear_raised();
    }
    let flushed = vm.call_method(args[0], "flush", &[]);
    let pending = flushed.is_err().then(|| vm.take_raised());
    let closed = vm.call_method(raw, "close", &[]);
    this.drop_read();
    this.write.borrow_mut().clear();
    match (pending, closed) {
        (None, result) => result,
        (Some(e), Ok(_)) => Err(vm.raise_again(e)),
        (Some(e), Err(raised)) => {
            if let Some(later) = vm.pending().and_then(|p| p.cast()) {
                vm.set_context(later, e);
            }
            Err(raised)
        }
    }
}

fn detach(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    let raw = this.raw(vm)?;
    vm.call_method(args[0], "flush", &[])?;
    this.raw.clear();
    this.plain.set(false);
    this.detached.set(true);
    this.ready.set(false);
    Ok(raw)
}

fn delegate(vm: &Vm, args: &[Value], name: &str) -> Result {
    vm.call_method(stream(args).raw(vm)?, name, &[])
}

fn finalize(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    if !this.ready.get() {
        return Ok(Value::NONE);
    }
    this.finalizing.set(true);
    let result = crate::io::base::finalize(vm, args);
    this.finalizing.set(false);
    result
}

fn dealloc_warn(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    if this.ready.get()
        && vm
            .call_method(this.raw.or_none(), "_dealloc_warn", &[args[1]])
            .is_err()
    {
        vm.clear_raised();
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let shown = vm.class_of(args[0]).qualified_name();
    let name = match vm.find_attr(args[0], vm.intern("name")) {
        Ok(name) => name,
        Err(raised)
            if !vm.raised_is_def(&taipan_runtime::types::exception::classes::VALUE_ERROR) =>
        {
            return Err(raised);
        }
        Err(_) => {
            vm.clear_raised();
            None
        }
    };
    let Some(name) = name else {
        return Ok(vm.new_str(&format!("<{shown}>")).value());
    };
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Err(vm.runtime_error(format!("reentrant call inside {shown}.__repr__")));
    };
    let mut text = taipan_text::TextBuf::new();
    text.push_str(&format!("<{shown} name="));
    vm.push_repr(&mut text, name)?;
    text.push_ascii(">");
    vm.text_value(text)
}

fn getstate(vm: &Vm, args: &[Value]) -> Result {
    let name = vm.class_of(args[0]).name_string();
    Err(vm.type_error(format!("cannot pickle '{name}' instances")))
}

const GETSET: &[GetSetDef] = &[
    GetSetDef {
        name: "raw",
        doc: "",
        get: |vm, v| {
            this::<Buffered>(v)
                .raw
                .get()
                .ok_or_else(|| vm.attribute_error("raw"))
        },
        set: None,
    },
    GetSetDef {
        name: "closed",
        doc: "",
        get: |vm, v| Ok(Value::bool(this::<Buffered>(v).raw_closed(vm)?)),
        set: None,
    },
    GetSetDef {
        name: "name",
        doc: "",
        get: |vm, v| {
            let raw = this::<Buffered>(v).raw(vm)?;
            vm.get_attr_str(raw, "name")
        },
        set: None,
    },
    GetSetDef {
        name: "mode",
        doc: "",
        get: |vm, v| {
            let raw = this::<Buffered>(v).raw(vm)?;
            vm.get_attr_str(raw, "mode")
        },
        set: None,
    },
    GetSetDef {
        name: "_finalizing",
        doc: "",
        get: |_, v| Ok(Value::bool(this::<Buffered>(v).finalizing.get())),
        set: None,
    },
];

const DETACH: MethodDef = MethodDef::new(
    "detach",
    "(self, /)",
    "Disconnect this buffer from its underlying raw stream and return it.",
    detach,
);
const FLUSH: MethodDef = MethodDef::new("flush", "(self, /)", "", flush);
const CLOSE: MethodDef = MethodDef::new("close", "(self, /)", "", close);
const SEEKABLE: MethodDef = MethodDef::new("seekable", "(self, /)", "", |vm, args| {
    delegate(vm, args, "seekable")
});
const READABLE: MethodDef = MethodDef::new("readable", "(self, /)", "", |vm, args| {
    delegate(vm, args, "readable")
});
const WRITABLE: MethodDef = MethodDef::new("writable", "(self, /)", "", |vm, args| {
    delegate(vm, args, "writable")
});
const FILENO: MethodDef = MethodDef::new("fileno", "(self, /)", "", |vm, args| {
    delegate(vm, args, "fileno")
});
const ISATTY: MethodDef = MethodDef::new("isatty", "(self, /)", "", |vm, args| {
    delegate(vm, args, "isatty")
});
const SEEK: MethodDef = MethodDef::new("seek", "(self, target, whence=0, /)", "", seek);
const TELL: MethodDef = MethodDef::new("tell", "(self, /)", "", tell);
const TRUNCATE: MethodDef = MethodDef::new("truncate", "(self, pos=None, /)", "", truncate);
const WARN: MethodDef = MethodDef::new("_dealloc_warn", "(self, source, /)", "", dealloc_warn);
const DEL: MethodDef = MethodDef::new("__del__", "(self, /)", "", finalize);
const REPR: MethodDef = slots::repr(repr);
const STATE: MethodDef = MethodDef::new("__getstate__", "(self, /)", "", getstate);
const READ: MethodDef = MethodDef::new("read", "(self, size=-1, /)", "", read::read);
const READ1: MethodDef = MethodDef::new("read1", "(self, size=-1, /)", "", read1);
const READINTO: MethodDef = MethodDef::new("readinto", "(self, buffer, /)", "", readinto);
const READINTO1: MethodDef = MethodDef::new("readinto1", "(self, buffer, /)", "", readinto1);
const READLINE: MethodDef = MethodDef::new("readline", "(self, size=-1, /)", "", readline);
const PEEK: MethodDef = MethodDef::new("peek", "(self, size=0, /)", "", peek);
const WRITE: MethodDef = MethodDef::new("write", "(self, buffer, /)", "", write);

/// `BufferedReader`.
pub static BUFFERED_READER: TypeDef = TypeDef {
    module: "_io",
    doc: "Create a new buffered reader using the given readable raw IO object.",
    base: Some(&BUFFERED_IO_BASE),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    next: Some(read::next),
    methods: &[
        slots::new(|vm, args, _| new(vm, args, &BUFFERED_READER)),
        MethodDef::new(
            "__init__",
            "(self, /, raw, buffer_size=131072)",
            "",
            init_reader,
        ),
        DETACH,
        FLUSH,
        CLOSE,
        SEEKABLE,
        READABLE,
        FILENO,
        ISATTY,
        WARN,
        READ,
        PEEK,
        READ1,
        READINTO,
        READINTO1,
        READLINE,
        SEEK,
        TELL,
        TRUNCATE,
        STATE,
        DEL,
        REPR,
        NEXT,
    ],
    getset: GETSET,
    ..TypeDef::new("BufferedReader", <Buffered as Object>::LAYOUT)
};

/// `BufferedWriter`.
pub static BUFFERED_WRITER: TypeDef = TypeDef {
    module: "_io",
    doc: "A buffer for a writeable sequential RawIO object.\n\nThe constructor creates a BufferedWriter for the given writeable raw\nstream. If the buffer_size is not given, it defaults to\nDEFAULT_BUFFER_SIZE.",
    base: Some(&BUFFERED_IO_BASE),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        slots::new(|vm, args, _| new(vm, args, &BUFFERED_WRITER)),
        MethodDef::new(
            "__init__",
            "(self, /, raw, buffer_size=131072)",
            "",
            init_writer,
        ),
        CLOSE,
        DETACH,
        SEEKABLE,
        WRITABLE,
        FILENO,
        ISATTY,
        WARN,
        WRITE,
        TRUNCATE,
        FLUSH,
        SEEK,
        TELL,
        STATE,
        DEL,
        REPR,
    ],
    getset: GETSET,
    ..TypeDef::new("BufferedWriter", <Buffered as Object>::LAYOUT)
};

/// `BufferedRandom`.
pub static BUFFERED_RANDOM: TypeDef = TypeDef {
    module: "_io",
    doc: "A buffered interface to random access streams.\n\nThe constructor creates a reader and writer for a seekable stream,\nraw, given in the first argument. If the buffer_size is omitted it\ndefaults to DEFAULT_BUFFER_SIZE.",
    base: Some(&BUFFERED_IO_BASE),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    next: Some(read::next),
    methods: &[
        slots::new(|vm, args, _| new(vm, args, &BUFFERED_RANDOM)),
        MethodDef::new(
            "__init__",
            "(self, /, raw, buffer_size=131072)",
            "",
            init_random,
        ),
        CLOSE,
        DETACH,
        SEEKABLE,
        READABLE,
        WRITABLE,
        FILENO,
        ISATTY,
        WARN,
        FLUSH,
        SEEK,
        TELL,
        TRUNCATE,
        READ,
        READ1,
        READINTO,
        READINTO1,
        READLINE,
        PEEK,
        WRITE,
        STATE,
        DEL,
        REPR,
        NEXT,
    ],
    getset: GETSET,
    ..TypeDef::new("BufferedRandom", <Buffered as Object>::LAYOUT)
};

//! `BytesIO`: bytes in memory as a stream, which lends its memory by `getbuffer()`.

use super::base::BUFFERED_IO_BASE;
use super::{bytes_argument, size_argument, writable_argument};
use std::cell::{Cell, RefCell};
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::ops::buffer::{Exports, RawBuffer};
use taipan_runtime::types::protocol::{NEXT, class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// See the module's description.
#[repr(C)]
pub struct BytesIo {
    pub header: Header,
    data: RefCell<Vec<u8>>,
    pos: Cell<usize>,
    closed: Cell<bool>,
    exports: Exports,
    /// What `getvalue()` gave, while nothing changed since.
    value: Field,
}

heap_object!(
    BytesIo,
    "BytesIO",
    Kind::Other,
    |this, marker| {
        marker.field(&this.value);
    },
    drop
);

/// What `getbuffer()` makes a memoryview of.
#[repr(C)]
pub struct Lender {
    pub header: Header,
    source: GcField<BytesIo>,
}

heap_object!(Lender, "_BytesIOBuffer", Kind::Other, |this, marker| {
    marker.gc_field(&this.source);
});

fn stream(vm: &Vm, args: &[Value]) -> Result<Gc<BytesIo>> {
    let this = this::<BytesIo>(args[0]);
    if this.closed.get() {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    Ok(this)
}

/// A stream about to be changed: BufferError while its memory is lent.
fn changing(vm: &Vm, args: &[Value]) -> Result<Gc<BytesIo>> {
    let this = stream(vm, args)?;
    if this.exports.count() > 0 {
        vm.check_resizable(&this.exports)?;
    }
    this.value.clear();
    Ok(this)
}

impl BytesIo {
    fn take(&self, vm: &Vm, n: usize) -> Result {
        let data = self.data.borrow();
        let start = self.pos.get().min(data.len());
        let end = start.saturating_add(n).min(data.len());
        let bytes = vm.new_bytes(&data[start..end])?;
        self.pos.set(self.pos.get() + (end - start));
        Ok(bytes.value())
    }

    fn line(&self, limit: i64) -> usize {
        let data = self.data.borrow();
        let rest = data.get(self.pos.get()..).unwrap_or(&[]);
        let rest = &rest[..rest.len().min(usize::try_from(limit).unwrap_or(usize::MAX))];
        memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1)
    }
}

fn init(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<BytesIo>(args[0]);
    vm.check_resizable(&this.exports)?;
    let initial = match args[1].given_not_none() {
        Some(v) => {
            if !vm.supports_buffer(v) {
                let got = vm.type_name(v);
                return Err(vm.type_error(format!("a bytes-like object is required, not '{got}'")));
            }
            vm.all_bytes(v)?.to_vec()
        }
        None => Vec::new(),
    };
    this.value.clear();
    *this.data.borrow_mut() = initial;
    this.pos.set(0);
    Ok(Value::NONE)
}

fn read(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let n = size_argument(vm, args[1])?;
    this.take(vm, usize::try_from(n).unwrap_or(usize::MAX))
}

fn readline(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let limit = size_argument(vm, args[1])?;
    this.take(vm, this.line(limit))
}

fn readlines(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let hint = size_argument(vm, args[1])?;
    let list = vm.new_list(&[])?;
    let mut total = 0;
    loop {
        let n = this.line(-1);
        if n == 0 {
            break;
        }
        list.push(vm, this.take(vm, n)?)?;
        total += n as i64;
        if hint > 0 && total >= hint {
            break;
        }
    }
    Ok(list.value())
}

fn next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let this = stream(vm, &[v])?;
    match this.line(-1) {
        0 => Ok(None),
        n => Ok(Some(this.take(vm, n)?)),
    }
}

fn readinto(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let view = writable_argument(vm, args[1], "readinto() argument")?;
    let data = this.data.borrow();
    let rest = data.get(this.pos.get()..).unwrap_or(&[]);
    let n = rest.len().min(view.len());
    // SAFETY: the memory is another object's, or a part of ours lent by `getbuffer`; copied by address.
    unsafe { std::ptr::copy(rest.as_ptr(), view.as_mut_slice().as_mut_ptr(), n) };
    this.pos.set(this.pos.get() + n);
    Ok(vm.new_int(n as i64))
}

fn write(vm: &Vm, args: &[Value]) -> Result {
    changing(vm, args)?;
    let new = bytes_argument(vm, args[1])?;
    let this = changing(vm, args)?;
    if new.is_empty() {
        return Ok(vm.new_int(0));
    }
    let mut data = this.data.borrow_mut();
    let at = this.pos.get();
    let end = at + new.len();
    if at == data.len() {
        data.extend_from_slice(&new);
    } else {
        if data.len() < end {
            data.resize(end, 0);
        }
        data[at..end].copy_from_slice(&new);
    }
    this.pos.set(end);
    Ok(vm.new_int(new.len() as i64))
}

fn writelines(vm: &Vm, args: &[Value]) -> Result {
    stream(vm, args)?;
    vm.for_each(args[1], &mut |v| {
        write(vm, &[args[0], v])?;
        Ok(())
    })?;
    Ok(Value::NONE)
}

fn seek(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let offset = taipan_runtime::types::support::size_arg(vm, args[1])?;
    let whence = args[2].given().map_or(Ok(0), |v| vm.to_i64(v))?;
    let base = match whence {
        0 if offset < 0 => return Err(vm.value_error(format!("negative seek value {offset}"))),
        0 => 0,
        1 => this.pos.get() as i64,
        2 => this.data.borrow().len() as i64,
        _ => return Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let Some(at) = base.checked_add(offset) else {
        return Err(vm.overflow_error("new position too large"));
    };
    this.pos.set(at.max(0) as usize);
    Ok(vm.new_int(at.max(0)))
}

fn truncate(vm: &Vm, args: &[Value]) -> Result {
    let this = changing(vm, args)?;
    let size = match args[1].given_not_none() {
        None => this.pos.get() as i64,
        Some(_) => size_argument(vm, args[1])?,
    };
    if size < 0 {
        return Err(vm.value_error(format!("negative size value {size}")));
    }
    this.data.borrow_mut().truncate(size as usize);
    Ok(vm.new_int(size))
}

fn getvalue(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    if let Some(v) = this.value.get()
        && this.exports.count() == 0
    {
        return Ok(v);
    }
    let v = vm.new_bytes(&this.data.borrow())?.value();
    if this.exports.count() == 0 {
        this.value.set(&this.header, v);
    }
    Ok(v)
}

fn getbuffer(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    this.value.clear();
    let class = vm.class_of_def(&BYTES_IO_BUFFER)?;
    let lender = Lender {
        header: Header::empty(),
        source: GcField::new(this),
    };
    let lender = vm.heap.alloc(class.root_shape.get(), lender);
    Ok(vm.memoryview_of(lender.value())?.value())
}

fn lend(vm: &Vm, v: Value, _: bool) -> Result<RawBuffer> {
    let Some(source) = v.cast::<Lender>().and_then(|l| l.source.get()) else {
        return Err(vm.buffer_error("nothing to lend"));
    };
    let mut data = source.data.borrow_mut();
    let (address, len) = (data.as_mut_ptr(), data.len());
    Ok(RawBuffer::bytes(
        v,
        address,
        len,
        false,
        source.exports.lend(),
    ))
}

fn close(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<BytesIo>(args[0]);
    if this.exports.count() > 0 {
        vm.check_resizable(&this.exports)?;
    }
    this.closed.set(true);
    this.value.clear();
    *this.data.borrow_mut() = Vec::new();
    Ok(Value::NONE)
}

fn getstate(vm: &Vm, args: &[Value]) -> Result {
    let value = getvalue(vm, args)?;
    let this = this::<BytesIo>(args[0]);
    let dict = if vm.own_attributes(this.header()).is_empty() {
        Value::NONE
    } else {
        vm.own_dict(this.header())?.copy(vm)?.value()
    };
    Ok(vm
        .new_tuple(&[value, vm.new_int(this.pos.get() as i64), dict])?
        .value())
}

fn setstate(vm: &Vm, args: &[Value]) -> Result {
    let name = vm.class_of(args[0]).qualified_name();
    let state = args[1].cast::<Tuple>().filter(|t| t.len() >= 3);
    let Some(state) = state else {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!(
            "{name}.__setstate__ argument should be 3-tuple, got {got}"
        )));
    };
    let this = stream(vm, args)?;
    init(vm, &[args[0], state.get(0)])?;
    if state.get(1).as_int_ref().is_none() {
        let got = vm.type_name(state.get(1));
        return Err(vm.type_error(format!(
            "second item of state must be an integer, not {got}"
        )));
    }
    let pos = vm.to_i64(state.get(1))?;
    if pos < 0 {
        return Err(vm.value_error("position value cannot be negative"));
    }
    this.pos.set(pos as usize);
    let dict = state.get(2);
    if !dict.is_none() {
        if dict.cast::<taipan_runtime::types::dict::Dict>().is_none() {
            let got = vm.type_name(dict);
            return Err(vm.type_error(format!("third item of state should be a dict, got a {got}")));
        }
        let own = vm.own_dict(this.header())?;
        vm.call_method(own.value(), "update", &[dict])?;
    }
    Ok(Value::NONE)
}

fn yes(vm: &Vm, args: &[Value]) -> Result {
    stream(vm, args)?;
    Ok(Value::TRUE)
}

/// The type of what `getbuffer()` lends.
pub static BYTES_IO_BUFFER: TypeDef = TypeDef {
    module: "_io",
    flags: ClassFlags::NO_INSTANTIATION,
    buffer: Some(lend),
    ..TypeDef::new("_BytesIOBuffer", <Lender as Object>::LAYOUT)
};

/// `BytesIO`.
pub static BYTES_IO: TypeDef = TypeDef {
    module: "_io",
    doc: "Buffered I/O implementation using an in-memory bytes buffer.",
    base: Some(&BUFFERED_IO_BASE),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    next: Some(next),
    holds_memory_only: true,
    methods: &[
        slots::new(|vm, args, _| {
            let class = class_argument(vm, args, vm.class_of_def(&BYTES_IO)?)?;
            let object = BytesIo {
                header: Header::empty(),
                data: RefCell::default(),
                pos: Cell::new(0),
                closed: Cell::new(false),
                exports: Exports::default(),
                value: Field::empty(),
            };
            Ok(vm.heap.alloc(class.root_shape.get(), object).value())
        }),
        MethodDef::new("__init__", "(self, /, initial_bytes=b'')", "", init),
        MethodDef::new(
            "readable",
            "(self, /)",
            "Returns True if the IO object can be read.",
            yes,
        ),
        MethodDef::new(
            "seekable",
            "(self, /)",
            "Returns True if the IO object can be seeked.",
            yes,
        ),
        MethodDef::new(
            "writable",
            "(self, /)",
            "Returns True if the IO object can be written.",
            yes,
        ),
        MethodDef::new("close", "(self, /)", "Disable all I/O operations.", close),
        MethodDef::new("flush", "(self, /)", "Does nothing.", |vm, args| {
            stream(vm, args)?;
            Ok(Value::NONE)
        }),
        MethodDef::new(
            "isatty",
            "(self, /)",
            "Always returns False.",
            |vm, args| {
                stream(vm, args)?;
                Ok(Value::FALSE)
            },
        ),
        MethodDef::new(
            "tell",
            "(self, /)",
            "Current file position, an integer.",
            |vm, args| Ok(vm.new_int(stream(vm, args)?.pos.get() as i64)),
        )
        .reads(0, 0),
        MethodDef::new("write", "(self, b, /)", "Write bytes to file.", write).changes(0b10, 0),
        MethodDef::new(
            "writelines",
            "(self, lines, /)",
            "Write lines to the file.",
            writelines,
        ),
        MethodDef::new(
            "read1",
            "(self, size=-1, /)",
            "Read at most size bytes, returned as a bytes object.",
            read,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "readinto",
            "(self, buffer, /)",
            "Read bytes into buffer.",
            readinto,
        ),
        MethodDef::new(
            "readline",
            "(self, size=-1, /)",
            "Next line from the file, as a bytes object.",
            readline,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "readlines",
            "(self, size=None, /)",
            "List of bytes objects, each a line from the file.",
            readlines,
        ),
        MethodDef::new(
            "read",
            "(self, size=-1, /)",
            "Read at most size bytes, returned as a bytes object.",
            read,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "getbuffer",
            "(self, /)",
            "Get a read-write view over the contents of the BytesIO object.",
            getbuffer,
        ),
        MethodDef::new(
            "getvalue",
            "(self, /)",
            "Retrieve the entire contents of the BytesIO object.",
            getvalue,
        )
        .reads(0, 0),
        MethodDef::new(
            "seek",
            "(self, pos, whence=0, /)",
            "Change stream position.",
            seek,
        )
        .changes(0b110, 0),
        MethodDef::new(
            "truncate",
            "(self, size=None, /)",
            "Truncate the file to at most size bytes.",
            truncate,
        ),
        MethodDef::new("__getstate__", "(self, /)", "", getstate),
        MethodDef::new("__setstate__", "(self, state, /)", "", setstate),
        NEXT,
    ],
    getset: &[GetSetDef {
        name: "closed",
        doc: "True if the file is closed.",
        get: |_, v| Ok(Value::bool(this::<BytesIo>(v).closed.get())),
        set: None,
    }],
    ..TypeDef::new("BytesIO", <BytesIo as Object>::LAYOUT)
};

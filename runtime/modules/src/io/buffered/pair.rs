//! `BufferedRWPair`: a reader and a writer as one stream.

use super::methods::{BUFFERED_READER, BUFFERED_WRITER};
use crate::io::base::{BUFFERED_IO_BASE, check_readable, check_writable};
use crate::io::is_closed;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// See the module's description.
#[repr(C)]
pub struct Pair {
    pub header: Header,
    reader: Field,
    writer: Field,
}

heap_object!(Pair, "BufferedRWPair", Kind::Other, |this, marker| {
    marker.field(&this.reader);
    marker.field(&this.writer);
});

fn half(vm: &Vm, field: &Field) -> Result {
    field
        .get()
        .ok_or_else(|| vm.value_error("I/O operation on uninitialized object"))
}

fn reader(vm: &Vm, args: &[Value]) -> Result {
    half(vm, &this::<Pair>(args[0]).reader)
}

fn writer(vm: &Vm, args: &[Value]) -> Result {
    half(vm, &this::<Pair>(args[0]).writer)
}

fn init(vm: &Vm, args: &[Value]) -> Result {
    check_readable(vm, args[1])?;
    check_writable(vm, args[2])?;
    let size = args[3]
        .given()
        .unwrap_or(vm.new_int(crate::io::DEFAULT_BUFFER_SIZE as i64));
    let pair = this::<Pair>(args[0]);
    let reader = vm.call(vm.class_of_def(&BUFFERED_READER)?.value(), &[args[1], size])?;
    let writer = vm.call(vm.class_of_def(&BUFFERED_WRITER)?.value(), &[args[2], size])?;
    pair.reader.set(&pair.header, reader);
    pair.writer.set(&pair.header, writer);
    Ok(Value::NONE)
}

fn given(args: &[Value]) -> &[Value] {
    match args.get(1) {
        Some(v) if !v.is_missing() => &args[1..],
        _ => &[],
    }
}

fn close(vm: &Vm, args: &[Value]) -> Result {
    let written = writer(vm, args).and_then(|w| vm.call_method(w, "close", &[]));
    let pending = written.is_err().then(|| vm.take_raised());
    let read = reader(vm, args).and_then(|r| vm.call_method(r, "close", &[]));
    match (pending, read) {
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

fn isatty(vm: &Vm, args: &[Value]) -> Result {
    let answer = vm.call_method(writer(vm, args)?, "isatty", &[])?;
    if answer != Value::FALSE {
        return Ok(answer);
    }
    vm.call_method(reader(vm, args)?, "isatty", &[])
}

macro_rules! pass {
    ($name:literal, $signature:literal, $half:ident) => {
        MethodDef::new($name, $signature, "", |vm, args| {
            vm.call_method($half(vm, args)?, $name, given(args))
        })
    };
}

/// `BufferedRWPair`.
pub static BUFFERED_RW_PAIR: TypeDef = TypeDef {
    module: "_io",
    doc: "A buffered reader and writer object together.\n\nA buffered reader object and buffered writer object put together to\nform a sequential IO object that can read and write. This is typically\nused with a socket or two-way pipe.",
    base: Some(&BUFFERED_IO_BASE),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        slots::new(|vm, args, _| {
            let class = class_argument(vm, args, vm.class_of_def(&BUFFERED_RW_PAIR)?)?;
            let pair = Pair {
                header: Header::empty(),
                reader: Field::empty(),
                writer: Field::empty(),
            };
            let pair: Gc<Pair> = vm.heap.alloc(class.root_shape.get(), pair);
            Ok(pair.value())
        }),
        MethodDef::new(
            "__init__",
            "(self, reader, writer, buffer_size=131072, /)",
            "",
            init,
        ),
        pass!("read", "(self, size=-1, /)", reader),
        pass!("peek", "(self, size=0, /)", reader),
        pass!("read1", "(self, size=-1, /)", reader),
        pass!("readinto", "(self, buffer, /)", reader),
        pass!("readinto1", "(self, buffer, /)", reader),
        pass!("write", "(self, buffer, /)", writer),
        pass!("flush", "(self, /)", writer),
        pass!("readable", "(self, /)", reader),
        pass!("writable", "(self, /)", writer),
        MethodDef::new("close", "(self, /)", "", close),
        MethodDef::new("isatty", "(self, /)", "", isatty),
    ],
    getset: &[GetSetDef {
        name: "closed",
        doc: "",
        get: |vm, v| match this::<Pair>(v).writer.get() {
            Some(w) => Ok(Value::bool(is_closed(vm, w)?)),
            None => Err(vm.runtime_error("the BufferedRWPair object is being garbage-collected")),
        },
        set: None,
    }],
    ..TypeDef::new("BufferedRWPair", <Pair as Object>::LAYOUT)
};

//! `PickleBuffer` (PEP 574): a buffer that may travel beside the pickle.

use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, TypeDef};
use taipan_runtime::ops::buffer::RawBuffer;
use taipan_runtime::types::memoryview::{MemoryView, dunder_buffer, dunder_release_buffer};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A `PickleBuffer`.
#[repr(C)]
pub struct PickleBuffer {
    pub header: Header,
    /// What lends the memory natively, so that who asks for it sees that object; empty if a
    /// `__buffer__` written in Python does, which only the memoryview tells of the end.
    object: Field,
    /// A memoryview of it; empty once released.
    view: Field,
}

heap_object!(PickleBuffer, "PickleBuffer", Kind::Other, |this, marker| {
    marker.field(&this.object);
    marker.field(&this.view);
});

/// The memoryview that a PickleBuffer holds.
///
/// # Errors
/// ValueError once it was released.
pub fn held(vm: &Vm, buffer: Gc<PickleBuffer>) -> Result<Gc<MemoryView>> {
    buffer
        .view
        .get()
        .and_then(|v| v.cast::<MemoryView>())
        .ok_or_else(|| vm.value_error("operation forbidden on released PickleBuffer object"))
}

fn lend(vm: &Vm, v: Value, writable: bool) -> Result<RawBuffer> {
    let buffer = this::<PickleBuffer>(v);
    let view = held(vm, buffer)?;
    match buffer.object.get() {
        Some(object) => vm.native_lend(object, writable),
        None => view.lend(vm, writable),
    }
}

fn buffer_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&PICKLE_BUFFER)?)?;
    let (raw, lender) = vm.get_buffer(args[1], false)?.into_parts();
    let object = lender.is_none().then_some(args[1]);
    let view = vm.new_memoryview(raw, lender)?;
    let object = PickleBuffer {
        header: Header::empty(),
        object: Field::opt(object),
        view: Field::new(view),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn raw(vm: &Vm, args: &[Value]) -> Result {
    let buffer = vm.get_buffer(args[0], false)?;
    if !buffer.is_c_contiguous() && !buffer.is_f_contiguous() {
        return Err(vm.buffer_error("cannot extract raw buffer from non-contiguous buffer"));
    }
    let (described, lender) = buffer.into_parts();
    let bytes = RawBuffer::bytes(
        described.owner,
        described.data,
        described.len(),
        described.readonly,
        described.export,
    );
    Ok(vm.new_memoryview(bytes, lender)?.value())
}

/// The class.
pub static PICKLE_BUFFER: TypeDef = TypeDef {
    module: "pickle",
    doc: "Wrapper for potentially out-of-band buffers",
    flags: ClassFlags::WEAKREFS,
    buffer: Some(lend),
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /, object)",
            "Create and return a new object.  See help(type) for accurate signature.",
            buffer_new,
        )
        .static_(),
        MethodDef::new(
            "__buffer__",
            "(self, flags, /)",
            "Return a buffer object that exposes the underlying memory of the object.",
            dunder_buffer,
        ),
        MethodDef::new(
            "__release_buffer__",
            "(self, buffer, /)",
            "Release the buffer object that exposes the underlying memory of the object.",
            dunder_release_buffer,
        ),
        MethodDef::new(
            "raw",
            "(self, /)",
            "Return a memoryview of the raw memory underlying this buffer.\n\
             Will raise BufferError is the buffer isn't contiguous.",
            raw,
        ),
        MethodDef::new(
            "release",
            "(self, /)",
            "Release the underlying buffer exposed by the PickleBuffer object.",
            |_, args| {
                let buffer = this::<PickleBuffer>(args[0]);
                buffer.view.clear();
                buffer.object.clear();
                Ok(Value::NONE)
            },
        ),
    ],
    ..TypeDef::new("PickleBuffer", <PickleBuffer as Object>::LAYOUT)
};

//! `_struct`: values as bytes.

mod format;

use format::Format;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, ModuleDef, TypeDef, slots};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::protocol::{NEXT, class_argument, no_keywords, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// `struct.error`.
pub static ERROR: TypeDef = TypeDef {
    module: "struct",
    subclassable: true,
    base: Some(&exc::EXCEPTION),
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("error", <Exception as Object>::LAYOUT)
};

#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    vm.raise_str(vm.exception_class(&ERROR), message)
}

/// A compiled format.
#[repr(C)]
pub struct Struct {
    pub header: Header,
    format: RefCell<Option<Rc<Format>>>,
}

heap_object!(Struct, "Struct", Kind::Other, |this, marker| {}, drop);

fn struct_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&STRUCT)?)?;
    let object = Struct {
        header: Header::empty(),
        format: RefCell::new(None),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn struct_init(vm: &Vm, args: &[Value]) -> Result {
    let format = Format::of(vm, args[1])?;
    *this::<Struct>(args[0]).format.borrow_mut() = Some(format);
    Ok(Value::NONE)
}

/// The format of a `Struct`.
fn own(vm: &Vm, v: Value) -> Result<Rc<Format>> {
    let format = this::<Struct>(v).format.borrow().clone();
    format.ok_or_else(|| vm.runtime_error("Struct object is not initialized"))
}

fn pack(vm: &Vm, format: &Format, values: &[Value]) -> Result {
    if values.len() != format.len {
        let (len, given) = (format.len, values.len());
        return Err(error(
            vm,
            &format!("pack expected {len} items for packing (got {given})"),
        ));
    }
    let mut result = Ok(());
    let bytes = vm.build_bytes(format.size, |out| result = format.pack(vm, values, out))?;
    result?;
    Ok(bytes.value())
}

fn pack_into(vm: &Vm, format: &Format, args: &[Value]) -> Result {
    if args.len() < 2 || args.len() - 2 != format.len {
        return Err(error(
            vm,
            &match args.len() {
                0 => "pack_into expected buffer argument".to_owned(),
                1 => "pack_into expected offset argument".to_owned(),
                n => format!(
                    "pack_into expected {} items for packing (got {})",
                    format.len,
                    n - 2
                ),
            },
        ));
    }
    if !vm.supports_buffer(args[0]) {
        let name = vm.class_of(args[0]).qualified_name();
        return Err(vm.type_error(format!(
            "argument must be read-write bytes-like object, not {name}"
        )));
    }
    let view = match vm.get_contiguous_buffer(args[0], true) {
        Ok(view) => view,
        Err(raised) => {
            if !vm.raised_is_def(&exc::BUFFER_ERROR) {
                return Err(raised);
            }
            vm.clear_raised();
            let name = vm.class_of(args[0]).qualified_name();
            return Err(vm.type_error(format!(
                "argument must be read-write bytes-like object, not {name}"
            )));
        }
    };
    let offset = vm.to_ssize_arg(args[1])?;
    let (len, size) = (view.len() as i64, format.size as i64);
    let mut at = offset;
    if offset < 0 {
        if offset + size > 0 {
            return Err(error(
                vm,
                &format!("no space to pack {size} bytes at offset {offset}"),
            ));
        }
        if offset + len < 0 {
            return Err(error(
                vm,
                &format!("offset {offset} out of range for {len}-byte buffer"),
            ));
        }
        at += len;
    }
    if len - at < size {
        return Err(error(
            vm,
            &format!(
                "pack_into requires a buffer of at least {} bytes for packing {size} bytes at offset {at} \
             (actual buffer size is {len})",
                i128::from(size) + i128::from(at)
            ),
        ));
    }
    // Packed aside first: converting values may run code that sees the buffer.
    let mut packed = vec![0; format.size];
    format.pack(vm, &args[2..], &mut packed)?;
    // SAFETY: nothing else runs while the bytes are copied.
    let out = unsafe { view.as_mut_slice() };
    out[at as usize..at as usize + format.size].copy_from_slice(&packed);
    Ok(Value::NONE)
}

fn unpack(vm: &Vm, format: &Format, buffer: Value) -> Result {
    vm.with_bytes(buffer, |data| {
        if data.len() != format.size {
            return Err(error(
                vm,
                &format!("unpack requires a buffer of {} bytes", format.size),
            ));
        }
        format.unpack(vm, data)
    })?
}

fn unpack_from(vm: &Vm, format: &Format, buffer: Value, offset: Value) -> Result {
    let view = vm.all_bytes(buffer)?;
    let offset = match offset.given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => 0,
    };
    let (len, size) = (view.len() as i64, format.size as i64);
    let mut at = offset;
    if offset < 0 {
        if offset + size > 0 {
            return Err(error(
                vm,
                &format!("not enough data to unpack {size} bytes at offset {offset}"),
            ));
        }
        if offset + len < 0 {
            return Err(error(
                vm,
                &format!("offset {offset} out of range for {len}-byte buffer"),
            ));
        }
        at += len;
    }
    if len - at < size {
        return Err(error(
            vm,
            &format!(
                "unpack_from requires a buffer of at least {} bytes for unpacking {size} bytes at offset {at} \
             (actual buffer size is {len})",
                i128::from(size) + i128::from(at)
            ),
        ));
    }
    let at = at as usize;
    format.unpack(vm, &view[at..at + format.size])
}

/// Unpacks one piece of a buffer after the other.
#[repr(C)]
pub struct UnpackIter {
    pub header: Header,
    /// Empty once the end was reached.
    view: Field,
    at: Cell<usize>,
    format: Rc<Format>,
}

heap_object!(
    UnpackIter,
    "unpack_iterator",
    Kind::Other,
    |this, marker| {
        marker.field(&this.view);
    },
    drop
);

fn iter_unpack(vm: &Vm, format: Rc<Format>, buffer: Value) -> Result {
    if format.size == 0 {
        return Err(error(
            vm,
            "cannot iteratively unpack with a struct of length 0",
        ));
    }
    if !vm.all_bytes(buffer)?.len().is_multiple_of(format.size) {
        return Err(error(
            vm,
            &format!(
                "iterative unpacking requires a buffer of a multiple of {} bytes",
                format.size
            ),
        ));
    }
    // A memoryview keeps the buffer from being resized; bytes stay as they are.
    let view = match buffer.cast::<Bytes>() {
        Some(bytes) if bytes.class() == vm.types.bytes.get() => buffer,
        _ => vm.memoryview_of(buffer)?.value(),
    };
    let object = UnpackIter {
        header: Header::empty(),
        view: Field::new(view),
        at: Cell::new(0),
        format,
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&UNPACK_ITERATOR)?.root_shape.get(), object)
        .value())
}

fn iter_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<UnpackIter>(v);
    let Some(view) = it.view.get() else {
        return Ok(None);
    };
    let buffer = vm.all_bytes(view)?;
    let (at, size) = (it.at.get(), it.format.size);
    if at + size > buffer.len() {
        it.view.clear();
        return Ok(None);
    }
    it.at.set(at + size);
    it.format.unpack(vm, &buffer[at..at + size]).map(Some)
}

fn iter_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<UnpackIter>(args[0]);
    let left = match it.view.get() {
        Some(view) => (vm.bytes_like(view)?.len() - it.at.get()) / it.format.size,
        None => 0,
    };
    Ok(vm.new_int(left as i64))
}

static UNPACK_ITERATOR: TypeDef = TypeDef {
    module: "_struct",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[ITER_SELF, NEXT, slots::length_hint(iter_hint)],
    next: Some(iter_next),
    plain_next: Some(|_, _| true),
    ..TypeDef::new("unpack_iterator", <UnpackIter as Object>::LAYOUT)
};

fn struct_repr(vm: &Vm, args: &[Value]) -> Result {
    let format = own(vm, args[0])?;
    let text = vm.new_str(&String::from_utf8_lossy(&format.text)).value();
    let name = vm.class_of(args[0]).name_string();
    Ok(vm
        .new_str(&format!("{name}({})", vm.repr_text(text)?))
        .value())
}

/// `Struct`.
pub static STRUCT: TypeDef = TypeDef {
    module: "_struct",
    doc: "Struct(fmt) --> compiled struct object\n\n",
    subclassable: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        slots::new(struct_new),
        MethodDef::new(
            "__init__",
            "(self, /, format)",
            "Initialize self.  See help(type(self)) for accurate signature.",
            struct_init,
        ),
        slots::repr(struct_repr),
        MethodDef::new(
            "iter_unpack",
            "(self, buffer, /)",
            "Return an iterator yielding tuples.\n\n\
             Tuples are unpacked from the given bytes source, like a repeated\n\
             invocation of unpack_from().\n\n\
             Requires that the bytes length be a multiple of the struct size.",
            |vm, args| iter_unpack(vm, own(vm, args[0])?, args[1]),
        ),
        MethodDef::raw(
            "pack",
            "",
            "S.pack(v1, v2, ...) -> bytes\n\n\
             Return a bytes object containing values v1, v2, ... packed according\n\
             to the format string S.format.  See help(struct) for more on format\nstrings.",
            |vm, args, names| {
                no_keywords(vm, "Struct.pack", names)?;
                pack(vm, &*own(vm, args[0])?, &args[1..])
            },
        ),
        MethodDef::raw(
            "pack_into",
            "",
            "S.pack_into(buffer, offset, v1, v2, ...)\n\n\
             Pack the values v1, v2, ... according to the format string S.format\n\
             and write the packed bytes into the writable buffer buf starting at\n\
             offset.  Note that the offset is a required argument.  See\nhelp(struct) for more on format strings.",
            |vm, args, names| {
                no_keywords(vm, "Struct.pack_into", names)?;
                pack_into(vm, &*own(vm, args[0])?, &args[1..])
            },
        ),
        MethodDef::new(
            "unpack",
            "(self, buffer, /)",
            "Return a tuple containing unpacked values.\n\n\
             Unpack according to the format string Struct.format. The buffer's size\n\
             in bytes must be Struct.size.\n\nSee help(struct) for more on format strings.",
            |vm, args| unpack(vm, &*own(vm, args[0])?, args[1]),
        )
        .reads(0xFE, 0),
        MethodDef::new(
            "unpack_from",
            "(self, /, buffer, offset=0)",
            "Return a tuple containing unpacked values.\n\n\
             Values are unpacked according to the format string Struct.format.\n\n\
             The buffer's size in bytes, starting at position offset, must be\n\
             at least Struct.size.\n\nSee help(struct) for more on format strings.",
            |vm, args| unpack_from(vm, &*own(vm, args[0])?, args[1], args[2]),
        )
        .reads(0xFE, 0),
        MethodDef::new(
            "__sizeof__",
            "(self, /)",
            "S.__sizeof__() -> size of S in memory, in bytes",
            |vm, args| {
                Ok(vm
                    .new_size(this::<Struct>(args[0]).header.size() + own(vm, args[0])?.text.len()))
            },
        ),
    ],
    getset: &[
        GetSetDef {
            name: "format",
            doc: "struct format string",
            get: |vm, v| {
                Ok(vm
                    .new_str(&String::from_utf8_lossy(&own(vm, v)?.text))
                    .value())
            },
            set: None,
        },
        GetSetDef {
            name: "size",
            doc: "struct size in bytes",
            get: |vm, v| match &*this::<Struct>(v).format.borrow() {
                Some(format) => Ok(vm.new_size(format.size)),
                None => Ok(vm.new_int(-1)),
            },
            set: None,
        },
    ],
    ..TypeDef::new("Struct", <Struct as Object>::LAYOUT)
};

/// The format argument of `pack` and `pack_into`, with the rest.
fn with_format<'a>(
    vm: &Vm,
    name: &str,
    args: &'a [Value],
    names: Option<Gc<Tuple>>,
) -> Result<(Rc<Format>, &'a [Value])> {
    no_keywords(vm, name, names)?;
    match args.split_first() {
        Some((format, rest)) => Ok((Format::of(vm, *format)?, rest)),
        None => Err(vm.type_error("missing format argument")),
    }
}

/// The module.
pub static STRUCTS: ModuleDef = ModuleDef {
    name: "_struct",
    doc: "Functions to convert between Python values and C structs.\n\
          Python bytes objects are used to hold the data representing the C struct.\n\
          The format string (explained below) describes the layout of data\nin the C struct.",
    functions: &[
        MethodDef::new("_clearcache", "()", "Clear the internal cache.", |_, _| {
            Ok(Value::NONE)
        }),
        MethodDef::new(
            "calcsize",
            "(format, /)",
            "Return size in bytes of the struct described by the format string.",
            |vm, args| Ok(vm.new_size(Format::of(vm, args[0])?.size)),
        ),
        MethodDef::new(
            "iter_unpack",
            "(format, buffer, /)",
            "Return an iterator yielding tuples unpacked from the given bytes.\n\n\
             The bytes are unpacked according to the format string, like\n\
             a repeated invocation of unpack_from().\n\n\
             Requires that the bytes length be a multiple of the format struct size.",
            |vm, args| iter_unpack(vm, Format::of(vm, args[0])?, args[1]),
        ),
        MethodDef::raw(
            "pack",
            "",
            "pack(format, v1, v2, ...) -> bytes\n\n\
             Return a bytes object containing the values v1, v2, ... packed according\n\
             to the format string.  See help(struct) for more on format strings.",
            |vm, args, names| {
                let (format, values) = with_format(vm, "_struct.pack", args, names)?;
                pack(vm, &format, values)
            },
        ),
        MethodDef::raw(
            "pack_into",
            "",
            "pack_into(format, buffer, offset, v1, v2, ...)\n\n\
             Pack the values v1, v2, ... according to the format string and write\n\
             the packed bytes into the writable buffer buf starting at offset.  Note\n\
             that the offset is a required argument.  A negative offset counts from\n\
             the end of the buffer.  See help(struct) for more on format strings.",
            |vm, args, names| {
                let (format, rest) = with_format(vm, "_struct.pack_into", args, names)?;
                pack_into(vm, &format, rest)
            },
        ),
        MethodDef::new(
            "unpack",
            "(format, buffer, /)",
            "Return a tuple containing values unpacked according to the format string.\n\n\
             The buffer's size in bytes must be calcsize(format).\n\n\
             See help(struct) for more on format strings.",
            |vm, args| unpack(vm, &*Format::of(vm, args[0])?, args[1]),
        ),
        MethodDef::new(
            "unpack_from",
            "(format, /, buffer, offset=0)",
            "Return a tuple containing values unpacked according to the format string.\n\n\
             The buffer's size, minus offset, must be at least calcsize(format).\n\
             A negative offset counts from the end of the buffer.\n\n\
             See help(struct) for more on format strings.",
            |vm, args| unpack_from(vm, &*Format::of(vm, args[0])?, args[1], args[2]),
        ),
    ],
    types: &[&STRUCT, &ERROR],
    exec: None,
};

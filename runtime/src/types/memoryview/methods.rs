//! The Python type `memoryview`: its table, indexing, casts.

use super::items::{native_size, pack, unpack};
use super::{Managed, MemoryView, compare, reshaped};
use crate::heap::{Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, GetSetDef, MethodDef, Special, TypeDef};
use crate::ops::buffer::{RawBuffer, flags};
use crate::ops::subscript::normalize;
use crate::types::bytes;
use crate::types::int::IntRef;
use crate::types::iterators::ITER_SELF;
use crate::types::list::List;
use crate::types::protocol::NEXT;
use crate::types::slice::{Indices, Slice};
use crate::types::str::Str;
use crate::types::support::{arg_name, c_int_arg, new_shape, receiver, str_arg};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cell::Cell;

fn this(v: Value) -> Gc<MemoryView> {
    receiver(v)
}

fn new(vm: &Vm, args: &[Value]) -> Result {
    new_shape(vm, args[0], vm.types.memoryview.get())?;
    Ok(vm.memoryview_of(args[1])?.value())
}

/// A view as buffer flags ask for; BufferError where it cannot be had.
fn with_flags(vm: &Vm, mut raw: RawBuffer, asked: i64) -> Result<Gc<MemoryView>> {
    let has = |flag: i64| asked & flag == flag;
    let wrong = |message: &str| {
        Err(vm.buffer_error(format!("memoryview: underlying buffer is not {message}")))
    };
    if has(flags::C_CONTIGUOUS) && !raw.is_c_contiguous() {
        return wrong("C-contiguous");
    }
    if has(flags::F_CONTIGUOUS) && !raw.is_f_contiguous() {
        return wrong("Fortran contiguous");
    }
    if has(flags::ANY_CONTIGUOUS) && !raw.is_c_contiguous() && !raw.is_f_contiguous() {
        return wrong("contiguous");
    }
    if !has(flags::STRIDES) && !raw.is_c_contiguous() {
        return wrong("C-contiguous");
    }
    if !has(flags::FORMAT) {
        raw.format = Cow::Borrowed("B");
    }
    if !has(flags::ND) {
        let len = raw.len();
        raw = RawBuffer {
            itemsize: 1,
            shape: SmallVec::from_elem(len, 1),
            strides: SmallVec::from_elem(1, 1),
            ..raw
        };
    }
    vm.new_memoryview(raw, None)
}

/// `__buffer__` of native types.
pub fn dunder_buffer(vm: &Vm, args: &[Value]) -> Result {
    let asked = c_int_arg(vm, args[1])?;
    let raw = vm.native_lend(args[0], asked & flags::WRITABLE != 0)?;
    Ok(with_flags(vm, raw, asked)?.value())
}

/// `__release_buffer__` of native types.
pub fn dunder_release_buffer(vm: &Vm, args: &[Value]) -> Result {
    let Some(view) = args[1].cast::<MemoryView>() else {
        return Err(vm.type_error("expected a memoryview object"));
    };
    if view.view.owner != args[0] {
        return Err(vm.value_error("memoryview's buffer is not this object"));
    }
    if view.is_released() {
        return Err(vm.value_error("memoryview's buffer has already been released"));
    }
    view.release(vm)?;
    Ok(Value::NONE)
}

fn from_flags(vm: &Vm, args: &[Value]) -> Result {
    let asked = c_int_arg(vm, args[2])?;
    if !vm.supports_buffer(args[1]) {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!(
            "memoryview: a bytes-like object is required, not '{got}'"
        )));
    }
    let view = vm.get_buffer_flags(args[1], asked)?;
    let (raw, lender) = view.into_parts();
    if lender.is_some() {
        return Ok(vm.new_memoryview(raw, lender)?.value());
    }
    Ok(with_flags(vm, raw, asked)?.value())
}

fn release(vm: &Vm, args: &[Value]) -> Result {
    this(args[0]).release(vm)?;
    Ok(Value::NONE)
}

fn enter(vm: &Vm, args: &[Value]) -> Result {
    this(args[0]).check(vm)?;
    Ok(args[0])
}

fn tobytes(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    let seen = view.seen(vm)?;
    let order = match args[1].given_not_none() {
        None => "C",
        Some(v) => {
            let Some(s) = v.cast::<Str>() else {
                let got = arg_name(vm, v);
                return Err(vm.type_error(format!(
                    "tobytes() argument 'order' must be str or None, not {got}"
                )));
            };
            match s.as_ascii() {
                Some("C") => "C",
                Some("F") => "F",
                Some("A") => "A",
                _ => return Err(vm.value_error("order must be 'C', 'F' or 'A'")),
            }
        }
    };
    let fortran = order == "F" || order == "A" && !seen.is_c_contiguous() && seen.is_f_contiguous();
    if fortran {
        return Ok(vm.new_bytes(&seen.gather(true))?.value());
    }
    Ok(vm.new_bytes(&seen.contiguous_bytes())?.value())
}

fn hex(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    view.check(vm)?;
    let lent = view.lend(vm, false)?;
    bytes::hex(vm, &lent.contiguous_bytes(), args[1], args[2])
}

fn tolist(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    let seen = view.seen(vm)?;
    if native_size(&seen.format).is_none() {
        return Err(
            vm.not_implemented_error(format!("memoryview: format {} not supported", seen.format))
        );
    }
    list_of(vm, seen, 0, seen.data)
}

fn list_of(vm: &Vm, seen: &RawBuffer, dim: usize, at: *mut u8) -> Result {
    let Some(&count) = seen.shape.get(dim) else {
        // SAFETY: an item within the lent memory.
        return unsafe { unpack(vm, at, &seen.format) };
    };
    let list = vm.new_list(&[])?;
    list.reserve(vm, count)?;
    let mut item = at;
    for _ in 0..count {
        list.push(vm, list_of(vm, seen, dim + 1, item)?)?;
        item = item.wrapping_offset(seen.strides[dim]);
    }
    Ok(list.value())
}

fn is_byte_format(format: &str) -> bool {
    matches!(format.strip_prefix('@').unwrap_or(format), "B" | "b" | "c")
}

fn cast(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    let seen = view.seen(vm)?;
    let format = str_arg(vm, args[1], "cast() argument 'format'")?;
    if !seen.is_c_contiguous() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let shape_given = args[2].given();
    if (shape_given.is_some() || seen.shape.len() != 1) && seen.shape.contains(&0) {
        return Err(vm.type_error("memoryview: cannot cast view with zeros in shape or strides"));
    }
    let shape = match shape_given {
        None => None,
        Some(v) => {
            if let Some(list) = v.cast::<List>() {
                Some(vm.rooted_slice(list.as_slice()))
            } else if let Some(tuple) = v.cast::<Tuple>() {
                Some(vm.rooted_slice(tuple.as_slice()))
            } else {
                return Err(vm.type_error("shape must be a list or a tuple"));
            }
        }
    };
    if let Some(shape) = &shape {
        if shape.len() > 64 {
            return Err(vm.value_error("memoryview: number of dimensions must not exceed 64"));
        }
        if seen.shape.len() != 1 && shape.len() != 1 {
            return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
        }
    }
    let native = |which: &str| {
        vm.value_error(format!(
            "memoryview: {which} format must be a native single character format prefixed with an optional '@'"
        ))
    };
    if native_size(&seen.format).is_none() {
        return Err(native("source"));
    }
    let target = format.to_text();
    let Some(itemsize) = native_size(&target) else {
        return Err(native("destination"));
    };
    if !is_byte_format(&seen.format) && !is_byte_format(&target) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let len = seen.len();
    if len % itemsize != 0 {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let shape = match shape {
        None => SmallVec::from_elem(len / itemsize, 1),
        Some(values) => {
            let mut shape: SmallVec<[usize; 2]> = SmallVec::new();
            let mut total = Some(itemsize);
            for &v in values.iter() {
                if v.as_int_ref().is_none() {
                    return Err(
                        vm.type_error("memoryview.cast(): elements of shape must be integers")
                    );
                }
                let n = match v.as_int_ref() {
                    Some(IntRef::Small(n @ 1..)) => n as usize,
                    _ => {
                        return Err(vm.value_error(
                            "memoryview.cast(): elements of shape must be integers > 0",
                        ));
                    }
                };
                total = total
                    .and_then(|t| t.checked_mul(n))
                    .filter(|t| *t <= isize::MAX as usize);
                if total.is_none() {
                    return Err(vm.value_error("memoryview.cast(): product(shape) > SSIZE_MAX"));
                }
                shape.push(n);
            }
            if total != Some(len) {
                return Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"));
            }
            shape
        }
    };
    let cast = reshaped(seen, Cow::Owned(target), itemsize, shape);
    Ok(view.derive(vm, cast).value())
}

fn toreadonly(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    let seen = view.seen(vm)?;
    Ok(view
        .derive(
            vm,
            RawBuffer {
                readonly: true,
                ..seen.unguarded()
            },
        )
        .value())
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let released = if this(args[0]).is_released() {
        "released "
    } else {
        ""
    };
    Ok(vm
        .new_str(&format!("<{released}memory at {:#x}>", args[0].bits()))
        .value())
}

fn hash(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    if view.hash.get() == 0 {
        let seen = view.seen(vm)?;
        if !seen.readonly {
            return Err(vm.value_error("cannot hash writable memoryview object"));
        }
        if !is_byte_format(&seen.format) {
            return Err(
                vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'")
            );
        }
        // The owner must be hashable too.
        vm.hash(seen.owner)?;
        view.hash.set(vm.hash_bytes(&seen.contiguous_bytes()));
    }
    Ok(vm.new_int(view.hash.get() as i64))
}

fn len(vm: &Vm, args: &[Value]) -> Result {
    match this(args[0]).seen(vm)?.shape.first() {
        Some(n) => Ok(vm.new_int(*n as i64)),
        None => Err(vm.type_error("0-dim memory has no length")),
    }
}

/// The address of the item at `index` of a dimension, from `at`.
fn along(vm: &Vm, seen: &RawBuffer, dim: usize, at: *mut u8, index: i64) -> Result<*mut u8> {
    match crate::ops::subscript::normalize(index, seen.shape[dim]) {
        Some(i) => Ok(at.wrapping_offset(i as isize * seen.strides[dim])),
        None => Err(vm.index_error(format!("index out of bounds on dimension {}", dim + 1))),
    }
}

fn is_index(vm: &Vm, v: Value) -> bool {
    v.as_int_ref().is_some()
        || vm
            .class_of(v)
            .special(Special::Index)
            .is_some_and(|f| !f.is_none())
}

/// What a key names.
enum Place {
    Item(*mut u8),
    Part(RawBuffer),
    Whole,
}

fn place(vm: &Vm, view: Gc<MemoryView>, key: Value, sub_views: &str) -> Result<Place> {
    let seen = view.seen(vm)?;
    if let Some(i) = key.as_int()
        && seen.shape.len() == 1
    {
        return Ok(Place::Item(along(vm, seen, 0, seen.data, i)?));
    }
    let tuple = key.cast::<Tuple>();
    if seen.shape.is_empty() {
        return match tuple {
            Some(t) if t.is_empty() => Ok(Place::Item(seen.data)),
            _ if key == Value::ELLIPSIS => Ok(Place::Whole),
            _ => Err(vm.type_error("invalid indexing of 0-dim memory")),
        };
    }
    if is_index(vm, key) {
        let i = vm.to_index(key)?;
        view.check(vm)?;
        if seen.shape.len() > 1 {
            return Err(vm.not_implemented_error(sub_views));
        }
        return Ok(Place::Item(along(vm, seen, 0, seen.data, i)?));
    }
    if let Some(slice) = key.cast::<Slice>() {
        // The part is another view of the loan, so that a release meanwhile does not end it.
        let (start, stop, step) = view.while_held(|| slice.unpack(vm))?;
        let i = Indices::adjust(start, stop, step, seen.shape[0]);
        let mut part = seen.unguarded();
        part.data = part
            .data
            .wrapping_offset(i.start as isize * part.strides[0]);
        part.shape[0] = i.count;
        part.strides[0] *= i.step as isize;
        return Ok(Place::Part(part));
    }
    let Some(tuple) = tuple else {
        return Err(vm.type_error("memoryview: invalid slice key"));
    };
    if tuple.as_slice().iter().all(|v| is_index(vm, *v)) {
        let (dims, given) = (seen.shape.len(), tuple.len());
        if given > dims {
            return Err(vm.type_error(format!(
                "cannot index {dims}-dimension view with {given}-element tuple"
            )));
        }
        if given < dims {
            return Err(vm.not_implemented_error("sub-views are not implemented"));
        }
        let mut at = seen.data;
        for (dim, v) in tuple.as_slice().iter().enumerate() {
            let i = vm.to_index(*v)?;
            view.check(vm)?;
            at = along(vm, seen, dim, at, i)?;
        }
        return Ok(Place::Item(at));
    }
    if tuple.as_slice().iter().all(|v| v.cast::<Slice>().is_some()) {
        return Err(vm.not_implemented_error("multi-dimensional slicing is not implemented"));
    }
    Err(vm.type_error("memoryview: invalid slice key"))
}

/// The address of the item that an immediate index names in a row of plain bytes, which
/// most views are.
#[inline]
fn byte_at(seen: &RawBuffer, key: Value) -> Option<*mut u8> {
    let index = key.as_int()?;
    if seen.shape.len() != 1 || &*seen.format != "B" {
        return None;
    }
    let i = normalize(index, seen.shape[0])?;
    Some(seen.data.wrapping_offset(i as isize * seen.strides[0]))
}

fn getitem(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    if let Some(at) = byte_at(view.seen(vm)?, args[1]) {
        // SAFETY: an item within the lent memory.
        return Ok(Value::small_int(unsafe { *at }.into()));
    }
    match place(
        vm,
        view,
        args[1],
        "multi-dimensional sub-views are not implemented",
    )? {
        // SAFETY: an item within the lent memory.
        Place::Item(at) => unsafe { unpack(vm, at, &view.view.format) },
        Place::Part(part) => Ok(view.derive(vm, part).value()),
        Place::Whole => Ok(args[0]),
    }
}

fn setitem(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    let seen = view.seen(vm)?;
    if let Some(byte @ 0..=255) = args[2].as_int()
        && !seen.readonly
        && let Some(at) = byte_at(seen, args[1])
    {
        // SAFETY: an item within the lent, writable memory.
        unsafe { *at = byte as u8 };
        return Ok(Value::NONE);
    }
    if native_size(&seen.format).is_none() {
        return Err(
            vm.not_implemented_error(format!("memoryview: format {} not supported", seen.format))
        );
    }
    if seen.readonly {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    if args[1].cast::<Slice>().is_some() && seen.shape.len() > 1 {
        return Err(vm.not_implemented_error(
            "memoryview slice assignments are currently restricted to ndim = 1",
        ));
    }
    match place(vm, view, args[1], "sub-views are not implemented")? {
        Place::Item(at) => store(vm, view, at, args[2])?,
        Place::Whole => store(vm, view, view.view.data, args[2])?,
        Place::Part(part) => {
            let source = vm.get_buffer(args[2], false)?;
            let plain = |f: &str| f.strip_prefix('@').unwrap_or(f).to_owned();
            if plain(&source.format) != plain(&part.format)
                || source.itemsize != part.itemsize
                || source.shape != part.shape
            {
                return Err(vm.value_error(
                    "memoryview assignment: lvalue and rvalue have different structures",
                ));
            }
            // A copy, since both may be parts of one memory.
            let data = source.contiguous_bytes().into_owned();
            view.check(vm)?;
            let mut from = data.as_ptr();
            part.each_item(false, |item| {
                // SAFETY: an item within the lent, writable memory.
                unsafe {
                    std::ptr::copy_nonoverlapping(from, item, part.itemsize);
                    from = from.add(part.itemsize);
                }
            });
        }
    }
    Ok(Value::NONE)
}

fn store(vm: &Vm, view: Gc<MemoryView>, at: *mut u8, v: Value) -> Result<()> {
    let packed = pack(vm, v, &view.view.format)?;
    // The conversion may have run code that released the view.
    view.check(vm)?;
    // SAFETY: an item within the lent, writable memory.
    unsafe { std::ptr::copy_nonoverlapping(packed.as_ptr(), at, packed.len()) };
    Ok(())
}

fn delitem(vm: &Vm, args: &[Value]) -> Result {
    this(args[0]).check(vm)?;
    Err(vm.type_error("cannot delete memory"))
}

/// Item number `i` of a one-dimensional view.
fn item(vm: &Vm, view: Gc<MemoryView>, i: usize) -> Result {
    let seen = view.seen(vm)?;
    let at = along(vm, seen, 0, seen.data, i as i64)?;
    // SAFETY: an item within the lent memory.
    unsafe { unpack(vm, at, &seen.format) }
}

fn count(vm: &Vm, args: &[Value]) -> Result {
    let mut n = 0;
    let iterator = vm.iter(args[0])?;
    while let Some(v) = vm.next(iterator)? {
        n += i64::from(vm.equal_identity(v, args[1])?);
    }
    Ok(vm.new_int(n))
}

fn index(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    let seen = view.seen(vm)?;
    match seen.shape.len() {
        0 => return Err(vm.type_error("invalid lookup on 0-dim memory")),
        1 => {}
        _ => return Err(vm.not_implemented_error("multi-dimensional lookup is not implemented")),
    }
    let len = seen.shape[0] as i64;
    let bound = |v: Value, default: i64| -> Result<i64> {
        match v.given() {
            None => Ok(default),
            Some(v) => {
                let i = crate::types::slice::slice_index(vm, v)?;
                Ok(if i < 0 {
                    i.saturating_add(len).max(0)
                } else {
                    i.min(len)
                })
            }
        }
    };
    let (start, stop) = (bound(args[2], 0)?, bound(args[3], len)?);
    for i in start..stop {
        let v = item(vm, view, i as usize)?;
        if vm.equal_identity(v, args[1])? {
            return Ok(vm.new_int(i));
        }
    }
    Err(vm.value_error("memoryview.index(x): x not found"))
}

/// Iterates over a one-dimensional view.
#[repr(C)]
pub struct MemoryIter {
    pub header: Header,
    view: GcField<MemoryView>,
    index: Cell<usize>,
}

heap_object!(
    MemoryIter,
    "memory_iterator",
    Kind::Other,
    |this, marker| {
        marker.gc_field(&this.view);
    }
);

fn iter(vm: &Vm, args: &[Value]) -> Result {
    let view = this(args[0]);
    let seen = view.seen(vm)?;
    match seen.shape.len() {
        0 => return Err(vm.type_error("invalid indexing of 0-dim memory")),
        1 => {}
        _ => {
            return Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented"));
        }
    }
    if native_size(&seen.format).is_none() {
        return Err(
            vm.not_implemented_error(format!("memoryview: format {} not supported", seen.format))
        );
    }
    let object = MemoryIter {
        header: Header::empty(),
        view: GcField::new(view),
        index: Cell::new(0),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&MEMORY_ITER)?.root_shape.get(), object)
        .value())
}

fn iter_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = receiver::<MemoryIter>(v);
    let Some(view) = it.view.get() else {
        return Ok(None);
    };
    let i = it.index.get();
    if i >= view.seen(vm)?.shape[0] {
        it.view.clear();
        return Ok(None);
    }
    it.index.set(i + 1);
    item(vm, view, i).map(Some)
}

/// `type(iter(memoryview(b"")))`.
pub static MEMORY_ITER: TypeDef = TypeDef {
    methods: &[ITER_SELF, NEXT],
    next: Some(iter_next),
    plain_next: Some(|_, _| true),
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("memory_iterator", MemoryIter::LAYOUT)
};

/// The class of [`Managed`], which Python code sees through `gc` only.
pub static MANAGED: TypeDef = TypeDef {
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("managedbuffer", Managed::LAYOUT)
};

fn dims(vm: &Vm, values: impl Iterator<Item = i64>) -> Result {
    let values: SmallVec<[Value; 4]> = values.map(|n| vm.new_int(n)).collect();
    Ok(vm.new_tuple(&values)?.value())
}

macro_rules! getters {
    ($($name:ident $doc:literal |$vm:ident, $seen:ident| $body:expr;)*) => {
        &[$(GetSetDef {
            name: stringify!($name),
            doc: $doc,
            get: |$vm, v| {
                let view = this(v);
                let $seen = view.seen($vm)?;
                Ok($body)
            },
            set: None,
        },)*]
    };
}

const METHODS: [MethodDef; 22] = [
    MethodDef::new(
        "__new__",
        "(cls, object)",
        "Create and return a new object.  See help(type) for accurate signature.",
        new,
    )
    .static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", hash),
    MethodDef::new("__iter__", "(self, /)", "Implement iter(self).", iter),
    bytes::BUFFER,
    bytes::RELEASE_BUFFER,
    MethodDef::new("__len__", "(self, /)", "Return len(self).", len),
    MethodDef::new(
        "__getitem__",
        "(self, key, /)",
        "Return self[key].",
        getitem,
    ),
    MethodDef::new(
        "__setitem__",
        "(self, key, value, /)",
        "Set self[key] to value.",
        setitem,
    ),
    MethodDef::new(
        "__delitem__",
        "(self, key, /)",
        "Delete self[key].",
        delitem,
    ),
    MethodDef::new(
        "release",
        "(self, /)",
        "Release the underlying buffer exposed by the memoryview object.",
        release,
    ),
    MethodDef::new(
        "tobytes",
        "(self, /, order='C')",
        "Return the data in the buffer as a byte string.\n\nThe order is 'C' or 'F', for the last or the first index fastest, or 'A' for 'F' if\nthe memory is Fortran contiguous and 'C' otherwise. None is 'C'.",
        tobytes,
    ),
    MethodDef::new(
        "hex",
        "(self, /, sep=<unrepresentable>, bytes_per_sep=1)",
        "Return the data in the buffer as a str of hexadecimal numbers.\n\n  sep\n    A character or byte to put between groups.\n  bytes_per_sep\n    Size of the groups, counted from the right if positive, else from the left.\n\n>>> value = memoryview(b'\\xb9\\x01\\xef')\n>>> value.hex(':')\n'b9:01:ef'",
        hex,
    ),
    MethodDef::new(
        "tolist",
        "(self, /)",
        "Return the data in the buffer as a list of elements.",
        tolist,
    ),
    MethodDef::new(
        "cast",
        "(self, /, format, shape=<unrepresentable>)",
        "Cast a memoryview to a new format or shape.",
        cast,
    ),
    MethodDef::new(
        "toreadonly",
        "(self, /)",
        "Return a readonly version of the memoryview.",
        toreadonly,
    ),
    MethodDef::new(
        "_from_flags",
        "(type, /, object, flags)",
        "Create a new memoryview object which references the given object.",
        from_flags,
    )
    .class(),
    MethodDef::new(
        "count",
        "(self, value, /)",
        "Count the number of occurrences of a value.",
        count,
    ),
    MethodDef::new(
        "index",
        "(self, value, start=0, stop=sys.maxsize, /)",
        "Return the index of the first occurrence of a value.\n\nRaises ValueError if the value is not present.",
        index,
    ),
    MethodDef::new("__enter__", "(self, /)", "", enter),
    MethodDef::new("__exit__", "(self, /, *exc_info)", "", release),
    MethodDef::new(
        "__sizeof__",
        "(self, /)",
        "Size of object in memory, in bytes.",
        |vm, a| Ok(vm.new_int(144 + 24 * this(a[0]).view.shape.len() as i64)),
    ),
];

/// The class `memoryview`.
pub static MEMORYVIEW: TypeDef = TypeDef {
    doc: "Create a new memoryview object which references the given object.",
    generic: true,
    flags: ClassFlags::WEAKREFS,
    methods: method_table![METHODS, comparison_methods!(compare::compare)],
    getset: getters! {
        obj "The underlying object of the memoryview." |_vm, seen| seen.owner;
        nbytes "The amount of space in bytes that the array would use in\n a contiguous representation." |vm, seen| vm.new_int(seen.len() as i64);
        readonly "A bool indicating whether the memory is read only." |_vm, seen| Value::bool(seen.readonly);
        itemsize "The size in bytes of each element of the memoryview." |vm, seen| vm.new_int(seen.itemsize as i64);
        format "A string containing the format (in struct module style)\n for each element in the view." |vm, seen| vm.new_str(&seen.format).value();
        ndim "An integer indicating how many dimensions of a multi-dimensional\n array the memory represents." |vm, seen| vm.new_int(seen.shape.len() as i64);
        shape "A tuple of ndim integers giving the shape of the memory\n as an N-dimensional array." |vm, seen| dims(vm, seen.shape.iter().map(|n| *n as i64))?;
        strides "A tuple of ndim integers giving the size in bytes to access\n each element for each dimension of the array." |vm, seen| dims(vm, seen.strides.iter().map(|n| *n as i64))?;
        suboffsets "A tuple of integers used internally for PIL-style arrays." |vm, _seen| dims(vm, std::iter::empty())?;
        c_contiguous "A bool indicating whether the memory is C contiguous." |_vm, seen| Value::bool(seen.is_c_contiguous());
        f_contiguous "A bool indicating whether the memory is Fortran contiguous." |_vm, seen| Value::bool(seen.is_f_contiguous());
        contiguous "A bool indicating whether the memory is contiguous." |_vm, seen| Value::bool(seen.is_c_contiguous() || seen.is_f_contiguous());
    },
    ..TypeDef::new("memoryview", MemoryView::LAYOUT)
};

//! The type `array.array`: its table and methods.

use super::items::{self, Code};
use super::{Array, alloc, array_iter, lend, new_array, pickling};
use taipan_runtime::comparison_methods;
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::method_table;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, Special, TypeDef, slots};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::ops::subscript::normalize;
use taipan_runtime::types::bytes::{BUFFER, ByteArray, Bytes, RELEASE_BUFFER};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::list::methods::{repetitions, search_bounds};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::slice::{Indices, Slice};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_text::TextBuf;

/// Bytes of an array without its items, as CPython counts them.
const OBJECT_SIZE: usize = 64;

/// Bytes that `tofile` writes at once.
const BLOCK: usize = 64 << 10;

fn of(v: Value) -> Gc<Array> {
    this(v)
}

fn array_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let own = vm.class_of_def(&ARRAY)?;
    let class = class_argument(vm, args, own)?;
    if class == own && names.is_some_and(|n| !n.is_empty()) {
        return Err(vm.type_error("array.array() takes no keyword arguments"));
    }
    let given = args.len() - 1 - names.map_or(0, |n| n.len());
    if given < 1 {
        return Err(vm.type_error(format!("array() takes at least 1 argument ({given} given)")));
    }
    if given > 2 {
        return Err(vm.type_error(format!("array() takes at most 2 arguments ({given} given)")));
    }
    let code = type_code(vm, args[1])?;
    if code.letter() == 'u' {
        vm.warn_deprecated("The 'u' type code is deprecated and will be removed in Python 3.16")?;
    }
    let Some(initial) = args.get(2).filter(|_| given == 2).copied() else {
        return Ok(alloc(vm, class, code, Vec::new()).value());
    };
    if initial.cast::<Str>().is_some() && !code.is_text() {
        return Err(vm.type_error(format!(
            "cannot use a str to initialize an array with typecode '{}'",
            code.letter()
        )));
    }
    if let Some(other) = initial.cast::<Array>() {
        if other.code().is_text() && !code.is_text() {
            return Err(vm.type_error(format!(
                "cannot use a unicode array to initialize an array with typecode '{}'",
                code.letter()
            )));
        }
        if other.code() == code {
            return Ok(alloc(vm, class, code, other.bytes().to_vec()).value());
        }
    }
    let array = alloc(vm, class, code, Vec::new());
    if initial.cast::<Bytes>().is_some() || initial.cast::<ByteArray>().is_some() {
        from_bytes(vm, array, initial)?;
    } else {
        extend_by_items(vm, array, initial)?;
    }
    Ok(array.value())
}

/// The type code that a letter stands for.
fn type_code(vm: &Vm, v: Value) -> Result<Code> {
    let Some(letter) = v.cast::<Str>() else {
        return Err(vm.type_error(format!(
            "array() argument 1 must be a unicode character, not {}",
            vm.type_name(v)
        )));
    };
    if letter.len() != 1 {
        return Err(vm.type_error(format!(
            "array() argument 1 must be a unicode character, not a string of length {}",
            letter.len()
        )));
    }
    letter
        .code_points()
        .next()
        .and_then(Code::of)
        .ok_or_else(|| {
            vm.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")
        })
}

/// Appends the items of an iterable.
fn extend_by_items(vm: &Vm, array: Gc<Array>, source: Value) -> Result<()> {
    if let Some(list) = source.cast::<List>() {
        // At once: what the items take is known.
        let more = list.len().saturating_mul(array.code().size());
        let room = array.resize_with(vm, |store| store.try_reserve_exact(more).is_ok())?;
        if !room {
            return Err(vm.memory_error());
        }
    }
    vm.for_each(source, &mut |v| array.push(vm, v))
}

fn array_repr(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let code = array.code();
    let mut text = TextBuf::new();
    text.push_str(&format!(
        "{}('{}'",
        array.class().name_string(),
        code.letter()
    ));
    if array.len() > 0 {
        text.push_ascii(", ");
        let items = if code.is_text() {
            tounicode(vm, args)?
        } else {
            tolist(vm, args)?
        };
        vm.push_repr(&mut text, items)?;
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

fn compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    let (a, Some(b)) = (of(a), b.cast::<Array>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if equality && a.len() != b.len() {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    if equality && a.code() == b.code() && !a.code().is_float() {
        return Ok(Value::bool(
            (a.bytes() == b.bytes()) == (op == CompareOp::Eq),
        ));
    }
    let mut i = 0;
    while let (Some(x), Some(y)) = (a.get(vm, i)?, b.get(vm, i)?) {
        if !vm.equal(x, y)? {
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(op, x, y),
            };
        }
        i += 1;
    }
    let lengths = [a.len(), b.len()].map(|n| vm.new_int(n as i64));
    vm.compare(op, lengths[0], lengths[1])
}

/// What a key names.
enum Key {
    Index(usize),
    Slice(Indices),
}

/// Reads a key; `what` begins the message of an index out of range.
#[inline]
fn key(vm: &Vm, array: Gc<Array>, v: Value, what: &str) -> Result<Key> {
    let index = match v.as_int() {
        Some(i) => i,
        None => {
            if let Some(slice) = v.cast::<Slice>() {
                return Ok(Key::Slice(slice.indices(vm, array.len())?));
            }
            if v.as_int_ref().is_none() && vm.class_of(v).special(Special::Index).is_none() {
                return Err(vm.type_error("array indices must be integers"));
            }
            vm.to_index(v)?
        }
    };
    match normalize(index, array.len()) {
        Some(i) => Ok(Key::Index(i)),
        None => Err(vm.index_error(format!("{what} out of range"))),
    }
}

fn getitem(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let code = array.code();
    match key(vm, array, args[1], "array index")? {
        Key::Index(i) => items::unpack(vm, code, &array.bytes()[i * code.size()..]),
        Key::Slice(indices) => new_array(vm, code, gather(array, indices)),
    }
}

/// The bytes of a slice's items.
fn gather(array: Gc<Array>, indices: Indices) -> Vec<u8> {
    let (size, bytes) = (array.code().size(), array.bytes());
    if indices.step == 1 {
        let start = indices.start as usize * size;
        return bytes[start..start + indices.count * size].to_vec();
    }
    let mut out = Vec::with_capacity(indices.count * size);
    for i in indices.iter() {
        out.extend_from_slice(&bytes[i * size..(i + 1) * size]);
    }
    out
}

fn setitem(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let size = array.code().size();
    let indices = match key(vm, array, args[1], "array assignment index")? {
        Key::Index(i) => {
            let item = items::pack(vm, array.code(), args[2])?;
            // The conversion may have run code that changed the array.
            match array.bytes_mut().get_mut(i * size..(i + 1) * size) {
                Some(place) => place.copy_from_slice(&item[..size]),
                None => return Err(vm.index_error("array assignment index out of range")),
            }
            return Ok(Value::NONE);
        }
        Key::Slice(indices) => indices,
    };
    let Some(other) = args[2].cast::<Array>() else {
        return Err(vm.type_error(format!(
            "can only assign array (not \"{}\") to array slice",
            vm.type_name(args[2])
        )));
    };
    if other.code() != array.code() {
        return Err(bad_argument(vm));
    }
    // Copied: it may be the array itself.
    let new = other.bytes().to_vec();
    if indices.step == 1 {
        let start = indices.start as usize * size;
        splice(vm, array, start, start + indices.count * size, &new)?;
        return Ok(Value::NONE);
    }
    if new.is_empty() {
        delete(vm, array, indices)?;
        return Ok(Value::NONE);
    }
    if other.len() != indices.count {
        return Err(vm.value_error(format!(
            "attempt to assign array of size {} to extended slice of size {}",
            other.len(),
            indices.count
        )));
    }
    let bytes = array.bytes_mut();
    for (i, item) in indices.iter().zip(new.chunks_exact(size)) {
        bytes[i * size..(i + 1) * size].copy_from_slice(item);
    }
    Ok(Value::NONE)
}

#[cold]
fn bad_argument(vm: &Vm) -> Raised {
    vm.type_error("bad argument type for built-in operation")
}

/// Replaces the bytes from `start` to `end`.
fn splice(vm: &Vm, array: Gc<Array>, start: usize, end: usize, new: &[u8]) -> Result<()> {
    if new.len() == end - start {
        array.bytes_mut()[start..end].copy_from_slice(new);
        return Ok(());
    }
    array.resize_with(vm, |store| {
        store.splice(start..end, new.iter().copied());
    })
}

/// Removes the items of a slice.
fn delete(vm: &Vm, array: Gc<Array>, indices: Indices) -> Result<()> {
    let size = array.code().size();
    if indices.count == 0 {
        return Ok(());
    }
    if indices.step == 1 {
        let start = indices.start as usize * size;
        return splice(vm, array, start, start + indices.count * size, &[]);
    }
    let mut gone = vec![false; array.len()];
    indices.iter().for_each(|i| gone[i] = true);
    let mut kept = Vec::with_capacity((gone.len() - indices.count) * size);
    for (item, gone) in array.bytes().chunks_exact(size).zip(gone) {
        if !gone {
            kept.extend_from_slice(item);
        }
    }
    array.resize_with(vm, |store| *store = kept)
}

fn delitem(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    match key(vm, array, args[1], "array assignment index")? {
        Key::Index(i) => remove_at(vm, array, i)?,
        Key::Slice(indices) => delete(vm, array, indices)?,
    }
    Ok(Value::NONE)
}

fn remove_at(vm: &Vm, array: Gc<Array>, index: usize) -> Result<()> {
    let size = array.code().size();
    splice(vm, array, index * size, (index + 1) * size, &[])
}

fn add(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let Some(other) = args[1].cast::<Array>() else {
        if vm.class_of(args[1]).special(Special::RAdd).is_some() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        return Err(vm.type_error(format!(
            "can only append array (not \"{}\") to array",
            vm.type_name(args[1])
        )));
    };
    if other.code() != array.code() {
        return Err(bad_argument(vm));
    }
    new_array(vm, array.code(), [array.bytes(), other.bytes()].concat())
}

fn iadd(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Array>().is_none() {
        return Err(vm.type_error(format!(
            "can only extend array with array (not \"{}\")",
            vm.type_name(args[1])
        )));
    }
    extend(vm, args)?;
    Ok(args[0])
}

/// The bytes of `array * n`, `None` if that is no count.
fn repeated(vm: &Vm, array: Gc<Array>, n: Value) -> Result<Option<Vec<u8>>> {
    let Some(count) = repetitions(vm, n, array.bytes().len())? else {
        return Ok(None);
    };
    let bytes = array.bytes();
    let total = bytes.len() * count;
    let mut out = Vec::new();
    if out.try_reserve_exact(total).is_err() {
        return Err(vm.memory_error());
    }
    if total > 0 {
        out.extend_from_slice(bytes);
    }
    while out.len() < total {
        let more = out.len().min(total - out.len());
        out.extend_from_within(..more);
    }
    Ok(Some(out))
}

fn mul(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    match repeated(vm, array, args[1])? {
        Some(bytes) => new_array(vm, array.code(), bytes),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn imul(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let Some(bytes) = repeated(vm, array, args[1])? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if bytes.len() != array.bytes().len() {
        array.resize_with(vm, |store| *store = bytes)?;
    }
    Ok(args[0])
}

/// The first index from `start` up to `stop` of an item equal to `v`.
fn find(vm: &Vm, array: Gc<Array>, v: Value, start: usize, stop: usize) -> Result<Option<usize>> {
    let mut i = start;
    while i < stop
        && let Some(item) = array.get(vm, i)?
    {
        if vm.equal(item, v)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn contains(vm: &Vm, args: &[Value]) -> Result {
    let found = find(vm, of(args[0]), args[1], 0, usize::MAX)?;
    Ok(Value::bool(found.is_some()))
}

fn index(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let (start, stop) = search_bounds(vm, args[2], args[3], array.len())?;
    match find(vm, array, args[1], start, stop)? {
        Some(i) => Ok(vm.new_int(i as i64)),
        None => Err(vm.value_error("array.index(x): x not in array")),
    }
}

fn count(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let (mut from, mut count) = (0, 0);
    while let Some(i) = find(vm, array, args[1], from, usize::MAX)? {
        count += 1;
        from = i + 1;
    }
    Ok(vm.new_int(count))
}

fn remove(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    match find(vm, array, args[1], 0, usize::MAX)? {
        // Comparing may have run code that made the array shorter.
        Some(i) if i < array.len() => remove_at(vm, array, i)?,
        _ => return Err(vm.value_error("array.remove(x): x not in array")),
    }
    Ok(Value::NONE)
}

fn append(vm: &Vm, args: &[Value]) -> Result {
    of(args[0]).push(vm, args[1])?;
    Ok(Value::NONE)
}

fn extend(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    match args[1].cast::<Array>() {
        Some(other) if other.code() != array.code() => {
            return Err(vm.type_error("can only extend with array of same kind"));
        }
        // Copied: it may be the array itself.
        Some(other) => {
            let more = other.bytes().to_vec();
            array.extend(vm, &more)?;
        }
        None => vm.for_each(args[1], &mut |v| array.push(vm, v))?,
    }
    Ok(Value::NONE)
}

fn insert(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let index = vm.to_ssize_arg(args[1])?;
    let item = items::pack(vm, array.code(), args[2])?;
    let (len, size) = (array.len() as i64, array.code().size());
    let at = if index < 0 {
        (index + len).max(0)
    } else {
        index.min(len)
    };
    let at = at as usize * size;
    splice(vm, array, at, at, &item[..size])?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, args: &[Value]) -> Result {
    let index = match args[1].given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => -1,
    };
    let array = of(args[0]);
    if array.len() == 0 {
        return Err(vm.index_error("pop from empty array"));
    }
    let Some(at) = normalize(index, array.len()) else {
        return Err(vm.index_error("pop index out of range"));
    };
    let item = array.get(vm, at)?.unwrap_or(Value::NONE);
    remove_at(vm, array, at)?;
    Ok(item)
}

fn byteswap(_: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let size = array.code().size();
    array
        .bytes_mut()
        .chunks_exact_mut(size)
        .for_each(<[u8]>::reverse);
    Ok(Value::NONE)
}

fn reverse(_: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let (size, bytes) = (array.code().size(), array.bytes_mut());
    // Reversing all bytes puts the items in their places, each turned round.
    bytes.reverse();
    bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    Ok(Value::NONE)
}

/// `tolist`.
pub fn tolist(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let mut out = vm.rooted();
    let mut i = 0;
    while let Some(item) = array.get(vm, i)? {
        out.push(item);
        i += 1;
    }
    Ok(vm.new_list(&out)?.value())
}

fn fromlist(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let Some(list) = args[1].cast::<List>() else {
        return Err(vm.type_error("arg must be list"));
    };
    // Converted before any is appended: all of them are, or none.
    let (size, len) = (array.code().size(), list.len());
    let mut more = Vec::with_capacity(len * size);
    for i in 0..len {
        let Some(v) = list.as_slice().get(i).copied() else {
            break;
        };
        more.extend_from_slice(&items::pack(vm, array.code(), v)?[..size]);
        if list.len() != len {
            return Err(vm.runtime_error("list changed size during iteration"));
        }
    }
    array.extend(vm, &more)?;
    Ok(Value::NONE)
}

fn tobytes(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_bytes(of(args[0]).bytes())?.value())
}

/// Appends the bytes of a bytes-like object.
fn from_bytes(vm: &Vm, array: Gc<Array>, source: Value) -> Result<()> {
    let view = vm.get_buffer(source, false)?;
    if view.itemsize != 1 {
        return Err(vm.type_error("a bytes-like object is required"));
    }
    let bytes = view.contiguous_bytes().into_owned();
    drop(view);
    if bytes.len() % array.code().size() != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    array.extend(vm, &bytes)
}

fn frombytes(vm: &Vm, args: &[Value]) -> Result {
    from_bytes(vm, of(args[0]), args[1])?;
    Ok(Value::NONE)
}

fn tofile(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let mut at = 0;
    // Writing runs code that may change the array.
    while at < array.bytes().len() {
        let end = (at + BLOCK).min(array.bytes().len());
        let block = vm.new_bytes(&array.bytes()[at..end])?.value();
        vm.call_method(args[1], "write", &[block])?;
        at = end;
    }
    Ok(Value::NONE)
}

fn fromfile(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let n = vm.to_ssize_arg(args[2])?;
    if n < 0 {
        return Err(vm.value_error("negative count"));
    }
    let Some(wanted) = n.checked_mul(array.code().size() as i64) else {
        return Err(vm.memory_error());
    };
    let read = vm.call_method(args[1], "read", &[vm.new_int(wanted)])?;
    let Some(bytes) = read.cast::<Bytes>() else {
        return Err(vm.type_error("read() didn't return bytes"));
    };
    let got = bytes.len() as i64;
    from_bytes(vm, array, read)?;
    if got != wanted {
        return Err(vm.raise_str(
            vm.exception_class(&exc::EOF_ERROR),
            "read() didn't return enough bytes",
        ));
    }
    Ok(Value::NONE)
}

/// ValueError unless the items are characters.
fn check_text(vm: &Vm, array: Gc<Array>, method: &str) -> Result<()> {
    if array.code().is_text() {
        return Ok(());
    }
    Err(vm.value_error(format!(
        "{method}() may only be called on unicode type arrays ('u' or 'w')"
    )))
}

fn tounicode(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    check_text(vm, array, "tounicode")?;
    let mut text = TextBuf::new();
    for item in array.bytes().chunks_exact(array.code().size()) {
        text.push(items::character(vm, item)?);
    }
    vm.finish_text(text)
}

fn fromunicode(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let Some(text) = args[1].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "fromunicode() argument must be str, not {}",
            vm.type_name(args[1])
        )));
    };
    check_text(vm, array, "fromunicode")?;
    let bytes: Vec<u8> = text.code_points().flat_map(u32::to_ne_bytes).collect();
    array.extend(vm, &bytes)?;
    Ok(Value::NONE)
}

fn copy(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    new_array(vm, array.code(), array.bytes().to_vec())
}

fn buffer_info(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    let address = vm.new_uint(array.bytes().as_ptr() as u64);
    vm.pair(address, vm.new_int(array.len() as i64))
}

fn clear(vm: &Vm, args: &[Value]) -> Result {
    of(args[0]).resize_with(vm, |store| *store = Vec::new())?;
    Ok(Value::NONE)
}

fn sizeof(vm: &Vm, args: &[Value]) -> Result {
    let array = of(args[0]);
    Ok(vm.new_size(OBJECT_SIZE + array.bytes().len()))
}

const METHODS: &[MethodDef] = method_table!(
    comparison_methods!(compare),
    [
        slots::new(array_new),
        slots::repr(array_repr),
        slots::iter(array_iter).reads(0, 0),
        slots::len(|vm, args| Ok(vm.new_int(of(args[0]).len() as i64))).reads(0, 0),
        slots::getitem(getitem).reads(0b10, 0),
        slots::setitem(setitem).changes(0b110, 0),
        slots::delitem(delitem),
        slots::contains(contains),
        slots::add(add),
        slots::mul(mul),
        slots::rmul(mul),
        slots::iadd(iadd),
        slots::imul(imul),
        BUFFER,
        RELEASE_BUFFER,
        MethodDef::new(
            "append",
            "(self, v, /)",
            "Append new value v to the end of the array.",
            append,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "buffer_info",
            "(self, /)",
            "Return a tuple (address, length) of the memory that holds the items.\n\n\
             The length is in items: times itemsize, it is the memory's size in bytes.",
            buffer_info,
        ),
        MethodDef::new(
            "byteswap",
            "(self, /)",
            "Reverse the order of the bytes in each item.",
            byteswap,
        ),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Remove all items from the array.",
            clear
        ),
        MethodDef::new("__copy__", "(self, /)", "Return a copy of the array.", copy),
        MethodDef::new(
            "__deepcopy__",
            "(self, unused, /)",
            "Return a copy of the array.",
            |vm, args| copy(vm, &args[..1]),
        ),
        MethodDef::new(
            "count",
            "(self, v, /)",
            "Return number of occurrences of v in the array.",
            count,
        ),
        MethodDef::new(
            "extend",
            "(self, bb, /)",
            "Append items to the end of the array.",
            extend,
        ),
        MethodDef::new(
            "frombytes",
            "(self, buffer, /)",
            "Append the items whose bytes are those of a bytes-like object.",
            frombytes,
        ),
        MethodDef::new(
            "fromfile",
            "(self, f, n, /)",
            "Read n objects from the file object f and append them to the end of the array.",
            fromfile,
        ),
        MethodDef::new(
            "fromlist",
            "(self, list, /)",
            "Append items to array from list.",
            fromlist,
        ),
        MethodDef::new(
            "fromunicode",
            "(self, ustr, /)",
            "Append the characters of a string to an array of characters.",
            fromunicode,
        ),
        MethodDef::new(
            "index",
            "(self, v, start=0, stop=sys.maxsize, /)",
            "Return index of first occurrence of v in the array.\n\n\
             Raise ValueError if the value is not present.",
            index,
        ),
        MethodDef::new(
            "insert",
            "(self, i, v, /)",
            "Insert a new item v into the array before position i.",
            insert,
        ),
        MethodDef::new(
            "pop",
            "(self, i=-1, /)",
            "Return the i-th element and delete it from the array.\n\ni defaults to -1.",
            pop,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "__reduce_ex__",
            "(self, value, /)",
            "Return state information for pickling.",
            pickling::reduce_ex,
        ),
        MethodDef::new(
            "remove",
            "(self, v, /)",
            "Remove the first occurrence of v in the array.",
            remove,
        ),
        MethodDef::new(
            "reverse",
            "(self, /)",
            "Reverse the order of the items in the array.",
            reverse,
        ),
        MethodDef::new(
            "__sizeof__",
            "(self, /)",
            "Size of the array in memory, in bytes.",
            sizeof,
        ),
        MethodDef::new(
            "tobytes",
            "(self, /)",
            "Return the bytes of all items.",
            tobytes,
        ),
        MethodDef::new(
            "tofile",
            "(self, f, /)",
            "Write all items (as machine values) to the file object f.",
            tofile,
        ),
        MethodDef::new(
            "tolist",
            "(self, /)",
            "Convert array to an ordinary list with the same items.",
            tolist,
        ),
        MethodDef::new(
            "tounicode",
            "(self, /)",
            "Return the string that an array of characters holds.",
            tounicode,
        ),
    ],
);

/// `array.array`.
pub static ARRAY: TypeDef = TypeDef {
    module: "array",
    doc: "array(typecode [, initializer]) -> array\n\n\
          Return a new array whose items are of the C type that typecode names, from\n\
          the initializer: a list, a string, bytes, or an iterable of such values.\n\n\
          Type codes are 'b' and 'B' (signed and unsigned integers of 1 byte), 'h' and\n\
          'H' (2 bytes), 'i' and 'I' (4), 'l', 'L', 'q' and 'Q' (8), 'f' and 'd' (floats\n\
          of 4 and 8 bytes), 'w' and 'u' (characters).\n",
    subclassable: true,
    generic: true,
    flags: ClassFlags::WEAKREFS | ClassFlags::SEQUENCE,
    methods: METHODS,
    getset: &[
        GetSetDef {
            name: "typecode",
            doc: "the typecode character used to create the array",
            get: |vm, v| Ok(vm.str_of_char(of(v).code().letter().into())?.value()),
            set: None,
        },
        GetSetDef {
            name: "itemsize",
            doc: "the size, in bytes, of one array item",
            get: |vm, v| Ok(vm.new_int(of(v).code().size() as i64)),
            set: None,
        },
    ],
    buffer: Some(lend),
    ..TypeDef::new("array", <Array as Object>::LAYOUT)
};

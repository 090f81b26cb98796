//! `array.array` and its methods.

use super::{array_of, new_iter, pickling};
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, Special, TypeDef, slots};
use taipan_runtime::ops::compare::{CompareOp, holds};
use taipan_runtime::ops::subscript::normalize;
use taipan_runtime::types::array::{ArrayObject, Code};
use taipan_runtime::types::bytes::{Bytes, is_bytes_or_bytearray};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::list::methods::{repetitions, search_bounds};
use taipan_runtime::types::protocol::{class_argument, no_keywords_unless_subclass, this};
use taipan_runtime::types::slice::{Indices, Slice};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_text::TextBuf;

fn class_name(vm: &Vm, v: Value) -> String {
    vm.class_of(v).qualified_name()
}

fn array_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let base = vm.class_of_def(&ARRAY)?;
    let class = class_argument(vm, args, base)?;
    no_keywords_unless_subclass(vm, class, base, names)?;
    let given = args.len() - names.map_or(0, |n| n.len()) - 1;
    if !(1..=2).contains(&given) {
        let bound = if given == 0 {
            "least 1 argument"
        } else {
            "most 2 arguments"
        };
        return Err(vm.type_error(format!("array() takes at {bound} ({given} given)")));
    }
    let letter = match args[1].cast::<Str>() {
        Some(s) if s.len() == 1 => s.char_at(0),
        Some(s) => {
            return Err(vm.type_error(format!(
                "array() argument 1 must be a unicode character, not a string of length {}",
                s.len()
            )));
        }
        None => {
            return Err(vm.type_error(format!(
                "array() argument 1 must be a unicode character, not {}",
                class_name(vm, args[1])
            )));
        }
    };
    if letter == u32::from('u') {
        vm.warn_deprecated("The 'u' type code is deprecated and will be removed in Python 3.16")?;
    }
    let source = (given == 2).then(|| args[2]);
    let code = Code::from_letter(letter);
    if let (Some(v), Some(c)) = (source, char::from_u32(letter))
        && code.is_none_or(|code| !code.is_text())
    {
        if v.cast::<Str>().is_some() {
            return Err(vm.type_error(format!(
                "cannot use a str to initialize an array with typecode '{c}'"
            )));
        }
        if array_of(v).is_some_and(|a| a.code().is_text()) {
            return Err(vm.type_error(format!(
                "cannot use a unicode array to initialize an array with typecode '{c}'"
            )));
        }
    }
    let Some(code) = code else {
        return Err(
            vm.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")
        );
    };
    let shape = class.root_shape.get();
    let array = vm.heap.alloc(shape, ArrayObject::new(code, Vec::new()));
    match source {
        None => {}
        Some(v) if is_bytes_or_bytearray(v) => {
            append_bytes(vm, array, v)?;
        }
        Some(v) => extend(vm, array, v)?,
    }
    Ok(array.value())
}

/// Appends the items of an iterable, of which an array may be of any type.
fn extend(vm: &Vm, array: Gc<ArrayObject>, items: Value) -> Result<()> {
    if let Some(other) = array_of(items)
        && other.code() == array.code()
    {
        let bytes = other.as_bytes().to_vec();
        array.reserve(vm, bytes.len())?;
        return array.resize_with(vm, |store| store.extend_from_slice(&bytes));
    }
    let code = array.code();
    vm.for_each(items, &mut |v| array.push(vm, code.item(vm, v)?))
}

/// Appends the items that memory holds.
fn append_bytes(vm: &Vm, array: Gc<ArrayObject>, v: Value) -> Result<()> {
    let bytes = vm
        .get_contiguous_buffer(v, false)?
        .contiguous_bytes()
        .into_owned();
    if bytes.len() % array.code().size() != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    array.reserve(vm, bytes.len())?;
    array.resize_with(vm, |store| store.extend_from_slice(&bytes))
}

fn new_array(vm: &Vm, code: Code, data: Vec<u8>) -> Result {
    let owned = data.capacity();
    let shape = vm.class_of_def(&ARRAY)?.root_shape.get();
    let made = vm.heap.alloc(shape, ArrayObject::new(code, data));
    vm.heap.external_changed(made.header(), 0, owned);
    Ok(made.value())
}

fn item_value(vm: &Vm, array: Gc<ArrayObject>, index: usize) -> Result<Option<Value>> {
    match array.get(index) {
        Some(item) => array.code().value(vm, item).map(Some),
        None => Ok(None),
    }
}

/// An index that has to be an integer.
fn index_of(vm: &Vm, key: Value, message: &str) -> Result<i64> {
    if let Some(i) = key.as_int() {
        return Ok(i);
    }
    if key.as_int_ref().is_none() && vm.class_of(key).special(Special::Index).is_none() {
        return Err(vm.type_error(message));
    }
    vm.to_index(key)
}

fn array_getitem(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    if let Some(slice) = args[1].cast::<Slice>() {
        let at = slice.indices(vm, array.len())?;
        return new_array(vm, array.code(), picked(array, at));
    }
    let index = index_of(vm, args[1], "array indices must be integers")?;
    let found = normalize(index, array.len()).map(|i| item_value(vm, array, i));
    match found.transpose()?.flatten() {
        Some(v) => Ok(v),
        None => Err(vm.index_error("array index out of range")),
    }
}

/// The bytes of the items at these indices, which are in range.
fn picked(array: Gc<ArrayObject>, at: Indices) -> Vec<u8> {
    let (size, bytes) = (array.code().size(), array.as_bytes());
    if at.step == 1 {
        let start = at.start as usize * size;
        return bytes[start..start + at.count * size].to_vec();
    }
    let mut data = Vec::with_capacity(at.count * size);
    for i in at.iter() {
        data.extend_from_slice(&bytes[i * size..(i + 1) * size]);
    }
    data
}

fn array_setitem(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let size = array.code().size();
    if let Some(slice) = args[1].cast::<Slice>() {
        let bounds = slice.unpack(vm)?;
        let Some(other) = array_of(args[2]) else {
            return Err(vm.type_error(format!(
                "can only assign array (not \"{}\") to array slice",
                class_name(vm, args[2])
            )));
        };
        if other.code() != array.code() {
            return Err(bad_argument(vm));
        }
        let new = other.as_bytes().to_vec();
        let at = Indices::adjust(bounds.0, bounds.1, bounds.2, array.len());
        if at.step == 1 {
            let start = at.start as usize * size;
            let range = start..start + at.count * size;
            if range.len() == new.len() {
                array.change(|bytes| bytes[range].copy_from_slice(&new));
            } else {
                array.resize_with(vm, |store| drop(store.splice(range, new)))?;
            }
            return Ok(Value::NONE);
        }
        if new.len() != at.count * size {
            return Err(vm.value_error(format!(
                "attempt to assign array of size {} to extended slice of size {}",
                new.len() / size,
                at.count
            )));
        }
        array.change(|bytes| {
            for (i, item) in at.iter().zip(new.chunks_exact(size)) {
                bytes[i * size..(i + 1) * size].copy_from_slice(item);
            }
        });
        return Ok(Value::NONE);
    }
    let index = index_of(vm, args[1], "array indices must be integers")?;
    let out_of_range = |vm: &Vm| vm.index_error("array assignment index out of range");
    let Some(i) = normalize(index, array.len()) else {
        return Err(out_of_range(vm));
    };
    if array.set(i, array.code().item(vm, args[2])?) {
        Ok(Value::NONE)
    } else {
        Err(out_of_range(vm))
    }
}

fn array_delitem(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let size = array.code().size();
    let at = match args[1].cast::<Slice>() {
        Some(slice) => slice.indices(vm, array.len())?,
        None => {
            let index = index_of(vm, args[1], "array indices must be integers")?;
            let Some(i) = normalize(index, array.len()) else {
                return Err(vm.index_error("array assignment index out of range"));
            };
            return delete(vm, array, i);
        }
    };
    if at.step == 1 {
        let start = at.start as usize * size;
        let range = start..start + at.count * size;
        array.resize_with(vm, |store| drop(store.drain(range)))?;
        return Ok(Value::NONE);
    }
    let mut gone = vec![false; array.len()];
    at.iter().for_each(|i| gone[i] = true);
    let kept: Vec<u8> = array
        .as_bytes()
        .chunks_exact(size)
        .zip(&gone)
        .filter(|(_, gone)| !**gone)
        .flat_map(|(item, _)| item.iter().copied())
        .collect();
    array.resize_with(vm, |store| *store = kept)?;
    Ok(Value::NONE)
}

fn delete(vm: &Vm, array: Gc<ArrayObject>, index: usize) -> Result {
    let size = array.code().size();
    array.resize_with(vm, |store| {
        drop(store.drain(index * size..(index + 1) * size));
    })?;
    Ok(Value::NONE)
}

#[cold]
fn bad_argument(vm: &Vm) -> Raised {
    vm.type_error("bad argument type for built-in operation")
}

fn array_repr(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let mut text = TextBuf::new();
    let name = array.class().name_string();
    text.push_str(&format!("{name}('{}'", array.code().letter()));
    if !array.is_empty() {
        text.push_ascii(", ");
        if array.code().is_text() {
            let whole = to_unicode(vm, args)?;
            vm.push_repr(&mut text, whole)?;
        } else {
            let items = to_list(vm, args)?;
            vm.push_repr(&mut text, items)?;
        }
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

fn array_compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    let (Some(a), Some(b)) = (array_of(args[0]), array_of(args[1])) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let is_equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if is_equality && a.len() != b.len() {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    if is_equality && a.code() == b.code() && a.code().signedness().is_some() {
        let equal = a.as_bytes() == b.as_bytes();
        return Ok(Value::bool(equal == (op == CompareOp::Eq)));
    }
    let mut i = 0;
    // The items are new objects, so that a NaN is never the same as another.
    while let (Some(x), Some(y)) = (item_value(vm, a, i)?, item_value(vm, b, i)?) {
        if !vm.compare_bool(CompareOp::Eq, x, y)? {
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(op, x, y),
            };
        }
        i += 1;
    }
    Ok(Value::bool(holds(op, a.len().cmp(&b.len()))))
}

fn array_add(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let Some(other) = array_of(args[1]) else {
        return Err(vm.type_error(format!(
            "can only append array (not \"{}\") to array",
            class_name(vm, args[1])
        )));
    };
    if other.code() != array.code() {
        return Err(bad_argument(vm));
    }
    new_array(
        vm,
        array.code(),
        [array.as_bytes(), other.as_bytes()].concat(),
    )
}

fn array_iadd(vm: &Vm, args: &[Value]) -> Result {
    if array_of(args[1]).is_none() {
        return Err(vm.type_error(format!(
            "can only extend array with array (not \"{}\")",
            class_name(vm, args[1])
        )));
    }
    array_extend(vm, args)?;
    Ok(args[0])
}

/// The bytes of an array that many times; none if `n` is no integer.
fn repeated(vm: &Vm, array: Gc<ArrayObject>, n: Value) -> Result<Option<Vec<u8>>> {
    let bytes = array.as_bytes();
    let Some(count) = repetitions(vm, n, bytes.len())? else {
        return Ok(None);
    };
    let mut data = Vec::new();
    if data.try_reserve_exact(bytes.len() * count).is_err() {
        return Err(vm.memory_error());
    }
    for _ in 0..count {
        data.extend_from_slice(bytes);
    }
    Ok(Some(data))
}

/// An array cannot be repeated by this, unless that knows how.
fn not_repeated(vm: &Vm, v: Value) -> Result {
    let class = vm.class_of(v);
    if class.special(Special::RMul).is_some() && !class.has_flag(ClassFlags::IMMUTABLE) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let name = class.qualified_name();
    Err(vm.type_error(format!(
        "can't multiply sequence by non-int of type '{name}'"
    )))
}

fn array_mul(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    match repeated(vm, array, args[1])? {
        Some(data) => new_array(vm, array.code(), data),
        None => not_repeated(vm, args[1]),
    }
}

fn array_imul(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    match repeated(vm, array, args[1])? {
        Some(data) => {
            array.resize_with(vm, |store| *store = data)?;
            Ok(args[0])
        }
        None => not_repeated(vm, args[1]),
    }
}

fn array_append(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    array.push(vm, array.code().item(vm, args[1])?)?;
    Ok(Value::NONE)
}

fn array_extend(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    if array_of(args[1]).is_some_and(|other| other.code() != array.code()) {
        return Err(vm.type_error("can only extend with array of same kind"));
    }
    extend(vm, array, args[1])?;
    Ok(Value::NONE)
}

fn array_insert(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let index = vm.to_ssize_arg(args[1])?;
    let item = array.code().item(vm, args[2])?;
    let (len, size) = (array.len() as i64, array.code().size());
    let index = if index < 0 { index + len } else { index }.clamp(0, len) as usize;
    array.resize_with(vm, |store| {
        drop(store.splice(index * size..index * size, item[..size].iter().copied()));
    })?;
    Ok(Value::NONE)
}

fn array_pop(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let index = match args[1].given() {
        Some(i) => vm.to_ssize_arg(i)?,
        None => -1,
    };
    if array.is_empty() {
        return Err(vm.index_error("pop from empty array"));
    }
    let Some(i) = normalize(index, array.len()) else {
        return Err(vm.index_error("pop index out of range"));
    };
    let v = item_value(vm, array, i)?.unwrap_or(Value::NONE);
    delete(vm, array, i)?;
    Ok(v)
}

/// The first index from `start` up to `stop` of an item equal to `v`.
fn find(
    vm: &Vm,
    array: Gc<ArrayObject>,
    v: Value,
    (start, stop): (usize, usize),
) -> Result<Option<usize>> {
    let mut i = start;
    while i < stop
        && let Some(item) = item_value(vm, array, i)?
    {
        if vm.compare_bool(CompareOp::Eq, item, v)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn array_index(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let bounds = search_bounds(vm, args[2], args[3], array.len())?;
    match find(vm, array, args[1], bounds)? {
        Some(i) => Ok(vm.new_int(i as i64)),
        None => Err(vm.value_error("array.index(x): x not in array")),
    }
}

fn array_contains(vm: &Vm, args: &[Value]) -> Result {
    let found = find(vm, this(args[0]), args[1], (0, usize::MAX))?;
    Ok(Value::bool(found.is_some()))
}

fn array_count(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let (mut count, mut at) = (0, 0);
    while let Some(i) = find(vm, array, args[1], (at, usize::MAX))? {
        count += 1;
        at = i + 1;
    }
    Ok(vm.new_int(count))
}

fn array_remove(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    match find(vm, array, args[1], (0, usize::MAX))? {
        Some(i) if i < array.len() => delete(vm, array, i),
        _ => Err(vm.value_error("array.remove(x): x not in array")),
    }
}

fn array_clear(vm: &Vm, args: &[Value]) -> Result {
    this::<ArrayObject>(args[0]).resize_with(vm, |store| *store = Vec::new())?;
    Ok(Value::NONE)
}

fn array_reverse(_: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let size = array.code().size();
    array.change(|bytes| {
        // Reversed as a whole, and each item once more.
        bytes.reverse();
        bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    });
    Ok(Value::NONE)
}

fn array_byteswap(_: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let size = array.code().size();
    array.change(|bytes| bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse));
    Ok(Value::NONE)
}

fn array_copy(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    new_array(vm, array.code(), array.as_bytes().to_vec())
}

/// `array.tolist`.
pub fn to_list(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let list = vm.new_list(&[])?;
    list.reserve(vm, array.len())?;
    let mut i = 0;
    while let Some(v) = item_value(vm, array, i)? {
        list.push(vm, v)?;
        i += 1;
    }
    Ok(list.value())
}

fn array_fromlist(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let Some(list) = args[1].cast::<List>() else {
        return Err(vm.type_error("arg must be list"));
    };
    let (code, before, count) = (array.code(), array.len(), list.len());
    for i in 0..count {
        let Some(v) = list.get(i) else { break };
        let added = code.item(vm, v).and_then(|item| array.push(vm, item));
        let added = match added {
            Ok(()) if list.len() != count => {
                Err(vm.runtime_error("list changed size during iteration"))
            }
            other => other,
        };
        if let Err(raised) = added {
            // Nothing of the list stays.
            array.resize_with(vm, |store| store.truncate(before * code.size()))?;
            return Err(raised);
        }
    }
    Ok(Value::NONE)
}

fn array_tobytes(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm
        .new_bytes(this::<ArrayObject>(args[0]).as_bytes())?
        .value())
}

fn array_frombytes(vm: &Vm, args: &[Value]) -> Result {
    append_bytes(vm, this(args[0]), args[1])?;
    Ok(Value::NONE)
}

fn array_tofile(vm: &Vm, args: &[Value]) -> Result {
    /// Bytes written at once.
    const BLOCK: usize = 64 * 1024;
    let array = this::<ArrayObject>(args[0]);
    let write = vm.intern("write");
    let bytes = array.as_bytes().to_vec();
    for block in bytes.chunks(BLOCK) {
        let block = vm.new_bytes(block)?.value();
        vm.call_method_named(args[1], write, &[block])?;
    }
    Ok(Value::NONE)
}

fn array_fromfile(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let count = vm.to_ssize_arg(args[2])?;
    let Ok(count) = usize::try_from(count) else {
        return Err(vm.value_error("negative count"));
    };
    let size = array.code().size();
    let Some(wanted) = count.checked_mul(size).filter(|n| *n < isize::MAX as usize) else {
        return Err(vm.memory_error());
    };
    let read = vm.intern("read");
    let data = vm.call_method_named(args[1], read, &[vm.new_int(wanted as i64)])?;
    let Some(bytes) = data.cast::<Bytes>() else {
        return Err(vm.type_error("read() didn't return bytes"));
    };
    let whole = bytes.as_slice();
    if whole.len() % size != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    array.reserve(vm, whole.len())?;
    array.resize_with(vm, |store| store.extend_from_slice(whole))?;
    if whole.len() != wanted {
        return Err(vm.raise_str(
            vm.exception_class(&exc::EOF_ERROR),
            "read() didn't return enough bytes",
        ));
    }
    Ok(Value::NONE)
}

fn to_unicode(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    if !array.code().is_text() {
        return Err(
            vm.value_error("tounicode() may only be called on unicode type arrays ('u' or 'w')")
        );
    }
    let mut text = TextBuf::new();
    let mut i = 0;
    while let Some(v) = item_value(vm, array, i)? {
        if let Some(s) = v.cast::<Str>() {
            text.push_text(s.data());
        }
        i += 1;
    }
    vm.finish_text(text)
}

fn array_fromunicode(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let Some(text) = args[1].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "fromunicode() argument must be str, not {}",
            class_name(vm, args[1])
        )));
    };
    if !array.code().is_text() {
        return Err(
            vm.value_error("fromunicode() may only be called on unicode type arrays ('u' or 'w')")
        );
    }
    let bytes: Vec<u8> = text.code_points().flat_map(u32::to_ne_bytes).collect();
    array.reserve(vm, bytes.len())?;
    array.resize_with(vm, |store| store.extend_from_slice(&bytes))?;
    Ok(Value::NONE)
}

fn array_buffer_info(vm: &Vm, args: &[Value]) -> Result {
    let array = this::<ArrayObject>(args[0]);
    let address = vm.new_uint(array.as_bytes().as_ptr() as u64);
    vm.pair(address, vm.new_int(array.len() as i64))
}

/// `array.array`.
pub static ARRAY: TypeDef = TypeDef {
    module: "array",
    doc: "array(typecode [, initializer]) -> array\n\n\
          Return a new array whose items are restricted by typecode, and\n\
          initialized from the optional initializer value, which must be a list,\n\
          string or iterable over elements of the appropriate type.",
    subclassable: true,
    generic: true,
    flags: ClassFlags::WEAKREFS | ClassFlags::SEQUENCE,
    buffer: Some(|_, v, _| Ok(this::<ArrayObject>(v).lend())),
    methods: &[
        slots::new(array_new),
        taipan_runtime::types::bytes::BUFFER,
        taipan_runtime::types::bytes::RELEASE_BUFFER,
        slots::repr(array_repr),
        slots::lt(|vm, args| array_compare(vm, args, CompareOp::Lt)),
        slots::le(|vm, args| array_compare(vm, args, CompareOp::Le)),
        slots::eq(|vm, args| array_compare(vm, args, CompareOp::Eq)),
        slots::ne(|vm, args| array_compare(vm, args, CompareOp::Ne)),
        slots::gt(|vm, args| array_compare(vm, args, CompareOp::Gt)),
        slots::ge(|vm, args| array_compare(vm, args, CompareOp::Ge)),
        slots::iter(new_iter),
        slots::len(|vm, args| Ok(vm.new_int(this::<ArrayObject>(args[0]).len() as i64)))
            .reads(0, 0),
        slots::add(array_add),
        slots::mul(array_mul),
        slots::rmul(array_mul),
        slots::iadd(array_iadd),
        slots::imul(array_imul),
        slots::getitem(array_getitem),
        slots::setitem(array_setitem),
        slots::delitem(array_delitem),
        slots::contains(array_contains),
        MethodDef::new(
            "append",
            "(self, v, /)",
            "Append new value v to the end of the array.",
            array_append,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "buffer_info",
            "(self, /)",
            "Return a tuple (address, length) giving the current memory address and the length in items of the buffer used to hold array's contents.\n\nThe length should be multiplied by the itemsize attribute to calculate\nthe buffer length in bytes.",
            array_buffer_info,
        ),
        MethodDef::new(
            "byteswap",
            "(self, /)",
            "Byteswap all items of the array.\n\nIf the items in the array are not 1, 2, 4, or 8 bytes in size, RuntimeError is\nraised.",
            array_byteswap,
        ),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Remove all items from the array.",
            array_clear,
        ),
        MethodDef::new(
            "__copy__",
            "(self, /)",
            "Return a copy of the array.",
            array_copy,
        ),
        MethodDef::new(
            "count",
            "(self, v, /)",
            "Return number of occurrences of v in the array.",
            array_count,
        ),
        MethodDef::new(
            "__deepcopy__",
            "(self, unused, /)",
            "Return a copy of the array.",
            array_copy,
        ),
        MethodDef::new(
            "extend",
            "(self, bb, /)",
            "Append items to the end of the array.",
            array_extend,
        ),
        MethodDef::new(
            "fromfile",
            "(self, f, n, /)",
            "Read n objects from the file object f and append them to the end of the array.",
            array_fromfile,
        ),
        MethodDef::new(
            "fromlist",
            "(self, list, /)",
            "Append items to array from list.",
            array_fromlist,
        ),
        MethodDef::new(
            "frombytes",
            "(self, buffer, /)",
            "Appends items from the string, interpreting it as an array of machine values, as if it had been read from a file using the fromfile() method.",
            array_frombytes,
        ),
        MethodDef::new(
            "fromunicode",
            "(self, ustr, /)",
            "Extends this array with data from the unicode string ustr.\n\nThe array must be a unicode type array; otherwise a ValueError is raised.\nUse array.frombytes(ustr.encode(...)) to append Unicode data to an array of\nsome other type.",
            array_fromunicode,
        ),
        MethodDef::new(
            "index",
            "(self, v, start=0, stop=sys.maxsize, /)",
            "Return index of first occurrence of v in the array.\n\nRaise ValueError if the value is not present.",
            array_index,
        ),
        MethodDef::new(
            "insert",
            "(self, i, v, /)",
            "Insert a new item v into the array before position i.",
            array_insert,
        ),
        MethodDef::new(
            "pop",
            "(self, i=-1, /)",
            "Return the i-th element and delete it from the array.\n\ni defaults to -1.",
            array_pop,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "__reduce_ex__",
            "(self, value, /)",
            "Return state information for pickling.",
            pickling::reduce,
        ),
        MethodDef::new(
            "remove",
            "(self, v, /)",
            "Remove the first occurrence of v in the array.",
            array_remove,
        ),
        MethodDef::new(
            "reverse",
            "(self, /)",
            "Reverse the order of the items in the array.",
            array_reverse,
        ),
        MethodDef::new(
            "tofile",
            "(self, f, /)",
            "Write all items (as machine values) to the file object f.",
            array_tofile,
        ),
        MethodDef::new(
            "tolist",
            "(self, /)",
            "Convert array to an ordinary list with the same items.",
            to_list,
        ),
        MethodDef::new(
            "tobytes",
            "(self, /)",
            "Convert the array to an array of machine values and return the bytes representation.",
            array_tobytes,
        ),
        MethodDef::new(
            "tounicode",
            "(self, /)",
            "Extends this array with data from the unicode string ustr.\n\nConvert the array to a unicode string.  The array must be a unicode type array;\notherwise a ValueError is raised.  Use array.tobytes().decode() to obtain a\nunicode string from an array of some other type.",
            to_unicode,
        ),
        MethodDef::new(
            "__sizeof__",
            "(self, /)",
            "Size of the array in memory, in bytes.",
            |vm, args| {
                let array = this::<ArrayObject>(args[0]);
                Ok(vm.new_size(array.header.size() + array.allocated()))
            },
        ),
    ],
    getset: &[
        GetSetDef {
            name: "typecode",
            doc: "the typecode character used to create the array",
            get: |vm, v| {
                let letter = this::<ArrayObject>(v).code().letter();
                Ok(vm.str_of_char(letter.into())?.value())
            },
            set: None,
        },
        GetSetDef {
            name: "itemsize",
            doc: "the size, in bytes, of one array item",
            get: |_, v| Ok(Value::small_int(this::<ArrayObject>(v).code().size() as i64)),
            set: None,
        },
    ],
    finish: Some(|vm, class| {
        // Changeable, and so not hashable.
        let name = vm.names.__hash__.get();
        class.namespace().set_str(vm, name, Value::NONE);
        Ok(())
    }),
    ..TypeDef::new("array", <ArrayObject as Object>::LAYOUT)
};

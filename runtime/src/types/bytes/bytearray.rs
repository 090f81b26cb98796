//! The Python type `bytearray`: its table and the methods that change it.

use super::construct::{byte_arg, init_bytearray, new_bytearray};
use super::methods::{self, RELEASE_BUFFER, SHARED, ZFILL};
use super::parts::array;
use super::{ByteArray, data_of};
use crate::heap::{Gc, Object};
use crate::object::{MethodDef, Special, TypeDef};
use crate::ops::compare::CompareOp;
use crate::ops::subscript::normalize;
use crate::types::exception::classes as exc;
use crate::types::slice::{Indices, Slice};
use crate::types::str::Str;
use crate::types::support::{ordered, repeat_arg, size_arg};
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table};

fn repr(vm: &Vm, args: &[Value]) -> Result {
    // Unlike `bytes`, single quotes are escaped even between double ones.
    let data = data_of(args[0]);
    let quote = if data.contains(&b'\'') && !data.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut text = format!("{}(b{quote}", vm.type_name(args[0]));
    for &b in data {
        match b {
            b'\'' | b'\\' => text.extend(['\\', b as char]),
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            0x20..0x7F => text.push(b as char),
            _ => text.push_str(&format!("\\x{b:02x}")),
        }
    }
    text.extend([quote, ')']);
    Ok(vm.new_str(&text).value())
}

fn str(vm: &Vm, args: &[Value]) -> Result {
    vm.bytes_warning("str() on a bytearray instance")?;
    repr(vm, args)
}

fn compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    if b.cast::<Str>().is_some() {
        if matches!(op, CompareOp::Eq | CompareOp::Ne) {
            vm.bytes_warning("Comparison between bytearray and string")?;
        }
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if !vm.supports_buffer(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let other = vm.get_buffer(b, false);
    match other {
        Ok(other) => ordered(op, data_of(a).cmp(&other.contiguous_bytes())),
        Err(_) if vm.raised_is_def(&exc::TYPE_ERROR) || vm.raised_is_def(&exc::BUFFER_ERROR) => {
            vm.clear_raised();
            Ok(Value::NOT_IMPLEMENTED)
        }
        Err(raised) => Err(raised),
    }
}

fn getitem(vm: &Vm, args: &[Value]) -> Result {
    methods::subscript(vm, args, "bytearray", "bytearray index out of range")
}

/// A byte from an item to store.
fn item_arg(vm: &Vm, v: Value) -> Result<u8> {
    byte_arg(vm, v)
}

enum Key {
    Index(i64),
    Slice(Option<i64>, Option<i64>, i64),
}

fn key(vm: &Vm, v: Value) -> Result<Key> {
    if let Some(slice) = v.cast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        return Ok(Key::Slice(start, stop, step));
    }
    if v.as_int_ref().is_none() && vm.class_of(v).special(Special::Index).is_none() {
        let got = vm.type_name(v);
        return Err(vm.type_error(format!(
            "bytearray indices must be integers or slices, not {got}"
        )));
    }
    Ok(Key::Index(vm.to_index(v)?))
}

/// Replaces the bytes from `start` to `end`.
fn splice(vm: &Vm, this: Gc<ByteArray>, start: usize, end: usize, new: &[u8]) -> Result<()> {
    if new.len() == end - start {
        this.as_mut_slice()[start..end].copy_from_slice(new);
        return Ok(());
    }
    if start == 0 && new.is_empty() {
        return this.drop_front(vm, end);
    }
    this.resize_with(vm, |store| {
        store.splice(start..end, new.iter().copied());
    })
}

fn setitem(vm: &Vm, args: &[Value]) -> Result {
    let this = array(args[0]);
    let (start, stop, step) = match key(vm, args[1])? {
        Key::Index(i) => {
            let Some(at) = normalize(i, this.len()) else {
                return Err(vm.index_error("bytearray index out of range"));
            };
            let byte = item_arg(vm, args[2])?;
            // The conversion may have run code that changed the array.
            match this.as_mut_slice().get_mut(at) {
                Some(place) => *place = byte,
                None => return Err(vm.index_error("bytearray index out of range")),
            }
            return Ok(Value::NONE);
        }
        Key::Slice(start, stop, step) => (start, stop, step),
    };
    let new = replacement(vm, args[2])?;
    let i = Indices::adjust(start, stop, step, this.len());
    if i.step == 1 {
        let from = i.start as usize;
        // An empty slice inserts at its start, wherever its stop is.
        splice(vm, this, from, from + i.count, &new)?;
        return Ok(Value::NONE);
    }
    if new.is_empty() {
        delete(vm, this, i)?;
        return Ok(Value::NONE);
    }
    if new.len() != i.count {
        return Err(vm.value_error(format!(
            "attempt to assign bytes of size {} to extended slice of size {}",
            new.len(),
            i.count
        )));
    }
    let data = this.as_mut_slice();
    i.iter().zip(&new).for_each(|(at, b)| data[at] = *b);
    Ok(Value::NONE)
}

/// What is assigned to a slice, copied: it may be the array itself.
fn replacement(vm: &Vm, v: Value) -> Result<Vec<u8>> {
    const WRONG: &str = "can assign only bytes, buffers, or iterables of ints in range(0, 256)";
    if super::is_bytes_or_bytearray(v) {
        return Ok(data_of(v).to_vec());
    }
    if v.as_int_ref().is_some() || v.cast::<Str>().is_some() {
        return Err(vm.type_error(WRONG));
    }
    if vm.supports_buffer(v) {
        return Ok(vm.get_buffer(v, false)?.contiguous_bytes().into_owned());
    }
    vm.bytes_from_iterable(v, super::construct::Kind::ByteArray)
}

/// Removes the bytes of an extended slice.
fn delete(vm: &Vm, this: Gc<ByteArray>, i: Indices) -> Result<()> {
    if i.count == 0 {
        return Ok(());
    }
    if i.step == 1 {
        return splice(vm, this, i.start as usize, i.start as usize + i.count, &[]);
    }
    let mut positions: Vec<usize> = i.iter().collect();
    positions.sort_unstable();
    this.resize_with(vm, |store| {
        let (mut at, mut next) = (0, positions.iter().peekable());
        store.retain(|_| {
            let gone = next.next_if(|p| **p == at).is_some();
            at += 1;
            !gone
        });
    })
}

fn delitem(vm: &Vm, args: &[Value]) -> Result {
    let this = array(args[0]);
    match key(vm, args[1])? {
        Key::Index(i) => match normalize(i, this.len()) {
            Some(at) => splice(vm, this, at, at + 1, &[])?,
            None => return Err(vm.index_error("bytearray index out of range")),
        },
        Key::Slice(start, stop, step) => {
            delete(vm, this, Indices::adjust(start, stop, step, this.len()))?
        }
    }
    Ok(Value::NONE)
}

fn iadd(vm: &Vm, args: &[Value]) -> Result {
    if !vm.supports_buffer(args[1]) {
        let (got, this) = (vm.type_name(args[1]), vm.type_name(args[0]));
        return Err(vm.type_error(format!("can't concat {got} to {this}")));
    }
    append_buffer(vm, args[0], args[1])?;
    Ok(args[0])
}

fn append_buffer(vm: &Vm, this: Value, other: Value) -> Result<()> {
    if this.is(other) {
        let copy = data_of(this).to_vec();
        return array(this).extend(vm, &copy);
    }
    let view = vm.get_buffer(other, false)?;
    array(this).extend(vm, &view.contiguous_bytes())
}

fn imul(vm: &Vm, args: &[Value]) -> Result {
    let count = repeat_arg(vm, args[1])?;
    let this = array(args[0]);
    let len = this.len();
    if len == 0 || count == 1 {
        return Ok(args[0]);
    }
    let Some(total) = len.checked_mul(count).filter(|n| *n <= isize::MAX as usize) else {
        return Err(vm.memory_error());
    };
    let grown = this.resize_with(vm, |store| {
        if total > len && store.try_reserve(total - len).is_err() {
            return false;
        }
        store.truncate(total);
        while store.len() < total {
            let more = store.len().min(total - store.len());
            store.extend_from_within(..more);
        }
        true
    })?;
    if grown {
        Ok(args[0])
    } else {
        Err(vm.memory_error())
    }
}

fn append(vm: &Vm, args: &[Value]) -> Result {
    let byte = item_arg(vm, args[1])?;
    array(args[0]).extend(vm, &[byte])?;
    Ok(Value::NONE)
}

fn extend(vm: &Vm, args: &[Value]) -> Result {
    if vm.supports_buffer(args[1]) {
        let this = array(args[0]);
        let end = this.len();
        let more = match args[0].is(args[1]) {
            true => data_of(args[0]).to_vec(),
            false => vm
                .get_buffer(args[1], false)?
                .contiguous_bytes()
                .into_owned(),
        };
        // Lending may have run code that resized the array: the bytes go where its end was.
        let at = end.min(this.len());
        if at == this.len() {
            this.extend(vm, &more)?;
        } else {
            splice(vm, this, at, at, &more)?;
        }
        return Ok(Value::NONE);
    }
    if args[1].cast::<Str>().is_some() {
        return Err(vm.type_error("expected iterable of integers; got: 'str'"));
    }
    let iterator = match vm.iter(args[1]) {
        Ok(iterator) => iterator,
        Err(_) if vm.raised_is_def(&exc::TYPE_ERROR) => {
            vm.clear_raised();
            return Err(vm.type_error(format!(
                "can't extend bytearray with {}",
                vm.type_name(args[1])
            )));
        }
        Err(raised) => return Err(raised),
    };
    let mut more = Vec::new();
    let hint = vm.length_hint(args[1], 32)?;
    if more.try_reserve(hint).is_err() {
        return Err(vm.memory_error());
    }
    while let Some(item) = vm.next(iterator)? {
        more.push(item_arg(vm, item)?);
    }
    array(args[0]).extend(vm, &more)?;
    Ok(Value::NONE)
}

fn insert(vm: &Vm, args: &[Value]) -> Result {
    let index = size_arg(vm, args[1])?;
    let byte = item_arg(vm, args[2])?;
    let this = array(args[0]);
    let len = this.len() as i64;
    let at = if index < 0 {
        (index + len).max(0)
    } else {
        index.min(len)
    };
    this.resize_with(vm, |store| store.insert(at as usize, byte))?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, args: &[Value]) -> Result {
    let index = match args[1].given() {
        None => -1,
        Some(v) => size_arg(vm, v)?,
    };
    let this = array(args[0]);
    if this.is_empty() {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    let Some(at) = normalize(index, this.len()) else {
        return Err(vm.index_error("pop index out of range"));
    };
    let byte = this.as_slice()[at];
    splice(vm, this, at, at + 1, &[])?;
    Ok(Value::small_int(byte.into()))
}

fn remove(vm: &Vm, args: &[Value]) -> Result {
    let byte = item_arg(vm, args[1])?;
    let this = array(args[0]);
    match memchr::memchr(byte, this.as_slice()) {
        Some(at) => {
            splice(vm, this, at, at + 1, &[])?;
            Ok(Value::NONE)
        }
        None => Err(vm.value_error("value not found in bytearray")),
    }
}

fn clear(vm: &Vm, args: &[Value]) -> Result {
    array(args[0]).resize_with(vm, |store| *store = Vec::new())?;
    Ok(Value::NONE)
}

fn copy(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_bytearray(data_of(args[0]).to_vec()).value())
}

fn reverse(_: &Vm, args: &[Value]) -> Result {
    array(args[0]).as_mut_slice().reverse();
    Ok(Value::NONE)
}

fn resize(vm: &Vm, args: &[Value]) -> Result {
    let size = size_arg(vm, args[1])?;
    let Ok(size) = usize::try_from(size) else {
        return Err(vm.value_error(format!("Can only resize to positive sizes, got {size}")));
    };
    let this = array(args[0]);
    if size == this.len() {
        return Ok(Value::NONE);
    }
    let more = size.saturating_sub(this.len());
    let resized = this.resize_with(vm, |store| {
        if store.try_reserve(more).is_err() {
            return false;
        }
        store.resize(size, 0);
        true
    })?;
    if resized {
        Ok(Value::NONE)
    } else {
        Err(vm.memory_error())
    }
}

fn alloc(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(array(args[0]).allocated() as i64))
}

fn sizeof(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(56 + array(args[0]).allocated() as i64))
}

/// (class, arguments, state) for pickling, the bytes as text for old protocols.
fn reduce_with(vm: &Vm, this: Value, protocol: i64) -> Result {
    let data = data_of(this);
    let state = vm.get_state(this)?;
    let args = if protocol < 3 {
        let text = vm.try_new_str_latin1(data, data.is_ascii())?;
        vm.new_tuple(&[text.value(), vm.intern("latin-1").value()])?
    } else if data.is_empty() {
        vm.new_tuple(&[])?
    } else {
        vm.new_tuple(&[vm.new_bytes(data)?.value()])?
    };
    Ok(vm
        .new_tuple(&[vm.class_of(this).value(), args.value(), state])?
        .value())
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    reduce_with(vm, args[0], 2)
}

fn reduce_ex(vm: &Vm, args: &[Value]) -> Result {
    let protocol = match args[1].given() {
        None => 0,
        Some(v) => crate::types::support::c_int_arg(vm, v)?,
    };
    reduce_with(vm, args[0], protocol)
}

impl Vm {
    /// What `object.__getstate__` gives, by the object's own method.
    pub fn get_state(&self, v: Value) -> Result {
        self.call_method_named(v, self.names.__getstate__.get(), &[])
    }
}

const METHODS: [MethodDef; 23] = [
    MethodDef::new(
        "__new__",
        "(cls, /, *args, **kwargs)",
        "Create and return a new object.  See help(type) for accurate signature.",
        new_bytearray,
    )
    .static_(),
    MethodDef::new(
        "__init__",
        "(self, source=b'', encoding='utf-8', errors='strict')",
        "Initialize self.  See help(type(self)) for accurate signature.",
        init_bytearray,
    ),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__str__", "(self, /)", "Return str(self).", str),
    RELEASE_BUFFER,
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
        "__iadd__",
        "(self, value, /)",
        "Implement self+=value.",
        iadd,
    ),
    MethodDef::new(
        "__imul__",
        "(self, value, /)",
        "Implement self*=value.",
        imul,
    ),
    MethodDef::new(
        "__alloc__",
        "(self, /)",
        "B.__alloc__() -> int\n\nReturn the number of bytes actually allocated.",
        alloc,
    ),
    MethodDef::new(
        "__reduce__",
        "(self, /)",
        "Return state information for pickling.",
        reduce,
    ),
    MethodDef::new(
        "__reduce_ex__",
        "(self, proto=0, /)",
        "Return state information for pickling.",
        reduce_ex,
    ),
    MethodDef::new(
        "__sizeof__",
        "(self, /)",
        "Returns the size of the bytearray object in memory, in bytes.",
        sizeof,
    ),
    MethodDef::new(
        "append",
        "(self, item, /)",
        "Append a single item to the end of the bytearray.",
        append,
    )
    .changes(0xFE, 0),
    MethodDef::new(
        "clear",
        "(self, /)",
        "Remove all items from the bytearray.",
        clear,
    )
    .changes(0, 0),
    MethodDef::new("copy", "(self, /)", "Return a copy.", copy).reads(0, 0),
    MethodDef::new(
        "extend",
        "(self, iterable_of_ints, /)",
        "Append all the items from the iterator or sequence to the end of the bytearray.",
        extend,
    )
    .changes(0xFE, 0),
    MethodDef::new(
        "insert",
        "(self, index, item, /)",
        "Insert a single item into the bytearray before the given index.",
        insert,
    )
    .changes(0xFE, 0),
    MethodDef::new(
        "pop",
        "(self, index=-1, /)",
        "Remove and return the item at index, the last one by default.\n\nIndexError if the bytearray is empty or the index out of range.",
        pop,
    )
    .changes(0xFE, 0),
    MethodDef::new(
        "remove",
        "(self, value, /)",
        "Remove the first occurrence of a value in the bytearray.",
        remove,
    )
    .changes(0xFE, 0),
    MethodDef::new(
        "resize",
        "(self, size, /)",
        "Resize in place, cutting off or appending null bytes.",
        resize,
    ),
    MethodDef::new(
        "reverse",
        "(self, /)",
        "Reverse the order of the values in place.",
        reverse,
    )
    .changes(0, 0),
];

/// The class `bytearray`.
pub static BYTEARRAY: TypeDef = TypeDef {
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> bytes array of size given by the parameter initialized with null bytes\nbytearray() -> empty bytes array\n\nA mutable array of bytes, made from an iterable of integers in range(256), a string\nand its encoding, any object with the buffer API, or an integer.",
    subclassable: true,
    methods: method_table![METHODS, comparison_methods!(compare), SHARED, ZFILL],
    ..TypeDef::new("bytearray", ByteArray::LAYOUT)
};

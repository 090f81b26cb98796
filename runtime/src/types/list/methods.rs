//! The Python type `list` and its reverse iterator.

use super::{List, sort};
use crate::heap::{Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, Consumer, MethodDef, Special, TypeDef, slots};
use crate::ops::compare::CompareOp;
use crate::ops::subscript::normalize;
use crate::types::dict::{Dict, views::DictIter};
use crate::types::iterators::ITER_SELF;
use crate::types::protocol::{
    NEXT, builtin, check_count, class_argument, no_keywords, no_keywords_in_init, split_keywords,
    this,
};
use crate::types::set::Set;
use crate::types::slice::{Indices, Slice};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

fn list_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let exact = vm.types.list.get();
    let class = class_argument(vm, args, exact)?;
    if class == exact {
        no_keywords(vm, "list", names)?;
        check_count(vm, "list", args.len() - 1, 0, 1)?;
    }
    Ok(vm.list_with_shape(&[], class.root_shape.get())?.value())
}

fn list_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords_in_init(vm, vm.class_of(args[0]), vm.types.list.get(), names)?;
    let given = args.len() - 1 - names.map_or(0, |n| n.len());
    check_count(vm, "list", given, 0, 1)?;
    let list = this::<List>(args[0]);
    list.clear();
    if given > 0 {
        fill(vm, list, args[1])?;
    }
    Ok(Value::NONE)
}

/// Gives a new list the items of an iterable. Nobody else sees the list, so that
/// they can be gathered in memory that grows more cheaply.
fn fill(vm: &Vm, list: Gc<List>, source: Value) -> Result<()> {
    let exact = list.class() == vm.types.list.get();
    let sized = vm.class_of(source).special(Special::Len).is_some();
    if !exact || sized {
        return extend(vm, list, source);
    }
    let iterator = vm.iter(source)?;
    // The hint is asked for as CPython does, for what it may raise.
    let hint = vm.length_hint(source, 0)?;
    let mut items = vm.rooted_with_capacity(hint.min(1 << 16));
    while let Some(item) = vm.next(iterator)? {
        items.push(item);
    }
    list.extend(vm, &items)
}

/// Appends every item of an iterable.
pub fn extend(vm: &Vm, list: Gc<List>, source: Value) -> Result<()> {
    if let Some(header) = source.header() {
        let shape = header.shape_id();
        if shape == vm.shapes.list.get().id() {
            return list.extend(vm, this::<List>(source).as_slice());
        } else if shape == vm.shapes.tuple.get().id() {
            return list.extend(vm, this::<Tuple>(source).as_slice());
        } else if shape == vm.shapes.dict.get().id() {
            let dict = this::<Dict>(source);
            list.reserve(vm, list.len() + dict.len())?;
            return dict.items().try_for_each(|(key, _)| list.push(vm, key));
        } else if shape == vm.shapes.set.get().id() {
            let set = this::<Set>(source);
            list.reserve(vm, list.len() + set.len())?;
            return set.items().try_for_each(|item| list.push(vm, item));
        }
    }
    let iterator = vm.iter(source)?;
    if let Some(dict) = iterator.cast::<DictIter>() {
        list.reserve(vm, list.len() + dict.remaining())?;
        while let Some(item) = dict.next(vm)? {
            list.push(vm, item)?;
        }
        return Ok(());
    }
    let hint = vm.length_hint(source, 0)?;
    // A hint may be a lie: room is made for what can be had cheaply.
    if hint > 8 {
        list.reserve(vm, list.len() + hint.min(1 << 20))?;
    }
    vm.each_next(iterator, |item| list.push(vm, item))
}

fn list_repr(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    if list.is_empty() {
        return Ok(vm.new_str("[]").value());
    }
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str("[...]").value());
    };
    let text = vm.repr_items("[", "]", &mut |i| list.get(i))?;
    vm.finish_text(text)
}

fn compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    let (a, Some(b)) = (this::<List>(args[0]), args[1].cast::<List>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    compare_lists(vm, op, a, b)
}

/// How many items at the front are the same objects, which containers take for equal.
pub fn common_prefix(a: &[Value], b: &[Value]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x.is(**y)).count()
}

/// `a op b`, whatever their subclasses define.
pub fn compare_lists(vm: &Vm, op: CompareOp, a: Gc<List>, b: Gc<List>) -> Result {
    let same = common_prefix(a.as_slice(), b.as_slice());
    vm.compare_sequences(
        (op, same),
        (|| a.len(), |i| a.get(i)),
        (|| b.len(), |i| b.get(i)),
    )
}

fn list_iter(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_list_iter(this(args[0])).value())
}

fn list_len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<List>(args[0]).len() as i64))
}

#[cold]
fn bad_index(vm: &Vm, key: Value) -> crate::vm::Raised {
    vm.type_error(format!(
        "list indices must be integers or slices, not {}",
        vm.class_of(key).qualified_name()
    ))
}

/// The index that a key other than a slice is.
fn key_index(vm: &Vm, key: Value) -> Result<i64> {
    if key.as_int_ref().is_none() && vm.class_of(key).special(Special::Index).is_none() {
        return Err(bad_index(vm, key));
    }
    vm.to_index(key)
}

fn list_getitem(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    if let Some(slice) = args[1].cast::<Slice>() {
        let bounds = slice.unpack(vm)?;
        let at = Indices::adjust(bounds.0, bounds.1, bounds.2, list.len());
        return Ok(vm.list_slice(list, at)?.value());
    }
    let index = key_index(vm, args[1])?;
    match normalize(index, list.len()).and_then(|i| list.get(i)) {
        Some(v) => Ok(v),
        None => Err(vm.index_error("list index out of range")),
    }
}

fn list_setitem(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    if let Some(slice) = args[1].cast::<Slice>() {
        vm.list_assign_slice(list, slice.unpack(vm)?, args[2])?;
        return Ok(Value::NONE);
    }
    let index = key_index(vm, args[1])?;
    match normalize(index, list.len()) {
        Some(i) => {
            list.set(i, args[2]);
            Ok(Value::NONE)
        }
        None => Err(vm.index_error("list assignment index out of range")),
    }
}

fn list_delitem(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    if let Some(slice) = args[1].cast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        let at = Indices::adjust(start, stop, step, list.len());
        delete_slice(vm, list, at)?;
        return Ok(Value::NONE);
    }
    let index = key_index(vm, args[1])?;
    match normalize(index, list.len()) {
        Some(i) => {
            list.splice(vm, i, i + 1, &[])?;
            Ok(Value::NONE)
        }
        None => Err(vm.index_error("list assignment index out of range")),
    }
}

fn delete_slice(vm: &Vm, list: Gc<List>, at: Indices) -> Result<()> {
    if at.count == 0 {
        return Ok(());
    }
    if at.step == 1 {
        let start = at.start as usize;
        return list.splice(vm, start, start + at.count, &[]);
    }
    let (mut low, step) = (at.start, at.step.unsigned_abs() as usize);
    if at.step < 0 {
        low += (at.count as i64 - 1) * at.step;
    }
    let (low, len) = (low as usize, list.len());
    let mut to = low;
    for from in low..len {
        let offset = from - low;
        if offset % step == 0 && offset / step < at.count {
            continue;
        }
        if let Some(v) = list.get(from) {
            list.set(to, v);
        }
        to += 1;
    }
    list.truncate(to);
    Ok(())
}

fn list_contains(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    let mut i = 0;
    while let Some(item) = list.get(i) {
        if vm.equal_identity(item, args[1])? {
            return Ok(Value::TRUE);
        }
        i += 1;
    }
    Ok(Value::FALSE)
}

fn list_add(vm: &Vm, args: &[Value]) -> Result {
    // As an operator of sequences it comes after the other operand's reflected addition.
    let (a, Some(b)) = (this::<List>(args[0]), args[1].cast::<List>()) else {
        return Err(vm.type_error(format!(
            "can only concatenate list (not \"{}\") to list",
            vm.class_of(args[1]).qualified_name()
        )));
    };
    Ok(vm.list_concat(a, b)?.value())
}

fn list_iadd(vm: &Vm, args: &[Value]) -> Result {
    // As an operator of sequences it comes after the other operand's reflected addition.
    let class = vm.class_of(args[1]);
    if class.def.get().is_none()
        && let Some(f) = class.special(Special::RAdd)
    {
        let result = vm.call_special(f, args[1], &[args[0]])?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    extend(vm, this(args[0]), args[1])?;
    Ok(args[0])
}

/// The number of repetitions in `sequence * n`, with the resulting length;
/// `None` if `n` is no integer.
///
/// # Errors
/// OverflowError or MemoryError for a result that cannot be.
pub fn repetitions(vm: &Vm, n: Value, len: usize) -> Result<Option<usize>> {
    if n.as_int_ref().is_none() && vm.class_of(n).special(Special::Index).is_none() {
        return Ok(None);
    }
    let index = vm.index(n)?;
    let count = match crate::types::protocol::to_ssize(index) {
        Some(count) => count.max(0) as usize,
        None => {
            return Err(vm.overflow_error(format!(
                "cannot fit '{}' into an index-sized integer",
                vm.class_of(n).qualified_name()
            )));
        }
    };
    match len.checked_mul(count) {
        Some(total) if total < isize::MAX as usize / 8 => Ok(Some(count)),
        _ => Err(vm.memory_error()),
    }
}

fn list_mul(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    // As an operator it is asked only for what counts.
    let n = vm.index(args[1])?;
    let Some(count) = repetitions(vm, n, list.len())? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(vm.list_repeated(list.as_slice(), count)?.value())
}

fn list_imul(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    let len = list.len();
    let Some(count) = repetitions(vm, args[1], len)? else {
        return Err(vm.type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            vm.class_of(args[1]).qualified_name()
        )));
    };
    if count == 0 {
        list.clear();
    } else if len > 0 {
        list.reserve(vm, len * count)?;
        for _ in 1..count {
            let part = &list.as_slice()[..len];
            list.extend(vm, part)?;
        }
    }
    Ok(args[0])
}

fn list_sizeof(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    Ok(vm.new_size(list.header.size() + list.capacity() * 8))
}

fn list_clear(_: &Vm, args: &[Value]) -> Result {
    this::<List>(args[0]).clear();
    Ok(Value::NONE)
}

fn list_copy(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_list(this::<List>(args[0]).as_slice())?.value())
}

fn list_append(vm: &Vm, args: &[Value]) -> Result {
    this::<List>(args[0]).push(vm, args[1])?;
    Ok(Value::NONE)
}

fn list_insert(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    let index = vm.to_ssize_arg(args[1])?;
    let len = list.len() as i64;
    let index = if index < 0 {
        (index + len).max(0)
    } else {
        index.min(len)
    };
    list.insert(vm, index as usize, args[2])?;
    Ok(Value::NONE)
}

fn list_extend(vm: &Vm, args: &[Value]) -> Result {
    extend(vm, this(args[0]), args[1])?;
    Ok(Value::NONE)
}

fn list_pop(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    let index = match args[1].given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => -1,
    };
    if list.is_empty() {
        return Err(vm.index_error("pop from empty list"));
    }
    match normalize(index, list.len()) {
        Some(i) if i + 1 == list.len() => Ok(list.pop().unwrap_or(Value::NONE)),
        Some(i) => list.remove(vm, i),
        None => Err(vm.index_error("pop index out of range")),
    }
}

fn list_remove(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    let mut i = 0;
    while let Some(item) = list.get(i) {
        if vm.equal_identity(item, args[1])? {
            if i < list.len() {
                list.splice(vm, i, i + 1, &[])?;
            }
            return Ok(Value::NONE);
        }
        i += 1;
    }
    Err(vm.value_error("list.remove(x): x not in list"))
}

/// Bounds of a search as `index(value, start, stop)` takes them.
pub fn search_bounds(vm: &Vm, start: Value, stop: Value, len: usize) -> Result<(usize, usize)> {
    let bound = |v: Value, default: i64| -> Result<usize> {
        let Some(v) = v.given() else {
            return Ok(default as usize);
        };
        if v.as_int_ref().is_none() && vm.class_of(v).special(Special::Index).is_none() {
            return Err(vm.type_error("slice indices must be integers or have an __index__ method"));
        }
        let i = vm.to_index_clamped(v)?;
        Ok(if i < 0 {
            i.saturating_add(len as i64).max(0)
        } else {
            i
        } as usize)
    };
    Ok((bound(start, 0)?, bound(stop, i64::MAX)?))
}

fn list_index(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    let (start, stop) = search_bounds(vm, args[2], args[3], list.len())?;
    let mut i = start;
    while i < stop
        && let Some(item) = list.get(i)
    {
        if vm.equal_identity(item, args[1])? {
            return Ok(vm.new_int(i as i64));
        }
        i += 1;
    }
    Err(vm.value_error("list.index(x): x not in list"))
}

fn list_count(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    let (mut i, mut count) = (0, 0);
    while let Some(item) = list.get(i) {
        count += i64::from(vm.equal_identity(item, args[1])?);
        i += 1;
    }
    Ok(vm.new_int(count))
}

fn list_reverse(_: &Vm, args: &[Value]) -> Result {
    this::<List>(args[0]).reverse();
    Ok(Value::NONE)
}

fn list_sort(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let (positional, keywords) = split_keywords(args, names);
    if positional.len() > 1 {
        return Err(vm.type_error("sort() takes no positional arguments"));
    }
    let (mut key, mut reverse) = (None, false);
    for (name, value) in keywords {
        if name.is_text("key") {
            key = Some(value).filter(|v| !v.is_none());
        } else if name.is_text("reverse") {
            reverse = vm.truth(value)?;
        } else {
            return Err(vm.type_error(format!(
                "sort() got an unexpected keyword argument '{name}'"
            )));
        }
    }
    sort::sort_list(vm, this(args[0]), key, reverse)?;
    Ok(Value::NONE)
}

/// Iterates over a list from its end.
#[repr(C)]
pub struct ListReverseIter {
    pub header: Header,
    /// Empty once the end was reached.
    pub list: GcField<List>,
    /// Of the next item; -1 at the end.
    pub index: Cell<i64>,
}

heap_object!(
    ListReverseIter,
    "list_reverseiterator",
    Kind::Other,
    |this, marker| {
        marker.gc_field(&this.list);
    }
);

fn list_reversed(vm: &Vm, args: &[Value]) -> Result {
    let list = this::<List>(args[0]);
    let object = ListReverseIter {
        header: Header::empty(),
        list: GcField::new(list),
        index: Cell::new(list.len() as i64 - 1),
    };
    Ok(vm
        .heap
        .alloc(
            vm.exception_class(&LIST_REVERSEITERATOR).root_shape.get(),
            object,
        )
        .value())
}

fn reverse_next(_: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<ListReverseIter>(v);
    let Some(list) = it.list.get() else {
        return Ok(None);
    };
    let index = it.index.get();
    match usize::try_from(index).ok().and_then(|i| list.get(i)) {
        Some(item) => {
            it.index.set(index - 1);
            Ok(Some(item))
        }
        None => {
            it.index.set(-1);
            it.list.clear();
            Ok(None)
        }
    }
}

fn reverse_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<ListReverseIter>(args[0]);
    let left = it.index.get() + 1;
    let fits = it.list.get().is_some_and(|l| l.len() as i64 >= left);
    Ok(vm.new_int(if fits { left } else { 0 }))
}

fn reverse_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<ListReverseIter>(args[0]);
    // Looking this up may exhaust the iterator.
    let reversed = builtin(vm, "reversed")?;
    match it.list.get() {
        Some(list) => {
            let args = vm.new_tuple(&[list.value()])?.value();
            let index = vm.new_int(it.index.get());
            Ok(vm.new_tuple(&[reversed, args, index])?.value())
        }
        None => crate::types::protocol::reduce_as_list(vm, &[]),
    }
}

fn reverse_setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<ListReverseIter>(args[0]);
    let index = vm.to_ssize_arg(args[1])?;
    if let Some(list) = it.list.get() {
        it.index.set(index.clamp(-1, list.len() as i64 - 1));
    }
    Ok(Value::NONE)
}

/// `type(reversed([]))`.
pub static LIST_REVERSEITERATOR: TypeDef = TypeDef {
    methods: &[
        ITER_SELF,
        NEXT,
        slots::length_hint(reverse_hint),
        slots::reduce(reverse_reduce),
        slots::setstate(reverse_setstate),
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    next: Some(reverse_next),
    plain_next: Some(|_, _| true),
    ..TypeDef::new("list_reverseiterator", <ListReverseIter as Object>::LAYOUT)
};

/// `list`.
pub static LIST: TypeDef = TypeDef {
    doc: "Built-in mutable sequence.\n\n\
          If no argument is given, the constructor creates a new empty list.\n\
          The argument must be an iterable if specified.",
    subclassable: true,
    generic: true,
    flags: ClassFlags::SEQUENCE | ClassFlags::MATCH_SELF,
    methods: &[
        slots::new(list_new).reads(0, 0xFE),
        slots::init(list_init),
        slots::repr(list_repr),
        slots::lt(|vm, args| compare(vm, args, CompareOp::Lt)),
        slots::le(|vm, args| compare(vm, args, CompareOp::Le)),
        slots::eq(|vm, args| compare(vm, args, CompareOp::Eq)),
        slots::ne(|vm, args| compare(vm, args, CompareOp::Ne)),
        slots::gt(|vm, args| compare(vm, args, CompareOp::Gt)),
        slots::ge(|vm, args| compare(vm, args, CompareOp::Ge)),
        slots::iter(list_iter),
        slots::len(list_len),
        MethodDef::new(
            "__getitem__",
            "(self, index, /)",
            "Return self[index].",
            list_getitem,
        ),
        slots::setitem(list_setitem),
        slots::delitem(list_delitem),
        slots::add(list_add),
        slots::mul(list_mul),
        slots::rmul(list_mul),
        slots::contains(list_contains),
        slots::iadd(list_iadd),
        slots::imul(list_imul),
        MethodDef::new(
            "__reversed__",
            "(self, /)",
            "Return a reverse iterator over the list.",
            list_reversed,
        ),
        MethodDef::new(
            "__sizeof__",
            "(self, /)",
            "Return the size of the list in memory, in bytes.",
            list_sizeof,
        ),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Remove all items from list.",
            list_clear,
        )
        .changes(0, 0),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a shallow copy of the list.",
            list_copy,
        )
        .reads(0, 0),
        MethodDef::new(
            "append",
            "(self, object, /)",
            "Append object to the end of the list.",
            list_append,
        )
        .changes(0, 0),
        MethodDef::new(
            "insert",
            "(self, index, object, /)",
            "Insert object before index.",
            list_insert,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "extend",
            "(self, iterable, /)",
            "Extend list by appending elements from the iterable.",
            list_extend,
        )
        .changes(0, 0b10)
        .consumes(Consumer::Extend),
        MethodDef::new(
            "pop",
            "(self, index=-1, /)",
            "Remove and return item at index (default last).\n\n\
             Raises IndexError if list is empty or index is out of range.",
            list_pop,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "remove",
            "(self, value, /)",
            "Remove first occurrence of value.\n\nRaises ValueError if the value is not present.",
            list_remove,
        ),
        MethodDef::new(
            "index",
            "(self, value, start=0, stop=sys.maxsize, /)",
            "Return first index of value.\n\nRaises ValueError if the value is not present.",
            list_index,
        ),
        MethodDef::new(
            "count",
            "(self, value, /)",
            "Return number of occurrences of value.",
            list_count,
        ),
        MethodDef::new("reverse", "(self, /)", "Reverse *IN PLACE*.", list_reverse).changes(0, 0),
        MethodDef::raw(
            "sort",
            "(self, /, *, key=None, reverse=False)",
            "Sort the list in ascending order and return None.\n\n\
             The sort is in-place (i.e. the list itself is modified) and stable\n\
             (i.e. the order of two equal elements is maintained).\n\n\
             If a key function is given, apply it once to each list item and sort\n\
             them, ascending or descending, according to their function values.\n\n\
             The reverse flag can be set to sort in descending order.",
            list_sort,
        )
        .consumes(Consumer::Sort),
    ],
    ..TypeDef::new("list", <List as Object>::LAYOUT)
};

//! The Python types `set` and `frozenset`, and their iterator.

use super::operations::{self as ops, any_set};
use super::{Set, contains_item, needle};
use crate::heap::{Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, Consumer, MethodDef, TypeDef, slots};
use crate::ops::compare::CompareOp;
use crate::types::exception::classes as exc;
use crate::types::iterators::ITER_SELF;
use crate::types::protocol::{
    NEXT, check_count, class_argument, no_keywords, no_keywords_unless_subclass, object_state,
    reduce_as_list, this,
};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

fn set_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.types.set.get())?;
    Ok(vm.set_with_shape(class.root_shape.get()).value())
}

fn set_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "set", names)?;
    let given = args.len() - 1 - names.map_or(0, |n| n.len());
    check_count(vm, "set", given, 0, 1)?;
    let set = this::<Set>(args[0]);
    set.clear();
    set.hash.set(None);
    if given > 0 {
        ops::update(vm, set, args[1])?;
    }
    Ok(Value::NONE)
}

fn frozenset_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let exact = vm.types.frozenset.get();
    let class = class_argument(vm, args, exact)?;
    no_keywords_unless_subclass(vm, class, exact, names)?;
    let given = args.len() - names.map_or(0, |n| n.len());
    check_count(vm, "frozenset", given - 1, 0, 1)?;
    let source = (given > 1).then(|| args[1]);
    if let Some(source) = source
        && class == exact
        && vm.class_of(source) == exact
    {
        return Ok(source);
    }
    let set = vm.set_with_shape(class.root_shape.get());
    if let Some(source) = source {
        ops::update(vm, set, source)?;
    }
    Ok(set.value())
}

fn set_repr(vm: &Vm, args: &[Value]) -> Result {
    let set = this::<Set>(args[0]);
    let class = set.class();
    let name = class.name_string();
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str(&format!("{name}(...)")).value());
    };
    if set.is_empty() {
        return Ok(vm.new_str(&format!("{name}()")).value());
    }
    let (open, close) = if class == vm.types.set.get() {
        ("{".to_owned(), "}")
    } else {
        (format!("{name}({{"), "})")
    };
    let items = vm.rooted_from(set.items().collect());
    let text = vm.repr_items(&open, close, &mut |i| items.get(i).copied())?;
    vm.finish_text(text)
}

fn set_len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<Set>(args[0]).len() as i64))
}

fn frozenset_hash(vm: &Vm, args: &[Value]) -> Result {
    let set = this::<Set>(args[0]);
    let hash = match set.hash.get() {
        Some(hash) => hash,
        None => {
            let mut at = 0;
            let hash = taipan_text::hash::hash_frozenset(std::iter::from_fn(|| {
                let (next, _) = set.next_entry(at)?;
                at = next;
                Some(set.hash_before(next) as i64)
            })) as u64;
            set.hash.set(Some(hash));
            hash
        }
    };
    Ok(vm.new_int(hash as i64))
}

fn set_contains(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(contains_item(vm, this(args[0]), args[1])?))
}

fn set_compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    let (a, Some(b)) = (this::<Set>(args[0]), any_set(args[1])) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let equal = |vm| {
        if a.len() != b.len() {
            return Ok(false);
        }
        if let (Some(h), Some(k)) = (a.hash.get(), b.hash.get())
            && h != k
        {
            return Ok(false);
        }
        ops::is_subset(vm, a, b.value())
    };
    Ok(Value::bool(match op {
        CompareOp::Eq => equal(vm)?,
        CompareOp::Ne => !equal(vm)?,
        CompareOp::Le => ops::is_subset(vm, a, b.value())?,
        CompareOp::Lt => a.len() < b.len() && ops::is_subset(vm, a, b.value())?,
        CompareOp::Ge => ops::is_subset(vm, b, a.value())?,
        CompareOp::Gt => b.len() < a.len() && ops::is_subset(vm, b, a.value())?,
    }))
}

fn set_add(vm: &Vm, args: &[Value]) -> Result {
    this::<Set>(args[0]).add(vm, args[1])?;
    Ok(Value::NONE)
}

fn set_clear(_: &Vm, args: &[Value]) -> Result {
    this::<Set>(args[0]).clear();
    Ok(Value::NONE)
}

/// A set of the receiver's class, as `copy()` makes it.
fn set_copy(vm: &Vm, args: &[Value]) -> Result {
    Ok(ops::copy(vm, this(args[0]))?.value())
}

fn frozenset_copy(vm: &Vm, args: &[Value]) -> Result {
    if vm.class_of(args[0]) == vm.types.frozenset.get() {
        return Ok(args[0]);
    }
    set_copy(vm, args)
}

/// Removes an item, a set standing for its frozen equal.
fn remove(vm: &Vm, args: &[Value]) -> Result<bool> {
    let set = this::<Set>(args[0]);
    match set.remove(vm, args[1]) {
        Ok(removed) => Ok(removed),
        Err(raised) => {
            let key = needle(vm, args[1], raised)?;
            set.remove(vm, key)
        }
    }
}

fn set_remove(vm: &Vm, args: &[Value]) -> Result {
    if remove(vm, args)? {
        Ok(Value::NONE)
    } else {
        Err(vm.key_error(args[1]))
    }
}

fn set_discard(vm: &Vm, args: &[Value]) -> Result {
    remove(vm, args)?;
    Ok(Value::NONE)
}

fn set_pop(vm: &Vm, args: &[Value]) -> Result {
    match this::<Set>(args[0]).pop() {
        Some(item) => Ok(item),
        None => Err(vm.raise_str(vm.exception_class(&exc::KEY_ERROR), "pop from an empty set")),
    }
}

fn set_update(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "set.update", names)?;
    args[1..]
        .iter()
        .try_for_each(|other| ops::update(vm, this(args[0]), *other))?;
    Ok(Value::NONE)
}

/// As [`no_keywords`] for a method that sets and frozen ones share.
fn no_keywords_of(vm: &Vm, args: &[Value], name: &str, names: Option<Gc<Tuple>>) -> Result<()> {
    if names.is_none_or(|n| n.is_empty()) {
        return Ok(());
    }
    let frozen = vm
        .class_of(args[0])
        .is_subclass_of(vm.types.frozenset.get());
    let kind = if frozen { "frozenset" } else { "set" };
    no_keywords(vm, &format!("{kind}.{name}"), names)
}

fn set_union(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let set = this::<Set>(args[0]);
    no_keywords_of(vm, args, "union", names)?;
    let result = ops::copy(vm, set)?;
    for other in &args[1..] {
        if *other != args[0] {
            ops::update(vm, result, *other)?;
        }
    }
    Ok(result.value())
}

fn set_intersection(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords_of(vm, args, "intersection", names)?;
    if args.len() == 1 {
        return set_copy(vm, args);
    }
    let mut result = args[0];
    for other in &args[1..] {
        result = ops::intersection(vm, this(result), *other)?;
    }
    Ok(result)
}

fn set_intersection_update(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let result = set_intersection(vm, args, names)?;
    this::<Set>(args[0]).swap(&this::<Set>(result));
    Ok(Value::NONE)
}

fn set_difference(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords_of(vm, args, "difference", names)?;
    let Some(first) = args.get(1) else {
        return set_copy(vm, args);
    };
    let result = ops::difference(vm, this(args[0]), *first)?;
    args[2..]
        .iter()
        .try_for_each(|other| ops::difference_update(vm, this(result), *other))?;
    Ok(result)
}

fn set_difference_update(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "set.difference_update", names)?;
    args[1..]
        .iter()
        .try_for_each(|other| ops::difference_update(vm, this(args[0]), *other))?;
    Ok(Value::NONE)
}

fn set_symmetric_difference(vm: &Vm, args: &[Value]) -> Result {
    ops::symmetric_difference(vm, this(args[0]), args[1])
}

fn set_symmetric_difference_update(vm: &Vm, args: &[Value]) -> Result {
    ops::symmetric_difference_update(vm, this(args[0]), args[1])?;
    Ok(Value::NONE)
}

fn set_isdisjoint(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(ops::is_disjoint(vm, this(args[0]), args[1])?))
}

fn set_issubset(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(ops::is_subset(vm, this(args[0]), args[1])?))
}

fn set_issuperset(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(ops::is_superset(vm, this(args[0]), args[1])?))
}

/// Both operands of an operator, unless one is no set.
fn operands(a: Value, b: Value) -> Option<(Gc<Set>, Gc<Set>)> {
    Some((any_set(a)?, any_set(b)?))
}

fn or(vm: &Vm, a: Value, b: Value) -> Result {
    let Some((a, b)) = operands(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(ops::union(vm, a, b)?.value())
}

fn and(vm: &Vm, a: Value, b: Value) -> Result {
    match operands(a, b) {
        Some((a, b)) => ops::intersection(vm, a, b.value()),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn sub(vm: &Vm, a: Value, b: Value) -> Result {
    match operands(a, b) {
        Some((a, b)) => ops::difference(vm, a, b.value()),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn xor(vm: &Vm, a: Value, b: Value) -> Result {
    match operands(a, b) {
        Some((a, b)) => ops::symmetric_difference(vm, a, b.value()),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn set_ior(vm: &Vm, args: &[Value]) -> Result {
    let Some((a, b)) = operands(args[0], args[1]) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    a.merge(vm, &b)?;
    Ok(args[0])
}

fn set_iand(vm: &Vm, args: &[Value]) -> Result {
    let Some((a, b)) = operands(args[0], args[1]) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let result = ops::intersection(vm, a, b.value())?;
    a.swap(&this::<Set>(result));
    Ok(args[0])
}

fn set_isub(vm: &Vm, args: &[Value]) -> Result {
    let Some((a, b)) = operands(args[0], args[1]) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    ops::difference_update(vm, a, b.value())?;
    Ok(args[0])
}

fn set_ixor(vm: &Vm, args: &[Value]) -> Result {
    let Some((a, b)) = operands(args[0], args[1]) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    ops::symmetric_difference_update(vm, a, b.value())?;
    Ok(args[0])
}

fn set_reduce(vm: &Vm, args: &[Value]) -> Result {
    let set = this::<Set>(args[0]);
    let items = vm.rooted_from(set.items().collect());
    let list = vm.new_list(&items)?.value();
    let arguments = vm.new_tuple(&[list])?.value();
    let state = object_state(vm, args[0])?;
    Ok(vm
        .new_tuple(&[set.class().value(), arguments, state])?
        .value())
}

fn set_sizeof(vm: &Vm, args: &[Value]) -> Result {
    let set = this::<Set>(args[0]);
    Ok(vm.new_size(set.header.size() + set.table_size()))
}

/// Iterates over a set that must not change its size meanwhile.
#[repr(C)]
pub struct SetIter {
    pub header: Header,
    /// Empty once the end was reached.
    set: GcField<Set>,
    at: Cell<usize>,
    size: Cell<usize>,
    left: Cell<usize>,
}

heap_object!(SetIter, "set_iterator", Kind::Other, |this, marker| {
    marker.gc_field(&this.set);
});

fn set_iter(vm: &Vm, args: &[Value]) -> Result {
    let set = this::<Set>(args[0]);
    let object = SetIter {
        header: Header::empty(),
        set: GcField::new(set),
        at: Cell::new(0),
        size: Cell::new(set.len()),
        left: Cell::new(set.len()),
    };
    Ok(vm
        .heap
        .alloc(vm.exception_class(&SET_ITERATOR).root_shape.get(), object)
        .value())
}

fn iter_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<SetIter>(v);
    let Some(set) = it.set.get() else {
        return Ok(None);
    };
    if set.len() != it.size.get() {
        it.size.set(usize::MAX);
        return Err(vm.runtime_error("Set changed size during iteration"));
    }
    match set.next_entry(it.at.get()) {
        Some((next, item)) => {
            it.at.set(next);
            it.left.set(it.left.get().saturating_sub(1));
            Ok(Some(item))
        }
        None => {
            it.set.clear();
            Ok(None)
        }
    }
}

fn iter_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<SetIter>(args[0]);
    let left = it
        .set
        .get()
        .filter(|s| s.len() == it.size.get())
        .map_or(0, |_| it.left.get());
    Ok(vm.new_int(left as i64))
}

fn iter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<SetIter>(args[0]);
    let mut items = vm.rooted();
    if let Some(set) = it.set.get() {
        let mut at = it.at.get();
        while let Some((next, item)) = set.next_entry(at) {
            items.push(item);
            at = next;
        }
    }
    reduce_as_list(vm, &items)
}

/// `type(iter(set()))`.
pub static SET_ITERATOR: TypeDef = TypeDef {
    methods: &[
        ITER_SELF,
        NEXT,
        slots::length_hint(iter_hint),
        slots::reduce(iter_reduce),
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    next: Some(iter_next),
    plain_next: Some(|_, _| true),
    ..TypeDef::new("set_iterator", <SetIter as Object>::LAYOUT)
};

/// Methods that both types have.
macro_rules! set_methods {
    ($($extra:expr,)*) => {
        &[
            slots::repr(set_repr),
            slots::lt(|vm, args| set_compare(vm, args, CompareOp::Lt)),
            slots::le(|vm, args| set_compare(vm, args, CompareOp::Le)),
            slots::eq(|vm, args| set_compare(vm, args, CompareOp::Eq)),
            slots::ne(|vm, args| set_compare(vm, args, CompareOp::Ne)),
            slots::gt(|vm, args| set_compare(vm, args, CompareOp::Gt)),
            slots::ge(|vm, args| set_compare(vm, args, CompareOp::Ge)),
            slots::iter(set_iter),
            slots::sub(|vm, args| sub(vm, args[0], args[1])),
            slots::rsub(|vm, args| sub(vm, args[1], args[0])),
            slots::and(|vm, args| and(vm, args[0], args[1])),
            slots::rand(|vm, args| and(vm, args[1], args[0])),
            slots::xor(|vm, args| xor(vm, args[0], args[1])),
            slots::rxor(|vm, args| xor(vm, args[1], args[0])),
            slots::or(|vm, args| or(vm, args[0], args[1])),
            slots::ror(|vm, args| or(vm, args[1], args[0])),
            slots::len(set_len).reads(0, 0),
            MethodDef::new("__contains__", "(self, object, /)", "x.__contains__(y) <==> y in x.", set_contains),
            MethodDef::raw(
                "difference",
                "(self, /, *others)",
                "Return a new set with elements in the set that are not in the others.",
                set_difference,
            ),
            MethodDef::raw(
                "intersection",
                "(self, /, *others)",
                "Return a new set with elements common to the set and all others.",
                set_intersection,
            ),
            MethodDef::new(
                "isdisjoint",
                "(self, other, /)",
                "Return True if two sets have a null intersection.",
                set_isdisjoint,
            ),
            MethodDef::new("issubset", "(self, other, /)", "Report whether another set contains this set.", set_issubset),
            MethodDef::new(
                "issuperset",
                "(self, other, /)",
                "Report whether this set contains another set.",
                set_issuperset,
            ),
            slots::reduce(set_reduce),
            MethodDef::new("__sizeof__", "(self, /)", "S.__sizeof__() -> size of S in memory, in bytes.", set_sizeof),
            MethodDef::new(
                "symmetric_difference",
                "(self, other, /)",
                "Return a new set with elements in either the set or other but not both.",
                set_symmetric_difference,
            ),
            MethodDef::raw(
                "union",
                "(self, /, *others)",
                "Return a new set with elements from the set and all others.",
                set_union,
            ),
            $($extra,)*
        ]
    };
}

/// `set`.
pub static SET: TypeDef = TypeDef {
    doc: "Build an unordered collection of unique elements.",
    subclassable: true,
    generic: true,
    flags: ClassFlags::MATCH_SELF | ClassFlags::WEAKREFS,
    length_at: Some(Set::LEN_OFFSET),
    methods: set_methods![
        slots::new(set_new).reads(0xFE, 0),
        slots::init(set_init),
        slots::isub(set_isub),
        slots::iand(set_iand),
        slots::ixor(set_ixor),
        slots::ior(set_ior),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a shallow copy of a set.",
            set_copy
        ),
        MethodDef::new(
            "add",
            "(self, object, /)",
            "Add an element to a set.\n\nThis has no effect if the element is already present.",
            set_add,
        ).changes(0b10, 0).by_key(),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Remove all elements from this set.",
            set_clear
        ).changes(0, 0),
        MethodDef::new(
            "discard",
            "(self, object, /)",
            "Remove an element from a set if it is a member.\n\n\
             Unlike set.remove(), the discard() method does not raise\n\
             an exception when an element is missing from the set.",
            set_discard,
        ).changes(0b10, 0).by_key(),
        MethodDef::raw(
            "difference_update",
            "(self, /, *others)",
            "Update the set, removing elements found in others.",
            set_difference_update,
        ),
        MethodDef::raw(
            "intersection_update",
            "(self, /, *others)",
            "Update the set, keeping only elements found in it and all others.",
            set_intersection_update,
        ),
        MethodDef::new(
            "pop",
            "(self, /)",
            "Remove and return an arbitrary set element.\n\nRaises KeyError if the set is empty.",
            set_pop,
        ).changes(0, 0),
        MethodDef::new(
            "remove",
            "(self, object, /)",
            "Remove an element from a set; it must be a member.\n\nIf the element is not a member, raise a KeyError.",
            set_remove,
        ).changes(0b10, 0).by_key(),
        MethodDef::new(
            "symmetric_difference_update",
            "(self, other, /)",
            "Update the set, keeping only elements found in either set, but not in both.",
            set_symmetric_difference_update,
        ),
        MethodDef::raw(
            "update",
            "(self, /, *others)",
            "Update the set, adding elements from all others.",
            set_update,
        )
        .consumes(Consumer::Update),
    ],
    ..TypeDef::new("set", <Set as Object>::LAYOUT)
};

/// `frozenset`.
pub static FROZENSET: TypeDef = TypeDef {
    doc: "Build an immutable unordered collection of unique elements.",
    subclassable: true,
    generic: true,
    flags: ClassFlags::MATCH_SELF | ClassFlags::WEAKREFS,
    length_at: Some(Set::LEN_OFFSET),
    methods: set_methods![
        slots::new(frozenset_new).reads(0xFE, 0),
        slots::hash(frozenset_hash),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a shallow copy of a set.",
            frozenset_copy
        ),
    ],
    ..TypeDef::new("frozenset", <Set as Object>::LAYOUT)
};

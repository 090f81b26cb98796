//! `dict_keys`, `dict_values`, `dict_items` and the iterators over dictionaries.

use super::Dict;
use crate::heap::{Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use crate::ops::compare::CompareOp;
use crate::types::iterators::ITER_SELF;
use crate::types::protocol::{NEXT, NextPair, reduce_as_list, this};
use crate::types::set::{Set, operations as sets};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// What of a dictionary a view or iterator shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ViewKind {
    Keys,
    Values,
    Items,
}

/// A view of a dictionary.
#[repr(C)]
pub struct DictView {
    pub header: Header,
    dict: GcField<Dict>,
    kind: ViewKind,
}

heap_object!(DictView, "dict view", Kind::Other, |this, marker| {
    marker.gc_field(&this.dict);
});

/// An iterator over a dictionary, forward or in reverse by its class.
#[repr(C)]
pub struct DictIter {
    pub header: Header,
    /// Empty once the end was reached.
    dict: GcField<Dict>,
    /// Entry index to go on from.
    at: Cell<usize>,
    /// Size of the dictionary at the beginning; `usize::MAX` once it was seen to have changed.
    size: Cell<usize>,
    /// Items still to come.
    left: Cell<usize>,
    kind: ViewKind,
    reverse: bool,
}

heap_object!(DictIter, "dict iterator", Kind::DictIter, |this, marker| {
    marker.gc_field(&this.dict);
});

impl DictView {
    /// The dictionary.
    pub fn dict(&self) -> Gc<Dict> {
        // SAFETY: set when the view is made and never cleared.
        unsafe { self.dict.get().unwrap_unchecked() }
    }
}

/// A view of `dict` of another class, which derives from the usual one.
pub fn view_of_class(vm: &Vm, dict: Gc<Dict>, kind: ViewKind, def: &'static TypeDef) -> Result {
    let object = DictView {
        header: Header::empty(),
        dict: GcField::new(dict),
        kind,
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(def)?.root_shape.get(), object)
        .value())
}

/// A view of `dict`.
pub fn view(vm: &Vm, dict: Gc<Dict>, kind: ViewKind) -> Value {
    let def = match kind {
        ViewKind::Keys => &DICT_KEYS,
        ViewKind::Values => &DICT_VALUES,
        ViewKind::Items => &DICT_ITEMS,
    };
    let object = DictView {
        header: Header::empty(),
        dict: GcField::new(dict),
        kind,
    };
    vm.heap
        .alloc(vm.exception_class(def).root_shape.get(), object)
        .value()
}

fn make_iterator(
    vm: &Vm,
    dict: Gc<Dict>,
    kind: ViewKind,
    reverse: bool,
    def: &'static TypeDef,
) -> Value {
    let at = if reverse { dict.entries_end() } else { 0 };
    let object = DictIter {
        header: Header::empty(),
        dict: GcField::new(dict),
        at: Cell::new(at),
        size: Cell::new(dict.len()),
        left: Cell::new(dict.len()),
        kind,
        reverse,
    };
    vm.heap
        .alloc(vm.exception_class(def).root_shape.get(), object)
        .value()
}

/// An iterator over `dict`.
pub fn iterator(vm: &Vm, dict: Gc<Dict>, kind: ViewKind) -> Value {
    let def = match kind {
        ViewKind::Keys => &DICT_KEYITERATOR,
        ViewKind::Values => &DICT_VALUEITERATOR,
        ViewKind::Items => &DICT_ITEMITERATOR,
    };
    make_iterator(vm, dict, kind, false, def)
}

/// An iterator over `dict` from its end.
pub fn reverse_iterator(vm: &Vm, dict: Gc<Dict>, kind: ViewKind) -> Value {
    let def = match kind {
        ViewKind::Keys => &DICT_REVERSEKEYITERATOR,
        ViewKind::Values => &DICT_REVERSEVALUEITERATOR,
        ViewKind::Items => &DICT_REVERSEITEMITERATOR,
    };
    make_iterator(vm, dict, kind, true, def)
}

/// What the next step of a [`DictIter`] comes to, as far as compiled code can follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Upcoming {
    /// The entry at hand.
    Entry,
    /// The end, there being no entries left at all.
    End,
    /// Anything else: deleted entries in between, an error, a way backwards.
    Other,
}

impl DictIter {
    /// Byte offsets, for compiled code.
    pub const DICT_OFFSET: usize = std::mem::offset_of!(DictIter, dict);
    pub const AT_OFFSET: usize = std::mem::offset_of!(DictIter, at);
    pub const SIZE_OFFSET: usize = std::mem::offset_of!(DictIter, size);
    pub const LEFT_OFFSET: usize = std::mem::offset_of!(DictIter, left);

    /// What it shows; always the same for iterators of one class.
    pub fn kind(&self) -> ViewKind {
        self.kind
    }

    /// What the next step comes to.
    pub fn upcoming(&self) -> Upcoming {
        let Some(dict) = self.dict.get() else {
            return Upcoming::Other;
        };
        let at = self.at.get();
        if self.reverse || dict.len() != self.size.get() || dict.is_empty() {
            return Upcoming::Other;
        }
        match dict.next_entry(at) {
            Some((after, ..)) if after == at + 1 && self.left.get() > 0 => Upcoming::Entry,
            None if at >= dict.entries_end() => Upcoming::End,
            _ => Upcoming::Other,
        }
    }

    /// The next key, value or item.
    pub fn next(&self, vm: &Vm) -> Result<Option<Value>> {
        match self.step_entry(vm)? {
            Some((key, value)) => show(vm, self.kind, key, value).map(Some),
            None => Ok(None),
        }
    }

    #[inline(always)]
    fn step_entry(&self, vm: &Vm) -> Result<Option<(Value, Value)>> {
        let Some(dict) = self.dict.get() else {
            return Ok(None);
        };
        if dict.len() != self.size.get() {
            self.size.set(usize::MAX);
            return Err(vm.runtime_error("dictionary changed size during iteration"));
        }
        let entry = if !self.reverse {
            dict.next_entry(self.at.get())
        } else if self.at.get() <= dict.entries_end() {
            dict.previous_entry(self.at.get())
        } else {
            // The dictionary was emptied meanwhile.
            None
        };
        let Some((at, key, value)) = entry else {
            self.dict.clear();
            return Ok(None);
        };
        if self.left.get() == 0 {
            self.dict.clear();
            return Err(vm.runtime_error("dictionary keys changed during iteration"));
        }
        self.at.set(at);
        self.left.set(self.left.get() - 1);
        Ok(Some((key, value)))
    }

    /// Whether the next step finds an entry beyond those that there were: it raises, and the
    /// iterator is at its end then, so that the step must not be tried twice.
    fn will_raise(&self) -> bool {
        let beyond = |d: Gc<Dict>| d.next_entry(self.at.get()).is_some();
        !self.reverse && self.left.get() == 0 && self.dict.get().is_some_and(beyond)
    }

    /// How many items are to come.
    pub fn remaining(&self) -> usize {
        match self.dict.get() {
            Some(dict) if dict.len() == self.size.get() => self.left.get(),
            _ => 0,
        }
    }
}

fn show(vm: &Vm, kind: ViewKind, key: Value, value: Value) -> Result {
    match kind {
        ViewKind::Keys => Ok(key),
        ViewKind::Values => Ok(value),
        ViewKind::Items => vm.pair(key, value),
    }
}

fn iter_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    this::<DictIter>(v).next(vm)
}

fn iter_next_pair(vm: &Vm, v: Value) -> Result<NextPair> {
    let it = this::<DictIter>(v);
    if it.kind != ViewKind::Items {
        return Ok(NextPair::Other);
    }
    Ok(match it.step_entry(vm)? {
        Some((key, value)) => NextPair::Pair(key, value),
        None => NextPair::End,
    })
}

fn iter_hint(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<DictIter>(args[0]).remaining() as i64))
}

/// Pickles as the list of what is left, leaving the iterator where it is.
fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<DictIter>(args[0]);
    let copy = DictIter {
        header: Header::empty(),
        dict: GcField::opt(it.dict.get()),
        at: Cell::new(it.at.get()),
        size: Cell::new(it.size.get()),
        left: Cell::new(it.left.get()),
        kind: it.kind,
        reverse: it.reverse,
    };
    let mut items = vm.rooted();
    while let Some(item) = copy.next(vm)? {
        items.push(item);
    }
    reduce_as_list(vm, &items)
}

const HINT: MethodDef = slots::length_hint(iter_hint);

const ITERATOR_METHODS: &[MethodDef] = &[ITER_SELF, NEXT, HINT, slots::reduce(reduce)];

const fn iterator_type(name: &'static str) -> TypeDef {
    TypeDef {
        methods: ITERATOR_METHODS,
        flags: ClassFlags::NO_INSTANTIATION,
        next: Some(iter_next),
        next_pair: Some(iter_next_pair),
        plain_next: Some(|_, v| !this::<DictIter>(v).will_raise()),
        ..TypeDef::new(name, <DictIter as Object>::LAYOUT)
    }
}

/// `type(iter({}))`.
pub static DICT_KEYITERATOR: TypeDef = iterator_type("dict_keyiterator");
/// `type(iter({}.values()))`.
pub static DICT_VALUEITERATOR: TypeDef = iterator_type("dict_valueiterator");
/// `type(iter({}.items()))`.
pub static DICT_ITEMITERATOR: TypeDef = iterator_type("dict_itemiterator");
/// `type(reversed({}))`.
pub static DICT_REVERSEKEYITERATOR: TypeDef = iterator_type("dict_reversekeyiterator");
/// `type(reversed({}.values()))`.
pub static DICT_REVERSEVALUEITERATOR: TypeDef = iterator_type("dict_reversevalueiterator");
/// `type(reversed({}.items()))`.
pub static DICT_REVERSEITEMITERATOR: TypeDef = iterator_type("dict_reverseitemiterator");

fn view_len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<DictView>(args[0]).dict().len() as i64))
}

fn view_iter(vm: &Vm, args: &[Value]) -> Result {
    let view = this::<DictView>(args[0]);
    Ok(iterator(vm, view.dict(), view.kind))
}

fn view_reversed(vm: &Vm, args: &[Value]) -> Result {
    let view = this::<DictView>(args[0]);
    Ok(reverse_iterator(vm, view.dict(), view.kind))
}

fn view_repr(vm: &Vm, args: &[Value]) -> Result {
    let name = this::<DictView>(args[0]).class().name_string();
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str("...").value());
    };
    let items = vm.collect(args[0])?;
    let text = vm.repr_items(&format!("{name}(["), "])", &mut |i| items.get(i).copied())?;
    vm.finish_text(text)
}

fn view_mapping(vm: &Vm, v: Value) -> Result {
    Ok(vm.new_mappingproxy(this::<DictView>(v).dict().value()))
}

/// A view of keys or items.
fn set_like(v: Value) -> Option<Gc<DictView>> {
    v.cast::<DictView>()
        .filter(|view| view.kind != ViewKind::Values)
}

fn contains(vm: &Vm, view: Gc<DictView>, item: Value) -> Result<bool> {
    let dict = view.dict();
    match view.kind {
        ViewKind::Keys => Ok(dict.get(vm, item)?.is_some()),
        ViewKind::Values => vm.contains_by_iteration(view.value(), item),
        ViewKind::Items => {
            let Some(pair) = item.cast::<Tuple>().filter(|t| t.len() == 2) else {
                return Ok(false);
            };
            match dict.get(vm, pair.get(0))? {
                Some(found) => vm.equal_identity(found, pair.get(1)),
                None => Ok(false),
            }
        }
    }
}

fn view_contains(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(contains(vm, this(args[0]), args[1])?))
}

/// The size of something that compares like a set.
fn set_size(v: Value) -> Option<usize> {
    match v.cast::<Set>() {
        Some(set) => Some(set.len()),
        None => Some(set_like(v)?.dict().len()),
    }
}

fn all_in(vm: &Vm, items: Value, container: Value) -> Result<bool> {
    let iterator = vm.iter(items)?;
    while let Some(item) = vm.next(iterator)? {
        if !vm.contains(container, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> Result {
    let (Some(len_a), Some(len_b)) = (set_size(a), set_size(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let result = match op {
        CompareOp::Eq => len_a == len_b && all_in(vm, a, b)?,
        CompareOp::Ne => !(len_a == len_b && all_in(vm, a, b)?),
        CompareOp::Lt => len_a < len_b && all_in(vm, a, b)?,
        CompareOp::Le => len_a <= len_b && all_in(vm, a, b)?,
        CompareOp::Gt => len_a > len_b && all_in(vm, b, a)?,
        CompareOp::Ge => len_a >= len_b && all_in(vm, b, a)?,
    };
    Ok(Value::bool(result))
}

/// A set of what the operand of a set operation holds.
fn to_set(vm: &Vm, v: Value) -> Result<Gc<Set>> {
    let set = vm.new_set(&[])?;
    let source = match v.cast::<DictView>() {
        Some(view) if view.kind == ViewKind::Keys => view.dict().value(),
        _ => v,
    };
    sets::update(vm, set, source)?;
    Ok(set)
}

fn view_and(vm: &Vm, args: &[Value]) -> Result {
    intersection(vm, this(args[0]), args[1])
}

fn intersection(vm: &Vm, view: Gc<DictView>, other: Value) -> Result {
    let (mut view, mut other) = (view, other);
    if let Some(second) = set_like(other)
        && second.dict().len() > view.dict().len()
    {
        other = view.value();
        view = second;
    }
    if let Some(set) = other.cast::<Set>()
        && set.class() == vm.types.set.get()
        && view.dict().len() <= set.len()
    {
        return sets::intersection(vm, set, view.value());
    }
    let result = vm.new_set(&[])?;
    vm.for_each(other, &mut |item| {
        if contains(vm, view, item)? {
            result.add(vm, item)?;
        }
        Ok(())
    })?;
    Ok(result.value())
}

fn view_sub(vm: &Vm, args: &[Value]) -> Result {
    let result = to_set(vm, args[0])?;
    sets::difference_update(vm, result, args[1])?;
    Ok(result.value())
}

fn view_rsub(vm: &Vm, args: &[Value]) -> Result {
    view_sub(vm, &[args[1], args[0]])
}

fn view_or(vm: &Vm, args: &[Value]) -> Result {
    let result = to_set(vm, args[0])?;
    sets::update(vm, result, args[1])?;
    Ok(result.value())
}

fn view_ror(vm: &Vm, args: &[Value]) -> Result {
    view_or(vm, &[args[1], args[0]])
}

fn view_xor(vm: &Vm, args: &[Value]) -> Result {
    let result = to_set(vm, args[0])?;
    sets::symmetric_difference_update(vm, result, args[1])?;
    Ok(result.value())
}

fn view_rxor(vm: &Vm, args: &[Value]) -> Result {
    view_xor(vm, &[args[1], args[0]])
}

fn view_isdisjoint(vm: &Vm, args: &[Value]) -> Result {
    let (mut container, mut items) = (args[0], args[1]);
    let len = this::<DictView>(container).dict().len();
    if container == items {
        return Ok(Value::bool(len == 0));
    }
    if set_size(items).is_some_and(|n| n > len) {
        std::mem::swap(&mut container, &mut items);
    }
    let iterator = vm.iter(items)?;
    while let Some(item) = vm.next(iterator)? {
        if vm.contains(container, item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

const MAPPING: GetSetDef = GetSetDef {
    name: "mapping",
    doc: "dictionary that this view refers to",
    get: view_mapping,
    set: None,
};

const SET_METHODS: &[MethodDef] = &[
    slots::repr(view_repr),
    slots::lt(|vm, args| compare(vm, args[0], args[1], CompareOp::Lt)),
    slots::le(|vm, args| compare(vm, args[0], args[1], CompareOp::Le)),
    slots::eq(|vm, args| compare(vm, args[0], args[1], CompareOp::Eq)),
    slots::ne(|vm, args| compare(vm, args[0], args[1], CompareOp::Ne)),
    slots::gt(|vm, args| compare(vm, args[0], args[1], CompareOp::Gt)),
    slots::ge(|vm, args| compare(vm, args[0], args[1], CompareOp::Ge)),
    slots::iter(view_iter),
    slots::sub(view_sub),
    slots::rsub(view_rsub),
    slots::and(view_and),
    slots::rand(view_and),
    slots::xor(view_xor),
    slots::rxor(view_rxor),
    slots::or(view_or),
    slots::ror(view_ror),
    slots::len(view_len).reads(0, 0),
    slots::contains(view_contains),
    MethodDef::new(
        "isdisjoint",
        "(self, object, /)",
        "Return True if the view and the given iterable have a null intersection.",
        view_isdisjoint,
    ),
    MethodDef::new(
        "__reversed__",
        "(self, /)",
        "Return a reverse iterator over the view.",
        view_reversed,
    ),
];

/// `type({}.keys())`.
pub static DICT_KEYS: TypeDef = TypeDef {
    methods: SET_METHODS,
    getset: &[MAPPING],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("dict_keys", <DictView as Object>::LAYOUT)
};

/// `type({}.items())`.
pub static DICT_ITEMS: TypeDef = TypeDef {
    methods: SET_METHODS,
    getset: &[MAPPING],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("dict_items", <DictView as Object>::LAYOUT)
};

/// `type({}.values())`.
pub static DICT_VALUES: TypeDef = TypeDef {
    methods: &[
        slots::repr(view_repr),
        slots::iter(view_iter),
        slots::len(view_len).reads(0, 0),
        MethodDef::new(
            "__reversed__",
            "(self, /)",
            "Return a reverse iterator over the dict values.",
            view_reversed,
        ),
    ],
    getset: &[MAPPING],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("dict_values", <DictView as Object>::LAYOUT)
};

//! `deque`: a ring of items whose capacity is a power of two.

use std::cell::Cell;
use taipan_runtime::heap::{Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, Special, TypeDef, slots};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::ops::subscript::normalize;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::list::Array;
use taipan_runtime::types::list::methods::{repetitions, search_bounds};
use taipan_runtime::types::protocol::{NEXT, class_argument, object_state, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// A double-ended queue.
#[repr(C)]
pub struct Deque {
    pub header: Header,
    ring: GcField<Array>,
    /// Ring index of the first item.
    head: Cell<usize>,
    len: Cell<usize>,
    most: Cell<Option<usize>>,
    /// Counts the changes that iterators must notice.
    changes: Cell<u64>,
}

heap_object!(Deque, "deque", Kind::Other, |this, marker| {
    marker.gc_field(&this.ring);
});

impl Deque {
    fn place(&self, ring: Gc<Array>, index: usize) -> usize {
        (self.head.get() + index) & (ring.capacity() - 1)
    }

    fn get(&self, index: usize) -> Option<Value> {
        if index >= self.len.get() {
            return None;
        }
        let ring = self.ring.get()?;
        ring.slot(self.place(ring, index)).get()
    }

    fn set(&self, index: usize, v: Value) {
        if let Some(ring) = self.ring.get() {
            ring.set(self.place(ring, index), v);
        }
    }

    fn changed(&self) {
        self.changes.set(self.changes.get() + 1);
    }

    /// A ring with room for one more item.
    fn room(&self, vm: &Vm) -> Result<Gc<Array>> {
        let old = self.ring.get();
        if let Some(ring) = old
            && self.len.get() < ring.capacity()
        {
            return Ok(ring);
        }
        let new = vm.new_array(old.map_or(8, |r| r.capacity() * 2))?;
        if let Some(old) = old {
            for i in 0..self.len.get() {
                new.slot(i).set(old.slot(self.place(old, i)).get());
            }
        }
        self.head.set(0);
        self.ring.set(&self.header, new);
        Ok(new)
    }

    fn push_back(&self, vm: &Vm, v: Value) -> Result<()> {
        if self.most.get() == Some(0) {
            return Ok(());
        }
        if self.most.get() == Some(self.len.get()) {
            self.pop_front();
        }
        let ring = self.room(vm)?;
        let len = self.len.get();
        ring.set(self.place(ring, len), v);
        self.len.set(len + 1);
        self.changed();
        Ok(())
    }

    fn push_front(&self, vm: &Vm, v: Value) -> Result<()> {
        if self.most.get() == Some(0) {
            return Ok(());
        }
        if self.most.get() == Some(self.len.get()) {
            self.pop_back();
        }
        let ring = self.room(vm)?;
        let head = self.head.get().wrapping_sub(1) & (ring.capacity() - 1);
        ring.set(head, v);
        self.head.set(head);
        self.len.set(self.len.get() + 1);
        self.changed();
        Ok(())
    }

    fn pop_back(&self) -> Option<Value> {
        let len = self.len.get().checked_sub(1)?;
        let ring = self.ring.get()?;
        let v = ring.slot(self.place(ring, len)).take();
        self.len.set(len);
        self.changed();
        v
    }

    fn pop_front(&self) -> Option<Value> {
        let len = self.len.get().checked_sub(1)?;
        let ring = self.ring.get()?;
        let head = self.head.get();
        let v = ring.slot(head).take();
        self.head.set((head + 1) & (ring.capacity() - 1));
        self.len.set(len);
        self.changed();
        v
    }

    fn clear(&self) {
        self.ring.clear();
        self.head.set(0);
        self.len.set(0);
        self.changed();
    }

    fn items(&self) -> Vec<Value> {
        (0..self.len.get()).filter_map(|i| self.get(i)).collect()
    }

    fn rotate(&self, n: i64) {
        let len = self.len.get();
        let Some(ring) = self.ring.get() else { return };
        if len < 2 {
            return;
        }
        let n = n.rem_euclid(len as i64) as usize;
        if n == 0 {
            return;
        }
        self.changed();
        let mask = ring.capacity() - 1;
        ring.header.barrier();
        let mut head = self.head.get();
        if len == ring.capacity() {
            head = (head + len - n) & mask;
        } else if n <= len / 2 {
            for _ in 0..n {
                let v = ring.slot((head + len - 1) & mask).take();
                head = head.wrapping_sub(1) & mask;
                ring.slot(head).set(v);
            }
        } else {
            for _ in 0..len - n {
                let v = ring.slot(head).take();
                ring.slot((head + len) & mask).set(v);
                head = (head + 1) & mask;
            }
        }
        self.head.set(head);
    }

    fn insert(&self, vm: &Vm, index: usize, v: Value) -> Result<()> {
        self.push_back(vm, v)?;
        for i in (index + 1..self.len.get()).rev() {
            if let Some(before) = self.get(i - 1) {
                self.set(i, before);
            }
        }
        self.set(index, v);
        Ok(())
    }

    fn delete(&self, index: usize) {
        let len = self.len.get();
        if index < len / 2 {
            for i in (0..index).rev() {
                if let Some(v) = self.get(i) {
                    self.set(i + 1, v);
                }
            }
            self.pop_front();
        } else {
            for i in index + 1..len {
                if let Some(v) = self.get(i) {
                    self.set(i - 1, v);
                }
            }
            self.pop_back();
        }
    }
}

fn alloc(vm: &Vm, class: Gc<taipan_runtime::object::Class>, most: Option<usize>) -> Gc<Deque> {
    let object = Deque {
        header: Header::empty(),
        ring: GcField::empty(),
        head: Cell::new(0),
        len: Cell::new(0),
        most: Cell::new(most),
        changes: Cell::new(0),
    };
    vm.heap.alloc(class.root_shape.get(), object)
}

fn deque_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&DEQUE)?)?;
    Ok(alloc(vm, class, None).value())
}

fn deque_init(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let most = match args[2].given_not_none() {
        None => None,
        Some(v) if v.as_int_ref().is_none() => return Err(vm.type_error("an integer is required")),
        Some(v) => match usize::try_from(vm.to_i64(v)?) {
            Ok(n) => Some(n),
            Err(_) => return Err(vm.value_error("maxlen must be non-negative")),
        },
    };
    deque.clear();
    deque.most.set(most);
    if let Some(source) = args[1].given() {
        extend(vm, deque, source)?;
    }
    Ok(Value::NONE)
}

fn extend(vm: &Vm, deque: Gc<Deque>, source: Value) -> Result<()> {
    if source == deque.value() {
        let items = vm.rooted_from(deque.items());
        return items.iter().try_for_each(|v| deque.push_back(vm, *v));
    }
    vm.for_each(source, &mut |v| deque.push_back(vm, v))
}

fn deque_extend(vm: &Vm, args: &[Value]) -> Result {
    extend(vm, this(args[0]), args[1])?;
    Ok(Value::NONE)
}

fn deque_extendleft(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    if args[0] == args[1] {
        let items = vm.rooted_from(deque.items());
        items.iter().try_for_each(|v| deque.push_front(vm, *v))?;
    } else {
        vm.for_each(args[1], &mut |v| deque.push_front(vm, v))?;
    }
    Ok(Value::NONE)
}

fn deque_repr(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str("[...]").value());
    };
    let items = vm.rooted_from(deque.items());
    let mut text = TextBuf::new();
    text.push_str(&format!("{}(", deque.class().name_string()));
    let inner = vm.repr_items("[", "]", &mut |i| items.get(i).copied())?;
    text.push_text(vm.str_from_text(inner.finish())?.data());
    if let Some(most) = deque.most.get() {
        text.push_str(&format!(", maxlen={most}"));
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

fn deque_compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    let (a, Some(b)) = (this::<Deque>(args[0]), args[1].cast::<Deque>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    vm.compare_sequences(
        (op, 0),
        (&|| a.len.get(), &|i| a.get(i)),
        (&|| b.len.get(), &|i| b.get(i)),
    )
}

fn deque_len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<Deque>(args[0]).len.get() as i64))
}

/// The index of `d[key]`, unless it is out of range.
fn index_of(vm: &Vm, deque: Gc<Deque>, key: Value) -> Result<usize> {
    if key.as_int_ref().is_none() && vm.class_of(key).special(Special::Index).is_none() {
        let name = vm.class_of(key).qualified_name();
        return Err(vm.type_error(format!("sequence index must be integer, not '{name}'")));
    }
    let index = vm.to_index(key)?;
    normalize(index, deque.len.get()).ok_or_else(|| vm.index_error("deque index out of range"))
}

fn deque_getitem(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let index = index_of(vm, deque, args[1])?;
    Ok(deque.get(index).unwrap_or(Value::NONE))
}

fn deque_setitem(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    deque.set(index_of(vm, deque, args[1])?, args[2]);
    Ok(Value::NONE)
}

fn deque_delitem(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    deque.delete(index_of(vm, deque, args[1])?);
    Ok(Value::NONE)
}

/// The first index from `start` up to `stop` of an item equal to `v`.
fn find(
    vm: &Vm,
    deque: Gc<Deque>,
    v: Value,
    start: usize,
    stop: usize,
    mutated: &dyn Fn(&Vm) -> taipan_runtime::vm::Raised,
) -> Result<Option<usize>> {
    let changes = deque.changes.get();
    let mut i = start;
    while i < stop
        && let Some(item) = deque.get(i)
    {
        let equal = vm.equal_identity(item, v)?;
        if deque.changes.get() != changes {
            return Err(mutated(vm));
        }
        if equal {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn mutated(vm: &Vm) -> taipan_runtime::vm::Raised {
    vm.runtime_error("deque mutated during iteration")
}

fn deque_contains(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(
        find(vm, this(args[0]), args[1], 0, usize::MAX, &mutated)?.is_some(),
    ))
}

fn deque_index(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let (start, stop) = search_bounds(vm, args[2], args[3], deque.len.get())?;
    match find(vm, deque, args[1], start, stop, &mutated)? {
        Some(i) => Ok(vm.new_int(i as i64)),
        None => Err(vm.value_error("deque.index(x): x not in deque")),
    }
}

fn deque_count(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let (mut from, mut count) = (0, 0);
    while let Some(i) = find(vm, deque, args[1], from, usize::MAX, &mutated)? {
        count += 1;
        from = i + 1;
    }
    Ok(vm.new_int(count))
}

fn deque_remove(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let changed = |vm: &Vm| vm.index_error("deque mutated during remove().");
    match find(vm, deque, args[1], 0, usize::MAX, &changed)? {
        Some(i) => {
            deque.delete(i);
            Ok(Value::NONE)
        }
        None => Err(vm.value_error("deque.remove(x): x not in deque")),
    }
}

fn deque_insert(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let index = vm.to_ssize_arg(args[1])?;
    let len = deque.len.get();
    if deque.most.get() == Some(len) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let index = if index < 0 {
        (index + len as i64).max(0) as usize
    } else {
        (index as usize).min(len)
    };
    if index == 0 {
        deque.push_front(vm, args[2])?;
    } else {
        deque.insert(vm, index, args[2])?;
    }
    Ok(Value::NONE)
}

/// A deque of the same class with the same items and bound, made as subclasses expect.
fn copy(vm: &Vm, deque: Gc<Deque>) -> Result {
    let class = deque.class();
    if class == vm.class_of_def(&DEQUE)? {
        let new = alloc(vm, class, deque.most.get());
        deque
            .items()
            .into_iter()
            .try_for_each(|v| new.push_back(vm, v))?;
        return Ok(new.value());
    }
    match deque.most.get() {
        None => vm.call(class.value(), &[deque.value()]),
        Some(most) => vm.call(class.value(), &[deque.value(), vm.new_int(most as i64)]),
    }
}

fn deque_copy(vm: &Vm, args: &[Value]) -> Result {
    copy(vm, this(args[0]))
}

fn deque_add(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Deque>().is_none() {
        let class = vm.class_of(args[1]);
        if class.special(Special::RAdd).is_some() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        return Err(vm.type_error(format!(
            "can only concatenate deque (not \"{}\") to deque",
            class.qualified_name()
        )));
    }
    let new = copy(vm, this(args[0]))?;
    if let Some(deque) = new.cast::<Deque>() {
        extend(vm, deque, args[1])?;
    }
    Ok(new)
}

fn deque_iadd(vm: &Vm, args: &[Value]) -> Result {
    extend(vm, this(args[0]), args[1])?;
    Ok(args[0])
}

fn repeat(vm: &Vm, deque: Gc<Deque>, n: Value) -> Result<bool> {
    let Some(count) = repetitions(vm, n, deque.len.get())? else {
        return Ok(false);
    };
    if count == 0 {
        deque.clear();
        return Ok(true);
    }
    let items = vm.rooted_from(deque.items());
    let mut rounds = count - 1;
    if let Some(most) = deque.most.get()
        && !items.is_empty()
    {
        // More rounds than fill the deque would only turn it.
        rounds = rounds.min(most.div_ceil(items.len()));
    }
    for _ in 0..rounds {
        items.iter().try_for_each(|v| deque.push_back(vm, *v))?;
    }
    Ok(true)
}

fn deque_mul(vm: &Vm, args: &[Value]) -> Result {
    let new = copy(vm, this(args[0]))?;
    match new.cast::<Deque>() {
        Some(deque) if !repeat(vm, deque, args[1])? => Ok(Value::NOT_IMPLEMENTED),
        _ => Ok(new),
    }
}

fn deque_imul(vm: &Vm, args: &[Value]) -> Result {
    if repeat(vm, this(args[0]), args[1])? {
        Ok(args[0])
    } else {
        Ok(Value::NOT_IMPLEMENTED)
    }
}

fn empty(vm: &Vm) -> taipan_runtime::vm::Raised {
    vm.raise_str(
        vm.exception_class(&exc::INDEX_ERROR),
        "pop from an empty deque",
    )
}

fn deque_reduce(vm: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let state = object_state(vm, args[0])?;
    let iterator = vm.iter(args[0])?;
    let arguments = match deque.most.get() {
        None => vm.new_tuple(&[])?.value(),
        Some(most) => {
            let nothing = vm.new_tuple(&[])?.value();
            vm.pair(nothing, vm.new_int(most as i64))?
        }
    };
    Ok(vm
        .new_tuple(&[deque.class().value(), arguments, state, iterator])?
        .value())
}

/// An iterator, forward or in reverse by its class.
#[repr(C)]
pub struct DequeIter {
    pub header: Header,
    deque: GcField<Deque>,
    index: Cell<usize>,
    changes: u64,
}

heap_object!(DequeIter, "deque iterator", Kind::Other, |this, marker| {
    marker.gc_field(&this.deque);
});

fn new_iter(vm: &Vm, deque: Gc<Deque>, index: usize, def: &'static TypeDef) -> Result {
    let object = DequeIter {
        header: Header::empty(),
        deque: GcField::new(deque),
        index: Cell::new(index),
        changes: deque.changes.get(),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(def)?.root_shape.get(), object)
        .value())
}

fn step(vm: &Vm, v: Value, reverse: bool) -> Result<Option<Value>> {
    let it = this::<DequeIter>(v);
    let Some(deque) = it.deque.get() else {
        return Ok(None);
    };
    let (index, len) = (it.index.get(), deque.len.get());
    if it.changes != deque.changes.get() {
        it.deque.clear();
        return Err(mutated(vm));
    }
    if index >= len {
        return Ok(None);
    }
    it.index.set(index + 1);
    Ok(deque.get(if reverse { len - 1 - index } else { index }))
}

fn iter_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<DequeIter>(args[0]);
    let left = it
        .deque
        .get()
        .map_or(0, |d| d.len.get().saturating_sub(it.index.get()));
    Ok(vm.new_int(left as i64))
}

fn iter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<DequeIter>(args[0]);
    let deque = match it.deque.get() {
        Some(deque) => deque,
        None => alloc(vm, vm.class_of_def(&DEQUE)?, None),
    };
    let arguments = vm.pair(deque.value(), vm.new_int(it.index.get() as i64))?;
    vm.pair(it.class().value(), arguments)
}

fn iter_new(vm: &Vm, args: &[Value], def: &'static TypeDef) -> Result {
    let Some(deque) = args[1].cast::<Deque>() else {
        let given = vm.class_of(args[1]).qualified_name();
        return Err(vm.type_error(format!("argument 1 must be collections.deque, not {given}")));
    };
    let index = match args[2].given() {
        Some(v) => vm.to_ssize_arg(v)?.max(0) as usize,
        None => 0,
    };
    new_iter(vm, deque, index, def)
}

const fn iter_constructor(code: fn(&Vm, &[Value]) -> Result) -> MethodDef {
    MethodDef::new(
        "__new__",
        "(type, deque, index=0, /)",
        "Create and return a new object.",
        code,
    )
    .static_()
}

/// The forward iterator.
pub static DEQUE_ITERATOR: TypeDef = TypeDef {
    module: "collections",
    methods: &[
        iter_constructor(|vm, args| iter_new(vm, args, &DEQUE_ITERATOR)),
        ITER_SELF,
        NEXT,
        slots::length_hint(iter_hint),
        slots::reduce(iter_reduce),
    ],
    next: Some(|vm, v| step(vm, v, false)),
    plain_next: Some(|_, _| true),
    ..TypeDef::new("_deque_iterator", <DequeIter as Object>::LAYOUT)
};

/// The iterator from the end.
pub static DEQUE_REVERSE_ITERATOR: TypeDef = TypeDef {
    module: "collections",
    methods: &[
        iter_constructor(|vm, args| iter_new(vm, args, &DEQUE_REVERSE_ITERATOR)),
        ITER_SELF,
        NEXT,
        slots::length_hint(iter_hint),
        slots::reduce(iter_reduce),
    ],
    next: Some(|vm, v| step(vm, v, true)),
    plain_next: Some(|_, _| true),
    ..TypeDef::new("_deque_reverse_iterator", <DequeIter as Object>::LAYOUT)
};

fn deque_rotate(vm: &Vm, args: &[Value]) -> Result {
    let n = match args[1].given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => 1,
    };
    this::<Deque>(args[0]).rotate(n);
    Ok(Value::NONE)
}

fn deque_reverse(_: &Vm, args: &[Value]) -> Result {
    let deque = this::<Deque>(args[0]);
    let len = deque.len.get();
    for i in 0..len / 2 {
        if let (Some(a), Some(b)) = (deque.get(i), deque.get(len - 1 - i)) {
            deque.set(i, b);
            deque.set(len - 1 - i, a);
        }
    }
    Ok(Value::NONE)
}

/// `deque`.
pub static DEQUE: TypeDef = TypeDef {
    module: "collections",
    doc: "A list-like sequence optimized for data accesses near its endpoints.",
    subclassable: true,
    generic: true,
    flags: ClassFlags::WEAKREFS | ClassFlags::SEQUENCE,
    length_at: Some(std::mem::offset_of!(Deque, len)),
    methods: &[
        slots::new(deque_new),
        MethodDef::new(
            "__init__",
            "(self, /, iterable=<unrepresentable>, maxlen=None)",
            "Initialize self.  See help(type(self)) for accurate signature.",
            deque_init,
        ),
        slots::repr(deque_repr),
        slots::lt(|vm, args| deque_compare(vm, args, CompareOp::Lt)),
        slots::le(|vm, args| deque_compare(vm, args, CompareOp::Le)),
        slots::eq(|vm, args| deque_compare(vm, args, CompareOp::Eq)),
        slots::ne(|vm, args| deque_compare(vm, args, CompareOp::Ne)),
        slots::gt(|vm, args| deque_compare(vm, args, CompareOp::Gt)),
        slots::ge(|vm, args| deque_compare(vm, args, CompareOp::Ge)),
        slots::iter(|vm, args| new_iter(vm, this(args[0]), 0, &DEQUE_ITERATOR)),
        slots::len(deque_len).reads(0, 0),
        slots::add(deque_add),
        slots::mul(deque_mul),
        slots::rmul(deque_mul),
        slots::getitem(deque_getitem),
        slots::setitem(deque_setitem),
        slots::delitem(deque_delitem),
        slots::contains(deque_contains),
        slots::iadd(deque_iadd),
        slots::imul(deque_imul),
        MethodDef::new(
            "append",
            "(self, item, /)",
            "Add an element to the right side of the deque.",
            |vm, args| {
                this::<Deque>(args[0]).push_back(vm, args[1])?;
                Ok(Value::NONE)
            },
        )
        .changes(0, 0),
        MethodDef::new(
            "appendleft",
            "(self, item, /)",
            "Add an element to the left side of the deque.",
            |vm, args| {
                this::<Deque>(args[0]).push_front(vm, args[1])?;
                Ok(Value::NONE)
            },
        )
        .changes(0, 0),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Remove all elements from the deque.",
            |_, args| {
                this::<Deque>(args[0]).clear();
                Ok(Value::NONE)
            },
        )
        .changes(0, 0),
        MethodDef::new(
            "__copy__",
            "(self, /)",
            "Return a shallow copy of a deque.",
            deque_copy,
        ),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a shallow copy of a deque.",
            deque_copy,
        )
        .reads(0, 0),
        MethodDef::new(
            "count",
            "(self, value, /)",
            "Return number of occurrences of value.",
            deque_count,
        ),
        MethodDef::new(
            "extend",
            "(self, iterable, /)",
            "Extend the right side of the deque with elements from the iterable.",
            deque_extend,
        )
        .changes(0, 0b10),
        MethodDef::new(
            "extendleft",
            "(self, iterable, /)",
            "Extend the left side of the deque with elements from the iterable.",
            deque_extendleft,
        ),
        MethodDef::new(
            "index",
            "(self, value, start=<unrepresentable>, stop=<unrepresentable>, /)",
            "Return first index of value.\n\nRaises ValueError if the value is not present.",
            deque_index,
        ),
        MethodDef::new(
            "insert",
            "(self, index, value, /)",
            "Insert value before index.",
            deque_insert,
        ),
        MethodDef::new(
            "pop",
            "(self, /)",
            "Remove and return the rightmost element.",
            |vm, args| this::<Deque>(args[0]).pop_back().ok_or_else(|| empty(vm)),
        )
        .changes(0, 0),
        MethodDef::new(
            "popleft",
            "(self, /)",
            "Remove and return the leftmost element.",
            |vm, args| this::<Deque>(args[0]).pop_front().ok_or_else(|| empty(vm)),
        )
        .changes(0, 0),
        slots::reduce(deque_reduce),
        MethodDef::new(
            "remove",
            "(self, value, /)",
            "Remove first occurrence of value.",
            deque_remove,
        ),
        MethodDef::new(
            "__reversed__",
            "(self, /)",
            "Return a reverse iterator over the deque.",
            |vm, args| new_iter(vm, this(args[0]), 0, &DEQUE_REVERSE_ITERATOR),
        ),
        MethodDef::new("reverse", "(self, /)", "Reverse *IN PLACE*.", deque_reverse).changes(0, 0),
        MethodDef::new(
            "rotate",
            "(self, n=1, /)",
            "Rotate the deque n steps to the right.  If n is negative, rotates left.",
            deque_rotate,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "__sizeof__",
            "(self, /)",
            "Return the size of the deque in memory, in bytes.",
            |vm, args| {
                let deque = this::<Deque>(args[0]);
                Ok(vm.new_size(
                    deque.header.size() + deque.ring.get().map_or(0, |r| r.header.size()),
                ))
            },
        ),
    ],
    getset: &[GetSetDef {
        name: "maxlen",
        doc: "maximum size of a deque or None if unbounded",
        get: |vm, v| {
            Ok(this::<Deque>(v)
                .most
                .get()
                .map_or(Value::NONE, |n| vm.new_int(n as i64)))
        },
        set: None,
    }],
    ..TypeDef::new("deque", <Deque as Object>::LAYOUT)
};

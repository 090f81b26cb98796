//! `enumerate`, `zip`, `map`, `filter`, `reversed`, and the iterator of `iter(f, sentinel)`.

use crate::heap::{Field, Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{MethodDef, Special, TypeDef, slots};
use crate::ops::arith::BinaryOp;
use crate::step_fields;
use crate::types::exception::classes as exc;
use crate::types::iterators::ITER_SELF;
use crate::types::protocol::{
    NEXT, NextPair, builtin, check_count, class_argument, no_keywords_unless_subclass,
    reduce_as_list, split_keywords, this,
};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use smallvec::SmallVec;
use std::cell::Cell;

/// `enumerate`.
#[repr(C)]
pub struct Enumerate {
    pub header: Header,
    iterator: Field,
    /// The next index, an exact integer.
    index: Field,
}

heap_object!(Enumerate, "enumerate", Kind::Other, |this, marker| {
    marker.field(&this.iterator);
    marker.field(&this.index);
});

impl Enumerate {
    /// Byte offsets, for compiled code.
    pub const ITERATOR_OFFSET: usize = std::mem::offset_of!(Enumerate, iterator);
    pub const INDEX_OFFSET: usize = std::mem::offset_of!(Enumerate, index);

    /// The index of an item, which is counted.
    ///
    /// # Errors
    /// There is no memory for the next index.
    pub fn count(&self, vm: &Vm) -> Result {
        let index = self.index.or_none();
        let next = match index.int_add(Value::small_int(1)) {
            Some(next) if index.is_int() => next,
            _ => vm.binary(BinaryOp::Add, index, Value::small_int(1))?,
        };
        self.index.set(&self.header, next);
        Ok(index)
    }

    /// What is enumerated, and the next index.
    pub fn parts(&self) -> (Option<Value>, Option<Value>) {
        (self.iterator.get(), self.index.get())
    }
}

fn enumerate_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.types.enumerate.get())?;
    let (positional, keywords) = split_keywords(args, names);
    let positional = &positional[1..];
    let (mut iterable, mut start) = (positional.first().copied(), positional.get(1).copied());
    let count = args.len() - 1;
    if count > 2 || positional.len() > 2 {
        return Err(vm.type_error(format!(
            "enumerate() takes at most 2 arguments ({count} given)"
        )));
    }
    let has_iterable = iterable.is_some()
        || names.is_some_and(|n| n.as_slice().contains(&vm.intern("iterable").value()));
    for (key, value) in keywords {
        let slot = if key.is_text("iterable") && iterable.is_none() {
            &mut iterable
        } else if key.is_text("start") && start.is_none() && has_iterable {
            &mut start
        } else {
            return Err(vm.type_error(format!(
                "'{key}' is an invalid keyword argument for enumerate()"
            )));
        };
        *slot = Some(value);
    }
    let Some(iterable) = iterable else {
        return Err(vm.type_error("enumerate() missing required argument 'iterable'"));
    };
    let index = match start {
        Some(v) => vm.index(v)?,
        None => Value::small_int(0),
    };
    let iterator = vm.iter(iterable)?;
    let object = Enumerate {
        header: Header::empty(),
        iterator: Field::new(iterator),
        index: Field::new(index),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

impl Vm {
    /// Counts an item of an `enumerate`: its pair.
    ///
    /// # Errors
    /// There is no memory.
    pub fn enumerated(&self, it: Gc<Enumerate>, item: Value) -> Result {
        let index = it.count(self)?;
        self.pair(index, item)
    }
}

fn enumerate_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    match enumerate_next_pair(vm, v)? {
        NextPair::Pair(index, item) => vm.pair(index, item).map(Some),
        _ => Ok(None),
    }
}

fn enumerate_next_pair(vm: &Vm, v: Value) -> Result<NextPair> {
    let it = this::<Enumerate>(v);
    let Some(item) = vm.next(it.iterator.or_none())? else {
        return Ok(NextPair::End);
    };
    Ok(NextPair::Pair(it.count(vm)?, item))
}

fn enumerate_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Enumerate>(args[0]);
    let state = vm.pair(it.iterator.or_none(), it.index.or_none())?;
    vm.pair(it.class().value(), state)
}

/// `enumerate`.
pub static ENUMERATE: TypeDef = TypeDef {
    doc: "Return an enumerate object.\n\n  iterable\n    an object supporting iteration\n\n\
          The enumerate object yields pairs containing a count (from start, which\n\
          defaults to zero) and a value yielded by the iterable argument.\n\n\
          enumerate is useful for obtaining an indexed list:\n    (0, seq[0]), (1, seq[1]), (2, seq[2]), ...",
    subclassable: true,
    generic: true,
    methods: &[
        slots::new(enumerate_new).reads(0, 0xFE),
        ITER_SELF,
        NEXT,
        slots::reduce(enumerate_reduce),
    ],
    next: Some(enumerate_next),
    next_pair: Some(enumerate_next_pair),
    plain_next: Some(|vm, v| vm.is_plain_iterator(this::<Enumerate>(v).iterator.or_none())),
    step: Some("enumerate"),
    ..TypeDef::new("enumerate", <Enumerate as Object>::LAYOUT)
};

/// `zip` and `map`: iterators gone through in step.
#[repr(C)]
pub struct Parallel {
    pub header: Header,
    /// What `map` calls.
    function: Field,
    iterators: GcField<Tuple>,
    strict: Cell<bool>,
}

heap_object!(
    Parallel,
    "parallel iterator",
    Kind::Other,
    |this, marker| {
        marker.field(&this.function);
        marker.gc_field(&this.iterators);
    }
);

/// The keyword `strict`, the only one.
fn strict_keyword(vm: &Vm, name: &str, args: &[Value], names: Option<Gc<Tuple>>) -> Result<bool> {
    let (_, keywords) = split_keywords(args, names);
    if let Some(names) = names
        && names.len() > 1
    {
        return Err(vm.type_error(format!(
            "{name}() takes at most 1 keyword argument ({} given)",
            names.len()
        )));
    }
    match crate::types::protocol::only_keyword(vm, name, "strict", keywords)? {
        Some(v) => vm.truth(v),
        None => Ok(false),
    }
}

fn iterators(vm: &Vm, iterables: &[Value]) -> Result<Gc<Tuple>> {
    let mut all = vm.rooted();
    for v in iterables {
        let iterator = vm.iter(*v)?;
        all.push(iterator);
    }
    vm.new_tuple(&all)
}

fn own_init(vm: &Vm, class: Gc<crate::object::Class>) -> bool {
    class.special(Special::Init) != vm.defaults.init.get()
}

fn zip_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.types.zip.get())?;
    let strict = if own_init(vm, class) {
        false
    } else {
        strict_keyword(vm, "zip", args, names)?
    };
    let (positional, _) = split_keywords(args, names);
    let object = Parallel {
        header: Header::empty(),
        function: Field::empty(),
        iterators: GcField::new(iterators(vm, &positional[1..])?),
        strict: Cell::new(strict),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn map_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.types.map.get())?;
    let strict = if own_init(vm, class) {
        false
    } else {
        strict_keyword(vm, "map", args, names)?
    };
    let (positional, _) = split_keywords(args, names);
    if positional.len() < 3 {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let object = Parallel {
        header: Header::empty(),
        function: Field::new(positional[1]),
        iterators: GcField::new(iterators(vm, &positional[2..])?),
        strict: Cell::new(strict),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

impl Parallel {
    /// Byte offsets, for compiled code.
    pub const FUNCTION_OFFSET: usize = std::mem::offset_of!(Parallel, function);
    pub const ITERATORS_OFFSET: usize = std::mem::offset_of!(Parallel, iterators);
    pub const STRICT_OFFSET: usize = std::mem::offset_of!(Parallel, strict);

    /// What `map` calls.
    pub fn function(&self) -> Option<Value> {
        self.function.get()
    }

    /// What is gone through.
    pub fn iterators(&self) -> Option<Gc<Tuple>> {
        self.iterators.get()
    }

    /// Whether all have to be of the same length.
    pub fn is_strict(&self) -> bool {
        self.strict.get()
    }

    /// Calls `then` with the next item of each iterator; `None` when one is exhausted.
    ///
    /// # Errors
    /// An iterator raises, or they end apart from each other and must not.
    pub(crate) fn gather<R>(
        &self,
        vm: &Vm,
        name: &str,
        then: impl FnOnce(&[Value]) -> R,
    ) -> Result<Option<R>> {
        let Some(iterators) = self.iterators.get() else {
            return Ok(None);
        };
        let iterators = iterators.as_slice();
        if iterators.is_empty() {
            return Ok(None);
        }
        // More items than lie on the stack would be out of the collector's sight.
        if iterators.len() <= 4 {
            let mut items: SmallVec<[Value; 4]> = SmallVec::new();
            for (i, iterator) in iterators.iter().enumerate() {
                match vm.next(*iterator)? {
                    Some(item) => items.push(item),
                    None => return self.ended(vm, name, i),
                }
            }
            return Ok(Some(then(&items)));
        }
        let mut items = vm.rooted_with_capacity(iterators.len());
        for (i, iterator) in iterators.iter().enumerate() {
            match vm.next(*iterator)? {
                Some(item) => items.push(item),
                None => return self.ended(vm, name, i),
            }
        }
        Ok(Some(then(&items)))
    }

    /// The iterator at `ended` is exhausted.
    fn ended<T>(&self, vm: &Vm, name: &str, ended: usize) -> Result<Option<T>> {
        if self.strict.get() {
            self.check_lengths(vm, name, ended)
        } else {
            Ok(None)
        }
    }

    /// ValueError unless all iterators end together; the one at `ended` did first.
    #[cold]
    fn check_lengths<T>(&self, vm: &Vm, name: &str, ended: usize) -> Result<Option<T>> {
        let others = |n: usize| {
            if n == 1 {
                " 1".to_owned()
            } else {
                format!("s 1-{n}")
            }
        };
        if ended > 0 {
            return Err(vm.value_error(format!(
                "{name}() argument {} is shorter than argument{}",
                ended + 1,
                others(ended)
            )));
        }
        let iterators = self
            .iterators
            .get()
            .map(|t| t.as_slice().to_vec())
            .unwrap_or_default();
        for (i, iterator) in iterators.iter().enumerate().skip(1) {
            if vm.next(*iterator)?.is_some() {
                return Err(vm.value_error(format!(
                    "{name}() argument {} is longer than argument{}",
                    i + 1,
                    others(i)
                )));
            }
        }
        Ok(None)
    }
}

/// Whether no iterator of a `zip` runs Python code or raises, which would leave others
/// a step ahead.
fn zip_is_plain(_: &Vm, v: Value) -> bool {
    let it = this::<Parallel>(v);
    let never_raises = |v: &Value| {
        v.header().is_some_and(|h| {
            matches!(
                h.shape().layout.kind,
                Kind::ListIter | Kind::TupleIter | Kind::RangeIter | Kind::StrIter
            )
        })
    };
    !it.strict.get()
        && it
            .iterators
            .get()
            .is_none_or(|t| t.as_slice().iter().all(never_raises))
}

fn zip_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Parallel>(v);
    match zip_next_pair(vm, v)? {
        NextPair::Pair(a, b) => return vm.pair(a, b).map(Some),
        NextPair::End => return Ok(None),
        NextPair::Other => {}
    }
    let tuple = it.gather(vm, "zip", |items| vm.new_tuple(items))?;
    tuple.map(|t| t.map(|t| t.value())).transpose()
}

fn zip_next_pair(vm: &Vm, v: Value) -> Result<NextPair> {
    let it = this::<Parallel>(v);
    let Some(iterators) = it.iterators.get() else {
        return Ok(NextPair::End);
    };
    let [first, second] = *iterators.as_slice() else {
        return Ok(NextPair::Other);
    };
    if it.strict.get() {
        return Ok(NextPair::Other);
    }
    let Some(a) = vm.next(first)? else {
        return Ok(NextPair::End);
    };
    Ok(match vm.next(second)? {
        Some(b) => NextPair::Pair(a, b),
        None => NextPair::End,
    })
}

fn map_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Parallel>(v);
    if let Some(iterators) = it.iterators.get()
        && let [one] = *iterators.as_slice()
    {
        return match vm.next(one)? {
            Some(item) => vm.call_one(it.function.or_none(), item).map(Some),
            None => Ok(None),
        };
    }
    if let Some(iterators) = it.iterators.get()
        && let [first, second] = *iterators.as_slice()
        && !it.is_strict()
    {
        let Some(a) = vm.next(first)? else {
            return Ok(None);
        };
        return match vm.next(second)? {
            Some(b) => vm.call_plainly(it.function.or_none(), &[a, b]).map(Some),
            None => Ok(None),
        };
    }
    let call = |items: &[Value]| vm.call_plainly(it.function.or_none(), items);
    it.gather(vm, "map", call)?.transpose()
}

fn parallel_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Parallel>(args[0]);
    let mut all = vm.rooted();
    all.extend(it.function.get());
    all.extend(
        it.iterators
            .get()
            .into_iter()
            .flat_map(|t| t.as_slice().to_vec()),
    );
    let arguments = vm.new_tuple(&all)?.value();
    let class = it.class().value();
    if it.strict.get() {
        return Ok(vm.new_tuple(&[class, arguments, Value::TRUE])?.value());
    }
    vm.pair(class, arguments)
}

fn parallel_setstate(vm: &Vm, args: &[Value]) -> Result {
    this::<Parallel>(args[0]).strict.set(vm.truth(args[1])?);
    Ok(Value::NONE)
}

/// What the steps of these iterators read and write ([`crate::object::TypeDef::step`]).
pub static FIELDS: &[MethodDef] = step_fields! {
    read Enumerate.iterator as "enumerate_iterator";
    read Enumerate.index as "enumerate_index";
    write Enumerate.index as "set_enumerate_index";
    read Parallel.iterators as "parallel_iterators";
    read Parallel.function as "parallel_function";
    read Parallel.strict as "parallel_strict";
    read Filter.iterator as "filter_iterator";
    read Filter.function as "filter_function";
};

/// `zip`.
pub static ZIP: TypeDef = TypeDef {
    doc: "The zip object yields n-length tuples, where n is the number of\n\
          iterables passed as positional arguments to zip().  The i-th element\n\
          in every tuple comes from the i-th iterable argument to zip().  This\n\
          continues until the shortest argument is exhausted.\n\n\
          If strict is true and one of the arguments is exhausted before the\n\
          others, raise a ValueError.\n\n   \
          >>> list(zip('abcdefg', range(3), range(4)))\n   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]",
    subclassable: true,
    methods: &[
        slots::new(zip_new).reads(0, 0xFE),
        ITER_SELF,
        NEXT,
        slots::reduce(parallel_reduce),
        slots::setstate(parallel_setstate),
    ],
    next: Some(zip_next),
    next_pair: Some(zip_next_pair),
    plain_next: Some(zip_is_plain),
    step: Some("zip"),
    ..TypeDef::new("zip", <Parallel as Object>::LAYOUT)
};

/// `map`.
pub static MAP: TypeDef = TypeDef {
    doc: "Make an iterator that computes the function using arguments from\n\
          each of the iterables.  Stops when the shortest iterable is exhausted.\n\n\
          If strict is true and one of the arguments is exhausted before the\nothers, raise a ValueError.",
    subclassable: true,
    methods: &[
        slots::new(map_new),
        ITER_SELF,
        NEXT,
        slots::reduce(parallel_reduce),
        slots::setstate(parallel_setstate),
    ],
    next: Some(map_next),
    step: Some("map"),
    ..TypeDef::new("map", <Parallel as Object>::LAYOUT)
};

/// `filter`.
#[repr(C)]
pub struct Filter {
    pub header: Header,
    function: Field,
    iterator: Field,
}

heap_object!(Filter, "filter", Kind::Other, |this, marker| {
    marker.field(&this.function);
    marker.field(&this.iterator);
});

impl Filter {
    /// Byte offsets, for compiled code.
    pub const FUNCTION_OFFSET: usize = std::mem::offset_of!(Filter, function);
    pub const ITERATOR_OFFSET: usize = std::mem::offset_of!(Filter, iterator);

    /// What says whether an item is passed on, and where items come from.
    pub fn parts(&self) -> (Option<Value>, Option<Value>) {
        (self.function.get(), self.iterator.get())
    }
}

fn filter_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let exact = vm.types.filter.get();
    let class = class_argument(vm, args, exact)?;
    no_keywords_unless_subclass(vm, class, exact, names)?;
    let given = args.len() - 1 - names.map_or(0, |n| n.len());
    check_count(vm, "filter", given, 2, 2)?;
    let iterator = vm.iter(args[2])?;
    let object = Filter {
        header: Header::empty(),
        function: Field::new(args[1]),
        iterator: Field::new(iterator),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn filter_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Filter>(v);
    let (function, iterator) = (it.function.or_none(), it.iterator.or_none());
    let by_truth = function.is_none() || function == vm.types.bool.get().value();
    while let Some(item) = vm.next(iterator)? {
        let good = if by_truth {
            item
        } else {
            vm.call_one(function, item)?
        };
        if vm.truth(good)? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn filter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Filter>(args[0]);
    let arguments = vm.pair(it.function.or_none(), it.iterator.or_none())?;
    vm.pair(it.class().value(), arguments)
}

/// `filter`.
pub static FILTER: TypeDef = TypeDef {
    doc: "Return an iterator yielding those items of iterable for which\n\
          function(item) is true.  If function is None, return the items that\nare true.",
    subclassable: true,
    methods: &[
        slots::new(filter_new),
        ITER_SELF,
        NEXT,
        slots::reduce(filter_reduce),
    ],
    next: Some(filter_next),
    step: Some("filter"),
    ..TypeDef::new("filter", <Filter as Object>::LAYOUT)
};

/// `reversed` of a sequence that has no `__reversed__`.
#[repr(C)]
pub struct Reversed {
    pub header: Header,
    /// Empty once the end was reached.
    sequence: Field,
    index: Cell<i64>,
}

heap_object!(Reversed, "reversed", Kind::Other, |this, marker| {
    marker.field(&this.sequence);
});

fn reversed_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let exact = vm.types.reversed.get();
    let class = class_argument(vm, args, exact)?;
    no_keywords_unless_subclass(vm, class, exact, names)?;
    let given = args.len() - 1 - names.map_or(0, |n| n.len());
    check_count(vm, "reversed", given, 1, 1)?;
    let sequence = args[1];
    let of = vm.class_of(sequence);
    let not_reversible = || {
        vm.type_error(format!(
            "'{}' object is not reversible",
            of.qualified_name()
        ))
    };
    match of.special(Special::Reversed) {
        Some(f) if f.is_none() => return Err(not_reversible()),
        Some(f) => return vm.call_special(f, sequence, &[]),
        None => {}
    }
    let is_sequence = of.special(Special::GetItem).is_some() && of.layout.kind != Kind::Dict;
    if !is_sequence {
        return Err(not_reversible());
    }
    let len = vm.length(sequence)? as i64;
    let object = Reversed {
        header: Header::empty(),
        sequence: Field::new(sequence),
        index: Cell::new(len - 1),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn reversed_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Reversed>(v);
    let (Some(sequence), index) = (it.sequence.get(), it.index.get()) else {
        return Ok(None);
    };
    if index >= 0 {
        match vm.get_item(sequence, vm.new_int(index)) {
            Ok(item) => {
                it.index.set(index - 1);
                return Ok(Some(item));
            }
            Err(raised) => {
                if !(vm.raised_is_def(&exc::INDEX_ERROR) || vm.raised_is_def(&exc::STOP_ITERATION))
                {
                    return Err(raised);
                }
                vm.clear_raised();
            }
        }
    }
    it.index.set(-1);
    it.sequence.clear();
    Ok(None)
}

fn reversed_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Reversed>(args[0]);
    let Some(sequence) = it.sequence.get() else {
        return Ok(Value::small_int(0));
    };
    let left = it.index.get() + 1;
    let len = vm.length(sequence)? as i64;
    Ok(vm.new_int(if len < left { 0 } else { left }))
}

fn reversed_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Reversed>(args[0]);
    let class = it.class().value();
    match it.sequence.get() {
        Some(sequence) => {
            let arguments = vm.new_tuple(&[sequence])?.value();
            Ok(vm
                .new_tuple(&[class, arguments, vm.new_int(it.index.get())])?
                .value())
        }
        None => {
            let empty = vm.new_tuple(&[])?.value();
            vm.pair(class, vm.new_tuple(&[empty])?.value())
        }
    }
}

fn reversed_setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Reversed>(args[0]);
    let index = vm.to_index(args[1])?;
    if let Some(sequence) = it.sequence.get() {
        let len = vm.length(sequence)? as i64;
        it.index.set(index.clamp(-1, len - 1));
    }
    Ok(Value::NONE)
}

/// `reversed`.
pub static REVERSED: TypeDef = TypeDef {
    doc: "Return a reverse iterator over the values of the given sequence.",
    subclassable: true,
    methods: &[
        slots::new(reversed_new).reads(0, 0xFE),
        ITER_SELF,
        NEXT,
        slots::length_hint(reversed_hint),
        slots::reduce(reversed_reduce),
        slots::setstate(reversed_setstate),
    ],
    next: Some(reversed_next),
    ..TypeDef::new("reversed", <Reversed as Object>::LAYOUT)
};

/// `iter(callable, sentinel)`: calls until the sentinel comes.
#[repr(C)]
pub struct CallableIter {
    pub header: Header,
    /// Empty once the end was reached.
    callable: Field,
    sentinel: Field,
}

heap_object!(
    CallableIter,
    "callable_iterator",
    Kind::Other,
    |this, marker| {
        marker.field(&this.callable);
        marker.field(&this.sentinel);
    }
);

impl Vm {
    /// `iter(callable, sentinel)`.
    pub fn new_callable_iter(&self, callable: Value, sentinel: Value) -> Value {
        let object = CallableIter {
            header: Header::empty(),
            callable: Field::new(callable),
            sentinel: Field::new(sentinel),
        };
        self.heap
            .alloc(
                self.exception_class(&CALLABLE_ITERATOR).root_shape.get(),
                object,
            )
            .value()
    }
}

fn callable_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<CallableIter>(v);
    let Some(callable) = it.callable.get() else {
        return Ok(None);
    };
    let result = vm.call(callable, &[]);
    let Some(item) = vm.catch(result, &exc::STOP_ITERATION)? else {
        it.callable.clear();
        it.sentinel.clear();
        return Ok(None);
    };
    // The call may have exhausted this iterator.
    let Some(sentinel) = it.sentinel.get() else {
        return Ok(None);
    };
    if vm.equal_identity(sentinel, item)? {
        it.callable.clear();
        it.sentinel.clear();
        return Ok(None);
    }
    Ok(Some(item))
}

fn callable_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<CallableIter>(args[0]);
    let iter = builtin(vm, "iter")?;
    match (it.callable.get(), it.sentinel.get()) {
        (Some(callable), Some(sentinel)) => {
            let arguments = vm.pair(callable, sentinel)?;
            vm.pair(iter, arguments)
        }
        _ => reduce_as_list(vm, &[]),
    }
}

/// `type(iter(f, sentinel))`.
pub static CALLABLE_ITERATOR: TypeDef = TypeDef {
    methods: &[
        ITER_SELF,
        NEXT,
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Return state information for pickling.",
            callable_reduce,
        ),
    ],
    flags: crate::object::ClassFlags::NO_INSTANTIATION,
    next: Some(callable_next),
    ..TypeDef::new("callable_iterator", <CallableIter as Object>::LAYOUT)
};

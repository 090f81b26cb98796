//! The iterators that go through their sources item by item.

use smallvec::SmallVec;
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MethodDef, Special, TypeDef, slots};
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::step_fields;
use taipan_runtime::types::iterators::{ITER_SELF, TupleIter};
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{
    NEXT, check_count, class_argument, only_keyword, split_keywords, this, to_ssize,
};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

const NEW_DOC: &str = "Create and return a new object.  See help(type) for accurate signature.";

/// `__new__` by a signature in which the class comes first.
pub(super) const fn new(signature: &'static str, code: fn(&Vm, &[Value]) -> Result) -> MethodDef {
    MethodDef::new("__new__", signature, NEW_DOC, code).static_()
}

/// A subclassable iterator type of this module, for `..` in a definition.
pub(super) const fn iterator(
    name: &'static str,
    layout: &'static taipan_runtime::heap::Layout,
) -> TypeDef {
    TypeDef {
        module: "itertools",
        subclassable: true,
        ..TypeDef::new(name, layout)
    }
}

/// Places an object as an instance of the class argument.
pub(super) fn place<T: Object>(
    vm: &Vm,
    args: &[Value],
    def: &'static TypeDef,
    object: T,
) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(def)?)?;
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// One or two sources, of which a function takes the items: `accumulate`,
/// `chain`, `compress`, `dropwhile`, `filterfalse`, `pairwise`, `starmap`, `takewhile`.
#[repr(C)]
pub struct Source {
    pub header: Header,
    /// Empty once the end was reached, where that is for good.
    iterator: Field,
    function: Field,
    /// What is carried from item to item.
    state: Field,
    started: Cell<bool>,
}

heap_object!(Source, "iterator", Kind::Other, |this, marker| {
    marker.field(&this.iterator);
    marker.field(&this.function);
    marker.field(&this.state);
});

impl Source {
    fn new(iterator: Value, function: Option<Value>) -> Source {
        Source {
            header: Header::empty(),
            iterator: Field::new(iterator),
            function: Field::opt(function),
            state: Field::empty(),
            started: Cell::new(false),
        }
    }
}

fn accumulate_new(vm: &Vm, args: &[Value]) -> Result {
    let object = Source::new(vm.iter(args[1])?, args[2].given_not_none());
    if let Some(initial) = args[3].given_not_none() {
        object.state.set(&object.header, initial);
    } else {
        object.started.set(true);
    }
    place(vm, args, &ACCUMULATE, object)
}

fn accumulate_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Source>(v);
    if !it.started.replace(true) {
        return Ok(it.state.get());
    }
    let Some(item) = vm.next(it.iterator.or_none())? else {
        return Ok(None);
    };
    let total = match (it.state.get(), it.function.get()) {
        (None, _) => item,
        (Some(total), None) => vm.binary(BinaryOp::Add, total, item)?,
        (Some(total), Some(f)) => vm.call(f, &[total, item])?,
    };
    it.state.set(&it.header, total);
    Ok(Some(total))
}

/// `accumulate`.
pub static ACCUMULATE: TypeDef = TypeDef {
    doc: "Return series of accumulated sums (or other binary function results).",
    methods: &[
        new(
            "(type, /, iterable, func=None, *, initial=None)",
            accumulate_new,
        ),
        ITER_SELF,
        NEXT,
    ],
    next: Some(accumulate_next),
    step: Some("accumulate"),
    ..iterator("accumulate", <Source as Object>::LAYOUT)
};

/// `chain`: the source gives iterables, the state is the iterator of the present one.
fn chain_new(vm: &Vm, args: &[Value]) -> Result {
    place(vm, args, &CHAIN, Source::new(vm.iter(args[1])?, None))
}

fn chain_from_iterable(vm: &Vm, args: &[Value]) -> Result {
    place(vm, args, &CHAIN, Source::new(vm.iter(args[1])?, None))
}

fn chain_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Source>(v);
    loop {
        if let Some(active) = it.state.get() {
            if let Some(item) = vm.next(active)? {
                return Ok(Some(item));
            }
            it.state.clear();
        }
        let Some(source) = it.iterator.get() else {
            return Ok(None);
        };
        let next = match vm.next(source)? {
            Some(iterable) => vm.iter(iterable),
            None => {
                it.iterator.clear();
                return Ok(None);
            }
        };
        match next {
            Ok(active) => it.state.set(&it.header, active),
            Err(raised) => {
                it.iterator.clear();
                return Err(raised);
            }
        }
    }
}

/// Whether taking items of a source, if there is one still, runs no Python code.
fn iterates_plainly(vm: &Vm, iterator: &Field) -> bool {
    iterator.get().is_none_or(|it| vm.is_plain_iterator(it))
}

/// Whether the next item of a `chain` comes without Python code: the iterator at hand and the
/// iterables to come are of the simplest kinds, which can have no chain inside.
fn chain_is_plain(vm: &Vm, v: Value) -> bool {
    let it = this::<Source>(v);
    let kind = |v: Value| v.header().map(|h| h.shape().layout.kind);
    let is_basic = |v: Value| {
        matches!(
            kind(v),
            Some(Kind::ListIter | Kind::TupleIter | Kind::RangeIter | Kind::StrIter)
        )
    };
    let is_container = |v: &Value| is_basic(*v) || vm.is_plain_container(*v);
    if !it.state.get().is_none_or(is_basic) {
        return false;
    }
    let Some(source) = it.iterator.get() else {
        return true;
    };
    if kind(source) != Some(Kind::TupleIter) {
        return false;
    }
    // SAFETY: the kind says which layout.
    let source = unsafe { source.cast_unchecked::<TupleIter>() };
    let rest = source.tuple.get();
    rest.is_none_or(|t| {
        t.as_slice()
            .iter()
            .skip(source.index.get())
            .all(is_container)
    })
}

/// `chain`.
pub static CHAIN: TypeDef = TypeDef {
    doc: "Return a chain object whose .__next__() method returns elements from the\n\
          first iterable until it is exhausted, then elements from the next\n\
          iterable, until all of the iterables are exhausted.",
    generic: true,
    methods: &[
        new("(type, /, *iterables)", chain_new),
        ITER_SELF,
        NEXT,
        MethodDef::new(
            "from_iterable",
            "(type, iterable, /)",
            "Alternative chain() constructor taking a single iterable argument that evaluates lazily.",
            chain_from_iterable,
        )
        .class(),
    ],
    next: Some(chain_next),
    step: Some("chain"),
    plain_next: Some(chain_is_plain),
    ..iterator("chain", <Source as Object>::LAYOUT)
};

fn compress_new(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.iter(args[1])?;
    place(
        vm,
        args,
        &COMPRESS,
        Source::new(data, Some(vm.iter(args[2])?)),
    )
}

fn compress_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Source>(v);
    let (data, selectors) = (it.iterator.or_none(), it.function.or_none());
    while let Some(item) = vm.next(data)? {
        let Some(selector) = vm.next(selectors)? else {
            return Ok(None);
        };
        if vm.truth(selector)? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// `compress`.
pub static COMPRESS: TypeDef = TypeDef {
    doc: "Return data elements corresponding to true selector elements.\n\n\
          Forms a shorter iterator from selected data elements using the selectors\nto choose the data elements.",
    methods: &[
        new("(type, /, data, selectors)", compress_new),
        ITER_SELF,
        NEXT,
    ],
    next: Some(compress_next),
    step: Some("compress"),
    ..iterator("compress", <Source as Object>::LAYOUT)
};

/// Makes a [`Source`] from (class, function, iterable).
fn predicate_source(vm: &Vm, args: &[Value], def: &'static TypeDef) -> Result {
    place(vm, args, def, Source::new(vm.iter(args[2])?, Some(args[1])))
}

fn dropwhile_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Source>(v);
    let iterator = it.iterator.or_none();
    while let Some(item) = vm.next(iterator)? {
        if it.started.get() {
            return Ok(Some(item));
        }
        let dropped = vm.call_one(it.function.or_none(), item)?;
        if !vm.truth(dropped)? {
            it.started.set(true);
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// `dropwhile`.
pub static DROPWHILE: TypeDef = TypeDef {
    doc: "Drop items from the iterable while predicate(item) is true.\n\n\
          Afterwards, return every element until the iterable is exhausted.",
    methods: &[
        new("(type, predicate, iterable, /)", |vm, args| {
            predicate_source(vm, args, &DROPWHILE)
        }),
        ITER_SELF,
        NEXT,
    ],
    next: Some(dropwhile_next),
    step: Some("dropwhile"),
    ..iterator("dropwhile", <Source as Object>::LAYOUT)
};

fn takewhile_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Source>(v);
    if it.started.get() {
        return Ok(None);
    }
    let Some(item) = vm.next(it.iterator.or_none())? else {
        return Ok(None);
    };
    let taken = vm.call_one(it.function.or_none(), item)?;
    if vm.truth(taken)? {
        return Ok(Some(item));
    }
    it.started.set(true);
    Ok(None)
}

/// `takewhile`; `started` is set once the predicate failed.
pub static TAKEWHILE: TypeDef = TypeDef {
    doc: "Return successive entries from an iterable as long as the predicate evaluates to true for each entry.",
    methods: &[
        new("(type, predicate, iterable, /)", |vm, args| {
            predicate_source(vm, args, &TAKEWHILE)
        }),
        ITER_SELF,
        NEXT,
    ],
    next: Some(takewhile_next),
    step: Some("takewhile"),
    ..iterator("takewhile", <Source as Object>::LAYOUT)
};

fn filterfalse_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Source>(v);
    let (iterator, function) = (it.iterator.or_none(), it.function.or_none());
    let by_truth = function.is_none() || function == vm.types.bool.get().value();
    while let Some(item) = vm.next(iterator)? {
        let good = if by_truth {
            item
        } else {
            vm.call_one(function, item)?
        };
        if !vm.truth(good)? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

/// `filterfalse`.
pub static FILTERFALSE: TypeDef = TypeDef {
    doc: "Return those items of iterable for which function(item) is false.\n\n\
          If function is None, return the items that are false.",
    methods: &[
        new("(type, function, iterable, /)", |vm, args| {
            predicate_source(vm, args, &FILTERFALSE)
        }),
        ITER_SELF,
        NEXT,
    ],
    next: Some(filterfalse_next),
    step: Some("filterfalse"),
    ..iterator("filterfalse", <Source as Object>::LAYOUT)
};

fn starmap_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Source>(v);
    let Some(item) = vm.next(it.iterator.or_none())? else {
        return Ok(None);
    };
    let args = vm.tuple_of(item)?;
    vm.call(it.function.or_none(), args.as_slice()).map(Some)
}

/// `starmap`.
pub static STARMAP: TypeDef = TypeDef {
    doc: "Return an iterator whose values are returned from the function evaluated with an argument tuple \
          taken from the given sequence.",
    methods: &[
        new("(type, function, iterable, /)", |vm, args| {
            predicate_source(vm, args, &STARMAP)
        }),
        ITER_SELF,
        NEXT,
    ],
    next: Some(starmap_next),
    step: Some("starmap"),
    ..iterator("starmap", <Source as Object>::LAYOUT)
};

fn pairwise_new(vm: &Vm, args: &[Value]) -> Result {
    place(vm, args, &PAIRWISE, Source::new(vm.iter(args[1])?, None))
}

fn pairwise_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Source>(v);
    let Some(iterator) = it.iterator.get() else {
        return Ok(None);
    };
    let end = || {
        it.iterator.clear();
        it.state.clear();
        Ok(None)
    };
    let old = match it.state.get() {
        Some(old) => old,
        None => {
            let Some(first) = vm.next(iterator)? else {
                return end();
            };
            it.state.set(&it.header, first);
            // Going on may have used this iterator up.
            if it.iterator.get().is_none() {
                return end();
            }
            it.state.get().unwrap_or(first)
        }
    };
    let Some(new) = vm.next(iterator)? else {
        return end();
    };
    it.state.set(&it.header, new);
    Ok(Some(vm.pair(old, new)?))
}

/// `pairwise`; the state is the last item.
pub static PAIRWISE: TypeDef = TypeDef {
    doc: "Return an iterator of overlapping pairs taken from the input iterator.\n\n    \
          s -> (s0,s1), (s1,s2), (s2, s3), ...",
    methods: &[new("(type, iterable, /)", pairwise_new), ITER_SELF, NEXT],
    next: Some(pairwise_next),
    step: Some("pairwise"),
    plain_next: Some(|vm, v| iterates_plainly(vm, &this::<Source>(v).iterator)),
    ..iterator("pairwise", <Source as Object>::LAYOUT)
};

/// `batched` and `islice`: a source and some numbers.
#[repr(C)]
pub struct Counted {
    pub header: Header,
    /// Empty once the end was reached.
    iterator: Field,
    size: i64,
    strict: bool,
    /// `islice`: items passed, the index of the next to give, where to stop (`i64::MAX` if nowhere).
    passed: Cell<i64>,
    wanted: Cell<i64>,
    stop: i64,
}

heap_object!(Counted, "iterator", Kind::Other, |this, marker| {
    marker.field(&this.iterator);
});

fn batched_new(vm: &Vm, args: &[Value]) -> Result {
    let size = vm.to_ssize_arg(args[2])?;
    let strict = match args[3].given() {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    if size < 1 {
        return Err(vm.value_error("n must be at least one"));
    }
    let object = Counted {
        header: Header::empty(),
        iterator: Field::new(vm.iter(args[1])?),
        size,
        strict,
        passed: Cell::new(0),
        wanted: Cell::new(0),
        stop: i64::MAX,
    };
    place(vm, args, &BATCHED, object)
}

fn batched_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Counted>(v);
    let Some(iterator) = it.iterator.get() else {
        return Ok(None);
    };
    let mut items = vm.rooted();
    while (items.len() as i64) < it.size {
        match vm.next(iterator) {
            Ok(Some(item)) => items.push(item),
            Ok(None) => {
                it.iterator.clear();
                if items.is_empty() {
                    return Ok(None);
                }
                if it.strict {
                    return Err(vm.value_error("batched(): incomplete batch"));
                }
                break;
            }
            Err(raised) => {
                it.iterator.clear();
                return Err(raised);
            }
        }
    }
    Ok(Some(vm.new_tuple(&items)?.value()))
}

/// `batched`.
pub static BATCHED: TypeDef = TypeDef {
    doc: "Batch data into tuples of length n. The last batch may be shorter than n.\n\n\
          Loops over the input iterable and accumulates data into tuples\n\
          up to size n.  The input is consumed lazily, just enough to\n\
          fill a batch.  The result is yielded as soon as a batch is full\n\
          or when the input iterable is exhausted.\n\n    \
          >>> for batch in batched('ABCDEFG', 3):\n    ...     print(batch)\n    ...\n    \
          ('A', 'B', 'C')\n    ('D', 'E', 'F')\n    ('G',)\n\n\
          If \"strict\" is True, raises a ValueError if the final batch is shorter\nthan n.",
    methods: &[
        new("(type, /, iterable, n, *, strict=False)", batched_new),
        ITER_SELF,
        NEXT,
    ],
    next: Some(batched_next),
    ..iterator("batched", <Counted as Object>::LAYOUT)
};

/// A bound of `islice`: None or an integer from zero up.
fn islice_bound(vm: &Vm, v: Value, message: &str) -> Result<Option<i64>> {
    if v.is_none() {
        return Ok(None);
    }
    let index = match vm.class_of(v).special(Special::Index) {
        Some(_) => to_ssize(vm.index(v)?),
        None => to_ssize(v),
    };
    match index {
        Some(i) if i >= 0 => Ok(Some(i)),
        _ => Err(vm.value_error(message)),
    }
}

fn islice_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    const STOP: &str =
        "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    const INDICES: &str = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    const STEP: &str = "Step for islice() must be a positive integer or None.";
    let class = class_argument(vm, args, vm.class_of_def(&ISLICE)?)?;
    taipan_runtime::types::protocol::no_keywords_unless_subclass(
        vm,
        class,
        vm.class_of_def(&ISLICE)?,
        names,
    )?;
    let args = &args[1..args.len() - names.map_or(0, |n| n.len())];
    check_count(vm, "islice", args.len(), 2, 4)?;
    let (mut start, stop, mut step) = (0, if args.len() == 2 { args[1] } else { args[2] }, 1);
    if args.len() > 2 {
        start = islice_bound(vm, args[1], INDICES)?.unwrap_or(0);
    }
    let stop = islice_bound(vm, stop, STOP)?.unwrap_or(i64::MAX);
    if let Some(&v) = args.get(3) {
        step = match islice_bound(vm, v, STEP)? {
            Some(0) => return Err(vm.value_error(STEP)),
            given => given.unwrap_or(1),
        };
    }
    let object = Counted {
        header: Header::empty(),
        iterator: Field::new(vm.iter(args[0])?),
        size: step,
        strict: false,
        passed: Cell::new(0),
        wanted: Cell::new(start),
        stop,
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn islice_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Counted>(v);
    let Some(iterator) = it.iterator.get() else {
        return Ok(None);
    };
    let end = || {
        it.iterator.clear();
        Ok(None)
    };
    while it.passed.get() < it.wanted.get() {
        if vm.next(iterator)?.is_none() {
            return end();
        }
        it.passed.set(it.passed.get() + 1);
    }
    if it.passed.get() >= it.stop {
        return end();
    }
    let Some(item) = vm.next(iterator)? else {
        return end();
    };
    it.passed.set(it.passed.get() + 1);
    let next = it.wanted.get().saturating_add(it.size);
    it.wanted.set(next.min(it.stop));
    Ok(Some(item))
}

/// `islice`.
pub static ISLICE: TypeDef = TypeDef {
    doc: "islice(iterable, stop) --> islice object\n\
          islice(iterable, start, stop[, step]) --> islice object\n\n\
          Return an iterator whose next() method returns selected values from an\n\
          iterable.  If start is specified, will skip all preceding elements;\n\
          otherwise, start defaults to zero.  Step defaults to one.  If\n\
          specified as another value, step determines how many values are\n\
          skipped between successive calls.  Works like a slice() on a list\n\
          but returns an iterator.",
    methods: &[slots::new(islice_new), ITER_SELF, NEXT],
    next: Some(islice_next),
    step: Some("islice"),
    plain_next: Some(|vm, v| iterates_plainly(vm, &this::<Counted>(v).iterator)),
    ..iterator("islice", <Counted as Object>::LAYOUT)
};

/// `count` and `repeat`.
#[repr(C)]
pub struct Endless {
    pub header: Header,
    value: Field,
    step: Field,
    /// `repeat`: how often still; endlessly if negative.
    left: Cell<i64>,
}

heap_object!(Endless, "iterator", Kind::Other, |this, marker| {
    marker.field(&this.value);
    marker.field(&this.step);
});

fn count_new(vm: &Vm, args: &[Value]) -> Result {
    let is_number = |v: Value| {
        let class = vm.class_of(v);
        [Special::Index, Special::Float, Special::Int]
            .iter()
            .any(|s| class.special(*s).is_some())
            || class.layout.kind == Kind::Complex
    };
    let (start, step) = (
        args[1].given().unwrap_or(Value::small_int(0)),
        args[2].given().unwrap_or(Value::small_int(1)),
    );
    if !is_number(start) || !is_number(step) {
        return Err(vm.type_error("a number is required"));
    }
    let object = Endless {
        header: Header::empty(),
        value: Field::new(start),
        step: Field::new(step),
        left: Cell::new(-1),
    };
    place(vm, args, &COUNT, object)
}

fn count_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Endless>(v);
    let (value, step) = (it.value.or_none(), it.step.or_none());
    let next = match value.int_add(step) {
        Some(next) if value.both_int(step) => next,
        _ => vm.binary(BinaryOp::Add, value, step)?,
    };
    it.value.set(&it.header, next);
    Ok(Some(value))
}

fn count_repr(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Endless>(args[0]);
    let value = vm.repr(it.value.or_none())?;
    let step = it.step.or_none();
    let name = it.class().name_string();
    let text = if step == Value::small_int(1) {
        format!("{name}({value})")
    } else {
        format!("{name}({value}, {})", vm.repr(step)?)
    };
    Ok(vm.new_str(&text).value())
}

/// `count`.
pub static COUNT: TypeDef = TypeDef {
    doc: "Return a count object whose .__next__() method returns consecutive values.\n\n\
          Equivalent to:\n    def count(firstval=0, step=1):\n        x = firstval\n        \
          while 1:\n            yield x\n            x += step",
    methods: &[
        new("(type, /, start=0, step=1)", count_new),
        slots::repr(count_repr),
        ITER_SELF,
        NEXT,
    ],
    next: Some(count_next),
    step: Some("count"),
    plain_next: Some(|vm, v| {
        let it = this::<Endless>(v);
        vm.is_simple(it.value.or_none()) && vm.is_simple(it.step.or_none())
    }),
    ..iterator("count", <Endless as Object>::LAYOUT)
};

fn repeat_new(vm: &Vm, args: &[Value]) -> Result {
    let left = match args[2].given() {
        Some(v) => vm.to_ssize_arg(v)?.max(0),
        None => -1,
    };
    let object = Endless {
        header: Header::empty(),
        value: Field::new(args[1]),
        step: Field::empty(),
        left: Cell::new(left),
    };
    place(vm, args, &REPEAT, object)
}

fn repeat_next(_: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Endless>(v);
    match it.left.get() {
        0 => return Ok(None),
        left @ 1.. => it.left.set(left - 1),
        _ => {}
    }
    Ok(it.value.get())
}

fn repeat_repr(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Endless>(args[0]);
    let value = vm.repr(it.value.or_none())?;
    let name = it.class().name_string();
    let text = match it.left.get() {
        left @ 0.. => format!("{name}({value}, {left})"),
        _ => format!("{name}({value})"),
    };
    Ok(vm.new_str(&text).value())
}

fn repeat_hint(vm: &Vm, args: &[Value]) -> Result {
    match this::<Endless>(args[0]).left.get() {
        left @ 0.. => Ok(vm.new_int(left)),
        _ => Err(vm.type_error("len() of unsized object")),
    }
}

/// `repeat`.
pub static REPEAT: TypeDef = TypeDef {
    doc: "repeat(object [,times]) -> create an iterator which returns the object\n\
          for the specified number of times.  If not specified, returns the object\nendlessly.",
    methods: &[
        new("(type, /, object, times=<unrepresentable>)", repeat_new),
        slots::repr(repeat_repr),
        ITER_SELF,
        NEXT,
        slots::length_hint(repeat_hint),
    ],
    next: Some(repeat_next),
    step: Some("repeat"),
    plain_next: Some(|_, _| true),
    ..iterator("repeat", <Endless as Object>::LAYOUT)
};

/// `cycle`.
#[repr(C)]
pub struct Cycle {
    pub header: Header,
    /// Empty once its end was reached.
    iterator: Field,
    saved: GcField<List>,
    index: Cell<i64>,
}

heap_object!(Cycle, "cycle", Kind::Other, |this, marker| {
    marker.field(&this.iterator);
    marker.gc_field(&this.saved);
});

fn cycle_new(vm: &Vm, args: &[Value]) -> Result {
    let object = Cycle {
        header: Header::empty(),
        iterator: Field::new(vm.iter(args[1])?),
        saved: GcField::new(vm.new_list(&[])?),
        index: Cell::new(0),
    };
    place(vm, args, &CYCLE, object)
}

fn cycle_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Cycle>(v);
    let Some(saved) = it.saved.get() else {
        return Ok(None);
    };
    if let Some(iterator) = it.iterator.get() {
        if let Some(item) = vm.next(iterator)? {
            saved.push(vm, item)?;
            return Ok(Some(item));
        }
        it.iterator.clear();
    }
    let index = it.index.get();
    let item = saved.get(index as usize);
    it.index.set(if index + 1 >= saved.len() as i64 {
        0
    } else {
        index + 1
    });
    Ok(item)
}

/// `cycle`.
pub static CYCLE: TypeDef = TypeDef {
    doc: "Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.",
    methods: &[new("(type, iterable, /)", cycle_new), ITER_SELF, NEXT],
    next: Some(cycle_next),
    step: Some("cycle"),
    plain_next: Some(|vm, v| iterates_plainly(vm, &this::<Cycle>(v).iterator)),
    ..iterator("cycle", <Cycle as Object>::LAYOUT)
};

/// `zip_longest`.
#[repr(C)]
pub struct ZipLongest {
    pub header: Header,
    /// `None` stands for an exhausted iterator.
    iterators: GcField<List>,
    active: Cell<i64>,
    fill: Field,
}

heap_object!(ZipLongest, "zip_longest", Kind::Other, |this, marker| {
    marker.gc_field(&this.iterators);
    marker.field(&this.fill);
});

fn zip_longest_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let (positional, keywords) = split_keywords(args, names);
    let fill = only_keyword(vm, "zip_longest", "fillvalue", keywords)?.unwrap_or(Value::NONE);
    let sources = &positional[1..];
    let iterators = vm.new_list(&[])?;
    for source in sources {
        iterators.push(vm, vm.iter(*source)?)?;
    }
    let object = ZipLongest {
        header: Header::empty(),
        iterators: GcField::new(iterators),
        active: Cell::new(sources.len() as i64),
        fill: Field::new(fill),
    };
    place(vm, args, &ZIP_LONGEST, object)
}

fn zip_longest_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<ZipLongest>(v);
    let Some(iterators) = it.iterators.get() else {
        return Ok(None);
    };
    if it.active.get() == 0 {
        return Ok(None);
    }
    let count = iterators.len();
    let mut items: SmallVec<[Value; 4]> = SmallVec::new();
    let mut rooted = (count > 4).then(|| vm.rooted());
    for i in 0..count {
        let next = match iterators.get(i) {
            None | Some(Value::NONE) => None,
            Some(iterator) => match vm.next(iterator) {
                Ok(next) => {
                    if next.is_none() {
                        iterators.set(i, Value::NONE);
                        it.active.set(it.active.get() - 1);
                        if it.active.get() == 0 {
                            return Ok(None);
                        }
                    }
                    next
                }
                Err(raised) => {
                    it.active.set(0);
                    return Err(raised);
                }
            },
        };
        let item = next.unwrap_or(it.fill.or_none());
        items.push(item);
        if let Some(rooted) = &mut rooted {
            rooted.push(item);
        }
    }
    Ok(Some(vm.new_tuple(&items)?.value()))
}

/// `zip_longest`.
pub static ZIP_LONGEST: TypeDef = TypeDef {
    doc: "Return a zip_longest object whose .__next__() method returns a tuple where\n\
          the i-th element comes from the i-th iterable argument.  The .__next__()\n\
          method continues until the longest iterable in the argument sequence\n\
          is exhausted and then it raises StopIteration.  When the shorter iterables\n\
          are exhausted, the fillvalue is substituted in their place.  The fillvalue\n\
          defaults to None or can be specified by a keyword argument.\n",
    methods: &[slots::new(zip_longest_new), ITER_SELF, NEXT],
    next: Some(zip_longest_next),
    step: Some("zip_longest"),
    ..iterator("zip_longest", <ZipLongest as Object>::LAYOUT)
};

/// What the steps of these iterators read and write ([`taipan_runtime::object::TypeDef::step`]).
pub static FIELDS: &[MethodDef] = step_fields! {
    read Source.iterator as "source_iterator";
    write Source.iterator as "set_source_iterator";
    read Source.function as "source_function";
    read Source.state as "source_state";
    write Source.state as "set_source_state";
    read Source.started as "source_started";
    write Source.started as "set_source_started";
    read Counted.iterator as "counted_iterator";
    write Counted.iterator as "set_counted_iterator";
    read Counted.size as "counted_size";
    read Counted.stop as "counted_stop";
    read Counted.passed as "counted_passed";
    write Counted.passed as "set_counted_passed";
    read Counted.wanted as "counted_wanted";
    write Counted.wanted as "set_counted_wanted";
    read Endless.value as "endless_value";
    write Endless.value as "set_endless_value";
    read Endless.step as "endless_step";
    read Endless.left as "endless_left";
    write Endless.left as "set_endless_left";
    read Cycle.iterator as "cycle_iterator";
    write Cycle.iterator as "set_cycle_iterator";
    read Cycle.saved as "cycle_saved";
    read Cycle.index as "cycle_index";
    write Cycle.index as "set_cycle_index";
    read ZipLongest.iterators as "longest_iterators";
    read ZipLongest.active as "longest_active";
    write ZipLongest.active as "set_longest_active";
    read ZipLongest.fill as "longest_fill";
};

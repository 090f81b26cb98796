//! `range`.

use crate::heap::{Field, Gc, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, MemberDef, MethodDef, TypeDef};
use crate::ops::arith::BinaryOp;
use crate::ops::compare::CompareOp;
use crate::types::int::IntRef;
use crate::types::iterators::{ITER_SELF, reduce_range};
use crate::types::slice::Slice;
use crate::types::support::{new_shape, receiver};
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table};

/// A range of integers of any size; the fields are exact integers.
#[repr(C)]
pub struct Range {
    pub header: Header,
    pub start: Field,
    pub stop: Field,
    pub step: Field,
    /// Number of items.
    pub length: Field,
}

heap_object!(Range, "range", Kind::Range, |this, marker| {
    marker.field(&this.start);
    marker.field(&this.stop);
    marker.field(&this.step);
    marker.field(&this.length);
});

impl Range {
    /// (start, step, length) if all items, and the stop, are immediate integers.
    pub fn as_small(&self) -> Option<(i64, i64, i64)> {
        self.stop.get()?.as_int()?;
        Some((
            self.start.get()?.as_int()?,
            self.step.get()?.as_int()?,
            self.length.get()?.as_int()?,
        ))
    }
}

impl Vm {
    /// A range of immediate integers; `step` is not zero.
    pub fn new_small_range(&self, start: i64, stop: i64, step: i64) -> Gc<Range> {
        let length = if step > 0 {
            if start < stop {
                (stop - start - 1) / step + 1
            } else {
                0
            }
        } else if start > stop {
            (start - stop - 1) / -step + 1
        } else {
            0
        };
        self.heap.alloc(
            self.shapes.range.get(),
            Range {
                header: Header::empty(),
                start: Field::new(self.new_int(start)),
                stop: Field::new(self.new_int(stop)),
                step: Field::new(self.new_int(step)),
                length: Field::new(self.new_int(length)),
            },
        )
    }
}

/// Whether `v` is an exact integer or a bool, which ranges compute with directly.
fn is_plain_int(vm: &Vm, v: Value) -> bool {
    v.is_int() || v.is_bool() || vm.class_of(v) == vm.types.int.get()
}

fn is_negative(v: Value) -> bool {
    v.as_int_ref().is_some_and(IntRef::is_negative)
}

fn is_zero(v: Value) -> bool {
    v.as_int() == Some(0)
}

impl Range {
    /// (start, stop, step), each an exact integer.
    pub fn parts(&self) -> (Value, Value, Value) {
        (
            self.start.or_none(),
            self.stop.or_none(),
            self.step.or_none(),
        )
    }

    /// Number of items: an exact integer.
    pub fn length(&self) -> Value {
        self.length.or_none()
    }

    /// The item at `index`, which is in range.
    fn item(&self, vm: &Vm, index: Value) -> Result {
        let (start, _, step) = self.parts();
        vm.binary(
            BinaryOp::Add,
            start,
            vm.binary(BinaryOp::Multiply, index, step)?,
        )
    }

    /// The index of an integer, if it is an item.
    fn index_of(&self, vm: &Vm, v: Value) -> Result<Option<Value>> {
        let v = v.exact_int().unwrap_or(v);
        let (start, _, step) = self.parts();
        let offset = vm.binary(BinaryOp::Subtract, v, start)?;
        if !is_zero(vm.binary(BinaryOp::Remainder, offset, step)?) {
            return Ok(None);
        }
        let index = vm.binary(BinaryOp::FloorDivide, offset, step)?;
        let inside = !is_negative(index) && vm.compare_bool(CompareOp::Lt, index, self.length())?;
        Ok(inside.then_some(index))
    }
}

impl Vm {
    /// A range of exact integers; `step` is not zero.
    pub fn new_range(&self, start: Value, stop: Value, step: Value) -> Result<Gc<Range>> {
        if let (Some(start), Some(stop), Some(step)) =
            (start.as_int(), stop.as_int(), step.as_int())
        {
            return Ok(self.new_small_range(start, stop, step));
        }
        let (low, high, step_size) = if is_negative(step) {
            (stop, start, self.negative(step)?)
        } else {
            (start, stop, step)
        };
        let length = if self.compare_bool(CompareOp::Lt, low, high)? {
            let last = self.binary(
                BinaryOp::Subtract,
                self.binary(BinaryOp::Subtract, high, low)?,
                Value::small_int(1),
            )?;
            let steps = self.binary(BinaryOp::FloorDivide, last, step_size)?;
            self.binary(BinaryOp::Add, steps, Value::small_int(1))?
        } else {
            Value::small_int(0)
        };
        Ok(self.heap.alloc(
            self.shapes.range.get(),
            Range {
                header: Header::empty(),
                start: Field::new(start),
                stop: Field::new(stop),
                step: Field::new(step),
                length: Field::new(length),
            },
        ))
    }

    /// An iterator over a range.
    pub fn new_iter_of_range(&self, range: Gc<Range>) -> Result {
        match range.as_small() {
            Some((start, step, length)) => Ok(self.new_range_iter(start, step, length).value()),
            None => {
                let (start, _, step) = range.parts();
                self.new_long_range_iter(start, step, range.length())
            }
        }
    }

    fn new_long_range_iter(&self, current: Value, step: Value, remaining: Value) -> Result {
        let object = LongRangeIter {
            header: Header::empty(),
            current: Field::new(current),
            step: Field::new(step),
            remaining: Field::new(remaining),
        };
        Ok(self
            .heap
            .alloc(
                self.class_of_def(&LONG_RANGE_ITER)?.root_shape.get(),
                object,
            )
            .value())
    }
}

fn new(vm: &Vm, args: &[Value]) -> Result {
    new_shape(vm, args[0], vm.types.range.get())?;
    let range = match (args[2].given(), args[3].given()) {
        (None, _) => vm.new_range(Value::small_int(0), vm.index(args[1])?, Value::small_int(1))?,
        (Some(stop), step) => {
            let (start, stop) = (vm.index(args[1])?, vm.index(stop)?);
            let step = match step {
                Some(step) => vm.index(step)?,
                None => Value::small_int(1),
            };
            if is_zero(step) {
                return Err(vm.value_error("range() arg 3 must not be zero"));
            }
            vm.new_range(start, stop, step)?
        }
    };
    Ok(range.value())
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let (start, stop, step) = receiver::<Range>(args[0]).parts();
    let mut text = format!("range({}, {}", vm.repr_text(start)?, vm.repr_text(stop)?);
    if step.as_int() != Some(1) {
        text.push_str(&format!(", {}", vm.repr_text(step)?));
    }
    text.push(')');
    Ok(vm.new_str(&text).value())
}

/// What decides equality: length, first item, step, `None` where it does not matter.
fn key(vm: &Vm, range: Gc<Range>) -> Result {
    let (start, _, step) = range.parts();
    let length = range.length();
    let (start, step) = match length.as_int() {
        Some(0) => (Value::NONE, Value::NONE),
        Some(1) => (start, Value::NONE),
        _ => (start, step),
    };
    Ok(vm.new_tuple(&[length, start, step])?.value())
}

fn hash(vm: &Vm, args: &[Value]) -> Result {
    let key = key(vm, receiver(args[0]))?;
    Ok(vm.new_int(vm.hash(key)? as i64))
}

fn compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    let Some(other) = b.cast::<Range>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match op {
        CompareOp::Eq | CompareOp::Ne => {
            let equal = a.is(b) || vm.equal(key(vm, receiver(a))?, key(vm, other)?)?;
            Ok(Value::bool(equal == (op == CompareOp::Eq)))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn iter(vm: &Vm, args: &[Value]) -> Result {
    vm.new_iter_of_range(receiver(args[0]))
}

fn reversed(vm: &Vm, args: &[Value]) -> Result {
    let range = receiver::<Range>(args[0]);
    if let Some((start, step, length)) = range.as_small() {
        return Ok(vm
            .new_range_iter(start + (length - 1) * step, -step, length)
            .value());
    }
    let last = vm.binary(BinaryOp::Subtract, range.length(), Value::small_int(1))?;
    let (_, _, step) = range.parts();
    vm.new_long_range_iter(range.item(vm, last)?, vm.negative(step)?, range.length())
}

fn truth(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(!is_zero(receiver::<Range>(args[0]).length())))
}

fn len(vm: &Vm, args: &[Value]) -> Result {
    let length = receiver::<Range>(args[0]).length();
    match length.as_int_ref() {
        Some(IntRef::Big(b)) if b.to_i64().is_none() => {
            Err(vm.overflow_error("Python int too large to convert to C ssize_t"))
        }
        _ => Ok(length),
    }
}

fn getitem(vm: &Vm, args: &[Value]) -> Result {
    let range = receiver::<Range>(args[0]);
    if let (Some(i), Some((start, step, length))) = (args[1].as_int(), range.as_small()) {
        let i = if i < 0 { i + length } else { i };
        if (0..length).contains(&i) {
            return Ok(vm.new_int(start + i * step));
        }
        return Err(vm.index_error("range object index out of range"));
    }
    if let Some(slice) = args[1].cast::<Slice>() {
        let (start, stop, step) = slice.big_indices(vm, range.length())?;
        let (_, _, range_step) = range.parts();
        let step = vm.binary(BinaryOp::Multiply, range_step, step)?;
        return Ok(vm
            .new_range(range.item(vm, start)?, range.item(vm, stop)?, step)?
            .value());
    }
    if !is_plain_int(vm, args[1])
        && vm
            .class_of(args[1])
            .special(crate::object::Special::Index)
            .is_none()
    {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!(
            "range indices must be integers or slices, not {got}"
        )));
    }
    let mut index = vm.index(args[1])?;
    if is_negative(index) {
        index = vm.binary(BinaryOp::Add, index, range.length())?;
    }
    if is_negative(index) || !vm.compare_bool(CompareOp::Lt, index, range.length())? {
        return Err(vm.index_error("range object index out of range"));
    }
    range.item(vm, index)
}

fn contains(vm: &Vm, args: &[Value]) -> Result {
    if is_plain_int(vm, args[1]) {
        return Ok(Value::bool(
            receiver::<Range>(args[0]).index_of(vm, args[1])?.is_some(),
        ));
    }
    Ok(Value::bool(vm.contains_by_iteration(args[0], args[1])?))
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let (start, stop, step) = receiver::<Range>(args[0]).parts();
    vm.pair(
        vm.types.range.get().value(),
        vm.new_tuple(&[start, stop, step])?.value(),
    )
}

fn count(vm: &Vm, args: &[Value]) -> Result {
    if is_plain_int(vm, args[1]) {
        let found = receiver::<Range>(args[0]).index_of(vm, args[1])?;
        return Ok(Value::small_int(found.is_some().into()));
    }
    let mut n = 0;
    vm.for_each(args[0], &mut |item| {
        n += i64::from(vm.equal_identity(item, args[1])?);
        Ok(())
    })?;
    Ok(vm.new_int(n))
}

fn index(vm: &Vm, args: &[Value]) -> Result {
    let range = receiver::<Range>(args[0]);
    if is_plain_int(vm, args[1]) {
        return match range.index_of(vm, args[1])? {
            Some(i) => Ok(i),
            None => Err(vm.value_error("range.index(x): x not in range")),
        };
    }
    let iterator = vm.iter(args[0])?;
    let mut i = 0;
    while let Some(item) = vm.next(iterator)? {
        if vm.equal_identity(item, args[1])? {
            return Ok(vm.new_int(i));
        }
        i += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

const METHODS: [MethodDef; 13] = [
    MethodDef::new(
        "__new__",
        "(cls, start, stop=None, step=1, /)",
        "Create and return a new object.  See help(type) for accurate signature.",
        new,
    )
    .reads(0xFE, 0)
    .static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", hash),
    MethodDef::new("__iter__", "(self, /)", "Implement iter(self).", iter),
    MethodDef::new("__bool__", "(self, /)", "True if self else False", truth),
    MethodDef::new("__len__", "(self, /)", "Return len(self).", len),
    MethodDef::new(
        "__getitem__",
        "(self, key, /)",
        "Return self[key].",
        getitem,
    ),
    MethodDef::new(
        "__contains__",
        "(self, key, /)",
        "Return bool(key in self).",
        contains,
    ),
    MethodDef::new(
        "__reversed__",
        "(self, /)",
        "Return a reverse iterator.",
        reversed,
    ),
    MethodDef::new("__reduce__", "(self, /)", "", reduce),
    MethodDef::new(
        "count",
        "(self, object, /)",
        "rangeobject.count(value) -> integer -- return number of occurrences of value",
        count,
    ),
    MethodDef::new(
        "index",
        "(self, object, /)",
        "rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present.",
        index,
    ),
    MethodDef::new(
        "__sizeof__",
        "(self, /)",
        "Size of object in memory, in bytes.",
        |_, _| Ok(Value::small_int(48)),
    ),
];

/// The class `range`.
pub static RANGE: TypeDef = TypeDef {
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nThe integers from start, inclusive, to stop, exclusive, step by step: range(i, j)\nis i, i+1, ..., j-1. Start is 0 and step 1 unless given, so that range(4) holds the\nindices of a list of 4 items.",
    methods: method_table![METHODS, comparison_methods!(compare)],
    members: &[
        MemberDef {
            name: "start",
            doc: "",
            offset: std::mem::offset_of!(Range, start),
            readonly: true,
            none_if_empty: true,
        },
        MemberDef {
            name: "stop",
            doc: "",
            offset: std::mem::offset_of!(Range, stop),
            readonly: true,
            none_if_empty: true,
        },
        MemberDef {
            name: "step",
            doc: "",
            offset: std::mem::offset_of!(Range, step),
            readonly: true,
            none_if_empty: true,
        },
    ],
    ..TypeDef::new("range", Range::LAYOUT)
};

/// Iterates over a range beyond immediate integers.
#[repr(C)]
pub struct LongRangeIter {
    pub header: Header,
    current: Field,
    step: Field,
    remaining: Field,
}

heap_object!(
    LongRangeIter,
    "longrange_iterator",
    Kind::Other,
    |this, marker| {
        marker.field(&this.current);
        marker.field(&this.step);
        marker.field(&this.remaining);
    }
);

impl LongRangeIter {
    /// Moves on by `count`, at most what remains.
    fn advance(&self, vm: &Vm, count: Value) -> Result<()> {
        let offset = vm.binary(BinaryOp::Multiply, self.step.or_none(), count)?;
        let current = vm.binary(BinaryOp::Add, self.current.or_none(), offset)?;
        let remaining = vm.binary(BinaryOp::Subtract, self.remaining.or_none(), count)?;
        self.current.set(&self.header, current);
        self.remaining.set(&self.header, remaining);
        Ok(())
    }
}

fn long_next(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<LongRangeIter>(args[0]);
    if is_zero(it.remaining.or_none()) {
        return vm.or_stop(None);
    }
    let item = it.current.or_none();
    it.advance(vm, Value::small_int(1))?;
    Ok(item)
}

fn long_hint(_: &Vm, args: &[Value]) -> Result {
    Ok(receiver::<LongRangeIter>(args[0]).remaining.or_none())
}

fn long_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<LongRangeIter>(args[0]);
    let (start, step) = (it.current.or_none(), it.step.or_none());
    let stop = vm.binary(
        BinaryOp::Add,
        start,
        vm.binary(BinaryOp::Multiply, step, it.remaining.or_none())?,
    )?;
    let range = vm.new_range(start, stop, step)?;
    reduce_range(vm, range)
}

fn long_setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<LongRangeIter>(args[0]);
    if !is_plain_int(vm, args[1]) {
        return Err(vm.type_error(format!(
            "state must be an int, not {}",
            vm.type_name(args[1])
        )));
    }
    let count = if is_negative(args[1]) {
        Value::small_int(0)
    } else {
        vm.index(args[1])?
    };
    let remaining = it.remaining.or_none();
    let past = vm.compare_bool(CompareOp::Gt, count, remaining)?;
    it.advance(vm, if past { remaining } else { count })?;
    Ok(Value::NONE)
}

/// `type(iter(range(2**100)))`.
pub static LONG_RANGE_ITER: TypeDef = TypeDef {
    methods: &[
        ITER_SELF,
        MethodDef::new("__next__", "(self, /)", "Implement next(self).", long_next),
        MethodDef::new(
            "__length_hint__",
            "(self, /)",
            "Private method returning an estimate of len(list(it)).",
            long_hint,
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Return state information for pickling.",
            long_reduce,
        ),
        MethodDef::new(
            "__setstate__",
            "(self, object, /)",
            "Set state information for unpickling.",
            long_setstate,
        ),
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("longrange_iterator", LongRangeIter::LAYOUT)
};

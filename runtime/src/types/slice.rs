//! `slice`.

use crate::heap::{Field, Gc, Header, Kind, Object};
use crate::heap_object;
use crate::object::{MemberDef, MethodDef, TypeDef};
use crate::ops::compare::CompareOp;
use crate::types::int::{BigInt, IntRef};
use crate::types::support::{new_shape, receiver};
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table};

/// A slice of three values, each perhaps None.
#[repr(C)]
pub struct Slice {
    pub header: Header,
    pub start: Field,
    pub stop: Field,
    pub step: Field,
}

heap_object!(Slice, "slice", Kind::Slice, |this, marker| {
    marker.field(&this.start);
    marker.field(&this.stop);
    marker.field(&this.step);
});

/// A slice applied to a length: `count` indices from `start` in steps of `step`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Indices {
    pub start: i64,
    /// As adjusted to the length; not necessarily `start + count * step`.
    pub stop: i64,
    pub step: i64,
    pub count: usize,
}

impl Indices {
    /// The indices in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        (0..self.count).map(move |i| (self.start + i as i64 * self.step) as usize)
    }

    /// Clamps bounds given as for a sequence (negative ones count from the end).
    pub fn adjust(start: Option<i64>, stop: Option<i64>, step: i64, len: usize) -> Indices {
        let len = len as i64;
        let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
        let clamp = |bound: Option<i64>, default: i64| match bound {
            None => default,
            Some(b) if b < 0 => (b.saturating_add(len)).max(low),
            Some(b) => b.min(high),
        };
        let start = clamp(start, if step < 0 { high } else { low });
        let stop = clamp(stop, if step < 0 { low } else { high });
        let count = if step == 1 {
            // Nearly all: a division takes as long as all else together.
            (stop - start).max(0)
        } else if step < 0 {
            if stop < start {
                (start - stop - 1) / step.saturating_neg() + 1
            } else {
                0
            }
        } else if start < stop {
            (stop - start - 1) / step + 1
        } else {
            0
        };
        Indices {
            start,
            stop,
            step,
            count: count as usize,
        }
    }
}

impl Slice {
    /// Applies the slice to a sequence of `len` items; errors from `__index__`
    /// and for a step of zero.
    pub fn indices(&self, vm: &Vm, len: usize) -> Result<Indices> {
        let (start, stop, step) = self.unpack(vm)?;
        Ok(Indices::adjust(start, stop, step, len))
    }

    /// The bounds as integers, before a length is known.
    pub fn unpack(&self, vm: &Vm) -> Result<(Option<i64>, Option<i64>, i64)> {
        let bound = |v: Value| -> Result<Option<i64>> {
            if v.is_none() {
                Ok(None)
            } else {
                slice_index(vm, v).map(Some)
            }
        };
        let step = match bound(self.step.or_none())? {
            None => 1,
            Some(0) => return Err(vm.value_error("slice step cannot be zero")),
            Some(s) => s.max(-i64::MAX),
        };
        Ok((
            bound(self.start.or_none())?,
            bound(self.stop.or_none())?,
            step,
        ))
    }
}

/// A bound of a slice; TypeError unless it is an integer or has `__index__`.
pub fn slice_index(vm: &Vm, v: Value) -> Result<i64> {
    if let Some(i) = v.as_int() {
        return Ok(i);
    }
    if v.as_int_ref().is_none()
        && vm
            .class_of(v)
            .special(crate::object::Special::Index)
            .is_none()
    {
        return Err(
            vm.type_error("slice indices must be integers or None or have an __index__ method")
        );
    }
    vm.to_index_clamped(v)
}

impl Vm {
    /// A slice object.
    pub fn new_slice(&self, start: Value, stop: Value, step: Value) -> Gc<Slice> {
        self.heap.alloc(
            self.shapes.slice.get(),
            Slice {
                header: Header::empty(),
                start: Field::new(start),
                stop: Field::new(stop),
                step: Field::new(step),
            },
        )
    }
}

impl Slice {
    /// The slice applied to a length of any size, an exact integer: start, stop
    /// and step as exact integers (`slice.indices`).
    pub fn big_indices(&self, vm: &Vm, length: Value) -> Result<(Value, Value, Value)> {
        let bound = |v: Value| -> Result<Option<Value>> {
            if v.is_none() {
                return Ok(None);
            }
            if v.as_int_ref().is_none()
                && vm
                    .class_of(v)
                    .special(crate::object::Special::Index)
                    .is_none()
            {
                return Err(vm.type_error(
                    "slice indices must be integers or None or have an __index__ method",
                ));
            }
            vm.index(v).map(Some)
        };
        let step = bound(self.step.or_none())?.unwrap_or(Value::small_int(1));
        if step.as_int() == Some(0) {
            return Err(vm.value_error("slice step cannot be zero"));
        }
        let (start, stop) = (bound(self.start.or_none())?, bound(self.stop.or_none())?);
        let small = |v: Option<Value>| v.is_none_or(Value::is_int);
        if let (Some(length), Some(step)) = (length.as_int(), step.as_int())
            && small(start)
            && small(stop)
        {
            let get = |v: Option<Value>| v.and_then(Value::as_int);
            let i = Indices::adjust(get(start), get(stop), step, length as usize);
            return Ok((vm.new_int(i.start), vm.new_int(i.stop), vm.new_int(i.step)));
        }
        let big = |v: Value| v.as_int_ref().map_or_else(BigInt::default, IntRef::to_big);
        let length = big(length);
        let down = step.as_int_ref().is_some_and(IntRef::is_negative);
        let (low, high) = if down {
            (BigInt::from(-1), &length - 1)
        } else {
            (BigInt::from(0), length.clone())
        };
        let clamp = |v: Option<Value>, default: &BigInt| match v {
            None => default.clone(),
            Some(v) if v.as_int_ref().is_some_and(IntRef::is_negative) => {
                (big(v) + &length).max(low.clone())
            }
            Some(v) => big(v).min(high.clone()),
        };
        let (first, last) = if down { (&high, &low) } else { (&low, &high) };
        let (start, stop) = (clamp(start, first), clamp(stop, last));
        Ok((vm.new_bigint(start), vm.new_bigint(stop), step))
    }
}

fn parts(v: Value) -> [Value; 3] {
    let s = receiver::<Slice>(v);
    [s.start.or_none(), s.stop.or_none(), s.step.or_none()]
}

fn new(vm: &Vm, args: &[Value]) -> Result {
    new_shape(vm, args[0], vm.types.slice.get())?;
    let (start, stop) = match args[2].given() {
        None => (Value::NONE, args[1]),
        Some(stop) => (args[1], stop),
    };
    Ok(vm
        .new_slice(start, stop, args[3].given().unwrap_or(Value::NONE))
        .value())
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let [start, stop, step] = parts(args[0]);
    let mut out = taipan_text::TextBuf::new();
    out.push_ascii("slice(");
    out.push_text(vm.repr(start)?.data());
    out.push_ascii(", ");
    out.push_text(vm.repr(stop)?.data());
    out.push_ascii(", ");
    out.push_text(vm.repr(step)?.data());
    out.push_ascii(")");
    vm.finish_text(out)
}

fn hash(vm: &Vm, args: &[Value]) -> Result {
    // The rounds of a tuple's hash without its final mixing of the length.
    let mut acc: u64 = 2_870_177_450_012_600_261;
    for part in parts(args[0]) {
        acc = acc.wrapping_add(vm.hash(part)?.wrapping_mul(14_029_467_366_897_019_727));
        acc = acc.rotate_left(31).wrapping_mul(11_400_714_785_074_694_791);
    }
    Ok(vm.new_int(if acc == u64::MAX {
        1_546_275_796
    } else {
        acc as i64
    }))
}

fn compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    if b.cast::<Slice>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if a.is(b) {
        return Ok(Value::bool(matches!(
            op,
            CompareOp::Eq | CompareOp::Le | CompareOp::Ge
        )));
    }
    let (a, b) = (
        vm.new_tuple(&parts(a))?.value(),
        vm.new_tuple(&parts(b))?.value(),
    );
    vm.compare(op, a, b)
}

fn indices(vm: &Vm, args: &[Value]) -> Result {
    let length = vm.index(args[1])?;
    if length.as_int_ref().is_some_and(IntRef::is_negative) {
        return Err(vm.value_error("length should not be negative"));
    }
    let (start, stop, step) = receiver::<Slice>(args[0]).big_indices(vm, length)?;
    Ok(vm.new_tuple(&[start, stop, step])?.value())
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    vm.pair(
        vm.types.slice.get().value(),
        vm.new_tuple(&parts(args[0]))?.value(),
    )
}

const METHODS: [MethodDef; 5] = [
    MethodDef::new(
        "__new__",
        "(cls, start, stop=None, step=None, /)",
        "Create and return a new object.  See help(type) for accurate signature.",
        new,
    )
    .static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", hash),
    MethodDef::new(
        "indices",
        "(self, object, /)",
        "S.indices(len) -> (start, stop, stride)\n\nThe slice applied to a sequence of length len, bounds beyond its ends clipped.",
        indices,
    ),
    MethodDef::new(
        "__reduce__",
        "(self, /)",
        "Return state information for pickling.",
        reduce,
    ),
];

/// The class `slice`.
pub static SLICE: TypeDef = TypeDef {
    doc: "slice(stop)\nslice(start, stop[, step])\n\nWhat extended slicing, such as a[0:10:2], passes as the key.",
    methods: method_table![METHODS, comparison_methods!(compare)],
    members: &[
        MemberDef {
            name: "start",
            doc: "",
            offset: std::mem::offset_of!(Slice, start),
            readonly: true,
            none_if_empty: true,
        },
        MemberDef {
            name: "stop",
            doc: "",
            offset: std::mem::offset_of!(Slice, stop),
            readonly: true,
            none_if_empty: true,
        },
        MemberDef {
            name: "step",
            doc: "",
            offset: std::mem::offset_of!(Slice, step),
            readonly: true,
            none_if_empty: true,
        },
    ],
    ..TypeDef::new("slice", Slice::LAYOUT)
};

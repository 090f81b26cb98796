//! `slice`.

pub use crate::types::pending::{SLICE};
use crate::heap::{Field, Gc, Header, Kind};
use crate::heap_object;
use crate::value::Value;
use crate::vm::{Result, Vm};

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
        let count = if step < 0 {
            if stop < start { (start - stop - 1) / step.saturating_neg() + 1 } else { 0 }
        } else if start < stop {
            (stop - start - 1) / step + 1
        } else {
            0
        };
        Indices { start, stop, step, count: count as usize }
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
            if v.is_none() { Ok(None) } else { slice_index(vm, v).map(Some) }
        };
        let step = match bound(self.step.or_none())? {
            None => 1,
            Some(0) => return Err(vm.value_error("slice step cannot be zero")),
            Some(s) => s.max(-i64::MAX),
        };
        Ok((bound(self.start.or_none())?, bound(self.stop.or_none())?, step))
    }
}

fn slice_index(vm: &Vm, v: Value) -> Result<i64> {
    if let Some(i) = v.as_int() {
        return Ok(i);
    }
    if v.as_int_ref().is_none() && vm.class_of(v).special(crate::object::Special::Index).is_none() {
        return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
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

//! `range`.

pub use crate::types::pending::{RANGE};
use crate::heap::{Field, Gc, Header, Kind};
use crate::heap_object;
use crate::vm::Vm;

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
        Some((self.start.get()?.as_int()?, self.step.get()?.as_int()?, self.length.get()?.as_int()?))
    }
}

impl Vm {
    /// A range of immediate integers; `step` is not zero.
    pub fn new_small_range(&self, start: i64, stop: i64, step: i64) -> Gc<Range> {
        let length = if step > 0 {
            if start < stop { (stop - start - 1) / step + 1 } else { 0 }
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

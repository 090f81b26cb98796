//! Bound methods of Python functions and other callables.

use crate::heap::{Field, Gc, Header, Kind};
use crate::heap_object;
use crate::value::Value;
use crate::vm::Vm;

/// A callable with its first argument (`types.MethodType`).
#[repr(C)]
pub struct BoundMethod {
    pub header: Header,
    pub function: Field,
    pub receiver: Field,
}

heap_object!(BoundMethod, "method", Kind::BoundMethod, |this, marker| {
    marker.field(&this.function);
    marker.field(&this.receiver);
});

impl Vm {
    /// `function` with `receiver` as its first argument.
    #[inline]
    pub fn new_bound_method(&self, function: Value, receiver: Value) -> Gc<BoundMethod> {
        self.heap.alloc(
            self.shapes.bound_method.get(),
            BoundMethod { header: Header::empty(), function: Field::new(function), receiver: Field::new(receiver) },
        )
    }
}

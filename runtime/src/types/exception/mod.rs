//! Exceptions and tracebacks.

pub mod classes;
pub mod group;
mod methods;

use crate::heap::{Field, Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::object::Class;
use crate::types::frame::FrameObject;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// An instance of `BaseException` or a subclass. Fields of particular
/// exceptions (`errno`, `value`) are members behind this layout.
#[repr(C)]
pub struct Exception {
    pub header: Header,
    pub args: GcField<Tuple>,
    pub traceback: Field,
    pub context: Field,
    pub cause: Field,
    pub suppress_context: Cell<bool>,
}

heap_object!(Exception, "BaseException", Kind::Exception, |this, marker| {
    marker.gc_field(&this.args);
    marker.field(&this.traceback);
    marker.field(&this.context);
    marker.field(&this.cause);
});

/// One entry of a traceback.
#[repr(C)]
pub struct Traceback {
    pub header: Header,
    pub next: Field,
    pub frame: GcField<FrameObject>,
    /// Index of the instruction.
    pub instruction: u32,
    /// Line, computed on demand from the instruction unless set by the constructor.
    pub line: Cell<i32>,
}

heap_object!(Traceback, "traceback", Kind::Traceback, |this, marker| {
    marker.field(&this.next);
    marker.gc_field(&this.frame);
});

impl Vm {
    /// An exception of `class`, without calling any Python code.
    pub fn new_exception(&self, class: Gc<Class>, args: &[Value]) -> Result<Gc<Exception>> {
        let args = self.new_tuple(args)?;
        Ok(self.alloc_exception(class, args))
    }

    /// The bare object.
    pub fn alloc_exception(&self, class: Gc<Class>, args: Gc<Tuple>) -> Gc<Exception> {
        self.heap.alloc(
            class.root_shape.get(),
            Exception {
                header: Header::empty(),
                args: GcField::new(args),
                traceback: Field::empty(),
                context: Field::empty(),
                cause: Field::empty(),
                suppress_context: Cell::new(false),
            },
        )
    }
}

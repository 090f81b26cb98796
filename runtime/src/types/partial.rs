//! What `functools.partial` makes; the module defines its type.

use crate::heap::{Field, Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::object::ClassFlags;
use crate::ops::items::python_function;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// Stored arguments of a partial whose function gets an activation.
pub const MAX_STORED: usize = 6;

/// A function with some of its arguments.
#[repr(C)]
pub struct Partial {
    pub header: Header,
    pub function: Field,
    pub args: GcField<Tuple>,
    pub keywords: GcField<Dict>,
    /// Placeholders among the arguments.
    pub holes: Cell<usize>,
}

heap_object!(Partial, "partial", Kind::Other, |this, marker| {
    marker.field(&this.function);
    marker.gc_field(&this.args);
    marker.gc_field(&this.keywords);
});

/// A partial whose call is a call of a Python function with more positional arguments.
pub struct PlainPartial {
    pub partial: Gc<Partial>,
    /// The function, and the receiver if the partial has a method.
    pub function: Gc<Function>,
    pub receiver: Option<Value>,
    /// The stored arguments.
    pub args: Gc<Tuple>,
}

impl Vm {
    /// The Python function that a call of this value runs with its arguments behind stored ones,
    /// if it is a partial without keywords and placeholders.
    pub fn plain_partial(&self, callable: Value) -> Option<PlainPartial> {
        let partial = callable.cast::<Partial>()?;
        let is_plain = partial.class().has_flag(ClassFlags::IMMUTABLE)
            && partial.holes.get() == 0
            && partial.keywords.get()?.is_empty();
        let args = partial.args.get().filter(|args| args.len() <= MAX_STORED)?;
        let (function, receiver) = python_function(partial.function.get()?)?;
        is_plain.then_some(PlainPartial {
            partial,
            function,
            receiver,
            args,
        })
    }
}

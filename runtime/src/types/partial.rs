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

/// A partial whose call is a call of a Python function with more arguments.
pub struct PlainPartial {
    pub partial: Gc<Partial>,
    /// The function, and the receiver if the partial has a method.
    pub function: Gc<Function>,
    pub receiver: Option<Value>,
    /// The stored arguments.
    pub args: Gc<Tuple>,
    /// The stored keywords, whose names are exact strings.
    pub keywords: Gc<Dict>,
}

impl Vm {
    /// The Python function that a call of this value runs with its arguments behind stored ones,
    /// if it is a partial without placeholders.
    pub fn plain_partial(&self, callable: Value) -> Option<PlainPartial> {
        let partial = callable.cast::<Partial>()?;
        let keywords = partial.keywords.get()?;
        let is_plain = partial.class().has_flag(ClassFlags::IMMUTABLE)
            && partial.holes.get() == 0
            && self.are_plain_keywords(keywords);
        let args = partial.args.get().filter(|args| args.len() <= MAX_STORED)?;
        let (function, receiver) = python_function(partial.function.get()?)?;
        is_plain.then_some(PlainPartial {
            partial,
            function,
            receiver,
            args,
            keywords,
        })
    }

    fn are_plain_keywords(&self, keywords: Gc<Dict>) -> bool {
        let shapes = &self.shapes;
        let is_exact = |v: Value, id| v.header().is_some_and(|h| h.shape_id() == id);
        keywords.is_empty()
            || keywords.len() <= MAX_STORED
                && is_exact(keywords.value(), shapes.dict.get().id())
                && keywords
                    .items()
                    .all(|(name, _)| is_exact(name, shapes.str.get().id()))
    }
}

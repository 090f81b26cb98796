//! The object model: shapes, classes, attributes, calls, definition of built-in types.

mod attributes;
mod call;
mod class;
mod consumer;
mod define;
mod effect;
mod keywords;
mod mistake;
mod native;
mod shape;
mod sites;
pub mod slots;
mod special;
mod step;

pub use attributes::*;
pub use class::{Class, ClassFlags, ClassSpec, ClassVariables, LookupCache};
pub use consumer::{Consumer, Source};
pub use define::{
    Exec, Finish, GetSetDef, MemberDef, MethodDef, MethodKind, ModuleDef, NativeCall, NativeCode,
    Recall, RecallCode, Setter, TypeDef,
};
pub use effect::{Arguments, ComplexCode, FloatCode, NativeEffect};
pub use keywords::KeywordPlaces;
pub use mistake::mistake_in_python;
pub use native::{Arity, NativeFunction, Signature};
pub use shape::{Shape, ShapeFlags, trace_attributes};
pub use sites::{SharedSite, SharedSites};
pub use special::{SPECIAL_COUNT, Special};
pub use step::{
    FieldAccess, Holds, NATIVE_NEXT, Readable, Writable, accessor, iterator_argument, reader,
    writer,
};

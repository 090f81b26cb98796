//! What calls of native functions may do, stated beside their definitions and read by
//! the JIT: compiled code calls a function with a narrow effect directly, without
//! completing the interpreter's frames for it and without forgetting what it knows.
//!
//! A narrow effect is promised only for arguments that cannot bring Python code in:
//! *simple* values are immediate ones and the immutable objects whose hash, equality,
//! order, conversion and text are native whatever they hold; *plain* values are the
//! built-in containers and iterators whose iteration is native whatever their items are.

use crate::heap::Kind;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// What a call may do besides making new objects and returning one.
///
/// A function with any but [`NativeEffect::Any`] runs no Python code, looks at no
/// frames, gives no warning, and has done nothing when it raises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NativeEffect {
    /// Anything.
    Any,
    /// Nothing, for such arguments.
    Reads(Arguments),
    /// Changes its first argument, for such arguments.
    Changes(Arguments),
}

/// What a function does with as many floats, or integers of 64 bits converted to such:
/// where this is finite it is the function's result, elsewhere the function is called.
#[derive(Clone, Copy, Debug)]
pub enum FloatCode {
    One(fn(f64) -> f64),
    Two(fn(f64, f64) -> f64),
}

/// What a function does with one complex number, by its parts; a real one has an imaginary part of zero.
/// Where both parts of the result are finite they are the function's result, elsewhere the function
/// is called.
pub type ComplexCode = fn(f64, f64) -> (f64, f64);

/// Which arguments an effect is promised for, as bits: bit 0 is the first one, the
/// receiver of a method. Others may be any.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arguments {
    /// Those that have to be simple.
    pub simple: u8,
    /// Those that have to be simple or plain.
    pub plain: u8,
    /// Those that have to be fit for keys ([`Vm::is_key`]).
    pub keys: u8,
}

impl Arguments {
    /// The same, the second argument having to be fit for a key instead of simple.
    pub const fn by_key(self) -> Arguments {
        Arguments {
            simple: self.simple & !0b10,
            plain: self.plain,
            keys: self.keys | 0b10,
        }
    }

    /// Whether these arguments are such ones.
    #[inline]
    pub fn admit(self, vm: &Vm, args: &[Value]) -> bool {
        args.iter().enumerate().all(|(i, v)| {
            let bit = 1u8.checked_shl(i as u32).unwrap_or(0x80);
            if self.simple & bit != 0 {
                vm.is_simple(*v)
            } else if self.plain & bit != 0 {
                vm.is_simple(*v) || vm.is_plain(*v)
            } else if self.keys & bit != 0 {
                vm.is_key(*v)
            } else {
                true
            }
        })
    }
}

/// How deep tuples are looked into, and how long ones.
const DEPTH: u32 = 3;
const LENGTH: usize = 16;

impl Vm {
    /// Whether hashing, comparing, converting and printing a value runs no Python code.
    #[inline]
    pub fn is_simple(&self, v: Value) -> bool {
        match v.header() {
            None => true,
            Some(h) if h.shape_id() == self.shapes.str.get().id() => true,
            Some(_) => self.is_simple_object(v, DEPTH),
        }
    }

    fn is_simple_object(&self, v: Value, depth: u32) -> bool {
        let Some(h) = v.header() else {
            return true;
        };
        let (shapes, id) = (&self.shapes, h.shape_id());
        if id == shapes.tuple.get().id() {
            // SAFETY: the shape of exact tuples.
            let items = unsafe { v.cast_unchecked::<Tuple>() };
            return depth > 0
                && items.len() <= LENGTH
                && items
                    .as_slice()
                    .iter()
                    .all(|v| v.header().is_none() || self.is_simple_object(*v, depth - 1));
        }
        id == shapes.str.get().id()
            || id == shapes.big_int.get().id()
            || id == shapes.bytes.get().id()
            || id == shapes.complex.get().id()
    }

    /// Whether iterating over a value runs no Python code, whatever the items.
    pub fn is_plain(&self, v: Value) -> bool {
        self.is_plain_container(v) || self.is_plain_iterator(v)
    }

    /// Whether a value is one of the built-in containers.
    pub fn is_plain_container(&self, v: Value) -> bool {
        let Some(h) = v.header() else {
            return false;
        };
        let (shapes, id) = (&self.shapes, h.shape_id());
        [
            &shapes.list,
            &shapes.tuple,
            &shapes.dict,
            &shapes.set,
            &shapes.frozenset,
            &shapes.str,
            &shapes.bytes,
            &shapes.bytearray,
            &shapes.range,
        ]
        .iter()
        .any(|s| s.get().id() == id)
    }

    /// Whether taking the next item of an iterator runs no Python code.
    pub fn is_plain_iterator(&self, v: Value) -> bool {
        let Some(h) = v.header() else {
            return false;
        };
        match h.shape().layout.kind {
            Kind::ListIter | Kind::TupleIter | Kind::RangeIter | Kind::StrIter => true,
            _ => match h.shape().class().def.get() {
                Some(def) => def.plain_next.is_some_and(|is| is(self, v)),
                None => false,
            },
        }
    }
}

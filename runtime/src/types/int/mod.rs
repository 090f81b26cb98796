//! `int`: immediate within 50 bits, else a heap object with a big integer.

pub mod construct;
pub mod methods;

pub use methods::INT;

use crate::heap::{Gc, Header, Kind};
use crate::heap_object;
use crate::value::Value;
use crate::vm::{Result, Vm};
pub use taipan_text::int::BigInt;
use taipan_text::int::{self, Sign};

/// An integer beyond the immediate range.
#[repr(C)]
pub struct BigIntObject {
    pub header: Header,
    pub value: BigInt,
}

heap_object!(BigIntObject, "int", Kind::BigInt, |this, marker| {}, drop);

/// An instance of a subclass of `int`.
#[repr(C)]
pub struct IntSub {
    pub header: Header,
    /// An exact integer: immediate or a [`BigIntObject`].
    pub value: crate::heap::Field,
}

heap_object!(IntSub, "int", Kind::IntSub, |this, marker| {
    marker.field(&this.value);
});

/// An integer as Rust code computes with it.
#[derive(Clone, Copy)]
pub enum IntRef {
    Small(i64),
    Big(Gc<BigIntObject>),
}

impl IntRef {
    /// As a big integer.
    pub fn to_big(self) -> BigInt {
        match self {
            IntRef::Small(i) => BigInt::from(i),
            IntRef::Big(b) => b.value.clone(),
        }
    }

    pub fn is_negative(self) -> bool {
        match self {
            IntRef::Small(i) => i < 0,
            IntRef::Big(b) => b.value.sign() == Sign::Minus,
        }
    }
}

impl Value {
    /// The integer: of `int`, its subclasses, and `bool`.
    #[inline]
    pub fn as_int_ref(self) -> Option<IntRef> {
        if let Some(i) = self.as_int() {
            return Some(IntRef::Small(i));
        }
        if self.is_bool() {
            return Some(IntRef::Small((self == Value::TRUE).into()));
        }
        let header = self.header()?;
        match header.shape().layout.kind {
            // SAFETY: the kind says which layout.
            Kind::BigInt => Some(IntRef::Big(unsafe { self.cast_unchecked() })),
            // SAFETY: the kind says which layout.
            Kind::IntSub => unsafe { self.cast_unchecked::<IntSub>() }
                .value
                .get()?
                .as_int_ref(),
            _ => None,
        }
    }

    /// The exact `int` of an integer, a bool, or an instance of a subclass.
    pub fn exact_int(self) -> Option<Value> {
        match self.as_int_ref()? {
            IntRef::Small(i) => Some(Value::small_int(i)),
            IntRef::Big(b) => Some(b.value()),
        }
    }
}

impl Vm {
    /// An integer of any 64-bit value.
    #[inline]
    pub fn new_int(&self, i: i64) -> Value {
        match Value::try_int(i) {
            Some(v) => v,
            None => self.new_bigint(BigInt::from(i)),
        }
    }

    /// An integer from an unsigned value.
    #[inline]
    pub fn new_uint(&self, i: u64) -> Value {
        match i64::try_from(i) {
            Ok(i) => self.new_int(i),
            Err(_) => self.new_bigint(BigInt::from(i)),
        }
    }

    /// An integer from a big one, immediate if it fits.
    pub fn new_bigint(&self, value: BigInt) -> Value {
        if let Some(v) = int::to_i64(&value).and_then(Value::try_int) {
            return v;
        }
        self.heap
            .account_external(int::bit_length(&value) as usize / 8);
        self.heap
            .alloc(
                self.shapes.big_int.get(),
                BigIntObject {
                    header: Header::empty(),
                    value,
                },
            )
            .value()
    }

    /// `int.__new__` for a subclass: an instance with the given exact value.
    pub fn int_with_shape(&self, value: Value, shape: &'static crate::object::Shape) -> Value {
        self.heap
            .alloc(
                shape,
                IntSub {
                    header: Header::empty(),
                    value: crate::heap::Field::new(value),
                },
            )
            .value()
    }

    /// The integer as `i64`, by `__index__` if need be; OverflowError if it does not fit.
    pub fn to_i64(&self, v: Value) -> Result<i64> {
        match v.as_int() {
            Some(i) => Ok(i),
            None => match self.index(v)?.as_int_ref() {
                Some(IntRef::Small(i)) => Ok(i),
                Some(IntRef::Big(b)) => int::to_i64(&b.value).ok_or_else(|| {
                    self.overflow_error("Python int too large to convert to C long")
                }),
                None => Err(self.type_error("an integer is required")),
            },
        }
    }

    /// As [`Vm::to_i64`] for sizes and indices (`Py_ssize_t`).
    pub fn to_index(&self, v: Value) -> Result<i64> {
        match v.as_int() {
            Some(i) => Ok(i),
            None => match self.index(v)?.as_int_ref() {
                Some(IntRef::Small(i)) => Ok(i),
                Some(IntRef::Big(b)) => int::to_i64(&b.value).ok_or_else(|| {
                    self.index_error(format!(
                        "cannot fit '{}' into an index-sized integer",
                        self.class_of(v).name_string()
                    ))
                }),
                None => Err(self.type_error("an integer is required")),
            },
        }
    }

    /// For slice bounds: integers beyond 64 bits are clamped.
    pub fn to_index_clamped(&self, v: Value) -> Result<i64> {
        match self.index(v)?.as_int_ref() {
            Some(IntRef::Small(i)) => Ok(i),
            Some(IntRef::Big(b)) => Ok(int::to_i64(&b.value).unwrap_or(
                if b.value.sign() == Sign::Minus {
                    i64::MIN
                } else {
                    i64::MAX
                },
            )),
            None => Err(self.type_error("an integer is required")),
        }
    }
}

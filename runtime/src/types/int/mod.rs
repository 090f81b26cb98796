//! `int`: immediate within 50 bits, else a heap object: of 128 bits, or with a big integer.

pub mod construct;
pub mod methods;

pub use methods::INT;

use crate::heap::{Gc, Header, Kind, Object};
use crate::heap_object;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::borrow::Cow;
use std::cmp::Ordering;
pub use taipan_text::int::BigInt;
use taipan_text::int::{self, Sign};

/// An integer beyond the immediate range, of up to 128 bits. It owns no memory, so
/// that what most programs call big costs no more than any small object.
#[repr(C)]
pub struct WideInt {
    pub header: Header,
    /// Two words, since `i128` would ask for more alignment than the header has.
    halves: [u64; 2],
}

heap_object!(WideInt, "int", Kind::BigInt, |this, marker| {});

impl WideInt {
    /// The value.
    #[inline(always)]
    pub fn get(&self) -> i128 {
        (u128::from(self.halves[1]) << 64 | u128::from(self.halves[0])) as i128
    }
}

/// An integer beyond 128 bits.
#[repr(C)]
pub struct BigIntObject {
    pub header: Header,
    pub value: BigInt,
}

heap_object!(BigIntObject, "int", Kind::BigInt, |this, marker| {}, drop);

/// An integer beyond the immediate range: each has one form that it can take.
#[derive(Clone, Copy)]
pub enum BigRef {
    Wide(Gc<WideInt>),
    Large(Gc<BigIntObject>),
}

impl BigRef {
    /// The Python object.
    pub fn value(self) -> Value {
        match self {
            BigRef::Wide(w) => w.value(),
            BigRef::Large(b) => b.value(),
        }
    }

    /// As a big integer, which is made if need be.
    pub fn big(&self) -> Cow<'_, BigInt> {
        match self {
            BigRef::Wide(w) => Cow::Owned(int::from_i128(w.get())),
            BigRef::Large(b) => Cow::Borrowed(&b.value),
        }
    }

    /// The value, if it fits.
    #[inline]
    pub fn to_i64(self) -> Option<i64> {
        self.to_i128().and_then(|i| i64::try_from(i).ok())
    }

    /// The value, if it fits.
    #[inline]
    pub fn to_i128(self) -> Option<i128> {
        match self {
            BigRef::Wide(w) => Some(w.get()),
            BigRef::Large(_) => None,
        }
    }

    pub fn is_negative(self) -> bool {
        match self {
            BigRef::Wide(w) => w.get() < 0,
            BigRef::Large(b) => b.value.sign() == Sign::Minus,
        }
    }

    /// `bit_length()`.
    pub fn bit_length(self) -> u64 {
        match self {
            BigRef::Wide(w) => 128 - u64::from(w.get().unsigned_abs().leading_zeros()),
            BigRef::Large(b) => int::bit_length(&b.value),
        }
    }

    /// Text in a base from 2 to 36.
    pub fn to_text(self, base: u32) -> String {
        match self {
            BigRef::Wide(w) if base == 10 => w.get().to_string(),
            _ => int::to_text(&self.big(), base),
        }
    }

    /// Numeric order.
    pub fn compare(self, other: BigRef) -> Ordering {
        match (self, other) {
            (BigRef::Wide(a), BigRef::Wide(b)) => a.get().cmp(&b.get()),
            (BigRef::Large(a), BigRef::Large(b)) => a.value.cmp(&b.value),
            // A large one is beyond every wide one.
            (BigRef::Large(_), BigRef::Wide(_)) if self.is_negative() => Ordering::Less,
            (BigRef::Large(_), BigRef::Wide(_)) => Ordering::Greater,
            (BigRef::Wide(_), BigRef::Large(_)) => other.compare(self).reverse(),
        }
    }
}

/// An instance of a subclass of `int`.
#[repr(C)]
pub struct IntSub {
    pub header: Header,
    /// An exact integer: immediate, a [`WideInt`] or a [`BigIntObject`].
    pub value: crate::heap::Field,
}

heap_object!(IntSub, "int", Kind::IntSub, |this, marker| {
    marker.field(&this.value);
});

/// An integer as Rust code computes with it.
#[derive(Clone, Copy)]
pub enum IntRef {
    Small(i64),
    Big(BigRef),
}

impl IntRef {
    /// As a big integer.
    pub fn to_big(self) -> BigInt {
        match self {
            IntRef::Small(i) => BigInt::from(i),
            IntRef::Big(b) => b.big().into_owned(),
        }
    }

    pub fn is_negative(self) -> bool {
        match self {
            IntRef::Small(i) => i < 0,
            IntRef::Big(b) => b.is_negative(),
        }
    }

    /// The value, if it fits.
    #[inline(always)]
    pub fn to_i128(self) -> Option<i128> {
        match self {
            IntRef::Small(i) => Some(i.into()),
            IntRef::Big(b) => b.to_i128(),
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
            Kind::BigInt => Some(IntRef::Big(unsafe {
                if std::ptr::eq(header.shape().layout, WideInt::LAYOUT) {
                    BigRef::Wide(self.cast_unchecked())
                } else {
                    BigRef::Large(self.cast_unchecked())
                }
            })),
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
            None => self.new_wide(i.into()),
        }
    }

    /// An integer of any 128-bit value.
    #[inline]
    pub fn new_i128(&self, i: i128) -> Value {
        match i64::try_from(i).ok().and_then(Value::try_int) {
            Some(v) => v,
            None => self.new_wide(i),
        }
    }

    /// An integer known not to be immediate.
    fn new_wide(&self, i: i128) -> Value {
        let object = WideInt {
            header: Header::empty(),
            halves: [i as u64, (i >> 64) as u64],
        };
        self.heap.alloc(self.shapes.wide_int.get(), object).value()
    }

    /// An integer from an unsigned value.
    #[inline]
    pub fn new_uint(&self, i: u64) -> Value {
        match i64::try_from(i) {
            Ok(i) => self.new_int(i),
            Err(_) => self.new_wide(i.into()),
        }
    }

    /// An integer from a big one, immediate if it fits.
    pub fn new_bigint(&self, value: BigInt) -> Value {
        if int::bit_length(&value) <= 128
            && let Ok(i) = i128::try_from(&value)
        {
            return self.new_i128(i);
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
                Some(IntRef::Big(b)) => b.to_i64().ok_or_else(|| {
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
                Some(IntRef::Big(b)) => b.to_i64().ok_or_else(|| {
                    self.index_error(format!(
                        "cannot fit '{}' into an index-sized integer",
                        self.class_of(v).qualified_name()
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
            Some(IntRef::Big(b)) => {
                Ok(b.to_i64()
                    .unwrap_or(if b.is_negative() { i64::MIN } else { i64::MAX }))
            }
            None => Err(self.type_error("an integer is required")),
        }
    }
}

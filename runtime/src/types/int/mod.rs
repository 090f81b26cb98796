//! `int`: immediate within 50 bits, else a heap object with the limbs behind it.

mod arith;
pub mod construct;
pub mod methods;
mod short;

pub use methods::INT;

use crate::heap::{Gc, Header, Kind};
use crate::heap_object;
use crate::value::Value;
use crate::vm::{Result, Vm};
use short::Short;
use std::cell::Cell;
use std::cmp::Ordering;
pub use taipan_text::int::BigInt;
use taipan_text::int::{self, Sign, limbs};

/// An integer beyond the immediate range: sign and magnitude, the limbs of which lie behind the
/// object. It owns no memory, and the limbs are never changed once it is made.
#[repr(C)]
pub struct BigIntObject {
    pub header: Header,
    /// How many limbs, the highest of them not zero; negated for negative numbers.
    size: Cell<isize>,
}

heap_object!(
    BigIntObject,
    "int",
    Kind::BigInt,
    |this, marker| {},
    variable
);

/// An integer beyond the immediate range.
pub type BigRef = Gc<BigIntObject>;

impl BigIntObject {
    /// A new one, to be followed by limbs.
    fn of_size(size: isize) -> BigIntObject {
        BigIntObject {
            header: Header::empty(),
            size: Cell::new(size),
        }
    }

    fn first(&self) -> *const u64 {
        // SAFETY: one past the fixed part, where the limbs start.
        unsafe { (self as *const BigIntObject).add(1).cast() }
    }

    /// The magnitude.
    #[inline(always)]
    pub fn limbs(&self) -> &[u64] {
        // SAFETY: so many limbs follow a finished integer.
        unsafe { std::slice::from_raw_parts(self.first(), self.size.get().unsigned_abs()) }
    }

    /// Whether below zero, and the magnitude.
    #[inline(always)]
    pub fn parts(&self) -> (bool, &[u64]) {
        (self.is_negative(), self.limbs())
    }

    /// As the library's type.
    pub fn big(&self) -> BigInt {
        limbs::to_signed(self.is_negative(), self.limbs())
    }

    /// The value, if it fits two limbs.
    #[inline(always)]
    pub fn to_short(&self) -> Option<Short> {
        let magnitude = match *self.limbs() {
            [low] => low.into(),
            [low, high] => u128::from(high) << 64 | u128::from(low),
            _ => return None,
        };
        Some(Short::new(self.is_negative(), magnitude))
    }

    /// The value, if it fits.
    #[inline]
    pub fn to_i64(&self) -> Option<i64> {
        self.to_i128().and_then(|i| i64::try_from(i).ok())
    }

    /// The value, if it fits.
    #[inline]
    pub fn to_i128(&self) -> Option<i128> {
        self.to_short().and_then(Short::to_i128)
    }

    #[inline(always)]
    pub fn is_negative(&self) -> bool {
        self.size.get() < 0
    }

    /// `bit_length()`.
    pub fn bit_length(&self) -> u64 {
        limbs::bit_length(self.limbs())
    }

    /// Text in a base from 2 to 36.
    pub fn to_text(&self, base: u32) -> String {
        let (negative, limbs) = self.parts();
        int::limbs_to_text(negative, limbs, base)
    }

    /// Numeric order.
    pub fn compare(&self, other: &BigIntObject) -> Ordering {
        self.size.get().cmp(&other.size.get()).then_with(|| {
            let order = limbs::compare(self.limbs(), other.limbs());
            if self.is_negative() {
                order.reverse()
            } else {
                order
            }
        })
    }
}

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
    Big(BigRef),
}

impl IntRef {
    /// As a big integer.
    pub fn to_big(self) -> BigInt {
        match self {
            IntRef::Small(i) => BigInt::from(i),
            IntRef::Big(b) => b.big(),
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

    /// The value, if it fits two limbs.
    #[inline(always)]
    fn to_short(self) -> Option<Short> {
        match self {
            IntRef::Small(i) => Some(Short::from(i)),
            IntRef::Big(b) => b.to_short(),
        }
    }

    /// Whether below zero, and the limbs of the magnitude, for which `room` is there.
    #[inline(always)]
    pub fn parts<'a>(&'a self, room: &'a mut u64) -> (bool, &'a [u64]) {
        match self {
            IntRef::Small(0) => (false, &[]),
            IntRef::Small(i) => {
                *room = i.unsigned_abs();
                (*i < 0, std::slice::from_ref(room))
            }
            IntRef::Big(b) => b.parts(),
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
    /// The integer, of exactly `int`.
    #[inline(always)]
    pub fn exact_int_ref(&self, v: Value) -> Option<IntRef> {
        if let Some(i) = v.as_int() {
            return Some(IntRef::Small(i));
        }
        if v.header()?.shape_id() != self.shapes.big_int.get().id() {
            return None;
        }
        // SAFETY: the shape has this layout alone.
        Some(IntRef::Big(unsafe { v.cast_unchecked() }))
    }

    /// An integer of any 64-bit value.
    #[inline]
    pub fn new_int(&self, i: i64) -> Value {
        match Value::try_int(i) {
            Some(v) => v,
            None => self.new_beyond(Short::from(i)),
        }
    }

    /// An integer of any 128-bit value.
    #[inline]
    pub fn new_i128(&self, i: i128) -> Value {
        self.new_short(Short::new(i < 0, i.unsigned_abs()))
    }

    /// An integer from an unsigned value.
    #[inline]
    pub fn new_uint(&self, i: u64) -> Value {
        self.new_short(Short::new(false, i.into()))
    }

    /// An integer of two limbs at most.
    #[inline(always)]
    fn new_short(&self, i: Short) -> Value {
        match i.to_immediate() {
            Some(v) => v,
            None => self.new_beyond(i),
        }
    }

    /// An integer known not to be immediate.
    #[inline]
    fn new_beyond(&self, i: Short) -> Value {
        let (low, high) = (i.magnitude as u64, (i.magnitude >> 64) as u64);
        let len = if high == 0 { 1 } else { 2 };
        // SAFETY: both limbs are written at once; one that is zero is no part of the object.
        unsafe {
            let object = self.heap.alloc_unfilled(
                self.shapes.big_int.get(),
                BigIntObject::of_size(if i.negative { -len } else { len }),
                size_of::<[u64; 2]>(),
            );
            let object = match object {
                Some(object) => object,
                // Only what is large can fail so.
                None => unreachable!("two limbs are small"),
            };
            object.as_ptr().add(1).cast::<[u64; 2]>().write([low, high]);
            object.value()
        }
    }

    /// An integer from a big one, immediate if it fits.
    pub fn new_bigint(&self, value: BigInt) -> Value {
        let negative = value.sign() == Sign::Minus;
        if int::bit_length(&value) <= 128 {
            let magnitude = value.iter_u64_digits().rev();
            let magnitude = magnitude.fold(0, |m, limb| m << 64 | u128::from(limb));
            return self.new_short(Short::new(negative, magnitude));
        }
        let fill = |out: &mut [u64]| (negative, limbs::from_unsigned(value.magnitude(), out));
        let room = int::bit_length(&value).div_ceil(limbs::BITS) as usize;
        match self.build_int(room, fill) {
            Some(v) => v,
            None => self.heap.past_limit(|| self.build_int(room, fill)),
        }
    }

    /// An integer of which `fill` writes sign and magnitude: it is given room for so many limbs,
    /// which hold anything, and returns the sign and how many there are. `None` when memory is
    /// exhausted.
    #[inline]
    fn build_int(
        &self,
        room: usize,
        fill: impl FnOnce(&mut [u64]) -> (bool, usize),
    ) -> Option<Value> {
        let fixed = size_of::<BigIntObject>();
        // SAFETY: what of the limbs is not filled is no part of the object, and is not read.
        let (object, limbs) = unsafe {
            let object = self.heap.alloc_unfilled(
                self.shapes.big_int.get(),
                BigIntObject::of_size(0),
                room.checked_mul(size_of::<u64>())?,
            )?;
            let limbs = object.as_ptr().add(1).cast::<u64>();
            (object, std::slice::from_raw_parts_mut(limbs, room))
        };
        let (negative, len) = fill(limbs);
        debug_assert_eq!(len, limbs::trimmed_len(&limbs[..len]));
        let value = match limbs[..len] {
            [] => Short::from(0).to_immediate(),
            [low] => Short::new(negative, low.into()).to_immediate(),
            _ => None,
        };
        if value.is_some() {
            self.heap.shorten(object.header(), 0);
            return value;
        }
        let size = len as isize;
        object.size.set(if negative { -size } else { size });
        if len + 1 < room {
            self.heap
                .shorten(object.header(), fixed + len * size_of::<u64>());
        }
        Some(object.value())
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

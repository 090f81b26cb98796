//! The NaN-boxed word that every Python value is.
//!
//! One 64-bit word, never zero (zero is "no value": an unbound local, an empty
//! slot, a raised exception, see [`crate::vm::Result`]), divided by its upper bits:
//!
//! | upper 16 bits       | meaning                                                      |
//! |---------------------|--------------------------------------------------------------|
//! | `0000`              | a heap pointer, or below 4096 one of the immediate constants |
//! | `0001` to `FFF9`    | a float: its IEEE bits plus 2^48                             |
//! | `FFFC` to `FFFF`    | an integer of 50 bits, sign included, in the low 50 bits     |
//!
//! Heap pointers are plain addresses, so that a pointer in a register or on a
//! native stack is recognisable to the conservative scan.
//!
//! NaNs keep their bits, so that Python's identity tells two of them apart: `float("nan")` makes
//! one with a number of its own ([`nan_apart`]), arithmetic the processor's. Negative ones above
//! `FFFA` would be taken for integers and are made the highest below.

use crate::heap::{Gc, Header};
use std::num::NonZeroU64;

/// One Python value. `Copy`, eight bytes; `Option<Value>` is eight bytes too.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(NonZeroU64);

const FLOAT_OFFSET: u64 = 1 << 48;
const INT_TAG: u64 = 0xFFFC << 48;
/// The highest bits of a float that are kept.
const FLOAT_LIMIT: u64 = (0xFFFB << 48) - 1;
/// What numbered NaNs have in their upper bits, less the sign.
const NAN_APART: u64 = 0x7FFA << 48;
const SIGN: u64 = 1 << 63;
const INT_BITS: u32 = 50;

/// The largest integer that is immediate.
pub const INT_MAX: i64 = (1 << (INT_BITS - 1)) - 1;
/// The smallest integer that is immediate.
pub const INT_MIN: i64 = -(1 << (INT_BITS - 1));

const fn constant(bits: u64) -> Value {
    match NonZeroU64::new(bits) {
        Some(bits) => Value(bits),
        None => panic!("zero is no value"),
    }
}

/// The `n`-th NaN that is not identical with others, with the sign of `f`.
pub fn nan_apart(f: f64, n: u64) -> f64 {
    // As addresses of objects, of which hashes drop the low bits.
    let number = n << 4 & ((1 << 48) - 1);
    f64::from_bits(f.to_bits() & SIGN | NAN_APART | number)
}

/// The number as it is stored outside of values: a NaN of [`nan_apart`] is the ordinary one there.
#[inline]
pub fn stored(f: f64) -> f64 {
    if f.is_nan() && f.to_bits() & (0x7FFF << 48) == NAN_APART {
        f64::NAN.copysign(f)
    } else {
        f
    }
}

impl Value {
    pub const FALSE: Value = constant(2);
    pub const TRUE: Value = constant(3);
    pub const NONE: Value = constant(4);
    pub const ELLIPSIS: Value = constant(5);
    pub const NOT_IMPLEMENTED: Value = constant(6);
    /// An optional argument that the caller left out. Never seen by Python code.
    pub const MISSING: Value = constant(7);
    /// What a step of an iterator returns that has not come to an item yet ([`crate::object::TypeDef::step`]). Never
    /// seen by Python programs.
    pub const AGAIN: Value = constant(8);

    /// The word itself.
    #[inline(always)]
    pub const fn bits(self) -> u64 {
        self.0.get()
    }

    /// The value with this word.
    ///
    /// # Safety
    /// `bits` came from [`Value::bits`], and the object is still alive.
    #[inline(always)]
    pub const unsafe fn from_bits(bits: u64) -> Value {
        // SAFETY: words of values are not zero.
        Value(unsafe { NonZeroU64::new_unchecked(bits) })
    }

    /// `True` or `False`.
    #[inline(always)]
    pub const fn bool(b: bool) -> Value {
        if b { Value::TRUE } else { Value::FALSE }
    }

    /// A float.
    #[inline(always)]
    pub fn float(f: f64) -> Value {
        let bits = f.to_bits().min(FLOAT_LIMIT);
        // SAFETY: the addition neither wraps nor is its result zero.
        unsafe { Value::from_bits(bits + FLOAT_OFFSET) }
    }

    /// An immediate integer, if `i` is within [`INT_MIN`] and [`INT_MAX`].
    #[inline(always)]
    pub const fn try_int(i: i64) -> Option<Value> {
        if i >= INT_MIN && i <= INT_MAX {
            Some(Value::small_int(i))
        } else {
            None
        }
    }

    /// An immediate integer known to be in range.
    #[inline(always)]
    pub const fn small_int(i: i64) -> Value {
        debug_assert!(i >= INT_MIN && i <= INT_MAX);
        // SAFETY: the tag is not zero.
        unsafe { Value::from_bits(i as u64 | INT_TAG) }
    }

    /// A pointer to a heap object.
    #[inline(always)]
    pub fn object(header: *const Header) -> Value {
        debug_assert!(header as u64 >= 4096 && (header as u64) >> 48 == 0);
        // SAFETY: object addresses are not zero.
        unsafe { Value::from_bits(header as u64) }
    }

    #[inline(always)]
    pub const fn is_int(self) -> bool {
        self.bits() >= INT_TAG
    }

    /// Whether both are immediate integers, in one test.
    #[inline(always)]
    pub const fn both_int(self, other: Value) -> bool {
        self.bits() & other.bits() >= INT_TAG
    }

    /// The integer of an immediate one; meaningless for other values.
    #[inline(always)]
    pub const fn int_unchecked(self) -> i64 {
        (self.bits() << (64 - INT_BITS)) as i64 >> (64 - INT_BITS)
    }

    /// The immediate integer.
    #[inline(always)]
    pub const fn as_int(self) -> Option<i64> {
        if self.is_int() {
            Some(self.int_unchecked())
        } else {
            None
        }
    }

    /// The sum of two immediate integers, if it is immediate.
    #[inline(always)]
    pub fn int_add(self, other: Value) -> Option<Value> {
        let shift = 64 - INT_BITS;
        let a = (self.bits() << shift) as i64;
        let b = (other.bits() << shift) as i64;
        let (sum, overflow) = a.overflowing_add(b);
        // SAFETY: the tag is not zero.
        if overflow {
            None
        } else {
            Some(unsafe { Value::from_bits(sum as u64 >> shift | INT_TAG) })
        }
    }

    /// The difference of two immediate integers, if it is immediate.
    #[inline(always)]
    pub fn int_sub(self, other: Value) -> Option<Value> {
        let shift = 64 - INT_BITS;
        let a = (self.bits() << shift) as i64;
        let b = (other.bits() << shift) as i64;
        let (difference, overflow) = a.overflowing_sub(b);
        // SAFETY: the tag is not zero.
        if overflow {
            None
        } else {
            Some(unsafe { Value::from_bits(difference as u64 >> shift | INT_TAG) })
        }
    }

    /// The product of two immediate integers, if it is immediate.
    #[inline(always)]
    pub fn int_mul(self, other: Value) -> Option<Value> {
        let shift = 64 - INT_BITS;
        let a = (self.bits() << shift) as i64;
        let (product, overflow) = a.overflowing_mul(other.int_unchecked());
        // SAFETY: the tag is not zero.
        if overflow {
            None
        } else {
            Some(unsafe { Value::from_bits(product as u64 >> shift | INT_TAG) })
        }
    }

    #[inline(always)]
    pub const fn is_float(self) -> bool {
        self.bits().wrapping_sub(FLOAT_OFFSET) < INT_TAG - FLOAT_OFFSET
    }

    /// The float of an immediate one; meaningless for other values.
    #[inline(always)]
    pub fn float_unchecked(self) -> f64 {
        f64::from_bits(self.bits().wrapping_sub(FLOAT_OFFSET))
    }

    #[inline(always)]
    pub fn as_float(self) -> Option<f64> {
        if self.is_float() {
            Some(self.float_unchecked())
        } else {
            None
        }
    }

    #[inline(always)]
    pub const fn is_bool(self) -> bool {
        self.bits() | 1 == 3
    }

    #[inline(always)]
    pub const fn is_none(self) -> bool {
        self.bits() == Value::NONE.bits()
    }

    #[inline(always)]
    pub const fn is_missing(self) -> bool {
        self.bits() == Value::MISSING.bits()
    }

    /// `None` for an argument left out.
    #[inline(always)]
    pub const fn given(self) -> Option<Value> {
        if self.is_missing() { None } else { Some(self) }
    }

    /// `None` for an argument left out or Python's `None`.
    #[inline(always)]
    pub const fn given_not_none(self) -> Option<Value> {
        if self.is_missing() || self.is_none() {
            None
        } else {
            Some(self)
        }
    }

    #[inline(always)]
    pub const fn is_object(self) -> bool {
        self.bits() >> 48 == 0 && self.bits() >= 4096
    }

    /// The object's header, if the value is a heap pointer.
    #[inline(always)]
    pub fn header(self) -> Option<&'static Header> {
        if self.is_object() {
            // SAFETY: a value that is a pointer points to a live object.
            Some(unsafe { &*(self.bits() as *const Header) })
        } else {
            None
        }
    }

    /// The object as a `T`, if its layout is that of `T` (subclasses included).
    #[inline(always)]
    pub fn cast<T: crate::heap::Object>(self) -> Option<Gc<T>> {
        let header = self.header()?;
        if std::ptr::eq(header.shape().layout, T::LAYOUT) {
            // SAFETY: the layout says that the object is a `T`.
            Some(unsafe { Gc::from_ptr(self.bits() as *mut T) })
        } else {
            None
        }
    }

    /// The object as a `T`, known to be one.
    ///
    /// # Safety
    /// The value is a pointer to an object of layout `T`.
    #[inline(always)]
    pub unsafe fn cast_unchecked<T: crate::heap::Object>(self) -> Gc<T> {
        debug_assert!(self.cast::<T>().is_some());
        // SAFETY: by contract.
        unsafe { Gc::from_ptr(self.bits() as *mut T) }
    }

    /// Python's `is`: one word, one value (floats and big integers by their word too).
    #[inline(always)]
    pub fn is(self, other: Value) -> bool {
        self == other
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Value::NONE => f.write_str("None"),
            Value::TRUE => f.write_str("True"),
            Value::FALSE => f.write_str("False"),
            Value::MISSING => f.write_str("<missing>"),
            Value::AGAIN => f.write_str("<again>"),
            v if v.is_int() => write!(f, "{}", v.int_unchecked()),
            v if v.is_float() => write!(f, "{:?}", v.float_unchecked()),
            v => match v.header() {
                Some(h) => write!(f, "<{} at {:#x}>", h.shape().layout.name, v.bits()),
                None => write!(f, "<immediate {:#x}>", v.bits()),
            },
        }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::bool(b)
    }
}

impl From<f64> for Value {
    fn from(f: f64) -> Value {
        Value::float(f)
    }
}

impl<T: crate::heap::Object> From<Gc<T>> for Value {
    #[inline(always)]
    fn from(object: Gc<T>) -> Value {
        object.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_their_value_and_overflow_is_seen() {
        for i in [0, 1, -1, 255, INT_MAX, INT_MIN] {
            let v = Value::try_int(i).unwrap();
            assert!(v.is_int() && !v.is_float() && !v.is_object());
            assert_eq!(v.int_unchecked(), i);
        }
        assert!(Value::try_int(INT_MAX + 1).is_none());
        let max = Value::small_int(INT_MAX);
        let one = Value::small_int(1);
        assert!(max.int_add(one).is_none());
        assert_eq!(max.int_sub(one).unwrap().int_unchecked(), INT_MAX - 1);
        assert!(Value::small_int(INT_MIN).int_sub(one).is_none());
        assert_eq!(
            Value::small_int(-7)
                .int_mul(Value::small_int(6))
                .unwrap()
                .int_unchecked(),
            -42
        );
        assert!(max.int_mul(Value::small_int(2)).is_none());
    }

    #[test]
    fn floats_keep_their_value_and_nans_their_bits() {
        for f in [
            0.0,
            -0.0,
            1.5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
        ] {
            let v = Value::float(f);
            assert!(v.is_float() && !v.is_int() && !v.is_object());
            assert_eq!(v.float_unchecked().to_bits(), f.to_bits());
        }
        for bits in [0xFFF0_0000_0000_0001, 0x7FF8 << 48, u64::MAX, u64::MAX >> 1] {
            let nan = Value::float(f64::from_bits(bits));
            assert!(nan.is_float() && !nan.is_int() && nan.float_unchecked().is_nan());
            assert_eq!(nan.float_unchecked().is_sign_negative(), bits >> 63 == 1);
        }
        for sign in [1.0, -1.0] {
            let (a, b) = (nan_apart(sign, 1), nan_apart(sign, 2));
            assert_ne!(Value::float(a), Value::float(b));
            let back = Value::float(a).float_unchecked();
            assert_eq!(back.to_bits(), a.to_bits());
            assert_eq!(stored(back).to_bits(), f64::NAN.copysign(sign).to_bits());
        }
    }

    #[test]
    fn constants_are_neither_numbers_nor_pointers() {
        for v in [
            Value::NONE,
            Value::TRUE,
            Value::FALSE,
            Value::ELLIPSIS,
            Value::MISSING,
            Value::AGAIN,
        ] {
            assert!(!v.is_int() && !v.is_float() && !v.is_object());
        }
        assert!(Value::TRUE.is_bool() && Value::FALSE.is_bool() && !Value::NONE.is_bool());
    }
}

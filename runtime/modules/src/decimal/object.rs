//! Decimal objects: their layout, and what is made into numbers.

use super::context::{Context, status};
use super::convert;
use super::limbs::{self, Limbs};
use super::number::{Kind, Number};
use super::state::State;
use std::cell::Cell;
use taipan_runtime::heap::{Field, Header, Kind as HeapKind};
use taipan_runtime::heap_object;
use taipan_runtime::object::Shape;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// Limbs that lie in the object.
const INLINE: usize = 4;

/// A `Decimal`.
///
/// The flags in the header are [`NEGATIVE`], the kind in [`KIND`], the number of limbs in
/// [`COUNT`] (one more than lie in the object for more), and [`OTHER`] unless the number is
/// finite with at most two limbs.
#[repr(C)]
pub struct Decimal {
    pub header: Header,
    exponent: i64,
    limbs: [u64; INLINE],
    /// A [`Long`], if the limbs do not fit.
    long: Field,
    /// The hash plus one; zero while nobody asked for it.
    hash: Cell<u64>,
}

const NEGATIVE: u8 = 1;
const KIND: u8 = 0b110;
const COUNT: u32 = 3;
const OTHER: u8 = 0x80;

heap_object!(
    Decimal,
    "decimal.Decimal",
    HeapKind::Other,
    |this, marker| {
        marker.field(&this.long);
    }
);

/// The limbs of a long number.
#[repr(C)]
pub struct Long {
    pub header: Header,
    limbs: Box<[u64]>,
}

heap_object!(
    Long,
    "decimal limbs",
    HeapKind::Other,
    |this, marker| {},
    drop
);

/// A finite number of at most two limbs.
#[derive(Clone, Copy, Debug)]
pub struct Small {
    pub negative: bool,
    pub coefficient: u128,
    pub exponent: i64,
}

impl Decimal {
    fn kind(&self) -> Kind {
        match (self.header.flags.get() & KIND) >> 1 {
            0 => Kind::Finite,
            1 => Kind::Infinite,
            2 => Kind::Quiet,
            _ => Kind::Signaling,
        }
    }

    pub fn is_negative(&self) -> bool {
        self.header.flags.get() & NEGATIVE != 0
    }

    /// The number, if it is a small one.
    #[inline(always)]
    pub fn small(&self) -> Option<Small> {
        let flags = self.header.flags.get();
        (flags & OTHER == 0).then(|| Small {
            negative: flags & NEGATIVE != 0,
            coefficient: if self.limbs[1] == 0 {
                self.limbs[0].into()
            } else {
                u128::from(self.limbs[1]) * u128::from(limbs::BASE) + u128::from(self.limbs[0])
            },
            exponent: self.exponent,
        })
    }

    /// The number.
    pub fn number(&self) -> Number {
        let count = (self.header.flags.get() >> COUNT & 7) as usize;
        let coefficient = match self.long.get().and_then(|v| v.cast::<Long>()) {
            Some(long) => Limbs::from_slice(&long.limbs),
            None => Limbs::from_slice(&self.limbs[..count.min(INLINE)]),
        };
        Number {
            negative: self.is_negative(),
            kind: self.kind(),
            exponent: self.exponent,
            coefficient,
        }
    }

    /// `hash()`, computed once.
    pub fn hash_with(&self, compute: impl FnOnce(&Number) -> i64) -> i64 {
        let known = self.hash.get();
        if known != 0 {
            return known.wrapping_sub(1) as i64;
        }
        let hash = compute(&self.number());
        self.hash.set((hash as u64).wrapping_add(1));
        hash
    }

    /// Bytes that the object takes.
    pub fn size(&self) -> usize {
        let long = self.long.get().and_then(|v| v.cast::<Long>());
        self.header.size() + long.map_or(0, |long| size_of_val(&*long.limbs))
    }
}

/// A new object of this shape.
pub fn alloc(vm: &Vm, shape: &'static Shape, n: &Number) -> Result {
    let count = n.coefficient.len();
    let mut inline = [0; INLINE];
    let mut long = Field::empty();
    if count <= INLINE {
        inline[..count].copy_from_slice(&n.coefficient);
    } else {
        let class = vm.class_of_def(&super::LONG)?;
        let object = Long {
            header: Header::empty(),
            limbs: n.coefficient.to_vec().into_boxed_slice(),
        };
        let made = vm.heap.alloc(class.root_shape.get(), object);
        vm.heap.external_changed(made.header(), 0, count * 8);
        long = Field::new(made);
    }
    let kind = match n.kind {
        Kind::Finite => 0,
        Kind::Infinite => 1,
        Kind::Quiet => 2,
        Kind::Signaling => 3,
    };
    let mut flags = u8::from(n.negative) | kind << 1 | (count.min(INLINE + 1) as u8) << COUNT;
    if kind != 0 || count > 2 {
        flags |= OTHER;
    }
    let object = Decimal {
        header: Header::with_flags(flags),
        exponent: n.exponent,
        limbs: inline,
        long,
        hash: Cell::new(0),
    };
    Ok(vm.heap.alloc(shape, object).value())
}

/// As [`alloc`], of a small number of the class `Decimal` itself.
#[inline]
pub fn alloc_small(vm: &Vm, shape: &'static Shape, n: Small) -> Value {
    let (high, low) = limbs::split_wide(n.coefficient);
    let count = if high != 0 { 2 } else { u8::from(low != 0) };
    let object = Decimal {
        header: Header::with_flags(u8::from(n.negative) | count << COUNT),
        exponent: n.exponent,
        limbs: [low, high, 0, 0],
        long: Field::empty(),
        hash: Cell::new(0),
    };
    vm.heap.alloc(shape, object).value()
}

/// A new `Decimal`.
pub fn new(vm: &Vm, state: &State, n: &Number) -> Result {
    alloc(vm, state.shape(), n)
}

/// A Decimal or an integer as an operand; nothing for other values.
#[inline]
pub fn operand(v: Value) -> Option<Number> {
    match v.cast::<Decimal>() {
        Some(d) => Some(d.number()),
        None => v.as_int_ref().map(convert::from_int),
    }
}

/// As [`operand`], if it is small: a Decimal, or an immediate integer.
#[inline(always)]
pub fn small_operand(v: Value) -> Option<Small> {
    match v.cast::<Decimal>() {
        Some(d) => d.small(),
        None => {
            let n = v.as_int()?;
            Some(Small {
                negative: n < 0,
                coefficient: n.unsigned_abs().into(),
                exponent: 0,
            })
        }
    }
}

/// As [`operand`].
///
/// # Errors
/// TypeError for other values.
#[inline]
pub fn convertible(vm: &Vm, v: Value) -> Result<Number> {
    match operand(v) {
        Some(n) => Ok(n),
        None => Err(unsupported(vm, v)),
    }
}

#[cold]
pub fn unsupported(vm: &Vm, v: Value) -> taipan_runtime::vm::Raised {
    vm.type_error(format!(
        "conversion from {} to Decimal is not supported",
        vm.class_of(v).qualified_name()
    ))
}

/// A number that was converted without regard to precision: what happened if it does not fit the
/// largest context.
pub fn exactly(n: Number, happened: &mut u32) -> Number {
    let mut now = 0;
    let n = n.finish(&Context::MAX, &mut now);
    if now & (status::INEXACT | status::ROUNDED | status::CLAMPED) != 0 {
        return Number::invalid(status::INVALID_OPERATION, happened);
    }
    *happened |= now & status::ERRORS;
    n
}

//! `hash()`.

use crate::heap::{Gc, Header, Kind};
use crate::object::{Class, Special};
use crate::types::int::IntRef;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::{Cell, OnceCell};

/// Modulus of numeric hashes, 2^61 - 1 (the library reference, "Hashing of numeric types").
const MODULUS: i64 = (1 << 61) - 1;

/// Keyed hash of a byte string; never zero.
///
/// Python asks only that the key be random. This folds 16 bytes a multiplication
/// (as wyhash and its kin do), the key entering each.
#[inline]
pub fn bytes(k0: u64, k1: u64, data: &[u8]) -> u64 {
    #[inline(always)]
    fn mix(a: u64, b: u64) -> u64 {
        let product = u128::from(a).wrapping_mul(u128::from(b));
        product as u64 ^ (product >> 64) as u64
    }
    #[inline(always)]
    fn word(data: &[u8]) -> u64 {
        u64::from_le_bytes([
            data[0], data[1], data[2], data[3], data[4], data[5], data[6], data[7],
        ])
    }
    #[inline(always)]
    fn half(data: &[u8]) -> u64 {
        u32::from_le_bytes([data[0], data[1], data[2], data[3]]).into()
    }
    let len = data.len();
    let mut state = k0 ^ mix(k1, len as u64 ^ 0x9E37_79B9_7F4A_7C15);
    let mut rest = data;
    while rest.len() > 16 {
        state = mix(word(rest) ^ k1, word(&rest[8..]) ^ state);
        rest = &rest[16..];
    }
    let (a, b) = match rest.len() {
        8.. => (word(rest), word(&rest[rest.len() - 8..])),
        4.. => (half(rest), half(&rest[rest.len() - 4..])),
        1.. => (
            u64::from(rest[0]) << 16
                | u64::from(rest[rest.len() / 2]) << 8
                | u64::from(rest[rest.len() - 1]),
            0,
        ),
        0 => (0, 0),
    };
    let h = mix(a ^ k1 ^ 0xA076_1D64_78BD_642F, b ^ state);
    let h = mix(h ^ k0, 0xE703_7ED1_A0B4_28DB ^ len as u64);
    match h {
        0 | u64::MAX => 0x5851_F42D_4C95_7F2D,
        h => h,
    }
}

/// The hash of an immediate integer.
#[inline(always)]
pub fn small_int(i: i64) -> u64 {
    match i {
        -1 => -2i64 as u64,
        i => i as u64,
    }
}

/// The hash of a 64-bit integer.
pub fn int64(i: i64) -> u64 {
    let h = (i.unsigned_abs() % MODULUS as u64) as i64;
    small_int(if i < 0 { -h } else { h })
}

/// The hash of an address.
pub fn address(v: Value) -> u64 {
    match v.bits().rotate_right(4) {
        u64::MAX => u64::MAX - 1,
        h => h,
    }
}

/// The hash of a tuple, made of those of its items (xxHash's rounds, as CPython has them).
pub struct TupleHash(u64);

impl Default for TupleHash {
    /// Before the first item.
    #[inline(always)]
    fn default() -> TupleHash {
        TupleHash(TupleHash::P5)
    }
}

impl TupleHash {
    const P1: u64 = 11_400_714_785_074_694_791;
    const P2: u64 = 14_029_467_366_897_019_727;
    const P5: u64 = 2_870_177_450_012_600_261;

    /// The next item's hash.
    #[inline(always)]
    pub fn add(&mut self, hash: u64) {
        self.0 = self
            .0
            .wrapping_add(hash.wrapping_mul(Self::P2))
            .rotate_left(31)
            .wrapping_mul(Self::P1);
    }

    /// The hash, `len` being the number of items.
    #[inline(always)]
    pub fn finish(self, len: usize) -> u64 {
        let hash = self.0.wrapping_add(len as u64 ^ (Self::P5 ^ 3_527_539));
        if hash == u64::MAX {
            1_546_275_796
        } else {
            hash
        }
    }
}

/// Hashes of tuples of tuples that have no room for it ([`Tuple::kept_hash`]), by address, until the collector frees memory: states of a search
/// and the like are looked up again and again. CPython keeps a tuple's hash in the tuple.
#[derive(Default)]
pub struct TupleHashes {
    /// What [`crate::heap::Heap::sweeps`] was when the entries were made.
    sweeps: Cell<u64>,
    /// Made when first used.
    entries: OnceCell<Vec<Cell<KnownHash>>>,
}

/// A tuple's address and hash.
#[derive(Clone, Copy, Default)]
struct KnownHash {
    tuple: u64,
    hash: u64,
}

impl TupleHashes {
    const LOG: u32 = 10;

    /// The entry that a tuple's hash is kept in.
    #[inline]
    fn entry(&self, vm: &Vm, tuple: Value) -> &Cell<KnownHash> {
        let entries = self
            .entries
            .get_or_init(|| vec![Cell::default(); 1 << Self::LOG]);
        let sweeps = vm.heap.sweeps();
        if self.sweeps.replace(sweeps) != sweeps {
            entries.iter().for_each(|e| e.set(KnownHash::default()));
        }
        let spread = tuple.bits().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        &entries[(spread >> (64 - Self::LOG)) as usize]
    }
}

/// The hash of a tuple of hashes.
pub fn tuple(hashes: impl ExactSizeIterator<Item = Result<u64>>) -> Result<u64> {
    let len = hashes.len();
    let mut state = TupleHash::default();
    for h in hashes {
        state.add(h?);
    }
    Ok(state.finish(len))
}

/// Whether the class of an object hashes and compares for equality as `own` does.
fn is_key_as(header: &'static Header, own: Gc<Class>) -> bool {
    let class = header.shape().class();
    let inherits = |s: Special| class.special(s) == own.special(s);
    inherits(Special::Hash) && inherits(Special::Eq)
}

impl Vm {
    /// `hash(v)` as an unsigned word; never the word of -1.
    #[inline]
    pub fn hash(&self, v: Value) -> Result<u64> {
        if let Some(header) = v.header() {
            if header.shape_id() == self.shapes.str.get().id() {
                // SAFETY: the shape is that of exact strings.
                return Ok(unsafe { v.cast_unchecked::<Str>() }.hash(self));
            }
            return self.hash_object(v);
        }
        if v.is_int() {
            return Ok(small_int(v.int_unchecked()));
        }
        self.hash_object(v)
    }

    /// Whether an object of a tuple's layout hashes as tuples do.
    fn hashes_as_tuple(&self, header: &'static Header) -> bool {
        let class = header.shape().class();
        let exact = self.types.tuple.get();
        class == exact || class.special(Special::Hash) == exact.special(Special::Hash)
    }

    /// Whether hashing an instance of a subclass of `str`, and comparing it with other texts, is
    /// what it is for exact strings.
    pub(crate) fn is_text_key(&self, header: &'static Header) -> bool {
        header.shape().layout.kind == Kind::Str && is_key_as(header, self.types.str.get())
    }

    /// The same of a subclass of `tuple`, as named tuples are, if the items are keys.
    pub(crate) fn is_tuple_key(&self, header: &'static Header) -> bool {
        header.shape().layout.kind == Kind::Tuple && is_key_as(header, self.types.tuple.get())
    }

    fn hash_object(&self, v: Value) -> Result<u64> {
        let Some(header) = v.header() else {
            return Ok(match v {
                Value::TRUE => 1,
                Value::FALSE => 0,
                Value::NONE => 0xFCA8_6420,
                v => match v.as_float() {
                    Some(f) => self.hash_float(v, f),
                    None => address(v),
                },
            });
        };
        let layout = header.shape().layout;
        if layout.kind == Kind::Tuple && self.hashes_as_tuple(header) {
            // SAFETY: the kind says which layout.
            let t = unsafe { v.cast_unchecked::<Tuple>() };
            let is_nested = |v: &Value| {
                v.header()
                    .is_some_and(|h| h.shape().layout.kind == Kind::Tuple)
            };
            if !t.as_slice().iter().any(is_nested) {
                if let Some(hash) = self.flat_hash(t.as_slice()) {
                    return Ok(hash);
                }
                self.check_native_stack()?;
                return tuple(t.as_slice().iter().map(|v| self.hash(*v)));
            }
            if let Some(kept) = t.kept_hash() {
                if kept.get() == 0 {
                    self.check_native_stack()?;
                    kept.set(tuple(t.as_slice().iter().map(|v| self.hash(*v)))?);
                }
                return Ok(kept.get());
            }
            let known = self.tuple_hashes.entry(self, v).get();
            if known.tuple == v.bits() {
                return Ok(known.hash);
            }
            self.check_native_stack()?;
            let hash = tuple(t.as_slice().iter().map(|v| self.hash(*v)))?;
            let known = KnownHash {
                tuple: v.bits(),
                hash,
            };
            self.tuple_hashes.entry(self, v).set(known);
            return Ok(hash);
        }
        if layout.kind == Kind::BigInt
            && let Some(IntRef::Big(b)) = v.as_int_ref()
        {
            return Ok(taipan_text::hash::hash_int(b.is_negative(), b.limbs()) as u64);
        }
        if self.is_text_key(header) {
            // SAFETY: the kind says which layout.
            return Ok(unsafe { v.cast_unchecked::<Str>() }.hash(self));
        }
        let class = header.shape().class();
        match class.special(Special::Hash) {
            Some(f) if f.is_none() => {
                Err(self.type_error(format!("unhashable type: '{}'", class.qualified_name())))
            }
            Some(f) if Some(f) == self.defaults.hash.get() => Ok(address(v)),
            Some(f) => {
                if let Some(hash) = self.hash_by_attributes(f, v) {
                    return Ok(hash);
                }
                let h = self.call_special(f, v, &[])?;
                match h.as_int_ref() {
                    Some(IntRef::Small(i)) => Ok(small_int(i)),
                    Some(IntRef::Big(b)) => Ok(match b.to_i64() {
                        Some(i) => small_int(i),
                        None => taipan_text::hash::hash_int(b.is_negative(), b.limbs()) as u64,
                    }),
                    None => Err(self.type_error("__hash__ method should return an integer")),
                }
            }
            None => Err(self.type_error(format!("unhashable type: '{}'", class.qualified_name()))),
        }
    }

    /// The hash of a float; a NaN hashes by identity.
    pub fn hash_float(&self, v: Value, f: f64) -> u64 {
        if f.is_nan() {
            return address(v);
        }
        if f.fract() == 0.0 && f.abs() < 1e15 {
            return small_int(f as i64);
        }
        taipan_text::hash::hash_f64(f).unwrap_or(0) as u64
    }
}

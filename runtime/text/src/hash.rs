//! Hash values, with CPython's algorithms so that sets and dicts iterate in the same order.
//!
//! Numbers hash by value modulo a Mersenne prime so that equal numbers of different types agree;
//! strings hash by keyed SipHash-1-3, which equals CPython's under the same `PYTHONHASHSEED`.

use crate::buf::CodeUnit;
use crate::float;

/// Width of the modulus of numeric hashes (`sys.hash_info`).
pub const BITS: u32 = 61;
/// Modulus of numeric hashes.
pub const MODULUS: u64 = (1 << BITS) - 1;
/// Hash of positive infinity.
pub const INFINITY: i64 = 314159;
/// Multiplier of the imaginary part.
pub const IMAGINARY: u64 = 1000003;

/// Replaces -1, which C functions return for errors, as all hash functions of Python do.
#[inline]
fn not_minus_one(h: i64, instead: i64) -> i64 {
    if h == -1 { instead } else { h }
}

fn signed(negative: bool, h: u64) -> i64 {
    not_minus_one(if negative { -(h as i64) } else { h as i64 }, -2)
}

/// Reduces modulo [`MODULUS`].
#[inline]
fn reduce(x: u64) -> u64 {
    let x = (x >> BITS) + (x & MODULUS);
    if x >= MODULUS { x - MODULUS } else { x }
}

/// Multiplies a residue by a power of two, which is a rotation of its 61 bits.
#[inline]
fn rotate(x: u64, by: u32) -> u64 {
    if by == 0 {
        x
    } else {
        (x << by & MODULUS) | x >> (BITS - by)
    }
}

/// Hash of an integer that fits a word.
#[inline]
pub fn hash_i64(x: i64) -> i64 {
    signed(x < 0, reduce(x.unsigned_abs()))
}

/// Hash of an integer of any size: its sign, and the limbs of its magnitude.
pub fn hash_int(negative: bool, limbs: &[u64]) -> i64 {
    let residue = limbs
        .iter()
        .rev()
        .fold(0, |h, limb| reduce(rotate(h, 64 - BITS) + reduce(*limb)));
    signed(negative, residue)
}

/// Hash of a float; `None` for NaN, which hashes by identity.
pub fn hash_f64(x: f64) -> Option<i64> {
    if x.is_infinite() {
        return Some(if x > 0.0 { INFINITY } else { -INFINITY });
    }
    if x.is_nan() {
        return None;
    }
    let (mantissa, exponent) = float::odd_parts(x);
    let by = exponent.rem_euclid(BITS as i32) as u32;
    Some(signed(mantissa < 0, rotate(mantissa.unsigned_abs(), by)))
}

/// Hash of a complex number from those of its parts.
pub fn hash_complex(re: i64, im: i64) -> i64 {
    not_minus_one(
        (re as u64).wrapping_add(IMAGINARY.wrapping_mul(im as u64)) as i64,
        -2,
    )
}

/// Hash of a tuple from those of its items.
pub fn hash_tuple(items: impl ExactSizeIterator<Item = i64>) -> i64 {
    let mut state = TupleHasher::new();
    let len = items.len();
    items.for_each(|h| state.add(h));
    state.finish(len)
}

/// Combines the hashes of a tuple's items one at a time, for callers whose items can fail.
#[derive(Clone, Copy, Debug)]
pub struct TupleHasher(u64);

impl TupleHasher {
    const PRIME_1: u64 = 11400714785074694791;
    const PRIME_2: u64 = 14029467366897019727;
    const PRIME_5: u64 = 2870177450012600261;

    /// The state before any item.
    #[allow(clippy::new_without_default)] // A default hash state would suggest a hash of nothing.
    pub fn new() -> TupleHasher {
        TupleHasher(Self::PRIME_5)
    }

    /// Takes in the hash of the next item.
    #[inline]
    pub fn add(&mut self, item: i64) {
        let mixed = self
            .0
            .wrapping_add((item as u64).wrapping_mul(Self::PRIME_2));
        self.0 = mixed.rotate_left(31).wrapping_mul(Self::PRIME_1);
    }

    /// The hash of the tuple of `len` items.
    pub fn finish(self, len: usize) -> i64 {
        let h = self.0.wrapping_add(len as u64 ^ (Self::PRIME_5 ^ 3527539)) as i64;
        not_minus_one(h, 1546275796)
    }
}

/// Hash of a frozenset from those of its items, in any order.
pub fn hash_frozenset(items: impl Iterator<Item = i64>) -> i64 {
    let (mut h, mut len) = (0u64, 0u64);
    for item in items {
        let item = item as u64;
        h ^= (item ^ 89869747 ^ item << 16).wrapping_mul(3644798167);
        len += 1;
    }
    h ^= (len + 1).wrapping_mul(1927868237);
    h ^= h >> 11 ^ h >> 25;
    h = h.wrapping_mul(69069).wrapping_add(907133923);
    not_minus_one(h as i64, 590923713)
}

/// The secret that strings hash under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKey {
    k0: u64,
    k1: u64,
}

impl HashKey {
    /// A key from random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> HashKey {
        let word = |i: usize| u64::from_le_bytes(std::array::from_fn(|j| bytes[i + j]));
        HashKey {
            k0: word(0),
            k1: word(8),
        }
    }

    /// The key of a `PYTHONHASHSEED`.
    pub fn from_seed(seed: u32) -> HashKey {
        if seed == 0 {
            return HashKey { k0: 0, k1: 0 };
        }
        let mut x = seed;
        HashKey::from_bytes(std::array::from_fn(|_| {
            x = x.wrapping_mul(214013).wrapping_add(2531011);
            (x >> 16) as u8
        }))
    }

    /// Hash of the bytes of a `bytes` object or of a string in its narrowest width.
    pub fn hash(self, bytes: &[u8]) -> i64 {
        if bytes.is_empty() {
            return 0;
        }
        let mut s = Sip::new(self);
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            s.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..tail.len()].copy_from_slice(tail);
        last[7] = bytes.len() as u8;
        s.word(u64::from_le_bytes(last));
        not_minus_one(s.finish() as i64, -2)
    }

    /// Hash of a string in two-byte units.
    pub fn hash_ucs2(self, units: &[u16]) -> i64 {
        self.hash_units(units)
    }

    /// Hash of a string in four-byte units.
    pub fn hash_ucs4(self, units: &[u32]) -> i64 {
        self.hash_units(units)
    }

    /// Hashes units as their little-endian bytes.
    fn hash_units<U: CodeUnit>(self, units: &[U]) -> i64 {
        if units.is_empty() {
            return 0;
        }
        let size = size_of::<U>();
        let word = |chunk: &[U]| {
            chunk
                .iter()
                .rev()
                .fold(0u64, |w, &u| w << (8 * size) | u64::from(u.into()))
        };
        let mut s = Sip::new(self);
        let mut chunks = units.chunks_exact(8 / size);
        for chunk in &mut chunks {
            s.word(word(chunk));
        }
        s.word(word(chunks.remainder()) | (size_of_val(units) as u64) << 56);
        not_minus_one(s.finish() as i64, -2)
    }
}

/// SipHash-1-3.
struct Sip([u64; 4]);

impl Sip {
    fn new(key: HashKey) -> Sip {
        Sip([
            key.k0 ^ 0x736F_6D65_7073_6575,
            key.k1 ^ 0x646F_7261_6E64_6F6D,
            key.k0 ^ 0x6C79_6765_6E65_7261,
            key.k1 ^ 0x7465_6462_7974_6573,
        ])
    }

    #[inline]
    fn round(&mut self) {
        let [a, b, c, d] = &mut self.0;
        *a = a.wrapping_add(*b);
        *c = c.wrapping_add(*d);
        *b = b.rotate_left(13) ^ *a;
        *d = d.rotate_left(16) ^ *c;
        *a = a.rotate_left(32).wrapping_add(*d);
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *d = d.rotate_left(21) ^ *a;
        *c = c.rotate_left(32);
    }

    #[inline]
    fn word(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }

    fn finish(mut self) -> u64 {
        self.0[2] ^= 0xFF;
        (0..3).for_each(|_| self.round());
        self.0.into_iter().fold(0, |h, v| h ^ v)
    }
}

#[cfg(test)]
mod tests {
    //! Values from CPython 3.14.

    use super::*;
    use crate::int::{BigInt, Sign};

    #[test]
    fn numbers() {
        let big = |s: &str| {
            let x: BigInt = s.parse().unwrap();
            let limbs: Vec<u64> = x.iter_u64_digits().collect();
            hash_int(x.sign() == Sign::Minus, &limbs)
        };
        assert_eq!((hash_i64(-1), hash_i64(5), hash_i64(0)), (-2, 5, 0));
        assert_eq!(hash_i64(i64::MIN), -4);
        assert_eq!((hash_i64((1 << 61) - 1), hash_i64(-(1 << 61))), (0, -2));
        assert_eq!(
            big("123456789012345678901234567890123456789"),
            1289982585495713625
        );
        assert_eq!(big("-9223372036854775808"), -4);
        assert_eq!(hash_f64(0.1), Some(230584300921369408));
        assert_eq!(hash_f64(-1.5), Some(-1152921504606846977));
        assert_eq!(hash_f64(1e300), Some(1224995262755759164));
        assert_eq!(hash_f64(5e-324), Some(16777216));
        assert_eq!(hash_f64(f64::NEG_INFINITY), Some(-314159));
        assert_eq!(hash_f64(f64::NAN), None);
        assert_eq!(hash_complex(1, 2), 2000007);
    }

    #[test]
    fn collections() {
        assert_eq!(hash_tuple([].into_iter()), 5740354900026072187);
        assert_eq!(hash_tuple([1, 2, 3].into_iter()), 529344067295497451);
        assert_eq!(hash_frozenset([].into_iter()), 133146708735736);
        assert_eq!(hash_frozenset([1, 2, 3].into_iter()), -272375401224217160);
    }

    #[test]
    fn strings() {
        let zero = HashKey::from_seed(0);
        assert_eq!(zero.hash(b""), 0);
        assert_eq!(zero.hash(b"abc"), -4594863902769663758);
        assert_eq!(zero.hash(b"hello, wonderful world"), 2299818927256098581);
        assert_eq!(zero.hash_ucs2(&[0x65E5, 0x672C]), 6243316497235261705);
        assert_eq!(zero.hash_ucs4(&[0x1F600, 0x61, 0x62]), 3818926418647302959);
        assert_eq!(HashKey::from_seed(42).hash(b"abc"), 3869580338025362921);
    }
}

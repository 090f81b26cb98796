//! Each function against the library's, on numbers with many limbs of zeros and ones, which is
//! where carries and estimated quotients go wrong.

use super::*;
use num_integer::Integer;
use num_traits::Zero;

/// A generator of numbers that are alike in each run.
struct Numbers(u64);

impl Numbers {
    fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.word() >> 11) % n
    }

    fn limb(&mut self) -> u64 {
        match self.below(8) {
            0 | 1 => 0,
            2 => u64::MAX,
            3 => u64::MAX << self.below(64),
            4 => 1 << self.below(64),
            5 => self.below(4),
            _ => self.word(),
        }
    }

    /// A trimmed magnitude of at most `limbs` limbs.
    fn magnitude(&mut self, limbs: u64) -> Vec<u64> {
        let len = self.below(limbs + 1);
        let x: Vec<u64> = (0..len).map(|_| self.limb()).collect();
        trimmed(&x).to_vec()
    }

    /// The same that is not zero.
    fn positive(&mut self, limbs: u64) -> Vec<u64> {
        let mut x = self.magnitude(limbs);
        if x.is_empty() {
            x.push(self.word() | 1);
        }
        x
    }
}

fn limbs_of(x: &BigUint) -> Vec<u64> {
    x.iter_u64_digits().collect()
}

/// `len` limbs of what is never read.
fn room(len: usize) -> Vec<u64> {
    vec![0xDEAD_BEEF_DEAD_BEEF; len]
}

fn check(out: &[u64], len: usize, want: &BigUint) {
    assert_eq!(out[..len], limbs_of(want)[..]);
}

fn check_signed(out: &[u64], (negative, len): (bool, usize), want: &BigInt) {
    check(out, len, want.magnitude());
    assert_eq!(negative, want.sign() == Sign::Minus);
}

#[test]
fn sums_differences_and_order() {
    let mut n = Numbers(1);
    for _ in 0..20_000 {
        let (a, b) = (n.magnitude(9), n.magnitude(9));
        let (x, y) = (to_unsigned(&a), to_unsigned(&b));
        let mut out = room(a.len().max(b.len()) + 1);
        let len = add(&a, &b, &mut out);
        check(&out, len, &(&x + &y));
        assert_eq!(compare(&a, &b), x.cmp(&y));
        assert_eq!(bit_length(&a), x.bits());
        let (s, t) = (
            n.below(2) == 1 && !a.is_empty(),
            n.below(2) == 1 && !b.is_empty(),
        );
        let mut out = room(a.len().max(b.len()) + 1);
        let sum = add_signed((s, &a), (t, &b), &mut out);
        check_signed(&out, sum, &(to_signed(s, &a) + to_signed(t, &b)));
        if x >= y {
            let mut out = room(a.len());
            let len = sub(&a, &b, &mut out);
            check(&out, len, &(x - y));
        }
    }
}

#[test]
fn products() {
    let mut n = Numbers(2);
    for i in 0..6_000 {
        let size = if i % 100 == 0 { 120 } else { 14 };
        let (a, b) = (n.magnitude(size), n.magnitude(size));
        let (x, y) = (to_unsigned(&a), to_unsigned(&b));
        let mut out = room(a.len() + b.len());
        let len = mul(&a, &b, &mut out);
        check(&out, len, &(&x * &y));
        let mut out = room(2 * a.len());
        let len = square(&a, &mut out);
        check(&out, len, &(&x * &x));
        let word = n.word();
        let mut out = room(a.len() + 1);
        let len = mul_word(&a, word, &mut out);
        check(&out, len, &(&x * word));
    }
}

#[test]
fn quotients() {
    let mut n = Numbers(3);
    for i in 0..60_000 {
        let size = if i % 1000 == 0 { 500 } else { 9 };
        let (mut a, mut b) = (n.magnitude(size), n.positive(size));
        if i % 10_000 == 0 {
            // So long that the library divides.
            a = (0..1200).map(|_| n.limb() | 1).collect();
            b = a
                .iter()
                .skip(600)
                .map(|limb| limb ^ n.limb() << 1)
                .collect();
        }
        if i % 3 == 0 && size == 9 {
            // Multiples and their neighbours.
            let factor = n.magnitude(4);
            let near = to_unsigned(&b) * to_unsigned(&factor);
            a = limbs_of(&match n.below(3) {
                0 if !near.is_zero() => near - 1u8,
                1 => near + 1u8,
                _ => near,
            });
        }
        let (x, y) = (to_unsigned(&a), to_unsigned(&b));
        let long = a.len().max(b.len());
        let (mut q, mut r) = (room(long + 1), room(long + 1));
        let (ql, rl) = div_rem(&a, &b, &mut q, &mut r);
        let (want_q, want_r) = x.div_rem(&y);
        check(&q, ql, &want_q);
        check(&r, rl, &want_r);
        let (s, t) = (n.below(2) == 1 && !a.is_empty(), n.below(2) == 1);
        let (mut q, mut r) = (room(long + 1), room(long + 1));
        let (whole, left) = div_floor((s, &a), (t, &b), &mut q, &mut r);
        let (want_q, want_r) = to_signed(s, &a).div_mod_floor(&to_signed(t, &b));
        check_signed(&q, whole, &want_q);
        check_signed(&r, left, &want_r);
    }
}

#[test]
fn quotients_by_words() {
    let mut n = Numbers(4);
    for _ in 0..100_000 {
        let a = n.magnitude(3);
        let word = n.limb().max(1);
        let x = to_unsigned(&a);
        let mut q = room(a.len());
        let (len, rest) = div_rem_word(&a, word, &mut q);
        check(&q, len, &(&x / word));
        assert_eq!(BigUint::from(rest), x % word);
    }
}

#[test]
fn shifts() {
    let mut n = Numbers(5);
    for _ in 0..20_000 {
        let a = n.positive(6);
        let by = n.below(450);
        let x = to_unsigned(&a);
        let mut out = room(shl_len(&a, by));
        let len = shl(&a, by, &mut out);
        check(&out, len, &(&x << by));
        for negative in [false, true] {
            let mut out = room(shr_len(&a, by));
            let len = shr(negative, &a, by, &mut out);
            check(&out, len, (to_signed(negative, &a) >> by).magnitude());
        }
    }
    let mut out = room(shr_len(&[1, 1], u64::MAX));
    assert_eq!(shr(false, &[1, 1], u64::MAX, &mut out), 0);
    assert_eq!((shr(true, &[1, 1], u64::MAX, &mut out), out[0]), (1, 1));
}

#[test]
fn bits_of_signed_numbers() {
    let mut n = Numbers(6);
    for _ in 0..40_000 {
        let (a, b) = (n.magnitude(6), n.magnitude(6));
        let (s, t) = (
            n.below(2) == 1 && !a.is_empty(),
            n.below(2) == 1 && !b.is_empty(),
        );
        let (x, y) = (to_signed(s, &a), to_signed(t, &b));
        for (op, want) in [
            (BitOp::And, &x & &y),
            (BitOp::Or, &x | &y),
            (BitOp::Xor, &x ^ &y),
        ] {
            let mut out = room(bit_op_len(op, (s, &a), (t, &b)));
            let got = bit_op(op, (s, &a), (t, &b), &mut out);
            check_signed(&out, got, &want);
        }
    }
}

#[test]
fn powers() {
    let mut n = Numbers(7);
    for i in 0..3_000 {
        let mut a = n.positive(if i % 2 == 0 { 1 } else { 4 });
        if a == [1] {
            a[0] = 3;
        }
        let e = 1 + n.below(if a.len() == 1 { 90 } else { 20 });
        let mut out = room(pow_len(&a, e).unwrap());
        let len = pow(&a, e as u32, &mut out);
        check(&out, len, &to_unsigned(&a).pow(e as u32));
    }
    assert_eq!(pow_len(&[1, 1], u64::MAX), None);
}

#[test]
fn powers_modulo() {
    let mut n = Numbers(8);
    for i in 0..3_000 {
        let size = if i % 100 == 0 { 70 } else { 5 };
        let (x, m) = (n.magnitude(size), n.positive(size));
        let e = n.magnitude(2);
        let want = to_unsigned(&x).modpow(&to_unsigned(&e), &to_unsigned(&m));
        assert_eq!(pow_mod(&x, &e, &m), want, "{x:?} {e:?} {m:?}");
    }
}

#[test]
fn text() {
    let mut n = Numbers(9);
    for _ in 0..3_000 {
        let x = n.magnitude(7);
        let negative = n.below(2) == 1 && !x.is_empty();
        let big = to_signed(negative, &x);
        assert_eq!(decimal_text(negative, &x), big.to_str_radix(10));
        for bits in 1..=5 {
            let want = big.to_str_radix(1 << bits);
            assert_eq!(binary_text(negative, &x, bits), want);
        }
    }
}

#[test]
fn common_divisors() {
    let mut n = Numbers(10);
    for _ in 0..8_000 {
        let (a, b, common) = (n.magnitude(5), n.magnitude(5), n.positive(3));
        let [x, y, f] = [&a, &b, &common].map(|x| to_unsigned(x));
        let (a, b) = (limbs_of(&(&x * &f)), limbs_of(&(&y * &f)));
        assert_eq!(gcd(&a, &b), limbs_of(&(x.gcd(&y) * f)), "{a:?} {b:?}");
    }
    assert_eq!(gcd(&[], &[]), []);
    assert_eq!(gcd(&[], &[5]), [5]);
}

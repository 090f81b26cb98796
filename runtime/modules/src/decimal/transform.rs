//! Multiplication of very long numbers by number theoretic transforms: three primes, whose
//! results the Chinese remainder theorem joins.
//!
//! A product's column is below `n * BASE**2`, which for any length that fits in memory is below
//! the primes' product. Arithmetic modulo each prime is Montgomery's. The transforms are iterative
//! ones of radix two over powers of two, decimation in frequency forth and in time back, so that
//! nothing is put in order in between.

use super::limbs::{BASE, split};

/// A prime below 2**62 whose predecessor is divisible by a high power of two.
struct Field {
    prime: u64,
    /// `-1 / prime` modulo 2**64.
    inverse: u64,
    /// `2**128 % prime`, which brings values into Montgomery's form.
    square: u64,
    /// A generator of the group of units.
    generator: u64,
}

const fn field(prime: u64, generator: u64) -> Field {
    let mut inverse = 1u64;
    let mut i = 0;
    while i < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(prime.wrapping_mul(inverse)));
        i += 1;
    }
    let radix = ((1u128 << 64) % prime as u128) as u64;
    Field {
        prime,
        inverse: inverse.wrapping_neg(),
        square: (radix as u128 * radix as u128 % prime as u128) as u64,
        generator,
    }
}

/// Each is `k * 2**e + 1` with `e` of at least 55.
const FIELDS: [Field; 3] = [
    field(4_179_340_454_199_820_289, 3),
    field(2_485_986_994_308_513_793, 5),
    field(1_945_555_039_024_054_273, 5),
];

impl Field {
    #[inline(always)]
    fn reduce(&self, n: u128) -> u64 {
        let m = (n as u64).wrapping_mul(self.inverse);
        let t = ((n + u128::from(m) * u128::from(self.prime)) >> 64) as u64;
        if t >= self.prime { t - self.prime } else { t }
    }

    #[inline(always)]
    fn times(&self, a: u64, b: u64) -> u64 {
        self.reduce(u128::from(a) * u128::from(b))
    }

    #[inline(always)]
    fn plus(&self, a: u64, b: u64) -> u64 {
        let sum = a + b;
        if sum >= self.prime {
            sum - self.prime
        } else {
            sum
        }
    }

    #[inline(always)]
    fn minus(&self, a: u64, b: u64) -> u64 {
        if a >= b { a - b } else { a + self.prime - b }
    }

    /// In Montgomery's form.
    fn form(&self, n: u64) -> u64 {
        self.times(n % self.prime, self.square)
    }

    fn power(&self, base: u64, mut exponent: u64) -> u64 {
        let (mut base, mut result) = (base, self.form(1));
        while exponent != 0 {
            if exponent & 1 != 0 {
                result = self.times(result, base);
            }
            base = self.times(base, base);
            exponent >>= 1;
        }
        result
    }

    /// For each halving of a transform of length `n` the powers of its root of unity, the longest
    /// first; of the inverse roots if `back`.
    fn roots(&self, n: usize, back: bool) -> Vec<Vec<u64>> {
        let step = (self.prime - 1) / n as u64;
        let exponent = if back { self.prime - 1 - step } else { step };
        let root = self.power(self.form(self.generator), exponent);
        let mut roots = Vec::with_capacity(n / 2);
        let mut at = self.form(1);
        for _ in 0..n / 2 {
            roots.push(at);
            at = self.times(at, root);
        }
        let mut levels = vec![roots];
        while let Some(last) = levels.last().filter(|l| l.len() > 1) {
            let next = last.iter().copied().step_by(2).collect();
            levels.push(next);
        }
        levels
    }

    fn forth(&self, data: &mut [u64], levels: &[Vec<u64>]) {
        for roots in levels {
            for block in data.chunks_exact_mut(2 * roots.len()) {
                let (low, high) = block.split_at_mut(roots.len());
                for ((a, b), root) in low.iter_mut().zip(high).zip(roots) {
                    let (x, y) = (*a, *b);
                    *a = self.plus(x, y);
                    // The factor need not be reduced: primes are below 2**62.
                    *b = self.times(x + self.prime - y, *root);
                }
            }
        }
    }

    fn back(&self, data: &mut [u64], levels: &[Vec<u64>]) {
        for roots in levels.iter().rev() {
            for block in data.chunks_exact_mut(2 * roots.len()) {
                let (low, high) = block.split_at_mut(roots.len());
                for ((a, b), root) in low.iter_mut().zip(high).zip(roots) {
                    let (x, y) = (*a, self.times(*b, *root));
                    *a = self.plus(x, y);
                    *b = self.minus(x, y);
                }
            }
        }
    }

    /// The columns of the product of `a` and `b` modulo the prime.
    fn columns(&self, a: &[u64], b: &[u64], n: usize) -> Vec<u64> {
        let roots = self.roots(n, false);
        let load = |x: &[u64]| {
            let mut data = Vec::with_capacity(n);
            data.extend(x.iter().map(|limb| limb % self.prime));
            data.resize(n, 0);
            self.forth(&mut data, &roots);
            data
        };
        let mut product = load(a);
        if a == b {
            for x in &mut product {
                *x = self.times(*x, *x);
            }
        } else {
            for (x, y) in product.iter_mut().zip(load(b)) {
                *x = self.times(*x, y);
            }
        }
        drop(roots);
        self.back(&mut product, &self.roots(n, true));
        // Each product lost a factor of 2**64, the inverse transform gained one of n.
        let scale = self.power(self.form(n as u64), self.prime - 2);
        let scale = self.times(scale, self.square);
        for x in &mut product {
            *x = self.times(*x, scale);
        }
        product
    }
}

/// Writes `a * b`, which is as long as both together.
pub fn multiply(out: &mut [u64], a: &[u64], b: &[u64]) {
    let n = out.len().next_power_of_two();
    let [p, q, r] = &FIELDS;
    let columns = FIELDS.each_ref().map(|f| f.columns(a, b, n));
    // Garner's way: x = u + p (v + q w).
    let p_in_q = q.power(q.form(p.prime), q.prime - 2);
    let pq_in_r = r.times(r.form(p.prime), r.form(q.prime));
    let pq_in_r = r.power(pq_in_r, r.prime - 2);
    let p_form_r = r.form(p.prime);
    let pq = u128::from(p.prime) * u128::from(q.prime);
    let mut carry = [0u64; 3];
    for (k, limb) in out.iter_mut().enumerate() {
        let (u, y, z) = (columns[0][k], columns[1][k], columns[2][k]);
        let v = q.times(q.minus(y, u % q.prime), p_in_q);
        let partial = r.plus(u % r.prime, r.times(v % r.prime, p_form_r));
        let w = r.times(r.minus(z, partial), pq_in_r);
        // u + p v + p q w, of 192 bits.
        let low = u128::from(u) + u128::from(p.prime) * u128::from(v);
        let by_low = u128::from(pq as u64) * u128::from(w);
        let by_high = (pq >> 64) * u128::from(w);
        let mut words = [low as u64, (low >> 64) as u64, 0];
        accumulate(&mut words, [by_low as u64, (by_low >> 64) as u64, 0]);
        accumulate(&mut words, [0, by_high as u64, (by_high >> 64) as u64]);
        accumulate(&mut words, carry);
        let (top, rest) = split(words[2] % BASE, words[1]);
        let (middle, rest) = split(rest, words[0]);
        *limb = rest;
        carry = [middle, top, words[2] / BASE];
    }
}

fn accumulate(sum: &mut [u64; 3], other: [u64; 3]) {
    let mut carry = false;
    for (a, b) in sum.iter_mut().zip(other) {
        let (x, first) = a.overflowing_add(b);
        let (x, second) = x.overflowing_add(carry.into());
        (*a, carry) = (x, first || second);
    }
}

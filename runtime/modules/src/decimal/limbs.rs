//! Natural numbers in limbs of nineteen decimal digits, the least significant limb first.
//!
//! Decimal limbs make what decimal arithmetic does most often linear: counting digits, moving
//! the point, rounding, reading and writing text. A product's columns are summed in 192 bits and
//! reduced once each, so that a multiplication of short numbers costs hardly more than in binary.
//!
//! A number is *normal* without leading zero limbs; zero has no limbs. Functions take and
//! return normal numbers.

use super::transform;
use smallvec::SmallVec;
use std::cmp::Ordering;
use taipan_text::int::BigUint;

/// A number; most fit without memory of their own.
pub type Limbs = SmallVec<[u64; 8]>;

/// Digits of a limb.
pub const DIGITS: u64 = 19;
/// What a limb counts to.
pub const BASE: u64 = 10_000_000_000_000_000_000;
/// `(2**128 - 1) // BASE - 2**64`, for division by multiplication (Möller and Granlund, 2011);
/// the base's top bit is set, as that asks.
const RECIPROCAL: u64 = (u128::MAX / BASE as u128 - (1 << 64)) as u64;

/// Powers of ten of one limb.
pub const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut i = 1;
    while i < 20 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// Powers of ten of two limbs.
pub const WIDE_POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut i = 1;
    while i < 39 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// Quotient and remainder of `high * 2**64 + low` by the base; `high` is below the base.
#[inline(always)]
pub fn split(high: u64, low: u64) -> (u64, u64) {
    let estimate =
        u128::from(RECIPROCAL) * u128::from(high) + (u128::from(high) << 64 | u128::from(low));
    let fraction = estimate as u64;
    let mut quotient = ((estimate >> 64) as u64).wrapping_add(1);
    let mut rest = low.wrapping_sub(quotient.wrapping_mul(BASE));
    if rest > fraction {
        quotient = quotient.wrapping_sub(1);
        rest = rest.wrapping_add(BASE);
    }
    if rest >= BASE {
        quotient += 1;
        rest -= BASE;
    }
    (quotient, rest)
}

/// As [`split`], of a value below the base's square.
#[inline(always)]
pub fn split_wide(n: u128) -> (u64, u64) {
    split((n >> 64) as u64, n as u64)
}

/// How many digits a limb has; zero has one.
#[inline(always)]
pub fn digits_of(limb: u64) -> u64 {
    // 1233 / 4096 is just above log10(2).
    let guess = ((64 - (limb | 1).leading_zeros()) as usize * 1233) >> 12;
    guess as u64 + u64::from(limb >= POWERS[guess] || guess == 0 && limb == 0)
}

/// How many digits a number of two limbs has; zero has one.
#[inline(always)]
pub fn digits_of_wide(n: u128) -> u64 {
    if n >> 64 == 0 {
        return match n as u64 {
            large if large >= BASE => 20,
            small => digits_of(small),
        };
    }
    let guess = ((128 - n.leading_zeros()) as usize * 1233) >> 12;
    guess as u64 + u64::from(guess < 39 && n >= WIDE_POWERS[guess])
}

/// How many digits a number has; zero has one.
#[inline]
pub fn digits(x: &[u64]) -> u64 {
    match x.last() {
        Some(top) => (x.len() as u64 - 1) * DIGITS + digits_of(*top),
        None => 1,
    }
}

/// Drops leading zero limbs.
#[inline]
pub fn normalize(x: &mut Limbs) {
    while x.last() == Some(&0) {
        x.pop();
    }
}

fn trimmed(mut x: &[u64]) -> &[u64] {
    while let [rest @ .., 0] = x {
        x = rest;
    }
    x
}

/// A number below `BASE * BASE`.
#[inline]
pub fn from_wide(n: u128) -> Limbs {
    let (high, low) = split_wide(n);
    let mut limbs = Limbs::new();
    if n != 0 {
        limbs.push(low);
        if high != 0 {
            limbs.push(high);
        }
    }
    limbs
}

/// Any number of 128 bits.
pub fn from_u128(n: u128) -> Limbs {
    let base = u128::from(BASE);
    let (rest, low) = (n / base, (n % base) as u64);
    let mut limbs = Limbs::from_slice(&[low, (rest % base) as u64, (rest / base) as u64]);
    normalize(&mut limbs);
    limbs
}

/// The number, if it has at most two limbs.
#[inline(always)]
pub fn to_wide(x: &[u64]) -> Option<u128> {
    match *x {
        [] => Some(0),
        [low] => Some(low.into()),
        [low, high] => Some(u128::from(high) * u128::from(BASE) + u128::from(low)),
        _ => None,
    }
}

/// The number, if it fits.
pub fn to_u64(x: &[u64]) -> Option<u64> {
    to_wide(x).and_then(|n| u64::try_from(n).ok())
}

/// Ten to the power `n`.
pub fn power_of_ten(n: u64) -> Limbs {
    let mut limbs = Limbs::from_elem(0, (n / DIGITS) as usize);
    limbs.push(POWERS[(n % DIGITS) as usize]);
    limbs
}

/// Numeric order.
pub fn compare(a: &[u64], b: &[u64]) -> Ordering {
    a.len()
        .cmp(&b.len())
        .then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// Adds `b` to `a`, which is at least as long; returns the carry.
fn add_to(a: &mut [u64], b: &[u64]) -> u64 {
    let (low, high) = a.split_at_mut(b.len());
    let mut carry = 0;
    for (limb, other) in low.iter_mut().zip(b) {
        // Two limbs may pass 64 bits.
        let (sum, over) = limb.overflowing_add(other + carry);
        let (less, below) = sum.overflowing_sub(BASE);
        let wraps = over || !below;
        carry = u64::from(wraps);
        *limb = if wraps { less } else { sum };
    }
    for limb in high {
        if carry == 0 {
            break;
        }
        *limb += 1;
        if *limb == BASE {
            *limb = 0;
        } else {
            carry = 0;
        }
    }
    carry
}

/// Subtracts `b` from `a`, which is not less.
fn subtract_from(a: &mut [u64], b: &[u64]) {
    let (low, high) = a.split_at_mut(b.len());
    let mut borrow = 0;
    for (limb, other) in low.iter_mut().zip(b) {
        let (difference, under) = limb.overflowing_sub(other + borrow);
        borrow = under.into();
        *limb = if under {
            difference.wrapping_add(BASE)
        } else {
            difference
        };
    }
    for limb in high {
        if borrow == 0 {
            break;
        }
        if *limb == 0 {
            *limb = BASE - 1;
        } else {
            *limb -= 1;
            borrow = 0;
        }
    }
}

/// `a + b`.
pub fn add(a: &[u64], b: &[u64]) -> Limbs {
    let (a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let mut sum = Limbs::from_slice(a);
    if add_to(&mut sum, b) != 0 {
        sum.push(1);
    }
    sum
}

/// `a - b`, where `a` is not less.
pub fn subtract(a: &[u64], b: &[u64]) -> Limbs {
    let mut difference = Limbs::from_slice(a);
    subtract_from(&mut difference, b);
    normalize(&mut difference);
    difference
}

/// `|a - b|`, and whether it is `b - a`.
fn distance(a: &[u64], b: &[u64]) -> (Limbs, bool) {
    match compare(a, b) {
        Ordering::Less => (subtract(b, a), true),
        _ => (subtract(a, b), false),
    }
}

/// Adds a small number.
pub fn increment(x: &mut Limbs, by: u64) {
    if x.is_empty() {
        if by != 0 {
            x.push(by);
        }
    } else if add_to(x, &[by]) != 0 {
        x.push(1);
    }
}

/// Multiplies by a limb.
pub fn multiply_small(x: &[u64], by: u64) -> Limbs {
    let mut product = Limbs::with_capacity(x.len() + 1);
    let mut carry = 0;
    for limb in x {
        let (high, low) = split_wide(u128::from(*limb) * u128::from(by) + u128::from(carry));
        product.push(low);
        carry = high;
    }
    if carry != 0 {
        product.push(carry);
    }
    normalize(&mut product);
    product
}

/// Divides by a limb that is not zero; returns the remainder.
pub fn divide_small(x: &mut Limbs, by: u64) -> u64 {
    let mut rest = 0u64;
    for limb in x.iter_mut().rev() {
        let part = u128::from(rest) * u128::from(BASE) + u128::from(*limb);
        *limb = (part / u128::from(by)) as u64;
        rest = (part - u128::from(*limb) * u128::from(by)) as u64;
    }
    normalize(x);
    rest
}

/// From here products are made of three of half the size.
const KARATSUBA: usize = 36;
/// From here products are made by number theoretic transforms.
const TRANSFORM: usize = 900;

/// `a * b`.
pub fn multiply(a: &[u64], b: &[u64]) -> Limbs {
    if a.is_empty() || b.is_empty() {
        return Limbs::new();
    }
    let mut product = Limbs::from_elem(0, a.len() + b.len());
    multiply_into(&mut product, a, b);
    normalize(&mut product);
    product
}

/// `a * b` without its lowest limbs.
pub fn multiply_high(a: &[u64], b: &[u64], places: usize) -> Limbs {
    let length = a.len() + b.len();
    if length <= places {
        return Limbs::new();
    }
    let mut short = [0; 32];
    if length > short.len() || a.is_empty() || b.is_empty() {
        let product = multiply(a, b);
        return Limbs::from_slice(product.get(places..).unwrap_or(&[]));
    }
    multiply_into(&mut short[..length], a, b);
    Limbs::from_slice(trimmed(&short[places..length]))
}

/// Writes the product, which is as long as both together.
fn multiply_into(out: &mut [u64], a: &[u64], b: &[u64]) {
    let (a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
    if b.len() < KARATSUBA {
        return multiply_columns(out, a, b);
    }
    if b.len() >= TRANSFORM {
        return transform::multiply(out, a, b);
    }
    if 2 * b.len() <= a.len() {
        // Pieces as long as the shorter one.
        out.fill(0);
        let mut part = Limbs::from_elem(0, 2 * b.len());
        for (i, piece) in a.chunks(b.len()).enumerate() {
            let part = &mut part[..piece.len() + b.len()];
            multiply_into(part, piece, b);
            add_to(&mut out[i * b.len()..], part);
        }
        return;
    }
    let half = a.len().div_ceil(2);
    let ((a0, a1), (b0, b1)) = (a.split_at(half), b.split_at(half.min(b.len())));
    let (low, high) = out.split_at_mut(2 * half);
    multiply_into(low, a0, b0);
    if b1.is_empty() {
        high.fill(0);
        let mut cross = Limbs::from_elem(0, a1.len() + b0.len());
        multiply_into(&mut cross, a1, b0);
        add_to(&mut out[half..], trimmed(&cross));
        return;
    }
    multiply_into(high, a1, b1);
    let (a0, b0) = (trimmed(a0), trimmed(b0));
    let ((da, na), (db, nb)) = (distance(a0, trimmed(a1)), distance(b0, trimmed(b1)));
    let cross = multiply(&da, &db);
    // a0 b1 + a1 b0 = a0 b0 + a1 b1 - (a0 - a1)(b0 - b1).
    let mut middle = add(trimmed(low), trimmed(high));
    if na == nb {
        subtract_from(&mut middle, &cross);
    } else {
        middle = add(&middle, &cross);
    }
    add_to(&mut out[half..], trimmed(&middle));
}

/// Column by column.
fn multiply_columns(out: &mut [u64], a: &[u64], b: &[u64]) {
    let mut carry = 0u128;
    for k in 0..out.len() {
        let (mut sum, mut top) = (carry, 0u64);
        let first = (k + 1).saturating_sub(b.len());
        let last = k.min(a.len() - 1);
        if first <= last {
            let others = b[k - last..=k - first].iter().rev();
            for (x, y) in a[first..=last].iter().zip(others) {
                let (next, over) = sum.overflowing_add(u128::from(*x) * u128::from(*y));
                sum = next;
                top += u64::from(over);
            }
        }
        let (high, rest) = split(top, (sum >> 64) as u64);
        let (low, rest) = split(rest, sum as u64);
        out[k] = rest;
        carry = u128::from(high) << 64 | u128::from(low);
    }
}

/// `x * x`.
pub fn square(x: &[u64]) -> Limbs {
    multiply(x, x)
}

/// `x ** n`.
pub fn power(x: &[u64], n: u64) -> Limbs {
    let mut result = from_wide(1);
    for bit in (0..64 - n.leading_zeros()).rev() {
        result = square(&result);
        if n >> bit & 1 != 0 {
            result = multiply(&result, x);
        }
    }
    result
}

/// From here on quotients are found by halves.
const RECURSIVE: usize = 48;

/// Quotient and remainder; `b` is not zero.
pub fn divide(a: &[u64], b: &[u64]) -> (Limbs, Limbs) {
    if compare(a, b) == Ordering::Less {
        return (Limbs::new(), Limbs::from_slice(a));
    }
    if let ([x], [y]) = (a, b) {
        return (from_wide((x / y).into()), from_wide((x % y).into()));
    }
    if let [by] = b {
        let mut quotient = Limbs::from_slice(a);
        let rest = divide_small(&mut quotient, *by);
        return (quotient, from_wide(rest.into()));
    }
    // The leading limb of the divisor has to be at least half the base.
    let scale = BASE / (b[b.len() - 1] + 1);
    let (mut a, b) = (multiply_small(a, scale), multiply_small(b, scale));
    let (quotient, mut rest) = if b.len() < RECURSIVE || a.len() < b.len() + RECURSIVE {
        let quotient = divide_long(&mut a, &b);
        (quotient, a)
    } else {
        divide_blocks(&a, &b)
    };
    normalize(&mut rest);
    divide_small(&mut rest, scale);
    (quotient, rest)
}

/// Long division (Knuth's algorithm D): leaves the remainder in `a`. The leading limb of `b`,
/// which has two or more, is at least half the base.
fn divide_long(a: &mut Limbs, b: &[u64]) -> Limbs {
    let n = b.len();
    if a.len() < n {
        return Limbs::new();
    }
    a.push(0);
    let mut quotient = Limbs::from_elem(0, a.len() - n);
    let (top, next) = (b[n - 1], b[n - 2]);
    for j in (0..a.len() - n).rev() {
        let leading = u128::from(a[j + n]) * u128::from(BASE) + u128::from(a[j + n - 1]);
        let mut guess = leading / u128::from(top);
        let mut rest = leading - guess * u128::from(top);
        while guess >= u128::from(BASE)
            || guess * u128::from(next) > rest * u128::from(BASE) + u128::from(a[j + n - 2])
        {
            guess -= 1;
            rest += u128::from(top);
            if rest >= u128::from(BASE) {
                break;
            }
        }
        let mut guess = guess as u64;
        let mut carry = 0u64;
        for (limb, other) in a[j..j + n].iter_mut().zip(b) {
            let product = u128::from(guess) * u128::from(*other) + u128::from(carry);
            let (high, low) = split_wide(product);
            let (difference, under) = limb.overflowing_sub(low);
            *limb = if under {
                difference.wrapping_add(BASE)
            } else {
                difference
            };
            carry = high + u64::from(under);
        }
        let (left, under) = a[j + n].overflowing_sub(carry);
        a[j + n] = left;
        if under {
            guess -= 1;
            add_to(&mut a[j..j + n], b);
            a[j + n] = 0;
        }
        quotient[j] = guess;
    }
    normalize(&mut quotient);
    normalize(a);
    quotient
}

/// `x * BASE**count + low`.
fn joined(x: &[u64], low: &[u64], count: usize) -> Limbs {
    let mut all = Limbs::with_capacity(x.len() + count);
    all.extend_from_slice(low);
    all.resize(count, 0);
    all.extend_from_slice(x);
    normalize(&mut all);
    all
}

/// Division of a long number by blocks as long as the divisor.
fn divide_blocks(a: &[u64], b: &[u64]) -> (Limbs, Limbs) {
    let n = b.len();
    let mut quotient = Limbs::from_elem(0, a.len());
    let mut rest = Limbs::new();
    for (i, block) in a.chunks(n).enumerate().rev() {
        let part = joined(&rest, block, block.len());
        let (q, r) = divide_halves(&part, b);
        quotient[i * n..i * n + q.len()].copy_from_slice(&q);
        rest = r;
    }
    normalize(&mut quotient);
    (quotient, rest)
}

/// Division of a number below `b * BASE**len(b)` (Burnikel and Ziegler, 1998): the quotient's
/// halves one after the other, each from the divisor's upper half.
fn divide_halves(a: &[u64], b: &[u64]) -> (Limbs, Limbs) {
    let n = b.len();
    if compare(a, b) == Ordering::Less {
        return (Limbs::new(), Limbs::from_slice(a));
    }
    if n < RECURSIVE {
        let mut rest = Limbs::from_slice(a);
        let quotient = divide_long(&mut rest, b);
        return (quotient, rest);
    }
    let half = n / 2;
    let (low, upper) = a.split_at(half.min(a.len()));
    let (q1, r1) = divide_part(upper, b, n - half);
    let (q0, rest) = divide_part(&joined(&r1, trimmed(low), half), b, half);
    (joined(&q1, &q0, half), rest)
}

/// Quotient of at most `count` limbs.
fn divide_part(a: &[u64], b: &[u64], count: usize) -> (Limbs, Limbs) {
    if compare(a, b) == Ordering::Less {
        return (Limbs::new(), Limbs::from_slice(a));
    }
    let cut = b.len() - count;
    let (upper, low) = (&b[cut..], trimmed(&b[..cut]));
    let (a_upper, a_low) = (&a[cut..], trimmed(&a[..cut]));
    let (mut quotient, rest) = if compare(&a_upper[count.min(a_upper.len())..], upper).is_lt() {
        divide_halves(a_upper, upper)
    } else {
        // The largest quotient there is.
        let largest = Limbs::from_elem(BASE - 1, count);
        let product = multiply(&largest, upper);
        (largest, subtract(a_upper, &product))
    };
    let rest = joined(&rest, a_low, cut);
    let product = multiply(&quotient, low);
    if compare(&rest, &product).is_ge() {
        return (quotient, subtract(&rest, &product));
    }
    // At most two too large.
    let mut missing = subtract(&product, &rest);
    loop {
        subtract_from(&mut quotient, &[1]);
        if compare(&missing, b).is_le() {
            normalize(&mut quotient);
            return (quotient, subtract(b, &missing));
        }
        missing = subtract(&missing, b);
    }
}

/// `x * 10**n`.
pub fn shift_left(x: &[u64], n: u64) -> Limbs {
    if x.is_empty() {
        return Limbs::new();
    }
    let (whole, part) = ((n / DIGITS) as usize, (n % DIGITS) as usize);
    let mut out = Limbs::with_capacity(x.len() + whole + 1);
    out.resize(whole, 0);
    if part == 0 {
        out.extend_from_slice(x);
        return out;
    }
    out.resize(whole + x.len() + 1, 0);
    SPLITS[DIGITS as usize - part](x, &mut out[whole..]);
    normalize(&mut out);
    out
}

/// Writes a number cut within its limbs: the limbs of `x * 10**(DIGITS - k)`, for `k` between the
/// limbs' ends. Dividing by a constant is what these are many for.
type Split = fn(&[u64], &mut [u64]);

fn split_limbs<const K: usize>(x: &[u64], out: &mut [u64]) {
    let (down, up) = (const { POWERS[K] }, const { POWERS[DIGITS as usize - K] });
    let mut below = 0;
    for (limb, to) in x.iter().zip(out.iter_mut()) {
        let high = limb / down;
        *to = (limb - high * down) * up + below;
        below = high;
    }
    if let Some(last) = out.get_mut(x.len()) {
        *last = below;
    }
}

/// By where limbs are cut.
static SPLITS: [Split; 19] = [
    |_, _| {},
    split_limbs::<1>,
    split_limbs::<2>,
    split_limbs::<3>,
    split_limbs::<4>,
    split_limbs::<5>,
    split_limbs::<6>,
    split_limbs::<7>,
    split_limbs::<8>,
    split_limbs::<9>,
    split_limbs::<10>,
    split_limbs::<11>,
    split_limbs::<12>,
    split_limbs::<13>,
    split_limbs::<14>,
    split_limbs::<15>,
    split_limbs::<16>,
    split_limbs::<17>,
    split_limbs::<18>,
];

/// What was cut off a number, beside half of the last place kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    Nothing,
    Less,
    Half,
    More,
}

/// `x // 10**n` and what that leaves.
pub fn shift_right(x: &[u64], n: u64) -> (Limbs, Rest) {
    if n == 0 || x.is_empty() {
        return (Limbs::from_slice(x), Rest::Nothing);
    }
    if n > digits(x) {
        return (Limbs::new(), Rest::Less);
    }
    let (whole, part) = ((n / DIGITS) as usize, (n % DIGITS) as usize);
    let rest = {
        // The first digit cut off, and whether others follow.
        let (limb, place) = (((n - 1) / DIGITS) as usize, ((n - 1) % DIGITS) as usize);
        let unit = POWERS[place];
        let digit = x[limb] / unit % 10;
        let others = !x[limb].is_multiple_of(unit) || x[..limb].iter().any(|l| *l != 0);
        match (digit, others) {
            (0, false) => Rest::Nothing,
            (0..=4, _) => Rest::Less,
            (5, false) => Rest::Half,
            _ => Rest::More,
        }
    };
    let x = &x[whole.min(x.len())..];
    if part == 0 {
        return (Limbs::from_slice(x), rest);
    }
    // The lowest limb of the split number is the part cut off, moved up.
    let mut out = Limbs::from_elem(0, x.len() + 1);
    SPLITS[part](x, &mut out);
    out.remove(0);
    normalize(&mut out);
    (out, rest)
}

/// `x % 10**n`.
pub fn low_digits(x: &[u64], n: u64) -> Limbs {
    if x.is_empty() || n >= digits(x) {
        return Limbs::from_slice(x);
    }
    let (whole, part) = ((n / DIGITS) as usize, (n % DIGITS) as usize);
    let mut out = Limbs::from_slice(&x[..=whole]);
    out[whole] %= POWERS[part];
    normalize(&mut out);
    out
}

/// How many zeros the number ends with; none for zero.
pub fn trailing_zeros(x: &[u64]) -> u64 {
    let Some(first) = x.iter().position(|l| *l != 0) else {
        return 0;
    };
    let mut limb = x[first];
    let mut zeros = 0;
    for step in [16u32, 8, 4, 2, 1] {
        if limb.is_multiple_of(POWERS[step as usize]) {
            limb /= POWERS[step as usize];
            zeros += u64::from(step);
        }
    }
    first as u64 * DIGITS + zeros
}

/// The digit of weight `10**place`.
pub fn digit_at(x: &[u64], place: u64) -> u64 {
    x.get((place / DIGITS) as usize)
        .map_or(0, |limb| limb / POWERS[(place % DIGITS) as usize] % 10)
}

/// The integer square root, rounded down, and whether it is exact.
pub fn square_root(x: &[u64]) -> (Limbs, bool) {
    if let Some(n) = to_wide(x) {
        let mut root = (n as f64).sqrt() as u128;
        while root * root > n {
            root -= 1;
        }
        while (root + 1) * (root + 1) <= n {
            root += 1;
        }
        return (from_wide(root), root * root == n);
    }
    // A root of the upper half of the digits is the start of one step of Newton's.
    let cut = (digits(x) / 4) & !1;
    let (upper, _) = shift_right(x, 2 * cut);
    let (root, _) = square_root(&upper);
    let mut guess = shift_left(&add(&root, &[1]), cut);
    loop {
        // From above, until it falls no more.
        let (quotient, rest) = divide(x, &guess);
        if compare(&quotient, &guess).is_ge() {
            let exact = rest.is_empty() && quotient == guess;
            return (guess, exact);
        }
        let mut next = add(&guess, &quotient);
        divide_small(&mut next, 2);
        guess = next;
    }
}

/// Up to how many limbs a number is converted limb by limb.
const SHORT: usize = 40;

/// From a binary number.
pub fn from_big(n: &BigUint) -> Limbs {
    let mut words: Vec<u64> = n.iter_u64_digits().collect();
    if words.len() > SHORT {
        return from_digits(n.to_str_radix(10).as_bytes());
    }
    let mut limbs = Limbs::new();
    while !words.is_empty() {
        let mut rest = 0;
        for word in words.iter_mut().rev() {
            (*word, rest) = split(rest, *word);
        }
        limbs.push(rest);
        while words.last() == Some(&0) {
            words.pop();
        }
    }
    normalize(&mut limbs);
    limbs
}

/// As a binary number.
pub fn to_big(x: &[u64]) -> BigUint {
    if x.len() <= SHORT {
        return x
            .iter()
            .rev()
            .fold(BigUint::default(), |n, limb| n * BASE + *limb);
    }
    // The lower half and the upper one.
    let (low, high) = x.split_at(x.len() / 2);
    to_big(trimmed(high)) * BigUint::from(BASE).pow(low.len() as u32) + to_big(trimmed(low))
}

/// From decimal digits in ASCII.
pub fn from_digits(text: &[u8]) -> Limbs {
    let mut limbs = Limbs::with_capacity(text.len() / DIGITS as usize + 1);
    for group in text.rchunks(DIGITS as usize) {
        limbs.push(
            group
                .iter()
                .fold(0, |n, digit| n * 10 + u64::from(digit - b'0')),
        );
    }
    normalize(&mut limbs);
    limbs
}

/// Two digits each.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut i = 0;
    while i < 100 {
        pairs[i] = [b'0' + i as u8 / 10, b'0' + i as u8 % 10];
        i += 1;
    }
    pairs
};

/// Writes as many digits as there is room for.
pub fn write_limb(out: &mut [u8], mut limb: u64) {
    for pair in out.rchunks_mut(2) {
        let two = PAIRS[(limb % 100) as usize];
        limb /= 100;
        match pair {
            [tens, ones] => (*tens, *ones) = (two[0], two[1]),
            [ones] => *ones = two[1],
            _ => {}
        }
    }
}

/// Appends the decimal digits in ASCII.
pub fn write_digits<A: smallvec::Array<Item = u8>>(x: &[u64], out: &mut SmallVec<A>) {
    let Some((top, rest)) = x.split_last() else {
        return out.push(b'0');
    };
    let mut at = out.len();
    let first = digits_of(*top) as usize;
    out.resize(at + first + rest.len() * DIGITS as usize, 0);
    write_limb(&mut out[at..at + first], *top);
    at += first;
    for limb in rest.iter().rev() {
        write_limb(&mut out[at..at + DIGITS as usize], *limb);
        at += DIGITS as usize;
    }
}

/// `x % modulus`, of a modulus below the base.
pub fn modulo(x: &[u64], modulus: u64) -> u64 {
    let wide = u128::from(modulus);
    let mut rest = 0u128;
    for limb in x.iter().rev() {
        rest = (rest * u128::from(BASE) + u128::from(*limb)) % wide;
    }
    rest as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of many lengths, with limbs at both ends of their range among them.
    fn samples() -> Vec<Limbs> {
        let mut state = 1u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            match state % 7 {
                0 => 0,
                1 => BASE - 1,
                _ => state % BASE,
            }
        };
        let mut all = vec![Limbs::new()];
        for len in (1..12).chain([35, 36, 37, 60, 75, 96, 97, 130, 201, 1000]) {
            for _ in 0..3 {
                let mut x: Limbs = (0..len).map(|_| next()).collect();
                normalize(&mut x);
                all.push(x);
            }
        }
        all
    }

    #[test]
    fn conversions_are_inverse() {
        for x in samples() {
            assert_eq!(from_big(&to_big(&x)), x);
            let mut text: SmallVec<[u8; 8]> = SmallVec::new();
            write_digits(&x, &mut text);
            assert_eq!(text.len() as u64, digits(&x));
            assert_eq!(from_digits(&text), x);
        }
    }

    #[test]
    fn arithmetic_is_that_of_binary_numbers() {
        let all = samples();
        for a in &all {
            for b in &all {
                let (x, y) = (to_big(a), to_big(b));
                assert_eq!(to_big(&add(a, b)), &x + &y);
                assert_eq!(to_big(&multiply(a, b)), &x * &y);
                assert_eq!(compare(a, b), x.cmp(&y));
                if compare(a, b).is_ge() {
                    assert_eq!(to_big(&subtract(a, b)), &x - &y);
                }
                if !b.is_empty() {
                    let (q, r) = divide(a, b);
                    assert_eq!((to_big(&q), to_big(&r)), (&x / &y, &x % &y));
                }
            }
        }
    }

    #[test]
    fn shifts_are_by_powers_of_ten() {
        for x in samples().iter().filter(|x| x.len() < 70) {
            let n = to_big(x);
            for shift in [0, 1, 5, 18, 19, 20, 37, 38, 100] {
                let power = BigUint::from(10u32).pow(shift);
                assert_eq!(to_big(&shift_left(x, shift.into())), &n * &power);
                let (q, rest) = shift_right(x, shift.into());
                assert_eq!(to_big(&q), &n / &power);
                let left = &n % &power;
                assert_eq!(to_big(&low_digits(x, shift.into())), left);
                let expected = match (left.clone() * 2u32).cmp(&power) {
                    _ if left == BigUint::default() => Rest::Nothing,
                    Ordering::Less => Rest::Less,
                    Ordering::Equal => Rest::Half,
                    Ordering::Greater => Rest::More,
                };
                assert_eq!(rest, expected);
            }
        }
    }

    #[test]
    fn roots_are_rounded_down() {
        for x in samples().iter().filter(|x| x.len() < 250) {
            let (root, exact) = square_root(x);
            let n = to_big(x);
            assert_eq!(to_big(&root), n.sqrt());
            assert_eq!(exact, n.sqrt().pow(2) == n);
            assert_eq!(square_root(&square(x)), (x.clone(), true));
        }
    }

    #[test]
    fn digits_are_counted_at_the_powers() {
        for (i, power) in (0..).zip(&POWERS[..19]) {
            assert_eq!(digits_of(*power), i + 1);
            assert_eq!(digits_of(power - 1), i.max(1));
        }
        for (i, power) in (0..).zip(WIDE_POWERS) {
            assert_eq!(digits_of_wide(power), i + 1);
            assert_eq!(digits_of_wide(power - 1), i.max(1));
        }
        assert_eq!(trailing_zeros(&power_of_ten(45)), 45);
    }
}

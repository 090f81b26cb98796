//! Operations on small numbers whose results are small too: those of most programs. Each gives
//! nothing when the case is not one of its own, and has then done nothing.

use super::context::{Context, Rounding, status};
use super::limbs::{self, POWERS, Rest, WIDE_POWERS};
use super::number::rounds_up;
use super::object::Small;
use std::cmp::Ordering;

/// Digits that a coefficient of two limbs can have.
const MOST: u64 = 38;

/// `n / 10**k` and the remainder, for `n` below `10**38` and `k` up to 19.
#[inline(always)]
fn divide_power(n: u128, k: usize) -> (u128, u64) {
    let power = POWERS[k];
    if n >> 64 == 0 {
        let n = n as u64;
        return ((n / power).into(), n % power);
    }
    let (high, low) = limbs::split_wide(n);
    let (upper, carry) = (high / power, high % power);
    let rest = low % power;
    let middle = carry * POWERS[19 - k] + low / power;
    (
        u128::from(upper) * u128::from(limbs::BASE) + u128::from(middle),
        rest,
    )
}

#[inline(always)]
fn rest_of(rest: u64, k: usize) -> Rest {
    let half = POWERS[k] / 2;
    match rest.cmp(&half) {
        _ if rest == 0 => Rest::Nothing,
        Ordering::Less => Rest::Less,
        Ordering::Equal => Rest::Half,
        Ordering::Greater => Rest::More,
    }
}

/// `n` without its last `k` digits, of which there are up to 19.
#[inline(always)]
fn round_off(n: u128, k: usize, rounding: Rounding, negative: bool) -> (u128, bool) {
    let (kept, rest) = divide_power(n, k);
    let rest = rest_of(rest, k);
    let last = if rest == Rest::Nothing {
        0
    } else {
        (kept % 10) as u64
    };
    let up = rounds_up(rounding, negative, last, rest);
    (kept + u128::from(up), rest != Rest::Nothing)
}

/// Fits a result below `10**38` into the context.
#[inline(always)]
fn finish(mut n: Small, ctx: &Context, status: &mut u32) -> Option<Small> {
    if ctx.clamp {
        return None;
    }
    let mut digits = limbs::digits_of_wide(n.coefficient) as i64;
    if digits <= ctx.prec {
        let adjusted = n.exponent + digits - 1;
        let fits = if n.coefficient == 0 {
            n.exponent >= ctx.etiny() && n.exponent <= ctx.emax
        } else {
            adjusted >= ctx.emin && adjusted <= ctx.emax
        };
        return fits.then_some(n);
    }
    let cut = (digits - ctx.prec) as usize;
    // Whether a number is subnormal is a matter of before it is rounded.
    if cut > 19 || n.exponent + digits - 1 < ctx.emin {
        return None;
    }
    let (mut kept, inexact) = round_off(n.coefficient, cut, ctx.rounding, n.negative);
    n.exponent += cut as i64;
    digits = ctx.prec;
    if kept == WIDE_POWERS[digits as usize] {
        kept /= 10;
        n.exponent += 1;
    }
    if n.exponent + digits - 1 > ctx.emax {
        return None;
    }
    *status |= status::ROUNDED | if inexact { status::INEXACT } else { 0 };
    n.coefficient = kept;
    Some(n)
}

/// Both coefficients for the smaller exponent, which is the third.
#[inline(always)]
fn aligned(a: Small, b: Small) -> Option<(u128, u128, i64)> {
    if a.exponent == b.exponent {
        return Some((a.coefficient, b.coefficient, a.exponent));
    }
    let up = a.exponent.abs_diff(b.exponent);
    let raised = |n: u128| {
        (up < MOST && limbs::digits_of_wide(n) + up < MOST).then(|| n * WIDE_POWERS[up as usize])
    };
    if a.exponent > b.exponent {
        Some((raised(a.coefficient)?, b.coefficient, b.exponent))
    } else {
        Some((a.coefficient, raised(b.coefficient)?, a.exponent))
    }
}

/// `a + b`.
#[inline]
pub fn add(a: Small, b: Small, ctx: &Context, status: &mut u32) -> Option<Small> {
    let (x, y, exponent) = aligned(a, b)?;
    let (coefficient, negative) = if a.negative == b.negative {
        (x + y, a.negative)
    } else if x > y {
        (x - y, a.negative)
    } else if x < y {
        (y - x, b.negative)
    } else {
        (0, ctx.rounding == Rounding::Floor)
    };
    if coefficient >= WIDE_POWERS[MOST as usize] {
        return None;
    }
    // Zero makes the other operand no longer than the precision asks.
    if (x == 0 || y == 0) && limbs::digits_of_wide(coefficient) as i64 > ctx.prec {
        return None;
    }
    finish(
        Small {
            negative,
            coefficient,
            exponent,
        },
        ctx,
        status,
    )
}

/// `a - b`.
#[inline]
pub fn subtract(a: Small, mut b: Small, ctx: &Context, status: &mut u32) -> Option<Small> {
    b.negative = !b.negative;
    add(a, b, ctx, status)
}

/// `a * b`.
#[inline]
pub fn multiply(a: Small, b: Small, ctx: &Context, status: &mut u32) -> Option<Small> {
    let coefficient = match ((a.coefficient >> 64), (b.coefficient >> 64)) {
        (0, 0) => Some(u128::from(a.coefficient as u64) * u128::from(b.coefficient as u64)),
        _ => a.coefficient.checked_mul(b.coefficient),
    };
    let negative = a.negative != b.negative;
    let exponent = a.exponent + b.exponent;
    match coefficient {
        Some(coefficient) if coefficient < WIDE_POWERS[MOST as usize] => finish(
            Small {
                negative,
                coefficient,
                exponent,
            },
            ctx,
            status,
        ),
        _ => multiply_wide(
            a.coefficient,
            b.coefficient,
            negative,
            exponent,
            ctx,
            status,
        ),
    }
}

/// A product that has more than two limbs before it is rounded.
fn multiply_wide(
    a: u128,
    b: u128,
    negative: bool,
    exponent: i64,
    ctx: &Context,
    status: &mut u32,
) -> Option<Small> {
    const SQUARE: u128 = WIDE_POWERS[MOST as usize];
    let wide = |x: u64, y: u64| u128::from(x) * u128::from(y);
    let ((a1, a0), (b1, b0)) = (limbs::split_wide(a), limbs::split_wide(b));
    let (carry, l0) = limbs::split_wide(wide(a0, b0));
    let mut middle = wide(a0, b1) + wide(a1, b0) + u128::from(carry);
    let mut high = wide(a1, b1);
    while middle >= SQUARE {
        middle -= SQUARE;
        high += u128::from(limbs::BASE);
    }
    let (carry, l1) = limbs::split_wide(middle);
    let (l3, l2) = limbs::split_wide(high + u128::from(carry));
    let product = [l0, l1, l2, l3];
    let length = if l3 != 0 { 4 } else { 3 };
    let product = &product[..length];
    let digits = limbs::digits(product) as i64;
    let cut = digits - ctx.prec;
    let subnormal = exponent + digits - 1 < ctx.emin;
    if cut <= 0 || ctx.prec >= MOST as i64 || ctx.clamp || subnormal {
        return None;
    }
    let (whole, part) = (cut as usize / 19, cut as usize % 19);
    // What is kept has at most two limbs, which lie in three of the product's.
    let limb = |i: usize| product.get(whole + i).copied().unwrap_or(0);
    let base = u128::from(limbs::BASE);
    let (kept, dropped) = if part == 0 {
        (u128::from(limb(1)) * base + u128::from(limb(0)), 0)
    } else {
        let (down, up) = (POWERS[part], POWERS[19 - part]);
        let (q0, q1) = (limb(0) / down, limb(1) / down);
        let low = q0 + (limb(1) - q1 * down) * up;
        let above = q1 + limb(2) % down * up;
        (
            u128::from(above) * base + u128::from(low),
            limb(0) - q0 * down,
        )
    };
    let below = &product[..whole];
    let nothing_below = below.iter().all(|l| *l == 0);
    let rest = if part == 0 {
        // Half of a limb is the middle.
        let first = below[whole - 1];
        let others = below[..whole - 1].iter().any(|l| *l != 0);
        match first.cmp(&(limbs::BASE / 2)) {
            _ if nothing_below => Rest::Nothing,
            Ordering::Less => Rest::Less,
            Ordering::Equal if !others => Rest::Half,
            _ => Rest::More,
        }
    } else {
        match rest_of(dropped, part) {
            Rest::Nothing if !nothing_below => Rest::Less,
            Rest::Half if !nothing_below => Rest::More,
            rest => rest,
        }
    };
    let up = rounds_up(ctx.rounding, negative, (kept % 10) as u64, rest);
    let (mut coefficient, mut exponent) = (kept + u128::from(up), exponent + cut);
    if coefficient == WIDE_POWERS[ctx.prec as usize] {
        coefficient /= 10;
        exponent += 1;
    }
    if exponent + ctx.prec - 1 > ctx.emax {
        return None;
    }
    *status |= status::ROUNDED;
    if rest != Rest::Nothing {
        *status |= status::INEXACT;
    }
    Some(Small {
        negative,
        coefficient,
        exponent,
    })
}

/// `a // b`, cut towards zero.
#[inline]
pub fn divide_integer(a: Small, b: Small, ctx: &Context, _: &mut u32) -> Option<Small> {
    let (x, y, _) = aligned(a, b)?;
    let quotient = x.checked_div(y)?;
    let fits = limbs::digits_of_wide(quotient) as i64 <= ctx.prec
        && !ctx.clamp
        && limbs::digits_of_wide(quotient) as i64 - 1 <= ctx.emax
        && ctx.emin <= 0;
    fits.then_some(Small {
        negative: a.negative != b.negative,
        coefficient: quotient,
        exponent: 0,
    })
}

/// `a % b`, with the sign of `a`.
#[inline]
pub fn remainder(a: Small, b: Small, ctx: &Context, status: &mut u32) -> Option<Small> {
    let (x, y, exponent) = aligned(a, b)?;
    let quotient = x.checked_div(y)?;
    if limbs::digits_of_wide(quotient) as i64 > ctx.prec {
        return None;
    }
    finish(
        Small {
            negative: a.negative,
            coefficient: x - quotient * y,
            exponent,
        },
        ctx,
        status,
    )
}

/// The number with this sign, fitted into the context.
#[inline]
pub fn signed(mut a: Small, negative: bool, ctx: &Context, status: &mut u32) -> Option<Small> {
    a.negative = negative && (a.coefficient != 0 || ctx.rounding == Rounding::Floor);
    finish(a, ctx, status)
}

/// The number as an integer, cut towards zero.
#[inline]
pub fn whole(a: Small) -> Option<i128> {
    let cut = usize::try_from(-a.exponent).ok().filter(|k| *k <= 19)?;
    let whole = divide_power(a.coefficient, cut).0 as i128;
    Some(if a.negative { -whole } else { whole })
}

/// Room for the text of a small number.
pub type Text = [u8; 96];

/// Writes the number with so many digits behind the point, of which it has exactly those; gives
/// the start of the text, which ends with the room. `separator` goes between groups of three digits.
#[inline]
pub fn write(out: &mut Text, n: Small, places: usize, separator: Option<u8>) -> usize {
    let (high, low) = limbs::split_wide(n.coefficient);
    let mut digits = [b'0'; 40];
    let end = digits.len();
    limbs::write_limb(&mut digits[end - 19..], low);
    let mut count = limbs::digits_of(low) as usize;
    if high != 0 {
        limbs::write_limb(&mut digits[end - 38..end - 19], high);
        count = 19 + limbs::digits_of(high) as usize;
    }
    // The digits before the point, of which there is at least one: zeros stand there already.
    let count = count.max(places + 1);
    let digits = &digits[end - count..];
    let mut at = out.len();
    if places > 0 {
        at -= places;
        out[at..].copy_from_slice(&digits[count - places..]);
        at -= 1;
        out[at] = b'.';
    }
    let whole = &digits[..count - places];
    match separator {
        None => {
            at -= whole.len();
            out[at..at + whole.len()].copy_from_slice(whole);
        }
        Some(separator) => {
            for (i, group) in whole.rchunks(3).enumerate() {
                if i > 0 {
                    at -= 1;
                    out[at] = separator;
                }
                at -= group.len();
                out[at..at + group.len()].copy_from_slice(group);
            }
        }
    }
    if n.negative {
        at -= 1;
        out[at] = b'-';
    }
    at
}

/// As [`write`] as `str` writes it, if that is without an exponent.
#[inline]
pub fn write_plain(out: &mut Text, n: Small) -> Option<usize> {
    let places = usize::try_from(-n.exponent).ok().filter(|p| *p < 38)?;
    let digits = limbs::digits_of_wide(n.coefficient) as i64;
    (n.exponent + digits > -6).then(|| write(out, n, places, None))
}

/// As [`write`] with the number rounded to so many places.
#[inline]
pub fn write_rounded(
    out: &mut Text,
    mut n: Small,
    places: usize,
    separator: Option<u8>,
    rounding: Rounding,
) -> Option<usize> {
    let exponent = -(places as i64);
    if n.exponent >= exponent {
        let up = n.exponent - exponent;
        if places >= 30 || up + limbs::digits_of_wide(n.coefficient) as i64 > MOST as i64 {
            return None;
        }
        n.coefficient *= WIDE_POWERS[up as usize];
    } else {
        let down = exponent - n.exponent;
        if places >= 30 || down > 19 {
            return None;
        }
        n.coefficient = round_off(n.coefficient, down as usize, rounding, n.negative).0;
    }
    Some(write(out, n, places, separator))
}

/// Quotient and remainder.
#[inline(always)]
fn divide_wide(a: u128, b: u128) -> (u128, u128) {
    let quotient = if (a | b) >> 64 == 0 {
        u128::from(a as u64 / b as u64)
    } else {
        a / b
    };
    (quotient, a - quotient * b)
}

/// `a / b`.
#[inline]
pub fn divide(a: Small, b: Small, ctx: &Context, status: &mut u32) -> Option<Small> {
    if a.coefficient == 0 || b.coefficient == 0 || ctx.prec > MOST as i64 - 2 {
        return None;
    }
    let digits = limbs::digits_of_wide(a.coefficient) as i64;
    let divisor_digits = limbs::digits_of_wide(b.coefficient) as i64;
    let shift = divisor_digits - digits + ctx.prec + 1;
    if shift < 0 {
        return None;
    }
    let ideal = a.exponent - b.exponent;
    let (mut coefficient, rest) = if shift + digits <= MOST as i64 {
        let raised = a.coefficient * WIDE_POWERS[shift as usize];
        divide_wide(raised, b.coefficient)
    } else {
        // As many digits at a time as there is room for above the divisor's.
        let room = MOST as i64 - divisor_digits;
        if room < 4 {
            return None;
        }
        let (mut quotient, mut rest) = divide_wide(a.coefficient, b.coefficient);
        let mut left = shift;
        while left > 0 {
            let power = WIDE_POWERS[left.min(room) as usize];
            let (more, after) = divide_wide(rest * power, b.coefficient);
            quotient = quotient * power + more;
            rest = after;
            left -= room;
        }
        (quotient, rest)
    };
    let mut exponent = ideal - shift;
    if rest != 0 {
        if coefficient.is_multiple_of(5) {
            coefficient += 1;
        }
    } else {
        for step in [16, 8, 4, 2, 1] {
            while exponent + step <= ideal {
                let (less, others) = divide_power(coefficient, step as usize);
                if others != 0 {
                    break;
                }
                coefficient = less;
                exponent += step;
            }
        }
    }
    finish(
        Small {
            negative: a.negative != b.negative,
            coefficient,
            exponent,
        },
        ctx,
        status,
    )
}

/// Order of the values.
#[inline]
pub fn compare(a: Small, b: Small) -> Option<Ordering> {
    if a.coefficient == 0 || b.coefficient == 0 || a.negative != b.negative {
        let sign = |n: Small| match n.negative {
            _ if n.coefficient == 0 => 0,
            true => -1,
            false => 1,
        };
        return Some(sign(a).cmp(&sign(b)));
    }
    let (x, y, _) = aligned(a, b)?;
    Some(if a.negative { y.cmp(&x) } else { x.cmp(&y) })
}

/// `a` with this exponent.
#[inline]
pub fn quantize(a: Small, exponent: i64, ctx: &Context, status: &mut u32) -> Option<Small> {
    if ctx.clamp || exponent > ctx.emax || exponent < ctx.etiny() {
        return None;
    }
    let digits = limbs::digits_of_wide(a.coefficient) as i64;
    let mut happened = 0;
    let coefficient = if a.exponent >= exponent {
        let up = a.exponent - exponent;
        if up > MOST as i64 || digits + up > MOST as i64 {
            return None;
        }
        a.coefficient * WIDE_POWERS[up as usize]
    } else {
        let down = exponent - a.exponent;
        if down > 19 || a.coefficient == 0 {
            return None;
        }
        let (kept, inexact) = round_off(a.coefficient, down as usize, ctx.rounding, a.negative);
        happened = status::ROUNDED | if inexact { status::INEXACT } else { 0 };
        kept
    };
    let digits = limbs::digits_of_wide(coefficient) as i64;
    let adjusted = exponent + digits - 1;
    if digits > ctx.prec || coefficient != 0 && (adjusted < ctx.emin || adjusted > ctx.emax) {
        return None;
    }
    *status |= happened;
    Some(Small {
        negative: a.negative,
        coefficient,
        exponent,
    })
}

#[cfg(test)]
mod tests {
    use super::super::number::Number;
    use super::super::{arith, text};
    use super::*;

    fn number(n: Small) -> Number {
        Number::new(n.negative, limbs::from_wide(n.coefficient), n.exponent)
    }

    /// Pairs of numbers of all lengths, among them with digits at the bounds of rounding.
    fn samples() -> impl Iterator<Item = (Small, Small, Context)> {
        let mut state = 7u64;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        (0..60_000).map(move |_| {
            let mut small = || {
                let digits = next(39) as usize;
                let limit = WIDE_POWERS[digits];
                let random = u128::from(next(u64::MAX)) << 64 | u128::from(next(u64::MAX));
                let coefficient = match next(5) {
                    0 => limit - 1,
                    1 => limit / 2,
                    2 if digits > 0 => limit / 10,
                    _ => random % limit,
                };
                Small {
                    negative: next(2) == 1,
                    coefficient,
                    exponent: next(50) as i64 - 30,
                }
            };
            let (a, b) = (small(), small());
            let near = next(3) == 0;
            let ctx = Context {
                prec: [1, 2, 9, 18, 19, 20, 28, 37, 38, 50][next(10) as usize],
                emax: if near { 9 } else { 999 },
                emin: if near { -9 } else { -999 },
                rounding: Rounding::ALL[next(8) as usize].0,
                clamp: next(9) == 0,
            };
            (a, b, ctx)
        })
    }

    #[test]
    fn results_are_those_of_the_general_operations() {
        type General = fn(&Number, &Number, &Context, &mut u32) -> Number;
        type Fast = fn(Small, Small, &Context, &mut u32) -> Option<Small>;
        let operations: [(Fast, General); 7] = [
            (add, arith::add),
            (subtract, arith::subtract),
            (multiply, arith::multiply),
            (divide, arith::divide),
            (divide_integer, arith::divide_integer),
            (remainder, arith::remainder),
            (
                |a, b, ctx, s| quantize(a, b.exponent, ctx, s),
                arith::quantize,
            ),
        ];
        let mut taken = [0; 7];
        for (a, b, ctx) in samples() {
            for (at, (fast, general)) in operations.iter().enumerate() {
                let (mut fast_status, mut status) = (0, 0);
                match fast(a, b, &ctx, &mut fast_status) {
                    Some(n) => {
                        let expected = general(&number(a), &number(b), &ctx, &mut status);
                        assert_eq!(number(n), expected, "{at} {a:?} {b:?} {ctx:?}");
                        assert_eq!(fast_status, status, "{at} {a:?} {b:?} {ctx:?}");
                        taken[at] += 1;
                    }
                    None => assert_eq!(fast_status, 0),
                }
            }
            if let Some(order) = compare(a, b) {
                assert_eq!(order, number(a).order(&number(b)));
            }
        }
        assert!(taken.iter().all(|n| *n > 500), "{taken:?}");
    }

    #[test]
    fn text_is_that_of_the_general_way() {
        let mut taken = 0;
        for (a, _, _) in samples() {
            let mut room = [0; 96];
            if let Some(at) = write_plain(&mut room, a) {
                let expected = text::to_scientific(&number(a), true);
                assert_eq!(&room[at..], expected.as_bytes());
                taken += 1;
            }
        }
        assert!(taken > 5000);
    }
}

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
    if cut > 19 {
        return None;
    }
    let (mut kept, inexact) = round_off(n.coefficient, cut, ctx.rounding, n.negative);
    n.exponent += cut as i64;
    digits = ctx.prec;
    if kept == WIDE_POWERS[digits as usize] {
        kept /= 10;
        n.exponent += 1;
    }
    let adjusted = n.exponent + digits - 1;
    if adjusted < ctx.emin || adjusted > ctx.emax {
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
        (0, 0) => u128::from(a.coefficient as u64) * u128::from(b.coefficient as u64),
        _ => a.coefficient.checked_mul(b.coefficient)?,
    };
    if coefficient >= WIDE_POWERS[MOST as usize] {
        return None;
    }
    finish(
        Small {
            negative: a.negative != b.negative,
            coefficient,
            exponent: a.exponent + b.exponent,
        },
        ctx,
        status,
    )
}

/// `a / b`.
#[inline]
pub fn divide(a: Small, b: Small, ctx: &Context, status: &mut u32) -> Option<Small> {
    if a.coefficient == 0 || b.coefficient == 0 || b.coefficient >> 64 != 0 {
        return None;
    }
    let divisor = b.coefficient as u64;
    let digits = limbs::digits_of_wide(a.coefficient) as i64;
    let shift = limbs::digits_of(divisor) as i64 - digits + ctx.prec + 1;
    if shift < 0 || shift + digits > MOST as i64 {
        return None;
    }
    let raised = a.coefficient * WIDE_POWERS[shift as usize];
    let ideal = a.exponent - b.exponent;
    let mut coefficient = raised / u128::from(divisor);
    let rest = (raised - coefficient * u128::from(divisor)) as u64;
    let mut exponent = ideal - shift;
    if rest != 0 {
        if coefficient.is_multiple_of(5) {
            coefficient += 1;
        }
    } else {
        while exponent < ideal {
            let (less, zero) = divide_power(coefficient, 1);
            if zero != 0 {
                break;
            }
            coefficient = less;
            exponent += 1;
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

//! The arithmetic operations of the General Decimal Arithmetic specification (Cowlishaw, 1.70):
//! each takes its operands and a context, adds to the status what happened, and returns the
//! result fitted into the context.

use super::context::{Context, Rounding, status};
use super::limbs::{self, Limbs, Rest};
use super::number::{Number, TOO_LONG, nan_among, nan_of, nan_of_two, nines};
use std::cmp::Ordering;

fn too_long(status: &mut u32) -> Number {
    Number::invalid(status::OUT_OF_MEMORY, status)
}

/// `a + b`.
pub fn add(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    sum(a, b, b.negative, ctx, status)
}

/// `a - b`.
pub fn subtract(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    sum(a, b, !b.negative, ctx, status)
}

/// The sum of `a` and `b`, the latter with this sign.
fn sum(a: &Number, b: &Number, b_negative: bool, ctx: &Context, status: &mut u32) -> Number {
    if !a.is_finite() || !b.is_finite() {
        return special_sum(a, b, b_negative, ctx, status);
    }
    exact_sum(a, b, b_negative, ctx, status).finish(ctx, status)
}

#[cold]
fn special_sum(
    a: &Number,
    b: &Number,
    b_negative: bool,
    ctx: &Context,
    status: &mut u32,
) -> Number {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    match (a.is_infinite(), b.is_infinite()) {
        (true, true) if a.negative != b_negative => {
            Number::invalid(status::INVALID_OPERATION, status)
        }
        (true, _) => Number::infinity(a.negative),
        _ => Number::infinity(b_negative),
    }
}

/// The sum of finite numbers, exact as far as the context's rounding can tell.
fn exact_sum(a: &Number, b: &Number, b_negative: bool, ctx: &Context, status: &mut u32) -> Number {
    let exponent = a.exponent.min(b.exponent);
    match (a.coefficient.is_empty(), b.coefficient.is_empty()) {
        (true, true) => {
            let negative = if a.negative == b_negative {
                a.negative
            } else {
                ctx.rounding == Rounding::Floor
            };
            return Number::zero(negative, exponent);
        }
        (true, false) => return lowered(b, exponent, ctx, status).with_sign(b_negative),
        (false, true) => return lowered(a, exponent, ctx, status),
        (false, false) => {}
    }
    // The operand with the larger exponent gets the smaller one.
    let (high, low, high_negative, low_negative) = if a.exponent >= b.exponent {
        (a, b, a.negative, b_negative)
    } else {
        (b, a, b_negative, a.negative)
    };
    let up = (high.exponent - low.exponent) as u64;
    let tiny;
    let mut exponent = exponent;
    let mut low = &low.coefficient;
    let (mut high_shifted, up_by);
    if up == 0 {
        up_by = 0;
    } else {
        // What lies wholly below the rounding digit of the sum is as good as one there.
        let cut = high.exponent + (-1).min(high.digits() - ctx.prec - 2);
        if limbs::digits(low) as i64 + exponent - 1 < cut {
            tiny = limbs::from_wide(1);
            low = &tiny;
            exponent = cut;
        }
        up_by = (high.exponent - exponent) as u64;
    }
    if up_by > TOO_LONG {
        return too_long(status);
    }
    let high = if up_by == 0 {
        &high.coefficient
    } else {
        high_shifted = limbs::shift_left(&high.coefficient, up_by);
        &mut high_shifted
    };
    if high_negative == low_negative {
        return Number::new(high_negative, limbs::add(high, low), exponent);
    }
    match limbs::compare(high, low) {
        Ordering::Equal => Number::zero(ctx.rounding == Rounding::Floor, exponent),
        Ordering::Greater => Number::new(high_negative, limbs::subtract(high, low), exponent),
        Ordering::Less => Number::new(low_negative, limbs::subtract(low, high), exponent),
    }
}

/// A number that zero of this exponent is added to.
fn lowered(n: &Number, exponent: i64, ctx: &Context, status: &mut u32) -> Number {
    let exponent = exponent.max(n.exponent - ctx.prec - 1);
    match n.rescaled(exponent, ctx.rounding) {
        Some((n, _)) => n,
        None => too_long(status),
    }
}

/// `a * b`.
pub fn multiply(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    product(a, b, ctx, status).finish(ctx, status)
}

/// The exact product.
fn product(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    let negative = a.negative != b.negative;
    if a.is_finite() && b.is_finite() {
        let exponent = a.exponent + b.exponent;
        return Number::new(
            negative,
            limbs::multiply(&a.coefficient, &b.coefficient),
            exponent,
        );
    }
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    if a.is_zero() || b.is_zero() {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    Number::infinity(negative)
}

/// `a * b + c`, rounded once.
pub fn fma(a: &Number, b: &Number, c: &Number, ctx: &Context, status: &mut u32) -> Number {
    let mut now = 0;
    let product = product(a, b, ctx, &mut now);
    *status |= now;
    if now & status::INVALID_OPERATION != 0 {
        return product;
    }
    add(&product, c, ctx, status)
}

/// `a / b`.
pub fn divide(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    let negative = a.negative != b.negative;
    if !a.is_finite() || !b.is_finite() {
        if let Some(nan) = nan_of_two(a, b, ctx, status) {
            return nan;
        }
        return match (a.is_infinite(), b.is_infinite()) {
            (true, true) => Number::invalid(status::INVALID_OPERATION, status),
            (true, false) => Number::infinity(negative),
            _ => {
                *status |= status::CLAMPED;
                Number::zero(negative, ctx.etiny())
            }
        };
    }
    if b.coefficient.is_empty() {
        return by_zero(a, negative, status);
    }
    let ideal = a.exponent - b.exponent;
    if a.coefficient.is_empty() {
        return Number::zero(negative, ideal).finish(ctx, status);
    }
    let shift = b.digits() - a.digits() + ctx.prec + 1;
    if shift > TOO_LONG as i64 {
        return divide_exactly(a, b, negative, ctx, status);
    }
    let (mut quotient, rest) = if shift >= 0 {
        limbs::divide(
            &limbs::shift_left(&a.coefficient, shift as u64),
            &b.coefficient,
        )
    } else {
        limbs::divide(
            &a.coefficient,
            &limbs::shift_left(&b.coefficient, shift.unsigned_abs()),
        )
    };
    let mut exponent = ideal - shift;
    if !rest.is_empty() {
        // What follows the last digit must not look like nothing, or like a half.
        if quotient.first().is_none_or(|limb| limb % 5 == 0) {
            limbs::increment(&mut quotient, 1);
        }
    } else if exponent < ideal {
        let zeros = limbs::trailing_zeros(&quotient).min((ideal - exponent) as u64);
        if zeros > 0 {
            quotient = limbs::shift_right(&quotient, zeros).0;
            exponent += zeros as i64;
        }
    }
    Number::new(negative, quotient, exponent).finish(ctx, status)
}

/// `a / 0`.
#[cold]
fn by_zero(a: &Number, negative: bool, status: &mut u32) -> Number {
    if a.is_zero() {
        return Number::invalid(status::DIVISION_UNDEFINED, status);
    }
    *status |= status::DIVISION_BY_ZERO;
    Number::infinity(negative)
}

/// A quotient in a precision that no memory could hold: only one that ends is found.
fn divide_exactly(
    a: &Number,
    b: &Number,
    negative: bool,
    ctx: &Context,
    status: &mut u32,
) -> Number {
    // A divisor's factors of two and five bound the quotient's digits, others make it endless
    // unless the dividend has them.
    let bound = b.digits() * 4 + 4;
    let digits = bound + b.digits() + a.digits();
    if digits > TOO_LONG as i64 {
        return too_long(status);
    }
    let numerator = limbs::shift_left(&a.coefficient, bound as u64);
    let (mut quotient, rest) = limbs::divide(&numerator, &b.coefficient);
    if !rest.is_empty() {
        return too_long(status);
    }
    let zeros = limbs::trailing_zeros(&quotient).min(bound as u64);
    quotient = limbs::shift_right(&quotient, zeros).0;
    let exponent = a.exponent - b.exponent - bound + zeros as i64;
    Number::new(negative, quotient, exponent).finish(ctx, status)
}

/// Integer quotient and remainder of finite numbers, the divisor not zero; neither is rounded.
/// Nothing if the quotient has too many digits.
fn integer_parts(
    a: &Number,
    b: &Number,
    ctx: &Context,
    status: &mut u32,
) -> Option<(Number, Number)> {
    let negative = a.negative != b.negative;
    let exponent = if b.is_infinite() {
        a.exponent
    } else {
        a.exponent.min(b.exponent)
    };
    let apart = a.adjusted() - b.adjusted();
    if a.coefficient.is_empty() || b.is_infinite() || apart <= -2 {
        let zero = Number::zero(negative, 0);
        if a.coefficient.is_empty() {
            return Some((zero, Number::zero(a.negative, exponent)));
        }
        // A remainder of more digits than fit is rounded as it would be when padded.
        let lowest = a.exponent - ctx.prec - 1;
        let rest = a.rescaled(exponent.max(lowest.min(a.exponent)), ctx.rounding);
        return match rest {
            Some((rest, _)) => Some((zero, rest)),
            None => Some((too_long(status), too_long(status))),
        };
    }
    if apart > ctx.prec {
        return None;
    }
    let up = a.exponent.abs_diff(b.exponent);
    if up > TOO_LONG {
        return Some((too_long(status), too_long(status)));
    }
    let (quotient, rest) = if a.exponent >= b.exponent {
        limbs::divide(&limbs::shift_left(&a.coefficient, up), &b.coefficient)
    } else {
        limbs::divide(&a.coefficient, &limbs::shift_left(&b.coefficient, up))
    };
    if !quotient.is_empty() && limbs::digits(&quotient) as i64 > ctx.prec {
        return None;
    }
    Some((
        Number::new(negative, quotient, 0),
        Number::new(a.negative, rest, exponent),
    ))
}

/// `a // b`, cut towards zero.
pub fn divide_integer(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    let negative = a.negative != b.negative;
    if a.is_infinite() {
        return if b.is_infinite() {
            Number::invalid(status::INVALID_OPERATION, status)
        } else {
            Number::infinity(negative)
        };
    }
    if b.is_zero() {
        return by_zero(a, negative, status);
    }
    match integer_parts(a, b, ctx, status) {
        // Nothing is divided by an infinity, and nothing fitted.
        Some((quotient, _)) if b.is_infinite() => quotient,
        Some((quotient, _)) => quotient.finish(ctx, status),
        None => Number::invalid(status::DIVISION_IMPOSSIBLE, status),
    }
}

/// The NaN that a remainder is where there is none: of NaNs, of an infinity, by zero.
fn no_remainder(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Option<Number> {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return Some(nan);
    }
    let reason = if a.is_infinite() || b.is_zero() && !a.is_zero() {
        status::INVALID_OPERATION
    } else if b.is_zero() {
        status::DIVISION_UNDEFINED
    } else {
        return None;
    };
    Some(Number::invalid(reason, status))
}

/// `a % b`, with the sign of `a`.
pub fn remainder(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = no_remainder(a, b, ctx, status) {
        return nan;
    }
    match integer_parts(a, b, ctx, status) {
        Some((_, rest)) => rest.finish(ctx, status),
        None => Number::invalid(status::DIVISION_IMPOSSIBLE, status),
    }
}

/// `divmod(a, b)`.
pub fn divmod(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> (Number, Number) {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return (nan.clone(), nan);
    }
    let negative = a.negative != b.negative;
    let both = |reason: u32, status: &mut u32| {
        let nan = Number::invalid(reason, status);
        (nan.clone(), nan)
    };
    if a.is_infinite() {
        if b.is_infinite() {
            return both(status::INVALID_OPERATION, status);
        }
        let rest = Number::invalid(status::INVALID_OPERATION, status);
        return (Number::infinity(negative), rest);
    }
    if b.is_zero() {
        if a.is_zero() {
            return both(status::DIVISION_UNDEFINED, status);
        }
        *status |= status::DIVISION_BY_ZERO;
        let rest = Number::invalid(status::INVALID_OPERATION, status);
        return (Number::infinity(negative), rest);
    }
    match integer_parts(a, b, ctx, status) {
        Some((quotient, rest)) if b.is_infinite() => (quotient, rest.finish(ctx, status)),
        Some((quotient, rest)) => (quotient.finish(ctx, status), rest.finish(ctx, status)),
        None => both(status::DIVISION_IMPOSSIBLE, status),
    }
}

/// `a - n * b`, where `n` is the integer nearest to the quotient, an even one at a half.
pub fn remainder_near(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = no_remainder(a, b, ctx, status) {
        return nan;
    }
    if b.is_infinite() {
        return a.clone().finish(ctx, status);
    }
    let exponent = a.exponent.min(b.exponent);
    if a.coefficient.is_empty() {
        return Number::zero(a.negative, exponent).finish(ctx, status);
    }
    let apart = a.adjusted() - b.adjusted();
    if apart > ctx.prec {
        return Number::invalid(status::DIVISION_IMPOSSIBLE, status);
    }
    if apart <= -2 {
        let exponent = exponent.max(a.exponent - ctx.prec - 1);
        return match a.rescaled(exponent, ctx.rounding) {
            Some((n, _)) => n.finish(ctx, status),
            None => too_long(status),
        };
    }
    let up = a.exponent.abs_diff(b.exponent);
    if up > TOO_LONG {
        return too_long(status);
    }
    let raised;
    let (quotient, rest, divisor): (Limbs, Limbs, &[u64]) = if a.exponent >= b.exponent {
        let (q, r) = limbs::divide(&limbs::shift_left(&a.coefficient, up), &b.coefficient);
        (q, r, &b.coefficient)
    } else {
        raised = limbs::shift_left(&b.coefficient, up);
        let (q, r) = limbs::divide(&a.coefficient, &raised);
        (q, r, &raised)
    };
    let odd = quotient.first().is_some_and(|limb| limb & 1 != 0);
    let twice = limbs::add(&rest, &rest);
    let nearer = match limbs::compare(&twice, divisor) {
        Ordering::Less => false,
        Ordering::Equal => odd,
        Ordering::Greater => true,
    };
    let (mut quotient, mut rest, mut negative) = (quotient, rest, a.negative);
    if nearer {
        rest = limbs::subtract(divisor, &rest);
        limbs::increment(&mut quotient, 1);
        negative = !negative;
    }
    if !quotient.is_empty() && limbs::digits(&quotient) as i64 > ctx.prec {
        return Number::invalid(status::DIVISION_IMPOSSIBLE, status);
    }
    Number::new(negative, rest, exponent).finish(ctx, status)
}

/// `+a`.
pub fn plus(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    signed(a, a.negative, ctx, status)
}

/// `-a`.
pub fn minus(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    signed(a, !a.negative, ctx, status)
}

fn signed(a: &Number, negative: bool, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of(a, ctx, status) {
        return nan;
    }
    // As zero plus or minus the number.
    let negative = if a.is_zero() {
        negative && ctx.rounding == Rounding::Floor
    } else {
        negative
    };
    a.clone().with_sign(negative).finish(ctx, status)
}

/// `abs(a)`.
pub fn abs(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    if a.negative {
        minus(a, ctx, status)
    } else {
        plus(a, ctx, status)
    }
}

/// `a` with the exponent of `b`.
pub fn quantize(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if !a.is_finite() || !b.is_finite() {
        if let Some(nan) = nan_of_two(a, b, ctx, status) {
            return nan;
        }
        return if a.is_infinite() && b.is_infinite() {
            Number::infinity(a.negative)
        } else {
            Number::invalid(status::INVALID_OPERATION, status)
        };
    }
    let exponent = b.exponent;
    if exponent > ctx.emax || exponent < ctx.etiny() {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    if a.coefficient.is_empty() {
        return Number::zero(a.negative, exponent).finish(ctx, status);
    }
    if a.adjusted() > ctx.emax || a.adjusted() - exponent + 1 > ctx.prec {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    let Some((result, rest)) = a.rescaled(exponent, ctx.rounding) else {
        return too_long(status);
    };
    if !result.is_zero() && (result.digits() > ctx.prec || result.adjusted() > ctx.emax) {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    if exponent > a.exponent {
        *status |= status::ROUNDED;
        if rest != Rest::Nothing {
            *status |= status::INEXACT;
        }
    }
    result.finish(ctx, status)
}

/// `to_integral_exact` and `to_integral_value`, of which the former tells of rounding.
pub fn to_integral(a: &Number, tells: bool, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of(a, ctx, status) {
        return nan;
    }
    if a.is_infinite() || a.exponent >= 0 {
        return a.clone();
    }
    if a.coefficient.is_empty() {
        return Number::zero(a.negative, 0);
    }
    let Some((result, rest)) = a.rescaled(0, ctx.rounding) else {
        return too_long(status);
    };
    if tells {
        *status |= status::ROUNDED;
        if rest != Rest::Nothing {
            *status |= status::INEXACT;
        }
    }
    result
}

/// Without trailing zeros.
pub fn normalize(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of(a, ctx, status) {
        return nan;
    }
    let mut n = a.clone().finish(ctx, status);
    if !n.is_finite() {
        return n;
    }
    if n.coefficient.is_empty() {
        return Number::zero(n.negative, 0);
    }
    let most = if ctx.clamp { ctx.etop() } else { ctx.emax };
    let room = (most - n.exponent).max(0) as u64;
    let zeros = limbs::trailing_zeros(&n.coefficient).min(room);
    n.coefficient = limbs::shift_right(&n.coefficient, zeros).0;
    n.exponent += zeros as i64;
    n
}

/// The square root, rounded to the nearest.
pub fn square_root(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of(a, ctx, status) {
        return nan;
    }
    if a.is_zero() {
        return Number::zero(a.negative, a.exponent.div_euclid(2)).finish(ctx, status);
    }
    if a.negative {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    if a.is_infinite() {
        return Number::infinity(false);
    }
    let ideal = a.exponent.div_euclid(2);
    // An even exponent, and twice the digits wanted of the root.
    let odd = a.exponent & 1 != 0;
    let length = if odd {
        (a.digits() >> 1) + 1
    } else {
        (a.digits() + 1) >> 1
    };
    let nearest = Context {
        rounding: Rounding::HalfEven,
        ..*ctx
    };
    let coefficient = if odd {
        limbs::shift_left(&a.coefficient, 1)
    } else {
        a.coefficient.clone()
    };
    let shift = ctx.prec + 1 - length;
    if shift > TOO_LONG as i64 / 2 {
        // Only an exact root can be told.
        return match limbs::square_root(&coefficient) {
            (root, true) => Number::new(false, root, ideal).finish(&nearest, status),
            _ => exact_root(&coefficient, ideal, &nearest, status),
        };
    }
    let (scaled, cut) = if shift >= 0 {
        (
            limbs::shift_left(&coefficient, 2 * shift as u64),
            Rest::Nothing,
        )
    } else {
        limbs::shift_right(&coefficient, 2 * shift.unsigned_abs())
    };
    let (mut root, exact) = limbs::square_root(&scaled);
    let mut exponent = ideal - shift;
    if exact && cut == Rest::Nothing {
        // As near to the ideal exponent as the digits allow.
        if shift >= 0 {
            let zeros = limbs::trailing_zeros(&root).min(shift as u64);
            root = limbs::shift_right(&root, zeros).0;
            exponent += zeros as i64;
        } else {
            root = limbs::shift_left(&root, shift.unsigned_abs());
            exponent = ideal;
        }
    } else if root.first().is_some_and(|limb| limb % 5 == 0) {
        limbs::increment(&mut root, 1);
    }
    Number::new(false, root, exponent).finish(&nearest, status)
}

/// An exact root that has digits after those of the ideal exponent.
fn exact_root(coefficient: &[u64], ideal: i64, ctx: &Context, status: &mut u32) -> Number {
    // A square with trailing zeros cut off is one too, and a root has half the digits.
    let digits = limbs::digits(coefficient);
    let scaled = limbs::shift_left(coefficient, 2 * digits);
    match limbs::square_root(&scaled) {
        (root, true) => {
            let zeros = limbs::trailing_zeros(&root).min(digits);
            let root = limbs::shift_right(&root, zeros).0;
            Number::new(false, root, ideal - digits as i64 + zeros as i64).finish(ctx, status)
        }
        _ => too_long(status),
    }
}

/// What `max` and its kin choose by.
fn choose(
    a: &Number,
    b: &Number,
    magnitudes: bool,
    largest: bool,
    ctx: &Context,
    status: &mut u32,
) -> Number {
    use super::number::Kind::Quiet;
    if a.kind == Quiet && !b.is_nan() {
        return b.clone().finish(ctx, status);
    }
    if b.kind == Quiet && !a.is_nan() {
        return a.clone().finish(ctx, status);
    }
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    let order = if magnitudes {
        a.order_of_magnitudes(b)
    } else {
        a.order(b)
    };
    let order = order.then_with(|| a.total_order(b));
    let first = if largest {
        order != Ordering::Less
    } else {
        order == Ordering::Less
    };
    if first { a } else { b }.clone().finish(ctx, status)
}

pub fn max(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    choose(a, b, false, true, ctx, status)
}

pub fn min(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    choose(a, b, false, false, ctx, status)
}

pub fn max_mag(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    choose(a, b, true, true, ctx, status)
}

pub fn min_mag(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    choose(a, b, true, false, ctx, status)
}

fn of_order(order: Ordering) -> Number {
    Number::from_i64(order as i64)
}

/// -1, 0 or 1, or a NaN.
pub fn compare(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    match nan_of_two(a, b, ctx, status) {
        Some(nan) => nan,
        None => of_order(a.order(b)),
    }
}

/// As [`compare`], any NaN being invalid.
pub fn compare_signal(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    match nan_of_two(a, b, ctx, status) {
        Some(nan) => {
            *status |= status::INVALID_OPERATION;
            nan
        }
        None => of_order(a.order(b)),
    }
}

/// By the total order.
pub fn compare_total(a: &Number, b: &Number) -> Number {
    of_order(a.total_order(b))
}

/// By the total order, signs aside.
pub fn compare_total_mag(a: &Number, b: &Number) -> Number {
    let (a, b) = (a.clone().with_sign(false), b.clone().with_sign(false));
    of_order(a.total_order(&b))
}

/// The largest number below, or the smallest above.
fn neighbour(a: &Number, below: bool, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of(a, ctx, status) {
        return nan;
    }
    if a.is_infinite() {
        if a.negative == below {
            return Number::infinity(below);
        }
        return match nines(ctx.prec) {
            Some(coefficient) => Number::new(a.negative, coefficient, ctx.etop()),
            None => too_long(status),
        };
    }
    let directed = Context {
        rounding: if below {
            Rounding::Floor
        } else {
            Rounding::Ceiling
        },
        ..*ctx
    };
    let mut now = 0;
    let fitted = a.clone().finish(&directed, &mut now);
    if now & (status::INEXACT | status::ERRORS) != 0 {
        *status |= now & status::ERRORS;
        return fitted;
    }
    let least = Number::new(below, limbs::from_wide(1), ctx.etiny() - 1);
    let mut now = 0;
    let result = add(a, &least, &directed, &mut now);
    *status |= now & status::ERRORS;
    result
}

pub fn next_plus(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    neighbour(a, false, ctx, status)
}

pub fn next_minus(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    neighbour(a, true, ctx, status)
}

/// The neighbour of `a` in the direction of `b`.
pub fn next_toward(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    let result = match a.order(b) {
        Ordering::Equal => return a.clone().with_sign(b.negative),
        Ordering::Less => next_plus(a, ctx, status),
        Ordering::Greater => next_minus(a, ctx, status),
    };
    if result.is_infinite() {
        *status |= status::OVERFLOW | status::ROUNDED | status::INEXACT;
    } else if result.adjusted() < ctx.emin {
        *status |= status::UNDERFLOW | status::SUBNORMAL | status::ROUNDED | status::INEXACT;
        if result.is_zero() {
            *status |= status::CLAMPED;
        }
    }
    result
}

/// The exponent of the first digit, as a number.
pub fn logb(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of(a, ctx, status) {
        return nan;
    }
    if a.is_infinite() {
        return Number::infinity(false);
    }
    if a.is_zero() {
        *status |= status::DIVISION_BY_ZERO;
        return Number::infinity(true);
    }
    Number::from_i64(a.adjusted()).finish(ctx, status)
}

/// An integer operand within bounds, as shifts and `scaleb` take them.
fn count_of(b: &Number, limit: i64, status: &mut u32) -> Option<i64> {
    match b.plain_i64().filter(|n| (-limit..=limit).contains(n)) {
        None => {
            *status |= status::INVALID_OPERATION;
            None
        }
        some => some,
    }
}

/// `a * 10**b`.
pub fn scaleb(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    let Some(n) = count_of(b, 2 * (ctx.emax + ctx.prec), status) else {
        return Number::nan();
    };
    if a.is_infinite() {
        return Number::infinity(a.negative);
    }
    let mut result = a.clone();
    result.exponent += n;
    result.finish(ctx, status)
}

/// The coefficient moved within the context's digits.
pub fn shift(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    let Some(n) = count_of(b, ctx.prec, status) else {
        return Number::nan();
    };
    if a.is_infinite() {
        return Number::infinity(a.negative);
    }
    let kept = limbs::low_digits(&a.coefficient, ctx.prec as u64);
    let moved = if n >= 0 {
        // No more digits than fit are moved up.
        let room = limbs::low_digits(&kept, (ctx.prec - n) as u64);
        if !room.is_empty() && n as u64 > TOO_LONG {
            return too_long(status);
        }
        limbs::shift_left(&room, n as u64)
    } else {
        limbs::shift_right(&kept, n.unsigned_abs()).0
    };
    Number::new(a.negative, moved, a.exponent)
}

/// The coefficient turned round within the context's digits.
pub fn rotate(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    let Some(n) = count_of(b, ctx.prec, status) else {
        return Number::nan();
    };
    if a.is_infinite() {
        return Number::infinity(a.negative);
    }
    let left = if n >= 0 { n } else { n + ctx.prec } as u64;
    let kept = limbs::low_digits(&a.coefficient, ctx.prec as u64);
    let right = ctx.prec as u64 - left;
    let (high, _) = limbs::shift_right(&kept, right);
    let low = limbs::low_digits(&kept, right);
    if !low.is_empty() && left > TOO_LONG {
        return too_long(status);
    }
    let turned = limbs::add(&limbs::shift_left(&low, left), &high);
    Number::new(a.negative, turned, a.exponent)
}

/// The digits of a logical operand, or nothing if it is none.
fn logical(a: &Number) -> bool {
    let is_binary = |mut limb: u64| {
        while limb > 0 {
            if limb % 10 > 1 {
                return false;
            }
            limb /= 10;
        }
        true
    };
    a.is_finite() && !a.negative && a.exponent == 0 && a.coefficient.iter().all(|l| is_binary(*l))
}

fn bitwise(
    a: &Number,
    b: &Number,
    op: fn(u64, u64) -> u64,
    ctx: &Context,
    status: &mut u32,
) -> Number {
    if !logical(a) || !logical(b) {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    let (a, b) = (&a.coefficient, &b.coefficient);
    let mut result: Limbs = (0..a.len().max(b.len()))
        .map(|i| {
            let limb = |x: &Limbs| x.get(i).copied().unwrap_or(0);
            let (mut x, mut y) = (limb(a), limb(b));
            let mut out = 0;
            for power in &limbs::POWERS[..limbs::DIGITS as usize] {
                out += op(x % 10, y % 10) * power;
                (x, y) = (x / 10, y / 10);
            }
            out
        })
        .collect();
    limbs::normalize(&mut result);
    Number::new(false, limbs::low_digits(&result, ctx.prec as u64), 0)
}

pub fn logical_and(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    bitwise(a, b, |x, y| x & y, ctx, status)
}

pub fn logical_or(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    bitwise(a, b, |x, y| x | y, ctx, status)
}

pub fn logical_xor(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    bitwise(a, b, |x, y| x ^ y, ctx, status)
}

pub fn logical_invert(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    if !logical(a) {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    match nines(ctx.prec) {
        Some(mut ones) => {
            limbs::divide_small(&mut ones, 9);
            logical_xor(a, &Number::new(false, ones, 0), ctx, status)
        }
        None => too_long(status),
    }
}

/// `a ** b % c` of integers.
pub fn power_modulo(a: &Number, b: &Number, c: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_among(&[a, b, c], ctx, status) {
        return nan;
    }
    let integers = a.is_integer() && b.is_integer() && c.is_integer();
    if !integers
        || b.negative && !b.is_zero()
        || c.is_zero()
        || a.is_zero() && b.is_zero()
        || c.adjusted() >= ctx.prec
    {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    let negative = a.negative && b.is_odd();
    let whole = |n: &Number| n.rescaled(0, Rounding::Down).map(|(n, _)| n.coefficient);
    let (Some(modulus), Some(exponent)) = (whole(c), whole(b)) else {
        return too_long(status);
    };
    let modulus = limbs::to_big(&modulus);
    // Ten to the base's exponent is taken modulo too.
    let base = if a.exponent >= 0 {
        let ten =
            taipan_text::int::BigUint::from(10u32).modpow(&(a.exponent as u64).into(), &modulus);
        limbs::to_big(&a.coefficient) * ten
    } else {
        match whole(a) {
            Some(base) => limbs::to_big(&base),
            None => return too_long(status),
        }
    };
    let result = base.modpow(&limbs::to_big(&exponent), &modulus);
    Number::new(negative, limbs::from_big(&result), 0)
}

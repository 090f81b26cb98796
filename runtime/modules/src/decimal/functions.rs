//! `exp`, `ln`, `log10` and powers.
//!
//! The first three are correctly rounded: they are computed with some digits more than asked for,
//! and again with more still as long as the rounding hangs on the error. They work on fixed point
//! numbers with a whole number of limbs behind the point, so that a product's point is moved
//! by dropping limbs.
//!
//! Powers do as libmpdec does, digit for digit: integer exponents by repeated squaring with a few
//! guard digits, other ones by `exp(ln(base) * exponent)` with more than twenty.

use super::arith;
use super::context::{Context, Rounding, status};
use super::fast;
use super::limbs::{self, DIGITS, Limbs};
use super::number::{Number, TOO_LONG, nan_of, nan_of_two};
use super::object::Small;
use std::cell::RefCell;
use std::cmp::Ordering;

/// Where overflow is certain.
const BEYOND: i64 = 2_000_000_000_000_000_001;

/// Most digits that these functions are computed with.
const MOST_DIGITS: i64 = 50_000_000;

fn one(places: usize) -> Limbs {
    let mut one = Limbs::from_elem(0, places);
    one.push(1);
    one
}

/// The product of fixed point numbers, cut.
fn times(a: &[u64], b: &[u64], places: usize) -> Limbs {
    limbs::multiply_high(a, b, places)
}

/// The quotient of fixed point numbers, cut.
fn over(a: &[u64], b: &[u64], places: usize) -> Limbs {
    let mut raised = Limbs::from_elem(0, places);
    raised.extend_from_slice(a);
    limbs::normalize(&mut raised);
    limbs::divide(&raised, b).0
}

/// With so many more places, or fewer.
fn with_places(x: &[u64], from: usize, to: usize) -> Limbs {
    if to >= from {
        let mut out = Limbs::from_elem(0, to - from);
        out.extend_from_slice(x);
        limbs::normalize(&mut out);
        out
    } else {
        Limbs::from_slice(x.get(from - to..).unwrap_or(&[]))
    }
}

/// `e**x` for small `x` that are not negative. The error is a few units in the last place.
fn exp_fixed(x: &[u64], places: usize) -> Limbs {
    // Halved often enough that the series and the squarings take about as long.
    let halvings = (64 * places).isqrt();
    let inner = places + 1 + halvings / 60;
    let mut y = with_places(x, places, inner);
    let mut left = halvings;
    while left > 0 {
        let step = left.min(60);
        limbs::divide_small(&mut y, 1 << step);
        left -= step;
    }
    let unit = one(inner);
    let mut sum = limbs::add(&unit, &y);
    let mut term = y.clone();
    let mut n = 2;
    loop {
        term = times(&term, &y, inner);
        limbs::divide_small(&mut term, n);
        if term.is_empty() {
            break;
        }
        sum = limbs::add(&sum, &term);
        n += 1;
    }
    for _ in 0..halvings {
        sum = times(&sum, &sum, inner);
    }
    with_places(&sum, inner, places)
}

/// A fixed point number as a float.
fn to_float(x: &[u64], places: usize) -> f64 {
    let mut value = 0.0;
    for (i, limb) in x.iter().enumerate().rev().take(3) {
        value += *limb as f64 * 10f64.powi(DIGITS as i32 * (i as i32 - places as i32));
    }
    value
}

/// `ln(m)` for `m` from one to ten: Halley's iteration, which triples the digits of what floats
/// know. The error is below `10**-wanted` and some units in the last place.
fn ln_fixed(m: &[u64], places: usize, wanted: usize) -> Limbs {
    // The digits that each step has to reach, last to first.
    let mut steps = vec![];
    let mut digits = wanted;
    while digits > 15 {
        steps.push(digits);
        digits = digits.div_ceil(3) + 1;
    }
    let guess = to_float(m, places).ln().max(0.0);
    let mut known = 1;
    // Floats have sixteen digits, of which a limb's nineteen hold all.
    let mut y = limbs::from_u128((guess * 1e17) as u128 * 100);
    for digits in steps.into_iter().rev() {
        let now = (digits / DIGITS as usize + 2).min(places + 1);
        let y_now = with_places(&y, known, now);
        let m_now = with_places(m, places, now);
        let e = exp_fixed(&y_now, now);
        let sum = limbs::add(&m_now, &e);
        let (difference, less) = match limbs::compare(&m_now, &e) {
            Ordering::Less => (limbs::subtract(&e, &m_now), true),
            _ => (limbs::subtract(&m_now, &e), false),
        };
        let step = over(&limbs::multiply_small(&difference, 2), &sum, now);
        y = match less {
            false => limbs::add(&y_now, &step),
            // Only for what is as good as zero.
            true if limbs::compare(&y_now, &step).is_lt() => Limbs::new(),
            true => limbs::subtract(&y_now, &step),
        };
        known = now;
    }
    with_places(&y, known, places)
}

thread_local! {
    /// `ln(10)` with the most places asked for so far.
    static LN_TEN: RefCell<Option<(usize, Limbs)>> = const { RefCell::new(None) };
}

/// `ln(10)`, cut.
fn ln_ten(places: usize) -> Limbs {
    LN_TEN.with_borrow_mut(|value| {
        // The last limb known may be wrong at its end.
        if let Some((known, value)) = value
            && *known > places
        {
            return with_places(value, *known, places);
        }
        let more = places + 2;
        let ten = limbs::multiply_small(&one(more), 10);
        let (_, value) = value.insert((more, ln_fixed(&ten, more, DIGITS as usize * more)));
        with_places(value, more, places)
    })
}

/// A finite number as a fixed point one, cut.
fn to_fixed(coefficient: &[u64], exponent: i64, places: usize) -> Limbs {
    let up = exponent + (places as i64) * DIGITS as i64;
    if up >= 0 {
        limbs::shift_left(coefficient, up as u64)
    } else {
        limbs::shift_right(coefficient, up.unsigned_abs()).0
    }
}

/// An approximate positive result: coefficient, exponent, and how many of the last digits may be
/// wrong.
struct Approximate {
    coefficient: Limbs,
    exponent: i64,
    unsure: u64,
}

/// Computes with more and more digits until the rounding is certain.
fn rounded(
    negative: bool,
    ctx: &Context,
    status: &mut u32,
    compute: impl Fn(i64) -> Approximate,
) -> Number {
    let nearest = Context {
        rounding: Rounding::HalfEven,
        ..*ctx
    };
    if ctx.prec > MOST_DIGITS {
        return Number::invalid(status::OUT_OF_MEMORY, status);
    }
    let mut digits = ctx.prec + 8;
    loop {
        let mut result = compute(digits);
        let length = limbs::digits(&result.coefficient) as i64;
        let kept = ctx.prec.min(length + result.exponent - ctx.etiny());
        let cut = length - kept;
        if kept < 0 || is_certain(&result.coefficient, cut, result.unsure) {
            // Such values are never exact.
            let low = limbs::low_digits(&result.coefficient, cut.max(1) as u64);
            if low.is_empty() {
                limbs::increment(&mut result.coefficient, 1);
            }
            return Number::new(negative, result.coefficient, result.exponent)
                .finish(&nearest, status);
        }
        digits += digits / 2;
    }
}

/// Whether the nearest number of all but `cut` digits stays so when the last digits change.
fn is_certain(coefficient: &[u64], cut: i64, unsure: u64) -> bool {
    if cut <= unsure as i64 + 1 {
        return false;
    }
    let cut = cut as u64;
    let rest = limbs::low_digits(coefficient, cut);
    let half = limbs::shift_left(&[5], cut - 1);
    let distance = match limbs::compare(&rest, &half) {
        Ordering::Less => limbs::subtract(&half, &rest),
        _ => limbs::subtract(&rest, &half),
    };
    !distance.is_empty() && limbs::digits(&distance) > unsure
}

fn places_for(digits: i64) -> usize {
    (digits as u64).div_ceil(DIGITS) as usize + 1
}

/// `e**a`, correctly rounded to the nearest.
pub fn exp(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of(a, ctx, status) {
        return nan;
    }
    if a.is_infinite() {
        return if a.negative {
            Number::zero(false, 0)
        } else {
            Number::infinity(false)
        };
    }
    if a.is_zero() {
        return Number::from_i64(1);
    }
    let nearest = Context {
        rounding: Rounding::HalfEven,
        ..*ctx
    };
    if a.adjusted() >= 19 {
        let exponent = if a.negative { ctx.etiny() - 1 } else { BEYOND };
        return Number::new(false, limbs::from_wide(1), exponent).finish(&nearest, status);
    }
    if a.adjusted() < -ctx.prec - 1 {
        // One, and nothing that would show.
        let places = ctx.prec - 1;
        if places as u64 > TOO_LONG {
            return Number::invalid(status::OUT_OF_MEMORY, status);
        }
        *status |= status::INEXACT | status::ROUNDED;
        return Number::new(false, limbs::power_of_ten(places as u64), -places)
            .finish(&nearest, status);
    }
    rounded(false, ctx, status, |digits| {
        // The integer part's digits are lost to the power of ten.
        let more = (a.adjusted() + 1).max(0);
        let places = places_for(digits + more);
        let x = to_fixed(&a.coefficient, a.exponent, places);
        let ten = ln_ten(places);
        let (quotient, mut rest) = limbs::divide(&x, &ten);
        let mut power = limbs::to_u64(&quotient).unwrap_or(0) as i64;
        if a.negative {
            power = -power;
            if !rest.is_empty() {
                power -= 1;
                rest = limbs::subtract(&ten, &rest);
            }
        }
        Approximate {
            coefficient: exp_fixed(&rest, places),
            exponent: power - DIGITS as i64 * places as i64,
            unsure: more as u64 + 4,
        }
    })
}

/// `ln(a)` of a finite number above zero and not one, with this many digits at least: its
/// magnitude.
fn ln_magnitude(a: &Number, digits: i64) -> Approximate {
    let adjusted = a.adjusted();
    if adjusted == 0 || adjusted == -1 {
        // Near one the logarithm is small.
        let unit = limbs::power_of_ten(a.exponent.unsigned_abs());
        let difference = match limbs::compare(&a.coefficient, &unit) {
            Ordering::Less => limbs::subtract(&unit, &a.coefficient),
            _ => limbs::subtract(&a.coefficient, &unit),
        };
        let near = -(limbs::digits(&difference) as i64 + a.exponent - 1);
        let places = places_for(digits + near.max(0) + 2);
        let x = to_fixed(&a.coefficient, a.exponent, places);
        let m = if adjusted == 0 {
            x
        } else {
            // As exact as the number itself.
            let unit = limbs::power_of_ten(places as u64 * DIGITS + a.exponent.unsigned_abs());
            limbs::divide(&unit, &a.coefficient).0
        };
        let wanted = (digits + near.max(0) + 1) as usize;
        return Approximate {
            coefficient: ln_fixed(&m, places, wanted),
            exponent: -(places as i64) * DIGITS as i64,
            unsure: unsure_after(places, wanted),
        };
    }
    let places = places_for(digits + 2);
    let m = to_fixed(&a.coefficient, a.exponent - adjusted, places);
    let wanted = (digits + 1) as usize;
    let ln = ln_fixed(&m, places, wanted);
    // Its factor has up to nineteen digits.
    let more = places + 2;
    let tens = limbs::multiply_small(&ln_ten(more), adjusted.unsigned_abs());
    let tens = with_places(&tens, more, places);
    let coefficient = if adjusted > 0 {
        limbs::add(&tens, &ln)
    } else {
        limbs::subtract(&tens, &ln)
    };
    Approximate {
        coefficient,
        exponent: -(places as i64) * DIGITS as i64,
        unsure: unsure_after(places, wanted),
    }
}

/// How many of the last digits of a number with these places are unsure, if as many behind the
/// point are wanted.
fn unsure_after(places: usize, wanted: usize) -> u64 {
    (DIGITS * places as u64).saturating_sub(wanted as u64) + 2
}

/// What logarithms are of all numbers but the ones with a logarithm of their own.
fn logarithm_of_special(a: &Number, ctx: &Context, status: &mut u32) -> Option<Number> {
    if let Some(nan) = nan_of(a, ctx, status) {
        return Some(nan);
    }
    if a.is_zero() {
        return Some(Number::infinity(true));
    }
    if a.negative {
        return Some(Number::invalid(status::INVALID_OPERATION, status));
    }
    a.is_infinite().then(|| Number::infinity(false))
}

/// The natural logarithm, correctly rounded to the nearest.
pub fn ln(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(special) = logarithm_of_special(a, ctx, status) {
        return special;
    }
    if a.is_one() {
        return Number::zero(false, 0);
    }
    if a.digits() > MOST_DIGITS {
        return Number::invalid(status::OUT_OF_MEMORY, status);
    }
    rounded(a.adjusted() < 0, ctx, status, |digits| {
        ln_magnitude(a, digits)
    })
}

/// The logarithm to the base ten, correctly rounded to the nearest.
pub fn log10(a: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(special) = logarithm_of_special(a, ctx, status) {
        return special;
    }
    let nearest = Context {
        rounding: Rounding::HalfEven,
        ..*ctx
    };
    let digits = a.digits() as u64;
    if limbs::trailing_zeros(&a.coefficient) == digits - 1
        && limbs::digit_at(&a.coefficient, digits - 1) == 1
    {
        return Number::from_i64(a.adjusted()).finish(&nearest, status);
    }
    if a.digits() > MOST_DIGITS {
        return Number::invalid(status::OUT_OF_MEMORY, status);
    }
    rounded(a.adjusted() < 0, ctx, status, |digits| {
        let ln = ln_magnitude(a, digits + 2);
        let places = (-ln.exponent / DIGITS as i64) as usize;
        Approximate {
            coefficient: over(&ln.coefficient, &ln_ten(places), places),
            // The quotient's error is the dividend's and a part of it as large as the divisor's.
            unsure: ln.unsure + (limbs::digits(&ln.coefficient) as i64 + ln.exponent).max(0) as u64,
            exponent: ln.exponent,
        }
    })
}

/// One with so many digits after the point.
fn one_with_places(negative: bool, places: i64, status: &mut u32) -> Number {
    if places as u64 > TOO_LONG {
        return Number::invalid(status::OUT_OF_MEMORY, status);
    }
    Number::new(negative, limbs::power_of_ten(places as u64), -places)
}

/// `a ** b`.
pub fn power(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Number {
    if let Some(nan) = nan_of_two(a, b, ctx, status) {
        return nan;
    }
    let integral = b.is_integer();
    let negative = integral && a.negative && b.is_odd();
    if a.is_zero() {
        return if b.is_zero() {
            Number::invalid(status::INVALID_OPERATION, status)
        } else if b.negative {
            Number::infinity(negative)
        } else {
            Number::zero(negative, 0)
        };
    }
    if a.negative && !integral {
        return Number::invalid(status::INVALID_OPERATION, status);
    }
    let magnitude = a.clone().with_sign(false);
    let order = magnitude.order_of_magnitudes(&Number::from_i64(1));
    if b.is_infinite() {
        if order == Ordering::Equal {
            *status |= status::INEXACT | status::ROUNDED;
            return one_with_places(negative, ctx.prec - 1, status);
        }
        return if (order == Ordering::Greater) == b.negative {
            Number::zero(negative, 0)
        } else {
            Number::infinity(negative)
        };
    }
    if a.is_infinite() {
        return if b.is_zero() {
            Number::new(negative, limbs::from_wide(1), 0)
        } else if b.negative {
            Number::zero(negative, 0)
        } else {
            Number::infinity(negative)
        };
    }
    if b.is_zero() {
        return Number::new(negative, limbs::from_wide(1), 0);
    }
    if order == Ordering::Equal {
        return power_of_one(a, b, integral, negative, ctx, status);
    }
    if let Some(result) = far_power(&magnitude, b, negative, ctx, status) {
        return result;
    }
    if integral {
        return integer_power(a, b, negative, ctx, status);
    }
    let work = Context::with_digits(a.digits().max(ctx.prec) + 23);
    let mut now = 0;
    let logarithm = ln(a, &work, &mut now);
    let product = arith::multiply(&logarithm, b, &work, &mut now);
    let mut result = exp(&product, &work, status);
    *status |= now & status::ERRORS | status::INEXACT | status::ROUNDED;
    if result.is_one() {
        result = one_with_places(false, ctx.prec - 1, status);
    }
    if result.is_infinite() {
        result = Number::new(false, limbs::from_wide(1), BEYOND);
    }
    result.finish(ctx, status)
}

fn power_of_one(
    a: &Number,
    b: &Number,
    integral: bool,
    negative: bool,
    ctx: &Context,
    status: &mut u32,
) -> Number {
    let most = ctx.prec - 1;
    let places = if !integral {
        *status |= status::INEXACT | status::ROUNDED;
        most
    } else if b.negative {
        0
    } else {
        // As many as the exponents' product, as far as the context has it.
        let mut now = 0;
        let product = arith::multiply(b, &Number::from_i64(-a.exponent), ctx, &mut now);
        let places = Some(product)
            .filter(|n| n.is_integer() && n.adjusted() < 19)
            .and_then(|n| n.rescaled(0, Rounding::Down)?.0.plain_i64());
        match places.filter(|n| *n <= most) {
            Some(places) => places,
            None => {
                *status |= status::ROUNDED;
                most
            }
        }
    };
    one_with_places(negative, places, status)
}

/// How many digits an exponent has.
fn exponent_digits(n: i64) -> i64 {
    limbs::digits_of_wide(n.unsigned_abs().into()) as i64
}

/// Powers that overflow or underflow for certain: those whose logarithm's logarithm is too large.
fn far_power(
    a: &Number,
    b: &Number,
    negative: bool,
    ctx: &Context,
    status: &mut u32,
) -> Option<Number> {
    let adjusted = a.adjusted();
    let (limit, exponent) = if (adjusted < 0) == b.negative {
        (exponent_digits(ctx.emax), BEYOND)
    } else {
        (exponent_digits(ctx.etiny()), ctx.etiny() - 1)
    };
    if matches!(adjusted, -1 | 0) && b.adjusted() <= limit {
        // The logarithm itself is below one.
        return None;
    }
    let bound = if adjusted > 0 {
        exponent_digits(adjusted) - 1
    } else if adjusted < -1 {
        exponent_digits(adjusted + 1) - 1
    } else {
        let mut now = 0;
        let apart = arith::subtract(a, &Number::from_i64(1), &Context::MAX, &mut now);
        if !apart.is_finite() {
            return Some(Number::invalid(status::OUT_OF_MEMORY, status));
        }
        apart.adjusted() - if adjusted == 0 { 2 } else { 1 }
    };
    (limit < bound + b.adjusted())
        .then(|| Number::new(negative, limbs::from_wide(1), exponent).finish(ctx, status))
}

/// As [`integer_power`] for small numbers all along.
fn small_power(
    base: &Number,
    count: u64,
    negative: bool,
    work: &Context,
    ctx: &Context,
    status: &mut u32,
) -> Option<Number> {
    let base = Small {
        negative: base.negative,
        coefficient: limbs::to_wide(&base.coefficient).filter(|_| base.is_finite())?,
        exponent: base.exponent,
    };
    let (mut result, mut now) = (base, 0);
    for bit in (0..63 - count.leading_zeros()).rev() {
        result = fast::multiply(result, result, work, &mut now)?;
        if count >> bit & 1 != 0 {
            result = fast::multiply(result, base, work, &mut now)?;
        }
    }
    *status |= now;
    let result = Number::new(
        negative,
        limbs::from_wide(result.coefficient),
        result.exponent,
    );
    Some(result.finish(ctx, status))
}

fn integer_power(
    a: &Number,
    b: &Number,
    negative: bool,
    ctx: &Context,
    status: &mut u32,
) -> Number {
    let mut work = Context {
        prec: ctx.prec + b.digits() + b.exponent + 2,
        rounding: Rounding::HalfEven,
        clamp: false,
        ..*ctx
    };
    let base = if b.negative {
        work.prec += 1;
        let inverse = arith::divide(&Number::from_i64(1), a, &work, status);
        if *status & status::ERRORS != 0 {
            return Number::nan();
        }
        inverse
    } else {
        a.clone()
    };
    let Some((count, _)) = b.rescaled(0, Rounding::Down) else {
        return Number::invalid(status::OUT_OF_MEMORY, status);
    };
    let stops = |n: &Number, now: u32| {
        !n.is_finite() || n.coefficient.is_empty() && now & status::CLAMPED != 0
    };
    let mut now = 0;
    let mut result;
    if let Some(count) = limbs::to_u64(&count.coefficient)
        && let Some(result) = small_power(&base, count, negative, &work, ctx, status)
    {
        return result;
    }
    if let Some(count) = limbs::to_u64(&count.coefficient) {
        result = base.clone();
        for bit in (0..63 - count.leading_zeros()).rev() {
            result = arith::multiply(&result, &result, &work, &mut now);
            if count >> bit & 1 != 0 {
                result = arith::multiply(&result, &base, &work, &mut now);
            }
            if stops(&result, now) {
                break;
            }
        }
    } else {
        let (mut base, mut count) = (base, count.coefficient);
        result = Number::from_i64(1);
        while !count.is_empty() {
            if limbs::divide_small(&mut count, 2) != 0 {
                result = arith::multiply(&result, &base, &work, &mut now);
                if stops(&result, now) {
                    break;
                }
            }
            base = arith::multiply(&base, &base, &work, &mut now);
        }
    }
    *status |= now;
    if result.is_infinite() {
        result = Number::new(negative, limbs::from_wide(1), BEYOND);
    }
    result.with_sign(negative).finish(ctx, status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(n: &Number) -> String {
        super::super::text::to_scientific(n, true)
    }

    fn number(s: &str) -> Number {
        super::super::text::parse(s.as_bytes()).expect("a number")
    }

    #[test]
    fn known_values() {
        let ctx = Context {
            emax: 999_999,
            emin: -999_999,
            ..Context::with_digits(28)
        };
        let mut s = 0;
        let got = [
            exp(&number("1"), &ctx, &mut s),
            exp(&number("-1.5"), &ctx, &mut s),
            ln(&number("10"), &ctx, &mut s),
            ln(&number("0.9999999999"), &ctx, &mut s),
            ln(&number("1E-7"), &ctx, &mut s),
            log10(&number("2"), &ctx, &mut s),
            log10(&number("1000"), &ctx, &mut s),
            power(&number("2"), &number("0.5"), &ctx, &mut s),
            power(&number("4"), &number("0.5"), &ctx, &mut s),
            power(&number("3"), &number("-4"), &ctx, &mut s),
        ];
        let expected = [
            "2.718281828459045235360287471",
            "0.2231301601484298289332804708",
            "2.302585092994045684017991455",
            "-1.000000000050000000003333333E-10",
            "-16.11809565095831978812594018",
            "0.3010299956639811952137388947",
            "3",
            "1.414213562373095048801688724",
            "2.000000000000000000000000000",
            "0.01234567901234567901234567901",
        ];
        assert_eq!(got.map(|n| text(&n)), expected);
    }

    #[test]
    fn exponential_and_logarithm_are_inverse() {
        for digits in [5, 28, 60, 150, 1000] {
            let ctx = Context::with_digits(digits);
            let wide = Context::with_digits(digits + 10);
            let mut s = 0;
            for x in [
                "2",
                "0.3",
                "9.99999",
                "1.00000000000000000001",
                "123456789",
                "1E-20",
            ] {
                let x = arith::plus(&number(x), &ctx, &mut s);
                let back = exp(&ln(&x, &wide, &mut s), &ctx, &mut s);
                assert_eq!(back.order(&x), Ordering::Equal, "{digits} {}", text(&x));
            }
        }
    }
}

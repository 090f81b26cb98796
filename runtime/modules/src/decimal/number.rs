//! Decimal numbers, and how results are fitted into a context.

use super::context::{Context, Rounding, status};
use super::limbs::{self, Limbs, Rest};
use std::cmp::Ordering;

/// What kind of number it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Finite,
    Infinite,
    Quiet,
    Signaling,
}

/// `(-1)**negative * coefficient * 10**exponent`, or an infinity, or a NaN, whose payload is
/// the coefficient.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Number {
    pub negative: bool,
    pub kind: Kind,
    pub exponent: i64,
    pub coefficient: Limbs,
}

/// Digits of a coefficient that is not even tried to make.
pub const TOO_LONG: u64 = 400_000_000;

impl Number {
    #[inline]
    pub fn new(negative: bool, coefficient: Limbs, exponent: i64) -> Number {
        Number {
            negative,
            kind: Kind::Finite,
            exponent,
            coefficient,
        }
    }

    pub fn zero(negative: bool, exponent: i64) -> Number {
        Number::new(negative, Limbs::new(), exponent)
    }

    pub fn infinity(negative: bool) -> Number {
        Number {
            kind: Kind::Infinite,
            ..Number::zero(negative, 0)
        }
    }

    pub fn nan() -> Number {
        Number {
            kind: Kind::Quiet,
            ..Number::zero(false, 0)
        }
    }

    pub fn from_i64(n: i64) -> Number {
        Number::new(n < 0, limbs::from_wide(n.unsigned_abs().into()), 0)
    }

    /// A NaN, for this reason.
    #[cold]
    pub fn invalid(reason: u32, status: &mut u32) -> Number {
        *status |= reason;
        Number::nan()
    }

    #[inline]
    pub fn is_finite(&self) -> bool {
        self.kind == Kind::Finite
    }

    #[inline]
    pub fn is_infinite(&self) -> bool {
        self.kind == Kind::Infinite
    }

    #[inline]
    pub fn is_nan(&self) -> bool {
        matches!(self.kind, Kind::Quiet | Kind::Signaling)
    }

    #[inline]
    pub fn is_zero(&self) -> bool {
        self.is_finite() && self.coefficient.is_empty()
    }

    /// How many digits the coefficient has, a zero one.
    #[inline]
    pub fn digits(&self) -> i64 {
        limbs::digits(&self.coefficient) as i64
    }

    /// The exponent of the first digit.
    #[inline]
    pub fn adjusted(&self) -> i64 {
        self.exponent + self.digits() - 1
    }

    pub fn is_integer(&self) -> bool {
        self.is_finite()
            && (self.exponent >= 0
                || self.coefficient.is_empty()
                || limbs::trailing_zeros(&self.coefficient) >= self.exponent.unsigned_abs())
    }

    /// Of an integer: whether it is odd.
    pub fn is_odd(&self) -> bool {
        self.exponent <= 0
            && limbs::digit_at(&self.coefficient, self.exponent.unsigned_abs()) & 1 != 0
    }

    /// Whether it is one, with whatever exponent.
    pub fn is_one(&self) -> bool {
        self.is_finite()
            && !self.negative
            && self.adjusted() == 0
            && limbs::trailing_zeros(&self.coefficient) == self.exponent.unsigned_abs()
            && limbs::digit_at(&self.coefficient, self.exponent.unsigned_abs()) == 1
    }

    pub fn is_subnormal(&self, ctx: &Context) -> bool {
        self.is_finite() && !self.is_zero() && self.adjusted() < ctx.emin
    }

    pub fn is_normal(&self, ctx: &Context) -> bool {
        self.is_finite() && !self.is_zero() && self.adjusted() >= ctx.emin
    }

    /// `number_class()`.
    pub fn class(&self, ctx: &Context) -> &'static str {
        match (self.kind, self.negative) {
            (Kind::Signaling, _) => "sNaN",
            (Kind::Quiet, _) => "NaN",
            (Kind::Infinite, false) => "+Infinity",
            (Kind::Infinite, true) => "-Infinity",
            (_, negative) if self.is_zero() => ["+Zero", "-Zero"][usize::from(negative)],
            (_, negative) if self.is_subnormal(ctx) => {
                ["+Subnormal", "-Subnormal"][usize::from(negative)]
            }
            (_, negative) => ["+Normal", "-Normal"][usize::from(negative)],
        }
    }

    pub fn with_sign(mut self, negative: bool) -> Number {
        self.negative = negative;
        self
    }

    /// The value as an integer, if it is one of 64 bits with the exponent zero.
    pub fn plain_i64(&self) -> Option<i64> {
        if !self.is_finite() || self.exponent != 0 {
            return None;
        }
        let n = i64::try_from(limbs::to_u64(&self.coefficient)?).ok()?;
        Some(if self.negative { -n } else { n })
    }

    /// The payload of a NaN cut to what the context has room for.
    fn fit_payload(mut self, ctx: &Context) -> Number {
        let room = ctx.prec - i64::from(ctx.clamp);
        if !self.coefficient.is_empty() && self.digits() > room {
            self.coefficient = limbs::low_digits(&self.coefficient, room as u64);
        }
        self
    }

    /// The operand that is a NaN as the quiet result of the operation; the signalling one first.
    #[cold]
    fn propagated(self, ctx: &Context, status: &mut u32) -> Number {
        if self.kind == Kind::Signaling {
            *status |= status::INVALID_OPERATION;
        }
        Number {
            kind: Kind::Quiet,
            ..self
        }
        .fit_payload(ctx)
    }
}

/// The result of an operation on a NaN.
#[inline]
pub fn nan_of(a: &Number, ctx: &Context, status: &mut u32) -> Option<Number> {
    a.is_nan().then(|| a.clone().propagated(ctx, status))
}

/// The result of an operation of which an operand is a NaN.
#[inline]
pub fn nan_of_two(a: &Number, b: &Number, ctx: &Context, status: &mut u32) -> Option<Number> {
    if a.is_finite() && b.is_finite() {
        return None;
    }
    nan_among(&[a, b], ctx, status)
}

/// As [`nan_of_two`], of any operands.
#[cold]
pub fn nan_among(all: &[&Number], ctx: &Context, status: &mut u32) -> Option<Number> {
    let signaling = all.iter().find(|n| n.kind == Kind::Signaling);
    let nan = signaling.or_else(|| all.iter().find(|n| n.is_nan()))?;
    Some((*nan).clone().propagated(ctx, status))
}

/// Whether the magnitude grows by one in the last place when `rest` is dropped.
#[inline]
pub fn rounds_up(rounding: Rounding, negative: bool, last: u64, rest: Rest) -> bool {
    if rest == Rest::Nothing {
        return false;
    }
    match rounding {
        Rounding::Down => false,
        Rounding::Up => true,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
        Rounding::HalfUp => rest != Rest::Less,
        Rounding::HalfDown => rest == Rest::More,
        Rounding::HalfEven => rest == Rest::More || rest == Rest::Half && last & 1 != 0,
        Rounding::ZeroFiveUp => last == 0 || last == 5,
    }
}

/// The coefficient without its last `count` digits, rounded; and what was dropped.
pub fn round_off(
    coefficient: &[u64],
    count: u64,
    rounding: Rounding,
    negative: bool,
) -> (Limbs, Rest) {
    let (mut kept, rest) = limbs::shift_right(coefficient, count);
    let last = kept.first().map_or(0, |limb| limb % 10);
    if rounds_up(rounding, negative, last, rest) {
        limbs::increment(&mut kept, 1);
    }
    (kept, rest)
}

/// What a result beyond the largest number becomes.
#[cold]
fn overflow(negative: bool, ctx: &Context, status: &mut u32) -> Number {
    *status |= status::OVERFLOW | status::INEXACT | status::ROUNDED;
    let infinite = match ctx.rounding {
        Rounding::Down | Rounding::ZeroFiveUp => false,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
        _ => true,
    };
    if infinite {
        return Number::infinity(negative);
    }
    match nines(ctx.prec) {
        Some(coefficient) => Number::new(negative, coefficient, ctx.etop()),
        None => Number::invalid(status::OUT_OF_MEMORY, status),
    }
}

/// The largest coefficient of so many digits, if memory can hold it.
pub fn nines(count: i64) -> Option<Limbs> {
    let count = count as u64;
    (count <= TOO_LONG).then(|| limbs::subtract(&limbs::power_of_ten(count), &[1]))
}

impl Number {
    /// Fits the number into the context: rounds it, and sees to its exponent.
    #[inline]
    pub fn finish(self, ctx: &Context, status: &mut u32) -> Number {
        if self.is_finite() && !self.coefficient.is_empty() {
            let digits = self.digits();
            let adjusted = self.exponent + digits - 1;
            if digits <= ctx.prec && adjusted <= ctx.emax && adjusted >= ctx.emin && !ctx.clamp {
                return self;
            }
        }
        self.fit(ctx, status)
    }

    fn fit(mut self, ctx: &Context, status: &mut u32) -> Number {
        match self.kind {
            Kind::Infinite => return Number::infinity(self.negative),
            Kind::Quiet | Kind::Signaling => return self.fit_payload(ctx),
            Kind::Finite => {}
        }
        let (etiny, etop) = (ctx.etiny(), ctx.etop());
        if self.coefficient.is_empty() {
            let most = if ctx.clamp { etop } else { ctx.emax };
            let exponent = self.exponent.clamp(etiny, most.max(etiny));
            if exponent != self.exponent {
                *status |= status::CLAMPED;
                self.exponent = exponent;
            }
            return self;
        }
        let least = self.exponent + self.digits() - ctx.prec;
        if least > etop {
            return overflow(self.negative, ctx, status);
        }
        let subnormal = least < etiny;
        let least = least.max(etiny);
        if self.exponent < least {
            let count = (least - self.exponent) as u64;
            let (mut kept, rest) = round_off(&self.coefficient, count, ctx.rounding, self.negative);
            let mut exponent = least;
            if limbs::digits(&kept) as i64 > ctx.prec {
                // All nines became a one and zeros.
                kept = limbs::shift_right(&kept, 1).0;
                exponent += 1;
            }
            let inexact = rest != Rest::Nothing;
            let result = if exponent > etop {
                overflow(self.negative, ctx, status)
            } else {
                Number::new(self.negative, kept, exponent)
            };
            if subnormal {
                *status |= status::SUBNORMAL;
                if inexact {
                    *status |= status::UNDERFLOW;
                }
            }
            if inexact {
                *status |= status::INEXACT;
            }
            *status |= status::ROUNDED;
            if result.is_zero() {
                *status |= status::CLAMPED;
            }
            return result;
        }
        if subnormal {
            *status |= status::SUBNORMAL;
        }
        if ctx.clamp && self.exponent > etop {
            *status |= status::CLAMPED;
            let up = (self.exponent - etop) as u64;
            if up > TOO_LONG {
                return Number::invalid(status::OUT_OF_MEMORY, status);
            }
            self.coefficient = limbs::shift_left(&self.coefficient, up);
            self.exponent = etop;
        }
        self
    }

    /// The number with this exponent, rounded if need be; nothing for what memory cannot hold.
    pub fn rescaled(&self, exponent: i64, rounding: Rounding) -> Option<(Number, Rest)> {
        if self.coefficient.is_empty() {
            return Some((Number::zero(self.negative, exponent), Rest::Nothing));
        }
        let (coefficient, rest) = if self.exponent >= exponent {
            let up = (self.exponent - exponent) as u64;
            if up > TOO_LONG {
                return None;
            }
            (limbs::shift_left(&self.coefficient, up), Rest::Nothing)
        } else {
            let count = (exponent - self.exponent) as u64;
            round_off(&self.coefficient, count, rounding, self.negative)
        };
        Some((Number::new(self.negative, coefficient, exponent), rest))
    }

    /// Order of the values; neither is a NaN.
    pub fn order(&self, other: &Number) -> Ordering {
        let sign = |n: &Number| match n.negative {
            _ if n.is_zero() => 0,
            true => -1,
            false => 1,
        };
        let (a, b) = (sign(self), sign(other));
        if a != b || a == 0 {
            return a.cmp(&b);
        }
        let order = self.order_of_magnitudes(other);
        if a < 0 { order.reverse() } else { order }
    }

    /// Order of the absolute values; neither is a NaN.
    pub fn order_of_magnitudes(&self, other: &Number) -> Ordering {
        match (self.is_infinite(), other.is_infinite()) {
            (false, false) => {}
            (a, b) => return a.cmp(&b),
        }
        match (self.coefficient.is_empty(), other.coefficient.is_empty()) {
            (false, false) => {}
            (a, b) => return b.cmp(&a),
        }
        let order = self.adjusted().cmp(&other.adjusted());
        if order != Ordering::Equal {
            return order;
        }
        match self.exponent.cmp(&other.exponent) {
            Ordering::Equal => limbs::compare(&self.coefficient, &other.coefficient),
            // The adjusted exponents being equal, the shifts are no longer than the numbers.
            Ordering::Greater => {
                let up = (self.exponent - other.exponent) as u64;
                limbs::compare(
                    &limbs::shift_left(&self.coefficient, up),
                    &other.coefficient,
                )
            }
            Ordering::Less => {
                let up = (other.exponent - self.exponent) as u64;
                limbs::compare(
                    &self.coefficient,
                    &limbs::shift_left(&other.coefficient, up),
                )
            }
        }
    }

    /// The total order of the specification, by which different representations differ.
    pub fn total_order(&self, other: &Number) -> Ordering {
        if self.negative != other.negative {
            return other.negative.cmp(&self.negative);
        }
        let rank = |n: &Number| match n.kind {
            Kind::Finite | Kind::Infinite => 0,
            Kind::Signaling => 1,
            Kind::Quiet => 2,
        };
        let order = rank(self).cmp(&rank(other)).then_with(|| {
            if self.is_nan() {
                limbs::compare(&self.coefficient, &other.coefficient)
            } else {
                self.order_of_magnitudes(other)
                    .then_with(|| self.exponent.cmp(&other.exponent))
            }
        });
        if self.negative {
            order.reverse()
        } else {
            order
        }
    }
}

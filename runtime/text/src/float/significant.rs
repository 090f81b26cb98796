//! A given number of significant digits, for floats of everyday size.
//!
//! With `n` digits wanted, the value `m * 2**e` is scaled by the power of ten that brings it
//! between `10**(n-1)` and `10**n`, and divided once: quotient and remainder of 128 bits are exact,
//! and say how to round (half to even, as the standard library's exact mode does, which is left
//! with what does not fit).

use super::fixed::parts;

/// More digits go the general way; the largest number of so many fits in 64 bits.
const MAX_DIGITS: usize = 17;

/// The first `count` digits of `x`, which is finite and above zero, as a number of exactly so many
/// digits, and the exponent of the first of them. `None` for what this does not do.
pub fn significant(x: f64, count: usize) -> Option<(u64, i32)> {
    if !(1..=MAX_DIGITS).contains(&count) {
        return None;
    }
    let (mantissa, exponent) = parts(x);
    // Of the leading bit; times log10(2), rounded down, that of the first digit, or one less.
    let leading = 63 - mantissa.leading_zeros() as i32 + exponent;
    let mut first = (leading * 1233) >> 12;
    let limit = 10u64.pow(count as u32);
    let mut digits = scaled(mantissa, exponent, count as i32 - 1 - first)?;
    if digits.0 >= limit {
        first += 1;
        digits = scaled(mantissa, exponent, count as i32 - 1 - first)?;
    }
    let (mut value, round_up) = digits;
    value += u64::from(round_up);
    if value == limit {
        value /= 10;
        first += 1;
    }
    (value >= limit / 10 && value < limit).then_some((value, first))
}

/// `mantissa * 2**exponent * 10**power`, rounded down, and whether it rounds up.
fn scaled(mantissa: u64, exponent: i32, power: i32) -> Option<(u64, bool)> {
    let ten = 10u128.checked_pow(power.unsigned_abs())?;
    let (mut above, mut below) = (u128::from(mantissa), 1u128);
    if power >= 0 {
        above = above.checked_mul(ten)?;
    } else {
        below = ten;
    }
    let shift = exponent.unsigned_abs();
    let side = if exponent >= 0 {
        &mut above
    } else {
        &mut below
    };
    // One bit stays free, for twice the remainder.
    if side.leading_zeros() <= shift {
        return None;
    }
    *side <<= shift;
    if above >= 1 << 127 {
        return None;
    }
    let (quotient, rest) = if below.is_power_of_two() {
        (above >> below.trailing_zeros(), above & (below - 1))
    } else {
        (above / below, above % below)
    };
    let twice = rest * 2;
    let round_up = twice > below || twice == below && quotient & 1 == 1;
    Some((u64::try_from(quotient).ok()?, round_up))
}

#[cfg(test)]
mod tests {
    use super::significant;

    /// Whether it was done; checked against the standard library where it was.
    fn check(x: f64, count: usize) -> bool {
        let Some((digits, exponent)) = significant(x, count) else {
            return false;
        };
        let text = digits.to_string();
        let (first, rest) = text.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        assert_eq!(
            format!("{first}{point}{rest}e{exponent}"),
            format!("{x:.*e}", count - 1),
            "{count} digits of {x:e}"
        );
        true
    }

    #[test]
    fn agrees_with_the_exact_mode() {
        for x in [
            0.5, 1.0, 1.5, 2.5, 9.5, 9.75, 99.5, 0.1, 0.045, 1e22, 1e-5, 999_999.5,
        ] {
            for count in 1..=17 {
                check(x, count);
            }
        }
        // A linear congruential generator goes over mantissas and exponents.
        let (mut bits, mut done) = (1u64, 0);
        for _ in 0..20_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let exponent = 1023 - 80 + (bits >> 32) % 160;
            let x = f64::from_bits(exponent << 52 | bits & ((1 << 52) - 1));
            let count = (bits >> 58) as usize % 17 + 1;
            done += usize::from(check(x, count));
            done += usize::from(check((bits >> 44 | 1) as f64 / 64.0, count));
        }
        assert!(done > 25_000, "only {done} of 40000 went the short way");
    }

    #[test]
    fn powers_of_ten_and_their_neighbours() {
        for power in -30..=30 {
            let x: f64 = format!("1e{power}").parse().expect("a float");
            for x in [x, x.next_down(), x.next_up()] {
                for count in 1..=17 {
                    check(x, count);
                }
            }
        }
    }
}

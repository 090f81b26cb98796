//! Digits at a given number of decimals, for the floats that people print.
//!
//! A finite double is `m * 2**e` with `m` below 2**53. With `p` decimals wanted, `m * 10**p`
//! fits in 128 bits up to `p` = 22, so that shifting by `-e` gives the digits and, in what is
//! shifted out, how to round: half to even, as the standard library's exact mode does, which
//! is left with huge values and long precisions.

use std::fmt::Write;

/// More decimals go the general way: 2**53 * 10**22 is below 2**127.
const MAX_DECIMALS: usize = 22;

/// Appends `x`, which is finite and not negative, with so many decimals and the point if
/// there are any. Tells whether it did, and whether the result is zero.
pub fn push_fixed(out: &mut String, x: f64, decimals: usize) -> Option<bool> {
    if decimals > MAX_DECIMALS {
        return None;
    }
    let (mantissa, exponent) = parts(x);
    let scaled = u128::from(mantissa) * 10u128.pow(decimals as u32);
    let rounded = if exponent >= 0 {
        if scaled.leading_zeros() as i32 <= exponent {
            return None;
        }
        scaled << exponent
    } else {
        match -exponent {
            // Less than half a unit of the last place: `scaled` is below 2**127.
            128.. => 0,
            drop => {
                let kept = scaled >> drop;
                let rest = scaled & ((1 << drop) - 1);
                let half = 1u128 << (drop - 1);
                kept + u128::from(rest > half || rest == half && kept & 1 == 1)
            }
        }
    };
    push_scaled(out, rounded, decimals);
    Some(rounded == 0)
}

/// Mantissa and exponent of a value that is not negative.
fn parts(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let (biased, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    match biased {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, biased - 1075),
    }
}

/// Appends `value / 10**decimals`.
fn push_scaled(out: &mut String, value: u128, decimals: usize) {
    let unit = 10u128.pow(decimals as u32);
    // Most values need but 64 bits, whose division is quicker.
    let (whole, rest) = match (u64::try_from(value), u64::try_from(unit)) {
        (Ok(value), Ok(unit)) => (u128::from(value / unit), u128::from(value % unit)),
        _ => (value / unit, value % unit),
    };
    let mut digits = [b'0'; 40];
    push_digits(out, &mut digits, whole, 1);
    if decimals > 0 {
        out.push('.');
        digits = [b'0'; 40];
        push_digits(out, &mut digits, rest, decimals);
    }
}

/// Appends a number with at least `width` digits; `digits` holds zeros.
fn push_digits(out: &mut String, digits: &mut [u8; 40], value: u128, width: usize) {
    let Ok(mut value) = u64::try_from(value) else {
        // Writing to a string does not fail.
        let _ = write!(out, "{value:0width$}");
        return;
    };
    let mut at = digits.len();
    while value > 0 {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    at = at.min(digits.len() - width);
    out.extend(digits[at..].iter().map(|d| char::from(*d)));
}

#[cfg(test)]
mod tests {
    use super::push_fixed;

    fn check(x: f64) {
        for decimals in 0..=22 {
            let mut text = String::new();
            if let Some(zero) = push_fixed(&mut text, x, decimals) {
                let expected = format!("{x:.decimals$}");
                assert_eq!(text, expected, "{x:e} with {decimals} decimals");
                assert_eq!(zero, !expected.contains(|c| matches!(c, '1'..='9')));
            }
        }
    }

    #[test]
    fn agrees_with_the_exact_mode() {
        for x in [
            0.0,
            0.5,
            1.5,
            2.5,
            0.125,
            0.375,
            1e22,
            5e-324,
            1e300,
            f64::MAX,
            0.1,
            0.045,
        ] {
            check(x);
        }
        // A linear congruential generator goes over mantissas and exponents.
        let mut bits = 1u64;
        for _ in 0..20_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let exponent = 1023 - 80 + (bits >> 32) % 160;
            check(f64::from_bits(exponent << 52 | bits & ((1 << 52) - 1)));
            check((bits >> 44) as f64 / 64.0);
        }
    }

    #[test]
    fn leaves_what_is_too_large() {
        let mut text = String::new();
        assert_eq!(push_fixed(&mut text, 1e300, 2), None);
        assert_eq!(push_fixed(&mut text, 1.0, 23), None);
        assert_eq!(text, "");
    }
}

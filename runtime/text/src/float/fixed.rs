//! Digits at a given number of decimals, for the floats that people print.
//!
//! A finite double is `m * 2**e` with `m` below 2**53. With `p` decimals wanted, `m * 10**p`
//! fits in 128 bits up to `p` = 22, so that shifting by `-e` gives the digits and, in what is
//! shifted out, how to round: half to even, as the standard library's exact mode does, which
//! is left with huge values and long precisions.

/// More decimals go the general way: 2**53 * 10**22 is below 2**127.
const MAX_DECIMALS: usize = 22;

/// Room for 39 digits, the point and the decimals.
pub const FIXED_ROOM: usize = 64;

/// Writes `x`, which is finite and not negative, with so many decimals, and the point if
/// there are any, at the end of `buffer`; returns where the text begins. `None` for what
/// this does not do.
pub fn write_fixed(buffer: &mut [u8; FIXED_ROOM], x: f64, decimals: usize) -> Option<usize> {
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
    let unit = 10u128.pow(decimals as u32);
    // Most values need but 64 bits, whose division is quicker.
    let (whole, rest) = match (u64::try_from(rounded), u64::try_from(unit)) {
        (Ok(value), Ok(unit)) => ((value / unit).into(), (value % unit).into()),
        _ => (rounded / unit, rounded % unit),
    };
    let mut at = FIXED_ROOM;
    if decimals > 0 {
        at = write_digits(buffer, at, rest, decimals) - 1;
        buffer[at] = b'.';
    }
    Some(write_digits(buffer, at, whole, 1))
}

/// Writes a number of at least `width` digits before `end`; returns where it begins.
fn write_digits(buffer: &mut [u8; FIXED_ROOM], end: usize, mut value: u128, width: usize) -> usize {
    let mut at = end;
    while value > u128::from(u64::MAX) {
        at -= 1;
        buffer[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    let mut value = value as u64;
    while value > 0 {
        at -= 1;
        buffer[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    while end - at < width {
        at -= 1;
        buffer[at] = b'0';
    }
    at
}

/// As [`write_fixed`], appending to a text. Tells whether the result is zero.
pub fn push_fixed(out: &mut String, x: f64, decimals: usize) -> Option<bool> {
    let mut buffer = [0; FIXED_ROOM];
    let start = write_fixed(&mut buffer, x, decimals)?;
    let text = &buffer[start..];
    out.push_str(std::str::from_utf8(text).expect("decimal digits"));
    Some(text.iter().all(|c| matches!(c, b'0' | b'.')))
}

/// Mantissa and exponent of a value that is not negative.
pub(super) fn parts(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let (biased, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    match biased {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, biased - 1075),
    }
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

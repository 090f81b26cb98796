//! `round(float, ndigits)`: rounds the exact decimal expansion, half to even.

/// Rounds to `ndigits` decimals; `None` when the result overflows.
///
/// Infinities and NaN come back unchanged.
pub fn round(value: f64, ndigits: i64) -> Option<f64> {
    if !value.is_finite() || ndigits > 323 || value == 0.0 {
        return Some(value);
    }
    if ndigits < -308 {
        return Some(0.0 * value);
    }
    let rounded: f64 = if ndigits >= 0 {
        format!("{:.*}", ndigits as usize, value)
            .parse()
            .expect("a formatted float")
    } else {
        coarse(value, ndigits.unsigned_abs() as usize)
    };
    rounded.is_finite().then_some(rounded)
}

/// Rounds to a multiple of `10**places`.
fn coarse(value: f64, places: usize) -> f64 {
    let whole = format!("{:.0}", value.abs().trunc());
    let (kept, rest) = whole.split_at(whole.len().saturating_sub(places));
    let half = rest.len() == places && {
        let tail = rest[1..].bytes().any(|b| b != b'0') || value.fract() != 0.0;
        let odd = kept.bytes().last().is_some_and(|b| b & 1 == 1);
        match rest.as_bytes()[0] {
            b'5' => tail || odd,
            first => first > b'5',
        }
    };
    let mut digits = kept.as_bytes().to_vec();
    if half {
        let nines = digits.iter().rev().take_while(|&&b| b == b'9').count();
        let len = digits.len();
        digits[len - nines..].fill(b'0');
        match digits[..len - nines].last_mut() {
            Some(b) => *b += 1,
            None => digits.insert(0, b'1'),
        }
    }
    let digits = String::from_utf8(digits).expect("ASCII digits");
    let digits = if digits.is_empty() { "0" } else { &digits };
    let magnitude: f64 = format!("{digits}e{places}")
        .parse()
        .expect("a decimal number");
    magnitude.copysign(value)
}

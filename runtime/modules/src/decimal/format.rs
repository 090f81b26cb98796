//! `__format__`: the format mini-language for decimal numbers.

use super::context::{Context, MAX_PREC, Rounding};
use super::limbs;
use super::number::{Number, TOO_LONG};
use super::text::{self, Ascii};
use taipan_text::unicode;

/// Why a number could not be formatted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The specification is none.
    Invalid,
    /// The width is beyond what an index can be.
    Width,
    /// Memory cannot hold the result.
    Memory,
    /// The width is more than numbers have digits.
    Limits,
}

/// How a number's parts are kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale {
    pub point: String,
    pub separator: String,
    /// Lengths of groups from the point on; the last one repeats, 127 ends grouping.
    pub grouping: Vec<u8>,
}

impl Locale {
    /// What is used where no locale is asked for.
    fn plain(separator: &str) -> Locale {
        Locale {
            point: ".".to_owned(),
            separator: separator.to_owned(),
            grouping: vec![3],
        }
    }
}

/// A parsed specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    fill: char,
    align: char,
    sign: char,
    no_negative_zero: bool,
    alternate: bool,
    zero_padded: bool,
    width: usize,
    separator: &'static str,
    precision: Option<u64>,
    fraction_separator: &'static str,
    /// The presentation type, if one is given.
    kind: Option<char>,
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, among: &str) -> Option<char> {
        let c = self.peek().filter(|c| among.contains(*c))?;
        self.at += 1;
        Some(c)
    }

    /// A number, which stays at the largest there is.
    fn number(&mut self) -> Option<u64> {
        let mut value: Option<u64> = None;
        while let Some(digit) = self.peek().and_then(|c| unicode::decimal(c.into())) {
            let so_far = value.unwrap_or(0).saturating_mul(10);
            value = Some(so_far.saturating_add(digit.into()));
            self.at += 1;
        }
        value
    }

    fn separator(&mut self) -> &'static str {
        match self.take(",_") {
            Some(',') => ",",
            Some(_) => "_",
            None => "",
        }
    }
}

impl Spec {
    /// Reads a specification.
    ///
    /// # Errors
    /// [`Failure::Invalid`], [`Failure::Width`].
    pub fn parse(text: &str) -> Result<Spec, Failure> {
        let chars: Vec<char> = text.chars().collect();
        let mut reader = Reader {
            chars: &chars,
            at: 0,
        };
        let mut fill = None;
        if chars.len() > 1 && "<>=^".contains(chars[1]) {
            fill = Some(chars[0]);
            reader.at = 1;
        }
        let align = reader.take("<>=^");
        let sign = reader.take("+- ").unwrap_or('-');
        let no_negative_zero = reader.take("z").is_some();
        let alternate = reader.take("#").is_some();
        let zero_padded = reader.take("0").is_some();
        if zero_padded && align.is_some() {
            return Err(Failure::Invalid);
        }
        let width = reader.number().unwrap_or(0);
        let separator = reader.separator();
        let (mut precision, mut fraction_separator) = (None, "");
        if reader.take(".").is_some() {
            precision = reader.number();
            fraction_separator = reader.separator();
            if precision.is_none() && fraction_separator.is_empty() {
                return Err(Failure::Invalid);
            }
        }
        let kind = reader.take("eEfFgGnN%");
        if reader.peek().is_some() || matches!(kind, Some('n' | 'N')) && !separator.is_empty() {
            return Err(Failure::Invalid);
        }
        if precision == Some(0) && matches!(kind, None | Some('g' | 'G' | 'n' | 'N')) {
            precision = Some(1);
        }
        if width.max(precision.unwrap_or(0)) > i64::MAX as u64 {
            return Err(Failure::Width);
        }
        Ok(Spec {
            fill: fill.unwrap_or(' '),
            align: align.unwrap_or('>'),
            sign,
            no_negative_zero,
            alternate,
            zero_padded,
            width: width as usize,
            separator,
            precision,
            fraction_separator,
            kind,
        })
    }

    /// Whether it asks for the locale's conventions.
    pub fn wants_locale(&self) -> bool {
        matches!(self.kind, Some('n' | 'N'))
    }

    /// Whether it has the type `N`, which Python 3.18 will not know.
    pub fn is_deprecated(&self) -> bool {
        self.kind == Some('N')
    }

    /// The separators and groups that it asks for itself.
    pub fn own_locale(&self) -> Locale {
        Locale::plain(self.separator)
    }

    fn sign_of(&self, negative: bool) -> &'static str {
        match self.sign {
            _ if negative => "-",
            '+' => "+",
            ' ' => " ",
            _ => "",
        }
    }

    /// Pads what is shorter than the width.
    fn aligned(&self, sign: &str, body: &str) -> Result<String, Failure> {
        let length = sign.len() + body.chars().count();
        let missing = self.width.saturating_sub(length);
        if self.width as u64 > MAX_PREC as u64 {
            return Err(Failure::Limits);
        }
        if missing as u64 > 4 * TOO_LONG {
            return Err(Failure::Memory);
        }
        let padding = |n: usize| -> String { std::iter::repeat_n(self.fill, n).collect() };
        Ok(match self.align {
            '<' => [sign, body, &padding(missing)].concat(),
            '=' => [sign, &padding(missing), body].concat(),
            '^' => {
                let before = padding(missing / 2);
                [&before, sign, body, &padding(missing - missing / 2)].concat()
            }
            _ => [&padding(missing), sign, body].concat(),
        })
    }
}

/// The lengths of the groups, the last of which goes on for ever; `None` for no end of digits.
fn group_length(grouping: &[u8], at: usize) -> Option<u8> {
    let length = grouping.get(at).or(grouping.last()).copied()?;
    // Once grouping has ended it stays so.
    let ended = grouping[..grouping.len().min(at + 1)].contains(&127);
    (!ended).then_some(length)
}

/// Groups the digits, with zeros in front for the least width.
fn grouped(digits: &[u8], locale: &Locale, least: usize) -> String {
    let separator_length = locale.separator.chars().count();
    let mut groups: Vec<String> = vec![];
    let (mut digits, mut least) = (digits, least as i64);
    let mut push = |digits: &mut &[u8], length: usize| {
        let zeros = length.saturating_sub(digits.len());
        let (rest, group) = digits.split_at(digits.len().saturating_sub(length));
        let mut text = "0".repeat(zeros);
        text.extend(group.iter().map(|c| char::from(*c)));
        groups.push(text);
        *digits = rest;
    };
    for at in 0.. {
        let Some(length) = group_length(&locale.grouping, at) else {
            let rest = (digits.len() as i64).max(least).max(1);
            push(&mut digits, rest as usize);
            break;
        };
        let room = (digits.len() as i64).max(least).max(1);
        let length = room.min(length.into());
        push(&mut digits, length as usize);
        least -= length;
        if digits.is_empty() && least <= 0 {
            break;
        }
        least -= separator_length as i64;
    }
    groups.reverse();
    groups.join(&locale.separator)
}

/// Of a specification like `,.2f`: the separator and the digits behind the point.
pub fn simple(spec: &str) -> Option<(Option<u8>, usize)> {
    let (separator, rest) = match spec.as_bytes() {
        [separator @ (b',' | b'_'), rest @ ..] => (Some(*separator), rest),
        rest => (None, rest),
    };
    match *rest {
        [b'.', digit @ b'0'..=b'9', b'f'] => Some((separator, (digit - b'0').into())),
        _ => None,
    }
}

/// Rounds to so many digits.
fn round_to(n: Number, digits: u64, rounding: Rounding) -> Result<Number, Failure> {
    if n.is_zero() {
        return Ok(n);
    }
    let rescaled = |n: &Number, exponent: i64| {
        n.rescaled(exponent, rounding)
            .map(|(n, _)| n)
            .ok_or(Failure::Memory)
    };
    let digits = i64::try_from(digits)
        .unwrap_or(i64::MAX / 4)
        .min(i64::MAX / 4);
    let adjusted = n.adjusted();
    let rounded = rescaled(&n, adjusted + 1 - digits)?;
    if rounded.adjusted() != adjusted {
        return rescaled(&rounded, rounded.adjusted() + 1 - digits);
    }
    Ok(rounded)
}

/// `format(n, spec)`; `locale` is instead of what the specification says.
///
/// # Errors
/// [`Failure::Memory`], [`Failure::Limits`].
pub fn format(
    n: &Number,
    spec: &Spec,
    ctx: &Context,
    capitals: bool,
    locale: Option<Locale>,
) -> Result<String, Failure> {
    let kind = match spec.kind {
        Some('n') => 'g',
        Some('N') => 'G',
        Some(kind) => kind,
        None if capitals => 'G',
        None => 'g',
    };
    if !n.is_finite() {
        let mut body = text::to_scientific(&n.clone().with_sign(false), true);
        if kind == '%' {
            body.push('%');
        }
        return spec.aligned(spec.sign_of(n.negative), &body);
    }
    let locale = locale.unwrap_or_else(|| spec.own_locale());
    let mut n = n.clone();
    if kind == '%' {
        n.exponent += 2;
    }
    let fixed = matches!(kind, 'f' | 'F' | '%');
    if let Some(precision) = spec.precision {
        n = match kind {
            'e' | 'E' => round_to(n, precision.saturating_add(1), ctx.rounding)?,
            'g' | 'G' if n.digits() as u64 > precision => round_to(n, precision, ctx.rounding)?,
            'g' | 'G' => n,
            _ if precision > TOO_LONG => return Err(Failure::Memory),
            _ => match n.rescaled(-(precision as i64), ctx.rounding) {
                Some((n, _)) => n,
                None => return Err(Failure::Memory),
            },
        };
    }
    if n.is_zero() && n.exponent > 0 && fixed {
        n.exponent = 0;
    }
    let negative = n.negative && !(spec.no_negative_zero && n.is_zero());
    let mut digits = Ascii::new();
    limbs::write_digits(&n.coefficient, &mut digits);
    let left = n.exponent + digits.len() as i64;
    let place = match kind {
        'e' | 'E' => match spec.precision {
            Some(precision) if n.is_zero() => 1 - precision.min(TOO_LONG + 2) as i64,
            _ => 1,
        },
        'g' | 'G' if n.exponent > 0 || left <= -6 => 1,
        _ => left,
    };
    if place.unsigned_abs() > TOO_LONG {
        return Err(Failure::Memory);
    }
    let mut fraction = Ascii::new();
    if place < 0 {
        fraction.resize(place.unsigned_abs() as usize, b'0');
        fraction.extend_from_slice(&digits);
        digits.clear();
    } else if place as usize > digits.len() {
        digits.resize(place as usize, b'0');
    } else {
        fraction.extend_from_slice(&digits[place as usize..]);
        digits.truncate(place as usize);
    }
    if digits.is_empty() {
        digits.push(b'0');
    }
    let mut tail = String::new();
    if !fraction.is_empty() || spec.alternate {
        tail.push_str(&locale.point);
        for (i, c) in fraction.iter().enumerate() {
            if i > 0 && i % 3 == 0 {
                tail.push_str(spec.fraction_separator);
            }
            tail.push(char::from(*c));
        }
    }
    let exponent = left - place;
    if exponent != 0 || matches!(kind, 'e' | 'E') {
        let mark = if matches!(kind, 'E' | 'G') { 'E' } else { 'e' };
        tail.push_str(&format!("{mark}{exponent:+}"));
    }
    if kind == '%' {
        tail.push('%');
    }
    let sign = spec.sign_of(negative);
    let least = if spec.zero_padded {
        spec.width.saturating_sub(tail.chars().count() + sign.len())
    } else {
        0
    };
    if least as u64 > TOO_LONG {
        return Err(Failure::Memory);
    }
    let whole = if locale.separator.is_empty() {
        let mut whole = "0".repeat(least.saturating_sub(digits.len()));
        whole.extend(digits.iter().map(|c| char::from(*c)));
        whole
    } else {
        grouped(&digits, &locale, least)
    };
    spec.aligned(sign, &(whole + &tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(n: &str, spec: &str) -> String {
        let ctx = Context::with_digits(28);
        let n = text::parse(n.as_bytes()).expect("a number");
        let spec = Spec::parse(spec).expect("a specification");
        format(&n, &spec, &ctx, true, None).expect("text")
    }

    #[test]
    fn types_and_widths() {
        let cases = [
            ("1234.5678", "010,.3f", "01,234.568"),
            ("-0.0001", "010,.3f", "-0,000.000"),
            ("0E+5", "010,.3f", "00,000.000"),
            ("1234.5678", ".4_f", "1234.567_8"),
            ("1234.5678", ".3,", "1.23E+3"),
            ("0E+5", "+.3e", "+0.000e+8"),
            ("1e10", "#", "1.E+10"),
            ("-inf", "010,.3f", " -Infinity"),
            ("nan123", "=+10", "+   NaN123"),
            ("1234.5678", "*^20", "*****1234.5678******"),
            ("-0.0001", "z.1f", "0.0"),
            ("0E+5", "_.4_e", "0.000_0e+9"),
            ("9.99", ".1f", "10.0"),
            ("9.99", ".2g", "10"),
        ];
        for (n, spec, expected) in cases {
            assert_eq!(formatted(n, spec), expected, "{n} {spec}");
        }
    }

    #[test]
    fn grouping_of_locales() {
        let locale = Locale {
            point: ",".to_owned(),
            separator: ".".to_owned(),
            grouping: vec![3, 2],
        };
        assert_eq!(grouped(b"123456789", &locale, 0), "12.34.56.789");
        let ends = Locale {
            grouping: vec![3, 127],
            ..locale
        };
        assert_eq!(grouped(b"123456789", &ends, 0), "123456.789");
    }

    #[test]
    fn wrong_specifications() {
        for spec in ["<010", "s", ".f", "x", ",n", "10x"] {
            assert_eq!(Spec::parse(spec), Err(Failure::Invalid), "{spec}");
        }
    }
}

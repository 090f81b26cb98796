//! Reading and writing ISO 8601 text.

use super::calendar::{Date, Time, days_in_month, first_monday, from_ordinal, is_leap, ordinal};
use smallvec::SmallVec;
use taipan_runtime::types::str::Str;

/// Text being written: digits and punctuation, short enough to stay on the stack.
pub type Buffer = SmallVec<[u8; 64]>;

/// A number of at most two digits, as two.
pub fn push_two(out: &mut Buffer, n: u8) {
    out.extend_from_slice(&[b'0' + n / 10 % 10, b'0' + n % 10]);
}

/// A number as so many digits.
pub fn push_digits(out: &mut Buffer, mut n: u32, count: usize) {
    let at = out.len();
    out.resize(at + count, b'0');
    for digit in out[at..].iter_mut().rev() {
        *digit += (n % 10) as u8;
        n /= 10;
    }
}

/// `YYYY-MM-DD`.
pub fn push_date(out: &mut Buffer, date: Date) {
    let year = date.year;
    push_two(out, (year / 100) as u8);
    push_two(out, (year % 100) as u8);
    out.push(b'-');
    push_two(out, date.month);
    out.push(b'-');
    push_two(out, date.day);
}

/// How much of a time is written.
#[derive(Clone, Copy)]
pub enum Precision {
    Auto,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    Microseconds,
}

impl Precision {
    /// By the name that `isoformat` takes.
    pub fn by_name(name: &Str) -> Option<Precision> {
        Some(match name.as_ascii()? {
            "auto" => Precision::Auto,
            "hours" => Precision::Hours,
            "minutes" => Precision::Minutes,
            "seconds" => Precision::Seconds,
            "milliseconds" => Precision::Milliseconds,
            "microseconds" => Precision::Microseconds,
            _ => return None,
        })
    }
}

/// `HH:MM:SS.ffffff`, or less of it.
pub fn push_time(out: &mut Buffer, time: Time, precision: Precision) {
    let precision = match precision {
        Precision::Auto if time.micros == 0 => Precision::Seconds,
        Precision::Auto => Precision::Microseconds,
        given => given,
    };
    push_two(out, time.hour);
    if matches!(precision, Precision::Hours) {
        return;
    }
    out.push(b':');
    push_two(out, time.minute);
    if matches!(precision, Precision::Minutes) {
        return;
    }
    out.push(b':');
    push_two(out, time.second);
    match precision {
        Precision::Milliseconds => {
            out.push(b'.');
            push_digits(out, time.micros / 1000, 3);
        }
        Precision::Microseconds => {
            out.push(b'.');
            push_digits(out, time.micros, 6);
        }
        _ => {}
    }
}

/// Text to be read, a byte a character: what is not ASCII is a byte that fits nowhere.
pub type Source = SmallVec<[u8; 64]>;

/// The characters of a string.
pub fn source(text: &Str) -> Source {
    match text.as_ascii() {
        Some(text) => Source::from_slice(text.as_bytes()),
        None => text
            .code_points()
            .map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(0xFF))
            .collect(),
    }
}

/// A day as it was written: not checked yet, unless it came from a week.
pub struct Written {
    pub year: i32,
    pub month: i32,
    pub day: i32,
}

impl Written {
    /// The day after, if this one is valid.
    pub fn next(self) -> Written {
        let Written { year, month, day } = self;
        if !(1..=12).contains(&month) || day > days_in_month(year, month) {
            self
        } else if day < days_in_month(year, month) {
            Written {
                day: day + 1,
                ..self
            }
        } else if month < 12 {
            Written {
                month: month + 1,
                day: 1,
                ..self
            }
        } else {
            Written {
                year: year + 1,
                month: 1,
                day: 1,
            }
        }
    }
}

fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |n, c| {
        c.is_ascii_digit().then(|| n * 10 + i32::from(c - b'0'))
    })
}

/// Why a day of a week is none.
pub enum BadWeek {
    Year,
    Week,
    Day,
}

/// The ordinal of a day of an ISO week.
pub fn week_ordinal(year: i64, week: i64, day: i64) -> Result<i64, BadWeek> {
    if !(1..=9999).contains(&year) {
        return Err(BadWeek::Year);
    }
    let year = year as i32;
    if !(1..53).contains(&week) {
        // The last week is one of a year that starts on a Thursday, or, if leap, a Wednesday.
        let first = ordinal(year, 1, 1) % 7;
        if week != 53 || !(first == 4 || first == 3 && is_leap(year)) {
            return Err(BadWeek::Week);
        }
    }
    if !(1..8).contains(&day) {
        return Err(BadWeek::Day);
    }
    Ok(first_monday(year) + (week - 1) * 7 + day - 1)
}

/// Reads `YYYY-MM-DD`, `YYYY-Www-D`, `YYYY-Www`, or any of them without hyphens.
pub fn read_date(text: &[u8]) -> Option<Written> {
    if !matches!(text.len(), 7 | 8 | 10) {
        return None;
    }
    let year = digits(&text[..4])?;
    let hyphens = usize::from(text[4] == b'-');
    let rest = &text[4 + hyphens..];
    let after = |rest: &[u8], at: usize| -> Option<i32> {
        let part = &rest[at..];
        if part.starts_with(b"-") != (hyphens == 1) {
            return None;
        }
        let part = &part[hyphens..];
        if part.is_empty() { None } else { digits(part) }
    };
    if rest[0] != b'W' {
        let month = digits(rest.get(..2)?)?;
        if rest.len() != 4 + hyphens {
            return None;
        }
        let day = after(rest, 2)?;
        return Some(Written { year, month, day });
    }
    let week = digits(rest.get(1..3)?)?;
    let day = match rest.len() {
        3 => 1,
        n if n == 4 + hyphens => after(rest, 3)?,
        _ => return None,
    };
    let ordinal = week_ordinal(year.into(), week.into(), day.into()).ok()?;
    let (year, month, day) = from_ordinal(ordinal.max(1));
    Some(Written {
        year: if ordinal < 1 { 0 } else { year as i32 },
        month: month.into(),
        day: day.into(),
    })
}

/// Where the date of a combined text ends. A hyphen after a week may start its day or separate the
/// time; two digits after it speak for the time.
pub fn date_length(text: &[u8]) -> Option<usize> {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    match text.get(4..7)? {
        _ if text.len() == 7 => Some(7),
        [b'-', b'W', _] => match text.get(8) {
            Some(b'-') if text.len() == 9 => None,
            Some(b'-') if digit(10) => Some(8),
            Some(b'-') => Some(10),
            _ => Some(8),
        },
        [b'-', ..] => Some(10),
        [b'W', ..] => {
            let end = (7..text.len()).find(|at| !digit(*at)).unwrap_or(text.len());
            Some(match end {
                ..9 => end,
                // An even number of digits leaves none for the weekday.
                _ if end % 2 == 0 => 7,
                _ => 8,
            })
        }
        _ => Some(8),
    }
}

/// A time as it was written, and the offset from UTC that followed.
pub struct WrittenTime {
    /// Hour, minute, second, microsecond.
    pub parts: [i32; 4],
    /// In microseconds.
    pub offset: Option<i64>,
}

/// Reads `HH`, `HH:MM`, `HH:MM:SS` and a fraction, or any of them without colons.
fn read_parts(text: &[u8]) -> Option<[i32; 4]> {
    let mut parts = [0; 4];
    let mut at = 0;
    let mut colons = 0;
    for i in 0..3 {
        parts[i] = digits(text.get(at..at + 2)?)?;
        at += 2;
        let next = text.get(at);
        if i == 0 {
            colons = usize::from(next == Some(&b':'));
        }
        match next {
            None => return Some(parts),
            Some(b'.' | b',') if i == 2 => break,
            Some(_) if i == 2 => return None,
            Some(c) if colons == 1 && *c != b':' => return None,
            Some(_) => at += colons,
        }
    }
    let fraction = text.get(at + 1..)?;
    if !fraction.iter().all(u8::is_ascii_digit) || fraction.is_empty() {
        return None;
    }
    let given = &fraction[..fraction.len().min(6)];
    parts[3] = digits(given)? * 10i32.pow(6 - given.len() as u32);
    Some(parts)
}

/// Reads a time, perhaps with an offset or `Z`.
pub fn read_time(text: &[u8]) -> Option<WrittenTime> {
    if text.len() < 2 {
        return None;
    }
    let zone = text.iter().position(|c| matches!(c, b'-' | b'+' | b'Z'));
    let parts = read_parts(&text[..zone.unwrap_or(text.len())])?;
    let offset = match zone {
        None => None,
        Some(at) if text[at] == b'Z' => {
            if at + 1 != text.len() {
                return None;
            }
            Some(0)
        }
        Some(at) => {
            let [hours, minutes, seconds, micros] = read_parts(&text[at + 1..])?.map(i64::from);
            let total = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros;
            Some(if text[at] == b'-' { -total } else { total })
        }
    };
    Some(WrittenTime { parts, offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_dates() {
        let end = |text: &str| date_length(text.as_bytes());
        assert_eq!(end("2020-01-01T12"), Some(10));
        assert_eq!(end("20200101T12"), Some(8));
        assert_eq!(end("2020W01T12"), Some(7));
        assert_eq!(end("2020W01112"), Some(7));
        assert_eq!(end("2020W011T12"), Some(8));
        assert_eq!(end("2020-W01-12:00"), Some(8));
        assert_eq!(end("2020-W01-1T12"), Some(10));
        assert_eq!(end("2020-W01-"), None);
    }

    #[test]
    fn times_with_and_without_colons() {
        let parts = |text: &str| read_time(text.as_bytes()).map(|t| (t.parts, t.offset));
        assert_eq!(parts("12"), Some(([12, 0, 0, 0], None)));
        assert_eq!(parts("1234.5"), None);
        assert_eq!(parts("123456,5"), Some(([12, 34, 56, 500_000], None)));
        assert_eq!(parts("12:34Z"), Some(([12, 34, 0, 0], Some(0))));
        assert_eq!(parts("12:3456"), None);
        assert_eq!(
            parts("12-01:30"),
            Some(([12, 0, 0, 0], Some(-5_400_000_000)))
        );
    }
}

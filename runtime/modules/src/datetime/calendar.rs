//! The proleptic Gregorian calendar and the day's clock, as plain numbers.
//!
//! An ordinal counts days, 1 January of year 1 being 1. Dates and ordinals are converted by
//! counting from 1 March, so that the leap day ends a year (Hinnant, "chrono-Compatible Low-Level
//! Date Algorithms", 2013).

/// The first year.
pub const MIN_YEAR: i32 = 1;
/// The last year.
pub const MAX_YEAR: i32 = 9999;
/// The ordinal of the last day.
pub const MAX_ORDINAL: i64 = 3_652_059;
/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub const DAY: i64 = 86_400 * SECOND;

/// A day within the years from 1 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(C)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

/// A time of the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(C)]
pub struct Time {
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub micros: u32,
}

pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month from 1 to 12.
pub fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 => 28 + i32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the year before a month.
fn days_before_month(year: i32, month: i32) -> i32 {
    const BEFORE: [i32; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    BEFORE[month as usize] + i32::from(month > 2 && is_leap(year))
}

/// The ordinal of a day of any year from 1 on.
pub fn ordinal(year: i32, month: i32, day: i32) -> i64 {
    // Unsigned, whose divisions by constants are cheaper.
    let before = (year - 1) as u32;
    let days = before * 365 + before / 4 - before / 100 + before / 400;
    i64::from(days) + i64::from(days_before_month(year, month) + day)
}

/// Year, month and day of an ordinal from 1 on; the year may be beyond the last.
pub fn from_ordinal(ordinal: i64) -> (i64, u8, u8) {
    let z = ordinal + 305;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_based = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_based + 2) / 5 + 1;
    let month = if march_based < 10 {
        march_based + 3
    } else {
        march_based - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

/// The ordinal of the Monday that starts week 1 of an ISO year.
pub fn first_monday(year: i32) -> i64 {
    let first = ordinal(year, 1, 1);
    let weekday = (first + 6) % 7;
    let monday = first - weekday;
    if weekday > 3 { monday + 7 } else { monday }
}

impl Date {
    /// The day of an ordinal, if it is in range.
    pub fn of_ordinal(n: i64) -> Option<Date> {
        if !(1..=MAX_ORDINAL).contains(&n) {
            return None;
        }
        let (year, month, day) = from_ordinal(n);
        Some(Date {
            year: year as u16,
            month,
            day,
        })
    }

    pub fn ordinal(self) -> i64 {
        ordinal(
            i32::from(self.year),
            i32::from(self.month),
            i32::from(self.day),
        )
    }

    /// From Monday, which is 0.
    pub fn weekday(self) -> i64 {
        (self.ordinal() + 6) % 7
    }

    /// From 1 on.
    pub fn day_of_year(self) -> i64 {
        i64::from(days_before_month(self.year.into(), self.month.into()) + i32::from(self.day))
    }

    /// ISO year, week and weekday.
    pub fn iso(self) -> (i32, i64, i64) {
        let (mut year, today) = (i32::from(self.year), self.ordinal());
        let mut monday = first_monday(year);
        if today < monday {
            year -= 1;
            monday = first_monday(year);
        } else if today >= first_monday(year + 1) {
            year += 1;
            monday = first_monday(year);
        }
        let days = today - monday;
        (year, days / 7 + 1, days % 7 + 1)
    }
}

impl Time {
    pub const MIDNIGHT: Time = Time {
        hour: 0,
        minute: 0,
        second: 0,
        micros: 0,
    };

    /// Seconds since midnight.
    pub fn seconds(self) -> i64 {
        i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    /// Microseconds since midnight.
    pub fn total(self) -> i64 {
        self.seconds() * SECOND + i64::from(self.micros)
    }

    /// The time so many microseconds after midnight, of the same day.
    pub fn of_total(total: i64) -> Time {
        let (seconds, micros) = ((total / SECOND) as u32, (total % SECOND) as u32);
        Time {
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            micros,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_count_days_without_gap() {
        let mut n = 0;
        for year in 1..=9999 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    n += 1;
                    assert_eq!(ordinal(year, month, day), n);
                    assert_eq!(
                        from_ordinal(n),
                        (i64::from(year), month as u8, day as u8),
                        "ordinal {n}"
                    );
                }
            }
        }
        assert_eq!(n, MAX_ORDINAL);
        assert!(Date::of_ordinal(0).is_none() && Date::of_ordinal(n + 1).is_none());
    }

    #[test]
    fn iso_weeks_at_the_turn_of_years() {
        let iso = |year, month, day| Date { year, month, day }.iso();
        assert_eq!(iso(2004, 1, 1), (2004, 1, 4));
        assert_eq!(iso(2005, 1, 1), (2004, 53, 6));
        assert_eq!(iso(2008, 12, 29), (2009, 1, 1));
        assert_eq!(iso(9999, 12, 31), (9999, 52, 5));
        assert_eq!(iso(1, 1, 1), (1, 1, 1));
    }
}

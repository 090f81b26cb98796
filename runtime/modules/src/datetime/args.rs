//! Arguments: binding with the messages of C's `PyArg_ParseTupleAndKeywords`, and the checks of
//! single values.

pub use crate::common::Parameters;

use super::calendar::{Date, MAX_YEAR, MIN_YEAR, Time, days_in_month};
use super::zone::{TZINFO, Zone};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// Checks the number of arguments, the receiver not counted, of a function without keywords.
pub fn exactly(
    vm: &Vm,
    function: &str,
    args: &[Value],
    names: Option<Gc<Tuple>>,
    count: usize,
) -> Result<()> {
    taipan_runtime::types::protocol::no_keywords(vm, function, names)?;
    if args.len() == count {
        return Ok(());
    }
    Err(vm.type_error(format!(
        "{function}() takes exactly {count} argument{} ({} given)",
        plural(count),
        args.len()
    )))
}

/// A C `int`.
#[inline]
pub fn c_int(vm: &Vm, v: Value) -> Result<i32> {
    if let Some(i) = v.as_int()
        && let Ok(i) = i32::try_from(i)
    {
        return Ok(i);
    }
    let i = vm.to_i64(v)?;
    i32::try_from(i).map_err(|_| {
        vm.overflow_error(if i > 0 {
            "signed integer is greater than maximum"
        } else {
            "signed integer is less than minimum"
        })
    })
}

/// Checks that it is a C `int`.
pub fn as_integer(vm: &Vm, v: Value) -> Result<()> {
    c_int(vm, v).map(drop)
}

/// A C `int`, or the default of an argument left out.
#[inline]
pub fn c_int_or(vm: &Vm, v: Value, default: i32) -> Result<i32> {
    match v.given() {
        Some(v) => c_int(vm, v),
        None => Ok(default),
    }
}

/// A string argument, by its position.
pub fn text(vm: &Vm, function: &str, at: usize, v: Value) -> Result<Gc<Str>> {
    v.cast::<Str>().ok_or_else(|| {
        vm.type_error(format!(
            "{function}() argument {at} must be str, not {}",
            arg_name(vm, v)
        ))
    })
}

#[cold]
pub fn wrong_year(vm: &Vm, year: i64) -> Raised {
    vm.value_error(format!(
        "year must be in {MIN_YEAR}..{MAX_YEAR}, not {year}"
    ))
}

/// A day; ValueError if there is none such.
#[inline]
pub fn date(vm: &Vm, year: i32, month: i32, day: i32) -> Result<Date> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(wrong_year(vm, year.into()));
    }
    if !(1..=12).contains(&month) {
        return Err(vm.value_error(format!("month must be in 1..12, not {month}")));
    }
    let days = days_in_month(year, month);
    if day < 1 || day > days {
        return Err(vm.value_error(format!(
            "day {day} must be in range 1..{days} for month {month} in year {year}"
        )));
    }
    Ok(Date {
        year: year as u16,
        month: month as u8,
        day: day as u8,
    })
}

/// A time of the day and its fold; ValueError if there is none such.
#[inline]
pub fn time(vm: &Vm, parts: [i32; 4], fold: i32) -> Result<(Time, u8)> {
    const LIMITS: [(&str, i32); 4] = [
        ("hour", 23),
        ("minute", 59),
        ("second", 59),
        ("microsecond", 999_999),
    ];
    for (part, (name, most)) in parts.into_iter().zip(LIMITS) {
        if part < 0 || part > most {
            return Err(vm.value_error(format!("{name} must be in 0..{most}, not {part}")));
        }
    }
    if !(0..=1).contains(&fold) {
        return Err(vm.value_error(format!("fold must be either 0 or 1, not {fold}")));
    }
    let [hour, minute, second, micros] = parts;
    let time = Time {
        hour: hour as u8,
        minute: minute as u8,
        second: second as u8,
        micros: micros as u32,
    };
    Ok((time, fold as u8))
}

/// A time zone argument: nothing for None, TypeError for what is no `tzinfo`.
#[inline]
pub fn zone(vm: &Vm, v: Value) -> Result<Option<Value>> {
    if v.given_not_none().is_none() {
        return Ok(None);
    }
    if is_zone(vm, v)? {
        return Ok(Some(v));
    }
    Err(vm.type_error(format!(
        "tzinfo argument must be None or of a tzinfo subclass, not type '{}'",
        vm.class_of(v).qualified_name()
    )))
}

/// Whether it is an instance of `tzinfo`.
pub fn is_zone(vm: &Vm, v: Value) -> Result<bool> {
    Ok(v.cast::<Zone>().is_some() || vm.class_of(v).is_subclass_of(vm.class_of_def(&TZINFO)?))
}

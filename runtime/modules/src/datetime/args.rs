//! Arguments: binding with the messages of C's `PyArg_ParseTupleAndKeywords`, and the checks of
//! single values.

use super::calendar::{Date, MAX_YEAR, MIN_YEAR, Time, days_in_month};
use super::zone::{TZINFO, Zone};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// The parameters of a function, all of which may be given by name.
pub struct Parameters<const N: usize> {
    /// How messages name the function; nothing if they do not.
    pub function: &'static str,
    pub names: [&'static str; N],
    pub required: usize,
    /// How many may be given by position.
    pub positional: usize,
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

impl<const N: usize> Parameters<N> {
    /// One value a parameter, [`Value::MISSING`] where none was given.
    ///
    /// # Errors
    /// TypeError for wrong numbers and names.
    #[inline]
    pub fn bind(&self, vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result<[Value; N]> {
        let mut bound = [Value::MISSING; N];
        if names.is_none() && args.len() >= self.required && args.len() <= self.positional {
            bound[..args.len()].copy_from_slice(args);
            return Ok(bound);
        }
        self.bind_slowly(vm, args, names, bound)
    }

    #[cold]
    fn bind_slowly(
        &self,
        vm: &Vm,
        args: &[Value],
        names: Option<Gc<Tuple>>,
        mut bound: [Value; N],
    ) -> Result<[Value; N]> {
        let keywords = names.as_ref().map_or(&[][..], |n| n.as_slice());
        let name = || {
            if self.function.is_empty() {
                "function".to_owned()
            } else {
                format!("{}()", self.function)
            }
        };
        let positional = args.len() - keywords.len();
        if args.len() > N {
            return Err(vm.type_error(format!(
                "{} takes at most {N} argument{} ({} given)",
                name(),
                plural(N),
                args.len()
            )));
        }
        if positional > self.positional {
            let how = if self.required == self.positional {
                "exactly"
            } else {
                "at most"
            };
            return Err(vm.type_error(format!(
                "{} takes {how} {} positional argument{} ({positional} given)",
                name(),
                self.positional,
                plural(self.positional)
            )));
        }
        bound[..positional].copy_from_slice(&args[..positional]);
        let mut used = 0;
        for at in positional..N {
            let given = keywords
                .iter()
                .position(|k| k.cast::<Str>().is_some_and(|k| k.is_text(self.names[at])));
            match given {
                Some(i) => {
                    bound[at] = args[positional + i];
                    used += 1;
                }
                None if at < self.required => {
                    // C converts what it was given before it misses the next one.
                    if self.function.is_empty() {
                        bound[..at]
                            .iter()
                            .try_for_each(|v| c_int(vm, *v).map(drop))?;
                    }
                    return Err(vm.type_error(format!(
                        "{} missing required argument '{}' (pos {})",
                        name(),
                        self.names[at],
                        at + 1
                    )));
                }
                None => {}
            }
        }
        if used < keywords.len() {
            return Err(self.wrong_keyword(vm, &name(), keywords, positional));
        }
        Ok(bound)
    }

    fn wrong_keyword(&self, vm: &Vm, name: &str, keywords: &[Value], positional: usize) -> Raised {
        let texts: Vec<String> = keywords
            .iter()
            .filter_map(|k| k.cast::<Str>())
            .map(|k| k.to_text())
            .collect();
        let twice = (0..positional).find(|at| texts.iter().any(|t| t == self.names[*at]));
        if let Some(at) = twice {
            return vm.type_error(format!(
                "argument for {name} given by name ('{}') and position ({})",
                self.names[at],
                at + 1
            ));
        }
        let unknown = texts.iter().find(|t| !self.names.contains(&t.as_str()));
        let name = if self.function.is_empty() {
            "this function"
        } else {
            name
        };
        vm.type_error(format!(
            "{name} got an unexpected keyword argument '{}'",
            unknown.map_or("", |t| t)
        ))
    }
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

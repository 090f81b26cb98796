//! `time`.

mod calendar;

pub use calendar::{local_tm, new_struct_time, utc_tm, whole_seconds, zone_name};

use std::time::{Duration, Instant};
use taipan_runtime::object::{MethodDef, ModuleDef, Special};
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_text::int;

/// Of a second.
pub const NANOSECONDS: i64 = 1_000_000_000;

/// Nanoseconds of a clock.
fn clock(vm: &Vm, id: libc::clockid_t) -> Result<i64> {
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `t` is a valid place for the result.
    if unsafe { libc::clock_gettime(id, &mut t) } != 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(t.tv_sec * NANOSECONDS + t.tv_nsec)
}

/// The present: seconds since the epoch, and microseconds.
///
/// # Errors
/// The system has no clock.
pub fn now(vm: &Vm) -> Result<(i64, u32)> {
    let now = clock(vm, libc::CLOCK_REALTIME)?;
    let micros = now.rem_euclid(NANOSECONDS) / 1000;
    Ok((now.div_euclid(NANOSECONDS), micros as u32))
}

/// Seconds as a float, exactly if they are whole.
fn seconds(nanoseconds: i64) -> Value {
    if nanoseconds % NANOSECONDS == 0 {
        return Value::float((nanoseconds / NANOSECONDS) as f64);
    }
    Value::float(nanoseconds as f64 / 1e9)
}

#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    vm.overflow_error("timestamp out of range for C PyTime_t")
}

#[cold]
fn nan(vm: &Vm) -> Raised {
    vm.value_error("Invalid value NaN (not a number)")
}

/// Nanoseconds of a number of units of so many, rounded by `round`; none for what is no number.
fn scaled(vm: &Vm, v: Value, unit: i64, round: fn(f64) -> f64) -> Result<Option<i64>> {
    if let Some(f) = taipan_runtime::types::float::float_of(v) {
        if f.is_nan() {
            return Err(nan(vm));
        }
        let scaled = round(f * unit as f64);
        return if (-9.223372036854775e18..9.223372036854775e18).contains(&scaled) {
            Ok(Some(scaled as i64))
        } else {
            Err(out_of_range(vm))
        };
    }
    if v.as_int_ref().is_none() && vm.class_of(v).special(Special::Index).is_none() {
        return Ok(None);
    }
    match vm.index(v)?.as_int_ref() {
        Some(IntRef::Small(s)) => match s.checked_mul(unit) {
            Some(nanoseconds) => Ok(Some(nanoseconds)),
            None => Err(out_of_range(vm)),
        },
        _ => Err(out_of_range(vm)),
    }
}

/// Nanoseconds of a number of seconds, rounded by `round`.
fn nanoseconds(vm: &Vm, v: Value, round: fn(f64) -> f64) -> Result<i64> {
    scaled(vm, v, NANOSECONDS, round)?.ok_or_else(|| {
        let name = vm.class_of(v).qualified_name();
        vm.type_error(format!(
            "'{name}' object cannot be interpreted as an integer or float"
        ))
    })
}

/// Nanoseconds of a number of seconds, rounded up.
///
/// # Errors
/// As for `sleep`: TypeError for what is no number, OverflowError for what is too large.
pub fn nanoseconds_up(vm: &Vm, v: Value) -> Result<i64> {
    nanoseconds(vm, v, f64::ceil)
}

/// Nanoseconds of a limit given in units of so many, rounded away from zero.
///
/// # Errors
/// TypeError with `wanted` for what is no number, OverflowError for what is too large.
pub fn limit(vm: &Vm, v: Value, unit: i64, wanted: &str) -> Result<i64> {
    let away = |x: f64| if x < 0.0 { x.floor() } else { x.ceil() };
    scaled(vm, v, unit, away)?
        .ok_or_else(|| vm.type_error(format!("timeout must be {wanted} or None")))
}

/// As [`limit`], in milliseconds as `poll` takes them: negative ones and None mean for ever.
///
/// # Errors
/// As for [`limit`].
pub fn poll_limit(vm: &Vm, v: Value, unit: i64) -> Result<Option<Duration>> {
    let Some(v) = v.given_not_none() else {
        return Ok(None);
    };
    let Ok(nanoseconds) = u64::try_from(limit(vm, v, unit, "an integer")?) else {
        return Ok(None);
    };
    let milliseconds = nanoseconds.div_ceil(1_000_000);
    if milliseconds > i32::MAX as u64 {
        return Err(vm.overflow_error("timeout is too large"));
    }
    Ok(Some(Duration::from_millis(milliseconds)))
}

fn clock_id(vm: &Vm, v: Value) -> Result<libc::clockid_t> {
    let id = vm.to_i64(v)?;
    libc::clockid_t::try_from(id)
        .map_err(|_| vm.overflow_error("Python int too large to convert to C int"))
}

fn sleep(vm: &Vm, args: &[Value]) -> Result {
    vm.audit("time.sleep", &[args[0]])?;
    let length = nanoseconds(vm, args[0], f64::ceil)?;
    if length < 0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    let deadline = Instant::now().checked_add(Duration::from_nanos(length as u64));
    crate::wait::poll(vm, &mut [], deadline)?;
    Ok(Value::NONE)
}

fn clock_getres(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::float(resolution(vm, clock_id(vm, args[0])?)?))
}

fn resolution(vm: &Vm, id: libc::clockid_t) -> Result<f64> {
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `t` is a valid place for the result.
    if unsafe { libc::clock_getres(id, &mut t) } != 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9)
}

fn clock_settime(vm: &Vm, id: Value, time: i64) -> Result {
    let t = libc::timespec {
        tv_sec: time.div_euclid(NANOSECONDS),
        tv_nsec: time.rem_euclid(NANOSECONDS),
    };
    // SAFETY: `t` is valid.
    if unsafe { libc::clock_settime(clock_id(vm, id)?, &t) } != 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

fn pthread_getcpuclockid(vm: &Vm, args: &[Value]) -> Result {
    let thread = match vm.index(args[0])?.as_int_ref() {
        Some(i) => int::to_i64(&i.to_big()).unwrap_or(0) as libc::pthread_t,
        None => 0,
    };
    let mut id: libc::clockid_t = 0;
    // SAFETY: the thread is the caller's responsibility, as in C.
    match unsafe { libc::pthread_getcpuclockid(thread, &mut id) } {
        0 => Ok(vm.new_int(id.into())),
        errno => Err(vm.os_error(errno, None)),
    }
}

fn get_clock_info(vm: &Vm, args: &[Value]) -> Result {
    let name = match args[0].cast::<Str>() {
        Some(name) => name.to_text(),
        None => {
            let given = vm.class_of(args[0]).qualified_name();
            return Err(vm.type_error(format!(
                "get_clock_info() argument 1 must be str, not {given}"
            )));
        }
    };
    let (id, text, monotonic) = match name.as_str() {
        "time" => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true),
        "process_time" => (
            libc::CLOCK_PROCESS_CPUTIME_ID,
            "CLOCK_PROCESS_CPUTIME_ID",
            true,
        ),
        "thread_time" => (
            libc::CLOCK_THREAD_CPUTIME_ID,
            "CLOCK_THREAD_CPUTIME_ID",
            true,
        ),
        _ => return Err(vm.value_error("unknown clock")),
    };
    let namespace = vm.import_attr("types", "SimpleNamespace")?;
    let implementation = vm.new_str(&format!("clock_gettime({text})")).value();
    vm.call_keywords(
        namespace,
        &[],
        &[
            ("implementation", implementation),
            ("monotonic", Value::bool(monotonic)),
            ("adjustable", Value::bool(!monotonic)),
            ("resolution", Value::float(resolution(vm, id)?)),
        ],
    )
}

macro_rules! clocks {
    ($($name:literal $ns_name:literal $id:ident $doc:literal $ns_doc:literal;)*) => {
        &[
            $(
                MethodDef::new($name, "()", $doc, |vm, _| Ok(seconds(clock(vm, libc::$id)?))),
                MethodDef::new($ns_name, "()", $ns_doc, |vm, _| Ok(vm.new_int(clock(vm, libc::$id)?))),
            )*
            MethodDef::new("sleep", "(seconds, /)",
                "sleep(seconds)\n\nDelay execution for a given number of seconds.  The argument may be\n\
                 a floating-point number for subsecond precision.", sleep),
            MethodDef::new("clock_gettime", "(clk_id, /)",
                "Return the time of the specified clock clk_id as a float.",
                |vm, args| Ok(seconds(clock(vm, clock_id(vm, args[0])?)?))),
            MethodDef::new("clock_gettime_ns", "(clk_id, /)",
                "Return the time of the specified clock clk_id as nanoseconds (int).",
                |vm, args| Ok(vm.new_int(clock(vm, clock_id(vm, args[0])?)?))),
            MethodDef::new("clock_settime", "(clk_id, time, /)",
                "clock_settime(clk_id, time)\n\nSet the time of the specified clock clk_id.",
                |vm, args| clock_settime(vm, args[0], nanoseconds(vm, args[1], f64::floor)?)),
            MethodDef::new("clock_settime_ns", "(clk_id, time, /)",
                "clock_settime_ns(clk_id, time)\n\nSet the time of the specified clock clk_id with nanoseconds.",
                |vm, args| clock_settime(vm, args[0], vm.to_i64(args[1])?)),
            MethodDef::new("clock_getres", "(clk_id, /)",
                "clock_getres(clk_id) -> floating-point number\n\n\
                 Return the resolution (precision) of the specified clock clk_id.", clock_getres),
            MethodDef::new("pthread_getcpuclockid", "(thread_id, /)",
                "pthread_getcpuclockid(thread_id) -> int\n\nReturn the clk_id of a thread's CPU time clock.",
                pthread_getcpuclockid),
            MethodDef::new("get_clock_info", "(name, /)",
                "get_clock_info(name: str) -> dict\n\nGet information of the specified clock.", get_clock_info),
            MethodDef::new("gmtime", "(seconds=None, /)",
                "gmtime([seconds]) -> (tm_year, tm_mon, tm_mday, tm_hour, tm_min,\n                       \
                 tm_sec, tm_wday, tm_yday, tm_isdst)\n\n\
                 Convert seconds since the Epoch to a time tuple expressing UTC (a.k.a.\n\
                 GMT).  When 'seconds' is not passed in, convert the current time instead.\n\n\
                 If the platform supports the tm_gmtoff and tm_zone, they are available as\n\
                 attributes only.", calendar::gmtime),
            MethodDef::new("localtime", "(seconds=None, /)",
                "localtime([seconds]) -> (tm_year,tm_mon,tm_mday,tm_hour,tm_min,\n                          \
                 tm_sec,tm_wday,tm_yday,tm_isdst)\n\n\
                 Convert seconds since the Epoch to a time tuple expressing local time.\n\
                 When 'seconds' is not passed in, convert the current time instead.", calendar::localtime),
            MethodDef::new("asctime", "(time_tuple=<unrepresentable>, /)",
                "asctime([time_tuple]) -> string\n\nConvert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'.\n\
                 When the time tuple is not present, current time as returned by localtime()\nis used.",
                calendar::asctime),
            MethodDef::new("ctime", "(seconds=None, /)",
                "ctime([seconds]) -> string\n\nConvert a time in seconds since the Epoch to a string in local time.\n\
                 This is equivalent to asctime(localtime(seconds)). When 'seconds' is not\n\
                 passed in, convert the current time instead.", calendar::ctime),
            MethodDef::new("mktime", "(time_tuple, /)",
                "mktime(time_tuple) -> floating-point number\n\n\
                 Convert a time tuple in local time to seconds since the Epoch.\n\
                 Note that mktime(gmtime(0)) will not generally return zero for most\n\
                 time zones; instead the returned value will either be equal to that\n\
                 of the timezone or altzone attributes on the time module.", calendar::mktime),
            MethodDef::new("strftime", "(format, time_tuple=<unrepresentable>, /)",
                "strftime(format[, time_tuple]) -> string\n\n\
                 Convert a time tuple to a string according to a format specification.\n\
                 See the library reference manual for formatting codes. When the time tuple\n\
                 is not present, current time as returned by localtime() is used.\n", calendar::strftime),
            MethodDef::raw("strptime", "",
                "strptime(string[, format]) -> struct_time\n\n\
                 Parse a string to a time tuple according to a format specification.\n\
                 See the library reference manual for formatting codes (same as\nstrftime()).\n", calendar::strptime),
            MethodDef::new("tzset", "()",
                "tzset()\n\nInitialize, or reinitialize, the local timezone to the value stored in\n\
                 os.environ['TZ']. The TZ environment variable should be specified in\n\
                 standard Unix timezone format as documented in the tzset man page\n\
                 (eg. 'US/Eastern', 'Europe/Amsterdam'). Unknown timezones will silently\n\
                 fall back to UTC.", calendar::tzset),
        ]
    };
}

const FUNCTIONS: &[MethodDef] = clocks! {
    "time" "time_ns" CLOCK_REALTIME
        "time() -> floating-point number\n\nReturn the current time in seconds since the Epoch.\nFractions of a second may be present if the system clock provides them."
        "time_ns() -> int\n\nReturn the current time in nanoseconds since the Epoch.";
    "monotonic" "monotonic_ns" CLOCK_MONOTONIC
        "monotonic() -> float\n\nMonotonic clock, cannot go backward."
        "monotonic_ns() -> int\n\nMonotonic clock, cannot go backward, as nanoseconds.";
    "perf_counter" "perf_counter_ns" CLOCK_MONOTONIC
        "perf_counter() -> float\n\nPerformance counter for benchmarking."
        "perf_counter_ns() -> int\n\nPerformance counter for benchmarking as nanoseconds.";
    "process_time" "process_time_ns" CLOCK_PROCESS_CPUTIME_ID
        "process_time() -> float\n\nProcess time for profiling: sum of the kernel and user-space CPU time."
        "process_time() -> int\n\nProcess time for profiling as nanoseconds:\nsum of the kernel and user-space CPU time.";
    "thread_time" "thread_time_ns" CLOCK_THREAD_CPUTIME_ID
        "thread_time() -> float\n\nThread time for profiling: sum of the kernel and user-space CPU time."
        "thread_time() -> int\n\nThread time for profiling as nanoseconds:\nsum of the kernel and user-space CPU time.";
};

/// The module.
pub static TIME: ModuleDef = ModuleDef {
    name: "time",
    doc: "This module provides various functions to manipulate time values.\n\n\
          There are two standard representations of time.  One is the number\n\
          of seconds since the Epoch, in UTC (a.k.a. GMT).  It may be an integer\n\
          or a floating-point number (to represent fractions of seconds).\n\
          The other is a tuple of nine integers giving local time.",
    functions: FUNCTIONS,
    types: &[&calendar::STRUCT_TIME],
    exec: Some(|vm, module| {
        for (name, id) in [
            ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
            ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
            ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
            ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
            ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
            ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
            ("CLOCK_TAI", libc::CLOCK_TAI),
            ("_STRUCT_TM_ITEMS", 11),
        ] {
            module.set(vm, name, vm.new_int(id.into()));
        }
        calendar::set_zone(vm, module)
    }),
};

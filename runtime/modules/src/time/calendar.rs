//! Calendar time: `struct_time` and what converts from and to it.

use super::nan;
use taipan_runtime::heap::Gc;
use taipan_runtime::struct_sequence;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::protocol::{check_count, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

struct_sequence! {
    /// `time.struct_time`.
    pub static STRUCT_TIME = "time"."struct_time",
        "The time value as returned by gmtime(), localtime(), and strptime(), and\n \
         accepted by asctime(), mktime() and strftime().  May be considered as a\n sequence of 9 integers.\n\n \
         Note that several fields' values are not the same as those defined by\n \
         the C language standard for struct tm.  For example, the value of the\n \
         field tm_year is the actual year, not year - 1900.  See individual\n fields' descriptions for details.";
    visible:
        tm_year "year, for example, 1993",
        tm_mon "month of year, range [1, 12]",
        tm_mday "day of month, range [1, 31]",
        tm_hour "hours, range [0, 23]",
        tm_min "minutes, range [0, 59]",
        tm_sec "seconds, range [0, 61])",
        tm_wday "day of week, range [0, 6], Monday is 0",
        tm_yday "day of year, range [1, 366]",
        tm_isdst "1 if summer time is in effect, 0 if not, and -1 if unknown";
    hidden:
        tm_zone "abbreviation of timezone name",
        tm_gmtoff "offset from UTC in seconds";
}

fn empty_tm() -> libc::tm {
    // SAFETY: all zeros (a null zone name) is a valid value.
    unsafe { std::mem::zeroed() }
}

/// Whole seconds of a timestamp; None is now.
fn timestamp(vm: &Vm, v: Value) -> Result<i64> {
    let out_of_range = || vm.overflow_error("timestamp out of range for platform time_t");
    let Some(v) = v.given_not_none() else {
        return Ok(super::clock(vm, libc::CLOCK_REALTIME)?.div_euclid(super::NANOSECONDS));
    };
    if let Some(f) = taipan_runtime::types::float::float_of(v) {
        if f.is_nan() {
            return Err(nan(vm));
        }
        let floor = f.floor();
        return if (-9.223372036854775e18..9.223372036854775e18).contains(&floor) {
            Ok(floor as i64)
        } else {
            Err(out_of_range())
        };
    }
    match vm.index(v)?.as_int_ref() {
        Some(IntRef::Small(s)) => Ok(s),
        Some(IntRef::Big(b)) => b.to_i64().ok_or_else(out_of_range),
        None => Ok(0),
    }
}

fn broken_down(vm: &Vm, t: i64, local: bool) -> Result<libc::tm> {
    let mut tm = empty_tm();
    // SAFETY: both pointers are valid.
    let result = unsafe {
        if local {
            libc::localtime_r(&t, &mut tm)
        } else {
            libc::gmtime_r(&t, &mut tm)
        }
    };
    if result.is_null() {
        Err(vm.last_os_error(None))
    } else {
        Ok(tm)
    }
}

/// The local time at a number of seconds since the epoch.
///
/// # Errors
/// OSError if it is beyond what the C library knows.
pub fn local_tm(vm: &Vm, t: i64) -> Result<libc::tm> {
    broken_down(vm, t, true)
}

/// As [`local_tm`], in UTC.
///
/// # Errors
/// As those of [`local_tm`].
pub fn utc_tm(vm: &Vm, t: i64) -> Result<libc::tm> {
    broken_down(vm, t, false)
}

/// The whole seconds of a timestamp, rounded down.
///
/// # Errors
/// OverflowError for one that is out of range; TypeError and ValueError for what is none.
pub fn whole_seconds(vm: &Vm, v: Value) -> Result<i64> {
    if v.is_none() {
        return vm.to_i64(v);
    }
    timestamp(vm, v)
}

/// A `struct_time` of its nine items, without a zone.
///
/// # Errors
/// MemoryError.
pub fn new_struct_time(vm: &Vm, items: [i64; 9]) -> Result {
    let items = items.map(|n| vm.new_int(n));
    let class = vm.class_of_def(&STRUCT_TIME)?;
    vm.new_struct_sequence(class, &items, &[Value::NONE, Value::NONE])
}

/// The abbreviation of a time's zone.
pub fn zone_name(tm: &libc::tm) -> String {
    if tm.tm_zone.is_null() {
        return String::new();
    }
    // SAFETY: the C library's name of a zone.
    unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }
        .to_string_lossy()
        .into_owned()
}

fn to_struct(vm: &Vm, tm: &libc::tm) -> Result {
    let n = |i: i32| vm.new_int(i.into());
    let items = [
        vm.new_int(i64::from(tm.tm_year) + 1900),
        n(tm.tm_mon + 1),
        n(tm.tm_mday),
        n(tm.tm_hour),
        n(tm.tm_min),
        n(tm.tm_sec),
        n((tm.tm_wday + 6) % 7),
        n(tm.tm_yday + 1),
        n(tm.tm_isdst),
    ];
    let zone = vm.new_str(&zone_name(tm)).value();
    vm.new_struct_sequence(
        vm.class_of_def(&STRUCT_TIME)?,
        &items,
        &[zone, vm.new_int(tm.tm_gmtoff)],
    )
}

pub fn gmtime(vm: &Vm, args: &[Value]) -> Result {
    to_struct(vm, &broken_down(vm, timestamp(vm, args[0])?, false)?)
}

pub fn localtime(vm: &Vm, args: &[Value]) -> Result {
    to_struct(vm, &broken_down(vm, timestamp(vm, args[0])?, true)?)
}

/// A time tuple; the zone's name is kept in the second value.
fn from_tuple(vm: &Vm, function: &str, v: Value) -> Result<(libc::tm, Option<std::ffi::CString>)> {
    let Some(tuple) = v.cast::<Tuple>() else {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    };
    if tuple.len() != 9 {
        return Err(vm.type_error(format!("{function}(): illegal time tuple argument")));
    }
    let mut n = [0i32; 9];
    for (to, v) in n.iter_mut().zip(tuple.as_slice()) {
        let i = vm.to_i64(*v)?;
        *to = i32::try_from(i).map_err(|_| {
            vm.overflow_error(if i > 0 {
                "signed integer is greater than maximum"
            } else {
                "signed integer is less than minimum"
            })
        })?;
    }
    let mut tm = empty_tm();
    tm.tm_year = n[0]
        .checked_sub(1900)
        .ok_or_else(|| vm.overflow_error("year out of range"))?;
    tm.tm_mon = n[1].wrapping_sub(1);
    tm.tm_mday = n[2];
    tm.tm_hour = n[3];
    tm.tm_min = n[4];
    tm.tm_sec = n[5];
    tm.tm_wday = (n[6].wrapping_add(1)) % 7;
    tm.tm_yday = n[7].wrapping_sub(1);
    tm.tm_isdst = n[8];
    let mut zone = None;
    if vm.class_of(v) == vm.class_of_def(&STRUCT_TIME)? {
        let name = taipan_runtime::types::structseq::hidden(vm, v, "tm_zone")?;
        if let Some(name) = name.cast::<Str>() {
            zone = std::ffi::CString::new(name.to_text()).ok();
        }
        let offset = taipan_runtime::types::structseq::hidden(vm, v, "tm_gmtoff")?;
        if !offset.is_none() {
            tm.tm_gmtoff = vm.to_i64(offset)?;
        }
        if let Some(zone) = &zone {
            tm.tm_zone = zone.as_ptr();
        }
    }
    Ok((tm, zone))
}

/// Refuses values that would make the C library read out of bounds.
fn check(vm: &Vm, tm: &mut libc::tm) -> Result<()> {
    let error = |what: &str| -> Result<()> { Err(vm.value_error(format!("{what} out of range"))) };
    if tm.tm_mon == -1 {
        tm.tm_mon = 0;
    } else if !(0..=11).contains(&tm.tm_mon) {
        return error("month");
    }
    if tm.tm_mday == 0 {
        tm.tm_mday = 1;
    } else if !(0..=31).contains(&tm.tm_mday) {
        return error("day of month");
    }
    if !(0..=23).contains(&tm.tm_hour) {
        return error("hour");
    }
    if !(0..=59).contains(&tm.tm_min) {
        return error("minute");
    }
    if !(0..=61).contains(&tm.tm_sec) {
        return error("seconds");
    }
    if tm.tm_wday < 0 {
        return error("day of week");
    }
    if tm.tm_yday == -1 {
        tm.tm_yday = 0;
    } else if !(0..=365).contains(&tm.tm_yday) {
        return error("day of year");
    }
    Ok(())
}

fn ascii_time(tm: &libc::tm) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    format!(
        "{} {}{:>3} {:02}:{:02}:{:02} {}",
        DAYS[tm.tm_wday as usize % 7],
        MONTHS[tm.tm_mon as usize % 12],
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        i64::from(tm.tm_year) + 1900
    )
}

pub fn asctime(vm: &Vm, args: &[Value]) -> Result {
    let tm = match args[0].given() {
        None => broken_down(vm, timestamp(vm, Value::NONE)?, true)?,
        Some(v) => {
            let (mut tm, _) = from_tuple(vm, "asctime", v)?;
            check(vm, &mut tm)?;
            tm
        }
    };
    Ok(vm.new_str(&ascii_time(&tm)).value())
}

pub fn ctime(vm: &Vm, args: &[Value]) -> Result {
    let tm = broken_down(vm, timestamp(vm, args[0])?, true)?;
    Ok(vm.new_str(&ascii_time(&tm)).value())
}

pub fn mktime(vm: &Vm, args: &[Value]) -> Result {
    let (mut tm, _) = from_tuple(vm, "mktime", args[0])?;
    // The C library sets the day of the week if and only if it succeeds.
    tm.tm_wday = -1;
    // SAFETY: `tm` is valid.
    let t = unsafe { libc::mktime(&mut tm) };
    if t == -1 && tm.tm_wday == -1 {
        return Err(vm.overflow_error("mktime argument out of range"));
    }
    Ok(Value::float(t as f64))
}

pub fn strftime(vm: &Vm, args: &[Value]) -> Result {
    let Some(format) = args[0].cast::<Str>() else {
        let given = vm.class_of(args[0]).qualified_name();
        return Err(vm.type_error(format!("strftime() argument 1 must be str, not {given}")));
    };
    let (mut tm, _zone) = match args[1].given() {
        None => (broken_down(vm, timestamp(vm, Value::NONE)?, true)?, None),
        Some(v) => {
            let (mut tm, zone) = from_tuple(vm, "strftime", v)?;
            check(vm, &mut tm)?;
            (tm, zone)
        }
    };
    tm.tm_isdst = tm.tm_isdst.clamp(-1, 1);
    // The C library formats runs of ASCII; other characters and NUL are copied.
    let mut out = TextBuf::new();
    let mut run: Vec<u8> = Vec::new();
    for c in format.code_points() {
        match c {
            1..=127 => run.push(c as u8),
            _ => {
                format_run(vm, &mut run, &tm, &mut out)?;
                out.push(c);
            }
        }
    }
    format_run(vm, &mut run, &tm, &mut out)?;
    vm.finish_text(out)
}

fn format_run(vm: &Vm, run: &mut Vec<u8>, tm: &libc::tm, out: &mut TextBuf) -> Result<()> {
    if run.is_empty() {
        return Ok(());
    }
    // A last character tells an empty result from too small a buffer.
    run.extend_from_slice(b" \0");
    let mut buffer = vec![0u8; 256];
    loop {
        // SAFETY: the format ends in NUL, and the buffer has the size that is said.
        let n = unsafe {
            libc::strftime(
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                run.as_ptr().cast(),
                tm,
            )
        };
        if n > 0 {
            match std::str::from_utf8(&buffer[..n - 1]) {
                Ok(text) => out.push_str(text),
                Err(_) => out.push_latin1(&buffer[..n - 1]),
            }
            break;
        }
        if buffer.len() > 256 * run.len() + (1 << 20) {
            return Err(vm.memory_error());
        }
        let len = buffer.len() * 2;
        buffer.resize(len, 0);
    }
    run.clear();
    Ok(())
}

pub fn strptime(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    taipan_runtime::types::protocol::no_keywords(vm, "strptime", names)?;
    check_count(vm, "strptime", args.len(), 1, 2)?;
    let parse = vm.import_attr("_strptime", "_strptime_time")?;
    vm.call(parse, args)
}

/// Sets the module's attributes about the local time zone.
pub fn set_zone(vm: &Vm, module: Gc<Module>) -> Result<()> {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let now = timestamp(vm, Value::NONE)?;
    let january = broken_down(vm, now / YEAR * YEAR, true)?;
    let july = broken_down(vm, now / YEAR * YEAR + YEAR / 2, true)?;
    // West of Greenwich counts as positive here; in the south, summer time is in January.
    let (standard, summer) = if -january.tm_gmtoff < -july.tm_gmtoff {
        (july, january)
    } else {
        (january, july)
    };
    module.set(vm, "timezone", vm.new_int(-standard.tm_gmtoff));
    module.set(vm, "altzone", vm.new_int(-summer.tm_gmtoff));
    module.set(
        vm,
        "daylight",
        vm.new_int((standard.tm_gmtoff != summer.tm_gmtoff).into()),
    );
    let names = [zone_name(&standard), zone_name(&summer)].map(|n| vm.new_str(&n).value());
    module.set(vm, "tzname", vm.new_tuple(&names)?);
    Ok(())
}

pub fn tzset(vm: &Vm, _: &[Value]) -> Result {
    unsafe extern "C" {
        fn tzset();
    }
    // SAFETY: the lock is held, so nobody else reads the zone.
    unsafe { tzset() };
    let time = vm.import("time")?;
    set_zone(vm, this(time))?;
    Ok(Value::NONE)
}

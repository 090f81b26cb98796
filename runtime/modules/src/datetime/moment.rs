//! `datetime`, and converting it to and from the system's time.

use super::args::{self, Parameters, c_int, c_int_or};
use super::calendar::{DAY, Date, SECOND, Time, ordinal};
use super::date::{DATE, invalid_text, is_native, iso_argument};
use super::delta::{Delta, Parts, TIMEDELTA, new_delta, repr_name};
use super::format;
use super::iso::{self, Precision};
use super::time::{Clock, TIME, hash_total, midnight, new_time, precision, written_zone};
use super::zone;
use super::{attribute, int};
use std::cell::Cell;
use std::cmp::Ordering;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, MethodDef, TypeDef, slots};
use taipan_runtime::ops::compare::{CompareOp, holds};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::float::float_of;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// A `date` or a `datetime`: one layout, since the one derives from the other.
#[repr(C)]
pub struct Moment {
    pub header: Header,
    pub date: Date,
    fold: Cell<u8>,
    is_datetime: bool,
    pub time: Time,
    zone: Field,
}

heap_object!(Moment, "date", Kind::Other, |this, marker| {
    marker.field(&this.zone);
});

impl Moment {
    pub fn zone(&self) -> Option<Value> {
        self.zone.get()
    }

    fn rest(&self) -> Rest {
        Rest {
            time: self.time,
            zone: self.zone(),
            fold: self.fold.get(),
        }
    }

    /// Microseconds since the day before the first one.
    fn total(&self) -> i64 {
        self.date.ordinal() * DAY + self.time.total()
    }

    /// The same in whole seconds.
    fn seconds(&self) -> i64 {
        self.date.ordinal() * (DAY / SECOND) + self.time.seconds()
    }

    fn order(&self, other: &Moment) -> Ordering {
        (self.date, self.time).cmp(&(other.date, other.time))
    }
}

/// Whether it is a `datetime`, and not only a `date`.
#[inline]
pub fn is_datetime(v: Value) -> bool {
    v.cast::<Moment>().is_some_and(|m| m.is_datetime)
}

fn moment(v: Value) -> Gc<Moment> {
    this(v)
}

/// What a `datetime` has beside its date.
#[derive(Clone, Copy)]
pub struct Rest {
    pub time: Time,
    pub zone: Option<Value>,
    pub fold: u8,
}

/// A new object of a class: a `datetime` if there is a rest.
#[inline]
pub fn alloc(vm: &Vm, class: Gc<Class>, date: Date, rest: Option<Rest>) -> Gc<Moment> {
    let is_datetime = rest.is_some();
    let rest = rest.unwrap_or(Rest {
        time: Time::MIDNIGHT,
        zone: None,
        fold: 0,
    });
    let object = Moment {
        header: Header::empty(),
        date,
        fold: Cell::new(rest.fold),
        is_datetime,
        time: rest.time,
        zone: Field::opt(rest.zone),
    };
    vm.heap.alloc(class.root_shape.get(), object)
}

/// A moment of this class, by its constructor if it is a subclass.
fn like(vm: &Vm, class: Gc<Class>, date: Date, rest: Rest) -> Result {
    if is_native(class) {
        return Ok(alloc(vm, class, date, Some(rest)).value());
    }
    let n = |n: i64| Value::small_int(n);
    let Rest { time, zone, fold } = rest;
    let arguments = [
        n(date.year.into()),
        n(date.month.into()),
        n(date.day.into()),
        n(time.hour.into()),
        n(time.minute.into()),
        n(time.second.into()),
        n(time.micros.into()),
        zone.unwrap_or(Value::NONE),
    ];
    let new = vm.call(class.value(), &arguments)?;
    if fold != 0
        && let Some(new) = new.cast::<Moment>()
    {
        new.fold.set(fold);
    }
    Ok(new)
}

/// `moment + sign * delta`, of the moment's class and zone.
pub fn shifted(vm: &Vm, m: Gc<Moment>, delta: Parts, sign: i64) -> Result {
    let micros = m.time.total() + sign * (delta.seconds * SECOND + delta.micros);
    let (carry, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let ordinal = m.date.ordinal() + sign * delta.days + carry;
    let Some(date) = Date::of_ordinal(ordinal) else {
        return Err(vm.overflow_error("date value out of range"));
    };
    let rest = Rest {
        time: Time::of_total(rest),
        zone: m.zone(),
        fold: 0,
    };
    like(vm, m.class(), date, rest)
}

static NEW: Parameters<9> = Parameters {
    function: "",
    names: [
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "microsecond",
        "tzinfo",
        "fold",
    ],
    required: 3,
    positional: 8,
    convert: Some(super::args::as_integer),
};

static REPLACE: Parameters<9> = Parameters {
    function: "replace",
    required: 0,
    ..NEW
};

fn datetime_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&DATETIME)?)?;
    if matches!(args.len(), 2 | 3)
        && names.is_none()
        && let Some([y1, y0, month, day, hour, minute, second, u2, u1, u0]) =
            format::pickled(args[1])
        && (1..=12).contains(&(month & 0x7F))
    {
        let rest = Rest {
            time: Time {
                hour,
                minute,
                second,
                micros: u32::from_be_bytes([0, u2, u1, u0]),
            },
            zone: super::time::pickled_zone(vm, args)?,
            fold: month >> 7,
        };
        let date = Date {
            year: u16::from_be_bytes([y1, y0]),
            month: month & 0x7F,
            day,
        };
        return Ok(alloc(vm, class, date, Some(rest)).value());
    }
    let [year, month, day, hour, minute, second, micros, tzinfo, fold] =
        NEW.bind(vm, &args[1..], names)?;
    let (year, month, day) = (c_int(vm, year)?, c_int(vm, month)?, c_int(vm, day)?);
    let parts = [
        c_int_or(vm, hour, 0)?,
        c_int_or(vm, minute, 0)?,
        c_int_or(vm, second, 0)?,
        c_int_or(vm, micros, 0)?,
    ];
    let fold = c_int_or(vm, fold, 0)?;
    let date = args::date(vm, year, month, day)?;
    let (time, fold) = args::time(vm, parts, fold)?;
    let zone = args::zone(vm, tzinfo)?;
    Ok(alloc(vm, class, date, Some(Rest { time, zone, fold })).value())
}

/// Seconds from the day before the first one to the epoch.
fn epoch() -> i64 {
    ordinal(1970, 1, 1) * (DAY / SECOND)
}

/// How far back a change of the clocks is looked for.
const MAX_FOLD: i64 = 24 * 3600;

/// A broken-down time in seconds since the day before the first one.
fn tm_seconds(vm: &Vm, tm: &libc::tm) -> Result<i64> {
    let year = i64::from(tm.tm_year) + 1900;
    if !(1..=9999).contains(&year) {
        return Err(args::wrong_year(vm, year));
    }
    let day = ordinal(year as i32, tm.tm_mon + 1, tm.tm_mday);
    let [hour, minute, second] = [tm.tm_hour, tm.tm_min, tm.tm_sec].map(i64::from);
    Ok(day * (DAY / SECOND) + hour * 3600 + minute * 60 + second)
}

/// What the local clock shows at a time, both in seconds since the day before the first one.
fn local(vm: &Vm, utc: i64) -> Result<i64> {
    tm_seconds(vm, &crate::time::local_tm(vm, utc - epoch())?)
}

/// When the local clock shows a time: the earlier, or with `fold` the later of two answers.
fn utc_of_local(vm: &Vm, shown: i64, fold: bool) -> Result<i64> {
    let offset = local(vm, shown)? - shown;
    let first = shown - offset;
    let again = local(vm, first)?;
    let other = if again == shown {
        let probe = if fold {
            first + MAX_FOLD
        } else {
            first - MAX_FOLD
        };
        let other = local(vm, probe)? - probe;
        if other == offset {
            return Ok(first);
        }
        other
    } else {
        again - first
    };
    let second = shown - other;
    if local(vm, second)? == shown {
        return Ok(second);
    }
    if again == shown {
        return Ok(first);
    }
    // The clock skips this time.
    Ok(if fold {
        first.min(second)
    } else {
        first.max(second)
    })
}

/// A moment of a class from seconds since the epoch: in local time, or else in UTC.
fn of_timestamp(
    vm: &Vm,
    class: Gc<Class>,
    (seconds, micros): (i64, u32),
    is_local: bool,
    zone: Option<Value>,
) -> Result {
    let tm = if is_local {
        crate::time::local_tm(vm, seconds)?
    } else {
        crate::time::utc_tm(vm, seconds)?
    };
    let mut fold = 0;
    if is_local && zone.is_none() {
        let shown = tm_seconds(vm, &tm)?;
        let utc = epoch() + seconds;
        let jump = shown - local(vm, utc - MAX_FOLD)? - MAX_FOLD;
        if jump < 0 && local(vm, utc + jump)? == shown {
            fold = 1;
        }
    }
    let year = i64::from(tm.tm_year) + 1900;
    let year = i32::try_from(year).map_err(|_| args::wrong_year(vm, year))?;
    let date = args::date(vm, year, tm.tm_mon + 1, tm.tm_mday)?;
    let time = Time {
        hour: tm.tm_hour as u8,
        minute: tm.tm_min as u8,
        // A leap second is shown as the one before.
        second: tm.tm_sec.min(59) as u8,
        micros,
    };
    like(vm, class, date, Rest { time, zone, fold })
}

/// A timestamp as seconds and microseconds, rounded to the nearest.
fn timestamp_argument(vm: &Vm, v: Value) -> Result<(i64, u32)> {
    let out_of_range = || vm.overflow_error("timestamp out of range for platform time_t");
    if let Some(f) = float_of(v) {
        if f.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let mut seconds = f.floor();
        let mut micros = ((f - seconds) * 1e6).round_ties_even();
        if f < 0.0 && f != seconds {
            // From the fraction's own digits, which are more of them than those of its complement.
            micros = 1e6 + ((f - f.trunc()) * 1e6).round_ties_even();
        }
        if micros >= 1e6 {
            micros -= 1e6;
            seconds += 1.0;
        }
        if !(-9.223372036854775e18..9.223372036854775e18).contains(&seconds) {
            return Err(out_of_range());
        }
        return Ok((seconds as i64, micros as u32));
    }
    match v.as_int_ref() {
        Some(IntRef::Small(i)) => Ok((i, 0)),
        Some(IntRef::Big(b)) => Ok((b.to_i64().ok_or_else(out_of_range)?, 0)),
        None => Err(vm.type_error(format!(
            "argument must be int or float, not {}",
            vm.class_of(v).qualified_name()
        ))),
    }
}

/// The present in UTC if there is a zone, which then converts it; in local time if not.
fn in_zone(vm: &Vm, class: Gc<Class>, timestamp: (i64, u32), zone: Option<Value>) -> Result {
    let new = of_timestamp(vm, class, timestamp, zone.is_none(), zone)?;
    match zone {
        Some(zone) => vm.call_method(zone, "fromutc", &[new]),
        None => Ok(new),
    }
}

static NOW: Parameters<1> = Parameters {
    function: "now",
    names: ["tz"],
    required: 0,
    positional: 1,
    convert: None,
};

fn now(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [zone] = NOW.bind(vm, &args[1..], names)?;
    let zone = args::zone(vm, zone)?;
    in_zone(vm, this(args[0]), crate::time::now(vm)?, zone)
}

fn utcnow(vm: &Vm, args: &[Value]) -> Result {
    vm.warn(
        &exc::DEPRECATION_WARNING,
        "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. \
         Use timezone-aware objects to represent datetimes in UTC: \
         datetime.datetime.now(datetime.UTC).",
        1,
    )?;
    of_timestamp(vm, this(args[0]), crate::time::now(vm)?, false, None)
}

static FROMTIMESTAMP: Parameters<2> = Parameters {
    function: "fromtimestamp",
    names: ["timestamp", "tz"],
    required: 1,
    positional: 2,
    convert: None,
};

fn fromtimestamp(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [timestamp, zone] = FROMTIMESTAMP.bind(vm, &args[1..], names)?;
    let zone = args::zone(vm, zone)?;
    in_zone(vm, this(args[0]), timestamp_argument(vm, timestamp)?, zone)
}

fn utcfromtimestamp(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    vm.warn(
        &exc::DEPRECATION_WARNING,
        "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for removal in a future \
         version. Use timezone-aware objects to represent datetimes in UTC: \
         datetime.datetime.fromtimestamp(timestamp, datetime.UTC).",
        1,
    )?;
    args::exactly(vm, "utcfromtimestamp", &args[1..], names, 1)?;
    let timestamp = timestamp_argument(vm, args[1])?;
    of_timestamp(vm, this(args[0]), timestamp, false, None)
}

static COMBINE: Parameters<3> = Parameters {
    function: "combine",
    names: ["date", "time", "tzinfo"],
    required: 2,
    positional: 3,
    convert: None,
};

fn combine(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [date, time, tzinfo] = COMBINE.bind(vm, &args[1..], names)?;
    let wrong = |at: usize, wanted: &str, v: Value| {
        vm.type_error(format!(
            "combine() argument {at} must be datetime.{wanted}, not {}",
            arg_name(vm, v)
        ))
    };
    let day = date
        .cast::<Moment>()
        .ok_or_else(|| wrong(1, "date", date))?;
    let clock = time.cast::<Clock>().ok_or_else(|| wrong(2, "time", time))?;
    let zone = match tzinfo.given() {
        Some(v) => args::zone(vm, v)?,
        None => clock.zone(),
    };
    let rest = Rest {
        time: clock.time,
        zone,
        fold: clock.fold.get(),
    };
    like(vm, this(args[0]), day.date, rest)
}

fn fromisoformat(vm: &Vm, args: &[Value]) -> Result {
    let text = iso_argument(vm, args[1])?;
    let source = iso::source(&text);
    let invalid = || invalid_text(vm, args[1]);
    let end = iso::date_length(&source)
        .filter(|end| *end <= source.len())
        .ok_or_else(invalid)?;
    let mut day = iso::read_date(&source[..end]).ok_or_else(invalid)?;
    let (mut parts, mut zone) = ([0; 4], None);
    if end < source.len() {
        let written = iso::read_time(&source[end + 1..]).ok_or_else(invalid)?;
        parts = written.parts;
        if midnight(vm, &mut parts)? {
            day = day.next();
        }
        zone = written_zone(vm, written.offset)?;
    }
    let date = args::date(vm, day.year, day.month, day.day)?;
    let (time, fold) = args::time(vm, parts, 0)?;
    like(vm, this(args[0]), date, Rest { time, zone, fold })
}

fn datetime_repr(vm: &Vm, args: &[Value]) -> Result {
    let m = moment(args[0]);
    let Date { year, month, day } = m.date;
    let mut out = TextBuf::new();
    out.push_str(&format!(
        "{}({year}, {month}, {day}, ",
        repr_name(m.class())
    ));
    super::time::push_rest(vm, &mut out, m.rest())?;
    out.push_ascii(")");
    vm.finish_text(out)
}

static ISOFORMAT: Parameters<2> = Parameters {
    function: "isoformat",
    names: ["sep", "timespec"],
    required: 0,
    positional: 2,
    convert: None,
};

fn write(vm: &Vm, m: &Gc<Moment>, separator: u32, precision: Precision) -> Result {
    let mut out = iso::Buffer::new();
    iso::push_date(&mut out, m.date);
    let ascii = separator < 128;
    if ascii {
        out.push(separator as u8);
    }
    iso::push_time(&mut out, m.time, precision);
    if let Some(offset) = zone::offset(vm, m.zone(), m.value())? {
        out.extend_from_slice(zone::offset_text(offset, ":").as_bytes());
    }
    if ascii {
        return Ok(vm.new_str_ascii(&out).value());
    }
    let points = out[..10].iter().map(|c| u32::from(*c));
    let rest = out[10..].iter().map(|c| u32::from(*c));
    Ok(vm
        .str_from_code_points(points.chain([separator]).chain(rest))?
        .value())
}

fn isoformat(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [sep, spec] = ISOFORMAT.bind(vm, &args[1..], names)?;
    let separator = match sep.given() {
        None => u32::from('T'),
        Some(v) => {
            let wrong = |given: String| {
                vm.type_error(format!(
                    "isoformat() argument 1 must be a unicode character, not {given}"
                ))
            };
            let Some(s) = v.cast::<Str>() else {
                return Err(wrong(arg_name(vm, v)));
            };
            if s.len() != 1 {
                return Err(wrong(format!("a string of length {}", s.len())));
            }
            s.char_at(0)
        }
    };
    write(vm, &moment(args[0]), separator, precision(vm, 2, spec)?)
}

fn datetime_str(vm: &Vm, args: &[Value]) -> Result {
    if is_native(vm.class_of(args[0])) {
        return write(vm, &moment(args[0]), u32::from(' '), Precision::Auto);
    }
    let space = vm.new_str(" ").value();
    vm.call_method(args[0], "isoformat", &[space])
}

fn strftime(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let format = format::format_argument(vm, args, names)?;
    let m = moment(args[0]);
    let subject = format::Subject {
        micros: m.time.micros,
        zone: m.zone(),
        about: args[0],
        tuple: vm.call_method(args[0], "timetuple", &[])?,
    };
    format::strftime(vm, format, &subject)
}

fn timetuple(vm: &Vm, args: &[Value]) -> Result {
    let m = moment(args[0]);
    let dst = match zone::ask(vm, m.zone(), "dst", args[0])? {
        None => -1,
        Some(dst) => i64::from(!dst.is_zero()),
    };
    format::struct_time(vm, m.date, m.time, dst)
}

fn utctimetuple(vm: &Vm, args: &[Value]) -> Result {
    let m = moment(args[0]);
    let offset = zone::offset(vm, m.zone(), args[0])?.unwrap_or(0);
    let total = m.total() - offset;
    let Some(date) = Date::of_ordinal(total.div_euclid(DAY)) else {
        return Err(vm.overflow_error("date value out of range"));
    };
    format::struct_time(vm, date, Time::of_total(total.rem_euclid(DAY)), 0)
}

fn timestamp(vm: &Vm, args: &[Value]) -> Result {
    let m = moment(args[0]);
    let offset = match m.zone() {
        // A zone without an offset makes it a naive time that is no local one.
        Some(_) => zone::offset(vm, m.zone(), args[0])?.ok_or_else(|| mixed_sub(vm))?,
        None => {
            let seconds = utc_of_local(vm, m.seconds(), m.fold.get() != 0)? - epoch();
            return Ok(Value::float(
                seconds as f64 + f64::from(m.time.micros) / 1e6,
            ));
        }
    };
    let total = m.total() - offset - epoch() * SECOND;
    let delta = new_delta(vm, Parts::of(0, total))?;
    vm.call_method(delta.value(), "total_seconds", &[])
}

#[cold]
fn mixed_sub(vm: &Vm) -> taipan_runtime::vm::Raised {
    vm.type_error("can't subtract offset-naive and offset-aware datetimes")
}

fn add(vm: &Vm, args: &[Value]) -> Result {
    match args[1].cast::<Delta>() {
        Some(delta) => shifted(vm, moment(args[0]), delta.parts(), 1),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn sub(vm: &Vm, args: &[Value]) -> Result {
    let a = moment(args[0]);
    if let Some(delta) = args[1].cast::<Delta>() {
        return shifted(vm, a, delta.parts(), -1);
    }
    if !is_datetime(args[1]) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let b = moment(args[1]);
    let mut micros = a.time.total() - b.time.total();
    if a.zone() != b.zone() {
        match (
            zone::offset(vm, a.zone(), args[0])?,
            zone::offset(vm, b.zone(), args[1])?,
        ) {
            (None, None) => {}
            (Some(x), Some(y)) => micros += y - x,
            _ => return Err(mixed_sub(vm)),
        }
    }
    let days = a.date.ordinal() - b.date.ordinal();
    Ok(new_delta(vm, Parts::of(days, micros))?.value())
}

/// Whether a moment's offset depends on its fold, which makes it equal to none of another zone.
fn is_ambiguous(vm: &Vm, m: Gc<Moment>, offset: Option<i64>) -> Result<bool> {
    let Some(zone) = m.zone() else {
        return Ok(false);
    };
    let rest = Rest {
        time: m.time,
        zone: Some(zone),
        fold: 1 - m.fold.get(),
    };
    let other = alloc(vm, vm.class_of_def(&DATETIME)?, m.date, Some(rest));
    Ok(zone::offset(vm, Some(zone), other.value())? != offset)
}

fn compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    if !is_datetime(args[1]) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (a, b) = (moment(args[0]), moment(args[1]));
    if a.zone() == b.zone() {
        return Ok(Value::bool(holds(op, a.order(&b))));
    }
    let (x, y) = (
        zone::offset(vm, a.zone(), args[0])?,
        zone::offset(vm, b.zone(), args[1])?,
    );
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    let order = match (x, y) {
        (None, None) => a.order(&b),
        (Some(x), Some(y)) => (a.total() - x).cmp(&(b.total() - y)),
        _ if equality => Ordering::Less,
        _ => {
            return Err(vm.type_error("can't compare offset-naive and offset-aware datetimes"));
        }
    };
    if equality && order == Ordering::Equal && (is_ambiguous(vm, a, x)? || is_ambiguous(vm, b, y)?)
    {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    Ok(Value::bool(holds(op, order)))
}

fn datetime_hash(vm: &Vm, args: &[Value]) -> Result {
    let m = moment(args[0]);
    let mut about = args[0];
    if m.fold.get() != 0 && m.zone().is_some() {
        // Equal times hash alike, whatever their fold.
        let rest = Rest {
            time: m.time,
            zone: m.zone(),
            fold: 0,
        };
        about = alloc(vm, vm.class_of_def(&DATETIME)?, m.date, Some(rest)).value();
    }
    let offset = zone::offset(vm, m.zone(), about)?;
    hash_total(vm, m.total() - offset.unwrap_or(0))
}

fn replace(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [year, month, day, hour, minute, second, micros, tzinfo, fold] =
        REPLACE.bind(vm, &args[1..], names)?;
    let m = moment(args[0]);
    let (date, time) = (m.date, m.time);
    let days = [
        c_int_or(vm, year, date.year.into())?,
        c_int_or(vm, month, date.month.into())?,
        c_int_or(vm, day, date.day.into())?,
    ];
    let parts = [
        c_int_or(vm, hour, time.hour.into())?,
        c_int_or(vm, minute, time.minute.into())?,
        c_int_or(vm, second, time.second.into())?,
        c_int_or(vm, micros, time.micros as i32)?,
    ];
    let fold = c_int_or(vm, fold, m.fold.get().into())?;
    let zone = tzinfo.given();
    if is_native(m.class()) {
        let date = args::date(vm, days[0], days[1], days[2])?;
        let (time, fold) = args::time(vm, parts, fold)?;
        let zone = match zone {
            Some(v) => args::zone(vm, v)?,
            None => m.zone(),
        };
        return Ok(alloc(vm, m.class(), date, Some(Rest { time, zone, fold })).value());
    }
    if !(0..=1).contains(&fold) {
        return Err(vm.value_error(format!("fold must be either 0 or 1, not {fold}")));
    }
    let mut arguments = [Value::NONE; 8];
    for (to, n) in arguments.iter_mut().zip(days.into_iter().chain(parts)) {
        *to = vm.new_int(n.into());
    }
    arguments[7] = zone.or(m.zone()).unwrap_or(Value::NONE);
    let new = vm.call(m.class().value(), &arguments)?;
    if let Some(new) = new.cast::<Moment>() {
        new.fold.set(fold as u8);
    }
    Ok(new)
}

/// The local zone at a time in seconds since the day before the first one.
fn local_zone(vm: &Vm, utc: i64) -> Result {
    let tm = crate::time::local_tm(vm, utc - epoch())?;
    let offset = new_delta(vm, Parts::of(0, tm.tm_gmtoff * SECOND))?;
    let name = vm.new_str(&crate::time::zone_name(&tm));
    zone::new_zone(vm, offset, Some(name))
}

/// The local zone at the time that a naive moment is in local time.
fn local_zone_of_naive(vm: &Vm, m: Gc<Moment>) -> Result {
    let fold = m.fold.get() != 0;
    let mut utc = utc_of_local(vm, m.seconds(), fold)?;
    let other = utc_of_local(vm, m.seconds(), !fold)?;
    // In a gap or a fold.
    if other != utc && (other > utc) == fold {
        utc = other;
    }
    local_zone(vm, utc)
}

static ASTIMEZONE: Parameters<1> = Parameters {
    function: "astimezone",
    names: ["tz"],
    required: 0,
    positional: 1,
    convert: None,
};

fn astimezone(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [wanted] = ASTIMEZONE.bind(vm, &args[1..], names)?;
    let wanted = args::zone(vm, wanted)?;
    let m = moment(args[0]);
    let mut own = m.zone();
    if own.is_some() && own == wanted {
        return Ok(args[0]);
    }
    let mut offset = zone::offset(vm, own, args[0])?;
    if offset.is_none() {
        own = Some(local_zone_of_naive(vm, m)?);
        if own == wanted {
            return Ok(args[0]);
        }
        offset = zone::offset(vm, own, args[0])?;
    }
    let utc = shifted(vm, m, Parts::of(0, offset.unwrap_or(0)), -1)?;
    if !is_datetime(utc) {
        return Ok(utc);
    }
    let utc = moment(utc);
    let wanted = match wanted {
        Some(zone) => zone,
        None => local_zone(vm, utc.seconds())?,
    };
    // It is new, so that nobody else sees its zone change.
    utc.zone.set(&utc.header, wanted);
    vm.call_method(wanted, "fromutc", &[utc.value()])
}

fn reduce(vm: &Vm, v: Value, protocol: i32) -> Result {
    let m = moment(v);
    let Date { year, month, day } = m.date;
    let Time {
        hour,
        minute,
        second,
        micros,
    } = m.time;
    let [y1, y0] = year.to_be_bytes();
    let [_, u2, u1, u0] = micros.to_be_bytes();
    let fold = if protocol > 3 { m.fold.get() << 7 } else { 0 };
    let state = [y1, y0, month | fold, day, hour, minute, second, u2, u1, u0];
    format::reduced(vm, v, &state, m.zone())
}

fn finish(vm: &Vm, class: Gc<Class>) -> Result<()> {
    let limit = |year, month, day, time| {
        let rest = Rest {
            time,
            zone: None,
            fold: 0,
        };
        alloc(vm, class, Date { year, month, day }, Some(rest)).value()
    };
    let set = |name: &str, v: Value| class.namespace().set_str(vm, vm.intern(name), v);
    set("min", limit(1, 1, 1, Time::MIDNIGHT));
    set("max", limit(9999, 12, 31, Time::of_total(DAY - 1)));
    vm.class_of_def(&TIMEDELTA)?;
    vm.class_of_def(&TIME)?;
    set("resolution", new_delta(vm, Parts::of(0, 1))?.value());
    Ok(())
}

/// `datetime`.
pub static DATETIME: TypeDef = TypeDef {
    module: "datetime",
    doc: "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\n\
          The year, month and day arguments are required. tzinfo may be None, or an\n\
          instance of a tzinfo subclass. The remaining arguments may be ints.\n",
    base: Some(&DATE),
    subclassable: true,
    finish: Some(finish),
    methods: &[
        slots::new(datetime_new),
        slots::repr(datetime_repr),
        slots::hash(datetime_hash),
        slots::str(datetime_str),
        slots::lt(|vm, args| compare(vm, args, CompareOp::Lt)),
        slots::le(|vm, args| compare(vm, args, CompareOp::Le)),
        slots::eq(|vm, args| compare(vm, args, CompareOp::Eq)),
        slots::ne(|vm, args| compare(vm, args, CompareOp::Ne)),
        slots::gt(|vm, args| compare(vm, args, CompareOp::Gt)),
        slots::ge(|vm, args| compare(vm, args, CompareOp::Ge)),
        slots::add(add),
        slots::radd(add),
        slots::sub(sub),
        slots::rsub(|vm, args| {
            if is_datetime(args[1]) {
                sub(vm, &[args[1], args[0]])
            } else {
                Ok(Value::NOT_IMPLEMENTED)
            }
        }),
        MethodDef::raw(
            "now",
            "(type, /, tz=None)",
            "Returns new datetime object representing current time local to tz.\n\n  \
             tz\n    Timezone object.\n\nIf no tz is specified, uses local timezone.",
            now,
        )
        .class(),
        MethodDef::new(
            "utcnow",
            "(type, /)",
            "Return a new datetime representing UTC day and time.",
            utcnow,
        )
        .class(),
        MethodDef::raw(
            "fromtimestamp",
            "",
            "timestamp[, tz] -> tz's local time from POSIX timestamp.",
            fromtimestamp,
        )
        .class(),
        MethodDef::raw(
            "utcfromtimestamp",
            "",
            "Construct a naive UTC datetime from a POSIX timestamp.",
            utcfromtimestamp,
        )
        .class(),
        MethodDef::raw(
            "strptime",
            "",
            "string, format -> new datetime parsed from a string (like time.strptime()).",
            |vm, args, names| format::strptime(vm, "_strptime_datetime_datetime", args, names),
        )
        .class(),
        MethodDef::raw(
            "combine",
            "",
            "date, time -> datetime with same date and time fields",
            combine,
        )
        .class(),
        MethodDef::new(
            "fromisoformat",
            "(type, object, /)",
            "string -> datetime from a string in most ISO 8601 formats",
            fromisoformat,
        )
        .class(),
        MethodDef::new(
            "date",
            "(self, /)",
            "Return date object with same year, month and day.",
            |vm, args| {
                let class = vm.class_of_def(&DATE)?;
                Ok(alloc(vm, class, moment(args[0]).date, None).value())
            },
        )
        .reads(0, 0),
        MethodDef::new(
            "time",
            "(self, /)",
            "Return time object with same time but with tzinfo=None.",
            |vm, args| {
                let m = moment(args[0]);
                new_time(vm, m.time, None, m.fold.get())
            },
        )
        .reads(0, 0),
        MethodDef::new(
            "timetz",
            "(self, /)",
            "Return time object with same time and tzinfo.",
            |vm, args| {
                let m = moment(args[0]);
                new_time(vm, m.time, m.zone(), m.fold.get())
            },
        )
        .reads(0, 0),
        MethodDef::new(
            "ctime",
            "(self, /)",
            "Return ctime() style string.",
            |vm, args| {
                let m = moment(args[0]);
                Ok(format::ctime(vm, m.date, m.time))
            },
        )
        .reads(0, 0),
        MethodDef::new(
            "timetuple",
            "(self, /)",
            "Return time tuple, compatible with time.localtime().",
            timetuple,
        ),
        MethodDef::new(
            "timestamp",
            "(self, /)",
            "Return POSIX timestamp as float.",
            timestamp,
        ),
        MethodDef::new(
            "utctimetuple",
            "(self, /)",
            "Return UTC time tuple, compatible with time.localtime().",
            utctimetuple,
        ),
        MethodDef::raw(
            "isoformat",
            "",
            "[sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\
             sep is used to separate the year from the time, and defaults to 'T'.\n\
             The optional argument timespec specifies the number of additional terms\n\
             of the time to include. Valid options are 'auto', 'hours', 'minutes',\n\
             'seconds', 'milliseconds' and 'microseconds'.\n",
            isoformat,
        ),
        MethodDef::new(
            "utcoffset",
            "(self, /)",
            "Return self.tzinfo.utcoffset(self).",
            |vm, args| zone::answer(vm, moment(args[0]).zone(), "utcoffset", args[0]),
        ),
        MethodDef::new(
            "tzname",
            "(self, /)",
            "Return self.tzinfo.tzname(self).",
            |vm, args| zone::name(vm, moment(args[0]).zone(), args[0]),
        ),
        MethodDef::new(
            "dst",
            "(self, /)",
            "Return self.tzinfo.dst(self).",
            |vm, args| zone::answer(vm, moment(args[0]).zone(), "dst", args[0]),
        ),
        MethodDef::raw(
            "strftime",
            "",
            "format -> strftime() style string.",
            strftime,
        ),
        MethodDef::raw(
            "replace",
            "(self, /, year=unchanged, month=unchanged, day=unchanged,\n        \
             hour=unchanged, minute=unchanged, second=unchanged,\n        \
             microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)",
            "Return datetime with new specified fields.",
            replace,
        ),
        MethodDef::raw(
            "__replace__",
            "(self, /, **changes)",
            "The same as replace().",
            replace,
        ),
        MethodDef::raw(
            "astimezone",
            "",
            "tz -> convert to local time in new timezone tz\n",
            astimezone,
        ),
        MethodDef::raw(
            "__reduce_ex__",
            "",
            "__reduce_ex__(proto) -> (cls, state)",
            |vm, args, names| reduce(vm, args[0], format::protocol(vm, args, names)?),
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "__reduce__() -> (cls, state)",
            |vm, args| reduce(vm, args[0], 2),
        ),
    ],
    getset: &[
        attribute("hour", |_, v| int(moment(v).time.hour)),
        attribute("minute", |_, v| int(moment(v).time.minute)),
        attribute("second", |_, v| int(moment(v).time.second)),
        attribute("microsecond", |_, v| int(moment(v).time.micros)),
        attribute("tzinfo", |_, v| Ok(moment(v).zone().unwrap_or(Value::NONE))),
        attribute("fold", |_, v| int(moment(v).fold.get())),
    ],
    ..TypeDef::new("datetime", <Moment as Object>::LAYOUT)
};

//! `date`, and the layout that it shares with `datetime`.

use super::args::{self, Parameters, c_int, c_int_or};
use super::calendar::{Date, Time};
use super::delta::{Delta, Parts, TIMEDELTA, new_delta, repr_name};
use super::format;
use super::iso::{self, BadWeek};
use super::moment::{Moment, alloc, is_datetime};
use super::{attribute, int};
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{Class, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::ops::compare::{CompareOp, holds};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// Whether a class is a native one, whose instances are made without calling it.
pub fn is_native(class: Gc<Class>) -> bool {
    class.def.get().is_some()
}

/// A date of this class, by its constructor if it is a subclass.
fn new_date(vm: &Vm, class: Gc<Class>, date: Date) -> Result {
    if is_native(class) {
        return Ok(alloc(vm, class, date, None).value());
    }
    let part = |n: i64| Value::small_int(n);
    vm.call(
        class.value(),
        &[
            part(date.year.into()),
            part(date.month.into()),
            part(date.day.into()),
        ],
    )
}

static NEW: Parameters<3> = Parameters {
    function: "",
    names: ["year", "month", "day"],
    required: 3,
    positional: 3,
    convert: Some(super::args::as_integer),
};

fn date_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&DATE)?)?;
    if args.len() == 2
        && let Some([y1, y0, month, day]) = format::pickled(args[1])
        && (1..=12).contains(&month)
    {
        let year = u16::from_be_bytes([y1, y0]);
        return Ok(alloc(vm, class, Date { year, month, day }, None).value());
    }
    let [year, month, day] = NEW.bind(vm, &args[1..], names)?;
    let date = args::date(vm, c_int(vm, year)?, c_int(vm, month)?, c_int(vm, day)?)?;
    Ok(alloc(vm, class, date, None).value())
}

fn day(v: Value) -> Date {
    this::<Moment>(v).date
}

fn class_of_receiver(v: Value) -> Gc<Class> {
    this::<Class>(v)
}

fn today(vm: &Vm, args: &[Value]) -> Result {
    let now = vm.call(vm.import_attr("time", "time")?, &[])?;
    vm.call_method(args[0], "fromtimestamp", &[now])
}

fn fromtimestamp(vm: &Vm, args: &[Value]) -> Result {
    let seconds = crate::time::whole_seconds(vm, args[1])?;
    let tm = crate::time::local_tm(vm, seconds)?;
    let year = i64::from(tm.tm_year) + 1900;
    let year = i32::try_from(year).map_err(|_| args::wrong_year(vm, year))?;
    let date = args::date(vm, year, tm.tm_mon + 1, tm.tm_mday)?;
    new_date(vm, class_of_receiver(args[0]), date)
}

/// The date of an ordinal from 1 on.
fn by_ordinal(vm: &Vm, class: Value, ordinal: i64) -> Result {
    match Date::of_ordinal(ordinal) {
        Some(date) => new_date(vm, class_of_receiver(class), date),
        None => Err(args::wrong_year(
            vm,
            super::calendar::from_ordinal(ordinal).0,
        )),
    }
}

fn fromordinal(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    args::exactly(vm, "fromordinal", &args[1..], names, 1)?;
    let ordinal = c_int(vm, args[1])?;
    if ordinal < 1 {
        return Err(vm.value_error("ordinal must be >= 1"));
    }
    by_ordinal(vm, args[0], ordinal.into())
}

/// The error for text that is no date or time.
#[cold]
pub fn invalid_text(vm: &Vm, text: Value) -> Raised {
    match vm.repr_text(text) {
        Ok(text) => vm.value_error(format!("Invalid isoformat string: {text}")),
        Err(raised) => raised,
    }
}

/// The argument of `fromisoformat`.
pub fn iso_argument(vm: &Vm, v: Value) -> Result<Gc<Str>> {
    v.cast::<Str>()
        .ok_or_else(|| vm.type_error("fromisoformat: argument must be str"))
}

fn fromisoformat(vm: &Vm, args: &[Value]) -> Result {
    let text = iso_argument(vm, args[1])?;
    let written = iso::read_date(&iso::source(&text)).ok_or_else(|| invalid_text(vm, args[1]))?;
    let date = args::date(vm, written.year, written.month, written.day)?;
    new_date(vm, class_of_receiver(args[0]), date)
}

static FROMISOCALENDAR: Parameters<3> = Parameters {
    function: "fromisocalendar",
    names: ["year", "week", "day"],
    required: 3,
    positional: 3,
    convert: None,
};

fn fromisocalendar(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let given = FROMISOCALENDAR.bind(vm, &args[1..], names)?;
    let mut parts = [0i64; 3];
    for (to, v) in parts.iter_mut().zip(given) {
        let n = vm.index(v)?;
        *to = match n.as_int().and_then(|n| i32::try_from(n).ok()) {
            Some(n) => n.into(),
            None => return Err(vm.value_error("ISO calendar component out of range")),
        };
    }
    let [year, week, day] = parts;
    match iso::week_ordinal(year, week, day) {
        Ok(ordinal) => by_ordinal(vm, args[0], ordinal),
        Err(BadWeek::Year) => Err(args::wrong_year(vm, year)),
        Err(BadWeek::Week) => Err(vm.value_error(format!("Invalid week: {week}"))),
        Err(BadWeek::Day) => {
            Err(vm.value_error(format!("Invalid weekday: {day} (range is [1, 7])")))
        }
    }
}

fn date_repr(vm: &Vm, args: &[Value]) -> Result {
    let Date { year, month, day } = day(args[0]);
    let name = repr_name(vm.class_of(args[0]));
    Ok(vm
        .new_str(&format!("{name}({year}, {month}, {day})"))
        .value())
}

fn isoformat(vm: &Vm, args: &[Value]) -> Result {
    let mut out = iso::Buffer::new();
    iso::push_date(&mut out, day(args[0]));
    Ok(vm.new_str_ascii(&out).value())
}

fn date_str(vm: &Vm, args: &[Value]) -> Result {
    if is_native(vm.class_of(args[0])) {
        isoformat(vm, args)
    } else {
        vm.call_method(args[0], "isoformat", &[])
    }
}

fn strftime(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let format = format::format_argument(vm, args, names)?;
    let subject = format::Subject {
        micros: 0,
        zone: None,
        about: Value::NONE,
        tuple: vm.call_method(args[0], "timetuple", &[])?,
    };
    format::strftime(vm, format, &subject)
}

static REPLACE: Parameters<3> = Parameters {
    function: "replace",
    names: ["year", "month", "day"],
    required: 0,
    positional: 3,
    convert: None,
};

fn replace(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [year, month, day] = REPLACE.bind(vm, &args[1..], names)?;
    let old = this::<Moment>(args[0]).date;
    let year = c_int_or(vm, year, old.year.into())?;
    let month = c_int_or(vm, month, old.month.into())?;
    let day = c_int_or(vm, day, old.day.into())?;
    let class = vm.class_of(args[0]);
    if is_native(class) {
        return Ok(alloc(vm, class, args::date(vm, year, month, day)?, None).value());
    }
    let parts = [year, month, day].map(|n| vm.new_int(n.into()));
    vm.call(class.value(), &parts)
}

fn compare(args: &[Value], op: CompareOp) -> Result {
    // A day and a moment have no order and are never equal.
    match args[1].cast::<Moment>() {
        Some(other) if !is_datetime(args[1]) && !is_datetime(args[0]) => {
            Ok(Value::bool(holds(op, day(args[0]).cmp(&other.date))))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn date_hash(vm: &Vm, args: &[Value]) -> Result {
    let Date { year, month, day } = day(args[0]);
    let [y1, y0] = year.to_be_bytes();
    Ok(vm.new_int(vm.hash_bytes(&[y1, y0, month, day]) as i64))
}

fn shifted(vm: &Vm, v: Value, days: i64) -> Result {
    match Date::of_ordinal(day(v).ordinal() + days) {
        Some(date) => new_date(vm, vm.class_of(v), date),
        None => Err(vm.overflow_error("date value out of range")),
    }
}

fn add(vm: &Vm, args: &[Value]) -> Result {
    match args[1].cast::<Delta>() {
        Some(delta) if !is_datetime(args[0]) => shifted(vm, args[0], delta.parts().days),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn sub(vm: &Vm, args: &[Value]) -> Result {
    if is_datetime(args[0]) || is_datetime(args[1]) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if let Some(other) = args[1].cast::<Moment>() {
        let days = day(args[0]).ordinal() - other.date.ordinal();
        return Ok(new_delta(vm, Parts::of(days, 0))?.value());
    }
    match args[1].cast::<Delta>() {
        Some(delta) => shifted(vm, args[0], -delta.parts().days),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn isocalendar(vm: &Vm, args: &[Value]) -> Result {
    let (year, week, weekday) = day(args[0]).iso();
    let items = [
        vm.new_int(year.into()),
        vm.new_int(week),
        vm.new_int(weekday),
    ];
    let class = vm.class_of_def(&ISO_CALENDAR_DATE)?;
    Ok(vm.tuple_with_shape(&items, class.root_shape.get())?.value())
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let Date { year, month, day } = day(args[0]);
    let [y1, y0] = year.to_be_bytes();
    format::reduced(vm, args[0], &[y1, y0, month, day], None)
}

fn finish(vm: &Vm, class: Gc<Class>) -> Result<()> {
    let limit = |year, month, day| alloc(vm, class, Date { year, month, day }, None).value();
    let set = |name: &str, v: Value| class.namespace().set_str(vm, vm.intern(name), v);
    set("min", limit(1, 1, 1));
    set("max", limit(9999, 12, 31));
    vm.class_of_def(&TIMEDELTA)?;
    set("resolution", new_delta(vm, Parts::of(1, 0))?.value());
    Ok(())
}

/// `date`.
pub static DATE: TypeDef = TypeDef {
    module: "datetime",
    doc: "date(year, month, day) --> date object",
    subclassable: true,
    finish: Some(finish),
    methods: &[
        slots::new(date_new),
        slots::repr(date_repr),
        slots::hash(date_hash).reads(0, 0),
        slots::str(date_str),
        slots::lt(|_, args| compare(args, CompareOp::Lt)).reads(0, 0),
        slots::le(|_, args| compare(args, CompareOp::Le)).reads(0, 0),
        slots::eq(|_, args| compare(args, CompareOp::Eq)).reads(0, 0),
        slots::ne(|_, args| compare(args, CompareOp::Ne)).reads(0, 0),
        slots::gt(|_, args| compare(args, CompareOp::Gt)).reads(0, 0),
        slots::ge(|_, args| compare(args, CompareOp::Ge)).reads(0, 0),
        slots::add(add),
        slots::radd(add),
        slots::sub(sub),
        slots::rsub(|vm, args| match args[1].cast::<Moment>() {
            Some(_) => sub(vm, &[args[1], args[0]]),
            None => Ok(Value::NOT_IMPLEMENTED),
        }),
        MethodDef::new(
            "fromtimestamp",
            "(type, timestamp, /)",
            "Create a date from a POSIX timestamp.\n\n\
             The timestamp is a number, e.g. created via time.time(), that is\n\
             interpreted as local time.",
            fromtimestamp,
        )
        .class(),
        MethodDef::raw(
            "fromordinal",
            "",
            "int -> date corresponding to a proleptic Gregorian ordinal.",
            fromordinal,
        )
        .class(),
        MethodDef::new(
            "fromisoformat",
            "(type, object, /)",
            "str -> Construct a date from a string in ISO 8601 format.",
            fromisoformat,
        )
        .class(),
        MethodDef::raw(
            "fromisocalendar",
            "",
            "int, int, int -> Construct a date from the ISO year, week number and weekday.\n\n\
             This is the inverse of the date.isocalendar() function",
            fromisocalendar,
        )
        .class(),
        MethodDef::raw(
            "strptime",
            "",
            "string, format -> new date parsed from a string (like time.strptime()).",
            |vm, args, names| format::strptime(vm, "_strptime_datetime_date", args, names),
        )
        .class(),
        MethodDef::new(
            "today",
            "(type, /)",
            "Current date or datetime:  same as self.__class__.fromtimestamp(time.time()).",
            today,
        )
        .class(),
        MethodDef::new(
            "ctime",
            "(self, /)",
            "Return ctime() style string.",
            |vm, args| Ok(format::ctime(vm, day(args[0]), Time::MIDNIGHT)),
        )
        .reads(0, 0),
        MethodDef::raw(
            "strftime",
            "",
            "format -> strftime() style string.",
            strftime,
        ),
        MethodDef::raw(
            "__format__",
            "",
            "Formats self with strftime.",
            format::format,
        ),
        MethodDef::new(
            "timetuple",
            "(self, /)",
            "Return time tuple, compatible with time.localtime().",
            |vm, args| format::struct_time(vm, day(args[0]), Time::MIDNIGHT, -1),
        ),
        MethodDef::new(
            "isocalendar",
            "(self, /)",
            "Return a named tuple containing ISO year, week number, and weekday.",
            isocalendar,
        )
        .reads(0, 0),
        MethodDef::new(
            "isoformat",
            "(self, /)",
            "Return string in ISO 8601 format, YYYY-MM-DD.",
            isoformat,
        )
        .reads(0, 0),
        MethodDef::new(
            "isoweekday",
            "(self, /)",
            "Return the day of the week represented by the date.\nMonday == 1 ... Sunday == 7",
            |_, args| int(day(args[0]).weekday() + 1),
        )
        .reads(0, 0),
        MethodDef::new(
            "toordinal",
            "(self, /)",
            "Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1.",
            |_, args| int(day(args[0]).ordinal()),
        )
        .reads(0, 0),
        MethodDef::new(
            "weekday",
            "(self, /)",
            "Return the day of the week represented by the date.\nMonday == 0 ... Sunday == 6",
            |_, args| int(day(args[0]).weekday()),
        )
        .reads(0, 0),
        MethodDef::raw(
            "replace",
            "(self, /, year=unchanged, month=unchanged, day=unchanged)",
            "Return date with new specified fields.",
            replace,
        ),
        MethodDef::raw(
            "__replace__",
            "(self, /, **changes)",
            "The same as replace().",
            replace,
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "__reduce__() -> (cls, state)",
            reduce,
        ),
    ],
    getset: &[
        attribute("year", |_, v| int(day(v).year)),
        attribute("month", |_, v| int(day(v).month)),
        attribute("day", |_, v| int(day(v).day)),
    ],
    ..TypeDef::new("date", <Moment as Object>::LAYOUT)
};

const fn iso_part<const I: usize>(name: &'static str) -> GetSetDef {
    taipan_runtime::types::structseq::item::<I>(name, "")
}

static ISO_NEW: Parameters<3> = Parameters {
    function: "IsoCalendarDate",
    names: ["year", "week", "weekday"],
    required: 3,
    positional: 3,
    convert: None,
};

/// What `isocalendar` returns.
static ISO_CALENDAR_DATE: TypeDef = TypeDef {
    module: "datetime",
    doc: "The result of date.isocalendar() or datetime.isocalendar()\n\n\
          This object may be accessed either as a tuple of\n  ((year, week, weekday))\n\
          or via the object attributes as named in the above tuple.",
    base: Some(&taipan_runtime::types::tuple::TUPLE),
    methods: &[
        slots::new(|vm, args, names| {
            let class = class_argument(vm, args, vm.class_of_def(&ISO_CALENDAR_DATE)?)?;
            let items = ISO_NEW.bind(vm, &args[1..], names)?;
            let parts = [
                c_int(vm, items[0])?,
                c_int(vm, items[1])?,
                c_int(vm, items[2])?,
            ];
            let items = parts.map(|n| vm.new_int(n.into()));
            Ok(vm.tuple_with_shape(&items, class.root_shape.get())?.value())
        }),
        slots::repr(|vm, args| {
            let items = this::<Tuple>(args[0]);
            let mut text = taipan_text::TextBuf::new();
            text.push_str(&repr_name(items.class()));
            for (i, part) in ["(year=", ", week=", ", weekday="].iter().enumerate() {
                text.push_str(part);
                vm.push_repr(&mut text, items.get(i))?;
            }
            text.push_ascii(")");
            vm.finish_text(text)
        }),
        MethodDef::new("__reduce__", "(self, /)", "", |vm, args| {
            // A plain tuple, which unpickles wherever this class is not known.
            let items = vm.new_tuple(this::<Tuple>(args[0]).as_slice())?.value();
            let arguments = vm.new_tuple(&[items])?.value();
            vm.pair(vm.types.tuple.get().value(), arguments)
        }),
    ],
    getset: &[
        iso_part::<0>("year"),
        iso_part::<1>("week"),
        iso_part::<2>("weekday"),
    ],
    ..TypeDef::new("IsoCalendarDate", <Tuple as Object>::LAYOUT)
};

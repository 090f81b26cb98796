//! `time`.

use super::args::{self, Parameters, c_int_or};
use super::calendar::{DAY, Date, Time};
use super::date::{invalid_text, is_native, iso_argument};
use super::delta::{Parts, TIMEDELTA, new_delta, repr_name};
use super::format;
use super::iso::{self, Precision};
use super::moment::Rest;
use super::zone;
use super::{attribute, int};
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, MethodDef, TypeDef, slots};
use taipan_runtime::ops::compare::{CompareOp, holds};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_text::TextBuf;

/// A time of the day.
#[repr(C)]
pub struct Clock {
    pub header: Header,
    pub time: Time,
    pub fold: Cell<u8>,
    zone: Field,
}

heap_object!(Clock, "time", Kind::Other, |this, marker| {
    marker.field(&this.zone);
});

impl Clock {
    pub fn zone(&self) -> Option<Value> {
        self.zone.get()
    }
}

fn alloc(vm: &Vm, class: Gc<Class>, time: Time, zone: Option<Value>, fold: u8) -> Value {
    let object = Clock {
        header: Header::empty(),
        time,
        fold: Cell::new(fold),
        zone: Field::opt(zone),
    };
    vm.heap.alloc(class.root_shape.get(), object).value()
}

/// A `time`.
pub fn new_time(vm: &Vm, time: Time, zone: Option<Value>, fold: u8) -> Result {
    Ok(alloc(vm, vm.class_of_def(&TIME)?, time, zone, fold))
}

/// A time of this class, by its constructor if it is a subclass.
fn time_like(vm: &Vm, class: Gc<Class>, parts: [i32; 4], zone: Option<Value>, fold: i32) -> Result {
    if is_native(class) {
        let (time, fold) = args::time(vm, parts, fold)?;
        return Ok(alloc(vm, class, time, zone, fold));
    }
    let [hour, minute, second, micros] = parts.map(|n| vm.new_int(n.into()));
    let zone = zone.unwrap_or(Value::NONE);
    let new = vm.call(class.value(), &[hour, minute, second, micros, zone])?;
    if let Some(clock) = new.cast::<Clock>() {
        clock.fold.set(fold as u8);
    }
    Ok(new)
}

static NEW: Parameters<6> = Parameters {
    function: "",
    names: ["hour", "minute", "second", "microsecond", "tzinfo", "fold"],
    required: 0,
    positional: 5,
    convert: None,
};

static REPLACE: Parameters<6> = Parameters {
    function: "replace",
    ..NEW
};

/// The zone of a pickled state.
pub fn pickled_zone(vm: &Vm, args: &[Value]) -> Result<Option<Value>> {
    match args.get(2) {
        Some(v) if !v.is_none() => {
            if args::is_zone(vm, *v)? {
                Ok(Some(*v))
            } else {
                Err(vm.type_error("bad tzinfo state arg"))
            }
        }
        _ => Ok(None),
    }
}

fn time_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&TIME)?)?;
    if matches!(args.len(), 2 | 3)
        && names.is_none()
        && let Some([hour, minute, second, u2, u1, u0]) = format::pickled(args[1])
        && hour & 0x7F < 24
    {
        let zone = pickled_zone(vm, args)?;
        let time = Time {
            hour: hour & 0x7F,
            minute,
            second,
            micros: u32::from_be_bytes([0, u2, u1, u0]),
        };
        return Ok(alloc(vm, class, time, zone, hour >> 7));
    }
    let [hour, minute, second, micros, tzinfo, fold] = NEW.bind(vm, &args[1..], names)?;
    let parts = [
        c_int_or(vm, hour, 0)?,
        c_int_or(vm, minute, 0)?,
        c_int_or(vm, second, 0)?,
        c_int_or(vm, micros, 0)?,
    ];
    let fold = c_int_or(vm, fold, 0)?;
    let (time, fold) = args::time(vm, parts, fold)?;
    let zone = args::zone(vm, tzinfo)?;
    Ok(alloc(vm, class, time, zone, fold))
}

/// What `repr` shows of a time after the class's name.
fn push_parts(out: &mut TextBuf, time: Time) {
    out.push_str(&format!("{}, {}", time.hour, time.minute));
    if time.second != 0 || time.micros != 0 {
        out.push_str(&format!(", {}", time.second));
    }
    if time.micros != 0 {
        out.push_str(&format!(", {}", time.micros));
    }
}

/// What `repr` shows of a moment's time, after its date.
pub fn push_rest(vm: &Vm, out: &mut TextBuf, rest: Rest) -> Result<()> {
    push_parts(out, rest.time);
    if rest.fold != 0 {
        out.push_ascii(", fold=1");
    }
    push_zone(vm, out, rest.zone)
}

fn push_zone(vm: &Vm, out: &mut TextBuf, zone: Option<Value>) -> Result<()> {
    if let Some(zone) = zone {
        out.push_ascii(", tzinfo=");
        vm.push_repr(out, zone)?;
    }
    Ok(())
}

fn time_repr(vm: &Vm, args: &[Value]) -> Result {
    let clock = this::<Clock>(args[0]);
    let mut out = TextBuf::new();
    out.push_str(&repr_name(clock.class()));
    out.push_ascii("(");
    push_parts(&mut out, clock.time);
    push_zone(vm, &mut out, clock.zone())?;
    if clock.fold.get() != 0 {
        out.push_ascii(", fold=1");
    }
    out.push_ascii(")");
    vm.finish_text(out)
}

static ISOFORMAT: Parameters<1> = Parameters {
    function: "isoformat",
    names: ["timespec"],
    required: 0,
    positional: 1,
    convert: None,
};

/// The precision that an argument of `isoformat` asks for.
pub fn precision(vm: &Vm, at: usize, v: Value) -> Result<Precision> {
    match v.given() {
        None => Ok(Precision::Auto),
        Some(v) => Precision::by_name(&*args::text(vm, "isoformat", at, v)?)
            .ok_or_else(|| vm.value_error("Unknown timespec value")),
    }
}

fn write(vm: &Vm, clock: &Clock, precision: Precision) -> Result {
    let mut out = iso::Buffer::new();
    iso::push_time(&mut out, clock.time, precision);
    if let Some(offset) = zone::offset(vm, clock.zone(), Value::NONE)? {
        out.extend_from_slice(zone::offset_text(offset, ":").as_bytes());
    }
    Ok(vm.new_str_ascii(&out).value())
}

fn isoformat(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [spec] = ISOFORMAT.bind(vm, &args[1..], names)?;
    write(vm, &this::<Clock>(args[0]), precision(vm, 1, spec)?)
}

fn time_str(vm: &Vm, args: &[Value]) -> Result {
    if is_native(vm.class_of(args[0])) {
        write(vm, &this::<Clock>(args[0]), Precision::Auto)
    } else {
        vm.call_method(args[0], "isoformat", &[])
    }
}

fn strftime(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let format = format::format_argument(vm, args, names)?;
    let clock = this::<Clock>(args[0]);
    // A year that every C library can write.
    let date = Date {
        year: 1900,
        month: 1,
        day: 1,
    };
    let subject = format::Subject {
        micros: clock.time.micros,
        zone: clock.zone(),
        about: Value::NONE,
        tuple: format::struct_time(vm, date, clock.time, -1)?,
    };
    format::strftime(vm, format, &subject)
}

fn replace(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [hour, minute, second, micros, tzinfo, fold] = REPLACE.bind(vm, &args[1..], names)?;
    let clock = this::<Clock>(args[0]);
    let old = clock.time;
    let parts = [
        c_int_or(vm, hour, old.hour.into())?,
        c_int_or(vm, minute, old.minute.into())?,
        c_int_or(vm, second, old.second.into())?,
        c_int_or(vm, micros, old.micros as i32)?,
    ];
    let zone = match tzinfo.given() {
        Some(v) if is_native(clock.class()) => args::zone(vm, v)?,
        Some(v) => Some(v),
        None => clock.zone(),
    };
    let fold = c_int_or(vm, fold, clock.fold.get().into())?;
    if !(0..=1).contains(&fold) {
        return Err(vm.value_error(format!("fold must be either 0 or 1, not {fold}")));
    }
    time_like(vm, clock.class(), parts, zone, fold)
}

#[cold]
fn mixed(vm: &Vm) -> Raised {
    vm.type_error("can't compare offset-naive and offset-aware times")
}

fn compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    let Some(b) = args[1].cast::<Clock>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let a = this::<Clock>(args[0]);
    if a.zone() == b.zone() {
        return Ok(Value::bool(holds(op, a.time.cmp(&b.time))));
    }
    let offsets = (
        zone::offset(vm, a.zone(), Value::NONE)?,
        zone::offset(vm, b.zone(), Value::NONE)?,
    );
    let order = match offsets {
        (None, None) => a.time.cmp(&b.time),
        (Some(x), Some(y)) => (a.time.total() - x).cmp(&(b.time.total() - y)),
        _ if op == CompareOp::Eq => return Ok(Value::FALSE),
        _ if op == CompareOp::Ne => return Ok(Value::TRUE),
        _ => return Err(mixed(vm)),
    };
    Ok(Value::bool(holds(op, order)))
}

/// The hash of a time or moment that equals others with this many microseconds.
pub fn hash_total(vm: &Vm, total: i64) -> Result {
    Ok(vm.new_int(vm.hash_bytes(&total.to_le_bytes()) as i64))
}

fn time_hash(vm: &Vm, args: &[Value]) -> Result {
    let clock = this::<Clock>(args[0]);
    let offset = zone::offset(vm, clock.zone(), Value::NONE)?;
    hash_total(vm, clock.time.total() - offset.unwrap_or(0))
}

fn fromisoformat(vm: &Vm, args: &[Value]) -> Result {
    let text = iso_argument(vm, args[1])?;
    let source = iso::source(&text);
    let text = source.strip_prefix(b"T").unwrap_or(&source);
    let mut written = iso::read_time(text).ok_or_else(|| invalid_text(vm, args[1]))?;
    midnight(vm, &mut written.parts)?;
    let zone = written_zone(vm, written.offset)?;
    time_like(vm, this(args[0]), written.parts, zone, 0)
}

/// Makes 24:00 midnight; whether it was.
pub fn midnight(vm: &Vm, parts: &mut [i32; 4]) -> Result<bool> {
    if parts[0] != 24 {
        return Ok(false);
    }
    if parts[1..] != [0, 0, 0] {
        return Err(vm.value_error("minute, second, and microsecond must be 0 when hour is 24"));
    }
    parts[0] = 0;
    Ok(true)
}

/// The zone of an offset that was written after a time.
pub fn written_zone(vm: &Vm, offset: Option<i64>) -> Result<Option<Value>> {
    let Some(micros) = offset else {
        return Ok(None);
    };
    if micros == 0 {
        return Ok(Some(zone::utc(vm)?));
    }
    let delta = new_delta(vm, Parts::of(0, micros))?;
    Ok(Some(zone::new_zone(vm, delta, None)?))
}

fn reduce(vm: &Vm, v: Value, protocol: i32) -> Result {
    let clock = this::<Clock>(v);
    let Time {
        hour,
        minute,
        second,
        micros,
    } = clock.time;
    let [_, u2, u1, u0] = micros.to_be_bytes();
    let fold = if protocol > 3 {
        clock.fold.get() << 7
    } else {
        0
    };
    let state = [hour | fold, minute, second, u2, u1, u0];
    format::reduced(vm, v, &state, clock.zone())
}

fn finish(vm: &Vm, class: Gc<Class>) -> Result<()> {
    let limit = |time| alloc(vm, class, time, None, 0);
    let set = |name: &str, v: Value| class.namespace().set_str(vm, vm.intern(name), v);
    set("min", limit(Time::MIDNIGHT));
    set("max", limit(Time::of_total(DAY - 1)));
    vm.class_of_def(&TIMEDELTA)?;
    set("resolution", new_delta(vm, Parts::of(0, 1))?.value());
    Ok(())
}

/// `time`.
pub static TIME: TypeDef = TypeDef {
    module: "datetime",
    doc: "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\n\
          All arguments are optional. tzinfo may be None, or an instance of\n\
          a tzinfo subclass. The remaining arguments may be ints.\n",
    subclassable: true,
    finish: Some(finish),
    methods: &[
        slots::new(time_new),
        slots::repr(time_repr),
        slots::hash(time_hash),
        slots::str(time_str),
        slots::lt(|vm, args| compare(vm, args, CompareOp::Lt)),
        slots::le(|vm, args| compare(vm, args, CompareOp::Le)),
        slots::eq(|vm, args| compare(vm, args, CompareOp::Eq)),
        slots::ne(|vm, args| compare(vm, args, CompareOp::Ne)),
        slots::gt(|vm, args| compare(vm, args, CompareOp::Gt)),
        slots::ge(|vm, args| compare(vm, args, CompareOp::Ge)),
        MethodDef::raw(
            "strptime",
            "",
            "string, format -> new time parsed from a string (like time.strptime()).",
            |vm, args, names| format::strptime(vm, "_strptime_datetime_time", args, names),
        )
        .class(),
        MethodDef::raw(
            "isoformat",
            "",
            "Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\n\
             The optional argument timespec specifies the number of additional terms\n\
             of the time to include. Valid options are 'auto', 'hours', 'minutes',\n\
             'seconds', 'milliseconds' and 'microseconds'.\n",
            isoformat,
        ),
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
            "utcoffset",
            "(self, /)",
            "Return self.tzinfo.utcoffset(self).",
            |vm, args| zone::answer(vm, this::<Clock>(args[0]).zone(), "utcoffset", Value::NONE),
        ),
        MethodDef::new(
            "tzname",
            "(self, /)",
            "Return self.tzinfo.tzname(self).",
            |vm, args| zone::name(vm, this::<Clock>(args[0]).zone(), Value::NONE),
        ),
        MethodDef::new(
            "dst",
            "(self, /)",
            "Return self.tzinfo.dst(self).",
            |vm, args| zone::answer(vm, this::<Clock>(args[0]).zone(), "dst", Value::NONE),
        ),
        MethodDef::raw(
            "replace",
            "(self, /, hour=unchanged, minute=unchanged, second=unchanged,\n        \
             microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)",
            "Return time with new specified fields.",
            replace,
        ),
        MethodDef::raw(
            "__replace__",
            "(self, /, **changes)",
            "The same as replace().",
            replace,
        ),
        MethodDef::new(
            "fromisoformat",
            "(type, object, /)",
            "string -> time from a string in ISO 8601 format",
            fromisoformat,
        )
        .class(),
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
        attribute("hour", |_, v| int(this::<Clock>(v).time.hour)),
        attribute("minute", |_, v| int(this::<Clock>(v).time.minute)),
        attribute("second", |_, v| int(this::<Clock>(v).time.second)),
        attribute("microsecond", |_, v| int(this::<Clock>(v).time.micros)),
        attribute("tzinfo", |_, v| {
            Ok(this::<Clock>(v).zone().unwrap_or(Value::NONE))
        }),
        attribute("fold", |_, v| int(this::<Clock>(v).fold.get())),
    ],
    ..TypeDef::new("time", <Clock as Object>::LAYOUT)
};

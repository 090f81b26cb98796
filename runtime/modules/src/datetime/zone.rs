//! `tzinfo`, `timezone`, and asking either about a time.

use super::args::Parameters;
use super::calendar::{DAY, SECOND};
use super::delta::{Delta, Parts, TIMEDELTA, new_delta, repr_name, repr_text, sum};
use super::moment::{Moment, is_datetime, shifted};
use taipan_runtime::heap::{Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, MethodDef, TypeDef, slots};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// The abstract base of time zones.
#[repr(C)]
pub struct TzInfo {
    pub header: Header,
}

heap_object!(TzInfo, "tzinfo", Kind::Other, |this, marker| {});

/// A `timezone`: a fixed offset from UTC, perhaps with a name.
#[repr(C)]
pub struct Zone {
    pub header: Header,
    offset: GcField<Delta>,
    name: GcField<Str>,
}

heap_object!(Zone, "timezone", Kind::Other, |this, marker| {
    marker.gc_field(&this.offset);
    marker.gc_field(&this.name);
});

/// What `utcoffset` or `dst` of a zone says about an argument; nothing for None and without zone.
///
/// # Errors
/// What the method raises; TypeError and ValueError for what is no offset.
#[inline]
pub fn ask(vm: &Vm, zone: Option<Value>, method: &str, about: Value) -> Result<Option<Gc<Delta>>> {
    let Some(zone) = zone else {
        return Ok(None);
    };
    if let Some(fixed) = zone.cast::<Zone>() {
        return Ok(fixed.offset.get().filter(|_| method == "utcoffset"));
    }
    let answer = vm.call_method(zone, method, &[about])?;
    if answer.is_none() {
        return Ok(None);
    }
    let Some(delta) = answer.cast::<Delta>() else {
        return Err(vm.type_error(format!(
            "tzinfo.{method}() must return None or timedelta, not '{}'",
            vm.class_of(answer).qualified_name()
        )));
    };
    if delta.total().abs() >= DAY.into() {
        return Err(too_far(vm, delta));
    }
    Ok(Some(delta))
}

#[cold]
fn too_far(vm: &Vm, offset: Gc<Delta>) -> Raised {
    vm.value_error(format!(
        "offset must be a timedelta strictly between -timedelta(hours=24) and \
         timedelta(hours=24), not {}",
        repr_text(offset)
    ))
}

/// The offset of a zone in microseconds, as `utcoffset` says.
#[inline]
pub fn offset(vm: &Vm, zone: Option<Value>, about: Value) -> Result<Option<i64>> {
    Ok(ask(vm, zone, "utcoffset", about)?.map(|d| d.total() as i64))
}

/// As [`ask`], for Python.
pub fn answer(vm: &Vm, zone: Option<Value>, method: &str, about: Value) -> Result {
    Ok(ask(vm, zone, method, about)?.map_or(Value::NONE, |d| d.value()))
}

/// What `tzname` of a zone says.
pub fn name(vm: &Vm, zone: Option<Value>, about: Value) -> Result {
    let Some(zone) = zone else {
        return Ok(Value::NONE);
    };
    let answer = vm.call_method(zone, "tzname", &[about])?;
    if answer.is_none() || answer.cast::<Str>().is_some() {
        return Ok(answer);
    }
    Err(vm.type_error(format!(
        "tzinfo.tzname() must return None or a string, not '{}'",
        vm.class_of(answer).qualified_name()
    )))
}

/// `timezone.utc`.
pub fn utc(vm: &Vm) -> Result {
    let class = vm.class_of_def(&TIMEZONE)?;
    Ok(class
        .namespace()
        .get_str(vm.intern("utc"))
        .unwrap_or(Value::NONE))
}

fn alloc(vm: &Vm, class: Gc<Class>, offset: Gc<Delta>, name: Option<Gc<Str>>) -> Value {
    let object = Zone {
        header: Header::empty(),
        offset: GcField::new(offset),
        name: GcField::opt(name),
    };
    vm.heap.alloc(class.root_shape.get(), object).value()
}

/// A `timezone`; `timezone.utc` itself for no offset and no name.
///
/// # Errors
/// ValueError for an offset of a day or more.
pub fn new_zone(vm: &Vm, offset: Gc<Delta>, name: Option<Gc<Str>>) -> Result {
    if offset.is_zero() && name.is_none() {
        return utc(vm);
    }
    if offset.total().abs() >= DAY.into() {
        return Err(too_far(vm, offset));
    }
    Ok(alloc(vm, vm.class_of_def(&TIMEZONE)?, offset, name))
}

static NEW: Parameters<2> = Parameters {
    function: "timezone",
    names: ["offset", "name"],
    required: 1,
    positional: 2,
    convert: None,
};

fn timezone_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    class_argument(vm, args, vm.class_of_def(&TIMEZONE)?)?;
    let [offset, name] = NEW.bind(vm, &args[1..], names)?;
    let Some(delta) = offset.cast::<Delta>() else {
        return Err(vm.type_error(format!(
            "timezone() argument 1 must be datetime.timedelta, not {}",
            arg_name(vm, offset)
        )));
    };
    let name = match name.given() {
        Some(v) => Some(super::args::text(vm, "timezone", 2, v)?),
        None => None,
    };
    new_zone(vm, delta, name)
}

/// `+HH:MM` and further parts if need be, with this between them.
pub fn offset_text(micros: i64, separator: &str) -> String {
    let sign = if micros < 0 { '-' } else { '+' };
    let (seconds, micros) = (micros.abs() / SECOND, micros.abs() % SECOND);
    let mut text = format!(
        "{sign}{:02}{separator}{:02}",
        seconds / 3600,
        seconds / 60 % 60
    );
    if seconds % 60 != 0 || micros != 0 {
        text += &format!("{separator}{:02}", seconds % 60);
    }
    if micros != 0 {
        text += &format!(".{micros:06}");
    }
    text
}

fn zone_text(vm: &Vm, zone: Gc<Zone>) -> Value {
    if let Some(name) = zone.name.get() {
        return name.value();
    }
    let micros = zone.offset.get().map_or(0, |d| d.total() as i64);
    let text = match micros {
        0 => "UTC".to_owned(),
        _ => format!("UTC{}", offset_text(micros, ":")),
    };
    vm.new_str(&text).value()
}

fn timezone_repr(vm: &Vm, args: &[Value]) -> Result {
    let zone = this::<Zone>(args[0]);
    let class = repr_name(zone.class());
    if args[0] == utc(vm)? {
        return Ok(vm.new_str(&format!("{class}.utc")).value());
    }
    let mut text = taipan_text::TextBuf::new();
    text.push_str(&format!("{class}("));
    if let Some(offset) = zone.offset.get() {
        vm.push_repr(&mut text, offset.value())?;
    }
    if let Some(name) = zone.name.get() {
        text.push_ascii(", ");
        vm.push_repr(&mut text, name.value())?;
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

fn timezone_compare(args: &[Value], op: CompareOp) -> Result {
    let Some(other) = args[1].cast::<Zone>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let parts = |z: Gc<Zone>| z.offset.get().map(|d| d.parts());
    let equal = parts(this(args[0])) == parts(other);
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn timezone_hash(vm: &Vm, args: &[Value]) -> Result {
    match this::<Zone>(args[0]).offset.get() {
        Some(offset) => Ok(vm.new_int(super::delta::hash_parts(offset.parts())? as i64)),
        None => Ok(vm.new_int(0)),
    }
}

/// The methods' argument is a `datetime` or None.
fn check_about(vm: &Vm, method: &str, v: Value) -> Result<()> {
    if v.is_none() || is_datetime(v) {
        return Ok(());
    }
    Err(vm.type_error(format!(
        "{method}(dt) argument must be a datetime instance or None, not {}",
        vm.class_of(v).qualified_name()
    )))
}

/// The argument of `fromutc`, which must be of this zone.
fn local(vm: &Vm, zone: Value, v: Value) -> Result<Gc<Moment>> {
    if !is_datetime(v) {
        return Err(vm.type_error("fromutc: argument must be a datetime"));
    }
    let moment = this::<Moment>(v);
    if moment.zone() != Some(zone) {
        return Err(vm.value_error("fromutc: dt.tzinfo is not self"));
    }
    Ok(moment)
}

fn timezone_fromutc(vm: &Vm, args: &[Value]) -> Result {
    let moment = local(vm, args[0], args[1])?;
    match this::<Zone>(args[0]).offset.get() {
        Some(offset) => shifted(vm, moment, offset.parts(), 1),
        None => Ok(args[1]),
    }
}

fn tzinfo_fromutc(vm: &Vm, args: &[Value]) -> Result {
    let moment = local(vm, args[0], args[1])?;
    let needed = |method: &str| {
        let answer = ask(vm, Some(args[0]), method, args[1])?;
        answer
            .ok_or_else(|| vm.value_error(format!("fromutc: non-None {method}() result required")))
    };
    let offset = needed("utcoffset")?;
    let standard = sum(vm, offset, needed("dst")?, -1)?;
    let result = shifted(vm, moment, standard.parts(), 1)?;
    if !is_datetime(result) {
        return Ok(result);
    }
    let local = this::<Moment>(result);
    match ask(vm, local.zone(), "dst", result)? {
        None => Err(vm.value_error("fromutc: tz.dst() gave inconsistent results; cannot convert")),
        Some(dst) if dst.is_zero() => Ok(result),
        Some(dst) => shifted(vm, local, dst.parts(), 1),
    }
}

fn tzinfo_reduce(vm: &Vm, args: &[Value]) -> Result {
    let arguments = match vm.find_attr(args[0], vm.intern("__getinitargs__"))? {
        Some(f) => vm.call(f, &[])?,
        None => vm.new_tuple(&[])?.value(),
    };
    let state = taipan_runtime::types::protocol::object_state(vm, args[0])?;
    let class = vm.class_of(args[0]).value();
    Ok(vm.new_tuple(&[class, arguments, state])?.value())
}

fn missing(vm: &Vm, method: &str) -> Result {
    Err(vm.not_implemented_error(format!("a tzinfo subclass must implement {method}()")))
}

/// `tzinfo`.
pub static TZINFO: TypeDef = TypeDef {
    module: "datetime",
    doc: "Abstract base class for time zone info objects.",
    subclassable: true,
    methods: &[
        slots::new(|vm, args, _| {
            let class = class_argument(vm, args, vm.class_of_def(&TZINFO)?)?;
            let object = TzInfo {
                header: Header::empty(),
            };
            Ok(vm.heap.alloc(class.root_shape.get(), object).value())
        }),
        MethodDef::new(
            "tzname",
            "(self, object, /)",
            "datetime -> string name of time zone.",
            |vm, _| missing(vm, "tzname"),
        ),
        MethodDef::new(
            "utcoffset",
            "(self, object, /)",
            "datetime -> timedelta showing offset from UTC, negative values indicating West of UTC",
            |vm, _| missing(vm, "utcoffset"),
        ),
        MethodDef::new(
            "dst",
            "(self, object, /)",
            "datetime -> DST offset as timedelta positive east of UTC.",
            |vm, _| missing(vm, "dst"),
        ),
        MethodDef::new(
            "fromutc",
            "(self, object, /)",
            "datetime in UTC -> datetime in local time.",
            tzinfo_fromutc,
        ),
        MethodDef::new("__reduce__", "(self, /)", "-> (cls, state)", tzinfo_reduce),
    ],
    ..TypeDef::new("tzinfo", <TzInfo as Object>::LAYOUT)
};

fn finish(vm: &Vm, class: Gc<Class>) -> Result<()> {
    vm.class_of_def(&TIMEDELTA)?;
    let minutes = 24 * 60 - 1;
    for (name, minutes) in [("utc", 0), ("min", -minutes), ("max", minutes)] {
        let offset = new_delta(vm, Parts::of(0, minutes * 60 * SECOND))?;
        let zone = alloc(vm, class, offset, None);
        class.namespace().set_str(vm, vm.intern(name), zone);
    }
    Ok(())
}

/// `timezone`.
pub static TIMEZONE: TypeDef = TypeDef {
    module: "datetime",
    doc: "Fixed offset from UTC implementation of tzinfo.",
    base: Some(&TZINFO),
    finish: Some(finish),
    methods: &[
        slots::new(timezone_new),
        slots::repr(timezone_repr),
        slots::hash(timezone_hash).reads(0, 0),
        slots::str(|vm, args| Ok(zone_text(vm, this(args[0])))),
        slots::lt(|_, _| Ok(Value::NOT_IMPLEMENTED)),
        slots::le(|_, _| Ok(Value::NOT_IMPLEMENTED)),
        slots::eq(|_, args| timezone_compare(args, CompareOp::Eq)).reads(0, 0),
        slots::ne(|_, args| timezone_compare(args, CompareOp::Ne)).reads(0, 0),
        slots::gt(|_, _| Ok(Value::NOT_IMPLEMENTED)),
        slots::ge(|_, _| Ok(Value::NOT_IMPLEMENTED)),
        MethodDef::new(
            "tzname",
            "(self, object, /)",
            "If name is specified when timezone is created, returns the name.  \
             Otherwise returns offset as 'UTC(+|-)HH:MM'.",
            |vm, args| {
                check_about(vm, "tzname", args[1])?;
                Ok(zone_text(vm, this(args[0])))
            },
        ),
        MethodDef::new(
            "utcoffset",
            "(self, object, /)",
            "Return fixed offset.",
            |vm, args| {
                check_about(vm, "utcoffset", args[1])?;
                let offset = this::<Zone>(args[0]).offset.get();
                Ok(offset.map_or(Value::NONE, |d| d.value()))
            },
        ),
        MethodDef::new("dst", "(self, object, /)", "Return None.", |vm, args| {
            check_about(vm, "dst", args[1])?;
            Ok(Value::NONE)
        }),
        MethodDef::new(
            "fromutc",
            "(self, object, /)",
            "datetime in UTC -> datetime in local time.",
            timezone_fromutc,
        ),
        MethodDef::new(
            "__getinitargs__",
            "(self, /)",
            "pickle support",
            |vm, args| {
                let zone = this::<Zone>(args[0]);
                let mut parts: Vec<Value> = Vec::from_iter(zone.offset.get().map(|d| d.value()));
                parts.extend(zone.name.get().map(|n| n.value()));
                Ok(vm.new_tuple(&parts)?.value())
            },
        ),
    ],
    ..TypeDef::new("timezone", <Zone as Object>::LAYOUT)
};

//! `_datetime`: the types of the module `datetime`.
//!
//! `date` and `datetime` share one layout ([`datetime::Moment`]); instances of native classes are
//! made directly, those of subclasses by calling the class, as Python's documentation promises.

mod args;
mod calendar;
mod date;
mod delta;
mod format;
mod iso;
mod moment;
mod time;
mod zone;

use taipan_runtime::object::{GetSetDef, ModuleDef};
use taipan_runtime::{Result, Value, Vm};

/// The module.
pub static DATETIME: ModuleDef = ModuleDef {
    name: "_datetime",
    doc: "Fast implementation of the datetime module.",
    functions: &[],
    types: &[
        &delta::TIMEDELTA,
        &date::DATE,
        &time::TIME,
        &moment::DATETIME,
        &zone::TZINFO,
        &zone::TIMEZONE,
    ],
    exec: Some(|vm, module| {
        module.set(vm, "MINYEAR", vm.new_int(calendar::MIN_YEAR.into()));
        module.set(vm, "MAXYEAR", vm.new_int(calendar::MAX_YEAR.into()));
        module.set(vm, "UTC", zone::utc(vm)?);
        Ok(())
    }),
};

/// An attribute that cannot be set.
const fn attribute(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

/// A part of a date or time as Python's integer.
fn int(n: impl Into<i64>) -> Result {
    Ok(Value::small_int(n.into()))
}

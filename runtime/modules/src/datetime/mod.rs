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

use taipan_runtime::object::ModuleDef;

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

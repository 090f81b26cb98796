//! `_string`: what `string.Formatter` parses templates with.

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::str::{Str, StrData};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;
use taipan_text::field::{Access, First, Parser, split_name};

/// A code unit of a string, widened.
trait Unit: Copy + Into<u32> {}
impl<T: Copy + Into<u32>> Unit for T {}

fn text(vm: &Vm, units: &[impl Unit]) -> Result {
    let mut out = TextBuf::with_capacity(units.len());
    units.iter().for_each(|u| out.push((*u).into()));
    vm.finish_text(out)
}

fn string(vm: &Vm, v: Value) -> Result<taipan_runtime::heap::Gc<Str>> {
    v.cast::<Str>().ok_or_else(|| {
        vm.type_error(format!("expected str, got {}", vm.class_of(v).name_string()))
    })
}

macro_rules! by_width {
    ($s:expr, $d:ident => $body:expr) => {
        match $s.data() {
            StrData::Latin1($d) => $body,
            StrData::Ucs2($d) => $body,
            StrData::Ucs4($d) => $body,
        }
    };
}

/// All parts of a template at once. An error is raised when iteration reaches it
/// in CPython; here it is raised at the start, before any part was used.
fn formatter_parser(vm: &Vm, args: &[Value]) -> Result {
    let s = string(vm, args[0])?;
    let mut parts = vm.rooted();
    by_width!(s, d => {
        for part in Parser::new(d) {
            let part = part.map_err(|message| vm.value_error(message))?;
            let literal = text(vm, part.literal)?;
            let (mut name, mut spec, mut conversion) = (Value::NONE, Value::NONE, Value::NONE);
            if let Some(field) = part.field {
                name = text(vm, field.name)?;
                spec = text(vm, field.spec)?;
                if let Some(c) = field.conversion {
                    conversion = vm.str_of_char(c)?.value();
                }
            }
            let part = vm.new_tuple(&[literal, name, spec, conversion])?.value();
            parts.push(part);
        }
    });
    vm.iter(vm.new_list(&parts)?.value())
}

fn formatter_field_name_split(vm: &Vm, args: &[Value]) -> Result {
    let s = string(vm, args[0])?;
    let mut rest = vm.rooted();
    let first = by_width!(s, d => {
        let (first, accesses) = split_name(d).map_err(|message| vm.value_error(message))?;
        for access in accesses {
            let access = access.map_err(|message| vm.value_error(message))?;
            let pair = match access {
                Access::Attribute(name) => vm.pair(Value::TRUE, text(vm, name)?)?,
                Access::Index(i) => vm.pair(Value::FALSE, vm.new_int(i as i64))?,
                Access::Key(key) => vm.pair(Value::FALSE, text(vm, key)?)?,
            };
            rest.push(pair);
        }
        match first {
            First::Auto => vm.names.empty.get().value(),
            First::Index(i) => vm.new_int(i as i64),
            First::Name(name) => text(vm, name)?,
        }
    });
    let iterator = vm.iter(vm.new_list(&rest)?.value())?;
    vm.pair(first, iterator)
}

/// The module.
pub static STRING: ModuleDef = ModuleDef {
    name: "_string",
    doc: "string helper module",
    functions: &[
        MethodDef::new(
            "formatter_field_name_split",
            "(string, /)",
            "split the argument as a field name",
            formatter_field_name_split,
        ),
        MethodDef::new("formatter_parser", "(string, /)", "parse the argument as a format string", formatter_parser),
    ],
    types: &[],
    exec: None,
};

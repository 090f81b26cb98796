//! `_string`: the parser of `str.format` templates, for `string.Formatter`.

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_runtime::{Gc, with_str_data};
use taipan_text::CodeUnit;
use taipan_text::field::{Access, First, Parser, split_name};

fn text<U: CodeUnit>(vm: &Vm, units: &[U]) -> Result {
    Ok(vm
        .str_from_code_points(units.iter().map(|&u| u.into()))?
        .value())
}

fn str_arg(vm: &Vm, v: Value) -> Result<Gc<Str>> {
    v.cast::<Str>().ok_or_else(|| {
        let got = vm.class_of(v).qualified_name();
        vm.type_error(format!("expected str, got {got}"))
    })
}

/// (literal text, field name, specification, conversion), the last three None
/// after the last field.
fn parse<U: CodeUnit>(vm: &Vm, template: &[U]) -> Result {
    let parts = vm.new_list(&[])?;
    for part in Parser::new(template) {
        let part = part.map_err(|message| vm.value_error(message))?;
        let literal = text(vm, part.literal)?;
        let item = match part.field {
            None => [literal, Value::NONE, Value::NONE, Value::NONE],
            Some(field) => {
                let conversion = match field.conversion {
                    Some(c) => vm.str_of_char(c)?.value(),
                    None => Value::NONE,
                };
                [
                    literal,
                    text(vm, field.name)?,
                    text(vm, field.spec)?,
                    conversion,
                ]
            }
        };
        parts.push(vm, vm.new_tuple(&item)?.value())?;
    }
    vm.iter(parts.value())
}

fn formatter_parser(vm: &Vm, args: &[Value]) -> Result {
    let template = str_arg(vm, args[0])?;
    with_str_data!(template, d => parse(vm, d))
}

/// (first part, iterator of (is attribute, name or index)).
fn split<U: CodeUnit>(vm: &Vm, name: &[U]) -> Result {
    let error = |message: &'static str| vm.value_error(message);
    let (first, accesses) = split_name(name).map_err(error)?;
    let first = match first {
        First::Auto => vm.names.empty.get().value(),
        First::Index(i) => vm.new_int(i as i64),
        First::Name(name) => text(vm, name)?,
    };
    let rest = vm.new_list(&[])?;
    for access in accesses {
        let (attribute, key) = match access.map_err(error)? {
            Access::Attribute(name) => (true, text(vm, name)?),
            Access::Index(i) => (false, vm.new_int(i as i64)),
            Access::Key(key) => (false, text(vm, key)?),
        };
        rest.push(vm, vm.pair(Value::bool(attribute), key)?)?;
    }
    vm.pair(first, vm.iter(rest.value())?)
}

fn formatter_field_name_split(vm: &Vm, args: &[Value]) -> Result {
    let name = str_arg(vm, args[0])?;
    with_str_data!(name, d => split(vm, d))
}

/// The module `_string`.
pub static STRING: ModuleDef = ModuleDef {
    name: "_string",
    doc: "string helper module",
    functions: &[
        MethodDef::new(
            "formatter_field_name_split",
            "(object, /)",
            "split the argument as a field name",
            formatter_field_name_split,
        ),
        MethodDef::new(
            "formatter_parser",
            "(object, /)",
            "parse the argument as a format string",
            formatter_parser,
        ),
    ],
    types: &[],
    exec: None,
};

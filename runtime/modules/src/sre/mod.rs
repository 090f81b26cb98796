//! `_sre`: regular expressions. The engine is the crate `taipan-sre`; here are
//! the Python objects around it.

mod matches;
mod pattern;
mod substitute;

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_sre::CharTables;
use taipan_text::unicode;

/// The character properties that patterns ask for.
const TABLES: CharTables = CharTables {
    is_alnum: |c| {
        unicode::is_alpha(c)
            || unicode::is_decimal(c)
            || unicode::is_digit(c)
            || unicode::is_numeric(c)
    },
    is_space: unicode::is_space,
    is_decimal: unicode::is_decimal,
    is_linebreak: unicode::is_linebreak,
    lower: unicode::lower,
    upper: unicode::upper,
};

fn character(vm: &Vm, v: Value) -> Result<u32> {
    let c = vm.to_i64(v)?;
    u32::try_from(c).map_err(|_| vm.overflow_error("character out of range"))
}

fn ascii_lower(c: u32) -> u32 {
    if (65..=90).contains(&c) { c + 32 } else { c }
}

fn ascii_iscased(vm: &Vm, args: &[Value]) -> Result {
    let c = character(vm, args[0])?;
    Ok(Value::bool(c < 128 && (c as u8).is_ascii_alphabetic()))
}

fn unicode_iscased(vm: &Vm, args: &[Value]) -> Result {
    let c = character(vm, args[0])?;
    Ok(Value::bool(
        unicode::lower(c) != c || unicode::upper(c) != c,
    ))
}

/// The module.
pub static SRE: ModuleDef = ModuleDef {
    name: "_sre",
    doc: "",
    functions: &[
        MethodDef::new(
            "compile",
            "(pattern, flags, code, groups, groupindex, indexgroup)",
            "",
            pattern::compile,
        ),
        MethodDef::new(
            "template",
            "(pattern, template, /)",
            "\n\n  template\n    A list containing interleaved literal strings (str or bytes) and group\n    \
             indices (int), as returned by re._parser.parse_template():\n        \
             [literal1, group1, ..., literalN, groupN]",
            substitute::template,
        ),
        MethodDef::new("getcodesize", "()", "", |vm, _| {
            Ok(vm.new_int(taipan_sre::CODE_SIZE as i64))
        }),
        MethodDef::new("ascii_iscased", "(character, /)", "", ascii_iscased),
        MethodDef::new("unicode_iscased", "(character, /)", "", unicode_iscased),
        MethodDef::new("ascii_tolower", "(character, /)", "", |vm, args| {
            Ok(vm.new_int(ascii_lower(character(vm, args[0])?).into()))
        }),
        MethodDef::new("unicode_tolower", "(character, /)", "", |vm, args| {
            Ok(vm.new_int(unicode::lower(character(vm, args[0])?).into()))
        }),
    ],
    types: &[],
    exec: Some(|vm, module| {
        for (name, n) in [
            ("MAGIC", i64::from(taipan_sre::MAGIC)),
            ("CODESIZE", taipan_sre::CODE_SIZE as i64),
            ("MAXREPEAT", taipan_sre::MAX_REPEAT.into()),
            ("MAXGROUPS", taipan_sre::MAX_GROUPS.into()),
        ] {
            module.set(vm, name, vm.new_int(n));
        }
        module.set(vm, "copyright", vm.new_str("SRE-compatible engine"));
        Ok(())
    }),
};

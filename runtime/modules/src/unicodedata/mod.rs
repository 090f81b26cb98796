//! The module `unicodedata`, on the tables of `taipan_text`.

mod old;

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Result, Value, Vm};
use taipan_text::TextBuf;
use taipan_text::unicode::{self, names, normalize};

fn character(vm: &Vm, v: Value, function: &str) -> Result<u32> {
    // Of a function's only argument CPython does not give the number.
    let argument = match function {
        "decimal" | "digit" | "numeric" | "name" => "argument 1",
        _ => "argument",
    };
    match v.cast::<Str>() {
        Some(s) if s.len() == 1 => Ok(s.char_at(0)),
        Some(s) => Err(vm.type_error(format!(
            "{function}(): {argument} must be a unicode character, not a string of length {}",
            s.len()
        ))),
        None => Err(vm.type_error(format!(
            "{function}() {argument} must be a unicode character, not {}",
            taipan_runtime::types::support::arg_name(vm, v)
        ))),
    }
}

fn category(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm
        .intern(unicode::category(character(vm, args[0], "category")?))
        .value())
}

fn bidirectional(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm
        .intern(unicode::bidirectional(character(
            vm,
            args[0],
            "bidirectional",
        )?))
        .value())
}

fn combining(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(i64::from(unicode::combining(character(
        vm,
        args[0],
        "combining",
    )?))))
}

fn east_asian_width(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm
        .intern(unicode::east_asian_width(character(
            vm,
            args[0],
            "east_asian_width",
        )?))
        .value())
}

fn mirrored(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(i64::from(unicode::is_mirrored(character(
        vm, args[0], "mirrored",
    )?))))
}

fn or_default(vm: &Vm, found: Option<Value>, default: Value, message: &str) -> Result {
    match found.or(default.given()) {
        Some(v) => Ok(v),
        None => Err(vm.value_error(message)),
    }
}

fn decimal(vm: &Vm, args: &[Value]) -> Result {
    let found = unicode::decimal(character(vm, args[0], "decimal")?).map(|d| vm.new_int(d.into()));
    or_default(vm, found, args[1], "not a decimal")
}

fn digit(vm: &Vm, args: &[Value]) -> Result {
    let found = unicode::digit(character(vm, args[0], "digit")?).map(|d| vm.new_int(d.into()));
    or_default(vm, found, args[1], "not a digit")
}

fn numeric(vm: &Vm, args: &[Value]) -> Result {
    let found = unicode::numeric(character(vm, args[0], "numeric")?).map(Value::float);
    or_default(vm, found, args[1], "not a numeric character")
}

fn name(vm: &Vm, args: &[Value]) -> Result {
    let found = names::name(character(vm, args[0], "name")?).map(|n| vm.new_str(&n).value());
    or_default(vm, found, args[1], "no such name")
}

fn lookup(vm: &Vm, args: &[Value]) -> Result {
    let Some(text) = args[0].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "lookup() argument must be str, not {}",
            vm.class_of(args[0]).qualified_name()
        )));
    };
    let text = text.to_text();
    if let Some(c) = names::lookup(&text) {
        return Ok(vm.str_of_char(c)?.value());
    }
    let mut sequence = TextBuf::new();
    if names::lookup_sequence(&text, &mut sequence) > 0 {
        return vm.text_value(sequence);
    }
    let message = vm
        .new_str(&format!("undefined character name '{text}'"))
        .value();
    Err(vm.key_error(message))
}

fn decomposition(vm: &Vm, args: &[Value]) -> Result {
    let text = normalize::decomposition(
        character(vm, args[0], "decomposition")?,
        normalize::Edition::Current,
    );
    Ok(vm.new_str(&text).value())
}

fn form(vm: &Vm, v: Value) -> Result<normalize::Form> {
    match v.cast::<Str>().map(|s| s.to_text()).as_deref() {
        Some("NFC") => Ok(normalize::Form::Nfc),
        Some("NFD") => Ok(normalize::Form::Nfd),
        Some("NFKC") => Ok(normalize::Form::Nfkc),
        Some("NFKD") => Ok(normalize::Form::Nfkd),
        _ => Err(vm.value_error("invalid normalization form")),
    }
}

fn text_argument(vm: &Vm, v: Value, function: &str) -> Result<Gc<Str>> {
    v.cast().ok_or_else(|| {
        vm.type_error(format!(
            "{function}() argument 2 must be str, not {}",
            vm.class_of(v).qualified_name()
        ))
    })
}

fn do_normalize(vm: &Vm, args: &[Value]) -> Result {
    let s = text_argument(vm, args[1], "normalize")?;
    let form = form(vm, args[0])?;
    let mut out = TextBuf::new();
    let changed = taipan_text::with_units!(s.data(), d => normalize::normalize(d, form, normalize::Edition::Current, &mut out));
    if !changed {
        return Ok(vm.exact_str(s)?.value());
    }
    vm.text_value(out)
}

fn is_normalized(vm: &Vm, args: &[Value]) -> Result {
    let s = text_argument(vm, args[1], "is_normalized")?;
    let form = form(vm, args[0])?;
    let normal = taipan_text::with_units!(s.data(), d => normalize::is_normalized(d, form, normalize::Edition::Current));
    Ok(Value::bool(normal))
}

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new(
        "category",
        "(chr, /)",
        "Returns the general category assigned to the character chr as string.",
        category,
    ),
    MethodDef::new(
        "bidirectional",
        "(chr, /)",
        "Returns the bidirectional class assigned to the character chr as string.",
        bidirectional,
    ),
    MethodDef::new(
        "combining",
        "(chr, /)",
        "Returns the canonical combining class assigned to the character chr as integer.",
        combining,
    ),
    MethodDef::new(
        "east_asian_width",
        "(chr, /)",
        "Returns the east asian width assigned to the character chr as string.",
        east_asian_width,
    ),
    MethodDef::new(
        "mirrored",
        "(chr, /)",
        "Returns the mirrored property assigned to the character chr as integer.",
        mirrored,
    ),
    MethodDef::new(
        "decimal",
        "(chr, default=<unset>, /)",
        "Converts a Unicode character into its equivalent decimal value.",
        decimal,
    ),
    MethodDef::new(
        "digit",
        "(chr, default=<unset>, /)",
        "Converts a Unicode character into its equivalent digit value.",
        digit,
    ),
    MethodDef::new(
        "numeric",
        "(chr, default=<unset>, /)",
        "Converts a Unicode character into its equivalent numeric value.",
        numeric,
    ),
    MethodDef::new(
        "name",
        "(chr, default=<unset>, /)",
        "Returns the name assigned to the character chr as a string.",
        name,
    ),
    MethodDef::new("lookup", "(name, /)", "Look up character by name.", lookup),
    MethodDef::new(
        "decomposition",
        "(chr, /)",
        "Returns the character decomposition mapping assigned to the character chr as string.",
        decomposition,
    ),
    MethodDef::new(
        "normalize",
        "(form, unistr, /)",
        "Return the normal form 'form' for the Unicode string unistr.",
        do_normalize,
    ),
    MethodDef::new(
        "is_normalized",
        "(form, unistr, /)",
        "Return whether the Unicode string unistr is in the normal form 'form'.",
        is_normalized,
    ),
];

/// The module `unicodedata`.
pub static UNICODEDATA: ModuleDef = ModuleDef {
    name: "unicodedata",
    doc: "This module provides access to the Unicode Character Database which\ndefines character properties for all Unicode characters.",
    functions: FUNCTIONS,
    types: &[&old::UCD],
    exec: Some(fill),
};

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, "unidata_version", vm.new_str(unicode::UNIDATA_VERSION));
    module.set(vm, "ucd_3_2_0", old::database(vm)?);
    Ok(())
}

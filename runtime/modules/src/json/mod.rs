//! `_json`: what makes the package `json` fast.

mod encode;
mod scan;

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The functions; the encoder recognises the first two.
static FUNCTIONS: [MethodDef; 3] = [
    MethodDef::new(
        "encode_basestring_ascii",
        "(string, /)",
        "encode_basestring_ascii(string) -> string\n\nReturn an ASCII-only JSON representation of a Python string",
        |vm, args| encode::quoted(vm, string(vm, args[0])?, true),
    ),
    MethodDef::new(
        "encode_basestring",
        "(string, /)",
        "encode_basestring(string) -> string\n\nReturn a JSON representation of a Python string",
        |vm, args| encode::quoted(vm, string(vm, args[0])?, false),
    ),
    MethodDef::new(
        "scanstring",
        "(string, end, strict=True, /)",
        "scanstring(string, end, strict=True) -> (string, end)\n\n\
         Scan the string s for a JSON string. End is the index of the\n\
         character in s after the quote that started the JSON string.\n\
         Unescapes all valid JSON string escape sequences and raises ValueError\n\
         on attempt to decode an invalid string. If strict is False then literal\n\
         control characters are allowed in the string.\n\n\
         Returns a tuple of the decoded string and the index of the character in s\nafter the end quote.",
        scan::scanstring,
    ),
];

fn string(vm: &Vm, v: Value) -> Result<taipan_runtime::heap::Gc<Str>> {
    v.cast::<Str>().ok_or_else(|| {
        vm.type_error(format!(
            "first argument must be a string, not {}",
            vm.class_of(v).qualified_name()
        ))
    })
}

/// The module.
pub static JSON: ModuleDef = ModuleDef {
    name: "_json",
    doc: "json speedups\n",
    functions: &FUNCTIONS,
    types: &[],
    exec: Some(|vm, module| {
        module.set(vm, "make_scanner", vm.class_of_def(&scan::SCANNER)?);
        module.set(vm, "make_encoder", vm.class_of_def(&encode::ENCODER)?);
        Ok(())
    }),
};

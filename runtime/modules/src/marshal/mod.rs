//! The module `marshal`: CPython's format for everything but code objects, which
//! are stored in the form of our bytecode under a type byte of their own.
//!
//! From version 3 on an object is written once and referred to after that. CPython lets those have no
//! place in the reader's table that nothing else refers to, by their reference counts; here all have one.

mod read;
mod write;

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

const VERSION: i32 = 5;
/// The versions that first had what is named.
const BINARY_FLOATS: i32 = 2;
const REFERENCES: i32 = 3;
const SHORT_FORMS: i32 = 4;
const ALLOW_SLICES: i32 = 5;

const MAX_DEPTH: usize = 2000;
/// Added to a type byte: the object is entered in the table of references.
const FLAG_REF: u8 = 0x80;
const CODE: u8 = b'C';

/// Whether code objects are allowed, as the optional argument says.
fn allowed(vm: &Vm, v: Value) -> Result<bool> {
    v.given().map_or(Ok(true), |v| vm.truth(v))
}

fn dump(vm: &Vm, v: Value, version: Value, allow_code: Value) -> Result<Vec<u8>> {
    let version = match version.given() {
        Some(v) => c_int_arg(vm, v)? as i32,
        None => VERSION,
    };
    vm.audit("marshal.dumps", &[v, vm.new_int(version.into())])?;
    write::dump(vm, v, version, allowed(vm, allow_code)?)
}

/// The module.
pub static MARSHAL: ModuleDef = ModuleDef {
    name: "marshal",
    doc: "This module contains functions that can read and write Python values in\na binary format. The format is specific to Python, but independent of\nmachine architecture issues.",
    functions: &[
        MethodDef::new(
            "dump",
            "(value, file, version=5, /, *, allow_code=True)",
            "Write the value on the open file.",
            |vm, args| {
                let bytes = dump(vm, args[0], args[2], args[3])?;
                vm.call_method(args[1], "write", &[vm.new_bytes(&bytes)?.value()])
            },
        ),
        MethodDef::new(
            "load",
            "(file, /, *, allow_code=True)",
            "Read one value from the open file and return it.",
            |vm, args| {
                vm.audit("marshal.load", &[])?;
                read::load_file(vm, args[0], allowed(vm, args[1])?)
            },
        ),
        MethodDef::new(
            "dumps",
            "(value, version=5, /, *, allow_code=True)",
            "Return the bytes object that would be written to a file by dump(value, file).",
            |vm, args| {
                let bytes = dump(vm, args[0], args[1], args[2])?;
                Ok(vm.new_bytes(&bytes)?.value())
            },
        ),
        MethodDef::new(
            "loads",
            "(bytes, /, *, allow_code=True)",
            "Convert the bytes-like object to a value.",
            |vm, args| {
                let data = vm.bytes_like(args[0])?.contiguous_bytes().into_owned();
                if vm.is_audited() {
                    vm.audit("marshal.loads", &[vm.new_bytes(&data)?.value()])?;
                }
                read::load_bytes(vm, &data, allowed(vm, args[1])?)
            },
        ),
    ],
    types: &[],
    exec: Some(|vm, module| {
        module.set(vm, "version", vm.new_int(VERSION.into()));
        Ok(())
    }),
};

//! `pyexpat`: parsing of XML, event by event, in the manner of the library expat.
//!
//! No parser of Rust's reports a document as expat does (every piece of a document type, text for
//! a default handler, external entities left to the program, the place of each event), so this is
//! one: [`input`] decodes, [`scan`] finds tokens, [`grammar`] gives those of a prolog their roles,
//! [`parser`] with [`content`], [`prolog`] and [`values`] turns them into events, and [`dispatch`]
//! calls handlers with those.
//!
//! What differs from expat: the memory that the protection against attacks looks at is estimated.

mod chars;
mod content;
mod declaration;
mod dispatch;
mod dtd;
mod error;
mod event;
mod grammar;
mod input;
mod namespaces;
mod object;
mod parser;
mod prolog;
mod scan;
mod values;

use error::ERRORS;
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::module::Module;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// `xml.parsers.expat.ExpatError`.
static ERROR: TypeDef = TypeDef {
    module: "xml.parsers.expat",
    subclassable: true,
    has_dict: true,
    base: Some(&exc::EXCEPTION),
    flags: ClassFlags::EXCEPTION | ClassFlags::FULL_NAME,
    ..TypeDef::new("ExpatError", <Exception as Object>::LAYOUT)
};

/// What the parser is compared with.
const VERSION: (i64, i64, i64) = (2, 9, 0);

const FEATURES: [(&str, i64); 10] = [
    ("sizeof(XML_Char)", 1),
    ("sizeof(XML_LChar)", 1),
    ("XML_DTD", 0),
    ("XML_CONTEXT_BYTES", 1024),
    ("XML_NS", 0),
    ("XML_BLAP_MAX_AMP", 100),
    ("XML_BLAP_ACT_THRES", 8_388_608),
    ("XML_GE", 0),
    ("XML_AT_MAX_AMP", 100),
    ("XML_AT_ACT_THRES", 67_108_864),
];

const MODEL: [(&str, i64); 10] = [
    ("XML_CTYPE_EMPTY", 1),
    ("XML_CTYPE_ANY", 2),
    ("XML_CTYPE_MIXED", 3),
    ("XML_CTYPE_NAME", 4),
    ("XML_CTYPE_CHOICE", 5),
    ("XML_CTYPE_SEQ", 6),
    ("XML_CQUANT_NONE", 0),
    ("XML_CQUANT_OPT", 1),
    ("XML_CQUANT_REP", 2),
    ("XML_CQUANT_PLUS", 3),
];

/// A module within this one, known to the import system too.
fn inner(vm: &Vm, module: Gc<Module>, name: &str, doc: &str) -> Result<Gc<Module>> {
    let full = vm.intern(&format!("pyexpat.{name}"));
    let shape = vm.shapes.module.get();
    let inner = vm.new_module(full, vm.new_str(doc).value(), shape);
    let modules = vm.import_attr("sys", "modules")?;
    vm.set_item(modules, full.value(), inner.value())?;
    module.set(vm, name, inner.value());
    Ok(inner)
}

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    let class = object::error_class(vm);
    module.set(vm, "error", class);
    module.set(vm, "XMLParserType", vm.class_of_def(&object::XML_PARSER)?);
    let (major, minor, micro) = VERSION;
    let version = format!("expat_{major}.{minor}.{micro}");
    module.set(vm, "EXPAT_VERSION", vm.new_str(&version).value());
    let parts = [major, minor, micro].map(|n| vm.new_int(n));
    module.set(vm, "version_info", vm.new_tuple(&parts)?.value());
    module.set(vm, "native_encoding", vm.new_str("UTF-8").value());
    let features = vm.new_list(&[])?;
    for (name, value) in FEATURES {
        let pair = vm.pair(vm.new_str(name).value(), vm.new_int(value))?;
        features.push(vm, pair)?;
    }
    module.set(vm, "features", features.value());
    for (value, name) in ["NEVER", "UNLESS_STANDALONE", "ALWAYS"].iter().enumerate() {
        let name = format!("XML_PARAM_ENTITY_PARSING_{name}");
        module.set(vm, &name, vm.new_int(value as i64));
    }
    let doc = "Constants used to interpret content model information.";
    let model = inner(vm, module, "model", doc)?;
    for (name, value) in MODEL {
        model.set(vm, name, vm.new_int(value));
    }
    let doc = "Constants used to describe error conditions.";
    let errors = inner(vm, module, "errors", doc)?;
    let (codes, messages) = (vm.new_dict(), vm.new_dict());
    for (at, (name, text)) in ERRORS.iter().enumerate() {
        let (code, text) = (vm.new_int(at as i64 + 1), vm.new_str(text).value());
        errors.set(vm, &format!("XML_ERROR_{name}"), text);
        codes.set(vm, text, code)?;
        messages.set(vm, code, text)?;
    }
    errors.set(vm, "codes", codes.value());
    errors.set(vm, "messages", messages.value());
    Ok(())
}

/// The module.
pub static EXPAT: ModuleDef = ModuleDef {
    name: "pyexpat",
    doc: "Python wrapper for Expat parser.",
    functions: &[
        MethodDef::new(
            "ParserCreate",
            "(encoding=None, namespace_separator=None, intern=<unrepresentable>)",
            "Return a new XML parser object.",
            |vm: &Vm, args: &[Value]| object::create(vm, args),
        ),
        MethodDef::new(
            "ErrorString",
            "(code, /)",
            "Returns string error for given number.",
            object::error_string,
        ),
    ],
    types: &[&ERROR],
    exec: Some(fill),
};

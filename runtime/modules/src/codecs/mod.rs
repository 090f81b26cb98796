//! The module `_codecs`: the registry of codecs and error handlers, and the
//! built-in codecs as functions. The registry lives in the module's namespace.

mod charmap;
mod functions;
mod handlers;

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

const SEARCH: &str = "_search_path";
const CACHE: &str = "_search_cache";
const HANDLERS: &str = "_error_registry";

fn part<T: taipan_runtime::heap::Object>(vm: &Vm, name: &str) -> Result<Gc<T>> {
    vm.import_attr("_codecs", name)?
        .cast::<T>()
        .ok_or_else(|| vm.runtime_error("the codec registry is broken"))
}

fn text_arg(vm: &Vm, v: Value, what: &str) -> Result<Gc<Str>> {
    taipan_runtime::types::support::str_arg(vm, v, what)
}

fn register(vm: &Vm, args: &[Value]) -> Result {
    if !vm.is_callable(args[0]) {
        return Err(vm.type_error("argument must be callable"));
    }
    part::<List>(vm, SEARCH)?.push(vm, args[0])?;
    Ok(Value::NONE)
}

fn unregister(vm: &Vm, args: &[Value]) -> Result {
    let list = part::<List>(vm, SEARCH)?;
    if let Some(at) = list.as_slice().iter().position(|f| *f == args[0]) {
        list.remove(vm, at)?;
        part::<Dict>(vm, CACHE)?.clear();
    }
    Ok(Value::NONE)
}

/// Lower case, runs of other than letters, digits and dots become one underscore.
fn normalize(name: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.push(c.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

/// The registry's entry for an encoding.
fn find(vm: &Vm, encoding: &str) -> Result {
    let cache = part::<Dict>(vm, CACHE)?;
    let key = vm.intern(&normalize(encoding));
    if let Some(found) = cache.get_str(key) {
        return Ok(found);
    }
    let functions = vm.rooted_slice(part::<List>(vm, SEARCH)?.as_slice());
    for f in functions.iter() {
        let found = vm.call(*f, &[key.value()])?;
        if found.is_none() {
            continue;
        }
        if found.cast::<Tuple>().is_none_or(|t| t.len() != 4) {
            return Err(vm.type_error("codec search functions must return 4-tuples"));
        }
        cache.set_str(vm, key, found);
        return Ok(found);
    }
    Err(vm.lookup_error(format!("unknown encoding: {encoding}")))
}

fn lookup(vm: &Vm, args: &[Value]) -> Result {
    let name = text_arg(vm, args[0], "lookup() argument")?.to_text();
    if name.contains('\0') {
        return Err(vm.value_error("embedded null character"));
    }
    find(vm, &name)
}

fn run(vm: &Vm, args: &[Value], index: usize, verb: &str) -> Result {
    let encoding = match args[1].given() {
        Some(v) => text_arg(vm, v, &format!("{verb}() argument 'encoding'"))?.to_text(),
        None => "utf-8".to_owned(),
    };
    let info = find(vm, &encoding)?;
    let function = vm.get_item(info, vm.new_int(index as i64))?;
    let result = match args[2].given() {
        Some(errors) => vm.call(function, &[args[0], errors]),
        None => vm.call(function, &[args[0]]),
    };
    let noun = if index == 0 { "encoding" } else { "decoding" };
    let result = match result {
        Ok(v) => v,
        Err(raised) => {
            return Err(vm.note_raised(raised, &format!("{noun} with '{encoding}' codec failed")));
        }
    };
    match result.cast::<Tuple>().filter(|t| t.len() == 2) {
        Some(t) => Ok(t.get(0)),
        None => Err(vm.type_error(format!("{verb}r must return a tuple (object, integer)"))),
    }
}

fn register_error(vm: &Vm, args: &[Value]) -> Result {
    let name = text_arg(vm, args[0], "register_error() argument 1")?;
    if !vm.is_callable(args[1]) {
        return Err(vm.type_error("handler must be callable"));
    }
    part::<Dict>(vm, HANDLERS)?.set_str(vm, vm.intern_str(name), args[1]);
    Ok(Value::NONE)
}

fn unregister_error(vm: &Vm, args: &[Value]) -> Result {
    let name = text_arg(vm, args[0], "_unregister_error() argument")?;
    if handlers::HANDLERS.iter().any(|h| name.is_text(h.0)) {
        return Err(vm.value_error(format!(
            "cannot un-register built-in error handler '{name}'"
        )));
    }
    let gone = part::<Dict>(vm, HANDLERS)?.remove(vm, name.value())?;
    Ok(Value::bool(gone.is_some()))
}

fn lookup_error(vm: &Vm, args: &[Value]) -> Result {
    let name = text_arg(vm, args[0], "lookup_error() argument")?;
    match part::<Dict>(vm, HANDLERS)?.get(vm, name.value())? {
        Some(f) => Ok(f),
        None => Err(vm.lookup_error(format!("unknown error handler name '{name}'"))),
    }
}

fn exec(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, SEARCH, vm.new_list(&[])?);
    module.set(vm, CACHE, vm.new_dict());
    let registry = vm.new_dict();
    for (name, def) in handlers::HANDLERS {
        let f = vm.new_native(def, None, None);
        registry.set_str(vm, vm.intern(name), f.value());
    }
    module.set(vm, HANDLERS, registry);
    for def in functions::FUNCTIONS.iter().chain(charmap::FUNCTIONS) {
        let f = vm.new_native(def, None, Some(vm.intern("_codecs").value()));
        module.set(vm, def.name, f.value());
    }
    Ok(())
}

/// The module.
pub static CODECS: ModuleDef = ModuleDef {
    name: "_codecs",
    doc: "",
    functions: &[
        MethodDef::new(
            "register",
            "(search_function, /)",
            "Register a codec search function.",
            register,
        ),
        MethodDef::new(
            "unregister",
            "(search_function, /)",
            "Unregister a codec search function and clear the registry's cache.",
            unregister,
        ),
        MethodDef::new(
            "lookup",
            "(encoding, /)",
            "Looks up a codec tuple in the Python codec registry and returns a CodecInfo object.",
            lookup,
        ),
        MethodDef::new(
            "encode",
            "(obj, encoding='utf-8', errors='strict')",
            "Encodes obj using the codec registered for encoding.",
            |vm, args| run(vm, args, 0, "encode"),
        ),
        MethodDef::new(
            "decode",
            "(obj, encoding='utf-8', errors='strict')",
            "Decodes obj using the codec registered for encoding.",
            |vm, args| run(vm, args, 1, "decode"),
        ),
        MethodDef::new(
            "register_error",
            "(errors, handler, /)",
            "Register the specified error handler under the name errors.",
            register_error,
        ),
        MethodDef::new(
            "_unregister_error",
            "(errors, /)",
            "Un-register the specified error handler for the error handling `errors'.",
            unregister_error,
        ),
        MethodDef::new(
            "lookup_error",
            "(name, /)",
            "lookup_error(errors) -> handler",
            lookup_error,
        ),
    ],
    types: &[&charmap::ENCODING_MAP],
    exec: Some(exec),
};

//! The modules `_weakref` and `_warnings`.

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::weakref::refs_to;
use taipan_runtime::{Result, Value, Vm};

fn getweakrefcount(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(refs_to(vm, args[0]).len() as i64))
}

fn getweakrefs(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_list(&refs_to(vm, args[0]))?.value())
}

fn remove_dead_weakref(vm: &Vm, args: &[Value]) -> Result {
    if let Some(dict) = args[0].cast::<taipan_runtime::types::dict::Dict>()
        && let Some(v) = dict.get(vm, args[1])?
        && let Some(weak) = v.cast::<taipan_runtime::types::weakref::WeakRef>()
        && weak.referent().is_none()
    {
        dict.remove(vm, args[1])?;
    }
    Ok(Value::NONE)
}

/// The module `_weakref`.
pub static WEAKREF: ModuleDef = ModuleDef {
    name: "_weakref",
    doc: "Weak-reference support module.",
    functions: &[
        MethodDef::new(
            "getweakrefcount",
            "(object, /)",
            "Return the number of weak references to 'object'.",
            getweakrefcount,
        ),
        MethodDef::new(
            "getweakrefs",
            "(object, /)",
            "Return a list of all weak reference objects pointing to 'object'.",
            getweakrefs,
        ),
        MethodDef::new(
            "_remove_dead_weakref",
            "(dct, key, /)",
            "Atomically remove key from dict if it points to a dead weakref.",
            remove_dead_weakref,
        ),
        MethodDef::new(
            "proxy",
            "(object, callback=None, /)",
            "Create a proxy object that weakly references 'object'.",
            super::weakproxy::proxy,
        ),
    ],
    types: &[],
    exec: Some(fill_weakref),
};

fn fill_weakref(vm: &Vm, module: Gc<Module>) -> Result<()> {
    let class = vm.types.weakref.get();
    module.set(vm, "ref", class);
    module.set(vm, "ReferenceType", class);
    super::weakproxy::fill(vm, module)
}

/// Calls the function of this name in the Python implementation of warnings.
fn delegate(vm: &Vm, name: &str, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    // Without the module `warnings` the implementation lacks what it works on.
    vm.import("warnings")?;
    let f = vm.import_attr("_py_warnings", name)?;
    vm.call_with(f, args, names)
}

fn warn(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    delegate(vm, "warn", args, names)
}

fn warn_explicit(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    delegate(vm, "warn_explicit", args, names)
}

/// The module `_warnings`: here `warnings` is Python's throughout.
pub static WARNINGS: ModuleDef = ModuleDef {
    name: "_warnings",
    doc: "_warnings provides basic warning filtering support.",
    functions: &[
        MethodDef::raw(
            "warn",
            "(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())",
            "Issue a warning, or maybe ignore it or raise an exception.",
            warn,
        ),
        MethodDef::raw(
            "warn_explicit",
            "(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None)",
            "Issue a warning, or maybe ignore it or raise an exception.",
            warn_explicit,
        ),
    ],
    types: &[],
    exec: None,
};

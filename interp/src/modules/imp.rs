//! The module `_imp`: what `importlib` needs of the interpreter.

use crate::frozen;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, ClassFlags, MethodDef, ModuleDef};
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::descriptor::{ClassMethod, StaticMethod};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::PycChecks;
use taipan_runtime::{Result, Value, Vm};

fn text(vm: &Vm, v: Value) -> Result<String> {
    match v.cast::<Str>() {
        Some(s) => Ok(s.to_text()),
        None => Err(vm.type_error(format!(
            "argument must be str, not {}",
            vm.class_of(v).qualified_name()
        ))),
    }
}

/// Serialised code as a code object; library files get their place in the
/// virtual library folder.
pub fn load_frozen(vm: &Vm, module: &frozen::Frozen) -> Result<Gc<CodeObject>> {
    let place = |name: &str| match name.strip_prefix('\0') {
        Some(relative) => format!("{}/{relative}", crate::paths::stdlib_dir(vm)),
        None => name.to_owned(),
    };
    let code = vm
        .load_static_code(module.code, place)
        .map_err(|raised| match raised {
            Some(raised) => raised,
            None => vm.import_error(format!("Frozen object named '{}' is invalid", module.name)),
        })?;
    module.release();
    vm.heap.after_collection(crate::pages::release_file_pages);
    Ok(code)
}

/// Names under which parts of `importlib` run while the import system comes up.
fn real_name(name: &str) -> &str {
    match name {
        "_frozen_importlib" => "importlib._bootstrap",
        "_frozen_importlib_external" => "importlib._bootstrap_external",
        other => other,
    }
}

fn find_frozen(vm: &Vm, args: &[Value]) -> Result {
    let name = text(vm, args[0])?;
    match frozen::find(real_name(&name)) {
        Some(m) => {
            let parts = [
                Value::NONE,
                Value::bool(m.is_package),
                vm.intern(m.name).value(),
            ];
            Ok(vm.new_tuple(&parts)?.value())
        }
        None => Ok(Value::NONE),
    }
}

/// Modules of the library that no file can hide: those that CPython freezes, and those that it has
/// as built-in ones.
const NEVER_HIDDEN: &[&str] = &[
    "_ast",
    "_collections_abc",
    "_opcode",
    "_sitebuiltins",
    "_symtable",
    "_sysconfig",
    "_typing",
    "abc",
    "codecs",
    "genericpath",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
    "importlib.machinery",
    "importlib.util",
    "io",
    "ntpath",
    "os",
    "posixpath",
    "runpy",
    "site",
    "stat",
    "zipimport",
];

/// Whether the embedded library is the first to be asked for a module: no entry of the search path
/// before the library's folder can hold the module. If some entry might, `PathFinder` decides.
///
/// Takes the full name, and `__path__` of the package or None.
fn library_first(vm: &Vm, args: &[Value]) -> Result {
    let name = text(vm, args[0])?;
    if NEVER_HIDDEN.contains(&name.as_str()) || name.starts_with("_taipan") {
        return Ok(Value::TRUE);
    }
    let Some(sys) = vm.sys_dict.get() else {
        return Ok(Value::TRUE);
    };
    let path = match args[1] {
        Value::NONE => sys.get_str(vm.intern("path")),
        path => Some(path),
    };
    let finders = sys.get_str(vm.intern("path_importer_cache"));
    let (Some(path), Some(finders)) = (
        path.and_then(|p| p.cast::<List>()),
        finders.and_then(|f| f.cast::<Dict>()),
    ) else {
        return Ok(Value::FALSE);
    };
    let (package, tail) = name.rsplit_once('.').unwrap_or(("", &name));
    let mut library = crate::paths::stdlib_dir(vm);
    for part in package.split('.').filter(|p| !p.is_empty()) {
        library.push('/');
        library.push_str(part);
    }
    let mut i = 0;
    while let Some(entry) = path.get(i) {
        i += 1;
        let Some(mut folder) = entry.cast::<Str>().map(|e| e.to_text()) else {
            return Ok(Value::FALSE);
        };
        if folder == library {
            return Ok(Value::TRUE);
        }
        if folder.is_empty() {
            match std::env::current_dir() {
                Ok(current) => folder = current.to_string_lossy().into_owned(),
                Err(_) => continue,
            }
        }
        let hidden = match finders.get_str(vm.intern(&folder)) {
            Some(Value::NONE) => false,
            Some(finder) if is_file_finder(vm, finder) => can_hold(&folder, tail),
            _ => true,
        };
        if hidden {
            break;
        }
    }
    Ok(Value::FALSE)
}

/// Whether an importer is one that looks for files in a folder, and nothing derived from it.
fn is_file_finder(vm: &Vm, finder: Value) -> bool {
    let of_files = vm
        .modules
        .get()
        .and_then(|all| all.get_str(vm.intern("_frozen_importlib_external")))
        .and_then(|module| module.cast::<Module>())
        .and_then(|module| module.dict().get_str(vm.intern("FileFinder")));
    of_files == Some(vm.class_of(finder).value())
}

/// Whether a folder has a file or folder that may be the module.
fn can_hold(folder: &str, module: &str) -> bool {
    ["", ".py", ".pyc"]
        .iter()
        .any(|suffix| std::path::Path::new(&format!("{folder}/{module}{suffix}")).exists())
}

fn no_frozen(vm: &Vm, name: &str) -> taipan_runtime::Raised {
    vm.import_error(format!("No such frozen object named {name}"))
}

fn get_frozen_object(vm: &Vm, args: &[Value]) -> Result {
    let name = text(vm, args[0])?;
    match frozen::find(real_name(&name)) {
        Some(m) => Ok(load_frozen(vm, &m)?.value()),
        None => Err(no_frozen(vm, &name)),
    }
}

fn get_frozen_source(vm: &Vm, args: &[Value]) -> Result {
    let name = text(vm, args[0])?;
    match frozen::find(real_name(&name)) {
        Some(m) => Ok(vm.new_str(&m.source()).value()),
        None => Ok(Value::NONE),
    }
}

fn is_frozen(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(
        frozen::find(real_name(&text(vm, args[0])?)).is_some(),
    ))
}

fn is_frozen_package(vm: &Vm, args: &[Value]) -> Result {
    let name = text(vm, args[0])?;
    match frozen::find(real_name(&name)) {
        Some(m) => Ok(Value::bool(m.is_package)),
        None => Err(no_frozen(vm, &name)),
    }
}

fn frozen_module_names(vm: &Vm, _: &[Value]) -> Result {
    let names: Vec<Value> = frozen::names().map(|n| vm.intern(n).value()).collect();
    Ok(vm.new_list(&names)?.value())
}

fn is_builtin(vm: &Vm, args: &[Value]) -> Result {
    let name = text(vm, args[0])?;
    let found = match name.as_str() {
        "sys" | "builtins" => -1,
        n if vm.native_modules.borrow().contains_key(n) => 1,
        _ => 0,
    };
    Ok(Value::small_int(found))
}

fn create_builtin(vm: &Vm, args: &[Value]) -> Result {
    let name = vm.get_attr(args[0], vm.names.name.get())?;
    let name = text(vm, name)?;
    if let Some(modules) = vm.modules.get()
        && matches!(name.as_str(), "sys" | "builtins")
        && let Some(m) = modules.get_str(vm.intern(&name))
    {
        return Ok(m);
    }
    let def = vm.native_modules.borrow().get(name.as_str()).copied();
    match def {
        Some(def) => Ok(vm.module_from_def(def)?.value()),
        None => Ok(Value::NONE),
    }
}

fn exec_builtin(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::small_int(0))
}

fn nothing(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::NONE)
}

fn lock_held(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::FALSE)
}

fn extension_suffixes(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_list(&[])?.value())
}

fn create_dynamic(vm: &Vm, _: &[Value]) -> Result {
    Err(vm.import_error("extension modules written in C are not supported by Taipan"))
}

fn fix_co_filename(_: &Vm, args: &[Value]) -> Result {
    if let (Some(code), Some(path)) = (args[0].cast::<CodeObject>(), args[1].cast::<Str>()) {
        fix(code, code.filename.get(), path);
    }
    Ok(Value::NONE)
}

fn fix(code: Gc<CodeObject>, old: Gc<Str>, new: Gc<Str>) {
    if !code.filename.get().equals(&old) {
        return;
    }
    code.header.barrier();
    code.filename.set(new);
    for c in code.consts.as_slice() {
        if let Some(inner) = c.cast::<CodeObject>() {
            fix(inner, old, new);
        }
    }
}

/// A hash of source bytes for hash-based caches (PEP 552): stable across runs.
fn source_hash(vm: &Vm, args: &[Value]) -> Result {
    let key = vm.to_i64(args[0])? as u64;
    let bytes = match args[1].cast::<taipan_runtime::types::bytes::Bytes>() {
        Some(b) => b,
        None => return Err(vm.type_error("a bytes-like object is required")),
    };
    let h = taipan_runtime::ops::hash::bytes(key, !key, bytes.as_slice());
    Ok(vm.new_bytes(&h.to_le_bytes())?.value())
}

/// Name, units of inline cache and generic form of every instruction.
fn instructions(vm: &Vm, _: &[Value]) -> Result {
    let list = vm.new_list(&[])?;
    for op in taipan_bytecode::Op::ALL {
        let parts = [
            vm.intern(op.name()).value(),
            vm.new_int(op.caches() as i64),
            vm.intern(op.generic().name()).value(),
        ];
        list.push(vm, vm.new_tuple(&parts)?.value())?;
    }
    Ok(list.value())
}

/// The module `_imp`.
pub static IMP: ModuleDef = ModuleDef {
    name: "_imp",
    doc: "(Extremely) low-level import machinery bits as used by importlib.",
    functions: &[
        MethodDef::new(
            "_instructions",
            "()",
            "Name, inline cache and generic form of every instruction.",
            instructions,
        ),
        MethodDef::new(
            "find_frozen",
            "(name, /, *, withdata=False)",
            "Return info about the corresponding frozen module (if there is one) or None.",
            find_frozen,
        ),
        MethodDef::new(
            "_library_first",
            "(name, path, /)",
            "Whether nothing on the search path can hide a module of the embedded library.",
            library_first,
        ),
        MethodDef::new(
            "get_frozen_object",
            "(name, data=None, /)",
            "Create a code object for a frozen module.",
            get_frozen_object,
        ),
        MethodDef::new(
            "_get_frozen_source",
            "(name, /)",
            "The source text of a module of the embedded library, or None.",
            get_frozen_source,
        ),
        MethodDef::new(
            "is_frozen",
            "(name, /)",
            "Returns True if the module name corresponds to a frozen module.",
            is_frozen,
        ),
        MethodDef::new(
            "is_frozen_package",
            "(name, /)",
            "Returns True if the module name is of a frozen package.",
            is_frozen_package,
        ),
        MethodDef::new(
            "_frozen_module_names",
            "()",
            "Returns the list of available frozen modules.",
            frozen_module_names,
        ),
        MethodDef::new(
            "is_builtin",
            "(name, /)",
            "Returns True if the module name corresponds to a built-in module.",
            is_builtin,
        ),
        MethodDef::new(
            "create_builtin",
            "(spec, /)",
            "Create an extension module.",
            create_builtin,
        ),
        MethodDef::new(
            "exec_builtin",
            "(mod, /)",
            "Initialize a built-in module.",
            exec_builtin,
        ),
        MethodDef::new(
            "exec_dynamic",
            "(mod, /)",
            "Initialize an extension module.",
            exec_builtin,
        ),
        MethodDef::new(
            "create_dynamic",
            "(spec, file=None, /)",
            "Create an extension module.",
            create_dynamic,
        ),
        MethodDef::new(
            "extension_suffixes",
            "()",
            "Returns the list of file suffixes used to identify extension modules.",
            extension_suffixes,
        ),
        MethodDef::new(
            "acquire_lock",
            "()",
            "Acquires the interpreter's import lock for the current thread.",
            nothing,
        ),
        MethodDef::new(
            "release_lock",
            "()",
            "Release the interpreter's import lock.",
            nothing,
        ),
        MethodDef::new(
            "lock_held",
            "()",
            "Return True if the import lock is currently held, else False.",
            lock_held,
        ),
        MethodDef::new(
            "_fix_co_filename",
            "(code, path, /)",
            "Changes code.co_filename to specify the passed-in file path.",
            fix_co_filename,
        ),
        MethodDef::new(
            "_override_frozen_modules_for_tests",
            "(override, /)",
            "",
            nothing,
        ),
        MethodDef::new(
            "_override_multi_interp_extensions_check",
            "(override, /)",
            "",
            lock_held,
        ),
        MethodDef::new(
            "_as_native",
            "(cls, immutable=True, full_name=True, /)",
            "Let messages name a class as they name native ones, with its module or without it, and perhaps its attributes not be set.",
            as_native,
        ),
        // `typing.NewType` has it for its `__call__`: one that binds to no instance.
        MethodDef::new("_idfunc", "(x, /)", "", |_, args| Ok(args[0])),
        MethodDef::new("_set_lazy_imports", "(*args, **kwargs)", "", nothing),
        MethodDef::new("source_hash", "(key, source)", "", source_hash),
    ],
    types: &[],
    exec: Some(fill),
};

/// For classes of the embedded library that are native in CPython; gives the class back, so
/// that it serves as a decorator.
fn as_native(vm: &Vm, args: &[Value]) -> Result {
    if mark_as_native(args[0]) {
        return Ok(args[0]);
    }
    let Some(class) = args[0].cast::<Class>() else {
        return Err(vm.type_error("_as_native() needs a class"));
    };
    let mut flags = class.flags.get();
    if args[2].given() != Some(Value::FALSE) {
        flags |= ClassFlags::FULL_NAME;
    }
    if args[1].given() != Some(Value::FALSE) {
        flags |= ClassFlags::IMMUTABLE;
    }
    class.flags.set(flags);
    for (_, member) in class.namespace().items() {
        mark_as_native(member);
    }
    Ok(args[0])
}

/// Lets mistakes in calls of a function, or of one behind a static or class method, be told
/// as those of a native one.
fn mark_as_native(v: Value) -> bool {
    let Some(function) = v.cast::<Function>() else {
        let inner = match (v.cast::<StaticMethod>(), v.cast::<ClassMethod>()) {
            (Some(method), _) => method.callable.get(),
            (_, Some(method)) => method.callable.get(),
            _ => None,
        };
        return inner.is_some_and(mark_as_native);
    };
    let flags = &function.header.flags;
    flags.set(flags.get() | Function::AS_NATIVE);
    true
}

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    let checks = match vm.settings.borrow().check_hash_based_pycs {
        PycChecks::Default => "default",
        PycChecks::Always => "always",
        PycChecks::Never => "never",
    };
    module.set(vm, "check_hash_based_pycs", vm.new_str(checks));
    module.set(vm, "pyc_magic_number_token", vm.new_int(3655 | 0x0a0d_0000));
    Ok(())
}

//! `__import__`: what is imported already is found here, the rest is `importlib`'s work.

use taipan_runtime::heap::Gc;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::exception::{Exception, Traceback};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Result, Value, Vm};

/// `__import__`.
///
/// # Errors
/// What importing raises, without the frames of the import system.
pub fn import(vm: &Vm, args: &[Value]) -> Result {
    let Some(name) = args[0].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "__import__() argument 1 must be str, not {}",
            vm.class_of(args[0]).qualified_name()
        )));
    };
    let level = args[4].given().map_or(Ok(0), |l| vm.to_i64(l))?;
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    if name.is_empty() && level == 0 {
        return Err(vm.value_error("Empty module name"));
    }
    let from_list = args[3].given_not_none();
    let from = match from_list {
        Some(f) => vm.truth(f)?,
        None => false,
    };
    // The fast way: an absolute import of something imported already.
    if level == 0
        && let Some(modules) = vm.modules.get()
        && let Some(module) = modules.get_str_any(vm, name)
        && !module.is_none()
        && !is_initializing(vm, module)?
    {
        if !from {
            let text = name.to_text();
            return match text.split_once('.') {
                None => Ok(module),
                Some((first, _)) => match modules.get_str(vm.intern(first)) {
                    Some(m) => Ok(m),
                    None => vm.import(first),
                },
            };
        }
        if module
            .cast::<Module>()
            .is_some_and(|m| m.dict().get_str(vm.names.__path__.get()).is_none())
        {
            return Ok(module);
        }
    }
    if vm.is_audited() {
        audit_import(vm, name, level)?;
    }
    let importlib = vm.import_library();
    let f = vm.get_attr_str(importlib, "__import__")?;
    let globals = args[1].given().unwrap_or(Value::NONE);
    let locals = args[2].given().unwrap_or(Value::NONE);
    let from_list = from_list.unwrap_or(vm.new_tuple(&[])?.value());
    let result = vm.call(
        f,
        &[name.value(), globals, locals, from_list, vm.new_int(level)],
    );
    if result.is_err() && vm.settings.borrow().verbose == 0 {
        trim_traceback(vm);
    }
    result
}

/// Tells the audit hooks that a module is about to be looked for. Of relative imports and of
/// modules that `from` names in a package they hear by the files that are opened.
fn audit_import(vm: &Vm, name: Gc<Str>, level: i64) -> Result<()> {
    let loaded = |name: Gc<Str>| {
        let modules = vm.modules.get();
        modules.is_some_and(|m| m.get_str_any(vm, name).is_some())
    };
    if level > 0 || loaded(name) {
        return Ok(());
    }
    let sys = |name: &str| {
        let found = vm.sys_dict.get().and_then(|d| d.get_str(vm.intern(name)));
        found.unwrap_or(Value::NONE)
    };
    let about = |name: Gc<Str>| {
        let search = (sys("path"), sys("meta_path"), sys("path_hooks"));
        [name.value(), Value::NONE, search.0, search.1, search.2]
    };
    vm.audit("import", &about(name))?;
    // The packages that it lies in are imported on the way, innermost first.
    let text = name.to_text();
    let mut rest = text.as_str();
    while let Some((package, _)) = rest.rsplit_once('.') {
        let package_name = vm.new_str(package);
        if loaded(package_name) {
            break;
        }
        vm.audit("import", &about(package_name))?;
        rest = package;
    }
    Ok(())
}

/// Takes the import system's frames off the pending exception's traceback: those that
/// lead to a module's code, and of an ImportError all of them.
fn trim_traceback(vm: &Vm) {
    let Some(e) = vm.pending().and_then(|e| e.cast::<Exception>()) else {
        return;
    };
    let always = vm.raised_is_def(&exc::IMPORT_ERROR);
    let entry = |v: Option<Value>| v.and_then(|t| t.cast::<Traceback>());
    // The entry whose link the current run of such frames hangs on; none is the exception.
    let (mut before_run, mut previous) = (None::<Gc<Traceback>>, None::<Gc<Traceback>>);
    let mut within = false;
    let mut at = entry(e.traceback.get());
    while let Some(tb) = at {
        let code = tb.frame.get().map(|f| f.code);
        let now = code.is_some_and(|c| {
            c.filename
                .get()
                .to_text()
                .starts_with("<frozen importlib._bootstrap")
        });
        if now && !within {
            before_run = previous;
        }
        within = now;
        let next = tb.next.get();
        if now && (always || code.is_some_and(|c| c.name.is_text("_call_with_frames_removed"))) {
            match (before_run, next) {
                (None, Some(next)) => e.traceback.set(&e.header, next),
                (None, None) => e.traceback.clear(),
                (Some(link), Some(next)) => link.next.set(&link.header, next),
                (Some(link), None) => link.next.clear(),
            }
            previous = before_run;
        } else {
            previous = Some(tb);
        }
        at = entry(next);
    }
}

/// Whether a module's import is still under way.
fn is_initializing(vm: &Vm, module: Value) -> Result<bool> {
    let spec = match module.cast::<Module>() {
        Some(m) => m.dict().get_str(vm.names.__spec__.get()),
        None => vm.find_attr(module, vm.names.__spec__.get())?,
    };
    match spec.filter(|s| !s.is_none()) {
        Some(s) => match vm.find_attr(s, vm.intern("_initializing"))? {
            Some(v) => vm.truth(v),
            None => Ok(false),
        },
        None => Ok(false),
    }
}

/// The built-in `__import__`, to see whether it was replaced.
pub fn import_function(vm: &Vm) -> Value {
    vm.builtin_import.get().unwrap_or(Value::NONE)
}

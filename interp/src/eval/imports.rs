//! `import` statements (the language reference, "The import statement").

use taipan_runtime::heap::Gc;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Result, Value, Vm};

/// `IMPORT_NAME`.
pub fn import_name(
    vm: &Vm,
    frame: &Frame,
    name: Gc<Str>,
    level: Value,
    from_list: Value,
) -> Result {
    let name_of_import = vm.names.__import__.get();
    let import = match frame.function.builtins().get_str(name_of_import) {
        Some(import) => Some(import),
        None => vm.find_builtin(frame.function, name_of_import)?,
    };
    let Some(import) = import else {
        return Err(vm.import_error("__import__ not found"));
    };
    if import == crate::modules::import_::import_function(vm)
        && level == Value::small_int(0)
        && from_list.is_none()
        && !name.to_text().contains('.')
        && let Some(found) = loaded(vm, name)
    {
        return Ok(found);
    }
    let locals = frame.locals.unwrap_or(Value::NONE);
    vm.call(
        import,
        &[
            name.value(),
            frame.function.globals().value(),
            locals,
            from_list,
            level,
        ],
    )
}

/// A module that is imported already and not being initialised.
fn loaded(vm: &Vm, name: Gc<Str>) -> Option<Value> {
    let module = vm.modules.get()?.get_str(name)?;
    let dict = module.cast::<Module>()?.dict();
    let spec = dict.get_str(vm.names.__spec__.get())?;
    let initializing =
        taipan_runtime::object::own_attribute(spec.header()?, vm.intern("_initializing"));
    initializing
        .is_none_or(|v| v == Value::FALSE)
        .then_some(module)
}

/// `IMPORT_FROM`.
pub fn import_from(vm: &Vm, module: Value, name: Gc<Str>) -> Result {
    if let Some(v) = vm.find_attr(module, name)? {
        return Ok(v);
    }
    // A circular import: the submodule may be in sys.modules already.
    let package = vm
        .find_attr(module, vm.names.__name__.get())?
        .and_then(|n| n.cast::<Str>());
    if let (Some(package), Some(modules)) = (package, vm.modules.get()) {
        let full = vm.intern(&format!("{package}.{name}"));
        if let Some(v) = modules.get_str(full) {
            return Ok(v);
        }
    }
    Err(cannot_import(vm, module, package, name))
}

#[cold]
fn cannot_import(
    vm: &Vm,
    module: Value,
    package: Option<Gc<Str>>,
    name: Gc<Str>,
) -> taipan_runtime::Raised {
    let package_text = package.map_or("<unknown module name>".to_owned(), |p| p.to_text());
    let spec = vm.find_attr(module, vm.names.__spec__.get()).ok().flatten();
    let spec = spec.filter(|s| !s.is_none());
    let located = spec.and_then(|s| vm.spec_origin(s));
    let shadowing = located.as_deref().is_some_and(|o| vm.may_shadow(o));
    let file = || {
        vm.find_attr(module, vm.names.__file__.get())
            .ok()
            .flatten()
            .and_then(|f| f.cast::<Str>())
            .map(|f| f.to_text())
    };
    let origin = located.or_else(file);
    let initializing = spec.is_some_and(|s| vm.is_initializing_spec(s));
    vm.clear_raised();
    let plain = format!("cannot import name '{name}' from '{package_text}'");
    let text = match &origin {
        Some(origin) if shadowing && vm.is_stdlib_name(&package_text) => format!(
            "{plain} (consider renaming '{origin}' since it has the same name as the standard \
             library module named '{package_text}' and prevents importing that standard library \
             module)"
        ),
        Some(origin) if shadowing && initializing => format!(
            "{plain} (consider renaming '{origin}' if it has the same name as a library you \
             intended to import)"
        ),
        _ => {
            let from = if initializing {
                format!(
                    "cannot import name '{name}' from partially initialized module \
                     '{package_text}' (most likely due to a circular import)"
                )
            } else {
                plain
            };
            match &origin {
                Some(origin) => format!("{from} ({origin})"),
                None if initializing => from,
                None => format!("{from} (unknown location)"),
            }
        }
    };
    let origin = origin.map(|o| vm.new_str(&o));
    let message = vm.new_str(&text).value();
    match vm.new_exception(vm.exception_class(&exc::IMPORT_ERROR), &[message]) {
        Ok(e) => {
            exc::set_field(vm, e, "msg", message);
            exc::set_field(vm, e, "name", package.map_or(Value::NONE, |p| p.value()));
            exc::set_field(vm, e, "path", origin.map_or(Value::NONE, |p| p.value()));
            exc::set_field(vm, e, "name_from", name.value());
            vm.raise(e.value())
        }
        Err(raised) => raised,
    }
}

/// `from module import *`, into the mapping `locals`.
pub fn import_star(vm: &Vm, module: Value, locals: Value) -> Result<()> {
    let all = vm.find_attr(module, vm.names.__all__.get())?;
    let names = match all {
        Some(all) => vm.collect(all)?,
        None => {
            let Some(dict) = vm.find_attr(module, vm.names.__dict__.get())? else {
                return Err(vm.import_error("from-import-* object has no __dict__ and no __all__"));
            };
            let keys = vm.call_method(dict, "keys", &[])?;
            vm.collect(keys)?
        }
    };
    for key in names.iter() {
        let Some(name) = key.cast::<Str>() else {
            let module_name = vm
                .find_attr(module, vm.names.__name__.get())?
                .unwrap_or(Value::NONE);
            let (what, container) = match all {
                Some(_) => ("Item", "__all__"),
                None => ("Key", "__dict__"),
            };
            return Err(vm.type_error(format!(
                "{what} in {}.{container} must be str, not {}",
                vm.str(module_name)?,
                vm.class_of(*key).qualified_name()
            )));
        };
        if all.is_none() && name.to_text().starts_with('_') {
            continue;
        }
        let v = vm.get_attr(module, name)?;
        match locals.cast::<Dict>() {
            Some(d) => d.set(vm, *key, v)?,
            None => vm.set_item(locals, *key, v)?,
        }
    }
    Ok(())
}

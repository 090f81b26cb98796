//! Bringing up the interpreter: `builtins`, `sys`, the import system, the
//! standard streams, `site`.

use crate::modules;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Settings;
use taipan_runtime::{Result, Value, Vm};

/// An interpreter ready to run Python code, apart from `site`.
pub fn start(settings: Settings) -> Option<Box<Vm>> {
    let vm = Vm::new(settings)?;
    vm.set_interpreter(&crate::eval::ENGINE);
    {
        let mut natives = vm.native_modules.borrow_mut();
        for def in modules::MODULES.iter().chain(taipan_modules::MODULES) {
            natives.insert(def.name, def);
        }
    }
    Some(vm)
}

/// Sets up modules and the import system; an exception is left pending.
pub fn initialize(vm: &Vm) -> Result<()> {
    let all = vm.new_dict();
    vm.modules.set(Some(all));
    let builtins = bare_module(vm, &modules::builtins::BUILTINS)?;
    vm.builtins.set(Some(builtins.dict()));
    vm.fill_module(builtins, &modules::builtins::BUILTINS)?;
    let sys = bare_module(vm, &modules::sys::SYS)?;
    vm.sys_dict.set(Some(sys.dict()));
    vm.fill_module(sys, &modules::sys::SYS)?;
    sys.set(vm, "modules", all);
    for (name, m) in [("builtins", builtins), ("sys", sys)] {
        all.set_str(vm, vm.intern(name), m.value());
    }
    let list = |vm: &Vm| -> Result { Ok(vm.new_list(&[])?.value()) };
    for name in ["path", "meta_path", "path_hooks"] {
        sys.set(vm, name, list(vm)?);
    }
    sys.set(vm, "path_importer_cache", vm.new_dict());
    sys.set(vm, "warnoptions", list(vm)?);
    for name in ["stdin", "stdout", "stderr"] {
        sys.set(vm, name, Value::NONE);
    }
    apply_options(vm);
    let frames = vm.settings.borrow().tracemalloc;
    if frames != 0 {
        taipan_modules::tracemalloc::start_tracing(vm, frames)?;
    }
    // The import library names these while it comes up.
    sys.set(vm, "flags", Value::NONE);

    let importlib = run_frozen(vm, "_frozen_importlib", "importlib._bootstrap")?;
    vm.importlib.set(Some(importlib));
    let imp = vm.module_from_def(&modules::imp::IMP)?;
    all.set_str(vm, vm.intern("_imp"), imp.value());
    let sequences = vm.module_from_def(&taipan_modules::sequences::MODULE)?;
    all.set_str(vm, vm.intern("_taipan_sequences"), sequences.value());
    let structs = run_frozen(vm, "_taipan_structs", "_taipan_structs")?;
    let _ = structs;
    modules::sys::fill(vm, sys)?;
    vm.call_method(importlib, "_install", &[sys.value(), imp.value()])?;
    vm.call_method(importlib, "_install_external_importers", &[])?;
    let support = vm.import("_taipan_startup")?;
    vm.call_method(support, "run", &[])?;
    taipan_modules::signal::set_up(vm)?;
    crate::pages::release_file_pages();
    Ok(())
}

fn bare_module(vm: &Vm, def: &'static taipan_runtime::object::ModuleDef) -> Result<Gc<Module>> {
    let doc = vm.new_str(def.doc).value();
    let module = vm.new_module(vm.intern(def.name), doc, vm.shapes.module.get());
    module.def.set(Some(def));
    Ok(module)
}

/// Runs an embedded module without the import system and enters it in `sys.modules`.
fn run_frozen(vm: &Vm, name: &str, file: &str) -> Result {
    let Some(frozen) = crate::frozen::find(file) else {
        return Err(vm.import_error(format!("the embedded library lacks {file}")));
    };
    let code = modules::imp::load_frozen(vm, &frozen)?;
    let module = vm.new_module(vm.intern(name), Value::NONE, vm.shapes.module.get());
    if let Some(all) = vm.modules.get() {
        all.set_str(vm, vm.intern(name), module.value());
    }
    module
        .dict()
        .set_str(vm, vm.names.__builtins__.get(), vm.builtins_dict().value());
    module.set(vm, "__origname__", vm.intern(file));
    let function = vm.new_function(code, module.dict());
    vm.interpreter()
        .run_code(vm, function, module.dict().value())?;
    Ok(module.value())
}

/// `-X gcstress` and `-X maxheap=SIZE`.
fn apply_options(vm: &Vm) {
    for (name, value) in &vm.settings.borrow().x_options {
        match (name.as_str(), value) {
            ("gcstress", _) => vm.heap.set_stress(true),
            ("maxheap", Some(size)) => {
                if let Some(bytes) = parse_size(size) {
                    vm.heap.set_max_heap(bytes);
                }
            }
            _ => {}
        }
    }
}

/// A size in bytes, or with K, M or G behind.
fn parse_size(text: &str) -> Option<usize> {
    let (digits, shift) = match text.chars().last()? {
        'k' | 'K' => (&text[..text.len() - 1], 10),
        'm' | 'M' => (&text[..text.len() - 1], 20),
        'g' | 'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<usize>().ok()?.checked_shl(shift)
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes_take_a_unit() {
        assert_eq!(parse_size("64M"), Some(64 << 20));
        assert_eq!(parse_size("4096"), Some(4096));
        assert_eq!(parse_size("lots"), None);
    }
}

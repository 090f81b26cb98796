//! What several modules share.

use taipan_runtime::heap::Gc;
use taipan_runtime::object::Class;
use taipan_runtime::vm::{Result, Vm};

/// The class's name with its module, unless that is `builtins` or `__main__`.
pub fn full_name(vm: &Vm, class: Gc<Class>) -> Result<String> {
    let qualname = vm.str_text(vm.get_attr(class.value(), vm.names.__qualname__.get())?)?;
    let module = vm.get_attr(class.value(), vm.names.__module__.get())?;
    let module = vm.str_text(module)?;
    Ok(match module.as_str() {
        "builtins" | "__main__" => qualname,
        module => format!("{module}.{qualname}"),
    })
}

/// As [`full_name`] with `__main__` too: what C's `%T` writes.
pub fn full_name_with_main(vm: &Vm, class: Gc<Class>) -> Result<String> {
    let name = full_name(vm, class)?;
    let module = vm.get_attr(class.value(), vm.names.__module__.get())?;
    Ok(if vm.str_text(module)? == "__main__" {
        format!("__main__.{name}")
    } else {
        name
    })
}

/// Lets signal handlers run in the midst of long native work.
///
/// # Errors
/// What a handler raises.
pub fn check_signals(vm: &Vm) -> Result<()> {
    vm.interpreter().check_signals(vm)
}

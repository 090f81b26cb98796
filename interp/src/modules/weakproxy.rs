//! `weakref.proxy`: the types are Python's, see `_taipan_weakproxy`.

use taipan_runtime::heap::Gc;
use taipan_runtime::types::module::Module;
use taipan_runtime::{Result, Value, Vm};

pub(super) fn proxy(vm: &Vm, args: &[Value]) -> Result {
    let make = vm.import_attr("_taipan_weakproxy", "proxy")?;
    vm.call(make, &[args[0], args[1].given().unwrap_or(Value::NONE)])
}

/// Binds the types on first use.
pub(super) fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(
        vm,
        "__getattr__",
        vm.new_native(&GETATTR, Some(module.value()), None),
    );
    Ok(())
}

fn missing(vm: &Vm, args: &[Value]) -> Result {
    let source = vm.import("_taipan_weakproxy")?;
    let name = taipan_runtime::types::object::attribute_name(vm, args[0])?;
    vm.get_attr(source, name)
}

static GETATTR: taipan_runtime::object::MethodDef =
    taipan_runtime::object::MethodDef::new("__getattr__", "(name, /)", "", missing);

//! The module `atexit`: functions to call when the program ends, kept in a list
//! in the module's namespace.

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

const CALLBACKS: &str = "_callbacks";

fn callbacks(vm: &Vm) -> Result<Gc<List>> {
    let list = vm.import_attr("atexit", CALLBACKS)?;
    list.cast()
        .ok_or_else(|| vm.runtime_error("atexit's list is gone"))
}

fn register(vm: &Vm, args: &[Value]) -> Result {
    if !vm.is_callable(args[0]) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let entry = vm.new_tuple(args)?.value();
    callbacks(vm)?.push(vm, entry)?;
    Ok(args[0])
}

fn run(vm: &Vm, _: &[Value]) -> Result {
    let list = callbacks(vm)?;
    while let Some(entry) = list.pop() {
        let Some(entry) = entry.cast::<Tuple>() else {
            continue;
        };
        let args = vm.tuple_of(entry.get(1))?;
        let keywords = entry.get(2).cast::<Dict>();
        if vm
            .call_dict(entry.get(0), args.as_slice(), keywords)
            .is_err()
        {
            vm.report_unraisable("Exception ignored in atexit callback", entry.get(0));
        }
    }
    Ok(Value::NONE)
}

fn unregister(vm: &Vm, args: &[Value]) -> Result {
    let list = callbacks(vm)?;
    let mut kept = vm.rooted();
    let all = vm.rooted_slice(list.as_slice());
    for entry in all.iter() {
        if let Some(t) = entry.cast::<Tuple>()
            && vm.equal_identity(t.get(0), args[0])?
        {
            continue;
        }
        kept.push(*entry);
    }
    list.replace_all(vm, &kept)?;
    Ok(Value::NONE)
}

/// The module.
pub static ATEXIT: ModuleDef = ModuleDef {
    name: "atexit",
    doc: "allow programmer to define multiple exit functions to be executed\nupon normal program termination.\n\nTwo public functions, register and unregister, are defined.\n",
    functions: &[
        MethodDef::new(
            "register",
            "(func, /, *args, **kwargs)",
            "Register a function to be executed upon normal program termination\n\n    func - function to be called at exit\n    args - optional arguments to pass to func\n    kwargs - optional keyword arguments to pass to func\n\n    func is returned to facilitate usage as a decorator.",
            register,
        ),
        MethodDef::new(
            "unregister",
            "(func, /)",
            "Unregister an exit function which was previously registered using\natexit.register\n\n    func - function to be unregistered",
            unregister,
        ),
        MethodDef::new(
            "_run_exitfuncs",
            "()",
            "Run all registered exit functions.\n\nIf a callback raises an exception, it is logged with sys.unraisablehook.",
            run,
        ),
        MethodDef::new(
            "_clear",
            "()",
            "Clear the list of previously registered exit functions.",
            |vm, _| {
                callbacks(vm)?.clear();
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "_ncallbacks",
            "()",
            "Return the number of registered exit functions.",
            |vm, _| Ok(vm.new_int(callbacks(vm)?.len() as i64)),
        ),
    ],
    types: &[],
    exec: Some(|vm, module| {
        module.set(vm, CALLBACKS, vm.new_list(&[])?);
        Ok(())
    }),
};

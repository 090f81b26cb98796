//! What the Python forms of `sorted` and `list.sort` leave to native code (`lib/_taipan_consumers.py`).

use taipan_runtime::heap::Gc;
use taipan_runtime::object::MethodDef;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::sort::{give_items_back, sort_list_by, take_items};
use taipan_runtime::types::protocol::this;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

fn sort_by(vm: &Vm, args: &[Value]) -> Result {
    let reverse = vm.truth(args[2])?;
    sort_list_by(vm, this(args[0]), this(args[1]), reverse)?;
    Ok(args[0])
}

fn take(vm: &Vm, args: &[Value]) -> Result {
    take_items(vm, this(args[0])).map(Gc::value)
}

fn restore(_: &Vm, args: &[Value]) -> Result {
    give_items_back(this(args[0]), this(args[1]));
    Ok(Value::NONE)
}

fn sort_taken(vm: &Vm, args: &[Value]) -> Result {
    let reverse = vm.truth(args[3])?;
    let sorted = sort_list_by(vm, this(args[1]), this(args[2]), reverse);
    let modified = give_items_back(this(args[0]), this(args[1]));
    sorted?;
    if modified {
        return Err(vm.value_error("list modified during sort"));
    }
    Ok(Value::NONE)
}

/// Called with lists only.
static FUNCTIONS: [MethodDef; 4] = [
    MethodDef::new("_sort_by", "(values, keys, reverse, /)", "", sort_by),
    MethodDef::new("_take", "(target, /)", "", take),
    MethodDef::new("_restore", "(target, values, /)", "", restore),
    MethodDef::new(
        "_sort_taken",
        "(target, values, keys, reverse, /)",
        "",
        sort_taken,
    ),
];

/// Adds the functions to a namespace.
pub fn add_to(vm: &Vm, namespace: Gc<Dict>) {
    for def in &FUNCTIONS {
        let f = vm.new_native(def, None, None);
        namespace.set_str(vm, vm.intern(def.name), f.value());
    }
}

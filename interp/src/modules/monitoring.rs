//! The module `sys.monitoring`: what tools ask for. `crate::monitoring` tells them.

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::{Event, TOOLS};
use taipan_runtime::{Result, Value, Vm};

/// `BRANCH`, which stands for both of its directions.
const BRANCH: u32 = 1 << 18;
const BRANCHES: u32 = Event::BranchLeft.bit() | Event::BranchRight.bit();
const RESULTS: u32 = Event::CReturn.bit() | Event::CRaise.bit();

/// The number of a tool.
fn tool_id(vm: &Vm, v: Value) -> Result<usize> {
    let id = vm.to_i64(v)?;
    match usize::try_from(id).ok().filter(|id| *id < TOOLS) {
        Some(id) => Ok(id),
        None => Err(vm.value_error(format!(
            "invalid tool {id} (must be between 0 and {})",
            TOOLS - 1
        ))),
    }
}

/// The number of a tool in use.
fn used_tool(vm: &Vm, v: Value) -> Result<usize> {
    let id = tool_id(vm, v)?;
    if vm.monitoring.name(id).is_none() {
        return Err(vm.value_error(format!("tool {id} is not in use")));
    }
    Ok(id)
}

fn code_arg(vm: &Vm, v: Value) -> Result<Gc<CodeObject>> {
    v.cast()
        .ok_or_else(|| vm.type_error("code must be a code object"))
}

fn use_tool_id(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    if args[1].cast::<Str>().is_none() {
        return Err(vm.value_error("tool name must be a str"));
    }
    if vm.monitoring.name(id).is_some() {
        return Err(vm.value_error(format!("tool {id} is already in use")));
    }
    vm.monitoring.set_name(id, Some(args[1]));
    Ok(Value::NONE)
}

fn clear_tool_id(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    vm.clear_monitoring(id);
    Ok(Value::NONE)
}

fn free_tool_id(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    vm.clear_monitoring(id);
    vm.monitoring.set_name(id, None);
    Ok(Value::NONE)
}

fn get_tool(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    Ok(vm.monitoring.name(id).unwrap_or(Value::NONE))
}

fn register_callback(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    let event = vm.to_i64(args[1])?;
    if event <= 0 || event & (event - 1) != 0 {
        return Err(vm.value_error("The callback can only be set for one event at a time"));
    }
    vm.audit("sys.monitoring.register_callback", &[args[2]])?;
    let f = Some(args[2]).filter(|f| !f.is_none());
    if event == BRANCH.into() {
        vm.monitoring
            .set_callback(id, Event::BranchRight as usize, f);
        let old = vm
            .monitoring
            .set_callback(id, Event::BranchLeft as usize, f);
        return Ok(old.unwrap_or(Value::NONE));
    }
    let number = event.trailing_zeros() as usize;
    if number >= Event::COUNT {
        return Err(vm.value_error(format!("invalid event {event}")));
    }
    let old = vm.monitoring.set_callback(id, number, f);
    Ok(old.unwrap_or(Value::NONE))
}

/// A set of events, as its parts are stored.
fn event_set(vm: &Vm, v: Value, limit: u32, what: &str) -> Result<u32> {
    let given = vm.to_i64(v)?;
    let Ok(given) = i32::try_from(given) else {
        return Err(vm.overflow_error("Python int too large to convert to C int"));
    };
    let mut events = given as u32;
    if events & BRANCH != 0 && given > 0 {
        events = events & !BRANCH | BRANCHES;
    }
    if given < 0 || events >= 1 << Event::COUNT {
        return Err(vm.value_error(format!("invalid {what} 0x{given:x}")));
    }
    let calls = RESULTS | Event::Call.bit();
    if events & RESULTS != 0 && events & calls != calls {
        return Err(vm.value_error("cannot set C_RETURN or C_RAISE events independently"));
    }
    events &= !RESULTS;
    if events >= limit {
        return Err(vm.value_error(format!("invalid {what} 0x{events:x}")));
    }
    Ok(events)
}

fn set_events(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    let events = event_set(vm, args[1], 1 << Event::COUNT, "event set")?;
    let id = used_tool(vm, vm.new_int(id as i64))?;
    vm.set_monitoring(id, None, events);
    Ok(Value::NONE)
}

fn get_events(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    Ok(vm.new_int(vm.monitoring.events(id).into()))
}

fn set_local_events(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    let code = code_arg(vm, args[1])?;
    let events = event_set(vm, args[2], Event::LOCAL, "local event set")?;
    let id = used_tool(vm, vm.new_int(id as i64))?;
    vm.set_monitoring(id, Some(code), events);
    Ok(Value::NONE)
}

fn get_local_events(vm: &Vm, args: &[Value]) -> Result {
    let id = tool_id(vm, args[0])?;
    let code = code_arg(vm, args[1])?;
    Ok(vm.new_int(vm.monitoring.local_events(id, code).into()))
}

fn restart_events(vm: &Vm, _: &[Value]) -> Result {
    vm.monitoring.restart();
    Ok(Value::NONE)
}

fn all_events(vm: &Vm, _: &[Value]) -> Result {
    let dict = vm.new_dict();
    for (name, tools) in vm.monitoring.all_events() {
        dict.set_str(vm, vm.intern(name), vm.new_int(tools.into()));
    }
    Ok(dict.value())
}

/// `sys.monitoring`.
pub static MONITORING: ModuleDef = ModuleDef {
    name: "sys.monitoring",
    doc: "",
    functions: &[
        MethodDef::new("use_tool_id", "(tool_id, name, /)", "", use_tool_id),
        MethodDef::new("clear_tool_id", "(tool_id, /)", "", clear_tool_id),
        MethodDef::new("free_tool_id", "(tool_id, /)", "", free_tool_id),
        MethodDef::new("get_tool", "(tool_id, /)", "", get_tool),
        MethodDef::new(
            "register_callback",
            "(tool_id, event, func, /)",
            "",
            register_callback,
        ),
        MethodDef::new("set_events", "(tool_id, event_set, /)", "", set_events),
        MethodDef::new("get_events", "(tool_id, /)", "", get_events),
        MethodDef::new(
            "set_local_events",
            "(tool_id, code, event_set, /)",
            "",
            set_local_events,
        ),
        MethodDef::new(
            "get_local_events",
            "(tool_id, code, /)",
            "",
            get_local_events,
        ),
        MethodDef::new("restart_events", "()", "", restart_events),
        MethodDef::new("_all_events", "()", "", all_events),
    ],
    types: &[],
    exec: Some(fill),
};

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    let object = vm.types.object.get().value();
    for name in ["DISABLE", "MISSING"] {
        module.set(vm, name, vm.call(object, &[])?);
    }
    for (name, id) in [
        ("DEBUGGER_ID", 0),
        ("COVERAGE_ID", 1),
        ("PROFILER_ID", 2),
        ("OPTIMIZER_ID", 5),
    ] {
        module.set(vm, name, vm.new_int(id));
    }
    let namespace = vm.import_attr("_taipan_structs", "SimpleNamespace")?;
    let events = vm.call(namespace, &[])?;
    let names = Event::NAMES.iter().copied().enumerate();
    for (i, name) in names.chain([(18, "BRANCH")]) {
        vm.set_attr(events, vm.intern(name), Some(vm.new_int(1 << i)))?;
    }
    vm.set_attr(events, vm.intern("NO_EVENTS"), Some(vm.new_int(0)))?;
    module.set(vm, "events", events);
    Ok(())
}

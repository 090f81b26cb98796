//! Names: globals, built-ins, class bodies and modules, unbound variables.

use std::cell::Cell;
use taipan_bytecode::opcode::Op;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::cell::CellObject;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Raised, Result, Value, Vm};

/// Sets a `LOAD_GLOBAL` back to its generic form.
#[cold]
pub fn despecialize(here: *const Cell<u32>) {
    // SAFETY: `here` is the instruction.
    unsafe { (*here).set((*here).get() & !0xFF | Op::LOAD_GLOBAL as u32) };
}

/// `LOAD_GLOBAL`: finds the name and specialises the instruction.
pub fn load_global(vm: &Vm, frame: &Frame, here: *const Cell<u32>, arg: usize) -> Result {
    let name = frame.code.name_at(arg >> 1);
    let globals = frame.function.globals();
    if globals.class() != vm.types.dict.get() {
        // A subclass may define `__missing__` (`annotationlib` relies on it).
        return global_or_builtin(vm, frame, name);
    }
    let hash = name.hash(vm);
    let cache = |i: usize, v: u32| {
        // SAFETY: LOAD_GLOBAL has four units of cache.
        unsafe { (*here.add(i)).set(v) };
    };
    let become_ = |op: Op| {
        // SAFETY: `here` is the instruction.
        unsafe { (*here).set((*here).get() & !0xFF | op as u32) };
    };
    if let Some(index) = globals.find_str_hashed(name, hash) {
        cache(2, globals.version_with_name(vm));
        cache(3, index as u32);
        become_(Op::LOAD_GLOBAL_MODULE);
        if let Some(v) = globals.value_at(index) {
            return Ok(v);
        }
    }
    let builtins = frame.function.builtins();
    if let Some(index) = builtins.find_str_hashed(name, hash)
        && let Some(v) = builtins.value_at(index)
    {
        cache(2, globals.version_without(vm, name));
        cache(3, index as u32);
        cache(4, builtins.version_with_name(vm));
        become_(Op::LOAD_GLOBAL_BUILTIN);
        return Ok(v);
    }
    // Keys that are not strings may equal the name, and built-ins may be in any mapping.
    global_or_builtin(vm, frame, name)
}

#[cold]
fn undefined(vm: &Vm, name: Gc<Str>) -> Raised {
    vm.name_error_about(
        &exc::NAME_ERROR,
        &format!("name '{name}' is not defined"),
        name.value(),
    )
}

/// `DELETE_GLOBAL`.
pub fn delete_global(vm: &Vm, frame: &Frame, arg: usize) -> Result<()> {
    let name = frame.code.name_at(arg);
    match frame.function.globals().remove_str(name) {
        Some(_) => Ok(()),
        None => Err(undefined(vm, name)),
    }
}

/// The name in a mapping, `None` if it is not there.
fn in_mapping(vm: &Vm, mapping: Value, name: Gc<Str>) -> Result<Option<Value>> {
    if let Some(dict) = mapping.cast::<Dict>()
        && dict.class() == vm.types.dict.get()
    {
        return dict.get(vm, name.value());
    }
    let found = vm.get_item(mapping, name.value());
    vm.catch(found, &exc::KEY_ERROR)
}

fn global_or_builtin(vm: &Vm, frame: &Frame, name: Gc<Str>) -> Result {
    let function = frame.function;
    if let Some(v) = in_mapping(vm, function.globals().value(), name)? {
        return Ok(v);
    }
    match vm.find_builtin(function, name)? {
        Some(v) => Ok(v),
        None => Err(undefined(vm, name)),
    }
}

/// An exact dictionary.
fn exact_dict(vm: &Vm, v: Value) -> Option<Gc<Dict>> {
    v.cast::<Dict>()
        .filter(|d| d.class() == vm.types.dict.get())
}

/// `LOAD_NAME`. The instruction remembers where in the namespace it found the name or, in
/// module code, with which keys it did not and where in the built-ins it did.
pub fn load_name(vm: &Vm, frame: &Frame, here: *const Cell<u32>, arg: usize) -> Result {
    let name = frame.code.name_at(arg);
    // SAFETY: LOAD_NAME has four units of cache.
    let cache = |i: usize| unsafe { &*here.add(i) };
    if let Some(locals) = frame.locals.and_then(|l| exact_dict(vm, l)) {
        if let Some(v) = locals.value_if_key(cache(3).get() as usize, name.value()) {
            return Ok(v);
        }
        let builtins = frame.function.builtins();
        let absent = cache(2).get();
        if absent != 0
            && locals.current_version() == absent
            && let Some(v) = builtins.value_if_key(cache(4).get() as usize, name.value())
        {
            return Ok(v);
        }
        let hash = name.hash(vm);
        if let Some(index) = locals.find_str_hashed(name, hash) {
            cache(3).set(index as u32);
        } else if locals == frame.function.globals()
            && let Some(index) = builtins.find_str_hashed(name, hash)
        {
            cache(2).set(locals.version_without(vm, name));
            cache(4).set(index as u32);
        }
    }
    if let Some(locals) = frame.locals
        && let Some(v) = in_mapping(vm, locals, name)?
    {
        return Ok(v);
    }
    global_or_builtin(vm, frame, name)
}

/// `LOAD_FROM_DICT_OR_GLOBALS`.
pub fn load_from_mapping_or_globals(vm: &Vm, frame: &Frame, mapping: Value, arg: usize) -> Result {
    let name = frame.code.name_at(arg);
    match in_mapping(vm, mapping, name)? {
        Some(v) => Ok(v),
        None => global_or_builtin(vm, frame, name),
    }
}

/// `LOAD_FROM_DICT_OR_DEREF`.
pub fn load_from_mapping_or_deref(vm: &Vm, frame: &Frame, mapping: Value, slot: usize) -> Result {
    let name = frame.code.local_name(slot);
    if let Some(v) = in_mapping(vm, mapping, name)? {
        return Ok(v);
    }
    match frame
        .slot(slot)
        .and_then(|c| c.cast::<CellObject>())
        .and_then(|c| c.get())
    {
        Some(v) => Ok(v),
        None => Err(unbound_deref(vm, frame, slot)),
    }
}

/// `STORE_NAME`.
pub fn store_name(
    vm: &Vm,
    frame: &Frame,
    here: *const Cell<u32>,
    arg: usize,
    value: Value,
) -> Result<()> {
    let name = frame.code.name_at(arg);
    let Some(locals) = frame.locals else {
        return frame.function.globals().set(vm, name.value(), value);
    };
    let Some(dict) = exact_dict(vm, locals) else {
        return vm.set_item(locals, name.value(), value);
    };
    // SAFETY: STORE_NAME has a unit of cache.
    set_remembered(vm, dict, name, unsafe { &*here.add(1) }, value)
}

/// `STORE_GLOBAL`.
pub fn store_global(
    vm: &Vm,
    frame: &Frame,
    here: *const Cell<u32>,
    arg: usize,
    value: Value,
) -> Result<()> {
    let (globals, name) = (frame.function.globals(), frame.code.name_at(arg));
    // SAFETY: STORE_GLOBAL has four units of cache.
    set_remembered(vm, globals, name, unsafe { &*here.add(3) }, value)
}

/// Sets the value of a name, whose place in the namespace the instruction remembers.
fn set_remembered(
    vm: &Vm,
    dict: Gc<Dict>,
    name: Gc<Str>,
    place: &Cell<u32>,
    value: Value,
) -> Result<()> {
    let at = place.get() as usize;
    if dict.value_if_key(at, name.value()).is_some() {
        dict.set_value_at(at, value);
        return Ok(());
    }
    dict.set(vm, name.value(), value)?;
    if let Some(index) = dict.find_str_hashed(name, name.hash(vm)) {
        place.set(index as u32);
    }
    Ok(())
}

/// `DELETE_NAME`.
pub fn delete_name(vm: &Vm, frame: &Frame, arg: usize) -> Result<()> {
    let name = frame.code.name_at(arg);
    let locals = locals_mapping(frame);
    let deleted = vm.delete_item(locals, name.value());
    match vm.catch(deleted, &exc::KEY_ERROR)? {
        Some(()) => Ok(()),
        None => Err(undefined(vm, name)),
    }
}

/// `LOAD_LOCALS`. A function made of code that is no function's has the globals.
pub fn locals_mapping(frame: &Frame) -> Value {
    frame
        .locals
        .unwrap_or_else(|| frame.function.globals().value())
}

/// Raises UnboundLocalError for a fast local.
#[cold]
pub fn unbound_local(vm: &Vm, frame: &Frame, slot: usize) -> Raised {
    let name = frame.code.local_name(slot);
    vm.name_error_about(
        &exc::UNBOUND_LOCAL_ERROR,
        &format!("cannot access local variable '{name}' where it is not associated with a value"),
        name.value(),
    )
}

/// Raises NameError or UnboundLocalError for an empty cell.
#[cold]
pub fn unbound_deref(vm: &Vm, frame: &Frame, slot: usize) -> Raised {
    if !frame.code.local_kinds[slot].is_free() {
        return unbound_local(vm, frame, slot);
    }
    let name = frame.code.local_name(slot);
    vm.name_error_about(
        &exc::NAME_ERROR,
        &format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope"),
        name.value(),
    )
}

/// `LOAD_BUILD_CLASS`.
pub fn build_class_function(vm: &Vm, frame: &Frame) -> Result {
    match vm.find_builtin(frame.function, vm.names.__build_class__.get())? {
        Some(v) => Ok(v),
        None => Err(vm.name_error("__build_class__ not found")),
    }
}

/// `LOAD_COMMON_CONSTANT`.
pub fn common_constant(vm: &Vm, arg: usize) -> Value {
    match arg {
        0 => vm.exception_class(&exc::ASSERTION_ERROR).value(),
        1 => vm.exception_class(&exc::NOT_IMPLEMENTED_ERROR).value(),
        2 => vm.types.tuple.get().value(),
        3 => vm.builtin_all.get().unwrap_or(Value::NONE),
        _ => vm.builtin_any.get().unwrap_or(Value::NONE),
    }
}

/// `SETUP_ANNOTATIONS`.
pub fn setup_annotations(vm: &Vm, frame: &Frame) -> Result<()> {
    let locals = locals_mapping(frame);
    let name = vm.names.__annotations__.get();
    if in_mapping(vm, locals, name)?.is_none() {
        vm.set_item(locals, name.value(), vm.new_dict().value())?;
    }
    Ok(())
}

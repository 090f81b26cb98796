//! `_taipan_jit`, which `taipan.jit` is made of, and `sys._jit`.

use taipan_jit::Jit;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Result, Value, Vm};

fn enter(vm: &Vm, dict: Gc<Dict>, key: &str, v: Value) {
    dict.set_str(vm, vm.intern(key), v);
}

fn stats(vm: &Vm, _: &[Value]) -> Result {
    let dict = vm.new_dict();
    if let Some(jit) = Jit::of(vm) {
        let s = jit.stats.borrow().clone();
        for (key, n) in [
            ("recordings", s.recordings),
            ("aborts", s.aborts),
            ("loops", s.loops),
            ("bridges", s.bridges),
            ("sides", s.sides),
            ("compilations", s.compiled),
            ("code_bytes", s.code_bytes as u64),
            ("instructions", s.instructions as u64),
        ] {
            enter(vm, dict, key, vm.new_uint(n));
        }
        enter(
            vm,
            dict,
            "compile_seconds",
            Value::float(s.compile_time.as_secs_f64()),
        );
        let reasons = vm.new_dict();
        for (why, n) in &s.reasons {
            reasons.set(vm, vm.new_str(why).value(), vm.new_uint(*n))?;
        }
        enter(vm, dict, "abort_reasons", reasons.value());
    }
    Ok(dict.value())
}

fn loops(vm: &Vm, _: &[Value]) -> Result {
    let list = vm.new_list(&[])?;
    for info in Jit::of(vm).map(Jit::loops).unwrap_or_default() {
        let dict = vm.new_dict();
        list.push(vm, dict.value())?;
        for (key, text) in [
            ("function", &info.function),
            ("filename", &info.filename),
            ("ir", &info.ir),
        ] {
            enter(vm, dict, key, vm.new_str(text).value());
        }
        for (key, n) in [
            ("line", info.line.into()),
            ("entered", info.entered),
            ("misfits", info.misfits.into()),
            ("bridges", info.bridges as u64),
            ("code_bytes", info.code_bytes as u64),
        ] {
            enter(vm, dict, key, vm.new_uint(n));
        }
        let exits = vm.new_dict();
        for (guard, count) in &info.exits {
            exits.set(vm, vm.new_str(guard).value(), vm.new_uint((*count).into()))?;
        }
        enter(vm, dict, "exits", exits.value());
    }
    Ok(list.value())
}

fn set_param(vm: &Vm, args: &[Value]) -> Result {
    let Some(name) = args[0].cast::<Str>() else {
        return Err(vm.type_error("parameter name must be a string"));
    };
    let value = vm.to_i64(args[1])?;
    let Ok(value) = u32::try_from(value) else {
        return Err(vm.value_error("parameter out of range"));
    };
    if let Some(jit) = Jit::of(vm) {
        if let Err(why) = jit.params.borrow_mut().set(&name.to_text(), value) {
            return Err(vm.value_error(why));
        }
        vm.jit_threshold.set(jit.params.borrow().threshold);
        vm.jit_call_threshold
            .set(jit.params.borrow().call_threshold);
    }
    Ok(Value::NONE)
}

fn is_available(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::bool(taipan_jit::is_available()))
}

fn is_enabled(vm: &Vm, _: &[Value]) -> Result {
    Ok(Value::bool(Jit::of(vm).is_some()))
}

/// The frame that asks runs native code, which is never the compiled kind.
fn is_active(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::FALSE)
}

const IS_ENABLED: MethodDef = MethodDef::new(
    "is_enabled",
    "()",
    "Return True if JIT compilation is enabled for the current Python process (implies sys._jit.is_available()), and False otherwise.",
    is_enabled,
);

/// The native part of `taipan.jit`.
pub static JIT: ModuleDef = ModuleDef {
    name: "_taipan_jit",
    doc: "What the JIT does, and its parameters.",
    functions: &[
        IS_ENABLED,
        MethodDef::new(
            "loops",
            "()",
            "Return what is known of each compiled loop: place, size, exits by guard, representation.",
            loops,
        ),
        MethodDef::new(
            "set_param",
            "(name, value, /)",
            "Set a parameter: threshold, bridge_threshold, attempts, max_bridges, merge_size, helper_thread, unlimited.",
            set_param,
        ),
        MethodDef::new("stats", "()", "Return counts since the start.", stats),
    ],
    types: &[],
    exec: None,
};

/// `sys._jit`, as CPython 3.14 has it.
pub static SYS_JIT: ModuleDef = ModuleDef {
    name: "sys._jit",
    doc: "Utilities for observing just-in-time compilation.",
    functions: &[
        MethodDef::new(
            "is_available",
            "()",
            "Return True if the current Python executable supports JIT compilation, and False otherwise.",
            is_available,
        ),
        IS_ENABLED,
        MethodDef::new(
            "is_active",
            "()",
            "Return True if the topmost Python frame is currently executing JIT code (implies sys._jit.is_enabled()), and False otherwise.",
            is_active,
        ),
    ],
    types: &[],
    exec: None,
};

//! The module `gc`.

use std::collections::HashSet;
use taipan_runtime::heap::{Gc, Generation, Header};
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, Special};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

fn collect(vm: &Vm, args: &[Value]) -> Result {
    let generation = args[0].given().map_or(Ok(2), |g| vm.to_i64(g))?;
    if !(0..=2).contains(&generation) {
        return Err(vm.value_error("invalid generation"));
    }
    callbacks(vm, "start", generation, 0)?;
    let which = if generation == 0 {
        Generation::Young
    } else {
        Generation::All
    };
    let mut found = vm.heap.collect_cycles(which, tracked);
    crate::safepoint::run_finalizers(vm);
    if which == Generation::All {
        // What finalisers let go of dies in the same call, as in CPython.
        found += vm.heap.collect_cycles(which, tracked);
        crate::safepoint::run_finalizers(vm);
    }
    callbacks(vm, "stop", generation, found)?;
    Ok(vm.new_int(found as i64))
}

fn callbacks(vm: &Vm, phase: &str, generation: i64, collected: usize) -> Result<()> {
    let Some(module) = vm.modules.get().and_then(|m| m.get_str(vm.intern("gc"))) else {
        return Ok(());
    };
    let list = vm.get_attr_str(module, "callbacks")?;
    let items = vm.collect(list)?;
    if items.is_empty() {
        return Ok(());
    }
    let info = vm.new_dict();
    for (k, v) in [
        ("generation", generation),
        ("collected", collected as i64),
        ("uncollectable", 0),
    ] {
        info.set_str(vm, vm.intern(k), vm.new_int(v));
    }
    for f in items.iter() {
        if vm
            .call(*f, &[vm.new_str(phase).value(), info.value()])
            .is_err()
        {
            vm.report_unraisable("Exception ignored while calling GC callback", *f);
        }
    }
    Ok(())
}

fn enable(vm: &Vm, _: &[Value]) -> Result {
    vm.heap.set_enabled(true);
    Ok(Value::NONE)
}

fn disable(vm: &Vm, _: &[Value]) -> Result {
    vm.heap.set_enabled(false);
    Ok(Value::NONE)
}

fn isenabled(vm: &Vm, _: &[Value]) -> Result {
    Ok(Value::bool(vm.heap.is_enabled()))
}

fn get_objects(vm: &Vm, args: &[Value]) -> Result {
    let generation = match args[0].given().filter(|g| !g.is_none()) {
        None => 2,
        Some(g) if vm.class_of(g).special(Special::Index).is_none() && g.as_int_ref().is_none() => {
            return Err(vm.type_error(format!(
                "argument should be integer or None, not '{}'",
                vm.class_of(g).qualified_name()
            )));
        }
        Some(g) => vm.to_i64(g)?,
    };
    if generation < 0 {
        return Err(vm.value_error("generation parameter cannot be negative"));
    }
    if generation > 2 {
        return Err(vm.value_error(
            "generation parameter must be less than the number of available generations (3)",
        ));
    }
    let asked = args[0].given_not_none().unwrap_or(Value::small_int(-1));
    vm.audit("gc.get_objects", &[asked])?;
    // Whatever a full collection leaves is old, and so in the last generation.
    let whole = generation == 2;
    let mut objects = visible(vm, vm.heap.objects());
    let frozen: HashSet<Value> = vm.heap.frozen().into_iter().collect();
    objects.retain(|v| whole && v.header().is_some_and(tracked) && !frozen.contains(v));
    let objects = vm.rooted_from(objects);
    Ok(vm.new_list(&objects)?.value())
}

/// Leaves out the parts of objects that Python code never sees.
fn visible(vm: &Vm, objects: Vec<Value>) -> Vec<Value> {
    objects
        .into_iter()
        .filter(|v| !vm.is_kind(*v, taipan_runtime::Kind::Internal))
        .collect()
}

/// References of an object, those of its internal parts included.
fn references(vm: &Vm, v: Value) -> Vec<Value> {
    let mut out = Vec::new();
    // Internal parts may form chains and circles.
    let mut parts = vec![v];
    let mut next = 0;
    while let Some(&part) = parts.get(next) {
        next += 1;
        // CPython's static types are not counted among what their instances refer to.
        let class = vm.class_of(part);
        let shown = class.has_flag(ClassFlags::HEAP);
        for r in vm.heap.references_of(part) {
            if vm.is_kind(r, taipan_runtime::Kind::Internal) {
                if !parts.contains(&r) {
                    parts.push(r);
                }
            } else if shown || r != class.value() {
                out.push(r);
            }
        }
    }
    out
}

fn get_referents(vm: &Vm, args: &[Value]) -> Result {
    vm.audit("gc.get_referents", &[args[0]])?;
    let mut found = vm.rooted();
    for v in vm.collect(args[0])?.iter() {
        found.extend(references(vm, *v));
    }
    Ok(vm.new_list(&found)?.value())
}

fn get_referrers(vm: &Vm, args: &[Value]) -> Result {
    vm.audit("gc.get_referrers", &[args[0]])?;
    let wanted = vm.collect(args[0])?;
    let objects = vm.rooted_from(visible(vm, vm.heap.objects()));
    let mut found = vm.rooted();
    for v in objects.iter() {
        if references(vm, *v).iter().any(|r| wanted.contains(r)) && *v != args[0] {
            found.push(*v);
        }
    }
    Ok(vm.new_list(&found)?.value())
}

/// Whether CPython's collector would know of the object: those that can be part of cycles.
fn tracked(header: &Header) -> bool {
    use taipan_runtime::Kind;
    match header.shape().layout.kind {
        Kind::Str
        | Kind::Bytes
        | Kind::BigInt
        | Kind::Complex
        | Kind::FloatSub
        | Kind::ByteArray
        | Kind::Range
        | Kind::Code
        | Kind::Internal => false,
        Kind::Tuple => header.value().cast::<Tuple>().is_none_or(|t| !t.is_empty()),
        // Of plain instances, those of `object` itself.
        Kind::Instance => header.shape().class().base.get().is_some(),
        _ => true,
    }
}

fn is_tracked(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(args[0].header().is_some_and(tracked)))
}

fn is_finalized(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(vm.heap.is_finalized(args[0])))
}

fn get_threshold(vm: &Vm, _: &[Value]) -> Result {
    let values = vm.heap.gc_module.thresholds.get();
    let values = values.map(|t| vm.new_int(t));
    Ok(vm.new_tuple(&values)?.value())
}

/// Keeps the thresholds for [`get_threshold`]: when to collect follows from the sizes
/// of young and old objects, which the heap watches itself.
fn set_threshold(vm: &Vm, args: &[Value]) -> Result {
    let mut thresholds = vm.heap.gc_module.thresholds.get();
    let given = vm.collect(args[0])?;
    if given.is_empty() || given.len() > thresholds.len() {
        return Err(vm.type_error("gc.set_threshold requires 1 to 3 arguments"));
    }
    for (threshold, new) in thresholds.iter_mut().zip(given.iter()) {
        *threshold = vm.to_i64(*new)?;
    }
    vm.heap.gc_module.thresholds.set(thresholds);
    Ok(Value::NONE)
}

fn get_debug(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int(vm.heap.gc_module.debug.get()))
}

fn set_debug(vm: &Vm, args: &[Value]) -> Result {
    vm.heap.gc_module.debug.set(vm.to_i64(args[0])?);
    Ok(Value::NONE)
}

fn freeze(vm: &Vm, _: &[Value]) -> Result {
    vm.heap.freeze();
    Ok(Value::NONE)
}

fn unfreeze(vm: &Vm, _: &[Value]) -> Result {
    vm.heap.unfreeze();
    Ok(Value::NONE)
}

fn get_freeze_count(vm: &Vm, _: &[Value]) -> Result {
    let frozen = vm.heap.frozen();
    let count = frozen
        .iter()
        .filter_map(|v| v.header())
        .filter(|h| tracked(h))
        .count();
    Ok(vm.new_int(count as i64))
}

fn get_count(vm: &Vm, _: &[Value]) -> Result {
    let s = vm.heap.stats();
    // Objects take some 64 bytes on the average.
    let parts = [vm.heap.young_bytes() / 64, s.minor_since_major, 0];
    let parts = parts.map(|n| vm.new_int(n as i64));
    Ok(vm.new_tuple(&parts)?.value())
}

fn get_stats(vm: &Vm, _: &[Value]) -> Result {
    let s = vm.heap.stats();
    let list = vm.new_list(&[])?;
    for (collections, collected) in [(s.minor, 0), (0, 0), (s.major, s.collected)] {
        let d = vm.new_dict();
        for (k, v) in [
            ("collections", collections),
            ("collected", collected),
            ("uncollectable", 0),
        ] {
            d.set_str(vm, vm.intern(k), vm.new_int(v as i64));
        }
        list.push(vm, d.value())?;
    }
    Ok(list.value())
}

const fn f(
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
    code: fn(&Vm, &[Value]) -> Result,
) -> MethodDef {
    MethodDef::new(name, signature, doc, code)
}

/// The module `gc`.
pub static GC: ModuleDef = ModuleDef {
    name: "gc",
    doc: "This module provides access to the garbage collector for reference cycles.",
    functions: &[
        f(
            "collect",
            "(generation=2)",
            "Run the garbage collector.",
            collect,
        ),
        f(
            "enable",
            "()",
            "Enable automatic garbage collection.",
            enable,
        ),
        f(
            "disable",
            "()",
            "Disable automatic garbage collection.",
            disable,
        ),
        f(
            "isenabled",
            "()",
            "Returns true if automatic garbage collection is enabled.",
            isenabled,
        ),
        f(
            "get_objects",
            "(generation=None)",
            "Return a list of objects tracked by the collector.",
            get_objects,
        ),
        f(
            "get_referents",
            "(*objs)",
            "Return the list of objects that are directly referred to by 'objs'.",
            get_referents,
        ),
        f(
            "get_referrers",
            "(*objs)",
            "Return the list of objects that directly refer to any of 'objs'.",
            get_referrers,
        ),
        f(
            "is_tracked",
            "(obj, /)",
            "Returns true if the object is tracked by the garbage collector.",
            is_tracked,
        ),
        f(
            "is_finalized",
            "(obj, /)",
            "Returns true if the object has been already finalized by the GC.",
            is_finalized,
        ),
        f(
            "get_threshold",
            "()",
            "Return the current collection thresholds.",
            get_threshold,
        ),
        f(
            "set_threshold",
            "(*thresholds)",
            "Set the collection thresholds.",
            set_threshold,
        ),
        f(
            "get_count",
            "()",
            "Return the current collection counts.",
            get_count,
        ),
        f(
            "get_stats",
            "()",
            "Return a list of dictionaries containing per-generation statistics.",
            get_stats,
        ),
        f(
            "get_debug",
            "()",
            "Get the garbage collection debugging flags.",
            get_debug,
        ),
        f(
            "set_debug",
            "(flags, /)",
            "Set the garbage collection debugging flags.",
            set_debug,
        ),
        f(
            "freeze",
            "()",
            "Freeze all current tracked objects and ignore them for future collections.",
            freeze,
        ),
        f(
            "unfreeze",
            "()",
            "Unfreeze all objects in the permanent generation.",
            unfreeze,
        ),
        f(
            "get_freeze_count",
            "()",
            "Return the number of objects in the permanent generation.",
            get_freeze_count,
        ),
    ],
    types: &[],
    exec: Some(fill),
};

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, "garbage", vm.new_list(&[])?);
    module.set(vm, "callbacks", vm.new_list(&[])?);
    for (i, name) in ["DEBUG_STATS", "DEBUG_COLLECTABLE", "DEBUG_UNCOLLECTABLE"]
        .iter()
        .enumerate()
    {
        module.set(vm, name, vm.new_int(1 << i));
    }
    module.set(vm, "DEBUG_SAVEALL", vm.new_int(32));
    module.set(vm, "DEBUG_LEAK", vm.new_int(38));
    Ok(())
}

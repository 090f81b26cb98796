//! The module `_tracemalloc`, behind `tracemalloc`: see `heap/traces.rs`.

use rustc_hash::FxHashMap;
use taipan_runtime::heap::{Frames, Generation};
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Breaker, Result, Vm};

const MAX_FRAMES: i64 = 65535;

/// Starts tracing, unless it is on, by so many frames.
///
/// # Errors
/// The number is out of range.
pub fn start_tracing(vm: &Vm, frames: i64) -> Result<()> {
    if !(1..=MAX_FRAMES).contains(&frames) {
        return Err(vm.value_error(format!(
            "the number of frames must be in range [1; {MAX_FRAMES}]"
        )));
    }
    if !vm.heap.traces.are_wanted() {
        let unknown = vm.new_str("<unknown>").value();
        vm.breaker.set(Breaker::INTERPRET);
        vm.heap.start_traces(frames as usize, unknown);
    }
    Ok(())
}

fn start(vm: &Vm, args: &[Value]) -> Result {
    let frames = args[0].given().map_or(Ok(1), |n| c_int_arg(vm, n))?;
    start_tracing(vm, frames)?;
    Ok(Value::NONE)
}

fn stop(vm: &Vm, _: &[Value]) -> Result {
    if vm.heap.traces.are_wanted() {
        vm.heap.stop_traces();
        vm.breaker.clear(Breaker::INTERPRET);
    }
    Ok(Value::NONE)
}

fn is_tracing(vm: &Vm, _: &[Value]) -> Result {
    Ok(Value::bool(vm.heap.traces.are_wanted()))
}

fn clear_traces(vm: &Vm, _: &[Value]) -> Result {
    vm.heap.traces.clear();
    Ok(Value::NONE)
}

fn reset_peak(vm: &Vm, _: &[Value]) -> Result {
    collect(vm);
    vm.heap.traces.reset_peak();
    Ok(Value::NONE)
}

fn get_traceback_limit(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int(vm.heap.traces.limit() as i64))
}

fn get_tracemalloc_memory(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int(vm.heap.traces.own_size() as i64))
}

/// What is asked for is what is in use, and not what waits to be collected.
fn collect(vm: &Vm) {
    if vm.heap.traces.are_wanted() {
        vm.heap.collect(Generation::All);
    }
}

fn get_traced_memory(vm: &Vm, _: &[Value]) -> Result {
    collect(vm);
    let (current, peak) = vm.heap.traces.sizes();
    let sizes = [vm.new_int(current as i64), vm.new_int(peak as i64)];
    Ok(vm.new_tuple(&sizes)?.value())
}

/// The frames as a tuple of names of files and lines, innermost first.
fn frames_tuple(vm: &Vm, frames: &Frames) -> Result {
    let mut all = vm.rooted_with_capacity(frames.len());
    for site in frames.iter() {
        let name = vm.heap.traces.file(site.file).unwrap_or(Value::NONE);
        let pair = [name, vm.new_int(site.line.into())];
        all.push(vm.new_tuple(&pair)?.value());
    }
    Ok(vm.new_tuple(&all)?.value())
}

fn get_traces(vm: &Vm, _: &[Value]) -> Result {
    const DOMAIN: i64 = 0;
    collect(vm);
    let list = vm.new_list(&[])?;
    vm.heap.without_traces(|| {
        let traces = vm.heap.traces.all();
        let mut tuples = vm.rooted();
        let mut known: FxHashMap<*const u8, usize> = FxHashMap::default();
        for trace in &traces {
            let key = trace.frames.as_ptr().cast::<u8>();
            let at = match known.get(&key) {
                Some(at) => *at,
                None => {
                    tuples.push(frames_tuple(vm, &trace.frames)?);
                    known.insert(key, tuples.len() - 1);
                    tuples.len() - 1
                }
            };
            let entry = [
                Value::small_int(DOMAIN),
                vm.new_int(trace.size as i64),
                tuples[at],
                vm.new_int(trace.depth as i64),
            ];
            list.push(vm, vm.new_tuple(&entry)?.value())?;
        }
        Ok(list.value())
    })
}

fn get_object_traceback(vm: &Vm, args: &[Value]) -> Result {
    match vm.heap.traces.of(args[0]) {
        Some(trace) => frames_tuple(vm, &trace.frames),
        None => Ok(Value::NONE),
    }
}

/// The module.
pub static TRACEMALLOC: ModuleDef = ModuleDef {
    name: "_tracemalloc",
    doc: "Where memory was allocated.",
    functions: &[
        MethodDef::new(
            "start",
            "(nframe=1, /)",
            "Note each allocation from now on, with up to nframe frames.",
            start,
        ),
        MethodDef::new("stop", "()", "Note no more, and forget all traces.", stop),
        MethodDef::new(
            "is_tracing",
            "()",
            "Whether allocations are noted.",
            is_tracing,
        ),
        MethodDef::new("clear_traces", "()", "Forget all traces.", clear_traces),
        MethodDef::new(
            "reset_peak",
            "()",
            "Make the peak what is in use now.",
            reset_peak,
        ),
        MethodDef::new(
            "get_traceback_limit",
            "()",
            "How many frames a trace has at most.",
            get_traceback_limit,
        ),
        MethodDef::new(
            "get_tracemalloc_memory",
            "()",
            "Bytes that the traces take themselves.",
            get_tracemalloc_memory,
        ),
        MethodDef::new(
            "get_traced_memory",
            "()",
            "Bytes in use that were noted, and the most that ever were.",
            get_traced_memory,
        ),
        MethodDef::new(
            "_get_traces",
            "()",
            "All traces, each as domain, size, frames and depth.",
            get_traces,
        ),
        MethodDef::new(
            "_get_object_traceback",
            "(obj, /)",
            "The frames by which obj was allocated, or None.",
            get_object_traceback,
        ),
    ],
    types: &[],
    exec: None,
};

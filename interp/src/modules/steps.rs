//! The steps of native iterators (`lib/_taipan_steps.py`, `taipan_runtime::object::TypeDef::step`).

use taipan_bytecode::{CodeFlags, Op};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, NATIVE_NEXT};
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::function::Function;
use taipan_runtime::{Result, Value, Vm};

/// What reads and writes the fields of iterators, and what else steps call.
fn natives() -> impl Iterator<Item = &'static MethodDef> {
    use taipan_modules::itertools::{self, NEW_GROUP};
    let [simple, group] = itertools::FIELDS;
    [taipan_runtime::types::lazy::FIELDS, simple, group]
        .into_iter()
        .flatten()
        .chain([&NEW_GROUP, &NATIVE_NEXT])
}

/// Adds what the steps need to their namespace.
pub fn add_to(vm: &Vm, namespace: Gc<Dict>) {
    for def in natives() {
        let f = vm.new_native(def, None, None);
        namespace.set_str(vm, vm.intern(def.name), f.value());
    }
    // They are no values that code could name.
    for (name, value) in [
        ("END", Value::MISSING),
        ("EMPTY", Value::MISSING),
        ("AGAIN", Value::AGAIN),
    ] {
        namespace.set_str(vm, vm.intern(name), value);
    }
}

/// Makes the functions of the namespace steps: nobody sees their activations, their global names are
/// constants, and their `for` loops go through iterators as they are, whose `__iter__` is not asked.
///
/// # Errors
/// There is no memory.
pub fn prepare(vm: &Vm, namespace: Gc<Dict>) -> Result<()> {
    let mut functions = vm.rooted();
    functions.extend(
        namespace
            .items()
            .map(|(_, v)| v)
            .filter(|v| v.cast::<Function>().is_some()),
    );
    for f in functions.iter().filter_map(|v| v.cast::<Function>()) {
        let code = step_code(vm, f.code(), namespace)?;
        let step = vm.new_function(code, namespace);
        namespace.set_str(vm, code.name, step.value());
    }
    Ok(())
}

fn step_code(vm: &Vm, code: Gc<CodeObject>, namespace: Gc<Dict>) -> Result<Gc<CodeObject>> {
    let mut consts = vm.rooted();
    consts.extend_from_slice(code.consts.as_slice());
    let mut patches = Vec::new();
    let mut at = 0;
    while let Some(word) = code.instrs().get(at) {
        let op = Op::from_u8(word.get() as u8).unwrap_or(Op::NOP).generic();
        let arg = word.get() >> 8;
        match op {
            Op::GET_ITER => patches.push((at, Op::NOP as u32)),
            Op::LOAD_GLOBAL => {
                let name = code.name_at(arg as usize >> 1);
                if let Some(value) = namespace.get_str(name) {
                    patches.push((at, Op::LOAD_CONST as u32 | (consts.len() as u32) << 8));
                    consts.push(value);
                    let marker = [Op::NOP, Op::PUSH_NULL][arg as usize & 1];
                    patches.push((at + 1, marker as u32));
                    patches.extend((2..=op.caches()).map(|i| (at + i, Op::NOP as u32)));
                }
            }
            _ => {}
        }
        at += 1 + op.caches();
    }
    let consts = vm.new_tuple(&consts)?;
    let copy = vm.copy_code_with(code, CodeFlags::HIDDEN, consts);
    for (at, word) in patches {
        copy.instrs()[at].set(word);
    }
    Ok(copy)
}

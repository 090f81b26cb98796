//! Patterns (PEP 634).

use taipan_runtime::Gc;
use taipan_runtime::object::{Class, ClassFlags};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

/// `MATCH_KEYS`: a tuple of the values of all keys, or None.
pub fn keys(vm: &Vm, subject: Value, keys: Value) -> Result {
    // SAFETY: the compiler gives a tuple.
    let keys = unsafe { keys.cast_unchecked::<Tuple>() };
    let seen = vm.new_set(&[])?;
    let mut values = vm.rooted();
    let exact = subject
        .cast::<Dict>()
        .filter(|d| d.class() == vm.types.dict.get());
    let get = if exact.is_none() {
        Some(vm.get_attr_str(subject, "get")?)
    } else {
        None
    };
    let dummy = vm.new_instance(vm.types.object.get()).value();
    for &key in keys.as_slice() {
        if !seen.add(vm, key)? {
            return Err(vm.value_error(format!(
                "mapping pattern checks duplicate key ({})",
                vm.repr(key)?
            )));
        }
        let found = match (exact, get) {
            (Some(d), _) => d.get(vm, key)?,
            (None, Some(get)) => Some(vm.call(get, &[key, dummy])?).filter(|v| *v != dummy),
            (None, None) => None,
        };
        match found {
            Some(v) => values.push(v),
            None => return Ok(Value::NONE),
        }
    }
    Ok(vm.new_tuple(&values)?.value())
}

/// `MATCH_CLASS`: a tuple of the attributes, or None.
pub fn class(vm: &Vm, subject: Value, class: Value, positional: usize, names: Value) -> Result {
    let Some(c) = class.cast::<Class>() else {
        return Err(vm.type_error("called match pattern must be a class"));
    };
    if !vm.is_instance(subject, class)? {
        return Ok(Value::NONE);
    }
    // SAFETY: the compiler gives a tuple.
    let names = unsafe { names.cast_unchecked::<Tuple>() };
    let mut seen = smallvec::SmallVec::<[Value; 8]>::new();
    let mut attributes = vm.rooted();
    if positional > 0 {
        let mut match_self = false;
        let args = match vm.find_attr(class, vm.names.__match_args__.get())? {
            Some(args) => match args.cast::<Tuple>() {
                Some(t) => t,
                None => {
                    return Err(vm.type_error(format!(
                        "{}.__match_args__ must be a tuple (got {})",
                        c.qualified_name(),
                        vm.class_of(args).qualified_name()
                    )));
                }
            },
            None => {
                match_self = c.has_flag(ClassFlags::MATCH_SELF);
                vm.new_tuple(&[])?
            }
        };
        let allowed = if match_self { 1 } else { args.len() };
        if allowed < positional {
            let plural = if allowed == 1 { "" } else { "s" };
            return Err(vm.type_error(format!(
                "{}() accepts {allowed} positional sub-pattern{plural} ({positional} given)",
                c.qualified_name()
            )));
        }
        if match_self {
            attributes.push(subject);
        } else {
            for i in 0..positional {
                let Some(name) = args.get(i).cast::<Str>() else {
                    return Err(vm.type_error(format!(
                        "__match_args__ elements must be strings (got {})",
                        vm.class_of(args.get(i)).qualified_name()
                    )));
                };
                match attribute(vm, subject, c, name.value(), &mut seen)? {
                    Some(v) => attributes.push(v),
                    None => return Ok(Value::NONE),
                }
            }
        }
    }
    for &name in names.as_slice() {
        match attribute(vm, subject, c, name, &mut seen)? {
            Some(v) => attributes.push(v),
            None => return Ok(Value::NONE),
        }
    }
    Ok(vm.new_tuple(&attributes)?.value())
}

fn attribute(
    vm: &Vm,
    subject: Value,
    class: Gc<Class>,
    name: Value,
    seen: &mut smallvec::SmallVec<[Value; 8]>,
) -> Result<Option<Value>> {
    let Some(text) = name.cast::<Str>() else {
        return Ok(None);
    };
    let interned = vm.intern_str(vm.exact_str(text)?);
    // Interned strings live on: the list needs no rooting.
    if seen.contains(&interned.value()) {
        return Err(vm.type_error(format!(
            "{}() got multiple sub-patterns for attribute {}",
            class.qualified_name(),
            vm.repr(name)?
        )));
    }
    seen.push(interned.value());
    vm.find_attr(subject, interned)
}

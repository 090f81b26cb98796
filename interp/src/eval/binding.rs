//! Binding a call's arguments to a function's parameters
//! (the language reference, "Calls").

use taipan_bytecode::CodeFlags;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::mistake_in_python;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Raised, Result, Value, Vm};

/// Fills the parameter slots, which are empty.
///
/// # Safety
/// `slots` has room for the function's parameters.
pub unsafe fn bind(
    vm: &Vm,
    function: Gc<Function>,
    slots: *mut Option<Value>,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Result<()> {
    // SAFETY: as for this function.
    unsafe { bind_parameters(vm, function, slots, args, names) }.map_err(|raised| {
        if function.is_as_native() {
            mistake_in_python(vm, function, args, names).unwrap_or(raised)
        } else {
            raised
        }
    })
}

/// As [`bind`], where mistakes are told in the words for functions in Python.
///
/// # Safety
/// As for [`bind`].
unsafe fn bind_parameters(
    vm: &Vm,
    function: Gc<Function>,
    slots: *mut Option<Value>,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Result<()> {
    let code = function.code();
    let keywords = names.map_or(0, |n| n.len());
    let (positional, values) = args.split_at(args.len() - keywords);
    let arg_count = code.arg_count as usize;
    let named = arg_count + code.kwonly_arg_count as usize;
    // SAFETY: parameters come first among the slots.
    let slots = unsafe { std::slice::from_raw_parts_mut(slots, code.total_args as usize) };

    let taken = positional.len().min(arg_count);
    for (slot, v) in slots.iter_mut().zip(&positional[..taken]) {
        *slot = Some(*v);
    }
    let mut at = named;
    if code.has(CodeFlags::VARARGS) {
        slots[at] = Some(vm.new_tuple(&positional[taken..])?.value());
        at += 1;
    }
    let extra = if code.has(CodeFlags::VARKEYWORDS) {
        let dict = vm.new_dict();
        slots[at] = Some(dict.value());
        Some(dict)
    } else {
        None
    };
    if let Some(names) = names {
        for (&key, &value) in names.as_slice().iter().zip(values) {
            let Some(name) = key.cast::<Str>() else {
                return Err(
                    vm.type_error(format!("{}() keywords must be strings", qualname(function)))
                );
            };
            let posonly = code.posonly_arg_count as usize;
            let local_names = code.local_names.as_slice();
            let found = local_names[posonly..named]
                .iter()
                .position(|n| *n == key)
                .or_else(|| {
                    local_names[posonly..named]
                        .iter()
                        .position(|n| n.cast::<Str>().is_some_and(|n| n.equals(&name)))
                })
                .map(|i| i + posonly);
            match (found, extra) {
                (Some(i), _) => {
                    if slots[i].is_some() {
                        return Err(vm.type_error(format!(
                            "{}() got multiple values for argument '{name}'",
                            qualname(function)
                        )));
                    }
                    slots[i] = Some(value);
                }
                (None, Some(dict)) => dict.set(vm, key, value)?,
                (None, None) => return Err(unexpected_keyword(vm, function, name, names)),
            }
        }
    }
    if positional.len() > arg_count && !code.has(CodeFlags::VARARGS) {
        return Err(too_many(vm, function, positional.len(), slots));
    }
    if positional.len() < arg_count {
        let defaults = function.defaults.get();
        let default_count = defaults.map_or(0, |d| d.len());
        let first_default = arg_count.saturating_sub(default_count);
        let missing: Vec<usize> = (positional.len()..first_default)
            .filter(|i| slots[*i].is_none())
            .collect();
        if !missing.is_empty() {
            return Err(missing_arguments(vm, function, &missing, "positional"));
        }
        if let Some(defaults) = defaults {
            let from = positional.len().max(first_default);
            for (i, slot) in slots.iter_mut().enumerate().take(arg_count).skip(from) {
                if slot.is_none() {
                    *slot = Some(defaults.get(i + default_count - arg_count));
                }
            }
        }
    }
    if code.kwonly_arg_count > 0 {
        let defaults = function.kw_defaults.get();
        let mut missing = Vec::new();
        for (i, slot) in slots.iter_mut().enumerate().take(named).skip(arg_count) {
            if slot.is_none() {
                *slot = match defaults {
                    Some(d) => d.get(vm, code.local_names.get(i))?,
                    None => None,
                };
                if slot.is_none() {
                    missing.push(i);
                }
            }
        }
        if !missing.is_empty() {
            return Err(missing_arguments(vm, function, &missing, "keyword-only"));
        }
    }
    Ok(())
}

fn qualname(function: Gc<Function>) -> String {
    function
        .qualname
        .get()
        .and_then(|q| q.cast::<Str>())
        .map(|s| s.to_text())
        .unwrap_or_default()
}

#[cold]
fn missing_arguments(vm: &Vm, function: Gc<Function>, missing: &[usize], kind: &str) -> Raised {
    let names: Vec<String> = missing
        .iter()
        .map(|i| format!("'{}'", function.code().local_name(*i)))
        .collect();
    let list = match names.as_slice() {
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [head @ .., last] => format!("{}, and {last}", head.join(", ")),
        [] => String::new(),
    };
    let plural = if names.len() == 1 { "" } else { "s" };
    vm.type_error(format!(
        "{}() missing {} required {kind} argument{plural}: {list}",
        qualname(function),
        names.len()
    ))
}

#[cold]
fn too_many(vm: &Vm, function: Gc<Function>, given: usize, slots: &[Option<Value>]) -> Raised {
    let code = function.code();
    let arg_count = code.arg_count as usize;
    let named = arg_count + code.kwonly_arg_count as usize;
    let keyword_given = slots[arg_count..named]
        .iter()
        .filter(|s| s.is_some())
        .count();
    let defaults = function.defaults.get().map_or(0, |d| d.len());
    let (plural, takes) = if defaults > 0 {
        (
            true,
            format!("from {} to {arg_count}", arg_count - defaults),
        )
    } else {
        (arg_count != 1, arg_count.to_string())
    };
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let keyword_note = if keyword_given > 0 {
        format!(
            " positional argument{} (and {keyword_given} keyword-only argument{})",
            s(given),
            s(keyword_given)
        )
    } else {
        String::new()
    };
    vm.type_error(format!(
        "{}() takes {takes} positional argument{} but {given}{keyword_note} {} given",
        qualname(function),
        if plural { "s" } else { "" },
        if given == 1 && keyword_given == 0 {
            "was"
        } else {
            "were"
        }
    ))
}

#[cold]
fn unexpected_keyword(vm: &Vm, function: Gc<Function>, name: Gc<Str>, names: Gc<Tuple>) -> Raised {
    let code = function.code();
    let posonly = &code.local_names.as_slice()[..code.posonly_arg_count as usize];
    let is_posonly = |k: &Value| {
        posonly
            .iter()
            .any(|p| match (p.cast::<Str>(), k.cast::<Str>()) {
                (Some(p), Some(k)) => p.equals(&k),
                _ => false,
            })
    };
    let wrong: Vec<String> = posonly
        .iter()
        .filter(|p| {
            names.as_slice().iter().any(|k| {
            matches!((p.cast::<Str>(), k.cast::<Str>()), (Some(p), Some(k)) if p.equals(&k))
        })
        })
        .filter_map(|p| p.cast::<Str>())
        .map(|s| s.to_text())
        .collect();
    if is_posonly(&name.value()) {
        return vm.type_error(format!(
            "{}() got some positional-only arguments passed as keyword arguments: '{}'",
            qualname(function),
            wrong.join(", ")
        ));
    }
    let named = (code.arg_count + code.kwonly_arg_count) as usize;
    let candidates: Vec<String> = (code.posonly_arg_count as usize..named)
        .map(|i| code.local_name(i).to_text())
        .collect();
    let hint = match taipan_text::suggest::closest(&name.to_text(), &candidates) {
        Some(s) => format!(". Did you mean '{s}'?"),
        None => String::new(),
    };
    vm.type_error(format!(
        "{}() got an unexpected keyword argument '{name}'{hint}",
        qualname(function)
    ))
}

//! Functions' attributes and class statements (`__build_class__`).

use taipan_bytecode::opcode::FunctionAttribute;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, ClassFlags};
use taipan_runtime::types::cell::CellObject;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_new::calculate_metaclass;
use taipan_runtime::{Result, Value, Vm};

/// `SET_FUNCTION_ATTRIBUTE`.
pub fn set_function_attribute(function: Gc<Function>, which: u32, value: Value) {
    let h = &function.header;
    // SAFETY: the compiler emits these with values of the right types.
    unsafe {
        match which {
            FunctionAttribute::DEFAULTS => function.defaults.set(h, value.cast_unchecked()),
            FunctionAttribute::KW_DEFAULTS => function.kw_defaults.set(h, value.cast_unchecked()),
            FunctionAttribute::ANNOTATIONS => function.annotations.set(h, value),
            FunctionAttribute::CLOSURE => function.closure.set(h, value.cast_unchecked()),
            _ => function.annotate.set(h, value),
        }
    }
}

/// Replaces bases that have `__mro_entries__` (PEP 560); `None` if none has.
fn resolve_bases(vm: &Vm, bases: &[Value]) -> Result<Option<Vec<Value>>> {
    let mut resolved: Option<Vec<Value>> = None;
    let original = vm.new_tuple(bases)?.value();
    for (i, base) in bases.iter().enumerate() {
        if base.cast::<Class>().is_some() {
            if let Some(r) = &mut resolved {
                r.push(*base);
            }
            continue;
        }
        match vm.find_attr(*base, vm.names.__mro_entries__.get())? {
            None => {
                if let Some(r) = &mut resolved {
                    r.push(*base);
                }
            }
            Some(f) => {
                let entries = vm.call(f, &[original])?;
                let Some(t) = entries.cast::<Tuple>() else {
                    return Err(vm.type_error("__mro_entries__ must return a tuple"));
                };
                resolved
                    .get_or_insert_with(|| bases[..i].to_vec())
                    .extend_from_slice(t.as_slice());
            }
        }
    }
    Ok(resolved)
}

/// `__build_class__(function, name, *bases, metaclass=..., **keywords)`.
pub fn build_class(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let keyword_count = names.map_or(0, |n| n.len());
    let (positional, values) = args.split_at(args.len() - keyword_count);
    let [function, name, bases @ ..] = positional else {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    };
    let Some(function) = function.cast::<Function>() else {
        return Err(vm.type_error("__build_class__: func must be a function"));
    };
    if name.cast::<Str>().is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let resolved = resolve_bases(vm, bases)?;
    let bases_list = vm.rooted_from(resolved.clone().unwrap_or_else(|| bases.to_vec()));
    let bases_tuple = vm.new_tuple(&bases_list)?.value();

    let mut keyword_names = vm.rooted();
    let mut keyword_values = vm.rooted();
    let mut metaclass: Option<Value> = None;
    if let Some(names) = names {
        for (k, v) in names.as_slice().iter().zip(values) {
            if k.cast::<Str>().is_some_and(|s| s.is_text("metaclass")) {
                metaclass = Some(*v);
            } else {
                keyword_names.push(*k);
                keyword_values.push(*v);
            }
        }
    }
    let explicit = metaclass;
    let mut metaclass = match metaclass {
        Some(m) => m,
        None => match bases_list.first() {
            Some(b) => vm.class_of(*b).value(),
            None => vm.types.type_.get().value(),
        },
    };
    if let Some(m) = metaclass.cast::<Class>() {
        metaclass = calculate_metaclass(vm, m, &bases_list)?.value();
    }
    let _ = explicit;

    let mut keywords = None;
    if !keyword_names.is_empty() {
        keywords = Some(vm.new_tuple(&keyword_names)?);
    }
    let mut arguments = vm.rooted_slice(&[*name, bases_tuple]);
    arguments.extend_from_slice(&keyword_values);

    let is_type = metaclass == vm.types.type_.get().value();
    let prepare = if is_type {
        None
    } else {
        vm.find_attr(metaclass, vm.names.__prepare__.get())?
    };
    let namespace = match prepare {
        Some(f) => {
            let ns = vm.call_with(f, &arguments, keywords)?;
            let class = vm.class_of(ns);
            if !class.has_flag(ClassFlags::MAPPING)
                && class
                    .special(taipan_runtime::object::Special::GetItem)
                    .is_none()
            {
                let owner = match metaclass.cast::<Class>() {
                    Some(c) => c.qualified_name(),
                    None => "<metaclass>".to_owned(),
                };
                return Err(vm.type_error(format!(
                    "{owner}.__prepare__() must return a mapping, not {}",
                    class.qualified_name()
                )));
            }
            ns
        }
        None => vm.new_dict().value(),
    };
    if resolved.is_some() {
        let original = vm.new_tuple(bases)?.value();
        vm.set_item(namespace, vm.names.__orig_bases__.get().value(), original)?;
    }
    let cell = vm.interpreter().run_code(vm, function, namespace)?;
    let mut arguments = vm.rooted_slice(&[*name, bases_tuple, namespace]);
    arguments.extend_from_slice(&keyword_values);
    let class = vm.call_with(metaclass, &arguments, keywords)?;
    if let Some(cell) = cell.cast::<CellObject>()
        && class.cast::<Class>().is_some()
    {
        let qualified = |v: Value| vm.repr_text(v);
        match cell.get() {
            None => {
                return Err(vm.runtime_error(format!(
                    "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
                    vm.repr(*name)?,
                    qualified(class)?
                )));
            }
            Some(set) if set != class => {
                return Err(vm.type_error(format!(
                    "__class__ set to {} defining {} as {}",
                    qualified(set)?,
                    vm.repr(*name)?,
                    qualified(class)?
                )));
            }
            Some(_) => {}
        }
    }
    Ok(class)
}

//! Building, extending, slicing and unpacking containers.

use std::cell::Cell;
use taipan_bytecode::opcode::Op;
use taipan_runtime::heap::Kind;
use taipan_runtime::object::Special;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::NextPair;
use taipan_runtime::types::set::Set;
use taipan_runtime::types::set::operations::update;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::RootedVec;
use taipan_runtime::{Result, Value, Vm};

/// The next pair of a native iterator that can give it without a tuple.
#[inline]
pub fn next_pair(vm: &Vm, iterator: Value) -> Option<Result<NextPair>> {
    let next = iterator.header()?.shape().class().def.get()?.next_pair?;
    Some(vm.check_native_stack().and_then(|()| next(vm, iterator)))
}

/// Whether an iterator's items come from Python functions that get activations of the loop.
#[inline(never)]
pub fn calls_for_items(vm: &Vm, iterator: Value) -> bool {
    vm.innermost_call(iterator).is_some()
}

/// Sets a `FOR_ITER` back to its generic form.
#[cold]
pub fn generic_for(here: *const Cell<u32>) {
    // SAFETY: `here` is the instruction.
    unsafe { (*here).set((*here).get() & !0xFF | Op::FOR_ITER as u32) };
}

/// `container[start:stop]`.
pub fn slice(vm: &Vm, container: Value, start: Value, stop: Value) -> Result {
    if let (Some(header), Some(from), Some(to)) = (container.header(), bound(start), bound(stop)) {
        use taipan_runtime::types::slice::Indices;
        let shape = header.shape_id();
        let shapes = &vm.shapes;
        // SAFETY: in each arm the shape says which layout.
        unsafe {
            if shape == shapes.list.get().id() {
                let list = container.cast_unchecked::<List>();
                let i = Indices::adjust(from, to, 1, list.len());
                let items = &list.as_slice()[i.start as usize..i.start as usize + i.count];
                return Ok(vm.new_list(items)?.value());
            } else if shape == shapes.str.get().id() {
                let s = container.cast_unchecked::<Str>();
                let i = Indices::adjust(from, to, 1, s.len());
                return Ok(vm
                    .substring(s, i.start as usize, i.start as usize + i.count)?
                    .value());
            } else if shape == shapes.tuple.get().id() {
                let t = container.cast_unchecked::<Tuple>();
                let i = Indices::adjust(from, to, 1, t.len());
                if i.count == t.len() {
                    return Ok(container);
                }
                let items = &t.as_slice()[i.start as usize..i.start as usize + i.count];
                return Ok(vm.new_tuple(items)?.value());
            } else if shape == shapes.bytes.get().id() {
                let b = container.cast_unchecked::<Bytes>();
                let i = Indices::adjust(from, to, 1, b.len());
                if i.count == b.len() {
                    return Ok(container);
                }
                let part = &b.as_slice()[i.start as usize..i.start as usize + i.count];
                return Ok(vm.new_bytes(part)?.value());
            }
        }
    }
    let key = vm.new_slice(start, stop, Value::NONE).value();
    vm.get_item(container, key)
}

/// A bound of a slice that is None or a small integer.
fn bound(v: Value) -> Option<Option<i64>> {
    if v.is_none() {
        Some(None)
    } else {
        v.as_int().map(Some)
    }
}

/// `container[start:stop] = value`.
pub fn store_slice(
    vm: &Vm,
    container: Value,
    start: Value,
    stop: Value,
    value: Value,
) -> Result<()> {
    if let (Some(header), Some(from), Some(to)) = (container.header(), bound(start), bound(stop))
        && header.shape_id() == vm.shapes.list.get().id()
    {
        // SAFETY: the shape is that of exact lists.
        let list = unsafe { container.cast_unchecked::<List>() };
        return vm.list_assign_slice(list, (from, to, 1), value);
    }
    let key = vm.new_slice(start, stop, Value::NONE).value();
    vm.set_item(container, key, value)
}

/// A dict of keys and values in turn.
pub fn build_map(vm: &Vm, items: &[Value]) -> Result {
    let dict = vm.new_dict();
    dict.reserve(vm, items.len() / 2)?;
    for pair in items.chunks_exact(2) {
        dict.set(vm, pair[0], pair[1])?;
    }
    Ok(dict.value())
}

/// `LIST_EXTEND`.
pub fn list_extend(vm: &Vm, list: Value, iterable: Value) -> Result<()> {
    // SAFETY: the compiler extends lists only.
    let list = unsafe { list.cast_unchecked::<List>() };
    let class = vm.class_of(iterable);
    if class == vm.types.tuple.get() {
        // SAFETY: the class says so.
        return list.extend(vm, unsafe { iterable.cast_unchecked::<Tuple>() }.as_slice());
    } else if class == vm.types.list.get() {
        // SAFETY: the class says so.
        return list.extend(vm, unsafe { iterable.cast_unchecked::<List>() }.as_slice());
    }
    if class.special(Special::Iter).is_none() && class.special(Special::GetItem).is_none() {
        return Err(vm.type_error(format!(
            "Value after * must be an iterable, not {}",
            class.qualified_name()
        )));
    }
    let items = vm.collect(iterable)?;
    list.extend(vm, &items)
}

/// `SET_UPDATE`.
pub fn set_update(vm: &Vm, set: Value, iterable: Value) -> Result<()> {
    // SAFETY: the compiler updates sets only.
    let set = unsafe { set.cast_unchecked::<Set>() };
    update(vm, set, iterable)
}

/// `DICT_UPDATE`: `{**mapping}`.
pub fn dict_update(vm: &Vm, dict: Value, mapping: Value) -> Result<()> {
    // SAFETY: the compiler updates dicts only.
    let dict = unsafe { dict.cast_unchecked::<Dict>() };
    if let Some(from) = mapping.cast::<Dict>()
        && from.class() == vm.types.dict.get()
    {
        return dict.update_from(vm, &from);
    }
    let keys = vm.find_attr(mapping, vm.names.keys.get())?;
    let Some(keys) = keys else {
        return Err(vm.type_error(format!(
            "'{}' object is not a mapping",
            vm.class_of(mapping).qualified_name()
        )));
    };
    let keys = vm.call(keys, &[])?;
    let iterator = vm.iter(keys)?;
    while let Some(k) = vm.next(iterator)? {
        let v = vm.get_item(mapping, k)?;
        dict.set(vm, k, v)?;
    }
    Ok(())
}

/// A callable's name in messages.
pub fn function_text(vm: &Vm, callable: Value) -> String {
    let Ok(Some(q)) = vm.find_attr(callable, vm.names.__qualname__.get()) else {
        vm.clear_raised();
        return vm.str_text(callable).unwrap_or_default();
    };
    let module = vm
        .find_attr(callable, vm.names.__module__.get())
        .ok()
        .flatten();
    let name = vm.str_text(q).unwrap_or_default();
    match module.and_then(|m| m.cast::<Str>()) {
        Some(m) if !m.is_text("builtins") => format!("{m}.{name}()"),
        _ => format!("{name}()"),
    }
}

/// `SET_ADD`. The set is the compiler's own, but for the one of conditional annotations,
/// which has a name.
#[inline]
pub fn set_add(vm: &Vm, set: Value, item: Value) -> Result<()> {
    match set.cast::<taipan_runtime::types::set::Set>() {
        Some(set) => set.add(vm, item).map(|_| ()),
        None => Err(vm.type_error(format!(
            "__conditional_annotations__ must be a set, not {}",
            vm.class_of(set).qualified_name()
        ))),
    }
}

/// `DICT_MERGE`: `f(**mapping)`, where a key must not come twice.
pub fn dict_merge(vm: &Vm, callable: Value, dict: Value, mapping: Value) -> Result<()> {
    // SAFETY: the compiler merges into dicts only.
    let dict = unsafe { dict.cast_unchecked::<Dict>() };
    let repeated = |k: Value| -> Result<()> {
        Err(vm.type_error(format!(
            "{} got multiple values for keyword argument '{}'",
            function_text(vm, callable),
            vm.str(k)?
        )))
    };
    if let Some(from) = mapping.cast::<Dict>()
        && from.class() == vm.types.dict.get()
    {
        if dict.is_empty() {
            return dict.update_from(vm, &from);
        }
        for (k, v) in from.items() {
            if !dict.set_default(vm, k, v)?.1 {
                return repeated(k);
            }
        }
        return Ok(());
    }
    let Some(keys) = vm.find_attr(mapping, vm.names.keys.get())? else {
        return Err(vm.type_error(format!(
            "{} argument after ** must be a mapping, not {}",
            function_text(vm, callable),
            vm.class_of(mapping).qualified_name()
        )));
    };
    let keys = vm.iter(vm.call(keys, &[])?)?;
    while let Some(k) = vm.next(keys)? {
        if dict.get(vm, k)?.is_some() {
            return repeated(k);
        }
        dict.set(vm, k, vm.get_item(mapping, k)?)?;
    }
    Ok(())
}

fn not_iterable(vm: &Vm, v: Value) -> taipan_runtime::Raised {
    vm.type_error(format!(
        "cannot unpack non-iterable {} object",
        vm.class_of(v).qualified_name()
    ))
}

fn unpack_iter(vm: &Vm, v: Value) -> Result {
    match vm.iter(v) {
        Ok(i) => Ok(i),
        Err(raised) => {
            let class = vm.class_of(v);
            let iterable =
                class.special(Special::Iter).is_some() || class.special(Special::GetItem).is_some();
            if vm.raised_is_def(&exc::TYPE_ERROR) && !iterable {
                vm.clear_raised();
                return Err(not_iterable(vm, v));
            }
            Err(raised)
        }
    }
}

/// Exactly `count` items.
pub fn unpack(vm: &Vm, v: Value, count: usize) -> Result<RootedVec<'_>> {
    let known = match v.header().map(|h| h.shape().layout.kind) {
        Some(Kind::List) if vm.class_of(v) == vm.types.list.get() => {
            v.cast::<List>().map(|l| l.len())
        }
        Some(Kind::Tuple) if vm.class_of(v) == vm.types.tuple.get() => {
            v.cast::<Tuple>().map(|t| t.len())
        }
        Some(Kind::Dict) if vm.class_of(v) == vm.types.dict.get() => {
            v.cast::<Dict>().map(|d| d.len())
        }
        _ => None,
    };
    if let Some(n) = known {
        if n == count {
            return vm.collect(v);
        }
        return Err(wrong_count(vm, count, n, true));
    }
    let iterator = unpack_iter(vm, v)?;
    let mut items = vm.rooted();
    while items.len() < count {
        match vm.next(iterator)? {
            Some(item) => items.push(item),
            None => return Err(wrong_count(vm, count, items.len(), false)),
        }
    }
    if vm.next(iterator)?.is_some() {
        return Err(vm.value_error(format!("too many values to unpack (expected {count})")));
    }
    Ok(items)
}

fn wrong_count(vm: &Vm, count: usize, got: usize, known: bool) -> taipan_runtime::Raised {
    if got > count {
        let note = if known {
            format!(", got {got}")
        } else {
            String::new()
        };
        return vm.value_error(format!(
            "too many values to unpack (expected {count}{note})"
        ));
    }
    vm.value_error(format!(
        "not enough values to unpack (expected {count}, got {got})"
    ))
}

/// `before` items, a list of the rest, and `after` items.
pub fn unpack_ex(vm: &Vm, v: Value, before: usize, after: usize) -> Result<RootedVec<'_>> {
    let class = vm.class_of(v);
    let mut items;
    if class == vm.types.tuple.get() || class == vm.types.list.get() {
        items = vm.collect(v)?;
    } else {
        let iterator = unpack_iter(vm, v)?;
        items = vm.rooted();
        while let Some(item) = vm.next(iterator)? {
            items.push(item);
        }
    }
    if items.len() < before + after {
        return Err(vm.value_error(format!(
            "not enough values to unpack (expected at least {}, got {})",
            before + after,
            items.len()
        )));
    }
    let rest_end = items.len() - after;
    let rest = vm.new_list(&items[before..rest_end])?.value();
    let mut result = vm.rooted_slice(&items[..before]);
    result.push(rest);
    result.extend_from_slice(&items[rest_end..]);
    Ok(result)
}

/// `BUILD_TEMPLATE` (PEP 750).
pub fn build_template(vm: &Vm, strings: Value, interpolations: Value) -> Result {
    let make = vm.import_attr("_templatelib", "_make_template")?;
    vm.call(make, &[strings, interpolations])
}

/// `BUILD_INTERPOLATION` (PEP 750); `conversion` is as for `CONVERT_VALUE`.
pub fn build_interpolation(
    vm: &Vm,
    value: Value,
    text: Value,
    conversion: usize,
    spec: Value,
) -> Result {
    let class = vm.import_attr("_templatelib", "Interpolation")?;
    let conversion = match conversion {
        1 => vm.new_str("s").value(),
        2 => vm.new_str("r").value(),
        3 => vm.new_str("a").value(),
        _ => Value::NONE,
    };
    vm.call(class, &[value, text, conversion, spec])
}

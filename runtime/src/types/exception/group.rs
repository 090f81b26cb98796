//! Exception groups (PEP 654).

use super::Exception;
use super::classes::{self as exc, get_field, group_text, set_field};
use super::methods::{args_of, split, this};
use crate::heap::{Gc, Kind};
use crate::object::Class;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// The nested exceptions.
pub fn members(vm: &Vm, group: Gc<Exception>) -> Vec<Value> {
    get_field(vm, group, "exceptions")
        .cast::<Tuple>()
        .map(|t| t.as_slice().to_vec())
        .unwrap_or_default()
}

/// Whether the exception is a group.
pub fn is_group(vm: &Vm, v: Value) -> bool {
    vm.class_of(v)
        .is_subclass_of(vm.exception_class(&exc::BASE_EXCEPTION_GROUP))
}

fn exception_group(vm: &Vm) -> Gc<Class> {
    let class = vm
        .builtins_dict()
        .get_str(vm.intern("ExceptionGroup"))
        .and_then(|c| c.cast::<Class>());
    class.unwrap_or_else(|| vm.exception_class(&exc::BASE_EXCEPTION_GROUP))
}

pub(super) fn group_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let (positional, _) = split(args, names);
    let Some(mut class) = positional.first().and_then(|c| c.cast::<Class>()) else {
        return Err(vm.type_error("BaseExceptionGroup.__new__(): not enough arguments"));
    };
    let [_, message, list] = positional else {
        return Err(vm.type_error(format!(
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
            positional.len() - 1
        )));
    };
    if message.cast::<Str>().is_none() {
        return Err(vm.type_error(format!(
            "BaseExceptionGroup.__new__() argument 1 must be str, not {}",
            crate::types::support::arg_name(vm, *message)
        )));
    }
    if vm
        .class_of(*list)
        .special(crate::object::Special::GetItem)
        .is_none()
    {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    // What neither a list nor a tuple says of itself now, it may not say later.
    let text = match vm.class_of(*list) {
        c if c == vm.types.list.get() || c == vm.types.tuple.get() => None,
        _ => Some(vm.repr(*list)?),
    };
    let items = vm.collect(*list)?;
    if items.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let exception = vm.exception_class(&exc::EXCEPTION);
    let mut all_exceptions = true;
    for (i, v) in items.iter().enumerate() {
        if !vm.is_kind(*v, Kind::Exception) {
            return Err(vm.value_error(format!(
                "Item {i} of second argument (exceptions) is not an exception"
            )));
        }
        all_exceptions &= vm.class_of(*v).is_subclass_of(exception);
    }
    let group = exception_group(vm);
    if class == vm.exception_class(&exc::BASE_EXCEPTION_GROUP) {
        if all_exceptions {
            class = group;
        }
    } else if class == group && !all_exceptions {
        return Err(vm.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
    } else if !all_exceptions && class.is_subclass_of(exception) {
        return Err(vm.type_error(format!(
            "Cannot nest BaseExceptions in '{}'",
            class.name_string()
        )));
    }
    let e = vm.new_exception(class, &[*message, *list])?;
    set_field(vm, e, "message", *message);
    set_field(vm, e, "exceptions", vm.new_tuple(&items)?.value());
    if let Some(text) = text {
        group_text(e).set(&e.header, text.value());
    }
    Ok(e.value())
}

pub(super) fn group_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let e = this(args[0]);
    if names.is_some_and(|n| !n.is_empty()) {
        return Err(vm.type_error(format!(
            "{}() takes no keyword arguments",
            e.class().name_string()
        )));
    }
    let arguments = vm.new_tuple(&args[1..])?;
    e.args.set(&e.header, arguments);
    Ok(Value::NONE)
}

pub(super) fn group_str(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let count = members(vm, e).len();
    let plural = if count == 1 { "" } else { "s" };
    let message = vm.str(get_field(vm, e, "message"))?;
    Ok(vm
        .new_str(&format!("{message} ({count} sub-exception{plural})"))
        .value())
}

pub(super) fn group_repr(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let exceptions = match group_text(e).get() {
        Some(text) => text,
        None if args_of(e)
            .get(1)
            .is_some_and(|v| vm.class_of(*v) == vm.types.list.get()) =>
        {
            let items = vm.new_list(&members(vm, e))?.value();
            vm.repr(items)?.value()
        }
        None => vm.repr(get_field(vm, e, "exceptions"))?.value(),
    };
    let message = vm.repr_text(get_field(vm, e, "message"))?;
    Ok(vm
        .new_str(&format!(
            "{}({message}, {})",
            e.class().name_string(),
            vm.str_text(exceptions)?
        ))
        .value())
}

pub(super) fn group_derive(vm: &Vm, args: &[Value]) -> Result {
    let message = get_field(vm, this(args[0]), "message");
    vm.call(
        vm.exception_class(&exc::BASE_EXCEPTION_GROUP).value(),
        &[message, args[1]],
    )
}

/// How a group is split: by type(s) or by a predicate.
enum Condition {
    Types(Value),
    Predicate(Value),
}

fn condition(vm: &Vm, v: Value) -> Result<Condition> {
    let is_exception_class = |v: Value| {
        v.cast::<Class>()
            .is_some_and(|c| c.layout.kind == Kind::Exception)
    };
    if is_exception_class(v) {
        return Ok(Condition::Types(v));
    }
    if let Some(t) = v.cast::<Tuple>() {
        if t.as_slice().iter().all(|v| is_exception_class(*v)) {
            return Ok(Condition::Types(v));
        }
    } else if v.cast::<Class>().is_none() && vm.is_callable(v) {
        return Ok(Condition::Predicate(v));
    }
    Err(vm.type_error("expected an exception type, a tuple of exception types, or a callable (other than a class)"))
}

fn holds(vm: &Vm, condition: &Condition, e: Value) -> Result<bool> {
    match condition {
        Condition::Types(types) => match types.cast::<Tuple>() {
            Some(t) => Ok(t.as_slice().iter().any(|c| {
                c.cast::<Class>()
                    .is_some_and(|c| vm.class_of(e).is_subclass_of(c))
            })),
            None => Ok(types
                .cast::<Class>()
                .is_some_and(|c| vm.class_of(e).is_subclass_of(c))),
        },
        Condition::Predicate(f) => {
            let result = vm.call(*f, &[e])?;
            vm.truth(result)
        }
    }
}

/// A group like `group` of these exceptions, by its `derive`.
fn derive(vm: &Vm, group: Gc<Exception>, items: &[Value]) -> Result {
    let list = vm.new_list(items)?.value();
    let new = vm.call_method(group.value(), "derive", &[list])?;
    if !is_group(vm, new) {
        return Err(vm.type_error("derive must return an instance of BaseExceptionGroup"));
    }
    let e = this(new);
    if let Some(tb) = group.traceback.get() {
        e.traceback.set(&e.header, tb);
    }
    if let Some(context) = group.context.get() {
        e.context.set(&e.header, context);
    }
    if let Some(cause) = group.cause.get() {
        e.cause.set(&e.header, cause);
    }
    e.suppress_context.set(group.suppress_context.get());
    if let Some(notes) = vm.find_attr(group.value(), vm.names.__notes__.get())?
        && notes.cast::<crate::types::list::List>().is_some()
    {
        let copy = vm.collect(notes)?;
        let copy = vm.new_list(&copy)?.value();
        vm.set_attr(new, vm.names.__notes__.get(), Some(copy))?;
    }
    Ok(new)
}

fn split_by(
    vm: &Vm,
    v: Value,
    c: &Condition,
    want_rest: bool,
) -> Result<(Option<Value>, Option<Value>)> {
    vm.check_native_stack()?;
    if holds(vm, c, v)? {
        return Ok((Some(v), None));
    }
    if !is_group(vm, v) {
        return Ok((None, Some(v)));
    }
    let group = this(v);
    let (mut matching, mut rest) = (vm.rooted(), vm.rooted());
    for item in members(vm, group) {
        let (m, r) = split_by(vm, item, c, want_rest)?;
        matching.extend(m);
        rest.extend(r);
    }
    let part = |items: &[Value]| {
        if items.is_empty() {
            Ok(None)
        } else {
            derive(vm, group, items).map(Some)
        }
    };
    Ok((
        part(&matching)?,
        if want_rest { part(&rest)? } else { None },
    ))
}

pub(super) fn group_split(vm: &Vm, args: &[Value]) -> Result {
    let c = condition(vm, args[1])?;
    let (matching, rest) = split_by(vm, args[0], &c, true)?;
    vm.pair(matching.unwrap_or(Value::NONE), rest.unwrap_or(Value::NONE))
}

pub(super) fn group_subgroup(vm: &Vm, args: &[Value]) -> Result {
    let c = condition(vm, args[1])?;
    Ok(split_by(vm, args[0], &c, false)?.0.unwrap_or(Value::NONE))
}

/// `except*`: the part of `v` that matches the types, and the rest (both None-able).
pub fn match_star(vm: &Vm, v: Value, types: Value) -> Result<(Value, Value)> {
    if holds(vm, &Condition::Types(types), v)? {
        if is_group(vm, v) {
            return Ok((v, Value::NONE));
        }
        // A bare exception is wrapped.
        let list = vm.new_tuple(&[v])?.value();
        let empty = vm.names.empty.get().value();
        let class = vm.exception_class(&exc::BASE_EXCEPTION_GROUP).value();
        let group = vm.call(class, &[empty, list])?;
        if let Some(tb) = this(v).traceback.get() {
            this(group).traceback.set(&this(group).header, tb);
        }
        return Ok((group, Value::NONE));
    }
    if is_group(vm, v) {
        let pair = vm.call_method(v, "split", &[types])?;
        if let Some(t) = pair.cast::<Tuple>()
            && t.len() >= 2
        {
            for part in [t.get(0), t.get(1)] {
                if !part.is_none() && !vm.is_kind(part, Kind::Exception) {
                    return Err(vm.type_error("exceptions must derive from BaseException"));
                }
            }
            return Ok((t.get(0), t.get(1)));
        }
        let name = vm.class_of(v).name_string();
        return Err(vm.type_error(match pair.cast::<Tuple>() {
            Some(t) => format!(
                "{name}.split must return a 2-tuple, got tuple of size {}",
                t.len()
            ),
            None => format!(
                "{name}.split must return a tuple, not {}",
                vm.class_of(pair).name_string()
            ),
        }));
    }
    Ok((Value::NONE, v))
}

/// Collects the leaves of a group by identity.
fn leaves(vm: &Vm, v: Value, out: &mut Vec<Value>) {
    if is_group(vm, v) {
        for item in members(vm, this(v)) {
            leaves(vm, item, out);
        }
    } else {
        out.push(v);
    }
}

fn project(vm: &Vm, v: Value, keep: &[Value]) -> Result<Option<Value>> {
    if !is_group(vm, v) {
        return Ok(keep.contains(&v).then_some(v));
    }
    let mut kept = vm.rooted();
    let mut all = true;
    for item in members(vm, this(v)) {
        let part = project(vm, item, keep)?;
        all &= part == Some(item);
        kept.extend(part);
    }
    if kept.is_empty() {
        Ok(None)
    } else if all {
        Ok(Some(v))
    } else {
        derive(vm, this(v), &kept).map(Some)
    }
}

/// The exception to raise at the end of a `try` with `except*`: `list` holds
/// what handlers raised and what no handler took (None for nothing).
pub fn prepare_reraise(vm: &Vm, original: Value, list: &[Value]) -> Result {
    let items: Vec<Value> = list.iter().copied().filter(|v| !v.is_none()).collect();
    if items.is_empty() {
        return Ok(Value::NONE);
    }
    if !is_group(vm, original) {
        return Ok(items[0]);
    }
    let metadata = |v: Value| {
        let e = this(v);
        (e.traceback.get(), e.context.get(), e.cause.get())
    };
    let (mut raised, mut reraised) = (vm.rooted(), vm.rooted());
    for v in items {
        if is_group(vm, v) && metadata(v) == metadata(original) {
            reraised.push(v)
        } else {
            raised.push(v)
        }
    }
    let mut keep = Vec::new();
    for v in reraised.iter() {
        leaves(vm, *v, &mut keep);
    }
    let projected = project(vm, original, &keep)?;
    if raised.is_empty() {
        return Ok(projected.unwrap_or(Value::NONE));
    }
    if let Some(v) = projected {
        raised.push(v);
    }
    if let [one] = &raised[..]
        && projected.is_none()
    {
        return Ok(*one);
    }
    let list = vm.new_list(&raised)?.value();
    let empty = vm.names.empty.get().value();
    vm.call(
        vm.exception_class(&exc::BASE_EXCEPTION_GROUP).value(),
        &[empty, list],
    )
}

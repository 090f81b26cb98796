//! Intrinsics, awaiting and delegating.

use taipan_bytecode::CodeFlags;
use taipan_runtime::object::Special;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::generator::Generator;
use taipan_runtime::types::list::List;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Step;
use taipan_runtime::{Result, Value, Vm};

/// `CALL_INTRINSIC_1`.
pub fn unary(vm: &Vm, frame: &Frame, which: usize, v: Value) -> Result {
    match which {
        1 => {
            let hook = vm
                .sys_dict
                .get()
                .and_then(|d| d.get_str(vm.names.displayhook.get()));
            match hook {
                Some(hook) => vm.call(hook, &[v]),
                None => Err(vm.runtime_error("lost sys.displayhook")),
            }
        }
        2 => {
            let locals = frame.locals.unwrap_or(Value::NONE);
            super::imports::import_star(vm, v, locals)?;
            Ok(Value::NONE)
        }
        3 => Ok(stop_iteration_error(vm, frame, v)),
        4 => vm.wrap_async_value(v),
        5 => vm.positive(v),
        6 => match v.cast::<List>() {
            Some(list) => Ok(vm.new_tuple(list.as_slice())?.value()),
            None => Err(vm.system_error("list expected")),
        },
        7 => type_parameter(vm, "TypeVar", &[v]),
        8 => type_parameter(vm, "ParamSpec", &[v]),
        9 => type_parameter(vm, "TypeVarTuple", &[v]),
        10 => {
            let generic = vm.import_attr("_typing", "_subscript_generic")?;
            vm.call(generic, &[v])
        }
        11 => {
            let make = vm.import_attr("_typing", "_make_type_alias")?;
            match v.cast::<Tuple>() {
                Some(t) => vm.call(make, t.as_slice()),
                None => Err(vm.system_error("tuple expected")),
            }
        }
        _ => Err(vm.system_error("unknown intrinsic")),
    }
}

/// A type parameter of PEP 695 syntax: infers its variance.
fn type_parameter(vm: &Vm, kind: &str, args: &[Value]) -> Result {
    let make = vm.import_attr("_typing", "_make_type_parameter")?;
    let mut all = vm.rooted_from(vec![vm.new_str(kind).value()]);
    all.extend(args.iter().copied());
    vm.call(make, &all)
}

/// `CALL_INTRINSIC_2`.
pub fn binary(vm: &Vm, which: usize, a: Value, b: Value) -> Result {
    match which {
        1 => match b.cast::<List>() {
            Some(list) => {
                taipan_runtime::types::exception::group::prepare_reraise(vm, a, list.as_slice())
            }
            None => Err(vm.system_error("list expected")),
        },
        2 => type_parameter(vm, "TypeVar", &[a, b]),
        3 => type_parameter(vm, "TypeVarConstraints", &[a, b]),
        4 => {
            if let Some(f) = a.cast::<taipan_runtime::types::function::Function>() {
                f.type_params.set(&f.header, b);
            }
            Ok(a)
        }
        5 => {
            let set = vm.import_attr("_typing", "_set_type_parameter_default")?;
            vm.call(set, &[a, b])
        }
        _ => Err(vm.system_error("unknown intrinsic")),
    }
}

/// PEP 479: StopIteration leaving a generator's body becomes RuntimeError.
fn stop_iteration_error(vm: &Vm, frame: &Frame, e: Value) -> Value {
    let class = vm.class_of(e);
    let code = frame.code;
    let stop = class.is_subclass_of(vm.exception_class(&exc::STOP_ITERATION));
    let stop_async = class.is_subclass_of(vm.exception_class(&exc::STOP_ASYNC_ITERATION));
    let message = if stop {
        if code.has(CodeFlags::ASYNC_GENERATOR) {
            "async generator raised StopIteration"
        } else if code.has(CodeFlags::COROUTINE) {
            "coroutine raised StopIteration"
        } else {
            "generator raised StopIteration"
        }
    } else if stop_async && code.has(CodeFlags::ASYNC_GENERATOR) {
        "async generator raised StopAsyncIteration"
    } else {
        return e;
    };
    vm.runtime_error(message);
    let new = vm.take_raised();
    if let Some(x) = new.cast::<taipan_runtime::types::exception::Exception>() {
        x.cause.set(&x.header, e);
        x.context.set(&x.header, e);
        x.suppress_context.set(true);
    }
    new
}

/// `SEND` to what is no plain generator.
pub fn send(vm: &Vm, receiver: Value, v: Value) -> Result<Step> {
    if let Some(generator) = receiver.cast::<Generator>()
        && vm.class_of(receiver) != vm.types.async_generator.get()
    {
        if generator.is_finished() && vm.class_of(receiver) == vm.types.coroutine.get() {
            return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
        }
        return vm.interpreter().resume(vm, generator, Some(v));
    }
    if v.is_none()
        && let Some(send) = vm.class_of(receiver).def.get().and_then(|def| def.send)
    {
        return vm.check_native_stack().and_then(|()| send(vm, receiver));
    }
    let result = if v.is_none() && vm.class_of(receiver).special(Special::Next).is_some() {
        match vm.class_of(receiver).special(Special::Next) {
            Some(f) => vm.call_special(f, receiver, &[]),
            None => return Err(vm.type_error("not an iterator")),
        }
    } else {
        vm.call_method(receiver, "send", &[v])
    };
    match result {
        Ok(v) => Ok(Step::Yield(v)),
        Err(_) if vm.raised_is_def(&exc::STOP_ITERATION) => {
            let e = vm.take_raised();
            Ok(Step::Return(
                e.cast()
                    .map_or(Value::NONE, |x| exc::get_field(vm, x, "value")),
            ))
        }
        Err(raised) => Err(raised),
    }
}

fn is_coroutine_like(vm: &Vm, v: Value) -> bool {
    let class = vm.class_of(v);
    class == vm.types.coroutine.get()
        || v.cast::<Generator>().is_some_and(|g| {
            class == vm.types.generator.get() && g.frame.code.has(CodeFlags::ITERABLE_COROUTINE)
        })
}

/// `GET_YIELD_FROM_ITER`.
pub fn yield_from_iter(vm: &Vm, frame: &Frame, v: Value) -> Result {
    if vm.class_of(v) == vm.types.coroutine.get() {
        if !frame
            .code
            .has(CodeFlags::COROUTINE | CodeFlags::ITERABLE_COROUTINE)
        {
            return Err(vm.type_error(
                "cannot 'yield from' a coroutine object in a non-coroutine generator",
            ));
        }
        return Ok(v);
    }
    if v.cast::<Generator>().is_some() && vm.class_of(v) == vm.types.generator.get() {
        return Ok(v);
    }
    vm.iter(v)
}

/// What `await v` iterates over.
pub fn await_iter(vm: &Vm, v: Value) -> Result {
    if is_coroutine_like(vm, v) {
        return Ok(v);
    }
    let Some(result) = vm.call_if_defined(v, Special::Await, &[])? else {
        return Err(vm.type_error(format!(
            "'{}' object can't be awaited",
            vm.class_of(v).qualified_name()
        )));
    };
    if is_coroutine_like(vm, result) {
        return Err(vm.type_error("__await__() returned a coroutine"));
    }
    if vm.class_of(result).special(Special::Next).is_none() {
        return Err(vm.type_error(format!(
            "__await__() returned non-iterator of type '{}'",
            vm.class_of(result).qualified_name()
        )));
    }
    Ok(result)
}

/// `GET_AWAITABLE`; `place` is 1 after `__aenter__`, 2 after `__aexit__`.
pub fn awaitable(vm: &Vm, v: Value, place: usize) -> Result {
    let iterator = match await_iter(vm, v) {
        Ok(i) => i,
        Err(raised) => {
            let method = match place {
                1 => "__aenter__",
                2 => "__aexit__",
                _ => return Err(raised),
            };
            if vm.raised_is_def(&exc::TYPE_ERROR)
                && vm.class_of(v).special(Special::Await).is_none()
            {
                vm.clear_raised();
                return Err(vm.type_error(format!(
                    "'async with' received an object from {method} that does not implement __await__: {}",
                    vm.class_of(v).qualified_name()
                )));
            }
            return Err(raised);
        }
    };
    if let Some(g) = iterator.cast::<Generator>()
        && vm.class_of(iterator) == vm.types.coroutine.get()
        && g.delegate().is_some()
    {
        return Err(vm.runtime_error("coroutine is being awaited already"));
    }
    Ok(iterator)
}

/// `GET_AITER`.
pub fn async_iter(vm: &Vm, v: Value) -> Result {
    let Some(iterator) = vm.call_if_defined(v, Special::AIter, &[])? else {
        return Err(vm.type_error(format!(
            "'async for' requires an object with __aiter__ method, got {}",
            vm.class_of(v).qualified_name()
        )));
    };
    if vm.class_of(iterator).special(Special::ANext).is_none() {
        return Err(vm.type_error(format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            vm.class_of(iterator).qualified_name()
        )));
    }
    Ok(iterator)
}

/// `GET_ANEXT`.
pub fn async_next(vm: &Vm, v: Value) -> Result {
    let Some(next) = vm.call_if_defined(v, Special::ANext, &[])? else {
        return Err(vm.type_error(format!(
            "'async for' requires an iterator with __anext__ method, got {}",
            vm.class_of(v).qualified_name()
        )));
    };
    match await_iter(vm, next) {
        Ok(i) => Ok(i),
        Err(_) => {
            let cause = vm.take_raised();
            vm.type_error(format!(
                "'async for' received an invalid object from __anext__: {}",
                vm.class_of(next).qualified_name()
            ));
            let e = vm.take_raised();
            if let Some(x) = e.cast::<taipan_runtime::types::exception::Exception>() {
                x.cause.set(&x.header, cause);
                x.context.set(&x.header, cause);
                x.suppress_context.set(true);
            }
            Err(vm.raise_again(e))
        }
    }
}

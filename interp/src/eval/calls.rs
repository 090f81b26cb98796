//! `CALL` and its kin: Python functions get an activation, the rest is called natively.

use super::frames;
use smallvec::SmallVec;
use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::object::{Class, ClassFlags, NativeFunction, Special};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::method::BoundMethod;
use taipan_runtime::types::partial::PlainPartial;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Breaker;
use taipan_runtime::vm::RootedVec;
use taipan_runtime::{Result, Value, Vm};

/// What a call came to.
pub enum Called {
    /// It is done.
    Value(Value),
    /// An activation was pushed; the loop goes on there.
    Frame(*mut Frame),
    /// A generator's frame is the innermost activation; the loop goes on there.
    Generator(*mut Frame),
}

/// `CALL`: at `below` lie the callable, the receiver or nothing, and `count` arguments.
///
/// # Safety
/// `below` points to that many words of the evaluation stack.
#[inline(always)]
pub unsafe fn call(vm: &Vm, below: *mut Option<Value>, count: usize) -> Result<Called> {
    // SAFETY: by contract.
    unsafe {
        let callable = (*below).unwrap_unchecked();
        let has_receiver = (*below.add(1)).is_some();
        let first = below.add(2 - usize::from(has_receiver)) as *const Value;
        let args = std::slice::from_raw_parts(first, count + usize::from(has_receiver));
        if let Some(header) = callable.header() {
            let kind = header.shape().layout.kind;
            if kind == Kind::Function {
                let f = callable.cast_unchecked::<Function>();
                return frames::push_call(vm, f, args, None).map(Called::Frame);
            }
            if kind == Kind::Native {
                let f = callable.cast_unchecked::<NativeFunction>();
                let mut args = args;
                if !has_receiver
                    && f.passes_receiver()
                    && let Some(receiver) = f.receiver.get()
                {
                    *below.add(1) = Some(receiver);
                    args = std::slice::from_raw_parts(below.add(1) as *const Value, count + 1);
                } else if f.passes_receiver() && !f.is_descriptor() {
                    return f.call(vm, args, None).map(Called::Value);
                }
                if let Some(code) = f.direct_code(vm, args) {
                    return code(vm, args).map(Called::Value);
                }
                if let Some(consumer) = f.def.consumer
                    && let Some((f, _)) = vm.python_consumer(consumer, args, &[])
                {
                    return frames::push_call(vm, f, args, None).map(Called::Frame);
                }
                if f.def.is_length
                    && vm.breaker.get() & Breaker::TRACE == 0
                    && let [v] = args
                    && let Some(f) = vm.length_function(*v)
                {
                    return frames::push_call(vm, f, args, None).map(|frame| {
                        (*frame).flags.set(Frame::LENGTH);
                        Called::Frame(frame)
                    });
                }
                if f.def.resumes == Some(args.len())
                    && let value = args.get(1).copied().unwrap_or(Value::NONE)
                    && let Some(generator) = frames::resumable(vm, args[0], value)
                {
                    return frames::enter_generator(vm, generator, Some(value)).map(|frame| {
                        (*frame).flags.set(Frame::NEXT);
                        Called::Generator(frame)
                    });
                }
                return f.call_bound(vm, args, None).map(Called::Value);
            }
            if kind == Kind::Class && !has_receiver {
                let class = callable.cast_unchecked::<Class>();
                if count == 1 && class == vm.types.type_.get() {
                    return Ok(Called::Value(vm.class_of(args[0]).value()));
                }
                // Iterators that run Python code may be gone through by Python code.
                let may_run = |v: Value| {
                    let kind = v.header().map(|header| header.shape().layout.kind);
                    matches!(kind, Some(Kind::Generator | Kind::Other))
                };
                if class.has_flag(ClassFlags::WHOLE_NEW) && !(count == 1 && may_run(args[0])) {
                    *below.add(1) = Some(callable);
                    let args = std::slice::from_raw_parts(below.add(1) as *const Value, count + 1);
                    return construct_wholly(vm, class, args).map(Called::Value);
                }
            }
        }
        call_other(vm, below, count)
    }
}

/// As [`call`], for callables other than functions.
#[inline(never)]
unsafe fn call_other(vm: &Vm, below: *mut Option<Value>, count: usize) -> Result<Called> {
    // SAFETY: by contract.
    unsafe {
        let callable = (*below).unwrap_unchecked();
        let has_receiver = (*below.add(1)).is_some();
        let first = below.add(2 - usize::from(has_receiver)) as *const Value;
        let args = std::slice::from_raw_parts(first, count + usize::from(has_receiver));
        if let Some(header) = callable.header() {
            match header.shape().layout.kind {
                Kind::BoundMethod if !has_receiver => {
                    let m = callable.cast_unchecked::<BoundMethod>();
                    let function = m.function.or_none();
                    *below = Some(function);
                    *below.add(1) = m.receiver.get();
                    let args = std::slice::from_raw_parts(below.add(1) as *const Value, count + 1);
                    if let Some(f) = function.cast::<Function>() {
                        return frames::push_call(vm, f, args, None).map(Called::Frame);
                    }
                    return vm.call(function, args).map(Called::Value);
                }
                Kind::Class => {
                    let class = callable.cast_unchecked::<Class>();
                    if count == 1
                        && !has_receiver
                        && (vm.is_kind(args[0], Kind::Generator) || vm.item_call(args[0]).is_some())
                        && let Some(consumer) = vm.consumer_of(callable)
                        && let Some((f, _)) = vm.python_consumer(consumer, args, &[])
                    {
                        return frames::push_call(vm, f, args, None).map(Called::Frame);
                    }
                    // Built-in types but exceptions: no Python function has a part in it.
                    let is_builtin = class.has_flag(ClassFlags::IMMUTABLE)
                        && class.layout.kind != Kind::Exception;
                    if is_builtin
                        && !has_receiver
                        && let Some(result) = construct_native(vm, class, below, count, None)
                    {
                        return result.map(Called::Value);
                    }
                    if let Some(result) = construct(vm, class, below, args, None) {
                        return result;
                    }
                    if !has_receiver && let Some(f) = vm.class_call(class) {
                        *below.add(1) = Some(callable);
                        let args =
                            std::slice::from_raw_parts(below.add(1) as *const Value, count + 1);
                        return frames::push_call(vm, f, args, None).map(Called::Frame);
                    }
                    if !is_builtin
                        && !has_receiver
                        && let Some(result) = construct_native(vm, class, below, count, None)
                    {
                        return result.map(Called::Value);
                    }
                }
                _ => {
                    if !has_receiver && let Some(partial) = vm.plain_partial(callable) {
                        return call_partial(vm, &partial, args).map(Called::Frame);
                    }
                    if let Some(f) = header.shape().class().special(Special::Call)
                        && let Some(f) = f.cast::<Function>()
                        && !has_receiver
                    {
                        *below.add(1) = Some(callable);
                        let args =
                            std::slice::from_raw_parts(below.add(1) as *const Value, count + 1);
                        return frames::push_call(vm, f, args, None).map(Called::Frame);
                    }
                }
            }
        }
        vm.call(callable, args).map(Called::Value)
    }
}

/// The activation of a partial's function.
fn call_partial(vm: &Vm, partial: &PlainPartial, args: &[Value]) -> Result<*mut Frame> {
    let mut all: SmallVec<[Value; 8]> = SmallVec::new();
    all.extend(partial.receiver);
    all.extend_from_slice(partial.args.as_slice());
    all.extend_from_slice(args);
    let mut names = None;
    if !partial.keywords.is_empty() {
        let keys: SmallVec<[Value; 8]> = partial.keywords.items().map(|(name, _)| name).collect();
        names = Some(vm.new_tuple(&keys)?);
        all.extend(partial.keywords.items().map(|(_, value)| value));
    }
    // What is beyond the inline part is kept alive by the partial and the caller's stack.
    frames::push_call(vm, partial.function, &all, names)
}

/// A new instance of a class with a Python `__init__` and the plain `__new__`, or that of
/// exceptions, and that `__init__`. `None` for other classes.
fn instance_for_init(
    vm: &Vm,
    class: Gc<Class>,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Option<Result<(Value, Gc<Function>)>> {
    if !vm.is_called_as_usual(class) || class.has_flag(ClassFlags::ABSTRACT) {
        return None;
    }
    let is_exception = vm.makes_plain_exceptions(class);
    if !is_exception
        && (class.special(Special::New) != vm.defaults.new.get()
            || class.layout.kind != Kind::Instance)
    {
        return None;
    }
    let init = class.special(Special::Init)?.cast::<Function>()?;
    let instance = if is_exception {
        let positional = args.len() - names.map_or(0, |names| names.len());
        match vm.new_exception(class, &args[..positional]) {
            Ok(e) => e.value(),
            Err(raised) => return Some(Err(raised)),
        }
    } else {
        vm.new_instance(class).value()
    };
    Some(Ok((instance, init)))
}

/// Makes an instance of a class with a Python `__init__` and the plain
/// `__new__`, or that of exceptions: the instance goes to the stack, where the result belongs, and
/// `__init__` gets an activation. `None` for other classes.
unsafe fn construct(
    vm: &Vm,
    class: Gc<Class>,
    below: *mut Option<Value>,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Option<Result<Called>> {
    let (instance, init) = match instance_for_init(vm, class, args, names)? {
        Ok(made) => made,
        Err(raised) => return Some(Err(raised)),
    };
    // SAFETY: the caller's stack; the receiver's place is free, or its content is in `args` already.
    unsafe {
        let has_receiver = (*below.add(1)).is_some();
        if has_receiver {
            return None;
        }
        *below = Some(instance);
        *below.add(1) = Some(instance);
        let args = std::slice::from_raw_parts(below.add(1) as *const Value, args.len() + 1);
        Some(frames::push_call(vm, init, args, names).map(|frame| {
            (*frame).flags.set(Frame::INIT);
            Called::Frame(frame)
        }))
    }
}

/// Makes an instance of a built-in class that is [`ClassFlags::WHOLE_NEW`], the first of the
/// arguments.
fn construct_wholly(vm: &Vm, class: Gc<Class>, args: &[Value]) -> Result {
    vm.check_native_stack()?;
    // SAFETY: what the flag says.
    let new = unsafe {
        (class.special(Special::New))
            .unwrap_unchecked()
            .cast_unchecked::<NativeFunction>()
    };
    match new.direct_code(vm, args) {
        Some(code) => code(vm, args),
        None => new.call_bound(vm, args, None),
    }
}

/// Makes an instance of a class whose `__new__` is native, and `__init__` too if it has
/// one: built-in types. `None` for other classes.
unsafe fn construct_native(
    vm: &Vm,
    class: Gc<Class>,
    below: *mut Option<Value>,
    count: usize,
    names: Option<Gc<Tuple>>,
) -> Option<Result> {
    if class.class() != vm.types.type_.get()
        || class == vm.types.type_.get()
        || class.special(Special::New) == vm.defaults.new.get()
        || class.has_flag(ClassFlags::NO_INSTANTIATION)
    {
        return None;
    }
    let new = class.special(Special::New)?.cast::<NativeFunction>()?;
    if new.passes_receiver() {
        // One that is bound already, put there by hand.
        return None;
    }
    let init = class.special(Special::Init);
    let init = if init == vm.defaults.init.get() {
        None
    } else {
        Some(init?.cast::<NativeFunction>()?)
    };
    // SAFETY: the receiver's place is free.
    unsafe {
        *below.add(1) = Some(class.value());
        let args = std::slice::from_raw_parts(below.add(1) as *const Value, count + 1);
        let made = vm
            .check_native_stack()
            .and_then(|()| new.call_bound(vm, args, names));
        Some(made.and_then(|object| {
            let own = vm.class_of(object);
            if own == class {
                if let Some(init) = init {
                    *below.add(1) = Some(object);
                    let args = std::slice::from_raw_parts(below.add(1) as *const Value, count + 1);
                    init.call_bound(vm, args, names)?;
                }
            } else if own.is_subclass_of(class) {
                // `__new__` chose a subclass, which may have an `__init__` of its own.
                vm.initialize(object, &args[1..], names)?;
            }
            Ok(object)
        }))
    }
}

/// The TypeError of an `__init__` that returned something.
#[cold]
pub fn bad_init_result(vm: &Vm, v: Value) {
    vm.type_error(format!(
        "__init__() should return None, not '{}'",
        vm.class_of(v).qualified_name()
    ));
}

/// `CALL_KW`: as [`call`], the last of the words being the tuple of keyword names.
///
/// # Safety
/// As for [`call`], with `count + 3` words.
pub unsafe fn call_kw(vm: &Vm, below: *mut Option<Value>, count: usize) -> Result<Called> {
    // SAFETY: by contract.
    unsafe {
        let names = (*below.add(2 + count))
            .unwrap_unchecked()
            .cast_unchecked::<Tuple>();
        let mut callable = (*below).unwrap_unchecked();
        if (*below.add(1)).is_none()
            && let Some(m) = callable.cast::<BoundMethod>()
        {
            *below = m.function.get();
            *below.add(1) = m.receiver.get();
            callable = m.function.or_none();
        }
        let has_receiver = (*below.add(1)).is_some();
        let first = below.add(2 - usize::from(has_receiver)) as *const Value;
        let args = std::slice::from_raw_parts(first, count + usize::from(has_receiver));
        if let Some(header) = callable.header() {
            match header.shape().layout.kind {
                Kind::Function => {
                    return frames::push_call(vm, callable.cast_unchecked(), args, Some(names))
                        .map(Called::Frame);
                }
                Kind::Class => {
                    let class = callable.cast_unchecked();
                    if let Some(result) = construct(vm, class, below, args, Some(names)) {
                        return result;
                    }
                    if !has_receiver && let Some(f) = vm.class_call(class) {
                        *below.add(1) = Some(callable);
                        let args =
                            std::slice::from_raw_parts(below.add(1) as *const Value, count + 1);
                        return frames::push_call(vm, f, args, Some(names)).map(Called::Frame);
                    }
                    if !has_receiver
                        && let Some(result) = construct_native(vm, class, below, count, Some(names))
                    {
                        return result.map(Called::Value);
                    }
                }
                Kind::Native => {
                    let f = callable.cast_unchecked::<NativeFunction>();
                    if (!f.passes_receiver() || f.is_descriptor())
                        && let Some(consumer) = f.def.consumer
                        && let Some((f, _)) = vm.python_consumer(consumer, args, names.as_slice())
                    {
                        return frames::push_call(vm, f, args, Some(names)).map(Called::Frame);
                    }
                }
                _ => {}
            }
        }
        vm.call_with(callable, args, Some(names)).map(Called::Value)
    }
}

/// `CALL_FUNCTION_EX`: at `below` lie the callable, nothing, an iterable of
/// positional arguments, and a mapping of keywords or nothing.
///
/// # Safety
/// `below` points to those four words.
pub unsafe fn call_ex(vm: &Vm, below: *mut Option<Value>) -> Result<Called> {
    // SAFETY: by contract.
    let (callable, arguments, keywords) = unsafe {
        (
            (*below).unwrap_unchecked(),
            (*below.add(2)).unwrap_unchecked(),
            *below.add(3),
        )
    };
    let (mut all, names) = spread(vm, callable, arguments, keywords)?;
    if let Some(f) = callable.cast::<Function>() {
        return frames::push_call(vm, f, &all, names).map(Called::Frame);
    }
    if let Some(m) = callable.cast::<BoundMethod>()
        && let Some(f) = m.function.or_none().cast::<Function>()
    {
        all.insert(0, m.receiver.or_none());
        return frames::push_call(vm, f, &all, names).map(Called::Frame);
    }
    if let Some(class) = callable.cast::<Class>() {
        if let Some(made) = instance_for_init(vm, class, &all, names) {
            let (instance, init) = made?;
            all.insert(0, instance);
            // SAFETY: the callable's place is where the result belongs.
            unsafe { *below = Some(instance) };
            let frame = frames::push_call(vm, init, &all, names)?;
            // SAFETY: just pushed.
            unsafe { (*frame).flags.set(Frame::INIT) };
            return Ok(Called::Frame(frame));
        }
        if let Some(f) = vm.class_call(class) {
            all.insert(0, callable);
            return frames::push_call(vm, f, &all, names).map(Called::Frame);
        }
    } else if vm.is_kind(callable, Kind::Instance)
        && let Some(f) = vm
            .class_of(callable)
            .special(Special::Call)
            .and_then(|f| f.cast::<Function>())
    {
        all.insert(0, callable);
        return frames::push_call(vm, f, &all, names).map(Called::Frame);
    }
    vm.call_with(callable, &all, names).map(Called::Value)
}

/// `callable(*arguments, **keywords)`, for compiled code.
///
/// # Errors
/// The arguments are no iterable and no mapping, or the call raises.
pub fn call_spread(vm: &Vm, callable: Value, arguments: Value, keywords: Option<Value>) -> Result {
    let (all, names) = spread(vm, callable, arguments, keywords)?;
    match names {
        Some(_) => vm.call_with(callable, &all, names),
        None => vm.call(callable, &all),
    }
}

/// The arguments of `callable(*arguments, **keywords)`, and the names of the last of them.
fn spread(
    vm: &Vm,
    callable: Value,
    arguments: Value,
    keywords: Option<Value>,
) -> Result<(RootedVec<'_>, Option<Gc<Tuple>>)> {
    let mut all = match arguments.cast::<Tuple>() {
        Some(t) => vm.rooted_slice(t.as_slice()),
        None => {
            if vm.class_of(arguments).special(Special::Iter).is_none()
                && vm.class_of(arguments).special(Special::GetItem).is_none()
            {
                return Err(vm.type_error(format!(
                    "{} argument after * must be an iterable, not {}",
                    super::containers::function_text(vm, callable),
                    vm.class_of(arguments).qualified_name()
                )));
            }
            vm.collect(arguments)?
        }
    };
    let mut names = None;
    if let Some(k) = keywords {
        let dict = match k.cast::<Dict>() {
            Some(d) => d,
            None => {
                let d = vm.new_dict().value();
                super::containers::dict_merge(vm, callable, d, k)?;
                // SAFETY: just made.
                unsafe { d.cast_unchecked() }
            }
        };
        if !dict.is_empty() {
            names = Some(vm.split_keywords(dict, &mut all)?);
        }
    }
    Ok((all, names))
}

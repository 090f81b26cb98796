//! Calls that no `CALL` makes: operators, comparisons, subscripts and properties whose
//! special methods are Python functions. They get an activation, as other calls do;
//! the flags of its frame say what is to become of the result ([`finish`]).

use super::{calls, frames};
use taipan_bytecode::opcode::{BinaryOp, CompareOp, Op};
use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::object::{Consumer, Special};
use taipan_runtime::ops::implicit::Setter;
use taipan_runtime::ops::items::{Above, Arguments, Calling, ItemCall, level_of};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Result, Value, Vm};

/// Pushes the activation of `f`. The caller stands at its instruction, which takes
/// `operands` values from the stack and is `units` long.
#[inline]
fn push(
    vm: &Vm,
    caller: &Frame,
    f: Gc<Function>,
    args: &[Value],
    operands: usize,
    units: u32,
    flags: u32,
) -> Result<Option<*mut Frame>> {
    let new = frames::push_call(vm, f, args, None)?;
    // SAFETY: just pushed; the operands are on the caller's stack.
    unsafe {
        caller.sp.set(caller.sp.get().sub(operands));
        (*new).flags.set(flags);
        (*new).return_info.set(units);
    }
    Ok(Some(new))
}

/// `BINARY_OP`: the activation of a Python function that it calls, if it does.
///
/// # Errors
/// The recursion is too deep, or the arguments do not fit.
#[inline]
pub fn binary(
    vm: &Vm,
    caller: &Frame,
    op: BinaryOp,
    a: Value,
    b: Value,
) -> Result<Option<*mut Frame>> {
    let Some((f, is_reflected)) = vm.first_binary(op, a, b) else {
        return Ok(None);
    };
    // A subscript has no second try, and its result may well be `NotImplemented`.
    let flags = if op == BinaryOp::Subscr {
        0
    } else {
        Frame::OPERATOR
    };
    let units = 1 + Op::BINARY_OP.caches() as u32;
    let args = if is_reflected { [b, a] } else { [a, b] };
    push(vm, caller, f, &args, 2, units, flags)
}

/// `WITH_EXCEPT_START`: the activation of an `__exit__` that is a Python function.
///
/// Not inlined, or the instruction loop's native frame would keep the exception, as one of the
/// arguments, where the collector sees it.
///
/// # Errors
/// As [`binary`].
#[inline(never)]
pub fn exit(
    vm: &Vm,
    caller: &Frame,
    exit: Value,
    receiver: Option<Value>,
    e: Value,
) -> Result<Option<*mut Frame>> {
    let Some(f) = exit.cast::<Function>() else {
        return Ok(None);
    };
    let (args, count) = super::unwind::exit_arguments(vm, receiver, e);
    push(vm, caller, f, &args[..count], 0, 1, 0)
}

/// `UNARY_NEGATIVE` and `UNARY_INVERT`; see [`binary`].
///
/// # Errors
/// As there.
#[inline]
pub fn unary(vm: &Vm, caller: &Frame, special: Special, v: Value) -> Result<Option<*mut Frame>> {
    let Some(f) = vm.unary_function(special, v) else {
        return Ok(None);
    };
    push(vm, caller, f, &[v], 1, 1, 0)
}

/// `COMPARE_OP`; see [`binary`].
///
/// # Errors
/// As there.
#[inline]
pub fn compare(
    vm: &Vm,
    caller: &Frame,
    op: CompareOp,
    a: Value,
    b: Value,
) -> Result<Option<*mut Frame>> {
    let Some(f) = vm.first_compare(op, a, b) else {
        return Ok(None);
    };
    let units = 1 + Op::COMPARE_OP.caches() as u32;
    push(vm, caller, f, &[a, b], 2, units, Frame::OPERATOR)
}

/// `STORE_SUBSCR`; see [`binary`].
///
/// # Errors
/// As there.
#[inline]
pub fn set_item(
    vm: &Vm,
    caller: &Frame,
    container: Value,
    key: Value,
    v: Value,
) -> Result<Option<*mut Frame>> {
    let Some(f) = vm.item_setter(container) else {
        return Ok(None);
    };
    let units = 1 + Op::STORE_SUBSCR.caches() as u32;
    push(
        vm,
        caller,
        f,
        &[container, key, v],
        3,
        units,
        Frame::DISCARD,
    )
}

/// `CONTAINS_OP`; see [`binary`].
///
/// # Errors
/// As there.
#[inline]
pub fn contains(
    vm: &Vm,
    caller: &Frame,
    container: Value,
    needle: Value,
) -> Result<Option<*mut Frame>> {
    let Some(f) = vm.membership_test(container) else {
        return Ok(None);
    };
    let units = 1 + Op::CONTAINS_OP.caches() as u32;
    push(vm, caller, f, &[container, needle], 2, units, Frame::TRUTH)
}

/// `STORE_ATTR` of a property and of classes with a `__setattr__`; see [`binary`].
///
/// # Errors
/// As there.
#[inline]
pub fn setter(
    vm: &Vm,
    caller: &Frame,
    owner: Value,
    name: Gc<Str>,
    value: Value,
) -> Result<Option<*mut Frame>> {
    let Some((f, setter)) = vm.attribute_setter(owner, name) else {
        return Ok(None);
    };
    let units = 1 + Op::STORE_ATTR.caches() as u32;
    let flags = Frame::DISCARD;
    match setter {
        Setter::Hook => push(
            vm,
            caller,
            f,
            &[owner, name.value(), value],
            2,
            units,
            flags,
        ),
        Setter::Property => push(vm, caller, f, &[owner, value], 2, units, flags),
        Setter::Descriptor(d) => push(vm, caller, f, &[d, owner, value], 2, units, flags),
    }
}

/// `GET_ITER` and `GET_YIELD_FROM_ITER` of an object with a Python `__iter__`; see [`binary`].
///
/// # Errors
/// As there.
#[inline]
pub fn iterator(vm: &Vm, caller: &Frame, v: Value) -> Result<Option<*mut Frame>> {
    let Some((f, is_checked)) = vm.iterating_function(v) else {
        return Ok(None);
    };
    let flags = if is_checked { Frame::CHECKED } else { 0 };
    push(vm, caller, f, &[v], 1, 1, flags)
}

/// `TO_BOOL` of an object with a Python `__bool__`, or a `__len__` for want of one; see
/// [`binary`].
///
/// # Errors
/// As there.
#[inline]
pub fn truth(vm: &Vm, caller: &Frame, v: Value) -> Result<Option<*mut Frame>> {
    let Some((f, by_length)) = vm.truth_function(v) else {
        return Ok(None);
    };
    let units = 1 + Op::TO_BOOL.caches() as u32;
    let flags = if by_length {
        Frame::LENGTH
    } else {
        Frame::CHECKED
    };
    push(vm, caller, f, &[v], 1, units, flags)
}

/// `LOAD_ATTR` of a property; see [`binary`].
///
/// # Errors
/// As there.
#[inline]
pub fn getter(vm: &Vm, caller: &Frame, owner: Value, name: Gc<Str>) -> Result<Option<*mut Frame>> {
    let units = 1 + Op::LOAD_ATTR.caches() as u32;
    let Some((f, descriptor)) = vm.attribute_getter(owner, name) else {
        return match vm.attribute_hook(owner, name) {
            Some(f) => push(vm, caller, f, &[owner, name.value()], 1, units, 0),
            None => Ok(None),
        };
    };
    match descriptor {
        None => push(vm, caller, f, &[owner], 1, units, 0),
        Some(descriptor) => {
            let class = vm.class_of(owner).value();
            push(vm, caller, f, &[descriptor, owner, class], 1, units, 0)
        }
    }
}

/// `LIST_EXTEND` and `SET_UPDATE` by what Python code makes: the activation of what takes that in
/// the native function's place.
///
/// # Errors
/// As [`binary`].
pub fn extend(
    vm: &Vm,
    caller: &Frame,
    consumer: Consumer,
    target: Value,
    items: Value,
) -> Result<Option<*mut Frame>> {
    let args = [target, items];
    let Some((f, _)) = vm.python_consumer(consumer, &args, &[]) else {
        return Ok(None);
    };
    push(vm, caller, f, &args, 1, 1, Frame::DISCARD)
}

/// What `FOR_ITER` finds of an iterator whose items a Python function makes.
pub enum Next {
    /// The activation of that function.
    Call(*mut Frame),
    /// The frame of a generator that makes its argument.
    Resume(*mut Frame),
    End,
    /// It is no such iterator.
    Other,
}

/// `FOR_ITER` of a `map` or `filter`: the activation of its function for the next item.
///
/// # Errors
/// What it goes through raises; or as [`binary`].
#[inline(never)]
pub fn item(vm: &Vm, caller: &Frame, it: Value) -> Result<Next> {
    let Some(calling) = vm.innermost_call(it) else {
        return Ok(Next::Other);
    };
    if let Some(inner) = calling.call.only_iterator() {
        if vm.is_kind(inner, Kind::Generator)
            && let Some(generator) = frames::resumable(vm, inner, Value::NONE)
        {
            let new = frames::enter_generator(vm, generator, Some(Value::NONE))?;
            // SAFETY: the generator's frame.
            unsafe { (*new).flags.set(calling.flags_below()) };
            return Ok(Next::Resume(new));
        }
        return match vm.next(inner)? {
            Some(item) => call_for_item(vm, caller, &calling, item).map(Next::Call),
            None => Ok(Next::End),
        };
    }
    let mut args = Arguments::new();
    args.extend(calling.receiver);
    if !calling.call.gather(vm, &mut args)? {
        return Ok(Next::End);
    }
    let new = frames::push_call(vm, calling.function, &args, None)?;
    Ok(Next::Call(called_for_item(new, &calling)))
}

/// `FOR_ITER` of an iterator whose step the recorder follows: the activation of that.
///
/// # Errors
/// There is no room for it.
#[cold]
pub fn step(vm: &Vm, it: Value) -> Result<Option<*mut Frame>> {
    let Some(f) = vm.step_of(it) else {
        return Ok(None);
    };
    let new = frames::push_call(vm, f, &[it], None)?;
    // SAFETY: just pushed.
    unsafe {
        (*new).flags.set(Frame::STEPPED);
        (*new).return_info.set(FOR_UNITS);
    }
    Ok(Some(new))
}

/// `FOR_ITER` and its cache.
const FOR_UNITS: u32 = 1 + Op::FOR_ITER.caches() as u32;

/// The activation of a stage's function for an item.
#[inline]
fn call_for_item(vm: &Vm, caller: &Frame, calling: &Calling, item: Value) -> Result<*mut Frame> {
    if let ItemCall::Filter(_) = calling.call {
        // SAFETY: its place on the caller's stack is free.
        unsafe { *caller.sp.get() = Some(item) };
    }
    let f = calling.function;
    let new = match calling.receiver {
        None => frames::push_call(vm, f, &[item], None)?,
        Some(receiver) => frames::push_call(vm, f, &[receiver, item], None)?,
    };
    Ok(called_for_item(new, calling))
}

#[inline]
fn called_for_item(new: *mut Frame, calling: &Calling) -> *mut Frame {
    // SAFETY: just pushed.
    unsafe {
        (*new).flags.set(calling.flags());
        (*new).return_info.set(FOR_UNITS);
    }
    new
}

/// What the result of a function called for an item leads to.
pub enum Advance {
    /// The loop's item.
    Item(Value),
    /// The same, a pair that was asked for in parts.
    Pair(Value, Value),
    /// `FOR_ITER` once more.
    Again,
    /// The activation of the function above.
    Call(*mut Frame),
    /// The loop's end.
    End,
}

/// What becomes of the result `v` of an activation with [`Frame::PICKED`], [`Frame::STAGE`] or [`Frame::STEPPED`]. The
/// caller stands at its `FOR_ITER`; `in_parts` if it unpacks pairs at once.
///
/// # Errors
/// The result has no truth, or what it goes through raises.
#[inline(never)]
pub fn advance(vm: &Vm, caller: &Frame, flags: u32, v: Value, in_parts: bool) -> Result<Advance> {
    if flags & Frame::STEPPED != 0 {
        return Ok(match v {
            Value::MISSING => Advance::End,
            Value::AGAIN => Advance::Again,
            item => Advance::Item(item),
        });
    }
    // SAFETY: the argument of a `filter` lies above the caller's top, the loop's iterator on it.
    let (item, iterator) = unsafe {
        let sp = caller.sp.get();
        (*sp, (*sp.sub(1)).unwrap_or(Value::NONE))
    };
    let mut item = if flags & Frame::PICKED == 0 {
        v
    } else if vm.truth(v)? {
        item.unwrap_or(Value::NONE)
    } else {
        return Ok(Advance::Again);
    };
    let mut level = level_of(flags);
    loop {
        match vm.above(iterator, level) {
            Some(Above::Enumerate(it)) if in_parts && level == 1 => {
                return Ok(Advance::Pair(it.count(vm)?, item));
            }
            Some(Above::Enumerate(it)) => item = vm.enumerated(it, item)?,
            Some(Above::Call(calling)) => {
                return call_for_item(vm, caller, &calling, item).map(Advance::Call);
            }
            Some(Above::Loop) | None => return Ok(Advance::Item(item)),
        }
        level -= 1;
    }
}

/// What is to be pushed on the caller's stack for the result `v` of an activation with
/// these flags, if anything. The caller stands at the instruction that made the call.
///
/// # Errors
/// What the instruction raises for such a result.
#[inline(never)]
pub fn finish(vm: &Vm, caller: &Frame, flags: u32, v: Value) -> Result<Option<Value>> {
    if flags & Frame::DISCARD != 0 {
        return Ok(None);
    }
    if flags & (Frame::CHECKED | Frame::LENGTH) != 0 {
        return check(vm, caller, flags, v).map(Some);
    }
    // SAFETY: the flags say what lies above the caller's top, and at which instruction it stands.
    let (word, above) = unsafe {
        let above = |i| (*caller.sp.get().add(i)).unwrap_unchecked();
        ((*caller.ip.get()).get(), above)
    };
    let arg = (word >> 8) as usize;
    if flags & Frame::INIT != 0 {
        if !v.is_none() {
            calls::bad_init_result(vm, v);
            return Err(vm.raised_marker());
        }
        return Ok(Some(above(0)));
    }
    if flags & Frame::TRUTH != 0 {
        return Ok(Some(Value::bool(vm.truth(v)? != (arg != 0))));
    }
    let (a, b) = (above(0), above(1));
    if Op::from_u8(word as u8).map(Op::generic) == Some(Op::COMPARE_OP) {
        // SAFETY: the compiler's arguments are comparisons.
        let op: CompareOp = unsafe { std::mem::transmute((arg >> 5) as u8) };
        let v = if v == Value::NOT_IMPLEMENTED {
            vm.rest_of_compare(op, a, b)?
        } else {
            v
        };
        let wants_bool = arg & 16 != 0;
        return Ok(Some(if wants_bool && !v.is_bool() {
            Value::bool(vm.truth(v)?)
        } else {
            v
        }));
    }
    if v == Value::NOT_IMPLEMENTED {
        // SAFETY: the compiler's arguments are operators.
        let op: BinaryOp = unsafe { std::mem::transmute(arg as u8) };
        return vm.rest_of_binary(op, a, b).map(Some);
    }
    Ok(Some(v))
}

/// The result of an activation that has to be an iterator, a truth value or a length.
fn check(vm: &Vm, caller: &Frame, flags: u32, v: Value) -> Result<Value> {
    // SAFETY: the instruction that made the call.
    let op = Op::from_u8(unsafe { (*caller.ip.get()).get() } as u8).map(Op::generic);
    let wants_truth = op == Some(Op::TO_BOOL);
    if flags & Frame::LENGTH != 0 {
        let length = vm.length_from(v)?;
        return Ok(if wants_truth {
            Value::bool(length != 0)
        } else {
            vm.new_int(length as i64)
        });
    }
    if wants_truth {
        return vm.truth_from(v).map(Value::bool);
    }
    vm.check_iterator(v)?;
    Ok(v)
}

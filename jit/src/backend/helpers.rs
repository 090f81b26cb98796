//! Functions of the runtime that compiled code calls, with what they take and do.
//!
//! Those that can fail return zero for it (see [`Helper::fails`]).

use crate::driver::Jit;
use crate::ir::{Class, Effect, Helper, Ty};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::ComplexCode;
use taipan_runtime::types::exception::Exception;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::generator::Generator;
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Breaker;
use taipan_runtime::{Header, Value, Vm};

/// How a step ended: at the next instruction, elsewhere in the frame, by an
/// exception, or in another frame.
pub const STEP_NEXT: u64 = 0;
pub const STEP_JUMPED: u64 = 1;
pub const STEP_RAISED: u64 = 2;
pub const STEP_OTHER: u64 = 3;
/// What a step that may raise is to end by: `STEP_NEXT` or `STEP_RAISED`.
pub const STEP_EITHER: u64 = 4;

/// The bits of a result; zero if it is an error.
fn bits(result: taipan_runtime::Result) -> u64 {
    match result {
        Ok(v) => v.bits(),
        Err(_) => 0,
    }
}

/// The write barrier's slow path.
pub(super) extern "C" fn remember(object: &Header) {
    object.barrier();
}

/// Room on the heap where the current run has none left.
pub(super) extern "C" fn make_room(vm: &Vm, size: usize) -> *const Header {
    // SAFETY: compiled code fills it at once.
    unsafe { vm.heap.make_room(size) }
}

/// An integer of 64 bits boxed.
pub(super) extern "C" fn new_int(vm: &Vm, i: i64) -> u64 {
    vm.new_int(i).bits()
}

/// A frame ends that Python code has a view of.
pub(super) extern "C" fn detach(vm: &Vm, frame: *mut Frame) {
    // SAFETY: the innermost activation.
    unsafe { vm.detach_frame_object(&*frame) };
}

/// A function's code is left by exit `id` (see [`super::exits`]) of a version of its tree: the
/// interpreter finishes the activation whose frame belongs at `frame`.
pub(super) extern "C" fn leave(vm: &Vm, frame: *mut Frame, id: u64, version: u64) -> u64 {
    match Jit::of(vm) {
        // SAFETY: called by the code of that version.
        Some(jit) => bits(unsafe { jit.leave(vm, frame, id, version) }),
        None => 0,
    }
}

/// As [`leave`], for a loop that a function entered: it ended by `status`.
pub(super) extern "C" fn leave_loop(vm: &Vm, frame: *mut Frame, status: u64) -> u64 {
    match Jit::of(vm) {
        // SAFETY: as in `leave`.
        Some(jit) => bits(unsafe { jit.leave_loop(vm, frame, status) }),
        None => 0,
    }
}

/// A generator's frame becomes an activation.
pub(super) extern "C" fn begin_generator(
    vm: &Vm,
    generator: Value,
    previous: *mut Frame,
    flags: u64,
) {
    // SAFETY: guarded by the trace.
    let generator: Gc<Generator> = unsafe { generator.cast_unchecked() };
    generator.frame.flags.set(flags as u32);
    vm.begin_generator(generator, previous);
}

/// A generator's frame is left; its state was stored.
pub(super) extern "C" fn end_generator(vm: &Vm, generator: Value) {
    // SAFETY: guarded by the trace.
    vm.end_generator(unsafe { generator.cast_unchecked() });
}

/// Runs the current instruction of the innermost frame in the interpreter.
pub(super) extern "C" fn step(vm: &Vm) -> u64 {
    match Jit::of(vm) {
        Some(jit) => (jit.hooks.step)(vm),
        None => STEP_OTHER,
    }
}

/// Calls a value with `count` arguments from `first` on.
pub(super) extern "C" fn call(vm: &Vm, callable: Value, first: *const Value, count: usize) -> u64 {
    // SAFETY: the arguments lie on the innermost frame's stack.
    let args = unsafe { std::slice::from_raw_parts(first, count) };
    if let Some(f) = callable.cast::<taipan_runtime::object::NativeFunction>() {
        return bits(if f.is_descriptor() {
            f.call_bound(vm, args, None)
        } else {
            f.call(vm, args, None)
        });
    }
    bits(vm.call(callable, args))
}

/// As [`call`], with the tuple of keywords' names behind the arguments.
pub(super) extern "C" fn call_kw(
    vm: &Vm,
    callable: Value,
    first: *const Value,
    count: usize,
) -> u64 {
    // SAFETY: the arguments and the names lie on the innermost frame's stack.
    let (args, names) = unsafe {
        (
            std::slice::from_raw_parts(first, count),
            (*first.add(count)).cast_unchecked(),
        )
    };
    bits(vm.call_with(callable, args, Some(names)))
}

/// A tuple of `count` values from `first` on.
pub(super) extern "C" fn tuple(vm: &Vm, first: *const Value, count: usize) -> u64 {
    // SAFETY: as in `call`.
    bits(
        vm.new_tuple(unsafe { std::slice::from_raw_parts(first, count) })
            .map(|t| t.value()),
    )
}

/// A list of `count` values from `first` on.
pub(super) extern "C" fn list(vm: &Vm, first: *const Value, count: usize) -> u64 {
    // SAFETY: as in `call`.
    bits(
        vm.new_list(unsafe { std::slice::from_raw_parts(first, count) })
            .map(|l| l.value()),
    )
}

const V: Ty = Ty::Val;
const I: Ty = Ty::Int;

pub(super) const fn mask(classes: &[Class]) -> u32 {
    let mut bits = 0;
    let mut i = 0;
    while i < classes.len() {
        bits |= 1 << classes[i] as u32;
        i += 1;
    }
    bits
}

/// Declares helpers: `NAME(arguments) -> result, effect, whether it fails = code;`.
macro_rules! helpers {
    ($($(#[$doc:meta])* $name:ident ($($arg:expr),*) -> $ret:expr, $effect:expr, $fails:literal = $code:path;)*) => {
        $($(#[$doc])* pub static $name: Helper = Helper {
            name: stringify!($name),
            address: || $code as *const () as usize,
            args: &[$($arg),*],
            ret: $ret,
            effect: $effect,
            fails: $fails,
        };)*
    };
}

pub(super) use helpers;

helpers! {
    /// Completes the frames.
    STAND() -> Ty::None, Effect::Frames, false = stand;
    /// Completes the frames while an exception is pending, and adds the innermost one to the
    /// traceback.
    UNWIND() -> Ty::None, Effect::Any, false = unwind;
    /// An exception is raised by the innermost frame, which has a handler or is left next: its
    /// context and its first traceback entry. Fails, nothing done, where somebody traces.
    RAISE_HERE(V) -> I, Effect::Frames, true = raise_here;
    /// The innermost frame is in the way of an exception: its traceback entry.
    UNWIND_BY(V) -> Ty::None, Effect::Note, false = unwind_by;
    /// The innermost frame, through which an exception came, ends: it is completed.
    LEAVE(V) -> Ty::None, Effect::Note, false = leave_frame;
    /// An exception, or the pending one, comes out of a function that an object's attribute was
    /// read by: an AttributeError is told the object and the name.
    READ_BY(V, V, V) -> Ty::None, Effect::Any, false = read_by;
    /// The traceback of an exception so far, which has one.
    TRACEBACK_OF(V) -> V, Effect::Note, false = traceback_of;
    /// As `BINARY` and its like, but a result of zero is left to the trace: it raised.
    TRY_BINARY(I, V, V) -> V, Effect::Any, false = binary;
    TRY_GET_ATTR(V, V) -> V, Effect::Any, false = get_attr;
    /// `raise a from b`, where `b` may be no value; always zero.
    TRY_RAISE(V, V) -> I, Effect::Any, false = raise;
    TRY_CALL_0(V) -> V, Effect::Any, false = call_0;
    TRY_CALL_1(V, V) -> V, Effect::Any, false = call_1;
    TRY_CALL_2(V, V, V) -> V, Effect::Any, false = call_2;
    TRY_CALL_3(V, V, V, V) -> V, Effect::Any, false = call_3;
    /// `a op b` by the general way: operator, operands.
    BINARY(I, V, V) -> V, Effect::Any, true = binary;
    COMPARE(I, V, V) -> V, Effect::Any, true = compare;
    GET_ITER(V) -> V, Effect::Any, true = get_iter;
    /// `list.append`.
    LIST_PUSH(V, V) -> I, Effect::Write(mask(&[Class::List, Class::Item])), true = list_push;
    FLOAT_FLOOR_DIV(Ty::Float, Ty::Float) -> Ty::Float, Effect::Pure, false = float_floor_div;
    FLOAT_MOD(Ty::Float, Ty::Float) -> Ty::Float, Effect::Pure, false = float_mod;
    HYPOT(Ty::Float, Ty::Float) -> Ty::Float, Effect::Pure, false = hypot;
    /// Code of a function of floats ([`taipan_runtime::object::FloatCode`]), arguments.
    FLOAT_CALL_1(Ty::Ptr, Ty::Float) -> Ty::Float, Effect::Pure, false = float_call_1;
    FLOAT_CALL_2(Ty::Ptr, Ty::Float, Ty::Float) -> Ty::Float, Effect::Pure, false = float_call_2;
    /// Code of a function of complex numbers ([`taipan_runtime::object::ComplexCode`]) and the parts of its
    /// argument: the real part, with the imaginary one left in `Vm::second`.
    COMPLEX_CALL(Ty::Ptr, Ty::Float, Ty::Float) -> Ty::Float, Effect::Write(0), false = complex_call;
    SECOND_FLOAT() -> Ty::Float, Effect::Write(0), false = second_float;
    STR_EQUAL(V, V) -> I, Effect::Pure, false = str_equal;
    STR_CONCAT(V, V) -> V, Effect::Alloc, true = str_concat;
    STR_AT(V, I) -> V, Effect::Alloc, true = str_at;
    /// Which of `Str::TESTS` hold.
    STR_TESTS(V) -> I, Effect::Pure, false = str_tests;
    /// An iterator's next item; `Value::MISSING` at its end.
    ITER_NEXT(V) -> V, Effect::Any, true = iter_next;
    /// 1: false, 2: true.
    TRUTH(V) -> I, Effect::Any, true = truth;
    COMPARE_BOOL(I, V, V) -> I, Effect::Any, true = compare_bool;
    /// Container, needle. 1: not there, 2: there.
    CONTAINS(V, V) -> I, Effect::Any, true = contains;
    /// Container, key, value.
    SET_ITEM(V, V, V) -> I, Effect::Any, true = set_item;
    LIST_POP(V) -> V, Effect::Write(mask(&[Class::List, Class::Item])), true = list_pop;
    SET_ADD(V, V) -> I, Effect::Any, true = set_add;
    /// `a[b:c]`.
    SLICE(V, V, V) -> V, Effect::Any, true = slice;
    /// An attribute by its name.
    GET_ATTR(V, V) -> V, Effect::Any, true = get_attr;
    /// What a method call calls; its first argument, or no value, is left in `Vm::second`.
    GET_METHOD(V, V) -> V, Effect::Any, true = get_method;
    /// A function of a code object in a module's namespace.
    NEW_FUNCTION(V, V) -> V, Effect::Make, false = new_function;
    /// A generator of a function that stands at an instruction.
    NEW_GENERATOR(V, Ty::Ptr) -> V, Effect::Alloc, true = new_generator;
    /// Owner, name, value.
    SET_ATTR(V, V, V) -> I, Effect::Any, true = set_attr;
    /// Owner, name.
    DELETE_ATTR(V, V) -> I, Effect::Any, true = delete_attr;
    /// `format(v, spec)`, of which the second may be no value.
    FORMAT(V, V) -> V, Effect::Any, true = format_any;
    STR(V) -> V, Effect::Any, true = str_any;
    REPR(V) -> V, Effect::Any, true = repr_any;
    /// `f(*arguments, **keywords)`; the keywords may be no value.
    CALL_EX(V, V, V) -> V, Effect::Any, true = call_ex;
    /// The code of a native function with all its arguments, bound.
    BOUND_1(Ty::Ptr, V) -> V, Effect::Any, true = bound_1;
    BOUND_2(Ty::Ptr, V, V) -> V, Effect::Any, true = bound_2;
    BOUND_3(Ty::Ptr, V, V, V) -> V, Effect::Any, true = bound_3;
    BOUND_4(Ty::Ptr, V, V, V, V) -> V, Effect::Any, true = bound_4;
    BOUND_5(Ty::Ptr, V, V, V, V, V) -> V, Effect::Any, true = bound_5;
    /// The result of `__init__`, which must be None.
    CHECK_INIT(V) -> I, Effect::Any, true = check_init;
    /// An instance of a plain class.
    NEW_INSTANCE(V) -> V, Effect::Alloc, false = new_instance;
    /// Fails where the result is no float.
    FLOAT_POW(Ty::Float, Ty::Float) -> V, Effect::Alloc, true = float_pow;
    /// Where the only error is a result that is too large: infinite, then.
    FLOAT_POW_FINITE(Ty::Float, Ty::Float) -> Ty::Float, Effect::Pure, false = float_pow_finite;
    ORD(V) -> I, Effect::Pure, false = ord;
    CHR(I) -> V, Effect::Alloc, false = chr;
}

/// By the number of arguments.
pub static TRY_CALLS: [&Helper; 4] = [&TRY_CALL_0, &TRY_CALL_1, &TRY_CALL_2, &TRY_CALL_3];

/// By the number of arguments, less one.
pub static BOUND: [&Helper; 5] = [&BOUND_1, &BOUND_2, &BOUND_3, &BOUND_4, &BOUND_5];

fn bound(vm: &Vm, code: usize, args: &[Value]) -> u64 {
    // SAFETY: the recorder passes such a function's address.
    let code: taipan_runtime::object::NativeCode = unsafe { std::mem::transmute(code) };
    bits(code(vm, args))
}

macro_rules! bound_calls {
    ($($name:ident ($($a:ident)*);)*) => {
        $(
            extern "C" fn $name(vm: &Vm, code: usize $(, $a: Value)*) -> u64 {
                bound(vm, code, &[$($a),*])
            }
        )*
    };
}

bound_calls! {
    bound_1 (a);
    bound_2 (a b);
    bound_3 (a b c);
    bound_4 (a b c d);
    bound_5 (a b c d e);
}

extern "C" fn call_ex(vm: &Vm, f: Value, arguments: Value, keywords: Option<Value>) -> u64 {
    match Jit::of(vm) {
        Some(jit) => bits((jit.hooks.call_ex)(vm, f, arguments, keywords)),
        None => 0,
    }
}

extern "C" fn call_0(vm: &Vm, f: Value) -> u64 {
    bits(vm.call(f, &[]))
}
extern "C" fn call_1(vm: &Vm, f: Value, a: Value) -> u64 {
    bits(vm.call(f, &[a]))
}
extern "C" fn call_2(vm: &Vm, f: Value, a: Value, b: Value) -> u64 {
    bits(vm.call(f, &[a, b]))
}
extern "C" fn call_3(vm: &Vm, f: Value, a: Value, b: Value, c: Value) -> u64 {
    bits(vm.call(f, &[a, b, c]))
}

extern "C" fn raise(vm: &Vm, e: Value, cause: Option<Value>) -> u64 {
    if let Some(jit) = Jit::of(vm) {
        (jit.hooks.raise)(vm, e, cause);
    }
    0
}

extern "C" fn raise_here(vm: &Vm, e: Value) -> u64 {
    if vm.breaker.get() & Breaker::TRACE != 0 {
        return 0;
    }
    // SAFETY: guarded by the trace.
    vm.link_context(unsafe { e.cast_unchecked() });
    unwind_by(vm, e);
    1
}

extern "C" fn unwind_by(vm: &Vm, e: Value) {
    if let Some(jit) = Jit::of(vm) {
        // SAFETY: guarded by the trace.
        (jit.hooks.traceback_of)(vm, unsafe { e.cast_unchecked() });
    }
}

extern "C" fn stand(_: &Vm) {}

extern "C" fn traceback_of(_: &Vm, e: Value) -> u64 {
    e.cast::<Exception>()
        .map_or(Value::NONE, |e| e.traceback.or_none())
        .bits()
}

extern "C" fn read_by(vm: &Vm, e: Option<Value>, owner: Value, name: Value) {
    // SAFETY: the recorder passes a name of the code.
    let name: Gc<Str> = unsafe { name.cast_unchecked() };
    match e.map(|e| e.cast::<Exception>()) {
        Some(Some(e)) => vm.complete_attribute_error_of(e, owner, name),
        _ => vm.complete_attribute_error(owner, name),
    }
}

extern "C" fn leave_frame(_: &Vm, _: Value) {}

extern "C" fn unwind(vm: &Vm) {
    if let Some(jit) = Jit::of(vm) {
        (jit.hooks.traceback)(vm);
    }
}

extern "C" fn binary(vm: &Vm, op: i64, a: Value, b: Value) -> u64 {
    // SAFETY: the recorder passes an operator's number.
    let op: taipan_bytecode::opcode::BinaryOp = unsafe { std::mem::transmute(op as u8) };
    bits(vm.binary(op, a, b))
}

extern "C" fn compare(vm: &Vm, op: i64, a: Value, b: Value) -> u64 {
    // SAFETY: as in `binary`.
    let op: taipan_bytecode::opcode::CompareOp = unsafe { std::mem::transmute(op as u8) };
    bits(vm.compare(op, a, b))
}

extern "C" fn get_iter(vm: &Vm, v: Value) -> u64 {
    bits(vm.iter(v))
}

extern "C" fn list_push(vm: &Vm, list: Value, v: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let list: Gc<List> = unsafe { list.cast_unchecked() };
    match list.push(vm, v) {
        Ok(()) => 1,
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

extern "C" fn float_floor_div(_: &Vm, a: f64, b: f64) -> f64 {
    taipan_runtime::ops::arith::float_floor_div(a, b)
}

extern "C" fn float_mod(_: &Vm, a: f64, b: f64) -> f64 {
    taipan_runtime::ops::arith::float_mod(a, b)
}

extern "C" fn hypot(_: &Vm, a: f64, b: f64) -> f64 {
    a.hypot(b)
}

extern "C" fn float_call_1(_: &Vm, code: usize, x: f64) -> f64 {
    // SAFETY: the recorder passes such a function's address.
    let code: fn(f64) -> f64 = unsafe { std::mem::transmute(code) };
    code(x)
}

extern "C" fn float_call_2(_: &Vm, code: usize, x: f64, y: f64) -> f64 {
    // SAFETY: the recorder passes such a function's address.
    let code: fn(f64, f64) -> f64 = unsafe { std::mem::transmute(code) };
    code(x, y)
}

extern "C" fn complex_call(vm: &Vm, code: usize, re: f64, im: f64) -> f64 {
    // SAFETY: the recorder passes such a function's address.
    let code: ComplexCode = unsafe { std::mem::transmute(code) };
    let (re, im) = code(re, im);
    vm.second.set(im.to_bits());
    re
}

extern "C" fn second_float(vm: &Vm) -> f64 {
    f64::from_bits(vm.second.get())
}

extern "C" fn str_equal(_: &Vm, a: Value, b: Value) -> u64 {
    use taipan_runtime::types::str::Str;
    // SAFETY: guarded by the trace.
    unsafe {
        a.cast_unchecked::<Str>()
            .equals(&b.cast_unchecked::<Str>())
            .into()
    }
}

extern "C" fn str_concat(vm: &Vm, a: Value, b: Value) -> u64 {
    // SAFETY: guarded by the trace.
    match unsafe { vm.str_concat(a.cast_unchecked(), b.cast_unchecked()) } {
        Ok(s) => s.value().bits(),
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

extern "C" fn str_at(vm: &Vm, s: Value, i: i64) -> u64 {
    use taipan_runtime::types::str::Str;
    // SAFETY: guarded by the trace, the index too.
    let s: Gc<Str> = unsafe { s.cast_unchecked() };
    match vm.str_of_char(s.char_at(i as usize)) {
        Ok(c) => c.value().bits(),
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

extern "C" fn str_tests(_: &Vm, s: Value) -> u64 {
    use taipan_runtime::types::str::Str;
    // SAFETY: guarded by the trace.
    unsafe { s.cast_unchecked::<Str>() }.tests().into()
}

extern "C" fn iter_next(vm: &Vm, iterator: Value) -> u64 {
    match vm.next(iterator) {
        Ok(Some(v)) => v.bits(),
        Ok(None) => Value::MISSING.bits(),
        Err(_) => 0,
    }
}

/// 0 for an error, 1 for false, 2 for true.
fn truth_code(result: taipan_runtime::Result<bool>) -> u64 {
    match result {
        Ok(b) => 1 + u64::from(b),
        Err(_) => 0,
    }
}

extern "C" fn truth(vm: &Vm, v: Value) -> u64 {
    truth_code(vm.truth(v))
}

extern "C" fn compare_bool(vm: &Vm, op: i64, a: Value, b: Value) -> u64 {
    // SAFETY: as in `binary`.
    let op: taipan_bytecode::opcode::CompareOp = unsafe { std::mem::transmute(op as u8) };
    truth_code(vm.compare_bool(op, a, b))
}

extern "C" fn contains(vm: &Vm, container: Value, needle: Value) -> u64 {
    truth_code(vm.contains(container, needle))
}

extern "C" fn set_item(vm: &Vm, container: Value, key: Value, v: Value) -> u64 {
    u64::from(vm.set_item(container, key, v).is_ok())
}

extern "C" fn list_pop(_: &Vm, list: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let list: Gc<List> = unsafe { list.cast_unchecked() };
    list.pop().map_or(0, Value::bits)
}

extern "C" fn new_function(vm: &Vm, code: Value, globals: Value) -> u64 {
    // SAFETY: constants of the trace.
    let (code, globals) = unsafe { (code.cast_unchecked(), globals.cast_unchecked()) };
    vm.new_function(code, globals).value().bits()
}

extern "C" fn new_generator(vm: &Vm, function: Value, at: *const std::cell::Cell<u32>) -> u64 {
    if vm.thread().coroutine_origin_depth.get() != 0 {
        return 0;
    }
    // SAFETY: guarded by the trace.
    let function = unsafe { function.cast_unchecked() };
    match vm.new_generator(function, None, None, at) {
        Ok(generator) => generator.value().bits(),
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

extern "C" fn check_init(vm: &Vm, result: Value) -> u64 {
    if result.is_none() {
        return 1;
    }
    let _ = vm.type_error(format!(
        "__init__() should return None, not '{}'",
        vm.class_of(result).name_string()
    ));
    0
}

extern "C" fn new_instance(vm: &Vm, class: Value) -> u64 {
    // SAFETY: a constant of the trace.
    vm.new_instance(unsafe { class.cast_unchecked() })
        .value()
        .bits()
}

extern "C" fn float_pow(vm: &Vm, a: f64, b: f64) -> u64 {
    match vm.float_pow(a, b) {
        Ok(v) => v.bits(),
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

extern "C" fn float_pow_finite(_: &Vm, a: f64, b: f64) -> f64 {
    a.powf(b)
}

extern "C" fn ord(_: &Vm, s: Value) -> i64 {
    use taipan_runtime::types::str::Str;
    // SAFETY: guarded by the trace.
    let s: Gc<Str> = unsafe { s.cast_unchecked() };
    s.char_at(0).into()
}

extern "C" fn chr(vm: &Vm, i: i64) -> u64 {
    vm.str_of_byte(i as u8).value().bits()
}

extern "C" fn set_add(vm: &Vm, set: Value, v: Value) -> u64 {
    // SAFETY: comprehensions build exact sets.
    let set: Gc<taipan_runtime::types::set::Set> = unsafe { set.cast_unchecked() };
    u64::from(set.add(vm, v).is_ok())
}

extern "C" fn slice(vm: &Vm, container: Value, start: Value, stop: Value) -> u64 {
    match Jit::of(vm) {
        Some(jit) => bits((jit.hooks.slice)(vm, container, start, stop)),
        None => 0,
    }
}

extern "C" fn get_attr(vm: &Vm, owner: Value, name: Value) -> u64 {
    // SAFETY: names are strings.
    bits(vm.get_attr(owner, unsafe { name.cast_unchecked() }))
}

extern "C" fn get_method(vm: &Vm, owner: Value, name: Value) -> u64 {
    // SAFETY: names are strings.
    match vm.get_method(owner, unsafe { name.cast_unchecked() }) {
        Ok((f, receiver)) => {
            vm.second.set(receiver.map_or(0, Value::bits));
            f.bits()
        }
        Err(_) => 0,
    }
}

extern "C" fn set_attr(vm: &Vm, owner: Value, name: Value, v: Value) -> u64 {
    // SAFETY: names are strings.
    let name = unsafe { name.cast_unchecked() };
    u64::from(vm.set_attr(owner, name, Some(v)).is_ok())
}

extern "C" fn delete_attr(vm: &Vm, owner: Value, name: Value) -> u64 {
    // SAFETY: names are strings.
    let name = unsafe { name.cast_unchecked() };
    u64::from(vm.set_attr(owner, name, None).is_ok())
}

extern "C" fn format_any(vm: &Vm, v: Value, spec: Option<Value>) -> u64 {
    // SAFETY: guarded by the trace.
    let spec = spec.map(|s| unsafe { s.cast_unchecked() });
    bits(vm.format(v, spec).map(|s| s.value()))
}

extern "C" fn str_any(vm: &Vm, v: Value) -> u64 {
    bits(vm.str(v).map(|s| s.value()))
}

extern "C" fn repr_any(vm: &Vm, v: Value) -> u64 {
    bits(vm.repr(v).map(|s| s.value()))
}

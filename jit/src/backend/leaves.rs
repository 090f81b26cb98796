//! Helpers that call native code of a stated effect ([`taipan_runtime::object::NativeEffect`]):
//! no frame is completed for them. Each tests what the effect is promised for, and fails,
//! nothing done, where that does not hold or where the native code raises: the interpreter
//! then executes the instruction, and raises again.

use super::helpers::{helpers, mask};
use crate::ir::{Class, Effect, Helper, Ty};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Arguments, NativeCode, NativeFunction, RecallCode};
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::NextPair;
use taipan_runtime::types::slice::Slice;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Result, Value, Vm};

const V: Ty = Ty::Val;
const I: Ty = Ty::Int;
const P: Ty = Ty::Ptr;

/// What traces model of the memory that a method may change.
const CHANGES: Effect = Effect::Write(mask(&[
    Class::List,
    Class::Item,
    Class::Dict,
    Class::DictValue,
    Class::Iter,
    Class::Set,
    Class::Raw,
]));
const ITERATES: Effect = Effect::Write(mask(&[Class::Iter]));
const DICT: Effect = Effect::Write(mask(&[Class::Dict, Class::DictValue]));
pub(super) const LIST: Effect = Effect::Write(mask(&[Class::List, Class::Item, Class::Iter]));

/// The arguments of an effect as one word.
pub fn pack(arguments: Arguments) -> i64 {
    i64::from(arguments.simple) | i64::from(arguments.plain) << 8 | i64::from(arguments.keys) << 16
}

fn unpack(word: u64) -> Arguments {
    Arguments {
        simple: word as u8,
        plain: (word >> 8) as u8,
        keys: (word >> 16) as u8,
    }
}

/// The bits of a result; zero, nothing pending, for an exception.
pub(super) fn done(vm: &Vm, result: Result) -> u64 {
    match result {
        Ok(v) => v.bits(),
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

/// As [`done`], for a truth value: 1 is false, 2 true.
pub(super) fn truth(vm: &Vm, result: Result<bool>) -> u64 {
    match result {
        Ok(b) => 1 + u64::from(b),
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

#[inline(always)]
fn native(vm: &Vm, code: usize, admit: u64, args: &[Value]) -> u64 {
    // SAFETY: the recorder passes such a function's address.
    let code: NativeCode = unsafe { std::mem::transmute(code) };
    if admit != 0 && !unpack(admit).admit(vm, args) {
        return 0;
    }
    done(vm, code(vm, args))
}

#[inline(always)]
fn apply(vm: &Vm, callable: Value, admit: u64, args: &[Value]) -> u64 {
    if admit != 0 && !unpack(admit).admit(vm, args) {
        return 0;
    }
    let result = match callable.cast::<NativeFunction>() {
        Some(f) => f.call_bound(vm, args, None),
        None => vm.call(callable, args),
    };
    done(vm, result)
}

macro_rules! calls {
    ($($native:ident $apply:ident ($($a:ident)*);)*) => {
        $(
            extern "C" fn $native(vm: &Vm, code: usize, admit: u64 $(, $a: Value)*) -> u64 {
                native(vm, code, admit, &[$($a),*])
            }
            extern "C" fn $apply(vm: &Vm, callable: Value, admit: u64 $(, $a: Value)*) -> u64 {
                apply(vm, callable, admit, &[$($a),*])
            }
        )*
    };
}

calls! {
    native_0 apply_0 ();
    native_1 apply_1 (a);
    native_2 apply_2 (a b);
    native_3 apply_3 (a b c);
    native_4 apply_4 (a b c d);
}

macro_rules! recalls {
    ($($name:ident ($($a:ident)*);)*) => {
        $(
            extern "C" fn $name(vm: &Vm, code: usize $(, $a: Value)*) -> u64 {
                // SAFETY: the recorder passes such a function's address.
                let code: RecallCode = unsafe { std::mem::transmute(code) };
                code(vm, &[$($a),*]).map_or(0, Value::bits)
            }
        )*
    };
}

recalls! {
    recall_1 (c a);
    recall_2 (c a b);
    recall_3 (c a b d);
}

macro_rules! makers {
    ($make:ident: $($name:ident ($($a:ident)*);)*) => {
        $(
            extern "C" fn $name(vm: &Vm $(, $a: Value)*) -> u64 {
                done(vm, vm.$make(&[$($a),*]).map(|made| made.value()))
            }
        )*
    };
}

makers! {
    str_join_all:
    string_2 (a b);
    string_3 (a b c);
    string_4 (a b c d);
    string_5 (a b c d e);
    string_6 (a b c d e f);
}

helpers! {
    /// The native code of a function with its arguments; which of them have to be what.
    READS_0(P, I) -> V, Effect::Alloc, true = native_0;
    READS_1(P, I, V) -> V, Effect::Alloc, true = native_1;
    READS_2(P, I, V, V) -> V, Effect::Alloc, true = native_2;
    READS_3(P, I, V, V, V) -> V, Effect::Alloc, true = native_3;
    READS_4(P, I, V, V, V, V) -> V, Effect::Alloc, true = native_4;
    CHANGES_0(P, I) -> V, CHANGES, true = native_0;
    CHANGES_1(P, I, V) -> V, CHANGES, true = native_1;
    CHANGES_2(P, I, V, V) -> V, CHANGES, true = native_2;
    CHANGES_3(P, I, V, V, V) -> V, CHANGES, true = native_3;
    CHANGES_4(P, I, V, V, V, V) -> V, CHANGES, true = native_4;
    /// A callable that binds its arguments itself.
    APPLY_0(V, I) -> V, CHANGES, true = apply_0;
    APPLY_1(V, I, V) -> V, CHANGES, true = apply_1;
    APPLY_2(V, I, V, V) -> V, CHANGES, true = apply_2;
    APPLY_3(V, I, V, V, V) -> V, CHANGES, true = apply_3;
    APPLY_4(V, I, V, V, V, V) -> V, CHANGES, true = apply_4;

    /// What answers a call ([`taipan_runtime::object::Recall`]), the callable, its arguments.
    RECALL_1(P, V, V) -> V, Effect::Write(0), true = recall_1;
    RECALL_2(P, V, V, V) -> V, Effect::Write(0), true = recall_2;
    RECALL_3(P, V, V, V, V) -> V, Effect::Write(0), true = recall_3;

    /// Strings concatenated.
    STRING_2(V, V) -> V, Effect::Alloc, true = string_2;
    STRING_3(V, V, V) -> V, Effect::Alloc, true = string_3;
    STRING_4(V, V, V, V) -> V, Effect::Alloc, true = string_4;
    STRING_5(V, V, V, V, V) -> V, Effect::Alloc, true = string_5;
    STRING_6(V, V, V, V, V, V) -> V, Effect::Alloc, true = string_6;

    /// `a op b` of simple values, or of lists and tuples where their items do not matter.
    BINARY_SIMPLE(I, V, V) -> V, Effect::Alloc, true = binary_simple;
    /// A native operator's code with its operands; it has to implement them.
    BINARY_NATIVE(P, V, V) -> V, Effect::Alloc, true = binary_native;
    COMPARE_SIMPLE(I, V, V) -> I, Effect::Alloc, true = compare_simple;
    /// Container, needle. 1: not there, 2: there.
    CONTAINS_SIMPLE(V, V) -> I, Effect::Alloc, true = contains_simple;
    /// 1: false, 2: true.
    TRUTH_SIMPLE(V) -> I, Effect::Alloc, true = truth_simple;
    /// `a[i]` of simple values, or of built-in containers by simple keys and slices.
    ITEM_SIMPLE(V, V) -> V, Effect::Alloc, true = item_simple;
    /// The iterator over a plain value.
    ITER_PLAIN(V) -> V, Effect::Alloc, true = iter_plain;
    /// A plain iterator's next item; `Value::MISSING` at its end.
    NEXT_PLAIN(V) -> V, ITERATES, true = next_plain;
    /// The first of the next pair, `Value::MISSING` at the end; the second is left in
    /// `Vm::second`.
    NEXT_PAIR(V) -> V, ITERATES, true = next_pair;
    SECOND() -> V, Effect::Write(0), false = second;
    /// The pending exception, no longer pending.
    TAKE_RAISED() -> V, Effect::Write(0), false = take_raised;
    /// Which exception is being handled.
    GET_HANDLED() -> V, Effect::Write(0), false = get_handled;
    /// Makes an exception, or none, the one being handled.
    SET_HANDLED(V) -> Ty::None, Effect::Handle, false = set_handled;
    /// The same, with the one before as its result, where generators' frames have to be as the
    /// trace has them.
    SET_HANDLED_AMONG(V) -> V, Effect::Frames, false = set_handled;
    /// The weak reference to an object that has no callback.
    WEAK_REF(V) -> V, Effect::Alloc, true = weak_ref;
    /// Whether a text is none of an integer.
    IS_MALFORMED_INT(V) -> I, Effect::Alloc, false = is_malformed_int;
    /// What the error about such a text says.
    MALFORMED_INT(V) -> V, Effect::Make, false = malformed_int;
    /// Exception, class or classes. 1: no match, 2: a match.
    EXC_MATCHES(V, V) -> I, Effect::Alloc, true = exc_matches;
    /// Text of a simple value: what, format (may be none).
    FORMAT_SIMPLE(V) -> V, Effect::Alloc, true = format_simple;
    FORMAT_SPEC(V, V) -> V, Effect::Alloc, true = format_spec;
    STR_SIMPLE(V) -> V, Effect::Alloc, true = str_simple;
    REPR_SIMPLE(V) -> V, Effect::Alloc, true = repr_simple;
    /// `list(x)` of a plain value.
    LIST_OF(V) -> V, ITERATES, true = list_of;
    /// The tuple of a list's items.
    TUPLE_OF_LIST(V) -> V, Effect::Alloc, true = tuple_of_list;
    DICT_NEW() -> V, Effect::Make, false = dict_new;
    /// An empty dictionary, one to copy.
    DICT_FILL(V, V) -> I, DICT, true = dict_fill;
    /// List, index or slice.
    LIST_DELETE(V, V) -> I, LIST, true = list_delete;
    SET_NEW() -> V, Effect::Make, true = set_new;
    LIST_EXTEND(V, V) -> I, LIST, true = list_extend;
}

/// By the number of arguments, less one.
pub static RECALLS: [&Helper; 3] = [&RECALL_1, &RECALL_2, &RECALL_3];

extern "C" fn binary_simple(vm: &Vm, op: u64, a: Value, b: Value) -> u64 {
    // SAFETY: the recorder passes an operator's number.
    let op: BinaryOp = unsafe { std::mem::transmute(op as u8) };
    // Mostly long integers, what concerns short ones being compiled.
    if op != BinaryOp::Subscr
        && let Some(result) = vm.binary_ints(op, a, b)
    {
        return done(vm, result);
    }
    if !is_simple_binary(vm, op, a, b) {
        return 0;
    }
    done(vm, vm.binary(op, a, b))
}

extern "C" fn binary_native(vm: &Vm, code: usize, a: Value, b: Value) -> u64 {
    // SAFETY: the recorder passes the address of such a function.
    let code: NativeCode = unsafe { std::mem::transmute(code) };
    match code(vm, &[a, b]) {
        Ok(Value::NOT_IMPLEMENTED) => 0,
        result => done(vm, result),
    }
}

/// Whether the operator runs no Python code and changes nothing.
pub fn is_simple_binary(vm: &Vm, op: BinaryOp, a: Value, b: Value) -> bool {
    if vm.is_simple(a) && vm.is_simple(b) {
        return true;
    }
    let shape = |v: Value| v.header().map_or(0, |h| h.shape_id());
    let (x, y) = (shape(a), shape(b));
    let (list, tuple) = (vm.shapes.list.get().id(), vm.shapes.tuple.get().id());
    match op {
        BinaryOp::Add => x == y && (x == list || x == tuple),
        BinaryOp::Multiply => (x == list || x == tuple) && b.is_int(),
        _ => false,
    }
}

extern "C" fn compare_simple(vm: &Vm, op: u64, a: Value, b: Value) -> u64 {
    // SAFETY: the recorder passes a comparison's number.
    let op: taipan_bytecode::opcode::CompareOp = unsafe { std::mem::transmute(op as u8) };
    if !vm.is_simple(a) || !vm.is_simple(b) {
        return 0;
    }
    truth(vm, vm.compare_bool(op, a, b))
}

/// How long a list is looked through for items that are not simple.
const SHORT: usize = 24;

/// Whether looking for `needle` runs no Python code. Dictionaries and sets are not among these:
/// a key of theirs may have a Python `__eq__` (see [`super::tables`]).
pub fn is_simple_search(vm: &Vm, container: Value, needle: Value) -> bool {
    let Some(h) = container.header().filter(|_| vm.is_simple(needle)) else {
        return false;
    };
    if h.shape_id() == vm.shapes.list.get().id() {
        // SAFETY: the shape of exact lists.
        let list: Gc<List> = unsafe { container.cast_unchecked() };
        return list.len() <= SHORT && list.as_slice().iter().all(|v| vm.is_simple(*v));
    }
    h.shape_id() == vm.shapes.range.get().id() || vm.is_simple(container)
}

extern "C" fn contains_simple(vm: &Vm, container: Value, needle: Value) -> u64 {
    if !is_simple_search(vm, container, needle) {
        return 0;
    }
    truth(vm, vm.contains(container, needle))
}

extern "C" fn truth_simple(vm: &Vm, v: Value) -> u64 {
    if !vm.is_simple(v) && !vm.is_plain(v) {
        return 0;
    }
    truth(vm, vm.truth(v))
}

/// Whether looking something up by this key runs no Python code: a simple value, or a slice
/// of integers.
pub fn is_simple_key(vm: &Vm, key: Value) -> bool {
    let is_bound = |v: Value| v.is_none() || v.is_int();
    vm.is_simple(key)
        || key.cast::<Slice>().is_some_and(|s| {
            [&s.start, &s.stop, &s.step]
                .iter()
                .all(|part| part.get().is_none_or(is_bound))
        })
}

extern "C" fn item_simple(vm: &Vm, container: Value, key: Value) -> u64 {
    if !is_simple_key(vm, key) || !vm.is_simple(container) && !vm.is_plain(container) {
        return 0;
    }
    done(vm, vm.binary(BinaryOp::Subscr, container, key))
}

extern "C" fn iter_plain(vm: &Vm, v: Value) -> u64 {
    if !vm.is_plain(v) {
        return 0;
    }
    done(vm, vm.iter(v))
}

extern "C" fn next_plain(vm: &Vm, iterator: Value) -> u64 {
    if !vm.is_plain_iterator(iterator) {
        return 0;
    }
    done(vm, vm.next(iterator).map(|v| v.unwrap_or(Value::MISSING)))
}

/// The way to the next pair of a plain iterator.
pub fn pair_of(
    vm: &Vm,
    iterator: Value,
) -> Option<taipan_runtime::types::protocol::NativeNextPair> {
    let next = iterator.header()?.shape().class().def.get()?.next_pair?;
    vm.is_plain_iterator(iterator).then_some(next)
}

extern "C" fn next_pair(vm: &Vm, iterator: Value) -> u64 {
    let Some(next) = pair_of(vm, iterator) else {
        return 0;
    };
    match next(vm, iterator) {
        Ok(NextPair::Pair(a, b)) => {
            vm.second.set(b.bits());
            a.bits()
        }
        Ok(NextPair::End) => {
            vm.second.set(Value::NONE.bits());
            Value::MISSING.bits()
        }
        Ok(NextPair::Other) => 0,
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

extern "C" fn take_raised(vm: &Vm) -> u64 {
    vm.take_raised().bits()
}

extern "C" fn weak_ref(vm: &Vm, referent: Value) -> u64 {
    match vm.new_weakref(referent, None) {
        Ok(reference) => reference.bits(),
        Err(_) => {
            vm.clear_raised();
            0
        }
    }
}

extern "C" fn is_malformed_int(vm: &Vm, text: Value) -> u64 {
    // SAFETY: guarded by the trace.
    let text: Gc<Str> = unsafe { text.cast_unchecked() };
    vm.is_malformed_int(text.data()).into()
}

extern "C" fn malformed_int(vm: &Vm, text: Value) -> u64 {
    match vm.malformed_int(10, text) {
        Ok(message) => message.value().bits(),
        Err(_) => {
            // There is no memory for it, which is not what this is about.
            vm.clear_raised();
            text.bits()
        }
    }
}

extern "C" fn get_handled(vm: &Vm) -> u64 {
    let handled = vm.thread().handled.get();
    handled.unwrap_or(Value::NONE).bits()
}

extern "C" fn set_handled(vm: &Vm, e: Value) -> u64 {
    let thread = vm.thread();
    let previous = thread.handled.get().unwrap_or(Value::NONE);
    thread.handled.set(Some(e).filter(|e| !e.is_none()));
    previous.bits()
}

extern "C" fn exc_matches(vm: &Vm, e: Value, types: Value) -> u64 {
    match crate::driver::Jit::of(vm) {
        Some(jit) => truth(vm, (jit.hooks.matches)(vm, e, types)),
        None => 0,
    }
}

extern "C" fn second(vm: &Vm) -> u64 {
    vm.second.get()
}

extern "C" fn format_simple(vm: &Vm, v: Value) -> u64 {
    if !vm.is_simple(v) {
        return 0;
    }
    done(vm, vm.format(v, None).map(|s| s.value()))
}

extern "C" fn format_spec(vm: &Vm, v: Value, spec: Value) -> u64 {
    if !vm.is_simple(v) {
        return 0;
    }
    done(vm, vm.format(v, spec.cast::<Str>()).map(|s| s.value()))
}

extern "C" fn str_simple(vm: &Vm, v: Value) -> u64 {
    if !vm.is_simple(v) {
        return 0;
    }
    done(vm, vm.str(v).map(|s| s.value()))
}

extern "C" fn repr_simple(vm: &Vm, v: Value) -> u64 {
    if !vm.is_simple(v) {
        return 0;
    }
    done(vm, vm.repr(v).map(|s| s.value()))
}

extern "C" fn list_of(vm: &Vm, v: Value) -> u64 {
    if !vm.is_plain(v) {
        return 0;
    }
    let made = match v.cast::<List>() {
        Some(list) => vm.new_list(list.as_slice()),
        None => vm.collect(v).and_then(|items| vm.new_list(&items)),
    };
    done(vm, made.map(|l| l.value()))
}

extern "C" fn tuple_of_list(vm: &Vm, v: Value) -> u64 {
    match v.cast::<List>() {
        Some(list) => done(vm, vm.new_tuple(list.as_slice()).map(|t| t.value())),
        None => 0,
    }
}

extern "C" fn dict_new(vm: &Vm) -> u64 {
    vm.new_dict().value().bits()
}

/// Whether a dictionary is empty that keywords are copied into.
pub fn is_simple_fill(vm: &Vm, into: Value, from: Value) -> bool {
    let shapes = &vm.shapes;
    let dict = |v: Value| {
        let is_exact = v.header()?.shape_id() == shapes.dict.get().id();
        v.cast::<Dict>().filter(|_| is_exact)
    };
    let is_name = |v: Value| {
        v.header()
            .is_some_and(|h| h.shape_id() == shapes.str.get().id())
    };
    match (dict(into), dict(from)) {
        (Some(into), Some(from)) => into.is_empty() && from.items().all(|(k, _)| is_name(k)),
        _ => false,
    }
}

extern "C" fn dict_fill(vm: &Vm, into: Value, from: Value) -> u64 {
    if !is_simple_fill(vm, into, from) {
        return 0;
    }
    match (into.cast::<Dict>(), from.cast::<Dict>()) {
        (Some(into), Some(from)) => truth(vm, into.update_from(vm, &from).map(|()| true)),
        _ => 0,
    }
}

extern "C" fn list_delete(vm: &Vm, list: Value, key: Value) -> u64 {
    if !is_simple_key(vm, key) {
        return 0;
    }
    truth(vm, vm.delete_item(list, key).map(|()| true))
}

extern "C" fn set_new(vm: &Vm) -> u64 {
    done(vm, vm.new_set(&[]).map(|s| s.value()))
}

extern "C" fn list_extend(vm: &Vm, list: Value, items: Value) -> u64 {
    if !vm.is_plain(items) {
        return 0;
    }
    // SAFETY: the compiler extends exact lists.
    let list: Gc<List> = unsafe { list.cast_unchecked() };
    let result = vm
        .collect(items)
        .and_then(|items| list.extend(vm, &items).map(|()| true));
    truth(vm, result)
}

/// Helpers by the number of values that they take, beginning with none.
pub static READS: [&Helper; 5] = [&READS_0, &READS_1, &READS_2, &READS_3, &READS_4];
pub static CHANGING: [&Helper; 5] = [&CHANGES_0, &CHANGES_1, &CHANGES_2, &CHANGES_3, &CHANGES_4];
pub static APPLY: [&Helper; 5] = [&APPLY_0, &APPLY_1, &APPLY_2, &APPLY_3, &APPLY_4];
/// Beginning with two.
pub static STRINGS: [&Helper; 5] = [&STRING_2, &STRING_3, &STRING_4, &STRING_5, &STRING_6];

//! Specialisation of operators: the instruction is rewritten for the types it
//! meets, and back when others come.

use std::cell::Cell;
use taipan_bytecode::opcode::{BinaryOp, Op};
use taipan_runtime::ops::arith::{floor_div, floor_mod};
use taipan_runtime::{Value, Vm};

/// Attempts and misses after which an instruction stays generic.
const MAX_MISSES: u32 = 16;

/// Whether another attempt to specialise is worth it; counts it.
#[inline(always)]
fn open(here: *const Cell<u32>) -> bool {
    // SAFETY: `here` is an instruction with at least one cache unit behind it.
    let misses = unsafe { &*here.add(1) };
    let count = misses.get();
    if count < MAX_MISSES {
        misses.set(count + 1);
    }
    count < MAX_MISSES
}

/// Rewrites the opcode at `here`, unless it has missed too often.
#[inline]
fn rewrite(here: *const Cell<u32>, op: Op) {
    // SAFETY: `here` is an instruction with at least one cache unit behind it.
    unsafe {
        if (*here.add(1)).get() < MAX_MISSES {
            (*here).set((*here).get() & !0xFF | op as u32);
        }
    }
}

/// Back to the generic opcode, counting the miss.
#[cold]
fn generic(here: *const Cell<u32>, op: Op) {
    // SAFETY: as in `rewrite`.
    unsafe {
        (*here).set((*here).get() & !0xFF | op as u32);
        let misses = &*here.add(1);
        misses.set(misses.get() + 1);
    }
}

/// A specialised `BINARY_OP` met other types.
pub fn miss(here: *const Cell<u32>) {
    generic(here, Op::BINARY_OP);
}

/// A specialised `COMPARE_OP` met other types.
pub fn miss_compare(here: *const Cell<u32>) {
    generic(here, Op::COMPARE_OP);
}

/// A specialised `STORE_SUBSCR` met other types.
pub fn miss_store(here: *const Cell<u32>) {
    generic(here, Op::STORE_SUBSCR);
}

/// Chooses a form of `BINARY_OP` for these operands.
#[inline(always)]
pub fn specialize(vm: &Vm, here: *const Cell<u32>, op: BinaryOp, a: Value, b: Value) {
    if open(here) {
        choose(vm, here, op, a, b);
    }
}

fn choose(vm: &Vm, here: *const Cell<u32>, op: BinaryOp, a: Value, b: Value) {
    use BinaryOp as B;
    if a.both_int(b) {
        let form = match op {
            B::Add | B::InplaceAdd => Op::BINARY_OP_ADD_INT,
            B::Subtract | B::InplaceSubtract => Op::BINARY_OP_SUBTRACT_INT,
            B::Multiply | B::InplaceMultiply => Op::BINARY_OP_MULTIPLY_INT,
            B::And
            | B::Or
            | B::Xor
            | B::LShift
            | B::RShift
            | B::FloorDivide
            | B::Remainder
            | B::InplaceAnd
            | B::InplaceOr
            | B::InplaceXor
            | B::InplaceLShift
            | B::InplaceRShift
            | B::InplaceFloorDivide
            | B::InplaceRemainder => Op::BINARY_OP_BITWISE_INT,
            _ => return,
        };
        rewrite(here, form);
    } else if a.is_float() && b.is_float() {
        let form = match op {
            B::Add | B::InplaceAdd => Op::BINARY_OP_ADD_FLOAT,
            B::Subtract | B::InplaceSubtract => Op::BINARY_OP_SUBTRACT_FLOAT,
            B::Multiply | B::InplaceMultiply => Op::BINARY_OP_MULTIPLY_FLOAT,
            _ => return,
        };
        rewrite(here, form);
    } else if let Some(h) = a.header() {
        let shapes = &vm.shapes;
        let shape = h.shape_id();
        if op == B::Subscr {
            if shape == shapes.dict.get().id() {
                rewrite(here, Op::BINARY_OP_SUBSCR_DICT);
            } else if b.is_int() {
                if shape == shapes.list.get().id() {
                    rewrite(here, Op::BINARY_OP_SUBSCR_LIST_INT);
                } else if shape == shapes.tuple.get().id() {
                    rewrite(here, Op::BINARY_OP_SUBSCR_TUPLE_INT);
                } else if shape == shapes.str.get().id() {
                    rewrite(here, Op::BINARY_OP_SUBSCR_STR_INT);
                }
            }
        } else if matches!(op, B::Add | B::InplaceAdd)
            && shape == shapes.str.get().id()
            && b.header().is_some_and(|k| k.shape_id() == shape)
        {
            rewrite(here, Op::BINARY_OP_ADD_UNICODE);
        }
    }
}

/// Chooses a form of `COMPARE_OP`.
pub fn specialize_compare(vm: &Vm, here: *const Cell<u32>, a: Value, b: Value) {
    if !open(here) {
        return;
    }
    if a.both_int(b) {
        rewrite(here, Op::COMPARE_OP_INT);
    } else if a.is_float() && b.is_float() {
        rewrite(here, Op::COMPARE_OP_FLOAT);
    } else if let (Some(h), Some(k)) = (a.header(), b.header()) {
        let shape = vm.shapes.str.get().id();
        // SAFETY: `here` is the instruction.
        let op = unsafe { (*here).get() } >> 8 >> 5;
        if h.shape_id() == shape && k.shape_id() == shape && (op == 2 || op == 3) {
            rewrite(here, Op::COMPARE_OP_STR);
        }
    }
}

/// Chooses a form of `STORE_SUBSCR`.
pub fn specialize_store(vm: &Vm, here: *const Cell<u32>, container: Value, key: Value) {
    if !open(here) {
        return;
    }
    if let Some(h) = container.header() {
        if h.shape_id() == vm.shapes.dict.get().id() {
            rewrite(here, Op::STORE_SUBSCR_DICT);
        } else if h.shape_id() == vm.shapes.list.get().id() && key.is_int() {
            rewrite(here, Op::STORE_SUBSCR_LIST_INT);
        }
    }
}

/// Operators of immediate integers whose result is immediate; `None` for all
/// that needs the general way.
#[inline(always)]
pub fn small_int(op: BinaryOp, x: i64, y: i64) -> Option<Value> {
    use BinaryOp as B;
    Some(Value::small_int(match op {
        B::And | B::InplaceAnd => x & y,
        B::Or | B::InplaceOr => x | y,
        B::Xor | B::InplaceXor => x ^ y,
        B::RShift | B::InplaceRShift if y >= 0 => x >> y.min(63),
        B::LShift | B::InplaceLShift if (0..48).contains(&y) => {
            let shifted = x << y;
            if shifted >> y != x {
                return None;
            }
            return Value::try_int(shifted);
        }
        B::FloorDivide | B::InplaceFloorDivide if y != 0 => return Value::try_int(floor_div(x, y)),
        B::Remainder | B::InplaceRemainder if y != 0 => floor_mod(x, y),
        _ => return None,
    }))
}

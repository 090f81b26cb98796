//! The shadow frames' slots, typed views of operands, and steps.

use super::{Pending, Recorded, Recorder, Stop};
use crate::backend::helpers;
use crate::ir::{Class, Helper, Ins, Mem, NO_SNAP, Op, Ref, SnapId, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::{Header, Value, Vm};

/// A number as the trace computes with it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Num {
    Int(Ref),
    Float(Ref),
    Bool(Ref),
}

impl Recorder {
    pub(crate) fn set_slot(&mut self, depth: usize, slot: usize, r: Ref) {
        let f = &mut self.frames[depth];
        f.slots[slot] = r;
        f.state = None;
    }

    /// The value of a slot, read from memory if the trace has not touched it.
    pub(crate) fn load_slot(&mut self, depth: usize, slot: usize) -> Recorded<Ref> {
        let r = self.frames[depth].slots[slot];
        if !r.is_none() {
            return Ok(self.e.resolve(r));
        }
        if depth > 0 && self.frames[depth].is_generator {
            return self.load_generator_slot(depth, slot);
        }
        if depth > 0 {
            // A frame that was there when the side trace began.
            let Some(side) = &self.e.tree.side else {
                return Err(Stop::Abort("unknown slot of an inlined frame"));
            };
            let snap = side.snap;
            let known = self.e.tree.snaps[snap as usize].frames.get(depth);
            let is_there = |id| side.start.as_ref().is_none_or(|s| s.real.contains(&id));
            if known.is_none_or(|f| f.id != self.frames[depth].id || !is_there(f.id)) {
                return Err(Stop::Abort("unknown slot of an inlined frame"));
            }
            let r = self.e.emit(
                Ins::new(Op::FLoad, Ty::Val)
                    .aux((depth as u64) << 16 | slot as u64)
                    .snap(snap),
            )?;
            self.set_slot(depth, slot, r);
            return Ok(r);
        }
        if self.in_function() && self.e.tree.side.is_some() {
            return Err(Stop::Abort("unknown slot of a function's frame"));
        }
        // SAFETY: within the frame; the slot has not changed since the entry.
        let actual = unsafe { *(*self.frames[0].frame).slots().add(slot) };
        let ty = if self.root { ty_of(actual) } else { Ty::Val };
        let r = self.e.tree.push(Ins::new(Op::SLoad, ty).aux(slot as u64));
        let segment = self.e.segment;
        if self.root {
            self.e.tree.params.push((slot as u32, r));
        }
        self.e.tree.segments[segment].code.push(r);
        self.set_slot(0, slot, r);
        Ok(r)
    }

    pub(crate) fn local(&mut self, index: usize) -> Recorded<Ref> {
        let depth = self.frames.len() - 1;
        self.load_slot(depth, index)
    }

    pub(crate) fn set_local(&mut self, index: usize, r: Ref) {
        let depth = self.frames.len() - 1;
        self.set_slot(depth, index, r);
    }

    pub(crate) fn actual_local(&self, index: usize) -> Option<Value> {
        // SAFETY: within the frame.
        unsafe { *(*self.frame().frame).slots().add(index) }
    }

    /// The `n`-th value from the top of the stack, counting from 1.
    pub(crate) fn peek(&mut self, n: usize) -> Recorded<Ref> {
        let f = self.frame();
        let slot = f.code.locals_plus as usize + f.sp - n;
        let depth = self.frames.len() - 1;
        self.load_slot(depth, slot)
    }

    /// What the interpreter has there.
    pub(crate) fn actual(&self, n: usize) -> Option<Value> {
        let f = self.frame();
        // SAFETY: within the frame.
        unsafe { *(*f.frame).sp.get().sub(n) }
    }

    pub(crate) fn poke(&mut self, n: usize, r: Ref) {
        let f = self.frame();
        let slot = f.code.locals_plus as usize + f.sp - n;
        let depth = self.frames.len() - 1;
        self.set_slot(depth, slot, r);
    }

    pub(crate) fn push(&mut self, r: Ref) {
        self.frame_mut().sp += 1;
        self.poke(1, r);
    }

    pub(crate) fn pop_one(&mut self) {
        self.pop_n(1);
    }

    pub(crate) fn pop_n(&mut self, n: usize) {
        let f = self.frame_mut();
        for _ in 0..n {
            f.sp -= 1;
            let slot = f.code.locals_plus as usize + f.sp;
            f.slots[slot] = Ref::NONE;
        }
        f.state = None;
    }

    /// The instruction is done: on to `ip + units`.
    pub(crate) fn advance(&mut self, units: usize) {
        self.frame_mut().ip += units;
    }

    /// Pops `n` operands, pushes the result, goes on behind the instruction.
    pub(crate) fn result(&mut self, n: usize, r: Ref, units: usize) -> Recorded {
        self.pop_n(n);
        self.push(r);
        self.advance(units);
        Ok(())
    }

    // ---- emitting ------------------------------------------------------

    pub(crate) fn guard1(&mut self, op: Op, ty: Ty, a: Ref) -> Recorded<Ref> {
        let snap = self.snap();
        Ok(self.e.emit(Ins::new(op, ty).a(a).snap(snap))?)
    }

    pub(crate) fn guard_true(&mut self, condition: Ref) -> Recorded {
        self.guard1(Op::GuardTrue, Ty::None, condition).map(|_| ())
    }

    pub(crate) fn guard_truth(&mut self, condition: Ref, truth: bool) -> Recorded {
        let op = if truth { Op::GuardTrue } else { Op::GuardFalse };
        self.guard1(op, Ty::None, condition).map(|_| ())
    }

    /// The value is this very one; the trace keeps it alive.
    pub(crate) fn guard_is(&mut self, r: Ref, v: Value) -> Recorded<Ref> {
        let constant = self.constant(v);
        let r = self.e.boxed(r);
        let snap = self.snap();
        self.e
            .emit(Ins::new(Op::GuardIs, Ty::None).a(r).b(constant).snap(snap))?;
        Ok(constant)
    }

    pub(crate) fn guard_shape(&mut self, r: Ref, header: &'static Header) -> Recorded {
        let r = self.e.boxed(r);
        let snap = self.snap();
        // The shape's class must outlive the trace.
        let class = header.shape().class().value();
        if !self.keep.contains(&class) {
            self.keep.push(class);
        }
        self.e.emit(
            Ins::new(Op::GuardShape, Ty::None)
                .a(r)
                .aux(header.shape_id().into())
                .snap(snap),
        )?;
        Ok(())
    }

    /// A constant value.
    pub(crate) fn constant(&mut self, v: Value) -> Ref {
        if v.is_object() {
            self.keep.push(v);
        }
        self.e.tree.val(v.bits())
    }

    /// A constant, unboxed if it is a number.
    pub(crate) fn typed_constant(&mut self, v: Value) -> Ref {
        if let Some(i) = v.as_int() {
            self.e.tree.int(i)
        } else if let Some(f) = v.as_float() {
            self.e.tree.float(f)
        } else if v.is_bool() {
            self.e.tree.bool(v == Value::TRUE)
        } else {
            self.constant(v)
        }
    }

    /// A helper call that may do anything, made as the frames now stand.
    pub(crate) fn call_any(&mut self, helper: &'static Helper, args: &[Ref]) -> Recorded<Ref> {
        let args: Vec<Ref> = args
            .iter()
            .zip(helper.args)
            .map(|(r, ty)| self.as_arg(*r, *ty))
            .collect();
        let snap = self.snap();
        Ok(self.e.call(helper, &args, snap)?)
    }

    fn as_arg(&mut self, r: Ref, ty: Ty) -> Ref {
        match ty {
            Ty::Val => self.e.boxed(r),
            _ => r,
        }
    }

    /// A helper call without effect on frames.
    pub(crate) fn call_plain(&mut self, helper: &'static Helper, args: &[Ref]) -> Recorded<Ref> {
        let args: Vec<Ref> = args
            .iter()
            .zip(helper.args)
            .map(|(r, ty)| self.as_arg(*r, *ty))
            .collect();
        let snap = if helper.fails { self.snap() } else { NO_SNAP };
        Ok(self.e.call(helper, &args, snap)?)
    }

    /// The number that a value is, if it is one: typed by the trace or by what it is now.
    pub(crate) fn num(&mut self, r: Ref, actual: Option<Value>) -> Recorded<Option<Num>> {
        let r = self.e.resolve(r);
        Ok(match self.e.tree.ty(r) {
            Ty::Int => Some(Num::Int(r)),
            Ty::Float => Some(Num::Float(r)),
            Ty::Bool => Some(Num::Bool(r)),
            _ => match actual {
                Some(v) if v.is_int() => Some(Num::Int(self.guard1(Op::GuardInt, Ty::Int, r)?)),
                Some(v) if v.is_float() => {
                    Some(Num::Float(self.guard1(Op::GuardFloat, Ty::Float, r)?))
                }
                Some(v) if v.is_bool() => {
                    Some(Num::Bool(self.guard1(Op::GuardBool, Ty::Bool, r)?))
                }
                _ => None,
            },
        })
    }

    /// The value as an integer, if it is one.
    pub(crate) fn int(&mut self, r: Ref, actual: Option<Value>) -> Recorded<Option<Ref>> {
        Ok(match self.num(r, actual)? {
            Some(Num::Int(r)) => Some(r),
            Some(Num::Bool(r)) => Some(self.e.op1(Op::BToI, Ty::Int, r)?),
            _ => None,
        })
    }

    /// Whether the value is statically an immediate number, and no object.
    pub(crate) fn is_unboxed(&self, r: Ref) -> bool {
        matches!(self.e.tree.ty(r), Ty::Int | Ty::Float | Ty::Bool)
    }

    /// Loads a 32-bit version and guards that it stays.
    pub(crate) fn guard_version(
        &mut self,
        base: Ref,
        class: Class,
        offset: usize,
        version: u32,
    ) -> Recorded {
        let have = self.e.load(Ty::Int, base, Mem::new(class, 4, offset))?;
        let want = self.e.tree.int(version.into());
        let same = self.e.emit(
            Ins::new(Op::ICmp, Ty::Bool)
                .a(have)
                .b(want)
                .aux(crate::ir::Cond::Eq as u64),
        )?;
        self.guard_true(same)
    }

    pub(crate) fn icmp(&mut self, cond: crate::ir::Cond, a: Ref, b: Ref) -> Recorded<Ref> {
        Ok(self
            .e
            .emit(Ins::new(Op::ICmp, Ty::Bool).a(a).b(b).aux(cond as u64))?)
    }

    pub(crate) fn fcmp(&mut self, cond: crate::ir::Cond, a: Ref, b: Ref) -> Recorded<Ref> {
        Ok(self
            .e
            .emit(Ins::new(Op::FCmp, Ty::Bool).a(a).b(b).aux(cond as u64))?)
    }

    // ---- steps ---------------------------------------------------------

    /// Has the interpreter execute the instruction, of which `pops` values from the
    /// stack's top may be gone or changed after.
    pub(crate) fn step(&mut self, op: Bytecode, pops: usize) -> Recorded {
        // Slots that memory holds already need no flush, all others are in the snapshot.
        let snap: SnapId = self.snap();
        let next = self.frame().ip + 1 + op.caches();
        let step = self.e.emit(
            Ins::new(Op::Step, Ty::None)
                .aux(helpers::STEP_NEXT)
                .snap(snap),
        )?;
        let below = self.frame().sp - pops.min(self.frame().sp);
        let f = self.frame_mut();
        let base = f.code.locals_plus as usize;
        for slot in &mut f.slots[base + below..] {
            *slot = Ref::NONE;
        }
        f.state = None;
        self.pending = Pending::Step { step, below, next };
        Ok(())
    }

    /// Steps an opcode that no recorder function knows.
    pub(crate) fn step_other(&mut self, op: Bytecode, arg: usize) -> Recorded {
        use Bytecode::*;
        let pops = match op {
            LOAD_LOCALS | LOAD_BUILD_CLASS | GET_LEN | MATCH_MAPPING | MATCH_SEQUENCE
            | MATCH_KEYS | IMPORT_FROM | WITH_EXCEPT_START | SETUP_ANNOTATIONS | LOAD_NAME
            | DELETE_NAME | DELETE_GLOBAL | DELETE_DEREF | LOAD_COMMON_CONSTANT => 0,
            STORE_NAME
            | STORE_GLOBAL
            | DELETE_ATTR
            | LOAD_ATTR
            | LOAD_SPECIAL
            | LOAD_FROM_DICT_OR_GLOBALS
            | LOAD_FROM_DICT_OR_DEREF
            | UNARY_NEGATIVE
            | UNARY_NOT
            | UNARY_INVERT
            | TO_BOOL
            | GET_ITER
            | GET_YIELD_FROM_ITER
            | GET_AWAITABLE
            | GET_AITER
            | LIST_APPEND
            | LIST_EXTEND
            | SET_ADD
            | SET_UPDATE
            | DICT_UPDATE
            | DICT_MERGE
            | UNPACK_SEQUENCE
            | UNPACK_EX
            | CONVERT_VALUE
            | FORMAT_SIMPLE
            | CALL_INTRINSIC_1
            | MAKE_FUNCTION
            | PUSH_EXC_INFO
            | POP_EXCEPT
            | CHECK_EXC_MATCH
            | STORE_DEREF => 1,
            STORE_ATTR
            | BINARY_OP
            | COMPARE_OP
            | CONTAINS_OP
            | IS_OP
            | DELETE_SUBSCR
            | MAP_ADD
            | FORMAT_WITH_SPEC
            | CALL_INTRINSIC_2
            | SET_FUNCTION_ATTRIBUTE
            | IMPORT_NAME
            | END_SEND
            | CHECK_EG_MATCH
            | BUILD_TEMPLATE => 2,
            STORE_SUBSCR | BINARY_SLICE | LOAD_SUPER_ATTR | MATCH_CLASS | BUILD_INTERPOLATION => 3,
            STORE_SLICE | CALL_FUNCTION_EX => 4,
            BUILD_TUPLE | BUILD_LIST | BUILD_SET | BUILD_STRING | BUILD_SLICE => arg,
            BUILD_MAP => 2 * arg,
            CALL => arg + 2,
            CALL_KW => arg + 3,
            _ => return Err(Stop::Exit),
        };
        self.step(op, pops)
    }
}

/// The type that a slot's value is passed in.
pub(crate) fn ty_of(v: Option<Value>) -> Ty {
    match v {
        Some(v) if v.is_int() => Ty::Int,
        Some(v) if v.is_float() => Ty::Float,
        Some(v) if v.is_bool() => Ty::Bool,
        _ => Ty::Val,
    }
}

/// Whether two values are immediate integers.
pub(crate) fn exact_shape(vm: &Vm, v: Option<Value>, shape: u32) -> Option<&'static Header> {
    let _ = vm;
    v?.header().filter(|h| h.shape_id() == shape)
}

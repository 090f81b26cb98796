//! Branches, truth values, backward jumps.

use super::stack::Num;
use super::{MAX_UNROLL, Recorded, Recorder, Stop};
use crate::backend::{helpers, leaves};
use crate::ir::{Class, Cond, Ins, Mem, Op, Ref, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::object::{ClassFlags, NativeFunction, Special};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Kind, Value, Vm};

impl Recorder {
    pub(crate) fn conditional_jump(&mut self, op: Bytecode, arg: usize) -> Recorded {
        let r = self.peek(1)?;
        let Some(actual) = self.actual(1) else {
            return Err(Stop::Exit);
        };
        let taken = match op {
            Bytecode::POP_JUMP_IF_FALSE | Bytecode::POP_JUMP_IF_TRUE => {
                let Some(b) = self.bool_of(r)? else {
                    return Err(Stop::Exit);
                };
                let truth = actual == Value::TRUE;
                self.guard_truth(b, truth)?;
                truth == (op == Bytecode::POP_JUMP_IF_TRUE)
            }
            _ => {
                let is_none = actual.is_none();
                if !self.is_unboxed(r) {
                    if is_none {
                        self.guard_is(r, Value::NONE)?;
                    } else {
                        let none = self.constant(Value::NONE);
                        let same = self.e.op2(Op::Same, Ty::Bool, r, none)?;
                        self.guard_truth(same, false)?;
                    }
                }
                is_none == (op == Bytecode::POP_JUMP_IF_NONE)
            }
        };
        self.pop_one();
        self.advance(if taken { 1 + arg } else { 1 });
        Ok(())
    }

    pub(crate) fn truth_value(&mut self, vm: &Vm) -> Recorded {
        let r = self.peek(1)?;
        let actual = self.actual(1);
        if let Some(v) = actual
            && self.inline_truth(vm, r, v)?
        {
            return Ok(());
        }
        let truth = self.truth_of(vm, r, actual)?;
        self.result(1, truth, 1 + Bytecode::TO_BOOL.caches())
    }

    /// The truth of a value.
    pub(crate) fn truth_of(&mut self, vm: &Vm, r: Ref, actual: Option<Value>) -> Recorded<Ref> {
        Ok(match self.num(r, actual)? {
            Some(Num::Bool(b)) => b,
            Some(Num::Int(i)) => {
                let zero = self.e.tree.int(0);
                self.icmp(Cond::Ne, i, zero)?
            }
            Some(Num::Float(f)) => {
                let zero = self.e.tree.float(0.0);
                self.fcmp(Cond::Ne, f, zero)?
            }
            None => {
                let Some(v) = actual else {
                    return Err(Stop::Exit);
                };
                if v.is_none() {
                    self.guard_is(r, Value::NONE)?;
                    self.e.tree.bool(false)
                } else if let Some(length) = v.header().and_then(|h| {
                    let shapes = &vm.shapes;
                    let id = h.shape_id();
                    if id == shapes.list.get().id() {
                        Some(Mem::new(Class::List, 8, List::LEN_OFFSET))
                    } else if id == shapes.tuple.get().id() {
                        Some(Mem::new(Class::Const, 8, Tuple::LEN_OFFSET))
                    } else if id == shapes.str.get().id() {
                        Some(Mem::new(Class::Const, 8, Str::LEN_OFFSET))
                    } else if id == shapes.dict.get().id() {
                        Some(Mem::new(Class::Dict, 8, Dict::LEN_OFFSET))
                    } else {
                        None
                    }
                }) {
                    let header = v.header().ok_or(Stop::Exit)?;
                    self.guard_shape(r, header)?;
                    let n = self.e.load(Ty::Int, r, length)?;
                    let zero = self.e.tree.int(0);
                    self.icmp(Cond::Ne, n, zero)?
                } else if let Some(h) = v.header()
                    && h.shape().layout.kind != Kind::Class
                    && h.shape().class().special(Special::Bool).is_none()
                    && h.shape().class().special(Special::Len).is_none()
                {
                    self.guard_shape(r, h)?;
                    self.guard_class(h.shape().class())?;
                    self.e.tree.bool(true)
                } else if vm.class_of(v).special(Special::Bool).is_none()
                    && let Some(n) = self.native_length(vm, r, v)?
                {
                    let zero = self.e.tree.int(0);
                    self.icmp(Cond::Ne, n, zero)?
                } else if let Some(truth) = self.complex_truth(vm, r, actual)? {
                    truth
                } else if vm.is_simple(v) || vm.is_plain(v) {
                    let n = self.call_plain(&leaves::TRUTH_SIMPLE, &[r])?;
                    let two = self.e.tree.int(2);
                    self.icmp(Cond::Eq, n, two)?
                } else {
                    let n = self.call_any(&helpers::TRUTH, &[r])?;
                    let two = self.e.tree.int(2);
                    self.icmp(Cond::Eq, n, two)?
                }
            }
        })
    }

    /// The length of an object of a built-in type, by a `__len__` of a narrow effect.
    pub(super) fn native_length(&mut self, vm: &Vm, r: Ref, v: Value) -> Recorded<Option<Ref>> {
        let class = vm.class_of(v);
        if !class.has_flag(ClassFlags::IMMUTABLE) {
            return Ok(None);
        }
        if let Some(offset) = class.def.get().and_then(|def| def.length_at) {
            self.guard_builtin(r, v)?;
            let length = self.e.load(Ty::Int, r, Mem::new(Class::Set, 8, offset))?;
            return Ok(Some(length));
        }
        let length = class
            .special(Special::Len)
            .and_then(|f| f.cast::<NativeFunction>());
        let Some(f) = length else { return Ok(None) };
        let callable = self.constant(f.value());
        match self.call_stated(vm, f, callable, &[r], &[Some(v)])? {
            Some(n) => Ok(Some(self.guard1(Op::GuardInt, Ty::Int, n)?)),
            None => Ok(None),
        }
    }

    /// Notes that the innermost generator that the trace resumed is better left to the interpreter.
    fn note_unfollowed(&self) {
        let resumed = self.frames.iter().skip(1).rfind(|s| s.is_generator);
        if let Some(generator) = resumed {
            let count = &generator.code.unfollowed;
            count.set(count.get().saturating_add(1));
        }
    }

    pub(crate) fn jump_backward(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let (id, ip) = (self.frame().id, self.frame().ip);
        let passed = self.passed.entry((id, ip)).or_insert(0);
        *passed += 1;
        let passed = *passed;
        let target = ip + 2 - arg;
        let own = self.frames.len() == 1 && target == self.header;
        // Of a function's, that is: in a loop's own frame they may be many, and different.
        let laid_out = !own
            && (self.frames.len() > 1 || self.in_function())
            && passed <= MAX_UNROLL
            && super::inline::is_laid_out(self.frame().code, ip);
        if !own && !laid_out {
            let word = self.frame().code.instrs()[ip].get();
            let is_compiled = word as u8 == Bytecode::ENTER_TRACE as u8;
            let in_root = self.in_function() && self.frames.len() == 1;
            if in_root && (is_compiled || passed > MAX_UNROLL || self.is_awaited(vm, target)) {
                return Err(self.enter_loop(vm, target));
            }
            if passed > MAX_UNROLL && !self.is_loop() {
                return Err(Stop::Exit);
            }
            if passed > MAX_UNROLL {
                self.note_unfollowed();
                return Err(Stop::Abort("inner loop"));
            }
            // A loop with code of its own is better entered than unrolled.
            let resumed = self.frames.len() > 1 && self.frame().is_generator && passed == 1;
            if is_compiled && !resumed {
                if !self.is_loop() && self.frames.len() == 1 && self.has_code(vm, target) {
                    let snap = self.snap();
                    self.e
                        .emit(Ins::new(Op::GuardBreaker, Ty::None).snap(snap))?;
                    return Err(self.enter_loop(vm, target));
                }
                if !self.is_loop() {
                    return Err(Stop::Exit);
                }
                self.note_unfollowed();
                return Err(Stop::Abort("inner loop is compiled"));
            }
        }
        let snap = self.snap();
        self.e
            .emit(Ins::new(Op::GuardBreaker, Ty::None).snap(snap))?;
        self.frame_mut().ip = target;
        Ok(())
    }
}

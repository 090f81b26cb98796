//! Operators, comparisons, subscripts and membership tests of Python classes: calls of
//! special methods, inlined as the interpreter makes them (`taipan_runtime::ops::implicit`
//! says which function is called).
//!
//! ```text
//! v1 = SLoad.Val {0}                 a
//! v2 = SLoad.Val {1}                 b
//! GuardShape {Vector} v1             a + b is Vector.__add__(a, b)
//! GuardShape {Vector} v2             ... unless b's class overrides __radd__
//! ```
//!
//! The operands stay above the caller's stack while the method runs, in the shadow as in
//! the interpreter: should it return `NotImplemented`, that goes on with the other operand.

use super::stack::Num;
use super::{Recorded, Recorder, Stop};
use crate::ir::{Cond, Op, Ref, Ty};
use taipan_bytecode::opcode::{BinaryOp, CompareOp, Op as Bytecode};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{NativeFunction, Special};
use taipan_runtime::ops::implicit::Setter;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Value, Vm};

impl Recorder {
    /// Guards that an operand's class stays what it is, and that the class does.
    pub(super) fn guard_operand(&mut self, vm: &Vm, r: Ref, v: Value) -> Recorded {
        if self.is_unboxed(self.e.resolve(r)) {
            return Ok(());
        }
        match v.header() {
            Some(h) => {
                self.guard_shape(r, h)?;
                self.guard_class(vm.class_of(v))
            }
            None => {
                if self.num(r, Some(v))?.is_none() {
                    self.guard_is(r, v)?;
                }
                Ok(())
            }
        }
    }

    /// Inlines `f`; the operands, `count` of them, leave the stack, but stay above it if the
    /// flags say so.
    fn inline_implicit(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        args: &[Ref],
        count: usize,
        units: usize,
        flags: u32,
    ) -> Recorded<bool> {
        let function = self.constant(f.value());
        let kept = Frame::above(flags);
        self.inline(vm, f, function, args, count - kept, units as u32, flags)?;
        let caller = self.frames.len() - 2;
        self.frames[caller].sp -= kept;
        self.frames[caller].state = None;
        Ok(true)
    }

    pub(crate) fn inline_binary(&mut self, vm: &Vm, op: BinaryOp, units: usize) -> Recorded<bool> {
        let (a, b) = (self.peek(2)?, self.peek(1)?);
        let (Some(x), Some(y)) = (self.actual(2), self.actual(1)) else {
            return Ok(false);
        };
        let Some((f, is_reflected)) = vm.first_binary(op, x, y) else {
            return Ok(false);
        };
        if !self.can_inline(vm, f, 2)? {
            return Ok(false);
        }
        self.guard_operand(vm, a, x)?;
        if op == BinaryOp::Subscr {
            return self.inline_implicit(vm, f, &[a, b], 2, units, 0);
        }
        self.guard_operand(vm, b, y)?;
        let args = if is_reflected { [b, a] } else { [a, b] };
        self.inline_implicit(vm, f, &args, 2, units, Frame::OPERATOR)
    }

    /// `-v` and `~v`: the Python function is inlined, or its code called.
    pub(crate) fn inline_unary(&mut self, vm: &Vm, op: Bytecode) -> Recorded<bool> {
        let r = self.peek(1)?;
        let special = match op {
            Bytecode::UNARY_INVERT => Special::Invert,
            _ => Special::Neg,
        };
        let Some(v) = self.actual(1) else {
            return Ok(false);
        };
        let Some(f) = vm.unary_function(special, v) else {
            return Ok(false);
        };
        let can_inline = self.can_inline(vm, f, 1)?;
        if !can_inline && self.compiled_callee(vm, f.code()).is_none() {
            return Ok(false);
        }
        self.guard_operand(vm, r, v)?;
        if can_inline {
            return self.inline_implicit(vm, f, &[r], 1, 1, 0);
        }
        let function = self.constant(f.value());
        self.call_compiled(vm, f, function, &[r], &[Some(v)], 1, 1)
    }

    pub(crate) fn inline_compare(
        &mut self,
        vm: &Vm,
        op: CompareOp,
        units: usize,
    ) -> Recorded<bool> {
        let (a, b) = (self.peek(2)?, self.peek(1)?);
        let (Some(x), Some(y)) = (self.actual(2), self.actual(1)) else {
            return Ok(false);
        };
        let Some(f) = vm.first_compare(op, x, y) else {
            return Ok(false);
        };
        if !self.can_inline(vm, f, 2)? {
            return Ok(false);
        }
        self.guard_operand(vm, a, x)?;
        self.guard_operand(vm, b, y)?;
        self.inline_implicit(vm, f, &[a, b], 2, units, Frame::OPERATOR)
    }

    pub(crate) fn inline_set_item(&mut self, vm: &Vm) -> Recorded<bool> {
        let (container, key, v) = (self.peek(2)?, self.peek(1)?, self.peek(3)?);
        let Some(x) = self.actual(2) else {
            return Ok(false);
        };
        let Some(f) = vm.item_setter(x) else {
            return Ok(false);
        };
        if !self.can_inline(vm, f, 3)? {
            return Ok(false);
        }
        self.guard_operand(vm, container, x)?;
        let units = 1 + Bytecode::STORE_SUBSCR.caches();
        self.inline_implicit(vm, f, &[container, key, v], 3, units, Frame::DISCARD)
    }

    pub(crate) fn inline_contains(&mut self, vm: &Vm, units: usize) -> Recorded<bool> {
        let (needle, container) = (self.peek(2)?, self.peek(1)?);
        let Some(x) = self.actual(1) else {
            return Ok(false);
        };
        let Some(f) = vm.membership_test(x) else {
            return Ok(false);
        };
        if !self.can_inline(vm, f, 2)? {
            return Ok(false);
        }
        self.guard_operand(vm, container, x)?;
        self.inline_implicit(vm, f, &[container, needle], 2, units, Frame::TRUTH)
    }

    /// `GET_ITER` and its like of an object with a Python `__iter__`.
    pub(crate) fn inline_iterator(&mut self, vm: &Vm, r: Ref, v: Value) -> Recorded<bool> {
        let Some((f, is_checked)) = vm.iterating_function(v) else {
            return Ok(false);
        };
        // Trees of objects take another way through at each node.
        let is_recursion = self.frames.iter().any(|frame| frame.code == f.code());
        if is_recursion || !self.can_inline(vm, f, 1)? {
            return Ok(false);
        }
        self.guard_operand(vm, r, v)?;
        let flags = if is_checked { Frame::CHECKED } else { 0 };
        self.inline_implicit(vm, f, &[r], 1, 1, flags)
    }

    /// `TO_BOOL` of an object whose truth a Python function tells.
    pub(crate) fn inline_truth(&mut self, vm: &Vm, r: Ref, v: Value) -> Recorded<bool> {
        let Some((f, by_length)) = vm.truth_function(v) else {
            return Ok(false);
        };
        if !self.can_inline(vm, f, 1)? {
            return Ok(false);
        }
        self.guard_operand(vm, r, v)?;
        let units = 1 + Bytecode::TO_BOOL.caches();
        let flags = if by_length {
            Frame::LENGTH
        } else {
            Frame::CHECKED
        };
        self.inline_implicit(vm, f, &[r], 1, units, flags)
    }

    /// A call of `len` for an object with a Python `__len__`.
    pub(crate) fn inline_length(
        &mut self,
        vm: &Vm,
        (callable, called): (Ref, Value),
        args: &[Ref],
        actuals: &[Option<Value>],
        count: usize,
    ) -> Recorded<bool> {
        let ([r], [Some(v)]) = (args, actuals) else {
            return Ok(false);
        };
        let is_length = called
            .cast::<NativeFunction>()
            .is_some_and(|f| f.def.is_length);
        let Some(f) = is_length.then(|| vm.length_function(*v)).flatten() else {
            return Ok(false);
        };
        if !self.can_inline(vm, f, 1)? {
            return Ok(false);
        }
        self.guard_is(callable, called)?;
        self.guard_operand(vm, *r, *v)?;
        let units = 1 + Bytecode::CALL.caches();
        self.inline_implicit(vm, f, &[*r], count, units, Frame::LENGTH)
    }

    /// A result that has to be an iterator, a truth value or a length, as the caller's
    /// instruction `op` wants it. Errors are left to the interpreter.
    fn checked_result(
        &mut self,
        vm: &Vm,
        op: Option<Bytecode>,
        flags: u32,
        r: Ref,
        actual: Option<Value>,
    ) -> Recorded<Ref> {
        let v = actual.ok_or(Stop::Exit)?;
        let wants_truth = op == Some(Bytecode::TO_BOOL);
        if flags & Frame::LENGTH != 0 {
            let (Some(0..), Some(Num::Int(n))) = (v.as_int(), self.num(r, actual)?) else {
                return Err(Stop::Exit);
            };
            let zero = self.e.tree.int(0);
            let ok = self.icmp(Cond::Ge, n, zero)?;
            self.guard_true(ok)?;
            return if wants_truth {
                self.icmp(Cond::Ne, n, zero)
            } else {
                Ok(n)
            };
        }
        if wants_truth {
            return self.bool_of(r)?.ok_or(Stop::Exit);
        }
        if vm.class_of(v).special(Special::Next).is_none() {
            return Err(Stop::Exit);
        }
        self.guard_operand(vm, r, v)?;
        Ok(r)
    }

    /// `LOAD_ATTR` of an attribute that nothing but a Python `__getattr__` has.
    pub(crate) fn inline_hook(
        &mut self,
        vm: &Vm,
        owner: Ref,
        v: Value,
        name: Gc<Str>,
    ) -> Recorded<bool> {
        let Some(f) = vm.attribute_hook(v, name) else {
            return Ok(false);
        };
        if !self.can_inline(vm, f, 2)? {
            return Ok(false);
        }
        self.guard_operand(vm, owner, v)?;
        let name = self.constant(name.value());
        let units = 1 + Bytecode::LOAD_ATTR.caches();
        self.inline_implicit(vm, f, &[owner, name], 1, units, 0)
    }

    /// `STORE_ATTR` that calls a Python function.
    pub(crate) fn inline_setter(&mut self, vm: &Vm, name: Gc<Str>) -> Recorded<bool> {
        let (value, owner) = (self.peek(2)?, self.peek(1)?);
        let Some(v) = self.actual(1) else {
            return Ok(false);
        };
        let Some((f, setter)) = vm.attribute_setter(v, name) else {
            return Ok(false);
        };
        let args = match setter {
            Setter::Hook => vec![owner, self.constant(name.value()), value],
            Setter::Property => vec![owner, value],
            Setter::Descriptor(d) => vec![self.constant(d), owner, value],
        };
        if !self.can_inline(vm, f, args.len())? {
            return Ok(false);
        }
        self.guard_operand(vm, owner, v)?;
        if let Setter::Descriptor(d) = setter {
            self.guard_operand(vm, args[0], d)?;
        }
        let units = 1 + Bytecode::STORE_ATTR.caches();
        self.inline_implicit(vm, f, &args, 2, units, Frame::DISCARD)
    }

    /// `RETURN_VALUE` of an activation whose flags make more of the result `r` than a value
    /// on the caller's stack. What the interpreter would have to decide ends the trace.
    pub(crate) fn return_implicit(&mut self, vm: &Vm, r: Ref, actual: Option<Value>) -> Recorded {
        let (flags, skip) = (self.frame().flags, self.frame().return_info);
        if flags & Frame::PICKED != 0 {
            return self.return_pick(vm, r, actual);
        }
        if flags & Frame::STAGE != 0 {
            return self.go_up(vm, r);
        }
        if flags & Frame::STEPPED != 0 {
            return self.return_step(vm, r, actual);
        }
        let caller = &self.frames[self.frames.len() - 2];
        let word = caller.code.instrs()[caller.ip].get();
        let arg = word >> 8;
        let op = Bytecode::from_u8(word as u8).map(Bytecode::generic);
        let result = if flags & Frame::DISCARD != 0 {
            None
        } else if flags & (Frame::CHECKED | Frame::LENGTH) != 0 {
            Some(self.checked_result(vm, op, flags, r, actual)?)
        } else if flags & Frame::TRUTH != 0 {
            let truth = self.bool_of(r)?.ok_or(Stop::Exit)?;
            Some(if arg != 0 {
                self.e.op1(Op::Not, Ty::Bool, truth)?
            } else {
                truth
            })
        } else if op == Some(Bytecode::COMPARE_OP) && arg & 16 != 0 {
            Some(self.bool_of(r)?.ok_or(Stop::Exit)?)
        } else {
            if actual == Some(Value::NOT_IMPLEMENTED) {
                return Err(Stop::Exit);
            }
            self.guard_implemented(r)?;
            Some(r)
        };
        self.frames.pop();
        let caller = self.frame_mut();
        let top = caller.code.locals_plus as usize + caller.sp;
        caller.slots[top..top + Frame::above(flags)].fill(Ref::NONE);
        caller.state = None;
        if let Some(r) = result {
            self.push(r);
        }
        self.advance(skip as usize);
        Ok(())
    }

    /// Guards that a result is not `NotImplemented`.
    fn guard_implemented(&mut self, r: Ref) -> Recorded {
        let r = self.e.resolve(r);
        if self.is_unboxed(r) || self.e.memory.shape(r).is_some() {
            return Ok(());
        }
        let declined = self.constant(Value::NOT_IMPLEMENTED);
        let same = self.e.op2(Op::Same, Ty::Bool, r, declined)?;
        self.guard_truth(same, false)
    }
}

//! Exceptions raised and caught within a trace.
//!
//! When the interpreter raises while an instruction is recorded, and a frame of the
//! trace has a handler for it, the recording goes on there. What was emitted for the
//! instruction is replaced: the interpreter executes it and is expected to raise.
//! Then the frames between are left, each with its entry in the traceback, and the
//! handler's stack is built as the interpreter builds it.
//!
//! An exception that `raise` is given, or a class that is plainly called, is known to the
//! trace: it never becomes the pending one, and its type decides the handlers' tests. So is
//! one that an instruction raises for its operands ([`super::failing`]). One that the trace has made
//! itself mostly stays in parts, with all that happens to it ([`super::handled`]).
//!
//! ```text
//! v20 = Step.Int {either} [s4]            the instruction
//! v21 = FLoad.Val {7} [s4]                what it pushed, had it not raised
//! v22 = ICmp.Bool {Eq} v20, 2
//! GuardTrue v22 [s5]                      s5: behind the instruction
//! Call {UNWIND} [s4]                      the frame's traceback entry
//! v24 = Call.Val {TAKE_RAISED}            the exception, for the handler
//! ```

use super::containers::TUPLE_LEN;
use super::make::{EXCEPTION_CAUSE, EXCEPTION_TRACEBACK, MAX_ITEMS, SUPPRESS_CONTEXT};
use super::stack::exact_shape;
use super::{Pending, Recorded, Recorder, Stop};
use crate::backend::{helpers, leaves};
use crate::ir::{Cond, Helper, Ins, NO_SNAP, Op, Ref, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, Special};
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Kind, Value, Vm};

impl Recorder {
    /// The depth of the frame that handles what the innermost one raises now, if all
    /// frames down to it can be left.
    pub(super) fn handling_depth(&self) -> Option<usize> {
        for (depth, f) in self.frames.iter().enumerate().rev() {
            if f.code.handler_at(f.ip as u32).is_some() {
                return Some(depth);
            }
            if f.is_generator || f.flags & !Frame::INIT != 0 {
                return None;
            }
        }
        None
    }

    /// Whether a frame below the innermost one handles what that one's call raises.
    pub(super) fn is_caught_by_caller(&mut self) -> bool {
        let Some(innermost) = self.frames.pop() else {
            return false;
        };
        let is_caught = !self.frames.is_empty() && self.handling_depth().is_some();
        self.frames.push(innermost);
        is_caught
    }

    /// The innermost frame, which has just become it, is about to raise `e` where it stands.
    pub(super) fn raise_in_caller(&mut self, e: Ref) {
        let f = self.frame();
        self.before = Some(super::Before {
            depth: self.frames.len(),
            slots: f.slots.clone(),
            sp: f.sp,
            ip: f.ip,
            emitted: self.e.tree.segments[self.e.segment].code.len(),
        });
        self.raising = Some(e);
    }

    /// `RAISE_VARARGS` and `RERAISE`: all is done once the interpreter has raised.
    pub(crate) fn raise(&mut self, vm: &Vm, op: Bytecode, arg: usize) -> Recorded {
        if self.handling_depth().is_none() {
            return Err(Stop::Exit);
        }
        if op == Bytecode::RERAISE && arg != 0 {
            // Where the exception came from: told by the stack, the same each time.
            let r = self.peek(arg + 1)?;
            if let Some(v) = self.actual(arg + 1)
                && self.e.tree.ty(self.e.resolve(r)) == Ty::Val
            {
                self.guard_is(r, v)?;
            }
        }
        self.raising = None;
        if op == Bytecode::RAISE_VARARGS {
            self.raising = self.exception_to_raise(vm, arg)?;
        } else if let Some(h) = self.actual(1).and_then(Value::header)
            && h.shape().layout.kind == Kind::Exception
        {
            let e = self.peek(1)?;
            self.guard_shape(e, h)?;
            self.raising = Some(e);
        }
        Ok(())
    }

    /// What `RAISE_VARARGS` raises, its cause set, if that is an exception already or plainly
    /// made.
    fn exception_to_raise(&mut self, vm: &Vm, arg: usize) -> Recorded<Option<Ref>> {
        let is_exception = |v: &Value| {
            v.header()
                .is_some_and(|h| h.shape().layout.kind == Kind::Exception)
        };
        let cause = match arg {
            0 => return self.exception_to_raise_again(vm),
            1 => None,
            2 => match self.actual(1) {
                Some(cause) if cause.is_none() || is_exception(&cause) => Some(cause),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let (Some(v), r) = (self.actual(arg), self.peek(arg)?) else {
            return Ok(None);
        };
        let e = if is_exception(&v)
            && let Some(h) = v.header()
        {
            self.guard_shape(r, h)?;
            r
        } else if let Some(class) = v.cast::<Class>()
            && vm.makes_plain_exceptions(class)
            && class.special(Special::Init) == vm.defaults.exception_init.get()
        {
            self.guard_is(r, v)?;
            self.guard_class(class)?;
            match self.new_exception(vm, class.root_shape.get(), &[])? {
                Some(e) => e,
                None => return Ok(None),
            }
        } else {
            return Ok(None);
        };
        if let Some(cause) = cause {
            let r = self.peek(1)?;
            let stored = match cause.header() {
                Some(h) => {
                    self.guard_shape(r, h)?;
                    r
                }
                None => {
                    self.guard_is(r, cause)?;
                    self.null()
                }
            };
            self.e.store(e, EXCEPTION_CAUSE, stored)?;
            let yes = self.e.tree.int(1);
            self.e.store(e, SUPPRESS_CONTEXT, yes)?;
        }
        Ok(Some(e))
    }

    /// What a bare `raise` raises, if that is known.
    fn exception_to_raise_again(&mut self, vm: &Vm) -> Recorded<Option<Ref>> {
        let (Some(e), Some(h)) = (self.handled, vm.handled_exception().and_then(Value::header))
        else {
            return Ok(None);
        };
        self.guard_shape(e, h)?;
        Ok(Some(e))
    }

    /// The interpreter raised at the innermost frame's instruction: whether the recording
    /// goes on in a handler. `reraised` is there if the traceback is left as it is, with the
    /// instruction that the exception came from.
    pub fn raised(&mut self, vm: &Vm, frame: *mut Frame, reraised: Option<Option<i64>>) -> bool {
        if self.outcome != super::Outcome::Recording {
            return false;
        }
        if self.frame().frame != frame || !self.started {
            return false;
        }
        self.follow(vm, reraised).unwrap_or_default()
    }

    fn follow(&mut self, vm: &Vm, reraised: Option<Option<i64>>) -> Recorded<bool> {
        let Some(before) = self.before.take() else {
            return Ok(false);
        };
        if before.depth != self.frames.len() {
            return Ok(false);
        }
        // As before the instruction, what it emitted last being undone.
        let f = self.frame_mut();
        (f.slots, f.sp, f.ip) = (before.slots, before.sp, before.ip);
        f.state = None;
        self.pending = Pending::None;
        self.snapshot = NO_SNAP;
        let Some(handling) = self.handling_depth() else {
            return Ok(false);
        };
        let segment = self.e.segment;
        let code = &self.e.tree.segments[segment].code;
        let called = code[before.emitted..].iter().position(|r| {
            matches!(
                self.e.tree.op(*r),
                Op::Call | Op::CallAt | Op::CallFunction | Op::Step
            )
        });
        if let Some(at) = called
            && self.raising.is_none()
        {
            self.e.tree.segments[segment]
                .code
                .truncate(before.emitted + at);
        }
        let known = self.raising.take();
        match known {
            Some(_) if reraised.is_some() => {}
            Some(e) if self.is_raised_first(e) => self.raise_new(vm, e)?,
            Some(e) => {
                let snap = self.fresh_snap();
                self.e.call(&helpers::RAISE_HERE, &[e], snap)?;
            }
            None => self.step_that_raises(vm)?,
        }
        // A frame's entry is made where it stands; then it is left for its caller.
        let mut adds = reraised.is_none();
        let mut origin = reraised.flatten();
        loop {
            match known {
                // The first entry is there, or none is made.
                Some(_) if self.frames.len() == before.depth => {}
                Some(e) => self.unwind_by(e)?,
                None if adds => self.unwind()?,
                None => {}
            }
            if self.frames.len() - 1 == handling {
                break;
            }
            if let Some(at) = origin.take() {
                self.frame_mut().ip = at as usize;
                let snap = self.fresh_snap();
                match known {
                    Some(e) => self.e.call(&helpers::LEAVE, &[e], snap)?,
                    None => self.e.call(&helpers::STAND, &[], snap)?,
                };
            }
            let owner = self.owner_of_attribute(vm)?;
            self.frames.pop();
            self.frame_mut().state = None;
            if let Some((owner, name)) = owner {
                self.read_by(known, owner, name)?;
            }
            adds = true;
        }
        let f = self.frame();
        let (code, at) = (f.code, f.ip);
        let Some(handler) = code.handler_at(at as u32) else {
            return Err(Stop::Abort("no handler"));
        };
        let f = self.frame_mut();
        let base = code.locals_plus as usize + handler.depth as usize;
        for slot in &mut f.slots[base..] {
            *slot = crate::ir::Ref::NONE;
        }
        f.sp = handler.depth as usize;
        f.ip = handler.target as usize;
        f.state = None;
        if handler.push_lasti {
            let at = self.e.tree.int(origin.unwrap_or(at as i64));
            self.push(at);
        }
        let e = match known {
            Some(e) => e,
            None => self.e.call(&leaves::TAKE_RAISED, &[], NO_SNAP)?,
        };
        self.push(e);
        self.asked = (std::ptr::null_mut(), 0);
        Ok(true)
    }

    /// The object, and the name of its attribute, that the innermost frame's caller reads by it, if an
    /// AttributeError is about to leave that frame.
    fn owner_of_attribute(&mut self, vm: &Vm) -> Recorded<Option<(Ref, Gc<Str>)>> {
        let [.., caller, callee] = &self.frames[..] else {
            return Ok(None);
        };
        let word = caller.code.instrs()[caller.ip].get();
        let op = Bytecode::from_u8(word as u8).map(Bytecode::generic);
        if op != Some(Bytecode::LOAD_ATTR) || !vm.raised_is_def(&exc::ATTRIBUTE_ERROR) {
            return Ok(None);
        }
        let arg = (word >> 8) as usize;
        let name = caller.code.name_at(arg >> 1);
        // SAFETY: the activation, which the interpreter has not left yet.
        let place = vm.attribute_owner(unsafe { &*callee.frame }, name, arg & 1 != 0);
        Ok(match place {
            Some(place) => Some((self.local(place)?, name)),
            None => None,
        })
    }

    /// An AttributeError came out of a function that the attribute was read by.
    fn read_by(&mut self, known: Option<Ref>, owner: Ref, name: Gc<Str>) -> Recorded {
        let e = known.unwrap_or_else(|| self.null());
        let (owner, name) = (self.e.boxed(owner), self.constant(name.value()));
        let snap = self.fresh_snap();
        self.e.call(&helpers::READ_BY, &[e, owner, name], snap)?;
        Ok(())
    }

    /// Completes the frames, and adds the innermost one to the traceback.
    fn unwind(&mut self) -> Recorded {
        let snap = self.fresh_snap();
        self.e.call(&helpers::UNWIND, &[], snap)?;
        Ok(())
    }

    /// Has the interpreter execute the instruction, which is to raise.
    fn step_that_raises(&mut self, vm: &Vm) -> Recorded {
        let f = self.frame();
        let word = f.code.instrs()[f.ip].get();
        let op = Bytecode::from_u8(word as u8)
            .unwrap_or(Bytecode::NOP)
            .generic();
        let arg = (word >> 8) as usize;
        if self.call_that_raises(vm, op, arg)? {
            return Ok(());
        }
        let snap = self.fresh_snap();
        let effect = stack_effect(op, arg);
        let expected = match effect {
            Some(_) => helpers::STEP_EITHER,
            None => helpers::STEP_RAISED,
        };
        let status = self
            .e
            .emit(Ins::new(Op::Step, Ty::Int).aux(expected).snap(snap))?;
        let Some((pops, pushes)) = effect else {
            return Ok(());
        };
        let depth = self.frames.len() - 1;
        let f = &self.frames[depth];
        let (slots, sp, ip) = (f.slots.clone(), f.sp, f.ip);
        let base = f.code.locals_plus as usize;
        self.pop_n(pops);
        for _ in 0..pushes {
            let slot = base + self.frame().sp;
            let r = self.e.emit(
                Ins::new(Op::FLoad, Ty::Val)
                    .aux((depth as u64) << 16 | slot as u64)
                    .snap(snap),
            )?;
            self.push(r);
        }
        self.advance(1 + op.caches());
        let behind = self.fresh_snap();
        let f = self.frame_mut();
        (f.slots, f.sp, f.ip) = (slots, sp, ip);
        f.state = None;
        let raised = self.e.tree.int(helpers::STEP_RAISED as i64);
        let has = self.icmp(Cond::Eq, status, raised)?;
        self.e
            .emit(Ins::new(Op::GuardTrue, Ty::None).a(has).snap(behind))?;
        Ok(())
    }

    /// As [`Recorder::step_that_raises`], for instructions that are one call into the
    /// runtime: that call, whose result is zero if it raised.
    fn call_that_raises(&mut self, vm: &Vm, op: Bytecode, arg: usize) -> Recorded<bool> {
        let mut args = Vec::new();
        let (helper, pops): (&'static Helper, usize) = match op {
            Bytecode::BINARY_OP => {
                args.push(self.e.tree.int(arg as i64));
                args.push(self.peek(2)?);
                args.push(self.peek(1)?);
                (&helpers::TRY_BINARY, 2)
            }
            Bytecode::LOAD_ATTR if arg & 1 == 0 => {
                args.push(self.peek(1)?);
                let name = self.frame().code.name_at(arg >> 1);
                args.push(self.constant(name.value()));
                (&helpers::TRY_GET_ATTR, 1)
            }
            Bytecode::RAISE_VARARGS if arg == 1 || arg == 2 => {
                args.push(self.peek(arg)?);
                let none = self.null();
                args.push(if arg == 2 { self.peek(1)? } else { none });
                (&helpers::TRY_RAISE, arg)
            }
            Bytecode::CALL if arg < helpers::TRY_CALLS.len() => {
                let mut callable = self.peek(arg + 2)?;
                let receiver = self.peek(arg + 1)?;
                if let Some(called) = self.called
                    && self.e.tree.as_bits(self.e.resolve(callable)).is_none()
                {
                    callable = self.guard_is(callable, called)?;
                }
                let bits = self.e.tree.as_bits(self.e.resolve(callable));
                // SAFETY: a constant of the trace, which keeps it alive.
                let known = bits
                    .filter(|b| *b != 0)
                    .map(|b| unsafe { Value::from_bits(b) });
                let native = known.and_then(Value::header).is_some_and(|h| {
                    h.shape().layout.kind == Kind::Native
                        || h.shape().layout.kind == Kind::Class
                            && h.shape().class() == vm.types.type_.get()
                            && known
                                .and_then(|v| v.cast::<Class>())
                                .is_some_and(|c| c.def.get().is_some())
                });
                if !native || self.e.tree.as_bits(self.e.resolve(receiver)) != Some(0) {
                    return Ok(false);
                }
                args.push(callable);
                for i in (1..=arg).rev() {
                    args.push(self.peek(i)?);
                }
                (helpers::TRY_CALLS[arg], arg + 2)
            }
            _ => return Ok(false),
        };
        // Boxing precedes the snapshot's use; the frames are complete before the call.
        let result = self.call_any(helper, &args)?;
        if op == Bytecode::RAISE_VARARGS {
            return Ok(true);
        }
        let depth = self.frames.len() - 1;
        let f = &self.frames[depth];
        let (slots, sp, ip) = (f.slots.clone(), f.sp, f.ip);
        self.result(pops, result, 1 + op.caches())?;
        let behind = self.fresh_snap();
        let f = self.frame_mut();
        (f.slots, f.sp, f.ip) = (slots, sp, ip);
        f.state = None;
        self.e
            .emit(Ins::new(Op::GuardNull, Ty::None).a(result).snap(behind))?;
        Ok(true)
    }

    pub(crate) fn check_exc_match(&mut self, vm: &Vm) -> Recorded {
        let (e, types) = (self.peek(2)?, self.peek(1)?);
        let (Some(v), Some(t)) = (self.actual(2), self.actual(1)) else {
            return Err(Stop::Exit);
        };
        if let (Some(h), Some(class)) = (v.header(), t.cast::<Class>())
            && class.layout.kind == Kind::Exception
        {
            self.guard_shape(e, h)?;
            let own = h.shape().class();
            self.guard_class(own)?;
            self.guard_is(types, t)?;
            let is = self.e.tree.bool(own.is_subclass_of(class));
            return self.result(1, is, 1);
        }
        if let (Some(h), Some(tuple)) = (v.header(), t.cast::<Tuple>())
            && exact_shape(vm, Some(t), vm.shapes.tuple.get().id()).is_some()
            && tuple.len() <= MAX_ITEMS
            && let Some(classes) = classes_of(tuple)
        {
            self.guard_shape(e, h)?;
            let own = h.shape().class();
            self.guard_class(own)?;
            if self.e.tree.as_bits(self.e.resolve(types)).is_none()
                && let Some(h) = t.header()
            {
                self.guard_shape(types, h)?;
                let length = self.e.load(Ty::Int, types, TUPLE_LEN)?;
                let same = self.e.tree.int(classes.len() as i64);
                let same = self.icmp(Cond::Eq, length, same)?;
                self.guard_true(same)?;
                for (i, class) in classes.iter().enumerate() {
                    let item = self.checked_item(types, i)?;
                    self.guard_is(item, class.value())?;
                }
            }
            let is = classes.iter().any(|class| own.is_subclass_of(*class));
            let is = self.e.tree.bool(is);
            return self.result(1, is, 1);
        }
        let n = self.call_plain(&leaves::EXC_MATCHES, &[e, types])?;
        let two = self.e.tree.int(2);
        let is = self.icmp(Cond::Eq, n, two)?;
        self.result(1, is, 1)
    }

    /// `WITH_EXCEPT_START`: a Python `__exit__` is inlined, or its code called.
    pub(crate) fn with_except_start(&mut self, vm: &Vm) -> Recorded {
        let op = Bytecode::WITH_EXCEPT_START;
        let f = self.actual(5).and_then(|v| v.cast::<Function>());
        let (Some(f), Some(e)) = (f, self.actual(1)) else {
            return self.step(op, 0);
        };
        let (Some(h), Some(x)) = (e.header(), e.cast::<Exception>()) else {
            return self.step(op, 0);
        };
        let (receiver, traceback) = (self.actual(4), x.traceback.get());
        let can_inline = self.can_inline(vm, f, 4)?;
        if receiver.is_none()
            || traceback.is_none()
            || !can_inline && self.compiled_callee(vm, f.code()).is_none()
        {
            return self.step(op, 0);
        }
        let callable = self.peek(5)?;
        let (object, e) = (self.peek(4)?, self.peek(1)?);
        self.guard_presence(object, true)?;
        self.guard_shape(e, h)?;
        let class = h.shape().class().value();
        let class_ref = self.constant(class);
        let entries = if self.e.tree.op(self.e.resolve(e)) == Op::New {
            let snap = self.fresh_snap();
            self.e.call(&helpers::TRACEBACK_OF, &[e], snap)?
        } else {
            let entries = self.e.load(Ty::Val, e, EXCEPTION_TRACEBACK)?;
            self.guard1(Op::GuardNonNull, Ty::None, entries)?;
            entries
        };
        let args = [object, class_ref, e, entries];
        if can_inline {
            let function = self.callee(callable, f)?;
            return self.inline(vm, f, function, &args, 0, 1, 0);
        }
        let actuals = [receiver, Some(class), self.actual(1), traceback];
        if self.call_compiled(vm, f, callable, &args, &actuals, 0, 1)? {
            return Ok(());
        }
        self.step(op, 0)
    }

    /// `LOAD_SPECIAL`: a method of the class.
    pub(crate) fn load_special(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let owner = self.peek(1)?;
        let special = [
            Special::Enter,
            Special::Exit,
            Special::AEnter,
            Special::AExit,
        ][arg.min(3)];
        if let Some(v) = self.actual(1)
            && let class = vm.class_of(v)
            && let Some(f) = class.special(special).filter(|f: &Value| !f.is_none())
            && vm.binds_by_argument(f)
        {
            self.guard_builtin(owner, v)?;
            self.guard_class(class)?;
            let r = self.constant(f);
            self.poke(1, r);
            self.push(owner);
            self.advance(1);
            return Ok(());
        }
        self.step(Bytecode::LOAD_SPECIAL, 1)
    }
}

/// The items of a tuple, if all are classes of exceptions.
fn classes_of(tuple: Gc<Tuple>) -> Option<Vec<Gc<Class>>> {
    tuple
        .as_slice()
        .iter()
        .map(|v| {
            v.cast::<Class>()
                .filter(|c| c.layout.kind == Kind::Exception)
        })
        .collect()
}

/// What an instruction that does not raise takes from the stack and puts there.
fn stack_effect(op: Bytecode, arg: usize) -> Option<(usize, usize)> {
    use Bytecode::*;
    Some(match op {
        BINARY_OP | COMPARE_OP | CONTAINS_OP => (2, 1),
        BINARY_SLICE => (3, 1),
        UNARY_NEGATIVE | UNARY_INVERT | TO_BOOL | GET_ITER | FORMAT_SIMPLE => (1, 1),
        CALL => (arg + 2, 1),
        CALL_KW => (arg + 3, 1),
        CALL_FUNCTION_EX => (4, 1),
        LOAD_ATTR => (1, 1 + (arg & 1)),
        STORE_ATTR | DELETE_SUBSCR => (2, 0),
        STORE_SUBSCR => (3, 0),
        UNPACK_SEQUENCE => (1, arg),
        _ => return None,
    })
}

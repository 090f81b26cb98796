//! Generators and coroutines resumed inside a trace.
//!
//! Their frames lie inside the generator objects. A resumed one becomes a shadow frame
//! like that of a call: what it reads of its slots is loaded once, what it changes is
//! stored when it suspends, and between two resumptions in one trace the loads are
//! answered from those stores. The state in memory stays that of a suspended generator
//! while it runs, unless something has to see the frames: then the backend makes it the
//! innermost activation for real, and leaves it again where the trace does.
//!
//! ```text
//! v5 = Load.Ptr {Generator+88} v1         where it stands
//! v6 = Same.Bool v5, 0x7f.. ; GuardTrue v6
//! v7 = Load.Val {Generator+136} v1        a local
//! v8 = GuardInt.Int v7
//! v9 = AddOv.Int v8, 1                    its code
//! v10 = BoxInt.Val v9
//! Store {Generator+136} v1, v10           yield
//! ```

use super::{MAX_DEPTH, Recorded, Recorder, Shadow, Stop};
use crate::backend::helpers;
use crate::ir::{Class as Alias, Cond, Ins, Mem, Op, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::NativeFunction;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::generator::{Generator, GeneratorState};
use taipan_runtime::{Header, Kind, Value, Vm};

/// Instructions of a generator function that is resumed in a trace.
const MAX_SIZE: usize = 1000;

/// How often following generators with the same code may fail for their loops.
const MAX_UNFOLLOWED: u8 = 2;

const FRAME: usize = offset_of!(Generator, frame);
const SLOTS: usize = FRAME + size_of::<Frame>();
pub(super) const CODE: Mem = Mem::new(Alias::Const, 8, FRAME + offset_of!(Frame, code));
const FUNCTION: Mem = Mem::new(Alias::Const, 8, FRAME + offset_of!(Frame, function));
const IP: Mem = Mem::new(Alias::Generator, 8, FRAME + offset_of!(Frame, ip));
const SP: Mem = Mem::new(Alias::Generator, 8, FRAME + offset_of!(Frame, sp));
const OBJECT: Mem = Mem::new(Alias::Generator, 8, FRAME + offset_of!(Frame, object));
const STATE: Mem = Mem::new(Alias::Generator, 1, offset_of!(Generator, state));
const HANDLED: Mem = Mem::new(Alias::Generator, 8, offset_of!(Generator, handled));
const FLAGS: Mem = Mem::new(Alias::Generator, 1, Header::FLAGS_OFFSET);
const GLOBALS: Mem = Mem::new(Alias::Version, 8, offset_of!(Function, globals));

/// A slot of a generator's frame.
fn slot_mem(slot: usize) -> Mem {
    Mem::new(Alias::Generator, 8, SLOTS + 8 * slot)
}

impl Recorder {
    /// Resumes a generator or coroutine with a value, if the trace can follow it: `flags`
    /// say for what. The caller's stack is as it is to be while the generator runs.
    pub(crate) fn resume(
        &mut self,
        it: Ref,
        actual: Value,
        value: Ref,
        flags: u32,
    ) -> Recorded<bool> {
        let Some(g) = actual.cast::<Generator>() else {
            return Ok(false);
        };
        let state = g.state.get();
        let frame = &g.frame;
        let code = frame.code;
        if !matches!(state, GeneratorState::Created | GeneratorState::Suspended)
            || g.handled.get().is_some()
            || self.frames.len() > MAX_DEPTH
            || code.instrs().len() > MAX_SIZE
            || code.unfollowed.get() >= MAX_UNFOLLOWED
            || self.is_recursive(g)
        {
            return Ok(false);
        }
        let Some(h) = actual.header() else {
            return Ok(false);
        };
        self.guard_shape(it, h)?;
        let it = self.e.boxed(it);
        let part = self.e.load(Ty::Val, it, CODE)?;
        self.guard_is(part, code.value())?;
        let function = self.e.load(Ty::Val, it, FUNCTION)?;
        let part = self.e.load(Ty::Val, function, GLOBALS)?;
        self.guard_is(part, frame.function.globals().value())?;
        self.guard_state(it, state)?;
        let at = self.e.load(Ty::Ptr, it, IP)?;
        let here = self.e.tree.ptr(frame.ip.get() as usize);
        let same = self.e.op2(Op::Same, Ty::Bool, at, here)?;
        self.guard_true(same)?;
        let handled = self.e.load(Ty::Val, it, HANDLED)?;
        self.guard1(Op::GuardNull, Ty::None, handled)?;
        self.resumed = true;
        self.keep.push(code.value());
        self.keep.push(frame.function.value());
        let id = self.next_id;
        self.next_id += 1;
        // SAFETY: both point into the generator.
        let sp = unsafe { frame.sp.get().offset_from(frame.stack_base()) } as usize;
        let shadow = Shadow {
            frame: std::ptr::from_ref(frame).cast_mut(),
            code,
            function: it,
            globals: frame.function.globals(),
            builtins: frame.function.builtins(),
            id,
            place: self.next_place(),
            return_info: 0,
            flags,
            slots: vec![Ref::NONE; (code.locals_plus + code.stack_size) as usize],
            sp,
            ip: frame.instruction() as usize + 1,
            state: None,
            is_generator: true,
        };
        self.frame_mut().state = None;
        self.frames.push(shadow);
        self.push(value);
        Ok(true)
    }

    /// Whether a generator runs among others of its kind, as in walks of trees: where each of them
    /// stands is another path, of which there are too many to follow.
    fn is_recursive(&self, g: Gc<Generator>) -> bool {
        let code = g.frame.code;
        let is_same = |s: &Shadow| s.is_generator && s.code == code;
        if self.frames.iter().any(is_same) {
            return true;
        }
        let mut delegate = g.delegate();
        while let Some(inner) = delegate.and_then(|d| d.cast::<Generator>()) {
            if inner.frame.code == code {
                return true;
            }
            delegate = inner.delegate();
        }
        false
    }

    fn guard_state(&mut self, generator: Ref, state: GeneratorState) -> Recorded {
        let have = self.e.load(Ty::Int, generator, STATE)?;
        let want = self.e.tree.int(state as i64);
        let same = self.icmp(Cond::Eq, have, want)?;
        self.guard_true(same)
    }

    /// The first word behind the frames so far.
    pub(crate) fn next_place(&self) -> u32 {
        let f = self.frame();
        if f.id == 0 {
            0
        } else if f.is_generator {
            f.place
        } else {
            f.place + Frame::WORDS as u32 + f.code.locals_plus + f.code.stack_size
        }
    }

    /// A slot of a resumed generator that the trace has not touched.
    pub(super) fn load_generator_slot(&mut self, depth: usize, slot: usize) -> Recorded<Ref> {
        let generator = self.frames[depth].function;
        let r = self.e.load(Ty::Val, generator, slot_mem(slot))?;
        self.set_slot(depth, slot, r);
        Ok(self.e.resolve(r))
    }

    fn store_word(&mut self, generator: Ref, mem: Mem, v: Ref) -> Recorded {
        if self.e.memory.load(mem.aux(), generator, Ref::NONE) != Some(v) {
            self.e.store(generator, mem, v)?;
        }
        Ok(())
    }

    /// `YIELD_VALUE` in a resumed generator.
    pub(crate) fn yield_value(&mut self, vm: &Vm) -> Recorded {
        let depth = self.frames.len() - 1;
        if depth == 0 || !self.frame().is_generator || self.is_handling() {
            return Err(Stop::Exit);
        }
        let value = self.peek(1)?;
        let flags = self.frame().flags;
        let up = if flags & Frame::STAGE != 0 {
            Some(self.way_up(vm, flags, value)?)
        } else {
            None
        };
        self.pop_one();
        let f = self.frame();
        let generator = f.function;
        let (ip, sp) = (f.ip, f.sp);
        let code = f.code;
        let end = code.locals_plus as usize + sp;
        let slots: Vec<(usize, Ref)> = (0..end)
            .map(|i| (i, f.slots[i]))
            .filter(|(_, r)| !r.is_none())
            .collect();
        // Boxing may collect: all of it before the stores.
        let mut boxed = Vec::with_capacity(slots.len());
        for (i, r) in slots {
            boxed.push((i, self.e.boxed(r)));
        }
        for (i, r) in boxed {
            self.store_word(generator, slot_mem(i), r)?;
        }
        let at = self.e.tree.ptr(code.start() as usize + 4 * ip);
        self.store_word(generator, IP, at)?;
        let top = self.e.emit(
            Ins::new(Op::Inside, Ty::Ptr)
                .a(generator)
                .aux((SLOTS + 8 * end) as u64),
        )?;
        self.store_word(generator, SP, top)?;
        let state = self.e.tree.int(GeneratorState::Suspended as i64);
        self.e.store(generator, STATE, state)?;
        self.frames.pop();
        self.frame_mut().state = None;
        if let Some(up) = up {
            return self.arrive(vm, up);
        }
        self.push(value);
        debug_assert!(flags & (Frame::FOR_LOOP | Frame::SEND_LOOP | Frame::NEXT) != 0);
        self.advance(if flags & Frame::NEXT == 0 {
            2
        } else {
            1 + Bytecode::CALL.caches()
        });
        Ok(())
    }

    /// The StopIteration of a generator that `next` or `send` resumed and that returns `value`.
    fn end_of_next(&mut self, vm: &Vm, value: Ref) -> Recorded<Ref> {
        if !self.actual(1).is_some_and(Value::is_none) || !self.is_caught_by_caller() {
            return Err(Stop::Exit);
        }
        self.guard_is(value, Value::NONE)?;
        let class = vm.exception_class(&taipan_runtime::types::exception::classes::STOP_ITERATION);
        if !super::failing::can_be_made(vm, class) {
            return Err(Stop::Exit);
        }
        let e = self.new_exception(vm, class.root_shape.get(), &[])?;
        e.ok_or(Stop::Exit)
    }

    /// `RETURN_VALUE` in a resumed generator.
    pub(super) fn finish_generator(&mut self, vm: &Vm) -> Recorded {
        let value = self.peek(1)?;
        let f = self.frame();
        let (generator, flags) = (f.function, f.flags);
        let ends_next = flags & Frame::NEXT != 0;
        // SAFETY: the frame of the generator.
        if self.is_handling() || unsafe { (*f.frame).object.get().is_some() } {
            return Err(Stop::Exit);
        }
        let object = self.e.load(Ty::Val, generator, OBJECT)?;
        self.guard1(Op::GuardNull, Ty::None, object)?;
        // The end of one that `next` resumed is an exception in the caller.
        let end = if ends_next {
            Some(self.end_of_next(vm, value)?)
        } else {
            None
        };
        let state = self.e.tree.int(GeneratorState::Finished as i64);
        self.e.store(generator, STATE, state)?;
        let done = self.e.tree.int(Header::QUIET.into());
        self.e.store(generator, FLAGS, done)?;
        self.frames.pop();
        self.frame_mut().state = None;
        if let Some(e) = end {
            self.raise_in_caller(e);
            return Ok(());
        }
        let f = self.frame();
        let arg = (f.code.instrs()[f.ip].get() >> 8) as usize;
        if flags & Frame::FOR_LOOP != 0 {
            self.advance(3 + arg);
        } else {
            self.push(value);
            self.advance(2 + arg);
        }
        Ok(())
    }

    /// Whether the innermost frame, a generator's, handles an exception.
    fn is_handling(&self) -> bool {
        // SAFETY: the frame of a generator that is alive.
        unsafe {
            (*self.frame().frame)
                .generator
                .is_some_and(|g| g.handled.get().is_some())
        }
    }

    /// `RETURN_GENERATOR`: the arguments move into a new generator.
    pub(crate) fn return_generator(&mut self, vm: &Vm) -> Recorded {
        if self.frames.len() == 1 {
            return Err(Stop::Exit);
        }
        let f = self.frame();
        let (function, ip, skip, code) = (f.function, f.ip, f.return_info, f.code);
        let slots: Vec<(usize, Ref)> = (0..code.locals_plus as usize)
            .map(|i| (i, f.slots[i]))
            .filter(|(_, r)| !r.is_none() && self.e.tree.as_bits(*r) != Some(0))
            .collect();
        let mut boxed = Vec::with_capacity(slots.len());
        for (i, r) in slots {
            boxed.push((i, self.e.boxed(r)));
        }
        let function = self.e.boxed(function);
        let at = self.e.tree.ptr(code.start() as usize + 4 * ip);
        let generator = self.call_plain(&helpers::NEW_GENERATOR, &[function, at])?;
        use taipan_bytecode::CodeFlags;
        let shapes = &vm.shapes;
        let shape = if code.has(CodeFlags::COROUTINE) {
            shapes.coroutine.get()
        } else {
            shapes.generator.get()
        };
        self.e.memory.set_shape(generator, shape.id());
        // Nothing collects between the call and the last of these stores.
        for (i, r) in boxed {
            self.e.store(generator, slot_mem(i), r)?;
        }
        let code_ref = self.constant(code.value());
        self.e.know(CODE, generator, code_ref, Ty::Val);
        self.e.know(FUNCTION, generator, function, Ty::Val);
        let null = self.null();
        for mem in [HANDLED, OBJECT] {
            self.e.know(mem, generator, null, Ty::Val);
        }
        for slot in 0..code.locals_plus as usize {
            if self
                .e
                .memory
                .load(slot_mem(slot).aux(), generator, Ref::NONE)
                .is_none()
            {
                self.e.know(slot_mem(slot), generator, null, Ty::Val);
            }
        }
        self.e.know(IP, generator, at, Ty::Ptr);
        let state = self.e.tree.int(GeneratorState::Created as i64);
        self.e.know(STATE, generator, state, Ty::Int);
        self.frames.pop();
        self.frame_mut().state = None;
        self.push(generator);
        self.advance(skip as usize);
        Ok(())
    }

    /// `SEND` to a generator or coroutine.
    pub(crate) fn send(&mut self, vm: &Vm) -> Recorded {
        let (receiver, value) = (self.peek(2)?, self.peek(1)?);
        let (Some(actual), Some(sent)) = (self.actual(2), self.actual(1)) else {
            return Err(Stop::Exit);
        };
        let shapes = &vm.shapes;
        let ok = actual.header().is_some_and(|h| {
            h.shape_id() == shapes.generator.get().id()
                || h.shape_id() == shapes.coroutine.get().id()
        }) && actual.cast::<Generator>().is_some_and(|g| {
            g.state.get() == GeneratorState::Suspended
                || g.state.get() == GeneratorState::Created && sent.is_none()
        });
        if !ok {
            return self.step(Bytecode::SEND, 1);
        }
        let fresh = actual
            .cast::<Generator>()
            .is_some_and(|g| g.state.get() == GeneratorState::Created);
        if fresh {
            self.guard_is(value, Value::NONE)?;
        }
        // While it runs, the caller's stack lacks the value. Guards of the resumption come before.
        let depth = self.frames.len() - 1;
        if !self.resume(receiver, actual, value, Frame::SEND_LOOP)? {
            return self.step(Bytecode::SEND, 1);
        }
        let base = self.frames[depth].code.locals_plus as usize;
        self.frames[depth].sp -= 1;
        let slot = base + self.frames[depth].sp;
        self.set_slot(depth, slot, Ref::NONE);
        Ok(())
    }

    /// `next` and `send` of generators, as a call that takes `below` values from the stack;
    /// false if the interpreter makes no activation of it, or the trace cannot follow.
    pub(crate) fn resume_by_call(
        &mut self,
        vm: &Vm,
        (callable, v): (Ref, Value),
        args: &[Ref],
        actuals: &[Option<Value>],
        below: usize,
    ) -> Recorded<bool> {
        let Some(f) = v.cast::<NativeFunction>() else {
            return Ok(false);
        };
        let (mut args, mut actuals) = (args.to_vec(), actuals.to_vec());
        let is_bound = f.passes_receiver();
        if is_bound {
            args.insert(0, Ref::NONE);
            actuals.insert(0, f.receiver.get());
        }
        if f.def.resumes != Some(args.len()) {
            return Ok(false);
        }
        let Some(actual) = actuals[0].filter(|v| {
            v.header()
                .is_some_and(|h| h.shape_id() == vm.shapes.generator.get().id())
        }) else {
            return Ok(false);
        };
        let sent = match actuals.get(1) {
            None => Value::NONE,
            Some(Some(v)) => *v,
            Some(None) => return Ok(false),
        };
        let Some(generator) = actual.cast::<Generator>().filter(|g| g.takes(sent)) else {
            return Ok(false);
        };
        if is_bound {
            match self.unbound_native(vm, f, callable)? {
                Some((_, r, _)) => args[0] = r,
                None => {
                    self.guard_is(callable, v)?;
                    args[0] = self.constant(actual);
                }
            }
        } else {
            self.guard_is(callable, v)?;
        }
        let value = match args.get(1) {
            Some(r) if generator.state.get() == GeneratorState::Created => {
                self.guard_is(*r, Value::NONE)?
            }
            Some(r) => *r,
            None => self.constant(Value::NONE),
        };
        let depth = self.frames.len() - 1;
        if !self.resume(args[0], actual, value, Frame::NEXT)? {
            return Ok(false);
        }
        // The operands are gone while it runs. Guards of the resumption come before.
        let caller = &mut self.frames[depth];
        caller.sp -= below;
        let top = caller.code.locals_plus as usize + caller.sp;
        caller.slots[top..top + below].fill(Ref::NONE);
        caller.state = None;
        Ok(true)
    }

    /// `GET_YIELD_FROM_ITER` and `GET_AWAITABLE` of what is its own iterator.
    pub(crate) fn own_iterator(&mut self, vm: &Vm, op: Bytecode) -> Recorded {
        let r = self.peek(1)?;
        let Some(v) = self.actual(1) else {
            return Err(Stop::Exit);
        };
        let Some(h) = v.header() else {
            return self.step(op, 1);
        };
        if op == Bytecode::GET_YIELD_FROM_ITER {
            if h.shape_id() == vm.shapes.generator.get().id() {
                self.guard_shape(r, h)?;
                self.advance(1);
                return Ok(());
            }
            if h.shape().layout.kind != Kind::Generator {
                return self.get_iter(vm);
            }
        } else if h.shape_id() == vm.shapes.coroutine.get().id()
            && v.cast::<Generator>()
                .is_some_and(|g| g.state.get() == GeneratorState::Created)
        {
            // Nobody awaits one that has not begun.
            self.guard_shape(r, h)?;
            let r = self.e.boxed(r);
            self.guard_state(r, GeneratorState::Created)?;
            self.advance(1);
            return Ok(());
        }
        self.step(op, 1)
    }
}

/// Whether a function with this code makes a generator that a trace can resume.
pub(super) fn makes_generator(f: Gc<Function>) -> bool {
    use taipan_bytecode::CodeFlags;
    f.code().has(CodeFlags::GENERATOR | CodeFlags::COROUTINE)
        && !f.code().has(CodeFlags::ASYNC_GENERATOR)
}

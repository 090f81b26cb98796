//! Which functions are inlined, and their activations in the shadow: begun by a call, ended by a
//! return.

use super::arguments::{Arguments, Plan, plan};
use super::{MAX_DEPTH, Recorded, Recorder, Shadow, Stop};
use crate::driver::Jit;
use crate::ir::{Class as Alias, Ref};
use smallvec::SmallVec;
use taipan_bytecode::CodeFlags;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Value, Vm};

/// How many activations of one function are inlined into each other.
const MAX_RECURSION: usize = 2;
/// The same of a function that has code of its own and is no longer than [`SMALL`]. Measured with
/// 1, 2, 3 and 4: `fib` 17.7, 11.0, 8.5, 8.1 ms, `binary_trees` 11.9, 10.1, 6.9, 9.6 (more is compiled).
const MAX_UNROLLED: usize = 3;
/// Code units.
const SMALL: usize = 100;
/// Instructions of a function that is inlined deep down.
const MAX_SIZE: usize = 1000;

/// Items of a tuple written in a `for` statement up to which its iterations are laid out one after the other.
const MAX_DISPLAY: usize = 4;
/// Code units of all these iterations together.
const MAX_LAID_OUT: usize = 120;

/// The backward jumps of a function that are loops to the recorder: not those of a `for` over a short tuple that
/// is written there (`for flag in self, other:`), whose iterations are recorded like code without a loop.
fn loops(code: Gc<CodeObject>) -> SmallVec<[usize; 4]> {
    let instrs = code.instrs();
    let mut found = SmallVec::new();
    // Where such a `for` begins, with the number of items.
    let mut short: SmallVec<[(usize, usize); 4]> = SmallVec::new();
    // The items of the tuple that the last instruction made, or made an iterator of.
    let (mut made, mut iterated) = (None, None);
    let mut at = 0;
    while at < instrs.len() {
        let word = instrs[at].get();
        let op = Bytecode::from_u8(word as u8).unwrap_or(Bytecode::NOP);
        let arg = (word >> 8) as usize;
        let (tuple, iterator): (Option<usize>, Option<usize>) = (made.take(), iterated.take());
        match op.generic() {
            Bytecode::BUILD_TUPLE => made = Some(arg),
            Bytecode::LOAD_CONST => {
                let constant = code.consts.as_slice().get(arg);
                made = constant.and_then(|v| v.cast::<Tuple>()).map(|t| t.len());
            }
            Bytecode::GET_ITER => iterated = tuple,
            Bytecode::FOR_ITER => {
                let count = iterator.filter(|n| *n <= MAX_DISPLAY);
                short.extend(count.map(|n| (at, n)));
            }
            Bytecode::JUMP_BACKWARD => {
                let header = (at + 2).checked_sub(arg);
                let is_short = |(start, items): &(usize, usize)| {
                    Some(*start) == header && items * (at - start) <= MAX_LAID_OUT
                };
                if !short.iter().any(is_short) {
                    found.push(at);
                }
            }
            _ => {}
        }
        at += 1 + op.caches();
    }
    found
}

/// Whether there is a loop.
pub(super) fn has_loop(code: Gc<CodeObject>) -> bool {
    !loops(code).is_empty()
}

/// Whether the backward jump there is of a loop whose iterations are laid out.
pub(super) fn is_laid_out(code: Gc<CodeObject>, jump: usize) -> bool {
    !loops(code).contains(&jump)
}

impl Recorder {
    /// Whether a call of `f` with `count` positional arguments is to be inlined.
    pub(crate) fn can_inline(&mut self, vm: &Vm, f: Gc<Function>, count: usize) -> Recorded<bool> {
        Ok(self.is_inlinable(vm, f) && plan(f, count, &[]).is_some())
    }

    /// Whether the root frame is a generator's.
    pub(super) fn is_generator(&self) -> bool {
        // SAFETY: the root frame is alive while the recording lasts.
        unsafe { (*self.frames[0].frame).generator.is_some() }
    }

    /// As [`Recorder::can_inline`], whatever the arguments.
    pub(super) fn is_inlinable(&self, vm: &Vm, f: Gc<Function>) -> bool {
        let code = f.code();
        // Recursion is better called, once there is something to call; of small functions, after a
        // few activations, of which the last ones often do little.
        let recursion = match self.compiled_callee(vm, code) {
            Some(_) if code.instrs().len() > SMALL => 1,
            Some(_) => MAX_UNROLLED,
            None if self.recurs_in_line(vm, code) => MAX_DEPTH,
            None => MAX_RECURSION,
        };
        if code.has(CodeFlags::ASYNC_GENERATOR)
            || !code.has(CodeFlags::OPTIMIZED)
            || self.frames.len() > MAX_DEPTH
        {
            return false;
        }
        // What makes a generator runs nothing else of its code.
        super::generator::makes_generator(f)
            || code.instrs().len() <= MAX_SIZE
                && self.frames.iter().filter(|s| s.code == code).count() < recursion
                && !has_loop(code)
    }

    /// Whether the activations of the code that the trace is in called one another in one place,
    /// and there will never be code to call: it raises, mostly.
    fn recurs_in_line(&self, vm: &Vm, code: Gc<CodeObject>) -> bool {
        let mut sites = self.frames.iter().filter(|s| s.code == code).map(|s| s.ip);
        let first = sites.next();
        first.is_some()
            && sites.all(|ip| Some(ip) == first)
            && Jit::of(vm).is_some_and(|jit| jit.gave_up(code))
    }

    /// Pushes a shadow frame: the call takes `below` values from the stack and goes on
    /// `skip` units behind the current instruction.
    #[allow(clippy::too_many_arguments, reason = "what an activation is made of")]
    pub(crate) fn inline(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        function: Ref,
        args: &[Ref],
        below: usize,
        skip: u32,
        flags: u32,
    ) -> Recorded {
        let Some(plan) = plan(f, args.len(), &[]) else {
            return Err(Stop::Abort("no defaults"));
        };
        let args = Arguments {
            positional: args,
            keywords: &[],
        };
        self.inline_planned(vm, f, function, (&plan, &args), below, skip, flags)
    }

    /// As [`Recorder::inline`], with arguments that fit the function as planned.
    #[allow(clippy::too_many_arguments, reason = "what an activation is made of")]
    pub(crate) fn inline_planned(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        function: Ref,
        (plan, args): (&Plan, &Arguments<'_>),
        below: usize,
        skip: u32,
        flags: u32,
    ) -> Recorded {
        self.guard_activation(vm, f, function)?;
        self.begin_planned(vm, f, function, (plan, args), below, skip, flags)
    }

    /// Guards that a function stays what it is, so that its activation can begin.
    pub(super) fn guard_activation(&mut self, vm: &Vm, f: Gc<Function>, function: Ref) -> Recorded {
        if self.e.tree.as_bits(function).is_some() {
            // Replacing code or defaults changes the version.
            let version = f.version(vm);
            self.guard_version(function, Alias::Version, Function::VERSION_OFFSET, version)?;
        }
        Ok(())
    }

    /// Pushes a shadow frame as [`Recorder::inline`] does, of a function guarded already whose
    /// parameters these arguments are.
    pub(super) fn begin(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        function: Ref,
        args: &[Ref],
        skip: u32,
        flags: u32,
    ) -> Recorded {
        let Some(plan) = plan(f, args.len(), &[]) else {
            return Err(Stop::Abort("no defaults"));
        };
        let args = Arguments {
            positional: args,
            keywords: &[],
        };
        self.begin_planned(vm, f, function, (&plan, &args), 0, skip, flags)
    }

    #[allow(clippy::too_many_arguments, reason = "what an activation is made of")]
    fn begin_planned(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        function: Ref,
        (plan, args): (&Plan, &Arguments<'_>),
        below: usize,
        skip: u32,
        flags: u32,
    ) -> Recorded {
        let code = f.code();
        self.keep.push(code.value());
        self.keep.push(f.value());
        let mut slots = vec![self.null(); (code.locals_plus + code.stack_size) as usize];
        for slot in &mut slots[code.locals_plus as usize..] {
            *slot = Ref::NONE;
        }
        let locals = self.bind(vm, f, function, plan, args)?;
        slots[..locals.len()].copy_from_slice(&locals);
        self.pop_n(below);
        let place = self.next_place();
        let id = self.next_id;
        self.next_id += 1;
        self.frames.push(Shadow {
            frame: std::ptr::null_mut(),
            code,
            function,
            globals: f.globals(),
            builtins: f.builtins(),
            id,
            place,
            is_generator: false,
            return_info: skip,
            flags,
            slots,
            sp: 0,
            ip: 0,
            state: None,
        });
        Ok(())
    }

    pub(crate) fn return_value(&mut self, vm: &Vm) -> Recorded {
        if self.frames.len() > 1 && self.frame().is_generator {
            return self.finish_generator(vm);
        }
        if self.frames.len() == 1 {
            let returns = !self.is_loop() && self.frame().code.has(CodeFlags::OPTIMIZED);
            if self.in_function() || returns && !self.is_generator() {
                return Err(self.return_from_root());
            }
            return Err(if self.is_loop() {
                Stop::Abort("the loop ended")
            } else {
                Stop::Exit
            });
        }
        let r = self.peek(1)?;
        let actual = self.actual(1);
        let (flags, skip) = (self.frame().flags, self.frame().return_info);
        if flags & Frame::INIT != 0 {
            if !actual.is_some_and(Value::is_none) {
                return Err(Stop::Exit);
            }
            if self.e.tree.as_bits(r) != Some(Value::NONE.bits()) {
                self.guard_is(r, Value::NONE)?;
            }
        }
        if flags & (Frame::IMPLICIT & !Frame::INIT) != 0 {
            return self.return_implicit(vm, r, actual);
        }
        self.leave_frame()?;
        self.frames.pop();
        self.frame_mut().state = None;
        if flags & Frame::INIT != 0 {
            // The instance lies where the result belongs.
            self.frame_mut().sp += 1;
        } else {
            self.push(r);
        }
        self.advance(skip as usize);
        Ok(())
    }
}

//! Assigning `frame.f_lineno`: going on in another line.
//!
//! Only the frame that a tracing function or a tool of `sys.monitoring` is being told of can jump.
//! What lies on its evaluation stack decides where to: a walk over the code finds for every
//! instruction what kinds of values are there before it. A jump may drop values, and so leave
//! loops and `with` blocks, but has none to add: it cannot go into the body of a loop, or into a
//! handler when no exception is being handled.

use super::{Frame, FrameObject};
use crate::heap::Gc;
use crate::types::code::CodeObject;
use crate::types::exception::classes::RUNTIME_WARNING;
use crate::value::Value;
use crate::vm::{Event, Result, Vm};
use taipan_bytecode::dis::jump_target;
use taipan_bytecode::{CodeFlags, Instr, LocalKind, Op, stack_effect};

/// What a place of the evaluation stack holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Kind {
    /// Any value.
    Object = 1,
    /// The iterator of a loop.
    Iterator,
    /// An exception, or the one handled before it.
    Exception,
    /// Where an exception came from, for re-raising it.
    Origin,
    /// Nothing, as below the arguments of a call of something that is no method.
    Nothing,
}

impl Kind {
    /// Whether code that expects `to` may find this.
    fn serves(self, to: Kind) -> bool {
        match to {
            Kind::Object => self != Kind::Nothing,
            Kind::Nothing => true,
            _ => self == to,
        }
    }
}

/// The kinds of values on the stack, three bits each, the top one lowest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stack(u64);

impl Stack {
    const EMPTY: Stack = Stack(0);
    /// More than this many values are not told apart.
    const LIMIT: u32 = 21;
    const TOO_DEEP: Stack = Stack(u64::MAX);

    fn depth(self) -> u32 {
        (64 - self.0.leading_zeros()).div_ceil(3)
    }

    fn push(self, kind: Kind) -> Stack {
        if self.depth() >= Stack::LIMIT {
            Stack::TOO_DEEP
        } else {
            Stack(self.0 << 3 | kind as u64)
        }
    }

    fn pop(self, count: u32) -> Stack {
        if self == Stack::TOO_DEEP {
            self
        } else {
            Stack(self.0.checked_shr(3 * count).unwrap_or(0))
        }
    }

    /// The kind `below` the top.
    fn at(self, below: u32) -> Option<Kind> {
        Some(match self.pop(below).0 & 7 {
            1 => Kind::Object,
            2 => Kind::Iterator,
            3 => Kind::Exception,
            4 => Kind::Origin,
            5 => Kind::Nothing,
            _ => return None,
        })
    }

    fn kind(self, below: u32) -> Kind {
        self.at(below).unwrap_or(Kind::Object)
    }

    /// With the kind `below` the top replaced.
    fn with(self, below: u32, kind: Kind) -> Stack {
        if self == Stack::TOO_DEEP || below >= Stack::LIMIT {
            return self;
        }
        Stack(self.0 & !(7u64 << (3 * below)) | (kind as u64) << (3 * below))
    }

    /// Whether this stack, less some values at its top, is as `to` says.
    fn serves(self, to: Stack) -> bool {
        if self == Stack::TOO_DEEP || to == Stack::TOO_DEEP || self.depth() < to.depth() {
            return false;
        }
        let from = self.pop(self.depth() - to.depth());
        (0..to.depth()).all(|i| from.kind(i).serves(to.kind(i)))
    }

    /// After an instruction that goes on with the next one, or jumps.
    fn after(self, op: Op, arg: u32, jumps: bool) -> Stack {
        use Kind::*;
        match op {
            Op::PUSH_NULL | Op::LOAD_FAST_AND_CLEAR => self.push(Nothing),
            Op::LOAD_GLOBAL if arg & 1 != 0 => self.push(Object).push(Nothing),
            Op::LOAD_ATTR | Op::LOAD_SUPER_ATTR if arg & 1 != 0 => {
                let taken = if op == Op::LOAD_ATTR { 1 } else { 3 };
                self.pop(taken).push(Object).push(Nothing)
            }
            Op::LOAD_SPECIAL => self.pop(1).push(Object).push(Nothing),
            Op::COPY => self.push(self.kind(arg - 1)),
            Op::SWAP => {
                let (top, other) = (self.kind(0), self.kind(arg - 1));
                self.with(0, other).with(arg - 1, top)
            }
            Op::GET_ITER | Op::GET_AITER => self.pop(1).push(Iterator),
            Op::PUSH_EXC_INFO => self.pop(1).push(Exception).push(Exception),
            Op::CLEANUP_THROW => self.pop(3).push(Object).push(Object),
            Op::END_SEND => self.pop(2).push(Object),
            Op::FOR_ITER if jumps => self.push(Object),
            _ => {
                let effect = stack_effect(op, arg);
                let mut stack = self.pop((-effect).max(0) as u32);
                for _ in 0..effect {
                    stack = stack.push(Object);
                }
                stack
            }
        }
    }
}

/// What is on the stack before each instruction; nothing where no path goes.
fn stacks(code: &CodeObject) -> Vec<Option<Stack>> {
    let units = code.generic_instrs();
    let mut stacks = vec![None; units.len()];
    let mut entered = vec![false; code.handlers().len()];
    let mut todo = vec![(0, Stack::EMPTY)];
    loop {
        while let Some((at, stack)) = todo.pop() {
            let Some(place @ None) = stacks.get_mut(at) else {
                continue;
            };
            *place = Some(stack);
            let instr = Instr(units[at]);
            let op = Op::from_u8(instr.op_byte()).unwrap_or(Op::NOP);
            let arg = instr.arg();
            let next = at + 1 + op.caches();
            let target = match op {
                // Its argument says which loop it ends.
                Op::END_ASYNC_FOR => None,
                _ => jump_target(op, arg, at),
            };
            if let Some(target) = target {
                todo.push((target, stack.after(op, arg, true)));
            }
            if !matches!(
                op,
                Op::RETURN_VALUE
                    | Op::RAISE_VARARGS
                    | Op::RERAISE
                    | Op::JUMP_FORWARD
                    | Op::JUMP_BACKWARD
                    | Op::JUMP_BACKWARD_NO_INTERRUPT
            ) {
                todo.push((next, stack.after(op, arg, false)));
            }
        }
        // Handlers of what was reached, which may have handlers themselves.
        for (handler, entered) in code.handlers().iter().zip(&mut entered) {
            let covered = handler.start as usize..handler.end as usize;
            if *entered {
                continue;
            }
            let Some(stack) = stacks[covered].iter().find_map(|s| *s) else {
                continue;
            };
            *entered = true;
            let mut stack = stack.pop(stack.depth().saturating_sub(handler.depth));
            if handler.push_lasti {
                stack = stack.push(Kind::Origin);
            }
            todo.push((handler.target as usize, stack.push(Kind::Exception)));
        }
        if todo.is_empty() {
            return stacks;
        }
    }
}

/// Where lines begin: instructions with the line they begin.
fn line_starts(code: &CodeObject) -> Vec<(usize, u32)> {
    let mut last = None;
    code.positions()
        .filter_map(|(start, _, position)| Some((start as usize, position.line?)))
        .filter(|(_, line)| last.replace(*line) != Some(*line))
        .collect()
}

/// Why no jump from `from` reaches an instruction with `to` on its stack.
fn refusal(from: Option<Stack>, to: Option<Stack>) -> &'static str {
    if from == Some(Stack::TOO_DEEP) || to == Some(Stack::TOO_DEEP) {
        return "stack is too deep to analyze";
    }
    if from.is_none() {
        return "can't jump from unreachable code";
    }
    let Some(to) = to else {
        return "can't jump into an exception handler, or code may be unreachable";
    };
    match to.kind(0) {
        Kind::Exception => "can't jump into an 'except' block as there's no exception",
        Kind::Origin => "can't jump into a re-raising block as there's no location",
        Kind::Object | Kind::Nothing => "incompatible stacks",
        Kind::Iterator => "can't jump into the body of a for loop",
    }
}

/// A jump that is allowed.
struct Jump {
    /// The instruction to go to.
    to: usize,
    /// How deep the stack is to be there.
    depth: u32,
    /// What lies on it now.
    stack: Stack,
}

/// How to get from an instruction to `line`.
fn jump(code: &CodeObject, line: u32, from: u32) -> std::result::Result<Jump, String> {
    let starts = line_starts(code);
    let Some(line) = starts.iter().map(|s| s.1).filter(|l| *l >= line).min() else {
        return Err(format!("line {line} comes after the current code block"));
    };
    let stacks = stacks(code);
    let from = stacks[from as usize];
    let mut best: Option<Jump> = None;
    let mut reason = "cannot find bytecode for specified line";
    for (to, _) in starts.into_iter().filter(|s| s.1 == line) {
        match (from, stacks[to]) {
            (Some(stack), Some(there)) if stack.serves(there) => {
                let depth = there.depth();
                if best.as_ref().is_none_or(|b| depth > b.depth) {
                    best = Some(Jump { to, depth, stack });
                }
            }
            (_, there) => reason = refusal(from, there),
        }
    }
    best.ok_or_else(|| reason.to_owned())
}

/// The activation, if the event that is being told of allows a jump.
fn jumping<'f>(vm: &Vm, f: &'f FrameObject) -> Result<&'f Frame> {
    let event = vm.thread().event.get();
    let (reason, frame) = match event {
        None => ("f_lineno can only be set in a trace function", None),
        Some((Event::PyStart, _)) => (
            "can't jump from the 'call' trace event of a new frame",
            None,
        ),
        Some((Event::Call | Event::CReturn, _)) => ("can't jump during a call", None),
        Some((event, frame)) => {
            let allowed = matches!(
                event,
                Event::Line
                    | Event::PyYield
                    | Event::PyResume
                    | Event::Jump
                    | Event::BranchLeft
                    | Event::BranchRight
            ) && std::ptr::eq(f.frame.get(), frame);
            let frame = f.activation().filter(|_| allowed);
            ("can only jump from a 'line' trace event", frame)
        }
    };
    frame.ok_or_else(|| vm.value_error(reason))
}

/// Sets the variables that have no value to None, which code that a jump passed over may count on.
fn bind_variables(vm: &Vm, frame: &Frame) -> Result<()> {
    let unbound = |i: &usize| frame.slot(*i).is_none();
    let count = (0..frame.code.locals_plus as usize).filter(unbound).count();
    if count == 0 {
        return Ok(());
    }
    let plural = if count == 1 { "" } else { "s" };
    vm.warn(
        &RUNTIME_WARNING,
        &format!("assigning None to {count} unbound local{plural}"),
        1,
    )?;
    for i in (0..frame.code.locals_plus as usize).filter(unbound) {
        // The variable of a comprehension in a class or module stays out of its `locals()`.
        let hidden = frame.code.local_kinds[i].0 & LocalKind::HIDDEN != 0;
        if frame.code.has(CodeFlags::OPTIMIZED) || !hidden {
            // SAFETY: a slot of the running activation.
            unsafe { *frame.slots().add(i) = Some(Value::NONE) };
        }
    }
    Ok(())
}

/// Takes the topmost value off the stack, which may end the handling of an exception.
fn drop_top(vm: &Vm, frame: &Frame, kind: Option<Kind>) {
    // SAFETY: the stack is as deep as the model of it that the caller counts by.
    let value = unsafe {
        frame.sp.set(frame.sp.get().sub(1));
        *frame.sp.get()
    };
    if kind == Some(Kind::Exception) {
        let handled = value.filter(|v| !v.is_none());
        match frame.generator {
            Some(g) => {
                match handled {
                    Some(e) => g.handled.set(&g.header, e),
                    None => g.handled.clear(),
                }
                vm.thread().handled.set(handled.or(g.outer.get()));
            }
            None => vm.thread().handled.set(handled),
        }
    }
}

/// `frame.f_lineno = value`.
pub(super) fn set_line(vm: &Vm, f: Gc<FrameObject>, value: Value) -> Result<()> {
    if vm.class_of(value) != vm.types.int.get() {
        return Err(vm.value_error("lineno must be an integer"));
    }
    let frame = jumping(vm, &f)?;
    let line = vm.to_i64(value).ok().and_then(|n| i32::try_from(n).ok());
    let Some(line) = line else {
        vm.clear_raised();
        return Err(vm.value_error("lineno out of range"));
    };
    if i64::from(line) < i64::from(f.code.first_line) {
        return Err(vm.value_error(format!("line {line} comes before the current code block")));
    }
    let jump =
        jump(&f.code, line as u32, frame.instruction()).map_err(|reason| vm.value_error(reason))?;
    bind_variables(vm, frame)?;
    let mut stack = jump.stack;
    while stack.depth() > jump.depth {
        drop_top(vm, frame, stack.at(0));
        stack = stack.pop(1);
    }
    // SAFETY: an instruction of the frame's code.
    frame.ip.set(unsafe { f.code.start().add(jump.to) });
    // The line that was jumped to is no event.
    let at = jump.to as u32;
    let seen = f.code.line_of(at).map(|line| (line, at));
    f.last_line.set(seen);
    f.monitored_line.set(seen);
    vm.thread().jumped.set(true);
    Ok(())
}

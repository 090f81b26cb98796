//! Trees that begin at a function's entry, and calls from trace to trace.
//!
//! A loop inlines what it calls, which recursion and long call chains do not allow.
//! So a function that is called often gets a tree of its own: its root segment goes
//! from the first instruction to `RETURN_VALUE`, other paths become bridges. Other
//! traces, and the function itself, call its code directly:
//!
//! ```text
//! v1 = SLoad.Int {0}
//! GuardRoom [s0]
//! v2 = ICmp.Bool {Lt} v1, 2
//! GuardFalse v2 [s1]
//! v3 = SubOv.Int v1, 1 [s2]
//! v4 = CallFunction.Val {fib} v3 [s3]
//! ```
//!
//! The arguments travel unboxed, in the types that the parameters had when the tree
//! was recorded; a caller with others calls in the general way. The activation's
//! frame is not written until something may look at it: a leaf writes none at all.
//! Where the function called has no code yet, a recording gives way to that of the function.
//! Since a loop may call the function that contains it, the function's tree may come before
//! the loop's: it enters loops by way of a cell that is filled when there is code.
//!
//! Whatever ends in the interpreter (a guard without bridge, an exception) is
//! continued there by a nested run of the loop, whose result the compiled code
//! returns to its caller as if it had computed that itself.

use super::{Recorded, Recorder, Shadow, Stop};
use crate::backend::helpers;
use crate::driver::Jit;
use crate::ir::{Callee, Class as Alias, End, FUNCTION_SLOT, Ins, Op, Ref, Tree, Ty};
use crate::opt::emit::Emitter;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use taipan_bytecode::CodeFlags;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::cell::CellObject;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::{Value, Vm};

/// Why a recording ends before a call, see [`Recorder::callee_first`].
pub(crate) const CALLEE_FIRST: &str = "the callee comes first";

/// Whether functions of this code can have trees: the prologue must be such that it
/// can be done again by compiled code.
pub fn is_eligible(code: Gc<CodeObject>) -> bool {
    const SPECIAL: u32 = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
    if code.has(SPECIAL) || !code.has(CodeFlags::OPTIMIZED) {
        return false;
    }
    prologue_of(&code).is_some()
}

/// The instructions before a function's `RESUME`, if it has one.
fn prologue_of(code: &CodeObject) -> Option<impl Iterator<Item = (Bytecode, u32)>> {
    let generic = |word: u32| {
        let op = Bytecode::from_u8(word as u8).unwrap_or(Bytecode::NOP);
        (op.generic(), word >> 8)
    };
    let instrs = code.instrs();
    let resumes = |i: &Cell<u32>| generic(i.get()).0 == Bytecode::RESUME;
    let length = instrs.iter().position(resumes)?;
    Some(instrs[..length].iter().map(move |i| generic(i.get())))
}

/// How many slots hold arguments when a function starts.
pub fn parameter_slots(code: Gc<CodeObject>) -> u32 {
    code.arg_count
        + code.kwonly_arg_count
        + u32::from(code.has(CodeFlags::VARARGS))
        + u32::from(code.has(CodeFlags::VARKEYWORDS))
}

/// A call of a function's own code whose guards are emitted.
pub(super) struct PreparedCall {
    callee: Arc<Callee>,
    function: Ref,
    /// In the types of the parameters.
    args: Vec<Ref>,
}

impl Recorder {
    /// Starts recording a function whose activation stands at its `RESUME`; with `generic`
    /// its parameters are taken boxed.
    ///
    /// # Safety
    /// `frame` is the innermost activation, of eligible code.
    pub unsafe fn function(vm: &Vm, frame: *mut Frame, generic: bool) -> Option<Recorder> {
        // SAFETY: by contract.
        let (code, function) = unsafe { ((*frame).code, (*frame).function) };
        let mut tree = Tree::begun();
        let mut params = Vec::new();
        let count = parameter_slots(code);
        let mut in_cells = vec![false; count as usize];
        for (op, slot) in prologue_of(&code)? {
            if op == Bytecode::MAKE_CELL && slot < count {
                in_cells[slot as usize] = true;
            }
        }
        for slot in 0..count {
            // SAFETY: within the frame.
            let mut v = unsafe { (*frame).slot(slot as usize) };
            if in_cells[slot as usize] {
                v = v?.cast::<CellObject>()?.get();
            }
            let ty = if generic {
                Ty::Val
            } else {
                super::stack::ty_of(v)
            };
            params.push((slot, ty));
        }
        let is_closure = super::call::is_made_anew(function);
        let callee = Arc::new(Callee {
            name: code.qualname.to_text(),
            entry: AtomicUsize::new(0),
            params: params.iter().map(|(_, ty)| *ty).collect(),
            in_cells,
            function: if is_closure {
                0
            } else {
                function.value().bits()
            },
            globals: function.globals().as_ptr() as usize,
        });
        tree.function = Some(callee);
        let mut recorder = Recorder::empty(vm, Emitter::new(tree, 0), usize::MAX);
        // SAFETY: by contract.
        unsafe { recorder.push_root(frame) };
        recorder.keep.push(function.value());
        recorder.parameters(&params, is_closure, function);
        recorder.prologue(vm).ok()?;
        Some(recorder)
    }

    /// Makes the root frame's slots what they are when the function starts.
    fn parameters(&mut self, params: &[(u32, Ty)], is_closure: bool, function: Gc<Function>) {
        let null = self.null();
        let root = &mut self.frames[0];
        root.flags = Frame::ENTRY;
        root.ip = 0;
        let locals = root.code.locals_plus as usize;
        root.slots[..locals].fill(null);
        self.frames[0].function = if is_closure {
            self.parameter(FUNCTION_SLOT, Ty::Val)
        } else {
            self.e.tree.val(function.value().bits())
        };
        for (slot, ty) in params {
            self.frames[0].slots[*slot as usize] = self.parameter(*slot, *ty);
        }
    }

    fn parameter(&mut self, slot: u32, ty: Ty) -> Ref {
        let tree = &mut self.e.tree;
        let r = tree.push(Ins::new(Op::SLoad, ty).aux(slot.into()));
        tree.params.push((slot, r));
        tree.segments[0].code.push(r);
        r
    }

    /// Records what comes before `RESUME`, which the interpreter has executed already.
    fn prologue(&mut self, vm: &Vm) -> Recorded {
        let snap = self.fresh_snap();
        self.e.emit(Ins::new(Op::GuardRoom, Ty::None).snap(snap))?;
        let code = self.frames[0].code;
        loop {
            let word = code.instrs()[self.frames[0].ip].get();
            let op = Bytecode::from_u8(word as u8).unwrap_or(Bytecode::NOP);
            if op.generic() == Bytecode::RESUME {
                return Ok(());
            }
            self.instruction(vm, op, (word >> 8) as usize)?;
        }
    }

    /// Whether the tree is a function's.
    pub(crate) fn in_function(&self) -> bool {
        self.e.tree.function.is_some()
    }

    /// What is compiled, or being recorded, for calls of functions with this code.
    pub(crate) fn compiled_callee(&self, vm: &Vm, code: Gc<CodeObject>) -> Option<Arc<Callee>> {
        if self.in_function() && self.frames[0].code == code {
            return self.e.tree.function.clone();
        }
        Jit::of(vm)?.callee_of(code)
    }

    /// Calls a function's own code, if it has some that fits the arguments. `below` is
    /// what the call takes from the stack. The result is pushed.
    #[allow(clippy::too_many_arguments, reason = "a call's parts")]
    pub(crate) fn call_compiled(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
        below: usize,
        units: usize,
    ) -> Recorded<bool> {
        let Some(call) = self.prepare_call(vm, f, callable, args, actuals)? else {
            return Ok(false);
        };
        self.pop_n(below);
        let r = self.emit_call(call)?;
        self.push(r);
        self.advance(units);
        Ok(true)
    }

    /// Calls the code of `__init__` for `args[0]`, a new instance, which is pushed. `actuals`
    /// are the arguments without it.
    #[allow(clippy::too_many_arguments, reason = "a call's parts")]
    pub(crate) fn call_compiled_init(
        &mut self,
        vm: &Vm,
        init: Gc<Function>,
        function: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
        below: usize,
        units: usize,
    ) -> Recorded<bool> {
        let mut all = vec![None];
        all.extend_from_slice(actuals);
        let Some(call) = self.prepare_call(vm, init, function, args, &all)? else {
            return Ok(false);
        };
        self.pop_n(below);
        let r = self.emit_call(call)?;
        // Other results are an error, which the helper raises as the frames stand.
        let snap = self.fresh_snap();
        self.e.call(&helpers::CHECK_INIT, &[r], snap)?;
        self.push(args[0]);
        self.advance(units);
        Ok(true)
    }

    /// Checks that the code of `f` can be called with these arguments, and guards it:
    /// the function and the arguments as its parameters want them.
    pub(super) fn prepare_call(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<PreparedCall>> {
        let code = f.code();
        let Some(callee) = self.compiled_callee(vm, code) else {
            return Ok(None);
        };
        if !code.simple_args
            || args.len() > callee.params.len()
            || callee.function != 0 && callee.function != f.value().bits()
            || callee.globals != f.globals().as_ptr() as usize
        {
            return Ok(None);
        }
        let missing = callee.params.len() - args.len();
        let defaults = match f.defaults.get() {
            _ if missing == 0 => Vec::new(),
            Some(d) if d.len() >= missing => d.as_slice()[d.len() - missing..].to_vec(),
            _ => return Ok(None),
        };
        // All fit, or nothing is emitted.
        for (i, want) in callee.params.iter().enumerate() {
            let fits = match args.get(i) {
                Some(r) => match self.e.tree.ty(self.e.resolve(*r)) {
                    Ty::Val => *want == Ty::Val || super::stack::ty_of(actuals[i]) == *want,
                    have => *want == Ty::Val || have == *want,
                },
                None => {
                    *want == Ty::Val || super::stack::ty_of(Some(defaults[i - args.len()])) == *want
                }
            };
            if !fits {
                return Ok(None);
            }
        }
        let function = match callee.function {
            0 => self.callee(callable, f)?,
            _ => self.guard_is(callable, f.value())?,
        };
        if self.e.tree.as_bits(function).is_some() {
            // Replacing code or defaults changes the version.
            let version = f.version(vm);
            self.guard_version(function, Alias::Version, Function::VERSION_OFFSET, version)?;
        }
        let mut values = Vec::new();
        if missing > 0 {
            values = self.default_values(vm, f, function)?;
            values.drain(..values.len() - missing);
        }
        self.keep.push(f.value());
        let mut typed = Vec::with_capacity(callee.params.len());
        for (i, want) in callee.params.iter().enumerate() {
            let r = match args.get(i) {
                Some(r) => self.e.resolve(*r),
                None => self.e.resolve(values[i - args.len()]),
            };
            typed.push(match (self.e.tree.ty(r), *want) {
                (have, want) if have == want => r,
                (_, Ty::Val) => self.e.boxed(r),
                (_, Ty::Int) => self.guard1(Op::GuardInt, Ty::Int, r)?,
                (_, Ty::Float) => self.guard1(Op::GuardFloat, Ty::Float, r)?,
                _ => self.guard1(Op::GuardBool, Ty::Bool, r)?,
            });
        }
        Ok(Some(PreparedCall {
            callee,
            function,
            args: typed,
        }))
    }

    /// The call itself; the operands are off the stack already.
    pub(super) fn emit_call(&mut self, call: PreparedCall) -> Recorded<Ref> {
        let PreparedCall {
            callee,
            function,
            args,
        } = call;
        let mut all = Vec::with_capacity(args.len() + 1);
        if callee.function == 0 {
            all.push(self.e.boxed(function));
        }
        all.extend(args);
        let snap = self.fresh_snap();
        Ok(self.e.call_function(&callee, &all, snap)?)
    }

    /// `RETURN_VALUE` of the root frame.
    pub(crate) fn return_from_root(&mut self) -> Stop {
        match self.peek(1) {
            Ok(r) => {
                let r = self.e.boxed(r);
                let snap = self.snap();
                let segment = self.e.segment;
                self.e.tree.segments[segment].end = End::Return(r, snap);
                Stop::Done
            }
            Err(stop) => stop,
        }
    }

    /// Ends the recording before a call of a function that could have code of its own and has
    /// none yet: the call that follows records it, and what this was to become is recorded soon
    /// after, with a call from trace to trace.
    pub(crate) fn callee_first(&self, vm: &Vm, f: Gc<Function>, args: usize) -> Recorded {
        match Jit::of(vm) {
            Some(jit)
                if self.compiled_callee(vm, f.code()).is_none() && jit.records_first(f, args) =>
            {
                Err(Stop::Abort(CALLEE_FIRST))
            }
            _ => Ok(()),
        }
    }

    /// Whether a loop of the root frame is being compiled.
    pub(super) fn is_awaited(&self, vm: &Vm, target: usize) -> bool {
        Jit::of(vm).is_some_and(|jit| jit.is_awaited(self.frame().code, target))
    }

    /// Whether a loop of the root frame has code that can be entered from other code.
    pub(super) fn has_code(&self, vm: &Vm, target: usize) -> bool {
        let (code, globals) = (self.frame().code, self.frame().globals);
        Jit::of(vm).is_some_and(|jit| jit.promised_loop(code, target, globals).is_some())
    }

    /// A jump of the root frame to the header of a loop, which has code of its own or may get
    /// some: until then the interpreter runs it.
    pub(crate) fn enter_loop(&mut self, vm: &Vm, target: usize) -> Stop {
        let (code, globals) = (self.frame().code, self.frame().globals);
        let promised = Jit::of(vm).and_then(|jit| jit.promised_loop(code, target, globals));
        let Some(code) = promised else {
            return Stop::Exit;
        };
        self.frame_mut().ip = target;
        let snap = self.fresh_snap();
        let tree = &mut self.e.tree;
        tree.loops.push(code);
        let index = tree.loops.len() as u32 - 1;
        tree.segments[self.e.segment].end = End::EnterLoop(snap, index);
        Stop::Done
    }
}

/// The shadow frame of a function's root, for bridges: the function object is known.
pub(super) fn restore_root(shadow: &mut Shadow, function: Ref) {
    shadow.function = function;
    shadow.flags = Frame::ENTRY;
}

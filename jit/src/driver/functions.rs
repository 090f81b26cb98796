//! Trees of functions: when they are recorded, how the interpreter enters them, and
//! what happens when they are left other than by returning.

use super::rest::Turn;
use super::{Enter, Entry, Jit, Origin, Recording, Resume, Waiting};
use crate::backend::{Compiled, exits, function::MISFIT};
use crate::exit;
use crate::ir::{Callee, LoopCode, Op, Ref};
use crate::record::{Recorder, function};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::vm::Thread;
use taipan_runtime::{Result, Value, Vm};

/// The header of a function's tree: no instruction.
pub(super) const NO_HEADER: usize = usize::MAX;

/// What came of [`Jit::enter_function`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returned {
    /// Go on as if nothing had been asked.
    Nothing,
    /// The activation ended with this value; its frame is gone.
    Value(Value),
    /// The activation ended with an exception, which is pending; its frame is gone.
    Raised,
}

/// How many recordings give way to that of one function.
const MAX_DEFERRALS: u32 = 4;

/// Where a function's code counts its calls, if it does.
fn resume_of(code: Gc<CodeObject>) -> Option<usize> {
    let instrs = code.instrs();
    let mut i = 0;
    while let Some(word) = instrs.get(i) {
        let op = Bytecode::from_u8(word.get() as u8)?;
        if op.generic() == Bytecode::RESUME {
            return (op != Bytecode::ENTER_FUNCTION).then_some(i);
        }
        i += 1 + op.caches();
    }
    None
}

/// Where the frames beyond a root frame of this code begin, whose place is on the thread's stack.
///
/// # Safety
/// There is room for its record and slots.
unsafe fn beyond(root: *mut Frame, code: &CodeObject) -> *mut Option<Value> {
    let words = Frame::WORDS + (code.locals_plus + code.stack_size) as usize;
    // SAFETY: by contract.
    unsafe { root.cast::<Option<Value>>().add(words) }
}

impl Entry {
    pub(super) fn is_function(&self) -> bool {
        self.header == NO_HEADER && !self.is_side
    }
}

impl Jit {
    /// The compiled code for functions of this code object, if there is some.
    pub(crate) fn callee_of(&self, code: Gc<CodeObject>) -> Option<Arc<Callee>> {
        let key = code.as_ptr() as usize;
        if let Some(&index) = self.by_function.borrow().get(&key) {
            let trees = self.trees.borrow();
            return trees.get(index)?.tree.borrow().function.clone();
        }
        // Being compiled: what calls it is compiled after it.
        let waiting = self.waiting.borrow();
        let root = waiting.iter().find(|w| {
            w.origin == Origin::Root && w.header == NO_HEADER && w.code.as_ptr() as usize == key
        });
        root?.tree.function.clone()
    }

    /// Whether functions of this code will have no tree.
    pub(crate) fn gave_up(&self, code: Gc<CodeObject>) -> bool {
        let key = (code.as_ptr() as usize, NO_HEADER);
        let failures = self.failures.borrow().get(&key).copied();
        failures.unwrap_or(0) >= self.params.borrow().attempts
    }

    /// Whether a recording is to give way to that of a function which it is about to call with
    /// so many arguments. If so, the next call records the function.
    pub(crate) fn records_first(&self, f: Gc<Function>, args: usize) -> bool {
        let code = f.code();
        let params = function::parameter_slots(code) as usize;
        let defaults = f.defaults.get().map_or(0, |d| d.len());
        if !code.simple_args || args > params || args + defaults < params {
            return false;
        }
        let key = code.as_ptr() as usize;
        let failures = self.failures.borrow().get(&(key, NO_HEADER)).copied();
        if failures.unwrap_or(0) >= self.params.borrow().attempts
            || !function::is_eligible(code)
            || !self.affordable(Duration::ZERO)
        {
            return false;
        }
        let Some(site) = resume_of(code) else {
            return false;
        };
        let mut deferrals = self.deferrals.borrow_mut();
        let count = deferrals.entry(key).or_insert(0);
        *count += 1;
        if *count > MAX_DEFERRALS {
            return false;
        }
        let threshold = self.params.borrow().call_threshold;
        code.instrs()[site + 1].set(threshold - 1);
        true
    }

    /// The code that a loop will have, for a function that contains it and comes first; none if
    /// the loop seems not to get any.
    pub(crate) fn promised_loop(
        &self,
        code: Gc<CodeObject>,
        header: usize,
        globals: Gc<Dict>,
    ) -> Option<Arc<LoopCode>> {
        let key = (code.as_ptr() as usize, header);
        let failures = self.failures.borrow().get(&key).copied();
        if failures.unwrap_or(0) >= self.params.borrow().attempts {
            return None;
        }
        self.code_of_loop(key, globals)
    }

    /// Where the code of a loop is or will be, by code object, header and namespace: one place, whichever
    /// of the loop and the functions that enter it comes first.
    pub(super) fn code_of_loop(
        &self,
        key: (usize, usize),
        globals: Gc<Dict>,
    ) -> Option<Arc<LoopCode>> {
        let nothing = self.doorway.as_ref()?.nothing();
        let mut promised = self.promised.borrow_mut();
        let key = (key.0, key.1, globals.as_ptr() as usize);
        let code = promised.entry(key).or_insert_with(|| {
            Arc::new(LoopCode {
                entry: AtomicUsize::new(nothing),
            })
        });
        Some(code.clone())
    }

    /// Whether a loop's tree is being compiled.
    pub(crate) fn is_awaited(&self, code: Gc<CodeObject>, header: usize) -> bool {
        let waiting = self.waiting.borrow();
        waiting.iter().any(|w| {
            w.origin == Origin::Root && w.header == header && w.code.as_ptr() == code.as_ptr()
        })
    }

    pub(super) fn threshold_of(&self, waiting: &Waiting) -> u32 {
        let params = self.params.borrow();
        if waiting.header == NO_HEADER {
            params.call_threshold
        } else {
            params.threshold
        }
    }

    /// Makes a function's entry go to its tree.
    pub(super) fn mark_function(code: Gc<CodeObject>, site: usize, index: usize) {
        let instr = &code.instrs()[site];
        code.instrs()[site + 1].set(index as u32);
        instr.set(instr.get() & !0xFF | Bytecode::ENTER_FUNCTION as u32);
    }

    /// A function was called often; its new activation stands at `RESUME`, instruction
    /// `site`.
    ///
    /// # Safety
    /// `frame` is the innermost activation.
    pub unsafe fn hot_function(&self, vm: &Vm, frame: *mut Frame, site: usize) -> Enter {
        // SAFETY: by contract.
        let f = unsafe { &*frame };
        let counter = &f.code.instrs()[site + 1];
        if !self.may_record(vm, counter) {
            return Enter::Nothing;
        }
        let key = f.code.as_ptr() as usize;
        if self.by_function.borrow().contains_key(&key) {
            return Enter::Nothing;
        }
        let is_waiting = |w: &Waiting| {
            w.origin == Origin::Root && w.code.as_ptr() as usize == key && w.header == NO_HEADER
        };
        if self.waiting.borrow().iter().any(is_waiting) {
            let threshold = self.params.borrow().call_threshold;
            counter.set(threshold - super::POLL.min(threshold));
            return Enter::Nothing;
        }
        let failures = self
            .failures
            .borrow()
            .get(&(key, NO_HEADER))
            .copied()
            .unwrap_or(0);
        if failures >= self.params.borrow().attempts || !function::is_eligible(f.code) {
            // Looked at again now and then only.
            counter.set(0u32.wrapping_sub(1 << 30));
            return Enter::Nothing;
        }
        if !self.affordable(Duration::ZERO) {
            return Enter::Nothing;
        }
        let generic = self.generic.borrow().contains(&key);
        // SAFETY: by contract.
        let Some(recorder) = (unsafe { Recorder::function(vm, frame, generic) }) else {
            *self
                .failures
                .borrow_mut()
                .entry((key, NO_HEADER))
                .or_insert(0) += 1;
            return Enter::Nothing;
        };
        self.stats.borrow_mut().recordings += 1;
        *self.recording.borrow_mut() = Some(Recording {
            recorder,
            root: frame,
            origin: Origin::Root,
            code: f.code,
            header: NO_HEADER,
            site,
        });
        Enter::Record
    }

    /// Runs a function's tree in place of its activation, which stands at `RESUME`.
    ///
    /// # Safety
    /// `frame` is the innermost activation, and its code's `RESUME` names the tree.
    pub unsafe fn enter_function(&self, vm: &Vm, frame: *mut Frame, index: usize) -> Returned {
        let entry: *const Entry = match self.trees.borrow().get(index) {
            Some(entry) => &raw const **entry,
            None => return Returned::Nothing,
        };
        // SAFETY: entries are never taken out of the list, and lie outside of it.
        let entry = unsafe { &*entry };
        // SAFETY: by contract.
        let f = unsafe { &*frame };
        let only = entry.only.get();
        if f.object.get().is_some()
            || f.flags.get() & Frame::TRACED != 0
            || only != 0 && only != f.function.value().bits()
            || only == 0 && f.function.globals() != entry.globals
        {
            return Returned::Nothing;
        }
        self.compile_again_here(vm);
        let turn = self.turn(entry);
        if turn == Turn::Rest {
            if entry.rest.is_due() {
                self.poll(vm);
            }
            return Returned::Nothing;
        }
        let left = entry.left.get();
        let thread = vm.thread();
        let (top, depth) = (thread.top.get(), thread.depth.get());
        // What lies above the caller's top the collector finds only while the frame says so.
        // SAFETY: the calling activation.
        let caller = unsafe { f.previous.get().as_ref() };
        let above = Frame::above(f.flags.get());
        if let Some(caller) = caller {
            caller.sp.set(caller.sp.get().wrapping_add(above));
        }
        // The code makes the frame anew when it needs one.
        thread.frame.set(f.previous.get());
        thread.top.set(frame.cast());
        thread.depth.set(depth - 1);
        entry.entered.set(entry.entered.get() + 1);
        self.active.set(self.active.get() + 1);
        // SAFETY: the shim was made for this signature, and is kept as long as something is active.
        let word = unsafe {
            let code: extern "C" fn(*mut Frame, *const Thread) -> u64 =
                std::mem::transmute(entry.shim.get());
            code(frame, thread)
        };
        self.active.set(self.active.get() - 1);
        if turn == Turn::Try {
            entry.rest.left(entry.left.get().wrapping_sub(left));
        }
        if let Some(caller) = caller {
            caller.sp.set(caller.sp.get().wrapping_sub(above));
        }
        match word {
            0 => Returned::Raised,
            MISFIT => {
                thread.frame.set(frame);
                thread.top.set(top);
                thread.depth.set(depth);
                entry.misfits.set(entry.misfits.get() + 1);
                if entry.misfits.get() > 200
                    && u64::from(entry.misfits.get()) * 2 > entry.entered.get()
                {
                    self.give_up(entry, index);
                }
                Returned::Nothing
            }
            // SAFETY: compiled code returns words of values.
            word => Returned::Value(unsafe { Value::from_bits(word) }),
        }
    }

    /// Finishes an activation of a compiled function in the interpreter.
    ///
    /// # Safety
    /// Called by the code of that version, which was left by `id`; its frame belongs at `root`.
    pub unsafe fn leave(&self, vm: &Vm, root: *mut Frame, id: u64, version: u64) -> Result {
        if id == exits::RAISED || id == exits::LEFT {
            return self.resume(vm, id == exits::RAISED);
        }
        let Some((index, compiled)) = self.versions.borrow().get(&version).cloned() else {
            return Err(vm.system_error("compiled code of an unknown version"));
        };
        let tree = &compiled.tree;
        if id < exits::SEGMENT && tree.op(Ref(id as u32)) == Op::GuardRoom && vm.too_deep() {
            return Err(vm.recursion_error("maximum recursion depth exceeded"));
        }
        // SAFETY: by contract.
        unsafe { self.leave_by(vm, root, id, index, &compiled) }
    }

    /// As [`Jit::leave`], for the code of a loop that a function entered and what that led to, which
    /// returned `status`.
    ///
    /// # Safety
    /// As for `leave`; the root frame is complete.
    pub unsafe fn leave_loop(&self, vm: &Vm, root: *mut Frame, status: u64) -> Result {
        let (version, id) = exits::split(status);
        if let exits::RAISED | exits::LEFT = id {
            return self.resume(vm, id == exits::RAISED);
        }
        let known = self.versions.borrow().get(&version).cloned();
        if id == exits::ENTRY {
            // Of no version if the loop has no code yet.
            if let Some((index, _)) = known {
                let entry = self.trees.borrow()[index].clone();
                // SAFETY: by contract.
                unsafe { self.misfit(vm, &entry, index, root, beyond(root, &(*root).code)) };
            }
            return self.resume(vm, false);
        }
        let Some((index, compiled)) = known else {
            return Err(vm.system_error("compiled code of an unknown version"));
        };
        // SAFETY: by contract.
        unsafe { self.leave_by(vm, root, id, index, &compiled) }
    }

    /// Rebuilds the frames, then has the interpreter finish the activation of `root`.
    unsafe fn leave_by(
        &self,
        vm: &Vm,
        root: *mut Frame,
        id: u64,
        index: usize,
        compiled: &Rc<Compiled>,
    ) -> Result {
        let tree = &compiled.tree;
        let Some(exit) = compiled.exits.get(&id) else {
            return Err(vm.system_error("an unknown exit of compiled code"));
        };
        let snap = &tree.snaps[exit::snapshot_of(tree, id) as usize];
        // SAFETY: the tree keeps its code objects alive.
        let code = unsafe { &*(snap.frames[0].code as *const CodeObject) };
        // SAFETY: by contract.
        let base = unsafe { beyond(root, code) };
        let entry = self.trees.borrow()[index].clone();
        entry.left.set(entry.left.get().wrapping_add(1));
        let side = self.side_of(&entry, compiled, id, exit);
        // A function's own side traces are entered by its code only: the next time.
        let in_function = tree.function.is_some();
        let takes_buffer = !in_function && side.as_ref().is_some_and(|(s, _)| s.takes_buffer);
        if !takes_buffer {
            // SAFETY: by contract.
            unsafe { exit::rebuild(vm, tree, id, exit, root, base) };
        }
        // SAFETY: just rebuilt, or not needed.
        let left = unsafe {
            if side
                .as_ref()
                .is_some_and(|(s, _)| in_function && s.takes_buffer)
            {
                Enter::Reload
            } else if let Some((side, at)) = side {
                exit::set_left_by(vm, compiled.version, id);
                self.run(vm, root, base, side, at)
            } else if id < exits::SEGMENT && self.grow(vm, &entry, index, compiled, id, root) {
                Enter::Record
            } else {
                Enter::Reload
            }
        };
        match left {
            Enter::Nothing | Enter::Reload => self.resume(vm, false),
            Enter::Raise => self.resume(vm, true),
            Enter::Return(v) => {
                // SAFETY: the innermost activation, which ended.
                unsafe { exit::pop(vm, root) };
                Ok(v)
            }
            Enter::Record if vm.check_native_stack().is_ok() => {
                (self.hooks.resume)(vm, Resume::Record)
            }
            Enter::Record => {
                self.finish(vm, true);
                (self.hooks.resume)(vm, Resume::Raise)
            }
        }
    }

    /// Has the interpreter finish the activation, raising the pending exception or not.
    fn resume(&self, vm: &Vm, raise: bool) -> Result {
        if raise || vm.check_native_stack().is_err() {
            return (self.hooks.resume)(vm, Resume::Raise);
        }
        (self.hooks.resume)(vm, Resume::Run)
    }
}

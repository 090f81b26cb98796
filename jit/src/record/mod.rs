//! Recording: before the interpreter executes an instruction, the recorder looks at
//! the operands on the frame and emits what the instruction will do for operands of
//! these types.
//!
//! The recorder keeps a shadow of every frame that the trace runs in: which value of
//! the trace is in which slot. Calls of Python functions push a shadow frame and are
//! thereby inlined. What the recorder has no knowledge of becomes a [`Op::Step`]: the
//! compiled code completes the interpreter's frames and has it execute that one
//! instruction. So nothing ends a recording but its length, an exception, and the
//! end of the root frame.

mod arguments;
mod arith;
mod arrays;
mod attr;
mod branch;
mod builtins;
mod bytes;
mod call;
mod complex;
mod consumer;
mod containers;
mod dispatch;
mod dynamic;
mod failing;
pub mod function;
mod generator;
mod handled;
mod implicit;
mod inline;
mod items;
mod iterate;
mod keywords;
mod known_dicts;
mod make;
mod matching;
mod names;
mod native;
mod native_items;
mod raise;
pub mod side;
mod slices;
mod stack;
mod step;
mod tables;
mod text;
mod wrappers;

use crate::backend::helpers;
use crate::ir::{End, FrameState, Ins, NO_SNAP, Op, Ref, SnapId, Snapshot, Tree, Ty};
use crate::opt::emit::{Contradiction, Emitter};
use std::sync::Arc;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::vm::RootedVec;
use taipan_runtime::{Value, Vm};

/// Instructions after which a recording is given up.
const MAX_LENGTH: usize = 1500;
/// Inlined frames.
const MAX_DEPTH: usize = 8;
/// How often an inner loop may be passed.
const MAX_UNROLL: u32 = 5;
/// Instructions that make a trace worth entering that does not loop.
const MIN_STRAIGHT: usize = 25;
/// The same of a side trace, which is entered from compiled code.
const MIN_SIDE: usize = 6;
/// Instructions after which a side trace may end at a join.
const MIN_JOIN: usize = 40;
/// Forms of one instruction (types, callees) that are told apart.
const MAX_FORMS: usize = 4;

/// What the interpreter is to do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Execute the instruction, and ask again before the next.
    Continue,
    /// Leave recording mode; see [`Recorder::outcome`].
    Stop,
    /// Run the innermost activation to its end without asking, then ask again.
    CallThrough,
}

/// How a recording ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Recording,
    /// The segment is complete.
    Done,
    /// Nothing came of it, for this reason.
    Abort(&'static str),
}

/// Why an instruction cannot be recorded as wished.
pub(crate) enum Stop {
    Abort(&'static str),
    /// The segment ends before this instruction, in the interpreter.
    Exit,
    /// The segment is closed.
    Done,
}

impl From<Contradiction> for Stop {
    fn from(_: Contradiction) -> Stop {
        Stop::Abort("contradiction")
    }
}

pub(crate) type Recorded<T = ()> = Result<T, Stop>;

/// The recorder's view of an activation.
pub(crate) struct Shadow {
    /// Null until the activation was seen.
    pub frame: *mut Frame,
    pub code: Gc<CodeObject>,
    pub function: Ref,
    pub globals: Gc<Dict>,
    pub builtins: Gc<Dict>,
    pub id: u32,
    pub place: u32,
    /// The frame lies in a generator, which `function` then is.
    pub is_generator: bool,
    pub return_info: u32,
    pub flags: u32,
    /// Locals, then the stack; `NONE` is what memory held on entry.
    pub slots: Vec<Ref>,
    /// Height of the evaluation stack.
    pub sp: usize,
    /// Index of the instruction about to be executed.
    pub ip: usize,
    state: Option<Arc<FrameState>>,
}

/// What is to be done once the outcome of an instruction is known.
pub(crate) enum Pending {
    None,
    /// A step: reload the stack from this height on.
    Step {
        step: Ref,
        below: usize,
        next: usize,
    },
    /// An iterator's `next` was called: its result.
    Next {
        result: Ref,
        item: usize,
        end: usize,
        /// The shape of all items, if it is known.
        shape: Option<u32>,
    },
    /// As `Next`, of the iterator behind a `map` or `filter`, whose function is called next.
    Call {
        result: Ref,
        callee: items::ItemFunction,
    },
    /// As `Next`, of an iterator of pairs: the first one's first value.
    NextPair {
        first: Ref,
        item: usize,
        end: usize,
    },
}

/// One recording under way.
pub struct Recorder {
    pub(crate) e: Emitter,
    pub(crate) frames: Vec<Shadow>,
    pub(crate) pending: Pending,
    /// The state before the current instruction, once a guard needed it.
    snapshot: SnapId,
    /// Where the loop starts: an instruction of the root frame.
    header: usize,
    root: bool,
    started: bool,
    next_id: u32,
    passed: rustc_hash::FxHashMap<(u32, usize), u32>,
    /// Values that the trace refers to; rooted, since what runs meanwhile may drop them.
    pub keep: RootedVec<'static>,
    outcome: Outcome,
    /// Instructions recorded.
    pub recorded: usize,
    /// The first instruction has had too many forms: it is stepped.
    generic_first: bool,
    /// The innermost frame before the current instruction.
    before: Option<Before>,
    /// See [`Recorder::is_join`].
    joins: Option<Vec<bool>>,
    /// The frame and the instruction that was recorded last.
    asked: (*mut Frame, usize),
    /// The exception that the current instruction raises, if the trace knows it.
    raising: Option<Ref>,
    /// Whether a generator ran in the trace: in memory it may still be running, or not yet.
    resumed: bool,
    /// What the last `CALL` called.
    called: Option<Value>,
    /// The exception being handled, where the recording knows it.
    handled: Option<Ref>,
    /// Exceptions in whose tracebacks frames of the trace are, and those frames' ids.
    raised: Vec<(Ref, u32)>,
}

/// A frame before an instruction, in case that raises.
struct Before {
    depth: usize,
    slots: Vec<Ref>,
    sp: usize,
    ip: usize,
    /// Instructions of the segment so far.
    emitted: usize,
}

/// The activations from `root` to the innermost one.
///
/// # Safety
/// They are chained.
unsafe fn chain_of(root: *mut Frame, innermost: *mut Frame) -> Vec<*mut Frame> {
    let mut chain = Vec::new();
    let mut at = innermost;
    loop {
        chain.push(at);
        if at == root || at.is_null() {
            break;
        }
        // SAFETY: by contract.
        at = unsafe { (*at).previous.get() };
    }
    chain.reverse();
    chain
}

/// The instruction that a guard belongs to.
fn place_of(tree: &Tree, guard: Ref) -> Option<(usize, u32, usize)> {
    let snap = &tree.snaps[tree.get(guard).snap as usize];
    let innermost = snap.frames.last()?;
    Some((innermost.code, innermost.ip, snap.frames.len()))
}

/// How many guards on the way to `guard` failed at the same instruction.
fn forms(tree: &Tree, guard: Ref) -> usize {
    let place = place_of(tree, guard);
    let mut count = 0;
    let mut at = guard;
    while let Some((segment, _)) = tree.position(at) {
        let parent = tree.segments[segment].parent;
        if parent.is_none() {
            break;
        }
        count += usize::from(place_of(tree, parent) == place);
        at = parent;
    }
    match &tree.side {
        Some(side) if Some(side.place) == place => count + side.forms,
        _ => count,
    }
}

/// Room for what a recorder keeps alive, at first.
const ROOTS: usize = 64;

/// What a recorder keeps alive.
fn roots(vm: &Vm) -> RootedVec<'static> {
    // SAFETY: recorders belong to the JIT, which hangs on the interpreter instance.
    let vm = unsafe { &*std::ptr::from_ref(vm) };
    // Registered from the start: a recorder does not lie on the native stack.
    vm.rooted_with_capacity(ROOTS)
}

impl Recorder {
    /// Starts recording a loop whose header the frame stands at.
    ///
    /// # Safety
    /// `frame` is the innermost activation.
    pub unsafe fn root(vm: &Vm, frame: *mut Frame) -> Recorder {
        // SAFETY: by contract.
        let frame_ref = unsafe { &*frame };
        let tree = Tree::begun();
        let mut recorder =
            Recorder::empty(vm, Emitter::new(tree, 0), frame_ref.instruction() as usize);
        // SAFETY: by contract.
        unsafe { recorder.push_root(frame) };
        recorder
    }

    fn empty(vm: &Vm, e: Emitter, header: usize) -> Recorder {
        let resumed = e
            .tree
            .snaps
            .iter()
            .any(|s| s.frames.iter().any(|f| f.is_generator));
        Recorder {
            e,
            frames: Vec::new(),
            pending: Pending::None,
            snapshot: NO_SNAP,
            header,
            root: true,
            started: false,
            next_id: 1,
            passed: Default::default(),
            keep: roots(vm),
            outcome: Outcome::Recording,
            recorded: 0,
            generic_first: false,
            before: None,
            joins: None,
            asked: (std::ptr::null_mut(), 0),
            raising: None,
            resumed,
            called: None,
            handled: None,
            raised: Vec::new(),
        }
    }

    unsafe fn push_root(&mut self, frame: *mut Frame) {
        // SAFETY: the frame is an activation.
        unsafe {
            let code = (*frame).code;
            let sp = (*frame).sp.get().offset_from((*frame).stack_base()) as usize;
            let function = (*frame).function;
            self.keep.push(code.value());
            self.keep.push(function.globals().value());
            self.keep.push(function.builtins().value());
            self.frames.push(Shadow {
                frame,
                code,
                function: Ref::NONE,
                globals: function.globals(),
                builtins: function.builtins(),
                id: 0,
                place: 0,
                is_generator: false,
                return_info: 0,
                flags: 0,
                slots: vec![Ref::NONE; (code.locals_plus + code.stack_size) as usize],
                sp,
                ip: (*frame).instruction() as usize,
                state: None,
            });
        }
    }

    /// A frame beyond the root's that is there when the recording begins, its slots not known.
    ///
    /// # Safety
    /// The frame is an activation, and `state` says what it is in the trace.
    unsafe fn push_known(&mut self, frame: *mut Frame, state: &FrameState, named: Ref) {
        // SAFETY: by contract.
        let (code, function) = unsafe { ((*frame).code, (*frame).function) };
        self.keep.push(function.globals().value());
        self.keep.push(function.builtins().value());
        self.frames.push(Shadow {
            frame,
            code,
            function: named,
            globals: function.globals(),
            builtins: function.builtins(),
            id: state.id,
            place: state.place,
            is_generator: state.is_generator,
            return_info: state.return_info,
            flags: state.flags,
            slots: vec![Ref::NONE; (code.locals_plus + code.stack_size) as usize],
            sp: state.sp as usize,
            ip: state.ip as usize,
            state: None,
        });
    }

    /// Starts recording a bridge from a guard of `tree`: the frames stand as its
    /// snapshot says. `header` is the tree's loop header.
    ///
    /// # Safety
    /// `root` is the frame that the tree ran in, and the frames after it are those of
    /// the snapshot.
    pub unsafe fn bridge(
        vm: &Vm,
        tree: Tree,
        guard: Ref,
        live: &[bool],
        root: *mut Frame,
        header: usize,
        innermost: *mut Frame,
    ) -> Recorder {
        let snap = tree.snaps[tree.get(guard).snap as usize].clone();
        let mut tree = tree;
        let segment = tree.begin_segment(guard);
        let mut e = Emitter::new(tree, segment);
        e.replay_to(guard, live);
        let mut recorder = Recorder::empty(vm, e, header);
        recorder.root = false;
        recorder.generic_first = forms(&recorder.e.tree, guard) >= MAX_FORMS;
        recorder.next_id = recorder
            .e
            .tree
            .snaps
            .iter()
            .flat_map(|s| s.frames.iter().map(|f| f.id))
            .max()
            .unwrap_or(0)
            + 1;
        // SAFETY: the frames are chained down to the root.
        unsafe {
            let chain = chain_of(root, innermost);
            recorder.push_root(root);
            for (i, state) in snap.frames.iter().enumerate() {
                if i > 0 {
                    let frame = chain.get(i).copied().unwrap_or(std::ptr::null_mut());
                    recorder.push_known(frame, state, state.function);
                }
                let shadow = &mut recorder.frames[i];
                if i == 0 && !state.function.is_none() {
                    function::restore_root(shadow, state.function);
                }
                shadow.sp = state.sp as usize;
                shadow.ip = state.ip as usize;
                for (slot, r) in &state.slots {
                    shadow.slots[*slot as usize] = *r;
                }
            }
        }
        recorder
    }

    /// Whether the recording of a loop has left it: the iterator was exhausted at once, or the
    /// code before the loop is reached, which an outer loop does.
    fn left_loop(&self, ip: usize) -> bool {
        if !self.is_loop() || self.in_function() || self.frames.len() > 1 {
            return false;
        }
        if ip < self.header {
            return true;
        }
        let word = self.frames[0].code.instrs()[self.header].get();
        let op = Bytecode::from_u8(word as u8).unwrap_or(Bytecode::NOP);
        self.recorded == 1
            && op.generic() == Bytecode::FOR_ITER
            && ip >= self.header + 1 + op.caches() + (word >> 8) as usize
    }

    /// Whether the recording is to become a loop or a function, which needs a certain end.
    pub(crate) fn is_loop(&self) -> bool {
        self.root && self.e.tree.side.is_none()
    }

    /// A recorder of nothing.
    pub fn placeholder(vm: &Vm) -> Recorder {
        Recorder::empty(vm, Emitter::default(), 0)
    }

    /// Where it stands, for the log.
    pub fn position(&self) -> String {
        let Some(f) = self.frames.last() else {
            return String::new();
        };
        let op = f.code.instrs().get(f.ip).map_or(0, |w| w.get() as u8);
        let op = Bytecode::from_u8(op).unwrap_or(Bytecode::NOP);
        format!("at {} {} ({})", f.code.qualname, f.ip, op.name())
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The tree with the segment recorded.
    pub fn into_parts(self) -> (Emitter, RootedVec<'static>) {
        (self.e, self.keep)
    }

    pub(crate) fn frame(&self) -> &Shadow {
        &self.frames[self.frames.len() - 1]
    }

    pub(crate) fn frame_mut(&mut self) -> &mut Shadow {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// Gives up, an exception for instance having been raised.
    pub fn abort(&mut self, why: &'static str) {
        if self.outcome == Outcome::Recording {
            self.outcome = Outcome::Abort(why);
        }
    }

    /// To be called before each instruction, the frame's `ip` and `sp` written.
    ///
    /// # Safety
    /// `frame` is the innermost activation.
    pub unsafe fn record(&mut self, vm: &Vm, frame: *mut Frame) -> Action {
        if self.outcome != Outcome::Recording {
            return Action::Stop;
        }
        // SAFETY: by contract.
        match unsafe { self.observe(vm, frame) } {
            Ok(action) => action,
            Err(Stop::Abort(why)) => {
                self.outcome = Outcome::Abort(why);
                Action::Stop
            }
            Err(Stop::Done) => {
                self.outcome = Outcome::Done;
                Action::Stop
            }
            Err(Stop::Exit) => {
                if self.root {
                    if self.in_function() {
                        self.outcome = Outcome::Abort("the function cannot be followed");
                        return Action::Stop;
                    }
                    let least = if self.is_loop() {
                        MIN_STRAIGHT
                    } else {
                        MIN_SIDE
                    };
                    if self.recorded < least {
                        self.outcome = Outcome::Abort("the loop was left");
                        return Action::Stop;
                    }
                    self.complete_snapshots(0);
                } else if self.recorded <= 1 {
                    // The guard's exit does as well. A bridge that did nothing could end where its
                    // tree is entered again at once.
                    self.outcome = Outcome::Abort("nothing was recorded");
                    return Action::Stop;
                }
                let snap = self.snap();
                let segment = self.e.segment;
                if self.root {
                    self.complete_snapshots(snap as usize);
                }
                self.e.tree.segments[segment].end = End::Exit(snap);
                self.outcome = Outcome::Done;
                Action::Stop
            }
        }
    }

    unsafe fn observe(&mut self, vm: &Vm, frame: *mut Frame) -> Recorded<Action> {
        // SAFETY: `frame` is an activation.
        let (ip, sp) = unsafe {
            let f = &*frame;
            (
                f.instruction() as usize,
                f.sp.get().offset_from(f.stack_base()) as usize,
            )
        };
        if self.asked == (frame, ip) && !self.stands_at(frame, ip) {
            // A specialised form did not fit: the same instruction again, in its general form.
            return Ok(Action::Continue);
        }
        self.asked = (frame, ip);
        self.settle_callee(vm, frame)?;
        if self.frame().frame.is_null() {
            // SAFETY: as above.
            if unsafe { (*frame).code } != self.frame().code {
                return Err(Stop::Abort("another function was called"));
            }
            self.frame_mut().frame = frame;
        }
        if self.frame().frame != frame {
            if self.frames.iter().any(|f| f.frame == frame) {
                return Err(Stop::Abort("frames out of step"));
            }
            return Ok(Action::CallThrough);
        }
        self.snapshot = NO_SNAP;
        self.settle(vm, ip, sp)?;
        if self.frame().ip != ip || self.frame().sp != sp {
            return Err(Stop::Abort("out of step with the interpreter"));
        }
        #[cfg(debug_assertions)]
        self.check(vm);
        if self.frames.len() == 1 && ip == self.header && self.started {
            return self.close(vm);
        }
        if self.left_loop(ip) {
            return Err(Stop::Abort("the loop ended"));
        }
        if self.recorded >= MIN_JOIN
            && self.e.tree.side.is_some()
            && !self.in_function()
            && self.frames.len() == 1
            && self.is_join(ip)
        {
            return Err(Stop::Exit);
        }
        self.started = true;
        self.recorded += 1;
        if self.recorded > MAX_LENGTH || self.e.tree.ins.len() > 60_000 {
            return Err(Stop::Abort("too long"));
        }
        let emitted = self.e.tree.segments[self.e.segment].code.len();
        self.raising = None;
        let f = self.frame();
        self.before = Some(Before {
            depth: self.frames.len(),
            slots: f.slots.clone(),
            sp: f.sp,
            ip: f.ip,
            emitted,
        });
        let word = self.frame().code.instrs()[ip].get();
        let op = Bytecode::from_u8(word as u8).unwrap_or(Bytecode::NOP);
        let arg = (word >> 8) as usize;
        if self.generic_first
            && self.recorded == 1
            && (self.generic(op.generic(), arg)? || self.step_other(op.generic(), arg).is_ok())
        {
            return Ok(Action::Continue);
        }
        self.instruction(vm, op, arg)?;
        Ok(Action::Continue)
    }

    /// Whether the function of a `map` or `filter` was called, as its iterator had another item.
    fn settle_callee(&mut self, vm: &Vm, frame: *mut Frame) -> Recorded {
        if !matches!(self.pending, Pending::Call { .. }) || self.frame().frame == frame {
            return Ok(());
        }
        if let Pending::Call { result, callee } =
            std::mem::replace(&mut self.pending, Pending::None)
        {
            self.settle_call(vm, result, &callee, true)?;
        }
        Ok(())
    }

    /// Whether that is where the shadow stands, too.
    fn stands_at(&self, frame: *mut Frame, ip: usize) -> bool {
        match self.pending {
            Pending::None => self.frame().frame == frame && self.frame().ip == ip,
            // An instruction stepped, or an iterator's `next`, may lead anywhere, but not back here.
            _ => false,
        }
    }

    /// In debug builds: constants of the shadow are what the interpreter has.
    #[cfg(debug_assertions)]
    fn check(&self, _vm: &Vm) {
        let shadow = self.frame();
        for (i, r) in shadow.slots.iter().enumerate() {
            if i >= shadow.code.locals_plus as usize + shadow.sp || r.is_none() {
                continue;
            }
            // SAFETY: within the frame.
            let actual = unsafe { *(*shadow.frame).slots().add(i) };
            let ins = self.e.tree.get(self.e.resolve(*r));
            let fits = match (ins.op, ins.ty) {
                (Op::KInt, _) => {
                    actual.and_then(Value::as_int) == Some(ins.aux as i64)
                        || actual.is_some_and(Value::is_object)
                }
                (Op::KVal, _) => {
                    actual.map_or(0, Value::bits) == ins.aux || actual.is_some_and(Value::is_object)
                }
                (_, Ty::Int) => actual.is_some_and(|v| v.is_int() || v.is_object()),
                (_, Ty::Float) => actual.is_some_and(Value::is_float),
                (_, Ty::Bool) => actual.is_some_and(Value::is_bool),
                _ => true,
            };
            assert!(
                fits,
                "recorder: slot {i} of {} at {} is {actual:?}, not {r:?} ({ins:?})",
                shadow.code.name, shadow.ip
            );
        }
    }

    /// Does what had to wait for the outcome of the instruction before.
    fn settle(&mut self, vm: &Vm, ip: usize, sp: usize) -> Recorded {
        match std::mem::replace(&mut self.pending, Pending::None) {
            Pending::None => {}
            Pending::Step { step, below, next } => {
                let snap = self.e.tree.get(step).snap;
                if ip != next {
                    self.e.tree.ins[step.index()].aux = helpers::STEP_JUMPED;
                }
                let depth = self.frames.len() - 1;
                let base = self.frame().code.locals_plus as usize;
                for i in below..sp {
                    let slot = base + i;
                    let r = self.e.emit(
                        Ins::new(Op::FLoad, Ty::Val)
                            .aux((depth as u64) << 16 | slot as u64)
                            .snap(snap),
                    )?;
                    self.set_slot(depth, slot, r);
                }
                let f = self.frame_mut();
                f.sp = sp;
                f.ip = ip;
                f.state = None;
            }
            Pending::Call { result, callee } => self.settle_call(vm, result, &callee, false)?,
            Pending::NextPair { first, item, end } => {
                self.settle_pair(vm, ip, first, item, end)?;
            }
            Pending::Next {
                result,
                item,
                end,
                shape,
            } => {
                let end_mark = self.e.tree.val(Value::MISSING.bits());
                if ip == end {
                    // Had there been an item, it would be pushed.
                    let f = self.frame_mut();
                    f.ip = item;
                    self.push(result);
                    let snap = self.fresh_snap();
                    self.pop_one();
                    self.frame_mut().ip = end;
                    self.e.emit(
                        Ins::new(Op::GuardIs, Ty::None)
                            .a(result)
                            .b(end_mark)
                            .snap(snap),
                    )?;
                } else {
                    self.frame_mut().ip = end;
                    let snap = self.fresh_snap();
                    self.frame_mut().ip = item;
                    let same = self.e.op2(Op::Same, Ty::Bool, result, end_mark)?;
                    self.e
                        .emit(Ins::new(Op::GuardFalse, Ty::None).a(same).snap(snap))?;
                    if let Some(shape) = shape {
                        self.e.memory.set_shape(result, shape);
                    }
                    self.push(result);
                }
                self.snapshot = NO_SNAP;
            }
        }
        Ok(())
    }

    // ---- snapshots -----------------------------------------------------

    /// The state before the current instruction.
    pub(crate) fn snap(&mut self) -> SnapId {
        if self.snapshot == NO_SNAP {
            self.snapshot = self.fresh_snap();
        }
        self.snapshot
    }

    /// The state as the shadow frames now are.
    pub(crate) fn fresh_snap(&mut self) -> SnapId {
        let mut frames = Vec::with_capacity(self.frames.len());
        for i in 0..self.frames.len() {
            frames.push(self.state_of(i));
        }
        self.e.tree.snaps.push(Snapshot { frames });
        self.e.tree.snaps.len() as SnapId - 1
    }

    fn state_of(&mut self, depth: usize) -> Arc<FrameState> {
        let f = &self.frames[depth];
        if let Some(state) = &f.state
            && state.ip == f.ip as u32
            && state.sp == f.sp as u32
        {
            return state.clone();
        }
        let mut end = f.code.locals_plus as usize + f.sp;
        // Some activations need values above the stack's height.
        if let Some(callee) = self.frames.get(depth + 1) {
            end += Frame::above(callee.flags);
        }
        let slots = f.slots[..end]
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.is_none())
            .map(|(i, r)| (i as u32, self.e.resolve(*r)))
            .collect();
        let state = Arc::new(FrameState {
            code: f.code.as_ptr() as usize,
            id: f.id,
            function: f.function,
            ip: f.ip as u32,
            sp: f.sp as u32,
            place: f.place,
            is_generator: f.is_generator,
            return_info: f.return_info,
            flags: f.flags,
            slots,
        });
        self.frames[depth].state = Some(state.clone());
        state
    }

    // ---- closing -------------------------------------------------------

    /// The loop's header is reached again.
    fn close(&mut self, _vm: &Vm) -> Recorded<Action> {
        let end = self.fresh_snap();
        if let Some(side) = &self.e.tree.side {
            // The loop that this one belongs to goes on.
            let end = match side.home.as_ref().map(|home| home.params.clone()) {
                Some(params) => End::Home(self.loop_values(&params, end)?, end),
                None => End::Exit(end),
            };
            if self.root {
                self.complete_snapshots(0);
            }
            let segment = self.e.segment;
            self.e.tree.segments[segment].end = end;
        } else if self.root {
            self.complete_snapshots(0);
            // The loop is peeled by the driver, from this snapshot on.
            self.e.tree.segments[0].end = End::Header(Vec::new(), end);
        } else {
            let tree = &self.e.tree;
            let params: Vec<(u32, Ty)> =
                tree.params.iter().map(|(s, r)| (*s, tree.ty(*r))).collect();
            let values = self.loop_values(&params, end)?;
            let segment = self.e.segment;
            self.e.tree.segments[segment].end = End::Header(values, end);
        }
        Err(Stop::Done)
    }

    /// The values of a loop's parameters, slots and types, for its next iteration.
    fn loop_values(&mut self, params: &[(u32, Ty)], end: SnapId) -> Recorded<Vec<Ref>> {
        let mut values = Vec::new();
        for &(slot, ty) in params {
            let r = self.load_slot(0, slot as usize)?;
            values.push(self.e.coerce(r, ty, end)?);
        }
        Ok(values)
    }

    /// Snapshots made before a slot was first read have to tell of it too, since a
    /// bridge enters without writing it to memory.
    fn complete_snapshots(&mut self, from: usize) {
        let params = self.e.tree.params.clone();
        // What is read on entry is there from the start.
        let tree = &self.e.tree;
        let (mut code, rest): (Vec<Ref>, Vec<Ref>) = tree.segments[0]
            .code
            .iter()
            .partition(|r| tree.op(**r) == Op::SLoad);
        code.extend(rest);
        self.e.tree.segments[0].code = code;
        let mut done: rustc_hash::FxHashMap<*const FrameState, Arc<FrameState>> =
            Default::default();
        for snap in &mut self.e.tree.snaps[from..] {
            let Some(root) = snap.frames.first_mut() else {
                continue;
            };
            let key = Arc::as_ptr(root);
            if let Some(state) = done.get(&key) {
                *root = state.clone();
                continue;
            }
            // Keeps the key alive, so that no other state gets its address.
            let old = root.clone();
            let mut state = (**root).clone();
            // SAFETY: code objects of the trace are alive.
            let locals = unsafe { (*(state.code as *const CodeObject)).locals_plus };
            for (slot, r) in &params {
                if *slot < locals + state.sp
                    && let Err(at) = state.slots.binary_search_by_key(slot, |(s, _)| *s)
                {
                    state.slots.insert(at, (*slot, *r));
                }
            }
            let state = Arc::new(state);
            done.insert(key, state.clone());
            *root = state;
            std::mem::forget(old);
        }
    }
}

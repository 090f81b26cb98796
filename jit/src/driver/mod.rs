//! What decides: which loops are recorded, what becomes of recordings, when
//! compiled code is entered and what happens when it is left.
//!
//! All state is in [`Jit`], which hangs on the interpreter instance.

mod functions;
mod params;
mod queue;
mod rest;
mod retire;
mod run;
mod stats;
mod tiers;

pub use functions::Returned;
pub use params::Params;
pub use stats::{LoopInfo, Stats};

use queue::{Again, Finished, Here, Job, Queue};
use rest::Turn;
use run::Join;

use crate::backend::{self, Compiled, doors::Doorway, exits};
use crate::exit;
use crate::ir::{Callee, End, LoopCode, NO_SNAP, Ref, Tree};
use crate::opt::{dce, emit::Emitter};
use crate::record::{Action, Outcome, Recorder, function::CALLEE_FIRST};
use cranelift_codegen::isa::OwnedTargetIsa;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::Exception;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Breaker;
use taipan_runtime::{Value, Vm};

/// What the interpreter gives the JIT.
pub struct Hooks {
    /// Executes the innermost frame's current instruction; see the `STEP_` constants
    /// of [`crate::backend::helpers`].
    pub step: fn(&Vm) -> u64,
    /// `raise e from cause`: leaves an exception pending.
    pub raise: fn(&Vm, Value, Option<Value>),
    /// Adds the innermost frame to the pending exception's traceback.
    pub traceback: fn(&Vm),
    /// Adds the innermost frame to an exception's traceback.
    pub traceback_of: fn(&Vm, Gc<Exception>),
    /// Whether an exception is of a class, or of one of a tuple of them.
    pub matches: fn(&Vm, Value, Value) -> taipan_runtime::Result<bool>,
    /// `container[start:stop]`.
    pub slice: fn(&Vm, Value, Value, Value) -> taipan_runtime::Result,
    /// `callable(*arguments, **keywords)`; the keywords may be no value.
    pub call_ex: fn(&Vm, Value, Value, Option<Value>) -> taipan_runtime::Result,
    /// Goes on in the innermost frame until the next one that is an entry returns.
    pub resume: fn(&Vm, Resume) -> taipan_runtime::Result,
}

/// How [`Hooks::resume`] begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resume {
    /// With the instruction that the frame stands at.
    Run,
    /// As `Run`, in recording mode.
    Record,
    /// With the pending exception, raised by that instruction.
    Raise,
}

/// What the interpreter is to do after [`Jit::enter`] or [`Jit::hot_loop`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enter {
    /// Go on as if nothing had been asked.
    Nothing,
    /// Go on where the innermost frame stands.
    Reload,
    /// As `Reload`, in recording mode.
    Record,
    /// An exception is pending; the innermost frame stands where it was raised.
    Raise,
    /// The innermost frame is to return this.
    Return(Value),
}

/// A tree and its code.
struct Entry {
    code: Gc<CodeObject>,
    header: usize,
    globals: Gc<Dict>,
    tree: RefCell<Arc<Tree>>,
    live: RefCell<Arc<Vec<bool>>>,
    compiled: RefCell<Rc<Compiled>>,
    exits: RefCell<FxHashMap<u64, u32>>,
    /// Side traces by the guards that they start at.
    sides: RefCell<FxHashMap<u64, usize>>,
    is_side: bool,
    /// Of a side trace: whether it begins with the values that an exit leaves in the buffer, else
    /// with the frames in memory.
    takes_buffer: bool,
    /// Of a side trace: the tree and the exit that it begins at.
    begins_at: Option<(usize, u64)>,
    /// Whether it is known how often it was entered: otherwise other code jumps to it as well.
    is_counted: Cell<bool>,
    /// Of a side trace: the tree whose header it ends at, else the tree itself.
    home: usize,
    /// How often the state on entry did not fit, and how often it was entered.
    misfits: Cell<u32>,
    entered: Cell<u64>,
    /// While it is found out whether the tree is worth being entered.
    watch: Cell<Option<retire::Watch>>,
    rest: rest::Rest,
    /// Of a function: how often it was left for the interpreter to go on.
    left: Cell<u32>,
    dead: Cell<bool>,
    /// A larger version is being compiled.
    busy: Cell<bool>,
    /// The tree with all bridges recorded so far, whether compiled or not.
    newest: RefCell<(Arc<Tree>, Arc<Vec<bool>>)>,
    /// Bridges recorded while the entry is busy: they are compiled together afterwards, since
    /// compiling a tree takes as long as the tree is large.
    grown: RefCell<Option<Waiting>>,
    /// How long the last compilation took.
    took: Cell<Duration>,
    /// While its code was compiled quickly: the compilation that is to come.
    again: RefCell<Option<Again>>,
    /// Of a function: the way in (see [`Compiled::shim`]) and the bits of the only function
    /// object that may take it, or zero.
    shim: Cell<usize>,
    only: Cell<u64>,
}

impl Entry {
    /// Bridges that could not be compiled are as if they had not been recorded.
    fn forget_new(&self) {
        self.grown.take();
        *self.newest.borrow_mut() = (self.tree.borrow().clone(), self.live.borrow().clone());
    }
}

/// What a recording is to become.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Origin {
    /// The tree of a loop or function.
    Root,
    /// A bridge of a tree, from this guard on.
    Bridge(usize, Ref),
    /// A side trace of a tree, from this guard on.
    Side(usize, Ref),
    /// A side trace that others lead to, which this tree did first: from this instruction
    /// of the root frame on.
    Join(usize, usize),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Root => f.write_str("root"),
            Origin::Bridge(tree, guard) => write!(f, "bridge of tree {tree} at v{}", guard.0),
            Origin::Side(tree, guard) => write!(f, "side trace of tree {tree} at v{}", guard.0),
            Origin::Join(tree, ip) => write!(f, "side trace of tree {tree} from instruction {ip}"),
        }
    }
}

impl Origin {
    /// The tree that it becomes a part of.
    fn owner(self) -> Option<usize> {
        match self {
            Origin::Bridge(index, _) => Some(index),
            _ => None,
        }
    }

    /// The tree that it continues.
    fn parent(self) -> Option<usize> {
        match self {
            Origin::Root => None,
            Origin::Bridge(index, _) | Origin::Side(index, _) | Origin::Join(index, _) => {
                Some(index)
            }
        }
    }
}

struct Recording {
    recorder: Recorder,
    root: *mut Frame,
    origin: Origin,
    code: Gc<CodeObject>,
    header: usize,
    /// The backward jump that became hot.
    site: usize,
}

/// A recording that is being compiled.
struct Waiting {
    id: u64,
    /// Of what is compiled quickly at first.
    again: Option<Again>,
    tree: Arc<Tree>,
    live: Arc<Vec<bool>>,
    origin: Origin,
    code: Gc<CodeObject>,
    globals: Gc<Dict>,
    header: usize,
    site: usize,
}

/// The JIT of one interpreter instance.
pub struct Jit {
    pub hooks: Hooks,
    pub params: RefCell<Params>,
    pub stats: RefCell<Stats>,
    isa: Option<OwnedTargetIsa>,
    doorway: Option<Doorway>,
    trees: RefCell<Vec<Rc<Entry>>>,
    by_header: RefCell<FxHashMap<(usize, usize), usize>>,
    /// Where side traces end before the header, by code object, instruction, and the header's tree.
    joins: RefCell<FxHashMap<(usize, usize, usize), Join>>,
    /// Trees of functions by their code object.
    by_function: RefCell<FxHashMap<usize, usize>>,
    /// Code objects whose functions are called with arguments of many types.
    generic: RefCell<FxHashSet<usize>>,
    /// All code, by the number of its compilation: activations may be under way in old versions, and
    /// code jumps to code that the driver knows nothing of.
    versions: RefCell<FxHashMap<u64, (usize, Rc<Compiled>)>>,
    /// Those that newer ones have taken the place of, and how many ways lead from the interpreter into
    /// compiled code at present: without any they are freed.
    superseded: RefCell<Vec<u64>>,
    active: Cell<u32>,
    /// Exits by guards so far whose way on was not compiled.
    failures_of_guards: Cell<u32>,
    queue: RefCell<Option<Queue>>,
    /// What compiles without the helper thread.
    here: RefCell<Option<Here>>,
    waiting: RefCell<Vec<Waiting>>,
    next_job: Cell<u64>,
    /// Where the code of loops is, by code object, header and namespace: functions refer to it that may be
    /// compiled before them.
    promised: RefCell<FxHashMap<(usize, usize, usize), Arc<LoopCode>>>,
    /// How many recordings gave way to that of a function, by its code object.
    deferrals: RefCell<FxHashMap<usize, u32>>,
    /// Failed recordings by loop header.
    failures: RefCell<FxHashMap<(usize, usize), u32>>,
    /// Names of containers that were rebound while traces took them for constants, by namespace
    /// and name.
    rebound: RefCell<FxHashSet<(usize, usize)>>,
    /// How often loops were recorded anew.
    retired: RefCell<FxHashMap<(usize, usize), u32>>,
    recording: RefCell<Option<Recording>>,
    log: RefCell<Option<std::fs::File>>,
    started: Instant,
}

/// Backward jumps after which a loop that is being compiled is looked at again.
const POLL: u32 = 200;
/// Jumps or calls after which a recording that gave way to another is begun anew.
const GAVE_WAY: u32 = 3;
/// A loop may be left this often while it is recorded, beside the attempts that count.
const MAX_LEFT: u32 = 6;
/// A bridge is tried this often.
const MAX_BRIDGE_ATTEMPTS: u32 = 3;
/// Bytes of machine code after which a tree grows no more.
const MAX_CODE: usize = 120 << 10;
/// What may be spent on compiling: this, and a share of the time since the start.
const GRACE: Duration = Duration::from_millis(150);
const SHARE: u32 = 3;
/// Nanoseconds that an exit costs, what the interpreter then does included.
const EXIT_COST: u128 = 1500;
/// What compiling a side trace is expected to take.
const SIDE_COST: Duration = Duration::from_millis(1);
/// Instructions that the interpreter could execute while compiled code has it execute one.
const STEP_COST: usize = 12;
const NEVER: u32 = u32::MAX / 2;

impl Jit {
    /// Turns the JIT on for an interpreter; it lives as long as that.
    pub fn install(vm: &Vm, hooks: Hooks, params: Params) {
        let isa = backend::lower::target(params.quick);
        if isa.is_none() {
            eprintln!("taipan: no native code on this machine; the JIT is off");
            return;
        }
        let doorway = isa.as_ref().and_then(|isa| Doorway::new(isa).ok());
        let log = params
            .log
            .as_ref()
            .and_then(|p| std::fs::File::create(p).ok());
        vm.jit_threshold.set(params.threshold);
        vm.jit_call_threshold.set(params.call_threshold);
        let jit = Box::new(Jit {
            hooks,
            params: RefCell::new(params),
            stats: RefCell::default(),
            doorway,
            isa,
            trees: RefCell::default(),
            by_header: RefCell::default(),
            joins: RefCell::default(),
            by_function: RefCell::default(),
            generic: RefCell::default(),
            versions: RefCell::default(),
            superseded: RefCell::default(),
            active: Cell::new(0),
            failures_of_guards: Cell::new(0),
            queue: RefCell::default(),
            here: RefCell::default(),
            waiting: RefCell::default(),
            next_job: Cell::new(0),
            promised: RefCell::default(),
            deferrals: RefCell::default(),
            failures: RefCell::default(),
            rebound: RefCell::default(),
            retired: RefCell::default(),
            recording: RefCell::default(),
            log: RefCell::new(log),
            started: Instant::now(),
        });
        vm.jit.set(Box::into_raw(jit) as *const ());
    }

    /// The JIT of an interpreter, if it is on.
    pub fn of(vm: &Vm) -> Option<&Jit> {
        // SAFETY: set in `install` only, and never freed.
        unsafe { (vm.jit.get() as *const Jit).as_ref() }
    }

    /// Whether a recording is under way: asked as well by Python code that the recorder itself runs,
    /// such as finalisers while it loads the steps of iterators.
    pub fn is_recording(&self) -> bool {
        let recording = self.recording.try_borrow();
        recording.map_or(true, |recording| recording.is_some())
    }

    /// What is known of each compiled loop.
    pub fn loops(&self) -> Vec<LoopInfo> {
        let trees = self.trees.borrow();
        trees
            .iter()
            .map(|entry| {
                let tree = entry.tree.borrow();
                let mut exits: Vec<(String, u32)> = entry
                    .exits
                    .borrow()
                    .iter()
                    .filter(|(id, count)| **id < exits::ENTRY && **count < NEVER)
                    .map(|(id, count)| (tree.line(Ref(*id as u32)), *count))
                    .collect();
                exits.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
                LoopInfo {
                    function: entry.code.qualname.to_text(),
                    filename: entry.code.filename.get().to_text(),
                    line: entry.code.line_of(entry.header as u32).unwrap_or(0),
                    ir: tree.text_of(&entry.live.borrow(), false),
                    entered: entry.entered.get(),
                    misfits: entry.misfits.get(),
                    bridges: tree.segments.len() - 1,
                    code_bytes: entry.compiled.borrow().code.length,
                    exits,
                }
            })
            .collect()
    }

    /// Writes to the log which guards failed how often, loop by loop: at the end of the program.
    pub fn log_exits(&self) {
        if self.log.borrow().is_none() {
            return;
        }
        for l in self.loops().iter().filter(|l| !l.exits.is_empty()) {
            self.log(|| {
                let mut text = format!(
                    "guards that failed: {} ({}:{}), entered {} times\n",
                    l.function, l.filename, l.line, l.entered
                );
                for (guard, count) in &l.exits {
                    text.push_str(&format!("{count:>9}  {}\n", guard.trim()));
                }
                text
            });
        }
    }

    fn log(&self, text: impl FnOnce() -> String) {
        if let Some(file) = self.log.borrow_mut().as_mut() {
            use std::io::Write;
            let _ = writeln!(file, "{}", text());
        }
    }

    /// Something became hot: its counter starts anew. Whether a recording could begin now.
    fn may_record(&self, vm: &Vm, counter: &Cell<u32>) -> bool {
        counter.set(0);
        self.poll(vm);
        !self.is_recording() && vm.breaker.get() & (Breaker::TRACE | Breaker::INTERPRET) == 0
    }

    /// A backward jump, instruction `site` of the frame's code, was taken often; the
    /// frame's `ip` is the loop's header already.
    ///
    /// # Safety
    /// `frame` is the innermost activation.
    pub unsafe fn hot_loop(&self, vm: &Vm, frame: *mut Frame, site: usize) -> Enter {
        // SAFETY: by contract.
        let f = unsafe { &*frame };
        let counter = &f.code.instrs()[site + 1];
        if !self.may_record(vm, counter) {
            return Enter::Nothing;
        }
        let header = f.instruction() as usize;
        let key = (f.code.as_ptr() as usize, header);
        if let Some(&index) = self.by_header.borrow().get(&key) {
            let entry = &self.trees.borrow()[index];
            if !entry.dead.get() {
                Self::mark_site(f.code, site, index);
                return Enter::Nothing;
            }
        }
        if self.is_awaited(f.code, header) {
            let threshold = self.params.borrow().threshold;
            counter.set(threshold - POLL.min(threshold));
            return Enter::Nothing;
        }
        if !self.affordable(Duration::ZERO) {
            return Enter::Nothing;
        }
        let failures = self.failures.borrow().get(&key).copied().unwrap_or(0);
        if failures >= self.params.borrow().attempts {
            // Looked at again now and then only.
            counter.set(0u32.wrapping_sub(1 << 30));
            return Enter::Nothing;
        }
        self.stats.borrow_mut().recordings += 1;
        *self.recording.borrow_mut() = Some(Recording {
            // SAFETY: by contract.
            recorder: unsafe { Recorder::root(vm, frame) },
            root: frame,
            origin: Origin::Root,
            code: f.code,
            header,
            site,
        });
        Enter::Record
    }

    /// Makes a backward jump enter a tree.
    fn mark_site(code: Gc<CodeObject>, site: usize, index: usize) {
        let instr = &code.instrs()[site];
        code.instrs()[site + 1].set(index as u32);
        instr.set(instr.get() & !0xFF | Bytecode::ENTER_TRACE as u32);
    }

    /// Undoes [`Jit::mark_site`] for all jumps to a tree.
    fn unmark(code: Gc<CodeObject>, index: usize) {
        let instrs = code.instrs();
        let mut i = 0;
        while i < instrs.len() {
            let word = instrs[i].get();
            let op = Bytecode::from_u8(word as u8).unwrap_or(Bytecode::NOP);
            if matches!(op, Bytecode::ENTER_TRACE | Bytecode::ENTER_FUNCTION)
                && instrs[i + 1].get() == index as u32
            {
                instrs[i].set(word & !0xFF | op.generic() as u32);
                instrs[i + 1].set(0);
            }
            i += 1 + op.caches();
        }
    }

    /// To be called before each instruction while recording.
    ///
    /// # Safety
    /// `frame` is the innermost activation, its `ip` and `sp` written.
    pub unsafe fn record(&self, vm: &Vm, frame: *mut Frame) -> Action {
        let mut recording = self.recording.borrow_mut();
        match recording.as_mut() {
            // SAFETY: by contract.
            Some(r) => unsafe { r.recorder.record(vm, frame) },
            None => Action::Stop,
        }
    }

    /// Whether the instruction recorded last is followed into the step of an iterator, which is to get an
    /// activation.
    pub fn follows_step(&self) -> bool {
        let recording = self.recording.borrow();
        recording.as_ref().is_some_and(|r| r.recorder.awaits_step())
    }

    /// To be called when the innermost frame's instruction raised while recording: whether
    /// the interpreter is to look for a handler, and to go on asking.
    pub fn record_raise(&self, vm: &Vm, frame: *mut Frame, reraised: Option<Option<i64>>) -> bool {
        match self.recording.borrow_mut().as_mut() {
            Some(r) => r.recorder.raised(vm, frame, reraised),
            None => false,
        }
    }

    /// Whether the container that a name stands for is to be no constant; with `is_now` that is
    /// found out.
    pub(crate) fn is_rebound(&self, namespace: Gc<Dict>, name: Gc<Str>, is_now: bool) -> bool {
        let key = (namespace.as_ptr() as usize, name.as_ptr() as usize);
        let mut rebound = self.rebound.borrow_mut();
        is_now && rebound.insert(key) || rebound.contains(&key)
    }

    /// Whether a loop that was left while it was recorded is to be tried again for free: one that
    /// runs only a few times may be recorded in its last iteration several times running.
    fn may_leave_again(&self, recording: &Recording) -> bool {
        let key = (recording.code.as_ptr() as usize, recording.header | 1 << 40);
        self.failures
            .borrow()
            .get(&key)
            .is_none_or(|n| *n < MAX_LEFT)
    }

    /// Recording mode was left, `raised` with an exception pending.
    pub fn finish(&self, vm: &Vm, raised: bool) {
        let Some(mut recording) = self.recording.borrow_mut().take() else {
            return;
        };
        if raised {
            recording.recorder.abort("exception");
        }
        let outcome = recording.recorder.outcome();
        let position = recording.recorder.position();
        let result = match outcome {
            Outcome::Done => self.complete(vm, &mut recording),
            Outcome::Abort(why) => Err(why.to_owned()),
            Outcome::Recording => Err("interrupted".to_owned()),
        };
        let place = || {
            format!(
                "{} ({}:{})",
                recording.code.qualname,
                recording.code.filename.get(),
                recording
                    .code
                    .line_of(recording.header as u32)
                    .unwrap_or_default()
            )
        };
        if let Err(why) = result {
            self.log(|| format!("aborted: {}: {why} {position}", place()));
            // The recording began where the loop was at its end.
            let at_end = match why.as_str() {
                "the loop ended" => true,
                "the loop was left" => self.may_leave_again(&recording),
                _ => false,
            };
            let gave_way = why == CALLEE_FIRST;
            let mut stats = self.stats.borrow_mut();
            stats.aborts += 1;
            *stats.reasons.entry(why).or_insert(0) += 1;
            match recording.origin {
                Origin::Root if at_end => {
                    // Soon again.
                    let key = (recording.code.as_ptr() as usize, recording.header | 1 << 40);
                    let mut failures = self.failures.borrow_mut();
                    let failed = failures.entry(key).or_insert(0);
                    *failed += 1;
                    let threshold = self.params.borrow().threshold;
                    let wait = (*failed * 3 + 1).min(threshold);
                    recording.code.instrs()[recording.site + 1].set(threshold - wait);
                }
                Origin::Root if gave_way => {
                    let params = self.params.borrow();
                    let threshold = match recording.header {
                        functions::NO_HEADER => params.call_threshold,
                        _ => params.threshold,
                    };
                    recording.code.instrs()[recording.site + 1]
                        .set(threshold - GAVE_WAY.min(threshold));
                }
                // Tried again at the next exit.
                _ if gave_way => {}
                Origin::Root => {
                    let key = (recording.code.as_ptr() as usize, recording.header);
                    *self.failures.borrow_mut().entry(key).or_insert(0) += 1;
                }
                Origin::Join(index, ip) => self.set_join(index, ip, Join::Never),
                Origin::Bridge(index, guard) | Origin::Side(index, guard) => {
                    let entry = self.trees.borrow()[index].clone();
                    let id = u64::from(guard.0);
                    let mut exits = entry.exits.borrow_mut();
                    let failed = exits.entry(id | 1 << 40).or_insert(0);
                    *failed += 1;
                    let count = if *failed >= MAX_BRIDGE_ATTEMPTS {
                        NEVER
                    } else {
                        0
                    };
                    exits.insert(id, count);
                }
            }
        }
    }

    fn complete(&self, vm: &Vm, recording: &mut Recording) -> Result<(), String> {
        let recorded = recording.recorder.recorded;
        let placeholder = Recorder::placeholder(vm);
        let recorder = std::mem::replace(&mut recording.recorder, placeholder);
        let (mut e, keep) = recorder.into_parts();
        for v in keep.iter() {
            vm.keep(*v);
        }
        if recording.origin == Origin::Root && e.tree.function.is_none() {
            Self::close_root(&mut e)?;
            let key = (recording.code.as_ptr() as usize, recording.header);
            // SAFETY: the root frame is alive: recording ends before it does.
            let globals = unsafe { (*recording.root).function.globals() };
            e.tree.loop_code = self.code_of_loop(key, globals);
            e.tree.door = Some(Arc::default());
        }
        let mut tree = std::mem::take(&mut e.tree);
        if cfg!(debug_assertions) {
            tree.verify().map_err(|e| {
                eprintln!("jit: {e}\n{}", tree.text(true));
                e
            })?;
        }
        let live = Arc::new(dce::mark(&mut tree));
        if recording.origin.owner().is_none() && !self.params.borrow().unlimited {
            let code = tree.segments[0].code.iter();
            let steps = code.filter(|r| live[r.index()] && tree.op(**r) == crate::ir::Op::Step);
            if steps.count() * STEP_COST > recorded {
                return Err("too many instructions are left to the interpreter".into());
            }
        }
        vm.keep(recording.code.value());
        // SAFETY: the root frame is alive: recording ends before it does.
        let globals = unsafe { (*recording.root).function.globals() };
        vm.keep(globals.value());
        let waiting = Waiting {
            id: self.next_id(),
            again: None,
            tree: Arc::new(tree),
            live,
            origin: recording.origin,
            code: recording.code,
            globals,
            header: recording.header,
            site: recording.site,
        };
        if let Some(index) = waiting.origin.owner() {
            let entry = self.trees.borrow()[index].clone();
            *entry.newest.borrow_mut() = (waiting.tree.clone(), waiting.live.clone());
            if entry.busy.get() {
                *entry.grown.borrow_mut() = Some(waiting);
                return Ok(());
            }
            return self
                .compile(vm, waiting)
                .inspect_err(|_| entry.forget_new());
        }
        self.compile(vm, waiting)
    }

    /// Has a recording compiled, here or by the helper thread.
    fn compile(&self, vm: &Vm, mut waiting: Waiting) -> Result<(), String> {
        let isa = self.isa.as_ref().ok_or("no backend")?;
        vm.heap.expect_compiled_code();
        waiting.again = self.second_compilation(waiting.origin);
        let job = Job {
            id: waiting.id,
            again: waiting.again.clone(),
            tree: waiting.tree.clone(),
            live: waiting.live.clone(),
            vm: std::ptr::from_ref(vm) as usize,
            wants_listing: self.log.borrow().is_some(),
        };
        if self.params.borrow().helper_thread {
            let again = self.params.borrow().again;
            let mut queue = self.queue.borrow_mut();
            if queue.as_ref().is_none_or(|q| !q.is_alive()) {
                // SAFETY: compiled code refers to the machine as well, and is never gone.
                *queue = unsafe { Queue::start(isa.clone(), again) };
                self.waiting.borrow_mut().clear();
                for entry in self.trees.borrow().iter().filter(|e| e.busy.get()) {
                    entry.busy.set(false);
                    entry.forget_new();
                }
            }
            if let Some(queue) = queue.as_ref() {
                if !queue.submit(job) {
                    return Err("the helper thread is gone".into());
                }
                match waiting.origin {
                    Origin::Side(..) | Origin::Join(..) => {}
                    Origin::Bridge(index, _) => self.trees.borrow()[index].busy.set(true),
                    Origin::Root => {
                        // Looked at again soon.
                        let threshold = self.threshold_of(&waiting);
                        waiting.code.instrs()[waiting.site + 1]
                            .set(threshold - POLL.min(threshold));
                    }
                }
                self.waiting.borrow_mut().push(waiting);
                return Ok(());
            }
        }
        let done = {
            let mut here = self.here.borrow_mut();
            let here = here.get_or_insert_with(|| Here::new(isa.clone()));
            here.compile(job)
        };
        self.install_code(done, waiting)
    }

    /// Puts to use what the helper thread has finished, and frees what is of use to nobody.
    fn poll(&self, vm: &Vm) {
        if self.active.get() == 0 && !self.superseded.borrow().is_empty() {
            let mut versions = self.versions.borrow_mut();
            for version in self.superseded.take() {
                versions.remove(&version);
            }
        }
        loop {
            let of_thread = self.queue.borrow().as_ref().and_then(Queue::take);
            let of_here = || self.here.borrow_mut().as_mut().and_then(Here::take);
            let Some(done) = of_thread.or_else(of_here) else {
                return;
            };
            if let Some(quick) = done.replaces {
                self.replace(done, quick);
                continue;
            }
            let waiting = {
                let mut all = self.waiting.borrow_mut();
                let Some(at) = all.iter().position(|w| w.id == done.id) else {
                    continue;
                };
                all.swap_remove(at)
            };
            let origin = waiting.origin;
            let key = (waiting.code.as_ptr() as usize, waiting.header);
            let result = self.install_code(done, waiting);
            if let Err(why) = &result {
                self.log(|| format!("not compiled: {why}"));
            }
            match origin {
                Origin::Root if result.is_err() => {
                    *self.failures.borrow_mut().entry(key).or_insert(0) += 1;
                }
                Origin::Bridge(index, guard) => {
                    let entry = self.trees.borrow()[index].clone();
                    entry.busy.set(false);
                    if result.is_err() {
                        entry.exits.borrow_mut().insert(guard.0.into(), NEVER);
                        entry.forget_new();
                    } else if let Some(more) = entry.grown.take()
                        && let Err(why) = self.compile(vm, more)
                    {
                        self.log(|| format!("not compiled: {why}"));
                        entry.forget_new();
                    }
                }
                _ => {}
            }
        }
    }

    fn install_code(&self, done: Finished, waiting: Waiting) -> Result<(), String> {
        let took = done.took;
        let callees = &waiting.tree.callees;
        let own = waiting.tree.function.as_ref().map(Arc::as_ptr);
        let is_missing = |callee: &Arc<Callee>| {
            callee.entry.load(Ordering::Acquire) == 0 && own != Some(Arc::as_ptr(callee))
        };
        if callees.iter().any(is_missing) {
            return Err("a function that it calls could not be compiled".into());
        }
        let owner = waiting.origin.owner();
        if owner.is_some_and(|index| self.trees.borrow()[index].dead.get()) {
            // Its code would take the place of what was recorded anew.
            return Err("its tree was given up meanwhile".into());
        }
        let mut compiled = done.result.inspect_err(|e| {
            if cfg!(debug_assertions) {
                eprintln!("jit: {e}\n{}", waiting.tree.text(true));
            }
        })?;
        {
            let mut stats = self.stats.borrow_mut();
            stats.compiled += 1;
            stats.compile_time += took;
            stats.first_compile_time += took;
            stats.code_bytes += compiled.code.length;
            stats.instructions += waiting.live.iter().filter(|l| **l).count();
        }
        let listing = compiled.listing.take();
        self.log(|| {
            format!(
                "compiled: {} ({}:{}), {}, {} bytes in {took:?}\n{}machine code:\n{}",
                waiting.code.qualname,
                waiting.code.filename.get(),
                waiting
                    .code
                    .line_of(waiting.header as u32)
                    .unwrap_or_default(),
                waiting.origin,
                compiled.code.length,
                waiting
                    .tree
                    .text_of(&waiting.live, self.params.borrow().log_snapshots),
                listing.unwrap_or_default(),
            )
        });
        let compiled = Rc::new(compiled);
        let index = owner.unwrap_or_else(|| self.trees.borrow().len());
        self.versions
            .borrow_mut()
            .insert(waiting.id, (index, compiled.clone()));
        Self::lead_to(&compiled);
        match owner {
            None => {
                let key = (waiting.code.as_ptr() as usize, waiting.header);
                let entry = Entry {
                    code: waiting.code,
                    header: waiting.header,
                    globals: waiting.globals,
                    live: RefCell::new(waiting.live.clone()),
                    exits: RefCell::default(),
                    sides: RefCell::default(),
                    is_side: waiting.origin != Origin::Root,
                    takes_buffer: {
                        let side = waiting.tree.side.as_ref();
                        side.is_some_and(|s| s.start.is_some())
                    },
                    home: match waiting.origin.parent() {
                        Some(index) => self.trees.borrow()[index].home,
                        None => self.trees.borrow().len(),
                    },
                    misfits: Cell::new(0),
                    entered: Cell::new(0),
                    watch: Cell::new(None),
                    rest: rest::Rest::default(),
                    left: Cell::new(0),
                    begins_at: match waiting.origin {
                        Origin::Side(parent, guard) => Some((parent, guard.0.into())),
                        _ => None,
                    },
                    is_counted: Cell::new(false),
                    dead: Cell::new(false),
                    busy: Cell::new(false),
                    took: Cell::new(took),
                    again: RefCell::new(waiting.again),
                    newest: RefCell::new((waiting.tree.clone(), waiting.live)),
                    grown: RefCell::default(),
                    shim: Cell::new(compiled.shim.as_ref().map_or(0, |s| s.address() as usize)),
                    only: Cell::new(waiting.tree.function.as_ref().map_or(0, |f| f.function)),
                    compiled: RefCell::new(compiled),
                    tree: RefCell::new(waiting.tree),
                };
                let mut trees = self.trees.borrow_mut();
                let index = trees.len();
                let is_function = entry.is_function();
                trees.push(Rc::new(entry));
                let mut stats = self.stats.borrow_mut();
                match waiting.origin {
                    Origin::Side(parent, guard) => {
                        stats.sides += 1;
                        let mut sides = trees[parent].sides.borrow_mut();
                        let id = u64::from(guard.0);
                        sides.insert(id, index);
                        if let Some(exit) = trees[parent].compiled.borrow().exits.get(&id) {
                            exit.side.set(exit::Exit::UNKNOWN);
                        }
                    }
                    Origin::Join(parent, ip) => {
                        stats.sides += 1;
                        drop(trees);
                        self.set_join(parent, ip, Join::Tree(index));
                    }
                    _ if is_function => {
                        stats.loops += 1;
                        self.by_function.borrow_mut().insert(key.0, index);
                        Self::mark_function(waiting.code, waiting.site, index);
                    }
                    _ => {
                        stats.loops += 1;
                        self.by_header.borrow_mut().insert(key, index);
                        Self::mark_site(waiting.code, waiting.site, index);
                    }
                }
            }
            Some(index) => {
                self.stats.borrow_mut().bridges += 1;
                let entry = self.trees.borrow()[index].clone();
                *entry.tree.borrow_mut() = waiting.tree;
                *entry.live.borrow_mut() = waiting.live;
                entry.set_again(waiting.again);
                self.exchange(&entry, compiled);
                entry.took.set(took);
                entry.rest.end();
            }
        }
        Ok(())
    }

    /// Makes a loop of a recorded iteration: peeled if that works, else as it is.
    fn close_root(e: &mut Emitter) -> Result<(), String> {
        let end = match e.tree.segments[0].end.clone() {
            End::Header(_, end) => end,
            // Straight code up to a `yield`.
            _ => return Ok(()),
        };
        if e.peel(end).is_ok() {
            e.tree.segments[0].end = End::Loop;
            return Ok(());
        }
        let mut values = Vec::new();
        for (slot, param) in e.tree.params.clone() {
            let ty = e.tree.ty(param);
            let value = e.tree.snaps[end as usize].frames[0]
                .slots
                .iter()
                .find(|(s, _)| *s == slot)
                .map_or(param, |(_, v)| *v);
            values.push(
                e.coerce(value, ty, end)
                    .map_err(|_| "types change from one iteration to the next")?,
            );
        }
        e.tree.segments[0].end = End::Header(values, end);
        Ok(())
    }

    /// Runs a tree; the frame's `ip` is the loop's header, `sp` is written.
    ///
    /// # Safety
    /// `frame` is the innermost activation, and its code's instruction names the tree.
    pub unsafe fn enter(&self, vm: &Vm, frame: *mut Frame, index: usize) -> Enter {
        let entry = {
            let trees = self.trees.borrow();
            match trees.get(index) {
                Some(e) => e.clone(),
                None => return Enter::Nothing,
            }
        };
        // SAFETY: by contract.
        if unsafe { (*frame).function.globals() } != entry.globals {
            return Enter::Nothing;
        }
        self.compile_again_here(vm);
        let since = match self.turn(&entry) {
            Turn::Rest => {
                if entry.rest.is_due() {
                    self.poll(vm);
                }
                return Enter::Nothing;
            }
            Turn::Try => Some((Instant::now(), self.failures_of_guards.get(), entry.clone())),
            _ => None,
        };
        let base = vm.thread().top.get();
        self.active.set(self.active.get() + 1);
        // SAFETY: by contract.
        let left = unsafe { self.run(vm, frame, base, entry, index) };
        self.active.set(self.active.get() - 1);
        if let Some((since, failures, entry)) = since {
            let has_failed = failures != self.failures_of_guards.get();
            (entry.rest).stayed(has_failed.then(|| since.elapsed()));
        }
        left
    }

    /// Counts an exit by a guard, and begins to record a bridge if it has become hot.
    ///
    /// # Safety
    /// The tree was left by `id` just now, the frames are rebuilt, and `root` is its root frame.
    unsafe fn grow(
        &self,
        vm: &Vm,
        entry: &Rc<Entry>,
        index: usize,
        compiled: &Compiled,
        id: u64,
        root: *mut Frame,
    ) -> bool {
        let tree = &compiled.tree;
        (self.failures_of_guards).set(self.failures_of_guards.get().wrapping_add(1));
        self.poll(vm);
        let count = {
            let mut exits = entry.exits.borrow_mut();
            let count = exits.entry(id).or_insert(0);
            let before = *count;
            *count += entry.rest.weight();
            before..*count
        };
        if self.is_useless(entry, &count) {
            self.give_up_for_good(entry, index);
            return false;
        }
        let count = count.end;
        let guard = Ref(id as u32);
        let params = self.params.borrow();
        // Compiling the tree anew should cost no more than its exits have.
        let is_large = compiled.size() > params.merge_size;
        let cost = if is_large {
            SIDE_COST
        } else {
            entry.took.get()
        };
        let worth = if params.unlimited {
            0
        } else {
            (cost.as_nanos() / EXIT_COST) as u32
        };
        if count < params.bridge_threshold.max(worth)
            || count >= NEVER
            || self.is_recording()
            || vm.breaker.get() & (Breaker::TRACE | Breaker::INTERPRET) != 0
            || matches!(
                tree.op(guard),
                crate::ir::Op::GuardBreaker | crate::ir::Op::GuardRoom
            )
            || tree.get(guard).snap == NO_SNAP
        {
            return false;
        }
        // A bridge that is there already, if not yet compiled, is not made twice.
        if (entry.newest.borrow().0.segments.iter()).any(|s| s.parent == guard) {
            return false;
        }
        if !self.affordable(cost) {
            entry.exits.borrow_mut().insert(id, count / 2);
            return false;
        }
        if retire::is_outdated(tree, guard) && self.retire(entry, index) {
            return false;
        }
        let is_full = is_large || entry.newest.borrow().0.segments.len() > params.max_bridges;
        let side = is_full.then(|| {
            let live = entry.live.borrow().clone();
            let left = self.left(entry, compiled, &live, id)?;
            let innermost = vm.thread().frame.get();
            // SAFETY: by contract.
            unsafe { Recorder::side(vm, left, root, entry.header, innermost, self.home_of(entry)) }
        });
        if let Some(Some(recorder)) = side {
            entry.exits.borrow_mut().insert(id, NEVER);
            self.stats.borrow_mut().recordings += 1;
            *self.recording.borrow_mut() = Some(Recording {
                recorder,
                root,
                origin: Origin::Side(index, guard),
                code: entry.code,
                header: entry.header,
                site: 0,
            });
            return true;
        }
        if compiled.size() > MAX_CODE {
            return false;
        }
        let (tree, live) = entry.newest.borrow().clone();
        self.stats.borrow_mut().recordings += 1;
        *self.recording.borrow_mut() = Some(Recording {
            // SAFETY: by contract.
            recorder: unsafe {
                Recorder::bridge(
                    vm,
                    (*tree).clone(),
                    guard,
                    &live,
                    root,
                    entry.header,
                    vm.thread().frame.get(),
                )
            },
            root,
            origin: Origin::Bridge(index, guard),
            code: entry.code,
            header: entry.header,
            site: 0,
        });
        true
    }

    /// Whether another compilation that may take `cost` is worth it by now.
    fn affordable(&self, cost: Duration) -> bool {
        let params = self.params.borrow();
        params.unlimited
            || self.stats.borrow().first_compile_time + cost
                < GRACE + self.started.elapsed() / SHARE
    }
}

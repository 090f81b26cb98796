//! The trace's intermediate representation: linear, typed SSA.
//!
//! A tree of traces is one vector of instructions. A [`Ref`] is an index into it;
//! constants lie in the same vector and belong to no place. Instructions are
//! grouped in [`Segment`]s: the root (a preamble, then the loop proper) and bridges,
//! each of which starts at a guard of an earlier segment and sees every value that
//! was defined before that guard.
//!
//! Integers are 64 bits wide here and become immediate or big ones only when
//! boxed. `Ptr` is an address inside an object; it never appears in a snapshot.

pub mod objects;
pub mod parse;
pub mod print;
pub mod verify;

use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// An instruction, and the value that it defines.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ref(pub u32);

impl Ref {
    /// No operand.
    pub const NONE: Ref = Ref(u32::MAX);

    pub fn is_none(self) -> bool {
        self == Ref::NONE
    }

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl std::fmt::Debug for Ref {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_none() {
            f.write_str("-")
        } else {
            write!(f, "v{}", self.0)
        }
    }
}

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Ty {
    /// Defines nothing.
    None,
    /// A 64-bit integer.
    Int,
    Float,
    /// 0 or 1.
    Bool,
    /// A boxed Python value, or zero for no value.
    Val,
    /// An address that is not a value.
    Ptr,
}

/// What the operations do; `a`, `b`, `c` are the operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Op {
    /// Constants; `aux` is the payload.
    KInt,
    KFloat,
    KBool,
    KVal,
    KPtr,
    /// The value of a slot (`aux`) of the root frame when the trace is entered. In the
    /// root segment the type says what the entry checked; in bridges it is `Val`.
    SLoad,
    /// The value of a slot (`aux & 0xFFFF`) of frame `aux >> 16`, read from memory here.
    FLoad,
    /// Word `aux` of the exit buffer, as the exit that a side trace begins at has left it.
    Word,

    /// Guards that also convert: `a` is a boxed value.
    GuardInt,
    GuardFloat,
    GuardBool,
    /// `a` is the constant `b`.
    GuardIs,
    /// `a` is an object of the shape with id `aux`.
    GuardShape,
    /// The 64-bit word `a` is not zero.
    GuardNonNull,
    /// The 64-bit word `a` is zero.
    GuardNull,
    GuardTrue,
    GuardFalse,
    /// Arithmetic that leaves when it overflows 64 bits.
    AddOv,
    SubOv,
    MulOv,
    /// `a << b`, leaving when bits are lost; `b` is within 0 and 62.
    ShlOv,

    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    /// Arithmetic shift; `b` is within 0 and 63.
    Shr,
    /// Floor division and remainder; `b` is neither 0 nor -1. If `aux` is [`NATURAL`], `a` is
    /// not negative and `b` positive.
    Div,
    Mod,
    /// Comparison; `aux` is a [`Cond`].
    ICmp,
    FCmp,
    /// Whether two words are the same.
    Same,
    Not,

    FAdd,
    FSub,
    FMul,
    FDiv,
    FNeg,
    FAbs,
    FSqrt,
    /// Rounded down, up, to the nearest whole number (ties to even).
    FFloor,
    FCeil,
    FNearest,
    /// Integer to float.
    IToF,
    /// A float below 2**63 in magnitude to an integer, towards zero.
    FToI,
    /// `b` if `a` holds, else `c`: numbers of one type.
    Select,
    /// Bool to integer.
    BToI,

    BoxInt,
    BoxFloat,
    BoxBool,

    /// A new object, `aux` its [`Layout`]; but for its header it is zero. Whether and
    /// where it is made is decided when the trace is lowered ([`objects`]).
    New,
    /// Memory at `a` plus the descriptor in `aux` (see [`Mem`]).
    Load,
    /// As `Load`, at index `b` of places of the descriptor's size.
    LoadIdx,
    /// The address `aux` bytes into object `a`.
    Inside,
    /// Stores `b`, a value behind the write barrier of object `a`.
    Store,
    /// As `Store`, `c` at index `b`.
    StoreIdx,
    /// Calls helper `aux`; operands are in the argument pool at `a`, `b` of them.
    Call,
    /// Completes the frames and calls a helper with operands as they lie on the
    /// innermost frame's stack; `a` is an operand of its own, `aux` an [`At`].
    CallAt,
    /// Runs the instruction that the snapshot stands at in the interpreter; leaves
    /// unless it ends as `aux` says ([`crate::backend::helpers`]).
    Step,
    /// Calls the compiled function `aux` (an index into [`Tree::callees`]); operands are in the
    /// argument pool at `a`, `b` of them. The frames are complete before it, as the snapshot
    /// says; a result of zero is a pending exception.
    CallFunction,
    /// Leaves if the breaker is set.
    GuardBreaker,
    /// Leaves if there is no room for another activation: native stack or recursion limit.
    GuardRoom,
    /// Between preamble and loop.
    Loop,
}

/// What tells [`Op::Div`] and [`Op::Mod`] of natural numbers.
pub const NATURAL: u64 = 1;

/// The slot number of the parameter that is the function object itself.
pub const FUNCTION_SLOT: u32 = u32::MAX;

impl Op {
    /// Whether the operands are in the argument pool.
    pub fn has_pooled_args(self) -> bool {
        matches!(self, Op::Call | Op::CallFunction)
    }

    pub fn is_const(self) -> bool {
        matches!(
            self,
            Op::KInt | Op::KFloat | Op::KBool | Op::KVal | Op::KPtr
        )
    }

    /// Whether the instruction can leave the trace by its snapshot.
    pub fn is_guard(self) -> bool {
        use Op::*;
        matches!(
            self,
            GuardInt
                | GuardFloat
                | GuardBool
                | GuardIs
                | GuardShape
                | GuardNonNull
                | GuardNull
                | GuardTrue
                | GuardFalse
                | AddOv
                | SubOv
                | MulOv
                | ShlOv
                | GuardBreaker
                | GuardRoom
        )
    }

    /// Whether equal operands give equal results at any time, so that one instruction serves all.
    pub fn is_pure(self) -> bool {
        use Op::*;
        matches!(
            self,
            GuardInt
                | GuardFloat
                | GuardBool
                | GuardIs
                | GuardNonNull
                | GuardNull
                | GuardTrue
                | GuardFalse
                | AddOv
                | SubOv
                | MulOv
                | ShlOv
                | Add
                | Sub
                | Mul
                | And
                | Or
                | Xor
                | Shr
                | Div
                | Mod
                | ICmp
                | FCmp
                | Same
                | Not
                | FAdd
                | FSub
                | FMul
                | FDiv
                | FNeg
                | FAbs
                | FSqrt
                | FFloor
                | FCeil
                | FNearest
                | IToF
                | FToI
                | Select
                | BToI
                | BoxInt
                | BoxFloat
                | BoxBool
                | Inside
        )
    }
}

/// Conditions of `ICmp` and `FCmp`, numbered as Python's rich comparisons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Cond {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
    /// Unsigned less-than, for index checks.
    Below,
}

impl Cond {
    pub fn from_aux(aux: u64) -> Cond {
        use Cond::*;
        [Lt, Le, Eq, Ne, Gt, Ge, Below][aux as usize]
    }

    /// The condition with the operands exchanged.
    pub fn swapped(self) -> Cond {
        use Cond::*;
        match self {
            Lt => Gt,
            Le => Ge,
            Gt => Lt,
            Ge => Le,
            other => other,
        }
    }

    /// The condition that holds when this one does not (integers only).
    pub fn negated(self) -> Option<Cond> {
        use Cond::*;
        Some(match self {
            Lt => Ge,
            Le => Gt,
            Eq => Ne,
            Ne => Eq,
            Gt => Le,
            Ge => Lt,
            Below => return None,
        })
    }

    /// Whether it holds of two integers.
    pub fn holds(self, x: i64, y: i64) -> bool {
        use Cond::*;
        match self {
            Lt => x < y,
            Le => x <= y,
            Eq => x == y,
            Ne => x != y,
            Gt => x > y,
            Ge => x >= y,
            Below => (x as u64) < y as u64,
        }
    }
}

/// What [`Op::CallAt`] does with how many operands from which height of the stack on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At {
    pub kind: AtKind,
    pub first: u32,
    pub count: u32,
}

/// See [`At`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum AtKind {
    /// Calls the value with them as arguments.
    Call,
    /// Makes a tuple, a list of them.
    Tuple,
    List,
    /// As `Call`; behind them lie keywords' names, in a tuple, of which the last ones are
    /// the values.
    CallKw,
}

impl At {
    pub fn aux(self) -> u64 {
        (self.kind as u64) << 60 | u64::from(self.first) << 30 | u64::from(self.count)
    }

    pub fn from_aux(aux: u64) -> At {
        At {
            kind: [AtKind::Call, AtKind::Tuple, AtKind::List, AtKind::CallKw][(aux >> 60) as usize],
            first: (aux >> 30) as u32 & 0x3FFF_FFFF,
            count: aux as u32 & 0x3FFF_FFFF,
        }
    }
}

/// What [`Op::New`] makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Id of the shape.
    pub shape: u32,
    /// Bytes, header included: a multiple of the heap's granule.
    pub size: u32,
}

impl Layout {
    pub fn aux(self) -> u64 {
        u64::from(self.size) << 32 | u64::from(self.shape)
    }

    pub fn from_aux(aux: u64) -> Layout {
        Layout {
            shape: aux as u32,
            size: (aux >> 32) as u32,
        }
    }
}

/// Alias classes: memory of different classes does not overlap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// Never written after the object was made.
    Const,
    /// The shape in a header.
    Shape,
    /// Attribute slots of instances.
    Attr,
    /// Length and storage of lists.
    List,
    /// Items of lists.
    Item,
    /// Contents of cells.
    Cell,
    /// Table and versions of dictionaries.
    Dict,
    /// Values in dictionaries.
    DictValue,
    /// State of iterators.
    Iter,
    /// Versions of classes and functions.
    Version,
    /// Frames and state of generators.
    Generator,
    /// What raising an exception changes in it.
    Raised,
    /// Items of sets, and how many a set or another container of native code has.
    Set,
    /// Memory that holds no references: items of arrays.
    Raw,
}

/// Number of alias classes.
pub const CLASSES: u32 = 14;

/// Where and how a memory operation goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Mem {
    pub class: Class,
    /// Bytes: 8, 4, 2 or 1. Narrow ones are zero-extended.
    pub size: u8,
    pub offset: i32,
}

impl Mem {
    pub const fn new(class: Class, size: u8, offset: usize) -> Mem {
        Mem {
            class,
            size,
            offset: offset as i32,
        }
    }

    pub fn aux(self) -> u64 {
        (self.class as u64) << 48 | (self.size as u64) << 40 | self.offset as u32 as u64
    }

    pub fn from_aux(aux: u64) -> Mem {
        use self::Class::*;
        const ALL: [self::Class; CLASSES as usize] = [
            Const, Shape, Attr, List, Item, Cell, Dict, DictValue, Iter, Version, Generator,
            Raised, Set, Raw,
        ];
        Mem {
            class: ALL[(aux >> 48) as usize],
            size: (aux >> 40) as u8,
            offset: aux as u32 as i32,
        }
    }
}

/// Index of a snapshot.
pub type SnapId = u32;
/// No snapshot.
pub const NO_SNAP: SnapId = u32::MAX;

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ins {
    pub op: Op,
    pub ty: Ty,
    pub a: Ref,
    pub b: Ref,
    pub c: Ref,
    pub aux: u64,
    pub snap: SnapId,
}

impl Ins {
    pub fn new(op: Op, ty: Ty) -> Ins {
        Ins {
            op,
            ty,
            a: Ref::NONE,
            b: Ref::NONE,
            c: Ref::NONE,
            aux: 0,
            snap: NO_SNAP,
        }
    }
    pub fn a(mut self, a: Ref) -> Ins {
        self.a = a;
        self
    }
    pub fn b(mut self, b: Ref) -> Ins {
        self.b = b;
        self
    }
    pub fn c(mut self, c: Ref) -> Ins {
        self.c = c;
        self
    }
    pub fn aux(mut self, aux: u64) -> Ins {
        self.aux = aux;
        self
    }
    pub fn snap(mut self, snap: SnapId) -> Ins {
        self.snap = snap;
        self
    }
}

/// What is to be known of one interpreter frame at a guard.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameState {
    /// Address of the code object.
    pub code: usize,
    /// Tells activations apart; 0 for the root.
    pub id: u32,
    /// The function object; none for the root frame.
    pub function: Ref,
    /// Index of the instruction that the frame stands at.
    pub ip: u32,
    /// Height of the evaluation stack.
    pub sp: u32,
    /// Words from the top of the root frame's place to this frame's record; unused for the root.
    pub place: u32,
    /// The frame lies in a generator, which `function` then is.
    pub is_generator: bool,
    /// `Frame::return_info` and `Frame::flags`.
    pub return_info: u32,
    pub flags: u32,
    /// Slots (locals, then stack) whose value may not be in memory, ascending.
    pub slots: Vec<(u32, Ref)>,
}

/// The state of the interpreter at a guard: root frame first.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub frames: Vec<Arc<FrameState>>,
}

impl Snapshot {
    /// Every slot: frame, slot, value.
    pub fn slots(&self) -> impl Iterator<Item = (usize, u32, Ref)> + '_ {
        self.frames
            .iter()
            .enumerate()
            .flat_map(|(f, s)| s.slots.iter().map(move |(i, r)| (f, *i, *r)))
    }
}

/// Which effect a helper has, in the order of what it costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Depends on its operands only.
    Pure,
    /// Reads memory of these alias classes (bits).
    Read(u32),
    /// Makes new objects at most, changes nothing.
    Alloc,
    /// Makes a new object of its operands, and fails for want of memory only: not to be
    /// called if nobody uses the object.
    Make,
    /// Writes memory of these alias classes; runs no Python code.
    Write(u32),
    /// Looks at the frames, which are complete before it, and changes nothing that traces know of
    /// but [`Class::Raised`].
    Frames,
    /// As `Frames`, and concerns nobody but those who look at the first argument, an exception: as
    /// long as that is an object in parts, the call waits ([`objects`]).
    Note,
    /// Makes its argument the exception being handled, which nobody sees before the frames are
    /// completed: until then the call waits ([`objects`]).
    Handle,
    /// Anything: the frames are complete before it, and nothing is known after it.
    Any,
}

impl Effect {
    /// Whether the frames are completed in memory before the call.
    pub fn completes_frames(self) -> bool {
        matches!(self, Effect::Frames | Effect::Note | Effect::Any)
    }
}

/// A function that compiled code calls; the first argument is the machine.
#[derive(Debug)]
pub struct Helper {
    pub name: &'static str,
    pub address: fn() -> usize,
    pub args: &'static [Ty],
    pub ret: Ty,
    pub effect: Effect,
    /// A result of zero means failure: with effect `Any` an exception, else that
    /// nothing was done and the interpreter is to execute the instruction.
    pub fails: bool,
}

/// How a segment ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// Still being recorded.
    Open,
    /// Back to the loop's start; for each phi the value in the next iteration.
    Loop,
    /// On to the header of the tree with these values of its parameters; the snapshot
    /// tells what is to be in memory there.
    Header(Vec<Ref>, SnapId),
    /// From a side trace to the loop that it belongs to, with these values of the loop's parameters
    /// ([`Home::params`]).
    Home(Vec<Ref>, SnapId),
    /// Back to the interpreter.
    Exit(SnapId),
    /// The root frame returns this boxed value; the snapshot is from before that.
    Return(Ref, SnapId),
    /// On in a loop of the root frame that has a tree of its own (an index into
    /// [`Tree::loops`]); from a function's tree up to the frame's end.
    EnterLoop(SnapId, u32),
}

/// The code of a loop as functions that contain it see it.
#[derive(Debug)]
pub struct LoopCode {
    /// Address of the code.
    pub entry: AtomicUsize,
}

/// A compiled function as calls from other code see it. The code is found through
/// `entry`, since it is made anew when its tree grows.
#[derive(Debug)]
pub struct Callee {
    pub name: String,
    /// Address of the code; signature `fn(frame, thread, function?, parameters...) -> value`.
    pub entry: AtomicUsize,
    /// Types of the parameters.
    pub params: Vec<Ty>,
    /// For each parameter whether an activation that stands at `RESUME` has it in a cell. Calls
    /// from code to code pass the contents.
    pub in_cells: Vec<bool>,
    /// The function object, by its bits, that the code was made for; zero if it is any
    /// function of the code object and these globals, which is then passed.
    pub function: u64,
    /// The address of the namespace whose names the code is made for: functions of one code object
    /// may have several.
    pub globals: usize,
}

/// Where a side trace starts: at the exit of another tree.
#[derive(Clone, Debug)]
pub struct Side {
    /// The state on entry.
    pub snap: SnapId,
    /// Code object and instruction of the guard that was left by, and how many frames there were.
    pub place: (usize, u32, usize),
    /// How many guards at that very place failed on the way here.
    pub forms: usize,
    /// What it finds in the exit buffer; else the frames are complete, in the interpreter's memory.
    pub start: Option<Start>,
    /// The loop that it leads back to, if it is one.
    pub home: Option<Home>,
}

/// A loop as side traces see it.
#[derive(Clone, Debug)]
pub struct Home {
    /// The address of its code as long as that is of use; else zero.
    pub door: Arc<AtomicUsize>,
    /// Slots and types of its parameters.
    pub params: Vec<(u32, Ty)>,
}

/// What an exit leaves to the side trace that begins at it. An exit of a later version of the tree
/// may leave other things.
#[derive(Clone, Debug)]
pub struct Start {
    /// The values written, as the tree names them.
    pub values: Vec<Ref>,
    pub objects: Arc<[objects::Object]>,
    /// Ids of the frames beyond the root's that are on the thread's stack.
    pub real: Vec<u32>,
    /// The values as the side trace names them: its [`Op::Word`]s.
    pub words: Vec<Ref>,
}

impl Start {
    /// Whether an exit that leaves this can be followed by a trace that begins with `other`.
    pub fn fits(&self, other: &Start) -> bool {
        self.values == other.values && self.objects == other.objects && self.real == other.real
    }
}

/// A stretch of recorded instructions.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Instructions, in order.
    pub code: Vec<Ref>,
    /// The guard that a bridge starts at; none for the root.
    pub parent: Ref,
    pub end: End,
}

/// A tree of traces: the root segment and its bridges.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub ins: Vec<Ins>,
    pub args: Vec<Ref>,
    pub snaps: Vec<Snapshot>,
    pub helpers: Vec<&'static Helper>,
    pub callees: Vec<Arc<Callee>>,
    pub loops: Vec<Arc<LoopCode>>,
    pub segments: Vec<Segment>,
    /// Of the tree of a function: what it is for its callers.
    pub function: Option<Arc<Callee>>,
    /// Of the tree of a loop: what it is for functions that contain it.
    pub loop_code: Option<Arc<LoopCode>>,
    /// Of the tree of a loop: the way in for its side traces.
    pub door: Option<Arc<AtomicUsize>>,
    /// Of a side trace, which ends in the interpreter's frames instead of looping.
    pub side: Option<Side>,
    /// The root's parameters: slot and its `SLoad`.
    pub params: Vec<(u32, Ref)>,
    /// Loop-carried values: the one at the loop's start, the one of the next iteration.
    pub phis: Vec<(Ref, Ref)>,
    /// Those of the loop-carried values that are objects which exist in parts only:
    /// the loop carries their fields.
    pub carried: Vec<Ref>,
    /// For each value of the preamble, the one that takes its place in the next iteration.
    pub next: Vec<Ref>,
    consts: FxHashMap<(Op, u64), Ref>,
}

impl Tree {
    /// A tree whose root is still to be recorded.
    pub fn begun() -> Tree {
        let mut tree = Tree::default();
        tree.begin_segment(Ref::NONE);
        tree
    }

    /// Begins the root or a bridge that starts at a guard: the number of the segment.
    pub fn begin_segment(&mut self, parent: Ref) -> usize {
        self.segments.push(Segment {
            code: Vec::new(),
            parent,
            end: End::Open,
        });
        self.segments.len() - 1
    }

    /// Whether a value of the preamble differs from one iteration to the next.
    pub fn is_variant(&self, r: Ref) -> bool {
        self.next.get(r.index()).is_some_and(|n| *n != r)
    }

    pub fn op(&self, r: Ref) -> Op {
        self.ins[r.index()].op
    }

    pub fn ty(&self, r: Ref) -> Ty {
        self.ins[r.index()].ty
    }

    pub fn get(&self, r: Ref) -> &Ins {
        &self.ins[r.index()]
    }

    /// Adds an instruction that belongs to no segment yet.
    pub fn push(&mut self, ins: Ins) -> Ref {
        self.ins.push(ins);
        Ref(self.ins.len() as u32 - 1)
    }

    fn constant(&mut self, op: Op, ty: Ty, bits: u64) -> Ref {
        if let Some(&r) = self.consts.get(&(op, bits)) {
            return r;
        }
        let r = self.push(Ins::new(op, ty).aux(bits));
        self.consts.insert((op, bits), r);
        r
    }

    pub fn int(&mut self, i: i64) -> Ref {
        self.constant(Op::KInt, Ty::Int, i as u64)
    }
    pub fn float(&mut self, f: f64) -> Ref {
        self.constant(Op::KFloat, Ty::Float, f.to_bits())
    }
    pub fn bool(&mut self, b: bool) -> Ref {
        self.constant(Op::KBool, Ty::Bool, b.into())
    }
    /// A boxed value by its bits; zero is no value.
    pub fn val(&mut self, bits: u64) -> Ref {
        self.constant(Op::KVal, Ty::Val, bits)
    }
    pub fn ptr(&mut self, address: usize) -> Ref {
        self.constant(Op::KPtr, Ty::Ptr, address as u64)
    }

    /// The integer, if `r` is a constant one.
    pub fn as_int(&self, r: Ref) -> Option<i64> {
        let ins = self.get(r);
        (ins.op == Op::KInt).then_some(ins.aux as i64)
    }
    pub fn as_float(&self, r: Ref) -> Option<f64> {
        let ins = self.get(r);
        (ins.op == Op::KFloat).then(|| f64::from_bits(ins.aux))
    }
    pub fn as_bool(&self, r: Ref) -> Option<bool> {
        let ins = self.get(r);
        (ins.op == Op::KBool).then_some(ins.aux != 0)
    }
    /// The bits of a constant value or pointer.
    pub fn as_bits(&self, r: Ref) -> Option<u64> {
        let ins = self.get(r);
        matches!(ins.op, Op::KVal | Op::KPtr).then_some(ins.aux)
    }

    /// The arguments of a call.
    pub fn call_args(&self, ins: &Ins) -> &[Ref] {
        debug_assert!(ins.op.has_pooled_args());
        &self.args[ins.a.index()..ins.a.index() + ins.b.index()]
    }

    /// The operands of an instruction.
    pub fn operands(&self, ins: &Ins) -> smallvec::SmallVec<[Ref; 4]> {
        if ins.op.has_pooled_args() {
            return self.call_args(ins).into();
        }
        [ins.a, ins.b, ins.c]
            .into_iter()
            .filter(|r| !r.is_none())
            .collect()
    }

    /// The index of a helper, entered on first use.
    pub fn helper(&mut self, helper: &'static Helper) -> u64 {
        match self.helpers.iter().position(|h| std::ptr::eq(*h, helper)) {
            Some(i) => i as u64,
            None => {
                self.helpers.push(helper);
                self.helpers.len() as u64 - 1
            }
        }
    }

    /// What a value was boxed from, unless it can only be had boxed.
    pub fn leaf(&self, r: Ref) -> Ref {
        let ins = self.get(r);
        match ins.op {
            Op::BoxInt | Op::BoxFloat | Op::BoxBool => ins.a,
            _ => r,
        }
    }

    /// The index of a compiled function, entered on first use.
    pub fn callee(&mut self, callee: &Arc<Callee>) -> u64 {
        match self.callees.iter().position(|c| Arc::ptr_eq(c, callee)) {
            Some(i) => i as u64,
            None => {
                self.callees.push(callee.clone());
                self.callees.len() as u64 - 1
            }
        }
    }

    /// Where `r` stands: segment and index in it.
    pub fn position(&self, r: Ref) -> Option<(usize, usize)> {
        self.segments
            .iter()
            .enumerate()
            .find_map(|(s, segment)| segment.code.iter().position(|x| *x == r).map(|i| (s, i)))
    }
}

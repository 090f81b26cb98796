//! The way into a trace: folding, common subexpressions, guards that are known to
//! hold, and memory forwarding, for one instruction at a time.
//!
//! ```text
//! before                              after
//! v1 = GuardInt.Int v0                v1 = GuardInt.Int v0
//! v2 = BoxInt.Val v1                  (v2 is v0)
//! v3 = GuardInt.Int v2                (v3 is v1)
//! v4 = Add.Int v1, 0                  (v4 is v1)
//! ```
//!
//! Linear code makes this simple: whatever was defined earlier is defined on every
//! path to here, and a guard that was passed holds for all that follows, since its
//! operand is a value and not a place.

use super::memory::Memory;
use super::range::Range;
use crate::ir::{Class, Effect, Ins, Layout, Mem, Op, Ref, SnapId, Tree, Ty, objects};
use rustc_hash::FxHashMap;

/// A guard that can never hold was emitted: the trace ends here.
#[derive(Debug, Clone, Copy)]
pub struct Contradiction;

/// The result of emitting.
pub type Emitted<T = Ref> = Result<T, Contradiction>;

pub(super) type Key = (Op, Ty, Ref, Ref, Ref, u64);

/// Adds instructions to the segment being built.
#[derive(Default)]
pub struct Emitter {
    pub tree: Tree,
    /// The segment that is built.
    pub segment: usize,
    equal: FxHashMap<Key, Ref>,
    /// What guards have shown: the value to use in place of another.
    known: FxHashMap<Ref, Ref>,
    /// What guards have shown of integers (see `range`).
    pub(super) bounds: FxHashMap<Ref, Range>,
    pub memory: Memory,
    /// Whether the loop's body is built, where values of the preamble may vary.
    pub in_body: bool,
}

impl Emitter {
    pub fn new(tree: Tree, segment: usize) -> Emitter {
        Emitter {
            tree,
            segment,
            ..Emitter::default()
        }
    }

    /// The best known form of `r`.
    pub fn resolve(&self, r: Ref) -> Ref {
        if r.is_none() {
            return r;
        }
        self.known.get(&r).copied().unwrap_or(r)
    }

    /// Adds an instruction, or finds its value.
    pub fn emit(&mut self, mut ins: Ins) -> Emitted {
        if !ins.op.has_pooled_args() {
            ins.a = self.resolve(ins.a);
            ins.b = self.resolve(ins.b);
            ins.c = self.resolve(ins.c);
        }
        if let Some(r) = self.fold(&mut ins)? {
            return Ok(r);
        }
        if let Some(key) = self.key(&ins)
            && let Some(&r) = self.equal.get(&key)
        {
            return Ok(r);
        }
        if let Some(r) = self.forwarded(&ins) {
            return Ok(self.resolve(r));
        }
        let r = self.tree.push(ins);
        self.tree.segments[self.segment].code.push(r);
        self.observe(r);
        Ok(match ins.op {
            Op::GuardIs => ins.b,
            Op::GuardShape | Op::GuardNonNull | Op::GuardNull => ins.a,
            _ => r,
        })
    }

    fn key(&self, ins: &Ins) -> Option<Key> {
        let constant = ins.op == Op::Load
            && Mem::from_aux(ins.aux).class == crate::ir::Class::Const
            || ins.op == Op::LoadIdx && Mem::from_aux(ins.aux).class == crate::ir::Class::Const;
        if ins.op.is_pure() || constant {
            return Some((ins.op, ins.ty, ins.a, ins.b, ins.c, ins.aux));
        }
        if ins.op == Op::Call && self.tree.helpers[ins.aux as usize].effect == Effect::Pure {
            let args = self.tree.call_args(ins);
            if args.len() <= 3 {
                let arg = |i: usize| args.get(i).copied().unwrap_or(Ref::NONE);
                return Some((ins.op, ins.ty, arg(0), arg(1), arg(2), ins.aux));
            }
        }
        None
    }

    /// The loads of memory that never changes, whose results are known.
    pub(super) fn constant_loads(&self) -> Vec<(Key, Ref)> {
        let known = self.equal.iter();
        let is_load = |key: &Key| matches!(key.0, Op::Load | Op::LoadIdx);
        let mut loads: Vec<(Key, Ref)> = known
            .filter(|(key, _)| is_load(key))
            .map(|(key, r)| (*key, *r))
            .collect();
        loads.sort_unstable_by_key(|(_, r)| *r);
        loads
    }

    /// Notes what such a load gives.
    pub(super) fn set_equal(&mut self, key: Key, value: Ref) {
        self.equal.insert(key, value);
    }

    /// A call that only reads, and the alias classes that it reads.
    fn read(&self, ins: &Ins) -> Option<(super::memory::Read, u32)> {
        let Effect::Read(classes) = self.tree.helpers[ins.aux as usize].effect else {
            return None;
        };
        Some(((ins.aux, self.tree.call_args(ins).into()), classes))
    }

    fn forwarded(&mut self, ins: &Ins) -> Option<Ref> {
        match ins.op {
            Op::Load | Op::LoadIdx => {
                let found = self.memory.load(ins.aux, ins.a, ins.b)?;
                (self.tree.ty(found) == ins.ty).then_some(found)
            }
            Op::GuardShape => {
                let shape = self.memory.shape(ins.a)?;
                (u64::from(shape) == ins.aux).then_some(ins.a)
            }
            Op::GuardBreaker => self.memory.polled.then_some(Ref::NONE),
            Op::Call => {
                let (read, _) = self.read(ins)?;
                self.memory.read(&read)
            }
            _ => None,
        }
    }

    /// Notes what follows from an instruction of the trace.
    pub fn observe(&mut self, r: Ref) {
        let ins = *self.tree.get(r);
        if let Some(key) = self.key(&ins) {
            self.equal.insert(key, r);
        }
        self.observe_references(&ins);
        match ins.op {
            Op::GuardBreaker => self.memory.polled = true,
            Op::New => {
                let layout = Layout::from_aux(ins.aux);
                self.memory.made(r, layout.shape);
            }
            Op::GuardTrue => {
                let t = self.tree.bool(true);
                self.known.insert(ins.a, t);
                self.observe_comparison(ins.a, true);
            }
            Op::GuardFalse => {
                let f = self.tree.bool(false);
                self.known.insert(ins.a, f);
                let condition = *self.tree.get(ins.a);
                if condition.op == Op::Same {
                    self.memory.set_apart(condition.a, condition.b);
                }
                self.observe_comparison(ins.a, false);
            }
            Op::GuardIs => {
                self.known.insert(ins.a, ins.b);
            }
            Op::GuardNull => {
                let zero = match self.tree.ty(ins.a) {
                    Ty::Val => self.tree.val(0),
                    _ => self.tree.int(0),
                };
                self.known.insert(ins.a, zero);
            }
            Op::GuardShape => self.memory.set_shape(ins.a, ins.aux as u32),
            Op::Load | Op::LoadIdx => self.memory.loaded(ins.aux, ins.a, ins.b, r),
            Op::Store => {
                if let (
                    Mem {
                        class: crate::ir::Class::Shape,
                        ..
                    },
                    Some(shape),
                ) = (Mem::from_aux(ins.aux), self.tree.as_int(ins.b))
                {
                    self.memory.change_shape(&self.tree, ins.a, shape as u32);
                } else if Mem::from_aux(ins.aux).class == crate::ir::Class::Const {
                    // Written once, when the object is made.
                    let ty = self.tree.ty(ins.b);
                    let key = (Op::Load, ty, ins.a, Ref::NONE, Ref::NONE, ins.aux);
                    self.equal.insert(key, ins.b);
                } else {
                    self.memory
                        .stored(&self.tree, ins.aux, ins.a, Ref::NONE, ins.b);
                }
            }
            Op::StoreIdx => {
                self.memory.stored(&self.tree, ins.aux, ins.a, ins.b, ins.c);
            }
            Op::Step | Op::CallAt | Op::CallFunction => self.memory.clobber_all(),
            Op::Call => match self.tree.helpers[ins.aux as usize].effect {
                Effect::Read(_) => {
                    if let Some((read, classes)) = self.read(&ins) {
                        self.memory.note_read(read, r, classes);
                    }
                }
                Effect::Make => self.memory.made_by_call(r),
                Effect::Pure | Effect::Alloc | Effect::Handle => {}
                Effect::Frames | Effect::Note => {
                    // Completing the frames of generators says where they stand.
                    let (raised, generator) = (Class::Raised as u32, Class::Generator as u32);
                    self.memory.clobber(1 << raised | 1 << generator);
                }
                Effect::Write(classes) => self.memory.clobber(classes),
                Effect::Any => self.memory.clobber_all(),
            },
            _ => {}
        }
    }

    /// Notes to what the instruction makes objects known.
    fn observe_references(&mut self, ins: &Ins) {
        match ins.op {
            Op::Store => self.memory.refer(ins.a, ins.b),
            Op::StoreIdx => self.memory.refer(ins.a, ins.c),
            Op::Load | Op::LoadIdx if matches!(ins.ty, Ty::Val | Ty::Ptr) => {
                self.memory.expose(ins.a);
            }
            Op::CallAt => self.memory.escape(ins.a),
            Op::CallFunction => {
                for a in self.tree.call_args(ins).to_vec() {
                    self.memory.escape(a);
                }
            }
            Op::Call if self.tree.helpers[ins.aux as usize].effect != Effect::Pure => {
                for a in self.tree.call_args(ins).to_vec() {
                    self.memory.escape(a);
                }
            }
            _ => {}
        }
        if objects::completes_frames(&self.tree, ins) && ins.snap != crate::ir::NO_SNAP {
            let named: Vec<Ref> = objects::in_snapshot(&self.tree, ins.snap).collect();
            for v in named {
                self.memory.escape(v);
            }
        }
    }

    /// Makes an object whose memory is zero but for these words.
    pub fn new_object(&mut self, ty: Ty, layout: Layout, fields: &[(Mem, Ref)]) -> Emitted {
        let object = self.emit(Ins::new(Op::New, ty).aux(layout.aux()))?;
        for (mem, value) in fields {
            self.store(object, *mem, *value)?;
        }
        Ok(object)
    }

    /// Knows of no instruction any more.
    pub fn forget(&mut self) {
        self.equal.clear();
        self.known.clear();
        self.bounds.clear();
        self.memory = Memory::default();
        self.in_body = false;
    }

    /// Learns what holds at the guard `guard`, for a bridge that starts there: all
    /// instructions before it on the way from the tree's entry, as far as `live`.
    pub fn replay_to(&mut self, guard: Ref, live: &[bool]) {
        let mut way = Vec::new();
        let mut at = guard;
        while let Some((s, i)) = self.tree.position(at) {
            way.push((s, i));
            at = self.tree.segments[s].parent;
            if at.is_none() {
                break;
            }
        }
        for (s, end) in way.into_iter().rev() {
            for i in 0..end {
                let r = self.tree.segments[s].code[i];
                if self.tree.op(r) == Op::Loop {
                    self.in_body = true;
                }
                if live.get(r.index()).copied().unwrap_or(true) {
                    self.observe(r);
                }
            }
        }
    }

    /// Shorthands.
    pub fn op1(&mut self, op: Op, ty: Ty, a: Ref) -> Emitted {
        self.emit(Ins::new(op, ty).a(a))
    }
    pub fn op2(&mut self, op: Op, ty: Ty, a: Ref, b: Ref) -> Emitted {
        self.emit(Ins::new(op, ty).a(a).b(b))
    }
    pub fn load(&mut self, ty: Ty, base: Ref, mem: Mem) -> Emitted {
        self.emit(Ins::new(Op::Load, ty).a(base).aux(mem.aux()))
    }
    pub fn load_idx(&mut self, ty: Ty, base: Ref, index: Ref, mem: Mem) -> Emitted {
        self.emit(Ins::new(Op::LoadIdx, ty).a(base).b(index).aux(mem.aux()))
    }
    pub fn store(&mut self, base: Ref, mem: Mem, v: Ref) -> Emitted {
        self.emit(Ins::new(Op::Store, Ty::None).a(base).b(v).aux(mem.aux()))
    }
    pub fn store_idx(&mut self, base: Ref, index: Ref, mem: Mem, v: Ref) -> Emitted {
        self.emit(
            Ins::new(Op::StoreIdx, Ty::None)
                .a(base)
                .b(index)
                .c(v)
                .aux(mem.aux()),
        )
    }

    /// Calls a helper.
    pub fn call(
        &mut self,
        helper: &'static crate::ir::Helper,
        args: &[Ref],
        snap: SnapId,
    ) -> Emitted {
        let index = self.tree.helper(helper);
        let start = self.tree.args.len() as u32;
        let args: smallvec::SmallVec<[Ref; 6]> = args.iter().map(|r| self.resolve(*r)).collect();
        self.tree.args.extend_from_slice(&args);
        let ins = Ins::new(Op::Call, helper.ret)
            .a(Ref(start))
            .b(Ref(args.len() as u32))
            .aux(index)
            .snap(snap);
        self.emit(ins)
    }

    /// Calls a compiled function; `args` begin with the function object if it wants that.
    pub fn call_function(
        &mut self,
        callee: &std::sync::Arc<crate::ir::Callee>,
        args: &[Ref],
        snap: SnapId,
    ) -> Emitted {
        let index = self.tree.callee(callee);
        let start = self.tree.args.len() as u32;
        self.tree.args.extend_from_slice(args);
        self.emit(
            Ins::new(Op::CallFunction, Ty::Val)
                .a(Ref(start))
                .b(Ref(args.len() as u32))
                .aux(index)
                .snap(snap),
        )
    }

    /// Notes that memory of a new object holds a value.
    pub fn know(&mut self, mem: Mem, base: Ref, value: Ref, ty: Ty) {
        if mem.class == crate::ir::Class::Const {
            let key = (Op::Load, ty, base, Ref::NONE, Ref::NONE, mem.aux());
            self.equal.insert(key, value);
        } else {
            self.memory.loaded(mem.aux(), base, Ref::NONE, value);
        }
    }

    /// A value boxed.
    pub fn boxed(&mut self, r: Ref) -> Ref {
        let r = self.resolve(r);
        let op = match self.tree.ty(r) {
            Ty::Int => Op::BoxInt,
            Ty::Float => Op::BoxFloat,
            Ty::Bool => Op::BoxBool,
            _ => return r,
        };
        // Boxing never contradicts anything.
        self.op1(op, Ty::Val, r).unwrap_or(r)
    }
}

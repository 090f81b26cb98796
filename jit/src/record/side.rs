//! Side traces: recordings that begin where another tree is left and become trees of
//! their own.
//!
//! A side trace begins with what the exit leaves in the buffer, unboxed, and knows of it what the
//! tree knew there ([`Takeover`]): the frames are not completed in between, and objects in parts
//! stay in parts. Where an exit is not such a one, or the trace begins at a join of others, it
//! begins with the frames in memory.
//!
//! ```text
//! tree                                    side trace
//! v7 = New.Val {shape 32}                 v0 = Word.Int {0}
//! Store {Attr64+16} v7, v5                v1 = Word.Val {1}
//! GuardTrue v6 [slot 0 is v2 (an Int),    v2 = New.Val {shape 32}
//!               slot 1 is v7]             Store {Attr64+16} v2, v1
//! ```

use super::{MAX_FORMS, Recorder, chain_of, forms, place_of};
use crate::exit::{Exit, words};
use crate::ir::objects::{self, Object};
use crate::ir::{FrameState, Home, Ins, Op, Ref, Side, Start, Tree};
use crate::opt::emit::Emitter;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::Vm;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::frame::Frame;

/// The exit of a tree that a side trace begins at.
#[derive(Clone, Copy)]
pub struct Left<'a> {
    pub tree: &'a Tree,
    pub live: &'a [bool],
    pub guard: Ref,
    pub exit: &'a Exit,
}

impl Left<'_> {
    /// What the exit leaves, if a side trace can begin with it.
    pub fn start(&self) -> Option<Start> {
        let snap = self.tree.get(self.guard).snap;
        let objects = &self.exit.objects;
        // The root frame of a loop is the interpreter's.
        let first = usize::from(self.tree.function.is_none());
        let frames = &self.tree.snaps[snap as usize].frames[first..];
        let is_there = |(id, f): (&u32, &Arc<FrameState>)| *id == f.id;
        if objects.iter().any(|o| !o.notes.is_empty())
            || self.exit.real.len() > frames.len()
            || !self.exit.real.iter().zip(frames).all(is_there)
        {
            return None;
        }
        Some(Start {
            values: words(self.tree, snap, objects),
            objects: objects.clone(),
            real: self.exit.real.clone(),
            words: Vec::new(),
        })
    }
}

/// What a side trace has of the tree it begins in: values and knowledge.
struct Takeover<'a> {
    tree: &'a Tree,
    /// Values of the tree and what they are in the side trace.
    taken: FxHashMap<Ref, Ref>,
}

impl Takeover<'_> {
    /// What a value of the tree is in the side trace, if it has it.
    fn value(&self, e: &mut Emitter, r: Ref) -> Option<Ref> {
        if r.is_none() {
            return Some(r);
        }
        if let Some(&taken) = self.taken.get(&r) {
            return Some(taken);
        }
        let ins = self.tree.get(r);
        match ins.op {
            Op::KInt => Some(e.tree.int(ins.aux as i64)),
            Op::KFloat => Some(e.tree.float(f64::from_bits(ins.aux))),
            Op::KBool => Some(e.tree.bool(ins.aux != 0)),
            Op::KVal => Some(e.tree.val(ins.aux)),
            Op::KPtr => Some(e.tree.ptr(ins.aux as usize)),
            Op::BoxInt | Op::BoxFloat | Op::BoxBool => {
                let inner = self.value(e, ins.a)?;
                Some(e.boxed(inner))
            }
            _ => None,
        }
    }

    /// The store that filled a field.
    fn store_of(&self, object: &Object, offset: u32) -> Option<&Ins> {
        let fills = |ins: &&Ins| {
            matches!(ins.op, Op::Store | Op::StoreIdx)
                && ins.a == object.made
                && objects::field_of(self.tree, ins)
                    .is_some_and(|(field, is_shape)| field.offset == offset && !is_shape)
        };
        self.tree.ins.iter().rev().find(fills)
    }

    /// Makes the objects in parts, which stay in parts.
    fn take_objects(&mut self, e: &mut Emitter, all: &[Object]) -> Option<()> {
        for object in all {
            let new = Ins::new(Op::New, self.tree.ty(object.made)).aux(object.layout.aux());
            let made = e.emit(new).ok()?;
            self.taken.insert(object.made, made);
        }
        for object in all {
            let made = self.value(e, object.made)?;
            for field in &object.fields {
                let value = self.value(e, field.value)?;
                let mut store = *self.store_of(object, field.offset)?;
                if store.op == Op::Store {
                    store.b = value;
                } else {
                    store.b = self.value(e, store.b)?;
                    store.c = value;
                }
                store.a = made;
                e.emit(store).ok()?;
            }
        }
        Some(())
    }
}

/// For each unit of the code whether a jump leads there, other than a loop's.
fn join_points(code: Gc<CodeObject>) -> Vec<bool> {
    let instrs = code.instrs();
    let mut joins = vec![false; instrs.len()];
    let mut i = 0;
    while i < instrs.len() {
        let word = instrs[i].get();
        let op = Bytecode::from_u8(word as u8).unwrap_or(Bytecode::NOP);
        let (next, arg) = (i + 1 + op.caches(), (word >> 8) as usize);
        let target = match op.generic() {
            Bytecode::JUMP_FORWARD
            | Bytecode::POP_JUMP_IF_TRUE
            | Bytecode::POP_JUMP_IF_FALSE
            | Bytecode::POP_JUMP_IF_NONE
            | Bytecode::POP_JUMP_IF_NOT_NONE => Some(next + arg),
            Bytecode::JUMP_BACKWARD_NO_INTERRUPT => next.checked_sub(arg),
            _ => None,
        };
        if let Some(joined) = target.and_then(|t| joins.get_mut(t)) {
            *joined = true;
        }
        i = next;
    }
    joins
}

impl Recorder {
    /// Starts recording a side trace from an exit on, with what it leaves in the buffer or, failing
    /// that, with the frames in memory. `None` if those beyond the root's are not such as can
    /// be there from the start.
    ///
    /// `header` is where the loop `home` begins.
    ///
    /// # Safety
    /// `root` is the frame that the tree ran in, and the frames up to `innermost` are those of
    /// the guard's snapshot.
    pub unsafe fn side(
        vm: &Vm,
        left: Left,
        root: *mut Frame,
        header: usize,
        innermost: *mut Frame,
        home: Option<Home>,
    ) -> Option<Recorder> {
        let tree = left.tree;
        let states = &tree.snaps[tree.get(left.guard).snap as usize].frames;
        // SAFETY: the frames are chained down to the root.
        let chain = unsafe { chain_of(root, innermost) };
        if chain.len() != states.len() {
            return None;
        }
        let mut recorder = Recorder::empty(vm, Emitter::new(Tree::begun(), 0), header);
        recorder.next_id = states.iter().map(|f| f.id).max().unwrap_or(0) + 1;
        recorder.resumed = tree
            .snaps
            .iter()
            .any(|s| s.frames.iter().any(|f| f.is_generator));
        let mut taken = Takeover {
            tree,
            taken: FxHashMap::default(),
        };
        let start = left
            .start()
            .and_then(|start| recorder.take_over(&left, &mut taken, start));
        let known = |f: &Arc<FrameState>| !f.is_generator && tree.as_bits(f.function).is_some();
        if start.is_none() {
            recorder.e = Emitter::new(Tree::begun(), 0);
            taken.taken.clear();
            recorder.resumed = false;
            if !states[1..].iter().all(known) {
                return None;
            }
        }
        // SAFETY: as above.
        unsafe { recorder.push_root(root) };
        recorder.frames[0].sp = states[0].sp as usize;
        recorder.frames[0].ip = states[0].ip as usize;
        if start.is_some() && tree.function.is_some() {
            // All that is known of the root frame is what the exit leaves: it may not be in memory.
            recorder.e.tree.function = tree.function.clone();
            recorder.root = false;
            let function = taken.value(&mut recorder.e, states[0].function)?;
            super::function::restore_root(&mut recorder.frames[0], function);
        }
        for (i, (frame, state)) in chain.into_iter().zip(states).enumerate() {
            if i > 0 {
                let function = taken.value(&mut recorder.e, state.function)?;
                // SAFETY: as above.
                unsafe { recorder.push_known(frame, state, function) };
            }
            if start.is_some() {
                for (slot, r) in &state.slots {
                    let r = taken.value(&mut recorder.e, tree.leaf(*r))?;
                    recorder.frames[i].slots[*slot as usize] = r;
                }
            }
        }
        let place = place_of(tree, left.guard)?;
        let forms = forms(tree, left.guard) + 1;
        recorder.generic_first = forms > MAX_FORMS;
        let snap = recorder.fresh_snap();
        recorder.e.tree.side = Some(Side {
            snap,
            place,
            forms,
            start,
            home,
        });
        Some(recorder)
    }

    /// Begins the trace with what an exit leaves.
    fn take_over(&mut self, left: &Left, taken: &mut Takeover, mut start: Start) -> Option<Start> {
        for (i, &value) in start.values.iter().enumerate() {
            let word = Ins::new(Op::Word, left.tree.ty(value)).aux(i as u64);
            let word = self.e.tree.push(word);
            self.e.tree.segments[0].code.push(word);
            start.words.push(word);
            taken.taken.entry(value).or_insert(word);
        }
        taken.take_objects(&mut self.e, &start.objects)?;
        let mut there = Emitter::new(left.tree.clone(), 0);
        there.replay_to(left.guard, left.live);
        self.e.inherit(&there, |e, r| taken.value(e, r));
        for (&value, &word) in start.values.iter().zip(&start.words) {
            self.e.inherit_range(&there, value, word);
        }
        Some(start)
    }

    /// Starts recording a side trace where others end, in the root frame.
    ///
    /// # Safety
    /// `frame` is the innermost activation.
    pub unsafe fn join(vm: &Vm, frame: *mut Frame, header: usize, home: Option<Home>) -> Recorder {
        // SAFETY: by contract.
        let mut recorder = unsafe { Recorder::root(vm, frame) };
        recorder.header = header;
        let snap = recorder.fresh_snap();
        recorder.e.tree.side = Some(Side {
            snap,
            place: (0, 0, 0),
            forms: 0,
            start: None,
            home,
        });
        recorder
    }

    /// Whether side traces end at this instruction of the root frame: where several ways
    /// through the code come together, a trace of its own serves all of them.
    pub(super) fn is_join(&mut self, ip: usize) -> bool {
        let code = self.frames[0].code;
        self.joins
            .get_or_insert_with(|| join_points(code))
            .get(ip)
            .is_some_and(|j| *j)
    }
}

//! Dead code: finds what has an effect or is used by something that has, and with
//! it which values the loop carries.
//!
//! ```text
//! before                            after
//! v2 = BoxInt.Val v1                (nothing: v2 was only unboxed again)
//! v3 = AddOv.Int v1, 1              v3 = AddOv.Int v1, 1
//! GuardTrue v5 [slot 0 is v3]       GuardTrue v5 [slot 0 is v3]
//! ```
//!
//! Overflow guards whose result nobody needs are dead: Python's integers do not
//! overflow. A store into an object that the trace makes is as live as the object, and
//! needs what it stores unboxed only, since the object may never be made. Nothing is
//! moved; the backend passes over what is not marked.

use super::carry;
use crate::ir::{Effect, End, NO_SNAP, Op, Ref, SnapId, Tree, Ty};
use rustc_hash::{FxHashMap, FxHashSet};

struct Marker<'a> {
    tree: &'a Tree,
    live: Vec<bool>,
    /// Whether the instruction stands in the loop's body or a bridge from there.
    in_body: Vec<bool>,
    phis: Vec<(Ref, Ref)>,
    is_phi: Vec<bool>,
    work: Vec<Ref>,
    /// Stores into objects that the trace makes, in order, and their segments.
    stores: FxHashMap<Ref, Vec<(Ref, usize)>>,
    /// Objects of which the loop cannot carry the fields instead.
    whole: &'a FxHashSet<Ref>,
}

/// Marks live instructions and sets the tree's phis and which of those are carried in parts.
pub fn mark(tree: &mut Tree) -> Vec<bool> {
    let mut whole = FxHashSet::default();
    loop {
        let n = tree.ins.len();
        let mut marker = Marker {
            tree,
            live: vec![false; n],
            in_body: vec![false; n],
            phis: Vec::new(),
            is_phi: vec![false; n],
            work: Vec::new(),
            stores: stores(tree),
            whole: &whole,
        };
        marker.run();
        let Marker { live, phis, .. } = marker;
        tree.phis = phis;
        let mut carried = Vec::new();
        let mut settled = true;
        for (r, _) in &tree.phis {
            if tree.op(*r) == Op::New && !whole.contains(r) {
                carried.push(*r);
            }
        }
        for r in carry::fails(tree, &live, &carried) {
            settled = false;
            whole.insert(r);
        }
        if settled {
            tree.carried = carried;
            return live;
        }
    }
}

fn stores(tree: &Tree) -> FxHashMap<Ref, Vec<(Ref, usize)>> {
    let mut stores: FxHashMap<Ref, Vec<(Ref, usize)>> = FxHashMap::default();
    for (s, segment) in tree.segments.iter().enumerate() {
        for &r in &segment.code {
            let ins = tree.get(r);
            if matches!(ins.op, Op::Store | Op::StoreIdx) && tree.op(ins.a) == Op::New {
                stores.entry(ins.a).or_default().push((r, s));
            }
        }
    }
    stores
}

fn has_effect(tree: &Tree, r: Ref) -> bool {
    let ins = tree.get(r);
    match ins.op {
        Op::AddOv | Op::SubOv | Op::MulOv | Op::ShlOv => false,
        Op::Store | Op::StoreIdx => tree.op(ins.a) != Op::New,
        Op::Step | Op::CallAt | Op::CallFunction | Op::Loop => true,
        Op::Call => {
            let helper = tree.helpers[ins.aux as usize];
            helper.effect != Effect::Make
                && (helper.fails
                    || matches!(
                        helper.effect,
                        Effect::Write(_)
                            | Effect::Frames
                            | Effect::Note
                            | Effect::Handle
                            | Effect::Any
                    ))
        }
        op => op.is_guard(),
    }
}

impl Marker<'_> {
    fn run(&mut self) {
        let tree = self.tree;
        let mut segment_in_body = Vec::new();
        for segment in &tree.segments {
            let mut body = !segment.parent.is_none() && self.in_body[segment.parent.index()];
            for &r in &segment.code {
                if tree.op(r) == Op::Loop {
                    body = true;
                }
                self.in_body[r.index()] = body;
            }
            segment_in_body.push(body);
        }
        // The way in tests the types of these, which the recording may have relied on
        // without using the values (`x is None` of an integer).
        for &(_, param) in &tree.params {
            if tree.ty(param) != Ty::Val {
                self.mark(param, false);
            }
        }
        for (i, segment) in tree.segments.iter().enumerate() {
            for &r in &segment.code {
                if has_effect(tree, r) {
                    self.live[r.index()] = true;
                    self.work.push(r);
                }
            }
            match &segment.end {
                End::Header(values, snap) | End::Home(values, snap) => {
                    for &v in values {
                        self.mark(v, segment_in_body[i]);
                    }
                    self.mark_snapshot(*snap, segment_in_body[i]);
                }
                End::Exit(snap) => self.mark_snapshot(*snap, segment_in_body[i]),
                End::EnterLoop(snap, _) => self.mark_snapshot(*snap, segment_in_body[i]),
                End::Return(r, snap) => {
                    self.mark(*r, segment_in_body[i]);
                    self.mark_snapshot(*snap, segment_in_body[i]);
                }
                End::Open | End::Loop => {}
            }
        }
        while let Some(r) = self.work.pop() {
            let ins = *tree.get(r);
            let body = self.in_body[r.index()];
            match ins.op {
                Op::New => {
                    for (store, _) in self.stores.get(&r).cloned().unwrap_or_default() {
                        self.live[store.index()] = true;
                        self.mark_store(store, self.in_body[store.index()]);
                    }
                }
                // A store marked for itself; what it stores may stay in parts there.
                Op::Store | Op::StoreIdx => {
                    self.mark(ins.a, body);
                    self.mark_store(r, body);
                }
                _ => {
                    for operand in tree.operands(&ins) {
                        self.mark(operand, body);
                    }
                }
            }
            if ins.snap != NO_SNAP {
                self.mark_snapshot(ins.snap, body);
            }
        }
    }

    fn mark_snapshot(&mut self, id: SnapId, body: bool) {
        let tree = self.tree;
        let snap = &tree.snaps[id as usize];
        for (_, _, r) in snap.slots() {
            self.mark(tree.leaf(r), body);
        }
        for frame in &snap.frames {
            if !frame.function.is_none() {
                self.mark(frame.function, body);
            }
        }
    }

    /// For each field of an object of the preamble the store that counts when the loop
    /// starts.
    fn last_stores(&self, object: Ref) -> Vec<Ref> {
        let mut last: Vec<Ref> = Vec::new();
        for &(store, segment) in self.stores.get(&object).into_iter().flatten() {
            if segment != 0 || self.in_body[store.index()] {
                continue;
            }
            let place = |r: Ref| {
                let ins = self.tree.get(r);
                let index = if ins.op == Op::Store {
                    Ref::NONE
                } else {
                    ins.b
                };
                (ins.op, ins.aux, index)
            };
            last.retain(|r| place(*r) != place(store));
            last.push(store);
        }
        last
    }

    /// What a store into an object needs, besides that.
    fn mark_store(&mut self, store: Ref, body: bool) {
        let ins = *self.tree.get(store);
        let value = if ins.op == Op::Store {
            ins.b
        } else {
            self.mark(ins.b, body);
            ins.c
        };
        self.mark(self.tree.leaf(value), body);
    }

    fn mark(&mut self, r: Ref, body: bool) {
        if self.tree.op(r).is_const() {
            return;
        }
        if body && self.tree.is_variant(r) && !self.is_phi[r.index()] {
            self.is_phi[r.index()] = true;
            let next = self.tree.next[r.index()];
            self.phis.push((r, next));
            self.mark(next, true);
            if self.tree.op(r) == Op::New && !self.whole.contains(&r) {
                for store in self.last_stores(r) {
                    self.mark_store(store, true);
                }
            }
        }
        if !self.live[r.index()] {
            self.live[r.index()] = true;
            self.work.push(r);
        }
    }
}

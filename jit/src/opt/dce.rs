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
//! overflow. Nothing is moved; the backend passes over what is not marked.

use crate::ir::{Effect, End, NO_SNAP, Op, Ref, SnapId, Tree};

struct Marker<'a> {
    tree: &'a Tree,
    live: Vec<bool>,
    /// Whether the instruction stands in the loop's body or a bridge from there.
    in_body: Vec<bool>,
    phis: Vec<(Ref, Ref)>,
    is_phi: Vec<bool>,
    work: Vec<Ref>,
}

/// Marks live instructions and sets the tree's phis.
pub fn mark(tree: &mut Tree) -> Vec<bool> {
    let n = tree.ins.len();
    let mut marker = Marker {
        tree,
        live: vec![false; n],
        in_body: vec![false; n],
        phis: Vec::new(),
        is_phi: vec![false; n],
        work: Vec::new(),
    };
    marker.run();
    let Marker { live, phis, .. } = marker;
    tree.phis = phis;
    live
}

fn has_effect(tree: &Tree, r: Ref) -> bool {
    let ins = tree.get(r);
    match ins.op {
        Op::AddOv | Op::SubOv | Op::MulOv | Op::ShlOv => false,
        Op::Store
        | Op::StoreIdx
        | Op::Barrier
        | Op::Step
        | Op::CallAt
        | Op::CallFunction
        | Op::Loop => true,
        Op::Call => {
            let helper = tree.helpers[ins.aux as usize];
            helper.effect != Effect::Make
                && (helper.fails || matches!(helper.effect, Effect::Write(_) | Effect::Any))
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
        for (i, segment) in tree.segments.iter().enumerate() {
            for &r in &segment.code {
                if has_effect(tree, r) {
                    self.live[r.index()] = true;
                    self.work.push(r);
                }
            }
            match &segment.end {
                End::Header(values, snap) => {
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
            for operand in tree.operands(&ins) {
                self.mark(operand, body);
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
            self.mark(r, body);
        }
        for frame in &snap.frames {
            if !frame.function.is_none() {
                self.mark(frame.function, body);
            }
        }
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
        }
        if !self.live[r.index()] {
            self.live[r.index()] = true;
            self.work.push(r);
        }
    }
}

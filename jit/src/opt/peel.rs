//! Loop peeling by copy-substitution, which hoists what does not vary.
//!
//! A recorded iteration cannot be moved out of its own loop: each guard depends on
//! those before it. Instead, the iteration stays as the loop's preamble, and a
//! second one is made by handing every instruction once more to the emitter, the
//! loads of slots replaced by the slots' values at the end of the first. Whatever
//! comes out as a value that exists already does not vary and stays in the
//! preamble; what is new is the loop.
//!
//! ```text
//! before                            after
//! v1 = SLoad.Int 0                  v1 = SLoad.Int 0
//! v2 = SLoad.Val 1                  v2 = SLoad.Val 1
//! GuardShape v2                     GuardShape v2
//! v3 = Load.Int {List+16} v2        v3 = Load.Int {List+16} v2
//! v4 = AddOv.Int v1, v3             v4 = AddOv.Int v1, v3
//! (slot 0 becomes v4)               Loop (v4 <- v5)
//!                                   v5 = AddOv.Int v4, v3
//! ```
//!
//! Facts about values of the preamble hold in the loop too: the copy of the
//! instruction that established one is in the loop, and establishes it for the
//! value that takes the other's place. Ranges are the exception (see `range`).

use super::emit::{Contradiction, Emitted, Emitter};
use crate::ir::{Cond, FrameState, Ins, NO_SNAP, Op, Ref, SnapId, Snapshot, Ty};
use std::sync::Arc;
use taipan_runtime::value::{INT_MAX, INT_MIN};

impl Emitter {
    /// Makes the loop of the root segment, just recorded. `end` is the snapshot at the
    /// loop's header at the end of the iteration: the root frame's slots.
    ///
    /// # Errors
    /// The second iteration cannot be as the first: the segment is left unpeeled.
    pub fn peel(&mut self, end: SnapId) -> Emitted<()> {
        let preamble = self.tree.segments[0].code.clone();
        let limit = self.tree.ins.len();
        self.tree.next = (0..limit as u32)
            .map(|i| {
                let r = Ref(i);
                if self.tree.op(r).is_const() {
                    r
                } else {
                    Ref::NONE
                }
            })
            .collect();
        let marker = self.tree.push(crate::ir::Ins::new(Op::Loop, Ty::None));
        self.tree.segments[0].code.push(marker);
        self.in_body = true;
        self.memory.polled = false;
        let result = self.copy(&preamble, end);
        if result.is_err() {
            // What was learned in the loop that is not to be does not hold.
            self.forget();
            for &r in &preamble {
                self.observe(r);
            }
            self.tree.segments[0].code = preamble;
            self.tree.next.clear();
        }
        result
    }

    fn copy(&mut self, preamble: &[Ref], end: SnapId) -> Emitted<()> {
        let end_slots = self.tree.snaps[end as usize].frames[0].slots.clone();
        let mut copies: rustc_hash::FxHashMap<SnapId, SnapId> = Default::default();
        for &r in preamble {
            let ins = *self.tree.get(r);
            let copy = match ins.op {
                Op::SLoad => {
                    let slot = ins.aux as u32;
                    let value = end_slots
                        .iter()
                        .find(|(s, _)| *s == slot)
                        .map_or(r, |(_, v)| *v);
                    self.coerce(value, ins.ty, end)?
                }
                _ => {
                    let mut new = ins;
                    if ins.op.has_pooled_args() {
                        let args: Vec<Ref> = self.tree.call_args(&ins).to_vec();
                        new.a = Ref(self.tree.args.len() as u32);
                        for a in args {
                            let a = self.next(a)?;
                            let a = self.resolve(a);
                            self.tree.args.push(a);
                        }
                    } else {
                        new.a = self.next(ins.a)?;
                        new.b = self.next(ins.b)?;
                        new.c = self.next(ins.c)?;
                    }
                    if ins.snap != NO_SNAP {
                        new.snap = match copies.get(&ins.snap) {
                            Some(s) => *s,
                            None => {
                                let s = self.next_snapshot(ins.snap, &end_slots)?;
                                copies.insert(ins.snap, s);
                                s
                            }
                        };
                    }
                    let copy = self.emit(new)?;
                    if ins.op == Op::GuardInt {
                        self.keep_range(copy, new.snap)?;
                    }
                    copy
                }
            };
            self.tree.next[r.index()] = copy;
        }
        Ok(())
    }

    /// An integer that was unboxed in the preamble had the range of immediate ones, and
    /// overflow checks were dropped for it. Its copy may be one that was never boxed.
    fn keep_range(&mut self, copy: Ref, snap: SnapId) -> Emitted<()> {
        let (low, high) = self.range(copy);
        if self.tree.op(copy) == Op::GuardInt || INT_MIN <= low && high <= INT_MAX {
            return Ok(());
        }
        let (offset, limit) = (
            self.tree.int(-INT_MIN),
            self.tree.int(INT_MAX - INT_MIN + 1),
        );
        let shifted = self.op2(Op::Add, Ty::Int, copy, offset)?;
        let fits = self.emit(
            Ins::new(Op::ICmp, Ty::Bool)
                .a(shifted)
                .b(limit)
                .aux(Cond::Below as u64),
        )?;
        self.emit(Ins::new(Op::GuardTrue, Ty::None).a(fits).snap(snap))?;
        Ok(())
    }

    /// `value` as a slot of type `ty`; `snap` is where to leave if it is not.
    pub fn coerce(&mut self, value: Ref, ty: Ty, snap: SnapId) -> Emitted {
        let value = self.resolve(value);
        let have = self.tree.ty(value);
        if have == ty {
            return Ok(value);
        }
        let op = match (have, ty) {
            (_, Ty::Val) => return Ok(self.boxed(value)),
            (Ty::Val, Ty::Int) => Op::GuardInt,
            (Ty::Val, Ty::Float) => Op::GuardFloat,
            (Ty::Val, Ty::Bool) => Op::GuardBool,
            _ => return Err(Contradiction),
        };
        self.emit(crate::ir::Ins::new(op, ty).a(value).snap(snap))
    }

    fn next(&self, r: Ref) -> Emitted {
        if r.is_none() {
            return Ok(r);
        }
        match self.tree.next.get(r.index()) {
            // Made while copying, a constant for instance.
            None => Ok(r),
            Some(n) if n.is_none() => {
                debug_assert!(false, "operand {r:?} used before its copy");
                Err(Contradiction)
            }
            Some(n) => Ok(*n),
        }
    }

    /// The snapshot one iteration later: slots that the first iteration had not yet
    /// touched have the values of its end.
    fn next_snapshot(&mut self, id: SnapId, end: &[(u32, Ref)]) -> Emitted<SnapId> {
        let old = self.tree.snaps[id as usize].clone();
        let mut frames = Vec::with_capacity(old.frames.len());
        for (depth, frame) in old.frames.iter().enumerate() {
            let mut slots = Vec::with_capacity(frame.slots.len());
            for (slot, r) in &frame.slots {
                let r = self.next(*r)?;
                slots.push((*slot, self.resolve(r)));
            }
            if depth == 0 {
                for (slot, r) in end {
                    if let Err(at) = slots.binary_search_by_key(slot, |(s, _)| *s) {
                        slots.insert(at, (*slot, *r));
                    }
                }
            }
            let function = self.next(frame.function)?;
            frames.push(Arc::new(FrameState {
                slots,
                function,
                ..(**frame).clone()
            }));
        }
        self.tree.snaps.push(Snapshot { frames });
        Ok(self.tree.snaps.len() as SnapId - 1)
    }
}

//! Checks of the representation, run after recording and after each pass in debug builds.

use super::{End, Op, Ref, Tree, Ty};

impl Tree {
    /// Every operand is defined before its use, has the type that its user expects,
    /// and every guard has a snapshot. The error says what is wrong and where.
    pub fn verify(&self) -> Result<(), String> {
        let mut defined: Vec<Option<usize>> = vec![None; self.ins.len()];
        for (s, segment) in self.segments.iter().enumerate() {
            if !segment.parent.is_none() && self.position(segment.parent).is_none() {
                return Err(format!("bridge {s} starts at no guard"));
            }
            for &r in &segment.code {
                let ins = self.get(r);
                for operand in self.operands(ins) {
                    self.check_use(&defined, r, operand)?;
                }
                if ins.op.is_guard() || matches!(ins.op, Op::Step | Op::CallAt | Op::CallFunction) {
                    let Some(snap) = self.snaps.get(ins.snap as usize) else {
                        return Err(format!("{r:?}: no snapshot"));
                    };
                    for (_, _, v) in snap.slots() {
                        self.check_use(&defined, r, v)?;
                    }
                }
                let expected = match ins.op {
                    Op::GuardInt | Op::GuardFloat | Op::GuardBool | Op::GuardIs => Some(Ty::Val),
                    Op::GuardTrue | Op::GuardFalse | Op::Not | Op::BToI | Op::BoxBool => {
                        Some(Ty::Bool)
                    }
                    Op::AddOv
                    | Op::SubOv
                    | Op::MulOv
                    | Op::ShlOv
                    | Op::Add
                    | Op::Sub
                    | Op::Mul
                    | Op::And
                    | Op::Or
                    | Op::Xor
                    | Op::Shr
                    | Op::Div
                    | Op::Mod
                    | Op::ICmp
                    | Op::IToF
                    | Op::BoxInt => Some(Ty::Int),
                    Op::FAdd
                    | Op::FSub
                    | Op::FMul
                    | Op::FDiv
                    | Op::FNeg
                    | Op::FAbs
                    | Op::FSqrt
                    | Op::FFloor
                    | Op::FCeil
                    | Op::FNearest
                    | Op::FToI
                    | Op::FCmp
                    | Op::BoxFloat => Some(Ty::Float),
                    _ => None,
                };
                if let Some(ty) = expected {
                    for operand in self.operands(ins) {
                        if self.ty(operand) != ty {
                            return Err(format!("{r:?}: operand {operand:?} is no {ty:?}"));
                        }
                    }
                }
                if ins.op == Op::Select
                    && (self.ty(ins.a) != Ty::Bool
                        || self.ty(ins.b) != ins.ty
                        || self.ty(ins.c) != ins.ty)
                {
                    return Err(format!("{r:?}: operands of other types"));
                }
                if ins.op == Op::Call {
                    let helper = self.helpers[ins.aux as usize];
                    let args = self.call_args(ins);
                    if args.len() != helper.args.len()
                        || args.iter().zip(helper.args).any(|(a, t)| self.ty(*a) != *t)
                    {
                        return Err(format!("{r:?}: wrong arguments for {}", helper.name));
                    }
                }
                if ins.op == Op::CallFunction {
                    let callee = &self.callees[ins.aux as usize];
                    let args = self.call_args(ins);
                    let args = &args[usize::from(callee.function == 0)..];
                    if args.len() != callee.params.len()
                        || args
                            .iter()
                            .zip(&callee.params)
                            .any(|(a, t)| self.ty(*a) != *t)
                    {
                        return Err(format!("{r:?}: wrong arguments for {}", callee.name));
                    }
                }
                defined[r.index()] = Some(s);
            }
            if let End::Return(v, _) = &segment.end
                && self.ty(*v) != Ty::Val
            {
                return Err(format!("segment {s} cannot return {v:?}"));
            }
            if let (End::Home(values, _), Some(home)) = (
                &segment.end,
                self.side.as_ref().and_then(|s| s.home.as_ref()),
            ) {
                for (v, (slot, ty)) in values.iter().zip(&home.params) {
                    if self.ty(*v) != *ty {
                        return Err(format!(
                            "segment {s}: the loop's slot {slot} gets another type"
                        ));
                    }
                }
            }
            if let End::Header(values, _) = &segment.end {
                for (v, (slot, param)) in values.iter().zip(&self.params) {
                    if self.ty(*v) != self.ty(*param) {
                        return Err(format!("segment {s}: slot {slot} gets another type"));
                    }
                }
            }
        }
        for (a, b) in &self.phis {
            if self.ty(*a) != self.ty(*b) {
                return Err(format!("phi {a:?}, {b:?} of different types"));
            }
        }
        Ok(())
    }

    fn check_use(&self, defined: &[Option<usize>], user: Ref, r: Ref) -> Result<(), String> {
        if r.index() >= self.ins.len() {
            return Err(format!("{user:?}: operand {r:?} does not exist"));
        }
        if !self.op(r).is_const() && defined[r.index()].is_none() {
            return Err(format!("{user:?}: operand {r:?} is not defined before"));
        }
        Ok(())
    }
}

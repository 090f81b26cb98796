//! Constant folding and algebra.
//!
//! ```text
//! before                              after
//! v1 = Mod.Int v0, 8                  v1 = And.Int v0, 7
//! v2 = ICmp.Bool {Lt} 3, v1           v2 = ICmp.Bool {Gt} v1, 3
//! GuardTrue true                      (nothing)
//! ```
//!
//! A guard of a constant that does not hold is a [`Contradiction`]. Floats are
//! folded only where the operation on constants is exactly the machine's.

use super::emit::{Contradiction, Emitted, Emitter};
use super::range;
use crate::ir::{Class, Cond, Ins, Mem, Op, Ref, Ty};
use taipan_runtime::Value;
use taipan_runtime::ops::arith::{floor_div, floor_mod};
use taipan_runtime::value::{INT_MAX, INT_MIN};

/// Items of a tuple that are fields of it to the optimiser.
const MAX_ITEM: i64 = 4096;

fn value(bits: u64) -> Option<Value> {
    // SAFETY: constants of traces are values that the tree keeps alive.
    (bits != 0).then(|| unsafe { Value::from_bits(bits) })
}

/// Whether dividing by `y` is multiplying by its reciprocal, to the last bit: it is a power of
/// two, and neither is subnormal.
fn has_exact_reciprocal(y: f64) -> bool {
    let mantissa = y.to_bits() & ((1 << 52) - 1);
    mantissa == 0 && y.is_normal() && (1.0 / y).is_normal()
}

impl Emitter {
    /// The value of the instruction, if it needs none; `ins` may be made cheaper.
    pub fn fold(&mut self, ins: &mut Ins) -> Emitted<Option<Ref>> {
        let (a, b) = (ins.a, ins.b);
        match ins.op {
            Op::GuardInt | Op::GuardFloat | Op::GuardBool => self.fold_unbox(ins),
            Op::GuardIs => {
                if a == b {
                    return Ok(Some(b));
                }
                if self.tree.as_bits(a).is_some() && self.tree.as_bits(b).is_some()
                    || self.tree.op(a) == Op::New
                {
                    return Err(Contradiction);
                }
                Ok(None)
            }
            Op::GuardShape => {
                match self.tree.op(a) {
                    Op::BoxInt | Op::BoxFloat | Op::BoxBool => return Err(Contradiction),
                    Op::KVal => match value(self.tree.get(a).aux).and_then(Value::header) {
                        None => return Err(Contradiction),
                        Some(h)
                            if !h.shape().has_attributes()
                                && h.shape().layout.kind != taipan_runtime::Kind::Instance =>
                        {
                            return if u64::from(h.shape_id()) == ins.aux {
                                Ok(Some(a))
                            } else {
                                Err(Contradiction)
                            };
                        }
                        Some(_) => {}
                    },
                    _ => {}
                }
                match self.memory.shape(a) {
                    Some(shape) if u64::from(shape) != ins.aux => Err(Contradiction),
                    _ => Ok(None),
                }
            }
            Op::GuardNonNull => match self.tree.op(a) {
                Op::BoxInt | Op::BoxFloat | Op::BoxBool | Op::New => Ok(Some(a)),
                Op::KVal | Op::KInt | Op::KPtr if self.tree.get(a).aux == 0 => Err(Contradiction),
                Op::KVal | Op::KInt | Op::KPtr => Ok(Some(a)),
                _ if self.memory.shape(a).is_some() => Ok(Some(a)),
                _ => Ok(None),
            },
            Op::GuardNull => match self.tree.op(a) {
                Op::BoxInt | Op::BoxFloat | Op::BoxBool | Op::New => Err(Contradiction),
                Op::KVal | Op::KInt | Op::KPtr if self.tree.get(a).aux == 0 => Ok(Some(a)),
                Op::KVal | Op::KInt | Op::KPtr => Err(Contradiction),
                _ => Ok(None),
            },
            Op::GuardTrue | Op::GuardFalse => {
                let wanted = ins.op == Op::GuardTrue;
                if let Some(k) = self.tree.as_bool(a) {
                    return if k == wanted {
                        Ok(Some(a))
                    } else {
                        Err(Contradiction)
                    };
                }
                if self.tree.op(a) == Op::Not {
                    ins.op = if wanted {
                        Op::GuardFalse
                    } else {
                        Op::GuardTrue
                    };
                    ins.a = self.tree.get(a).a;
                    return self.fold(ins);
                }
                Ok(None)
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
            | Op::Mod => self.fold_int(ins),
            Op::ICmp => self.fold_compare(ins),
            Op::FCmp => Ok(match (self.tree.as_float(a), self.tree.as_float(b)) {
                (Some(x), Some(y)) => {
                    use taipan_bytecode::opcode::CompareOp as C;
                    const OPS: [C; 6] = [C::Lt, C::Le, C::Eq, C::Ne, C::Gt, C::Ge];
                    let holds = taipan_runtime::ops::compare::floats(OPS[ins.aux as usize], x, y);
                    Some(self.tree.bool(holds))
                }
                _ => None,
            }),
            Op::Same => Ok(self.fold_same(a, b)),
            Op::Not => Ok(match self.tree.as_bool(a) {
                Some(k) => Some(self.tree.bool(!k)),
                None if self.tree.op(a) == Op::Not => Some(self.tree.get(a).a),
                None if self.tree.op(a) == Op::ICmp => {
                    let inner = *self.tree.get(a);
                    match Cond::from_aux(inner.aux).negated() {
                        Some(c) => Some(self.emit(inner.aux(c as u64))?),
                        None => None,
                    }
                }
                None => None,
            }),
            Op::FAdd | Op::FSub | Op::FMul | Op::FDiv => {
                Ok(match (self.tree.as_float(a), self.tree.as_float(b)) {
                    (Some(x), Some(y)) => {
                        let f = match ins.op {
                            Op::FAdd => x + y,
                            Op::FSub => x - y,
                            Op::FMul => x * y,
                            _ => x / y,
                        };
                        (!f.is_nan()).then(|| self.tree.float(f))
                    }
                    (None, Some(y)) if ins.op == Op::FDiv && has_exact_reciprocal(y) => {
                        ins.op = Op::FMul;
                        ins.b = self.tree.float(1.0 / y);
                        None
                    }
                    _ => None,
                })
            }
            Op::FNeg | Op::FAbs => Ok(self.tree.as_float(a).map(|x| {
                let f = if ins.op == Op::FNeg { -x } else { x.abs() };
                self.tree.float(f)
            })),
            Op::Select => Ok(match self.tree.as_bool(a) {
                Some(true) => Some(b),
                Some(false) => Some(ins.c),
                None if b == ins.c => Some(b),
                None => None,
            }),
            Op::IToF => Ok(self.tree.as_int(a).map(|i| self.tree.float(i as f64))),
            Op::BToI => Ok(self.tree.as_bool(a).map(|k| self.tree.int(k.into()))),
            Op::BoxInt => Ok(match self.tree.as_int(a).and_then(Value::try_int) {
                Some(v) => Some(self.tree.val(v.bits())),
                None => match self.unboxed_from(a, Op::GuardInt) {
                    Some(r) => Some(r),
                    None => {
                        let (low, high) = self.range(a);
                        ins.aux = u64::from(low >= INT_MIN && high <= INT_MAX);
                        None
                    }
                },
            }),
            Op::BoxFloat => Ok(match self.tree.as_float(a) {
                Some(f) => Some(self.tree.val(Value::float(f).bits())),
                None => self.unboxed_from(a, Op::GuardFloat),
            }),
            Op::BoxBool => Ok(match self.tree.as_bool(a) {
                Some(k) => Some(self.tree.val(Value::bool(k).bits())),
                None => self.unboxed_from(a, Op::GuardBool),
            }),
            Op::LoadIdx => {
                // An item of a tuple at a constant index is a field, whose store may be known.
                let m = Mem::from_aux(ins.aux);
                let index = self.tree.as_int(b).filter(|i| (0..MAX_ITEM).contains(i));
                if let Some(index) = index.filter(|_| m.class == Class::Const && m.size == 8) {
                    let offset = m.offset as usize + 8 * index as usize;
                    *ins = Ins::new(Op::Load, ins.ty)
                        .a(a)
                        .aux(Mem::new(m.class, 8, offset).aux());
                    return self.fold(ins);
                }
                Ok(None)
            }
            Op::Load => Ok(self.fold_load(ins)),
            _ => Ok(None),
        }
    }

    /// What `r` was unboxed from.
    fn unboxed_from(&self, r: Ref, by: Op) -> Option<Ref> {
        (self.tree.op(r) == by).then(|| self.tree.get(r).a)
    }

    fn fold_unbox(&mut self, ins: &Ins) -> Emitted<Option<Ref>> {
        let source = *self.tree.get(ins.a);
        let wanted = match ins.op {
            Op::GuardInt => Op::BoxInt,
            Op::GuardFloat => Op::BoxFloat,
            _ => Op::BoxBool,
        };
        match source.op {
            Op::BoxInt | Op::BoxFloat | Op::BoxBool if source.op == wanted => Ok(Some(source.a)),
            Op::BoxInt | Op::BoxFloat | Op::BoxBool => Err(Contradiction),
            Op::KVal => {
                let v = value(source.aux).ok_or(Contradiction)?;
                match ins.op {
                    Op::GuardInt => v.as_int().map(|i| self.tree.int(i)),
                    Op::GuardFloat => v.as_float().map(|f| self.tree.float(f)),
                    _ => v.is_bool().then(|| self.tree.bool(v == Value::TRUE)),
                }
                .map(Some)
                .ok_or(Contradiction)
            }
            _ if self.memory.shape(ins.a).is_some() => Err(Contradiction),
            _ => Ok(None),
        }
    }

    fn fold_int(&mut self, ins: &mut Ins) -> Emitted<Option<Ref>> {
        use Op::*;
        if matches!(ins.op, AddOv | MulOv | Add | Mul | And | Or | Xor)
            && self.tree.as_int(ins.a).is_some()
            && self.tree.as_int(ins.b).is_none()
        {
            std::mem::swap(&mut ins.a, &mut ins.b);
        }
        let (a, b) = (ins.a, ins.b);
        let (x, y) = (self.tree.as_int(a), self.tree.as_int(b));
        if let (Some(x), Some(y)) = (x, y) {
            let result = match ins.op {
                AddOv => x.checked_add(y),
                SubOv => x.checked_sub(y),
                MulOv => x.checked_mul(y),
                ShlOv => x.checked_shl(y as u32).filter(|r| r >> y == x),
                Add => Some(x.wrapping_add(y)),
                Sub => Some(x.wrapping_sub(y)),
                Mul => Some(x.wrapping_mul(y)),
                And => Some(x & y),
                Or => Some(x | y),
                Xor => Some(x ^ y),
                Shr => Some(x >> y),
                Div => Some(floor_div(x, y)),
                _ => Some(floor_mod(x, y)),
            };
            // An overflow of constants is left to the guard.
            return Ok(result.map(|i| self.tree.int(i)));
        }
        match (ins.op, y) {
            (AddOv | SubOv | Add | Sub | Or | Xor | Shr | ShlOv, Some(0))
            | (MulOv | Mul | Div, Some(1))
            | (And, Some(-1)) => return Ok(Some(a)),
            (MulOv | Mul | And, Some(0)) => return Ok(Some(b)),
            (Mod, Some(1)) => return Ok(Some(self.tree.int(0))),
            (Mod, Some(m)) if m > 0 && m & (m - 1) == 0 => {
                ins.op = And;
                ins.b = self.tree.int(m - 1);
            }
            (Div, Some(m)) if m > 0 && m & (m - 1) == 0 => {
                ins.op = Shr;
                ins.b = self.tree.int(m.trailing_zeros().into());
            }
            // (v + k1) + k2, where no overflow is looked for. What the loop carries is left: `v`
            // would have to be carried beside the sum.
            (Add, Some(k))
                if self.tree.op(a) == Add && !(self.in_body && self.tree.is_variant(a)) =>
            {
                let inner = *self.tree.get(a);
                if let Some(k1) = self.tree.as_int(inner.b) {
                    ins.a = inner.a;
                    ins.b = self.tree.int(k1.wrapping_add(k));
                }
            }
            _ => {}
        }
        if a == b {
            match ins.op {
                Sub | SubOv | Xor => return Ok(Some(self.tree.int(0))),
                And | Or => return Ok(Some(a)),
                _ => {}
            }
        }
        if let (ShlOv, Some(k @ 0..=62)) = (ins.op, y)
            && range::mul_fits(self.range(a), (1 << k, 1 << k))
        {
            ins.op = Mul;
            ins.b = self.tree.int(1 << k);
            ins.snap = crate::ir::NO_SNAP;
        }
        if matches!(ins.op, Div | Mod) && self.range(ins.a).0 >= 0 && self.range(ins.b).0 > 0 {
            ins.aux = crate::ir::NATURAL;
        }
        let fits = match ins.op {
            AddOv => range::add_fits(self.range(a), self.range(b)).then_some(Add),
            SubOv => range::sub_fits(self.range(a), self.range(b)).then_some(Sub),
            MulOv => range::mul_fits(self.range(a), self.range(b)).then_some(Mul),
            _ => None,
        };
        if let Some(op) = fits {
            ins.op = op;
            ins.snap = crate::ir::NO_SNAP;
        }
        Ok(None)
    }

    fn fold_compare(&mut self, ins: &mut Ins) -> Emitted<Option<Ref>> {
        let mut cond = Cond::from_aux(ins.aux);
        if self.tree.as_int(ins.a).is_some()
            && self.tree.as_int(ins.b).is_none()
            && cond != Cond::Below
        {
            std::mem::swap(&mut ins.a, &mut ins.b);
            cond = cond.swapped();
            ins.aux = cond as u64;
        }
        let (a, b) = (ins.a, ins.b);
        if let (Some(x), Some(y)) = (self.tree.as_int(a), self.tree.as_int(b)) {
            return Ok(Some(self.tree.bool(cond.holds(x, y))));
        }
        if a == b {
            return Ok(Some(self.tree.bool(cond.holds(0, 0))));
        }
        let ((low, high), (low2, high2)) = (self.range(a), self.range(b));
        let known = match cond {
            Cond::Lt if high < low2 => Some(true),
            Cond::Lt if low >= high2 => Some(false),
            Cond::Le if high <= low2 => Some(true),
            Cond::Le if low > high2 => Some(false),
            Cond::Gt if low > high2 => Some(true),
            Cond::Gt if high <= low2 => Some(false),
            Cond::Ge if low >= high2 => Some(true),
            Cond::Ge if high < low2 => Some(false),
            Cond::Eq if high < low2 || low > high2 => Some(false),
            Cond::Ne if high < low2 || low > high2 => Some(true),
            _ => None,
        };
        Ok(known.map(|k| self.tree.bool(k)))
    }

    fn fold_same(&mut self, a: Ref, b: Ref) -> Option<Ref> {
        if a == b {
            return Some(self.tree.bool(true));
        }
        let is_box = |op| matches!(op, Op::BoxInt | Op::BoxFloat | Op::BoxBool);
        let (x, y) = (*self.tree.get(a), *self.tree.get(b));
        let differ = match (x.op, y.op) {
            (Op::KVal, Op::KVal) => true,
            (p, q) if is_box(p) && is_box(q) => p != q,
            (Op::New, _) | (_, Op::New) if self.memory.different(&self.tree, a, b) => true,
            (p, Op::KVal) if is_box(p) => match value(y.aux) {
                Some(v) => match p {
                    Op::BoxInt => !v.is_int() && !v.is_object(),
                    Op::BoxFloat => !v.is_float(),
                    _ => !v.is_bool(),
                },
                None => true,
            },
            (Op::KVal, q) if is_box(q) => return self.fold_same(b, a),
            (_, Op::KVal) => {
                value(y.aux).is_none_or(|v| !v.is_object()) && self.memory.shape(a).is_some()
            }
            (Op::KVal, _) => return self.fold_same(b, a),
            _ => match (self.memory.shape(a), self.memory.shape(b)) {
                (Some(s), Some(t)) => s != t,
                _ => false,
            },
        };
        differ.then(|| self.tree.bool(false))
    }

    /// Memory that never changes, of a constant object.
    fn fold_load(&mut self, ins: &Ins) -> Option<Ref> {
        let m = Mem::from_aux(ins.aux);
        let base = self.tree.as_bits(ins.a)?;
        if m.class != Class::Const || base < 4096 {
            return None;
        }
        let address = (base as i64 + i64::from(m.offset)) as usize;
        // SAFETY: a field of a live object that the tree keeps alive.
        let bits = unsafe {
            match m.size {
                1 => u64::from(*(address as *const u8)),
                4 => u64::from(*(address as *const u32)),
                _ => *(address as *const u64),
            }
        };
        Some(match ins.ty {
            Ty::Int => self.tree.int(bits as i64),
            Ty::Val => self.tree.val(bits),
            Ty::Ptr => self.tree.ptr(bits as usize),
            _ => return None,
        })
    }
}

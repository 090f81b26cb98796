//! Ranges of integers, to drop overflow checks.
//!
//! ```text
//! before                              after
//! v1 = GuardInt.Int v0                v1 = GuardInt.Int v0
//! v2 = AddOv.Int v1, 1 [s0]           v2 = Add.Int v1, 1
//! v3 = ICmp.Bool {Gt} v1, 0           v3 = ICmp.Bool {Gt} v1, 0
//! GuardTrue v3                        GuardTrue v3
//! v4 = Mod.Int 1000, v1               v4 = Mod.Int {natural} 1000, v1
//! ```
//!
//! The range of a value follows from the instruction that made it, and from comparisons
//! with constants that guards have tested, which are tested in every iteration. In the loop's
//! body a value of the preamble that varies stands for its value in every
//! iteration, of which its instruction tells only what holds for any operands:
//! that of the other iterations is a copy of it.

use super::emit::Emitter;
use crate::ir::{Class, Cond, Ins, Mem, Op, Ref, Tree};
use taipan_runtime::value::{INT_MAX, INT_MIN};

/// Smallest and largest possible value.
pub type Range = (i64, i64);

/// Of the lengths of containers.
const LENGTH: Range = (0, 1 << 47);
pub(super) const FULL: Range = (i64::MIN, i64::MAX);
/// How far definitions are followed.
const DEPTH: u32 = 8;

impl Emitter {
    /// The range of an integer.
    pub fn range(&self, r: Ref) -> Range {
        self.range_to(r, DEPTH)
    }

    fn range_to(&self, r: Ref, depth: u32) -> Range {
        let (low, high) = self.range_made(r, depth);
        match self.bounds.get(&r) {
            Some((least, most)) => (low.max(*least), high.min(*most)),
            None => (low, high),
        }
    }

    /// Learns from the condition of a guard what is known of the integers compared. Only what
    /// holds of a comparison's copies, too: so nothing of another's range, unless it is a length.
    pub(super) fn observe_comparison(&mut self, condition: Ref, holds: bool) {
        let ins = *self.tree.get(condition);
        if ins.op != Op::ICmp {
            return;
        }
        let cond = match (Cond::from_aux(ins.aux), holds) {
            (cond, true) => cond,
            (cond, false) => match cond.negated() {
                Some(cond) => cond,
                None => return,
            },
        };
        let bound = match (cond, self.tree.as_int(ins.b)) {
            (Cond::Below, Some(k @ 1..)) => (0, k - 1),
            (Cond::Below, None) if self.is_length(ins.b) => (0, LENGTH.1 - 1),
            (Cond::Lt, Some(k)) => (i64::MIN, k.saturating_sub(1)),
            (Cond::Le, Some(k)) => (i64::MIN, k),
            (Cond::Gt, Some(k)) => (k.saturating_add(1), i64::MAX),
            (Cond::Ge, Some(k)) => (k, i64::MAX),
            (Cond::Eq, Some(k)) => (k, k),
            _ => return,
        };
        let known = self.bounds.entry(ins.a).or_insert(FULL);
        *known = (known.0.max(bound.0), known.1.min(bound.1));
    }

    /// Whether an integer is the length of a container, wherever it comes from.
    fn is_length(&self, r: Ref) -> bool {
        let ins = self.tree.get(r);
        ins.op == Op::Load && is_length(Mem::from_aux(ins.aux))
    }

    fn range_made(&self, r: Ref, depth: u32) -> Range {
        let tree = &self.tree;
        if let Some(k) = tree.as_int(r) {
            return (k, k);
        }
        let ins = tree.get(r);
        if self.in_body && tree.is_variant(r) {
            return always(tree, ins);
        }
        if depth == 0 {
            return FULL;
        }
        let of = |r| self.range_to(r, depth - 1);
        match ins.op {
            Op::GuardInt => (INT_MIN, INT_MAX),
            Op::BToI => (0, 1),
            Op::Select => {
                let ((low, high), (low2, high2)) = (of(ins.b), of(ins.c));
                (low.min(low2), high.max(high2))
            }
            Op::Add | Op::AddOv => add(of(ins.a), of(ins.b)),
            Op::Sub | Op::SubOv => {
                let (low, high) = of(ins.b);
                let negative = (
                    high.checked_neg().unwrap_or(i64::MAX),
                    low.checked_neg().unwrap_or(i64::MAX),
                );
                if low == i64::MIN {
                    FULL
                } else {
                    add(of(ins.a), negative)
                }
            }
            Op::Mul | Op::MulOv => mul(of(ins.a), of(ins.b)).unwrap_or(FULL),
            Op::And => match (of(ins.a), of(ins.b)) {
                ((0.., high), (0.., high2)) => (0, high.min(high2)),
                ((0.., high), _) | (_, (0.., high)) => (0, high),
                _ => FULL,
            },
            Op::Or | Op::Xor => match (of(ins.a), of(ins.b)) {
                ((0.., high), (0.., high2)) => (0, ones_to(high.max(high2))),
                _ => FULL,
            },
            Op::Shr => match (of(ins.a), tree.as_int(ins.b)) {
                ((low, high), Some(k)) => (low >> k, high >> k),
                _ => FULL,
            },
            Op::Mod => match of(ins.b) {
                (1.., high) => (0, high - 1),
                _ => FULL,
            },
            Op::Div => match (of(ins.a), of(ins.b)) {
                ((0.., high), (1.., _)) => (0, high),
                _ => FULL,
            },
            Op::LoadIdx => narrow(ins),
            Op::Load => {
                let m = Mem::from_aux(ins.aux);
                match (m.size, m.class) {
                    (1 | 2 | 4, _) => narrow(ins),
                    (_, Class::Iter) => (INT_MIN, INT_MAX),
                    _ if is_length(m) => LENGTH,
                    _ => FULL,
                }
            }
            _ => FULL,
        }
    }
}

/// The range of an instruction's result whatever its operands, constants aside: that of all
/// its copies.
fn always(tree: &Tree, ins: &Ins) -> Range {
    let constant = |r: Ref| tree.as_int(r).filter(|k| *k >= 0);
    match ins.op {
        Op::And => match constant(ins.b).or(constant(ins.a)) {
            Some(k) => (0, k),
            None => FULL,
        },
        Op::Mod => match constant(ins.b) {
            Some(k @ 1..) => (0, k - 1),
            _ => FULL,
        },
        Op::Shr => match constant(ins.b) {
            Some(k) => (i64::MIN >> k, i64::MAX >> k),
            None => FULL,
        },
        Op::BToI => (0, 1),
        Op::Load | Op::LoadIdx => narrow(ins),
        _ => FULL,
    }
}

/// Whether memory holds a length: the words of containers and of what never changes that are
/// integers.
fn is_length(m: Mem) -> bool {
    m.size == 8 && matches!(m.class, Class::List | Class::Const | Class::Set)
}

/// What a load of a word of this size gives.
fn narrow(ins: &Ins) -> Range {
    match Mem::from_aux(ins.aux).size {
        size @ (1 | 2 | 4) => (0, (1 << (8 * size)) - 1),
        _ => FULL,
    }
}

/// The number whose bits are all ones up to the highest one of `n`, which is not negative.
fn ones_to(n: i64) -> i64 {
    match n {
        0 => 0,
        n => i64::MAX >> (n.leading_zeros() - 1),
    }
}

/// The sum of two ranges; full if a bound would overflow.
fn add(a: Range, b: Range) -> Range {
    match (a.0.checked_add(b.0), a.1.checked_add(b.1)) {
        (Some(low), Some(high)) => (low, high),
        _ => FULL,
    }
}

fn mul(a: Range, b: Range) -> Option<Range> {
    let products = [
        a.0.checked_mul(b.0)?,
        a.0.checked_mul(b.1)?,
        a.1.checked_mul(b.0)?,
        a.1.checked_mul(b.1)?,
    ];
    Some((*products.iter().min()?, *products.iter().max()?))
}

/// Whether the sum of two ranges cannot overflow.
pub fn add_fits(a: Range, b: Range) -> bool {
    a.0.checked_add(b.0).is_some() && a.1.checked_add(b.1).is_some()
}

/// Whether the difference of two ranges cannot overflow.
pub fn sub_fits(a: Range, b: Range) -> bool {
    a.0.checked_sub(b.1).is_some() && a.1.checked_sub(b.0).is_some()
}

/// Whether the product of two ranges cannot overflow.
pub fn mul_fits(a: Range, b: Range) -> bool {
    mul(a, b).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every rule on every pair of small ranges contains every result.
    #[test]
    fn sums_and_products_lie_within_their_ranges() {
        for a in -4..4i64 {
            for b in a..4 {
                for c in -4..4i64 {
                    for d in c..4 {
                        let (sum, product) = (add((a, b), (c, d)), mul((a, b), (c, d)).unwrap());
                        for x in a..=b {
                            for y in c..=d {
                                assert!(sum.0 <= x + y && x + y <= sum.1);
                                assert!(product.0 <= x * y && x * y <= product.1);
                            }
                        }
                    }
                }
            }
        }
        assert!(!add_fits((0, i64::MAX), (0, 1)));
        assert!(!sub_fits((i64::MIN, 0), (0, 1)));
        assert!(!mul_fits((0, i64::MAX), (0, 2)));
    }
}

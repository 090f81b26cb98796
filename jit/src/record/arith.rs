//! Operators and comparisons.

use super::stack::{Num, exact_shape};
use super::{Recorded, Recorder, Stop};
use crate::backend::{helpers, leaves};
use crate::ir::{Class, Cond, Helper, Ins, Mem, Op, Ref, Ty};
use taipan_bytecode::opcode::{BinaryOp, CompareOp, Intrinsic1, Op as Bytecode};
use taipan_runtime::ops::arith::plain;
use taipan_runtime::types::complex::Complex;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Value, Vm};

pub(crate) const COMPLEX_RE: Mem = Mem::new(Class::Const, 8, std::mem::offset_of!(Complex, re));
pub(crate) const COMPLEX_IM: Mem = Mem::new(Class::Const, 8, std::mem::offset_of!(Complex, im));

const EXACT: i64 = 1 << 53;

impl Recorder {
    pub(crate) fn binary_op(&mut self, vm: &Vm, arg: usize) -> Recorded {
        // SAFETY: the compiler's arguments are operators.
        let full: BinaryOp = unsafe { std::mem::transmute(arg as u8) };
        let units = 1 + Bytecode::BINARY_OP.caches();
        let (a, b) = (self.peek(2)?, self.peek(1)?);
        let (x, y) = (self.actual(2), self.actual(1));
        if self.failing_binary(vm, full, (a, b), (x, y))? {
            return Ok(());
        }
        if full == BinaryOp::Subscr {
            return self.subscript(vm, units);
        }
        let op = plain(full);
        if let Some(r) = self.number_binary(op, (a, b), (x, y))? {
            return self.result(2, r, units);
        }
        let str_shape = vm.shapes.str.get().id();
        if op == BinaryOp::Add
            && let (Some(h), Some(k)) =
                (exact_shape(vm, x, str_shape), exact_shape(vm, y, str_shape))
        {
            self.guard_shape(a, h)?;
            self.guard_shape(b, k)?;
            let r = match self.known_concat(vm, a, b) {
                Some(sum) => sum,
                None => self.call_plain(&helpers::STR_CONCAT, &[a, b])?,
            };
            return self.result(2, r, units);
        }
        if let Some(r) = self.complex_binary(vm, op, (a, b), (x, y))? {
            return self.result(2, r, units);
        }
        if let Some(r) = self.list_binary(vm, full, (a, b), (x, y))? {
            return self.result(2, r, units);
        }
        if let Some(r) = self.set_binary(vm, full, (a, b), (x, y))? {
            return self.result(2, r, units);
        }
        if let (Some(v), Some(w)) = (x, y)
            && leaves::is_simple_binary(vm, if vm.is_simple(v) { op } else { full }, v, w)
        {
            let code = self.e.tree.int(arg as i64);
            let r = self.call_plain(&leaves::BINARY_SIMPLE, &[code, a, b])?;
            return self.result(2, r, units);
        }
        if let Some(r) = self.native_binary(vm, full, (a, b), (x, y))? {
            return self.result(2, r, units);
        }
        if self.inline_binary(vm, full, units)? {
            return Ok(());
        }
        let code = self.e.tree.int(arg as i64);
        let r = self.call_any(&helpers::BINARY, &[code, a, b])?;
        self.result(2, r, units)
    }

    /// An operator of two numbers that fit registers; none if they do not, or the operator is not computed in line.
    pub(super) fn number_binary(
        &mut self,
        op: BinaryOp,
        (a, b): (Ref, Ref),
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<Option<Ref>> {
        let is_number = |v: Option<Value>, r: Ref, s: &Self| {
            s.is_unboxed(s.e.resolve(r))
                || v.is_some_and(|v| v.is_int() || v.is_float() || v.is_bool())
        };
        if !is_number(x, a, self) || !is_number(y, b, self) {
            return Ok(None);
        }
        let (Some(m), Some(n)) = (self.num(a, x)?, self.num(b, y)?) else {
            return Err(Stop::Abort("no number"));
        };
        match (m, n) {
            (Num::Float(_), _) | (_, Num::Float(_)) => self.float_op(op, m, n, (x, y)),
            (Num::Bool(_), Num::Bool(_))
                if matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Xor) =>
            {
                Ok(None)
            }
            _ => self.int_op(op, m, n, x, y),
        }
    }

    pub(super) fn as_int_ref(&mut self, n: Num) -> Recorded<Ref> {
        Ok(match n {
            Num::Int(r) | Num::Float(r) => r,
            Num::Bool(r) => self.e.op1(Op::BToI, Ty::Int, r)?,
        })
    }

    /// A number as a float.
    pub(crate) fn as_float_ref(&mut self, n: Num) -> Recorded<Ref> {
        Ok(match n {
            Num::Float(r) => r,
            _ => {
                let i = self.as_int_ref(n)?;
                self.e.op1(Op::IToF, Ty::Float, i)?
            }
        })
    }

    fn guarded2(&mut self, op: Op, a: Ref, b: Ref) -> Recorded<Ref> {
        let snap = self.snap();
        Ok(self.e.emit(Ins::new(op, Ty::Int).a(a).b(b).snap(snap))?)
    }

    pub(super) fn int_op(
        &mut self,
        op: BinaryOp,
        m: Num,
        n: Num,
        x: Option<Value>,
        y: Option<Value>,
    ) -> Recorded<Option<Ref>> {
        let (a, b) = (self.as_int_ref(m)?, self.as_int_ref(n)?);
        let immediate = |v: Option<Value>| match v {
            Some(v) if v.is_bool() => Some(i64::from(v == Value::TRUE)),
            Some(v) => v.as_int(),
            None => None,
        };
        // What only operands beyond the immediate range lead to is left to the interpreter.
        let (Some(_), Some(j)) = (immediate(x), immediate(y)) else {
            return Ok(match op {
                BinaryOp::Add => Some(self.guarded2(Op::AddOv, a, b)?),
                BinaryOp::Subtract => Some(self.guarded2(Op::SubOv, a, b)?),
                BinaryOp::And => Some(self.e.op2(Op::And, Ty::Int, a, b)?),
                BinaryOp::Or => Some(self.e.op2(Op::Or, Ty::Int, a, b)?),
                BinaryOp::Xor => Some(self.e.op2(Op::Xor, Ty::Int, a, b)?),
                _ => None,
            });
        };
        Ok(Some(match op {
            BinaryOp::Add => self.guarded2(Op::AddOv, a, b)?,
            BinaryOp::Subtract => self.guarded2(Op::SubOv, a, b)?,
            BinaryOp::Multiply => {
                let i = immediate(x).unwrap_or(0);
                if i.checked_mul(j).is_none() {
                    return Ok(None);
                }
                self.guarded2(Op::MulOv, a, b)?
            }
            BinaryOp::And => self.e.op2(Op::And, Ty::Int, a, b)?,
            BinaryOp::Or => self.e.op2(Op::Or, Ty::Int, a, b)?,
            BinaryOp::Xor => self.e.op2(Op::Xor, Ty::Int, a, b)?,
            BinaryOp::FloorDivide | BinaryOp::Remainder => {
                if j == 0 || j == -1 {
                    return Ok(None);
                }
                let (bound, cond) = if j > 0 { (0, Cond::Gt) } else { (-1, Cond::Lt) };
                let bound = self.e.tree.int(bound);
                let ok = self.icmp(cond, b, bound)?;
                self.guard_true(ok)?;
                let op = if op == BinaryOp::FloorDivide {
                    Op::Div
                } else {
                    Op::Mod
                };
                self.e.op2(op, Ty::Int, a, b)?
            }
            BinaryOp::LShift if (0..=62).contains(&j) => {
                let i = immediate(x).unwrap_or(0);
                if i << j >> j != i {
                    return Ok(None);
                }
                let limit = self.e.tree.int(63);
                let ok = self.icmp(Cond::Below, b, limit)?;
                self.guard_true(ok)?;
                self.guarded2(Op::ShlOv, a, b)?
            }
            BinaryOp::RShift if (0..=63).contains(&j) => {
                let limit = self.e.tree.int(64);
                let ok = self.icmp(Cond::Below, b, limit)?;
                self.guard_true(ok)?;
                self.e.op2(Op::Shr, Ty::Int, a, b)?
            }
            BinaryOp::TrueDivide if j != 0 => {
                self.guard_exact(a)?;
                self.guard_exact(b)?;
                let zero = self.e.tree.int(0);
                let ok = self.icmp(Cond::Ne, b, zero)?;
                self.guard_true(ok)?;
                let p = self.e.op1(Op::IToF, Ty::Float, a)?;
                let q = self.e.op1(Op::IToF, Ty::Float, b)?;
                self.e.op2(Op::FDiv, Ty::Float, p, q)?
            }
            BinaryOp::Power if j == 2 && self.e.tree.as_int(b) == Some(2) => {
                self.guarded2(Op::MulOv, a, a)?
            }
            _ => return Ok(None),
        }))
    }

    /// Guards that a float can hold the integer exactly.
    fn guard_exact(&mut self, i: Ref) -> Recorded {
        self.guard_between(i, 1 - EXACT, EXACT - 1)
    }

    /// Guards that an integer is neither below `low` nor above `high`.
    pub(crate) fn guard_between(&mut self, i: Ref, low: i64, high: i64) -> Recorded {
        let (least, most) = self.e.range(i);
        if least >= low && most <= high {
            return Ok(());
        }
        // The comparison is of words without a sign.
        let count = (high - low).wrapping_add(1);
        let (offset, count) = (self.e.tree.int(-low), self.e.tree.int(count));
        let shifted = self.e.op2(Op::Add, Ty::Int, i, offset)?;
        let ok = self.icmp(Cond::Below, shifted, count)?;
        self.guard_true(ok)
    }

    /// `a ** b`, of which `x` is the base now. What is positive, and what has a positive whole
    /// number for exponent, can do no more than grow too large.
    fn float_power(&mut self, a: Ref, b: Ref, x: Option<Value>) -> Recorded<Ref> {
        let exponent = self.e.tree.get(self.e.resolve(b));
        let is_whole = exponent.op == Op::KFloat && {
            let b = f64::from_bits(exponent.aux);
            b > 0.0 && b.fract() == 0.0
        };
        let is_positive = x.is_some_and(|x| match x.as_float() {
            Some(x) => x > 0.0,
            None => x.as_int().is_some_and(|x| x > 0),
        });
        if !is_whole && !is_positive {
            return self.call_plain(&helpers::FLOAT_POW, &[a, b]);
        }
        let zero = self.e.tree.float(0.0);
        if !is_whole {
            let positive = self.fcmp(Cond::Gt, a, zero)?;
            self.guard_true(positive)?;
        }
        let power = self.call_plain(&helpers::FLOAT_POW_FINITE, &[a, b])?;
        // Zero for all that is finite.
        let nothing = self.e.op2(Op::FSub, Ty::Float, power, power)?;
        let finite = self.fcmp(Cond::Eq, nothing, zero)?;
        self.guard_true(finite)?;
        Ok(power)
    }

    fn float_op(
        &mut self,
        op: BinaryOp,
        m: Num,
        n: Num,
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<Option<Ref>> {
        let simple = match op {
            BinaryOp::Add => Some(Op::FAdd),
            BinaryOp::Subtract => Some(Op::FSub),
            BinaryOp::Multiply => Some(Op::FMul),
            BinaryOp::TrueDivide => Some(Op::FDiv),
            BinaryOp::FloorDivide | BinaryOp::Remainder | BinaryOp::Power => None,
            _ => return Ok(None),
        };
        // Conversion of what does not fit 64 bits may raise; what fits converts as in Python.
        let (a, b) = (self.as_float_ref(m)?, self.as_float_ref(n)?);
        if op == BinaryOp::Power {
            return self.float_power(a, b, x).map(Some);
        }
        if !matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply) {
            let nonzero = match y {
                Some(v) if v.is_float() => v.float_unchecked() != 0.0,
                Some(v) if v.is_bool() => v == Value::TRUE,
                Some(v) => v.as_int() != Some(0),
                None => false,
            };
            if !nonzero {
                return Ok(None);
            }
            let zero = self.e.tree.float(0.0);
            let ok = self.fcmp(Cond::Ne, b, zero)?;
            self.guard_true(ok)?;
        }
        Ok(Some(match (simple, op) {
            (Some(op), _) => self.e.op2(op, Ty::Float, a, b)?,
            (None, BinaryOp::FloorDivide) => self.call_plain(&helpers::FLOAT_FLOOR_DIV, &[a, b])?,
            _ => self.call_plain(&helpers::FLOAT_MOD, &[a, b])?,
        }))
    }

    pub(crate) fn unary(&mut self, vm: &Vm, op: Bytecode) -> Recorded {
        let r = self.peek(1)?;
        if self.inline_unary(vm, op)? {
            return Ok(());
        }
        let v = match (self.num(r, self.actual(1))?, op) {
            (Some(Num::Int(i)), Bytecode::UNARY_NEGATIVE) => {
                let zero = self.e.tree.int(0);
                self.guarded2(Op::SubOv, zero, i)?
            }
            (Some(Num::Float(f)), Bytecode::UNARY_NEGATIVE) => {
                self.e.op1(Op::FNeg, Ty::Float, f)?
            }
            (Some(Num::Int(i)), Bytecode::UNARY_INVERT) => {
                let ones = self.e.tree.int(-1);
                self.e.op2(Op::Xor, Ty::Int, i, ones)?
            }
            (None, Bytecode::UNARY_NEGATIVE) => {
                match self.complex_negated(vm, r, self.actual(1), true)? {
                    Some(z) => z,
                    None => return self.step(op, 1),
                }
            }
            _ => return self.step(op, 1),
        };
        self.result(1, v, 1)
    }

    /// `CALL_INTRINSIC_1`: `+x`, and the tuple of a display with stars.
    pub(crate) fn intrinsic(&mut self, vm: &Vm, which: usize) -> Recorded {
        let r = self.peek(1)?;
        let actual = self.actual(1);
        let op = Bytecode::CALL_INTRINSIC_1;
        if which == Intrinsic1::UnaryPositive as usize {
            let complex = exact_shape(vm, actual, vm.shapes.complex.get().id());
            let v = match (self.num(r, actual)?, complex) {
                // A float as it is, a bool as an integer.
                (Some(n), _) => self.as_int_ref(n)?,
                (None, Some(h)) => {
                    self.guard_shape(r, h)?;
                    r
                }
                (None, None) => return self.step(op, 1),
            };
            return self.result(1, v, 1);
        }
        if which == Intrinsic1::ListToTuple as usize {
            if let Some(count) = self.known_length(r)? {
                let items = self.items_of_list(r, count)?;
                let r = self.tuple_of(vm, &items)?;
                return self.result(1, r, 1);
            }
            let r = self.call_plain(&leaves::TUPLE_OF_LIST, &[r])?;
            self.e.memory.set_shape(r, vm.shapes.tuple.get().id());
            return self.result(1, r, 1);
        }
        self.step(op, 1)
    }

    pub(crate) fn compare_op(&mut self, vm: &Vm, arg: usize) -> Recorded {
        // SAFETY: the compiler's arguments are comparisons.
        let op: CompareOp = unsafe { std::mem::transmute((arg >> 5) as u8) };
        let units = 1 + Bytecode::COMPARE_OP.caches();
        let (a, b) = (self.peek(2)?, self.peek(1)?);
        let (x, y) = (self.actual(2), self.actual(1));
        let numbers = |v: Option<Value>, r: Ref, s: &Self| {
            s.is_unboxed(s.e.resolve(r))
                || v.is_some_and(|v| v.is_int() || v.is_float() || v.is_bool())
        };
        if numbers(x, a, self) && numbers(y, b, self) {
            let (Some(m), Some(n)) = (self.num(a, x)?, self.num(b, y)?) else {
                return Err(Stop::Abort("no number"));
            };
            let float = matches!(m, Num::Float(_)) || matches!(n, Num::Float(_));
            let r = if float {
                // An integer is compared exactly, which conversion keeps if it is exact.
                for n in [m, n] {
                    if let Num::Int(i) = n {
                        self.guard_exact(i)?;
                    }
                }
                let (a, b) = (self.as_float_ref(m)?, self.as_float_ref(n)?);
                self.fcmp(Cond::from_aux(op as u64), a, b)?
            } else {
                let (a, b) = (self.as_int_ref(m)?, self.as_int_ref(n)?);
                self.icmp(Cond::from_aux(op as u64), a, b)?
            };
            return self.result(2, r, units);
        }
        if matches!(op, CompareOp::Eq | CompareOp::Ne) {
            let str_shape = vm.shapes.str.get().id();
            if let (Some(h), Some(k)) =
                (exact_shape(vm, x, str_shape), exact_shape(vm, y, str_shape))
            {
                self.guard_shape(a, h)?;
                self.guard_shape(b, k)?;
                if self.is_singleton(vm, a) && self.is_character(vm, b)
                    || self.is_character(vm, a) && self.is_singleton(vm, b)
                {
                    let same = self.e.op2(Op::Same, Ty::Bool, a, b)?;
                    let r = match op {
                        CompareOp::Eq => same,
                        _ => self.e.op1(Op::Not, Ty::Bool, same)?,
                    };
                    return self.result(2, r, units);
                }
                let n = self.call_plain(&helpers::STR_EQUAL, &[a, b])?;
                let zero = self.e.tree.int(0);
                let cond = if op == CompareOp::Eq {
                    Cond::Ne
                } else {
                    Cond::Eq
                };
                let r = self.icmp(cond, n, zero)?;
                return self.result(2, r, units);
            }
            if let Some(equal) = self.identity_equal(vm, (a, b), (x, y))? {
                let r = if op == CompareOp::Eq {
                    equal
                } else {
                    self.e.op1(Op::Not, Ty::Bool, equal)?
                };
                return self.result(2, r, units);
            }
            if let Some(equal) = self.complex_equal(vm, (a, b), (x, y))? {
                let r = if op == CompareOp::Eq {
                    equal
                } else {
                    self.e.op1(Op::Not, Ty::Bool, equal)?
                };
                return self.result(2, r, units);
            }
        }
        if self.inline_compare(vm, op, units)? {
            return Ok(());
        }
        let code = self.e.tree.int(op as i64);
        if let (Some(v), Some(w)) = (x, y)
            && vm.is_simple(v)
            && vm.is_simple(w)
        {
            let n = self.call_plain(&leaves::COMPARE_SIMPLE, &[code, a, b])?;
            let two = self.e.tree.int(2);
            let r = self.icmp(Cond::Eq, n, two)?;
            return self.result(2, r, units);
        }
        if arg & 16 != 0 {
            let n = self.call_any(&helpers::COMPARE_BOOL, &[code, a, b])?;
            let two = self.e.tree.int(2);
            let r = self.icmp(Cond::Eq, n, two)?;
            return self.result(2, r, units);
        }
        let r = self.call_any(&helpers::COMPARE, &[code, a, b])?;
        self.result(2, r, units)
    }

    /// Whether two values are equal, if one of them at least equals only itself (see
    /// [`Vm::identity_equal`]).
    fn identity_equal(
        &mut self,
        vm: &Vm,
        (a, b): (Ref, Ref),
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<Option<Ref>> {
        let (Some(x), Some(y)) = (x, y) else {
            return Ok(None);
        };
        if vm.identity_equal(x, y).is_none() {
            return Ok(None);
        }
        for (r, v) in [(a, x), (b, y)] {
            match v.header() {
                Some(h) => {
                    self.guard_shape(r, h)?;
                    self.guard_class(vm.class_of(v))?;
                }
                None if v.is_none() => {
                    self.guard_is(r, v)?;
                }
                None => {
                    self.num(r, Some(v))?;
                }
            }
        }
        let alike = match (x.header(), y.header()) {
            (Some(h), Some(k)) => h.shape().layout.kind == k.shape().layout.kind,
            _ => false,
        };
        if !alike {
            return Ok(Some(self.e.tree.bool(x == y)));
        }
        let (a, b) = (self.e.boxed(a), self.e.boxed(b));
        Ok(Some(self.e.op2(Op::Same, Ty::Bool, a, b)?))
    }

    /// The length of a string that is guarded to be one.
    /// Whether a value is known to be the one string of a character below 256.
    fn is_singleton(&self, vm: &Vm, r: Ref) -> bool {
        let r = self.e.resolve(r);
        if let Some(bits) = self.e.tree.as_bits(r).filter(|bits| *bits != 0) {
            // SAFETY: a constant of the trace, which keeps it alive.
            let text = unsafe { Value::from_bits(bits) }.cast::<Str>();
            return text.is_some_and(|s| {
                s.len() == 1 && s.char_at(0) < 256 && vm.str_of_byte(s.char_at(0) as u8) == s
            });
        }
        self.is_call_of(&helpers::CHR, r)
    }

    /// Whether a value is such a one, or a string of a character beyond those.
    fn is_character(&self, vm: &Vm, r: Ref) -> bool {
        self.is_call_of(&helpers::STR_AT, self.e.resolve(r)) || self.is_singleton(vm, r)
    }

    fn is_call_of(&self, helper: &'static Helper, r: Ref) -> bool {
        let ins = self.e.tree.get(r);
        ins.op == Op::Call && std::ptr::eq(self.e.tree.helpers[ins.aux as usize], helper)
    }

    pub(crate) fn str_len(&mut self, s: Ref) -> Recorded<Ref> {
        Ok(self
            .e
            .load(Ty::Int, s, Mem::new(Class::Const, 8, Str::LEN_OFFSET))?)
    }
}

//! Complex numbers: their parts are floats of the trace, and the numbers themselves
//! objects that the trace makes, which exist in parts while nobody else sees them.
//!
//! ```text
//! z = z * z + c        v4 = FMul v1, v1 ... v9 = FAdd v7, v3
//!                      v12 = New {complex}; its fields are v9 and v11
//! ```
//!
//! The formulas are those of [`taipan_runtime::types::complex`]. Its special ways for
//! infinities and NaN are left to it: a guard leaves where a result calls for them.

use super::arith::{COMPLEX_IM, COMPLEX_RE};
use super::stack::{Num, exact_shape};
use super::{Recorded, Recorder};
use crate::backend::helpers;
use crate::ir::{Cond, Op, Ref, Ty};
use taipan_bytecode::opcode::BinaryOp;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{ComplexCode, NativeFunction};
use taipan_runtime::types::complex::{Complex, quotient, real_quotient};
use taipan_runtime::{Value, Vm};

/// A number as complex arithmetic takes it, real ones without an imaginary part.
#[derive(Clone, Copy)]
struct Parts {
    re: Ref,
    im: Option<Ref>,
    /// What they are now.
    now: (f64, f64),
}

/// The parts of what is a complex number now.
fn complex_now(vm: &Vm, v: Option<Value>) -> Option<(f64, f64)> {
    exact_shape(vm, v, vm.shapes.complex.get().id())?;
    let c = v?.cast::<Complex>()?;
    Some((c.re, c.im))
}

fn real_now(v: Option<Value>) -> Option<f64> {
    let v = v?;
    match (v.as_float(), v.as_int()) {
        (Some(f), _) => Some(f),
        (_, Some(i)) => Some(i as f64),
        _ => v
            .is_bool()
            .then(|| if v == Value::TRUE { 1.0 } else { 0.0 }),
    }
}

impl Recorder {
    fn fop(&mut self, op: Op, a: Ref, b: Ref) -> Recorded<Ref> {
        Ok(self.e.op2(op, Ty::Float, a, b)?)
    }

    fn fneg(&mut self, a: Ref) -> Recorded<Ref> {
        Ok(self.e.op1(Op::FNeg, Ty::Float, a)?)
    }

    /// Whether both conditions hold (`And`), or one (`Or`).
    fn combined(&mut self, op: Op, a: Ref, b: Ref) -> Recorded<Ref> {
        let a = self.e.op1(Op::BToI, Ty::Int, a)?;
        let b = self.e.op1(Op::BToI, Ty::Int, b)?;
        let bits = self.e.op2(op, Ty::Int, a, b)?;
        let zero = self.e.tree.int(0);
        self.icmp(Cond::Ne, bits, zero)
    }

    /// Guards that a float is a number.
    fn guard_number(&mut self, f: Ref) -> Recorded {
        let ok = self.fcmp(Cond::Eq, f, f)?;
        self.guard_true(ok)
    }

    /// The parts of a number that is complex, guarded to be so.
    fn complex_parts(&mut self, vm: &Vm, r: Ref, v: Option<Value>) -> Recorded<Option<Parts>> {
        let shape = vm.shapes.complex.get().id();
        let (Some(now), Some(h)) = (complex_now(vm, v), exact_shape(vm, v, shape)) else {
            return Ok(None);
        };
        self.guard_shape(r, h)?;
        let re = self.e.load(Ty::Float, r, COMPLEX_RE)?;
        let im = self.e.load(Ty::Float, r, COMPLEX_IM)?;
        Ok(Some(Parts {
            re,
            im: Some(im),
            now,
        }))
    }

    fn parts(&mut self, vm: &Vm, r: Ref, v: Option<Value>) -> Recorded<Option<Parts>> {
        if let Some(parts) = self.complex_parts(vm, r, v)? {
            return Ok(Some(parts));
        }
        let Some(now) = real_now(v) else {
            return Ok(None);
        };
        let Some(n) = self.num(r, v)? else {
            return Ok(None);
        };
        Ok(Some(Parts {
            re: self.as_float_ref(n)?,
            im: None,
            now: (now, 0.0),
        }))
    }

    /// Whether these are the operands of complex arithmetic: one complex, the other it
    /// or a real number that fits a machine word.
    fn is_complex_pair(vm: &Vm, x: Option<Value>, y: Option<Value>) -> bool {
        let is_complex = |v| complex_now(vm, v).is_some();
        let is_number = |v| is_complex(v) || real_now(v).is_some();
        (is_complex(x) || is_complex(y)) && is_number(x) && is_number(y)
    }

    /// `a op b` of complex numbers, or of one and a real one.
    pub(crate) fn complex_binary(
        &mut self,
        vm: &Vm,
        op: BinaryOp,
        (a, b): (Ref, Ref),
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<Option<Ref>> {
        use BinaryOp::{Add, Multiply, Subtract, TrueDivide};
        if !matches!(op, Add | Subtract | Multiply | TrueDivide) || !Self::is_complex_pair(vm, x, y)
        {
            return Ok(None);
        }
        let (Some(a), Some(b)) = (self.parts(vm, a, x)?, self.parts(vm, b, y)?) else {
            return Ok(None);
        };
        let parts = match (op, a.im, b.im) {
            (Add, Some(p), Some(q)) => (self.fop(Op::FAdd, a.re, b.re)?, self.fop(Op::FAdd, p, q)?),
            // The imaginary part of a real number is none: that decides signs of zeros.
            (Add, p, q) => (self.fop(Op::FAdd, a.re, b.re)?, p.or(q).unwrap_or(a.re)),
            (Subtract, Some(p), Some(q)) => {
                (self.fop(Op::FSub, a.re, b.re)?, self.fop(Op::FSub, p, q)?)
            }
            (Subtract, Some(p), None) => (self.fop(Op::FSub, a.re, b.re)?, p),
            (Subtract, None, Some(q)) => (self.fop(Op::FSub, a.re, b.re)?, self.fneg(q)?),
            (Multiply, Some(_), Some(_)) => match self.complex_product(a, b)? {
                Some(parts) => parts,
                None => return Ok(None),
            },
            (Multiply, Some(p), None) => (
                self.fop(Op::FMul, a.re, b.re)?,
                self.fop(Op::FMul, p, b.re)?,
            ),
            (Multiply, None, Some(q)) => (
                self.fop(Op::FMul, b.re, a.re)?,
                self.fop(Op::FMul, q, a.re)?,
            ),
            (TrueDivide, Some(p), None) => {
                if b.now.0 == 0.0 {
                    return Ok(None);
                }
                let zero = self.e.tree.float(0.0);
                let ok = self.fcmp(Cond::Ne, b.re, zero)?;
                self.guard_true(ok)?;
                (
                    self.fop(Op::FDiv, a.re, b.re)?,
                    self.fop(Op::FDiv, p, b.re)?,
                )
            }
            (TrueDivide, p, Some(q)) => match self.complex_quotient(a, p, b, q)? {
                Some(parts) => parts,
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.new_complex(vm, parts.0, parts.1).map(Some)
    }

    fn complex_product(&mut self, a: Parts, b: Parts) -> Recorded<Option<(Ref, Ref)>> {
        let (Some(p), Some(q)) = (a.im, b.im) else {
            return Ok(None);
        };
        if (a.now.0 * b.now.0 - a.now.1 * b.now.1).is_nan() {
            return Ok(None);
        }
        let ac = self.fop(Op::FMul, a.re, b.re)?;
        let bd = self.fop(Op::FMul, p, q)?;
        let ad = self.fop(Op::FMul, a.re, q)?;
        let bc = self.fop(Op::FMul, p, b.re)?;
        let re = self.fop(Op::FSub, ac, bd)?;
        // Infinities are put right after a result that is no number.
        self.guard_number(re)?;
        Ok(Some((re, self.fop(Op::FAdd, ad, bc)?)))
    }

    /// `a / b`, divided by the greater part of `b`.
    fn complex_quotient(
        &mut self,
        a: Parts,
        p: Option<Ref>,
        b: Parts,
        q: Ref,
    ) -> Recorded<Option<(Ref, Ref)>> {
        let now = match p {
            Some(_) => quotient(a.now, b.now),
            None => real_quotient(a.now.0, b.now),
        };
        let parts = [a.now.0, a.now.1, b.now.0, b.now.1];
        if now.is_none_or(|c| c.0.is_nan()) || !parts.iter().all(|f| f.is_finite()) {
            return Ok(None);
        }
        let abs_re = self.e.op1(Op::FAbs, Ty::Float, b.re)?;
        let abs_im = self.e.op1(Op::FAbs, Ty::Float, q)?;
        let by_re = self.fcmp(Cond::Ge, abs_re, abs_im)?;
        let is_by_re = b.now.0.abs() >= b.now.1.abs();
        self.guard_truth(by_re, is_by_re)?;
        let (re, im) = if is_by_re {
            let zero = self.e.tree.float(0.0);
            let ok = self.fcmp(Cond::Ne, b.re, zero)?;
            self.guard_true(ok)?;
            let ratio = self.fop(Op::FDiv, q, b.re)?;
            let rest = self.fop(Op::FMul, q, ratio)?;
            let divisor = self.fop(Op::FAdd, b.re, rest)?;
            let (re, im) = match p {
                Some(p) => {
                    let x = self.fop(Op::FMul, p, ratio)?;
                    let y = self.fop(Op::FMul, a.re, ratio)?;
                    (self.fop(Op::FAdd, a.re, x)?, self.fop(Op::FSub, p, y)?)
                }
                None => {
                    let negative = self.fneg(a.re)?;
                    (a.re, self.fop(Op::FMul, negative, ratio)?)
                }
            };
            (
                self.fop(Op::FDiv, re, divisor)?,
                self.fop(Op::FDiv, im, divisor)?,
            )
        } else {
            let ok = self.fcmp(Cond::Gt, abs_im, abs_re)?;
            self.guard_true(ok)?;
            let ratio = self.fop(Op::FDiv, b.re, q)?;
            let rest = self.fop(Op::FMul, b.re, ratio)?;
            let divisor = self.fop(Op::FAdd, rest, q)?;
            let x = self.fop(Op::FMul, a.re, ratio)?;
            let (re, im) = match p {
                Some(p) => {
                    let y = self.fop(Op::FMul, p, ratio)?;
                    (self.fop(Op::FAdd, x, p)?, self.fop(Op::FSub, y, a.re)?)
                }
                None => (x, self.fneg(a.re)?),
            };
            (
                self.fop(Op::FDiv, re, divisor)?,
                self.fop(Op::FDiv, im, divisor)?,
            )
        };
        self.guard_number(re)?;
        Ok(Some((re, im)))
    }

    /// `a == b` of complex numbers, or of one and a float.
    pub(crate) fn complex_equal(
        &mut self,
        vm: &Vm,
        (a, b): (Ref, Ref),
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<Option<Ref>> {
        // Integers are compared exactly, which their conversion is not.
        let is_fit = |v: Option<Value>| {
            complex_now(vm, v).is_some() || v.is_some_and(|v| v.is_float() || v.is_bool())
        };
        if !Self::is_complex_pair(vm, x, y) || !is_fit(x) || !is_fit(y) {
            return Ok(None);
        }
        let (Some(a), Some(b)) = (self.parts(vm, a, x)?, self.parts(vm, b, y)?) else {
            return Ok(None);
        };
        let zero = self.e.tree.float(0.0);
        let re = self.fcmp(Cond::Eq, a.re, b.re)?;
        let im = self.fcmp(Cond::Eq, a.im.unwrap_or(zero), b.im.unwrap_or(zero))?;
        self.combined(Op::And, re, im).map(Some)
    }

    /// Whether a complex number is not zero.
    pub(crate) fn complex_truth(
        &mut self,
        vm: &Vm,
        r: Ref,
        v: Option<Value>,
    ) -> Recorded<Option<Ref>> {
        let Some(Parts {
            re, im: Some(im), ..
        }) = self.complex_parts(vm, r, v)?
        else {
            return Ok(None);
        };
        let zero = self.e.tree.float(0.0);
        let (re, im) = (
            self.fcmp(Cond::Ne, re, zero)?,
            self.fcmp(Cond::Ne, im, zero)?,
        );
        self.combined(Op::Or, re, im).map(Some)
    }

    /// `-z`, or the conjugate where only the imaginary part changes its sign.
    pub(crate) fn complex_negated(
        &mut self,
        vm: &Vm,
        r: Ref,
        v: Option<Value>,
        whole: bool,
    ) -> Recorded<Option<Ref>> {
        let Some(Parts {
            re, im: Some(im), ..
        }) = self.complex_parts(vm, r, v)?
        else {
            return Ok(None);
        };
        let re = if whole { self.fneg(re)? } else { re };
        let im = self.fneg(im)?;
        self.new_complex(vm, re, im).map(Some)
    }

    /// `abs(z)`, guarded not to overflow.
    pub(crate) fn complex_abs(
        &mut self,
        vm: &Vm,
        r: Ref,
        v: Option<Value>,
    ) -> Recorded<Option<Ref>> {
        match complex_now(vm, v) {
            Some((re, im)) if re.hypot(im).is_finite() => {}
            _ => return Ok(None),
        }
        let Some(Parts {
            re, im: Some(im), ..
        }) = self.complex_parts(vm, r, v)?
        else {
            return Ok(None);
        };
        let size = self.call_plain(&helpers::HYPOT, &[re, im])?;
        // Never negative.
        let infinity = self.e.tree.float(f64::INFINITY);
        let ok = self.fcmp(Cond::Lt, size, infinity)?;
        self.guard_true(ok)?;
        Ok(Some(size))
    }

    /// A function that states its code for complex numbers: its result is that if it is finite.
    pub(super) fn complex_function(
        &mut self,
        vm: &Vm,
        code: ComplexCode,
        f: Gc<NativeFunction>,
        (callable, r): (Ref, Ref),
        v: Option<Value>,
    ) -> Recorded<Option<Ref>> {
        let now = complex_now(vm, v).or_else(|| real_now(v).map(|x| (x, 0.0)));
        let is_finite = |(re, im): (f64, f64)| re.is_finite() && im.is_finite();
        if !now.is_some_and(|(re, im)| is_finite(code(re, im))) {
            return Ok(None);
        }
        let Some(z) = self.parts(vm, r, v)? else {
            return Ok(None);
        };
        self.guard_is(callable, f.value())?;
        let zero = self.e.tree.float(0.0);
        let address = self.e.tree.ptr(code as *const () as usize);
        let parts = [address, z.re, z.im.unwrap_or(zero)];
        let re = self.call_plain(&helpers::COMPLEX_CALL, &parts)?;
        let im = self.call_plain(&helpers::SECOND_FLOAT, &[])?;
        self.guard_magnitude(re, f64::INFINITY)?;
        self.guard_magnitude(im, f64::INFINITY)?;
        self.new_complex(vm, re, im).map(Some)
    }

    /// `complex(x)`, `complex(x, y)` of numbers, the class being guarded.
    pub(crate) fn make_complex(
        &mut self,
        vm: &Vm,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        if let [r] = args
            && self.complex_parts(vm, *r, actuals[0])?.is_some()
        {
            return Ok(Some(*r));
        }
        if args.len() > 2 || !actuals.iter().all(|v| real_now(*v).is_some()) {
            return Ok(None);
        }
        let mut parts = [self.e.tree.float(0.0); 2];
        for (i, (r, v)) in args.iter().zip(actuals).enumerate() {
            let Some(n): Option<Num> = self.num(*r, *v)? else {
                return Ok(None);
            };
            parts[i] = self.as_float_ref(n)?;
        }
        self.new_complex(vm, parts[0], parts[1]).map(Some)
    }
}

//! Arithmetic on constants, for what is sure to give the same at run time and
//! does not make code large. What is not folded here is computed when run.

use crate::lower::{bigint_const, const_to_bigint};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use taipan_bytecode::Const;
use taipan_bytecode::opcode::BinaryOp;

const MAX_INT_BITS: u64 = 128;
const MAX_COLLECTION: usize = 256;
const MAX_STR: usize = 4096;
const MAX_TOTAL_ITEMS: i64 = 1024;

/// Operators of one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unary {
    Negative,
    Positive,
    Invert,
    Not,
}

/// `bool(value)`.
pub fn truth(value: &Const) -> bool {
    match value {
        Const::None | Const::False => false,
        Const::True | Const::Ellipsis | Const::Code(_) | Const::Slice(_) => true,
        Const::Int(i) => *i != 0,
        Const::BigInt { magnitude, .. } => magnitude.iter().any(|&b| b != 0),
        Const::Float(f) => *f != 0.0,
        Const::Complex { real, imag } => *real != 0.0 || *imag != 0.0,
        Const::Str(s) | Const::Bytes(s) => !s.is_empty(),
        Const::Tuple(t) | Const::FrozenSet(t) => !t.is_empty(),
    }
}

/// The elements without those equal to an earlier one.
pub fn unique(values: Vec<Const>) -> Vec<Const> {
    let mut out: Vec<Const> = Vec::with_capacity(values.len());
    // Literals of different types may be equal, so compare as Python does; long
    // lists only hold elements of one kind in practice, and plain sets suffice.
    let mut seen = rustc_hash::FxHashSet::default();
    for v in values {
        let key = match &v {
            Const::Str(s) => (0u8, s.to_vec()),
            Const::Bytes(b) => (1, b.to_vec()),
            Const::Int(i) => (2, i.to_le_bytes().to_vec()),
            _ => {
                if !out.iter().any(|o| equal(o, &v)) {
                    out.push(v);
                }
                continue;
            }
        };
        if seen.insert(key) {
            let numeric = matches!(v, Const::Int(_));
            if !numeric
                || !out
                    .iter()
                    .any(|o| !matches!(o, Const::Int(_)) && equal(o, &v))
            {
                out.push(v);
            }
        }
    }
    out
}

fn equal(a: &Const, b: &Const) -> bool {
    match (a, b) {
        (Const::Tuple(x), Const::Tuple(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(a, b)| equal(a, b))
        }
        _ => crate::fold::keys_equal(a, b),
    }
}

/// Applies an operator; `None` if that fails or is better left to run time.
pub fn unary(op: Unary, value: &Const) -> Option<Const> {
    match (op, value) {
        (Unary::Not, v) => Some(if truth(v) { Const::False } else { Const::True }),
        (Unary::Negative, Const::Float(f)) => Some(Const::Float(-f)),
        (Unary::Negative, Const::Complex { real, imag }) => Some(Const::Complex {
            real: -real,
            imag: -imag,
        }),
        (Unary::Positive, Const::Float(_) | Const::Complex { .. }) => Some(value.clone()),
        // `~True` warns when run.
        (Unary::Invert, Const::True | Const::False) => None,
        (op, v) => {
            let i = const_to_bigint(v)?;
            Some(bigint_const(&match op {
                Unary::Negative => -i,
                Unary::Invert => -i - 1,
                _ => i,
            }))
        }
    }
}

fn float(v: &Const) -> Option<f64> {
    match v {
        Const::Float(f) => Some(*f),
        Const::Int(i) if i.unsigned_abs() <= 1 << 53 => Some(*i as f64),
        Const::True => Some(1.0),
        Const::False => Some(0.0),
        _ => None,
    }
}

fn op_of(arg: u32) -> Option<BinaryOp> {
    use BinaryOp::*;
    const ALL: [BinaryOp; 13] = [
        Add,
        And,
        FloorDivide,
        LShift,
        MatMul,
        Multiply,
        Remainder,
        Or,
        Power,
        RShift,
        Subtract,
        TrueDivide,
        Xor,
    ];
    ALL.get(arg as usize).copied()
}

/// Applies the operator that `BINARY_OP` numbers `arg`.
pub fn binary(arg: u32, a: &Const, b: &Const) -> Option<Const> {
    if arg == BinaryOp::Subscr as u32 {
        return subscript(a, b);
    }
    let op = op_of(arg)?;
    if let (Some(x), Some(y)) = (const_to_bigint(a), const_to_bigint(b)) {
        let both_bool =
            matches!(a, Const::True | Const::False) && matches!(b, Const::True | Const::False);
        return integers(op, &x, &y, both_bool);
    }
    if matches!(a, Const::Complex { .. }) || matches!(b, Const::Complex { .. }) {
        return complex(op, a, b);
    }
    if let (Some(x), Some(y)) = (float(a), float(b)) {
        return floats(op, x, y);
    }
    match (op, a, b) {
        (BinaryOp::Add, Const::Str(x), Const::Str(y)) => Some(Const::Str(join_wtf8(x, y))),
        (BinaryOp::Add, Const::Bytes(x), Const::Bytes(y)) => {
            Some(Const::Bytes([&x[..], &y[..]].concat().into()))
        }
        (BinaryOp::Add, Const::Tuple(x), Const::Tuple(y)) => {
            Some(Const::Tuple([&x[..], &y[..]].concat()))
        }
        (BinaryOp::Multiply, seq, n) | (BinaryOp::Multiply, n, seq)
            if matches!(seq, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_)) =>
        {
            repeat(seq, n)
        }
        _ => None,
    }
}

/// Joins text whose ends may be two halves of a surrogate pair, which stay apart.
fn join_wtf8(x: &[u8], y: &[u8]) -> Box<[u8]> {
    [x, y].concat().into()
}

fn repeat(seq: &Const, n: &Const) -> Option<Const> {
    let n = match n {
        Const::Int(n) => *n,
        Const::True => 1,
        Const::False => 0,
        _ => return None,
    };
    let count = usize::try_from(n).unwrap_or(0);
    match seq {
        Const::Str(s) | Const::Bytes(s) => {
            let len = if matches!(seq, Const::Str(_)) {
                s.iter().filter(|&&b| b & 0xC0 != 0x80).count()
            } else {
                s.len()
            };
            if len > 0 && count > MAX_STR / len {
                return None;
            }
            let repeated: Box<[u8]> = s.repeat(count).into();
            Some(if matches!(seq, Const::Str(_)) {
                Const::Str(repeated)
            } else {
                Const::Bytes(repeated)
            })
        }
        Const::Tuple(t) => {
            if !t.is_empty() {
                if count > MAX_COLLECTION / t.len() {
                    return None;
                }
                if count > 0 && total_items(seq, MAX_TOTAL_ITEMS / n) < 0 {
                    return None;
                }
            }
            Some(Const::Tuple(
                (0..count).flat_map(|_| t.iter().cloned()).collect(),
            ))
        }
        _ => None,
    }
}

/// What is left of `limit` after counting nested items; negative if exceeded.
fn total_items(value: &Const, mut limit: i64) -> i64 {
    match value {
        Const::Tuple(t) | Const::FrozenSet(t) => {
            limit -= t.len() as i64;
            for item in t {
                if limit < 0 {
                    return limit;
                }
                limit = total_items(item, limit);
            }
            limit
        }
        _ => limit,
    }
}

fn integers(op: BinaryOp, x: &BigInt, y: &BigInt, both_bool: bool) -> Option<Const> {
    let truth_const = |v: BigInt| {
        if both_bool {
            if v.is_zero() {
                Const::False
            } else {
                Const::True
            }
        } else {
            bigint_const(&v)
        }
    };
    Some(match op {
        BinaryOp::Add => bigint_const(&(x + y)),
        BinaryOp::Subtract => bigint_const(&(x - y)),
        BinaryOp::Multiply => {
            if !x.is_zero() && !y.is_zero() && x.bits() + y.bits() > MAX_INT_BITS {
                return None;
            }
            bigint_const(&(x * y))
        }
        BinaryOp::FloorDivide if !y.is_zero() => bigint_const(&x.div_floor(y)),
        BinaryOp::Remainder if !y.is_zero() => bigint_const(&x.mod_floor(y)),
        BinaryOp::TrueDivide if !y.is_zero() => {
            let exact = |v: &BigInt| {
                v.to_i64()
                    .filter(|i| i.unsigned_abs() <= 1 << 53)
                    .map(|i| i as f64)
            };
            Const::Float(exact(x)? / exact(y)?)
        }
        BinaryOp::Power => {
            if y.is_negative() {
                let (base, exp) = (x.to_i64()?, y.to_i32()?);
                if base == 0 || base.unsigned_abs() > 1 << 53 {
                    return None;
                }
                return Some(Const::Float((base as f64).powf(f64::from(exp))));
            }
            let exp = y.to_u32()?;
            if !x.is_zero() && !y.is_zero() && u64::from(exp) > MAX_INT_BITS / x.bits() {
                return None;
            }
            bigint_const(&x.pow(exp))
        }
        BinaryOp::LShift => {
            if y.is_negative() {
                return None;
            }
            if x.is_zero() {
                return Some(Const::Int(0));
            }
            let shift = y.to_u64()?;
            if shift > MAX_INT_BITS || x.bits() > MAX_INT_BITS - shift {
                return None;
            }
            bigint_const(&(x << shift))
        }
        BinaryOp::RShift => {
            if y.is_negative() {
                return None;
            }
            bigint_const(&(x >> y.to_u64()?))
        }
        BinaryOp::And => truth_const(x & y),
        BinaryOp::Or => truth_const(x | y),
        BinaryOp::Xor => truth_const(x ^ y),
        _ => return None,
    })
}

fn floats(op: BinaryOp, x: f64, y: f64) -> Option<Const> {
    Some(Const::Float(match op {
        BinaryOp::Add => x + y,
        BinaryOp::Subtract => x - y,
        BinaryOp::Multiply => x * y,
        BinaryOp::TrueDivide if y != 0.0 => x / y,
        BinaryOp::FloorDivide if y != 0.0 => divmod(x, y).0,
        BinaryOp::Remainder if y != 0.0 => divmod(x, y).1,
        BinaryOp::Power => {
            // Errors and complex results are left to run time.
            if x == 0.0 && y < 0.0 || x < 0.0 && y.fract() != 0.0 {
                return None;
            }
            let result = x.powf(y);
            if !result.is_finite() && x.is_finite() && y.is_finite() {
                return None;
            }
            result
        }
        _ => return None,
    }))
}

/// Python's floor division and modulo of floats.
fn divmod(x: f64, y: f64) -> (f64, f64) {
    let mut modulo = x % y;
    let mut div = (x - modulo) / y;
    if modulo != 0.0 {
        if (y < 0.0) != (modulo < 0.0) {
            modulo += y;
            div -= 1.0;
        }
    } else {
        modulo = 0.0f64.copysign(y);
    }
    let floor = if div != 0.0 {
        let floor = div.floor();
        if div - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    } else {
        0.0f64.copysign(x / y)
    };
    (floor, modulo)
}

/// Sums and products; reals count as reals, without a zero imaginary part.
fn complex(op: BinaryOp, a: &Const, b: &Const) -> Option<Const> {
    let part = |c: &Const| match c {
        Const::Complex { real, imag } => Some((*real, Some(*imag))),
        c => Some((float(c)?, None)),
    };
    let ((ar, ai), (br, bi)) = (part(a)?, part(b)?);
    let (real, imag) = match (op, ai, bi) {
        (BinaryOp::Add, _, _) => (
            ar + br,
            match (ai, bi) {
                (Some(x), Some(y)) => x + y,
                (x, y) => x.or(y)?,
            },
        ),
        (BinaryOp::Subtract, Some(x), Some(y)) => (ar - br, x - y),
        (BinaryOp::Subtract, Some(x), None) => (ar - br, x),
        (BinaryOp::Subtract, None, Some(y)) => (ar - br, -y),
        (BinaryOp::Multiply, Some(x), Some(y)) => (ar * br - x * y, ar * y + x * br),
        (BinaryOp::Multiply, Some(x), None) => (ar * br, x * br),
        (BinaryOp::Multiply, None, Some(y)) => (ar * br, ar * y),
        _ => return None,
    };
    (real.is_finite() && imag.is_finite()).then_some(Const::Complex { real, imag })
}

/// Subscripts of tuples, bytes and text by an integer or slice in range.
fn subscript(a: &Const, b: &Const) -> Option<Const> {
    let index = |len: usize| -> Option<usize> {
        let i = match b {
            Const::Int(i) => *i,
            Const::True => 1,
            Const::False => 0,
            _ => return None,
        };
        let at = if i < 0 { i + len as i64 } else { i };
        usize::try_from(at).ok().filter(|&at| at < len)
    };
    let picked = |len: usize| -> Option<Vec<usize>> {
        let Const::Slice(parts) = b else { return None };
        slice_indices(parts, len)
    };
    match a {
        Const::Tuple(t) => match picked(t.len()) {
            Some(at) => Some(Const::Tuple(at.into_iter().map(|i| t[i].clone()).collect())),
            None => index(t.len()).map(|i| t[i].clone()),
        },
        Const::Bytes(s) => match picked(s.len()) {
            Some(at) => Some(Const::Bytes(at.into_iter().map(|i| s[i]).collect())),
            None => index(s.len()).map(|i| Const::Int(i64::from(s[i]))),
        },
        Const::Str(s) => {
            // Characters, surrogates among them, by where they start.
            let mut starts: Vec<usize> = (0..s.len()).filter(|&i| s[i] & 0xC0 != 0x80).collect();
            let len = starts.len();
            starts.push(s.len());
            let char_at = |i: usize| &s[starts[i]..starts[i + 1]];
            match picked(len) {
                Some(at) => Some(Const::Str(
                    at.into_iter().flat_map(|i| char_at(i).to_vec()).collect(),
                )),
                None => index(len).map(|i| Const::Str(char_at(i).into())),
            }
        }
        _ => None,
    }
}

fn slice_indices(parts: &[Const; 3], len: usize) -> Option<Vec<usize>> {
    let number = |c: &Const| match c {
        Const::None => Some(None),
        Const::Int(i) => Some(Some(*i)),
        Const::True => Some(Some(1)),
        Const::False => Some(Some(0)),
        _ => None,
    };
    let (start, stop, step) = (
        number(&parts[0])?,
        number(&parts[1])?,
        number(&parts[2])?.unwrap_or(1),
    );
    if step == 0 || step == i64::MIN {
        return None;
    }
    let len = len as i64;
    let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let clamp = |v: i64| {
        if v < 0 {
            (v.saturating_add(len)).max(low)
        } else {
            v.min(high)
        }
    };
    let mut at = start.map_or(if step < 0 { high } else { low }, clamp);
    let stop = stop.map_or(if step < 0 { low } else { high }, clamp);
    let mut out = Vec::new();
    while if step < 0 { at > stop } else { at < stop } {
        out.push(at as usize);
        at = at.saturating_add(step);
    }
    Some(out)
}

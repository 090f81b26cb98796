//! Arithmetic: exact numbers directly, everything else by the binary protocol
//! (the language reference, "Emulating numeric types").

use super::compare::{Number, number};
use crate::heap::Gc;
use crate::heap::Kind;
use crate::object::{Class, ClassFlags, NativeFunction, Special};
use crate::types::complex;
use crate::types::int::IntRef;
use crate::types::list::List;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};
pub use taipan_bytecode::opcode::BinaryOp;
use taipan_text::int;

/// The special methods of an operator: direct, reflected, in place; its sign.
pub(super) fn specials(op: BinaryOp) -> (Special, Special, Option<Special>, &'static str) {
    use BinaryOp as B;
    use Special as S;
    match op {
        B::Add => (S::Add, S::RAdd, None, "+"),
        B::And => (S::And, S::RAnd, None, "&"),
        B::FloorDivide => (S::FloorDiv, S::RFloorDiv, None, "//"),
        B::LShift => (S::LShift, S::RLShift, None, "<<"),
        B::MatMul => (S::MatMul, S::RMatMul, None, "@"),
        B::Multiply => (S::Mul, S::RMul, None, "*"),
        B::Remainder => (S::Mod, S::RMod, None, "%"),
        B::Or => (S::Or, S::ROr, None, "|"),
        B::Power => (S::Pow, S::RPow, None, "** or pow()"),
        B::RShift => (S::RShift, S::RRShift, None, ">>"),
        B::Subtract => (S::Sub, S::RSub, None, "-"),
        B::TrueDivide => (S::TrueDiv, S::RTrueDiv, None, "/"),
        B::Xor => (S::Xor, S::RXor, None, "^"),
        B::InplaceAdd => (S::Add, S::RAdd, Some(S::IAdd), "+="),
        B::InplaceAnd => (S::And, S::RAnd, Some(S::IAnd), "&="),
        B::InplaceFloorDivide => (S::FloorDiv, S::RFloorDiv, Some(S::IFloorDiv), "//="),
        B::InplaceLShift => (S::LShift, S::RLShift, Some(S::ILShift), "<<="),
        B::InplaceMatMul => (S::MatMul, S::RMatMul, Some(S::IMatMul), "@="),
        B::InplaceMultiply => (S::Mul, S::RMul, Some(S::IMul), "*="),
        B::InplaceRemainder => (S::Mod, S::RMod, Some(S::IMod), "%="),
        B::InplaceOr => (S::Or, S::ROr, Some(S::IOr), "|="),
        B::InplacePower => (S::Pow, S::RPow, Some(S::IPow), "**="),
        B::InplaceRShift => (S::RShift, S::RRShift, Some(S::IRShift), ">>="),
        B::InplaceSubtract => (S::Sub, S::RSub, Some(S::ISub), "-="),
        B::InplaceTrueDivide => (S::TrueDiv, S::RTrueDiv, Some(S::ITrueDiv), "/="),
        B::InplaceXor => (S::Xor, S::RXor, Some(S::IXor), "^="),
        B::Subscr => (S::GetItem, S::GetItem, None, "[]"),
    }
}

/// The operator of an in-place one that numbers have; others keep their name, for errors.
pub fn plain(op: BinaryOp) -> BinaryOp {
    use BinaryOp as B;
    match op {
        B::InplaceAdd => B::Add,
        B::InplaceAnd => B::And,
        B::InplaceFloorDivide => B::FloorDivide,
        B::InplaceLShift => B::LShift,
        B::InplaceMultiply => B::Multiply,
        B::InplaceRemainder => B::Remainder,
        B::InplaceOr => B::Or,
        B::InplacePower => B::Power,
        B::InplaceRShift => B::RShift,
        B::InplaceSubtract => B::Subtract,
        B::InplaceTrueDivide => B::TrueDivide,
        B::InplaceXor => B::Xor,
        other => other,
    }
}

/// `a // b` of floats.
pub fn float_floor_div(a: f64, b: f64) -> f64 {
    float_divmod(a, b).0
}

/// `a % b` of floats: the sign is the divisor's.
pub fn float_mod(a: f64, b: f64) -> f64 {
    float_divmod(a, b).1
}

/// `divmod(a, b)` of floats, `b` not zero.
pub fn float_divmod(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0f64.copysign(b);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    } else {
        0f64.copysign(a / b)
    };
    (floor, rest)
}

/// Whether instances have the layout of a sequence that `+` joins and `*` repeats.
fn is_sequence(class: Gc<Class>) -> bool {
    matches!(
        class.layout.kind,
        Kind::Str | Kind::List | Kind::Tuple | Kind::Bytes | Kind::ByteArray
    )
}

/// Whether `method` is how a native sequence joins or repeats.
pub(super) fn is_native_sequence(class: Gc<Class>, method: Option<Value>) -> bool {
    is_sequence(class)
        && method.is_some_and(|m| m.cast::<crate::object::NativeFunction>().is_some())
}

/// Whether a sequence can be joined with `v` (`direct` is `+`) or repeated so many times.
pub(super) fn counts(vm: &Vm, direct: Special, v: Value) -> bool {
    direct == Special::Add
        || v.as_int_ref().is_some()
        || vm
            .class_of(v)
            .special(Special::Index)
            .is_some_and(|f| !f.is_none())
}

impl Vm {
    /// `a op b`, in place if the operator says so.
    #[inline]
    pub fn binary(&self, op: BinaryOp, a: Value, b: Value) -> Result {
        if op == BinaryOp::Subscr {
            return self.get_item(a, b);
        }
        if let Some(result) = self.binary_ints(op, a, b) {
            return result;
        }
        if let (Some(x), Some(y)) = (number(a), number(b)) {
            match (x, y) {
                (Number::Int(x), Number::Int(y)) => {
                    // `True & False` is a bool: left to the type.
                    if !(a.is_bool() && b.is_bool()) {
                        return self.int_binary(plain(op), x, y, a, b);
                    }
                }
                (Number::Float(x), Number::Float(y)) => {
                    if let Some(result) = self.float_binary(plain(op), x, y) {
                        return result;
                    }
                }
                (Number::Float(x), Number::Int(y)) => {
                    let y = self.int_to_float(y)?;
                    if let Some(result) = self.float_binary(plain(op), x, y) {
                        return result;
                    }
                }
                (Number::Int(x), Number::Float(y)) => {
                    let x = self.int_to_float(x)?;
                    if let Some(result) = self.float_binary(plain(op), x, y) {
                        return result;
                    }
                }
            }
        }
        if let (Some(ha), Some(hb)) = (a.header(), b.header()) {
            let str_shape = self.shapes.str.get().id();
            if ha.shape_id() == str_shape
                && hb.shape_id() == str_shape
                && plain(op) == BinaryOp::Add
            {
                // SAFETY: the shape is that of exact strings.
                let (s, t) = unsafe { (a.cast_unchecked::<Str>(), b.cast_unchecked::<Str>()) };
                return Ok(self.str_concat(s, t)?.value());
            }
            if ha.shape_id() == hb.shape_id() && ha.shape_id() == self.shapes.list.get().id() {
                if op == BinaryOp::Add {
                    // SAFETY: the shape is that of exact lists.
                    let (a, b) =
                        unsafe { (a.cast_unchecked::<List>(), b.cast_unchecked::<List>()) };
                    return Ok(self.list_concat(a, b)?.value());
                }
            } else if ha.shape_id() == hb.shape_id()
                && let Some(result) = self.binary_native(op, a, b)
            {
                return result;
            }
        }
        if op == BinaryOp::Multiply
            && let (Some(list), Some(count)) = (a.cast::<List>(), b.as_int())
            && list.header.shape_id() == self.shapes.list.get().id()
            && let Some(count) = list.can_repeat(count)
        {
            return Ok(self.list_repeated(list.as_slice(), count)?.value());
        }
        if let Some(result) = complex::exact_binary(self, plain(op), a, b) {
            return result;
        }
        self.binary_protocol(op, a, b)
    }

    /// `a op b` of two exact integers, `None` for anything else. No Python code runs.
    #[inline(always)]
    pub fn binary_ints(&self, op: BinaryOp, a: Value, b: Value) -> Option<Result> {
        let (x, y) = (self.exact_int_ref(a)?, self.exact_int_ref(b)?);
        let op = plain(op);
        Some(match (x, y) {
            (IntRef::Small(_), IntRef::Small(_)) => self.int_binary(op, x, y, a, b),
            _ => self.int_binary_big(op, x, y, a, b),
        })
    }

    /// Two objects of one native type: only the direct method is to be asked. `None` if it is
    /// not there or declines, or there is one for doing it in place.
    fn binary_native(&self, op: BinaryOp, a: Value, b: Value) -> Option<Result> {
        let class = self.class_of(a);
        class.def.get()?;
        let (direct, _, in_place, _) = specials(op);
        // Sequences say in their own words that they cannot be multiplied by each other.
        if direct == Special::Mul || in_place.is_some_and(|s| class.special(s).is_some()) {
            return None;
        }
        let native = class.special(direct)?.cast::<NativeFunction>()?;
        match native.call_bound(self, &[a, b], None) {
            Ok(Value::NOT_IMPLEMENTED) => None,
            result => Some(result),
        }
    }

    /// By special methods alone.
    pub fn binary_protocol(&self, op: BinaryOp, a: Value, b: Value) -> Result {
        let (direct, reflected, in_place, sign) = specials(op);
        if let Some(special) = in_place
            && let Some(f) = self.class_of(a).special(special)
            // Sequences repeat themselves by integers alone; other operands are asked first.
            && !(direct == Special::Mul
                && is_native_sequence(self.class_of(a), Some(f))
                && !counts(self, direct, b))
        {
            let result = self.call_special(f, a, &[b])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        match self.try_binary(direct, reflected, a, b)? {
            Some(v) => Ok(v),
            None => Err(self.unsupported(sign, a, b)),
        }
    }

    /// Direct, then reflected method; `None` if neither is there or implements it.
    pub fn try_binary(
        &self,
        direct: Special,
        reflected: Special,
        a: Value,
        b: Value,
    ) -> Result<Option<Value>> {
        let (class_a, class_b) = (self.class_of(a), self.class_of(b));
        let f = class_a.special(direct);
        let mut g = class_b.special(reflected);
        if class_a == class_b {
            // Of operands of one type only the direct method is tried.
            g = None;
        }
        if matches!(direct, Special::Add | Special::Mul) {
            // Sequences concatenate and repeat only after the other operand declined, and
            // repeat only by integers.
            if is_native_sequence(class_b, g) && !counts(self, direct, a) {
                g = None;
            }
            if is_native_sequence(class_a, f) {
                if let Some(method) = g
                    && !is_native_sequence(class_b, g)
                {
                    let result = self.call_special(method, b, &[a])?;
                    if result != Value::NOT_IMPLEMENTED {
                        return Ok(Some(result));
                    }
                }
                return match f {
                    Some(method) if counts(self, direct, b) => {
                        let result = self.call_special(method, a, &[b])?;
                        Ok((result != Value::NOT_IMPLEMENTED).then_some(result))
                    }
                    _ => Ok(None),
                };
            }
        }
        if let Some(method) = g
            && class_a != class_b
            && class_b.is_subclass_of(class_a)
            && class_a.special(reflected) != Some(method)
        {
            let result = self.call_special(method, b, &[a])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(Some(result));
            }
            g = None;
        }
        if let Some(method) = f {
            let result = self.call_special(method, a, &[b])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(Some(result));
            }
        }
        if let Some(method) = g {
            let result = self.call_special(method, b, &[a])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(Some(result));
            }
        }
        Ok(None)
    }

    #[cold]
    pub(super) fn unsupported(&self, sign: &str, a: Value, b: Value) -> crate::vm::Raised {
        let (class_a, class_b) = (self.class_of(a), self.class_of(b));
        let (name_a, name_b) = (class_a.qualified_name(), class_b.qualified_name());
        let sequence =
            |class: Gc<Class>, special| is_native_sequence(class, class.special(special));
        if matches!(sign, "+" | "+=") && sequence(class_a, Special::Add) {
            let kind = match class_a.layout.kind {
                Kind::Bytes | Kind::ByteArray => {
                    return self.type_error(format!("can't concat {name_b} to {name_a}"));
                }
                Kind::Str => "str",
                Kind::List => "list",
                _ => "tuple",
            };
            return self.type_error(format!(
                "can only concatenate {kind} (not \"{name_b}\") to {kind}"
            ));
        }
        // Native sequences that repeat themselves.
        let repeats = |class: Gc<Class>| {
            let is_native =
                class.has_flag(ClassFlags::IMMUTABLE) && class.has_flag(ClassFlags::SEQUENCE);
            sequence(class, Special::Mul) || is_native && class.special(Special::Mul).is_some()
        };
        // In place, containers that do not repeat themselves do not repeat the other operand.
        let container = class_a.def.get().is_none() || class_a.special(Special::Contains).is_some();
        let asked = repeats(class_a) || repeats(class_b) && !(sign == "*=" && container);
        if matches!(sign, "*" | "*=") && asked {
            let other = if repeats(class_a) { name_b } else { name_a };
            return self.type_error(format!(
                "can't multiply sequence by non-int of type '{other}'"
            ));
        }
        self.type_error(format!(
            "unsupported operand type(s) for {sign}: '{name_a}' and '{name_b}'"
        ))
    }

    /// An integer as a float; OverflowError if it is too large.
    pub fn int_to_float(&self, i: IntRef) -> Result<f64> {
        match i {
            IntRef::Small(i) => Ok(i as f64),
            IntRef::Big(b) => int::limbs_to_f64(b.is_negative(), b.limbs())
                .ok_or_else(|| self.overflow_error("int too large to convert to float")),
        }
    }

    /// Arithmetic of floats; `None` for operators that floats do not have.
    pub fn float_binary(&self, op: BinaryOp, a: f64, b: f64) -> Option<Result> {
        let zero = |message: &str| Some(Err(self.zero_division_error(message)));
        Some(Ok(Value::float(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Subtract => a - b,
            BinaryOp::Multiply => a * b,
            BinaryOp::TrueDivide if b == 0.0 => return zero("division by zero"),
            BinaryOp::TrueDivide => a / b,
            BinaryOp::FloorDivide if b == 0.0 => return zero("division by zero"),
            BinaryOp::FloorDivide => float_floor_div(a, b),
            BinaryOp::Remainder if b == 0.0 => return zero("division by zero"),
            BinaryOp::Remainder => float_mod(a, b),
            BinaryOp::Power => return Some(self.float_pow(a, b)),
            _ => return None,
        })))
    }

    /// `a ** b` of floats.
    pub fn float_pow(&self, a: f64, b: f64) -> Result {
        if b == 0.0 || a == 1.0 {
            return Ok(Value::float(1.0));
        }
        if a == 0.0 && b < 0.0 && b.is_finite() {
            return Err(self.zero_division_error("zero to a negative power"));
        }
        if a < 0.0 && a.is_finite() && b.is_finite() && b.fract() != 0.0 {
            return self.complex_pow((a, 0.0), (b, 0.0));
        }
        let result = a.powf(b);
        if result.is_infinite() && a.is_finite() && b.is_finite() {
            let (number, text) = (
                self.new_int(34),
                self.new_str("Numerical result out of range").value(),
            );
            let class = self.exception_class(&crate::types::exception::classes::OVERFLOW_ERROR);
            return Err(self.raise_with(class, &[number, text]));
        }
        Ok(Value::float(result))
    }

    /// Arithmetic of integers; `a` and `b` are the values that `x` and `y` came from.
    pub fn int_binary(&self, op: BinaryOp, x: IntRef, y: IntRef, a: Value, b: Value) -> Result {
        if let (IntRef::Small(x), IntRef::Small(y)) = (x, y) {
            let wide = match op {
                BinaryOp::Add => Some(x + y),
                BinaryOp::Subtract => Some(x - y),
                BinaryOp::Multiply => x.checked_mul(y),
                BinaryOp::And => Some(x & y),
                BinaryOp::Or => Some(x | y),
                BinaryOp::Xor => Some(x ^ y),
                BinaryOp::FloorDivide if y != 0 => Some(floor_div(x, y)),
                BinaryOp::Remainder if y != 0 => Some(floor_mod(x, y)),
                BinaryOp::LShift
                    if (0..=62).contains(&y) && x.unsigned_abs().leading_zeros() as i64 > y + 1 =>
                {
                    Some(x << y)
                }
                BinaryOp::RShift if y >= 0 => Some(x >> y.min(63)),
                BinaryOp::TrueDivide
                    if y != 0 && x.unsigned_abs() < 1 << 53 && y.unsigned_abs() < 1 << 53 =>
                {
                    return Ok(Value::float(x as f64 / y as f64));
                }
                BinaryOp::Power if y >= 0 => match u32::try_from(y) {
                    Ok(y) => x.checked_pow(y),
                    Err(_) => None,
                },
                _ => None,
            };
            if let Some(wide) = wide {
                return Ok(self.new_int(wide));
            }
        }
        self.int_binary_big(op, x, y, a, b)
    }

    /// `-v`.
    pub fn negative(&self, v: Value) -> Result {
        match number(v) {
            Some(Number::Int(IntRef::Small(i))) => Ok(self.new_int(-i)),
            Some(Number::Int(IntRef::Big(b))) => self.int_from_limbs((!b.is_negative(), b.limbs())),
            Some(Number::Float(f)) => Ok(Value::float(-f)),
            None => self.unary(Special::Neg, "-", v),
        }
    }

    /// `+v`.
    pub fn positive(&self, v: Value) -> Result {
        if v.is_int() || v.is_float() {
            return Ok(v);
        }
        self.unary(Special::Pos, "+", v)
    }

    /// `~v`.
    pub fn invert(&self, v: Value) -> Result {
        match v.as_int() {
            Some(i) => Ok(self.new_int(!i)),
            None => self.unary(Special::Invert, "~", v),
        }
    }

    /// `abs(v)`.
    pub fn absolute(&self, v: Value) -> Result {
        match number(v) {
            Some(Number::Int(IntRef::Small(i))) => Ok(self.new_int(i.abs())),
            Some(Number::Float(f)) => Ok(Value::float(f.abs())),
            _ => match self.call_if_defined(v, Special::Abs, &[])? {
                Some(v) => Ok(v),
                None => Err(self.type_error(format!(
                    "bad operand type for abs(): '{}'",
                    self.class_of(v).qualified_name()
                ))),
            },
        }
    }

    fn unary(&self, special: Special, sign: &str, v: Value) -> Result {
        match self.call_if_defined(v, special, &[])? {
            Some(v) => Ok(v),
            None => Err(self.type_error(format!(
                "bad operand type for unary {sign}: '{}'",
                self.class_of(v).qualified_name()
            ))),
        }
    }
}

/// Quotient rounded down, `y` not zero.
#[inline]
pub fn floor_div(x: i64, y: i64) -> i64 {
    let q = x / y;
    if (x % y != 0) && ((x < 0) != (y < 0)) {
        q - 1
    } else {
        q
    }
}

/// Remainder with the divisor's sign, `y` not zero.
#[inline]
pub fn floor_mod(x: i64, y: i64) -> i64 {
    let r = x % y;
    if r != 0 && ((r < 0) != (y < 0)) {
        r + y
    } else {
        r
    }
}

//! `timedelta`: days, seconds and microseconds, the latter two never negative.

use super::args::Parameters;
use super::calendar::{DAY, SECOND};
use super::iso::{Buffer, push_digits, push_two};
use std::cmp::Ordering;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, MemberDef, MethodDef, TypeDef, slots};
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::ops::compare::{CompareOp, holds};
use taipan_runtime::types::float::float_of;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_text::int::{self, BigInt};

const MAX_DAYS: i64 = 999_999_999;

/// A duration. Its parts are immediate integers, so that they are attributes as they lie.
#[repr(C)]
pub struct Delta {
    pub header: Header,
    days: Field,
    seconds: Field,
    micros: Field,
}

heap_object!(Delta, "timedelta", Kind::Other, |this, marker| {});

/// The three parts of a duration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parts {
    pub days: i64,
    pub seconds: i64,
    pub micros: i64,
}

fn small(field: &Field) -> i64 {
    field.or_none().int_unchecked()
}

impl Delta {
    #[inline]
    pub fn parts(&self) -> Parts {
        Parts {
            days: small(&self.days),
            seconds: small(&self.seconds),
            micros: small(&self.micros),
        }
    }

    /// In microseconds.
    pub fn total(&self) -> i128 {
        self.parts().total()
    }

    pub fn is_zero(&self) -> bool {
        let p = self.parts();
        p.days | p.seconds | p.micros == 0
    }
}

impl Parts {
    fn total(self) -> i128 {
        i128::from(self.days) * i128::from(DAY) + i128::from(self.seconds * SECOND + self.micros)
    }

    /// From whole days and any number of microseconds.
    pub fn of(days: i64, micros: i64) -> Parts {
        let (carry, rest) = if (0..DAY).contains(&micros) {
            (0, micros)
        } else {
            (micros.div_euclid(DAY), micros.rem_euclid(DAY))
        };
        Parts {
            days: days + carry,
            seconds: rest / SECOND,
            micros: rest % SECOND,
        }
    }

    fn plus(self, other: Parts, sign: i64) -> Parts {
        Parts::of(
            self.days + sign * other.days,
            (self.seconds + sign * other.seconds) * SECOND + self.micros + sign * other.micros,
        )
    }
}

#[cold]
fn too_large(vm: &Vm) -> Raised {
    vm.overflow_error("Python int too large to convert to C int")
}

fn alloc(vm: &Vm, class: Gc<Class>, p: Parts) -> Result<Gc<Delta>> {
    if !(-MAX_DAYS..=MAX_DAYS).contains(&p.days) {
        return Err(vm.overflow_error(format!(
            "days={}; must have magnitude <= {MAX_DAYS}",
            p.days
        )));
    }
    let part = |n: i64| Field::new(Value::small_int(n));
    let object = Delta {
        header: Header::empty(),
        days: part(p.days),
        seconds: part(p.seconds),
        micros: part(p.micros),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object))
}

/// A `timedelta`; OverflowError if it is too long.
pub fn new_delta(vm: &Vm, p: Parts) -> Result<Gc<Delta>> {
    alloc(vm, vm.class_of_def(&TIMEDELTA)?, p)
}

fn of_total(vm: &Vm, class: Gc<Class>, total: i128) -> Result {
    let day = i128::from(DAY);
    let days = i32::try_from(total.div_euclid(day)).map_err(|_| too_large(vm))?;
    let parts = Parts::of(days.into(), total.rem_euclid(day) as i64);
    Ok(alloc(vm, class, parts)?.value())
}

fn of_big(vm: &Vm, total: &BigInt) -> Result {
    let total = i128::try_from(total).map_err(|_| too_large(vm))?;
    of_total(vm, vm.class_of_def(&TIMEDELTA)?, total)
}

static NEW: Parameters<7> = Parameters {
    function: "__new__",
    names: [
        "days",
        "seconds",
        "microseconds",
        "milliseconds",
        "minutes",
        "hours",
        "weeks",
    ],
    required: 0,
    positional: 7,
    convert: None,
};

/// Microseconds of one of each, in the order of the parameters.
const UNITS: [i64; 7] = [DAY, SECOND, 1, 1000, 60 * SECOND, 3600 * SECOND, 7 * DAY];

fn delta_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let base = vm.class_of_def(&TIMEDELTA)?;
    let class = class_argument(vm, args, base)?;
    let given = NEW.bind(vm, &args[1..], names)?;
    // Fractions of a microsecond add up before they are rounded.
    let (mut total, mut rest) = (0i128, 0.0);
    for at in [2, 3, 1, 4, 5, 0, 6] {
        let Some(v) = given[at].given() else { continue };
        let unit = i128::from(UNITS[at]);
        let whole = match v.as_int_ref() {
            Some(IntRef::Small(i)) => Some(i128::from(i)),
            Some(IntRef::Big(b)) => b.to_i128(),
            None => match float_of(v) {
                Some(f) => {
                    let whole = vm.int_from_float(f)?;
                    let fraction = (f - f.trunc()) * UNITS[at] as f64;
                    total += fraction.trunc() as i128;
                    rest += fraction - fraction.trunc();
                    match whole.as_int_ref() {
                        Some(IntRef::Small(i)) => Some(i128::from(i)),
                        Some(IntRef::Big(b)) => b.to_i128(),
                        None => None,
                    }
                }
                None => {
                    return Err(vm.type_error(format!(
                        "unsupported type for timedelta {} component: {}",
                        NEW.names[at],
                        vm.class_of(v).qualified_name()
                    )));
                }
            },
        };
        total = whole
            .and_then(|n| n.checked_mul(unit))
            .and_then(|n| n.checked_add(total))
            .ok_or_else(|| too_large(vm))?;
    }
    if rest != 0.0 {
        // To the nearest, and from the middle to an even total.
        let mut whole = rest.round();
        if (whole - rest).abs() == 0.5 {
            let odd = (total & 1) as f64;
            whole = 2.0 * ((rest + odd) * 0.5).round() - odd;
        }
        total += whole as i128;
    }
    of_total(vm, class, total)
}

fn is_exact(class: Gc<Class>) -> bool {
    class.def.get().is_some()
}

/// How `repr` names a class: a native one by its full name.
pub fn repr_name(class: Gc<Class>) -> String {
    let name = class.name_string();
    if is_exact(class) {
        format!("datetime.{name}")
    } else {
        name
    }
}

/// Text that `eval` reads back.
pub fn repr_text(delta: Gc<Delta>) -> String {
    let p = delta.parts();
    let parts = [
        ("days", p.days),
        ("seconds", p.seconds),
        ("microseconds", p.micros),
    ];
    let given: Vec<String> = parts
        .iter()
        .filter(|(_, n)| *n != 0)
        .map(|(name, n)| format!("{name}={n}"))
        .collect();
    let inner = if given.is_empty() {
        "0".to_owned()
    } else {
        given.join(", ")
    };
    format!("{}({inner})", repr_name(delta.class()))
}

fn delta_repr(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_str(&repr_text(this(args[0]))).value())
}

fn delta_str(vm: &Vm, args: &[Value]) -> Result {
    let p = this::<Delta>(args[0]).parts();
    let mut out = Buffer::new();
    if p.days != 0 {
        let plural = if p.days.abs() == 1 { "" } else { "s" };
        out.extend_from_slice(format!("{} day{plural}, ", p.days).as_bytes());
    }
    let hours = (p.seconds / 3600) as u8;
    if hours > 9 {
        out.push(b'0' + hours / 10);
    }
    out.push(b'0' + hours % 10);
    for part in [p.seconds / 60 % 60, p.seconds % 60] {
        out.push(b':');
        push_two(&mut out, part as u8);
    }
    if p.micros != 0 {
        out.push(b'.');
        push_digits(&mut out, p.micros as u32, 6);
    }
    Ok(vm.new_str_ascii(&out).value())
}

/// The hash of equal durations.
pub fn hash_parts(p: Parts) -> Result<u64> {
    use taipan_runtime::ops::hash;
    hash::tuple(
        [p.days, p.seconds, p.micros]
            .into_iter()
            .map(|n| Ok(hash::small_int(n))),
    )
}

fn delta_hash(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(hash_parts(this::<Delta>(args[0]).parts())? as i64))
}

fn compare(args: &[Value], op: CompareOp) -> Result {
    match args[1].cast::<Delta>() {
        Some(other) => {
            let order = this::<Delta>(args[0]).parts().cmp(&other.parts());
            Ok(Value::bool(holds(op, order)))
        }
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The class `timedelta`, of which most durations are.
fn native_class(vm: &Vm, delta: Gc<Delta>) -> Result<Gc<Class>> {
    let class = delta.class();
    if is_exact(class) {
        Ok(class)
    } else {
        vm.class_of_def(&TIMEDELTA)
    }
}

/// `a + sign * b`.
pub fn sum(vm: &Vm, a: Gc<Delta>, b: Gc<Delta>, sign: i64) -> Result<Gc<Delta>> {
    alloc(vm, native_class(vm, a)?, a.parts().plus(b.parts(), sign))
}

fn add(vm: &Vm, args: &[Value], sign: i64) -> Result {
    match (args[0].cast(), args[1].cast()) {
        (Some(a), Some(b)) => Ok(sum(vm, a, b, sign)?.value()),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn negated(vm: &Vm, delta: Gc<Delta>) -> Result {
    let zero = Parts::of(0, 0);
    Ok(new_delta(vm, zero.plus(delta.parts(), -1))?.value())
}

fn delta_abs(vm: &Vm, args: &[Value]) -> Result {
    let delta = this::<Delta>(args[0]);
    if delta.parts().days < 0 {
        negated(vm, delta)
    } else {
        Ok(new_delta(vm, delta.parts())?.value())
    }
}

/// The nearest integer to a quotient, from the middle the even one.
fn divide_nearest(a: &BigInt, b: &BigInt) -> Option<BigInt> {
    let (quotient, rest) = int::divmod(a, b)?;
    let one = int::from_i128(1);
    let twice = &rest + &rest;
    let order = if *b < int::from_i128(0) {
        b.cmp(&twice)
    } else {
        twice.cmp(b)
    };
    let odd = int::floor_mod(&quotient, &int::from_i128(2))? == one;
    Some(match order {
        Ordering::Greater => quotient + one,
        Ordering::Equal if odd => quotient + one,
        _ => quotient,
    })
}

/// A float, perhaps of a subclass, as a quotient of integers.
fn ratio(vm: &Vm, f: Value) -> Result<(BigInt, BigInt)> {
    let answer = vm.call_method(f, "as_integer_ratio", &[])?;
    let Some(pair) = answer.cast::<Tuple>() else {
        return Err(vm.type_error(format!(
            "unexpected return type from as_integer_ratio(): expected tuple, not '{}'",
            vm.class_of(answer).qualified_name()
        )));
    };
    let [numerator, denominator] = *pair.as_slice() else {
        return Err(vm.value_error("as_integer_ratio() must return a 2-tuple"));
    };
    let part = |v: Value| match v.as_int_ref() {
        Some(n) => Ok(n.to_big()),
        None => Err(vm.type_error(format!(
            "unsupported operand type(s) for *: 'int' and '{}'",
            vm.class_of(v).qualified_name()
        ))),
    };
    Ok((part(numerator)?, part(denominator)?))
}

#[cold]
fn by_zero(vm: &Vm) -> Raised {
    vm.zero_division_error("division by zero")
}

fn multiply(vm: &Vm, delta: Gc<Delta>, v: Value) -> Result {
    let total = delta.total();
    if let Some(n) = v.as_int_ref() {
        if let Some(n) = n.to_i128()
            && let Some(product) = total.checked_mul(n)
        {
            return of_total(vm, vm.class_of_def(&TIMEDELTA)?, product);
        }
        return of_big(vm, &(int::from_i128(total) * n.to_big()));
    }
    if float_of(v).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (numerator, denominator) = ratio(vm, v)?;
    let product = int::from_i128(total) * numerator;
    of_big(
        vm,
        &divide_nearest(&product, &denominator).unwrap_or_default(),
    )
}

fn delta_mul(vm: &Vm, args: &[Value]) -> Result {
    match args[0].cast::<Delta>() {
        Some(delta) => multiply(vm, delta, args[1]),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn delta_truediv(vm: &Vm, args: &[Value]) -> Result {
    let total = this::<Delta>(args[0]).total();
    if let Some(other) = args[1].cast::<Delta>() {
        const EXACT: i128 = 1 << 53;
        let other = other.total();
        if total.abs() <= EXACT && other.abs() <= EXACT && other != 0 {
            return Ok(Value::float(total as f64 / other as f64));
        }
        return vm.binary(BinaryOp::TrueDivide, vm.new_i128(total), vm.new_i128(other));
    }
    if let Some(n) = args[1].as_int_ref() {
        let quotient = divide_nearest(&int::from_i128(total), &n.to_big());
        return of_big(vm, &quotient.ok_or_else(|| by_zero(vm))?);
    }
    if float_of(args[1]).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (numerator, denominator) = ratio(vm, args[1])?;
    let quotient = divide_nearest(&(int::from_i128(total) * denominator), &numerator);
    of_big(vm, &quotient.ok_or_else(|| by_zero(vm))?)
}

fn delta_floordiv(vm: &Vm, args: &[Value]) -> Result {
    let total = this::<Delta>(args[0]).total();
    if let Some(other) = args[1].cast::<Delta>() {
        let (quotient, _) = divmod(vm, total, other.total())?;
        return Ok(vm.new_i128(quotient));
    }
    let Some(n) = args[1].as_int_ref() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let quotient = int::floor_div(&int::from_i128(total), &n.to_big());
    of_big(vm, &quotient.ok_or_else(|| by_zero(vm))?)
}

fn divmod(vm: &Vm, a: i128, b: i128) -> Result<(i128, i128)> {
    if b == 0 {
        return Err(by_zero(vm));
    }
    let (quotient, rest) = (a / b, a % b);
    if rest != 0 && (rest < 0) != (b < 0) {
        Ok((quotient - 1, rest + b))
    } else {
        Ok((quotient, rest))
    }
}

fn delta_mod(vm: &Vm, args: &[Value]) -> Result {
    let (Some(a), Some(b)) = (args[0].cast::<Delta>(), args[1].cast::<Delta>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (_, rest) = divmod(vm, a.total(), b.total())?;
    of_total(vm, vm.class_of_def(&TIMEDELTA)?, rest)
}

fn delta_divmod(vm: &Vm, args: &[Value]) -> Result {
    let (Some(a), Some(b)) = (args[0].cast::<Delta>(), args[1].cast::<Delta>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (quotient, rest) = divmod(vm, a.total(), b.total())?;
    let rest = of_total(vm, vm.class_of_def(&TIMEDELTA)?, rest)?;
    vm.pair(vm.new_i128(quotient), rest)
}

fn total_seconds(vm: &Vm, args: &[Value]) -> Result {
    let total = this::<Delta>(args[0]).total();
    if total.abs() <= 1 << 53 {
        return Ok(Value::float(total as f64 / SECOND as f64));
    }
    vm.binary(BinaryOp::TrueDivide, vm.new_i128(total), vm.new_int(SECOND))
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let p = this::<Delta>(args[0]).parts();
    let state = [p.days, p.seconds, p.micros].map(|n| vm.new_int(n));
    let state = vm.new_tuple(&state)?.value();
    vm.pair(vm.class_of(args[0]).value(), state)
}

/// An operator called by the name that reverses it: only for two durations.
fn reversed(vm: &Vm, args: &[Value], operator: fn(&Vm, &[Value]) -> Result) -> Result {
    match args[1].cast::<Delta>() {
        Some(_) => operator(vm, &[args[1], args[0]]),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn finish(vm: &Vm, class: Gc<Class>) -> Result<()> {
    let limit = |days, seconds, micros| {
        let parts = Parts {
            days,
            seconds,
            micros,
        };
        Ok(alloc(vm, class, parts)?.value())
    };
    let set = |name: &str, v: Result| -> Result<()> {
        class.namespace().set_str(vm, vm.intern(name), v?);
        Ok(())
    };
    set("resolution", limit(0, 0, 1))?;
    set("min", limit(-MAX_DAYS, 0, 0))?;
    set("max", limit(MAX_DAYS, 86_399, 999_999))
}

const fn part(name: &'static str, doc: &'static str, offset: usize) -> MemberDef {
    MemberDef {
        name,
        doc,
        offset,
        readonly: true,
        none_if_empty: true,
    }
}

/// `timedelta`.
pub static TIMEDELTA: TypeDef = TypeDef {
    module: "datetime",
    doc: "Difference between two datetime values.\n\n\
          timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)\n\n\
          All arguments are optional and default to 0.\n\
          Arguments may be integers or floats, and may be positive or negative.",
    subclassable: true,
    finish: Some(finish),
    methods: &[
        slots::new(delta_new),
        slots::repr(delta_repr),
        slots::hash(delta_hash).reads(0, 0),
        slots::str(delta_str).reads(0, 0),
        slots::lt(|_, args| compare(args, CompareOp::Lt)).reads(0, 0),
        slots::le(|_, args| compare(args, CompareOp::Le)).reads(0, 0),
        slots::eq(|_, args| compare(args, CompareOp::Eq)).reads(0, 0),
        slots::ne(|_, args| compare(args, CompareOp::Ne)).reads(0, 0),
        slots::gt(|_, args| compare(args, CompareOp::Gt)).reads(0, 0),
        slots::ge(|_, args| compare(args, CompareOp::Ge)).reads(0, 0),
        slots::add(|vm, args| add(vm, args, 1)).reads(0, 0),
        slots::radd(|vm, args| add(vm, &[args[1], args[0]], 1)).reads(0, 0),
        slots::sub(|vm, args| add(vm, args, -1)).reads(0, 0),
        slots::rsub(|vm, args| add(vm, &[args[1], args[0]], -1)).reads(0, 0),
        slots::mul(delta_mul),
        slots::rmul(delta_mul),
        slots::mod_(delta_mod).reads(0, 0),
        slots::rmod(|vm, args| reversed(vm, args, delta_mod)),
        slots::divmod(delta_divmod).reads(0, 0),
        slots::rdivmod(|vm, args| reversed(vm, args, delta_divmod)),
        slots::neg(|vm, args| negated(vm, this(args[0]))).reads(0, 0),
        slots::pos(|vm, args| Ok(new_delta(vm, this::<Delta>(args[0]).parts())?.value()))
            .reads(0, 0),
        slots::abs(delta_abs).reads(0, 0),
        slots::bool(|_, args| Ok(Value::bool(!this::<Delta>(args[0]).is_zero()))).reads(0, 0),
        slots::floordiv(delta_floordiv),
        slots::rfloordiv(|vm, args| reversed(vm, args, delta_floordiv)),
        slots::truediv(delta_truediv),
        slots::rtruediv(|vm, args| reversed(vm, args, delta_truediv)),
        MethodDef::new(
            "total_seconds",
            "(self, /)",
            "Total seconds in the duration.",
            total_seconds,
        )
        .reads(0, 0),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "__reduce__() -> (cls, state)",
            reduce,
        ),
    ],
    members: &[
        part("days", "Number of days.", std::mem::offset_of!(Delta, days)),
        part(
            "seconds",
            "Number of seconds (>= 0 and less than 1 day).",
            std::mem::offset_of!(Delta, seconds),
        ),
        part(
            "microseconds",
            "Number of microseconds (>= 0 and less than 1 second).",
            std::mem::offset_of!(Delta, micros),
        ),
    ],
    ..TypeDef::new("timedelta", <Delta as Object>::LAYOUT)
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_quotients_round_half_to_even() {
        let q = |a, b| {
            let q = divide_nearest(&int::from_i128(a), &int::from_i128(b));
            i128::try_from(&q.unwrap()).unwrap()
        };
        assert_eq!([q(5, 2), q(7, 2), q(-5, 2), q(-7, 2)], [2, 4, -2, -4]);
        assert_eq!([q(5, -2), q(-7, -2), q(8, 3), q(-8, 3)], [-2, 4, 3, -3]);
        assert!(divide_nearest(&int::from_i128(1), &int::from_i128(0)).is_none());
    }
}

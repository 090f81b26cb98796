//! `Decimal`: its constructor, operators and methods.

use super::context::{Context, Rounding, status};
use super::contexts::{self, ContextObject};
use super::format::{self, Failure, Locale, Spec};
use super::number::{Kind, Number};
use super::object::{self, Decimal, Small, convertible, operand, small_operand};
use super::state::{self, State};
use super::text::{self, Ascii};
use super::{arith, convert, fast, functions, limbs};
use crate::common::Parameters;
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{Class, ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::ops::compare::{CompareOp, holds};
use taipan_runtime::types::complex::Complex;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::float::float_of;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{class_argument, no_keywords, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::int::{BigInt, Sign};

type Unary = fn(&Number, &Context, &mut u32) -> Number;
type Binary = fn(&Number, &Number, &Context, &mut u32) -> Number;
type Fast = fn(Small, Small, &Context, &mut u32) -> Option<Small>;

/// The receiver's number.
fn number(args: &[Value]) -> Number {
    this::<Decimal>(args[0]).number()
}

fn result(vm: &Vm, state: &State, c: &ContextObject, n: &Number, happened: u32) -> Result {
    c.note(vm, happened)?;
    object::new(vm, state, n)
}

/// A binary operator: small operands by the fast way, others by the general one.
#[inline(always)]
fn operator(vm: &Vm, a: Value, b: Value, fast: Fast, general: Binary) -> Result {
    let (state, c) = state::current(vm)?;
    if let (Some(x), Some(y)) = (small_operand(a), small_operand(b)) {
        let mut happened = 0;
        if let Some(n) = fast(x, y, &c.parameters.get(), &mut happened) {
            c.note(vm, happened)?;
            return Ok(object::alloc_small(vm, state.shape(), n));
        }
    }
    general_operator(vm, &state, &c, a, b, general)
}

#[inline(never)]
fn general_operator(
    vm: &Vm,
    state: &State,
    c: &ContextObject,
    a: Value,
    b: Value,
    f: Binary,
) -> Result {
    let (Some(x), Some(y)) = (operand(a), operand(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let mut happened = 0;
    let n = f(&x, &y, &c.parameters.get(), &mut happened);
    result(vm, state, c, &n, happened)
}

fn divide_integer(vm: &Vm, a: Value, b: Value) -> Result {
    operator(vm, a, b, fast::divide_integer, arith::divide_integer)
}

fn remainder(vm: &Vm, a: Value, b: Value) -> Result {
    operator(vm, a, b, fast::remainder, arith::remainder)
}

fn add(vm: &Vm, a: Value, b: Value) -> Result {
    operator(vm, a, b, fast::add, arith::add)
}

fn subtract(vm: &Vm, a: Value, b: Value) -> Result {
    operator(vm, a, b, fast::subtract, arith::subtract)
}

fn multiply(vm: &Vm, a: Value, b: Value) -> Result {
    operator(vm, a, b, fast::multiply, arith::multiply)
}

fn divide(vm: &Vm, a: Value, b: Value) -> Result {
    operator(vm, a, b, fast::divide, arith::divide)
}

/// `divmod` of two numbers as a tuple.
pub fn pair(vm: &Vm, c: &ContextObject, a: &Number, b: &Number) -> Result {
    let mut happened = 0;
    let (quotient, rest) = arith::divmod(a, b, &c.parameters.get(), &mut happened);
    c.note(vm, happened)?;
    let state = state::get(vm)?;
    let quotient = object::new(vm, &state, &quotient)?;
    let rest = object::new(vm, &state, &rest)?;
    vm.pair(quotient, rest)
}

fn divmod(vm: &Vm, a: Value, b: Value) -> Result {
    let (Some(x), Some(y)) = (operand(a), operand(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (_, c) = state::current(vm)?;
    pair(vm, &c, &x, &y)
}

fn power(vm: &Vm, a: Value, b: Value, modulo: Value) -> Result {
    let (Some(x), Some(y)) = (operand(a), operand(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (state, c) = state::current(vm)?;
    let (ctx, mut happened) = (c.parameters.get(), 0);
    let n = match modulo.given_not_none() {
        None => functions::power(&x, &y, &ctx, &mut happened),
        Some(modulo) => match operand(modulo) {
            Some(z) => arith::power_modulo(&x, &y, &z, &ctx, &mut happened),
            None => return Ok(Value::NOT_IMPLEMENTED),
        },
    };
    result(vm, &state, &c, &n, happened)
}

fn unary_operator(vm: &Vm, args: &[Value], sign: fn(bool) -> bool, f: Unary) -> Result {
    let (state, c) = state::current(vm)?;
    let mut happened = 0;
    if let Some(n) = this::<Decimal>(args[0]).small()
        && let Some(n) = fast::signed(n, sign(n.negative), &c.parameters.get(), &mut happened)
    {
        c.note(vm, happened)?;
        return Ok(object::alloc_small(vm, state.shape(), n));
    }
    let n = f(&number(args), &c.parameters.get(), &mut happened);
    result(vm, &state, &c, &n, happened)
}

/// What a value is compared as with a number, which may have to be scaled; nothing for what
/// cannot be compared.
fn comparable(
    vm: &Vm,
    a: &Number,
    v: Value,
    op: CompareOp,
    state: &State,
    c: &ContextObject,
) -> Result<Option<(Number, Number)>> {
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if let Some(n) = operand(v) {
        return Ok(Some((a.clone(), n)));
    }
    let float = match v.cast::<Complex>() {
        Some(z) if equality && z.im == 0.0 => Some(z.re),
        Some(_) => return Ok(None),
        None => float_of(v),
    };
    if let Some(f) = float {
        if equality {
            c.status.set(c.status.get() | status::FLOAT_OPERATION);
        } else {
            c.note(vm, status::FLOAT_OPERATION)?;
        }
        return Ok(Some((a.clone(), convert::from_float(f))));
    }
    // Most other objects are of no numeric class.
    if v.header().is_none() || v.cast::<Str>().is_some() {
        return Ok(None);
    }
    if !vm.is_instance(v, state.rational.or_none())? {
        return Ok(None);
    }
    let integer = |name: &str| -> Result<Number> {
        match vm.get_attr(v, vm.intern(name))?.as_int_ref() {
            Some(n) => Ok(convert::from_int(n)),
            None => Err(vm.type_error("argument must be an integer")),
        }
    };
    let numerator = integer("numerator")?;
    if !a.is_finite() {
        return Ok(Some((a.clone(), numerator)));
    }
    let denominator = integer("denominator")?;
    let mut scaled = a.clone();
    scaled.coefficient = limbs::multiply(&a.coefficient, &denominator.coefficient);
    Ok(Some((scaled, numerator)))
}

#[inline(always)]
fn compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    if let (Some(x), Some(y)) = (small_operand(args[0]), small_operand(args[1]))
        && let Some(order) = fast::compare(x, y)
    {
        return Ok(Value::bool(holds(op, order)));
    }
    compare_any(vm, args, op)
}

#[inline(never)]
fn compare_any(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    let (state, c) = state::current(vm)?;
    let Some((a, b)) = comparable(vm, &number(args), args[1], op, &state, &c)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a.is_nan() || b.is_nan() {
        let signals = a.kind == Kind::Signaling || b.kind == Kind::Signaling;
        if signals || !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            c.note(vm, status::INVALID_OPERATION)?;
        }
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    Ok(Value::bool(holds(op, a.order(&b))))
}

static NEW: Parameters<2> = Parameters {
    function: "",
    names: ["value", "context"],
    required: 0,
    positional: 2,
    convert: None,
};

static CONTEXT: Parameters<1> = Parameters {
    function: "",
    names: ["context"],
    required: 0,
    positional: 1,
    convert: None,
};

static OTHER: Parameters<2> = Parameters {
    function: "",
    names: ["other", "context"],
    required: 1,
    positional: 2,
    convert: None,
};

static OTHERS: Parameters<3> = Parameters {
    function: "",
    names: ["other", "third", "context"],
    required: 2,
    positional: 3,
    convert: None,
};

static QUANTIZE: Parameters<3> = Parameters {
    function: "",
    names: ["exp", "rounding", "context"],
    required: 1,
    positional: 3,
    convert: None,
};

static ROUNDING: Parameters<2> = Parameters {
    function: "",
    names: ["rounding", "context"],
    required: 0,
    positional: 2,
    convert: None,
};

/// A tuple's or list's items.
fn items(v: Value) -> Option<Vec<Value>> {
    match (v.cast::<Tuple>(), v.cast::<List>()) {
        (Some(tuple), _) => Some(tuple.as_slice().to_vec()),
        (_, Some(list)) => Some(list.as_slice().to_vec()),
        _ => None,
    }
}

/// The text of the number that sign, digits and exponent mean.
///
/// # Errors
/// ValueError for what are none, OverflowError for an exponent beyond 64 bits.
pub fn tuple_text(vm: &Vm, v: Value) -> Result<Vec<u8>> {
    // Nothing is allocated while the items are looked at, which the sequence holds.
    let parts = items(v).unwrap_or_default();
    let &[sign, digits, exponent] = &parts[..] else {
        return Err(vm.value_error("argument must be a sequence of length 3"));
    };
    let mut text = match sign.as_int_ref() {
        Some(IntRef::Small(0)) => vec![b'+'],
        Some(IntRef::Small(1)) => vec![b'-'],
        Some(IntRef::Big(b)) if b.to_i64().is_none() => {
            return Err(vm.overflow_error("Python int too large to convert to C int"));
        }
        _ => return Err(vm.value_error("sign must be an integer with the value 0 or 1")),
    };
    let mut power = None;
    if let Some(kind) = exponent.cast::<Str>() {
        let word: &[u8] = match &kind {
            k if k.is_text("F") => b"Inf",
            k if k.is_text("n") => b"NaN",
            k if k.is_text("N") => b"sNaN",
            _ => {
                return Err(
                    vm.value_error("string argument in the third position must be 'F', 'n' or 'N'")
                );
            }
        };
        text.extend_from_slice(word);
    } else {
        power = Some(match exponent.as_int_ref() {
            Some(IntRef::Small(n)) => n,
            Some(IntRef::Big(b)) => b
                .to_i64()
                .ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t"))?,
            None => return Err(vm.value_error("exponent must be an integer")),
        });
    }
    let wrong = || vm.value_error("coefficient must be a tuple of digits");
    let digits = items(digits).ok_or_else(wrong)?;
    if digits.is_empty() && power.is_some() {
        text.push(b'0');
    }
    let infinite = text.ends_with(b"Inf");
    for digit in digits {
        match digit.as_int_ref() {
            Some(IntRef::Small(d @ 0..=9)) if !infinite => text.push(b'0' + d as u8),
            Some(IntRef::Small(0..=9)) => {}
            _ => return Err(wrong()),
        }
    }
    if let Some(power) = power {
        text.push(b'E');
        text.extend_from_slice(power.to_string().as_bytes());
    }
    Ok(text)
}

/// A float or an integer, exactly.
///
/// # Errors
/// TypeError for other values.
pub fn float_number(vm: &Vm, v: Value) -> Result<Number> {
    if let Some(n) = v.as_int_ref() {
        return Ok(convert::from_int(n));
    }
    match float_of(v) {
        Some(f) => Ok(convert::from_float(f)),
        None => Err(vm.type_error("argument must be int or float")),
    }
}

/// Whatever the constructor takes as a new object of a class.
fn construct(vm: &Vm, class: Gc<Class>, v: Value, context: Value) -> Result {
    let (_, c) = contexts::optional(vm, context)?;
    let exact = class.def.get().is_some();
    let mut happened = 0;
    let n = if v.is_missing() {
        Number::zero(false, 0)
    } else if let Some(s) = v.cast::<Str>() {
        convert::from_str_exactly(&s, &mut happened)
    } else if exact && state::is_decimal(v) && vm.class_of(v) == class {
        return Ok(v);
    } else if let Some(n) = operand(v) {
        n
    } else if v.cast::<Tuple>().is_some() || v.cast::<List>().is_some() {
        match text::parse(&tuple_text(vm, v)?) {
            Some(n) => object::exactly(n, &mut happened),
            None => Number::invalid(status::CONVERSION_SYNTAX, &mut happened),
        }
    } else if let Some(f) = float_of(v) {
        c.note(vm, status::FLOAT_OPERATION)?;
        convert::from_float(f)
    } else {
        return Err(object::unsupported(vm, v));
    };
    c.note(vm, happened)?;
    object::alloc(vm, class.root_shape.get(), &n)
}

fn decimal_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&DECIMAL)?)?;
    let [v, context] = NEW.bind(vm, &args[1..], names)?;
    construct(vm, class, v, context)
}

/// An object of the class that a class method was called on.
fn of_class(vm: &Vm, class: Value, n: &Number) -> Result {
    let made = object::new(vm, &*state::get(vm)?, n)?;
    if vm.class_of(made).value() == class {
        return Ok(made);
    }
    vm.call(class, &[made])
}

fn from_float(vm: &Vm, args: &[Value]) -> Result {
    let n = float_number(vm, args[1])?;
    of_class(vm, args[0], &n)
}

fn from_number(vm: &Vm, args: &[Value]) -> Result {
    let v = args[1];
    let n = match operand(v) {
        Some(n) => n,
        None => match float_of(v) {
            Some(f) => {
                state::current(vm)?.1.note(vm, status::FLOAT_OPERATION)?;
                convert::from_float(f)
            }
            None => return Err(object::unsupported(vm, v)),
        },
    };
    of_class(vm, args[0], &n)
}

fn unary(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>, f: Unary) -> Result {
    let [context] = CONTEXT.bind(vm, &args[1..], names)?;
    let (state, c) = contexts::optional(vm, context)?;
    let mut happened = 0;
    let n = f(&number(args), &c.parameters.get(), &mut happened);
    result(vm, &state, &c, &n, happened)
}

fn binary(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>, f: Binary) -> Result {
    let [other, context] = OTHER.bind(vm, &args[1..], names)?;
    let (state, c) = contexts::optional(vm, context)?;
    let other = convertible(vm, other)?;
    let mut happened = 0;
    let n = f(&number(args), &other, &c.parameters.get(), &mut happened);
    result(vm, &state, &c, &n, happened)
}

fn fma(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [other, third, context] = OTHERS.bind(vm, &args[1..], names)?;
    let (state, c) = contexts::optional(vm, context)?;
    let (other, third) = (convertible(vm, other)?, convertible(vm, third)?);
    let mut happened = 0;
    let n = arith::fma(
        &number(args),
        &other,
        &third,
        &c.parameters.get(),
        &mut happened,
    );
    result(vm, &state, &c, &n, happened)
}

fn predicate(
    vm: &Vm,
    args: &[Value],
    names: Option<Gc<Tuple>>,
    f: fn(&Number, &Context) -> bool,
) -> Result {
    let [context] = CONTEXT.bind(vm, &args[1..], names)?;
    let (_, c) = contexts::optional(vm, context)?;
    Ok(Value::bool(f(&number(args), &c.parameters.get())))
}

fn quantize(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [exponent, rounding, context] = QUANTIZE.bind(vm, &args[1..], names)?;
    let (state, c) = contexts::optional(vm, context)?;
    let mut ctx = c.parameters.get();
    if let Some(rounding) = rounding.given_not_none() {
        ctx.rounding = contexts::rounding(vm, rounding)?;
    }
    let mut happened = 0;
    if let (Some(a), Some(b)) = (this::<Decimal>(args[0]).small(), small_operand(exponent))
        && let Some(n) = fast::quantize(a, b.exponent, &ctx, &mut happened)
    {
        c.note(vm, happened)?;
        return Ok(object::alloc_small(vm, state.shape(), n));
    }
    let exponent = convertible(vm, exponent)?;
    let n = arith::quantize(&number(args), &exponent, &ctx, &mut happened);
    result(vm, &state, &c, &n, happened)
}

fn to_integral(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>, tells: bool) -> Result {
    let [rounding, context] = ROUNDING.bind(vm, &args[1..], names)?;
    let (state, c) = contexts::optional(vm, context)?;
    let mut ctx = c.parameters.get();
    if let Some(rounding) = rounding.given_not_none() {
        ctx.rounding = contexts::rounding(vm, rounding)?;
    }
    let mut happened = 0;
    let n = arith::to_integral(&number(args), tells, &ctx, &mut happened);
    result(vm, &state, &c, &n, happened)
}

/// Whether two numbers have the same exponent, or are of the same special kind.
pub fn same_quantum(a: &Number, b: &Number) -> bool {
    if a.is_finite() && b.is_finite() {
        return a.exponent == b.exponent;
    }
    a.is_nan() && b.is_nan() || a.is_infinite() && b.is_infinite()
}

fn decimal_same_quantum(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [other, context] = OTHER.bind(vm, &args[1..], names)?;
    contexts::optional(vm, context)?;
    let other = convertible(vm, other)?;
    Ok(Value::bool(same_quantum(&number(args), &other)))
}

fn number_class(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [context] = CONTEXT.bind(vm, &args[1..], names)?;
    let (_, c) = contexts::optional(vm, context)?;
    Ok(vm.new_str(number(args).class(&c.parameters.get())).value())
}

fn to_eng_string(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [context] = CONTEXT.bind(vm, &args[1..], names)?;
    let (_, c) = contexts::optional(vm, context)?;
    let mut out = Ascii::new();
    text::write(&number(args), true, c.capitals.get(), &mut out);
    Ok(vm.new_str_ascii(&out).value())
}

fn decimal_str(vm: &Vm, args: &[Value]) -> Result {
    let mut room = [0; 96];
    if let Some(n) = this::<Decimal>(args[0]).small()
        && let Some(at) = fast::write_plain(&mut room, n)
    {
        return Ok(vm.new_str_ascii(&room[at..]).value());
    }
    let (_, c) = state::current(vm)?;
    let mut out = Ascii::new();
    text::write(&number(args), false, c.capitals.get(), &mut out);
    Ok(vm.new_str_ascii(&out).value())
}

fn decimal_repr(vm: &Vm, args: &[Value]) -> Result {
    let (_, c) = state::current(vm)?;
    let mut out = Ascii::new();
    out.extend_from_slice(b"Decimal('");
    text::write(&number(args), false, c.capitals.get(), &mut out);
    out.extend_from_slice(b"')");
    Ok(vm.new_str_ascii(&out).value())
}

fn decimal_hash(vm: &Vm, args: &[Value]) -> Result {
    const INFINITE: i64 = 314_159;
    let d = this::<Decimal>(args[0]);
    if d.small().is_none() {
        let n = d.number();
        match n.kind {
            Kind::Finite => {}
            Kind::Infinite => {
                return Ok(vm.new_int(if n.negative { -INFINITE } else { INFINITE }));
            }
            Kind::Quiet => {
                let hash = taipan_runtime::ops::hash::address(args[0]);
                return Ok(vm.new_int(hash as i64));
            }
            Kind::Signaling => {
                return Err(vm.type_error("Cannot hash a signaling NaN value"));
            }
        }
    }
    Ok(vm.new_int(d.hash_with(convert::hash)))
}

fn truncated(vm: &Vm, args: &[Value]) -> Result {
    match this::<Decimal>(args[0]).small().and_then(fast::whole) {
        Some(n) => Ok(vm.new_i128(n)),
        None => integer(vm, &number(args), Rounding::Down),
    }
}

/// The number as an integer.
fn integer(vm: &Vm, n: &Number, rounding: Rounding) -> Result {
    match n.kind {
        Kind::Finite => {}
        Kind::Infinite => return Err(vm.overflow_error("cannot convert Infinity to integer")),
        _ => return Err(vm.value_error("cannot convert NaN to integer")),
    }
    match convert::whole(n, rounding) {
        Some(whole) => Ok(convert::int_value(vm, n.negative, &whole)),
        None => Err(vm.memory_error()),
    }
}

fn decimal_float(vm: &Vm, args: &[Value]) -> Result {
    let n = number(args);
    match n.kind {
        Kind::Signaling => Err(vm.value_error("cannot convert signaling NaN to float")),
        Kind::Quiet => {
            let nan = f64::NAN.copysign(if n.negative { -1.0 } else { 1.0 });
            Ok(Value::float(nan))
        }
        _ => Ok(Value::float(convert::to_float(&n))),
    }
}

fn decimal_complex(vm: &Vm, args: &[Value]) -> Result {
    let real = decimal_float(vm, args)?;
    vm.call(vm.types.complex.get().value(), &[real])
}

fn decimal_round(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "__round__", names)?;
    if args.len() > 2 {
        let given = args.len() - 1;
        return Err(vm.type_error(format!("function takes at most 1 argument ({given} given)")));
    }
    let Some(places) = args.get(1) else {
        return integer(vm, &number(args), Rounding::HalfEven);
    };
    let places = match places.as_int_ref() {
        Some(IntRef::Small(n)) => n,
        Some(IntRef::Big(b)) => b
            .to_i64()
            .ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t"))?,
        None => return Err(vm.type_error("optional arg must be an integer")),
    };
    let (state, c) = state::current(vm)?;
    let exponent = places.checked_neg().unwrap_or(i64::MAX);
    let unit = Number::new(false, limbs::from_wide(1), exponent);
    let mut happened = 0;
    let n = arith::quantize(&number(args), &unit, &c.parameters.get(), &mut happened);
    result(vm, &state, &c, &n, happened)
}

fn as_integer_ratio(vm: &Vm, args: &[Value]) -> Result {
    let n = number(args);
    match n.kind {
        Kind::Finite => {}
        Kind::Infinite => {
            return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
        }
        _ => return Err(vm.value_error("cannot convert NaN to integer ratio")),
    }
    let Some((numerator, denominator)) = convert::ratio(&n) else {
        return Err(vm.memory_error());
    };
    let sign = if n.negative { Sign::Minus } else { Sign::Plus };
    let numerator = vm.new_bigint(BigInt::from_biguint(sign, numerator));
    vm.pair(numerator, vm.new_bigint(denominator.into()))
}

fn as_tuple(vm: &Vm, args: &[Value]) -> Result {
    let n = number(args);
    let mut digits = Ascii::new();
    if n.is_finite() || n.is_infinite() || !n.coefficient.is_empty() {
        limbs::write_digits(&n.coefficient, &mut digits);
    }
    let digits: Vec<Value> = digits
        .iter()
        .map(|d| Value::small_int((d - b'0').into()))
        .collect();
    let exponent = match n.kind {
        Kind::Finite => vm.new_int(n.exponent),
        Kind::Infinite => vm.intern("F").value(),
        Kind::Quiet => vm.intern("n").value(),
        Kind::Signaling => vm.intern("N").value(),
    };
    let sign = Value::small_int(n.negative.into());
    let digits = vm.new_tuple(&digits)?.value();
    let class = state::get(vm)?.decimal_tuple.or_none();
    vm.call(class, &[sign, digits, exponent])
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let text = decimal_str(vm, args)?;
    let state = vm.new_tuple(&[text])?.value();
    vm.pair(vm.class_of(args[0]).value(), state)
}

/// The conventions of the system's locale, or those that a dictionary overrides others with.
fn locale(vm: &Vm, spec: &Spec, overrides: Option<Value>) -> Result<Option<Locale>> {
    if overrides.is_none() && !spec.wants_locale() {
        return Ok(None);
    }
    let mut locale = spec.own_locale();
    if spec.wants_locale() {
        let function = vm.import_attr("_locale", "localeconv")?;
        let dict = vm.call(function, &[])?;
        if let Some(dict) = dict.cast::<Dict>() {
            override_locale(vm, &mut locale, dict)?;
        }
    }
    let Some(overrides) = overrides else {
        return Ok(Some(locale));
    };
    let Some(dict) = overrides.cast::<Dict>() else {
        return Err(vm.type_error("optional argument must be a dict"));
    };
    let is_valid = override_locale(vm, &mut locale, dict)?;
    if !is_valid || locale.point.is_empty() || locale.point.len() > 4 || locale.separator.len() > 4
    {
        return Err(vm.value_error("invalid override dict"));
    }
    Ok(Some(locale))
}

/// Takes over what a dictionary has: false for groups of no possible length.
fn override_locale(vm: &Vm, locale: &mut Locale, dict: Gc<Dict>) -> Result<bool> {
    let entry = |name: &str| dict.get_str(vm.intern(name));
    let text = |v: Value| match v.cast::<Str>() {
        Some(s) => Ok(s.to_text()),
        None => Err(vm.type_error("bad argument type for built-in operation")),
    };
    if let Some(v) = entry("decimal_point") {
        locale.point = text(v)?;
    }
    if let Some(v) = entry("thousands_sep") {
        locale.separator = text(v)?;
    }
    let Some(v) = entry("grouping") else {
        return Ok(true);
    };
    let lengths: Vec<u32> = match items(v) {
        Some(lengths) => lengths
            .iter()
            .map(|n| n.as_int().unwrap_or(0) as u32)
            .collect(),
        None => text(v)?.chars().map(u32::from).collect(),
    };
    // What follows a zero repeats.
    let end = lengths.iter().position(|n| *n == 0);
    let lengths = &lengths[..end.unwrap_or(lengths.len())];
    locale.grouping = lengths.iter().map(|n| *n as u8).collect();
    Ok(lengths.iter().all(|n| *n <= 127))
}

fn decimal_format(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "__format__", names)?;
    let given = args.len() - 1;
    if !(1..=2).contains(&given) {
        let (bound, plural) = if given == 0 {
            ("at least 1", "")
        } else {
            ("at most 2", "s")
        };
        return Err(vm.type_error(format!(
            "function takes {bound} argument{plural} ({given} given)"
        )));
    }
    let (_, c) = state::current(vm)?;
    let Some(spec) = args[1].cast::<Str>() else {
        return Err(vm.type_error("format arg must be str"));
    };
    if given == 1 {
        if spec.is_empty() {
            return decimal_str(vm, args);
        }
        // Prices and their like: digits behind the point, perhaps in groups before it.
        let mut room = [0; 96];
        if let Some((separator, places)) = spec.as_ascii().and_then(format::simple)
            && let Some(n) = this::<Decimal>(args[0]).small()
            && let rounding = c.parameters.get().rounding
            && let Some(at) = fast::write_rounded(&mut room, n, places, separator, rounding)
        {
            return Ok(vm.new_str_ascii(&room[at..]).value());
        }
    }
    let n = number(args);
    let formatted = match Spec::parse(&spec.to_text()) {
        Ok(spec) => {
            if spec.is_deprecated() {
                vm.warn_deprecated(
                    "Format specifier 'N' is deprecated and slated for removal in Python 3.18",
                )?;
            }
            let locale = locale(vm, &spec, args.get(2).copied())?;
            format::format(&n, &spec, &c.parameters.get(), c.capitals.get(), locale)
        }
        Err(failure) => Err(failure),
    };
    match formatted {
        Ok(text) => Ok(vm.new_str(&text).value()),
        Err(Failure::Invalid) => Err(vm.value_error("invalid format string")),
        Err(Failure::Width) => {
            Err(vm.overflow_error("cannot fit 'int' into an index-sized integer"))
        }
        Err(Failure::Limits) => {
            Err(vm.value_error("format specification exceeds internal limits of _decimal"))
        }
        Err(Failure::Memory) => Err(vm.memory_error()),
    }
}

fn itself(_: &Vm, args: &[Value]) -> Result {
    Ok(args[0])
}

fn adjusted(vm: &Vm, args: &[Value]) -> Result {
    let n = number(args);
    Ok(vm.new_int(if n.is_finite() { n.adjusted() } else { 0 }))
}

fn is_true(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(!number(args).is_zero()))
}

/// `Decimal`.
pub static DECIMAL: TypeDef = TypeDef {
    module: "decimal",
    doc: "A decimal floating point number, made exactly of a string, an integer, a float,\n\
          another Decimal or a tuple of sign, digits and exponent; zero of nothing.\n\
          The context only says whether invalid values raise an exception.",
    subclassable: true,
    flags: ClassFlags::FULL_NAME,
    methods: taipan_runtime::method_table![
        [
            MethodDef::raw(
                "__new__",
                "(type, /, value='0', context=None)",
                "Create and return a new object.  See help(type) for accurate signature.",
                decimal_new,
            )
            .static_()
            .reads(0b110, 0),
            slots::repr(decimal_repr).reads(0, 0),
            slots::str(decimal_str).reads(0, 0),
            slots::hash(decimal_hash).reads(0, 0),
            slots::lt(|vm, args| compare(vm, args, CompareOp::Lt)),
            slots::le(|vm, args| compare(vm, args, CompareOp::Le)),
            slots::eq(|vm, args| compare(vm, args, CompareOp::Eq)),
            slots::ne(|vm, args| compare(vm, args, CompareOp::Ne)),
            slots::gt(|vm, args| compare(vm, args, CompareOp::Gt)),
            slots::ge(|vm, args| compare(vm, args, CompareOp::Ge)),
            slots::add(|vm, args| add(vm, args[0], args[1])).reads(0, 0),
            slots::radd(|vm, args| add(vm, args[1], args[0])).reads(0, 0),
            slots::sub(|vm, args| subtract(vm, args[0], args[1])).reads(0, 0),
            slots::rsub(|vm, args| subtract(vm, args[1], args[0])).reads(0, 0),
            slots::mul(|vm, args| multiply(vm, args[0], args[1])).reads(0, 0),
            slots::rmul(|vm, args| multiply(vm, args[1], args[0])).reads(0, 0),
            slots::truediv(|vm, args| divide(vm, args[0], args[1])).reads(0, 0),
            slots::rtruediv(|vm, args| divide(vm, args[1], args[0])).reads(0, 0),
            slots::floordiv(|vm, args| divide_integer(vm, args[0], args[1])).reads(0, 0),
            slots::rfloordiv(|vm, args| divide_integer(vm, args[1], args[0])).reads(0, 0),
            slots::mod_(|vm, args| remainder(vm, args[0], args[1])).reads(0, 0),
            slots::rmod(|vm, args| remainder(vm, args[1], args[0])).reads(0, 0),
            slots::divmod(|vm, args| divmod(vm, args[0], args[1])).reads(0, 0),
            slots::rdivmod(|vm, args| divmod(vm, args[1], args[0])).reads(0, 0),
            MethodDef::new(
                "__pow__",
                "(self, value, mod=None, /)",
                "Return pow(self, value, mod).",
                |vm, args| power(vm, args[0], args[1], args[2]),
            )
            .reads(0, 0),
            MethodDef::new(
                "__rpow__",
                "(self, value, mod=None, /)",
                "Return pow(value, self, mod).",
                |vm, args| power(vm, args[1], args[0], args[2]),
            )
            .reads(0, 0),
            slots::neg(|vm, args| unary_operator(vm, args, |s| !s, arith::minus)).reads(0, 0),
            slots::pos(|vm, args| unary_operator(vm, args, |s| s, arith::plus)).reads(0, 0),
            slots::abs(|vm, args| unary_operator(vm, args, |_| false, arith::abs)).reads(0, 0),
            slots::bool(is_true).reads(0, 0),
            MethodDef::new("__int__", "(self, /)", "int(self)", truncated).reads(0, 0),
            MethodDef::new("__float__", "(self, /)", "float(self)", decimal_float).reads(0, 0),
            MethodDef::new("__complex__", "(self, /)", "", decimal_complex),
            MethodDef::new("__trunc__", "(self, /)", "", |vm, args| {
                integer(vm, &number(args), Rounding::Down)
            }),
            MethodDef::new("__floor__", "(self, /)", "", |vm, args| {
                integer(vm, &number(args), Rounding::Floor)
            }),
            MethodDef::new("__ceil__", "(self, /)", "", |vm, args| {
                integer(vm, &number(args), Rounding::Ceiling)
            }),
            MethodDef::raw("__round__", "", "", decimal_round).reads(0, 0),
            MethodDef::raw("__format__", "", "", decimal_format),
            MethodDef::new("__reduce__", "(self, /)", "", reduce),
            MethodDef::new("__copy__", "(self, /)", "", itself),
            MethodDef::new("__deepcopy__", "(self, object, /)", "", itself),
            MethodDef::new("__sizeof__", "(self, /)", "", |vm, args| {
                Ok(vm.new_int(this::<Decimal>(args[0]).size() as i64))
            }),
        ],
        [
            MethodDef::raw(
                "quantize",
                "(self, /, exp, rounding=None, context=None)",
                "Return the number rounded to the exponent of exp.",
                quantize,
            )
            .reads(0, 0),
            MethodDef::raw(
                "to_integral",
                "(self, /, rounding=None, context=None)",
                "Return the number rounded to an integer.",
                |vm, args, names| to_integral(vm, args, names, false),
            )
            .reads(0, 0),
            MethodDef::raw(
                "to_integral_exact",
                "(self, /, rounding=None, context=None)",
                "Return the number rounded to an integer, signalling if that changes it.",
                |vm, args, names| to_integral(vm, args, names, true),
            )
            .reads(0, 0),
            MethodDef::raw(
                "to_integral_value",
                "(self, /, rounding=None, context=None)",
                "Return the number rounded to an integer.",
                |vm, args, names| to_integral(vm, args, names, false),
            )
            .reads(0, 0),
            MethodDef::raw(
                "fma",
                "(self, /, other, third, context=None)",
                "Return self * other + third, rounded once.",
                fma,
            )
            .reads(0, 0),
            MethodDef::raw(
                "same_quantum",
                "(self, /, other, context=None)",
                "Return whether both have the same exponent.",
                decimal_same_quantum,
            )
            .reads(0, 0),
            MethodDef::raw(
                "number_class",
                "(self, /, context=None)",
                "Return the kind of number as text.",
                number_class,
            )
            .reads(0, 0),
            MethodDef::raw(
                "to_eng_string",
                "(self, /, context=None)",
                "Return the number's text, with an exponent that is a multiple of three.",
                to_eng_string,
            )
            .reads(0, 0),
            MethodDef::new("is_canonical", "(self, /)", "Return True.", |_, _| Ok(
                Value::TRUE
            )),
            MethodDef::new("canonical", "(self, /)", "Return self.", itself),
            MethodDef::new("conjugate", "(self, /)", "Return self.", itself),
            MethodDef::new("radix", "(self, /)", "Return Decimal(10).", |vm, _| {
                object::new(vm, &*state::get(vm)?, &Number::from_i64(10))
            }),
            MethodDef::new(
                "adjusted",
                "(self, /)",
                "Return the exponent of the first digit.",
                adjusted,
            )
            .reads(0, 0),
            MethodDef::new(
                "copy_abs",
                "(self, /)",
                "Return the number without its sign.",
                |vm, args| { object::new(vm, &*state::get(vm)?, &number(args).with_sign(false)) }
            )
            .reads(0, 0),
            MethodDef::new(
                "copy_negate",
                "(self, /)",
                "Return the number with its sign inverted.",
                |vm, args| {
                    let n = number(args);
                    let negative = !n.negative;
                    object::new(vm, &*state::get(vm)?, &n.with_sign(negative))
                },
            )
            .reads(0, 0),
            MethodDef::new(
                "from_float",
                "(type, f, /)",
                "Return a float or an int as a Decimal, exactly.",
                from_float,
            )
            .class(),
            MethodDef::new(
                "from_number",
                "(type, number, /)",
                "Return a real number as a Decimal, exactly.",
                from_number,
            )
            .class(),
            MethodDef::new(
                "as_tuple",
                "(self, /)",
                "Return sign, digits and exponent as a named tuple.",
                as_tuple,
            ),
            MethodDef::new(
                "as_integer_ratio",
                "(self, /)",
                "Return the number as a fraction in lowest terms.",
                as_integer_ratio,
            )
            .reads(0, 0),
        ],
        [
            MethodDef::raw(
                "exp",
                "(self, /, context=None)",
                "Return e ** self.",
                |vm, args, names| unary(vm, args, names, functions::exp)
            )
            .reads(0, 0),
            MethodDef::raw(
                "ln",
                "(self, /, context=None)",
                "Return the natural logarithm.",
                |vm, args, names| unary(vm, args, names, functions::ln)
            )
            .reads(0, 0),
            MethodDef::raw(
                "log10",
                "(self, /, context=None)",
                "Return the logarithm to the base ten.",
                |vm, args, names| unary(vm, args, names, functions::log10)
            )
            .reads(0, 0),
            MethodDef::raw(
                "next_minus",
                "(self, /, context=None)",
                "Return the largest number below.",
                |vm, args, names| unary(vm, args, names, arith::next_minus)
            )
            .reads(0, 0),
            MethodDef::raw(
                "next_plus",
                "(self, /, context=None)",
                "Return the smallest number above.",
                |vm, args, names| unary(vm, args, names, arith::next_plus)
            )
            .reads(0, 0),
            MethodDef::raw(
                "normalize",
                "(self, /, context=None)",
                "Return the number without trailing zeros.",
                |vm, args, names| unary(vm, args, names, arith::normalize)
            )
            .reads(0, 0),
            MethodDef::raw(
                "sqrt",
                "(self, /, context=None)",
                "Return the square root.",
                |vm, args, names| unary(vm, args, names, arith::square_root)
            )
            .reads(0, 0),
            MethodDef::raw(
                "logb",
                "(self, /, context=None)",
                "Return the exponent of the first digit.",
                |vm, args, names| unary(vm, args, names, arith::logb)
            )
            .reads(0, 0),
            MethodDef::raw(
                "logical_invert",
                "(self, /, context=None)",
                "Return the number with all digits inverted.",
                |vm, args, names| unary(vm, args, names, arith::logical_invert)
            )
            .reads(0, 0),
            MethodDef::raw(
                "compare",
                "(self, /, other, context=None)",
                "Compare numerically.",
                |vm, args, names| binary(vm, args, names, arith::compare)
            )
            .reads(0, 0),
            MethodDef::raw(
                "compare_signal",
                "(self, /, other, context=None)",
                "Compare numerically, signalling for all NaNs.",
                |vm, args, names| binary(vm, args, names, arith::compare_signal)
            )
            .reads(0, 0),
            MethodDef::raw(
                "max",
                "(self, /, other, context=None)",
                "Return the larger number.",
                |vm, args, names| binary(vm, args, names, arith::max)
            )
            .reads(0, 0),
            MethodDef::raw(
                "max_mag",
                "(self, /, other, context=None)",
                "Return the number with the larger magnitude.",
                |vm, args, names| binary(vm, args, names, arith::max_mag)
            )
            .reads(0, 0),
            MethodDef::raw(
                "min",
                "(self, /, other, context=None)",
                "Return the smaller number.",
                |vm, args, names| binary(vm, args, names, arith::min)
            )
            .reads(0, 0),
            MethodDef::raw(
                "min_mag",
                "(self, /, other, context=None)",
                "Return the number with the smaller magnitude.",
                |vm, args, names| binary(vm, args, names, arith::min_mag)
            )
            .reads(0, 0),
            MethodDef::raw(
                "next_toward",
                "(self, /, other, context=None)",
                "Return the neighbour in the direction of other.",
                |vm, args, names| binary(vm, args, names, arith::next_toward)
            )
            .reads(0, 0),
            MethodDef::raw(
                "remainder_near",
                "(self, /, other, context=None)",
                "Return self - other * n, where n is the integer nearest to self / other.",
                |vm, args, names| binary(vm, args, names, arith::remainder_near)
            )
            .reads(0, 0),
            MethodDef::raw(
                "logical_and",
                "(self, /, other, context=None)",
                "Return the digitwise and.",
                |vm, args, names| binary(vm, args, names, arith::logical_and)
            )
            .reads(0, 0),
            MethodDef::raw(
                "logical_or",
                "(self, /, other, context=None)",
                "Return the digitwise or.",
                |vm, args, names| binary(vm, args, names, arith::logical_or)
            )
            .reads(0, 0),
            MethodDef::raw(
                "logical_xor",
                "(self, /, other, context=None)",
                "Return the digitwise exclusive or.",
                |vm, args, names| binary(vm, args, names, arith::logical_xor)
            )
            .reads(0, 0),
            MethodDef::raw(
                "rotate",
                "(self, /, other, context=None)",
                "Return the number with its digits rotated by other places.",
                |vm, args, names| binary(vm, args, names, arith::rotate)
            )
            .reads(0, 0),
            MethodDef::raw(
                "scaleb",
                "(self, /, other, context=None)",
                "Return the number with its exponent changed by other.",
                |vm, args, names| binary(vm, args, names, arith::scaleb)
            )
            .reads(0, 0),
            MethodDef::raw(
                "shift",
                "(self, /, other, context=None)",
                "Return the number with its digits shifted by other places.",
                |vm, args, names| binary(vm, args, names, arith::shift)
            )
            .reads(0, 0),
            MethodDef::raw(
                "compare_total",
                "(self, /, other, context=None)",
                "Compare x and y by their representation.",
                |vm, args, names| binary(vm, args, names, |a, b, _, _| arith::compare_total(a, b))
            )
            .reads(0, 0),
            MethodDef::raw(
                "compare_total_mag",
                "(self, /, other, context=None)",
                "Compare x and y by their representation, signs aside.",
                |vm, args, names| binary(vm, args, names, |a, b, _, _| arith::compare_total_mag(
                    a, b
                ))
            )
            .reads(0, 0),
            MethodDef::raw(
                "copy_sign",
                "(self, /, other, context=None)",
                "Return the number with the sign of other.",
                |vm, args, names| binary(vm, args, names, |a, b, _, _| a
                    .clone()
                    .with_sign(b.negative))
            )
            .reads(0, 0),
            MethodDef::new(
                "is_finite",
                "(self, /)",
                "Return whether the number is finite.",
                |_, args| {
                    let n = number(args);
                    Ok(Value::bool(n.is_finite()))
                }
            )
            .reads(0, 0),
            MethodDef::new(
                "is_infinite",
                "(self, /)",
                "Return whether the number is infinite.",
                |_, args| {
                    let n = number(args);
                    Ok(Value::bool(n.is_infinite()))
                }
            )
            .reads(0, 0),
            MethodDef::new(
                "is_nan",
                "(self, /)",
                "Return whether the number is a NaN.",
                |_, args| {
                    let n = number(args);
                    Ok(Value::bool(n.is_nan()))
                }
            )
            .reads(0, 0),
            MethodDef::raw(
                "is_normal",
                "(self, /, context=None)",
                "Return whether the number is normal.",
                |vm, args, names| predicate(vm, args, names, |n, ctx| n.is_normal(ctx))
            )
            .reads(0, 0),
            MethodDef::new(
                "is_qnan",
                "(self, /)",
                "Return whether the number is a quiet NaN.",
                |_, args| {
                    let n = number(args);
                    Ok(Value::bool(n.kind == Kind::Quiet))
                }
            )
            .reads(0, 0),
            MethodDef::new(
                "is_signed",
                "(self, /)",
                "Return whether the number is negative.",
                |_, args| {
                    let n = number(args);
                    Ok(Value::bool(n.negative))
                }
            )
            .reads(0, 0),
            MethodDef::new(
                "is_snan",
                "(self, /)",
                "Return whether the number is a signalling NaN.",
                |_, args| {
                    let n = number(args);
                    Ok(Value::bool(n.kind == Kind::Signaling))
                }
            )
            .reads(0, 0),
            MethodDef::raw(
                "is_subnormal",
                "(self, /, context=None)",
                "Return whether the number is subnormal.",
                |vm, args, names| predicate(vm, args, names, |n, ctx| n.is_subnormal(ctx))
            )
            .reads(0, 0),
            MethodDef::new(
                "is_zero",
                "(self, /)",
                "Return whether the number is zero.",
                |_, args| {
                    let n = number(args);
                    Ok(Value::bool(n.is_zero()))
                }
            )
            .reads(0, 0),
        ],
    ],
    getset: &[
        GetSetDef {
            name: "real",
            doc: "",
            get: |_, v| Ok(v),
            set: None,
        },
        GetSetDef {
            name: "imag",
            doc: "",
            get: |vm, _| object::new(vm, &*state::get(vm)?, &Number::zero(false, 0)),
            set: None,
        },
    ],
    ..TypeDef::new("Decimal", <Decimal as Object>::LAYOUT)
};

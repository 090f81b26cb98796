//! The operations as methods of `Context`.

use super::context::{Context, status};
use super::contexts::ContextObject;
use super::number::{Kind, Number};
use super::object::{self, convertible};
use super::text::{self, Ascii};
use super::{arith, convert, functions, methods, state};
use crate::common::Parameters;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::MethodDef;
use taipan_runtime::types::float::float_of;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{no_keywords, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

type Unary = fn(&Number, &Context, &mut u32) -> Number;
type Binary = fn(&Number, &Number, &Context, &mut u32) -> Number;

fn result(vm: &Vm, c: &ContextObject, n: &Number, happened: u32) -> Result {
    c.note(vm, happened)?;
    object::new(vm, &*state::get(vm)?, n)
}

fn unary(vm: &Vm, args: &[Value], f: Unary) -> Result {
    let c = this::<ContextObject>(args[0]);
    let n = convertible(vm, args[1])?;
    let mut happened = 0;
    let n = f(&n, &c.parameters.get(), &mut happened);
    result(vm, &c, &n, happened)
}

/// Checks the number of positional arguments after the receiver.
fn exactly(
    vm: &Vm,
    name: &str,
    args: &[Value],
    names: Option<Gc<Tuple>>,
    count: usize,
) -> Result<()> {
    no_keywords(vm, name, names)?;
    let given = args.len() - 1;
    if given == count {
        return Ok(());
    }
    Err(vm.type_error(format!(
        "function takes exactly {count} arguments ({given} given)"
    )))
}

fn binary(vm: &Vm, name: &str, args: &[Value], names: Option<Gc<Tuple>>, f: Binary) -> Result {
    exactly(vm, name, args, names, 2)?;
    let c = this::<ContextObject>(args[0]);
    let (a, b) = (convertible(vm, args[1])?, convertible(vm, args[2])?);
    let mut happened = 0;
    let n = f(&a, &b, &c.parameters.get(), &mut happened);
    result(vm, &c, &n, happened)
}

fn predicate(vm: &Vm, args: &[Value], f: fn(&Number, &Context) -> bool) -> Result {
    let c = this::<ContextObject>(args[0]);
    let n = convertible(vm, args[1])?;
    Ok(Value::bool(f(&n, &c.parameters.get())))
}

fn divmod(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    exactly(vm, "divmod", args, names, 2)?;
    let c = this::<ContextObject>(args[0]);
    let (a, b) = (convertible(vm, args[1])?, convertible(vm, args[2])?);
    methods::pair(vm, &c, &a, &b)
}

static POWER: Parameters<3> = Parameters {
    function: "",
    names: ["a", "b", "modulo"],
    required: 2,
    positional: 3,
    convert: None,
};

fn power(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let [a, b, modulo] = POWER.bind(vm, &args[1..], names)?;
    let c = this::<ContextObject>(args[0]);
    let (a, b) = (convertible(vm, a)?, convertible(vm, b)?);
    let (ctx, mut happened) = (c.parameters.get(), 0);
    let n = match modulo.given_not_none() {
        None => functions::power(&a, &b, &ctx, &mut happened),
        Some(modulo) => {
            let modulo = convertible(vm, modulo)?;
            arith::power_modulo(&a, &b, &modulo, &ctx, &mut happened)
        }
    };
    result(vm, &c, &n, happened)
}

fn fma(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    exactly(vm, "fma", args, names, 3)?;
    let c = this::<ContextObject>(args[0]);
    let (x, y) = (convertible(vm, args[1])?, convertible(vm, args[2])?);
    let z = convertible(vm, args[3])?;
    let mut happened = 0;
    let n = arith::fma(&x, &y, &z, &c.parameters.get(), &mut happened);
    result(vm, &c, &n, happened)
}

fn decimal(vm: &Vm, v: Value) -> Result {
    if state::is_decimal(v) {
        Ok(v)
    } else {
        Err(vm.type_error("argument must be a Decimal"))
    }
}

fn copy_decimal(vm: &Vm, args: &[Value]) -> Result {
    if state::is_decimal(args[1]) {
        return Ok(args[1]);
    }
    let n = convertible(vm, args[1])?;
    object::new(vm, &*state::get(vm)?, &n)
}

fn same_quantum(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    exactly(vm, "same_quantum", args, names, 2)?;
    let (a, b) = (convertible(vm, args[1])?, convertible(vm, args[2])?);
    Ok(Value::bool(methods::same_quantum(&a, &b)))
}

fn number_class(vm: &Vm, args: &[Value]) -> Result {
    let c = this::<ContextObject>(args[0]);
    let n = convertible(vm, args[1])?;
    Ok(vm.new_str(n.class(&c.parameters.get())).value())
}

fn text_of(vm: &Vm, args: &[Value], engineering: bool) -> Result {
    let c = this::<ContextObject>(args[0]);
    let n = convertible(vm, args[1])?;
    let mut out = Ascii::new();
    text::write(&n, engineering, c.capitals.get(), &mut out);
    Ok(vm.new_str_ascii(&out).value())
}

fn create_decimal(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "create_decimal", names)?;
    let c = this::<ContextObject>(args[0]);
    if args.len() > 2 {
        let given = args.len() - 1;
        return Err(vm.type_error(format!("function takes at most 1 argument ({given} given)")));
    }
    let (ctx, mut happened) = (c.parameters.get(), 0);
    let Some(&v) = args.get(1) else {
        let n = Number::zero(false, 0).finish(&ctx, &mut happened);
        return result(vm, &c, &n, happened);
    };
    let n = if let Some(n) = object::operand(v) {
        let room = ctx.prec - i64::from(ctx.clamp);
        if n.is_nan() && !n.coefficient.is_empty() && n.digits() > room {
            Number::invalid(status::CONVERSION_SYNTAX, &mut happened)
        } else {
            n.finish(&ctx, &mut happened)
        }
    } else if let Some(s) = v.cast::<Str>() {
        let text = convert::numeric_text(&s, false);
        convert::from_text(text.as_deref(), &ctx, &mut happened)
    } else if v.cast::<Tuple>().is_some() || v.cast::<List>().is_some() {
        let text = methods::tuple_text(vm, v)?;
        convert::from_text(Some(&text), &ctx, &mut happened)
    } else if let Some(f) = float_of(v) {
        c.note(vm, status::FLOAT_OPERATION)?;
        convert::from_float(f).finish(&ctx, &mut happened)
    } else {
        return Err(object::unsupported(vm, v));
    };
    result(vm, &c, &n, happened)
}

fn create_from_float(vm: &Vm, args: &[Value]) -> Result {
    let c = this::<ContextObject>(args[0]);
    let n = methods::float_number(vm, args[1])?;
    let mut happened = 0;
    let n = n.finish(&c.parameters.get(), &mut happened);
    result(vm, &c, &n, happened)
}

/// The methods.
pub const METHODS: [MethodDef; 64] = [
    MethodDef::new(
        "abs",
        "(self, x, /)",
        "Return the absolute value of x.",
        |vm, args| unary(vm, args, arith::abs),
    ),
    MethodDef::new("exp", "(self, x, /)", "Return e ** x.", |vm, args| {
        unary(vm, args, functions::exp)
    }),
    MethodDef::new(
        "ln",
        "(self, x, /)",
        "Return the natural logarithm of x.",
        |vm, args| unary(vm, args, functions::ln),
    ),
    MethodDef::new(
        "log10",
        "(self, x, /)",
        "Return the logarithm of x to the base ten.",
        |vm, args| unary(vm, args, functions::log10),
    ),
    MethodDef::new(
        "minus",
        "(self, x, /)",
        "Return -x, rounded.",
        |vm, args| unary(vm, args, arith::minus),
    ),
    MethodDef::new(
        "next_minus",
        "(self, x, /)",
        "Return the largest number below x.",
        |vm, args| unary(vm, args, arith::next_minus),
    ),
    MethodDef::new(
        "next_plus",
        "(self, x, /)",
        "Return the smallest number above x.",
        |vm, args| unary(vm, args, arith::next_plus),
    ),
    MethodDef::new(
        "normalize",
        "(self, x, /)",
        "Return x without trailing zeros.",
        |vm, args| unary(vm, args, arith::normalize),
    ),
    MethodDef::new("plus", "(self, x, /)", "Return x, rounded.", |vm, args| {
        unary(vm, args, arith::plus)
    }),
    MethodDef::new(
        "to_integral",
        "(self, x, /)",
        "Return x rounded to an integer.",
        |vm, args| unary(vm, args, |n, ctx, s| arith::to_integral(n, false, ctx, s)),
    ),
    MethodDef::new(
        "to_integral_exact",
        "(self, x, /)",
        "Return x rounded to an integer, signalling if that changes it.",
        |vm, args| unary(vm, args, |n, ctx, s| arith::to_integral(n, true, ctx, s)),
    ),
    MethodDef::new(
        "to_integral_value",
        "(self, x, /)",
        "Return x rounded to an integer.",
        |vm, args| unary(vm, args, |n, ctx, s| arith::to_integral(n, false, ctx, s)),
    ),
    MethodDef::new(
        "sqrt",
        "(self, x, /)",
        "Return the square root of x.",
        |vm, args| unary(vm, args, arith::square_root),
    ),
    MethodDef::new(
        "logb",
        "(self, x, /)",
        "Return the exponent of x's first digit.",
        |vm, args| unary(vm, args, arith::logb),
    ),
    MethodDef::new(
        "logical_invert",
        "(self, x, /)",
        "Return x with all digits inverted.",
        |vm, args| unary(vm, args, arith::logical_invert),
    ),
    MethodDef::raw(
        "add",
        "(self, x, y, /)",
        "Return the sum of x and y.",
        |vm, args, names| binary(vm, "add", args, names, arith::add),
    ),
    MethodDef::raw(
        "compare",
        "(self, x, y, /)",
        "Compare x and y numerically.",
        |vm, args, names| binary(vm, "compare", args, names, arith::compare),
    ),
    MethodDef::raw(
        "compare_signal",
        "(self, x, y, /)",
        "Compare x and y numerically, signalling for all NaNs.",
        |vm, args, names| binary(vm, "compare_signal", args, names, arith::compare_signal),
    ),
    MethodDef::raw(
        "divide",
        "(self, x, y, /)",
        "Return x divided by y.",
        |vm, args, names| binary(vm, "divide", args, names, arith::divide),
    ),
    MethodDef::raw(
        "divide_int",
        "(self, x, y, /)",
        "Return the integer part of x divided by y.",
        |vm, args, names| binary(vm, "divide_int", args, names, arith::divide_integer),
    ),
    MethodDef::raw(
        "max",
        "(self, x, y, /)",
        "Return the larger one of x and y.",
        |vm, args, names| binary(vm, "max", args, names, arith::max),
    ),
    MethodDef::raw(
        "max_mag",
        "(self, x, y, /)",
        "Return the one of x and y with the larger magnitude.",
        |vm, args, names| binary(vm, "max_mag", args, names, arith::max_mag),
    ),
    MethodDef::raw(
        "min",
        "(self, x, y, /)",
        "Return the smaller one of x and y.",
        |vm, args, names| binary(vm, "min", args, names, arith::min),
    ),
    MethodDef::raw(
        "min_mag",
        "(self, x, y, /)",
        "Return the one of x and y with the smaller magnitude.",
        |vm, args, names| binary(vm, "min_mag", args, names, arith::min_mag),
    ),
    MethodDef::raw(
        "multiply",
        "(self, x, y, /)",
        "Return the product of x and y.",
        |vm, args, names| binary(vm, "multiply", args, names, arith::multiply),
    ),
    MethodDef::raw(
        "next_toward",
        "(self, x, y, /)",
        "Return the neighbour of x in the direction of y.",
        |vm, args, names| binary(vm, "next_toward", args, names, arith::next_toward),
    ),
    MethodDef::raw(
        "quantize",
        "(self, x, y, /)",
        "Return x with the exponent of y.",
        |vm, args, names| binary(vm, "quantize", args, names, arith::quantize),
    ),
    MethodDef::raw(
        "remainder",
        "(self, x, y, /)",
        "Return the remainder of dividing x by y.",
        |vm, args, names| binary(vm, "remainder", args, names, arith::remainder),
    ),
    MethodDef::raw(
        "remainder_near",
        "(self, x, y, /)",
        "Return x - y * n, where n is the integer nearest to x / y.",
        |vm, args, names| binary(vm, "remainder_near", args, names, arith::remainder_near),
    ),
    MethodDef::raw(
        "subtract",
        "(self, x, y, /)",
        "Return the difference of x and y.",
        |vm, args, names| binary(vm, "subtract", args, names, arith::subtract),
    ),
    MethodDef::raw(
        "logical_and",
        "(self, x, y, /)",
        "Return the digitwise and of x and y.",
        |vm, args, names| binary(vm, "logical_and", args, names, arith::logical_and),
    ),
    MethodDef::raw(
        "logical_or",
        "(self, x, y, /)",
        "Return the digitwise or of x and y.",
        |vm, args, names| binary(vm, "logical_or", args, names, arith::logical_or),
    ),
    MethodDef::raw(
        "logical_xor",
        "(self, x, y, /)",
        "Return the digitwise exclusive or of x and y.",
        |vm, args, names| binary(vm, "logical_xor", args, names, arith::logical_xor),
    ),
    MethodDef::raw(
        "rotate",
        "(self, x, y, /)",
        "Return x with its digits rotated by y places.",
        |vm, args, names| binary(vm, "rotate", args, names, arith::rotate),
    ),
    MethodDef::raw(
        "scaleb",
        "(self, x, y, /)",
        "Return x with its exponent changed by y.",
        |vm, args, names| binary(vm, "scaleb", args, names, arith::scaleb),
    ),
    MethodDef::raw(
        "shift",
        "(self, x, y, /)",
        "Return x with its digits shifted by y places.",
        |vm, args, names| binary(vm, "shift", args, names, arith::shift),
    ),
    MethodDef::raw(
        "compare_total",
        "(self, x, y, /)",
        "Compare x and y by their representation.",
        |vm, args, names| {
            binary(vm, "compare_total", args, names, |a, b, _, _| {
                arith::compare_total(a, b)
            })
        },
    ),
    MethodDef::raw(
        "compare_total_mag",
        "(self, x, y, /)",
        "Compare x and y by their representation, signs aside.",
        |vm, args, names| {
            binary(vm, "compare_total_mag", args, names, |a, b, _, _| {
                arith::compare_total_mag(a, b)
            })
        },
    ),
    MethodDef::new(
        "is_finite",
        "(self, x, /)",
        "Return whether x is finite.",
        |vm, args| predicate(vm, args, |n, _| n.is_finite()),
    ),
    MethodDef::new(
        "is_infinite",
        "(self, x, /)",
        "Return whether x is infinite.",
        |vm, args| predicate(vm, args, |n, _| n.is_infinite()),
    ),
    MethodDef::new(
        "is_nan",
        "(self, x, /)",
        "Return whether x is a NaN.",
        |vm, args| predicate(vm, args, |n, _| n.is_nan()),
    ),
    MethodDef::new(
        "is_normal",
        "(self, x, /)",
        "Return whether x is normal.",
        |vm, args| predicate(vm, args, |n, ctx| n.is_normal(ctx)),
    ),
    MethodDef::new(
        "is_qnan",
        "(self, x, /)",
        "Return whether x is a quiet NaN.",
        |vm, args| predicate(vm, args, |n, _| n.kind == Kind::Quiet),
    ),
    MethodDef::new(
        "is_signed",
        "(self, x, /)",
        "Return whether x is negative.",
        |vm, args| predicate(vm, args, |n, _| n.negative),
    ),
    MethodDef::new(
        "is_snan",
        "(self, x, /)",
        "Return whether x is a signalling NaN.",
        |vm, args| predicate(vm, args, |n, _| n.kind == Kind::Signaling),
    ),
    MethodDef::new(
        "is_subnormal",
        "(self, x, /)",
        "Return whether x is subnormal.",
        |vm, args| predicate(vm, args, |n, ctx| n.is_subnormal(ctx)),
    ),
    MethodDef::new(
        "is_zero",
        "(self, x, /)",
        "Return whether x is zero.",
        |vm, args| predicate(vm, args, |n, _| n.is_zero()),
    ),
    MethodDef::raw(
        "divmod",
        "(self, x, y, /)",
        "Return quotient and remainder of x and y.",
        divmod,
    ),
    MethodDef::raw(
        "power",
        "(self, /, a, b, modulo=None)",
        "Return a ** b, or that modulo modulo.",
        power,
    ),
    MethodDef::raw(
        "fma",
        "(self, x, y, z, /)",
        "Return x * y + z, rounded once.",
        fma,
    ),
    MethodDef::new("radix", "(self, /)", "Return 10.", |vm, _| {
        object::new(vm, &*state::get(vm)?, &Number::from_i64(10))
    }),
    MethodDef::new(
        "is_canonical",
        "(self, x, /)",
        "Return whether x is canonical.",
        |vm, args| decimal(vm, args[1]).map(|_| Value::TRUE),
    ),
    MethodDef::new("canonical", "(self, x, /)", "Return x.", |vm, args| {
        decimal(vm, args[1])
    }),
    MethodDef::new("_apply", "(self, object, /)", "", |vm, args| {
        unary(vm, args, |n, ctx, s| n.clone().finish(ctx, s))
    }),
    MethodDef::new(
        "copy_abs",
        "(self, x, /)",
        "Return x without its sign.",
        |vm, args| unary(vm, args, |n, _, _| n.clone().with_sign(false)),
    ),
    MethodDef::new(
        "copy_negate",
        "(self, x, /)",
        "Return x with the sign inverted.",
        |vm, args| unary(vm, args, |n, _, _| n.clone().with_sign(!n.negative)),
    ),
    MethodDef::new(
        "copy_decimal",
        "(self, x, /)",
        "Return x as a Decimal.",
        copy_decimal,
    ),
    MethodDef::raw(
        "copy_sign",
        "(self, x, y, /)",
        "Return x with the sign of y.",
        |vm, args, names| {
            binary(vm, "copy_sign", args, names, |a, b, _, _| {
                a.clone().with_sign(b.negative)
            })
        },
    ),
    MethodDef::raw(
        "same_quantum",
        "(self, x, y, /)",
        "Return whether x and y have the same exponent.",
        same_quantum,
    ),
    MethodDef::new(
        "number_class",
        "(self, x, /)",
        "Return the kind of number that x is.",
        number_class,
    ),
    MethodDef::new(
        "to_sci_string",
        "(self, x, /)",
        "Return x in scientific notation.",
        |vm, args| text_of(vm, args, false),
    ),
    MethodDef::new(
        "to_eng_string",
        "(self, x, /)",
        "Return x in engineering notation.",
        |vm, args| text_of(vm, args, true),
    ),
    MethodDef::raw(
        "create_decimal",
        "(self, num='0', /)",
        "Return a Decimal, rounded.",
        create_decimal,
    ),
    MethodDef::new(
        "create_decimal_from_float",
        "(self, f, /)",
        "Return a float as a Decimal, rounded.",
        create_from_float,
    ),
];

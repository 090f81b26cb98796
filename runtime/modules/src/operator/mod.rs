//! `_operator`: the operators as functions, and the getters of `operator`.

mod getters;

pub use getters::compare_digest;

use taipan_runtime::heap::Kind;
use taipan_runtime::object::{MethodDef, ModuleDef, Special};
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

macro_rules! binary {
    ($name:literal, $op:ident, $doc:literal) => {
        MethodDef::new($name, "(a, b, /)", $doc, |vm, args| {
            vm.binary(BinaryOp::$op, args[0], args[1])
        })
        .reads(0xFF, 0)
    };
}

macro_rules! comparison {
    ($name:literal, $op:ident, $doc:literal) => {
        MethodDef::new($name, "(a, b, /)", $doc, |vm, args| {
            vm.compare(CompareOp::$op, args[0], args[1])
        })
        .reads(0xFF, 0)
    };
}

fn is_sequence(vm: &Vm, v: Value) -> bool {
    let class = vm.class_of(v);
    class.special(Special::GetItem).is_some() && class.layout.kind != Kind::Dict
}

fn concat(vm: &Vm, args: &[Value], op: BinaryOp) -> Result {
    if !is_sequence(vm, args[0]) {
        let name = vm.class_of(args[0]).qualified_name();
        return Err(vm.type_error(format!("'{name}' object can't be concatenated")));
    }
    vm.binary(op, args[0], args[1])
}

/// An iterator for a search, with the message that searches have.
fn search(vm: &Vm, v: Value) -> Result {
    let class = vm.class_of(v);
    if class.special(Special::Iter).is_none() && class.special(Special::GetItem).is_none() {
        return Err(vm.type_error(format!(
            "argument of type '{}' is not iterable",
            class.qualified_name()
        )));
    }
    vm.iter(v)
}

fn count_of(vm: &Vm, args: &[Value]) -> Result {
    let iterator = search(vm, args[0])?;
    let mut count = 0;
    while let Some(item) = vm.next(iterator)? {
        count += i64::from(vm.equal_identity(item, args[1])?);
    }
    Ok(vm.new_int(count))
}

fn index_of(vm: &Vm, args: &[Value]) -> Result {
    let iterator = search(vm, args[0])?;
    let mut index = 0;
    while let Some(item) = vm.next(iterator)? {
        if vm.equal_identity(item, args[1])? {
            return Ok(vm.new_int(index));
        }
        index += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn length_hint(vm: &Vm, args: &[Value]) -> Result {
    let default = match args[1].given() {
        Some(v) if v.as_int_ref().is_none() => {
            let name = vm.class_of(v).qualified_name();
            return Err(vm.type_error(format!(
                "'{name}' object cannot be interpreted as an integer"
            )));
        }
        Some(v) => vm.to_ssize_arg(v)?,
        None => 0,
    };
    Ok(vm.new_int(vm.length_hint(args[0], default.max(0) as usize)? as i64))
}

fn call(
    vm: &Vm,
    args: &[Value],
    names: Option<taipan_runtime::heap::Gc<taipan_runtime::types::tuple::Tuple>>,
) -> Result {
    match args.split_first() {
        Some((callable, rest)) if rest.len() >= names.map_or(0, |n| n.len()) => {
            vm.call_with(*callable, rest, names)
        }
        _ => Err(vm.type_error("call expected at least 1 argument, got 0")),
    }
}

/// The module.
pub static OPERATOR: ModuleDef = ModuleDef {
    name: "_operator",
    doc: "Operator interface.\n\n\
          This module exports a set of functions implemented natively corresponding\n\
          to the intrinsic operators of Python.  For example, operator.add(x, y)\n\
          is equivalent to the expression x+y.",
    functions: &[
        binary!("add", Add, "Same as a + b."),
        binary!("sub", Subtract, "Same as a - b."),
        binary!("mul", Multiply, "Same as a * b."),
        binary!("matmul", MatMul, "Same as a @ b."),
        binary!("truediv", TrueDivide, "Same as a / b."),
        binary!("floordiv", FloorDivide, "Same as a // b."),
        binary!("mod", Remainder, "Same as a % b."),
        binary!("pow", Power, "Same as a ** b."),
        binary!("lshift", LShift, "Same as a << b."),
        binary!("rshift", RShift, "Same as a >> b."),
        binary!("and_", And, "Same as a & b."),
        binary!("or_", Or, "Same as a | b."),
        binary!("xor", Xor, "Same as a ^ b."),
        binary!("iadd", InplaceAdd, "Same as a += b."),
        binary!("isub", InplaceSubtract, "Same as a -= b."),
        binary!("imul", InplaceMultiply, "Same as a *= b."),
        binary!("imatmul", InplaceMatMul, "Same as a @= b."),
        binary!("itruediv", InplaceTrueDivide, "Same as a /= b."),
        binary!("ifloordiv", InplaceFloorDivide, "Same as a //= b."),
        binary!("imod", InplaceRemainder, "Same as a %= b."),
        binary!("ipow", InplacePower, "Same as a **= b."),
        binary!("ilshift", InplaceLShift, "Same as a <<= b."),
        binary!("irshift", InplaceRShift, "Same as a >>= b."),
        binary!("iand", InplaceAnd, "Same as a &= b."),
        binary!("ior", InplaceOr, "Same as a |= b."),
        binary!("ixor", InplaceXor, "Same as a ^= b."),
        comparison!("lt", Lt, "Same as a < b."),
        comparison!("le", Le, "Same as a <= b."),
        comparison!("eq", Eq, "Same as a == b."),
        comparison!("ne", Ne, "Same as a != b."),
        comparison!("gt", Gt, "Same as a > b."),
        comparison!("ge", Ge, "Same as a >= b."),
        MethodDef::new(
            "truth",
            "(a, /)",
            "Return True if a is true, False otherwise.",
            |vm, args| Ok(Value::bool(vm.truth(args[0])?)),
        ),
        MethodDef::new("not_", "(a, /)", "Same as not a.", |vm, args| {
            Ok(Value::bool(!vm.truth(args[0])?))
        }),
        MethodDef::new("is_", "(a, b, /)", "Same as a is b.", |_, args| {
            Ok(Value::bool(args[0].is(args[1])))
        }),
        MethodDef::new("is_not", "(a, b, /)", "Same as a is not b.", |_, args| {
            Ok(Value::bool(!args[0].is(args[1])))
        }),
        MethodDef::new("is_none", "(a, /)", "Same as a is None.", |_, args| {
            Ok(Value::bool(args[0].is_none()))
        }),
        MethodDef::new(
            "is_not_none",
            "(a, /)",
            "Same as a is not None.",
            |_, args| Ok(Value::bool(!args[0].is_none())),
        ),
        MethodDef::new("index", "(a, /)", "Same as a.__index__()", |vm, args| {
            vm.index(args[0])
        }),
        MethodDef::new("neg", "(a, /)", "Same as -a.", |vm, args| {
            vm.negative(args[0])
        }),
        MethodDef::new("pos", "(a, /)", "Same as +a.", |vm, args| {
            vm.positive(args[0])
        }),
        MethodDef::new("inv", "(a, /)", "Same as ~a.", |vm, args| {
            vm.invert(args[0])
        }),
        MethodDef::new("invert", "(a, /)", "Same as ~a.", |vm, args| {
            vm.invert(args[0])
        }),
        MethodDef::new("abs", "(a, /)", "Same as abs(a).", |vm, args| {
            vm.absolute(args[0])
        }),
        MethodDef::new(
            "concat",
            "(a, b, /)",
            "Same as a + b, for a and b sequences.",
            |vm, args| concat(vm, args, BinaryOp::Add),
        ),
        MethodDef::new(
            "iconcat",
            "(a, b, /)",
            "Same as a += b, for a and b sequences.",
            |vm, args| concat(vm, args, BinaryOp::InplaceAdd),
        ),
        MethodDef::new(
            "contains",
            "(a, b, /)",
            "Same as b in a (note reversed operands).",
            |vm, args| Ok(Value::bool(vm.contains(args[0], args[1])?)),
        ),
        MethodDef::new("getitem", "(a, b, /)", "Same as a[b].", |vm, args| {
            vm.get_item(args[0], args[1])
        }),
        MethodDef::new(
            "setitem",
            "(a, b, c, /)",
            "Same as a[b] = c.",
            |vm, args| {
                vm.set_item(args[0], args[1], args[2])?;
                Ok(Value::NONE)
            },
        ),
        MethodDef::new("delitem", "(a, b, /)", "Same as del a[b].", |vm, args| {
            vm.delete_item(args[0], args[1])?;
            Ok(Value::NONE)
        }),
        MethodDef::new(
            "countOf",
            "(a, b, /)",
            "Return the number of items in a which are, or which equal, b.",
            count_of,
        ),
        MethodDef::new(
            "indexOf",
            "(a, b, /)",
            "Return the first index of b in a.",
            index_of,
        ),
        MethodDef::new(
            "length_hint",
            "(obj, default=0, /)",
            "Return an estimate of the number of items in obj.\n\n\
             This is useful for presizing containers when building from an iterable.\n\n\
             If the object supports len(), the result will be exact.\n\
             Otherwise, it may over- or under-estimate by an arbitrary amount.\n\
             The result will be an integer >= 0.",
            length_hint,
        ),
        MethodDef::raw(
            "call",
            "(obj, /, *args, **kwargs)",
            "Same as obj(*args, **kwargs).",
            call,
        ),
        MethodDef::new(
            "_compare_digest",
            "(a, b, /)",
            "Return 'a == b'.\n\n\
             This function uses an approach designed to prevent\n\
             timing analysis, making it appropriate for cryptography.\n\n\
             a and b must both be of the same type: either str (ASCII only),\n\
             or any bytes-like object.\n\n\
             Note: If a and b are of different lengths, or if an error occurs,\n\
             a timing attack could theoretically reveal information about the\n\
             types and lengths of a and b--but not their values.",
            compare_digest,
        ),
    ],
    types: &[
        &getters::ITEMGETTER,
        &getters::ATTRGETTER,
        &getters::METHODCALLER,
    ],
    exec: None,
};

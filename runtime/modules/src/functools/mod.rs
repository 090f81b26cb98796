//! `_functools`: what `functools` is made of.

mod lru;
mod partial;

use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Consumer, MemberDef, MethodDef, ModuleDef, TypeDef, slots};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let iterator = match vm.iter(args[1]) {
        Ok(iterator) => iterator,
        Err(raised) => {
            if vm.raised_is_def(&exc::TYPE_ERROR) {
                vm.clear_raised();
                return Err(vm.type_error("reduce() arg 2 must support iteration"));
            }
            return Err(raised);
        }
    };
    let mut total = args[2].given();
    while let Some(item) = vm.next(iterator)? {
        total = Some(match total {
            Some(total) => vm.call(args[0], &[total, item])?,
            None => item,
        });
    }
    total.ok_or_else(|| vm.type_error("reduce() of empty iterable with no initial value"))
}

/// What `cmp_to_key` makes: a key, or without an object the maker of keys.
#[repr(C)]
pub struct KeyWrapper {
    pub header: Header,
    compare: Field,
    object: Field,
}

heap_object!(KeyWrapper, "KeyWrapper", Kind::Other, |this, marker| {
    marker.field(&this.compare);
    marker.field(&this.object);
});

fn new_key(vm: &Vm, compare: Value, object: Option<Value>) -> Result {
    let key = KeyWrapper {
        header: Header::empty(),
        compare: Field::new(compare),
        object: Field::opt(object),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&KEY_WRAPPER)?.root_shape.get(), key)
        .value())
}

fn cmp_to_key(vm: &Vm, args: &[Value]) -> Result {
    new_key(vm, args[0], None)
}

fn key_call(vm: &Vm, args: &[Value]) -> Result {
    new_key(
        vm,
        this::<KeyWrapper>(args[0]).compare.or_none(),
        Some(args[1]),
    )
}

fn key_compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    let a = this::<KeyWrapper>(args[0]);
    let Some(b) = args[1].cast::<KeyWrapper>() else {
        return Err(vm.type_error("other argument must be K instance"));
    };
    let (Some(x), Some(y)) = (a.object.get(), b.object.get()) else {
        return Err(vm.attribute_error("object"));
    };
    let order = vm.call(a.compare.or_none(), &[x, y])?;
    vm.compare(op, order, Value::small_int(0))
}

static KEY_WRAPPER: TypeDef = TypeDef {
    module: "functools",
    flags: taipan_runtime::object::ClassFlags::NO_INSTANTIATION,
    methods: &[
        MethodDef::new(
            "__call__",
            "(self, obj)",
            "Call self as a function.",
            key_call,
        ),
        slots::lt(|vm, args| key_compare(vm, args, CompareOp::Lt)),
        slots::le(|vm, args| key_compare(vm, args, CompareOp::Le)),
        slots::eq(|vm, args| key_compare(vm, args, CompareOp::Eq)),
        slots::ne(|vm, args| key_compare(vm, args, CompareOp::Ne)),
        slots::gt(|vm, args| key_compare(vm, args, CompareOp::Gt)),
        slots::ge(|vm, args| key_compare(vm, args, CompareOp::Ge)),
    ],
    members: &[MemberDef {
        name: "obj",
        doc: "Value wrapped by a key function.",
        offset: std::mem::offset_of!(KeyWrapper, object),
        readonly: false,
        none_if_empty: true,
    }],
    ..TypeDef::new("KeyWrapper", <KeyWrapper as Object>::LAYOUT)
};

/// Adds what a call's keyword arguments are to lists of values and names.
fn check_callable(vm: &Vm, v: Value) -> Result<()> {
    if vm.is_callable(v) {
        Ok(())
    } else {
        Err(vm.type_error("the first argument must be callable"))
    }
}

/// A bound method of a callable found on a class, as functions make them.
fn bind(vm: &Vm, args: &[Value]) -> Result {
    match args[1] {
        Value::NONE => Ok(args[0]),
        instance => Ok(vm.new_bound_method(args[0], instance).value()),
    }
}

/// The names of keyword arguments, if any.
fn keyword_names(names: Option<Gc<Tuple>>) -> &'static [Value] {
    match names {
        // SAFETY: the caller's frame keeps the tuple for the time of the call, and tuples do not change.
        Some(names) => unsafe {
            std::slice::from_raw_parts(names.as_slice().as_ptr(), names.len())
        },
        None => &[],
    }
}

fn exec(vm: &Vm, module: Gc<taipan_runtime::types::module::Module>) -> Result<()> {
    module.set(vm, "Placeholder", partial::placeholder(vm)?);
    Ok(())
}

/// The module.
pub static FUNCTOOLS: ModuleDef = ModuleDef {
    name: "_functools",
    doc: "Tools that operate on functions.",
    functions: &[
        MethodDef::new(
            "reduce",
            "(function, iterable, /, initial=<unrepresentable>)",
            "Apply a function of two arguments cumulatively to the items of an iterable, from left to right.\n\n\
             This effectively reduces the iterable to a single value.  If initial is\n\
             present, it is placed before the items of the iterable in the\n\
             calculation, and serves as a default when the iterable is empty.\n\n\
             For example, reduce(lambda x, y: x+y, [1, 2, 3, 4, 5])\ncalculates ((((1 + 2) + 3) + 4) + 5).",
            reduce,
        )
        .consumes(Consumer::Reduce),
        MethodDef::new(
            "cmp_to_key",
            "(mycmp)",
            "Convert a cmp= function into a key= function.\n\n  mycmp\n    Function that compares two objects.",
            cmp_to_key,
        ),
    ],
    types: &[
        &partial::PARTIAL,
        &partial::PLACEHOLDER_TYPE,
        &lru::LRU_CACHE_WRAPPER,
    ],
    exec: Some(exec),
};

//! Attributes of functions, Python's and native ones.

use super::Function;
use crate::heap::{Gc, Object};
use crate::object::{
    Class, ClassFlags, GetSetDef, MemberDef, MethodDef, MethodKind, NativeFunction, TypeDef,
};
use crate::types::code::CodeObject;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use taipan_bytecode::CodeFlags;

fn this(v: Value) -> Gc<Function> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn function_new(vm: &Vm, args: &[Value]) -> Result {
    let Some(code) = args[1].cast::<CodeObject>() else {
        return Err(vm.type_error(format!(
            "function() argument 'code' must be code, not {}",
            vm.class_of(args[1]).qualified_name()
        )));
    };
    let Some(globals) = args[2].cast::<Dict>() else {
        return Err(vm.type_error(format!(
            "function() argument 'globals' must be dict, not {}",
            vm.class_of(args[2]).qualified_name()
        )));
    };
    let name = args[3].given_not_none();
    if name.is_some_and(|n| n.cast::<Str>().is_none()) {
        return Err(vm.type_error("arg 3 (name) must be None or string"));
    }
    let defaults = args[4].given_not_none();
    let defaults = match defaults {
        Some(d) => Some(
            d.cast::<Tuple>()
                .ok_or_else(|| vm.type_error("arg 4 (defaults) must be None or tuple"))?,
        ),
        None => None,
    };
    let free = (code.locals_plus - code.first_free) as usize;
    let closure = match args[5].given_not_none() {
        Some(c) => Some(
            c.cast::<Tuple>()
                .ok_or_else(|| vm.type_error("arg 5 (closure) must be None or tuple"))?,
        ),
        None if free > 0 => return Err(vm.type_error("arg 5 (closure) must be tuple")),
        None => None,
    };
    let given = closure.map_or(0, |c| c.len());
    if given != free {
        return Err(vm.value_error(format!(
            "{} requires closure of length {free}, not {given}",
            code.name
        )));
    }
    let function = vm.new_function(code, globals);
    if let Some(name) = name {
        function.name.set(&function.header, name);
    }
    if let Some(d) = defaults {
        function.defaults.set(&function.header, d);
    }
    if let Some(c) = closure {
        for cell in c.as_slice() {
            if cell.cast::<crate::types::cell::CellObject>().is_none() {
                return Err(vm.type_error(format!(
                    "arg 5 (closure) expected cell, found {}",
                    vm.class_of(*cell).qualified_name()
                )));
            }
        }
        function.closure.set(&function.header, c);
    }
    if let Some(kw) = args[6].given_not_none() {
        match kw.cast::<Dict>() {
            Some(d) => function.kw_defaults.set(&function.header, d),
            None => return Err(vm.type_error("arg 6 (kwdefaults) must be None or dict")),
        }
    }
    Ok(function.value())
}

fn function_repr(vm: &Vm, args: &[Value]) -> Result {
    let f = this(args[0]);
    let name = vm.str(f.qualname.or_none())?;
    Ok(vm
        .new_str(&format!("<function {name} at {:#x}>", args[0].bits()))
        .value())
}

fn function_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    vm.call_with(args[0], &args[1..], names)
}

fn function_get(vm: &Vm, args: &[Value]) -> Result {
    if args[1].is_none() && !args[2].is_missing() && !args[2].is_none() {
        return Ok(args[0]);
    }
    if args[1].is_none() {
        return Err(vm.type_error("__get__(None, None) is invalid"));
    }
    Ok(vm.new_bound_method(args[0], args[1]).value())
}

macro_rules! string_attribute {
    ($get:ident $set:ident $field:ident $name:literal) => {
        fn $get(_: &Vm, v: Value) -> Result {
            Ok(this(v).$field.or_none())
        }
        fn $set(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
            match value.filter(|s| s.cast::<Str>().is_some()) {
                Some(s) => {
                    this(v).$field.set(&this(v).header, s);
                    Ok(())
                }
                None => Err(vm.type_error(concat!($name, " must be set to a string object"))),
            }
        }
    };
}

string_attribute!(get_name set_name name "__name__");
string_attribute!(get_qualname set_qualname qualname "__qualname__");

fn get_code(_: &Vm, v: Value) -> Result {
    Ok(this(v).code().value())
}

fn set_code(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let f = this(v);
    let Some(code) = value.and_then(|c| c.cast::<CodeObject>()) else {
        return Err(vm.type_error("__code__ must be set to a code object"));
    };
    let free = (code.locals_plus - code.first_free) as usize;
    let have = f.closure.get().map_or(0, |c| c.len());
    if free != have {
        return Err(vm.value_error(format!(
            "{}() requires a code object with {have} free vars, not {free}",
            vm.str(f.name.or_none())?
        )));
    }
    let kind = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
    if f.code().flags & kind != code.flags & kind {
        vm.warn_deprecated(
            "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)",
        )?;
    }
    f.code.set(&f.header, code);
    f.modified();
    Ok(())
}

fn get_defaults(_: &Vm, v: Value) -> Result {
    Ok(this(v).defaults.get().map_or(Value::NONE, |t| t.value()))
}

fn set_defaults(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let f = this(v);
    f.modified();
    match value.filter(|d| !d.is_none()) {
        None => f.defaults.clear(),
        Some(d) => match d.cast::<Tuple>() {
            Some(t) => f.defaults.set(&f.header, t),
            None => return Err(vm.type_error("__defaults__ must be set to a tuple object")),
        },
    }
    Ok(())
}

fn get_kw_defaults(_: &Vm, v: Value) -> Result {
    Ok(this(v).kw_defaults.get().map_or(Value::NONE, |t| t.value()))
}

fn set_kw_defaults(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let f = this(v);
    f.modified();
    match value.filter(|d| !d.is_none()) {
        None => f.kw_defaults.clear(),
        Some(d) => match d.cast::<Dict>() {
            Some(t) => f.kw_defaults.set(&f.header, t),
            None => return Err(vm.type_error("__kwdefaults__ must be set to a dict object")),
        },
    }
    Ok(())
}

fn get_builtins(_: &Vm, v: Value) -> Result {
    Ok(this(v).builtins().value())
}

fn get_annotate(_: &Vm, v: Value) -> Result {
    Ok(this(v).annotate.or_none())
}

fn set_annotate(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let f = this(v);
    match value {
        None => return Err(vm.type_error("__annotate__ cannot be deleted")),
        Some(a) if a.is_none() => f.annotate.clear(),
        Some(a) if vm.is_callable(a) => {
            f.annotate.set(&f.header, a);
            f.annotations.clear();
        }
        Some(_) => return Err(vm.type_error("__annotate__ must be callable or None")),
    }
    Ok(())
}

fn get_annotations(vm: &Vm, v: Value) -> Result {
    let f = this(v);
    if let Some(found) = f.annotations.get() {
        if let Some(items) = found.cast::<Tuple>() {
            // `from __future__ import annotations` stores names and strings in turn.
            let dict = vm.new_dict();
            for pair in items.as_slice().chunks_exact(2) {
                dict.set(vm, pair[0], pair[1])?;
            }
            f.annotations.set(&f.header, dict.value());
            return Ok(dict.value());
        }
        return Ok(found);
    }
    let result = match f.annotate.get() {
        Some(annotate) => {
            let result = vm.call(annotate, &[Value::small_int(1)])?;
            if result.cast::<Dict>().is_none() {
                return Err(vm.type_error(format!(
                    "__annotate__ returned non-dict of type '{}'",
                    vm.class_of(result).qualified_name()
                )));
            }
            result
        }
        None => vm.new_dict().value(),
    };
    f.annotations.set(&f.header, result);
    Ok(result)
}

fn set_annotations(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let f = this(v);
    match value.filter(|a| !a.is_none()) {
        None => f.annotations.clear(),
        Some(a) if a.cast::<Dict>().is_some() => f.annotations.set(&f.header, a),
        Some(_) => return Err(vm.type_error("__annotations__ must be set to a dict object")),
    }
    f.annotate.clear();
    Ok(())
}

fn get_type_params(vm: &Vm, v: Value) -> Result {
    match this(v).type_params.get() {
        Some(t) => Ok(t),
        None => Ok(vm.new_tuple(&[])?.value()),
    }
}

fn set_type_params(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    match value.filter(|t| t.cast::<Tuple>().is_some()) {
        Some(t) => {
            this(v).type_params.set(&this(v).header, t);
            Ok(())
        }
        None => Err(vm.type_error("__type_params__ must be set to a tuple")),
    }
}

const fn rw(
    name: &'static str,
    get: fn(&Vm, Value) -> Result,
    set: fn(&Vm, Value, Option<Value>) -> Result<()>,
) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: Some(set),
    }
}

const fn ro(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

/// `types.FunctionType`.
pub static FUNCTION: TypeDef = TypeDef {
    doc: "Create a function object.",
    has_dict: true,
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
            "Create and return a new object.",
            function_new,
        )
        .static_(),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", function_repr),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            function_call,
        ),
        MethodDef::new(
            "__get__",
            "(self, instance, owner=None, /)",
            "Return an attribute of instance, which is of type owner.",
            function_get,
        ),
    ],
    getset: &[
        rw("__name__", get_name, set_name),
        rw("__qualname__", get_qualname, set_qualname),
        rw("__code__", get_code, set_code),
        rw("__defaults__", get_defaults, set_defaults),
        rw("__kwdefaults__", get_kw_defaults, set_kw_defaults),
        ro("__builtins__", get_builtins),
        rw("__annotate__", get_annotate, set_annotate),
        rw("__annotations__", get_annotations, set_annotations),
        rw("__type_params__", get_type_params, set_type_params),
        crate::types::object::DICT_GETSET,
    ],
    members: &[
        MemberDef {
            name: "__doc__",
            doc: "",
            offset: std::mem::offset_of!(Function, doc),
            readonly: false,
            none_if_empty: true,
        },
        MemberDef {
            name: "__module__",
            doc: "",
            offset: std::mem::offset_of!(Function, module),
            readonly: false,
            none_if_empty: true,
        },
        // `types.MemberDescriptorType` is the type of the next one. A field of known
        // layout reads as a plain one.
        MemberDef {
            name: "__globals__",
            doc: "",
            offset: std::mem::offset_of!(Function, globals),
            readonly: true,
            none_if_empty: true,
        },
        MemberDef {
            name: "__closure__",
            doc: "",
            offset: std::mem::offset_of!(Function, closure),
            readonly: true,
            none_if_empty: true,
        },
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("function", <Function as Object>::LAYOUT)
};

fn native(v: Value) -> Gc<NativeFunction> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn native_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    vm.call_with(args[0], &args[1..], names)
}

fn is_module(v: Value) -> bool {
    v.cast::<crate::types::module::Module>().is_some()
}

fn native_repr(vm: &Vm, args: &[Value]) -> Result {
    let f = native(args[0]);
    let name = f.def.name;
    Ok(vm
        .new_str(&match f.receiver.get().filter(|r| !is_module(*r)) {
            Some(r) if f.class() == vm.types.method_wrapper.get() => format!(
                "<method-wrapper '{name}' of {} object at {:#x}>",
                vm.class_of(r).qualified_name(),
                vm.id(r)
            ),
            Some(r) => format!(
                "<built-in method {name} of {} object at {:#x}>",
                vm.class_of(r).qualified_name(),
                vm.id(r)
            ),
            None => format!("<built-in function {name}>"),
        })
        .value())
}

fn native_name(vm: &Vm, v: Value) -> Result {
    Ok(vm.intern(native(v).def.name).value())
}

fn native_qualname(vm: &Vm, v: Value) -> Result {
    let f = native(v);
    let owner = match (f.receiver.get(), f.owner.get()) {
        (Some(_), Some(o)) if o.cast::<Class>().is_some() => o.cast::<Class>(),
        (Some(r), _) if !is_module(r) => match r.cast::<Class>() {
            Some(c) => Some(c),
            None => Some(vm.class_of(r)),
        },
        (None, Some(o)) => o.cast::<Class>(),
        _ => None,
    };
    Ok(vm
        .new_str(&match owner {
            Some(c) => format!("{}.{}", vm.str(c.qualname.or_none())?, f.def.name),
            None => f.def.name.to_owned(),
        })
        .value())
}

fn native_doc(vm: &Vm, v: Value) -> Result {
    let doc = native(v).def.doc;
    Ok(if doc.is_empty() {
        Value::NONE
    } else {
        vm.new_str(doc).value()
    })
}

fn native_self(vm: &Vm, v: Value) -> Result {
    let f = native(v);
    match f.receiver.get() {
        // The class that a static method belongs to is not passed to it.
        Some(_) if f.def.kind == MethodKind::Static && !f.is_constructor() => Ok(Value::NONE),
        Some(r) => Ok(r),
        None => vm.import("builtins"),
    }
}

fn native_module(_: &Vm, v: Value) -> Result {
    Ok(native(v).owner.or_none())
}

fn set_native_module(_: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let f = native(v);
    match value {
        Some(module) => f.owner.set(&f.header, module),
        None => f.owner.clear(),
    }
    Ok(())
}

fn native_signature(vm: &Vm, v: Value) -> Result {
    let signature = native(v).def.signature;
    // A default without a value has no text of its own.
    if signature.is_empty() || signature.contains("<unset>") {
        return Ok(Value::NONE);
    }
    let inner = &signature[1..signature.len() - 1];
    let f = native(v);
    // Constructors say no more: the class's signature is the one to read.
    match f.def.name {
        "__new__" => return Ok(vm.new_str("($type, *args, **kwargs)").value()),
        "__init__" => return Ok(vm.new_str("($self, /, *args, **kwargs)").value()),
        _ => {}
    }
    let bound = f.owner.get().is_some_and(|o| o.cast::<Class>().is_some()) || f.passes_receiver();
    let text = if !bound {
        match is_module(f.receiver.or_none()) {
            true if inner.is_empty() => "($module, /)".to_owned(),
            true if inner.contains('/') => format!("($module, {inner})"),
            true => format!("($module, /, {inner})"),
            false => signature.to_owned(),
        }
    } else {
        format!("(${inner})")
    };
    Ok(vm.new_str(&text).value())
}

fn native_reduce(vm: &Vm, args: &[Value]) -> Result {
    let f = native(args[0]);
    match f.receiver.get().filter(|r| !is_module(*r)) {
        Some(r) => {
            let getattr = vm.import_attr("builtins", "getattr")?;
            let arguments = vm.new_tuple(&[r, vm.intern(f.def.name).value()])?.value();
            vm.pair(getattr, arguments)
        }
        None => native_name(vm, args[0]),
    }
}

fn native_eq(_: &Vm, args: &[Value]) -> Result {
    let (a, Some(b)) = (native(args[0]), args[1].cast::<NativeFunction>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(
        a.value().is(b.value())
            || std::ptr::eq(a.def, b.def)
                && a.receiver.get() == b.receiver.get()
                && a.class() == b.class()
                && a.receiver.get().is_some(),
    ))
}

fn native_hash(vm: &Vm, args: &[Value]) -> Result {
    let f = native(args[0]);
    let receiver = f.receiver.get().map_or(0, crate::ops::hash::address);
    let h = receiver ^ (f.def as *const MethodDef as u64).rotate_right(4);
    Ok(vm.new_int(if h == u64::MAX { -2 } else { h as i64 }))
}

const NATIVE_METHODS: &[MethodDef] = &[
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", native_repr),
    MethodDef::raw(
        "__call__",
        "(self, /, *args, **kwargs)",
        "Call self as a function.",
        native_call,
    ),
    MethodDef::new("__reduce__", "(self, /)", "", native_reduce),
    MethodDef::new(
        "__eq__",
        "(self, value, /)",
        "Return self==value.",
        native_eq,
    ),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", native_hash),
];

const NATIVE_GETSET: &[GetSetDef] = &[
    ro("__name__", native_name),
    ro("__qualname__", native_qualname),
    ro("__doc__", native_doc),
    ro("__self__", native_self),
    GetSetDef {
        name: "__module__",
        doc: "",
        get: native_module,
        set: Some(set_native_module),
    },
    ro("__text_signature__", native_signature),
];

/// `types.BuiltinFunctionType`.
pub static NATIVE_FUNCTION: TypeDef = TypeDef {
    methods: NATIVE_METHODS,
    getset: NATIVE_GETSET,
    flags: ClassFlags::WEAKREFS | ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new(
        "builtin_function_or_method",
        <NativeFunction as Object>::LAYOUT,
    )
};

const WRAPPER_GETSET: &[GetSetDef] = &[
    ro("__name__", native_name),
    ro("__qualname__", native_qualname),
    ro("__doc__", native_doc),
    ro("__self__", native_self),
    ro("__objclass__", descriptor_objclass),
    ro("__text_signature__", native_signature),
];

/// `types.MethodWrapperType`.
pub static METHOD_WRAPPER: TypeDef = TypeDef {
    methods: NATIVE_METHODS,
    getset: WRAPPER_GETSET,
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("method-wrapper", <NativeFunction as Object>::LAYOUT)
};

fn descriptor_repr(vm: &Vm, args: &[Value]) -> Result {
    let f = native(args[0]);
    let kind = if f.class() == vm.types.wrapper_descriptor.get() {
        "slot wrapper"
    } else {
        "method"
    };
    let owner = f
        .owner
        .get()
        .and_then(|o| o.cast::<Class>())
        .map(|c| c.qualified_name())
        .unwrap_or_default();
    Ok(vm
        .new_str(&format!("<{kind} '{}' of '{owner}' objects>", f.def.name))
        .value())
}

fn descriptor_get(vm: &Vm, args: &[Value]) -> Result {
    let f = native(args[0]);
    if f.is_class_method() {
        let class = match args[2].given_not_none() {
            Some(c) => c,
            None => vm.class_of(args[1]).value(),
        };
        return Ok(vm.new_bound_native(f.def, class).value());
    }
    if args[1].is_none() {
        return Ok(args[0]);
    }
    if let Some(owner) = f.owner.get().and_then(|o| o.cast::<Class>())
        && !vm.class_of(args[1]).is_subclass_of(owner)
    {
        return Err(vm.type_error(format!(
            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
            f.def.name,
            owner.qualified_name(),
            vm.class_of(args[1]).qualified_name()
        )));
    }
    Ok(vm.bind_native(f, args[1]).value())
}

fn descriptor_objclass(_: &Vm, v: Value) -> Result {
    Ok(native(v).owner.or_none())
}

fn descriptor_reduce(vm: &Vm, args: &[Value]) -> Result {
    let f = native(args[0]);
    let getattr = vm.import_attr("builtins", "getattr")?;
    let arguments = vm
        .new_tuple(&[f.owner.or_none(), vm.intern(f.def.name).value()])?
        .value();
    vm.pair(getattr, arguments)
}

const DESCRIPTOR_METHODS: &[MethodDef] = &[
    MethodDef::new(
        "__repr__",
        "(self, /)",
        "Return repr(self).",
        descriptor_repr,
    ),
    MethodDef::raw(
        "__call__",
        "(self, /, *args, **kwargs)",
        "Call self as a function.",
        native_call,
    ),
    MethodDef::new(
        "__get__",
        "(self, instance, owner=None, /)",
        "Return an attribute of instance, which is of type owner.",
        descriptor_get,
    ),
    MethodDef::new("__reduce__", "(self, /)", "", descriptor_reduce),
];

const DESCRIPTOR_GETSET: &[GetSetDef] = &[
    ro("__name__", native_name),
    ro("__qualname__", native_qualname),
    ro("__doc__", native_doc),
    ro("__objclass__", descriptor_objclass),
    ro("__text_signature__", native_signature),
];

/// `types.MethodDescriptorType`.
pub static METHOD_DESCRIPTOR: TypeDef = TypeDef {
    methods: DESCRIPTOR_METHODS,
    getset: DESCRIPTOR_GETSET,
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("method_descriptor", <NativeFunction as Object>::LAYOUT)
};

/// `types.WrapperDescriptorType`.
pub static WRAPPER_DESCRIPTOR: TypeDef = TypeDef {
    methods: DESCRIPTOR_METHODS,
    getset: DESCRIPTOR_GETSET,
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("wrapper_descriptor", <NativeFunction as Object>::LAYOUT)
};

/// `types.ClassMethodDescriptorType`.
pub static CLASS_METHOD_DESCRIPTOR: TypeDef = TypeDef {
    methods: DESCRIPTOR_METHODS,
    getset: DESCRIPTOR_GETSET,
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("classmethod_descriptor", <NativeFunction as Object>::LAYOUT)
};

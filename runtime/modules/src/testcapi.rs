//! The modules `_testcapi` and `_testinternalcapi`: what CPython's own tests reach
//! into an implementation by.
//!
//! Only what has a meaning here: every kind of native function that there is
//! (plain, of instances, classes and none), calling from native code, raising
//! from it, and questions about how values are stored. There is no C interface,
//! so the tests of one find their functions missing.

use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, MethodDef, ModuleDef, TypeDef, slots};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The methods of one kind of receiver: `$receiver` gives the signature's first
/// parameter, `$of` the receiver that they return and `$rest` the other arguments.
macro_rules! conventions {
    ($prefix:literal, $of:expr, $skip:literal, $kind:ident) => {
        &[
            MethodDef::new(
                "meth_varargs",
                concat!("(", $prefix, "*args)"),
                "",
                |vm, args| pair(vm, &[$of(vm, args)?, args[$skip]]),
            )
            .$kind(),
            MethodDef::new(
                "meth_varargs_keywords",
                concat!("(", $prefix, "*args, **kwargs)"),
                "",
                |vm, args| pair(vm, &[$of(vm, args)?, args[$skip], args[$skip + 1]]),
            )
            .$kind(),
            MethodDef::new(
                "meth_o",
                concat!("(", $prefix, "object, /)"),
                "",
                |vm, args| pair(vm, &[$of(vm, args)?, args[$skip]]),
            )
            .$kind(),
            MethodDef::new("meth_noargs", concat!("(", $prefix, ")"), "", |vm, args| {
                $of(vm, args)
            })
            .$kind(),
            MethodDef::raw(
                "meth_fastcall",
                concat!("(", $prefix, "*args)"),
                "",
                |vm, args, names| {
                    if names.is_some_and(|n| !n.is_empty()) {
                        return Err(vm.type_error("meth_fastcall() takes no keyword arguments"));
                    }
                    let rest = vm.new_tuple(&args[$skip..])?.value();
                    pair(vm, &[$of(vm, args)?, rest])
                },
            )
            .$kind(),
            MethodDef::raw(
                "meth_fastcall_keywords",
                concat!("(", $prefix, "*args, **kwargs)"),
                "",
                |vm, args, names| {
                    let (rest, keywords) = split(vm, &args[$skip..], names)?;
                    pair(vm, &[$of(vm, args)?, rest, keywords])
                },
            )
            .$kind(),
        ]
    };
}

fn pair(vm: &Vm, values: &[Value]) -> Result {
    Ok(vm.new_tuple(values)?.value())
}

/// Positional arguments as a tuple, and those with names as a dict or None.
fn split(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result<(Value, Value)> {
    let Some(names) = names.filter(|n| !n.is_empty()) else {
        return Ok((vm.new_tuple(args)?.value(), Value::NONE));
    };
    let (positional, values) = args.split_at(args.len() - names.len());
    let keywords = vm.new_dict();
    for (i, v) in values.iter().enumerate() {
        keywords.set(vm, names.get(i), *v)?;
    }
    Ok((vm.new_tuple(positional)?.value(), keywords.value()))
}

/// The module, which its functions have as receiver.
fn module(vm: &Vm, _: &[Value]) -> Result {
    let modules = vm.import_attr("sys", "modules")?;
    vm.get_item(modules, vm.intern("_testcapi").value())
}

fn first(_: &Vm, args: &[Value]) -> Result {
    Ok(args[0])
}

fn nobody(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::NONE)
}

/// An object without content.
#[repr(C)]
pub struct Bare {
    pub header: Header,
}

heap_object!(Bare, "Bare", Kind::Other, |this, marker| {});

fn new_bare(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = args[0]
        .cast::<Class>()
        .ok_or_else(|| vm.type_error("__new__() needs a class"))?;
    let bare = Bare {
        header: Header::empty(),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), bare).value())
}

static INSTANCE: TypeDef = TypeDef {
    module: "_testcapi",
    methods: taipan_runtime::method_table![
        [slots::new(new_bare)],
        *conventions!("self, /, ", first, 1, plain)
    ],
    ..TypeDef::new("MethInstance", <Bare as Object>::LAYOUT)
};

static CLASS: TypeDef = TypeDef {
    module: "_testcapi",
    methods: taipan_runtime::method_table![
        [slots::new(new_bare)],
        *conventions!("cls, /, ", first, 1, class)
    ],
    ..TypeDef::new("MethClass", <Bare as Object>::LAYOUT)
};

static STATIC: TypeDef = TypeDef {
    module: "_testcapi",
    methods: taipan_runtime::method_table![
        [slots::new(new_bare)],
        *conventions!("", nobody, 0, static_)
    ],
    ..TypeDef::new("MethStatic", <Bare as Object>::LAYOUT)
};

/// What `await` asks for an iterator, which it was made with.
#[repr(C)]
pub struct Awaitable {
    pub header: Header,
    iterator: Field,
}

heap_object!(Awaitable, "awaitType", Kind::Other, |this, marker| {
    marker.field(&this.iterator);
});

static AWAITABLE: TypeDef = TypeDef {
    module: "_testcapi",
    methods: &[
        slots::new(|vm, args, _| {
            let [class, iterator] = args else {
                return Err(vm.type_error("awaitType() takes one argument"));
            };
            let class = class
                .cast::<Class>()
                .ok_or_else(|| vm.type_error("__new__() needs a class"))?;
            let object = Awaitable {
                header: Header::empty(),
                iterator: Field::new(*iterator),
            };
            Ok(vm.heap.alloc(class.root_shape.get(), object).value())
        }),
        MethodDef::new(
            "__await__",
            "(self, /)",
            "Return an iterator to be used in await expression.",
            |_, args| Ok(this::<Awaitable>(args[0]).iterator.or_none()),
        ),
    ],
    ..TypeDef::new("awaitType", <Awaitable as Object>::LAYOUT)
};

/// Positional arguments: a tuple or None.
fn positional(vm: &Vm, v: Value) -> Result<Gc<Tuple>> {
    match v.given_not_none() {
        None => vm.new_tuple(&[]),
        Some(v) => v
            .cast::<Tuple>()
            .ok_or_else(|| vm.type_error("args must be None or a tuple")),
    }
}

/// Calls with a tuple of arguments and a dict of keywords.
fn call_dict(vm: &Vm, args: &[Value]) -> Result {
    let keywords = match args[2].given_not_none() {
        None => None,
        Some(v) => Some(
            v.cast::<Dict>()
                .ok_or_else(|| vm.type_error("kwnames must be None or a dict"))?,
        ),
    };
    vm.call_dict(args[0], positional(vm, args[1])?.as_slice(), keywords)
}

/// Calls with a tuple of arguments that ends with the values of named ones.
fn call_names(vm: &Vm, args: &[Value]) -> Result {
    let names = match args[2].given_not_none() {
        None => None,
        Some(v) => Some(
            v.cast::<Tuple>()
                .ok_or_else(|| vm.type_error("kwnames must be None or a tuple"))?,
        ),
    };
    let all = positional(vm, args[1])?;
    if names.is_some_and(|n| n.len() > all.len()) {
        return Err(vm.value_error("kwnames is longer than args"));
    }
    vm.call_with(args[0], all.as_slice(), names.filter(|n| !n.is_empty()))
}

/// Raises a class with a tuple of so many None: an instance is made by calling it.
fn raise_exception(vm: &Vm, args: &[Value]) -> Result {
    let count = vm.to_index_clamped(args[1])?;
    match args[0].cast::<Class>() {
        Some(class) if class.is_subclass_of(vm.exception_class(&exc::BASE_EXCEPTION)) => {
            let values: Vec<Value> = (0..count).map(Value::small_int).collect();
            Err(vm.raise_new(class, &values))
        }
        _ => {
            let shown = vm.repr_text(args[0])?;
            Err(vm.system_error(format!(
                "_PyErr_SetObject: exception {shown} is not a BaseException subclass"
            )))
        }
    }
}

/// Makes an exception class by its name with a module, as extension modules do.
fn make_exception(vm: &Vm, args: &[Value]) -> Result {
    let name = args[0].cast::<Str>().map(|s| s.to_text());
    let Some((module, name)) = name.as_deref().and_then(|n| n.rsplit_once('.')) else {
        return Err(vm.system_error("PyErr_NewException: name must be module.class"));
    };
    let namespace = match args[3].given_not_none().and_then(|d| d.cast::<Dict>()) {
        Some(d) => d,
        None => vm.new_dict(),
    };
    namespace.set_str(vm, vm.intern("__module__"), vm.new_str(module).value());
    if let Some(doc) = args[1].given_not_none() {
        namespace.set_str(vm, vm.intern("__doc__"), doc);
    }
    let base = args[2].given_not_none();
    let bases = match base {
        Some(b) if b.cast::<Tuple>().is_some() => b,
        Some(b) => vm.new_tuple(&[b])?.value(),
        None => {
            let exception = vm.exception_class(&exc::EXCEPTION).value();
            vm.new_tuple(&[exception])?.value()
        }
    };
    vm.call(
        vm.types.type_.get().value(),
        &[vm.new_str(name).value(), bases, namespace.value()],
    )
}

/// One of the interpreter's settings by its name in `PyConfig`.
fn config_get(vm: &Vm, args: &[Value]) -> Result {
    match args[0].cast::<Str>().map(|s| s.to_text()).as_deref() {
        Some("code_debug_ranges") => {
            let options = vm.import_attr("sys", "_xoptions")?;
            let off = vm.intern("no_debug_ranges").value();
            Ok(Value::bool(!vm.contains(options, off)?))
        }
        _ => Err(vm.value_error("unknown config option name")),
    }
}

/// Prints an exception as one that nobody caught.
fn print_exception(vm: &Vm, args: &[Value]) -> Result {
    if !vm
        .class_of(args[0])
        .is_subclass_of(vm.exception_class(&exc::BASE_EXCEPTION))
    {
        return Err(vm.type_error("an exception instance is required"));
    }
    let hook = vm.import_attr("sys", "__excepthook__")?;
    let traceback = vm.get_attr_str(args[0], "__traceback__")?;
    vm.call(hook, &[vm.class_of(args[0]).value(), args[0], traceback])
}

/// Prints a traceback with its first line to a file.
fn print_traceback(vm: &Vm, args: &[Value]) -> Result {
    let head = vm.new_str("Traceback (most recent call last):\n").value();
    vm.call_method(args[1], "write", &[head])?;
    let print = vm.import_attr("traceback", "print_tb")?;
    vm.call_keywords(print, &[args[0]], &[("file", args[1])])
}

/// `_testcapi`.
pub static TESTCAPI: ModuleDef = ModuleDef {
    name: "_testcapi",
    doc: "",
    functions: taipan_runtime::method_table![
        *conventions!("", module, 0, plain),
        [
            MethodDef::new(
                "pyobject_fastcalldict",
                "(func, args, kwargs, /)",
                "",
                call_dict
            ),
            MethodDef::new(
                "pyobject_vectorcall",
                "(func, args, kwnames, /)",
                "",
                call_names
            ),
            MethodDef::new(
                "pyvectorcall_call",
                "(func, args, kwargs=None, /)",
                "",
                call_dict
            ),
            MethodDef::new(
                "pycfunction_call",
                "(func, args, kwargs=None, /)",
                "",
                call_dict
            ),
            MethodDef::new(
                "raise_exception",
                "(exception, num_args, /)",
                "",
                raise_exception
            ),
            MethodDef::new(
                "raise_memoryerror",
                "()",
                "",
                |vm, _| Err(vm.memory_error())
            ),
            MethodDef::new(
                "make_exception_with_doc",
                "(name, doc=None, base=None, dict=None)",
                "",
                make_exception
            ),
            MethodDef::new("config_get", "(name, /)", "", config_get),
            MethodDef::new(
                "exception_print",
                "(exc, legacy=False, /)",
                "",
                print_exception
            ),
            MethodDef::new(
                "traceback_print",
                "(traceback, file, /)",
                "",
                print_traceback
            ),
            MethodDef::new("err_writeunraisable", "(exc, object, /)", "", |vm, args| {
                if let Some(e) = args[0].given_not_none() {
                    vm.raise_again(e);
                }
                vm.report_unraisable_in(args[1].given_not_none());
                Ok(Value::NONE)
            }),
        ]
    ],
    types: &[&INSTANCE, &CLASS, &STATIC, &AWAITABLE],
    exec: Some(|vm, module| {
        for (name, value) in [
            ("UCHAR_MAX", i128::from(u8::MAX)),
            ("SHRT_MIN", i128::from(i16::MIN)),
            ("SHRT_MAX", i128::from(i16::MAX)),
            ("USHRT_MAX", i128::from(u16::MAX)),
            ("INT_MIN", i128::from(i32::MIN)),
            ("INT_MAX", i128::from(i32::MAX)),
            ("UINT_MAX", i128::from(u32::MAX)),
            ("LONG_MIN", i128::from(i64::MIN)),
            ("LONG_MAX", i128::from(i64::MAX)),
            ("ULONG_MAX", i128::from(u64::MAX)),
            ("LLONG_MIN", i128::from(i64::MIN)),
            ("LLONG_MAX", i128::from(i64::MAX)),
            ("ULLONG_MAX", i128::from(u64::MAX)),
            ("PY_SSIZE_T_MIN", i128::from(i64::MIN)),
            ("PY_SSIZE_T_MAX", i128::from(i64::MAX)),
        ] {
            module.set(vm, name, vm.new_bigint(value.into()));
        }
        for (name, value) in [
            ("FLT_MIN", f64::from(f32::MIN_POSITIVE)),
            ("FLT_MAX", f64::from(f32::MAX)),
            ("DBL_MIN", f64::MIN_POSITIVE),
            ("DBL_MAX", f64::MAX),
        ] {
            module.set(vm, name, Value::float(value));
        }
        module.set(vm, "_Py_STACK_GROWS_DOWN", Value::small_int(1));
        Ok(())
    }),
};

/// Whether the object keeps its attributes in itself and not in a dictionary.
fn has_inline_values(_: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(args[0].header().is_some_and(|h| {
        let shape = h.shape();
        shape.has_attributes() && !shape.is_dict_mode() && !shape.layout.variable
    })))
}

fn dict_item(vm: &Vm, args: &[Value]) -> Result {
    let Some(dict) = args[0].cast::<Dict>() else {
        return Err(vm.system_error("bad argument to internal function"));
    };
    dict.get(vm, args[1])?.ok_or_else(|| vm.key_error(args[1]))
}

/// Python activations under way.
fn recursion_depth(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int(i64::from(vm.thread().depth.get())))
}

/// `_testinternalcapi`.
pub static TESTINTERNALCAPI: ModuleDef = ModuleDef {
    name: "_testinternalcapi",
    doc: "",
    functions: &[
        MethodDef::new("has_inline_values", "(object, /)", "", has_inline_values),
        MethodDef::new(
            "dict_getitem_knownhash",
            "(mp, key, hash, /)",
            "",
            dict_item,
        ),
        MethodDef::new("get_recursion_depth", "()", "", recursion_depth),
    ],
    types: &[],
    exec: Some(|vm, module| {
        // Passes after which a site has certainly seen its types.
        module.set(vm, "SPECIALIZATION_THRESHOLD", Value::small_int(8));
        Ok(())
    }),
};

/// Calls with the arguments that CPython's tests expect of both functions.
fn call_fixed(vm: &Vm, callable: Value) -> Result {
    let argument = vm.new_str("foo").value();
    vm.call_keywords(callable, &[argument], &[("baz", vm.new_str("bar").value())])
}

/// `_testlimitedcapi`.
pub static TESTLIMITEDCAPI: ModuleDef = ModuleDef {
    name: "_testlimitedcapi",
    doc: "",
    functions: &[
        MethodDef::new(
            "sequence_getitem",
            "(sequence, index, /)",
            "",
            |vm, args| vm.get_item(args[0], args[1]),
        ),
        MethodDef::new(
            "sequence_setitem",
            "(sequence, index, value, /)",
            "",
            |vm, args| {
                vm.set_item(args[0], args[1], args[2])?;
                Ok(Value::small_int(0))
            },
        ),
        MethodDef::new(
            "sequence_delitem",
            "(sequence, index, /)",
            "",
            |vm, args| {
                vm.delete_item(args[0], args[1])?;
                Ok(Value::small_int(0))
            },
        ),
        MethodDef::new(
            "object_hasattrstring",
            "(object, name, /)",
            "",
            |vm, args| {
                let name = vm.str_text(vm.call_method(args[1], "decode", &[])?)?;
                let found = vm.find_attr(args[0], vm.intern(&name));
                let found = found.is_ok_and(|v| v.is_some());
                vm.clear_raised();
                Ok(Value::small_int(found.into()))
            },
        ),
        MethodDef::new("call_vectorcall", "(callable, /)", "", |vm, args| {
            call_fixed(vm, args[0])
        }),
        MethodDef::new("call_vectorcall_method", "(object, /)", "", |vm, args| {
            call_fixed(vm, vm.get_attr_str(args[0], "f")?)
        }),
    ],
    types: &[],
    exec: None,
};

/// `_testmultiphase`: a native module with contents of every kind.
pub static TESTMULTIPHASE: ModuleDef = ModuleDef {
    name: "_testmultiphase",
    doc: "Test module main",
    functions: &[MethodDef::new(
        "foo",
        "(i, j, /)",
        "foo(i,j)\n\nReturn the sum of i and j.",
        |vm, args| vm.binary(taipan_runtime::ops::arith::BinaryOp::Add, args[0], args[1]),
    )],
    types: &[],
    exec: Some(|vm, module| {
        module.set(vm, "int_const", Value::small_int(1969));
        module.set(vm, "str_const", vm.new_str("something different"));
        Ok(())
    }),
};

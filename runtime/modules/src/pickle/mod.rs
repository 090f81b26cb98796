//! `_pickle`: the pickle format, written and read natively.
//!
//! Picklers hold their memo themselves (`pickler`); one run of one is a `save::Saver`, which
//! knows the built-in types, with `reduce` for everything else. Reading is a stack machine
//! (`load`) over `input`, whose state between runs an `unpickler` holds.

mod buffer;
mod input;
mod load;
mod objects;
mod opcodes;
mod pickler;
mod reduce;
mod save;
mod unpickler;

use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{Class, ClassFlags, MethodDef, ModuleDef, TypeDef, own_attribute};
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

macro_rules! exceptions {
    ($($def:ident $name:literal $base:expr;)*) => {$(
        /// The exception class of this name.
        pub static $def: TypeDef = TypeDef {
            module: "_pickle",
            subclassable: true,
            has_dict: true,
            base: Some($base),
            flags: ClassFlags::EXCEPTION,
            ..TypeDef::new($name, <Exception as Object>::LAYOUT)
        };
    )*};
}

exceptions! {
    PICKLE_ERROR "PickleError" &exc::EXCEPTION;
    PICKLING_ERROR "PicklingError" &PICKLE_ERROR;
    UNPICKLING_ERROR "UnpicklingError" &PICKLE_ERROR;
}

#[cold]
fn pickling_error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    vm.raise_str(vm.exception_class(&PICKLING_ERROR), message.as_ref())
}

#[cold]
fn unpickling_error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    vm.raise_str(vm.exception_class(&UNPICKLING_ERROR), message.as_ref())
}

/// Gives the pending exception a context.
#[cold]
fn chained(vm: &Vm, context: Value, raised: Raised) -> Raised {
    let Some(pending) = vm.pending().and_then(|e| e.cast::<Exception>()) else {
        return raised;
    };
    vm.set_context(pending, context);
    raised
}

/// An object's hook of this name, unless it is the one that `base` has.
fn overridden(vm: &Vm, object: Value, name: &str, base: Gc<Class>) -> Result<Option<Value>> {
    let name = vm.intern(name);
    let class = vm.class_of(object);
    let own = object.header().and_then(|h| own_attribute(h, name));
    if own.is_some() {
        return Ok(own);
    }
    if class == base
        || class.lookup(vm, name) == base.lookup(vm, name) && base.lookup(vm, name).is_some()
    {
        return Ok(None);
    }
    vm.find_attr(object, name)
}

/// The module.
pub static PICKLE: ModuleDef = ModuleDef {
    name: "_pickle",
    doc: "Optimized C implementation for the Python pickle module.",
    functions: &[
        MethodDef::new(
            "dump",
            "(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)",
            "Write a pickled representation of obj to the open file object file.\n\n\
             As ``Pickler(file, protocol).dump(obj)``.",
            pickler::dump,
        ),
        MethodDef::new(
            "dumps",
            "(obj, protocol=None, *, fix_imports=True, buffer_callback=None)",
            "Return the pickled representation of the object as a bytes object.",
            pickler::dumps,
        ),
        MethodDef::new(
            "load",
            "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())",
            "Read and return an object from the pickle data stored in a file.\n\n\
             As ``Unpickler(file).load()``.",
            unpickler::load,
        ),
        MethodDef::new(
            "loads",
            "(data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())",
            "Read and return an object from the given pickle data.",
            unpickler::loads,
        ),
    ],
    types: &[
        &PICKLE_ERROR,
        &PICKLING_ERROR,
        &UNPICKLING_ERROR,
        &pickler::PICKLER,
        &unpickler::UNPICKLER,
        &buffer::PICKLE_BUFFER,
    ],
    exec: None,
};

//! `_csv`: reading and writing of comma-separated values.

mod dialect;
mod reader;
mod writer;

use std::cell::Cell;
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// `csv.Error`.
pub static ERROR: TypeDef = TypeDef {
    module: "_csv",
    subclassable: true,
    base: Some(&exc::EXCEPTION),
    flags: ClassFlags::EXCEPTION | ClassFlags::FULL_NAME,
    ..TypeDef::new("Error", <Exception as Object>::LAYOUT)
};

#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    vm.raise_str(vm.exception_class(&ERROR), message)
}

thread_local! {
    /// The longest field that readers accept.
    static FIELD_LIMIT: Cell<i64> = const { Cell::new(128 * 1024) };
}

/// The registered dialects by name.
fn registry(vm: &Vm) -> Result<Gc<Dict>> {
    let dialects = vm.import_attr("_csv", "_dialects")?;
    dialects
        .cast::<Dict>()
        .ok_or_else(|| vm.runtime_error("_csv._dialects is not a dict"))
}

fn register_dialect(vm: &Vm, args: &[Value]) -> Result {
    if args[0].cast::<Str>().is_none() {
        return Err(vm.type_error("dialect name must be a string"));
    }
    let dialect = dialect::make(vm, args[1], args[2])?;
    registry(vm)?.set(vm, args[0], dialect)?;
    Ok(Value::NONE)
}

fn unregister_dialect(vm: &Vm, args: &[Value]) -> Result {
    match registry(vm)?.remove(vm, args[0])? {
        Some(_) => Ok(Value::NONE),
        None => Err(error(vm, "unknown dialect")),
    }
}

fn get_dialect(vm: &Vm, args: &[Value]) -> Result {
    registry(vm)?
        .get(vm, args[0])?
        .ok_or_else(|| error(vm, "unknown dialect"))
}

fn list_dialects(vm: &Vm, _: &[Value]) -> Result {
    let names: Vec<Value> = registry(vm)?.items().map(|i| i.0).collect();
    Ok(vm.new_list(&names)?.value())
}

fn field_size_limit(vm: &Vm, args: &[Value]) -> Result {
    let old = vm.new_int(FIELD_LIMIT.get());
    if let Some(v) = args[0].given() {
        if v.exact_int().is_none() {
            return Err(vm.type_error("limit must be an integer"));
        }
        FIELD_LIMIT.set(vm.to_i64(v)?);
    }
    Ok(old)
}

/// The module.
pub static CSV: ModuleDef = ModuleDef {
    name: "_csv",
    doc: "CSV parsing and writing.\n",
    functions: &[
        MethodDef::new(
            "reader",
            "(iterable, /, dialect='excel', **fmtparams)",
            "Return a reader object that will process lines from the given iterable.\n\n\
             The \"iterable\" argument can be any object that returns a line\n\
             of input for each iteration, such as a file object or a list.  The\n\
             optional \"dialect\" argument defines a CSV dialect.  The function\n\
             also accepts optional keyword arguments which override settings\n\
             provided by the dialect.\n\n\
             The returned object is an iterator.  Each iteration returns a row\nof the CSV file.",
            reader::reader,
        ),
        MethodDef::new(
            "writer",
            "(fileobj, /, dialect='excel', **fmtparams)",
            "Return a writer object that will write user data on the given file object.\n\n\
             The \"fileobj\" argument can be any object that supports the file API.\n\
             The optional \"dialect\" argument defines a CSV dialect.  The function\n\
             also accepts optional keyword arguments which override settings\nprovided by the dialect.\n",
            writer::writer,
        ),
        MethodDef::new(
            "register_dialect",
            "(name, /, dialect='excel', **fmtparams)",
            "Create a mapping from a string name to a CVS dialect.\n\n\
             The optional \"dialect\" argument specifies the base dialect instance\n\
             or the name of the registered dialect.  The function also accepts\n\
             optional keyword arguments which override settings provided by the\ndialect.\n",
            register_dialect,
        ),
        MethodDef::new(
            "unregister_dialect",
            "(name)",
            "Delete the name/dialect mapping associated with a string name.",
            unregister_dialect,
        ),
        MethodDef::new(
            "get_dialect",
            "(name)",
            "Return the dialect instance associated with name.",
            get_dialect,
        ),
        MethodDef::new(
            "list_dialects",
            "()",
            "Return a list of all known dialect names.",
            list_dialects,
        ),
        MethodDef::new(
            "field_size_limit",
            "(new_limit=<unrepresentable>)",
            "Sets an upper limit on parsed fields.\n\n\
             Returns old limit. If limit is not given, no new limit is set and\nthe old limit is returned",
            field_size_limit,
        ),
    ],
    types: &[&dialect::DIALECT, &ERROR],
    exec: Some(|vm, module| {
        module.set(vm, "Reader", vm.class_of_def(&reader::READER)?);
        module.set(vm, "Writer", vm.class_of_def(&writer::WRITER)?);
        module.set(vm, "_dialects", vm.new_dict());
        module.set(vm, "__version__", vm.new_str("1.0"));
        for (i, name) in [
            "QUOTE_MINIMAL",
            "QUOTE_ALL",
            "QUOTE_NONNUMERIC",
            "QUOTE_NONE",
            "QUOTE_STRINGS",
            "QUOTE_NOTNULL",
        ]
        .iter()
        .enumerate()
        {
            module.set(vm, name, vm.new_int(i as i64));
        }
        Ok(())
    }),
};

/// The receiver's dialect.
fn dialect_of(v: Value) -> Gc<dialect::Dialect> {
    this(v)
}

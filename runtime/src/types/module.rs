//! Modules.

use crate::heap::{Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, GetSetDef, MethodDef, ModuleDef, TypeDef};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::any::Any;
use std::cell::{Cell, OnceCell};

/// A module; its attributes are its dictionary's items.
#[repr(C)]
pub struct Module {
    pub header: Header,
    dict: GcField<Dict>,
    /// Of a native module.
    pub def: Cell<Option<&'static ModuleDef>>,
    /// What a native module keeps between calls; holds no references.
    pub state: OnceCell<Box<dyn Any>>,
}

heap_object!(
    Module,
    "module",
    Kind::Module,
    |this, marker| {
        marker.gc_field(&this.dict);
    },
    drop
);

impl Module {
    /// Byte offset, for compiled code.
    pub const DICT_OFFSET: usize = std::mem::offset_of!(Module, dict);

    /// The namespace.
    #[inline(always)]
    pub fn dict(&self) -> Gc<Dict> {
        // SAFETY: set when the module is made.
        unsafe { self.dict.get().unwrap_unchecked() }
    }

    /// Binds a name in the module.
    pub fn set(&self, vm: &Vm, name: &str, value: impl Into<Value>) {
        self.dict().set_str(vm, vm.intern(name), value.into());
    }
}

impl Vm {
    /// An empty module with the usual names set.
    pub fn new_module(
        &self,
        name: Gc<Str>,
        doc: Value,
        shape: &'static crate::object::Shape,
    ) -> Gc<Module> {
        let dict = self.new_dict();
        let none = Value::NONE;
        for (key, value) in [
            ("__name__", name.value()),
            ("__doc__", doc),
            ("__package__", none),
            ("__loader__", none),
            ("__spec__", none),
        ] {
            dict.set_str(self, self.intern(key), value);
        }
        self.module_of_dict(dict, shape)
    }

    /// A module with this namespace.
    pub fn module_of_dict(
        &self,
        dict: Gc<Dict>,
        shape: &'static crate::object::Shape,
    ) -> Gc<Module> {
        self.heap.alloc(
            shape,
            Module {
                header: Header::empty(),
                dict: GcField::new(dict),
                def: Cell::new(None),
                state: OnceCell::new(),
            },
        )
    }

    /// Makes a native module and runs its initialisation.
    pub fn module_from_def(&self, def: &'static ModuleDef) -> Result<Gc<Module>> {
        let name = self.intern(def.name);
        let doc = if def.doc.is_empty() {
            Value::NONE
        } else {
            self.new_str(def.doc).value()
        };
        let module = self.new_module(name, doc, self.shapes.module.get());
        module.def.set(Some(def));
        self.fill_module(module, def)?;
        Ok(module)
    }

    /// Binds a definition's functions and types in a module and initialises it.
    pub fn fill_module(&self, module: Gc<Module>, def: &'static ModuleDef) -> Result<()> {
        let name = self.intern(def.name);
        for function in def.functions {
            let f = self.new_native(function, Some(module.value()), Some(name.value()));
            module
                .dict()
                .set_str(self, self.intern(function.name), f.value());
        }
        for ty in def.types {
            let class = self.class_of_def(ty)?;
            module.set(self, ty.name, class);
        }
        if let Some(exec) = def.exec {
            exec(self, module)?;
        }
        Ok(())
    }
}

/// What messages about modules ask of specs; failures count as no.
impl Vm {
    /// The file that a spec says its module comes from.
    pub fn spec_origin(&self, spec: Value) -> Option<String> {
        let attribute = |name: &str| {
            let found = self.get_attr_str(spec, name);
            self.clear_raised();
            found.ok()
        };
        let located = attribute("has_location")?;
        if located != Value::TRUE {
            return None;
        }
        attribute("origin")?.cast::<Str>().map(|s| s.to_text())
    }

    /// Whether a spec's module is being imported.
    pub fn is_initializing_spec(&self, spec: Value) -> bool {
        let found = self.get_attr_str(spec, "_initializing");
        let result = found.and_then(|v| self.truth(v)).unwrap_or(false);
        self.clear_raised();
        result
    }

    /// Whether a file lies where the program was started, and may so hide a library's module.
    pub fn may_shadow(&self, origin: &str) -> bool {
        let settings = self.settings.borrow();
        let Some(first) = settings
            .script_path
            .as_deref()
            .filter(|_| !settings.safe_path)
        else {
            return false;
        };
        let path = std::path::Path::new(origin);
        let mut root = path.parent();
        if path.file_name().is_some_and(|n| n == "__init__.py") {
            root = root.and_then(|r| r.parent());
        }
        match (root, first) {
            (Some(root), "") => std::env::current_dir().is_ok_and(|d| d == root),
            (Some(root), first) => root == std::path::Path::new(first),
            (None, _) => false,
        }
    }

    /// Whether the standard library has a module of this name.
    pub fn is_stdlib_name(&self, name: &str) -> bool {
        let names = self
            .sys_dict
            .get()
            .and_then(|d| d.get_str(self.intern("stdlib_module_names")));
        let found = names.map(|n| self.contains(n, self.new_str(name).value()));
        self.clear_raised();
        matches!(found, Some(Ok(true)))
    }
}

fn this(v: Value) -> Gc<Module> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn module_new(vm: &Vm, args: &[Value], _: Option<Gc<crate::types::tuple::Tuple>>) -> Result {
    let class = super::type_::class(args[0]);
    let dict = vm.new_dict();
    Ok(vm.module_of_dict(dict, class.root_shape.get()).value())
}

fn module_init(vm: &Vm, args: &[Value]) -> Result {
    let Some(name) = args[1].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "module() argument 'name' must be str, not {}",
            crate::types::support::arg_name(vm, args[1])
        )));
    };
    let m = this(args[0]);
    m.set(vm, "__name__", name);
    m.set(vm, "__doc__", args[2].given().unwrap_or(Value::NONE));
    for key in ["__package__", "__loader__", "__spec__"] {
        m.set(vm, key, Value::NONE);
    }
    Ok(Value::NONE)
}

fn module_repr(vm: &Vm, args: &[Value]) -> Result {
    let importlib = vm.import("importlib._bootstrap")?;
    vm.call_method(importlib, "_module_repr", &[args[0]])
}

fn module_getattribute(vm: &Vm, args: &[Value]) -> Result {
    let name = crate::types::object::attribute_name(vm, args[1])?;
    let found = vm.generic_get_attr(args[0], name);
    if found.is_ok() || !vm.raised_is_def(&crate::types::exception::classes::ATTRIBUTE_ERROR) {
        return found;
    }
    match this(args[0]).dict().get_str(vm.names.__getattr__.get()) {
        Some(f) => {
            vm.clear_raised();
            vm.call(f, &[name.value()])
        }
        None => found,
    }
}

fn module_dir(vm: &Vm, args: &[Value]) -> Result {
    let dict = vm.get_attr(args[0], vm.names.__dict__.get())?;
    let Some(dict) = dict.cast::<Dict>() else {
        let name = vm.get_attr(args[0], vm.names.__name__.get())?;
        let name = vm.str(name)?;
        return Err(vm.type_error(format!("{name}.__dict__ is not a dictionary")));
    };
    match dict.get_str(vm.names.__dir__.get()) {
        Some(f) => vm.call(f, &[]),
        None => {
            let keys: Vec<Value> = dict.items().map(|(k, _)| k).collect();
            Ok(vm.new_list(&keys)?.value())
        }
    }
}

fn get_dict(_: &Vm, v: Value) -> Result {
    Ok(this(v).dict().value())
}

fn get_annotate(vm: &Vm, v: Value) -> Result {
    Ok(this(v)
        .dict()
        .get_str(vm.names.__annotate__.get())
        .unwrap_or(Value::NONE))
}

fn set_annotate(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let Some(f) = value else {
        return Err(vm.type_error("cannot delete __annotate__ attribute"));
    };
    if !f.is_none() && !vm.is_callable(f) {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    let dict = this(v).dict();
    dict.set_str(vm, vm.names.__annotate__.get(), f);
    if !f.is_none() {
        dict.remove_str(vm.names.__annotations__.get());
    }
    Ok(())
}

fn get_annotations(vm: &Vm, v: Value) -> Result {
    let dict = this(v).dict();
    let name = vm.names.__annotations__.get();
    if let Some(found) = dict.get_str(name) {
        return Ok(found);
    }
    let result = match dict
        .get_str(vm.names.__annotate__.get())
        .filter(|f| !f.is_none())
    {
        Some(f) => {
            let result = vm.call(f, &[Value::small_int(1)])?;
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
    // While the module runs there are more to come.
    let spec = dict.get_str(vm.names.__spec__.get());
    if !spec.is_some_and(|spec| vm.is_initializing_spec(spec)) {
        dict.set_str(vm, name, result);
    }
    Ok(result)
}

fn set_annotations(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let dict = this(v).dict();
    match value {
        Some(value) => dict.set_str(vm, vm.names.__annotations__.get(), value),
        None => {
            if dict.remove_str(vm.names.__annotations__.get()).is_none() {
                return Err(vm.attribute_error("__annotations__"));
            }
        }
    }
    dict.remove_str(vm.names.__annotate__.get());
    Ok(())
}

/// `types.ModuleType`.
pub static MODULE: TypeDef = TypeDef {
    doc: "Create a module object.\n\nThe name must be a string; the optional docstring can have any type.",
    subclassable: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            module_new,
        )
        .static_(),
        MethodDef::new(
            "__init__",
            "(self, name, doc=None)",
            "Initialize self.",
            module_init,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", module_repr),
        MethodDef::new(
            "__getattribute__",
            "(self, name, /)",
            "Return getattr(self, name).",
            module_getattribute,
        ),
        MethodDef::new("__dir__", "(self, /)", "__dir__() -> list", module_dir),
    ],
    getset: &[
        GetSetDef {
            name: "__dict__",
            doc: "",
            get: get_dict,
            set: None,
        },
        GetSetDef {
            name: "__annotate__",
            doc: "",
            get: get_annotate,
            set: Some(set_annotate),
        },
        GetSetDef {
            name: "__annotations__",
            doc: "",
            get: get_annotations,
            set: Some(set_annotations),
        },
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("module", <Module as Object>::LAYOUT)
};

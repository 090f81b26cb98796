//! Modules.

use crate::heap::{Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::object::ModuleDef;
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

heap_object!(Module, "module", Kind::Module, |this, marker| { marker.gc_field(&this.dict); }, drop);

impl Module {
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
    pub fn new_module(&self, name: Gc<Str>, doc: Value, shape: &'static crate::object::Shape) -> Gc<Module> {
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
    pub fn module_of_dict(&self, dict: Gc<Dict>, shape: &'static crate::object::Shape) -> Gc<Module> {
        self.heap.alloc(
            shape,
            Module { header: Header::empty(), dict: GcField::new(dict), def: Cell::new(None), state: OnceCell::new() },
        )
    }

    /// Makes a native module and runs its initialisation.
    pub fn module_from_def(&self, def: &'static ModuleDef) -> Result<Gc<Module>> {
        let name = self.intern(def.name);
        let doc = if def.doc.is_empty() { Value::NONE } else { self.new_str(def.doc).value() };
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
            module.dict().set_str(self, self.intern(function.name), f.value());
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

//! Python functions.

mod methods;

pub use methods::{
    CLASS_METHOD_DESCRIPTOR, FUNCTION, METHOD_DESCRIPTOR, METHOD_WRAPPER, NATIVE_FUNCTION,
    WRAPPER_DESCRIPTOR,
};

use crate::heap::{Field, Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::types::code::CodeObject;
use crate::types::dict::Dict;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use std::cell::Cell;

/// A function made by `def` or `lambda`; also the frame's link to its globals.
#[repr(C)]
pub struct Function {
    pub header: Header,
    pub code: GcField<CodeObject>,
    pub globals: GcField<Dict>,
    pub builtins: GcField<Dict>,
    /// Tuple of defaults of positional parameters.
    pub defaults: GcField<Tuple>,
    pub kw_defaults: GcField<Dict>,
    /// Tuple of cells.
    pub closure: GcField<Tuple>,
    pub name: Field,
    pub qualname: Field,
    pub doc: Field,
    pub module: Field,
    pub annotations: Field,
    pub annotate: Field,
    pub type_params: Field,
    /// Changes when code or defaults do; 0 until a cache asks for it.
    version: Cell<u32>,
}

impl Function {
    /// A flag of the header: messages about arguments speak of it as of a native function.
    pub const AS_NATIVE: u8 = 64;

    /// Whether [`Function::AS_NATIVE`] is set.
    pub fn is_as_native(&self) -> bool {
        self.header.flags.get() & Self::AS_NATIVE != 0
    }
}

heap_object!(Function, "function", Kind::Function, |this, marker| {
    marker.gc_field(&this.code);
    marker.gc_field(&this.globals);
    marker.gc_field(&this.builtins);
    marker.gc_field(&this.defaults);
    marker.gc_field(&this.kw_defaults);
    marker.gc_field(&this.closure);
    marker.field(&this.name);
    marker.field(&this.qualname);
    marker.field(&this.doc);
    marker.field(&this.module);
    marker.field(&this.annotations);
    marker.field(&this.annotate);
    marker.field(&this.type_params);
});

impl Function {
    /// Byte offset, for compiled code.
    pub const VERSION_OFFSET: usize = std::mem::offset_of!(Function, version);

    /// A number that stands for the present code and defaults; never reused.
    pub fn version(&self, vm: &Vm) -> u32 {
        if self.version.get() == 0 {
            self.version.set(vm.next_function_version());
        }
        self.version.get()
    }

    /// The number of [`Function::version`] if one was asked for since the last change.
    #[inline(always)]
    pub fn current_version(&self) -> u32 {
        self.version.get()
    }

    /// To be called when code or defaults are replaced.
    pub fn modified(&self) {
        self.version.set(0);
    }

    /// The code.
    #[inline(always)]
    pub fn code(&self) -> Gc<CodeObject> {
        // SAFETY: set when the function is made, and only ever replaced.
        unsafe { self.code.get().unwrap_unchecked() }
    }

    /// The global namespace.
    #[inline(always)]
    pub fn globals(&self) -> Gc<Dict> {
        // SAFETY: as for the code.
        unsafe { self.globals.get().unwrap_unchecked() }
    }

    /// The namespace of built-ins.
    #[inline(always)]
    pub fn builtins(&self) -> Gc<Dict> {
        // SAFETY: as for the code.
        unsafe { self.builtins.get().unwrap_unchecked() }
    }
}

impl Vm {
    /// A function of this code in this global namespace.
    pub fn new_function(&self, code: Gc<CodeObject>, globals: Gc<Dict>) -> Gc<Function> {
        code.functions.set(code.functions.get().saturating_add(1));
        let builtins = self.builtins_of(globals);
        let doc = code.docstring();
        let module = globals.get_str(self.names.__name__.get());
        self.heap.alloc(
            self.shapes.function.get(),
            Function {
                header: Header::empty(),
                code: GcField::new(code),
                globals: GcField::new(globals),
                builtins: GcField::new(builtins),
                defaults: GcField::empty(),
                kw_defaults: GcField::empty(),
                closure: GcField::empty(),
                name: Field::new(code.name),
                qualname: Field::new(code.qualname),
                doc: Field::new(doc),
                module: Field::opt(module),
                annotations: Field::empty(),
                annotate: Field::empty(),
                type_params: Field::empty(),
                version: Cell::new(0),
            },
        )
    }
}

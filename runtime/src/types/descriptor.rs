//! Descriptors: `property`, `staticmethod`, `classmethod`, and those of native
//! attributes and `__slots__`.

use crate::heap::{Field, Gc, Header, Kind};
use crate::heap_object;
use crate::object::{Class, GetSetDef, MemberDef, MethodDef, NativeFunction, Special};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use std::cell::Cell;

/// Which item of a tuple a descriptor reads, if that is what it does.
pub fn item_read(descriptor: Value) -> Option<usize> {
    let def = descriptor.header()?.shape().class().def.get()?;
    def.item_read.map(|which| which(descriptor))
}

/// `property`.
#[repr(C)]
pub struct Property {
    pub header: Header,
    pub getter: Field,
    pub setter: Field,
    pub deleter: Field,
    pub doc: Field,
    pub name: Field,
    /// Whether the docstring was taken from the getter.
    pub getter_doc: Cell<bool>,
}

heap_object!(Property, "property", Kind::Property, |this, marker| {
    marker.field(&this.getter);
    marker.field(&this.setter);
    marker.field(&this.deleter);
    marker.field(&this.doc);
    marker.field(&this.name);
});

/// `staticmethod`.
#[repr(C)]
pub struct StaticMethod {
    pub header: Header,
    pub callable: Field,
}

heap_object!(
    StaticMethod,
    "staticmethod",
    Kind::StaticMethod,
    |this, marker| {
        marker.field(&this.callable);
    }
);

/// `classmethod`.
#[repr(C)]
pub struct ClassMethod {
    pub header: Header,
    pub callable: Field,
}

heap_object!(
    ClassMethod,
    "classmethod",
    Kind::ClassMethod,
    |this, marker| {
        marker.field(&this.callable);
    }
);

/// Attributes that are computed here and plain fields of the object in CPython, by type.
const FIELDS: &[(&str, &[&str])] = &[
    ("GenericAlias", &["__unpacked__"]),
    ("ReferenceType", &["__callback__"]),
    ("Pattern", &["flags", "groups", "pattern"]),
    ("Match", &["endpos", "pos", "re", "string"]),
    ("SRE_Scanner", &["pattern"]),
    ("complex", &["imag", "real"]),
    ("staticmethod", &["__func__", "__wrapped__"]),
    ("classmethod", &["__func__", "__wrapped__"]),
    ("method_descriptor", &["__name__", "__objclass__"]),
    ("wrapper_descriptor", &["__name__", "__objclass__"]),
    ("classmethod_descriptor", &["__name__", "__objclass__"]),
    ("getset_descriptor", &["__name__", "__objclass__"]),
    ("method-wrapper", &["__self__"]),
    (
        "code",
        &[
            "co_argcount",
            "co_consts",
            "co_exceptiontable",
            "co_filename",
            "co_firstlineno",
            "co_flags",
            "co_kwonlyargcount",
            "co_linetable",
            "co_name",
            "co_names",
            "co_nlocals",
            "co_posonlyargcount",
            "co_qualname",
            "co_stacksize",
        ],
    ),
    ("traceback", &["tb_lasti"]),
    ("async_generator", &["ag_running"]),
    ("method", &["__func__", "__self__"]),
    (
        "TextIOWrapper",
        &["buffer", "encoding", "line_buffering", "write_through"],
    ),
    ("BufferedReader", &["raw"]),
    ("BufferedWriter", &["raw"]),
    ("BufferedRandom", &["raw"]),
    ("partial", &["args", "func", "keywords"]),
    ("reader", &["dialect", "line_num"]),
    ("writer", &["dialect"]),
    ("Dialect", &["doublequote", "skipinitialspace", "strict"]),
    ("socket", &["proto"]),
    ("Decompress", &["eof", "unconsumed_tail", "unused_data"]),
    ("_ZlibDecompressor", &["eof", "needs_input", "unused_data"]),
    ("UCD", &["unidata_version"]),
];

/// A computed attribute of a native type (`types.GetSetDescriptorType`).
#[repr(C)]
pub struct GetSet {
    pub header: Header,
    pub def: &'static GetSetDef,
    pub owner: Field,
}

heap_object!(GetSet, "getset_descriptor", Kind::GetSet, |this, marker| {
    marker.field(&this.owner);
});

impl GetSet {
    /// The class whose instances have it.
    pub fn owner_class(&self) -> Option<Gc<Class>> {
        self.owner.get().and_then(|owner| owner.cast::<Class>())
    }

    /// Accessors rely on the layout of the owner's instances, and a class namespace may hold
    /// the descriptor of any type.
    #[inline]
    fn check(&self, vm: &Vm, object: Value) -> Result<()> {
        match self.owner_class() {
            Some(owner) if !vm.class_of(object).is_subclass_of(owner) => {
                Err(wrong_receiver(vm, self.def.name, owner, object))
            }
            _ => Ok(()),
        }
    }

    /// Reads the value.
    #[inline]
    pub fn get(&self, vm: &Vm, object: Value) -> Result {
        self.check(vm, object)?;
        (self.def.get)(vm, object)
    }

    /// Whether it is a field of the object in CPython, which tells of one in other words.
    #[cold]
    pub fn is_member(&self, vm: &Vm) -> bool {
        let Some(owner) = self.owner_class().map(|c| c.name_string()) else {
            return false;
        };
        let has = |class: &str, names: &[&str]| class == owner && names.contains(&self.def.name);
        let struct_sequence =
            (self.owner_class()).is_some_and(|c| super::structseq::is_struct_sequence(vm, c));
        struct_sequence || FIELDS.iter().any(|(class, names)| has(class, names))
    }

    /// Stores or, without a value, deletes.
    pub fn set(&self, vm: &Vm, object: Value, value: Option<Value>) -> Result<()> {
        self.check(vm, object)?;
        match self.def.set {
            Some(set) => set(vm, object, value),
            None if self.is_member(vm) => Err(vm.attribute_error("readonly attribute")),
            None => {
                let owner = self.owner_class().map(|c| c.qualified_name());
                Err(vm.attribute_error(format!(
                    "attribute '{}' of '{}' objects is not writable",
                    self.def.name,
                    owner.unwrap_or_default()
                )))
            }
        }
    }
}

/// The complaint that a descriptor is used on an object of another class.
#[cold]
fn wrong_receiver(vm: &Vm, name: &str, owner: Gc<Class>, object: Value) -> Raised {
    vm.type_error(format!(
        "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
        owner.qualified_name(),
        vm.class_of(object).qualified_name()
    ))
}

/// A value at a fixed place in instances: a `__slots__` entry, or a native
/// type's field (`types.MemberDescriptorType`).
#[repr(C)]
pub struct Member {
    pub header: Header,
    pub name: Field,
    pub owner: Field,
    pub doc: Field,
    /// Byte offset in the instance.
    pub offset: usize,
    pub readonly: bool,
    pub none_if_empty: bool,
}

heap_object!(Member, "member_descriptor", Kind::Member, |this, marker| {
    marker.field(&this.name);
    marker.field(&this.owner);
    marker.field(&this.doc);
});

impl Member {
    /// The place in `object`, whose class was checked.
    fn slot(&self, object: Value) -> &'static Field {
        // SAFETY: the offset is that of a field in instances of the owner class.
        unsafe { &*((object.bits() as usize + self.offset) as *const Field) }
    }

    fn name_text(&self) -> String {
        self.name
            .get()
            .and_then(|n| n.cast::<Str>())
            .map(|s| s.to_text())
            .unwrap_or_default()
    }

    /// The class whose instances have it.
    pub fn owner_class(&self) -> Gc<Class> {
        // SAFETY: set to a class when made.
        unsafe { self.owner.or_none().cast_unchecked() }
    }

    fn check(&self, vm: &Vm, object: Value) -> Result<()> {
        let owner = self.owner_class();
        if object.is_object() && vm.class_of(object).is_subclass_of(owner) {
            return Ok(());
        }
        Err(wrong_receiver(vm, &self.name_text(), owner, object))
    }

    /// Reads the value.
    pub fn get(&self, vm: &Vm, object: Value) -> Result {
        self.check(vm, object)?;
        match self.slot(object).get() {
            Some(v) => Ok(v),
            None if self.none_if_empty => Ok(Value::NONE),
            None => {
                let class = crate::types::object::name_in_messages(vm, vm.class_of(object))?;
                let message = format!("'{class}' object has no attribute '{}'", self.name_text());
                Err(vm.attribute_error_about(&message, object, self.name.or_none()))
            }
        }
    }

    /// Stores or, without a value, deletes.
    pub fn set(&self, vm: &Vm, object: Value, value: Option<Value>) -> Result<()> {
        self.check(vm, object)?;
        if self.readonly {
            return Err(vm.attribute_error("readonly attribute"));
        }
        let slot = self.slot(object);
        match (value, object.header()) {
            (Some(v), Some(header)) => slot.set(header, v),
            _ => {
                if slot.get().is_none() && !self.none_if_empty {
                    return Err(vm.attribute_error(self.name_text()));
                }
                slot.clear();
            }
        }
        Ok(())
    }
}

impl Vm {
    /// A `staticmethod` object.
    pub fn new_static_method(&self, callable: Value) -> Gc<StaticMethod> {
        let object = StaticMethod {
            header: Header::empty(),
            callable: Field::new(callable),
        };
        self.heap
            .alloc(self.types.static_method.get().root_shape.get(), object)
    }

    /// A `classmethod` object.
    pub fn new_class_method(&self, callable: Value) -> Gc<ClassMethod> {
        let object = ClassMethod {
            header: Header::empty(),
            callable: Field::new(callable),
        };
        self.heap
            .alloc(self.types.class_method.get().root_shape.get(), object)
    }

    /// A descriptor for a native computed attribute.
    pub fn new_getset(&self, def: &'static GetSetDef, owner: Gc<Class>) -> Value {
        let object = GetSet {
            header: Header::empty(),
            def,
            owner: Field::new(owner),
        };
        self.heap
            .alloc(self.types.getset.get().root_shape.get(), object)
            .value()
    }

    /// A descriptor for a native field.
    pub fn new_native_member(&self, def: &'static MemberDef, owner: Gc<Class>) -> Value {
        let doc = if def.doc.is_empty() {
            Value::NONE
        } else {
            self.new_str(def.doc).value()
        };
        self.alloc_member(
            self.intern(def.name),
            owner,
            doc,
            def.offset,
            def.readonly,
            def.none_if_empty,
        )
    }

    /// A descriptor for an entry of `__slots__`.
    pub fn new_slot_member(&self, name: Gc<Str>, owner: Gc<Class>, offset: usize) -> Value {
        self.alloc_member(name, owner, Value::NONE, offset, false, false)
    }

    fn alloc_member(
        &self,
        name: Gc<Str>,
        owner: Gc<Class>,
        doc: Value,
        offset: usize,
        readonly: bool,
        none_if_empty: bool,
    ) -> Value {
        let object = Member {
            header: Header::empty(),
            name: Field::new(name),
            owner: Field::new(owner),
            doc: Field::new(doc),
            offset,
            readonly,
            none_if_empty,
        };
        self.heap
            .alloc(self.types.member.get().root_shape.get(), object)
            .value()
    }

    fn alloc_native(
        &self,
        class: Gc<Class>,
        def: &'static MethodDef,
        receiver: Option<Value>,
        owner: Option<Value>,
        flags: u8,
    ) -> Gc<NativeFunction> {
        let object = NativeFunction {
            header: Header::with_flags(NativeFunction::flags_for(def, flags)),
            def,
            receiver: Field::opt(receiver),
            owner: Field::opt(owner),
        };
        self.heap.alloc(class.root_shape.get(), object)
    }

    /// A native function; `receiver` is its module, `module` the module's name.
    pub fn new_native(
        &self,
        def: &'static MethodDef,
        receiver: Option<Value>,
        module: Option<Value>,
    ) -> Gc<NativeFunction> {
        self.alloc_native(self.types.native_function.get(), def, receiver, module, 0)
    }

    /// A native function whose first argument is `receiver`.
    pub fn new_bound_native(&self, def: &'static MethodDef, receiver: Value) -> Gc<NativeFunction> {
        self.alloc_native(
            self.types.native_function.get(),
            def,
            Some(receiver),
            None,
            NativeFunction::PASS_RECEIVER,
        )
    }

    /// What looking up a method descriptor on an instance gives: a `method-wrapper`
    /// where it stands for a slot, which knows the class that defines it.
    pub fn bind_native(&self, f: Gc<NativeFunction>, receiver: Value) -> Gc<NativeFunction> {
        if f.class() != self.types.wrapper_descriptor.get() {
            return self.new_bound_native(f.def, receiver);
        }
        self.alloc_native(
            self.types.method_wrapper.get(),
            f.def,
            Some(receiver),
            f.owner.get(),
            NativeFunction::PASS_RECEIVER,
        )
    }

    /// A method of instances of `owner`.
    pub fn new_method_descriptor(&self, def: &'static MethodDef, owner: Gc<Class>) -> Value {
        // CPython has these as methods beside the slots that they implement.
        let also_method = matches!(
            (owner.def.get().map_or("", |d| d.name), def.name),
            ("dict", "__contains__" | "__getitem__")
                | ("set" | "frozenset", "__contains__")
                | ("list", "__getitem__")
        );
        let slot = !also_method && self.special_by_name(def.name).is_some_and(Special::is_slot);
        let class = if slot {
            self.types.wrapper_descriptor.get()
        } else {
            self.types.method_descriptor.get()
        };
        self.alloc_native(
            class,
            def,
            None,
            Some(owner.value()),
            NativeFunction::DESCRIPTOR,
        )
        .value()
    }

    /// A class method of `owner`.
    pub fn new_class_method_descriptor(&self, def: &'static MethodDef, owner: Gc<Class>) -> Value {
        let class = self.types.class_method_descriptor.get();
        let flags = NativeFunction::CLASS_METHOD;
        self.alloc_native(class, def, None, Some(owner.value()), flags)
            .value()
    }

    /// `__new__` of `owner`: takes the class to instantiate as its first argument.
    pub fn new_constructor(&self, def: &'static MethodDef, owner: Gc<Class>) -> Value {
        self.alloc_native(
            self.types.native_function.get(),
            def,
            Some(owner.value()),
            None,
            NativeFunction::CONSTRUCTOR,
        )
        .value()
    }
}

mod table;
pub use table::{CLASS_METHOD, GETSET, MEMBER, PROPERTY, STATIC_METHOD};

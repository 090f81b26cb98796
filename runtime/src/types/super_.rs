//! `super`.

use crate::heap::{Field, Gc, Header, Kind, Object};
use crate::heap_object;
use crate::object::{Class, ClassFlags, MemberDef, MethodDef, TypeDef};
use crate::types::cell::CellObject;
use crate::types::object::attribute_name;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// A `super` object.
#[repr(C)]
pub struct Super {
    pub header: Header,
    pub this_class: Field,
    pub object: Field,
    pub object_class: Field,
}

heap_object!(Super, "super", Kind::Other, |this, marker| {
    marker.field(&this.this_class);
    marker.field(&this.object);
    marker.field(&this.object_class);
});

/// The class whose order is searched: of the object, or the object itself.
fn check(vm: &Vm, class: Gc<Class>, object: Value) -> Result<Gc<Class>> {
    if let Some(c) = object.cast::<Class>()
        && c.is_subclass_of(class)
    {
        return Ok(c);
    }
    let own = vm.class_of(object);
    if own.is_subclass_of(class) {
        return Ok(own);
    }
    if let Some(c) = vm.find_attr(object, vm.names.__class__.get())?
        && let Some(c) = c.cast::<Class>()
        && c.is_subclass_of(class)
    {
        return Ok(c);
    }
    let what = match object.cast::<Class>() {
        Some(c) => format!("type {}", c.qualified_name()),
        None => format!("instance of {}", own.qualified_name()),
    };
    Err(vm.type_error(format!(
        "super(type, obj): obj ({what}) is not an instance or subtype of type ({}).",
        class.qualified_name()
    )))
}

impl Vm {
    /// What `super(class, object).name` finds, unbound: the attribute and the
    /// class that binding uses.
    pub fn super_lookup(&self, class: Gc<Class>, start: Gc<Class>, name: Gc<Str>) -> Option<Value> {
        let mro = start.mro();
        let at = mro.iter().position(|c| *c == class.value())?;
        mro[at + 1..]
            .iter()
            .find_map(|c| c.cast::<Class>()?.namespace().get_str(name))
    }

    /// `super(class, object).name`.
    pub fn super_get_attr(&self, class: Value, object: Value, name: Gc<Str>) -> Result {
        let Some(class) = class.cast::<Class>() else {
            return Err(self.type_error(format!(
                "super() argument 1 must be a type, not {}",
                self.class_of(class).qualified_name()
            )));
        };
        let start = check(self, class, object)?;
        self.super_get(class, object, start, name)
    }

    fn super_get(
        &self,
        class: Gc<Class>,
        object: Value,
        start: Gc<Class>,
        name: Gc<Str>,
    ) -> Result {
        if name != self.names.__class__.get()
            && let Some(found) = self.super_lookup(class, start, name)
        {
            return if object == start.value() {
                self.bind_to_class(found, start)
            } else {
                self.bind_descriptor(found, object, start)
            };
        }
        Err(self.attribute_error_about(
            &format!("'super' object has no attribute '{name}'"),
            object,
            name.value(),
        ))
    }
}

fn this(v: Value) -> Gc<Super> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn super_new(vm: &Vm, args: &[Value], _: Option<Gc<crate::types::tuple::Tuple>>) -> Result {
    let class = crate::types::type_::class(args[0]);
    let object = Super {
        header: Header::empty(),
        this_class: Field::empty(),
        object: Field::empty(),
        object_class: Field::empty(),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// `super()` without arguments: class and object of the running method.
fn implicit(vm: &Vm) -> Result<(Value, Value)> {
    // SAFETY: the innermost activation is alive while its thread runs native code.
    let Some(frame) = (unsafe { vm.thread().frame.get().as_ref() }) else {
        return Err(vm.runtime_error("super(): no current frame"));
    };
    let code = frame.code;
    if code.arg_count == 0 {
        return Err(vm.runtime_error("super(): no arguments"));
    }
    let first = match frame.slot(0) {
        Some(v) if code.local_kinds[0].is_cell() => {
            v.cast::<CellObject>().map_or(Some(v), |c| c.get())
        }
        v => v,
    };
    let Some(first) = first else {
        return Err(vm.runtime_error("super(): arg[0] deleted"));
    };
    let name = vm.names.__class__.get().value();
    for i in code.first_free as usize..code.locals_plus as usize {
        if code.local_names.get(i) == name {
            let cell = frame.slot(i).and_then(|c| c.cast::<CellObject>());
            return match cell.and_then(|c| c.get()) {
                Some(class) if class.cast::<Class>().is_some() => Ok((class, first)),
                Some(v) => Err(vm.runtime_error(format!(
                    "super(): __class__ is not a type ({})",
                    vm.class_of(v).qualified_name()
                ))),
                None => Err(vm.runtime_error("super(): empty __class__ cell")),
            };
        }
    }
    Err(vm.runtime_error("super(): __class__ cell not found"))
}

fn super_init(vm: &Vm, args: &[Value]) -> Result {
    let s = this(args[0]);
    let (class, object) = match args[1].given() {
        Some(class) => (class, args[2].given_not_none()),
        None => {
            let (class, object) = implicit(vm)?;
            (class, Some(object))
        }
    };
    let Some(c) = class.cast::<Class>() else {
        return Err(vm.type_error(format!(
            "super() argument 1 must be a type, not {}",
            vm.class_of(class).qualified_name()
        )));
    };
    s.this_class.set(&s.header, class);
    match object {
        Some(object) => {
            let start = check(vm, c, object)?;
            s.object.set(&s.header, object);
            s.object_class.set(&s.header, start.value());
        }
        None => {
            s.object.clear();
            s.object_class.clear();
        }
    }
    Ok(Value::NONE)
}

fn super_getattribute(vm: &Vm, args: &[Value]) -> Result {
    let s = this(args[0]);
    let name = attribute_name(vm, args[1])?;
    let class = s.this_class.get().and_then(|c| c.cast::<Class>());
    let start = s.object_class.get().and_then(|c| c.cast::<Class>());
    match (class, s.object.get(), start) {
        (Some(class), Some(object), Some(start)) if name != vm.names.__class__.get() => {
            match vm.super_lookup(class, start, name) {
                Some(_) => vm.super_get(class, object, start, name),
                None => vm.generic_get_attr(args[0], name),
            }
        }
        _ => vm.generic_get_attr(args[0], name),
    }
}

fn super_get(vm: &Vm, args: &[Value]) -> Result {
    let s = this(args[0]);
    if args[1].is_none() || s.object.get().is_some() {
        return Ok(args[0]);
    }
    let class = vm.class_of(args[0]);
    let this_class = s.this_class.or_none();
    if class != vm.types.super_.get() {
        return vm.call(class.value(), &[this_class, args[1]]);
    }
    vm.call(class.value(), &[this_class, args[1]])
}

fn super_repr(vm: &Vm, args: &[Value]) -> Result {
    let s = this(args[0]);
    let name = |v: Option<Value>| {
        v.and_then(|c| c.cast::<Class>())
            .map(|c| c.qualified_name())
    };
    let class = name(s.this_class.get()).unwrap_or_else(|| "NULL".to_owned());
    Ok(vm
        .new_str(&match name(s.object_class.get()) {
            Some(object) => format!("<super: <class '{class}'>, <{object} object>>"),
            None => format!("<super: <class '{class}'>, NULL>"),
        })
        .value())
}

const fn member(name: &'static str, offset: usize) -> MemberDef {
    MemberDef {
        name,
        doc: "",
        offset,
        readonly: true,
        none_if_empty: true,
    }
}

/// `super`.
pub static SUPER: TypeDef = TypeDef {
    doc: "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object\nsuper(type, obj) -> bound super object; requires isinstance(obj, type)\nsuper(type, type2) -> bound super object; requires issubclass(type2, type)",
    subclassable: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            super_new,
        )
        .static_(),
        MethodDef::new(
            "__init__",
            "(self, type=<cell>, object=None, /)",
            "Initialize self.",
            super_init,
        ),
        MethodDef::new(
            "__getattribute__",
            "(self, name, /)",
            "Return getattr(self, name).",
            super_getattribute,
        ),
        MethodDef::new(
            "__get__",
            "(self, instance, owner=None, /)",
            "Return an attribute of instance, which is of type owner.",
            super_get,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", super_repr),
    ],
    members: &[
        member("__thisclass__", std::mem::offset_of!(Super, this_class)),
        member("__self__", std::mem::offset_of!(Super, object)),
        member("__self_class__", std::mem::offset_of!(Super, object_class)),
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("super", <Super as Object>::LAYOUT)
};

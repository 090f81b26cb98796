//! The Python side of descriptors.

use super::{ClassMethod, GetSet, Member, Property, StaticMethod};
use crate::heap::{Field, Gc, Header, Object};
use crate::object::{Class, ClassFlags, GetSetDef, MemberDef, MethodDef, TypeDef};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_::class;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;
use std::mem::offset_of;

fn cast<T: Object>(v: Value) -> Gc<T> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn property_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let object = Property {
        header: Header::empty(),
        getter: Field::empty(),
        setter: Field::empty(),
        deleter: Field::empty(),
        doc: Field::empty(),
        name: Field::empty(),
        getter_doc: Cell::new(false),
    };
    Ok(vm
        .heap
        .alloc(class(args[0]).root_shape.get(), object)
        .value())
}

fn property_init(vm: &Vm, args: &[Value]) -> Result {
    let p = cast::<Property>(args[0]);
    let h = &p.header;
    p.getter.set(h, args[1].given().unwrap_or(Value::NONE));
    p.setter.set(h, args[2].given().unwrap_or(Value::NONE));
    p.deleter.set(h, args[3].given().unwrap_or(Value::NONE));
    let mut doc = args[4].given_not_none();
    p.getter_doc.set(false);
    if doc.is_none()
        && let Some(getter) = args[1].given_not_none()
        && let Some(found) = vm.find_attr(getter, vm.names.__doc__.get())?
        && !found.is_none()
    {
        doc = Some(found);
        p.getter_doc.set(true);
    }
    let doc = doc.unwrap_or(Value::NONE);
    if p.class() == vm.types.property.get() {
        p.doc.set(h, doc);
    } else {
        // A subclass keeps it among its own attributes, where its class can see it.
        let stored = vm.set_attr(args[0], vm.names.__doc__.get(), Some(doc));
        if let Err(raised) = stored {
            // One that was asked for is dropped without a place for it.
            if p.getter_doc.get()
                || !vm.raised_is_def(&crate::types::exception::classes::ATTRIBUTE_ERROR)
            {
                return Err(raised);
            }
            vm.clear_raised();
        }
    }
    Ok(Value::NONE)
}

fn copy_with(vm: &Vm, args: &[Value], which: usize) -> Result {
    let p = cast::<Property>(args[0]);
    let mut parts = [
        p.getter.or_none(),
        p.setter.or_none(),
        p.deleter.or_none(),
        p.doc.or_none(),
    ];
    if !args[1].is_none() {
        parts[which] = args[1];
    }
    if p.getter_doc.get() && !parts[0].is_none() {
        parts[3] = Value::NONE;
    }
    let new = vm.call(p.class().value(), &parts)?;
    if let (Some(name), Some(new)) = (p.name.get(), new.cast::<Property>()) {
        new.name.set(&new.header, name);
    }
    Ok(new)
}

fn property_getter(vm: &Vm, args: &[Value]) -> Result {
    copy_with(vm, args, 0)
}

fn property_setter(vm: &Vm, args: &[Value]) -> Result {
    copy_with(vm, args, 1)
}

fn property_deleter(vm: &Vm, args: &[Value]) -> Result {
    copy_with(vm, args, 2)
}

fn property_get(vm: &Vm, args: &[Value]) -> Result {
    if args[1].is_none() {
        return Ok(args[0]);
    }
    let p = cast::<Property>(args[0]);
    match p.getter.get().filter(|f| !f.is_none()) {
        Some(f) => vm.call(f, &[args[1]]),
        None => Err(crate::types::type_::property_error(
            vm, p, args[1], "getter",
        )),
    }
}

fn property_set(vm: &Vm, args: &[Value]) -> Result {
    let p = cast::<Property>(args[0]);
    match p.setter.get().filter(|f| !f.is_none()) {
        Some(f) => vm.call(f, &args[1..]).map(|_| Value::NONE),
        None => Err(crate::types::type_::property_error(
            vm, p, args[1], "setter",
        )),
    }
}

fn property_delete(vm: &Vm, args: &[Value]) -> Result {
    let p = cast::<Property>(args[0]);
    match p.deleter.get().filter(|f| !f.is_none()) {
        Some(f) => vm.call(f, &args[1..]).map(|_| Value::NONE),
        None => Err(crate::types::type_::property_error(
            vm, p, args[1], "deleter",
        )),
    }
}

fn property_set_name(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    crate::types::protocol::no_keywords(vm, "property.__set_name__", names)?;
    if args.len() != 3 {
        return Err(vm.type_error(format!(
            "__set_name__() takes 2 positional arguments but {} were given",
            args.len() - 1
        )));
    }
    let p = cast::<Property>(args[0]);
    p.name.set(&p.header, args[2]);
    Ok(Value::NONE)
}

fn property_abstract(vm: &Vm, v: Value) -> Result {
    let p = cast::<Property>(v);
    for f in [&p.getter, &p.setter, &p.deleter] {
        if is_abstract(vm, f.or_none())? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn is_abstract(vm: &Vm, f: Value) -> Result<bool> {
    match vm.find_attr(f, vm.names.__isabstractmethod__.get())? {
        Some(v) => vm.truth(v),
        None => Ok(false),
    }
}

fn property_name(vm: &Vm, v: Value) -> Result {
    let p = cast::<Property>(v);
    if let Some(name) = p.name.get() {
        return Ok(name);
    }
    let name = vm.names.__name__.get();
    match vm.find_attr(p.getter.or_none(), name)? {
        Some(n) if !p.getter.or_none().is_none() => Ok(n),
        _ => Err(vm.no_attribute(v, name.value())),
    }
}

fn set_property_name(_: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    let p = cast::<Property>(v);
    match value {
        Some(n) => p.name.set(&p.header, n),
        None => p.name.clear(),
    }
    Ok(())
}

const fn field(name: &'static str, offset: usize, readonly: bool) -> MemberDef {
    MemberDef {
        name,
        doc: "",
        offset,
        readonly,
        none_if_empty: true,
    }
}

/// `property`.
pub static PROPERTY: TypeDef = TypeDef {
    doc: "Property attribute.\n\n  fget\n    function to be used for getting an attribute value\n  fset\n    function to be used for setting an attribute value\n  fdel\n    function to be used for del'ing an attribute\n  doc\n    docstring",
    subclassable: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            property_new,
        )
        .static_(),
        MethodDef::new(
            "__init__",
            "(self, /, fget=None, fset=None, fdel=None, doc=None)",
            "Initialize self.",
            property_init,
        ),
        MethodDef::new(
            "getter",
            "(self, fget, /)",
            "Descriptor to obtain a copy of the property with a different getter.",
            property_getter,
        ),
        MethodDef::new(
            "setter",
            "(self, fset, /)",
            "Descriptor to obtain a copy of the property with a different setter.",
            property_setter,
        ),
        MethodDef::new(
            "deleter",
            "(self, fdel, /)",
            "Descriptor to obtain a copy of the property with a different deleter.",
            property_deleter,
        ),
        MethodDef::new(
            "__get__",
            "(self, instance, owner=None, /)",
            "Return an attribute of instance, which is of type owner.",
            property_get,
        ),
        MethodDef::new(
            "__set__",
            "(self, instance, value, /)",
            "Set an attribute of instance to value.",
            property_set,
        ),
        MethodDef::new(
            "__delete__",
            "(self, instance, /)",
            "Delete an attribute of instance.",
            property_delete,
        ),
        MethodDef::raw(
            "__set_name__",
            "(self, owner, name, /)",
            "Record the name of the attribute.",
            property_set_name,
        ),
    ],
    getset: &[
        GetSetDef {
            name: "__isabstractmethod__",
            doc: "",
            get: property_abstract,
            set: None,
        },
        GetSetDef {
            name: "__name__",
            doc: "",
            get: property_name,
            set: Some(set_property_name),
        },
    ],
    members: &[
        field("fget", offset_of!(Property, getter), true),
        field("fset", offset_of!(Property, setter), true),
        field("fdel", offset_of!(Property, deleter), true),
        field("__doc__", offset_of!(Property, doc), false),
    ],
    flags: ClassFlags::WEAKREFS,
    ..TypeDef::new("property", <Property as Object>::LAYOUT)
};

fn static_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let object = StaticMethod {
        header: Header::empty(),
        callable: Field::empty(),
    };
    Ok(vm
        .heap
        .alloc(class(args[0]).root_shape.get(), object)
        .value())
}

fn class_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let object = ClassMethod {
        header: Header::empty(),
        callable: Field::empty(),
    };
    Ok(vm
        .heap
        .alloc(class(args[0]).root_shape.get(), object)
        .value())
}

/// `functools.update_wrapper`'s work for the built-in decorators.
fn copy_attributes(vm: &Vm, from: Value, to: Value) -> Result<()> {
    let names = &vm.names;
    for name in [
        names.__module__.get(),
        names.__name__.get(),
        names.__qualname__.get(),
        names.__doc__.get(),
    ] {
        if let Some(v) = vm.find_attr(from, name)?
            && let Some(h) = to.header()
        {
            vm.set_own_attribute(h, name, v)?;
        }
    }
    Ok(())
}

fn static_init(vm: &Vm, args: &[Value]) -> Result {
    let s = cast::<StaticMethod>(args[0]);
    s.callable.set(&s.header, args[1]);
    copy_attributes(vm, args[1], args[0])?;
    Ok(Value::NONE)
}

fn class_init(vm: &Vm, args: &[Value]) -> Result {
    let c = cast::<ClassMethod>(args[0]);
    c.callable.set(&c.header, args[1]);
    copy_attributes(vm, args[1], args[0])?;
    Ok(Value::NONE)
}

fn static_get(_: &Vm, args: &[Value]) -> Result {
    Ok(cast::<StaticMethod>(args[0]).callable.or_none())
}

fn static_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    vm.call_with(
        cast::<StaticMethod>(args[0]).callable.or_none(),
        &args[1..],
        names,
    )
}

fn class_get(vm: &Vm, args: &[Value]) -> Result {
    let owner = match args[2].given_not_none() {
        Some(c) => c,
        None => vm.class_of(args[1]).value(),
    };
    Ok(vm
        .new_bound_method(cast::<ClassMethod>(args[0]).callable.or_none(), owner)
        .value())
}

fn static_repr(vm: &Vm, args: &[Value]) -> Result {
    let inner = vm.repr(cast::<StaticMethod>(args[0]).callable.or_none())?;
    Ok(vm.new_str(&format!("<staticmethod({inner})>")).value())
}

fn class_repr(vm: &Vm, args: &[Value]) -> Result {
    let inner = vm.repr(cast::<ClassMethod>(args[0]).callable.or_none())?;
    Ok(vm.new_str(&format!("<classmethod({inner})>")).value())
}

fn static_func(_: &Vm, v: Value) -> Result {
    Ok(cast::<StaticMethod>(v).callable.or_none())
}

fn class_func(_: &Vm, v: Value) -> Result {
    Ok(cast::<ClassMethod>(v).callable.or_none())
}

fn wrapped(f: fn(&Vm, Value) -> Result, vm: &Vm, v: Value) -> Result {
    let callable = f(vm, v)?;
    Ok(Value::bool(is_abstract(vm, callable)?))
}

fn static_abstract(vm: &Vm, v: Value) -> Result {
    wrapped(static_func, vm, v)
}

fn class_abstract(vm: &Vm, v: Value) -> Result {
    wrapped(class_func, vm, v)
}

fn forwarded_annotations(vm: &Vm, callable: Value, v: Value, name: Gc<Str>) -> Result {
    if let Some(own) = v
        .header()
        .and_then(|h| crate::object::own_attribute(h, name))
    {
        return Ok(own);
    }
    let result = vm.get_attr(callable, name)?;
    if let Some(h) = v.header() {
        vm.set_own_attribute(h, name, result)?;
    }
    Ok(result)
}

fn static_annotations(vm: &Vm, v: Value) -> Result {
    forwarded_annotations(vm, static_func(vm, v)?, v, vm.names.__annotations__.get())
}

fn class_annotations(vm: &Vm, v: Value) -> Result {
    forwarded_annotations(vm, class_func(vm, v)?, v, vm.names.__annotations__.get())
}

fn static_annotate(vm: &Vm, v: Value) -> Result {
    forwarded_annotations(vm, static_func(vm, v)?, v, vm.names.__annotate__.get())
}

fn class_annotate(vm: &Vm, v: Value) -> Result {
    forwarded_annotations(vm, class_func(vm, v)?, v, vm.names.__annotate__.get())
}

fn set_own(vm: &Vm, v: Value, name: Gc<Str>, value: Option<Value>) -> Result<()> {
    match (v.header(), value) {
        (Some(h), Some(value)) => vm.set_own_attribute(h, name, value),
        (Some(h), None) if vm.delete_own_attribute(h, name)? => Ok(()),
        _ => Err(vm.no_attribute(v, name.value())),
    }
}

fn set_annotations(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    set_own(vm, v, vm.names.__annotations__.get(), value)
}

fn set_annotate(vm: &Vm, v: Value, value: Option<Value>) -> Result<()> {
    set_own(vm, v, vm.names.__annotate__.get(), value)
}

const fn ro(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

/// `staticmethod`.
pub static STATIC_METHOD: TypeDef = TypeDef {
    doc: "Convert a function to be a static method.",
    subclassable: true,
    has_dict: true,
    generic: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            static_new,
        )
        .static_(),
        MethodDef::new(
            "__init__",
            "(self, function, /)",
            "Initialize self.",
            static_init,
        ),
        MethodDef::new(
            "__get__",
            "(self, instance, owner=None, /)",
            "Return an attribute of instance, which is of type owner.",
            static_get,
        ),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            static_call,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", static_repr),
    ],
    getset: &[
        ro("__func__", static_func),
        ro("__wrapped__", static_func),
        ro("__isabstractmethod__", static_abstract),
        GetSetDef {
            name: "__annotations__",
            doc: "",
            get: static_annotations,
            set: Some(set_annotations),
        },
        GetSetDef {
            name: "__annotate__",
            doc: "",
            get: static_annotate,
            set: Some(set_annotate),
        },
        crate::types::object::DICT_GETSET,
    ],
    ..TypeDef::new("staticmethod", <StaticMethod as Object>::LAYOUT)
};

/// `classmethod`.
pub static CLASS_METHOD: TypeDef = TypeDef {
    doc: "Convert a function to be a class method.",
    subclassable: true,
    has_dict: true,
    generic: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            class_new,
        )
        .static_(),
        MethodDef::new(
            "__init__",
            "(self, function, /)",
            "Initialize self.",
            class_init,
        ),
        MethodDef::new(
            "__get__",
            "(self, instance, owner=None, /)",
            "Return an attribute of instance, which is of type owner.",
            class_get,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", class_repr),
    ],
    getset: &[
        ro("__func__", class_func),
        ro("__wrapped__", class_func),
        ro("__isabstractmethod__", class_abstract),
        GetSetDef {
            name: "__annotations__",
            doc: "",
            get: class_annotations,
            set: Some(set_annotations),
        },
        GetSetDef {
            name: "__annotate__",
            doc: "",
            get: class_annotate,
            set: Some(set_annotate),
        },
        crate::types::object::DICT_GETSET,
    ],
    ..TypeDef::new("classmethod", <ClassMethod as Object>::LAYOUT)
};

fn owner_name(owner: Value) -> String {
    owner
        .cast::<Class>()
        .map(|c| c.name_string())
        .unwrap_or_default()
}

/// The owner as representations show it.
fn shown_owner(owner: Value) -> String {
    let class = owner.cast::<Class>();
    class.map(|c| c.qualified_name()).unwrap_or_default()
}

fn getset_get(vm: &Vm, args: &[Value]) -> Result {
    if args[1].is_none()
        && args[2]
            .given_not_none()
            .is_some_and(|c| c != vm.types.none.get().value())
    {
        return Ok(args[0]);
    }
    cast::<GetSet>(args[0]).get(vm, args[1])
}

fn getset_set(vm: &Vm, args: &[Value]) -> Result {
    cast::<GetSet>(args[0]).set(vm, args[1], Some(args[2]))?;
    Ok(Value::NONE)
}

fn getset_delete(vm: &Vm, args: &[Value]) -> Result {
    cast::<GetSet>(args[0]).set(vm, args[1], None)?;
    Ok(Value::NONE)
}

fn getset_repr(vm: &Vm, args: &[Value]) -> Result {
    let g = cast::<GetSet>(args[0]);
    let owner = shown_owner(g.owner.or_none());
    let what = if g.is_member(vm) {
        "member"
    } else {
        "attribute"
    };
    Ok(vm
        .new_str(&format!("<{what} '{}' of '{owner}' objects>", g.def.name))
        .value())
}

fn getset_name(vm: &Vm, v: Value) -> Result {
    Ok(vm.intern(cast::<GetSet>(v).def.name).value())
}

fn getset_qualname(vm: &Vm, v: Value) -> Result {
    let g = cast::<GetSet>(v);
    Ok(vm
        .new_str(&format!("{}.{}", owner_name(g.owner.or_none()), g.def.name))
        .value())
}

fn getset_doc(vm: &Vm, v: Value) -> Result {
    let doc = cast::<GetSet>(v).def.doc;
    Ok(if doc.is_empty() {
        Value::NONE
    } else {
        vm.new_str(doc).value()
    })
}

fn reduce(vm: &Vm, owner: Value, name: Value) -> Result {
    let getattr = vm.import_attr("builtins", "getattr")?;
    let arguments = vm.new_tuple(&[owner, name])?.value();
    vm.pair(getattr, arguments)
}

fn getset_reduce(vm: &Vm, args: &[Value]) -> Result {
    reduce(
        vm,
        cast::<GetSet>(args[0]).owner.or_none(),
        getset_name(vm, args[0])?,
    )
}

/// `types.GetSetDescriptorType`.
pub static GETSET: TypeDef = TypeDef {
    methods: &[
        MethodDef::new(
            "__get__",
            "(self, instance, owner=None, /)",
            "Return an attribute of instance, which is of type owner.",
            getset_get,
        ),
        MethodDef::new(
            "__set__",
            "(self, instance, value, /)",
            "Set an attribute of instance to value.",
            getset_set,
        ),
        MethodDef::new(
            "__delete__",
            "(self, instance, /)",
            "Delete an attribute of instance.",
            getset_delete,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", getset_repr),
        MethodDef::new("__reduce__", "(self, /)", "", getset_reduce),
    ],
    getset: &[
        ro("__name__", getset_name),
        ro("__qualname__", getset_qualname),
        ro("__doc__", getset_doc),
    ],
    members: &[field("__objclass__", offset_of!(GetSet, owner), true)],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("getset_descriptor", <GetSet as Object>::LAYOUT)
};

fn member_get(vm: &Vm, args: &[Value]) -> Result {
    if args[1].is_none() && args[2].given_not_none().is_some() {
        return Ok(args[0]);
    }
    cast::<Member>(args[0]).get(vm, args[1])
}

fn member_set(vm: &Vm, args: &[Value]) -> Result {
    cast::<Member>(args[0]).set(vm, args[1], Some(args[2]))?;
    Ok(Value::NONE)
}

fn member_delete(vm: &Vm, args: &[Value]) -> Result {
    cast::<Member>(args[0]).set(vm, args[1], None)?;
    Ok(Value::NONE)
}

fn member_repr(vm: &Vm, args: &[Value]) -> Result {
    let m = cast::<Member>(args[0]);
    let name = vm.str(m.name.or_none())?;
    Ok(vm
        .new_str(&format!(
            "<member '{name}' of '{}' objects>",
            shown_owner(m.owner.or_none())
        ))
        .value())
}

fn member_qualname(vm: &Vm, v: Value) -> Result {
    let m = cast::<Member>(v);
    let name = vm.str(m.name.or_none())?;
    Ok(vm
        .new_str(&format!("{}.{name}", owner_name(m.owner.or_none())))
        .value())
}

fn member_reduce(vm: &Vm, args: &[Value]) -> Result {
    let m = cast::<Member>(args[0]);
    reduce(vm, m.owner.or_none(), m.name.or_none())
}

/// `types.MemberDescriptorType`.
pub static MEMBER: TypeDef = TypeDef {
    methods: &[
        MethodDef::new(
            "__get__",
            "(self, instance, owner=None, /)",
            "Return an attribute of instance, which is of type owner.",
            member_get,
        ),
        MethodDef::new(
            "__set__",
            "(self, instance, value, /)",
            "Set an attribute of instance to value.",
            member_set,
        ),
        MethodDef::new(
            "__delete__",
            "(self, instance, /)",
            "Delete an attribute of instance.",
            member_delete,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", member_repr),
        MethodDef::new("__reduce__", "(self, /)", "", member_reduce),
    ],
    getset: &[ro("__qualname__", member_qualname)],
    members: &[
        field("__objclass__", offset_of!(Member, owner), true),
        field("__name__", offset_of!(Member, name), true),
        field("__doc__", offset_of!(Member, doc), true),
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("member_descriptor", <Member as Object>::LAYOUT)
};

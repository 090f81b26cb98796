//! `object`: the base of all classes, and plain instances.

use crate::heap::{Gc, Header, Kind, Object};
use crate::heap_object;
use crate::object::{Class, ClassFlags, GetSetDef, MethodDef, Special, TypeDef};
use crate::ops::compare::CompareOp;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// An instance without a native part.
#[repr(C)]
pub struct Instance {
    pub header: Header,
}

heap_object!(Instance, "object", Kind::Instance, |this, marker| {});

impl Vm {
    /// A new instance of a class of plain layout.
    #[inline]
    pub fn new_instance(&self, class: Gc<Class>) -> Gc<Instance> {
        self.heap.alloc(
            class.root_shape.get(),
            Instance {
                header: Header::empty(),
            },
        )
    }
}

/// Excess arguments of `object()`: an error unless the other of `__new__` and
/// `__init__` is overridden.
fn object_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let Some(class) = args.first().and_then(|c| c.cast::<Class>()) else {
        return Err(vm.type_error("object.__new__(): not enough arguments"));
    };
    let _ = names;
    if class.has_flag(ClassFlags::NO_INSTANTIATION) {
        return Err(vm.type_error(format!(
            "cannot create '{}' instances",
            class.qualified_name()
        )));
    }
    if class.layout.kind != Kind::Instance {
        return Err(vm.type_error(format!(
            "object.__new__({0}) is not safe, use {0}.__new__()",
            class.qualified_name()
        )));
    }
    if args.len() > 1 {
        if class.special(Special::New) != vm.defaults.new.get() {
            return Err(vm.type_error(
                "object.__new__() takes exactly one argument (the type to instantiate)",
            ));
        }
        if class.special(Special::Init) == vm.defaults.init.get() {
            return Err(vm.type_error(format!("{}() takes no arguments", class.qualified_name())));
        }
    }
    if class.has_flag(ClassFlags::ABSTRACT) {
        return Err(abstract_instantiation(vm, class));
    }
    Ok(vm.new_instance(class).value())
}

#[cold]
fn abstract_instantiation(vm: &Vm, class: Gc<Class>) -> crate::vm::Raised {
    let names = match vm
        .get_attr(class.value(), vm.names.__abstractmethods__.get())
        .and_then(|m| vm.collect(m))
    {
        Ok(items) => items,
        Err(raised) => return raised,
    };
    let mut names: Vec<String> = names
        .iter()
        .filter_map(|n| n.cast::<Str>())
        .map(|s| s.to_text())
        .collect();
    names.sort();
    let plural = if names.len() == 1 { "" } else { "s" };
    vm.type_error(format!(
        "Can't instantiate abstract class {} without an implementation for abstract method{plural} '{}'",
        class.qualified_name(),
        names.join("', '")
    ))
}

fn object_init(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    if args.len() > 1 {
        let class = vm.class_of(args[0]);
        if class.special(Special::Init) != vm.defaults.init.get() {
            return Err(vm.type_error(
                "object.__init__() takes exactly one argument (the instance to initialize)",
            ));
        }
        if class.special(Special::New) == vm.defaults.new.get() {
            return Err(vm.type_error(format!(
                "{}.__init__() takes exactly one argument (the instance to initialize)",
                class.qualified_name()
            )));
        }
    }
    Ok(Value::NONE)
}

/// A class's name with its module, as in default reprs.
pub fn full_name(vm: &Vm, class: Gc<Class>) -> Result<String> {
    let module = crate::types::type_::class_module(vm, class);
    let qualname = class
        .qualname
        .get()
        .and_then(|q| q.cast::<Str>())
        .map(|s| s.to_text())
        .unwrap_or_default();
    Ok(match module.cast::<Str>() {
        Some(m) if !m.is_text("builtins") => format!("{m}.{qualname}"),
        _ => qualname,
    })
}

/// As [`full_name`], without `__main__` as well: the name that some messages give a class.
pub fn name_in_messages(vm: &Vm, class: Gc<Class>) -> Result<String> {
    let name = full_name(vm, class)?;
    Ok(match name.strip_prefix("__main__.") {
        Some(rest) => rest.to_owned(),
        None => name,
    })
}

fn object_repr(vm: &Vm, args: &[Value]) -> Result {
    let name = full_name(vm, vm.class_of(args[0]))?;
    Ok(vm
        .new_str(&format!("<{name} object at {:#x}>", vm.id(args[0])))
        .value())
}

fn object_str(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.repr(args[0])?.value())
}

fn object_format(vm: &Vm, args: &[Value]) -> Result {
    let Some(spec) = args[1].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "__format__() argument must be str, not {}",
            crate::types::support::arg_name(vm, args[1])
        )));
    };
    if !spec.is_empty() {
        return Err(vm.type_error(format!(
            "unsupported format string passed to {}.__format__",
            vm.class_of(args[0]).qualified_name()
        )));
    }
    Ok(vm.str(args[0])?.value())
}

fn object_hash(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(crate::ops::hash::address(args[0]) as i64))
}

fn object_eq(_: &Vm, args: &[Value]) -> Result {
    Ok(if args[0].is(args[1]) {
        Value::TRUE
    } else {
        Value::NOT_IMPLEMENTED
    })
}

fn object_ne(vm: &Vm, args: &[Value]) -> Result {
    match vm.class_of(args[0]).special(Special::Eq) {
        Some(f) if !f.is_none() => {
            let result = vm.call_special(f, args[0], &args[1..])?;
            if result == Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
            Ok(Value::bool(!vm.truth(result)?))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn object_order(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::NOT_IMPLEMENTED)
}

/// The attribute's name as a string, or the TypeError.
pub fn attribute_name(vm: &Vm, name: Value) -> Result<Gc<Str>> {
    match name.cast::<Str>() {
        Some(s) if s.class() == vm.types.str.get() => Ok(vm.intern_str(s)),
        Some(s) => Ok(vm.intern_str(vm.exact_str(s)?)),
        None => Err(vm.type_error(format!(
            "attribute name must be string, not '{}'",
            vm.class_of(name).qualified_name()
        ))),
    }
}

fn object_getattribute(vm: &Vm, args: &[Value]) -> Result {
    vm.generic_get_attr(args[0], attribute_name(vm, args[1])?)
}

/// Refuses classes, whose own methods check more than those of `object` do.
fn refuse_class(vm: &Vm, object: Value, method: &str) -> Result<()> {
    match object.cast::<Class>() {
        Some(class) => Err(vm.type_error(format!(
            "can't apply this {method} to {} object",
            class.class().qualified_name()
        ))),
        None => Ok(()),
    }
}

fn object_setattr(vm: &Vm, args: &[Value]) -> Result {
    refuse_class(vm, args[0], "__setattr__")?;
    vm.generic_set_attr(args[0], attribute_name(vm, args[1])?, Some(args[2]))?;
    Ok(Value::NONE)
}

fn object_delattr(vm: &Vm, args: &[Value]) -> Result {
    refuse_class(vm, args[0], "__delattr__")?;
    vm.generic_set_attr(args[0], attribute_name(vm, args[1])?, None)?;
    Ok(Value::NONE)
}

fn object_dir(vm: &Vm, args: &[Value]) -> Result {
    let names = vm.new_dict();
    if let Some(dict) = vm.find_attr(args[0], vm.names.__dict__.get())?
        && let Some(dict) = dict.cast::<crate::types::dict::Dict>()
    {
        names.update_from(vm, &dict)?;
    }
    if let Some(class) = vm.find_attr(args[0], vm.names.__class__.get())? {
        merge_class_names(vm, &names, class)?;
    }
    let keys: Vec<Value> = names.items().map(|(k, _)| k).collect();
    Ok(vm.new_list(&keys)?.value())
}

/// Adds the names of a class and its bases.
pub fn merge_class_names(vm: &Vm, names: &crate::types::dict::Dict, class: Value) -> Result<()> {
    if let Some(dict) = vm.find_attr(class, vm.names.__dict__.get())? {
        let keys = vm.collect(dict)?;
        for k in keys.iter() {
            names.set(vm, *k, Value::NONE)?;
        }
    }
    if let Some(bases) = vm.find_attr(class, vm.names.__bases__.get())? {
        for base in vm.collect(bases)?.iter() {
            merge_class_names(vm, names, *base)?;
        }
    }
    Ok(())
}

fn object_sizeof(vm: &Vm, args: &[Value]) -> Result {
    // Immediate values count as the objects that CPython has for them.
    let size = match args[0].header() {
        Some(header) => header.size(),
        None if args[0].is_float() => 24,
        None => 16,
    };
    Ok(vm.new_int(size as i64))
}

fn object_class(vm: &Vm, this: Value) -> Result {
    Ok(vm.class_of(this).value())
}

/// The names of the slots that `__slots__` of a class and its bases made, by place.
fn member_names(class: Gc<Class>) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    let mut at = Some(class);
    while let Some(c) = at.filter(|c| c.def.get().is_none()) {
        for (name, v) in c.namespace().items() {
            if let Some(member) = v.cast::<crate::types::descriptor::Member>() {
                let name = name.cast::<Str>().map(|n| n.to_text());
                names.push((member.offset, name.unwrap_or_default()));
            }
        }
        at = c.base.get();
    }
    names.sort();
    names
}

fn set_object_class(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let Some(value) = value else {
        return Err(vm.type_error("can't delete __class__ attribute"));
    };
    let Some(new) = value.cast::<Class>() else {
        return Err(vm.type_error(format!(
            "__class__ must be set to a class, not '{}' object",
            vm.class_of(value).qualified_name()
        )));
    };
    let key = vm.intern("__class__").value();
    vm.audit("object.__setattr__", &[this, key, value])?;
    let old = vm.class_of(this);
    let module = old.layout.kind == Kind::Module && new.layout.kind == Kind::Module;
    if !module && (!old.has_flag(ClassFlags::HEAP) || !new.has_flag(ClassFlags::HEAP)) {
        return Err(vm.type_error(
            "__class__ assignment only supported for mutable types or ModuleType subclasses",
        ));
    }
    let same = std::ptr::eq(old.layout, new.layout)
        && old.fixed_size.get() == new.fixed_size.get()
        && old.has_dict.get() == new.has_dict.get()
        && member_names(old) == member_names(new);
    let same_module = module && new.has_dict.get() == old.has_dict.get();
    if !same && !same_module {
        return Err(vm.type_error(format!(
            "__class__ assignment: '{}' object layout differs from '{}'",
            new.qualified_name(),
            old.qualified_name()
        )));
    }
    match this.header() {
        Some(header) => vm.change_class(header, new),
        None => Ok(()),
    }
}

fn object_subclasshook(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::NOT_IMPLEMENTED)
}

fn object_init_subclass(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::NONE)
}

/// `copyreg`'s part in pickling.
fn object_reduce_ex(vm: &Vm, args: &[Value]) -> Result {
    let name = vm.names.__reduce__.get();
    let reduce = vm.get_attr(args[0], name)?;
    let class = vm.class_of(args[0]);
    let own = class.lookup(vm, name);
    let default = vm.types.object.get().lookup(vm, name);
    if own != default {
        return vm.call(reduce, &[]);
    }
    reduce_common(vm, args[0], vm.to_i64(args[1])?)
}

fn object_reduce(vm: &Vm, args: &[Value]) -> Result {
    reduce_common(vm, args[0], 0)
}

fn reduce_common(vm: &Vm, object: Value, protocol: i64) -> Result {
    let copyreg = vm.import("copyreg")?;
    if protocol < 2 {
        return vm.call_method(copyreg, "_reduce_ex", &[object, vm.new_int(protocol)]);
    }
    reduce_newobj(vm, copyreg, object)
}

fn reduce_newobj(vm: &Vm, copyreg: Value, object: Value) -> Result {
    let class = vm.class_of(object);
    if class.special(Special::New).is_none() {
        return Err(vm.type_error(format!("cannot pickle '{}' object", class.qualified_name())));
    }
    let mut arguments = vm.rooted_slice(&[class.value()]);
    let mut keywords = None;
    if let Some(f) = vm.find_attr(object, vm.names.__getnewargs_ex__.get())? {
        let result = vm.call(f, &[])?;
        let Some(pair) = result.cast::<Tuple>().filter(|t| t.len() == 2) else {
            return Err(vm.type_error(format!(
                "__getnewargs_ex__ should return a tuple, not '{}'",
                vm.class_of(result).qualified_name()
            )));
        };
        arguments.extend(vm.collect(pair.get(0))?.iter().copied());
        keywords = Some(pair.get(1));
    } else if let Some(f) = vm.find_attr(object, vm.names.__getnewargs__.get())? {
        let result = vm.call(f, &[])?;
        let Some(tuple) = result.cast::<Tuple>() else {
            return Err(vm.type_error(format!(
                "__getnewargs__ should return a tuple, not '{}'",
                vm.class_of(result).qualified_name()
            )));
        };
        arguments.extend_from_slice(tuple.as_slice());
    }
    let has_args = arguments.len() > 1 || keywords.is_some();
    let required = !has_args && object.cast::<List>().is_none() && !vm.is_kind(object, Kind::Dict);
    let state = get_state(vm, object, required)?;
    let keywords = keywords.filter(|k| {
        k.cast::<crate::types::dict::Dict>()
            .is_some_and(|d| !d.is_empty())
    });
    let (callable, arguments) = match keywords {
        Some(keywords) => {
            let positional = vm.new_tuple(&arguments[1..])?.value();
            let all = vm
                .new_tuple(&[class.value(), positional, keywords])?
                .value();
            (vm.get_attr_str(copyreg, "__newobj_ex__")?, all)
        }
        None => (
            vm.get_attr_str(copyreg, "__newobj__")?,
            vm.new_tuple(&arguments)?.value(),
        ),
    };
    let items = if object.cast::<List>().is_some() {
        vm.iter(object)?
    } else {
        Value::NONE
    };
    let pairs = if vm.is_kind(object, Kind::Dict) {
        let pairs = vm.call_method(object, "items", &[])?;
        vm.iter(pairs)?
    } else {
        Value::NONE
    };
    Ok(vm
        .new_tuple(&[callable, arguments, state, items, pairs])?
        .value())
}

/// `object.__getstate__` as pickling uses it.
fn get_state(vm: &Vm, object: Value, required: bool) -> Result {
    let name = vm.names.__getstate__.get();
    let getstate = vm.get_attr(object, name)?;
    let default = vm.types.object.get().lookup(vm, name);
    if vm.class_of(object).lookup(vm, name) == default {
        return default_state(vm, object, required);
    }
    vm.call(getstate, &[])
}

fn default_state(vm: &Vm, object: Value, required: bool) -> Result {
    let class = vm.class_of(object);
    if required && class.layout.kind != Kind::Instance && class.layout.kind != Kind::Exception {
        let native_only = class.def.get().is_some()
            || !matches!(
                class.layout.kind,
                Kind::Str | Kind::IntSub | Kind::FloatSub | Kind::Set | Kind::Tuple | Kind::Bytes
            );
        if native_only && !matches!(class.layout.kind, Kind::Set) {
            return Err(vm.type_error(format!("cannot pickle '{}' object", class.qualified_name())));
        }
    }
    let state = match object.header() {
        Some(h) if h.shape().has_attributes() => {
            if vm.own_attributes(h).is_empty() {
                Value::NONE
            } else {
                vm.own_dict(h)?.value()
            }
        }
        _ => Value::NONE,
    };
    let copyreg = vm.import("copyreg")?;
    let names = vm.call_method(copyreg, "_slotnames", &[class.value()])?;
    let slots = vm.new_dict();
    if !names.is_none() {
        for name in vm.collect(names)?.iter() {
            let text = attribute_name(vm, *name)?;
            if let Some(v) = vm.find_attr(object, text)? {
                slots.set(vm, *name, v)?;
            }
        }
    }
    if slots.is_empty() {
        Ok(state)
    } else {
        vm.pair(state, slots.value())
    }
}

fn object_getstate(vm: &Vm, args: &[Value]) -> Result {
    default_state(vm, args[0], false)
}

/// `__dict__` of instances that have one.
pub fn instance_dict(vm: &Vm, this: Value) -> Result {
    match this.header() {
        Some(h) if h.shape().has_attributes() => Ok(vm.own_dict(h)?.value()),
        _ => Err(vm.no_attribute(this, vm.names.__dict__.get().value())),
    }
}

/// Whether instances have their dictionary from a built-in class.
fn has_native_dict(class: Gc<Class>) -> bool {
    let mut at = Some(class);
    while let Some(class) = at {
        if class.def.get().is_some_and(|def| def.has_dict) {
            return true;
        }
        at = class.base.get();
    }
    false
}

/// Replaces `__dict__`.
pub fn set_instance_dict(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let Some(header) = this.header().filter(|h| h.shape().has_attributes()) else {
        return Err(vm.no_attribute(this, vm.names.__dict__.get().value()));
    };
    match value {
        // Dictionaries that a built-in class gives its instances stay.
        None if has_native_dict(vm.class_of(this)) => Err(vm.type_error("cannot delete __dict__")),
        None => {
            let dict = vm.new_dict();
            vm.replace_own_dict(header, dict);
            Ok(())
        }
        Some(v) => match v.cast::<crate::types::dict::Dict>() {
            Some(dict) => {
                vm.own_dict(header)?;
                vm.replace_own_dict(header, dict);
                Ok(())
            }
            None => Err(vm.type_error(format!(
                "__dict__ must be set to a dictionary, not a '{}'",
                vm.class_of(v).qualified_name()
            ))),
        },
    }
}

/// The descriptor `__dict__` of classes whose instances have one.
pub static DICT_GETSET: GetSetDef = GetSetDef {
    name: "__dict__",
    doc: "dictionary for instance variables",
    get: instance_dict,
    set: Some(set_instance_dict),
};

fn instance_weakref(vm: &Vm, this: Value) -> Result {
    Ok(crate::types::weakref::first_ref(vm, this).unwrap_or(Value::NONE))
}

/// The descriptor `__weakref__`.
pub static WEAKREF_GETSET: GetSetDef = GetSetDef {
    name: "__weakref__",
    doc: "list of weak references to the object",
    get: instance_weakref,
    set: None,
};

const fn order(name: &'static str, doc: &'static str) -> MethodDef {
    MethodDef::new(name, "(self, value, /)", doc, object_order)
}

/// `object`.
pub static OBJECT: TypeDef = TypeDef {
    doc: "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
    subclassable: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            object_new,
        )
        .static_(),
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            object_init,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", object_repr),
        MethodDef::new("__str__", "(self, /)", "Return str(self).", object_str),
        MethodDef::new(
            "__format__",
            "(self, format_spec, /)",
            "Default object formatter.",
            object_format,
        ),
        MethodDef::new("__hash__", "(self, /)", "Return hash(self).", object_hash),
        MethodDef::new(
            "__eq__",
            "(self, value, /)",
            "Return self==value.",
            object_eq,
        ),
        MethodDef::new(
            "__ne__",
            "(self, value, /)",
            "Return self!=value.",
            object_ne,
        ),
        order("__lt__", "Return self<value."),
        order("__le__", "Return self<=value."),
        order("__gt__", "Return self>value."),
        order("__ge__", "Return self>=value."),
        MethodDef::new(
            "__getattribute__",
            "(self, name, /)",
            "Return getattr(self, name).",
            object_getattribute,
        ),
        MethodDef::new(
            "__setattr__",
            "(self, name, value, /)",
            "Implement setattr(self, name, value).",
            object_setattr,
        ),
        MethodDef::new(
            "__delattr__",
            "(self, name, /)",
            "Implement delattr(self, name).",
            object_delattr,
        ),
        MethodDef::new(
            "__dir__",
            "(self, /)",
            "Default dir() implementation.",
            object_dir,
        ),
        MethodDef::new(
            "__sizeof__",
            "(self, /)",
            "Size of object in memory, in bytes.",
            object_sizeof,
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Helper for pickle.",
            object_reduce,
        ),
        MethodDef::new(
            "__reduce_ex__",
            "(self, protocol, /)",
            "Helper for pickle.",
            object_reduce_ex,
        ),
        MethodDef::new(
            "__getstate__",
            "(self, /)",
            "Helper for pickle.",
            object_getstate,
        ),
        MethodDef::new(
            "__subclasshook__",
            "(type, object, /)",
            "Abstract classes can override this to customize issubclass().",
            object_subclasshook,
        )
        .class(),
        MethodDef::new(
            "__init_subclass__",
            "(type, /)",
            "This method is called when a class is subclassed.",
            object_init_subclass,
        )
        .class(),
    ],
    getset: &[GetSetDef {
        name: "__class__",
        doc: "the object's class",
        get: object_class,
        set: Some(set_object_class),
    }],
    ..TypeDef::new("object", <Instance as Object>::LAYOUT)
};

/// For types whose comparison is one function of the operator.
pub fn compare_op(name: &str) -> CompareOp {
    match name {
        "__lt__" => CompareOp::Lt,
        "__le__" => CompareOp::Le,
        "__eq__" => CompareOp::Eq,
        "__ne__" => CompareOp::Ne,
        "__gt__" => CompareOp::Gt,
        _ => CompareOp::Ge,
    }
}

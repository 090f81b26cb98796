//! `type`: attributes and methods of classes. Creation is in [`super::type_new`].

use super::type_new::type_new;
use crate::heap::{Gc, Object};
use crate::object::{Class, ClassFlags, GetSetDef, MethodDef, TypeDef};
use crate::types::descriptor::Property;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::object::attribute_name;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};

pub(super) fn class(v: Value) -> Gc<Class> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

/// The class that a `__new__` was called with; it is one because `type.__call__`
/// and the binding of `__new__` pass classes only.
pub fn class_of_receiver(v: Value) -> Gc<Class> {
    class(v)
}

/// `__module__` of a class.
pub fn class_module(vm: &Vm, this: Gc<Class>) -> Value {
    // In the namespace of `type` the name means the attribute of its instances.
    if let Some(def) = this.def.get() {
        return vm.intern(def.module).value();
    }
    match this.namespace().get_str(vm.names.__module__.get()) {
        Some(v) => v,
        None => vm.intern("builtins").value(),
    }
}

/// The AttributeError of a module without the attribute, after its `__getattr__`.
#[cold]
pub fn module_missing_attribute(vm: &Vm, module: Gc<Module>, name: Gc<Str>) -> Raised {
    let text = name.to_text();
    let module_name = module
        .dict()
        .get_str(vm.names.__name__.get())
        .and_then(|n| n.cast::<Str>());
    let message = match module_name {
        Some(m) => missing_from_module(vm, module, &m.to_text(), &text),
        None => format!("module has no attribute '{text}'"),
    };
    vm.clear_raised();
    vm.attribute_error_about(&message, module.value(), name.value())
}

/// Why a module may lack an attribute: its import is under way, or it hides another module.
fn missing_from_module(vm: &Vm, module: Gc<Module>, module_name: &str, name: &str) -> String {
    let plain = format!("module '{module_name}' has no attribute '{name}'");
    let Some(spec) = module
        .dict()
        .get_str(vm.names.__spec__.get())
        .filter(|s| !s.is_none())
    else {
        return plain;
    };
    let origin = vm.spec_origin(spec);
    let shadowing = origin.as_deref().is_some_and(|o| vm.may_shadow(o));
    if let Some(origin) = origin.as_deref().filter(|_| shadowing)
        && vm.is_stdlib_name(module_name)
    {
        return format!(
            "{plain} (consider renaming '{origin}' since it has the same name as the standard \
             library module named '{module_name}' and prevents importing that standard library \
             module)"
        );
    }
    if vm.is_initializing_spec(spec) {
        return match origin {
            Some(origin) if shadowing => format!(
                "{plain} (consider renaming '{origin}' if it has the same name as a library you \
                 intended to import)"
            ),
            Some(origin) => format!(
                "partially initialized module '{module_name}' from '{origin}' has no attribute \
                 '{name}' (most likely due to a circular import)"
            ),
            None => format!(
                "partially initialized module '{module_name}' has no attribute '{name}' (most \
                 likely due to a circular import)"
            ),
        };
    }
    let waiting = vm
        .get_attr_str(spec, "_uninitialized_submodules")
        .and_then(|list| vm.contains(list, vm.new_str(name).value()));
    if matches!(waiting, Ok(true)) {
        return format!(
            "cannot access submodule '{name}' of module '{module_name}' (most likely due to a \
             circular import)"
        );
    }
    plain
}

/// The AttributeError of a property without the accessor asked for.
#[cold]
pub fn property_error(vm: &Vm, property: Gc<Property>, object: Value, what: &str) -> Raised {
    // Without a name of its own it is called after its getter.
    let named = property.name.get().filter(|n| !n.is_none());
    let named = match (named, property.getter.get().filter(|g| !g.is_none())) {
        (None, Some(getter)) => match vm.find_attr(getter, vm.names.__name__.get()) {
            Ok(name) => name,
            Err(raised) => return raised,
        },
        (named, _) => named,
    };
    let name = match named {
        Some(name) => vm
            .repr_text(name)
            .map(|n| format!(" {n}"))
            .unwrap_or_default(),
        None => String::new(),
    };
    let class = vm.class_of(object);
    if class.has_flag(ClassFlags::FULL_NAME)
        && let Some(name) = named.and_then(|n| n.cast::<Str>())
    {
        // It stands for a computed attribute of a native type.
        return vm.attribute_error(format!(
            "attribute '{name}' of '{}' objects is not writable",
            class.qualified_name()
        ));
    }
    let qualname = class
        .qualname
        .get()
        .and_then(|q| q.cast::<Str>())
        .map(|s| s.to_text())
        .unwrap_or_default();
    vm.attribute_error(format!(
        "property{name} of '{qualname}' object has no {what}"
    ))
}

fn type_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    vm.call_class(class(args[0]), &args[1..], names)
}

fn type_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let positional = args.len() - names.map_or(0, |n| n.len());
    if positional != 2 && positional != 4 {
        return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    if positional == 2 && args.len() != 2 {
        return Err(vm.type_error("type.__init__() takes no keyword arguments"));
    }
    Ok(Value::NONE)
}

fn type_repr(vm: &Vm, args: &[Value]) -> Result {
    let name = crate::types::object::full_name(vm, class(args[0]))?;
    Ok(vm.new_str(&format!("<class '{name}'>")).value())
}

fn type_getattribute(vm: &Vm, args: &[Value]) -> Result {
    vm.type_get_attr(class(args[0]), attribute_name(vm, args[1])?)
}

fn type_setattr(vm: &Vm, args: &[Value]) -> Result {
    set_type_attribute(
        vm,
        class(args[0]),
        attribute_name(vm, args[1])?,
        Some(args[2]),
    )?;
    Ok(Value::NONE)
}

fn type_delattr(vm: &Vm, args: &[Value]) -> Result {
    set_type_attribute(vm, class(args[0]), attribute_name(vm, args[1])?, None)?;
    Ok(Value::NONE)
}

fn set_type_attribute(vm: &Vm, this: Gc<Class>, name: Gc<Str>, value: Option<Value>) -> Result<()> {
    if this.has_flag(ClassFlags::IMMUTABLE) {
        return Err(vm.type_error(format!(
            "cannot set '{name}' attribute of immutable type '{}'",
            this.qualified_name()
        )));
    }
    if let Some(descriptor) = this.class().lookup(vm, name)
        && vm.is_data_descriptor(descriptor)
    {
        return vm.set_descriptor(descriptor, this.value(), value);
    }
    match value {
        Some(v) => this.set_attribute(vm, name, v),
        None => {
            if !this.delete_attribute(vm, name) {
                return Err(vm.no_attribute(this.value(), name.value()));
            }
        }
    }
    Ok(())
}

fn type_mro(vm: &Vm, args: &[Value]) -> Result {
    let order = class(args[0]).linearize(vm)?;
    Ok(vm.new_list(order.as_slice())?.value())
}

fn type_subclasses(vm: &Vm, args: &[Value]) -> Result {
    let list: Vec<Value> = class(args[0])
        .subclasses
        .borrow()
        .iter()
        .map(|c| c.value())
        .collect();
    Ok(vm.new_list(&list)?.value())
}

fn type_prepare(vm: &Vm, _: &[Value], _: Option<Gc<Tuple>>) -> Result {
    Ok(vm.new_dict().value())
}

fn type_instancecheck(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(vm.real_isinstance(args[1], class(args[0]))?))
}

fn type_subclasscheck(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(vm.real_issubclass(args[1], args[0])?))
}

fn type_dir(vm: &Vm, args: &[Value]) -> Result {
    let names = vm.new_dict();
    crate::types::object::merge_class_names(vm, &names, args[0])?;
    let keys: Vec<Value> = names.items().map(|(k, _)| k).collect();
    Ok(vm.new_list(&keys)?.value())
}

fn type_or(vm: &Vm, args: &[Value]) -> Result {
    crate::types::union::make(vm, args[0], args[1])
}

fn type_ror(vm: &Vm, args: &[Value]) -> Result {
    crate::types::union::make(vm, args[1], args[0])
}

fn type_sizeof(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(class(args[0]).header.size() as i64))
}

fn get_name(_: &Vm, this: Value) -> Result {
    Ok(class(this).name.or_none())
}

fn check_settable(vm: &Vm, this: Gc<Class>, name: &str, value: Option<Value>) -> Result {
    if this.has_flag(ClassFlags::IMMUTABLE) {
        return Err(vm.type_error(format!(
            "cannot set '{name}' attribute of immutable type '{}'",
            this.qualified_name()
        )));
    }
    value.ok_or_else(|| {
        vm.type_error(format!(
            "cannot delete '{name}' attribute of immutable type '{}'",
            this.qualified_name()
        ))
    })
}

fn set_name(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let this = class(this);
    let v = check_settable(vm, this, "__name__", value)?;
    let key = vm.intern("__name__").value();
    vm.audit("object.__setattr__", &[this.value(), key, v])?;
    match v.cast::<Str>() {
        Some(s) => {
            super::type_new::check_name(vm, s)?;
            this.name.set(&this.header, v);
            Ok(())
        }
        None => Err(vm.type_error(format!(
            "can only assign string to {}.__name__, not '{}'",
            this.qualified_name(),
            vm.class_of(v).qualified_name()
        ))),
    }
}

fn get_qualname(_: &Vm, this: Value) -> Result {
    Ok(class(this).qualname.or_none())
}

fn set_qualname(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let this = class(this);
    let v = check_settable(vm, this, "__qualname__", value)?;
    if v.cast::<Str>().is_none() {
        return Err(vm.type_error(format!(
            "can only assign string to {}.__qualname__, not '{}'",
            this.qualified_name(),
            vm.class_of(v).qualified_name()
        )));
    }
    this.qualname.set(&this.header, v);
    Ok(())
}

fn get_bases(vm: &Vm, this: Value) -> Result {
    match class(this).bases.get() {
        Some(t) => Ok(t.value()),
        None => Ok(vm.new_tuple(&[])?.value()),
    }
}

fn set_bases(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let this = class(this);
    let v = check_settable(vm, this, "__bases__", value)?;
    let key = vm.intern("__bases__").value();
    vm.audit("object.__setattr__", &[this.value(), key, v])?;
    let name = this.qualified_name();
    let Some(tuple) = v.cast::<Tuple>() else {
        return Err(vm.type_error(format!(
            "can only assign tuple to {name}.__bases__, not {}",
            vm.class_of(v).qualified_name()
        )));
    };
    if tuple.is_empty() {
        return Err(vm.type_error(format!(
            "can only assign non-empty tuple to {name}.__bases__, not ()"
        )));
    }
    let mut bases = Vec::new();
    for b in tuple.as_slice() {
        match b.cast::<Class>() {
            Some(b) if b.is_subclass_of(this) => {
                return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
            }
            Some(b) => bases.push(b),
            None => {
                return Err(vm.type_error(format!(
                    "{name}.__bases__ must be tuple of classes, not '{}'",
                    vm.class_of(*b).qualified_name()
                )));
            }
        }
    }
    let base = super::type_new::best_base(vm, &bases)?;
    let old_base = this.base.get();
    let compatible = old_base.is_some_and(|old| {
        std::ptr::eq(old.layout, base.layout)
            && old.fixed_size.get() == base.fixed_size.get()
            && (old.has_dict.get() == base.has_dict.get() || this.has_dict.get())
    });
    if !compatible {
        return Err(vm.type_error(format!(
            "__bases__ assignment: '{}' object layout differs from '{}'",
            base.qualified_name(),
            old_base.map(|b| b.qualified_name()).unwrap_or_default()
        )));
    }
    let old_bases = this.bases.get();
    this.bases.set(&this.header, tuple);
    let order = match super::type_new::compute_mro(vm, this) {
        Ok(order) => order,
        Err(raised) => {
            if let Some(old) = old_bases {
                this.bases.set(&this.header, old);
            }
            return Err(raised);
        }
    };
    if let Some(old) = old_bases {
        for b in old.as_slice().iter().filter_map(|b| b.cast::<Class>()) {
            b.subclasses.borrow_mut().retain(|c| *c != this);
        }
    }
    for b in &bases {
        vm.add_subclass(*b, this);
    }
    this.mro.set(&this.header, order);
    this.base.set(&this.header, base);
    update_subclass_mro(vm, this)?;
    vm.attribute_epoch.update(|e| e.wrapping_add(1));
    this.modified(vm);
    Ok(())
}

fn update_subclass_mro(vm: &Vm, this: Gc<Class>) -> Result<()> {
    let subclasses = this.subclasses.borrow().clone();
    for sub in subclasses {
        let order = super::type_new::compute_mro(vm, sub)?;
        sub.mro.set(&sub.header, order);
        update_subclass_mro(vm, sub)?;
    }
    Ok(())
}

fn get_mro(_: &Vm, this: Value) -> Result {
    Ok(class(this).mro.get().map_or(Value::NONE, |t| t.value()))
}

fn get_base(_: &Vm, this: Value) -> Result {
    Ok(class(this).base.get().map_or(Value::NONE, |c| c.value()))
}

fn get_module(vm: &Vm, this: Value) -> Result {
    Ok(class_module(vm, class(this)))
}

fn set_module(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let this = class(this);
    let v = check_settable(vm, this, "__module__", value)?;
    this.set_attribute(vm, vm.names.__module__.get(), v);
    this.delete_attribute(vm, vm.names.__firstlineno__.get());
    Ok(())
}

fn get_dict(vm: &Vm, this: Value) -> Result {
    Ok(vm.new_mappingproxy(class(this).namespace().value()))
}

fn get_doc(vm: &Vm, this: Value) -> Result {
    let this = class(this);
    match this.namespace().get_str(vm.names.__doc__.get()) {
        Some(v) => match vm.class_of(v).special(crate::object::Special::Get) {
            Some(get) => vm.call_special(get, v, &[Value::NONE, this.value()]),
            None => Ok(v),
        },
        None => Ok(Value::NONE),
    }
}

fn set_doc(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let this = class(this);
    let v = check_settable(vm, this, "__doc__", value)?;
    this.set_attribute(vm, vm.names.__doc__.get(), v);
    Ok(())
}

fn get_abstract(vm: &Vm, this: Value) -> Result {
    let name = vm.names.__abstractmethods__.get();
    match class(this).namespace().get_str(name) {
        Some(v) if class(this) != vm.types.type_.get() => Ok(v),
        _ => Err(vm.no_attribute(this, name.value())),
    }
}

fn set_abstract(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let name = vm.names.__abstractmethods__.get();
    let c = class(this);
    match value {
        Some(v) => {
            let is_abstract = vm.truth(v)?;
            c.set_attribute(vm, name, v);
            c.set_flag(ClassFlags::ABSTRACT, is_abstract);
        }
        None => {
            if !c.delete_attribute(vm, name) {
                return Err(vm.no_attribute(this, name.value()));
            }
            c.set_flag(ClassFlags::ABSTRACT, false);
        }
    }
    Ok(())
}

fn get_flags(_: &Vm, this: Value) -> Result {
    // CPython's Py_TPFLAGS_* bits that code in the library looks at.
    let c = class(this);
    let mut flags = 1i64 << 12;
    for (ours, theirs) in [
        (ClassFlags::HEAP, 9),
        (ClassFlags::SUBCLASSABLE, 10),
        (ClassFlags::IMMUTABLE, 8),
        (ClassFlags::ABSTRACT, 20),
        (ClassFlags::SEQUENCE, 5),
        (ClassFlags::MAPPING, 6),
        (ClassFlags::METACLASS, 31),
        (ClassFlags::EXCEPTION, 30),
    ] {
        if c.has_flag(ours) {
            flags |= 1 << theirs;
        }
    }
    Ok(Value::small_int(flags))
}

fn get_basicsize(vm: &Vm, this: Value) -> Result {
    Ok(vm.new_int(class(this).fixed_size.get() as i64))
}

fn get_itemsize(vm: &Vm, this: Value) -> Result {
    Ok(vm.new_int(if class(this).layout.variable { 8 } else { 0 }))
}

fn get_dictoffset(vm: &Vm, this: Value) -> Result {
    Ok(vm.new_int(if class(this).has_dict.get() { -1 } else { 0 }))
}

fn get_type_params(vm: &Vm, this: Value) -> Result {
    match class(this)
        .namespace()
        .get_str(vm.names.__type_params__.get())
    {
        Some(v) if class(this) != vm.types.type_.get() => Ok(v),
        _ => Ok(vm.new_tuple(&[])?.value()),
    }
}

fn set_type_params(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let this = class(this);
    let v = check_settable(vm, this, "__type_params__", value)?;
    this.set_attribute(vm, vm.names.__type_params__.get(), v);
    Ok(())
}

/// PEP 649: `__annotate__` of the class's own, else what the compiler made of its annotations.
fn get_annotate(vm: &Vm, this: Value) -> Result {
    let c = class(this);
    if !c.has_flag(ClassFlags::HEAP) {
        return Err(vm.no_attribute(this, vm.names.__annotate__.get().value()));
    }
    let dict = c.namespace();
    let found = dict
        .get_str(vm.names.__annotate__.get())
        .or_else(|| dict.get_str(vm.names.__annotate_func__.get()));
    match found {
        Some(f) => vm.bind_to_class(f, c),
        None => {
            dict.set_str(vm, vm.names.__annotate_func__.get(), Value::NONE);
            Ok(Value::NONE)
        }
    }
}

fn set_annotate(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let c = class(this);
    let Some(v) = value else {
        return Err(vm.type_error("cannot delete __annotate__ attribute"));
    };
    check_settable(vm, c, "__annotate__", value)?;
    if !v.is_none() && !vm.is_callable(v) {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    c.set_attribute(vm, vm.names.__annotate_func__.get(), v);
    if !v.is_none() {
        c.delete_attribute(vm, vm.names.__annotations_cache__.get());
        c.delete_attribute(vm, vm.names.__annotations__.get());
    }
    Ok(())
}

fn get_annotations(vm: &Vm, this: Value) -> Result {
    let c = class(this);
    if !c.has_flag(ClassFlags::HEAP) {
        return Err(vm.no_attribute(this, vm.names.__annotations__.get().value()));
    }
    let dict = c.namespace();
    let found = dict
        .get_str(vm.names.__annotations__.get())
        .or_else(|| dict.get_str(vm.names.__annotations_cache__.get()));
    if let Some(v) = found {
        return match vm.class_of(v).special(crate::object::Special::Get) {
            Some(_) => vm.bind_to_class(v, c),
            None => Ok(v),
        };
    }
    let annotate = get_annotate(vm, this)?;
    let result = if annotate.is_none() {
        vm.new_dict().value()
    } else {
        let result = vm.call(annotate, &[Value::small_int(1)])?;
        if result.cast::<Dict>().is_none() {
            return Err(vm.type_error(format!(
                "__annotate__ returned non-dict of type '{}'",
                vm.class_of(result).qualified_name()
            )));
        }
        result
    };
    c.set_attribute(vm, vm.names.__annotations_cache__.get(), result);
    Ok(result)
}

fn set_annotations(vm: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    let c = class(this);
    if c.has_flag(ClassFlags::IMMUTABLE) {
        return Err(vm.type_error(format!(
            "cannot set '__annotations__' attribute of immutable type '{}'",
            c.qualified_name()
        )));
    }
    let dict = c.namespace();
    let (plain, cache) = (
        vm.names.__annotations__.get(),
        vm.names.__annotations_cache__.get(),
    );
    let key = if dict.get_str(plain).is_some() {
        plain
    } else {
        cache
    };
    match value {
        Some(v) => c.set_attribute(vm, key, v),
        None => {
            if !c.delete_attribute(vm, key) {
                return Err(vm.attribute_error("__annotations__"));
            }
        }
    }
    for name in [
        vm.names.__annotate__.get(),
        vm.names.__annotate_func__.get(),
    ] {
        c.delete_attribute(vm, name);
    }
    Ok(())
}

/// Of classes whose constructors read their arguments themselves.
const SIGNATURES: &[(&str, &str)] = &[
    ("object", "()"),
    ("list", "(iterable=(), /)"),
    ("tuple", "(iterable=(), /)"),
    ("set", "(iterable=(), /)"),
    ("frozenset", "(iterable=(), /)"),
    ("classmethod", "(function, /)"),
    ("staticmethod", "(function, /)"),
    ("enumerate", "(iterable, start=0)"),
    ("filter", "(function, iterable, /)"),
    ("map", "(function, iterable, /, *iterables, strict=False)"),
    ("reversed", "(sequence, /)"),
    ("zip", "(*iterables, strict=False)"),
    ("property", "(fget=None, fset=None, fdel=None, doc=None)"),
    ("module", "(name, doc=None)"),
    ("partial", "(func, /, *args, **keywords)"),
    ("attrgetter", "(attr, /, *attrs)"),
    ("itemgetter", "(item, /, *items)"),
    ("methodcaller", "(name, /, *args, **kwargs)"),
    ("zip_longest", "(*iterables, fillvalue=None)"),
    (
        "BufferedRWPair",
        "(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)",
    ),
    ("BufferedRandom", "(raw, buffer_size=DEFAULT_BUFFER_SIZE)"),
    ("BufferedReader", "(raw, buffer_size=DEFAULT_BUFFER_SIZE)"),
    ("BufferedWriter", "(raw, buffer_size=DEFAULT_BUFFER_SIZE)"),
    ("BytesIO", "(initial_bytes=b'')"),
    ("StringIO", "(initial_value='', newline='\\n')"),
    ("FileIO", "(file, mode='r', closefd=True, opener=None)"),
    (
        "IncrementalNewlineDecoder",
        "(decoder, translate, errors='strict')",
    ),
];

fn get_text_signature(vm: &Vm, this: Value) -> Result {
    let c = class(this);
    let Some(def) = c.def.get() else {
        return Ok(Value::NONE);
    };
    // A docstring that begins with calls says more than one signature could.
    if def
        .doc
        .strip_prefix(def.name)
        .is_some_and(|rest| rest.starts_with('('))
    {
        return Ok(Value::NONE);
    }
    if let Some((_, signature)) = SIGNATURES.iter().find(|(name, _)| *name == def.name) {
        return Ok(vm.new_str(signature).value());
    }
    let signature = ["__new__", "__init__"]
        .iter()
        .filter_map(|name| def.methods.iter().find(|m| m.name == *name))
        .map(|m| m.signature)
        .find(|s| !s.is_empty() && !s.ends_with(", /, *args, **kwargs)"));
    Ok(match signature {
        Some(s) => match s.split_once(", ") {
            Some((_, rest)) if rest != "/)" => vm
                .new_str(&format!("({}", rest.trim_start_matches("/, ")))
                .value(),
            _ => vm.new_str("()").value(),
        },
        None => Value::NONE,
    })
}

const fn getset(
    name: &'static str,
    get: fn(&Vm, Value) -> Result,
    set: Option<crate::object::Setter>,
) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set,
    }
}

/// `type`.
pub static TYPE: TypeDef = TypeDef {
    doc: "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
    subclassable: true,
    flags: ClassFlags::METACLASS | ClassFlags::WEAKREFS,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            type_new,
        )
        .static_(),
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            type_init,
        ),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            type_call,
        ),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", type_repr),
        MethodDef::new(
            "__getattribute__",
            "(self, name, /)",
            "Return getattr(self, name).",
            type_getattribute,
        ),
        MethodDef::new(
            "__setattr__",
            "(self, name, value, /)",
            "Implement setattr(self, name, value).",
            type_setattr,
        ),
        MethodDef::new(
            "__delattr__",
            "(self, name, /)",
            "Implement delattr(self, name).",
            type_delattr,
        ),
        MethodDef::new(
            "mro",
            "(self, /)",
            "Return a type's method resolution order.",
            type_mro,
        ),
        MethodDef::new(
            "__subclasses__",
            "(self, /)",
            "Return a list of immediate subclasses.",
            type_subclasses,
        ),
        MethodDef::raw(
            "__prepare__",
            "(type, name, bases, /, **kwds)",
            "Create the namespace for the class statement",
            type_prepare,
        )
        .class(),
        MethodDef::new(
            "__instancecheck__",
            "(self, instance, /)",
            "Check if an object is an instance.",
            type_instancecheck,
        ),
        MethodDef::new(
            "__subclasscheck__",
            "(self, subclass, /)",
            "Check if a class is a subclass.",
            type_subclasscheck,
        ),
        MethodDef::new(
            "__dir__",
            "(self, /)",
            "Specialized __dir__ implementation for types.",
            type_dir,
        ),
        MethodDef::new(
            "__sizeof__",
            "(self, /)",
            "Return memory consumption of the type object.",
            type_sizeof,
        ),
        MethodDef::new("__or__", "(self, value, /)", "Return self|value.", type_or),
        MethodDef::new(
            "__ror__",
            "(self, value, /)",
            "Return value|self.",
            type_ror,
        ),
    ],
    getset: &[
        getset("__name__", get_name, Some(set_name)),
        getset("__qualname__", get_qualname, Some(set_qualname)),
        getset("__bases__", get_bases, Some(set_bases)),
        getset("__mro__", get_mro, None),
        getset("__base__", get_base, None),
        getset("__module__", get_module, Some(set_module)),
        getset("__dict__", get_dict, None),
        getset("__doc__", get_doc, Some(set_doc)),
        getset("__abstractmethods__", get_abstract, Some(set_abstract)),
        getset("__flags__", get_flags, None),
        getset("__basicsize__", get_basicsize, None),
        getset("__itemsize__", get_itemsize, None),
        getset("__dictoffset__", get_dictoffset, None),
        getset("__type_params__", get_type_params, Some(set_type_params)),
        getset("__annotate__", get_annotate, Some(set_annotate)),
        getset("__annotations__", get_annotations, Some(set_annotations)),
        getset("__text_signature__", get_text_signature, None),
    ],
    ..TypeDef::new("type", <Class as Object>::LAYOUT)
};

/// `isinstance` and `issubclass`.
impl Vm {
    /// `isinstance(v, classinfo)`.
    pub fn is_instance(&self, v: Value, classinfo: Value) -> Result<bool> {
        if self.class_of(v).value() == classinfo {
            return Ok(true);
        }
        if let Some(class) = classinfo.cast::<Class>()
            && class.class() == self.types.type_.get()
        {
            return self.real_isinstance(v, class);
        }
        if let Some(tuple) = classinfo.cast::<Tuple>() {
            self.check_native_stack()?;
            for c in tuple.as_slice() {
                if self.is_instance(v, *c)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(members) = crate::types::union::members(classinfo) {
            for c in members.as_slice() {
                if self.is_instance(
                    v,
                    if c.is_none() {
                        self.types.none.get().value()
                    } else {
                        *c
                    },
                )? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(result) =
            self.call_if_defined(classinfo, crate::object::Special::InstanceCheck, &[v])?
        {
            return self.truth(result);
        }
        self.recursive_isinstance(v, classinfo)
    }

    /// What `type.__instancecheck__` does.
    pub fn real_isinstance(&self, v: Value, class: Gc<Class>) -> Result<bool> {
        let own = self.class_of(v);
        if own.is_subclass_of(class) {
            return Ok(true);
        }
        if !v.is_object()
            || own.has_flag(ClassFlags::PLAIN_GETATTR)
                && own.lookup(self, self.names.__class__.get())
                    == self
                        .types
                        .object
                        .get()
                        .lookup(self, self.names.__class__.get())
        {
            return Ok(false);
        }
        match self.find_attr(v, self.names.__class__.get())? {
            Some(c) => Ok(c
                .cast::<Class>()
                .is_some_and(|c| c != own && c.is_subclass_of(class))),
            None => Ok(false),
        }
    }

    fn recursive_isinstance(&self, v: Value, classinfo: Value) -> Result<bool> {
        self.check_class_like(
            classinfo,
            "isinstance() arg 2 must be a type, a tuple of types, or a union",
        )?;
        match self.find_attr(v, self.names.__class__.get())? {
            Some(c) => self.abstract_issubclass(c, classinfo),
            None => Ok(false),
        }
    }

    fn check_class_like(&self, v: Value, message: &str) -> Result<()> {
        match self.find_attr(v, self.names.__bases__.get())? {
            Some(b) if b.cast::<Tuple>().is_some() => Ok(()),
            _ => Err(self.type_error(message)),
        }
    }

    fn abstract_issubclass(&self, derived: Value, class: Value) -> Result<bool> {
        self.check_native_stack()?;
        if derived.is(class) {
            return Ok(true);
        }
        let Some(bases) = self.find_attr(derived, self.names.__bases__.get())? else {
            return Ok(false);
        };
        let Some(bases) = bases.cast::<Tuple>() else {
            return Ok(false);
        };
        for b in bases.as_slice() {
            if self.abstract_issubclass(*b, class)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `issubclass(v, classinfo)`.
    pub fn is_subclass(&self, v: Value, classinfo: Value) -> Result<bool> {
        if let Some(class) = classinfo.cast::<Class>()
            && class.class() == self.types.type_.get()
        {
            return if v.is(classinfo) {
                Ok(true)
            } else {
                self.real_issubclass(v, classinfo)
            };
        }
        if let Some(tuple) = classinfo.cast::<Tuple>() {
            self.check_native_stack()?;
            for c in tuple.as_slice() {
                if self.is_subclass(v, *c)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(members) = crate::types::union::members(classinfo) {
            for c in members.as_slice() {
                if self.is_subclass(
                    v,
                    if c.is_none() {
                        self.types.none.get().value()
                    } else {
                        *c
                    },
                )? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(result) =
            self.call_if_defined(classinfo, crate::object::Special::SubclassCheck, &[v])?
        {
            return self.truth(result);
        }
        self.real_issubclass(v, classinfo)
    }

    /// What `type.__subclasscheck__` does.
    pub fn real_issubclass(&self, v: Value, classinfo: Value) -> Result<bool> {
        if let (Some(a), Some(b)) = (v.cast::<Class>(), classinfo.cast::<Class>()) {
            return Ok(a.is_subclass_of(b));
        }
        self.check_class_like(v, "issubclass() arg 1 must be a class")?;
        self.check_class_like(
            classinfo,
            "issubclass() arg 2 must be a class, a tuple of classes, or a union",
        )?;
        self.abstract_issubclass(v, classinfo)
    }
}

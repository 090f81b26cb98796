//! The module `_abc`: registries and caches of abstract base classes.

use std::cell::Cell;
use taipan_runtime::heap::{Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, ClassFlags, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::list::List;
use taipan_runtime::types::weakref::WeakRef;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// `_abc_impl` of a class: three lists of weak references to classes.
#[repr(C)]
pub struct AbcData {
    pub header: Header,
    registry: GcField<List>,
    cache: GcField<List>,
    negative: GcField<List>,
    version: Cell<u64>,
}

heap_object!(AbcData, "_abc_data", Kind::Other, |this, marker| {
    marker.gc_field(&this.registry);
    marker.gc_field(&this.cache);
    marker.gc_field(&this.negative);
});

/// `_abc_data`.
static ABC_DATA: TypeDef = TypeDef {
    module: "_abc",
    doc: "Internal state held by ABC machinery.",
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("_abc_data", <AbcData as Object>::LAYOUT)
};

/// Counts registrations, which invalidate negative answers. One for the process:
/// the number only has to change.
static TOKEN: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

fn token() -> u64 {
    TOKEN.load(std::sync::atomic::Ordering::Relaxed)
}

fn has(list: Option<Gc<List>>, class: Value) -> bool {
    list.is_some_and(|l| {
        l.as_slice()
            .iter()
            .any(|r| r.cast::<WeakRef>().and_then(|w| w.referent()) == Some(class))
    })
}

fn add(vm: &Vm, data: &AbcData, field: &GcField<List>, class: Value) -> Result<()> {
    if has(field.get(), class) {
        return Ok(());
    }
    let list = match field.get() {
        Some(l) => l,
        None => {
            let l = vm.new_list(&[])?;
            field.set(&data.header, l);
            l
        }
    };
    if list.len() >= 32 && list.len().is_power_of_two() {
        let live = list.as_slice().iter().copied();
        let live = live.filter(|r| r.cast::<WeakRef>().is_some_and(|w| w.referent().is_some()));
        let live = vm.rooted_from(live.collect());
        list.replace_all(vm, &live)?;
    }
    let reference = vm.new_weakref(class, None)?;
    list.push(vm, reference)
}

fn data(vm: &Vm, class: Value) -> Result<Gc<AbcData>> {
    let found = vm.get_attr_str(class, "_abc_impl")?;
    found
        .cast()
        .ok_or_else(|| vm.type_error("_abc_impl is set to a wrong type"))
}

fn is_abstract(vm: &Vm, v: Value) -> Result<bool> {
    match vm.find_attr(v, vm.intern("__isabstractmethod__"))? {
        Some(flag) => vm.truth(flag),
        None => Ok(false),
    }
}

fn init(vm: &Vm, args: &[Value]) -> Result {
    let class = args[0];
    let names = vm.intern("__abstractmethods__");
    let mut found = vm.rooted();
    if let Some(c) = class.cast::<Class>() {
        let items: Vec<(Value, Value)> = c.namespace().items().collect();
        let items: Vec<Value> = items.into_iter().flat_map(|(k, v)| [k, v]).collect();
        let items = vm.rooted_from(items);
        for pair in items.chunks(2) {
            if is_abstract(vm, pair[1])? {
                found.push(pair[0]);
            }
        }
    }
    let bases = vm.get_attr_str(class, "__bases__")?;
    vm.for_each(bases, &mut |base| {
        if let Some(inherited) = vm.find_attr(base, names)? {
            vm.for_each(inherited, &mut |key| {
                let name = vm.str(key)?;
                if let Some(v) = vm.find_attr(class, vm.intern_str(name))?
                    && is_abstract(vm, v)?
                {
                    found.push(key);
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    let list = vm.new_list(&found)?.value();
    let set = vm.call(vm.types.frozenset.get().value(), &[list])?;
    vm.set_attr(class, names, Some(set))?;
    let shape = vm.class_of_def(&ABC_DATA)?.root_shape.get();
    let impl_ = vm.heap.alloc(
        shape,
        AbcData {
            header: Header::empty(),
            registry: GcField::empty(),
            cache: GcField::empty(),
            negative: GcField::empty(),
            version: Cell::new(token()),
        },
    );
    vm.set_attr(class, vm.intern("_abc_impl"), Some(impl_.value()))?;
    // `__abc_tpflags__` of `collections.abc`: which patterns match instances.
    if let Some(c) = class.cast::<Class>()
        && let Some(flags) = c.namespace().get_str(vm.intern("__abc_tpflags__"))
    {
        let flags = vm.to_i64(flags)?;
        if flags & (1 << 5) != 0 {
            c.set_flag(ClassFlags::SEQUENCE, true);
        }
        if flags & (1 << 6) != 0 {
            c.set_flag(ClassFlags::MAPPING, true);
        }
        c.delete_attribute(vm, vm.intern("__abc_tpflags__"));
    }
    Ok(Value::NONE)
}

fn is_subclass(vm: &Vm, class: Value, of: Value) -> Result<bool> {
    let answer = vm.call(
        taipan_runtime::types::protocol::builtin(vm, "issubclass")?,
        &[class, of],
    )?;
    vm.truth(answer)
}

fn register(vm: &Vm, args: &[Value]) -> Result {
    let (this, class) = (args[0], args[1]);
    if class.cast::<Class>().is_none() {
        return Err(vm.type_error("Can only register classes"));
    }
    if is_subclass(vm, class, this)? {
        return Ok(class);
    }
    if is_subclass(vm, this, class)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    let data = data(vm, this)?;
    add(vm, &data, &data.registry, class)?;
    TOKEN.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    if let (Some(this), Some(class)) = (this.cast::<Class>(), class.cast::<Class>()) {
        let flags = [ClassFlags::SEQUENCE, ClassFlags::MAPPING];
        for flag in flags.into_iter().filter(|f| this.has_flag(*f)) {
            mark_pattern(class, flag);
        }
    }
    Ok(class)
}

/// Classes registered with `Sequence` or `Mapping` match such patterns, and so do their subclasses.
fn mark_pattern(class: Gc<Class>, flag: u32) {
    if class.has_flag(flag) || class.has_flag(ClassFlags::IMMUTABLE) {
        return;
    }
    for other in [ClassFlags::SEQUENCE, ClassFlags::MAPPING] {
        class.set_flag(other, other == flag);
    }
    let below = class.subclasses.borrow().clone();
    for sub in below {
        mark_pattern(sub, flag);
    }
}

fn subclasscheck(vm: &Vm, args: &[Value]) -> Result {
    let (this, class) = (args[0], args[1]);
    if class.cast::<Class>().is_none() {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    }
    let data = data(vm, this)?;
    if has(data.cache.get(), class) {
        return Ok(Value::TRUE);
    }
    if data.version.get() < token() {
        data.negative.clear();
        data.version.set(token());
    } else if has(data.negative.get(), class) {
        return Ok(Value::FALSE);
    }
    let yes = || -> Result {
        add(vm, &data, &data.cache, class)?;
        Ok(Value::TRUE)
    };
    let no = || -> Result {
        add(vm, &data, &data.negative, class)?;
        Ok(Value::FALSE)
    };
    match vm.call_method(this, "__subclasshook__", &[class])? {
        Value::TRUE => return yes(),
        Value::FALSE => return no(),
        Value::NOT_IMPLEMENTED => {}
        _ => {
            return Err(vm.assertion_error(
                "__subclasshook__ must return either False, True, or NotImplemented",
            ));
        }
    }
    if let (Some(c), Some(t)) = (class.cast::<Class>(), this.cast::<Class>())
        && c.is_subclass_of(t)
    {
        return yes();
    }
    let registered = data
        .registry
        .get()
        .map(|l| l.as_slice().to_vec())
        .unwrap_or_default();
    let registered = vm.rooted_from(registered);
    for r in registered.iter() {
        if let Some(other) = r.cast::<WeakRef>().and_then(|w| w.referent())
            && is_subclass(vm, class, other)?
        {
            return yes();
        }
    }
    let subclasses = vm.call_method(this, "__subclasses__", &[])?;
    let subclasses = vm.collect(subclasses)?;
    for sub in subclasses.iter() {
        if is_subclass(vm, class, *sub)? {
            return yes();
        }
    }
    no()
}

fn instancecheck(vm: &Vm, args: &[Value]) -> Result {
    let (this, instance) = (args[0], args[1]);
    let data = data(vm, this)?;
    let kind = vm.class_of(instance).value();
    let class = vm
        .find_attr(instance, vm.names.__class__.get())?
        .unwrap_or(kind);
    if has(data.cache.get(), class) {
        return Ok(Value::TRUE);
    }
    if kind == class {
        if data.version.get() == token() && has(data.negative.get(), class) {
            return Ok(Value::FALSE);
        }
        return vm.call_method(this, "__subclasscheck__", &[class]);
    }
    let answer = vm.call_method(this, "__subclasscheck__", &[class])?;
    if vm.truth(answer)? {
        return Ok(answer);
    }
    vm.call_method(this, "__subclasscheck__", &[kind])
}

fn dump(vm: &Vm, args: &[Value]) -> Result {
    let data = data(vm, args[0])?;
    let set = |list: Option<Gc<List>>| -> Result {
        let items = list.map(|l| l.as_slice().to_vec()).unwrap_or_default();
        let list = vm.new_list(&items)?.value();
        vm.call(vm.types.set.get().value(), &[list])
    };
    let registry = set(data.registry.get())?;
    let cache = set(data.cache.get())?;
    let negative = set(data.negative.get())?;
    let version = vm.new_int(data.version.get() as i64);
    Ok(vm.new_tuple(&[registry, cache, negative, version])?.value())
}

/// The module.
pub static ABC: ModuleDef = ModuleDef {
    name: "_abc",
    doc: "Module contains faster C implementation of abc.ABCMeta",
    functions: &[
        MethodDef::new(
            "get_cache_token",
            "()",
            "Returns the current ABC cache token.",
            |vm, _| Ok(vm.new_int(token() as i64)),
        ),
        MethodDef::new(
            "_abc_init",
            "(self, /)",
            "Internal ABC helper for class set-up. Should be never used outside abc module.",
            init,
        ),
        MethodDef::new(
            "_abc_register",
            "(self, subclass, /)",
            "Internal ABC helper for subclasss registration. Should be never used outside abc module.",
            register,
        ),
        MethodDef::new(
            "_abc_instancecheck",
            "(self, instance, /)",
            "Internal ABC helper for instance checks. Should be never used outside abc module.",
            instancecheck,
        ),
        MethodDef::new(
            "_abc_subclasscheck",
            "(self, subclass, /)",
            "Internal ABC helper for subclasss checks. Should be never used outside abc module.",
            subclasscheck,
        ),
        MethodDef::new(
            "_reset_registry",
            "(self, /)",
            "Internal ABC helper to reset registry of a given class.",
            |vm, args| {
                data(vm, args[0])?.registry.clear();
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "_reset_caches",
            "(self, /)",
            "Internal ABC helper to reset both caches of a given class.",
            |vm, args| {
                let data = data(vm, args[0])?;
                data.cache.clear();
                data.negative.clear();
                Ok(Value::NONE)
            },
        ),
        MethodDef::new(
            "_get_dump",
            "(self, /)",
            "Internal ABC helper for cache and registry debugging.",
            dump,
        ),
    ],
    types: &[],
    exec: None,
};

//! Making classes: `type.__new__` (the language reference, "Customizing class creation").

use crate::heap::{Gc, Kind};
use crate::object::{Class, ClassFlags, ClassSpec, Special};
use crate::types::cell::CellObject;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// The most derived metaclass of the bases and `start`.
pub fn calculate_metaclass(vm: &Vm, start: Gc<Class>, bases: &[Value]) -> Result<Gc<Class>> {
    let mut winner = start;
    for base in bases {
        let metaclass = vm.class_of(*base);
        if winner.is_subclass_of(metaclass) {
            continue;
        }
        if metaclass.is_subclass_of(winner) {
            winner = metaclass;
            continue;
        }
        return Err(vm.type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses \
             of all its bases",
        ));
    }
    Ok(winner)
}

/// The nearest class along the chain of bases that adds to the instances' layout.
fn solid(mut class: Gc<Class>) -> Gc<Class> {
    while let Some(base) = class.base.get() {
        if !std::ptr::eq(base.layout, class.layout)
            || base.fixed_size.get() != class.fixed_size.get()
        {
            break;
        }
        class = base;
    }
    class
}

/// The base whose layout a class with these bases extends.
pub fn best_base(vm: &Vm, bases: &[Gc<Class>]) -> Result<Gc<Class>> {
    let mut winner: Option<(Gc<Class>, Gc<Class>)> = None;
    for &base in bases {
        if !base.has_flag(ClassFlags::SUBCLASSABLE) {
            return Err(vm.type_error(format!(
                "type '{}' is not an acceptable base type",
                base.qualified_name()
            )));
        }
        let candidate = solid(base);
        winner = match winner {
            None => Some((candidate, base)),
            Some((w, b)) if w.is_subclass_of(candidate) => Some((w, b)),
            Some((w, _)) if candidate.is_subclass_of(w) => Some((candidate, base)),
            Some(_) => return Err(vm.type_error("multiple bases have instance lay-out conflict")),
        };
    }
    Ok(winner.map_or(vm.types.object.get(), |(_, base)| base))
}

/// The method resolution order, by the metaclass's `mro` if that is overridden.
pub fn compute_mro(vm: &Vm, class: Gc<Class>) -> Result<Gc<Tuple>> {
    let name = vm.intern("mro");
    let metaclass = class.class();
    let custom = metaclass.lookup(vm, name);
    if custom == vm.types.type_.get().lookup(vm, name) {
        return class.linearize(vm);
    }
    let result = match custom {
        Some(f) => vm.call_special(f, class.value(), &[])?,
        None => return class.linearize(vm),
    };
    let items = vm.collect(result)?;
    let base_solid = solid(class);
    for v in items.iter() {
        let Some(c) = v.cast::<Class>() else {
            return Err(vm.type_error(format!(
                "mro() returned a non-class ('{}')",
                vm.class_of(*v).qualified_name()
            )));
        };
        if !base_solid.is_subclass_of(solid(c)) && c != class {
            return Err(vm.type_error(format!(
                "mro() returned base with unsuitable layout ('{}')",
                c.qualified_name()
            )));
        }
    }
    vm.new_tuple(&items)
}

/// Entries of `__slots__` beside `__dict__` and `__weakref__`, mangled and sorted.
struct Slots {
    names: Vec<Gc<Str>>,
    dict: bool,
    weakref: bool,
    /// A mapping's values are the slots' docstrings.
    docs: Option<Gc<Dict>>,
}

fn mangle(vm: &Vm, class_name: &str, name: Gc<Str>) -> Gc<Str> {
    let text = name.to_text();
    let stripped = class_name.trim_start_matches('_');
    if text.starts_with("__")
        && !text.ends_with("__")
        && !text.contains('.')
        && !stripped.is_empty()
    {
        vm.intern(&format!("_{stripped}{text}"))
    } else {
        vm.intern_str(name)
    }
}

fn read_slots(
    vm: &Vm,
    class_name: &str,
    base: Gc<Class>,
    slots: Value,
    dict: Gc<Dict>,
) -> Result<Slots> {
    let items = match slots.cast::<Str>() {
        Some(_) => vm.rooted_slice(&[slots]),
        None => vm.collect(slots)?,
    };
    let mut result = Slots {
        names: Vec::new(),
        dict: false,
        weakref: false,
        docs: slots.cast::<Dict>(),
    };
    if !items.is_empty() && base.layout.variable && base.layout.kind != Kind::Str
        || !items.is_empty() && matches!(base.layout.kind, Kind::IntSub)
    {
        return Err(vm.type_error(format!(
            "nonempty __slots__ not supported for subtype of '{}'",
            base.qualified_name()
        )));
    }
    for v in items.iter() {
        let Some(name) = v.cast::<Str>() else {
            return Err(vm.type_error(format!(
                "__slots__ items must be strings, not '{}'",
                vm.class_of(*v).qualified_name()
            )));
        };
        let text = name.to_text();
        let mut chars = text.chars();
        let identifier = chars
            .next()
            .is_some_and(|c| c == '_' || taipan_text::unicode::is_xid_start(c.into()))
            && chars.all(|c| taipan_text::unicode::is_xid_continue(c.into()));
        if !identifier {
            return Err(vm.type_error("__slots__ must be identifiers"));
        }
        match text.as_str() {
            "__dict__" => {
                if result.dict || base.has_dict.get() {
                    return Err(vm.type_error("__dict__ slot disallowed: we already got one"));
                }
                result.dict = true;
            }
            "__weakref__" => {
                if result.weakref || base.has_flag(ClassFlags::WEAKREFS) {
                    return Err(vm.type_error("__weakref__ slot disallowed: we already got one"));
                }
                result.weakref = true;
            }
            _ => {
                let name = mangle(vm, class_name, name);
                let reserved = [
                    "__qualname__",
                    "__classcell__",
                    "__classdictcell__",
                    "__doc__",
                ];
                if dict.get_str(name).is_some() && !reserved.contains(&text.as_str()) {
                    return Err(vm.value_error(format!(
                        "{} in __slots__ conflicts with class variable",
                        vm.repr(name.value())?
                    )));
                }
                result.names.push(name);
            }
        }
    }
    result.names.sort_by(|a, b| a.compare(b));
    Ok(result)
}

/// ValueError or UnicodeEncodeError for text that cannot be a class's name.
pub(super) fn check_name(vm: &Vm, name: Gc<Str>) -> Result<()> {
    if name.code_points().any(|c| c == 0) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    check_encodable(vm, name)
}

/// UnicodeEncodeError for text with a lone surrogate.
fn check_encodable(vm: &Vm, text: Gc<Str>) -> Result<()> {
    let is_surrogate = |c| (0xD800..0xE000).contains(&c);
    let Some(at) = text.code_points().position(is_surrogate) else {
        return Ok(());
    };
    let class = vm.exception_class(&crate::types::exception::classes::UNICODE_ENCODE_ERROR);
    let details = [
        vm.new_str("utf-8").value(),
        text.value(),
        vm.new_int(at as i64),
        vm.new_int(at as i64 + 1),
        vm.new_str("surrogates not allowed").value(),
    ];
    Err(vm.raise_new(class, &details))
}

pub(super) fn type_new(vm: &Vm, args: &[Value], keywords: Option<Gc<Tuple>>) -> Result {
    let keyword_count = keywords.map_or(0, |n| n.len());
    let (positional, values) = args.split_at(args.len() - keyword_count);
    let [metaclass, name, bases, namespace] = positional else {
        return Err(vm.type_error(match positional {
            [_, name] if name.cast::<Str>().is_none() => {
                "type.__new__() takes exactly 3 arguments (1 given)".to_owned()
            }
            _ => format!(
                "type.__new__() takes exactly 3 arguments ({} given)",
                positional.len().saturating_sub(1)
            ),
        }));
    };
    let Some(metaclass) = metaclass
        .cast::<Class>()
        .filter(|c| c.has_flag(ClassFlags::METACLASS))
    else {
        return Err(vm.type_error("type.__new__(X): X is not a type object"));
    };
    let Some(name) = name.cast::<Str>() else {
        return Err(vm.type_error(format!(
            "type.__new__() argument 1 must be str, not {}",
            vm.class_of(*name).qualified_name()
        )));
    };
    let Some(bases) = bases.cast::<Tuple>() else {
        return Err(vm.type_error(format!(
            "type.__new__() argument 2 must be tuple, not {}",
            vm.class_of(*bases).qualified_name()
        )));
    };
    let Some(original) = namespace.cast::<Dict>() else {
        return Err(vm.type_error(format!(
            "type.__new__() argument 3 must be dict, not {}",
            vm.class_of(*namespace).qualified_name()
        )));
    };
    for base in bases.as_slice() {
        if base.cast::<Class>().is_none()
            && vm
                .find_attr(*base, vm.names.__mro_entries__.get())?
                .is_some()
        {
            return Err(
                vm.type_error("type() doesn't support MRO entry resolution; use types.new_class()")
            );
        }
    }
    let winner = calculate_metaclass(vm, metaclass, bases.as_slice())?;
    if winner != metaclass
        && winner.special(Special::New) != metaclass.special(Special::New)
        && let Some(new) = winner.special(Special::New)
    {
        let mut all = args.to_vec();
        all[0] = winner.value();
        return vm.call_with(vm.bind_to_class(new, winner)?, &all, keywords);
    }
    check_name(vm, name)?;
    if let Some(doc) = original
        .get_str(vm.names.__doc__.get())
        .and_then(|d| d.cast::<Str>())
    {
        check_encodable(vm, doc)?;
    }
    let class = build(vm, winner, name, bases, original)?;
    call_set_name(vm, class)?;
    init_subclass(vm, class, keywords, values)?;
    Ok(class.value())
}

fn build(
    vm: &Vm,
    metaclass: Gc<Class>,
    name: Gc<Str>,
    bases: Gc<Tuple>,
    original: Gc<Dict>,
) -> Result<Gc<Class>> {
    let object = vm.types.object.get();
    let mut base_classes: Vec<Gc<Class>> = Vec::new();
    for b in bases.as_slice() {
        match b.cast::<Class>() {
            Some(c) => base_classes.push(c),
            None => return Err(vm.type_error("bases must be types")),
        }
    }
    if base_classes.is_empty() {
        base_classes.push(object);
    }
    let base = best_base(vm, &base_classes)?;
    let dict = original.copy(vm)?;
    let names = &vm.names;
    let class_name = name.to_text();
    if dict.items().any(|(k, _)| k.cast::<Str>().is_none()) {
        let text = format!("non-string key in the __dict__ of class {class_name}");
        let category = vm.exception_class(&crate::types::exception::classes::RUNTIME_WARNING);
        let warn = vm.import_attr("_warnings", "warn")?;
        vm.call(warn, &[vm.new_str(&text).value(), category.value()])?;
    }

    let slots = match dict.get_str(names.__slots__.get()) {
        Some(v) => Some(read_slots(vm, &class_name, base, v, dict)?),
        None => None,
    };
    let any_dict = base_classes.iter().any(|b| b.has_dict.get());
    // A module's dictionary is its own, whatever derives from it.
    let own_dict = base.has_dict.get() || base.layout.kind == crate::heap::Kind::Module;
    let adds_dict = !own_dict && (any_dict || slots.as_ref().is_none_or(|s| s.dict));
    let any_weakref = base_classes
        .iter()
        .any(|b| b.has_flag(ClassFlags::WEAKREFS));
    let adds_weakref = !base.has_flag(ClassFlags::WEAKREFS)
        && (any_weakref || slots.as_ref().is_none_or(|s| s.weakref));

    let qualname = dict.remove_str(names.__qualname__.get());
    if let Some(q) = qualname
        && q.cast::<Str>().is_none()
    {
        return Err(vm.type_error(format!(
            "type __qualname__ must be a str, not {}",
            vm.class_of(q).qualified_name()
        )));
    }
    if dict.get_str(names.__module__.get()).is_none()
        && let Some(globals) = vm.current_globals()
        && let Some(module) = globals.get_str(names.__name__.get())
    {
        dict.set_str(vm, names.__module__.get(), module);
    }
    if dict.get_str(names.__doc__.get()).is_none() {
        dict.set_str(vm, names.__doc__.get(), Value::NONE);
    }
    // These are what they are without a decorator.
    if let Some(f) = dict
        .get_str(names.__new__.get())
        .filter(|f| f.cast::<Function>().is_some())
    {
        dict.set_str(vm, names.__new__.get(), vm.new_static_method(f).value());
    }
    for special in ["__init_subclass__", "__class_getitem__"] {
        let special = vm.intern(special);
        if let Some(f) = dict
            .get_str(special)
            .filter(|f| f.cast::<Function>().is_some())
        {
            dict.set_str(vm, special, vm.new_class_method(f).value());
        }
    }
    if dict.get_str(names.__eq__.get()).is_some() && dict.get_str(names.__hash__.get()).is_none() {
        dict.set_str(vm, names.__hash__.get(), Value::NONE);
    }
    let class_cell = dict.remove_str(names.__classcell__.get());
    if let Some(cell) = class_cell
        && cell.cast::<CellObject>().is_none()
    {
        return Err(vm.type_error(format!(
            "__classcell__ must be a nonlocal cell, not {}",
            vm.repr_text(vm.class_of(cell).value())?
        )));
    }
    let class_dict_cell = dict.remove_str(names.__classdictcell__.get());

    let layout = base.layout;
    let static_attributes = dict
        .get_str(names.__static_attributes__.get())
        .and_then(|v| v.cast::<Tuple>())
        .map_or(0, |t| t.len() as u32);
    let has_dict = base.has_dict.get() || adds_dict;
    let inherited = base.root_shape.get().inline_slots();
    let inline = if layout.variable || !has_dict {
        0
    } else {
        (inherited.max(1) + static_attributes).min(24)
    };
    let member_names: &[Gc<Str>] = slots.as_ref().map_or(&[], |s| &s.names);
    let first_slot = base.fixed_size.get().max(layout.slots_offset());
    let mut flags = ClassFlags::HEAP | ClassFlags::SUBCLASSABLE;
    if adds_weakref {
        flags |= ClassFlags::WEAKREFS;
    }
    let class = Gc::<Class>::create(
        vm,
        ClassSpec {
            name,
            qualname,
            shape: metaclass.root_shape.get(),
            bases: &base_classes,
            base: Some(base),
            layout,
            dict,
            has_dict,
            member_slots: member_names.len(),
            inline_slots: inline | u32::from(inline != 0),
            flags,
            shape_flags: 0,
            def: None,
        },
    )?;
    for (i, slot) in member_names.iter().enumerate() {
        let member = vm.new_slot_member(*slot, class, first_slot + 8 * i);
        if let Some(docs) = slots.as_ref().and_then(|s| s.docs)
            && let Some(doc) = docs.get(vm, slot.value())?
            && let Some(member) = member.cast::<crate::types::descriptor::Member>()
        {
            member.doc.set(&member.header, doc);
        }
        dict.set_str(vm, *slot, member);
    }
    if adds_dict && layout.kind != Kind::Class && dict.get_str(names.__dict__.get()).is_none() {
        dict.set_str(
            vm,
            names.__dict__.get(),
            vm.new_getset(&crate::types::object::DICT_GETSET, class),
        );
    }
    if adds_weakref && dict.get_str(names.__weakref__.get()).is_none() {
        dict.set_str(
            vm,
            names.__weakref__.get(),
            vm.new_getset(&crate::types::object::WEAKREF_GETSET, class),
        );
    }
    // A metaclass's `mro` may call methods that use these.
    if let Some(cell) = class_cell.and_then(|c| c.cast::<CellObject>()) {
        cell.set(class.value());
    }
    if let Some(cell) = class_dict_cell.and_then(|c| c.cast::<CellObject>()) {
        cell.set(dict.value());
    }
    if base_classes.len() == 1 && base == object && metaclass == vm.types.type_.get() {
        class.modified(vm);
    } else {
        let order = compute_mro(vm, class)?;
        class.mro.set(&class.header, order);
        class.modified(vm);
        inherit_pattern(class, order);
    }
    Ok(class)
}

/// Whether sequence or mapping patterns match instances is what the nearest class says.
fn inherit_pattern(class: Gc<Class>, order: Gc<Tuple>) {
    let flags = [ClassFlags::SEQUENCE, ClassFlags::MAPPING];
    let nearest = order
        .as_slice()
        .iter()
        .skip(1)
        .filter_map(|c| c.cast::<Class>())
        .find(|c| flags.iter().any(|f| c.has_flag(*f)));
    for flag in flags {
        class.set_flag(flag, nearest.is_some_and(|c| c.has_flag(flag)));
    }
}

fn call_set_name(vm: &Vm, class: Gc<Class>) -> Result<()> {
    let items: Vec<(Value, Value)> = class.namespace().items().collect();
    let mut roots = vm.rooted();
    for (k, v) in &items {
        roots.push(*k);
        roots.push(*v);
    }
    for (name, v) in items {
        if let Some(f) = vm.class_of(v).special(Special::SetName)
            && let Err(raised) = vm.call_special(f, v, &[class.value(), name])
        {
            let e = vm.take_raised();
            let note = format!(
                "Error calling __set_name__ on '{}' instance {} in '{}'",
                vm.class_of(v).qualified_name(),
                vm.repr_text(name)?,
                class.qualified_name()
            );
            vm.call_method(e, "add_note", &[vm.new_str(&note).value()])?;
            let _ = raised;
            return Err(vm.raise_again(e));
        }
    }
    Ok(())
}

/// `super(cls, cls).__init_subclass__(**kwargs)`.
fn init_subclass(
    vm: &Vm,
    class: Gc<Class>,
    keywords: Option<Gc<Tuple>>,
    values: &[Value],
) -> Result<()> {
    let name = vm.names.__init_subclass__.get();
    for c in class.mro().iter().skip(1) {
        if let Some(c) = c.cast::<Class>()
            && let Some(f) = c.namespace().get_str(name)
        {
            let default = vm.types.object.get();
            if c == default && values.is_empty() {
                return Ok(());
            }
            let bound = vm.bind_descriptor_for_class(f, class)?;
            return vm.call_with(bound, values, keywords).map(|_| ());
        }
    }
    Ok(())
}

impl Vm {
    /// Binds what `super(cls, cls)` found in a base.
    pub fn bind_descriptor_for_class(&self, f: Value, class: Gc<Class>) -> Result {
        self.bind_to_class(f, class)
    }

    /// The global namespace of the running Python code.
    pub fn current_globals(&self) -> Option<Gc<Dict>> {
        // SAFETY: the innermost activation is alive while its thread runs native code.
        unsafe { self.thread().frame.get().as_ref() }.map(|f| f.function.globals())
    }
}

//! Attribute access: an object's own storage, and the protocol around it
//! (the language reference, "Implementing Descriptors").

use super::shape::ShapeFlags;
use super::{Class, ClassFlags, NativeFunction, Special};
use crate::heap::{Gc, Header, Kind};
use crate::types::descriptor::{ClassMethod, GetSet, Member, Property, StaticMethod};
use crate::types::dict::Dict;
use crate::types::exception::{Exception, classes as exc};
use crate::types::list::Array;
use crate::types::module::Module;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// The word at a byte offset of an object.
///
/// # Safety
/// The offset is that of a value slot of the object.
#[inline(always)]
pub unsafe fn word_at(header: &Header, offset: usize) -> &Cell<Option<Value>> {
    // SAFETY: by contract.
    unsafe { &*((header as *const Header as usize + offset) as *const Cell<Option<Value>>) }
}

/// The `ext` word of an object that has attribute storage.
#[inline(always)]
fn ext(header: &Header) -> &Cell<Option<Value>> {
    let shape = header.shape();
    let offset = if shape.layout.variable {
        header.size() - 8
    } else {
        shape.ext_offset()
    };
    // SAFETY: that is where the shape puts it.
    unsafe { word_at(header, offset) }
}

/// The attributes beyond the inline ones of an object that is not in dictionary
/// mode, or the dictionary of one that is.
#[inline(always)]
pub fn overflow<T: crate::heap::Object>(header: &Header) -> Option<Gc<T>> {
    ext(header).get()?.cast::<T>()
}

/// The object's attribute of this name, from its own storage.
pub fn own_attribute(header: &'static Header, name: Gc<Str>) -> Option<Value> {
    let shape = header.shape();
    if !shape.has_attributes() {
        return None;
    }
    if shape.is_dict_mode() {
        return ext(header).get()?.cast::<Dict>()?.get_str(name);
    }
    own_slot(header, shape.lookup(name.value())?)
}

/// The value in an attribute slot, inline or not.
#[inline]
pub fn own_slot(header: &'static Header, slot: u32) -> Option<Value> {
    let shape = header.shape();
    if slot < shape.inline_slots() {
        // SAFETY: an inline slot of the shape.
        return unsafe { word_at(header, shape.inline_offset(slot)) }.get();
    }
    let overflow = ext(header).get()?.cast::<Array>()?;
    overflow.slot((slot - shape.inline_slots()) as usize).get()
}

impl Vm {
    /// Sets an attribute in the object's own storage; the object has some.
    pub fn set_own_attribute(
        &self,
        header: &'static Header,
        name: Gc<Str>,
        value: Value,
    ) -> Result<()> {
        let shape = header.shape();
        if shape.is_dict_mode() {
            return self.own_dict(header)?.set(self, name.value(), value);
        }
        let name = if name.is_interned() {
            name
        } else {
            self.intern_str(self.exact_str(name)?)
        };
        header.barrier();
        let inline = shape.inline_slots();
        let (slot, next) = match shape.lookup(name.value()) {
            Some(slot) => (slot, None),
            None => match shape.with_added(&self.heap, name.value()) {
                Some(next) => (shape.slot_count(), Some(next)),
                None => return self.own_dict(header)?.set(self, name.value(), value),
            },
        };
        if slot < inline {
            // SAFETY: an inline slot of the shape.
            unsafe { word_at(header, shape.inline_offset(slot)) }.set(Some(value));
        } else {
            let at = (slot - inline) as usize;
            let array = match ext(header).get().and_then(|e| e.cast::<Array>()) {
                Some(array) if at < array.capacity() => array,
                old => {
                    let array = self.new_array((at * 2 + 2).max(4))?;
                    if let Some(old) = old {
                        for i in 0..old.capacity() {
                            array.slot(i).set(old.slot(i).get());
                        }
                    }
                    header.barrier();
                    ext(header).set(Some(array.value()));
                    // Later instances get room for this many attributes at once.
                    shape
                        .class()
                        .grow_inline_slots(self, shape.slot_count() + 1);
                    array
                }
            };
            array.set(at, value);
        }
        if let Some(next) = next {
            header.set_shape(next);
        }
        Ok(())
    }

    /// Deletes an attribute from the object's own storage; `false` if it was not there.
    pub fn delete_own_attribute(&self, header: &'static Header, name: Gc<Str>) -> Result<bool> {
        if !header.shape().has_attributes() || own_attribute(header, name).is_none() {
            return Ok(false);
        }
        let shape = header.shape();
        // Few attributes, all inline: those behind the one that goes move up.
        if !shape.is_dict_mode() && shape.slot_count() <= shape.inline_slots().min(16) {
            let mut keys = shape.keys();
            if let Some(gone) = keys.iter().position(|k| *k == name.value()) {
                keys.remove(gone);
                if let Some(next) = shape.with_keys(&self.heap, &keys) {
                    let last = shape.slot_count() - 1;
                    // SAFETY: inline slots of the shape, and of the next one.
                    unsafe {
                        let slot = |i: u32| word_at(header, shape.inline_offset(i));
                        for i in gone as u32..last {
                            slot(i).set(slot(i + 1).get());
                        }
                        slot(last).set(None);
                    }
                    header.set_shape(next);
                    return Ok(true);
                }
            }
        }
        Ok(self.own_dict(header)?.remove(self, name.value())?.is_some())
    }

    /// The object's `__dict__`: puts it into dictionary mode. The object has attribute storage.
    pub fn own_dict(&self, header: &'static Header) -> Result<Gc<Dict>> {
        let shape = header.shape();
        if shape.is_dict_mode() {
            if let Some(dict) = ext(header).get().and_then(|e| e.cast::<Dict>()) {
                return Ok(dict);
            }
            let dict = self.new_dict();
            header.barrier();
            ext(header).set(Some(dict.value()));
            return Ok(dict);
        }
        let dict = self.new_dict();
        for (slot, key) in shape.keys().into_iter().enumerate() {
            if let Some(v) = own_slot(header, slot as u32) {
                dict.set(self, key, v)?;
            }
        }
        self.replace_own_dict(header, dict);
        Ok(dict)
    }

    /// Makes `dict` the object's `__dict__`.
    pub fn replace_own_dict(&self, header: &'static Header, dict: Gc<Dict>) {
        let shape = header.shape();
        if !shape.is_dict_mode() {
            for slot in 0..shape.slot_count().min(shape.inline_slots()) {
                // SAFETY: an inline slot of the shape.
                unsafe { word_at(header, shape.inline_offset(slot)) }.set(None);
            }
        }
        header.barrier();
        ext(header).set(Some(dict.value()));
        header.set_shape(shape.class().dict_shape.get());
    }

    /// Makes the object an instance of `class`, whose layout is the same.
    pub fn change_class(&self, header: &'static Header, class: Gc<Class>) -> Result<()> {
        if header.shape().has_attributes() && header.shape().flags() & ShapeFlags::ATTRIBUTES != 0 {
            self.own_dict(header)?;
        }
        header.set_shape(class.dict_shape.get());
        if header.shape().layout.kind == Kind::Class {
            // SAFETY: the kind says which layout.
            unsafe { header.value().cast_unchecked::<Class>() }.modified(self);
        }
        Ok(())
    }

    /// Names and values of the object's own attributes, in order.
    pub fn own_attributes(&self, header: &'static Header) -> Vec<(Value, Value)> {
        let shape = header.shape();
        if !shape.has_attributes() {
            return Vec::new();
        }
        if shape.is_dict_mode() {
            return match ext(header).get().and_then(|e| e.cast::<Dict>()) {
                Some(dict) => dict.items().collect(),
                None => Vec::new(),
            };
        }
        let keys = shape.keys().into_iter().enumerate();
        keys.filter_map(|(i, k)| Some((k, own_slot(header, i as u32)?)))
            .collect()
    }

    /// `getattr(object, name)`.
    #[inline]
    pub fn get_attr(&self, object: Value, name: Gc<Str>) -> Result {
        let class = self.class_of(object);
        let result = if class.has_flag(ClassFlags::PLAIN_GETATTR) {
            self.generic_get_attr(object, name)
        } else {
            self.get_attr_slow(object, class, name)
        };
        if result.is_err() {
            self.complete_attribute_error(object, name);
        }
        result
    }

    /// Notes in a pending AttributeError that says neither which attribute of which object it is
    /// about, as those that Python code raises: suggestions come from there.
    #[cold]
    pub fn complete_attribute_error(&self, object: Value, name: Gc<Str>) {
        if self.raised_is_def(&exc::ATTRIBUTE_ERROR)
            && let Some(e) = self.pending().and_then(|e| e.cast::<Exception>())
        {
            self.complete_attribute_error_of(e, object, name);
        }
    }

    /// As [`Vm::complete_attribute_error`], of an AttributeError at hand.
    pub fn complete_attribute_error_of(&self, e: Gc<Exception>, object: Value, name: Gc<Str>) {
        if exc::get_field(self, e, "name").is_none() && exc::get_field(self, e, "obj").is_none() {
            exc::set_field(self, e, "name", name.value());
            exc::set_field(self, e, "obj", object);
        }
    }

    /// `getattr(object, "name")` by Rust text.
    pub fn get_attr_str(&self, object: Value, name: &str) -> Result {
        self.get_attr(object, self.intern(name))
    }

    fn get_attr_slow(&self, object: Value, class: Gc<Class>, name: Gc<Str>) -> Result {
        let getattribute = class.special(Special::GetAttribute);
        let result = if getattribute == self.defaults.getattribute.get() {
            match self.generic_find_attr(object, class, name) {
                Ok(Some(v)) => return Ok(v),
                // No exception need be made only to be dropped again.
                Ok(None) if let Some(f) = class.special(Special::GetAttr) => {
                    return self.call_special(f, object, &[name.value()]);
                }
                Ok(None) => Err(self.missing_attribute(object, name)),
                Err(raised) => Err(raised),
            }
        } else if getattribute == self.defaults.type_getattribute.get()
            && let Some(this) = object.cast::<Class>()
        {
            self.type_get_attr(this, name)
        } else {
            match getattribute {
                Some(f) => self.call_special(f, object, &[name.value()]),
                None => self.generic_get_attr(object, name),
            }
        };
        match result {
            Err(raised) if self.raised_is_def(&exc::ATTRIBUTE_ERROR) => {
                match class.special(Special::GetAttr) {
                    Some(f) => {
                        self.clear_raised();
                        self.call_special(f, object, &[name.value()])
                    }
                    None => Err(raised),
                }
            }
            other => other,
        }
    }

    /// The attribute, or `None` if there is none (AttributeError is caught).
    pub fn find_attr(&self, object: Value, name: Gc<Str>) -> Result<Option<Value>> {
        let class = self.class_of(object);
        if class.has_flag(ClassFlags::PLAIN_GETATTR) {
            let found = self.generic_find_attr(object, class, name);
            return self.catch_attribute_error(found);
        }
        if let Some(this) = object.cast::<Class>()
            && class.special(Special::GetAttribute) == self.defaults.type_getattribute.get()
            && class.special(Special::GetAttr).is_none()
        {
            let found = self.type_find_attr(this, name);
            return self.catch_attribute_error(found);
        }
        let found = self.get_attr(object, name);
        self.catch(found, &exc::ATTRIBUTE_ERROR)
    }

    fn catch_attribute_error(&self, result: Result<Option<Value>>) -> Result<Option<Value>> {
        Ok(self.catch(result, &exc::ATTRIBUTE_ERROR)?.flatten())
    }

    /// `object.__getattribute__`.
    pub fn generic_get_attr(&self, object: Value, name: Gc<Str>) -> Result {
        let class = self.class_of(object);
        match self.generic_find_attr(object, class, name)? {
            Some(v) => Ok(v),
            None => Err(self.missing_attribute(object, name)),
        }
    }

    #[cold]
    fn missing_attribute(&self, object: Value, name: Gc<Str>) -> crate::vm::Raised {
        if let Some(module) = object.cast::<Module>() {
            return crate::types::type_::module_missing_attribute(self, module, name);
        }
        self.no_attribute(object, name.value())
    }

    fn generic_find_attr(
        &self,
        object: Value,
        class: Gc<Class>,
        name: Gc<Str>,
    ) -> Result<Option<Value>> {
        let on_class = class.lookup(self, name);
        if let Some(descriptor) = on_class
            && self.is_data_descriptor(descriptor)
            && self.has_getter(descriptor)
        {
            return self.bind_descriptor(descriptor, object, class).map(Some);
        }
        if let Some(header) = object.header() {
            let own = if header.shape().layout.kind == Kind::Module {
                // SAFETY: the kind says which layout.
                unsafe { object.cast_unchecked::<Module>() }
                    .dict()
                    .get_str_any(self, name)
            } else {
                own_attribute(header, name)
            };
            if own.is_some() {
                return Ok(own);
            }
        }
        match on_class {
            Some(descriptor) => self.bind_descriptor(descriptor, object, class).map(Some),
            None => Ok(None),
        }
    }

    /// `type.__getattribute__`.
    pub fn type_get_attr(&self, class: Gc<Class>, name: Gc<Str>) -> Result {
        match self.type_find_attr(class, name)? {
            Some(v) => Ok(v),
            None => Err(self.no_attribute(class.value(), name.value())),
        }
    }

    /// As [`Vm::type_get_attr`], `None` if there is no such attribute.
    pub fn type_find_attr(&self, class: Gc<Class>, name: Gc<Str>) -> Result<Option<Value>> {
        let metaclass = class.class();
        let on_meta = metaclass.lookup(self, name);
        if let Some(descriptor) = on_meta
            && self.is_data_descriptor(descriptor)
            && self.has_getter(descriptor)
        {
            return self
                .bind_descriptor(descriptor, class.value(), metaclass)
                .map(Some);
        }
        if let Some(v) = class.lookup(self, name) {
            return self.bind_to_class(v, class).map(Some);
        }
        match on_meta {
            Some(descriptor) => self
                .bind_descriptor(descriptor, class.value(), metaclass)
                .map(Some),
            None => Ok(None),
        }
    }

    /// Whether the value's class defines `__set__` or `__delete__`.
    #[inline]
    pub fn is_data_descriptor(&self, v: Value) -> bool {
        let Some(header) = v.header() else {
            return false;
        };
        match header.shape().layout.kind {
            Kind::Function
            | Kind::Native
            | Kind::BoundMethod
            | Kind::Str
            | Kind::Tuple
            | Kind::Dict => false,
            Kind::Property | Kind::GetSet | Kind::Member => true,
            _ => {
                let class = header.shape().class();
                class.special(Special::Set).is_some() || class.special(Special::Delete).is_some()
            }
        }
    }

    /// Whether a data descriptor defines `__get__`; without it the object's own
    /// attribute comes first.
    fn has_getter(&self, v: Value) -> bool {
        v.header().is_some_and(|h| {
            matches!(
                h.shape().layout.kind,
                Kind::Property | Kind::GetSet | Kind::Member
            ) || h.shape().class().special(Special::Get).is_some()
        })
    }

    /// What a class attribute becomes when looked up on an instance.
    #[inline]
    pub fn bind_descriptor(&self, descriptor: Value, object: Value, class: Gc<Class>) -> Result {
        let Some(header) = descriptor.header() else {
            return Ok(descriptor);
        };
        // SAFETY: in each arm the kind says which layout.
        unsafe {
            match header.shape().layout.kind {
                Kind::Function => Ok(self.new_bound_method(descriptor, object).value()),
                Kind::Native => {
                    let native = descriptor.cast_unchecked::<NativeFunction>();
                    if native.is_descriptor() {
                        Ok(self.bind_native(native, object).value())
                    } else if native.is_class_method() {
                        Ok(self.new_bound_native(native.def, class.value()).value())
                    } else {
                        Ok(descriptor)
                    }
                }
                Kind::Property if header.shape().class() == self.types.property.get() => {
                    let property = descriptor.cast_unchecked::<Property>();
                    match property.getter.get().filter(|g| !g.is_none()) {
                        Some(getter) => self.call(getter, &[object]),
                        None => Err(crate::types::type_::property_error(
                            self, property, object, "getter",
                        )),
                    }
                }
                Kind::GetSet => descriptor.cast_unchecked::<GetSet>().get(self, object),
                Kind::Member => descriptor.cast_unchecked::<Member>().get(self, object),
                Kind::StaticMethod => Ok(descriptor
                    .cast_unchecked::<StaticMethod>()
                    .callable
                    .or_none()),
                Kind::ClassMethod => {
                    let callable = descriptor
                        .cast_unchecked::<ClassMethod>()
                        .callable
                        .or_none();
                    Ok(self.new_bound_method(callable, class.value()).value())
                }
                _ => match header.shape().class().special(Special::Get) {
                    Some(get) => self.call_special(get, descriptor, &[object, class.value()]),
                    None => Ok(descriptor),
                },
            }
        }
    }

    /// What a class attribute becomes when looked up on the class itself.
    pub fn bind_to_class(&self, descriptor: Value, class: Gc<Class>) -> Result {
        let Some(header) = descriptor.header() else {
            return Ok(descriptor);
        };
        // SAFETY: in each arm the kind says which layout.
        unsafe {
            match header.shape().layout.kind {
                Kind::Function | Kind::GetSet | Kind::Member => Ok(descriptor),
                Kind::Native => {
                    let native = descriptor.cast_unchecked::<NativeFunction>();
                    if native.is_class_method() {
                        Ok(self.new_bound_native(native.def, class.value()).value())
                    } else {
                        Ok(descriptor)
                    }
                }
                Kind::Property if header.shape().class() == self.types.property.get() => {
                    Ok(descriptor)
                }
                Kind::StaticMethod => Ok(descriptor
                    .cast_unchecked::<StaticMethod>()
                    .callable
                    .or_none()),
                Kind::ClassMethod => {
                    let callable = descriptor
                        .cast_unchecked::<ClassMethod>()
                        .callable
                        .or_none();
                    Ok(self.new_bound_method(callable, class.value()).value())
                }
                _ => match header.shape().class().special(Special::Get) {
                    Some(get) => self.call_special(get, descriptor, &[Value::NONE, class.value()]),
                    None => Ok(descriptor),
                },
            }
        }
    }

    /// `setattr(object, name, value)`, or `delattr` without a value.
    pub fn set_attr(&self, object: Value, name: Gc<Str>, value: Option<Value>) -> Result<()> {
        let class = self.class_of(object);
        if class.has_flag(ClassFlags::PLAIN_SETATTR) {
            return self.generic_set_attr(object, name, value);
        }
        let (special, args) = match value {
            Some(v) => (Special::SetAttr, [name.value(), v]),
            None => (Special::DelAttr, [name.value(), name.value()]),
        };
        let count = 1 + usize::from(value.is_some());
        match class.special(special) {
            Some(f) => self.call_special(f, object, &args[..count]).map(|_| ()),
            None => self.generic_set_attr(object, name, value),
        }
    }

    /// `object.__setattr__` and `object.__delattr__`.
    pub fn generic_set_attr(
        &self,
        object: Value,
        name: Gc<Str>,
        value: Option<Value>,
    ) -> Result<()> {
        let class = self.class_of(object);
        let on_class = class.lookup(self, name);
        if let Some(descriptor) = on_class
            && self.is_data_descriptor(descriptor)
        {
            return self.set_descriptor(descriptor, object, value);
        }
        if let Some(module) = object.cast::<Module>() {
            match value {
                Some(v) => return module.dict().set(self, name.value(), v),
                None => {
                    if module.dict().remove(self, name.value())?.is_some() {
                        return Ok(());
                    }
                    return Err(self.missing_attribute(object, name));
                }
            }
        }
        if let Some(header) = object.header()
            && header.shape().has_attributes()
            && class.has_dict.get()
        {
            return match value {
                Some(v) => self.set_own_attribute(header, name, v),
                None => {
                    if self.delete_own_attribute(header, name)? {
                        Ok(())
                    } else {
                        Err(self.missing_attribute(object, name))
                    }
                }
            };
        }
        let (class_name, text) = (class.qualified_name(), name.to_text());
        Err(if on_class.is_some() {
            self.attribute_error_about(
                &format!("'{class_name}' object attribute '{text}' is read-only"),
                object,
                name.value(),
            )
        } else {
            self.attribute_error_about(
                &if class.special(Special::SetAttr) == self.defaults.setattr.get() {
                    format!(
                        "'{class_name}' object has no attribute '{text}' and no __dict__ for setting new attributes"
                    )
                } else {
                    format!("'{class_name}' object has no attribute '{text}'")
                },
                object,
                name.value(),
            )
        })
    }

    /// Stores through a data descriptor.
    pub fn set_descriptor(
        &self,
        descriptor: Value,
        object: Value,
        value: Option<Value>,
    ) -> Result<()> {
        let class = self.class_of(descriptor);
        if let Some(member) = descriptor.cast::<Member>() {
            return member.set(self, object, value);
        }
        if let Some(getset) = descriptor.cast::<GetSet>() {
            return getset.set(self, object, value);
        }
        if let Some(property) = descriptor.cast::<Property>()
            && class == self.types.property.get()
        {
            let (accessor, what) = match value {
                Some(_) => (&property.setter, "setter"),
                None => (&property.deleter, "deleter"),
            };
            return match (accessor.get().filter(|f| !f.is_none()), value) {
                (Some(f), Some(v)) => self.call(f, &[object, v]).map(|_| ()),
                (Some(f), None) => self.call(f, &[object]).map(|_| ()),
                (None, _) => Err(crate::types::type_::property_error(
                    self, property, object, what,
                )),
            };
        }
        match value {
            Some(v) => match class.special(Special::Set) {
                Some(f) => self.call_special(f, descriptor, &[object, v]).map(|_| ()),
                None => Err(self.attribute_error("__set__")),
            },
            None => match class.special(Special::Delete) {
                Some(f) => self.call_special(f, descriptor, &[object]).map(|_| ()),
                None => Err(self.attribute_error("__delete__")),
            },
        }
    }

    /// A method to call on `object`: either (function, `Some(object)`) where the
    /// object is to be passed first, or (callable, `None`).
    pub fn get_method(&self, object: Value, name: Gc<Str>) -> Result<(Value, Option<Value>)> {
        let class = self.class_of(object);
        if class.has_flag(ClassFlags::PLAIN_FOUND)
            && let Some(found) = class.lookup(self, name)
            && self.binds_by_argument(found)
            && object.header().is_none_or(|h| {
                h.shape().layout.kind != Kind::Module && own_attribute(h, name).is_none()
            })
        {
            return Ok((found, Some(object)));
        }
        // What a descriptor raises is not told whose attribute was to be called.
        let found = if class.has_flag(ClassFlags::PLAIN_GETATTR) {
            self.generic_get_attr(object, name)
        } else {
            self.get_attr(object, name)
        };
        Ok((found?, None))
    }

    /// Whether binding the class attribute to an instance only adds a first argument.
    #[inline(always)]
    pub fn binds_by_argument(&self, v: Value) -> bool {
        let Some(header) = v.header() else {
            return false;
        };
        match header.shape().layout.kind {
            Kind::Function => true,
            Kind::Native => header.flags.get() & NativeFunction::DESCRIPTOR != 0,
            _ => false,
        }
    }

    /// A string without subclass: the same text.
    pub fn exact_str(&self, s: Gc<Str>) -> Result<Gc<Str>> {
        if s.class() == self.types.str.get() {
            Ok(s)
        } else {
            self.str_with_shape(s, self.shapes.str.get())
        }
    }
}

impl Gc<Dict> {
    /// As [`Dict::get_str`] for any string, its hash known or not.
    pub fn get_str_any(self, vm: &Vm, name: Gc<Str>) -> Option<Value> {
        let hash = name.hash(vm);
        self.value_at(self.find_str_hashed(name, hash)?)
    }
}

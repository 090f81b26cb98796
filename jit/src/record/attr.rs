//! Attributes: by shape and class version where the class plays by the usual rules.

use super::{Recorded, Recorder, Stop};
use crate::backend::{helpers, leaves};
use crate::ir::{Class as Alias, Cond, Mem, NO_SNAP, Op, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{
    Class, ClassFlags, NativeFunction, Shape, Special, overflow, own_attribute,
};
use taipan_runtime::types::descriptor::{ClassMethod, Member, Property, StaticMethod, item_read};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::function::Function;
use taipan_runtime::types::list::Array;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Header, Kind, Value, Vm};

/// Where an attribute comes from.
pub(super) enum Place {
    /// A word of the object.
    Slot(usize),
    /// A word of the array of attributes beyond the inline ones.
    Overflow(usize),
    /// A value of the class that is used as it is.
    ClassValue(Value),
    /// A function of the class that takes the object as its first argument.
    Method(Value),
    /// A Python getter.
    Getter(Gc<Function>),
    /// The Python `__get__` of a descriptor.
    Descriptor(Gc<Function>, Value),
    /// An item of the object, which is a tuple.
    Item(usize),
    /// An item of the object's dictionary, which has replaced its slots.
    InDict,
    /// The function of a class method.
    ClassMethod(Value),
}

/// The Python function of a class method.
fn class_method_function(v: Value) -> Option<Value> {
    let callable = v.cast::<ClassMethod>()?.callable.get()?;
    callable.cast::<Function>().map(|_| callable)
}

/// What `super()` in a method of a class finds there, as the class's: the value, and whether it
/// is a function to be bound to the class.
fn of_class(vm: &Vm, found: Value) -> Option<(Value, bool)> {
    if let Some(f) = class_method_function(found) {
        return (vm.class_of(found) == vm.types.class_method.get()).then_some((f, true));
    }
    if let Some(f) = found.cast::<StaticMethod>() {
        return (vm.class_of(found) == vm.types.static_method.get())
            .then(|| f.callable.get().map(|f| (f, false)))
            .flatten();
    }
    if let Some(native) = found.cast::<NativeFunction>() {
        return (!native.is_class_method()).then_some((found, false));
    }
    found.cast::<Function>().map(|_| (found, false))
}

/// Whether binding a class attribute to the class runs no Python code.
fn has_native_binding(vm: &Vm, v: Value) -> bool {
    vm.class_of(v)
        .special(Special::Get)
        .is_none_or(|f| f.cast::<Function>().is_none())
}

/// Classifies the lookup of `name` on an object that is no module and no class.
pub(super) fn classify(vm: &Vm, h: &'static Header, name: Gc<Str>) -> Option<Place> {
    let shape = h.shape();
    let class = shape.class();
    if !class.has_flag(ClassFlags::PLAIN_FOUND) {
        return None;
    }
    let own_slot = |h, name| {
        own_slot(h, name).filter(|place| {
            // What is no longer in the dictionary would be `__getattr__`'s to give.
            class.has_flag(ClassFlags::PLAIN_GETATTR) || !matches!(place, Place::InDict)
        })
    };
    match class.lookup(vm, name) {
        None => own_slot(h, name),
        Some(found) => {
            if found.cast::<Property>().is_some() || is_python_descriptor(vm, found) {
                let hides = shape.has_attributes() && shape.is_dict_mode();
                if hides && !vm.is_data_descriptor(found) {
                    return own_slot(h, name);
                }
                if let Some((f, descriptor)) = vm.attribute_getter(h.value(), name) {
                    return Some(match descriptor {
                        Some(found) => Place::Descriptor(f, found),
                        None => Place::Getter(f),
                    });
                }
            }
            if let Some(index) = item_read(found)
                && shape.layout.kind == Kind::Tuple
            {
                return Some(Place::Item(index));
            }
            if let Some(member) = found.cast::<Member>() {
                return (!member.none_if_empty && class.is_subclass_of(member.owner_class()))
                    .then_some(Place::Slot(member.offset));
            }
            if vm.is_data_descriptor(found) {
                return None;
            }
            if own_attribute(h, name).is_some() {
                return own_slot(h, name);
            }
            if shape.has_attributes() && shape.is_dict_mode() {
                return None;
            }
            if vm.binds_by_argument(found) {
                return Some(Place::Method(found));
            }
            if let Some(f) = found.cast::<StaticMethod>() {
                return Some(Place::ClassValue(f.callable.get()?));
            }
            if let Some(f) = class_method_function(found) {
                return Some(Place::ClassMethod(f));
            }
            vm.class_of(found)
                .special(Special::Get)
                .is_none()
                .then_some(Place::ClassValue(found))
        }
    }
}

/// Whether the descriptor's class has a Python `__get__`.
fn is_python_descriptor(vm: &Vm, v: Value) -> bool {
    let get = vm.class_of(v).special(Special::Get);
    get.is_some_and(|f| f.cast::<Function>().is_some())
}

fn own_slot(h: &'static Header, name: Gc<Str>) -> Option<Place> {
    let shape = h.shape();
    if !shape.has_attributes() {
        return None;
    }
    if shape.is_dict_mode() {
        let there = !shape.layout.variable && own_attribute(h, name).is_some();
        return there.then_some(Place::InDict);
    }
    let slot = shape.lookup(name.value())?;
    if slot < shape.inline_slots() {
        return Some(Place::Slot(shape.inline_offset(slot)));
    }
    // Where the array is found depends on the size of objects of variable size.
    let beyond = (slot - shape.inline_slots()) as usize;
    (!shape.layout.variable).then_some(Place::Overflow(beyond))
}

pub(crate) fn slot_mem(offset: usize) -> Mem {
    Mem::new(Alias::Attr, 8, offset)
}

fn overflow_mem(beyond: usize) -> Mem {
    slot_mem(Array::WORDS_OFFSET + 8 * beyond)
}

/// Attributes of an object of which one is deleted in line, the others moving up.
const MAX_MOVED: u32 = 8;

impl Recorder {
    /// Guards that the class has not changed.
    pub(crate) fn guard_class(&mut self, class: Gc<Class>) -> Recorded {
        if class.has_flag(ClassFlags::IMMUTABLE) {
            return Ok(());
        }
        let base = self.constant(class.value());
        let version = class.version.get();
        self.guard_version(base, Alias::Version, offset_of!(Class, version), version)
    }

    /// Guards that what is in an object's slots stays what its attributes are: no class has got
    /// a data descriptor, a `__getattribute__` or the like meanwhile.
    fn guard_slots(&mut self, vm: &Vm, h: &'static Header) -> Recorded {
        let class = h.shape().class();
        if !class.has_flag(ClassFlags::PLAIN_GETATTR) {
            return self.guard_class(class);
        }
        if class.has_flag(ClassFlags::IMMUTABLE) {
            return Ok(());
        }
        let base = self.e.tree.ptr(std::ptr::from_ref(vm) as usize);
        let epoch = vm.attribute_epoch.get();
        let offset = offset_of!(Vm, attribute_epoch);
        self.guard_version(base, Alias::Version, offset, epoch)
    }

    /// The value of a class attribute, the class being guarded: a constant, or for variables
    /// what the namespace holds.
    pub(super) fn class_value(
        &mut self,
        vm: &Vm,
        class: Gc<Class>,
        name: Gc<Str>,
        value: Value,
    ) -> Recorded<Ref> {
        if let Some(owner) = class.variable_owner(vm, name)
            && let Some((r, _)) = self.namespace_value(vm, owner.namespace(), name)?
        {
            return Ok(r);
        }
        Ok(self.typed_constant(value))
    }

    /// Stores a class attribute that is a variable, if the new value keeps it one.
    fn store_variable(
        &mut self,
        vm: &Vm,
        owner: Value,
        name: Gc<Str>,
        r: Ref,
        value: Ref,
    ) -> Recorded<bool> {
        let Some(class) = owner.cast::<Class>() else {
            return Ok(false);
        };
        if class.class() != vm.types.type_.get()
            || class.variable_owner(vm, name) != Some(class)
            || !self.is_unboxed(self.e.resolve(value))
            || class.class().lookup(vm, name).is_some()
        {
            return Ok(false);
        }
        self.guard_is(r, owner)?;
        self.guard_class(class)?;
        self.store_in(vm, class.namespace(), name, value)
    }

    pub(crate) fn load_attr(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let owner = self.peek(1)?;
        let Some(v) = self.actual(1) else {
            return Err(Stop::Exit);
        };
        let name = self.frame().code.name_at(arg >> 1);
        let method = arg & 1 != 0;
        let units = 1 + Bytecode::LOAD_ATTR.caches();
        if name == vm.names.__class__.get() && self.has_usual_class(vm, v) {
            match v.header() {
                Some(h) => self.guard_shape(owner, h)?,
                None => self.guard_builtin(owner, v)?,
            }
            let class = vm.class_of(v);
            self.guard_class(class)?;
            let r = self.constant(class.value());
            return self.push_attr(r, None, method, units);
        }
        if self.failing_attr(vm, (owner, v), name)? {
            return Ok(());
        }
        let Some(h) = v.header() else {
            // A method of a number.
            let class = vm.class_of(v);
            if method
                && class.has_flag(ClassFlags::IMMUTABLE)
                && let Some(f) = class.lookup(vm, name)
                && vm.binds_by_argument(f)
            {
                self.guard_builtin(owner, v)?;
                let r = self.constant(f);
                return self.push_attr(r, Some(owner), method, units);
            }
            return self.general_attr(owner, name, method, units);
        };
        if !method && self.inline_hook(vm, owner, v, name)? {
            return Ok(());
        }
        match h.shape().layout.kind {
            // Its mapping writes to slots whose values the trace has.
            Kind::FrameObject if name.is_text("f_locals") => {
                return Err(Stop::Abort("locals are changed from outside"));
            }
            Kind::Module => {
                let Some(module) = v.cast::<Module>() else {
                    return Err(Stop::Exit);
                };
                if h.shape().class().lookup(vm, name).is_none() {
                    let owner = self.e.boxed(owner);
                    self.guard_is(owner, v)?;
                    if let Some((r, value)) = self.namespace_value(vm, module.dict(), name)? {
                        let r = if value.is_object() {
                            self.guard_is(r, value)?
                        } else {
                            r
                        };
                        return self.push_attr(r, None, method, units);
                    }
                }
            }
            Kind::Class => {
                let Some(class) = v.cast::<Class>() else {
                    return Err(Stop::Exit);
                };
                if name == vm.names.__name__.get()
                    && !method
                    && let Some(r) = self.name_of_class(vm, owner, class)?
                {
                    return self.result(1, r, units);
                }
                let metaclass = class.class();
                let is_plain = metaclass == vm.types.type_.get()
                    || metaclass.special(Special::GetAttribute)
                        == vm.defaults.type_getattribute.get();
                let on_metaclass = metaclass.lookup(vm, name);
                if is_plain
                    && let Some(f) = on_metaclass.filter(|f| f.cast::<Function>().is_some())
                    && class.lookup(vm, name).is_none()
                {
                    self.guard_shape(owner, h)?;
                    self.guard_class(metaclass)?;
                    self.guard_is(owner, v)?;
                    self.guard_class(class)?;
                    let (f, class) = (self.constant(f), self.constant(v));
                    let r = self.new_bound_method(vm, f, class)?;
                    return self.push_attr(r, None, method, units);
                }
                if is_plain
                    && on_metaclass.is_none_or(|m| !vm.is_data_descriptor(m))
                    && let Some(found) = class.lookup(vm, name)
                    && has_native_binding(vm, found)
                    && let Ok(bound) = vm.bind_to_class(found, class)
                {
                    // A class method of the runtime may be bound once for all.
                    let is_bound = found.cast::<StaticMethod>().is_some()
                        || found
                            .cast::<NativeFunction>()
                            .is_some_and(|f| f.is_class_method());
                    if metaclass != vm.types.type_.get() {
                        self.guard_shape(owner, h)?;
                        self.guard_class(metaclass)?;
                    }
                    if bound == found || is_bound {
                        self.guard_is(owner, v)?;
                        self.guard_class(class)?;
                        let r = if bound == found {
                            self.class_value(vm, class, name, found)?
                        } else {
                            self.constant(bound)
                        };
                        return self.push_attr(r, None, method, units);
                    }
                    if let Some(f) = class_method_function(found) {
                        self.guard_is(owner, v)?;
                        self.guard_class(class)?;
                        let (f, class) = (self.constant(f), self.constant(v));
                        let r = self.new_bound_method(vm, f, class)?;
                        return self.push_attr(r, None, method, units);
                    }
                }
            }
            Kind::Complex
                if !method
                    && h.shape_id() == vm.shapes.complex.get().id()
                    && (name == vm.names.real.get() || name == vm.names.imag.get()) =>
            {
                self.guard_shape(owner, h)?;
                let mem = if name == vm.names.real.get() {
                    super::arith::COMPLEX_RE
                } else {
                    super::arith::COMPLEX_IM
                };
                let r = self.e.load(Ty::Float, owner, mem)?;
                return self.result(1, r, units);
            }
            Kind::BoundMethod
                if !method && (name.is_text("__func__") || name.is_text("__self__")) =>
            {
                self.guard_shape(owner, h)?;
                let [function, receiver] = self.method_parts(owner)?;
                let r = match name.is_text("__func__") {
                    true => function,
                    false => receiver,
                };
                return self.result(1, r, units);
            }
            Kind::Exception
                if !method
                    && h.shape().class().lookup(vm, name) == vm.defaults.exception_args.get()
                    && v.cast::<Exception>()
                        .is_some_and(|e| e.args.get().is_some()) =>
            {
                self.guard_shape(owner, h)?;
                self.guard_class(h.shape().class())?;
                let r = self.e.load(Ty::Val, owner, super::make::EXCEPTION_ARGS)?;
                self.guard1(Op::GuardNonNull, Ty::None, r)?;
                return self.result(1, r, units);
            }
            Kind::Exception
                if !method
                    && name.is_text("__cause__")
                    && h.shape().class().lookup(vm, name)
                        == vm.exception_class(&exc::BASE_EXCEPTION).lookup(vm, name) =>
            {
                self.guard_shape(owner, h)?;
                self.guard_class(h.shape().class())?;
                let r = self.e.load(Ty::Val, owner, super::make::EXCEPTION_CAUSE)?;
                let is_there = v
                    .cast::<Exception>()
                    .is_some_and(|e| e.cause.get().is_some());
                self.guard_presence(r, is_there)?;
                let r = if is_there {
                    r
                } else {
                    self.constant(Value::NONE)
                };
                return self.result(1, r, units);
            }
            _ => match classify(vm, h, name) {
                Some(Place::Slot(offset)) => {
                    self.guard_shape(owner, h)?;
                    self.guard_slots(vm, h)?;
                    let owner = self.e.boxed(owner);
                    let r = self.e.load(Ty::Val, owner, slot_mem(offset))?;
                    // SAFETY: a slot of the object.
                    let there = unsafe { taipan_runtime::object::word_at(h, offset) }.get();
                    if there.is_none() {
                        return Err(Stop::Exit);
                    }
                    if !self.is_unboxed(r) {
                        self.guard1(Op::GuardNonNull, Ty::None, r)?;
                    }
                    return self.push_attr(r, None, method, units);
                }
                Some(Place::Overflow(beyond)) => {
                    if own_attribute(h, name).is_none() {
                        return Err(Stop::Exit);
                    }
                    self.guard_shape(owner, h)?;
                    self.guard_slots(vm, h)?;
                    let array = self.overflow_of(owner, h)?;
                    let r = self.e.load(Ty::Val, array, overflow_mem(beyond))?;
                    if !self.is_unboxed(r) {
                        self.guard1(Op::GuardNonNull, Ty::None, r)?;
                    }
                    return self.push_attr(r, None, method, units);
                }
                Some(Place::ClassValue(value)) => {
                    self.guard_shape(owner, h)?;
                    self.guard_class(h.shape().class())?;
                    let r = self.class_value(vm, h.shape().class(), name, value)?;
                    return self.push_attr(r, None, method, units);
                }
                Some(Place::Method(f)) if method => {
                    self.guard_shape(owner, h)?;
                    self.guard_class(h.shape().class())?;
                    let r = self.constant(f);
                    return self.push_attr(r, Some(owner), method, units);
                }
                Some(Place::Method(f)) => {
                    self.guard_shape(owner, h)?;
                    self.guard_class(h.shape().class())?;
                    let bound = match f.cast::<NativeFunction>() {
                        Some(native) => self.new_bound_native(vm, native, owner)?,
                        None => {
                            let r = self.constant(f);
                            self.new_bound_method(vm, r, owner)?
                        }
                    };
                    return self.push_attr(bound, None, method, units);
                }
                Some(Place::ClassMethod(f)) => {
                    self.guard_shape(owner, h)?;
                    let class = h.shape().class();
                    self.guard_class(class)?;
                    let (f, class) = (self.constant(f), self.constant(class.value()));
                    let bound = self.new_bound_method(vm, f, class)?;
                    return self.push_attr(bound, None, method, units);
                }
                Some(Place::Item(index)) => {
                    let Some(tuple) = v.cast::<Tuple>().filter(|t| index < t.len()) else {
                        return self.general_attr(owner, name, method, units);
                    };
                    self.guard_shape(owner, h)?;
                    self.guard_class(tuple.class())?;
                    let r = self.checked_item(owner, index)?;
                    return self.push_attr(r, None, method, units);
                }
                Some(Place::InDict) => {
                    self.guard_shape(owner, h)?;
                    self.guard_class(h.shape().class())?;
                    let Some(dict) = overflow::<Dict>(h) else {
                        return self.general_attr(owner, name, method, units);
                    };
                    let r = self.overflow_of(owner, h)?;
                    self.guard_shape(r, dict.value().header().ok_or(Stop::Exit)?)?;
                    let name_value = name.value();
                    let name = self.constant(name_value);
                    let r = self.get_in_dict(vm, (r, dict), name, name_value)?;
                    return self.push_attr(r, None, method, units);
                }
                Some(Place::Descriptor(f, found)) if !method && self.can_inline(vm, f, 3)? => {
                    self.guard_shape(owner, h)?;
                    self.guard_class(h.shape().class())?;
                    let descriptor = self.constant(found);
                    if let Some(h) = found.header() {
                        self.guard_shape(descriptor, h)?;
                    }
                    self.guard_class(vm.class_of(found))?;
                    let function = self.constant(f.value());
                    let class = self.constant(h.shape().class().value());
                    let args = [descriptor, owner, class];
                    return self.inline(vm, f, function, &args, 1, units as u32, 0);
                }
                Some(Place::Descriptor(..)) => {}
                Some(Place::Getter(f)) => {
                    self.guard_shape(owner, h)?;
                    self.guard_class(h.shape().class())?;
                    let function = self.constant(f.value());
                    if !method && self.can_inline(vm, f, 1)? {
                        return self.inline(vm, f, function, &[owner], 1, units as u32, 0);
                    }
                }
                None => {}
            },
        }
        self.general_attr(owner, name, method, units)
    }

    /// The item of a tuple, guarded to be there.
    pub(super) fn checked_item(&mut self, tuple: Ref, index: usize) -> Recorded<Ref> {
        let tuple = self.e.boxed(tuple);
        let length = self.e.load(Ty::Int, tuple, super::containers::TUPLE_LEN)?;
        let index = self.e.tree.int(index as i64);
        let ok = self.icmp(Cond::Below, index, length)?;
        self.guard_true(ok)?;
        self.tuple_item(tuple, index)
    }

    /// The array of the attributes beyond the inline ones, the shape being guarded.
    fn overflow_of(&mut self, owner: Ref, h: &'static Header) -> Recorded<Ref> {
        let owner = self.e.boxed(owner);
        let mem = slot_mem(h.shape().ext_offset());
        Ok(self.e.load(Ty::Val, owner, mem)?)
    }

    /// Any other attribute: as the runtime finds it.
    pub(super) fn general_attr(
        &mut self,
        owner: Ref,
        name: Gc<Str>,
        method: bool,
        units: usize,
    ) -> Recorded {
        let name = self.constant(name.value());
        if !method {
            let r = self.call_any(&helpers::GET_ATTR, &[owner, name])?;
            return self.result(1, r, units);
        }
        let f = self.call_any(&helpers::GET_METHOD, &[owner, name])?;
        let receiver = self.e.call(&leaves::SECOND, &[], NO_SNAP)?;
        self.push_attr(f, Some(receiver), true, units)
    }

    /// Whether the object's `__class__` is its class.
    fn has_usual_class(&self, vm: &Vm, v: Value) -> bool {
        let class = vm.class_of(v);
        let name = vm.names.__class__.get();
        let is_module = v
            .header()
            .is_some_and(|h| h.shape().layout.kind == Kind::Module);
        let getattribute = class.special(Special::GetAttribute);
        let is_usual = class.has_flag(ClassFlags::PLAIN_GETATTR)
            || v.cast::<Class>().is_some() && getattribute == vm.defaults.type_getattribute.get();
        is_usual && !is_module && class.lookup(vm, name) == vm.types.object.get().lookup(vm, name)
    }

    /// `super().name`, found behind a class in the order of the object's.
    pub(crate) fn load_super_attr(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let (global, class, object) = (self.peek(3)?, self.peek(2)?, self.peek(1)?);
        let (Some(s), Some(c), Some(v)) = (self.actual(3), self.actual(2), self.actual(1)) else {
            return Err(Stop::Exit);
        };
        let name = self.frame().code.name_at(arg >> 2);
        let method = arg & 1 != 0;
        let own = vm.class_of(v);
        if s == vm.types.super_.get().value()
            && let Some(start) = c.cast::<Class>()
            && let Some(h) = v.header()
            && h.shape().layout.kind != Kind::Class
            && own.is_subclass_of(start)
            && let Some(found) = vm.super_lookup(start, own, name)
            && vm.binds_by_argument(found)
        {
            self.guard_is(global, s)?;
            self.guard_is(class, c)?;
            self.guard_shape(object, h)?;
            // A change of any base changes the version, too.
            self.guard_class(own)?;
            let f = self.constant(found);
            let r = match found.cast::<NativeFunction>() {
                _ if method => f,
                Some(native) => self.new_bound_native(vm, native, object)?,
                None => self.new_bound_method(vm, f, object)?,
            };
            self.pop_n(3);
            self.push(r);
            if method {
                let object = self.e.boxed(object);
                self.push(object);
            }
            self.advance(1 + Bytecode::LOAD_SUPER_ATTR.caches());
            return Ok(());
        }
        if s == vm.types.super_.get().value()
            && let (Some(start), Some(of)) = (c.cast::<Class>(), v.cast::<Class>())
            && !own.is_subclass_of(start)
            && of.is_subclass_of(start)
            && name != vm.names.__class__.get()
            && let Some(found) = vm.super_lookup(start, of, name)
            && let Some((f, binds)) = of_class(vm, found)
        {
            self.guard_is(global, s)?;
            self.guard_is(class, c)?;
            self.guard_is(object, v)?;
            self.guard_class(of)?;
            let mut r = self.constant(f);
            if binds {
                let class = self.constant(v);
                r = self.new_bound_method(vm, r, class)?;
            }
            self.pop_n(3);
            self.push(r);
            if method {
                let null = self.null();
                self.push(null);
            }
            self.advance(1 + Bytecode::LOAD_SUPER_ATTR.caches());
            return Ok(());
        }
        self.step(Bytecode::LOAD_SUPER_ATTR, 3)
    }

    fn push_attr(&mut self, r: Ref, receiver: Option<Ref>, method: bool, units: usize) -> Recorded {
        self.poke(1, r);
        if method {
            let second = match receiver {
                Some(r) => r,
                None => self.null(),
            };
            self.push(second);
        }
        self.advance(units);
        Ok(())
    }

    pub(crate) fn store_attr(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let (value, owner) = (self.peek(2)?, self.peek(1)?);
        let Some(v) = self.actual(1) else {
            return Err(Stop::Exit);
        };
        let name = self.frame().code.name_at(arg);
        if let Some(h) = v.header()
            && h.shape().class().has_flag(ClassFlags::PLAIN_SETATTR)
            && self.store_slot(vm, h, name, owner, value)?
        {
            self.pop_n(2);
            self.advance(1 + Bytecode::STORE_ATTR.caches());
            return Ok(());
        }
        if self.inline_setter(vm, name)? {
            return Ok(());
        }
        if self.store_variable(vm, v, name, owner, value)? {
            self.pop_n(2);
            self.advance(1 + Bytecode::STORE_ATTR.caches());
            return Ok(());
        }
        let name = self.constant(name.value());
        self.call_any(&helpers::SET_ATTR, &[owner, name, value])?;
        self.pop_n(2);
        self.advance(1 + Bytecode::STORE_ATTR.caches());
        Ok(())
    }

    pub(crate) fn delete_attr(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let owner = self.peek(1)?;
        let name = self.frame().code.name_at(arg);
        if let Some(h) = self.actual(1).and_then(Value::header)
            && self.delete_slot(vm, h, name, owner)?
        {
            self.pop_one();
            self.advance(1 + Bytecode::DELETE_ATTR.caches());
            return Ok(());
        }
        let name = self.constant(name.value());
        self.call_any(&helpers::DELETE_ATTR, &[owner, name])?;
        self.pop_one();
        self.advance(1 + Bytecode::DELETE_ATTR.caches());
        Ok(())
    }

    /// Stores an attribute that is in the dictionary of an object whose slots that has replaced;
    /// its class has no data descriptor of the name.
    fn store_in_dict(
        &mut self,
        vm: &Vm,
        h: &'static Header,
        name: Gc<Str>,
        owner: Ref,
        value: Ref,
    ) -> Recorded<bool> {
        let Some(dict) = overflow::<Dict>(h).filter(|d| d.get_str(name).is_some()) else {
            return Ok(false);
        };
        self.guard_shape(owner, h)?;
        self.guard_class(h.shape().class())?;
        let r = self.overflow_of(owner, h)?;
        self.guard_shape(r, dict.value().header().ok_or(Stop::Exit)?)?;
        let name = self.constant(name.value());
        self.store_in_table(vm, (r, dict), name, value)?;
        Ok(true)
    }

    /// Whether [`Recorder::store_slot`] can store the attribute, whatever the class's
    /// `__setattr__`.
    pub(super) fn can_store_slot(&self, vm: &Vm, h: &'static Header, name: Gc<Str>) -> bool {
        let shape = h.shape();
        match shape.class().lookup(vm, name) {
            Some(found) if found.cast::<Member>().is_some() => found
                .cast::<Member>()
                .is_some_and(|m| !m.readonly && shape.class().is_subclass_of(m.owner_class())),
            Some(found) if vm.is_data_descriptor(found) => false,
            _ => {
                shape.has_attributes()
                    && !shape.is_dict_mode()
                    && match shape.lookup(name.value()) {
                        Some(slot) => slot < shape.inline_slots() || !shape.layout.variable,
                        None => shape
                            .with_added(&vm.heap, name.value())
                            .is_some_and(|s| s.slot_count() <= s.inline_slots()),
                    }
            }
        }
    }

    /// Stores an attribute if it is or becomes a slot of the object, by the rules of `object`.
    pub(super) fn store_slot(
        &mut self,
        vm: &Vm,
        h: &'static Header,
        name: Gc<Str>,
        owner: Ref,
        value: Ref,
    ) -> Recorded<bool> {
        let shape = h.shape();
        let class = shape.class();
        if matches!(shape.layout.kind, Kind::Module | Kind::Class) {
            return Ok(false);
        }
        let mut next = None;
        let offset = match class.lookup(vm, name) {
            Some(found) if found.cast::<Member>().is_some() => {
                let Some(member) = found.cast::<Member>() else {
                    return Ok(false);
                };
                if member.readonly || !class.is_subclass_of(member.owner_class()) {
                    return Ok(false);
                }
                member.offset
            }
            Some(found) if vm.is_data_descriptor(found) => return Ok(false),
            _ => {
                if shape.has_attributes() && shape.is_dict_mode() && !shape.layout.variable {
                    return self.store_in_dict(vm, h, name, owner, value);
                }
                if !shape.has_attributes() || shape.is_dict_mode() {
                    return Ok(false);
                }
                let slot = match shape.lookup(name.value()) {
                    Some(slot) => slot,
                    None => {
                        let Some(added) = shape.with_added(&vm.heap, name.value()) else {
                            return Ok(false);
                        };
                        next = Some(added);
                        added.slot_count() - 1
                    }
                };
                if slot >= shape.inline_slots() {
                    if next.is_some() || shape.layout.variable {
                        return Ok(false);
                    }
                    let beyond = (slot - shape.inline_slots()) as usize;
                    self.guard_shape(owner, h)?;
                    self.guard_class(class)?;
                    let array = self.overflow_of(owner, h)?;
                    let value = self.e.boxed(value);
                    self.e.store(array, overflow_mem(beyond), value)?;
                    return Ok(true);
                }
                shape.inline_offset(slot)
            }
        };
        self.guard_shape(owner, h)?;
        self.guard_class(class)?;
        let owner = self.e.boxed(owner);
        let value = self.e.boxed(value);
        self.e.store(owner, slot_mem(offset), value)?;
        if let Some(next) = next {
            self.store_shape(owner, next)?;
        }
        Ok(true)
    }

    /// Deletes an attribute that is a slot of the object, by the rules of `object`: those behind it
    /// move up, as [`Vm::delete_own_attribute`] has it.
    fn delete_slot(
        &mut self,
        vm: &Vm,
        h: &'static Header,
        name: Gc<Str>,
        owner: Ref,
    ) -> Recorded<bool> {
        let shape = h.shape();
        let class = shape.class();
        let is_inline = shape.has_attributes()
            && !shape.is_dict_mode()
            && !shape.layout.variable
            && shape.slot_count() <= shape.inline_slots().min(MAX_MOVED);
        if !is_inline
            || matches!(shape.layout.kind, Kind::Module | Kind::Class)
            || !class.has_flag(ClassFlags::PLAIN_SETATTR)
            || !class.has_dict.get()
            || class
                .lookup(vm, name)
                .is_some_and(|found| vm.is_data_descriptor(found))
        {
            return Ok(false);
        }
        let mut keys = shape.keys();
        let Some(gone) = keys.iter().position(|k| *k == name.value()) else {
            return Ok(false);
        };
        keys.remove(gone);
        let Some(next) = shape.with_keys(&vm.heap, &keys) else {
            return Ok(false);
        };
        self.guard_shape(owner, h)?;
        self.guard_class(class)?;
        let owner = self.e.boxed(owner);
        let slot = |i: u32| slot_mem(shape.inline_offset(i));
        let last = shape.slot_count() - 1;
        for i in gone as u32..last {
            let moved = self.e.load(Ty::Val, owner, slot(i + 1))?;
            self.e.store(owner, slot(i), moved)?;
        }
        let null = self.null();
        self.e.store(owner, slot(last), null)?;
        self.store_shape(owner, next)?;
        Ok(true)
    }

    /// The object's shape becomes this one.
    fn store_shape(&mut self, owner: Ref, shape: &'static Shape) -> Recorded {
        let id = self.e.tree.int(shape.id().into());
        let mem = Mem::new(Alias::Shape, 4, Header::SHAPE_OFFSET);
        self.e.store(owner, mem, id)?;
        Ok(())
    }
}

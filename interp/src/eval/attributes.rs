//! Specialisation of attribute access by shape.
//!
//! Cache units behind `LOAD_ATTR` and `STORE_ATTR`: misses, shape, offset or
//! class version, and two for a value, the next shape or the attribute epoch. A cached value is not
//! traced: the class version that guards it is never reused, and while a class
//! has that version its namespaces hold the value.

use std::cell::Cell;
use taipan_bytecode::opcode::Op;
use taipan_runtime::heap::{Gc, Header, Kind};
use taipan_runtime::object::{Class, ClassFlags, Shape, Special, own_attribute};
use taipan_runtime::types::descriptor::{GetSet, Property, item_read};
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

/// Attempts and misses after which a site stays generic.
const MAX_MISSES: u32 = 48;

/// Back to the generic form, counting the miss.
#[cold]
pub fn miss(here: *const Cell<u32>, op: Op) {
    // SAFETY: `here` is an attribute instruction with its caches.
    unsafe {
        (*here).set((*here).get() & !0xFF | op as u32);
        let misses = &*here.add(1);
        misses.set(misses.get() + 1);
    }
}

/// Whether the instruction stays generic: it has met too many shapes.
#[inline(always)]
pub fn is_closed(here: *const Cell<u32>) -> bool {
    // SAFETY: `here` is an attribute instruction with its caches.
    unsafe { (*here.add(1)).get() >= MAX_MISSES }
}

struct Site(*const Cell<u32>);

impl Site {
    /// Whether another attempt is worth it; counts it.
    #[inline(always)]
    fn open(&self) -> bool {
        // SAFETY: the site is an attribute instruction with its caches.
        let misses = unsafe { &*self.0.add(1) };
        let count = misses.get();
        if count < MAX_MISSES {
            misses.set(count + 1);
        }
        count < MAX_MISSES
    }
    fn set(&self, unit: usize, v: u32) {
        // SAFETY: as above.
        unsafe { (*self.0.add(unit)).set(v) };
    }
    fn set_value(&self, v: Value) {
        self.set(4, v.bits() as u32);
        self.set(5, (v.bits() >> 32) as u32);
    }
    fn rewrite(&self, op: Op) {
        // SAFETY: as above.
        unsafe { (*self.0).set((*self.0).get() & !0xFF | op as u32) };
    }
}

/// The value in the cache.
///
/// # Safety
/// The instruction's guard holds.
#[inline(always)]
pub unsafe fn cached_value(here: *const Cell<u32>) -> Value {
    // SAFETY: by contract the value is alive.
    unsafe {
        let low = (*here.add(4)).get() as u64;
        let high = (*here.add(5)).get() as u64;
        Value::from_bits(low | high << 32)
    }
}

/// The shape with this id, which a cache holds.
///
/// # Safety
/// The id came from a shape of this interpreter.
#[inline(always)]
pub unsafe fn shape_by_id(id: u32) -> &'static Shape {
    // SAFETY: shapes live as long as the heap.
    unsafe { &*(id as usize as *const Shape) }
}

/// Chooses a form of `LOAD_ATTR` without method form.
pub fn specialize_load(vm: &Vm, here: *const Cell<u32>, owner: Value, name: Gc<Str>) {
    let site = Site(here);
    if !site.open() {
        return;
    }
    let Some(h) = owner.header() else { return };
    let shape = h.shape();
    let class = shape.class();
    match shape.layout.kind {
        Kind::Module => {
            if class.lookup(vm, name).is_some() {
                return;
            }
            // SAFETY: the kind says which layout.
            let dict = unsafe { owner.cast_unchecked::<Module>() }.dict();
            if let Some(index) = dict.find_str_hashed(name, name.hash(vm)) {
                site.set(2, dict.version_with_name(vm));
                site.set(3, index as u32);
                site.rewrite(Op::LOAD_ATTR_MODULE);
            }
            return;
        }
        Kind::Class => return specialize_class(vm, &site, owner, name),
        _ => {}
    }
    if !class.has_flag(ClassFlags::PLAIN_FOUND) {
        return;
    }
    // What runs code may raise AttributeError, for `__getattr__` to answer.
    let is_last = class.has_flag(ClassFlags::PLAIN_GETATTR);
    match class.lookup(vm, name) {
        Some(found) => {
            if is_last
                && let Some(p) = found.cast::<Property>()
                && p.class() == vm.types.property.get()
                && let Some(getter) = p.getter.get()
                && let Some(f) = getter.cast::<Function>()
                && f.code().simple_args
                && f.code().arg_count == 1
            {
                site.set(2, shape.id());
                site.set(3, class.version.get());
                site.set_value(getter);
                site.rewrite(Op::LOAD_ATTR_PROPERTY);
            } else if is_last
                && let Some(getset) = found.cast::<GetSet>()
                && getset
                    .owner_class()
                    .is_some_and(|c| class.is_subclass_of(c))
            {
                site.set(2, shape.id());
                site.set(3, class.version.get());
                site.set_value(found);
                site.rewrite(Op::LOAD_ATTR_GETSET);
            } else if is_last
                && owner.cast::<Tuple>().is_some()
                && let Some(index) = item_read(found)
                && let Ok(index) = u32::try_from(index)
            {
                site.set(2, shape.id());
                site.set(3, class.version.get());
                site.set(4, index);
                site.rewrite(Op::LOAD_ATTR_ITEM);
            } else if let Some(member) = found.cast::<taipan_runtime::types::descriptor::Member>()
                && !member.none_if_empty
                && class.is_subclass_of(member.owner_class())
            {
                site.set(2, shape.id());
                site.set(3, member.offset as u32);
                site.set(4, vm.attribute_epoch.get());
                site.rewrite(Op::LOAD_ATTR_SLOT);
            } else if !shape.is_dict_mode()
                && own_attribute(h, name).is_none()
                && !vm.is_data_descriptor(found)
                && !vm.binds_by_argument(found)
                && is_plain_value(vm, found)
                && class.variable_owner(vm, name).is_none()
            {
                site.set(2, shape.id());
                site.set(3, class.version.get());
                site.set_value(found);
                site.rewrite(Op::LOAD_ATTR_CLASS_VALUE);
            } else if !vm.is_data_descriptor(found) {
                own_slot(vm, &site, h, name);
            }
        }
        None => own_slot(vm, &site, h, name),
    }
}

/// A value whose lookup on an instance gives the value itself.
fn is_plain_value(vm: &Vm, v: Value) -> bool {
    vm.class_of(v).special(Special::Get).is_none()
}

/// For an attribute of the object's own; the class has no data descriptor of this name.
fn own_slot(vm: &Vm, site: &Site, h: &'static Header, name: Gc<Str>) {
    let shape = h.shape();
    if !shape.has_attributes() {
        return;
    }
    if shape.is_dict_mode() {
        if own_attribute(h, name).is_some() {
            site.set(2, shape.id());
            site.set(3, shape.class().version.get());
            site.rewrite(Op::LOAD_ATTR_DICT);
        }
        return;
    }
    if let Some(slot) = shape.lookup(name.value()) {
        site.set(2, shape.id());
        if slot < shape.inline_slots() {
            site.set(3, shape.inline_offset(slot) as u32);
            site.set(4, vm.attribute_epoch.get());
            site.rewrite(Op::LOAD_ATTR_SLOT);
        } else {
            site.set(3, slot - shape.inline_slots());
            site.set(4, vm.attribute_epoch.get());
            site.rewrite(Op::LOAD_ATTR_OVERFLOW);
        }
    }
}

fn specialize_class(vm: &Vm, site: &Site, owner: Value, name: Gc<Str>) {
    let Some(class) = owner.cast::<Class>() else {
        return;
    };
    let metaclass = class.class();
    if metaclass != vm.types.type_.get() || metaclass.lookup(vm, name).is_some() {
        return;
    }
    if let Some(found) = class.lookup(vm, name)
        && let Ok(bound) = vm.bind_to_class(found, class)
        && bound == found
        && class.variable_owner(vm, name).is_none()
    {
        site.set(3, class.version.get());
        site.set_value(found);
        site.rewrite(Op::LOAD_ATTR_CLASS);
    }
}

/// Chooses a form of `LOAD_ATTR` in method form.
pub fn specialize_method(vm: &Vm, here: *const Cell<u32>, owner: Value, name: Gc<Str>) {
    let site = Site(here);
    if !site.open() {
        return;
    }
    let Some(h) = owner.header() else { return };
    let shape = h.shape();
    let class = shape.class();
    if matches!(shape.layout.kind, Kind::Module | Kind::Class) {
        return specialize_load(vm, here, owner, name);
    }
    if !class.has_flag(ClassFlags::PLAIN_FOUND) {
        return;
    }
    match class.lookup(vm, name) {
        Some(found) if vm.binds_by_argument(found) && own_attribute(h, name).is_none() => {
            site.set(2, shape.id());
            site.set(3, class.version.get());
            site.set_value(found);
            // In dictionary mode an instance attribute could come to hide the method.
            site.rewrite(if shape.has_attributes() && shape.is_dict_mode() {
                Op::LOAD_ATTR_METHOD_DICT
            } else {
                Op::LOAD_ATTR_METHOD
            });
        }
        Some(found) if vm.is_data_descriptor(found) => {}
        _ => own_slot(vm, &site, h, name),
    }
}

/// Chooses a form of `STORE_ATTR` after a store that changed the shape from `before`.
pub fn specialize_store(
    vm: &Vm,
    here: *const Cell<u32>,
    owner: Value,
    name: Gc<Str>,
    before: Option<&'static Shape>,
) {
    let site = Site(here);
    let (Some(h), Some(before)) = (owner.header(), before) else {
        return;
    };
    if !site.open() || before.layout.kind == Kind::Module {
        return;
    }
    let class = before.class();
    let shape = h.shape();
    if !class.has_flag(ClassFlags::PLAIN_SETATTR) {
        return;
    }
    if let Some(found) = class.lookup(vm, name) {
        if let Some(member) = found.cast::<taipan_runtime::types::descriptor::Member>()
            && !member.readonly
            && class.is_subclass_of(member.owner_class())
        {
            site.set(2, shape.id());
            site.set(3, member.offset as u32);
            site.set(4, vm.attribute_epoch.get());
            site.rewrite(Op::STORE_ATTR_SLOT);
            return;
        }
        if vm.is_data_descriptor(found) {
            return;
        }
    }
    if !shape.has_attributes() {
        return;
    }
    if shape.is_dict_mode() {
        if std::ptr::eq(before, shape) {
            site.set(2, shape.id());
            site.set(3, class.version.get());
            site.rewrite(Op::STORE_ATTR_DICT);
        }
        return;
    }
    let Some(slot) = shape.lookup(name.value()) else {
        return;
    };
    if slot >= shape.inline_slots() {
        if std::ptr::eq(before, shape) {
            site.set(2, shape.id());
            site.set(3, slot - shape.inline_slots());
            site.set(4, vm.attribute_epoch.get());
            site.rewrite(Op::STORE_ATTR_OVERFLOW);
        }
        return;
    }
    let offset = shape.inline_offset(slot) as u32;
    if std::ptr::eq(before, shape) {
        site.set(2, shape.id());
        site.set(3, offset);
        site.set(4, vm.attribute_epoch.get());
        site.rewrite(Op::STORE_ATTR_SLOT);
    } else if shape.slot_count() == before.slot_count() + 1 {
        site.set(2, before.id());
        site.set(3, offset);
        site.set(4, shape.id());
        site.set(5, class.version.get());
        site.rewrite(Op::STORE_ATTR_ADD_SLOT);
    }
}

/// `LOAD_SUPER_ATTR`: the attribute and, in method form, the receiver to pass.
pub fn load_super(
    vm: &Vm,
    frame: &Frame,
    global_super: Value,
    class: Value,
    object: Value,
    arg: usize,
) -> Result<(Value, Option<Value>)> {
    let name = frame.code.name_at(arg >> 2);
    if global_super != vm.types.super_.get().value() {
        let s = if arg & 2 != 0 {
            vm.call(global_super, &[class, object])?
        } else {
            vm.call(global_super, &[])?
        };
        return Ok((vm.get_attr(s, name)?, None));
    }
    if arg & 1 != 0
        && let Some(c) = class.cast::<Class>()
    {
        let own = vm.class_of(object);
        if own.is_subclass_of(c)
            && let Some(found) = vm.super_lookup(c, own, name)
            && vm.binds_by_argument(found)
        {
            return Ok((found, Some(object)));
        }
    }
    Ok((vm.super_get_attr(class, object, name)?, None))
}

/// `LOAD_SPECIAL`: `__enter__` and its like, looked up on the class.
pub fn load_special(vm: &Vm, owner: Value, arg: usize) -> Result<(Value, Option<Value>)> {
    let special = [
        Special::Enter,
        Special::Exit,
        Special::AEnter,
        Special::AExit,
    ][arg.min(3)];
    let class = vm.class_of(owner);
    match class.special(special) {
        Some(f) if vm.binds_by_argument(f) => Ok((f, Some(owner))),
        Some(f) => Ok((vm.bind_descriptor(f, owner, class)?, None)),
        None => {
            let name = taipan_runtime::types::object::name_in_messages(vm, class)?;
            let has = |s: Special| class.special(s).is_some();
            let (protocol, missing) = match special {
                Special::Enter => ("the context manager protocol", "__enter__"),
                Special::Exit => ("the context manager protocol", "__exit__"),
                Special::AEnter => ("the asynchronous context manager protocol", "__aenter__"),
                _ => ("the asynchronous context manager protocol", "__aexit__"),
            };
            let hint = match special {
                Special::Enter | Special::Exit if has(Special::AEnter) && has(Special::AExit) => {
                    " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?"
                }
                Special::AEnter | Special::AExit if has(Special::Enter) && has(Special::Exit) => {
                    " but it supports the context manager protocol. Did you mean to use 'with'?"
                }
                _ => "",
            };
            if hint.is_empty() {
                Err(vm.type_error(format!(
                    "'{name}' object does not support {protocol} (missed {missing} method)"
                )))
            } else {
                Err(vm.type_error(format!(
                    "'{name}' object does not support {protocol} (missed {missing} method){hint}"
                )))
            }
        }
    }
}

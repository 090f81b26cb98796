//! Attribute access of instructions whose own cache serves too few shapes: by caches that all
//! of them share (`taipan_runtime::object::SharedSites`), which are filled as the instructions'
//! own are.

use super::attributes::{
    cached_value, shape_by_id, specialize_load, specialize_method, specialize_store,
};
use std::cell::Cell;
use taipan_bytecode::opcode::Op;
use taipan_runtime::heap::{Gc, Header};
use taipan_runtime::object::{Shape, overflow, word_at};
use taipan_runtime::types::list::Array;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Value, Vm};

/// What a cache is used for; part of its key.
#[derive(Clone, Copy)]
enum Usage {
    Load = 0,
    Method = 1,
    Store = 2,
}

/// An attribute that was found.
pub enum Found {
    Value(Value),
    /// A function that takes the object first.
    Method(Value),
}

fn op_of(words: &[Cell<u32>]) -> Option<Op> {
    Op::from_u8(words[0].get() as u8)
}

/// What `LOAD_ATTR` loads from an object, in method form or not; `None` if that is to be done
/// in the general way.
#[inline]
pub fn load(vm: &Vm, owner: Value, name: Gc<Str>, is_method: bool) -> Option<Found> {
    let h = owner.header()?;
    let usage = if is_method {
        Usage::Method
    } else {
        Usage::Load
    };
    let (site, is_filled) = vm.shared_sites.site(name, usage as u64, h.shape_id())?;
    if is_filled && let Some(found) = cached(vm, h, &site.words) {
        return Some(found);
    }
    if is_filled && op_of(&site.words) == Some(Op::LOAD_ATTR) {
        // There is no form for it.
        return None;
    }
    fill(vm, &site.words, owner, name, usage);
    let found = cached(vm, h, &site.words);
    if found.is_none() {
        site.words[0].set(Op::LOAD_ATTR as u32);
    }
    found
}

#[cold]
fn fill(vm: &Vm, words: &[Cell<u32>], owner: Value, name: Gc<Str>, usage: Usage) {
    words[0].set(Op::LOAD_ATTR as u32);
    words[1].set(1);
    let here = words.as_ptr();
    match usage {
        Usage::Method => specialize_method(vm, here, owner, name),
        _ => specialize_load(vm, here, owner, name),
    }
}

#[inline]
fn cached(vm: &Vm, h: &'static Header, words: &[Cell<u32>]) -> Option<Found> {
    if words[2].get() != h.shape_id() {
        return None;
    }
    let is_current = || h.shape().class().version.get() == words[3].get();
    let here = words.as_ptr();
    match op_of(words)? {
        Op::LOAD_ATTR_SLOT if vm.attribute_epoch.get() == words[4].get() => {
            // SAFETY: the shape has a slot at this offset.
            let v = unsafe { word_at(h, words[3].get() as usize) }.get()?;
            Some(Found::Value(v))
        }
        Op::LOAD_ATTR_OVERFLOW if vm.attribute_epoch.get() == words[4].get() => {
            let array = overflow::<Array>(h)?;
            Some(Found::Value(array.slot(words[3].get() as usize).get()?))
        }
        // SAFETY: the class is what it was when the value was cached.
        Op::LOAD_ATTR_METHOD if is_current() => unsafe { Some(Found::Method(cached_value(here))) },
        Op::LOAD_ATTR_CLASS_VALUE if is_current() => {
            // SAFETY: as above.
            unsafe { Some(Found::Value(cached_value(here))) }
        }
        _ => None,
    }
}

/// Stores an attribute as the cache says; false if it says nothing.
#[inline]
pub fn store(vm: &Vm, owner: Value, name: Gc<Str>, value: Value) -> bool {
    let Some(h) = owner.header() else {
        return false;
    };
    let Some((site, true)) = vm
        .shared_sites
        .site(name, Usage::Store as u64, h.shape_id())
    else {
        return false;
    };
    let words = &site.words;
    if words[2].get() != h.shape_id() {
        return false;
    }
    // SAFETY: the shape, and the class where it is to change, are those of the filled cache.
    unsafe {
        match op_of(words) {
            Some(Op::STORE_ATTR_SLOT) if vm.attribute_epoch.get() == words[4].get() => {
                h.barrier();
                word_at(h, words[3].get() as usize).set(Some(value));
            }
            Some(Op::STORE_ATTR_ADD_SLOT) if h.shape().class().version.get() == words[5].get() => {
                h.barrier();
                word_at(h, words[3].get() as usize).set(Some(value));
                h.set_shape(shape_by_id(words[4].get()));
            }
            _ => return false,
        }
    }
    true
}

/// Fills the cache of a store that changed the object's shape from `before`.
#[cold]
pub fn stored(vm: &Vm, owner: Value, name: Gc<Str>, before: Option<&'static Shape>) {
    let Some(shape) = before else { return };
    let Some((site, is_filled)) = vm.shared_sites.site(name, Usage::Store as u64, shape.id())
    else {
        return;
    };
    if is_filled && op_of(&site.words) == Some(Op::STORE_ATTR) {
        return;
    }
    site.words[0].set(Op::STORE_ATTR as u32);
    site.words[1].set(1);
    specialize_store(vm, site.words.as_ptr(), owner, name, before);
}

//! Keys of dictionaries and sets: which of them hash and compare without Python code.
//!
//! Most `__hash__` methods of Python classes are one of
//!
//! ```text
//! return hash(self.name)
//! return hash((self.x, self.y))
//! ```
//!
//! Members of enumerations and instances of frozen dataclasses have such ones. What these do is
//! read off their code and done natively where nobody could tell: the attributes are the object's
//! own, their values simple, `hash` is the built-in one, and nothing is traced.

use super::hash::{TupleHash, address, small_int};
use crate::heap::{Gc, Header, Kind};
use crate::object::{
    Class, ClassFlags, MethodDef, NativeFunction, Special, own_attribute, word_at,
};
use crate::types::code::CodeObject;
use crate::types::descriptor::Member;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::weakref::WeakRef;
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;
use std::cell::Cell;
use taipan_bytecode::opcode::Op;

/// How deep tuples are looked into, and how long ones.
const DEPTH: u32 = 3;
const LENGTH: usize = 16;

/// Most attributes that such a method may hash.
const ATTRIBUTES: usize = 8;

/// What the code of a `__hash__` does, by indices of names; kept with the code.
pub struct HashPlan {
    /// The name that has to mean the built-in `hash`.
    function: u32,
    attributes: [u32; ATTRIBUTES],
    count: usize,
    is_tuple: bool,
    /// What was found out for objects of the last two shapes: a class's first instance has
    /// another shape than later ones.
    places: [Cell<Option<Places>>; 2],
}

/// Where objects of a shape have the attributes, for as long as the class and the names of the
/// namespaces stay as they are.
#[derive(Clone, Copy)]
struct Places {
    shape: u32,
    class_version: u32,
    globals_version: u32,
    builtins_version: u32,
    /// The built-in `hash` in the namespace of the built-ins.
    entry: usize,
    hash: &'static MethodDef,
    offsets: [u32; ATTRIBUTES],
}

/// The attributes that a code object hashes, and whether in a tuple, if that is all it does.
fn hash_plan(code: Gc<CodeObject>) -> Option<HashPlan> {
    if code.arg_count != 1 || !code.simple_args {
        return None;
    }
    let instrs = code.instrs();
    let mut at = 0;
    let mut next = || {
        let word = instrs.get(at)?.get();
        let op = Op::from_u8(word as u8)?.generic();
        at += 1 + op.caches();
        Some((op, word >> 8))
    };
    if next()?.0 != Op::RESUME {
        return None;
    }
    let (op, arg) = next()?;
    if op != Op::LOAD_GLOBAL || arg & 1 == 0 {
        return None;
    }
    let mut plan = HashPlan {
        function: arg >> 1,
        attributes: [0; ATTRIBUTES],
        count: 0,
        is_tuple: false,
        places: Default::default(),
    };
    loop {
        match next()? {
            (Op::LOAD_FAST, 0) if !plan.is_tuple => {
                let (op, arg) = next()?;
                if op != Op::LOAD_ATTR || arg & 1 != 0 {
                    return None;
                }
                *plan.attributes.get_mut(plan.count)? = arg >> 1;
                plan.count += 1;
            }
            (Op::BUILD_TUPLE, n) if n as usize == plan.count && !plan.is_tuple => {
                plan.is_tuple = true;
            }
            (Op::CALL, 1) => break,
            _ => return None,
        }
    }
    let returns = next()?.0 == Op::RETURN_VALUE;
    (returns && (plan.is_tuple || plan.count == 1)).then_some(plan)
}

impl HashPlan {
    /// What the method makes of the attributes' hashes.
    fn combined(&self, hashes: &[u64]) -> u64 {
        let hash = if self.is_tuple {
            let mut state = TupleHash::default();
            hashes.iter().for_each(|h| state.add(*h));
            state.finish(hashes.len())
        } else {
            hashes[0]
        };
        small_int(hash as i64)
    }
}

fn native(v: Option<Value>) -> Option<Gc<NativeFunction>> {
    v?.cast()
}

/// The offset of an attribute that lies in the object itself.
fn inline_place(header: &'static Header, name: Gc<Str>) -> Option<usize> {
    let shape = header.shape();
    if shape.is_dict_mode() || !shape.has_attributes() {
        return None;
    }
    let slot = shape.lookup(name.value())?;
    (slot < shape.inline_slots()).then(|| shape.inline_offset(slot))
}

impl Vm {
    /// The hash that a Python `__hash__` gives for an object, if it is of the kind that the
    /// module's description tells of.
    pub(crate) fn hash_by_attributes(&self, f: Value, v: Value) -> Option<u64> {
        let header = v.header()?;
        let class = header.shape().class();
        let f = f.cast::<Function>()?;
        let thread = self.thread();
        if !class.has_flag(ClassFlags::PLAIN_FOUND)
            || thread.trace_function.get().is_some()
            || thread.profile_function.get().is_some()
        {
            return None;
        }
        let code = f.code();
        let plan = code.hash_plan.get_or_init(|| hash_plan(code).map(Box::new));
        let plan = plan.as_ref()?;
        if let Some(hash) = self.hash_at_places(f, header, plan) {
            return hash;
        }
        let function = code.name_at(plan.function as usize);
        let entry = self.builtin_hash(f, function)?;
        let mut hashes: SmallVec<[u64; 4]> = SmallVec::new();
        let mut offsets = [0; ATTRIBUTES];
        let mut have_places = true;
        for (name, place) in plan.attributes[..plan.count].iter().zip(&mut offsets) {
            let name = code.name_at(*name as usize);
            let (value, offset) = match class.lookup(self, name) {
                Some(found) if self.is_data_descriptor(found) => {
                    let member = found.cast::<Member>()?;
                    if member.none_if_empty || !class.is_subclass_of(member.owner_class()) {
                        return None;
                    }
                    // SAFETY: a slot of the object, whose class has it.
                    let value = unsafe { word_at(header, member.offset) }.get()?;
                    (value, Some(member.offset))
                }
                _ => (own_attribute(header, name)?, inline_place(header, name)),
            };
            match offset {
                Some(offset) => *place = offset as u32,
                None => have_places = false,
            }
            if !self.is_simple(value) {
                return None;
            }
            hashes.push(self.hash(value).ok()?);
        }
        if have_places && let Some(hash) = native(f.builtins().value_at(entry)) {
            plan.places[1].set(plan.places[0].get());
            plan.places[0].set(Some(Places {
                shape: header.shape_id(),
                class_version: class.version.get(),
                globals_version: f.globals().version_without(self, function),
                builtins_version: f.builtins().version_with_name(self),
                entry,
                hash: hash.def,
                offsets,
            }));
        }
        Some(plan.combined(&hashes))
    }

    /// The hash by what was found out for an object of the same shape; the inner value is none
    /// if an attribute's value is not simple. None if it does not hold any more.
    #[inline]
    fn hash_at_places(
        &self,
        f: Gc<Function>,
        header: &'static Header,
        plan: &HashPlan,
    ) -> Option<Option<u64>> {
        let mut places = plan.places.iter().filter_map(Cell::get);
        let places = places.find(|places| places.shape == header.shape_id())?;
        let builtins = f.builtins();
        // A version of zero is that of no dictionary.
        if places.class_version != header.shape().class().version.get()
            || places.globals_version != f.globals().current_version()
            || places.builtins_version != builtins.current_version()
            || !native(builtins.value_at(places.entry))
                .is_some_and(|f| std::ptr::eq(f.def, places.hash))
        {
            return None;
        }
        let mut hashes: SmallVec<[u64; 4]> = SmallVec::new();
        for offset in &places.offsets[..plan.count] {
            // SAFETY: a slot of objects of this shape.
            let value = unsafe { word_at(header, *offset as usize) }.get()?;
            if !self.is_simple(value) {
                return Some(None);
            }
            let Ok(hash) = self.hash(value) else {
                return Some(None);
            };
            hashes.push(hash);
        }
        Some(Some(plan.combined(&hashes)))
    }

    /// The entry of the built-ins that is the built-in `hash`, if a global name of a function
    /// means it.
    fn builtin_hash(&self, f: Gc<Function>, name: Gc<Str>) -> Option<usize> {
        if f.globals().get_str(name).is_some() {
            return None;
        }
        let builtins = f.builtins();
        let entry = builtins.find_str_hashed(name, name.hash_known()?)?;
        let hash = builtins.value_at(entry)?.cast::<NativeFunction>()?;
        let owner = hash.owner.get().and_then(|o| o.cast::<Str>());
        let is_it = hash.def.name == "hash" && owner.is_some_and(|o| o.is_text("builtins"));
        is_it.then_some(entry)
    }

    /// The hash of a tuple of these items if they are *flat*: immediate values, exact strings,
    /// and tuples of such ones.
    #[inline(always)]
    pub fn flat_hash(&self, items: &[Value]) -> Option<u64> {
        self.flat_hash_within(items, DEPTH)
    }

    fn nested_hash(&self, items: &[Value], depth: u32) -> Option<u64> {
        self.flat_hash_within(items, depth.checked_sub(1)?)
    }

    #[inline(always)]
    fn flat_hash_within(&self, items: &[Value], depth: u32) -> Option<u64> {
        let (text, tuple) = (self.shapes.str.get().id(), self.shapes.tuple.get().id());
        let mut state = TupleHash::default();
        for v in items {
            state.add(match v.header() {
                None if v.is_int() => small_int(v.int_unchecked()),
                // SAFETY: the shape of exact strings.
                Some(h) if h.shape_id() == text => unsafe { v.cast_unchecked::<Str>() }.hash(self),
                Some(h) if h.shape_id() == tuple => {
                    // SAFETY: the shape of exact tuples.
                    let inner = unsafe { v.cast_unchecked::<Tuple>() };
                    self.nested_hash(inner.as_slice(), depth)?
                }
                Some(_) => return None,
                None => self.hash(*v).ok()?,
            });
        }
        Some(state.finish(items.len()))
    }

    /// Whether a value is a tuple equal to that of these flat items; none if Python code might
    /// have to tell.
    #[inline]
    pub fn equals_flat(&self, v: Value, items: &[Value]) -> Option<bool> {
        let header = v.header()?;
        if header.shape_id() != self.shapes.tuple.get().id() {
            return None;
        }
        // SAFETY: the shape of exact tuples.
        let tuple = unsafe { v.cast_unchecked::<Tuple>() };
        if tuple.as_slice() == items {
            return Some(true);
        }
        if tuple.len() != items.len() {
            return Some(false);
        }
        for (a, b) in tuple.as_slice().iter().zip(items) {
            if !self.is_simple(*a) {
                return None;
            }
            if !self.equal_identity(*a, *b).ok()? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether a value equals one that is a key ([`Vm::is_key`]); none if Python code might have
    /// to tell.
    #[inline]
    pub fn equals_key(&self, v: Value, key: Value) -> Option<bool> {
        if v.is(key) {
            return Some(true);
        }
        if v.both_int(key) {
            return Some(false);
        }
        self.equals_other_key(v, key)
    }

    /// As [`Vm::equals_key`] of what is neither the same object nor are both immediate integers; apart, so that
    /// searches keep what they need in registers.
    #[inline(never)]
    fn equals_other_key(&self, v: Value, key: Value) -> Option<bool> {
        let items = |v: Value| {
            let is_tuple = v.header()?.shape_id() == self.shapes.tuple.get().id();
            // SAFETY: the shape of exact tuples.
            is_tuple.then(|| unsafe { v.cast_unchecked::<Tuple>() })
        };
        if let (Some(a), Some(b)) = (items(v), items(key))
            && a.as_slice() == b.as_slice()
        {
            return Some(true);
        }
        if let (Some(a), Some(b)) = (self.exact_reference(v), self.exact_reference(key))
            && a.referent() == b.referent()
            && self.refers_to_class(a)
        {
            return Some(true);
        }
        if !self.is_key(v) {
            return None;
        }
        self.equal_identity(v, key).ok()
    }

    /// A weak reference of the built-in class.
    fn exact_reference(&self, v: Value) -> Option<Gc<WeakRef>> {
        let is_reference = v.header()?.shape_id() == self.types.weakref.get().root_shape.get().id();
        // SAFETY: the shape of exact weak references.
        is_reference.then(|| unsafe { v.cast_unchecked() })
    }

    /// The hash of a value that is a key ([`Vm::is_key`]).
    #[inline(always)]
    pub fn key_hash(&self, v: Value) -> Option<u64> {
        self.hash_at_hand(v).or_else(|| self.other_key_hash(v))
    }

    /// The hash of an immediate integer, or of an exact string that knows its own.
    #[inline(always)]
    pub fn hash_at_hand(&self, v: Value) -> Option<u64> {
        if v.is_int() {
            return Some(small_int(v.int_unchecked()));
        }
        let is_str = v.header()?.shape_id() == self.shapes.str.get().id();
        // SAFETY: the shape of exact strings.
        is_str.then(|| unsafe { v.cast_unchecked::<Str>() }.hash_known())?
    }

    fn other_key_hash(&self, v: Value) -> Option<u64> {
        match v.header() {
            Some(h) if h.shape_id() == self.shapes.str.get().id() => {
                // SAFETY: the shape of exact strings.
                Some(unsafe { v.cast_unchecked::<Str>() }.hash(self))
            }
            Some(h) if h.shape_id() == self.shapes.tuple.get().id() => {
                // SAFETY: the shape of exact tuples.
                let tuple = unsafe { v.cast_unchecked::<Tuple>() };
                self.flat_hash(tuple.as_slice())
                    .or_else(|| self.key_hash_general(v))
            }
            _ => self.key_hash_general(v),
        }
    }

    fn key_hash_general(&self, v: Value) -> Option<u64> {
        match v.header() {
            Some(h) if h.shape().layout.kind == Kind::Instance => self.instance_key_hash(h, v),
            Some(_)
                if let Some(reference) = self.exact_reference(v)
                    && let Some(hash) = reference.hash.get()
                    && self.refers_to_class(reference) =>
            {
                Some(hash)
            }
            _ if self.is_key(v) => self.hash(v).ok(),
            _ => None,
        }
    }

    /// The hash of an instance that is a key: it compares by identity, and no code of its class
    /// need run for its hash.
    fn instance_key_hash(&self, header: &'static Header, v: Value) -> Option<u64> {
        let class = header.shape().class();
        if class.special(Special::Eq) != self.types.object.get().special(Special::Eq) {
            return None;
        }
        match class.special(Special::Hash)? {
            f if Some(f) == self.defaults.hash.get() => Some(address(v)),
            f => self.hash_by_attributes(f, v),
        }
    }

    /// Whether hashing a value, and comparing it with others that are so, runs no Python code.
    pub fn is_key(&self, v: Value) -> bool {
        self.is_simple(v) || self.is_key_object(v, DEPTH)
    }

    fn is_key_object(&self, v: Value, depth: u32) -> bool {
        let Some(header) = v.header() else {
            return true;
        };
        if header.shape_id() == self.shapes.tuple.get().id() || self.is_tuple_key(header) {
            // SAFETY: the layout of tuples.
            let items = unsafe { v.cast_unchecked::<Tuple>() };
            return depth > 0
                && items.len() <= LENGTH
                && items
                    .as_slice()
                    .iter()
                    .all(|v| self.is_simple(*v) || self.is_key_object(*v, depth - 1));
        }
        if let Some(reference) = self.exact_reference(v) {
            return self.refers_to_class(reference);
        }
        match header.shape().layout.kind {
            Kind::Instance => self.instance_key_hash(header, v).is_some(),
            Kind::Str => self.is_text_key(header),
            _ => false,
        }
    }

    /// Whether a weak reference is one to a class that hashes and compares as classes do.
    fn refers_to_class(&self, reference: Gc<WeakRef>) -> bool {
        let class = reference.referent().and_then(|r| r.cast::<Class>());
        class.is_some_and(|class| class.class() == self.types.type_.get())
    }
}

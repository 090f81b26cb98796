//! Classes: creation, method resolution order, lookup, and the cached special methods.

use super::shape::{Shape, ShapeFlags};
use super::special::{SPECIAL_COUNT, Special};
use super::{MethodDef, MethodKind, TypeDef};
use crate::heap::{Field, Gc, GcField, Header, Kind, Layout};
use crate::heap_object;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use rustc_hash::FxHashSet;
use std::cell::{Cell, RefCell};

/// Bits of a class's flags.
pub struct ClassFlags;

impl ClassFlags {
    /// Made by a `class` statement or `type()`: attributes can be set.
    pub const HEAP: u32 = 1;
    /// Python classes may derive from it.
    pub const SUBCLASSABLE: u32 = 2;
    /// Derives from `type`.
    pub const METACLASS: u32 = 4;
    /// Instances match sequence patterns.
    pub const SEQUENCE: u32 = 8;
    /// Instances match mapping patterns.
    pub const MAPPING: u32 = 16;
    /// A class pattern with one positional sub-pattern matches the subject itself.
    pub const MATCH_SELF: u32 = 32;
    /// Derives from `BaseException`.
    pub const EXCEPTION: u32 = 64;
    /// Has abstract methods: cannot be instantiated.
    pub const ABSTRACT: u32 = 128;
    /// `type(...)` cannot call it.
    pub const NO_INSTANTIATION: u32 = 256;
    /// Instances can be weakly referenced.
    pub const WEAKREFS: u32 = 512;
    /// Attribute lookup on instances is `object.__getattribute__`, and there is no `__getattr__`.
    pub const PLAIN_GETATTR: u32 = 1024;
    /// Attribute stores on instances are `object.__setattr__`.
    pub const PLAIN_SETATTR: u32 = 2048;
    /// A built-in type that stays as it is.
    pub const IMMUTABLE: u32 = 4096;
    /// Attribute lookup on the class itself is `type.__getattribute__`.
    pub const PLAIN_TYPE_GETATTR: u32 = 8192;
    /// Messages name it with its module, as CPython does for this type.
    pub const FULL_NAME: u32 = 16384;
    /// As [`ClassFlags::PLAIN_GETATTR`], but a `__getattr__` may be asked for what is not found,
    /// or where a descriptor raises AttributeError.
    pub const PLAIN_FOUND: u32 = 32768;
    /// A built-in type whose native `__new__` is all there is to calling it.
    pub const WHOLE_NEW: u32 = 65536;
    /// Bits that subclasses take over.
    pub const INHERITED: u32 = Self::METACLASS
        | Self::SEQUENCE
        | Self::MAPPING
        | Self::MATCH_SELF
        | Self::EXCEPTION
        | Self::WEAKREFS;
}

/// A Python class.
#[repr(C)]
pub struct Class {
    pub header: Header,
    pub name: Field,
    pub qualname: Field,
    pub bases: GcField<Tuple>,
    pub mro: GcField<Tuple>,
    pub dict: GcField<Dict>,
    /// The base whose layout this class extends.
    pub base: GcField<Class>,
    pub layout: &'static Layout,
    pub flags: Cell<u32>,
    /// Changes with every change of the class or a base; never reused.
    pub version: Cell<u32>,
    /// Bytes of an instance before `ext`.
    pub fixed_size: Cell<usize>,
    pub has_dict: Cell<bool>,
    pub root_shape: Cell<&'static Shape>,
    pub dict_shape: Cell<&'static Shape>,
    pub specials: [Cell<Option<Value>>; SPECIAL_COUNT],
    /// Weak: the collector removes dead ones.
    pub subclasses: RefCell<Vec<Gc<Class>>>,
    pub def: Cell<Option<&'static TypeDef>>,
}

heap_object!(
    Class,
    "type",
    Kind::Class,
    |this, marker| {
        marker.field(&this.name);
        marker.field(&this.qualname);
        marker.gc_field(&this.bases);
        marker.gc_field(&this.mro);
        marker.gc_field(&this.dict);
        marker.gc_field(&this.base);
        for special in &this.specials {
            marker.opt(special.get());
        }
    },
    drop
);

/// What a new class is made of.
pub struct ClassSpec<'a> {
    pub name: Gc<Str>,
    pub qualname: Option<Value>,
    /// The shape of the class object itself: its metaclass's.
    pub shape: &'static Shape,
    pub bases: &'a [Gc<Class>],
    /// The base whose layout is extended; `None` only for `object`.
    pub base: Option<Gc<Class>>,
    pub layout: &'static Layout,
    pub dict: Gc<Dict>,
    pub has_dict: bool,
    /// Extra value slots behind the base's fixed part.
    pub member_slots: usize,
    pub inline_slots: u32,
    pub flags: u32,
    pub shape_flags: u8,
    pub def: Option<&'static TypeDef>,
}

impl Class {
    /// The resolved special method, if the class has it.
    #[inline(always)]
    pub fn special(&self, special: Special) -> Option<Value> {
        self.specials[special as usize].get()
    }

    #[inline(always)]
    pub fn has_flag(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }

    pub fn set_flag(&self, flag: u32, on: bool) {
        let flags = self.flags.get();
        self.flags
            .set(if on { flags | flag } else { flags & !flag });
    }

    /// `__name__`.
    pub fn name_string(&self) -> String {
        self.name
            .get()
            .and_then(|n| n.cast::<Str>())
            .map(|s| s.to_text())
            .unwrap_or_default()
    }

    /// `__module__` as the class itself has it, if that is text.
    pub fn module_string(&self) -> Option<String> {
        let dict = self.dict.get()?;
        let text = |v: Value| v.cast::<Str>().map(|s| s.to_text());
        dict.items()
            .find(|(k, _)| text(*k).as_deref() == Some("__module__"))
            .and_then(|(_, v)| text(v))
    }

    /// The method resolution order.
    pub fn mro(&self) -> &[Value] {
        match self.mro.get() {
            // SAFETY: the tuple lives as long as the class keeps it, and tuples do not change.
            Some(mro) => unsafe { std::mem::transmute::<&[Value], &[Value]>(mro.as_slice()) },
            None => &[],
        }
    }

    /// The namespace.
    pub fn namespace(&self) -> Gc<Dict> {
        match self.dict.get() {
            Some(dict) => dict,
            None => unreachable!("every class has a namespace"),
        }
    }
}

impl Gc<Class> {
    /// Whether `other` is in this class's method resolution order.
    #[inline]
    pub fn is_subclass_of(self, other: Gc<Class>) -> bool {
        if self == other {
            return true;
        }
        let other = other.value();
        self.mro().contains(&other)
    }

    /// The attribute as found along the method resolution order, with no binding.
    #[inline]
    pub fn lookup(self, vm: &Vm, name: Gc<Str>) -> Option<Value> {
        vm.lookup_cache
            .get(self, name)
            .unwrap_or_else(|| self.lookup_uncached(vm, name))
    }

    #[inline(never)]
    fn lookup_uncached(self, vm: &Vm, name: Gc<Str>) -> Option<Value> {
        let found = self.lookup_with_owner(name);
        let value = found.map(|(_, v)| v);
        if !found.is_some_and(|(class, _)| vm.variables.contains(class, name)) {
            vm.lookup_cache.put(self, name, value);
        }
        value
    }

    /// The class in whose namespace the attribute is a variable (see [`ClassVariables`]), if it
    /// is one: then its value must not be kept by the class's version.
    pub fn variable_owner(self, vm: &Vm, name: Gc<Str>) -> Option<Gc<Class>> {
        let (class, _) = self.lookup_with_owner(name)?;
        vm.variables.contains(class, name).then_some(class)
    }

    /// As [`Gc::lookup`](Gc<Class>::lookup), with the class in whose namespace it was found.
    pub fn lookup_with_owner(self, name: Gc<Str>) -> Option<(Gc<Class>, Value)> {
        self.mro().iter().find_map(|&class| {
            let class = class.cast::<Class>()?;
            Some((class, class.namespace().get_str(name)?))
        })
    }

    /// Makes a class from its parts and enters it with its bases.
    pub fn create(vm: &Vm, spec: ClassSpec<'_>) -> Result<Gc<Class>> {
        let inherited = spec.base.map_or(spec.layout.size, |b| {
            if std::ptr::eq(b.layout, spec.layout) {
                b.fixed_size.get()
            } else {
                spec.layout.size
            }
        });
        let fixed = match spec.member_slots {
            0 => inherited,
            n => inherited.max(spec.layout.slots_offset()) + 8 * n,
        };
        let mut shape_flags = spec.shape_flags;
        if let Some(base) = spec.base {
            shape_flags |=
                base.root_shape.get().flags() & (ShapeFlags::FINALIZER | ShapeFlags::WEAKREF);
        }
        if spec.def.is_some_and(|def| def.holds_memory_only) {
            shape_flags &= !ShapeFlags::FINALIZER;
        }
        if spec.has_dict {
            shape_flags |= ShapeFlags::ATTRIBUTES;
        }
        let root = Shape::root(
            &vm.heap,
            None,
            spec.layout,
            fixed,
            spec.inline_slots,
            shape_flags,
        );
        let dict_shape = if spec.has_dict {
            let flags = shape_flags | ShapeFlags::DICT;
            Shape::root(&vm.heap, None, spec.layout, fixed, spec.inline_slots, flags)
        } else {
            root
        };
        let mut flags = spec.flags;
        for base in spec.bases {
            flags |= base.flags.get() & ClassFlags::INHERITED;
        }
        let bases: Vec<Value> = spec.bases.iter().map(|b| b.value()).collect();
        let class = vm.heap.alloc(
            spec.shape,
            Class {
                header: Header::empty(),
                name: Field::new(spec.name),
                qualname: Field::new(spec.qualname.unwrap_or(spec.name.value())),
                bases: GcField::new(vm.new_tuple(&bases)?),
                mro: GcField::empty(),
                dict: GcField::new(spec.dict),
                base: GcField::opt(spec.base),
                layout: spec.layout,
                flags: Cell::new(flags),
                version: Cell::new(vm.next_class_version()),
                fixed_size: Cell::new(fixed),
                has_dict: Cell::new(spec.has_dict),
                root_shape: Cell::new(root),
                dict_shape: Cell::new(dict_shape),
                specials: [const { Cell::new(None) }; SPECIAL_COUNT],
                subclasses: RefCell::default(),
                def: Cell::new(spec.def),
            },
        );
        root.set_class(class);
        dict_shape.set_class(class);
        let mro = class.linearize(vm)?;
        class.mro.set(&class.header, mro);
        for base in spec.bases {
            vm.add_subclass(*base, class);
        }
        class.resolve_specials(vm);
        Ok(class)
    }

    /// C3 linearisation (Python 2.3's "Method Resolution Order").
    pub fn linearize(self, vm: &Vm) -> Result<Gc<Tuple>> {
        let bases: Vec<Value> = self
            .bases
            .get()
            .map(|b| b.as_slice().to_vec())
            .unwrap_or_default();
        let mut sequences: Vec<std::collections::VecDeque<Value>> = Vec::new();
        for base in &bases {
            if let Some(class) = base.cast::<Class>() {
                sequences.push(class.mro().iter().copied().collect());
            }
        }
        for (i, base) in bases.iter().enumerate() {
            if bases[..i].contains(base) {
                let name = base
                    .cast::<Class>()
                    .map(|c| c.qualified_name())
                    .unwrap_or_default();
                return Err(vm.type_error(format!("duplicate base class {name}")));
            }
        }
        sequences.push(bases.iter().copied().collect());
        let mut order = vec![self.value()];
        loop {
            sequences.retain(|s| !s.is_empty());
            if sequences.is_empty() {
                return vm.new_tuple(&order);
            }
            let next = sequences.iter().map(|s| s[0]).find(|candidate| {
                !sequences
                    .iter()
                    .any(|s| s.iter().skip(1).any(|v| v == candidate))
            });
            let Some(next) = next else {
                let names: Vec<String> = sequences
                    .iter()
                    .map(|s| {
                        s[0].cast::<Class>()
                            .map(|c| c.name_string())
                            .unwrap_or_default()
                    })
                    .fold(Vec::new(), |mut names, n| {
                        if !names.contains(&n) {
                            names.push(n);
                        }
                        names
                    });
                return Err(vm.type_error(format!(
                    "Cannot create a consistent method resolution order (MRO) for bases {}",
                    names.join(", ")
                )));
            };
            order.push(next);
            for s in &mut sequences {
                if s[0] == next {
                    s.pop_front();
                }
            }
        }
    }

    /// Fills the table of special methods from the namespaces along the order.
    pub fn resolve_specials(self, vm: &Vm) {
        let mro = self.mro();
        let simple_base = self
            .base
            .get()
            .filter(|b| mro.len() >= 2 && mro[1..] == *b.mro());
        self.header.barrier();
        match simple_base {
            Some(base) => {
                for (to, from) in self.specials.iter().zip(&base.specials) {
                    to.set(from.get());
                }
                self.overlay_specials(vm, self);
            }
            None => {
                self.specials.iter().for_each(|s| s.set(None));
                for class in mro.iter().rev() {
                    if let Some(class) = class.cast::<Class>() {
                        self.overlay_specials(vm, class);
                    }
                }
            }
        }
        let getattribute = self.special(Special::GetAttribute);
        let setattr = self.special(Special::SetAttr);
        let is_plain = getattribute == vm.defaults.getattribute.get();
        self.set_flag(ClassFlags::PLAIN_FOUND, is_plain);
        self.set_flag(
            ClassFlags::PLAIN_GETATTR,
            is_plain && self.special(Special::GetAttr).is_none(),
        );
        self.set_flag(
            ClassFlags::PLAIN_TYPE_GETATTR,
            getattribute == vm.defaults.type_getattribute.get(),
        );
        self.set_flag(
            ClassFlags::PLAIN_SETATTR,
            setattr == vm.defaults.setattr.get()
                && self.special(Special::DelAttr) == vm.defaults.delattr.get(),
        );
        // Until there are constructors, the first classes have no metaclass either.
        let has_new = self.special(Special::New).is_some();
        self.set_flag(
            ClassFlags::WHOLE_NEW,
            has_new && vm.whole_native_constructor(self).is_some(),
        );
        // Generators are registered one by one, by what their code would do.
        let generator = &crate::types::generator::GENERATOR;
        let has_own_way = |def: &TypeDef| def.holds_memory_only || std::ptr::eq(def, generator);
        if self.special(Special::Del).is_some() && !self.def.get().is_some_and(has_own_way) {
            self.root_shape.get().add_flags(ShapeFlags::FINALIZER);
            self.dict_shape.get().add_flags(ShapeFlags::FINALIZER);
        }
    }

    fn overlay_specials(self, vm: &Vm, from: Gc<Class>) {
        let namespace = from.namespace();
        let mut at = 0;
        while let Some((next, key, value)) = namespace.next_entry(at) {
            at = next;
            if let Some(name) = key.cast::<Str>()
                && let Some(special) = vm.special_of(name)
            {
                self.specials[special as usize].set(Some(value));
            }
        }
    }

    /// To be called after any change of the namespace or the bases.
    pub fn modified(self, vm: &Vm) {
        self.version.set(vm.next_class_version());
        self.resolve_specials(vm);
        let subclasses = self.subclasses.borrow().clone();
        for class in subclasses {
            class.modified(vm);
        }
    }

    /// Sets an attribute in the namespace.
    pub fn set_attribute(self, vm: &Vm, name: Gc<Str>, value: Value) {
        let old = self.namespace().get_str(name);
        self.namespace().set_str(vm, name, value);
        if old.is_some_and(|old| vm.is_plain_data(old)) && vm.is_plain_data(value) {
            // Only the first time, when caches may still hold the value.
            if !vm.variables.insert(self, name) {
                return;
            }
        } else {
            vm.variables.remove(self, name);
        }
        match vm.special_of(name) {
            Some(special) => {
                if special.governs_attributes() {
                    vm.attribute_epoch.update(|e| e.wrapping_add(1));
                }
                self.modified(vm);
            }
            None => {
                if vm.is_data_descriptor(value) {
                    vm.attribute_epoch.update(|e| e.wrapping_add(1));
                }
                self.bump_version(vm);
            }
        }
    }

    /// Removes an attribute from the namespace; `false` if it was not there.
    pub fn delete_attribute(self, vm: &Vm, name: Gc<Str>) -> bool {
        let removed = self.namespace().remove_str(name).is_some();
        if removed {
            vm.variables.remove(self, name);
            self.modified(vm);
        }
        removed
    }

    fn bump_version(self, vm: &Vm) {
        self.version.set(vm.next_class_version());
        let subclasses = self.subclasses.borrow().clone();
        for class in subclasses {
            class.bump_version(vm);
        }
    }

    /// Makes new instances have room for `slots` inline attributes.
    pub fn grow_inline_slots(self, vm: &Vm, slots: u32) {
        let root = self.root_shape.get();
        if self.layout.variable || slots <= root.inline_slots() || slots > 32 {
            return;
        }
        let slots = (slots | 1).min(31);
        let shape = Shape::root(
            &vm.heap,
            Some(self),
            self.layout,
            self.fixed_size.get(),
            slots,
            root.flags(),
        );
        self.root_shape.set(shape);
    }

    /// Makes the class that `def` describes.
    pub fn from_def(
        vm: &Vm,
        def: &'static TypeDef,
        metaclass: Gc<Class>,
        base: Option<Gc<Class>>,
    ) -> Result<Gc<Class>> {
        let class = Self::declare(vm, def, metaclass.root_shape.get(), base)?;
        class.populate(vm, def)?;
        Ok(class)
    }

    /// Makes the class that `def` describes, its namespace still empty.
    pub fn declare(
        vm: &Vm,
        def: &'static TypeDef,
        shape: &'static Shape,
        base: Option<Gc<Class>>,
    ) -> Result<Gc<Class>> {
        let name = vm.intern(def.name);
        let dict = vm.new_dict();
        let inherited_dict = base.is_some_and(|b| b.has_dict.get());
        let mut flags = def.flags | ClassFlags::IMMUTABLE;
        if def.subclassable {
            flags |= ClassFlags::SUBCLASSABLE;
        }
        let base_list: Vec<Gc<Class>> = base.into_iter().collect();
        Class::create_raw(
            vm,
            ClassSpec {
                name,
                qualname: None,
                shape,
                bases: &base_list,
                base,
                layout: def.layout,
                dict,
                has_dict: def.has_dict || inherited_dict,
                member_slots: def.slots,
                inline_slots: 0,
                flags,
                shape_flags: def.shape_flags,
                def: Some(def),
            },
        )
    }

    /// Fills the namespace of a class made from `def`.
    pub fn populate(self, vm: &Vm, def: &'static TypeDef) -> Result<()> {
        let dict = self.namespace();
        for method in def.methods {
            let name = vm.intern(method.name);
            let value = match method.kind {
                MethodKind::Plain => vm.new_method_descriptor(method, self),
                MethodKind::Class => vm.new_class_method_descriptor(method, self),
                MethodKind::Static if method.name == "__new__" => vm.new_constructor(method, self),
                MethodKind::Static => {
                    let owner = Some(self.value());
                    let function = vm.new_native(method, owner, None).value();
                    vm.new_static_method(function).value()
                }
            };
            dict.set_str(vm, name, value);
        }
        // A type that compares itself has all comparisons, and declines those that it has not.
        if def.methods.iter().any(|m| m.name == "__eq__") {
            for method in DECLINED
                .iter()
                .filter(|m| m.name != "__eq__" && m.name != "__ne__")
            {
                if def.methods.iter().all(|m| m.name != method.name) {
                    let value = vm.new_method_descriptor(method, self);
                    dict.set_str(vm, vm.intern(method.name), value);
                }
            }
        }
        for getset in def.getset {
            dict.set_str(vm, vm.intern(getset.name), vm.new_getset(getset, self));
        }
        for member in def.members {
            dict.set_str(
                vm,
                vm.intern(member.name),
                vm.new_native_member(member, self),
            );
        }
        if def.generic && dict.get_str(vm.intern("__class_getitem__")).is_none() {
            let method = vm.new_class_method_descriptor(&crate::types::alias::CLASS_GETITEM, self);
            dict.set_str(vm, vm.intern("__class_getitem__"), method);
        }
        let dict_name = vm.names.__dict__.get();
        if def.has_dict && dict.get_str(dict_name).is_none() {
            let getset = vm.new_getset(&crate::types::object::DICT_GETSET, self);
            dict.set_str(vm, dict_name, getset);
        }
        // A type that defines equality but no hash is unhashable.
        if dict.get_str(vm.intern("__eq__")).is_some()
            && dict.get_str(vm.intern("__hash__")).is_none()
        {
            dict.set_str(vm, vm.intern("__hash__"), Value::NONE);
        }
        // Instances' own docstrings are attributes of this name in the class.
        if dict.get_str(vm.intern("__doc__")).is_none() {
            let doc = if def.doc.is_empty() {
                Value::NONE
            } else {
                vm.new_str(def.doc).value()
            };
            dict.set_str(vm, vm.intern("__doc__"), doc);
        }
        if def.module != "builtins" {
            dict.set_str(vm, vm.intern("__module__"), vm.intern(def.module).value());
        }
        if let Some(finish) = def.finish {
            finish(vm, self)?;
        }
        self.modified(vm);
        Ok(())
    }
}

static DECLINED: [MethodDef; 6] = crate::comparison_methods!(decline);

fn decline(_: &Vm, _: crate::ops::compare::CompareOp, _: Value, _: Value) -> Result {
    Ok(Value::NOT_IMPLEMENTED)
}

impl Class {
    /// As [`Gc::create`](Gc<Class>::create), for callers outside the `Gc` impl.
    pub fn create_raw(vm: &Vm, spec: ClassSpec<'_>) -> Result<Gc<Class>> {
        Gc::<Class>::create(vm, spec)
    }
}

/// A direct-mapped cache of lookups along method resolution orders.
pub struct LookupCache {
    entries: Box<[Cell<LookupEntry>]>,
}

#[derive(Clone, Copy)]
struct LookupEntry {
    version: u32,
    name: u64,
    value: Option<Value>,
}

/// Class attributes that are used as variables: plain data (no function or other descriptor)
/// that was replaced by plain data, such as a counter of instances. Their values are not
/// cached, and so replacing them does not change the version that all caches of the
/// class's attributes, and the code compiled for it, depend on.
#[derive(Default)]
pub struct ClassVariables(RefCell<FxHashSet<(usize, u64)>>);

impl ClassVariables {
    fn key(class: Gc<Class>, name: Gc<Str>) -> (usize, u64) {
        (class.as_ptr() as usize, name.value().bits())
    }

    fn contains(&self, class: Gc<Class>, name: Gc<Str>) -> bool {
        let names = self.0.borrow();
        !names.is_empty() && names.contains(&Self::key(class, name))
    }

    /// False if it is one already.
    fn insert(&self, class: Gc<Class>, name: Gc<Str>) -> bool {
        // Only interned names live as long as the class's code.
        !name.is_interned() || self.0.borrow_mut().insert(Self::key(class, name))
    }

    fn remove(&self, class: Gc<Class>, name: Gc<Str>) {
        let mut names = self.0.borrow_mut();
        if !names.is_empty() {
            names.remove(&Self::key(class, name));
        }
    }
}

impl Vm {
    /// Whether a value is of a built-in type that is no descriptor, whatever happens to classes.
    pub fn is_plain_data(&self, v: Value) -> bool {
        let Some(h) = v.header() else { return true };
        let shapes = &self.shapes;
        let id = h.shape_id();
        [
            shapes.str.get().id(),
            shapes.tuple.get().id(),
            shapes.list.get().id(),
            shapes.dict.get().id(),
            shapes.set.get().id(),
        ]
        .contains(&id)
            || h.shape().layout.kind == Kind::BigInt && h.shape().class() == self.types.int.get()
    }
}

const LOOKUP_ENTRIES: usize = 4096;

impl Default for LookupCache {
    fn default() -> Self {
        let empty = LookupEntry {
            version: 0,
            name: 0,
            value: None,
        };
        LookupCache {
            entries: vec![Cell::new(empty); LOOKUP_ENTRIES].into(),
        }
    }
}

impl LookupCache {
    #[inline(always)]
    fn slot(&self, class: Gc<Class>, name: Gc<Str>) -> &Cell<LookupEntry> {
        let hash =
            (class.version.get() as u64).wrapping_mul(0x9E37_79B9) ^ (name.value().bits() >> 4);
        &self.entries[hash as usize & (LOOKUP_ENTRIES - 1)]
    }

    /// The cached result of a lookup: outer `None` if it is not cached.
    #[inline(always)]
    pub fn get(&self, class: Gc<Class>, name: Gc<Str>) -> Option<Option<Value>> {
        let entry = self.slot(class, name).get();
        (entry.version == class.version.get() && entry.name == name.value().bits())
            .then_some(entry.value)
    }

    fn put(&self, class: Gc<Class>, name: Gc<Str>, value: Option<Value>) {
        // Only interned names: the address of another could be reused.
        if name.is_interned() {
            let version = class.version.get();
            self.slot(class, name).set(LookupEntry {
                version,
                name: name.value().bits(),
                value,
            });
        }
    }

    /// Forgets everything (class versions have wrapped around).
    pub fn clear(&self) {
        for entry in &self.entries {
            entry.set(LookupEntry {
                version: 0,
                name: 0,
                value: None,
            });
        }
    }
}

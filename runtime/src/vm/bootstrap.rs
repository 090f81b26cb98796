//! Bringing up an interpreter: built-in classes, names, the main thread.

use super::*;
use crate::heap::{Layout, Object};
use crate::object::Shape;
use crate::types as t;
use crate::types::exception::classes as exc;

impl Vm {
    /// A new interpreter on the calling thread; `None` if the system lacks
    /// the address space.
    pub fn new(settings: Settings) -> Option<Box<Vm>> {
        let seed = settings.hash_seed;
        let vm = Box::new(Vm {
            heap: Heap::new()?,
            types: Types::unset(),
            shapes: Shapes::unset(),
            names: Names::unset(),
            defaults: Defaults::default(),
            settings: RefCell::new(settings),
            interned: RefCell::default(),
            lookup_cache: LookupCache::default(),
            shared_sites: SharedSites::default(),
            variables: ClassVariables::default(),
            lock: InterpreterLock::default(),
            breaker: Breaker::default(),
            attribute_epoch: Cell::new(1),
            interpreter: Cell::new(None),
            raised: Cell::new(None),
            thread: Cell::new(std::ptr::null()),
            threads: RefCell::default(),
            modules: Cell::new(None),
            builtins: Cell::new(None),
            sys_dict: Cell::new(None),
            builtin_import: Cell::new(None),
            switch_interval: Cell::new(0.005),
            finalizing: Cell::new(false),
            builtin_all: Cell::new(None),
            builtin_any: Cell::new(None),
            importlib: Cell::new(None),
            specials: RefCell::default(),
            def_classes: RefCell::default(),
            recent_def_classes: [const { Cell::new(None) }; super::RECENT_DEFS],
            weakrefs: RefCell::default(),
            new_weakref_keys: RefCell::default(),
            new_bases: RefCell::default(),
            rooted: RefCell::default(),
            unfinished: RefCell::default(),
            permanent: RefCell::default(),
            consumers: RefCell::default(),
            steps: RefCell::default(),
            hash_key: Cell::new(hash_key(seed)),
            versions: Cell::new(0),
            keys_versions: Cell::new(0),
            function_versions: Cell::new(0),
            recursion_limit: Cell::new(1000),
            recursion_setting: Cell::new(1000),
            thread_stack_size: Cell::new(0),
            async_error: RefCell::default(),
            native_modules: RefCell::default(),
            jit: Cell::new(std::ptr::null()),
            second: Cell::new(0),
            nans: Cell::new(0),
            tuple_hashes: Default::default(),
            keyword_places: Default::default(),
            jit_threshold: Cell::new(u32::MAX),
            jit_call_threshold: Cell::new(u32::MAX),
            audit_hooks: Default::default(),
            monitoring: Default::default(),
            pending_signals: std::sync::atomic::AtomicU64::new(0),
        });
        // SAFETY: the heap is part of the box and collects only while it exists.
        unsafe { vm.heap.set_roots(&*vm) };
        vm.lock.acquire(&vm.breaker);
        // SAFETY: a plain query.
        if !vm.attach_thread(unsafe { libc::pthread_self() } as u64) {
            return None;
        }
        vm.make_builtin_types().ok()?;
        Some(vm)
    }

    fn internal_shape(&self, layout: &'static Layout) -> &'static Shape {
        Shape::root(&self.heap, None, layout, layout.size, 0, 0)
    }

    fn make_builtin_types(&self) -> Result<()> {
        let shapes = &self.shapes;
        let internal: [(&names::Known<&'static Shape>, &'static Layout); 4] = [
            (&shapes.array, t::list::Array::LAYOUT),
            (&shapes.dict_table, t::dict::table_layout()),
            (&shapes.set_table, t::set::table_layout()),
            (&shapes.str_buffer, t::str::buffer_layout()),
        ];
        for (known, layout) in internal {
            known.set(self.internal_shape(layout));
        }
        // The first classes are made of objects whose classes do not exist yet.
        let early_type = self.internal_shape(Class::LAYOUT);
        let (early_str, early_tuple, early_dict) = (
            self.internal_shape(Str::LAYOUT),
            self.internal_shape(Tuple::LAYOUT),
            self.internal_shape(Dict::LAYOUT),
        );
        shapes.str.set(early_str);
        shapes.tuple.set(early_tuple);
        shapes.dict.set(early_dict);
        self.names.empty.set(self.make_empty_str()?);
        self.names.fill(self);
        for special in Special::ALL {
            let name = self.intern(special.name()).value();
            self.specials.borrow_mut().insert(name, special);
        }

        let types = &self.types;
        let object = Class::declare_early(self, &t::object::OBJECT, early_type, None)?;
        types.object.set(object);
        for (known, _) in internal {
            known.get().set_class(object);
        }
        let declare = |def: &'static TypeDef, base: Option<Gc<Class>>| -> Result<Gc<Class>> {
            let class = Class::declare_early(self, def, early_type, Some(base.unwrap_or(object)))?;
            self.register_def(def, class);
            Ok(class)
        };
        let adopt = |class: Gc<Class>, shape: &'static Shape| {
            shape.set_class(class);
            class.root_shape.set(shape);
            class.dict_shape.set(shape);
        };
        types.type_.set(declare(&t::type_::TYPE, None)?);
        adopt(types.type_.get(), early_type);
        types.str.set(declare(&t::str::STR, None)?);
        adopt(types.str.get(), early_str);
        types.tuple.set(declare(&t::tuple::TUPLE, None)?);
        adopt(types.tuple.get(), early_tuple);
        types.dict.set(declare(&t::dict::DICT, None)?);
        adopt(types.dict.get(), early_dict);
        self.names
            .empty_tuple
            .set(Some(self.tuple_with_shape(&[], early_tuple)?));

        types.int.set(declare(&t::int::INT, None)?);
        types
            .bool
            .set(declare(&t::boolean::BOOL, Some(types.int.get()))?);
        let plain: &[(&names::Known<Gc<Class>>, &'static TypeDef)] = &[
            (&types.float, &t::float::FLOAT),
            (&types.complex, &t::complex::COMPLEX),
            (&types.bytes, &t::bytes::BYTES),
            (&types.bytearray, &t::bytes::BYTEARRAY),
            (&types.memoryview, &t::memoryview::MEMORYVIEW),
            (&types.list, &t::list::LIST),
            (&types.set, &t::set::SET),
            (&types.frozenset, &t::set::FROZENSET),
            (&types.slice, &t::slice::SLICE),
            (&types.range, &t::range::RANGE),
            (&types.none, &t::singletons::NONE_TYPE),
            (&types.ellipsis, &t::singletons::ELLIPSIS_TYPE),
            (&types.not_implemented, &t::singletons::NOT_IMPLEMENTED_TYPE),
            (&types.function, &t::function::FUNCTION),
            (&types.native_function, &t::function::NATIVE_FUNCTION),
            (&types.method_descriptor, &t::function::METHOD_DESCRIPTOR),
            (&types.wrapper_descriptor, &t::function::WRAPPER_DESCRIPTOR),
            (
                &types.class_method_descriptor,
                &t::function::CLASS_METHOD_DESCRIPTOR,
            ),
            (&types.method_wrapper, &t::function::METHOD_WRAPPER),
            (&types.bound_method, &t::method::METHOD),
            (&types.module, &t::module::MODULE),
            (&types.cell, &t::cell::CELL),
            (&types.code, &t::code::CODE),
            (&types.frame, &t::frame::FRAME),
            (&types.traceback, &t::exception::TRACEBACK),
            (&types.generator, &t::generator::GENERATOR),
            (&types.coroutine, &t::generator::COROUTINE),
            (&types.async_generator, &t::generator::ASYNC_GENERATOR),
            (&types.property, &t::descriptor::PROPERTY),
            (&types.static_method, &t::descriptor::STATIC_METHOD),
            (&types.class_method, &t::descriptor::CLASS_METHOD),
            (&types.getset, &t::descriptor::GETSET),
            (&types.member, &t::descriptor::MEMBER),
            (&types.mappingproxy, &t::dict::MAPPING_PROXY),
            (&types.super_, &t::super_::SUPER),
            (&types.weakref, &t::weakref::REF),
            (&types.generic_alias, &t::alias::GENERIC_ALIAS),
            (&types.union_type, &t::union::UNION),
            (&types.enumerate, &t::lazy::ENUMERATE),
            (&types.reversed, &t::lazy::REVERSED),
            (&types.zip, &t::lazy::ZIP),
            (&types.map, &t::lazy::MAP),
            (&types.filter, &t::lazy::FILTER),
            (&types.base_exception, &exc::BASE_EXCEPTION),
        ];
        for (known, def) in plain {
            known.set(declare(def, None)?);
        }
        let exact: &[(&names::Known<&'static Shape>, &names::Known<Gc<Class>>)] = &[
            (&shapes.complex, &types.complex),
            (&shapes.bytes, &types.bytes),
            (&shapes.bytearray, &types.bytearray),
            (&shapes.list, &types.list),
            (&shapes.set, &types.set),
            (&shapes.frozenset, &types.frozenset),
            (&shapes.slice, &types.slice),
            (&shapes.range, &types.range),
            (&shapes.function, &types.function),
            (&shapes.bound_method, &types.bound_method),
            (&shapes.module, &types.module),
            (&shapes.cell, &types.cell),
            (&shapes.code, &types.code),
            (&shapes.frame, &types.frame),
            (&shapes.traceback, &types.traceback),
            (&shapes.generator, &types.generator),
            (&shapes.coroutine, &types.coroutine),
            (&shapes.async_generator, &types.async_generator),
        ];
        for (shape, class) in exact {
            shape.set(class.get().root_shape.get());
        }
        // Exact integers beyond the immediate range have a layout of their own.
        let big_int = self.internal_shape(t::int::BigIntObject::LAYOUT);
        big_int.set_class(types.int.get());
        shapes.big_int.set(big_int);

        let mut early = vec![
            (object, &t::object::OBJECT),
            (types.type_.get(), &t::type_::TYPE),
        ];
        let more: [(Gc<Class>, &'static TypeDef); 5] = [
            (types.str.get(), &t::str::STR),
            (types.tuple.get(), &t::tuple::TUPLE),
            (types.dict.get(), &t::dict::DICT),
            (types.int.get(), &t::int::INT),
            (types.bool.get(), &t::boolean::BOOL),
        ];
        early.extend(more);
        early.extend(plain.iter().map(|(known, def)| (known.get(), *def)));
        self.register_def(&t::object::OBJECT, object);
        for (class, def) in &early {
            class.populate(self, def)?;
        }
        use crate::object::ClassFlags as F;
        for class in [
            types.bool.get(),
            types.bytearray.get(),
            types.bytes.get(),
            types.dict.get(),
            types.float.get(),
            types.frozenset.get(),
            types.int.get(),
            types.list.get(),
            types.set.get(),
            types.str.get(),
            types.tuple.get(),
        ] {
            class.set_flag(F::MATCH_SELF, true);
        }
        for class in [
            types.list.get(),
            types.tuple.get(),
            types.range.get(),
            types.memoryview.get(),
        ] {
            class.set_flag(F::SEQUENCE, true);
        }
        for class in [types.dict.get(), types.mappingproxy.get()] {
            class.set_flag(F::MAPPING, true);
        }
        let defaults = &self.defaults;
        let of = |class: Gc<Class>, special: Special| class.special(special);
        defaults.getattribute.set(of(object, Special::GetAttribute));
        defaults.setattr.set(of(object, Special::SetAttr));
        defaults.delattr.set(of(object, Special::DelAttr));
        defaults.init.set(of(object, Special::Init));
        defaults.new.set(of(object, Special::New));
        defaults.hash.set(of(object, Special::Hash));
        defaults
            .type_getattribute
            .set(of(types.type_.get(), Special::GetAttribute));
        object.modified(self);
        for def in exc::all() {
            self.class_of_def(def)?;
        }
        let base = self.exception_class(&exc::BASE_EXCEPTION);
        defaults.exception_init.set(of(base, Special::Init));
        defaults.exception_new.set(of(base, Special::New));
        defaults
            .exception_args
            .set(base.lookup(self, self.intern("args")));
        Ok(())
    }
}

impl Class {
    fn declare_early(
        vm: &Vm,
        def: &'static TypeDef,
        shape: &'static Shape,
        base: Option<Gc<Class>>,
    ) -> Result<Gc<Class>> {
        Gc::<Class>::declare(vm, def, shape, base)
    }
}

/// The key of string hashes: random unless a seed is given (`PYTHONHASHSEED`).
fn hash_key(seed: Option<u32>) -> (u64, u64) {
    match seed {
        Some(seed) => {
            let mix =
                |x: u64| (x ^ x >> 31).wrapping_mul(0x9FB2_1C65_1E98_DF25) ^ 0x2545_F491_4F6C_DD1D;
            (mix(u64::from(seed)), mix(mix(u64::from(seed) + 1)))
        }
        None => {
            let mut key = [0u64; 2];
            // SAFETY: fills the array, or leaves it as it is.
            unsafe { libc::getrandom(key.as_mut_ptr().cast(), 16, 0) };
            (key[0], key[1])
        }
    }
}

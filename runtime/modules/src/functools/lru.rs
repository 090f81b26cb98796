//! The wrapper that `lru_cache` puts around a function: a dictionary of results,
//! in a bounded cache by way of links in order of last use.

use super::{bind, check_callable, keyword_names};
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, Recall, TypeDef, slots};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A cached result. The root's neighbours are the results used last and first.
#[repr(C)]
struct Link {
    header: Header,
    previous: GcField<Link>,
    next: GcField<Link>,
    key: Field,
    result: Field,
    hash: Cell<u64>,
}

heap_object!(Link, "_lru_list_elem", Kind::Internal, |this, marker| {
    marker.gc_field(&this.previous);
    marker.gc_field(&this.next);
    marker.field(&this.key);
    marker.field(&this.result);
});

/// The type of links, which Python code does not see.
static LINK: TypeDef = TypeDef {
    module: "functools",
    ..TypeDef::new("_lru_list_elem", <Link as Object>::LAYOUT)
};

fn join(a: Gc<Link>, b: Gc<Link>) {
    a.next.set(&a.header, b);
    b.previous.set(&b.header, a);
}

/// Takes a link out. It forgets its neighbours: if it is old, it would keep all younger links
/// alive that ever stood behind it until the next major collection.
fn take_out(link: Gc<Link>) {
    if let (Some(previous), Some(next)) = (link.previous.get(), link.next.get()) {
        join(previous, next);
    }
    link.previous.clear();
    link.next.clear();
}

/// Places a link as the one used last.
fn append(link: Gc<Link>, root: Gc<Link>) {
    let last = root.previous.get().unwrap_or(root);
    join(last, link);
    join(link, root);
}

/// How much a cache may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Unbounded,
    AtMost(usize),
}

/// The wrapper.
#[repr(C)]
pub struct LruCache {
    pub header: Header,
    function: Field,
    cache: GcField<Dict>,
    root: GcField<Link>,
    info_type: Field,
    /// Separates positional arguments from keywords in keys.
    mark: Field,
    size: Size,
    typed: bool,
    hits: Cell<i64>,
    misses: Cell<i64>,
}

heap_object!(
    LruCache,
    "_lru_cache_wrapper",
    Kind::Other,
    |this, marker| {
        marker.field(&this.function);
        marker.gc_field(&this.cache);
        marker.gc_field(&this.root);
        marker.field(&this.info_type);
        marker.field(&this.mark);
    }
);

fn new_link(vm: &Vm, key: Option<Value>, result: Option<Value>, hash: u64) -> Result<Gc<Link>> {
    let link = Link {
        header: Header::empty(),
        previous: GcField::empty(),
        next: GcField::empty(),
        key: Field::opt(key),
        result: Field::opt(result),
        hash: Cell::new(hash),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&LINK)?.root_shape.get(), link))
}

fn new_root(vm: &Vm) -> Result<Gc<Link>> {
    let root = new_link(vm, None, None, 0)?;
    join(root, root);
    Ok(root)
}

fn lru_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&LRU_CACHE_WRAPPER)?)?;
    check_callable(vm, args[1])?;
    let size = if args[2].is_none() {
        Size::Unbounded
    } else if args[2].as_int_ref().is_some() {
        Size::AtMost(vm.to_ssize_arg(args[2])?.max(0) as usize)
    } else {
        return Err(vm.type_error("maxsize should be integer or None"));
    };
    let mark = vm.call(vm.types.object.get().value(), &[])?;
    let object = LruCache {
        header: Header::empty(),
        function: Field::new(args[1]),
        cache: GcField::new(vm.new_dict()),
        root: GcField::new(new_root(vm)?),
        info_type: Field::new(args[4]),
        mark: Field::new(mark),
        size,
        typed: vm.truth(args[3])?,
        hits: Cell::new(0),
        misses: Cell::new(0),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

impl LruCache {
    /// The dictionary key of a call.
    fn key(&self, vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
        let keys = keyword_names(names);
        let (positional, values) = args.split_at(args.len() - keys.len());
        if !self.typed && keys.is_empty() {
            if let [v] = *positional
                && is_own_key(vm, v)
            {
                return Ok(v);
            }
            return Ok(vm.new_tuple(positional)?.value());
        }
        let mut parts = vm.rooted_slice(positional);
        if !keys.is_empty() {
            parts.push(self.mark.or_none());
            for (k, v) in keys.iter().zip(values) {
                parts.push(*k);
                parts.push(*v);
            }
        }
        if self.typed {
            parts.extend(args.iter().map(|v| vm.class_of(*v).value()));
        }
        Ok(vm.new_tuple(&parts)?.value())
    }
}

impl LruCache {
    /// What the cache has for a call with these arguments, if neither hashing nor comparing them
    /// may run Python code: the result, or the link with it.
    fn entry(&self, vm: &Vm, args: &[Value]) -> Option<Value> {
        if self.typed {
            return None;
        }
        let cache = self.cache.get()?;
        match *args {
            [v] if is_own_key(vm, v) => cache.get_key(vm, v)?,
            _ => cache.get_flat(vm, args)?,
        }
    }

    /// The result that an entry stands for, which was used just now.
    fn hit(&self, entry: Value) -> Option<Value> {
        let result = match self.size {
            Size::Unbounded => entry,
            Size::AtMost(_) => {
                let link = entry.cast::<Link>()?;
                take_out(link);
                append(link, self.root.get()?);
                link.result.or_none()
            }
        };
        self.hits.set(self.hits.get() + 1);
        Some(result)
    }
}

/// Whether an only argument is its own key.
fn is_own_key(vm: &Vm, v: Value) -> bool {
    v.is_int()
        || v.header()
            .is_some_and(|h| h.shape_id() == vm.shapes.str.get().id())
}

/// The cached results of calls with simple arguments.
const RECALL: Recall = Recall {
    knows: |vm, args| this::<LruCache>(args[0]).entry(vm, &args[1..]).is_some(),
    result: |vm, args| {
        let this = this::<LruCache>(args[0]);
        this.entry(vm, &args[1..]).and_then(|entry| this.hit(entry))
    },
};

fn lru_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let this = this::<LruCache>(args[0]);
    let args = &args[1..];
    if names.is_none()
        && let Some(result) = this.entry(vm, args).and_then(|entry| this.hit(entry))
    {
        return Ok(result);
    }
    let function = this.function.or_none();
    let (Some(cache), Some(root)) = (this.cache.get(), this.root.get()) else {
        return Ok(Value::NONE);
    };
    if this.size == Size::AtMost(0) {
        this.misses.set(this.misses.get() + 1);
        return vm.call_with(function, args, names);
    }
    let key = this.key(vm, args, names)?;
    let hash = vm.hash(key)?;
    let found = cache.get_hashed(vm, key, hash)?;
    let Size::AtMost(most) = this.size else {
        if let Some(result) = found {
            this.hits.set(this.hits.get() + 1);
            return Ok(result);
        }
        this.misses.set(this.misses.get() + 1);
        let result = vm.call_with(function, args, names)?;
        cache.set_hashed(vm, key, hash, result)?;
        return Ok(result);
    };
    if let Some(link) = found.and_then(|v| v.cast::<Link>()) {
        take_out(link);
        append(link, root);
        this.hits.set(this.hits.get() + 1);
        return Ok(link.result.or_none());
    }
    this.misses.set(this.misses.get() + 1);
    let result = vm.call_with(function, args, names)?;
    // The call may have put the same key, or cleared the cache.
    if cache.get_hashed(vm, key, hash)?.is_some() {
        return Ok(result);
    }
    if cache.len() < most {
        let link = new_link(vm, Some(key), Some(result), hash)?;
        cache.set_hashed(vm, key, hash, link.value())?;
        append(link, root);
        return Ok(result);
    }
    let Some(oldest) = root.next.get().filter(|l| *l != root) else {
        return Ok(result);
    };
    take_out(oldest);
    let old_key = oldest.key.or_none();
    if cache
        .remove_hashed(vm, old_key, oldest.hash.get())?
        .is_none()
    {
        // Comparing keys removed it meanwhile; the new result is not cached then.
        return Ok(result);
    }
    let link = new_link(vm, Some(key), Some(result), hash)?;
    cache.set_hashed(vm, key, hash, link.value())?;
    append(link, root);
    Ok(result)
}

fn cache_info(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<LruCache>(args[0]);
    let size = match this.size {
        Size::Unbounded => Value::NONE,
        Size::AtMost(n) => vm.new_int(n as i64),
    };
    let current = this.cache.get().map_or(0, |c| c.len());
    let (hits, misses) = (vm.new_int(this.hits.get()), vm.new_int(this.misses.get()));
    vm.call(
        this.info_type.or_none(),
        &[hits, misses, size, vm.new_int(current as i64)],
    )
}

fn cache_clear(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<LruCache>(args[0]);
    let root = new_root(vm)?;
    this.root.set(&this.header, root);
    this.hits.set(0);
    this.misses.set(0);
    if let Some(cache) = this.cache.get() {
        cache.clear();
    }
    Ok(Value::NONE)
}

fn identity(_: &Vm, args: &[Value]) -> Result {
    Ok(args[0])
}

/// The wrapper's type.
pub static LRU_CACHE_WRAPPER: TypeDef = TypeDef {
    module: "functools",
    doc: "Create a cached callable that wraps another function.\n\n\
          user_function:      the function being cached\n\n\
          maxsize:  0         for no caching\n          None      for unlimited cache size\n          \
          n         for a bounded cache\n\n\
          typed:    False     cache f(3) and f(3.0) as identical calls\n          \
          True      cache f(3) and f(3.0) as distinct calls\n\n\
          cache_info_type:    namedtuple class with the fields:\n                        \
          hits misses currsize maxsize\n",
    subclassable: true,
    has_dict: true,
    recall: Some(RECALL),
    flags: ClassFlags::WEAKREFS,
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /, user_function, maxsize, typed, cache_info_type)",
            "Create and return a new object.  See help(type) for accurate signature.",
            lru_new,
        )
        .static_(),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            lru_call,
        ),
        slots::get(bind),
        MethodDef::new(
            "cache_info",
            "(self, /)",
            "Report cache statistics",
            cache_info,
        ),
        MethodDef::new(
            "cache_clear",
            "(self, /)",
            "Clear the cache and cache statistics",
            cache_clear,
        ),
        MethodDef::new("__reduce__", "(self, /)", "", |vm, args| {
            vm.get_attr_str(args[0], "__qualname__")
        }),
        MethodDef::new("__copy__", "(self, /, *args)", "", identity),
        MethodDef::new("__deepcopy__", "(self, /, *args)", "", identity),
    ],
    ..TypeDef::new("_lru_cache_wrapper", <LruCache as Object>::LAYOUT)
};

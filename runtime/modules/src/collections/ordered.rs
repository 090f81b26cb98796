//! `OrderedDict`: dictionaries keep their items in order anyway; this adds the
//! operations on the order, comparison by order, and stricter iteration.

use std::cell::Cell;
use taipan_runtime::heap::{Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, Special, TypeDef, slots};
use taipan_runtime::types::dict::views::{
    DICT_ITEMS, DICT_KEYS, DICT_VALUES, DictView, ViewKind, view_of_class,
};
use taipan_runtime::types::dict::{DICT, Dict, methods as dicts};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::protocol::{
    NEXT, exact_dict, object_state, reduce_as_list, split_keywords, this,
};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// An iterator; which way and over what is known from the object.
#[repr(C)]
pub struct OrderedIter {
    pub header: Header,
    dict: GcField<Dict>,
    at: Cell<usize>,
    size: usize,
    /// Version of the keys at the beginning.
    version: u32,
    reverse: bool,
    kind: ViewKind,
}

heap_object!(
    OrderedIter,
    "odict_iterator",
    Kind::Other,
    |this, marker| {
        marker.gc_field(&this.dict);
    }
);

fn iterator(vm: &Vm, dict: Gc<Dict>, kind: ViewKind, reverse: bool) -> Result {
    let object = OrderedIter {
        header: Header::empty(),
        dict: GcField::new(dict),
        at: Cell::new(if reverse { usize::MAX } else { 0 }),
        size: dict.len(),
        version: dict.keys_version(vm),
        reverse,
        kind,
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&ODICT_ITERATOR)?.root_shape.get(), object)
        .value())
}

fn iter_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<OrderedIter>(v);
    let Some(dict) = it.dict.get() else {
        return Ok(None);
    };
    if dict.current_version() != it.version {
        let message = if dict.len() != it.size {
            "OrderedDict changed size during iteration"
        } else {
            "OrderedDict mutated during iteration"
        };
        return Err(vm.runtime_error(message));
    }
    let entry = if it.reverse {
        dict.previous_entry(it.at.get())
    } else {
        dict.next_entry(it.at.get())
    };
    let Some((at, key, value)) = entry else {
        it.dict.clear();
        return Ok(None);
    };
    it.at.set(at);
    Ok(Some(match it.kind {
        ViewKind::Keys => key,
        ViewKind::Values => value,
        ViewKind::Items => vm.pair(key, value)?,
    }))
}

fn iter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<OrderedIter>(args[0]);
    let (at, dict) = (it.at.get(), it.dict.get());
    let mut items = vm.rooted();
    while let Some(item) = iter_next(vm, args[0])? {
        items.push(item);
    }
    // Pickling leaves the iterator where it was.
    it.at.set(at);
    if let Some(dict) = dict {
        it.dict.set(&it.header, dict);
    }
    reduce_as_list(vm, &items)
}

static ODICT_ITERATOR: TypeDef = TypeDef {
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[ITER_SELF, NEXT, slots::reduce(iter_reduce)],
    next: Some(iter_next),
    ..TypeDef::new("odict_iterator", <OrderedIter as Object>::LAYOUT)
};

fn dict_of(v: Value) -> Gc<Dict> {
    this::<DictView>(v).dict()
}

const REVERSED_DOC: &str = "Return a reverse iterator over the view.";

static ODICT_KEYS: TypeDef = TypeDef {
    base: Some(&DICT_KEYS),
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        slots::iter(|vm, args| iterator(vm, dict_of(args[0]), ViewKind::Keys, false)),
        MethodDef::new("__reversed__", "(self, /)", REVERSED_DOC, |vm, args| {
            iterator(vm, dict_of(args[0]), ViewKind::Keys, true)
        }),
    ],
    ..TypeDef::new("odict_keys", <DictView as Object>::LAYOUT)
};

static ODICT_VALUES: TypeDef = TypeDef {
    base: Some(&DICT_VALUES),
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        slots::iter(|vm, args| iterator(vm, dict_of(args[0]), ViewKind::Values, false)),
        MethodDef::new("__reversed__", "(self, /)", REVERSED_DOC, |vm, args| {
            iterator(vm, dict_of(args[0]), ViewKind::Values, true)
        }),
    ],
    ..TypeDef::new("odict_values", <DictView as Object>::LAYOUT)
};

static ODICT_ITEMS: TypeDef = TypeDef {
    base: Some(&DICT_ITEMS),
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        slots::iter(|vm, args| iterator(vm, dict_of(args[0]), ViewKind::Items, false)),
        MethodDef::new("__reversed__", "(self, /)", REVERSED_DOC, |vm, args| {
            iterator(vm, dict_of(args[0]), ViewKind::Items, true)
        }),
    ],
    ..TypeDef::new("odict_items", <DictView as Object>::LAYOUT)
};

fn init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let given = args.len() - names.map_or(0, |n| n.len()) - 1;
    if given > 1 {
        return Err(vm.type_error(format!("expected at most 1 argument, got {given}")));
    }
    update_raw(vm, args, names)
}

/// `MutableMapping.update`: items are stored by `self[key] = value`.
fn update_raw(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let (positional, keywords) = split_keywords(args, names);
    if positional.len() > 2 {
        let given = positional.len() - 1;
        return Err(vm.type_error(format!(
            "update() takes at most 1 positional argument ({given} given)"
        )));
    }
    if let Some(&other) = positional.get(1) {
        update(vm, args[0], other)?;
    }
    for (key, value) in keywords {
        vm.set_item(args[0], key.value(), value)?;
    }
    Ok(Value::NONE)
}

fn update(vm: &Vm, to: Value, other: Value) -> Result<()> {
    if let Some(from) = exact_dict(vm, other) {
        if vm.class_of(to) == vm.class_of_def(&ORDERED_DICT)? {
            return this::<Dict>(to).update_from(vm, &from);
        }
        let pairs: Vec<(Value, Value)> = from.items().collect();
        let _rooted = vm.rooted_from(pairs.iter().flat_map(|p| [p.0, p.1]).collect());
        return pairs
            .into_iter()
            .try_for_each(|(k, v)| vm.set_item(to, k, v));
    }
    if vm.find_attr(other, vm.names.keys.get())?.is_some() {
        let keys = vm.call_method_named(other, vm.names.keys.get(), &[])?;
        return vm.for_each(keys, &mut |key| {
            let value = vm.get_item(other, key)?;
            vm.set_item(to, key, value)
        });
    }
    let pairs = match vm.find_attr(other, vm.names.items.get())? {
        Some(items) => vm.call(items, &[])?,
        None => other,
    };
    vm.for_each(pairs, &mut |pair| {
        let pair = vm.collect(pair)?;
        match *pair {
            [key, value] => vm.set_item(to, key, value),
            [] => Err(vm.value_error("need more than 0 values to unpack")),
            [_] => Err(vm.value_error("need more than 1 value to unpack")),
            _ => Err(vm.value_error("too many values to unpack (expected 2)")),
        }
    })
}

fn ordered_eq(vm: &Vm, a: Value, b: Value) -> Result<Option<bool>> {
    let (first, Some(second)) = (this::<Dict>(a), b.cast::<Dict>()) else {
        return Ok(None);
    };
    if !dicts::equal(vm, first, second)? {
        return Ok(Some(false));
    }
    if !vm
        .class_of(b)
        .is_subclass_of(vm.class_of_def(&ORDERED_DICT)?)
    {
        return Ok(Some(true));
    }
    let (mut i, mut j) = (0, 0);
    let versions = (first.keys_version(vm), second.keys_version(vm));
    while let (Some((next_i, x, _)), Some((next_j, y, _))) =
        (first.next_entry(i), second.next_entry(j))
    {
        let equal = vm.equal_identity(x, y)?;
        if versions != (first.current_version(), second.current_version()) {
            return Err(vm.runtime_error("OrderedDict mutated during iteration"));
        }
        if !equal {
            return Ok(Some(false));
        }
        (i, j) = (next_i, next_j);
    }
    Ok(Some(true))
}

fn ordered_repr(vm: &Vm, args: &[Value]) -> Result {
    let dict = this::<Dict>(args[0]);
    let name = dict.class().name_string();
    if dict.is_empty() {
        return Ok(vm.new_str(&format!("{name}()")).value());
    }
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str("...").value());
    };
    let copy = dict.copy(vm)?;
    let mut text = TextBuf::new();
    text.push_str(&format!("{name}("));
    vm.push_repr(&mut text, copy.value())?;
    text.push_ascii(")");
    vm.finish_text(text)
}

fn ordered_or(vm: &Vm, left: Value, right: Value, class: Value) -> Result {
    if left.cast::<Dict>().is_none() || right.cast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let new = vm.call(class, &[left])?;
    update(vm, new, right)?;
    Ok(new)
}

fn ordered_ior(vm: &Vm, args: &[Value]) -> Result {
    update(vm, args[0], args[1])?;
    Ok(args[0])
}

fn fromkeys(vm: &Vm, args: &[Value]) -> Result {
    let value = args[2].given().unwrap_or(Value::NONE);
    let made = vm.call(args[0], &[])?;
    vm.for_each(args[1], &mut |key| vm.set_item(made, key, value))?;
    Ok(made)
}

fn ordered_reduce(vm: &Vm, args: &[Value]) -> Result {
    let state = object_state(vm, args[0])?;
    let items = vm.call_method_named(args[0], vm.names.items.get(), &[])?;
    let iterator = vm.iter(items)?;
    let class = vm.class_of(args[0]).value();
    let none = vm.new_tuple(&[])?.value();
    Ok(vm
        .new_tuple(&[class, none, state, Value::NONE, iterator])?
        .value())
}

fn is_exact(vm: &Vm, v: Value) -> Result<bool> {
    Ok(vm.class_of(v) == vm.class_of_def(&ORDERED_DICT)?)
}

fn setdefault(vm: &Vm, args: &[Value]) -> Result {
    let default = args[2].given().unwrap_or(Value::NONE);
    if is_exact(vm, args[0])? {
        return Ok(this::<Dict>(args[0]).set_default(vm, args[1], default)?.0);
    }
    if vm.contains(args[0], args[1])? {
        return vm.get_item(args[0], args[1]);
    }
    vm.set_item(args[0], args[1], default)?;
    Ok(default)
}

fn pop(vm: &Vm, args: &[Value]) -> Result {
    if let Some(v) = this::<Dict>(args[0]).remove(vm, args[1])? {
        return Ok(v);
    }
    args[2].given().ok_or_else(|| vm.key_error(args[1]))
}

fn popitem(vm: &Vm, args: &[Value]) -> Result {
    let last = match args[1].given() {
        Some(v) => vm.truth(v)?,
        None => true,
    };
    let dict = this::<Dict>(args[0]);
    match if last {
        dict.pop_last()
    } else {
        dict.pop_first()
    } {
        Some((k, v)) => vm.pair(k, v),
        None => Err(vm.raise_str(vm.exception_class(&exc::KEY_ERROR), "dictionary is empty")),
    }
}

fn move_to_end(vm: &Vm, args: &[Value]) -> Result {
    let last = match args[2].given() {
        Some(v) => vm.truth(v)?,
        None => true,
    };
    if this::<Dict>(args[0]).move_to_end(vm, args[1], last)? {
        Ok(Value::NONE)
    } else {
        Err(vm.key_error(args[1]))
    }
}

fn copy(vm: &Vm, args: &[Value]) -> Result {
    let dict = this::<Dict>(args[0]);
    if is_exact(vm, args[0])? {
        let new = vm.dict_with_shape(dict.class().root_shape.get());
        let version = dict.keys_version(vm);
        let mut at = 0;
        while let Some((next, key, value)) = dict.next_entry(at) {
            new.set_hashed(vm, key, dict.hash_at(next - 1), value)?;
            if dict.current_version() != version {
                return Err(vm.runtime_error("OrderedDict mutated during iteration"));
            }
            at = next;
        }
        return Ok(new.value());
    }
    let new = vm.call(dict.class().value(), &[])?;
    let plain =
        dict.class().special(Special::GetItem) == vm.types.dict.get().special(Special::GetItem);
    let mut at = 0;
    let version = dict.keys_version(vm);
    while let Some((next, key, value)) = dict.next_entry(at) {
        at = next;
        let value = if plain {
            value
        } else {
            vm.get_item(args[0], key)?
        };
        if dict.current_version() != version {
            return Err(vm.runtime_error("OrderedDict mutated during iteration"));
        }
        vm.set_item(new, key, value)?;
        if dict.current_version() != version {
            return Err(vm.runtime_error("OrderedDict mutated during iteration"));
        }
    }
    Ok(new)
}

/// `OrderedDict`.
pub static ORDERED_DICT: TypeDef = TypeDef {
    module: "collections",
    doc: "Dictionary that remembers insertion order",
    base: Some(&DICT),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        slots::init(init),
        slots::repr(ordered_repr),
        slots::eq(|vm, args| {
            Ok(ordered_eq(vm, args[0], args[1])?.map_or(Value::NOT_IMPLEMENTED, Value::bool))
        }),
        slots::ne(|vm, args| {
            Ok(ordered_eq(vm, args[0], args[1])?
                .map_or(Value::NOT_IMPLEMENTED, |equal| Value::bool(!equal)))
        }),
        slots::iter(|vm, args| iterator(vm, this(args[0]), ViewKind::Keys, false)),
        slots::or(|vm, args| ordered_or(vm, args[0], args[1], vm.class_of(args[0]).value())),
        slots::ror(|vm, args| ordered_or(vm, args[1], args[0], vm.class_of(args[0]).value())),
        slots::ior(ordered_ior),
        MethodDef::new(
            "fromkeys",
            "(type, /, iterable, value=None)",
            "Create a new ordered dictionary with keys from iterable and values set to value.",
            fromkeys,
        )
        .class(),
        slots::reduce(ordered_reduce),
        MethodDef::new(
            "setdefault",
            "(self, /, key, default=None)",
            "Insert key with a value of default if key is not in the dictionary.\n\n\
             Return the value for key if key is in the dictionary, else default.",
            setdefault,
        ),
        MethodDef::new(
            "pop",
            "(self, /, key, default=<unrepresentable>)",
            "od.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\n\
             If the key is not found, return the default if given; otherwise,\nraise a KeyError.",
            pop,
        ),
        MethodDef::new(
            "popitem",
            "(self, /, last=True)",
            "Remove and return a (key, value) pair from the dictionary.\n\n\
             Pairs are returned in LIFO order if last is true or FIFO order if false.",
            popitem,
        ),
        MethodDef::new("keys", "(self, /)", "", |vm, args| {
            view_of_class(vm, this(args[0]), ViewKind::Keys, &ODICT_KEYS)
        }),
        MethodDef::new("values", "(self, /)", "", |vm, args| {
            view_of_class(vm, this(args[0]), ViewKind::Values, &ODICT_VALUES)
        }),
        MethodDef::new("items", "(self, /)", "", |vm, args| {
            view_of_class(vm, this(args[0]), ViewKind::Items, &ODICT_ITEMS)
        }),
        MethodDef::raw("update", "", "", update_raw),
        MethodDef::new("copy", "(self, /)", "A shallow copy of ordered dict.", copy),
        MethodDef::new(
            "__reversed__",
            "(self, /)",
            "od.__reversed__() <==> reversed(od)",
            |vm, args| iterator(vm, this(args[0]), ViewKind::Keys, true),
        ),
        MethodDef::new(
            "move_to_end",
            "(self, /, key, last=True)",
            "Move an existing element to the end (or beginning if last is false).\n\n\
             Raise KeyError if the element does not exist.",
            move_to_end,
        ),
    ],
    ..TypeDef::new("OrderedDict", <Dict as Object>::LAYOUT)
};

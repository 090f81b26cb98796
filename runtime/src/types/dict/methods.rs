//! The Python type `dict`.

use super::Dict;
use super::views::{self, ViewKind};
use crate::heap::{Gc, Object};
use crate::object::{ClassFlags, MethodDef, Special, TypeDef, slots};
use crate::types::exception::classes as exc;
use crate::types::protocol::{check_count, class_argument, exact_dict, split_keywords, this};
use crate::types::set::Set;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, RootedVec, Vm};
use taipan_text::TextBuf;

fn dict_new(vm: &Vm, args: &[Value], _: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.types.dict.get())?;
    Ok(vm.dict_with_shape(class.root_shape.get()).value())
}

fn dict_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    update_raw(vm, "dict", args, names)
}

fn dict_update(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    update_raw(vm, "update", args, names)
}

/// `update(self, [source], **keywords)`.
pub fn update_raw(vm: &Vm, name: &str, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let dict = this::<Dict>(args[0]);
    let (positional, keywords) = split_keywords(args, names);
    check_count(vm, name, positional.len() - 1, 0, 1)?;
    if let Some(&source) = positional.get(1) {
        update(vm, dict, source)?;
    }
    for (key, value) in keywords {
        dict.set(vm, key.value(), value)?;
    }
    Ok(Value::NONE)
}

/// Whether the dict's items may be read from its table: iteration is `dict`'s own.
pub fn iterates_plainly(vm: &Vm, dict: Gc<Dict>) -> bool {
    let plain = vm.types.dict.get();
    let class = dict.class();
    class.def.get().is_some() || class.special(Special::Iter) == plain.special(Special::Iter)
}

/// `dict.update(source)`: from a mapping or an iterable of pairs.
pub fn update(vm: &Vm, dict: Gc<Dict>, source: Value) -> Result<()> {
    if let Some(from) = exact_dict(vm, source) {
        return dict.update_from(vm, &from);
    }
    if vm.find_attr(source, vm.names.keys.get())?.is_some() {
        return merge(vm, dict, source);
    }
    update_from_pairs(vm, dict, source)
}

/// Sets every item of a mapping (something with `keys()`).
pub fn merge(vm: &Vm, dict: Gc<Dict>, source: Value) -> Result<()> {
    if let Some(from) = source.cast::<Dict>()
        && iterates_plainly(vm, from)
    {
        return dict.update_from(vm, &from);
    }
    let keys = vm.call_method_named(source, vm.names.keys.get(), &[])?;
    let iterator = vm.iter(keys)?;
    while let Some(key) = vm.next(iterator)? {
        let value = vm.get_item(source, key)?;
        dict.set(vm, key, value)?;
    }
    Ok(())
}

fn update_from_pairs(vm: &Vm, dict: Gc<Dict>, source: Value) -> Result<()> {
    let iterator = vm.iter(source)?;
    let mut at = 0usize;
    while let Some(item) = vm.next(iterator)? {
        if let Some(pair) = item.cast::<Tuple>()
            && let [key, value] = *pair.as_slice()
        {
            dict.set(vm, key, value)?;
            at += 1;
            continue;
        }
        let pair = match pair_items(vm, item) {
            Ok(pair) => pair,
            Err(raised) if vm.raised_is_def(&exc::TYPE_ERROR) => {
                let note = format!(
                    "Cannot convert dictionary update sequence element #{at} to a sequence"
                );
                return Err(vm.note_raised(raised, &note));
            }
            Err(raised) => return Err(raised),
        };

        let [key, value] = *pair else {
            return Err(vm.value_error(format!(
                "dictionary update sequence element #{at} has length {}; 2 is required",
                pair.len()
            )));
        };
        dict.set(vm, key, value)?;
        at += 1;
    }
    Ok(())
}

/// The items of what should be a pair.
fn pair_items(vm: &Vm, item: Value) -> Result<RootedVec<'_>> {
    let iterator = match vm.iter(item) {
        Ok(iterator) => iterator,
        Err(raised) => {
            if vm.raised_is_def(&exc::TYPE_ERROR) {
                vm.clear_raised();
                return Err(vm.type_error("object is not iterable"));
            }
            return Err(raised);
        }
    };
    vm.collect(iterator)
}

fn dict_repr(vm: &Vm, args: &[Value]) -> Result {
    let dict = this::<Dict>(args[0]);
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str("{...}").value());
    };
    let mut out = TextBuf::new();
    out.push_ascii("{");
    let mut at = 0;
    while let Some((next, key, value)) = dict.next_entry(at) {
        if out.len() > 1 {
            out.push_ascii(", ");
        }
        vm.push_repr(&mut out, key)?;
        out.push_ascii(": ");
        vm.push_repr(&mut out, value)?;
        at = next;
    }
    out.push_ascii("}");
    vm.finish_text(out)
}

fn dict_len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<Dict>(args[0]).len() as i64))
}

fn dict_getitem(vm: &Vm, args: &[Value]) -> Result {
    let dict = this::<Dict>(args[0]);
    if let Some(v) = dict.get(vm, args[1])? {
        return Ok(v);
    }
    if dict.class() != vm.types.dict.get()
        && let Some(v) = vm.call_if_defined(args[0], Special::Missing, &[args[1]])?
    {
        return Ok(v);
    }
    Err(vm.key_error(args[1]))
}

fn dict_setitem(vm: &Vm, args: &[Value]) -> Result {
    this::<Dict>(args[0]).set(vm, args[1], args[2])?;
    Ok(Value::NONE)
}

fn dict_delitem(vm: &Vm, args: &[Value]) -> Result {
    match this::<Dict>(args[0]).remove(vm, args[1])? {
        Some(_) => Ok(Value::NONE),
        None => Err(vm.key_error(args[1])),
    }
}

fn dict_contains(vm: &Vm, args: &[Value]) -> Result {
    Ok(Value::bool(
        this::<Dict>(args[0]).get(vm, args[1])?.is_some(),
    ))
}

fn dict_get(vm: &Vm, args: &[Value]) -> Result {
    Ok(match this::<Dict>(args[0]).get(vm, args[1])? {
        Some(v) => v,
        None => args[2].given().unwrap_or(Value::NONE),
    })
}

fn dict_setdefault(vm: &Vm, args: &[Value]) -> Result {
    let default = args[2].given().unwrap_or(Value::NONE);
    Ok(this::<Dict>(args[0]).set_default(vm, args[1], default)?.0)
}

fn dict_pop(vm: &Vm, args: &[Value]) -> Result {
    let dict = this::<Dict>(args[0]);
    let removed = if dict.is_empty() {
        None
    } else {
        dict.remove(vm, args[1])?
    };
    match removed.or(args[2].given()) {
        Some(v) => Ok(v),
        None => Err(vm.key_error(args[1])),
    }
}

fn dict_popitem(vm: &Vm, args: &[Value]) -> Result {
    match this::<Dict>(args[0]).pop_last() {
        Some((k, v)) => vm.pair(k, v),
        None => {
            let class = vm.exception_class(&exc::KEY_ERROR);
            Err(vm.raise_str(class, "popitem(): dictionary is empty"))
        }
    }
}

fn dict_clear(_: &Vm, args: &[Value]) -> Result {
    this::<Dict>(args[0]).clear();
    Ok(Value::NONE)
}

fn dict_copy(vm: &Vm, args: &[Value]) -> Result {
    Ok(this::<Dict>(args[0]).copy(vm)?.value())
}

fn dict_fromkeys(vm: &Vm, args: &[Value]) -> Result {
    let value = args[2].given().unwrap_or(Value::NONE);
    let made = vm.call(args[0], &[])?;
    let iterable = args[1];
    if let Some(dict) = exact_dict(vm, made) {
        if let Some(set) = iterable.cast::<Set>().filter(|s| {
            let class = s.class();
            class == vm.types.set.get() || class == vm.types.frozenset.get()
        }) && dict.is_empty()
        {
            dict.reserve(vm, set.len())?;
            let mut at = 0;
            while let Some((next, key)) = set.next_entry(at) {
                dict.set_hashed(vm, key, set.hash_before(next), value)?;
                at = next;
            }
            return Ok(made);
        }
        vm.for_each(iterable, &mut |key| dict.set(vm, key, value))?;
    } else {
        vm.for_each(iterable, &mut |key| vm.set_item(made, key, value))?;
    }
    Ok(made)
}

fn dict_eq(vm: &Vm, args: &[Value]) -> Result {
    let (a, Some(b)) = (this::<Dict>(args[0]), args[1].cast::<Dict>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(equal(vm, a, b)?))
}

fn dict_ne(vm: &Vm, args: &[Value]) -> Result {
    let (a, Some(b)) = (this::<Dict>(args[0]), args[1].cast::<Dict>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(!equal(vm, a, b)?))
}

/// Whether both have the same keys with equal values.
pub fn equal(vm: &Vm, a: Gc<Dict>, b: Gc<Dict>) -> Result<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    vm.check_native_stack()?;
    let mut at = 0;
    while let Some((next, key, value)) = a.next_entry(at) {
        at = next;
        match b.get_hashed(vm, key, a.hash_at(next - 1))? {
            Some(other) if vm.equal_identity(other, value)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn dict_or(vm: &Vm, args: &[Value]) -> Result {
    union(vm, args[0], args[1])
}

fn dict_ror(vm: &Vm, args: &[Value]) -> Result {
    union(vm, args[1], args[0])
}

fn union(vm: &Vm, a: Value, b: Value) -> Result {
    let (Some(first), Some(_)) = (a.cast::<Dict>(), b.cast::<Dict>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let new = first.copy(vm)?;
    update(vm, new, b)?;
    Ok(new.value())
}

fn dict_ior(vm: &Vm, args: &[Value]) -> Result {
    update(vm, this::<Dict>(args[0]), args[1])?;
    Ok(args[0])
}

fn dict_sizeof(vm: &Vm, args: &[Value]) -> Result {
    let dict = this::<Dict>(args[0]);
    Ok(vm.new_size(dict.header.size() + dict.table_size()))
}

fn dict_iter(vm: &Vm, args: &[Value]) -> Result {
    Ok(views::iterator(vm, this::<Dict>(args[0]), ViewKind::Keys))
}

fn dict_reversed(vm: &Vm, args: &[Value]) -> Result {
    Ok(views::reverse_iterator(
        vm,
        this::<Dict>(args[0]),
        ViewKind::Keys,
    ))
}

fn dict_keys(vm: &Vm, args: &[Value]) -> Result {
    Ok(views::view(vm, this::<Dict>(args[0]), ViewKind::Keys))
}

fn dict_values(vm: &Vm, args: &[Value]) -> Result {
    Ok(views::view(vm, this::<Dict>(args[0]), ViewKind::Values))
}

fn dict_items(vm: &Vm, args: &[Value]) -> Result {
    Ok(views::view(vm, this::<Dict>(args[0]), ViewKind::Items))
}

/// `dict`.
pub static DICT: TypeDef = TypeDef {
    doc: "dict() -> new empty dictionary\n\
          dict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) pairs\n\
          dict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n        d[k] = v\n\
          dict(**kwargs) -> new dictionary initialized with the name=value pairs\n    \
          in the keyword argument list.  For example:  dict(one=1, two=2)",
    subclassable: true,
    generic: true,
    flags: ClassFlags::MAPPING | ClassFlags::MATCH_SELF,
    methods: &[
        slots::new(dict_new).reads(0xFE, 0),
        slots::init(dict_init),
        slots::repr(dict_repr),
        slots::eq(dict_eq),
        slots::ne(dict_ne),
        slots::iter(dict_iter),
        slots::or(dict_or),
        slots::ror(dict_ror),
        slots::ior(dict_ior),
        slots::len(dict_len),
        slots::getitem(dict_getitem),
        slots::setitem(dict_setitem),
        slots::delitem(dict_delitem),
        MethodDef::new(
            "__contains__",
            "(self, key, /)",
            "True if the dictionary has the specified key, else False.",
            dict_contains,
        ),
        MethodDef::new(
            "__sizeof__",
            "(self, /)",
            "Return the size of the dict in memory, in bytes.",
            dict_sizeof,
        ),
        MethodDef::new(
            "get",
            "(self, key, default=None, /)",
            "Return the value for key if key is in the dictionary, else default.",
            dict_get,
        ).reads(0b10, 0).by_key(),
        MethodDef::new(
            "setdefault",
            "(self, key, default=None, /)",
            "Insert key with a value of default if key is not in the dictionary.\n\n\
             Return the value for key if key is in the dictionary, else default.",
            dict_setdefault,
        ).changes(0b10, 0).by_key(),
        MethodDef::new(
            "pop",
            "(self, key, default=<unrepresentable>, /)",
            "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\n\
             If the key is not found, return the default if given; otherwise,\nraise a KeyError.",
            dict_pop,
        ).changes(0b10, 0).by_key(),
        MethodDef::new(
            "popitem",
            "(self, /)",
            "Remove and return a (key, value) pair as a 2-tuple.\n\n\
             Pairs are returned in LIFO (last-in, first-out) order.\nRaises KeyError if the dict is empty.",
            dict_popitem,
        ).changes(0, 0),
        MethodDef::new(
            "keys",
            "(self, /)",
            "Return a set-like object providing a view on the dict's keys.",
            dict_keys,
        ).reads(0, 0),
        MethodDef::new(
            "items",
            "(self, /)",
            "Return a set-like object providing a view on the dict's items.",
            dict_items,
        ).reads(0, 0),
        MethodDef::new(
            "values",
            "(self, /)",
            "Return an object providing a view on the dict's values.",
            dict_values,
        ).reads(0, 0),
        MethodDef::raw(
            "update",
            "",
            "D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.\n\
             If E is present and has a .keys() method, then does:  for k in E.keys(): D[k] = E[k]\n\
             If E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v\n\
             In either case, this is followed by: for k in F:  D[k] = F[k]",
            dict_update,
        ),
        MethodDef::new(
            "fromkeys",
            "(type, iterable, value=None, /)",
            "Create a new dictionary with keys from iterable and values set to value.",
            dict_fromkeys,
        )
        .class(),
        MethodDef::new(
            "clear",
            "(self, /)",
            "Remove all items from the dict.",
            dict_clear,
        ).changes(0, 0),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a shallow copy of the dict.",
            dict_copy,
        ).reads(0, 0),
        MethodDef::new(
            "__reversed__",
            "(self, /)",
            "Return a reverse iterator over the dict keys.",
            dict_reversed,
        ),
    ],
    ..TypeDef::new("dict", <Dict as Object>::LAYOUT)
};

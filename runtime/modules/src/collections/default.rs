//! `defaultdict`.

use taipan_runtime::heap::{Field, Gc, Object};
use taipan_runtime::object::{MemberDef, MethodDef, Special, TypeDef, slots};
use taipan_runtime::types::dict::{DICT, Dict, methods as dicts};
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// The factory lies in a slot behind the dictionary's own fields.
const FACTORY: usize = <Dict as Object>::LAYOUT.size;

fn factory(v: Value) -> &'static Field {
    // SAFETY: instances of the class have a value slot there.
    unsafe { &*((v.bits() as usize + FACTORY) as *const Field) }
}

fn default_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let dict = this::<Dict>(args[0]);
    let count = args.len() - names.map_or(0, |n| n.len());
    if count > 1 {
        if !args[1].is_none() && !vm.is_callable(args[1]) {
            return Err(vm.type_error("first argument must be callable or None"));
        }
        factory(args[0]).set(&dict.header, args[1]);
    } else {
        factory(args[0]).clear();
    }
    let mut rest = vm.rooted_from(vec![args[0]]);
    rest.extend_from_slice(&args[count.min(2)..]);
    dicts::update_raw(vm, "dict", &rest, names)
}

fn default_missing(vm: &Vm, args: &[Value]) -> Result {
    match factory(args[0]).get().filter(|f| !f.is_none()) {
        Some(f) => {
            let value = vm.call(f, &[])?;
            let dict = this::<Dict>(args[0]);
            let plain = vm.types.dict.get().special(Special::SetItem);
            if dict.class().special(Special::SetItem) == plain {
                // The factory may have set the same key: that value stays.
                return Ok(dict.set_default(vm, args[1], value)?.0);
            }
            vm.set_item(args[0], args[1], value)?;
            Ok(value)
        }
        None => Err(vm.key_error(args[1])),
    }
}

/// A dictionary of the same class with this factory and these items.
fn make(vm: &Vm, like: Value, items: Value) -> Result {
    vm.call(vm.class_of(like).value(), &[factory(like).or_none(), items])
}

fn default_copy(vm: &Vm, args: &[Value]) -> Result {
    make(vm, args[0], args[0])
}

fn default_or(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let new = make(vm, args[0], args[0])?;
    if let Some(dict) = new.cast::<Dict>() {
        dicts::update(vm, dict, args[1])?;
    }
    Ok(new)
}

fn default_ror(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let new = make(vm, args[0], args[1])?;
    if let Some(dict) = new.cast::<Dict>() {
        dicts::update(vm, dict, args[0])?;
    }
    Ok(new)
}

fn default_repr(vm: &Vm, args: &[Value]) -> Result {
    let base = match vm
        .types
        .dict
        .get()
        .special(taipan_runtime::object::Special::Repr)
    {
        Some(repr) => vm.call_special(repr, args[0], &[])?,
        None => args[0],
    };
    let made = factory(args[0]).or_none();
    let mut text = TextBuf::new();
    text.push_str(&format!("{}(", vm.class_of(args[0]).name_string()));
    match vm.enter_repr(made) {
        Some(_guard) => vm.push_repr(&mut text, made)?,
        None => text.push_ascii("..."),
    }
    text.push_ascii(", ");
    text.push_text(vm.str(base)?.data());
    text.push_ascii(")");
    vm.finish_text(text)
}

fn default_reduce(vm: &Vm, args: &[Value]) -> Result {
    let arguments = match factory(args[0]).get().filter(|f| !f.is_none()) {
        Some(f) => vm.new_tuple(&[f])?.value(),
        None => vm.new_tuple(&[])?.value(),
    };
    let items = vm.call_method_named(args[0], vm.names.items.get(), &[])?;
    let iterator = vm.iter(items)?;
    let class = vm.class_of(args[0]).value();
    Ok(vm
        .new_tuple(&[class, arguments, Value::NONE, Value::NONE, iterator])?
        .value())
}

/// `defaultdict`.
pub static DEFAULTDICT: TypeDef = TypeDef {
    module: "collections",
    doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\n\
          The default factory is called without arguments to produce\n\
          a new value when a key is not present, in __getitem__ only.\n\
          A defaultdict compares equal to a dict with the same items.\n\
          All remaining arguments are treated the same as if they were\n\
          passed to the dict constructor, including keyword arguments.\n",
    base: Some(&DICT),
    subclassable: true,
    generic: true,
    slots: 1,
    methods: &[
        slots::init(default_init),
        slots::repr(default_repr),
        slots::or(default_or),
        slots::ror(default_ror),
        MethodDef::new(
            "__missing__",
            "(self, key, /)",
            "__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n  \
             if self.default_factory is None: raise KeyError((key,))\n  \
             self[key] = value = self.default_factory()\n  return value\n",
            default_missing,
        ),
        MethodDef::new(
            "copy",
            "(self, /)",
            "D.copy() -> a shallow copy of D.",
            default_copy,
        ),
        MethodDef::new(
            "__copy__",
            "(self, /)",
            "D.copy() -> a shallow copy of D.",
            default_copy,
        ),
        slots::reduce(default_reduce),
    ],
    members: &[MemberDef {
        name: "default_factory",
        doc: "Factory for default value called by __missing__().",
        offset: FACTORY,
        readonly: false,
        none_if_empty: true,
    }],
    ..TypeDef::new("defaultdict", <Dict as Object>::LAYOUT)
};

//! Struct sequences: tuples whose items are attributes too, perhaps with further
//! attributes that are no items (`time.struct_time`, `os.stat_result`).
//!
//! The further attributes lie in the object's own attribute storage, which has no
//! `__dict__` to show it.

use crate::heap::Gc;
use crate::object::{Class, ClassFlags, GetSetDef, MethodDef, slots};
use crate::types::dict::Dict;
use crate::types::protocol::this;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use taipan_text::TextBuf;

/// Declares a struct sequence type as a static [`TypeDef`](crate::object::TypeDef).
///
/// `visible` fields are items in this order, `hidden` ones attributes alone.
#[macro_export]
macro_rules! struct_sequence {
    (
        $(#[$attr:meta])*
        $vis:vis static $static:ident = $module:literal . $name:literal, $doc:expr;
        visible: $($field:ident $field_doc:literal),+;
        hidden: $($extra:ident $extra_doc:literal),*;
    ) => {
        $(#[$attr])*
        $vis static $static: $crate::object::TypeDef = {
            const VISIBLE: &[&str] = &[$(stringify!($field)),+];
            const HIDDEN: &[&str] = &[$(stringify!($extra)),*];
            const fn index_of(name: &str) -> usize {
                let mut i = 0;
                while i < VISIBLE.len() {
                    let (a, b) = (VISIBLE[i].as_bytes(), name.as_bytes());
                    let mut same = a.len() == b.len();
                    let mut j = 0;
                    while same && j < a.len() {
                        same = a[j] == b[j];
                        j += 1;
                    }
                    if same {
                        return i;
                    }
                    i += 1;
                }
                panic!("no such field")
            }
            $crate::object::TypeDef {
                module: $module,
                doc: $doc,
                base: Some(&$crate::types::tuple::TUPLE),
                has_dict: true,
                methods: $crate::types::structseq::METHODS,
                getset: &[
                    $($crate::types::structseq::item::<{ index_of(stringify!($field)) }>(stringify!($field), $field_doc),)+
                    $($crate::object::GetSetDef {
                        name: stringify!($extra),
                        doc: $extra_doc,
                        get: |vm, v| $crate::types::structseq::hidden(vm, v, stringify!($extra)),
                        set: None,
                    },)*
                ],
                finish: Some(|vm, class| $crate::types::structseq::finish(vm, class, VISIBLE, HIDDEN)),
                ..$crate::object::TypeDef::new(
                    $name,
                    <$crate::types::tuple::Tuple as $crate::heap::Object>::LAYOUT,
                )
            }
        };
    };
}

/// The attribute that is item `I`.
pub const fn item<const I: usize>(name: &'static str, doc: &'static str) -> GetSetDef {
    GetSetDef {
        name,
        doc,
        get: |_, v| {
            Ok(this::<Tuple>(v)
                .as_slice()
                .get(I)
                .copied()
                .unwrap_or(Value::NONE))
        },
        set: None,
    }
}

/// The attribute that is no item.
pub fn hidden(vm: &Vm, v: Value, name: &str) -> Result {
    let header = this::<Tuple>(v).header();
    Ok(crate::object::own_attribute(header, vm.intern(name)).unwrap_or(Value::NONE))
}

/// Gives the class the attributes that describe its fields.
pub fn finish(vm: &Vm, class: Gc<Class>, visible: &[&str], extra: &[&str]) -> Result<()> {
    let names: Vec<Value> = visible.iter().map(|n| vm.intern(n).value()).collect();
    let hidden: Vec<Value> = extra.iter().map(|n| vm.intern(n).value()).collect();
    let set = |name: &str, v: Value| class.namespace().set_str(vm, vm.intern(name), v);
    set("__match_args__", vm.new_tuple(&names)?.value());
    set("n_sequence_fields", vm.new_int(visible.len() as i64));
    set("n_fields", vm.new_int((visible.len() + extra.len()) as i64));
    set("n_unnamed_fields", vm.new_int(0));
    // The further attributes go without a `__dict__`, and no others can be set.
    class.has_dict.set(false);
    // Not an attribute of CPython's types, but no valid attribute name either.
    set("<hidden fields>", vm.new_tuple(&hidden)?.value());
    Ok(())
}

/// Whether a class is one of struct sequences.
pub fn is_struct_sequence(vm: &Vm, class: Gc<Class>) -> bool {
    let names = class.namespace();
    class.def.get().is_some() && names.get_str(vm.intern("<hidden fields>")).is_some()
}

/// The names of a class's fields: items, and others.
fn fields(vm: &Vm, class: Gc<Class>) -> (Vec<Value>, Vec<Value>) {
    let list = |name: &str| match class
        .lookup(vm, vm.intern(name))
        .and_then(|v| v.cast::<Tuple>())
    {
        Some(names) => names.as_slice().to_vec(),
        None => Vec::new(),
    };
    (list("__match_args__"), list("<hidden fields>"))
}

impl Vm {
    /// An instance of a struct sequence class: items, then values of the other attributes.
    pub fn new_struct_sequence(
        &self,
        class: Gc<Class>,
        items: &[Value],
        extra: &[Value],
    ) -> Result {
        let v = self.tuple_with_shape(items, class.root_shape.get())?;
        for (name, value) in fields(self, class).1.iter().zip(extra) {
            self.set_own_attribute(v.header(), this::<Str>(*name), *value)?;
        }
        Ok(v.value())
    }
}

fn new(vm: &Vm, args: &[Value]) -> Result {
    let class = this::<Class>(args[0]);
    let (visible, hidden) = fields(vm, class);
    let name = class.qualified_name();
    if class.has_flag(ClassFlags::NO_INSTANTIATION) {
        return Err(vm.type_error(format!("cannot create '{name}' instances")));
    }
    let class_of = vm.class_of(args[1]);
    if class_of.special(crate::object::Special::Iter).is_none()
        && class_of.special(crate::object::Special::GetItem).is_none()
    {
        return Err(vm.type_error("constructor requires a sequence"));
    }
    let given = vm.collect(args[1])?;
    let extra = match args[2].given_not_none() {
        None => None,
        Some(v) => Some(v.cast::<Dict>().ok_or_else(|| {
            vm.type_error(format!("{name}() takes a dict as second arg, if any"))
        })?),
    };
    let (least, most) = (visible.len(), visible.len() + hidden.len());
    let wrong = |how: &str, bound: usize| {
        vm.type_error(format!(
            "{name}() takes {how}{bound}-sequence ({}-sequence given)",
            given.len()
        ))
    };
    if least != most {
        if given.len() < least {
            return Err(wrong("an at least ", least));
        }
        if given.len() > most {
            return Err(wrong("an at most ", most));
        }
    } else if given.len() != least {
        return Err(wrong("a ", least));
    }
    let mut others = vm.rooted_slice(&given[least..]);
    if let Some(extra) = extra {
        let mut used = 0;
        for field in &hidden[others.len()..] {
            let value = extra.get(vm, *field)?;
            used += usize::from(value.is_some());
            others.push(value.unwrap_or(Value::NONE));
        }
        if used < extra.len() {
            return Err(vm.type_error(format!(
                "{name}() got duplicate or unexpected field name(s)"
            )));
        }
    }
    vm.new_struct_sequence(class, &given[..least], &others)
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let tuple = this::<Tuple>(args[0]);
    let class = tuple.class();
    let mut text = TextBuf::new();
    text.push_str(&class.qualified_name());
    text.push_ascii("(");
    for (i, (name, item)) in fields(vm, class).0.iter().zip(tuple.as_slice()).enumerate() {
        if i > 0 {
            text.push_ascii(", ");
        }
        text.push_text(vm.str(*name)?.data());
        text.push_ascii("=");
        vm.push_repr(&mut text, *item)?;
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

/// The other attributes as a dictionary.
fn others(vm: &Vm, tuple: Gc<Tuple>) -> Result<Gc<Dict>> {
    let dict = vm.new_dict();
    for name in fields(vm, tuple.class()).1 {
        let value = crate::object::own_attribute(tuple.header(), this(name)).unwrap_or(Value::NONE);
        dict.set(vm, name, value)?;
    }
    Ok(dict)
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let tuple = this::<Tuple>(args[0]);
    let items = vm.new_tuple(tuple.as_slice())?.value();
    let arguments = vm.pair(items, others(vm, tuple)?.value())?;
    vm.pair(tuple.class().value(), arguments)
}

fn replace(vm: &Vm, args: &[Value]) -> Result {
    let tuple = this::<Tuple>(args[0]);
    let changes = this::<Dict>(args[1]).copy(vm)?;
    let (visible, hidden) = fields(vm, tuple.class());
    let mut items = vm.rooted_slice(tuple.as_slice());
    for (i, name) in visible.iter().enumerate() {
        if let Some(v) = changes.remove(vm, *name)? {
            items.set(i, v);
        }
    }
    let old = others(vm, tuple)?;
    let mut extra = vm.rooted();
    for name in &hidden {
        let value = changes.remove(vm, *name)?.or(old.get(vm, *name)?);
        extra.push(value.unwrap_or(Value::NONE));
    }
    if !changes.is_empty() {
        let names: Vec<Value> = changes.items().map(|i| i.0).collect();
        let names = vm.new_list(&names)?.value();
        return Err(vm.type_error(format!(
            "Got unexpected field name(s): {}",
            vm.repr_text(names)?
        )));
    }
    vm.new_struct_sequence(tuple.class(), &items, &extra)
}

/// The methods of every struct sequence.
pub const METHODS: &[MethodDef] = &[
    MethodDef::new(
        "__new__",
        "(type, /, sequence, dict=None)",
        "Create and return a new object.  See help(type) for accurate signature.",
        new,
    )
    .static_(),
    slots::repr(repr),
    MethodDef::new("__reduce__", "(self, /)", "", reduce),
    MethodDef::new(
        "__replace__",
        "(self, /, **changes)",
        "Return a copy of the structure with new values for the specified fields.",
        replace,
    ),
];

//! `partial`, with placeholders for positional arguments to come (new in 3.14).

use super::{bind, check_callable, keyword_names};
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::partial::Partial;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The one object that stands for an argument to come.
#[repr(C)]
pub struct Placeholder {
    pub header: Header,
}

heap_object!(
    Placeholder,
    "_PlaceholderType",
    Kind::Other,
    |this, marker| {}
);

fn is_placeholder(v: Value) -> bool {
    v.cast::<Placeholder>().is_some()
}

/// The placeholder, kept for good by its class.
pub fn placeholder(vm: &Vm) -> Result {
    let class = vm.class_of_def(&PLACEHOLDER_TYPE)?;
    let key = vm.intern("__singleton__");
    if let Some(v) = class.namespace().get_str(key) {
        return Ok(v);
    }
    let v = vm
        .heap
        .alloc(
            class.root_shape.get(),
            Placeholder {
                header: Header::empty(),
            },
        )
        .value();
    class.namespace().set_str(vm, key, v);
    Ok(v)
}

/// The placeholder's type.
pub static PLACEHOLDER_TYPE: TypeDef = TypeDef {
    module: "functools",
    doc: "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    methods: &[
        slots::new(|vm, args, names| {
            if args.len() > 1 || names.is_some_and(|n| !n.is_empty()) {
                return Err(vm.type_error("_PlaceholderType takes no arguments"));
            }
            placeholder(vm)
        }),
        slots::repr(|vm, _| Ok(vm.new_str("Placeholder").value())),
        MethodDef::new("__reduce__", "(self, /)", "", |vm, _| {
            Ok(vm.new_str("Placeholder").value())
        }),
    ],
    ..TypeDef::new("_PlaceholderType", <Placeholder as Object>::LAYOUT)
};

fn count_holes(args: &[Value]) -> usize {
    args.iter().filter(|v| is_placeholder(**v)).count()
}

fn partial_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&PARTIAL)?)?;
    let keys = keyword_names(names);
    let (positional, values) = args.split_at(args.len() - keys.len());
    let Some((&function, new)) = positional[1..].split_first() else {
        return Err(vm.type_error("type 'partial' takes at least one argument"));
    };
    check_callable(vm, function)?;
    if new.last().is_some_and(|v| is_placeholder(*v)) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    if values.iter().any(|v| is_placeholder(*v)) {
        return Err(vm.type_error("Placeholder cannot be passed as a keyword argument"));
    }
    // A partial of a partial becomes one, unless the inner one has attributes.
    let inner = function
        .cast::<Partial>()
        .filter(|p| p.header.shape().slot_count() == 0 && vm.own_attributes(p.header()).is_empty());
    let mut all = vm.rooted();
    let keywords;
    let function = match inner {
        Some(inner) => {
            merge_args(&mut all, &inner, new);
            keywords = match inner.keywords.get() {
                Some(k) => k.copy(vm)?,
                None => vm.new_dict(),
            };
            inner.function.or_none()
        }
        None => {
            all.extend_from_slice(new);
            keywords = vm.new_dict();
            function
        }
    };
    for (k, v) in keys.iter().zip(values) {
        keywords.set(vm, *k, *v)?;
    }
    let object = Partial {
        header: Header::empty(),
        function: Field::new(function),
        args: GcField::new(vm.new_tuple(&all)?),
        keywords: GcField::new(keywords),
        holes: Cell::new(count_holes(&all)),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// The arguments of `partial`, its placeholders replaced by the first of `new`, then the rest of these.
fn merge_args(all: &mut taipan_runtime::vm::RootedVec<'_>, partial: &Partial, new: &[Value]) {
    let mut new = new.iter();
    for v in partial
        .args
        .get()
        .iter()
        .flat_map(|t| t.as_slice().to_vec())
    {
        let filled = if is_placeholder(v) {
            new.next().copied().unwrap_or(v)
        } else {
            v
        };
        all.push(filled);
    }
    all.extend(new.copied());
}

fn partial_call(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let partial = this::<Partial>(args[0]);
    let keys = keyword_names(names);
    let (positional, values) = args[1..].split_at(args.len() - 1 - keys.len());
    let holes = partial.holes.get();
    if positional.len() < holes {
        return Err(vm.type_error(format!(
            "missing positional arguments in 'partial' call; expected at least {holes}, got {}",
            positional.len()
        )));
    }
    let Some(stored) = partial.keywords.get() else {
        return Ok(Value::NONE);
    };
    let function = partial.function.or_none();
    let own = partial.args.get();
    let own = own.as_ref().map_or(&[][..], |t| t.as_slice());
    let mut all: smallvec::SmallVec<[Value; 8]> =
        smallvec::SmallVec::with_capacity(own.len() + args.len());
    // What is beyond the inline part is kept alive by the partial and the caller's arguments.
    if holes == 0 {
        all.extend_from_slice(own);
        all.extend_from_slice(positional);
    } else {
        let mut rest = positional.iter();
        all.extend(own.iter().map(|v| {
            if is_placeholder(*v) {
                *rest.next().unwrap_or(v)
            } else {
                *v
            }
        }));
        all.extend(rest.copied());
    }
    if stored.is_empty() {
        all.extend_from_slice(values);
        return vm.call_with(function, &all, names);
    }
    let keywords = stored.copy(vm)?;
    for (k, v) in keys.iter().zip(values) {
        keywords.set(vm, *k, *v)?;
    }
    vm.call_dict(function, &all, Some(keywords))
}

fn partial_repr(vm: &Vm, args: &[Value]) -> Result {
    let partial = this::<Partial>(args[0]);
    let class = partial.class();
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str("...").value());
    };
    let mut text = taipan_text::TextBuf::new();
    text.push_str(&crate::common::full_name(vm, class)?);
    text.push_ascii("(");
    // Representing the parts may change the partial.
    let (function, arguments, keywords) = (
        partial.function.or_none(),
        partial.args.get(),
        partial.keywords.get(),
    );
    vm.push_repr(&mut text, function)?;
    for &v in arguments.iter().flat_map(|t| t.as_slice()) {
        text.push_ascii(", ");
        vm.push_repr(&mut text, v)?;
    }
    if let Some(keywords) = keywords {
        let mut at = 0;
        while let Some((next, k, v)) = keywords.next_entry(at) {
            at = next;
            text.push_ascii(", ");
            text.push_text(vm.str(k)?.data());
            text.push_ascii("=");
            vm.push_repr(&mut text, v)?;
        }
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

fn partial_reduce(vm: &Vm, args: &[Value]) -> Result {
    let partial = this::<Partial>(args[0]);
    let function = partial.function.or_none();
    let header = partial.header();
    let dict = if vm.own_attributes(header).is_empty() {
        Value::NONE
    } else {
        vm.own_dict(header)?.value()
    };
    let args_value = partial.args.get().map_or(Value::NONE, |t| t.value());
    let keywords = partial.keywords.get().map_or(Value::NONE, |d| d.value());
    let state = vm
        .new_tuple(&[function, args_value, keywords, dict])?
        .value();
    let arguments = vm.new_tuple(&[function])?.value();
    Ok(vm
        .new_tuple(&[partial.class().value(), arguments, state])?
        .value())
}

fn partial_setstate(vm: &Vm, args: &[Value]) -> Result {
    let partial = this::<Partial>(args[0]);
    let invalid = || vm.type_error("invalid partial state");
    let state = args[1].cast::<Tuple>().ok_or_else(invalid)?;
    let [function, arguments, keywords, dict] = *state.as_slice() else {
        return Err(invalid());
    };
    let given = arguments.cast::<Tuple>().ok_or_else(invalid)?;
    let bad_dict = |v: Value| !v.is_none() && v.cast::<Dict>().is_none();
    if !vm.is_callable(function) || bad_dict(keywords) || bad_dict(dict) {
        return Err(invalid());
    }
    if given.as_slice().last().is_some_and(|v| is_placeholder(*v)) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    let own = vm.tuple_of(arguments)?;
    let own = if own.class() == vm.types.tuple.get() {
        own
    } else {
        vm.new_tuple(own.as_slice())?
    };
    let keywords = match keywords.cast::<Dict>() {
        Some(d) if d.class() == vm.types.dict.get() => d,
        Some(d) => d.copy(vm)?,
        None => vm.new_dict(),
    };
    partial.holes.set(count_holes(own.as_slice()));
    partial.function.set(&partial.header, function);
    partial.args.set(&partial.header, own);
    partial.keywords.set(&partial.header, keywords);
    match dict.cast::<Dict>() {
        Some(dict) => vm.replace_own_dict(partial.header(), dict),
        None if !vm.own_attributes(partial.header()).is_empty() => {
            let empty = vm.new_dict();
            vm.replace_own_dict(partial.header(), empty);
        }
        None => {}
    }
    Ok(Value::NONE)
}

/// `partial`.
pub static PARTIAL: TypeDef = TypeDef {
    module: "functools",
    doc: "Create a new function with partial application of the given arguments\nand keywords.",
    subclassable: true,
    generic: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    methods: &[
        slots::new(partial_new),
        slots::repr(partial_repr),
        MethodDef::raw(
            "__call__",
            "(self, /, *args, **kwargs)",
            "Call self as a function.",
            partial_call,
        ),
        slots::get(bind),
        MethodDef::new("__reduce__", "(self, /)", "", partial_reduce),
        MethodDef::new("__setstate__", "(self, object, /)", "", partial_setstate),
    ],
    getset: &[
        GetSetDef {
            name: "func",
            doc: "function object to use in future partial calls",
            get: |_, v| Ok(this::<Partial>(v).function.or_none()),
            set: None,
        },
        GetSetDef {
            name: "args",
            doc: "tuple of arguments to future partial calls",
            get: |_, v| {
                Ok(this::<Partial>(v)
                    .args
                    .get()
                    .map_or(Value::NONE, |t| t.value()))
            },
            set: None,
        },
        GetSetDef {
            name: "keywords",
            doc: "dictionary of keyword arguments to future partial calls",
            get: |_, v| {
                Ok(this::<Partial>(v)
                    .keywords
                    .get()
                    .map_or(Value::NONE, |t| t.value()))
            },
            set: None,
        },
    ],
    ..TypeDef::new("partial", <Partial as Object>::LAYOUT)
};

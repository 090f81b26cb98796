//! `types.SimpleNamespace`: native, so that comparing and printing enter no Python code and the
//! type is as closed to changes as CPython's.

use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{MethodDef, TypeDef, slots};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::object::Instance;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_runtime::{comparison_methods, method_table};
use taipan_text::TextBuf;

fn is_namespace(vm: &Vm, v: Value) -> Result<bool> {
    // Not by `isinstance`, which believes what `__class__` says.
    Ok(vm.class_of(v).is_subclass_of(vm.class_of_def(&NAMESPACE)?))
}

fn init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let keywords = names.map_or(0, |n| n.len());
    let (positional, values) = args.split_at(args.len() - keywords);
    let object = this::<Instance>(positional[0]);
    if let Some(&fields) = positional.get(1) {
        if positional.len() > 2 {
            return Err(vm.type_error(format!(
                "{} expected at most 1 argument, got {}",
                vm.class_of(args[0]).name_string(),
                positional.len() - 1
            )));
        }
        let fields = match fields.cast::<Dict>() {
            Some(dict) if dict.class() == vm.types.dict.get() => dict,
            _ => {
                let made = vm.call(vm.types.dict.get().value(), &[fields])?;
                this::<Dict>(made)
            }
        };
        if fields.items().any(|(name, _)| name.cast::<Str>().is_none()) {
            return Err(vm.type_error("keywords must be strings"));
        }
        for (name, value) in fields.items() {
            vm.set_own_attribute(object.header(), this(name), value)?;
        }
    }
    for (i, &value) in values.iter().enumerate() {
        if let Some(name) = names.and_then(|n| n.get(i).cast::<Str>()) {
            vm.set_own_attribute(object.header(), name, value)?;
        }
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let class = vm.class_of(args[0]);
    let mut text = TextBuf::new();
    text.push_str(&if class == vm.class_of_def(&NAMESPACE)? {
        "namespace".to_owned()
    } else {
        class.name_string()
    });
    let Some(_guard) = vm.enter_repr(args[0]) else {
        text.push_ascii("(...)");
        return vm.finish_text(text);
    };
    text.push_ascii("(");
    let mut first = true;
    let fields = vm.own_dict(this::<Instance>(args[0]).header())?.copy(vm)?;
    for (name, value) in fields.items() {
        let Some(name) = name.cast::<Str>().filter(|n| !n.is_empty()) else {
            continue;
        };
        if !std::mem::take(&mut first) {
            text.push_ascii(", ");
        }
        text.push_text(name.data());
        text.push_ascii("=");
        vm.push_repr(&mut text, value)?;
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let parts = [
        vm.class_of(args[0]).value(),
        vm.new_tuple(&[])?.value(),
        vm.own_dict(this::<Instance>(args[0]).header())?.value(),
    ];
    Ok(vm.new_tuple(&parts)?.value())
}

fn replace(vm: &Vm, args: &[Value]) -> Result {
    let class = vm.class_of(args[0]);
    let made = vm.call(class.value(), &[])?;
    if !is_namespace(vm, made)? {
        return Err(vm.type_error(format!(
            "expect types.SimpleNamespace type, but {}() returned '{}' object",
            class.qualified_name(),
            vm.class_of(made).qualified_name()
        )));
    }
    let own = vm.own_dict(this::<Instance>(args[0]).header())?;
    let new = vm.own_dict(this::<Instance>(made).header())?;
    new.update_from(vm, &own)?;
    new.update_from(vm, &this::<Dict>(args[1]))?;
    Ok(made)
}

/// Compares the fields, for every operator as dictionaries do.
fn compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    if !is_namespace(vm, a)? || !is_namespace(vm, b)? {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let a = vm.own_dict(this::<Instance>(a).header())?;
    let b = vm.own_dict(this::<Instance>(b).header())?;
    vm.compare(op, a.value(), b.value())
}

const METHODS: &[MethodDef] = &[
    slots::init(init),
    slots::repr(repr),
    MethodDef::new(
        "__reduce__",
        "(self, /)",
        "Return state information for pickling",
        reduce,
    ),
    MethodDef::new(
        "__replace__",
        "(self, /, **changes)",
        "Return a copy of the namespace object with new values for the specified attributes.",
        replace,
    ),
];

/// The type, whose instances have no more than attributes.
pub static NAMESPACE: TypeDef = TypeDef {
    module: "types",
    doc: "A simple attribute-based namespace.",
    subclassable: true,
    has_dict: true,
    methods: method_table![comparison_methods!(compare), METHODS],
    ..TypeDef::new("SimpleNamespace", <Instance as Object>::LAYOUT)
};

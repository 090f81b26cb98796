//! `_collections`: `deque`, `defaultdict`, `OrderedDict`, and helpers of `collections`.

mod default;
mod deque;
mod ordered;

use std::cell::Cell;
use taipan_runtime::heap::{Field, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Consumer, MemberDef, MethodDef, ModuleDef, Special, TypeDef, slots};
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

fn count_elements(vm: &Vm, args: &[Value]) -> Result {
    let (mapping, one) = (args[0], Value::small_int(1));
    let plain = vm.types.dict.get();
    let get = vm.intern("get");
    let class = vm.class_of(mapping);
    if let Some(dict) = mapping.cast::<Dict>()
        && class.special(Special::SetItem) == plain.special(Special::SetItem)
        && class.lookup(vm, get) == plain.lookup(vm, get)
    {
        vm.for_each(args[1], &mut |key| {
            let hash = vm.hash(key)?;
            let count = match dict.get_hashed(vm, key, hash)? {
                None => one,
                Some(old) => match old.int_add(one) {
                    Some(sum) if old.is_int() => sum,
                    _ => vm.binary(BinaryOp::Add, old, one)?,
                },
            };
            dict.set_hashed(vm, key, hash, count)
        })?;
        return Ok(Value::NONE);
    }
    let bound = vm.get_attr(mapping, get)?;
    vm.for_each(args[1], &mut |key| {
        let old = vm.call(bound, &[key, Value::small_int(0)])?;
        let count = vm.binary(BinaryOp::Add, old, one)?;
        vm.set_item(mapping, key, count)
    })?;
    Ok(Value::NONE)
}

/// The descriptor of a named tuple's field.
#[repr(C)]
pub struct TupleGetter {
    pub header: Header,
    index: Cell<usize>,
    doc: Field,
}

heap_object!(TupleGetter, "_tuplegetter", Kind::Other, |this, marker| {
    marker.field(&this.doc);
});

fn getter_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&TUPLE_GETTER)?)?;
    let index = vm.to_ssize_arg(args[1])?.max(0) as usize;
    let object = TupleGetter {
        header: Header::empty(),
        index: Cell::new(index),
        doc: Field::new(args[2]),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn getter_get(vm: &Vm, args: &[Value]) -> Result {
    let getter = this::<TupleGetter>(args[0]);
    let instance = args[1];
    if instance.is_none() {
        return Ok(args[0]);
    }
    let index = getter.index.get();
    let Some(tuple) = instance.cast::<Tuple>() else {
        return Err(vm.type_error(format!(
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{}' object",
            vm.class_of(instance).qualified_name()
        )));
    };
    match tuple.as_slice().get(index) {
        Some(v) => Ok(*v),
        None => Err(vm.index_error("tuple index out of range")),
    }
}

fn getter_repr(vm: &Vm, args: &[Value]) -> Result {
    let getter = this::<TupleGetter>(args[0]);
    let doc = vm.repr(getter.doc.or_none())?;
    Ok(vm
        .new_str(&format!("_tuplegetter({}, {doc})", getter.index.get()))
        .value())
}

fn getter_reduce(vm: &Vm, args: &[Value]) -> Result {
    let getter = this::<TupleGetter>(args[0]);
    let arguments = vm.pair(vm.new_int(getter.index.get() as i64), getter.doc.or_none())?;
    vm.pair(getter.class().value(), arguments)
}

static GETTER_DOC: MemberDef = MemberDef {
    name: "__doc__",
    doc: "",
    offset: std::mem::offset_of!(TupleGetter, doc),
    readonly: false,
    none_if_empty: true,
};

/// `_tuplegetter`.
static TUPLE_GETTER: TypeDef = TypeDef {
    module: "collections",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, index, doc, /)",
            "Create and return a new object.",
            getter_new,
        )
        .static_(),
        slots::repr(getter_repr),
        slots::get(getter_get),
        MethodDef::new(
            "__set__",
            "(self, instance, value, /)",
            "Set an attribute of instance to value.",
            |vm, _| Err(vm.attribute_error("can't set attribute")),
        ),
        MethodDef::new(
            "__delete__",
            "(self, instance, /)",
            "Delete an attribute of instance.",
            |vm, _| Err(vm.attribute_error("can't delete attribute")),
        ),
        slots::reduce(getter_reduce),
    ],
    finish: Some(|vm, class| {
        let name = vm.names.__doc__.get();
        class
            .namespace()
            .set_str(vm, name, vm.new_native_member(&GETTER_DOC, class));
        Ok(())
    }),
    item_read: Some(|getter| this::<TupleGetter>(getter).index.get()),
    ..TypeDef::new("_tuplegetter", <TupleGetter as Object>::LAYOUT)
};

/// The module.
pub static COLLECTIONS: ModuleDef = ModuleDef {
    name: "_collections",
    doc: "High performance data structures.\n\
          - deque:        ordered collection accessible from endpoints only\n\
          - defaultdict:  dict subclass with a default value factory\n",
    functions: &[MethodDef::new(
        "_count_elements",
        "(mapping, iterable, /)",
        "Count elements in the iterable, updating the mapping",
        count_elements,
    )
    .consumes(Consumer::Count)],
    types: &[
        &deque::DEQUE,
        &deque::DEQUE_ITERATOR,
        &deque::DEQUE_REVERSE_ITERATOR,
        &default::DEFAULTDICT,
        &ordered::ORDERED_DICT,
        &TUPLE_GETTER,
    ],
    exec: None,
};

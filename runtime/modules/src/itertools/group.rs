//! `groupby`.

use super::simple::{iterator, new, place};
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MethodDef, TypeDef, iterator_argument};
use taipan_runtime::step_fields;
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::protocol::{NEXT, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The iterator over groups.
#[repr(C)]
pub struct GroupBy {
    pub header: Header,
    iterator: Field,
    /// Empty: items are their own keys.
    function: Field,
    /// The key of the group given last.
    target: Field,
    /// The item that was taken from the source last, unless its group gave it, and its key.
    key: Field,
    item: Field,
    /// Number of the group that may still take items; zero for none.
    current: Cell<i64>,
    groups: Cell<i64>,
}

heap_object!(GroupBy, "groupby", Kind::Other, |this, marker| {
    marker.field(&this.iterator);
    marker.field(&this.function);
    marker.field(&this.target);
    marker.field(&this.key);
    marker.field(&this.item);
});

/// One group.
#[repr(C)]
pub struct Grouper {
    pub header: Header,
    parent: GcField<GroupBy>,
    target: Field,
    number: i64,
}

heap_object!(Grouper, "_grouper", Kind::Other, |this, marker| {
    marker.gc_field(&this.parent);
    marker.field(&this.target);
});

impl GroupBy {
    /// Takes the next item from the source; `false` at its end.
    fn step(&self, vm: &Vm) -> Result<bool> {
        let Some(item) = vm.next(self.iterator.or_none())? else {
            return Ok(false);
        };
        let key = match self.function.get() {
            Some(f) => vm.call_one(f, item)?,
            None => item,
        };
        self.item.set(&self.header, item);
        self.key.set(&self.header, key);
        Ok(true)
    }
}

fn groupby_new(vm: &Vm, args: &[Value]) -> Result {
    let object = GroupBy {
        header: Header::empty(),
        iterator: Field::new(vm.iter(args[1])?),
        function: Field::opt(args[2].given_not_none()),
        target: Field::empty(),
        key: Field::empty(),
        item: Field::empty(),
        current: Cell::new(0),
        groups: Cell::new(0),
    };
    place(vm, args, &GROUPBY, object)
}

fn groupby_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<GroupBy>(v);
    it.current.set(0);
    loop {
        match (it.key.get(), it.target.get()) {
            (None, _) => {}
            (Some(_), None) => break,
            (Some(key), Some(target)) => {
                if !vm.equal_identity(target, key)? {
                    break;
                }
            }
        }
        if !it.step(vm)? {
            return Ok(None);
        }
    }
    let Some(key) = it.key.get() else {
        return Ok(None);
    };
    new_group(vm, it, key).map(Some)
}

/// The next group, whose key this is, with that.
fn new_group(vm: &Vm, it: Gc<GroupBy>, key: Value) -> Result {
    it.target.set(&it.header, key);
    let number = it.groups.get() + 1;
    it.groups.set(number);
    it.current.set(number);
    let grouper = Grouper {
        header: Header::empty(),
        parent: GcField::new(it),
        target: Field::new(key),
        number,
    };
    let grouper = vm
        .heap
        .alloc(vm.class_of_def(&GROUPER)?.root_shape.get(), grouper);
    vm.pair(key, grouper.value())
}

/// `groupby`.
pub static GROUPBY: TypeDef = TypeDef {
    doc: "make an iterator that returns consecutive keys and groups from the iterable\n\n  \
          iterable\n    Elements to divide into groups according to the key function.\n  \
          key\n    A function for computing the group category for each element.\n    \
          If the key function is not specified or is None, the element itself\n    is used for grouping.",
    methods: &[
        new("(type, /, iterable, key=None)", groupby_new),
        ITER_SELF,
        NEXT,
    ],
    next: Some(groupby_next),
    step: Some("groupby"),
    ..iterator("groupby", <GroupBy as Object>::LAYOUT)
};

fn grouper_new(vm: &Vm, args: &[Value]) -> Result {
    let Some(parent) = args[1].cast::<GroupBy>() else {
        let given = vm.class_of(args[1]).qualified_name();
        return Err(vm.type_error(format!("argument 1 must be itertools.groupby, not {given}")));
    };
    let number = parent.groups.get() + 1;
    parent.groups.set(number);
    parent.current.set(number);
    let object = Grouper {
        header: Header::empty(),
        parent: GcField::new(parent),
        target: Field::new(args[2]),
        number,
    };
    place(vm, args, &GROUPER, object)
}

fn grouper_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Grouper>(v);
    let Some(parent) = it.parent.get() else {
        return Ok(None);
    };
    if parent.current.get() != it.number {
        return Ok(None);
    }
    if parent.item.get().is_none() && !parent.step(vm)? {
        return Ok(None);
    }
    let Some(key) = parent.key.get() else {
        return Ok(None);
    };
    if !vm.equal_identity(it.target.or_none(), key)? {
        return Ok(None);
    }
    let item = parent.item.get();
    parent.item.clear();
    parent.key.clear();
    Ok(item)
}

/// The type of groups.
pub static GROUPER: TypeDef = TypeDef {
    methods: &[
        new("(type, parent, tgtkey, /)", grouper_new),
        ITER_SELF,
        NEXT,
    ],
    next: Some(grouper_next),
    step: Some("_grouper"),
    subclassable: false,
    ..iterator("_grouper", <Grouper as Object>::LAYOUT)
};

/// What the steps of these iterators read and write ([`taipan_runtime::object::TypeDef::step`]).
pub static FIELDS: &[MethodDef] = step_fields! {
    read GroupBy.iterator as "groupby_iterator";
    read GroupBy.function as "groupby_function";
    read GroupBy.target as "groupby_target";
    read GroupBy.key as "groupby_key";
    write GroupBy.key as "set_groupby_key";
    read GroupBy.item as "groupby_item";
    write GroupBy.item as "set_groupby_item";
    read GroupBy.current as "groupby_current";
    write GroupBy.current as "set_groupby_current";
    read Grouper.parent as "grouper_parent";
    read Grouper.target as "grouper_target";
    read Grouper.number as "grouper_number";
};

/// What the step of `groupby` leaves to native code.
pub static NEW_GROUP: MethodDef =
    MethodDef::new("new_group", "(iterator, key, /)", "", |vm, args| {
        new_group(vm, iterator_argument(vm, args[0])?, args[1])
    });

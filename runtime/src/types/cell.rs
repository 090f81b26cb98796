//! `cell`: a variable shared between a function and those nested in it.

use crate::heap::{Field, Gc, Header, Kind};
use crate::heap_object;
use crate::object::{GetSetDef, MethodDef, TypeDef};
use crate::ops::compare::CompareOp;
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table};

/// A variable's storage.
#[repr(C)]
pub struct CellObject {
    pub header: Header,
    contents: Field,
}

heap_object!(CellObject, "cell", Kind::Cell, |this, marker| {
    marker.field(&this.contents);
});

impl CellObject {
    /// Byte offset, for compiled code.
    pub const CONTENTS_OFFSET: usize = std::mem::offset_of!(CellObject, contents);

    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        self.contents.get()
    }
    #[inline(always)]
    pub fn set(&self, value: Value) {
        self.contents.set(&self.header, value);
    }
    pub fn clear(&self) {
        self.contents.clear();
    }
}

impl Vm {
    /// A cell, perhaps empty.
    #[inline]
    pub fn new_cell(&self, contents: Option<Value>) -> Gc<CellObject> {
        self.heap.alloc(
            self.shapes.cell.get(),
            CellObject {
                header: Header::empty(),
                contents: Field::opt(contents),
            },
        )
    }
}

fn cell(v: Value) -> Gc<CellObject> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn cell_new(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_cell(args[1].given()).value())
}

fn cell_contents(vm: &Vm, this: Value) -> Result {
    cell(this)
        .get()
        .ok_or_else(|| vm.value_error("cell is empty"))
}

fn set_cell_contents(_: &Vm, this: Value, value: Option<Value>) -> Result<()> {
    match value {
        Some(v) => cell(this).set(v),
        None => cell(this).clear(),
    }
    Ok(())
}

fn cell_repr(vm: &Vm, args: &[Value]) -> Result {
    let at = args[0].bits();
    Ok(vm
        .new_str(&match cell(args[0]).get() {
            None => format!("<cell at {at:#x}: empty>"),
            Some(v) => format!(
                "<cell at {at:#x}: {} object at {:#x}>",
                vm.class_of(v).qualified_name(),
                vm.id(v)
            ),
        })
        .value())
}

/// By contents; an empty cell is less than any other.
fn compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    let (Some(a), Some(b)) = (a.cast::<CellObject>(), b.cast::<CellObject>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match (a.get(), b.get()) {
        (Some(a), Some(b)) => vm.compare(op, a, b),
        (a, b) => {
            let filled = |c: Option<Value>| Value::small_int(c.is_some().into());
            vm.compare(op, filled(a), filled(b))
        }
    }
}

const METHODS: &[MethodDef] = &[
    MethodDef::new(
        "__new__",
        "(type, contents=<missing>, /)",
        "Create a new cell object.",
        cell_new,
    )
    .static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", cell_repr),
];

/// `types.CellType`.
pub static CELL: TypeDef = TypeDef {
    methods: method_table![METHODS, comparison_methods!(compare)],
    getset: &[GetSetDef {
        name: "cell_contents",
        doc: "",
        get: cell_contents,
        set: Some(set_cell_contents),
    }],
    ..TypeDef::new("cell", <CellObject as crate::heap::Object>::LAYOUT)
};

//! `str_iterator`.

use super::Str;
use crate::heap::{Gc, GcField, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, MethodDef, TypeDef};
use crate::types::iterators::{ITER_SELF, reduce_iter};
use crate::types::support::receiver;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// Iterates over the characters of a string.
#[repr(C)]
pub struct StrIter {
    pub header: Header,
    /// Empty once the end was reached.
    pub text: GcField<Str>,
    pub index: Cell<usize>,
}

heap_object!(StrIter, "str_iterator", Kind::StrIter, |this, marker| {
    marker.gc_field(&this.text);
});

impl StrIter {
    /// The next character.
    pub fn next(&self, vm: &Vm) -> Result<Option<Value>> {
        let Some(text) = self.text.get() else {
            return Ok(None);
        };
        let index = self.index.get();
        if index >= text.len() {
            self.text.clear();
            return Ok(None);
        }
        self.index.set(index + 1);
        let c = text.char_at(index);
        if let Some(Some(known)) = vm.names.latin1.get(c as usize).map(|s| s.get()) {
            return Ok(Some(known.value()));
        }
        Ok(Some(vm.str_of_char(c)?.value()))
    }
}

impl Vm {
    /// An iterator over a string's characters.
    pub fn new_str_iter(&self, text: Gc<Str>) -> Result<Gc<StrIter>> {
        let object = StrIter {
            header: Header::empty(),
            text: GcField::new(text),
            index: Cell::new(0),
        };
        Ok(self
            .heap
            .alloc(self.class_of_def(&STR_ITER)?.root_shape.get(), object))
    }
}

fn next(vm: &Vm, args: &[Value]) -> Result {
    let item = receiver::<StrIter>(args[0]).next(vm)?;
    vm.or_stop(item)
}

fn length_hint(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<StrIter>(args[0]);
    Ok(vm.new_int(
        it.text
            .get()
            .map_or(0, |t| t.len() - it.index.get().min(t.len())) as i64,
    ))
}

fn reduce(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<StrIter>(args[0]);
    reduce_iter(
        vm,
        || (it.text.get().map(|t| t.value()), it.index.get()),
        vm.names.empty.get().value(),
    )
}

fn setstate(vm: &Vm, args: &[Value]) -> Result {
    let it = receiver::<StrIter>(args[0]);
    let index = vm.to_index_clamped(args[1])?.max(0) as usize;
    if let Some(text) = it.text.get() {
        it.index.set(index.min(text.len()));
    }
    Ok(Value::NONE)
}

/// `type(iter(""))`.
pub static STR_ITER: TypeDef = TypeDef {
    methods: &[
        ITER_SELF,
        MethodDef::new("__next__", "(self, /)", "Implement next(self).", next),
        MethodDef::new(
            "__length_hint__",
            "(self, /)",
            "Private method returning an estimate of len(list(it)).",
            length_hint,
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Return state information for pickling.",
            reduce,
        ),
        MethodDef::new(
            "__setstate__",
            "(self, object, /)",
            "Set state information for unpickling.",
            setstate,
        ),
    ],
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("str_iterator", StrIter::LAYOUT)
};

//! How iterators of native types come to their next item, stated in Python: what the JIT records in
//! place of the native function, so that it sees through to what is behind them.
//!
//! A *step* is a Python function of one argument, the iterator ([`crate::vm::Interpreter::steps`]). It
//! returns the next item, [`Value::MISSING`] at the end, or [`Value::AGAIN`] if it has come nearer to an item and
//! is to be called again. While a loop is recorded, `FOR_ITER` gives it an activation
//! ([`crate::types::frame::Frame::STEPPED`]), which is inlined; whatever interrupts compiled code within a step is
//! finished in that activation. Elsewhere the native function ([`super::TypeDef::next`]) does the
//! same: tests compare the two. A step holds for every state of an iterator, since compiled code may hand it any,
//! and leaves rare ones to native code ([`NATIVE_NEXT`]).
//!
//! Steps reach the native fields of the iterator by functions made here ([`reader`], [`writer`]), which
//! compiled code replaces by loads and stores. No Python program sees them.

use super::{MethodDef, NativeCall, NativeCode, TypeDef};
use crate::heap::{Field, Gc, GcField, Header, Layout, Object};
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// What a function does that reads or writes a field of its first argument.
#[derive(Clone, Copy)]
pub struct FieldAccess {
    pub layout: &'static Layout,
    /// In bytes.
    pub offset: usize,
    pub holds: Holds,
    /// It writes its second argument there.
    pub writes: bool,
}

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// A value, or nothing, which reads as [`Value::MISSING`].
    Value,
    /// 64 bits.
    Int,
    /// A byte that is 0 or 1.
    Flag,
}

/// A field that steps read.
pub trait Readable {
    const HOLDS: Holds;
    fn read(&self, vm: &Vm) -> Value;
}

/// A field that steps write too.
pub trait Writable: Readable {
    fn write(&self, vm: &Vm, owner: &Header, value: Value) -> Result<()>;
}

impl Readable for Field {
    const HOLDS: Holds = Holds::Value;
    fn read(&self, _: &Vm) -> Value {
        self.get().unwrap_or(Value::MISSING)
    }
}

impl Writable for Field {
    fn write(&self, _: &Vm, owner: &Header, value: Value) -> Result<()> {
        if value.is_missing() {
            self.clear();
        } else {
            self.set(owner, value);
        }
        Ok(())
    }
}

impl<T: Object> Readable for GcField<T> {
    const HOLDS: Holds = Holds::Value;
    fn read(&self, _: &Vm) -> Value {
        self.get().map_or(Value::MISSING, Gc::value)
    }
}

impl Readable for i64 {
    const HOLDS: Holds = Holds::Int;
    fn read(&self, vm: &Vm) -> Value {
        vm.new_int(*self)
    }
}

impl Readable for Cell<i64> {
    const HOLDS: Holds = Holds::Int;
    fn read(&self, vm: &Vm) -> Value {
        vm.new_int(self.get())
    }
}

impl Writable for Cell<i64> {
    fn write(&self, vm: &Vm, _: &Header, value: Value) -> Result<()> {
        self.set(vm.to_ssize_arg(value)?);
        Ok(())
    }
}

impl Readable for Cell<bool> {
    const HOLDS: Holds = Holds::Flag;
    fn read(&self, _: &Vm) -> Value {
        Value::bool(self.get())
    }
}

impl Writable for Cell<bool> {
    fn write(&self, vm: &Vm, _: &Header, value: Value) -> Result<()> {
        self.set(vm.truth(value)?);
        Ok(())
    }
}

/// The function that reads the field at `offset`, which `_field` says the type of.
pub const fn reader<T: Object, F: Readable>(
    name: &'static str,
    offset: usize,
    code: NativeCode,
    _field: fn(&T) -> &F,
) -> MethodDef {
    MethodDef::new(name, "(iterator, /)", "", code).accesses(FieldAccess {
        layout: T::LAYOUT,
        offset,
        holds: F::HOLDS,
        writes: false,
    })
}

/// As [`reader`], the function that writes the field.
pub const fn writer<T: Object, F: Writable>(
    name: &'static str,
    offset: usize,
    code: NativeCode,
    _field: fn(&T) -> &F,
) -> MethodDef {
    MethodDef::new(name, "(iterator, value, /)", "", code).accesses(FieldAccess {
        layout: T::LAYOUT,
        offset,
        holds: F::HOLDS,
        writes: true,
    })
}

/// What a function of a step is called with, as the type that it is for.
///
/// # Errors
/// TypeError if it is another.
pub fn iterator_argument<T: Object>(vm: &Vm, v: Value) -> Result<Gc<T>> {
    v.cast::<T>()
        .ok_or_else(|| vm.type_error("no iterator of that type"))
}

/// A table of functions that read and write fields: `read Type.field as "name"`, `write ...`.
#[macro_export]
macro_rules! step_fields {
    ($($access:ident $owner:ident.$field:ident as $name:literal;)*) => {
        &[$($crate::step_fields!(@$access $owner $field $name)),*]
    };
    (@read $owner:ident $field:ident $name:literal) => {
        $crate::object::reader(
            $name,
            ::std::mem::offset_of!($owner, $field),
            |vm, args| {
                let it = $crate::object::iterator_argument::<$owner>(vm, args[0])?;
                Ok($crate::object::Readable::read(&it.$field, vm))
            },
            |it: &$owner| &it.$field,
        )
    };
    (@write $owner:ident $field:ident $name:literal) => {
        $crate::object::writer(
            $name,
            ::std::mem::offset_of!($owner, $field),
            |vm, args| {
                let it = $crate::object::iterator_argument::<$owner>(vm, args[0])?;
                $crate::object::Writable::write(&it.$field, vm, &it.header, args[1])?;
                Ok($crate::Value::NONE)
            },
            |it: &$owner| &it.$field,
        )
    };
}

/// What a step calls for a case that it leaves to native code.
pub static NATIVE_NEXT: MethodDef =
    MethodDef::new("native_next", "(iterator, /)", "", |vm, args| {
        let next = args[0]
            .header()
            .and_then(|h| h.shape().class().def.get()?.next);
        match next {
            Some(next) => Ok(next(vm, args[0])?.unwrap_or(Value::MISSING)),
            None => Err(vm.type_error("no native iterator")),
        }
    });

impl Vm {
    /// The step of an iterator of a native type.
    pub fn step_of(&self, it: Value) -> Option<Gc<Function>> {
        let def: &TypeDef = it.header()?.shape().class().def.get()?;
        let name = self.intern(def.step?);
        self.step_functions()?.get_str(name)?.cast::<Function>()
    }

    /// Fetches the interpreter's functions once; none if loading raised, which is then as if there were
    /// none.
    fn step_functions(&self) -> Option<Gc<Dict>> {
        let known = *self.steps.borrow();
        if known.is_some() {
            return known;
        }
        let Ok(namespace) = self.interpreter().steps(self) else {
            self.clear_raised();
            return None;
        };
        self.keep(namespace.value());
        *self.steps.borrow_mut() = Some(namespace);
        Some(namespace)
    }
}

/// Whether the code of a function is that of [`reader`] or [`writer`].
pub fn accessor(def: &MethodDef) -> Option<(FieldAccess, NativeCode)> {
    match (def.field, def.call) {
        (Some(field), NativeCall::Bound(code)) => Some((field, code)),
        _ => None,
    }
}

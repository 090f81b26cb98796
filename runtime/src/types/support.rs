//! What the definitions of built-in types share: receivers, argument checks in
//! CPython's words, instances of subclasses, and errors of the format language.

use crate::heap::{Gc, Object};
use crate::object::{Class, Shape};
use crate::ops::compare::{CompareOp, holds};
use crate::types::int::IntRef;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use std::cmp::Ordering;
use taipan_text::TextBuf;
use taipan_text::format_spec::FormatError;

/// The receiver of a method, which the descriptor has checked to be a `T`.
#[inline(always)]
pub fn receiver<T: Object>(v: Value) -> Gc<T> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

/// For `base.__new__(cls, ...)`: the shape of the instance to make, `None` when
/// `cls` is `base` itself. TypeError unless `cls` is a class derived from `base`
/// whose layout `base` makes.
pub fn new_shape(vm: &Vm, cls: Value, base: Gc<Class>) -> Result<Option<&'static Shape>> {
    let name = || base.qualified_name();
    let Some(class) = cls.cast::<Class>() else {
        let got = vm.class_of(cls).qualified_name();
        return Err(vm.type_error(format!(
            "{}.__new__(X): X is not a type object ({got})",
            name()
        )));
    };
    if class == base {
        return Ok(None);
    }
    let got = class.qualified_name();
    if !class.is_subclass_of(base) {
        return Err(vm.type_error(format!(
            "{0}.__new__({got}): {got} is not a subtype of {0}",
            name()
        )));
    }
    // The nearest native class decides how instances are made.
    let mut native = class;
    while native.def.get().is_none()
        && let Some(next) = native.base.get()
    {
        native = next;
    }
    if native != base
        && native.special(crate::object::Special::New) != base.special(crate::object::Special::New)
    {
        return Err(vm.type_error(format!(
            "{}.__new__({got}) is not safe, use {}.__new__()",
            name(),
            native.qualified_name()
        )));
    }
    Ok(Some(class.root_shape.get()))
}

/// A value's type as messages about arguments name it.
pub fn arg_name(vm: &Vm, v: Value) -> String {
    if v.is_none() {
        "None".to_owned()
    } else {
        vm.class_of(v).qualified_name()
    }
}

/// A `str` argument; `what` begins the message, as in `find() argument 1`.
pub fn str_arg(vm: &Vm, v: Value, what: &str) -> Result<Gc<Str>> {
    match v.cast::<Str>() {
        Some(s) => Ok(s),
        None => Err(vm.type_error(format!("{what} must be str, not {}", arg_name(vm, v)))),
    }
}

/// A `Py_ssize_t` argument: OverflowError beyond 64 bits.
pub fn size_arg(vm: &Vm, v: Value) -> Result<i64> {
    bounded_arg(vm, v, "Python int too large to convert to C ssize_t")
}

/// A size that anything with an `__index__` gives: OverflowError beyond 64 bits.
pub fn index_arg(vm: &Vm, v: Value) -> Result<i64> {
    bounded_arg(vm, v, "cannot fit 'int' into an index-sized integer")
}

/// A C `int` argument.
pub fn c_int_arg(vm: &Vm, v: Value) -> Result<i64> {
    const MESSAGE: &str = "Python int too large to convert to C int";
    let i = bounded_arg(vm, v, MESSAGE)?;
    match i32::try_from(i) {
        Ok(_) => Ok(i),
        Err(_) => Err(vm.overflow_error(MESSAGE)),
    }
}

/// A count to repeat a sequence by: negative ones are zero.
pub fn repeat_arg(vm: &Vm, v: Value) -> Result<usize> {
    Ok(index_arg(vm, v)?.max(0) as usize)
}

fn bounded_arg(vm: &Vm, v: Value, message: &str) -> Result<i64> {
    if let Some(i) = v.as_int() {
        return Ok(i);
    }
    match vm.index(v)?.as_int_ref() {
        Some(IntRef::Small(i)) => Ok(i),
        Some(IntRef::Big(b)) => b.to_i64().ok_or_else(|| vm.overflow_error(message)),
        None => Err(vm.type_error("an integer is required")),
    }
}

/// The part of a sequence that optional `start` and `end` arguments name; `None`
/// when `start` lies beyond `end` or the sequence.
pub fn bounds(vm: &Vm, start: Value, end: Value, len: usize) -> Result<Option<(usize, usize)>> {
    let bound = |v: Value, default: i64| -> Result<i64> {
        match v.given_not_none() {
            None => Ok(default),
            Some(v) => {
                let i = crate::types::slice::slice_index(vm, v)?;
                Ok(if i < 0 {
                    i.saturating_add(len as i64).max(0)
                } else {
                    i
                })
            }
        }
    };
    let start = bound(start, 0)?;
    let end = bound(end, len as i64)?.min(len as i64);
    Ok((start <= end).then_some((start as usize, end as usize)))
}

/// What a comparison method returns for things in this order.
pub fn ordered(op: CompareOp, order: Ordering) -> Result {
    Ok(Value::bool(holds(op, order)))
}

/// Defines the six comparison methods of a type as functions of these names that
/// call `$compare(vm, op, a, b)`.
#[macro_export]
macro_rules! comparison_methods {
    ($compare:path) => {
        [
            $crate::comparison_methods!(@one "__lt__", "Return self<value.", Lt, $compare),
            $crate::comparison_methods!(@one "__le__", "Return self<=value.", Le, $compare),
            $crate::comparison_methods!(@one "__eq__", "Return self==value.", Eq, $compare),
            $crate::comparison_methods!(@one "__ne__", "Return self!=value.", Ne, $compare),
            $crate::comparison_methods!(@one "__gt__", "Return self>value.", Gt, $compare),
            $crate::comparison_methods!(@one "__ge__", "Return self>=value.", Ge, $compare),
        ]
    };
    (@one $name:literal, $doc:literal, $op:ident, $compare:path) => {
        $crate::object::MethodDef::new($name, "(self, value, /)", $doc, |vm, args| {
            $compare(vm, $crate::ops::compare::CompareOp::$op, args[0], args[1])
        })
    };
}

/// Joins constant method tables into one, since a [`crate::object::TypeDef`]
/// holds a single slice.
#[macro_export]
macro_rules! method_table {
    ($($part:expr),* $(,)?) => {{
        const PARTS: &[&[$crate::object::MethodDef]] = &[$(&$part),*];
        const COUNT: usize = {
            let (mut i, mut n) = (0, 0);
            while i < PARTS.len() {
                n += PARTS[i].len();
                i += 1;
            }
            n
        };
        const ALL: [$crate::object::MethodDef; COUNT] = $crate::types::support::concat_methods(PARTS);
        &ALL
    }};
}

/// For [`method_table`]: all entries of `parts`, `N` in number.
pub const fn concat_methods<const N: usize>(
    parts: &[&[crate::object::MethodDef]],
) -> [crate::object::MethodDef; N] {
    use crate::object::MethodDef;
    let mut all = [const { MethodDef::new("", "()", "", |_, _| Ok(Value::NONE)) }; N];
    let (mut part, mut n) = (0, 0);
    while part < parts.len() {
        let mut i = 0;
        while i < parts[part].len() {
            let m = &parts[part][i];
            all[n] = MethodDef {
                name: m.name,
                signature: m.signature,
                doc: m.doc,
                call: m.call,
                kind: m.kind,
                arity: m.arity,
                effect: m.effect,
                floats: m.floats,
                complex: m.complex,
                consumer: m.consumer,
                resumes: m.resumes,
                is_length: m.is_length,
                field: m.field,
            };
            n += 1;
            i += 1;
        }
        part += 1;
    }
    all
}

impl Vm {
    /// The name of a value's class, for messages.
    pub fn type_name(&self, v: Value) -> String {
        self.class_of(v).qualified_name()
    }

    /// The name of a value's class with its module, unless that is `builtins` or
    /// `__main__`, for messages that name types in full.
    pub fn full_type_name(&self, v: Value) -> String {
        let class = self.class_of(v);
        let module = match class.def.get() {
            Some(def) => def.module.to_owned(),
            None => {
                let module = class.lookup(self, self.names.__module__.get());
                module
                    .and_then(|m| m.cast::<Str>())
                    .map(|m| m.to_text())
                    .unwrap_or_default()
            }
        };
        let name = class
            .qualname
            .get()
            .and_then(|q| q.cast::<Str>())
            .map(|q| q.to_text());
        let name = name.unwrap_or_else(|| class.name_string());
        match module.as_str() {
            "" | "builtins" | "__main__" => name,
            module => format!("{module}.{name}"),
        }
    }

    /// Raises what an error of the format mini-language stands for.
    #[cold]
    pub fn format_error(&self, error: FormatError) -> Raised {
        match error {
            FormatError::Value(message) => self.value_error(message),
            FormatError::Overflow(message) => self.overflow_error(message),
            FormatError::Memory => self.memory_error(),
        }
    }

    /// A string from a text buffer.
    pub fn finish_text(&self, buf: TextBuf) -> Result {
        Ok(self.str_from_text(buf.finish())?.value())
    }

    /// The argument of a `__format__` method.
    pub fn format_spec_arg(&self, v: Value) -> Result<Gc<Str>> {
        str_arg(self, v, "__format__() argument")
    }
}

//! Conversions between values and Rust's numbers, and `len()`.

use super::compare::{Number, number};
use crate::heap::Kind;
use crate::object::Special;
use crate::types::dict::Dict;
use crate::types::int::IntRef;
use crate::types::list::List;
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};

impl Vm {
    /// `operator.index(v)`: an exact integer.
    pub fn index(&self, v: Value) -> Result {
        if let Some(i) = v.exact_int() {
            return Ok(i);
        }
        match self.call_if_defined(v, Special::Index, &[])? {
            Some(result) if result.is_int() => Ok(result),
            Some(result) => match result.exact_int() {
                Some(i) => {
                    if self.class_of(result) != self.types.int.get() {
                        self.warn_deprecated(&format!(
                            "__index__ returned non-int (type {}).  The ability to return an instance of a strict \
                             subclass of int is deprecated, and may be removed in a future version of Python.",
                            self.class_of(result).qualified_name()
                        ))?;
                    }
                    Ok(i)
                }
                None => Err(self.type_error(format!(
                    "__index__ returned non-int (type {})",
                    self.class_of(result).qualified_name()
                ))),
            },
            None => Err(self.type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                self.class_of(v).qualified_name()
            ))),
        }
    }

    /// A float argument: `float`, `int`, `__float__` or `__index__`.
    pub fn to_float(&self, v: Value) -> Result<f64> {
        match number(v) {
            Some(Number::Float(f)) => return Ok(f),
            Some(Number::Int(i)) => return self.int_to_float(i),
            None => {}
        }
        if let Some(f) = crate::types::float::float_of(v) {
            return Ok(f);
        }
        if let Some(result) = self.call_if_defined(v, Special::Float, &[])? {
            if let Some(f) = result.as_float() {
                return Ok(f);
            }
            let names = (
                self.class_of(v).qualified_name(),
                self.class_of(result).qualified_name(),
            );
            return match crate::types::float::float_of(result) {
                Some(f) => {
                    self.warn_deprecated(&format!(
                        "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict \
                         subclass of float is deprecated, and may be removed in a future version of Python.",
                        names.0, names.1
                    ))?;
                    Ok(f)
                }
                None => Err(self.type_error(format!(
                    "{}.__float__ returned non-float (type {})",
                    names.0, names.1
                ))),
            };
        }
        if let Some(i) = v.as_int_ref() {
            return self.int_to_float(i);
        }
        if self.class_of(v).special(Special::Index).is_some() {
            return match self.index(v)?.as_int_ref() {
                Some(i) => self.int_to_float(i),
                None => Ok(0.0),
            };
        }
        Err(self.type_error(format!(
            "must be real number, not {}",
            self.class_of(v).qualified_name()
        )))
    }

    /// `len(v)`.
    pub fn length(&self, v: Value) -> Result<usize> {
        if let Some(header) = v.header() {
            let shape = header.shape_id();
            let shapes = &self.shapes;
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if shape == shapes.list.get().id() {
                    return Ok(v.cast_unchecked::<List>().len());
                } else if shape == shapes.str.get().id() {
                    return Ok(v.cast_unchecked::<Str>().len());
                } else if shape == shapes.tuple.get().id() {
                    return Ok(v.cast_unchecked::<Tuple>().len());
                } else if shape == shapes.dict.get().id() {
                    return Ok(v.cast_unchecked::<Dict>().len());
                } else if shape == shapes.set.get().id() {
                    return Ok(v.cast_unchecked::<Set>().len());
                } else if shape == shapes.bytes.get().id() {
                    return Ok(v.cast_unchecked::<crate::types::bytes::Bytes>().len());
                }
            }
        }
        let class = self.class_of(v);
        let Some(f) = class.special(Special::Len) else {
            return Err(self.type_error(format!(
                "object of type '{}' has no len()",
                class.qualified_name()
            )));
        };
        let result = self.call_special(f, v, &[])?;
        self.length_from(result)
    }

    /// The length that a `__len__` returned.
    ///
    /// # Errors
    /// It is no integer, negative, or too large.
    pub fn length_from(&self, result: Value) -> Result<usize> {
        let result = self.index(result)?;
        match result.as_int_ref() {
            Some(i) if i.is_negative() => Err(self.value_error("__len__() should return >= 0")),
            Some(IntRef::Small(n)) => Ok(n as usize),
            // A range may be as long as that.
            Some(IntRef::Big(b)) => match b.to_i64() {
                Some(n) => Ok(n as usize),
                None => Err(self.overflow_error("cannot fit 'int' into an index-sized integer")),
            },
            None => Ok(0),
        }
    }

    /// `operator.length_hint(v, default)`.
    pub fn length_hint(&self, v: Value, default: usize) -> Result<usize> {
        let class = self.class_of(v);
        if class.special(Special::Len).is_some() {
            let length = self.length(v);
            if let Some(n) = self.catch(length, &crate::types::exception::classes::TYPE_ERROR)? {
                return Ok(n);
            }
        }
        let Some(f) = class.special(Special::LengthHint) else {
            return Ok(default);
        };
        let hint = self.call_special(f, v, &[]);
        let Some(hint) = self.catch(hint, &crate::types::exception::classes::TYPE_ERROR)? else {
            return Ok(default);
        };
        if hint == Value::NOT_IMPLEMENTED {
            return Ok(default);
        }
        match hint.as_int_ref() {
            Some(i) if i.is_negative() => {
                Err(self.value_error("__length_hint__() should return >= 0"))
            }
            Some(IntRef::Small(n)) => Ok(n as usize),
            Some(_) => match crate::types::protocol::to_ssize(hint) {
                Some(n) => Ok(n as usize),
                None => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
            },
            None => Err(self.type_error(format!(
                "__length_hint__ must be an integer, not {}",
                self.class_of(hint).qualified_name()
            ))),
        }
    }

    /// Whether the value has the layout of `kind`, subclasses included.
    #[inline]
    pub fn is_kind(&self, v: Value, kind: Kind) -> bool {
        v.header().is_some_and(|h| h.shape().layout.kind == kind)
    }

    /// Warns with DeprecationWarning, by the module `warnings`.
    pub fn warn_deprecated(&self, message: &str) -> Result<()> {
        self.warn(
            &crate::types::exception::classes::DEPRECATION_WARNING,
            message,
            1,
        )
    }

    /// `warnings.warn(message, category, stacklevel)`.
    pub fn warn(
        &self,
        category: &'static crate::object::TypeDef,
        message: &str,
        stack_level: i64,
    ) -> Result<()> {
        let class = self.exception_class(category).value();
        let warnings = self.import("_warnings")?;
        let message = self.new_str(message).value();
        self.call_method(
            warnings,
            "warn",
            &[message, class, self.new_int(stack_level)],
        )?;
        Ok(())
    }

    /// Warns that `source` was not closed: where it was allocated is shown, if that is traced.
    pub fn warn_unclosed(&self, message: &str, source: Value) -> Result<()> {
        let class = self.exception_class(&crate::types::exception::classes::RESOURCE_WARNING);
        let warnings = self.import("_warnings")?;
        let message = self.new_str(message).value();
        let args = [message, class.value(), self.new_int(1), source];
        self.call_method(warnings, "warn", &args)?;
        Ok(())
    }

    /// The module of this name, imported if need be (`importlib.import_module` of an absolute name).
    pub fn import(&self, name: &str) -> Result {
        let key = self.intern(name);
        if let Some(modules) = self.modules.get()
            && let Some(module) = modules.get_str(key)
            && !module.is_none()
        {
            return Ok(module);
        }
        let import = match self.builtins_dict().get_str(self.names.__import__.get()) {
            Some(f) => f,
            None => return Err(self.import_error("__import__ not found")),
        };
        self.call(import, &[key.value()])?;
        match self.modules.get().and_then(|m| m.get_str(key)) {
            Some(module) => Ok(module),
            None => Err(self.import_error(format!("import of {name} failed"))),
        }
    }

    /// `module.name` of an imported module.
    pub fn import_attr(&self, module: &str, name: &str) -> Result {
        let module = self.import(module)?;
        self.get_attr_str(module, name)
    }
}

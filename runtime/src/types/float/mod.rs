//! `float`: immediate values; only instances of subclasses are objects.

mod methods;

pub use methods::FLOAT;

use crate::heap::{Header, Kind};
use crate::heap_object;
use crate::object::Special;
use crate::types::str::{Str, StrData};
use crate::value::{Value, nan_apart};
use crate::vm::{Result, Vm};
use taipan_text::float;

/// An instance of a subclass of `float`.
#[repr(C)]
pub struct FloatSub {
    pub header: Header,
    pub value: f64,
}

heap_object!(FloatSub, "float", Kind::FloatSub, |this, marker| {});

/// The number of a `float` or of an instance of a subclass.
#[inline]
pub fn float_of(v: Value) -> Option<f64> {
    match v.as_float() {
        Some(f) => Some(f),
        None => v.cast::<FloatSub>().map(|f| f.value),
    }
}

impl Vm {
    /// An instance of a subclass of `float`.
    pub fn float_with_shape(&self, value: f64, shape: &'static crate::object::Shape) -> Value {
        self.heap
            .alloc(
                shape,
                FloatSub {
                    header: Header::empty(),
                    value,
                },
            )
            .value()
    }

    /// `float(v)`: a number, or text.
    pub fn float_from_object(&self, v: Value) -> Result<f64> {
        if let Some(f) = v.as_float() {
            return Ok(f);
        }
        let class = self.class_of(v);
        if let Some(f) = class.special(Special::Float) {
            return self.float_by(f, v);
        }
        let text = match v.cast::<Str>() {
            Some(s) => match s.data() {
                StrData::Latin1(d) if s.is_ascii() => float::parse_ascii(d),
                data => taipan_text::with_units!(data, d => float::parse(d)),
            },
            None => {
                if v.as_int_ref().is_some() || class.special(Special::Index).is_some() {
                    return self.to_float(v);
                }
                if !self.supports_buffer(v) {
                    return Err(self.type_error(format!(
                        "float() argument must be a string or a real number, not '{}'",
                        class.qualified_name()
                    )));
                }
                let buffer = self.get_buffer(v, false)?;
                float::parse_ascii(&buffer.contiguous_bytes())
            }
        };
        match text {
            Some(f) if f.is_nan() => Ok(self.new_nan(f)),
            Some(f) => Ok(f),
            None => Err(self.value_error(format!(
                "could not convert string to float: {}",
                self.repr_text(v)?
            ))),
        }
    }

    /// A NaN that is not identical with any before, with the sign of `f`.
    pub fn new_nan(&self, f: f64) -> f64 {
        self.nans.set(self.nans.get() + 1);
        nan_apart(f, self.nans.get())
    }

    /// What a `__float__` method gives.
    fn float_by(&self, f: Value, v: Value) -> Result<f64> {
        let result = self.call_special(f, v, &[])?;
        if let Some(f) = result.as_float() {
            return Ok(f);
        }
        let (class, got) = (self.type_name(v), self.type_name(result));
        let Some(f) = float_of(result) else {
            return Err(
                self.type_error(format!("{class}.__float__ returned non-float (type {got})"))
            );
        };
        self.warn_deprecated(&format!(
            "{class}.__float__ returned non-float (type {got}).  The ability to return an instance of a strict \
             subclass of float is deprecated, and may be removed in a future version of Python."
        ))?;
        Ok(f)
    }
}

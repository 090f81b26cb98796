//! Making integers from other things: `int(...)`, `int.from_bytes`, floats, text.

use super::IntRef;
use crate::heap::Gc;
use crate::object::Special;
use crate::types::bytes;
use crate::types::exception::classes as exc;
use crate::types::float::float_of;
use crate::types::str::{Str, StrData};
use crate::types::support::{new_shape, str_arg};
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use taipan_text::int::{self, Endian, ParseError, Parsed};

impl Vm {
    /// Largest number of digits that conversions between integers and decimal
    /// text may have; 0 is no limit.
    pub fn int_max_digits(&self) -> usize {
        self.settings.borrow().int_max_str_digits as usize
    }

    /// ValueError if the integer has more decimal digits than `sys.set_int_max_str_digits` allows.
    pub fn check_int_digits(&self, i: Value) -> Result<()> {
        let Some(IntRef::Big(b)) = i.as_int_ref() else {
            return Ok(());
        };
        let limit = self.int_max_digits();
        if limit == 0 {
            return Ok(());
        }
        // Between these bounds only the digits themselves tell.
        let digits = b.bit_length() as f64 * std::f64::consts::LOG10_2;
        let too_long = if digits < limit as f64 - 1.0 {
            false
        } else if digits > limit as f64 + 1.0 {
            true
        } else {
            b.to_text(10).trim_start_matches('-').len() > limit
        };
        if too_long {
            return Err(self.value_error(format!(
                "Exceeds the limit ({limit} digits) for integer string conversion; use \
                 sys.set_int_max_str_digits() to increase the limit"
            )));
        }
        Ok(())
    }

    /// `repr` of an integer.
    pub fn int_repr(&self, i: Value) -> Result<Gc<Str>> {
        match i.as_int_ref() {
            Some(IntRef::Big(b)) => {
                self.check_int_digits(i)?;
                self.try_new_str_latin1(b.to_text(10).as_bytes(), true)
            }
            Some(IntRef::Small(i)) => Ok(self.new_str_ascii(i.to_string().as_bytes())),
            None => Ok(self.names.empty.get()),
        }
    }

    /// `int(f)`: towards zero. ValueError for a NaN, OverflowError for infinities.
    pub fn int_from_float(&self, f: f64) -> Result {
        if f.abs() < 9.2e18 {
            return Ok(self.new_int(f as i64));
        }
        match int::from_f64(f) {
            Some(i) => Ok(self.new_bigint(i)),
            None if f.is_nan() => Err(self.value_error("cannot convert float NaN to integer")),
            None => Err(self.overflow_error("cannot convert float infinity to integer")),
        }
    }

    /// `int(v)` of a number: by `__int__` or `__index__`. TypeError for anything else, text included.
    pub fn int_from_number(&self, v: Value) -> Result {
        if let Some(f) = v.as_float() {
            return self.int_from_float(f);
        }
        if v.is_int() || v.is_bool() || self.class_of(v) == self.types.int.get() {
            return Ok(v.exact_int().unwrap_or(v));
        }
        let class = self.class_of(v);
        if let Some(f) = class.special(Special::Int) {
            let result = self.call_special(f, v, &[])?;
            if result.is_int() || self.class_of(result) == self.types.int.get() {
                return Ok(result);
            }
            let got = self.type_name(result);
            let Some(exact) = result.exact_int() else {
                return Err(self.type_error(format!("__int__ returned non-int (type {got})")));
            };
            self.warn_deprecated(&format!(
                "__int__ returned non-int (type {got}).  The ability to return an instance of a strict subclass of int \
                 is deprecated, and may be removed in a future version of Python."
            ))?;
            return Ok(exact);
        }
        if class.special(Special::Index).is_some() {
            return self.index(v);
        }
        Err(self.type_error(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            class.qualified_name()
        )))
    }

    /// `int(text, base)` of ASCII or UTF-8 bytes; `source` is shown in the error.
    pub fn int_from_text(&self, text: StrData<'_>, base: u32, source: Value) -> Result {
        let limit = self.int_max_digits();
        let parsed = match text {
            StrData::Latin1(d) if d.is_ascii() => int::parse_ascii(d, base, limit),
            text => taipan_text::with_units!(text, d => int::parse(d, base, limit)),
        };
        match parsed {
            Ok(Parsed::Small(i)) => Ok(self.new_int(i)),
            Ok(Parsed::Big(i)) => Ok(self.new_bigint(i)),
            Err(error) => Err(self.int_parse_error(error, base, source)),
        }
    }

    /// Whether `int(text)` raises ValueError since the text is none of an integer.
    pub fn is_malformed_int(&self, text: StrData<'_>) -> bool {
        let limit = self.int_max_digits();
        let parsed = match text {
            StrData::Latin1(d) if d.is_ascii() => int::parse_ascii(d, 10, limit),
            text => taipan_text::with_units!(text, d => int::parse(d, 10, limit)),
        };
        matches!(parsed, Err(ParseError::Malformed))
    }

    /// What the error about a text says that is none of an integer.
    pub fn malformed_int(&self, base: u32, source: Value) -> Result<Gc<Str>> {
        let mut shown = self.repr(source)?.to_text();
        if let Some((end, _)) = shown.char_indices().nth(200) {
            shown.truncate(end);
        }
        let base = base.to_string();
        let parts = ["invalid literal for int() with base ", &base, ": ", &shown];
        Ok(self.new_str(&parts.concat()))
    }

    #[cold]
    fn int_parse_error(&self, error: ParseError, base: u32, source: Value) -> Raised {
        match error {
            ParseError::TooManyDigits(count) => self.value_error(format!(
                "Exceeds the limit ({} digits) for integer string conversion: value has {count} digits; use \
                 sys.set_int_max_str_digits() to increase the limit",
                self.int_max_digits()
            )),
            ParseError::Malformed => match self.malformed_int(base, source) {
                Ok(message) => {
                    let class = self.exception_class(&exc::VALUE_ERROR);
                    self.raise_with(class, &[message.value()])
                }
                Err(raised) => raised,
            },
        }
    }

    /// As [`Vm::int_from_text`] for the bytes of an object; `None` if it holds none.
    fn int_from_bytes_text(&self, v: Value, base: u32) -> Result<Option<Value>> {
        if !self.supports_buffer(v) {
            return Ok(None);
        }
        let buffer = self.get_buffer(v, false)?;
        let text = buffer.contiguous_bytes();
        // Errors show the bytes, whatever object held them.
        let limit = self.int_max_digits();
        match int::parse_ascii(&text, base, limit) {
            Ok(Parsed::Small(i)) => Ok(Some(self.new_int(i))),
            Ok(Parsed::Big(i)) => Ok(Some(self.new_bigint(i))),
            Err(error) => {
                let shown = self.new_bytes(&text)?.value();
                Err(self.int_parse_error(error, base, shown))
            }
        }
    }
}

/// `int.__new__`.
pub(super) fn new(vm: &Vm, args: &[Value]) -> Result {
    let shape = new_shape(vm, args[0], vm.types.int.get())?;
    let value = exact(vm, args[1], args[2])?;
    Ok(match shape {
        None => value,
        Some(shape) => vm.int_with_shape(value, shape),
    })
}

fn exact(vm: &Vm, x: Value, base: Value) -> Result {
    let Some(base) = base.given() else {
        let Some(x) = x.given() else {
            return Ok(Value::small_int(0));
        };
        if let Some(i) = x.as_int() {
            return Ok(Value::small_int(i));
        }
        if let Some(s) = x.cast::<Str>()
            && s.header.shape_id() == vm.shapes.str.get().id()
        {
            return vm.int_from_text(s.data(), 10, x);
        }
        let class = vm.class_of(x);
        let number = class.special(Special::Int).is_some_and(|f| !f.is_none())
            || class.special(Special::Index).is_some();
        if number {
            return vm.int_from_number(x);
        }
        if let Some(s) = x.cast::<Str>() {
            return vm.int_from_text(s.data(), 10, x);
        }
        return match vm.int_from_bytes_text(x, 10)? {
            Some(i) => Ok(i),
            None => vm.int_from_number(x),
        };
    };
    let Some(x) = x.given() else {
        return Err(vm.type_error("int() missing string argument"));
    };
    let base = match vm.index(base)?.as_int() {
        Some(base @ (0 | 2..=36)) => base as u32,
        _ => return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0")),
    };
    if let Some(s) = x.cast::<Str>() {
        return vm.int_from_text(s.data(), base, x);
    }
    if bytes::is_bytes_or_bytearray(x)
        && let Some(i) = vm.int_from_bytes_text(x, base)?
    {
        return Ok(i);
    }
    Err(vm.type_error("int() can't convert non-string with explicit base"))
}

/// The arguments `byteorder` and `signed`.
pub(super) fn order_args(
    vm: &Vm,
    order: Value,
    signed: Value,
    function: &str,
) -> Result<(Endian, bool)> {
    let endian = match order.given() {
        None => Endian::Big,
        Some(v) => {
            let text = match v.cast::<Str>() {
                Some(text) => text,
                None => str_arg(vm, v, &format!("{function}() argument 'byteorder'"))?,
            };
            match text.as_ascii() {
                Some("little") => Endian::Little,
                Some("big") => Endian::Big,
                _ => return Err(vm.value_error("byteorder must be either 'little' or 'big'")),
            }
        }
    };
    let signed = match signed.given() {
        None => false,
        Some(v) => vm.truth(v)?,
    };
    Ok((endian, signed))
}

/// `int.from_bytes`.
pub(super) fn from_bytes(vm: &Vm, args: &[Value]) -> Result {
    let (endian, signed) = order_args(vm, args[2], args[3], "from_bytes")?;
    let bytes = vm.bytes_from_object(args[1])?;
    let data = bytes.as_slice();
    let value = if data.len() <= 6 {
        let mut word = [0u8; 8];
        let negative;
        match endian {
            Endian::Little => {
                word[..data.len()].copy_from_slice(data);
                negative = data.last().is_some_and(|b| b & 0x80 != 0);
            }
            Endian::Big => {
                word.iter_mut()
                    .zip(data.iter().rev())
                    .for_each(|(w, b)| *w = *b);
                negative = data.first().is_some_and(|b| b & 0x80 != 0);
            }
        }
        let magnitude = i64::from_le_bytes(word);
        vm.new_int(if signed && negative {
            magnitude - (1 << (8 * data.len()))
        } else {
            magnitude
        })
    } else {
        vm.int_from_bytes(data, endian, signed)?
    };
    if args[0] == vm.types.int.get().value() {
        Ok(value)
    } else {
        vm.call(args[0], &[value])
    }
}

/// The nearest integer to a float, half to even, as `round()` gives it.
pub fn round_float(vm: &Vm, f: f64) -> Result {
    vm.int_from_float(f.round_ties_even())
}

/// A float from any number, for operators whose other side is a float; `None` if it is none.
pub fn real_operand(vm: &Vm, v: Value) -> Option<Result<f64>> {
    match float_of(v) {
        Some(f) => Some(Ok(f)),
        None => v.as_int_ref().map(|i| vm.int_to_float(i)),
    }
}

//! `repr()`, `str()`, `format()`.

use crate::heap::Gc;
use crate::object::Special;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};

impl Vm {
    /// `repr(v)`.
    pub fn repr(&self, v: Value) -> Result<Gc<Str>> {
        if let Some(i) = v.as_int() {
            return Ok(self.str_of_int(i));
        }
        if let Some(f) = v.as_float() {
            return Ok(self.new_str_ascii(taipan_text::float::repr(f).as_bytes()));
        }
        self.check_native_stack()?;
        match self.call_if_defined(v, Special::Repr, &[])? {
            Some(result) => match result.cast::<Str>() {
                Some(s) => Ok(s),
                None => Err(self.type_error(format!(
                    "__repr__ returned non-string (type {})",
                    self.class_of(result).qualified_name()
                ))),
            },
            None => Ok(self.new_str(&format!(
                "<{} object at {:#x}>",
                self.class_of(v).qualified_name(),
                v.bits()
            ))),
        }
    }

    /// Decimal text of a machine word.
    fn str_of_int(&self, i: i64) -> Gc<Str> {
        let mut buffer = [0u8; 20];
        let mut at = buffer.len();
        let mut rest = i.unsigned_abs();
        loop {
            at -= 1;
            buffer[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if i < 0 {
            at -= 1;
            buffer[at] = b'-';
        }
        self.new_str_ascii(&buffer[at..])
    }

    /// `str(v)`.
    pub fn str(&self, v: Value) -> Result<Gc<Str>> {
        if let Some(s) = v.cast::<Str>()
            && s.class() == self.types.str.get()
        {
            return Ok(s);
        }
        if v.is_int() || v.is_float() {
            return self.repr(v);
        }
        self.check_native_stack()?;
        match self.call_if_defined(v, Special::Str, &[])? {
            Some(result) => match result.cast::<Str>() {
                Some(s) => Ok(s),
                None => Err(self.type_error(format!(
                    "__str__ returned non-string (type {})",
                    self.class_of(result).qualified_name()
                ))),
            },
            None => self.repr(v),
        }
    }

    /// `format(v, spec)`.
    pub fn format(&self, v: Value, spec: Option<Gc<Str>>) -> Result<Gc<Str>> {
        let empty = spec.is_none_or(|s| s.is_empty());
        if empty {
            if let Some(s) = v.cast::<Str>()
                && s.class() == self.types.str.get()
            {
                return Ok(s);
            }
            if v.is_int() || v.is_float() {
                return self.repr(v);
            }
        }
        let spec = spec.unwrap_or_else(|| self.names.empty.get());
        if let Some(bytes) = spec.as_ascii()
            && let Some(quick) = self.format_simple(v, bytes.as_bytes())
        {
            return Ok(quick);
        }
        let Some(f) = self.class_of(v).special(Special::Format) else {
            return Err(self.type_error(format!(
                "Type {} doesn't define __format__",
                self.class_of(v).qualified_name()
            )));
        };
        let result = self.call_special(f, v, &[spec.value()])?;
        match result.cast::<Str>() {
            Some(s) => Ok(s),
            None => Err(self.type_error(format!(
                "__format__ must return a str, not {}",
                self.class_of(result).qualified_name()
            ))),
        }
    }

    /// Numbers and strings by the specifications met most (see [`Quick`]). `None` for
    /// everything else, mistakes included.
    fn format_simple(&self, v: Value, spec: &[u8]) -> Option<Gc<Str>> {
        let quick = Quick::parse(spec)?;
        if let Some(s) = self.exact_str_ref(v) {
            return self.format_simple_str(s, &quick);
        }
        // The number is written from the end of the buffer towards its start.
        let mut buffer = [0u8; Quick::ROOM];
        let mut at = buffer.len();
        let negative = if let Some(f) = v.as_float() {
            let percent = quick.kind == b'%';
            let magnitude = if percent { f.abs() * 100.0 } else { f.abs() };
            let precision = match (quick.kind, quick.precision) {
                (b'f' | b'%', precision) => precision.unwrap_or(6),
                _ => return None,
            };
            if !f.is_finite() || magnitude >= 1e18 {
                return None;
            }
            if percent {
                at -= 1;
                buffer[at] = b'%';
            }
            let mut text = [0; taipan_text::float::FIXED_ROOM];
            let start = taipan_text::float::write_fixed(&mut text, magnitude, precision)?;
            let digits = &text[start..];
            let whole = digits.len() - if precision > 0 { precision + 1 } else { 0 };
            let fraction = &digits[whole..];
            at = at.checked_sub(fraction.len())?;
            buffer[at..at + fraction.len()].copy_from_slice(fraction);
            for (i, digit) in digits[..whole].iter().rev().enumerate() {
                if quick.grouped && i > 0 && i % 3 == 0 {
                    at = at.checked_sub(1)?;
                    buffer[at] = b',';
                }
                at = at.checked_sub(1)?;
                buffer[at] = *digit;
            }
            f.is_sign_negative()
        } else {
            let i = v.as_int()?;
            let base = match quick.kind {
                b'd' | 0 => 10,
                b'x' if !quick.grouped => 16,
                b'b' if !quick.grouped => 2,
                _ => return None,
            };
            if quick.precision.is_some() {
                return None;
            }
            let mut rest = i.unsigned_abs();
            let mut count = 0;
            loop {
                if quick.grouped && count > 0 && count % 3 == 0 {
                    at -= 1;
                    buffer[at] = b',';
                }
                at -= 1;
                buffer[at] = match (rest % base) as u8 {
                    digit @ 0..10 => b'0' + digit,
                    digit => b'a' + digit - 10,
                };
                rest /= base;
                count += 1;
                if rest == 0 {
                    break;
                }
            }
            i < 0
        };
        if quick.zero {
            while buffer.len() - at + usize::from(negative) < quick.width {
                at = at.checked_sub(1)?;
                buffer[at] = b'0';
            }
        }
        if negative {
            at = at.checked_sub(1)?;
            buffer[at] = b'-';
        }
        let text = &buffer[at..];
        let missing = quick.width.saturating_sub(text.len());
        if missing == 0 {
            return Some(self.new_str_ascii(text));
        }
        self.padded(text, quick.fill, quick.before(missing, b'>'), missing)
    }

    fn format_simple_str(&self, s: Gc<Str>, quick: &Quick) -> Option<Gc<Str>> {
        if !matches!(quick.kind, 0 | b's') || quick.zero || quick.grouped {
            return None;
        }
        let text = s.as_ascii()?.as_bytes();
        let shown = &text[..quick.precision.unwrap_or(usize::MAX).min(text.len())];
        let missing = quick.width.saturating_sub(shown.len());
        if missing == 0 && shown.len() == text.len() {
            return Some(s);
        }
        self.padded(shown, quick.fill, quick.before(missing, b'<'), missing)
    }

    /// ASCII text among `missing` fill characters, of which `before` stand in front.
    fn padded(&self, text: &[u8], fill: u8, before: usize, missing: usize) -> Option<Gc<Str>> {
        let made = self.build_str(text.len() + missing, true, |out: &mut [u8]| {
            out[..before].fill(fill);
            out[before..before + text.len()].copy_from_slice(text);
            out[before + text.len()..].fill(fill);
        });
        made.ok()
    }

    /// The text of `repr(v)` for a message.
    pub fn repr_text(&self, v: Value) -> Result<String> {
        Ok(self.repr(v)?.to_text())
    }

    /// The text of `str(v)` for a message.
    pub fn str_text(&self, v: Value) -> Result<String> {
        Ok(self.str(v)?.to_text())
    }

    /// `ascii(v)`.
    pub fn ascii(&self, v: Value) -> Result<Gc<Str>> {
        let s = self.repr(v)?;
        if s.is_ascii() {
            return Ok(s);
        }
        let mut out = String::new();
        for c in s.code_points() {
            match c {
                0..=0x7F => out.push(c as u8 as char),
                0x80..=0xFF => out.push_str(&format!("\\x{c:02x}")),
                0x100..=0xFFFF => out.push_str(&format!("\\u{c:04x}")),
                _ => out.push_str(&format!("\\U{c:08x}")),
            }
        }
        Ok(self.new_str(&out))
    }

    /// Marks `v` as being printed while the guard lives; `None` if it is already
    /// (a container that holds itself).
    pub fn enter_repr(&self, v: Value) -> Option<ReprGuard<'_>> {
        let mut active = self.thread().repr_guard.borrow_mut();
        if active.contains(&v) {
            return None;
        }
        active.push(v);
        Some(ReprGuard { vm: self, value: v })
    }
}

/// A format specification of the common kind: fill and alignment, zeros, a width, grouping
/// by commas, a precision and a type, each of which may be missing.
struct Quick {
    fill: u8,
    /// Zero if not given.
    align: u8,
    zero: bool,
    width: usize,
    grouped: bool,
    precision: Option<usize>,
    /// Zero if not given.
    kind: u8,
}

impl Quick {
    /// Most characters of a number.
    const ROOM: usize = 128;
    const MAX_WIDTH: usize = 100;

    fn parse(spec: &[u8]) -> Option<Quick> {
        let is_align = |c: &u8| matches!(c, b'<' | b'>' | b'^');
        let (fill, align, mut rest) = match spec {
            [fill, align, rest @ ..] if is_align(align) => (*fill, *align, rest),
            [align, rest @ ..] if is_align(align) => (b' ', *align, rest),
            _ => (b' ', 0, spec),
        };
        let number = |rest: &mut &[u8]| {
            let before = rest.len();
            let mut n = 0usize;
            while let [c @ b'0'..=b'9', tail @ ..] = *rest
                && n <= Quick::MAX_WIDTH
            {
                n = n * 10 + usize::from(c - b'0');
                *rest = tail;
            }
            (rest.len() < before).then_some(n)
        };
        let zero = rest.first() == Some(&b'0');
        if zero && align != 0 {
            return None;
        }
        let width = number(&mut rest).unwrap_or(0);
        let grouped = rest.first() == Some(&b',');
        if grouped {
            rest = &rest[1..];
        }
        let precision = match rest {
            [b'.', tail @ ..] => {
                rest = tail;
                Some(number(&mut rest)?)
            }
            _ => None,
        };
        let kind = match rest {
            [] => 0,
            [kind] => *kind,
            _ => return None,
        };
        // Zeros before grouped digits are grouped too.
        let fits = width <= Quick::MAX_WIDTH && !(zero && grouped);
        fits.then_some(Quick {
            fill,
            align,
            zero,
            width,
            grouped,
            precision,
            kind,
        })
    }

    /// How many of the fill characters stand before the text.
    fn before(&self, missing: usize, default: u8) -> usize {
        match if self.align == 0 { default } else { self.align } {
            b'<' => 0,
            b'^' => missing / 2,
            _ => missing,
        }
    }
}

/// See [`Vm::enter_repr`].
pub struct ReprGuard<'vm> {
    vm: &'vm Vm,
    value: Value,
}

impl Drop for ReprGuard<'_> {
    fn drop(&mut self) {
        let mut active = self.vm.thread().repr_guard.borrow_mut();
        if let Some(at) = active.iter().rposition(|v| *v == self.value) {
            active.remove(at);
        }
    }
}

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
            return Ok(self.new_str_ascii(i.to_string().as_bytes()));
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
                    self.class_of(result).name_string()
                ))),
            },
            None => Ok(self.new_str(&format!(
                "<{} object at {:#x}>",
                self.class_of(v).name_string(),
                v.bits()
            ))),
        }
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
                    self.class_of(result).name_string()
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
                self.class_of(v).name_string()
            )));
        };
        let result = self.call_special(f, v, &[spec.value()])?;
        match result.cast::<Str>() {
            Some(s) => Ok(s),
            None => Err(self.type_error(format!(
                "__format__ must return a str, not {}",
                self.class_of(result).name_string()
            ))),
        }
    }

    /// Numbers by the specifications met most: a width, zero padding, `.nf` and `d`.
    /// `None` for everything else.
    fn format_simple(&self, v: Value, spec: &[u8]) -> Option<Gc<Str>> {
        use std::io::Write;
        let mut rest = spec;
        let number = |rest: &mut &[u8]| {
            let mut n = 0usize;
            let start = *rest;
            while let [c @ b'0'..=b'9', tail @ ..] = *rest
                && n < 100
            {
                n = n * 10 + usize::from(c - b'0');
                *rest = tail;
            }
            (rest.len() < start.len()).then_some(n)
        };
        let zero = rest.first() == Some(&b'0');
        let width = number(&mut rest).unwrap_or(0);
        let mut buffer = [0u8; 96];
        let mut out = &mut buffer[..];
        let room = out.len();
        if width > 60 {
            return None;
        }
        match (v.as_float(), v.as_int()) {
            (Some(f), _) => {
                let precision = match rest {
                    [b'f'] => 6,
                    [b'.', ..] => {
                        rest = &rest[1..];
                        number(&mut rest)?
                    }
                    _ => return None,
                };
                if rest != b"f" || !f.is_finite() || f.abs() >= 1e18 {
                    return None;
                }
                let mut text = [0; taipan_text::float::FIXED_ROOM];
                let mut at = taipan_text::float::write_fixed(&mut text, f.abs(), precision)?;
                let negative = f.is_sign_negative();
                if zero {
                    let digits = text.len() - at;
                    for _ in digits + usize::from(negative)..width {
                        at -= 1;
                        text[at] = b'0';
                    }
                }
                if negative {
                    at -= 1;
                    text[at] = b'-';
                }
                let padding = width.saturating_sub(text.len() - at);
                out.get_mut(..padding)?.fill(b' ');
                out = &mut out[padding..];
                out.write_all(&text[at..]).ok()?;
            }
            (_, Some(i)) if rest.is_empty() || rest == b"d" => {
                if zero {
                    write!(out, "{i:0width$}").ok()?;
                } else {
                    write!(out, "{i:width$}").ok()?;
                }
            }
            _ => return None,
        }
        let used = room - out.len();
        Some(self.new_str_ascii(&buffer[..used]))
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

//! Building strings of known length and width in place: joining, repeating, slicing.

use super::{ASCII, Str, StrData, WIDTH, copy_widened};
use crate::heap::Gc;
use crate::types::list::List;
use crate::types::slice::Indices;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use taipan_text::CodeUnit;

impl Vm {
    /// A string of `len` units that `fill` writes. `ascii` says whether all will be
    /// below 128; the width must be the narrowest that holds them.
    pub fn build_str<U: CodeUnit>(
        &self,
        len: usize,
        ascii: bool,
        fill: impl FnOnce(&mut [U]),
    ) -> Result<Gc<Str>> {
        if len == 0 {
            return Ok(self.names.empty.get());
        }
        let bits = size_of::<U>().trailing_zeros() as u8;
        let s = self.alloc_str(len, bits, if ascii { ASCII } else { 0 })?;
        // SAFETY: `len` zeroed units follow the new object, which nobody else has yet.
        fill(unsafe { std::slice::from_raw_parts_mut(s.payload() as *mut U, len) });
        if len == 1 && bits == 0 {
            return Ok(self.str_of_byte(s.char_at(0) as u8));
        }
        Ok(s)
    }

    /// The concatenation of values that are strings.
    pub fn str_join_all(&self, parts: &[Value]) -> Result<Gc<Str>> {
        // SAFETY: by contract.
        let parts = parts.iter().map(|p| unsafe { p.cast_unchecked::<Str>() });
        if parts.clone().all(|s| s.is_ascii()) {
            let mut out = Vec::with_capacity(parts.clone().map(|s| s.len()).sum());
            for s in parts {
                out.extend_from_slice(s.raw_bytes());
            }
            return self.try_new_str_latin1(&out, true);
        }
        let mut out = taipan_text::TextBuf::new();
        for s in parts {
            out.push_text(s.data());
        }
        self.str_from_text(out.finish())
    }

    /// `separator.join(items)`.
    pub fn str_join(&self, separator: Gc<Str>, iterable: Value) -> Result<Gc<Str>> {
        let exact = |shape: &crate::object::Shape| {
            iterable
                .header()
                .is_some_and(|h| h.shape_id() == shape.id())
        };
        if exact(self.shapes.list.get()) {
            // No Python code runs while the items are held.
            let list = crate::types::support::receiver::<List>(iterable);
            return self.join_items(separator, list.as_slice());
        }
        if exact(self.shapes.tuple.get()) {
            return self.join_items(
                separator,
                crate::types::support::receiver::<Tuple>(iterable).as_slice(),
            );
        }
        let items = match self.iter(iterable) {
            Ok(iterator) => {
                let mut items = self.rooted();
                while let Some(item) = self.next(iterator)? {
                    items.push(item);
                }
                items
            }
            Err(_)
                if self.raised_is_def(&crate::types::exception::classes::TYPE_ERROR)
                    && self
                        .class_of(iterable)
                        .special(crate::object::Special::Iter)
                        .is_none_or(Value::is_none) =>
            {
                self.clear_raised();
                return Err(self.type_error("can only join an iterable"));
            }
            Err(raised) => return Err(raised),
        };
        self.join_items(separator, &items)
    }

    fn join_items(&self, separator: Gc<Str>, items: &[Value]) -> Result<Gc<Str>> {
        let not_str = |i: usize| {
            let got = self.type_name(items[i]);
            self.type_error(format!(
                "sequence item {i}: expected str instance, {got} found"
            ))
        };
        match items {
            [] => return Ok(self.names.empty.get()),
            [one] => {
                let s = one.cast::<Str>().ok_or_else(|| not_str(0))?;
                return self.exact_str(s);
            }
            _ => {}
        }
        let sep_flags = separator.header.flags.get();
        let (mut bits, mut ascii) = (sep_flags & WIDTH, sep_flags & ASCII);
        let mut len = separator.len().checked_mul(items.len() - 1);
        for (i, item) in items.iter().enumerate() {
            let s = item.cast::<Str>().ok_or_else(|| not_str(i))?;
            let flags = s.header.flags.get();
            bits = bits.max(flags & WIDTH);
            ascii &= flags;
            len = len.and_then(|n| n.checked_add(s.len()));
        }
        let len = len
            .filter(|n| *n <= isize::MAX as usize)
            .ok_or_else(|| self.overflow_error("join() result is too long for a Python string"))?;
        if len == 0 {
            return Ok(self.names.empty.get());
        }
        let result = self.alloc_str(len, bits, ascii)?;
        let mut to = result.payload() as *mut u8;
        for (i, item) in items.iter().enumerate() {
            // SAFETY: the parts were measured above, and nothing ran in between that could change them.
            unsafe {
                if i > 0 && !separator.is_empty() {
                    copy_widened(separator, to, bits);
                    to = to.add(separator.len() << bits);
                }
                let s = item.cast_unchecked::<Str>();
                copy_widened(s, to, bits);
                to = to.add(s.len() << bits);
            }
        }
        if len == 1 && bits == 0 {
            return Ok(self.str_of_byte(result.char_at(0) as u8));
        }
        Ok(result)
    }

    /// `s * count`.
    pub fn str_repeat(&self, s: Gc<Str>, count: usize) -> Result<Gc<Str>> {
        if s.is_empty() || count == 0 {
            return Ok(self.names.empty.get());
        }
        if count == 1 {
            return self.exact_str(s);
        }
        let len = s
            .len()
            .checked_mul(count)
            .filter(|n| *n <= isize::MAX as usize)
            .ok_or_else(|| self.overflow_error("repeated string is too long"))?;
        match s.data() {
            StrData::Latin1(d) => {
                self.build_str(len, s.is_ascii(), |out: &mut [u8]| repeat_into(d, out))
            }
            StrData::Ucs2(d) => self.build_str(len, false, |out: &mut [u16]| repeat_into(d, out)),
            StrData::Ucs4(d) => self.build_str(len, false, |out: &mut [u32]| repeat_into(d, out)),
        }
    }

    /// `s[slice]`.
    pub fn str_slice(&self, s: Gc<Str>, indices: Indices) -> Result<Gc<Str>> {
        if indices.count == 0 {
            return Ok(self.names.empty.get());
        }
        let start = indices.start as usize;
        if indices.step == 1 {
            return self.substring(s, start, start + indices.count);
        }
        match s.data() {
            StrData::Latin1(d) if s.is_ascii() => {
                self.build_str(indices.count, true, |out: &mut [u8]| {
                    out.iter_mut()
                        .zip(indices.iter())
                        .for_each(|(o, i)| *o = d[i]);
                })
            }
            data => self.str_from_code_points(indices.iter().map(|i| data.at(i))),
        }
    }
}

/// Fills `out` with copies of `part`, doubling what is there.
pub(crate) fn repeat_into<U: Copy>(part: &[U], out: &mut [U]) {
    if let [unit] = part {
        out.fill(*unit);
        return;
    }
    out[..part.len()].copy_from_slice(part);
    let mut done = part.len();
    while done < out.len() {
        let more = done.min(out.len() - done);
        out.copy_within(..more, done);
        done += more;
    }
}

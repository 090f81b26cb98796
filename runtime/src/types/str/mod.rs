//! `str`: an immutable sequence of code points, lone surrogates included.
//!
//! Stored with one, two or four bytes a character, whichever the largest needs
//! (as PEP 393), so that indexing takes constant time. The characters follow the
//! object, except in the results of long concatenations: those lie in a shared
//! buffer with room at its end, and appending to the string that ends where the
//! buffer's used part ends takes that room. `s += t` in a loop is thus linear,
//! without counting references.

mod build;
mod format;
mod iterator;
mod methods;
mod parts;
mod translate;

pub(crate) use build::repeat_into;
pub use format::{PercentArgs, percent_format, percent_int, with_text_int};
pub use iterator::{STR_ITER, StrIter};
pub use methods::STR;
pub use translate::Transform;
pub(crate) use translate::{ascii_case, codec_arg, left_of_center};

use crate::heap::{Gc, GcField, Header, Kind, Marker};
use crate::heap_object;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Write;
pub use taipan_text::TextRef as StrData;
use taipan_text::{Text, TextBuf};

/// A Python string.
#[repr(C)]
pub struct Str {
    pub header: Header,
    /// Zero while unknown.
    hash: Cell<u64>,
    len: usize,
}

heap_object!(
    Str,
    "str",
    Kind::Str,
    |this, marker| {
        if this.is_external() {
            // SAFETY: an external string's payload is its buffer.
            marker.gc_field(unsafe { &*this.payload().cast::<GcField<StrBuffer>>() });
        }
    },
    variable
);

/// Characters shared by the results of successive concatenations.
#[repr(C)]
struct StrBuffer {
    header: Header,
    /// Bytes in use and available behind the object.
    used: Cell<usize>,
    capacity: usize,
}

heap_object!(
    StrBuffer,
    "str buffer",
    Kind::Internal,
    |this, marker| {},
    variable
);

const WIDTH: u8 = 3;
const ASCII: u8 = 4;
const EXTERNAL: u8 = 8;
const INTERNED: u8 = 16;
/// See [`Str::seek`].
const SOUGHT: u8 = 32;

/// Concatenations at least this long go to a shared buffer.
const BUFFERED: usize = 256;

/// Runs the body with `$data` bound to the string's slice, whatever its width.
#[macro_export]
macro_rules! with_str_data {
    ($s:expr, $data:ident => $body:expr) => {
        match $s.data() {
            $crate::types::str::StrData::Latin1($data) => $body,
            $crate::types::str::StrData::Ucs2($data) => $body,
            $crate::types::str::StrData::Ucs4($data) => $body,
        }
    };
}

impl Str {
    /// Byte offset of the length, for compiled code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Str, len);
    /// Where the characters begin unless they are in a buffer, and the bits of the header's flags
    /// of which none is set in a text of such Latin-1 characters.
    pub const CHARS_OFFSET: usize = size_of::<Str>();
    pub const NOT_LATIN1_INLINE: u8 = WIDTH | EXTERNAL;
    /// Set in the header's flags of interned ones, of which there is one for each text.
    pub const INTERNED: u8 = INTERNED;

    /// Number of code points.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.header.flags.get() & ASCII != 0
    }

    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.header.flags.get() & INTERNED != 0
    }

    /// Notes that somebody relies on this name not being in a namespace.
    pub fn seek(&self) {
        self.header.flags.set(self.header.flags.get() | SOUGHT);
    }

    #[inline(always)]
    pub fn is_sought(&self) -> bool {
        self.header.flags.get() & SOUGHT != 0
    }

    #[inline(always)]
    fn is_external(&self) -> bool {
        self.header.flags.get() & EXTERNAL != 0
    }

    /// Bytes a character: 1, 2 or 4.
    #[inline(always)]
    pub fn width(&self) -> usize {
        1 << (self.header.flags.get() & WIDTH)
    }

    #[inline(always)]
    fn payload(&self) -> *const u8 {
        // SAFETY: one past the fixed part, where the payload starts.
        unsafe { (self as *const Str).add(1).cast() }
    }

    #[inline(always)]
    fn chars(&self) -> *const u8 {
        if self.is_external() {
            // SAFETY: an external string's payload is its buffer, which is never empty.
            unsafe {
                let buffer = (*self.payload().cast::<GcField<StrBuffer>>())
                    .get()
                    .unwrap_unchecked();
                buffer.as_ptr().add(1).cast()
            }
        } else {
            self.payload()
        }
    }

    /// The characters.
    #[inline]
    pub fn data(&self) -> StrData<'_> {
        let p = self.chars();
        // SAFETY: `len` characters of the flagged width lie there.
        unsafe {
            match self.header.flags.get() & WIDTH {
                0 => StrData::Latin1(std::slice::from_raw_parts(p, self.len)),
                1 => StrData::Ucs2(std::slice::from_raw_parts(p.cast(), self.len)),
                _ => StrData::Ucs4(std::slice::from_raw_parts(p.cast(), self.len)),
            }
        }
    }

    /// The characters as bytes in memory.
    pub fn raw_bytes(&self) -> &[u8] {
        // SAFETY: as in `data`.
        unsafe { std::slice::from_raw_parts(self.chars(), self.len * self.width()) }
    }

    /// The text, if all of it is ASCII.
    #[inline]
    pub fn as_ascii(&self) -> Option<&str> {
        if self.is_ascii() {
            // SAFETY: flagged ASCII.
            Some(unsafe {
                std::str::from_utf8_unchecked(std::slice::from_raw_parts(self.chars(), self.len))
            })
        } else {
            None
        }
    }

    /// The code point at `index`, which is in range.
    #[inline]
    pub fn char_at(&self, index: usize) -> u32 {
        match self.data() {
            StrData::Latin1(d) => d[index].into(),
            StrData::Ucs2(d) => d[index].into(),
            StrData::Ucs4(d) => d[index],
        }
    }

    /// The code points.
    pub fn code_points(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        (0..self.len).map(|i| self.char_at(i))
    }

    /// The text, lone surrogates replaced by U+FFFD: for messages.
    pub fn to_text(&self) -> String {
        match self.as_ascii() {
            Some(s) => s.to_owned(),
            None => self
                .code_points()
                .map(|c| char::from_u32(c).unwrap_or('\u{FFFD}'))
                .collect(),
        }
    }

    /// UTF-8, if there are no lone surrogates.
    pub fn to_utf8(&self) -> Option<Cow<'_, str>> {
        match self.as_ascii() {
            Some(s) => Some(Cow::Borrowed(s)),
            None => self
                .code_points()
                .map(char::from_u32)
                .collect::<Option<String>>()
                .map(Cow::Owned),
        }
    }

    /// UTF-8 that may hold surrogates (WTF-8), as code objects hold strings.
    pub fn to_wtf8(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len);
        for c in self.code_points() {
            push_wtf8(&mut out, c);
        }
        out
    }

    /// The bytes that the operating system is given: surrogates made by
    /// `surrogateescape` (PEP 383) turn back into bytes; `None` for others.
    pub fn to_os_bytes(&self) -> Option<Vec<u8>> {
        if let Some(text) = self.as_ascii() {
            return Some(text.as_bytes().to_vec());
        }
        let mut out = Vec::with_capacity(self.len);
        for c in self.code_points() {
            match c {
                0xDC80..=0xDCFF => out.push((c - 0xDC00) as u8),
                0xD800..=0xDFFF => return None,
                _ => push_wtf8(&mut out, c),
            }
        }
        Some(out)
    }

    /// Whether the text is `text`.
    pub fn is_text(&self, text: &str) -> bool {
        match self.as_ascii() {
            Some(s) => s == text,
            None => self.len <= text.len() && self.code_points().eq(text.chars().map(u32::from)),
        }
    }

    /// The hash, computed once.
    #[inline]
    pub fn hash(&self, vm: &Vm) -> u64 {
        match self.hash.get() {
            0 => {
                let h = vm.hash_bytes(self.raw_bytes());
                self.hash.set(h);
                h
            }
            h => h,
        }
    }

    /// The hash if it was computed; interned strings always have theirs.
    #[inline(always)]
    pub fn hash_known(&self) -> Option<u64> {
        match self.hash.get() {
            0 if self.len == 0 => Some(0),
            0 => None,
            h => Some(h),
        }
    }

    /// Equality of text; strings are stored in the narrowest width, so bytes decide.
    #[inline]
    pub fn equals(&self, other: &Str) -> bool {
        std::ptr::eq(self, other)
            || (self.len == other.len
                && (self.header.flags.get() ^ other.header.flags.get()) & (WIDTH | ASCII) == 0
                && !(self.is_interned() && other.is_interned())
                && self.same_units(other))
    }

    /// Whether the characters are those of a string of the same length and width.
    #[inline]
    fn same_units(&self, other: &Str) -> bool {
        let bytes = self.len * self.width();
        if bytes > 32 || self.is_external() || other.is_external() {
            return self.raw_bytes() == other.raw_bytes();
        }
        let (a, b) = (self.payload().cast::<u64>(), other.payload().cast::<u64>());
        // SAFETY: both payloads end at a whole word, what no character takes being zero.
        (0..bytes.div_ceil(8)).all(|i| unsafe { *a.add(i) == *b.add(i) })
    }

    /// Order by code points.
    pub fn compare(&self, other: &Str) -> std::cmp::Ordering {
        match (self.data(), other.data()) {
            (StrData::Latin1(a), StrData::Latin1(b)) => a.cmp(b),
            _ => self.code_points().cmp(other.code_points()),
        }
    }
}

fn push_wtf8(out: &mut Vec<u8>, c: u32) {
    match char::from_u32(c) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice(&[
            0xE0 | (c >> 12) as u8,
            0x80 | (c >> 6 & 0x3F) as u8,
            0x80 | (c & 0x3F) as u8,
        ]),
    }
}

impl std::fmt::Display for Gc<Str> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.as_ascii() {
            Some(s) => f.write_str(s),
            None => self
                .code_points()
                .try_for_each(|c| f.write_char(char::from_u32(c).unwrap_or('\u{FFFD}'))),
        }
    }
}

/// Making strings.
impl Vm {
    /// The value as an exact string, not of a subclass.
    #[inline(always)]
    pub fn exact_str_ref(&self, v: Value) -> Option<Gc<Str>> {
        let header = v.header()?;
        // SAFETY: the shape is that of exact strings.
        (header.shape_id() == self.shapes.str.get().id()).then(|| unsafe { v.cast_unchecked() })
    }

    #[inline]
    fn alloc_str(&self, len: usize, width_bits: u8, flags: u8) -> Result<Gc<Str>> {
        let s = Str {
            header: Header::with_flags(width_bits | flags),
            hash: Cell::new(0),
            len,
        };
        let bytes = len
            .checked_shl(width_bits.into())
            .filter(|b| *b < isize::MAX as usize);
        bytes
            .and_then(|bytes| {
                // SAFETY: the text holds no references, so that a collection that saw it
                // before it is written would do no harm.
                unsafe { self.heap.alloc_unfilled(self.shapes.str.get(), s, bytes) }
            })
            .ok_or_else(|| self.memory_error())
    }

    /// The empty string, made once at start-up.
    pub(crate) fn make_empty_str(&self) -> Result<Gc<Str>> {
        self.alloc_str(0, 0, ASCII)
    }

    /// From Rust text. Only messages, names and the like come this way, so that
    /// exhausted memory is fatal.
    pub fn new_str(&self, text: &str) -> Gc<Str> {
        if text.is_ascii() {
            return self.new_str_ascii(text.as_bytes());
        }
        let mut buf = TextBuf::new();
        buf.push_str(text);
        self.str_from_text(buf.finish())
            .unwrap_or_else(|_| self.names.empty.get())
    }

    /// From ASCII bytes.
    pub fn new_str_ascii(&self, text: &[u8]) -> Gc<Str> {
        debug_assert!(text.is_ascii());
        self.try_new_str_latin1(text, true)
            .unwrap_or_else(|_| self.names.empty.get())
    }

    /// From code points below 256; `ascii` says whether all are below 128.
    pub fn try_new_str_latin1(&self, text: &[u8], ascii: bool) -> Result<Gc<Str>> {
        match text {
            [] => return Ok(self.names.empty.get()),
            [c] => return Ok(self.str_of_byte(*c)),
            _ => {}
        }
        let s = self.alloc_str(text.len(), 0, if ascii { ASCII } else { 0 })?;
        // SAFETY: that many bytes follow the object.
        unsafe { copy_bytes(text.as_ptr(), s.payload() as *mut u8, text.len()) };
        Ok(s)
    }

    /// From code units of which at least one needs two bytes.
    pub fn new_str_ucs2(&self, text: &[u16]) -> Result<Gc<Str>> {
        let s = self.alloc_str(text.len(), 1, 0)?;
        // SAFETY: that many units follow the object.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr(), s.payload() as *mut u16, text.len())
        };
        Ok(s)
    }

    /// From code points of which at least one needs four bytes.
    pub fn new_str_ucs4(&self, text: &[u32]) -> Result<Gc<Str>> {
        let s = self.alloc_str(text.len(), 2, 0)?;
        // SAFETY: that many units follow the object.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr(), s.payload() as *mut u32, text.len())
        };
        Ok(s)
    }

    /// From a finished text buffer.
    pub fn str_from_text(&self, text: Text) -> Result<Gc<Str>> {
        match text {
            Text::Latin1 { bytes, ascii } => self.try_new_str_latin1(&bytes, ascii),
            Text::Ucs2(units) => self.new_str_ucs2(&units),
            Text::Ucs4(units) => self.new_str_ucs4(&units),
        }
    }

    /// From code points, stored in the narrowest width.
    pub fn str_from_code_points(&self, points: impl IntoIterator<Item = u32>) -> Result<Gc<Str>> {
        let mut buf = TextBuf::new();
        for c in points {
            buf.push(c);
        }
        self.str_from_text(buf.finish())
    }

    /// From WTF-8, as code objects hold strings.
    pub fn str_from_wtf8(&self, bytes: &[u8]) -> Result<Gc<Str>> {
        if bytes.is_ascii() {
            return self.try_new_str_latin1(bytes, true);
        }
        let mut buf = TextBuf::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let valid = match std::str::from_utf8(rest) {
                Ok(s) => s,
                // SAFETY: valid up to there.
                Err(e) => unsafe { std::str::from_utf8_unchecked(&rest[..e.valid_up_to()]) },
            };
            buf.push_str(valid);
            rest = &rest[valid.len()..];
            if let [a, b, c, tail @ ..] = rest {
                buf.push((*a as u32 & 0xF) << 12 | (*b as u32 & 0x3F) << 6 | (*c as u32 & 0x3F));
                rest = tail;
            } else {
                break;
            }
        }
        self.str_from_text(buf.finish())
    }

    /// From bytes of the operating system: undecodable ones become surrogates (PEP 383).
    pub fn str_from_os(&self, bytes: &[u8]) -> Result<Gc<Str>> {
        if bytes.is_ascii() {
            return self.try_new_str_latin1(bytes, true);
        }
        let mut buf = TextBuf::new();
        for chunk in bytes.utf8_chunks() {
            buf.push_str(chunk.valid());
            for &b in chunk.invalid() {
                buf.push(0xDC00 + u32::from(b));
            }
        }
        self.str_from_text(buf.finish())
    }

    /// From a text buffer, as a value.
    pub fn text_value(&self, text: TextBuf) -> Result {
        Ok(self.str_from_text(text.finish())?.value())
    }

    /// A string of one character.
    pub fn str_of_char(&self, c: u32) -> Result<Gc<Str>> {
        match c {
            0..=0xFF => Ok(self.str_of_byte(c as u8)),
            0x100..=0xFFFF => self.new_str_ucs2(&[c as u16]),
            _ => self.new_str_ucs4(&[c]),
        }
    }

    /// The one string of a Latin-1 character.
    #[inline]
    pub fn str_of_byte(&self, c: u8) -> Gc<Str> {
        if let Some(s) = self.names.latin1[c as usize].get() {
            return s;
        }
        let ascii = if c < 128 { ASCII } else { 0 };
        let s = self
            .alloc_str(1, 0, ascii)
            .unwrap_or_else(|_: Raised| self.names.empty.get());
        // SAFETY: one byte follows the object.
        unsafe { *(s.payload() as *mut u8) = c };
        let s = self.intern_str(s);
        self.names.latin1[c as usize].set(Some(s));
        s
    }

    /// The part of `s` from `start` up to `end`, both in range.
    pub fn substring(&self, s: Gc<Str>, start: usize, end: usize) -> Result<Gc<Str>> {
        if start == 0 && end == s.len() && s.class() == self.types.str.get() {
            return Ok(s);
        }
        match s.data() {
            StrData::Latin1(d) => {
                let part = &d[start..end];
                self.try_new_str_latin1(part, s.is_ascii() || part.is_ascii())
            }
            StrData::Ucs2(d) => {
                let part = &d[start..end];
                if part.iter().any(|c| *c > 0xFF) {
                    self.new_str_ucs2(part)
                } else {
                    let narrow: Vec<u8> = part.iter().map(|c| *c as u8).collect();
                    self.try_new_str_latin1(&narrow, narrow.is_ascii())
                }
            }
            StrData::Ucs4(d) => {
                let part = &d[start..end];
                if part.iter().any(|c| *c > 0xFFFF) {
                    self.new_str_ucs4(part)
                } else {
                    self.str_from_code_points(part.iter().copied())
                }
            }
        }
    }

    /// `a + b`.
    pub fn str_concat(&self, a: Gc<Str>, b: Gc<Str>) -> Result<Gc<Str>> {
        if b.is_empty() && a.class() == self.types.str.get() {
            return Ok(a);
        }
        if a.is_empty() && b.class() == self.types.str.get() {
            return Ok(b);
        }
        let len = a.len() + b.len();
        let bits = (a.header.flags.get() & WIDTH).max(b.header.flags.get() & WIDTH);
        let ascii = a.header.flags.get() & b.header.flags.get() & ASCII;
        if len >= BUFFERED && a.len() >= b.len() {
            return self.concat_buffered(a, b, bits, ascii);
        }
        let s = self.alloc_str(len, bits, ascii)?;
        // SAFETY: `len` units of the width follow the object.
        unsafe {
            let p = s.payload() as *mut u8;
            if bits == 0 {
                copy_bytes(a.chars(), p, a.len());
                copy_bytes(b.chars(), p.add(a.len()), b.len());
            } else {
                copy_widened(a, p, bits);
                copy_widened(b, p.add(a.len() << bits), bits);
            }
        }
        Ok(s)
    }

    fn concat_buffered(&self, a: Gc<Str>, b: Gc<Str>, bits: u8, ascii: u8) -> Result<Gc<Str>> {
        let len = a.len() + b.len();
        let need = len << bits;
        let old = a.len() << bits;
        let shared = if a.is_external() && a.header.flags.get() & WIDTH == bits {
            // SAFETY: an external string's payload is its buffer.
            unsafe { (*a.payload().cast::<GcField<StrBuffer>>()).get() }
        } else {
            None
        };
        let buffer = match shared.filter(|buf| buf.used.get() == old && buf.capacity >= need) {
            Some(buffer) => buffer,
            None => {
                let capacity = need + need / 2 + 64;
                let object = StrBuffer {
                    header: Header::empty(),
                    used: Cell::new(0),
                    capacity,
                };
                let buffer = self
                    .heap
                    .alloc_variable(self.shapes.str_buffer.get(), object, capacity)
                    .ok_or_else(|| self.memory_error())?;
                // SAFETY: the buffer has room for both.
                unsafe { copy_widened(a, buffer.as_ptr().add(1).cast(), bits) };
                buffer
            }
        };
        // SAFETY: room was checked or made.
        unsafe { copy_widened(b, buffer.as_ptr().add(1).cast::<u8>().add(old), bits) };
        buffer.used.set(need);
        let s = Str {
            header: Header::with_flags(bits | ascii | EXTERNAL),
            hash: Cell::new(0),
            len,
        };
        let s = self
            .heap
            .alloc_variable(self.shapes.str.get(), s, size_of::<GcField<StrBuffer>>())
            .ok_or_else(|| self.memory_error())?;
        // SAFETY: the payload of an external string is its buffer.
        unsafe { (s.payload() as *mut GcField<StrBuffer>).write(GcField::new(buffer)) };
        Ok(s)
    }

    /// A string of a subclass with the text of `s`.
    pub fn str_with_shape(
        &self,
        s: Gc<Str>,
        shape: &'static crate::object::Shape,
    ) -> Result<Gc<Str>> {
        let flags = s.header.flags.get() & (WIDTH | ASCII);
        let bytes = s.raw_bytes().len();
        let object = |flags| Str {
            header: Header::with_flags(flags),
            hash: Cell::new(s.hash.get()),
            len: s.len(),
        };
        let fixed = shape.ext_offset();
        if fixed > size_of::<Str>() {
            // The members of `__slots__` lie where the text would: at the same place in each.
            let buffer = StrBuffer {
                header: Header::empty(),
                used: Cell::new(bytes),
                capacity: bytes,
            };
            let buffer = self
                .heap
                .alloc_variable(self.shapes.str_buffer.get(), buffer, bytes)
                .ok_or_else(|| self.memory_error())?;
            // SAFETY: the buffer has room for the text.
            unsafe {
                std::ptr::copy_nonoverlapping(s.chars(), buffer.as_ptr().add(1).cast(), bytes)
            };
            let members = fixed - size_of::<Str>();
            let made = self
                .heap
                .alloc_variable(shape, object(flags | EXTERNAL), members)
                .ok_or_else(|| self.memory_error())?;
            // SAFETY: the payload of an external string is its buffer.
            unsafe { (made.payload() as *mut GcField<StrBuffer>).write(GcField::new(buffer)) };
            return Ok(made);
        }
        let object = object(flags);
        let copy = self
            .heap
            .alloc_variable(shape, object, bytes)
            .ok_or_else(|| self.memory_error())?;
        // SAFETY: that many bytes follow the object.
        unsafe { std::ptr::copy_nonoverlapping(s.chars(), copy.payload() as *mut u8, bytes) };
        Ok(copy)
    }

    /// The interned string of a Rust text.
    pub fn intern(&self, text: &str) -> Gc<Str> {
        if let Some(s) = self.interned.borrow().by_text.get(text) {
            return *s;
        }
        self.intern_str(self.new_str(text))
    }

    /// The interned string equal to `s`, an exact `str`; perhaps `s` itself.
    pub fn intern_str(&self, s: Gc<Str>) -> Gc<Str> {
        if s.is_interned() {
            return s;
        }
        let key = s.to_wtf8();
        // SAFETY: the table's keys are compared as bytes only.
        let key = unsafe { String::from_utf8_unchecked(key) };
        let mut table = self.interned.borrow_mut();
        if let Some(found) = table.by_text.get(key.as_str()) {
            return *found;
        }
        s.header.flags.set(s.header.flags.get() | INTERNED);
        s.hash(self);
        table.by_text.insert(key.into(), s);
        table.young.push(s);
        s
    }
}

/// Copies bytes. Most pieces of text are short, for which calling `memcpy` costs more
/// than the copying.
///
/// # Safety
/// As for `copy_nonoverlapping`.
#[inline(always)]
unsafe fn copy_bytes(from: *const u8, to: *mut u8, len: usize) {
    /// The first and the last word, which overlap unless they are all.
    #[inline(always)]
    unsafe fn ends<W: Copy>(from: *const u8, to: *mut u8, len: usize) {
        // SAFETY: by contract; `len` is at least a word.
        unsafe {
            let last = len - size_of::<W>();
            let (a, b) = (
                from.cast::<W>().read_unaligned(),
                from.add(last).cast::<W>().read_unaligned(),
            );
            to.cast::<W>().write_unaligned(a);
            to.add(last).cast::<W>().write_unaligned(b);
        }
    }
    // SAFETY: by contract.
    unsafe {
        match len {
            0 => {}
            1 => *to = *from,
            2..4 => ends::<u16>(from, to, len),
            4..8 => ends::<u32>(from, to, len),
            8..=16 => ends::<u64>(from, to, len),
            17..=32 => ends::<u128>(from, to, len),
            _ => std::ptr::copy_nonoverlapping(from, to, len),
        }
    }
}

/// # Safety
/// `to` has room for the string's characters at `1 << bits` bytes each, which
/// is at least the string's own width.
unsafe fn copy_widened(s: Gc<Str>, to: *mut u8, bits: u8) {
    // SAFETY: by contract.
    unsafe {
        match (s.data(), bits) {
            (StrData::Latin1(d), 0) => copy_bytes(d.as_ptr(), to, d.len()),
            (StrData::Ucs2(d), 1) => std::ptr::copy_nonoverlapping(d.as_ptr(), to.cast(), d.len()),
            (StrData::Ucs4(d), 2) => std::ptr::copy_nonoverlapping(d.as_ptr(), to.cast(), d.len()),
            (_, 1) => s
                .code_points()
                .enumerate()
                .for_each(|(i, c)| to.cast::<u16>().add(i).write(c as u16)),
            _ => s
                .code_points()
                .enumerate()
                .for_each(|(i, c)| to.cast::<u32>().add(i).write(c)),
        }
    }
}

/// Interned strings, which live as long as the interpreter.
#[derive(Default)]
pub struct InternTable {
    by_text: rustc_hash::FxHashMap<Box<str>, Gc<Str>>,
    /// Those entered since the last collection.
    young: Vec<Gc<Str>>,
}

impl InternTable {
    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.by_text.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_text.is_empty()
    }

    /// Reports the strings to the collector: in a minor collection the new ones do.
    pub fn trace(&mut self, marker: &mut Marker<'_>) {
        for s in self.young.drain(..) {
            marker.object(s);
        }
        if marker.is_major() {
            for s in self.by_text.values() {
                marker.object(*s);
            }
        }
    }
}

/// The layout of shared buffers, for start-up.
pub(crate) fn buffer_layout() -> &'static crate::heap::Layout {
    <StrBuffer as crate::heap::Object>::LAYOUT
}

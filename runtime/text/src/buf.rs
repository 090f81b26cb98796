//! Storage-neutral text: the code unit trait and a builder that widens only when it must.
//!
//! The runtime keeps each string in the narrowest of three widths. Building in Latin-1 and
//! widening on the first character that needs it keeps common text at one byte per character
//! and makes the result canonical without a second pass.

/// One stored unit of a string, holding exactly one code point.
pub trait CodeUnit: Copy + Eq + Ord + Into<u32> + std::fmt::Debug + 'static {
    /// The largest code point this width can hold.
    const MAX: u32;
    /// Narrows a code point known to be at most [`CodeUnit::MAX`].
    fn narrow(cp: u32) -> Self;
    /// Views a slice of this width as a [`TextRef`].
    fn text(units: &[Self]) -> TextRef<'_>;
}

impl CodeUnit for u8 {
    const MAX: u32 = 0xFF;
    #[inline]
    fn narrow(cp: u32) -> u8 {
        cp as u8
    }
    #[inline]
    fn text(units: &[u8]) -> TextRef<'_> {
        TextRef::Latin1(units)
    }
}

impl CodeUnit for u16 {
    const MAX: u32 = 0xFFFF;
    #[inline]
    fn narrow(cp: u32) -> u16 {
        cp as u16
    }
    #[inline]
    fn text(units: &[u16]) -> TextRef<'_> {
        TextRef::Ucs2(units)
    }
}

impl CodeUnit for u32 {
    const MAX: u32 = 0x10FFFF;
    #[inline]
    fn narrow(cp: u32) -> u32 {
        cp
    }
    #[inline]
    fn text(units: &[u32]) -> TextRef<'_> {
        TextRef::Ucs4(units)
    }
}

/// The unit as a `char`; surrogates become U+FFFD.
pub fn char_or_replacement<U: CodeUnit>(unit: U) -> char {
    char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// A borrowed string of any width.
#[derive(Clone, Copy, Debug)]
pub enum TextRef<'a> {
    /// One byte per code point.
    Latin1(&'a [u8]),
    /// Two bytes per code point.
    Ucs2(&'a [u16]),
    /// Four bytes per code point.
    Ucs4(&'a [u32]),
}

/// Runs `$body` with `$units` bound to the slice inside a [`TextRef`], whatever its width.
#[macro_export]
macro_rules! with_units {
    ($text:expr, $units:ident => $body:expr) => {
        match $text {
            $crate::TextRef::Latin1($units) => $body,
            $crate::TextRef::Ucs2($units) => $body,
            $crate::TextRef::Ucs4($units) => $body,
        }
    };
}

impl TextRef<'_> {
    /// Number of code points.
    #[inline]
    pub fn len(&self) -> usize {
        with_units!(self, s => s.len())
    }

    /// True when there are no code points.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code point at `i`; panics when out of range.
    #[inline]
    pub fn at(&self, i: usize) -> u32 {
        match self {
            TextRef::Latin1(s) => s[i].into(),
            TextRef::Ucs2(s) => s[i].into(),
            TextRef::Ucs4(s) => s[i],
        }
    }
}

/// A finished string in its narrowest width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Every code point is at most U+00FF.
    Latin1 {
        /// The code points.
        bytes: Vec<u8>,
        /// Whether all are below U+0080.
        ascii: bool,
    },
    /// Some code point is above U+00FF, none above U+FFFF.
    Ucs2(Vec<u16>),
    /// Some code point is above U+FFFF.
    Ucs4(Vec<u32>),
}

impl Text {
    /// Borrows the units.
    pub fn as_ref(&self) -> TextRef<'_> {
        match self {
            Text::Latin1 { bytes, .. } => TextRef::Latin1(bytes),
            Text::Ucs2(v) => TextRef::Ucs2(v),
            Text::Ucs4(v) => TextRef::Ucs4(v),
        }
    }

    /// Converts to a `String`, replacing lone surrogates by U+FFFD; for diagnostics.
    pub fn to_string_lossy(&self) -> String {
        with_units!(self.as_ref(), s => s
            .iter()
            .map(|&u| char_or_replacement(u))
            .collect())
    }
}

#[derive(Clone, Debug)]
enum Store {
    Narrow(Vec<u8>),
    Middle(Vec<u16>),
    Wide(Vec<u32>),
}

/// Builds a string, widening its storage when a code point asks for it.
#[derive(Clone, Debug)]
pub struct TextBuf {
    store: Store,
}

impl Default for TextBuf {
    fn default() -> Self {
        TextBuf::new()
    }
}

impl TextBuf {
    /// An empty buffer.
    pub fn new() -> TextBuf {
        TextBuf::with_capacity(0)
    }

    /// An empty buffer with room for `n` Latin-1 code points.
    pub fn with_capacity(n: usize) -> TextBuf {
        TextBuf {
            store: Store::Narrow(Vec::with_capacity(n)),
        }
    }

    /// Number of code points pushed.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.store {
            Store::Narrow(v) => v.len(),
            Store::Middle(v) => v.len(),
            Store::Wide(v) => v.len(),
        }
    }

    /// True when nothing was pushed.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room for `n` more code points at the current width.
    pub fn reserve(&mut self, n: usize) {
        match &mut self.store {
            Store::Narrow(v) => v.reserve(n),
            Store::Middle(v) => v.reserve(n),
            Store::Wide(v) => v.reserve(n),
        }
    }

    /// Appends one code point, which may be a surrogate.
    #[inline]
    pub fn push(&mut self, cp: u32) {
        debug_assert!(cp <= 0x10FFFF);
        match &mut self.store {
            Store::Narrow(v) if cp <= 0xFF => v.push(cp as u8),
            Store::Middle(v) if cp <= 0xFFFF => v.push(cp as u16),
            Store::Wide(v) => v.push(cp),
            _ => self.widen_push(cp),
        }
    }

    #[cold]
    fn widen_push(&mut self, cp: u32) {
        self.widen(cp);
        self.push(cp);
    }

    /// Ensures that `cp` fits the storage.
    fn widen(&mut self, cp: u32) {
        fn copy<A: Copy, B: From<A>>(v: &[A]) -> Vec<B> {
            let mut out = Vec::with_capacity(v.len() + v.len() / 2 + 8);
            out.extend(v.iter().map(|&u| B::from(u)));
            out
        }
        self.store = match &self.store {
            Store::Narrow(v) if cp > 0xFFFF => Store::Wide(copy(v)),
            Store::Narrow(v) if cp > 0xFF => Store::Middle(copy(v)),
            Store::Middle(v) if cp > 0xFFFF => Store::Wide(copy(v)),
            _ => return,
        };
    }

    /// Appends ASCII text without looking at each character.
    #[inline]
    pub fn push_ascii(&mut self, s: &str) {
        debug_assert!(s.is_ascii());
        self.push_latin1(s.as_bytes());
    }

    /// Appends Latin-1 bytes, one code point each.
    #[inline]
    pub fn push_latin1(&mut self, s: &[u8]) {
        match &mut self.store {
            Store::Narrow(v) => v.extend_from_slice(s),
            Store::Middle(v) => v.extend(s.iter().map(|&b| u16::from(b))),
            Store::Wide(v) => v.extend(s.iter().map(|&b| u32::from(b))),
        }
    }

    /// Appends UTF-8 text.
    pub fn push_str(&mut self, s: &str) {
        // The lead byte of the largest character tells the width all of them need.
        match s.bytes().max() {
            None => return,
            Some(0..0x80) => return self.push_latin1(s.as_bytes()),
            Some(0x80..0xC4) => {}
            Some(0xC4..0xF0) => self.widen(0xFFFF),
            Some(_) => self.widen(0x10FFFF),
        }
        match &mut self.store {
            Store::Narrow(v) => v.extend(s.chars().map(|c| c as u8)),
            Store::Middle(v) => v.extend(s.chars().map(|c| c as u16)),
            Store::Wide(v) => v.extend(s.chars().map(u32::from)),
        }
    }

    /// Drops all but the first `len` code points, narrowing again if what is left allows.
    pub fn truncate(&mut self, len: usize) {
        match &mut self.store {
            Store::Narrow(v) => v.truncate(len),
            Store::Middle(v) => {
                let kept = std::mem::take(v);
                *self = TextBuf::new();
                self.push_units(&kept[..len.min(kept.len())]);
            }
            Store::Wide(v) => {
                let kept = std::mem::take(v);
                *self = TextBuf::new();
                self.push_units(&kept[..len.min(kept.len())]);
            }
        }
    }

    /// Appends stored units of any width.
    pub fn push_units<U: CodeUnit>(&mut self, s: &[U]) {
        if let TextRef::Latin1(bytes) = U::text(s) {
            return self.push_latin1(bytes);
        }
        let bits = s.iter().fold(0, |bits, &u| bits | u.into());
        // The OR can exceed 0x10FFFF but never crosses a width its largest member did not.
        self.widen(bits);
        match &mut self.store {
            Store::Narrow(v) => v.extend(s.iter().map(|&u| u.into() as u8)),
            Store::Middle(v) => v.extend(s.iter().map(|&u| u.into() as u16)),
            Store::Wide(v) => v.extend(s.iter().map(|&u| u.into())),
        }
    }

    /// Appends a borrowed string.
    pub fn push_text(&mut self, s: TextRef<'_>) {
        with_units!(s, units => self.push_units(units));
    }

    /// Appends `n` copies of one code point.
    pub fn push_repeat(&mut self, cp: u32, n: usize) {
        self.widen(cp);
        match &mut self.store {
            Store::Narrow(v) => v.resize(v.len() + n, cp as u8),
            Store::Middle(v) => v.resize(v.len() + n, cp as u16),
            Store::Wide(v) => v.resize(v.len() + n, cp),
        }
    }

    /// Gives the string in its narrowest width.
    pub fn finish(self) -> Text {
        match self.store {
            Store::Narrow(bytes) => Text::Latin1 {
                ascii: bytes.is_ascii(),
                bytes,
            },
            Store::Middle(v) => Text::Ucs2(v),
            Store::Wide(v) => Text::Ucs4(v),
        }
    }
}

impl Extend<u32> for TextBuf {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, iter: I) {
        iter.into_iter().for_each(|cp| self.push(cp));
    }
}

impl std::fmt::Write for TextBuf {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        self.push_str(s);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widens_on_demand_and_stays_canonical() {
        let mut b = TextBuf::new();
        b.push_ascii("ab");
        b.push(0xE9);
        assert_eq!(
            b.clone().finish(),
            Text::Latin1 {
                bytes: vec![97, 98, 0xE9],
                ascii: false
            }
        );
        b.push(0xD800);
        assert_eq!(b.clone().finish(), Text::Ucs2(vec![97, 98, 0xE9, 0xD800]));
        b.push_repeat(0x1F600, 2);
        assert_eq!(
            b.finish(),
            Text::Ucs4(vec![97, 98, 0xE9, 0xD800, 0x1F600, 0x1F600])
        );
        let mut b = TextBuf::new();
        b.push_units(&[97u32, 98]);
        assert_eq!(
            b.finish(),
            Text::Latin1 {
                bytes: vec![97, 98],
                ascii: true
            }
        );
    }
}

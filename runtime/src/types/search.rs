//! Searching sequences of code units: what `find`, `count`, `split` and `replace`
//! of `str`, `bytes` and `bytearray` rest on.
//!
//! Bytes go to `memchr`. Wider units do too, as bytes: a hit that does not start
//! at a unit is skipped.

use memchr::memmem;
use std::borrow::Cow;
pub use taipan_text::{CodeUnit, TextRef};

/// A code unit that text of any width can be brought to.
pub trait Unit: CodeUnit {
    /// The text in this width; `None` if it holds larger characters, which a
    /// string of this width cannot contain.
    fn of_text(text: TextRef<'_>) -> Option<Cow<'_, [Self]>>;
}

impl Unit for u8 {
    fn of_text(text: TextRef<'_>) -> Option<Cow<'_, [u8]>> {
        match text {
            TextRef::Latin1(s) => Some(Cow::Borrowed(s)),
            _ => None,
        }
    }
}

impl Unit for u16 {
    fn of_text(text: TextRef<'_>) -> Option<Cow<'_, [u16]>> {
        match text {
            TextRef::Latin1(s) => Some(s.iter().map(|&b| b.into()).collect()),
            TextRef::Ucs2(s) => Some(Cow::Borrowed(s)),
            TextRef::Ucs4(_) => None,
        }
    }
}

impl Unit for u32 {
    fn of_text(text: TextRef<'_>) -> Option<Cow<'_, [u32]>> {
        Some(match text {
            TextRef::Latin1(s) => s.iter().map(|&b| b.into()).collect(),
            TextRef::Ucs2(s) => s.iter().map(|&b| b.into()).collect(),
            TextRef::Ucs4(s) => Cow::Borrowed(s),
        })
    }
}

fn as_bytes<U: CodeUnit>(s: &[U]) -> &[u8] {
    // SAFETY: code units are plain integers without padding.
    unsafe { std::slice::from_raw_parts(s.as_ptr().cast(), size_of_val(s)) }
}

/// First position of a unit.
#[inline]
pub fn position<U: CodeUnit>(hay: &[U], unit: U) -> Option<usize> {
    if let (TextRef::Latin1(h), Ok(b)) = (U::text(hay), u8::try_from(unit.into())) {
        return byte_position(b, h);
    }
    // Whole chunks are compared without a branch a unit.
    const CHUNK: usize = 32;
    for (i, chunk) in hay.chunks(CHUNK).enumerate() {
        if chunk.iter().fold(false, |found, &u| found | (u == unit)) {
            return chunk
                .iter()
                .position(|&u| u == unit)
                .map(|at| i * CHUNK + at);
        }
    }
    None
}

/// Last position of a unit.
#[inline]
pub fn last_position<U: CodeUnit>(hay: &[U], unit: U) -> Option<usize> {
    match (U::text(hay), u8::try_from(unit.into())) {
        (TextRef::Latin1(h), Ok(b)) => memchr::memrchr(b, h),
        _ => hay.iter().rposition(|&u| u == unit),
    }
}

/// Eight bytes, each the same.
const fn repeated(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// The eight bytes at `at`, the first one lowest.
#[inline(always)]
fn word_at(hay: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*hay.get(at..)?.first_chunk()?))
}

/// The top bit of each byte that is zero. Above the lowest such byte there may be false ones.
#[inline(always)]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(repeated(1)) & !word & repeated(0x80)
}

/// As `memchr`. What is looked for is often near, where a call costs more than the search.
#[inline(always)]
fn byte_position(byte: u8, hay: &[u8]) -> Option<usize> {
    const NEAR: usize = 32;
    let mut at = 0;
    while at < NEAR
        && let Some(word) = word_at(hay, at)
    {
        let found = zero_bytes(word ^ repeated(byte));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = &hay[at..];
    let found = if at < NEAR {
        rest.iter().position(|b| *b == byte)
    } else {
        memchr::memchr(byte, rest)
    };
    found.map(|i| i + at)
}

/// In texts up to here a plain search is done before a better one is prepared.
const SHORT: usize = 256;

/// First position of a needle of at least two bytes in a short text: where its first and
/// its last byte are at the right distance, the bytes between decide.
fn find_short(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let end = needle.len() - 1;
    let last = hay.len().checked_sub(needle.len())?;
    let matches = |at: usize| {
        let between = hay[at + 1..at + end].iter().zip(&needle[1..end]);
        // Needles are short, and calling `memcmp` costs more than comparing them.
        hay[at] == needle[0]
            && hay[at + end] == needle[end]
            && between.into_iter().all(|(a, b)| a == b)
    };
    let (first_byte, last_byte) = (repeated(needle[0]), repeated(needle[end]));
    let mut at = 0;
    while let (Some(a), Some(b)) = (word_at(hay, at), word_at(hay, at + end)) {
        let mut found = zero_bytes(a ^ first_byte | b ^ last_byte);
        while found != 0 {
            let candidate = at + found.trailing_zeros() as usize / 8;
            if matches(candidate) {
                return Some(candidate);
            }
            found &= found - 1;
        }
        at += 8;
    }
    (at..=last).find(|at| matches(*at))
}

/// First position of `needle`; an empty one is found at once.
pub fn find<U: CodeUnit>(hay: &[U], needle: &[U]) -> Option<usize> {
    match *needle {
        [] => return Some(0),
        [unit] => return position(hay, unit),
        _ if needle.len() > hay.len() => return None,
        _ => {}
    }
    if let (TextRef::Latin1(h), TextRef::Latin1(n)) = (U::text(hay), U::text(needle)) {
        return if h.len() <= SHORT {
            find_short(h, n)
        } else {
            memmem::find(h, n)
        };
    }
    let bytes = as_bytes(hay);
    let finder = memmem::Finder::new(as_bytes(needle));
    let mut from = 0;
    loop {
        let at = from + finder.find(&bytes[from..])?;
        if at % size_of::<U>() == 0 {
            return Some(at / size_of::<U>());
        }
        from = at + 1;
    }
}

/// Last position of `needle`; an empty one is found at the end.
pub fn rfind<U: CodeUnit>(hay: &[U], needle: &[U]) -> Option<usize> {
    match *needle {
        [] => return Some(hay.len()),
        [unit] => return last_position(hay, unit),
        _ if needle.len() > hay.len() => return None,
        _ => {}
    }
    let bytes = as_bytes(hay);
    let needle_bytes = as_bytes(needle);
    let finder = memmem::FinderRev::new(needle_bytes);
    let mut end = bytes.len();
    loop {
        let at = finder.rfind(&bytes[..end])?;
        if at % size_of::<U>() == 0 {
            return Some(at / size_of::<U>());
        }
        end = at + needle_bytes.len() - 1;
    }
}

/// Calls `f` with the position of each occurrence of a needle that is not empty,
/// from the left, without overlaps, at most `limit` times.
pub fn each_match<U: CodeUnit>(hay: &[U], needle: &[U], limit: usize, mut f: impl FnMut(usize)) {
    if let (TextRef::Latin1(h), TextRef::Latin1(n)) = (U::text(hay), U::text(needle)) {
        return match *n {
            [b] => {
                let mut from = 0;
                for _ in 0..limit {
                    let Some(at) = byte_position(b, &h[from..]) else {
                        return;
                    };
                    f(from + at);
                    from += at + 1;
                }
            }
            _ if h.len() <= SHORT => {
                let mut from = 0;
                for _ in 0..limit {
                    let Some(at) = find_short(&h[from..], n) else {
                        return;
                    };
                    f(from + at);
                    from += at + n.len();
                }
            }
            _ => {
                // The next one is often near, where a call costs more than a plain search.
                const NEAR: usize = 128;
                let finder = memmem::Finder::new(n);
                let mut from = 0;
                for _ in 0..limit {
                    let near = &h[from..h.len().min(from + NEAR)];
                    let at = find_short(near, n).or_else(|| {
                        let searched = near.len().saturating_sub(n.len() - 1);
                        let found = finder.find(&h[from + searched..]);
                        found.map(|at| searched + at)
                    });
                    let Some(at) = at else { return };
                    f(from + at);
                    from += at + n.len();
                }
            }
        };
    }
    let mut from = 0;
    for _ in 0..limit {
        let Some(at) = find(&hay[from..], needle) else {
            return;
        };
        f(from + at);
        from += at + needle.len();
    }
}

/// Number of occurrences without overlaps; an empty needle occurs at every position.
pub fn count<U: CodeUnit>(hay: &[U], needle: &[U], limit: usize) -> usize {
    if needle.is_empty() {
        return (hay.len() + 1).min(limit);
    }
    if let (TextRef::Latin1(h), TextRef::Latin1([b])) = (U::text(hay), U::text(needle)) {
        return memchr::memchr_iter(*b, h).count().min(limit);
    }
    let mut n = 0;
    each_match(hay, needle, limit, |_| n += 1);
    n
}

/// Calls `f` with the bounds of each piece between separators, at most `limit` of
/// which are split at, from the left.
pub fn split<U: CodeUnit, E>(
    hay: &[U],
    separator: &[U],
    limit: usize,
    mut f: impl FnMut(usize, usize) -> Result<(), E>,
) -> Result<(), E> {
    let (mut from, mut result) = (0, Ok(()));
    each_match(hay, separator, limit, |at| {
        if result.is_ok() {
            result = f(from, at);
        }
        from = at + separator.len();
    });
    result?;
    f(from, hay.len())
}

/// As [`split`] from the right; the pieces come last first.
pub fn rsplit<U: CodeUnit, E>(
    hay: &[U],
    separator: &[U],
    limit: usize,
    mut f: impl FnMut(usize, usize) -> Result<(), E>,
) -> Result<(), E> {
    let mut end = hay.len();
    for _ in 0..limit {
        let Some(at) = rfind(&hay[..end], separator) else {
            break;
        };
        f(at + separator.len(), end)?;
        end = at;
    }
    f(0, end)
}

/// Calls `f` with the bounds of each run of units that are not space; after
/// `limit` of them the rest is one piece, trailing space included.
pub fn split_space<U: CodeUnit, E>(
    hay: &[U],
    limit: usize,
    space: impl Fn(U) -> bool,
    mut f: impl FnMut(usize, usize) -> Result<(), E>,
) -> Result<(), E> {
    let (mut at, len, mut done) = (0, hay.len(), 0);
    loop {
        while at < len && space(hay[at]) {
            at += 1;
        }
        if at == len {
            return Ok(());
        }
        if done == limit {
            return f(at, len);
        }
        let start = at;
        while at < len && !space(hay[at]) {
            at += 1;
        }
        f(start, at)?;
        done += 1;
    }
}

/// As [`split_space`] from the right; the pieces come last first.
pub fn rsplit_space<U: CodeUnit, E>(
    hay: &[U],
    limit: usize,
    space: impl Fn(U) -> bool,
    mut f: impl FnMut(usize, usize) -> Result<(), E>,
) -> Result<(), E> {
    let (mut end, mut done) = (hay.len(), 0);
    loop {
        while end > 0 && space(hay[end - 1]) {
            end -= 1;
        }
        if end == 0 {
            return Ok(());
        }
        if done == limit {
            return f(0, end);
        }
        let stop = end;
        while end > 0 && !space(hay[end - 1]) {
            end -= 1;
        }
        f(end, stop)?;
        done += 1;
    }
}

/// Bounds of what is left of `hay` without leading (`left`) and trailing (`right`)
/// units of which `strip` holds.
pub fn strip<U: CodeUnit>(
    hay: &[U],
    left: bool,
    right: bool,
    strip: impl Fn(U) -> bool,
) -> (usize, usize) {
    let (mut start, mut end) = (0, hay.len());
    if left {
        while start < end && strip(hay[start]) {
            start += 1;
        }
    }
    if right {
        while start < end && strip(hay[end - 1]) {
            end -= 1;
        }
    }
    (start, end)
}

/// A set of units to test many others against: a bitmap for those below 256.
pub struct UnitSet<U> {
    low: [u64; 4],
    high: Vec<U>,
}

impl<U: CodeUnit> UnitSet<U> {
    /// The set of these units.
    pub fn new(units: impl IntoIterator<Item = U>) -> UnitSet<U> {
        let mut set = UnitSet {
            low: [0; 4],
            high: Vec::new(),
        };
        for u in units {
            match u.into() {
                cp @ 0..256 => set.low[cp as usize / 64] |= 1 << (cp % 64),
                _ => set.high.push(u),
            }
        }
        set
    }

    /// Whether the unit is in it.
    #[inline]
    pub fn contains(&self, u: U) -> bool {
        match u.into() {
            cp @ 0..256 => self.low[cp as usize / 64] >> (cp % 64) & 1 != 0,
            _ => self.high.contains(&u),
        }
    }
}

/// Where to look for a line's end, having passed words without control characters and others
/// beyond ASCII, among which all line breaks are.
#[inline(always)]
fn skip_plain(hay: &[u8], mut at: usize) -> usize {
    while let Some(word) = word_at(hay, at) {
        let control = word.wrapping_sub(repeated(0x20)) & !word & repeated(0x80);
        if control | word & repeated(0x80) != 0 {
            break;
        }
        at += 8;
    }
    at
}

/// Calls `f` with the bounds of each line: start, end without its break, end with it.
pub fn split_lines<U: CodeUnit, E>(
    hay: &[U],
    is_break: impl Fn(U) -> bool,
    mut f: impl FnMut(usize, usize, usize) -> Result<(), E>,
) -> Result<(), E> {
    let (mut at, len) = (0, hay.len());
    while at < len {
        let start = at;
        if let TextRef::Latin1(bytes) = U::text(hay) {
            at = skip_plain(bytes, at);
        }
        while at < len && !is_break(hay[at]) {
            at += 1;
        }
        let end = at;
        if at < len {
            at += if hay[at].into() == 13 && at + 1 < len && hay[at + 1].into() == 10 {
                2
            } else {
                1
            };
        }
        f(start, end, at)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(s: &str) -> Vec<u16> {
        s.encode_utf16().collect()
    }

    #[test]
    fn finds_in_every_width() {
        // The bytes 01 00 straddle units here.
        let hay = [0x0100u16, 0x0001, 0x0002];
        assert_eq!(find(&hay, &[0x0001, 0x0002]), Some(1));
        assert_eq!(find(&[0x1211u16, 0x1413, 0x1514], &[0x1312, 0x1514]), None);
        assert_eq!(rfind(&wide("xabyab"), &wide("ab")), Some(4));
        assert_eq!(rfind(&[0x1211u16, 0x1413], &[0x1312, 0x0014]), None);
        assert_eq!(find(b"hello", b""), Some(0));
        assert_eq!(rfind(b"hello", b""), Some(5));
        assert_eq!(count(b"aaaa", b"aa", usize::MAX), 2);
        assert_eq!(count(&wide("aaaa"), &wide("aa"), 1), 1);
        let long: Vec<u32> = (0..100).collect();
        assert_eq!(position(&long, 77), Some(77));
    }

    #[test]
    fn splits_and_strips() {
        let pieces = |limit| {
            let mut out = vec![];
            split(b"a,b,,c", b",", limit, |s, e| {
                out.push((s, e));
                Ok::<(), ()>(())
            })
            .unwrap();
            out
        };
        assert_eq!(pieces(usize::MAX), [(0, 1), (2, 3), (4, 4), (5, 6)]);
        assert_eq!(pieces(1), [(0, 1), (2, 6)]);
        let mut words = vec![];
        split_space(
            b"  ab c  d ",
            2,
            |b| b == b' ',
            |s, e| {
                words.push((s, e));
                Ok::<(), ()>(())
            },
        )
        .unwrap();
        assert_eq!(words, [(2, 4), (5, 6), (8, 10)]);
        assert_eq!(strip(b"xxaxx", true, false, |b| b == b'x'), (2, 5));
        let set = UnitSet::new([0x61u16, 0x3B1]);
        assert!(set.contains(0x61) && set.contains(0x3B1) && !set.contains(0x62));
    }
}

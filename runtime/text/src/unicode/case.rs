//! Full case mappings of characters and strings, as the `str` methods apply them.

use super::{
    decimal, is_alnum, is_case_ignorable, is_cased, is_title, is_upper, record, tables::*,
};
use crate::buf::{CodeUnit, TextBuf};

/// The one to three code points a character maps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    cps: [u32; 3],
    len: u8,
}

impl Mapping {
    #[inline]
    fn one(cp: u32) -> Mapping {
        Mapping {
            cps: [cp, 0, 0],
            len: 1,
        }
    }

    fn of(s: &str) -> Mapping {
        let mut m = Mapping {
            cps: [0; 3],
            len: 0,
        };
        for c in s.chars() {
            m.cps[m.len as usize] = c as u32;
            m.len += 1;
        }
        m
    }
}

impl std::ops::Deref for Mapping {
    type Target = [u32];
    #[inline]
    fn deref(&self) -> &[u32] {
        &self.cps[..self.len as usize]
    }
}

#[cold]
fn special(
    cp: u32,
    pick: impl Fn(&'static (u32, &str, &str, &str, &str)) -> &'static str,
) -> Mapping {
    let i = SPECIAL
        .binary_search_by_key(&cp, |row| row.0)
        .expect("flagged characters have a row");
    Mapping::of(pick(&SPECIAL[i]))
}

/// Upper case of one character.
#[inline]
pub fn upper_full(cp: u32) -> Mapping {
    let r = record(cp);
    if r.flags & SPECIAL_CASE != 0 {
        return special(cp, |row| row.1);
    }
    Mapping::one(cp.wrapping_add_signed(r.upper))
}

/// Lower case of one character outside any context: capital sigma gives `σ`.
#[inline]
pub fn lower_full(cp: u32) -> Mapping {
    let r = record(cp);
    if r.flags & SPECIAL_CASE != 0 {
        return special(cp, |row| row.2);
    }
    Mapping::one(cp.wrapping_add_signed(r.lower))
}

/// Title case of one character.
#[inline]
pub fn title_full(cp: u32) -> Mapping {
    let r = record(cp);
    if r.flags & SPECIAL_CASE != 0 {
        return special(cp, |row| row.3);
    }
    Mapping::one(cp.wrapping_add_signed(r.title))
}

/// Case folding of one character.
#[inline]
pub fn casefold_full(cp: u32) -> Mapping {
    let r = record(cp);
    if r.flags & SPECIAL_CASE != 0 {
        return special(cp, |row| row.4);
    }
    Mapping::one(cp.wrapping_add_signed(r.lower))
}

/// Whether the capital sigma at `i` ends a word and so becomes `ς` (Unicode's Final_Sigma).
pub fn is_final_sigma<U: CodeUnit>(s: &[U], i: usize) -> bool {
    let before = s[..i].iter().rev().find(|&&u| !is_case_ignorable(u.into()));
    let after = s[i + 1..].iter().find(|&&u| !is_case_ignorable(u.into()));
    before.is_some_and(|&u| is_cased(u.into())) && !after.is_some_and(|&u| is_cased(u.into()))
}

const CAPITAL_SIGMA: u32 = 0x3A3;

#[inline]
fn push_lower<U: CodeUnit>(s: &[U], i: usize, out: &mut TextBuf) {
    let cp: u32 = s[i].into();
    if cp == CAPITAL_SIGMA {
        out.push(if is_final_sigma(s, i) { 0x3C2 } else { 0x3C3 });
    } else {
        out.extend(lower_full(cp).iter().copied());
    }
}

/// ASCII text mapped byte by byte, or `None` when `s` is anything else.
fn ascii<U: CodeUnit>(s: &[U], out: &mut TextBuf, map: impl Fn(&u8) -> u8) -> bool {
    if let crate::TextRef::Latin1(bytes) = U::text(s)
        && bytes.is_ascii()
    {
        let mapped: Vec<u8> = bytes.iter().map(map).collect();
        out.push_latin1(&mapped);
        return true;
    }
    false
}

/// `str.upper`.
pub fn upper<U: CodeUnit>(s: &[U], out: &mut TextBuf) {
    if !ascii(s, out, u8::to_ascii_uppercase) {
        s.iter()
            .for_each(|&u| out.extend(upper_full(u.into()).iter().copied()));
    }
}

/// `str.lower`.
pub fn lower<U: CodeUnit>(s: &[U], out: &mut TextBuf) {
    if !ascii(s, out, u8::to_ascii_lowercase) {
        (0..s.len()).for_each(|i| push_lower(s, i, out));
    }
}

/// `str.casefold`.
pub fn casefold<U: CodeUnit>(s: &[U], out: &mut TextBuf) {
    if !ascii(s, out, u8::to_ascii_lowercase) {
        s.iter()
            .for_each(|&u| out.extend(casefold_full(u.into()).iter().copied()));
    }
}

/// `str.swapcase`.
pub fn swapcase<U: CodeUnit>(s: &[U], out: &mut TextBuf) {
    for (i, &u) in s.iter().enumerate() {
        let cp: u32 = u.into();
        if is_upper(cp) {
            push_lower(s, i, out);
        } else if super::is_lower(cp) {
            out.extend(upper_full(cp).iter().copied());
        } else {
            out.push(cp);
        }
    }
}

/// `str.capitalize`.
pub fn capitalize<U: CodeUnit>(s: &[U], out: &mut TextBuf) {
    if let Some(&first) = s.first() {
        out.extend(title_full(first.into()).iter().copied());
        (1..s.len()).for_each(|i| push_lower(s, i, out));
    }
}

/// `str.title`: title case after anything uncased, lower case after cased characters.
pub fn title<U: CodeUnit>(s: &[U], out: &mut TextBuf) {
    let mut in_word = false;
    for (i, &u) in s.iter().enumerate() {
        let cp: u32 = u.into();
        if in_word {
            push_lower(s, i, out);
        } else {
            out.extend(title_full(cp).iter().copied());
        }
        in_word = is_cased(cp);
    }
}

/// `str.isupper`: some cased character, none lower or title.
pub fn is_upper_str<U: CodeUnit>(s: &[U]) -> bool {
    let mut cased = false;
    for &u in s {
        let flags = record(u.into()).flags;
        if flags & (LOWER | TITLE) != 0 {
            return false;
        }
        cased |= flags & UPPER != 0;
    }
    cased
}

/// `str.islower`: some cased character, none upper or title.
pub fn is_lower_str<U: CodeUnit>(s: &[U]) -> bool {
    let mut cased = false;
    for &u in s {
        let flags = record(u.into()).flags;
        if flags & (UPPER | TITLE) != 0 {
            return false;
        }
        cased |= flags & LOWER != 0;
    }
    cased
}

/// `str.istitle`: capitals only after uncased characters, small letters only after cased ones.
pub fn is_title_str<U: CodeUnit>(s: &[U]) -> bool {
    let (mut cased, mut previous) = (false, false);
    for &u in s {
        let cp: u32 = u.into();
        if is_upper(cp) || is_title(cp) {
            if previous {
                return false;
            }
            (previous, cased) = (true, true);
        } else if super::is_lower(cp) {
            if !previous {
                return false;
            }
            cased = true;
        } else {
            previous = false;
        }
    }
    cased
}

/// `str.isidentifier` (keywords are identifiers here).
pub fn is_identifier<U: CodeUnit>(s: &[U]) -> bool {
    let start = |cp| cp == 0x5F || super::is_xid_start(cp);
    s.first().is_some_and(|&u| start(u.into()))
        && s[1..].iter().all(|&u| super::is_xid_continue(u.into()))
}

/// `str.isalnum` and its like on a whole string: non-empty and true of every character.
pub fn all<U: CodeUnit>(s: &[U], test: impl Fn(u32) -> bool) -> bool {
    !s.is_empty() && s.iter().all(|&u| test(u.into()))
}

/// Replaces Unicode decimal digits by ASCII ones and spaces by ' ', as number parsing does.
///
/// Gives `None` at the first other non-ASCII character, whose number parsing must fail.
pub fn to_decimal_ascii<U: CodeUnit>(s: &[U]) -> Option<Vec<u8>> {
    s.iter()
        .map(|&u| {
            let cp: u32 = u.into();
            if cp < 0x80 {
                Some(cp as u8)
            } else if super::is_space(cp) {
                Some(b' ')
            } else {
                decimal(cp).map(|d| b'0' + d)
            }
        })
        .collect()
}

/// True when `str.isalnum` would be.
pub fn is_alnum_str<U: CodeUnit>(s: &[U]) -> bool {
    all(s, is_alnum)
}

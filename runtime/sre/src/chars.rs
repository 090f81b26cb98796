//! Properties of characters. The ASCII ones are built in; the Unicode ones are
//! given by the host, so that this crate carries no tables. The locale is C:
//! `re.LOCALE` patterns see ASCII letters only.

use crate::opcodes::*;

/// The Unicode character properties that patterns ask for. Each function takes
/// a code point (surrogates and values past U+10FFFF included, for which the
/// predicates answer false and the mappings give the argument back).
#[derive(Clone, Copy, Debug)]
pub struct CharTables {
    /// `str.isalnum` of one character.
    pub is_alnum: fn(u32) -> bool,
    /// `str.isspace` of one character.
    pub is_space: fn(u32) -> bool,
    /// `str.isdecimal` of one character (what `\d` means).
    pub is_decimal: fn(u32) -> bool,
    /// Whether `str.splitlines` breaks at the character.
    pub is_linebreak: fn(u32) -> bool,
    /// The simple lower-case mapping (`_sre.unicode_tolower`).
    pub lower: fn(u32) -> u32,
    /// The simple upper-case mapping.
    pub upper: fn(u32) -> u32,
}

impl CharTables {
    /// Tables that know ASCII only: enough for patterns over `bytes`.
    pub const fn ascii() -> Self {
        CharTables {
            is_alnum: ascii_alnum,
            is_space: ascii_space,
            is_decimal: ascii_digit,
            is_linebreak: |c| matches!(c, 10..=13 | 28..=30),
            lower: ascii_lower,
            upper: ascii_upper,
        }
    }

    /// Whether `c` belongs to the category numbered `category`, a constant of
    /// `re._constants.CHCODES`; false for other numbers.
    pub(crate) fn in_category(&self, category: u32, c: u32) -> bool {
        let inside = match category & !1 {
            CATEGORY_DIGIT => ascii_digit(c),
            CATEGORY_SPACE => ascii_space(c),
            CATEGORY_WORD | CATEGORY_LOC_WORD => ascii_word(c),
            CATEGORY_LINEBREAK => c == 10,
            CATEGORY_UNI_DIGIT => (self.is_decimal)(c),
            CATEGORY_UNI_SPACE => (self.is_space)(c),
            CATEGORY_UNI_WORD => self.is_word(c),
            CATEGORY_UNI_LINEBREAK => (self.is_linebreak)(c),
            _ => return false,
        };
        inside != (category & 1 == 1)
    }

    /// Whether `\w` matches `c` in a Unicode pattern.
    pub(crate) fn is_word(&self, c: u32) -> bool {
        if c < 128 {
            ascii_word(c)
        } else {
            (self.is_alnum)(c)
        }
    }

    /// `c` as a case-insensitive comparison of kind `fold` sees it.
    pub(crate) fn fold(&self, fold: Fold, c: u32) -> u32 {
        match fold {
            Fold::None => c,
            Fold::Ascii | Fold::Locale => ascii_lower(c),
            Fold::Unicode => (self.lower)(c),
        }
    }
}

/// How the character of the subject is changed before it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    None,
    Ascii,
    Locale,
    Unicode,
}

pub(crate) fn ascii_alnum(c: u32) -> bool {
    u8::try_from(c).is_ok_and(|c| c.is_ascii_alphanumeric())
}

pub(crate) fn ascii_word(c: u32) -> bool {
    ascii_alnum(c) || c == u32::from(b'_')
}

fn ascii_space(c: u32) -> bool {
    matches!(c, 9..=13 | 32)
}

fn ascii_digit(c: u32) -> bool {
    (48..58).contains(&c)
}

pub(crate) fn ascii_lower(c: u32) -> u32 {
    if (65..91).contains(&c) { c + 32 } else { c }
}

pub(crate) fn ascii_upper(c: u32) -> u32 {
    if (97..123).contains(&c) { c - 32 } else { c }
}

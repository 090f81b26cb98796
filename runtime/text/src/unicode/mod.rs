//! Unicode properties of a code point, as `str` methods and `unicodedata` see them.
//!
//! All properties of a code point live in one record found through a two-level table, so any
//! question costs two dependent loads; the tables come from `scripts/unicode_tables.py`. Code
//! points are plain `u32` because Python strings may hold lone surrogates. Case operations on
//! whole strings are in [`case`], normal forms in [`normalize`], names in [`names`].

mod aliases;
pub mod case;
mod decomp;
pub mod names;
pub mod normalize;
mod old;
mod tables;

pub use case::{casefold_full, lower_full, title_full, upper_full};
pub use tables::UNIDATA_VERSION;
use tables::*;

/// Everything known about a code point, short of decompositions and multi-character case forms.
struct Record {
    flags: u32,
    upper: i32,
    lower: i32,
    title: i32,
    category: u8,
    bidi: u8,
    combining: u8,
    east_asian: u8,
    decimal: i8,
    digit: i8,
    numeric: u8,
}

impl Record {
    #[allow(clippy::too_many_arguments)] // Only the generated table calls it; names would bloat it.
    const fn new(
        flags: u32,
        upper: i32,
        lower: i32,
        title: i32,
        category: u8,
        bidi: u8,
        combining: u8,
        east_asian: u8,
        decimal: i8,
        digit: i8,
        numeric: u8,
    ) -> Record {
        Record {
            flags,
            upper,
            lower,
            title,
            category,
            bidi,
            combining,
            east_asian,
            decimal,
            digit,
            numeric,
        }
    }
}

#[inline]
fn record(cp: u32) -> &'static Record {
    let block = INDEX.get((cp >> 7) as usize).copied().unwrap_or(0) as usize;
    &RECORDS[BLOCKS[block << 7 | (cp & 127) as usize] as usize]
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $flag:ident;)*) => {
        $($(#[$doc])*
        #[inline]
        pub fn $name(cp: u32) -> bool {
            record(cp).flags & $flag != 0
        })*
    };
}

flags! {
    /// `str.isalpha`: a letter (category `L*`).
    is_alpha = ALPHA;
    /// `str.isdecimal`: usable as a digit of a decimal number.
    is_decimal = DECIMAL;
    /// `str.isdigit`: a digit, superscripts and the like included.
    is_digit = DIGIT;
    /// `str.isnumeric`: has a numeric value.
    is_numeric = NUMERIC;
    /// `str.isprintable`: shown as itself by `repr`.
    is_printable = PRINTABLE;
    /// The Uppercase property, as `str.isupper` tests it.
    is_upper = UPPER;
    /// The Lowercase property, as `str.islower` tests it.
    is_lower = LOWER;
    /// Category `Lt`.
    is_title = TITLE;
    /// The Cased property.
    is_cased = CASED;
    /// The Case_Ignorable property (as far as the final sigma rule sees it).
    is_case_ignorable = CASE_IGNORABLE;
    /// `XID_Start`: starts an identifier (the underscore does too, but is not included).
    is_xid_start = XID_START;
    /// `XID_Continue`: continues an identifier.
    is_xid_continue = XID_CONTINUE;
    /// `unicodedata.mirrored`.
    is_mirrored = MIRRORED;
    /// `str.isalnum`: alphabetic, decimal, digit or numeric.
    is_alnum = ALNUM;
}

const ALNUM: u32 = ALPHA | DECIMAL | DIGIT | NUMERIC;

/// `str.isspace`, also where `str.split` and `str.strip` cut.
#[inline]
pub fn is_space(cp: u32) -> bool {
    if cp < 0x80 {
        return matches!(cp, 0x09..=0x0D | 0x1C..=0x20);
    }
    record(cp).flags & SPACE != 0
}

/// Where `str.splitlines` cuts.
#[inline]
pub fn is_linebreak(cp: u32) -> bool {
    if cp < 0x80 {
        return matches!(cp, 0x0A..=0x0D | 0x1C..=0x1E);
    }
    record(cp).flags & LINEBREAK != 0
}

/// Value of a decimal digit (`unicodedata.decimal`).
#[inline]
pub fn decimal(cp: u32) -> Option<u8> {
    if cp < 0x80 {
        return (cp.wrapping_sub(0x30) < 10).then(|| (cp - 0x30) as u8);
    }
    u8::try_from(record(cp).decimal).ok()
}

/// Value of a digit (`unicodedata.digit`).
#[inline]
pub fn digit(cp: u32) -> Option<u8> {
    u8::try_from(record(cp).digit).ok()
}

/// Numeric value (`unicodedata.numeric`).
pub fn numeric(cp: u32) -> Option<f64> {
    match record(cp).numeric {
        0 => None,
        i => Some(NUMERICS[i as usize]),
    }
}

/// Two-letter general category (`unicodedata.category`).
pub fn category(cp: u32) -> &'static str {
    CATEGORIES[record(cp).category as usize]
}

/// Bidirectional class, empty when none is assigned (`unicodedata.bidirectional`).
pub fn bidirectional(cp: u32) -> &'static str {
    BIDI[record(cp).bidi as usize]
}

/// Canonical combining class (`unicodedata.combining`).
#[inline]
pub fn combining(cp: u32) -> u8 {
    record(cp).combining
}

/// East Asian width (`unicodedata.east_asian_width`).
pub fn east_asian_width(cp: u32) -> &'static str {
    EAST_ASIAN[record(cp).east_asian as usize]
}

/// One-to-one upper case; the first character where the full form has several.
#[inline]
pub fn upper(cp: u32) -> u32 {
    cp.wrapping_add_signed(record(cp).upper)
}

/// One-to-one lower case; the first character where the full form has several.
#[inline]
pub fn lower(cp: u32) -> u32 {
    if cp < 0x80 {
        return if cp.wrapping_sub(0x41) < 26 {
            cp | 0x20
        } else {
            cp
        };
    }
    cp.wrapping_add_signed(record(cp).lower)
}

/// One-to-one title case; the first character where the full form has several.
#[inline]
pub fn title(cp: u32) -> u32 {
    cp.wrapping_add_signed(record(cp).title)
}

/// Properties as they were in Unicode 3.2 (`unicodedata.ucd_3_2_0`), which IDNA is defined over.
pub mod v3_2 {
    use super::{old, tables::*};

    fn row(cp: u32) -> Option<&'static old::Row> {
        let i = old::ROWS.partition_point(|row| row.1 < cp);
        old::ROWS.get(i).filter(|row| row.0 <= cp)
    }

    /// Two-letter general category.
    pub fn category(cp: u32) -> &'static str {
        row(cp).map_or_else(|| super::category(cp), |r| CATEGORIES[r.2 as usize])
    }

    /// Bidirectional class, empty when none is assigned.
    pub fn bidirectional(cp: u32) -> &'static str {
        row(cp).map_or_else(|| super::bidirectional(cp), |r| BIDI[r.3 as usize])
    }

    /// East Asian width.
    pub fn east_asian_width(cp: u32) -> &'static str {
        row(cp).map_or_else(|| super::east_asian_width(cp), |r| EAST_ASIAN[r.4 as usize])
    }

    /// Whether the character is mirrored in right-to-left text.
    pub fn is_mirrored(cp: u32) -> bool {
        row(cp).map_or_else(|| super::is_mirrored(cp), |r| r.5 != 0)
    }

    /// Canonical combining class.
    pub fn combining(cp: u32) -> u8 {
        if is_assigned(cp) {
            super::combining(cp)
        } else {
            0
        }
    }

    /// Value of a decimal digit.
    pub fn decimal(cp: u32) -> Option<u8> {
        row(cp).map_or_else(|| super::decimal(cp), |r| u8::try_from(r.6).ok())
    }

    /// Value of a digit.
    pub fn digit(cp: u32) -> Option<u8> {
        row(cp).map_or_else(|| super::digit(cp), |r| u8::try_from(r.7).ok())
    }

    /// Numeric value.
    pub fn numeric(cp: u32) -> Option<f64> {
        row(cp).map_or_else(|| super::numeric(cp), |r| r.8.then_some(r.9))
    }

    /// Whether the code point had a meaning in Unicode 3.2.
    pub fn is_assigned(cp: u32) -> bool {
        row(cp).is_none_or(|r| r.2 != 0)
    }
}

#[cfg(test)]
mod tests;

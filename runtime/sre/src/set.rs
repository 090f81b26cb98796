//! Sets of characters, the unit of most patterns: `IN`, `CATEGORY`, `ANY`, and
//! the case-insensitive and negated literals all come down to one.
//!
//! Membership below U+0100 is a table filled when the pattern is translated,
//! with case folding and categories already applied; above, the rule is one of
//! a few constants or, where it really depends on the character, the set's own
//! code interpreted.

use crate::chars::{CharTables, Fold, ascii_upper};
use crate::opcodes::*;
use crate::unit::Unit;

/// A set of characters.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Set {
    pub low: [bool; 256],
    pub high: High,
    /// The one to three characters outside the set, if all others are inside:
    /// a run of such a set ends at the first of them.
    pub stops: Vec<u8>,
}

/// Which characters from U+0100 on are in a set.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum High {
    None,
    All,
    /// One character.
    One(u32),
    /// All but one character.
    AllBut(u32),
    /// What the set's code says of the folded character.
    Code(Box<[u32]>, Fold),
}

impl Set {
    /// The set that checked set code (up to and with its `FAILURE`) describes.
    pub fn new(code: &[u32], fold: Fold, tables: &CharTables) -> Set {
        let low = std::array::from_fn(|c| member(code, fold, c as u32, tables));
        let high = match constant_high(code, fold) {
            Some(true) => High::All,
            Some(false) => High::None,
            None => match *code {
                [LITERAL, c, FAILURE] if fold != Fold::Unicode => High::One(c),
                [NEGATE, LITERAL, c, FAILURE] if fold != Fold::Unicode => High::AllBut(c),
                _ => High::Code(code.into(), fold),
            },
        };
        let mut stops: Vec<u8> = Vec::new();
        if high == High::All {
            stops = (0..=255).filter(|&c| !low[usize::from(c)]).collect();
            if stops.len() > 3 {
                stops.clear();
            }
        }
        Set { low, high, stops }
    }

    /// Whether `unit` is in the set.
    #[inline(always)]
    pub fn has<U: Unit>(&self, unit: U, tables: &CharTables) -> bool {
        let c = unit.to_u32();
        match self.low.get(c as usize) {
            Some(&inside) => inside,
            None => self.has_high(c, tables),
        }
    }

    #[inline]
    fn has_high(&self, c: u32, tables: &CharTables) -> bool {
        match &self.high {
            High::None => false,
            High::All => true,
            High::One(one) => c == *one,
            High::AllBut(one) => c != *one,
            High::Code(code, fold) => member(code, *fold, c, tables),
        }
    }

    /// How many units at the beginning of `text` are in the set.
    #[inline]
    pub fn run_length<U: Unit>(&self, text: &[U], tables: &CharTables) -> usize {
        // Most runs are short: setting up a vector search pays only later.
        const SHORT: usize = 16;
        let vector = !self.stops.is_empty() && text.len() > SHORT;
        let near = if vector { &text[..SHORT] } else { text };
        if let Some(end) = near.iter().position(|&u| !self.has(u, tables)) {
            return end;
        }
        if !vector {
            return text.len();
        }
        match U::find_any(&text[SHORT..], &self.stops) {
            Some(end) => SHORT + end,
            None => text.len(),
        }
    }
}

/// Whether the (unfolded) character `c` is in the set: `fold` says how it is
/// changed first. In the locale mode each item is tried with both cases of it.
fn member(code: &[u32], fold: Fold, c: u32, tables: &CharTables) -> bool {
    let folded = tables.fold(fold, c);
    let upper = if fold == Fold::Locale {
        ascii_upper(c)
    } else {
        folded
    };
    let mut inside = true;
    let mut rest = code;
    loop {
        if let [NEGATE, after @ ..] = rest {
            inside = !inside;
            rest = after;
            continue;
        }
        let Some(item) = Item::read(rest) else {
            return !inside;
        };
        if item.has(folded, tables) || (upper != folded && item.has(upper, tables)) {
            return inside;
        }
        rest = &rest[item.len()..];
    }
}

/// One item of set code, its operands behind the opcode.
struct Item<'a>(u32, &'a [u32]);

impl<'a> Item<'a> {
    /// The item at the beginning of `code`, which has been checked; `None` at its end.
    fn read(code: &'a [u32]) -> Option<Item<'a>> {
        let op = code[0];
        matches!(
            op,
            LITERAL | CATEGORY | RANGE | RANGE_UNI_IGNORE | CHARSET | BIGCHARSET
        )
        .then(|| Item(op, &code[1..]))
    }

    /// Words of code.
    fn len(&self) -> usize {
        match self.0 {
            LITERAL | CATEGORY => 2,
            RANGE | RANGE_UNI_IGNORE => 3,
            CHARSET => 9,
            _ => 2 + 64 + 8 * self.1[0] as usize,
        }
    }

    fn has(&self, c: u32, tables: &CharTables) -> bool {
        let operands = self.1;
        match self.0 {
            LITERAL => c == operands[0],
            CATEGORY => tables.in_category(operands[0], c),
            RANGE => (operands[0]..=operands[1]).contains(&c),
            RANGE_UNI_IGNORE => {
                let range = operands[0]..=operands[1];
                range.contains(&c) || range.contains(&(tables.upper)(c))
            }
            CHARSET => c < 256 && bit(operands, c),
            _ => {
                c < 0x10000 && {
                    let page = (c >> 8) as usize;
                    let block = operands[1 + page / 4].to_ne_bytes()[page % 4];
                    bit(&operands[65 + 8 * usize::from(block)..], c & 255)
                }
            }
        }
    }
}

fn bit(words: &[u32], c: u32) -> bool {
    words[(c >> 5) as usize] >> (c & 31) & 1 == 1
}

/// Whether all characters from U+0100 on are in the set, or none; `None` if it
/// depends on the character.
fn constant_high(code: &[u32], fold: Fold) -> Option<bool> {
    if fold == Fold::Unicode {
        return None;
    }
    let mut inside = true;
    let mut i = 0;
    loop {
        match code[i] {
            NEGATE => {
                inside = !inside;
                i += 1;
            }
            LITERAL if code[i + 1] < 256 => i += 2,
            RANGE if code[i + 2] < 256 => i += 3,
            RANGE if code[i + 1] <= 256 && code[i + 2] >= 0x10ffff => return Some(inside),
            CATEGORY if code[i + 1] < CATEGORY_UNI_DIGIT => {
                if code[i + 1] & 1 == 1 {
                    return Some(inside);
                }
                i += 2;
            }
            CHARSET => i += 9,
            FAILURE => return Some(!inside),
            _ => return None,
        }
    }
}

/// Checks set code: it must fill `code` exactly and end in `FAILURE`.
pub(crate) fn check(code: &[u32]) -> bool {
    let mut i = 0;
    loop {
        let left = code.len() - i;
        let width = match code.get(i) {
            Some(&FAILURE) => return left == 1,
            Some(&NEGATE) => 1,
            Some(&LITERAL) => 2,
            Some(&(RANGE | RANGE_UNI_IGNORE)) => 3,
            Some(&CHARSET) => 9,
            Some(&CATEGORY) => {
                if left < 2 || code[i + 1] > CATEGORY_UNI_NOT_LINEBREAK {
                    return false;
                }
                2
            }
            Some(&BIGCHARSET) => {
                if left < 66 || code[i + 1] > 256 {
                    return false;
                }
                let blocks = code[i + 1];
                let pages = &code[i + 2..i + 66];
                let known = |word: &u32| word.to_ne_bytes().iter().all(|&b| u32::from(b) < blocks);
                if !pages.iter().all(known) {
                    return false;
                }
                66 + 8 * blocks as usize
            }
            _ => return false,
        };
        if left <= width {
            return false;
        }
        i += width;
    }
}

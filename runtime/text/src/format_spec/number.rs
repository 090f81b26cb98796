//! Lays out a number: sign, prefix, grouped digits, decimals and padding.

use super::{Align, Separator, Spec};
use crate::buf::TextBuf;

/// A number in pieces, ready to lay out.
pub(super) struct Parts<'a> {
    pub negative: bool,
    /// `0x` and the like.
    pub prefix: &'a str,
    /// Digits before the point.
    pub whole: &'a str,
    /// The point and the digits after it.
    pub fraction: Option<&'a str>,
    /// What follows the digits: exponent, percent sign, or all of `inf` and `nan`.
    pub rest: &'a str,
    /// Digits in a group.
    pub group: usize,
}

impl<'a> Parts<'a> {
    /// Takes a formatted float apart.
    pub fn of_float(text: &'a str) -> Parts<'a> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = text.split_at(digits(text));
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(after) => {
                let (fraction, rest) = after.split_at(digits(after));
                (Some(fraction), rest)
            }
            None => (None, rest),
        };
        Parts {
            negative,
            prefix: "",
            whole,
            fraction,
            rest,
            group: 3,
        }
    }

    /// Appends the number as `spec` wants it.
    pub fn write(&self, spec: &Spec, out: &mut TextBuf) {
        let sign = match spec.sign {
            _ if self.negative => "-",
            Some('+') => "+",
            Some(' ') => " ",
            _ => "",
        };
        let grouped_fraction;
        let fraction = match (self.fraction, spec.fraction_grouping) {
            (Some(f), Some(separator)) => {
                let mut grouped = String::new();
                for (i, c) in f.chars().enumerate() {
                    if i > 0 && i % 3 == 0 {
                        grouped.push(separator.as_char());
                    }
                    grouped.push(c);
                }
                grouped_fraction = grouped;
                Some(grouped_fraction.as_str())
            }
            (fraction, _) => fraction,
        };
        let after_whole = fraction.map_or(0, |f| 1 + f.len());
        let fixed = sign.len() + self.prefix.len() + after_whole + self.rest.len();
        let zero_fill = spec.fill == '0' as u32 && spec.align == Align::AfterSign;
        let least = if zero_fill {
            spec.width.unwrap_or(0).saturating_sub(fixed)
        } else {
            0
        };
        let grouped;
        let (zeros, whole) = match self.whole {
            "" => (0, ""),
            whole if spec.grouping.is_none() => (least.saturating_sub(whole.len()), whole),
            whole => {
                grouped = group_digits(whole, self.group, spec.grouping, least);
                (0, grouped.as_str())
            }
        };
        let (before, after) = spec.padding(fixed + zeros + whole.len());
        let inner = spec.align == Align::AfterSign;
        if !inner {
            out.push_repeat(spec.fill, before);
        }
        out.push_ascii(sign);
        out.push_ascii(self.prefix);
        if inner {
            out.push_repeat(spec.fill, before);
        }
        out.push_repeat('0' as u32, zeros);
        out.push_ascii(whole);
        if let Some(fraction) = fraction {
            out.push_ascii(".");
            out.push_ascii(fraction);
        }
        out.push_ascii(self.rest);
        out.push_repeat(spec.fill, after);
    }
}

/// Puts separators between groups from the right, with leading zeros up to `least` characters.
///
/// A separator never comes first: one more zero takes its place, so the result can be longer.
fn group_digits(digits: &str, group: usize, separator: Option<Separator>, least: usize) -> String {
    let mut reversed = String::with_capacity(digits.len() + digits.len() / group);
    let mut source = digits.bytes().rev();
    let mut in_group = 0;
    loop {
        let next = source.next();
        if next.is_none() && reversed.len() >= least {
            break;
        }
        if let Some(separator) = separator
            && in_group == group
        {
            reversed.push(separator.as_char());
            in_group = 0;
        }
        reversed.push(next.unwrap_or(b'0') as char);
        in_group += 1;
    }
    reversed.chars().rev().collect()
}

//! The XML declaration of a document and the text declaration of an external entity.

use super::chars::is_space;
use std::ops::Range;

/// What a declaration says, as places in the text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Declaration {
    pub version: Option<Range<usize>>,
    pub encoding: Option<Range<usize>>,
    /// -1 if it is not said.
    pub standalone: i8,
}

/// One `name='value'`, and what follows it.
struct Pair<'a> {
    name: &'a str,
    name_at: usize,
    value: Range<usize>,
    end: usize,
}

/// Reads the pseudo-attribute behind `at`; nothing at the end.
fn pair(text: &str, at: usize, end: usize) -> Result<Option<Pair<'_>>, usize> {
    let bytes = text.as_bytes();
    let skip = |mut at: usize| {
        while at < end && is_space(bytes[at]) {
            at += 1;
        }
        at
    };
    let name_at = skip(at);
    if name_at == end {
        return Ok(None);
    }
    if name_at == at {
        return Err(at);
    }
    let mut name_end = name_at;
    let ends_name = |b: u8| b == b'=' || is_space(b) || !b.is_ascii();
    while name_end < end && !ends_name(bytes[name_end]) {
        name_end += 1;
    }
    let equals = skip(name_end);
    if name_end == name_at || equals == end || bytes[equals] != b'=' {
        return Err(equals);
    }
    let open = skip(equals + 1);
    if open == end || !matches!(bytes[open], b'"' | b'\'') {
        return Err(open);
    }
    let mut close = open + 1;
    loop {
        match bytes.get(close).filter(|_| close < end) {
            Some(b) if *b == bytes[open] => break,
            Some(b) if b.is_ascii_alphanumeric() || b"-._".contains(b) => close += 1,
            _ => return Err(close),
        }
    }
    Ok(Some(Pair {
        name: &text[name_at..name_end],
        name_at,
        value: open + 1..close,
        end: close + 1,
    }))
}

/// Reads the declaration that lies in `range`; an error is its place.
pub fn read(text: &str, range: Range<usize>, is_text: bool) -> Result<Declaration, usize> {
    let end = range.end - 2;
    let mut found = Declaration {
        standalone: -1,
        ..Declaration::default()
    };
    let mut at = range.start + 5;
    let mut next = pair(text, at, end)?;
    match &next {
        Some(p) if p.name == "version" => {
            found.version = Some(p.value.clone());
            at = p.end;
            next = pair(text, at, end)?;
        }
        Some(p) if !is_text => return Err(p.name_at),
        Some(_) => {}
        None => return Err(at),
    }
    if let Some(p) = &next
        && p.name == "encoding"
    {
        if !text.as_bytes()[p.value.start].is_ascii_alphabetic() {
            return Err(p.value.start);
        }
        found.encoding = Some(p.value.clone());
        at = p.end;
        next = pair(text, at, end)?;
    }
    match next {
        // An external entity says its encoding and nothing else behind that.
        None if is_text && found.encoding.is_none() => Err(at),
        None => Ok(found),
        Some(p) if p.name != "standalone" || is_text => Err(p.name_at),
        Some(p) => {
            found.standalone = match &text[p.value.clone()] {
                "yes" => 1,
                "no" => 0,
                _ => return Err(p.value.start),
            };
            match pair(text, p.end, end)? {
                None => Ok(found),
                Some(more) => Err(more.name_at),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_their_order() {
        let text = "<?xml version='1.0' encoding='x' standalone='yes' ?>";
        let found = read(text, 0..text.len(), false).unwrap();
        assert_eq!(&text[found.encoding.unwrap()], "x");
        assert_eq!(found.standalone, 1);
        let text = "<?xml encoding='x' version='1.0'?>";
        assert_eq!(read(text, 0..text.len(), false), Err(6));
        assert_eq!(read(text, 0..text.len(), true), Err(19));
    }
}

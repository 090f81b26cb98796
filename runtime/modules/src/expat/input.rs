//! The document as it arrives: bytes in some encoding become text, whose places keep their
//! numbers of bytes, lines and columns in the document.

use std::cell::Cell;

/// How a document's bytes are to be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    /// Big-endian if true.
    Utf16(bool),
    Latin1,
    Ascii,
    /// One character a byte, by a table; -1 for bytes that are none.
    Table(Box<[i32; 256]>),
}

impl Encoding {
    /// The encodings that need no table, by name.
    pub fn named(name: &str) -> Option<Encoding> {
        Some(match name.to_ascii_uppercase().as_str() {
            "UTF-8" => Encoding::Utf8,
            "UTF-16" | "UTF-16BE" => Encoding::Utf16(true),
            "UTF-16LE" => Encoding::Utf16(false),
            "ISO-8859-1" => Encoding::Latin1,
            "US-ASCII" => Encoding::Ascii,
            _ => return None,
        })
    }

    /// Bytes that a character of the text takes in the document.
    fn size(&self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16(_) => 2 * c.len_utf16(),
            _ => 1,
        }
    }

    /// Decodes as much of `raw` as is whole characters. How many bytes that were, and whether
    /// those behind them are wrong.
    fn decode(&self, raw: &[u8], text: &mut String) -> (usize, bool) {
        match self {
            Encoding::Utf8 => match std::str::from_utf8(raw) {
                Ok(good) => {
                    text.push_str(good);
                    (raw.len(), false)
                }
                Err(error) => {
                    let good = error.valid_up_to();
                    text.push_str(std::str::from_utf8(&raw[..good]).unwrap_or_default());
                    (good, error.error_len().is_some())
                }
            },
            Encoding::Utf16(big) => {
                let unit = |pair: &[u8]| {
                    let pair = [pair[0], pair[1]];
                    if *big {
                        u16::from_be_bytes(pair)
                    } else {
                        u16::from_le_bytes(pair)
                    }
                };
                let mut at = 0;
                while at + 2 <= raw.len() {
                    let first = unit(&raw[at..]);
                    let size = if (0xD800..0xDC00).contains(&first) {
                        4
                    } else {
                        2
                    };
                    if at + size > raw.len() {
                        break;
                    }
                    let units = raw[at..at + size].chunks_exact(2).map(unit);
                    match char::decode_utf16(units).next() {
                        Some(Ok(c)) => text.push(c),
                        _ => return (at, true),
                    }
                    at += size;
                }
                (at, false)
            }
            Encoding::Latin1 => {
                text.extend(raw.iter().map(|b| char::from(*b)));
                (raw.len(), false)
            }
            Encoding::Ascii => {
                let good = raw.iter().position(|b| !b.is_ascii()).unwrap_or(raw.len());
                text.extend(raw[..good].iter().map(|b| char::from(*b)));
                (good, good < raw.len())
            }
            Encoding::Table(table) => {
                for (at, b) in raw.iter().enumerate() {
                    let c = u32::try_from(table[usize::from(*b)]).ok();
                    match c.and_then(char::from_u32) {
                        Some(c) => text.push(c),
                        None => return (at, true),
                    }
                }
                (raw.len(), false)
            }
        }
    }

    /// The bytes of a text in this encoding.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf16(true) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Encoding::Utf16(false) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Latin1 | Encoding::Ascii => text.chars().map(|c| c as u8).collect(),
            Encoding::Table(table) => text
                .chars()
                .filter_map(|c| table.iter().position(|known| *known == c as i32))
                .map(|b| b as u8)
                .collect(),
        }
    }
}

/// A place in the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Bytes before it.
    pub index: usize,
    /// Lines before it.
    pub line: usize,
    /// Characters before it in its line.
    pub column: usize,
}

/// What of a document was given so far and not yet done with.
pub struct Input {
    /// Bytes that are no text yet.
    raw: Vec<u8>,
    /// The text; what lies before `at` is done with.
    pub text: String,
    pub at: usize,
    /// The encoding, once the first bytes told.
    pub encoding: Option<Encoding>,
    /// Whether an XML declaration can no longer change it.
    settled: bool,
    /// Whether the next bytes are no text in this encoding.
    pub broken: bool,
    /// Whether everything was given.
    pub complete: bool,
    /// A place and the byte of the text that is there.
    known: Cell<(Position, usize)>,
}

impl Input {
    /// Of an encoding, or one that the document tells.
    pub fn new(encoding: Option<Encoding>) -> Input {
        Input {
            raw: Vec::new(),
            text: String::new(),
            at: 0,
            settled: encoding.is_some(),
            encoding,
            broken: false,
            complete: false,
            known: Cell::default(),
        }
    }

    /// Takes more bytes. `keep` is the first place of the text that is still needed.
    pub fn feed(&mut self, data: &[u8], complete: bool, keep: usize) {
        self.complete |= complete;
        if keep > 0 {
            self.known.set((self.position(keep), 0));
            self.text.drain(..keep);
            self.at -= keep;
        }
        self.raw.extend_from_slice(data);
        self.decode();
    }

    /// Whether bytes are left at the document's end that are no whole character.
    pub fn has_tail(&self) -> bool {
        self.complete && self.settled && !self.broken && !self.raw.is_empty()
    }

    /// Whether those begin a character; half of what every character takes does not.
    pub fn ends_within_character(&self) -> bool {
        let is_wide = matches!(self.encoding, Some(Encoding::Utf16(_)));
        self.has_tail() && (!is_wide || self.raw.len() > 1)
    }

    /// Whether bytes behind the first piece of markup wait for somebody to settle the encoding.
    pub fn is_waiting(&self) -> bool {
        !self.settled && !self.text.is_empty() && !self.raw.is_empty()
    }

    /// How many bytes wait to become text.
    pub fn undecoded(&self) -> usize {
        self.raw.len()
    }

    /// Settles the encoding; the rest of the document is read by it.
    pub fn settle(&mut self, encoding: Encoding) {
        self.encoding = Some(encoding);
        self.settled = true;
        self.decode();
    }

    /// Finds out the encoding from the first bytes, if they are enough.
    fn detect(&self) -> Option<(Encoding, usize)> {
        Some(match self.raw[..] {
            [0xFE, 0xFF, ..] => (Encoding::Utf16(true), 2),
            [0xFF, 0xFE, ..] => (Encoding::Utf16(false), 2),
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            [0xEF, 0xBB] | [0xEF | 0xFE | 0xFF | 0 | b'<'] if !self.complete => return None,
            [] => return None,
            // Nothing could begin with these alone.
            [0xEF | 0xFE | 0xFF | 0] => (Encoding::Utf16(true), 0),
            [0, _, ..] => (Encoding::Utf16(true), 0),
            [_, 0, ..] => (Encoding::Utf16(false), 0),
            _ => (Encoding::Utf8, 0),
        })
    }

    /// How many of the raw bytes belong to an XML declaration, which alone is read before
    /// the encoding is sure; nothing if that cannot be told yet.
    fn declaration(&self) -> Option<usize> {
        const OPEN: &[u8] = b"<?xml";
        let known = self.raw.len().min(OPEN.len());
        if self.raw[..known] != OPEN[..known] {
            return Some(0);
        }
        match memchr::memmem::find(&self.raw, b"?>") {
            Some(at) => Some(at + 2),
            None if self.complete => Some(0),
            None => None,
        }
    }

    fn decode(&mut self) {
        if self.encoding.is_none() {
            let Some((encoding, mark)) = self.detect() else {
                return;
            };
            self.raw.drain(..mark);
            let (mut place, at) = self.known.get();
            place.index += mark;
            place.column += usize::from(mark > 0);
            self.known.set((place, at));
            self.settled = encoding != Encoding::Utf8 || mark > 0;
            self.encoding = Some(encoding);
        }
        let mut end = self.raw.len();
        if !self.settled {
            match self.declaration() {
                _ if !self.text.is_empty() => return,
                None => return,
                Some(0) => self.settled = true,
                Some(n) => end = n,
            }
        }
        if let Some(encoding) = &self.encoding
            && !self.broken
        {
            let (used, broken) = encoding.decode(&self.raw[..end], &mut self.text);
            self.broken = broken;
            self.raw.drain(..used);
        }
    }

    /// Where the text's byte `at` is in the document, which is not before one asked for earlier.
    pub fn position(&self, at: usize) -> Position {
        let (mut place, from) = self.known.get();
        let at = at.max(from);
        let passed = &self.text[from..at];
        let mut rest = passed;
        // Only the last line's characters matter for the column.
        if let Some(last) = memchr::memrchr2(b'\n', b'\r', passed.as_bytes()) {
            let lines = &passed.as_bytes()[..=last];
            let returns = memchr::memchr_iter(b'\r', lines).count();
            let pairs = memchr::memmem::find_iter(lines, b"\r\n").count();
            place.line += memchr::memchr_iter(b'\n', lines).count() + returns - pairs;
            place.column = 0;
            rest = &passed[last + 1..];
        }
        place.column += rest.chars().count();
        place.index += match &self.encoding {
            None | Some(Encoding::Utf8) => passed.len(),
            Some(encoding) => passed.chars().map(|c| encoding.size(c)).sum(),
        };
        self.known.set((place, at));
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_wait_for_the_encoding_they_tell() {
        let mut input = Input::new(None);
        input.feed(b"<?xm", false, 0);
        assert_eq!(input.text, "");
        input.feed(b"l encoding='latin1'?><a>\xE9", false, 0);
        assert_eq!(input.text, "<?xml encoding='latin1'?>");
        assert!(input.is_waiting());
        input.settle(Encoding::Latin1);
        assert!(input.text.ends_with("<a>\u{E9}"));
    }

    #[test]
    fn broken_and_incomplete_characters_are_told_apart() {
        let mut input = Input::new(Some(Encoding::Utf8));
        input.feed(b"a\xE2\x82", false, 0);
        assert!(!input.broken && input.text == "a");
        input.feed(b"\xAC\xFF", true, 0);
        assert!(input.broken && input.text == "a\u{20AC}");
    }

    #[test]
    fn places_count_bytes_lines_and_columns() {
        let mut input = Input::new(Some(Encoding::Utf16(false)));
        let text: Vec<u8> = "a\r\nb\rc\n\u{E9}d"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        input.feed(&text, true, 0);
        let end = input.position(input.text.len());
        assert_eq!((end.index, end.line, end.column), (18, 3, 2));
    }
}

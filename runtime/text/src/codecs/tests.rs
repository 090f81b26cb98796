//! Values from CPython 3.14.

use super::*;
use crate::buf::{TextBuf, TextRef};

/// Decodes with the handler `replace`, noting the errors.
fn run(
    mut decode: impl FnMut(usize, &mut TextBuf) -> Decoded,
) -> (String, usize, Vec<(usize, usize, &'static str)>) {
    let (mut out, mut errors, mut pos) = (TextBuf::new(), Vec::new(), 0);
    loop {
        match decode(pos, &mut out) {
            Ok(end) => return (out.finish().to_string_lossy(), end, errors),
            Err(e) => {
                errors.push((e.start, e.end, e.reason));
                out.push('?' as u32);
                pos = e.end;
            }
        }
    }
}

#[test]
fn utf8() {
    let d = |input: &[u8], last| run(|pos, out| decode_utf8(input, pos, last, out));
    assert_eq!(d("aé日😀".as_bytes(), true), ("aé日😀".into(), 10, vec![]));
    assert_eq!(
        d(b"a\x80\xc3(\xe2\x82(\xed\xa0\x80\xf5", true),
        (
            "a??(?(????".into(),
            11,
            vec![
                (1, 2, "invalid start byte"),
                (2, 3, "invalid continuation byte"),
                (4, 6, "invalid continuation byte"),
                (7, 8, "invalid continuation byte"),
                (8, 9, "invalid start byte"),
                (9, 10, "invalid start byte"),
                (10, 11, "invalid start byte"),
            ]
        )
    );
    assert_eq!(
        d(b"a\xe2\x82", true),
        ("a?".into(), 3, vec![(1, 3, "unexpected end of data")])
    );
    assert_eq!(d(b"a\xe2\x82", false), ("a".into(), 1, vec![]));
    assert_eq!(d(b"a\xed\xa0", false), ("a".into(), 1, vec![]));
    let mut out = Vec::new();
    assert_eq!(
        encode_utf8(&[0x61u16, 0xD800, 0xDC00, 0x62], 0, &mut out),
        Err(CodecError {
            start: 1,
            end: 3,
            reason: "surrogates not allowed"
        })
    );
    encode_utf8(&[0xD800u32, 0xE9, 0x65E5, 0x1F600], 1, &mut out).unwrap();
    assert_eq!(out, "aé日😀".as_bytes());
}

#[test]
fn utf16_and_32() {
    let d =
        |input: &[u8], last| run(|pos, out| decode_utf16(input, pos, last, Endian::Little, out));
    let mut bytes = Vec::new();
    encode_utf16(&[0x61u32, 0x1F600], 0, Endian::Little, &mut bytes).unwrap();
    assert_eq!(bytes, b"a\0\x3d\xd8\0\xde");
    assert_eq!(d(&bytes, true), ("a😀".into(), 6, vec![]));
    assert_eq!(d(&bytes[..5], false), ("a".into(), 2, vec![]));
    assert_eq!(
        d(&bytes[..5], true),
        ("a?".into(), 5, vec![(2, 5, "unexpected end of data")])
    );
    assert_eq!(
        d(b"a\0b", true),
        ("a?".into(), 3, vec![(2, 3, "truncated data")])
    );
    assert_eq!(
        d(b"\0\xdca\0", true),
        ("?a".into(), 4, vec![(0, 2, "illegal encoding")])
    );
    assert_eq!(
        d(b"\0\xd8a\0", true),
        ("?a".into(), 4, vec![(0, 2, "illegal UTF-16 surrogate")])
    );
    assert_eq!(utf16_mark(b"\xfe\xffx"), Some(Endian::Big));
    assert!(
        encode_utf16(&[0xD800u16, 0xD800], 0, Endian::Big, &mut bytes).is_err_and(|e| e.end == 1)
    );
    let d = |input: &[u8], last| run(|pos, out| decode_utf32(input, pos, last, Endian::Big, out));
    assert_eq!(
        d(b"\0\0\0a\0\0\xd8\0\0\x11\0\0\0", true),
        (
            "a???".into(),
            13,
            vec![
                (
                    4,
                    8,
                    "code point in surrogate code point range(0xd800, 0xe000)"
                ),
                (8, 12, "code point not in range(0x110000)"),
                (12, 13, "truncated data"),
            ]
        )
    );
    assert_eq!(d(b"\0\0\0a\0\0", false), ("a".into(), 4, vec![]));
}

#[test]
fn utf7() {
    let d = |input: &[u8], last| {
        let mut decoder = Utf7Decoder::new();
        run(|pos, out| decoder.decode(input, pos, last, out))
    };
    let text: Vec<u32> = "a+é日-😀b\\~ ".chars().map(u32::from).collect();
    let bytes = encode_utf7(&text);
    assert_eq!(bytes, b"a+-+AOll5Q--+2D3eAA-b+AFwAfg ");
    assert_eq!(
        d(&bytes, true),
        ("a+é日-😀b\\~ ".into(), bytes.len(), vec![])
    );
    assert_eq!(d(b"a+AOk", false), ("a".into(), 1, vec![]));
    assert_eq!(d(b"a+AOk", true), ("aé".into(), 5, vec![]));
    assert_eq!(
        d(b"+AO.", true).2,
        vec![(0, 4, "partial character in shift sequence")]
    );
    assert_eq!(
        d(b"+AOl.", true).2,
        vec![(0, 5, "non-zero padding bits in shift sequence")]
    );
    assert_eq!(
        d(b"+AO", true).2,
        vec![(0, 3, "unterminated shift sequence")]
    );
    assert_eq!(
        d(b"a\xe9+!", true).2,
        vec![
            (1, 2, "unexpected special character"),
            (2, 4, "ill-formed sequence")
        ]
    );
}

#[test]
fn single_bytes() {
    let d = run(|pos, out| decode_ascii(b"a\xff\xfeb", pos, out));
    let reason = "ordinal not in range(128)";
    assert_eq!(d, ("a??b".into(), 4, vec![(1, 2, reason), (2, 3, reason)]));
    let mut out = Vec::new();
    let e = encode_latin1(&[0x61u16, 0x100, 0x101, 0xE9], 0, &mut out).unwrap_err();
    assert_eq!(
        (e.start, e.end, e.reason),
        (1, 3, "ordinal not in range(256)")
    );
    encode_latin1(&[0x61u16, 0x100, 0x101, 0xE9], 3, &mut out).unwrap();
    assert_eq!(out, b"a\xe9");
    assert_eq!(encode_ascii(b"ab\xe9", 0, &mut out).unwrap_err().start, 2);
    let table = TextRef::Ucs2(&[0x61, 0xFFFE, 0x20AC]);
    let d = run(|pos, out| decode_charmap(&[0, 1, 2, 3], pos, table, out));
    let reason = "character maps to <undefined>";
    assert_eq!(d, ("a?€?".into(), 4, vec![(1, 2, reason), (3, 4, reason)]));
    let (map, mut out) = (CharMap::new(table), Vec::new());
    let e = encode_charmap(&[0x20ACu16, 0x61, 0xFFFE, 0x62], 0, &map, &mut out).unwrap_err();
    assert_eq!((e.start, e.end, e.reason, out), (2, 4, reason, vec![2, 0]));
}

#[test]
fn unicode_escapes() {
    let d = |input: &[u8], last| {
        run(|pos, out| decode_unicode_escape(input, pos, last, &mut None, out))
    };
    assert_eq!(
        d(
            b"a\\n\\x41\\u20ac\\U0001f600\\N{BULLET}\\101\\\n\\q\xe9",
            true
        ),
        ("a\nA€😀•A\\qé".into(), 42, vec![])
    );
    for (input, start, end, reason) in [
        (&b"\\"[..], 0, 1, "\\ at end of string"),
        (b"\\x4", 0, 3, "truncated \\xXX escape"),
        (b"\\u12g4", 0, 4, "truncated \\uXXXX escape"),
        (b"\\U00110000", 0, 10, "illegal Unicode character"),
        (b"\\Nx", 0, 2, "malformed \\N character escape"),
        (b"\\N{}", 0, 3, "malformed \\N character escape"),
        (b"\\N{a", 0, 4, "malformed \\N character escape"),
        (b"\\N{nope}", 0, 8, "unknown Unicode character name"),
    ] {
        assert_eq!(d(input, true).2[0], (start, end, reason));
    }
    assert_eq!(d(b"a\\x4", false), ("a".into(), 1, vec![]));
    let mut invalid = None;
    let mut out = TextBuf::new();
    decode_unicode_escape(b"a\\777\\q", 0, true, &mut invalid, &mut out).unwrap();
    assert_eq!(invalid, Some(InvalidEscape::Octal(0o777, 2)));
    let d = |input: &[u8], last| run(|pos, out| decode_raw_unicode_escape(input, pos, last, out));
    assert_eq!(d(b"\\n\\u0041\\", true), ("\\nA\\".into(), 9, vec![]));
    assert_eq!(d(b"\\n\\", false), ("\\n".into(), 2, vec![]));
    assert_eq!(
        d(b"\\U99999999", true).2,
        vec![(0, 10, "\\Uxxxxxxxx out of range")]
    );
    let text = [0x61u32, 0x5C, 0x0A, 0x7F, 0xE9, 0x20AC, 0x1F600];
    assert_eq!(
        encode_unicode_escape(&text),
        b"a\\\\\\n\\x7f\\xe9\\u20ac\\U0001f600"
    );
    assert_eq!(
        encode_raw_unicode_escape(&text),
        b"a\\\n\x7f\xe9\\u20ac\\U0001f600"
    );
}

#[test]
fn bytes_escapes() {
    let d = |input: &[u8]| unescape_bytes(input, None, &mut None);
    assert_eq!(
        d(b"a\\n\\x41\\0\\777\\\n\\u"),
        Ok(b"a\nA\0\xff\\u".to_vec())
    );
    assert_eq!(d(b"ab\\x4"), Err(BytesEscapeError::Hex(2)));
    assert_eq!(d(b"ab\\"), Err(BytesEscapeError::Trailing));
    assert_eq!(
        unescape_bytes(b"\\xz\\x4z", Some(b"?"), &mut None),
        Ok(b"?z?z".to_vec())
    );
}

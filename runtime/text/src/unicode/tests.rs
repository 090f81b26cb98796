//! Compares every property of every code point with CPython, through digests of
//! `scripts/unicode_digests.py`.

use super::{case, names, normalize::*, *};
use crate::{TextBuf, with_units};
use std::fmt::Write;

struct Crc(u32);

impl Crc {
    fn line(&mut self, line: &str) {
        for b in line.bytes().chain([b'\n']) {
            self.0 ^= u32::from(b);
            for _ in 0..8 {
                self.0 = self.0 >> 1 ^ (0xEDB8_8320 & 0u32.wrapping_sub(self.0 & 1));
            }
        }
    }
}

fn digest(lines: impl Iterator<Item = String>) -> u32 {
    let mut crc = Crc(!0);
    lines.for_each(|l| crc.line(&l));
    !crc.0
}

fn all() -> std::ops::Range<u32> {
    0..0x110000
}

fn opt(v: Option<u8>) -> i32 {
    v.map_or(-1, i32::from)
}

fn num(v: Option<f64>) -> String {
    v.map_or("-".to_owned(), crate::float::repr)
}

fn run(f: impl FnOnce(&mut TextBuf)) -> String {
    let mut b = TextBuf::new();
    f(&mut b);
    let mut out = String::new();
    with_units!(b.finish().as_ref(), s => for (i, &u) in s.iter().enumerate() {
        #[allow(clippy::useless_conversion)] // One of the three widths is `u32` already.
        let cp: u32 = u.into();
        write!(out, "{}{cp:x}", if i > 0 { "," } else { "" }).unwrap();
    });
    out
}

#[test]
fn properties() {
    let got = digest(all().map(|c| {
        format!(
            "{c:x} {} {} {} {} {} {} {} {}",
            category(c),
            bidirectional(c),
            combining(c),
            east_asian_width(c),
            u8::from(is_mirrored(c)),
            opt(decimal(c)),
            opt(digit(c)),
            num(numeric(c))
        )
    }));
    assert_eq!(got, 0xddf98e45);
    let got = digest(all().map(|c| {
        format!(
            "{c:x} {} {} {} {} {} {} {} {}",
            v3_2::category(c),
            v3_2::bidirectional(c),
            v3_2::combining(c),
            v3_2::east_asian_width(c),
            u8::from(v3_2::is_mirrored(c)),
            opt(v3_2::decimal(c)),
            opt(v3_2::digit(c)),
            num(v3_2::numeric(c))
        )
    }));
    assert_eq!(got, 0x7a11e89b);
}

#[test]
fn predicates() {
    let got = digest(all().map(|c| {
        [
            is_alpha(c),
            is_decimal(c),
            is_digit(c),
            is_numeric(c),
            is_alnum(c),
            is_space(c),
            is_linebreak(c),
            is_printable(c),
            is_upper(c),
            is_lower(c),
            is_upper(c) || is_title(c),
            c == 0x5F || is_xid_start(c),
            is_xid_continue(c),
        ]
        .map(|b| if b { '1' } else { '0' })
        .iter()
        .collect()
    }));
    assert_eq!(got, 0x7c71b7c5);
}

#[test]
fn letter_case() {
    const SIGMA: u32 = 0x3A3;
    let got = digest(all().map(|c| {
        let s = [0x41, c, SIGMA, 0x20, c, 0x61, SIGMA, c, 0x62];
        let c = [c];
        [
            run(|b| case::upper(&c, b)),
            run(|b| case::lower(&c, b)),
            run(|b| case::title(&c, b)),
            run(|b| case::casefold(&c, b)),
            run(|b| case::swapcase(&c, b)),
            run(|b| case::capitalize(&c, b)),
            run(|b| case::lower(&s, b)),
            run(|b| case::title(&s, b)),
            run(|b| case::swapcase(&s, b)),
            run(|b| case::capitalize(&s, b)),
        ]
        .join(" ")
    }));
    assert_eq!(got, 0xd99946b8);
}

fn forms(s: &[u32], edition: Edition) -> String {
    let all = [Form::Nfc, Form::Nfd, Form::Nfkc, Form::Nfkd];
    let mut words: Vec<String> = all
        .iter()
        .map(|&f| {
            run(|b| {
                if !normalize(s, f, edition, b) {
                    b.push_units(s);
                }
            })
        })
        .collect();
    words.extend(
        all.iter()
            .map(|&f| u8::from(is_normalized(s, f, edition)).to_string()),
    );
    words.join(" ")
}

#[test]
fn normal_forms() {
    assert_eq!(
        digest(all().map(|c| forms(&[c], Edition::Current))),
        0x11356951
    );
    assert_eq!(
        digest(all().map(|c| forms(&[c], Edition::V3_2))),
        0xd6e2c816
    );
    let mut pool: Vec<u32> = all()
        .filter(|&c| combining(c) != 0 || !decomposition(c, Edition::Current).is_empty())
        .collect();
    pool.extend(0x41..0x7B);
    pool.extend((0x1100..0x1200).step_by(7));
    pool.extend((0xAC00..0xD7A4).step_by(97));
    let mut x: u64 = 12345;
    let tangled = (0..100_000).map(|_| {
        let s: Vec<u32> = (0..6)
            .map(|_| {
                x = (x * 1103515245 + 12345) % (1 << 31);
                pool[(x >> 8) as usize % pool.len()]
            })
            .collect();
        forms(&s, Edition::Current)
    });
    assert_eq!(digest(tangled), 0x61feb7c1);
}

#[test]
fn decompositions() {
    assert_eq!(
        digest(all().map(|c| decomposition(c, Edition::Current))),
        0xadf19fbc
    );
    assert_eq!(
        digest(all().map(|c| decomposition(c, Edition::V3_2))),
        0xef6c03ec
    );
}

#[test]
fn character_names() {
    assert_eq!(
        digest(all().map(|c| names::name(c).unwrap_or_default())),
        0x56fbbbef
    );
    for c in all() {
        if let Some(name) = names::name(c) {
            assert_eq!(names::lookup(&name), Some(c), "{name}");
            assert_eq!(names::lookup(&name.to_lowercase()), Some(c), "{name}");
        }
    }
    for wrong in [
        "no such character",
        "latincapitallettera",
        "LATIN CAPITAL LETTER-A",
    ] {
        assert_eq!(names::lookup(wrong), None, "{wrong}");
    }
    assert_eq!(names::lookup("LATIN CAPITAL LETTER GHA"), Some(0x1A2));
    assert_eq!(names::lookup("line feed"), Some(10));
    assert_eq!(names::lookup("keycap digit one"), None);
    assert_eq!(
        run(|b| assert_eq!(names::lookup_sequence("keycap digit one", b), 3)),
        "31,fe0f,20e3"
    );
}

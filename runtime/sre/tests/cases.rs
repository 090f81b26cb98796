//! Runs the cases that `scripts/sre_fixtures.py` had CPython 3.14 compile and
//! match, and compares every span and `lastindex`. Subjects run in each code
//! unit width that can hold them. `SRE_CASES` names another file of cases.

use std::fmt::Write;

use taipan_sre::{CharTables, Cursor, Mode, Program, Scratch, Unit};

fn unicode() -> CharTables {
    CharTables {
        is_alnum: |c| char::from_u32(c).is_some_and(char::is_alphanumeric),
        is_space: |c| {
            char::from_u32(c).is_some_and(|c| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
        },
        is_decimal: |c| (48..58).contains(&c) || (0x660..0x66a).contains(&c),
        is_linebreak: |c| matches!(c, 10..=13 | 28..=30 | 0x85 | 0x2028 | 0x2029),
        lower: |c| {
            char::from_u32(c)
                .and_then(|c| c.to_lowercase().next())
                .map_or(c, u32::from)
        },
        upper: |c| {
            let Some(mut upper) = char::from_u32(c).map(char::to_uppercase) else {
                return c;
            };
            match (upper.next(), upper.next()) {
                (Some(one), None) => u32::from(one),
                _ => c,
            }
        },
    }
}

fn unescape(text: &str) -> Vec<u32> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(hex) = rest.strip_prefix("\\{") {
            let end = hex.find('}').unwrap();
            out.push(u32::from_str_radix(&hex[..end], 16).unwrap());
            rest = &hex[end + 1..];
        } else {
            out.push(u32::from(c));
            rest = &rest[1..];
        }
    }
    out
}

fn show(program: &Program, scratch: &Scratch, out: &mut String) {
    let (start, end) = scratch.span();
    write!(out, "{start}-{end}").unwrap();
    for group in 1..=program.groups() {
        match scratch.group(group) {
            Some((start, end)) => write!(out, ",{start}-{end}").unwrap(),
            None => out.push_str(",-"),
        }
    }
    write!(out, ":{}", scratch.last_index().unwrap_or(0)).unwrap();
}

fn matches<U: Unit>(
    program: &Program,
    scratch: &mut Scratch,
    text: &[U],
    mode: &str,
    start: usize,
    end: usize,
) -> String {
    let mut out = String::new();
    let mut budget = 200;
    let mut check = || {
        budget -= 1;
        budget > 0
    };
    let single = match mode {
        "match" => Some(Mode::Match),
        "full" => Some(Mode::FullMatch),
        "search" => Some(Mode::Search),
        _ => None,
    };
    if let Some(mode) = single {
        if program
            .run(scratch, text, start, end, mode, false, &mut check)
            .expect("too long")
        {
            show(program, scratch, &mut out);
        }
        return out;
    }
    let mut cursor = Cursor::new(start);
    while program
        .run(
            scratch,
            text,
            cursor.pos,
            end,
            Mode::Search,
            cursor.must_advance,
            &mut check,
        )
        .expect("too long")
    {
        if !out.is_empty() {
            out.push(';');
        }
        show(program, scratch, &mut out);
        cursor.advance(scratch);
    }
    out
}

#[test]
fn matches_are_those_of_cpython() {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases.txt");
    let path = std::env::var("SRE_CASES").unwrap_or_else(|_| default.into());
    let cases = std::fs::read_to_string(path).unwrap();
    let mut scratch = Scratch::new();
    let (mut count, mut wrong) = (0, 0);
    for line in cases.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [
            flags,
            pattern,
            groups,
            code,
            mode,
            start,
            end,
            subject,
            expected,
        ] = fields[..]
        else {
            panic!("a line with {} fields: {line}", fields.len());
        };
        let code: Vec<u32> = code.split(' ').map(|word| word.parse().unwrap()).collect();
        let program = Program::compile(&code, groups.parse().unwrap(), unicode())
            .unwrap_or_else(|e| panic!("{e}: {pattern}"));
        let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
        let text = unescape(subject);
        let mut results = vec![matches(&program, &mut scratch, &text, mode, start, end)];
        let narrow: Result<Vec<u16>, _> = text.iter().map(|&c| u16::try_from(c)).collect();
        if let Ok(text) = narrow {
            results.push(matches(&program, &mut scratch, &text, mode, start, end));
        }
        let narrow: Result<Vec<u8>, _> = text.iter().map(|&c| u8::try_from(c)).collect();
        if let Ok(text) = narrow {
            results.push(matches(&program, &mut scratch, &text, mode, start, end));
        }
        count += 1;
        for found in results {
            if found != expected {
                wrong += 1;
                println!(
                    "{pattern} ({flags}) {mode} {start}..{end} of {subject}\n  {found}\n  {expected}"
                );
                break;
            }
        }
    }
    assert!(count >= 300, "only {count} cases");
    assert_eq!(wrong, 0, "of {count} cases");
}

/// Every one-word change of valid code is either refused or runs to an end
/// within bounds.
#[test]
fn malformed_code_is_refused_or_harmless() {
    let cases = include_str!("cases.txt");
    let mut scratch = Scratch::new();
    let mut seen = std::collections::HashSet::new();
    for line in cases.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        if !seen.insert(fields[1]) || fields[3].len() > 600 {
            continue;
        }
        let code: Vec<u32> = fields[3]
            .split(' ')
            .map(|word| word.parse().unwrap())
            .collect();
        let groups = fields[2].parse().unwrap();
        let text = unescape(fields[7]);
        let try_code = |code: &[u32], scratch: &mut Scratch| {
            if let Ok(program) = Program::compile(code, groups, unicode()) {
                let mut budget = 2;
                let _ = program.run(
                    scratch,
                    &text,
                    0,
                    text.len(),
                    Mode::Search,
                    false,
                    &mut || {
                        budget -= 1;
                        budget > 0
                    },
                );
            }
        };
        for cut in 0..code.len() {
            try_code(&code[..cut], &mut scratch);
        }
        for at in 0..code.len() {
            let mut code = code.clone();
            let old = code[at];
            for new in (0..45).chain([
                old.wrapping_sub(1),
                old + (old < u32::MAX) as u32,
                u32::MAX,
                1 << 31,
            ]) {
                code[at] = new;
                try_code(&code, &mut scratch);
            }
        }
    }
}

/// The code of `(?:a|ab)*c`, which the compiler of patterns factors.
const LOOP: [u32; 25] = [
    14,
    4,
    0,
    1,
    u32::MAX,
    23,
    15,
    0,
    u32::MAX,
    16,
    97,
    7,
    3,
    15,
    7,
    5,
    16,
    98,
    15,
    2,
    0,
    18,
    16,
    99,
    1,
];

/// The code of `(?:aa*|a)*b`, which takes exponential time on `aaa...`.
const EXPONENTIAL: [u32; 30] = [
    14,
    4,
    0,
    1,
    u32::MAX,
    23,
    20,
    0,
    u32::MAX,
    16,
    97,
    7,
    10,
    24,
    6,
    0,
    u32::MAX,
    16,
    97,
    1,
    15,
    5,
    3,
    15,
    2,
    0,
    18,
    16,
    98,
    1,
];

#[test]
fn a_million_iterations_use_no_native_stack() {
    let program = Program::compile(&LOOP, 0, CharTables::ascii()).unwrap();
    let mut scratch = Scratch::new();
    for unit in ["a", "ab"] {
        for (tail, expected) in [("", false), ("c", true)] {
            let text = unit.repeat(1_000_000) + tail;
            let text = text.as_bytes();
            let found = program.run(
                &mut scratch,
                text,
                0,
                text.len(),
                Mode::Match,
                false,
                &mut || true,
            );
            assert_eq!(found, Ok(expected));
        }
    }
}

#[test]
fn the_host_can_interrupt_a_long_match() {
    let program = Program::compile(&EXPONENTIAL, 0, CharTables::ascii()).unwrap();
    let mut scratch = Scratch::new();
    let text = [b'a'; 60];
    let mut calls = 0;
    let found = program.run(&mut scratch, &text, 0, 60, Mode::Match, false, &mut || {
        calls += 1;
        calls < 3
    });
    assert_eq!(found, Err(taipan_sre::Interrupted));
    assert_eq!(calls, 3);
}

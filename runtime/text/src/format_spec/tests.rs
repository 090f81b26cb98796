//! Values from CPython 3.14.

use super::*;
use crate::buf::{TextBuf, TextRef};
use crate::int::BigInt;

fn done(r: Result<(), FormatError>, out: TextBuf) -> String {
    match r {
        Ok(()) => out.finish().to_string_lossy(),
        Err(FormatError::Value(m)) => format!("ValueError: {m}"),
        Err(FormatError::Overflow(m)) => format!("OverflowError: {m}"),
        Err(FormatError::Memory) => "MemoryError".into(),
    }
}

fn units(s: &str) -> Vec<u32> {
    s.chars().map(u32::from).collect()
}

fn int(n: i64, spec: &str) -> String {
    let mut out = TextBuf::new();
    let small = format_int(IntRef::Small(n), &units(spec), "int", &mut out);
    let small = done(small, out);
    let (big, mut out) = (BigInt::from(n), TextBuf::new());
    let limbs: Vec<u64> = big.iter_u64_digits().collect();
    let big = IntRef::Big(big.sign() == crate::int::Sign::Minus, &limbs);
    let r = format_int(big, &units(spec), "int", &mut out);
    assert_eq!(done(r, out), small);
    small
}

fn float(x: f64, spec: &str) -> String {
    let mut out = TextBuf::new();
    done(format_float(x, &units(spec), "float", &mut out), out)
}

fn complex(re: f64, im: f64, spec: &str) -> String {
    let mut out = TextBuf::new();
    done(
        format_complex(re, im, &units(spec), "complex", &mut out),
        out,
    )
}

fn text(s: &str, spec: &str) -> String {
    let mut out = TextBuf::new();
    done(
        format_str(TextRef::Ucs4(&units(s)), &units(spec), "str", &mut out),
        out,
    )
}

#[test]
fn integers() {
    for (n, spec, want) in [
        (-42, "", "-42"),
        (1234567, ",", "1,234,567"),
        (1234567, "_x", "12_d687"),
        (1234567, "#_X", "0X12_D687"),
        (-255, "#010x", "-0x00000ff"),
        (1234, "010,", "00,001,234"),
        (1234, "09,", "0,001,234"),
        (5, "+d", "+5"),
        (5, "*^7", "***5***"),
        (5, "\u{e9}<3", "5\u{e9}\u{e9}"),
        (5, "\u{663}", "  5"),
        (65, "c", "A"),
        (65, "5c", "    A"),
        (65, "05c", "0000A"),
        (5, ".2f", "5.00"),
        (5, "%", "500.000000%"),
        (5, "n", "5"),
        (
            5,
            ".3d",
            "ValueError: Precision not allowed in integer format specifier",
        ),
        (
            5,
            "zd",
            "ValueError: Negative zero coercion (z) not allowed in integer format specifier",
        ),
        (
            5,
            "+c",
            "ValueError: Sign not allowed with integer format specifier 'c'",
        ),
        (
            5,
            "#c",
            "ValueError: Alternate form (#) not allowed with integer format specifier 'c'",
        ),
        (-1, "c", "OverflowError: %c arg not in range(0x110000)"),
        (
            5,
            "s",
            "ValueError: Unknown format code 's' for object of type 'int'",
        ),
        (
            5,
            "\u{e9}",
            "ValueError: Unknown format code '\\xe9' for object of type 'int'",
        ),
        (5, ",x", "ValueError: Cannot specify ',' with 'x'."),
        (5, ",_", "ValueError: Cannot specify both ',' and '_'."),
        (5, "_,", "ValueError: Cannot specify both ',' and '_'."),
        (
            5,
            "dd",
            "ValueError: Invalid format specifier 'dd' for object of type 'int'",
        ),
        (5, ".", "ValueError: Format specifier missing precision"),
        (
            5,
            "99999999999999999999",
            "ValueError: Too many decimal digits in format string",
        ),
    ] {
        assert_eq!(int(n, spec), want, "{spec:?}");
    }
}

#[test]
fn floats() {
    for (x, spec, want) in [
        (3.0, "5", "  3.0"),
        (3.0, ".0", "3e+00"),
        (1e16, ".17", "1e+16"),
        (1234567.891, ",.2f", "1,234,567.89"),
        (1234567.891, "015,.2f", "0,001,234,567.89"),
        (1.123456789, "._f", "1.123_457"),
        (1.123456789, ".9,f", "1.123,456,789"),
        (1234.1234567, "_.7,f", "1_234.123,456,7"),
        (-0.0, "z.1f", "0.0"),
        (-0.04, "+z.1f", "+0.0"),
        (f64::NAN, "010", "0000000nan"),
        (f64::INFINITY, "+,F", "+INF"),
        (0.5, ".0%", "50%"),
        (-1.5, "=10", "-      1.5"),
        (1e100, "g", "1e+100"),
        (1e5, "#.3g", "1.00e+05"),
        (
            1.0,
            "d",
            "ValueError: Unknown format code 'd' for object of type 'float'",
        ),
        (1.0, ",n", "ValueError: Cannot specify ',' with 'n'."),
        (1.0, ".,n", "ValueError: Cannot specify ',' with 'n'."),
    ] {
        assert_eq!(float(x, spec), want, "{spec:?}");
    }
}

#[test]
fn complexes() {
    for (re, im, spec, want) in [
        (1.0, 2.0, "", "(1+2j)"),
        (0.0, 2.0, "+8", "     +2j"),
        (1.5, -2.0, ".2f", "1.50-2.00j"),
        (1.5, 2.0, "<12", "(1.5+2j)    "),
        (1e6, 1e6, ",.1f", "1,000,000.0+1,000,000.0j"),
        (
            1.0,
            1.0,
            "05",
            "ValueError: Zero padding is not allowed in complex format specifier",
        ),
        (
            1.0,
            1.0,
            "=5",
            "ValueError: '=' alignment flag is not allowed in complex format specifier",
        ),
        (
            1.0,
            1.0,
            "%",
            "ValueError: Unknown format code '%' for object of type 'complex'",
        ),
    ] {
        assert_eq!(complex(re, im, spec), want, "{spec:?}");
    }
}

#[test]
fn strings() {
    for (s, spec, want) in [
        ("abc", "5", "abc  "),
        ("abc", "05", "abc00"),
        ("abc", "^6.2", "  ab  "),
        (
            "abc",
            ">\u{1f600}",
            "ValueError: Unknown format code '\\x1f600' for object of type 'str'",
        ),
        (
            "abc",
            "+",
            "ValueError: Sign not allowed in string format specifier",
        ),
        (
            "abc",
            " ",
            "ValueError: Space not allowed in string format specifier",
        ),
        (
            "abc",
            "=5",
            "ValueError: '=' alignment not allowed in string format specifier",
        ),
        (
            "abc",
            "#",
            "ValueError: Alternate form (#) not allowed in string format specifier",
        ),
        ("abc", ",", "ValueError: Cannot specify ',' with 's'."),
        (
            "abc",
            "d",
            "ValueError: Unknown format code 'd' for object of type 'str'",
        ),
    ] {
        assert_eq!(text(s, spec), want, "{spec:?}");
    }
}

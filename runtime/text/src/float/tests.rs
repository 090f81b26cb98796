//! Values from CPython 3.14.

use super::*;

fn fmt(x: f64, code: char, precision: usize) -> String {
    let kind = match code.to_ascii_lowercase() {
        'e' => Kind::Exp,
        'f' => Kind::Fixed,
        'g' => Kind::General,
        _ => Kind::Repr,
    };
    format(
        x,
        kind,
        precision,
        Flags {
            upper: code.is_uppercase(),
            ..Flags::default()
        },
    )
}

#[test]
fn representations() {
    for (x, want) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (123456789012345680.0, "1.2345678901234568e+17"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740993.0, "9007199254740992.0"),
        (2f64.powi(-44), "5.684341886080802e-14"),
        (1e23, "1e+23"),
        (9.5e22, "9.5e+22"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "nan"),
        (-f64::NAN, "nan"),
    ] {
        assert_eq!(repr(x), want);
    }
    assert_eq!(complex_repr(0.0, 1.0), "1j");
    assert_eq!(complex_repr(-0.0, 1.0), "(-0+1j)");
    assert_eq!(complex_repr(1.5, -0.0), "(1.5-0j)");
    assert_eq!(complex_repr(1e16, f64::NAN), "(1e+16+nanj)");
}

#[test]
fn conversions() {
    for (x, code, precision, want) in [
        (2.5, 'f', 0, "2"),
        (3.5, 'f', 0, "4"),
        (0.5, 'f', 0, "0"),
        (0.25, 'f', 1, "0.2"),
        (0.125, 'e', 1, "1.2e-01"),
        (1234.5678, 'e', 3, "1.235e+03"),
        (1e100, 'E', 2, "1.00E+100"),
        (123456.0, 'g', 6, "123456"),
        (1234567.0, 'g', 6, "1.23457e+06"),
        (0.0001, 'g', 6, "0.0001"),
        (0.00001, 'G', 6, "1E-05"),
        (100.0, 'g', 0, "1e+02"),
        (1e22, 'f', 3, "10000000000000000000000.000"),
        (0.1, 'f', 20, "0.10000000000000000555"),
        (9.999, 'f', 2, "10.00"),
        (f64::NAN, 'F', 2, "NAN"),
        (0.0, 'e', 0, "0e+00"),
    ] {
        assert_eq!(fmt(x, code, precision), want, "{x} {code} {precision}");
    }
    let alt = Flags {
        alternate: true,
        ..Flags::default()
    };
    assert_eq!(format(1.0, Kind::General, 6, alt), "1.00000");
    assert_eq!(format(1.0, Kind::Fixed, 0, alt), "1.");
    assert_eq!(format(1e20, Kind::Exp, 0, alt), "1.e+20");
    assert_eq!(fmt(5e-324, 'f', 1200).len(), 1202);
    let z = Flags {
        no_negative_zero: true,
        plus: true,
        ..Flags::default()
    };
    assert_eq!(format(-0.001, Kind::Fixed, 2, z), "+0.00");
    assert_eq!(format(-0.01, Kind::Fixed, 2, z), "-0.01");
}

#[test]
fn parsing() {
    let p = |s: &str| parse_ascii(s.as_bytes());
    assert_eq!(p(" 1_000.5e1_0\n"), Some(1000.5e10));
    assert_eq!(p("\x0b5."), Some(5.0));
    assert_eq!(p(".5"), Some(0.5));
    assert_eq!(p("-INFinity"), Some(f64::NEG_INFINITY));
    assert_eq!(p("1e400"), Some(f64::INFINITY));
    assert!(p("nan").unwrap().is_nan());
    for bad in [
        "", ".", "1_", "_1", "1__0", "1_.5", "1._5", "1e_5", "0x10", "1e", "e5", "+ 1", "in",
        "\x1c1",
    ] {
        assert_eq!(p(bad), None, "{bad:?}");
    }
    assert_eq!(parse(&[0x3000u32, 0x661, 0x2E, 0x1D7D9, 0xA0]), Some(1.1));
    assert_eq!(parse(&[0x31u16, 0xD800]), None);
}

#[test]
fn complex_parsing() {
    let p = |s: &str| parse_complex(s.as_bytes());
    assert_eq!(p(" ( 1e-5-2.5E+3j ) "), Ok((1e-5, -2500.0)));
    assert_eq!(p("1_+2j"), Err(ComplexError::Underscore));
    assert_eq!(p("j"), Ok((0.0, 1.0)));
    assert_eq!(p("-J"), Ok((0.0, -1.0)));
    assert_eq!(p("1+j"), Ok((1.0, 1.0)));
    assert_eq!(p("1_0.5"), Ok((10.5, 0.0)));
    assert_eq!(p("inf-infj"), Ok((f64::INFINITY, f64::NEG_INFINITY)));
    assert_eq!(p("1e5j"), Ok((0.0, 1e5)));
    for bad in [
        "", "1 + 2j", "1+2", "1j+2", "(1", "1)", "1e+j", "--1j", "1+-2j", "(())", "jj",
    ] {
        assert_eq!(p(bad), Err(ComplexError::Malformed), "{bad:?}");
    }
}

#[test]
fn hexadecimal() {
    for (x, s) in [
        (0.0, "0x0.0p+0"),
        (-0.0, "-0x0.0p+0"),
        (1.5, "0x1.8000000000000p+0"),
        (-3.25, "-0x1.a000000000000p+1"),
        (5e-324, "0x0.0000000000001p-1022"),
        (f64::MAX, "0x1.fffffffffffffp+1023"),
        (f64::INFINITY, "inf"),
    ] {
        assert_eq!(to_hex(x), s);
        assert_eq!(from_hex(s.as_bytes()).map(f64::to_bits), Ok(x.to_bits()));
    }
    let p = |s: &str| from_hex(s.as_bytes());
    assert_eq!(p(" a.8P-1 "), Ok(5.25));
    assert_eq!(p("0x.8"), Ok(0.5));
    assert_eq!(p("0x1.00000000000008p0"), Ok(1.0));
    assert_eq!(p("0x1.000000000000080000000001p0"), Ok(1.0 + f64::EPSILON));
    assert_eq!(p("0x1.00000000000018p0"), Ok(1.0 + 2.0 * f64::EPSILON));
    assert_eq!(p("0x1p-1075"), Ok(0.0));
    assert_eq!(p("0x1.8p-1075"), Ok(5e-324));
    assert_eq!(p("0x1.fffffffffffff7p1023"), Ok(f64::MAX));
    assert_eq!(p("0x1.fffffffffffff8p1023"), Err(HexError::TooLarge));
    assert_eq!(p("0x1p1024"), Err(HexError::TooLarge));
    assert_eq!(p("0x.fffffffffffffp-1022"), Ok(2.225073858507201e-308));
    for bad in [
        "", "0x", "0x.", "1p", "0x1p+", "0x1..0", "0x1g", "+-1", "1 2",
    ] {
        assert_eq!(p(bad), Err(HexError::Malformed), "{bad:?}");
    }
}

#[test]
fn rounding() {
    for (x, n, want) in [
        (2.675, 2, 2.67),
        (0.5, 0, 0.0),
        (1.5, 0, 2.0),
        (25.0, -1, 20.0),
        (35.0, -1, 40.0),
        (25.1, -1, 30.0),
        (5.0, -1, 0.0),
        (5.1, -1, 10.0),
        (50.0, -2, 0.0),
        (995.0, -1, 1000.0),
        (49.0, -3, 0.0),
        (1e22, -22, 1e22),
        (1.25, 1, 1.2),
        (123.456, 400, 123.456),
        (1e300, -400, 0.0),
    ] {
        assert_eq!(round(x, n), Some(want), "{x} {n}");
        assert_eq!(
            round(-x, n).map(f64::to_bits),
            Some((-want).to_bits()),
            "-{x} {n}"
        );
    }
    assert_eq!(round(f64::MAX, -308), None);
}

#[test]
fn parts_of_a_float() {
    assert_eq!(odd_parts(0.75), (3, -2));
    assert_eq!(odd_parts(-10.0), (-5, 1));
    assert_eq!(odd_parts(5e-324), (1, -1074));
}

//! Values from CPython 3.14.

use super::*;

fn big(s: &str) -> BigInt {
    match parse_ascii(s.as_bytes(), 0, 0).unwrap() {
        Parsed::Small(n) => n.into(),
        Parsed::Big(n) => n,
    }
}

fn parts(x: &BigInt) -> (bool, Vec<u64>) {
    (x.is_negative(), x.iter_u64_digits().collect())
}

fn to_text(x: &BigInt, base: u32) -> String {
    let (negative, limbs) = parts(x);
    limbs_to_text(negative, &limbs, base)
}

fn to_bytes(x: &BigInt, len: usize, endian: Endian, signed: bool) -> Result<Vec<u8>, BytesError> {
    let (negative, limbs) = parts(x);
    limbs_to_bytes((negative, &limbs), len, endian, signed)
}

#[test]
fn parsing() {
    let p = |s: &str, base| parse_ascii(s.as_bytes(), base, 4300);
    assert_eq!(p(" -1_000\n", 10), Ok(Parsed::Small(-1000)));
    assert_eq!(p("0x_ff", 0), Ok(Parsed::Small(255)));
    assert_eq!(p("0XfF", 16), Ok(Parsed::Small(255)));
    assert_eq!(p("0b1", 16), Ok(Parsed::Small(0xB1)));
    assert_eq!(p("0o17", 8), Ok(Parsed::Small(15)));
    assert_eq!(p("z", 36), Ok(Parsed::Small(35)));
    assert_eq!(p("00_0", 0), Ok(Parsed::Small(0)));
    assert_eq!(p("010", 10), Ok(Parsed::Small(10)));
    assert_eq!(p("-9223372036854775808", 10), Ok(Parsed::Small(i64::MIN)));
    assert_eq!(
        p("9223372036854775808", 10),
        Ok(Parsed::Big(BigInt::from(1u64 << 63)))
    );
    for (bad, base) in [
        ("", 10),
        ("-", 10),
        ("1_", 10),
        ("_1", 10),
        ("1__0", 10),
        ("- 1", 10),
        ("0x", 16),
        ("0x__1", 16),
        ("010", 0),
        ("8", 8),
        ("0b2", 0),
        ("1 0", 10),
        ("0x1", 10),
        ("_", 0),
    ] {
        assert_eq!(p(bad, base), Err(ParseError::Malformed), "{bad:?}");
    }
    assert_eq!(
        p(&"1".repeat(4301), 10),
        Err(ParseError::TooManyDigits(4301))
    );
    assert!(p(&"1".repeat(4301), 16).is_ok());
    assert_eq!(parse(&[0x661u32, 0x662], 10, 0), Ok(Parsed::Small(12)));
}

#[test]
fn text() {
    let x = big("-0x123456789abcdef0123456789abcdef");
    assert_eq!(to_text(&x, 10), "-1512366075204170929049582354406559215");
    assert_eq!(to_text(&x, 16), "-123456789abcdef0123456789abcdef");
    assert_eq!(to_text(&x, 2).len(), 122);
    assert_eq!(to_text(&big("0"), 10), "0");
}

#[test]
fn arithmetic() {
    let (a, b) = (
        big("-100000000000000000000000000000"),
        big("30000000000000000007"),
    );
    assert_eq!(to_text(&floor_div(&a, &b).unwrap(), 10), "-3333333334");
    assert_eq!(
        to_text(&floor_mod(&a, &b).unwrap(), 10),
        "20000000023333333338"
    );
    assert_eq!(floor_mod(&a, &BigInt::ZERO), None);
    assert_eq!(shr(&a, 90), big("-81"));
    assert_eq!(
        &a & big("0xffffffffffffffffffff"),
        big("1134872702510702520172544")
    );
    assert_eq!(bit_length(&a), 97);
    assert_eq!(
        isqrt(&big("1000000000000000000000000000000000001")),
        Some(big("1000000000000000000"))
    );
    assert_eq!(isqrt(&a), None);
    assert_eq!(mod_pow(&big("3"), &big("-1"), &big("-7")), Ok(big("-2")));
    assert_eq!(mod_pow(&big("38"), &big("-1"), &big("97")), Ok(big("23")));
    assert_eq!(
        mod_pow(&big("2"), &big("-1"), &big("4")),
        Err(ModPowError::NotInvertible)
    );
    assert_eq!(mod_pow(&big("0"), &big("-1"), &big("1")), Ok(big("0")));
    assert_eq!(
        mod_pow(&big("2"), &big("3"), &big("0")),
        Err(ModPowError::ZeroModulus)
    );
    assert_eq!(mod_pow(&big("-2"), &big("0"), &big("-1")), Ok(big("0")));
    assert_eq!(pow(&big("-1"), 1 << 40), Some(big("1")));
    assert_eq!(pow(&big("2"), 1 << 40), None);
    assert_eq!(pow(&big("0"), 0), Some(big("1")));
    assert_eq!(shl(&big("1"), 1 << 60), None);
    assert_eq!(factorial(25), big("15511210043330985984000000"));
    assert_eq!(factorial(0), big("1"));
}

#[test]
fn divisors() {
    let f = pow(&big("12345678901234567891"), 9).unwrap();
    let (a, b) = (
        &f * pow(&big("7"), 200).unwrap(),
        &f * pow(&big("11"), 150).unwrap(),
    );
    assert_eq!(gcd(&a, &-&b), f);
    assert_eq!(gcd(&big("0"), &-&a), a);
    assert_eq!(gcd(&big("-12"), &big("18")), big("6"));
    assert_eq!(gcd(&big("0"), &big("0")), big("0"));
    assert_eq!(lcm(&big("-4"), &big("6")), big("12"));
    // Consecutive Fibonacci numbers take the most division steps.
    let (mut x, mut y) = (big("0"), big("1"));
    for _ in 0..2000 {
        (x, y) = (y.clone(), x + y);
        assert_eq!(gcd(&x, &y), big("1"));
    }
}

#[test]
fn floats() {
    assert_eq!(to_f64(&big("9007199254740993")), Some(9007199254740992.0));
    assert_eq!(to_f64(&big("9007199254740995")), Some(9007199254740996.0));
    assert_eq!(
        to_f64(&((big("9007199254740993") << 100) + 1)),
        Some(1.1417981541647682e46)
    );
    assert_eq!(to_f64(&(big("-1") << 1024)), None);
    assert_eq!(
        to_f64(&((big("1") << 1024) - (big("1") << 970) - 1)),
        Some(f64::MAX)
    );
    assert_eq!(to_f64(&((big("1") << 1024) - (big("1") << 970))), None);
    assert_eq!(
        from_f64(-1e30),
        Some(big("-1000000000000000019884624838656"))
    );
    assert_eq!(from_f64(-1.9), Some(big("-1")));
    assert_eq!(from_f64(f64::NAN), None);
    let x = big("9007199254740993");
    assert_eq!(
        cmp_f64(&x, 9007199254740992.0),
        Some(std::cmp::Ordering::Greater)
    );
    assert_eq!(cmp_f64(&big("-3"), -3.5), Some(std::cmp::Ordering::Greater));
    assert_eq!(
        cmp_f64(&big("3"), f64::INFINITY),
        Some(std::cmp::Ordering::Less)
    );
    assert_eq!(cmp_f64(&big("3"), f64::NAN), None);
    assert_eq!(true_div(&big("1"), &big("3")), Some(1.0 / 3.0));
    assert_eq!(true_div(&big("-7"), &big("2")), Some(-3.5));
    assert_eq!(
        true_div(&(big("1") << 2000), &(big("3") << 1990)),
        Some(1024.0 / 3.0)
    );
    assert_eq!(true_div(&(big("1") << 2000), &big("3")), None);
    assert_eq!(true_div(&big("1"), &(big("1") << 1074)), Some(5e-324));
    assert_eq!(true_div(&big("1"), &(big("1") << 1075)), Some(0.0));
    assert_eq!(true_div(&big("3"), &(big("1") << 1076)), Some(5e-324));
    assert_eq!(
        true_div(&big("-1"), &(big("1") << 9000)).map(f64::to_bits),
        Some(1 << 63)
    );
    assert_eq!(
        true_div(&big("9007199254740993"), &big("1")),
        Some(9007199254740992.0)
    );
}

#[test]
fn bytes() {
    let x = big("-129");
    assert_eq!(to_bytes(&x, 2, Endian::Big, true), Ok(vec![0xFF, 0x7F]));
    assert_eq!(to_bytes(&x, 1, Endian::Big, true), Err(BytesError::TooBig));
    assert_eq!(
        to_bytes(&x, 4, Endian::Big, false),
        Err(BytesError::Negative)
    );
    assert_eq!(
        to_bytes(&big("-128"), 1, Endian::Little, true),
        Ok(vec![0x80])
    );
    assert_eq!(to_bytes(&big("0"), 0, Endian::Little, false), Ok(vec![]));
    assert_eq!(
        to_bytes(&big("258"), 3, Endian::Little, false),
        Ok(vec![2, 1, 0])
    );
    assert_eq!(
        to_bytes(&big("128"), 1, Endian::Little, true),
        Err(BytesError::TooBig)
    );
    assert_eq!(from_bytes(&[0xFF, 0x7F], Endian::Big, true), x);
    assert_eq!(from_bytes(&[1, 0, 0], Endian::Little, false), big("1"));
    assert_eq!(from_bytes(&[], Endian::Little, true), big("0"));
}

#[test]
fn rounding() {
    for (x, places, want) in [
        ("15", 1, "20"),
        ("25", 1, "20"),
        ("-25", 1, "-20"),
        ("-35", 1, "-40"),
        ("26", 1, "30"),
        ("4", 1, "0"),
        ("7", 9, "0"),
    ] {
        assert_eq!(rounded_to_power(&big(x), places), big(want));
    }
}

#[test]
fn decimal_text_of_any_length() {
    let mut x = BigInt::from(1);
    for i in 0..400 {
        for x in [&x - 1, x.clone(), -&x, &x * 7 + 3] {
            let text = x.to_str_radix(10);
            assert_eq!(to_text(&x, 10), text);
            let read = match parse_ascii(text.as_bytes(), 10, 0) {
                Ok(Parsed::Small(i)) => BigInt::from(i),
                Ok(Parsed::Big(big)) => big,
                Err(error) => panic!("{text}: {error:?}"),
            };
            assert_eq!(read, x);
        }
        x *= if i % 2 == 0 { 10_i64 } else { 1_000_003 };
    }
}

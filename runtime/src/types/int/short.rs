//! Integers of up to 128 bits beside their sign, in registers: words of 64 bits and their
//! products, which is what most programs mean by large numbers.

use crate::value::{INT_MAX, Value};
use taipan_bytecode::opcode::BinaryOp;

/// A sign and a magnitude; zero is not negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Short {
    pub negative: bool,
    pub magnitude: u128,
}

impl From<i64> for Short {
    #[inline(always)]
    fn from(i: i64) -> Short {
        Short::new(i < 0, i.unsigned_abs().into())
    }
}

impl Short {
    #[inline(always)]
    pub fn new(negative: bool, magnitude: u128) -> Short {
        Short {
            negative,
            magnitude,
        }
    }

    /// The value, if it fits.
    #[inline(always)]
    pub fn to_i128(self) -> Option<i128> {
        let i = i128::try_from(self.magnitude).ok()?;
        Some(if self.negative { -i } else { i })
    }

    fn from_i128(i: i128) -> Short {
        Short::new(i < 0, i.unsigned_abs())
    }

    /// As an immediate value, if it is one.
    #[inline(always)]
    pub fn to_immediate(self) -> Option<Value> {
        // One more fits below zero than above.
        if self.magnitude > INT_MAX as u128 + u128::from(self.negative) {
            return None;
        }
        let i = self.magnitude as i64;
        Some(Value::small_int(if self.negative { -i } else { i }))
    }

    fn negated(self) -> Short {
        Short::new(!self.negative && self.magnitude != 0, self.magnitude)
    }

    #[inline(always)]
    fn add(self, other: Short) -> Option<Short> {
        let (x, y) = (self.magnitude, other.magnitude);
        if self.negative == other.negative {
            return Some(Short::new(self.negative, x.checked_add(y)?));
        }
        Some(if x >= y {
            Short::new(self.negative && x != y, x - y)
        } else {
            Short::new(other.negative, y - x)
        })
    }

    #[inline(always)]
    fn multiply(self, other: Short) -> Option<Short> {
        let (x, y) = (self.magnitude, other.magnitude);
        let product = match (u64::try_from(x), u64::try_from(y)) {
            (Ok(x), Ok(y)) => u128::from(x) * u128::from(y),
            // So many leading zeros say that no bit is lost.
            _ if x.leading_zeros() + y.leading_zeros() >= 128 => x.wrapping_mul(y),
            _ => return None,
        };
        Some(Short::new(
            self.negative != other.negative && product != 0,
            product,
        ))
    }

    /// `(self // other, self % other)`, for a divisor that is not zero.
    #[inline(always)]
    fn divide(self, other: Short) -> (Short, Short) {
        let (x, y) = (self.magnitude, other.magnitude);
        let (mut quotient, mut rest): (u128, u128) = match (u64::try_from(x), u64::try_from(y)) {
            (Ok(x), Ok(y)) => ((x / y).into(), (x % y).into()),
            _ => (x / y, x % y),
        };
        let opposite = self.negative != other.negative;
        if opposite && rest != 0 {
            // At most half of the largest dividend if the divisor is not one, and then no rest.
            quotient += 1;
            rest = y - rest;
        }
        (
            Short::new(opposite && quotient != 0, quotient),
            Short::new(other.negative && rest != 0, rest),
        )
    }

    /// `self >> by`, rounded towards minus infinity.
    #[inline(always)]
    fn shift_right(self, by: u128) -> Short {
        let by = u32::try_from(by).unwrap_or(u32::MAX);
        if self.negative {
            let below = (self.magnitude - 1).checked_shr(by).unwrap_or(0);
            return Short::new(true, below + 1);
        }
        Short::new(false, self.magnitude.checked_shr(by).unwrap_or(0))
    }

    fn shift_left(self, by: u128) -> Option<Short> {
        let fits = by <= self.magnitude.leading_zeros().into() && by < 128;
        fits.then(|| Short::new(self.negative, self.magnitude << by))
    }

    #[inline(always)]
    fn bits(
        self,
        other: Short,
        positive: fn(u128, u128) -> u128,
        signed: fn(i128, i128) -> i128,
    ) -> Option<Short> {
        if self.negative || other.negative {
            return Some(Short::from_i128(signed(self.to_i128()?, other.to_i128()?)));
        }
        Some(Short::new(false, positive(self.magnitude, other.magnitude)))
    }

    fn power(self, exponent: Short) -> Option<Short> {
        let e = u32::try_from(exponent.magnitude).ok()?;
        // With so many bits the power is at least 2**128.
        let bits = 128 - self.magnitude.leading_zeros();
        if bits.saturating_sub(1).saturating_mul(e) >= 128 {
            return None;
        }
        let magnitude = self.magnitude.checked_pow(e)?;
        Some(Short::new(self.negative && e % 2 == 1, magnitude))
    }

    /// `self op other`; `None` for what does not fit, has no result, or is no integer.
    #[inline(always)]
    pub fn binary(self, op: BinaryOp, other: Short) -> Option<Short> {
        match op {
            BinaryOp::Add => self.add(other),
            BinaryOp::Subtract => self.add(other.negated()),
            BinaryOp::Multiply => self.multiply(other),
            BinaryOp::And => self.bits(other, |x, y| x & y, |x, y| x & y),
            BinaryOp::Or => self.bits(other, |x, y| x | y, |x, y| x | y),
            BinaryOp::Xor => self.bits(other, |x, y| x ^ y, |x, y| x ^ y),
            _ if matches!(op, BinaryOp::FloorDivide | BinaryOp::Remainder) => {
                if other.magnitude == 0 {
                    return None;
                }
                let (quotient, rest) = self.divide(other);
                Some(if op == BinaryOp::Remainder {
                    rest
                } else {
                    quotient
                })
            }
            _ if other.negative => None,
            BinaryOp::LShift => self.shift_left(other.magnitude),
            BinaryOp::RShift => Some(self.shift_right(other.magnitude)),
            BinaryOp::Power => self.power(other),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BinaryOp, Short};
    use taipan_text::int::{self, BigInt};

    fn big(x: Short) -> BigInt {
        let magnitude = BigInt::from(x.magnitude);
        if x.negative { -magnitude } else { magnitude }
    }

    #[test]
    fn every_operator_against_the_library() {
        let edges = [
            0u128,
            1,
            2,
            3,
            10,
            63,
            64,
            127,
            128,
            1 << 49,
            1 << 63,
            1 << 64,
            1 << 127,
        ];
        let near = edges.iter().flat_map(|e| [e.saturating_sub(1), *e, e + 1]);
        let magnitudes: Vec<u128> = near.chain([u128::MAX, 0x1234_5678_9ABC_DEF0]).collect();
        let numbers: Vec<Short> = magnitudes
            .iter()
            .flat_map(|m| [Short::new(false, *m), Short::new(*m != 0, *m)])
            .collect();
        for x in &numbers {
            for y in &numbers {
                let (a, b) = (big(*x), big(*y));
                let short = u64::try_from(y.magnitude)
                    .ok()
                    .filter(|n| !y.negative && *n < 1000);
                let checks = [
                    (BinaryOp::Add, Some(&a + &b)),
                    (BinaryOp::Subtract, Some(&a - &b)),
                    (BinaryOp::Multiply, Some(&a * &b)),
                    (BinaryOp::And, Some(&a & &b)),
                    (BinaryOp::Or, Some(&a | &b)),
                    (BinaryOp::Xor, Some(&a ^ &b)),
                    (BinaryOp::FloorDivide, int::floor_div(&a, &b)),
                    (BinaryOp::Remainder, int::floor_mod(&a, &b)),
                    (BinaryOp::LShift, short.and_then(|n| int::shl(&a, n))),
                    (BinaryOp::RShift, short.map(|n| int::shr(&a, n))),
                    (BinaryOp::Power, short.and_then(|n| int::pow(&a, n))),
                ];
                for (op, want) in checks {
                    let got = x.binary(op, *y);
                    if let Some(got) = got {
                        assert!(got.magnitude != 0 || !got.negative);
                    }
                    match want {
                        // What fits has to be found, but for a sign and the widest masks, and
                        // for zero shifted far.
                        Some(want) => {
                            assert!(got.is_none_or(|got| big(got) == want), "{x:?} {op:?} {y:?}");
                            assert!(
                                got.is_some()
                                    || want.magnitude().bits() > 127
                                    || a.bits().max(b.bits()) > 127
                                    || op == BinaryOp::LShift && y.magnitude > 127,
                                "{x:?} {op:?} {y:?}"
                            );
                        }
                        None if op == BinaryOp::RShift => {}
                        None => assert_eq!(got.filter(|_| y.magnitude == 0), None),
                    }
                }
            }
        }
    }
}

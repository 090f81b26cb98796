//! Arithmetic of integers beyond the immediate range.

use super::{BigRef, IntRef};
use crate::ops::arith::BinaryOp;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use taipan_text::int::limbs::{self, BitOp};
use taipan_text::int::{self, Endian, ModPowError};

/// Size in bits from which results count as too large for memory.
const MAX_BITS: u64 = 1 << 36;

impl Vm {
    /// Arithmetic of integers that may have any size; `a` and `b` are the values that `x` and `y`
    /// came from.
    #[inline(never)]
    pub(crate) fn int_binary_big(
        &self,
        op: BinaryOp,
        x: IntRef,
        y: IntRef,
        a: Value,
        b: Value,
    ) -> Result {
        if let (Some(x), Some(y)) = (x.to_short(), y.to_short())
            && let Some(result) = x.binary(op, y)
        {
            return Ok(self.new_short(result));
        }
        let (mut room_x, mut room_y) = (0, 0);
        let (p, q) = (x.parts(&mut room_x), y.parts(&mut room_y));
        match op {
            BinaryOp::Add => self.int_sum(p, q),
            BinaryOp::Subtract => self.int_sum(p, (!q.0, q.1)),
            BinaryOp::Multiply => self.int_product(p, q),
            BinaryOp::FloorDivide | BinaryOp::Remainder if q.1.is_empty() => {
                Err(self.zero_division_error("division by zero"))
            }
            BinaryOp::FloorDivide => divided(p, q, |whole, _| self.int_from_limbs(whole)),
            BinaryOp::Remainder => divided(p, q, |_, left| self.int_from_limbs(left)),
            BinaryOp::And => self.int_bits(BitOp::And, p, q),
            BinaryOp::Or => self.int_bits(BitOp::Or, p, q),
            BinaryOp::Xor => self.int_bits(BitOp::Xor, p, q),
            BinaryOp::LShift | BinaryOp::RShift if q.0 => {
                Err(self.value_error("negative shift count"))
            }
            BinaryOp::LShift => self.int_shift_left(p, y),
            BinaryOp::RShift => {
                let by = match y {
                    IntRef::Small(n) => n as u64,
                    IntRef::Big(_) => u64::MAX,
                };
                self.int_built(limbs::shr_len(p.1, by), |out| {
                    (p.0, limbs::shr(p.0, p.1, by, out))
                })
            }
            BinaryOp::TrueDivide if q.1.is_empty() => {
                Err(self.zero_division_error("division by zero"))
            }
            BinaryOp::TrueDivide => match int::true_div(&x.to_big(), &y.to_big()) {
                Some(f) => Ok(Value::float(f)),
                None => Err(self.overflow_error("integer division result too large for a float")),
            },
            BinaryOp::Power => self.int_power(x, y),
            _ => self.binary_protocol(op, a, b),
        }
    }

    /// As [`Vm::build_int`], with a MemoryError.
    #[inline]
    fn int_built(&self, room: usize, fill: impl FnOnce(&mut [u64]) -> (bool, usize)) -> Result {
        self.build_int(room, fill)
            .ok_or_else(|| self.memory_error())
    }

    /// An integer with these parts.
    pub fn int_from_limbs(&self, (negative, limbs): (bool, &[u64])) -> Result {
        self.int_built(limbs.len(), |out| {
            out.copy_from_slice(limbs);
            (negative, limbs.len())
        })
    }

    fn int_sum(&self, a: (bool, &[u64]), b: (bool, &[u64])) -> Result {
        self.int_built(a.1.len().max(b.1.len()) + 1, |out| {
            limbs::add_signed(a, b, out)
        })
    }

    fn int_product(&self, a: (bool, &[u64]), b: (bool, &[u64])) -> Result {
        self.int_built(a.1.len() + b.1.len(), |out| {
            let len = if std::ptr::eq(a.1, b.1) {
                limbs::square(a.1, out)
            } else {
                limbs::mul(a.1, b.1, out)
            };
            (a.0 != b.0 && len != 0, len)
        })
    }

    fn int_bits(&self, op: BitOp, a: (bool, &[u64]), b: (bool, &[u64])) -> Result {
        self.int_built(limbs::bit_op_len(op, a, b), |out| {
            limbs::bit_op(op, a, b, out)
        })
    }

    fn int_shift_left(&self, (negative, x): (bool, &[u64]), by: IntRef) -> Result {
        if x.is_empty() {
            return Ok(Value::small_int(0));
        }
        let Some(by) = by.to_i128().and_then(|by| i64::try_from(by).ok()) else {
            return Err(self.overflow_error("too many digits in integer"));
        };
        let by = by as u64;
        if by >= MAX_BITS {
            return Err(self.memory_error());
        }
        self.int_built(limbs::shl_len(x, by), |out| {
            (negative, limbs::shl(x, by, out))
        })
    }

    fn int_power(&self, x: IntRef, y: IntRef) -> Result {
        if y.is_negative() {
            if matches!(x, IntRef::Small(0)) {
                return Err(self.zero_division_error("zero to a negative power"));
            }
            return self.float_pow(self.int_to_float(x)?, self.int_to_float(y)?);
        }
        let odd = match y {
            IntRef::Small(i) => i & 1 == 1,
            IntRef::Big(b) => b.limbs()[0] & 1 == 1,
        };
        match x {
            IntRef::Small(0 | 1) => return Ok(x.value()),
            IntRef::Small(-1) => return Ok(Value::small_int(if odd { -1 } else { 1 })),
            _ => {}
        }
        let mut room = 0;
        let (negative, base) = x.parts(&mut room);
        let fits = |e: &u32| {
            let bits = limbs::bit_length(base).checked_mul((*e).into());
            bits.is_some_and(|bits| bits <= MAX_BITS)
        };
        let e = match y {
            IntRef::Small(0) => return Ok(Value::small_int(1)),
            IntRef::Small(e) => u32::try_from(e).ok().filter(fits),
            IntRef::Big(_) => None,
        };
        let room = e.and_then(|e| limbs::pow_len(base, e.into()).map(|room| (e, room)));
        let Some((e, room)) = room else {
            return Err(self.memory_error());
        };
        self.int_built(room, |out| (negative && odd, limbs::pow(base, e, out)))
    }

    /// `~x`.
    pub(super) fn int_inverted(&self, x: BigRef) -> Result {
        let (negative, limbs) = x.parts();
        // `-x - 1`.
        self.int_sum((!negative, limbs), (true, &[1]))
    }

    /// An integer from the bytes of its two's complement, or of its magnitude.
    pub fn int_from_bytes(&self, bytes: &[u8], endian: Endian, signed: bool) -> Result {
        self.int_built(bytes.len().div_ceil(8), |out| {
            int::limbs_from_bytes(bytes, endian, signed, out)
        })
    }

    /// `divmod(x, y)`.
    pub(super) fn int_divmod(&self, x: IntRef, y: IntRef) -> Result<(Value, Value)> {
        let (mut room_x, mut room_y) = (0, 0);
        let (p, q) = (x.parts(&mut room_x), y.parts(&mut room_y));
        if q.1.is_empty() {
            return Err(self.zero_division_error("division by zero"));
        }
        divided(p, q, |whole, left| {
            Ok((self.int_from_limbs(whole)?, self.int_from_limbs(left)?))
        })
    }

    /// `pow(x, y, m)`.
    pub(super) fn int_mod_pow(&self, x: IntRef, y: IntRef, m: IntRef) -> Result {
        let (mut room_x, mut room_y, mut room_m) = (0, 0, 0);
        let base = x.parts(&mut room_x);
        let (down, exponent) = y.parts(&mut room_y);
        let modulus = m.parts(&mut room_m);
        let error = |error: ModPowError| -> Raised { self.value_error(error.message()) };
        if down || modulus.1.is_empty() {
            let result = int::mod_pow(&x.to_big(), &y.to_big(), &m.to_big());
            return result.map(|i| self.new_bigint(i)).map_err(error);
        }
        let power = limbs::pow_mod(base.1, exponent, modulus.1);
        let power: Vec<u64> = power.iter_u64_digits().collect();
        let odd = exponent.first().is_some_and(|low| low & 1 == 1);
        // An odd power of a negative number is on the other side of zero, and the result on
        // that of the modulus.
        divided((base.0 && odd, &power), modulus, |_, left| {
            self.int_from_limbs(left)
        })
    }
}

/// Quotient, rounded down, and remainder of signed numbers; the divisor is not zero.
#[inline]
fn divided<R>(
    a: (bool, &[u64]),
    b: (bool, &[u64]),
    f: impl FnOnce((bool, &[u64]), (bool, &[u64])) -> R,
) -> R {
    let long = a.1.len().max(b.1.len()) + 1;
    limbs::with_scratch(2 * long, |scratch| {
        let (whole, left) = scratch.split_at_mut(long);
        let ((s, i), (t, j)) = limbs::div_floor(a, b, whole, left);
        f((s, &whole[..i]), (t, &left[..j]))
    })
}

impl IntRef {
    /// The Python object.
    fn value(self) -> Value {
        match self {
            IntRef::Small(i) => Value::small_int(i),
            IntRef::Big(b) => BigRef::value(b),
        }
    }
}

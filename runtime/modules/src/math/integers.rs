//! Functions of integers: `gcd`, `lcm`, `factorial`, `isqrt`, `comb`, `perm`.

use taipan_runtime::heap::Gc;
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::protocol::{no_keywords, to_ssize};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::int::{self, BigInt, limbs};

/// The integer that an argument is, by `__index__`.
fn integer(vm: &Vm, v: Value) -> Result<IntRef> {
    Ok(vm.index(v)?.as_int_ref().unwrap_or(IntRef::Small(0)))
}

pub fn gcd(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "math.gcd", names)?;
    let mut result = vm.new_int(0);
    for v in args {
        let (a, b) = (integer(vm, result)?, integer(vm, *v)?);
        result = match (a, b) {
            (IntRef::Small(a), IntRef::Small(b)) => {
                vm.new_uint(int::gcd_u64(a.unsigned_abs(), b.unsigned_abs()))
            }
            (a, b) => {
                let (mut room_a, mut room_b) = (0, 0);
                let (a, b) = (a.parts(&mut room_a).1, b.parts(&mut room_b).1);
                vm.int_from_limbs((false, &limbs::gcd(a, b)))?
            }
        };
    }
    Ok(result)
}

pub fn lcm(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "math.lcm", names)?;
    let mut result = vm.new_int(1);
    for v in args {
        let (a, b) = (integer(vm, result)?, integer(vm, *v)?);
        result = vm.new_bigint(int::lcm(&a.to_big(), &b.to_big()));
    }
    Ok(result)
}

pub fn factorial(vm: &Vm, args: &[Value]) -> Result {
    let n = vm.index(args[0])?;
    if n.as_int_ref().is_some_and(|n| n.is_negative()) {
        return Err(vm.value_error("factorial() not defined for negative values"));
    }
    match to_ssize(n) {
        Some(n) => Ok(vm.new_bigint(int::factorial(n as u64))),
        None => Err(vm.overflow_error(format!(
            "factorial() argument should not exceed {}",
            i64::MAX
        ))),
    }
}

pub fn isqrt(vm: &Vm, args: &[Value]) -> Result {
    match integer(vm, args[0])? {
        IntRef::Small(n @ 0..) => Ok(vm.new_int(n.isqrt())),
        n => match int::isqrt(&n.to_big()) {
            Some(root) => Ok(vm.new_bigint(root)),
            None => Err(vm.value_error("isqrt() argument must be nonnegative")),
        },
    }
}

/// The product `n * (n-1) * …` of `k` factors.
fn falling(n: &BigInt, k: u64) -> BigInt {
    match k {
        0 => BigInt::from(1),
        1 => n.clone(),
        _ => {
            let half = k / 2;
            falling(n, half) * falling(&(n - BigInt::from(half)), k - half)
        }
    }
}

fn non_negative(vm: &Vm, n: IntRef, k: IntRef) -> Result<()> {
    for (v, name) in [(n, "n"), (k, "k")] {
        if v.is_negative() {
            return Err(vm.value_error(format!("{name} must be a non-negative integer")));
        }
    }
    Ok(())
}

pub fn perm(vm: &Vm, args: &[Value]) -> Result {
    let Some(k) = args[1].given_not_none() else {
        return factorial(vm, args);
    };
    let (n, k) = (integer(vm, args[0])?, integer(vm, k)?);
    non_negative(vm, n, k)?;
    if n.compare(k).is_lt() {
        return Ok(vm.new_int(0));
    }
    let Some(k) = int::to_i64(&k.to_big()) else {
        return Err(vm.overflow_error(format!("k must not exceed {}", i64::MAX)));
    };
    Ok(vm.new_bigint(falling(&n.to_big(), k as u64)))
}

pub fn comb(vm: &Vm, args: &[Value]) -> Result {
    let (n, k) = (integer(vm, args[0])?, integer(vm, args[1])?);
    non_negative(vm, n, k)?;
    if n.compare(k).is_lt() {
        return Ok(vm.new_int(0));
    }
    let (big_n, big_k) = (n.to_big(), k.to_big());
    let rest = &big_n - &big_k;
    let Some(k) = int::to_i64(if rest < big_k { &rest } else { &big_k }) else {
        return Err(vm.overflow_error(format!("min(n - k, k) must not exceed {}", i64::MAX)));
    };
    let k = k as u64;
    if let IntRef::Small(n) = n {
        // Each step's product is divisible by the number of steps so far.
        let mut result: u128 = 1;
        let mut i = 0;
        while i < k
            && let Some(product) = result.checked_mul(u128::from(n as u64 - i))
        {
            i += 1;
            result = product / u128::from(i);
        }
        if i == k {
            return Ok(vm.new_bigint(BigInt::from(result)));
        }
    }
    let divisor = int::factorial(k);
    Ok(vm.new_bigint(falling(&big_n, k) / divisor))
}

pub fn prod(vm: &Vm, args: &[Value]) -> Result {
    let mut total = args[1].given().unwrap_or(Value::small_int(1));
    let iterator = vm.iter(args[0])?;
    while let Some(item) = vm.next(iterator)? {
        total = vm.binary(BinaryOp::Multiply, total, item)?;
    }
    Ok(total)
}

//! Keys from passwords: PBKDF2 and scrypt.

use super::mac::Keyed;
use super::openssl::{Function, by_name};
use crate::common::unsigned_arg;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

const MAX: i64 = i32::MAX as i64;

fn long(vm: &Vm, v: Value) -> Result<i64> {
    match vm.index(v)?.as_int_ref() {
        Some(IntRef::Small(i)) => Ok(i),
        Some(IntRef::Big(b)) => b
            .to_i64()
            .ok_or_else(|| vm.overflow_error("Python int too large to convert to C long")),
        None => Err(vm.type_error("an integer is required")),
    }
}

/// PBKDF2 (RFC 8018) with the HMAC of any function.
fn derive(function: &Function, password: &[u8], salt: &[u8], rounds: u32, key: &mut [u8]) {
    if let Some(derive) = function.derive {
        return derive(password, salt, rounds, key);
    }
    let keyed = Keyed::new(function, password);
    for (block, number) in key.chunks_mut(function.algorithm.digest_size).zip(1u32..) {
        let mut last = keyed.digest_of(&[salt, &number.to_be_bytes()]);
        let mut sum = last.clone();
        for _ in 1..rounds {
            last = keyed.digest_of(&[&last]);
            sum.iter_mut().zip(&last).for_each(|(a, b)| *a ^= b);
        }
        block.copy_from_slice(&sum[..block.len()]);
    }
}

/// Zeroes for a key.
fn room(vm: &Vm, len: usize) -> Result<Vec<u8>> {
    let mut key = Vec::new();
    if key.try_reserve_exact(len).is_err() {
        return Err(vm.memory_error());
    }
    key.resize(len, 0);
    Ok(key)
}

pub fn pbkdf2_hmac(vm: &Vm, args: &[Value]) -> Result {
    let Some(name) = args[0].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "pbkdf2_hmac() argument 'hash_name' must be str, not {}",
            arg_name(vm, args[0])
        )));
    };
    let password = vm.bytes_like(args[1])?.contiguous_bytes().into_owned();
    let salt = vm.bytes_like(args[2])?.contiguous_bytes().into_owned();
    let rounds = long(vm, args[3])?;
    let function = by_name(vm, &name.to_text())?;
    if rounds < 1 {
        return Err(vm.value_error("iteration value must be greater than 0."));
    }
    if rounds > MAX {
        return Err(vm.overflow_error("iteration value is too great."));
    }
    let len = match args[4].given_not_none() {
        Some(v) => long(vm, v)?,
        None => function.algorithm.digest_size as i64,
    };
    if len < 1 {
        return Err(vm.value_error("key length must be greater than 0."));
    }
    if len > MAX {
        return Err(vm.overflow_error("key length is too great."));
    }
    if function.is_extendable() {
        return Err(vm.value_error("[Provider routines] xof digests not allowed"));
    }
    let mut key = room(vm, len as usize)?;
    vm.allow_threads(|| derive(function, &password, &salt, rounds as u32, &mut key));
    Ok(vm.new_bytes(&key)?.value())
}

fn unsigned(vm: &Vm, v: Value) -> Result<u64> {
    unsigned_arg(vm, v, u64::MAX, "unsigned long")
}

/// Memory that scrypt takes when nothing else is said, in bytes.
const DEFAULT_MEMORY: u64 = 32 << 20;

/// What OpenSSL says of parameters that it has no use for.
fn check(n: u64, r: u64, p: u64, most: u64) -> std::result::Result<(), &'static str> {
    const LIMIT: &str = "[digital envelope routines] memory limit exceeded";
    if r == 0 || p == 0 || n < 2 || !n.is_power_of_two() {
        return Err("Invalid parameter combination for n, r, p, maxmem.");
    }
    if p > ((1 << 30) - 1) / r {
        return Err(LIMIT);
    }
    // N shall be less than 2 to the power of 128 r / 8.
    if 16 * r <= 63 && n >= 1 << (16 * r) {
        return Err(LIMIT);
    }
    let blocks = p.checked_mul(r).and_then(|b| b.checked_mul(128));
    let table = n
        .checked_add(2)
        .and_then(|n| n.checked_mul(r))
        .and_then(|n| n.checked_mul(128));
    match blocks.zip(table).and_then(|(a, b)| a.checked_add(b)) {
        Some(total) if total <= most => Ok(()),
        _ => Err(LIMIT),
    }
}

pub fn scrypt(vm: &Vm, args: &[Value]) -> Result {
    let password = vm.bytes_like(args[0])?.contiguous_bytes().into_owned();
    let salt = vm.bytes_like(args[1])?.contiguous_bytes().into_owned();
    let n = unsigned(vm, args[2])?;
    let r = unsigned(vm, args[3])?;
    let p = unsigned(vm, args[4])?;
    let most = args[5].given().map_or(Ok(0), |v| long(vm, v))?;
    let len = args[6].given().map_or(Ok(64), |v| long(vm, v))?;
    if n < 2 || !n.is_power_of_two() {
        return Err(vm.value_error("n must be a power of 2."));
    }
    if !(0..=MAX).contains(&most) {
        return Err(vm.value_error(format!("maxmem must be positive and smaller than {MAX}")));
    }
    if !(1..=MAX).contains(&len) {
        return Err(vm.value_error(format!(
            "dklen must be greater than 0 and smaller than {MAX}"
        )));
    }
    let limit = if most == 0 {
        DEFAULT_MEMORY
    } else {
        most as u64
    };
    let wrong = |words: &str| -> Raised { vm.value_error(words) };
    check(n, r, p, limit).map_err(wrong)?;
    let log_n = n.trailing_zeros() as u8;
    let Ok(parameters) = ::scrypt::Params::new(log_n, r as u32, p as u32, 32) else {
        return Err(wrong("Invalid parameter combination for n, r, p, maxmem."));
    };
    let mut key = room(vm, len as usize)?;
    let done = vm.allow_threads(|| ::scrypt::scrypt(&password, &salt, &parameters, &mut key));
    match done {
        Ok(()) => Ok(vm.new_bytes(&key)?.value()),
        Err(_) => Err(wrong("Invalid parameter combination for n, r, p, maxmem.")),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn parameters_of_scrypt_are_bounded_by_memory() {
        assert!(check(2, 8, 1, 1 << 20).is_ok());
        assert!(check(1 << 14, 8, 1, 32 << 20).is_ok());
        assert!(check(1 << 15, 8, 1, 32 << 20).is_err());
        assert!(check(3, 8, 1, 1 << 20).is_err());
        assert!(check(1 << 63, u64::MAX, 1, u64::MAX).is_err());
        assert!(check(1 << 16, 1, 1, u64::MAX).is_err());
    }
}

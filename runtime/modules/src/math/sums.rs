//! Sums without loss: `fsum`, `sumprod`, `hypot`, `dist`.

use super::libm::{frexp, ldexp};
use taipan_runtime::heap::Gc;
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::types::protocol::no_keywords;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A sum and its rounding error.
type Double = (f64, f64);

/// `a + b`, exactly.
fn sum(a: f64, b: f64) -> Double {
    let x = a + b;
    let z = x - a;
    (x, (a - (x - z)) + (b - z))
}

/// `a + b`, exactly, if `|a| >= |b|`.
fn fast_sum(a: f64, b: f64) -> Double {
    let x = a + b;
    (x, (a - x) + b)
}

/// `x * y`, exactly.
fn product(x: f64, y: f64) -> Double {
    let z = x * y;
    (z, x.mul_add(y, -z))
}

/// `math.fsum`: keeps partial sums that do not overlap (Shewchuk).
pub fn fsum(vm: &Vm, args: &[Value]) -> Result {
    let mut partials: Vec<f64> = Vec::new();
    let (mut special_sum, mut inf_sum) = (0.0, 0.0);
    let iterator = vm.iter(args[0])?;
    while let Some(item) = vm.next(iterator)? {
        let given = vm.to_float(item)?;
        let mut x = given;
        let mut kept = 0;
        for j in 0..partials.len() {
            let mut y = partials[j];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        if x != 0.0 {
            if x.is_finite() {
                partials.push(x);
            } else {
                if given.is_finite() {
                    return Err(vm.overflow_error("intermediate overflow in fsum"));
                }
                if given.is_infinite() {
                    inf_sum += given;
                }
                special_sum += given;
                partials.clear();
            }
        }
    }
    if special_sum != 0.0 {
        if inf_sum.is_nan() {
            return Err(vm.value_error("-inf + inf in fsum"));
        }
        return Ok(Value::float(special_sum));
    }
    Ok(Value::float(round_partials(partials)))
}

/// The sum of partials, rounded half to even once.
fn round_partials(mut partials: Vec<f64>) -> f64 {
    let Some(mut high) = partials.pop() else {
        return 0.0;
    };
    let mut low = 0.0;
    while let Some(y) = partials.pop() {
        let x = high;
        high = x + y;
        low = y - (high - x);
        if low != 0.0 {
            break;
        }
    }
    // A rest of exactly half a unit is decided by what is below it.
    if let Some(&below) = partials.last()
        && ((low < 0.0 && below < 0.0) || (low > 0.0 && below > 0.0))
    {
        let y = low * 2.0;
        let x = high + y;
        if y == x - high {
            high = x;
        }
    }
    high
}

/// A sum in three parts of falling size.
#[derive(Clone, Copy, Default)]
struct Triple {
    hi: f64,
    lo: f64,
    tiny: f64,
}

impl Triple {
    /// This plus `x * y`.
    fn fma(self, x: f64, y: f64) -> Triple {
        let pr = product(x, y);
        let sm = sum(self.hi, pr.0);
        let r1 = sum(self.lo, pr.1);
        let r2 = sum(r1.0, sm.1);
        Triple {
            hi: sm.0,
            lo: r2.0,
            tiny: self.tiny + r1.1 + r2.1,
        }
    }

    fn to_float(self) -> f64 {
        let last = sum(self.lo, self.tiny);
        self.hi + last.0
    }
}

/// `math.sumprod`.
pub fn sumprod(vm: &Vm, args: &[Value]) -> Result {
    let (p, q) = (vm.iter(args[0])?, vm.iter(args[1])?);
    let mut total = vm.new_int(0);
    let mut ints: Option<i64> = None;
    let mut floats: Option<Triple> = None;
    let (mut int_path, mut float_path) = (true, true);
    loop {
        let (a, b) = (vm.next(p)?, vm.next(q)?);
        let pair = match (a, b) {
            (Some(a), Some(b)) => Some((a, b)),
            (None, None) => None,
            _ => return Err(vm.value_error("Inputs are not the same length")),
        };
        if int_path {
            let next = pair.filter(|(a, b)| a.both_int(*b)).and_then(|(a, b)| {
                let product = a.int_unchecked().checked_mul(b.int_unchecked())?;
                ints.unwrap_or(0).checked_add(product)
            });
            if next.is_some() {
                ints = next;
                continue;
            }
            if let Some(sum) = ints.take() {
                total = vm.binary(BinaryOp::Add, total, vm.new_int(sum))?;
            }
            int_path = false;
        }
        if float_path {
            let next = match pair {
                Some((a, b)) if a.is_float() || b.is_float() => {
                    let exact = |v: Value| {
                        let integer = || {
                            v.as_int()
                                .or(v.is_bool().then_some((v == Value::TRUE).into()))
                        };
                        v.as_float().or_else(|| integer().map(|i| i as f64))
                    };
                    match (exact(a), exact(b)) {
                        (Some(x), Some(y)) => {
                            Some(floats.unwrap_or_default().fma(x, y)).filter(|t| t.hi.is_finite())
                        }
                        _ => None,
                    }
                }
                _ => None,
            };
            if next.is_some() {
                floats = next;
                continue;
            }
            if let Some(sum) = floats.take() {
                total = vm.binary(BinaryOp::Add, total, Value::float(sum.to_float()))?;
            }
            float_path = false;
        }
        let Some((a, b)) = pair else { return Ok(total) };
        let product = vm.binary(BinaryOp::Multiply, a, b)?;
        total = vm.binary(BinaryOp::Add, total, product)?;
    }
}

/// The length of a vector whose largest magnitude is `max`.
fn norm(vector: &mut [f64], max: f64, found_nan: bool) -> f64 {
    if max.is_infinite() {
        return max;
    }
    if found_nan {
        return f64::NAN;
    }
    if max == 0.0 || vector.len() <= 1 {
        return max;
    }
    let (_, exponent) = frexp(max);
    if exponent < -1023 {
        // The scale below would be infinite: make the numbers normal first.
        vector.iter_mut().for_each(|x| *x /= f64::MIN_POSITIVE);
        return f64::MIN_POSITIVE * norm(vector, max / f64::MIN_POSITIVE, found_nan);
    }
    let scale = ldexp(1.0, -exponent);
    let (mut total, mut rest_1, mut rest_2) = (1.0, 0.0, 0.0);
    let mut add = |(high, low): Double| {
        let s = fast_sum(total, high);
        total = s.0;
        rest_1 += low;
        rest_2 += s.1;
        total - 1.0 + (rest_1 + rest_2)
    };
    let mut square = 0.0;
    for x in vector.iter() {
        let x = x * scale;
        square = add(product(x, x));
    }
    let h = square.sqrt();
    let x = add(product(-h, h));
    // One step of Newton's method with the residue known exactly.
    (h + x / (2.0 * h)) / scale
}

fn norm_of(mut vector: Vec<f64>) -> f64 {
    let mut found_nan = false;
    let mut max = 0f64;
    for x in &mut vector {
        *x = x.abs();
        found_nan |= x.is_nan();
        if *x > max {
            max = *x;
        }
    }
    norm(&mut vector, max, found_nan)
}

/// `math.hypot`.
pub fn hypot(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "math.hypot", names)?;
    let vector = args
        .iter()
        .map(|v| vm.to_float(*v))
        .collect::<Result<Vec<f64>>>()?;
    Ok(Value::float(norm_of(vector)))
}

/// `math.dist`.
pub fn dist(vm: &Vm, args: &[Value]) -> Result {
    let (p, q) = (vm.tuple_of(args[0])?, vm.tuple_of(args[1])?);
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut vector = Vec::with_capacity(p.len());
    for (a, b) in p.as_slice().iter().zip(q.as_slice()) {
        vector.push(vm.to_float(*a)? - vm.to_float(*b)?);
    }
    Ok(Value::float(norm_of(vector)))
}

//! `sum`: exact over integers, with Neumaier's compensation over floats and the
//! parts of complex numbers.
//!
//! It goes through CPython's phases in order (integers, floats, complex numbers,
//! anything) and never back, which decides how mixed sums are rounded.

use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::ops::arith::BinaryOp;
use taipan_runtime::types::bytes::{ByteArray, Bytes};
use taipan_runtime::types::complex::Complex;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::NativeNext;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Result, Value, Vm};

/// A sum of floats and what rounding has lost of it.
#[derive(Clone, Copy)]
struct Compensated {
    high: f64,
    low: f64,
}

impl Compensated {
    fn new(x: f64) -> Compensated {
        Compensated { high: x, low: 0.0 }
    }

    fn add(&mut self, x: f64) {
        let sum = self.high + x;
        self.low += if self.high.abs() >= x.abs() {
            (self.high - sum) + x
        } else {
            (x - sum) + self.high
        };
        self.high = sum;
    }

    fn total(self) -> f64 {
        if self.low != 0.0 && self.low.is_finite() {
            self.high + self.low
        } else {
            self.high
        }
    }
}

/// What is summed: built-in sequences are read in place, by position, as their iterators do.
enum Items {
    List(Gc<List>, usize),
    Tuple(Gc<Tuple>, usize),
    Bytes(Gc<Bytes>, usize),
    ByteArray(Gc<ByteArray>, usize),
    Iterator(Value, NativeNext),
}

impl Items {
    fn of(vm: &Vm, iterable: Value) -> Result<Items> {
        let class = vm.class_of(iterable);
        let types = &vm.types;
        // SAFETY: in each arm the class says which layout.
        unsafe {
            Ok(if class == types.list.get() {
                Items::List(iterable.cast_unchecked(), 0)
            } else if class == types.tuple.get() {
                Items::Tuple(iterable.cast_unchecked(), 0)
            } else if class == types.bytes.get() {
                Items::Bytes(iterable.cast_unchecked(), 0)
            } else if class == types.bytearray.get() {
                Items::ByteArray(iterable.cast_unchecked(), 0)
            } else {
                let iterator = vm.iter(iterable)?;
                Items::Iterator(iterator, vm.next_of(iterator))
            })
        }
    }

    /// Adds up what follows of small integers and truth values in built-in sequences, from `total`
    /// on, as long as the sum fits.
    fn small_integers(&mut self, mut total: i64) -> i64 {
        let whole = |bytes: &[u8], i: &mut usize| {
            let rest = bytes.get(*i..).unwrap_or_default();
            let sum: u64 = rest.iter().map(|b| u64::from(*b)).sum();
            let total = total.checked_add_unsigned(sum)?;
            *i = bytes.len();
            Some(total)
        };
        let (values, i) = match self {
            Items::Bytes(bytes, i) => return whole(bytes.as_slice(), i).unwrap_or(total),
            Items::ByteArray(bytes, i) => return whole(bytes.as_slice(), i).unwrap_or(total),
            Items::List(list, i) => (list.as_slice(), i),
            Items::Tuple(tuple, i) => (tuple.as_slice(), i),
            Items::Iterator(..) => return total,
        };
        for v in values.get(*i..).unwrap_or_default() {
            let number = match v.as_int() {
                Some(number) => number,
                None if v.is_bool() => i64::from(*v == Value::TRUE),
                None => break,
            };
            let Some(more) = total.checked_add(number) else {
                break;
            };
            total = more;
            *i += 1;
        }
        total
    }

    #[inline]
    fn next(&mut self, vm: &Vm) -> Result<Option<Value>> {
        let byte = |b: Option<&u8>| b.map(|b| Value::small_int((*b).into()));
        let (item, i) = match self {
            Items::List(list, i) => (list.get(*i), i),
            Items::Tuple(tuple, i) => (tuple.as_slice().get(*i).copied(), i),
            Items::Bytes(bytes, i) => (byte(bytes.as_slice().get(*i)), i),
            Items::ByteArray(bytes, i) => (byte(bytes.as_slice().get(*i)), i),
            Items::Iterator(iterator, next) => return vm.item_or_end(next(vm, *iterator)),
        };
        *i += 1;
        Ok(item)
    }
}

/// A real number as a float: floats, and integers that are not too large.
fn real(vm: &Vm, v: Value) -> Result<Option<f64>> {
    match (v.as_float(), v.as_int_ref()) {
        (Some(x), _) => Ok(Some(x)),
        (None, Some(i)) => vm.int_to_float(i).map(Some),
        (None, None) => Ok(None),
    }
}

/// `sum(iterable, start)`.
///
/// # Errors
/// TypeError for text and bytes, and what iterating and adding raise.
pub fn sum(vm: &Vm, args: &[Value]) -> Result {
    let mut items = Items::of(vm, args[0])?;
    let mut total = args[1].given().unwrap_or(Value::small_int(0));
    if vm.is_kind(total, Kind::Str) {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if vm.is_kind(total, Kind::Bytes) {
        return Err(vm.type_error("sum() can't sum bytes [use b''.join(seq) instead]"));
    }
    if vm.is_kind(total, Kind::ByteArray) {
        return Err(vm.type_error("sum() can't sum bytearray [use b''.join(seq) instead]"));
    }
    if let Some(start) = total.as_int() {
        total = vm.new_int(items.small_integers(start));
    }
    while total.as_float().is_none() && total.as_int_ref().is_some() {
        let Some(v) = items.next(vm)? else {
            return Ok(total);
        };
        // To add a bool is to add the integer that it is.
        let v = if v.is_bool() {
            Value::small_int((v == Value::TRUE).into())
        } else {
            v
        };
        total = match total.both_int(v).then(|| total.int_add(v)).flatten() {
            Some(t) => t,
            None => vm.binary(BinaryOp::Add, total, v)?,
        };
    }
    if let Some(start) = total.as_float() {
        let mut sum = Compensated::new(start);
        loop {
            let Some(v) = items.next(vm)? else {
                return Ok(Value::float(sum.total()));
            };
            match real(vm, v)? {
                Some(x) => sum.add(x),
                None => {
                    total = vm.binary(BinaryOp::Add, Value::float(sum.total()), v)?;
                    break;
                }
            }
        }
    }
    if let Some(start) = exact_complex(vm, total) {
        let (mut re, mut im) = (Compensated::new(start.0), Compensated::new(start.1));
        loop {
            let next = items.next(vm)?;
            if let Some(v) = next {
                if let Some((x, y)) = exact_complex(vm, v) {
                    re.add(x);
                    im.add(y);
                    continue;
                }
                if let Some(x) = real(vm, v)? {
                    re.add(x);
                    continue;
                }
            }
            let sum = vm.new_complex(re.total(), im.total());
            match next {
                None => return Ok(sum),
                Some(v) => total = vm.binary(BinaryOp::Add, sum, v)?,
            }
            break;
        }
    }
    while let Some(v) = items.next(vm)? {
        total = vm.binary(BinaryOp::Add, total, v)?;
    }
    Ok(total)
}

/// The parts of an instance of `complex` itself.
fn exact_complex(vm: &Vm, v: Value) -> Option<(f64, f64)> {
    let z = v.cast::<Complex>()?;
    (z.class() == vm.types.complex.get()).then_some((z.re, z.im))
}

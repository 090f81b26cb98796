//! Equality of memoryviews with anything that lends memory.

use super::MemoryView;
use super::items::{native_size, unpack, unpack_by_struct};
use crate::ops::buffer::RawBuffer;
use crate::ops::compare::CompareOp;
use crate::types::exception::classes as exc;
use crate::types::support::receiver;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// Formats whose items are equal if and only if their bytes are.
fn is_bytewise(format: &str) -> bool {
    matches!(
        format,
        "B" | "b" | "c" | "h" | "H" | "i" | "I" | "l" | "L" | "q" | "Q" | "n" | "N" | "P"
    )
}

pub(super) fn compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let this = receiver::<MemoryView>(a);
    let answer = |equal: bool| Ok(Value::bool(equal == (op == CompareOp::Eq)));
    if this.is_released() {
        return answer(a.is(b));
    }
    if let Some(other) = b.cast::<MemoryView>() {
        if other.is_released() {
            return answer(a.is(b));
        }
        return answer(equal(vm, &this.view, &other.view)?);
    }
    if !vm.supports_buffer(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let other = match vm.get_buffer(b, false) {
        Ok(other) => other,
        Err(_) if vm.raised_is_def(&exc::TYPE_ERROR) || vm.raised_is_def(&exc::BUFFER_ERROR) => {
            vm.clear_raised();
            return Ok(Value::NOT_IMPLEMENTED);
        }
        Err(raised) => return Err(raised),
    };
    answer(equal(vm, &this.view, &other)?)
}

fn equal(vm: &Vm, a: &RawBuffer, b: &RawBuffer) -> Result<bool> {
    let plain = |f: &'_ str| f.strip_prefix('@').unwrap_or(f).to_owned();
    let (format_a, format_b) = (plain(&a.format), plain(&b.format));
    // A dimension of no items ends the comparison of shapes: nothing is left to compare.
    for (i, n) in a.shape.iter().enumerate() {
        if a.shape.len() != b.shape.len() || b.shape[i] != *n {
            return Ok(false);
        }
        if *n == 0 {
            return Ok(true);
        }
    }
    if a.shape.len() != b.shape.len() {
        return Ok(false);
    }
    if format_a == format_b && is_bytewise(&format_a) {
        return Ok(a.contiguous_bytes() == b.contiguous_bytes());
    }
    let (bytes_a, bytes_b) = (
        a.contiguous_bytes().into_owned(),
        b.contiguous_bytes().into_owned(),
    );
    if native_size(&format_a).is_some() && native_size(&format_b).is_some() {
        for (x, y) in bytes_a
            .chunks_exact(a.itemsize)
            .zip(bytes_b.chunks_exact(b.itemsize))
        {
            // SAFETY: each chunk is one item of its format.
            let (x, y) = unsafe {
                (
                    unpack(vm, x.as_ptr(), &format_a)?,
                    unpack(vm, y.as_ptr(), &format_b)?,
                )
            };
            if !vm.equal(x, y)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    for (x, y) in bytes_a
        .chunks_exact(a.itemsize.max(1))
        .zip(bytes_b.chunks_exact(b.itemsize.max(1)))
    {
        let unpacked = unpack_by_struct(vm, x, &a.format).and_then(|x| {
            let y = unpack_by_struct(vm, y, &b.format)?;
            vm.equal(x, y)
        });
        match unpacked {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            // A format that nobody knows is equal to nothing.
            Err(_) => {
                vm.clear_raised();
                return Ok(false);
            }
        }
    }
    Ok(true)
}

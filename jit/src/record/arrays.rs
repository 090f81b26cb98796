//! Items of `array.array`: read and written as machine words.
//!
//! ```text
//! a[i] += x                              v5 = LoadIdx.Float {Raw64+0} v3, v4
//!                                        v6 = FAdd.Float v5, v2
//!                                        StoreIdx {Raw64+0} v3, v4, v6
//! ```
//!
//! Narrow words are read without their sign, and stored as they are read, so that a load may
//! take what was stored.

use super::{Recorded, Recorder};
use crate::ir::{Class, Cond, Mem, Op, Ref, Ty};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::ClassFlags;
use taipan_runtime::types::array::{ArrayObject, Code};
use taipan_runtime::{Header, Value};

pub(super) const ARRAY_LEN: Mem = Mem::new(Class::List, 8, ArrayObject::LEN_OFFSET);
const ARRAY_DATA: Mem = Mem::new(Class::List, 8, ArrayObject::DATA_OFFSET);
const ARRAY_CODE: Mem = Mem::new(Class::Const, 1, ArrayObject::CODE_OFFSET);

/// The array that a value is, not of a subclass.
pub(super) fn exact_array(actual: Option<Value>) -> Option<(&'static Header, Gc<ArrayObject>)> {
    let header = actual?.header()?;
    let array = actual?.cast::<ArrayObject>()?;
    let is_exact = header.shape().class().has_flag(ClassFlags::IMMUTABLE);
    is_exact.then_some((header, array))
}

/// The bounds of integers that a trace stores as items of this type; none for other types.
fn bounds(code: Code) -> Option<(i64, i64)> {
    use Code::*;
    Some(match code {
        I8 => (i8::MIN.into(), i8::MAX.into()),
        U8 => (0, u8::MAX.into()),
        I16 => (i16::MIN.into(), i16::MAX.into()),
        U16 => (0, u16::MAX.into()),
        I32 => (i32::MIN.into(), i32::MAX.into()),
        U32 => (0, u32::MAX.into()),
        Long | LongLong => (i64::MIN, i64::MAX),
        // Larger ones are no integers of the trace.
        ULong | ULongLong => (0, i64::MAX),
        Wide | Char | F32 | F64 => return None,
    })
}

/// The bit of the sign of a narrow word.
fn sign_bit(code: Code) -> Option<i64> {
    let is_narrow = code.size() < 8 && code.signedness() == Some(true);
    is_narrow.then(|| 1 << (8 * code.size() - 1))
}

fn item_mem(code: Code) -> Mem {
    Mem::new(Class::Raw, code.size() as u8, 0)
}

impl Recorder {
    /// Where the item is that a subscript means: base and index, all guarded. None if it is
    /// not of a type that the trace knows, or out of range.
    fn place_in_array(
        &mut self,
        [array, index]: [Ref; 2],
        [x, y]: [Option<Value>; 2],
    ) -> Recorded<Option<(Code, Ref, Ref)>> {
        let Some((header, actual)) = exact_array(x) else {
            return Ok(None);
        };
        let code = actual.code();
        if bounds(code).is_none() && code != Code::F64 {
            return Ok(None);
        }
        let Some(j) = y.and_then(Value::as_int) else {
            return Ok(None);
        };
        self.guard_shape(array, header)?;
        let (letter, wanted) = (
            self.e.load(Ty::Int, array, ARRAY_CODE)?,
            self.e.tree.int(code as i64),
        );
        let same = self.icmp(Cond::Eq, letter, wanted)?;
        self.guard_true(same)?;
        let Some(i) = self.int(index, y)? else {
            return Ok(None);
        };
        let len = self.e.load(Ty::Int, array, ARRAY_LEN)?;
        let Some(i) = self.index(i, j, len, actual.len())? else {
            return Ok(None);
        };
        let data = self.e.load(Ty::Ptr, array, ARRAY_DATA)?;
        Ok(Some((code, data, i)))
    }

    /// `array[index]`.
    pub(super) fn array_item(
        &mut self,
        refs: [Ref; 2],
        actuals: [Option<Value>; 2],
    ) -> Recorded<Option<Ref>> {
        let Some((code, data, i)) = self.place_in_array(refs, actuals)? else {
            return Ok(None);
        };
        if code == Code::F64 {
            return Ok(Some(self.e.load_idx(Ty::Float, data, i, item_mem(code))?));
        }
        let word = self.e.load_idx(Ty::Int, data, i, item_mem(code))?;
        if code.signedness() == Some(false) && code.size() == 8 {
            self.guard_between(word, 0, i64::MAX)?;
        }
        let Some(sign) = sign_bit(code) else {
            return Ok(Some(word));
        };
        let sign = self.e.tree.int(sign);
        let flipped = self.e.op2(Op::Xor, Ty::Int, word, sign)?;
        Ok(Some(self.e.op2(Op::Sub, Ty::Int, flipped, sign)?))
    }

    /// `array[index] = v`; false if the trace does not know how, or it would raise.
    pub(super) fn store_array_item(
        &mut self,
        refs: [Ref; 2],
        actuals: [Option<Value>; 2],
        v: Ref,
        actual: Option<Value>,
    ) -> Recorded<bool> {
        let Some(code) = exact_array(actuals[0]).map(|(_, array)| array.code()) else {
            return Ok(false);
        };
        if actual.is_none_or(|v| !v.is_int() && !v.is_bool() && !v.is_float()) {
            return Ok(false);
        }
        let fits = match (bounds(code), actual.and_then(Value::as_int)) {
            (Some((low, high)), Some(i)) => (low..=high).contains(&i),
            (Some(_), None) => actual.is_some_and(Value::is_bool),
            (None, _) => code == Code::F64,
        };
        if !fits {
            return Ok(false);
        }
        let Some((code, data, i)) = self.place_in_array(refs, actuals)? else {
            return Ok(false);
        };
        let Some(number) = self.num(v, actual)? else {
            return Ok(false);
        };
        let Some((low, high)) = bounds(code) else {
            let x = self.as_float_ref(number)?;
            self.e.store_idx(data, i, item_mem(code), x)?;
            return Ok(true);
        };
        if matches!(number, super::stack::Num::Float(_)) {
            return Ok(false);
        }
        let mut word = self.as_int_ref(number)?;
        if (low, high) != (i64::MIN, i64::MAX) {
            self.guard_between(word, low, high)?;
        }
        if let Some(sign) = sign_bit(code) {
            let mask = self.e.tree.int(2 * sign - 1);
            word = self.e.op2(Op::And, Ty::Int, word, mask)?;
        }
        self.e.store_idx(data, i, item_mem(code), word)?;
        Ok(true)
    }
}

//! Bytes in a row: of `bytes`, `bytearray`, and `memoryview`s of plain bytes, read and written as they
//! lie in memory.
//!
//! ```text
//! b[i] ^= x                              v5 = LoadIdx.Int {Raw8+0} v3, v4
//!                                        v6 = Xor.Int v5, v2
//!                                        StoreIdx {Raw8+0} v3, v4, v6
//! ```

use super::stack::Num;
use super::{Recorded, Recorder};
use crate::ir::{Class, Mem, Op, Ref, Ty};
use taipan_runtime::object::ClassFlags;
use taipan_runtime::types::bytes::{ByteArray, Bytes};
use taipan_runtime::types::memoryview::MemoryView;
use taipan_runtime::{Header, Value};

pub(super) const BYTES_LEN: Mem = Mem::new(Class::Const, 8, Bytes::LEN_OFFSET);
pub(super) const BYTES_ITEM: Mem = Mem::new(Class::Const, 1, Bytes::DATA_OFFSET);
pub(super) const BYTEARRAY_LEN: Mem = Mem::new(Class::List, 8, ByteArray::LEN_OFFSET);
pub(super) const BYTEARRAY_DATA: Mem = Mem::new(Class::List, 8, ByteArray::DATA_OFFSET);
const VIEW_LEN: Mem = Mem::new(Class::List, 8, MemoryView::LEN_OFFSET);
const VIEW_DATA: Mem = Mem::new(Class::List, 8, MemoryView::DATA_OFFSET);
const VIEW_WRITABLE: Mem = Mem::new(Class::List, 8, MemoryView::WRITABLE_OFFSET);
pub(super) const RAW_BYTE: Mem = Mem::new(Class::Raw, 1, 0);

/// How bytes lie in an object.
pub(super) struct Row {
    pub count: usize,
    length: Mem,
    /// Where their address is; else they are in the object.
    data: Option<Mem>,
    /// Where the address is if they may be written.
    writable: Option<Mem>,
}

/// The row of bytes that an object of a built-in class is, a subclass's not being one.
pub(super) fn row_of(v: Value) -> Option<Row> {
    if !v.header()?.shape().class().has_flag(ClassFlags::IMMUTABLE) {
        return None;
    }
    if let Some(bytes) = v.cast::<Bytes>() {
        return Some(Row {
            count: bytes.len(),
            length: BYTES_LEN,
            data: None,
            writable: None,
        });
    }
    if let Some(array) = v.cast::<ByteArray>() {
        return Some(Row {
            count: array.len(),
            length: BYTEARRAY_LEN,
            data: Some(BYTEARRAY_DATA),
            writable: Some(BYTEARRAY_DATA),
        });
    }
    let (count, is_writable) = v.cast::<MemoryView>()?.plain_bytes()?;
    Some(Row {
        count,
        length: VIEW_LEN,
        data: Some(VIEW_DATA),
        writable: is_writable.then_some(VIEW_WRITABLE),
    })
}

impl Recorder {
    /// The length of a row of bytes, whose object is guarded by this.
    pub(super) fn row_length(
        &mut self,
        object: Ref,
        header: &'static Header,
        row: &Row,
    ) -> Recorded<Ref> {
        self.guard_shape(object, header)?;
        if let Some(data) = row.data.filter(|data| *data == VIEW_DATA) {
            // Other views have other lengths.
            self.row_data(object, data)?;
        }
        Ok(self.e.load(Ty::Int, object, row.length)?)
    }

    /// The address of a row of bytes, there being one.
    fn row_data(&mut self, object: Ref, data: Mem) -> Recorded<Ref> {
        let address = self.e.load(Ty::Ptr, object, data)?;
        if data != BYTEARRAY_DATA {
            self.guard1(Op::GuardNonNull, Ty::None, address)?;
        }
        Ok(address)
    }

    /// `object[index]`; none if it is no row of bytes, or out of range.
    pub(super) fn byte_at(
        &mut self,
        [object, index]: [Ref; 2],
        x: Value,
        y: Option<Value>,
    ) -> Recorded<Option<Ref>> {
        let (Some(row), Some(header), Some(j)) = (row_of(x), x.header(), y.and_then(Value::as_int))
        else {
            return Ok(None);
        };
        let len = self.row_length(object, header, &row)?;
        let Some(i) = self.int(index, y)? else {
            return Ok(None);
        };
        let Some(i) = self.index(i, j, len, row.count)? else {
            return Ok(None);
        };
        let Some(data) = row.data else {
            return Ok(Some(self.e.load_idx(Ty::Int, object, i, BYTES_ITEM)?));
        };
        let data = self.row_data(object, data)?;
        Ok(Some(self.e.load_idx(Ty::Int, data, i, RAW_BYTE)?))
    }

    /// `object[index] = v`; false if the trace does not know how, or it would raise.
    pub(super) fn store_byte(
        &mut self,
        [object, index]: [Ref; 2],
        [x, y]: [Option<Value>; 2],
        v: Ref,
        actual: Option<Value>,
    ) -> Recorded<bool> {
        let Some((row, header)) = x.and_then(|x| Some((row_of(x)?, x.header()?))) else {
            return Ok(false);
        };
        let fits = actual
            .and_then(Value::as_int)
            .is_some_and(|i| (0..256).contains(&i));
        let (Some(writable), Some(j), true) = (row.writable, y.and_then(Value::as_int), fits)
        else {
            return Ok(false);
        };
        let len = self.row_length(object, header, &row)?;
        let Some(i) = self.int(index, y)? else {
            return Ok(false);
        };
        let Some(i) = self.index(i, j, len, row.count)? else {
            return Ok(false);
        };
        let Some(Num::Int(word)) = self.num(v, actual)? else {
            return Ok(false);
        };
        self.guard_between(word, 0, 255)?;
        let data = self.row_data(object, writable)?;
        self.e.store_idx(data, i, RAW_BYTE, word)?;
        Ok(true)
    }
}

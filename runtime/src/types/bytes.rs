//! `bytes`.
use crate::heap::{Gc, Header, Kind};
use crate::heap_object;
use crate::vm::{Result, Vm};
pub use crate::types::pending::{BYTES, BYTEARRAY};
/// A Python bytes object.
#[repr(C)]
pub struct Bytes { pub header: Header, len: usize }
heap_object!(Bytes, "bytes", Kind::Bytes, |this, marker| {}, variable);
impl Bytes {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `len` bytes follow the object.
        unsafe { std::slice::from_raw_parts((self as *const Bytes).add(1).cast(), self.len) }
    }
}
impl Vm {
    /// A bytes object.
    pub fn new_bytes(&self, b: &[u8]) -> Result<Gc<Bytes>> {
        let o = self.heap.alloc_variable(self.shapes.bytes.get(), Bytes { header: Header::empty(), len: b.len() }, b.len()).ok_or_else(|| self.memory_error())?;
        // SAFETY: that many bytes follow the object.
        unsafe { std::ptr::copy_nonoverlapping(b.as_ptr(), o.as_ptr().add(1).cast(), b.len()) };
        Ok(o)
    }
}

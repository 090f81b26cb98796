//! `tuple`: an immutable sequence, its items behind the object.

pub mod methods;

pub use methods::TUPLE;

use crate::heap::{GRANULE, Gc, Header, Kind};
use crate::heap_object;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// A Python tuple.
#[repr(C)]
pub struct Tuple {
    pub header: Header,
    len: usize,
}

heap_object!(
    Tuple,
    "tuple",
    Kind::Tuple,
    |this, marker| {
        // SAFETY: `len` words, each a value or still zero, follow the object.
        marker.values(unsafe {
            std::slice::from_raw_parts(this.items() as *const Option<Value>, this.len)
        });
    },
    variable
);

impl Tuple {
    /// Byte offsets, for compiled code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Tuple, len);
    pub const ITEMS_OFFSET: usize = size_of::<Tuple>();

    #[inline(always)]
    fn items(&self) -> *const Value {
        // SAFETY: one past the fixed part, where the items start.
        unsafe { (self as *const Tuple).add(1).cast() }
    }

    /// Gives a tuple of [`Vm::incomplete_tuple`] its items, as many as it has.
    pub fn complete(&self, items: &[Value]) {
        assert_eq!(items.len(), self.len, "as many items as there is room for");
        self.header.barrier();
        // SAFETY: there are so many, and nobody has a slice of the items of an incomplete tuple.
        unsafe {
            std::ptr::copy_nonoverlapping(items.as_ptr(), self.items().cast_mut(), items.len());
        }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The items.
    #[inline(always)]
    pub fn as_slice(&self) -> &[Value] {
        // SAFETY: `len` values follow a finished tuple.
        unsafe { std::slice::from_raw_parts(self.items(), self.len) }
    }

    /// Where the hash may be kept, zero as long as it is not known: in the rest of the last granule,
    /// which is left over if the number of items is odd.
    #[inline]
    pub fn kept_hash(&self) -> Option<&Cell<u64>> {
        if self.len.is_multiple_of(2) || self.header.shape().has_attributes() {
            return None;
        }
        const { assert!(GRANULE == 2 * size_of::<Value>() && size_of::<Tuple>() == GRANULE) };
        // SAFETY: the word behind the items, zero from the start, which nobody else uses.
        Some(unsafe { &*self.items().add(self.len).cast::<Cell<u64>>() })
    }

    /// The item at `index`, which is in range.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Value {
        self.as_slice()[index]
    }
}

impl Vm {
    /// A tuple of these items; an error only when memory is exhausted.
    pub fn new_tuple(&self, items: &[Value]) -> Result<Gc<Tuple>> {
        if items.is_empty()
            && let Some(empty) = self.names.empty_tuple.get()
        {
            return Ok(empty);
        }
        self.tuple_with_shape(items, self.shapes.tuple.get())
    }

    /// A tuple of `len` items, of which `item` gives each; it must not allocate.
    #[inline]
    pub fn tuple_from_fn(&self, len: usize, item: impl Fn(usize) -> Value) -> Result<Gc<Tuple>> {
        if len == 0 {
            return self.new_tuple(&[]);
        }
        // SAFETY: filled at once.
        unsafe {
            let tuple = self.unfilled_tuple(len, self.shapes.tuple.get())?;
            let to = tuple.items() as *mut Value;
            for i in 0..len {
                to.add(i).write(item(i));
            }
            Ok(tuple)
        }
    }

    /// A tuple whose items are whatever lay there.
    ///
    /// # Safety
    /// All are written before anything else is allocated.
    #[inline]
    unsafe fn unfilled_tuple(
        &self,
        len: usize,
        shape: &'static crate::object::Shape,
    ) -> Result<Gc<Tuple>> {
        let object = Tuple {
            header: Header::empty(),
            len,
        };
        // SAFETY: that many words follow the object; by contract they are filled.
        unsafe {
            self.heap
                .alloc_unfilled(shape, object, len * size_of::<Value>())
        }
        .ok_or_else(|| self.memory_error())
    }

    /// A tuple of `count` times these items, which are alive.
    pub fn tuple_of_repeated(&self, items: &[Value], count: usize) -> Result<Gc<Tuple>> {
        if items.is_empty() || count == 0 {
            return self.new_tuple(&[]);
        }
        let len = items.len() * count;
        // SAFETY: filled at once.
        unsafe {
            let tuple = self.unfilled_tuple(len, self.shapes.tuple.get())?;
            let to = std::slice::from_raw_parts_mut(tuple.items() as *mut Value, len);
            for part in to.chunks_exact_mut(items.len()) {
                part.copy_from_slice(items);
            }
            Ok(tuple)
        }
    }

    /// A tuple that is referred to before its items are known: `len` times None until
    /// [`Tuple::complete`] is called, before the program sees it.
    pub fn incomplete_tuple(&self, len: usize) -> Result<Gc<Tuple>> {
        self.tuple_from_fn(len, |_| Value::NONE)
    }

    /// A tuple of a subclass.
    pub fn tuple_with_shape(
        &self,
        items: &[Value],
        shape: &'static crate::object::Shape,
    ) -> Result<Gc<Tuple>> {
        // SAFETY: filled at once.
        unsafe {
            let tuple = self.unfilled_tuple(items.len(), shape)?;
            let to = tuple.items() as *mut Value;
            if items.len() <= 8 {
                // Written one by one: for so few a call of `memcpy` costs more.
                for (i, item) in items.iter().enumerate() {
                    to.add(i).write_volatile(*item);
                }
            } else {
                std::ptr::copy_nonoverlapping(items.as_ptr(), to, items.len());
            }
            Ok(tuple)
        }
    }

    /// A tuple of two.
    #[inline]
    pub fn pair(&self, a: Value, b: Value) -> Result {
        let object = Tuple {
            header: Header::empty(),
            len: 2,
        };
        // SAFETY: two words follow the object, and are filled at once.
        unsafe {
            let tuple = self
                .heap
                .alloc_unfilled(self.shapes.tuple.get(), object, 2 * size_of::<Value>())
                .ok_or_else(|| self.memory_error())?;
            let to = tuple.items() as *mut Value;
            to.write(a);
            to.add(1).write(b);
            Ok(tuple.value())
        }
    }
}

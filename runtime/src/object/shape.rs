//! Shapes (hidden classes): for an object, its class, its native layout, and at
//! which slot each of its attributes is.
//!
//! An object with attributes ends in a storage area:
//!
//! ```text
//! | header | native part | __slots__ members | ext | inline slot 0 | .. | inline slot n-1 |
//! ```
//!
//! `ext` holds an array of the attributes that did not fit inline or, once the
//! object is in dictionary mode (its `__dict__` was asked for, an attribute was
//! deleted, or there are too many), the dictionary itself. A layout of varying
//! length has no inline slots: its `ext` is the object's last word, and its
//! instances are always in dictionary mode.
//!
//! Shapes live below 4 GiB, so that a header holds one in 32 bits, and form a
//! tree by added attribute: two objects whose attributes were set in the same
//! order share a shape.

use super::Class;
use crate::heap::{GRANULE, Gc, Header, Heap, Layout, Marker};
use crate::value::Value;
use rustc_hash::FxHashMap;
use std::cell::{Cell, OnceCell, RefCell};

/// Attributes beyond this number put an object into dictionary mode.
pub const MAX_SLOTS: u32 = 128;

/// Properties of a shape that the allocator and the attribute code test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShapeFlags(pub u8);

impl ShapeFlags {
    /// Instances can have attributes of their own.
    pub const ATTRIBUTES: u8 = 1;
    /// Attributes are in a dictionary.
    pub const DICT: u8 = 2;
    /// The class has `__del__`, or the layout a native finaliser.
    pub const FINALIZER: u8 = 4;
    /// A weak reference, which the collector clears.
    pub const WEAKREF: u8 = 8;
    /// The layout owns memory outside the heap.
    pub const DROP: u8 = 16;
    const REGISTER: u8 = Self::FINALIZER | Self::WEAKREF | Self::DROP;
}

/// See the module's description.
#[repr(C)]
pub struct Shape {
    class: Cell<Option<Gc<Class>>>,
    /// The native layout.
    pub layout: &'static Layout,
    flags: Cell<u8>,
    /// Bytes of a new instance, a multiple of the granule.
    size: u32,
    /// Offset of `ext` in bytes (fixed-size layouts).
    ext: u32,
    inline: u32,
    count: u32,
    parent: Option<&'static Shape>,
    key: Option<Value>,
    transitions: RefCell<Vec<(Value, &'static Shape)>>,
    table: OnceCell<FxHashMap<Value, u32>>,
}

impl Shape {
    /// A shape without attributes. `fixed` is the bytes before `ext`, `inline`
    /// the attribute slots to reserve.
    pub fn root(
        heap: &Heap,
        class: Option<Gc<Class>>,
        layout: &'static Layout,
        fixed: usize,
        inline: u32,
        flags: u8,
    ) -> &'static Shape {
        let mut flags = flags;
        if layout.drop.is_some() {
            flags |= ShapeFlags::DROP;
        }
        if layout.variable && flags & ShapeFlags::ATTRIBUTES != 0 {
            flags |= ShapeFlags::DICT;
        }
        let storage = if flags & ShapeFlags::ATTRIBUTES != 0 && !layout.variable {
            8 + 8 * inline as usize
        } else {
            0
        };
        Self::place(
            heap,
            Shape {
                class: Cell::new(class),
                layout,
                flags: Cell::new(flags),
                size: (fixed + storage).next_multiple_of(GRANULE) as u32,
                ext: fixed as u32,
                inline,
                count: 0,
                parent: None,
                key: None,
                transitions: RefCell::default(),
                table: OnceCell::new(),
            },
        )
    }

    fn place(heap: &Heap, shape: Shape) -> &'static Shape {
        match heap.low().alloc(shape) {
            // SAFETY: shapes are never freed while the heap lives.
            Some(p) => unsafe { &*p.as_ptr() },
            None => {
                eprintln!("Fatal Python error: too many object shapes");
                std::process::abort()
            }
        }
    }

    /// The address, which headers and guards hold.
    #[inline(always)]
    pub fn id(&self) -> u32 {
        self as *const Shape as usize as u32
    }

    /// The class of objects with this shape.
    #[inline(always)]
    pub fn class(&self) -> Gc<Class> {
        // SAFETY: set before the first object is made (see `set_class`).
        unsafe { self.class.get().unwrap_unchecked() }
    }

    /// Gives a shape made before its class that class.
    pub fn set_class(&self, class: Gc<Class>) {
        self.class.set(Some(class));
    }

    #[inline(always)]
    pub fn has_attributes(&self) -> bool {
        self.flags.get() & ShapeFlags::ATTRIBUTES != 0
    }

    #[inline(always)]
    pub fn is_dict_mode(&self) -> bool {
        self.flags.get() & ShapeFlags::DICT != 0
    }

    #[inline(always)]
    pub fn needs_registration(&self) -> bool {
        self.flags.get() & ShapeFlags::REGISTER != 0
    }

    pub fn has_finalizer(&self) -> bool {
        self.flags.get() & ShapeFlags::FINALIZER != 0
    }

    pub fn is_weakref(&self) -> bool {
        self.flags.get() & ShapeFlags::WEAKREF != 0
    }

    /// The flags that derived shapes inherit.
    pub fn flags(&self) -> u8 {
        self.flags.get()
    }

    /// Bytes of a new instance.
    #[inline(always)]
    pub fn instance_size(&self) -> usize {
        self.size as usize
    }

    /// Number of attributes.
    #[inline(always)]
    pub fn slot_count(&self) -> u32 {
        self.count
    }

    /// Number of attributes that are stored inline.
    #[inline(always)]
    pub fn inline_slots(&self) -> u32 {
        self.inline
    }

    /// Byte offset of `ext` in an object of fixed-size layout.
    #[inline(always)]
    pub fn ext_offset(&self) -> usize {
        self.ext as usize
    }

    /// Byte offset of an inline slot.
    #[inline(always)]
    pub fn inline_offset(&self, slot: u32) -> usize {
        self.ext as usize + 8 + 8 * slot as usize
    }

    /// The slot of the attribute `key`, an interned string.
    pub fn lookup(&self, key: Value) -> Option<u32> {
        if self.count <= 6 {
            let mut shape = self;
            while let Some(k) = shape.key {
                if k == key {
                    return Some(shape.count - 1);
                }
                shape = shape.parent?;
            }
            return None;
        }
        self.table
            .get_or_init(|| self.keys().into_iter().zip(0..).collect())
            .get(&key)
            .copied()
    }

    /// Attribute names in slot order.
    pub fn keys(&self) -> Vec<Value> {
        let mut keys = Vec::with_capacity(self.count as usize);
        let mut shape = self;
        while let (Some(key), Some(parent)) = (shape.key, shape.parent) {
            keys.push(key);
            shape = parent;
        }
        keys.reverse();
        keys
    }

    /// The shape of such an object after the attribute `key` was added.
    pub fn with_added(&'static self, heap: &Heap, key: Value) -> Option<&'static Shape> {
        if self.count >= MAX_SLOTS {
            return None;
        }
        if let Some((_, next)) = self.transitions.borrow().iter().find(|(k, _)| *k == key) {
            return Some(next);
        }
        if self.transitions.borrow().len() > 64 {
            return None;
        }
        let next = Self::place(
            heap,
            Shape {
                class: Cell::new(self.class.get()),
                layout: self.layout,
                flags: Cell::new(self.flags.get()),
                size: self.size,
                ext: self.ext,
                inline: self.inline,
                count: self.count + 1,
                parent: Some(self),
                key: Some(key),
                transitions: RefCell::default(),
                table: OnceCell::new(),
            },
        );
        self.transitions.borrow_mut().push((key, next));
        Some(next)
    }

    /// The shape of an object with the same room and other attributes, in order.
    pub fn with_keys(&'static self, heap: &Heap, keys: &[Value]) -> Option<&'static Shape> {
        let mut shape = self;
        while let Some(parent) = shape.parent {
            shape = parent;
        }
        keys.iter()
            .try_fold(shape, |shape, key| shape.with_added(heap, *key))
    }

    /// Adds flags to this shape and those derived from it.
    pub fn add_flags(&self, flags: u8) {
        self.flags.set(self.flags.get() | flags);
        for (_, next) in self.transitions.borrow().iter() {
            next.add_flags(flags);
        }
    }
}

/// Reports what an object's attribute storage and `__slots__` members hold.
///
/// # Safety
/// `object` is a live object.
pub unsafe fn trace_attributes(object: *const Header, marker: &mut Marker<'_>) {
    // SAFETY: by contract; the words between the native part and the end of the
    // object are values or zero from its allocation on.
    unsafe {
        let header = &*object;
        let shape = header.shape();
        let size = header.size();
        let members = shape.layout.slots_offset()..shape.ext_offset();
        if shape.layout.variable && !members.is_empty() {
            for at in members.step_by(8) {
                marker.opt(*(object as *const u8).add(at).cast::<Option<Value>>());
            }
        }
        let from = if !shape.layout.variable {
            shape.layout.size
        } else if shape.has_attributes() {
            size - 8
        } else {
            return;
        };
        let words = (object as *const u8).add(from) as *const Option<Value>;
        for i in 0..(size - from) / 8 {
            marker.opt(*words.add(i));
        }
    }
}

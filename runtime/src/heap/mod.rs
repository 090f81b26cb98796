//! The garbage-collected heap: non-moving, generational by sticky marks,
//! mark-region in the manner of Immix (Blackburn and McKinley, PLDI 2008), with
//! native stacks scanned conservatively and objects precisely (Shahriyar,
//! Blackburn and McKinley, OOPSLA 2014).
//!
//! Invariants that the unsafe code of this crate rests on:
//!
//! 1. An object never moves, and its [`Header`] tells its size and layout from
//!    the moment that it is allocated.
//! 2. Whatever a native stack, a register or a value stack holds, an interior
//!    pointer included, keeps its object alive. Values in other Rust memory do
//!    not: they live in a [`crate::vm::RootedVec`].
//! 3. A reference is stored into an object through [`Field`] and its kin, which
//!    run the write barrier, or before anything else can be allocated.
//! 4. One thread at a time runs on a heap (the interpreter's lock), so `Cell`s
//!    need no synchronisation.

mod alloc;
mod collect;
mod low;
mod mark;
mod space;
mod stack;
mod traces;

pub use alloc::Heap;
pub use collect::{CollectionStats, Counted, Finalization, GcModule, Generation, RootSource};
pub use low::LowArena;
pub use mark::Marker;
pub use stack::{StackBounds, stack_pointer, with_spilled_registers};
pub use traces::{Frames, Site, Trace, Traces};

use crate::object::Shape;
use crate::value::Value;
use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

/// Objects are aligned to and sized in granules of this many bytes.
pub const GRANULE: usize = 16;

/// The first eight bytes of every object.
#[repr(C, align(8))]
pub struct Header {
    /// Address of the [`Shape`], which lies below 4 GiB.
    shape: Cell<u32>,
    /// Size in granules; zero for a large object, whose size its block knows.
    granules: Cell<u16>,
    /// Mark epoch (low bits) and [`Header::BARRIER`].
    gc: Cell<u8>,
    /// Free for the layout's own use.
    pub flags: Cell<u8>,
}

impl Header {
    /// Byte offsets, for compiled code.
    pub const SHAPE_OFFSET: usize = std::mem::offset_of!(Header, shape);
    pub const FLAGS_OFFSET: usize = std::mem::offset_of!(Header, flags);
    pub const GC_OFFSET: usize = std::mem::offset_of!(Header, gc);

    /// Set in `gc` while the object is old and not in the remembered set: a
    /// store into it must take the barrier's slow path.
    pub const BARRIER: u8 = 0x80;
    const EPOCH_MASK: u8 = 3;
    /// Set in `gc` once the object's finaliser was queued.
    const FINALIZED: u8 = 0x40;
    /// Set in `flags` of generators and futures that their finaliser would do nothing for.
    pub const QUIET: u8 = 1;

    /// A header to be filled in by the allocator.
    pub const fn empty() -> Header {
        Header {
            shape: Cell::new(0),
            granules: Cell::new(0),
            gc: Cell::new(0),
            flags: Cell::new(0),
        }
    }

    /// As [`Header::empty`], with the layout's flags.
    pub const fn with_flags(flags: u8) -> Header {
        Header {
            shape: Cell::new(0),
            granules: Cell::new(0),
            gc: Cell::new(0),
            flags: Cell::new(flags),
        }
    }

    /// The header of a new small object of `size` bytes as a word.
    pub const fn word(shape: u32, size: usize) -> u64 {
        const {
            assert!(std::mem::offset_of!(Header, shape) == 0);
            assert!(std::mem::offset_of!(Header, granules) == 4);
        }
        shape as u64 | ((size / GRANULE) as u64) << 32
    }

    /// The object's shape: its layout, its class and where its attributes are.
    #[inline(always)]
    pub fn shape(&self) -> &'static Shape {
        // SAFETY: set at allocation to a shape, and shapes outlive their objects.
        unsafe { &*(self.shape.get() as usize as *const Shape) }
    }

    /// The shape's address, which inline caches and guards compare.
    #[inline(always)]
    pub fn shape_id(&self) -> u32 {
        self.shape.get()
    }

    /// Gives the object another shape of the same layout.
    #[inline(always)]
    pub fn set_shape(&self, shape: &'static Shape) {
        self.shape.set(shape.id());
    }

    /// Must precede or follow, without an allocation in between, any store of a
    /// reference into this object.
    #[inline(always)]
    pub fn barrier(&self) {
        if self.gc.get() & Header::BARRIER != 0 {
            alloc::remember(self);
        }
    }

    /// Size in bytes.
    pub fn size(&self) -> usize {
        match self.granules.get() {
            0 => space::large_size(self),
            n => n as usize * GRANULE,
        }
    }

    /// This object as a value.
    #[inline(always)]
    pub fn value(&self) -> Value {
        Value::object(self)
    }

    /// Whether the object survived a collection.
    pub fn is_old(&self) -> bool {
        self.gc.get() & Header::EPOCH_MASK != 0
    }
}

/// What a native object layout is: its size, how to trace it, how to drop it.
pub struct Layout {
    /// For people; the Python type's name where there is one.
    pub name: &'static str,
    /// For fast dispatch on the built-in layouts.
    pub kind: Kind,
    /// Bytes of the fixed part, header included. Attribute storage follows.
    pub size: usize,
    /// Whether a part of varying length follows the fixed one, so that attribute
    /// storage is the object's last word instead.
    pub variable: bool,
    /// Reports every reference that the native part holds.
    pub trace: unsafe fn(*const Header, &mut Marker),
    /// Releases what the object owns outside the heap.
    pub drop: Option<unsafe fn(*mut Header)>,
}

impl Layout {
    /// Byte offset of the first `__slots__` member of a class with this layout. Strings of such
    /// classes have their text elsewhere and only its address before the members.
    pub fn slots_offset(&self) -> usize {
        match self.kind {
            Kind::Str => self.size + 8,
            _ => self.size,
        }
    }
}

/// The layouts that the interpreter and the operations dispatch on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Anything that no fast path knows.
    Other,
    /// A plain instance: header, attribute storage.
    Instance,
    /// A big integer.
    BigInt,
    /// An instance of a subclass of `int`, holding an integer value.
    IntSub,
    /// An instance of a subclass of `float`, or a boxed one.
    FloatSub,
    Complex,
    Str,
    Bytes,
    ByteArray,
    Tuple,
    List,
    Dict,
    Set,
    Slice,
    Range,
    Function,
    Native,
    BoundMethod,
    Class,
    Module,
    Property,
    StaticMethod,
    ClassMethod,
    GetSet,
    Member,
    Cell,
    Code,
    Generator,
    Future,
    Exception,
    Traceback,
    FrameObject,
    MemoryView,
    ListIter,
    TupleIter,
    RangeIter,
    DictIter,
    StrIter,
    /// Parts of other objects that Python code never sees.
    Internal,
}

/// A Rust type that is the native part of a heap object.
///
/// # Safety
/// The type is `repr(C)` and starts with a [`Header`]; `LAYOUT` describes it,
/// and its trace function reports every reference.
pub unsafe trait Object: Sized + 'static {
    /// The layout, one static for each type.
    const LAYOUT: &'static Layout;
}

/// Declares the layout of a heap object type.
///
/// `heap_object!(ListObject, "list", Kind::List, |this, marker| { .. })`; the
/// body marks the references that `this` holds. `drop` after the body runs
/// `Drop` of the payload when the object dies; `variable` says that a part of
/// varying length follows.
#[macro_export]
macro_rules! heap_object {
    ($ty:ty, $name:literal, $kind:expr, |$this:ident, $marker:ident| $body:block $(, $flag:ident)*) => {
        // SAFETY: `repr(C)` with the header first is checked below; tracing is the body's task.
        unsafe impl $crate::heap::Object for $ty {
            const LAYOUT: &'static $crate::heap::Layout = {
                const {
                    assert!(std::mem::offset_of!($ty, header) == 0);
                    assert!(std::mem::align_of::<$ty>() <= $crate::heap::GRANULE);
                }
                unsafe fn trace(object: *const $crate::heap::Header, $marker: &mut $crate::heap::Marker) {
                    // SAFETY: the collector calls this for objects of this layout only.
                    let $this = unsafe { &*(object as *const $ty) };
                    let _ = (&$this, &$marker);
                    $body
                }
                static LAYOUT: $crate::heap::Layout = $crate::heap::Layout {
                    name: $name,
                    kind: $kind,
                    size: std::mem::size_of::<$ty>(),
                    variable: $crate::heap_object!(@variable $($flag)*),
                    trace,
                    drop: $crate::heap_object!(@drop $ty; $($flag)*),
                };
                &LAYOUT
            };
        }
    };
    (@variable) => { false };
    (@variable variable $($rest:ident)*) => { true };
    (@variable $other:ident $($rest:ident)*) => { $crate::heap_object!(@variable $($rest)*) };
    (@drop $ty:ty;) => { None };
    (@drop $ty:ty; drop $($rest:ident)*) => {{
        unsafe fn drop_object(object: *mut $crate::heap::Header) {
            // SAFETY: the collector calls this once, for a dead object of this layout.
            unsafe { std::ptr::drop_in_place(object as *mut $ty) }
        }
        Some(drop_object)
    }};
    (@drop $ty:ty; $other:ident $($rest:ident)*) => { $crate::heap_object!(@drop $ty; $($rest)*) };
}

/// A pointer to a live heap object. `Copy`; a stack or register that holds it
/// keeps the object alive.
pub struct Gc<T>(NonNull<T>, PhantomData<T>);

impl<T> Clone for Gc<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Gc<T> {}
impl<T> PartialEq for Gc<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Gc<T> {}

impl<T> Deref for Gc<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: by invariant 2 the object is alive while this pointer is on a stack.
        unsafe { self.0.as_ref() }
    }
}

impl<T: Object> Gc<T> {
    /// # Safety
    /// `ptr` is a live object of layout `T`.
    #[inline(always)]
    pub unsafe fn from_ptr(ptr: *mut T) -> Gc<T> {
        // SAFETY: objects are not at address zero.
        Gc(unsafe { NonNull::new_unchecked(ptr) }, PhantomData)
    }

    /// The address.
    #[inline(always)]
    pub fn as_ptr(self) -> *mut T {
        self.0.as_ptr()
    }

    /// The object as a value.
    #[inline(always)]
    pub fn value(self) -> Value {
        Value::object(self.0.as_ptr() as *const Header)
    }

    /// The object's header.
    #[inline(always)]
    pub fn header(self) -> &'static Header {
        // SAFETY: every object starts with one.
        unsafe { &*(self.0.as_ptr() as *const Header) }
    }

    /// The object's class.
    #[inline(always)]
    pub fn class(self) -> Gc<crate::object::Class> {
        self.header().shape().class()
    }
}

impl<T: Object> std::fmt::Debug for Gc<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value().fmt(f)
    }
}

/// A reference inside a heap object: a value or nothing.
#[repr(transparent)]
#[derive(Default)]
pub struct Field(Cell<Option<Value>>);

impl Field {
    /// An empty field.
    pub const fn empty() -> Field {
        Field(Cell::new(None))
    }

    /// A field of an object under construction.
    pub fn new(value: impl Into<Value>) -> Field {
        Field(Cell::new(Some(value.into())))
    }

    /// As [`Field::new`], perhaps empty.
    pub fn opt(value: Option<Value>) -> Field {
        Field(Cell::new(value))
    }

    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        self.0.get()
    }

    /// The value, or Python's `None` if empty.
    #[inline(always)]
    pub fn or_none(&self) -> Value {
        self.0.get().unwrap_or(Value::NONE)
    }

    /// Stores a reference; `owner` is the object that the field is part of.
    #[inline(always)]
    pub fn set(&self, owner: &Header, value: Value) {
        owner.barrier();
        self.0.set(Some(value));
    }

    /// Empties the field.
    #[inline(always)]
    pub fn clear(&self) {
        self.0.set(None);
    }
}

/// A reference inside a heap object to an object of known layout.
#[repr(transparent)]
pub struct GcField<T: Object>(Cell<Option<Gc<T>>>);

impl<T: Object> Default for GcField<T> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T: Object> GcField<T> {
    pub const fn empty() -> Self {
        GcField(Cell::new(None))
    }
    pub fn new(object: Gc<T>) -> Self {
        GcField(Cell::new(Some(object)))
    }
    pub fn opt(object: Option<Gc<T>>) -> Self {
        GcField(Cell::new(object))
    }
    #[inline(always)]
    pub fn get(&self) -> Option<Gc<T>> {
        self.0.get()
    }
    /// Stores a reference; `owner` is the object that the field is part of.
    #[inline(always)]
    pub fn set(&self, owner: &Header, object: Gc<T>) {
        owner.barrier();
        self.0.set(Some(object));
    }
    #[inline(always)]
    pub fn clear(&self) {
        self.0.set(None);
    }
}

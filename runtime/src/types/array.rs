//! The object of `array.array`: numbers or characters of one C type, next to each other.
//!
//! The methods are those of the native module `array`. The object lies here because compiled
//! code reads and writes its items.

use crate::heap::{Gc, Header, Kind};
use crate::heap_object;
use crate::ops::buffer::{Exports, RawBuffer};
use crate::value::{Value, stored};
use crate::vm::{Raised, Result, Vm};
use std::cell::{Cell, UnsafeCell};

/// The type of an array's items, by its letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Code {
    I8 = b'b',
    U8 = b'B',
    /// A character: `u`, deprecated, and `w`.
    Wide = b'u',
    Char = b'w',
    I16 = b'h',
    U16 = b'H',
    I32 = b'i',
    U32 = b'I',
    Long = b'l',
    ULong = b'L',
    LongLong = b'q',
    ULongLong = b'Q',
    F32 = b'f',
    F64 = b'd',
}

/// An item as machine code has it: the first `size` bytes count.
pub type Item = [u8; 8];

impl Code {
    /// In the order of `array.typecodes`.
    pub const ALL: [Code; 14] = {
        use Code::*;
        [
            I8, U8, Wide, Char, I16, U16, I32, U32, Long, ULong, LongLong, ULongLong, F32, F64,
        ]
    };

    pub fn from_letter(letter: u32) -> Option<Code> {
        Code::ALL.into_iter().find(|c| *c as u32 == letter)
    }

    pub fn letter(self) -> char {
        char::from(self as u8)
    }

    /// Bytes of an item.
    pub fn size(self) -> usize {
        use Code::*;
        match self {
            I8 | U8 => 1,
            I16 | U16 => 2,
            Wide | Char | I32 | U32 | F32 => 4,
            Long | ULong | LongLong | ULongLong | F64 => 8,
        }
    }

    /// Whether the items are integers without a sign, or with one.
    pub fn signedness(self) -> Option<bool> {
        use Code::*;
        match self {
            U8 | U16 | U32 | ULong | ULongLong => Some(false),
            I8 | I16 | I32 | Long | LongLong => Some(true),
            Wide | Char | F32 | F64 => None,
        }
    }

    /// Whether the items are characters.
    pub fn is_text(self) -> bool {
        matches!(self, Code::Wide | Code::Char)
    }

    /// The format of lent memory.
    fn format(self) -> &'static str {
        use Code::*;
        match self {
            I8 => "b",
            U8 => "B",
            Wide | Char => "w",
            I16 => "h",
            U16 => "H",
            I32 => "i",
            U32 => "I",
            Long => "l",
            ULong => "L",
            LongLong => "q",
            ULongLong => "Q",
            F32 => "f",
            F64 => "d",
        }
    }

    /// The Python value of an item.
    #[inline]
    pub fn value(self, vm: &Vm, item: Item) -> Result {
        use Code::*;
        let word = u64::from_ne_bytes(item);
        Ok(match self {
            I8 => Value::small_int((word as i8).into()),
            U8 => Value::small_int((word as u8).into()),
            I16 => Value::small_int((word as i16).into()),
            U16 => Value::small_int((word as u16).into()),
            I32 => Value::small_int((word as i32).into()),
            U32 => Value::small_int((word as u32).into()),
            Long | LongLong => vm.new_int(word as i64),
            ULong | ULongLong => vm.new_uint(word),
            F32 => Value::float(f32::from_bits(word as u32).into()),
            F64 => Value::float(f64::from_bits(word)),
            Wide | Char => match word as u32 {
                c if c <= 0x10_FFFF => vm.str_of_char(c)?.value(),
                c => {
                    return Err(vm.value_error(format!(
                        "character U+{c:x} is not in range [U+0000; U+10ffff]"
                    )));
                }
            },
        })
    }

    /// The item for a Python value; exceptions have CPython's words, which depend on how it
    /// converts each type.
    pub fn item(self, vm: &Vm, v: Value) -> Result<Item> {
        use Code::*;
        let word = match self {
            I8 => ranged(vm, v, SHORT, ("signed char", -128, 127))? as u64,
            U8 => ranged(vm, v, LONG, ("unsigned byte integer", 0, 255))? as u64,
            I16 => ranged(vm, v, LONG, SHORT_RANGE)? as u64,
            U16 => ranged(vm, v, INT, ("unsigned short", 0, u16::MAX.into()))? as u64,
            I32 => ranged(vm, v, LONG, INT_RANGE)? as u64,
            U32 => {
                let i = unsigned(vm, v, UNSIGNED_LONG)?;
                if i > u32::MAX.into() {
                    return Err(vm.overflow_error("unsigned int is greater than maximum"));
                }
                i
            }
            Long => signed(vm, v, "Python int too large to convert to C long")? as u64,
            ULong => unsigned(vm, v, UNSIGNED_LONG)?,
            LongLong => signed(vm, v, "int too big to convert")? as u64,
            ULongLong => unsigned(
                vm,
                v,
                (
                    "can't convert negative int to unsigned",
                    "int too big to convert",
                ),
            )?,
            F32 => u64::from((stored(vm.to_float(v)?) as f32).to_bits()),
            F64 => stored(vm.to_float(v)?).to_bits(),
            Wide | Char => character(vm, v)?.into(),
        };
        Ok(word.to_ne_bytes())
    }
}

/// Name of a C type for messages, and its bounds.
type Bounds = (&'static str, i64, i64);
const SHORT_RANGE: Bounds = ("signed short integer", i16::MIN as i64, i16::MAX as i64);
const INT_RANGE: Bounds = ("signed integer", i32::MIN as i64, i32::MAX as i64);
/// What CPython converts to first.
const LONG: Option<Bounds> = None;
const SHORT: Option<Bounds> = Some(SHORT_RANGE);
const INT: Option<Bounds> = Some(INT_RANGE);
/// Messages for integers that are negative, and too large.
const UNSIGNED_LONG: (&str, &str) = (
    "can't convert negative value to unsigned int",
    "Python int too large to convert to C unsigned long",
);

fn signed(vm: &Vm, v: Value, message: &str) -> Result<i64> {
    if let Some(i) = v.as_int() {
        return Ok(i);
    }
    let i = vm.index(v)?.as_int_ref().and_then(|i| i.to_i128());
    i.and_then(|i| i64::try_from(i).ok())
        .ok_or_else(|| vm.overflow_error(message))
}

fn unsigned(vm: &Vm, v: Value, (negative, large): (&str, &str)) -> Result<u64> {
    let i = vm.index(v)?.as_int_ref();
    if i.is_some_and(|i| i.is_negative()) {
        return Err(vm.overflow_error(negative));
    }
    i.and_then(|i| i.to_i128())
        .and_then(|i| u64::try_from(i).ok())
        .ok_or_else(|| vm.overflow_error(large))
}

/// An integer within bounds, converted to another C type before.
fn ranged(vm: &Vm, v: Value, first: Option<Bounds>, bounds: Bounds) -> Result<i64> {
    let i = signed(vm, v, "Python int too large to convert to C long")?;
    for (name, low, high) in first.into_iter().chain([bounds]) {
        if i < low {
            return Err(vm.overflow_error(format!("{name} is less than minimum")));
        }
        if i > high {
            return Err(vm.overflow_error(format!("{name} is greater than maximum")));
        }
    }
    Ok(i)
}

fn character(vm: &Vm, v: Value) -> Result<u32> {
    let Some(s) = v.cast::<crate::types::str::Str>() else {
        return Err(vm.type_error(format!(
            "array item must be a unicode character, not {}",
            vm.class_of(v).qualified_name()
        )));
    };
    match s.len() {
        1 => Ok(s.char_at(0)),
        n => Err(vm.type_error(format!(
            "array item must be a unicode character, not a string of length {n}"
        ))),
    }
}

/// An `array.array`.
#[repr(C)]
pub struct ArrayObject {
    pub header: Header,
    /// Where the items are, and how many: as `store` has them.
    data: Cell<*mut u8>,
    len: Cell<usize>,
    code: Code,
    store: UnsafeCell<Vec<u8>>,
    pub exports: Exports,
}

heap_object!(ArrayObject, "array", Kind::Other, |this, marker| {}, drop);

impl ArrayObject {
    /// Byte offsets, for compiled code: of the address of the items, their number and their type.
    pub const DATA_OFFSET: usize = std::mem::offset_of!(ArrayObject, data);
    pub const LEN_OFFSET: usize = std::mem::offset_of!(ArrayObject, len);
    pub const CODE_OFFSET: usize = std::mem::offset_of!(ArrayObject, code);

    /// An array of these items.
    pub fn new(code: Code, data: Vec<u8>) -> ArrayObject {
        let array = ArrayObject {
            header: Header::empty(),
            data: Cell::default(),
            len: Cell::new(0),
            code,
            store: UnsafeCell::new(data),
            exports: Exports::default(),
        };
        array.moved();
        array
    }

    /// Notes where the store has its bytes now.
    fn moved(&self) {
        // SAFETY: one thread runs, and nothing refers into the store.
        let store = unsafe { &mut *self.store.get() };
        self.data.set(store.as_mut_ptr());
        self.len.set(store.len() / self.code.size());
    }

    /// The type of the items.
    #[inline]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Number of items.
    #[inline]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of all items. Nothing that may change the array may run while they are held.
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: one thread runs, and by contract nothing changes the store meanwhile.
        unsafe { &*self.store.get() }
    }

    /// Bytes of memory held.
    pub fn allocated(&self) -> usize {
        // SAFETY: as in `as_bytes`.
        unsafe { &*self.store.get() }.capacity()
    }

    /// The item at an index.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Item> {
        if index >= self.len() {
            return None;
        }
        let data = self.data.get();
        // By size: copying a number of bytes that only the array knows would be a call.
        // SAFETY: the item lies within the store.
        let word = unsafe {
            match self.code.size() {
                1 => (*data.add(index)).into(),
                2 => data.cast::<u16>().add(index).read_unaligned().into(),
                4 => data.cast::<u32>().add(index).read_unaligned().into(),
                _ => data.cast::<u64>().add(index).read_unaligned(),
            }
        };
        Some(u64::to_ne_bytes(word))
    }

    /// Replaces the item at an index; false if there is none.
    #[inline]
    pub fn set(&self, index: usize, item: Item) -> bool {
        if index >= self.len() {
            return false;
        }
        let (data, word) = (self.data.get(), u64::from_ne_bytes(item));
        // SAFETY: the item lies within the store, to which nobody holds a slice.
        unsafe {
            match self.code.size() {
                1 => *data.add(index) = word as u8,
                2 => data.cast::<u16>().add(index).write_unaligned(word as u16),
                4 => data.cast::<u32>().add(index).write_unaligned(word as u32),
                _ => data.cast::<u64>().add(index).write_unaligned(word),
            }
        }
        true
    }

    /// Runs `f` on all bytes, whose number does not change.
    pub fn change(&self, f: impl FnOnce(&mut [u8])) {
        // SAFETY: one thread runs, and nobody holds a slice of the store.
        f(unsafe { &mut *self.store.get() });
    }

    /// Runs `f` on the store, which may resize it. BufferError while the memory is lent.
    pub fn resize_with<R>(&self, vm: &Vm, f: impl FnOnce(&mut Vec<u8>) -> R) -> Result<R> {
        vm.check_resizable(&self.exports)
            .map_err(|raised| self.not_resizable(vm, raised))?;
        // SAFETY: one thread runs, the memory is not lent, and nobody holds a slice of it.
        let store = unsafe { &mut *self.store.get() };
        let before = store.capacity();
        let result = f(store);
        vm.heap
            .external_changed(&self.header, before, store.capacity());
        self.moved();
        Ok(result)
    }

    #[cold]
    fn not_resizable(&self, vm: &Vm, _: Raised) -> Raised {
        vm.clear_raised();
        vm.buffer_error("cannot resize an array that is exporting buffers")
    }

    /// Makes room for more bytes; MemoryError if there is none.
    pub fn reserve(&self, vm: &Vm, bytes: usize) -> Result<()> {
        match self.resize_with(vm, |store| store.try_reserve(bytes))? {
            Ok(()) => Ok(()),
            Err(_) => Err(vm.memory_error()),
        }
    }

    /// Appends an item.
    #[inline]
    pub fn push(&self, vm: &Vm, item: Item) -> Result<()> {
        self.resize_with(vm, |store| {
            store.extend_from_slice(&item[..self.code.size()]);
        })
    }
}

impl Gc<ArrayObject> {
    /// Lends the memory.
    pub fn lend(self) -> RawBuffer {
        RawBuffer::items(
            self.value(),
            self.data.get(),
            self.len(),
            (self.code.size(), self.code.format()),
            self.exports.lend(),
        )
    }
}

//! The plain-data form of a code object.

/// Bits of `co_flags`, with CPython's values (`inspect`, "Code Objects Bit Flags").
pub struct CodeFlags;

impl CodeFlags {
    /// Locals live in fast slots, not in a mapping.
    pub const OPTIMIZED: u32 = 0x1;
    /// A new mapping of locals is made for each call.
    pub const NEWLOCALS: u32 = 0x2;
    /// `*args` is present.
    pub const VARARGS: u32 = 0x4;
    /// `**kwargs` is present.
    pub const VARKEYWORDS: u32 = 0x8;
    /// The code is nested in a function.
    pub const NESTED: u32 = 0x10;
    /// A generator function.
    pub const GENERATOR: u32 = 0x20;
    /// A coroutine function (`async def`).
    pub const COROUTINE: u32 = 0x80;
    /// A generator that may be awaited (`types.coroutine`).
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    /// An asynchronous generator function.
    pub const ASYNC_GENERATOR: u32 = 0x200;
    /// `from __future__ import annotations` is in force.
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    /// `from __future__ import barry_as_FLUFL` is in force.
    pub const FUTURE_BARRY: u32 = 0x40_0000;
    /// The first constant is a docstring (functions only).
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    /// Activations are not to be seen: the code is part of a built-in function.
    pub const HIDDEN: u32 = 0x4000_0000;
    /// The code stands for native code: tracebacks do not show it.
    pub const UNTRACED: u32 = 0x2000_0000;
    /// The function is defined directly in a class body.
    pub const METHOD: u32 = 0x800_0000;
}

/// What a slot of the frame's `localsplus` array holds. The bits are CPython's
/// (`CO_FAST_LOCAL` and so on); an argument that is also a cell has both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LocalKind(pub u8);

impl LocalKind {
    /// A slot hidden from `locals()`: an inlined comprehension's variable.
    pub const HIDDEN: u8 = 0x10;
    /// A plain local variable or parameter.
    pub const LOCAL: u8 = 0x20;
    /// A variable shared with inner functions.
    pub const CELL: u8 = 0x40;
    /// A variable of an enclosing function.
    pub const FREE: u8 = 0x80;

    /// Whether the slot holds a cell made by this code.
    pub fn is_cell(self) -> bool {
        self.0 & Self::CELL != 0
    }
    /// Whether the slot holds a cell taken from the closure.
    pub fn is_free(self) -> bool {
        self.0 & Self::FREE != 0
    }
    /// Whether the slot is a local variable (it may be a cell as well).
    pub fn is_local(self) -> bool {
        self.0 & Self::LOCAL != 0
    }
}

/// A constant of a code object. Strings are WTF-8 (UTF-8 that may hold lone
/// surrogates), since Python literals may.
#[derive(Clone, PartialEq, Debug)]
pub enum Const {
    None,
    True,
    False,
    Ellipsis,
    /// An integer that fits 64 bits.
    Int(i64),
    /// Any other integer: sign and magnitude, least significant byte first.
    BigInt {
        negative: bool,
        magnitude: Vec<u8>,
    },
    Float(f64),
    Complex {
        real: f64,
        imag: f64,
    },
    /// WTF-8.
    Str(Box<[u8]>),
    Bytes(Box<[u8]>),
    Tuple(Vec<Const>),
    FrozenSet(Vec<Const>),
    /// `slice(start, stop, step)` of constants (3.14 folds constant slices).
    Slice(Box<[Const; 3]>),
    Code(Box<Code>),
}

impl Const {
    /// A string constant.
    pub fn str(text: &str) -> Const {
        Const::Str(text.as_bytes().into())
    }
}

/// A compiled unit: module, class body, function, or an expression's scope.
/// Field names follow the attributes of Python's code objects (`co_*`).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Code {
    /// `co_name`.
    pub name: String,
    /// `co_qualname`.
    pub qualname: String,
    /// `co_filename`; nested units repeat their parent's.
    pub filename: String,
    /// `co_firstlineno`.
    pub first_line: u32,
    /// `co_flags`, see [`CodeFlags`].
    pub flags: u32,
    /// `co_argcount`: positional parameters, positional-only ones included.
    pub arg_count: u32,
    /// `co_posonlyargcount`.
    pub posonly_arg_count: u32,
    /// `co_kwonlyargcount`.
    pub kwonly_arg_count: u32,
    /// Slots of evaluation stack the code needs at most.
    pub stack_size: u32,
    /// `co_consts`.
    pub consts: Vec<Const>,
    /// `co_names`.
    pub names: Vec<String>,
    /// Names and kinds of the frame's slots: parameters, other locals (cells
    /// among them in place), cells that are not locals, free variables last.
    pub locals_plus: Vec<(String, LocalKind)>,
    /// Instructions and inline caches, see [`crate::opcode`].
    pub instrs: Vec<u32>,
    /// `co_linetable`: CPython's location table (Objects/locations.md), with
    /// lengths counted in our 32-bit units.
    pub line_table: Vec<u8>,
    /// `co_exceptiontable`: CPython's varint format, offsets counted in units.
    pub exception_table: Vec<u8>,
}

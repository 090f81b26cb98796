//! The instruction set.
//!
//! It is CPython 3.14's, name by name, with its stack effects and argument
//! meanings (the `dis` documentation describes them); what differs:
//!
//! - An instruction is one 32-bit unit: the opcode in the low 8 bits, the
//!   argument in the upper 24. There is no `EXTENDED_ARG`.
//! - Each instruction is followed by [`Op::caches`] units of inline cache,
//!   zero when compiled, which the machine owns.
//! - Jump arguments are relative, in units, counted from the unit after the
//!   instruction *and its caches*; `JUMP_BACKWARD*` subtract.
//! - Two locals in one argument (`LOAD_FAST_LOAD_FAST` and its kin) take 12
//!   bits each, `first << 12 | second`; used only when both fit.
//! - There are no `*_BORROW` forms: nothing counts references.
//! - `LOAD_SMALL_INT` takes 0 to 2^23-1.
//!
//! Opcodes from `FIRST_SPECIALIZED` on never come from the compiler: the
//! machine writes them over the generic ones (PEP 659).

macro_rules! opcodes {
    ($($(#[$doc:meta])* $name:ident = $display:literal, $caches:literal;)*) => {
        /// An opcode. The variant's string form is the name that `dis` shows.
        #[allow(non_camel_case_types, reason = "the names are those of Python's dis module")]
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Op { $($(#[$doc])* $name,)* }

        impl Op {
            /// Every opcode, in numeric order.
            pub const ALL: &[Op] = &[$(Op::$name,)*];

            /// The name that `dis` shows.
            pub const fn name(self) -> &'static str {
                match self { $(Op::$name => $display,)* }
            }

            /// Units of inline cache behind the instruction.
            #[inline(always)]
            pub const fn caches(self) -> usize {
                match self { $(Op::$name => $caches,)* }
            }
        }
    };
}

opcodes! {
    CACHE = "CACHE", 0;
    NOP = "NOP", 0;
    /// Marks function entry and points where a generator resumes; counts hotness.
    RESUME = "RESUME", 1;
    RETURN_VALUE = "RETURN_VALUE", 0;
    YIELD_VALUE = "YIELD_VALUE", 0;
    RETURN_GENERATOR = "RETURN_GENERATOR", 0;
    POP_TOP = "POP_TOP", 0;
    PUSH_NULL = "PUSH_NULL", 0;
    COPY = "COPY", 0;
    SWAP = "SWAP", 0;

    LOAD_CONST = "LOAD_CONST", 0;
    LOAD_SMALL_INT = "LOAD_SMALL_INT", 0;
    LOAD_FAST = "LOAD_FAST", 0;
    LOAD_FAST_CHECK = "LOAD_FAST_CHECK", 0;
    LOAD_FAST_AND_CLEAR = "LOAD_FAST_AND_CLEAR", 0;
    LOAD_FAST_LOAD_FAST = "LOAD_FAST_LOAD_FAST", 0;
    STORE_FAST = "STORE_FAST", 0;
    STORE_FAST_LOAD_FAST = "STORE_FAST_LOAD_FAST", 0;
    STORE_FAST_STORE_FAST = "STORE_FAST_STORE_FAST", 0;
    DELETE_FAST = "DELETE_FAST", 0;
    MAKE_CELL = "MAKE_CELL", 0;
    COPY_FREE_VARS = "COPY_FREE_VARS", 0;
    LOAD_DEREF = "LOAD_DEREF", 0;
    STORE_DEREF = "STORE_DEREF", 0;
    DELETE_DEREF = "DELETE_DEREF", 0;
    LOAD_FROM_DICT_OR_DEREF = "LOAD_FROM_DICT_OR_DEREF", 0;
    LOAD_NAME = "LOAD_NAME", 4;
    STORE_NAME = "STORE_NAME", 1;
    DELETE_NAME = "DELETE_NAME", 0;
    /// Argument: name index << 1 | push NULL after it.
    LOAD_GLOBAL = "LOAD_GLOBAL", 4;
    STORE_GLOBAL = "STORE_GLOBAL", 4;
    DELETE_GLOBAL = "DELETE_GLOBAL", 0;
    LOAD_FROM_DICT_OR_GLOBALS = "LOAD_FROM_DICT_OR_GLOBALS", 0;
    LOAD_LOCALS = "LOAD_LOCALS", 0;
    LOAD_BUILD_CLASS = "LOAD_BUILD_CLASS", 0;
    LOAD_COMMON_CONSTANT = "LOAD_COMMON_CONSTANT", 0;

    /// Argument: name index << 1 | method form.
    LOAD_ATTR = "LOAD_ATTR", 5;
    /// Argument: name index << 2 | two-argument form << 1 | method form.
    LOAD_SUPER_ATTR = "LOAD_SUPER_ATTR", 4;
    LOAD_SPECIAL = "LOAD_SPECIAL", 0;
    STORE_ATTR = "STORE_ATTR", 5;
    DELETE_ATTR = "DELETE_ATTR", 0;

    UNARY_NEGATIVE = "UNARY_NEGATIVE", 0;
    UNARY_NOT = "UNARY_NOT", 0;
    UNARY_INVERT = "UNARY_INVERT", 0;
    TO_BOOL = "TO_BOOL", 2;
    /// Argument: see [`BinaryOp`].
    BINARY_OP = "BINARY_OP", 2;
    BINARY_SLICE = "BINARY_SLICE", 0;
    STORE_SLICE = "STORE_SLICE", 0;
    STORE_SUBSCR = "STORE_SUBSCR", 1;
    DELETE_SUBSCR = "DELETE_SUBSCR", 0;
    /// Argument: operator << 5 | convert result to bool (bit 4), see [`CompareOp`].
    COMPARE_OP = "COMPARE_OP", 1;
    IS_OP = "IS_OP", 0;
    CONTAINS_OP = "CONTAINS_OP", 1;

    JUMP_FORWARD = "JUMP_FORWARD", 0;
    JUMP_BACKWARD = "JUMP_BACKWARD", 1;
    JUMP_BACKWARD_NO_INTERRUPT = "JUMP_BACKWARD_NO_INTERRUPT", 0;
    POP_JUMP_IF_TRUE = "POP_JUMP_IF_TRUE", 0;
    POP_JUMP_IF_FALSE = "POP_JUMP_IF_FALSE", 0;
    POP_JUMP_IF_NONE = "POP_JUMP_IF_NONE", 0;
    POP_JUMP_IF_NOT_NONE = "POP_JUMP_IF_NOT_NONE", 0;
    NOT_TAKEN = "NOT_TAKEN", 0;

    GET_ITER = "GET_ITER", 0;
    GET_YIELD_FROM_ITER = "GET_YIELD_FROM_ITER", 0;
    FOR_ITER = "FOR_ITER", 1;
    END_FOR = "END_FOR", 0;
    POP_ITER = "POP_ITER", 0;
    SEND = "SEND", 1;
    END_SEND = "END_SEND", 0;
    CLEANUP_THROW = "CLEANUP_THROW", 0;
    GET_AITER = "GET_AITER", 0;
    GET_ANEXT = "GET_ANEXT", 0;
    GET_AWAITABLE = "GET_AWAITABLE", 0;
    END_ASYNC_FOR = "END_ASYNC_FOR", 0;

    BUILD_TUPLE = "BUILD_TUPLE", 0;
    BUILD_LIST = "BUILD_LIST", 0;
    BUILD_SET = "BUILD_SET", 0;
    BUILD_MAP = "BUILD_MAP", 0;
    BUILD_STRING = "BUILD_STRING", 0;
    BUILD_SLICE = "BUILD_SLICE", 0;
    BUILD_TEMPLATE = "BUILD_TEMPLATE", 0;
    BUILD_INTERPOLATION = "BUILD_INTERPOLATION", 0;
    LIST_APPEND = "LIST_APPEND", 0;
    LIST_EXTEND = "LIST_EXTEND", 0;
    SET_ADD = "SET_ADD", 0;
    SET_UPDATE = "SET_UPDATE", 0;
    MAP_ADD = "MAP_ADD", 0;
    DICT_UPDATE = "DICT_UPDATE", 0;
    DICT_MERGE = "DICT_MERGE", 0;
    UNPACK_SEQUENCE = "UNPACK_SEQUENCE", 1;
    UNPACK_EX = "UNPACK_EX", 0;
    CONVERT_VALUE = "CONVERT_VALUE", 0;
    FORMAT_SIMPLE = "FORMAT_SIMPLE", 0;
    FORMAT_WITH_SPEC = "FORMAT_WITH_SPEC", 0;

    CALL = "CALL", 3;
    CALL_KW = "CALL_KW", 3;
    CALL_FUNCTION_EX = "CALL_FUNCTION_EX", 0;
    CALL_INTRINSIC_1 = "CALL_INTRINSIC_1", 0;
    CALL_INTRINSIC_2 = "CALL_INTRINSIC_2", 0;
    MAKE_FUNCTION = "MAKE_FUNCTION", 0;
    SET_FUNCTION_ATTRIBUTE = "SET_FUNCTION_ATTRIBUTE", 0;

    RAISE_VARARGS = "RAISE_VARARGS", 0;
    RERAISE = "RERAISE", 0;
    PUSH_EXC_INFO = "PUSH_EXC_INFO", 0;
    POP_EXCEPT = "POP_EXCEPT", 0;
    CHECK_EXC_MATCH = "CHECK_EXC_MATCH", 0;
    CHECK_EG_MATCH = "CHECK_EG_MATCH", 0;
    WITH_EXCEPT_START = "WITH_EXCEPT_START", 0;

    GET_LEN = "GET_LEN", 0;
    MATCH_MAPPING = "MATCH_MAPPING", 0;
    MATCH_SEQUENCE = "MATCH_SEQUENCE", 0;
    MATCH_KEYS = "MATCH_KEYS", 0;
    MATCH_CLASS = "MATCH_CLASS", 0;

    IMPORT_NAME = "IMPORT_NAME", 0;
    IMPORT_FROM = "IMPORT_FROM", 0;
    SETUP_ANNOTATIONS = "SETUP_ANNOTATIONS", 0;

    // Specialised forms, written by the machine.
    BINARY_OP_ADD_INT = "BINARY_OP_ADD_INT", 2;
    BINARY_OP_SUBTRACT_INT = "BINARY_OP_SUBTRACT_INT", 2;
    BINARY_OP_MULTIPLY_INT = "BINARY_OP_MULTIPLY_INT", 2;
    BINARY_OP_BITWISE_INT = "BINARY_OP_BITWISE_INT", 2;
    BINARY_OP_ADD_FLOAT = "BINARY_OP_ADD_FLOAT", 2;
    BINARY_OP_SUBTRACT_FLOAT = "BINARY_OP_SUBTRACT_FLOAT", 2;
    BINARY_OP_MULTIPLY_FLOAT = "BINARY_OP_MULTIPLY_FLOAT", 2;
    BINARY_OP_ADD_UNICODE = "BINARY_OP_ADD_UNICODE", 2;
    BINARY_OP_SUBSCR_LIST_INT = "BINARY_OP_SUBSCR_LIST_INT", 2;
    BINARY_OP_SUBSCR_TUPLE_INT = "BINARY_OP_SUBSCR_TUPLE_INT", 2;
    BINARY_OP_SUBSCR_DICT = "BINARY_OP_SUBSCR_DICT", 2;
    BINARY_OP_SUBSCR_STR_INT = "BINARY_OP_SUBSCR_STR_INT", 2;
    COMPARE_OP_INT = "COMPARE_OP_INT", 1;
    COMPARE_OP_FLOAT = "COMPARE_OP_FLOAT", 1;
    COMPARE_OP_STR = "COMPARE_OP_STR", 1;
    STORE_SUBSCR_LIST_INT = "STORE_SUBSCR_LIST_INT", 1;
    STORE_SUBSCR_DICT = "STORE_SUBSCR_DICT", 1;
    FOR_ITER_RANGE = "FOR_ITER_RANGE", 1;
    FOR_ITER_LIST = "FOR_ITER_LIST", 1;
    FOR_ITER_TUPLE = "FOR_ITER_TUPLE", 1;
    FOR_ITER_GEN = "FOR_ITER_GEN", 1;
    FOR_ITER_CALL = "FOR_ITER_CALL", 1;
    SEND_GEN = "SEND_GEN", 1;
    LOAD_GLOBAL_MODULE = "LOAD_GLOBAL_MODULE", 4;
    LOAD_GLOBAL_BUILTIN = "LOAD_GLOBAL_BUILTIN", 4;
    LOAD_ATTR_SLOT = "LOAD_ATTR_SLOT", 5;
    LOAD_ATTR_OVERFLOW = "LOAD_ATTR_OVERFLOW", 5;
    LOAD_ATTR_DICT = "LOAD_ATTR_DICT", 5;
    LOAD_ATTR_METHOD = "LOAD_ATTR_METHOD", 5;
    LOAD_ATTR_METHOD_DICT = "LOAD_ATTR_METHOD_DICT", 5;
    LOAD_ATTR_CLASS_VALUE = "LOAD_ATTR_CLASS_VALUE", 5;
    LOAD_ATTR_CLASS = "LOAD_ATTR_CLASS", 5;
    LOAD_ATTR_MODULE = "LOAD_ATTR_MODULE", 5;
    LOAD_ATTR_PROPERTY = "LOAD_ATTR_PROPERTY", 5;
    LOAD_ATTR_GETSET = "LOAD_ATTR_GETSET", 5;
    LOAD_ATTR_ITEM = "LOAD_ATTR_ITEM", 5;
    STORE_ATTR_SLOT = "STORE_ATTR_SLOT", 5;
    STORE_ATTR_ADD_SLOT = "STORE_ATTR_ADD_SLOT", 5;
    STORE_ATTR_OVERFLOW = "STORE_ATTR_OVERFLOW", 5;
    STORE_ATTR_DICT = "STORE_ATTR_DICT", 5;
    /// A loop head that owns compiled code.
    ENTER_TRACE = "ENTER_TRACE", 1;
    /// The start of a function that owns compiled code.
    ENTER_FUNCTION = "ENTER_FUNCTION", 1;
}

/// The first opcode that only the machine writes.
pub const FIRST_SPECIALIZED: u8 = Op::BINARY_OP_ADD_INT as u8;

impl Op {
    /// The opcode that the compiler wrote where the machine wrote this one.
    pub fn generic(self) -> Op {
        use Op::*;
        match self {
            BINARY_OP_ADD_INT
            | BINARY_OP_SUBTRACT_INT
            | BINARY_OP_MULTIPLY_INT
            | BINARY_OP_BITWISE_INT
            | BINARY_OP_ADD_FLOAT
            | BINARY_OP_SUBTRACT_FLOAT
            | BINARY_OP_MULTIPLY_FLOAT
            | BINARY_OP_ADD_UNICODE
            | BINARY_OP_SUBSCR_LIST_INT
            | BINARY_OP_SUBSCR_TUPLE_INT
            | BINARY_OP_SUBSCR_DICT
            | BINARY_OP_SUBSCR_STR_INT => BINARY_OP,
            COMPARE_OP_INT | COMPARE_OP_FLOAT | COMPARE_OP_STR => COMPARE_OP,
            STORE_SUBSCR_LIST_INT | STORE_SUBSCR_DICT => STORE_SUBSCR,
            FOR_ITER_RANGE | FOR_ITER_LIST | FOR_ITER_TUPLE | FOR_ITER_GEN | FOR_ITER_CALL => {
                FOR_ITER
            }
            SEND_GEN => SEND,
            LOAD_GLOBAL_MODULE | LOAD_GLOBAL_BUILTIN => LOAD_GLOBAL,
            LOAD_ATTR_SLOT
            | LOAD_ATTR_OVERFLOW
            | LOAD_ATTR_DICT
            | LOAD_ATTR_METHOD
            | LOAD_ATTR_METHOD_DICT
            | LOAD_ATTR_CLASS_VALUE
            | LOAD_ATTR_CLASS
            | LOAD_ATTR_MODULE
            | LOAD_ATTR_PROPERTY
            | LOAD_ATTR_GETSET
            | LOAD_ATTR_ITEM => LOAD_ATTR,
            STORE_ATTR_SLOT | STORE_ATTR_ADD_SLOT | STORE_ATTR_OVERFLOW | STORE_ATTR_DICT => {
                STORE_ATTR
            }
            ENTER_TRACE => JUMP_BACKWARD,
            ENTER_FUNCTION => RESUME,
            other => other,
        }
    }

    /// The opcode numbered `byte`, if there is one.
    pub fn from_u8(byte: u8) -> Option<Op> {
        Op::ALL.get(byte as usize).copied()
    }
}

/// The largest argument an instruction can hold.
pub const MAX_ARG: u32 = (1 << 24) - 1;

/// One instruction as its 32-bit unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instr(pub u32);

impl Instr {
    /// Packs opcode and argument; `arg` must not pass [`MAX_ARG`].
    pub const fn new(op: Op, arg: u32) -> Instr {
        Instr(op as u32 | arg << 8)
    }
    /// The opcode's number.
    pub const fn op_byte(self) -> u8 {
        self.0 as u8
    }
    /// The argument.
    pub const fn arg(self) -> u32 {
        self.0 >> 8
    }
}

/// Arguments of `BINARY_OP`, numbered as CPython's `NB_*`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum BinaryOp {
    Add,
    And,
    FloorDivide,
    LShift,
    MatMul,
    Multiply,
    Remainder,
    Or,
    Power,
    RShift,
    Subtract,
    TrueDivide,
    Xor,
    InplaceAdd,
    InplaceAnd,
    InplaceFloorDivide,
    InplaceLShift,
    InplaceMatMul,
    InplaceMultiply,
    InplaceRemainder,
    InplaceOr,
    InplacePower,
    InplaceRShift,
    InplaceSubtract,
    InplaceTrueDivide,
    InplaceXor,
    Subscr,
}

/// Operators of `COMPARE_OP`, numbered as Python's rich comparisons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CompareOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

/// Arguments of `LOAD_COMMON_CONSTANT`, as in CPython 3.14.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CommonConstant {
    AssertionError,
    NotImplementedError,
    Tuple,
    All,
    Any,
}

/// Arguments of `LOAD_SPECIAL`, as in CPython 3.14.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum SpecialMethod {
    Enter,
    Exit,
    AEnter,
    AExit,
}

/// Arguments of `CALL_INTRINSIC_1`, as in CPython 3.14.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Intrinsic1 {
    Invalid,
    Print,
    ImportStar,
    StopIterationError,
    AsyncGenWrap,
    UnaryPositive,
    ListToTuple,
    TypeVar,
    ParamSpec,
    TypeVarTuple,
    SubscriptGeneric,
    TypeAlias,
}

/// Arguments of `CALL_INTRINSIC_2`, as in CPython 3.14.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Intrinsic2 {
    Invalid,
    PrepReraiseStar,
    TypeVarWithBound,
    TypeVarWithConstraints,
    SetFunctionTypeParams,
    SetTypeParamDefault,
}

/// Bits of `SET_FUNCTION_ATTRIBUTE`'s argument.
pub struct FunctionAttribute;

impl FunctionAttribute {
    pub const DEFAULTS: u32 = 0x01;
    pub const KW_DEFAULTS: u32 = 0x02;
    pub const ANNOTATIONS: u32 = 0x04;
    pub const CLOSURE: u32 = 0x08;
    pub const ANNOTATE: u32 = 0x10;
}

//! How instructions change the depth of the stack.

use crate::Op;

/// The change of depth by an instruction; the same whether it jumps or not.
pub fn stack_effect(op: Op, arg: u32) -> i32 {
    use Op::*;
    let arg = arg as i32;
    match op {
        NOP
        | RESUME
        | SEND
        | COPY_FREE_VARS
        | MAKE_CELL
        | NOT_TAKEN
        | JUMP_FORWARD
        | JUMP_BACKWARD
        | JUMP_BACKWARD_NO_INTERRUPT
        | SWAP
        | DELETE_FAST
        | DELETE_DEREF
        | DELETE_NAME
        | DELETE_GLOBAL
        | SETUP_ANNOTATIONS
        | YIELD_VALUE
        | GET_ITER
        | GET_YIELD_FROM_ITER
        | GET_AITER
        | GET_AWAITABLE
        | TO_BOOL
        | UNARY_NEGATIVE
        | UNARY_NOT
        | UNARY_INVERT
        | CALL_INTRINSIC_1
        | CONVERT_VALUE
        | FORMAT_SIMPLE
        | CHECK_EXC_MATCH
        | CHECK_EG_MATCH
        | LOAD_FROM_DICT_OR_GLOBALS
        | LOAD_FROM_DICT_OR_DEREF
        | MAKE_FUNCTION
        | CACHE => 0,
        COPY | PUSH_NULL | LOAD_CONST | LOAD_SMALL_INT | LOAD_FAST | LOAD_FAST_CHECK
        | LOAD_FAST_AND_CLEAR | LOAD_DEREF | LOAD_NAME | LOAD_LOCALS | LOAD_BUILD_CLASS
        | LOAD_COMMON_CONSTANT | GET_ANEXT | GET_LEN | MATCH_MAPPING | MATCH_SEQUENCE
        | MATCH_KEYS | PUSH_EXC_INFO | IMPORT_FROM | WITH_EXCEPT_START | RETURN_GENERATOR
        | LOAD_SPECIAL => 1,
        RETURN_VALUE
        | POP_TOP
        | STORE_FAST
        | STORE_DEREF
        | STORE_NAME
        | STORE_GLOBAL
        | DELETE_ATTR
        | BINARY_OP
        | COMPARE_OP
        | IS_OP
        | CONTAINS_OP
        | POP_JUMP_IF_TRUE
        | POP_JUMP_IF_FALSE
        | POP_JUMP_IF_NONE
        | POP_JUMP_IF_NOT_NONE
        | END_FOR
        | POP_ITER
        | END_SEND
        | LIST_APPEND
        | LIST_EXTEND
        | SET_ADD
        | SET_UPDATE
        | DICT_UPDATE
        | DICT_MERGE
        | FORMAT_WITH_SPEC
        | POP_EXCEPT
        | IMPORT_NAME
        | CALL_INTRINSIC_2
        | SET_FUNCTION_ATTRIBUTE
        | BUILD_TEMPLATE
        | CLEANUP_THROW => -1,
        MAP_ADD | STORE_ATTR | DELETE_SUBSCR | BINARY_SLICE | MATCH_CLASS | END_ASYNC_FOR => -2,
        STORE_SUBSCR => -3,
        STORE_SLICE => -4,
        CALL_FUNCTION_EX => -3,
        LOAD_FAST_LOAD_FAST => 2,
        STORE_FAST_LOAD_FAST => 0,
        STORE_FAST_STORE_FAST => -2,
        LOAD_GLOBAL => 1 + (arg & 1),
        LOAD_ATTR => arg & 1,
        LOAD_SUPER_ATTR => -2 + (arg & 1),
        FOR_ITER => 1,
        BUILD_TUPLE | BUILD_LIST | BUILD_SET | BUILD_STRING => 1 - arg,
        BUILD_MAP => 1 - 2 * arg,
        BUILD_SLICE => 1 - arg,
        BUILD_INTERPOLATION => -1 - (arg & 1),
        UNPACK_SEQUENCE => arg - 1,
        UNPACK_EX => (arg & 0xFF) + (arg >> 8),
        CALL => -1 - arg,
        CALL_KW => -2 - arg,
        RAISE_VARARGS => -arg,
        RERAISE => -1,
        // Specialised forms never reach the compiler.
        _ => 0,
    }
}

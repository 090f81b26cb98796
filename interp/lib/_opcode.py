"""What the instructions' arguments are."""

import _imp
from _operator import index as _index

_names = [name for name, caches, generic in _imp._instructions()]
_CONST = {"LOAD_CONST"}
_NAME = {"LOAD_NAME", "STORE_NAME", "DELETE_NAME", "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_ATTR",
         "STORE_ATTR", "DELETE_ATTR", "LOAD_SUPER_ATTR", "IMPORT_NAME", "IMPORT_FROM", "LOAD_FROM_DICT_OR_GLOBALS"}
_JUMP = {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE",
         "POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE", "FOR_ITER", "SEND", "END_ASYNC_FOR"}
_FREE = {"MAKE_CELL", "LOAD_DEREF", "STORE_DEREF", "DELETE_DEREF", "LOAD_FROM_DICT_OR_DEREF"}
_LOCAL = {"LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_AND_CLEAR", "STORE_FAST", "DELETE_FAST", "LOAD_FAST_LOAD_FAST",
          "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST"}
_NO_ARGUMENT = {"NOP", "CACHE", "RETURN_VALUE", "RETURN_GENERATOR", "POP_TOP", "PUSH_NULL", "LOAD_LOCALS",
                "LOAD_BUILD_CLASS", "UNARY_NEGATIVE", "UNARY_NOT", "UNARY_INVERT", "TO_BOOL", "BINARY_SLICE",
                "STORE_SLICE", "STORE_SUBSCR", "DELETE_SUBSCR", "NOT_TAKEN", "GET_ITER", "GET_YIELD_FROM_ITER",
                "END_FOR", "POP_ITER", "END_SEND", "CLEANUP_THROW", "GET_AITER", "GET_ANEXT", "FORMAT_SIMPLE",
                "FORMAT_WITH_SPEC", "MAKE_FUNCTION", "PUSH_EXC_INFO", "POP_EXCEPT", "CHECK_EXC_MATCH",
                "CHECK_EG_MATCH", "WITH_EXCEPT_START", "GET_LEN", "MATCH_MAPPING", "MATCH_SEQUENCE", "MATCH_KEYS",
                "SETUP_ANNOTATIONS", "BUILD_TEMPLATE", "CALL_FUNCTION_EX"}


def _test(name, names):
    def test(opcode):
        opcode = _index(opcode)
        return 0 <= opcode < len(_names) and _names[opcode] in names
    test.__name__ = test.__qualname__ = name
    return test


has_const, has_name, has_jump = _test("has_const", _CONST), _test("has_name", _NAME), _test("has_jump", _JUMP)
has_free, has_local, has_exc = _test("has_free", _FREE), _test("has_local", _LOCAL), _test("has_exc", ())


def is_valid(opcode):
    """Whether there is such an instruction."""
    return 0 <= _index(opcode) < len(_names)


def has_arg(opcode):
    """Whether the instruction's argument means something."""
    return is_valid(opcode) and _names[opcode] not in _NO_ARGUMENT


def stack_effect(opcode, oparg=None, /, *, jump=None):
    """The instruction's effect on the height of the stack: not offered."""
    raise NotImplementedError("Taipan does not tell stack effects of single instructions")


def get_executor(*, code, offset):
    """There are no executors."""
    return None


def get_nb_ops():
    """Names and signs of the operators of BINARY_OP."""
    names = ("ADD AND FLOOR_DIVIDE LSHIFT MATRIX_MULTIPLY MULTIPLY REMAINDER OR POWER RSHIFT SUBTRACT "
             "TRUE_DIVIDE XOR").split()
    signs = "+ & // << @ * % | ** >> - / ^".split()
    return ([(f"NB_{n}", s) for n, s in zip(names, signs)]
            + [(f"NB_INPLACE_{n}", f"{s}=") for n, s in zip(names, signs)] + [("NB_SUBSCR", "[]")])


def get_intrinsic1_descs():
    """Names of the operations of CALL_INTRINSIC_1."""
    return ["INTRINSIC_1_INVALID", "INTRINSIC_PRINT", "INTRINSIC_IMPORT_STAR", "INTRINSIC_STOPITERATION_ERROR",
            "INTRINSIC_ASYNC_GEN_WRAP", "INTRINSIC_UNARY_POSITIVE", "INTRINSIC_LIST_TO_TUPLE", "INTRINSIC_TYPEVAR",
            "INTRINSIC_PARAMSPEC", "INTRINSIC_TYPEVARTUPLE", "INTRINSIC_SUBSCRIPT_GENERIC", "INTRINSIC_TYPEALIAS"]


def get_intrinsic2_descs():
    """Names of the operations of CALL_INTRINSIC_2."""
    return ["INTRINSIC_2_INVALID", "INTRINSIC_PREP_RERAISE_STAR", "INTRINSIC_TYPEVAR_WITH_BOUND",
            "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS", "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
            "INTRINSIC_SET_TYPEPARAM_DEFAULT"]


def get_special_method_names():
    """Names of the methods of LOAD_SPECIAL."""
    return ["__enter__", "__exit__", "__aenter__", "__aexit__"]

# Of CPython's own specialising interpreter.
ENABLE_SPECIALIZATION = ENABLE_SPECIALIZATION_FT = False


for _value in list(globals().values()):
    if type(_value) is type(_test):
        _imp._as_native(_value)
del _value

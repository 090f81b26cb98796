"""Numbers, names and kinds of the machine's instructions."""

import _imp
import _opcode
from _opcode import has_const, has_exc, has_free, has_jump, has_local, has_name, stack_effect
from _opcode_metadata import HAVE_ARGUMENT, _specializations, _specialized_opmap, opmap

__all__ = ["cmp_op", "stack_effect", "hascompare", "opname", "opmap", "HAVE_ARGUMENT", "EXTENDED_ARG", "hasarg",
           "hasconst", "hasname", "hasjump", "hasjrel", "hasjabs", "hasfree", "haslocal", "hasexc"]

EXTENDED_ARG = opmap["EXTENDED_ARG"]
opname = [f"<{i}>" for i in range(256)]
for _name, _number in (opmap | _specialized_opmap).items():
    opname[_number] = _name
del _name, _number
cmp_op = ("<", "<=", "==", "!=", ">", ">=")
_numbers = opmap.values()
hasarg = [n for n in _numbers if _opcode.has_arg(n)]
hasconst = [n for n in _numbers if has_const(n)]
hasname = [n for n in _numbers if has_name(n)]
hasjump = [n for n in _numbers if has_jump(n)]
hasjrel, hasjabs = hasjump, []
hasfree = [n for n in _numbers if has_free(n)]
haslocal = [n for n in _numbers if has_local(n)]
hasexc = []
hascompare = [opmap["COMPARE_OP"]]
_intrinsic_1_descs = _opcode.get_intrinsic1_descs()
_intrinsic_2_descs = _opcode.get_intrinsic2_descs()
_special_method_names = _opcode.get_special_method_names()
_nb_ops = _opcode.get_nb_ops()
_inline_cache_entries = {name: caches for name, caches, _ in _imp._instructions()}

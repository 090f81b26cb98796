"""Shows the machine's bytecode.

An instruction takes four bytes: its number, then a little-endian argument of
three. Behind it come as many units of inline cache as ``_inline_cache_entries`` says.
Offsets (``f_lasti``, ``co_lines``, those shown here) count two for each unit, as in
CPython, whose library halves them to index ``co_positions``.
"""

import collections
import io
import sys
import types
from opcode import *
from opcode import __all__ as _opcodes_all
from opcode import (_inline_cache_entries, _intrinsic_1_descs, _intrinsic_2_descs, _nb_ops,
                    _special_method_names, _specialized_opmap)

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code",
           "get_instructions", "Instruction", "Bytecode"] + _opcodes_all

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED", 2: "NEWLOCALS", 4: "VARARGS", 8: "VARKEYWORDS", 16: "NESTED", 32: "GENERATOR", 64: "NOFREE",
    128: "COROUTINE", 256: "ITERABLE_COROUTINE", 512: "ASYNC_GENERATOR", 0x4000000: "HAS_DOCSTRING",
    0x8000000: "METHOD",
}
_UNIT = 4
_HAVE_CODE = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)
Positions = collections.namedtuple("Positions", "lineno end_lineno col_offset end_col_offset", defaults=(None,) * 4)


def pretty_flags(flags):
    """Names of the bits of ``co_flags``."""
    names = []
    for i in range(32):
        bit = 1 << i
        if flags & bit:
            names.append(COMPILER_FLAG_NAMES.get(bit, hex(bit)))
            flags ^= bit
    return ", ".join(names) or hex(flags)


def _compile(source, name):
    try:
        return compile(source, name, "eval")
    except SyntaxError:
        return compile(source, name, "exec")


def _get_code_object(x):
    while hasattr(x, "__func__"):
        x = x.__func__
    for name in ("__code__", "gi_code", "ag_code", "cr_code"):
        x = getattr(x, name, x)
    if isinstance(x, str):
        x = _compile(x, "<disassembly>")
    if hasattr(x, "co_code"):
        return x
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def code_info(x):
    """What there is to say of a code object beside its instructions."""
    code = _get_code_object(x)
    lines = [f"Name:              {code.co_name}", f"Filename:          {code.co_filename}",
             f"Argument count:    {code.co_argcount}", f"Positional-only arguments: {code.co_posonlyargcount}",
             f"Kw-only arguments: {code.co_kwonlyargcount}", f"Number of locals:  {code.co_nlocals}",
             f"Stack size:        {code.co_stacksize}", f"Flags:             {pretty_flags(code.co_flags)}"]
    for title, values in (("Constants", code.co_consts), ("Names", code.co_names),
                          ("Variable names", code.co_varnames), ("Free variables", code.co_freevars),
                          ("Cell variables", code.co_cellvars)):
        if values:
            lines.append(f"{title}:")
            show = repr if title == "Constants" else str
            lines += [f"{i:4d}: {show(v)}" for i, v in enumerate(values)]
    return "\n".join(lines)


def show_code(co, *, file=None):
    """Print ``code_info``."""
    print(code_info(co), file=file)


Instruction = collections.namedtuple(
    "Instruction", "opname opcode arg argval argrepr offset start_offset starts_line line_number label positions "
                   "cache_info", defaults=(None, None, None))
Instruction.baseopname = property(lambda self: self.opname)
Instruction.baseopcode = property(lambda self: self.opcode)
Instruction.oparg = property(lambda self: self.arg)
Instruction.jump_target = property(lambda self: self.argval if self.opcode in hasjump else None)
Instruction.is_jump_target = property(lambda self: self.label is not None)
Instruction.cache_offset = property(lambda self: self.offset + 2)
Instruction.end_offset = property(
    lambda self: self.offset + 2 * (1 + _inline_cache_entries.get(self.opname, 0)))


def _units(code):
    at = 0
    while at + _UNIT <= len(code):
        op = code[at]
        yield at, op, int.from_bytes(code[at + 1:at + _UNIT], "little")
        at += _UNIT * (1 + _inline_cache_entries.get(opname[op], 0))


def _target(at, op, arg):
    after = at + _UNIT * (1 + _inline_cache_entries.get(opname[op], 0))
    back = "BACKWARD" in opname[op] or opname[op] == "END_ASYNC_FOR"
    return after - arg * _UNIT if back else after + arg * _UNIT


def findlabels(code):
    """Offsets that jumps lead to."""
    labels = []
    for at, op, arg in _units(code):
        if op in hasjump and (to := _target(at, op, arg)) not in labels:
            labels.append(to)
    return labels


def findlinestarts(code):
    """Offsets at which lines start: (offset, line)."""
    last = False
    for start, end, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def _find_imports(co):
    """Yield name, level and names of every import statement, for ``modulefinder``."""
    before = [None, None]
    for _, op, arg in _units(co.co_code):
        name = opname[op]
        if name == "IMPORT_NAME":
            level, names = before
            yield co.co_names[arg], level, names
        loaded = arg if name == "LOAD_SMALL_INT" else co.co_consts[arg] if op in hasconst else None
        before = [before[1], loaded]


def _find_store_names(co):
    """Yield the names that module code gives values, for ``modulefinder``."""
    for _, op, arg in _units(co.co_code):
        if opname[op] in ("STORE_NAME", "STORE_GLOBAL"):
            yield co.co_names[arg]


def _argument(op, arg, at, code, labels):
    name = opname[op]
    if op in hasconst:
        value = code.co_consts[arg]
        return value, repr(value)
    if op in hasname:
        shift = {"LOAD_GLOBAL": 1, "LOAD_ATTR": 1, "LOAD_SUPER_ATTR": 2}.get(name, 0)
        value = code.co_names[arg >> shift]
        shown = value
        if name == "LOAD_GLOBAL" and arg & 1:
            shown += " + NULL"
        elif shift and arg & 1:
            shown += " + NULL|self"
        return value, shown
    if op in hasjump:
        to = _target(at, op, arg)
        way = "from" if name == "END_ASYNC_FOR" else "to"
        return to // 2, f"{way} L{labels[to]}" if to in labels else f"{way} {to // 2}"
    local = code._varname_from_oparg
    if name in ("LOAD_FAST_LOAD_FAST", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST"):
        pair = local(arg >> 12), local(arg & 0xfff)
        return pair, ", ".join(pair)
    if op in haslocal or op in hasfree:
        return local(arg), local(arg)
    if name == "COMPARE_OP":
        sign = cmp_op[arg >> 5]
        return sign, f"bool({sign})" if arg & 16 else sign
    if name == "BINARY_OP":
        return arg, _nb_ops[arg][1]
    if name in ("IS_OP", "CONTAINS_OP"):
        return arg, ("is not" if arg else "is") if name == "IS_OP" else ("not in" if arg else "in")
    if name == "CALL_INTRINSIC_1":
        return arg, _intrinsic_1_descs[arg]
    if name == "CALL_INTRINSIC_2":
        return arg, _intrinsic_2_descs[arg]
    if name == "LOAD_SPECIAL":
        return arg, _special_method_names[arg]
    return arg, ""


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False, **_):
    """The instructions of a function, class method, source or code object."""
    code = _get_code_object(x)
    raw = code._co_code_adaptive if adaptive else code.co_code
    labels = {at: i for i, at in enumerate(sorted(findlabels(code.co_code)), 1)}
    starts = dict(findlinestarts(code))
    delta = 0 if first_line is None else first_line - code.co_firstlineno
    positions = list(code.co_positions())
    line = None
    for at, op, arg in _units(raw):
        offset = at // 2
        begins = offset in starts
        if begins:
            line = starts[offset]
            if line is not None:
                line += delta
        has = op in hasarg or opname[op] in _specialized_opmap
        value, shown = _argument(op, arg, at, code, labels) if has else (None, "")
        place = Positions(*positions[at // _UNIT]) if at // _UNIT < len(positions) else None
        yield Instruction(opname[op], op, arg if has else None, value, shown, offset, offset, begins, line,
                          labels.get(at), place)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False,
                show_positions=False):
    """Print a code object's instructions."""
    width = len(str(max((line or 0 for _, line in findlinestarts(co)), default=0))) + 2
    first = True
    for i in get_instructions(co, adaptive=adaptive):
        if i.starts_line and not first:
            print(file=file)
        first = False
        line = (str(i.line_number) if i.line_number is not None else "--") if i.starts_line else ""
        label = f"L{i.label}:" if i.label else ""
        mark = "-->" if i.offset == lasti else "   "
        offset = f"{i.offset:4d} " if show_offsets else ""
        parts = [f"{line:>{width}}", mark, f"{label:>5}", f"{offset}{i.opname:<23}"]
        if i.arg is not None:
            parts.append(f"{i.arg:>5}")
            if i.argrepr:
                parts.append(f"({i.argrepr})")
        print(" ".join(parts).rstrip(), file=file)


disco = disassemble


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False,
        show_positions=False):
    """Disassemble a class, method, function, source or code object, and what is nested in it."""
    options = dict(file=file, show_caches=show_caches, adaptive=adaptive, show_offsets=show_offsets)
    if x is None:
        return distb(**options)
    if not hasattr(x, "co_code") and hasattr(x, "__dict__") and not hasattr(x, "__code__") \
            and not hasattr(x, "__func__") and isinstance(x, (type, types.ModuleType)):
        for name, value in sorted(vars(x).items()):
            if isinstance(value, _HAVE_CODE):
                print(f"Disassembly of {name}:", file=file)
                try:
                    dis(value, depth=depth, **options)
                except TypeError as e:
                    print("Sorry:", e, file=file)
                print(file=file)
        return
    code = _get_code_object(x)
    disassemble(code, **options)
    if depth is None or depth > 0:
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                print(file=file)
                print(f"Disassembly of {constant!r}:", file=file)
                dis(constant, depth=None if depth is None else depth - 1, **options)


def distb(tb=None, **options):
    """Disassemble a traceback's last frame (default: the last exception's)."""
    options.pop("show_positions", None)
    if tb is None:
        try:
            tb = sys.last_exc.__traceback__ if hasattr(sys, "last_exc") else sys.last_traceback
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
    while tb.tb_next:
        tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, **options)


class Bytecode:
    """The bytecode of an object: iterates over its instructions."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False,
                 show_offsets=False, show_positions=False):
        self.codeobj = _get_code_object(x)
        self.first_line = self.codeobj.co_firstlineno if first_line is None else first_line
        self.current_offset = current_offset
        self._original_object = x
        self.adaptive = adaptive
        self.show_offsets = show_offsets

    def __iter__(self):
        return get_instructions(self.codeobj, first_line=self.first_line, adaptive=self.adaptive)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, **options):
        """Of a traceback's last frame."""
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti, **options)

    def info(self):
        """What ``code_info`` says."""
        return code_info(self.codeobj)

    def dis(self):
        """The disassembly as a string."""
        out = io.StringIO()
        offset = -1 if self.current_offset is None else self.current_offset
        disassemble(self.codeobj, offset, file=out, adaptive=self.adaptive, show_offsets=self.show_offsets)
        return out.getvalue()


def main(args=None):
    """``python -m dis [FILE]``."""
    import argparse
    parser = argparse.ArgumentParser(color=True)
    parser.add_argument("-C", "--show-caches", action="store_true", help="show inline caches")
    parser.add_argument("-O", "--show-offsets", action="store_true", help="show instruction offsets")
    parser.add_argument("-S", "--specialized", action="store_true", help="show specialized bytecode")
    parser.add_argument("infile", nargs="?", default="-")
    options = parser.parse_args(args)
    if options.infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = options.infile
        with open(name, "rb") as file:
            source = file.read()
    dis(compile(source, name, "exec"), show_offsets=options.show_offsets, adaptive=options.specialized)


if __name__ == "__main__":
    main()

"""Symbol tables of the compiler as the library's ``symtable`` takes them."""

from _taipan_symbols import blocks as _blocks

DEF_GLOBAL = 1
DEF_LOCAL = 2
DEF_PARAM = 4
DEF_NONLOCAL = 8
USE = 16
DEF_FREE_CLASS = 64
DEF_IMPORT = 128
DEF_ANNOT = 256
DEF_COMP_ITER = 512
DEF_TYPE_PARAM = 1024
DEF_COMP_CELL = 2048
DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT

(TYPE_FUNCTION, TYPE_CLASS, TYPE_MODULE, TYPE_ANNOTATION, TYPE_TYPE_ALIAS,
 TYPE_TYPE_PARAMETERS, TYPE_TYPE_VARIABLE) = range(7)

LOCAL, GLOBAL_EXPLICIT, GLOBAL_IMPLICIT, FREE, CELL = range(1, 6)
SCOPE_OFF = 12
SCOPE_MASK = 15


class _Entry:
    __slots__ = ("type", "name", "lineno", "nested", "symbols", "varnames", "children", "__weakref__")

    def __init__(self, type, name, lineno, nested, symbols, varnames, children):
        self.type, self.name, self.lineno, self.nested = type, name, lineno, nested
        self.symbols, self.varnames, self.children = symbols, varnames, children

    @property
    def id(self):
        return id(self)

    def __repr__(self):
        return f"<symtable entry {self.name}({self.id}), line {self.lineno}>"


_Entry.__name__ = _Entry.__qualname__ = "symtable entry"
_Entry.__module__ = "builtins"


def symtable(source, filename, startstr, /):
    """Return symbol and scope dictionaries used internally by compiler."""
    entries = [_Entry(*block) for block in _blocks(source, filename, startstr)]
    for entry in entries:
        entry.children = [entries[i] for i in entry.children]
    return entries[0]

# Messages of code.replace(), co_lnotab, and what symtable() refuses.
import symtable
import warnings


def tell(f, *args, **keywords):
    try:
        f(*args, **keywords)
        print("ok")
    except Exception as e:
        print(type(e).__name__, e)


def f(a, *, b):
    pass


code = f.__code__
fields = [
    "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize",
    "co_flags", "co_firstlineno", "co_code", "co_consts", "co_names", "co_varnames", "co_freevars",
    "co_cellvars", "co_filename", "co_name", "co_qualname", "co_linetable", "co_exceptiontable",
]
for field in fields:
    for value in -1, 1 << 40, None, "x", b"a", [], 1.5:
        if field == "co_nlocals" or not (field == "co_linetable" and value == b"a"):
            print(field, repr(value), end=" ")
            tell(code.replace, **{field: value})
for value in (1,), ("a", "b", "c"), ():
    tell(code.replace, co_varnames=value)
    tell(code.replace, co_nlocals=len(value))
tell(code.replace, co_names=(1,))
tell(code.replace, co_code=code.co_code)
tell(code.replace, 1)

source = "def g():\n" + "\n" * 300 + "  return 1\n"
source += "def h():\n  for i in (\n" + "\n" * 150 + "   x):\n    y = 1\n"
exec(source)
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    # Offsets are the instructions' own; lines go forwards and back in steps of a byte.
    print([list(x.__code__.co_lnotab[1::2]) for x in (f, g, h)])
    print([(str(w.message), w.category.__name__) for w in seen])

tell(symtable.symtable, 1, "f", "exec")
tell(symtable.symtable, None, "f", "exec")
tell(symtable.symtable, "1", 1, "exec")
tell(symtable.symtable, "1", None, "exec")
tell(symtable.symtable, "1", "f\0", "exec")
tell(symtable.symtable, "1", "f", 1)
tell(symtable.symtable, "1", "f", "other")
tell(symtable.symtable, b"1", b"f", "exec")
tell(symtable.symtable, "1\0", "f", "exec")

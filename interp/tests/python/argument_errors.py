"""What built-in functions say about arguments that do not fit."""
import collections
import functools
import itertools
import operator
import types


def tell(function, *args, **keywords):
    try:
        print(type(function(*args, **keywords)).__name__)
    except Exception as e:
        print(type(e).__name__, e)


# Keywords come before the number of arguments, and what is missing before what is unknown.
tell([].clear, 1, nokw=1)
tell([].__len__, 1, nokw=1)
tell([].append, nokw=1)
tell("a".expandtabs, 1, nokw=1)
tell("a".expandtabs, nokw=1)
tell("a".splitlines, True, nokw=1)
tell(memoryview(b"a").cast, nokw=1)
tell([1].sort, 1)
tell([1].sort, nokw=1)
tell(enumerate, nokw=1)
tell(enumerate, [], 0, nokw=1)
tell("a".encode, nokw=1)
tell(int.from_bytes, nokw=1)
tell(sum, nokw=1)
tell(print, nokw=1)
tell(open, nokw=1)

# Classes.
tell(classmethod)
tell(classmethod, 1, 2)
tell(itertools.tee, [1], 1, 2)
tell(type("a".join), 1)
tell(type([].append))
tell(type(int.__add__))
tell(type([].__len__), 1)
tell(type(type.__dict__["__dict__"]), 1)
tell(type(types.FunctionType.__closure__), 1)
tell(type(dict.__dict__["fromkeys"]))
tell(type(int | str))

# A constructor's class.
for kind in (list, tuple, dict, set, frozenset, str, bytes, bytearray, memoryview, bool, int, float, complex, range, slice,
             property, classmethod, staticmethod, super, enumerate, zip, map, filter, reversed, type, object,
             collections.deque, functools.partial, itertools.chain, itertools.count, types.ModuleType):
    for args in (), (1,), ("x", 1), (int,) if kind not in (int, object) else (Exception,), (list,) if kind is not list else (dict,):
        if args and args[0] in (int, list) and kind in (object,):
            continue
        tell(kind.__new__, *args)

# Sequences say themselves what they cannot be joined with, after the other operand declined.
for left in [1], (1,):
    tell(left.__add__, 1)
    tell(left.__add__, "a")
    tell(lambda: left + 1)
    tell(lambda: left + {})


class Right:
    def __radd__(self, other):
        return other


class Refusing:
    def __radd__(self, other):
        return NotImplemented


for left in [1], (1,):
    print(left + Right())
    tell(lambda: left + Refusing())
    tell(left.__add__, Right())

tell((1).__format__, None)
tell([].__format__, None)
tell([].__format__, 1)
tell(types.ModuleType, None)
tell(ExceptionGroup, 1, [])

# Signatures of classes.
import inspect

for kind in (list, tuple, set, frozenset, enumerate, zip, map, filter, reversed, property, classmethod, staticmethod,
             object, type(None), types.ModuleType, functools.partial, itertools.chain, itertools.zip_longest,
             itertools.count, Exception, OSError, int, collections.OrderedDict):
    try:
        print(kind.__name__, inspect.signature(kind), kind.__text_signature__)
    except ValueError as e:
        print(e)

# Sequences repeat themselves in place by integers alone.
for other in "a", 1.5, None, []:
    tell([1].__imul__, other)
    tell(lambda: operator.imul([1], other))


class Times:
    def __rmul__(self, other):
        return "asked"


print(operator.imul([1], Times()), operator.imul(bytearray(b"a"), Times()), operator.imul([1], 2))
tell(lambda: operator.imul(bytearray(b"a"), 1.5))

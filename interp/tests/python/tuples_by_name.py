"""Named tuples and other subclasses of tuple in matches and unpacking; unary operators of Python classes; weak references as keys."""
import functools
import sys
import traceback
import weakref
from collections import namedtuple
from enum import Flag, auto

Point = namedtuple("Point", "x y")


class Longer(tuple):
    def __len__(self):
        return 5


class Backwards(tuple):
    def __iter__(self):
        return iter(tuple.__getitem__(self, slice(None, None, -1)))


class Usual(tuple):
    pass


def matched(v):
    match v:
        case ("go", steps):
            return steps
        case [a, b, c]:
            return a, b, c
        case [a, b, c, d, *_]:
            return "four", d
        case (x, y):
            return x + y
    return None


def matches(n):
    values = [Point(1, 2), ("go", 3), Usual(("go", 4)), Usual((1, 2, 3)), Backwards((1, 2, 3)), Longer((1, 2))]
    last = None
    for i in range(n):
        last = []
        for v in values:
            try:
                last.append((matched(v), len(v)))
            except (ValueError, IndexError) as e:
                last.append(str(e))
    return last


def unpacks(n):
    values = [Point(1, 2), (3, 4), Usual((5, 6)), Backwards((7, 8)), Longer((9, 10)), Usual((1, 2, 3)), Usual()]
    found = {}
    for i in range(n):
        v = values[i % len(values)]
        try:
            a, b = v
            found[i % len(values)] = a, b
        except ValueError as e:
            found[i % len(values)] = str(e)
    return found


def changed(n):
    class Mine(tuple):
        pass

    v, seen = Mine((1, 2)), []
    for i in range(n):
        a, b = v
        length = len(v)
        if i % 20 == 0:
            seen.append((a, b, length))
        if i == n // 2:
            Mine.__iter__ = lambda self: iter("xy")
            Mine.__len__ = lambda self: 9
    return seen


class Number:
    def __init__(self, v):
        self.v = v

    def __neg__(self):
        if self.v == 70:
            raise ValueError(self.v)
        return Number(-self.v)

    def __invert__(self):
        return ~self.v


class Sub(Number):
    def __invert__(self):
        return NotImplemented


def unary(n):
    total, last = 0, None
    for i in range(n):
        try:
            total += (-Number(i)).v + ~Number(i)
        except ValueError as e:
            last = [(f.f_code.co_name, l - f.f_code.co_firstlineno) for f, l in traceback.walk_tb(e.__traceback__)]
    try:
        -object()
    except TypeError as e:
        return total, last, ~Sub(1), str(e)


def names():
    return [sys._getframe(d).f_code.co_name for d in range(3)]


class Looks:
    def __invert__(self):
        return names()

    __neg__ = __invert__


def frames(n):
    for i in range(n):
        a, b = ~Looks(), -Looks()
    return a, b


class Permission(Flag):
    READ = auto()
    WRITE = auto()
    RUN = auto()


def flags(n):
    allowed = Permission.READ
    for i in range(n):
        allowed |= Permission.WRITE | Permission.RUN
        allowed &= ~Permission.WRITE
        if ~allowed is not Permission.WRITE:
            return "wrong"
    return allowed


class Meta(type):
    def __hash__(cls):
        Meta.asked += 1
        return 7

    def __eq__(cls, other):
        return other is cls


Meta.asked = 0


class Odd(metaclass=Meta):
    pass


def references(n):
    kept = weakref.WeakKeyDictionary({int: 1, str: 2, Odd: 3, Number: 4})
    total = 0
    for i in range(n):
        total += kept[int] + kept[(str, Odd, Number)[i % 3]]
        assert weakref.ref(Number) is weakref.ref(Number)
        assert weakref.ref(Number)() is Number
        try:
            kept[float]
        except KeyError:
            total += 1
        try:
            weakref.ref(i)
        except TypeError as e:
            last = str(e)
    return total, last, Meta.asked > 0


@functools.singledispatch
def describe(v):
    return "other"


@describe.register
def _(v: int):
    return "int"


@describe.register(list)
@describe.register(tuple)
def _(v):
    return [describe(x) for x in v]


def dispatched(n):
    for i in range(n):
        found = describe([i, "a", (1, 2.5, True), Odd()])
        if i == n // 2:
            describe.register(str)(lambda v: "text")
    return found


for f in matches, unpacks, changed, unary, frames, flags, references, dispatched:
    print(f.__name__, f(140))

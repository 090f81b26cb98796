"""`_replace` of named tuples, whatever their subclasses do; parts of methods; flags."""
from collections import namedtuple
from enum import Flag, IntFlag, auto

Point = namedtuple("Point", "x y")
Empty = namedtuple("Empty", "")
One = namedtuple("One", "only")
Odd = namedtuple("Odd", ["def", "kwds", "make", "values", "found", "a", "a"], rename=True, defaults=[1, 2])


class Shifted(Point):
    __slots__ = ()

    @classmethod
    def _make(cls, iterable):
        return super()._make(v + 1 for v in iterable)


class Backwards(Point):
    def __iter__(self):
        return reversed((self.x, self.y))


class Long(Point):
    def __len__(self):
        return 5


class Plain(Point):
    def describe(self):
        return f"{self.x}/{self.y}"


class Static(Point):
    _make = staticmethod(lambda iterable: list(iterable))


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def replaced():
    p, q, s, b, st = Point(1, 2), Plain(3, 4), Shifted(5, 6), Backwards(7, 8), Static(9, 10)
    total = 0
    for i in range(24):
        p = p._replace(x=i)
        p = p._replace(y=p.x + 1, x=p.y)
        q = q._replace(y=i) if i % 3 else q._replace()
        s = s._replace(x=i)
        b = b._replace(x=i)
        st_made = st._replace(y=i)
        total += p.x + p.y + q.y + s.x + b.x + len(st_made)
    print(total, p, q, q.describe(), s, b, st_made)


def wrong_names():
    messages = set()
    for i in range(24):
        messages.add(attempt(Point(1, 2)._replace, x=i & 1, z=3))
        messages.add(attempt(Point(1, 2)._replace, z=3, w=4))
        messages.add(attempt(Empty()._replace, z=3))
        messages.add(attempt(Point(1, 2)._replace, 3))
    print(*sorted(messages), sep="\n")


def of_wrong_length():
    for i in range(24):
        answer = attempt(tuple.__new__(Point, (1,))._replace, x=2)
        longer = attempt(tuple.__new__(Point, (1, 2, 3))._replace, x=2)
    print(answer, longer, sep="\n")


replaced()
wrong_names()
of_wrong_length()
print(attempt(Long(1, 2)._replace, x=3))
print(Empty()._replace(), One(1)._replace(only=2), One(3)._replace())
odd = Odd(*range(7))
print(odd, odd._replace(_0=8, found=9, kwds=10), odd._replace(**{"values": 3, "_6": 4}))
print(Point(1, 2).__replace__(y=5), Point._replace.__qualname__, Point._replace.__name__)
print(Point(1, 2)._replace(**{"x": [1]}), Point._replace(Point(1, 2), y=0))
print(attempt(Point._replace, (1, 2), x=0))
print(attempt(Point._replace))


class Access(Flag):
    READ = auto()
    WRITE = auto()
    RUN = auto()


class Mode(IntFlag):
    A = 1
    B = 2


def flags():
    seen, errors = set(), set()
    held = Access.READ
    for i in range(24):
        held = (held | Access.WRITE) & ~Access.READ ^ Access.RUN
        seen.add(held)
        seen.add(held ^ (Access.READ if i & 1 else Access.RUN))
        seen.add(Mode.A | i & 7)
        errors.add(attempt(lambda: held | i))
        errors.add(attempt(lambda: held & None))
        errors.add(attempt(lambda: held | Mode.A))
    print(sorted(map(repr, seen)))
    print(sorted(map(str, errors)))


flags()


class Holder:
    def method(self):
        return self.__class__

    def other(self):
        return type(self)()


def parts_of_methods():
    h, hits, kinds = Holder(), 0, set()
    for i in range(24):
        m = h.method if i < 16 else "".join
        hits += getattr(m, "__func__", None) is Holder.method
        if i < 16:
            hits += m.__func__ is Holder.method and m.__self__ is h
        kinds.add(m().__name__ if i < 16 else type(m).__name__)
        kinds.add(attempt(lambda: m.__wrapped__))
        kinds.add(h.__class__().other().__class__.__name__)
    print(hits, sorted(kinds))


parts_of_methods()


class Pretender:
    @property
    def __class__(self):
        return Made


class Made:
    def __init__(self, value):
        self.value = value


def pretended():
    total = 0
    for i in range(24):
        total += Pretender().__class__(i).value
    print(total)


pretended()

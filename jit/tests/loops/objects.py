"""Attributes, methods, operators and properties are inlined; temporary objects are not made."""
import collections
import enum


class Point:
    kind = 3

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def norm(self):
        return self.x * self.x + self.y * self.y

    def moved(self, d):
        return Point(self.x + d, self.y)

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __eq__(self, other):
        return self.x == other.x

    def __getitem__(self, i):
        return self.y if i else self.x

    def __call__(self, k):
        return self.x + k

    @property
    def double(self):
        return self.x * 2

    @staticmethod
    def fixed(x):
        return x & 7

    @classmethod
    def named(cls, x):
        return x & 15


class Slotted:
    __slots__ = ("v",)

    def __init__(self, v):
        self.v = v


class Child(Point):
    def norm(self):
        return super().norm() + 1


LIMIT = 5


def helper(x):
    return x & 3


def defaulted(x, k=2):
    return x & k


def attribute_read(n):
    p, total = Point(1, 2), 0
    for i in range(n):
        total += p.x
    return total


def attribute_write(n):
    p = Point(1, 2)
    for i in range(n):
        p.x = i
    return p.x


def attribute_update(n):
    p = Point(0, 2)
    for i in range(n):
        p.x += 1
    return p.x


def slot_update(n):
    s = Slotted(0)
    for i in range(n):
        s.v += 1
    return s.v


def class_attribute(n):
    p, total = Point(1, 2), 0
    for i in range(n):
        total += p.kind
    return total


def method(n):
    p, total = Point(1, 2), 0
    for i in range(n):
        total += p.norm()
    return total


def bound_method(n):
    norm, total = Point(1, 2).norm, 0
    for i in range(n):
        total += norm()
    return total


def static_method(n):
    total = 0
    for i in range(n):
        total += Point.fixed(i)
    return total


def class_method(n):
    total = 0
    for i in range(n):
        total += Point.named(i)
    return total


def super_call(n):
    c, total = Child(1, 2), 0
    for i in range(n):
        total += c.norm()
    return total


def property_read(n):
    p, total = Point(1, 2), 0
    for i in range(n):
        total += p.double
    return total


def temporary_object(n):
    total = 0
    for i in range(n):
        total += Point(i, 1).norm() & 0xFF
    return total


def temporary_by_operator(n):
    p, q, total = Point(1, 2), Point(3, 4), 0
    for i in range(n):
        total += (p + q).x
    return total


def temporary_by_method(n):
    p, total = Point(1, 2), 0
    for i in range(n):
        total += p.moved(i).x & 0xFF
    return total


def object_replaced(n):
    p, d = Point(0, 0), Point(1, 1)
    for i in range(n):
        p = p + d
    return p.x


def equality(n):
    p, q, hits = Point(1, 2), Point(1, 3), 0
    for i in range(n):
        if p == q:
            hits += 1
    return hits


def subscript(n):
    p, total = Point(1, 2), 0
    for i in range(n):
        total += p[0]
    return total


def callable_object(n):
    p, total = Point(1, 2), 0
    for i in range(n):
        total += p(i) & 7
    return total


def type_test(n):
    p, hits = Point(1, 2), 0
    for i in range(n):
        if isinstance(p, Point):
            hits += 1
    return hits


def none_test(n):
    p, hits = None, 0
    for i in range(n):
        if p is None:
            hits += 1
    return hits


def function_call(n):
    total = 0
    for i in range(n):
        total += helper(i)
    return total


def function_with_default(n):
    total = 0
    for i in range(n):
        total += defaulted(i)
    return total


def keyword_call(n):
    total = 0
    for i in range(n):
        total += defaulted(k=1, x=i)
    return total


def global_constant(n):
    total = 0
    for i in range(n):
        total += LIMIT
    return total


def closure_call(n):
    k = 3

    def inner(x):
        return x & k

    total = 0
    for i in range(n):
        total += inner(i)
    return total


def lambda_call(n):
    f, total = lambda x: x & 1, 0
    for i in range(n):
        total += f(i)
    return total


def closure_made(n):
    total = 0
    for i in range(n):
        total += (lambda: i)() & 1
    return total


def counted():
    counted.calls += 1


counted.calls = 0


def function_attribute(n):
    for i in range(n):
        counted()
    return counted.calls


class Wide:
    def __init__(self):
        for i in range(30):
            setattr(self, f"a{i}", i)


def beyond_inline(n):
    w = Wide()
    for i in range(n):
        w.a28 += w.a29
    return w.a28


class Meta(type):
    pass


class Labelled(metaclass=Meta):
    label = "label"


def class_with_metaclass(n):
    total = 0
    for i in range(n):
        total += len(Labelled.label)
    return total


def keyword_arguments(a, *, b, c=3):
    return a + b * c


def keyword_only_call(n):
    total = 0
    for i in range(n):
        total += keyword_arguments(i & 3, b=i & 1)
    return total


class Sized:
    def __init__(self, width, height=2, *, depth=1):
        self.width = width
        self.height = height
        self.depth = depth


def keyword_constructor(n):
    total = 0
    for i in range(n):
        total += Sized(i & 3, depth=2).width
    return total


Coords = collections.namedtuple("Coords", "x y", defaults=[0])


def named_tuple(n):
    total = 0
    for i in range(n):
        p = Coords(i & 7, y=1)
        total += p.x + p.y
    return total


class Shade(enum.Enum):
    DARK = 1
    LIGHT = 2


def enum_value(n):
    total = 0
    for i in range(n):
        total += Shade.LIGHT.value
    return total


def enum_key(n):
    counts = {Shade.DARK: 0}
    for i in range(n):
        counts[Shade.DARK] += 1
    return counts


class Described:
    def __get__(self, obj, owner):
        return obj.size

    def __set__(self, obj, value):
        obj.size = value


class Owner:
    described = Described()

    def __init__(self):
        self.size = 3


def python_descriptor(n):
    o, total = Owner(), 0
    for i in range(n):
        total += o.described
    return total


def passing(*args, **kwargs):
    return keyword_arguments(*args, **kwargs)


def keywords_passed_on(n):
    total = 0
    for i in range(n):
        total += passing(i & 3, b=1)
    return total


def compared_by_identity(n):
    a, b, hits = Shade.DARK, Shade.LIGHT, 0
    for i in range(n):
        if a != b:
            hits += 1
    return hits


def class_of(n):
    p, hits = Coords(1, 2), 0
    for i in range(n):
        if p.__class__ is Coords and isinstance(p, (int, Coords)):
            hits += 1
    return hits


class Twin:
    def __init__(self, value):
        self.value = value

    def twin(self):
        return self.__class__(self.value + 1)


def own_class_called(n):
    total, t = 0, Twin(1)
    for i in range(n):
        total += t.twin().value
    return total


def parts_of_methods(n):
    t, f, hits = Twin(1), Twin.twin, 0
    for i in range(n):
        m = t.twin
        if m.__func__ is f and m.__self__ is t:
            hits += 1
    return hits


Pair = collections.namedtuple("Pair", "left right")


def named_tuples_replaced(n):
    p = Pair(1, 2)
    for i in range(n):
        p = p._replace(left=i)
    return p.left

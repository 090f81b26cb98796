"""Small pieces of ordinary Python, each timed by itself.

    python3 snippets.py [--time MS] [--list] [NAME ...]

A snippet is a function that prepares its data and then does one thing `n` times. For each, a line
`NAME NANOSECONDS RESULT` is printed: the best time of one repetition, and the representation of what the
last one came to, which must be the same under every interpreter. `scripts/micro` compares interpreters.
"""
import abc
import asyncio
import bisect
import collections
import contextlib
import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import hashlib
import heapq
import io
import itertools
import json
import math
import operator
import os
import pickle
import queue
import random
import re
import string
import struct
import sys
import tempfile
import textwrap
import threading
import time
import typing

SNIPPETS = {}


def snippet(function):
    SNIPPETS[function.__name__] = function
    return function


WORDS = ("the quick brown fox jumps over the lazy dog and runs away from the big bad wolf who "
         "lives in the dark forest near the old mill by the river").split()
TEXT = " ".join(WORDS) + "\n"
MODULE_LOOP = compile("total = 0\nfor i in range(n):\n    total += len(str(i & 7))", "<module>", "exec")


# --- calls ---------------------------------------------------------------------------------------------

def nothing():
    pass


def three(a, b, c):
    return c


def defaults(a, b=2, c=3):
    return c


def keyword_only(a, *, b=1, c=2):
    return c


def star(*args):
    return args


def star_star(**kwargs):
    return kwargs


def both(*args, **kwargs):
    return args


def forward(*args, **kwargs):
    return defaults(*args, **kwargs)


@snippet
def call_no_arguments(n):
    for _ in range(n):
        nothing()


@snippet
def call_three_positional(n):
    for _ in range(n):
        r = three(1, 2, 3)
    return r


@snippet
def call_defaults(n):
    for _ in range(n):
        r = defaults(1)
    return r


@snippet
def call_keywords(n):
    for _ in range(n):
        r = defaults(1, c=5, b=4)
    return r


@snippet
def call_keyword_only(n):
    for _ in range(n):
        r = keyword_only(1, b=5)
    return r


@snippet
def call_varargs(n):
    for _ in range(n):
        r = star(1, 2, 3)
    return r


@snippet
def call_kwargs(n):
    for _ in range(n):
        r = star_star(a=1, b=2)
    return r


@snippet
def call_forwarding(n):
    for _ in range(n):
        r = forward(1, 2, c=4)
    return r


@snippet
def call_unpacking(n):
    args = (1, 2)
    kwargs = {"c": 3}
    for _ in range(n):
        r = three(*args, **kwargs)
    return r


@snippet
def call_unpacking_list(n):
    args = [1, 2, 3]
    for _ in range(n):
        r = three(*args)
    return r


@snippet
def call_lambda(n):
    f = lambda x: x + 1
    for _ in range(n):
        r = f(1)
    return r


@snippet
def call_closure(n):
    def make(k):
        def add(x):
            return x + k
        return add
    f = make(3)
    for _ in range(n):
        r = f(1)
    return r


@snippet
def make_closure(n):
    k = 1
    for _ in range(n):
        f = lambda x: x + k
    return f(1)


@snippet
def recursion(n):
    def fact(k):
        return 1 if k <= 1 else k * fact(k - 1)
    for _ in range(n):
        r = fact(10)
    return r


def timing_decorator(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper


@timing_decorator
def decorated_add(a, b):
    return a + b


@snippet
def call_decorated(n):
    for _ in range(n):
        r = decorated_add(1, 2)
    return r


@snippet
def call_decorated_keyword(n):
    for _ in range(n):
        r = decorated_add(1, b=2)
    return r


@snippet
def wraps(n):
    for _ in range(n):
        f = timing_decorator(nothing)
    return f.__name__


@snippet
def callable_object(n):
    class Adder:
        def __init__(self, k):
            self.k = k

        def __call__(self, x):
            return self.k + x
    f = Adder(1)
    for _ in range(n):
        r = f(2)
    return r


# --- classes -------------------------------------------------------------------------------------------

class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def norm(self):
        return self.x * self.x + self.y * self.y

    @property
    def sum(self):
        return self.x + self.y

    @sum.setter
    def sum(self, value):
        self.x = value - self.y

    @classmethod
    def origin(cls):
        return cls(0, 0)

    @staticmethod
    def helper(a):
        return a

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __hash__(self):
        return hash((self.x, self.y))

    def __lt__(self, other):
        return self.x < other.x

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


class Point3(Point):
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z

    def norm(self):
        return super().norm() + self.z * self.z


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


class Container:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]

    def __setitem__(self, i, v):
        self.items[i] = v

    def __contains__(self, v):
        return v in self.items

    def __iter__(self):
        return iter(self.items)

    def __bool__(self):
        return True


class Counting:
    def __init__(self, stop):
        self.i = 0
        self.stop = stop

    def __iter__(self):
        return self

    def __next__(self):
        if self.i >= self.stop:
            raise StopIteration
        self.i += 1
        return self.i


class Dynamic:
    def __getattr__(self, name):
        return name


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        ...


class Square(Shape):
    def area(self):
        return 4


@snippet
def instance_creation(n):
    for _ in range(n):
        p = Point(1, 2)
    return p


@snippet
def instance_creation_inherited(n):
    for _ in range(n):
        p = Point3(1, 2, 3)
    return p


@snippet
def instance_creation_slots(n):
    for _ in range(n):
        p = Slotted(1, 2)
    return p.a


@snippet
def instance_creation_plain(n):
    class Empty:
        pass
    for _ in range(n):
        p = Empty()
    return type(p).__name__


@snippet
def instance_creation_new(n):
    class Made:
        def __new__(cls, x):
            self = super().__new__(cls)
            self.x = x
            return self
    for _ in range(n):
        p = Made(1)
    return p.x


@snippet
def attribute_read_write(n):
    p = Point(1, 2)
    for _ in range(n):
        p.x = p.y
    return p


@snippet
def attribute_augmented(n):
    p = Point(1, 2)
    p.y = 0
    for _ in range(n):
        p.y += 0
    return p


@snippet
def attribute_slots(n):
    p = Slotted(1, 2)
    for _ in range(n):
        p.a = p.b
    return p.a


@snippet
def method_call(n):
    p = Point(1, 2)
    for _ in range(n):
        r = p.norm()
    return r


@snippet
def method_bound(n):
    p = Point(1, 2)
    f = p.norm
    for _ in range(n):
        r = f()
    return r


@snippet
def method_super(n):
    p = Point3(1, 2, 3)
    for _ in range(n):
        r = p.norm()
    return r


@snippet
def method_class(n):
    for _ in range(n):
        r = Point.origin()
    return r


@snippet
def method_static(n):
    p = Point(1, 2)
    for _ in range(n):
        r = p.helper(1)
    return r


@snippet
def method_abstract(n):
    s = Square()
    for _ in range(n):
        r = s.area()
    return r


@snippet
def property_get(n):
    p = Point(1, 2)
    for _ in range(n):
        r = p.sum
    return r


@snippet
def property_set(n):
    p = Point(1, 2)
    for _ in range(n):
        p.sum = 5
    return p


@snippet
def cached_property(n):
    class C:
        @functools.cached_property
        def value(self):
            return 1
    c = C()
    for _ in range(n):
        r = c.value
    return r


@snippet
def cached_property_first(n):
    class C:
        @functools.cached_property
        def value(self):
            return 1
    for _ in range(n):
        r = C().value
    return r


@snippet
def dunder_add(n):
    a, b = Point(1, 2), Point(3, 4)
    for _ in range(n):
        r = a + b
    return r


@snippet
def dunder_eq(n):
    a, b = Point(1, 2), Point(1, 2)
    for _ in range(n):
        r = a == b
    return r


@snippet
def dunder_getitem(n):
    c = Container([1, 2, 3])
    for _ in range(n):
        r = c[1]
    return r


@snippet
def dunder_setitem(n):
    c = Container([1, 2, 3])
    for _ in range(n):
        c[1] = 5
    return c.items


@snippet
def dunder_len_contains_bool(n):
    c = Container([1, 2, 3])
    for _ in range(n):
        r = len(c), 2 in c, not c
    return r


@snippet
def dunder_iter(n):
    c = Container([1, 2, 3])
    for _ in range(n):
        for r in c:
            pass
    return r


@snippet
def dunder_next(n):
    for _ in range(n):
        for r in Counting(10):
            pass
    return r


@snippet
def dunder_getattr(n):
    d = Dynamic()
    for _ in range(n):
        r = d.hello
    return r


@snippet
def dunder_hash_in_dict(n):
    d = {Point(i, i): i for i in range(10)}
    p = Point(5, 5)
    for _ in range(n):
        r = d[p]
    return r


@snippet
def dunder_repr(n):
    p = Point(1, 2)
    for _ in range(n):
        r = repr(p)
    return r


@snippet
def dunder_lt_sort(n):
    points = [Point(i * 7 % 20, i) for i in range(20)]
    for _ in range(n):
        r = sorted(points)
    return r[:3]


@snippet
def isinstance_checks(n):
    p = Point3(1, 2, 3)
    for _ in range(n):
        r = isinstance(p, Point), isinstance(p, (int, str)), isinstance(1, int)
    return r


@snippet
def isinstance_abc(n):
    d = {}
    for _ in range(n):
        r = isinstance(d, collections.abc.Mapping)
    return r


@snippet
def issubclass_check(n):
    for _ in range(n):
        r = issubclass(Point3, Point)
    return r


@snippet
def getattr_setattr_hasattr(n):
    p = Point(1, 2)
    for _ in range(n):
        setattr(p, "x", 3)
        r = getattr(p, "x"), getattr(p, "nope", None), hasattr(p, "y")
    return r


@snippet
def instance_dict(n):
    p = Point(1, 2)
    for _ in range(n):
        r = p.__dict__["x"], vars(p)
    return r


@snippet
def class_creation(n):
    for _ in range(n):
        class C:
            x = 1

            def f(self):
                return self.x
    return C().f()


@snippet
def type_of(n):
    p = Point(1, 2)
    for _ in range(n):
        r = type(p) is Point, type(p).__name__
    return r


@snippet
def descriptor(n):
    class Typed:
        def __set_name__(self, owner, name):
            self.name = "_" + name

        def __get__(self, obj, owner):
            return obj.__dict__[self.name]

        def __set__(self, obj, value):
            obj.__dict__[self.name] = value

    class C:
        x = Typed()
    c = C()
    for _ in range(n):
        c.x = 1
        r = c.x
    return r


@snippet
def context_manager_class(n):
    class Manager:
        def __enter__(self):
            return self

        def __exit__(self, *exc):
            return None
    m = Manager()
    for _ in range(n):
        with m:
            pass


@snippet
def context_manager_generator(n):
    @contextlib.contextmanager
    def manager():
        yield 1
    for _ in range(n):
        with manager() as r:
            pass
    return r


@snippet
def suppress(n):
    for _ in range(n):
        with contextlib.suppress(KeyError):
            {}[1]


@snippet
def match_statement(n):
    def kind(value):
        match value:
            case 0:
                return "zero"
            case [a, b]:
                return "pair"
            case {"k": v}:
                return "mapping"
            case Item(count=1):
                return "item"
            case str():
                return "str"
            case _:
                return "other"
    values = (0, [1, 2], {"k": 1}, Item("a", 2.0, 1), "s", 3.5)
    for _ in range(n):
        r = [kind(v) for v in values]
    return r


@dataclasses.dataclass
class Item:
    name: str
    price: float
    count: int = 0

    def total(self):
        return self.price * self.count


@dataclasses.dataclass(frozen=True, order=True)
class Frozen:
    a: int
    b: int


@snippet
def dataclass_creation(n):
    for _ in range(n):
        r = Item("a", 2.0, 3)
    return r


@snippet
def dataclass_eq(n):
    a, b = Item("a", 1.0), Item("a", 1.0)
    for _ in range(n):
        r = a == b
    return r


@snippet
def dataclass_repr(n):
    a = Item("a", 1.0)
    for _ in range(n):
        r = repr(a)
    return r


@snippet
def dataclass_frozen(n):
    for _ in range(n):
        r = Frozen(1, 2)
    return r


@snippet
def dataclass_order_hash(n):
    a, b = Frozen(1, 2), Frozen(1, 3)
    for _ in range(n):
        r = a < b, len({a, b})
    return r


@snippet
def dataclass_replace_asdict(n):
    a = Item("a", 1.0)
    for _ in range(n):
        r = dataclasses.asdict(dataclasses.replace(a, count=2))
    return r


@snippet
def dataclass_definition(n):
    for _ in range(n):
        @dataclasses.dataclass
        class D:
            x: int
            y: int = 0
    return D(1).y


Pair = collections.namedtuple("Pair", "left right")


class TypedPair(typing.NamedTuple):
    left: int
    right: int = 0


@snippet
def namedtuple_creation(n):
    for _ in range(n):
        r = Pair(1, 2)
    return r


@snippet
def namedtuple_creation_keywords(n):
    for _ in range(n):
        r = TypedPair(left=1, right=2)
    return r


@snippet
def namedtuple_access(n):
    p = Pair(1, 2)
    for _ in range(n):
        r = p.left + p.right
    return r


@snippet
def namedtuple_replace_asdict(n):
    p = Pair(1, 2)
    for _ in range(n):
        r = p._replace(left=3)._asdict()
    return r


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Flags(enum.Flag):
    A = 1
    B = 2
    C = 4


@snippet
def enum_member(n):
    for _ in range(n):
        r = Color.RED is Color.GREEN
    return r


@snippet
def enum_value_name(n):
    c = Color.RED
    for _ in range(n):
        r = c.value, c.name
    return r


@snippet
def enum_lookup(n):
    for _ in range(n):
        r = Color(2), Color["BLUE"]
    return r


@snippet
def enum_iterate(n):
    for _ in range(n):
        r = [c for c in Color]
    return r


@snippet
def enum_flag(n):
    for _ in range(n):
        r = (Flags.A | Flags.B) & Flags.B
    return r


@snippet
def enum_dict_key(n):
    d = {c: i for i, c in enumerate(Color)}
    for _ in range(n):
        r = d[Color.BLUE]
    return r


# --- strings -------------------------------------------------------------------------------------------

@snippet
def str_concat(n):
    a = "hello"
    for _ in range(n):
        r = a + " world"
    return r


@snippet
def str_append_loop(n):
    for _ in range(n):
        s = ""
        for w in WORDS:
            s += w
    return s


@snippet
def str_join(n):
    for _ in range(n):
        r = " ".join(WORDS)
    return r


@snippet
def str_join_generator(n):
    for _ in range(n):
        r = ", ".join(str(i) for i in range(10))
    return r


@snippet
def str_split(n):
    for _ in range(n):
        r = TEXT.split()
    return r[:2]


@snippet
def str_split_separator(n):
    s = "a,b,c,d,e,f,g"
    for _ in range(n):
        r = s.split(",")
    return r


@snippet
def str_split_maxsplit(n):
    s = "key=value=more"
    for _ in range(n):
        r = s.split("=", 1)
    return r


@snippet
def str_partition(n):
    s = "key=value"
    for _ in range(n):
        r = s.partition("=")
    return r


@snippet
def str_splitlines(n):
    s = TEXT * 5
    for _ in range(n):
        r = s.splitlines()
    return len(r)


@snippet
def str_strip(n):
    s = "   hello world \n"
    for _ in range(n):
        r = s.strip(), s.rstrip("\n"), s.lstrip()
    return r


@snippet
def str_replace(n):
    for _ in range(n):
        r = TEXT.replace("the", "a")
    return len(r)


@snippet
def str_find(n):
    for _ in range(n):
        r = TEXT.find("river"), TEXT.find("nope"), "wolf" in TEXT
    return r


@snippet
def str_strip_characters(n):
    for _ in range(n):
        r = "(word),".strip("(),."), "word.".rstrip(".,"), "--x".lstrip("-")
    return r


@snippet
def str_format_align(n):
    for _ in range(n):
        r = f"{'name':<10}|{'value':>8}|{42:^6}|{1234567:,}|{0.256:.1%}"
    return r


@snippet
def list_from_views(n):
    d = {str(i): i for i in range(20)}
    for _ in range(n):
        r = list(d), list(d.values()), sorted(d.items())
    return len(r[2])


@snippet
def large_tables(n):
    for _ in range(n):
        r = set(range(2000)), dict.fromkeys(range(1500))
    return len(r[0]), len(r[1])


@snippet
def module_loop(n):
    space = {"n": n}
    exec(MODULE_LOOP, space)
    return space["total"] > 0


@snippet
def str_count(n):
    for _ in range(n):
        r = TEXT.count("the")
    return r


@snippet
def str_startswith(n):
    s = "hello.py"
    for _ in range(n):
        r = s.startswith("he"), s.endswith(".py"), s.endswith((".a", ".b"))
    return r


@snippet
def str_case(n):
    s = "Hello World"
    for _ in range(n):
        r = s.lower(), s.upper(), s.title(), s.capitalize()
    return r


@snippet
def str_predicates(n):
    for _ in range(n):
        r = "123".isdigit(), "abc".isalpha(), "ab1".isalnum(), " ".isspace(), "A".isupper()
    return r


@snippet
def str_index(n):
    s = "hello"
    for _ in range(n):
        r = s[1]
    return r


@snippet
def str_slice(n):
    s = "hello world"
    for _ in range(n):
        r = s[2:5], s[:-1], s[::-1]
    return r


@snippet
def str_iterate(n):
    for _ in range(n):
        for c in TEXT:
            pass
    return c


@snippet
def str_compare(n):
    a, b = "hello world", "hello there"
    for _ in range(n):
        r = a == b, a < b, a != b
    return r


@snippet
def str_ord_chr(n):
    for _ in range(n):
        r = chr(ord("a") + 1)
    return r


@snippet
def str_translate(n):
    table = str.maketrans("abc", "xyz")
    for _ in range(n):
        r = TEXT.translate(table)
    return len(r)


@snippet
def str_justify(n):
    for _ in range(n):
        r = "ab".ljust(10), "ab".rjust(10), "ab".center(10, "*"), "7".zfill(3)
    return r


@snippet
def str_encode_decode(n):
    for _ in range(n):
        r = "héllo".encode("utf-8").decode("utf-8"), "abc".encode(), b"abc".decode("ascii")
    return r


@snippet
def str_of_values(n):
    for _ in range(n):
        r = str(12345), str(1.5), str(None), str(True)
    return r


@snippet
def repr_of_values(n):
    for _ in range(n):
        r = repr("a'b"), repr([1, "x", 2.5]), repr({"a": (1,)})
    return r


@snippet
def str_multiply(n):
    for _ in range(n):
        r = "-" * 40
    return r


@snippet
def str_unicode(n):
    s = "naïve café — żółć 日本"
    for _ in range(n):
        r = s.upper(), s.find("日"), s[3], len(s), s.split(" ")
    return r


@snippet
def str_hash_new(n):
    for i in range(n):
        r = {"key" + "abc"[i % 3]: 1}
    return len(r)


@snippet
def str_textwrap(n):
    for _ in range(n):
        r = textwrap.fill(TEXT, 40)
    return r


@snippet
def str_template(n):
    t = string.Template("$who likes $what")
    for _ in range(n):
        r = t.substitute(who="a", what="b")
    return r


@snippet
def fstring_simple(n):
    a, b = "x", 42
    for _ in range(n):
        r = f"{a}={b}"
    return r


@snippet
def fstring_spec(n):
    x = 3.14159
    for _ in range(n):
        r = f"{x:.2f} {42:>8} {42:05d} {255:x} {'s':<5}|"
    return r


@snippet
def fstring_repr(n):
    for _ in range(n):
        r = f"{'abc'!r} {1.0!s}"
    return r


@snippet
def fstring_thousands(n):
    for _ in range(n):
        r = f"{1234567:,} {0.256:.1%} {12345.678:e}"
    return r


@snippet
def percent_format(n):
    for _ in range(n):
        r = "%s=%d (%.2f)" % ("x", 42, 1.5)
    return r


@snippet
def format_method(n):
    for _ in range(n):
        r = "{}={:>5} {name}".format("x", 42, name="y")
    return r


@snippet
def format_builtin(n):
    for _ in range(n):
        r = format(3.14159, ".3f"), format(42, "b")
    return r


@snippet
def int_parse(n):
    for _ in range(n):
        r = int("12345"), int("ff", 16), float("1.25")
    return r


# --- bytes ---------------------------------------------------------------------------------------------

@snippet
def bytes_index_iterate(n):
    data = bytes(range(100))
    for _ in range(n):
        r = 0
        for b in data:
            r += b
        r += data[3]
    return r


@snippet
def bytes_methods(n):
    data = b"hello,world,foo"
    for _ in range(n):
        r = data.split(b","), data.find(b"w"), data.replace(b"o", b"0"), data.upper(), data.hex()
    return r


@snippet
def bytes_slice_concat(n):
    data = b"hello world"
    for _ in range(n):
        r = data[:5] + data[6:]
    return r


@snippet
def bytes_make(n):
    for _ in range(n):
        r = bytes([1, 2, 3]), bytes(10), bytes(range(5))
    return r


@snippet
def bytes_join(n):
    parts = [b"ab", b"cd", b"ef"]
    for _ in range(n):
        r = b"".join(parts)
    return r


@snippet
def bytearray_append(n):
    for _ in range(n):
        b = bytearray()
        for i in range(20):
            b.append(i)
        b.extend(b"xyz")
    return b


@snippet
def bytearray_set(n):
    b = bytearray(100)
    for i in range(n):
        b[i % 100] = i & 255
    return len(b)


@snippet
def memoryview_slice(n):
    m = memoryview(bytes(100))
    for _ in range(n):
        r = m[10:20][3]
    return r


@snippet
def int_to_from_bytes(n):
    for _ in range(n):
        r = int.from_bytes((12345).to_bytes(4, "big"), "big")
    return r


@snippet
def struct_pack(n):
    for _ in range(n):
        r = struct.pack("<IHb", 1, 2, 3)
    return r


@snippet
def struct_unpack(n):
    data = struct.pack("<IHb", 1, 2, 3)
    for _ in range(n):
        r = struct.unpack("<IHb", data)
    return r


@snippet
def struct_object(n):
    s = struct.Struct(">dq")
    for _ in range(n):
        r = s.unpack(s.pack(1.5, 7))
    return r


@snippet
def hash_digest(n):
    for _ in range(n):
        r = hashlib.sha256(b"hello").hexdigest()
    return r


@snippet
def hash_md5_long(n):
    data = b"x" * 10000
    for _ in range(n):
        r = hashlib.md5(data).hexdigest()
    return r


# --- lists and tuples ----------------------------------------------------------------------------------

@snippet
def list_append_pop(n):
    a = []
    for _ in range(n):
        a.append(1)
        a.append(2)
        a.pop()
        a.pop()
    return a


@snippet
def list_build(n):
    for i in range(n):
        r = [i, 2, 3]
    return len(r)


@snippet
def list_index_set(n):
    a = [1, 2, 3]
    for _ in range(n):
        a[0] = a[-1]
    return a


@snippet
def list_slice(n):
    a = list(range(20))
    for _ in range(n):
        r = a[2:8], a[:], a[::-1]
    return r


@snippet
def list_slice_assign(n):
    a = list(range(20))
    for _ in range(n):
        a[2:5] = [7, 8, 9]
    return a


@snippet
def list_extend_concat(n):
    a = [1, 2, 3]
    for _ in range(n):
        b = a + a
        b.extend(a)
        b += a
    return b


@snippet
def list_contains_index_count(n):
    a = list(range(20))
    for _ in range(n):
        r = 15 in a, a.index(15), a.count(15)
    return r


@snippet
def list_contains_str(n):
    for _ in range(n):
        r = "river" in WORDS
    return r


@snippet
def list_insert_remove(n):
    a = list(range(10))
    for _ in range(n):
        a.insert(3, 99)
        a.remove(99)
    return a


@snippet
def list_reverse_copy(n):
    a = list(range(20))
    for _ in range(n):
        b = a.copy()
        b.reverse()
        r = list(reversed(b))
    return r


@snippet
def list_sort_ints(n):
    a = [i * 7919 % 100 for i in range(100)]
    for _ in range(n):
        r = sorted(a)
    return r[:3]


@snippet
def list_sort_strings(n):
    for _ in range(n):
        r = sorted(WORDS)
    return r[:3]


@snippet
def list_sort_key_lambda(n):
    pairs = [(i * 7919 % 50, str(i)) for i in range(50)]
    for _ in range(n):
        r = sorted(pairs, key=lambda p: p[1])
    return r[:3]


@snippet
def list_sort_key_len_reverse(n):
    for _ in range(n):
        r = sorted(WORDS, key=len, reverse=True)
    return r[:3]


@snippet
def list_sort_itemgetter(n):
    pairs = [(i * 7919 % 50, str(i)) for i in range(50)]
    key = operator.itemgetter(0)
    for _ in range(n):
        r = sorted(pairs, key=key)
    return r[:3]


@snippet
def list_sort_attrgetter(n):
    points = [Point(i * 7919 % 50, i) for i in range(50)]
    for _ in range(n):
        r = sorted(points, key=operator.attrgetter("x"))
    return r[:3]


@snippet
def list_sort_tuples(n):
    pairs = [(i * 7919 % 50, str(i)) for i in range(50)]
    for _ in range(n):
        r = sorted(pairs)
    return r[:3]


@snippet
def list_sort_floats(n):
    a = [i * 7919 % 100 / 3 for i in range(100)]
    for _ in range(n):
        a2 = a[:]
        a2.sort()
    return a2[:2]


@snippet
def list_compare(n):
    a, b = list(range(20)), list(range(20))
    for _ in range(n):
        r = a == b, a < b
    return r


@snippet
def list_comprehension(n):
    for _ in range(n):
        r = [i * 2 for i in range(20)]
    return r


@snippet
def list_comprehension_filter(n):
    for _ in range(n):
        r = [i for i in range(20) if i % 2 == 0]
    return r


@snippet
def list_comprehension_nested(n):
    for _ in range(n):
        r = [[i * j for j in range(5)] for i in range(5)]
    return r


@snippet
def list_comprehension_method(n):
    for _ in range(n):
        r = [w.upper() for w in WORDS]
    return r[:2]


@snippet
def list_of_range(n):
    for _ in range(n):
        r = list(range(50))
    return len(r)


@snippet
def list_multiply(n):
    for _ in range(n):
        r = [0] * 50
    return len(r)


@snippet
def list_two_dimensions(n):
    grid = [[0] * 10 for _ in range(10)]
    for _ in range(n):
        for y in range(10):
            row = grid[y]
            for x in range(10):
                row[x] += grid[x][y] + 1
                row[x] &= 255
    return 0


@snippet
def list_del(n):
    for _ in range(n):
        a = [1, 2, 3, 4]
        del a[1]
        del a[1:]
    return a


@snippet
def tuple_build_unpack(n):
    a, b = 1, 2
    for _ in range(n):
        a, b = b, a
        t = (a, b, 3)
        x, y, z = t
    return x + y


@snippet
def tuple_star_unpack(n):
    t = (1, 2, 3, 4)
    for _ in range(n):
        a, *b = t
    return b


@snippet
def tuple_index_slice(n):
    t = (1, 2, 3, 4)
    for _ in range(n):
        r = t[1], t[1:], t + t
    return r


@snippet
def tuple_compare_hash(n):
    a, b = (1, 2, "x"), (1, 2, "x")
    for _ in range(n):
        r = a == b, a < b
        hash(a)
    return r


# --- dicts and sets ------------------------------------------------------------------------------------

@snippet
def dict_build(n):
    for i in range(n):
        r = {"a": i, "b": 2, "c": 3}
    return len(r)


@snippet
def dict_get_set_str(n):
    d = {"a": 1, "b": 2}
    for _ in range(n):
        d["a"] = d["b"]
    return d


@snippet
def dict_get_set_int(n):
    d = {i: i for i in range(100)}
    for _ in range(n):
        d[50] = d[51]
    return d[50]


@snippet
def dict_get_tuple(n):
    d = {(i, i + 1): i for i in range(50)}
    a, b = 5, 6
    for _ in range(n):
        r = d[a, b]
    return r


@snippet
def dict_get_method(n):
    d = {"a": 1}
    for _ in range(n):
        r = d.get("a"), d.get("z"), d.get("z", 0)
    return r


@snippet
def dict_contains(n):
    d = {"a": 1, "b": 2}
    for _ in range(n):
        r = "a" in d, "z" in d, "z" not in d
    return r


@snippet
def dict_count_words(n):
    for _ in range(n):
        d = {}
        for w in WORDS:
            d[w] = d.get(w, 0) + 1
    return d["the"]


@snippet
def dict_setdefault(n):
    for _ in range(n):
        d = {}
        for w in WORDS:
            d.setdefault(len(w), []).append(w)
    return len(d)


@snippet
def dict_iterate_items(n):
    d = {str(i): i for i in range(20)}
    for _ in range(n):
        for k, v in d.items():
            pass
    return k


@snippet
def dict_iterate_keys_values(n):
    d = {str(i): i for i in range(20)}
    for _ in range(n):
        for k in d:
            pass
        for v in d.values():
            pass
    return k, v


@snippet
def dict_views(n):
    d = {str(i): i for i in range(20)}
    for _ in range(n):
        r = list(d), list(d.values()), list(d.items())
    return len(r[0])


@snippet
def dict_comprehension(n):
    for _ in range(n):
        r = {i: i * i for i in range(20)}
    return len(r)


@snippet
def dict_copy_update(n):
    d = {"a": 1, "b": 2, "c": 3}
    for _ in range(n):
        e = d.copy()
        e.update(d)
        e.update(x=1)
    return e


@snippet
def dict_merge(n):
    d, e = {"a": 1, "b": 2}, {"b": 3, "c": 4}
    for _ in range(n):
        r = d | e, {**d, **e}
    return r


@snippet
def dict_pop_del(n):
    d = {"a": 1, "b": 2}
    for _ in range(n):
        d["x"] = 1
        del d["x"]
        d["y"] = 2
        d.pop("y")
        d.pop("z", None)
    return d


@snippet
def dict_constructor(n):
    pairs = [("a", 1), ("b", 2)]
    for _ in range(n):
        r = dict(pairs), dict(a=1, b=2), dict(zip("ab", (1, 2)))
    return r


@snippet
def dict_fromkeys(n):
    for _ in range(n):
        r = dict.fromkeys(WORDS, 0)
    return len(r)


@snippet
def dict_compare(n):
    a = {i: i for i in range(20)}
    b = dict(a)
    for _ in range(n):
        r = a == b
    return r


@snippet
def dict_nested(n):
    d = {"a": {"b": {"c": 1}}}
    for _ in range(n):
        r = d["a"]["b"]["c"]
    return r


@snippet
def dict_sort_by_value(n):
    d = {w: len(w) * 7 % 5 for w in WORDS}
    for _ in range(n):
        r = sorted(d.items(), key=lambda kv: kv[1], reverse=True)
    return r[:2]


@snippet
def dict_max_by_get(n):
    d = {w: len(w) for w in WORDS}
    for _ in range(n):
        r = max(d, key=d.get)
    return r


@snippet
def dict_keys_intersection(n):
    a, b = {"a": 1, "b": 2}, {"b": 3, "c": 4}
    for _ in range(n):
        r = a.keys() & b.keys()
    return r


@snippet
def set_build_add(n):
    for _ in range(n):
        s = set()
        for i in range(20):
            s.add(i)
    return len(s)


@snippet
def set_contains(n):
    s = {1, 2, 3, "a"}
    for _ in range(n):
        r = 2 in s, "a" in s, 99 in s
    return r


@snippet
def set_operations(n):
    a, b = set(range(10)), set(range(5, 15))
    for _ in range(n):
        r = a & b, a | b, a - b, a ^ b
    return r


@snippet
def set_of_words(n):
    for _ in range(n):
        r = set(WORDS)
    return len(r)


@snippet
def set_comprehension(n):
    for _ in range(n):
        r = {i % 7 for i in range(20)}
    return r


@snippet
def set_iterate(n):
    s = set(range(20))
    for _ in range(n):
        for r in s:
            pass
    return r


@snippet
def set_discard_update(n):
    s = set(range(5))
    for _ in range(n):
        s.update((7, 8))
        s.discard(7)
        s.remove(8)
    return s


@snippet
def set_subset(n):
    a, b = {1, 2}, {1, 2, 3}
    for _ in range(n):
        r = a <= b, a.issubset(b), a.isdisjoint(b)
    return r


@snippet
def frozenset_dict_key(n):
    d = {frozenset((1, 2)): 1}
    for _ in range(n):
        r = d[frozenset((2, 1))]
    return r


# --- numbers -------------------------------------------------------------------------------------------

@snippet
def int_arithmetic(n):
    a, b = 17, 5
    for _ in range(n):
        r = a + b * a - a // b + a % b
    return r


@snippet
def int_bits(n):
    a = 0x1234
    for _ in range(n):
        r = ((a << 3) ^ (a >> 2)) & 0xFFFF | 1
    return r, a.bit_length(), a.bit_count()


@snippet
def int_power(n):
    a = 7
    for _ in range(n):
        r = a ** 3, pow(a, 5, 13)
    return r


@snippet
def int_divmod(n):
    for _ in range(n):
        r = divmod(1234, 60), abs(-5), round(2.5)
    return r


@snippet
def int_64_bits(n):
    a = 6364136223846793005
    x = 1
    for _ in range(n):
        x = (x * a + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
    return type(x)


@snippet
def int_big_add(n):
    a, b = 10 ** 30, 10 ** 29
    for _ in range(n):
        r = a + b - 1
    return r


@snippet
def int_big_multiply(n):
    a, b = 10 ** 30 + 7, 10 ** 29 + 3
    for _ in range(n):
        r = a * b
    return r


@snippet
def int_big_divide(n):
    a, b = 10 ** 60 + 7, 10 ** 29 + 3
    for _ in range(n):
        r = a // b, a % b
    return r


@snippet
def int_big_str(n):
    a = 3 ** 200
    for _ in range(n):
        r = str(a)
    return r


@snippet
def int_big_parse(n):
    s = str(3 ** 200)
    for _ in range(n):
        r = int(s)
    return r


@snippet
def int_big_pow_mod(n):
    p = 2 ** 127 - 1
    for _ in range(n):
        r = pow(3, p - 2, p)
    return r


@snippet
def int_big_shift(n):
    for _ in range(n):
        r = (1 << 100) >> 50 | (1 << 70)
    return r


@snippet
def int_big_huge(n):
    a = 3 ** 5000
    for _ in range(n):
        r = a * a
    return r % 1000007


@snippet
def int_compare_chain(n):
    a = 5
    for _ in range(n):
        r = 0 < a < 10 and a != 7
    return r


@snippet
def float_arithmetic(n):
    a, b = 1.5, 2.5
    for _ in range(n):
        r = (a * b + a / b - a) ** 2
    return r


@snippet
def float_round_floor(n):
    x = 3.14159
    for _ in range(n):
        r = round(x, 2), math.floor(x), math.ceil(x), int(x)
    return r


@snippet
def float_mixed(n):
    x = 2.5
    for _ in range(n):
        r = x * 2 + 1 - 3 / 2
    return r


@snippet
def float_repr(n):
    for i in range(n):
        r = repr(i / 7)
    return len(r) > 0


@snippet
def complex_arithmetic(n):
    a, b = 1 + 2j, 3 - 1j
    for _ in range(n):
        r = a * b + a, abs(a)
    return r


@snippet
def math_functions(n):
    x = 0.5
    for _ in range(n):
        r = math.sin(x), math.sqrt(x), math.exp(x), math.log(2.0), math.hypot(x, x)
    return len(r)


@snippet
def math_integers(n):
    for _ in range(n):
        r = math.gcd(48, 36), math.isqrt(1000), math.factorial(10), math.comb(10, 3)
    return r


@snippet
def sum_min_max(n):
    a = list(range(50))
    for _ in range(n):
        r = sum(a), min(a), max(a), min(3, 2), max(1, 2, 3)
    return r


@snippet
def sum_generator(n):
    for _ in range(n):
        r = sum(i * i for i in range(20))
    return r


@snippet
def any_all(n):
    a = [0] * 20 + [1]
    for _ in range(n):
        r = any(a), all(a), any(x > 0 for x in a)
    return r


@snippet
def fraction_arithmetic(n):
    a, b = fractions.Fraction(1, 3), fractions.Fraction(2, 5)
    for _ in range(n):
        r = a + b, a * b
    return r


@snippet
def decimal_arithmetic(n):
    a, b = decimal.Decimal("1.10"), decimal.Decimal("2.25")
    for _ in range(n):
        r = a + b, a * b
    return r


@snippet
def decimal_quantize(n):
    a, cent = decimal.Decimal("1234.5678"), decimal.Decimal("0.01")
    for _ in range(n):
        r = str(a.quantize(cent))
    return r


@snippet
def random_numbers(n):
    r = random.Random(1)
    for _ in range(n):
        x = r.random(), r.randint(1, 6), r.choice(WORDS)
    return len(x)


@snippet
def random_shuffle_sample(n):
    r = random.Random(1)
    a = list(range(20))
    for _ in range(n):
        r.shuffle(a)
        x = r.sample(a, 3)
    return len(x)


@snippet
def random_gauss(n):
    r = random.Random(1)
    for _ in range(n):
        x = r.gauss(0, 1), r.uniform(1, 2)
    return len(x)


# --- control flow, iteration, generators ---------------------------------------------------------------

@snippet
def loop_while(n):
    i = 0
    while i < n:
        i += 1


@snippet
def loop_enumerate_zip(n):
    a, b = list(range(20)), list(range(20))
    for _ in range(n):
        for i, x in enumerate(a):
            pass
        for x, y in zip(a, b):
            pass
    return x, y


@snippet
def loop_map_filter(n):
    for _ in range(n):
        r = list(map(str, range(10))), list(filter(None, range(10))), list(map(lambda x: x + 1, range(10)))
    return r


@snippet
def loop_branches(n):
    for i in range(n):
        k = i % 5
        if k == 0:
            r = "a"
        elif k == 1:
            r = "b"
        elif k == 2:
            r = None
        else:
            r = "d"
        if r is None or not r:
            continue
    return 0


@snippet
def truth_of_values(n):
    a, b, c, d = [], "x", 0, {}
    for _ in range(n):
        r = not a, not b, not c, not d, bool(b)
    return r


@snippet
def globals_access(n):
    for _ in range(n):
        r = WORDS, len, TEXT
    return len(r)


@snippet
def generator_iterate(n):
    def gen(k):
        for i in range(k):
            yield i
    for _ in range(n):
        for r in gen(20):
            pass
    return r


@snippet
def generator_yield_from(n):
    def inner(k):
        for i in range(k):
            yield i

    def outer(k):
        yield from inner(k)
    for _ in range(n):
        for r in outer(20):
            pass
    return r


@snippet
def generator_send(n):
    def averager():
        total = 0
        while True:
            x = yield total
            total += x
    g = averager()
    next(g)
    for _ in range(n):
        r = g.send(0)
    return r


@snippet
def generator_next_close(n):
    def gen():
        try:
            yield 1
        finally:
            pass
    for _ in range(n):
        g = gen()
        r = next(g)
        g.close()
    return r


@snippet
def generator_pipeline(n):
    for _ in range(n):
        evens = (i for i in range(20) if i % 2 == 0)
        squares = (i * i for i in evens)
        r = list(squares)
    return r


@snippet
def generator_recursive(n):
    def walk(k):
        if k:
            yield from walk(k - 1)
            yield k
            yield from walk(k - 1)
    for _ in range(n):
        r = sum(walk(5))
    return r


@snippet
def iter_next_builtin(n):
    a = [1, 2, 3]
    for _ in range(n):
        it = iter(a)
        r = next(it), next(it), next(it), next(it, None)
    return r


@snippet
def try_no_exception(n):
    for _ in range(n):
        try:
            r = 1
        except ValueError:
            r = 2
        finally:
            pass
    return r


@snippet
def raise_and_catch(n):
    for _ in range(n):
        try:
            raise ValueError("x")
        except ValueError as e:
            r = e.args
    return r


@snippet
def raise_custom(n):
    class MyError(Exception):
        def __init__(self, code):
            super().__init__(code)
            self.code = code
    for _ in range(n):
        try:
            raise MyError(3)
        except MyError as e:
            r = e.code
    return r


@snippet
def raise_through_frames(n):
    def a():
        raise KeyError("k")

    def b():
        a()

    def c():
        b()
    for _ in range(n):
        try:
            c()
        except KeyError:
            pass


@snippet
def catch_key_error(n):
    d = {}
    for _ in range(n):
        try:
            d["x"]
        except KeyError:
            pass


@snippet
def catch_attribute_error(n):
    p = Point(1, 2)
    for _ in range(n):
        try:
            p.nope
        except AttributeError:
            pass


@snippet
def catch_value_error_int(n):
    for _ in range(n):
        try:
            int("abc")
        except ValueError:
            pass


@snippet
def catch_index_error(n):
    a = []
    for _ in range(n):
        try:
            a[1]
        except IndexError:
            pass


@snippet
def raise_chained(n):
    for _ in range(n):
        try:
            try:
                raise KeyError(1)
            except KeyError as e:
                raise ValueError(2) from e
        except ValueError as e:
            r = e.__cause__.args
    return r


@snippet
def lambda_reduce(n):
    for _ in range(n):
        r = functools.reduce(lambda a, b: a + b, range(20))
    return r


# --- library: functools, itertools, collections, operator ----------------------------------------------

@snippet
def lru_cache_hit(n):
    @functools.lru_cache(maxsize=None)
    def f(x):
        return x
    for _ in range(n):
        r = f(1)
    return r


@snippet
def lru_cache_bounded(n):
    @functools.lru_cache(maxsize=16)
    def f(x, y):
        return x
    for i in range(n):
        f(i & 31, 0)
    return f.cache_info().maxsize


@snippet
def partial_call(n):
    f = functools.partial(three, 1, c=3)
    for _ in range(n):
        r = f(2)
    return r


@snippet
def singledispatch(n):
    @functools.singledispatch
    def f(x):
        return "object"

    @f.register
    def _(x: int):
        return "int"
    for _ in range(n):
        r = f(1), f("x")
    return r


@snippet
def total_ordering(n):
    @functools.total_ordering
    class V:
        def __init__(self, x):
            self.x = x

        def __eq__(self, other):
            return self.x == other.x

        def __lt__(self, other):
            return self.x < other.x
    a, b = V(1), V(2)
    for _ in range(n):
        r = a >= b, a > b
    return r


@snippet
def cmp_to_key(n):
    for _ in range(n):
        r = sorted(range(10), key=functools.cmp_to_key(lambda a, b: b - a))
    return r


@snippet
def itertools_chain_islice(n):
    a = list(range(10))
    for _ in range(n):
        r = list(itertools.islice(itertools.chain(a, a), 5, 15))
    return r


@snippet
def itertools_product(n):
    for _ in range(n):
        for r in itertools.product(range(5), repeat=2):
            pass
    return r


@snippet
def itertools_permutations(n):
    for _ in range(n):
        for r in itertools.permutations(range(4)):
            pass
        for r in itertools.combinations(range(5), 2):
            pass
    return r


@snippet
def itertools_groupby(n):
    a = [1, 1, 2, 2, 2, 3]
    for _ in range(n):
        r = [(k, len(list(g))) for k, g in itertools.groupby(a)]
    return r


@snippet
def itertools_accumulate_count(n):
    a = list(range(10))
    for _ in range(n):
        r = list(itertools.accumulate(a)), list(zip(itertools.count(), a))
    return r[0]


@snippet
def itertools_takewhile_cycle(n):
    a = list(range(10))
    for _ in range(n):
        r = (list(itertools.takewhile(lambda x: x < 5, a)), list(itertools.islice(itertools.cycle(a), 15)),
             list(itertools.repeat(1, 5)), list(itertools.starmap(operator.add, zip(a, a))))
    return len(r)


@snippet
def itertools_pairwise_batched(n):
    a = list(range(10))
    for _ in range(n):
        r = list(itertools.pairwise(a)), list(itertools.batched(a, 3)), list(itertools.zip_longest(a, a[:3]))
    return len(r)


@snippet
def deque_queue(n):
    d = collections.deque()
    for _ in range(n):
        d.append(1)
        d.append(2)
        d.popleft()
        d.appendleft(3)
        d.pop()
        d.pop()
    return len(d)


@snippet
def deque_iterate_index(n):
    d = collections.deque(range(20), maxlen=20)
    for _ in range(n):
        for r in d:
            pass
        r += d[3]
        d.rotate(1)
    return 0


@snippet
def counter_count(n):
    for _ in range(n):
        c = collections.Counter(WORDS)
    return c["the"]


@snippet
def counter_letters_most_common(n):
    for _ in range(n):
        r = collections.Counter(TEXT).most_common(3)
    return r


@snippet
def counter_update_loop(n):
    for _ in range(n):
        c = collections.Counter()
        for w in WORDS:
            c[w] += 1
    return c["the"]


@snippet
def counter_arithmetic(n):
    a, b = collections.Counter("abca"), collections.Counter("bcd")
    for _ in range(n):
        r = a + b, a - b
    return r


@snippet
def defaultdict_list(n):
    for _ in range(n):
        d = collections.defaultdict(list)
        for w in WORDS:
            d[w[0]].append(w)
    return len(d)


@snippet
def defaultdict_int(n):
    for _ in range(n):
        d = collections.defaultdict(int)
        for w in WORDS:
            d[w] += 1
    return d["the"]


@snippet
def ordered_dict(n):
    for _ in range(n):
        d = collections.OrderedDict()
        for i in range(10):
            d[i] = i
        d.move_to_end(3)
        d.popitem(last=False)
    return list(d)


@snippet
def chain_map(n):
    c = collections.ChainMap({"a": 1}, {"b": 2})
    for _ in range(n):
        r = c["b"]
    return r


@snippet
def heapq_push_pop(n):
    h = list(range(20))
    for i in range(n):
        heapq.heappush(h, i % 20)
        heapq.heappop(h)
    return len(h)


@snippet
def heapq_tuples(n):
    h = [(i, "x") for i in range(20)]
    for i in range(n):
        heapq.heappush(h, (i % 20, "y"))
        heapq.heappop(h)
    return len(h)


@snippet
def heapq_nlargest(n):
    a = [i * 7919 % 100 for i in range(100)]
    for _ in range(n):
        r = heapq.nlargest(3, a), heapq.nsmallest(3, a)
    return r


@snippet
def bisect_insort(n):
    a = list(range(0, 100, 2))
    for _ in range(n):
        r = bisect.bisect_left(a, 51), bisect.bisect(a, 50)
        bisect.insort(a, 33)
        a.remove(33)
    return r


@snippet
def operator_functions(n):
    for _ in range(n):
        r = operator.add(1, 2), operator.itemgetter(1)([1, 2]), operator.methodcaller("upper")("x")
    return r


# --- library: text and data ----------------------------------------------------------------------------

@snippet
def re_match(n):
    p = re.compile(r"(\w+)=(\d+)")
    for _ in range(n):
        m = p.match("width=42")
        r = m.group(1), m.group(2)
    return r


@snippet
def re_search_long(n):
    p = re.compile(r"wo[lm]f")
    for _ in range(n):
        r = p.search(TEXT).span()
    return r


@snippet
def re_findall(n):
    for _ in range(n):
        r = re.findall(r"\b\w{4}\b", TEXT)
    return r[:3]


@snippet
def re_sub(n):
    p = re.compile(r"\s+")
    for _ in range(n):
        r = p.sub("-", TEXT)
    return r[:10]


@snippet
def re_sub_function(n):
    p = re.compile(r"[aeiou]")
    for _ in range(n):
        r = p.sub(lambda m: m.group().upper(), TEXT)
    return r[:10]


@snippet
def re_split(n):
    p = re.compile(r"[,;]\s*")
    for _ in range(n):
        r = p.split("a, b;c, d")
    return r


@snippet
def re_finditer_tokens(n):
    p = re.compile(r"(?P<num>\d+)|(?P<id>[a-z]\w*)|(?P<op>[-+*/()=])|(?P<ws>\s+)")
    for _ in range(n):
        r = [(m.lastgroup, m.group()) for m in p.finditer("x1 = (alpha + 42) * 7 - y")]
    return len(r)


@snippet
def re_module_function(n):
    for _ in range(n):
        r = re.match(r"\d+", "123abc").group()
    return r


@snippet
def json_dumps(n):
    data = {"name": "x", "values": [1, 2.5, None, True], "nested": {"a": "b"}}
    for _ in range(n):
        r = json.dumps(data)
    return r


@snippet
def json_dumps_indent(n):
    data = {"name": "x", "values": [1, 2.5, None, True], "nested": {"a": "b"}}
    for _ in range(n):
        r = json.dumps(data, indent=2, sort_keys=True)
    return r


@snippet
def json_loads(n):
    text = '{"name": "x", "values": [1, 2.5, null, true], "nested": {"a": "b"}}'
    for _ in range(n):
        r = json.loads(text)
    return r


@snippet
def pickle_round_trip(n):
    data = {"name": "x", "values": [1, 2.5, None, True], "nested": {"a": ("b",)}}
    for _ in range(n):
        r = pickle.loads(pickle.dumps(data))
    return r


@snippet
def pickle_instances(n):
    points = [Frozen(i, i) for i in range(10)]
    for _ in range(n):
        r = pickle.loads(pickle.dumps(points))
    return len(r)


@snippet
def copy_shallow(n):
    p, a = Point(1, 2), [1, 2]
    for _ in range(n):
        r = copy.copy(p), copy.copy(a)
    return r


@snippet
def copy_deep(n):
    data = {"a": [1, 2, {"b": (3, [4])}]}
    for _ in range(n):
        r = copy.deepcopy(data)
    return r


@snippet
def copy_deep_instances(n):
    data = [Point(i, i) for i in range(5)]
    for _ in range(n):
        r = copy.deepcopy(data)
    return r


@snippet
def string_io_write(n):
    for _ in range(n):
        f = io.StringIO()
        for w in WORDS:
            f.write(w)
        r = f.getvalue()
    return len(r)


@snippet
def string_io_lines(n):
    text = TEXT * 5
    for _ in range(n):
        for r in io.StringIO(text):
            pass
    return len(r)


@snippet
def bytes_io(n):
    for _ in range(n):
        f = io.BytesIO()
        f.write(b"hello")
        f.write(b"world")
        f.seek(0)
        r = f.read(5), f.getvalue()
    return r


@snippet
def print_to_buffer(n):
    f = io.StringIO()
    for i in range(n):
        print("x", 42, file=f)
        if not i & 1023:
            f.seek(0)
            f.truncate()


@snippet
def file_lines(n):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "t.txt")
        with open(path, "w") as f:
            f.write(TEXT * 20)
        for _ in range(n):
            with open(path) as f:
                r = 0
                for line in f:
                    r += len(line)
    return r


@snippet
def file_read_binary(n):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "t.bin")
        for _ in range(n):
            with open(path, "wb") as f:
                f.write(b"0123456789" * 100)
            with open(path, "rb") as f:
                r = len(f.read())
    return r


@snippet
def file_write_lines(n):
    with open(os.devnull, "w") as f:
        for _ in range(n):
            for w in WORDS:
                f.write(w + "\n")


@snippet
def os_path(n):
    for _ in range(n):
        r = os.path.join("a", "b", "c.txt"), os.path.splitext("c.txt"), os.path.basename("/a/b/c")
    return r


@snippet
def pathlib_parts(n):
    import pathlib
    for _ in range(n):
        p = pathlib.PurePosixPath("/usr") / "lib" / "x.py"
        r = p.name, p.suffix, p.stem, str(p.parent)
    return r


@snippet
def datetime_create(n):
    for _ in range(n):
        r = datetime.datetime(2024, 2, 29, 12, 30), datetime.date(2024, 1, 1)
    return r


@snippet
def datetime_arithmetic(n):
    a = datetime.datetime(2024, 2, 29, 12, 30)
    day = datetime.timedelta(days=1, hours=2)
    for _ in range(n):
        b = a + day
        r = (b - a).total_seconds(), b > a
    return r


@snippet
def datetime_format_parse(n):
    a = datetime.datetime(2024, 2, 29, 12, 30)
    for _ in range(n):
        s = a.isoformat()
        r = datetime.datetime.fromisoformat(s), a.strftime("%Y-%m-%d")
    return r


@snippet
def datetime_strptime(n):
    for _ in range(n):
        r = datetime.datetime.strptime("2024-02-29 12:30", "%Y-%m-%d %H:%M")
    return r


@snippet
def csv_rows(n):
    import csv
    text = "\n".join(f"{i},name{i},{i * 1.5}" for i in range(20))
    for _ in range(n):
        r = list(csv.reader(io.StringIO(text)))
    return r[3]


@snippet
def csv_dict_reader(n):
    import csv
    text = "id,name,value\n" + "\n".join(f"{i},name{i},{i * 1.5}" for i in range(20))
    for _ in range(n):
        r = list(csv.DictReader(io.StringIO(text)))
    return r[3]["name"]


@snippet
def csv_write(n):
    import csv
    for _ in range(n):
        f = io.StringIO()
        w = csv.writer(f)
        for i in range(10):
            w.writerow([i, "a,b", 1.5])
    return len(f.getvalue())


@snippet
def argparse_parse(n):
    import argparse
    p = argparse.ArgumentParser()
    p.add_argument("--count", type=int, default=1)
    p.add_argument("name")
    for _ in range(n):
        r = p.parse_args(["--count", "3", "x"])
    return r


@snippet
def logging_disabled_and_handled(n):
    import logging
    log = logging.getLogger("micro")
    log.propagate = False
    log.setLevel(logging.INFO)
    if not log.handlers:
        log.addHandler(logging.StreamHandler(io.StringIO()))
    for _ in range(n):
        log.debug("x %d", 1)
        log.info("x %d", 1)


@snippet
def statistics_mean(n):
    import statistics
    a = [1.5, 2.5, 3.5, 10.0]
    for _ in range(n):
        r = statistics.mean(a), statistics.stdev(a)
    return r


@snippet
def ast_parse(n):
    import ast
    source = "def f(x):\n    return [i * 2 for i in x if i > 3]\n"
    for _ in range(n):
        r = ast.parse(source)
    return len(r.body)


@snippet
def ast_walk(n):
    import ast
    tree = ast.parse("def f(x):\n    return [i * 2 for i in x if i > 3]\n" * 3)
    for _ in range(n):
        r = sum(1 for node in ast.walk(tree) if isinstance(node, ast.Name))
    return r


@snippet
def eval_expression(n):
    for _ in range(n):
        r = eval("1 + 2 * x", {"x": 3})
    return r


@snippet
def exec_compiled(n):
    code = compile("y = x + 1", "s", "exec")
    for _ in range(n):
        env = {"x": 1}
        exec(code, env)
    return env["y"]


@snippet
def typing_generics(n):
    for _ in range(n):
        r = list[int], dict[str, int], typing.Optional[int]
    return r


@snippet
def import_statement(n):
    for _ in range(n):
        import math as m
        from os import path
    return m.pi


# --- library: concurrency ------------------------------------------------------------------------------

@snippet
def asyncio_await(n):
    async def leaf(x):
        return x

    async def main():
        for _ in range(n):
            r = await leaf(1)
        return r
    return asyncio.run(main())


@snippet
def asyncio_sleep_zero(n):
    async def main():
        for _ in range(n):
            await asyncio.sleep(0)
    return asyncio.run(main())


@snippet
def asyncio_gather(n):
    async def leaf(x):
        await asyncio.sleep(0)
        return x

    async def main():
        for _ in range(n):
            r = await asyncio.gather(leaf(1), leaf(2), leaf(3))
        return r
    return asyncio.run(main())


@snippet
def asyncio_queue(n):
    async def main():
        q = asyncio.Queue()
        for _ in range(n):
            await q.put(1)
            r = await q.get()
        return r
    return asyncio.run(main())


@snippet
def asyncio_tasks(n):
    async def leaf():
        return 1

    async def main():
        for _ in range(n):
            r = await asyncio.create_task(leaf())
        return r
    return asyncio.run(main())


@snippet
def asyncio_lock_event(n):
    async def main():
        lock = asyncio.Lock()
        for _ in range(n):
            async with lock:
                pass
    return asyncio.run(main())


@snippet
def async_generator(n):
    async def gen(k):
        for i in range(k):
            yield i

    async def main():
        for _ in range(n):
            r = [i async for i in gen(10)]
        return r
    return asyncio.run(main())


@snippet
def contextvar_get_set(n):
    import contextvars
    v = contextvars.ContextVar("v", default=0)
    for _ in range(n):
        token = v.set(1)
        r = v.get()
        v.reset(token)
    return r


@snippet
def thread_lock(n):
    lock = threading.Lock()
    for _ in range(n):
        with lock:
            pass


@snippet
def thread_rlock_condition(n):
    c = threading.Condition()
    for _ in range(n):
        with c:
            c.notify()


@snippet
def thread_start_join(n):
    for _ in range(n):
        t = threading.Thread(target=nothing)
        t.start()
        t.join()


@snippet
def queue_put_get(n):
    q = queue.Queue()
    for _ in range(n):
        q.put(1)
        r = q.get()
    return r


@snippet
def time_clock(n):
    for _ in range(n):
        r = time.perf_counter(), time.time()
    return len(r)


# --- the harness ---------------------------------------------------------------------------------------

def measure(function, seconds):
    """The best time of one repetition, in ns, and the result's representation."""
    clock = time.perf_counter
    n = 1
    while True:
        begin = clock()
        result = function(n)
        spent = clock() - begin
        if spent > seconds / 4:
            break
        n *= 2 if spent > seconds / 40 else 8
    best = spent / n
    n = max(1, round(n * (seconds / 4) / spent))
    for _ in range(4):
        begin = clock()
        result = function(n)
        best = min(best, (clock() - begin) / n)
    return best * 1e9, repr(result)


def main():
    names = sys.argv[1:]
    seconds = 0.02
    if names[:1] == ["--list"]:
        print("\n".join(SNIPPETS))
        return
    if names[:1] == ["--time"]:
        seconds = float(names[1]) / 1e3
        del names[:2]
    for name in names or SNIPPETS:
        try:
            best, result = measure(SNIPPETS[name], seconds)
        except Exception as error:
            best, result = math.nan, f"{type(error).__name__}: {error}"
        print(f"{name} {best:.2f} {result}", flush=True)


if __name__ == "__main__":
    main()

"""Keyword arguments of native functions and types, at places that run more than once."""
import gc


def calls(n):
    return ["a b c".split(sep=" ", maxsplit=n), int("11", base=n + 2), sum([n], start=n), max([], default=n),
            sorted([1, n, 5], reverse=True), dict(a=n, b=2), "{x}".format(x=n), b"ab".decode(encoding="ascii"),
            bytes("é", encoding="latin-1"), list(enumerate("ab", start=n)), round(number=2.567, ndigits=n),
            list(zip("ab", "cd", strict=True)), (5).to_bytes(length=n + 1, byteorder="big")]


for n in (0, 1, 2, 3):
    print(calls(n))
    gc.collect()


def attempt(f):
    for _ in range(3):
        try:
            result = f()
        except (TypeError, ValueError) as e:
            result = e
    print(result)


attempt(lambda: "a".split(sep=",", nothing=1))
attempt(lambda: "a".split(",", sep=","))
attempt(lambda: int("1", base=2, other=3))
attempt(lambda: int(base=2))
attempt(lambda: sum([1], start="x"))
attempt(lambda: list(iterable=[1]))
attempt(lambda: tuple(sequence=[1]))
attempt(lambda: bytes(encoding="ascii"))
attempt(lambda: ImportError("x", name="y").name)
attempt(lambda: ImportError("x", other="y"))
attempt(lambda: OSError(x=1))
attempt(lambda: object(a=1))
attempt(lambda: bool(x=1))
attempt(lambda: enumerate(iterable=[1], start=3).__next__())


class Sub(dict):
    pass


class Own(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, more=0, **kwargs)


class Made(int):
    def __new__(cls, text, *, base):
        return super().__new__(cls, text, base=base)


for _ in range(3):
    made = Sub(a=1), Own(b=2), Made("11", base=3)
print(made, type(made[0]).__name__)

from collections import OrderedDict, defaultdict, deque
from types import SimpleNamespace
print(OrderedDict(b=1, a=2), defaultdict(None, a=1), deque([1, 2, 3], maxlen=2), deque(iterable="ab"))
names = SimpleNamespace({"a": 1}, b=2)
names.__init__(c=3)
print(names, SimpleNamespace(()), SimpleNamespace([("k", 1)], k=2) == SimpleNamespace(k=2))
for bad in (lambda: SimpleNamespace({1: 2}), lambda: SimpleNamespace(1)):
    attempt(bad)

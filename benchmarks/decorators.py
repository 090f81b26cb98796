"""Decorators and functools: wraps, partial, reduce, singledispatch, cached properties, registries."""
import functools
import operator
import sys

DEFAULT = 160000


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)
    wrapper.calls = 0
    return wrapper


def clamp(low, high):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return max(low, min(high, function(*args, **kwargs)))
        return wrapper
    return decorate


REGISTRY = {}


def command(name):
    def register(function):
        REGISTRY[name] = function
        return function
    return register


@command("scale")
@traced
@clamp(-50, 50)
def scale(x, *, factor=2):
    return x * factor


@command("shift")
@traced
@clamp(0, 100)
def shift(x, by=3, **extra):
    return x + by + len(extra)


@functools.singledispatch
def describe(value):
    return 1


@describe.register
def _(value: int):
    return value % 3


@describe.register
def _(value: str):
    return len(value)


@describe.register(list)
@describe.register(tuple)
def _(value):
    return sum(describe(x) for x in value)


class Table:
    def __init__(self, rows):
        self.rows = rows

    @functools.cached_property
    def total(self):
        return sum(map(sum, self.rows))

    @staticmethod
    def empty():
        return Table([])

    @classmethod
    def square(cls, size):
        return cls([[i * j for j in range(size)] for i in range(size)])


def main(n):
    total = 0
    triple = functools.partial(scale, factor=3)
    for i in range(n):
        total += REGISTRY["scale"](i) + REGISTRY["shift"](i % 90, by=2, extra=1) + triple(i % 20)
        total += describe(i) + describe("word") + describe([i, "ab", (1, 2.5)])
        total += functools.reduce(operator.xor, range(i % 10), 5)
        if i % 10 == 0:
            table = Table.square(6)
            total += table.total + table.total + Table.empty().total
    print(total, scale.calls, shift.calls, scale.__name__)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

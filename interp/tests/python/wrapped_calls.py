# Calls of functools.partial and of functions with a cache.
import sys
from functools import lru_cache, partial, partialmethod, Placeholder, cache


def add(a, b=10, *rest, key=0):
    return a + b + key + sum(rest)


class Scale:
    def __init__(self, by):
        self.by = by

    def times(self, x, y=1):
        return self.by * x * y

    half = partialmethod(times, 0.5)


def recursive(n, m):
    return n if m < 2 else recursive(n, m - 1) + recursive(n, m - 2)


def apply(f, n=40):
    total = 0
    for i in range(n):
        total += f(i)
    return total


plain = partial(add, 3)
two = partial(plain, 4)
print(apply(plain), apply(two), apply(partial(add)), apply(partial(add, 1, 2, 3)), apply(partial(add, key=5)), apply(partial(add, 1, key=2)))
print(apply(partial(Scale(3).times, 2)), apply(partial(Scale.times, Scale(2))), apply(Scale(4).half), apply(partial(recursive, 1), 12))
print(apply(partial(lambda *all: len(all), 1, 2)), apply(partial(pow, 2), 9), apply(partial(add, Placeholder, 5)), apply(partial(max, 20)))
for n in range(4):
    made = partial(lambda a, b: a * b + n, n)
    print(apply(made), apply(partial(add, n)), [partial(add, i)(2) for i in range(3)])
print(list(map(partial(add, 1), range(4))), sorted(range(5), key=partial(add, -9)), sorted([3, 1], key=partial(lambda s, x: s * x, -1)))


class Named(partial):
    def __call__(self, x):
        return super().__call__(x) + 1000


class Quiet(partial):
    pass


print(apply(Named(add, 1)), apply(Quiet(add, 1)))


# A partial whose parts change while it is called.
def swapped(n):
    f = partial(add, 3)
    results = []
    for i in range(n):
        if i == 30:
            f.__setstate__((add, (3, 4, 5), {}, {}))
        if i == 33:
            f.__setstate__((add, (1,), {"key": 100}, None))
        if i == 36:
            f.__setstate__((Scale(2).times, (), {}, {"x": 1}))
        results.append(f(i))
    return results[27:]


print(swapped(40), swapped(40))


def told(call, *args):
    try:
        return call(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for _ in range(3):
    print(told(partial(add, 1, 2), "a"), told(partial(lambda: 1, 1)), told(partial(add, 1, key=1), 2, 3), told(partial(add, Placeholder, 1)))


def depth():
    frame, names = sys._getframe(1), []
    while frame:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names


print(partial(lambda x: depth(), 1)())

# Caches.
calls = []


@lru_cache(maxsize=None)
def square(x):
    calls.append(x)
    return x * x


@lru_cache(maxsize=3)
def few(x, y=0):
    calls.append((x, y))
    return x + y


@lru_cache(maxsize=3, typed=True)
def typed(x):
    calls.append(x)
    return repr(x)


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@lru_cache(0)
def none(x):
    return x


def ask(f, keys):
    result = []
    for k in keys:
        result.append(f(k))
    return result


for _ in range(2):
    print(ask(square, [1, 2, 1, 1, True, 1.0, 2, 2.0, 10**20, 10**20] * 3)[-10:], square.cache_info(), len(calls))
    print(ask(few, [1, 2, 3, 1, 4, 2, 1, 1] * 4)[-8:], few.cache_info(), len(calls))
    print(ask(typed, [1, 1.0, True, 1, 1.0] * 3)[-5:], typed.cache_info())
    print(ask(none, [1, 1]), none.cache_info(), fib(60), fib.cache_info())
    print(ask(square, [1j, 1j]), ask(lambda k: few(k, 5) + few(k, y=5) + few(x=k), [7, 7, 7, 8]), few.cache_info())
print(ask(lambda k: few(k, k), range(5)), ask(lambda k: few(2, k), [0, 0, 1, 0, 2, 3, 0]), few.cache_info())


@lru_cache(None)
def text(a, b="x", c="y"):
    return a + b + c


for a in ("p", "qé", "日本"):
    print([text(a), text(a, a), text(a, a, a), text(a, "x"), text(a, "x", "y"), text(a, a)], text.cache_info())


# Keys that hash and compare in Python.
class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        calls.append("hash")
        return hash(self.n)

    def __eq__(self, other):
        calls.append("eq")
        return isinstance(other, Key) and self.n == other.n or self.n == other


calls.clear()
kept = lru_cache(4)(lambda k: repr(k)[:1])
print([kept(Key(1)), kept(1), kept(Key(1)), kept(2), kept(Key(2)), kept(2)], kept.cache_info(), calls)


@lru_cache(None)
def key_of(k):
    return type(k).__name__


calls.clear()
print(ask(key_of, [Key(5), 5, 5, Key(5), 6, Key(6)] * 3), len(calls), key_of.cache_info())
print(told(square, []), told(few, 1, []), told(square), told(few, 1, 2, 3))


def cleared(n):
    total = 0
    for i in range(n):
        total += square(i & 3)
        if i == 30:
            square.cache_clear()
    return total


square.cache_clear()
print(cleared(50), square.cache_info())


class Owner:
    @lru_cache(8)
    def method(self, x):
        return self.__class__.__name__, x

    @staticmethod
    @lru_cache(8)
    def static(x):
        return -x


owner = Owner()
print([owner.method(i & 1) for i in range(6)][-1], [Owner.static(i & 1) for i in range(6)], Owner.method.cache_info(), Owner.static.cache_info())

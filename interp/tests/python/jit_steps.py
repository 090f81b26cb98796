# Loops over native iterators that are followed by their steps: what a loop sees of them, however it is run.
import copy
import itertools as I
import operator
import sys


def total(iterable):
    count = 0
    for item in iterable:
        count = count * 3 + hash(item) & 0xFFFF
    return count


def shown(iterable, limit=6):
    items = []
    for item in iterable:
        items.append(item)
        if len(items) == limit:
            break
    return items


N = 40
numbers = list(range(N))


def ways():
    yield "chain", lambda: I.chain(numbers, (), range(5), "abc", [None])
    yield "from_iterable", lambda: I.chain.from_iterable([x] * (x % 3) for x in numbers)
    yield "islice", lambda: I.islice(numbers, 3, None)
    yield "islice stop", lambda: I.islice(iter(numbers), 17)
    yield "islice step", lambda: I.islice(numbers, 1, 30, 4)
    yield "islice far", lambda: I.islice(numbers, 100, 200)
    yield "islice huge", lambda: I.islice(numbers, 0, None, sys.maxsize)
    yield "count", lambda: I.islice(I.count(2**49 - 20), N)
    yield "count big", lambda: I.islice(I.count(2**63 - 20, 3), N)
    yield "count float", lambda: I.islice(I.count(0.5, 0.25), N)
    yield "pairwise", lambda: I.pairwise(numbers)
    yield "pairwise short", lambda: I.pairwise([1])
    yield "accumulate", lambda: I.accumulate(numbers)
    yield "accumulate big", lambda: I.accumulate([2**61] * N)
    yield "accumulate text", lambda: I.accumulate("abcdefgh" * 4)
    yield "accumulate call", lambda: I.accumulate(numbers, lambda a, b: a * b & 255, initial=7)
    yield "accumulate max", lambda: I.accumulate([x % 7 for x in numbers], max)
    yield "takewhile", lambda: I.takewhile(lambda x: x < 25, numbers)
    yield "dropwhile", lambda: I.dropwhile(lambda x: x < 25, numbers)
    yield "filterfalse", lambda: I.filterfalse(lambda x: x % 3, numbers)
    yield "filterfalse None", lambda: I.filterfalse(None, [0, 1, "", "a", None, 2.0] * 6)
    yield "filter None", lambda: filter(None, I.cycle([0, 1, "", "a", None, 2.0]))
    yield "filter native", lambda: filter("abc".__contains__, "xaybzc" * 6)
    yield "starmap", lambda: I.starmap(lambda a, b: a * 10 + b, zip(numbers, I.count(2)))
    yield "starmap lists", lambda: I.starmap(pow, [[x, 2] for x in numbers])
    yield "compress", lambda: I.compress(numbers, I.cycle([1, 0, "", "x"]))
    yield "repeat", lambda: I.repeat("r", N)
    yield "repeat endless", lambda: zip(numbers, I.repeat(None))
    yield "repeat none", lambda: I.repeat(1, -3)
    yield "cycle", lambda: I.islice(I.cycle([1, 2, 3]), N)
    yield "cycle generator", lambda: I.islice(I.cycle(x * x for x in range(4)), N)
    yield "cycle empty", lambda: I.cycle(())
    yield "zip_longest", lambda: I.zip_longest(numbers, range(9), fillvalue="-")
    yield "zip_longest other", lambda: I.zip_longest(range(5), iter(numbers))
    yield "zip_longest three", lambda: I.zip_longest("ab", numbers, "xyz")
    yield "zip two", lambda: zip(I.count(), I.chain(numbers, numbers))
    yield "zip three", lambda: zip(I.count(), I.repeat(1), numbers)
    yield "zip five", lambda: zip(I.count(), numbers, numbers, numbers, numbers)
    yield "zip strict", lambda: zip(I.repeat(0, N), numbers, strict=True)
    yield "enumerate", lambda: enumerate(I.islice(numbers, 5, None), 2**49 - 10)
    yield "map", lambda: map(str, I.chain(numbers, numbers))
    yield "map two", lambda: map(operator.mul, numbers, I.count(1))
    yield "map three", lambda: map(max, numbers, I.count(1), I.repeat(20))
    yield "map python", lambda: map(lambda x: x + 0.5, I.islice(numbers, 30))
    yield "nested", lambda: I.chain(I.islice(I.chain(numbers, numbers), 50), I.accumulate(I.islice(I.count(), 9)))
    yield "deep", lambda: I.chain(I.chain(I.chain(I.chain(I.chain(numbers)))), numbers)
    yield "generators", lambda: I.chain((x for x in numbers), (x * x for x in numbers))
    yield "tee", lambda: I.chain(*I.tee(x * 3 for x in numbers))


for name, make in ways():
    results = {total(I.islice(make(), 200)) for _ in range(6)}
    print(f"{name:18} {len(results)} {shown(make())}")


def groups(items, key):
    out = []
    for k, group in I.groupby(items, key):
        n = 0
        for item in group:
            n += item
            if n > 60:
                # What is left of the group is passed over.
                break
        out.append((k, n))
    return out


for key in (lambda x: x // 7, None, lambda x: x % 2 == 5):
    print([groups(numbers, key) for _ in range(5)][-1][:8])
print([(k, list(g)) for k, g in I.groupby("aabbbc")])


# One loop, iterators of one type in different states.
def mixed(iterators):
    seen = []
    for it in iterators:
        for item in it:
            seen.append(item)
            if len(seen) % 5 == 0:
                break
    return seen


for _ in range(4):
    parts = [map(abs, [-1, -2]), map(operator.add, [1, 2], [3, 4]), map(max, [1], [2], [3]), zip([1], [2]), zip([1], [2], [3]), zip(), zip([4]), filter(None, [0, 5]), filter(len, ["", "a"])]
    used = I.chain([1, 2], [3])
    next(used)
    half = I.islice([5, 6, 7, 8], 3)
    next(half)
    result = mixed(parts * 2 + [used, half, used, half, I.repeat(1, 2), I.repeat(2, 0)])
print(result)


# What is gone through changes meanwhile.
def growing():
    items = [1, 2, 3]
    for x in I.chain(items, items):
        if len(items) < 40:
            items.append(x)
    return len(items), sum(items)


def shrinking():
    items = list(range(60))
    seen = 0
    for a, b in I.pairwise(items):
        seen += a * b
        if a % 5 == 0:
            items.pop()
    return seen, len(items)


def changed_dict():
    d = {i: i for i in range(30)}
    try:
        for k in I.chain(d, d):
            if k == 25:
                d[99] = 1
    except RuntimeError as e:
        return k, str(e)


for f in (growing, shrinking, changed_dict):
    print([f() for _ in range(5)][-1])


# Exceptions within a step, and where the iterator stands after them.
class Odd(Exception):
    pass


def fail_at(n):
    def check(x):
        if x == n:
            raise Odd(x)
        return x < n + 5

    return check


def after(make):
    it = make()
    seen = []
    for _ in range(3):
        try:
            for item in it:
                seen.append(item)
                if len(seen) > 60:
                    break
        except (Odd, TypeError, ZeroDivisionError, RuntimeError) as e:
            seen.append((type(e).__name__, str(e)))
    return seen[-6:]


def broken(n):
    for i in range(n):
        yield i
    raise Odd("source")


for make in (
    lambda: I.takewhile(fail_at(20), numbers),
    lambda: I.dropwhile(fail_at(20), numbers),
    lambda: I.filterfalse(fail_at(35), numbers),
    lambda: I.starmap(operator.truediv, [(1, x) for x in (3, 2, 1, 0, 1, 2)] * 3),
    lambda: I.starmap(abs, [(1,), (2,), 3, (4,), 5]),
    lambda: I.accumulate([1, 2, "x", 3, 4]),
    lambda: I.chain(numbers, 5, numbers),
    lambda: I.chain.from_iterable([numbers, None, numbers]),
    lambda: I.chain(broken(20), numbers[:3]),
    lambda: I.islice(broken(20), 2, 50, 3),
    lambda: I.pairwise(broken(20)),
    lambda: I.cycle(broken(5)),
    lambda: I.zip_longest(broken(10), numbers),
    lambda: zip(broken(10), numbers),
    lambda: I.compress(broken(10), I.repeat(True)),
):
    results = [after(make) for _ in range(5)]
    print(results[-1], all(r == results[0] for r in results))


def first_line():
    for x in I.takewhile(fail_at(30), numbers):
        pass


for _ in range(4):
    try:
        first_line()
    except Odd as e:
        names = []
        tb = e.__traceback__
        while tb:
            names.append(tb.tb_frame.f_code.co_name)
            tb = tb.tb_next
print(names)


# StopIteration of a function that a step calls ends the loop.
def stops_at(n):
    def f(*args):
        if args[0] >= n:
            raise StopIteration
        return args[0] * 2

    return f


def ended():
    out = []
    for make in (lambda f: I.takewhile(f, I.count(1)), lambda f: I.starmap(f, zip(I.count())), lambda f: I.filterfalse(f, I.repeat(0, 3)), lambda f: I.accumulate(I.count(1), lambda a, b: f(b) + a)):
        n = 0
        for x in make(stops_at(30)):
            n += x
        out.append(n)
    return out


print([ended() for _ in range(5)][-1])


# The frames that a function called by a step sees.
def callers(x):
    f = sys._getframe(1)
    return f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno


def seen_by_callee():
    last = None
    for last in I.starmap(callers, zip(numbers)):
        pass
    return last


print([seen_by_callee() for _ in range(5)][-1])


# Going on with an iterator from inside the loop, and from within a step.
def reentered():
    it = I.islice(numbers, 2, 38, 2)
    seen = []
    for x in it:
        if x % 3 == 0:
            seen.append((x, next(it, None)))
    return seen


def within():
    def check(x):
        if x % 10 == 3:
            taken.append(next(it, None))
        return x < 36

    taken = []
    it = I.takewhile(check, iter(numbers))
    return sum(x for x in it), taken


def shared():
    source = iter(numbers)
    return [a + b + c for (a, b), c in zip(I.pairwise(source), source)][:8]


for f in (reentered, within, shared):
    print([f() for _ in range(5)][-1])


# Copies of what a loop has gone through in part.
def copied():
    it = iter(numbers)
    chained = I.chain(it, [1])
    for x in chained:
        if x == 20:
            break
    pair = I.tee(chained)
    again = copy.copy(pair[0])
    return list(pair[1])[:3], list(again)[-3:], list(chained)


print([copied() for _ in range(5)][-1])


# An iterator in the way is derived from a native one, or has a `__next__` and an `__iter__` of its own.
class Loud(I.chain):
    def __next__(self):
        return super().__next__() * 100


class Own:
    def __init__(self):
        self.n = 0

    def __iter__(self):
        if self.n:
            raise Odd("asked again")
        return self

    def __next__(self):
        self.n += 1
        if self.n > 30:
            raise StopIteration
        return self.n


def derived():
    return total(Loud([1, 2], range(30))), total(I.chain(Loud([1], range(20)), [1])), total(I.islice(Own(), 25)), total(enumerate(Own()))


print([derived() for _ in range(5)][-1])

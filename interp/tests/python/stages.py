# `for` loops over iterators over each other, some of which call Python functions.
import sys
import traceback

numbers = list(range(50))


def double(x):
    return x * 2


def odd(x):
    return x & 1


def small(x):
    return x < 30


def gather(iterable):
    result = []
    for x in iterable:
        result.append(x)
    return result


def total(iterable):
    result = 0
    for x in iterable:
        result += x
    return result


for _ in range(2):
    print(total(map(double, filter(odd, numbers))), total(filter(odd, map(double, numbers))), total(filter(small, filter(odd, numbers))))
    print(total(map(double, map(double, map(double, numbers)))), total(map(double, map(double, map(double, map(double, map(double, numbers)))))))
    print(gather(enumerate(map(double, numbers)))[-3:], gather(enumerate(filter(odd, numbers), 10**15))[-3:], gather(enumerate(filter(small, map(double, filter(odd, numbers)))))[-3:])
    print(gather(map(lambda p: p[0] * p[1], enumerate(map(double, numbers))))[-3:], gather(filter(lambda p: p[0] % 3, enumerate(filter(odd, numbers))))[-3:])
    print(gather(map(lambda a, b: a - b, map(double, numbers), numbers))[-3:], gather(map(str, map(lambda a, b: a * b, numbers, numbers)))[-3:])
    print(list(map(double, filter(odd, map(double, numbers)))), sum(map(double, filter(odd, numbers))), [*enumerate(map(double, "ab"))], max(map(double, filter(odd, numbers)), key=lambda x: -x))
    print(gather(enumerate(enumerate(map(double, numbers[:3])))), gather(enumerate(map(double, numbers[:2]), 2**60)), gather(map(abs, map(double, numbers)))[-2:], gather(filter(None, map(odd, numbers)))[-2:])
    print(total(map(double, (n for n in numbers if n % 3))), total(map(double, filter(odd, (n for n in numbers)))), gather(zip(map(double, numbers[:2]), filter(odd, numbers))))
    for i, x in enumerate(map(double, numbers)):
        if x > 60:
            print(i, x)
            break


# The middle one raises, ends the loop, or takes more items itself.
def stops(x):
    if x % 9 == 8:
        raise StopIteration
    return x


def fails(x):
    if x % 10 == 7:
        raise ValueError(x)
    return x + 1


def resumed(make):
    it, result = make(), []
    for _ in range(4):
        try:
            for x in it:
                result.append(x)
        except ValueError as error:
            result.append((str(error), [entry.name for entry in traceback.extract_tb(error.__traceback__)]))
    return result


for make in (
    lambda: map(double, map(stops, numbers)),
    lambda: map(stops, filter(odd, numbers)),
    lambda: enumerate(filter(stops, map(double, numbers))),
    lambda: map(double, map(fails, numbers)),
    lambda: enumerate(map(fails, filter(odd, numbers))),
    lambda: filter(fails, map(fails, numbers)),
):
    print(resumed(make))
    print(resumed(make) == resumed(make))

# Generators below, that raise, end, delegate and are left.
def made(n, log=None):
    try:
        for i in range(n):
            if i == 33:
                raise KeyError(i)
            yield i
    finally:
        if log is not None:
            log.append("closed")


def delegating(n):
    yield from made(n)
    return (yield from made(3))


def walk(depth):
    if depth:
        yield from map(double, walk(depth - 1))
        yield depth


log = []
print(total(map(double, made(20, log))), total(filter(odd, delegating(20))), gather(enumerate(map(double, filter(odd, delegating(9))))), gather(walk(6)), log)
for make in (lambda: map(double, made(40, log)), lambda: enumerate(filter(odd, delegating(40))), lambda: map(fails, made(30)), lambda: map(stops, made(30))):
    try:
        for x in make():
            pass
    except (KeyError, ValueError) as error:
        print(repr(error), [entry.name for entry in traceback.extract_tb(error.__traceback__)])
print(log, resumed(lambda: map(fails, (n for n in numbers))), resumed(lambda: map(stops, (n for n in numbers)))[-3:])
source = (n for n in numbers)
print(gather(map(lambda x: (x, next(source, None)), source))[-2:], gather(map(double, source)), gather(map(double, (n for n in ()))))
source = made(30, log)
for x in map(lambda x: x + 1, source):
    if x == 20:
        break
print(x, next(source), sum(map(double, source)), log)


def itself():
    for x in map(lambda x: next(running) if x == 2 else x, running):
        yield x


running = (x for x in itself())
try:
    print(gather(running))
except ValueError as error:
    print(error)
inner = map(double, numbers)
print(gather(map(lambda x: (x, next(inner, None)), inner))[-2:])
outer = None
outer = map(lambda x: (x, next(outer, None) if x % 4 == 0 else 0), map(double, range(8)))
print(gather(outer))
both = map(double, numbers)
print(gather(map(lambda a, b: a + b, both, both))[-2:])


# What functions see of their callers.
def looks(x):
    frame = sys._getframe(1)
    return frame.f_code.co_name, frame.f_lineno - looks.__code__.co_firstlineno


def watched():
    for x in map(lambda x: (x, sys._getframe(1).f_code.co_name), map(looks, range(3))):
        pass
    return x


print(watched())


class Truth:
    def __init__(self, n):
        self.n = n

    def __bool__(self):
        if self.n > 40:
            raise OverflowError(self.n)
        return self.n % 3 == 0


try:
    for t in filter(lambda t: t.n % 2, filter(None, map(Truth, numbers))):
        print(t.n, end=" ")
except OverflowError as error:
    print(error)
try:
    for t in enumerate(filter(lambda n: Truth(n), map(double, numbers))):
        print(t, end=" ")
except OverflowError as error:
    print(error)


# Types that change, and functions that do.
mixed = [1, 2.5, "a", (1,), 3] * 8
print(gather(map(lambda x: x * 2, filter(lambda x: x != 2.5, mixed)))[-4:], gather(enumerate(map(lambda x: x * 2, mixed)))[-2:])


def changing(x):
    global double
    if x == 40:
        double = abs
        changing.__code__ = (lambda x: x).__code__
    return x * 3


print(total(map(lambda x: double(x), map(changing, filter(odd, range(0, 90)))) ), total(map(double, map(changing, numbers))))


def nested(depth):
    if depth == 0:
        return 1
    result = 0
    for i, x in enumerate(map(nested, map(lambda n: n - 1, [depth, depth]))):
        result += x + i
    return result


print([nested(n) for n in range(6)])

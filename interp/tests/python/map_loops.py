# `for` loops over `map` and `filter` of Python functions, whose activations the loop makes itself.
import sys
import traceback


def double(x):
    return x * 2


def odd(x):
    return x & 1


def total(iterable):
    result = 0
    for x in iterable:
        result += x
    return result


numbers = list(range(40))
for source in (numbers, tuple(numbers), range(40), {n: n for n in numbers}, set(numbers), dict.fromkeys(numbers, 3).values()):
    print(total(map(double, source)), total(filter(odd, source)), total(map(double, filter(odd, source))))
print(total(map(double, (n for n in numbers))), total(filter(odd, (n for n in numbers))))
print([c for c in map(lambda c: c + c, "aéz")], [c for c in filter(lambda c: c < "z", "aéz")], [b for b in map(double, b"ab")])
print([p for p in map(lambda p: p[0] * p[1], enumerate(numbers[:5]))], [p for p in map(lambda p: p, zip("ab", "cd"))])
print([p for p in map(lambda p: p[1], {"a": 1, "b": 2}.items())], [p for p in filter(lambda p: p[1], enumerate([0, 1, 0, 2]))])

# Several iterables end with the shortest, and one may be there twice.
print([p for p in map(lambda a, b: a + b, numbers, range(5))], [p for p in map(lambda *p: p, "abc", [1, 2], (3, 4, 5), "xyz")])
it = iter(numbers)
print([p for p in map(lambda a, b: (a, b), it, it)][:4])
left = iter(numbers)
print([p for p in map(lambda a, b: a * b, left, [5, 6])], next(left))
for strict in (False, True):
    try:
        for p in map(lambda a, b: (a, b), "ab", "cde", strict=strict):
            print(p)
    except ValueError as error:
        print(error)


# What the functions may be.
class Scale:
    def __init__(self, by):
        self.by = by

    def times(self, x, y=1):
        return self.by * x * y

    def __call__(self, x):
        return -x

    @classmethod
    def named(cls, x):
        return cls.__name__, x


def adder(n):
    return lambda x: x + n


def rest(x, *others, key=3, **more):
    return x, others, key, more


scale = Scale(3)
print(total(map(scale.times, numbers)), total(map(scale.times, numbers, numbers)), total(map(scale, numbers)))
print([p for p in map(Scale.named, "ab")], [p for p in map(rest, "ab")], [p for p in map(rest, "ab", "cd")])
for n in range(4):
    print(total(map(adder(n), numbers)), total(filter(adder(-n), numbers)), total(filter(scale.times, numbers)))
print(total(map(abs, numbers)), total(filter(None, numbers)), total(filter(bool, numbers)), [type(g).__name__ for g in map(lambda x: (yield x), "a")])
print([x for x in filter(lambda x: (yield x), "ab")])


# What `filter` takes for true.
class Truth:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        if self.value is None:
            raise LookupError("no truth")
        return self.value


class Sized:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


answers = [None, 0, 1, "", "a", [], [0], 0.0, 0.5, (), {}, {1}, Sized(0), Sized(2), Truth(True), Truth(False), print, 10**30, 1j, 0j]
for _ in range(3):
    print([i for i in filter(lambda i: answers[i], range(len(answers)))])
try:
    for i in filter(lambda i: Truth(True if i < 2 else None), range(5)):
        print(i)
except LookupError as error:
    print(error)


# A StopIteration from the function is the end of the loop, and the iterator goes on.
def stops(x):
    if x % 7 == 6:
        raise StopIteration(x)
    return x + 1


def loops():
    for make in (map, filter):
        it = make(stops, numbers)
        for _ in range(4):
            for x in it:
                pass
            else:
                print("ended", x)
        print(next(it, "default"), next(it))
        try:
            while True:
                next(it)
        except StopIteration as stop:
            print(stop.value)
        try:
            for x in it:
                pass
        except StopIteration:
            print("not here")


loops()
loops()


# Other exceptions.
def fails(x):
    return 100 // (x - 20)


def count_up(make):
    result, failures = 0, 0
    it = make(fails, numbers)
    while True:
        try:
            for x in it:
                result += x
            return result, failures
        except ZeroDivisionError as error:
            failures += 1
            names = [entry.name for entry in traceback.extract_tb(error.__traceback__)]
    return names


print(count_up(map), count_up(filter))
try:
    for x in map(fails, numbers[15:]):
        pass
except ZeroDivisionError as error:
    for entry in traceback.extract_tb(error.__traceback__):
        print(entry.name, entry.lineno - loops.__code__.co_firstlineno, entry.line)


# What the functions see of their callers.
def looks(x):
    frame = sys._getframe(1)
    return frame.f_code.co_name, frame.f_lineno - looks.__code__.co_firstlineno, frame.f_locals.get("found")


def watched():
    found = None
    for found in map(looks, range(4)):
        found = found[:2] + (found[2] is not None,)
    for x in filter(looks, range(4)):
        pass
    return found, x


print(watched())


# Functions that take items themselves, and that change what is gone through.
items = [1, 2, 3]


def grow(x):
    if len(items) < 12:
        items.append(x + 10)
    return x


print(total(map(grow, items)), items)
shared = map(lambda x: (x, next(shared, None)), range(7))
print([p for p in shared])


def nested(depth):
    if depth == 0:
        return 1
    result = 0
    for x in map(nested, [depth - 1] * 2):
        result += x
    for x in filter(nested, [depth - 1]):
        result += x
    return result


print([nested(d) for d in range(6)])


# A break leaves the iterator where it is; generators loop over others.
def until(make, function, limit):
    it = make(function, numbers)
    for x in it:
        if x > limit:
            break
    return x, next(it)


def passing(make, function):
    for x in make(function, numbers):
        yield x
        if x > 30:
            yield from make(function, numbers[:3])


print(until(map, double, 13), until(filter, odd, 13), total(passing(map, double)), total(passing(filter, odd)))


def with_loop(x):
    result = 0
    for i in range(x % 4):
        result += i
    return result


def recursive(n):
    return n if n < 2 else recursive(n - 1) + recursive(n - 2)


print(total(map(with_loop, numbers)), total(filter(with_loop, numbers)), total(map(recursive, numbers[:12])))
mixed = [1, 2.5, "a", None, (1,), 3] * 6
print([x for x in map(lambda x: x * 2 if x else x, mixed)][-6:], [x for x in filter(lambda x: x != "a", mixed)][-5:])

# Functions that are replaced while the loop runs.
def changing(x):
    if x == 30:
        changing.__code__ = (lambda x: -x).__code__
    return x


print(total(map(changing, numbers)))

"""Iterators, truth values and lengths that Python functions return, in loops."""
import sys


class Bag:
    def __init__(self, *items):
        self.items = list(items)

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)


class Chain(Bag):
    def __iter__(self):
        for item in self.items:
            if isinstance(item, Bag):
                yield from item
            else:
                yield item


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n

    def __bool__(self):
        return self.n > 3


class Returns:
    """Whatever it is told to."""

    def __init__(self, result):
        self.result = result

    def __iter__(self):
        return self.result

    def __bool__(self):
        return self.result

    def __len__(self):
        return self.result


class Sized:
    def __init__(self, result):
        self.result = result

    def __len__(self):
        return self.result


class Index:
    def __index__(self):
        return 5


class Plain:
    pass


def total(things):
    n = 0
    for thing in things:
        for item in thing:
            n += item
        if thing:
            n += 100
        if not thing:
            n += 10000
        n += len(thing) if hasattr(thing, "__len__") else 1
    return n


def attempts(action, results):
    found = []
    for result in results:
        try:
            found.append(action(result))
        except (TypeError, ValueError, OverflowError, ZeroDivisionError) as e:
            found.append(f"{type(e).__name__}: {e}, line {e.__traceback__.tb_next.tb_lineno}")
    return found


def first(result):
    for item in Returns(result):
        return item


def truth(result):
    return "yes" if Returns(result) else "no"


def size(result):
    return len(Sized(result))


def sized(result):
    return "yes" if Sized(result) else "no"


class Raises:
    def __bool__(self):
        return 1 / 0

    __len__ = __iter__ = __bool__


def raising(how):
    if how == 0:
        return len(Raises())
    if how == 1:
        return bool(Raises()) and not Raises()
    for _ in Raises():
        pass


def both(a, b):
    return len([1 for _ in range(3) if a and b]), len([1 for _ in range(3) if a or b]), bool(a and not b)


bags = [Bag(1, 2, 3), Bag(), Chain(Bag(4, 5), 6), Chain(), Bag(7)] * 60
print(total(bags), total([Countdown(i % 7) for i in range(200)]))
print(attempts(first, [iter([1]), [1], None, 3, iter(()), Countdown(2), (i for i in "ab"), Plain()] * 30)[:16])
print(attempts(truth, [True, False, 1, 0, None, "", [], True] * 30)[:16])
print(attempts(size, [3, 0, -1, True, Index(), 2**40, 2**70, -(2**70), 1.5, None, "1"] * 30)[:22])
print(attempts(sized, [3, 0, -1, True, Index(), 2**40, 2**70, 1.5, None] * 30)[:18])
print(attempts(raising, [0, 1, 2] * 40)[:3])
print(both(Bag(1), Bag()), both(Plain(), Sized(0)), both(Countdown(9), Countdown(1)))


class Changing:
    def __len__(self):
        return 1


def change(n):
    thing, seen = Changing(), []
    for i in range(n):
        if i == n // 3:
            Changing.__len__ = lambda self: 2
        elif i == n // 2:
            Changing.__bool__ = lambda self: False
        elif i == n - 5:
            del Changing.__len__
        try:
            seen.append((len(thing), bool(thing), "true" if thing else "false"))
        except TypeError as e:
            seen.append(str(e))
    return {key: seen.count(key) for key in dict.fromkeys(seen)}


print(change(300))


def depth(n):
    return len(Deep(n - 1)) + 1 if n else 0


class Deep:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return depth(self.n)


print([depth(n) for n in (1, 5, 100)], [len(Deep(n)) for n in range(20)])


def events(frame, event, arg):
    if event.startswith("c_"):
        calls.append((event, arg.__name__))


calls = []
sys.setprofile(events)
len(Bag(1))
sys.setprofile(None)
print(calls)
print([name for name, *_ in [(f.f_code.co_name,) for f in [sys._getframe()]]])

# Built-ins that take a generator's items: the same results, errors and frames as natively.
import math
import sys
import traceback


def each(function, *arguments):
    try:
        return function(*arguments)
    except Exception as e:
        return type(e).__name__, str(e)


class Vector:
    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        return Vector(self.x + (other if isinstance(other, int) else other.x))

    __radd__ = __add__

    def __repr__(self):
        return f"Vector({self.x})"

    def __lt__(self, other):
        return self.x < other.x


class Truth:
    asked = 0

    def __init__(self, truth):
        self.truth = truth

    def __bool__(self):
        Truth.asked += 1
        return self.truth


SUMS = [
    [],
    [1, 2, 3],
    [True, False, True],
    [1, 2.5, 3],
    [0.1] * 10,
    [1e100, 1.0, -1e100],
    [1, 1e100, 1, -1e100],
    [0.1, 1, 0.2, True, 10**20],
    [2**62, 2**62, 2**62, 0.5],
    [-(2**63), -(2**63)],
    [1.5, 2j, 0.25],
    [1, 2j, 0.1, 0.2],
    [1e308, 1e308, -1e308],
    [float("inf"), 1.0],
    [float("inf"), -float("inf")],
    [-0.0, -0.0],
    [Vector(1), Vector(2)],
    [1, 2, Vector(3), 4],
    [0.5, Vector(3)],
    [1, "a"],
    [0.5, "a"],
    [0.5, 10**400],
    [[1], [2]],
]


def sums():
    for items in SUMS:
        print(items if len(repr(items)) < 70 else "long", each(lambda: sum(x for x in items)), end=" ")
        print(each(lambda: sum((x for x in items), 0.25)), each(lambda: sum((x for x in items), start=3)))
    print(each(lambda: sum((c for c in "abc"), "")), each(lambda: sum((x for x in [[1], [2]]), [])))
    print(each(lambda: sum((x for x in "ab"), 1, 2)))


def rounding():
    value = 0.5
    for size in (3, 40, 300):
        items = []
        for _ in range(size):
            value = value * 3.9 * (1 - value)
            items.append((value - 0.5) * 10.0 ** (size % 7))
        print(sum(x for x in items) == sum(items), sum(x for x in items).hex() == sum(items).hex())


def collections():
    words = "the quick brown fox jumps over the lazy dog".split()
    for _ in range(3):
        print(list(w for w in words), tuple(len(w) for w in words))
        print(sorted(set(w for w in words)), sorted(frozenset(w[0] for w in words)))
        print(sorted(w for w in words), sorted((w for w in words), key=len, reverse=True))
        print(" ".join(w.upper() for w in words), "".join(w[0] for w in words))
        target = [0]
        target.extend(len(w) for w in words)
        group = {"cat"}
        group.update(w for w in words if len(w) > 4)
        print(target, sorted(group))
    print(each(lambda: set([x] for x in words)), each(lambda: "".join(x for x in (1, 2))))
    print(each(lambda: sorted(x for x in (1, "a"))))
    print(each(lambda: list((x for x in words), 1)), each(lambda: tuple(x=(w for w in words))))


def truth():
    print(any(x > 3 for x in range(5)), all(x > 3 for x in range(5)), any(x for x in ()), all(x for x in ()))
    print(any(Truth(x > 2) for x in range(10)), Truth.asked, all(Truth(x < 2) for x in range(10)), Truth.asked)
    rest = (x for x in range(10))
    print(any(x > 3 for x in rest), list(rest))


def extremes():
    values = [3, 1, 4, 1.0, 5, 9, 2, 6]
    print(min(x for x in values), max(x for x in values), max((x for x in values), key=lambda x: -x))
    print(min(-x for x in values), min(Vector(x) for x in (2, 1)))
    print(each(lambda: min(x for x in ())), each(lambda: max(x for x in ())), max((x for x in ()), default=7))
    print(each(lambda: max(x for x in (1, "a"))), each(lambda: min(Vector(x) for x in (1, 2)) and max(1j for x in (1, 2))))


def extending():
    target = [0]

    def items():
        yield 1
        yield 2
        raise KeyError("in the middle")

    print(each(target.extend, items()), target)
    print(each(lambda: target.extend(items())), target)


def fail_at(n):
    if n == 3:
        raise ZeroDivisionError("three")
    return n


def tracebacks():
    for call in (
        lambda: sum(fail_at(x) for x in range(9)),
        lambda: list(fail_at(x) for x in range(9)),
        lambda: sum(x for x in (1, None)),
        lambda: min(x for x in ()),
        lambda: ",".join(str(fail_at(x)) for x in range(9)),
    ):
        try:
            call()
        except Exception:
            for entry in traceback.extract_tb(sys.exc_info()[2]):
                print("   ", entry.name, entry.line)


def frames():
    def look():
        frame = sys._getframe(1)
        names = []
        while frame.f_code.co_name != "<module>":
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        return names

    print(sum((len(look()) for _ in range(3))), list(look() for _ in range(1)))
    print([sys._getframe(d).f_code.co_name for d in range(2)])

    seen = []

    def profiler(frame, event, argument):
        seen.append((event, frame.f_code.co_name, getattr(argument, "__name__", None)))

    def observed():
        sum(x for x in (1, 2))

    sys.setprofile(profiler)
    observed()
    sys.setprofile(None)
    for event in seen:
        if event[1] != "frames":
            print("   ", *event)
    generator = (sys.setprofile(profiler) if x == 1 else x for x in (0, 1, 2))
    seen.clear()
    list(generator)
    sys.setprofile(None)
    print([name for _, name, _ in seen if name not in ("<genexpr>", "frames", "list")])


def many():
    total = 0
    for i in range(400):
        total += sum(x * i for x in range(i % 5))
        total += len([y for y in sorted(x ^ i for x in range(4))])
        total += max(x % 7 for x in range(i + 1))
        total += any(x == i % 9 for x in range(5)) + all(x < 300 for x in range(i))
        total += math.floor(sum(x / 2 for x in range(i % 11)))
        total += len("".join("ab" if x & 1 else "c" for x in range(i % 6)))
    print(total)
    mixed = 0
    for i in range(60):
        mixed += sum((x if i < 30 else x + 0.5) for x in range(i % 20))
    print(mixed)
    # Running and finished generators.
    def self_eating():
        yield sum(again)

    again = self_eating()
    print(each(lambda: sum(again)), sum(again), list(again))


sums()
rounding()
collections()
truth()
extremes()
extending()
tracebacks()
frames()
many()

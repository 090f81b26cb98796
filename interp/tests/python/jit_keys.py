# Instances of Python classes as keys: what __hash__ reads is done natively where nobody
# can tell.
import dataclasses
import enum
import sys


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


@dataclasses.dataclass(frozen=True)
class Pos:
    x: int
    y: object = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Slot:
    x: int
    y: int = 0


class Plain:
    pass


class Same:
    def __init__(self, key):
        self.key = key

    def __hash__(self):
        return hash(self.key)

    def __eq__(self, other):
        return isinstance(other, Same) and self.key == other.key


class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def __hash__(self):
        return hash((self.a, self.b))


def used(n):
    counts, plain, pairs = {}, Plain(), [Pair(1, "a"), Pair(2, "b")]
    for i in range(n):
        colour = Colour.RED if i % 3 else Colour.GREEN
        counts[colour] = counts.get(colour, 0) + 1
        counts[colour, i % 2] = counts.setdefault((colour, i % 2), 0) + 1
        counts[Pos(i % 4, "p")] = counts.get(Pos(i % 4, "p"), 0) + 1
        counts[Slot(i % 3)] = Slot(i % 3) in counts
        counts[plain] = (plain in counts) + (Plain() in counts)
        counts[pairs[i % 2]] = pairs[0] in counts
        counts[Same(i % 5)] = counts.get(Same(i % 5), 0) + 1
        if Colour.RED in {Colour.GREEN, plain}:
            raise AssertionError
        seen = {colour, plain, colour}
        seen.add(Colour.GREEN)
        seen.discard(plain)
        if i % 10 == 9:
            del counts[plain]
            counts.pop(pairs[1], None)
    return [len(counts), len(seen)] + [v for k, v in counts.items() if not isinstance(k, Plain)]


print(used(200))
print(hash(Colour.RED) == hash("RED"), hash(Pos(1, 2)) == hash((1, 2)), hash(Slot(3)) == hash((3, 0)))
print(hash(Same(-1)), hash(Same(2**61 - 1)), hash(Same(2.5)) == hash(2.5), hash(Pair(True, None)) == hash((True, None)))


def unhashable(n):
    caught = []
    for i in range(n):
        try:
            {Pos(1, [] if i == n - 1 else i)}
            hash(Same({} if i == n - 1 else i))
        except TypeError as e:
            tb, names = e.__traceback__, []
            while tb:
                names.append(tb.tb_frame.f_code.co_name)
                tb = tb.tb_next
            caught.append((str(e), names))
    return caught


print(unhashable(60))


class Counted:
    calls = 0

    def __init__(self, key):
        self._key = key

    @property
    def key(self):
        Counted.calls += 1
        return self._key

    def __hash__(self):
        return hash(self.key)


def counted(n):
    d, k = {}, Counted("k")
    for i in range(n):
        d[k] = d.get(k, 0) + 1
    return d[k], Counted.calls


print(counted(100))


class Missing:
    def __hash__(self):
        return hash(self.nothing)


try:
    {Missing(): 1}
except AttributeError as e:
    print(e)


def traced(n):
    seen, d, k = [], {}, Same("key")

    def tracer(frame, event, arg):
        if event == "call":
            seen.append(frame.f_code.co_name)

    for i in range(n):
        if i == n - 2:
            sys.settrace(tracer)
        d[k] = i
    sys.settrace(None)
    return seen


print(traced(50))


def shadowed(n):
    out = []
    for i in range(n):
        if i == n // 2:
            globals()["hash"] = lambda o: 7
        out.append(Same("x").__hash__() == 7)
        d = {Same("x"): i}
        out.append(any(True for k in d if k.__hash__() == 7))
    del globals()["hash"]
    return out.count(True)


print(shadowed(60))


def changed(n):
    d = {}
    for i in range(n):
        if i == n // 2:
            Pair.__eq__ = lambda self, other: True
        d[Pair(1, 1)] = i
    return len(d)


print(changed(60))

# Iterators of itertools that run no Python code, next() of simple iterators, methods of
# metaclasses, and comparison of instances by identity, in loops.
import enum
import itertools


def counted(n):
    total = 0
    for i, x in zip(itertools.count(3), range(n)):
        total += i * x
    for i in itertools.count(n, -2):
        total += i
        if i < 0:
            break
    for x in itertools.count(0.5, 0.25):
        total += x
        if x > n:
            break
    for i in itertools.count((1 << 62) - 20):
        total += i & 3
        if i > (1 << 62) + 20:
            break
    return total


print(counted(100))


class Step:
    def __init__(self, n):
        self.n = n

    def __index__(self):
        return self.n

    def __add__(self, other):
        return Step(self.n + other.n)


print([s.n for s in itertools.islice(itertools.count(Step(1), Step(4)), 60)][-1])


def chained(n):
    out = 0
    for x in itertools.chain(range(n), [1, 2, 3] * 20, (4, 5), "ab", {7: 1}, iter([8])):
        out += x if isinstance(x, int) else ord(x)
    for x in itertools.chain.from_iterable([[1, 2], (i for i in range(60)), "c"]):
        out += x if isinstance(x, int) else ord(x)
    for x in itertools.chain([1] * 60, (i for i in range(60))):
        out += x
    for x in itertools.chain():
        out += 1
    return out


print(chained(80))


class Bad:
    def __iter__(self):
        raise ValueError("bad")


def broken(n):
    out = 0
    try:
        for x in itertools.chain([1] * n, Bad()):
            out += x
    except ValueError as e:
        return out, str(e)


print(broken(80))
ring = []
loop = itertools.chain.from_iterable(ring)
ring.extend([[1] * 60, [2]])
print(sum(x for x in loop))


def combined(n):
    out = []
    for a, b in itertools.product(range(n), "xy"):
        out.append((a, b))
    for p in itertools.permutations(range(4)):
        out.append(p)
    for c in itertools.combinations(range(9), 3):
        out.append(c)
    for c in itertools.combinations_with_replacement("abcd", 3):
        out.append(c)
    for a, b in itertools.pairwise(range(n)):
        out.append(a * b)
    return len(out), out[-1], out[60:63]


print(combined(50))


def cycled(n):
    out = []
    for x in itertools.islice(itertools.cycle([1, 2, 3]), n):
        out.append(x)
    for x in itertools.islice(range(1000), 5, None, 7):
        out.append(x)
    for x in itertools.repeat("r", n):
        out.append(x)
    it = itertools.islice(range(n), 3, n, 2)
    for x in it:
        out.append(x)
    out.append(next(it, "end"))
    for x in itertools.islice(itertools.cycle([]), n):
        out.append(x)
    return len(out), out[::40]


print(cycled(100))


def nexts(n):
    out = []
    a, b, c = iter(range(n)), iter([1, 2, 3]), iter((4, 5))
    for i in range(n + 3):
        out.append((next(a, -1), next(b, "b"), next(c, None)))
    it = iter(range(n))
    try:
        while True:
            out.append(next(it) + next(it))
    except StopIteration as e:
        out.append(e.value)
    for x in (it := iter([1, 2, 3] * 20)):
        out.append(x + next(it))
    return len(out), out[n - 1 : n + 6], out[-3:]


print(nexts(60))


class Meta(type):
    def __len__(cls):
        return len(cls.items)

    def first(cls, default=None):
        return cls.items[0] if cls.items else default

    def create(cls):
        return cls.__new__(cls)


class Base(metaclass=Meta):
    items = [5, 6]


class Other(Base):
    items = []

    def first(self):
        return 1


def metas(n):
    total = 0
    for i in range(n):
        total += Base.first() + len(Base) + (Base.create().items is Base.items)
        if i == n - 5:
            Meta.first = lambda cls, default=None: 100
        f = Base.first
        total += f(default=3) + Other.first(None)
    return total


print(metas(100))


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Plain:
    pass


class Equal:
    def __eq__(self, other):
        return True


def compared(n):
    a, b, hits = Plain(), Plain(), 0
    for i in range(n):
        c = Colour(1 + i % 2)
        hits += (c == Colour.RED) + (c != Colour.GREEN) * 10 + (a == b) * 100 + (a != a) * 1000
        other = b if i < n - 4 else Equal()
        hits += (a == other) * 10000 + (a != other) + (other == c)
        if i == n - 2:
            Plain.__eq__ = lambda self, other: True
    return hits


print(compared(100))

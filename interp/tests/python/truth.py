"""Truth values: of built-in containers, of objects with __bool__ and __len__, by `bool` and by branches."""
from collections import Counter, OrderedDict, defaultdict, deque


class Len:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Bool:
    def __init__(self, b):
        self.b = b

    def __bool__(self):
        return self.b


class Both(Len):
    def __bool__(self):
        return self.n > 5


class Plain:
    pass


class Sub(deque):
    pass


class Loud(deque):
    def __len__(self):
        return 7


VALUES = [
    0, 1, -1, 0.0, 0.5, float("nan"), 1 << 70, 0j, 1j, "", "a", b"", b"a", (), (0,), [], [0], {}, {0: 0}, set(), {0},
    frozenset(), frozenset([1]), deque(), deque([0]), Sub(), Sub([1]), Loud(), range(0), range(3), None, True, False,
    Len(0), Len(2), Bool(True), Bool(False), Both(3), Both(9), Plain(), Plain, len, {}.keys(), {1: 2}.items(),
    bytearray(), bytearray(b"x"), Counter(), Counter("a"), OrderedDict(), defaultdict(int), ...,
]


def one(v, n):
    count = 0
    for _ in range(n):
        if bool(v):
            count += 1
        if not v:
            count += 100
        count += 10000 * bool(v)
    return count


def mixed(n):
    out = []
    for i in range(n):
        v = VALUES[i % len(VALUES)]
        out.append("ft"[bool(v)])
        if v:
            out.append("+")
    return "".join(out)


def changing(n):
    d = deque()
    total = 0
    for i in range(n):
        if i % 3 == 0:
            d.append(i)
        elif d:
            total += d.popleft()
        total += bool(d)
    return total, len(d)


def wrong(v, n):
    seen = []
    for i in range(n):
        try:
            bool(v)
        except (TypeError, ValueError, OverflowError) as e:
            seen.append(f"{type(e).__name__}: {e}")
    return set(seen)


for value in VALUES:
    print(type(value).__name__, one(value, 20))
print(mixed(5 * len(VALUES)))
print(changing(100))
print(wrong(Bool(1), 20), wrong(Len(-1), 20), wrong(Len("x"), 20))
print(bool(), bool(*[[]]))

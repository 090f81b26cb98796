"""The order in which sets are gone through: by operators and methods, after removals, of displays."""


def one_by_one(n, removed):
    s = set()
    for i in range(n):
        s.add(8 * i)
    for i in removed:
        s.discard(8 * i)
    return s


def results(a, b):
    c, d, e, f = a.copy(), a.copy(), a.copy(), a.copy()
    c |= b
    d ^= b
    e &= b
    f -= b
    made = [a & b, a | b, a - b, a ^ b, c, d, e, f]
    made += [a.union(b), a.difference(b), a.intersection(b), a.symmetric_difference(b), frozenset(a) - b]
    made += [a.union(list(b), b), a.difference(dict.fromkeys(b)), a.intersection(list(b))]
    return [list(m) for m in made]


sets = [one_by_one(n, range(0, n, 3) if n % 2 else ()) for n in range(0, 24, 2)]
sets += [one_by_one(n, range(n % 4)) for n in range(0, 24, 3)]
seen = 0
for n, a in enumerate(sets):
    for m, b in enumerate(sets):
        for k, items in enumerate(results(a, b)):
            for place, item in enumerate(items):
                seen = (seen * 31 + (n + 1) * (m + 2) + k * place + item) % 1000000007
        if (n * m) % 37 == 5:
            print(n, m, results(a, b)[:4])
print(seen)

# Slots of deleted items are taken again, the last on the way first.
s = {900, 901, 902, 903, 904, 905, 906}
s |= {0, 32, 64}
print(list(s))
s.discard(0), s.discard(32), s.add(96)
print(list(s))
s.add(128)
print(list(s))
for i in range(50):
    s.discard(160), s.add(160 + 32 * (i % 3)), s.discard(160 + 32 * (i % 3)), s.add(160)
print(list(s))
while len(s) > 3:
    s.pop(), s.add(7 * len(s)), s.pop()
print(list(s))


def displays(x):
    return {33, 1, 2, 3, 18} - {2}, {100, 20, 4, 36, 5, 1, 68}, {0, 16, 32, 48, 64}, {*[17, 1, 33], 2, x}


for i in range(100):
    last = displays(i)
print([list(s) for s in last])


class Odd:
    """Equals by Python code, which operators have to run."""

    calls = 0

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 4

    def __eq__(self, other):
        Odd.calls += 1
        return isinstance(other, Odd) and self.n == other.n

    def __repr__(self):
        return f"Odd({self.n})"


def mixed(n):
    a = {Odd(i) for i in range(6)}
    plain = {1, 2, 3, "x", (1, 2), frozenset({1})}
    for i in range(n):
        b = {Odd(i % 8), Odd(i % 5), 2} if i % 7 == 0 else {2, 3, i}
        left = a if i % 7 == 0 else plain
        last = left & b, left | b, left - b, left ^ b
    return [sorted(map(repr, s)) for s in last], Odd.calls > 0, len(a & {Odd(2), Odd(9)}), len(plain & {(1, 2), frozenset({1})})


print(mixed(150))


def frozen(n):
    for i in range(n):
        a = frozenset((i % 3, 2)) | {5}
        b = {5} | frozenset((i % 3, 2))
    return type(a).__name__, type(b).__name__, sorted(a & b), (a - {2}) == {2, 5} - {2} or sorted(a)


print(frozen(120))


class Moves:
    """Its comparison takes an item out of the set that is gone through, and puts it back elsewhere."""

    target = None

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 5

    def __eq__(self, other):
        if Moves.target is not None:
            Moves.target.discard(1000)
            Moves.target.add(5 + 64 * len(Moves.target))
            Moves.target.add(1000)
        return isinstance(other, Moves) and self.n == other.n


def moving(op):
    a, b = {1000, 5, 7}, {Moves(1), Moves(2), 9}
    a.add(Moves(3))
    Moves.target = a
    try:
        result = op(a, b)
    finally:
        Moves.target = None
    plain = [v for v in result if isinstance(v, int)]
    return len(plain) == len(set(plain)), len(result) == len(list(result))


for op in (lambda a, b: a - b, lambda a, b: a & b, lambda a, b: a | b):
    print(moving(op))

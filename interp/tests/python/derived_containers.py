# Classes derived from built-in ones whose special methods are Python functions, or are inherited.


class Stack(list):
    def push(self, x):
        self.append(x)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return super().__getitem__(i)
        return super().__getitem__(-1 - i)

    def __setitem__(self, i, v):
        super().__setitem__(-1 - i, v)

    def __len__(self):
        return super().__len__() + 100

    def __contains__(self, x):
        return super().__contains__(x) or x == "anything"

    def __iter__(self):
        return reversed(list(super().__iter__()))

    def __bool__(self):
        return super().__len__() > 2


class Plain(list):
    pass


class Lower(dict):
    def __getitem__(self, k):
        return super().__getitem__(k.lower())

    def __setitem__(self, k, v):
        super().__setitem__(k.lower(), v)

    def __contains__(self, k):
        return super().__contains__(k.lower())

    def __len__(self):
        return -1 if super().__contains__("broken") else super().__len__()


class Bag(dict):
    def __missing__(self, k):
        self[k] = v = len(k)
        return v

    def count(self, k):
        return dict.__getitem__(self, k)


class Vector(tuple):
    def __add__(self, other):
        if not isinstance(other, tuple):
            return NotImplemented
        return Vector(a + b for a, b in zip(self, other))

    def __mul__(self, k):
        return Vector(a * k for a in self)

    __rmul__ = __mul__

    def __eq__(self, other):
        return NotImplemented if isinstance(other, int) else tuple.__eq__(self, other)

    def __lt__(self, other):
        return sum(self) < sum(other)

    def __neg__(self):
        return Vector(-a for a in self)

    __hash__ = tuple.__hash__


class Mod(int):
    def __add__(self, other):
        return Mod((int(self) + int(other)) % 7)

    __radd__ = __add__

    def __invert__(self):
        return Mod(-int(self) % 7)

    def __bool__(self):
        return int(self) != 3


class Loud(str):
    def __add__(self, other):
        return Loud(str.__add__(self, other) + "!")

    def __mod__(self, args):
        return "<" + str.__mod__(self, args) + ">"

    def __eq__(self, other):
        return str.__eq__(self.lower(), other.lower()) if isinstance(other, str) else NotImplemented

    def __hash__(self):
        return hash(self.lower())

    def __getitem__(self, i):
        return Loud(str.__getitem__(self, i))


class Half(float):
    def __radd__(self, other):
        return "half"

    def __truediv__(self, other):
        return NotImplemented


class Counted(set):
    def add(self, x):
        super().add(x)
        return len(self)

    def __or__(self, other):
        return "or"


def stacks(n):
    s, p, out = Stack(), Plain(), 0
    for i in range(n):
        s.push(i)
        p.append(i)
        out += s[0] + p[-1] + p[0] + len(p) + len(s)
        s[0] = i + 1
        p[i // 2] = 5
        if i in s and i not in p and "anything" in s:
            out += 1
        if s and p:
            out += 2
    return out, list(s)[:3], s[1:3], sum(p)


def tables(n):
    d, b, out = Lower(), Bag(), 0
    for i in range(n):
        k = "Key" + "k" * (i % 9)
        d[k] = i
        out += d[k.upper()] + len(d) + (k in d) + b[k] + b.count(k) + b.get("none", 1)
    return out, list(d)[:2], sorted(b)[:2]


def numbers(n):
    v, m, out = Vector((1, 2)), Mod(1), []
    for i in range(n):
        v = v + (i, 1) if i % 3 else (2 * v) * 1
        if v > Vector((50, 1)):
            v = -v
        m = m + i if i % 2 else i + m
        m = ~m
        if not m:
            m = m + 1
        if i % 50 == 0:
            out.append((v, m, v == v, v == 5, v != (1, 2)))
    return out


def texts(n):
    t, out = Loud("a"), 0
    for i in range(n):
        u = t + "bc"
        out += len(u) + len(u % ()) + (u == "ABC!") + (u[0] == "A") + len(u[:2])
    return out, {Loud("X"): 1}[Loud("x")]


def declines():
    out = []
    for f in (
        lambda: Vector((1,)) + 1,
        lambda: 1.5 + Half(2),
        lambda: Half(2) + 1.5,
        lambda: 1 + Half(2),
        lambda: Half(2) / 2,
        lambda: 2.5 + Mod(3),
        lambda: Counted("ab") | {1},
        lambda: [1] + Stack([2]),
        lambda: Loud("a") + 1,
        lambda: len(Lower(broken=1)),
        lambda: Lower()["x"],
        lambda: Stack()[5],
        lambda: Bag().count("x"),
        lambda: list.__getitem__(Stack([1]), 4),
        lambda: list.__getitem__(3, 4),
        lambda: list.append({}, 4),
        lambda: dict.__setitem__([], 4, 5),
        lambda: dict.__getitem__(Bag(), []),
        lambda: dict.__contains__(Bag(), {}),
    ):
        for _ in range(3):
            try:
                r = f()
            except Exception as e:
                r = f"{type(e).__name__}: {e}"
        out.append(r)
    return out


def explicit(n):
    """Methods of the built-in class by its name, with exact receivers and derived ones."""
    total = 0
    for i in range(n):
        for items in ([1, 2, 3], Stack([1, 2, 3]), Plain([1, 2, 3])):
            list.append(items, i)
            list.__setitem__(items, 0, i)
            total += list.__getitem__(items, 0) + list.__getitem__(items, -1) + list.__len__(items) + list.pop(items)
        for d in ({"a": 1}, Lower(a=2), Bag(a=3)):
            dict.__setitem__(d, "b", i)
            total += dict.__getitem__(d, "b") + dict.__contains__(d, "a") + dict.__contains__(d, "z") + dict.get(d, "z", 4)
        c = Counted("ab")
        total += c.add("c") + c.add("a")
    return total


for _ in range(3):
    print(stacks(300), tables(300), numbers(120)[-2:], texts(200), explicit(100))
print(declines())


def strangers(n):
    """Methods of a built-in class with objects of another one that has the same layout."""
    frozen, own, out = frozenset("ab"), {"a", "b"}, []
    for i in range(n):
        for f, v in ((set.add, frozen), (set.discard, frozen), (set.clear, frozen), (set.update, frozen),
                     (frozenset.copy, own), (frozenset.union, own)):
            try:
                out.append(f(v) if f in (set.clear, frozenset.copy) else f(v, "a"))
            except TypeError as e:
                out.append(str(e))
    return sorted(frozen), sorted(own), out[-6:]


print(strangers(60))

# The class changes under running code.
def changing(n):
    p, out = Plain([1, 2, 3]), []
    for i in range(n):
        if i == n // 2:
            Plain.__getitem__ = lambda self, i: "new"
        elif i == n // 2 + 5:
            Plain.__len__ = lambda self: 77
        out.append((p[1], len(p)))
    del Plain.__getitem__, Plain.__len__
    return out[0], out[n // 2 - 1], out[n // 2], out[-1], p[1], len(p)


print([changing(n) for n in (40, 300)])

# Containers of module code that are made anew.
for r in range(60):
    seen = Bag()
    table = {}
    items = []
    for i in range(40):
        items.append(seen["k" * (i % 7)])
        table[i % 5] = len(items)
    total = sum(seen["k" * (i % 9)] + table[i % 5] for i in range(30))
print(total, len(seen), items[:3], table)

"""Operators, comparisons, subscripts and properties of Python classes, in loops."""
import sys
import traceback


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return Vector(self.x + other.x, self.y + other.y)

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __eq__(self, other):
        if isinstance(other, Vector):
            return self.x == other.x and self.y == other.y
        return NotImplemented

    def __lt__(self, other):
        return (self.x, self.y) < (other.x, other.y)

    def __getitem__(self, i):
        return self.y if i else self.x

    def __setitem__(self, i, v):
        if i:
            self.y = v
        else:
            self.x = v

    def __contains__(self, v):
        return v == self.x or v == self.y

    def __bool__(self):
        return self.x != 0 or self.y != 0

    def __call__(self, k):
        return self.x * k

    @property
    def length(self):
        return (self.x * self.x + self.y * self.y) ** 0.5

    @length.setter
    def length(self, v):
        k = v / self.length
        self.x *= k
        self.y *= k

    def __repr__(self):
        return f"({self.x}, {self.y})"


class Wide(Vector):
    def __radd__(self, other):
        return Wide(other.x + 100, other.y + 100)


def work(n):
    total = Vector(0, 0)
    hits = 0
    for i in range(n):
        v = Vector(i, 1) + Vector(2, i) * 2
        total = total + v
        total += 3 * v
        if v == Vector(i + 4, 1 + 2 * i):
            hits += 1
        if v != Vector(0, 0) and not v == 5:
            hits += 10
        if v < total:
            hits += 100
        v[0] = v[1] + i
        v[i % 2] = v(2)
        if 7 in v or 3 not in v:
            hits += 1000
        total = total + -v
        hits += bool(v)
    return total, hits, v.length > 1, sum([Vector(1, 2), Vector(3, 4)])


print(work(5), work(100), work(100) == work(100))


# Declined, and then done by the other operand, or by nobody.
class Metres:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        return Metres(self.n + other.n) if type(other) is Metres else NotImplemented

    def __eq__(self, other):
        return self.n == other.n if type(other) is Metres else NotImplemented

    def __lt__(self, other):
        return NotImplemented

    def __getitem__(self, i):
        return NotImplemented


class Feet:
    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        return Metres(other.n + self.n * 0.3048)

    def __eq__(self, other):
        return "feet"

    def __gt__(self, other):
        return other.n


def mixed(n):
    out = []
    for i in range(n):
        other = (Metres(1), Feet(10), Metres(2), 5, None)[i % 5]
        try:
            out.append((Metres(i) + other).n)
        except TypeError as e:
            out.append(str(e))
        out.append(Metres(1) == other)
        out.append(Metres(0)[i])
        try:
            out.append("yes" if Metres(i) < other else "no")
        except TypeError as e:
            out.append(str(e))
    return out[-20:]


print(mixed(60))
print([Vector(1, 1) + Wide(2, 2) for _ in range(30)][-1])


class Odd:
    def __init__(self, v):
        self.v = v

    def __contains__(self, x):
        return self.v

    def __eq__(self, other):
        return self.v

    def __bool__(self):
        return self.v


def truths(values):
    out = []
    for v in values:
        o = Odd(v)
        out.append((1 in o, 1 not in o, o == 1, "eq" if o == 1 else "ne"))
        try:
            out.append("true" if o else "false")
        except TypeError as e:
            out.append(str(e))
    return out


print(truths([True, False, 1, 0, "a", "", [], None] * 8)[-16:])


# Errors inside, with exact tracebacks; frames that a guard left in the middle.
class Fragile:
    def __init__(self, limit):
        self.limit = limit

    def __add__(self, n):
        if n > self.limit:
            raise OverflowError(n)
        return n

    def __setitem__(self, k, v):
        if k == self.limit:
            raise KeyError(k)

    @property
    def inner(self):
        return self.missing if self.limit > 30 else self.limit


def fragile(n):
    done = []
    for i in range(n):
        f = Fragile(20)
        try:
            done.append(f + i)
            f[i] = 1
        except OverflowError:
            done.append("over")
        except KeyError as e:
            done.append(repr(e))
        f.limit = i
        try:
            done.append(f.inner)
        except AttributeError as e:
            done.append(str(e))
    return done


print(fragile(35)[-12:])
try:
    for i in range(50):
        Fragile(40) + i
except OverflowError:
    text = traceback.format_exc()
    print([line.strip() for line in text.splitlines() if "^" in line or "raise" in line][-3:])


# The methods change while loops run.
def changing(n):
    out = []
    for i in range(n):
        if i == 20:
            Vector.__add__ = lambda self, other: "new"
        if i == 30:
            del Vector.__add__
        try:
            out.append(Vector(i, i) + Vector(1, 1))
        except TypeError as e:
            out.append(str(e))
    return out


print(changing(40)[15:35])


# Recursion through operators, and its end.
class Chain:
    def __init__(self, next):
        self.next = next

    def __eq__(self, other):
        return self.next == other.next

    def __getitem__(self, i):
        return self if i == 0 else self.next[i - 1]


def chain(n):
    c = None
    for _ in range(n):
        c = Chain(c)
    return c


print(chain(50) == chain(50), chain(50)[49].next)
try:
    chain(100000) == chain(100000)
except RecursionError as e:
    print(e)
c = Chain(None)
c.next = c
try:
    c[-1]
except RecursionError as e:
    print(e)


class Seen:
    def __add__(self, other):
        frame = sys._getframe()
        return frame.f_back.f_code.co_name, frame.f_locals["other"]


def looks(n):
    for i in range(n):
        r = Seen() + i
    return r


print(looks(40))

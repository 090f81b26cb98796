"""What random programs use: each takes over the definitions that it names (see fuzz_programs.py).

Nothing here may depend on when garbage is collected: generators with a `finally` are not
abandoned, and no identities or hashes of strings are shown.
"""
import collections
import enum
import functools
import gc
import math
import sys


def note(o, depth=0):
    """What `o` is, the same text in every interpreter."""
    if isinstance(o, (list, tuple)) and depth < 3:
        return "[" + ",".join([note(v, depth + 1) for v in o[:12]]) + "]"
    if isinstance(o, dict) and depth < 3:
        return "{" + ",".join([note(k, 3) + ":" + note(v, depth + 1) for k, v in list(o.items())[:12]]) + "}"
    if isinstance(o, (set, frozenset)):
        return "set" + str(len(o))
    if isinstance(o, (int, float, str, bytes, bytearray, complex, range, slice, type(None))):
        return repr(o)[:60]
    if isinstance(o, BaseException):
        return type(o).__name__ + str(o.args)[:80]
    return type(o).__name__


def adds(z, c):
    return z + c


def stops_at(z):
    if z % 5 == 4:
        raise StopIteration(z)
    return z + 1


@functools.lru_cache(maxsize=None)
def cached(z, c=1):
    return z * 3 + c


@functools.lru_cache(maxsize=4)
def cached_few(z):
    return len(str(z))


class P:
    k = 3
    count = 0

    def __init__(self, a, b=2):
        self.a = a
        self.b = b

    def add(self, n):
        self.a += n
        return self.a

    def both(self):
        return self.a, self.b

    @property
    def total(self):
        return self.a + self.b

    @total.setter
    def total(self, n):
        self.b = n - self.a

    def __add__(self, other):
        return P(self.a + other.a, self.b)

    def __eq__(self, other):
        return isinstance(other, P) and self.a == other.a

    def __hash__(self):
        return self.a & 15

    def __len__(self):
        return 2

    def __mul__(self, n):
        return P(self.a * n % 1000, self.b) if isinstance(n, int) else NotImplemented

    __rmul__ = __mul__

    def __lt__(self, other):
        return self.a < other.a if isinstance(other, P) else NotImplemented

    def __getitem__(self, i):
        if i > 60:
            raise IndexError(i)
        return self.b if i & 1 else self.a

    def __setitem__(self, i, v):
        if i & 1:
            self.b = v
        else:
            self.a = v

    def __contains__(self, n):
        return n == self.a or n == self.b

    def __call__(self, n):
        return self.a ^ n

    def __iadd__(self, other):
        self.a += other.a
        return self

    def __iter__(self):
        yield self.a
        yield self.b

    def __bool__(self):
        return self.a % 3 != 0

    def __index__(self):
        return self.a & 3

    @staticmethod
    def clip(n):
        return n & 255

    @classmethod
    def made(cls, n):
        P.count += 1
        return cls(n % 50).a + P.count


class Wide:
    def __init__(self):
        for i in range(20):
            setattr(self, f"b{i}", i)


class Colour(enum.Enum):
    RED = 0
    GREEN = 1
    BLUE = 2

    @property
    def weight(self):
        return 3 if self is Colour.RED else self.value


KEYED = {Colour.RED: 5}

Pt = collections.namedtuple("Pt", "x y", defaults=[3])


class Frozen:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __hash__(self):
        return hash((self.a, self.b))

    def __eq__(self, other):
        return isinstance(other, Frozen) and self.a == other.a and self.b == other.b

    def size(self):
        return self.a + self.b


class Opts:
    def __init__(self, a, b=1, *, c=2, **rest):
        self.all = [a, b, c, len(rest)]

    def size(self, *, by=1):
        return sum(self.all) * by % 1009


def kwonly(a, *, b=2, c):
    return (a + b * 2 - c) % 1009


class Q(P):
    def add(self, n):
        self.c = n
        return super().add(n) - 1

    @property
    def extra(self):
        return getattr(self, "c", -1)


class S:
    __slots__ = ("x", "y", "z")
    made = 0

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def swap(self):
        self.x, self.y = self.y, self.x
        return self.x

    def __getattr__(self, name):
        if name == "w":
            return 17
        raise AttributeError(name)


class Proxy:
    def __init__(self, target):
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "seen", 0)

    def __getattr__(self, name):
        object.__setattr__(self, "seen", self.seen + 1)
        return getattr(self.target, name)

    def __setattr__(self, name, value):
        setattr(self.target, name, value)

    def __delattr__(self, name):
        delattr(self.target, name)


class Field:
    """A data descriptor."""

    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, cls=None):
        if obj is None:
            return self
        return obj.__dict__.get(self.name, 0) + 1

    def __set__(self, obj, value):
        obj.__dict__[self.name] = value & 1023


class WithField:
    f = Field()
    g = Field()


class Grid:
    def __init__(self, n):
        self.cells = [0] * n
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, key):
        if isinstance(key, tuple):
            return self.cells[(key[0] * 3 + key[1]) % self.n]
        if isinstance(key, slice):
            return self.cells[key]
        return self.cells[key % self.n]

    def __setitem__(self, key, value):
        if isinstance(key, tuple):
            key = key[0] * 3 + key[1]
        self.cells[key % self.n] = value

    def __iter__(self):
        return iter(self.cells)


class Countdown:
    """An iterator written as a class."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n


class Coop:
    def __init__(self, **rest):
        super().__init__(**rest)


class Sized(Coop):
    def __init__(self, size=0, **rest):
        super().__init__(**rest)
        self.size = size


class Tagged(Sized):
    def __init__(self, tag=1, **rest):
        super().__init__(**rest)
        setattr(self, 'tag', tag)

    def visit_int(self, z):
        return z

    def visit_str(self, z):
        return len(z)

    def other(self, z):
        return 1

    def visit(self, z):
        return getattr(self, 'visit_' + type(z).__name__, self.other)(z)


class Only:
    one = None

    def __new__(cls, *args):
        if cls.one is None:
            cls.one = super().__new__(cls)
        return cls.one


class Watched:
    def __init__(self, z):
        object.__setattr__(self, 'z', z)

    def __setattr__(self, name, z):
        if z == 5:
            raise AttributeError(name)
        super().__setattr__(name, z)

    def __getattr__(self, name):
        return len(name)

    @property
    def half(self):
        return self.z // 2

    @half.setter
    def half(self, z):
        if z & 1:
            raise ValueError(z)
        self.z = z * 2


def spread(f, *args, **kw):
    return f(*args, **kw)


class Ctx:
    entered = 0

    def __init__(self, swallow=False):
        self.swallow = swallow

    def __enter__(self):
        Ctx.entered += 1
        return self

    def __exit__(self, kind, e, tb):
        return self.swallow and kind is not None and issubclass(kind, (ValueError, KeyError))


class Mine(ValueError):
    def __init__(self, n):
        super().__init__(n)
        self.n = n


class MyInt(int):
    def __add__(self, other):
        return MyInt(int(self) + int(other) + 1)

    def half(self):
        return self >> 1


class MyList(list):
    def first(self):
        return self[0] if self else None


class MyDict(dict):
    def __missing__(self, key):
        return key * 2


class Awaitable:
    def __init__(self, n):
        self.n = n

    def __await__(self):
        for z in range(self.n):
            yield z
        return self.n * 2


async def waits(n):
    return await Awaitable(n % 3) + 1


async def waits_twice(n):
    return await waits(n) + await waits(n + 1)


def finish(coroutine):
    got = []
    try:
        while True:
            got.append(coroutine.send(len(got) if got else None))
    except StopIteration as e:
        return e.value, len(got)


def twice(x, y=1):
    return x + x + y


def thrice(x, y=1):
    return x + y


def choose(x, a, b):
    if x:
        return a
    return b


def fact(n):
    return 1 if n < 2 else n * fact(n - 1)


def even(n):
    return 1 if n == 0 else odd(n - 1)


def odd(n):
    return 0 if n == 0 else even(n - 1)


def deep(n, m):
    if n == 0:
        if m % 3 == 1:
            raise ValueError(m)
        return m
    return deep(n - 1, m) + 1


def shallow(n, m):
    try:
        return deep(n, m)
    except ValueError as e:
        return -e.args[0]


def one(n):
    return two(n + 1) + 1


def two(n):
    return three(n * 2) - 1


def three(n):
    return four(n - 3) ^ 1


def four(n):
    if n % 7 == 5:
        raise Mine(n)
    return n


def guarded(n):
    try:
        return one(n)
    except Mine as e:
        return e.n + 1000
    finally:
        Ctx.entered += 1


def tree(n):
    total = 1
    for i in range(n & 3):
        total += tree(n - 1 - i)
    return total


def build(n):
    return P(n, [build(n - 1)]) if n > 0 else P(0, [])


def depth_of(p):
    return 1 + max([depth_of(c) for c in p.b], default=0)


def walk(n):
    if n > 0:
        yield n
        yield from walk(n - 2)


def nested(n):
    got = yield from inner_gen(n)
    yield got
    yield from [n, n + 1]
    yield from range(n % 3)


def inner_gen(n):
    for z in range(n % 4):
        yield z * n
    return n + 100


def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


def pairs(n):
    for i in range(n):
        yield i, i * 2


def evens(it):
    for z in it:
        if z % 2 == 0:
            yield z


def fragile(n):
    for z in range(n):
        if z == 3:
            raise ValueError(z)
        yield z


def careful(n):
    try:
        for z in range(n):
            yield z
    except ValueError:
        yield -1
    finally:
        z = 0


def echo():
    got = 0
    total = 0
    while True:
        got = yield total
        if got is None:
            got = 1
        total = (total + got) % 100003


def mean(*args, scale=1, **more):
    return sum(args) * scale // max(len(args) + len(more), 1)


def many(a, b=2, /, c=3, *rest, d, e=5, **more):
    return a + b * 3 + c * 5 + len(rest) * 7 + d * 11 + e * 13 + len(more)


def passes(*args, **kwargs):
    return many(*args, **kwargs)


def maker(n):
    def inner(x):
        return x + n
    return inner


def counter_of(start):
    n = start

    def up(by=1):
        nonlocal n
        n += by
        return n

    def now():
        return n
    return up, now


def raiser(n):
    if n % 5 == 3:
        raise ValueError(n)
    return n


def loopy(n):
    t = 0
    for j in range(n % 5):
        t += j
    return t


def search(l, n):
    for at, v in enumerate(l):
        if v > n:
            break
    else:
        return -1
    return at


def tries(n):
    for z in range(3):
        try:
            if n % (z + 2) == 0:
                continue
            return z
        finally:
            Ctx.entered += 1
    return 9


counter = 0


def bump():
    global counter
    counter += 1
    return counter


def kind_of(v):
    match v:
        case bool():
            return 1
        case int(n) if n > 100:
            return n % 7
        case 0 | 1 | 2:
            return 20
        case int():
            return 21
        case float():
            return 22
        case "abc" | "z":
            return 23
        case str():
            return len(v)
        case [a, b]:
            return 24
        case [a, *rest]:
            return 25 + len(rest)
        case {"k": z}:
            return 30
        case P(a=z):
            return 31
        case None:
            return 32
        case _:
            return 33


def deco(f):
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs) + 1
    return wrapper


@deco
def decorated(x, y=4):
    return x * y % 1009


def halves(n):
    while n > 1:
        n = n // 2 if n % 2 == 0 else n - 1
        if n == 5:
            return -n
    return n


def safe(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__


def join_up(*parts):
    s = ""
    for part in parts:
        s += str(part)
        s += "-"
    return s


def drive(g):
    got = 0
    try:
        next(g)
        while True:
            got += 1
            g.send(got % 5 or None)
    except StopIteration:
        return got


class R(P):
    def __init__(self, a):
        self.b = a
        self.c = 1
        self.a = a

    def add(self, n):
        self.a = self.a - n
        return super().add(n) + super().total

    def __bool__(self):
        return True


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next

    def __iter__(self):
        at = self
        while at is not None:
            yield at.value
            at = at.next


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, n):
        return Vector(self.x * n, self.y * n)

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    def __eq__(self, other):
        return isinstance(other, Vector) and self.x == other.x and self.y == other.y

    def __repr__(self):
        return f"V({self.x!r:.12},{self.y!r:.12})"


class Acount:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n <= 0:
            raise StopAsyncIteration
        self.n -= 1
        return await waits(self.n)


class Actx:
    async def __aenter__(self):
        return await waits(1)

    async def __aexit__(self, kind, e, tb):
        await waits(2)
        return kind is not None and issubclass(kind, KeyError)


async def agen(n):
    for z in range(n):
        yield z + await waits(z)


def where(e):
    """Lines and functions that an exception came through."""
    tb = e.__traceback__
    lines = []
    while tb is not None and len(lines) < 9:
        lines.append(tb.tb_lineno)
        lines.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    return lines


def chain(e):
    """An exception and those that were handled when it was raised."""
    seen = []
    while e is not None and len(seen) < 5:
        seen.append(note(e))
        e = e.__context__
    return seen


def handling():
    return note(sys.exception())


def reraises(n):
    try:
        four(n)
    except Mine:
        return passes_on()
    return 0


def passes_on():
    if sys.exception() is None:
        return -1
    raise


def returns_early(n):
    try:
        for z in range(n % 5):
            if z == 2:
                return z
        return raiser(n)
    except ValueError:
        return -4
    finally:
        Ctx.entered += 1


def finds(l, n):
    for z in l:
        for c in range(3):
            if z * c == n:
                return z
    return None


def handles(n):
    """A generator that is suspended while it handles an exception."""
    for z in range(n):
        try:
            raiser(z)
        except ValueError as e:
            yield note(e)
        yield z
    yield handling()


def delegates(n):
    try:
        got = yield from handles(n)
    except KeyError as e:
        yield note(e)
        got = 5
    yield got


def average():
    total = 0
    n = 0
    while True:
        got = yield total // (n or 1)
        total += got
        n += 1


def key_raises(z):
    if z % 7 == 4:
        raise KeyError(z)
    return -z


def groups(n):
    try:
        if n % 3 == 0:
            raise ExceptionGroup("g", [ValueError(n), KeyError(n)])
        if n % 3 == 1:
            raise ValueError(n)
    except* ValueError as e:
        n += len(e.exceptions)
    except* KeyError:
        n += 10
    return n


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def closes(n):
    total = 0

    def add(z):
        nonlocal total
        total += z
        return total
    for z in range(n % 6):
        add(z)
    return total


def memo(n, seen={}):
    if n in seen:
        return seen[n]
    seen[n] = n * 2 if n < 3 else memo(n - 1) + 1
    return seen[n]


def mixes(n):
    if n % 3 == 0:
        return n
    if n % 3 == 1:
        return n / 2
    return None


def churn(n):
    """Allocates, and sometimes collects."""
    global counter
    counter += 1
    if counter % 9 == 0:
        gc.collect(0)
    made = [[z] for z in range(n % 4)]
    return len(made)


class Makes:
    """Collects while something is being made."""

    def __init__(self, a):
        churn(1)
        self.a = a
        self.l = [a, (a, churn(2))]

    def __add__(self, other):
        return Makes(self.a + churn(other))

    def __iter__(self):
        for z in self.l:
            churn(3)
            yield z

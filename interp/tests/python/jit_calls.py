# Calls in loops: keywords, defaults, what * and ** take, constructors, named tuples,
# classes whose metaclass is called, descriptors.
import collections
import dataclasses
import enum
import functools


def mixed(a, b=2, *rest, c, d=4, **more):
    return a + 10 * b + 100 * c + 1000 * d + len(rest) + sum(more.values())


def keywords(n):
    total = 0
    for i in range(n):
        total += mixed(i, c=1) + mixed(i, 3, c=i) + mixed(1, 2, 3, 4, c=5, d=6, e=7, f=i)
        total += mixed(b=i, a=1, c=2) + mixed(i, c=3, d=i)
    return total


print(keywords(200))
mixed.__kwdefaults__["d"] = 7
print(keywords(100))
mixed.__kwdefaults__ = {"d": 1.5, "c": 2}
mixed.__defaults__ = (5,)
print(keywords(100), mixed(1))
del mixed.__kwdefaults__["d"]
try:
    keywords(3)
except TypeError as e:
    print(e)


def posonly(a, b=1, /, c=2, **more):
    return a, b, c, more


def positional(n):
    out = None
    for i in range(n):
        out = posonly(i, c=3, a=4, b=i)
    return out


print(positional(100))


def bad(n):
    out = []
    for i in range(n):
        for args, kwargs in (((1,), {"x": 1}), ((1, 2, 3), {}), ((), {}), ((1,), {"a": 2})):
            try:
                if i < n - 1:
                    out.append(functools.partial(simple, 1, 2)())
                elif args == (1, 2, 3):
                    simple(1, 2, 3)
                elif kwargs.get("x"):
                    simple(1, x=1)
                elif kwargs:
                    simple(1, a=2)
                else:
                    simple(b=1)
            except TypeError as e:
                out.append(str(e))
    return out[-4:]


def simple(a, b=3):
    return a - b


print(bad(100))


class Account:
    total = 0

    def __init__(self, owner, balance=0, *, limit=100, **extra):
        self.owner = owner
        self.balance = balance
        self.limit = limit
        self.extra = extra

    def deposit(self, amount, *, fee=0):
        self.balance = min(self.limit, self.balance + amount - fee)
        return self.balance

    @classmethod
    def empty(cls, *, owner="nobody"):
        return cls(owner, limit=5)

    @staticmethod
    def fee(amount=1, *, rate=2):
        return amount * rate


def accounts(n):
    total = 0
    for i in range(n):
        a = Account("me", balance=i, limit=50)
        b = Account(owner="you", x=i)
        total += a.deposit(amount=5, fee=1) + b.deposit(3, fee=i % 3) + len(b.extra)
        total += Account.empty(owner="x").limit + Account.fee(rate=i) + a.fee(3, rate=1)
        deposit = a.deposit
        total += deposit(1, fee=2)
    return total


print(accounts(200))


@dataclasses.dataclass
class Item:
    name: str
    price: float = 1.5
    tags: list = dataclasses.field(default_factory=list)

    def total(self, *, count=1):
        return self.price * count


@dataclasses.dataclass(frozen=True, order=True)
class Key:
    a: int
    b: int = 0


@dataclasses.dataclass(slots=True, kw_only=True)
class Slotted:
    x: int
    y: int = 3


def data(n):
    total, seen = 0, {}
    for i in range(n):
        item = Item(name="x", price=i)
        item.tags.append(i)
        total += item.total(count=2) + Item("y").price + len(item.tags)
        key = Key(i % 5, b=i % 3)
        seen[key] = seen.get(key, 0) + 1
        total += Slotted(x=i).y + Slotted(x=1, y=i).y
        if key < Key(2):
            total += 1
    return total, len(seen), max(seen)


print(data(200))
print(Item("a", tags=[1]), Key(1), dataclasses.replace(Item("b"), price=2), Slotted(x=1))
try:
    for i in range(100):
        Item(price=1) if i == 99 else Item("n", price=1)
except TypeError as e:
    print(e)

Point = collections.namedtuple("Point", "x y", defaults=[0])


class Vector(collections.namedtuple("Vector", ["x", "y"])):
    __slots__ = ()

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)


class Noted(Point):
    def __new__(cls, x, y=5):
        self = super().__new__(cls, x, y)
        self.note = x
        return self

    def __init__(self, x, y=5):
        self.note += 1


def points(n):
    at, v, total = Point(1), Vector(0, 0), 0
    for i in range(n):
        at = Point(at.y, y=i)
        v = v + Vector(i, y=1)
        total += at.x + at[1] + len(at)
        at = at._replace(x=i)
        x, y = at
        total += x * y
        total += Noted(i).note + Noted(1, y=2).y
        match at:
            case Point(x=0, y=y):
                total += 1
            case Point(x, 3):
                total += x
            case Point():
                total += 2
    return at, v, total, at == (n - 1, n - 1), hash(at) == hash((n - 1, n - 1))


print(points(200))


class Base(tuple):
    def __new__(cls, *items):
        return tuple.__new__(cls, items)


def based(n):
    out = None
    for i in range(n):
        out = Base(i, i + 1)
        if i == n - 5:

            class Derived(Base):
                def __init__(self, *items):
                    self.seen = items

            d = Derived(1, 2)
    return out, d, d.seen, type(out).__name__


print(based(100))
try:
    for i in range(60):
        Point() if i == 59 else Point(1)
except TypeError as e:
    print(e)


class Meta(type):
    made = 0

    def __call__(cls, *args, **kwargs):
        Meta.made += 1
        return super().__call__(*args, **kwargs)


class Made(metaclass=Meta):
    def __init__(self, x, y=1):
        self.x = x + y


class Single(metaclass=Meta):
    pass


def metas(n):
    total = 0
    for i in range(n):
        total += Made(i).x + Made(i, y=i).x
        Single()
    return total, Meta.made


print(metas(100))


class Shade(enum.Enum):
    DARK = 1
    LIGHT = 2


class Rights(enum.IntFlag):
    R = 4
    W = 2
    X = 1


def enums(n):
    counts, rights = {}, Rights.R
    for i in range(n):
        shade = Shade(1 + i % 2)
        counts[shade] = counts.get(shade, 0) + shade.value + len(shade.name)
        rights = (rights | Rights.W) ^ Rights(i % 8)
        if Rights.X in rights:
            counts["x"] = counts.get("x", 0) + 1
    try:
        Shade(3)
    except ValueError as e:
        return counts, rights, str(e), Shade["DARK"]


print(enums(200))


class Field:
    def __init__(self, default):
        self.default = default

    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, owner=None):
        if obj is None:
            return self
        return getattr(obj, self.name, self.default)

    def __set__(self, obj, value):
        if value < 0:
            raise ValueError(value)
        setattr(obj, self.name, value)


class Lazy:
    def __init__(self, function):
        self.function = function
        self.name = function.__name__

    def __get__(self, obj, owner=None):
        value = self.function(obj)
        obj.__dict__[self.name] = value
        return value


class Model:
    width = Field(3)
    height = Field(4)

    @Lazy
    def area(self):
        return self.width * self.height

    @functools.cached_property
    def twice(self):
        return 2 * self.area


def models(n):
    total = 0
    m = Model()
    for i in range(n):
        fresh = Model()
        fresh.width = i
        m.height = i
        total += fresh.width + m.height + fresh.area + m.area + m.twice + fresh.twice
        try:
            m.width = 3 - i % 5
        except ValueError as e:
            total += e.args[0]
    return total


print(models(100))
Field.__get__ = lambda self, obj, owner=None: 9
print(models(50))


class Broken:
    def __get__(self, obj, owner=None):
        raise AttributeError("broken")

    def __set__(self, obj, value):
        pass


class Holder:
    b = Broken()

    def __init__(self):
        self.__dict__["b"] = 1


def broken(n):
    caught = 0
    for i in range(n):
        try:
            Holder().b
        except AttributeError as e:
            caught += len(str(e))
    return caught


print(broken(80))


def sorts(n):
    out = []
    for i in range(n):
        out = sorted([3, i % 5, 1], key=lambda z: -z, reverse=i % 2)
        out.sort(key=abs, reverse=True)
        d = dict(a=i, b=2)
        text = "a,b,c".split(sep=",", maxsplit=1)
        best = max([1, 5, 3], key=lambda z: z % (i % 3 + 2), default=0)
    return out, d, text, best


print(sorts(100))


def gen(a, *, b=2):
    yield a
    yield b


print(sum(sum(gen(i, b=3)) + sum(gen(i)) for i in range(100)))

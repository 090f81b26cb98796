# Attributes in loops: of functions, of classes with a metaclass, of objects with more
# attributes than lie in the object, and methods that are no plain functions of the class.
import enum


def counted(function):
    def wrapper(*args):
        wrapper.calls += 1
        return function(*args)

    wrapper.calls = 0
    return wrapper


@counted
def double(x):
    return x * 2


print(sum(double(i) for i in range(200)), double.calls)
double.calls = "x"
try:
    for i in range(3):
        double(i)
except TypeError as e:
    print(e)
double.calls = 1.5
for i in range(100):
    double(i)
print(double.calls)


class Many:
    def __init__(self, n):
        for i in range(40):
            setattr(self, f"a{i}", i)
        self.n = n

    def step(self):
        self.a38 += self.a37
        self.a39 = self.a38 - self.n
        return self.a39


m, other = Many(3), Many(5)
print(sum(m.step() for _ in range(200)), sum(x.step() for x in (m, other) * 60))
print(m.a38, other.a39)
del other.a39
for _ in range(50):
    m.step()
    try:
        m.a36 += other.a39
    except AttributeError as e:
        pass
print(e if False else "gone", hasattr(other, "a39"), m.a36)


class Meta(type):
    def describe(cls):
        return cls.label + "!"

    @property
    def size(cls):
        return len(cls.label)


class Labelled(metaclass=Meta):
    label = "one"

    @classmethod
    def make(cls):
        return cls.label

    @staticmethod
    def plain():
        return 7


def labels(n):
    out = 0
    for i in range(n):
        if i == n // 2:
            Labelled.label = "three"
        out += len(Labelled.label) + len(Labelled.describe()) + Labelled.size + len(Labelled.make()) + Labelled.plain()
    return out


print(labels(200))


class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3

    @property
    def is_warm(self):
        return self is Colour.RED

    def following(self):
        members = list(Colour)
        return members[(members.index(self) + 1) % len(members)]


def walk(n):
    at, seen = Colour.RED, {}
    for _ in range(n):
        if at is Colour.GREEN:
            seen[at] = seen.get(at, 0) + at.value
        elif at == Colour.BLUE:
            seen[at.name] = seen.get(at.name, 0) + 1
        elif at.is_warm:
            seen[at] = seen.get(at, 0) + 10
        at = at.following()
    return seen


print(walk(300))


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Flags(enum.Flag):
    A = enum.auto()
    B = enum.auto()
    C = A | B


def levels(n):
    total, flags = 0, Flags.A
    for i in range(n):
        level = Level.HIGH if i % 3 else Level.LOW
        total += level + level.value
        if level > Level.LOW and Flags.B not in flags:
            flags |= Flags.B
        if i % 50 == 49:
            flags &= ~Flags.A
    return total, flags


print(levels(200))


def bound(n):
    out = []
    for i in range(n):
        out.append(int.from_bytes(bytes([i % 256, 1]), "big"))
        d = dict.fromkeys("ab", i)
    return sum(out), d


print(bound(300))


class Dynamic:
    def __getattr__(self, name):
        if name.startswith("x"):
            return lambda: len(name)
        raise AttributeError(name)


def dynamic(n):
    d, total = Dynamic(), 0
    for i in range(n):
        total += d.xy() + d.xyz()
        if i == n - 2:
            d.xyz = lambda: 1000
    try:
        d.other()
    except AttributeError as e:
        return total, str(e)


print(dynamic(100))


class Callable:
    def __init__(self):
        self.action = len

    action2 = None

    def run(self, items):
        total = 0
        for item in items:
            total += self.action(item)
            if self.action2:
                total += self.action2(item)
        return total


c = Callable()
print(c.run(["a", "bc"] * 50))
c.action2 = lambda s: 100
print(c.run(["a", "bc"] * 50))
Callable.action2 = 5
print(c.run(["a", "bc"] * 50))


class Swapped(metaclass=Meta):
    label = "swap"


class OtherMeta(Meta):
    @property
    def label(cls):
        return "property"


def swap(n):
    out = 0
    for i in range(n):
        if i == n - 3:
            Swapped.__class__ = OtherMeta
        out += len(Swapped.label)
    return out


print(swap(100))


class Box:
    def __init__(self, n):
        self.n = n


def in_dict(n):
    boxes = [Box(1), Box(2)]
    for b in boxes:
        b.__dict__["extra"] = 1
    for i in range(n):
        for b in boxes:
            b.n += b.extra
            b.extra = i
            if i == n - 5:
                b.added = 1
            if i == n - 4:
                del b.__dict__["extra"]
                b.extra = 2
            if i == n - 3:
                b.__dict__ = {"n": 5, "extra": 6}
    Box.extra = property(lambda self: 100, lambda self, v: None)
    for i in range(n):
        for b in boxes:
            b.n += b.extra
            b.extra = i
    return [vars(b) for b in boxes]


print(in_dict(80))

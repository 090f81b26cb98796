# Keywords passed on in dicts, __class__, and isinstance with several classes, in loops.
import enum
import functools


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


def clamp(low, high):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return max(low, min(high, function(*args, **kwargs)))

        return wrapper

    return decorate


@traced
@clamp(-50, 5000)
def scale(x, *, factor=2, offset=0):
    return x * factor + offset


@traced
def shift(x, by=3, **extra):
    return x + by + len(extra) + sum(extra.values()), list(extra)


def passed(n):
    total = 0
    for i in range(n):
        total += scale(i) + scale(i, factor=3) + scale(x=i, offset=1) + scale(i, offset=i, factor=i)
        total += shift(i)[0] + shift(i, by=2)[0] + shift(i, more=3)[0] + len(shift(by=1, x=i, b=1, a=2)[1])
    return total, scale.calls, shift.calls, shift(1, z=1, y=2)[1]


print(passed(100))


def changing(n):
    out, options = [], {"factor": 2}
    for i in range(n):
        if i == n // 2:
            options = {"offset": 5}
        if i == n - 3:
            options["factor"] = 7
        if i == n - 2:
            options = {}
        out.append(scale(i, **options))
        out.append(shift(*(i,), **options)[0])
    return out[-12:], sum(out)


print(changing(80))


def wrong(n):
    caught = []
    for i in range(n):
        options = {"factor": i} if i < n - 1 else {"nothing": 1}
        try:
            scale(i, **options)
        except TypeError as e:
            caught.append(str(e))
    for i in range(n):
        options = {"x": 1} if i == n - 1 else {"factor": 1}
        try:
            scale(i, **options)
        except TypeError as e:
            caught.append(str(e))
    for i in range(n):
        options = {1: 2} if i == n - 1 else {"by": 1}
        try:
            shift(i, **options)
        except TypeError as e:
            caught.append(str(e))
    for i in range(n):
        options = {"by": 2} if i == n - 1 else {"more": 1}
        try:
            shift(i, by=1, **options)
        except TypeError as e:
            caught.append(str(e))
    return caught


print(wrong(70))


class Mapping:
    def keys(self):
        return ["factor"]

    def __getitem__(self, key):
        return 4


def mapped(n):
    total = 0
    for i in range(n):
        total += scale(i, **(Mapping() if i % 20 == 19 else {"factor": 4}))
    return total


print(mapped(80))


class Base:
    def make(self, *args, **kwargs):
        return self.__class__(*args, **kwargs)

    def __init__(self, a=1, **more):
        self.a = a
        self.more = more


class Derived(Base):
    pass


class Posing:
    @property
    def __class__(self):
        return int


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


def classes(n):
    out, b = {}, Base()
    values = [1, 2.5, True, "s", None, b, Derived(), Posing(), Colour.RED, [1], Colour, int]
    for i in range(n):
        if i == n - 30:
            b.__class__ = Derived
        for v in values:
            name = v.__class__.__name__
            out[name] = out.get(name, 0) + 1
            if isinstance(v, (int, str)):
                out["int or str"] = out.get("int or str", 0) + 1
            if isinstance(v, (Base, Colour, type(None))):
                out["base"] = out.get("base", 0) + 1
            if isinstance(v, Colour):
                out["colour"] = out.get("colour", 0) + 1
        made = b.make(a=i, x=1)
        out[made.__class__.__name__] += made.more["x"]
    return out


print(classes(60))


class Meta(type):
    def __instancecheck__(cls, v):
        return v == 3


class Three(metaclass=Meta):
    pass


def checked(n):
    hits = 0
    for i in range(n):
        hits += isinstance(i % 5, Three) + isinstance(i % 5, (str, Three))
        if i == n - 10:
            type.__setattr__(Meta, "__instancecheck__", lambda cls, v: True)
    try:
        for i in range(n):
            isinstance(i, (int if i < n - 1 else 5, str))
            isinstance("s", (int, str if i < n - 1 else 5))
    except TypeError as e:
        return hits, str(e)


print(checked(60))

"""Statements and expressions of all kinds."""

# Arithmetic
print(7 // 2, -7 // 2, 7 % -3, 2 ** 100, 2 ** -1, 10 / 4, divmod(-7, 3))
print(1 << 70, (1 << 70) >> 68, ~5, 6 & 3, 6 | 3, 6 ^ 3, -(2 ** 63))
print(0.1 + 0.2, 1e16, 1e-5, float("inf"), -0.0, 1_000_000.5)
print(round(2.5), round(-3.5), round(2.675, 2), abs(-7), pow(3, 100, 7))
print(3 < 4 < 5, 1 == 1.0, "a" < "b", [1, 2] < [1, 3], (1,) != (1.0,))

# Containers
numbers = [5, 3, 8, 1]
numbers.sort()
print(numbers, numbers[1:3], numbers[::-1], sorted(numbers, reverse=True))
d = {"one": 1, "two": 2, **{"three": 3}}
d["four"] = 4
del d["one"]
print(d, list(d.items()), {k: v * v for k, v in d.items()}, {1, 2, 3} & {2, 3, 4})
first, *rest = range(5)
print(first, rest, (*rest, first), [x for x in rest if x % 2])
print(dict(zip("abc", [1, 2, 3])), list(enumerate("ab", 1)), list(map(str, [1, 2])))


# Functions
def f(a, b=2, /, c=3, *args, d=4, **kwargs):
    return a, b, c, args, d, kwargs


print(f(1), f(1, 5, 6, 7, d=8, e=9))
for bad in (lambda: f(), lambda: f(1, b=2, a=3), lambda: f(*[1], **{"c": 1}, c=2)):
    try:
        print(bad())
    except TypeError as e:
        print("TypeError", e)


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count
    return step


step = counter()
print(step(), step(5), step())


# Classes
class Base:
    registry = []

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__()
        cls.registry.append((cls.__name__, kwargs))

    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return f"{type(self).__name__}({self.x!r})"

    @property
    def double(self):
        return self.x * 2

    @classmethod
    def make(cls, x):
        return cls(x)

    @staticmethod
    def helper(x):
        return x + 1


class Derived(Base, tag="t"):
    __slots__ = ("y",)

    def __init__(self, x, y):
        super().__init__(x)
        self.y = y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __add__(self, other):
        return Derived(self.x + other.x, self.y + other.y)


a, b = Derived(1, 2), Derived(3, 4)
print(a + b, a == Derived(1, 2), len({a, Derived(1, 2)}), a.double, Base.make(9), Base.helper(1))
print(Base.registry, Derived.__mro__, isinstance(a, Base), hasattr(a, "z"))
a.z = 1
print(a.__dict__, vars(a))
del a.z


# Generators
def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)


print(list(tree(3)), sum(x * x for x in range(10)))


def echo():
    got = None
    while True:
        try:
            got = yield got
        except ValueError as e:
            got = f"caught {e}"


g = echo()
next(g)
print(g.send(1), g.throw(ValueError("v")), g.send(2))
g.close()


# Exceptions
def risky(n):
    try:
        if n == 0:
            raise KeyError("zero")
        if n == 1:
            return "returned"
        return [][n]
    except KeyError as e:
        return f"key {e}"
    finally:
        print("finally", n)


for n in range(2):
    print(risky(n))
try:
    risky(2)
except IndexError as e:
    print(type(e).__name__, e)
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise RuntimeError("outer") from e
except RuntimeError as e:
    print(repr(e), repr(e.__cause__), e.__suppress_context__)
try:
    raise ExceptionGroup("group", [ValueError(1), TypeError(2)])
except* ValueError as group:
    print("values", group.exceptions)
except* TypeError as group:
    print("types", group.exceptions)


# With
class Manager:
    def __enter__(self):
        print("enter")
        return self

    def __exit__(self, kind, value, traceback):
        print("exit", kind and kind.__name__)
        return kind is ValueError


with Manager() as m:
    raise ValueError


# Match
def match(subject):
    match subject:
        case 0 | 1:
            return "small"
        case int(n) if n > 100:
            return f"big {n}"
        case [x, *others]:
            return f"sequence {x} {others}"
        case {"key": value, **more}:
            return f"mapping {value} {more}"
        case Base(x=x):
            return f"base {x}"
        case str() as s:
            return f"string {s}"
        case _:
            return "other"


print([match(s) for s in (0, 500, [1, 2, 3], {"key": 1, "b": 2}, Base(3), "s", 5.5)])

# Strings
name = "world"
print(f"hello {name!r:>10} {3.14159:.2f} {1234567:,} {255:#x} {'=' * 3}")
print("%s %d %.3f %x" % ("a", 5, 2.5, 255), "{0} {x:^7}|".format(1, x="mid"))
print("a,b,,c".split(","), "-".join("abc"), "Hello".swapcase(), "ß".upper(), "naïve".encode())
print("abc"[::-1], "x" in "xyz", "hello".replace("l", "L"), "  pad ".strip(), "é" * 3)
print((lambda *a, **k: (a, k))(1, 2, z=3))
if (n := len("walrus")) > 5:
    print(n)
x = 5
x += 1
x **= 2
print(x, not x, x if x > 3 else -x)
i = 0
while True:
    i += 1
    if i == 2:
        continue
    if i > 4:
        break
else:
    print("never")
print(i)
for i in range(3):
    pass
else:
    print("exhausted", i)
assert x == 36, "message"
try:
    undefined_name
except NameError as e:
    print(e)

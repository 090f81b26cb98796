"""Class and sequence patterns in loops: by position, by name, missing attributes, errors, changes."""


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Point3(Point):
    __match_args__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z


class Slotted:
    __slots__ = ("a", "b")
    __match_args__ = ("a", "b")

    def __init__(self, a):
        self.a = a


class Lazy:
    kind = "lazy"

    @property
    def value(self):
        return 42


class Liar:
    @property
    def __class__(self):
        return Point

    x = 7
    y = 8


class Odd:
    __match_args__ = ["x"]
    x = 1


class Few:
    __match_args__ = ("x",)
    x = 1


def describe(v):
    match v:
        case Point3(x, y, z=0):
            return "flat", x, y
        case Point(0, y):
            return "axis", y
        case Point(x=x, y=Point(x=inner)):
            return "nested", x, inner
        case Point(x, y) if x == y:
            return "diagonal", x
        case Point():
            return "point", v.x
        case Slotted(a, b):
            return "both", a, b
        case Slotted(a):
            return "one", a
        case Lazy(kind=k, value=n):
            return k, n
        case bool(b):
            return "bool", b
        case int(n) | float(n):
            return "number", n
        case str() as s:
            return "str", len(s)
        case [a]:
            return "single", a
        case [a, b]:
            return "pair", a, b
        case (first, *rest):
            return "many", first, rest
        case {"k": k, **rest}:
            return "map", k, sorted(rest)
        case None:
            return ("none",)
        case _:
            return ("other",)


def subjects(i):
    s = Slotted(i)
    t = Slotted(i)
    t.b = -i
    return [
        Point(0, i), Point(i, i), Point(i, 1), Point(i, Point(2, 3)), Point3(i, 2, 0), Point3(i, 2, 1), s, t, Lazy(),
        Liar(), True, i, i + 0.5, "abc", [i], (i, 1), [i, 1, 2], {"k": i, "b": 2}, {}, None, [], b"x", 1 << 80, Point,
    ]


def many(n):
    seen = {}
    for i in range(n):
        for v in subjects(i):
            r = describe(v)
            seen[r[0]] = seen.get(r[0], 0) + 1
            last = r
    return seen, last


def alone(v, n):
    for _ in range(n):
        r = describe(v)
    return r


def sums(n):
    total = 0
    for i in range(n):
        match Point(i, 2 * i):
            case Point(x, y):
                total += x + y
        match (i, [i, 1]):
            case (a, [b, c]):
                total += a * b + c
    return total


def errors(v, n):
    seen = set()
    for _ in range(n):
        try:
            match v:
                case Odd(x):
                    seen.add(x)
                case Few(a, b):
                    seen.add(a)
                case Point(x, x=y):
                    seen.add(y)
        except TypeError as e:
            seen.add(str(e))
    return sorted(seen, key=str)


def changed(n):
    class P:
        __match_args__ = ("x", "y")
        x = 1
        y = 2

    out = []
    for i in range(n):
        match P():
            case P(a, b):
                out.append((a, b))
            case _:
                out.append(None)
        if i == n // 2:
            P.__match_args__ = ("y", "x")
        if i == n // 2 + 5:
            del P.x
    return out[0], out[n // 2 + 2], out[-1], len(out)


print(many(40))
for subject in subjects(3):
    print(alone(subject, 20))
print(sums(100))
print(errors(Odd(), 20), errors(Few(), 20), errors(Point(1, 2), 20))
print(changed(60))

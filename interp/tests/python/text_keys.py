"""Instances of subclasses of str and tuple as keys, and their comparisons."""
from collections import namedtuple


class Name(str):
    pass


class Loud(str):
    log = []

    def __eq__(self, other):
        Loud.log.append((str(self), str(other)))
        return str.__eq__(self, other)

    def __hash__(self):
        return str.__hash__(self)


class Folded(str):
    def __hash__(self):
        return hash(self.lower())

    def __eq__(self, other):
        return self.lower() == other.lower()


class OnlyHash(str):
    def __hash__(self):
        return 7


class Reversed(str):
    def __lt__(self, other):
        return not str.__lt__(self, other)


class NotEqual(str):
    def __ne__(self, other):
        return "ne"


class Table(dict):
    pass


Point = namedtuple("Point", "x y")


class Loose(tuple):
    def __eq__(self, other):
        return len(self) == len(other)

    def __hash__(self):
        return len(self)


class Ordered(tuple):
    def __gt__(self, other):
        return "gt"


def texts(n):
    found = 0
    d = {Name(f"k{i}"): i for i in range(10)}
    t = Table(d)
    for i in range(n):
        key = f"k{i % 12}"
        if key in d and Name(key) in t:
            found += d[Name(key)] + t[key] + (Name(key) == key) + (key == Name(key)) + (Name(key) != "k3")
        found += Name(key) < "k5"
        found += "k5" <= Name(key)
    return found, sorted(d)[:3], type(sorted(d)[0]).__name__, max(d), Name("a") + "b" == "ab"


def loud(n):
    d = {"a": 1, Loud("b"): 2}
    total = 0
    for i in range(n):
        total += d["b"] + d[Loud("a")] + (Loud("a") == "a") + ("a" == Loud("a"))
    return total, len(Loud.log), Loud.log[:4]


def folded(n):
    d = {Folded("Key"): 1}
    hits = 0
    for i in range(n):
        hits += d.get(Folded("kEY"), 0) + d.get("key", 0) + (Folded("A") == "a") + ("a" == Folded("A"))
    return hits


def others(n):
    out = set()
    d = {OnlyHash("x"): 1}
    for i in range(n):
        out.add((d.get(OnlyHash("x")), d.get("x"), OnlyHash("x") == "x", Reversed("a") < "b", "b" > Reversed("a"),
                 Reversed("a") > "b", NotEqual("a") != "a", "a" != NotEqual("a"), NotEqual("a") == "a"))
    return sorted(out)


def points(n):
    d = {Point(i, -i): i for i in range(20)}
    s = {(3, -3), Point(4, -4)}
    total = 0
    for i in range(n):
        p = Point(i % 25, -(i % 25))
        if p in d:
            total += d[p] + d[(p.x, p.y)]
        total += (p in s) + (p == (3, -3)) + ((3, -3) == p) + (p < (5, 0)) + (p >= Point(7, 7)) + (p != Point(1, -1))
    return total, min(d), max(d), Point(1, 2) == [1, 2], Point(1, [2]) == (1, [2])


def loose(n):
    d = {Loose("ab"): 1}
    total = 0
    for i in range(n):
        total += d[Loose("xy")] + (Loose("ab") == (1, 2)) + ((1, 2) == Loose("ab")) + (Loose("a") != (1, 2))
        total += (Ordered((1,)) > (2,)) == "gt"
        total += ((2,) < Ordered((1,))) == "gt"
    return total


for f in texts, folded, others, points, loose:
    print(f.__name__, f(300))
print(loud(100))
try:
    {Point(1, []): 1}
except TypeError as e:
    print(e)
try:
    Name("a") < Point(1, 2)
except TypeError as e:
    print(e)

"""list.count, list.index and set(sequence) in loops: by equality, identity, and Python's own __eq__."""


class Same:
    calls = 0

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        Same.calls += 1
        return isinstance(other, Same) and self.x == other.x or other == self.x

    def __hash__(self):
        return hash(self.x)


class Angry:
    __hash__ = None

    def __eq__(self, other):
        raise ValueError("not comparable")


NAN = float("nan")
LISTS = [
    [1, 2, 2, 3, 2],
    [1.0, True, 1, 0, False, 2 ** 80, 2 ** 80],
    ["a", "b", "a", b"a", ("a", 1), ("a", 1)],
    [NAN, NAN, None, None],
    [Same(1), 1, Same(2), 2],
    [],
    [3, Angry(), 3],
]
WANTED = [2, 1, 1.0, True, "a", ("a", 1), NAN, None, 2 ** 80, Same(1), 3, b"a"]


def count(items, value):
    total = 0
    for _ in range(60):
        total += items.count(value)
    return total


def index(items, value):
    total = 0
    try:
        for _ in range(60):
            total += items.index(value)
    except ValueError as e:
        return f"{total} {type(e).__name__}: {e}"
    return total


def sets(items):
    total = 0
    try:
        for _ in range(60):
            s = set(items)
            total += len(s)
    except TypeError as e:
        return str(e)
    return total, sorted(map(repr, s))[:3] if Same(1) not in s else ""


def changing(n):
    items, total = [5, 6, 7], 0
    for i in range(n):
        total += items.count(i) + items.index(items[i % len(items)])
        if i % 3 == 0:
            items.append(i)
        if i == n - 20:
            items.insert(0, Same(i))
    return total


for items in LISTS:
    for value in WANTED:
        try:
            c = count(items, value)
        except ValueError as e:
            c = e
        print(c, index(items, value), end="; ")
    print(sets(items), sets(tuple(items)), Same.calls > 0)
print(changing(200), sets([[1], 2]), sets((1, {})))

# Lookups in dictionaries and sets by keys that a trace makes, and lookups that are shared.
import sys
from collections import Counter, OrderedDict, defaultdict


class Odd:
    """Hashes and compares as a tuple does, and tells."""

    def __init__(self, items, log):
        self.items, self.log = items, log

    def __hash__(self):
        return hash(self.items)

    def __eq__(self, other):
        self.log.append(other)
        return other == self.items


class Missing(dict):
    def __missing__(self, key):
        return ("none", key)


class Lower(dict):
    def __getitem__(self, key):
        return super().__getitem__(key.lower())

    def __contains__(self, key):
        return super().__contains__(key.lower())


class Keeps(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value * 2)


class Cell:
    def __init__(self, x):
        self.x = x

    def __hash__(self):
        return hash(self.x)

    def __eq__(self, other):
        return isinstance(other, Cell) and self.x == other.x


def grid(n):
    seen, cells, total = set(), {}, 0
    for i in range(n):
        place = (i % 7, i % 5)
        if place in cells:
            total += cells[place]
        cells[i % 7, i % 5] = cells.get((i % 7, i % 5), 0) + 1
        if (i % 3, 0, "x") not in seen:
            seen.add((i % 3, 0, "x"))
        total += (i % 4, 0, "x") in seen
        if (i, i) in cells:
            total += 1000
    return total, sorted(cells.items())[:5], sorted(seen)


def numbers(n):
    table = {(1, 0): "a", (2.0, 1): "b", (True, "k"): "c", (10**30, -1): "d", (0.5, None): "e"}
    nan = float("nan")
    table[nan, 1] = "nan"
    out = []
    for i in range(n):
        one, two = float(i % 3), i % 3
        out = [
            table.get((one, 0)), table.get((two, 1)), table.get((two, "k")), table.get((two == 1, "k")),
            table.get((10**30 + two, -1)), table.get((one / 2, None)), table.get((nan, 1)),
            table.get((-one, two - 1)), table.get((two, "K".lower())),
        ]
    return out


def texts(n):
    table, hits = {("ab", 1): 1, ("cd", 2): 2}, 0
    for i in range(n):
        a = "a" + "bcd"[i % 3]
        hits += table.get((a, i % 2), 0) + ((a, 1) in table)
    return hits


def python_keys(n):
    log, hits = [], 0
    table = {Odd((1, 2), log): 5}
    items = {Odd((1, 2), log)}
    for i in range(n):
        hits += table.get((1, i % 4), 0)
        hits += (1, i % 4) in items
    return hits, len(log), log[:2]


class Tells(Odd):
    """Notes where it is compared: no lookup may run this without the frames of its callers."""

    def __eq__(self, other):
        frame = sys._getframe(1)
        self.log.add((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, frame.f_locals["i"] >= 0))
        return other == self.items

    __hash__ = Odd.__hash__


def callers(n):
    log, hits = set(), 0
    key = Tells((1, 2), log)
    table, items, rows = {key: 5}, {key}, [key]
    for i in range(n):
        hits += (1, 2) in table
        hits += (1, 2) in items
        hits += (1, 2) in rows
        hits += table[1, 2]
        hits += table.get((1, 2), 0)
        table[1, 2] = i & 7
        items.add((1, 2))
        hits += len({(1, 2) for _ in items} | items)
        del table[1, 2]
        table[key] = 1
        try:
            hits += table[1, 3]
        except KeyError:
            pass
    return hits, sorted(log)


def unhashable(n):
    table, errors = {}, []
    for i in range(n):
        key = [] if i == n - 2 else i % 2
        try:
            table[key, 1] = table.get((key, 1), 0) + 1
        except TypeError as e:
            errors.append(str(e))
        try:
            table.get((key, 2))
        except TypeError as e:
            errors.append(str(e))
        try:
            if (key, 2) in {(1, 2)}:
                table["x"] = i
        except TypeError as e:
            errors.append(str(e))
    return table, errors


def subclasses(n):
    missing, lower, keeps = Missing(), Lower(a=1), Keeps()
    counter, default, ordered = Counter(), defaultdict(list), OrderedDict()
    out = None
    for i in range(n):
        missing[i % 3, 1] = i
        keeps[i % 3] = 1
        keeps[i % 3, 2] = i
        counter[i % 5, "n"] += 1
        default[i % 4].append(i)
        default[i % 4, i % 2].append(i)
        ordered[i % 3] = i
        if i % 3 == 1:
            ordered.move_to_end(i % 3)
        out = missing[i % 4, 1], lower["A"], "A" in lower, keeps[i % 3], keeps.get((i % 3, 2)), (i % 6, "n") in counter, counter[9, i % 2]
    return out, sorted(counter.items()), sorted(map(len, default.values())), list(ordered)


def shared(n):
    """A lookup made again after something else was done."""
    d, cell, out = {1: 1, "a": 2}, Cell(1), 0
    cells = {Cell(1): "one", Cell(2): "two"}

    def forget(key):
        d.pop(key, None)

    for i in range(n):
        if 1 in d:
            out += d[1]
            d[1] += 1
            out += d[1]
        if i % 50 == 7:
            d.clear()
        out += d.get(1, 0)
        if i % 50 == 9:
            d[1] = 0
        out += d.get(1, 100)
        other = d
        other["a"] = i
        out += d["a"]
        if "b" in d:
            forget("b")
            out += "b" in d
        d["b"] = i
        cell.x = 1
        first = cells[cell]
        cell.x = 2
        if first == cells[cell]:
            raise AssertionError
        del other["a"]
        out += "a" not in d
    return out


def gone(n):
    d, out = {i: i for i in range(n)}, []
    for i in range(n):
        try:
            out.append(d[i] if i in d else -1)
            del d[(i * 7) % n]
        except KeyError as e:
            out.append(e.args)
    return out[-8:]


def sets_while_changing(n):
    s, out = set(), 0
    for i in range(n):
        out += (i % 8, 1) in s
        s.add((i % 8, 1))
        out += (i % 8, 1) in s
        if i % 8 == 7:
            s.discard((3, 1))
        if i % 31 == 30:
            s.clear()
        out += (i % 8, 1) in frozenset(s)
    return out, sorted(s)


def default_of_get(n):
    groups, out = {}, 0
    for i in range(n):
        row = groups.get(i % 5, [])
        row.append(i)
        groups[i % 5] = row
        out += len(groups.get((i, i), ())) + groups.get(i % 9, (1, i))[0]
    return out, sorted(map(len, groups.values()))


class Key:
    """Instances are keys by their attributes; the first instance has another shape."""

    def __init__(self, name, more=0):
        self.name = name
        if more:
            self.more = more

    def __hash__(self):
        return hash((self.name, self.size))

    @property
    def size(self):
        return 1


class Named:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return hash(self.name)


def instance_keys(n):
    global hash
    keys = [Key("a"), Key("b", 1), Named("c"), Named(4), Named("d")]
    table, single, out = {k: i for i, k in enumerate(keys)}, {keys[3]: 1}, 0
    for i in range(n):
        out += single.get(keys[3], 50)
        out += table[keys[i % 5]] + table.get(keys[i * 3 % 5], 9)
        if i == n // 2:
            hash = lambda v: 7
            out += single.get(keys[3], 50)
            del hash
    return out, hash(keys[2]) == hash("c")


def counted(n):
    out = []
    for i in range(n):
        c = Counter(x % 3 for x in range(i % 7))
        c.update(x for x in "abca")
        try:
            c.update([x] if x == 2 else x for x in range(4))
        except TypeError as e:
            out = [str(e), sorted(map(str, c.items())), c.total()]
    return out


def lengths(n):
    from array import array
    from collections import deque
    d, a, out = deque(maxlen=9), array("i"), 0
    for i in range(n):
        d.append(i)
        a.append(i)
        out += len(d) + len(a) + len(d or "abc")
        if len(d) > 5:
            d.popleft()
    return out


def orders(n):
    rows = [(i * 7 % 13, i % 3, "x" * (i % 2)) for i in range(20)] + [(3,), (3, 1), (True, 2), (3, 1.5), (float("nan"), 1)]
    out = 0
    for i in range(n):
        a, b = rows[i % 25], rows[i * 7 % 23]
        try:
            out = out * 3 + (a < b) + 2 * (a >= b) + 4 * (a == b) + 8 * (a != b) + 16 * (a <= b) & 0xFFFFFFFFFF
        except TypeError as e:
            out += len(str(e))
    return out, sorted(rows[:24])


for f in (callers, instance_keys, counted, lengths, orders, grid, numbers, texts, python_keys, unhashable, subclasses, shared, gone, sets_while_changing, default_of_get):
    print(f.__name__, f(400))

"""Lists, tuples and bytes: building, repeating, comparing, joining, unpacking."""
import operator

# Repetition, below and above what fits in small objects.
for items in ([], [1], [1, 2, 3], list(range(40))):
    for count in (-1, 0, 1, 2, 7, 500):
        a = items * count
        assert len(a) == len(items) * max(count, 0), (items, count)
        assert a == [items[i % len(items)] for i in range(len(a))]
        b = list(items)
        b *= count
        assert a == b
rows = [[]] * 3
rows[0].append(1)
print(rows, [0] * 5, [None] * 2, "ab" * 3, (1, 2) * 2)
big = [0] * 100_000
big[99_999] = "end"
print(len(big), big[-1], sum(big[:-1]))

# Growing, shrinking, slices that overlap what they are taken from.
a = list(range(10))
a.extend(a)
a += a[5:]
a[3:6] = a
a[::3] = [0] * len(a[::3])
print(len(a), a[:12], a[-5:])
a[2:4] = (x for x in "pq")
a[0:0] = ("s",)
del a[5:30:2]
print(a)
print([*range(3), *(4, 5), *[6], *"x"], (*[1, 2], 3), {*(1, 2), *[2, 3]})


class Odd:
    """Changes a list while it is compared."""

    def __init__(self, target, equal):
        self.target = target
        self.equal = equal

    def __eq__(self, other):
        self.target.clear()
        return self.equal

    __hash__ = None

    def __lt__(self, other):
        return True


for equal in (True, False):
    a = []
    a += [1, Odd(a, equal), 3]
    print(a == [1, 2, 3], a)
    a = []
    a += [1, Odd(a, equal), 3]
    print(a < [1, 2, 3], a)

nan = float("nan")
print([nan] == [nan], (nan,) == (nan,), [1, 2] < [1, 2, 0], [1, 2.0] == [1.0, 2], [] < [0], (1, "a") < (1, "b"))
print([1, [2, (3, [4])]] == [1, [2, (3, [4])]], [1, 2] != [1, 2], (1, 2) >= (1, 2), [2] > [1, 5])
for op in (operator.lt, operator.ge):
    for pair in (([1], ["a"]), ((1,), (None,)), ([1], (1,))):
        try:
            print(op(*pair))
        except TypeError as e:
            print(e)


class MyList(list):
    def __eq__(self, other):
        return "mine"


print([1] == MyList([1]), MyList() == [], [1].__eq__(MyList([1])))

# Unpacking.
a, *b, c = 1, 2, 3, 4
d, *e = [5]
*f, g = "xyz"
print(a, b, c, d, e, f, g)
for source in ((), (1,), [1], {}, iter(()), "a"):
    try:
        a, b, *c = source
    except ValueError as e:
        print(e)
try:
    a, *b = 5
except TypeError as e:
    print(e)
a, (b, *c), d = 1, "hey", [2]
print(a, b, c, d)


def many(*args, **kwargs):
    return args, kwargs


print(many(*range(12), **{str(i): i for i in range(12)}))
print(many(*[1, 2], *(3,), k=1, **{"m": 2}))
for bad in ("many(**{1: 2})", "many(k=1, **{'k': 2})", "many(*5)", "many(**5)"):
    try:
        eval(bad)
    except TypeError as e:
        print(e)
print(sorted(["b", "a", "C"], key=str.lower), max({"a": 3, "b": 5}, key={"a": 3, "b": 5}.get))
print(sorted([(2, "x"), (1, "y")], key=operator.itemgetter(1), reverse=True))
print(max("abc", key=operator.methodcaller("__hash__")) in "abc", min([3, 1, 2], key=lambda x: -x))

# Bytes in their several kinds.
for kind in (bytes, bytearray, memoryview):
    x = kind(b"a,b,c")
    print(b"-".join([b"1", x, b"2"]), b",".join([x]), b"<" + x + b">", b"b" in bytes(x))
    print(b"a,b,c,d".split(kind(b",")), b"xxaxx".strip(kind(b"x")), b"hello".find(kind(b"l")))
    print(b"hello".replace(kind(b"l"), kind(b"LL")), b"a-b".rpartition(kind(b"-"))[0], b"abab".count(kind(b"ab")))
    print(b"spam".startswith(kind(b"sp")), b"spam".removesuffix(kind(b"am")), bytes(x).decode(), x.hex())
print(b"".join([]), b"".join(iter([b"a"] * 20)), bytearray(b"-").join([b"a", bytearray(b"b")]))
m = memoryview(b"0123456789")[::2]
print(bytes(m), b"|".join([bytes(m)]))
for bad in ('b"".join([1])', 'b"".join(["a"])', 'b"".join(5)', 'b"a" + "b"', 'b"".join([m])', 'b"a".split("b")',
            'b"a".find("a")', 'b"a".find(256)', 'b"a".replace(1, b"")', 'b"a".startswith(1)'):
    try:
        eval(bad)
    except (TypeError, ValueError, BufferError) as e:
        print(type(e).__name__, e)
print((300).to_bytes(2, "little"), int.from_bytes(b"\xff\xfe", signed=True), (-2).to_bytes(3, signed=True))
for call in ("(1).to_bytes(2, 'big', True)", "int.from_bytes()", "(1).to_bytes(1, 2)", "int.from_bytes(b'', 'x')",
             "sorted(1)", "max([], key=1, other=2)"):
    try:
        eval(call)
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)


# Searching, around the length at which the way of doing so changes.
for n in (0, 1, 5, 250, 254, 255, 256, 257, 300):
    for needle in ("ab", "abc", "aab", "ba"):
        hay = "a" * n + "b" + "a" * 3
        found = [i for i in range(len(hay)) if hay.startswith(needle, i)]
        assert hay.find(needle) == (found[0] if found else -1) and (needle in hay) == bool(found)
        assert hay.count(needle) == len(found) and hay.split(needle) == hay.replace(needle, "|").split("|")
        assert hay.encode().find(needle.encode()) == hay.find(needle)
print("a,b,,c".split(","), ",".join("abc" * 9).split(",", 3), "x".split(","), "".split(","), " a  b ".split(), "aXbXXc".split("X", 1))
print("abababab".count("ab"), "aaaa".count("aa"), "aaaa".replace("aa", "b"), "aaa".replace("a", "b", 2), "abcabc".split("bc"))


class Missing(dict):
    def __missing__(self, key):
        return ("missing", key)


class Never(dict):
    __missing__ = None


class Own(dict):
    def __getitem__(self, key):
        return "own"


import collections
m, c, d = Missing(a=1), collections.Counter("abca"), collections.defaultdict(list, {"k": [1]})
print(m["a"], m["b"], m.get("b"), c["a"], c["z"], d["k"], d["new"], dict(d), Own()["x"], len(c))
for broken in (Never(), collections.defaultdict(None), collections.OrderedDict()):
    try:
        broken["k"]
    except (KeyError, TypeError) as e:
        print(type(broken).__name__, e)
try:
    c[[]]
except TypeError as e:
    print(e)


def stepped():
    """Slices with a step: read, assigned, of the list itself."""
    a = list(range(20))
    out = [a[::3], a[::-1], a[15:2:-4], a[30::2], a[-1:-30:-7], a[5:5:2]]
    a[::2] = [str(i) for i in range(10)]
    a[1::4] = (0,) * 5
    a[::-5] = range(4)
    a[::-1] = a
    out.append(a)
    b = [1, 2, 3, 4]
    b[::2] = b[1::2]
    out.append(b)
    for values in ([1], [], a, "abc", iter([1, 2, 3])):
        try:
            b[::2] = values
        except ValueError as error:
            out.append(str(error))
    try:
        b[::2] = 3
    except TypeError as error:
        out.append(str(error))
    for round in range(50):
        c = [None] * 40
        c[round % 7::3] = [[round]] * len(c[round % 7::3])
    out.append(c)
    return out


print(stepped())

"""Names of modules that come, go and hide built-ins; searching, cutting and translating text."""
import io
import pickle
import random


# Module code finds a name where it was last time, until it is elsewhere.
def show(*values):
    print(*values)


seen = []
for step in range(6):
    if step == 2:
        len = lambda v: "hidden"
    if step == 4:
        del len
    seen.append(len("abc"))
print(seen)
for step in range(4):
    try:
        seen = [late, step]
    except NameError as error:
        seen = str(error)
    print(seen)
    if step == 1:
        late = "here"
    if step == 2:
        del late
names = {"x": 1}
code = compile("for i in range(3):\n x = x + 1\nr = (x, abs(-i))", "<test>", "exec")
for scope in ({"x": 1}, {"x": 5}, {"abs": str, "x": 0}):
    exec(code, scope)
    print(scope["r"])
inner = {"x": 10}
exec(code, {"x": 1}, inner)
print(inner)


class Mapping(dict):
    def __missing__(self, key):
        if key == "abs":
            raise KeyError(key)
        return f"<{key}>"


exec("r = (x, abs(-2))\ny = r", {}, space := Mapping())
print(space)


def write_global(n):
    global counter
    for counter in range(n):
        pass


write_global(4)
print(counter)
del counter
write_global(2)
print(counter)


class Body:
    a = 1
    for k in range(3):
        a += k
    b = [a, k]


print(Body.a, Body.b)

# Searching compares words of several bytes.
rng = random.Random(5)
for size in list(range(0, 40)) + [100, 300]:
    text = "".join(rng.choice("ab-") for _ in range(size))
    for needle in ("a", "-", "ab", "b-a", "aab-ab", "abababababababab", "\x80", "\u20ac"):
        at = [i for i in range(size) if text.startswith(needle, i)]
        assert text.find(needle) == (at[0] if at else -1), (text, needle)
        assert text.rfind(needle) == (at[-1] if at else -1), (text, needle)
        assert (needle in text) == bool(at)
        parts = text.split(needle)
        assert needle.join(parts) == text and text.count(needle) == len(parts) - 1, (text, needle)
        assert text.replace(needle, "<>") == "<>".join(parts)
        assert text.split(needle, 2) == parts[:2] + ([needle.join(parts[2:])] if parts[2:] else [])
        if needle.isascii():
            data, sought = text.encode(), needle.encode()
            assert data.find(sought) == text.find(needle) and data.count(sought) == len(parts) - 1
            assert data.split(sought) == [p.encode() for p in parts]
for unit in range(256):
    hay = bytes((i * 7 + 3) & 255 for i in range(300))
    assert hay.find(bytes([unit])) == hay.index(unit)
print("found")

# Lines end at more than line feeds.
for c in "\n\r\v\f\x1c\x1d\x1e\x1f\x85\t\x00\x7f\xa0\u2028":
    print(ascii(c), ["ab" + "x" * 9 + c + "\r\ncd" + c][0].splitlines() == ["abxxxxxxxxx" + c, "cd" + c]
          or [len(line) for line in ("ab" + "x" * 9 + c + "\r\ncd" + c).splitlines()],
          ("123456789012345" + c + "z").splitlines(True).__len__())

# Stripping sets of one, two and more characters, of any width.
for chars in ("x", "xy", "xyz", "x\xe9", "\u20acxyz", "", " \u3000"):
    for text in ("xyzabczyx", "\xe9xabcx\xe9", "\u20acx\u3000abc\u3000z\u20ac", "xxxx"):
        print(ascii((text.strip(chars), text.lstrip(chars), text.rstrip(chars))))

# Translation that stays ASCII, leaves it, or changes nothing.
tables = [
    {97: "A", 98: None, 99: 100}, {97: "\xe9"}, {98: "\u20ac"}, {97: "<a>", 99: ""}, {97: "<\u20ac>"},
    {97: 97, 98: "b"}, {}, {8364: "E", 233: None}, str.maketrans("abc", "xyz", " "),
]
for table in tables:
    print(ascii([s.translate(table) for s in ("", "abc cab", "aaaa", "xyz", "caf\xe9 a", "\u20ac1 abc")]))


class Shout:
    asked = []

    def __getitem__(self, key):
        self.asked.append(key)
        if key == 98:
            raise LookupError
        return {97: "<a>", 99: None}.get(key, key)


print("abcabcd".translate(Shout()), set(Shout.asked) == {97, 98, 99, 100})
for bad in ({97: 1114112}, {97: -1}, {97: 1.5}):
    try:
        "ba".translate(bad)
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)

# Equality of strings that differ late, by their ends, by width.
for size in range(0, 70):
    a = "".join(["p"] * size)
    assert a == "p" * size and a + "q" != "q" + a or size == 0
    assert (a + "\xe9") != (a + "\xe8") and (a + "\u20ac") == (a + "\u20ac") and a + "x" != a + "\u20ac"
    assert {a: 1}.get("p" * size) == 1 and (a[:-1] + "r") not in {a}
print("equal")

# Bytes joined, repeated, sliced.
for parts in ([], [b""], [b"a"], [b"ab", b"", b"cd"], [b"x" * 100, bytearray(b"y"), memoryview(b"z")], (b"1", b"2")):
    print(b"".join(parts)[-5:], b", ".join(parts)[-9:], bytearray(b"-").join(parts)[:7])
for bad in ([b"a", "b"], [b"a", 1], 5):
    try:
        print(b"".join(bad))
    except TypeError as error:
        print(error)
print(b"abcdef"[::2], b"ab" * 3, b"Ab".swapcase(), b"7".zfill(3), b"ab".center(5, b"*"), bytes(5))

# Lists of dictionaries and their views; what iterators have left.
d = {i: str(i) for i in range(12)}
del d[3], d[0]
print(list(d), list(d.values()), list(d.items())[:2], list(reversed(d))[:3], list(reversed(d.values()))[:2])
it = iter(d.items())
next(it)
print(it.__length_hint__(), list(it)[:2], list(it), [*d.keys()], sorted(set(d)) == list(set(d)) or "order")
for view in (d.keys(), d.values(), d.items()):
    it = reversed(view)
    next(it)
    print(list(pickle.loads(pickle.dumps(it)))[:2], next(it))
it = iter(d)
next(it)
d["new"] = 1
try:
    list(it)
except RuntimeError as error:
    print(error)

# Lines of a file, over the border of what is read at once.
import os
import tempfile
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "lines.txt")
    lines = ["x" * (i * 37 % 211) + "\n" for i in range(900)] + ["end"]
    with open(path, "w") as file:
        file.writelines(lines)
    for newline in (None, "", "\n"):
        with open(path, newline=newline) as file:
            print(list(file) == lines, file.readline() == "")
    with open(path) as file:
        print(len(file.readline(5)), len(file.readline(0)), file.readlines(300) == lines[:4], file.read(3))
print([line for line in io.StringIO("a\nb\n\nc")])

# Memory of large objects is used again.
total = 0
for i in range(300):
    big = [bytes([i & 255]) * 70000, "y" * 50000, list(range(5000)), set(range(3000)), dict.fromkeys(range(2000), i)]
    total += big[0][-1] + (big[1] == "y" * 50000) + sum(big[2][-2:]) + len(big[3]) + big[4][1999]
    assert bytes(40000).count(0) == 40000 and bytearray(40000).count(0) == 40000
print(total)

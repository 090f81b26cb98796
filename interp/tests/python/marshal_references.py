# Objects that are written once and referred to, versions of the format, files read no further than needed.
import io
import marshal

items = ["a name", "é" * 3, 2.5, 1 + 2j, b"bytes", 1 << 70, (1, 2), frozenset([3]), {4: 5}, {6}]
for item in items:
    for version in range(6):
        if version < 3 or marshal.dumps(item, version)[0] & 0x80:
            pair = marshal.loads(marshal.dumps([item, item], version))
            print(version, pair == [item, item], version < 3 or pair[0] is pair[1], end=" ")
    print()
print(marshal.dumps([1.5, -0.1, float("inf"), 1e16, 2j], 1))
print(marshal.dumps(("ascii", "é", 3, b"x"), 2))

loop = []
loop += [loop, {"k": loop}, (loop,)]
copy = marshal.loads(marshal.dumps(loop))
print(copy[0] is copy, copy[1]["k"] is copy, copy[2][0] is copy)
knot = ([],)
knot[0].append(knot)
copy = marshal.loads(marshal.dumps(knot))
print(copy[0][0] is copy, copy)
print(marshal.loads(marshal.dumps(slice(1, "x"))))
print(marshal.dumps({"b", "a", "c"})[1:] == marshal.dumps({"c", "b", "a"})[1:])
text = marshal.loads(marshal.dumps("interned_name"))
print(text is "".join(["interned", "_name"]), text is marshal.loads(marshal.dumps("interned_name")))


def fails(f, *args, **named):
    try:
        print(f(*args, **named))
    except Exception as e:
        print(type(e).__name__, e)


curled = slice([], None)
curled.start.append(curled)
code = compile("1", "", "eval")
for value in curled, fails, object(), int, [len]:
    fails(marshal.dumps, value)
fails(marshal.dumps, slice(1), 4)
fails(marshal.dumps, loop, 2)
fails(marshal.dumps, [code], allow_code=False)
fails(marshal.loads, marshal.dumps([code]), allow_code=False)
for data in [
    b"", b"l", b"l\2\0\0\0\1\0\0\0", b"l\1\0\0\0\0\x80", b"r\0\0\0\0", b"[\1\0\0\0", b"(\1\0\0\x000", b"?", b"0",
    b"s\xff\xff\xff\xff", b"g\0", b"{N", b"{N0", b"f\x031.5", b"f\3abc", b"x\1" + b"1\x012", b"t\1\0\0\0\xff",
    b"Z\3abc", b"i\1\0", b"<\1\0\0\0[\0\0\0\0", b":NN", b"[\xff\xff\xff\x7f", b"\xbe\1\0\0\0r\0\0\0\0", b"Nrest",
]:
    fails(marshal.loads, data)
for depth in 1999, 2000:
    fails(lambda: len(repr(type(marshal.loads(b"[\1\0\0\0" * depth + b"N")))))
    nested = None
    for _ in range(depth):
        nested = [nested]
    fails(lambda: len(marshal.dumps(nested)))

file = io.BytesIO()
for item in items:
    marshal.dump(item, file)
file.seek(0)


class Stream:
    """A file that cannot go back."""

    def read(self, n):
        return file.read(n)

    def readinto(self, buffer):
        return file.readinto(buffer)


print([marshal.load(Stream()) for _ in items] == items)
fails(marshal.load, Stream())
fails(marshal.load, io.BytesIO(b"s\5\0\0\0ab"))
fails(marshal.load, 5)


class Odd:
    def __init__(self, value):
        self.value = value

    def read(self, n):
        return self.value

    def readinto(self, buffer):
        return len(buffer) + 1


for value in b"", "", None:
    fails(marshal.load, Odd(value))

"""Methods of bytes and bytearray, and struct, called from loops: what they change is seen at once, what they raise
is raised where it should be, and what joins the items of a generator takes them as ever."""
import struct


def joined(separator, n):
    return separator.join(b"%d" % i for i in range(n))


for separator in (b"", b", ", bytearray(b"-")):
    for n in (0, 1, 2, 60):
        result = joined(separator, n)
    print(type(result).__name__, result[:20], len(result))


def items(log, wrong_at, wrong):
    for i in range(12):
        log.append(i)
        yield wrong if i == wrong_at else b"x"


def failing(separator, wrong_at, wrong):
    log = []
    try:
        return separator.join(items(log, wrong_at, wrong)), len(log)
    except TypeError as error:
        return str(error), len(log)


# All items are taken before the first is looked at.
for wrong in (3, "text", None, b"fits", bytearray(b"too"), memoryview(b"as well")):
    print(*[failing(b"", at, wrong) for at in (0, 5, 11)])
print(failing("", 3, "text"))


def raising(n):
    for i in range(n):
        if i == 40:
            raise LookupError(i)
        yield b"y"


for n in (39, 41):
    try:
        print(len(b"+".join(raising(n))))
    except LookupError as error:
        print(type(error), error, error.__traceback__.tb_next.tb_lineno)


class Own(bytes):
    def join(self, items):
        return "own", list(items)


print(Own(b"").join(i for i in range(3)), bytes.join(Own(b"|"), (b"a" for _ in range(3))))


def lengths(n):
    """Each change is seen by the next look."""
    array, seen = bytearray(), 0
    for i in range(n):
        array.append(i & 255)
        seen += len(array) + array[-1] + array.count(i & 255)
        if i % 5 == 4:
            seen += array.pop()
            array.insert(0, 7)
            array.reverse()
            seen += array[0] * 3
        if i % 7 == 6:
            array.remove(array[-1])
            array.extend(b"ab")
        if i % 50 == 49:
            copy = array.copy()
            array.clear()
            seen += len(copy) - len(array)
    return seen, bytes(array[:8])


print(lengths(400))


def append_all(values):
    array, refused = bytearray(), []
    for value in values:
        try:
            array.append(value)
        except (TypeError, ValueError) as error:
            refused.append(str(error))
    return array, refused


print(append_all([1, 2, 255, 256, -1, True, 10 ** 30, "a", b"a", None, 1.5]))


class Index:
    def __index__(self):
        return 65


print(append_all([1] * 20 + [Index()] + [2] * 3))


def resized(lend_at, n=30):
    array, views = bytearray(b"abc"), []
    for i in range(n):
        if i == lend_at:
            views.append(memoryview(array))
        array.append(65)
    return len(array)


print(resized(-1))
try:
    resized(25)
except BufferError as error:
    print(error)

texts = [b"  Some text, %d words \0" % i for i in range(40)]
total = 0
for text in texts:
    plain = text.rstrip(b"\0").strip()
    total += plain.find(b"t") + plain.rfind(b"o") + len(plain.split()) + plain.count(b"o")
    total += plain.startswith(b"Some") + plain.endswith((b"ords", b"x")) + plain.upper().index(b"TEXT")
    total += len(plain.replace(b"o", b"00").partition(b",")[2]) + plain.hex().count("7") + plain.isascii()
print(total, plain.title(), plain.translate(None, b"aeiou"), plain.zfill(30), plain.center(30, b"*"))


def positions(texts, part):
    found = []
    for text in texts:
        try:
            found.append(text.index(part))
        except ValueError as error:
            found.append(str(error))
    return found


print(positions([b"abc", b"bca"] * 12 + [b"xyz", bytearray(b"aac")], b"c")[-4:])

record = struct.Struct("<Ihd")
packed = bytearray(b"".join(record.pack(i, -i, i / 4) for i in range(50)))
total = 0
for i in range(50):
    a, b, c = record.unpack_from(packed, i * record.size)
    d, e, f = record.unpack(packed[i * record.size:(i + 1) * record.size])
    total += a + b + c + d + e * f
    packed[i * record.size] = 0
print(total)
total = 0
for i, (a, b, c) in enumerate(record.iter_unpack(packed)):
    # What comes next is read when it is asked for.
    if i < 49:
        packed[(i + 1) * record.size] = 100
    total += a * c + b
print(total)
try:
    for size in [record.size] * 20 + [3]:
        record.unpack(bytes(size))
except struct.error as error:
    print(size, error)

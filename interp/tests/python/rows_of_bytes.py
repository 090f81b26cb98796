"""Items of bytes, bytearrays and memoryviews in loops: the same memory seen in several ways."""
from array import array


def overlapping(n):
    store = bytearray(64)
    whole, part, wide = memoryview(store), memoryview(store)[1:], memoryview(store).cast("I")
    total = 0
    for i in range(n):
        store[1] = i & 255
        part[0] = (part[0] + 1) & 255
        total += store[1] + whole[1]
        wide[0] = i * 70000 & 0xFFFFFFFF
        total += store[2] + part[1] + whole[0]
        store[i % 64] = i % 7
        total += wide[i % 16] & 0xFFFF
    return total, store.hex()


def words(n):
    a = array("d", [1.5] * 8)
    m = memoryview(a).cast("B")
    total = 0.0
    for i in range(n):
        a[2] = float(i)
        m[16] = i & 15
        total += a[2]
        m[23 - i % 8] ^= 1
        total += m[17]
    return total, bytes(m).hex()


def grows(n):
    b = bytearray()
    total = 0
    for i in range(n):
        b.append(i & 255)
        total += b[-1] + b[0] + len(b)
        if i % 10 == 9:
            del b[:7]
        if i % 50 == 49:
            b += b"abc"
            total += b[len(b) - 1]
    return total, len(b), sum(b)


def errors(x, n):
    seen = []
    for i in range(n):
        try:
            x[i % 9] = i * 3 % 300
        except (IndexError, ValueError, TypeError, BufferError) as e:
            if len(seen) < 4:
                seen.append(f"{type(e).__name__}: {e}")
    try:
        for i in range(n):
            x[i]
    except IndexError as e:
        seen.append(str(e))
    return seen, bytes(x)


def released(n):
    m = memoryview(bytearray(b"abcdef"))
    total = 0
    try:
        for i in range(n):
            if i == n - 3:
                m.release()
            total += m[i % 6]
            m[i % 6] = 1
    except ValueError as e:
        return total, str(e)


def lengths(n):
    total = 0
    for i in range(n):
        m = memoryview(bytearray(i % 5))
        shaped = memoryview(b"123456").cast("B", (2, 3)) if i % 3 == 0 else m
        total += len(m) + len(shaped) + len(b"ab" * (i % 4)) + len(bytearray(i % 3)) + len(m[1:])
    return total


class Odd(bytearray):
    def __getitem__(self, i):
        return 7

    def __len__(self):
        return 3


def subclass(n):
    odd, plain = Odd(b"abc"), bytearray(b"xyz")
    total = 0
    for i in range(n):
        x = odd if i % 4 == 3 else plain
        total += x[i % 3] + len(x)
        for c in x:
            total += c
    return total


def iterate(n):
    b = bytearray(b"12345")
    total = 0
    for i in range(n):
        for c in b:
            total += c
            if len(b) < 40:
                b.append(c ^ 1)
        if i % 9 == 8:
            b.clear()
            b += b"987"
    return total, bytes(b)


N = 300
print(overlapping(N), words(N), grows(N), released(N), lengths(N), subclass(N), iterate(N), sep="\n")
print(errors(bytearray(8), N), errors(memoryview(bytearray(8)), N), sep="\n")
print(errors(memoryview(b"readonly"), N), errors(b"immutable", N), sep="\n")
print(errors(memoryview(bytearray(8)).cast("b"), N), errors(memoryview(bytearray(16))[::2], N), sep="\n")

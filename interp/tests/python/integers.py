"""Integers around the sizes at which their representation changes."""
import operator
import sys

edges = []
for bits in (0, 1, 30, 31, 47, 48, 49, 50, 51, 52, 60, 61, 62, 63, 64, 65, 100, 126, 127, 128, 129, 190, 192, 200, 1000):
    for delta in (-2, -1, 0, 1, 2):
        edges += [(1 << bits) + delta, -(1 << bits) + delta]
edges = sorted(set(edges))
MASK = (1 << 61) - 1


def slow_add(a, b):
    """By bits, so that it shares nothing with what it checks."""
    while b:
        a, b = a ^ b, (a & b) << 1
    return a


total = 0
for a in edges:
    text = str(a)
    assert int(text) == a and int(hex(a), 16) == a and int(bin(a), 2) == a and int(oct(a), 8) == a
    assert eval(text) == a and -(-a) == a and ~(~a) == a and abs(a) == abs(-a) and +a == a
    assert hash(a) == hash(float(a)) or float(a) != a
    h = abs(a) % MASK * (1 if a >= 0 else -1)
    assert hash(a) == (-2 if h == -1 else h)
    assert a.bit_length() == len(bin(abs(a))) - 2 if a else a.bit_length() == 0
    assert a.bit_count() == bin(a).count("1")
    size = a.bit_length() // 8 + 1
    for order in ("little", "big"):
        assert int.from_bytes(a.to_bytes(size, order, signed=True), order, signed=True) == a
    assert {a: 1}[int(text)] == 1 and a in {int(text)} and bool(a) == (text != "0")
    if abs(a) < 1 << 100:
        assert float(a) == float(text) and int(float(1 << 40)) == 1 << 40
    for b in edges:
        s, d, p = a + b, a - b, a * b
        assert s - b == a and d + b == a and (s > a) == (b > 0) and (d < a) == (b > 0)
        assert (a < b) == (d < 0) and (a == b) == (d == 0) and (a <= b) != (a > b) and (a != b) == (d != 0)
        if b:
            q, r = divmod(a, b)
            assert q == a // b and r == a % b and q * b + r == a and (0 <= r < b or b < r <= 0)
            assert p // b == a and p % b == 0
        x, o, n = a ^ b, a | b, a & b
        assert x == o - n and o + n == s and ~(a & b) == ~a | ~b
        total += s % 1000003 + x % 997
    for n in (0, 1, 13, 14, 15, 47, 63, 64, 65, 77, 126, 127, 128, 200):
        assert a << n == a * 2 ** n and a >> n == a // 2 ** n and a << n >> n == a
    for e in (0, 1, 2, 3, 5):
        product = 1
        for _ in range(e):
            product *= a
        assert a ** e == product
        assert pow(a, e, 97) == product % 97
print(len(edges), total)
for a, b in [(3, 5), (2 ** 64 - 1, 1), (2 ** 63, 2 ** 63), (2 ** 127 - 1, 1), (2 ** 126, 2 ** 126)]:
    assert slow_add(a, b) == a + b
print(2 ** 127 - 1 + 1, -(2 ** 127) - 1, 2 ** 64 * 2 ** 63, -(2 ** 63) * 2 ** 64, (-(2 ** 127)) // -1, -(-(2 ** 127)))
print((2 ** 127) // 3, -(2 ** 127) // 3, (2 ** 127 + 1) % -7, 2 ** 100 / 2 ** 99, 10 ** 40 / 3, 7 / 2 ** 80)
print(2 ** 63 / 7, (2 ** 53 + 1) / 1, float(2 ** 64 + 2 ** 11), float(2 ** 127 - 1), 2 ** 64 < 1.9e19, 2 ** 70 == 2.0 ** 70)
print(True + 2 ** 63, True & 2 ** 70, 2 ** 70 | False, round(2 ** 70 + 5, -1), sum([2 ** 63] * 5), int(1e30), int("1" * 60))
for op in (operator.floordiv, operator.mod, operator.truediv, operator.lshift, operator.rshift, operator.pow):
    for a, b in ((2 ** 70, 0), (2 ** 130, 0), (2 ** 70, -1), (2 ** 130, -1), (0, -1)):
        try:
            print(op(a, b))
        except (ZeroDivisionError, ValueError) as e:
            print(type(e).__name__, e)
for call in ("range(2 ** 70)[2 ** 69]", "len(range(2 ** 70))", "[1][2 ** 70]", "'a' * 2 ** 70", "[0][:2 ** 130]", "chr(2 ** 70)",
             "bytes([2 ** 64])", "(2 ** 64).to_bytes(8)", "(-1).to_bytes(2)", "1.0 * 10 ** 400", "10 ** 400 > 1e308", "int('9' * 5000)"):
    try:
        print(eval(call))
    except (OverflowError, IndexError, ValueError) as e:
        print(type(e).__name__, e)
state = 1
for _ in range(2000):
    state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
    state ^= state >> 33
print(state, state.__class__, sys.getsizeof(2 ** 64), sys.getsizeof(2 ** 200), f"{2 ** 90:,} {2 ** 90:x} {-(2 ** 90):_b}")
import copy, marshal, pickle, struct
for a in edges:
    assert pickle.loads(pickle.dumps(a)) == a and copy.deepcopy([a]) == [a] and marshal.loads(marshal.dumps(a)) == a
print(struct.pack("<Q", 2 ** 64 - 1), struct.pack("<q", -(2 ** 63)), struct.unpack("<Q", b"\xff" * 8))


class MyInt(int):
    pass


print(MyInt(2 ** 80) + 1, type(MyInt(2 ** 80) + 0), MyInt(2 ** 80) == 2 ** 80, hash(MyInt(2 ** 80)) == hash(2 ** 80))
fact = 1
for i in range(1, 60):
    fact *= i
print(fact, str(fact * fact)[-60:])


def masked_rounds(n):
    """Masks, shifts and remainders carried around a loop: their bounds are used, and hold."""
    a, b, c, h = 1, 2**31, 0xFFFFFFFF, 7
    out = []
    for i in range(n):
        a = (a << 5 | a >> 27) & 0xFFFFFFFF
        b = (b * 16807) % 2147483647
        c = (c ^ a) + (b << 3) & 0xFFFFFFFF
        h = (h * 31 + c) % 1000003
        a, b = b, (a + h) & 0xFFFFFFFF
        if i % 50 == 49:
            out.append((a, b, c, h, a // 7, -a // 7, -b % 13))
        if i == n // 2:
            b = -b
            c = -c << 20
            h = -h
        if i == n // 2 + 3:
            a = 2**70 + 1
    return out


for _ in range(3):
    print(masked_rounds(300))

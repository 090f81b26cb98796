"""Integers of one limb to many: what the operators, methods and conversions make of them."""
import marshal
import math
import pickle
import sys
import zlib


class Numbers:
    """Alike in each run, and with many zeros and ones, where carries go wrong."""

    def __init__(self, seed):
        self.state = seed

    def word(self):
        x = self.state
        x ^= x << 13 & 0xFFFFFFFFFFFFFFFF
        x ^= x >> 7
        x ^= x << 17 & 0xFFFFFFFFFFFFFFFF
        self.state = x
        return x * 0x2545F4914F6CDD1D & 0xFFFFFFFFFFFFFFFF

    def below(self, n):
        return (self.word() >> 11) % n

    def number(self):
        bits = (1, 10, 49, 50, 62, 63, 64, 65, 126, 127, 128, 129, 192, 193, 500, 1300)[self.below(16)]
        kind = self.below(6)
        if kind == 0:
            n = 1 << bits
        elif kind == 1:
            n = (1 << bits) - 1
        elif kind == 2:
            n = (1 << bits) + 1
        elif kind == 3:
            n = ((1 << bits) - 1) ^ ((1 << bits // 2) - 1)
        else:
            n = 0
            for _ in range(bits // 64 + 1):
                n = n << 64 | self.word()
            n &= (1 << bits) - 1
        return -n if self.below(5) < 2 else n


def outcome(f, *args, **names):
    try:
        return f(*args, **names)
    except (ArithmeticError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def digest(values):
    return zlib.crc32("\n".join(map(repr, values)).encode())


numbers = Numbers(88172645463325252)
pairs = [(numbers.number(), numbers.number()) for _ in range(22)]

print("sums", digest([(a + b, a - b, -a, abs(a), ~a, a + 1, a - 1) for a, b in pairs]))
print("products", digest([(a * b, a * a, a * 3, a * -1, a * 0) for a, b in pairs]))
print("quotients", digest([outcome(f, a, n) for a, b in pairs for n in (b, b >> 40, 7, -1)
                           for f in (divmod, lambda x, y: x // y, lambda x, y: x % y)]))
print("ratios", digest([outcome(lambda: a / b) for a, b in pairs]))
print("bits", digest([(a & b, a | b, a ^ b, a.bit_length(), a.bit_count()) for a, b in pairs]))
print("shifts", digest([(a << n, a >> n) for a, _ in pairs for n in (0, 1, 63, 64, 65, 130, 2000)]))
print("powers", digest([a ** n for a, _ in pairs if a.bit_length() < 200 for n in (0, 1, 2, 3, 7, 12)]))
print("modulo", digest([outcome(pow, a, n, b) for a, b in pairs for n in (0, 1, 2, 5, 65537, -1, abs(a) >> 1200 | 1 << 30)]))
print("order", digest([(a < b, a == b, a >= b, a < 1e30, a == float(a >> 1290), hash(a)) for a, b in pairs]))
print("text", digest([(str(a), hex(a), oct(a), bin(a), f"{a:,}", f"{a:_x}", f"{a:+#o}", "%x" % a, "%d" % a) for a, _ in pairs]))
print("read", all(int(str(a)) == int(hex(a), 16) == int(oct(a), 8) == int(bin(a), 0) == a for a, _ in pairs))
print("floats", digest([outcome(float, a) for a, _ in pairs]))
print("bytes", digest([outcome(a.to_bytes, n, order, signed=signed) for a, _ in pairs for n in (0, 7, 8, 9, 16, 40, 200)
                       for order in ("little", "big") for signed in (False, True)]))
for order in ("little", "big"):
    for signed in (False, True):
        made = [a if signed else abs(a) for a, _ in pairs]
        data = [a.to_bytes(a.bit_length() // 8 + 1, order, signed=signed) for a in made]
        print("of bytes", order, signed, [int.from_bytes(d, order, signed=signed) for d in data] == made)
print("divisors", digest([(math.gcd(a, b), math.gcd(a * b, b * 12), math.lcm(a, b), math.isqrt(abs(a))) for a, b in pairs]))
print("stored", all(pickle.loads(pickle.dumps(a)) == marshal.loads(marshal.dumps(a)) == a for a, _ in pairs))
print("rounded", digest([(round(a, -1), round(a, -30)) for a, _ in pairs]))


class Count(int):
    pass


class Hashed:
    def __init__(self, value):
        self.value = value

    def __hash__(self):
        return self.value


# What fits a word is taken as it is, the rest modulo a prime.
print([(hash(n), hash(Hashed(n))) for n in (2 ** 61 - 1, 2 ** 61 + 5, -2 ** 63, 2 ** 64, -2 ** 100, -1, 2 ** 50)])


large = Count(1 << 70)
print(type(large + 1).__name__, large + 1, large == 1 << 70, large.bit_length(), -large, {large: 1}[1 << 70])
print(sum([1 << 64, -1, 1 << 64]), max(1 << 64, (1 << 64) + 1), sorted([1 << 80, -(1 << 80), 5, 1 << 64])[0])
print([(1 << 2000) % n for n in (3, 1 << 64, (1 << 64) + 1, -((1 << 130) + 7))])


def bloom(count):
    """Set and cleared bits of one long number, in a loop that gets compiled."""
    bits = 0
    for i in range(count):
        bits |= 1 << i * 7919 % 700
        bits &= ~(1 << i * 104729 % 700)
        bits ^= 1 << 699
    return bits


def generator(count):
    """Words of 64 bits: products of 128, masked."""
    x, total = 88172645463325252, 0
    for _ in range(count):
        x = x * 6364136223846793005 + 1442695040888963407 & 0xFFFFFFFFFFFFFFFF
        total ^= (x ^ x >> 31) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        total -= x >> 1
    return x, total


def fibonacci(count):
    a, b = 0, 1
    for _ in range(count):
        a, b = b, a + b
    return a


print(hex(bloom(100)), generator(100), fibonacci(250))
print(outcome(lambda: 1 << (1 << 70)), outcome(lambda: 1 >> (1 << 70)), outcome(lambda: -1 >> (1 << 70)),
      outcome(lambda: (1 << 70) << -1), outcome(lambda: 0 << (1 << 70)), outcome(lambda: (1 << 70) // 0))
print((-1) ** (1 << 70), 1 ** (1 << 70), 0 ** (1 << 70), outcome(lambda: 0 ** -(1 << 70)), (1 << 70) ** 0, (1 << 70) ** -1)


def shifted(x, k):
    try:
        return x << (1 << k)
    except (MemoryError, OverflowError) as e:
        return repr(e)


print([shifted(x, k) for x in (0, 1, -5, 7**90) for k in (61, 62, 63, 64)])

"""Integers about the sizes at which their form changes: 50, 128 and 1024 bits."""

edges = [0, 1, 3, 10**18, 2**49, 2**50 - 1, 2**63, 2**64 - 1, 2**127 - 1, 2**127, 2**128, 3**100, 10**100 + 7,
         2**1023, 2**1024 - 1, 2**1024, 7**400]
numbers = edges + [-n for n in edges]


def check(a, b):
    """What holds of any two numbers, whatever forms they have."""
    assert a + b - b == a and a - b + b == a and -(a - b) == b - a
    assert (a & b) + (a | b) == a + b and a ^ b == (a | b) - (a & b)
    assert ~a == -a - 1 and ~(a & b) == ~a | ~b
    assert (a < b) == (b > a) == (a - b < 0) and (a == b) == (a - b == 0)
    assert hash(a * b) == hash(b * a) and a * b - a * (b - 1) == a
    if b:
        q, r = divmod(a, b)
        assert q * b + r == a and abs(r) < abs(b) and (r == 0 or (r < 0) == (b < 0))
        assert (a // b, a % b) == (q, r)


for a in numbers:
    for b in numbers:
        check(a, b)
print("arithmetic")

totals = [0] * 9
for a in numbers:
    for b in numbers:
        results = (a + b, a - b, a * b, a & b, a | b, a ^ b, a // b if b else 0, a % b if b else 0)
        for i, r in enumerate(results):
            totals[i] = hash((totals[i], r))
print(totals)

for a in edges:
    for n in (0, 1, 13, 63, 64, 65, 127, 128, 129, 1000, 1025):
        for v in (a, -a):
            assert v << n == v * 2**n and v >> n == v // 2**n, (v, n)
            assert (v << n) >> n == v
print("shifts")

for n in numbers:
    text = str(n)
    assert int(text) == n and eval(text) == n and int(hex(n), 16) == n and f"{n:d}" == text
    assert hash(n) == hash(n + 0) and {n: 1}[n + 1 - 1] == 1
    assert n.bit_length() == len(bin(abs(n))) - 2 or n == 0
    size = n.bit_length() // 8 + 1
    assert int.from_bytes(n.to_bytes(size, signed=True), signed=True) == n
    assert n.bit_count() == bin(n).count("1")
    if n.bit_length() < 1000:
        assert float(n) == n + 0.0 and int(float(2**n.bit_length())) == 2**n.bit_length()
print("text and bytes")
print([str(n)[-6:] for n in edges])
print([hash(n) for n in edges])

for length in (18, 19, 20, 37, 38, 39, 40, 307, 308, 309, 310):
    n = int("9" * length)
    assert n == 10**length - 1 and str(n) == "9" * length, length
    assert int("-" + "1" * length) == -(n // 9) and int("0" * length + "7") == 7
    assert int("1_" * length + "1") == 10**(length + 1) // 9
try:
    int("9" * 5000)
except ValueError as e:
    print(e)
for bad in ("9" * 40 + "x", "9" * 40 + "_", "9" * 20 + " 9"):
    try:
        int(bad)
    except ValueError as e:
        print(e)

import math
for a in edges:
    for b in edges:
        g = math.gcd(a, -b)
        assert (g == 0) == (a == b == 0) and (not g or a % g == b % g == 0)
        assert math.lcm(a, b) * g == a * b and math.gcd(a * 6, b * 6) == g * 6
        if g:
            assert math.gcd(a // g, b // g) == 1
assert math.gcd(2**300 * 3**50, 2**100 * 3**90) == 2**100 * 3**50
print(math.lcm(), math.lcm(0, 5), math.lcm(-4, 6), math.lcm(2**49 - 1, 2**49 - 3), math.gcd(10**50, 6**60))
assert all(math.comb(n, k) == math.comb(n - 1, k - 1) + math.comb(n - 1, k) for n in range(1, 75) for k in range(1, n))
assert all(math.perm(n, k) == math.perm(n, k - 1) * (n - k + 1) for n in range(1, 45) for k in range(1, n + 1))
print(math.comb(62, 31), math.comb(2**40, 2), math.comb(5, 0), math.perm(2**40, 5), math.perm(5, 6))


class Whole(int):
    def __xor__(self, other):
        raise AssertionError("~ does not ask")

    __rsub__ = __sub__ = __xor__


print(~Whole(2**200) == -2**200 - 1, -Whole(3**200) == -3**200, 2**200 // Whole(2**199))
for zero in (lambda n: n // 0, lambda n: n % 0, lambda n: divmod(n, 0), lambda n: n << -1, lambda n: n >> -1):
    try:
        zero(3**100)
    except (ZeroDivisionError, ValueError) as e:
        print(type(e).__name__, e)

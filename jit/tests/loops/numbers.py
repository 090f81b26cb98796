"""Integers and floats stay in registers; what overflows or changes type leaves by a guard."""

import cmath
import math


def count_up(n):
    i = 0
    while i < n:
        i += 1
    return i


def sum_of_range(n):
    total = 0
    for i in range(n):
        total += i
    return total


def bounded_sum(n):
    total = 0
    for i in range(n):
        total = (total + i) & 0xFFFF
    return total


def mixed_operators(n):
    x = 1
    for i in range(n):
        x = (x * 31 + i // 3 - i % 7) % 65521
    return x


def shifts(n):
    x = 1
    for i in range(n):
        x = (x << 1 ^ i >> 2) & 0xFFFFF
    return x


def comparisons(n):
    hits = 0
    for i in range(n):
        if 100 <= i < n - 5:
            hits += 1
    return hits


def float_sum(n):
    total = 0.0
    for i in range(n):
        total += i * 0.5
    return total


def float_expression(n):
    x = 0.5
    for i in range(n):
        x = x * 1.5 - x * x * 0.25
        if x > 1e6:
            x = 0.5
    return x


def float_constant_division(n):
    total = 0.0
    for i in range(n):
        total += 1.0 / 3.0
    return total


def absolute(n):
    total = 0
    for i in range(n):
        total += abs(5 - 7)
    return total


def smaller(n):
    best = n
    for i in range(n):
        best = min(best, 10)
    return best


def negated(n):
    x = 1.0
    for i in range(n):
        x = -x
    return x


def truth_of_numbers(n):
    odd = 0
    for i in range(n):
        if i & 1:
            odd += 1
    return odd


def complex_step(n):
    z = 0j
    for i in range(n):
        z = z * 0.5j + 1j if False else z + 1j
    return z


def boolean_result(n):
    hits = 0
    for i in range(n):
        hits += i == 7
    return hits


def nested(n):
    total = 0
    for i in range(n // 10):
        for j in range(10):
            total += j
    return total


def converted(n):
    total = 0.0
    for i in range(n):
        total += float(i)
    return total


def swapped(n):
    a, b = 0, 1
    for i in range(n):
        a, b = b, (a + b) & 0xFFFFFF
    return a


def stepped_range(n):
    total = 0
    for i in range(n, 0, -1):
        total += i
    return total


def truncated(n):
    total, x = 0, 0.25
    for i in range(n):
        x = 3.7 * x * (1.0 - x)
        total += int(x * 16)
    return total


def waves(n):
    total = 0.0
    for i in range(n):
        total += math.sin(i * 0.5) + math.sqrt(i)
    return total


def extremes(n):
    low = high = 0
    for i in range(n):
        low = min(low, i % 7, 3)
        high = max(high, abs(i - 50))
    return low, high


def inner_range(n):
    total = 0
    for i in range(n // 5):
        for j in range(i, i + 5):
            total += j % 7
    return total


def hashed(n):
    data = bytes(range(50))
    h = 0
    for i in range(n // 50):
        for b in data:
            h = (h * 31 + b) % 65521
    return h


def complex_squares(n):
    z = 0j
    for i in range(n):
        z = z * z + (0.25 - 0.5j)
        if z.real > 4.0:
            return i
    return z


def complex_and_real(n):
    z = 1j
    for i in range(n):
        z = (z * 2.0 - i) / 3.0
    return -z


def complex_quotient(n):
    z = 1 + 1j
    for i in range(n):
        z = (z + 1.0) / (2.5 - 1j)
    return z


def complex_size(n):
    z, total = 1 + 1j, 0.0
    for i in range(n):
        z = complex(i, total).conjugate()
        total = abs(z) * 0.5
    return total


def plus_sign(n):
    total = 0
    for i in range(n):
        total += +i
    return total


def powers_of_floats(n):
    total = 0.0
    for i in range(n):
        x = i - 500.5
        total += (x**2 + 1.0) ** 1.5
    return total


def complex_exponentials(n):
    total = 0j
    for i in range(n):
        total += cmath.exp(0.5j * i)
    return total

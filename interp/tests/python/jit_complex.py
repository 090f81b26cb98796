# Complex numbers in loops: the compiled arithmetic agrees with the built-in one, down to
# the signs of zeros and to infinities.
import cmath
import math

INF, NAN = math.inf, math.nan


def mandelbrot(c, limit):
    z = 0j
    for i in range(limit):
        z = z * z + c
        if abs(z) > 2:
            return i
    return limit


print([mandelbrot(complex(x / 4, y / 4), 60) for x in range(-8, 3) for y in (0, 2, 3)])


def horner(coefficients, z):
    r = 0
    for c in coefficients:
        r = r * z + c
    return r


for _ in range(60):
    p = horner([1, 2.5, True, 3j, -1], 0.5 + 0.25j)
print(p)


def mixed(values, others):
    out = []
    for a in values:
        for b in others:
            out.append((a + b, b + a, a - b, b - a, a * b, b * a))
            if b:
                out.append(a / b)
            if a:
                out.append(b / a)
    return out


PARTS = [0.0, -0.0, 1.5, -2.0, INF, -INF, NAN]
NUMBERS = [complex(a, b) for a in PARTS for b in PARTS]
REALS = [0.0, -0.0, 3, -2, True, False, 0.5, INF, NAN, 2**70, -(2**53) - 1]
for values in ([1 + 2j, -0.0j, 3 - 1j], NUMBERS):
    for _ in range(3):
        result = mixed(values, REALS)
    print(len(result), hash(repr(result)) == hash(repr(mixed(values, REALS))))
    print(repr(result[:9]))
text = repr(mixed(NUMBERS, REALS))
print(len(text), sum(map(ord, text)))


def both(numbers):
    out = []
    for a in numbers:
        for b in numbers:
            out.append(a * b)
            if b:
                out.append(a / b)
            out.append(a - b + (b + a))
    return out


text = repr(both(NUMBERS))
print(len(text), sum(map(ord, text)))


def signs(numbers):
    out = []
    for z in numbers:
        out.append((-z, +z, z.conjugate(), z.real, z.imag, z == z.conjugate(), z != 0, bool(z), not z))
    return out


for _ in range(3):
    text = repr(signs(NUMBERS))
print(len(text), sum(map(ord, text)))


def equal(a, others):
    n = 0
    for b in others:
        if a == b:
            n += 1
        if b != a:
            n += 100
    return n


for _ in range(30):
    result = [equal(a, [1, 1.0, True, 1 + 0j, 1j, -0.0, 2**53 + 1, None, "1"]) for a in (1 + 0j, 0j, 2.0**53 + 0j, 1j)]
print(result)


def divide(n, step):
    z, total = 1 + 1j, 0j
    for i in range(n):
        z = z / (step - i * 1j)
        total += 1 / (z + i)
        total -= z / (i + 1)
    return total


print(divide(100, 3.0), divide(50, -1 / 2))


def zero_division(n):
    try:
        z = 1j
        for i in range(n, -1, -1):
            z = z + 1 / complex(0, i)
        return z
    except ZeroDivisionError as e:
        return str(e), i


print(zero_division(80))


def too_large(n):
    z = 1 + 1j
    try:
        for i in range(n):
            z = z * 2
            size = abs(z)
        return size
    except OverflowError as e:
        return str(e), i


print(too_large(50), too_large(1100))


def made(n):
    total = 0
    for i in range(n):
        total += complex(i) + complex(i, 0.5) + complex(True, i) + complex(1j) + complex()
    return total


print(made(100))


def exps(n):
    return sum(cmath.exp(-2j * cmath.pi * k / n) * cmath.phase(k + 1j) for k in range(n))


print(f"{exps(200):.9f}")


class Signal:
    def __init__(self, gain):
        self.gain = gain

    def apply(self, values):
        state = 0j
        kept = []
        for v in values:
            state = state * self.gain + v
            if len(kept) < 3 or state.real < 0:
                kept.append(state)
        return len(kept), state


s = Signal(0.9j)
for _ in range(5):
    print(s.apply([1.0, 2, 3j, True, -1.5] * 20))


def powers(z, n):
    out = []
    for i in range(n):
        out.append(z ** (i % 4))
        z *= 0.99 + 0.1j
    return sum(out)


print(powers(1 + 1j, 100))

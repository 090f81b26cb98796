"""Powers of floats in loops: of either sign, to whole and other exponents, too large, of zero."""


def powers(bases, exponent):
    found = []
    for base in bases:
        try:
            found.append(base**exponent)
        except (ZeroDivisionError, OverflowError) as error:
            found.append(f"{type(error).__name__}: {error}")
    return found


def squares(n):
    total = 0.0
    for i in range(n):
        x = i * 0.5 - n / 4
        total += x**2 + (x * x) ** 1.5
    return total


def cubes(n):
    total = 0.0
    for i in range(n):
        total += (i * 0.5 - n / 4) ** 3
    return total


nan, infinity = float("nan"), float("inf")
small = [1.5, 2.25, 0.75, 3.0] * 4
odd = [*small, -1.5, 0.0, -0.0, infinity, -infinity, nan, 1e200, -1e200, 1e-200, *small]
for exponent in (2, 2.0, 3.0, 1.5, 0.5, -0.5, -1.5, -2, 0.0, 0, infinity, -infinity, nan, 1e300, True):
    print(exponent, powers(odd, exponent))
print(squares(3000), cubes(3000))
for exponent in (1.5, -1.5, 0.5, 2.0):
    print(powers([4.0, 9.0, 4, 9, True, 10**20, 16.0] * 3, exponent))
print([repr((-8.0) ** e) for e in (1 / 3, 2.0, -3.0, 0.5)])


def unlike(n, pow=__import__("math").pow):
    """How many squares and roots are not what the C library's function gives."""
    state, different = 12345, 0
    for i in range(n):
        state = state * 1103515245 + 12345 & 0x7FFFFFFFFFFF
        x = state / 2.0 ** (i % 90) + (i & 3)
        if x**2 != pow(x, 2.0):
            different += 1
        if x**0.5 != pow(x, 0.5):
            different += 1
        if i % 16 == 0:
            x = float(i >> 4)
        if (-x) ** 2 != pow(-x, 2.0) or x**0.5 != pow(x, 0.5):
            different += 1
    return different


print(unlike(30000))

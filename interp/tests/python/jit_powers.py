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
    """How many powers are not what the C library's function gives, by exponent."""
    state, different = 12345, [0] * 9
    for i in range(n):
        state = state * 1103515245 + 12345 & 0x7FFFFFFFFFFF
        x = float(i >> 4) + 1.0 if i % 16 == 0 else state / 2.0 ** (i % 90) + (i & 3) + 1e-30
        different[0] += x**2 != pow(x, 2.0)
        different[1] += x**0.5 != pow(x, 0.5)
        different[2] += x**1.5 != pow(x, 1.5)
        different[3] += x**3 != pow(x, 3.0)
        different[4] += x**-1 != pow(x, -1.0)
        different[5] += x**-0.5 != pow(x, -0.5)
        different[6] += x**-1.5 != pow(x, -1.5)
        different[7] += x**-2 != pow(x, -2.0)
        different[8] += x**-3 != pow(x, -3.0)
        x = -x
        different[0] += x**2 != pow(x, 2.0)
        different[3] += x**3 != pow(x, 3.0)
        different[4] += x**-1 != pow(x, -1.0)
        different[7] += x**-2 != pow(x, -2.0)
        different[8] += x**-3 != pow(x, -3.0)
    return different


def of_sizes(n):
    """The same far from one, where some results are too large, too small or denormal."""
    for exponent in range(-n, n, 5):
        try:
            x = 1.1 * 2.0**exponent
            yield hash((x**2, x**0.5, x**1.5, x**3, x**-1, x**-0.5, x**-1.5, x**-2, x**-3)) % 1000
        except (OverflowError, ZeroDivisionError) as error:
            yield str(error)


print(unlike(3000))
print(sum(of_sizes(340)), list(of_sizes(1073))[::41])

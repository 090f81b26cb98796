"""Functions of `cmath` in loops: of complex and real numbers, at the limits, and where they fail."""
import cmath
import math
import weakref

FUNCTIONS = [
    cmath.acos, cmath.acosh, cmath.asin, cmath.asinh, cmath.atan, cmath.atanh, cmath.cos, cmath.cosh, cmath.exp,
    cmath.log, cmath.log10, cmath.sin, cmath.sinh, cmath.sqrt, cmath.tan, cmath.tanh,
]


def looped(f, numbers):
    out = []
    for z in numbers:
        try:
            w = f(z)
        except (ValueError, OverflowError) as error:
            out.append(f"{type(error).__name__}: {error}")
        else:
            out.append(f"{w.real:.12g},{w.imag:.12g}")
    return out


NUMBERS = [complex(i / 7 - 1, i / 5 - 2) for i in range(0, 14, 2)]
LIMITS = [
    0j, -0.0, complex(-0.0, -0.0), 1, True, -1.5, 1e308, 1e-320, complex(1e200, 1e200), complex(710, 3), complex(-745, 1),
    complex(math.inf, 1), complex(1, math.inf), complex(math.nan, 1), math.inf, 10**20, complex(0, 1), complex(0, -1),
]


def main():
    for f in FUNCTIONS:
        print(f.__name__, *looped(f, NUMBERS))
        print(f.__name__, *looped(f, NUMBERS[:6] + LIMITS))


def turning(n):
    z, w = 1 + 0j, 0j
    for i in range(n):
        w = w * 0.5 + cmath.exp(-2j * cmath.pi * i / n) * z
        z = cmath.sqrt(w * w + 1)
    return w, z


def overflowing(start):
    x = start
    for i in range(40):
        x += 30
        try:
            y = cmath.exp(x)
        except OverflowError as error:
            return i, str(error)
    return y


class Odd:
    def __complex__(self):
        return 2j


def mixed():
    total = 0j
    for z in [1j, 2.0, 3, Odd()] * 8:
        total += cmath.sin(z) + cmath.log(z, 2)
    for wrong in ["x", None]:
        try:
            cmath.exp(wrong)
        except TypeError as error:
            print(error)
    return f"{total:.9g}"


def weak_keys():
    """What is found by weak references, among them such to one object and to equal ones."""
    class Equal:
        def __init__(self, n):
            self.n = n

        def __eq__(self, other):
            compared.append(self.n)
            return isinstance(other, Equal) and self.n == other.n

        def __hash__(self):
            return self.n

    compared = []
    one, same = Equal(1), Equal(1)
    table = weakref.WeakKeyDictionary({int: "int", str: "str", one: "one"})
    found = []
    for _ in range(20):
        found.append((table[int], table[str], table[one], table.get(float), same in table))
    return set(found), len(compared)


main()
print([f"{z:.9g}" for z in turning(60)], overflowing(-100), overflowing(-2000).real > 0)
print(mixed())
print(weak_keys())

"""Slices of lists read and written, with plain bounds and others, in loops that the machine specialises."""


class Index:
    def __init__(self, value, then=None):
        self.value, self.then = value, then

    def __index__(self):
        if self.then:
            self.then()
        return self.value


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as error:
        print(type(error).__name__, error)


def rotate(n):
    items = list(range(n))
    for k in range(2, n):
        items[:k] = items[k - 1::-1]
        items[1:k] = items[k - 1:0:-1]
        items[::2] = items[::2][::-1]
    return items


print(rotate(12), rotate(3))
a = list(range(10))
a[2:4] = a
print(a, len(a))
a[:] = [a, 1][1:]
print(a)
a[5:] = (2, 3)
a[:0] = iter("xy")
a[-1:] = []
print(a, a[::-2], a[10:], a[-100:100:3], a[3:1])
b = [0] * 6
b[1::2] = [1, 2, 3]
b[::-3] = "zw"
print(b)
attempt(b.__setitem__, slice(None, None, 2), [1])
attempt(b.__setitem__, slice(0, 2), 5)
attempt(b.__setitem__, slice(0, 2, 0), [])
attempt(b.__getitem__, slice("x", 2))
attempt(b.__getitem__, slice(None, None, 0))
b[Index(1):Index(3)] = [9]
print(b[Index(0):Index(3):Index(2)])

# Bounds that change the list.
c = list(range(8))
print(c[Index(0, c.clear):5], c)
c = list(range(8))
c[Index(0, c.clear):5] = [1]
print(c)


class Items(list):
    def __getitem__(self, key):
        return key

    def __setitem__(self, key, value):
        print(key, value)


d = Items([1, 2])
print(d[1:], d[::2])
d[:1] = [3]


def nothing(n):
    try:
        None[:n] = 1
    except TypeError as error:
        return str(error)


print(nothing(2))

# Numbers and containers of one type, by operators.
print([1] + [2], (1,) + (), {1, 2} & {2}, {1} | {2}, {1, 2} - {1}, {1} ^ {2}, frozenset([1]) | {3})
print({1: 2} | {3: 4}, b"a" + b"b", 1j * 2j, 1j + 2, 3 - 1j, 2.5 * 1j, 1 / 2j, True * 1j, 10**30 * 1j)
for f in (lambda: [1] * [2], lambda: (1,) * (2,), lambda: "a" * "b", lambda: {} + {}, lambda: 1j // 2j,
          lambda: 1j / 0, lambda: 1j / 0j, lambda: "%d" % "x", lambda: {1} + {2}, lambda: (1,) - (2,)):
    attempt(f)
e = {1, 2}
e |= {3}
e &= {1, 3}
f = [1]
g = f
f += [2]
h = (1,)
h += (2,)
print(e, g, h)


class Complex(complex):
    def __add__(self, other):
        return "added"

    def __rmul__(self, other):
        return "multiplied"


print(Complex(1) + 1j, 1j * Complex(2), 2 * Complex(2), Complex(3) * 2)

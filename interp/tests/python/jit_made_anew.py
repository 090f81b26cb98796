# Functions and classes that are made again and again, with other defaults, by code that stays hot.


def defaults(n):
    def f(x, y=[], z=3, *, k={}):
        y.append(x)
        return x + z + len(y) + len(k)

    total = 0
    for i in range(n):
        total += f(i) + f(i, z=1) + f(x=i, y=[1, 2])
    return total, f.__defaults__[0][:2]


def bound_early(n):
    total = 0
    for i in range(n):
        f = lambda x, i=i, j=(i, 1): x + i + j[0]
        total += f(3) + f(3, 4) + f(3, j=(2,))
    return total


def changed(n):
    def f(a, b=2):
        return a * b

    out = []
    for i in range(n):
        if i == n // 2:
            f.__defaults__ = (2.5,)
        if i == n // 2 + 3:
            f.__defaults__ = None
        if i == n // 2 + 6:
            f.__defaults__ = ("x", 3)
        try:
            out.append(f(i))
        except TypeError as e:
            out.append(str(e))
        if i == n // 2 + 7:
            out.append(f())
            break
    return out[n // 2 - 1 :]


def recursive(n):
    def walk(i, seen=[], step=1):
        seen.append(i)
        return len(seen) if i <= 0 else walk(i - step)

    return walk(n)


for _ in range(4):
    print(defaults(90), bound_early(90), changed(40), recursive(30))


# A class for each call: what was compiled for the classes before fits none of the next.
def counted(n):
    class C:
        __slots__ = ("x",)

        def __init__(self):
            self.x = 0

        def step(self, by):
            self.x += by
            return self

    c = C()
    for i in range(n):
        c = c.step(i & 3)
    return c.x


print(sum(counted(n % 200) for n in range(60)), sum(counted(400) for n in range(70)))

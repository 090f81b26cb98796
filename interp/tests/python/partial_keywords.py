"""functools.partial with keywords, in loops: bound, overridden, changed behind its back."""
import functools


def f(a, b=2, *rest, c=3, **more):
    return a, b, rest, c, list(more.items())


def kw_only(*, x, y=1):
    return x * 10 + y


class Counter:
    def __init__(self):
        self.n = 0

    def add(self, by, times=1):
        self.n += by * times
        return self.n


def loop(p, *args):
    last = None
    for i in range(120):
        last = p(i, *args)
    return last


def run(p, n=120):
    out = []
    for i in range(n):
        try:
            r = p(i)
        except TypeError as e:
            r = str(e)
        if not out or out[-1] != r and i % 40 == 0:
            out.append(r)
    return out


print(run(functools.partial(f, c=5)), run(functools.partial(f, z=1, y=2, b=9)))
print(run(functools.partial(f, 1, d=4, c=0)), run(functools.partial(f, a=1)))
print(run(functools.partial(kw_only, x=3)))


def no_arguments():
    p, total = functools.partial(kw_only, x=3), 0
    for i in range(150):
        total += p()
        if i == 70:
            p.keywords["y"] = 7
        if i == 100:
            p.keywords["x"] = 1
        if i == 130:
            del p.keywords["y"]
    return total


def changed():
    p, seen = functools.partial(f, z=1, y=2), []
    for i in range(150):
        r = p(i)
        if i == 60:
            p.keywords["z"] = p.keywords.pop("z")
        if i == 90:
            p.__setstate__((f, (7,), {"c": 8}, {}))
        if i % 30 == 29:
            seen.append(r)
    return seen


def many():
    total = 0
    for i in range(150):
        p = functools.partial(kw_only, x=i % 3, y=i % 2)
        total += p()
    return total


counter = Counter()
print(no_arguments(), changed(), many(), loop(functools.partial(counter.add, times=3)), counter.n)


class Sub(functools.partial):
    pass


print(run(Sub(f, c=1)), run(functools.partial(functools.partial(f, b=1), c=2)))

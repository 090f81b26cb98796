"""Loops and functions with many ways through them: values pass from trace to trace."""
import gc

SCALE = 2


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def turned(self, k):
        if k == 0:
            return Vec(-self.y, self.x)
        if k == 1:
            return Vec(self.x, -self.y)
        return self


def walk(n):
    """Objects that exist in parts only, floats, and small and large integers."""
    at, total, big = Vec(0.0, 1.5), 0.0, 1
    for i in range(n):
        step = Vec(i * 0.5, 1.0)
        k = i * 7 % 11
        if k == 0:
            at = at + step
        elif k == 1:
            at = (at + step).turned(0)
        elif k == 2:
            at = step.turned(1) + at
            big = big * 3 % (1 << 61)
        elif k == 3:
            big += i << 40
        elif k == 4:
            total += at.x
        elif k == 5:
            step.x = at.y
            total -= step.x
        elif k == 6:
            at = Vec(at.x % 1000.0, at.y % 1000.0)
        elif k == 7:
            total += (big & 0xFFFF) * SCALE
        else:
            at.x += step.y
    return round(total, 3), round(at.x, 3), round(at.y, 3), big


def types(n, values):
    """A local whose type changes while side traces know of another."""
    acc = 0
    for i in range(n):
        v = values[i % len(values)]
        if i % 3 == 0:
            if isinstance(v, str):
                acc += len(v)
            else:
                acc += v
        elif i % 3 == 1:
            acc = acc + 0.5 if i > n // 2 else acc + 1
        elif i % 5 == 2:
            acc = int(acc)
        if i == n - 40:
            acc = acc + 2 ** 70
    return acc


def countdown(n):
    while n > 0:
        if n % 3 == 0:
            yield n * 2
        elif n % 3 == 1:
            yield -n
        n -= 1


def generators(n):
    total = 0
    for i in range(n):
        for v in countdown(i % 7):
            if v < 0:
                total -= v * 2
            elif v % 4 == 0:
                total += v
            else:
                total ^= v
    return total


def closures(n):
    def make(k):
        def inner(x):
            if x % 2:
                return x * k
            if x % 3 == 0:
                return x - k
            return k
        return inner
    total = 0
    for i in range(n):
        total += make(i % 5)(i)
    return total


def depth(n, k):
    """A function's own side traces, entered at any depth."""
    if n == 0:
        return k
    if n % 4 == 0:
        return depth(n - 1, k + 0.5) + 1
    if n % 4 == 1:
        return depth(n - 1, k) * 1
    if n % 4 == 2:
        v = Vec(n, k)
        return depth(n - 1, v.y) + v.x
    if k > 100:
        raise ValueError(n)
    return depth(n - 1, k + 1)


def recursions(n):
    total = 0
    for i in range(n):
        try:
            total += depth(i % 40, i % 130)
        except ValueError as e:
            total -= e.args[0]
    return total


def outdated(n):
    """The loop is recorded anew while side traces of its old code are there."""
    global SCALE
    total = 0
    for i in range(n):
        if i % 4 == 0:
            total += SCALE
        elif i % 4 == 1:
            total += SCALE * 2.5
        elif i % 4 == 2:
            total -= i * SCALE
        else:
            total += 1
        if i % 97 == 96:
            SCALE = SCALE + 1 if i % 2 else float(SCALE)
            globals()[f"name_{i}"] = i
    return total


def collected(n):
    seen = []
    for i in range(n):
        v = Vec(i, [i])
        if i % 5 == 0:
            w = Vec(v, v.y)
        elif i % 5 == 1:
            w = Vec(v.y, v)
        elif i % 5 == 2:
            w = v
        else:
            w = Vec(None, (v, i))
        if i % 50 == 49:
            gc.collect()
        if i % 23 == 0:
            seen.append(w)
    return [type(w.x).__name__ + type(w.y).__name__ for w in seen[:5]], sum(isinstance(w.x, Vec) for w in seen)


N = 400
print(walk(N), walk(N))
print(types(N, [1, 2, 3]), types(N, [1.5, 2]), types(N, ["a", True, 2 ** 65, 1.0]))
print(generators(N), closures(N), recursions(N), outdated(N), outdated(N), collected(N))

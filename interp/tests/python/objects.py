"""Objects that compiled loops make: seen nowhere, seen at an exit, kept, carried around."""
import gc
import sys


class V:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return V(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return V(self.x * k, self.y * k)

    def plus(self, other):
        return V(self.x + other.x, self.y + other.y)

    def norm(self):
        return self.x * self.x + self.y * self.y


def temporaries(n):
    total = 0.0
    for i in range(n):
        total += V(i, 1.5).plus(V(2.0, i)).norm()
    return total


def carried(n):
    p = V(0.0, 0.0)
    d = V(1.0, 0.5)
    for i in range(n):
        p = p.plus(d)
        if i % 17 == 16:
            p = V(p.y, p.x)
    return p.x, p.y


def carried_and_kept(n):
    kept = []
    p = V(0, 0)
    for i in range(n):
        p = p.plus(V(1, i))
        if i % 10 == 3:
            kept.append(p)
    return p is kept[-1], p.x, p.y, [(q.x, q.y) for q in kept]


def identity(n):
    same = 0
    a = b = V(0, 0)
    for i in range(n):
        c = V(i, i)
        if a is b:
            same += 1
        b = a
        a = c
        if i % 7 == 0:
            b = a
    return same, a.x, b.x, a is b


def lagging(n):
    a = V(1, 1)
    b = V(2, 2)
    out = 0
    for i in range(n):
        a, b = V(b.x + 1, i), a
        out += a.x - b.x
        b.y = out
    return out, a.x, a.y, b.x, b.y


def mutual(n):
    total = 0
    for i in range(n):
        a = V(i, None)
        b = V(a, i)
        a.y = b
        if i % 23 == 22:
            total += a.y.x.x + b.x.y.y
            last = a
    return total, last.y.x is last, last.x


def changed_after(n):
    box = [None]
    for i in range(n):
        v = V(i, 0)
        v.y = i
        if i % 5 == 0:
            box[0] = v
            v.y = -i
        v.x += 1
    return box[0].x, box[0].y, v.x, v.y


def aliases(a, b, n):
    out = []
    for i in range(n):
        v = V(a.x, b.x)
        a.x = i
        b.x = i + 1
        v.x += a.x
        out.append(v.x + v.y + a.x)
    return out


def shape_by_alias(a, b):
    # The second store meets the shape that the first one has left.
    a.first = 1
    b.second = 2
    return sorted(vars(a)), sorted(vars(b))


class Bare:
    pass


def tuples(n):
    a, b, c = 0, 1, 2
    out = 0
    for i in range(n):
        a, b, c = b, c, a + 1
        pair = (a, (b, c))
        x, (y, z) = pair
        out += x + y * z + len(pair)
        if i % 31 == 30:
            last = pair
    return out, last, (a, b, c)


def several(i):
    return i, i + 1.0, str


def several_values(n):
    total = 0
    for i in range(n):
        p, q, r = several(i)
        total += p + q + (r is str)
    return total


def lists(n):
    out = []
    total = 0
    for i in range(n):
        q = [i, i + 1, [i]]
        total += q[0] + q[1] + q[2][0] + len(q)
        if i % 13 == 12:
            q.append(total)
            out.append(q)
        e = []
        if i % 19 == 18:
            e.append(i)
            out.append(e)
    return total, out


def index_by_variable(n):
    total = 0
    for i in range(n):
        t = (i, 2 * i, 3 * i)
        total += t[i % 3] + t[-1]
    return total


def inner_loops(n):
    total = 0
    for i in range(n):
        for j in (i, i + 1):
            total += j
        for j in [1, i]:
            total += j
        for j in range(3):
            total += j * i
            if total % 11 == 5:
                break
    return total


def methods(n):
    v = V(1, 2)
    total = 0
    for i in range(n):
        f = v.norm
        total += f() + i
        if i % 29 == 28:
            g = f
    return total, g(), g.__self__ is v


def cells(n):
    total = 0
    for i in range(n):
        def add(k):
            nonlocal total
            total += i + k
        add(1)
    return total


def complexes(n):
    z = 0j
    c = 0.25 + 0.5j
    for i in range(n):
        z = z * z + c
        if i % 9 == 8:
            last = z
        if abs(z.real) > 2:
            z = 0j
    return z, last


def big(n):
    v = V(1, 1)
    for i in range(n):
        v = V(v.x * 3, v.y + 1)
        if v.x > 1 << 80:
            v = V(1, v.y)
    return v.x, v.y


class Raises(Exception):
    pass


def check(v):
    if v.x % 41 == 40:
        raise Raises(v)


def exceptions(n):
    seen = []
    for i in range(n):
        v = V(i, [i])
        try:
            check(v)
        except Raises as e:
            seen.append((e.args[0] is v, v.x, v.y))
    return seen


def look(depth):
    return sys._getframe(depth).f_locals


def frames(n):
    seen = []
    for i in range(n):
        v = V(i, i)
        w = (v, i)
        if i % 37 == 36:
            there = look(1)
            there["v"].x = "changed"
            seen.append((v.x, w[0] is v, there["w"] is w))
    return seen


class Counted:
    alive = 0

    def __init__(self):
        Counted.alive += 1

    def __del__(self):
        Counted.alive -= 1


def finalisers(n):
    for i in range(n):
        c = Counted()
    del c
    for _ in range(3):
        gc.collect()
    # Words on the native stack may keep a few.
    return Counted.alive <= n // 10


def deep(n):
    node = None
    for i in range(n):
        node = (i, node)
        if i % 50 == 49:
            kept = node
            node = None
    count = 0
    while kept is not None:
        count += kept[0]
        kept = kept[1]
    return count


def collected_meanwhile(n):
    # What is carried in parts has to survive collections.
    a = V([0], [1])
    for i in range(n):
        junk = [[i] for _ in range(3)]
        a = V([a.x[0] + 1], a.y)
        if i % 100 == 99:
            gc.collect()
    return a.x, a.y, len(junk)


def main():
    for f in (temporaries, carried, carried_and_kept, identity, lagging, mutual, changed_after, tuples,
              several_values, lists, index_by_variable, inner_loops, methods, cells, complexes, big,
              exceptions, frames, finalisers, deep, collected_meanwhile):
        for n in (60, 150):
            print(f.__name__, f(n))
    a, b = V(1, 2), V(3, 4)
    print(aliases(a, b, 30))
    print(aliases(a, a, 30))
    for i in range(12):
        print(shape_by_alias(Bare(), Bare()))
    same = Bare()
    print(shape_by_alias(same, same))


main()

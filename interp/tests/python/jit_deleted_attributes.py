# Attributes deleted in hot code: the first, the last, one between; again and missing; by other rules.


class Plain:
    def __init__(self, a, b, c):
        self.a = a
        self.b = b
        self.c = c


class Slotted:
    __slots__ = ("a", "b", "__dict__")


class Managed:
    def __init__(self):
        self.deleted = 0
        self._x = 1

    @property
    def x(self):
        return self._x

    @x.deleter
    def x(self):
        self.deleted += 1
        del self._x


class Hooked:
    def __delattr__(self, name):
        object.__setattr__(self, "seen", name)


class Derived(list):
    pass


def short_lived(n):
    total = 0
    for i in range(n):
        p = Plain(i, i + 1, i + 2)
        if i % 3 == 0:
            del p.a
            total += p.b + p.c
        elif i % 3 == 1:
            del p.b
            p.b = 7
            total += p.a + p.b + p.c
        else:
            del p.c, p.a
            total += p.b + len(p.__dict__)
        if i % 50 == 49:
            total += len(str(vars(p)))
    return total, vars(p)


def one_object(n):
    p, out = Plain(1, [2], "3"), []
    for i in range(n):
        x = p.b
        del p.b
        if hasattr(p, "b"):
            out.append("still")
        p.b = x
        if i == n - 2:
            out.append(list(p.__dict__))
        x.append(i)
    return out, len(p.b), list(vars(p))


def missing(n):
    out = []
    for i in range(n):
        p = Plain(i, 1, 2)
        try:
            del p.a
            if i % 7 == 3:
                del p.a
            out.append(p.a if i % 11 == 5 else p.c)
        except AttributeError as e:
            out.append(str(e))
    return out[-14:]


def other_rules(n):
    total = 0
    for i in range(n):
        s = Slotted()
        s.a, s.b, s.other = i, i, i
        del s.a, s.other
        total += s.b + hasattr(s, "a") + hasattr(s, "other")
        m = Managed()
        del m.x
        total += m.deleted + len(m.__dict__)
        h = Hooked()
        del h.anything
        total += len(h.seen)
        d = Derived("ab")
        d.x, d.y = i, i
        del d.x
        total += d.y + len(d) + len(vars(d))
        many = Plain(1, 2, 3)
        for k in range(14):
            setattr(many, "k%d" % k, k)
        del many.k3
        total += many.k4 + len(vars(many))
    return total


def escaping(n):
    kept = []
    for i in range(n):
        p = Plain(i, [i], None)
        del p.c
        kept.append(p)
        if i % 5 == 0:
            del kept[i // 2].b
            kept[i // 2].b = [-1]
    return sum(p.a + p.b[0] + len(vars(p)) for p in kept)


class Changing:
    def __init__(self, v):
        self.v = v
        self.w = v


def class_changes(n):
    out = []
    for i in range(n):
        c = Changing(i)
        if i == n // 2:
            Changing.w = property(lambda self: "p", lambda self, v: None, lambda self: out.append("deleter"))
        if i == n // 2 + 3:
            del Changing.w
            Changing.__delattr__ = lambda self, name: out.append("hook " + name)
        del c.w
        out.append(sorted(vars(c)))
    del Changing.__delattr__
    return out[n // 2 - 1 : n // 2 + 10]


import contextlib


@contextlib.contextmanager
def managed(log):
    log.append("in")
    try:
        yield len(log)
    except KeyError as e:
        log.append(e.args[0])
    finally:
        log.append("out")


def managers(n):
    log, total = [], 0
    for i in range(n):
        with managed(log) as k:
            total += k
            if i % 9 == 4:
                raise KeyError(i)
    return total, log[-6:]


for _ in range(3):
    print(short_lived(150), one_object(60), missing(60))
    print(other_rules(40), escaping(60), class_changes(30), managers(60))

"""Attributes of classes that are assigned again and again: counters, switches."""
class A:
    count = 0
    lim = 10
    def __init__(self, i):
        A.count += 1
        self.i = i
    def get(self):
        return self.count + self.i
class B(A):
    pass
def f(n):
    t = 0
    for i in range(n):
        b = B(i)
        t += b.get() + B.count + A.lim
        if i == n//2:
            B.count = 7
        if i == n//2 + 100:
            del B.count
        if i == n//2+200:
            A.count = 2.5
        if i == n//2+300:
            A.count = property(lambda self: 3)
            A.count = 5
    return t, A.count

for n in (100, 1000):
    A.count = 0
    print(f(n))


class Meta(type):
    total = 1


class C(metaclass=Meta):
    total = 2
    state = "a"


def through_metaclass(n):
    out = []
    for i in range(n):
        C.total += 1
        Meta.total += C.total
        out.append((C.total, Meta.total, C().total))
        C.state = "b" if C.state == "a" else "a"
    return out[-1], C.state


def instances(n):
    a = A(1)
    out = 0
    for i in range(n):
        A.lim += 1
        if i == n // 3:
            a.lim = -1
        if i == 2 * n // 3:
            del a.lim
        out += a.lim
    return out


def becomes_descriptor(n):
    class D:
        x = 1

    class Data:
        def __get__(self, obj, cls):
            return 100

        def __set__(self, obj, value):
            pass

    d = D()
    out = 0
    for i in range(n):
        D.x += 1
        out += d.x
        if i == n // 2:
            D.x = Data()
            out += d.x
            d.x = 3
            out += d.x
            del D.x
            D.x = 4
    return out, d.x, D.x


def bases(n):
    class P:
        x = 1

    class Q:
        x = 1000

    class R(P):
        pass

    out = 0
    for i in range(n):
        P.x += 1
        out += R.x
        if i == n // 2:
            R.__bases__ = (Q,)
        if i == n // 2 + 10:
            Q.x += 1
    return out


print(through_metaclass(100), instances(100), becomes_descriptor(100), bases(100))

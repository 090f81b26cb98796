"""Caches of attribute access against classes that change, deleted attributes, the order of finalisers."""
def f(n):
    s = 0
    for i in range(n):
        s += i
    return s
print(f(100000))
def g(n):
    x = 0.5
    i = 0
    while i < n:
        x = x * 1.0000001 + i
        i += 1
    return x
print(g(100000))
def h(n):
    l = [1,2,3,4,5,6,7,8]
    s = 0
    for i in range(n):
        s = s + l[i % 8] * 2
        l[i & 7] = i
    return s, l
print(h(50000))
class A:
    def __init__(self): self.a=1;self.b=2;self.c=3
for k in 'abc':
    x=A(); delattr(x,k); print(x.__dict__, sorted(vars(x)))
    x=A(); delattr(x,k); print(getattr(x,'a',None),getattr(x,'b',None),getattr(x,'c',None)); setattr(x,k,9); print(x.__dict__)
x=A()
try: del x.zz
except AttributeError as e: print(e)
del x.a,x.b,x.c
try: del x.a
except AttributeError as e: print(e)
print(x.__dict__)


import gc, io


order = []


class Part:
    def __init__(self, name, inner): self.name, self.inner = name, inner
    def __del__(self): order.append(self.name)


def chains():
    for i in range(50):
        part = Part((i, 0), Part((i, 1), Part((i, 2), None)))
        part = None
        gc.collect()


chains()
gc.collect()
# Of one chain, what holds another part is finalised before that. A collector that
# looks at the stack may have kept a few.
place = {name: at for at, name in enumerate(order)}
print(len(order) > 100, all(place.get((i, part), 0) < place.get((i, part + 1), 1000)
                            for i in range(50) for part in (0, 1)))


class Missing:
    def __getattr__(self, name):
        if name.startswith("x"): return name * 2
        raise AttributeError(name)
    @property
    def broken(self): raise AttributeError("inside")


m = Missing()
print(m.xy, getattr(m, "y", "default"))
try: m.broken
except AttributeError as e: print("AttributeError", e)
for x in (0.0, -0.0, 1.5, 2.5, -2.675, 0.125, 1e17, 123456.789):
    print(*(repr(format(x, s)) for s in (".2f", "8.2f", "08.2f", "f", ".0f", "012f", "05", ".3", "010.3f")))
for i in (0, -5, 12345):
    print(*(repr(format(i, s)) for s in ("d", "5", "05", "08d", "20d")), bin(i), oct(i), hex(i))

"""Special methods set to None: they are called, which is a TypeError, and hide those of bases."""


def tell(what, f):
    try:
        print(what, repr(f()))
    except TypeError as e:
        print(what, "TypeError:", e)


def made(*names):
    return type("C", (), dict.fromkeys(names))()


def deletes(x):
    del x[0]


def stores(x):
    x[0] = 1


def enters(x):
    with x:
        pass


def adds(x):
    x += 1


for name, f in [
    ("__len__", len), ("__len__", bool), ("__bool__", bool), ("__getitem__", lambda x: x[0]),
    ("__setitem__", stores), ("__delitem__", deletes), ("__iter__", iter), ("__iter__", lambda x: 1 in x),
    ("__next__", next), ("__contains__", lambda x: 1 in x), ("__int__", int), ("__float__", float),
    ("__index__", lambda x: [1][x]), ("__complex__", complex), ("__bytes__", bytes), ("__neg__", lambda x: -x),
    ("__abs__", abs), ("__add__", lambda x: x + 1), ("__radd__", lambda x: 1 + x), ("__iadd__", adds),
    ("__pow__", lambda x: x ** 2), ("__lt__", lambda x: x < 1), ("__gt__", lambda x: 1 < x),
    ("__eq__", lambda x: x == 1), ("__ne__", lambda x: x != 1), ("__hash__", hash), ("__call__", lambda x: x()),
    ("__enter__", enters), ("__exit__", enters),
]:
    tell(name, lambda: f(made(name)))


class Equal:
    def __eq__(self, other):
        return True


class Unequal(Equal):
    __ne__ = None


class Blocked(Equal):
    __eq__ = None


tell("ne", lambda: Equal() != Unequal())
tell("ne", lambda: Unequal() != Equal())
tell("eq", lambda: Equal() == Blocked())
tell("eq", lambda: Blocked() == Equal())


class Adds:
    def __add__(self, other):
        return "added"


class InPlace(Adds):
    __iadd__ = None


def grow(x):
    for _ in range(20):
        x += 1
    return x


tell("iadd", lambda: grow(InPlace()))
tell("add", lambda: InPlace() + 1)


class Text(str):
    def __float__(self):
        return 9.5


print(float(Text("8")))

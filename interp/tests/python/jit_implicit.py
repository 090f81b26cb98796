"""What runs Python functions without a call in sight: setters, `__setattr__`, `__getattr__`,
`__set__`, generator functions as `__iter__`, `next()` and `send()`, constructors of one function;
and exceptions of subscripts, divisions and `next()` that compiled code makes itself."""
import sys
import traceback


class Celsius:
    def __init__(self):
        self._t = 0

    @property
    def t(self):
        return self._t

    @t.setter
    def t(self, value):
        if value < 0:
            raise ValueError(f"cold: {value}")
        self._t = value

    @property
    def fixed(self):
        return 1


class Typed:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, object, owner=None):
        return self if object is None else getattr(object, self.name)

    def __set__(self, object, value):
        if not isinstance(value, int):
            raise TypeError(self.name)
        setattr(object, self.name, value)


class Account:
    balance = Typed()
    limit = Typed()

    def __init__(self):
        self.balance = 0
        self.limit = 9

    def __getattr__(self, name):
        if name.startswith("x"):
            return len(name)
        raise AttributeError(name)


class Logged:
    def __init__(self):
        self.log = []

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if name != "log":
            self.log.append(name)


def where(e):
    return [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)]


def setters():
    c, a, g = Celsius(), Account(), Logged()
    errors = []
    for i in range(80):
        c.t = i
        c.t += 1
        a.balance += i
        a.limit = i & 3
        g.x = i
        if i % 3 == 0:
            try:
                c.t = -i - 1
            except ValueError as e:
                errors.append(where(e))
            try:
                a.balance = 1.5
            except TypeError as e:
                errors.append(str(e))
            try:
                c.fixed = 2
            except AttributeError as e:
                errors.append(str(e))
        if i == 50:
            Account.limit = 5
        if i == 60:
            Logged.__setattr__ = object.__setattr__
    print(c.t, a.balance, a.limit, len(g.log), errors[-3:], len(errors))


def hooks():
    a = Account()
    total, errors = 0, []
    for i in range(60):
        total += a.xyz + a.balance
        try:
            total += a.other
        except AttributeError as e:
            errors.append(where(e))
        if i == 30:
            a.xyz = 100
        if i == 45:
            Account.__getattr__ = lambda self, name: 7
    print(total, errors[0], len(errors))


class Chain:
    def __init__(self, *parts):
        self.parts = parts

    def __iter__(self):
        for p in self.parts:
            if isinstance(p, Chain):
                yield from p
            else:
                yield p


class Loose:
    def __iter__(self):
        return 5


def iterators():
    c = Chain(1, Chain(2, 3, Chain()), Chain(Chain(4)))
    total = 0
    for i in range(50):
        for x in c:
            total += x
        a, b, *rest = c
        total += a * b + sum(rest)
        if i % 10 == 0:
            try:
                for x in Loose():
                    pass
            except TypeError as e:
                total += len(str(e))
        if i == 30:
            Chain.__iter__ = lambda self: iter((7, 8, 9))
    print(total)


def count(n):
    got = 0
    try:
        for i in range(n):
            sent = yield i + got
            if sent is not None:
                got += sent
    finally:
        seen.append(got)
    return "done"


seen = []


def resumed():
    total, errors = 0, []
    for i in range(60):
        g = count(4)
        total += next(g) + g.send(i) + g.__next__() + next(g, 0)
        total += next(g, -1)
        try:
            next(g)
        except StopIteration as e:
            errors.append(e.value)
        g = count(2)
        try:
            g.send(1)
        except TypeError as e:
            errors.append(str(e))
        push = g.send
        push(None)
        total += push(3)
        try:
            push(4)
        except StopIteration as e:
            errors.append((e.value, where(e)))
    print(total, errors[-3:], sum(seen))
    g = count(10 ** 6)
    next(g)
    for i in range(500):
        x = g.send(i & 3)
    print(x)


def failing(kind):
    next_error = None
    while True:
        kind = yield kind
        if kind == 3:
            raise KeyError("three")


def passing():
    g = failing(0)
    next(g)
    out = []
    for i in range(40):
        try:
            out.append(g.send(i % 5))
        except KeyError as e:
            out.append(where(e))
            g = failing(0)
            out.append(next(g))
        except StopIteration:
            out.append("stop")
    print(out[-8:], len(out))

    def looks(n):
        for _ in range(n):
            yield sys._getframe().f_back.f_code.co_name

    g = looks(100)
    print({next(g) for _ in range(60)}, {next(g) for _ in range(3)})

    def itself():
        while True:
            try:
                yield next(me)
            except ValueError as e:
                yield str(e)

    me = itself()
    print({next(me) for _ in range(30)})


class One:
    kept = None

    def __new__(cls, *args):
        if cls.kept is None:
            cls.kept = super().__new__(cls)
        return cls.kept


class Shape:
    def __new__(cls, sides):
        if cls is Shape and made:
            return super().__new__(made[0])
        return super().__new__(cls)


made = []


def constructors():
    total = 0
    for i in range(60):
        total += One(i) is One()
        s = Shape(i)
        total += getattr(s, "sides", 0)
        if i == 40:
            class Square(Shape):
                def __init__(self, sides):
                    self.sides = sides
            made.append(Square)
    print(total, type(s).__name__)


def lookups():
    d, l, t = {"a": 1, 2: 3}, [1, 2, 3], (4, 5)
    total, errors = 0, []
    for i in range(90):
        try:
            total += d["abcd"[i % 4]]
        except KeyError as e:
            total += len(e.args[0])
            errors.append(where(e))
        try:
            total += d[i % 3]
        except KeyError as e:
            total += e.args[0]
        try:
            total += l[i % 5]
        except IndexError as e:
            errors.append(str(e))
        try:
            total += t[i % 3]
        except IndexError as e:
            errors.append(str(e))
        try:
            total += i // (i % 2) + i % (i % 3)
        except ZeroDivisionError as e:
            errors.append(str(e))
        try:
            total += i / (i % 4)
        except ZeroDivisionError as e:
            errors.append((str(e), e.__context__))
        it = iter(l if i % 3 else t)
        try:
            while True:
                total += next(it)
        except StopIteration as e:
            total += e.value is None
        try:
            try:
                l[9]
            except IndexError as e:
                d["none"]
        except KeyError as e:
            errors.append(type(e.__context__).__name__ + str(len(where(e))))
        if i == 60:
            d["b"] = 7
            l.append(9)
    print(total, len(errors), errors[-6:], errors[0])


class Defaults(dict):
    def __missing__(self, key):
        return 5


def missing(d, key):
    try:
        return d[key]
    except KeyError:
        return -1


def deeper(n):
    total = 0
    for i in range(n):
        total += missing({"a": i}, "ab"[i & 1])
        total += missing(Defaults(a=i), "ab"[i & 1])
    return total


for test in (setters, hooks, iterators, resumed, passing, constructors, lookups):
    test()
print(deeper(100))


def abstract():
    import abc

    class Figure(abc.ABC):
        def __init__(self, side):
            self.side = side

        @abc.abstractmethod
        def area(self):
            ...

    class Square(Figure):
        def area(self):
            return self.side * self.side

    class Meta(type):
        pass

    class Plain(metaclass=Meta):
        def __init__(self, x):
            self.x = x

    class Manager:
        def __init__(self, f):
            self.f = f

        def __call__(self, *args):
            self.gen = self.f(*args)
            return self

        def __enter__(self):
            return next(self.gen)

        def __exit__(self, kind, e, tb):
            try:
                if kind is None:
                    next(self.gen)
                else:
                    self.gen.throw(e)
            except StopIteration:
                return True
            return False

    @Manager
    def managed(x):
        entered.append(x)
        try:
            yield x + 1
        except KeyError:
            entered.append(-1)

    entered = []
    total, errors = 0, []
    for i in range(80):
        total += Square(i).area() + Plain(i).x
        with managed(i) as x:
            total += x
            if i % 7 == 0:
                raise KeyError(i)
        if i % 20 == 0:
            try:
                Figure(1)
            except TypeError as e:
                errors.append(str(e))
        if i == 50:
            Meta.__call__ = lambda cls, x: type.__call__(cls, -x)
        if i == 60:
            Square.area = lambda self: 1
    print(total, sum(entered), errors[-1])


abstract()

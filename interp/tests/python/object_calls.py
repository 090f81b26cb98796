"""What programs with classes ask of compiled code: calls of object's own methods, attributes by
names that are values, keywords of native functions, unpacked arguments; each with a change
halfway."""
import sys


class Base:
    def __init__(self, **rest):
        super().__init__(**rest)


class Named(Base):
    def __init__(self, name="?", **rest):
        super().__init__(**rest)
        self.name = name


class Sized(Base):
    def __init__(self, size=0, **rest):
        super().__init__(**rest)
        self.size = size


class Box(Named, Sized):
    pass


def cooperative():
    total = 0
    for i in range(60):
        b = Box(name="b" * (i % 3), size=i)
        total += b.size + len(b.name)
        if i == 40:
            Sized.extra = 1
        if i % 20 == 19:
            try:
                Box(colour=1)
            except TypeError as e:
                print(e)
    print(total)


class Single:
    instance = None

    def __new__(cls, *args):
        if cls.instance is None:
            cls.instance = super().__new__(cls)
            cls.instance.made = 0
        cls.instance.made += 1
        return cls.instance


class Fresh:
    def __new__(cls, x):
        self = object.__new__(cls)
        self.early = x
        return self

    def __init__(self, x):
        self.late = x + 1


class Made:
    def __new__(cls, kind):
        return super().__new__(Square if kind else Made)

    @classmethod
    def make(cls, x):
        return ["made", x]

    @staticmethod
    def static(x):
        return ["static", x]


class Square(Made):
    @classmethod
    def make(cls, x):
        return super().make(x) + [cls.__name__]

    @classmethod
    def other(cls, x):
        return super().static(x)


def constructors():
    out = []
    for i in range(50):
        f = Fresh(i)
        out.append(f.early + f.late)
        out.append(type(Made(i % 2)).__name__)
        out.append(Square.make(i)[2] + Square.other(i)[0])
        Single()
        if i == 30:
            Square.__name__ = "Quad"
    print(out[-6:], out.count("Quad"), Single().made)
    for i in range(20):
        try:
            object.__new__(Fresh, 1, 2)
        except TypeError as e:
            last = str(e)
        try:
            object.__new__(int)
        except TypeError as e:
            last += str(e)
    print(last)


class Visitor:
    def visit(self, node):
        return getattr(self, "visit_" + type(node).__name__, self.other)(node)

    def visit_int(self, node):
        return node

    def visit_list(self, node):
        return sum(self.visit(x) for x in node)

    def visit_str(self, node):
        return len(node)

    def other(self, node):
        return -1


class Record:
    limit = 7

    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)


class Guarded:
    def __setattr__(self, name, value):
        if name == "bad":
            raise AttributeError("no " + name)
        super().__setattr__(name, value)


class Frozen:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        object.__setattr__(self, "a", a)
        object.__setattr__(self, "b", b)

    def __setattr__(self, name, value):
        raise AttributeError(f"cannot assign to field {name!r}")


def names():
    v = Visitor()
    data = [1, [2, 3, "four"], "xy", 2.5, (1,), [[]]]
    print([v.visit(data) for _ in range(30)][-1])
    total = 0
    fields = ["a", "b", "limit", "none"]
    for i in range(80):
        r = Record(a=i, b=i + 1)
        name = fields[i % 4]
        total += getattr(r, name, -5)
        total += hasattr(r, name) + hasattr(r, "b") + hasattr(i, "real")
        if i == 60:
            Record.none = 100
        g = Guarded()
        g.x = i
        setattr(g, "y", g.x)
        if i % 10 == 0:
            try:
                g.bad = 1
            except AttributeError as e:
                total += len(str(e))
        f = Frozen(i, g.y)
        total += f.a - f.b
        try:
            if i % 16 == 0:
                f.a = 2
        except AttributeError as e:
            total += len(str(e))
        try:
            getattr(f, "c" if i % 20 == 0 else "b")
        except AttributeError as e:
            total += len(str(e))
    print(total)
    for bad in (1, None):
        for _ in range(10):
            try:
                getattr(v, bad)
            except TypeError as e:
                text = str(e)
        print(text)


def native_keywords():
    total = 0
    for i in range(60):
        total += int("11", base=2 + i % 3) + int(x := "7", base=10)
        total += sum([1, 2], start=i)
        for j, x in enumerate([4, 5], start=i % 5):
            total += j * x
        total += sorted([3, 1, 2], key=lambda x: -x)[0] + sorted([3, 1], reverse=True)[0]
        total += len("a b c".split(sep=" ", maxsplit=1)) + max([1, 2], default=0)
        total += len(dict(a=i, b=2)) + round(2.567, ndigits=1)
        if i % 20 == 0:
            for call in (lambda: int("5", bas=2), lambda: int("zz", base=10)):
                try:
                    call()
                except (TypeError, ValueError) as e:
                    total += len(str(e))
    print(round(total, 3))
    for i in range(20):
        try:
            int("9", base=8 if i % 4 == 3 else 10)
        except ValueError as e:
            text = str(e)
    print(text)


class Adder:
    def __call__(self, *args, **kwargs):
        return sum(args) + sum(kwargs.values())


class Pair:
    def __init__(self, a, b=5):
        self.a, self.b = a, b


def spread(f, *args, **kwargs):
    return f(*args, **kwargs)


def unpacked():
    adder = Adder()
    total = 0
    for i in range(60):
        total += spread(adder, i, 1) + spread(adder, 2, x=3)
        total += spread(Pair, i).b + spread(Pair, i, b=2).a
        total += spread(max, i, 7) + spread(int, "12", base=5) + spread(int, "3")
        total += len(spread(dict, a=1)) + spread([4, 5].index, 5) + len(spread(list))
        total += spread(spread, spread, max, 1, 2)
        if i == 30:
            Pair.__init__ = lambda self, a, b=1: setattr(self, "a", a * 2) or setattr(self, "b", b)
        if i % 25 == 0:
            for bad in ((Pair,), (Pair, 1, 2, 3), (len, 1, 2), (5,)):
                try:
                    spread(*bad)
                except TypeError as e:
                    total += len(str(e))
    print(total)


def patterns():
    total = 0
    rows = [[1, 2, 3], (4, 5), [6], (7, 8, 9, 10)]
    for i in range(60):
        first, *rest = rows[i % 4]
        total += first + len(rest)
        try:
            a, b, *c, d = rows[i % 4]
            total += a + b + sum(c) + d
        except ValueError as e:
            total += len(str(e))
        message = {"op": "add", "a": i, "b": 2} if i % 3 else {"op": "neg", "a": i}
        match message:
            case {"op": "add", "a": a, "b": b, **more}:
                total += a + b + len(more)
            case {"a": a, "c": _}:
                total += 1000
            case {"op": "neg", "a": a}:
                total -= a
    print(total)


class Tree:
    def __init__(self, value, *children):
        self.value, self.children = value, children

    def __iter__(self):
        yield self.value
        for child in self.children:
            yield from child

    def __repr__(self):
        if self.value is None:
            raise ValueError("no value")
        return f"Tree({self.value!r})"

    def __format__(self, spec):
        return f"<{self.value}{spec}>"


class Short:
    def __iter__(self):
        return iter([1, 2])


def texts():
    tree = Tree(1, Tree(2, Tree(3)), Short(), [8, 9])
    total = 0
    for i in range(40):
        total += sum(tree)
        total += len(f"{tree!r}{tree}{tree:>3}{tree!s}")
        if i % 10 == 0:
            tree.value, kept = None, tree.value
            try:
                f"{tree!r}"
            except ValueError as e:
                total += len(str(e))
            tree.value = kept
        del tree.value
        try:
            del tree.value
        except AttributeError as e:
            total += len(str(e))
        tree.value = 1
    print(total)
    add = [].append
    for i in range(30):
        add(i)
        items = []
        push = items.append
        push(i)
        push(items[0])
        total += len(items) + sum(items)
    print(total, len(add.__self__))


class Dear(Exception):
    def __init__(self, *args):
        super().__init__(*args)


def bound_natives():
    kept = []
    for i in range(40):
        class_init = super(Pair, Pair(1)).__init__
        kept.append(class_init)
        class_init()
        kept[-1]()
        e = Dear(i, 2)
        kept[-1] = e.args[0] + len(e.args)
    print(sum(kept), type(class_init).__name__, class_init.__self__.a)
    method = None
    for i in range(30):
        if i % 10 == 0:
            method = super(Frozen, Frozen(i, 0)).__setattr__
        try:
            method("a", i)
            method("c", i)
        except AttributeError as e:
            text = str(e)
    print(text[:36], method.__self__.a, method.__name__)


for test in (cooperative, constructors, names, native_keywords, unpacked, patterns, texts, bound_natives):
    test()

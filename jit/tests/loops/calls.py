"""Calls that go through `object`, through names that are values, or through native functions with
keywords: what is left of them."""


class Base:
    def __init__(self, **rest):
        super().__init__(**rest)


class Named(Base):
    def __init__(self, x, **rest):
        super().__init__(**rest)
        self.x = x


class Plain:
    def __init__(self, x):
        super().__init__()
        self.x = x

    def kind_int(self, x):
        return x

    def __setattr__(self, name, value):
        super().__setattr__(name, value)


class Single:
    one = None

    def __new__(cls):
        if cls.one is None:
            cls.one = super().__new__(cls)
        return cls.one


class Frozen:
    def __init__(self, x):
        object.__setattr__(self, "x", x)


class Adder:
    def __call__(self, x, y):
        return x + y


def cooperative_init(n):
    for i in range(n):
        last = Named(i).x
    return last


def object_init(n):
    for i in range(n):
        last = Plain(i).x
    return last


def object_setattr(n):
    for i in range(n):
        last = Frozen(i).x
    return last


def set_by_name(n):
    p = Frozen(1)
    for i in range(n):
        setattr(p, "x", i)
    return p.x


def get_by_name(n):
    p = Frozen(1)
    total = 0
    for i in range(n):
        total += getattr(p, "x") + getattr(p, "none", 3)
        total += hasattr(p, "x")
    return total


def get_by_computed_name(n):
    p = Plain(1)
    total = 0
    for i in range(n):
        total += getattr(p, "kind_" + type(i).__name__)(i)
    return total


def class_name(n):
    p = Frozen(1)
    for i in range(n):
        last = type(p).__name__
    return last


def class_unpacked(n):
    for i in range(n):
        args = (i,)
        last = Frozen(*args).x
    return last


def instance_unpacked(n):
    f = Adder()
    total = 0
    for i in range(n):
        args = (i, 1)
        total += f(*args)
    return total


def bound_append(n):
    items = []
    for i in range(n):
        add = [].append
        add(i)
    return items


def native_keywords(n):
    for i in range(n):
        last = int("11", base=5)
    return last


def unpack_rest(n):
    items = [1, 2, 3, 4]
    total = 0
    for i in range(n):
        a, *b, c = items
        total += a + c
    return total


def mapping_pattern(n):
    d = {"a": 1, "b": 2}
    total = 0
    for i in range(n):
        match d:
            case {"a": a, "c": c}:
                total += c
            case {"a": a, "b": b}:
                total += a + b
    return total


def delete_attribute(n):
    p = Frozen(1)
    for i in range(n):
        p.y = i
        del p.y
    return p.x


class Celsius:
    def __init__(self):
        self.degrees = 0

    @property
    def t(self):
        return self.degrees

    @t.setter
    def t(self, value):
        if value < 0:
            raise ValueError("cold")
        self.degrees = value


class Missing:
    def __getattr__(self, name):
        return len(name)


class Chain:
    def __init__(self, *parts):
        self.parts = parts

    def __iter__(self):
        for part in self.parts:
            yield part


def echo():
    total = 0
    while True:
        total += yield total


def property_written(n):
    c = Celsius()
    for i in range(n):
        c.t = c.t + 1
    return c.t


def attribute_made_up(n):
    m = Missing()
    total = 0
    for i in range(n):
        total += m.size
    return total


def singleton(n):
    total = 0
    for i in range(n):
        total += Single() is None
    return total


def sent(n):
    e = echo()
    next(e)
    for i in range(n):
        last = e.send(i)
    return last


def no_key(n):
    d = {"a": 1}
    total = 0
    for i in range(n):
        try:
            total += d["b"]
        except KeyError:
            total += 1
    return total


def no_item(n):
    items = [1, 2]
    total = 0
    for i in range(n):
        try:
            total += items[i + 2]
        except IndexError:
            total += 1
    return total


def by_zero(n):
    total = 0
    for i in range(n):
        try:
            total += i // 0
        except ZeroDivisionError:
            total += 1
    return total


def by_keyword(x, by=3, **more):
    return x + by + len(more)


def passed_on(*args, **kwargs):
    return by_keyword(*args, **kwargs)


def keywords(n):
    total = 0
    for i in range(n):
        total += passed_on(i, by=2, other=i)
    return total


def known_display(n):
    total = 0
    for i in range(n):
        point = {"x": i, "y": 2}
        total += point["x"] + point["y"]
    return total

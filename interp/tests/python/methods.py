"""Static and class methods, super(), and what happens when they are replaced, in loops."""


class Base:
    made = 0

    def __init__(self, x):
        self.x = x

    @staticmethod
    def clip(v):
        return v & 0xFF

    @classmethod
    def make(cls, x):
        return cls(x)

    @classmethod
    def tag(cls):
        return cls.__name__

    def value(self):
        return self.x

    def late(self, f):
        return f(self.x)


class Left(Base):
    def __init__(self, x):
        super().__init__(x + 1)

    def value(self):
        return super().value() * 2

    def late(self, f):
        parent = super().late
        return parent(f) + 1


class Right(Base):
    def value(self):
        return super().value() + 100

    @classmethod
    def tag(cls):
        return "right " + super().tag()


class Both(Left, Right):
    def value(self):
        return super().value() + 1

    @property
    def doubled(self):
        return super().value() * 2


def run(n):
    total, tags = 0, set()
    for i in range(n):
        for cls in (Base, Left, Right, Both):
            o = cls.make(i)
            total += o.value() + cls.clip(i * 77) + o.clip(-i) + o.late(lambda v: v - 1)
            tags.add(o.tag())
            tags.add(cls.tag())
        total += o.doubled
    return total, sorted(tags)


print(run(10))
print(run(200))


def changing(n):
    out = []
    o = Both(1)
    for i in range(n):
        if i == 20:
            Base.clip = staticmethod(lambda v: v + 1000)
        if i == 30:
            Right.value = lambda self: 7
        if i == 40:
            Base.make = classmethod(lambda cls, x: x)
        if i == 50:
            Both.tag = lambda self: "own"
        if i == 55:
            Left.__bases__ = (Right,)
        try:
            out.append((o.clip(1), o.value(), type(Both.make(3)).__name__, o.tag()))
        except Exception as e:
            out.append(repr(e))
    return out[15:22] + out[28:33] + out[38:42] + out[48:60]


print(changing(60))


class Meta(type):
    def make(cls):
        return cls.__name__.upper()


class Made(metaclass=Meta):
    @classmethod
    def other(cls):
        return cls.make()


print([Made.make() + Made.other() + Made().other() for _ in range(50)][-1])


class Bad(Base):
    def value(self):
        return super(Right, self).value()


results = []
for i in range(30):
    try:
        Bad(1).value()
    except TypeError as e:
        results.append(str(e))
print(len(results), results[-1])

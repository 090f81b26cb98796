"""What attributes, keywords and operands that do not fit are told, and what depends on names."""

import copy


def tell(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__ + ":", e, *getattr(e, "__notes__", []))


class Private:
    __slots__ = ("__x", "y")

    def __init__(self):
        self.__x, self.y = 1, 2

    def both(self):
        return self.__x, self.y


print(copy.copy(Private()).both(), copy.deepcopy(Private()).both())
print(Private().__getstate__())


class Slots:
    __slots__ = ("a",)


def outer():
    class Inner:
        __slots__ = ("a",)
    return Inner


def remove(object, name):
    delattr(object, name)


tell(lambda: Slots().a)
tell(lambda: outer()().a)
tell(lambda: remove(Slots(), "a"))


def function():
    pass


tell(lambda: remove(function, "__dict__"))
tell(lambda: remove(ValueError(), "__dict__"))


def cell(*contents):
    if contents:
        value, = contents

    def inner():
        return value
    return inner.__closure__[0]


print(cell(1) < cell(2), cell(2) == cell(2), cell(3) <= cell(2), cell() < cell(0), cell() == cell(), cell() != cell(1))
tell(lambda: cell(1) < cell("a"))

tell(lambda: min(0, default=1, key=2, foo=3))
tell(lambda: min(0, kye=2))
tell(lambda: ImportError(namez=1))
tell(lambda: ImportError(0, name=1, path=2, name_from=3, foo=3))
tell(lambda: str(b"", "a", "b", "c"))
tell(lambda: str.maketrans(x=1))
print(str.maketrans.__qualname__, str.maketrans.__self__)

tell(lambda: super(Slots, list).a)
tell(lambda: super(Slots, 5).a)
tell(lambda: t"a" + "b")
tell(lambda: "b" + t"a")
tell(lambda: 1 + t"a")
print(([1] + [2], [].__iadd__(t"a{1}")[0]))

print(AttributeError("x").__getstate__())
group = [ValueError(1)]
made = ExceptionGroup("m", group)
group.clear()
print(repr(made), repr(ExceptionGroup("m", (ValueError(1),))))


class Splits(ExceptionGroup):
    def split(self, condition):
        return self.answer


def handles(answer):
    try:
        e = Splits("m", [ValueError()])
        e.answer = answer
        raise e
    except* ValueError:
        pass


tell(lambda: handles((None,)))
tell(lambda: handles(5))


def generator():
    yield


paused = generator()
next(paused)
tell(lambda: paused.gi_frame.clear())

print((int | str) | 5, "x" | (int | str), {1: 2} | (int | str))
tell(lambda: iter(int | str))
type Alias = int
tell(lambda: Alias | 5)
tell(lambda: 5 | Alias)
print(Alias | int, None | Alias)
tell(lambda: type("X", (object, Slots), {}))


class Hidden:
    def __getattribute__(self, name):
        if name == "__class__":
            raise AttributeError(name)
        return super().__getattribute__(name)


from abc import ABCMeta
print(isinstance(Hidden(), ABCMeta("Abstract", (), {})))

import weakref
kept = Slots.__class__("Kept", (), {})()
proxy = weakref.proxy(kept)
print(proxy is weakref.proxy(kept), proxy is weakref.proxy(kept, print))
tell(lambda: weakref.ref(kept).__init__(1, 2, 3))

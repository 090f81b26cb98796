"""Names where scopes meet: classes, annotation scopes, inlined comprehensions, built-ins."""


def free_and_cell():
    def inner():
        return [lambda: x for x in (x, [1])[1]]
    x = ...
    return [f() for f in inner()]


print(free_and_cell())


def nested():
    T = str

    class C:
        T = int

        class D[U](T):
            x = T
    return C


print(nested().D.__mro__[1], nested().D.x)


class Generic[T]:
    T = "class"

    def method[U](x: (T for _ in (1,)), y: T):
        pass


print(list(Generic.method.__annotations__["x"]) == [*Generic.__type_params__],
      Generic.method.__annotations__["y"])


class __X:
    pass


def keep(value):
    return type("Kept", (), {"value": value})


class Y[T: __X](keep(lambda: (lambda: __X)), keep([__X for _ in (1,)])):
    pass


print(Y.__bases__[0].value()() is __X, Y.__bases__[1].value == [__X])

try:
    class WithClass:
        __class__ = 2
        found = [__class__ for x in [1]]
except NameError as e:
    print(type(e).__name__, e)


class Annotated:
    __classdict__ = 42
    x: __classdict__


print(Annotated.__annotations__)
print([sorted(locals()) for variable in [1]])


class Meta(type):
    def mro(self):
        self.__dict__["method"]()
        return super().mro()


class UsesClass(metaclass=Meta):
    def method():
        print(__class__.__name__)


class Mapping:
    def __getitem__(self, name):
        if name == "superglobal":
            return 1
        raise KeyError(name)


print(eval("superglobal", {"__builtins__": Mapping()}))
for builtins in Mapping(), None:
    try:
        eval("missing", {"__builtins__": builtins})
    except Exception as e:
        print(type(e).__name__, e)


class Multi:
    def keys(self):
        return ["x", "x"]

    def __getitem__(self, key):
        return 1


try:
    print(dict(**Multi()))
except TypeError as e:
    print(e)

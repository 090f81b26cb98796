# `__annotate__` of a class's own, qualified names of annotation functions, and evaluators.
class Own:
    x: int

    def __annotate__(format):
        return {"own": format}


print(Own.__annotations__)
Own.__annotations__ = {"set": 1}
print(Own.__annotate__, Own.__annotations__, "__annotate__" in Own.__dict__)


class Nothing:
    x: int
    __annotate__ = None


print(Nothing.__annotations__)


def outer():
    def inner(a: int): pass

    class K:
        x: int

        def method(self, y: int): pass

    async def generic[T](a: int): pass

    global everywhere

    def everywhere(a: int): pass

    for o in inner, K, K.method, generic, everywhere:
        print(o.__annotate__.__qualname__, o.__annotate__.__name__)


outer()

import typing

T = typing.TypeVar("T", bound=int)
print(T.evaluate_bound, T.evaluate_bound(1), T.evaluate_bound(4), type(T.evaluate_bound).__name__)


def f[U: int](): pass


U, = f.__type_params__
print(U.__bound__, U.evaluate_bound.__name__, U.evaluate_bound(1))


# Errors that attribute hooks raise get to know what they are about.
class Hook:
    def __getattr__(self, name):
        raise AttributeError("none")


class Property:
    @property
    def p(self):
        raise AttributeError("inside")


for o, name in (Hook(), "x"), (Property(), "p"):
    try:
        getattr(o, name)
    except AttributeError as e:
        print(e, e.name, e.obj is o)

import types

for o in types.ModuleType("m"), type("C", (), {}):
    o.__annotate__ = lambda format: 42
    try:
        print(o.__annotations__)
    except TypeError as e:
        print(e)

for wrong in "sorted()", "sorted([], 1)", "sorted([], ky=1)", "sorted([], xyz=1)":
    try:
        eval(wrong)
    except TypeError as e:
        print(e)

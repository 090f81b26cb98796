"""``weakref.proxy``: every operation goes to the referent while it lives."""

import _imp
from _weakref import getweakrefs, ref


class _Shared(ref):
    """A reference of the proxy without callback that all who ask for one share."""

    __slots__ = ("proxy",)


class ProxyType:
    """The type of proxies for objects that cannot be called."""

    __slots__ = ("_taipan_ref", "__weakref__")
    __hash__ = None

    def __new__(cls, *args):
        raise TypeError(f"cannot create '{cls.__module__}.{cls.__qualname__}' instances")

    def __getattribute__(self, name):
        target = _get(self)()
        if target is None:
            raise ReferenceError("weakly-referenced object no longer exists")
        return getattr(target, name)

    def __setattr__(self, name, value):
        setattr(_target(self), name, value)

    def __delattr__(self, name):
        delattr(_target(self), name)

    def __repr__(self):
        target = _get(self)()
        if target is None:
            return f"<weakproxy at {id(self):#x}; dead>"
        kind = type(target)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        return f"<weakproxy at {id(self):#x}; to {name!r} at {id(target):#x}>"

    def __str__(self):
        return str(_target(self))

    def __bool__(self):
        return bool(_target(self))

    def __iter__(self):
        target = _target(self)
        if not hasattr(type(target), "__iter__"):
            raise TypeError(f"'{type(target).__name__}' object is not iterable")
        return iter(target)

    def __next__(self):
        target = _target(self)
        if not hasattr(type(target), "__next__"):
            raise TypeError("Weakref proxy referenced a non-iterator "
                            f"'{type(target).__name__}' object")
        return next(target)


class CallableProxyType(ProxyType):
    """The type of proxies for callables."""

    __slots__ = ()

    def __call__(self, *args, **kwargs):
        return _target(self)(*args, **kwargs)


_get = ProxyType._taipan_ref.__get__
_set = ProxyType._taipan_ref.__set__


def _target(proxy):
    target = _get(proxy)()
    if target is None:
        raise ReferenceError("weakly-referenced object no longer exists")
    return target


def _unwrap(value):
    return _target(value) if type(value) in (ProxyType, CallableProxyType) else value


def _add_operators():
    import operator
    simple = ("lt le eq ne gt ge add sub mul matmul truediv floordiv mod lshift rshift "
              "and_ xor or_ pow getitem setitem delitem contains neg pos abs invert index").split()

    def make(function):
        def method(*args):
            return function(*map(_unwrap, args))
        return method

    def reflected(function):
        def method(self, other):
            return function(_unwrap(other), _target(self))
        return method

    for name in simple:
        method = make(getattr(operator, name))
        bare = name.rstrip("_")
        setattr(ProxyType, f"__{bare}__", method)
    for name in "add sub mul matmul truediv floordiv mod lshift rshift and_ xor or_ pow".split():
        bare = name.rstrip("_")
        setattr(ProxyType, f"__r{bare}__", reflected(getattr(operator, name)))
        setattr(ProxyType, f"__i{bare}__", make(getattr(operator, f"i{bare}")))
    for name, function in (("len", len), ("int", int), ("float", float), ("divmod", divmod),
                           ("reversed", reversed), ("bytes", bytes)):
        setattr(ProxyType, f"__{name}__", make(function))
    ProxyType.__rdivmod__ = reflected(divmod)
    ProxyType.__hash__ = _unhashable


def _unhashable(self):
    raise TypeError(f"unhashable type: '{type(self).__name__}'")


_add_operators()
ProxyType.__module__ = CallableProxyType.__module__ = "weakref"
_imp._as_native(ProxyType)
_imp._as_native(CallableProxyType)


def proxy(target, callback):
    """A proxy for ``target``; ``callback`` gets the proxy when it dies."""
    if callback is None:
        for reference in getweakrefs(target):
            if type(reference) is _Shared and (made := reference.proxy()) is not None:
                return made
    kind = CallableProxyType if callable(target) else ProxyType
    made = object.__new__(kind)
    if callback is None:
        reference = _Shared(target)
        reference.proxy = ref(made)
    else:
        reference = ref(target, lambda _: callback(made))
    _set(made, reference)
    return made

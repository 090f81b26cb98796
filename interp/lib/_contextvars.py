"""Context variables (PEP 567)."""

import _thread
from collections.abc import Mapping

_MISSING = object()
_current = {}


class Context(Mapping):
    """A mapping of context variables to values."""

    __slots__ = ("_values", "_previous", "_entered", "__weakref__")

    def __new__(cls):
        self = object.__new__(cls)
        self._values, self._previous, self._entered = {}, None, False
        return self

    def __init_subclass__(cls):
        raise TypeError("type 'Context' is not an acceptable base type")

    def run(self, callable, /, *args, **kwargs):
        """Call callable(*args, **kwargs) in this context."""
        if self._entered:
            raise RuntimeError(f"cannot enter context: {self} is already entered")
        me = _thread.get_ident()
        self._previous, self._entered = _current.get(me), True
        _current[me] = self
        try:
            return callable(*args, **kwargs)
        finally:
            if self._previous is None:
                del _current[me]
            else:
                _current[me] = self._previous
            self._previous, self._entered = None, False

    def copy(self):
        """Return a shallow copy of the context object."""
        new = Context()
        new._values = self._values.copy()
        return new

    def __getitem__(self, var):
        _check(var)
        return self._values[var]

    def __contains__(self, var):
        _check(var)
        return var in self._values

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)

    def __eq__(self, other):
        if not isinstance(other, Context):
            return NotImplemented
        return self._values == other._values

    __hash__ = None


def _check(var):
    if not isinstance(var, ContextVar):
        raise TypeError(f"a ContextVar key was expected, got {var!r}")


def _context():
    me = _thread.get_ident()
    context = _current.get(me)
    if context is None:
        context = _current[me] = Context()
        context._entered = True
    return context


class ContextVar:
    """A context variable."""

    __slots__ = ("name", "_default", "__weakref__")

    def __new__(cls, name, /, *, default=_MISSING):
        if not isinstance(name, str):
            raise TypeError("context variable name must be a str")
        self = object.__new__(cls)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "_default", default)
        return self

    def __init_subclass__(cls):
        raise TypeError("type 'ContextVar' is not an acceptable base type")

    def __setattr__(self, name, value):
        if name == "name":
            raise AttributeError("readonly attribute")
        raise AttributeError(f"'ContextVar' object has no attribute {name!r}")

    def get(self, default=_MISSING, /):
        """Return a value for the context variable for the current context."""
        value = _context()._values.get(self, _MISSING)
        if value is not _MISSING:
            return value
        if default is not _MISSING:
            return default
        if self._default is not _MISSING:
            return self._default
        raise LookupError(self)

    def set(self, value, /):
        """Set a new value in the current context; the token undoes it."""
        values = _context()._values
        token = _token(self, values.get(self, _MISSING))
        values[self] = value
        return token

    def reset(self, token, /):
        """Restore the value from before the ``set`` that made the token."""
        if not isinstance(token, Token):
            raise TypeError(f"expected an instance of Token, got {token!r}")
        if token._used:
            raise RuntimeError(f"{token!r} has already been used once")
        if token.var is not self:
            raise ValueError(f"{token!r} was created by a different ContextVar")
        if token._context is not _context():
            raise ValueError(f"{token!r} was created in a different Context")
        token._used = True
        if token.old_value is Token.MISSING:
            _context()._values.pop(self, None)
        else:
            _context()._values[self] = token.old_value

    def __repr__(self):
        default = "" if self._default is _MISSING else f" default={self._default!r}"
        return f"<ContextVar name={self.name!r}{default} at {id(self):#x}>"

    __class_getitem__ = classmethod(lambda cls, item: type(list[int])(cls, item))


class _Missing:
    def __repr__(self):
        return "<Token.MISSING>"


class Token:
    """What ``ContextVar.set`` returns; a context manager that resets."""

    __slots__ = ("var", "old_value", "_context", "_used")
    MISSING = _Missing()
    __hash__ = None

    def __new__(cls):
        raise RuntimeError("Tokens can only be created by ContextVars")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.var.reset(self)

    def __repr__(self):
        used = " used" if self._used else ""
        return f"<Token{used} var={self.var!r} at {id(self):#x}>"

    __class_getitem__ = classmethod(lambda cls, item: type(list[int])(cls, item))


def _token(var, old):
    token = object.__new__(Token)
    token.var, token._context, token._used = var, _context(), False
    token.old_value = Token.MISSING if old is _MISSING else old
    return token


def copy_context():
    """Return a copy of the current context."""
    return _context().copy()


for _cls in (Context, ContextVar, Token):
    _cls.__module__ = "_contextvars"
del _cls

"""The interface of the pickle accelerator over the implementation in ``pickle``.

Picklers and unpicklers here differ from those of ``pickle`` in what CPython's native
ones do: attributes are checked, the memo is reached through a proxy, and one that is
at work cannot be used again.
"""

import operator
import sys

__all__ = ["PickleError", "PicklingError", "UnpicklingError", "Pickler", "Unpickler",
           "dump", "dumps", "load", "loads"]


class PickleError(Exception):
    pass


class PicklingError(PickleError):
    pass


class UnpicklingError(PickleError):
    pass


class PickleBuffer:
    """Wrapper for potentially out-of-band buffers."""

    __slots__ = ("_view", "__weakref__")

    def __init__(self, object, /):
        self._view = memoryview(object)

    def __init_subclass__(cls):
        raise TypeError("type 'pickle.PickleBuffer' is not an acceptable base type")

    def _held(self):
        if self._view is None:
            raise ValueError("operation forbidden on released PickleBuffer object")
        return self._view

    def __buffer__(self, flags, /):
        return memoryview(self._held())

    def raw(self):
        """Return a memoryview of the raw memory underlying this buffer.

        Will raise BufferError is the buffer isn't contiguous."""
        view = self._held()
        if not view.contiguous:
            raise BufferError("cannot extract raw buffer from non-contiguous buffer")
        return view.cast("B")

    def release(self):
        """Release the underlying buffer controlled by the PickleBuffer object."""
        self._view = None


PickleBuffer.__module__ = "pickle"


def _flag(name):
    """An attribute that holds a C integer."""
    private = "_" + name

    def get(self):
        return getattr(self, private)

    def set(self, value):
        value = operator.index(value)
        if not -sys.maxsize - 1 <= value <= sys.maxsize:
            raise OverflowError("Python int too large to convert to C long")
        setattr(self, private, value)
        self._impl.__dict__[name] = value

    def delete(self):
        raise TypeError("can't delete numeric/char attribute")

    return property(get, set, delete)


class PicklerMemoProxy:
    """The memo of a pickler: what was pickled, by its identity."""

    __slots__ = ("_owner",)

    def __init__(self, owner):
        self._owner = owner

    def clear(self):
        """Remove all items from memo."""
        self._owner._impl.memo.clear()

    def copy(self):
        """Copy the memo to a new object."""
        return dict(self._owner._impl.memo)

    def __reduce__(self):
        """Implement pickle support."""
        return dict, (self.copy(),)


class UnpicklerMemoProxy(PicklerMemoProxy):
    """The memo of an unpickler: what was unpickled, by its number."""

    __slots__ = ()


class _InUse:
    """Marks a pickler or unpickler as working for the time of a ``with``."""

    __slots__ = ("owner",)

    def __init__(self, owner):
        if getattr(owner, "_running", False):
            raise RuntimeError(f"{type(owner).__mro__[-2].__name__} object is already in use")
        self.owner = owner

    def __enter__(self):
        self.owner._running = True

    def __exit__(self, *_):
        self.owner._running = False


def _overridden(owner, name, base):
    """The owner's method of this name, unless it is the one of `base`."""
    found = owner.__dict__.get(name)
    if found is None and getattr(type(owner), name, None) is not getattr(base, name, None):
        found = getattr(owner, name)
    return found


class Pickler:
    """This takes a binary file for writing a pickle data stream."""

    _running = False

    def __init__(self, file, protocol=None, fix_imports=True, buffer_callback=None):
        with _InUse(self):
            try:
                file.write
            except AttributeError:
                raise TypeError("file must have a 'write' attribute") from None
            self._impl = pickle._Pickler(file, protocol, fix_imports=fix_imports,
                                         buffer_callback=buffer_callback)
            self._bin = int(self._impl.bin)
            self._fast = self._impl.fast = 0

    bin = _flag("bin")
    fast = _flag("fast")

    def _working(self):
        try:
            return self._impl
        except AttributeError:
            raise PicklingError(f"Pickler.__init__() was not called by "
                                f"{type(self).__name__}.__init__()") from None

    def dump(self, obj, /):
        """Write a pickled representation of the given object to the open file."""
        impl = self._working()
        with _InUse(self):
            for name in "persistent_id", "reducer_override", "dispatch_table":
                found = _overridden(self, name, Pickler)
                if found is not None:
                    setattr(impl, name, found)
                else:
                    impl.__dict__.pop(name, None)
            impl.dump(obj)

    def clear_memo(self):
        """Clears the pickler's "memo"."""
        self._working().clear_memo()

    def persistent_id(self, obj, /):
        return None

    @property
    def memo(self):
        return PicklerMemoProxy(self)

    @memo.setter
    def memo(self, value):
        if isinstance(value, PicklerMemoProxy):
            value = value.copy()
        elif not isinstance(value, dict):
            raise TypeError(f"'memo' attribute must be a PicklerMemoProxy object or dict, "
                            f"not {type(value).__name__}")
        for entry in value.values():
            if not isinstance(entry, tuple) or len(entry) != 2:
                raise TypeError("'memo' values must be 2-item tuples")
        self._impl.memo = {id(entry[1]): entry for entry in value.values()}

    @memo.deleter
    def memo(self):
        raise TypeError("attribute deletion is not supported")


class Unpickler:
    """This takes a binary file for reading a pickle data stream."""

    _running = False

    def __init__(self, file, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=()):
        with _InUse(self):
            for name in "read", "readline":
                if not hasattr(file, name):
                    raise TypeError("file must have 'read' and 'readline' attributes")
            self._impl = pickle._Unpickler(file, fix_imports=fix_imports, encoding=encoding,
                                           errors=errors, buffers=buffers or None)
            self._impl.memo = {}

    def _working(self):
        try:
            return self._impl
        except AttributeError:
            raise UnpicklingError(f"Unpickler.__init__() was not called by "
                                  f"{type(self).__name__}.__init__()") from None

    def load(self):
        """Load a pickle."""
        impl = self._working()
        with _InUse(self):
            for name in "persistent_load", "find_class":
                found = _overridden(self, name, Unpickler)
                if found is not None:
                    setattr(impl, name, found)
                else:
                    impl.__dict__.pop(name, None)
            return impl.load()

    def find_class(self, module_name, global_name, /):
        """Return an object from a specified module."""
        return pickle._Unpickler.find_class(self._working(), module_name, global_name)

    def persistent_load(self, pid, /):
        raise UnpicklingError("A load persistent id instruction was encountered, "
                              "but no persistent_load function was specified.")

    @property
    def memo(self):
        return UnpicklerMemoProxy(self)

    @memo.setter
    def memo(self, value):
        if isinstance(value, UnpicklerMemoProxy):
            value = value.copy()
        elif not isinstance(value, dict):
            raise TypeError(f"'memo' attribute must be an UnpicklerMemoProxy object or dict, "
                            f"not {type(value).__name__}")
        for key in value:
            if not isinstance(key, int):
                raise TypeError("memo key must be integers")
            if key < 0:
                raise ValueError("memo key must be positive integers.")
        self._impl.memo = dict(value)

    @memo.deleter
    def memo(self):
        raise TypeError("attribute deletion is not supported")


def dump(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None):
    """Write a pickled representation of obj to the open file object file."""
    pickle._Pickler(file, protocol, fix_imports=fix_imports,
                    buffer_callback=buffer_callback).dump(obj)


def dumps(obj, protocol=None, *, fix_imports=True, buffer_callback=None):
    """Return the pickled representation of the object as a bytes object."""
    return pickle._dumps(obj, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback)


def load(file, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=()):
    """Read and return an object from the pickle data stored in a file."""
    return pickle._Unpickler(file, fix_imports=fix_imports, encoding=encoding, errors=errors,
                             buffers=buffers or None).load()


def loads(data, /, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=()):
    """Read and return an object from the given pickle data."""
    return pickle._loads(data, fix_imports=fix_imports, encoding=encoding, errors=errors,
                         buffers=buffers or None)


# At the end: `pickle` takes the names above from here while it is being imported.
import pickle

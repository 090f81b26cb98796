"""Arrays of numbers, all of one C type, on a ``bytearray``."""

import struct
from _collections_abc import MutableSequence
from operator import index as _index

_SIZES = {"b": 1, "B": 1, "u": 4, "w": 4, "h": 2, "H": 2, "i": 4, "I": 4, "l": 8, "L": 8, "q": 8, "Q": 8,
          "f": 4, "d": 8}
typecodes = "bBuwhHiIlLqQfd"


class array:
    """array(typecode [, initializer]) -> array"""

    __slots__ = ("typecode", "itemsize", "_data", "_struct", "__weakref__")
    __hash__ = None

    def __new__(cls, typecode, initializer=(), /):
        if not isinstance(typecode, str) or len(typecode) != 1:
            raise TypeError("array() argument 1 must be a unicode character, "
                            f"not {type(typecode).__name__}")
        if typecode not in _SIZES:
            raise ValueError("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")
        if isinstance(initializer, str) and typecode not in "uw":
            raise TypeError(f"cannot use a str to initialize an array with typecode '{typecode}'")
        self = object.__new__(cls)
        self.typecode, self.itemsize = typecode, _SIZES[typecode]
        self._data = bytearray()
        self._struct = struct.Struct("=I" if typecode in "uw" else "@" + typecode)
        if isinstance(initializer, (bytes, bytearray)):
            self.frombytes(initializer)
        elif isinstance(initializer, array) and initializer.typecode == typecode:
            self._data[:] = initializer._data
        else:
            for item in initializer:
                self.append(item)
        return self

    def _pack(self, item):
        if self.typecode in "uw":
            if not isinstance(item, str) or len(item) != 1:
                raise TypeError("array item must be a unicode character, "
                                f"not {type(item).__name__}")
            return self._struct.pack(ord(item))
        if self.typecode in "fd":
            if isinstance(item, str):
                raise TypeError(f"must be real number, not {type(item).__name__}")
            return self._struct.pack(item)
        try:
            return self._struct.pack(_index(item))
        except struct.error:
            limit = "less than minimum" if item < 0 else "greater than maximum"
            names = {"b": "signed char", "B": "unsigned byte integer", "h": "signed short integer",
                     "H": "unsigned short", "i": "signed integer", "I": "unsigned int"}
            raise OverflowError(f"{names.get(self.typecode, 'int')} is {limit}") from None

    def _unpack(self, at):
        value = self._struct.unpack_from(self._data, at * self.itemsize)[0]
        return chr(value) if self.typecode in "uw" else value

    def __len__(self):
        return len(self._data) // self.itemsize

    def _at(self, i, what):
        i, n = _index(i), len(self)
        if i < 0:
            i += n
        if not 0 <= i < n:
            raise IndexError(f"{what} out of range")
        return i

    def _like(self, data):
        new = array(self.typecode)
        new._data[:] = data
        return new

    def __getitem__(self, i):
        if isinstance(i, slice):
            size, data = self.itemsize, self._data
            return self._like(b"".join(data[j * size:(j + 1) * size] for j in range(*i.indices(len(self)))))
        return self._unpack(self._at(i, "array index"))

    def __setitem__(self, i, value):
        size = self.itemsize
        if isinstance(i, slice):
            if not isinstance(value, array):
                raise TypeError(f"can only assign array (not \"{type(value).__name__}\") to array slice")
            if value.typecode != self.typecode:
                raise TypeError("bad argument type for built-in operation")
            items = [bytes(self._data[j:j + size]) for j in range(0, len(self._data), size)]
            items[i] = [bytes(value._data[j:j + size]) for j in range(0, len(value._data), size)]
            self._data[:] = b"".join(items)
            return
        at = self._at(i, "array assignment index") * size
        self._data[at:at + size] = self._pack(value)

    def __delitem__(self, i):
        size = self.itemsize
        if isinstance(i, slice):
            items = [bytes(self._data[j:j + size]) for j in range(0, len(self._data), size)]
            del items[i]
            self._data[:] = b"".join(items)
            return
        at = self._at(i, "array assignment index") * size
        del self._data[at:at + size]

    def __iter__(self):
        i = 0
        while i < len(self):
            yield self._unpack(i)
            i += 1

    def __contains__(self, item):
        return any(v is item or v == item for v in self)

    def __repr__(self):
        if not self._data:
            return f"array('{self.typecode}')"
        shown = repr(self.tounicode()) if self.typecode in "uw" else repr(self.tolist())
        return f"array('{self.typecode}', {shown})"

    def _compare(self, other, op):
        if not isinstance(other, array):
            return NotImplemented
        return op(self.tolist(), other.tolist())

    def __eq__(self, other):
        return self._compare(other, lambda a, b: a == b)

    def __lt__(self, other):
        return self._compare(other, lambda a, b: a < b)

    def __le__(self, other):
        return self._compare(other, lambda a, b: a <= b)

    def __gt__(self, other):
        return self._compare(other, lambda a, b: a > b)

    def __ge__(self, other):
        return self._compare(other, lambda a, b: a >= b)

    def __add__(self, other):
        if not isinstance(other, array):
            raise TypeError(f"can only append array (not \"{type(other).__name__}\") to array")
        if other.typecode != self.typecode:
            raise TypeError("bad argument type for built-in operation")
        return self._like(self._data + other._data)

    def __iadd__(self, other):
        if not isinstance(other, array):
            raise TypeError(f"can only extend with array (not \"{type(other).__name__}\")")
        self.extend(other)
        return self

    def __mul__(self, n):
        return self._like(self._data * _index(n))

    __rmul__ = __mul__

    def __imul__(self, n):
        self._data *= _index(n)
        return self

    def __buffer__(self, flags):
        code = "I" if self.typecode in "uw" else self.typecode
        return memoryview(self._data).cast(code)

    def __copy__(self):
        return self._like(self._data)

    def __deepcopy__(self, memo):
        return self._like(self._data)

    def __reduce_ex__(self, protocol):
        return type(self), (self.typecode, self.tolist()), getattr(self, "__dict__", None)

    @classmethod
    def __class_getitem__(cls, item):
        return type(list[int])(cls, item)

    def append(self, item, /):
        """Append new value v to the end of the array."""
        self._data += self._pack(item)

    def extend(self, items, /):
        """Append items to the end of the array."""
        if isinstance(items, array):
            if items.typecode != self.typecode:
                raise TypeError("can only extend with array of same kind")
            self._data += bytes(items._data)
            return
        for item in items:
            self.append(item)

    def insert(self, i, item, /):
        """Insert a new item into the array before position i."""
        i, n = _index(i), len(self)
        i = max(i + n, 0) if i < 0 else min(i, n)
        at = i * self.itemsize
        self._data[at:at] = self._pack(item)

    def pop(self, i=-1, /):
        """Return the i-th element and delete it from the array."""
        if not self._data:
            raise IndexError("pop from empty array")
        i = self._at(i, "pop index")
        item = self._unpack(i)
        del self[i]
        return item

    def remove(self, item, /):
        """Remove the first occurrence of v in the array."""
        for i, v in enumerate(self):
            if v == item:
                del self[i]
                return
        raise ValueError("array.remove(x): x not in array")

    def clear(self):
        """Remove all items from the array."""
        self._data.clear()

    def index(self, item, start=0, stop=None, /):
        """Return index of first occurrence of v in the array."""
        for i in range(*slice(start, stop).indices(len(self))):
            if self._unpack(i) == item:
                return i
        raise ValueError("array.index(x): x not in array")

    def count(self, item, /):
        """Return number of occurrences of v in the array."""
        return sum(v == item for v in self)

    def reverse(self):
        """Reverse the order of the items in the array."""
        self[:] = self[::-1]

    def byteswap(self):
        """Byteswap all items of the array."""
        size, data = self.itemsize, self._data
        data[:] = b"".join(data[j:j + size][::-1] for j in range(0, len(data), size))

    def buffer_info(self):
        """Return a tuple (address, length)."""
        return id(self._data), len(self)

    def tolist(self):
        """Convert array to an ordinary list with the same items."""
        return list(self)

    fromlist = extend

    def tobytes(self):
        """Convert the array to an array of machine values."""
        return bytes(self._data)

    def frombytes(self, buffer, /):
        """Appends items from the string."""
        data = bytes(memoryview(buffer).cast("B"))
        if len(data) % self.itemsize:
            raise ValueError("bytes length not a multiple of item size")
        self._data += data

    def tofile(self, f, /):
        """Write all items (as machine values) to the file object f."""
        f.write(self.tobytes())

    def fromfile(self, f, n, /):
        """Read n objects from the file object f and append them."""
        data = f.read(n * self.itemsize)
        self.frombytes(data[:len(data) - len(data) % self.itemsize])
        if len(data) < n * self.itemsize:
            raise EOFError("read() didn't return enough bytes")

    def tounicode(self):
        """Convert the array to a unicode string."""
        if self.typecode not in "uw":
            raise ValueError("tounicode() may only be called on unicode type arrays ('u' or 'w')")
        return "".join(self)

    def fromunicode(self, text, /):
        """Extends this array with data from the unicode string."""
        if self.typecode not in "uw":
            raise ValueError("fromunicode() may only be called on unicode type arrays ('u' or 'w')")
        self.extend(text)


ArrayType = array
MutableSequence.register(array)


def _array_reconstructor(cls, typecode, mformat_code, items, /):
    """Rebuild a pickled array."""
    made = cls(typecode)
    made.frombytes(items)
    return made

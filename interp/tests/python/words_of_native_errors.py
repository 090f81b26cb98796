# What native functions, and those in Python that stand for native ones, say about wrong calls.
import array, io, json, os, re, string.templatelib, sys, time, types, typing, weakref, _codecs, _opcode, _socket


def said(f, *args, **names):
    try:
        return f(*args, **names)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def show(*cases):
    for f, *args in cases:
        print(said(f, *args))


# Keywords are no receivers.
print(said(str.upper, xyz="a"))
print(said(int.__and__, value=1))
show((float.__ceil__, 1), (float.__neg__, 1), (dict.__init__,))

# Fields of the object, and computed attributes.
for owner, name in ((1j, "imag"), (re.compile("a"), "flags"), (sys.flags, "debug"), (sys.float_info, "max"),
                    (show.__code__, "co_name"), (1, "real"), (time.gmtime(0), "tm_year"), (t"{1}", "strings")):
    print(name, said(setattr, owner, name, 1), said(delattr, owner, name))
print(complex.imag, int.real, types.MethodType.__func__)

# Types that are not to be changed, and instances without room.
type Alias = int
for thing in (typing.TypeVar, typing.TypeAliasType, string.templatelib.Template, weakref.ProxyType):
    print(said(setattr, thing, "nope", 1))
for thing in (sys.version_info, sys.int_info, time.gmtime(0), types.SimpleNamespace.__repr__):
    print(said(setattr, thing, "nope", 1), said(delattr, thing, "__repr__"))
print(said(lambda: 1 < Alias), said(lambda: t"" / 1), said(lambda: sys.flags * 1.5))
print(said(type(sys.flags)), said(type(sys.float_info), 1), said(type(sys.float_info), (1, 2)))
print(said(type(sys.float_info), xyz=1), said(time.struct_time, (1,)), said(os.terminal_size, (1, 2, 3)))

# Methods in Python that are native elsewhere.
T = typing.TypeVar("T")
show((T.__or__,), (T.__mro_entries__,), (T.__reduce__, 1), (T.has_default, 1, 2))
show((types.SimpleNamespace(a=1).__repr__, 1), (types.SimpleNamespace, 1, 2), (types.SimpleNamespace, {1: 2}),
     (types.SimpleNamespace().__eq__,), (types.SimpleNamespace().__reduce__, 1),
     (types.SimpleNamespace().__replace__, 1))
show((_opcode.has_arg,), (_opcode.has_jump, 1, 2), (_opcode.get_nb_ops, 1))

# Methods declared with their class, and functions that read a format.
show((array.array("i").extend,), (array.array("i").extend, 1, 2), (io.BytesIO().getbuffer, 1),
     (io.FileIO("/dev/null").read, 1, 2), (_socket.CMSG_LEN,), (json.decoder.scanstring, "a"))
print(said(array.array("i").extend, xyz=1), said(io.FileIO("/dev/null").truncate, xyz=1))

# What is missing is told before what is given twice.
print(said(round, 1, number=1), said(__import__("bisect").bisect, [], a=1))
print(said(_codecs.utf_8_encode, 1), said(_codecs.utf_7_encode, "a", 1), said(_codecs.ascii_decode, b"a", 1))
show((__import__("unicodedata").decimal, 1), (__import__("unicodedata").category, None))
show(((1).__add__.__buffer__ if hasattr(int, "__buffer__") else b"".__buffer__,), (property().__get__, 1, 2, 3))
show(([1].__mul__, "a"), ((1,).__mul__, None), (object.__new__, int, 1), (re.compile("a").match, 1, "a"))
show((os.mkdir, 1), (os.rename, 1, 2), (os.access, 1.5, 1), (os.remove, None))
print(said(lambda: len >> 1), said(lambda: print >> 1))

# Simple namespaces.
n = types.SimpleNamespace({"b": 2}, a=[1])
n.n = n
print(n, n == types.SimpleNamespace(**vars(n)), n != 1, n.__reduce__()[1], said(lambda: n < n.a))


class Sub(types.SimpleNamespace):
    pass


print(Sub(x=1), __import__("copy").replace(Sub(x=1), x=2, y=3), Sub.__mro__)
print([type(x).__name__ for x in (iter(t"a"), show.__code__.co_lines(), show.__code__.co_positions())])

type Many[T] = list[T]
print(5 in Many, list(Many), [*Alias])

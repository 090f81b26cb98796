"""Wrong and unusual calls of the library whose results differed."""

import codecs
import io
import typing
import warnings


def tell(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__ + ":", e, *getattr(e, "__notes__", []))


Number = typing.NewType("Number", int)
print(Number(5), Number)
tell(lambda: Number(1, 2))
T = typing.TypeVar("T")
print(list[T][*tuple[int]], dict[T, str][*tuple[int]])
tell(lambda: list[T][*tuple[int, str]])
print(typing.ParamSpec("P", bound=(int, str)))


def search(name):
    if name == "failing_codec":
        def fail(*args):
            raise RuntimeError("fails")
        return codecs.CodecInfo(fail, fail, name=name)


codecs.register(search)
tell(lambda: "a".encode("failing_codec"))
tell(lambda: b"a".decode("failing_codec"))
tell(lambda: codecs.encode("a", "failing_codec"))
tell(lambda: "\u20ac".encode("cp437"))

both = io.BufferedRWPair(io.BytesIO(b"foo\nbar\n"), io.BytesIO())
text = io.TextIOWrapper(both)
first = text.readline()
text.write(first)
print(repr(first + text.readline()))


class Wrapper(io.TextIOWrapper):
    pass


print(Wrapper(io.BytesIO()))


def plain():
    pass


with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    plain.__code__ = (lambda: (yield)).__code__
print(seen[0].message)

import collections
import locale
import math

for call in [
    lambda: eval("1", "a"), lambda: eval("1", 5), lambda: eval("1", None, 5), lambda: exec("1", {}, 5),
    lambda: exec("1", closure=()), lambda: sum(1, "a"), lambda: b"ab".hex(1, "a"),
    lambda: collections.deque([1]).index(5), lambda: collections.OrderedDict(1, 2),
    lambda: math.sumprod([0.1] * 20, [True, False] * 10), lambda: locale.gettext("message"),
    lambda: locale.bindtextdomain("", "/"), lambda: locale.textdomain(5), lambda: hash(typing.ParamSpec("P").args),
]:
    tell(call)

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

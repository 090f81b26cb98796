"""Exceptions that compiled code makes, catches and drops, and those of which somebody sees the traceback."""
import sys
import traceback


class Failure(Exception):
    def __init__(self, value, note="none"):
        super().__init__(value)
        self.value = value
        self.note = note


def entries(e):
    return [
        (frame.f_code.co_name, line - frame.f_code.co_firstlineno)
        for frame, line in traceback.walk_tb(e.__traceback__)
    ]


def frames(e):
    found = []
    at = e.__traceback__
    while at:
        f = at.tb_frame
        found.append((f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno, sorted(f.f_locals.items(), key=str)))
        at = at.tb_next
    return found


def thrower(i):
    local = i * 2
    raise Failure(i)


def between(i):
    before = "b"
    result = thrower(i)
    return result, before


def dropped(n):
    total = 0
    for i in range(n):
        try:
            between(i)
        except Failure as e:
            total += e.value
    return total


def kept_once(n, wanted):
    kept = None
    for i in range(n):
        try:
            between(i)
        except Failure as e:
            if i == wanted:
                kept = e
    return kept


def kept_always(n):
    kept = []
    for i in range(n):
        try:
            between(i)
        except Failure as e:
            kept.append(e)
    return kept


def returned(i):
    x = 1
    try:
        thrower(i)
    except Failure as e:
        x = 2
        result = e
    x = 3
    return result


def returns(n):
    last = None
    for i in range(n):
        last = returned(i)
    return last


def described():
    kind, value, tb = sys.exc_info()
    return kind.__name__, value.args, tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno


def asked(n):
    last = None
    for i in range(n):
        try:
            between(i)
        except Failure:
            if i % 7 == 6:
                last = described()
    return last, sys.exc_info(), sys.exception()


def chained(n):
    last = None
    for i in range(n):
        try:
            try:
                thrower(i)
            except Failure as e:
                try:
                    raise KeyError(i) from e
                except KeyError as f:
                    raise ValueError(f.args[0] + 1)
        except ValueError as e:
            if i == n - 1:
                last = e
    return last


def context_of_loop(n):
    found = []
    try:
        raise LookupError("outer")
    except LookupError:
        for i in range(n):
            try:
                thrower(i)
            except Failure as e:
                if i % 10 == 9:
                    found.append(type(e.__context__).__name__)
            if i == n - 1:
                found.append(repr(sys.exception()))
    return found


def raised_again(n):
    total, last = 0, None
    for i in range(n):
        try:
            try:
                thrower(i)
            except Failure as e:
                total += 1
                raise
            finally:
                total += 1
        except Failure as e:
            total += e.value
            if i == n - 1:
                last = entries(e)
    return total, last


def same_again(n):
    e, seen = Failure("same"), []
    for i in range(n):
        try:
            raise e
        except Failure as caught:
            seen.append(caught is e)
    return all(seen), len(entries(e))


def deep(level):
    if level == 0:
        raise LookupError("bottom")
    try:
        return deep(level - 1)
    finally:
        level = -level


def deep_loop(n):
    total, last = 0, None
    for i in range(n):
        try:
            deep(4)
        except (TypeError, LookupError) as e:
            total += len(e.args[0])
            if i == n - 1:
                last = e
    return total, entries(last), [dict(f)["level"] for _, _, f in frames(last)[1:]]


def missing(thing):
    try:
        return thing.missing
    except AttributeError as e:
        return e


class Slotted:
    __slots__ = ("a",)


class Sometimes:
    pass


def attributes(n):
    things = [{}, Slotted(), Sometimes(), 3.5, [1], "text"]
    total, last = 0, None
    for i in range(n):
        found = missing(things[i % len(things)])
        if found.__class__ is AttributeError:
            total += 1
            last = found
        if i == n // 2:
            things[2].missing = "here"
    return total, last.args, last.name, last.obj, entries(last)


def texts(n):
    seen = set()
    for i in range(n):
        try:
            if i % 3 == 0:
                raise KeyError("key")
            elif i % 3 == 1:
                raise ValueError("it's wrong")
            raise Failure("a value")
        except (KeyError, ValueError, Failure) as e:
            seen.add(str(e))
    return sorted(seen)


class Swallows:
    def __init__(self):
        self.seen = None

    def __enter__(self):
        return self

    def __exit__(self, kind, e, tb):
        self.seen = kind, e, tb
        return kind is not None and issubclass(kind, Failure)


def with_blocks(n):
    last = total = 0
    for i in range(n):
        with Swallows() as s:
            if i % 2:
                between(i)
            total += 1
        if s.seen[0]:
            last = s
    kind, e, tb = last.seen
    return total, kind.__name__, e.args, tb is e.__traceback__, entries(e)


def identity(n):
    last = None
    for i in range(n):
        try:
            returned_twice(i)
        except KeyError as e:
            last = e
    outer, inner = last.__traceback__.tb_next, last.__context__.__traceback__
    return outer.tb_frame is inner.tb_frame, frames(last)[1]


def returned_twice(i):
    x = "before"
    try:
        thrower(i)
    except Failure:
        x = "after"
        raise KeyError(x)


def live(n):
    same = True
    for i in range(n):
        try:
            thrower(i)
        except Failure as e:
            if i % 5 == 4:
                same = same and e.__traceback__.tb_frame is sys._getframe()
                seen = e.__traceback__.tb_frame.f_locals["i"]
    return same, seen


def calls_in_handler(n):
    out = []
    for i in range(n):
        try:
            between(i)
        except Failure as e:
            out.append(repr(e.value))
            if len(out) > 3:
                out.clear()
    return out


print(dropped(300))
for e in kept_once(200, 150), kept_always(150)[140], returns(150):
    print(e.args, entries(e), frames(e)[1:])
print([entries(e) == entries(f) for f in kept_always(3) for e in kept_always(2)])
print(asked(100))
e = chained(150)
print(repr(e), repr(e.__context__), repr(e.__context__.__cause__), e.__suppress_context__)
print(repr(e.__context__.__context__), e.__context__.__cause__.__context__, entries(e), entries(e.__context__))
print(context_of_loop(100))
print(raised_again(150))
print(same_again(60))
print(deep_loop(200))
print(attributes(300))
print(texts(150))
print(with_blocks(150))
print(identity(150))
print(live(150))
print(calls_in_handler(150))
try:
    for i in range(200):
        try:
            between(i)
        except Failure as e:
            if i == 180:
                raise TypeError("at last") from e
except TypeError as e:
    text = "".join(traceback.format_exception(e))
    print("\n".join(line for line in text.splitlines() if "File" not in line))

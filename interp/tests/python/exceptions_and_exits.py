"""More of exceptions that compiled code makes: __exit__, texts of numbers, functions that nobody calls, causes."""
import contextlib
import sys
import traceback


def entries(e):
    return [(f.f_code.co_name, line - f.f_code.co_firstlineno) for f, line in traceback.walk_tb(e.__traceback__)]


def names(tb):
    found = []
    while tb:
        found.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    return found


class Guard:
    def __init__(self, swallows):
        self.swallows = swallows
        self.tb = None

    def __enter__(self):
        return self

    def __exit__(self, kind, e, tb):
        if e is not None:
            e.tb = tb
        self.tb = tb
        return self.swallows


def fails(i):
    with Guard(False) as g:
        with Guard(False):
            raise ValueError(i)


def passes_on(n):
    last = None
    for i in range(n):
        try:
            fails(i)
        except ValueError as e:
            if i == n - 1:
                last = e
    return entries(last), names(last.tb)


def swallowed(n):
    total, g = 0, None
    for i in range(n):
        with Guard(True) as g:
            if i % 3:
                raise KeyError(i)
            total += 1
    return total, names(g.tb)


class Raises:
    def __enter__(self):
        return self

    def __exit__(self, kind, e, tb):
        raise LookupError(str(e))


def replaced(n):
    total, last = 0, None
    for i in range(n):
        try:
            with Raises():
                raise KeyError("k")
        except LookupError as e:
            total += len(e.args[0])
            if i == n - 1:
                last = e
    return total, repr(last.__context__), entries(last), entries(last.__context__)


def generators(n):
    total = 0

    @contextlib.contextmanager
    def ignoring(kind):
        try:
            yield
        except kind:
            pass

    for i in range(n):
        with ignoring(KeyError), contextlib.suppress(ValueError):
            if i % 2:
                raise ValueError
            raise KeyError
        total += 1
    return total


def number(text):
    try:
        return int(text)
    except ValueError as e:
        return str(e)


def numbers(n):
    texts = ["12", "x7", "", " 40 ", "1e3", "1_0", "\u0661\u0662", "\ud800", "a'b", "y" * 300, "--3"]
    found = {}
    for i in range(n):
        text = texts[i % len(texts)]
        found[text] = number(text)
    return [repr(v) for v in found.values()]


def digits(n):
    old = sys.get_int_max_str_digits()
    long = "9" * 700
    seen = set()
    for i in range(n):
        if i == n // 2:
            sys.set_int_max_str_digits(640)
        result = number(long)
        seen.add(result[:30] if isinstance(result, str) else "read")
        try:
            seen.add(int(long + "x"))
        except ValueError as e:
            seen.add(str(e)[:30])
    sys.set_int_max_str_digits(old)
    return sorted(seen)


def wrapped(n):
    causes, last = 0, None
    for i in range(n):
        try:
            try:
                int("no")
            except ValueError as e:
                raise RuntimeError(f"bad {i}") from e
        except RuntimeError as e:
            causes += isinstance(e.__cause__, ValueError)
            causes += e.__suppress_context__
            if i % 10 == 9:
                last = e
        try:
            raise OSError("alone") from None
        except OSError as e:
            causes += e.__cause__ is None
    return causes, repr(last.__cause__), entries(last), entries(last.__cause__)


def functions(n):
    kept = []
    for i in range(n):
        unused = lambda: i
        used = lambda x=i: x + 1
        total = used()
        if i % 50 == 49:
            kept.append(unused)
            kept.append(used)
            assert kept[-1] is used and kept[-2] is unused
    return [f() for f in kept]


def displays(n):
    total, kept = 0, []
    for i in range(n):
        total += [1, 2, 3][i % 3]
        kept = [1, "b", None, 4.5]
        kept.append(i)
    return total, kept


def breaks(n):
    total = 0
    for i in range(n):
        for x in iter([1, 2]):
            try:
                if x == 2:
                    break
            finally:
                total += 1
    return total


def deep_kept(n):
    def down(level):
        if not level:
            raise KeyError(level)
        try:
            down(level - 1)
        except KeyError as e:
            raise ValueError(level) from e

    chain = []
    for i in range(n):
        try:
            down(3)
        except ValueError as e:
            if i == n - 1:
                while e:
                    chain.append((repr(e), entries(e)))
                    e = e.__cause__
    return chain


def handled_inside(n):
    seen = []
    for i in range(n):
        try:
            raise KeyError(i)
        except KeyError:
            try:
                raise ValueError(i)
            except ValueError:
                if i == n - 2:
                    seen.append(repr(sys.exception()))
            if i == n - 2:
                seen.append(repr(sys.exception()))
        if i == n - 2:
            seen.append(repr(sys.exception()))
    return seen


def generator(n):
    for i in range(n):
        try:
            if i % 3 == 0:
                raise ValueError(i)
            yield i
        except ValueError as e:
            yield -e.args[0], repr(sys.exception())


def in_generator(n):
    found = []
    try:
        raise LookupError
    except LookupError:
        for x in generator(n):
            try:
                raise KeyError
            except KeyError as e:
                found = [x, repr(e.__context__)]
    return found, repr(sys.exception())


def traced(n):
    events = []

    def trace(frame, event, arg):
        if event == "exception":
            events.append((frame.f_code.co_name, arg[0].__name__, frame.f_lineno - frame.f_code.co_firstlineno))
        return trace

    def inner(i):
        if i == n - 3:
            sys.settrace(trace)
        try:
            raise KeyError(i)
        except KeyError:
            pass
        thrower(i)

    def thrower(i):
        raise ValueError(i)

    for i in range(n):
        try:
            inner(i)
        except ValueError:
            pass
    sys.settrace(None)
    return events


for f in (passes_on, swallowed, replaced, generators, numbers, digits, wrapped, functions, displays, breaks,
          deep_kept, handled_inside, in_generator, traced):
    print(f.__name__, f(160))

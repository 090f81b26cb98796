"""Exceptions made and raised in compiled loops: their parts, tracebacks, contexts and frames."""
import sys
import traceback


class Plain(Exception):
    pass


class Made(Exception):
    def __init__(self, message, position):
        super().__init__(message)
        self.position = position


class Counted(ValueError):
    made = 0

    def __init__(self, *args):
        Counted.made += 1
        super().__init__(*args, Counted.made)


class Keyword(Exception):
    def __init__(self, what, *, code=3):
        self.what, self.code = what, code


class Chosen(Exception):
    def __new__(cls, *args):
        made = super().__new__(cls, *args)
        made.extra = len(args)
        return made


def entries(tb):
    out = []
    while tb is not None:
        names = sorted(n for n in tb.tb_frame.f_locals if n != "out")
        out.append((tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno, tb.tb_lasti > 0, names))
        tb = tb.tb_next
    return out


def plain(n):
    caught = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                raise ValueError
            elif i % 3 == 1:
                raise KeyError(i)
            raise Plain("p", i)
        except ValueError as e:
            caught += len(e.args) + (e.__context__ is None) + (e.__traceback__.tb_next is None)
        except (KeyError, Plain) as e:
            caught += e.args[-1]
    return caught


def made(n):
    out = []
    for i in range(n):
        try:
            raise Made("m", i)
        except Made as e:
            out.append((e.position, e.args, str(e), e.__cause__, e.__suppress_context__))
        try:
            raise Counted(i)
        except Counted as e:
            out.append(e.args)
        try:
            raise Keyword(i, code=i)
        except Keyword as e:
            out.append((e.args, e.what, e.code))
        try:
            raise Chosen(i, i)
        except Chosen as e:
            out.append((e.args, e.extra, repr(e)))
    return out[-8:], len(out)


def thrower(x, depth=0):
    local = x * 2
    if depth:
        return thrower(x, depth - 1)
    if x % 2:
        raise LookupError(local)
    raise Made("even", local)


def called(n):
    out = []
    for i in range(n):
        try:
            thrower(i, i % 3)
        except LookupError as e:
            out.append((e.args, entries(e.__traceback__)))
        except Made as e:
            out.append((e.position, entries(e.__traceback__)))
    return out[:2], out[-7:]


def chained(n):
    out = []
    for i in range(n):
        try:
            try:
                raise ValueError(i)
            except ValueError as first:
                if i % 3 == 0:
                    raise Plain("from") from first
                if i % 3 == 1:
                    raise Plain("none") from None
                raise Plain("context")
        except Plain as e:
            out.append((e.args, repr(e.__cause__), repr(e.__context__), e.__suppress_context__))
        try:
            raise e
        except (NameError, Plain) as e:
            out.append((type(e).__name__, e.__context__))
    return out[-6:]


def handled(n):
    out = []
    for i in range(n):
        try:
            raise Plain(i)
        except Plain:
            inner = sys.exception()
            try:
                raise KeyError(i)
            except KeyError as e:
                out.append((e.__context__ is inner, sys.exception() is e))
            out.append(sys.exception() is inner)
        out.append(sys.exception())
    return out[-4:], len(out)


def again(n):
    kept = Plain("kept")
    lengths = []
    for i in range(n):
        try:
            raise kept
        except Plain as e:
            lengths.append(len(entries(e.__traceback__)))
            if i % 10 == 9:
                kept.__traceback__ = None
    return lengths[-12:]


def finals(n):
    log = 0
    for i in range(n):
        try:
            try:
                raise Made("f", i)
            finally:
                log += 1
        except Exception as e:
            log += e.position
            text = "".join(traceback.format_exception(e)).count("File")
            log += text
    return log


def bad(n):
    out = []
    for i in range(n):
        try:
            raise [ValueError, 3, int, None, "x"][i % 5]
        except (TypeError, ValueError) as e:
            out.append((type(e).__name__, e.args))
        try:
            raise ValueError from [3, KeyError, None][i % 3]
        except (TypeError, ValueError) as e:
            out.append((type(e).__name__, e.args, repr(e.__cause__)))
    return out[-10:]


def swapped(n):
    out = 0
    for i in range(n):
        try:
            raise Plain(i)
        except Plain as e:
            out += len(e.args)
        if i == n // 2:
            Plain.__init__ = lambda self, *args: None
        if i == n // 2 + 5:
            del Plain.__init__
            Plain.__str__ = lambda self: "changed"
    del Plain.__str__
    return out


def traced(n):
    events = []

    def tracer(frame, event, arg):
        if event == "exception" and frame.f_code.co_name == "traced":
            events.append((frame.f_lineno - frame.f_code.co_firstlineno, arg[0].__name__, arg[1].args))
        return tracer

    for i in range(n):
        if i == n - 3:
            sys.settrace(tracer)
            sys._getframe().f_trace = tracer
        try:
            raise Plain(i)
        except Plain:
            pass
    sys.settrace(None)
    return events


def escaping(n):
    kept = []
    for i in range(n):
        local = [i]
        try:
            raise Made("kept", i)
        except Made as e:
            kept.append(e)
    return [(e.position, entries(e.__traceback__), e.__traceback__.tb_frame.f_locals["local"]) for e in kept[-2:]]


for run in range(3):
    for f in (plain, made, called, chained, handled, again, finals, bad, swapped, traced, escaping):
        print(f.__name__, f(40))


class Context:
    def __exit__(self, kind, e, tb):
        n = 0
        while tb is not None:
            n += 1; tb = tb.tb_next
        out.append((getattr(kind, "__name__", None), n, sys.exception() is e))
        return self.swallow
    def __enter__(self): return self
    def __init__(self, s): self.swallow = s
out = []
def inner(i):
    with Context(i % 2):
        if i % 3: raise KeyError(i)
def outer(n):
    for i in range(n):
        with Context(True):
            with Context(i % 5 == 0):
                inner(i)
        with Context(True):
            raise ValueError
outer(60)
print(len(out), out)

"""Exceptions raised and caught in loops that get compiled."""
import sys
import traceback


class ParseError(Exception):
    def __init__(self, message, position):
        super().__init__(message)
        self.position = position


class Swallow:
    def __init__(self, log, kinds):
        self.log, self.kinds = log, kinds

    def __enter__(self):
        self.log.append("enter")
        return self

    def __exit__(self, kind, error, tb):
        self.log.append((kind and kind.__name__, str(error), tb and tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
        return kind in self.kinds


def show(e):
    """An exception with its tracebacks and everything chained to it."""
    out = []
    while e is not None:
        frames = [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)]
        out.append((type(e).__name__, str(e), frames, e.__suppress_context__))
        e = e.__cause__ or e.__context__
    return out


def parse(text):
    try:
        return int(text)
    except ValueError as error:
        raise ParseError(f"bad number {text!r}", len(text)) from error


def parsing(n):
    total = 0
    shown = []
    values = ["12", "x7", "", "40", "1e3"]
    for i in range(n):
        try:
            total += parse(values[i % 5])
        except ParseError as error:
            total += error.position
            if i % 37 == 1:
                shown.append(show(error))
    return total, shown[-2:], sys.exception()


def lookup(table, key):
    try:
        return table[key]
    except KeyError:
        return -1
    finally:
        table["lookups"] += 1


def lookups(n):
    table = {"a": 1, "b": 2, "lookups": 0}
    return [lookup(table, "abcd"[i % 4]) for i in range(n)][-5:], table


def deep(level):
    if level == 0:
        raise LookupError("bottom")
    try:
        return deep(level - 1)
    finally:
        level += 1


def deeply(n):
    last = None
    for i in range(n):
        try:
            deep(i % 9)
        except (TypeError, LookupError) as error:
            last = error
    return show(last)


def contexts(n):
    log = []
    for i in range(n):
        with Swallow(log, (KeyError,)):
            if i % 3 == 0:
                {}["nothing"]
            log.append(i)
        try:
            with Swallow(log, (KeyError,)):
                [][i]
        except IndexError as e:
            log.append(show(e))
    return log[-6:], len(log)


def chained(n):
    last = None
    for i in range(n):
        try:
            try:
                raise KeyError(i)
            except KeyError:
                1 // (i % 2)
                raise
        except Exception as e:
            last = show(e)
            if i % 2 == 0:
                even = last
    return even, last, sys.exception()


def nested_handlers(n):
    out = []
    for i in range(n):
        try:
            raise ValueError(i)
        except ValueError as outer:
            try:
                raise TypeError(i)
            except TypeError as inner:
                out.append((inner.__context__ is outer, sys.exception() is inner))
            out.append(sys.exception() is outer)
        out.append(sys.exception())
    return out[-3:]


def sometimes(n):
    """The recorded way and the other, in both orders."""
    total = 0
    for i in range(n):
        try:
            total += [1, 2, 3][i % 4]
        except IndexError:
            total += 100
        else:
            total += 1
        try:
            x = 10 // (i // 5 % 3)
        except ZeroDivisionError as e:
            total += len(e.args)
        else:
            total += x
        try:
            total += None if i % 11 == 0 else i
        except TypeError:
            total -= 1
    return total


def attribute(thing):
    try:
        return thing.missing
    except AttributeError as e:
        return len(str(e))


def unbound(n):
    out = 0
    for i in range(n):
        try:
            if i % 2:
                x = i
            out += x
            del x
        except UnboundLocalError as e:
            out += len(str(e))
        try:
            out += undefined_name
        except NameError as e:
            out += len(str(e))
        out += attribute(out)
    return out


def returning(n):
    """Ways out of try statements."""
    def f(i):
        for j in range(3):
            try:
                if i % 4 == 0:
                    return "returned"
                if i % 4 == 1:
                    break
                if i % 4 == 2:
                    continue
                raise OSError(i)
            except OSError as e:
                return repr(e)
            finally:
                log.append(j)
        else:
            return "ended"
        return "broken"

    log = []
    out = [f(i) for i in range(n)]
    return out[-4:], len(log)


def locals_seen(n):
    """Tracebacks keep the frames' variables."""
    def fail(a, b):
        c = a + b
        raise RuntimeError(c)

    out = None
    for i in range(n):
        try:
            fail(i, 1)
        except RuntimeError as e:
            tb = e.__traceback__
            out = tb.tb_next.tb_frame.f_locals, tb.tb_frame.f_locals["i"], tb.tb_next.tb_frame.f_lineno
            back = tb.tb_next.tb_frame.f_back is tb.tb_frame
    return out, back


def groups(n):
    out = []
    for i in range(n):
        try:
            raise ExceptionGroup("g", [ValueError(i), TypeError(i)])
        except* ValueError as e:
            out.append(len(e.exceptions))
        except* TypeError as e:
            out.append(e.exceptions[0].args)
    return out[-2:]


def in_generators(n):
    def gen():
        for i in range(n):
            try:
                if i % 2:
                    raise KeyError(i)
                yield i
            except KeyError as e:
                yield -e.args[0]

    return sum(gen()), [x for x in gen()][-4:]


def custom(n):
    class E(Exception):
        pass

    class F(E):
        pass

    kinds = [E, F, ValueError]
    out = {}
    for i in range(n):
        try:
            raise kinds[i % 3]
        except F:
            out["f"] = out.get("f", 0) + 1
        except E as e:
            out["e"] = out.get("e", 0) + len(e.args)
        except (TypeError, ValueError):
            out["v"] = out.get("v", 0) + 1
    return out


def escaping(n):
    def f(k):
        for i in range(n):
            if i == k:
                raise StopIteration(i)
            try:
                if i % 2:
                    raise ValueError
            except ValueError:
                pass

    try:
        f(n - 1)
    except StopIteration as e:
        return show(e), e.value


for size in (30, 300):
    for f in (parsing, lookups, deeply, contexts, chained, nested_handlers, sometimes, unbound, returning,
              locals_seen, groups, in_generators, custom, escaping):
        print(f.__name__, f(size))
print(sys.exception())

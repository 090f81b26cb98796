"""Assigning frame.f_lineno from a tracing function: which jumps there are, and which are refused."""
import asyncio
import sys
import warnings

warnings.simplefilter("ignore", RuntimeWarning)


def jump(function, source, target, event="line", *, times=1):
    """Runs `function`, going from line `source` to `target`, counted from its first."""
    code = function.__code__
    first = code.co_firstlineno
    events = []
    left = times

    def trace(frame, what, argument):
        nonlocal left
        if frame.f_code.co_filename != code.co_filename or frame.f_lineno < first:
            return None
        line = frame.f_lineno - first
        if not first <= frame.f_lineno < first + 30:
            return None
        events.append((line, what))
        if (line, what) == (source, event) and left:
            left -= 1
            try:
                frame.f_lineno = first + target if isinstance(target, int) else target
                events.append(frame.f_lineno - first)
            except (ValueError, RuntimeWarning) as e:
                events.append(str(e))
        return trace

    output = []
    sys.settrace(trace)
    try:
        result = function(output)
        if hasattr(result, "send"):
            result = list(result) if hasattr(result, "__next__") else asyncio_run(result)
        output.append(result)
    except Exception as e:
        output.append(repr(e))
    finally:
        sys.settrace(None)
    print(function.__name__, source, target, output)
    print("   ", *events)


def asyncio_run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as e:
        return e.value


def plain(output):
    output.append(1)
    output.append(2)

    output.append(4)
    return len(output)


jump(plain, 1, 3)
jump(plain, 1, 4)
jump(plain, 2, 1)
jump(plain, 2, 2)
jump(plain, 4, 1, times=3)
jump(plain, 1, 5, "call")
jump(plain, 5, 1, "return")
jump(plain, 1, -10)
jump(plain, 1, 1000)
jump(plain, 1, "three")
jump(plain, 1, 2.0)


def loops(output):
    for i in range(3):
        output.append(i)
    n = 0
    while n < 2:
        n += 1
        for j in "ab":
            output.append(j)
    output.append("end")


jump(loops, 2, 4)
jump(loops, 7, 8)
jump(loops, 8, 3)
jump(loops, 3, 2)
jump(loops, 3, 7)
jump(loops, 3, 5)
jump(loops, 7, 5)
jump(loops, 7, 1)


class Block:
    def __init__(self, output):
        self.output = output

    def __enter__(self):
        self.output.append("enter")

    def __exit__(self, *what):
        self.output.append(("exit", what[0]))


def handlers(output):
    try:
        output.append(2)
        1 / 0
    except ZeroDivisionError as e:
        output.append(5)
        output.append(str(e))
    except ValueError:
        output.append(8)
    finally:
        output.append(10)
    output.append(sys.exception())
    with Block(output):
        output.append(13)
        output.append(14)
    output.append(15)


jump(handlers, 1, 5)
jump(handlers, 3, 11)
jump(handlers, 5, 11)
jump(handlers, 6, 8)
jump(handlers, 5, 2)
jump(handlers, 14, 15)
jump(handlers, 14, 11)
jump(handlers, 11, 13)
jump(handlers, 13, 6)
jump(handlers, 3, 5, "exception")


def nested(output):
    try:
        try:
            raise KeyError(1)
        except KeyError:
            output.append(sys.exception())
            try:
                raise IndexError(2)
            except IndexError:
                output.append(sys.exception())
                output.append("left out")
            output.append(sys.exception())
    except LookupError:
        output.append("left out too")
    output.append(sys.exception())


jump(nested, 10, 11)
jump(nested, 10, 14)
jump(nested, 9, 5)


def generator(output):
    output.append(1)
    got = yield 2
    output.append(got)
    yield 4
    for i in range(2):
        yield i
    output.append("done")


jump(generator, 1, 3)
jump(generator, 2, 1, "return")
jump(generator, 2, 4, "call")
jump(generator, 4, 7, "return")
jump(generator, 6, 7, "return")
jump(generator, 7, 6)


class Again:
    def __init__(self, n):
        self.n = n

    def __await__(self):
        for i in range(self.n):
            yield i
        return self.n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        return self.n

    async def __aenter__(self):
        return self

    async def __aexit__(self, *what):
        pass


async def coroutine(output):
    output.append(await Again(2))
    async for i in Again(3):
        output.append(i)
        output.append("next")
    async with Again(1) as a:
        output.append(a.n)
        output.append("in")
    return "done"


jump(coroutine, 1, 5)
jump(coroutine, 4, 3)
jump(coroutine, 4, 5)
jump(coroutine, 5, 3)
jump(coroutine, 7, 8)
jump(coroutine, 8, 6)
jump(coroutine, 2, 6)


def variables(output):
    a = 1
    b = [x for x in range(3)]
    c = 3
    return a, b, c


jump(variables, 1, 4)
jump(variables, 2, 3)
warnings.simplefilter("error", RuntimeWarning)
jump(variables, 1, 4)
jump(variables, 2, 3)
warnings.simplefilter("ignore", RuntimeWarning)


def cells(output):
    a = 1
    b = 2
    show = lambda: (a, b)
    return show()


jump(cells, 1, 3)
jump(cells, 2, 3)


def hot(n):
    total = 0
    for i in range(n):
        if i % 7 == 3:
            total += 100
        total += i
    return total


for _ in range(30):
    hot(300)


def skipping(frame, what, argument):
    """Leaves line 4 of `hot` out, in a function that may be compiled by now."""
    if frame.f_code is not hot.__code__:
        return None
    if what == "line" and frame.f_lineno == hot.__code__.co_firstlineno + 4:
        frame.f_lineno += 1
    return skipping


print(hot(300))
sys.settrace(skipping)
print(hot(300))
sys.settrace(None)
print(hot(300))

# Outside of tracing functions, and of frames that they are not told of.
for value in 5, "five", None:
    try:
        sys._getframe().f_lineno = value
    except ValueError as e:
        print(e)
try:
    del sys._getframe().f_lineno
except AttributeError as e:
    print(e)


def monitored(output):
    output.append(1)
    output.append(2)
    output.append(3)


def on_line(code, line):
    if code is monitored.__code__ and line == code.co_firstlineno + 2:
        sys._getframe(1).f_lineno = line + 1


sys.monitoring.use_tool_id(3, "jumps")
sys.monitoring.register_callback(3, sys.monitoring.events.LINE, on_line)
sys.monitoring.set_local_events(3, monitored.__code__, sys.monitoring.events.LINE)
output = []
monitored(output)
print(output)
sys.monitoring.free_tool_id(3)

import gc
import io
import pdb

script = io.StringIO("break debugged\ncontinue\nnext\njump %d\nnext\np output\njump 2\ncontinue\n")


def debugged(output):
    output.append(1)
    output.append(2)
    output.append(3)
    output.append(4)


text = script.getvalue() % (debugged.__code__.co_firstlineno + 4)
said = io.StringIO()
gc.collect()  # what importing left behind
debugger = pdb.Pdb(stdin=io.StringIO(text), stdout=said, nosigint=True, readrc=False)
output = []
debugger.runcall(debugged, output)
print(output)
print([line.partition(" ")[0] if line.startswith(">") else line for line in said.getvalue().splitlines()
       if "jump_lines.py" not in line])

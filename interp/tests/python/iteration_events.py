"""What tools and tracing functions are told of iterations that end without an exception of their own."""
import sys

E = sys.monitoring.events
NAMES = {getattr(E, name): name for name in dir(E) if name.isupper()}
log = []


def register(event):
    def callback(code, *rest):
        what = [x if not isinstance(x, int) else "" for x in rest]
        log.append((NAMES[event], code.co_name, *what))

    sys.monitoring.register_callback(1, event, callback)


class Count:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise StopIteration
        return self.n


def giving():
    yield 1
    return 2


def plain():
    yield 1


async def items():
    yield 1


async def value():
    return 3


async def nothing():
    pass


def loop_giving():
    for _ in giving():
        pass


def loop_plain():
    for _ in plain():
        pass


def loop_count():
    for _ in Count(1):
        pass


def from_giving():
    x = yield from giving()


def from_count():
    yield from Count(1)


def from_list():
    yield from [1]


def native():
    return list(giving()), list(plain()), next(iter([]), None)


async def asynchronous():
    async for _ in items():
        pass


async def awaiting():
    await value()
    await nothing()


def run(function):
    log.clear()
    result = function()
    if hasattr(result, "send"):
        try:
            while True:
                result.send(None)
        except StopIteration:
            pass
    print(function.__name__, *log)


def trace(frame, event, argument):
    if frame.f_code is run.__code__:
        return None
    if event == "exception":
        log.append((frame.f_code.co_name, argument[0].__name__, argument[1]))
    return trace


FUNCTIONS = (loop_giving, loop_plain, loop_count, from_giving, from_count, from_list, native, asynchronous, awaiting)
sys.monitoring.use_tool_id(1, "iterations")
for event in E.RAISE, E.STOP_ITERATION, E.EXCEPTION_HANDLED, E.RERAISE:
    register(event)
sys.monitoring.set_events(1, E.RAISE | E.STOP_ITERATION | E.EXCEPTION_HANDLED | E.RERAISE)
for function in FUNCTIONS:
    run(function)
sys.monitoring.free_tool_id(1)
sys.settrace(trace)
for function in FUNCTIONS:
    run(function)
sys.settrace(None)


# Branches: each goes to where its code points.
def branches(v, n):
    for i in range(n):
        if i == v and n:
            continue
        while v:
            v -= 1
    return [x for x in range(2) if x]


async def loops():
    async for _ in items():
        pass
    return [x async for x in items()]


def left(code, start, end):
    log.append(("left", start, end))


def right(code, start, end):
    log.append(("right", start, end))


sys.monitoring.use_tool_id(1, "branches")
sys.monitoring.register_callback(1, E.BRANCH_LEFT, left)
sys.monitoring.register_callback(1, E.BRANCH_RIGHT, right)
for function, arguments in (branches, (1, 3)), (loops, ()):
    log.clear()
    sys.monitoring.set_local_events(1, function.__code__, E.BRANCH_LEFT | E.BRANCH_RIGHT)
    result = function(*arguments)
    if hasattr(result, "send"):
        try:
            result.send(None)
        except StopIteration as e:
            result = e.value
    sys.monitoring.set_local_events(1, function.__code__, 0)
    known = list(function.__code__.co_branches())
    kinds = {}
    for kind, start, end in log:
        place = next(i for i, (s, *_) in enumerate(known) if s == start)
        assert end == known[place][1 if kind == "left" else 2], (kind, start, end, known)
        kinds.setdefault(place, []).append(kind)
    print(function.__name__, result, len(known), kinds)


# Lines of a comprehension, and of what a frame is told of from its middle on.
def lines(frame, event, argument):
    if frame.f_code is run.__code__:
        return None
    log.append((frame.f_lineno - frame.f_code.co_firstlineno, event))
    return lines


def comprehension():
    a = [
        x
        for x in range(2)
    ]
    return [x for x in a]


def begin():
    sys.settrace(lines)
    sys._getframe().f_back.f_trace = lines


def middle():
    begin()
    x = 1
    return x


class Failing:
    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            raise KeyError
        except KeyError:
            raise StopAsyncIteration


async def failing():
    async for _ in Failing():
        pass


sys.settrace(lines)
run(comprehension)
run(failing)
sys.settrace(None)
log.clear()
middle()
sys.settrace(None)
print(log)

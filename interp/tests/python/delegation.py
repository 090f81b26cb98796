"""Chains of generators and coroutines that wait for each other: values, exceptions, frames."""
import sys


class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.value
        if self.right is not None:
            yield from self.right


def tree(items):
    if not items:
        return None
    middle = len(items) // 2
    return Tree(tree(items[:middle]), items[middle], tree(items[middle + 1:]))


t = tree(list(range(200)))
for _ in range(20):
    assert list(t) == list(range(200))
    assert sum(x for x in t) == 19900
print(max(t), sorted(t)[-3:], next(iter(t)))


def chain(depth, source):
    if depth == 0:
        return (yield from source)
    result = yield from chain(depth - 1, source)
    return (depth, result)


def source():
    got = []
    for i in range(5):
        got.append((yield i))
    return got


g = chain(30, source())
print([next(g)] + [g.send(i * 10) for i in range(4)])
try:
    g.send("last")
except StopIteration as e:
    depth = 0
    value = e.value
    while isinstance(value, tuple):
        depth, value = depth + 1, value[1]
    print(depth, value)


# What the innermost one sees of those that wait for it.
def watcher():
    names = []
    while True:
        frame = sys._getframe()
        names.clear()
        while frame is not None:
            names.append((frame.f_code.co_name, frame.f_lineno > 0))
            frame = frame.f_back
        yield len(names), [n for n, _ in names[:3]]


g = chain(4, watcher())
print(next(g), next(g), g.gi_running, g.gi_yieldfrom.gi_yieldfrom.__name__)


def busy(holder):
    for i in range(3):
        try:
            next(holder[i % 2])
        except ValueError as e:
            yield str(e)


holder = []
inner = chain(2, busy(holder))
outer = chain(2, inner)
holder += [outer, inner]
print(list(outer))


# Exceptions from below, thrown in from above, and closing.
def thrower():
    yield 1
    raise KeyError("below")


def catcher(depth):
    try:
        if depth:
            yield from catcher(depth - 1)
        else:
            yield from thrower()
    except KeyError as e:
        yield f"{depth} caught {e}"
        raise
    finally:
        log.append(depth)


log = []
try:
    for x in catcher(5):
        print(x, end="; ")
except KeyError as e:
    tb, lines = e.__traceback__, 0
    while tb:
        lines, tb = lines + 1, tb.tb_next
    print("out", e, lines, log)

log.clear()
g = catcher(5)
next(g)
print(g.throw(KeyError("above")), next(g), log)
g.close()
print(log)


# Deep chains.
def deep(n):
    if n:
        yield from deep(n - 1)
    else:
        while True:
            yield "bottom"


g = deep(300)
print([next(g) for _ in range(3)])


# Coroutines, and iterators that are no generators in the chain.
class Pause:
    def __await__(self):
        return (yield "pause")


class Steps:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise StopIteration("steps")
        return self.n


async def leaf(n):
    return n + await Pause()


async def branch(n):
    if n == 0:
        return await leaf(0) + await leaf(1)
    return await branch(n - 1) + await branch(n - 1)


def drive(coroutine):
    sent = None
    count = 0
    while True:
        try:
            coroutine.send(sent)
            sent = count
            count += 1
        except StopIteration as e:
            return e.value, count


for _ in range(5):
    print(drive(branch(5)), end=" ")
print()


def mixed(n):
    if n == 0:
        return (yield from Steps(3))
    return (yield from mixed(n - 1))


for _ in range(3):
    print(list(mixed(6)), end=" ")
print()


# Traced in the middle.
events = []


def tracer(frame, event, arg):
    events.append((event, frame.f_code.co_name))
    return None


g = chain(3, source())
next(g)
sys.settrace(tracer)
g.send(1)
sys.settrace(None)
print(events)
print(g.send(2))

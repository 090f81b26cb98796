"""Generators and coroutines resumed by loops that get compiled."""
import sys, traceback, asyncio


def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


def squares(it):
    for x in it:
        if x % 3:
            yield x * x


def chained(n):
    t = 0
    for x in squares(count(n)):
        t += x
    return t


def delegating(n):
    def inner(k):
        got = yield from count(k)
        yield "end", got
        return k

    out = []
    for i in range(n):
        def outer():
            r = yield from inner(i % 5)
            yield r
        for v in outer():
            out.append(v)
    return out[-9:], len(out)


def growing():
    """Small integers become big ones while the generator is suspended."""
    x = 1
    while True:
        yield x
        x *= 3


def use_growing(n):
    t = 0
    for i, x in zip(range(n), growing()):
        t ^= x
    t2 = 0
    for x in growing():
        if x > 1 << 80:
            break
        t2 += x
    return t, t2


def types_change(n):
    def gen():
        for i in range(n):
            yield i if i % 5 else float(i) if i % 2 else str(i)
    out = []
    for v in gen():
        out.append(v * 2)
    return out[:12], len(out)


def early(n):
    """Left early, closed, finalised."""
    log = []

    def gen(k):
        try:
            for i in range(100):
                yield i
        finally:
            log.append(k)

    for i in range(n):
        g = gen(i)
        for x in g:
            if x == 3:
                break
        g.close()
    return log[-3:], len(log)


def raising(n):
    def gen(k):
        for i in range(k):
            if i == 4:
                raise ValueError(f"at {i}")
            yield i

    out = []
    for i in range(n):
        try:
            for x in gen(i % 7):
                out.append(x)
        except ValueError as e:
            out.append(str(e))
            frames = traceback.extract_tb(e.__traceback__)
            out.append([(f.name, f.lineno) for f in frames])
    return out[-7:], len(out)


def in_handler(n):
    """A generator suspended while it handles an exception."""
    def gen():
        for i in range(n):
            try:
                if i % 3 == 0:
                    raise KeyError(i)
                yield i
            except KeyError as e:
                yield repr(sys.exception())
            yield sys.exception()

    out = []
    for v in gen():
        out.append((v, sys.exception()))
    try:
        raise IndexError
    except IndexError:
        for v in gen():
            out.append((v, repr(sys.exception())))
    return out[:5], out[-5:], len(out)


def frames(n):
    """Who looks at frames sees the generator's."""
    def gen():
        for i in range(n):
            f = sys._getframe()
            back = f.f_back.f_code.co_name
            yield f.f_locals["i"], back, f.f_lineno - f.f_code.co_firstlineno

    out = []
    for v in gen():
        out.append(v)
    g = gen()
    for v in g:
        out.append((g.gi_frame.f_locals["i"], g.gi_running, g.gi_yieldfrom))
    out.append(g.gi_frame)
    return out[-4:], len(out)


def sending(n):
    def averager():
        total = 0
        count = 0
        average = None
        while True:
            v = yield average
            total += v
            count += 1
            average = total / count

    def through():
        return (yield from averager())

    a = averager()
    next(a)
    b = through()
    next(b)
    out = 0
    for i in range(n):
        out += a.send(i) - b.send(i * 2)
    return round(out, 6)


def reentrant(n):
    out = []
    for i in range(n):
        def gen():
            yield 1
            for x in g:
                yield x
        g = gen()
        try:
            for x in g:
                out.append(x)
        except ValueError as e:
            out.append(str(e))
    return out[-3:]


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield depth
        yield from tree(depth - 1)


def expressions(n):
    total = 0
    for i in range(n):
        total += sum(x * i for x in range(5))
        total += any(x > 3 for x in range(i % 7))
        total += all(x < 3 for x in range(i % 7))
        total += len(tuple(x for x in (1, 2, i) if x != 2))
        for y in (a + i for a in (1, 2, 3) if a != 2):
            total += y
        total += max((x for x in (i, 3, 7)), default=0)
    return total


def deleted(n):
    """Locals that come and go."""
    def gen():
        for i in range(n):
            x = i
            yield x
            del x
            try:
                x
            except UnboundLocalError as e:
                yield str(e)[:20]
    return list(gen())[-3:]


class Context:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        return False


async def leaf(i):
    if i % 50 == 0:
        await asyncio.sleep(0)
    return i


async def middle(i):
    return await leaf(i) + 1


async def agen(n):
    for i in range(n):
        yield i


async def main(n):
    t = 0
    for i in range(n):
        t += await middle(i)
        async with Context():
            t += await leaf(1)
    async for x in agen(n):
        t += x
    return t


def exhausted(n):
    out = []
    g = count(3)
    for i in range(n):
        for x in g:
            out.append(x)
    return out


for size in (40, 400):
    print(chained(size * 5))
    print(delegating(size))
    print(use_growing(size))
    print(types_change(size))
    print(early(size))
    print(raising(size))
    print(in_handler(size))
    print(frames(size))
    print(sending(size))
    print(reentrant(size))
    print(sum(tree(8)), len(list(tree(6))))
    t = 0
    for x in tree(9):
        t += x
    print(t)
    print(expressions(size))
    print(deleted(size))
    print(asyncio.run(main(size)))
    print(exhausted(size))

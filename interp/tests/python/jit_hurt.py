"""Programs built to hurt a tracing compiler: all end, with the right result."""
import signal
import sys
import threading
import time


def many_branches():
    lines = ["def branchy(n):", " total = 0", " for i in range(n):", "  k = i % 1500"]
    word = "if"
    for k in range(1500):
        lines.append(f"  {word} k == {k}: total += {k * 7 % 13}")
        word = "elif"
    lines.append(" return total")
    space = {}
    exec("\n".join(lines), space)
    return space["branchy"](6000)


def flat_branches():
    lines = ["def flat(n):", " total = 0", " for i in range(n):"]
    for k in range(300):
        lines.append(f"  if i * {k + 3} % {k % 7 + 2}: total += 1")
    lines.append(" return total")
    space = {}
    exec("\n".join(lines), space)
    return space["flat"](400)


def changing_types():
    values = [1, 2.0, "x", None, (1,), [2], {3: 4}, 2**70, True, b"b", 1j, range(3), {5}, Exception, print]
    names, total = set(), 0
    for i in range(6000):
        v = values[i % len(values)]
        names.add(type(v).__name__)
        total += 1 if v else 2
    return sorted(names), total


def evaluated():
    total = 0
    for i in range(600):
        total += eval(f"{i} + total % 7")
        exec(f"def made(x): return x + {i}", globals())
        total += made(1)
    return total


def mutated_class():
    class Changing:
        def value(self):
            return 0

    total = 0
    thing = Changing()
    for i in range(800):
        setattr(Changing, "value", lambda self, i=i: i)
        total += thing.value()
        setattr(Changing, f"attribute{i % 50}", i)
        thing.__class__ = type("Other", (Changing,), {"extra": i}) if i % 100 == 0 else thing.__class__
        thing.x = i
        total += thing.x
    return total


def failing_guards():
    caught = 0
    table = {i: i for i in range(0, 500, 3)}
    items = list(range(50))
    for i in range(5000):
        try:
            caught += table[i % 500]
        except KeyError:
            caught += 1
        try:
            caught += items[i % 70]
        except IndexError:
            caught += 2
        try:
            caught += 10 // (i % 3)
        except ZeroDivisionError:
            caught += 3
        try:
            caught += len(i if i % 5 else "abc")
        except TypeError:
            caught += 4
        try:
            caught += int("12x"[: 2 + i % 2])
        except ValueError:
            caught += 5
    return caught


def traced():
    seen = []

    def tracer(frame, event, arg):
        if frame.f_code.co_name == "work":
            seen.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
            return tracer

    def work(i):
        total = 0
        for k in range(3):
            total += k * i
        return total

    total = 0
    for i in range(3000):
        total += work(i)
        if i == 2990:
            sys.settrace(tracer)
        if i == 2993:
            sys.settrace(None)
    return total, len(seen), seen[:12]


def threads():
    results = []

    def work(n):
        total = 0
        for i in range(n):
            total += i * 3 % 7
            if i % 5 == n % 5:
                total ^= i
        results.append((n, total))

    started = [threading.Thread(target=work, args=(20000 + k,)) for k in range(6)]
    for t in started:
        t.start()
    for t in started:
        t.join()
    return sorted(results)


def signalled():
    hits = []

    def note(number, frame):
        # One may come while something else runs that was called here: a callback, the handler itself.
        while frame and frame.f_code.co_name != "signalled":
            frame = frame.f_back
        hits.append(frame is not None and frame.f_locals["hits"] is hits)

    signal.signal(signal.SIGALRM, note)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    count = 0
    end = time.monotonic() + 20
    while len(hits) < 5 and time.monotonic() < end:
        for i in range(1000):
            count += i & 3
    signal.setitimer(signal.ITIMER_REAL, 0)
    return len(hits) >= 5, all(hits)


def interrupted():
    caught = 0

    def interrupt(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    for round in range(3):
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        try:
            n = 0
            while True:
                n += 1
        except KeyboardInterrupt:
            caught += n > 0
    return caught


def deep():
    def down(n):
        return 0 if n == 0 else 1 + down(n - 1)

    def forever(n):
        return forever(n + 1) + 1

    total = 0
    for i in range(300):
        total += down(i % 400)
    for i in range(3):
        try:
            forever(0)
        except RecursionError as error:
            total += 1
    return total


def exhausted():
    caught = 0
    for i in range(300):
        try:
            if i % 10 == 9:
                bytearray(sys.maxsize)
            elif i % 10 == 8:
                [0] * sys.maxsize
            caught += 1
        except MemoryError:
            caught += 1000
    return caught


def restless_globals():
    global knob
    total = 0
    for i in range(2000):
        knob = i if i % 3 else str(i)
        total += len(str(knob))
        if i % 500 == 0:
            globals()["len"] = lambda text: 1
        if i % 500 == 100:
            del globals()["len"]
    return total


def shifting_locals():
    total = 0
    for i in range(1500):
        frame = sys._getframe()
        value = i
        total += frame.f_locals["value"] + len(locals()) - len(frame.f_locals)
        if i % 100 == 0:
            frame.f_locals["total"] = total + 1
    return total


for f in (many_branches, flat_branches, changing_types, evaluated, mutated_class, failing_guards, traced, threads,
          signalled, interrupted, deep, exhausted, restless_globals, shifting_locals):
    print(f.__name__, f())

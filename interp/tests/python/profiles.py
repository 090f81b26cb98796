"""What `cProfile` counts: calls, recursion, generators, native functions, exceptions, and by whom."""
import cProfile
import io
import os
import pstats
import tempfile


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def numbers(n):
    for i in range(n):
        yield i


class Thing:
    def method(self, x):
        return sorted([x, len([x])])


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def fails():
    raise ValueError


def work():
    thing = Thing()
    for i in numbers(5):
        thing.method(i)
    [].append(1)
    ",".join(["a"])
    try:
        fails()
    except ValueError:
        pass
    even(6)
    return fib(7)


def show(stats):
    for (_, line, name), (once, calls, own, total, callers) in sorted(stats.items(), key=lambda item: item[0][1:]):
        assert 0 <= own <= total
        # Callbacks of weak references that importing left behind run when those are collected.
        if name == "cb" or any(c[2] == "cb" for c in callers):
            continue
        print(line, name, once, calls, sorted((c[2], n[0], n[1]) for c, n in callers.items()))


profile = cProfile.Profile()
print(profile.runcall(work))
profile.create_stats()
show(profile.stats)

print("without pairs")
profile = cProfile.Profile()
profile.enable(subcalls=False, builtins=False)
work()
profile.disable()
for entry in sorted(profile.getstats(), key=lambda e: str(e.code)):
    if not isinstance(entry.code, str):
        print(entry.code.co_name, entry.callcount, entry.reccallcount, entry.calls)
profile.clear()
print(profile.getstats())

print("a timer")
now = 0


def timer():
    global now
    now += 1
    return now


profile = cProfile.Profile(timer, 0.5, builtins=False)
profile.enable(builtins=False)
fib(3)
profile.disable()
found = {e.code.co_name: e for e in profile.getstats() if not isinstance(e.code, str)}
print(found["fib"].callcount, found["fib"].totaltime, found["fib"].inlinetime)

print("files and listings")
with cProfile.Profile() as profile:
    work()
with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "stats")
    profile.dump_stats(file)
    text = io.StringIO()
    pstats.Stats(file, stream=text).strip_dirs().sort_stats("ncalls", "name").print_stats("fib|method")
    print([line.split()[0::5] for line in text.getvalue().splitlines() if "profiles.py" in line])
space = {}
profile = cProfile.Profile().runctx("x = sum([1, 2])", space, space)
print(space["x"], [e.code for e in profile.getstats() if isinstance(e.code, str) and "sum" in e.code])
first, second = cProfile.Profile(), cProfile.Profile()
first.enable()
try:
    second.enable()
except ValueError as error:
    print(error)
first.disable()

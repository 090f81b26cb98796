# Where memory was allocated, by lines and frames, and what is forgotten again.
import gc
import tracemalloc


def warm(n):
    # Hot before anything is traced: compiled code has to give way.
    kept = []
    for i in range(n):
        kept.append((i, i + 0.5))
    return kept


def lines(frames):
    return frames and [frame.lineno for frame in frames]


def inner():
    return bytearray(5000)


def outer():
    return inner()


def count_at(line):
    snapshot = tracemalloc.take_snapshot()
    snapshot = snapshot.filter_traces([tracemalloc.Filter(True, __file__, line)])
    return sum(s.count for s in snapshot.statistics("lineno"))


for _ in range(4):
    warm(8)
before = outer()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())
print(tracemalloc.get_object_traceback(before))
try:
    tracemalloc.take_snapshot()
except RuntimeError as e:
    print(e)
for wrong in (0, 65536, 1 << 40, "x"):
    try:
        tracemalloc.start(wrong)
    except (ValueError, OverflowError, TypeError) as e:
        print(type(e).__name__, e)

tracemalloc.start(3)
tracemalloc.start(9)
print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())
kept = warm(30)
print(count_at(10) >= 30)
x = outer()
print(lines(tracemalloc.get_object_traceback(x)))
print(tracemalloc.get_object_traceback(before), tracemalloc.get_object_traceback(7))

# Large objects, and what an object owns outside the heap.
tracemalloc.clear_traces()
print(tracemalloc.get_object_traceback(x))
big = [None] * 100_000
size, peak = tracemalloc.get_traced_memory()
print(800_000 <= size < 830_000, peak >= size)
grown = bytearray()
grown.extend(bytes(300_000))
size, peak = tracemalloc.get_traced_memory()
print(size >= 1_100_000)


def forget():
    global big, grown
    big = grown = None


forget()
gc.collect()
size, peak = tracemalloc.get_traced_memory()
print(size < 800_000, peak >= 1_100_000)
tracemalloc.reset_peak()
size, peak = tracemalloc.get_traced_memory()
print(peak < 1_100_000)


# Objects of a class, closures, generators and comprehensions.
class Point:
    def __init__(self, x):
        self.x = x


def make():
    points = [Point(i) for i in range(20)]
    functions = [lambda: points for _ in range(20)]
    numbers = [10**20 + i for i in range(20)]
    texts = ["t" + str(i) for i in range(20)]
    return points, functions, numbers, texts


tracemalloc.stop()
tracemalloc.start()
made = make()
print([lines(tracemalloc.get_object_traceback(m)) for m in made])
print([lines(tracemalloc.get_object_traceback(m[15])) for m in made])
print([count_at(line) >= 20 for line in range(89, 93)])
first = tracemalloc.take_snapshot()
more = make()
second = tracemalloc.take_snapshot()
changed = second.filter_traces([tracemalloc.Filter(True, __file__)]).compare_to(
    first.filter_traces([tracemalloc.Filter(True, __file__)]), "lineno")
print({c.traceback[0].lineno for c in changed if c.count_diff >= 20})
print(tracemalloc.get_tracemalloc_memory() > 1000)
tracemalloc.stop()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())
print(sum(a for a, _ in warm(50)))

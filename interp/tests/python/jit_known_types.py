"""A loop that was compiled while a name held a number, and that asks only whether it is None
or what truth it has, is entered again while it holds something else."""


def first_time(x, n):
    firsts = 0
    for i in range(n):
        if x is None:
            firsts += 1
        x = 5
    return firsts


def first_truth(x, n):
    firsts = 0
    for i in range(n):
        if not x:
            firsts += 1
        x = True
    return firsts


def first_kind(x, n):
    kinds = []
    for i in range(n):
        if isinstance(x, float):
            kinds.append(i)
        x = 2
    return kinds


def now_and_then(x, n):
    firsts = 0
    for i in range(n):
        if x is None:
            firsts += 1
        x = 5
        if not i % 7:
            x = None
    return firsts


def raiser(n):
    raise ValueError


def handles(n):
    for z in range(n):
        try:
            raiser(z)
        except ValueError as e:
            yield 1
    yield 1


def side(size):
    k = 1
    previous = None
    for i in range(size):
        for z in handles(i % 6):
            pass
        if previous is None:
            k += 1
        previous = 1
    return k


for size in (3000, 1, 2, 3000):
    print(first_time(5, size), first_time(None, size), first_time("", size), first_time(1.5, size))
    print(first_truth(True, size), first_truth(0, size), first_truth(None, size), first_truth([], size))
    print(now_and_then(5, size), now_and_then(None, size))
    print(first_kind(3, size), first_kind(3.0, size), first_kind(None, size))
try:
    from taipan.jit import set_param
except ImportError:
    pass
else:
    # Few bridges: what leaves the inner loop becomes a trace of its own.
    for name, value in (("threshold", 2), ("call_threshold", 5), ("bridge_threshold", 3), ("max_bridges", 1)):
        set_param(name, value)
print([side(size) for size in (20, 1, 2, 3)])

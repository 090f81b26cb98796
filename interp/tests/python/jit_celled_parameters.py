# Functions with parameters that inner functions use, called often enough to get code of their own.


def depth(node, env):
    if isinstance(node, tuple):
        return 1 + max(depth(child, env) for child in node)
    return env[node]


tree = (((0, 1), 2), (0, (1, (2, 0))))
print(sum(depth(tree, {0: i, 1: i % 3, 2: 1}) for i in range(400)))


def adder(start, *rest, step=1, **named):
    def add(n):
        nonlocal start
        start += n * step + len(rest) + len(named)
        return start

    return add


def added(n):
    total = 0.0
    for i in range(n):
        add = adder(i, *range(i % 3), step=i % 2 + 1, **({"a": 1} if i % 5 == 0 else {}))
        total += add(2) + add(i)
    return total


print(added(3000), adder(1.5)(2), adder("a", step="b")(2) if False else None)


# The types of the arguments change, and of what the cell holds.
def grown(x, n):
    def more():
        nonlocal x
        x = x + x

    for _ in range(n):
        more()
    return x


print([grown(v, k) for k in (3, 60, 70) for v in (1, 0.5, -3)], [grown(v, 3) for v in ("a", [1], (2,), True)])
for i in range(2000):
    assert grown(i, 2) == 4 * i
print(grown(1 << 61, 2), grown("xy", 2), grown(2j, 3))


# An argument deleted, and one that is missing a value when the inner function looks.
def deleted(x, y):
    get = lambda: (x, y)
    if y % 7 == 0:
        del x
    try:
        return get()
    except NameError as e:
        return str(e)


found = {}
for i in range(2500):
    r = deleted(i, i)
    found[type(r)] = found.get(type(r), 0) + 1
print(found, deleted(3, 7))


# Frames and their variables, seen from inside.
import sys


def seen(a, b):
    inner = lambda: a
    if b % 500 == 3:
        f = sys._getframe()
        f.f_locals["a"] = "written"
        return inner(), f.f_locals["b"], sorted(locals())
    return inner()


out = [seen(i, i) for i in range(2600)]
print([x for x in out if isinstance(x, tuple)], sum(x for x in out if not isinstance(x, tuple)))


# Recursion too deep, with a parameter in a cell.
def deep(n):
    use = lambda: n
    return 1 + deep(use() - 1) if n else 0


for _ in range(40):
    deep(90)
try:
    deep(10**6)
except RecursionError as e:
    print(type(e).__name__)
print(deep(50))


# Exceptions with their tracebacks.
def fails(n, k):
    pick = [n + j for j in range(3)]
    cell = lambda: n
    if k == 1700:
        raise ValueError(cell(), pick)
    return pick[k % 3] + cell()


total = 0
for i in range(1800):
    try:
        total += fails(i, i)
    except ValueError as e:
        print(e, e.__traceback__.tb_next.tb_frame.f_locals["n"], e.__traceback__.tb_next.tb_lineno)
print(total)


# One inner function for each call, kept.
def keeper(item, kept):
    kept.append(lambda: (item, len(kept)))
    return item


kept = []
for i in range(2000):
    keeper(i, kept)
print(kept[0](), kept[1234](), kept[-1]())

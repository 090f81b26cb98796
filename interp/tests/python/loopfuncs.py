"""Functions with loops, called from compiled code."""
import sys


def escape(c, limit):
    z = 0j
    for i in range(limit):
        if z.real * z.real + z.imag * z.imag > 4.0:
            return i
        z = z * z + c
    return limit


print(sum(escape(complex(x / 20 - 2, y / 20 - 1), 50) for x in range(60) for y in range(40)))


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


print(sum(gcd(i, j) for i in range(60) for j in range(60)))


def find(items, wanted):
    for i, item in enumerate(items):
        if item == wanted:
            return i
    raise LookupError(wanted)


def search(n):
    found = missing = 0
    items = list(range(20))
    for i in range(n):
        try:
            found += find(items, i % 23)
        except LookupError as e:
            missing += e.args[0]
    return found, missing


print(search(500))


class Tree:
    def __init__(self, depth):
        self.children = []
        for _ in range(2 if depth else 0):
            self.children.append(Tree(depth - 1))

    def count(self):
        n = 1
        for child in self.children:
            n += child.count()
        return n

    def deepest(self):
        best = 0
        for child in self.children:
            best = max(best, child.deepest())
        return best + 1


print(Tree(8).count(), Tree(6).deepest())


class Bad:
    def __init__(self, n):
        for i in range(n):
            if i == 30:
                return 5


for n in (5, 10, 20, 29, 30, 31, 10):
    for _ in range(20):
        try:
            Bad(n)
        except TypeError as e:
            error = e
print(error)


# Frames kept and looked at after their functions returned.
kept = []


def keeper(n):
    total = 0
    for i in range(n):
        total += i
        if i == 2:
            kept.append(sys._getframe())
    total += 1000
    return total


for n in range(50):
    keeper(n % 6)
print([(f.f_locals["n"], f.f_locals["i"], f.f_locals["total"]) for f in kept[-4:]])


# Loops whose types change, called with changing types.
def add_up(items, start):
    for item in items:
        start = start + item
    return start


for _ in range(40):
    results = [add_up([1, 2, 3], 0), add_up([1, 2.5], 0), add_up(["a", "b"], ""), add_up([[1], [2]], []),
               add_up((2**40, 2**48, 2**62, 2**62), 1), add_up([], None)]
print(results)


# Permutations by recursion from within a loop.
def permute(items, k, out):
    if k == len(items):
        out.append(tuple(items))
        return
    for i in range(k, len(items)):
        items[k], items[i] = items[i], items[k]
        permute(items, k + 1, out)
        items[k], items[i] = items[i], items[k]


out = []
permute([1, 2, 3, 4, 5], 0, out)
print(len(out), len(set(out)), out[77])


def queens(row, columns, left, right, n):
    if row == n:
        return 1
    total = 0
    for column in range(n):
        bit = 1 << column
        if columns & bit or left & bit or right & bit:
            continue
        total += queens(row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1, n)
    return total


print([queens(0, 0, 0, 0, n) for n in range(1, 8)])


def endless(n):
    for i in range(3):
        if i == 2:
            return endless(n + 1)


for _ in range(3):
    try:
        endless(0)
    except RecursionError as e:
        print(e)


def interrupted(n):
    for i in range(n):
        try:
            if i % 7 == 3:
                raise KeyError(i)
        except KeyError:
            pass
        finally:
            n += i % 2
    return n


print([interrupted(i) for i in range(12)])


def swap_globals(n):
    global step
    for i in range(n):
        if i == 17:
            step = lambda x: x + 50
        n = step(n)
    return n


def step(x):
    return x + 1


print([swap_globals(i) for i in range(25)])

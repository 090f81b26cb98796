"""Functions that are compiled as such: recursion, exceptions, frames, changing types."""
import sys
import traceback


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(18), fib(18.0), fib(True))


# Mutual recursion, defaults, several results.
def even(n, depth=0):
    return depth if n == 0 else odd(n - 1, depth + 1)


def odd(n, depth=0):
    return -depth if n == 0 else even(n - 1, depth + 1)


print([even(i) for i in range(12)], even(300), odd(301))


def hanoi(n, a="a", b="b", c="c"):
    if n == 0:
        return 0
    return hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


print(hanoi(9))


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


print(ackermann(2, 9))


# Integers that outgrow a word on the way.
def factorial(n):
    return 1 if n <= 1 else n * factorial(n - 1)


for i in range(60):
    factorial(i)
print(factorial(30), factorial(60) % 1000007)


# Exceptions that cross compiled activations, caught above or within.
def dig(n, bottom):
    if n == 0:
        raise ValueError(bottom)
    return dig(n - 1, bottom) + 1


def careful(n):
    try:
        return dig(n, n)
    except ValueError as e:
        return len(traceback.extract_tb(e.__traceback__))


print([careful(i) for i in range(40)][-5:])


def retry(n):
    try:
        if n % 3 == 0:
            raise KeyError(n)
        return retry(n - 1) + 1
    except KeyError as e:
        return e.args[0] * 1000


print([retry(i) for i in range(12)], retry(50))
try:
    dig(3, "deep")
except ValueError:
    text = traceback.format_exc()
    print(text.count("return dig(n - 1, bottom) + 1"), text.splitlines()[-1])


# Running out of depth, and going on afterwards.
def endless(n):
    return endless(n + 1) + 1


for _ in range(5):
    try:
        endless(0)
    except RecursionError as e:
        print(e)


def depth_of(n):
    return 0 if n == 0 else depth_of(n - 1) + 1


print(depth_of(500))
sys.setrecursionlimit(20000)
print(depth_of(15000))
sys.setrecursionlimit(1000)
try:
    depth_of(5000)
except RecursionError:
    print("too deep")


# Frames seen from inside.
def names(n):
    if n == 0:
        frame, found = sys._getframe(), []
        while frame is not None and len(found) < 6:
            found.append((frame.f_code.co_name, frame.f_locals.get("n"), frame.f_lineno > 0))
            frame = frame.f_back
        return found
    return names(n - 1)


for i in range(30):
    result = names(i)
print(result)


def local_names(a, b=2, *rest, **more):
    c = a + b
    return sorted(locals()) if c < 10 else local_names(a - 5, b, *rest, **more)


print([local_names(i, 3, 4, k=5) for i in range(30)][-1])


# Closures and cells.
def make(k):
    def climb(n):
        return k if n <= 0 else climb(n - k) + n

    return climb


climbs = [make(k) for k in (1, 2, 3)]
print([sum(c(n) for n in range(60)) for c in climbs])


def counter():
    total = 0

    def visit(n):
        nonlocal total
        total += n
        if n > 0:
            visit(n - 1)

    for i in range(40):
        visit(i)
    return total


print(counter())


# Methods, and objects made by recursive constructors.
class Node:
    def __init__(self, depth):
        self.left = Node(depth - 1) if depth else None
        self.right = Node(depth - 1) if depth else None

    def count(self):
        return 1 + (self.left.count() + self.right.count() if self.left else 0)

    def __eq__(self, other):
        return isinstance(other, Node) and (self.left, self.right) == (other.left, other.right)


print(Node(8).count(), Node(5) == Node(5), Node(4) == Node(5))


# What the code relies on changes under it.
def step(n):
    return n + 1


def walk(n):
    global step
    if n == 0:
        return 0
    if n == 37:
        step = lambda n: n + 100
    return step(walk(n - 1))


print(walk(30), walk(36), walk(50), walk(36))


class Shape:
    def area(self, n):
        return 1 if n == 0 else self.area(n - 1) + 1


shape = Shape()
print(shape.area(60))
old = Shape.area
Shape.area = lambda self, n: old(self, n) * 2
print(shape.area(4))
walk.__code__ = depth_of.__code__
print(walk(25))


# Types of arguments that change from call to call.
def total(x, n):
    return x if n == 0 else total(x + x, n - 1)


for x in (1, 1.5, "ab", [0], (1, 2), 1 << 70, True, 2j):
    print(total(x, 3), end=" ")
    for _ in range(20):
        total(x, 2)
print()


def pick(n):
    return (n, float(n), str(n), None, n == 3)[n % 5]


def chain(n):
    v = pick(n)
    return [v] if n == 0 else chain(n - 1) + [v]


for _ in range(10):
    result = chain(14)
print(result)


# Generators and comprehensions inside of compiled functions.
def leaves(tree):
    return sum(leaves(t) for t in tree) if isinstance(tree, list) else 1


def build(n):
    return [build(n - 1), build(n - 2)] if n > 1 else n


print(leaves(build(9)))


def permutations(items):
    if len(items) < 2:
        return [items]
    return [[x] + rest for i, x in enumerate(items) for rest in permutations(items[:i] + items[i + 1:])]


print(len(permutations(list(range(5)))), permutations([1, 2, 3])[3])


# A finaliser and a trace function in the middle.
def traced(n):
    if n == 5:
        sys.settrace(lambda *a: None)
        sys.settrace(None)
    return 0 if n == 0 else traced(n - 1) + 1


print([traced(i) for i in range(12)])

"""Calls that no call in the source makes end in RecursionError, however high the limit."""
import sys

# With a collection at every allocation, deep stacks take too long.
sys.setrecursionlimit(300 if "gcstress" in sys._xoptions else 10**9)


class Endless:
    def __eq__(self, other):
        return self == other

    def __repr__(self):
        return repr(self)

    def __add__(self, other):
        return self + other

    def __getitem__(self, key):
        return self[key]

    def __contains__(self, key):
        return key in self

    def __call__(self):
        return self()

    @property
    def attribute(self):
        return self.attribute


class Chain:
    def __init__(self):
        self.next = Chain()


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


endless = Endless()
for name, run in [
    ("==", lambda: endless == 1),
    ("repr", lambda: repr(endless)),
    ("+", lambda: endless + 1),
    ("[]", lambda: endless[1]),
    ("in", lambda: 1 in endless),
    ("()", lambda: endless()),
    (".", lambda: endless.attribute),
    ("__init__", Chain),
]:
    try:
        run()
    except RecursionError:
        print(name, "RecursionError")
sys.setrecursionlimit(10**6)
print(sys.getrecursionlimit(), depth(100_000))
sys.setrecursionlimit(300)
try:
    depth(400)
except RecursionError as error:
    print(error)
print(depth(200))

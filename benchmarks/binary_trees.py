"""Many trees allocated and dropped, some of them cyclic: work for the memory manager."""
import sys

DEFAULT = 3900


class Tree:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def check(self):
        if self.left is None:
            return 1
        return 1 + self.left.check() + self.right.check()


def build(depth):
    if depth == 0:
        return Tree(None, None)
    return Tree(build(depth - 1), build(depth - 1))


def tuples(depth):
    return (tuples(depth - 1), tuples(depth - 1)) if depth else (None, None)


def count(tree):
    left, right = tree
    return 1 if left is None else 1 + count(left) + count(right)


class Linked:
    def __init__(self, value, parent):
        self.value = value
        self.parent = parent
        self.children = []
        if parent is not None:
            parent.children.append(self)


def family(depth, parent=None):
    member = Linked(depth, parent)
    for _ in range(2 if depth else 0):
        family(depth - 1, member)
    return member


def main(n):
    kept = build(12)
    total = 0
    for i in range(n):
        for depth in range(4, 10, 2):
            total += build(depth).check() + count(tuples(depth))
        total += len(family(7).children)
    print(total, kept.check())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

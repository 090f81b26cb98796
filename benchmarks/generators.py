"""Generators: pipelines, walks of a tree with yield from, sending values in, permutations."""
import sys
from itertools import islice

DEFAULT = 960


class Node:
    def __init__(self, key):
        self.key = key
        self.left = self.right = None

    def insert(self, key):
        node = self
        while True:
            side = "left" if key < node.key else "right"
            child = getattr(node, side)
            if child is None:
                setattr(node, side, Node(key))
                return
            node = child

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.key
        if self.right:
            yield from self.right


def numbers(seed):
    while True:
        seed = seed * 1664525 + 1013904223 & 0xFFFFFFFF
        yield seed >> 8


def squares(source):
    for x in source:
        yield x % 1000 * (x % 1000)


def only_even(source):
    return (x for x in source if x % 2 == 0)


def pairs(source):
    iterator = iter(source)
    for x in iterator:
        yield x, next(iterator, 0)


def averager():
    total = count = 0
    average = None
    while True:
        value = yield average
        total += value
        count += 1
        average = total / count


def permutations(items):
    if len(items) <= 1:
        yield items
        return
    for rest in permutations(items[1:]):
        for i in range(len(items)):
            yield rest[:i] + items[:1] + rest[i:]


def main(n):
    tree = Node(500)
    for key in islice(numbers(3), 800):
        tree.insert(key % 1000)
    total = 0
    for i in range(n):
        total += sum(tree)
        total += sum(a ^ b for a, b in pairs(only_even(squares(islice(numbers(i), 2000)))))
        average = averager()
        next(average)
        for x in range(500):
            last = average.send(x)
        total += int(last)
        total += sum(1 for _ in permutations((1, 2, 3, 4, 5, 6)))
    print(total)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

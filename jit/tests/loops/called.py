"""Functions that are called for items, and by way of other objects: part of the loop that wants them."""
from functools import lru_cache, partial, reduce


def mapped(n):
    total = 0
    for x in map(lambda x: x & 7, range(n)):
        total += x
    return total


def filtered(n):
    total = 0
    for x in filter(lambda x: x >= 0, range(n)):
        total += x & 7
    return total


def staged(n):
    total = 0
    for i, x in enumerate(map(lambda x: x & 7, filter(lambda x: x >= 0, range(n)))):
        total += x
    return total


def mapped_items(n):
    total = 0
    for x in map(lambda a, b: a + b & 7, range(n), range(n)):
        total += x
    return total


def summed(n):
    return sum(map(lambda x: x & 7, range(n)))


def largest(n):
    return max(range(n), key=lambda x: -x)


def reduced(n):
    return reduce(lambda a, b: a ^ b, range(n))


def ordered(n):
    return sorted(range(n), key=lambda x: -x)[0]


def add(a, b):
    return a + b & 7


plain = partial(add, 3)


def partially(n):
    total = 0
    for i in range(n):
        total += plain(i)
    return total


@lru_cache(maxsize=None)
def known(x):
    return x + 1


def recalled(n):
    total = 0
    for i in range(n):
        total += known(i & 7)
    return total


def divided(n):
    total = 0
    for i in range(n):
        q, r = divmod(i, 7)
        total += q ^ r
    return total


def starred(n):
    pair, total = (1, 2), 0
    for i in range(n):
        total += (lambda a, b, c: a & b & c)(i, *pair)
    return total


def backwards(n):
    total = 0
    for x in reversed(list(range(n))):
        total += x
    return total

"""Loops over iterators whose steps are stated in Python: no call an item, and what is behind them is seen."""

from itertools import accumulate, chain, count, filterfalse, islice, pairwise, repeat, starmap, takewhile


def sliced(n):
    total = 0
    for i in islice(range(n + 9), 3, n):
        total += i
    return total


def chained(n):
    total = 0
    for i in chain((1, 2), range(n)):
        total += i
    return total


def counted(n):
    total = 0
    for i, x in zip(count(), range(n)):
        total += i ^ x
    return total


def pairs(n):
    total = 0
    for a, b in pairwise(range(n)):
        total += a ^ b
    return total


def sums(n):
    last = 0
    for last in accumulate(repeat(1, n)):
        pass
    return last


def kept(n):
    total = 0
    for i in filterfalse(lambda i: i & 1, takewhile(lambda i: i < n, count())):
        total += i
    return total


def products(n):
    total = 0
    for p in starmap(lambda a, b: a ^ b, zip(range(n), count(1))):
        total += p
    return total

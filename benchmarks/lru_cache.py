"""Caches: functools.lru_cache on recursions, and one of our own with a linked list and a dict."""
import sys
from collections import OrderedDict
from functools import lru_cache

DEFAULT = 68


@lru_cache(maxsize=None)
def partitions(n, largest):
    if n == 0:
        return 1
    return sum(partitions(n - part, part) for part in range(1, min(n, largest) + 1))


@lru_cache(maxsize=128)
def collatz(n):
    return 1 if n == 1 else 1 + collatz(n // 2 if n % 2 == 0 else 3 * n + 1)


class Link:
    __slots__ = ("key", "value", "before", "after")


class Cache:
    def __init__(self, size):
        self.size = size
        self.table = {}
        self.root = root = Link()
        root.before = root.after = root
        self.hits = self.misses = 0

    def get(self, key, make):
        link = self.table.get(key)
        root = self.root
        if link is not None:
            self.hits += 1
            link.before.after = link.after
            link.after.before = link.before
        else:
            self.misses += 1
            if len(self.table) >= self.size:
                oldest = root.after
                root.after = oldest.after
                root.after.before = root
                del self.table[oldest.key]
            link = Link()
            link.key = key
            link.value = make(key)
            self.table[key] = link
        last = root.before
        last.after = root.before = link
        link.before = last
        link.after = root
        return link.value


class Ordered:
    def __init__(self, size):
        self.size = size
        self.table = OrderedDict()

    def get(self, key, make):
        if key in self.table:
            self.table.move_to_end(key)
        else:
            self.table[key] = make(key)
            if len(self.table) > self.size:
                self.table.popitem(last=False)
        return self.table[key]


def main(n):
    for _ in range(n):
        partitions.cache_clear()
        collatz.cache_clear()
        ways = partitions(60, 60)
        longest = max(collatz(i) for i in range(1, 1500))
        cache, ordered = Cache(64), Ordered(64)
        total = state = 1
        for _ in range(6000):
            state = state * 16807 % 2147483647
            key = state % 64 * (state >> 12 & 3)
            total += cache.get(key, lambda k: k * k) - ordered.get(key, lambda k: k * 3)
    info = partitions.cache_info()
    print(ways, longest, total, cache.hits, cache.misses, info.hits, info.misses)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

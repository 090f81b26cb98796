"""Flipping pancakes: over all permutations, how often a prefix has to be reversed."""
import sys

DEFAULT = 230


def permutations(n):
    """All orders of 0..n-1 by single swaps, so that even and odd ones take turns (Heap's method)."""
    items = list(range(n))
    yield items
    counters = [0] * n
    level = 1
    while level < n:
        if counters[level] < level:
            other = counters[level] if level % 2 else 0
            items[level], items[other] = items[other], items[level]
            yield items
            counters[level] += 1
            level = 1
        else:
            counters[level] = 0
            level += 1


def flips(items):
    count = 0
    top = items[0]
    if top == 0:
        return 0
    work = items[:]
    while top:
        work[:top + 1] = work[top::-1]
        top = work[0]
        count += 1
    return count


def main(n):
    for _ in range(n):
        checksum = most = 0
        sign = 1
        for items in permutations(7):
            count = flips(items)
            checksum += sign * count
            if count > most:
                most = count
            sign = -sign
    print(checksum, most)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

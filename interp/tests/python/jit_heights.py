"""Loops inside of loops whose iterators only the frame refers to, while garbage is collected."""


def flattens(count):
    l = [3, 1, 4]
    t = (1, 2)
    lengths = []
    for i in range(count):
        c8 = [z for c in (l[:2], t) for z in c]
        lengths.append(len(c8))
    return lengths


def sums(count):
    t = (1, 2)
    l = [3, 1, 4]
    for i in range(count):
        t = (i % 99, sum([z for c in (l[:2], t) for z in c]) % 99)
    return t


print(flattens(35), sums(35))


def nested_comprehensions(size):
    """What a side trace makes last is all that a collection finds in the upper slots."""
    pair, items = (1, 2), [3, 1, 4]
    lengths = []
    for i in range(size):
        found = [z for part in (items[:2], pair) for z in part]
        lengths.append(len(found))
    return lengths


print(nested_comprehensions(35))

# zip and enumerate in loops: what they leave in the iterators, the same iterator twice, changes while running.


class Loud(zip):
    def __next__(self):
        first, second = super().__next__()
        return second, first


def dot(a, b):
    total = 0
    for x, y in zip(a, b):
        total += x * y
    return total


def pairs(it):
    out = []
    for x, y in zip(it, it):
        out.append((x, y))
    return out


def maybe_same(a, b):
    out = []
    for x, y in zip(a, b):
        out.append(x * 10 + y)
    return out


def rest(a, b):
    first, second = iter(a), iter(b)
    total = 0
    for x, y in zip(first, second):
        total += x - y
    return total, list(first), list(second)


def three(a, b, c):
    total = 0
    for x, y, z in zip(a, b, c):
        total += x * y - z
    return total


def numbered(items, start):
    out = 0
    last = None
    for i, item in enumerate(items, start):
        out ^= i * 3 + item
        last = i
    return out, last


def numbered_pairs(a, b):
    out = []
    for i, (x, y) in enumerate(zip(a, b)):
        out.append(i * 100 + x * 10 + y)
    return out


def growing(n):
    items = [1, 2, 3]
    count = 0
    for i, item in enumerate(items):
        count += item
        if len(items) < n:
            items.append(i)
    return count, len(items)


def shrinking(items, other):
    out = []
    for x, y in zip(items, other):
        out.append((x, y))
        if len(items) > 4:
            items.pop()
    return out


def strict(a, b):
    total = 0
    try:
        for x, y in zip(a, b, strict=True):
            total += x + y
    except ValueError as e:
        return total, str(e)
    return total


def kept(a, b):
    tuples = []
    for pair in zip(a, b):
        tuples.append(pair)
    return tuples[0], tuples[-1], len(set(map(id, tuples))) == len(tuples)


for _ in range(3):
    for size in (0, 1, 5, 60):
        numbers = list(range(size))
        print(dot(numbers, numbers), dot(tuple(numbers), range(size)), dot(range(3), numbers))
        print(pairs(iter(numbers))[-2:], pairs(iter(range(size)))[-2:], pairs(iter(tuple(numbers)))[-2:])
        print(rest(numbers, range(size + 2)), rest(numbers + [1, 2], tuple(numbers)), rest(range(3), numbers)[1:])
        print(three(numbers, range(size), tuple(numbers)), three(numbers, range(2), numbers))
        print(numbered(numbers, 0), numbered(numbers, -7), numbered(numbers, 2**62 - 20), numbered(range(size), 2**70))
        print(numbered_pairs(numbers, range(size))[-2:], growing(size), shrinking(list(numbers), range(size))[-2:])
        print(strict(numbers, range(size)), strict(numbers, range(size + 1)), strict(numbers + [1], range(size)))
        if size:
            print(kept(numbers, tuple(numbers)))
    shared = iter(range(40))
    print(maybe_same([1, 2, 3] * 9, [4, 5, 6] * 9)[-1], maybe_same(iter([1, 2] * 20), iter([3, 4] * 20))[-1])
    print(maybe_same(shared, shared)[-2:])
    listed = iter([1, 2, 3, 4] * 10)
    print(maybe_same(listed, iter([5] * 50))[-1], maybe_same(listed, listed))
    listed = iter([1, 2, 3, 4] * 10)
    print(maybe_same(listed, listed)[-3:])
    print([x for x in Loud([1, 2], [3, 4])], dot([1.5] * 30, [2] * 30), dot(["a"] * 30, [2] * 30) if False else "")
    try:
        for i, x in enumerate(5):
            pass
    except TypeError as e:
        print(e)
    enumerator = enumerate([7] * 40)
    for i, x in enumerator:
        if i == 30:
            break
    print(next(enumerator), list(enumerator)[-1], next(enumerator, "end"))

"""Hashes of tuples of tuples: kept where there is room, the same however the tuple was made."""
from collections import namedtuple

Point = namedtuple("Point", "x y z")


class Tagged(tuple):
    pass


def check(n):
    seen, wrong = {}, 0
    for i in range(n):
        one = ((i, 1), i, 2)
        two = tuple([(i, 1), i, 2])
        three = Point((i, 1), i, 2)
        four = Tagged(one)
        four.note = i
        wrong += not hash(one) == hash(two) == hash(three) == hash(four) == hash(one)
        seen[one] = i
        wrong += seen[two] != i or seen[three] != i or seen[four] != i or ((i, 2), i, 2) in seen
        deep = (one, (two, (three, i), None), four)
        seen[deep] = -i
        wrong += seen[tuple(list(deep))] != -i
        wrong += hash((one,)) != hash((two,)) or hash((one, two)) != hash((three, four))
        wrong += four.note != i
    return wrong, len(seen)


def reused(n):
    """Memory of tuples that died is used again, for others."""
    last, changes = None, 0
    for i in range(n):
        junk = [((i, j), j, i * j) for j in range(40)]
        hashes = [hash(t) for t in junk]
        again = [hash(((i, j), j, i * j)) for j in range(40)]
        changes += hashes != again
        last = junk
    return changes, len(last)


def unhashable(n):
    errors = set()
    for i in range(n):
        t = ((i, []), 1, 2)
        try:
            hash(t)
        except TypeError as e:
            errors.add(str(e))
    return errors


print(check(150), reused(60), unhashable(100))
print(hash(((1, 2), 3, (4, 5, (6,)))), hash(Point((1,), (), 2)))

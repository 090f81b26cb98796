# Built-ins that call a Python function for each item: sorted, list.sort, min, max, reduce; and those that
# take all items of a map or filter.
import sys
import traceback
from functools import reduce

numbers = [(n * 7919) % 101 for n in range(60)]
words = "the quick brown fox jumps over the lazy dog".split()


def negative(x):
    return -x


def last(text):
    return text[-1]


for _ in range(3):
    print(sorted(numbers, key=negative)[:5], sorted(numbers, key=negative, reverse=True)[:5], sorted(range(5), key=negative))
    print(sorted(words, key=last), sorted(words, key=len, reverse=True), sorted(words, key=lambda w: (len(w), w))[:4])
    print(max(numbers, key=negative), min(numbers, key=negative), max(words, key=last), min(words, key=last))
    print(max((n for n in numbers), key=negative), min(map(negative, numbers), key=negative), sorted((n % 5 for n in numbers[:9]), key=negative))
    print(reduce(lambda a, b: a * 3 + b & 1023, numbers), reduce(lambda a, b: a + b, words, ""), reduce(max, numbers), reduce(lambda a, b: b, [1]))
    print(sum(map(negative, numbers)), sum(filter(negative, numbers), 5), sum(map(lambda x: x / 4, numbers)), list(map(last, words)), tuple(filter(last, words[:2])))
    print(sorted(set(map(len, words))), sorted({*map(last, words)}), [*map(last, words)], [0, *filter(lambda w: len(w) > 3, words), 1])
    print(any(map(lambda w: w > "q", words)), all(filter(negative, numbers)), max(map(negative, numbers)), min(filter(negative, numbers)), "-".join(map(last, words)))
    target = [1]
    target.extend(map(negative, target * 3))
    gathered = set()
    gathered.update(map(last, words))
    print(target, len(gathered), sorted(map(negative, numbers))[:3], sorted(map(negative, numbers[:5]), key=negative, reverse=1), frozenset(map(negative, [1])))
print(max([], key=negative, default=3), min((), default=None, key=negative), max("ab", default=3, key=ord), reduce(negative, [], 4))


def told(call):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error, [entry.name for entry in traceback.extract_tb(error.__traceback__)])


def broken(x):
    return 1 // (x - 3)


def stops(x):
    if x == 4:
        raise StopIteration(x)
    return x


for _ in range(2):
    told(lambda: max([], key=negative))
    told(lambda: min([], key=negative))
    told(lambda: reduce(negative, []))
    told(lambda: sorted([1, 2, 3, 4], key=broken))
    told(lambda: max([1, 2, 3, 4], key=broken))
    told(lambda: reduce(lambda a, b: a + broken(b), [1, 2, 3, 4]))
    told(lambda: sum(map(broken, [1, 2, 3])))
    told(lambda: sorted([1, 2], key=lambda x: x if x > 1 else "a"))
    told(lambda: max([1, 2], key=lambda x: x if x > 1 else "a"))
    told(lambda: max(5, key=negative))
    told(lambda: sorted(5, key=negative))
    told(lambda: reduce(negative, 5))
    told(lambda: [].sort(key=negative, other=3))
    told(lambda: min([1], key=negative, other=3))
    told(lambda: sorted([3, 1], key=lambda: 1))
    # A StopIteration from the function ends what takes items of the map, and passes through the others.
    told(lambda: list(map(stops, range(9))))
    told(lambda: sum(map(stops, range(9))))
    told(lambda: [*map(stops, range(9))])
    told(lambda: sorted(range(9), key=stops))
    told(lambda: max(range(9), key=stops))
    told(lambda: reduce(lambda a, b: a + stops(b), range(9)))
    told(lambda: list(filter(stops, range(9))))


# The list is empty while it is sorted; what is put there meanwhile is lost.
def watch(x):
    seen.append(len(values))
    return -x


def meddle(x):
    values.append(x)
    return -x


for _ in range(2):
    seen = []
    values = [3, 1, 2]
    values.sort(key=watch)
    print(values, seen)
    told(lambda: values.sort(key=meddle))
    print(values)
    told(lambda: values.sort(key=broken))
    print(values)
    told(lambda: values.sort(key=lambda x: x if x > 1 else None))
    print(sorted(values), values.sort(key=negative, reverse=True), values)


class Many(list):
    pass


many = Many("cab")
many.sort(key=ord, reverse=True)
print(many, sorted(many, key=lambda c: c))
many.sort(key=lambda c: c)
print(many)


# Iterables in Python are asked for their iterator once.
class Asked:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        print("asked")
        return Iterator(self.items)


class Iterator:
    def __init__(self, items):
        self.items = iter(items)

    def __iter__(self):
        print("asked again")
        return self

    def __next__(self):
        return next(self.items)


print(max(Asked([1, 2, 3]), key=negative), sorted(Asked([1, 2]), key=negative), reduce(lambda a, b: a - b, Asked([5, 1])))
print(list(map(negative, Asked([1, 2]))), sum(filter(negative, Asked([1, 2]))))


# Keys that compare in Python.
class Key:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n % 10 < other.n % 10

    def __gt__(self, other):
        return self.n % 10 > other.n % 10


print(sorted(numbers[:20], key=Key), max(numbers, key=lambda n: Key(n)), min(numbers, key=Key), sorted(numbers[:9], key=lambda n: Key(n), reverse=True))


# Equal keys: the order stays, the first one wins.
pairs = [(n % 3, n) for n in range(9)]
print(sorted(pairs, key=lambda p: p[0]), sorted(pairs, key=lambda p: p[0], reverse=True), max(pairs, key=lambda p: p[0]), min(pairs, key=lambda p: p[0]))
print(sorted([1.5, 0.5], key=lambda x: x), sorted([2, 1], key=lambda x: float("nan")), sorted([[2], [1]], key=lambda x: x))


# What is seen from outside.
def depth(_):
    frame, names = sys._getframe(1), []
    while frame.f_code.co_name != "outside":
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names


def outside():
    values = [1]
    values.sort(key=lambda x: seen.append(depth(x)))
    return sorted([1], key=lambda x: seen.append(depth(x))), list(map(depth, [1])), max([1], key=lambda x: seen.append(depth(x))), reduce(lambda a, b: depth(b), [1, 2])


seen = []
print(outside(), seen)


# Functions that call the same again, and keys that are methods.
class Tree:
    def __init__(self, *children):
        self.children = children

    def size(self):
        return 1 + sum(map(Tree.size, self.children))

    def height(self):
        return 1 + max(map(Tree.height, self.children), default=0)

    def widest(self):
        return reduce(lambda a, b: max(a, b.widest()), self.children, len(self.children))

    def by(self, x):
        return -x * len(self.children)


def tree(depth):
    return Tree(*[tree(depth - 1) for _ in range(depth % 3 + 1)]) if depth else Tree()


big = tree(5)
print(big.size(), big.height(), big.widest(), sorted(range(4), key=tree(1).by), max(range(4), key=tree(1).by))

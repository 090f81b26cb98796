"""Sorting: keys, reverse, tuples, strings, attributes, comparison functions, merge sort by hand."""
import sys
from functools import cmp_to_key
from operator import attrgetter, itemgetter

DEFAULT = 230


class Item:
    def __init__(self, name, size, weight):
        self.name = name
        self.size = size
        self.weight = weight

    def __lt__(self, other):
        return (self.size, self.name) < (other.size, other.name)


def merge_sort(values):
    if len(values) <= 1:
        return values
    middle = len(values) // 2
    left, right = merge_sort(values[:middle]), merge_sort(values[middle:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]


def quick_sort(values, low, high):
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if j - low < high - i:
            quick_sort(values, low, j)
            low = i
        else:
            quick_sort(values, i, high)
            high = j


def main(n):
    state = 1
    numbers = []
    for _ in range(1000):
        state = state * 16807 % 2147483647
        numbers.append(state % 10007)
    items = [Item(f"item{x % 97}", x % 53, x / 7) for x in numbers]
    total = 0
    for _ in range(n):
        by_hand = numbers[:]
        quick_sort(by_hand, 0, len(by_hand) - 1)
        same = by_hand == merge_sort(numbers) == sorted(numbers)
        pairs = sorted(zip(numbers, range(len(numbers))), key=itemgetter(1, 0), reverse=True)
        objects = sorted(items)
        weights = sorted(items, key=attrgetter("weight"))
        keyed = sorted(items, key=lambda item: (-item.size, item.name, item.weight))
        words = sorted((str(x) for x in numbers), key=str.lower)
        compared = sorted(numbers[:300], key=cmp_to_key(lambda a, b: b % 100 - a % 100))
        total += pairs[10][0] + objects[5].size + keyed[7].size + int(words[3]) + compared[9]
    print(same, total, weights[-1].name)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

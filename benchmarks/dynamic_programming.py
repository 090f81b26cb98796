"""Tables and memos: edit distance, knapsack, longest common subsequence, coins, partitions."""
import sys

DEFAULT = 680


def levenshtein(a, b):
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y)))
        previous = current
    return previous[-1]


def knapsack(items, capacity, memo, index=0):
    key = index, capacity
    if key in memo:
        return memo[key]
    if index == len(items):
        return 0
    weight, value = items[index]
    best = knapsack(items, capacity, memo, index + 1)
    if weight <= capacity:
        best = max(best, value + knapsack(items, capacity - weight, memo, index + 1))
    memo[key] = best
    return best


def common(a, b):
    lengths = {}
    for i in range(len(a)):
        for j in range(len(b)):
            if a[i] == b[j]:
                lengths[i, j] = lengths.get((i - 1, j - 1), 0) + 1
            else:
                lengths[i, j] = max(lengths.get((i - 1, j), 0), lengths.get((i, j - 1), 0))
    return lengths[len(a) - 1, len(b) - 1]


def coins(amount, values):
    ways = [1] + [0] * amount
    for value in values:
        for i in range(value, amount + 1):
            ways[i] += ways[i - value]
    return ways[amount]


def main(n):
    a = "the quick brown fox jumps over the lazy dog"
    b = "a lazy dog is jumped over by some quick foxes"
    items = [(i * 7 % 13 + 2, i * 11 % 17 + 1) for i in range(25)]
    for _ in range(n):
        result = (levenshtein(a, b), knapsack(items, 60, {}), common(a, b), coins(1000, (1, 2, 5, 10, 20, 50)))
    print(*result)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

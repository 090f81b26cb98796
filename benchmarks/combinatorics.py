"""itertools at work: combinations, products, groups, accumulations, windows, chains."""
import itertools
import operator
import sys

DEFAULT = 52


def windows(items, size):
    return zip(*(itertools.islice(items, start, None) for start in range(size)))


def subset_sums(values, goal):
    return sum(1 for size in range(len(values) + 1)
               for chosen in itertools.combinations(values, size) if sum(chosen) == goal)


def dice(count):
    tally = {}
    for faces in itertools.product(range(1, 7), repeat=count):
        total = sum(faces)
        tally[total] = tally.get(total, 0) + 1
    return tally


def look_and_say(steps):
    text = "1"
    for _ in range(steps):
        text = "".join(str(len(list(group))) + digit for digit, group in itertools.groupby(text))
    return text


def puzzle():
    """Digits that make the sum of two words a third."""
    letters = "TWOFUR"
    for digits in itertools.permutations(range(10), 6):
        t, w, o, f, u, r = digits
        if t and f and 2 * (100 * t + 10 * w + o) == 1000 * f + 100 * o + 10 * u + r:
            return dict(zip(letters, digits))
    return None


def main(n):
    for _ in range(n):
        sums = subset_sums(list(range(3, 40, 3)), 60)
        rolls = dice(4)
        said = look_and_say(18)
        running = list(itertools.accumulate(range(1, 200), operator.mul))[-1] % 1000003
        peaks = sum(a < b > c for a, b, c in windows([x * 37 % 101 for x in range(2000)], 3))
        chained = sum(itertools.chain.from_iterable(itertools.chain(range(i), range(0, i, 2)) for i in range(60)))
        even = sum(itertools.compress(itertools.count(), itertools.islice(itertools.cycle([1, 0]), 3000)))
        taken = len(list(itertools.takewhile(lambda x: x * x < 10 ** 6, itertools.count())))
        letters = puzzle()
    print(sums, rolls[14], len(said), running, peaks, chained, even, taken, letters)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

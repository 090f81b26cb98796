"""Estimates by sampling, with a generator of random numbers of our own."""
import sys

DEFAULT = 210


class Random:
    """A linear congruential generator of 31 bits."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return self.state / 2147483648.0


def pi(random, samples):
    hits = 0
    for _ in range(samples):
        x = random.uniform()
        y = random.uniform()
        if x * x + y * y <= 1.0:
            hits += 1
    return 4.0 * hits / samples


def walk(random, steps):
    position = 0
    highest = 0
    for _ in range(steps):
        if random.uniform() < 0.5:
            position -= 1
        else:
            position += 1
            if position > highest:
                highest = position
    return highest


def main(n):
    random = Random(42)
    estimates = [pi(random, 10000) for _ in range(n)]
    peaks = [walk(random, 5000) for _ in range(n)]
    print(f"{sum(estimates) / n:.6f}", sum(peaks))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

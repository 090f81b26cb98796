"""The game of life on an endless plane: sets of tuples and a Counter."""
import sys
from collections import Counter

DEFAULT = 3900
NEIGHBOURS = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]


def step(cells):
    counts = {}
    for x, y in cells:
        for dx, dy in NEIGHBOURS:
            place = (x + dx, y + dy)
            counts[place] = counts.get(place, 0) + 1
    return {place for place, count in counts.items() if count == 3 or count == 2 and place in cells}


def step_counter(cells):
    counts = Counter((x + dx, y + dy) for x, y in cells for dx, dy in NEIGHBOURS)
    return {place for place in counts if counts[place] == 3 or counts[place] == 2 and place in cells}


def main(n):
    start = {(1, 0), (2, 0), (0, 1), (1, 1), (1, 2)}
    cells = other = start
    for generation in range(n):
        cells = step(cells)
        if generation % 8 == 0:
            other = step_counter(other)
    print(len(cells), len(other), min(cells), max(cells))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

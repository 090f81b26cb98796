"""The eight queens in two ways: sets with backtracking and bit masks."""
import sys

DEFAULT = 1000


def place(n, row, columns, rising, falling, placed):
    if row == n:
        yield tuple(placed)
        return
    for column in range(n):
        if column in columns or row + column in rising or row - column in falling:
            continue
        columns.add(column)
        rising.add(row + column)
        falling.add(row - column)
        placed.append(column)
        yield from place(n, row + 1, columns, rising, falling, placed)
        placed.pop()
        columns.remove(column)
        rising.remove(row + column)
        falling.remove(row - column)


def count(full, columns, rising, falling):
    if columns == full:
        return 1
    total = 0
    free = full & ~(columns | rising | falling)
    while free:
        bit = free & -free
        free ^= bit
        total += count(full, columns | bit, (rising | bit) << 1, (falling | bit) >> 1)
    return total


def main(n):
    for _ in range(n):
        solutions = list(place(7, 0, set(), set(), set(), []))
        number = count((1 << 8) - 1, 0, 0, 0)
    print(len(solutions), solutions[0], solutions[-1], number)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

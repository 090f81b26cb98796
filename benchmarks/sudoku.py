"""Sudoku: candidates as bit masks, forced digits first, then a guess where the fewest are possible."""
import sys

DEFAULT = 1900
ALL = 0b111111111


def neighbours():
    table = []
    for cell in range(81):
        row, column = divmod(cell, 9)
        near = set()
        for other in range(81):
            r, c = divmod(other, 9)
            if other != cell and (r == row or c == column or (r // 3, c // 3) == (row // 3, column // 3)):
                near.add(other)
        table.append(sorted(near))
    return table


NEIGHBOURS = neighbours()


def puzzle(seed, holes):
    """A solved grid with its digits renamed and some of them taken out."""
    digits = list(range(1, 10))
    for i in range(8, 0, -1):
        seed = seed * 16807 % 2147483647
        j = seed % (i + 1)
        digits[i], digits[j] = digits[j], digits[i]
    grid = [digits[(3 * (r % 3) + r // 3 + c) % 9] for r in range(9) for c in range(9)]
    while holes:
        seed = seed * 16807 % 2147483647
        if grid[seed % 81]:
            grid[seed % 81] = 0
            holes -= 1
    return grid


def place(masks, cell, bit):
    """Puts a digit into a cell and follows what that forces; False if it leads nowhere."""
    pending = [(cell, bit)]
    while pending:
        cell, bit = pending.pop()
        if not masks[cell] & bit:
            return False
        masks[cell] = bit
        for other in NEIGHBOURS[cell]:
            mask = masks[other]
            if mask & bit:
                mask &= ~bit
                if not mask:
                    return False
                masks[other] = mask
                if mask & (mask - 1) == 0:
                    pending.append((other, mask))
    return True


def solve(masks):
    best = None
    for cell, mask in enumerate(masks):
        count = bin(mask).count("1")
        if count > 1 and (best is None or count < best[0]):
            best = count, cell
    if best is None:
        return masks
    cell = best[1]
    for digit in range(9):
        if masks[cell] & 1 << digit:
            attempt = masks[:]
            if place(attempt, cell, 1 << digit):
                solved = solve(attempt)
                if solved:
                    return solved
    return None


def check(grid):
    return all(grid[cell] != grid[other] for cell in range(81) for other in NEIGHBOURS[cell])


def main(n):
    total = right = 0
    for seed in range(1, n + 1):
        grid = puzzle(seed, 50 + seed % 8)
        masks = [ALL] * 81
        for cell, digit in enumerate(grid):
            if digit:
                place(masks, cell, 1 << digit - 1)
        solved = solve(masks)
        right += check(solved)
        total = (total * 31 + sum(mask.bit_length() * cell for cell, mask in enumerate(solved))) % 1000003
    print(right, total)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

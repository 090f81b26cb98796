"""The towers of Hanoi: recursion and lists as stacks."""
import sys

DEFAULT = 260


class Towers:
    def __init__(self, height):
        self.pegs = [list(range(height, 0, -1)), [], []]
        self.moves = 0

    def move(self, source, target):
        disc = self.pegs[source].pop()
        peg = self.pegs[target]
        if peg and peg[-1] < disc:
            raise ValueError("a larger disc on a smaller one")
        peg.append(disc)
        self.moves += 1

    def solve(self, height, source, target, spare):
        if height == 0:
            return
        self.solve(height - 1, source, spare, target)
        self.move(source, target)
        self.solve(height - 1, spare, target, source)


def main(n):
    for _ in range(n):
        towers = Towers(14)
        towers.solve(14, 0, 2, 1)
    print(towers.moves, towers.pegs)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

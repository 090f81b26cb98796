"""Matrix multiplication: by three nested loops and by rows and columns."""
import sys

DEFAULT = 130


def loops(a, b):
    n, m, p = len(a), len(b), len(b[0])
    out = [[0.0] * p for _ in range(n)]
    for i in range(n):
        row = out[i]
        for k in range(m):
            x = a[i][k]
            other = b[k]
            for j in range(p):
                row[j] += x * other[j]
    return out


def zipped(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def main(n):
    size = 40
    a = [[(i * 7 + j * 3) % 11 - 5.0 for j in range(size)] for i in range(size)]
    b = [[(i * 5 - j * 2) % 13 / 4.0 for j in range(size)] for i in range(size)]
    for _ in range(n):
        one, other = loops(a, b), zipped(a, b)
    print(one == other, sum(map(sum, one)), one[3][5])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

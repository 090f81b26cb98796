"""The spectral norm of an infinite matrix: nested float loops and generator sums."""
import sys

DEFAULT = 600


def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(v, n):
    return [sum(element(i, j) * v[j] for j in range(n)) for i in range(n)]


def times_transposed(v, n):
    return [sum(element(j, i) * v[j] for j in range(n)) for i in range(n)]


def main(n):
    u = [1.0] * n
    v = u
    for _ in range(4):
        v = times_transposed(times(u, n), n)
        u = times_transposed(times(v, n), n)
    dot = sum(a * b for a, b in zip(u, v))
    square = sum(b * b for b in v)
    print(f"{(dot / square) ** 0.5:.9f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

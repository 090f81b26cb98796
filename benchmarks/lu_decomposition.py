"""Linear algebra on lists: LU decomposition with pivots, solving, inverses, determinants, Jacobi."""
import sys

DEFAULT = 530


def decompose(matrix):
    a = [row[:] for row in matrix]
    n = len(a)
    order = list(range(n))
    sign = 1.0
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(a[i][k]))
        if pivot != k:
            a[k], a[pivot] = a[pivot], a[k]
            order[k], order[pivot] = order[pivot], order[k]
            sign = -sign
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            a[i][k] = factor
            row, top = a[i], a[k]
            for j in range(k + 1, n):
                row[j] -= factor * top[j]
    return a, order, sign


def solve(lu, order, b):
    n = len(lu)
    x = [b[i] for i in order]
    for i in range(n):
        x[i] -= sum(lu[i][j] * x[j] for j in range(i))
    for i in reversed(range(n)):
        x[i] = (x[i] - sum(lu[i][j] * x[j] for j in range(i + 1, n))) / lu[i][i]
    return x


def determinant(lu, sign):
    for i in range(len(lu)):
        sign *= lu[i][i]
    return sign


def relax(size, rounds):
    """Jacobi iteration of heat on a plate."""
    plate = [[100.0 if i == 0 else 0.0 for _ in range(size)] for i in range(size)]
    for _ in range(rounds):
        new = [row[:] for row in plate]
        for i in range(1, size - 1):
            for j in range(1, size - 1):
                new[i][j] = (plate[i - 1][j] + plate[i + 1][j] + plate[i][j - 1] + plate[i][j + 1]) * 0.25
        plate = new
    return plate[size // 2][size // 2]


def main(n):
    size = 30
    matrix = [[float((i * 17 + j * 31) % 23 + (50 if i == j else 0)) for j in range(size)] for i in range(size)]
    b = [float(i) for i in range(size)]
    for _ in range(n):
        lu, order, sign = decompose(matrix)
        x = solve(lu, order, b)
        inverse = [solve(lu, order, [float(i == j) for j in range(size)]) for i in range(3)]
        heat = relax(24, 12)
    error = max(abs(sum(row[j] * x[j] for j in range(size)) - b[i]) for i, row in enumerate(matrix))
    print(error < 1e-9, f"{determinant(lu, sign):.6e} {sum(x):.9f} {inverse[2][2]:.9f} {heat:.9f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

"""The Mandelbrot set on a square grid: complex numbers in a tight loop."""
import sys

DEFAULT = 490


def escape(c, limit):
    z = 0j
    for i in range(limit):
        if z.real * z.real + z.imag * z.imag > 4.0:
            return i
        z = z * z + c
    return limit


def main(n):
    total = inside = 0
    for row in range(n):
        for column in range(n):
            count = escape(complex(3.0 * column / n - 2.2, 2.4 * row / n - 1.2), 60)
            total += count
            inside += count == 60
    print(total, inside)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

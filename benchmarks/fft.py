"""The fast Fourier transform, recursive and with complex numbers."""
import cmath
import sys

DEFAULT = 150


def fft(values):
    n = len(values)
    if n == 1:
        return values
    even, odd = fft(values[::2]), fft(values[1::2])
    out = [0j] * n
    half = n // 2
    for k in range(half):
        turned = cmath.exp(-2j * cmath.pi * k / n) * odd[k]
        out[k] = even[k] + turned
        out[k + half] = even[k] - turned
    return out


def convolve(a, b):
    size = 1
    while size < len(a) + len(b):
        size *= 2
    fa = fft([complex(x) for x in a] + [0j] * (size - len(a)))
    fb = fft([complex(x) for x in b] + [0j] * (size - len(b)))
    back = fft([(x * y).conjugate() for x, y in zip(fa, fb)])
    return [round(x.real / size) for x in back[:len(a) + len(b) - 1]]


def main(n):
    a = [(i * i) % 17 for i in range(500)]
    b = [(i * 3) % 23 for i in range(500)]
    for _ in range(n):
        product = convolve(a, b)
    print(sum(product), product[499], len(product))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

"""Large integers: digits of pi, factorials, powers modulo, greatest common divisors, decimal output."""
import math
import sys

DEFAULT = 100


def pi_digits(count):
    digits = []
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    while len(digits) < count:
        if 4 * q + r - t < m * t:
            digits.append(m)
            q, r, m = 10 * q, 10 * (r - m * t), 10 * (3 * q + r) // t - 10 * m
        else:
            q, r, t, k, m, x = (q * k, (2 * q + r) * x, t * x, k + 1,
                                (q * (7 * k + 2) + r * x) // (t * x), x + 2)
    return "".join(map(str, digits))


def factorial(n):
    result = 1
    for i in range(2, n + 1):
        result *= i
    return result


def is_prime(n):
    if n % 2 == 0:
        return n == 2
    d, s = n - 1, 0
    while d % 2 == 0:
        d //= 2
        s += 1
    for base in (2, 3, 5, 7, 11, 13, 17):
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def main(n):
    for _ in range(n):
        digits = pi_digits(300)
        product = factorial(400)
        primes = [p for p in range(2 ** 127 - 300, 2 ** 127) if is_prime(p)]
        common = math.gcd(product, fibonacci(600))
        text = str(product)
    print(digits[-10:], sum(map(int, text)), [p - 2 ** 127 for p in primes], common, int(text) == product,
          hex(product >> 2500)[-12:], math.isqrt(product) % 10 ** 9)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

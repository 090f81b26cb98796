"""What comparisons show of integers holds as long as they are made, in every iteration."""


def remainders(values, divisor):
    total = 0
    for value in values:
        if divisor > 0 and value >= 0:
            total += value % divisor + value // divisor
        elif divisor != 0:
            total -= value % divisor + value // divisor
        divisor -= 1
    return total


def powers(limit):
    out = []
    n, step = 1, 1
    while n < limit:
        if step < 40:
            n = n * 3 + step
        else:
            n = n * n
        step += 1
        if step > 60:
            break
    out.append((n, step))
    return out


def indices(items, start):
    i, found = start, []
    while True:
        try:
            found.append(items[i])
        except IndexError:
            break
        i += 1
        if i > 5:
            i -= 3 * len(found)
            if len(found) > 60:
                break
    return found[:12], len(found), i


def equal(values):
    hits = []
    for i, value in enumerate(values):
        if value == 7:
            hits.append((value * 3, value % 4, i))
        value += i
        if value == 9:
            hits.append((value + 1, value // 2, -i))
    return hits[:6], len(hits)


def halves(values):
    total = 0.0
    for x in values:
        total += x / 2 + x / 4.0 - x / 0.5 + x / -8.0 + x / 3.0
    return total


def quotients(values, by):
    return [x / by for x in values]


def extremes(x):
    for _ in range(50):
        a, b, c = x / 2.0**1022, x / 2.0**-1022, x / 2.0**1023
    return a, b, c


def grow(n):
    """A sum that leaves the range in which its parts were."""
    total, step = 1, 1
    for i in range(n):
        if total < 10:
            total += step
        elif total > 2**61:
            total //= 3
        else:
            total *= 3
        step += i & 3
    return total


print(remainders(list(range(-20, 60)), 50), remainders([5, -5, 17, 2**70, -2**70] * 12, 40))
print(powers(10**30), powers(50), powers(10**9))
print(indices(list(range(10)), -4), indices([1, 2, 3], 0))
print(equal([7, 8, 5, 7, 1, 9] * 20), equal(list(range(12)) * 4))
print(halves([1.0, 2.5, -0.0, 1e308, 5e-324] * 10), halves([float("inf")] * 30), halves([3] * 30))
for by in 2.0, 4, 0.125, 3.0, -2.0, float("inf"):
    print(quotients([1.0, -7.5, 5e-324, 1.7e308] * 10, by)[:4])
for x in 1.0, 5e-324, 1.5e308, -0.0:
    print(extremes(x))
print(grow(10), grow(100), grow(1000))
try:
    quotients([1.0] * 30 + [2], 0.0)
except ZeroDivisionError as e:
    print(e)

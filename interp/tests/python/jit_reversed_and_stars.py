# Loops over lists from their ends, divmod of integers, displays and calls with stars.


def backwards(items, n):
    out = 0
    for k in range(n):
        for x in reversed(items):
            out = (out * 3 + x) & 0xFFFF
        for i, x in enumerate(reversed(items)):
            out += i * x
        for a, b in zip(reversed(items), items):
            out += a - b * 2
    return out


def shrinking(n):
    out = []
    for k in range(n):
        items = list(range(8))
        it = reversed(items)
        for x in it:
            out.append(x)
            if x == 5 + k % 3:
                del items[2:]
        out.append(next(it, "end"))
    return len(out), out[-8:]


def growing(n):
    total = 0
    for k in range(n):
        items = [1, 2, 3]
        for x in reversed(items):
            items.append(x)
            total += x
        total += len(items)
    return total


def division(n):
    total = 0
    for i in range(-n, n):
        q, r = divmod(i * 7, 13)
        total += q * 3 + r
        q, r = divmod(i, -5)
        total -= q + r * 2
        total += sum(divmod(i, 4)) + divmod(True, 2)[1]
    return total


def edges():
    out = []
    for a, b in ((1 << 62, 3), (-(1 << 62), -1), (7, 0), (7.5, 2), (-7, True), (5, "a"), ((1 << 70) + 1, 1 << 35)) * 3:
        try:
            out.append(divmod(a, b))
        except Exception as e:
            out.append(f"{type(e).__name__}: {e}")
    return out[7:14]


def three(a, b, c):
    return a * 100 + b * 10 + c


def stars(n):
    pair, items, total = (1, 2), [3, 4], 0
    for i in range(n):
        total += three(i & 3, *pair) + three(*items, i & 1) + three(*pair[:1], *items)
        a = [i, *pair, *items]
        b = (*a, i, *pair)
        total += len(a) + len(b) + a[2] + b[-1]
        if i % 7 == 0:
            items = [i & 7, 1]
        if i % 50 == 49:
            pair = (i & 1, 5)
        c = [*items]
        c.append(i)
        total += len(c) + len(items)
        if i == n - 3:
            pair = [4, 4]
    return total


def wrong(n):
    pair, out = (1, 2), []
    for i in range(n):
        try:
            out.append(three(i, *pair))
        except TypeError as e:
            out.append(str(e))
        if i == n // 2:
            pair = (1,)
    return out[n // 2 - 1 : n // 2 + 3]


for _ in range(3):
    print(backwards(list(range(20)), 20), backwards([], 5), shrinking(60), growing(60))
    print(division(150), stars(200), wrong(60))
print(edges())

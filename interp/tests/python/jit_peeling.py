"""A recorded iteration that cannot be peeled, since the next one goes another way."""


def alternates(count, odd):
    prev, first, seen, empty = True, None, 0, 0
    for i in range(count):
        if prev:
            seen += 1
        prev = i % 3 != 0
        if first is None:
            empty += 1
        first = 5 if i & 1 == odd else None
    return seen, empty


def alternates_late(count, odd):
    """As above, the condition known to the second iteration being a comparison of floats."""
    x, y, last, total = 0.0, 1.0, "a", 0
    for i in range(count):
        if x < y:
            total += 1
        x, y = y, float(i % 5)
        if last == "a":
            total += 100
        last = "b" if i & 1 == odd else "a"
    return total, x, y


for odd in (0, 1):
    for count in (1, 2, 3, 10, 50):
        print(alternates(count, odd), alternates_late(count, odd))

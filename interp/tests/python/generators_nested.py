"""Loops over generators that have loops of their own, which are hot before the outer ones are."""


def permutations(pool, r):
    n = len(pool)
    indices = list(range(n))
    cycles = list(range(n - r + 1, n + 1))[::-1]
    yield tuple(pool[i] for i in indices[:r])
    while n:
        for i in reversed(range(r)):
            cycles[i] -= 1
            if cycles[i] == 0:
                indices[i:] = indices[i + 1 :] + indices[i : i + 1]
                cycles[i] = n - i
            else:
                j = cycles[i]
                indices[i], indices[-j] = indices[-j], indices[i]
                yield tuple(pool[i] for i in indices[:r])
                break
        else:
            return


def placements(n):
    for p in permutations(range(n), n):
        if n == len({p[i] + i for i in range(n)}) == len({p[i] - i for i in range(n)}):
            yield p


def searching(limit):
    """Much work between two items."""
    n = 0
    while n < limit:
        total = 0
        for k in range(n % 37):
            total += k * n % 5
        if total % 3:
            yield n, total
        n += 1


def waiting(it):
    buffer = []
    for item in it:
        buffer.append(item)
        if len(buffer) == 3:
            yield sum(b[1] for b in buffer)
            buffer.clear()


def raising(n):
    for i in range(n):
        for k in range(i % 9):
            if k == 7 and i % 5 == 0:
                raise ValueError(i, k)
        yield i


def resumed(n):
    total = 0
    at = 0
    while at < n:
        try:
            for i in raising(n - at):
                total += i
                at += 1
        except ValueError as e:
            total += e.args[0]
            at += 1
    return total


def sent():
    got = 0
    while True:
        value = yield got
        for k in range(value % 11):
            got = (got * 3 + k + value) % 10007


def consume(n):
    g = sent()
    next(g)
    total = 0
    for i in range(n):
        total += g.send(i)
    return total


def main():
    print([sum(1 for _ in placements(n)) for n in (4, 5, 6)], list(placements(4)))
    for n in (3, 50, 400):
        pairs = 0
        for a, b in searching(n):
            pairs = (pairs * 7 + a + b) % 100003
        print(n, pairs, sum(waiting(searching(n))))
    print(resumed(300), consume(300))
    for _ in range(5):
        print(sum(p[0] * p[-1] for p in permutations("123", 2) for p in [tuple(map(int, p))]))


main()

# Slices, membership in constant tuples, and deletions in loops.
def flips(n):
    perm = list(range(n))
    count = 0
    while count < 200:
        k = perm[0]
        if k == 0:
            perm = perm[1:] + perm[:1]
        else:
            perm[: k + 1] = perm[k::-1]
        count += 1
    return perm


print(flips(7))


def sliced(items, n):
    total = 0
    for i in range(n):
        total += len(items[::2]) + len(items[::-1]) + len(items[i % 4 :]) + len(items[-3:-1]) + len(items[i % 5 : 9 : 3])
        part = items[1::2]
        total += part[0] if isinstance(part[0], int) else len(part[0])
    return total


print(sliced([1, 2, 3, 4, 5], 100), sliced((9, 8, 7), 100), sliced("hello", 100), sliced(b"bytes", 100), sliced(range(30), 100))


class Sliced:
    def __getitem__(self, key):
        return [key.start, key.stop, key.step] if isinstance(key, slice) else key


def own(n):
    s, out = Sliced(), None
    for i in range(n):
        out = s[i::2], s[1:i], s[i]
    return out


print(own(100))


class Index:
    def __index__(self):
        return 2


def indexed(n):
    out = []
    for i in range(n):
        bound = Index() if i % 50 == 49 else 1
        out = [1, 2, 3, 4, 5][bound::bound]
    return out


print(indexed(100))


def assigned(n):
    a = list(range(10))
    for i in range(n):
        a[2:4] = [i, i + 1, i + 2]
        a[:1] = ()
        a[5:] = a[5:9]
        a[1:1] = "ab"
        a[3:5] = range(2)
        a[::3] = [0] * len(a[::3])
        if i == n - 1:
            try:
                a[::2] = [1]
            except ValueError as e:
                return a, str(e)


print(assigned(100))


def iterated(n):
    out = []
    for i in range(n):
        a = [1, 2, 3, 4]
        for x in a:
            if x == 2:
                a[:2] = []
            out.append(x)
    return len(out), out[:4]


print(iterated(60))


def deleted(n):
    a = list(range(n))
    for i in range(n // 4):
        del a[0]
        del a[-1]
        del a[1:3:2]
    try:
        while True:
            del a[i]
            i -= 2
    except IndexError as e:
        return a, i, str(e)


print(deleted(120))


def among(n):
    hits = [0] * 6
    for i in range(n):
        if i % 7 in (1, 3, 5):
            hits[0] += 1
        if i not in (0, 1):
            hits[1] += 1
        if (i % 2 == 0) in (1, 2):
            hits[2] += 1
        if i / 2 in (1, 3):
            hits[3] += 1
        if "abc"[i % 3] in ("a", "b"):
            hits[4] += 1
        if i in (2**70, 3, None):
            hits[5] += 1
    return hits


print(among(200))


def display(n):
    out = ()
    for i in range(n):
        t = (1, *range(i % 4), i)
        out = (*t, *"ab")
    return out


print(display(100))

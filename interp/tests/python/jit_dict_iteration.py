# Loops over dictionaries and their views, which change meanwhile in the ways they may and may not.


def sums(d, n):
    t = 0
    for _ in range(n):
        for k in d:
            t += k
        for v in d.values():
            t ^= v
        for k, v in d.items():
            t += k * v
            d[k] = v + 1
        for i, (k, v) in enumerate(d.items()):
            t += i * (v - k)
        for (k, v), w in zip(d.items(), d.values()):
            t += v - w
        for p in d.items():
            t += p[0]
        t += sum(v for v in d.values() if v % 2) + max(d) + len([k for k in d])
    return t


def holes(n):
    d = {i: i for i in range(12)}
    t = 0
    for r in range(n):
        for k in list(d):
            if k % 3 == r % 3:
                del d[k]
        for k, v in d.items():
            t += k * v
        for k in d.keys():
            t -= k
        for k in range(12):
            d.setdefault(k, r)
        for v in d.values():
            t += v
        while len(d) > 9:
            d.popitem()
        del d[next(iter(d))]
    return t, list(d.items())


def resized(n):
    out = []
    for r in range(n):
        d = {i: i for i in range(6)}
        seen = []
        try:
            for k in d:
                seen.append(k)
                if k == 3:
                    if r % 4 == 0:
                        d["new"] = 1
                    elif r % 4 == 1:
                        del d[0]
                    elif r % 4 == 2:
                        del d[0]
                        d["other"] = 1
                    else:
                        d.clear()
        except RuntimeError as e:
            seen.append(str(e))
        out.append(seen)
    return out[-4:]


def resumed(n):
    out = []
    for r in range(n):
        d = {"a": 1, "b": 2, "c": 3, "d": 4}
        it = iter(d.items())
        for k, v in it:
            if v == 2:
                break
        rest = it.__length_hint__()
        for k, v in it:
            out.append(k)
        out.append((rest, it.__length_hint__(), next(it, "end")))
        for k in reversed(d):
            out.append(k)
        for k in {}:
            out.append("never")
        del out[:-8]
    return out


def kinds(n):
    """One loop for dictionaries of several sorts, and for other things."""
    class Own(dict):
        pass

    many = [{1: 2, 3: 4}, Own({5: 6}), {}, [7, 8], {9: 1.5}, (10,), Own(), {1 << 70: 2}]
    t = 0
    for r in range(n):
        for x in many[r % 8]:
            t += x
        for k, v in many[r % 3].items():
            t += k - v
    return t


first = 1
second = "two"


def namespace(n):
    global first
    t = 0
    for r in range(n):
        for k, v in globals().items():
            if k == "first":
                first = r
                t += v
            elif k == "second":
                t += len(v) + first
        for v in globals().values():
            if v is second:
                t += 1
    return t


class Thing:
    def __init__(self, a, b):
        self.a = a
        self.b = b


def attributes(n):
    x, t = Thing(1, 2), 0
    for r in range(n):
        for k, v in x.__dict__.items():
            t += v
            setattr(x, k, v + 1)
            x.b += 1
        for k in vars(x):
            t += len(k)
    return t, x.__dict__


for _ in range(3):
    print(sums({i: i * 3 for i in range(9)}, 40), holes(40))
    print(resized(60), resumed(60))
    print(kinds(160), namespace(60), attributes(50))

"""Loops over short tuples that are written in the `for` statement: in functions they are laid out."""
import sys


def first_negative(a, b, c):
    for v in a, b, c:
        if v < 0:
            break
    else:
        return None
    return v


def skipping(a, b):
    found = []
    for v in a, b, a:
        if v % 3 == 0:
            continue
        found.append(v)
    return found


def divided(a, b):
    total = 0
    for v in a, b:
        total += 12 // v
    return total


def nested(a):
    total = 0
    for x in 1, 2:
        for y in (a, 3):
            total = total * 3 + x * y
    return total


def given_back(a, b):
    for v in (a, b):
        try:
            if v > 20:
                return v
        finally:
            seen.append(v)
    return 0


def closed(a):
    return [f() for f in [(lambda v=v: v + a) for v in (1, 2)]]


def made(a, b):
    for v in a, b:
        yield v
        yield v * 2


def unpacked(a):
    total = 0
    for name, weight in (("a", 1), ("b", a), ("c", 3)):
        total += len(name) * weight
    return total, name


def longer(a):
    total = 0
    for v in (1, 2, 3, 4, 5, 6, 7, a):
        total += v
    return total


def changing(v):
    # The name is bound anew in the body; the tuple stays.
    out = 0
    for w in v, v + 1:
        v = 100
        out += w
    return out, v


seen = []


class Weight:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < (other if isinstance(other, int) else other.n)

    def smaller(self, other):
        for w in self, other:
            if w < 5:
                return self.__class__(w.n * 2)
        return None

    def __floordiv__(self, other):
        for w in self, other:
            if type(w) is not Weight:
                return NotImplemented
        return Weight(self.n // other.n)


def main():
    total = 0
    for i in range(30):
        total += first_negative(i, 20 - i, 5) or 0
        total += len(skipping(i, i + 1))
        total += nested(i)
        total += given_back(i, i + 1)
        total += sum(closed(i)) + sum(made(i, 2))
        total += unpacked(i)[0] + longer(i) + changing(i)[0]
        small = Weight(i).smaller(Weight(7))
        total += small.n if small else 1
        total += (Weight(i + 9) // Weight(4)).n
    print(total, len(seen), seen[-3:])


main()

for i in range(20, -1, -1):
    try:
        divided(7, i)
    except ZeroDivisionError as error:
        place, raised = error.__traceback__.tb_next, repr(error)
print(raised, place.tb_lineno, place.tb_frame.f_locals, place.tb_next)

try:
    for i in range(30):
        Weight(3) // (Weight(2) if i < 20 else i)
except TypeError as error:
    print(error, i)


def where(kind):
    for v in kind, kind:
        if v > 27:
            return sys._getframe().f_lineno, sys._getframe().f_locals["v"]
    return 0, 0


print(max(where(i) for i in range(30)))

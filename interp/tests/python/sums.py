"""sum() over built-in sequences, which it reads without an iterator, and over others."""
class N(int):
    def __radd__(self, o): l.append(1) if len(l) < 10 else None; return int(o) + int(self)
l = [1, 2.5, 3, True, N(4)]
print(sum(l), sum((1, 2, 10**20)), sum(b"abc"), sum(bytearray(b"\x01\x02")), sum([], 5), sum([[1], [2]], []), sum([1, 2j, 0.5]), sum(range(10)), sum({1: 2, 3: 4}), sum([0.1] * 10), sum((0.1, 0.2, 1)))
for bad in (["a"], 5, [1, "a"], b""):
    try: print(sum(bad))
    except TypeError as e: print(e)
class L(list):
    def __iter__(self): return iter([7])
print(sum(L([1, 2])))

print(sum([True, False, True]), sum([True], False), sum([True, 2**70, True]), sum([1.5, True]), sum([], True))

big = 2**62
for items in (
    [1, True, False, 2], (True,) * 7, [big, big, big, 1], [2**48, -(2**48), 5], [1, 2.5, 3], [1, 2**70, -1],
    bytes(range(256)), bytearray(b"abc"), b"", [], [True, 1.5, 2j], [-big, -big, -big],
):
    for start in (0, 5, -(2**46), True, 1.5, 2**63):
        print(sum(items, start), end=" ")
    print()


class Counted(int):
    def __add__(self, other):
        return "own"

    __radd__ = __add__


print(sum([1, 2, Counted(3)]), sum([1], Counted(2)))
growing = [1, 2, 3]


class Adds:
    def __radd__(self, other):
        growing.append(10)
        return other


growing.append(Adds())
print(sum(growing), growing[4:])

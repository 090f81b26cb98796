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

# Each float("nan") is an object of its own; what is stored elsewhere has the ordinary bits.
import array
import marshal
import math
import pickle
import struct

x, y = float("nan"), float("nan")
print(x is x, x is y, [x] == [x], [x] == [y], (x,) == (y,), x in [x], y in [x], x == x)
print(len({x, y, x}), len({x: 1, y: 2}), {x: 1} == {y: 1}, [x, y].index(y), [x, y, x].count(x))
print([float("nan")] == [float("nan")], {float("nan")} == {float("nan")})
print(x is math.nan, math.nan is math.nan, [math.nan] == [math.nan], float(x) is x)
print(repr(x), repr(-x), math.copysign(1, x), math.copysign(1, -x), math.copysign(1, float("-nan")))


class Held:
    def __init__(self, value):
        self.value = value


held = Held(x)
print(held.value is x, [held.value] == [x], {"a": x}["a"] is x, (lambda v: v)(x) is x)


def loop(n):
    kept = []
    total = 0.0
    for i in range(n):
        v = float("nan") if i % 3 == 0 else float(i)
        kept.append(v)
        total += v
    return kept, total


kept, total = loop(300)
print(len(set(kept)), sum(v != v for v in kept), total)
print(all(v in kept for v in kept), [kept.index(v) for v in kept[::60]])


def same(values):
    n = 0
    for v in values:
        w = v
        if w is v and [w] == [v]:
            n += 1
    return n


print(same(kept))

for number in x, float("-nan"), float("NAN"), -x:
    print(struct.pack(">d", number).hex(), struct.pack(">f", number).hex(), struct.pack(">e", number).hex())
    print(array.array("d", [number]).tobytes()[::-1].hex(), array.array("f", [number]).tobytes()[::-1].hex())
    print(pickle.dumps(number, 2).hex(), marshal.dumps(number)[1:].hex(), marshal.dumps(complex(1, number))[1:].hex())
room = bytearray(8)
memoryview(room).cast("d")[0] = x
print(room[::-1].hex())
odd = bytes.fromhex("7ff80000000abcde")
print(struct.pack(">d", struct.unpack(">d", odd)[0]).hex())

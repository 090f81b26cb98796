"""Numbers, characters and small built-ins in loops: conversions, extremes, ranges, appends, bytes."""
import math


def conversions():
    out = []
    for x in [0.0, -0.0, 1.5, -1.5, 2.5, 3.5, -2.5, 1e15, -1e15, 0.49999999999999994, 123456.789] * 3:
        out.append((int(x), round(x), math.floor(x), math.ceil(x), math.trunc(x), float(int(x)), abs(x)))
    for x in [1e18, 4.6e18, 4.7e18, 9.3e18, -1e300, 2.0**62, 2.0**63, -(2.0**63)] * 3:
        out.append((int(x), round(x), math.floor(x), math.ceil(x), int(-x)))
    for v in [True, False, 3, -7, 2**61, 2**62, 2**63, -(2**64), "12", " -7 "] * 2:
        out.append((int(v), float(v)))
    for x in [1.0, float("inf"), 2.0, float("-inf"), 3.0, float("nan"), 4.0]:
        for f in (int, round, math.floor, math.ceil):
            try:
                out.append(f(x))
            except (OverflowError, ValueError) as error:
                out.append(str(error))
    return out


def functions():
    out = []
    for i in range(-40, 40):
        x = i / 4
        out.append(round(math.sin(x) * math.cos(x) + math.atan2(x, 2) + math.copysign(3, x), 12))
        try:
            out.append(math.sqrt(x) + math.log(x) + math.log2(x))
        except ValueError as error:
            out.append(str(error))
        try:
            out.append(math.exp(x * 80))
        except OverflowError as error:
            out.append(str(error))
        try:
            out.append(math.pow(x, 0.5))
        except ValueError as error:
            out.append(str(error))
    for x in [1, 2, 10**30, 3, 2**70]:
        out.append((math.log(x), math.log10(x), math.sqrt(x)))
    return out


def extremes():
    nan = float("nan")
    total = 0
    out = []
    for i in range(200):
        a, b, c = i * 37 % 11, i * 53 % 13, i * 71 % 7
        total += min(a, b) * max(b, c) + min(a, b, c) - max(a, b, c, 3)
        total += abs(a - b)
    for x, y in [(1.0, 2.0), (2.0, 1.0), (nan, 1.0), (1.0, nan), (0.0, -0.0), (-0.0, 0.0)] * 3:
        out.append((repr(min(x, y)), repr(max(x, y))))
    for x, y in [(1, 2.0), (True, 1), (1, True), (2**70, 3), (3, 2**70), ("a", "b")] * 3:
        out.append((min(x, y), max(x, y)))
    for i in [5, -5, 2**62, -(2**62), 2**63, -(2**63), True]:
        out.append(abs(i))
    return total, out


def ranges():
    out = []
    for n in range(-3, 9):
        count = 0
        for i in range(n):
            for j in range(i, n):
                for k in range(n, j, -1):
                    for m in range(k, 0, -3):
                        count += i - j * k + m % 3 + (-m) % 5 + m // -2
        out.append(count)
        out.append((len(range(n)), list(range(n, 0, -2)), list(range(0, n, 3)), range(2, n)))
    for n in range(6):
        for r in (range(n), range(n, 3), range(5, n, -1)):
            out.append((n, r.start, r.stop, r.step, n in r, r == range(n), hash(r) == hash(range(n))))
    try:
        for i in range(3):
            range(0, i, 1 - i)
    except ValueError as error:
        out.append(str(error))
    for i in [1, 2, 2**70]:
        out.append(range(i)[-1])
    return out


def remainders():
    out = []
    for i in range(-30, 31):
        for d in (1, 2, 3, 7, -3, 10, -7):
            out.append((i // d, i % d))
    state = 1
    total = 0
    for i in range(300):
        state = state * 16807 % 2147483647
        total += state // 127773 + state % 1000
    down = 0
    for i in range(20, -20, -1):
        down = down * 31 % 1009 + i % 7 + i // 4
    return sum(a * 3 + b for a, b in out), state, total, down


def lists():
    grown = []
    for i in range(300):
        grown.append(i)
        grown.append(str(i))
        grown.append([i])
        if i % 3 == 0:
            grown.pop()
    nested = []
    for i in range(40):
        row = []
        for j in range(i):
            row.append(i * j)
            row.append(float(j))
        nested.append(row)
    old = nested[3]
    for i in range(60):
        old.append((i,))
    shared = []
    for i in range(50):
        shared.append(shared)
    return len(grown), grown[-4:], [len(r) for r in nested], len(old), old[-1], len(shared), shared[7] is shared


def text():
    vowels = runs = 0
    seen = []
    for s in ["hello", "", "aeiou", "żółć", "a\u4e2d\u6587b", "\U0001f600x\U0001f600", "xé"] * 4:
        last = ""
        for c in s:
            if c == "e" or c == "a":
                vowels += 1
            if c == last:
                runs += 1
            last = c
        for i in range(len(s)):
            if s[i] == "x":
                runs += 10
            if s[i] != s[0]:
                runs += 100
            if s[i] == chr(233):
                runs += 1000
        seen.append(last)
    return vowels, runs, seen


def binary():
    total = 0
    out = []
    for data in [b"", b"abc", bytes(range(256)), b"\xff\x00"] * 3:
        h = 0x811C9DC5
        for b in data:
            h = (h ^ b) * 0x01000193 & 0xFFFFFFFF
        for i in range(len(data)):
            total += data[i] * i + data[-1]
        out.append(h)
    for data in [b"ab", bytearray(b"cd"), b"ef", memoryview(b"gh")]:
        for b in data:
            out.append(b)
        out.append(data[1])
        it = iter(data)
        out.append((next(it), list(it), list(it)))
    array = bytearray(b"abc")
    for b in array:
        out.append(b)
        if len(array) < 6:
            array.append(b + 1)
    for i in range(5):
        try:
            out.append(b"xyz"[i])
        except IndexError as error:
            out.append(str(error))
    return total, out


for run in range(3):
    for f in (conversions, functions, extremes, ranges, remainders, lists, text, binary):
        print(f.__name__, f())


def ranges_beyond(start, n, step):
    """Bounds that leave the immediate integers while the loop runs."""
    out = []
    i = start
    for k in range(n):
        for j in range(i, i + 3):
            out.append(j)
        out.append(list(range(i, i + 2)))
        out.append(range(i + 1, i - 1, -1))
        for j in range(i - 2, i):
            out[-1:] = [j]
        i += step
    return sum(v for v in out if isinstance(v, int)), out[-1]


for base in (2**49, 2**50, 2**62, 2**63):
    for step in (1, 7, -3, 2**45):
        print(ranges_beyond(base - 100, 200, step))

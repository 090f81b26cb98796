# what compiled code calls directly
import math
from collections import deque

class Odd:
    """Runs Python code where plain values would not."""
    def __init__(self, log, n):
        self.log, self.n = log, n
    def __hash__(self):
        self.log.append("hash")
        return hash(self.n)
    def __eq__(self, other):
        self.log.append("eq")
        return isinstance(other, Odd) and self.n == other.n
    def __str__(self):
        return f"<{self.n}>"
    def __len__(self):
        return self.n
    def __iter__(self):
        yield from range(self.n)
    def __index__(self):
        self.log.append("index")
        return self.n
    def __format__(self, spec):
        return f"Odd({spec})"
    def __lt__(self, other):
        self.log.append("lt")
        return self.n < other

def strings(n):
    out = []
    for i in range(n):
        s = f"item {i}:{i * 1.5:8.2f}|{'x' * (i % 3)!r:>6}"
        out.append(s.upper().replace("ITEM", "Item").strip().partition(":")[2])
        out.append(s.startswith("item") and s.find(str(i)) >= 0 and s[2:5] + s[-1])
        if i % 7 == 0:
            out.append(",".join(s.split()))
    return out[-6:], len(out)

def dicts(n):
    d = {}
    for i in range(n):
        key = (i % 5, str(i % 3))
        d[key] = d.get(key, 0) + i
        if i % 11 == 0:
            d.setdefault(i, []).append(i)
        if (i, "x") in d:
            del d[i, "x"]
        if i % 13 == 0:
            d[i, "x"] = i
            d.pop(i, None)
    total = 0
    for k, v in d.items():
        if isinstance(v, int):
            total += v
    for i, k in enumerate(d):
        total += i
    for a, b in zip(d.values(), range(1000)):
        total += b
    return total, len(d), sorted(map(str, d))[:3]

def mixed(n):
    """The same instructions with plain values and with objects."""
    log = []
    values = [1, "a", (1, 2), 2.5, None, Odd(log, 3), (1, Odd(log, 4))]
    seen = set()
    out = []
    d = {}
    for i in range(n):
        v = values[i % len(values)]
        seen.add(v)
        d[v] = i
        out.append(f"{v if not isinstance(v, tuple) else len(v)}")
        if v in seen and v in d:
            out.append(d.get(v))
    return len(seen), len(d), out[:12], len(log) > 0

def containers(n):
    total = 0
    q = deque(maxlen=5)
    for i in range(n):
        q.append(i)
        if len(q) > 3:
            total += q.popleft()
        a = list(range(i % 4)) + [i]
        b = tuple(a) + (i,)
        s = {i, i + 1, i % 2}
        m = {"a": i, "b": b}
        total += sum(a) + len(b) + len(s) + m["a"] + max(b) + min(i, 7, 3)
        a.insert(0, -1)
        a.reverse()
        a.extend(b)
        total += a.pop(0) + a[-1] + len(a[1:3]) + (i in b) + (i in s)
        total += divmod(i, 7)[1] + round(i / 3) + int(str(i)) + int(i / 2.0)
        total += math.floor(i / 2.5) + math.gcd(i, 12) + math.isqrt(i)
        for c in "abc":
            total += ord(c)
        for x in reversed(a):
            total += x
        for x in s:
            total += x
    return total

def big(n):
    x = 1
    out = 0
    for i in range(1, n):
        x = x * (i + 7) % (1 << 200) + (x >> 3)
        if x > 1 << 100:
            out += 1
        out ^= hash(x) & 0xFF
        out += len(str(x % 1000003))
    return out, x.bit_length()

def errors(n):
    """What fails in a direct call raises as usual."""
    out = []
    for i in range(n):
        try:
            v = int("12" if i % 5 else "x")
            v += [1, 2, 3].pop(i % 4)
            v += {"a": 1}.pop("a" if i % 7 else "b")
            v += math.sqrt(i - 3)
            v += "abc".index("c" if i % 3 else "z")
        except (ValueError, IndexError, KeyError) as e:
            out.append(f"{type(e).__name__}: {e}")
        else:
            out.append(v)
    return out[:25]

def changing(n):
    """A container that shrinks while it is iterated over."""
    out = []
    for i in range(n):
        d = {j: j for j in range(5)}
        try:
            for k in d:
                if k == 3 and i % 2:
                    d["new"] = 1
            out.append(len(d))
        except RuntimeError as e:
            out.append(str(e))
    return out[-4:]

def pairs(n):
    total = []
    for i in range(n):
        for a, b in enumerate([i, i + 1, "x"][: i % 4]):
            total.append((a, b))
        for a, b in zip((1, 2, 3), "abcd"):
            total.append(b * a)
        for a, b in {"k": i, "l": 2}.items():
            total.append(a)
        for pair in enumerate("ab"):
            total.append(pair)
        a, b = 0, 0
        for a, b in zip([1, 2], Odd([], 2)):
            total.append(a + b)
    return len(total), total[-12:]

def iterators(n):
    """An iterator that a native call advances."""
    out = []
    for i in range(n):
        it = iter([1, 2, 3, 4, 5])
        for x in it:
            out.append(x)
            if x == 2:
                out.append(list(it))
        it = iter(range(6))
        for x in it:
            if x == 1:
                out.append(tuple(it))
    return out[-5:], len(out)

for f in (strings, dicts, mixed, containers, big, errors, changing, pairs, iterators):
    print(f.__name__, f(60))
    print(f.__name__, f(300))


class Power:
    def __init__(self):
        self.x = 1


def beyond_words(n):
    """An attribute that outgrows immediate integers, then 64 bits."""
    a = Power()
    for i in range(n):
        a.x *= 3
    return a.x == 3**n


print([beyond_words(n) for n in range(20, 80, 7)])

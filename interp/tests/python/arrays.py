# array.array: every method, every type, and CPython's words for what is wrong.
import copy
import io
import operator
import pickle
import warnings
from array import ArrayType, array, typecodes

warnings.simplefilter("ignore", DeprecationWarning)


def tried(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except Exception as e:
        return type(e).__name__, str(e)


class Sub(array):
    def __new__(cls, code, items=(), note=None):
        return super().__new__(cls, code, items)

    def __init__(self, code, items=(), note=None):
        self.note = note


def limits():
    for code in typecodes:
        if code in "uw":
            values = ["a", "\u20ac", "\U0001f600", "", "ab", 7, None]
        else:
            values = [0, -1, 127, 128, 255, 256, -128, -129, 32767, 32768, 65535, 65536, 70000, 2**31 - 1, 2**31, -2**31 - 1, 2**32 - 1, 2**32,
                      2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64 - 1, 2**64, 10**30, 1.5, "a", None, True, 1j, float("inf"), 1e39]
        print(code, array(code).itemsize, [tried(lambda v: array(code, [v]).tolist(), v) for v in values])


def making():
    for args in [(), (1,), ("ii",), ("x",), ("i", 5), ("i", "abc"), ("w", "abc"), ("u", "h\xe9"), ("i", b"12345678"), ("i", bytearray(b"123")), ("d", array("i", [1, 2])),
                 ("i", array("w", "a")), ("w", array("w", "ab")), ("B", range(4)), ("b", (x for x in (1, 2))), ("i", [1], 2), ("i", [1, "a"]), ("f", [1.1]), ("w", [1])]:
        print(args if not hasattr(args[-1:] and args[-1], "send") else "generator", tried(array, *args))
    print(tried(array, "i", initializer=[1]), tried(array, typecode="i"), tried(Sub, "i", [1], note=4), Sub("i", [1], note=4).note)
    print(tried(hash, array("i")), ArrayType is array, array.__name__, array.__module__, array[int])


def items():
    a = array("i", range(10))
    print(a[0], a[-1], a[2:5], a[::-3], a[8:2], a[5:100], tried(lambda: a[10]), tried(lambda: a["x"]), tried(lambda: a[1.0]), tried(lambda: a[10**30]))
    a[0] = 9
    a[-1] = True
    print(a, tried(operator.setitem, a, 10, 1), tried(operator.setitem, a, 0, "x"), tried(operator.setitem, a, "x", 1), tried(operator.setitem, a, 0, 2**40))
    a[1:3] = array("i", [7, 7, 7])
    a[::4] = array("i", [0, 0, 0])
    print(a, tried(operator.setitem, a, slice(0, 9, 2), array("i", [1])), tried(operator.setitem, a, slice(1), [1]), tried(operator.setitem, a, slice(1), array("d")))
    a[:] = a
    a[2:2] = a[:1]
    del a[0], a[-1], a[1:3], a[::3]
    print(a, tried(operator.delitem, a, 99), tried(operator.delitem, a, "x"), tried(operator.setitem, a, slice(0, 1, 0), a))
    del a[3:1], a[::-2]
    print(a, 7 in a, 99 in a, "x" in a, list(a), list(reversed(a)), len(a))


def methods():
    a = array("h", [3, 1, 2])
    a.append(5)
    a.extend([6, 7])
    a.extend(array("h", [8]))
    a.insert(0, 10)
    a.insert(-1, 11)
    a.insert(99, 12)
    print(a, a.pop(), a.pop(0), a.pop(-2), tried(a.pop, 50), tried(array("b").pop), tried(a.append), tried(a.append, "x"), tried(a.extend, array("i")), tried(a.extend, 5))
    print(a.index(1), a.index(6, 2), tried(a.index, 1, 3), tried(a.index, 99), tried(a.index, "x"), a.count(1), a.count(1.0), tried(a.remove, 99))
    a.remove(1)
    a.reverse()
    print(a, a.tolist(), a.tobytes(), tried(a.frombytes, b"1"), tried(a.frombytes, "x"), tried(a.frombytes, 5))
    a.frombytes(b"\x01\x00")
    a.frombytes(memoryview(b"\x02\x00"))
    a.byteswap()
    print(a, tried(a.fromlist, [1, "x"]), tried(a.fromlist, (1,)), a.fromlist([4]), a, a.buffer_info()[1])
    print(tried(a.tounicode), tried(a.fromunicode, "x"), array("w", "xyz").tounicode(), tried(array("w").fromunicode, 5))
    w = array("w", "ab")
    w.fromunicode("c\U0001f600")
    print(w, repr(w[3]), w.tolist(), tried(w.__getitem__, 9))
    f = io.BytesIO()
    a.tofile(f)
    f.seek(0)
    b = array("h")
    b.fromfile(f, 3)
    print(b, tried(b.fromfile, f, 99), len(b), tried(b.fromfile, f, -1), tried(b.fromfile, io.StringIO("abc"), 1))
    a.clear()
    print(a, a.typecode, a.itemsize, tried(setattr, a, "typecode", 1))


def operators():
    a, b = array("d", [1, 2]), array("d", [1.5])
    print(a + b, a * 2, 2 * a, a * -1, tried(lambda: a + [1]), tried(lambda: a + array("i")), tried(lambda: a * 1.5), tried(lambda: a * "x"))
    a += b
    a *= 2
    print(a, tried(operator.iadd, a, [1]), tried(operator.iadd, a, array("i")))
    for x, y in [(a, b), (a, a[:]), (array("i", [1]), array("d", [1])), (array("i", [1, 2]), array("b", [1, 3])), (array("b"), array("b", [1])), (a, [1])]:
        print([tried(op, x, y) for op in (operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)])
    print(array("d", [float("nan")]) == array("d", [float("nan")]))
    match a:
        case [first, *_]:
            print("sequence", first)


def copies():
    for code in typecodes:
        a = array(code, "ab\u20ac" if code in "uw" else [1, 2, 100])
        for p in (2, 5):
            b = pickle.loads(pickle.dumps(a, p))
            assert b == a and b.typecode == code, (code, p)
        print(a, copy.copy(a) == copy.deepcopy(a) == a, a.__reduce_ex__(2)[1], a.__reduce_ex__(4)[1][1:])
    s = Sub("i", [1, 2], note="n")
    t = pickle.loads(pickle.dumps(s, 2))
    print(type(t).__name__, t, t.note)
    from array import _array_reconstructor as made
    print([made(array, "i", n, b"\1\2\3\4\5\6\7\x08") for n in range(14)], made(array, "d", 15, b"\x3f\x80\0\0"), made(array, "w", 19, b"\xd8\x3d\xde\0"))
    print(tried(made, int, "i", 0, b""), tried(made, array, "x", 0, b""), tried(made, array, "i", 22, b""), tried(made, array, "i", 8, b"1"), tried(made, array, "i", 8, ""))
    it = iter(array("i", [1, 2, 3]))
    next(it)
    again = pickle.loads(pickle.dumps(it))
    print(list(it), list(again), list(it), pickle.loads(pickle.dumps(it)).__reduce__()[1:], type(it).__name__)


def lent():
    a = array("i", [1, 2, 3])
    m = memoryview(a)
    print(m.format, m.itemsize, m.shape, m.tolist(), tried(a.append, 1), tried(a.clear), m.readonly)
    m[1] = 50
    print(a, bytes(memoryview(array("w", "a"))), memoryview(array("w", "a")).format)
    m.release()
    a.append(4)
    print(a, bytearray(array("B", [1, 2])), bytes(a[:1]), b"".join([array("b", [65])]), int.from_bytes(array("B", [1, 0]), "big"))


def loops(n):
    """Each type in a loop that gets compiled."""
    out = []
    for code in "bBhHiIlLqQfd":
        a, total = array(code, [0] * 8), 0
        for i in range(n):
            a[i & 7] = i % 100
            total += a[i - 1 & 7] + a[-1 - (i & 3)]
            if i % 25 == 24:
                a.append(3)
        out.append((code, total, len(a)))
    d = array("d", [0.5] * 16)
    for i in range(n):
        d[i % 16] = d[(i * 7) % 16] * 1.01 + i
    b = array("B", [0])
    wrong = []
    for i in range(n):
        try:
            b[0] = i * 2
        except OverflowError as e:
            if not wrong:
                wrong = [i, str(e)]
        try:
            d[i % 17] = i if i % 9 else "x" if i > n - 9 else True
        except (IndexError, TypeError) as e:
            wrong[2:] = [str(e)]
    q, big = array("Q", [2**64 - 1, 2**50]), 0
    for i in range(n):
        big += q[i & 1]
        q[1] = 2**49 + i * 2**44
    return out, sum(d), b, wrong, big


limits()
making()
items()
methods()
operators()
copies()
lent()
print(loops(70))

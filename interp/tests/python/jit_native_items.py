"""Loops over `map` of native functions and classes: items that change their type, that fail, and shared iterators."""
import operator


def absolute(xs):
    return [y for y in map(abs, xs)]


def products(xs, ys):
    total = 0
    for p in map(operator.mul, xs, ys):
        total += p
    return total


def read(texts):
    found = []
    for n in map(int, texts):
        found.append(n)
    return found


def shown(xs):
    text = ""
    for s in map(str, xs):
        text += s + ","
    return text


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def going_on(texts):
    """What an iterator comes to after one of its calls has failed."""
    it, found = map(int, texts), []
    while True:
        try:
            for n in it:
                found.append(n)
            return found
        except ValueError as error:
            found.append(str(error)[-4:])


def shared(xs):
    it, found = iter(xs), []
    for p in map(operator.sub, it, it):
        found.append(p)
    for x in it:
        found.append(x)
    return found


class Number:
    def __init__(self, n):
        self.n = n

    def __abs__(self):
        calls.append(self.n)
        return self.n

    def __mul__(self, other):
        return 1000

    def __str__(self):
        return f"<{self.n}>"


calls = []


def cubes(n):
    total = 0
    for x in map(pow, range(n), (3,) * n):
        total += x
    return total


def truths(xs):
    return [b for b in map(bool, xs)] + [b for b in map(operator.lt, xs, xs[1:])]


def replaced(n):
    """The function behind a name changes while the loop runs."""
    functions, out = [abs, operator.neg, float, abs], []
    for i in range(n):
        for y in map(functions[i * 4 // n], (i - 7, -i)):
            out.append(y)
    return out[::5]


def shortened(xs):
    xs, out = list(xs), []
    for y in map(abs, xs):
        out.append(y)
        if len(xs) > 4:
            xs.pop()
    return out


def direct(n):
    total, names = 0, ""
    for i in range(n):
        total = operator.add(total, operator.mul(i, 3)) ^ operator.and_(i, 5)
        total += operator.truediv(i, 4) > operator.floordiv(i, 3)
        names = operator.add(names, "x") if operator.eq(i % 3, 0) else names
    return total, names


def main():
    for _ in range(4):
        answers = [
            absolute(range(-30, 10)), absolute([-1.5, 2, True, -10**30, 3j] * 5), products(range(30), [2] * 30),
            products([1, 2.5, "ab", 3], [4, 2, 2, 10**20][:2]), read("1 22 333".split() * 9), read(["7", 8, 9.9, True, b"10"] * 5),
            shown([1, "a", None, 2.5] * 6), going_on(["1", "x", "2", "", "3"] * 5), shared(range(21)), cubes(25),
            truths([0, 1, "", "a", None][:2] * 9), replaced(24), shortened(range(-9, 9)), direct(40),
        ]
    print(*answers, sep="\n")
    print(absolute([-1] * 20 + [Number(5), -2] * 3), calls)
    print(products([3] * 20 + [Number(1)], range(21)), shown([1] * 20 + [Number(4)]))
    print(attempt(absolute, [-1] * 20 + ["x"]), attempt(read, ["1"] * 20 + ["y"]), attempt(products, [1, "a"] * 9, [2, None] * 9))
    print(attempt(lambda: [y for y in map(operator.lt, [1] * 20 + [2], [3] * 20 + ["z"])]))
    print(attempt(lambda: [y for y in map(abs, [1, 2], strict=True)]))


main()

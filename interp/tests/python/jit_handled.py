"""The exception being handled, around generators that are left and resumed."""
import sys


def raiser(i):
    if i % 3 == 0:
        raise ValueError(i)
    return i


def left_early(n):
    items = [3, 1, 4, 1, 5]
    table = {0: 1, 3: 2}
    k, seen = 0, []
    for i in range(n):
        try:
            k = raiser(i % 11)
        except ValueError as e:
            k += e.args[0] + any(z in table for z in filter(None, items)) + all(z for z in map(abs, items))
            seen.append(sys.exception() is e)
        seen.append(sys.exception() is None)
    return k, seen.count(False)


def counting(n):
    def numbers():
        for i in range(n):
            try:
                yield raiser(i)
            except ValueError:
                yield -1

    total, wrong = 0, 0
    for v in numbers():
        try:
            if v % 4 == 1:
                raise KeyError(v)
            total += v
        except KeyError:
            total += sum(x for x in numbers_of(v)) + (sys.exception().args[0] != v)
        wrong += sys.exception() is not None
    return total, wrong


def numbers_of(v):
    for i in range(v % 5):
        try:
            raise LookupError(i)
        except LookupError as e:
            caught = handled_in(e)
        yield caught


def handled_in(e):
    try:
        raise OSError
    except OSError as inner:
        return (inner.__context__ is e) + len(str(e))


def context_of(n):
    contexts = []
    for i in range(n):
        try:
            raise ValueError(i)
        except ValueError:
            for x in (raiser(k) for k in map(abs, (1, 2, i))):
                if x == 2:
                    break
        try:
            raise KeyError(i)
        except KeyError as e:
            contexts.append(e.__context__)
    return len(contexts), [c for c in contexts if c is not None]


for run in range(3):
    for f in (left_early, counting, context_of):
        for n in (5, 60):
            try:
                print(f.__name__, f(n))
            except ValueError as e:
                print(f.__name__, repr(e), repr(e.__context__))
            print(sys.exception())

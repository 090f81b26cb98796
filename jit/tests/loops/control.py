"""Control flow: exceptions, generators, with, match, chains of calls."""
import operator


def one(x):
    return two(x) + 1


def two(x):
    return three(x) + 1


def three(x):
    return x & 1


def count(n):
    for i in range(n):
        yield i


def refuse(x):
    raise LookupError("no")


def pass_on(x):
    try:
        return refuse(x)
    finally:
        x = 0


class Swallowing:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        return kind is KeyError


class Guarded:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False


def call_chain(n):
    total = 0
    for i in range(n):
        total += one(i)
    return total


def alternating(n):
    a = b = 0
    for i in range(n):
        if i & 1:
            a += 1
        else:
            b += 1
    return a, b


def continued(n):
    total = 0
    for i in range(n):
        if i < 0:
            continue
        total += i
    return total


def while_true(n):
    i = 0
    while True:
        i += 1
        if i >= n:
            break
    return i


def try_block(n):
    total = 0
    for i in range(n):
        try:
            total += i
        except ValueError:
            total = 0
    return total


def finally_block(n):
    total = 0
    for i in range(n):
        try:
            total += i
        finally:
            total += 1
    return total


def generator(n):
    total = 0
    for i in count(n):
        total += i
    return total


def generator_expression(n):
    total = 0
    for i in (j & 3 for j in range(n)):
        total += i
    return total


def matched(n):
    total = 0
    for i in range(n):
        match i & 3:
            case 0:
                total += 1
            case 1 | 2:
                total += 2
            case _:
                total += 3
    return total


def conditional_expression(n):
    total = 0
    for i in range(n):
        total += 1 if i < n else 2
    return total


def and_or(n):
    hits = 0
    for i in range(n):
        if i >= 0 and i < n or i == -1:
            hits += 1
    return hits


def walrus(n):
    total = 0
    for i in range(n):
        if (k := i & 3) < 4:
            total += k
    return total


def raised(n):
    caught = 0
    for i in range(n):
        try:
            raise ValueError(i)
        except ValueError as error:
            caught += len(error.args)
    return caught


def raised_below(n):
    total = 0
    for i in range(n):
        try:
            pass_on(i)
        except (TypeError, LookupError) as error:
            total += len(str(error))
    return total


def raised_again(n):
    total = 0
    for i in range(n):
        try:
            try:
                raise KeyError(i)
            except KeyError:
                total += 1
                raise
        except KeyError as error:
            total += error.args[0]
    return total


def raised_from(n):
    causes = 0
    for i in range(n):
        try:
            try:
                int("none")
            except ValueError as error:
                raise TypeError(i) from error
        except TypeError as error:
            causes += error.__cause__.__class__ is ValueError
    return causes


def missing_attribute(n):
    missing = 0
    for i in range(n):
        try:
            i.nothing
        except AttributeError:
            missing += 1
        try:
            [].nothing
        except AttributeError:
            missing += 1
    return missing


def swallowed(n):
    total = 0
    for i in range(n):
        with Swallowing():
            total += [1, 2, 3][i % 3]
            raise KeyError(i)
    return total


def both_positive(a, b):
    for v in a, b:
        if v < 0:
            return False
    return True


def short_loop_in_a_function(n):
    hits = 0
    for i in range(n):
        if both_positive(i, 7):
            hits += 1
    return hits


def weighed(v):
    total = 0
    for factor, offset in ((1, 0), (2, 5), (3, 7)):
        total += v * factor + offset
    return total


def loop_over_a_constant_in_a_function(n):
    total = 0
    for i in range(n):
        total += weighed(i & 7)
    return total


def map_of_a_native_function(n):
    total = 0
    for i in map(abs, range(-n, n)):
        total += i
    return total


def map_of_an_operator(n):
    total, xs = 0, list(range(n))
    for p in map(operator.mul, xs, range(n)):
        total += p
    return total

# Functions with *args and **kwargs and calls that pass them on, in loops.
import functools


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@traced
def add(a, b, c=0):
    return a + b + c


@traced
def nothing():
    return "nothing"


def spread(*args):
    return len(args), args[:2]


def named(first, *rest, **options):
    options["seen"] = first
    return first, rest, options


def defaults(a, b=2, *rest):
    return a, b, rest


def generator(*args, **kwargs):
    for a in args:
        yield a
    yield len(kwargs)


class Point:
    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs

    def moved(self, *by):
        return Point(*[a + b for a, b in zip(self.args, by)])

    def __call__(self, *args):
        return self.args == args

    def __add__(self, *others):
        return self.moved(*others[0].args)


def caught(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except TypeError as e:
        return str(e)


def loop(n):
    total = 0
    for i in range(n):
        total += add(i, 1) + add(i, 1, 2) + add(i, b=3) + add(*(1, 2))
        size, first = spread(*range(i % 4))
        total += size + sum(first)
        items = (i,) * (i % 3 + 1)
        total += len(defaults(*items)[2]) + defaults(*items)[1]
    return total


def identities(n):
    same = 0
    kept = []
    for i in range(n):
        a = spread_itself()
        b = spread_itself()
        same += a is b
        kept.append(options_of())
    kept[0]["x"] = 1
    return same, len(kept[1]), len({id(k) for k in kept})


def spread_itself(*args):
    return args


def options_of(**kwargs):
    return kwargs


def changing(n):
    out = []
    for i in range(n):
        out.append(named(i)[2]["seen"] if i % 2 else named(*[i, i + 1], x=1)[1][0])
        if i == n - 5:
            out.append(caught(add, 1))
    return out[-6:]


def objects(n):
    p = Point(0, 0)
    for i in range(n):
        p = p.moved(1, i) + Point(1, 1)
        if not p(*p.args):
            print("wrong")
    return p.args, p.kwargs


for _ in range(3):
    print(loop(60), add.calls, nothing(), nothing.calls)
    print(identities(40), changing(40), objects(40))
    print([list(generator(*range(k), **{str(j): j for j in range(k)})) for k in range(3)])
    print(caught(add), caught(add, 1, 2, 3, 4), caught(nothing, 1), caught(add, 1, 2, d=4))
    print(caught(lambda *a, **k: (a, k), 1, x=2), caught(defaults), caught(named, first=1, second=2))
    print(named(1, 2, 3, four=4), spread(), spread(1), spread(*"abc"), defaults(*[1], *(2, 3)))

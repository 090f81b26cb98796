"""Dictionaries made by calls and displays with known keys: passed on, looked at, changed, kept."""
import sys


def sink(x, by=3, **extra):
    return x + by + len(extra)


def forward(*args, **kwargs):
    return sink(*args, **kwargs)


def twice(*args, **kwargs):
    return forward(*args, **kwargs)


def merged(**kwargs):
    return sink(1, extra=2, **kwargs)


def changed(**kwargs):
    kwargs["new"] = len(kwargs)
    kwargs.pop("gone", None)
    return kwargs


def ordered(**kwargs):
    return list(kwargs.items())


KEPT = []


def keeps(i, **kwargs):
    if i % 100 == 7:
        KEPT.append(kwargs)
        kwargs["i"] = i
    return kwargs.get("by", 0) + ("by" in kwargs) + ("other" in kwargs)


def looks(**kwargs):
    return sys._getframe().f_locals["kwargs"] is kwargs


def fails(**kwargs):
    try:
        return kwargs["missing"]
    except KeyError as e:
        return e.args[0] + str(sorted(kwargs))


def closes(**kwargs):
    return lambda: kwargs


def display(i):
    d = {"a": i, "b": i + 1.5, "c": str(i)}
    if i % 50 == 3:
        d["a"] = "changed"
    return d["a"], d["b"], d.get("c"), d.get("d", 5), len(d), d


def same_key(i):
    return {"a": i, "a": i + 1}


def duplicates(i):
    try:
        return merged(extra=i)
    except TypeError as e:
        return str(e)


def unexpected(i):
    try:
        return plain(**{"a": i, "c": i})
    except TypeError as e:
        return str(e)


def plain(a, b=2):
    return a * b


def main():
    total = 0
    seen = []
    for i in range(400):
        total += twice(i, by=2) + twice(i, by=2.5, more=1) + twice(i) + forward(x=i, z=1, y=2)
        total += merged(by=i) + keeps(i, by=i) + keeps(i, other=1) + plain(**{"a": i})
        c = changed(gone=i, stays=1)
        total += c["new"] + len(c)
        if i % 80 == 0:
            seen += [c, ordered(b=i, a=1, c=[i]), looks(a=1), fails(x=1), closes(k=i)(), duplicates(i)]
            seen += [unexpected(i), same_key(i), display(i)]
        a, b, c, d, n, whole = display(i)
        total += b + d + n + len(c) + (a == "changed") + (whole["b"] == b)
        one, other = ordered(b=i, a=1), ordered(a=1, b=i)
        total += one[0][1] - other[0][1] + (one == other[::-1])
    print(total)
    for value in seen + KEPT:
        print(value)


def raises(i, **kwargs):
    if i == 390:
        raise ValueError(kwargs)
    return kwargs["v"] + i


def in_error():
    total = 0
    try:
        for i in range(400):
            total += raises(i, v=total % 7, w=i)
    except ValueError as e:
        print(total, e, e.__traceback__.tb_next.tb_frame.f_locals)


main()
in_error()

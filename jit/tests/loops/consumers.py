"""Built-ins that take the items of a generator: one loop for both."""


def summed(n):
    return sum(i & 7 for i in range(n))


def summed_floats(n):
    return sum(i * 0.5 for i in range(n))


def listed(n):
    return list(i for i in range(n))


def any_of(n):
    return any(i > n for i in range(n))


def all_of(n):
    return all(i < n for i in range(n))


def largest(n):
    return max(i & 7 for i in range(n))


def joined(n):
    return "".join("x" for i in range(n))


def joined_bytes(n):
    return b"".join(b"x" for i in range(n))


def type_asked(n):
    hits = 0
    for i in range(n):
        if type(i) is int:
            hits += 1
    return hits

"""Equality of what equals only itself, beside values of built-in types, in hot loops."""


class Plain:
    pass


class Own:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return isinstance(other, Own) and self.n == other.n

    def __hash__(self):
        return self.n


class Meta(type):
    def __eq__(cls, other):
        return isinstance(other, str) or cls is other

    def __hash__(cls):
        return 1


class WithMeta(metaclass=Meta):
    pass


class Listing(list):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 2


def function():
    pass


p, q = Plain(), Plain()
values = [None, p, q, Own(1), Own(2), Own(1), 0, 1.5, True, 2 ** 80, float("nan"), "a", b"a", (), (1,), [], {},
          set(), frozenset(), Plain, Own, WithMeta, Listing(), function, len, NotImplemented, ..., 1j]


def table(values):
    rows = []
    for a in values:
        row = ""
        for b in values:
            row += ".x"[bool(a == b)] + ".x"[bool(a != b)] + " "
        rows.append(row)
    return rows


for _ in range(30):
    rows = table(values)
print("\n".join(rows))


def pairs(a, b, times):
    equal = different = 0
    for _ in range(times):
        if a == b:
            equal += 1
        if b != a:
            different += 1
    return equal, different


for a in (None, p, Own(1), 3, "s", [], Plain, WithMeta):
    print([pairs(a, b, 60) for b in (None, q, p, Own(1), 3, "s", [], Plain, WithMeta)])


def chain(n):
    """Ends of a linked list are told by comparison with None."""
    head = None
    for i in range(n):
        node = Plain()
        node.next, node.value = head, i
        head = node
    total = 0
    node = head
    while node != None:
        total += node.value
        node = node.next
    return total


for _ in range(5):
    print(chain(300))


# The class gets a comparison while the loop is compiled.
def count(a, b, times):
    n = 0
    for i in range(times):
        if i == times - 50:
            Plain.__eq__ = lambda self, other: True
        n += a == b
    return n


print(count(p, q, 400), p == None, None == p, p != None)
del Plain.__eq__
print(count.__name__, p == q, pairs(p, q, 100))

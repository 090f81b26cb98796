"""Objects that die, finalisers and weak references."""
import gc


class Node:
    def __init__(self, name):
        self.name = name
        self.links = []

    def __del__(self):
        finalised.append(self.name)


finalised = []
a, b = Node("a"), Node("b")
a.links.append(b)
b.links.append(a)
kept = Node("kept")
del a, b


def scrub(n):
    """Overwrite what calls left on the stacks."""
    junk = [object() for _ in range(50)]
    return n if n == 0 else scrub(n - 1) + len(junk) * 0


scrub(20)
gc.collect()
print(sorted(finalised), kept.name)

tree = None
for i in range(200):
    tree = (i, [i] * 3, {"k": str(i)}, tree)
depth, total = 0, 0
while tree is not None:
    number, repeated, mapping, tree = tree
    assert repeated == [number] * 3 and mapping == {"k": str(number)}
    depth += 1
    total += number
print(depth, total)
text = ""
for i in range(300):
    text += str(i)
print(len(text), text[-9:])
squares = {i: str(i * i) for i in range(300)}
assert all(int(squares[i]) == i * i for i in squares)
print(len(squares), sorted(set(len(v) for v in squares.values())))
big = [10 ** i for i in range(60)]
print(sum(big))


def walk(n):
    for i in range(n):
        yield [i, str(i)]


print([s for i, s in walk(10) if i % 3 == 0])

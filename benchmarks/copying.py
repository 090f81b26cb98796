"""pickle and copy: nested containers, instances, shared and cyclic references."""
import copy
import pickle
import sys

DEFAULT = 1500


class Node:
    def __init__(self, label, children=()):
        self.label = label
        self.children = list(children)
        self.parent = None
        for child in self.children:
            child.parent = self

    def size(self):
        return 1 + sum(child.size() for child in self.children)


class Compact:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __reduce__(self):
        return Compact, (self.a, self.b)


def tree(depth):
    return Node(f"level {depth}", [tree(depth - 1) for _ in range(3)] if depth else ())


def main(n):
    shared = [1, 2, 3]
    data = {
        "numbers": list(range(100)),
        "floats": [i / 3 for i in range(50)],
        "text": ["word %d" % i for i in range(50)],
        "nested": {i: (i, [i, {i}], shared) for i in range(30)},
        "bytes": bytes(range(256)),
        "compact": [Compact(i, str(i)) for i in range(20)],
    }
    root = tree(3)
    size = 0
    for _ in range(n):
        text = pickle.dumps(data, protocol=4)
        again = pickle.loads(text)
        size += len(text)
        other = copy.deepcopy(data)
        tree_copy = copy.deepcopy(root)
        back = pickle.loads(pickle.dumps(root, protocol=2))
        shallow = copy.copy(data)
    print(size // n, again["nested"] == data["nested"], other["nested"][0][2] is other["nested"][1][2],
          tree_copy.size(), back.children[0].parent is back, shallow["numbers"] is data["numbers"],
          sum(c.a for c in again["compact"]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)

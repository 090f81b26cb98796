# Searches that end in their first slot, and those that must not: equal keys of other types, collisions, deleted keys.


def look(table, keys):
    found = []
    for key in keys:
        found.append((table.get(key, "none"), key in table))
    return found


def put(table, keys):
    for i, key in enumerate(keys):
        table[key] = i
    return list(table.items())


def members(table, keys):
    n = 0
    for key in keys:
        if key in table:
            n = 2 * n + 1
        else:
            n = 2 * n
    return n


text = ["one", "".join(["o", "ne"]), "two", "", "\xe9", "\u20ac"]
numbers = [0, 1, -1, -2, 8, 16, 7, 2**61 - 1, 2**61, -(2**61), 2**70, True, False, 1.0, -2.0, 0.5]
for keys in (text, numbers, text + numbers, numbers[::-1]):
    for part in (keys, keys[::2], keys[1::3]):
        table = dict.fromkeys(part, "x")
        print(look(table, keys), members(set(part), keys), members(frozenset(part), keys), put(table, keys))

for _ in range(3):
    # Deleted slots are none that a search may end in.
    table, items = {}, set()
    for i in range(64):
        table[i % 24 * 8] = i
        items.add(i % 24 * 8)
        if i % 5 == 0:
            table.pop(i % 24 * 8)
            items.discard(i % 24 * 8)
        if i % 11 == 0:
            table[8 * (i % 24) + 0.0] = "float"
            items.add(8 * (i % 24) + 0.0)
    print(list(table.items()), list(items), members(items, range(0, 200, 8)), look(table, range(0, 40, 4)))


class Same:
    """Equal to what it is not."""

    def __init__(self, like):
        self.like = like

    def __hash__(self):
        return hash(self.like)

    def __eq__(self, other):
        return other == self.like


for like in (3, "three"):
    table = {Same(like): 1}
    print(look(table, [like] * 4), members({Same(like)}, [like, 4, like]), len(put(table, [like, like])))
    table = {like: 1}
    print(look(table, [Same(like), like]), members({like}, [Same(like), like]), len(put(table, [Same(like)])))

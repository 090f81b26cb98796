# Lookups of constant keys go by where the key was found first: in other dictionaries it lies elsewhere, or not at all.
import sys


def total(rows):
    t = 0
    for row in rows:
        t += row["qty"] * row["price"]
    return t


same = [{"id": i, "price": i, "qty": i % 3} for i in range(50)]
print(total(same))
# Other places, other tables, more entries, keys that are equal and not the same object.
turned = [{"qty": i % 3, "price": i, "id": i} for i in range(20)]
single = [dict([("p" + "rice", i), ("".join(["q", "ty"]), 2)]) for i in range(20)]
large = [{str(j): j for j in range(i)} | {"price": 1, "qty": 2} for i in range(30)]
print(total(turned), total(single), total(large), total(same + turned + large + single))


class Row(dict):
    def __getitem__(self, key):
        return 7


class Default(dict):
    def __missing__(self, key):
        return 5


print(total([Row(), Row(price=1)]), total([Default(), Default(qty=3)]))
for bad in ({}, {"price": 1}, {"qty": 2}, {"pricey": 1}):
    try:
        total(same + [bad])
    except KeyError as e:
        print("KeyError", e)


def change(rows, step):
    """Keys go and come back, at the end or where they were."""
    seen = []
    for i, row in enumerate(rows):
        row["qty"] += step
        if i % 4 == 0:
            del row["price"]
        elif i % 4 == 1:
            row.pop("id")
            row["id"] = -1
        elif i % 4 == 2:
            row.clear()
            row["qty"] = 9
        seen.append((row.get("price"), row.get("id", "none"), row["qty"], "price" in row))
        row["price"] = step
        row["qty"] -= 1
    return seen


rows = [{"id": i, "price": i, "qty": i % 3} for i in range(40)]
for step in range(3):
    print(change(rows, step)[-5:], [list(row) for row in rows[:4]])


def grow(d):
    for i in range(60):
        d["first"] += 1
        d[i] = d["first"]
        if i % 7 == 0:
            del d[i]
    return d["first"], len(d)


print(grow({"first": 0}), grow({1.5: 0, "first": 0}))


def store(rows):
    """Old dictionaries that get young values keep them."""
    for i in range(6):
        for row in rows:
            row["qty"] = [i, str(i)]
    return sum(row["qty"][0] for row in rows), rows[0]["qty"]


print(store(rows))


def counted(n):
    counted.calls += 1
    counted.names = counted.names + [n] if n < 3 else counted.names
    return counted.calls


counted.calls, counted.names = 0, []
print(sum(counted(i) for i in range(50)), counted.names)
del counted.calls
try:
    counted(1)
except AttributeError as e:
    print(e)
counted.calls = 10
print(sum(counted(i) for i in range(50)), sorted(vars(counted)))


def keywords(**options):
    t = 0
    for _ in range(20):
        t += options["size"] + options.get("more", 1)
    return t


print([keywords(size=1), keywords(more=2, size=3), keywords(a=1, b=2, c=3, size=4), keywords(size=5, more=6)])


class Weird:
    def __hash__(self):
        return hash("qty")

    def __eq__(self, other):
        odd.append(other)
        return other == "qty"


odd = []
print(total(same[:30] + [{"price": 2, Weird(): 4}] * 3), odd)

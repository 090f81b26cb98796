"""Attribute access at sites that meet many classes, and changes under way."""


def classes(count):
    made = []
    for i in range(count):
        def value(self, i=i):
            return self.x * i

        names = {"value": value, "shared": i, "__init__": lambda self, x: setattr(self, "x", x)}
        if i % 5 == 1:
            names["__slots__"] = ("x", "y")
        if i % 5 == 2:
            names["prop"] = property(lambda self: -self.x)
        else:
            names["prop"] = "plain"
        if i % 7 == 3:
            names["__getattr__"] = lambda self, name: "got " + name
        made.append(type(f"C{i}", (), names))
    return made


CLASSES = classes(40)


def reads(objects):
    out = []
    for o in objects:
        out.append((o.x, o.value(), o.shared, o.prop))
    return out


def writes(objects, n):
    for o in objects:
        o.x = n
        o.y = n + 1
    return sum(o.x + o.y for o in objects)


def adds(n):
    total = 0
    for i in range(n):
        o = CLASSES[i % 40](i)
        o.y = i
        total += o.y
    return total


def misses(objects):
    out = []
    for o in objects:
        try:
            out.append(o.missing)
        except AttributeError as e:
            out.append(str(e))
    return out


objects = [c(i) for i, c in enumerate(CLASSES)]
for _ in range(12):
    first = reads(objects)
print(first)
for n in range(12):
    print(writes(objects, n), end=" ")
print(adds(400))
for _ in range(12):
    names = misses(objects)
print(names)

# An attribute of the object comes to hide the method and the class's value.
objects[4].value = lambda: "own"
objects[5].shared = "own"
print(reads(objects)[3:6])
# The class changes.
CLASSES[7].value = lambda self: "new"
CLASSES[8].shared = "new"
CLASSES[9].prop = property(lambda self: "computed")
CLASSES[10].x = property(lambda self: "hidden", lambda self, v: None)
del CLASSES[12].shared
CLASSES[12].shared = 1.5
print(reads(objects)[6:13])
print(objects[10].x, objects[11].x)
del CLASSES[10].x
print(reads(objects)[10])
# An object in dictionary mode, and one of another class.
objects[13].__dict__["z z"] = 1
del objects[13].x
objects[13].x = 77
objects[15].__class__ = CLASSES[20]
print(reads(objects)[13:16])


class Base:
    kind = "base"

    def who(self):
        return self.kind


for i in range(40):
    exec(f"class D{i}(Base):\n    kind = 'd{i}'\n    def __init__(self):\n        self.a{i} = {i}\n        self.last = {i}")
many = [globals()[f"D{i}"]() for i in range(40)]
for _ in range(10):
    line = " ".join(f"{o.who()}:{o.last}" for o in many)
print(line)
Base.who = lambda self: self.kind.upper()
print(" ".join(f"{o.who()}:{o.last}" for o in many))

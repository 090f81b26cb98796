"""Classes with a `__getattr__`: it is asked for what is missing, and for nothing else."""

asked = []


class Base:
    shared = "class"

    def __init__(self):
        self.own = 1

    def method(self):
        return self.own

    @property
    def failing(self):
        raise AttributeError("inside")

    @property
    def working(self):
        return "property"

    def __getattr__(self, name):
        asked.append(name)
        if name.startswith("no"):
            raise AttributeError(name)
        return f"<{name}>"


class Slotted:
    __slots__ = ("there",)

    def __getattr__(self, name):
        asked.append(name)
        return f"<{name}>"


def read(o):
    return o.own, o.shared, o.method(), o.working, o.failing, o.other


o = Base()
for _ in range(60):
    last = read(o)
print(last, asked[:4], len(asked))

# What was there may go, and come back.
seen = []
o = Base()
for i in range(90):
    if i == 30:
        del o.own
    if i == 60:
        o.own = 2
    if i == 75:
        vars(o)["extra"] = 3
    seen.append((o.own, o.extra))
print(seen[29], seen[30], seen[59], seen[60], seen[74], seen[75])

s = Slotted()
seen = []
for i in range(60):
    if i == 20:
        s.there = 1
    if i == 40:
        del s.there
    seen.append(s.there)
print(seen[19], seen[20], seen[39], seen[40])

# Methods may be hidden by the instance, and vanish from the class.
o = Base()
seen = []
for i in range(90):
    if i == 30:
        o.method = lambda: "own"
    if i == 60:
        del o.method, Base.method
        Base.method = lambda self: "new"
    seen.append(o.method())
print(seen[29], seen[30], seen[60])
seen = []
for i in range(60):
    if i == 30:
        del Base.shared
    seen.append(o.shared)
print(seen[29], seen[30])

# `__getattr__` and `__getattribute__` themselves may come and go.
o = Base()
seen = []
for i in range(90):
    if i == 30:
        Base.__getattribute__ = lambda self, name: f"all:{name}"
    if i == 60:
        del Base.__getattribute__
    seen.append(o.own)
print(seen[29], seen[30], seen[59], seen[60])
print(getattr(o, "nothing", "default"), hasattr(o, "nowhere"), hasattr(o, "anything"))
del Base.__getattr__
for name in ("other", "failing"):
    try:
        getattr(o, name)
    except AttributeError as e:
        print(e)


class Keyed:
    def __init__(self, key):
        self.key = key

    def __hash__(self):
        return hash(self.key)

    def __eq__(self, other):
        return self.key == other.key

    def __lt__(self, other):
        return self.key < other.key

    def __getattr__(self, name):
        raise AttributeError(name)


keys = [Keyed(i % 17) for i in range(100)]
print(len(set(keys)), min(keys).key, sorted(keys)[50].key, keys.index(Keyed(5)))
try:
    hash(Keyed([]))
except TypeError as e:
    print(e)
missing = Keyed(1)
del missing.key
try:
    hash(missing)
except AttributeError as e:
    print(e)

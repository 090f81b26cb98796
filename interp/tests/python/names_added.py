"""Names that come and go in namespaces while code that reads others is warm."""
import types


def size(x):
    return len(x) + base


base = 10
found = []
for i in range(300):
    globals()[f"added{i}"] = i
    if i == 100:
        len = lambda x: 1000
    elif i == 150:
        del len
    elif i == 200:
        base = 20
    elif i == 220:
        del base
        base = 30
    elif i == 250:
        globals()["".join(["le", "n"])] = lambda x: -1
    elif i == 260:
        globals().pop("len")
    found.append(size("abc"))
print(found[::10], found[100], found[150], found[250], found[260])


def absolute(values):
    total = 0
    for v in values:
        total += abs(v)
        if v == 500:
            globals()["abs"] = lambda v: 0
        elif v == 600:
            del globals()["abs"]
        elif v % 7 == 0:
            globals()[f"late{v}"] = v
    return total


print(absolute(range(1000)), len(globals()) > 400)

module = types.ModuleType("sample")
module.value = 1


def read(n):
    seen = []
    for i in range(n):
        setattr(module, f"other{i}", i)
        if i % 50 == 49:
            del module.value
            module.value = i
        if i % 64 == 63:
            for j in range(i - 40, i):
                try:
                    delattr(module, f"other{j}")
                except AttributeError:
                    pass
        seen.append(module.value)
    return sum(seen), len(vars(module))


print(read(400))

space = {}
exec("def f():\n    return max(a, b)\na = 1\nb = 2\n", space)
results = []
for i in range(200):
    results.append(space["f"]())
    space[f"n{i}"] = i
    if i == 60:
        space["max"] = min
    if i == 120:
        space["a"] = 5
    if i == 130:
        del space["max"]
    if i == 140:
        space.clear()
        exec("def f():\n    return [max, a]\na = 7\n", space)
        space["max"] = 8
print(results[::20], results[139:143])
for i in range(3):
    exec(f"z{i} = i\nprint(z{i}, sorted([3, 1])[0], sum([z0, 1]))")

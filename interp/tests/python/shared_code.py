"""The same code executed in several namespaces: functions that differ in nothing but their globals."""

SOURCE = '''
count = 0

def bump():
    global count
    count += step
    return count

def many(n):
    total = 0
    for i in range(n):
        total += bump() + spread(i)
    return total

def maker():
    def inner(x):
        return x * step + count
    return inner

def spread(*args):
    return len(args) + step

def deep(n):
    return bump() if n == 0 else deep(n - 1) + step

class Holder:
    def __init__(self, n):
        self.n = n + step
    def get(self):
        return self.n * step

def holders(n):
    f = maker()
    total = 0
    for i in range(n):
        total += Holder(i).get() + f(i) + deep(i % 4)
    return total
'''
code = compile(SOURCE, "shared", "exec")
spaces = []
for step in range(1, 6):
    space = {"step": step}
    exec(code, space)
    spaces.append(space)
    print(step, space["many"](150), space["holders"](150), [s["count"] for s in spaces])
for space in reversed(spaces):
    print(space["holders"](40), space["many"](40), space["maker"]()(3), space["count"])
mixed = 0
for i in range(400):
    space = spaces[i % 5]
    mixed = (mixed * 3 + space["bump"]() + space["deep"](2) + space["maker"]()(i)) % 1000003
print(mixed, [s["count"] for s in spaces])

"""Names that come and go in a namespace while code that looks up others is hot."""


class Bad(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


def fails(i):
    if i % 3 == 0:
        raise Bad(i)
    return i


def reads():
    return step + len(order)


step, order, total = 2, [], 0
for i in range(300):
    try:
        total += fails(i)
    except Bad as error:
        total += error.code * reads()
    total += reads()
print(total, "error" in globals())

# A name that is rebound after its removal comes last.
for i in range(200):
    first, second = i, i + 1
    del first
    first = second
    keys = list(globals())
    if keys.index("first") < keys.index("second"):
        print("order", keys)
        break
    del second, keys
    if i % 5 == 0:
        del first
print([k for k in globals() if k in ("first", "second", "keys", "i")])


def get():
    return value


def put(v):
    global value
    value = v


def drop():
    global value
    del value


missing = 0
for i in range(300):
    put(i)
    if get() != i:
        print("lost", i)
    drop()
    try:
        get()
    except NameError as e:
        missing += len(str(e))
    if i % 50 == 0:
        globals()[f"other{i}"] = i
        put(-i)
        print(get(), globals().popitem(), "value" in globals())
print(missing)


def stores():
    global value
    value = 1
    for j in range(100):
        value += j
        if j % 10 == 9:
            del value
            if "value" in globals():
                print("still there")
            value = j
    return value


print(stores(), stores(), list(globals())[-1])

# A built-in that a global hides at times.
hidden = 0
for i in range(200):
    hidden += len("abc")
    if i % 4 == 0:
        len = lambda text: 100
    elif i % 4 == 2:
        del len
print(hidden)

# Names before and behind those that go; nothing of what is left may vanish.
space = {}
exec("def read(): return kept", space)
for i in range(300):
    space["kept"] = i
    space["a"], space["b"] = 1, 2
    if space["read"]() != i:
        print("wrong", i)
    del space["a"]
    if i % 2:
        del space["b"]
    if i % 3 == 0:
        del space["kept"]
        try:
            space["read"]()
        except NameError:
            pass
        else:
            print("not missing")
print([k for k in space if not k.startswith("__")], len(space), "b" in space)
space["b"] = space["a"] = space["kept"] = 0
print([k for k in space if not k.startswith("__")], len(space))
while len(space) > 2:
    space.popitem()
space["c"] = 1
print(list(space)[-1], len(space))

# Functions that module code makes again and again.
made = []
for i in range(300):
    f = lambda x, i=i: x + i
    made.append(f(1))
    f = lambda: total
    made.append(f())
print(sum(made) - 300 * total)


class Counter:
    hits = 0


def count():
    Counter.hits += 1
    return Counter.hits


for i in range(200):
    count()
    if i % 20 == 19:
        del Counter.hits
        try:
            count()
        except AttributeError as e:
            assert "hits" in str(e)
        Counter.hits = 5
print(Counter.hits)

"""Context variables."""
import asyncio
import contextvars
import gc
import re
import threading
from contextvars import Context, ContextVar, Token, copy_context


def text(x):
    return re.sub("0x[0-9a-f]+", "0x", str(x))


a = ContextVar("a")
b = ContextVar("b", default=7)
print(text(a), text(b), a.name, b.get(), b.get(1), a.get(2))
try:
    a.get()
except LookupError as e:
    print(type(e).__name__, e.args == (a,))
t = a.set(1)
print(text(t), t.var is a, t.old_value is Token.MISSING, Token.MISSING, a.get())
t2 = a.set(2)
c = copy_context()
print(t2.old_value, len(c), c[a], a in c, b in c, c.get(b), c.get(b, 5), list(c) == [a], list(c.values()), [v for k, v in c.items()])
a.reset(t2)
print(a.get(), c[a], text(t2))
a.reset(t)
print(a.get("gone"), a in copy_context())
for call in (lambda: a.reset(t), lambda: b.reset(b.set(1)) or b.reset(a.set(3)), lambda: c.run(a.reset, a.set(1)), lambda: a.reset(5),
             lambda: c.run(c.run, print), lambda: c[5], lambda: "x" in c, lambda: c[b], Token, lambda: Context(1), lambda: ContextVar(1),
             lambda: c.run(), lambda: hash(c), lambda: hash(t), lambda: setattr(a, "name", 1), lambda: type("S", (ContextVar,), {})):
    try:
        print(call())
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError) as e:
        print(type(e).__name__, text(e)[:60])


def inner(x, *, y):
    a.set(x)
    b.set(y)
    return a.get(), b.get(), copy_context() == c


print(c.run(inner, "x", y="y"), a.get("unset"), c[a], c[b])
d = c.copy()
print(d == c, d is c, d != c, Context() == Context())
d.run(a.set, 9)
print(d == c, c[a], d[a], c == 1)
it = iter(c.values())
c.run(a.set, "changed")
print(list(it), list(c.values()))
with a.set(5) as token:
    print(a.get(), token.old_value)
print(a.get("unset"))
try:
    with b.set(1):
        raise KeyError
except KeyError:
    print(b.get())
seen = []
thread = threading.Thread(target=lambda: seen.append((a.get("fresh"), b.get())))
b.set("main")
thread.start()
thread.join()
print(seen, ContextVar[int], Token[str])


async def child(n):
    before = a.get(None)
    a.set(n)
    await asyncio.sleep(0)
    return before, a.get()


async def main():
    a.set("parent")
    results = await asyncio.gather(*(child(i) for i in range(4)))
    return results, a.get()


print(asyncio.run(main()))
nested = Context()
print(nested.run(lambda: Context().run(lambda: (a.get("?"), nested.run is not None))))
many = [ContextVar(f"v{i}", default=i) for i in range(50)]


def fill():
    tokens = [v.set(str(v.get())) for v in many]
    gc.collect()
    snapshot = copy_context()
    for v, token in zip(many, tokens):
        v.reset(token)
    return len(snapshot), len(copy_context()), snapshot[many[13]]


print(Context().run(fill))

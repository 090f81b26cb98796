"""Views of bytes: read, written, iterated over."""


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as error:
        print(type(error).__name__, error)


data = bytearray(range(10))
view = memoryview(data)
for index in (0, 9, -1, -10, 10, -11, True, 1.5, "x", 1 << 80):
    attempt(lambda: view[index])
for value in (7, 0, 255, 256, -1, True, 1.5, "x", 1 << 80):
    attempt(view.__setitem__, 3, value)
    print(data[3])
attempt(memoryview(b"abc").__setitem__, 0, 1)
attempt(memoryview(b"abc").__setitem__, 5, 1)
attempt(view.__setitem__, 10, 1)
print(list(view), view.tolist(), view[::-2].tolist(), sum(view), [b for b in view[2:5]])
backwards = view[::-1]
backwards[0] = 77
print(data, backwards[9], backwards[-1], next(iter(backwards)))
signed = view.cast("b")
signed[0] = -5
print(data[0], signed[0], list(signed)[:2])
attempt(signed.__setitem__, 0, 200)
square = memoryview(bytes(range(6))).cast("B", [2, 3])
attempt(lambda: square[1])
print(square[1, 2], square.tolist())


def xor(data, key):
    view = memoryview(bytearray(data))
    for i in range(len(view)):
        view[i] ^= key[i % len(key)]
    return view.tobytes()


print(xor(bytes(range(250)), b"key")[200:210])


def total(items):
    result = 0
    for item in items:
        result = (result * 3 + item) % 65521
    return result


text = bytes(range(256)) * 4
print(total(text), total(bytearray(text)), total(memoryview(text)), total(memoryview(text)[5:700:3]))
growing = bytearray(b"abc")
seen = []
for byte in growing:
    seen.append(byte)
    if len(growing) < 6:
        growing.append(byte + 3)
print(seen)
iterator = iter(b"ab")
print(next(iterator), next(iterator), next(iterator, None), next(iterator, None), iterator.__length_hint__())
attempt(next, iterator)
iterator = iter(view)
view.release()
attempt(next, iterator)
attempt(lambda: view[0])

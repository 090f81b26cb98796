"""Streams in memory, and the truth of objects without one of their own, in hot loops."""
import io
import re


def copy_bytes(data, size):
    source, target = io.BytesIO(data), io.BytesIO()
    if source:
        while piece := source.read(size):
            target.write(piece)
    return target.getvalue(), source.tell(), target.tell()


def copy_text(text):
    source, target = io.StringIO(text), io.StringIO()
    lines = 0
    while True:
        line = source.readline()
        if not line:
            break
        lines += 1
        target.write(line.upper())
        target.write("|")
    return target.getvalue(), lines


data = bytes(range(256)) * 8
for size in (1, 7, 64):
    value, read, written = copy_bytes(data, size)
    print(value == data, read, written)
text = "".join(f"line {i}\n" for i in range(300)) + "é\U0001f40d end"
value, lines = copy_text(text)
print(len(value), lines, value[-20:])


def until_closed(stream, n):
    done = 0
    try:
        for i in range(n):
            if i == n - 30:
                stream.close()
            stream.write(stream.read(0))
            done += 1
    except ValueError as e:
        return done, str(e)


print(until_closed(io.BytesIO(b"abc"), 300), until_closed(io.StringIO("abc"), 300))


def wrong_in_the_end(stream, values):
    done = 0
    try:
        for v in values:
            stream.write(v)
            done += 1
    except TypeError as e:
        return done, str(e), stream.getvalue()[-4:]


print(wrong_in_the_end(io.StringIO(), ["ab"] * 200 + [b"ab"]))
print(wrong_in_the_end(io.BytesIO(), [b"ab"] * 200 + ["ab"]))


def exported(stream, n):
    view = stream.getbuffer()
    failed = 0
    for i in range(n):
        try:
            stream.write(b"longer than before")
        except BufferError as e:
            failed += 1
            last = str(e)
    view.release()
    return failed, last


print(exported(io.BytesIO(b"x"), 100))


class Sub(io.BytesIO):
    def write(self, data):
        return super().write(data.upper())


s = Sub()
for _ in range(150):
    s.write(b"ab")
print(s.getvalue()[-6:], len(s.getvalue()))


def truths(values, n):
    count = 0
    for i in range(n):
        for v in values:
            if v:
                count += 1
    return count


pattern = re.compile("a")
print(truths([io.BytesIO(), io.StringIO(), pattern, pattern.match("a"), len, truths, int, ..., iter([]), object()], 60))


def seeking(n):
    stream = io.BytesIO(b"0123456789")
    out = []
    for i in range(n):
        stream.seek(i % 10)
        out.append(stream.read(1))
        if i % 7 == 0:
            stream.seek(0, 2)
            stream.write(b"x")
    return b"".join(out)[-10:], len(stream.getvalue())


print(seeking(200))

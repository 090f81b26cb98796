"""Format specifications in all combinations, records of CSV, awaitables of asynchronous generators."""
import csv
import io
import random
import zlib

rng = random.Random(1)
values = [
    0, 1, -1, 42, -1234567, 1125899906842623, -1125899906842624, 10 ** 30, 0.0, -0.0, 1.5, -2.675, 0.125, 1234567.891,
    1e17, -1e18, 0.5, 0.999, float("inf"), float("nan"), "", "abc", "h\xe9llo", "x" * 15, True, None,
]
alignments = [""] + [fill + align for fill in ("", "*", "0", " ", "<", "\xe9") for align in "<>^="]
digest = 0
for i in range(3000):
    value = rng.choice(values)
    spec = "".join(map(rng.choice, (
        alignments, ("", "", "+"), ("", "0"), ("", "1", "7", "12", "99", "101"), ("", "", ",", "_"),
        ("", "", ".0", ".2", ".23"), ("", "d", "f", "%", "x", "X", "b", "s", "e", "g", "n", "c"))))
    try:
        result = format(value, spec)
    except (ValueError, OverflowError, TypeError) as error:
        result = f"{type(error).__name__}: {error}"
    digest = zlib.crc32(ascii((spec, value, result)).encode(), digest)
    if i % 100 == 0:
        print(ascii((spec, value, result)))
print(digest)
print([str(i) for i in (0, -1, 9, 10, -10, 99, 100, 1 << 49, -(1 << 49), (1 << 50) - 1, -(1 << 50), 1 << 63)])
print(f"{1234567:,} {-1234.5:,.2f} {0.256:.1%} {7:>5}|{7:<5}|{7:^5}|{-7:05} {255:x} {5:08b} {'ab':>4}|{'abc':.2}|{'abc':*^8}")

texts = [
    "a,b,c\n1,2,3", '"a,b",c\r\nd,"e ""x"" f"\n', "a, b,  c\n", ' a,"b\nc",d\n', "x;y;z\n", "a\\,b,c\n", "\n\na\n",
    "\xe9,\xfc\n\u20ac,b\n", '1,"2",3\n', 'a"b,c\n', "'q,r',s\n", "a,b\r", "a,,\n,,\n", '"unfinished\n',
    "a" * 50 + "," + "b" * 60 + "\n", '"x"y,z\n', "a\rb\n",
]
dialects = [
    {}, {"delimiter": ";"}, {"escapechar": "\\"}, {"skipinitialspace": True}, {"quoting": csv.QUOTE_NONE},
    {"quoting": csv.QUOTE_NONNUMERIC}, {"quotechar": "'"}, {"strict": True}, {"quoting": csv.QUOTE_STRINGS},
    {"quoting": csv.QUOTE_NOTNULL}, {"doublequote": False}, {"quotechar": None, "quoting": csv.QUOTE_NONE},
    {"delimiter": " "}, {"delimiter": "\u20ac"},
]
for dialect in dialects:
    out = []
    for text in texts:
        reader = csv.reader(io.StringIO(text, newline=""), **dialect)
        try:
            for row in reader:
                out.append((row, reader.line_num))
        except (csv.Error, ValueError) as error:
            out.append(str(error))
    print(ascii((dialect, out)))
limit = csv.field_size_limit(10)
for text in ("0123456789,a\n", "01234567890,a\n", '"01234567890"\n'):
    try:
        print(list(csv.reader([text])))
    except csv.Error as error:
        print(error)
csv.field_size_limit(limit)


async def numbers():
    yield None
    yield 1, 2
    yield ValueError(3)
    yield 4


def drive(awaitable):
    try:
        return awaitable.send(None)
    except (StopIteration, StopAsyncIteration, RuntimeError) as error:
        return type(error).__name__, error.args


items = numbers()
print([drive(items.asend(None)) for _ in range(6)])
items = numbers()
print(drive(items.__anext__()), drive(close := items.aclose()), drive(close), drive(items.aclose()))
items = numbers()
print(drive(items.aclose()), drive(items.__anext__()))


async def collect():
    found = []
    async for item in numbers():
        found.append(item)
    return len(found), [i async for i in numbers() if i], await anext(numbers(), "default")

print(drive(collect()))

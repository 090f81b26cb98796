"""Lists, tuples, dictionaries, strings: no call where a load will do, no tuple that is unpacked at once."""
import itertools


def list_read(n):
    items, total = [1, 2, 3, 4], 0
    for i in range(n):
        total += items[i & 3]
    return total


def list_write(n):
    items = [0, 0, 0, 0]
    for i in range(n):
        items[i & 3] = i
    return items


def list_iteration(n):
    total = 0
    for x in [1] * n:
        total += x
    return total


def list_of_floats(n):
    items, total = [0.5] * 8, 0.0
    for i in range(n):
        total += items[i & 7] * 2.0
    return total


def matrix(n):
    rows, total = [[1, 2], [3, 4]], 0
    for i in range(n):
        total += rows[i & 1][1]
    return total


def append(n):
    out = []
    for i in range(n):
        out.append(i)
    return out


def length(n):
    items, total = [1, 2, 3], 0
    for i in range(n):
        total += len(items)
    return total


def tuple_read(n):
    pair, total = (3, 4), 0
    for i in range(n):
        total += pair[0] + pair[1]
    return total


def pack_and_unpack(n):
    total = 0
    for i in range(n):
        a, b = i, i + 1
        total += a * b & 0xFF
    return total


def tuple_of_values(n):
    total = 0
    for i in range(n):
        pair = (i, i + 1)
        total += pair[0] & pair[1]
    return total


def tuple_iteration(n):
    total = 0
    for x in (1, 2) * (n // 2):
        total += x
    return total


def inner_tuple(n):
    total = 0
    for i in range(n):
        for d in (1, 2):
            total += d
    return total


def dict_read(n):
    table, total = {"a": 1, "b": 2}, 0
    for i in range(n):
        total += table["a"]
    return total


def dict_write(n):
    table = {"a": 0}
    for i in range(n):
        table["a"] = i
    return table


def dict_membership(n):
    table, hits = {1: 2, 3: 4}, 0
    for i in range(n):
        if i in table:
            hits += 1
    return hits


def dict_counting(n):
    table = {0: 0, 1: 0}
    for i in range(n):
        table[i & 1] += 1
    return table


def string_index(n):
    text, hits = "abcdef", 0
    for i in range(n):
        if text[i % 6] == "c":
            hits += 1
    return hits


def string_compare(n):
    word, hits = "spam", 0
    for i in range(n):
        if word == "eggs":
            hits += 1
    return hits


def string_iteration(n):
    hits = 0
    for c in "ab" * (n // 2):
        if c == "a":
            hits += 1
    return hits


def ordinals(n):
    total = 0
    for i in range(n):
        total += ord("x")
    return total


def enumerated(n):
    total = 0
    for i, x in enumerate([2] * n):
        total += i & x
    return total


def zipped(n):
    total = 0
    for a, b in zip([1] * n, [2] * n):
        total += a * b
    return total


def items_of_dict(n):
    total = 0
    for k, v in dict.fromkeys(range(n), 1).items():
        total += k & v
    return total


def comprehension(n):
    return sum([i & 3 for i in range(n)])


def filtered_comprehension(n):
    return len([i for i in range(n) if i & 1])


def last_item(n):
    items, total = [1, 2, 3], 0
    for i in range(n):
        total += items[-1]
    return total


def bytes_read(n):
    data, total = b"abcd", 0
    for i in range(n):
        total += data[i & 3]
    return total


def appended(n):
    out = []
    for i in range(n):
        out.append(i)
    return len(out)


def among_constants(n):
    hits = 0
    for i in range(n):
        if i & 7 in (1, 3, 5):
            hits += 1
    return hits


def stored_slice(n):
    a = [1, 2, 3]
    for i in range(n):
        a[:2] = a[1::-1]
    return a


def chain_of_iterators(n):
    total = 0
    for i in itertools.chain(range(n), range(n)):
        total += i
    return total


def next_of_list(n):
    it = iter([1, 2, 3] * n)
    total = 0
    for i in range(n):
        total += next(it)
    return total


from array import array

FLOATS, BYTES, WORDS = array("d", range(64)), array("b", [1] * 64), array("q", range(64))


def array_of_floats(n):
    a = FLOATS
    for i in range(n):
        a[i & 63] = a[i + 1 & 63] * 0.5
    return a[3]


def array_of_bytes(n):
    total = 0
    for i in range(n):
        total += BYTES[i & 63]
    return total


def array_store(n):
    for i in range(n):
        BYTES[i & 63] = i & 15
        WORDS[i & 63] = i
    return WORDS[5]


def tuple_key(n):
    d, hits = {(1, 2): 3}, 0
    for i in range(n):
        hits += d.get((i & 3, 2), 0) + ((i, 1) in d)
    return hits


def grid_counting(n):
    d = {}
    for i in range(n):
        key = i & 7, i & 3
        if key in d:
            d[key] += 1
        else:
            d[key] = 1
    return len(d)


def stepped_slice(n):
    a, total = list(range(10)), 0
    for i in range(n):
        total += len(a[i & 7::-1])
    return total


def bytes_appended(n):
    """No frame is completed for what a bytearray appends, nor for what bytes are asked."""
    out = bytearray()
    text = b"ab,cd "
    for i in range(n):
        out.append(i & 127)
        out.append(len(text.rstrip()))
    return out
